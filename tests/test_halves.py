"""A capture that begins late, ends early or holds one side alone: nobody is blamed for what it lacks."""

import json
from pathlib import Path

import pytest

from dissect.cli import main
from tests.breaches import check, list_breaches
from tests.build import ACK, Frame, pcap
from tests.conftest import ROOT
from tests.disguise import read_segments, walk_pcap, walk_pcapng
from tests.lives import ECHO, begin
from tests.wrapping import make_capture

CAPTURES = ROOT / "captures"

CUTS = 8
"""How many places each capture is cut at."""

LACKING = frozenset(("stream-gap", "connection-gap", "fragment-gap", "pdu-cut", "late-copy", "release-unanswered"))
"""What tells of the loss itself, and what is true of a part as well as of the whole, where a worse thing is told."""

MOST_CUT = 60
"""A capture of no more frames is cut at each."""

SNAPS = (*range(60, 200, 20), 256, 1000)
"""How much of each frame is kept in a capture with a snap length."""


def read_frames(path: Path) -> list[Frame]:
    """Give the frames of a capture."""
    data = path.read_bytes()
    walk = walk_pcapng if data[:1] == b"\n" else walk_pcap
    return [Frame(time, frame) for time, frame in walk(data)]


def find_errors(path: Path, frames: list[Frame], capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Give the errors that `show` tells of frames; without DICOM in them there are none."""
    path.write_bytes(pcap(frames))
    assert main(["show", "--full", str(path)]) in (0, 2)
    return {line.strip() for line in capsys.readouterr().out.splitlines() if line.lstrip().startswith("[Error")}


def find_broken(path: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Give the codes of the errors that `check` tells of a capture: those that only its end shows are among them."""
    assert main(["check", "-T", "jsonl", "--severity", "error", str(path)]) in (0, 1, 2)
    return {json.loads(line)["code"] for line in capsys.readouterr().out.splitlines()}


def test_a_part_of_a_capture_has_no_errors_that_the_whole_has_not(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, path = read_frames(recorded), tmp_path / "part.pcap"
    whole = find_errors(path, frames, capsys)
    broken = find_broken(path, capsys)
    step = max(len(frames) // CUTS, 1)
    parts = [frames[at:] for at in range(1, len(frames), step)] + [frames[:at] for at in range(1, len(frames), step)]
    ports = sorted({frame.data[34:38] for frame in frames})
    parts += [[frame for frame in frames if frame.data[34:38] == port] for port in ports]
    for part in parts:
        assert find_errors(path, part, capsys) <= whole, (len(part), frames.index(part[0]))
        assert find_broken(path, capsys) <= broken, (len(part), frames.index(part[0]))


def count_faults(data: bytes) -> dict[str, int]:
    """Give how often a check finds each error and warning in a capture, but for what tells of the loss."""
    groups = [group for group in check(data) if group.rule.severity != "remark"]
    return {group.code: group.count for group in groups if group.code not in LACKING}


def choose_cuts(frames: list[Frame]) -> range:
    """Choose where a capture is cut: everywhere, if it is small."""
    return range(1, len(frames), 1 if len(frames) <= MOST_CUT else max(len(frames) // CUTS, 1))


def test_from_wherever_to_wherever_a_capture_goes_nobody_is_blamed_for_what_it_lacks(captured: Path) -> None:
    frames = read_frames(captured)
    whole = count_faults(pcap(frames)).keys()
    for at in choose_cuts(frames):
        assert count_faults(pcap(frames[at:])).keys() <= whole, ("from", at)
        assert count_faults(pcap(frames[:at])).keys() <= whole, ("to", at)
        assert count_faults(pcap(frames[:at] + frames[at + 1 :])).keys() <= whole, ("without", at)


def test_with_any_snap_length_nobody_is_blamed_for_what_it_cuts_off(captured: Path) -> None:
    frames = read_frames(captured)
    whole = count_faults(pcap(frames))
    for size in SNAPS:
        for code, count in count_faults(pcap(frames, cut=size)).items():
            assert count <= whole.get(code, 0), (size, code)


@pytest.mark.parametrize("name", ["c-move.pcap", "c-get.pcap", "ups.pcap", "aborted.pcap", "rejected.pcap"])
def test_a_part_of_small_segments_has_no_errors_that_the_whole_has_not(name: str) -> None:
    [data] = make_capture(read_segments(CAPTURES / name), ["recut"], seed=3)
    frames = [Frame(time, frame) for time, frame in walk_pcap(data)]
    whole = count_faults(pcap(frames)).keys()
    for at in range(1, len(frames), max(len(frames) // 40, 1)):
        for part in (frames[at:], frames[:at], frames[:at] + frames[at + 1 :], frames[:at] + frames[at + 5 :]):
            assert count_faults(pcap(part)).keys() <= whole, at


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_capture_that_ends_within_a_header_ends_within_a_pdu(size: int) -> None:
    talk = begin().send(True, ACK, ECHO[:size])
    assert find_codes(talk.frames) == {"pdu-cut", "connection-open"}
    assert find_codes(begin().send(True, ACK, ECHO[:size]).close().frames) >= {"not-a-pdu"}


def find_codes(frames: list[Frame]) -> set[str]:
    """Give the codes of what a check finds."""
    return {breach.note.code for breach in list_breaches(frames, "error", "warning", "remark")}


@pytest.mark.parametrize("name", ["c-find-deflated.pcap", "c-store-deflated.pcap"])
def test_a_deflated_data_set_in_a_late_start_is_inflated(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, path = read_frames(CAPTURES / name), tmp_path / "part.pcap"
    assert find_errors(path, frames[6:], capsys) == set()
    assert main(["show", str(path)]) == 0
    assert "[Inferred context: Deflated Explicit VR Little Endian" in capsys.readouterr().out
