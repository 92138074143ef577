"""Two sequences, in: which entry of one stands for which of the other, out. Near linear, and the same both ways."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

Pair = tuple[int, int]
"""An entry of the one sequence and one of the other, by their places."""

MOST_EDITS = 256
"""How many entries may lack on either side before a search for the longest common subsequence goes on from where it
has come furthest: what it finds is then not the longest, but its time grows with the length alone."""

FEW = 64
"""Among no more pairs than this the best of the longest chains is looked for."""

SURE = 3
"""How many features in common say that two entries are the same though they stand elsewhere."""


def align(old: Sequence[Any], new: Sequence[Any]) -> list[Pair]:
    """Pair equal entries so that both sequences keep their order: many, where not the most that are possible.

    The entries can be hashed and compared; the pairs are the same with the sequences exchanged.
    """
    if list(new) < list(old):
        return [(ours, theirs) for theirs, ours in align(new, old)]
    found: list[Pair] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        low, high, left, right = todo.pop()
        while low < high and left < right and old[low] == new[left]:
            found.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and old[high - 1] == new[right - 1]:
            high, right = high - 1, right - 1
            found.append((high, right))
        if low == high or left == right:
            continue
        anchors = find_anchors(old, new, (low, high, left, right))
        if anchors:
            found += anchors
            todo += split((low, high, left, right), anchors)
        else:
            pairs, rest = find_common(old, new, (low, high, left, right))
            found += pairs
            todo += [rest] if rest is not None else []
    return sorted(found)


Block = tuple[int, int, int, int]
"""A range of the one sequence and a range of the other: two starts and two ends."""


def split(block: Block, pairs: Iterable[Pair]) -> list[Block]:
    """Give the blocks between pairs."""
    low, high, left, right = block
    found = []
    for ours, theirs in pairs:
        found.append((low, ours, left, theirs))
        low, left = ours + 1, theirs + 1
    return [*found, (low, high, left, right)]


def find_anchors(old: Sequence[Hashable], new: Sequence[Hashable], block: Block) -> list[Pair]:
    """Pair what occurs once in each range, as much of it as keeps its order."""
    low, high, left, right = block
    ours = {entry: at for at, entry in enumerate(old[low:high], low)}
    theirs = {entry: at for at, entry in enumerate(new[left:right], left)}
    counts, others = Counter(old[low:high]), Counter(new[left:right])
    pairs = [(at, theirs[each]) for each, at in ours.items() if counts[each] == 1 and others.get(each) == 1]
    return find_ascending(sorted(pairs))


def find_ascending(pairs: list[Pair]) -> list[Pair]:
    """Give the longest chain of pairs, in order of their first places, whose second places ascend.

    Of a few pairs, those are preferred that have the same place in both sequences.
    """
    return find_heaviest(pairs) if len(pairs) <= FEW else find_long_chain(pairs)


def find_heaviest(pairs: list[Pair]) -> list[Pair]:
    """Give the longest chain, of several as long that with the most equal places; its time grows with the square."""
    best: list[tuple[int, int, int]] = []
    for number, (at, place) in enumerate(pairs):
        chains = ((*best[before][:2], before) for before in range(number) if pairs[before][1] < place)
        length, equal, before = max(chains, default=(0, 0, -1))
        best.append((length + 1, equal + (at == place), before))
    found = []
    number = max(range(len(best)), key=lambda each: best[each][:2], default=-1)
    while number >= 0:
        found.append(pairs[number])
        number = best[number][2]
    return found[::-1]


def find_long_chain(pairs: list[Pair]) -> list[Pair]:
    """Give a longest chain."""
    tops: list[int] = []
    chains: list[int] = []
    before = [-1] * len(pairs)
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(tops, place)
        before[number] = chains[at - 1] if at else -1
        if at == len(tops):
            tops.append(place)
            chains.append(number)
        else:
            tops[at], chains[at] = place, number
    found = []
    number = chains[-1] if chains else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def find_common(old: Sequence[Hashable], new: Sequence[Hashable], block: Block) -> tuple[list[Pair], Block | None]:
    """Give a longest common subsequence of two ranges, and what is left of them where they differ in too much.

    The greedy search of E. Myers, 'An O(ND) Difference Algorithm and Its Variations' (1986): a diagonal is the
    difference of two places, and what is kept for each is how far one comes on it.
    """
    low, high, left, right = block
    height, width = high - low, right - left
    reach = {1: 0}
    steps: list[dict[int, int]] = []
    for edits in range(MOST_EDITS + 1):
        steps.append(dict(reach))
        for diagonal in range(-min(edits, 2 * width - edits), min(edits, 2 * height - edits) + 1, 2):
            above, below = reach.get(diagonal - 1, -2), reach.get(diagonal + 1, -2)
            at = below if above < below else above + 1
            while at < height and at - diagonal < width and old[low + at] == new[left + at - diagonal]:
                at += 1
            reach[diagonal] = at
            if at >= height and at - diagonal >= width:
                return trace(steps, at, diagonal, (low, left)), None
    within = [each for each in reach if reach[each] <= height and 0 <= reach[each] - each <= width]
    best = max(within, key=lambda each: 2 * reach[each] - each)
    at = reach[best]
    return trace(steps, at, best, (low, left)), (low + at, high, left + at - best, right)


def trace(steps: list[dict[int, int]], at: int, diagonal: int, start: Pair) -> list[Pair]:
    """Go back over the steps of a search, and give the pairs on the way."""
    found = []
    for reach in reversed(steps):
        above, below = reach.get(diagonal - 1, -2), reach.get(diagonal + 1, -2)
        before, entry = (diagonal + 1, below) if above < below else (diagonal - 1, above + 1)
        while at > max(entry, 0) and at - diagonal > 0:
            at -= 1
            found.append((start[0] + at, start[1] + at - diagonal))
        at, diagonal = (entry, before) if above < below else (entry - 1, before)
    return found[::-1]


Likeness = tuple[Callable[[int], Hashable], Callable[[int], Hashable]]
"""What gives what entries of the one sequence and of the other are alike by, by their places."""

Features = Callable[[int], Iterable[int]]
"""What gives the features of an entry by its place."""


def find_alike(old: Sequence[Iterable[int]], new: Sequence[Iterable[int]]) -> dict[Pair, int]:
    """Pair entries each of which has more features in common with the other than with any third; and tell how many.

    A feature counts that one entry of each sequence has; where several are as good, the nearer place is better.
    """
    holders: list[dict[int, int]] = []
    for features in (old, new):
        counts = Counter(feature for entry in features for feature in entry)
        holders.append({each: at for at, entry in enumerate(features) for each in entry if counts[each] == 1})
    votes = Counter((at, holders[1][feature]) for feature, at in holders[0].items() if feature in holders[1])
    best: list[dict[int, tuple[int, int, int]]] = [{}, {}]
    for (at, place), count in votes.items():
        worth = (count, -abs(at - place), -at - place)
        for side, here in zip(best, (at, place), strict=True):
            side[here] = max(side.get(here, worth), worth)
    return {
        (at, place): count
        for (at, place), count in votes.items()
        if best[0][at] == best[1][place] == (count, -abs(at - place), -at - place)
    }


class Alignment:
    """Two sequences that are paired round by round, each round by a weaker likeness."""

    def __init__(self, old: int, new: int) -> None:
        """Start with nothing paired of two sequences of these lengths."""
        self.pairs: list[Pair] = []
        """In their order: of entries that kept their order."""
        self.moved: list[Pair] = []
        """Of entries that are alike but stand elsewhere."""
        self._sizes = (old, new)
        self._used: tuple[set[int], set[int]] = (set(), set())

    @property
    def is_complete(self) -> bool:
        """Tell whether one of the sequences has no entry left."""
        return not self.old_left() or not self.new_left()

    def old_left(self) -> list[int]:
        """Give the places in the old sequence that have no partner."""
        return [at for at in range(self._sizes[0]) if at not in self._used[0]]

    def new_left(self) -> list[int]:
        """Give the places in the new sequence that have no partner."""
        return [at for at in range(self._sizes[1]) if at not in self._used[1]]

    def force(self, pairs: Iterable[Pair]) -> None:
        """Pair what a user says; it need not keep the order."""
        self._take(self.moved, list(pairs))

    def keep(self, pairs: Iterable[Pair]) -> None:
        """Take pairs that keep the order."""
        self._take(self.pairs, list(pairs))

    def match(self, likeness: Likeness, *, ordered: bool) -> None:
        """Pair what is alike and left, between the pairs that there are; or wherever it stands, if order is nothing."""
        ours, theirs = likeness
        if not ordered:
            self._take(self.pairs, self._pair_anywhere(likeness))
            return
        fresh: list[Pair] = []
        for low, high, left, right in split((0, self._sizes[0], 0, self._sizes[1]), self.pairs):
            old = [at for at in range(low, high) if at not in self._used[0]]
            new = [at for at in range(left, right) if at not in self._used[1]]
            if old and new:
                pairs = align([ours(at) for at in old], [theirs(at) for at in new])
                fresh += [(old[at], new[place]) for at, place in pairs]
        self._take(self.pairs, fresh)

    def match_moved(self, likeness: Likeness) -> None:
        """Pair what is alike and left but stands elsewhere."""
        self._take(self.moved, self._pair_anywhere(likeness))

    def _pair_anywhere(self, likeness: Likeness) -> list[Pair]:
        """Give pairs of what is alike and left, wherever it stands."""
        old, new = self.old_left(), self.new_left()
        if not old or not new:
            return []
        ours, theirs = likeness
        places: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for place in new:
            places[theirs(place)].append(place)
        waiting = ((at, places.get(ours(at))) for at in old)
        return [(at, found.popleft()) for at, found in waiting if found]

    def match_features(self, old: Features, new: Features, *, ordered: bool) -> None:
        """Pair what is left and most alike: entries that have the most features in common that no others have."""
        ours, theirs = self.old_left(), self.new_left()
        if not ours or not theirs:
            return
        first, second = [sorted(set(old(at))) for at in ours], [sorted(set(new(at))) for at in theirs]
        found = find_alike(first, second)
        pairs = {(ours[at], theirs[place]): count for (at, place), count in found.items()}
        if not ordered:
            self._take(self.pairs, list(pairs))
            return
        fitting = [pair for pair in sorted(pairs) if self._fits(pair)]
        if second < first:  # so that the sequences may be exchanged
            kept = [(at, place) for place, at in find_ascending(sorted((place, at) for at, place in fitting))]
        else:
            kept = find_ascending(fitting)
        self._take(self.pairs, kept)
        self._take(self.moved, sorted(pair for pair in set(pairs) - set(kept) if pairs[pair] >= SURE))

    def _fits(self, pair: Pair) -> bool:
        """Tell whether a pair keeps the order of those that there are."""
        at = bisect_left(self.pairs, pair)
        return (not at or self.pairs[at - 1][1] < pair[1]) and (at == len(self.pairs) or pair[1] < self.pairs[at][1])

    def _take(self, where: list[Pair], pairs: list[Pair]) -> None:
        where += pairs
        where.sort()
        for at, place in pairs:
            self._used[0].add(at)
            self._used[1].add(place)
