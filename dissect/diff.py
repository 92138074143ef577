"""Two exchanges, in: which association and operation of one stands for which of the other, and what differs, out.

The result is the same with the two exchanged, but for what is old and what is new, and the same on every run.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from dissect.alignment import Alignment
from dissect.amounts import tell
from dissect.comparing import Comparer, Trees, merge
from dissect.config import Profile, Weight
from dissect.differences import Contradiction, Difference, Place
from dissect.digests import fingerprint
from dissect.exchange import Exchange, Talk
from dissect.forms import Field, join
from dissect.index import NEVER
from dissect.masks import Masks
from dissect.pairing import Contexts, Signatures, list_likenesses, list_weak_likenesses
from dissect.slowness import Timed, find_slow

Watch = Callable[[int, int], None]
"""What is called with how much is done, and of how much."""


class DiffError(Exception):
    """Rules that fit no exchange: one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is compared, and how."""

    masks: Masks = field(default_factory=Masks)
    profile: Profile = "default"
    ignore_order: bool = False
    """Whether associations, operations, and the responses of one, may come in any order."""
    pairs: tuple[tuple[int, int], ...] = ()
    """Numbers of associations, old and new, that stand for each other whatever they look like."""
    timing: float = 0.0
    """How many times as long responses may take; 0 for as long as they like."""
    allow_gaps: bool = False
    """Whether operations of which bytes are lost are compared as far as they are there."""
    boundaries: bool = False
    """Whether it is a note in how many PDUs a message came."""


@dataclass(slots=True)
class Finding:
    """Two operations that stand for each other, or one that stands alone, and what differs."""

    old: int
    """The number of the operation in the old exchange, -1 where there is none."""
    new: int
    differences: list[Difference] = field(default_factory=list)
    incomparable: bool = False
    """Whether bytes of it are lost, so that it was not compared."""


@dataclass(slots=True)
class TalkPair:
    """Two associations that stand for each other, or one that stands alone, and what differs."""

    old: Talk | None
    new: Talk | None
    differences: list[Difference] = field(default_factory=list)
    """What differs in the association itself."""
    operations: "array[int]" = field(default_factory=lambda: array("i"))
    """The operations in order, two numbers for each pair: old and new, -1 where there is none."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """By place of the pair, the operations in which something differs."""

    def __len__(self) -> int:
        """Give how many pairs of operations there are."""
        return len(self.operations) // 2

    def pair(self, place: int) -> tuple[int, int]:
        """Give the operations of a pair by its place."""
        return self.operations[2 * place], self.operations[2 * place + 1]

    def find(self, place: int) -> Finding:
        """Give what was found in a pair, for more to be added."""
        return self.findings.setdefault(place, Finding(*self.pair(place)))

    def list_findings(self) -> list[tuple[int, Finding]]:
        """Give the findings in order, each with the place of its pair."""
        return sorted(self.findings.items())


class Comparison:
    """What differs between two exchanges.

    Parameters
    ----------
    old, new
        What is compared.
    rules
        What of it, and how.
    watch
        Called with how many pairs of operations are compared, and of how many; it may raise to stop.

    Raises
    ------
    DiffError
        Where the rules name an association that is not there.

    """

    def __init__(self, old: Exchange, new: Exchange, rules: Rules, watch: Watch | None = None) -> None:
        """Compare."""
        self.old = old
        self.new = new
        self.rules = rules
        self._comparer = Comparer(
            rules.masks, rules.profile, ordered=not rules.ignore_order, left_out=(*old.ignored, *new.ignored)
        )
        self._places: list[tuple[TalkPair, int]] = []
        """What was compared, by the numbers that the relation of UIDs has for it; -1 is for the negotiation."""
        self._same: list[int] = []
        """The numbers of operations that are the same byte by byte, whose UIDs were not looked at."""
        self.talks = [self._pair_operations(*pair) for pair in self._pair_talks()]
        size, done = sum(map(len, self.talks)), 0
        for pair in self.talks:
            contexts = self._compare_negotiations(pair)
            for place in range(len(pair)):
                if watch is not None:
                    watch(done, size)
                done += 1
                self._compare_operations(pair, place, contexts)
            if rules.timing:
                self._compare_times(pair)
        self._settle_uids()
        self._refuse_idle()

    @property
    def hidden(self) -> Counter[str]:
        """Give how many differences each mask hid."""
        return self._comparer.hidden

    def __iter__(self) -> Iterator[Difference]:
        """Give all differences in order."""
        for pair in self.talks:
            yield from pair.differences
            for _, finding in pair.list_findings():
                yield from finding.differences

    @cached_property
    def gaps(self) -> list[tuple[Exchange, str]]:
        """Give the paths of the associations and operations of which a capture lacks bytes."""
        return [(exchange, path) for exchange in (self.old, self.new) for path in exchange.list_gaps()]

    def name_paths(self, pair: TalkPair, finding: Finding) -> tuple[str, str]:
        """Give the paths of two operations; of one that lacks, that of the association that it lacks in."""
        found = []
        for exchange, talk, operation in ((self.old, pair.old, finding.old), (self.new, pair.new, finding.new)):
            base = talk.path if talk is not None else ""
            found.append(join(base, exchange.name_operation(operation)) if operation >= 0 else base)
        return found[0], found[1]

    def _pair_talks(self) -> Iterator[tuple[Talk | None, Talk | None, bool]]:
        """Pair the associations, and tell of each pair whether it stands out of order."""
        old, new = self.old.talks, self.new.talks
        alignment = Alignment(len(old), len(new))
        alignment.force([self._find_forced(*numbers) for numbers in self.rules.pairs])
        forced = set(alignment.moved)
        for likeness in TALK_LIKENESSES:
            ours, theirs = ([likeness(exchange, talk) for talk in exchange.talks] for exchange in (self.old, self.new))
            alignment.match((ours.__getitem__, theirs.__getitem__), ordered=not self.rules.ignore_order)
            if not self.rules.ignore_order:
                alignment.match_moved((ours.__getitem__, theirs.__getitem__))
        for at, place in merge([*alignment.pairs, *alignment.moved], len(old), len(new)):
            moved = (at, place) in alignment.moved and (at, place) not in forced
            yield old[at] if at >= 0 else None, new[place] if place >= 0 else None, moved

    def _find_forced(self, old: int, new: int) -> tuple[int, int]:
        """Find two associations by their numbers."""
        found = []
        for exchange, number in ((self.old, old), (self.new, new)):
            places = [place for place, talk in enumerate(exchange.talks) if talk.number == number]
            if not places:
                raise DiffError(f"no association {number} in {exchange.name}, which has {len(exchange.talks)}")
            found += places
        return found[0], found[1]

    def _pair_operations(self, old: Talk | None, new: Talk | None, moved: bool) -> TalkPair:
        """Pair the operations of two associations."""
        pair = TalkPair(old, new)
        if old is None or new is None:
            pair.differences.append(self._tell_lone_talk(old, new))
            return pair
        if moved:
            pair.differences.append(tell_order(old.number, new.number, "note", (old.path, new.path)))
        sizes, ordered = (old.stop - old.first, new.stop - new.first), not self.rules.ignore_order
        alignment = Alignment(*sizes)
        signatures = Signatures(self.old, old, self._comparer), Signatures(self.new, new, self._comparer)
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
        shifted = {(at + old.first, place + new.first) for at, place in alignment.moved}
        for at, place in merge([*alignment.pairs, *alignment.moved], *sizes):
            entry = at + old.first if at >= 0 else -1, place + new.first if place >= 0 else -1
            pair.operations.extend(entry)
            if entry in shifted:
                finding = pair.find(len(pair) - 1)
                paths = self.name_paths(pair, finding)
                finding.differences.append(tell_order(at + 1, place + 1, "change", paths))
        return pair

    def _tell_lone_talk(self, old: Talk | None, new: Talk | None) -> Difference:
        """Tell of an association that has no partner."""
        exchange, talk = (self.old, old) if old is not None else (self.new, new)
        assert talk is not None
        text = f"{talk.describe()}, {tell(talk.stop - talk.first, 'operation')}"
        return tell_lone("Association", text, Place(talk.path, exchange.list_talk_frames(talk)), "", old is None)

    def _read_negotiations(self, pair: TalkPair) -> Trees:
        """Read the PDUs of two associations that carry no messages."""
        assert pair.old is not None
        assert pair.new is not None
        old, new = Field(pair.old.path, "Association"), Field(pair.new.path, "Association")
        old.children, new.children = self.old.read_negotiation(pair.old), self.new.read_negotiation(pair.new)
        return Trees(old, new, old.key, new.key)

    def _read_operations(self, pair: TalkPair, place: int) -> Trees:
        """Read the messages of two operations."""
        assert pair.old is not None
        assert pair.new is not None
        numbers = pair.pair(place)
        old, new = Field(pair.old.path, "Operation"), Field(pair.new.path, "Operation")
        old.children, new.children = self.old.read_messages(numbers[0]), self.new.read_messages(numbers[1])
        old.order = new.order = "messages"
        return Trees(old, new, old.key, new.key)

    def _read(self, number: int) -> Trees:
        """Read again what the relation of UIDs has a number for."""
        pair, place = self._places[number]
        return self._read_negotiations(pair) if place < 0 else self._read_operations(pair, place)

    def _number(self, pair: TalkPair, place: int) -> int:
        """Give what is compared a number for the relation of UIDs."""
        self._comparer.place = len(self._places)
        self._places.append((pair, place))
        return self._comparer.place

    def _compare_negotiations(self, pair: TalkPair) -> Contexts:
        """Compare the negotiations of two associations, and give which presentation context stands for which."""
        if pair.old is None or pair.new is None:
            return Contexts([], [])
        self._number(pair, -1)
        trees = self._read_negotiations(pair)
        assert trees.old is not None
        assert trees.new is not None
        contexts = Contexts(trees.old.children, trees.new.children)
        trees.old.children, trees.new.children = contexts.trim(trees.old.children, trees.new.children)
        pair.differences += self._comparer.compare(trees)
        return contexts

    def _compare_operations(self, pair: TalkPair, place: int, contexts: Contexts) -> None:
        """Compare two operations."""
        old, new = pair.pair(place)
        differences: list[Difference] = []
        if old < 0 or new < 0:
            differences.append(self._tell_lone_operation(pair, place))
        elif not self.rules.allow_gaps and (self.old.find_gap(old) or self.new.find_gap(new)):
            pair.find(place).incomparable = True
        elif self.old.digests[old] == self.new.digests[new]:
            self._same.append(self._number(pair, place))
        else:
            self._number(pair, place)
            differences += self._judge_context(pair, place, contexts)
            differences += self._comparer.compare(self._read_operations(pair, place))
        if self.rules.boundaries and old >= 0 and new >= 0:
            differences += self._compare_boundaries(pair, place)
        if differences:
            pair.find(place).differences += differences

    def _tell_lone_operation(self, pair: TalkPair, place: int) -> Difference:
        """Tell of an operation that has no partner."""
        old, new = pair.pair(place)
        paths = self.name_paths(pair, Finding(old, new))
        if new < 0:
            kind, here = self.old.kind(old), Place(paths[0], self.old.list_frames(old))
            return tell_lone(kind.name, kind.describe(), here, paths[1], False)
        kind, here = self.new.kind(new), Place(paths[1], self.new.list_frames(new))
        return tell_lone(kind.name, kind.describe(), here, paths[0], True)

    def _judge_context(self, pair: TalkPair, place: int, contexts: Contexts) -> Iterator[Difference]:
        """Tell whether two operations are in presentation contexts that do not stand for each other."""
        old, new = pair.pair(place)
        if (values := contexts.judge(self.old.contexts[old], self.new.contexts[new])) is not None:
            yield self._tell_whole(pair, place, "Presentation Context", values, "change")

    def _compare_boundaries(self, pair: TalkPair, place: int) -> Iterator[Difference]:
        """Note in how many PDUs messages came, where all have a partner."""
        old, new = pair.pair(place)
        ours, theirs = self.old.count_pdus(old), self.new.count_pdus(new)
        if len(ours) == len(theirs) and ours != theirs:
            values = (", ".join(map(str, ours)), ", ".join(map(str, theirs)))
            yield self._tell_whole(pair, place, "PDUs of each message", values, self._comparer.weigh("note"))

    def _compare_times(self, pair: TalkPair) -> None:
        """Compare how long the operations of two associations took."""
        timed = []
        for place in range(len(pair)):
            old, new = pair.pair(place)
            if old >= 0 and new >= 0:
                times = self.old.tell_time(old), self.new.tell_time(new)
                timed += [Timed(place, self.new.kind(new).name, *times)] if NEVER not in times else []
        for slow in find_slow(timed, self.rules.timing):
            told = self._tell_whole(pair, slow.place, slow.name, slow.tell(), slow.weight)
            pair.find(slow.place).differences.append(told)

    def _tell_whole(self, pair: TalkPair, place: int, name: str, values: tuple[str, str], weight: Weight) -> Difference:
        """Tell what differs of two operations as such."""
        old, new = pair.pair(place)
        paths = self.name_paths(pair, Finding(old, new))
        places = Place(paths[0], self.old.list_frames(old)), Place(paths[1], self.new.list_frames(new))
        return Difference("changed", weight, name, *values, *places)

    def _refuse_idle(self) -> None:
        """Refuse a rule that alone is to be compared but names nothing, for a word that is misspelt must not pass."""
        for selector in self.rules.masks.only:
            if not any(selector.matches(field, path) for path, field in self._list_fields()):
                raise DiffError(
                    f"--only {selector.text}: names nothing in {self.old.name}, and nothing in {self.new.name}"
                )

    def _list_fields(self) -> Iterator[tuple[str, Field]]:
        """Give all fields of both exchanges with their paths."""
        for exchange in (self.old, self.new):
            for talk in exchange.talks:
                for pdu in exchange.read_negotiation(talk):
                    yield from pdu.walk(talk.path)
                for operation in range(talk.first, talk.stop):
                    for message in exchange.read_messages(operation):
                        yield from message.walk(talk.path)

    def _settle_uids(self) -> None:
        """Tell of UIDs that stand for more than one."""
        relation = self._comparer.relation
        if not relation.is_identity:
            for number in self._same:
                pair, place = self._places[number]
                for uid in self.old.list_uids(pair.pair(place)[0]):
                    if relation.concerns(uid):
                        relation.add((uid, uid), number)
        broken = relation.find_broken()
        others = {other for contradicted in broken.values() for other in contradicted}
        where = {uids: self._find_first(relation.places(uids)[0], uids) for uids in sorted(others)}
        wanted = {uids: tuple(map(where.__getitem__, contradicted)) for uids, contradicted in broken.items()}
        for number in sorted({number for uids in broken for number in relation.places(uids)}):
            found = self._comparer.find_uids(self._read(number), wanted)
            pair, place = self._places[number]
            (pair.differences if place < 0 else pair.find(place).differences).extend(found)

    def _find_first(self, number: int, uids: tuple[str, str]) -> Contradiction:
        """Find the first place of a pair of UIDs."""
        found = self._comparer.find_uids(self._read(number), {uids: ()})
        return Contradiction(*uids, found[0].old_place.path, found[0].new_place.path)


def tell_order(old: int, new: int, weight: Weight, paths: tuple[str, str]) -> Difference:
    """Tell that something stands elsewhere among its like."""
    return Difference("changed", weight, "Order", f"#{old}", f"#{new}", Place(paths[0]), Place(paths[1]))


def tell_lone(name: str, text: str, here: Place, elsewhere: str, added: bool) -> Difference:
    """Tell that something is in one exchange alone."""
    if added:
        return Difference("added", "change", name, None, text, Place(elsewhere), here)
    return Difference("removed", "change", name, text, None, here, Place(elsewhere))


def liken_whole(exchange: Exchange, talk: Talk) -> int:
    """Give a number of who speaks with whom, for what, and of all that is said."""
    said = map(str, exchange.digests[talk.first : talk.stop])
    return fingerprint((talk.called, talk.calling, *talk.syntaxes, "", *said))


def liken_negotiated(_: Exchange, talk: Talk) -> int:
    """Give a number of who speaks with whom, and for what."""
    return fingerprint((talk.called, talk.calling, *talk.syntaxes))


def liken_syntaxes(_: Exchange, talk: Talk) -> int:
    """Give a number of what for."""
    return fingerprint(talk.syntaxes)


def liken_titles(_: Exchange, talk: Talk) -> int:
    """Give a number of who speaks with whom."""
    return fingerprint((talk.called, talk.calling))


TALK_LIKENESSES = (liken_whole, liken_negotiated, liken_syntaxes, liken_titles)
"""By what two associations are alike, the strongest likeness first."""
