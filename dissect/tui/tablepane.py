"""Rows that are asked for when they come into sight, in: a table whose columns fit, drawn."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from dissect.text import escape
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.table import GAP, Head, choose_columns, cut_cells, fill, measure_cells, narrow

SAMPLE = 200
"""How many rows are measured to find the widths of the columns; those in sight widen them."""


class Table:
    """What a table shows."""

    heads: Sequence[Head] = ()

    @property
    @abstractmethod
    def count(self) -> int:
        """Give how many rows there are."""

    @abstractmethod
    def make_cells(self, number: int) -> Sequence[str]:
        """Give the cells of a row; they are escaped where they are drawn."""

    def choose_role(self, number: int) -> str:
        """Give the role of a row."""
        return ""


class TablePane(Pane):
    """A table with any number of rows."""

    HEADING = 1

    def __init__(self, state: State, table: Table, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show a table."""
        super().__init__(state, id=id)
        self.table = table
        self._widths: list[int] = []
        self._measured = 0

    @property
    def count(self) -> int:
        """Give how many rows there are."""
        return self.table.count

    def show(self, table: Table) -> None:
        """Show another table."""
        self.table = table
        self._widths, self._measured = [], 0
        self.update_count()
        self.refresh()

    def _measure(self, cells: Iterable[str]) -> None:
        for at, cell in enumerate(cells):
            self._widths[at] = max(self._widths[at], measure_cells(cell))

    def find_columns(self, width: int) -> tuple[list[int], list[int]]:
        """Give the columns for which there is room, and their widths."""
        heads = self.table.heads
        if not self._widths:
            self._widths = [measure_cells(head.title) for head in heads]
        for number in range(self._measured, min(self.count, SAMPLE)):
            self._measure(escape(cell) for cell in self.table.make_cells(number))
            self._measured = number + 1
        kept = choose_columns(heads, self._widths, width - 1)
        widths = [self._widths[at] for at in kept]
        narrow(widths, [place for place, at in enumerate(kept) if heads[at].flexible], width - 1 - len(GAP) * len(kept))
        return kept, widths

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the titles."""
        kept, widths = self.find_columns(width)
        heads = [self.table.heads[at] for at in kept]
        cells = (fill(cut_cells(head.title, room), room, head.side) for head, room in zip(heads, widths, strict=True))
        return [(fill(f" {GAP.join(cells)}", width), self.state.styles["head"])]

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the cells of a row."""
        shown = [escape(cell) for cell in self.table.make_cells(number)]
        self._measure(shown)
        kept, widths = self.find_columns(width)
        cells = (
            fill(cut_cells(shown[at], room), room, self.table.heads[at].side)
            for at, room in zip(kept, widths, strict=True)
        )
        return [(f" {GAP.join(cells)}", self.state.styles[self.table.choose_role(number)])]
