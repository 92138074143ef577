"""The messages of an index, in: which of them are an operation: a request and all that belongs to it, out."""

from array import array
from collections import defaultdict

from dissect.dicom.terms import MESSAGE_ID, RESPONDED_ID
from dissect.diff.exchange import Kind
from dissect.index import ACCEPTOR, REQUESTOR, Index
from dissect.recall import Recall

SIDES = {REQUESTOR: "requestor", ACCEPTOR: "acceptor"}

CANCEL, CANCELLED = "C-CANCEL-RQ", ("C-FIND-RQ", "C-GET-RQ", "C-MOVE-RQ")


class Grouping:
    """The operations of an index, by association and in the order of their first bytes."""

    def __init__(self, index: Index, recall: Recall) -> None:
        """Put the messages of each operation together."""
        self._index = index
        self._recall = recall
        self.members = array("I")
        """The numbers of all messages, those of an operation together, that of the request first."""
        self.bounds = array("I", (0,))
        """Where in `members` each operation begins, and at last where the last one ends."""
        self._group()

    def _group(self) -> None:
        messages = self._index.messages
        owners = array("I", range(len(messages) + 1))
        for number in range(1, len(messages) + 1):
            owners[number] = messages.requests[number] or number
        self._tie_cancels(owners)
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(1, len(messages) + 1):
            if owners[number] != number:
                groups[owners[number]].append(number)
        heads = [number for number in range(1, len(messages) + 1) if owners[number] == number]
        for number in sorted(heads, key=self.find_association):
            self.members.extend((number, *groups.pop(number, ())))
            self.bounds.append(len(self.members))

    def _tie_cancels(self, owners: "array[int]") -> None:
        """Make each C-CANCEL-RQ a part of what it cancels, the last operation of that message ID (PS3.7 9.3.2.3)."""
        names = [self.name(number) for number in range(len(owners))]
        if CANCEL not in names:
            return
        begun: dict[tuple[int, str, int | None], int] = {}
        for number, name in enumerate(names):
            if name not in CANCELLED and name != CANCEL:
                continue
            message = self._recall.read_message(number)
            place = self.find_association(number), self.find_side(number)
            if name == CANCEL:
                owners[number] = begun.get((*place, message.number_at(RESPONDED_ID)), number)
            else:
                begun[*place, message.number_at(MESSAGE_ID)] = number

    def find_association(self, number: int) -> int:
        """Give the number of a message's association."""
        return self._index.associations[self._index.messages.firsts[number]]

    def find_side(self, number: int) -> str:
        """Give who sends a message, '' where the capture does not tell."""
        return SIDES.get(self._index.sides[self._index.messages.firsts[number]], "")

    def name(self, number: int) -> str:
        """Give the standard's name of a message, '' where there is none."""
        word = self._index.texts[self._index.messages.texts[number]].partition(" ")[0]
        return word if word.endswith(("-RQ", "-RSP")) else ""

    def tell_kind(self, number: int) -> Kind:
        """Give what an operation is known by, by its first message."""
        sop_class = self._index.texts[self._index.messages.classes[number]]
        return Kind(self.name(number) or "message", sop_class, self.find_side(number))
