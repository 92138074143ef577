"""A frame, in: the TCP segment in it, or the fragment of an IP packet, found layer by layer, out."""

import mmap
import struct
from collections.abc import Callable
from typing import NamedTuple

from dissect.capture.layers import (
    BRIDGED,
    EMPTY,
    ERSPAN,
    ERSPAN_3,
    IP_PROTOCOL,
    IPV4,
    IPV6,
    LINK,
    LOWEST,
    MPLS,
    OPAQUE,
    PPP,
    PPP_PROTOCOL,
    TCP,
    UDP_PORT,
)

Data = mmap.mmap | bytes

DEEPEST = 32
"""How many layers are looked through: more than any network nests, so that no frame goes in circles."""

TCP_HEADER = struct.Struct(">4sIIHH")
SNAP = b"\xaa\xaa\x03"
"""LLC header before an EtherType (RFC 1042)."""

GPE_LAYERS = {1: IPV4, 2: IPV6, 3: BRIDGED}
"""What follows a VXLAN header that names its protocol (draft-ietf-nvo3-vxlan-gpe 3.2)."""


class Packet(NamedTuple):
    """Where a layer stands: its start, the end of what is captured of it, its end on the wire, the IP addresses."""

    at: int
    stop: int
    end: int
    addresses: bytes = b""


class Found(NamedTuple):
    """A TCP segment: `lack` bytes of its payload were cut off by the capture."""

    key: bytes
    sequence: int
    acknowledged: int
    flags: int
    window: int
    head: int
    """The length of the TCP header."""
    place: int
    length: int
    lack: int


class Fragment(NamedTuple):
    """A fragment of an IP packet's payload: which packet's, at which offset, whether more follow, where it stands."""

    key: bytes
    layer: int
    offset: int
    more: bool
    packet: Packet


Step = tuple[int, Packet] | Fragment | None
"""The next layer and where it stands; or a fragment; or None where there is nothing to be found."""


def find_segment(data: Data, layer: int, packet: Packet) -> Found | Fragment | int | None:
    """Look through the layers of a frame, or of a packet put together from fragments.

    Returns
    -------
    Found, Fragment, int or None
        The TCP segment; the fragment in which looking ends; the layer that cannot be read though it may hold TCP; None
        where there is no TCP, or too little of it.

    """
    for _ in range(DEEPEST):
        if layer == TCP:
            return pull_tcp(data, packet)
        pull = PULLS.get(layer)
        if pull is None:
            return layer if layer in OPAQUE or (LOWEST <= layer < IP_PROTOCOL and layer not in EMPTY) else None
        step = pull(data, packet)
        if step is None or isinstance(step, Fragment):
            return step
        layer, packet = step
    return None


def pull_tcp(data: Data, packet: Packet) -> Found | None:
    """Read a TCP header (RFC 9293 3.1)."""
    at, stop, end, addresses = packet
    if stop - at < 20:
        return None
    ports, sequence, acknowledged, flags, window = TCP_HEADER.unpack_from(data, at)
    head = (flags >> 12) * 4
    if head < 20 or end - at < head:
        return None
    place = at + head
    return Found(
        addresses + ports, sequence, acknowledged, flags & 0x3F, window, head,
        min(place, stop), max(stop - place, 0), end - max(place, stop),
    )  # fmt: skip


def pull_ipv4(data: Data, packet: Packet) -> Step:
    """Read an IPv4 header with its options (RFC 791 3.1)."""
    at, stop, end, _ = packet
    if stop - at < 20 or data[at] >> 4 != 4 or data[at] & 15 < 5:
        return None
    total, number, fragment, protocol = struct.unpack_from(">2xHHHxB", data, at)
    # A total length of 0 stands for one that the network card was to fill in.
    end = min(end, at + total) if total else end
    body = Packet(at + (data[at] & 15) * 4, min(stop, end), end, data[at + 12 : at + 20])
    layer = IP_PROTOCOL + protocol
    if not fragment & 0x3FFF:
        return layer, body
    key = body.addresses + struct.pack(">HB", number, protocol)
    return Fragment(key, layer, (fragment & 0x1FFF) * 8, bool(fragment & 0x2000), body)


def pull_ipv6(data: Data, packet: Packet) -> Step:
    """Read an IPv6 header (RFC 8200 3)."""
    at, stop, end, _ = packet
    if stop - at < 40 or data[at] >> 4 != 6:
        return None
    payload, following = struct.unpack_from(">4xHB", data, at)
    end = min(end, at + 40 + payload) if payload else end
    return IP_PROTOCOL + following, Packet(at + 40, min(stop, end), end, data[at + 8 : at + 40])


def pull_extension(data: Data, packet: Packet) -> Step:
    """Pass an IPv6 extension header: hop by hop, routing, destination options, mobility (RFC 8200 4)."""
    at, stop, _, _ = packet
    return (IP_PROTOCOL + data[at], packet._replace(at=at + 8 + data[at + 1] * 8)) if stop - at >= 8 else None


def pull_authentication(data: Data, packet: Packet) -> Step:
    """Pass an authentication header (RFC 4302 2)."""
    at, stop, _, _ = packet
    return (IP_PROTOCOL + data[at], packet._replace(at=at + 8 + data[at + 1] * 4)) if stop - at >= 8 else None


def pull_fragment(data: Data, packet: Packet) -> Step:
    """Read an IPv6 fragment header (RFC 8200 4.5); one that is the whole packet is none (RFC 6946)."""
    at, stop, _, addresses = packet
    if stop - at < 8:
        return None
    following, place, number = struct.unpack_from(">BxHI", data, at)
    layer, body = IP_PROTOCOL + following, packet._replace(at=at + 8)
    if not place & 0xFFF9:
        return layer, body
    return Fragment(addresses + struct.pack(">IB", number, 0), layer, place & 0xFFF8, bool(place & 1), body)


def pull_ethernet(data: Data, packet: Packet) -> Step:
    """Read an Ethernet header; a length instead of the EtherType is followed by LLC (IEEE 802.3 3.2.6)."""
    at, stop, end, _ = packet
    if stop - at < 14:
        return None
    kind = int.from_bytes(data[at + 12 : at + 14], "big")
    if kind >= LOWEST:
        return kind, packet._replace(at=at + 14)
    end = min(end, at + 14 + kind)
    return pull_llc(data, Packet(at + 14, min(stop, end), end))


def pull_llc(data: Data, packet: Packet) -> Step:
    """Read an LLC and SNAP header, behind which an EtherType stands (RFC 1042); other LLC holds no IP."""
    at, stop, _, _ = packet
    if stop - at < 8 or data[at : at + 3] != SNAP:
        return None
    return int.from_bytes(data[at + 6 : at + 8], "big"), packet._replace(at=at + 8)


def pull_vlan(data: Data, packet: Packet) -> Step:
    """Pass a VLAN tag (IEEE 802.1Q 9.3)."""
    at, stop, _, _ = packet
    if stop - at < 4:
        return None
    kind, inner = int.from_bytes(data[at + 2 : at + 4], "big"), packet._replace(at=at + 4)
    return (kind, inner) if kind >= LOWEST else pull_llc(data, inner)


def pull_cooked(data: Data, packet: Packet) -> Step:
    """Read the header of Linux's cooked captures, version 1."""
    at, stop, _, _ = packet
    if stop - at < 16:
        return None
    return pull_cooked_body(int.from_bytes(data[at + 14 : at + 16], "big"), data, packet, 16)


def pull_cooked_2(data: Data, packet: Packet) -> Step:
    """Read the header of Linux's cooked captures, version 2."""
    at, stop, _, _ = packet
    if stop - at < 20:
        return None
    return pull_cooked_body(int.from_bytes(data[at : at + 2], "big"), data, packet, 20)


def pull_cooked_body(kind: int, data: Data, packet: Packet, head: int) -> Step:
    """Go on behind a cooked header: an EtherType, or 4 for LLC."""
    inner = packet._replace(at=packet.at + head)
    return (kind, inner) if kind >= LOWEST else pull_llc(data, inner)


def pull_raw(data: Data, packet: Packet) -> Step:
    """Tell IPv4 from IPv6 by the version number."""
    version = data[packet.at] >> 4 if packet.at < packet.stop else 0
    return ({4: IPV4, 6: IPV6}[version], packet) if version in (4, 6) else None


def pull_loopback(data: Data, packet: Packet) -> Step:
    """Pass the address family before IP in captures of BSD's loopback, whatever its byte order."""
    return pull_raw(data, packet._replace(at=packet.at + 4))


def pull_mpls(data: Data, packet: Packet) -> Step:
    """Pass a label stack (RFC 3032 2.1): the first bits behind it tell IP from a pseudowire (RFC 4385 3, RFC 4448)."""
    at, stop, _, _ = packet
    while stop - at >= 4 and not data[at + 2] & 1:
        at += 4
    at += 4
    if at >= stop:
        return None
    version = data[at] >> 4
    if version in (4, 6):
        return pull_raw(data, packet._replace(at=at))
    return BRIDGED, packet._replace(at=at if version else at + 4)


def pull_pppoe(data: Data, packet: Packet) -> Step:
    """Read a PPPoE session header (RFC 2516 4)."""
    at, stop, end, _ = packet
    if stop - at < 6:
        return None
    end = min(end, at + 6 + int.from_bytes(data[at + 4 : at + 6], "big"))
    return PPP, Packet(at + 6, min(stop, end), end)


def pull_ppp(data: Data, packet: Packet) -> Step:
    """Read a PPP header, address and control left out or not, protocol shortened or not (RFC 1661 2, RFC 1662 3.1)."""
    at, stop, _, _ = packet
    at += 2 if data[at : at + 2] == b"\xff\x03" else 0
    if stop - at < 2:
        return None
    size = 1 if data[at] & 1 else 2
    return PPP_PROTOCOL + int.from_bytes(data[at : at + size], "big"), packet._replace(at=at + size)


def pull_gre(data: Data, packet: Packet) -> Step:
    """Read a GRE header (RFC 2784 2, RFC 2890 2; with an acknowledgement number: RFC 2637 4.1)."""
    at, stop, _, _ = packet
    if stop - at < 4:
        return None
    flags, kind = struct.unpack_from(">HH", data, at)
    size = 4 + sum(4 for bits in (0xC000, 0x2000, 0x1000) if flags & bits) + (4 if flags & 1 and flags & 0x80 else 0)
    if kind == ERSPAN and not flags & 0x1000:
        kind = BRIDGED  # type I has no header of its own
    return kind, packet._replace(at=at + size)


def pull_erspan(data: Data, packet: Packet) -> Step:
    """Pass an ERSPAN header of type II (draft-foschiano-erspan 4.2)."""
    return BRIDGED, packet._replace(at=packet.at + 8)


def pull_erspan_3(data: Data, packet: Packet) -> Step:
    """Pass an ERSPAN header of type III, and the platform's own where it says so (draft-foschiano-erspan 4.3)."""
    at, stop, _, _ = packet
    return (BRIDGED, packet._replace(at=at + 12 + (data[at + 11] & 1) * 8)) if stop - at >= 12 else None


def pull_udp(data: Data, packet: Packet) -> Step:
    """Read a UDP header (RFC 768): its destination port tells whether it is a tunnel."""
    at, stop, end, _ = packet
    if stop - at < 8:
        return None
    port, length = struct.unpack_from(">2xHH", data, at)
    end = min(end, at + length) if length else end
    return UDP_PORT + port, Packet(at + 8, min(stop, end), end)


def pull_vxlan(data: Data, packet: Packet) -> Step:
    """Pass a VXLAN header (RFC 7348 5)."""
    return BRIDGED, packet._replace(at=packet.at + 8)


def pull_vxlan_gpe(data: Data, packet: Packet) -> Step:
    """Read a VXLAN header that names its protocol (draft-ietf-nvo3-vxlan-gpe 3.1)."""
    at, stop, _, _ = packet
    if stop - at < 8 or (data[at] & 4 and data[at + 3] not in GPE_LAYERS):
        return None
    return GPE_LAYERS[data[at + 3]] if data[at] & 4 else BRIDGED, packet._replace(at=at + 8)


def pull_geneve(data: Data, packet: Packet) -> Step:
    """Read a GENEVE header and pass its options (RFC 8926 3.4)."""
    at, stop, _, _ = packet
    if stop - at < 8:
        return None
    kind = int.from_bytes(data[at + 2 : at + 4], "big")
    return kind, packet._replace(at=at + 8 + (data[at] & 0x3F) * 4)


PULLS: dict[int, Callable[[Data, Packet], Step]] = {
    # Link types (www.tcpdump.org/linktypes.html)
    **dict.fromkeys((LINK + 0, LINK + 108), pull_loopback),
    LINK + 1: pull_ethernet,
    LINK + 9: pull_ppp,
    **dict.fromkeys((LINK + 12, LINK + 14, LINK + 101, LINK + 228, LINK + 229), pull_raw),
    LINK + 51: pull_pppoe,
    LINK + 113: pull_cooked,
    LINK + 276: pull_cooked_2,
    # EtherTypes
    IPV4: pull_ipv4,
    IPV6: pull_ipv6,
    **dict.fromkeys((0x8100, 0x88A8, 0x9100, 0x9200), pull_vlan),
    **dict.fromkeys((MPLS, 0x8848), pull_mpls),
    0x8864: pull_pppoe,
    BRIDGED: pull_ethernet,
    PPP: pull_ppp,
    ERSPAN: pull_erspan,
    ERSPAN_3: pull_erspan_3,
    # IP protocols
    **dict.fromkeys((IP_PROTOCOL + number for number in (0, 43, 60, 135)), pull_extension),
    IP_PROTOCOL + 4: pull_ipv4,
    IP_PROTOCOL + 17: pull_udp,
    IP_PROTOCOL + 41: pull_ipv6,
    IP_PROTOCOL + 44: pull_fragment,
    IP_PROTOCOL + 47: pull_gre,
    IP_PROTOCOL + 51: pull_authentication,
    IP_PROTOCOL + 137: pull_mpls,
    # PPP protocols
    PPP_PROTOCOL + 0x21: pull_ipv4,
    PPP_PROTOCOL + 0x57: pull_ipv6,
    **dict.fromkeys((PPP_PROTOCOL + 0x281, PPP_PROTOCOL + 0x283), pull_mpls),
    # UDP ports
    **dict.fromkeys((UDP_PORT + 4789, UDP_PORT + 8472, UDP_PORT + 48879), pull_vxlan),
    UDP_PORT + 4790: pull_vxlan_gpe,
    UDP_PORT + 4754: pull_gre,
    UDP_PORT + 6081: pull_geneve,
    UDP_PORT + 6635: pull_mpls,
}
"""How each layer is read."""
