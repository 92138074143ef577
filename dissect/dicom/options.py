"""A SOP class, in: what each byte of its extended negotiation is about, out (PS3.7 D.3.3.5)."""

from collections.abc import Mapping
from typing import NamedTuple

from dissect.dicom.terms import COERCIONS, SIGNATURE_LEVELS, SUPPORT, SUPPORT_LEVELS
from dissect.dicom.values import name_uid
from dissect.node import HEX


class Option(NamedTuple):
    """One byte of the information that a service class negotiates; without a name it is reserved."""

    name: str
    meanings: Mapping[int, str] = SUPPORT
    form: str = "0x{value:02x} ({meaning})"


RESERVED = Option("")
RELATIONAL = Option("Relational-queries", form=HEX)
FUZZY = Option("Fuzzy semantic matching", form=HEX)
TIMEZONE = Option("Timezone query adjustment", form=HEX)
MULTI_FRAME = Option("Enhanced Multi-Frame Image Conversion")
STORAGE_OPTIONS = (
    Option("Level of support", SUPPORT_LEVELS),
    RESERVED,
    Option("Level of Digital Signature support", SIGNATURE_LEVELS),
    RESERVED,
    Option("Element Coercion", COERCIONS),
    RESERVED,
)
"""PS3.4 Tables B.3-1 and B.3-2."""
FIND_OPTIONS = (
    RELATIONAL,
    Option("Combined Date-Time matching", form=HEX),
    FUZZY,
    TIMEZONE,
    MULTI_FRAME,
    Option("Empty Value Matching"),
    Option("Multiple Value Matching"),
)
"""PS3.4 Tables C.5-1 and C.5-2."""
RETRIEVE_OPTIONS = (RELATIONAL, MULTI_FRAME)
"""PS3.4 C.5.2.1 and C.5.3.1."""
COMPOSITE_OPTIONS = (RESERVED, MULTI_FRAME)
"""PS3.4 Table Y.5.1-1."""
WORKLIST_OPTIONS = (RESERVED, RESERVED, FUZZY, TIMEZONE)
"""PS3.4 K.5.1, which U.5, X.5, BB.5, HH.5 and II.5 refer to."""
ROOT = "1.2.840.10008.5.1.4"
OPTIONS = {
    **{f"{ROOT}.1.2.{model}.1": FIND_OPTIONS for model in (1, 2, 3)},
    **{f"{ROOT}.1.2.{model}.{verb}": RETRIEVE_OPTIONS for model in (1, 2, 3) for verb in (2, 3)},
    **{f"{ROOT}.1.2.{retrieve}": COMPOSITE_OPTIONS for retrieve in ("4.2", "4.3", "5.3")},
    **{f"{ROOT}.{worklist}": WORKLIST_OPTIONS for worklist in ("31", "32.1")},
    **{f"{ROOT}.{family}.{verb}": WORKLIST_OPTIONS for family in (38, 39, 43, 44, 45) for verb in (2, 3, 4)},
    **{f"{ROOT}.20.{verb}": WORKLIST_OPTIONS for verb in (1, 2, 3)},
    **{f"{ROOT}.1.1.200.{verb}": WORKLIST_OPTIONS for verb in (4, 5, 6)},
}
"""What each byte is about, by SOP class; storage classes are known by their names, those too new by their root."""


def find_options(uid: str) -> tuple[Option, ...]:
    """Give what each byte of a SOP class's information is about, () where the service is unknown or has none."""
    name = name_uid(uid)
    is_storage = " Storage" in name or (not name and uid.startswith(f"{ROOT}.1.1."))
    return OPTIONS.get(uid) or (STORAGE_OPTIONS if is_storage else ())
