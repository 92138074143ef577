import os
import struct
from pathlib import Path
from threading import Thread

import pytest
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6  # noqa: F401 (lets Scapy find TCP in IPv6)
from scapy.layers.l2 import Ether

from dissect.capture import Capture
from dissect.links import LINK
from dissect.records import CaptureError
from tests.build import Frame, Talk, echo_talk, pcap, pcapng
from tests.conftest import HANDSHAKE, open_bytes

START = 1_700_000_000_123_456_789
TALKS = {
    "ipv4": echo_talk(Talk(start=START, step=1_001_001_001)),
    "ipv6": echo_talk(Talk(("2001:db8::1", 50000), ("2001:db8::2", 104), start=START)),
}
FRAMES = TALKS["ipv4"].frames
EMPTY = pcap([])


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
def test_segments_are_those_that_scapy_finds_and_their_payload_stands_in_the_file(talk: Talk) -> None:
    capture = open_bytes(pcap(talk.frames))
    for number, (segment, frame) in enumerate(zip(capture.segments(), talk.frames, strict=True), 1):
        tcp = Ether(frame.data)[TCP]
        assert segment.frame == number
        assert (segment.sequence, segment.acknowledged, segment.flags) == (tcp.seq, tcp.ack, int(tcp.flags))
        assert capture.file.read(segment.place, segment.place + segment.length) == bytes(tcp.payload)


def test_the_key_of_a_segment_is_turned_for_the_other_direction() -> None:
    there, back, _ = open_bytes(pcap(HANDSHAKE)).segments()
    assert there.key == bytes([10, 0, 0, 1, 10, 0, 0, 2]) + struct.pack(">HH", 50000, 104)
    assert back.key == bytes([10, 0, 0, 2, 10, 0, 0, 1]) + struct.pack(">HH", 104, 50000)


def test_frames_without_a_segment_are_numbered_and_timed_as_well() -> None:
    other = Frame(START, bytes(60))
    capture = open_bytes(pcap([other, FRAMES[0], other, other, FRAMES[1]], nanoseconds=True))
    assert [segment.frame for segment in capture.segments()] == [2, 5]
    assert list(capture.times) == [START, FRAMES[0].time_ns, START, START, FRAMES[1].time_ns]


def test_frames_of_a_link_that_is_not_read_are_counted_by_link() -> None:
    capture = open_bytes(pcap(FRAMES[:3], link_type=147))
    assert (list(capture.segments()), dict(capture.unread), len(capture.times)) == ([], {LINK + 147: 3}, 3)


@pytest.mark.parametrize(
    ("data", "first", "second"),
    [
        (pcap(FRAMES), "1700000000.123456", "1.001001"),
        (pcap(FRAMES, nanoseconds=True), "1700000000.123456789", "1.001001001"),
        (pcapng(FRAMES), "1700000000.123456789", "1.001001001"),
        (pcap([Frame(5, b""), Frame(0, b"")], nanoseconds=True), "0.000000005", "-0.000000005"),
    ],
    ids=["microseconds", "nanoseconds", "pcapng", "back in time"],
)
def test_a_time_is_told_with_as_many_decimals_as_the_capture_has(data: bytes, first: str, second: str) -> None:
    capture = open_bytes(data)
    list(capture.segments())
    assert (capture.tell_time(1), capture.tell_time(2, capture.times[0])) == (first, second)


def test_a_capture_that_ends_in_mid_record_is_said_to_be_cut() -> None:
    capture = open_bytes(pcap(FRAMES)[:-5])
    segments = list(capture.segments())
    assert (len(segments), len(capture.times)) == (len(FRAMES) - 1, len(FRAMES))
    assert capture.records[0].cut == (len(FRAMES), 16 + 54 - 5)


def test_a_named_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    pipe, data = tmp_path / "pipe", pcap(FRAMES)
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    capture = Capture(pipe)
    writer.join()
    assert (len(list(capture.segments())), capture.file.size) == (len(FRAMES), len(data))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"GIF89a", "not a capture", id="picture"),
        pytest.param(b"\xd4", "not a capture", id="one byte"),
        pytest.param(b"P" * 1000, "not a capture", id="text"),
        pytest.param(EMPTY[:4], "header", id="a magic number"),
        pytest.param(EMPTY[:23], "header", id="most of a header"),
        pytest.param(pcapng([])[:8] + b"abcd" + bytes(100), "header", id="a pcapng of no byte order"),
        pytest.param(pcapng([])[:20], "header", id="most of a pcapng header"),
    ],
)
def test_what_is_not_a_capture_is_refused_with_a_sentence_that_says_why(
    content: bytes, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.pcap"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=told) as caught:
        list(Capture(path).segments())
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "told"), [("missing.pcap", "no such file"), (".", "a directory")])
def test_what_cannot_be_opened_is_refused_with_a_sentence_that_says_why(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=told) as caught:
        Capture(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


@pytest.mark.parametrize("content", [b"", b"no capture"])
def test_a_file_that_is_refused_is_closed(content: bytes, tmp_path: Path) -> None:
    path, opened = tmp_path / "file.pcap", Path("/proc/self/fd")
    if not opened.exists():
        pytest.skip("no /proc/self/fd here")
    path.write_bytes(content)
    with pytest.raises(CaptureError) as caught:
        Capture(path)
    del caught  # its traceback would keep the file open
    assert str(path) not in [str(each.readlink()) for each in opened.iterdir() if each.is_symlink()]
