"""Words that name rules, codes or patterns of codes, in: the codes, out."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from dissect.catalogue import CATALOG

LONGEST_WORD = 64
"""So much of a word that is no code is told."""


class UnknownCode(Exception):
    """A word that names no rule: one sentence that says so, with the code that comes nearest."""


def choose_codes(words: Iterable[str]) -> list[str]:
    """Give the codes that words name, in the catalogue's order; a word may hold several with commas between, and `*`.

    Raises
    ------
    UnknownCode
        Where a word matches none.

    """
    found: set[str] = set()
    for word in (each.strip().lower() for text in words for each in text.split(",")):
        matching = [code for code in CATALOG if fnmatchcase(code, word)]
        if not matching:
            near = suggest(word)
            hint = f"did you mean {near}?" if near else "dissect rules lists them"
            named = word[:LONGEST_WORD] or "''"
            raise UnknownCode(f"no rule {named}; {hint}")
        found.update(matching)
    return [code for code in CATALOG if code in found]


def suggest(word: str) -> str:
    """Give the code that comes nearest to a word, '' where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 (only where something is wrong)

    return next(iter(get_close_matches(word[:LONGEST_WORD], CATALOG, 1)), "")
