"""A range of bytes, in: nodes for the fields that stand in it, read in wire order, out."""

from collections.abc import Mapping

from dissect.node import DECIMAL, MEANING, MEANING_DECIMAL, Layout, Node, Value
from dissect.notes import note, note_gaps
from dissect.spans import Source, Span
from dissect.text import decode

GLANCE = 64
"""How many bytes are read first: those of most PDUs lie further apart than that, and few are looked at."""
WINDOW = 4096
"""How many bytes are asked of the source at once: enough for most PDUs, and no length field makes it more."""
SHOWN_BYTES = 36
"""How many bytes of an undecoded run are shown, as Wireshark does."""

KEYS: dict[str, str] = {}
"""Path components by the names of fields, as `make_key` made them; names are the program's and the dictionaries'."""


class Underrun(Exception):
    """A field needs more bytes than are left: caught where an item ends, never let out of a decoder."""

    def __init__(self, name: str, wanted: int, room: int) -> None:
        """Remember which field wanted how many bytes, and how many there were."""
        super().__init__(name)
        self.name = name
        self.wanted = wanted
        self.room = room


class Cursor:
    """A place in a bounded range, and the node under which the fields read from it hang."""

    __slots__ = ("_base", "_counts", "_holed", "_window", "at", "node", "source", "stop")

    def __init__(self, source: Source, start: int, stop: int, node: Node, *, within: "Cursor | None" = None) -> None:
        """Stand at the start of a range, perhaps `within` that of another cursor."""
        self.source = source
        self.at = start
        self.stop = stop
        self.node = node
        self._counts: dict[str, int] = {}
        self._window: bytes
        if within is None:
            self._window, self._base, self._holed = b"", start, bool(source.missing(start, stop))
        else:
            self._window, self._base, self._holed = within._window, within._base, within._holed

    @property
    def left(self) -> int:
        """Give the number of bytes that are left."""
        return self.stop - self.at

    def peek(self, size: int) -> int:
        """Read a big-endian number without passing it, or give -1 where it does not fit."""
        return int.from_bytes(self._view(size), "big") if size <= self.left else -1

    def _view(self, size: int) -> bytes:
        low = self.at - self._base
        if low + size > len(self._window):
            self._base, low = self.at, 0
            reach = max(size, WINDOW if self._window else GLANCE)
            self._window = bytes(self.source.read(self.at, min(self.at + reach, self.stop)))
        return self._window[low : low + size]

    def take(self, name: str, size: int) -> bytes:
        """Read bytes and pass them."""
        at, stop = self.at, self.at + size
        if stop > self.stop:
            raise Underrun(name, size, self.left)
        low = at - self._base
        data = self._window[low : low + size] if low + size <= len(self._window) else self._view(size)
        self.at = stop
        return data

    def hang(self, name: str, size: int, value: Value, *, form: str = DECIMAL, meaning: str = "") -> Node:
        """Hang a node for the bytes just passed."""
        span = Span(self.source, self.at - size, self.at)
        key = KEYS.get(name) or make_key(name)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        key = key if count == 1 else f"{key}.{count}"
        node = Node(key, name, span, value=value, form=form, meaning=meaning, parent=self.node)
        self.node.children.append(node)
        if self._holed:
            node.notes = note_gaps(self.source, self.source.missing(span.start, span.stop))
        return node

    def uint(
        self,
        name: str,
        size: int,
        meanings: Mapping[int, str] | None = None,
        form: str = DECIMAL,
        code: str = "unknown-code",
    ) -> int:
        """Read a big-endian number; with a table of meanings, one that is not in it is noted with a code."""
        value = int.from_bytes(self.take(name, size), "big")
        meaning = "" if meanings is None else meanings.get(value, "")
        node = self.hang(name, size, value, form=form, meaning=meaning)
        if meanings is not None and not meaning:
            node.meaning = "Unknown"
            node.form = MEANING_DECIMAL if form == MEANING else form
            self.blame(node, code, name=name, value=value)
        return value

    def blame(self, node: Node, code: str, **values: object) -> None:
        """Note what is wrong with a node, but only where all bytes of the range are there."""
        if not self._holed:
            node.notes.append(note(code, node.span, **values))

    def excuse(self) -> None:
        """Blame nobody for what is wrong in this range, of which the end is not there."""
        self._holed = True

    def string(self, name: str, size: int) -> str:
        """Read text."""
        value = decode(self.take(name, size))
        self.hang(name, size, value)
        return value

    def reserved(self, size: int) -> None:
        """Pass bytes that mean nothing; their node is not shown."""
        data = self.take("Reserved", size)
        node = self.hang("Reserved", size, data)
        node.layout, node.text = "hidden", data.hex()

    def undecoded(self) -> Node | None:
        """Hang all that is left as one node that shows the bytes, if anything is left."""
        size = self.left
        if not size:
            return None
        self.at = self.stop
        node = self.hang("Undecoded bytes", size, None)
        node.load = load_bytes
        return node

    def open(self, key: str, name: str, size: int, layout: Layout = "field") -> "Cursor":
        """Hang a node for the next `size` bytes and give a cursor that reads them; this one passes them."""
        stop = self.at + size
        node = Node(key, name, Span(self.source, self.at, stop), layout=layout, parent=self.node)
        self.node.children.append(node)
        inner = Cursor(self.source, self.at, stop, node, within=self)
        self.at = stop
        return inner


def make_key(name: str) -> str:
    """Make a path component of a field's name: lower case, hyphens."""
    return KEYS.setdefault(name, "-".join(name.lower().replace("/", " ").split()))


def load_bytes(node: Node) -> None:
    """Give a node the first of its bytes as hexadecimal digits."""
    assert node.span is not None
    start = max(node.body, node.span.start)
    node.value = data = bytes(node.span.source.read(start, min(start + SHOWN_BYTES, node.span.stop)))
    node.text = data.hex() + ("\u2026" if node.span.stop - start > SHOWN_BYTES else "")
