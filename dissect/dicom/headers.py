"""The first bytes of a data element, and what it stands in, in: its tag, VR and length, out (PS3.5 7.1)."""

import struct
from dataclasses import dataclass, field
from typing import Literal

from dissect.dicom.encodings import Encoding
from dissect.dicom.values import KNOWN, LONG, Entry, look_up, look_up_private
from dissect.node import Node

LONGEST_SHORT = 0xFFFF
"""A value of VR UN that is longer cannot have been one of a VR with a length of 16 bits; nor can that of
(0008,0005) Specific Character Set be."""

LUT_DATA = 0x00283006

Contents = Literal["set", "sequence", "fragments"]
"""What a level holds: the elements of a data set or an item, items, or the fragments of encapsulated pixel data."""


@dataclass(slots=True)
class Level:
    """What an element stands in, and what those before it there say of it."""

    node: Node
    stop: int
    kind: Contents
    encoding: Encoding
    undefined: bool = False
    signed: bool = False
    """Whether pixel values are signed, as Pixel Representation says in this data set or in one around it."""
    first: int = 0
    """How many values had been taken for unsigned before the level began."""
    single: bool = False
    """Whether the LUT Descriptor says that the LUT Data is one number."""
    creators: dict[int, str] = field(default_factory=dict)
    """Who reserved which block of private elements: by group and block number (PS3.5 7.8.1)."""
    seen: dict[str, int] = field(default_factory=dict)

    def look_up(self, tag: int) -> Entry:
        """Find an element in the data dictionary, or in that of whoever reserved its block."""
        if self.creators and tag & 0x10000 and tag & 0xFF00:
            return look_up_private(tag, self.creators.get(tag >> 8, ""))
        return look_up(tag)

    def choose_vr(self, tag: int, vr: str) -> str:
        """Give the VR of an element that is written without one; where there is a choice, as PS3.5 Annex A.1 has it."""
        if len(vr) == 2:
            return vr
        if tag == LUT_DATA:
            return "US" if self.single else "OW"
        return "OW" if vr == "OB or OW" else "SS" if self.signed else "US"


@dataclass(frozen=True, slots=True)
class Header:
    """Tag, VR and length of an element, and where its value starts."""

    tag: int
    wire_vr: str
    vr: str
    entry: Entry
    length: int
    body: int


def pull_header(data: bytes, low: int, at: int, level: Level) -> Header | None:
    """Read tag, VR and length (PS3.5 7.1.2, 7.1.3); None where what is left of the level does not hold them.

    The element starts at the offset `at` of the source, which is `low` of the data.
    """
    encoding, room = level.encoding, level.stop - at
    if room < 8:
        return None
    group, element, length = struct.unpack_from(encoding.order + "HHI", data, low)
    tag = group << 16 | element
    entry = level.look_up(tag)
    if group == 0xFFFE:
        return Header(tag, "UL" if encoding.explicit else "", "", entry, length, at + 8)
    if not encoding.explicit:
        return Header(tag, "", level.choose_vr(tag, entry.vr), entry, length, at + 8)
    vr = data[low + 4 : low + 6].decode("latin-1")
    if vr in LONG or vr not in KNOWN:
        if room < 12:
            return None
        (length,) = struct.unpack_from(encoding.order + "I", data, low + 8)
        known = vr == "UN" and length < LONGEST_SHORT
        return Header(tag, vr, level.choose_vr(tag, entry.vr) if known else vr, entry, length, at + 12)
    (length,) = struct.unpack_from(encoding.order + "H", data, low + 6)
    return Header(tag, vr, vr, entry, length, at + 8)
