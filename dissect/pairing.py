"""Two associations of two exchanges, in: by what their operations are alike, out, the strongest likeness first."""

from array import array
from collections.abc import Hashable, Iterable, Iterator
from copy import copy

from dissect.alignment import Likeness
from dissect.comparing import Comparer, pair_fields
from dissect.digests import fingerprint
from dissect.exchange import Exchange, Talk
from dissect.forms import Field, join, stem
from dissect.negotiated import CONTEXT

MOST_FEATURED = 1 << 14
"""In an association with more operations, single values are not looked at to find out which belong together."""

INSTANCES = ("0000,1000", "0000,1001")
"""Affected and Requested SOP Instance UID: operations on the same instance are the same operation (PS3.7 9.1, 10.1)."""


class Signatures:
    """What the operations of an association are alike by, but for the UIDs of instances; found when it is asked for."""

    def __init__(self, exchange: Exchange, talk: Talk, comparer: Comparer) -> None:
        """Start with none found."""
        self._exchange = exchange
        self._talk = talk
        self._comparer = comparer
        size = talk.stop - talk.first
        self._found = bytearray(size)
        self._columns = [array("Q", bytes(8 * size)) for _ in range(3)]
        self._features: dict[int, array[int]] = {}

    def digest(self, place: int) -> Hashable:
        """Give a number of all that an operation says."""
        return self._exchange.digests[self._talk.first + place]

    def meaning(self, place: int) -> Hashable:
        """Give a number of all that is compared."""
        return self._find(place, 0)

    def request(self, place: int) -> Hashable:
        """Give a number of what of the request is compared."""
        return self._find(place, 1)

    def instance(self, place: int) -> Hashable:
        """Give a number of the instance that an operation is about; one of its own where it is about none."""
        return self._find(place, 2)

    def kind(self, place: int) -> Hashable:
        """Give the message, the SOP class and the side."""
        return self._exchange.kind(self._talk.first + place)

    def name(self, place: int) -> Hashable:
        """Give the message and the side."""
        kind = self._exchange.kind(self._talk.first + place)
        return kind.name, kind.side

    def _find(self, place: int, column: int) -> int:
        if not self._found[place]:
            messages = self._exchange.read_messages(self._talk.first + place)
            base = self._talk.path
            signs = [self._comparer.sign(message, join(base, message.key)) for message in messages]
            self._columns[0][place] = fingerprint(map(str, signs))
            self._columns[1][place] = signs[0]
            self._columns[2][place] = self._find_instance(messages[0], join(base, messages[0].key), place)
            self._found[place] = True
            if len(self._found) <= MOST_FEATURED:
                self._features[place] = array("Q", self._list_features(messages))
        return self._columns[column][place]

    def features(self, place: int) -> Iterable[int]:
        """Give a number for each value of an operation."""
        self._find(place, 0)
        return self._features.get(place, ())

    def _list_features(self, messages: list[Field]) -> Iterator[int]:
        for message in messages:
            for path, field in message.walk():
                if field.kind == "value" and not self._comparer.masks.find(field, join(self._talk.path, path)):
                    yield fingerprint((message.mark, path.partition("/")[2], field.value))

    def _find_instance(self, request: Field, path: str, place: int) -> int:
        for at, field in request.walk():
            if field.key in INSTANCES and field.kind == "uid" and not self._comparer.masks.find(field, join(path, at)):
                return fingerprint((request.mark, field.value))
        return fingerprint((self._exchange.name, request.mark, str(place)))


def list_likenesses(old: Signatures, new: Signatures) -> list[Likeness]:
    """Give by what two associations' operations are alike wherever they stand."""
    return [(old.digest, new.digest), (old.meaning, new.meaning), (old.instance, new.instance)]


def list_weak_likenesses(old: Signatures, new: Signatures) -> list[Likeness]:
    """Give by what they are alike where they stand in the same order."""
    return [(old.request, new.request), (old.kind, new.kind), (old.name, new.name)]


class Contexts:
    """Which presentation context of one association stands for which of the other: IDs are but numbers."""

    def __init__(self, old: list[Field], new: list[Field]) -> None:
        """Take the negotiations of two associations."""
        self._sides = [list_contexts(old), list_contexts(new)]
        ours, theirs = (list(side.values()) for side in self._sides)
        pairs = pair_fields([each for each, _ in ours], [each for each, _ in theirs])
        keys = [list(side) for side in self._sides]
        self._partners = {keys[0][at]: keys[1][place] for at, place in pairs}
        self._lone = [
            {item.key for place, (item, _) in side.items() if place not in paired}
            for side, paired in zip(self._sides, (self._partners, self._partners.values()), strict=True)
        ]

    def trim(self, old: list[Field], new: list[Field]) -> tuple[list[Field], list[Field]]:
        """Leave out of the answers what something else tells.

        That is contexts that one side alone proposes, and the transfer syntax of one that one side alone has accepted.
        """
        if not all(self._sides):
            return old, new
        split = find_split(list_answers(old), list_answers(new))
        return trim_answers(old, self._lone[0], split[0]), trim_answers(new, self._lone[1], split[1])

    def judge(self, old: int, new: int) -> tuple[str, str] | None:
        """Describe two contexts, by their places from 1, if they do not stand for each other and are not alike."""
        if old not in self._sides[0] or new not in self._sides[1] or self._partners.get(old) == new:
            return None
        texts = self._sides[0][old][1], self._sides[1][new][1]
        return texts if texts[0] != texts[1] else None


def list_answers(negotiation: list[Field]) -> list[Field]:
    """Give the presentation contexts that were answered."""
    answers = (item for pdu in negotiation if pdu.mark == "a-associate-ac" for item in pdu.children)
    return [item for item in answers if stem(item.key) == CONTEXT]


def find_split(old: list[Field], new: list[Field]) -> tuple[set[str], set[str]]:
    """Give the keys of the answers, on both sides, of which the results differ."""
    pairs = ((old[at], new[place]) for at, place in pair_fields(old, new))
    split = [(ours, theirs) for ours, theirs in pairs if find_result(ours) != find_result(theirs)]
    return {ours.key for ours, _ in split}, {theirs.key for _, theirs in split}


def trim_answers(negotiation: list[Field], lone: set[str], split: set[str]) -> list[Field]:
    """Leave out the answers to the contexts with the keys `lone`, and the transfer syntax of those in `split`."""
    found = []
    for pdu in negotiation:
        answer = copy(pdu)
        if pdu.mark == "a-associate-ac":
            kept = (item for item in pdu.children if stem(item.key) != CONTEXT or item.value not in lone)
            answer.children = [drop_syntax(item) if item.key in split else item for item in kept]
        found.append(answer)
    return found


def drop_syntax(answer: Field) -> Field:
    """Leave the transfer syntax out of an answer."""
    found = copy(answer)
    found.children = [each for each in answer.children if stem(each.key) != "transfer-syntax"]
    return found


def find_result(item: Field) -> str:
    """Give the result of an answered presentation context."""
    return next((each.value for each in item.children if each.key == "result"), "")


def list_contexts(negotiation: list[Field]) -> dict[int, tuple[Field, str]]:
    """Give the presentation contexts that were proposed by their places from 1, each with what it is in words."""
    accepted = {item.mark: item for item in list_answers(negotiation)}
    found: dict[int, tuple[Field, str]] = {}
    for pdu in negotiation:
        if pdu.mark != "a-associate-rq" or found:
            continue
        for item in pdu.children:
            if stem(item.key) == CONTEXT:
                answer = accepted.get(item.mark)
                syntaxes = (
                    [child for child in answer.children if stem(child.key) == "transfer-syntax"] if answer else []
                )
                words = [item.meaning, *(each.meaning or each.value for each in syntaxes)]
                found[int(item.key.rpartition(".")[2])] = item, ", ".join(words)
    return found
