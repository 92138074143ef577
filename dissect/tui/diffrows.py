"""A comparison, in: its lines by number, out: associations, under them operations, under those what differs."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference
from dissect.diff.findings import Finding, TalkPair

WHOLE = -1
"""The place of what is about an association itself, and of the line above differences."""


class Row(NamedTuple):
    """A line: the number of the pair of associations, the place of the pair of operations in it, what is below that."""

    talk: int
    place: int = WHOLE
    below: int = WHOLE


Key = tuple[int, int, int, int, str, str]
"""What a line is known by in another comparison: the associations, the operations, the path, the name."""


class DiffRows:
    """The lines of a comparison that are seen: groups, each of a head and what differs."""

    def __init__(self, comparison: Comparison, *, notes: bool, unchanged: bool) -> None:
        """Take a comparison; `unchanged` is whether what is the same on both sides has a line, too."""
        self.comparison = comparison
        self._notes, self._unchanged = notes, unchanged
        self._kept: tuple[Row, list[Difference]] | None = None
        self._differing: dict[int, int] = {}
        self.closed: set[Row] = set()
        """The heads below which nothing is seen."""
        self.lay_out()

    def lay_out(self) -> None:
        """Find the groups, and the line of each."""
        self._talks, self._places = array("I"), array("i")
        sizes = array("I")
        for group in self._list_groups():
            self._talks.append(group.talk)
            self._places.append(group.place)
            sizes.append(1 if group in self.closed else 1 + self.count_below(group))
        self._starts = array("Q", accumulate(sizes, initial=0))

    def _list_groups(self) -> Iterator[Row]:
        for talk, pair in enumerate(self.comparison.talks):
            places = range(len(pair)) if self._unchanged else sorted(pair.findings)
            below = [place for place in places if self._unchanged or self.differs(Row(talk, place))]
            if below or self._unchanged or self.differs(Row(talk)):
                yield Row(talk)
                if Row(talk) not in self.closed:
                    yield from (Row(talk, place) for place in below)

    def __len__(self) -> int:
        """Give how many lines there are."""
        return self._starts[-1]

    def __getitem__(self, number: int) -> Row:
        """Give a line."""
        group = bisect_right(self._starts, number) - 1
        return self._group(group)._replace(below=number - self._starts[group] - 1)

    def _group(self, at: int) -> Row:
        return Row(self._talks[at], self._places[at])

    # What lines are about

    def pair(self, row: Row) -> TalkPair:
        """Give the associations of a line."""
        return self.comparison.talks[row.talk]

    def finding(self, row: Row) -> Finding | None:
        """Give the operations of a line, None for an association's own."""
        if row.place == WHOLE:
            return None
        pair = self.pair(row)
        return pair.findings.get(row.place) or Finding(*pair.pair(row.place))

    def list_differences(self, row: Row) -> list[Difference]:
        """Give what differs of a line's association or operations, and is shown."""
        head = row._replace(below=WHOLE)
        if self._kept is None or self._kept[0] != head:
            self._kept = head, self._choose(head)
        return self._kept[1]

    def _choose(self, row: Row) -> list[Difference]:
        pair = self.pair(row)
        found = pair.findings.get(row.place) if row.place != WHOLE else None
        differences = pair.differences if row.place == WHOLE else found.differences if found is not None else []
        return [each for each in differences if self._notes or each.weight != "note"]

    def is_incomparable(self, row: Row) -> bool:
        """Tell whether the operations of a line were not compared."""
        found = self.pair(row).findings.get(row.place) if row.place != WHOLE else None
        return found is not None and found.incomparable

    def differs(self, row: Row) -> bool:
        """Tell whether there is anything to be said of an association or of operations."""
        return bool(self.count_below(row))

    def count_differing(self, row: Row) -> int:
        """Give how many operations of an association differ."""
        if row.talk not in self._differing:
            findings = self.pair(row).findings
            self._differing[row.talk] = sum(self.differs(Row(row.talk, place)) for place in findings)
        return self._differing[row.talk]

    def count_below(self, row: Row) -> int:
        """Give how many lines belong below a head."""
        return len(self.list_differences(row)) + self.is_incomparable(row)

    def difference(self, row: Row) -> Difference | None:
        """Give what differs in a line, None for a head."""
        if row.below == WHOLE:
            return None
        found = self.list_differences(row)
        return found[row.below] if row.below < len(found) else None

    # Moving

    def name(self, row: Row) -> Key:
        """Give what a line is known by in another comparison."""
        pair, finding, found = self.pair(row), self.finding(row), self.difference(row)
        old, new = (talk.number if talk is not None else 0 for talk in (pair.old, pair.new))
        operations = (finding.old, finding.new) if finding is not None else (WHOLE, WHOLE)
        return old, new, *operations, *((found.path, found.name) if found is not None else ("", ""))

    def find(self, wanted: Key) -> int:
        """Find the line that is known by the same, or the nearest above it that there is."""
        best = 0
        for group in range(len(self._talks)):
            row = self._group(group)
            key = self.name(row)
            if key[:2] != wanted[:2] or (row.place != WHOLE and key[2:4] != wanted[2:4]):
                continue
            best = self._starts[group]
            if key[2:4] == wanted[2:4] and row not in self.closed:
                return best + 1 + self._find_below(row, wanted) if wanted[5] else best
        return best

    def _find_below(self, row: Row, wanted: Key) -> int:
        found = self.list_differences(row)
        alike = (at for at, each in enumerate(found) if (each.path, each.name) == wanted[4:])
        after = (at for at, each in enumerate(found) if each.path >= wanted[4])
        return next(alike, next(after, len(found) - 1))

    def find_next(self, number: int, step: int) -> int | None:
        """Find the next difference, or the one before, and open what it is under; None where there is none."""
        if not len(self):
            return None
        row = self[number]
        for at in self._list_stops(row, step):
            opened = {at._replace(below=WHOLE), Row(at.talk)} & self.closed
            if opened:
                self.closed -= opened
                self.lay_out()
            return self.find_row(at)
        return None

    def _list_stops(self, row: Row, step: int) -> Iterator[Row]:
        """Give the differences behind a line, or those before it, backwards; what is not seen now among them."""
        talks = self.comparison.talks
        for talk in range(row.talk, len(talks) if step > 0 else -1, step):
            places = [WHOLE, *sorted(talks[talk].findings)]
            for place in places if step > 0 else reversed(places):
                if talk == row.talk and (place - row.place) * step < 0:
                    continue
                here = talk == row.talk and place == row.place
                size = len(self.list_differences(Row(talk, place)))
                first = row.below + step if here else 0 if step > 0 else size - 1
                for below in range(first, size if step > 0 else -1, step):
                    yield Row(talk, place, below)

    def find_row(self, row: Row) -> int:
        """Find the number of a line; where it is not seen, that of the nearest one behind it, or the last."""
        head = row._replace(below=WHOLE)
        group = bisect_left(range(len(self._talks)), head, key=self._group)
        if group == len(self._talks):
            return max(len(self) - 1, 0)
        if self._group(group) != head:
            return self._starts[group]
        return min(self._starts[group] + 1 + row.below, self._starts[group + 1] - 1)
