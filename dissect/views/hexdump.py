"""A node, in: its bytes as lines of hexadecimal digits and characters, out."""

from collections.abc import Iterator

from dissect.node import Node

ROW = 16
PIECE = 1 << 16
"""How many bytes are read at once."""


def dump(node: Node) -> Iterator[str]:
    """Give the bytes of a node sixteen a line: their offset in the node, digits, characters; lost ones are `--`."""
    span = node.span
    if span is None:
        return
    yield ""
    for at in range(span.start, span.stop, PIECE):
        stop = min(at + PIECE, span.stop)
        data = bytes(span.source.read(at, stop))
        lost = {place - at for low, high in span.source.missing(at, stop) for place in range(low, high)}
        for row in range(0, len(data), ROW):
            places = range(row, min(row + ROW, len(data)))
            digits = " ".join("--" if place in lost else f"{data[place]:02x}" for place in places)
            shown = "".join(chr(data[place]) if 0x20 <= data[place] < 0x7F else "." for place in places)
            yield f"{at - span.start + row:04x}  {digits:<47}  {shown}"
