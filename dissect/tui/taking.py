"""The node under the cursor, in: what one takes of it, on the clipboard, as a filter or as a column, out."""

import json

from textual import work
from textual.screen import Screen, ScreenResultType

from dissect.masking import is_private, shown_name
from dissect.node import Node
from dissect.selecting import make_filter, name_field
from dissect.text import escape
from dissect.tui.clipboard import Outcome, copy
from dissect.tui.prompts import Choose
from dissect.tui.state import State
from dissect.tui.treepane import TreePane
from dissect.views.jsontree import make_node_record

MOST_COPIED = 1 << 20
"""How many bytes of a node are copied as they are; of more, export."""

FIELD_KEYS = {"r": "replace", "a": "and", "o": "or", "n": "and not", "c": "as column"}
COPY_KEYS = {
    "v": "value", "t": "tag", "f": "filter", "h": "bytes as hex", "r": "row", "j": "JSON", "c": "command line",
}  # fmt: skip


class TooLong(Exception):
    """What is too long to be copied: one sentence that says so and what to do."""


class Taking(Screen[ScreenResultType]):
    """A screen with a tree, of whose nodes one takes something."""

    state: State
    nodes: TreePane

    def find_shown(self) -> int | None:
        """Give the row of the PDU that the tree is about."""
        raise NotImplementedError

    def tell_row(self) -> str | None:
        """Give the line of the list that the tree is about, as it is shown; None where there is none."""
        raise NotImplementedError

    def take_field(self, key: str | None, text: str, name: str | None) -> None:
        """Use the filter made from a field as a key says, or its name as a column."""
        raise NotImplementedError

    # Fields

    def choose_filter(self, node: Node) -> str | None:
        """Give the filter that selects what a node says; in privacy, of what is private, what has the field."""
        row = self.find_shown()
        if self.state.private and is_private(node):
            return name_field(node)
        return make_filter(node, None if row is None else row + 1)

    def action_field(self) -> None:
        """Take the field that is chosen as a filter, or as a column."""
        node = self.nodes.node
        text = self.choose_filter(node) if node is not None else None
        if node is None or text is None:
            self.notify("no filter tells this from others; choose a field", timeout=3)
            return
        name = name_field(node)
        self.app.push_screen(
            Choose(f"{escape(text)}  as filter:", FIELD_KEYS), lambda key: self.take_field(key, text, name)
        )

    # The clipboard

    def action_copy(self) -> None:
        """Copy something."""
        if self.nodes.node is not None:
            self.app.push_screen(Choose("Copy", COPY_KEYS), self.take_copy)

    def take_copy(self, key: str | None) -> None:
        """Copy what was asked for; in privacy what is shown, nothing more."""
        node = self.nodes.node
        if key is None or node is None:
            return
        try:
            text = self.make_copy(key, node)
        except TooLong as error:
            self.notify(str(error), severity="warning", timeout=4)
            return
        if text is None:
            self.notify("nothing to copy here", timeout=3)
        else:
            self.copy_text(text)

    def make_copy(self, key: str, node: Node) -> str | None:
        """Make the text to be copied, None where there is none; raise TooLong where there is too much."""
        private = self.state.private
        match key:
            case "v":
                return self.nodes.tell_whole(node)
            case "t":
                return node.tag or shown_name(node, private)
            case "f":
                return self.choose_filter(node)
            case "r":
                return self.tell_row()
            case "c":
                return self.state.tell_command()
        span = node.span
        if private or (key == "h" and (node.masked or span is None)):
            return None
        if span is not None and len(span) > MOST_COPIED and not (key == "j" and node.children):
            raise TooLong(f"{len(span):,} bytes are too many to be copied: export it")
        return span.read().hex(" ") if key == "h" and span is not None else json.dumps(make_node_record(node), indent=1)

    @work(thread=True, group="copy", exit_on_error=False)
    def copy_text(self, text: str) -> None:
        """Put text on the clipboard, which may take seconds, and tell what became of it."""
        tell = self.app.call_from_thread
        outcome = copy(text, lambda sequence: tell(self.write_control, sequence), self.state.config.clipboard)
        tell(self.tell_outcome, outcome)

    def tell_outcome(self, outcome: Outcome) -> None:
        """Tell what became of a text that was to be copied."""
        self.app.notify(outcome.text, severity="information" if outcome.done else "warning", timeout=4)

    def write_control(self, sequence: str) -> None:
        """Write a control sequence to the terminal."""
        driver = self.app._driver  # the way that Textual's own clipboard goes
        if driver is not None:
            driver.write(sequence)
