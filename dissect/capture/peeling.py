"""A frame with layers that only Scapy knows, in: where the IP packet in it stands, out."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from dissect.capture.layers import IP_PROTOCOL, IPV4, IPV6, LINK, OPAQUE, UDP_PORT

if TYPE_CHECKING:
    from scapy.packet import Packet

TZSP = 37008
"""The UDP port of TaZmen Sniffer Protocol, to which Scapy does not bind its layer by itself."""

COMMON = ("scapy.layers.inet", "scapy.layers.inet6", "scapy.layers.dot11", "scapy.layers.ppp", "scapy.layers.ppi")
"""Modules of Scapy that must be loaded for its layers to find each other."""

MODULES = {
    LINK + 104: "scapy.contrib.chdlc",
    LINK + 117: "scapy.layers.pflog",
    LINK + 163: "scapy.contrib.avs",
    0x88E7: "scapy.layers.l2",
    0x894F: "scapy.contrib.nsh",
    IP_PROTOCOL + 97: "scapy.contrib.etherip",
    UDP_PORT + 1701: "scapy.layers.l2tp",
    UDP_PORT + 2152: "scapy.contrib.gtp",
    UDP_PORT + TZSP: "scapy.contrib.tzsp",
}
"""The module of Scapy that knows a layer, where it is none of the common ones."""

NOTHING = (0x0806, 0)
"""A layer in which no TCP is."""


def is_peeled(layer: int) -> bool:
    """Tell whether Scapy may see through a layer: it knows more link types, and a few other layers."""
    return LINK <= layer < IP_PROTOCOL or layer in MODULES


def peel(frame: bytes, link: int, layer: int) -> tuple[int, int] | None:
    """Let Scapy look for IP in a frame.

    Parameters
    ----------
    frame
        The bytes of the frame.
    link
        The frame's link type.
    layer
        The layer that stopped our own reading.

    Returns
    -------
    tuple or None
        The innermost IP packet's EtherType, and the offset at which it starts; a layer that holds nothing where the
        frame has no IP in it; None where Scapy cannot tell.

    """
    from scapy.config import conf  # noqa: PLC0415 (its import costs more than most captures)
    from scapy.error import log_runtime  # noqa: PLC0415

    log_runtime.setLevel("CRITICAL")  # what it warns of is told by our own words
    load_layers(layer)
    outermost = conf.l2types.num2layer.get(link)
    if outermost is None:
        return None
    try:
        packet: Packet = outermost(frame)
    except Exception:  # a layer of Scapy's may raise anything on bytes that went wrong
        return None
    found = find_innermost(packet, frame)
    return found or (None if layer in OPAQUE or is_sealed(packet) else NOTHING)


@cache
def load_layers(layer: int) -> None:
    """Load the modules of Scapy that are needed for a layer."""
    for name in (*COMMON, MODULES.get(layer, COMMON[0])):
        import_module(name)
    if layer == UDP_PORT + TZSP:
        from scapy.contrib import tzsp  # noqa: PLC0415
        from scapy.layers.inet import UDP  # noqa: PLC0415
        from scapy.packet import bind_bottom_up  # noqa: PLC0415

        bind_bottom_up(UDP, tzsp.TZSP, dport=TZSP)


def is_sealed(packet: "Packet") -> bool:
    """Tell whether a packet of 802.11 is encrypted."""
    from scapy.layers.dot11 import Dot11Encrypted  # noqa: PLC0415

    return bool(packet.haslayer(Dot11Encrypted, _subclass=True))


def find_innermost(packet: "Packet", frame: bytes) -> tuple[int, int] | None:
    """Find the innermost IP header among a packet's layers, and where its bytes stand in the frame."""
    from scapy.layers.inet import IP  # noqa: PLC0415
    from scapy.layers.inet6 import IPv6  # noqa: PLC0415

    found = None
    while packet:
        # A subclass is the copy of a header in an ICMP message.
        kind = {IP: IPV4, IPv6: IPV6}.get(type(packet))
        header = packet.raw_packet_cache
        if kind is not None and header and (at := frame.find(header)) >= 0:
            found = kind, at
        packet = packet.payload
    return found
