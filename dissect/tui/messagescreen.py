"""The message of a PDU, in: its command set and data set as one tree beside their bytes, on a screen, out."""

from collections.abc import Iterator
from threading import Lock
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Static

from dissect.masking import hide_comments, list_private_ranges
from dissect.node import Node
from dissect.recall import Recall
from dissect.spans import Source, Span
from dissect.text import escape
from dissect.tui.answers import Answer, Jump
from dissect.tui.bars import KeyLine, StatusLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.hexpane import HexPane, make_extract
from dissect.tui.keys import name_keys
from dissect.tui.messages import decode_groups, find_next, make_node, tell_message
from dissect.tui.pane import Pane
from dissect.tui.screens import make_screen, show_above
from dissect.tui.taking import Taking
from dissect.tui.treepane import TreePane

PIXELS = ("7fe0,0010", "7fe0,0008", "7fe0,0009")
"""The keys of Pixel Data, Float Pixel Data and Double Float Pixel Data (PS3.3 C.7.6.3, C.7.6.24)."""


class MessageScreen(Taking[Answer]):
    """The message of the PDU under the cursor."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide"), (160, "-huge")]  # noqa: RUF012
    DEFAULT_CSS = """
    MessageScreen #heading { height: auto; max-height: 4; background: $panel; padding: 0 1; }
    MessageScreen #panes { height: 1fr; layout: horizontal; }
    MessageScreen TreePane { width: 1fr; height: 1fr; border-top: solid $foreground 30%; }
    MessageScreen HexPane { width: 46; height: 1fr; border-top: solid $foreground 30%; }
    MessageScreen Pane:focus { border-top: heavy $primary; border-title-style: bold; }
    MessageScreen.-huge HexPane { width: 78; }
    MessageScreen.-narrow #panes { layout: vertical; }
    MessageScreen.-narrow HexPane { width: 1fr; height: 35%; }
    MessageScreen.bytes HexPane { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "message",
        [
            Binding("right_square_bracket", "step(1)", "Next"),
            Binding("left_square_bracket", "step(-1)", "Previous"),
            Binding("p", "partner", "Request or response"),
            Binding("i", "picture", "Picture"),
            Binding("f", "field", "Field as filter", show=False),
            Binding("y", "copy", "Copy"),
            Binding("x", "bytes", "Bytes"),
            Binding("P", "privacy", "Privacy mask", show=False),
            Binding("F", "jump", "To its first PDU", show=False),
            Binding("q,escape", "leave", "Back"),
        ],
    )

    def __init__(self, main: CaptureScreen) -> None:
        """Begin with the message of the PDU that the main screen shows."""
        super().__init__()
        self.main, self.state = main, main.state
        self.index = main.state.index
        self.nodes, self.octets = TreePane(self.state, id="tree"), HexPane(self.state, id="hex")
        self.row = main.shown or 0
        """The row of the PDU that it begins in, or of the one that carries none."""
        numbers = self.index.list_messages(self.row) if main.shown is not None else ()
        self.number = next((each for each in numbers if self.index.messages.heads[each] == self.row + 1), 0)
        self.number = self.number or next(iter(numbers), 0)
        """The number of the message, 0 for none."""
        self._slow = Recall(self.index)
        self._slow_lock = Lock()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Static(id="heading")
        with Container(id="panes"):
            yield self.nodes
            yield self.octets
        yield StatusLine(self.state)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to show the message."""
        self.nodes.border_title, self.octets.border_title = "Message", "Bytes"
        self.nodes.focus()
        self.show_message()

    # What is shown

    def show_message(self) -> None:
        """Show the message, a large one once a thread has decoded it."""
        number, messages = self.number, self.index.messages
        if not number:
            self.nodes.show(None)
            told = f"PDU {self.row + 1} carries no message; ] goes to the next of the association, [ to the one before"
            self.show_heading(told if len(self.index) else "there is no PDU")
            return
        self.row = messages.firsts[number]
        if messages.is_large(number):
            self.nodes.show(None)
            self.octets.show(None)
            self.show_heading(self.tell_message(number), "decoding")
            self.decode_slowly(number)
        else:
            self.show_tree(make_node(self.index, self.state.recall, number), number)

    @work(thread=True, exclusive=True, group="decode", exit_on_error=False)
    def decode_slowly(self, number: int) -> None:
        """Decode a large message."""
        with self._slow_lock:
            if self.number != number:
                return
            node = make_node(self.index, self._slow, number)
            decode_groups(node)
        self.app.call_from_thread(self.show_tree, node, number)

    def show_tree(self, node: Node, number: int) -> None:
        """Show a message that was decoded, if it is still wanted."""
        if self.number != number:
            return
        self.show_heading(self.tell_message(number), *self.list_lacks(node))
        self.nodes.show(node)

    def tell_message(self, number: int) -> str:
        """Tell what a message is, without what is not to be seen of it."""
        told = ", ".join(filter(None, tell_message(self.index, self.state.recall, number)))
        comments = self.index.comments.get(self.index.messages.heads[number] - 1, ()) if self.state.private else ()
        return hide_comments(told, comments)

    def list_lacks(self, node: Node) -> Iterator[str]:
        """Tell what of a message is not there."""
        if node.child("command-set") is None:
            yield "its command set is incomplete"
        if node.child("data-set") is None and self.index.messages.sizes[self.number]:
            yield "its data set is incomplete, the PDUs show what there is"

    def show_heading(self, told: str, *more: str) -> None:
        """Tell of the message above its tree."""
        text = Text(escape(told), self.state.styles["title"])
        for each in more:
            text.append(f"  {each}", self.state.styles["warning"])
        if self.state.private:
            text.append("  private", self.state.styles["mark"])
        self.query_one("#heading", Static).update(text)

    def find_source(self, node: Node) -> Source | None:
        """Give the bytes that a node was read from; of a group those of what is below it, the data set first."""
        if node.span is not None:
            return node.span.source
        for child in reversed(node.children):
            source = self.find_source(child)
            if source is not None:
                return source
        return None

    @on(Pane.Moved, "#tree")
    def show_bytes(self) -> None:
        """Mark the bytes of the node that is chosen."""
        node, top = self.nodes.node, self.nodes.top
        source = self.find_source(node) if node is not None else None
        if node is None or top is None or source is None:
            self.octets.show(None)
            self.query_one(StatusLine).show(node)
            return
        named = any(child.span is not None and child.span.source is source for child in self.list_commands())
        title = f"{'command set' if named else 'data set'}: {source.size:,} bytes"
        self.octets.show(make_extract(Span(source, 0, source.size), node, title, self.list_hidden))
        self.query_one(StatusLine).show(node)

    def list_hidden(self, source: Source) -> list[tuple[int, int]]:
        """Give the ranges of a source that are not to be seen."""
        top = self.nodes.top
        return list_private_ranges(top, source) if self.state.private and top is not None else []

    def list_commands(self) -> list[Node]:
        """Give the elements of the command set."""
        group = self.nodes.top.child("command-set") if self.nodes.top is not None else None
        return group.children if group is not None else []

    @on(HexPane.Pointed)
    def point_at(self, event: HexPane.Pointed) -> None:
        """Choose in the tree what the byte belongs to at which the user points."""
        node = self.nodes.choose_byte(event.source, event.offset)
        if node is not None:
            self.octets.mark(node)
            self.query_one(StatusLine).show(node)

    # Other messages

    def action_step(self, step: int) -> None:
        """Go to the next message of the association, or the one before."""
        found = find_next(self.index, self.row, self.number, step) if len(self.index) else 0
        if found:
            self.show_other(found)
        else:
            self.notify(f"no {'further' if step > 0 else 'earlier'} message of the association", timeout=2)

    def action_partner(self) -> None:
        """Go from a response to its request, or from a request to its last response."""
        messages = self.index.messages
        found = messages.requests[self.number] or messages.answers[self.number]
        if found:
            self.show_other(found)
        else:
            self.notify("nothing answers this message, and it answers nothing", timeout=3)

    def show_other(self, number: int) -> None:
        """Show another message."""
        self.number = number
        self.show_message()

    def action_picture(self) -> None:
        """Show the picture of the message, if there is one in it."""
        group = self.nodes.top.child("data-set") if self.nodes.top is not None else None
        if group is None or not any(child.key in PIXELS for child in group.children):
            self.notify("there is no pixel data in this message", timeout=3)
            return
        if self.number not in self.index.list_messages(self.main.shown or 0):
            self.main.visit(self.row)
            self.main.show_row()
        show_above(self, make_screen("picture", self.main))

    # What else one does with it

    @on(Pane.Chosen, "#tree")
    def show_value(self) -> None:
        """Show the whole value of the node."""
        if self.nodes.node is not None:
            self.main.show_whole(self.nodes.node)

    def find_shown(self) -> int:
        """Give the row of the PDU that the message begins in."""
        return self.row

    def tell_row(self) -> str:
        """Give the line of that PDU."""
        return self.main.pdus.tell_one(self.row)

    def take_field(self, key: str | None, text: str, name: str | None) -> None:
        """Let the main screen take the filter, and leave."""
        if key is not None:
            self.main.take_field(key, text, name)
            self.dismiss(None)

    def action_bytes(self) -> None:
        """Hide the bytes, or show them."""
        self.toggle_class("bytes")
        if self.has_class("bytes"):
            self.nodes.focus()

    def action_privacy(self) -> None:
        """Mask what identifies patients, or no longer."""
        self.main.action_privacy()
        self.nodes.refresh()
        self.show_message()

    def action_jump(self) -> None:
        """Leave for the first PDU of the message."""
        self.dismiss(Jump(self.row))

    def action_leave(self) -> None:
        """Leave the main screen as it is."""
        self.dismiss(None)
