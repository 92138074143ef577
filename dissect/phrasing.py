"""Numbers, texts and other filters, in: a filter as a person would write it, out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from dissect.query.expressions import Group
from dissect.query.syntax import parse
from dissect.text import UNSAFE

How = Literal["and", "or", "not", "replace"]
"""What becomes of the filter that is there: both must hold, one of them, that one and not the new one, none of it."""

LONGEST = 200
"""A text of more characters is asked for by its start."""

MOST_RUNS = 400
"""A filter of more runs of numbers is asked for each PDU too slowly."""

HIDDEN = re.compile(rf"(?![\n\r\t]){UNSAFE.pattern}")
"""A character that is not seen, and that a filter has no escape for."""

ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"})


def name_numbers(field: str, numbers: Iterable[int]) -> tuple[str, bool]:
    """Make the filter for a field with one of some numbers, '' for none of them.

    Returns
    -------
    tuple
        The filter, and whether it names all of the numbers; of very many it names only the first.

    """
    runs = list(find_runs(sorted(set(numbers))))
    if len(runs) == 1 and runs[0][0] == runs[0][1]:
        return f"{field} == {runs[0][0]}", True
    told = ", ".join(str(first) if first == last else f"{first}..{last}" for first, last in runs[:MOST_RUNS])
    return f"{field} in {{{told}}}" if runs else "", len(runs) <= MOST_RUNS


def find_runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give of numbers in order, each once, the first and the last of those that follow each other."""
    start = 0
    for at, number in enumerate(numbers, 1):
        if at == len(numbers) or numbers[at] != number + 1:
            yield numbers[start], number
            start = at


def compare_text(name: str, text: str) -> str:
    """Make the filter for a field with a text: by its start where it is long, by a pattern where not all is seen."""
    if HIDDEN.search(text):
        return f"{name} matches {make_pattern(text)}"
    return f"{name} {'startswith' if len(text) > LONGEST else '=='} {quote(text[:LONGEST])}"


def quote(text: str) -> str:
    """Put text in quotation marks, raw where it has backslashes and may be."""
    if "\\" in text and text.translate(ESCAPES) == text.replace("\\", r"\\") and text[-1] != "\\":
        return f'r"{text}"'
    return f'"{text.translate(ESCAPES)}"'


def make_pattern(text: str) -> str:
    """Make a regular expression for text whose characters cannot all be seen."""
    shown = "".join(escape_character(each) for each in text[:LONGEST])
    return rf'r"\A{shown}"' if len(text) > LONGEST else rf'r"\A{shown}\Z"'


def escape_character(character: str) -> str:
    """Write a character as a regular expression that can be seen and holds no quotation mark."""
    if character != '"' and not UNSAFE.match(character):
        return re.escape(character)
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def join_filters(old: str, new: str, how: How) -> str:
    """Join a filter with a new one, with brackets where they would else bind otherwise; blanks are no filter.

    Raises
    ------
    QueryError
        Where one of them cannot be read.

    """
    old, new = old.strip(), new.strip()
    if not new:
        return "" if how == "replace" else old
    if how == "not":
        new = f"not {enclose(new, 'and', 'or')}"
    if how == "replace" or not old:
        return new
    if how == "or":
        return f"{enclose(old)} or {enclose(new)}"
    return f"{enclose(old, 'or')} and {enclose(new, 'or')}"


def enclose(text: str, *kinds: str) -> str:
    """Put brackets around a filter, if it can be read and is of one of some kinds."""
    tree = parse(text)
    return f"({text})" if isinstance(tree, Group) and tree.kind in kinds else text
