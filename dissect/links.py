"""A frame, in: the TCP segment in it, found by its layers, out."""

import mmap
import struct

Found = tuple[bytes, int, int, int, int, int]
"""Key of the direction, sequence number, acknowledgement number, flags, start and length of the payload."""

ETHERNET, TCP = 1, 6
IPV4, IPV6 = 0x0800, 0x86DD
VLAN_TAGS = frozenset((0x8100, 0x88A8, 0x9100))
LINKS = {ETHERNET: (12, 14), 113: (14, 16), 276: (0, 20)}
"""Link types with an EtherType (www.tcpdump.org/linktypes.html): where it stands, and how long the header is."""
RAW_LINKS = {0: 4, 108: 4, 12: 0, 101: 0, 228: 0, 229: 0}
"""Link types that tell IPv4 from IPv6 by the version number: how long the header before IP is."""
TCP_HEADER = struct.Struct(">4sIIH")
IPV6_EXTENSIONS = frozenset((0, 43, 60, 135))
"""IPv6 headers that may stand before TCP: hop by hop, routing, destination options, mobility (RFC 8200 4)."""
FRAGMENT, AUTHENTICATION = 44, 51


def is_read(link: int) -> bool:
    """Tell whether frames of a link type are read."""
    return link in LINKS or link in RAW_LINKS


def find_segment(data: mmap.mmap, start: int, stop: int, link: int) -> Found | None:
    """Find the TCP segment in a frame of a link type that is read, or None where there is none."""
    if link in LINKS:
        kind_at, head = LINKS[link]
        at = start + head
        kind = int.from_bytes(data[start + kind_at : start + kind_at + 2], "big")
        while kind in VLAN_TAGS and at + 4 <= stop:
            kind = int.from_bytes(data[at + 2 : at + 4], "big")
            at += 4
    else:
        at = start + RAW_LINKS[link]
        kind = {4: IPV4, 6: IPV6}.get(data[at] >> 4 if at < stop else 0, 0)
    found = find_ipv4(data, at, stop) if kind == IPV4 else find_ipv6(data, at, stop) if kind == IPV6 else None
    if found is None or found[2] - found[1] < 20:
        return None
    addresses, at, stop = found
    ports, sequence, acknowledged, flags = TCP_HEADER.unpack_from(data, at)
    head = (flags >> 12) * 4
    if head < 20:
        return None
    return addresses + ports, sequence, acknowledged, flags & 0x3F, at + head, max(stop - at - head, 0)


def find_ipv4(data: mmap.mmap, at: int, stop: int) -> tuple[bytes, int, int] | None:
    """Give the addresses and where TCP starts and stops in an IPv4 packet (RFC 791), or None where there is none."""
    if stop - at < 20 or data[at] >> 4 != 4:
        return None
    total, fragment, protocol = struct.unpack_from(">2xHxxHxB", data, at)
    if protocol != TCP or fragment & 0x3FFF:
        return None
    return data[at + 12 : at + 20], at + (data[at] & 15) * 4, min(stop, at + total) if total else stop


def find_ipv6(data: mmap.mmap, at: int, stop: int) -> tuple[bytes, int, int] | None:
    """Give the addresses and where TCP starts and stops in an IPv6 packet (RFC 8200), or None where there is none."""
    if stop - at < 40 or data[at] >> 4 != 6:
        return None
    payload, following = struct.unpack_from(">4xHB", data, at)
    addresses = data[at + 8 : at + 40]
    stop = min(stop, at + 40 + payload) if payload else stop
    at += 40
    while stop - at >= 8 and following != TCP:
        if following == FRAGMENT and int.from_bytes(data[at + 2 : at + 4], "big") & ~6:
            return None  # only a fragment that is the whole packet is read (RFC 6946)
        if following in IPV6_EXTENSIONS:
            size = 8 + data[at + 1] * 8
        elif following == AUTHENTICATION:
            size = 8 + data[at + 1] * 4  # RFC 4302 2.2
        elif following == FRAGMENT:
            size = 8
        else:
            return None
        following, at = data[at], at + size
    return (addresses, at, stop) if following == TCP else None
