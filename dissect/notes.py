"""What is worth telling about bytes that break a rule: the notes, each with a code of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from dissect.catalogue import CATALOG, Rule, Severity
from dissect.spans import Source, Span, count_bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a node: which rule, the bytes that it is about, and what was found."""

    code: str
    span: Span | None
    values: Mapping[str, object]
    """What the rule's sentence asks for."""
    told: str = ""
    """What is told instead of the sentence, where the values are not to be seen."""

    @property
    def rule(self) -> Rule:
        """Give the rule."""
        return CATALOG[self.code]

    @property
    def severity(self) -> Severity:
        """Tell how bad it is."""
        return CATALOG[self.code].severity

    @property
    def reference(self) -> str:
        """Give the clause, '' where there is none."""
        return CATALOG[self.code].reference

    @property
    def text(self) -> str:
        """Say what was found; made when asked for: most notes are only counted, and some know more later."""
        return self.told or CATALOG[self.code].sentence.format_map(self.values)


def note(code: str, span: Span | None = None, **values: object) -> Note:
    """Make a note of a code."""
    return Note(code, span, values)


class Finding(NamedTuple):
    """A rule that is broken in a PDU: what a note will say, and where below the PDU's node it will hang."""

    code: str
    place: str
    """The path below the PDU's node, '' for that node itself."""
    values: Mapping[str, object]


class Unsaid(dict[str, object]):
    """The values of a sentence of which none are kept: each is dots."""

    def __missing__(self, name: str) -> "Dots":
        """Give dots."""
        return Dots()


class Dots:
    """What stands for a value that is not kept, however it is to be written."""

    def __format__(self, form: str) -> str:
        """Give dots."""
        return "..."


@cache
def make_general(code: str) -> Finding:
    """Make a finding of a code without its details."""
    return Finding(code, "", Unsaid())


def note_finding(found: Finding, span: Span | None) -> Note:
    """Make the note that a finding is, about a range of bytes."""
    return Note(found.code, span, found.values)


def find(code: str, place: str = "", **values: object) -> Finding:
    """Make a finding of a code."""
    return Finding(code, place, values)


MOST_GAPS = 8
"""More runs of missing bytes in a range are told of in one note."""


def note_gaps(source: Source, missing: list[tuple[int, int]]) -> list[Note]:
    """Make a note for each run of bytes that the capture does not hold, or one for all where there are many."""
    if len(missing) <= MOST_GAPS:
        return [note_gap(source, each, [each]) for each in missing]
    return [note_gap(source, (missing[0][0], missing[-1][1]), missing)]


def note_gap(source: Source, within: tuple[int, int], missing: list[tuple[int, int]]) -> Note:
    """Make the note on missing bytes: how many, where the first of them are, and the frame before them."""
    start, stop = missing[0]
    before, behind = source.frames(start - 1, start), source.frames(stop, stop + 1)
    where = f"behind frame {before[-1]}" if before else f"before frame {behind[0]}" if behind else "alone"
    many = len(missing) > 1
    return note(
        "stream-gap",
        Span(source, *within),
        count=count_bytes(missing),
        places=f" in {len(missing)} places" if many else "",
        first="the first are " if many else "",
        start=start,
        last=stop - 1,
        source=source.label,
        where=where,
    )
