"""The scenes of captures/ recorded on the spot, between real peers, and what the program makes of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from captures import record
from dissect.cli import main
from tests.test_tree import SCENE


def record_scene(name: str, folder: Path) -> Path:
    """Record a scene, or skip where a peer is missing or the network may not be listened to."""
    for attempt in reversed(range(ATTEMPTS)):
        try:
            return record.record(name, folder)
        except record.RecordError as error:
            if os.geteuid() or any(cause in str(error) for cause in ("apt-get install", "permi")):
                pytest.skip(str(error))
            if not attempt:
                raise
    raise AssertionError


ATTEMPTS = 3
"""How often a scene is recorded before it counts as failed: a peer may stall on a busy machine."""


def list_pdus(path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Give the records of a capture's PDUs."""
    assert main(["list", "-T", "jsonl", str(path)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_scene_recorded_now_is_shown_line_for_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = record_scene("c-find", tmp_path)
    assert main(["show", str(path)]) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    start = printed.index("DICOM, C-FIND-RSP-DATA")
    wanted = SCENE.splitlines()
    assert printed[start : start + len(wanted)] == wanted


@pytest.mark.parametrize("name", [name for name in record.SCENES if name != "c-find"])
def test_a_scene_recorded_now_says_the_same_as_the_one_on_record(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = list_pdus(record_scene(name, tmp_path), capsys)
    path = next(Path(record.__file__).parent.glob(f"{name}.pcap*"))
    told = ("association", "from", "type", "length", "info", "notes")
    on_record = [[pdu[key] for key in told] for pdu in list_pdus(path, capsys)]
    assert [[pdu[key] for key in told] for pdu in recorded] == on_record


def test_an_unknown_scene_is_refused() -> None:
    done = subprocess.run([sys.executable, record.__file__, "no-such-scene"], capture_output=True, check=False)
    assert done.returncode == 2
