"""One of the two sides, in: the message or PDU in which something differs, as a tree above its bytes, out."""

from dataclasses import dataclass
from threading import Lock
from typing import Literal

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container

from dissect.diff.differences import Difference
from dissect.diff.exchange import Exchange, Talk
from dissect.diff.fields import Field
from dissect.diff.recording import Recording
from dissect.masking import Range, list_private_ranges
from dissect.node import Node
from dissect.recall import Recall
from dissect.spans import Source, Span
from dissect.text import escape
from dissect.tui.difftree import DiffTree, find_below, make_field_node
from dissect.tui.hexpane import HexPane, list_secret_ranges, make_extract
from dissect.tui.messages import decode_groups, make_node
from dissect.tui.pane import Pane
from dissect.tui.state import State

Which = Literal["old", "new"]


@dataclass(frozen=True, slots=True)
class Home:
    """What a path is in: a message by its number, a PDU by its row, or a snapshot's field."""

    path: str
    number: int = 0
    row: int = 0
    field: Field | None = None


def find_home(exchange: Exchange, talk: Talk | None, operation: int, path: str) -> Home | None:
    """Find what a path is in; without one, the first message of an operation or PDU of an association; or nothing."""
    if talk is None:
        return None
    homes = list_homes(exchange, talk, operation)
    return next((each for each in homes if not path or f"{path}/".startswith(f"{each.path}/")), None)


def list_homes(exchange: Exchange, talk: Talk, operation: int) -> list[Home]:
    """Give the messages of an operation, or where there is none the PDUs of an association's negotiation."""
    base = talk.path
    if not isinstance(exchange, Recording):
        fields = list(exchange.read_messages(operation)) if operation >= 0 else exchange.read_negotiation(talk)
        return [Home(f"{base}/{each.key}", field=each) for each in fields]
    if operation >= 0:
        firsts = exchange.index.messages.firsts
        return [
            Home(f"{base}/{exchange.name_message(number)}", number, firsts[number])
            for number in exchange.members(operation)
        ]
    return [Home(f"{base}/{exchange.recall.make_entry(row).top.key}", row=row) for row in talk.rows]


class DiffSide(Container):
    """The tree and the bytes of a side."""

    DEFAULT_CSS = """
    DiffSide { width: 1fr; height: 1fr; layout: vertical; }
    DiffSide DiffTree { height: 1fr; border-top: solid $foreground 30%; }
    DiffSide HexPane { height: 34%; min-height: 5; border-top: solid $foreground 30%; }
    DiffSide Pane:focus { border-top: heavy $primary; border-title-style: bold; }
    """

    def __init__(self, state: State, which: Which) -> None:
        """Show nothing yet."""
        super().__init__(id=which)
        self.state, self.which = state, which
        self.nodes, self.octets = DiffTree(state), HexPane(state)
        self.home: Home | None = None
        self._recalls: dict[int, Recall] = {}
        self._lock = Lock()

    def compose(self) -> ComposeResult:
        """Give the parts."""
        yield self.nodes
        yield self.octets

    def show(self, exchange: Exchange, home: Home | None, path: str, found: list[Difference]) -> None:
        """Show a message or PDU, with the cursor on the node of a path, and what differs of it marked."""
        self.home = home
        told = home.path if home is not None else "nothing stands here"
        self.nodes.border_title = Text(f"{self.which}  {escape(told)}")
        self.nodes.empty = ""
        if home is None:
            self.nodes.show_at(None, "", {})
            self.octets.show(None)
            return
        marks = self.list_marks(home, found)
        below = path[len(home.path) + 1 :] if path.startswith(f"{home.path}/") else ""
        if home.field is not None:
            self.nodes.show_at(make_field_node(home.field), below, marks)
            return
        assert isinstance(exchange, Recording)
        if home.number and exchange.index.messages.is_large(home.number):
            self.nodes.empty = "decoding"
            self.nodes.show_at(None, "", {})
            self.octets.show(None)
            self.decode_slowly(exchange, home, below, marks)
        else:
            self.nodes.show_at(make_top(exchange, exchange.recall, home), below, marks)

    def list_marks(self, home: Home, found: list[Difference]) -> dict[str, Difference]:
        """Give what differs of a message or PDU, by path below it."""
        marks: dict[str, Difference] = {}
        for each in found:
            place, value = (each.old_place, each.old) if self.which == "old" else (each.new_place, each.new)
            if value is not None and f"{place.path}/".startswith(f"{home.path}/"):
                marks.setdefault(place.path[len(home.path) + 1 :], each)
        return marks

    @work(thread=True, exclusive=True, group="decode", exit_on_error=False)
    def decode_slowly(self, exchange: Recording, home: Home, below: str, marks: dict[str, Difference]) -> None:
        """Decode a large message."""
        with self._lock:
            if self.home is not home:
                return
            recall = self._recalls.setdefault(id(exchange.index), Recall(exchange.index))
            top = make_top(exchange, recall, home)
            decode_groups(top)
        self.app.call_from_thread(self.show_decoded, top, home, below, marks)

    def show_decoded(self, top: Node, home: Home, below: str, marks: dict[str, Difference]) -> None:
        """Show a message that was decoded, if it is still wanted."""
        if self.home is home and self.is_attached:
            self.nodes.show_at(top, below, marks)

    # Bytes

    @on(Pane.Moved, "DiffTree")
    def show_bytes(self) -> None:
        """Mark the bytes of the node that is chosen."""
        node, top = self.nodes.node, self.nodes.top
        span = find_span(node, top) if node is not None and top is not None else None
        if node is None or span is None:
            self.octets.show(None)
            return
        title = f"{self.which}: {len(span):,} bytes"
        self.octets.show(make_extract(span, node, title, self.list_hidden))

    def list_hidden(self, source: Source) -> list[Range]:
        """Give the ranges of a source that are not to be seen: secrets, and in privacy what tells of patients."""
        top = self.nodes.top
        if top is None:
            return []
        if self.state.private:
            return list_private_ranges(top, source)
        return list_secret_ranges(top, source) if top.span is not None else []  # no message has any

    @on(HexPane.Pointed)
    def point_at(self, event: HexPane.Pointed) -> None:
        """Choose in the tree what the byte belongs to at which the user points."""
        node = self.nodes.choose_byte(event.source, event.offset)
        if node is not None:
            self.octets.mark(node)


def make_top(exchange: Recording, recall: Recall, home: Home) -> Node:
    """Make the node of a message or PDU."""
    return make_node(exchange.index, recall, home.number) if home.number else recall.make_entry(home.row).top


def find_span(node: Node, top: Node) -> Span | None:
    """Give the bytes to show for a node: its PDU, or the command set or data set that it is in, whole."""
    if top.span is not None:
        return top.span
    todo = [node]
    while todo:
        each = todo.pop()
        if each.span is not None:
            return Span(each.span.source, 0, each.span.source.size)
        todo += each.children
    return None


def find_shown(side: DiffSide, path: str) -> Node | None:
    """Find the node of a path in what a side shows, None where it is not there."""
    home, top = side.home, side.nodes.top
    if home is None or top is None or not path.startswith(f"{home.path}/"):
        return None
    below = path[len(home.path) + 1 :]
    node = find_below(top, below)
    return node if side.nodes.find_path(node) == below else None
