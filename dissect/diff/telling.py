"""Two operations or associations as such, in: records of what differs in their places, frames, PDUs and times, out."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.diff.differences import Difference, Place
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import join
from dissect.diff.findings import TalkPair
from dissect.diff.slowness import Timed, find_slow
from dissect.diff.trees import TreeComparer
from dissect.differing import Weight
from dissect.messages import NEVER


class Teller:
    """Makes records of what stands alone or elsewhere, came in other PDUs, or took longer."""

    def __init__(self, old: Exchange, new: Exchange, comparer: TreeComparer) -> None:
        """Take two exchanges; the comparer says how much a difference matters."""
        self._old = old
        self._new = new
        self._comparer = comparer

    def tell_changed(
        self, pair: TalkPair, place: int, name: str, values: tuple[str, str], weight: Weight
    ) -> Difference:
        """Tell what differs of two operations as such."""
        return Difference("changed", weight, name, *values, *self._find_places(pair, place))

    def tell_lone_talk(self, old: Talk | None, new: Talk | None) -> Difference:
        """Tell of an association that has no partner."""
        exchange, talk = (self._old, old) if old is not None else (self._new, new)
        assert talk is not None
        text = f"{talk.describe()}, {tell(talk.stop - talk.first, 'operation')}"
        here = Place(talk.path, exchange.list_talk_frames(talk))
        if old is None:
            return Difference("added", "change", "Association", None, text, Place(), here)
        return Difference("removed", "change", "Association", text, None, here, Place())

    def tell_moved_talk(self, old: Talk, new: Talk) -> Difference:
        """Note that an association stands elsewhere among the others."""
        places = Place(old.path, self._old.list_talk_frames(old)), Place(new.path, self._new.list_talk_frames(new))
        weight = self._comparer.weigh("note")
        return Difference("changed", weight, "Order", f"#{old.number}", f"#{new.number}", *places)

    def tell_moved(self, pair: TalkPair, place: int) -> Difference:
        """Tell that an operation stands elsewhere among the others."""
        (old, new), (ours, theirs) = pair.pair(place), pair.both
        numbers = f"#{old - ours.first + 1}", f"#{new - theirs.first + 1}"
        return self.tell_changed(pair, place, "Order", numbers, "change")

    def tell_lone(self, pair: TalkPair, place: int) -> Difference:
        """Tell of an operation that has no partner."""
        old, new = pair.pair(place)
        kind = self._old.kind(old) if old >= 0 else self._new.kind(new)
        places = self._find_places(pair, place)
        if new < 0:
            return Difference("removed", "change", kind.name, kind.describe(), None, *places)
        return Difference("added", "change", kind.name, None, kind.describe(), *places)

    def compare_boundaries(self, pair: TalkPair, place: int) -> Iterator[Difference]:
        """Note in how many PDUs messages came, where all have a partner."""
        old, new = pair.pair(place)
        ours, theirs = self._old.count_pdus(old), self._new.count_pdus(new)
        if len(ours) == len(theirs) and ours != theirs:
            values = (", ".join(map(str, ours)), ", ".join(map(str, theirs)))
            yield self.tell_changed(pair, place, "PDUs of each message", values, self._comparer.weigh("note"))

    def compare_times(self, pair: TalkPair, ratio: float) -> Iterator[tuple[int, Difference]]:
        """Tell what takes `ratio` times as long as before, with the place of the operation that tells best."""
        timed = []
        for place in range(len(pair)):
            old, new = pair.pair(place)
            if old >= 0 and new >= 0:
                times = self._old.tell_time(old), self._new.tell_time(new)
                timed += [Timed(place, self._new.kind(new).name, *times)] if NEVER not in times else []
        for slow in find_slow(timed, ratio):
            yield slow.place, self.tell_changed(pair, slow.place, slow.name, slow.tell(), slow.weight)

    def _name_paths(self, pair: TalkPair, place: int) -> tuple[str, str]:
        """Give the paths of two operations; of one that lacks, that of the association that it lacks in."""
        found = []
        numbers = pair.pair(place)
        for exchange, talk, operation in zip((self._old, self._new), (pair.old, pair.new), numbers, strict=True):
            base = talk.path if talk is not None else ""
            found.append(join(base, exchange.name_operation(operation)) if operation >= 0 else base)
        return found[0], found[1]

    def _find_places(self, pair: TalkPair, place: int) -> tuple[Place, Place]:
        """Give where two operations are."""
        paths, (old, new) = self._name_paths(pair, place), pair.pair(place)
        return (
            Place(paths[0], self._old.list_frames(old) if old >= 0 else ()),
            Place(paths[1], self._new.list_frames(new) if new >= 0 else ()),
        )
