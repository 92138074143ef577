"""The events of a ladder diagram, in: an image as SVG, out."""

from collections.abc import Iterator, Sequence
from html import escape as escape_markup

from dissect.ladder.events import Event
from dissect.text import escape
from dissect.views.ladder import LONGEST_LABEL, UNICODE, Sheet, cut, find_span, lay_out, make_label
from dissect.views.markup import NO_XML
from dissect.views.times import Clock

CELL = 7.2
"""The width of a letter in a font of `SIZE`, in which all are equally wide."""
SIZE = 12
ROW = 26
TOP = 52
"""The height of the heads."""
PADDING = 12
INK, GREY, RED, AMBER, BLUE = "#1a1a1a", "#b4b4b4", "#b00020", "#8a5a00", "#3a5a8c"


def draw_svg(events: Sequence[Event], clock: Clock) -> Iterator[str]:
    """Give an image as SVG 1.1, which needs nothing else: no script, no style sheet, no font of its own."""
    if not events:
        return
    sheet, times = lay_out(events, UNICODE, None), [clock(event.start) for event in events]
    indent = 2 * PADDING + CELL * (max(map(len, times)) + 2)
    width, height = indent + CELL * (sheet.posts[-1] + 2) + PADDING, TOP + ROW * (len(events) + 1)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{width:.1f}" height="{height}"'
        f' viewBox="0 0 {width:.1f} {height}" font-family="monospace" font-size="{SIZE}">\n'
        f'<rect width="{width:.1f}" height="{height}" fill="#ffffff"/>\n'
    )
    yield from draw_svg_posts(sheet, indent, height)
    for row, (event, time) in enumerate(zip(events, times, strict=True), 1):
        yield from draw_svg_event(event, sheet, indent, TOP + ROW * row, time)
    yield "</svg>\n"


def draw_svg_posts(sheet: Sheet, indent: float, height: int) -> Iterator[str]:
    """Give the line of each column, with its head above."""
    for column, (post, head) in enumerate(zip(sheet.posts, sheet.heads, strict=True)):
        x = indent + CELL * post
        yield f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height}" stroke="{GREY}"/>\n'
        anchor = "start" if not column else "end" if column == len(sheet.posts) - 1 else "middle"
        for line, text in enumerate(head):
            yield draw_svg_text(text, x, 20 + 16 * line, anchor=anchor, bold=not line)


def draw_svg_event(event: Event, sheet: Sheet, indent: float, y: int, time: str) -> Iterator[str]:
    """Give an event: its time, its arrow, its label above that, and in a tool tip where it stands in the capture."""
    source, target = sheet.columns.find(event)
    first, last = (sheet.posts[column] for column in find_span((source, target)))
    left, right = indent + CELL * first, indent + CELL * last
    dashed = event.kind in ("data", "lost")
    color = RED if event.failure else AMBER if event.warning else BLUE if dashed else INK
    numbers = f"PDU {event.first}" if event.first == event.last else f"PDUs {event.first} to {event.last}"
    ends = f"{event.sender} -> {event.receiver}"
    where = f"{numbers}, association {event.association}, {ends}: {escape(event.label)}"
    yield f"<g>\n<title>{quote_svg(where)}</title>\n"
    yield draw_svg_text(time, indent - CELL * 2, y + 4, anchor="end", color=INK)
    label = cut(make_label(event, UNICODE), min(last - first - 3, LONGEST_LABEL))
    yield draw_svg_text(label, left + CELL * 2, y - 4, color=color)
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    yield f'<line x1="{left:.1f}" y1="{y}" x2="{right:.1f}" y2="{y}" stroke="{color}"{dashes}/>\n'
    if source != target:
        tip, tail = (right, right - 8) if source < target else (left, left + 8)
        points = f"{tip:.1f},{y} {tail:.1f},{y - 4} {tail:.1f},{y + 4}"
        yield f'<polygon points="{points}" fill="{color}"/>\n'
    yield "</g>\n"


def draw_svg_text(text: str, x: float, y: int, *, anchor: str = "start", color: str = INK, bold: bool = False) -> str:
    """Give a line of text."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{color}"{weight}>{quote_svg(text)}</text>\n'


def quote_svg(text: str) -> str:
    """Write what XML takes for more than text as entities, and what it has no room for by its number."""
    return escape_markup(NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
