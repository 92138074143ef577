"""Two associations, in: which operation of one stands for which of the other, and what differs, out."""

from array import array
from collections.abc import Callable, Iterator

from dissect.diff.alignment import Alignment
from dissect.diff.contexts import Contexts
from dissect.diff.differences import Difference
from dissect.diff.digests import DIGEST
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import Field
from dissect.diff.findings import Rules, TalkPair
from dissect.diff.messages import MessageComparer, Spoken, are_alike, list_values
from dissect.diff.pairing import Signatures, list_likenesses, list_weak_likenesses
from dissect.diff.telling import Teller
from dissect.diff.trees import TreeComparer, Trees, Wanted, merge

MOST_TRIED = 16
"""Operations with more messages are not read to find out whether they stand for each other by their places."""


class TalkComparer:
    """Compares associations, one pair after the other."""

    def __init__(
        self, old: Exchange, new: Exchange, rules: Rules, comparer: TreeComparer, watch: Callable[[], None]
    ) -> None:
        """Start with nothing compared; `watch` is called with each operation."""
        self.old = old
        self.new = new
        self._rules = rules
        self._comparer = comparer
        self._teller = Teller(old, new, comparer)
        self._watch = watch
        self._pairs: list[TalkPair] = []
        self._numbered = array("i")
        """By number that the relation of UIDs has for what was compared: the pair of associations, and the place of the
        pair of operations in it, or -1 for the negotiation; two numbers each."""
        self._same = array("i")
        """What is the same byte by byte, so that its UIDs were not looked at: its number for the relation of UIDs, the
        operation in the old exchange, the message in it, or -1 for all; three numbers each."""

    def compare(self, old: Talk | None, new: Talk | None, *, moved: bool) -> TalkPair:
        """Compare two associations, of which one may lack; `moved` where others that came before come after."""
        pair = TalkPair(old, new)
        self._pairs.append(pair)
        if old is None or new is None:
            pair.differences.append(self._teller.tell_lone_talk(old, new))
            return pair
        if moved:
            pair.differences.append(self._teller.tell_moved_talk(old, new))
        contexts = self._compare_negotiations(pair, old, new)
        signatures = Signatures(self.old, old, self._comparer, "old"), Signatures(self.new, new, self._comparer, "new")
        if not self._rules.ignore_order:
            self._walk_in_step(pair, contexts, signatures)
        begun = len(pair)
        shifted = self._pair(pair, signatures)
        for place in range(begun, len(pair)):
            if pair.pair(place) in shifted:
                pair.find(place).differences.append(self._teller.tell_moved(pair, place))
            self._compare_operations(pair, place, contexts)
        if self._rules.timing:
            for place, told in self._teller.compare_times(pair, self._rules.timing):
                pair.find(place).differences.append(told)
        return pair

    def _walk_in_step(
        self, pair: TalkPair, contexts: Contexts | None, signatures: tuple[Signatures, Signatures]
    ) -> None:
        """Compare operations by their places as long as they are surely the same ones: then nothing is read twice."""
        old, new = pair.both
        for place in range(min(old.stop - old.first, new.stop - new.first)):
            if not self._are_same(pair, place, signatures) and not self._is_between(pair, place, signatures):
                return
            pair.operations.extend((old.first + place, new.first + place))
            self._compare_operations(pair, place, contexts)

    def _are_same(self, pair: TalkPair, place: int, signatures: tuple[Signatures, Signatures]) -> bool:
        """Tell whether nothing but UIDs differs in operations by their places, or their large values are the same."""
        old, new = signatures
        if old.digest(place) == new.digest(place):
            return True
        if old.kind(place) != new.kind(place):
            return False
        ours, theirs = self._take_in_step(pair, place)
        if len(ours) != len(theirs) or len(ours) > MOST_TRIED:
            return False
        if all(ours.meaning(at) == theirs.meaning(at) for at in range(len(ours))):
            return True
        large = list_large(ours.read(0))
        return bool(large) and large == list_large(theirs.read(0))

    def _is_between(self, pair: TalkPair, place: int, signatures: tuple[Signatures, Signatures]) -> bool:
        """Tell whether operations with requests that are much alike stand between others that are the same, or last."""
        old, new = signatures
        stops = [talk.first + place + 1 == talk.stop for talk in pair.both]
        if old.kind(place) != new.kind(place) or any(stops) != all(stops):
            return False
        steps = self._take_in_step(pair, place)
        if not all(map(len, steps)):
            return False  # a snapshot whose masks leave out all messages
        ours, theirs = (spoken.read(0) for spoken in steps)
        if list_large(ours) != list_large(theirs) or not are_alike(ours, theirs):
            return False
        return all(stops) or self._are_same(pair, place + 1, signatures)

    def _take_in_step(self, pair: TalkPair, place: int) -> tuple[Spoken, Spoken]:
        """Take two operations by their places in their associations."""
        old, new = pair.both
        return self._take(pair, (old.first + place, new.first + place))

    def _take(self, pair: TalkPair, operations: tuple[int, int]) -> tuple[Spoken, Spoken]:
        """Take two operations by their numbers."""
        (old, new), (ours, theirs) = pair.both, operations
        return Spoken(self.old, old, ours, self._comparer), Spoken(self.new, new, theirs, self._comparer)

    def _pair(self, pair: TalkPair, signatures: tuple[Signatures, Signatures]) -> set[tuple[int, int]]:
        """Pair what is left of the operations of two associations, and give those that stand elsewhere."""
        (old, new), begun = pair.both, len(pair)
        sizes, ordered = (old.stop - old.first, new.stop - new.first), not self._rules.ignore_order
        alignment = Alignment(*sizes)
        alignment.keep((place, place) for place in range(begun))
        strong, weak = list_likenesses(*signatures), list_weak_likenesses(*signatures)
        for likeness in strong:
            alignment.match(likeness, ordered=ordered)
        if ordered:
            for likeness in strong:
                alignment.match_moved(likeness)
        for place, likeness in enumerate(weak):
            if place == 1:
                alignment.match_features(signatures[0].features, signatures[1].features, ordered=ordered)
            alignment.match(likeness, ordered=ordered)
        for at, place in list(merge([*alignment.pairs, *alignment.moved], *sizes))[begun:]:
            pair.operations.extend((at + old.first if at >= 0 else -1, place + new.first if place >= 0 else -1))
        return {(at + old.first, place + new.first) for at, place in alignment.moved}

    def read_negotiations(self, old: Talk, new: Talk) -> tuple[Trees, Contexts]:
        """Read the PDUs of two associations that carry no messages, and which presentation context stands for which."""
        ours, theirs = self.old.read_negotiation(old), self.new.read_negotiation(new)
        contexts = Contexts(ours, theirs)
        fields = Field(old.path, "Association"), Field(new.path, "Association")
        fields[0].children, fields[1].children = contexts.trim(ours, theirs)
        return Trees(*fields, old.path, new.path), contexts

    def _compare_negotiations(self, pair: TalkPair, old: Talk, new: Talk) -> Contexts | None:
        """Compare negotiations, and give which context stands for which; None where each does for that in its place."""
        if old.digest == new.digest:
            return None
        trees, contexts = self.read_negotiations(old, new)
        if (old.torn or new.torn) and not self._rules.allow_gaps:
            return contexts
        self._number(-1)
        pair.differences += self._comparer.compare(trees)
        return contexts

    def _number(self, place: int) -> int:
        """Give what is compared of the last pair of associations a number for the relation of UIDs."""
        number = self._comparer.place = len(self._numbered) // 2
        self._numbered.extend((len(self._pairs) - 1, place))
        return number

    def find(self, number: int) -> tuple[TalkPair, int]:
        """Find what has a number: associations, and the place of the pair of operations, or -1."""
        return self._pairs[self._numbered[2 * number]], self._numbered[2 * number + 1]

    def list_same_uids(self) -> Iterator[tuple[int, str]]:
        """Give the UIDs of instances in what is the same byte by byte, each with the number of where it is."""
        for at in range(0, len(self._same), 3):
            number, operation, message = self._same[at : at + 3]
            places = range(len(self.old.digest_messages(operation))) if message < 0 else (message,)
            for place in places:
                for uid in self.old.list_uids(operation, place):
                    yield number, uid

    def _compare_operations(self, pair: TalkPair, place: int, contexts: Contexts | None) -> None:
        """Compare two operations, or tell of one that stands alone."""
        self._watch()
        old, new = pair.pair(place)
        differences: list[Difference] = []
        if old < 0 or new < 0:
            differences.append(self._teller.tell_lone(pair, place))
        elif not self._rules.allow_gaps and (self.old.find_gap(old) or self.new.find_gap(new)):
            pair.find(place).incomparable = True
        else:
            differences += self._judge_context(pair, place, contexts)
            number = self._number(place)
            if self.old.digests[old] == self.new.digests[new]:
                self._same.extend((number, old, -1))
            else:
                comparing = self._take_messages(pair, place)
                differences += comparing.compare()
                for at in comparing.same:
                    self._same.extend((number, old, at))
        if self._rules.boundaries and old >= 0 and new >= 0:
            differences += self._teller.compare_boundaries(pair, place)
        if differences:
            pair.find(place).differences += differences

    def _take_messages(self, pair: TalkPair, place: int) -> MessageComparer:
        """Take the messages of two operations."""
        old, new = self._take(pair, pair.pair(place))
        return MessageComparer(old, new, self._comparer, ordered=not self._rules.ignore_order)

    def find_uids(self, number: int, wanted: Wanted) -> list[Difference]:
        """Give the places of pairs of UIDs in what has a number, with what they contradict."""
        pair, place = self.find(number)
        with self._comparer.search(wanted):
            if place < 0:
                found = self._comparer.compare(self.read_negotiations(*pair.both)[0])
            else:
                found = self._take_messages(pair, place).compare(thorough=True)
        return [each for each in found if each.change == "uid-relation"]

    def _judge_context(self, pair: TalkPair, place: int, contexts: Contexts | None) -> Iterator[Difference]:
        """Tell whether two operations are in presentation contexts that do not stand for each other."""
        old, new = pair.pair(place)
        if contexts is None and self.old.contexts[old] == self.new.contexts[new]:
            return
        if contexts is None:
            contexts = self.read_negotiations(*pair.both)[1]
        if (values := contexts.judge(self.old.contexts[old], self.new.contexts[new])) is not None:
            yield self._teller.tell_changed(pair, place, "Presentation Context", values, "change")


def list_large(message: Field) -> set[tuple[str, str]]:
    """Give the values of a message that are told by their digests, with their paths in it."""
    return {(path, value) for path, value in list_values(message) if DIGEST in value}
