"""A filter as far as it is written, in: whether it can be read, and how the word at its end may go on, out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dissect.dicom.values import index_keywords, name_uid
from dissect.index import Index
from dissect.phrasing import HIDDEN, quote
from dissect.query import Filter, QueryError
from dissect.query.fields import ALIASES, FIELDS, find_field

WORD = re.compile(r"[\w.(),:-]*$|\"[^\"]*$|'[^']*$")
BEFORE = re.compile(r"([\w.]+)\s*(?:===?|!==?|~|\b(?:eq|ne|contains|matches|startswith)\b|\bin\s*\{[^}]*)\s*$")
"""A field and an operator behind it: what follows is a value."""

BARE_WORD = re.compile(r"[A-Za-z_][\w-]*")
BARE = re.compile(r"[\w^*.,:/ -]+|\"[^\"]*\"")
MOST = 60
"""How many words are offered."""

MOST_SEEN = 500
"""At how many associations values that were seen are looked for."""

OPERATORS = ("and", "or", "not", "in", "contains", "matches", "startswith", "assoc(", "msg(", "op(", "item(")


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a filter can be read, and what is to be said of it."""

    sound: bool
    told: str
    offered: str = ""
    """A filter that may have been meant, where it cannot be read."""


def check_filter(text: str) -> Check:
    """Check a filter."""
    if not text.strip():
        return Check(True, "empty: all PDUs are shown")
    try:
        wanted = Filter(text)
    except QueryError as error:
        bare = text.strip()
        quoted = bare if bare.startswith('"') else f'"{bare}"'
        if BARE.fullmatch(bare):
            offered = f"any contains {quoted}"
            return Check(False, f"no filter; Enter looks for {offered} ({error})", offered)
        return Check(False, str(error))
    slow = ["needs data sets: slower"] if wanted.deep else []
    slow += [f"reads {wanted.passes + 1} times"] if wanted.passes else []
    slow += ["waits for the end of the capture"] if wanted.late or wanted.passes else []
    return Check(True, ", ".join(slow) or "fast")


def complete(text: str, index: Index) -> tuple[int, list[str]]:
    """Give where the word at the end begins, and what it may become; nothing for an empty one but after an operator."""
    found = WORD.search(text)
    start = found.start() if found is not None else len(text)
    word, before = text[start:].lstrip("\"'(").casefold(), BEFORE.search(text[:start])
    if before is not None:
        return start, rank(list_values(before[1], index), word)
    if not word:
        return start, []
    return start, rank([*OPERATORS, *FIELDS, *ALIASES, *index_keywords()], word)


def rank(words: Iterable[str], part: str) -> list[str]:
    """Choose the words that a part may stand for.

    Those that begin with it come first, then those that hold it, then those that hold its letters in this order, such
    as PatientName for `patna`, where each goes on a word or begins one; the shortest of each.
    """
    letters = [f"[{re.escape(letter.upper())}{re.escape(letter)}]" for letter in part]
    short = re.compile("(?:[^A-Z]*(?=[A-Z]))?".join(letters))
    found: list[tuple[int, int, str]] = []
    for word in filter(None, dict.fromkeys(words)):
        folded = word.casefold().lstrip('"')
        if folded != part and (part in folded or short.match(word)):
            found.append((0 if folded.startswith(part) else 1 if part in folded else 2, len(word), word))
    return [word for *_, word in sorted(found)[:MOST]]


def list_values(name: str, index: Index) -> Iterator[str]:
    """Give the values that a field may have: those of its codes, or those seen in the capture."""
    known = find_field(name)
    bare = name.removeprefix("dicom.")
    for account in list(index.ledger.accounts.values())[:MOST_SEEN]:
        if bare.endswith("calling"):
            yield write_value(account.calling)
        elif bare.endswith("called"):
            yield write_value(account.called)
        elif bare in ("sop.class", "pdv.abstract", "pctx.abss.syntax"):
            yield from (write_value(call_known(context.abstract)) for context in account.contexts.values())
        elif bare in ("pdv.transfer", "pctx.xfer.syntax"):
            yield from (write_value(call_known(context.transfer)) for context in account.contexts.values())
        elif bare == "assoc":
            yield str(account.number)
        elif bare.startswith("ip."):
            yield from (side.rpartition(":")[0].strip("[]") for side in account.sides)
        elif bare.startswith("tcp.") and bare.endswith("port"):
            yield from (side.rpartition(":")[2] for side in account.sides)
    yield from known.choices if known is not None else ()


def call_known(uid: str) -> str:
    """Give the name of a UID, or the UID itself."""
    return name_uid(uid) or uid


def write_value(value: str) -> str:
    """Write a value so that a filter can hold it; one that none can hold is no offer, and that is ''."""
    if HIDDEN.search(value):
        return ""
    return value if BARE_WORD.fullmatch(value) else quote(value)
