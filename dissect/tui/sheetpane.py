"""What is told of an association, in: a pane of its lines, drawn."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType

from dissect.tui.pane import Pane, Piece
from dissect.tui.sheet import Sheet
from dissect.tui.sheetline import Line
from dissect.tui.state import State
from dissect.views.table import cut_cells


class SheetPane(Pane):
    """The lines of an association."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go there", key_display="Enter", id="choose"),
        Binding("left,h", "screen.leave", "Back", show=False),
    ]

    def __init__(self, state: State, sheet: Sheet) -> None:
        """Show an association."""
        super().__init__(state)
        self.sheet = sheet
        self._lines: list[Line] = []
        self._width = 0

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self._lines)

    @property
    def line(self) -> Line | None:
        """Give the line under the cursor."""
        return self._lines[self.cursor] if self._lines else None

    def show(self, sheet: Sheet) -> None:
        """Show an association anew, or another one."""
        same = sheet.number == self.sheet.number
        self.sheet = sheet
        self._lines = sheet.make_lines(self._width)
        self.update_count()
        if not same:
            self.cursor = 0
        self.refresh()
        self.post_message(self.Moved(self))

    def on_resize(self) -> None:
        """Make the lines anew, for the width decides where they are cut and parted."""
        if self.size.width != self._width:
            self._width = self.size.width
            self.show(self.sheet)

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        line = self._lines[number]
        return [(cut_cells(line.text, width), self.state.styles[line.role])]
