"""The bytes of a pcapng file, in: whether a block is sound, its options, the interface it describes, out.

The clauses are those of draft-ietf-opsawg-pcapng.
"""

import mmap
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from dissect.amounts import BILLION
from dissect.text import decode

INTERFACE, PACKET, SIMPLE, ENHANCED = 1, 2, 3, 6
"""Types of blocks (4)."""
SECTION_MAGIC = b"\x0a\x0d\x0d\x0a"
SECTION = int.from_bytes(SECTION_MAGIC, "big")
"""The type of a section header block, the same in both byte orders."""
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
"""The bytes of a section header that tell its byte order (4.1)."""

COMMENT, RESOLUTION, OFFSET = 1, 9, 14
"""Options: a comment; of an interface, the ticks of a second, and seconds to add to its times."""

BLOCK_LIKE = {
    "<": re.compile(rb"[\x01-\x06\x0a]\0\0\0|\x0a\x0d\x0d\x0a"),
    ">": re.compile(rb"\0\0\0(?=[\x01-\x06\x0a])|\x0a\x0d\x0d\x0a"),
}
"""How blocks begin that are looked for behind a damaged one: those of the standard, but for experimental ones."""


class Interface(NamedTuple):
    """An interface of a pcapng section: link type, bytes kept of a frame, ticks a second, nanoseconds to add."""

    link: int
    snap_length: int
    ticks: int
    offset: int


def is_sound_block(data: mmap.mmap, at: int, order: str) -> bool:
    """Tell whether a block lies in the file, and the length behind it is that before it, or another block follows."""
    total = struct.unpack_from(order + "I", data, at + 4)[0] if at + 8 <= len(data) else 0
    stop = at + total
    if total < 12 or total % 4 or stop > len(data):
        return False
    if struct.unpack_from(order + "I", data, stop - 4)[0] == total:
        return True
    if stop + 12 > len(data):
        return stop == len(data)
    (following,) = struct.unpack_from(order + "I", data, stop + 4)
    end = stop + following
    return 12 <= following <= len(data) - stop and data[end - 4 : end] == data[stop + 4 : stop + 8]


def pull_interface(data: mmap.mmap, order: str, at: int, stop: int) -> Interface:
    """Read an interface description block and the options that say how its times count (4.2)."""
    link, snap_length = struct.unpack_from(order + "H2xI", data, at + 8)
    ticks, offset = 1_000_000, 0
    for code, start, length in pull_options(data, order, at + 16, stop):
        if code == RESOLUTION and length == 1:
            exponent = data[start]
            ticks = 1 << (exponent & 127) if exponent & 128 else 10**exponent
        elif code == OFFSET and length == 8:
            (offset,) = struct.unpack_from(order + "q", data, start)
    return Interface(link, snap_length, ticks, offset * BILLION)


def pull_options(data: mmap.mmap, order: str, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Read a block's options: code, where the value starts and how long it is (3.5)."""
    while at + 4 <= stop:
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0 or at + 4 + length > stop:
            return
        yield code, at + 4, length
        at += 4 + length + -length % 4


def pull_comments(data: mmap.mmap, order: str, at: int, stop: int) -> Iterator[str]:
    """Give the comments among the options of a block."""
    for code, start, length in pull_options(data, order, at, stop):
        if code == COMMENT:
            yield decode(data[start : start + length])
