"""A snapshot: pleasant to read, the same on every run, and as good as the capture that it was made of."""

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dissect.capture.records import CaptureError
from dissect.config import Config
from dissect.diff import loading
from dissect.diff.comparison import Comparison
from dissect.diff.exchange import Exchange
from dissect.diff.findings import Rules
from dissect.diff.loading import load_exchange, make_rules
from dissect.diff.masks import Masks
from dissect.diff.snapshots import MOST_LEVELS, Snapshot, SnapshotError, write_snapshot
from dissect.differing import DiffSettings
from tests import build
from tests.conftest import BUILT, RECORDED
from tests.exchanges import Image, find, list_told, store, write

RULES = Rules(allow_gaps=True)

HEAD = 'dissect snapshot 1\nassociation 1 "A" --> "B"\n'


def load(path: Path | str) -> Exchange:
    """Read a capture."""
    return load_exchange(str(path), Config())


def snap(exchange: Exchange, masks: Masks | None = None) -> str:
    """Write a snapshot."""
    return "".join(write_snapshot(exchange, masks or Masks()))


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.name)
def test_a_snapshot_stands_for_its_capture(path: Path) -> None:
    capture = load(path)
    text = snap(capture)
    snapshot = Snapshot("expected.txt", text)
    assert (len(snapshot.talks), len(snapshot)) == (len(capture.talks), len(capture))
    assert not list(Comparison(snapshot, capture, RULES))
    assert not list(Comparison(capture, snapshot, RULES))
    assert not list(Comparison(snapshot, Snapshot("again.txt", snap(snapshot)), RULES))


def test_a_change_is_found_by_a_snapshot_as_by_the_capture(tmp_path: Path) -> None:
    names = write(
        tmp_path, store([Image(1), Image(2)]),
        store([Image(1), Image(2, status=0xB000, more={0x00100010: ("PN", "Roe^Rick")})]),
    )  # fmt: skip
    old, new = map(load, names)
    expected = list_told(Comparison(old, new, RULES))
    assert len(expected) == 2
    comparison = Comparison(Snapshot("expected.txt", snap(old)), new, RULES)
    assert list_told(comparison) == expected
    assert all(not found.old_place.frames and found.new_place.frames for found in comparison)


def test_uids_stand_as_roles_each_in_the_one_before(tmp_path: Path) -> None:
    images = [Image(1), Image(2), Image(3, series="2.25.21"), Image(4, study="2.25.11", series="2.25.22")]
    renewed = [
        replace(each, study=f"{each.study}5", series=f"{each.series}5", instance=f"{each.uid}5") for each in images
    ]
    first, second = (snap(load(name)) for name in write(tmp_path, store(images), store(renewed)))
    assert first == second
    for name in (
        "0020,000e (UI) Series Instance UID = <study#1/series#1>",
        "0008,0018 (UI) SOP Instance UID = <study#1/series#1/instance#2>",
        "0008,0018 (UI) SOP Instance UID = <study#1/series#2/instance#1>",
        "0000,1000 (UI) Affected SOP Instance UID = <study#2/series#1/instance#1>",
    ):
        assert name in first.replace("        ", ""), name


def test_a_snapshot_finds_an_instance_in_a_wrong_series(tmp_path: Path) -> None:
    images = [Image(number) for number in range(1, 5)]
    wrong = [*images[:3], replace(images[3], series="2.25.99")]
    old, new = map(load, write(tmp_path, store(images), store(wrong)))
    [found] = Comparison(Snapshot("expected.txt", snap(old)), new, RULES)
    assert (found.change, found.old, found.new) == ("uid-relation", "study#1/series#1", "2.25.99")


def test_what_is_masked_is_left_out_and_the_mask_is_kept(tmp_path: Path) -> None:
    names = write(tmp_path, store([Image(1)]), store([Image(1, more={0x00080020: ("DA", "20250101")})]))
    old, new = map(load, names)
    text = snap(old, Masks(dates=True))
    assert "Study Date" not in text
    snapshot = Snapshot("expected.txt", text)
    assert snapshot.ignored == ("VR:DA", "VR:DT", "VR:TM")
    comparison = Comparison(snapshot, new, make_rules(DiffSettings(), (snapshot, new)))
    assert not list(comparison)


@pytest.mark.parametrize("rules", [("c-find-rq.*", "c-find-rsp.*"), ("c-find-rq.*",), ("c-find-rsp.*",)])
def test_messages_may_be_masked_of_an_operation_and_all_of_them(rules: tuple[str, ...], tmp_path: Path) -> None:
    capture = load(write(tmp_path, find())[0])
    text = snap(capture, Masks(rules))
    snapshot = Snapshot("expected.txt", text)
    masked = make_rules(DiffSettings(), [snapshot])
    assert not list(Comparison(snapshot, capture, masked))
    assert not list(Comparison(capture, snapshot, masked))
    unmasked = Snapshot("expected.txt", re.sub("(?m)^ignore .*\n", "", text))
    assert {found.change for found in Comparison(unmasked, capture, RULES)} == {"added"}
    assert {found.change for found in Comparison(capture, unmasked, RULES)} == {"removed"}


def test_no_secret_is_written_and_none_is_compared(tmp_path: Path) -> None:
    def log_in(passcode: bytes) -> build.Talk:
        user = build.user_information(build.maximum_length(16384), build.user_identity(2, b"alice", passcode))
        talk = build.Talk().open().request(build.associate_rq(user=user)).answer(build.associate_ac())
        return talk.release()

    old, new = map(load, write(tmp_path, log_in(b"hunter2"), log_in(b"hunter3")))
    [found] = Comparison(old, new, RULES)
    assert (found.old, found.new, found.weight) == ("********", "********", "break")
    text = snap(old)
    assert "secondary-field = ********" in text
    assert "hunter2" not in text
    assert not list(Comparison(Snapshot("expected.txt", text), new, RULES))


HOSTILE = '<x> = "y"  # \x1b[31m\u202e\\"'


def test_hostile_values_come_back_as_they_were(tmp_path: Path) -> None:
    value = HOSTILE.encode() + b" " * (len(HOSTILE.encode()) % 2)
    image = Image(1, more={0x00080005: ("CS", "ISO_IR 192"), 0x00104000: ("LT", value), 0x00091010: ("UN", value)})
    names = write(tmp_path, store([image], syntax=build.EXPLICIT), find([HOSTILE.replace("\u202e", "")]))
    for name in names:
        exchange = load(name)
        text = snap(exchange)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not list(Comparison(Snapshot("expected.txt", text), exchange, RULES))


def test_a_snapshot_is_the_same_on_every_run(tmp_path: Path) -> None:
    [name] = write(tmp_path, store([Image(1), Image(2)]))
    found = {
        subprocess.run(
            [sys.executable, "-m", "dissect", "snapshot", name],
            capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "DISSECT_CONFIG": ""},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", r"its first line is not 'dissect snapshot 1'"),
        ("dissect snapshot 2\n", r"its first line is not"),
        ("dissect snapshot 1\n  c-echo-rq.1\n", r"line 2: a field that is in no association"),
        ("dissect snapshot 1\nwho knows\n", r"line 2: neither an association nor a field"),
        ('dissect snapshot 1\nassociation 1 "A" --> "B"\n  operation\n', r"line 3: not an operation"),
        ('dissect snapshot 1\nassociation 1 "A" --> "B"\n  x = "\\q"\n', r"line 3: .* is no JSON string"),
        (f"{HEAD}  operation C-ECHO-RQ in 4294967296\n", r"line 3: not an operation"),
        (f"{HEAD}  a-associate-rq.1\n    presentation-context\n", r"line 4: a presentation context without a number"),
        (
            HEAD + "".join(f"{'  ' * depth}item.1\n" for depth in range(1, 3000)),
            rf"line {MOST_LEVELS + 3}: indented more deeply",
        ),
    ],
)
def test_what_is_no_snapshot_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(SnapshotError, match=why):
        Snapshot("expected.txt", text)


def test_a_snapshot_that_is_too_large_is_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "expected.txt"
    path.write_text(f'{HEAD}  x = "1"\n')
    monkeypatch.setattr(loading, "LARGEST", path.stat().st_size)
    assert len(load(path).talks) == 1
    monkeypatch.setattr(loading, "LARGEST", path.stat().st_size - 1)
    with pytest.raises(SnapshotError, match="larger than 54 bytes"):
        load(path)


class Dribble(io.RawIOBase):
    """A pipe whose writer gives a byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._data.readinto(buffer[:1])


def test_a_snapshot_that_comes_a_byte_at_a_time_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Dribble(HEAD.encode()))))
    assert len(load("-").talks) == 1


def test_standard_input_that_is_closed_is_no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CaptureError, match=r"^-: standard input is closed; name a file$"):
        load("-")


def test_a_status_that_is_no_number_is_a_break(tmp_path: Path) -> None:
    capture = load(write(tmp_path, store([Image(1)]))[0])
    text = snap(capture)
    assert text.count('Status = "0x0000"') == 1
    [found] = Comparison(Snapshot("expected.txt", text.replace("0x0000", "0xZZ")), capture, RULES)
    assert (found.weight, found.old, found.new) == ("break", "0xZZ", "0x0000")


def test_any_line_left_out_is_a_difference_or_refused(tmp_path: Path) -> None:
    [name] = write(tmp_path, find())
    capture = load(name)
    lines = snap(capture).splitlines(keepends=True)
    for at, line in enumerate(lines):
        if not line.strip() or "presentation-context.1\n" in line:
            continue
        text = "".join(lines[:at] + lines[at + 1 :])
        try:
            assert list(Comparison(Snapshot("expected.txt", text), capture, RULES)), line
        except SnapshotError:
            continue
