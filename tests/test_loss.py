"""Lost segments: what the capture lacks costs what it touches, is told, and leaves all else in its place."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from dissect.cli import main
from tests.build import IMPLICIT, Frame, Talk, element, pcap, store_talk
from tests.conftest import ROOT

IMAGE = element(0x00100020, "LO", b"PATIENT ") + element(0x7FE00010, "OW", bytes(range(256)) * 12)
HEADERS = 54
"""Bytes of Ethernet, IPv4 and TCP before the payload."""

Line = dict[str, object]


@cache
def make_frames(mss: int) -> list[Frame]:
    """Make the frames of a C-STORE whose PDUs begin and end anywhere in them."""
    return store_talk(IMAGE, pdv_size=500, syntax=IMPLICIT, talk=Talk(mss=mss)).frames


def read_captured() -> list[Frame]:
    """Give the frames of a real C-STORE."""
    data, at, frames = (ROOT / "captures" / "c-store.pcap").read_bytes(), 24, []
    while at < len(data):
        seconds, micros, size = (int.from_bytes(data[at + low : at + low + 4], "little") for low in (0, 4, 8))
        frames.append(Frame(seconds * 10**9 + micros * 1000, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return frames


def carries(frame: Frame) -> bool:
    """Tell whether a frame carries any payload."""
    total = int.from_bytes(frame.data[16:18], "big")
    return total > 20 + (frame.data[46] >> 4) * 4


def run_list(path: Path, capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """List a capture."""
    assert main(["list", "-T", "jsonl", str(path)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def place(line: Line, numbers: list[int]) -> tuple[object, ...]:
    """Give what of a PDU tells its place: not what is said of it, for that may be in a segment that is lost."""
    frames = line["frames"]
    assert isinstance(frames, list)
    return line["time"], line["from"], line["type"], line["length"], [numbers[frame - 1] for frame in frames]


def lose(frames: list[Frame], count: int) -> Iterator[tuple[set[int], list[Frame], list[int]]]:
    """Give each way to lose so many segments: the frames' numbers, the frames that are left, and their numbers."""
    for lost in combinations([number for number, frame in enumerate(frames, 1) if carries(frame)], count):
        left = [number for number in range(1, len(frames) + 1) if number not in lost]
        yield set(lost), [frames[number - 1] for number in left], left


FRAMES = {"mss 97": make_frames(250), "mss 1000": make_frames(1000), "recorded": read_captured()}


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES)
def test_without_some_segments_every_pdu_outside_of_them_is_in_its_place(
    frames: list[Frame], count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(frames))
    whole = [place(line, list(range(1, len(frames) + 1))) for line in run_list(path, capsys)]
    for lost, left, numbers in lose(frames, count):
        path.write_bytes(pcap(left))
        found = run_list(path, capsys)
        wanted = [line for line in whole if not lost & set(line[4])]  # type: ignore[call-overload]
        assert [line for line in (place(each, numbers) for each in found) if line in wanted] == wanted, lost
        assert any(str(code).endswith("gap") for line in found for code in line["notes"]), lost  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [1, 2])
def test_without_some_segments_the_object_is_partial_and_what_is_missing_of_it_is_told(
    count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = FRAMES["mss 1000"]
    path = tmp_path / "capture.pcap"
    data = [number for number, frame in enumerate(frames, 1) if carries(frame) and len(frame.data) > HEADERS + 300]
    for index, (lost, left, _) in enumerate(lose(frames, count)):
        if not lost & set(data[1:]):
            continue  # of the negotiation, or of what comes after the object
        path.write_bytes(pcap(left))
        out = tmp_path / str(index)
        assert main(["export", str(path), "--to", str(out)]) == 0
        [line] = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
        capsys.readouterr()
        assert line["file"].endswith(".partial.dcm"), lost
        assert not line["complete"]
        assert line["missing"] or line["torn"] is not None


def test_a_lost_segment_is_told_with_the_frame_before_it_and_the_bytes_that_it_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = FRAMES["mss 1000"]
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(frames[:9] + frames[10:]))
    assert main(["show", str(path)]) == 0
    size = len(frames[9].data) - HEADERS
    start = sum(len(frame.data) - HEADERS for frame in frames[3:9] if frame.data[26:30] == bytes([10, 0, 0, 1]))
    told = f"{size} bytes are missing from the capture here: bytes {start} to {start + size - 1} of the stream"
    printed = capsys.readouterr().out
    assert f"[Warning: {told}, behind frame 9]" in printed
    assert (
        f"[Warning: {size} bytes of what 10.0.0.1:50000 sent are missing, in one place, first behind frame 9]"
        in printed
    )
