"""A tree of nodes, in: the lines of what is open of it, out; that stays open from one tree to the next."""

from collections.abc import Iterator
from dataclasses import dataclass

from dissect.node import Node
from dissect.notes import Note

STEP = 1000
"""How many children of a node are shown at once."""

MOST_OPENED = 20_000
"""How many lines are opened at once."""

LEADING = ("pdv", "body", "presentation-data", "command-set", "data-set")
"""What is open from the start, below the top."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the tree: its node with path and depth; a note on it instead, or how many more children it has."""

    node: Node
    path: str
    """The keys from below the top to the node."""
    depth: int
    note: Note | None = None
    more: int = 0

    @property
    def holds_others(self) -> bool:
        """Tell whether others stand below the line, shown or not."""
        return self.note is None and not self.more and (self.node.expand is not None or bool(self.node.children))


class Branches:
    """The lines of a tree of which one sees what is open."""

    def __init__(self) -> None:
        """Start without a tree."""
        self.top: Node | None = None
        self.lines: list[Branch] = []
        self._open: dict[str, bool] = {}
        """By path, whether a user has opened or closed a node."""
        self._shown: dict[str, int] = {}
        """How many children of a node are shown, where it is not `STEP`."""

    def take(self, top: Node | None) -> None:
        """Take another tree, of which the same is open."""
        self.top = top
        self._shown.clear()

    def find_path(self, node: Node) -> str:
        """Give the keys from below the top to a node."""
        return node.path_below(self.top) if self.top is not None else ""

    def lay_out(self) -> None:
        """Find the lines anew."""
        self.lines = list(self._list())

    def find_line(self, path: str) -> int:
        """Give the number of the line of a path's node; 0 where it has none."""
        return next((number for number, branch in enumerate(self.lines) if branch.path == path), 0)

    def _list(self) -> Iterator[Branch]:
        """Give the lines of what is open."""
        todo = [Branch(self.top, "", 0)] if self.top is not None else []
        while todo:
            branch = todo.pop()
            yield branch
            if branch.note is None and not branch.more:
                todo += reversed(list(self._list_below(branch)))

    def _list_below(self, branch: Branch) -> Iterator[Branch]:
        """Give the lines just below one: the notes on its node; where that is open its children, so many of them."""
        node, path, depth = branch.node, branch.path, branch.depth + 1
        yield from (Branch(node, path, depth, note=note) for note in node.notes)
        if not self.is_open(branch):
            return
        children = [child for child in node.children if child.layout != "hidden"]
        limit = self._shown.get(path, STEP)
        yield from (Branch(child, join(path, child.key), depth) for child in children[:limit])
        if len(children) > limit:
            yield Branch(node, path, depth, more=len(children) - limit)

    def is_open(self, branch: Branch) -> bool:
        """Tell whether the nodes below a line's are shown."""
        known = self._open.get(branch.path)
        if known is not None:
            return known
        node = branch.node
        return node is self.top or (node.parent is self.top and node.key.partition(".")[0] in LEADING)

    def set_open(self, branch: Branch, *, opened: bool) -> None:
        """Open or close a line's node."""
        self._open[branch.path] = opened

    def open_above(self, node: Node) -> None:
        """Open all that a node is under, and have so many children of each shown that it has a line."""
        while node is not self.top and (above := node.parent) is not None:
            path = self.find_path(above)
            self._open[path] = True
            children = [child for child in above.children if child.layout != "hidden"]
            at = next((at for at, child in enumerate(children) if child is node), 0)
            if at >= self._shown.get(path, STEP):
                self._shown[path] = at + 1
            node = above

    def open_below(self, top: Node) -> None:
        """Open a node and all below it, so many at the most."""
        todo, count = [(top, self.find_path(top))], 0
        while todo and count < MOST_OPENED:
            node, path = todo.pop()
            if node.expand is None and not node.children:
                continue
            self._open[path] = True
            count += len(node.children)
            todo += [(child, join(path, child.key)) for child in node.children]

    def close_all(self) -> None:
        """Close the whole tree, but for its top."""
        self._open.clear()
        for child in self.top.children if self.top is not None else ():
            self._open[child.key] = False

    def show_more(self, branch: Branch) -> None:
        """Have more children of a line's node shown."""
        self._shown[branch.path] = self._shown.get(branch.path, STEP) + 10 * STEP


def join(path: str, key: str) -> str:
    """Give the path of a node by that of its parent and its own key."""
    return f"{path}/{key}" if path else key
