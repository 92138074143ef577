"""A capture that begins late, ends early or holds one side alone: nobody is blamed for what it lacks."""

import json
from pathlib import Path

import pytest

from dissect.cli import main
from tests.build import Frame, pcap
from tests.disguise import walk_pcap, walk_pcapng

CUTS = 8
"""How many places each capture is cut at."""


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


@pytest.mark.parametrize("name", ["c-find-deflated.pcap", "c-store-deflated.pcap"])
def test_a_deflated_data_set_in_a_late_start_is_inflated(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frames, path = read_frames(Path(__file__).parents[1] / "captures" / name), tmp_path / "part.pcap"
    assert find_errors(path, frames[6:], capsys) == set()
    assert main(["show", str(path)]) == 0
    assert "[Inferred context: Deflated Explicit VR Little Endian" in capsys.readouterr().out
