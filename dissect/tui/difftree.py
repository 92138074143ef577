"""A message of one side, in: its tree, with a sign before each node that differs, drawn; of a snapshot's fields too."""

from collections.abc import Iterable

from dissect.diff.differences import Difference
from dissect.diff.fields import Field
from dissect.node import Node
from dissect.tui.pane import Piece
from dissect.tui.treepane import TreePane
from dissect.views.differences import GLYPHS, ROLES, SIGNS

MARGIN = 2
"""How many cells the signs take."""


class DiffTree(TreePane):
    """A tree of which one sees what differs."""

    marks: dict[str, Difference] = {}  # noqa: RUF012 (replaced as a whole)
    """By path below the top, what differs."""

    def show_at(self, top: Node | None, path: str, marks: dict[str, Difference]) -> None:
        """Show a tree with the cursor on the node of a path below its top, or the nearest one above that."""
        self.marks = marks
        self.branches.take(top)
        if top is None:
            self.wanted = path
            self.lay_out("")
            return
        self.find_node(find_below(top, path))

    def follow(self, path: str) -> None:
        """Put the cursor on the node of a path, if there is one."""
        node = find_below(self.top, path) if self.top is not None else None
        if node is not None and node is not self.node and self.find_path(node) == path:
            self.find_node(node)

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        branch = self.branches.lines[number]
        plain = branch.note is not None or branch.more
        found = None if plain else self.marks.get(branch.path)
        if found is None:
            yield " " * MARGIN, self.state.styles[""]
            yield from super().draw(number, width - MARGIN)
            return
        style = self.state.styles[ROLES[found.weight]]
        sign = SIGNS[found.change].strip() or "~"
        yield f"{GLYPHS[found.weight]}{sign}", style
        yield from ((text, style) for text, _ in super().draw(number, width - MARGIN))

    def tell_length(self, node: Node) -> str:
        """Tell how long the value of an element is; one that stands in no bytes has no length."""
        return "" if node.span is None and node.length is None else super().tell_length(node)

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line."""
        super().click_line(number, x - MARGIN)


def find_below(top: Node, path: str) -> Node:
    """Find the node of a path below another one, as far as there is one."""
    node = top
    while path:
        found = next((each for each in node.children if path == each.key or path.startswith(f"{each.key}/")), None)
        if found is None:
            break
        node, path = found, path[len(found.key) + 1 :]
    return node


def make_field_node(field: Field, parent: Node | None = None) -> Node:
    """Make the node of a field that stands in no bytes, and of all below it."""
    node = Node(field.key, field.name, parent=parent, text=tell_field(field), meaning=field.meaning)
    node.tag, node.vr = field.tag, field.vr
    node.layout = "element" if field.tag else "field" if parent is not None and not field.children else "heading"
    node.masked = field.kind == "secret"
    for child in field.children:
        node.add(make_field_node(child, node))
    return node


def tell_field(field: Field) -> str:
    """Tell what a field says."""
    if field.kind == "secret":
        return "********"
    if field.kind == "lost":
        return "missing"
    told = f"<{field.value}>" if field.kind == "uid" else field.describe()
    return f"{told} ({field.meaning})" if field.meaning and field.meaning != told and told else told or field.meaning
