import gzip
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from dissect.capture.records import CaptureError
from dissect.capture.segments import Capture
from dissect.capture.spool import open_mappable
from tests.build import echo_talk, pcap, pcapng

FRAMES = echo_talk().frames
PLAIN = pcap(FRAMES)
HALF = len(PLAIN) // 2


def read_all(path: Path) -> tuple[bytes, bool]:
    """Open a file, and give what is in it and whether that is all."""
    opened, whole = open_mappable(str(path))
    with opened:
        opened.seek(0)
        return opened.read(), whole


@pytest.mark.parametrize("plain", [PLAIN, pcapng(FRAMES)], ids=["pcap", "pcapng"])
def test_what_is_compressed_with_gzip_is_read_as_what_it_was(plain: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(plain))
    capture = Capture(path)
    assert (len(list(capture.segments())), capture.damaged) == (len(FRAMES), [])
    assert capture.file.read(0, capture.file.size) == plain


def test_several_members_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(PLAIN[:HALF]) + gzip.compress(PLAIN[HALF:]))
    assert read_all(path) == (PLAIN, True)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-1], id="no end"),
        pytest.param(lambda data: data[:-8] + bytes(8), id="another checksum"),
        pytest.param(lambda data: data + b"more", id="something behind it"),
    ],
)
def test_what_is_damaged_behind_its_contents_is_read_and_said_not_to_be_whole(damage: object, tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    assert callable(damage)
    path.write_bytes(damage(gzip.compress(PLAIN)))
    assert read_all(path) == (PLAIN, False)


def test_what_is_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    data = gzip.compress(PLAIN)
    path.write_bytes(data[: len(data) * 3 // 4])
    found, whole = read_all(path)
    assert PLAIN.startswith(found)
    assert (len(found) > 100, whole) == (True, False)


@pytest.mark.parametrize("size", [2, 9, 10, 12])
def test_what_holds_nothing_is_refused(size: int, tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(PLAIN)[:size])
    with pytest.raises(CaptureError, match="damaged from the start"):
        open_mappable(str(path))


def test_a_copy_leaves_no_name_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, folder = tmp_path / "capture.gz", tmp_path / "temporary"
    folder.mkdir()
    path.write_bytes(gzip.compress(PLAIN))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert read_all(path) == (PLAIN, True)
    assert list(folder.iterdir()) == []


class Usage(NamedTuple):
    """What a disk says of itself."""

    free: int


def test_a_copy_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(PLAIN))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 20))
    with pytest.raises(CaptureError, match=r"capture\.gz: no room for a copy in .*; set TMPDIR"):
        open_mappable(str(path))


def test_a_file_that_is_refused_is_closed(tmp_path: Path) -> None:
    opened = Path("/proc/self/fd")
    if not opened.exists():
        pytest.skip("no /proc/self/fd here")
    path = tmp_path / "capture.gz"
    path.write_bytes(gzip.compress(b""))
    before = len(os.listdir(opened))
    with pytest.raises(CaptureError, match="empty"):
        open_mappable(str(path))
    assert len(os.listdir(opened)) == before


def test_standard_input_that_is_closed_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CaptureError, match=r"^-: standard input is closed; name a file$"):
        open_mappable("-")
