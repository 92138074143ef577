"""What differs between two exchanges, in: text, two columns, or lines of JSON, out."""

import json
from collections.abc import Iterator
from itertools import zip_longest

from dissect.amounts import tell
from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference, Place
from dissect.diff.exchange import Exchange
from dissect.diff.findings import Finding, TalkPair
from dissect.differing import WEIGHTS
from dissect.text import escape
from dissect.views.paint import Painter
from dissect.views.table import fill, measure_cells

SCHEMA = 1
"""The version of the lines of JSON."""

GLYPHS = {"note": ".", "change": " ", "break": "!"}
SIGNS = {"added": "+", "removed": "-", "changed": " ", "uid-relation": " "}
MIDDLES = {"added": ">", "removed": "<", "changed": "|", "uid-relation": "|"}
ROLES = {"note": "dim", "change": "warning", "break": "error-text"}

LONGEST = 120
"""How many characters of a value are shown, where it is not asked for whole ones."""

LOST = "not compared: bytes of it are lost"

NARROW, WIDE = 40, 160
"""Cells: a column of two is not made narrower than half of the one, and what is no terminal is as wide as the other."""


class Writer:
    """Writes differences as text."""

    def __init__(self, comparison: Comparison, painter: Painter, *, notes: bool, full: bool = False) -> None:
        """Take what was compared."""
        self._comparison = comparison
        self._painter = painter
        self._notes = notes
        self._full = full

    def choose(self, differences: list[Difference]) -> list[Difference]:
        """Give those that are to be shown."""
        return [each for each in differences if self._notes or each.weight != "note"]

    def write_text(self) -> Iterator[str]:
        """Give a line an operation that differs, under it a line a field, and last a count."""
        for head, torn, shown in self._list_blocks():
            lines = [head]
            lines += [self._painter.paint(self.tell(each), ROLES[each.weight]) for each in shown]
            lines += [f"    {LOST}"] if torn else []
            yield "\n".join(lines) + "\n"
        yield self.tell_count() + "\n"

    def write_columns(self, width: int) -> Iterator[str]:
        """Give the same, what is old on the left side, and what is new on the right one."""
        room = max((width - 3) // 2, NARROW // 2)
        for head, torn, shown in self._list_blocks():
            lines = [head, f"    {LOST}"] if torn else [head]
            for each in shown:
                lines += self._set_side_by_side(each, room)
            yield "\n".join(lines) + "\n"
        yield self.tell_count() + "\n"

    def _list_blocks(self) -> Iterator[tuple[str, bool, list[Difference]]]:
        """Give a block for an association's own differences, then one for each of its operations.

        A block has a head, differences that are to be shown, and between them whether bytes are lost.
        """
        for pair in self._comparison.talks:
            blocks = [(self.name_talks(pair), False, self.choose(pair.differences))]
            for _, finding in pair.list_findings():
                blocks.append(
                    (self.name_operations(pair, finding), finding.incomparable, self.choose(finding.differences))
                )
            for head, torn, shown in blocks:
                if shown or torn:
                    yield self._painter.paint(head, "bold"), torn, shown

    def name_talks(self, pair: TalkPair) -> str:
        """Name two associations."""
        talk = pair.new or pair.old
        return f"Association {name_numbers(pair)}  {escape(talk.describe()) if talk is not None else ''}"

    def name_operations(self, pair: TalkPair, finding: Finding) -> str:
        """Name two operations, with the frames that carried them."""
        exchange, operation = self._find_one(finding)
        kind = exchange.kind(operation)
        words = [kind.name, f"{self._number(finding.old, 'old')} / {self._number(finding.new, 'new')} "]
        words += [f"{escape(kind.describe())} "] if kind.sop_class else []
        sides = (self._comparison.old, finding.old), (self._comparison.new, finding.new)
        frames = [tell_frames(*side) for side in sides]
        if any(frames):
            words.append(f"(frames {' / '.join(each or 'none' for each in frames)})")
        if len(self._comparison.talks) > 1:
            words.append(f" association {name_numbers(pair)}")
        return " ".join(words).rstrip()

    def _find_one(self, finding: Finding) -> tuple[Exchange, int]:
        """Give one of two operations that is there."""
        if finding.new >= 0:
            return self._comparison.new, finding.new
        return self._comparison.old, finding.old

    def _number(self, operation: int, side: str) -> str:
        """Give the place of an operation among those of its name."""
        if operation < 0:
            return "none"
        exchange = self._comparison.old if side == "old" else self._comparison.new
        return "#" + exchange.name_operation(operation).rpartition(".")[2]

    def tell(self, found: Difference) -> str:
        """Tell of a difference in a line."""
        values = [self._shorten(value) for value in (found.old, found.new)]
        meanings = list(map(escape, found.meanings))
        if found.old is None or found.new is None:
            told, meaning = values[found.old is None], meanings[found.old is None]
            told += f"  ({meaning})" if meaning and meaning != told else ""
        else:
            told = f"{values[0]} -> {values[1]}"
            told += f"  ({' -> '.join(each or 'unknown' for each in meanings)})" if any(meanings) else ""
        for other in found.contradictions:
            where = name_paths(other.old_path, other.new_path)
            told += f", but {escape(other.old)} -> {escape(other.new)} in {where}"
        paths = escape(found.path)
        if found.old is not None and found.new is not None:
            paths = name_paths(found.old_place.path, found.new_place.path)
        name = escape(found.name)
        return f"  {GLYPHS[found.weight]} {SIGNS[found.change]} {name}  {told}  [{paths}]"

    def _shorten(self, value: str | None) -> str:
        text = escape(value or "")
        if value == "":
            return "''"
        return text if self._full or len(text) <= LONGEST else f"{text[:LONGEST]}\u2026"

    def _set_side_by_side(self, found: Difference, room: int) -> Iterator[str]:
        """Set a difference in two columns: where it is, and what it is."""
        sides = []
        both = zip((found.old, found.new), found.meanings, (found.old_place, found.new_place), strict=True)
        for value, meaning, place in both:
            told = "" if value is None else f"  {escape(found.name)}: {self._shorten(value)}"
            told += f" ({escape(meaning)})" if meaning and value is not None else ""
            sides.append((wrap(f" {escape(place.path)}", room), wrap(told, room)))
        middle = GLYPHS[found.weight].strip() or MIDDLES[found.change]
        for mark, part, role in ((" ", 0, "dim"), (middle, 1, ROLES[found.weight])):
            for left, right in zip_longest(sides[0][part], sides[1][part], fillvalue=""):
                yield self._painter.paint(f"{fill(left, room)} {mark} {right}".rstrip(), role)
        for other in found.contradictions:
            yield f"  but {escape(other.old)} -> {escape(other.new)} in {name_paths(other.old_path, other.new_path)}"

    def tell_count(self) -> str:
        """Tell how much differs, and how many differences each mask hid."""
        comparison = self._comparison
        counts = dict.fromkeys(WEIGHTS, 0)
        for each in comparison:
            counts[each.weight] += 1
        size, differing = count_operations(comparison)
        told = [tell(counts[weight], weight) for weight in reversed(WEIGHTS) if weight != "note" and counts[weight]]
        line = ", ".join(told) if told else f"no difference in {tell(size, 'operation')}"
        line += f"; {differing} of {tell(size, 'operation')} differ{'s' if differing == 1 else ''}" if told else ""
        if counts["note"]:
            line += f"; {tell(counts['note'], 'note')}" + ("" if self._notes else " (--notes shows them)")
        hidden = [f"{count} by {escape(mask)}" for mask, count in sorted(comparison.hidden.items()) if count]
        return line + (f"; hidden: {', '.join(hidden)}" if hidden else "")


def count_operations(comparison: Comparison) -> tuple[int, int]:
    """Count the operations, a pair of them once, and those that differ or stand in one association alone."""
    findings = [finding for pair in comparison.talks for finding in pair.findings.values()]
    differing = sum(any(each.weight != "note" for each in finding.differences) for finding in findings)
    lone = [pair.old or pair.new for pair in comparison.talks if pair.old is None or pair.new is None]
    single = sum(talk.stop - talk.first for talk in lone if talk is not None)
    return sum(map(len, comparison.talks)) + single, differing + single


def name_numbers(pair: TalkPair) -> str:
    """Name two associations by their numbers."""
    return " / ".join(f"#{each.number}" if each is not None else "none" for each in (pair.old, pair.new))


def name_paths(old: str, new: str) -> str:
    """Name a place by its path, by both where they differ."""
    return escape(old) if old == new else f"{escape(old)} / {escape(new)}"


def wrap(text: str, room: int) -> list[str]:
    """Break a text into lines of so many cells."""
    lines = []
    while measure_cells(text) > room:
        stop = max(min(len(text) - 1, room), 1)
        while stop > 1 and measure_cells(text[:stop]) > room:
            stop -= 1
        lines.append(text[:stop])
        text = text[stop:]
    return [*lines, text]


def list_jsonl(comparison: Comparison, *, notes: bool) -> Iterator[str]:
    """Give a line of JSON a difference."""
    for pair in comparison.talks:
        for finding, differences in (
            (None, pair.differences),
            *((each, each.differences) for _, each in pair.list_findings()),
        ):
            for found in differences:
                if notes or found.weight != "note":
                    yield json.dumps(make_record(comparison, pair, finding, found)) + "\n"


def make_record(
    comparison: Comparison, pair: TalkPair, finding: Finding | None, found: Difference
) -> dict[str, object]:
    """Make the record of a difference.

    Returns
    -------
    dict
        `schema`; `kind`: `changed`, `added`, `removed` or `uid-relation`; `class`: `note`, `change` or `break`; `path`,
        in the new exchange, of what is removed in the old one; `old` and `new`, the values, null where there is none;
        `frames`, `paths`, `association` and `operation`, each with `old` and `new`; `name`; and of a UID that stands
        for two, `contradicts`: the other pairs of UIDs, with their paths.

    """
    operations = (finding.old, finding.new) if finding is not None else (-1, -1)
    exchanges = comparison.old, comparison.new
    names = [each.name_operation(at) if at >= 0 else None for each, at in zip(exchanges, operations, strict=True)]
    record: dict[str, object] = {
        "schema": SCHEMA,
        "kind": found.change,
        "class": found.weight,
        "path": found.path,
        "old": found.old,
        "new": found.new,
        "frames": {"old": list(found.old_place.frames), "new": list(found.new_place.frames)},
        "paths": {"old": tell_path(found.old_place), "new": tell_path(found.new_place)},
        "association": {"old": pair.old.number if pair.old else None, "new": pair.new.number if pair.new else None},
        "operation": {"old": names[0], "new": names[1]},
        "name": found.name,
    }
    if found.contradictions:
        record["contradicts"] = [
            {"old": each.old, "new": each.new, "paths": {"old": each.old_path, "new": each.new_path}}
            for each in found.contradictions
        ]
    return record


def tell_path(place: Place) -> str | None:
    """Give a path, None where there is none."""
    return place.path or None


def tell_frames(exchange: Exchange, operation: int) -> str:
    """Tell which frames carried an operation, '' where that is not known."""
    first, last = exchange.find_frames(operation) if operation >= 0 else (0, 0)
    return "" if not first else f"{first}-{last}" if last > first else str(first)
