"""The lines of a comparison, in: a list of them that opens and closes, drawn; wide ones with a column a side."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dissect.amounts import tell
from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference
from dissect.diff.findings import Finding
from dissect.differing import WEIGHTS
from dissect.masking import mask
from dissect.text import escape
from dissect.tui.diffrows import WHOLE, DiffRows, Row
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.differences import GLYPHS, ROLES, SIGNS, tell_frames
from dissect.views.table import cut_cells, fill, measure_cells

WIDE = 100
"""From how many cells on old and new have columns of their own."""

NAME, LONGEST_NAME = 20, 36
"""How many cells the name of what differs has."""

WHERE = 19
"""How many cells the name of the message or PDU has, where old and new have columns of their own."""

LONGEST = 400
"""How many characters of a value are looked at for a line."""


def hide(found: Difference, private: bool) -> Difference:
    """Give a difference without what is not to be seen of it."""
    if not (private and found.private):
        return found
    old, new = (mask(value) if value is not None else None for value in (found.old, found.new))
    return replace(found, old=old, new=new, meanings=("", ""))


def tell_values(found: Difference) -> tuple[str, str]:
    """Tell what stands on both sides, each with what it means; '' where nothing does."""
    told = []
    for value, meaning in zip((found.old, found.new), found.meanings, strict=True):
        if value is None:
            told.append("")
        elif meaning and len(value) > NAME:
            told.append(escape(meaning))
        else:
            shown = escape(value[:LONGEST]) if value else "''"
            told.append(f"{shown} ({escape(meaning)})" if meaning and meaning != value else shown)
    for each in found.contradictions[:1]:
        told[1] += f", but {escape(each.old)} there is {escape(each.new)}"
    return told[0], told[1]


def tell_weights(differences: Iterable[Difference]) -> str:
    """Tell how many of each weight there are, worst first."""
    counts = dict.fromkeys(reversed(WEIGHTS), 0)
    for each in differences:
        counts[each.weight] += 1
    return ", ".join(tell(count, weight) for weight, count in counts.items() if count)


class DiffPane(Pane):
    """What differs between two exchanges."""

    HEADING = 1

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show nothing yet."""
        super().__init__(state, id=id)
        self.rows: DiffRows | None = None
        self.names = ("", "")
        """What the sides are called; escaped."""

    def show(self, rows: DiffRows, names: tuple[str, str], at: int) -> None:
        """Show a comparison, with the cursor on a line."""
        self.rows, self.names = rows, names
        self.update_count()
        self.move_to(at)
        self.refresh()
        self.post_message(self.Moved(self))

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self.rows) if self.rows is not None else 0

    @property
    def row(self) -> Row | None:
        """Give the line under the cursor."""
        return self.rows[self.cursor] if self.rows is not None and self.cursor < self.count else None

    @property
    def difference(self) -> Difference | None:
        """Give what differs in the line under the cursor."""
        return self.rows.difference(self.row) if self.rows is not None and self.row is not None else None

    # Folding

    def fold(self, row: Row, *, closed: bool) -> None:
        """Close what is below a head, or open it; the cursor goes to the head."""
        rows = self.rows
        head = row._replace(below=WHOLE)
        if rows is None or (head in rows.closed) == closed:
            return
        rows.closed ^= {head}
        self.lay_out(head)

    def lay_out(self, row: Row) -> None:
        """Find the lines anew, and put the cursor on one."""
        if self.rows is not None:
            self.rows.lay_out()
            self.update_count()
            self.move_to(self.rows.find_row(row))
            self.refresh()
            self.post_message(self.Moved(self))

    def toggle(self) -> None:
        """Open the head under the cursor, or close it."""
        if self.row is not None and self.row.below == WHOLE and self.rows is not None:
            self.fold(self.row, closed=self.row not in self.rows.closed)

    def close(self) -> None:
        """Close what is below the head; of what is closed or has none, go to the head above."""
        row, rows = self.row, self.rows
        if row is None or rows is None:
            return
        head = row._replace(below=WHOLE)
        if row.below == WHOLE and row.place != WHOLE and (head in rows.closed or not rows.differs(head)):
            head = Row(row.talk)
        if row.below != WHOLE or head != row:
            self.cursor = rows.find_row(head)
        else:
            self.fold(head, closed=True)

    def fold_all(self, *, closed: bool) -> None:
        """Close all operations, or open everything."""
        rows, row = self.rows, self.row
        if rows is None or row is None:
            return
        rows.closed = {
            Row(talk, place)
            for talk, pair in enumerate(rows.comparison.talks if closed else ())
            for place in pair.findings
        }  # fmt: skip
        self.lay_out(row._replace(below=WHOLE) if closed and row.place != WHOLE else row)

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; one on the triangle opens or closes it."""
        self.cursor, chosen = number, number == self.cursor
        row = self.row
        if row is not None and row.below == WHOLE and x < 4:
            self.toggle()
        elif chosen:
            self.post_message(self.Chosen(self))

    # Drawing

    def lay_columns(self, width: int) -> tuple[int, int]:
        """Give the widths of the name and of a side; of a side 0 where both have one column."""
        name = min(max(width // 4, NAME), LONGEST_NAME)
        return name, (width - name - WHERE - 12) // 2 if width >= WIDE else 0

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the titles of the columns."""
        name, side = self.lay_columns(width)
        titles = zip(("old", "new"), self.names, strict=True)
        old, new = (f"{title}: {told}" if told else title for title, told in titles)
        if side:
            where = fill("        in", WHERE + 8)
            told = f"{where}{fill('what differs', name + 1)}{fill(cut_cells(old, side), side)}   {new}"
        else:
            told = f"{fill('        what differs', name + 9)}{old} {self.state.glyphs['requestor']} {new}"
        return [(fill(cut_cells(told, width), width), self.state.styles["head"])]

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """Give the pieces of a line."""
        rows = self.rows
        assert rows is not None
        row = rows[number]
        found = rows.difference(row)
        if found is not None:
            yield from self.draw_difference(hide(found, self.state.private), width)
        elif row.below != WHOLE:
            yield "       not compared: bytes of it are lost", self.state.styles["warning"]
        else:
            yield from self.draw_head(rows, row, width)

    def draw_head(self, rows: DiffRows, row: Row, width: int) -> Iterator[Piece]:
        """Draw the line of two associations, or of two operations."""
        styles, finding, shown = self.state.styles, rows.finding(row), rows.list_differences(row)
        some = rows.differs(row) or finding is None
        fold = self.state.glyphs["closed" if row in rows.closed else "open"] if some else " "
        indent = " " if finding is None else "   "
        told = self.name_talks(row) if finding is None else self.name_operations(rows.comparison, finding)
        counts = tell_weights(shown) or ("" if some else "same")
        if finding is None and (differing := rows.count_differing(row)):
            told_operations = f"{differing:,} of {tell(len(rows.pair(row)), 'operation')}"
            counts = told_operations if not counts else f"{counts}, {told_operations}" if width >= WIDE else counts
        room = width - len(indent) - len(counts) - 5
        style = styles["name"] if finding is None or some else styles["dim"]
        yield f"{indent}{fold} {fill(cut_cells(told, room), room)} ", style
        worst = max((WEIGHTS.index(each.weight) for each in shown), default=0)
        yield counts, styles[ROLES[WEIGHTS[worst]]]

    def name_talks(self, row: Row) -> str:
        """Name two associations."""
        assert self.rows is not None
        pair = self.rows.pair(row)
        numbers = [f"#{each.number}" if each is not None else "none" for each in (pair.old, pair.new)]
        said = list(dict.fromkeys(escape(each.describe()) for each in (pair.old, pair.new) if each is not None))
        return f"Association {' / '.join(numbers)}  {' / '.join(said)}"

    def name_operations(self, comparison: Comparison, finding: Finding) -> str:
        """Name two operations, with the frames that carried them."""
        sides = [(comparison.old, finding.old), (comparison.new, finding.new)]
        numbers = [f"#{one.name_operation(at).rpartition('.')[2]}" if at >= 0 else "none" for one, at in sides]
        there = [one.kind(at) for one, at in sides if at >= 0]
        names = dict.fromkeys(kind.name for kind in there)
        classes = dict.fromkeys(escape(kind.describe()) for kind in there if kind.sop_class)
        frames = [tell_frames(*side) for side in sides]
        told = f"{' / '.join(names)} {' / '.join(numbers)}  {' / '.join(classes)}"
        return f"{told}  (frames {' / '.join(each or 'none' for each in frames)})" if any(frames) else told

    def draw_difference(self, found: Difference, width: int) -> Iterator[Piece]:
        """Draw the line of a difference."""
        styles = self.state.styles
        name, side = self.lay_columns(width)
        sign = SIGNS[found.change].strip() or "~"
        yield f"     {GLYPHS[found.weight]}{sign} ", styles[ROLES[found.weight]]
        if side:
            where = next(iter(found.path.split("/")[1:]), "")
            yield fill(cut_cells(escape(where), WHERE - 1), WHERE), styles["dim"]
        yield fill(cut_cells(escape(found.name), name), name) + " ", styles[""]
        old, new = tell_values(found)
        arrow = self.state.glyphs["requestor"] if found.old is not None and found.new is not None else " "
        if side:
            yield fill(cut_cells(old, side), side), styles["value"]
            yield f" {arrow} ", styles["dim"]
            yield cut_cells(new, side), styles["value"]
            return
        room = width - name - 9
        if arrow != " ":
            half = max((room - 3) // 2, room - 3 - measure_cells(new))
            old = cut_cells(old, half)
            yield f"{old} {arrow} ", styles["value"]
            room -= measure_cells(old) + 3
        yield cut_cells(new if found.new is not None else old, room), styles["value"]
