"""The operations of an association, in: numbers by which they are alike to those of another, out."""

from array import array
from collections.abc import Hashable, Iterable, Iterator

from dissect.diff.alignment import Likeness
from dissect.diff.digests import fingerprint
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import Field, join
from dissect.diff.trees import TreeComparer

MOST_FEATURED = 1 << 14
"""In an association with more operations, single values are not looked at to find out which belong together."""

MOST_READ = 64
"""Of an operation with more messages, only the first ones are asked for single values."""

MEANING, REQUEST, INSTANCE = range(3)
"""The columns of numbers that are made when an operation is read."""

INSTANCES = ("0000,1000", "0000,1001")
"""Affected and Requested SOP Instance UID: operations on the same instance are the same operation (PS3.7 9.1, 10.1)."""


class Signatures:
    """What the operations of an association are alike by, but for the UIDs of instances; found when it is asked for."""

    def __init__(self, exchange: Exchange, talk: Talk, comparer: TreeComparer, side: str) -> None:
        """Start with none found; `side` tells the old one and the new one from each other."""
        self._exchange = exchange
        self._talk = talk
        self._comparer = comparer
        self._side = side
        size = talk.stop - talk.first
        self._found = bytearray(size)
        self._columns = [array("Q", bytes(8 * size)) for _ in range(3)]
        self._features: dict[int, array[int]] = {}

    def digest(self, place: int) -> Hashable:
        """Give a number of all that an operation says."""
        return self._exchange.digests[self._talk.first + place]

    def meaning(self, place: int) -> Hashable:
        """Give a number of all that is compared."""
        return self._find(place, MEANING)

    def request(self, place: int) -> Hashable:
        """Give a number of what of the request is compared."""
        return self._find(place, REQUEST)

    def instance(self, place: int) -> Hashable:
        """Give a number of the instance that an operation is about; one of its own where it is about none."""
        return self._find(place, INSTANCE)

    def kind(self, place: int) -> Hashable:
        """Give the message, the SOP class and the side."""
        return self._exchange.kind(self._talk.first + place)

    def name(self, place: int) -> Hashable:
        """Give the message and the side."""
        kind = self._exchange.kind(self._talk.first + place)
        return kind.name, kind.side

    def features(self, place: int) -> Iterable[int]:
        """Give a number for each value of an operation."""
        self._find(place, MEANING)
        return self._features.get(place, ())

    def _find(self, place: int, column: int) -> int:
        if not self._found[place]:
            self._found[place] = True
            self._read(place)
        return self._columns[column][place]

    def _read(self, place: int) -> None:
        """Read an operation, and make its numbers."""
        signs: list[int] = []
        self._columns[INSTANCE][place] = fingerprint((self._side, str(place)))
        features = array("Q")
        for message in self._exchange.read_messages(self._talk.first + place):
            if not signs and (instance := self._find_instance(message)) is not None:
                self._columns[INSTANCE][place] = instance
            if len(self._found) <= MOST_FEATURED and len(signs) < MOST_READ:
                features.extend(self._list_features(message))
            signs.append(self._comparer.sign(message, join(self._talk.path, message.key)))
        self._columns[MEANING][place] = fingerprint(map(str, signs))
        self._columns[REQUEST][place] = signs[0] if signs else 0  # a snapshot's masks may leave out all messages
        if features:
            self._features[place] = features

    def _list_features(self, message: Field) -> Iterator[int]:
        for path, field in message.walk():
            if field.kind == "value" and not self._comparer.masks.find(field, join(self._talk.path, path)):
                yield fingerprint((message.mark, path.partition("/")[2], field.value))

    def _find_instance(self, request: Field) -> int | None:
        for path, field in request.walk(self._talk.path):
            if field.key in INSTANCES and field.kind == "uid" and not self._comparer.masks.find(field, path):
                return fingerprint((request.mark, field.value))
        return None


def list_likenesses(old: Signatures, new: Signatures) -> list[Likeness]:
    """Give by what two associations' operations are alike wherever they stand."""
    return [(old.digest, new.digest), (old.meaning, new.meaning), (old.instance, new.instance)]


def list_weak_likenesses(old: Signatures, new: Signatures) -> list[Likeness]:
    """Give by what they are alike where they stand in the same order."""
    return [(old.request, new.request), (old.kind, new.kind), (old.name, new.name)]
