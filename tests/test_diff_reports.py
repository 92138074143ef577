"""Reports of a comparison: what Jenkins and GitLab read, and the commands of a GitHub workflow."""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.cli import main
from dissect.config import Config
from dissect.diff.comparison import Comparison
from dissect.diff.loading import compare_files
from dissect.differing import DiffSettings, Weight
from dissect.text import escape
from dissect.views.differences import Writer
from dissect.views.diffreports import write_github, write_junit
from dissect.views.markup import clean, escape_command, quote, shield
from dissect.views.paint import PLAIN
from tests import build
from tests.conftest import ROOT
from tests.exchanges import Image, compare, store

BEFORE, AFTER = (str(ROOT / "captures" / f"diff-{name}.pcap") for name in ("before", "after"))

HOSTILE = "\x1b]0;x\x07<&\"'>]]>\x00\r\n::error::y\n##[add-mask]secret%0A"
"""What would end an attribute, a comment, a line, a command, and begin another."""

ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"classname", "name"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
}
"""What stands in a report: each is in Jenkins' schema (junit-10.xsd) and in what GitLab reads."""


def report(comparison: Comparison, fail_on: Weight = "change") -> ElementTree.Element:
    """Give the report of a comparison, of which every element is what may stand there."""
    writer = Writer(comparison, PLAIN, notes=True, full=True)
    root = ElementTree.fromstring("".join(write_junit(comparison, writer, fail_on)).encode())
    assert root.tag == "testsuites"
    for parent in root.iter():
        assert set(parent.attrib) == ATTRIBUTES[parent.tag]
        cases = list(parent.iter("testcase"))
        if parent.tag.startswith("testsuite"):
            assert int(parent.attrib["tests"]) == len(cases)
            for kind in ("failure", "error"):
                assert int(parent.attrib[kind + "s"]) == sum(case.find(kind) is not None for case in cases)
    for suite in root:
        names = [case.attrib["name"] for case in suite]
        assert len(set(names)) == len(names)
    assert len({suite.attrib["name"] for suite in root}) == len(root)
    return root


def read(old: str, new: str, fail_on: Weight = "change", settings: DiffSettings | None = None) -> ElementTree.Element:
    """Give the report of two captures."""
    return report(compare_files(old, new, settings or DiffSettings(), Config()), fail_on)


def list_names(root: ElementTree.Element) -> list[tuple[str, str]]:
    """Give by what a service knows the test cases again."""
    return [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]


def list_failed(root: ElementTree.Element, kind: str = "failure") -> list[str]:
    """Give the names of the cases that fail."""
    return [case.attrib["name"] for case in root.iter("testcase") if case.find(kind) is not None]


def test_a_report_has_a_case_for_the_negotiation_and_for_each_operation() -> None:
    root = read(BEFORE, AFTER)
    [suite] = root
    assert suite.attrib["name"] == "association 1: MODALITY --> ARCHIVE"
    find = "Study Root Query/Retrieve Information Model - FIND"
    assert list_names(root) == [
        ("diff-before.association-1", name)
        for name in (
            "negotiation",
            "c-echo-rq.1 Verification SOP Class",
            f"c-find-rq.1 {find}",
            "c-store-rq.1 CT Image Storage",
            "c-store-rq.2 CT Image Storage",
        )
    ]
    assert list_failed(root) == [name for _, name in list_names(root) if "echo" not in name]


def test_a_failure_says_what_differs_and_in_which_frames() -> None:
    [*_, failure] = read(BEFORE, AFTER).iter("failure")
    date, status = (failure.text or "").splitlines()[1:]
    assert (failure.text or "").startswith("C-STORE-RQ #2 / #2  CT Image Storage  (frames 23-27 / 23-27)\n")
    assert date.startswith("Study Date  20240229 -> 20240307")
    assert status.startswith("!   Status  0x0000 -> 0xB000")
    assert failure.attrib == {"message": f"{date} and 1 more", "type": "break"}


def test_only_what_matters_fails() -> None:
    assert len(list_failed(read(BEFORE, AFTER, "note"))) == 4
    assert list_failed(read(BEFORE, AFTER, "break")) == ["negotiation", "c-store-rq.2 CT Image Storage"]
    [case] = read(BEFORE, AFTER, "break").iterfind(".//testcase[@name='negotiation']")
    assert len((case.findtext("failure") or "").splitlines()) == 2
    assert not list_failed(read(BEFORE, BEFORE, "note"))


def test_cases_have_the_same_names_whatever_differs_and_wherever_it_was_recorded(tmp_path: Path) -> None:
    images = [Image(number) for number in (1, 2, 3)]
    changed = [Image(1, status=0xB000), *images[1:]]
    late = build.Talk(("10.9.9.9", 40000), mss=200, start=1_800_000_000_000_000_000)
    cases = [
        list_names(report(compare(tmp_path, store(images), store(new, pdv_size=size, talk=talk))))
        for new, size, talk in ((images, 16378, None), (changed, 100, late))
    ]
    assert cases[0] == cases[1]
    assert not any(re.search(r"frame|\d{2}", name) for _, name in cases[0])


def test_what_is_there_once_keeps_its_name_or_is_called_new(tmp_path: Path) -> None:
    images = [Image(number) for number in (1, 2, 3)]
    removed = report(compare(tmp_path, store(images), store(images[::2])))
    assert list_failed(removed) == ["c-store-rq.2 CT Image Storage"]
    added = report(compare(tmp_path, store(images[::2]), store(images)))
    assert list_failed(added) == ["new c-store-rq.2 CT Image Storage"]


def test_an_association_of_one_side_is_a_suite_of_its_own(tmp_path: Path) -> None:
    talk = build.echo_talk(build.Talk(requestor=("10.0.0.7", 40000)))
    image = store([Image(1)])
    root = report(compare(tmp_path, image, [image, talk]))
    assert [suite.attrib["name"] for suite in root] == [
        "association 1: REQUESTOR --> ACCEPTOR",
        "new association 2: REQUESTOR --> ACCEPTOR",
    ]
    assert list_names(root)[-1] == ("0.new-association-2", "negotiation")
    assert list_failed(root) == ["negotiation"]


@pytest.mark.parametrize("name", ["c-move-failures", "negotiation", "storage-commitment", "built-messages", "ups"])
def test_names_are_unique_and_counts_right_whatever_is_compared(name: str) -> None:
    other = str(ROOT / "captures" / f"{name}.pcap")
    for old, new in ((BEFORE, other), (other, BEFORE), (other, other)):
        assert len(read(old, new)) >= 1


def test_an_operation_that_lacks_bytes_is_an_error(tmp_path: Path) -> None:
    talk = store([Image(1), Image(2)])
    torn = store([Image(1), Image(2)])
    del torn.frames[6]
    root = report(compare(tmp_path, talk, torn))
    assert "c-store-rq.1 CT Image Storage" in list_failed(root, "error")
    error = next(root.iter("error"))
    assert error.attrib == {"message": "not compared: bytes of it are lost", "type": "gap"}
    allowed = compare(tmp_path, talk, torn, DiffSettings(allow_gaps=True))
    assert not list_failed(report(allowed), "error")


def test_a_snapshot_gives_its_name_without_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot", BEFORE]) == 0
    snapshot = tmp_path / "of.old" / "study.expected.txt"
    snapshot.parent.mkdir()
    snapshot.write_text(capsys.readouterr().out)
    assert {place for place, _ in list_names(read(str(snapshot), AFTER))} == {"study.association-1"}


def make_hostile(folder: Path) -> Comparison:
    """Compare an exchange with one whose AE titles and values do what they can."""
    talks: list[build.Talk] = []
    for text in ("plain", HOSTILE):
        data = build.text(0x00100010, "PN", text) + build.text(0x00104000, "LT", text * 20)
        talk = build.Talk().open()
        title = text[-20:-4]
        contexts = [(1, build.CT_IMAGE_STORAGE, [build.IMPLICIT])]
        talk.request(build.associate_rq(contexts, called=title, calling=text[:16]))
        talk.answer(build.associate_ac(called=title, calling=text[:16]))
        talk.request(*build.message(1, build.c_store_rq(1, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE), data))
        talk.answer(*build.message(1, build.c_store_rsp(1, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)))
        talks.append(talk.release())
    old, new = talks
    return compare(folder, old, new)


def test_a_hostile_text_stays_a_text_in_xml(tmp_path: Path) -> None:
    comparison = make_hostile(tmp_path)
    root = report(comparison)
    assert len(list_failed(root)) == 2
    said = "".join(root.itertext())
    assert escape(HOSTILE) in said
    writer = Writer(comparison, PLAIN, notes=True, full=True)
    written = "".join(write_junit(comparison, writer, "change"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad]", written)


@given(st.text())
def test_any_text_can_stand_in_a_report(text: str) -> None:
    found = ElementTree.fromstring(f"<a b={quote(text)}/>".encode())
    assert found.attrib["b"] == clean(escape(text))


def obey(lines: Iterable[str]) -> list[str]:
    """Give the commands that GitHub's runner obeys, as its ActionCommand and ActionCommandManager read a line."""
    obeyed: list[str] = []
    token = ""
    for line in lines:
        found = re.match(r"\s*::(.*?)::(.*)", line) or re.search(r"##\[(.*?)\](.*)", line)
        name = found[1].partition(" ")[0] if found is not None else ""
        if token:
            token = "" if name == token else token
        elif found is not None:
            token = found[2] if name == "stop-commands" else token
            obeyed += [] if name == "stop-commands" else [name]
    assert not token
    return obeyed


LEVELS = {"note": "notice", "change": "warning", "break": "error"}


def test_github_gets_a_command_a_difference() -> None:
    comparison = compare_files(BEFORE, AFTER, DiffSettings(notes=True), Config())
    lines = "".join(write_github(comparison, Writer(comparison, PLAIN, notes=True), "break")).splitlines()
    assert obey(lines) == [LEVELS[each.weight] for each in comparison]
    assert {"error", "warning", "notice"} == set(obey(lines))
    assert lines[-1] == (
        "::error title=C-STORE-RQ #2 / #2  CT Image Storage  (frames 23-27 / 23-27)::!   Status  0x0000 -> 0xB000"
        "  (Success -> Coercion of Data Elements)  [association.1/c-store-rsp.2/command-set/0000,0900]"
    )
    few = "".join(write_github(comparison, Writer(comparison, PLAIN, notes=False), "break"))
    assert "notice" not in obey(few.splitlines())
    failing = "".join(write_github(comparison, Writer(comparison, PLAIN, notes=False), "change"))
    assert set(obey(failing.splitlines())) == {"error"}


def test_github_is_told_of_an_operation_that_lacks_bytes(tmp_path: Path) -> None:
    torn = store([Image(1)])
    del torn.frames[6]
    comparison = compare(tmp_path, store([Image(1)]), torn)
    commands = list(write_github(comparison, Writer(comparison, PLAIN, notes=False), "break"))
    assert any(line.endswith("::not compared: bytes of it are lost\n") for line in commands)


def test_a_hostile_text_begins_no_command(tmp_path: Path) -> None:
    comparison = make_hostile(tmp_path)
    writer = Writer(comparison, PLAIN, notes=True, full=True)
    lines = "".join(write_github(comparison, writer, "break")).splitlines()
    assert len(lines) == sum(1 for _ in comparison)
    assert set(obey(lines)) == {"warning"}
    assert all(line.count("::") >= 2 and "%0D" not in line for line in lines)
    printed = "".join(writer.write_text())
    assert "add-mask" in obey(printed.splitlines())  # so what is printed beside must be shielded
    assert not obey("".join(shield([printed])).splitlines())


@given(st.text())
def test_a_text_that_is_escaped_for_github_is_one_line_and_can_be_read_back(text: str) -> None:
    for more in ("", ":,"):
        written = escape_command(text, more)
        assert not set(written) & set("\r\n" + more)
        for sign, code in (("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C"), ("%", "%25")):
            written = written.replace(code, sign)
        assert written == escape(text)


@given(
    st.lists(st.sampled_from(("::error::x\n", "##[stop-commands]t\n", "::t::\n", "x", "  ::debug::", "\n")) | st.text())
)
def test_nothing_in_what_is_shielded_is_obeyed(blocks: list[str]) -> None:
    text = "".join(blocks).replace("\r", "")
    shielded = "".join(shield([text]))
    assert not obey(shielded.split("\n"))
    assert text in shielded


def test_a_report_is_written_where_the_command_is_told_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.xml"
    assert main(["diff", "--github", "--junit", str(path), BEFORE, AFTER]) == 1
    assert "::error title=" in capsys.readouterr().out
    assert ElementTree.parse(path).getroot().attrib["failures"] == "4"
    assert main(["diff", "--junit", str(tmp_path / "none" / "report.xml"), BEFORE, AFTER]) == 2
    assert "No such file" in capsys.readouterr().err
