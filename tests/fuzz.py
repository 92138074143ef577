"""Any bytes, in: the program's layers run over them, and what must hold of every tree and line held up to the outcome.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris -e '.[test]'
    /tmp/fuzz/bin/python -m tests.fuzz TARGET [--seconds N] [--corpus DIR] [libFuzzer's options]

Targets:

- `capture`: the bytes of a capture file.
- `frames`: a byte that chooses the link type, and frames, each behind two bytes that say how long it is.
- `stream`: two bytes of a snap length, and the segments of two TCP connections, ten bytes each (`SEGMENT`); what they
  carry is cut out of the PDUs of `captures/`.
- `pdu`: the bytes of one PDU behind four bytes (`SETTING`) that say who sends it, when, and which of it is lost.
- `elements`: a data set behind seven bytes (`CONDITION`) that say how it is written, and what of it is lost.
- `tls`: what one side says on a connection that is TLS.

The first run fills the corpus, `dissect-fuzz/TARGET` in the temporary folder if no other is named, with seeds from
`captures/`. An input that fails is kept beside that folder; named among libFuzzer's options it is run alone. With
`--pcap INPUT` an input of `frames`, `stream` or `pdu` is printed as the capture that it stands for.

The targets do not need atheris: `TARGETS["pdu"](data)` raises where something is wrong.
"""

import argparse
import json
import os
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from hashlib import sha256
from importlib import import_module
from itertools import accumulate, cycle
from pathlib import Path
from typing import cast

from scapy.contrib.erspan import ERSPAN_II
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1Q, Dot3, Ether, Loopback
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet


def watch_imports() -> AbstractContextManager[object]:
    """Have atheris follow the modules of the program, which are imported inside, where this is what is run."""
    if __name__ != "__main__":
        return nullcontext()
    # By its name: atheris is no dependency of the project's, and has no types.
    return cast(AbstractContextManager[object], import_module("atheris").instrument_imports(include=["dissect"]))


with watch_imports():
    from dissect.association import Arrival
    from dissect.capture.links import IP_PROTOCOL, LINK, PULLS
    from dissect.capture.records import CaptureError
    from dissect.capture.segments import Capture
    from dissect.config import Config
    from dissect.dialogue import Associations
    from dissect.dicom import encodings
    from dissect.dicom.elements import walk_elements
    from dissect.faults import explain_nothing
    from dissect.node import Node
    from dissect.query import Subject
    from dissect.spans import Source, Span
    from dissect.tcp import tls
    from dissect.text import UNSAFE, escape
    from dissect.tree import make_pdu_node
    from dissect.views import jsontree, listing, text
    from dissect.views.paint import PLAIN
    from dissect.views.times import make_clock
    from tests import build
    from tests.recipes import find_captures, read_capture
    from tests.trees import Bytes, check_tree

FULL = text.Detail(full=True, reveal=True)

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


# What must hold


def check_capture(data: bytes, known: int = 0) -> None:
    """Read a capture file; each PDU but the first ones, which are known, is looked at as soon as it is put out."""
    number = os.memfd_create("capture")
    try:
        with os.fdopen(number, "wb", closefd=False) as file:
            file.write(data)
        capture = Capture(f"/proc/self/fd/{number}")
        associations = Associations(capture, Config(), thorough=True)
        for arrival in associations:
            if arrival.number > known:
                check_arrival(arrival, capture)
        check_block("".join(text.show_connections(associations.list_connections())))
        check_block("".join(text.show_comments(capture)))
        check_block(escape(explain_nothing(capture, associations)))
    except CaptureError as error:
        check_block(str(error))
    finally:
        os.close(number)


def check_arrival(arrival: Arrival, capture: Capture) -> None:
    """Look at a PDU in every way there is."""
    span = arrival.pdu.span
    missing = sum(high - low for low, high in span.source.missing(span.start, span.stop))
    assert sum(map(len, span.ends())) + missing == len(span)
    assert all(0 <= end.start <= end.stop <= end.source.size for end in span.ends())
    check_tree(make_pdu_node(arrival))
    clock = make_clock(capture, "ud")
    subject = Subject(arrival, capture)
    check_block("".join(text.Writer(clock, FULL).show_pdu(subject)))
    for lines in (
        listing.list_text([Subject(arrival, capture)], clock, PLAIN),
        listing.list_jsonl([Subject(arrival, capture)]),
        jsontree.show_jsonl([(subject, subject.top)], reveal=True),
    ):
        [line] = lines
        check_block(line)
        assert line.startswith("{") or json.dumps(line)


def check_block(block: str) -> None:
    """Hold printed lines to have nothing in them that changes a terminal, and to be encodable."""
    assert not any(UNSAFE.search(line) for line in block.split("\n")), ascii(block)
    block.encode()


# The targets


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


def check_elements(data: bytes) -> None:
    """Read a data set that stands behind its condition."""
    flags, torn, low, count = CONDITION.unpack(data[: CONDITION.size].ljust(CONDITION.size, b"\0"))
    source: Source = Bytes(data[CONDITION.size :], ((low, low + count),) if count else ())
    if flags & DEFLATED:
        source, _ = encodings.inflate(source)
    encoding = encodings.choose_encoding("", source)[0] if flags & GUESSED else ENCODINGS[flags & 3]
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, encoding, root, torn if flags & TORN else None)
    check_tree(root)
    check_block("\n".join(text.show_node(root, FULL)))
    check_block("\n".join(text.show_node(root)))


def check_tls(data: bytes) -> None:
    """Read what one side says on a connection that is TLS."""
    for find in (tls.find_server_name, tls.find_version, tls.find_alert):
        assert isinstance(find(data), str)
    for final in (False, True):
        assert tls.has_records(data, final=final) in (None, False, True)


def check_encoded(encode: Callable[[bytes], bytes]) -> Callable[[bytes], None]:
    """Read the capture that an input stands for."""
    return lambda data: check_capture(encode(data))


def check_pdu(data: bytes) -> None:
    """Read a PDU in its setting."""
    check_capture(encode_pdu(data), known=2 if data and data[0] & AGREED else 0)


ENCODERS = {"frames": encode_frames, "stream": encode_segments, "pdu": encode_pdu}
"""What makes a capture of a target's input."""

TARGETS: dict[str, Callable[[bytes], None]] = {
    "capture": check_capture,
    "frames": check_encoded(encode_frames),
    "stream": check_encoded(encode_segments),
    "pdu": check_pdu,
    "elements": check_elements,
    "tls": check_tls,
}


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


def fill_corpus(folder: Path, target: str) -> None:
    """Write the seeds of a target into a folder, unless there is something in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for seed in SEEDS[target]():
            (folder / sha256(seed).hexdigest()[:40]).write_bytes(seed)


# All of it


def fuzz(target: str, corpus: Path, options: Sequence[str]) -> None:
    """Let libFuzzer run, which ends the process."""
    atheris = import_module("atheris")
    own = ["-timeout=5", "-rss_limit_mb=1000", f"-artifact_prefix={corpus.parent}/{target}-"]
    inputs = [option for option in options if not option.startswith("-")] or [str(corpus)]
    flags = [option for option in options if option.startswith("-")]
    atheris.Setup([sys.argv[0], *own, *flags, *inputs], TARGETS[target])
    atheris.Fuzz()


def main() -> None:
    """Read the arguments, and fuzz, or print an input as a capture."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz dissect.", allow_abbrev=False)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=0, help="how long (without end)")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="where inputs are kept and taken from")
    parser.add_argument("--pcap", type=Path, metavar="INPUT", help="print the capture that an input stands for")
    chosen, options = parser.parse_known_args()
    if chosen.pcap is not None:
        encode = ENCODERS.get(chosen.target, bytes)
        sys.stdout.buffer.write(encode(chosen.pcap.read_bytes()))
        return
    corpus = chosen.corpus or Path(tempfile.gettempdir(), "dissect-fuzz", chosen.target)
    fill_corpus(corpus, chosen.target)
    fuzz(chosen.target, corpus, [f"-max_total_time={chosen.seconds}", *options])


if __name__ == "__main__":
    main()
