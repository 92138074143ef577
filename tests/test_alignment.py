"""Two sequences that are paired: always in order, as many as can be where they differ in little, the same both ways."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dissect.diff import alignment as module
from dissect.diff.alignment import Alignment, align, find_alike, find_common

ENTRIES = st.lists(st.integers(0, 5), max_size=25)


def measure_longest(old: Sequence[int], new: Sequence[int]) -> int:
    """Give the length of the longest common subsequence, by the table that everyone knows."""
    row = [0] * (len(new) + 1)
    for entry in old:
        above = row[:]
        for at, other in enumerate(new):
            row[at + 1] = above[at] + 1 if entry == other else max(above[at + 1], row[at])
    return row[-1]


def is_ascending(pairs: Sequence[tuple[int, int]]) -> bool:
    """Tell whether both places of pairs ascend."""
    return all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(pairs))


@given(ENTRIES, ENTRIES)
def test_what_is_paired_is_equal_and_in_order_and_the_same_both_ways(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    assert all(old[at] == new[place] for at, place in pairs)
    assert is_ascending(pairs)
    assert align(new, old) == [(place, at) for at, place in pairs]


@given(ENTRIES.filter(bool), ENTRIES.filter(bool))
def test_a_search_finds_a_longest_common_subsequence(old: list[int], new: list[int]) -> None:
    pairs, rest = find_common(old, new, (0, len(old), 0, len(new)))
    assert rest is None
    assert is_ascending(pairs)
    assert len(pairs) == measure_longest(old, new)


@given(ENTRIES, ENTRIES)
def test_a_search_that_is_cut_short_goes_on_from_where_it_came(old: list[int], new: list[int]) -> None:
    usual, module.MOST_EDITS = module.MOST_EDITS, 2
    try:
        pairs = align(old, new)
    finally:
        module.MOST_EDITS = usual
    assert all(old[at] == new[place] for at, place in pairs)
    assert is_ascending(pairs)


def test_one_that_is_put_in_or_left_out_among_many_that_are_alike_costs_no_other_its_partner() -> None:
    old = [1] * 5000
    new = [1] * 5000
    new[1200] = 2
    del new[3300]
    assert len(align(old, new)) == 4998


def test_rounds_pair_what_is_left_between_what_is_paired() -> None:
    old, new = ["a1", "b1", "c1", "d1"], ["a1", "b2", "x9", "d1"]
    alignment = Alignment(4, 4)
    alignment.match((old.__getitem__, new.__getitem__), ordered=True)
    assert alignment.pairs == [(0, 0), (3, 3)]
    alignment.match((lambda at: old[at][0], lambda at: new[at][0]), ordered=True)
    assert alignment.pairs == [(0, 0), (1, 1), (3, 3)]
    assert (alignment.old_left(), alignment.new_left()) == ([2], [2])


def test_what_stands_elsewhere_is_moved_and_where_order_is_nothing_only_paired() -> None:
    old, new = ["a", "b", "c"], ["c", "a", "b"]
    alignment = Alignment(3, 3)
    alignment.match((old.__getitem__, new.__getitem__), ordered=True)
    alignment.match_moved((old.__getitem__, new.__getitem__))
    assert (alignment.pairs, alignment.moved) == ([(0, 1), (1, 2)], [(2, 0)])
    alignment = Alignment(3, 3)
    alignment.match((old.__getitem__, new.__getitem__), ordered=False)
    assert (alignment.pairs, alignment.moved) == ([(0, 1), (1, 2), (2, 0)], [])


def test_entries_are_alike_by_features_that_no_others_have() -> None:
    old = [[1, 10, 99], [1, 11, 98], [1, 12]]
    new = [[1, 12], [1, 10, 99], [1, 13, 98]]
    assert find_alike(old, new) == {(2, 0): 1, (0, 1): 2, (1, 2): 1}
    alignment = Alignment(3, 3)
    alignment.match_features(old.__getitem__, new.__getitem__, ordered=True)
    assert (alignment.pairs, alignment.moved) == ([(0, 1), (1, 2)], [])
