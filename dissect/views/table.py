"""Rows of text, in: lines in columns, no wider than the terminal, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dissect.text import escape

GAP = "  "
LEAST = 8
"""A column is not made narrower than this."""
READABLE = 36
"""A column that may be cut can be read in so many cells."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title, `<` or `>` for the side to which it is flush, and whether it may be cut.

    Where there is no room, columns with `spare` are left out, the highest first.
    """

    title: str
    side: str = "<"
    flexible: bool = False
    spare: int = 0


def measure_cells(text: str) -> int:
    """Give how many cells of a terminal a text takes: two for each wide letter, none for one that combines."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 (only where there are letters that may be wide)

    return cell_len(text)


def cut_cells(text: str, width: int) -> str:
    """Cut a text to so many cells, with an ellipsis where something is lost."""
    if measure_cells(text) <= width:
        return text
    while text and measure_cells(text) > width - 1:
        text = text[: min(len(text) - 1, width)]
    return f"{text}\u2026"


def fill(text: str, width: int, side: str = "<") -> str:
    """Fill a text up with blanks to so many cells."""
    blanks = " " * (width - measure_cells(text))
    return text + blanks if side == "<" else blanks + text


def lay_out(heads: Sequence[Head], rows: Sequence[Sequence[str]], width: int | None = None) -> Iterator[str]:
    """Give the title line and a line a row; where `width` is known, columns are left out or cut to fit in."""
    shown = [[escape(cell) for cell in row] for row in rows]
    widths = [
        max([measure_cells(head.title), *(measure_cells(row[at]) for row in shown)]) for at, head in enumerate(heads)
    ]
    if width is not None:
        kept = choose_columns(heads, widths, width)
        heads, widths = [heads[at] for at in kept], [widths[at] for at in kept]
        shown = [[row[at] for at in kept] for row in shown]
        narrow(widths, [at for at, head in enumerate(heads) if head.flexible], width - len(GAP) * (len(heads) - 1))
    for row in ([head.title for head in heads], *shown):
        cells = (
            fill(cut_cells(cell, room), room, head.side) for cell, room, head in zip(row, widths, heads, strict=True)
        )
        yield GAP.join(cells).rstrip()


def choose_columns(heads: Sequence[Head], widths: Sequence[int], width: int) -> list[int]:
    """Choose the columns for which there is room."""
    kept = list(range(len(heads)))

    def measure() -> int:
        wanted = (min(widths[at], READABLE) if heads[at].flexible else widths[at] for at in kept)
        return sum(wanted) + len(GAP) * (len(kept) - 1)

    while measure() > width and any(heads[at].spare for at in kept):
        kept.remove(max(kept, key=lambda at: heads[at].spare))
    return kept


def narrow(widths: list[int], flexible: list[int], room: int) -> None:
    """Make the widest of the flexible columns narrower, until all fit or none can give more."""
    while sum(widths) > room and flexible:
        widest = max(flexible, key=lambda at: widths[at])
        if widths[widest] <= LEAST:
            return
        widths[widest] -= 1
