"""What capture files say of themselves, in: the blocks of a pcapng file that says it again, out.

The clauses are those of draft-ietf-opsawg-pcapng.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence

from dissect.amounts import BILLION
from dissect.capture.blocks import (
    BYTE_ORDERS,
    COMMENT,
    ENHANCED,
    INTERFACE,
    OFFSET,
    RESOLUTION,
    SECTION,
    SECTION_MAGIC,
    Interface,
    is_sound_block,
    pull_comments,
    pull_interface,
)
from dissect.capture.records import LINK_BITS, LITTLE_MAGICS, PCAP_HEADER, PCAP_MAGICS, CaptureFile, Row

SECTION_HEADER = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
"""Byte order, version 1.0, a length that nobody tells (4.1)."""

NANOSECONDS = 9
"""The decimals of a second beyond which no times are kept."""

PART = "A part of a capture: frames were left out of this file on purpose."
"""The comment on a file that lacks what the capture had which it was made of."""

LONGEST_OPTION = 0xFFFF
LATEST = (1 << 64) - 1


def describe_file(file: CaptureFile) -> tuple[dict[int, Interface], list[str]]:
    """Read what a capture file says of itself, up to where it is damaged: its link types, and the comments on it."""
    magic, data = file.read(0, 4), file.data
    if magic in PCAP_MAGICS and file.size >= PCAP_HEADER:
        snap_length, link = struct.unpack_from("<II" if magic in LITTLE_MAGICS else ">II", data, 16)
        link &= LINK_BITS
        return {link: Interface(link, snap_length, 10 ** PCAP_MAGICS[magic], 0)}, []
    links, comments = dict[int, Interface](), list[str]()
    for kind, order, at, stop in walk_blocks(file):
        if kind == INTERFACE and stop - at >= 16:
            found = count_in_decimals(pull_interface(data, order, at, stop))
            links[found.link] = join_interfaces(links.get(found.link, found), found)
        if kind in (INTERFACE, SECTION):
            comments += pull_comments(data, order, at + (16 if kind == INTERFACE else 24), stop)
    return links, comments


def walk_blocks(file: CaptureFile) -> Iterator[tuple[int, str, int, int]]:
    """Give type, byte order, start and end of each block of a pcapng file, as far as they are sound."""
    at, order, data = 0, "<", file.data
    file.passed = 0
    while file.size - at >= 12:
        if data[at : at + 4] == SECTION_MAGIC:
            order = BYTE_ORDERS.get(data[at + 8 : at + 12], order)
        if not is_sound_block(data, at, order):
            return
        kind, total = struct.unpack_from(order + "II", data, at)
        yield kind, order, at, at + total - 4
        at += total
        file.give_back(at)


def count_in_decimals(interface: Interface) -> Interface:
    """Give an interface whose times are told in decimals of a second: as many, nine where its own are no decimals."""
    decimals = len(str(interface.ticks)) - 1
    exact = interface.ticks == 10**decimals
    return interface._replace(ticks=10 ** (min(decimals, NANOSECONDS) if exact else NANOSECONDS))


def join_interfaces(one: Interface, other: Interface) -> Interface:
    """Make of two interfaces of a link type one that can tell what both can; a snap length of 0 is none."""
    snap_length = max(one.snap_length, other.snap_length) if one.snap_length and other.snap_length else 0
    return Interface(one.link, snap_length, max(one.ticks, other.ticks), min(one.offset, other.offset))


def encode_section(comments: Iterable[str]) -> bytes:
    """Encode a section header block with comments (4.1)."""
    return encode_block(SECTION, SECTION_HEADER + encode_options(comments))


def encode_interface(interface: Interface) -> bytes:
    """Encode an interface description block (4.2)."""
    options = encode_option(RESOLUTION, bytes([len(str(interface.ticks)) - 1]))
    if interface.offset < 0:
        options += encode_option(OFFSET, struct.pack("<q", interface.offset // BILLION))
    return encode_block(INTERFACE, struct.pack("<HHI", interface.link, 0, interface.snap_length) + options + bytes(4))


def encode_frame(row: Row, interface: Interface, number: int, added: Sequence[str] = ()) -> bytes:
    """Encode a frame as an enhanced packet block, with its comments and others (4.3)."""
    file, start, length, wire, time, _, comments = row
    since = time - min(interface.offset, 0)  # times before the epoch need the offset
    high, low = divmod(min(max(since * interface.ticks // BILLION, 0), LATEST), 1 << 32)
    data = file.read(start, start + length)
    head = struct.pack("<IIIII", number, high, low, len(data), wire)
    return encode_block(ENHANCED, head + data + bytes(-len(data) % 4) + encode_options((*comments, *added)))


def encode_options(comments: Iterable[str]) -> bytes:
    """Encode comments as a block's options, none where there are none (3.5)."""
    options = b"".join(encode_option(COMMENT, comment.encode()[:LONGEST_OPTION]) for comment in comments)
    return options + bytes(4) if options else b""


def encode_option(code: int, value: bytes) -> bytes:
    """Encode an option (3.5)."""
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def encode_block(kind: int, body: bytes) -> bytes:
    """Encode a block whose body is padded to 32 bits (3.1)."""
    total = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + total + body + total
