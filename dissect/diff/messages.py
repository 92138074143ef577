"""Two operations, in: which message of one stands for which of the other, and what differs in them, out."""

from collections.abc import Hashable, Iterable, Iterator

from dissect.dicom.statuses import classify_status
from dissect.diff.alignment import Alignment, Pair
from dissect.diff.differences import Difference
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import Field, join, list_elements, read_status
from dissect.diff.trees import TreeComparer, Trees, merge

ALIKE = 3 / 4
"""Messages in the same place that have more of their values in common belong together, whatever else there is."""


class Spoken:
    """An operation of an exchange, whose messages are read when they are asked for."""

    def __init__(self, exchange: Exchange, talk: Talk, operation: int, comparer: TreeComparer) -> None:
        """Take an operation."""
        self._exchange = exchange
        self._comparer = comparer
        self._found: dict[int, tuple[int, str, str]] = {}
        self.operation = operation
        self.path = talk.path
        self.digests = exchange.digest_messages(operation)

    def __len__(self) -> int:
        """Give how many messages there are."""
        return len(self.digests)

    def read(self, place: int) -> Field:
        """Read a message, by its place from 0."""
        return self._exchange.read_message(self.operation, place)

    def digest(self, place: int) -> Hashable:
        """Give a number of all that a message says."""
        return self.digests[place]

    def meaning(self, place: int) -> Hashable:
        """Give a number of all that is compared of a message."""
        return self._find(place)[0]

    def outcome(self, place: int) -> Hashable:
        """Give what a message is, of which class its status is, and whether it has a data set."""
        return self._find(place)[1]

    def mark(self, place: int) -> Hashable:
        """Give what a message is."""
        return self._find(place)[2]

    def _find(self, place: int) -> tuple[int, str, str]:
        if place not in self._found:
            message = self.read(place)
            sign = self._comparer.sign(message, join(self.path, message.key))
            self._found[place] = sign, tell_outcome(message), message.mark
        return self._found[place]


class MessageComparer:
    """Compares the messages of two operations."""

    def __init__(self, old: Spoken, new: Spoken, comparer: TreeComparer, *, ordered: bool) -> None:
        """Take two operations that stand for each other."""
        self._old = old
        self._new = new
        self._comparer = comparer
        self._ordered = ordered
        self._told: dict[Pair, list[Difference]] = {}
        self.same: list[int] = []
        """The places, in the old operation, of messages that are the same byte by byte."""

    def compare(self, *, thorough: bool = False) -> list[Difference]:
        """Give what differs; `thorough` where what is the same byte by byte is to be looked at as well."""
        alignment = self._pair()
        pairs = sorted((*alignment.pairs, *alignment.moved))
        moved = set(alignment.moved)
        found: list[Difference] = []
        for at, place in merge(pairs, len(self._old), len(self._new)):
            if (at, place) in moved:
                found += self._tell_moved(at, place)
            if (at, place) in self._told:
                found += self._told[at, place]
            elif at >= 0 and place >= 0 and self._old.digests[at] == self._new.digests[place] and not thorough:
                self.same.append(at)
            else:
                found += self._compare(at, place)
        return found

    def _pair(self) -> Alignment:
        """Pair the messages: requests, what is the same, what is much alike in the same place, then the others."""
        old, new = self._old, self._new
        alignment = Alignment(len(old), len(new))
        alignment.match((old.digest, new.digest), ordered=self._ordered)
        if len(old) == len(new) and self._ordered:
            alignment.keep(self._walk_in_step(alignment.old_left(), alignment.new_left()))
        elif 0 in alignment.old_left()[:1] and 0 in alignment.new_left()[:1] and old.mark(0) == new.mark(0):
            alignment.keep([(0, 0)])
        alignment.match((old.meaning, new.meaning), ordered=self._ordered)
        if self._ordered:
            alignment.match_moved((old.digest, new.digest))
            alignment.match_moved((old.meaning, new.meaning))
        alignment.match((old.outcome, new.outcome), ordered=True)
        alignment.match((old.mark, new.mark), ordered=True)
        return alignment

    def _walk_in_step(self, old: list[int], new: list[int]) -> Iterable[Pair]:
        """Compare what is left in the same places and much alike, as soon as it is read: it is not read twice then."""
        if old != new:
            return
        for at in old:
            ours, theirs = self._old.read(at), self._new.read(at)
            if tell_outcome(ours) != tell_outcome(theirs) or (at and not are_alike(ours, theirs)):
                return
            self._told[at, at] = self._compare_fields(ours, theirs)
            yield at, at

    def _compare(self, at: int, place: int) -> list[Difference]:
        """Compare two messages by their places, or tell of one that stands alone."""
        return self._compare_fields(
            self._old.read(at) if at >= 0 else None, self._new.read(place) if place >= 0 else None
        )

    def _compare_fields(self, old: Field | None, new: Field | None) -> list[Difference]:
        return self._comparer.compare(self._tie(old, new))

    def _tie(self, old: Field | None, new: Field | None) -> Trees:
        """Put two messages together; one that stands alone lacks in the other operation: its request tells where."""
        associations = Trees(None, None, self._old.path, self._new.path)
        both = associations.below(old, new)
        if old is not None and new is not None:
            return both
        requests = (spoken.read(0) if len(spoken) else None for spoken in (self._old, self._new))
        holder = associations.below(*requests)
        old_path = both.old_path if old is not None else holder.old_path
        new_path = both.new_path if new is not None else holder.new_path
        return Trees(old, new, old_path, new_path, holder)

    def _tell_moved(self, at: int, place: int) -> list[Difference]:
        """Tell that a message stands elsewhere among its like."""
        trees = self._tie(self._old.read(at), self._new.read(place))
        return [self._comparer.make(trees, "changed", "change", "Order", (f"#{at + 1}", f"#{place + 1}"))]


def tell_outcome(message: Field) -> str:
    """Tell of a response what it says of the operation: of which class its status is, and whether it has a data set."""
    found = map(read_status, list_elements(message))
    statuses = [status for status in found if status is not None]
    return " ".join([message.mark, *map(classify_status, statuses[:1]), str(len(message.children))])


def list_values(message: Field) -> Iterator[tuple[str, str]]:
    """Give the values in a message with their paths in it."""
    for path, field in message.walk():
        if field.kind == "value":
            yield path.partition("/")[2], field.value


def are_alike(old: Field, new: Field) -> bool:
    """Tell whether two messages have most of their values in common."""
    ours, theirs = (set(list_values(message)) for message in (old, new))
    return len(ours & theirs) > ALIKE * max(len(ours), len(theirs))
