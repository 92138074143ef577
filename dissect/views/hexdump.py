"""A node, in: its bytes as lines of hexadecimal digits and characters, out."""

from collections.abc import Iterable, Iterator, Mapping

from dissect.node import Node
from dissect.spans import count_bytes

ROW = 16
PIECE = 1 << 16
"""How many bytes are read at once; of those that are lost, so many and more are told in a line."""


def dump(node: Node, *, reveal: bool = False) -> Iterator[str]:
    """Give the bytes of a node sixteen a line: their offset in the node, digits, characters.

    Lost ones are `--`, and those of passcodes `**` unless they are to be revealed. Where very many are lost in a run, a
    line tells how many: how long a hole is depends on what a sequence number says.
    """
    span = node.span
    if span is None:
        return
    masked = [] if reveal or span.source.label != "stream" else find_masked(node)
    yield ""
    hole = 0
    for at in range(span.start, span.stop, PIECE):
        stop = min(at + PIECE, span.stop)
        missing = list(span.source.missing(at, stop))
        if count_bytes(missing) == PIECE:
            hole += PIECE
            continue
        if hole:
            yield tell_hole(at - span.start - hole, hole)
            hole = 0
        marks = mark(missing, at, stop, "--") | mark(masked, at, stop, "**")
        yield from dump_rows(bytes(span.source.read(at, stop)), marks, at - span.start)
    if hole:
        yield tell_hole(span.stop - span.start - hole, hole)


def dump_rows(data: bytes, marks: Mapping[int, str], offset: int) -> Iterator[str]:
    """Give the lines of bytes that begin at an offset in their node, with marks in the places of some."""
    for row in range(0, len(data), ROW):
        places = range(row, min(row + ROW, len(data)))
        digits = " ".join(marks.get(place) or f"{data[place]:02x}" for place in places)
        shown = "".join(
            chr(data[place]) if 0x20 <= data[place] < 0x7F and place not in marks else "." for place in places
        )
        yield f"{offset + row:04x}  {digits:<47}  {shown}"


def tell_hole(offset: int, count: int) -> str:
    """Give the line that stands for many lost bytes."""
    return f"{offset:04x}  -- ... {count:,} bytes are lost"


def mark(ranges: Iterable[tuple[int, int]], start: int, stop: int, sign: str) -> dict[int, str]:
    """Give a sign for each place between two offsets that lies in one of the ranges, counted from the first offset."""
    return {place - start: sign for low, high in ranges for place in range(max(low, start), min(high, stop))}


def find_masked(node: Node) -> list[tuple[int, int]]:
    """Give the ranges of a node's source that its tree does not show."""
    spans = (below.span for _, below in node.walk() if below.masked)
    return [(span.start, span.stop) for span in spans if span is not None]
