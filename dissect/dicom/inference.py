"""A data set whose transfer syntax the capture does not tell, in: the transfer syntax that it looks to be in, out."""

from dissect.dicom.codestreams import find_syntax
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import (
    DEFLATED_UID,
    EXPLICIT_BIG,
    EXPLICIT_BIG_UID,
    EXPLICIT_LITTLE,
    EXPLICIT_LITTLE_UID,
    IMPLICIT_BIG,
    IMPLICIT_LITTLE,
    IMPLICIT_LITTLE_UID,
    LIKELY,
    Encoding,
    choose_encoding,
    find_lost,
    fits,
    inflate,
)
from dissect.node import Node
from dissect.spans import Source

UIDS: dict[Encoding, str] = {
    IMPLICIT_LITTLE: IMPLICIT_LITTLE_UID,
    EXPLICIT_LITTLE: EXPLICIT_LITTLE_UID,
    EXPLICIT_BIG: EXPLICIT_BIG_UID,
    IMPLICIT_BIG: IMPLICIT_LITTLE_UID,  # no transfer syntax at all
}

PIXEL_DATA = "(7fe0,0010)"

LOOKED_AT = 1 << 12
"""How many bytes of a code stream tell what it is."""


def infer_syntax(source: Source, torn: int | None = None) -> str:
    """Give the UID of the transfer syntax that a data set looks to be in (PS3.5 Annex A).

    Implicit or explicit, byte order and deflation are told by what fits; encapsulated pixel data by its code stream.
    """
    if is_deflated(source, torn):
        return DEFLATED_UID
    encoding, _ = choose_encoding("", source, torn)
    return (find_compression(source) if encoding is EXPLICIT_LITTLE else "") or UIDS[encoding]


def is_deflated(source: Source, torn: int | None = None) -> bool:
    """Tell whether a data set of unknown transfer syntax is deflated: it fits no encoding, what it inflates to does."""
    lost = find_lost(source, torn)
    if any(fits(source, each, lost) for each in LIKELY):
        return False
    inflated, _ = inflate(source, torn)
    return inflated.size > 0 and fits(inflated, EXPLICIT_LITTLE, None if lost is None else inflated.size)


def find_compression(source: Source) -> str:
    """Give the transfer syntax that the first fragment of encapsulated pixel data tells, '' where there is none."""
    for node in walk_elements(source, EXPLICIT_LITTLE, Node("", "")):
        if node.tag == PIXEL_DATA and node.length is None and len(node.children) > 1:
            fragment = node.children[1]  # the first item is the offset table
            return find_syntax(bytes(source.read(fragment.body, fragment.body + LOOKED_AT)))
    return ""
