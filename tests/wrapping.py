"""Put the segments of a capture in other packets, links and files.

`python -m tests.wrapping IN OUT [NAME ...]` writes a capture in the disguises named; without one it lists them. Nothing
here imports what it tests.
"""

import gzip
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.build import Frame, pcap, pcapng, pcapng_block
from tests.disguise import DISGUISES, Segment, read_segments
from tests.packets import FORMS, encode_v4, encode_v6

IP_V4, IP_V6 = b"\x08\0", b"\x86\xdd"
ETHERNET = bytes.fromhex("020000000002020000000001")
Wrap = Callable[[bytes, int], bytes]
Contain = Callable[[list[Frame], int, Random], list[bytes]]


# Links and tunnels: each makes a frame of a packet


def ether(packet: bytes) -> bytes:
    """Give the EtherType of an IP packet."""
    return IP_V6 if packet[0] >> 4 == 6 else IP_V4


def after(head: bytes, tail: bytes = b"") -> Wrap:
    """Make a wrapping of what stands before the EtherType, and behind it."""
    return lambda packet, number: head + ether(packet) + tail + packet


def raw(head: bytes = b"") -> Wrap:
    """Make a wrapping of what stands before IP, whatever its version."""
    return lambda packet, number: head + packet


def pad(packet: bytes, number: int) -> bytes:
    """Fill up short frames, and put some bytes behind long ones."""
    return (ETHERNET + ether(packet) + packet).ljust(60, b"\xaa") + b"trailer!"[: number % 9]


def snap(packet: bytes, number: int) -> bytes:
    """Use 802.3 with LLC and SNAP, padded."""
    body = b"\xaa\xaa\x03\0\0\0" + ether(packet) + packet
    return (
        (ETHERNET + struct.pack(">H", len(body)) + body).ljust(60, b"\xaa")
        if len(body) < 1500
        else (ETHERNET + ether(packet) + packet)
    )


def pppoe(packet: bytes, number: int) -> bytes:
    """Use a PPPoE session."""
    protocol = b"\0\x57" if packet[0] >> 4 == 6 else b"\0\x21"
    return ETHERNET + b"\x88\x64\x11\0" + struct.pack(">HH", 5, 2 + len(packet)) + protocol + packet


def ppp(packet: bytes, number: int) -> bytes:
    """Use PPP with its address and control, and a protocol in short."""
    return b"\xff\x03" + (b"\x57" if packet[0] >> 4 == 6 else b"\x21") + packet


def inside(protocol: int, head: Callable[[bytes], bytes], *, outer: int = 4) -> Wrap:
    """Make a wrapping in an IP packet of a tunnel."""

    def wrap(packet: bytes, number: int) -> bytes:
        body = head(packet) + packet
        if outer == 6:
            return ETHERNET + IP_V6 + encode_v6(body, bytes(15) + b"\1", bytes(15) + b"\2", protocol)
        return ETHERNET + IP_V4 + encode_v4(body, b"\xc0\0\2\1", b"\xc0\0\2\2", number=number, protocol=protocol)

    return wrap


def udp(port: int, head: bytes, *, bridged: bool = True) -> Callable[[bytes], bytes]:
    """Make what stands before a packet in a tunnel over UDP."""

    def wrap(packet: bytes) -> bytes:
        inner = head + (ETHERNET + ether(packet) if bridged else b"")
        return struct.pack(">HHHH", 40000, port, 8 + len(inner) + len(packet), 0) + inner

    return wrap


def bridge(head: bytes) -> Callable[[bytes], bytes]:
    """Make what stands before a packet where a tunnel carries Ethernet."""
    return lambda packet: head + ETHERNET + ether(packet)


def wireless(head: bytes) -> Wrap:
    """Make a wrapping in an 802.11 data frame with LLC and SNAP."""
    return lambda packet, number: head + b"\xaa\xaa\x03\0\0\0" + ether(packet) + packet


ADDRESSES = bytes.fromhex("020000000001020000000002020000000003")
DATA_FRAME = b"\x08\x01\0\0" + ADDRESSES + b"\0\0"
PRIORITY_FRAME = b"\x88\x02\0\0" + ADDRESSES + b"\0\0\0\0"
VXLAN = b"\x08\0\0\0\0\0\x2a\0"
ERSPAN_3 = b"\x20\1\0\1" + bytes(6)

LINKS: dict[str, tuple[int, Wrap]] = {
    "ethernet": (1, after(ETHERNET)),
    "padded": (1, pad),
    "vlan": (1, after(ETHERNET + b"\x81\0\0\5")),
    "qinq": (1, after(ETHERNET + b"\x88\xa8\0\5\x81\0\0\6")),
    "three-tags": (1, after(ETHERNET + b"\x91\0\0\5\x88\xa8\0\5\x81\0\0\6")),
    "snap": (1, snap),
    "mpls": (1, raw(ETHERNET + b"\x88\x47\0\1\1\x40")),
    "mpls-three": (1, raw(ETHERNET + b"\x88\x47\0\1\0\x40\0\2\0\x40\0\3\1\x40")),
    "pseudowire": (1, after(ETHERNET + b"\x88\x47\0\1\1\x40\0\0\0\0" + ETHERNET)),
    "pppoe": (1, pppoe),
    "cooked": (113, after(b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0")),
    "cooked-vlan": (113, after(b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x81\0\0\5")),
    "cooked-2": (276, lambda packet, number: ether(packet) + b"\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\1\0\0" + packet),
    "loopback": (0, raw(b"\2\0\0\0")),
    "loopback-swapped": (0, raw(b"\0\0\0\2")),
    "loopback-openbsd": (108, raw(b"\0\0\0\2")),
    "raw": (101, raw()),
    "raw-bsd": (12, raw()),
    "ppp": (9, ppp),
    "wireless": (105, wireless(DATA_FRAME)),
    "wireless-priority": (105, wireless(PRIORITY_FRAME)),
    "radiotap": (127, wireless(b"\0\0\x08\0\0\0\0\0" + DATA_FRAME)),
    "gre": (1, inside(47, lambda packet: b"\0\0" + ether(packet))),
    "gre-all": (1, inside(47, lambda packet: b"\xb0\0" + ether(packet) + bytes(12))),
    "gre-v6": (1, inside(47, lambda packet: b"\x20\0" + ether(packet) + bytes(4), outer=6)),
    "gre-bridged": (1, inside(47, bridge(b"\0\0\x65\x58"))),
    "erspan-1": (1, inside(47, bridge(b"\0\0\x88\xbe"))),
    "erspan-2": (1, inside(47, bridge(b"\x10\0\x88\xbe\0\0\0\1\x10\1\0\1\0\0\0\0"))),
    "erspan-3": (1, inside(47, bridge(b"\x10\0\x22\xeb\0\0\0\1" + ERSPAN_3 + b"\0\0"))),
    "erspan-3-more": (1, inside(47, bridge(b"\x10\0\x22\xeb\0\0\0\1" + ERSPAN_3 + b"\0\1" + bytes(8)))),
    "vxlan": (1, inside(17, udp(4789, VXLAN))),
    "vxlan-linux": (1, inside(17, udp(8472, VXLAN), outer=6)),
    "geneve": (1, inside(17, udp(6081, b"\0\0\x65\x58\0\0\x2a\0"))),
    "geneve-options": (1, inside(17, udp(6081, b"\2\0\x65\x58\0\0\x2a\0" + bytes(8)))),
    "ip-in-ip": (1, lambda packet, number: inside(41 if packet[0] >> 4 == 6 else 4, lambda _: b"")(packet, number)),
    "ip-in-ipv6": (
        1, lambda packet, number: inside(41 if packet[0] >> 4 == 6 else 4, lambda _: b"", outer=6)(packet, number),
    ),
}  # fmt: skip


def wrap_fragmented(packet: bytes, number: int) -> list[bytes]:
    """Use VXLAN whose outer packets are in fragments, for what is in them leaves no room."""
    whole = LINKS["vxlan"][1](packet, number)[34:]
    ends = b"\xc0\0\2\1", b"\xc0\0\2\2"
    parts = [(at, whole[at : at + 1400]) for at in range(0, len(whole), 1400)]
    return [
        ETHERNET + IP_V4 + encode_v4(part, *ends, number=number, protocol=17,
                                     place=at // 8 | (0x2000 if at + 1400 < len(whole) else 0))
        for at, part in parts
    ]  # fmt: skip


# Files: each makes one or several of frames


def spread(frames: list[Frame], count: int) -> list[list[Frame]]:
    """Cut frames into so many runs."""
    size = len(frames) // count + 1
    return [frames[at : at + size] for at in range(0, len(frames), size)]


def interfaces(frames: list[Frame], link: int, random: Random) -> list[bytes]:
    """Write interfaces of several units of time and offsets, to which frames go in turn, and blocks of other kinds."""
    units = ((6, 0), (9, 0), (0x80 | 20, 0), (3, 1_000_000), (9, -5))
    file = [pcapng_block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1), ">")]
    for unit, offset in units:
        options = struct.pack(">HHBxxxHHqHH", 9, 1, unit, 14, 8, offset, 0, 0)
        file.append(pcapng_block(1, struct.pack(">HHI", link, 0, 0) + options, ">"))
    others = [pcapng_block(kind, b"anything" * 3, ">") for kind in (4, 5, 10, 0xBAD, 0x40000BAD, 0x7777)]
    for at, frame in enumerate(frames):
        unit, offset = units[at % 5]
        since = frame.time_ns - offset * 10**9
        ticks = since * 2**20 // 10**9 if unit & 0x80 else since // 10 ** (9 - unit)
        high, low = divmod(ticks, 2**32)
        size = len(frame.data)
        if at % 7 == 6:
            body = struct.pack(">HHIIII", at % 5, 0, high, low, size, size)
            file.append(pcapng_block(2, body + frame.data, ">"))
        else:
            file.append(pcapng_block(6, struct.pack(">IIIII", at % 5, high, low, size, size) + frame.data, ">"))
        file.append(others[at % 6])
    return [b"".join(file)]


def simple(frames: list[Frame], link: int, random: Random) -> list[bytes]:
    """Write simple packet blocks, which have no times."""
    blocks = [pcapng_block(3, struct.pack("<I", len(frame.data)) + frame.data) for frame in frames]
    return [pcapng([], link_type=link) + b"".join(blocks)]


def rotate(frames: list[Frame], link: int, random: Random) -> list[bytes]:
    """Write the files of a ring buffer, in an order that their names may not tell."""
    frames = [frame._replace(time_ns=frames[0].time_ns + at * 1000) for at, frame in enumerate(frames)]
    files = [pcap(part, link_type=link) for part in spread(frames, random.randint(2, 5))]
    random.shuffle(files)
    return files


def deal(frames: list[Frame], link: int, random: Random) -> list[bytes]:
    """Write two files of the same time, of which each has some of the frames."""
    frames = [frame._replace(time_ns=frames[0].time_ns + at * 1000) for at, frame in enumerate(frames)]
    first = [random.random() < 0.5 for _ in frames]
    return [
        write([frame for frame, mine in zip(frames, first, strict=True) if mine == chosen], link_type=link)
        for write, chosen in ((pcap, True), (pcapng, False))
    ]


FILES: dict[str, Contain] = {
    "pcap": lambda frames, link, _: [pcap(frames, link_type=link)],
    "pcap-big": lambda frames, link, _: [pcap(frames, link_type=link, byte_order=">")],
    "pcap-nano": lambda frames, link, _: [pcap(frames, link_type=link, nanoseconds=True)],
    "pcapng": lambda frames, link, _: [pcapng(frames, link_type=link)],
    "pcapng-big": lambda frames, link, _: [pcapng(frames, link_type=link, byte_order=">")],
    "sections": lambda frames, link, _: [
        b"".join(pcapng(part, link_type=link, byte_order="<>"[at % 2]) for at, part in enumerate(spread(frames, 3)))
    ],
    "interfaces": interfaces,
    "simple": simple,
    "gzip": lambda frames, link, _: [gzip.compress(pcap(frames, link_type=link))],
    "gzip-members": lambda frames, link, _: [
        b"".join(map(gzip.compress, (pcap(frames, link_type=link)[:200], pcap(frames, link_type=link)[200:])))
    ],
    "rotated": rotate,
    "dealt": deal,
}


def make_capture(
    segments: list[Segment],
    disguises: list[str],
    *,
    form: str = "kept",
    link: str = "ethernet",
    files: str = "pcap",
    seed: int = 0,
) -> list[bytes]:
    """Give the capture files in which segments are said again in disguise."""
    random = Random(seed)
    for name in sorted(disguises, key=list(DISGUISES).index):
        segments = DISGUISES[name](segments, random)
    kind, wrap = LINKS[link] if link != "vxlan-fragmented" else (1, LINKS["vxlan"][1])
    frames: list[Frame] = []
    for number, segment in enumerate(segments, 1):
        for packet in FORMS[form](segment, number, random):
            outer = len(frames) + 1  # each packet around another has a number of its own
            wrapped = wrap_fragmented(packet, outer) if link == "vxlan-fragmented" else [wrap(packet, outer)]
            frames += [Frame(segment.time, frame) for frame in wrapped]
    return FILES[files](frames, kind, random)


NAMES = {**dict.fromkeys(DISGUISES, "segments"), **dict.fromkeys(FORMS, "form"), **dict.fromkeys(LINKS, "link")}
NAMES |= {"vxlan-fragmented": "link", **dict.fromkeys(FILES, "files")}


def main(words: list[str]) -> int:
    """Write a capture in the disguises that are named."""
    if len(words) < 2 or not NAMES.keys() >= set(words[2:]):
        sys.stdout.write("\n".join([__doc__ or "", *NAMES, ""]))
        return 2
    chosen = {
        kind: next((word for word in words[2:] if NAMES[word] == kind), None) for kind in ("form", "link", "files")
    }
    others = {kind: name for kind, name in chosen.items() if name is not None}
    disguises = [word for word in words[2:] if NAMES[word] == "segments"]
    found = make_capture(read_segments(Path(words[0])), disguises, **others)  # type: ignore[arg-type]
    for at, data in enumerate(found, 1):
        Path(words[1] if len(found) == 1 else f"{words[1]}.{at}").write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
