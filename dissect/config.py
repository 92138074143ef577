"""Settings, in: what the layers below ask of them, out."""

from dataclasses import dataclass, field

DICOM_PORTS = frozenset((104, 11112, 2761, 2762))
"""PS3.8 9.1.1, PS3.15 B.1 and B.3: the registered ports, for DICOM itself, over ISCL and over TLS."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a user can set."""

    ports: frozenset[int] = field(default=DICOM_PORTS)
    """TCP ports on which DICOM is taken for granted even where the capture holds no A-ASSOCIATE-RQ."""
