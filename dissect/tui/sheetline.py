"""What is told of an association, in: lines of it, each with where one goes from it, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from dissect.tui.answers import Answer
from dissect.tui.wrapping import wrap_words
from dissect.views.table import fill

LABEL = 13
"""How wide the words before the lines at the head are."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, its role, and where one goes from it."""

    text: str
    role: str = ""
    answer: Answer = None


def wrap(text: str, width: int) -> list[str]:
    """Part a text into lines of so many characters, after it was escaped."""
    return wrap_words(text, width) or [""]


def lay_beside(cells: Sequence[str], room: int) -> Iterator[str]:
    """Lay a label and two texts beside each other, each in as many lines as it takes."""
    label, *texts = cells
    columns = [
        wrap(label, 22),
        *([part for each in text.split("\n") for part in wrap(each, room - 1)] for text in texts),
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        yield "  " + " ".join(fill(part, size) for part, size in zip(parts, (23, room, room), strict=True))
