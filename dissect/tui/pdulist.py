"""The lines of the list, in: PDUs, messages or associations in columns, with what a user has noted of them, drawn."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from rich.style import Style

from dissect.dicom.pdu import LOST
from dissect.dicom.terms import PDU_NAMES
from dissect.index import ACCEPTOR, REQUESTOR
from dissect.text import escape
from dissect.tui.breaks import tell_break
from dissect.tui.infocolumn import InfoColumn
from dissect.tui.keys import make_bindings
from dissect.tui.owncolumns import OwnColumns
from dissect.tui.palette import TINTS
from dissect.tui.pane import Pane, Piece
from dissect.tui.rows import BREAK, Line
from dissect.tui.state import State
from dissect.views.table import cut_cells, fill

WIDE, MEDIUM = 110, 72
"""From how many cells on there is room for all columns, and for all but a few."""

LEAST_CELLS, MOST_CELLS = 12, 28
"""The width of a column that the user has chosen is that of its title, within these; in a wide list at least twice."""

LONGEST_LINE = 1000
"""How many cells a line has that is copied."""

RIGHT = ("No", "Time", "Delta", "A", "PC", "Len")
"""The columns of numbers."""

BLANK = Style()


class PduList(Pane):
    """The PDUs of a capture, or its messages, or its associations."""

    BINDINGS = make_bindings("list")
    HEADING = 1

    def __init__(self, state: State, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show the lines of what the screens share."""
        super().__init__(state, id=id, classes=classes)
        self.follows = False
        """Whether the cursor stays on the last line while more come."""
        self._info = InfoColumn(state)
        self._own = OwnColumns(state)

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self.state.rows)

    def action_end(self) -> None:
        """Go to the last line, and stay there while more come."""
        super().action_end()
        self.follows = True

    def watch_cursor(self, old: int, new: int) -> None:
        """Follow no longer, where the user has gone elsewhere."""
        self.follows = self.follows and new >= old
        super().watch_cursor(old, new)

    @property
    def row(self) -> int | None:
        """Give the row of the PDU under the cursor."""
        return self.state.rows.find_row(self.cursor) if self.cursor < self.count else None

    def find_widths(self, width: int) -> dict[str, int]:
        """Give the widths of the columns for which there is room."""
        state = self.state
        number = max(len(str(len(state.index))), 4)
        relative = state.time_form == "r" or state.reference is not None
        time = 12 if relative or not len(state.index) else len(state.tell_time(0))
        association = max(len(str(len(state.index.openings))), 2)
        widths = {"No": number, "Time": time, "A": association, "Dir": 1}
        least = LEAST_CELLS if width < WIDE else 2 * LEAST_CELLS
        own = {column.name: max(min(len(column.name), MOST_CELLS), least) for column in state.columns}
        if width >= WIDE:
            return {
                "No": number,
                "Time": time,
                "Delta": 10,
                "A": association,
                "Dir": 1,
                "Type": 14,
                "PC": 3,
                "Len": 8,
            } | own
        return (widths | {"Len": 7} if width >= MEDIUM else widths) | own

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the titles of the columns."""
        glyphs = self.state.glyphs
        titles = {"Delta": glyphs["delta"], "Dir": " "}
        cells = [
            fill(cut_cells(titles.get(name, name), room), room, ">" if name in RIGHT else "<")
            for name, room in self.find_widths(width).items()
        ]
        return [(fill(f"  {' '.join(cells)} Info", width), self.state.styles["head"])]

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        line = self.state.rows.find_line(number)
        if line.level == BREAK:
            return self.draw_break(line, width)
        if self.state.index.kinds[line.row] == LOST:
            told = f"{self.state.index.tell_info(line.row)} (PDU {line.row + 1})"
            return self.draw_rule(told, line.row, width, "warning")
        return self.draw_row(number, line, width)

    def tell_number(self, number: int) -> str:
        """Give a line as text, cut only where it is very long."""
        return self._join(self.draw(number, LONGEST_LINE))

    def tell_one(self, row: int) -> str:
        """Give the line of a row's PDU as text, whether the list shows it or not."""
        rows = self.state.rows
        line = Line(1 if rows.mode == "association" else 0, row)
        return self._join(self.draw_row(rows.find_number(row), line, LONGEST_LINE))

    def _join(self, pieces: Iterable[Piece]) -> str:
        return "".join(text for text, _ in pieces).strip()

    def draw_break(self, line: Line, width: int) -> Iterable[Piece]:
        """Draw what is not there."""
        index = self.state.index
        found = self.state.rows.breaks[line.row]
        told = tell_break(found, index)
        role = "error" if found.kind == "reset" else "warning"
        return self.draw_rule(f"{told} (association {found.association})", None, width, role)

    def draw_rule(self, text: str, row: int | None, width: int, role: str) -> Iterable[Piece]:
        """Draw a line that is a rule with words in it."""
        rule = self.state.glyphs["rule"]
        mark = self.draw_mark(row) if row is not None else ("  ", BLANK)
        told = cut_cells(f"{rule * 2} {escape(text)} ", width - 2)
        return [mark, (told + rule * max(width - 2 - len(told), 0), self.state.styles[role])]

    def draw_mark(self, row: int) -> Piece:
        """Draw what a user has noted of a PDU, the tint of its association or the glyph of its colour rule."""
        state = self.state
        rule, tint = state.choose_rule(row), state.marks.tints.get(state.index.associations[row])
        letter = next((letter for letter, marked in state.marks.letters.items() if marked == row), "")
        if letter or row in state.marks.selected or row in state.marks.comments:
            glyph = letter or (state.glyphs["selected"] if row in state.marks.selected else ";")
            return (f"{glyph} ", state.styles["mark"])
        glyph = rule.glyph if rule is not None else ""
        glyph = state.glyphs.get(glyph, "!" if glyph and not glyph.isascii() else glyph) if state.ascii_only else glyph
        style = state.styles[rule.role if rule is not None else ""]
        if tint is None:
            return (f"{glyph or ' '} ", style)
        bar = state.glyphs["bar"] if not glyph.strip() else glyph
        return (f"{bar}{tint + 1}", Style(color=TINTS[tint], bold=True))

    def draw_row(self, number: int, line: Line, width: int) -> Iterator[Piece]:
        """Draw a PDU, a message or an association."""
        state, index, row = self.state, self.state.index, line.row
        rule = state.choose_rule(row)
        style = state.styles[rule.role if rule is not None else ""]
        side = {REQUESTOR: "requestor", ACCEPTOR: "acceptor"}.get(index.sides[row], "unknown")
        tells: dict[str, Callable[[], str]] = {
            "No": lambda: str(row + 1),
            "Time": lambda: state.tell_time(row),
            "Delta": lambda: self.tell_delta(number, row),
            "A": lambda: str(index.associations[row]),
            "Dir": lambda: state.glyphs[side],
            "Type": lambda: PDU_NAMES.get(index.kinds[row], f"type {index.kinds[row]:02X}H"),
            "PC": lambda: str(index.contexts[row] or ""),
            "Len": lambda: str(index.tell_length(row)),
            **{column.name: partial(self._own.tell, column, row) for column in state.columns},
        }
        yield self.draw_mark(row)
        widths = self.find_widths(width)
        whole = state.rows.mode == "association" and not line.level
        told = {name: "" if whole and name in ("Type", "PC", "Len") else tells[name]() for name in widths}
        cells = (
            fill(cut_cells(escape(told[name]), room), room, ">" if name in RIGHT else "<")
            for name, room in widths.items()
        )
        head = " ".join(cells) + " "
        yield head, style
        rest = width - 2 - len(head)
        for text, role in self._info.tell_line(line):
            shown = cut_cells(escape(text), rest) if rest > 0 else ""
            rest -= len(shown)
            yield shown, state.styles[role] if role else style

    def tell_delta(self, number: int, row: int) -> str:
        """Tell how long after the line before a PDU came."""
        if not number:
            return ""
        index = self.state.index
        before = index.frames[self.state.rows.find_row(number - 1)]
        told = self.state.capture.tell_time(index.frames[row], self.state.capture.times[before - 1])
        return told[:10]

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; on its glyph, select it."""
        if x < 2:
            self.cursor = number
            self.action_select()
        else:
            super().click_line(number, x)

    def action_open(self) -> None:
        """Show what is below the line; where nothing can be, go into it."""
        line = self.state.rows.find_line(self.cursor) if self.count else None
        if line is not None and self.state.rows.has_more(line):
            if not self.state.rows.is_open(line):
                self.toggle(self.cursor)
        else:
            self.post_message(self.Chosen(self))

    def action_close(self) -> None:
        """Hide what is below the line, or below the one that it is under."""
        number = self.cursor
        if not self.count or self.state.rows.mode == "pdu":
            return
        while number and self.state.rows.find_line(number).level:
            number -= 1
        if self.state.rows.is_open(self.state.rows.find_line(number)):
            self.toggle(number)
            self.cursor = number

    def toggle(self, number: int) -> None:
        """Show the lines below a line, or hide them."""
        self.state.rows.toggle(number)
        self.update_count()
        self.refresh()

    def action_select(self) -> None:
        """Select the PDU, or no longer, and go to the next line."""
        if self.row is not None:
            self.state.marks.selected ^= {self.row}
            self.refresh()
            self.cursor += 1
