"""A PDU in its place, in: what a filter asks of it, decoded no further than that, out."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dissect.dicom.commands import decode_command
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import P_DATA
from dissect.node import Node
from dissect.summary import collect_codes
from dissect.tree import find_completed, make_message_node, make_pdu_node

if TYPE_CHECKING:
    from dissect.association import Arrival
    from dissect.capture.segments import Capture
    from dissect.ledger import Ledger

Key = tuple[int, int, int]
"""The number of an association; which of its streams carries a message, and from which offset."""

Place = tuple[str, str]
"""The item type of a field's parent, '' where that is no item; the field's key without its number."""


class Subject:
    """A PDU of which a filter asks something."""

    __slots__ = ("_codes", "_elements", "_fields", "_top", "arrival", "capture", "ledger")

    def __init__(self, arrival: "Arrival", capture: "Capture", ledger: "Ledger | None" = None) -> None:
        """Take a PDU; the ledger of a whole reading tells how its association ended."""
        self.arrival = arrival
        self.capture = capture
        self.ledger = ledger
        self._codes: list[str] | None = None
        self._top: Node | None = None
        self._fields: dict[Place, list[Node]] | None = None
        self._elements: dict[bool, dict[str, list[Node]]] = {}

    @property
    def codes(self) -> list[str]:
        """Give the codes of its notes, none of a data set's among them."""
        if self._codes is None:
            self._codes = collect_codes(self.arrival)
        return self._codes

    @property
    def top(self) -> Node:
        """Give its node."""
        if self._top is None:
            self._top = make_pdu_node(self.arrival)
        return self._top

    def commands(self) -> Iterator[Message]:
        """Give the messages whose command sets it completes."""
        for pdv in self.arrival.pdvs:
            if pdv.part is not None and pdv.is_command and pdv.is_last and pdv.part.complete:
                yield pdv.part.message

    def messages(self) -> Iterator[Message]:
        """Give the messages of which it carries some, each once."""
        seen: dict[Message, None] = {}
        for pdv in self.arrival.pdvs:
            if pdv.part is not None:
                seen.setdefault(pdv.part.message)
        yield from seen

    def find_fields(self, place: Place) -> list[Node]:
        """Give the fields of a PDU that carries no messages that stand at a place; with `*` in items of any type."""
        if self.arrival.pdu.kind == P_DATA:
            return []
        if self._fields is None:
            self._fields = {}
            for _, node in self.top.walk():
                parent = node.parent.tag if node.parent is not None else ""
                for tag in (parent, "*"):
                    self._fields.setdefault((tag, node.key.partition(".")[0]), []).append(node)
        return self._fields.get(place, [])

    def find_elements(self, tag: str, *, command: bool) -> list[Node]:
        """Give the elements with a tag, in which x is any digit, at any depth; of command sets or of data sets."""
        if not self.arrival.pdvs:
            return []
        known = self._elements.get(command)
        if known is None:
            known = self._elements[command] = {}
            for node in self.walk_elements(command=command):
                known.setdefault(node.tag, []).append(node)
        return find_filed(known, tag)

    def walk_elements(self, *, command: bool) -> Iterator[Node]:
        """Give the elements of command sets or of data sets, each before those below it."""
        if command:
            for message in self.commands():
                root = Node("", "")
                decode_command(message, root)
                yield from root.children
            return
        carried = any(not pdv.is_command and pdv.is_last for pdv in self.arrival.pdvs)
        for _, node in self.top.walk() if carried else ():
            if node.layout == "element" and not node.tag.startswith("(0000,"):
                yield node

    def items(self) -> Iterator["Item"]:
        """Give the sequence items of its data sets, at any depth."""
        for node in self.walk_elements(command=False):
            if node.key.startswith("item."):
                yield Item(self, node)

    def wholes(self) -> Iterator["Whole"]:
        """Give the messages that it completes, each as a whole."""
        for message in find_completed(self.arrival):
            if message.data.pdvs:
                yield Whole(self, message)

    def keys(self, kind: str) -> Iterator[Key]:
        """Give what names the association, the messages or the operations that it belongs to in every reading.

        Those of the kind `ask` are of its messages, and of the requests that they answer.
        """
        number = self.arrival.association.number
        if kind == "assoc":
            yield number, 0, 0
            return
        for message in self.messages():
            if kind != "op" or message.request is None:
                yield name_message(message, number)
            if kind != "msg" and message.request is not None:
                yield name_message(message.request, number)


class Item(Subject):
    """A sequence item, of which a filter asks for elements; what else it asks, it asks of the PDU around it."""

    __slots__ = ("_node", "_outer")

    def __init__(self, outer: Subject, node: Node) -> None:
        """Take an item."""
        super().__init__(outer.arrival, outer.capture, outer.ledger)
        self._node = node
        self._outer = outer

    def find_elements(self, tag: str, *, command: bool) -> list[Node]:
        """Give the elements with a tag that stand in the item itself."""
        return find_children(self._node, tag)

    def walk_elements(self, *, command: bool) -> Iterator[Node]:
        """Give the elements below the item."""
        if not command:
            for depth, node in self._node.walk():
                if depth and node.layout == "element":
                    yield node

    @property
    def top(self) -> Node:
        """Give the item's node."""
        return self._node

    def find_fields(self, place: Place) -> list[Node]:
        """Give the fields of the PDU."""
        return self._outer.find_fields(place)


class Whole(Subject):
    """A message of which a filter asks something: of its command set and of its data set at once."""

    __slots__ = ("_message",)

    def __init__(self, outer: Subject, message: Message) -> None:
        """Take a message that a PDU completes."""
        super().__init__(outer.arrival, outer.capture, outer.ledger)
        self._message = message

    @property
    def top(self) -> Node:
        """Give the message's node."""
        if self._top is None:
            self._top = make_message_node(self._message, self.arrival.association)
        return self._top

    def commands(self) -> Iterator[Message]:
        """Give the message."""
        yield self._message

    def messages(self) -> Iterator[Message]:
        """Give the message."""
        yield self._message

    def walk_elements(self, *, command: bool) -> Iterator[Node]:
        """Give the elements of its command set or of its data set."""
        part = self.top.child("command-set" if command else "data-set")
        for _, node in part.walk() if part is not None else ():
            if node.layout == "element":
                yield node


def name_message(message: Message, association: int) -> Key:
    """Give what names a message in every reading."""
    pdv = (message.command.pdvs or message.data.pdvs)[0]
    stream = pdv.pdu.stream
    return association, int(stream is stream.connection.streams[0]), pdv.start


def find_filed(known: dict[str, list[Node]], tag: str) -> list[Node]:
    """Give what is filed under a tag, or under any tag that it matches where it has an x for a digit."""
    if "x" not in tag:
        return known.get(tag, [])
    return [node for key, nodes in known.items() if matches(key, tag) for node in nodes]


def matches(tag: str, pattern: str) -> bool:
    """Tell whether a tag is one of those that a pattern stands for."""
    return len(tag) == len(pattern) and all(wanted in ("x", digit) for digit, wanted in zip(tag, pattern, strict=True))


def find_children(node: Node, tag: str) -> list[Node]:
    """Give the elements with a tag that stand right below a node."""
    return [child for child in node.children if child.layout == "element" and matches(child.tag, tag)]
