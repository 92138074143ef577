"""The events of a ladder diagram, in: lines of text, out; `mermaid` and `svg` draw the same for other readers.

All of them take all events at once: the heads, which stand first, name everyone who speaks at any time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from dissect.amounts import BILLION
from dissect.ladder.columns import Columns
from dissect.ladder.events import Endpoint, Event
from dissect.text import escape
from dissect.views.table import cut_cells, fill, measure_cells
from dissect.views.times import Clock

LONGEST_LABEL = 120
"""Where there is room for everything, a label is cut to so many cells."""

NARROWEST = 8
"""The least distance of two columns, in cells."""

GAP = "  "


@dataclass(frozen=True, slots=True)
class Pen:
    """The characters that a diagram is drawn with."""

    line: str
    dashes: str
    post: str
    right: str
    left: str
    failure: str
    warning: str
    delta: str
    lead: int
    """How many cells of the line stand before a label."""


UNICODE = Pen("─", "┄", "│", "▶", "◀", "✗", "!", "Δ", 2)
ASCII = Pen("-", "- ", "|", "->", "<-", "X", "!", "Delta", 3)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns of a diagram and where they stand, in cells."""

    columns: Columns
    heads: list[tuple[str, str]]
    """The title and the address of each."""
    posts: list[int]
    row: str
    """A line in which nobody says anything."""


def draw_text(
    events: Sequence[Event], clock: Clock, width: int | None = None, *, ascii_only: bool = False
) -> Iterator[str]:
    """Give a line an event below two lines of heads: its time, the time since the one before, an arrow.

    The time is that of the event's first PDU. Data is dashed; `✗` marks a failure, `!` a warning. Where there are
    several associations, the number of each event's stands before its arrow. Without `width` all labels have room.
    """
    if not events:
        return
    pen = ASCII if ascii_only else UNICODE
    times = [clock(event.start) for event in events]
    several = len({event.association for event in events}) > 1
    margins = list(make_margins(events, times, several=several, pen=pen))
    indent = len(margins[0])
    sheet = lay_out(events, pen, None if width is None else width - indent - 1)
    first, second = draw_heads(sheet, pen)
    rungs = (draw_rung(event, sheet, pen) for event in events)
    for margin, line in zip((" " * indent, *margins), chain((first, second), rungs), strict=True):
        whole = margin + line
        yield (whole if width is None else cut(whole, width, pen)).rstrip() + "\n"


def make_margins(events: Sequence[Event], times: Sequence[str], *, several: bool, pen: Pen) -> Iterator[str]:
    """Give what stands left of the diagram: the titles, then time, delta and association of each event."""
    deltas = [
        "" if before is None else f"{(event.time - before.time) / BILLION:+.6f}"
        for before, event in zip((None, *events), events, strict=False)
    ]
    numbers = [str(event.association) for event in events]
    table = [("Time", times), (pen.delta, deltas), *([("Assoc", numbers)] if several else [])]
    widths = [max(map(len, (title, *cells))) for title, cells in table]
    for row in zip(*((title, *cells) for title, cells in table), strict=True):
        yield GAP.join(cell.rjust(room) for cell, room in zip(row, widths, strict=True)) + GAP


def lay_out(events: Sequence[Event], pen: Pen, room: int | None) -> Sheet:
    """Find out where the columns stand: so far apart that labels fit, or as far as there is room."""
    columns = Columns(events)
    heads = [tell_endpoint(endpoint, pen) for endpoint in columns.endpoints]
    needs: dict[tuple[int, int], int] = {}
    for event in events:
        between, wanted = find_span(columns.find(event)), measure_cells(make_label(event, pen))
        needs[between] = max(needs.get(between, 0), min(wanted, LONGEST_LABEL) + 2 * pen.lead + len(pen.right) + 1)
    widths = [max(map(measure_cells, head)) for head in heads]
    gaps = [NARROWEST] * (len(heads) - 1)
    for column, wanted in enumerate(widths):
        for gap in {column - 1, column} & set(range(len(gaps))):
            inner = 0 < column < len(gaps)
            gaps[gap] = max(gaps[gap], wanted + 1 if inner else 2 * wanted)
    for (first, last), wanted in sorted(needs.items(), key=lambda each: each[0][1] - each[0][0]):
        gaps[last - 1] += max(wanted - sum(gaps[first:last]), 0)
    gaps = gaps if room is None else narrow(gaps, room)
    return Sheet(columns, heads, [0, *accumulate(gaps)], "".join(pen.post.ljust(gap) for gap in gaps) + pen.post)


def find_span(ends: tuple[int, int]) -> tuple[int, int]:
    """Give the columns between which an arrow is drawn, the left one first; to draw it takes two of them."""
    first, last = sorted(ends)
    return (first, last) if first < last else (first - 1, last)


def narrow(gaps: Sequence[int], room: int) -> list[int]:
    """Make the widest gaps as narrow as must be for all to fit, but none narrower than can be read."""
    low, high = NARROWEST, max(gaps)
    while low < high:
        limit = (low + high + 1) // 2
        fits = sum(min(gap, limit) for gap in gaps) <= room
        low, high = (limit, high) if fits else (low, limit - 1)
    return [min(gap, low) for gap in gaps]


def tell_endpoint(endpoint: Endpoint, pen: Pen) -> tuple[str, str]:
    """Give the two lines of a head: AE title; address, with the port of one that accepts."""
    port = f":{endpoint.port}" if endpoint.port else ""
    return spell(endpoint.title, pen), spell(endpoint.address + port, pen)


def make_label(event: Event, pen: Pen) -> str:
    """Give an event's label, with a mark before it where something is wrong."""
    mark = f"{pen.failure} " if event.failure else f"{pen.warning} " if event.warning else ""
    return spell(mark + event.label, pen)


def spell(text: str, pen: Pen) -> str:
    """Give a text so that it can be shown, in ASCII alone where that is wanted."""
    shown = escape(text)
    return shown if pen is UNICODE else shown.encode("ascii", "backslashreplace").decode("ascii")


def cut(text: str, room: int, pen: Pen = UNICODE) -> str:
    """Cut a text to so many cells, with an ellipsis where something is lost and there is room for one."""
    if measure_cells(text) <= room:
        return text
    if pen is UNICODE:
        return cut_cells(text, room) if room > 0 else ""
    return text[: room - 2] + ".." if room > 2 else text[: max(room, 0)]


def draw_heads(sheet: Sheet, pen: Pen) -> Iterator[str]:
    """Give the two lines of heads: the first one begins at its column, the last one ends there."""
    posts, last = sheet.posts, len(sheet.posts) - 1
    gaps = [after - before for before, after in pairwise(posts)]
    for part in (0, 1):
        line = ""
        for column, head in enumerate(sheet.heads):
            inner = 0 < column < last
            room = min(gaps[column - 1], gaps[column]) - 1 if inner else gaps[max(column - 1, 0)] // 2
            text = cut(head[part], room, pen)
            count = measure_cells(text)
            start = posts[column] - (count // 2 if inner else 0 if column == 0 else count - 1)
            line = fill(line, start) + text
        yield line


def draw_rung(event: Event, sheet: Sheet, pen: Pen) -> str:
    """Give the line of an event: an arrow between two columns, over those between, and the posts of all others."""
    source, target = sheet.columns.find(event)
    left, right = find_span((source, target))
    first, last = sheet.posts[left], sheet.posts[right]
    arrow = draw_arrow(event, last - first - 1, pen, (source > target) - (source < target))
    return sheet.row[: first + 1] + arrow + sheet.row[last:]


def draw_arrow(event: Event, room: int, pen: Pen, way: int) -> str:
    """Give an arrow of so many cells, to the right (-1) or the left (1), or without a head (0)."""
    dashes = pen.dashes if event.kind in ("data", "lost") else pen.line
    head = {-1: pen.right, 1: pen.left}.get(way, "")
    label = cut(make_label(event, pen), min(room - 2 * pen.lead - len(head), LONGEST_LABEL), pen)
    lead = (dashes * pen.lead)[: pen.lead]
    rest = room - pen.lead - measure_cells(label) - len(head)
    tail = (dashes * rest)[:rest]
    return f"{lead}{label}{tail}{head}" if way < 1 else f"{head}{lead}{label}{tail}"
