"""A sampled picture, in: lines for a terminal, two pixels a cell, out."""

from dataclasses import replace

from dissect.pictures.colours import Colour
from dissect.pictures.pixels import Sample

DISCLAIMER = "not for diagnostic use"

UPPER_HALF, HATCH = "\u2580", "/"
"""A cell whose upper pixel has the colour of the text and whose lower one that of the ground; one with neither."""

MISSING, PAPER = (176, 0, 96), (0, 0, 0)
"""What stands for a pixel that the capture lacks, and for what is below the picture's last row."""

RAMP, MISSING_LETTER = " .:-=+*#%@", "?"

Row = list[Colour | None]
Run = tuple[str, Colour, Colour]
"""Text, its colour, and that of the ground behind it."""


def draw_blocks(sample: Sample) -> list[list[Run]]:
    """Give for each line its runs of cells that look the same; a picture takes half as many lines as it has rows."""
    lines: list[list[Run]] = []
    for upper, lower in pair_rows(sample, PAPER):
        line: list[Run] = []
        for above, below in zip(upper, lower, strict=True):
            text, front, back = draw_cell(above, below)
            if line and line[-1][1:] == (front, back) and line[-1][0].endswith(text):
                line[-1] = (line[-1][0] + text, front, back)
            else:
                line.append((text, front, back))
        lines.append(line)
    return lines


def draw_cell(above: Colour | None, below: Colour | None) -> Run:
    """Give one cell; one without pixels is hatched, so that it is told without colours too."""
    if above is None and below in (None, PAPER):
        return HATCH, MISSING, PAPER
    return UPPER_HALF, above or MISSING, below or MISSING


def draw_letters(sample: Sample) -> list[str]:
    """Give lines of ASCII, brighter cells with fuller letters, for a terminal without colours."""
    return [
        "".join(choose_letter(above, below) for above, below in zip(upper, lower, strict=True))
        for upper, lower in pair_rows(sample, None)
    ]


def choose_letter(above: Colour | None, below: Colour | None) -> str:
    """Give the letter for a cell, by the mean luminance of the pixels that there are."""
    levels = [measure_luminance(each) for each in (above, below) if each is not None]
    return RAMP[sum(levels) * len(RAMP) // (256 * len(levels))] if levels else MISSING_LETTER


def measure_luminance(colour: Colour) -> int:
    """Give how bright a colour is, from 0 to 255 (ITU-R BT.601)."""
    red, green, blue = colour
    return (299 * red + 587 * green + 114 * blue) // 1000


def pair_rows(sample: Sample, filling: Colour | None) -> list[tuple[Row, Row]]:
    """Give the rows two by two, the last one with a row of filling where it is alone."""
    rows = sample.rows
    spare: list[Row] = [[filling] * len(rows[0])] if len(rows) % 2 else []
    return list(zip(rows[::2], [*rows[1::2], *spare], strict=True))


def invert(sample: Sample) -> Sample:
    """Give the negative of a picture."""
    return replace(sample, rows=[[invert_colour(each) for each in row] for row in sample.rows])


def invert_colour(colour: Colour | None) -> Colour | None:
    """Give the colour that is bright where another is dark."""
    if colour is None:
        return None
    red, green, blue = colour
    return 255 - red, 255 - green, 255 - blue
