"""What the tests of decoders share: trees read from bytes, what holds for every tree, and bytes that went wrong."""

from collections.abc import Callable, Iterator

from hypothesis import strategies as st

from dissect.association import Arrival
from dissect.catalogue import CATALOG
from dissect.config import Config
from dissect.cursor import Cursor
from dissect.dialogue import Associations
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import Encoding
from dissect.dicom.pdu import Pdu
from dissect.node import Node
from dissect.spans import Buffer, Source, Span
from dissect.tcp.streams import Connection, Stream
from dissect.text import UNSAFE, escape
from tests import build
from tests.conftest import open_bytes

Edit = tuple[str, int, bytes]


class Bytes(Stream):
    """A stream whose bytes are given, all in frame 1, but for the missing ones, which are zero."""

    def __init__(self, data: bytes, missing: tuple[tuple[int, int], ...] = ()) -> None:
        self.data = data
        for start, stop in missing:
            self.data = self.data[:start] + bytes(max(0, min(stop, len(data)) - start)) + self.data[stop:]
        self.gaps = list(missing)
        self.end = len(data)
        self.opened = True
        self.history = None
        self.final = None
        self.capture = open_bytes(build.pcap([]))
        self.connection = Connection(self.capture, bytes(12), 1, 1)

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        return iter(())

    def frames(self, start: int, stop: int) -> list[int]:
        return [1]


def make_pdu(data: bytes, *, missing: tuple[tuple[int, int], ...] = ()) -> Pdu:
    """Take bytes for a PDU, whatever its length field says."""
    return Pdu(data[0], Bytes(data, missing), 0, len(data), int.from_bytes(data[2:6], "big"), 1)


def read_fields(decoder: Callable[[Cursor], object], data: bytes) -> Node:
    """Let a decoder of fields read bytes to their end."""
    root = Node("", "Root", Span(Buffer(data), 0, len(data)))
    assert root.span is not None
    decoder(Cursor(root.span.source, 0, len(data), root))
    return root


def read_elements(data: bytes, encoding: Encoding, torn: int | None = None) -> Node:
    """Read bytes as a data set."""
    root = Node("", "Root", Span(Buffer(data), 0, len(data)))
    assert root.span is not None
    walk_elements(root.span.source, encoding, root, torn)
    return root


def read_capture(data: bytes) -> list[Arrival]:
    """Read a capture file, and give its PDUs in their places."""
    return list(Associations(open_bytes(data), Config()))


def read_talk(talk: build.Talk) -> list[Arrival]:
    """Capture a conversation, and give its PDUs in their places."""
    return read_capture(build.pcap(talk.frames))


def find(root: Node, path: str) -> Node:
    """Give the node at a path below a root."""
    node: Node | None = root
    for key in path.split("/"):
        node = node.child(key) if node is not None else None
    assert node is not None, f"no {path} among {[found.path for _, found in root.walk()]}"
    return node


def collect_notes(root: Node) -> list[tuple[str, str]]:
    """Give path and code of each note of a tree."""
    return [(node.path, found.code) for _, node in root.walk() for found in node.notes]


def show(root: Node) -> list[tuple[str, int | None, str, str, list[str]]]:
    """Give path, length, VR, text and codes of all nodes of a tree."""
    return [
        (node.path, node.length, node.vr, node.text, [found.code for found in node.notes]) for _, node in root.walk()
    ]


def check_tree(root: Node) -> None:
    """Hold a tree to what is true of every tree: it can be looked at, and its nodes tile the bytes they stand in."""
    for _, node in root.walk():
        assert not UNSAFE.search(escape(node.text) + escape(node.name) + escape(node.path))
        assert node.value is None or isinstance(node.value, (int, float, str, bytes, list))
        keys = [child.key for child in node.children]
        assert len(set(keys)) == len(keys)
        assert all(child.parent is node for child in node.children)
        for found in node.notes:
            rule = CATALOG[found.code]
            assert (found.severity, found.reference) == (rule.severity, rule.reference)
        if node.span is not None:
            check_places(node, node.span)
    check_all_covered(root)


def check_places(node: Node, span: Span) -> None:
    """Hold the children in a node's source to this: they lie in order and without holes up to the node's end."""
    assert 0 <= span.start <= span.stop
    spans = list_spans(node, span.source)
    if spans:
        assert spans[0].start in (span.start, node.body)
        assert [one.stop for one in spans] == [one.start for one in spans[1:]] + [span.stop]


def check_all_covered(root: Node) -> None:
    """Hold every byte of the root's to lie under a node below it."""
    if root.span is not None and len(root.span):
        spans = list_spans(root, root.span.source)
        assert spans
        assert (spans[0].start, spans[-1].stop) == (root.span.start, root.span.stop)


def list_spans(node: Node, source: Source) -> list[Span]:
    """Give the spans of a node's children in one source."""
    return [child.span for child in node.children if child.span is not None and child.span.source is source]


def check_unchanged_before(at: int, before: Node, after: Node) -> None:
    """Hold two trees to be the same as far as their nodes end at an offset or before it."""
    assert list_before(at, before) == list_before(at, after)


def list_before(at: int, root: Node) -> list[tuple[object, ...]]:
    """Give what there is to see of the nodes that end at an offset or before it.

    Where one of undefined length ends is told by what follows it, so that only what is in it is held.
    """
    return [
        (node.path, node.name, node.span.start, node.span.stop, node.length, node.vr, node.text, str(node.value))
        for _, node in root.walk()
        if node.span is not None
        and node is not root
        and node.span.stop <= at
        and not (node.length is None and node.children)
    ]


def edits(size: int) -> st.SearchStrategy[list[Edit]]:
    """Draw up to three changes to bytes: flip one, insert some, delete some, cut the rest off."""
    kinds = st.sampled_from(("flip", "insert", "delete", "cut"))
    return st.lists(st.tuples(kinds, st.integers(0, size), st.binary(min_size=1, max_size=12)), min_size=1, max_size=3)


def edit(data: bytes, changes: list[Edit]) -> bytes:
    """Carry out changes."""
    for kind, at, new in changes:
        if kind == "flip":
            data = flip(data, at, new[0])
        elif kind == "insert":
            data = data[:at] + new + data[at:]
        else:
            data = data[:at] + (data[at + new[0] % 16 :] if kind == "delete" else b"")
    return data


def flip(data: bytes, at: int, bits: int) -> bytes:
    """Change at least one bit of one byte."""
    return data[:at] + bytes([byte ^ (bits or 1) for byte in data[at : at + 1]]) + data[at + 1 :]
