"""UIDs of two exchanges that stand in the same places, in: a one-to-one relation, and what breaks it, out."""

from array import array
from collections import defaultdict

Partners = tuple[str, str]
"""A UID of the old exchange, and the one that stands in its place in the new one."""


class Relation:
    """Which UID stands for which.

    That all UIDs are others is no difference as long as each has one partner and no more. Where one would need two, the
    partner that it has most often is taken for its own, and the other is what is wrong.
    """

    def __init__(self) -> None:
        """Start without any."""
        self._places: dict[Partners, array[int]] = {}
        """By pair, the numbers of the places that it was seen in, ascending."""
        self._counts: dict[Partners, int] = {}
        self._known: set[str] = set()

    def add(self, pair: Partners, place: int) -> None:
        """Take a pair of UIDs down that was seen in a place."""
        places = self._places.get(pair)
        if places is None:
            places = self._places[pair] = array("I")
            self._counts[pair] = 0
            if pair[0] != pair[1]:
                self._known.update(pair)
        self._counts[pair] += 1
        if not places or places[-1] != place:
            places.append(place)

    def concerns(self, uid: str) -> bool:
        """Tell whether a UID was seen with another as its partner, so that it matters where else it stands."""
        return uid in self._known

    @property
    def is_identity(self) -> bool:
        """Tell whether each UID was seen with itself alone."""
        return not self._known

    def places(self, pair: Partners) -> "array[int]":
        """Give the places that a pair was seen in."""
        return self._places[pair]

    def find_broken(self) -> dict[Partners, list[Partners]]:
        """Give the pairs that break the relation, each with those that it contradicts."""
        olds: defaultdict[str, list[Partners]] = defaultdict(list)
        news: defaultdict[str, list[Partners]] = defaultdict(list)
        for pair in self._places:
            olds[pair[0]].append(pair)
            news[pair[1]].append(pair)
        doubtful = [pair for pair in self._places if len(olds[pair[0]]) > 1 or len(news[pair[1]]) > 1]
        doubtful.sort(key=lambda pair: (-self._counts[pair], pair[0] != pair[1], min(pair), max(pair)))
        taken: dict[str, Partners] = {}
        given: dict[str, Partners] = {}
        broken: dict[Partners, list[Partners]] = {}
        for pair in doubtful:
            others = [found for found in (taken.get(pair[0]), given.get(pair[1])) if found is not None]
            if others:
                broken[pair] = others
            else:
                taken[pair[0]] = given[pair[1]] = pair
        return broken
