"""What the catalogue says of each rule: its sentence, why it is one, and what to do."""

import re
from collections import Counter
from string import Formatter
from typing import get_args

import pytest

from dissect.catalogue import AREAS, CATALOG, Blame, Rule

LONGEST = 300
"""A reason or remedy that is longer is not read."""

SENTENCE_END = re.compile(r"(?<=\.)\s+(?=[A-Z])")
UNWANTED = re.compile(r"packet-dcm|\b(todo|servers?|clients?)\b", re.IGNORECASE)
"""What belongs to a draft, to another program, or is not the standard's word for an AE."""

RULES = pytest.mark.parametrize("rule", CATALOG.values(), ids=list(CATALOG))


def is_telling(text: str) -> bool:
    """Tell whether a text is one or two whole sentences."""
    return bool(re.fullmatch(r"[A-Z][^\n]*\w[)\"]?\.", text)) and len(SENTENCE_END.split(text)) <= 2


@RULES
def test_the_reason_of_a_rule_is_one_or_two_sentences(rule: Rule) -> None:
    assert is_telling(rule.reason), rule.reason
    assert len(rule.reason) <= LONGEST


@RULES
def test_the_remedy_of_a_rule_is_one_or_two_sentences(rule: Rule) -> None:
    assert is_telling(rule.remedy), rule.remedy
    assert len(rule.remedy) <= LONGEST


def test_no_two_rules_share_a_reason_or_a_remedy() -> None:
    told = Counter(text for rule in CATALOG.values() for text in {rule.reason, rule.remedy} if text)
    assert [text for text, count in told.items() if count > 1] == []


def test_no_rule_gives_its_reason_as_its_remedy() -> None:
    assert [code for code, rule in CATALOG.items() if rule.reason and rule.reason == rule.remedy] == []


def test_a_code_stands_in_one_area_only() -> None:
    counts = Counter(code for rules in AREAS.values() for code in rules)
    assert [code for code, count in counts.items() if count > 1] == []
    assert set(counts) == set(CATALOG)


@RULES
def test_a_rule_is_told_in_the_words_of_the_standard(rule: Rule) -> None:
    for text in (rule.sentence, rule.reason, rule.remedy):
        assert UNWANTED.search(text) is None, text


@RULES
def test_the_places_in_a_sentence_are_plain_names(rule: Rule) -> None:
    names = [name for _, name, _, _ in Formatter().parse(rule.sentence) if name is not None]
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names), names


@RULES
def test_a_reason_and_a_remedy_have_no_places_for_values(rule: Rule) -> None:
    assert not set("{}") & set(rule.reason + rule.remedy)


@RULES
def test_a_rule_says_whose_doing_it_is_to_break_it(rule: Rule) -> None:
    assert rule.blame in get_args(Blame)


def test_what_the_capture_lacks_is_never_blamed_on_a_side() -> None:
    assert {rule.blame for code, rule in CATALOG.items() if code.endswith("-gap")} == {"capture"}
    assert {rule.blame for rule in AREAS["The capture"].values()} <= {"capture", "nobody"}
