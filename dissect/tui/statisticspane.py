"""Sections of lines, in: a pane in which they stand one below the other, under a line of their names, drawn."""

from collections.abc import Iterable, Sequence

from textual import events

from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.tui.statistics import Line, Section
from dissect.views.table import cut_cells, measure_cells


class StatisticsPane(Pane):
    """Sections under a line of their names, which can be clicked."""

    HEADING = 1

    def __init__(self, state: State) -> None:
        """Show nothing yet."""
        super().__init__(state)
        self.sections: Sequence[Section] = ()
        self._lines: list[tuple[int, Line]] = []
        """Each with the number of its section."""
        self._starts: list[int] = []

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self._lines)

    @property
    def line(self) -> Line:
        """Give the line under the cursor."""
        return self._lines[self.cursor][1] if self._lines else Line()

    @property
    def number(self) -> int:
        """Give the number of the section under the cursor, from 0."""
        return self._lines[self.cursor][0] if self._lines else 0

    def show(self, sections: Sequence[Section]) -> None:
        """Show sections; the cursor stays as far below the start of its section as it was."""
        number = self.number
        below = self.cursor - self._starts[number] if self._starts else 0
        self.sections, self._lines, self._starts = sections, [], []
        for at, section in enumerate(sections):
            self._starts.append(len(self._lines))
            self._lines.append((at, Line(f"{at + 1} {section.title}", "head")))
            self._lines += [(at, line) for line in (*section.lines, Line())]
        self.update_count()
        self.cursor = min(self._starts[number] + below, self._find_stop(number) - 1)
        self.refresh()

    def _find_stop(self, number: int) -> int:
        """Give the line behind a section."""
        return self._starts[number + 1] if number + 1 < len(self._starts) else len(self._lines)

    def go_to(self, number: int) -> None:
        """Go to a section, which then stands at the top as far as that can be."""
        if 0 <= number < len(self._starts):
            self.scroll_to(y=self._starts[number], animate=False, force=True)
            self.cursor = self._starts[number]
            self.refresh()

    def step(self, step: int) -> None:
        """Go to the next section, or to the start of this one or the one before."""
        if step < 0 and self._starts and self.cursor > self._starts[self.number]:
            step = 0
        self.go_to((self.number + step) % max(len(self._starts), 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Show in the heading in which section the cursor is."""
        super().watch_cursor(old, new)
        self.refresh()

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the names of the sections; that of the cursor stands out."""
        styles = self.state.styles
        for number, _, text in self.lay_out_heading(width):
            yield text, styles["cursor" if number == self.number else "name"]

    def lay_out_heading(self, width: int) -> list[tuple[int, int, str]]:
        """Give the names of the sections, each with its number and the cell behind it."""
        names = [f"{number} {section.name}" for number, section in enumerate(self.sections, 1)]
        blanks = sum(map(measure_cells, names)) + 2 * len(names) <= width
        found, at = [], 0
        for number, name in enumerate(names):
            text = f" {name} " if blanks else f"{name} "
            at += measure_cells(text)
            found.append((number, at, text))
        return found

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        line = self._lines[number][1]
        indent = "" if line.role == "head" else " "
        return [(cut_cells(indent + line.text, width), self.state.styles[line.role])]

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go to the section whose name is clicked."""
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1 or offset.y >= self.HEADING:
            return
        number = next((number for number, stop, _ in self.lay_out_heading(self.width) if offset.x < stop), None)
        if number is not None:
            self.go_to(number)
