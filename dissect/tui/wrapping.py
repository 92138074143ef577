"""A sentence, in: the lines of so many cells that it takes, escaped, out."""

import textwrap

from dissect.text import escape

LEAST = 13
"""Cells of the narrowest lines that text is parted into."""


def wrap_words(text: str, width: int) -> list[str]:
    """Part a text into lines of so many characters, after it was escaped; none for none."""
    return textwrap.wrap(escape(text), max(width, LEAST), break_on_hyphens=False)
