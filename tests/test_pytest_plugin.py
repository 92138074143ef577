"""The plugin of pytest: tests that compare captures, run as a user's would be."""

import json
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from dissect.cli import main
from tests import build
from tests.conftest import ROOT

pytest_plugins = ["pytester"]

BEFORE, AFTER = (str(ROOT / "captures" / f"diff-{name}.pcap") for name in ("before", "after"))
UPDATE = "--dicom-snapshot-update"


def run(pytester: pytest.Pytester, *calls: str, options: tuple[str, ...] = ()) -> pytest.RunResult:
    """Run a test for each call of the fixture."""
    tests = [f"def test_{number}(same): same({call})" for number, call in enumerate(calls, 1)]
    fixture = (
        "import pathlib, pytest\nB, A = %r, %r\n@pytest.fixture\ndef same(assert_same_dicom): return assert_same_dicom"
    )
    pytester.makepyfile("\n".join([fixture % (BEFORE, AFTER), *tests]))
    return pytester.runpytest_subprocess("-q", *options)


def fail(pytester: pytest.Pytester, call: str, *options: str) -> list[str]:
    """Run a test that fails, and give the lines that say why."""
    lines = run(pytester, call, options=options).outlines
    start = next(at for at, line in enumerate(lines) if line.strip("_") == " test_1 ")
    return lines[start + 1 : next(at for at, line in enumerate(lines) if "short test summary" in line)]


def write(path: Path, frames: list[build.Frame]) -> None:
    """Write a capture."""
    path.write_bytes(build.pcap(frames))


def test_what_means_the_same_passes_and_a_path_may_be_a_path(pytester: pytest.Pytester) -> None:
    run(pytester, "B, B", "pathlib.Path(A), A").assert_outcomes(passed=2)


def test_a_difference_fails_with_what_the_command_prints_and_nothing_else(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", "--mask-dates", BEFORE, AFTER]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert fail(pytester, "B, A, mask_dates=True") == [f"{BEFORE} and {AFTER} differ", *printed]


def test_the_options_are_those_of_the_command(pytester: pytest.Pytester) -> None:
    all_of_it = '["AccessionNumber", "StudyDate", "0000,0900", "association.*/a-associate-ac.*"]'
    passing = (
        f"B, A, ignore={all_of_it}",
        'B, A, only="Modality"',
        'B, A, only=("PatientName", "Modality"), pairs=[(1, 1)], timing=1000',
        'B, A, ignore=["*/c-store-rsp.*", "*/a-associate-ac.*"], fail_on="break", allow_gaps=True, ignore_order=True',
    )
    failing = (
        f'B, A, ignore={all_of_it}, profile="strict"',
        f'B, A, ignore={all_of_it.replace(".*", ".2")}, fail_on="note"',
        "B, A, pairs=[(1, 2)]",
    )
    run(pytester, *passing, *failing).assert_outcomes(passed=len(passing), failed=len(failing))


def test_an_option_that_is_none_is_a_type_error(pytester: pytest.Pytester) -> None:
    assert "unexpected keyword argument 'ignroe'" in "\n".join(fail(pytester, 'B, A, ignroe="StudyDate"'))


TORN = "torn.pcap: bytes of association.1/c-store-rq.1 are lost; allow_gaps=True takes what is there"
NO_RULE = "'VR:XX' names no field: wanted is a path, a tag, a keyword, VR:xx, GROUP:xxxx or private"


TROUBLE = {
    '"gone.pcap", A': "gone.pcap: no such file; check the name",
    'B, "gone.txt"': "gone.txt: no such file; check the name",
    'B, A, ignore="VR:XX"': NO_RULE,
    'B, A, profile="lax"': "assert_same_dicom: wanted is one of default, strict, structure",
    'B, A, fail_on="all"': "assert_same_dicom: wanted is one of note, change, break",
    "B, A, timing=0.5": "assert_same_dicom: wanted is a number from 1",
    "B, A, pairs=[(7, 1)]": f"no association 7 in {BEFORE}, which has 1",
    '"torn.pcap", B': TORN,
    '"new.txt", "torn.pcap"': TORN,
    '"notes.pcap/new.txt", B': "notes.pcap/new.txt: File exists",
}


def test_trouble_is_told_in_a_line(pytester: pytest.Pytester) -> None:
    frames = build.store_talk(build.text(0x00100010, "PN", "Doe^Jane" * 300)).frames
    write(pytester.path / "torn.pcap", [*frames[:7], *frames[8:]])
    (pytester.path / "notes.pcap").write_text("no capture\n")
    lines = run(pytester, *TROUBLE, options=(UPDATE,)).outlines
    heads = [at for at, line in enumerate(lines) if line.startswith("___") and " test_" in line]
    told = [lines[start + 1 : stop] for start, stop in zip(heads, [*heads[1:], heads[-1] + 2], strict=True)]
    assert told == [[line] for line in TROUBLE.values()]


def test_a_file_that_is_no_capture_or_holds_no_dicom_fails_with_a_line(pytester: pytest.Pytester) -> None:
    (pytester.path / "notes.pcap").write_text("no capture, though it has the name of one\n")
    write(pytester.path / "bare.pcap", build.Talk().open().close().frames)
    for name in ("notes.pcap", "bare.pcap"):
        [line] = fail(pytester, f'"{name}", A')
        assert line.startswith(f"{name}: ")


def test_a_snapshot_that_is_not_there_is_written_where_the_option_asks_for_it(pytester: pytest.Pytester) -> None:
    call = '"expected/study.txt", B'
    assert fail(pytester, call) == [f"expected/study.txt: no such file; pytest {UPDATE} writes it from {BEFORE}"]
    written = run(pytester, call, options=(UPDATE,))
    written.assert_outcomes(passed=1)
    written.stdout.fnmatch_lines("1 DICOM snapshot written")
    assert [path.name for path in (pytester.path / "expected").iterdir()] == ["study.txt"]
    run(pytester, call).assert_outcomes(passed=1)
    told = fail(pytester, '"expected/study.txt", A')
    assert told[0] == f"expected/study.txt and {AFTER} differ"
    assert told[-1] == f"{UPDATE} writes expected/study.txt anew"


def test_a_snapshot_is_written_anew_only_where_it_says_something_else(pytester: pytest.Pytester) -> None:
    run(pytester, '"study.txt", B', options=(UPDATE,))
    path = pytester.path / "study.txt"
    first = path.stat()
    again = run(pytester, '"study.txt", B', options=(UPDATE,))
    again.stdout.fnmatch_lines("0 DICOM snapshots written")
    assert path.stat().st_mtime_ns == first.st_mtime_ns
    run(pytester, '"study.txt", A', options=(UPDATE,)).stdout.fnmatch_lines("1 DICOM snapshot written")
    run(pytester, '"study.txt", A').assert_outcomes(passed=1)
    assert path.stat().st_mode == first.st_mode


def test_a_snapshot_behind_a_link_is_written_there(pytester: pytest.Pytester) -> None:
    shared = pytester.mkdir("shared") / "expected.txt"
    shared.write_text("dissect snapshot 1\n")
    link = pytester.path / "expected.txt"
    link.symlink_to(shared)
    run(pytester, "'expected.txt', B", options=(UPDATE,)).assert_outcomes(passed=1)
    assert link.is_symlink()
    assert "association 1" in shared.read_text()


def test_a_snapshot_keeps_its_masks_and_takes_those_of_the_call(pytester: pytest.Pytester) -> None:
    run(pytester, '"study.txt", B, ignore="StudyDate"', options=(UPDATE,))
    run(pytester, '"study.txt", A, mask_dates=True', options=(UPDATE,)).assert_outcomes(passed=1)
    text = (pytester.path / "study.txt").read_text()
    masks = [line for line in text.splitlines() if line.startswith("ignore ")]
    assert masks == ["ignore StudyDate", "ignore VR:DA", "ignore VR:DT", "ignore VR:TM"]
    assert "20240307" not in text


def test_a_capture_is_compared_and_never_written(pytester: pytest.Pytester) -> None:
    old = pytester.path / "old.pcap"
    old.write_bytes(Path(BEFORE).read_bytes())
    result = run(pytester, '"old.pcap", A', '"gone.pcap.gz", A', options=(UPDATE,))
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines("0 DICOM snapshots written")
    assert old.read_bytes() == Path(BEFORE).read_bytes()
    assert not list(pytester.path.glob("gone*"))


def test_a_snapshot_of_two_tests_is_written_by_one_and_compared_by_the_other(pytester: pytest.Pytester) -> None:
    result = run(pytester, '"study.txt", B', '"study.txt", A', '"study.txt", B', options=(UPDATE,))
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["study.txt was written from another capture in this run", "1 DICOM snapshot written"])


def test_workers_write_each_snapshot_once_and_their_numbers_are_put_together(pytester: pytest.Pytester) -> None:
    calls = [f'"study-{number % 3}.txt", B' for number in range(6)]
    result = run(pytester, *calls, options=(UPDATE, "-n", "2"))
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines("3 DICOM snapshots written")
    assert sorted(path.name for path in pytester.path.glob("*study*")) == [f"study-{n}.txt" for n in range(3)]


def test_the_projects_settings_count_and_the_users_do_not(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = pytester.path / "own.toml"
    own.write_text('[diff]\nonly = ["Modality"]\n')
    monkeypatch.setenv("DISSECT_CONFIG", str(own))
    run(pytester, "B, A").assert_outcomes(failed=1)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "diff.toml").write_text('[diff]\nonly = ["Modality"]\n')
    pytester.makeini("[pytest]\ndicom_diff_config = tests/diff.toml\n")
    run(pytester, "B, A").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (None, "{path}: no such file; check dicom_diff_config"),
        ("[diff]\nprofile = 'lax'\n", "{path}: diff.profile: wanted is one of default, strict, structure"),
    ],
)
def test_settings_that_cannot_be_used_fail_with_a_line(pytester: pytest.Pytester, text: str | None, line: str) -> None:
    path = pytester.path / "diff.toml"
    if text is not None:
        path.write_text(text)
    pytester.makeini("[pytest]\ndicom_diff_config = diff.toml\n")
    assert fail(pytester, "B, A") == [line.format(path=path)]


def test_nothing_is_imported_before_a_test_compares(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import json, sys
        def pytest_unconfigure():
            print("MODULES", json.dumps(sorted(sys.modules)))
        """
    )
    result = pytester.runpytest_subprocess("--co", "-q")
    [line] = [line for line in result.outlines if line.startswith("MODULES ")]
    modules = json.loads(line.removeprefix("MODULES "))
    assert [name for name in modules if name.partition(".")[0] == "dissect"] == ["dissect", "dissect.pytest_plugin"]
    assert not {"scapy", "pydicom", "textual"} & set(modules)


def test_the_plugin_is_found_by_its_entry_point_and_can_be_left_out(pytester: pytest.Pytester) -> None:
    [entry] = entry_points(group="pytest11", name="dissect")
    assert entry.value == "dissect.pytest_plugin"
    run(pytester, "B, A", options=("-p", "no:dissect")).assert_outcomes(errors=1)
    help_text = pytester.runpytest_subprocess("--help").stdout.str()
    assert UPDATE in help_text
    assert "dicom_diff_config" in help_text
