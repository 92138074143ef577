"""A transfer syntax, in: how its data elements are written, and what their values say, out (PS3.5 7.1, Annex A)."""

import struct
import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from dissect.dicom.charsets import decode_text
from dissect.dicom.codestreams import RLE
from dissect.dicom.values import BULK, ITEM, KNOWN, LONG, SEQUENCE_END, TEXT_OF_CHARSET, convert, name_tags
from dissect.node import Node
from dissect.spans import Buffer, Source, Span

UNDEFINED = 0xFFFFFFFF

LONGEST_UNKNOWN = 1 << 16
"""A longer value of VR UN is not searched for text."""

LONGEST_VALUE, LONGEST_TEXT = 1 << 20, 1 << 22
"""A longer value is read no further: neither a length field nor what deflated data inflates to must claim memory, and
a number or a part of a text takes much more of it than in the capture."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written: with or without their VR, in which byte order, text in which character sets."""

    explicit: bool
    order: Literal["<", ">"] = "<"
    charset: tuple[str, ...] = ()
    """The terms of (0008,0005) Specific Character Set."""

    def describe(self) -> str:
        """Give its name in words."""
        return f"{'Explicit' if self.explicit else 'Implicit'} VR {'Big' if self.order == '>' else 'Little'} Endian"

    def load(self, node: Node) -> None:
        """Give an element's node its value and text."""
        assert node.span is not None
        length = node.span.stop - node.body
        if node.vr in BULK or (node.vr == "UN" and length > LONGEST_UNKNOWN):
            node.text = "(binary)" if length else "<Empty>"
            return
        data = bytes(node.span.source.read(node.body, min(node.span.stop, node.body + find_longest(node.vr))))
        if node.vr in TEXT_OF_CHARSET and data:
            node.value = node.text = decode_text(data.removesuffix(b"\0"), self.charset, node.vr)
        else:
            # A value whose VR the sender did not know is written as in Implicit VR Little Endian (PS3.5 6.2.2).
            node.value, node.text = convert(node.vr, data, "<" if node.wire_vr == "UN" else self.order)
            node.meaning = name_tags(node.value) if node.vr == "AT" else ""


def find_longest(vr: str) -> int:
    """Give how many bytes are read of a value."""
    return LONGEST_TEXT if vr in TEXT_OF_CHARSET else LONGEST_VALUE


IMPLICIT_LITTLE = Encoding(explicit=False)
EXPLICIT_LITTLE = Encoding(explicit=True)
EXPLICIT_BIG = Encoding(explicit=True, order=">")
IMPLICIT_BIG = Encoding(explicit=False, order=">")
"""No transfer syntax, but GE has used it, and faulty senders do."""

LIKELY = (EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_BIG)
"""All there are, the likeliest first."""

IMPLICIT_LITTLE_UID, EXPLICIT_LITTLE_UID = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED_UID, EXPLICIT_BIG_UID = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"

NATIVE = frozenset((IMPLICIT_LITTLE_UID, EXPLICIT_LITTLE_UID, DEFLATED_UID, EXPLICIT_BIG_UID))
"""Transfer syntaxes in which pixel data is native (PS3.5 Annex A)."""

ENCAPSULATED_UID = "1.2.840.10008.1.2.1.98"
"""Encapsulated Uncompressed Explicit VR Little Endian (PS3.5 A.4)."""

ENCAPSULATED, COMPRESSED = frozenset((ENCAPSULATED_UID, RLE, "1.2.840.10008.1.2.8.1")), "1.2.840.10008.1.2.4."
"""Transfer syntaxes in which pixel data is encapsulated, and what the others of them begin with (PS3.5 A.4)."""

REFERENCED = frozenset(f"{COMPRESSED}{last}" for last in (94, 95, 204, 205))
"""Transfer syntaxes whose data sets refer to pixel data that is elsewhere (PS3.5 A.6, A.7)."""

ENCODINGS = {
    IMPLICIT_LITTLE_UID: IMPLICIT_LITTLE,
    "1.2.840.10008.1.20": IMPLICIT_LITTLE,  # Papyrus 3, retired
    "1.2.840.113619.5.2": IMPLICIT_LITTLE,  # GE's own: only the pixel data is big endian
    EXPLICIT_BIG_UID: EXPLICIT_BIG,
}
"""Transfer syntaxes that are not written in Explicit VR Little Endian as all others are (PS3.5 Annex A)."""

DEFLATED = frozenset((DEFLATED_UID, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"))
"""Transfer syntaxes whose data sets are deflated as a whole (PS3.5 A.5)."""

UNDEFINED_VRS = frozenset(("OB", "OW", "SQ", "UN"))
"""VRs that may have an undefined length (PS3.5 7.1.2)."""

LONGEST_INFLATED = 1 << 28
"""More is not inflated: a few bytes can be made to inflate without end."""

STEP = 1 << 16
"""How many bytes are inflated at once."""

PROBED = 8
"""How many elements tell in which encoding a data set is."""


@lru_cache(maxsize=64)
def set_charset(encoding: Encoding, charset: tuple[str, ...]) -> Encoding:
    """Give an encoding with other character sets."""
    return replace(encoding, charset=charset)


def is_encapsulated(transfer: str) -> bool:
    """Tell whether pixel data is encapsulated in a transfer syntax of the standard (PS3.5 A.4)."""
    return transfer in ENCAPSULATED or (transfer.startswith(COMPRESSED) and transfer not in REFERENCED)


def choose_encoding(transfer: str, source: Source, torn: int | None = None) -> tuple[Encoding, bool]:
    """Tell how a data set is written: as its transfer syntax says, or, where it is not, as it looks.

    Parameters
    ----------
    transfer
        The UID of the transfer syntax, '' where it is not known.
    source
        The bytes of the data set.
    torn
        The offset at which fragments are missing.

    Returns
    -------
    tuple
        The encoding, and whether it is another than the transfer syntax asks for.

    """
    wanted = ENCODINGS.get(transfer, EXPLICIT_LITTLE) if transfer else None
    if wanted is not None and fits(source, wanted):
        return wanted, False
    lost = find_lost(source, torn)
    if wanted is not None and lost is not None:
        return wanted, False
    for encoding in LIKELY:
        if encoding is not wanted and fits(source, encoding, lost):
            return encoding, wanted is not None
    return wanted or IMPLICIT_LITTLE, False


def find_lost(source: Source, torn: int | None) -> int | None:
    """Give the offset of the first byte that the capture lacks, of the fragments or in them; None for none."""
    found = [low for low, _ in source.missing(0, source.size)] + ([] if torn is None else [torn])
    return min(found, default=None)


def inflate(source: Source, torn: int | None = None) -> tuple[Buffer, bool]:
    """Inflate a data set (PS3.5 A.5) as far as the capture holds it, and tell whether that was to its end."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    found = bytearray()
    lost = find_lost(source, torn)
    at, stop = 0, source.size if lost is None else lost
    while at < stop and not unpacker.eof and len(found) < LONGEST_INFLATED:
        before = unpacker.copy()
        piece = bytes(source.read(at, min(at + STEP, stop)))
        try:
            found += unpacker.decompress(piece, LONGEST_INFLATED - len(found))
        except zlib.error:
            found += inflate_sound(before, piece)
            break
        at += STEP
    return Buffer(memoryview(found), Span(source, 0, source.size)), unpacker.eof


def inflate_sound(unpacker: "zlib._Decompress", piece: bytes) -> bytes:
    """Inflate as much of a damaged piece as can be: byte by byte, up to the first that makes no sense."""
    found = bytearray()
    try:
        for at in range(len(piece)):
            found += unpacker.decompress(piece[at : at + 1])
    except zlib.error:
        pass  # what came before stays
    return bytes(found)


def fits(source: Source, encoding: Encoding, lost: int | None = None) -> bool:
    """Tell whether the first elements of a data set can be read in an encoding: tags ascend, VRs exist, lengths fit.

    From the offset `lost` on the capture lacks bytes: those before them have to tell.
    """
    at, last, size = 0, -1, source.size
    lost = lost if lost is not None else size + 12
    for _ in range(PROBED):
        if at == size or at + 12 > lost:
            break
        head = bytes(source.read(at, min(at + 12, size)))
        if len(head) < 8:
            return False
        group, element, length = struct.unpack_from(encoding.order + "HHI", head)
        tag, at = group << 16 | element, at + 8
        if encoding.explicit and group != 0xFFFE:
            vr = head[4:6].decode("latin-1")
            if vr not in KNOWN:
                return False
            if vr in LONG:
                at += 4
                length = struct.unpack_from(encoding.order + "I", head, 8)[0] if len(head) == 12 else size
            else:
                (length,) = struct.unpack_from(encoding.order + "H", head, 6)
        if tag <= last:
            return False
        if length == UNDEFINED:
            inside = bytes(source.read(at, at + 4)).ljust(4, b"\0")
            group, element = struct.unpack(encoding.order + "HH", inside)
            return at + 4 > lost or (group << 16 | element) in (ITEM, SEQUENCE_END)
        last, at = tag, at + length
        if at > size:
            return lost == size
    return at > 0 or lost > size
