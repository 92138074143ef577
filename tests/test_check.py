"""The verb `check`: what is printed, and which exit status is given."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dissect.amounts import tell
from dissect.catalogue import AREAS, CATALOG, SEVERITIES
from dissect.cli.check import BROKEN
from dissect.cli.judging import SEVERITIES as CHOICES
from dissect.text import UNSAFE
from dissect.views.checks import FEW, fold
from tests import build
from tests.conftest import ROOT
from tests.outcome import call as run
from tests.test_schemas import check as validate

SCENE = str(ROOT / "captures" / "built-unknown-pdus.pcap")
ODD, EVEN = build.p_data(build.pdv(1, 0x00, b"odd")), build.p_data(build.pdv(1, 0x00, b"even"))
GROUP = """\
error  pdu-type  PS3.8 9.3.1  2
  PDU 5, frame 8, association 1, requestor MODALITY (10.0.0.1:50000): PDU type 08H is not one of 01H to 07H
  PDU 7, frame 9, association 1, acceptor ARCHIVE (10.0.0.2:104): PDU type FEH is not one of 01H to 07H
  why: """


def write(path: Path, *talks: build.Talk) -> Path:
    """Write a capture of conversations, one behind the other."""
    path.write_bytes(build.pcap([frame for talk in talks for frame in talk.frames]))
    return path


def begin(host: str = "10.0.0.1", port: int = 50000, calling: str = "REQUESTOR") -> build.Talk:
    """Begin an association."""
    talk = build.Talk(requestor=(host, port), start=1_700_000_000_000_000_000 + port * 10**9)
    return talk.open().request(build.associate_rq(calling=calling)).answer(build.associate_ac(calling=calling))


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Write a capture with 130 PDVs of odd length, and frames of which the last is a remark."""
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    path = tmp_path / "odd.pcap"
    path.write_bytes(build.pcap(talk.request(*[ODD] * 130).frames))
    return path


def test_a_rule_that_is_broken_is_told_with_its_places_its_reason_and_what_to_try() -> None:
    status, printed, told = run("check", "--only", "pdu-type", SCENE)
    assert (status, told) == (BROKEN, "")
    assert printed.startswith(GROUP)
    rule = CATALOG["pdu-type"]
    blank = [line for line in printed.splitlines() if line.startswith(("  why: ", "  try: "))]
    assert blank == [f"  why: {rule.reason}", f"  try: {rule.remedy}"]
    assert printed.endswith(
        "\n\n2 errors by 1 rule in 10 PDUs, 1 association; worst: pdu-type by requestor MODALITY (10.0.0.1:50000)\n"
    )


def test_where_nothing_is_wrong_a_line_says_what_was_looked_at() -> None:
    path = ROOT / "captures" / "c-store.pcap"
    status, printed, told = run("check", "--only", "pdu-type", path)
    assert (status, printed, told) == (0, "no rule is broken in 9 PDUs, 1 association\n", "")
    assert run("check", "--only", "pdu-type", "-T", "jsonl", path) == (0, "", "")
    assert run("check", "--only", "pdu-type", "-T", "github", path) == (0, "", "")


def test_the_first_hundred_are_shown_and_the_rest_is_counted(odd: Path) -> None:
    _, printed, _ = run("check", "--only", "pdv-odd", "--full", odd)
    assert printed.count("\n  PDU ") == 100
    assert "\n  ... and 30 more\n" in printed
    _, printed, _ = run("check", "--only", "pdv-odd", odd)
    assert "\n  PDUs 3-102, association 1, requestor REQUESTOR (10.0.0.1:50000): " in printed
    assert "\n  ... and 30 more\n" in printed
    lines = [json.loads(line) for line in run("check", "--only", "pdv-odd", "-T", "jsonl", odd)[1].splitlines()]
    assert len(lines) == 101
    assert (lines[-1]["text"], lines[-1]["pdu"], lines[-1]["frames"]) == ("30 more", None, [])
    assert [line["pdu"] for line in lines[:-1]] == list(range(3, 103))


def list_places(*words: str | Path) -> list[str]:
    """Give the lines of text that tell where rules were broken, without what was found."""
    lines = [line for line in run("check", *words)[1].splitlines() if line.startswith("  ")]
    return [line.strip().partition(": ")[0] for line in lines if not line.startswith(("  why", "  try"))]


def test_the_same_of_the_same_entity_is_told_once_with_all_its_places(tmp_path: Path) -> None:
    talks = [begin(port=50000).request(ODD).answer(ODD).request(ODD), begin(port=50001).request(ODD)]
    path = write(tmp_path / "twice.pcap", *talks)
    assert list_places("--only", "pdv-odd", path) == [
        "PDUs 3 5 8, associations 1-2, requestor REQUESTOR (10.0.0.1)",
        "PDU 4, frame 7, association 1, acceptor ACCEPTOR (10.0.0.2:104)",
    ]
    assert list_places("--only", "pdv-odd", "--full", path) == [
        "PDU 3, frame 6, association 1, requestor REQUESTOR (10.0.0.1:50000)",
        "PDU 4, frame 7, association 1, acceptor ACCEPTOR (10.0.0.2:104)",
        "PDU 5, frame 8, association 1, requestor REQUESTOR (10.0.0.1:50000)",
        "PDU 8, frame 14, association 2, requestor REQUESTOR (10.0.0.1:50001)",
    ]


def test_what_other_entities_do_is_told_by_itself(tmp_path: Path) -> None:
    others = [begin("10.0.0.3", 50001), begin(port=50002, calling="OTHER")]
    path = write(tmp_path / "others.pcap", *(talk.request(ODD) for talk in (begin(), *others)))
    assert list_places("--only", "pdv-odd", path) == [
        "PDU 3, frame 6, association 1, requestor REQUESTOR (10.0.0.1:50000)",
        "PDU 6, frame 12, association 2, requestor REQUESTOR (10.0.0.3:50001)",
        "PDU 9, frame 18, association 3, requestor OTHER (10.0.0.1:50002)",
    ]


def test_places_in_many_pieces_are_told_by_the_first_and_the_last(tmp_path: Path) -> None:
    path = write(tmp_path / "many.pcap", begin().request(*[ODD, EVEN] * 20))
    assert list_places("--only", "pdv-odd", path) == [
        "PDUs 3 to 41, association 1, requestor REQUESTOR (10.0.0.1:50000)"
    ]
    talk = begin()
    long = build.pdu(8, bytes(60 * 1000))
    for start in range(0, len(long), 1000):
        talk.request(long[start : start + 1000]).answer(b"")
    assert list_places("--only", "pdu-type", write(tmp_path / "long.pcap", talk)) == [
        "PDU 3, frames 6 to 126, association 1, requestor REQUESTOR (10.0.0.1:50000)"
    ]


def test_of_remarks_a_few_are_shown_unless_all_are_wanted() -> None:
    words = ("check", "--only", "unknown-item", ROOT / "captures" / "built-unknown-items.pcap")
    _, printed, _ = run(*words)
    assert printed.count("\n  PDU ") == FEW
    assert "\n  ... and 3 more (--full)\n" in printed
    _, printed, _ = run(*words, "--full")
    assert printed.count("\n  PDU ") == 7
    assert "more" not in printed.split("  why: ", maxsplit=1)[0]


def test_what_is_no_remark_is_shown_in_full(tmp_path: Path) -> None:
    pdus = [pdu for kind in range(8, 30) for pdu in (build.pdu(kind, b""), EVEN)]
    path = write(tmp_path / "types.pcap", begin().request(*pdus))
    assert len(list_places("--only", "pdu-type", path)) == 22


def test_the_worst_is_named_where_it_is_more_than_a_remark() -> None:
    *_, last = run("check", "--only", "unknown-item", ROOT / "captures" / "built-unknown-items.pcap")[1].splitlines()
    assert last == "7 remarks by 1 rule in 6 PDUs, 1 association"
    *_, last = run("check", "--only", "operation-*", ROOT / "captures" / "c-store-refused.pcap")[1].splitlines()
    assert re.fullmatch(r"\d warnings? by 1 rule in .*; worst: operation-failed", last)


def test_a_line_of_json_has_its_keys_in_order() -> None:
    _, printed, _ = run("check", "--only", "pdu-type", "-T", "jsonl", SCENE)
    first, _ = printed.splitlines()
    validate("check", first)
    assert list(json.loads(first).items()) == [
        ("schema", 1),
        ("severity", "error"),
        ("code", "pdu-type"),
        ("reference", "PS3.8 9.3.1"),
        ("text", "PDU type 08H is not one of 01H to 07H"),
        ("association", 1),
        ("pdu", 5),
        ("frames", [8]),
        ("path", "association.1/pdu-type-08h.1"),
        ("side", "10.0.0.1:50000"),
        ("role", "requestor"),
    ]


def test_the_exit_status_tells_whether_something_is_as_bad_as_is_asked() -> None:
    assert run("check", SCENE)[0] == BROKEN
    left = "dissect: --ignore: no rule is left to look for\n"
    assert run("check", "--ignore", "pdu-*", "--only", "pdu-type,pdu-cut", SCENE) == (2, "", left)
    assert run("check", "--fail-on", "never", SCENE)[0] == 0
    remarks = str(ROOT / "captures" / "built-unknown-items.pcap")
    chosen = ("check", "--only", "unknown-item", remarks)
    assert [run(*chosen, "--fail-on", severity)[0] for severity in (*SEVERITIES, "never")] == [0, 0, BROKEN, 0]


def test_what_is_hidden_counts_for_the_exit_status_and_is_told_of() -> None:
    words = ("check", "--only", "unknown-item", "--severity", "warning", ROOT / "captures" / "built-unknown-items.pcap")
    status, printed, _ = run(*words, "--fail-on", "remark")
    assert status == BROKEN
    assert printed.startswith("7 remarks by 1 rule in ")
    assert printed.endswith("; hidden: 7 remarks: unknown-item (--severity)\n")
    assert run(*words, "-T", "jsonl")[1] == ""
    assert run(*words, "-T", "github")[1] == ""


def test_codes_are_chosen_by_name_and_by_pattern(odd: Path) -> None:
    def list_codes(*words: str) -> set[str]:
        lines = run("check", "-T", "jsonl", *words, odd)[1].splitlines()
        return {json.loads(line)["code"] for line in lines}

    everything = list_codes()
    assert {"pdv-odd", "connection-open"} <= everything
    assert list_codes("--only", "pdv-odd,connection-*") == {
        code for code in everything if code == "pdv-odd" or code.startswith("connection-")
    }
    assert list_codes("--only", "pdv-odd", "--only", "connection-open") == {"pdv-odd", "connection-open"}
    assert list_codes("--ignore", "PDV-*, connection-open") == everything - {
        code for code in everything if code.startswith("pdv-")
    } - {"connection-open"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "pdu-tpye"), "dissect: --only: no rule pdu-tpye; did you mean pdu-type?\n"),
        (("--ignore", "pdv-odd,zzzz"), "dissect: --ignore: no rule zzzz; dissect rules lists them\n"),
        (("--ignore", ""), "dissect: --ignore: no rule ''; dissect rules lists them\n"),
        (("--ignore", "q\x1b[2J*"), "dissect: --ignore: no rule q\\033[2j*; dissect rules lists them\n"),
    ],
)
def test_a_word_that_names_no_rule_is_trouble(words: tuple[str, ...], told: str) -> None:
    assert run("check", *words, SCENE) == (2, "", told)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon", ""])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    status, printed, told = run("check", f"--artim={seconds}", SCENE)
    assert (status, printed) == (2, "")
    assert "is not a number of seconds above 0" in told


def test_how_long_a_side_may_take_is_set_by_option_and_by_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settings = tmp_path / "late.pcap", tmp_path / "config.toml"
    talk = build.Talk().open().wait(6_000_000_000).request(build.associate_rq()).answer(build.associate_ac())
    path.write_bytes(build.pcap(talk.frames))
    words = ("check", "--only", "request-late", "--fail-on", "warning", path)
    assert run(*words)[0] == 0
    assert run(*words, "--artim", "5.5")[0] == BROKEN
    settings.write_text("[check]\nartim = 5\n")
    monkeypatch.setenv("DISSECT_CONFIG", str(settings))
    assert run(*words)[0] == BROKEN
    assert run(*words, "--artim", "7")[0] == 0


def test_the_settings_name_rules_to_ignore_unless_others_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[check]\nignore = ['pdu-*']\nartim = 5\n")
    monkeypatch.setenv("DISSECT_CONFIG", str(path))
    assert "error  pdu-type" not in run("check", SCENE)[1]
    assert "error  pdu-type" in run("check", "--only", "pdu-type", SCENE)[1]
    path.write_text("[check]\nignore = ['pdu-tpye']\n")
    status, _, told = run("check", SCENE)
    assert status == 2
    assert told == f"dissect: {path}: check.ignore: no rule pdu-tpye; did you mean pdu-type?\n"
    path.write_text("[check]\nartim = 0\n")
    assert run("check", SCENE)[2] == f"dissect: {path}: check.artim: wanted is a number above 0\n"


def test_a_filter_that_holds_for_nothing_is_told(odd: Path) -> None:
    status, printed, told = run("check", "-Y", "pdu.type == 7", odd)
    assert (status, printed) == (0, "")
    assert told == "dissect: -Y: holds for none of 132 PDUs\n"


def test_a_capture_without_dicom_is_trouble(tmp_path: Path) -> None:
    path = tmp_path / "none.pcap"
    path.write_bytes(build.pcap([]))
    for form in ("text", "jsonl", "junit", "github"):
        status, printed, told = run("check", "-T", form, path)
        assert (status, printed) == (2, "")
        assert "no DICOM found" in told


def test_lines_are_painted_by_severity() -> None:
    _, printed, _ = run("check", "--color", "always", SCENE)
    assert "\x1b[1;31merror  pdu-type  PS3.8 9.3.1  2\x1b[0m\n" in printed


def test_lines_are_broken_where_the_width_is_known_and_lose_nothing() -> None:
    text = "PDU 5, frame 8: " + "word-with-hyphens " * 20 + "x" * 200
    lines = fold(text, 60, "  ", "      ")
    assert all(len(line) <= 60 for line in lines)
    assert lines[0].startswith("  PDU 5")
    assert lines[1].startswith("      ")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert fold(text, None, "  ") == [f"  {text}"]
    assert all(len(line) <= 40 for line in fold(text, 3))


def test_what_a_capture_says_cannot_reach_the_terminal_as_it_is(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq(calling="\x1b[2J\n::x", called="a\u00adb\r"))
    path = tmp_path / "hostile.pcap"
    path.write_bytes(build.pcap(talk.request(ODD, build.pdu(0x55, b"")).frames))
    for form in ("text", "jsonl", "junit", "github"):
        _, printed, _ = run("check", "-T", form, path)
        assert printed
        assert not any(UNSAFE.search(line) for line in printed.split("\n"))


def read_report(*words: str | Path) -> tuple[int, ElementTree.Element]:
    """Give the exit status and the test report."""
    status, printed, _ = run("check", "-T", "junit", *words)
    root = ElementTree.fromstring(printed)
    for parent in root.iter():
        cases = list(parent.iter("testcase"))
        if parent.tag.startswith("testsuite"):
            assert int(parent.attrib["tests"]) == len(cases)
            assert int(parent.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
    return status, root


def test_a_report_has_a_case_a_rule_and_those_fail_that_matter() -> None:
    status, root = read_report(SCENE)
    assert status == BROKEN
    assert [case.attrib["name"] for case in root.iter("testcase")] == list(CATALOG)
    assert [suite.attrib["name"] for suite in root] == [area for area, rules in AREAS.items() if rules]
    [case] = [case for case in root.iter("testcase") if case.attrib["name"] == "pdu-type"]
    assert case.attrib["classname"] == "built-unknown-pdus.pdus-and-items"
    [failure] = case
    assert failure.attrib["type"] == "error"
    assert failure.attrib["message"].endswith("PDU type 08H is not one of 01H to 07H and 1 more")
    assert CATALOG["pdu-type"].remedy in (failure.text or "")
    for severity in ("error", "never"):
        _, root = read_report("--fail-on", severity, ROOT / "captures" / "built-unknown-items.pcap")
        [case] = [case for case in root.iter("testcase") if case.attrib["name"] == "unknown-item"]
        assert not len(case)


def test_a_report_has_no_case_of_what_is_not_looked_for(odd: Path) -> None:
    _, root = read_report("--only", "pdv-odd,pdu-type", odd)
    assert {case.attrib["name"] for case in root.iter("testcase")} == {"pdv-odd", "pdu-type"}
    [failure] = root.iter("failure")
    assert failure.attrib["message"].endswith(" and 129 more")
    assert "... and 30 more" in (failure.text or "")


def test_a_workflow_is_told_of_each_breach_and_of_what_fails_as_an_error(odd: Path) -> None:
    words = ("check", "-T", "github", "--only", "pdv-odd", odd)
    status, printed, _ = run(*words)
    assert status == BROKEN
    lines = printed.splitlines()
    assert len(lines) == 101
    assert re.fullmatch(r"::error title=pdv-odd::PDU 3, frame 6, association 1, requestor .*", lines[0])
    assert lines[-1] == "::error title=pdv-odd::... and 30 more"
    assert {line.partition(" ")[0] for line in run(*words, "--fail-on", "never")[1].splitlines()} == {"::warning"}
    remarks = ("check", "-T", "github", "--only", "unknown-item", ROOT / "captures" / "built-unknown-items.pcap")
    assert {line.partition(" ")[0] for line in run(*remarks)[1].splitlines()} == {"::notice"}


def test_the_choices_are_the_severities_worst_first() -> None:
    assert CHOICES == SEVERITIES
    assert {rule.severity for rule in CATALOG.values()} <= set(CHOICES)


def test_a_number_and_its_noun_stand_in_the_last_line() -> None:
    for path in sorted((ROOT / "captures").glob("*.pcap*"))[::6]:
        *_, last = run("check", path)[1].splitlines()
        assert re.search(r"in \d+ PDUs?, \d+ associations?", last)
    assert tell(1, "PDU") == "1 PDU"
