"""The node of a PDU, a message or a connection, in: its tree as lines that open and close, drawn."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import NamedTuple

from rich.style import Style

from dissect.dicom.values import call_uid
from dissect.masking import is_private, shown_name, shown_note, shown_text
from dissect.node import Node
from dissect.spans import Source
from dissect.text import escape
from dissect.tui.branches import Branch, Branches
from dissect.tui.keys import make_bindings
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.table import cut_cells, fill
from dissect.views.text import PLAIN, show_bytes, show_line

DEEPEST = 12
"""Beyond how many levels the indentation is told by a number."""

LONGEST_SHOWN = 1000
"""How many characters of a value are looked at for a line."""

TAG_WIDTH = len("(gggg,eeee)")
SHORTEST_NAME, LONGEST_NAME = 16, 36
LENGTH_WIDTH = len("1234567 UI ")
WIDE, TIGHT = 76, 60
"""From how many cells on there is room for whole names; below how many there is none for length and VR."""


class Layout(NamedTuple):
    """The widths of the columns: indentation and tag; length and VR; name."""

    tag: int
    length: int
    name: int


def find_layout(width: int) -> Layout:
    """Choose the widths of the columns: the names have two fifths of the room for names and values."""
    tag, length = (22 if width >= WIDE else 19), (LENGTH_WIDTH if width >= TIGHT else 0)
    return Layout(tag, length, min(max((width - tag - length) * 2 // 5, SHORTEST_NAME), LONGEST_NAME))


MOST_BYTES = 1 << 12
"""How many bytes of a binary value are shown whole."""


class TreePane(Pane):
    """A tree of which one sees what is open; that stays so from one PDU to the next, by the paths of the nodes."""

    BINDINGS = make_bindings("tree")

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show nothing yet."""
        super().__init__(state, id=id)
        self.branches = Branches()
        self.wanted = ""
        """The path below the top of the node that was chosen last."""

    @property
    def top(self) -> Node | None:
        """Give the node that the others are below."""
        return self.branches.top

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self.branches.lines)

    @property
    def branch(self) -> Branch | None:
        """Give the line under the cursor."""
        return self.branches.lines[self.cursor] if self.branches.lines else None

    @property
    def node(self) -> Node | None:
        """Give the node under the cursor."""
        return self.branch.node if self.branch is not None else None

    def show(self, top: Node | None) -> None:
        """Show a tree; the cursor stays on the node of the path on which it was, if there is one."""
        self.branches.take(top)
        self.lay_out(self.wanted)

    def find_path(self, node: Node) -> str:
        """Give the keys from below the top to a node."""
        return self.branches.find_path(node)

    def lay_out(self, wanted: str) -> None:
        """Find the lines, and put the cursor on the node of a path."""
        self.branches.lay_out()
        at = self.branches.find_line(wanted)
        kept = self.wanted
        self.update_count()
        if at != self.cursor:
            self.move_to(at)
        else:
            self.show_cursor_line()
            self.post_message(self.Moved(self))
        self.wanted = kept
        self.refresh()

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        branch, styles, glyphs = self.branches.lines[number], self.state.styles, self.state.glyphs
        node, depth = branch.node, branch.depth
        indent = "  " * depth if depth <= DEEPEST else f"{'  ' * (DEEPEST - 2)}{depth:>3} "
        if branch.note is not None:
            found = branch.note
            clause = f" ({found.reference})" if found.reference else ""
            told = escape(shown_note(found.code, found.text, self.state.private))
            words = f"{indent}  {glyphs[found.severity]} {found.severity}: {told}{clause}"
            return [(words, styles[found.severity])]
        if branch.more:
            return [(f"{indent}  {glyphs['more']} {branch.more:,} more (Enter)", styles["accent"])]
        mark = glyphs["open" if self.branches.is_open(branch) else "closed"] if branch.holds_others else " "
        return self.draw_node(node, f"{indent}{mark} ", width)

    def draw_node(self, node: Node, lead: str, width: int) -> Iterator[Piece]:
        """Draw a node: tag, length, name and value in columns, or its line as it stands."""
        styles = self.state.styles
        yield lead, styles["name"]
        if node.layout in ("block", "heading", "generated"):
            told = escape(self.tell_line(node)[:LONGEST_SHOWN])
            yield told, styles["dim" if node.layout == "generated" else "name"]
            return
        layout = find_layout(width)
        room = max(layout.tag - len(lead), TAG_WIDTH)
        name = layout.tag + layout.length + layout.name - len(lead)
        if node.layout == "element" or node.tag:
            yield fill(node.tag, room), styles["tag"]
            if layout.length:
                yield f"{self.tell_length(node):>7} {escape(node.vr):2} ", styles["dim"]
            else:
                yield " ", styles["dim"]
            name -= room + (layout.length or 1)
        retired = "(Retired) " if node.retired else ""
        name = max(name, SHORTEST_NAME)
        yield fill(cut_cells(escape(retired + node.name), name), name) + " ", Style()
        yield escape(self.tell_value(node)), styles["value"]

    def tell_length(self, node: Node) -> str:
        """Tell how long the value of an element is, as the bytes have it."""
        return "udef" if node.length is None else str(node.length)

    def tell_line(self, node: Node) -> str:
        """Give the line of a node as a list of them has it, without what is not to be seen in it."""
        if not self.state.private:
            return show_line(node, PLAIN)
        shown = copy(node)
        shown.name, shown.text = shown_name(node, private=True), shown_text(node, private=True)
        return show_line(shown, PLAIN)

    def tell_value(self, node: Node) -> str:
        """Give the value of a node as it is shown, cut to what can be on a line."""
        if self.state.private and is_private(node):
            return shown_text(node, private=True)[:LONGEST_SHOWN]
        text = node.text[:LONGEST_SHOWN]
        if text == "(binary)":
            return show_bytes(node)
        if node.vr == "UI" and "(" not in text:
            named = call_uid(text)
            return f"{text} ({named})" if named and named != text else text
        return text

    def tell_whole(self, node: Node) -> str:
        """Give the whole value of a node; of a binary one its first bytes."""
        if self.state.private and is_private(node):
            return escape(shown_text(node, private=True))
        if node.text != "(binary)":
            return escape(shown_text(node, self.state.private) or self.tell_line(node))
        span = node.span
        data = span.source.read(node.body, min(span.stop, node.body + MOST_BYTES)) if span is not None else b""
        return f"{show_bytes(node)}\n\n{bytes(data).hex(' ')}"

    def watch_cursor(self, old: int, new: int) -> None:
        """Remember the node by its path, and tell who wants to know."""
        super().watch_cursor(old, new)
        if self.branch is not None:
            self.wanted = self.branch.path

    def toggle(self, branch: Branch) -> None:
        """Open a node or close it."""
        self.branches.set_open(branch, opened=not self.branches.is_open(branch))
        self.lay_out(branch.path)

    def show_more(self, branch: Branch) -> None:
        """Show more children of a node, the first of them in the place of the line that stands for them."""
        self.branches.show_more(branch)
        self.branches.lay_out()
        self.wanted = self.branches.lines[self.cursor].path
        self.update_count()
        self.refresh()
        self.post_message(self.Moved(self))

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; one on the triangle opens or closes it."""
        branch = self.branches.lines[number]
        self.cursor = number
        if x <= 2 * min(branch.depth, DEEPEST) + 1 and branch.holds_others:
            self.toggle(branch)
        elif branch.more:
            self.show_more(branch)

    def action_open(self) -> None:
        """Open the node, or go to its first child."""
        branch = self.branch
        if branch is None:
            return
        if branch.more:
            self.show_more(branch)
        elif branch.holds_others and not self.branches.is_open(branch):
            self.toggle(branch)
        elif branch.holds_others:
            self.cursor += 1

    def action_close(self) -> None:
        """Close the node, or go to its parent."""
        branch = self.branch
        if branch is None:
            return
        if branch.holds_others and self.branches.is_open(branch):
            self.toggle(branch)
            return
        for number in range(self.cursor - 1, -1, -1):
            if self.branches.lines[number].depth < branch.depth:
                self.cursor = number
                return

    def action_choose(self) -> None:
        """Open a node or close it; of one that holds no others ask for the whole value."""
        branch = self.branch
        if branch is None:
            return
        if branch.more:
            self.show_more(branch)
        elif branch.holds_others:
            self.toggle(branch)
        else:
            self.post_message(self.Chosen(self))

    def action_open_subtree(self) -> None:
        """Open all below the node."""
        if self.node is not None:
            self.open_below(self.node)

    def action_open_all(self) -> None:
        """Open the whole tree."""
        if self.top is not None:
            self.open_below(self.top)

    def open_below(self, top: Node) -> None:
        """Open a node and all below it; the cursor stays on its node."""
        self.branches.open_below(top)
        self.lay_out(self.wanted)

    def action_close_all(self) -> None:
        """Close the whole tree, but for its top."""
        self.branches.close_all()
        self.lay_out("")

    def choose_byte(self, source: Source, offset: int) -> Node | None:
        """Put the cursor on the node that a byte belongs to, and give it; None where there is none or it is there."""
        node = find_node(self.top, source, offset) if self.top is not None else None
        if node is None or node is self.node:
            return None
        with self.prevent(Pane.Moved):
            self.find_node(node)
        return node

    def find_node(self, node: Node) -> None:
        """Open what a node is under, and put the cursor on it."""
        self.branches.open_above(node)
        self.wanted = self.find_path(node)
        self.lay_out(self.wanted)


def find_offset(source: Source, offset: int, wanted: Source) -> int | None:
    """Give the offset in a message of a byte of the stream that it came in, None where it is not of the message."""
    if wanted is source:
        return offset
    if wanted.label != "message":
        return None
    at = 0
    for span in wanted.origins(0, wanted.size):
        if span.source is source and span.start <= offset < span.stop:
            return at + offset - span.start
        at += len(span)
    return None


def find_node(top: Node, source: Source, offset: int) -> Node | None:
    """Find the deepest node that a byte belongs to: of a message an element, not the fragment that carried it."""
    found: Node | None = None
    offsets: dict[int, int | None] = {}
    todo = [top]
    while todo:
        node = todo.pop()
        span = node.span
        if node.layout == "hidden":
            continue
        # A PDU does not tell by its place in the stream which bytes of a whole message are below it.
        if span is not None and (source.label == "stream" or span.source.label != "stream"):
            key = id(span.source)
            if key not in offsets:
                offsets[key] = find_offset(source, offset, span.source)
            at = offsets[key]
            if at is None or not span.start <= at < span.stop:
                continue
            found, todo = node, []
        todo += node.children  # the last one is looked at first: elements stand behind fragments
    return found
