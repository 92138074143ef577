"""The verbs `diff` and `snapshot`: what is printed, and which exit status is given."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dissect.cli.diff import DIFFERENT
from dissect.cli.judging import PROFILES, WEIGHTS
from dissect.differing import PROFILES as KNOWN_PROFILES
from dissect.differing import WEIGHTS as KNOWN_WEIGHTS
from tests import build
from tests.exchanges import Elements, Image, store, write
from tests.outcome import call as run

IMAGES = [Image(number) for number in range(1, 4)]
OTHERS = [IMAGES[0], replace(IMAGES[1], status=0xB000), replace(IMAGES[2], more={0x00100040: ("CS", "O")})]

STATUS = "association.1/c-store-rsp.2/command-set/0000,0900"
REPORT = f"""\
C-STORE-RQ #2 / #2  CT Image Storage  (frames 9-11 / 9-11)
  !   Status  0x0000 -> 0xB000  (Success -> Coercion of Data Elements)  [{STATUS}]
C-STORE-RQ #3 / #3  CT Image Storage  (frames 12-14 / 12-14)
    + Patient's Sex  O  [association.1/c-store-rq.3/data-set/0010,0040]
1 break, 1 change; 2 of 3 operations differ
"""


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    return write(tmp_path, store(IMAGES), store(OTHERS))


def test_differences_are_told_an_operation_at_a_time(names: list[str]) -> None:
    assert run("diff", *names) == (DIFFERENT, REPORT, "")


def test_lines_of_json_are_ascii_whatever_a_capture_holds(tmp_path: Path) -> None:
    name = "M\u00fcller\u009b31m\u202e\U0001f600"
    fields: Elements = {0x00080005: ("CS", "ISO_IR 192"), 0x00100010: ("PN", name.encode() + b" ")}
    named = [Image(1, more=fields), *IMAGES[1:]]
    _, printed, _ = run("diff", "-T", "jsonl", *write(tmp_path, store(IMAGES), store(named)))
    assert printed.isascii()
    assert name in [json.loads(line)["new"] for line in printed.splitlines()]


def test_what_is_the_same_is_told_in_a_line(names: list[str]) -> None:
    assert run("diff", names[0], names[0]) == (0, "no difference in 3 operations\n", "")


def test_what_is_to_fail_is_chosen(names: list[str]) -> None:
    assert run("diff", "--fail-on", "break", *names)[0] == DIFFERENT
    assert run("diff", "--fail-on", "break", "--ignore", "Status", *names)[0] == 0
    assert run("diff", "-q", *names) == (DIFFERENT, "", "")


def test_masks_are_told_of_in_the_last_line(names: list[str]) -> None:
    status, printed, _ = run("diff", "--ignore", "Status", "--ignore", "GROUP:0010", *names)
    assert status == 0
    assert printed == "no difference in 3 operations; hidden: 1 by GROUP:0010, 1 by Status\n"


def test_lines_of_json_hold_differences_alone(names: list[str]) -> None:
    status, printed, _ = run("diff", "-T", "jsonl", *names)
    first, second = map(json.loads, printed.splitlines())
    assert status == DIFFERENT
    assert first == {
        "schema": 1,
        "kind": "changed",
        "class": "break",
        "path": STATUS,
        "old": "0x0000",
        "new": "0xB000",
        "frames": {"old": [11], "new": [11]},
        "paths": {"old": STATUS, "new": STATUS},
        "association": {"old": 1, "new": 1},
        "operation": {"old": "c-store-rq.2", "new": "c-store-rq.2"},
        "name": "Status",
    }
    assert (second["kind"], second["old"], second["new"]) == ("added", None, "O")
    assert second["paths"]["old"] == "association.1/c-store-rq.3/data-set"
    assert run("diff", "-T", "jsonl", names[0], names[0]) == (0, "", "")


def test_two_columns_fit_in_the_width(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (60, 80, 141):
        monkeypatch.setenv("COLUMNS", str(width))
        status, printed, _ = run("diff", "-T", "side-by-side", *names)
        assert status == DIFFERENT
        lines = printed.splitlines()
        assert all(len(line) <= width for line in lines if not line.startswith(("C-STORE", "1 break")))
        assert any("Status: 0x0000" in line and line.index("!") == (width - 3) // 2 + 1 for line in lines)
        assert lines[-1] == REPORT.splitlines()[-1]


def test_notes_are_printed_where_they_are_asked_for(tmp_path: Path) -> None:
    names = write(tmp_path, store(IMAGES), store(IMAGES, pdv_size=300))
    assert run("diff", *names) == (0, "no difference in 3 operations\n", "")
    status, printed, _ = run("diff", "--notes", *names)
    assert status == 0
    assert printed.count("  .   PDUs of each message  2, 1 -> ") == 3
    assert run("diff", "--fail-on", "note", *names)[0] == DIFFERENT


def test_settings_come_from_a_file_and_from_the_command_line(names: list[str], tmp_path: Path) -> None:
    settings = tmp_path / "diff.toml"
    settings.write_text('[diff]\nignore = ["Status"]\n')
    assert run("diff", "--config", settings, *names)[0] == DIFFERENT
    assert run("diff", "--config", settings, "--ignore", "PatientSex", *names)[0] == 0
    settings.write_text('[diff]\nignore = ["Status"]\nonly = ["data-set"]\nfail-on = "break"\n')
    assert run("diff", "--config", settings, *names)[0] == 0
    settings.write_text('[diff]\nfail-on = "never"\n')
    status, _, told = run("diff", "--config", settings, *names)
    assert (status, told) == (2, f"dissect: {settings}: diff.fail-on: wanted is one of note, change, break\n")
    settings.write_text("[diff]\nignroe = []\n")
    assert "diff.ignroe: no such setting; there are" in run("diff", "--config", settings, *names)[2]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--ignore", "NoSuchThing"], "'NoSuchThing' names no field"),
        (["--pair", "1=7"], "no association 7 in "),
        (["--pair", "one"], "'one' is not of the form N=M"),
        (["--timing", "0.5"], "'0.5' is not a number from 1"),
        (["--junit", "/nowhere/report.xml"], "--junit: /nowhere/report.xml: No such file or directory"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(words: list[str], why: str, names: list[str]) -> None:
    status, _, told = run("diff", *words, *names)
    assert status == 2
    assert why in told
    assert told.count("\n") == 1


def test_files_that_cannot_be_compared_are_trouble(names: list[str], tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("no capture")
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(build.pcap([]))
    for words in ([names[0], other], [tmp_path / "nowhere", names[0]], [names[0], empty], ["-", "-"]):
        status, printed, told = run("diff", *words)
        assert (status, printed) == (2, "")
        assert told.count("\n") == 1


def test_lost_bytes_are_trouble_unless_they_are_allowed(tmp_path: Path) -> None:
    torn = store(IMAGES)
    del torn.frames[next(at for at, frame in enumerate(torn.frames) if b"\x02" * 500 in frame.data)]
    names = write(tmp_path, store(IMAGES), torn)
    status, printed, told = run("diff", *names)
    assert status == 2
    assert "    not compared: bytes of it are lost" in printed
    assert (
        told
        == f"dissect: {names[1]}: bytes of association.1 and 1 more are lost; --allow-gaps compares what is there\n"
    )
    assert run("diff", "--allow-gaps", *names)[0] == 0
    assert run("snapshot", names[1])[0] == 2
    assert run("snapshot", "--allow-gaps", names[1])[0] == 0


def test_a_snapshot_stands_wherever_a_capture_does(names: list[str], tmp_path: Path) -> None:
    status, text, told = run("snapshot", names[0])
    assert (status, told) == (0, "")
    expected = tmp_path / "expected.txt"
    expected.write_text(text)
    assert run("diff", expected, names[0])[0] == 0
    assert run("diff", expected, names[1])[0] == DIFFERENT
    assert run("diff", names[1], expected)[0] == DIFFERENT
    for words in (["-", names[0]], [names[0], "-"]):
        done = subprocess.run([sys.executable, "-m", "dissect", "diff", *words], input=text, text=True, check=False)
        assert done.returncode == 0
    piped = subprocess.run(
        [sys.executable, "-m", "dissect", "diff", str(expected), "-"], input=Path(names[1]).read_bytes(), check=False
    )
    assert piped.returncode == DIFFERENT


def test_masks_of_a_snapshot_are_used_when_it_is_compared(names: list[str], tmp_path: Path) -> None:
    expected = tmp_path / "expected.txt"
    expected.write_text(run("snapshot", "--ignore", "Status", "--ignore", "PatientSex", names[0])[1])
    assert "Status" not in expected.read_text().replace("ignore Status", "")
    later = write(tmp_path, store([replace(each, status=0xA700) for each in IMAGES]))[0]
    assert run("diff", expected, later)[:2] == (0, "no difference in 3 operations\n")


def test_a_snapshot_is_utf_8_in_any_locale(tmp_path: Path) -> None:
    [name] = write(
        tmp_path, store([Image(1, more={0x00080005: ("CS", "ISO_IR 100"), 0x00100010: ("PN", "J\u00f6rg")})])
    )
    done = subprocess.run(
        [sys.executable, "-m", "dissect", "snapshot", name],
        capture_output=True, check=True, env={"PYTHONIOENCODING": "latin-1", "DISSECT_CONFIG": ""},
    )  # fmt: skip
    assert 'Patient\'s Name = "J\u00f6rg"' in done.stdout.decode()


def test_nothing_of_a_capture_commands_a_workflow(tmp_path: Path) -> None:
    names = write(tmp_path, store([Image(1)]), store([Image(1, more={0x00100010: ("PN", "::error::##[error]x")})]))
    lines = run("diff", "--github", *names)[1].splitlines()
    assert lines[0].startswith("::stop-commands::")
    assert lines.index(f"::{lines[0].removeprefix('::stop-commands::')}::") == len(lines) - 2
    assert [line.partition(" ")[0] for line in run("diff", "-q", "--github", *names)[1].splitlines()] == ["::error"]


def test_a_closed_pipe_is_no_trouble(names: list[str]) -> None:
    command = f"{sys.executable} -m dissect diff -T jsonl {names[0]} {names[1]} | head -c 10 > /dev/null"
    command += "; echo ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) in {("0\n", ""), ("1\n", "")}


def test_the_choices_on_the_command_line_are_those_of_the_settings() -> None:
    assert (PROFILES, WEIGHTS) == (KNOWN_PROFILES, KNOWN_WEIGHTS)


def test_hostile_values_reach_no_terminal_as_they_are(tmp_path: Path) -> None:
    hostile = "x\x1b]52;c;AAAA\x07y"
    names = write(tmp_path, store([Image(1)]), store([Image(1, more={0x00100010: ("PN", hostile)})]))
    for form in ("text", "side-by-side", "jsonl"):
        printed = run("diff", "--github", "-T", form, *names)[1]
        assert "\x1b" not in printed
        assert "\x07" not in printed
