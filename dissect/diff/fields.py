"""What is compared: a PDU or a message as a tree of fields, each with a text that is the same for all its encodings."""

import re
from collections.abc import Iterator
from typing import Literal

from dissect.amounts import tell
from dissect.differing import Weight
from dissect.node import Node

Kind = Literal["group", "value", "uid", "secret", "lost"]
"""What a field is: one with others below it, a value compared as it is, UIDs of instances, a secret, or one of which
the capture lacks bytes."""

ITEM, STATUS, DATA_SET_TYPE = "(fffe,e000)", "(0000,0900)", "(0000,0800)"

STATUS_VALUE = re.compile("0x[0-9A-Fa-f]{1,4}")
"""What a status is compared as; one that is no number may stand in a snapshot, or be of another length."""


class Field:
    """A value that is compared, or a group of them: a PDU, an item, a command set, a sequence."""

    __slots__ = (
        "children", "explicit", "key", "kin", "kind", "mark", "meaning", "name", "node", "order", "raw", "tag", "value",
        "vr", "weight",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        name: str,
        kind: Kind = "group",
        value: str = "",
        *,
        meaning: str = "",
        weight: Weight = "change",
        node: Node | None = None,
    ) -> None:
        """Make a field without others below it."""
        self.key = key
        """The last component of its path, as `Node.key` has it; two components where one alone says nothing."""
        self.name = name
        self.kind = kind
        self.value = value
        """What is compared, and shown: the same text for all encodings of the same value."""
        self.raw: str | None = None
        """Of a private or unknown element its bytes, which are compared where a side does not write the VR."""
        self.meaning = meaning
        self.weight: Weight = weight
        """How much it matters where it differs, is added or removed."""
        self.node = node
        """What it was read from; None in a snapshot."""
        self.mark = key
        """What it is known by among its like: of two trees, fields of the same mark are compared with each other."""
        self.kin = ""
        """What it is known by where no field has the same mark; '' where nothing else will do."""
        self.order: Literal["", "note", "items"] = ""
        """What the order of the fields below means: nothing, a note, or that they are the items of a sequence."""
        self.tag = ""
        self.vr = ""
        self.explicit = False
        """Whether the VR stands in the bytes."""
        self.children: list[Field] = []

    def frames(self) -> list[int]:
        """Give the numbers of the frames that carried it, none for a snapshot's."""
        if self.node is None:
            return []
        if self.node.span is not None:
            return self.node.span.frames()
        found: set[int] = set()
        for child in self.children:
            found.update(child.frames())
        return sorted(found)

    def walk(self, path: str = "") -> "Iterator[tuple[str, Field]]":
        """Give it and all fields below it, each with its path below the given one."""
        path = join(path, self.key)
        yield path, self
        for child in self.children:
            yield from child.walk(path)

    def describe(self) -> str:
        """Give its value in a few words, a group's by what is below it."""
        if self.kind != "group":
            return self.value
        if self.order == "items":
            return tell(len(self.children), "item")
        if self.children and all(child.tag for child in self.children):
            return tell(len(self.children), "element")
        return self.meaning or ", ".join(child.meaning or child.describe() for child in self.children)


def join(path: str, key: str) -> str:
    """Put a component behind a path."""
    return f"{path}/{key}" if path and key else path or key


def stem(key: str) -> str:
    """Give a component of a path without its number."""
    head, _, number = key.rpartition(".")
    return head if number.isdigit() else key


def has_odd_group(tag: str) -> bool:
    """Tell whether a tag is that of a private element: its group number is odd (PS3.5 7.8)."""
    return tag.startswith("(") and tag[4] in "13579bdf"


def read_status(element: Field) -> int | None:
    """Give the number that an element holds as a status does; None where it is another element, or holds none."""
    return int(element.value, 16) if element.tag == STATUS and STATUS_VALUE.fullmatch(element.value) else None


def list_elements(message: Field) -> list[Field]:
    """Give the elements of a message's command set."""
    return [element for part in message.children if part.key == "command-set" for element in part.children]
