"""The tree that every view renders: a node for each thing that was read, with the bytes it was read from."""

from collections.abc import Callable, Iterator
from typing import Literal

from dissect.notes import Note
from dissect.spans import Span

Layout = Literal["field", "block", "heading", "element", "generated", "hidden"]
"""How a line of text joins name and value: `name: value`, `name, value`, `name value`, a data element,
`[name]` for what is told and not read, not shown."""

Value = int | float | str | bytes | list["Value"] | None

DECIMAL = "{value}"
MEANING = "{meaning}"
HEX = "0x{value:02x}"
MEANING_HEX = "{meaning} (0x{value:02x})"
MEANING_DECIMAL = "{meaning} ({value})"


class Node:
    """A tag, a length, a name, a value and what it means, the bytes they stand in, and the nodes below.

    `form` is the format string that makes `text` of value and meaning. What costs time waits until it is asked for:
    `load` fills in value and text, `expand` gives the children.
    """

    __slots__ = (
        "_children", "_text", "_value", "body", "expand", "form", "key", "layout", "length", "load", "masked",
        "meaning", "name", "notes", "parent", "retired", "span", "tag", "vr", "wire_vr",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        name: str,
        span: Span | None = None,
        *,
        layout: Layout = "field",
        value: Value = None,
        text: str | None = None,
        meaning: str = "",
        form: str = DECIMAL,
        parent: "Node | None" = None,
    ) -> None:
        """Make a node without children."""
        self.key = key
        """The last component of the node's path."""
        self.name = name
        self.span = span
        self.layout: Layout = layout
        self.tag = ""
        """`(gggg,eeee)` of a data element, `20H` of an item."""
        self.vr = ""
        """The value representation, of a data element only."""
        self.wire_vr = ""
        """The value representation as it stands in the bytes, '' where it does not; UN where the sender knew none."""
        self.masked = False
        """Whether it is a secret, which `text` does not show."""
        self.retired = False
        """Whether the standard has retired the element."""
        self.length: int | None = None
        """The length field's number; None where there is no such field, or where it says undefined."""
        self.body = 0
        """The offset in the span's source at which the contents start, behind tag and length."""
        self.meaning = meaning
        """What a code stands for: the name of a UID, the text of a reason."""
        self.form = form
        self.notes: list[Note] = []
        self.parent = parent
        self.load: Callable[[Node], None] | None = None
        self.expand: Callable[[Node], list[Node]] | None = None
        self._value = value
        self._text = text
        self._children: list[Node] | None = None

    @property
    def value(self) -> Value:
        """Give the value as a number, text, bytes, or a list of them."""
        if self.load is not None:
            self._fill()
        return self._value

    @value.setter
    def value(self, value: Value) -> None:
        self._value = value

    @property
    def text(self) -> str:
        """Give the value as a person reads it, with its meaning; not escaped."""
        if self.load is not None:
            self._fill()
        if self._text is None:
            self._text = "" if self._value is None else self.form.format(value=self._value, meaning=self.meaning)
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        self._text = text

    def _fill(self) -> None:
        load, self.load = self.load, None
        assert load is not None
        load(self)

    @property
    def children(self) -> "list[Node]":
        """Give the nodes below, in the order of their bytes."""
        if self._children is None:
            self._children = []
            if self.expand is not None:
                self._children = self.expand(self)
        return self._children

    def add(self, child: "Node") -> "Node":
        """Hang a node under this one, and give it back."""
        child.parent = self
        self.children.append(child)
        return child

    @property
    def path(self) -> str:
        """Give the keys from the association down to this node, joined by slashes."""
        keys = []
        node: Node | None = self
        while node is not None and node.key:
            keys.append(node.key)
            node = node.parent
        return "/".join(reversed(keys))

    def path_below(self, top: "Node") -> str:
        """Give the keys from below a node down to this one, joined by slashes; '' for the node itself."""
        keys = []
        node = self
        while node is not top and node.parent is not None:
            keys.append(node.key)
            node = node.parent
        return "/".join(reversed(keys))

    def child(self, key: str) -> "Node | None":
        """Give the first child with this key."""
        return next((child for child in self.children if child.key == key), None)

    def walk(self) -> "Iterator[tuple[int, Node]]":
        """Give this node and all below it with their depths, each parent before its children."""
        todo: list[tuple[int, Node]] = [(0, self)]
        while todo:
            depth, node = todo.pop()
            yield depth, node
            if node._children or node.expand is not None:
                todo += [(depth + 1, child) for child in reversed(node.children)]
