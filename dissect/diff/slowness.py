"""Response times of operations that stand for each other, in: which of them take longer than before, out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dissect.amounts import BILLION, tell_seconds
from dissect.differing import Weight

LEAST = BILLION // 100
"""Nanoseconds: less is no slowness, whatever the ratio."""


@dataclass(frozen=True, slots=True)
class Timed:
    """An operation that was answered in both exchanges, after so many nanoseconds."""

    place: int
    kind: str
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Slowness:
    """What takes longer, or less long, than before."""

    place: int
    """That of the operation which tells best."""
    name: str
    old: int
    new: int
    weight: Weight

    def tell(self) -> tuple[str, str]:
        """Tell both times, and how many times as long the new one is."""
        times = self.new / self.old if self.old else float("inf")
        return tell_seconds(self.old), f"{tell_seconds(self.new)} ({times:.1f} times)"


def find_slow(operations: Iterable[Timed], ratio: float) -> Iterator[Slowness]:
    """Find the kinds of operations whose median takes `ratio` times as long, or of a kind that does not, single ones.

    What became as much faster is a note.
    """
    from statistics import median  # noqa: PLC0415 (it takes long to import, and times are seldom asked for)

    kinds: defaultdict[str, list[Timed]] = defaultdict(list)
    for each in operations:
        kinds[each.kind].append(each)
    for kind, timed in kinds.items():
        old, new = int(median(each.old for each in timed)), int(median(each.new for each in timed))
        if weight := judge(old, new, ratio):
            name = f"Response time of {kind}" + (f", median of {len(timed)}" if len(timed) > 1 else "")
            slowest = max(timed, key=lambda each: (each.new - each.old) * (1 if weight == "change" else -1))
            yield Slowness(slowest.place, name, old, new, weight)
            continue
        for each in timed:
            if judge(max(each.old, old, new), each.new, ratio) == "change":
                yield Slowness(each.place, f"Response time of {kind}", each.old, each.new, "change")


def judge(old: int, new: int, ratio: float) -> Weight | None:
    """Tell whether a time is so much longer that it matters, or so much shorter that it is worth a note."""
    if abs(new - old) < LEAST:
        return None
    if new > ratio * old:
        return "change"
    return "note" if old > ratio * new else None
