"""Response times of two exchanges: what takes longer than before, and what is but noise."""

from dissect.diff.slowness import Slowness, Timed, find_slow

MS = 1_000_000


def time(*pairs: tuple[int, int], kind: str = "C-STORE-RQ") -> list[Timed]:
    """Make operations that took so many milliseconds before and after."""
    return [Timed(place, kind, old * MS, new * MS) for place, (old, new) in enumerate(pairs)]


def test_a_kind_of_operation_is_judged_by_its_median_and_pointed_at_where_it_is_worst() -> None:
    [found] = find_slow(time((50, 100), (50, 130), (50, 99)), 1.5)
    assert found == Slowness(1, "Response time of C-STORE-RQ, median of 3", 50 * MS, 100 * MS, "change")
    assert found.tell() == ("50 ms", "100 ms (2.0 times)")


def test_a_single_slow_one_is_told_of_by_itself() -> None:
    [found] = find_slow(time((50, 51), (50, 52), (50, 900)), 2)
    assert (found.place, found.name) == (2, "Response time of C-STORE-RQ")


def test_each_kind_is_judged_by_itself() -> None:
    operations = time((50, 100), (60, 120)) + time((300, 310), kind="C-FIND-RQ")
    assert [found.name for found in find_slow(operations, 1.5)] == ["Response time of C-STORE-RQ, median of 2"]


def test_what_is_faster_is_a_note_and_what_is_short_is_nothing() -> None:
    assert [found.weight for found in find_slow(time((100, 40)), 2)] == ["note"]
    assert not list(find_slow(time((1, 9), (0, 8)), 2))
    assert not list(find_slow(time((50, 100)), 2))


def test_a_time_that_was_nothing_has_no_ratio_that_breaks() -> None:
    [found] = find_slow([Timed(0, "C-ECHO-RQ", 0, 20 * MS)], 2)
    assert found.tell() == ("0 ns", "20 ms (inf times)")
