"""Two exchanges, in: which association of one stands for which of the other, and what differs in them, out.

The result is the same with the two exchanged, but for what is old and what is new, and the same on every run.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from dissect.diff.alignment import Alignment
from dissect.diff.differences import Contradiction, Difference
from dissect.diff.digests import fingerprint
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import Field
from dissect.diff.findings import Rules
from dissect.diff.relation import Partners
from dissect.diff.talks import TalkComparer
from dissect.diff.trees import TreeComparer, merge

Watch = Callable[[int, int], None]
"""What is called with how much is done, and of how much."""


class DiffError(Exception):
    """Rules that fit no exchange: one sentence that says why."""


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
        Where the rules name an association that is not there, or something else that alone is to be compared.

    """

    def __init__(self, old: Exchange, new: Exchange, rules: Rules, watch: Watch | None = None) -> None:
        """Compare."""
        self.old = old
        self.new = new
        self.rules = rules
        self._watch = watch
        self._done = 0
        left_out = (*old.ignored, *new.ignored)
        self._comparer = TreeComparer(rules.masks, rules.profile, left_out=left_out)
        self._comparing = TalkComparer(old, new, rules, self._comparer, self._step)
        self.talks = []
        for ours, theirs, moved in self._pair_talks():
            self.talks.append(self._comparing.compare(ours, theirs, moved=moved))
            for exchange in (old, new):
                exchange.forget()
        self._settle_uids()
        self._refuse_idle()

    def _step(self) -> None:
        """Tell how far it is."""
        if self._watch is not None:
            self._watch(self._done, max(len(self.old), len(self.new)))
        self._done += 1

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

    def _settle_uids(self) -> None:
        """Tell of UIDs that stand for more than one."""
        relation = self._comparer.relation
        if not relation.is_identity:
            for number, uid in self._comparing.list_same_uids():
                if relation.concerns(uid):
                    relation.add((uid, uid), number)
        broken = relation.find_broken()
        where = self._find_first({other for contradicted in broken.values() for other in contradicted})
        wanted = {uids: tuple(map(where.__getitem__, contradicted)) for uids, contradicted in broken.items()}
        for number in sorted({number for uids in broken for number in relation.places(uids)}):
            found = self._comparing.find_uids(number, wanted)
            pair, place = self._comparing.find(number)
            (pair.differences if place < 0 else pair.find(place).differences).extend(found)

    def _find_first(self, pairs: Iterable[Partners]) -> dict[Partners, Contradiction]:
        """Find the first place of each of some pairs of UIDs; what several are first seen in is read once."""
        sought: defaultdict[int, list[Partners]] = defaultdict(list)
        for uids in pairs:
            sought[self._comparer.relation.places(uids)[0]].append(uids)
        where: dict[Partners, Contradiction] = {}
        for number, here in sought.items():
            for found in self._comparing.find_uids(number, dict.fromkeys(here, ())):
                uids = found.old or "", found.new or ""
                where.setdefault(uids, Contradiction(*uids, found.old_place.path, found.new_place.path))
        return where

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
