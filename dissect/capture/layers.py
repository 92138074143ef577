"""The number of a layer that is not read, in: its name, out.

A layer is a number: an EtherType as it is, or with a base added a link type, an IP or PPP protocol, a UDP port.
"""

LINK, IP_PROTOCOL, PPP_PROTOCOL, UDP_PORT = 1 << 16, 2 << 16, 3 << 16, 4 << 16
"""What is added to a link type, an IP protocol, a PPP protocol, a UDP port to make a layer of it."""

IPV4, IPV6, MPLS, BRIDGED, PPP = 0x0800, 0x86DD, 0x8847, 0x6558, 0x880B
ERSPAN, ERSPAN_3 = 0x88BE, 0x22EB
"""EtherTypes (IEEE registration authority); `BRIDGED` is a whole Ethernet frame."""
LOWEST = 0x0600
"""The lowest EtherType: below are lengths (IEEE 802.3 3.2.6)."""
TCP = IP_PROTOCOL + 6

OPAQUE = {
    0x88E5: "MACsec",
    0x88E7: "provider backbone bridging",
    0x894F: "network service header",
    IP_PROTOCOL + 50: "IPsec ESP",
    IP_PROTOCOL + 55: "minimal IP encapsulation",
    IP_PROTOCOL + 97: "Ethernet in IP",
    IP_PROTOCOL + 98: "IP encapsulation",
    IP_PROTOCOL + 115: "L2TP",
    IP_PROTOCOL + 143: "Ethernet in IPv6",
    PPP_PROTOCOL + 0x3D: "PPP multilink",
    PPP_PROTOCOL + 0x53: "PPP encryption",
    PPP_PROTOCOL + 0xFD: "PPP compression or encryption",
    UDP_PORT + 1701: "L2TP",
    UDP_PORT + 2152: "GTP",
    UDP_PORT + 4500: "IPsec through address translation",
    UDP_PORT + 37008: "TZSP",
}
"""Layers that may hold TCP and that `links` has no function for: what they are called."""

EMPTY = frozenset((
    0x0806, 0x0842, 0x6003, 0x8035, 0x809B, 0x80F3, 0x8137, 0x8808, 0x8809, 0x8863, 0x886D, 0x887B, 0x888E, 0x8892,
    0x8899, 0x88A2, 0x88A4, 0x88AB, 0x88B8, 0x88B9, 0x88BA, 0x88C7, 0x88CA, 0x88CC, 0x88CD, 0x88E1, 0x88E3, 0x88F5,
    0x88F6, 0x88F7, 0x8902, 0x8906, 0x8914, 0x9000,
))  # fmt: skip
"""EtherTypes that hold no TCP: ARP, LLDP, flow control, time, storage, field buses."""


def name_layer(layer: int) -> str:
    """Name a layer that is not read."""
    base, number = layer & ~0xFFFF, layer & 0xFFFF
    kind = {0: f"EtherType {number:04X}H", LINK: f"link type {number}", IP_PROTOCOL: f"IP protocol {number}"}.get(base)
    kind = kind or (f"PPP protocol {number:04X}H" if base == PPP_PROTOCOL else f"UDP port {number}")
    return f"{kind} ({OPAQUE[layer]})" if layer in OPAQUE else kind
