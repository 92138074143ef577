"""A few things to choose from, in: lines of which one is chosen, or each is ticked or not, out."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding

from dissect.text import escape
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.table import cut_cells, fill, measure_cells


class Choice(NamedTuple):
    """A line: its title, what is told beside it, and whether it can be had now."""

    title: str
    told: str = ""
    free: bool = True


class Choices(Pane):
    """Lines of which one is chosen: the one under the cursor."""

    DEFAULT_CSS = "Choices { scrollbar-size-vertical: 0; }"

    def __init__(self, state: State, lines: Sequence[Choice], *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Offer lines."""
        super().__init__(state, id=id)
        self.lines = lines

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self.lines)

    def show(self, lines: Sequence[Choice]) -> None:
        """Tell other things of the lines."""
        if self.lines != lines:
            self.lines = lines
            self.update_count()
            self.refresh()

    def draw_mark(self, number: int) -> str:
        """Give the mark of a line."""
        return "(*)" if number == self.cursor else "( )"

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line: mark and title, and what is told of it."""
        line, titles = self.lines[number], max(measure_cells(each.title) for each in self.lines)
        head = f" {self.draw_mark(number)} {fill(line.title, titles)}  "
        told = cut_cells(escape(line.told), max(width - measure_cells(head), 0))
        return [(head, self.state.styles["" if line.free else "dim"]), (told, self.state.styles["dim"])]

    def click_line(self, number: int, x: int) -> None:
        """Choose the line that is clicked."""
        self.cursor = number


class Checks(Choices):
    """Lines of which each is ticked or not: Space, Enter or a click."""

    BINDINGS: ClassVar = [Binding("space", "choose", "Tick")]

    def __init__(self, state: State, lines: Sequence[Choice], *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Offer lines, none of them ticked."""
        super().__init__(state, lines, id=id)
        self.ticked: set[int] = set()

    def draw_mark(self, number: int) -> str:
        """Give the mark of a line."""
        return "[x]" if number in self.ticked else "[ ]"

    def click_line(self, number: int, x: int) -> None:
        """Tick the line that is clicked, or no longer."""
        self.cursor = number
        self.action_choose()

    def action_choose(self) -> None:
        """Tick the line, or no longer."""
        self.ticked ^= {self.cursor}
        self.refresh()
        self.post_message(self.Chosen(self))
