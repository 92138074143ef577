import re
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest
from scapy.config import conf
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6  # noqa: F401 (lets Scapy find TCP in IPv6)
from scapy.layers.l2 import Ether  # noqa: F401 (lets Scapy read Ethernet)
from scapy.packet import Raw
from scapy.sessions import TCPSession
from scapy.utils import rdpcap

from dissect.association import Arrival
from dissect.capture.segments import Capture, Segment
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.node import Node
from dissect.spans import Buffer, Span
from dissect.tcp.connections import Streams
from dissect.tcp.streams import Stream
from dissect.tree import make_pdu_node
from tests.build import IMPLICIT, Frame, Talk, element, pcap, store_talk


def read_streams(path: Path) -> list[Stream]:
    """Give the streams that carry anything."""
    connections = dict.fromkeys(stream.connection for stream, _ in Streams(Capture(path)))
    return [stream for connection in connections for stream in connection.streams if stream.end]


def read_arrivals(path: Path) -> list[Arrival]:
    arrivals = list(Associations(Capture(path), Config()))
    assert arrivals
    return arrivals


class Whole(Raw):
    """What Scapy's TCPSession gathers of a stream: all of it, for no part of it is ever complete."""

    gathered: ClassVar[dict[bytes, bytes]] = {}

    @classmethod
    def tcp_reassemble(cls, data: bytes, metadata: dict[str, bytes], session: dict[str, object]) -> None:
        cls.gathered[metadata["ident"]] = data


@pytest.fixture
def gathered(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give what Scapy's TCPSession makes of each stream of a capture, in the order of their first bytes."""
    monkeypatch.setattr(conf, "raw_layer", Whole)
    monkeypatch.setattr(Whole, "gathered", {})
    session = TCPSession()
    for packet in rdpcap(str(recorded)):
        session.process(packet)
    return list(Whole.gathered.values())


def run_tshark(tshark: str, path: Path, *options: str) -> list[str]:
    """Let tshark print lines about a capture."""
    command = [tshark, "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-r", str(path), *options]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()


class Told(NamedTuple):
    """What tshark tells of a frame."""

    number: str
    time: str
    stream: str
    seq: str
    ack: str
    size: str
    flags: str
    kinds: str
    lengths: str
    segments: str


FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "tcp.stream",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "tcp.flags",
    "dicom.pdu.type",
    "dicom.pdu.len",
    "tcp.segment",
)


@cache
def ask_tshark(tshark: str, path: Path) -> list[Told]:
    """Let tshark tell of each frame of a capture all that any test asks: it takes most of its time to start."""
    options = [word for name in FIELDS for word in ("-e", name)]
    return [Told(*line.split("\t")) for line in run_tshark(tshark, path, "-T", "fields", *options)]


def follow(tshark: str, path: Path) -> list[bytes]:
    """Give what tshark makes of the streams of a capture, connection by connection."""
    numbers = sorted({each.stream for each in ask_tshark(tshark, path)}, key=int)
    options = [word for number in numbers for word in ("-z", f"follow,tcp,raw,{number}")]
    said = []
    for part in "\n".join(run_tshark(tshark, path, "-q", *options)).split("Follow: ")[1:]:
        said += [bytes.fromhex("".join(re.findall(pattern, part, re.M))) for pattern in (OPENER, ANSWERER)]
    return [data for data in said if data]


OPENER, ANSWERER = r"^([0-9a-f]+)$", r"^\t([0-9a-f]+)$"


# Frames and segments


def test_frames_and_their_times_are_those_of_scapy(captured: Path) -> None:
    capture = Capture(captured)
    records, packets = list(capture.records[0]), rdpcap(str(captured))
    read = capture.file.read
    assert [read(each.start, each.start + each.length) for each in records] == [bytes(packet) for packet in packets]
    assert [each.wire_length for each in records] == [packet.wirelen for packet in packets]
    assert [Decimal(each.time) / 10**9 for each in records] == [Decimal(packet.time) for packet in packets]


def test_segments_are_those_of_scapy(captured: Path) -> None:
    capture = Capture(captured)
    found = [describe_segment(capture, segment) for segment in capture.segments()]
    told = []
    for frame, packet in enumerate(rdpcap(str(captured)), 1):
        tcp = packet[TCP]
        told.append((frame, tcp.sport, tcp.dport, tcp.seq, tcp.ack, int(tcp.flags), bytes(tcp.payload)))
    assert found == told


def describe_segment(capture: Capture, segment: Segment) -> tuple[int, int, int, int, int, int, bytes]:
    ports = int.from_bytes(segment.key[-4:-2], "big"), int.from_bytes(segment.key[-2:], "big")
    payload = bytes(capture.file.read(segment.place, segment.place + segment.length))
    return segment.frame, *ports, segment.sequence, segment.acknowledged, segment.flags, payload


def test_times_and_segments_are_those_of_tshark(captured: Path, tshark: str) -> None:
    capture = Capture(captured)
    found = [
        [str(each.frame), each.sequence, each.acknowledged, each.length, each.flags] for each in capture.segments()
    ]
    told = ask_tshark(tshark, captured)
    assert found == [
        [each.number, *(int(field, 0) for field in (each.seq, each.ack, each.size, each.flags))] for each in told
    ]
    assert [Decimal(time) / 10**9 for time in capture.times] == [Decimal(each.time) for each in told]


# Streams


def test_the_streams_of_a_clean_capture_are_those_of_scapy(recorded: Path, gathered: list[bytes]) -> None:
    streams = read_streams(recorded)
    assert [stream.read(0, stream.end) for stream in streams] == gathered
    assert not any(stream.gaps or stream.seen.keys() - {"delayed"} for stream in streams)


def test_the_streams_of_a_capture_are_those_that_tshark_follows(captured: Path, tshark: str) -> None:
    streams = read_streams(captured)
    assert sorted(stream.read(0, stream.end) for stream in streams) == sorted(follow(tshark, captured))


# PDUs and the frames they came in


def list_fields(tshark: str, path: Path) -> Iterator[tuple[int, list[int], list[int], list[int]]]:
    """Give each frame in which tshark shows PDUs: its number, their types, their lengths, the segments it joined."""
    for each in ask_tshark(tshark, path):
        if each.kinds:
            kinds, lengths, segments = map(split_numbers, (each.kinds, each.lengths, each.segments))
            yield int(each.number), kinds, lengths, segments


def split_numbers(field: str) -> list[int]:
    return [int(number, 0) for number in field.split(",") if number]


def list_pdus(tshark: str, path: Path) -> list[tuple[int, int, list[int]]]:
    """Give what tshark says of each PDU: its type, its length and its frames.

    Of the PDUs that a frame completes, the first is put together from the segments that tshark names, where it names
    any; those behind it stand in the frame as a whole.
    """
    found = []
    for number, types, lengths, segments in list_fields(tshark, path):
        frames = [segments or [number], *[[number]] * (len(types) - 1)]
        found += list(zip(types, lengths, frames, strict=True))
    return found


def test_pdus_and_their_frames_are_those_of_tshark(recorded: Path, tshark: str) -> None:
    pdus = [arrival.pdu for arrival in read_arrivals(recorded)]
    found = [(pdu.kind, pdu.length, pdu.span.frames()) for pdu in sorted(pdus, key=lambda pdu: pdu.frame)]
    assert found == list_pdus(tshark, recorded)
    assert [pdu.frame for pdu in pdus] == [pdu.span.frames()[-1] for pdu in pdus]


IMAGE = element(0x00100020, "LO", b"PATIENT ") + element(0x7FE00010, "OW", bytes(range(256)) * 20)


def store_image(mss: int) -> list[Frame]:
    """Make the frames of a C-STORE whose PDUs begin and end anywhere in them."""
    return store_talk(IMAGE, pdv_size=700, syntax=IMPLICIT, talk=Talk(mss=mss)).frames


@pytest.mark.parametrize("mss", [97, 500, 1460, 9000])
def test_the_frames_of_pdus_in_segments_of_any_size_are_those_of_tshark(mss: int, tshark: str, tmp_path: Path) -> None:
    path = tmp_path / "store.pcap"
    path.write_bytes(pcap(store_image(mss)))
    pdus = [arrival.pdu for arrival in read_arrivals(path)]
    assert [(pdu.kind, pdu.length, pdu.span.frames()) for pdu in pdus] == list_pdus(tshark, path)


def disorder(frames: list[Frame]) -> list[Frame]:
    """Let every fifth frame after the A-ASSOCIATE-RQ change places with the next one."""
    frames = frames.copy()
    for at in range(8, len(frames) - 8, 5):
        frames[at], frames[at + 1] = frames[at + 1], frames[at]
    return frames


@pytest.mark.parametrize("mss", [97, 500, 1000, 1460])
def test_the_frames_that_complete_pdus_out_of_order_are_those_of_tshark(mss: int, tshark: str, tmp_path: Path) -> None:
    path = tmp_path / "disordered.pcap"
    path.write_bytes(pcap(disorder(store_image(mss))))
    found: dict[int, tuple[list[int], set[int]]] = {}
    for pdu in (arrival.pdu for arrival in read_arrivals(path)):
        lengths, frames = found.setdefault(pdu.frame, ([], set()))
        lengths.append(pdu.length)
        frames.update(pdu.span.frames())
    told = {number: (lengths, {number, *segments}) for number, _, lengths, segments in list_fields(tshark, path)}
    assert found == told


@pytest.mark.parametrize("mss", [97, 1000])
def test_segments_out_of_order_and_repeated_give_the_streams_that_tshark_follows(
    mss: int, tshark: str, tmp_path: Path
) -> None:
    path = tmp_path / "disordered.pcap"
    frames = disorder(store_image(mss))
    frames[12:12] = frames[10:12]
    path.write_bytes(pcap(frames))
    assert [stream.read(0, stream.end) for stream in read_streams(path)] == follow(tshark, path)


# Nodes and the bytes they were read from


def find_elements(path: Path) -> Iterator[Node]:
    """Give the nodes of all elements and items of a capture."""
    for arrival in read_arrivals(path):
        for _, node in make_pdu_node(arrival).walk():
            if re.fullmatch(r"\([0-9a-f]{4},[0-9a-f]{4}\)", node.tag):
                yield node


def descend(span: Span) -> Iterator[tuple[Stream, int, int]]:
    """Follow a range down to the ranges of streams that it was read from."""
    if isinstance(span.source, Stream):
        yield span.source, span.start, span.stop
    else:
        for origin in span.source.origins(span.start, span.stop):
            yield from descend(origin)


def test_each_element_stands_in_the_file_and_in_scapy_s_stream_as_it_is_shown(
    recorded: Path, gathered: list[bytes]
) -> None:
    data = recorded.read_bytes()
    ends = [(stream.sender, stream.peer.sender) for stream in read_streams(recorded)]
    scapy = dict(zip(ends, gathered, strict=True))
    for node in find_elements(recorded):
        assert node.span is not None
        if isinstance(node.span.source, Buffer):
            continue  # inflated data stands nowhere in the file
        shown = node.span.read()
        group, number = bytes.fromhex(node.tag[1:5]), bytes.fromhex(node.tag[6:10])
        assert shown.startswith((group[::-1] + number[::-1], group + number))
        assert b"".join(data[end.start : end.stop] for end in node.span.ends()) == shown
        assert (
            b"".join(scapy[stream.sender, stream.peer.sender][low:high] for stream, low, high in descend(node.span))
            == shown
        )


def test_each_node_stands_in_the_frames_it_is_said_to_come_from(recorded: Path) -> None:
    frames = [bytes(packet) for packet in rdpcap(str(recorded))]
    for arrival in read_arrivals(recorded):
        for _, node in make_pdu_node(arrival).walk():
            if node.span is None:
                continue
            carried = b"".join(frames[number - 1] for number in node.span.frames())
            assert all(bytes(end.read()) in carried for end in node.span.ends())
