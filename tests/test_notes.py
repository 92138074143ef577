import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import dissect
from dissect.catalogue import CATALOG, Rule, Severity
from dissect.notes import note, note_gaps
from dissect.spans import Buffer, Span

REFERENCE = re.compile(r"PS3\.\d+ (Annex [A-Z](\.\d+)*|\d+(\.\d+)*)")
RULES = pytest.mark.parametrize("rule", CATALOG.values(), ids=list(CATALOG))


@cache
def list_strings() -> set[str]:
    """Give the texts in the package's code that have the form of a code, but for the catalogue's own."""
    modules = [path for path in Path(dissect.__file__).parent.rglob("*.py") if path.name != "notes.py"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules]
    found = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in found if isinstance(text, str)} | {"stream-gap"}  # note_gaps stands in notes.py


@pytest.mark.parametrize("code", CATALOG)
def test_every_code_of_the_catalogue_is_given_by_some_decoder(code: str) -> None:
    assert code in list_strings()


@RULES
def test_every_rule_has_a_severity_a_sentence_and_a_clause_or_none(rule: Rule) -> None:
    assert rule.severity in get_args(Severity)
    assert rule.sentence
    assert not rule.sentence.endswith(".")
    assert not rule.reference or REFERENCE.fullmatch(rule.reference)


@pytest.mark.parametrize("code", CATALOG)
def test_a_code_is_lower_case_words_with_hyphens(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)


@pytest.mark.parametrize("code", CATALOG)
def test_a_note_has_what_its_rule_says_and_its_sentence_filled_in(code: str) -> None:
    rule = CATALOG[code]
    names = [name for _, name, _, _ in Formatter().parse(rule.sentence) if name]
    found = note(code, None, **{name: 10 + place for place, name in enumerate(names)})
    assert (found.code, found.severity, found.reference) == (code, rule.severity, rule.reference)
    assert not set("{}") & set(found.text)
    assert found.span is None


def test_the_code_of_missing_bytes_ends_in_gap_and_its_text_says_missing() -> None:
    gaps = {code: rule for code, rule in CATALOG.items() if "missing" in rule.sentence}
    assert gaps
    assert all(code.endswith("gap") for code in gaps)
    assert {code for code in CATALOG if code.endswith("gap")} == set(gaps)


def test_a_note_is_given_for_each_run_of_missing_bytes() -> None:
    source = Buffer(bytes(20))
    found = note_gaps(source, [(2, 5), (7, 8)])
    assert [each.span for each in found] == [Span(source, 2, 5), Span(source, 7, 8)]
    assert [each.text.split()[0] for each in found] == ["3", "1"]
    assert {each.code for each in found} == {"stream-gap"}
