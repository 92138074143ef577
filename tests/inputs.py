"""An input of a fuzzing target, in: the capture or data set that it stands for, out; and inputs to begin with."""

import struct
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate, cycle

from scapy.contrib.erspan import ERSPAN_II
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1Q, Dot3, Ether, Loopback
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet

from dissect.association import Arrival
from dissect.capture.layers import IP_PROTOCOL, LINK
from dissect.capture.links import PULLS
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.dicom import encodings
from dissect.tcp import tls
from tests import build
from tests.recipes import find_captures, read_capture

SEGMENT = struct.Struct(">HhHHH")
"""Flags of the constants below, bytes by which it is early or late, the number of a payload, and of that the first
byte and how many, 0 for all."""

ACCEPTOR, SYN, FIN, RST, URG, BARE, OTHER, GAP, SHUT = (1 << bit for bit in range(9))
"""Sent by the acceptor; these flags, and no ACK; on the other connection; the bytes before an early one never come; a
receive window of 0."""

SETTING = struct.Struct(">BHB")
"""Flags of `ACCEPTOR` and the constants below, where bytes of the PDU are lost, and how many."""

AGREED, CLOSED = 2, 4
"""An association was agreed before; the connection is closed behind it."""

CONDITION = struct.Struct(">BHHH")
"""The number of an encoding and the constants below, where fragments are lost, where bytes are lost, and how many."""

GUESSED, DEFLATED, TORN = 4, 8, 16
"""The encoding is to be found out; the data set is deflated; fragments are lost."""

ENCODINGS = (
    encodings.IMPLICIT_LITTLE,
    encodings.EXPLICIT_LITTLE,
    encodings.EXPLICIT_BIG,
    encodings.IMPLICIT_BIG,
)

LINKS = (*(layer - LINK for layer in PULLS if LINK <= layer < IP_PROTOCOL), 104, 105, 119, 127, 163, 192)
"""Link types: those that are read, and some that Scapy knows."""

LONGEST = 4096
"""Longer PDUs and data sets are no seeds: they take long, and say nothing that shorter ones do not."""

SYNTAXES = (build.IMPLICIT, build.EXPLICIT, build.BIG_ENDIAN, "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50")
CONTEXTS = [(2 * number + 1, build.CT_IMAGE_STORAGE, [syntax]) for number, syntax in enumerate(SYNTAXES)]
REQUEST = build.associate_rq(CONTEXTS)
ACCEPT = build.associate_ac([(number, 0, syntax) for number, _, [syntax] in CONTEXTS])

NAME = b"\0\0\0\x10\0\x0e\0\0\x0bpacs.invalid"[:-1]
HELLO = b"\x03\x03" + bytes(33) + b"\0\x02\x13\x01\x01\0" + struct.pack(">H", len(NAME)) + NAME
ANSWER = b"\x03\x03" + bytes(33) + b"\x13\x01\0" + b"\0\x06\0\x2b\0\x02\x03\x04"
TLS = tuple(
    struct.pack(">BHH", kind, 0x0303, len(data)) + data
    for kind, data in (
        (tls.HANDSHAKE, b"\x01\0" + struct.pack(">H", len(HELLO)) + HELLO),
        (tls.HANDSHAKE, b"\x02\0" + struct.pack(">H", len(ANSWER)) + ANSWER),
        (tls.ALERT, b"\x02\x30"),
        (23, bytes(range(64))),
    )
)
"""Two hellos, an alert and application data (RFC 8446 4.1.2, 4.1.3, 6)."""

ETHER = Ether(src="02:00:0a:00:00:01", dst="02:00:0a:00:00:02")
OUTER = IP(src="10.1.0.1", dst="10.1.0.2")
TUNNELS: tuple[tuple[int, Packet | None], ...] = (
    (0, Loopback(type=2)),
    (1, ETHER / Dot1Q(vlan=5) / Dot1Q(vlan=6)),
    (1, Dot3(src=ETHER.src, dst=ETHER.dst) / LLC() / SNAP()),
    (1, ETHER / MPLS(label=1, s=0) / MPLS(label=2, s=1)),
    (1, ETHER / PPPoE() / PPP()),
    (1, ETHER / IPv6(src="2001:db8::1", dst="2001:db8::2") / IPv6ExtHdrHopByHop()),
    (1, ETHER / OUTER / GRE(key_present=1)),
    (1, ETHER / OUTER / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II() / ETHER),
    (1, ETHER / OUTER / UDP(dport=4789) / VXLAN() / ETHER),
    (1, ETHER / OUTER / UDP(dport=6081) / GENEVE() / ETHER),
    (9, PPP()),
    (101, None),
    (113, CookedLinux()),
    (276, CookedLinuxV2()),
)
"""Link types, and what may stand before an IPv4 packet."""


# What inputs stand for


def encode_frames(data: bytes) -> bytes:
    """Make a capture of frames behind the byte that chooses their link type."""
    frames: list[build.Frame] = []
    at = 1
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        frames.append(build.Frame(len(frames), data[at + 2 : at + 2 + size]))
        at += 2 + size
    return build.pcap(frames, link_type=LINKS[(data or b"\0")[0] % len(LINKS)])


def encode_segments(data: bytes) -> bytes:
    """Make a capture of segments, of which a snap length may cut the ends off."""
    snap_length, data = int.from_bytes(data[:2], "big"), data[2:]
    talks = [build.Talk(requestor=("10.0.0.1", port)) for port in (50000, 50001)]
    nexts = [list(talk.isn) for talk in talks]
    times = accumulate(1_000_000 << step for step in cycle(range(7)))  # 1 to 64 ms: copies, answers, delays
    frames: list[build.Frame] = []
    for flags, shift, *choice in SEGMENT.iter_unpack(data[: len(data) // SEGMENT.size * SEGMENT.size]):
        talk, places, me = talks[bool(flags & OTHER)], nexts[bool(flags & OTHER)], flags & ACCEPTOR
        bits, payload = choose_bits(flags), pick_payload(*choice)
        ends, number = (talk.requestor, talk.acceptor), places[me] + shift
        frame = build.segment(ends[me], ends[1 - me], number, places[1 - me], bits, payload)
        frame = frame[:48] + bytes(2) + frame[50:] if flags & SHUT else frame
        frames.append(build.Frame(next(times), frame))
        if not shift or (shift > 0 and flags & GAP):
            places[me] = number + len(payload) + bool(bits & (build.SYN | build.FIN))
    return build.pcap(frames, cut=snap_length or None)


def choose_bits(flags: int) -> int:
    """Give the flags of a TCP header."""
    pairs = ((SYN, build.SYN), (FIN, build.FIN), (RST, build.RST), (URG, 32))
    return (0 if flags & BARE else build.ACK) + sum(bit for flag, bit in pairs if flags & flag)


def pick_payload(index: int, start: int, count: int) -> bytes:
    """Cut a payload out of one of those that there are; the number behind the last one is for none."""
    payloads = (*list_pdus(), *TLS, b"")
    whole = payloads[index % len(payloads)]
    start %= len(whole) + 1
    return whole[start : start + count] if count else whole[start:]


def encode_pdu(data: bytes) -> bytes:
    """Make a capture of a PDU that stands behind a setting."""
    flags, low, count = SETTING.unpack(data[: SETTING.size].ljust(SETTING.size, b"\0"))
    pdu = data[SETTING.size :]
    talk = build.Talk(mss=1 << 15).open()
    if flags & AGREED:
        talk.request(REQUEST).answer(ACCEPT)
    say = talk.answer if flags & ACCEPTOR else talk.request
    if count:
        say(pdu[:low])
        talk.send(not flags & ACCEPTOR, build.ACK, pdu[low : low + count])
        del talk.frames[-1]
        pdu = pdu[low + count :]
    say(pdu)
    return build.pcap((talk.close() if flags & CLOSED else talk).frames)


ENCODERS = {"frames": encode_frames, "stream": encode_segments, "pdu": encode_pdu}
"""What makes a capture of a target's input."""


# Seeds


@cache
def list_arrivals() -> list[list[Arrival]]:
    """Give the PDUs of each capture of the project and those beside it."""
    return [list(Associations(Capture(path), Config())) for path in find_captures()]


@cache
def list_pdus() -> tuple[bytes, ...]:
    """Give the bytes of all PDUs that are short enough, each once, in the order of the captures."""
    spans = (arrival.pdu.span for arrivals in list_arrivals() for arrival in arrivals)
    return tuple(dict.fromkeys(span.read() for span in spans if len(span) <= LONGEST))


def seed_captures() -> Iterator[bytes]:
    """Give each capture, as pcap and as pcapng."""
    for path in find_captures():
        yield from (read_capture(path, "as it is"), read_capture(path, "turned"))


def seed_frames() -> Iterator[bytes]:
    """Give an association through each tunnel, in whole packets and in fragments."""
    packets = [IP(frame.data[14:]) for frame in build.echo_talk().frames]
    for link, tunnel in TUNNELS:
        frames = [bytes(packet if tunnel is None else tunnel / packet) for packet in packets]
        yield bytes([LINKS.index(link)]) + b"".join(struct.pack(">H", len(frame)) + frame for frame in frames)
    for packet in packets:
        packet.flags = 0
    parts = (part for packet in packets for part in reversed(packet.fragment(64)))  # type: ignore[no-untyped-call]
    frames = [bytes(ETHER / part) for part in parts]
    yield bytes([LINKS.index(1)]) + b"".join(struct.pack(">H", len(frame)) + frame for frame in frames)


def seed_segments() -> Iterator[bytes]:
    """Give the PDUs of each capture a segment each, and two, between SYN and FIN; and a TLS connection."""
    numbers = {pdu: number for number, pdu in enumerate((*list_pdus(), *TLS, b""))}
    opening = [(SYN | BARE, b"", 0, 0), (SYN | ACCEPTOR, b"", 0, 0)]
    closing = [(FIN, b"", 0, 0), (FIN | ACCEPTOR, b"", 0, 0)]
    for said in (*map(list_said, list_arrivals()), [(0, TLS[0]), (ACCEPTOR, TLS[1]), (0, TLS[3]), (ACCEPTOR, TLS[2])]):
        whole = [(flags, pdu, 0, 0) for flags, pdu in said]
        halves = [(flags, pdu, at, -(-len(pdu) // 2)) for flags, pdu in said for at in (0, -(-len(pdu) // 2))]
        for middle in (whole, halves):
            yield bytes(2) + b"".join(
                SEGMENT.pack(flags, 0, numbers[pdu], start, count)
                for flags, pdu, start, count in (*opening, *middle, *closing)
            )


def list_said(arrivals: Sequence[Arrival]) -> list[tuple[int, bytes]]:
    """Give who sends each PDU that is short enough, and its bytes."""
    found = [(find_sender(arrival), arrival.pdu.span.read()) for arrival in arrivals]
    return [(sender, pdu) for sender, pdu in found if len(pdu) <= LONGEST]


def find_sender(arrival: Arrival) -> int:
    """Give the flag of a PDU's sender."""
    return ACCEPTOR if arrival.association.find_role(arrival.pdu.stream) == "acceptor" else 0


def seed_pdus() -> Iterator[bytes]:
    """Give each PDU: an A-ASSOCIATE PDU at the start, any other in an association."""
    for sender, pdu in (each for arrivals in list_arrivals() for each in list_said(arrivals)):
        yield SETTING.pack(sender | (CLOSED if pdu[0] in (1, 2) else AGREED), 0, 0) + pdu


def seed_elements() -> Iterator[bytes]:
    """Give each command set, and each data set in its encoding."""
    pdvs = (pdv for arrivals in list_arrivals() for arrival in arrivals for pdv in arrival.pdvs)
    for pdv in pdvs:
        source = pdv.part.join() if pdv.part is not None and pdv.is_last else None
        if pdv.part is None or source is None or source.size > LONGEST:
            continue
        encoding = ENCODINGS[0] if pdv.is_command else encodings.choose_encoding("", source)[0]
        deflated = not pdv.is_command and encodings.inflate(source)[1]
        flags = DEFLATED | GUESSED if deflated else ENCODINGS.index(encoding)
        yield CONDITION.pack(flags, 0, 0, 0) + bytes(source.read(0, source.size))


def seed_tls() -> Iterator[bytes]:
    """Give each record, and all."""
    yield from (*TLS, b"".join(TLS))


SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "capture": seed_captures,
    "frames": seed_frames,
    "stream": seed_segments,
    "pdu": seed_pdus,
    "elements": seed_elements,
    "tls": seed_tls,
}
