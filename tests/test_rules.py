"""The verb `rules`: the catalogue as a list, whole, as JSON and as a document."""

import json
import re

import pytest

from dissect.catalogue import AREAS, CATALOG, Rule
from dissect.codes import UnknownCode, choose_codes
from dissect.views.rules import BLAMES, escape_markdown, make_anchor, show_rules
from tests.conftest import ROOT
from tests.outcome import call


def run(*words: str) -> tuple[int, str, str]:
    """Run the program, and give its exit status, and what it prints on standard output and standard error."""
    return call("rules", *words)


def test_every_rule_has_a_line_under_its_area() -> None:
    status, printed, told = run()
    assert (status, told) == (0, "")
    blocks = printed.split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == [area for area, rules in AREAS.items() if rules]
    for block in blocks:
        head, *lines = block.splitlines()
        assert [line.split()[0] for line in lines] == list(AREAS[head])
        for code, line in zip(AREAS[head], lines, strict=True):
            rule = CATALOG[code]
            assert re.fullmatch(
                rf"  {code} +{rule.severity} +{re.escape(rule.reference)} +{re.escape(rule.dotted)}", line
            )
            assert not set("{}") & set(line)


def test_a_rule_that_is_named_is_told_whole() -> None:
    status, printed, _ = run("pdu-type")
    rule = CATALOG["pdu-type"]
    assert status == 0
    head, *lines = printed.splitlines()
    assert head == f"pdu-type  {rule.severity}  {rule.reference}"
    told = " ".join(line.strip() for line in lines)
    said = f"says: {rule.dotted} by: {BLAMES[rule.blame]} why: {rule.reason} try: {rule.remedy}"
    assert " ".join(told.split()) == " ".join(said.split())


@pytest.mark.parametrize("code", ["closed-without-release", "release-unanswered", "closed-by-other", "window-shut"])
def test_where_the_end_or_tcp_shows_it_the_side_to_blame_is_the_one_that_the_sentence_names(code: str) -> None:
    assert "  by:     the side that is named\n" in run(code)[1]


def test_rules_are_named_by_pattern_and_come_in_the_catalogues_order() -> None:
    wanted = [code for code in CATALOG if code.startswith("pdu-") or code == "comment"]
    assert choose_codes(["comment", "PDU-*"]) == choose_codes(["pdu-*,comment"]) == wanted
    printed = run("comment", "pdu-*")[1]
    assert [block.split()[0] for block in printed.split("\n\n")] == wanted
    assert choose_codes([]) == []


def test_a_word_that_names_no_rule_is_trouble() -> None:
    assert run("pdu-tpye") == (2, "", "dissect: rules: no rule pdu-tpye; did you mean pdu-type?\n")
    assert run("zzzz") == (2, "", "dissect: rules: no rule zzzz; dissect rules lists them\n")
    with pytest.raises(UnknownCode) as caught:
        choose_codes(["z" * 5000])
    assert len(str(caught.value)) < 120


def test_no_line_of_a_rule_is_wider_than_one_can_read() -> None:
    for width in (None, 60, 500):
        for block in show_rules(CATALOG, width):
            _, *lines = block.strip("\n").splitlines()
            assert max(map(len, lines)) <= min(width or 100, 100)


def test_the_rules_are_a_document_of_json() -> None:
    found = json.loads(run("-T", "json")[1])
    assert list(found) == ["schema", "rules"]
    assert [rule["code"] for rule in found["rules"]] == list(CATALOG)
    [rule] = json.loads(run("-T", "json", "stream-gap")[1])["rules"]
    assert list(rule) == ["code", "area", "severity", "reference", "sentence", "blame", "reason", "remedy"]
    assert (rule["area"], rule["reference"], rule["blame"]) == ("The capture", None, "capture")


def test_the_document_of_the_rules_is_the_one_on_record() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == run("-T", "markdown")[1]


def test_each_link_of_the_document_leads_to_a_heading() -> None:
    printed = run("-T", "markdown")[1]
    heads = re.findall(r"^##+ (.*)$", printed, re.MULTILINE)
    assert set(CATALOG) < set(heads)
    assert len(heads) == len(set(heads))
    assert set(re.findall(r"\]\(#([^)]*)\)", printed)) == {make_anchor(head) for head in heads}


def test_what_markdown_would_take_for_its_own_is_escaped() -> None:
    assert escape_markdown("a*b_c <d> [e] `f` \\ #") == r"a\*b\_c \<d\> \[e\] \`f\` \\ \#"


@pytest.mark.parametrize(
    ("sentence", "dotted"),
    [
        ("{count} bytes{places} of {sender} are lost", "... bytes ... of ... are lost"),
        ("{a} {b:02X}H{c}", "...H ..."),
        ("reason '{a}' ({b}, {c})", "reason '...' (..., ...)"),
        ("none", "none"),
    ],
)
def test_dots_stand_for_what_differs_from_case_to_case(sentence: str, dotted: str) -> None:
    assert Rule("remark", "", sentence, "", "").dotted == dotted
