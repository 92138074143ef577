"""Numbers, in: bars of block characters, or of ASCII alone, out."""

from collections.abc import Sequence

from dissect.views.figures import BARS, PLAIN_BARS

LYING = "\u258f\u258e\u258d\u258c\u258b\u258a\u2589\u2588"
"""Bars that grow to the right, by eighths of a cell."""


def draw_bar(count: int, most: int, width: int, *, ascii_only: bool = False) -> str:
    """Draw a bar of so many cells for the greatest number; the least one that is not zero can be seen."""
    if count <= 0 or width <= 0:
        return ""
    if ascii_only:
        return "#" * max(count * width // most, 1)
    eighths = max(count * width * len(LYING) // most, 1)
    whole, rest = divmod(eighths, len(LYING))
    return LYING[-1] * whole + (LYING[rest - 1] if rest else "")


def draw_columns(counts: Sequence[int], height: int, wide: int = 1, *, ascii_only: bool = False) -> list[str]:
    """Draw a column for each number, `wide` cells wide, so many lines high for the greatest; the top line first."""
    bars = PLAIN_BARS if ascii_only else BARS
    most = max(counts, default=0) or 1
    steps = [-(-count * height * len(bars) // most) for count in counts]
    lines = []
    for level in reversed(range(height)):
        low = level * len(bars)
        cells = (bars[min(step - low, len(bars)) - 1] if step > low else " " for step in steps)
        lines.append("".join(cell * wide for cell in cells).rstrip())
    return lines
