"""Filters from numbers, from texts, and from other filters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.phrasing import MOST_RUNS, How, join_filters, name_numbers, quote
from dissect.query import QueryError, expressions
from dissect.query.syntax import parse


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""), ([7], "pdu == 7"), ([7, 7], "pdu == 7"), ([3, 1, 2], "pdu in {1..3}"), ([4, 2], "pdu in {2, 4}"),
        ([1, 2, 3, 7, 9, 10], "pdu in {1..3, 7, 9..10}"),
    ],
)  # fmt: skip
def test_numbers_that_follow_each_other_are_one_run(numbers: list[int], text: str) -> None:
    assert name_numbers("pdu", numbers) == (text, True)


def test_of_numbers_in_very_many_runs_only_the_first_are_named() -> None:
    assert name_numbers("assoc", range(1, 2 * MOST_RUNS, 2))[1]
    text, whole = name_numbers("assoc", range(1, 2 * MOST_RUNS + 2, 2))
    assert not whole
    assert text.startswith("assoc in {1, 3, ")
    assert text.endswith(f", {2 * MOST_RUNS - 1}}}")
    assert name_numbers("assoc", range(1, 10**6)) == (f"assoc in {{1..{10**6 - 1}}}", True)


@given(st.text())
def test_quoted_text_is_read_back_as_it_was(text: str) -> None:
    tree = parse(f"PatientName == {quote(text)}")
    assert isinstance(tree, expressions.Test)
    assert isinstance(tree.right[0], expressions.Literal)
    assert tree.right[0].text == text


@pytest.mark.parametrize(
    ("old", "new", "how", "joined"),
    [
        ("", "pdu == 1", "and", "pdu == 1"),
        ("  ", "pdu == 1", "or", "pdu == 1"),
        ("", "pdu == 1", "not", "not pdu == 1"),
        ("", "a", "replace", "a"),
        ("pdu == 1", "", "and", "pdu == 1"),
        ("pdu == 1", "", "not", "pdu == 1"),
        ("pdu == 1", " ", "replace", ""),
        ("pdu == 1", "pdu == 2", "replace", "pdu == 2"),
        ("pdu == 1", "pdu == 2", "and", "pdu == 1 and pdu == 2"),
        ("pdu == 1", "pdu == 2", "or", "pdu == 1 or pdu == 2"),
        ("pdu == 1", "pdu == 2", "not", "pdu == 1 and not pdu == 2"),
        ("pdu == 1 or pdu == 3", "pdu == 2", "and", "(pdu == 1 or pdu == 3) and pdu == 2"),
        ("pdu == 1 or pdu == 3", "pdu == 2", "not", "(pdu == 1 or pdu == 3) and not pdu == 2"),
        ("pdu == 1 or pdu == 3", "pdu == 2", "or", "pdu == 1 or pdu == 3 or pdu == 2"),
        ("(pdu == 1 or pdu == 3)", "pdu == 2", "and", "((pdu == 1 or pdu == 3)) and pdu == 2"),
        ("pdu == 1 and pdu == 3", "pdu == 2", "and", "pdu == 1 and pdu == 3 and pdu == 2"),
        ("pdu == 1", "pdu == 2 or pdu == 3", "and", "pdu == 1 and (pdu == 2 or pdu == 3)"),
        ("pdu == 1", "pdu == 2 and pdu == 3", "not", "pdu == 1 and not (pdu == 2 and pdu == 3)"),
        ("not pdu == 1", "pdu == 2", "and", "not pdu == 1 and pdu == 2"),
        ("op(pdu == 1 or pdu == 2)", "pdu == 3", "and", "op(pdu == 1 or pdu == 2) and pdu == 3"),
    ],
)
def test_filters_are_joined_with_brackets_where_they_are_needed(old: str, new: str, how: How, joined: str) -> None:
    assert join_filters(old, new, how) == joined


@pytest.mark.parametrize("how", ["and", "or", "not"])
def test_a_filter_that_cannot_be_read_is_joined_with_none(how: How) -> None:
    with pytest.raises(QueryError):
        join_filters("pdu ==", "pdu == 1", how)
