"""A range of bytes and what of it is chosen, in: its lines of hexadecimal digits and characters, drawn."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.style import Style
from textual.message import Message

from dissect.masking import Range
from dissect.node import Node
from dissect.spans import Source, Span, clip
from dissect.tui.keys import make_bindings
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.table import fill

ROW = 16
HALF = 8
ROOM = 76
"""How many cells a line of sixteen bytes takes; where there are fewer, it has eight."""

Hide = Callable[[Source], list[Range]]
"""What tells which ranges of a source, in ascending order, are not to be seen."""


@dataclass(slots=True)
class Extract:
    """Bytes to show: a range of a source, and its title; what of it is marked, and what is hidden."""

    span: Span
    title: str
    marked: list[Range] = field(default_factory=list)
    head: Range = (0, 0)
    """The range of tag, VR and length of an element that is marked."""
    hidden: list[Range] = field(default_factory=list)


class HexPane(Pane):
    """The bytes of a PDU or a message, sixteen a line."""

    BINDINGS = make_bindings("hex")
    HEADING = 1

    class Pointed(Message):
        """A user points at a byte, by its offset in the source that is shown."""

        def __init__(self, source: Source, offset: int) -> None:
            """Tell where."""
            super().__init__()
            self.source = source
            self.offset = offset

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show nothing yet."""
        super().__init__(state, id=id)
        self.extract: Extract | None = None
        self.at = 0
        """The byte under the cursor, counted from the first one shown."""
        self._quiet = False

    @property
    def row(self) -> int:
        """Give how many bytes a line has."""
        return ROW if self.size.width >= ROOM else HALF

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return -(-len(self.extract.span) // self.row) if self.extract is not None else 0

    def show(self, extract: Extract | None) -> None:
        """Show other bytes, or other marks."""
        self.extract = extract
        with self.quiet():  # of fewer bytes there may be no line where the cursor stands
            self.update_count()
        if extract is not None and extract.marked:
            self.point(extract.marked[0][0] - extract.span.start)
        elif extract is not None:
            self.point(0)
        self.refresh()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Have the cursor move where it is not a user who points at another byte."""
        self._quiet = True
        yield
        self._quiet = False

    def mark(self, node: Node) -> None:
        """Mark the bytes of another node instead, where they are among those that are shown."""
        extract = self.extract
        if extract is None:
            return
        fresh = make_extract(extract.span, node, extract.title, lambda _: extract.hidden)
        if fresh.span.source is extract.span.source:
            extract.marked, extract.head = fresh.marked, fresh.head
        self.refresh()

    def point(self, at: int) -> None:
        """Put the cursor on a byte, or the last one, without telling anyone."""
        self.at = max(0, min(at, len(self.extract.span) - 1)) if self.extract is not None else 0
        with self.quiet():
            self.move_to(self.at // self.row)

    def on_resize(self) -> None:
        """Keep the byte under the cursor: there may be room for more of them a line."""
        self.point(self.at)

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Tell what bytes these are."""
        title = self.extract.title if self.extract is not None else "no bytes"
        return [(fill(f" {title}", width), self.state.styles["head"])]

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """Give the pieces of a line: offset, digits, characters."""
        assert self.extract is not None
        span, styles = self.extract.span, self.state.styles
        start = span.start + number * self.row
        stop = min(start + self.row, span.stop)
        data = bytes(span.source.read(start, stop))
        missing, hidden = span.source.missing(start, stop), clip(self.extract.hidden, start, stop)
        chosen = self.choose_styles(start, stop)
        yield f"{start - span.start:08x}  ", styles["dim"]
        digits: list[Piece] = []
        signs: list[Piece] = []
        for column in range(self.row):
            place, inside = start + column, start + column < stop and column < len(data)
            style = chosen[column] if inside else Style()
            shown, sign = "  ", " "
            if inside:
                shown, sign = tell_byte(data[column])
                if contains(missing, place):
                    shown, sign = "--", " "
                elif contains(hidden, place):
                    shown, sign = "**", "*"
            gap = "  " if column % HALF == HALF - 1 else " "
            joined = inside and place + 1 < stop and chosen[column + 1] == style
            digits += [(shown, style), (gap, style if joined else Style())]
            signs.append((sign, style))
        yield from digits
        yield from signs

    def choose_styles(self, start: int, stop: int) -> list[Style]:
        """Choose the styles of the bytes of a line."""
        assert self.extract is not None
        mark, head = self.state.styles["mark"], self.state.styles["mark-head"]
        marked, (low, high) = clip(self.extract.marked, start, stop), self.extract.head
        return [
            (head if low <= place < high else mark) if contains(marked, place) else Style()
            for place in range(start, stop)
        ]

    def draw_cursor(self, pieces: list[Piece]) -> list[Piece]:
        """Draw the cursor on its byte alone."""
        column = self.at % self.row
        chosen = self.state.styles["cursor" if self.has_focus else "blurred"]
        for index in (1 + 2 * column, 1 + 2 * self.row + column):
            if index < len(pieces):
                pieces[index] = (pieces[index][0], chosen)
        return pieces

    def watch_cursor(self, old: int, new: int) -> None:
        """Keep the column, and tell at which byte the user points."""
        if not self._quiet and self.extract is not None:
            self.at = min(new * self.row + self.at % self.row, len(self.extract.span) - 1)
        super().watch_cursor(old, new)
        self.tell()

    def tell(self) -> None:
        """Tell at which byte the user points, if it is one who does."""
        if not self._quiet and self.extract is not None and len(self.extract.span):
            self.post_message(self.Pointed(self.extract.span.source, self.extract.span.start + self.at))

    def action_step(self, count: int) -> None:
        """Go to another byte."""
        if self.extract is not None:
            self.go_to(self.at + count)

    def go_to(self, at: int) -> None:
        """Put the cursor on a byte, or the last one, as a user does."""
        assert self.extract is not None
        self.at = max(0, min(at, len(self.extract.span) - 1))
        with self.quiet():
            self.cursor = self.at // self.row
        self.tell()
        self.refresh()

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a byte, or on its character."""
        row = self.row
        digits = 10 + 3 * row + row // HALF
        column = x - digits if x >= digits else (x - 10 - (x - 10) // (3 * HALF + 1)) // 3
        if self.extract is not None and 0 <= column < row:
            self.go_to(number * row + column)


def tell_byte(byte: int) -> tuple[str, str]:
    """Give the digits of a byte, and its character."""
    return f"{byte:02x}", chr(byte) if 0x20 <= byte < 0x7F else "."


def contains(ranges: Iterable[Range], place: int) -> bool:
    """Tell whether an offset lies in one of some ranges."""
    return any(low <= place < high for low, high in ranges)


def make_extract(top: Span, node: Node, title: str, hide: Hide) -> Extract:
    """Choose the bytes to show of a node: those of its PDU where it lies in them, else those of its own source."""
    span = node.span
    if span is None:
        return Extract(top, title, hidden=hide(top.source))
    ranges = map_span(span, top.source)
    if ranges and all(top.start <= low and high <= top.stop for low, high in ranges):
        head = map_span(Span(span.source, span.start, node.body), top.source) if span.start < node.body else []
        return Extract(top, title, ranges, head[0] if head else (0, 0), hide(top.source))
    source = span.source
    whole, marked = Span(source, 0, source.size), [(span.start, span.stop)]
    about = f"{source.label}: {source.size:,} bytes"
    return Extract(whole, about, marked, (span.start, max(node.body, span.start)), hide(source))


def list_secret_ranges(top: Node, source: Source) -> list[Range]:
    """Give the ranges of a source that a tree shows to nobody: passcodes."""
    spans = (node.span for _, node in top.walk() if node.masked)
    return [(span.start, span.stop) for span in spans if span is not None and span.source is source]


def map_span(span: Span, source: Source) -> list[Range]:
    """Map a range to ranges of a source that it comes from, [] where it does not."""
    if span.source is source:
        return [(span.start, span.stop)]
    origins = list(span.source.origins(span.start, span.stop)) if span.source.label == "message" else []
    if not origins or any(each.source is not source for each in origins):
        return []
    return [(each.start, each.stop) for each in origins]
