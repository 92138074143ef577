import os
import re
import struct
from pathlib import Path
from threading import Thread

import pytest
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6  # noqa: F401 (lets Scapy find TCP in IPv6)
from scapy.layers.l2 import Ether

from dissect.capture.layers import LINK
from dissect.capture.records import CaptureError
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.tcp.connections import Streams
from tests.build import Frame, Talk, echo_talk, pcap, pcapng, pcapng_block
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


# Several files


def write_files(folder: Path, *files: bytes) -> list[Path]:
    """Write capture files."""
    paths = [folder / f"{number}.pcap" for number in range(len(files))]
    for path, data in zip(paths, files, strict=True):
        path.write_bytes(data)
    return paths


def list_payloads(capture: Capture) -> list[tuple[int, bytes]]:
    """Give the frame and the payload of each segment that carries something."""
    read = capture.file.read
    return [
        (each.frame, bytes(read(each.place, each.place + each.length))) for each in capture.segments() if each.length
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_the_files_of_a_ring_buffer_are_one_capture_in_any_order(order: tuple[int, ...], tmp_path: Path) -> None:
    parts = [pcap(FRAMES[:4]), pcapng(FRAMES[4:7]), pcap(FRAMES[7:], nanoseconds=True)]
    paths = write_files(tmp_path, *parts)
    capture = Capture(*(paths[number] for number in order))
    assert list_payloads(capture) == list_payloads(open_bytes(pcap(FRAMES)))
    assert list(capture.times) == [frame.time_ns // 1000 * 1000 for frame in FRAMES[:4]] + [
        frame.time_ns for frame in FRAMES[4:]
    ]
    assert (capture.decimals, capture.file.size) == (9, sum(map(len, parts)))


def test_files_of_the_same_time_give_their_frames_in_order_of_time(tmp_path: Path) -> None:
    capture = Capture(*write_files(tmp_path, pcap(FRAMES[::2], nanoseconds=True), pcap(FRAMES[1::2], nanoseconds=True)))
    assert list_payloads(capture) == list_payloads(open_bytes(pcap(FRAMES)))


def test_frames_of_one_file_stay_in_their_order_whatever_their_times(tmp_path: Path) -> None:
    back = [Frame(START + time, frame.data) for time, frame in zip((50, 40, 60, 30), FRAMES[3:7], strict=True)]
    other = Frame(START, FRAMES[0].data)
    capture = Capture(*write_files(tmp_path, pcap(back, nanoseconds=True), pcap([other], nanoseconds=True)))
    assert len(list(capture.segments())) == 5
    assert [time - START for time in capture.times] == [0, 50, 40, 60, 30]


def test_a_file_without_frames_adds_nothing(tmp_path: Path) -> None:
    capture = Capture(*write_files(tmp_path, pcap([]), pcap(FRAMES), pcapng([])))
    assert list_payloads(capture) == list_payloads(open_bytes(pcap(FRAMES)))


def test_a_connection_that_a_rotation_cuts_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in write_files(tmp_path, pcap(FRAMES[:5]), pcap(FRAMES[5:]))]
    assert main(["list", "-T", "jsonl", *reversed(paths)]) == 0
    several = capsys.readouterr().out
    [whole] = write_files(tmp_path, pcap(FRAMES))
    assert main(["list", "-T", "jsonl", str(whole)]) == 0
    assert several == capsys.readouterr().out


def test_each_byte_is_traced_to_the_file_it_stands_in(tmp_path: Path) -> None:
    parts = pcap(FRAMES[:4]), pcap(FRAMES[4:])
    capture = Capture(*write_files(tmp_path, *parts))
    for stream, _ in Streams(capture):
        for span in (end for piece in stream.origins(0, stream.end) for end in piece.ends()):
            number = [records.file for records in capture.records].index(span.source)  # type: ignore[arg-type]
            assert bytes(span.read()) == parts[number][span.start : span.stop]
            assert bytes(span.read()) in stream.read(0, stream.end)


# What the snap length cuts, and what someone remarked


def test_frames_that_the_snap_length_cut_are_counted_with_what_is_missing_of_them() -> None:
    capture = open_bytes(pcap(FRAMES, cut=60))
    lacks = [segment.lack for segment in capture.segments()]
    cut = [len(frame.data) - 60 for frame in FRAMES if len(frame.data) > 60]
    assert capture.snapped == (len(cut), sum(cut)) == (sum(lack > 0 for lack in lacks), sum(lacks))


def test_comments_are_kept_with_their_frames_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = struct.pack("<HH8sHH", 1, 6, b"be\x1bld!", 0, 0)
    data = pcapng(FRAMES[:3])
    for frame in FRAMES[3:]:
        high, low = divmod(frame.time_ns, 2**32)
        head = struct.pack("<IIIII", 0, high, low, len(frame.data), len(frame.data))
        body = head + frame.data + bytes(-len(frame.data) % 4)
        data += pcapng_block(6, body + (comment if frame is FRAMES[3] else b""))
    capture = open_bytes(data)
    assert len(list(capture.segments())) == len(FRAMES)
    assert capture.comments == {4: ("be\x1bld!",)}
    [path] = write_files(tmp_path, data)
    assert main(["show", str(path)]) == 0
    assert "    [Remark: frame 4 has a comment: be\\033ld!]\n" in capsys.readouterr().out


def test_comments_on_a_section_and_on_an_interface_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    section = pcapng_block(0x0A0D0D0A, struct.pack("<IHHqHH4sHH", 0x1A2B3C4D, 1, 0, -1, 1, 4, b"here", 0, 0))
    interface = pcapng_block(1, struct.pack("<HHIHH4sHH", 1, 0, 0, 1, 4, b"lo 0", 0, 0))
    [path] = write_files(tmp_path, section + interface + pcapng(FRAMES)[28 + 32 :])
    assert main(["show", str(path)]) == 0
    assert capsys.readouterr().out.endswith(f"\n\nCapture, {path}\n    [Comment: here]\n    [Comment: lo 0]\n\n")


# Whatever other programs write


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (b"\x34\xcd\xb2\xa1", "pcap as modified by Kuznetsov; make a pcap or pcapng file of it (editcap -F pcap)"),
        (b"\x1c\x00\x01\xac", "a pcap variant of Ixia's hardware"),
        (b"snoop\0\0\0", "a capture of snoop"),
        (b"GMBU", "a capture of Microsoft Network Monitor"),
        (b"BZh91AY", "compressed with bzip2; make a pcap or pcapng file of it (bunzip2)"),
        (b"\xfd7zXZ\0", "compressed with xz"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"\x04\x22\x4d\x18", "compressed with lz4"),
        (b"PK\x03\x04", "a zip archive"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_makes_a_capture_of_it(
    start: bytes, told: str, tmp_path: Path
) -> None:
    [path] = write_files(tmp_path, start + bytes(200))
    with pytest.raises(CaptureError, match=f"not a capture: it is {re.escape(told)}"):
        Capture(path)
