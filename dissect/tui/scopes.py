"""What is shown and what a user has marked, in: of which PDUs one may export something, each as a filter, out."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dissect.amounts import tell
from dissect.index import Index

if TYPE_CHECKING:
    from dissect.tui.state import State

MOST_RANGES = 400
"""A filter of more ranges of PDUs is asked for each PDU too slowly."""

RANGE = re.compile(r"(\d+)?\s*(?:(-|\.\.)\s*(\d+)?)?")


class RangeError(Exception):
    """Numbers that cannot be read: one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Of which PDUs: a filter, '' for all; None where there are none, and then why."""

    name: str
    title: str
    text: str | None
    told: str
    """How many they are, or why there are none."""
    ending: str = ""
    """What the name of a file has for them."""


AROUND = {"pdu": "This PDU", "message": "This message", "association": "This association"}
SCOPES = ("all", "displayed", "selected", "marked", *AROUND, "range")


def list_scopes(state: "State", row: int | None, asked: str) -> list[Scope]:
    """Give the scopes in the order of `SCOPES`; `row` is under the cursor, `asked` are the numbers a user wrote."""
    index, marks, rows = state.index, state.marks, state.rows
    marked = fold(set(marks.letters.values()))
    found = [
        Scope("all", "All", "", tell(len(index), "PDU")),
        Scope("displayed", "Displayed", state.filter_text, tell(rows.passed, "PDU"), "-displayed")
        if state.filter_text
        else Scope("displayed", "Displayed", "", "no filter: all"),
        choose_selected(state),
        Scope("marked", "Marked", ask_for(marked), tell(count(marked), "PDU"), "-marked")
        if marked
        else Scope("marked", "Marked", None, "none: m and a letter marks one"),
    ]
    if row is None:
        found += [Scope(name, title, None, "none under the cursor") for name, title in AROUND.items()]
    else:
        found += list_around(index, row)
    try:
        ranges = read_ranges(asked, len(index))
        told = tell(count(ranges), "PDU") if ranges else "write numbers, such as 12-40,55"
        found.append(Scope("range", "Range", ask_for(ranges), told, "-range"))
    except RangeError as error:
        found.append(Scope("range", "Range", None, str(error)))
    return found


def list_around(index: Index, row: int) -> Iterator[Scope]:
    """Give a row's PDU, its message and its association."""
    association = index.associations[row]
    yield Scope("pdu", f"This PDU, {row + 1}", f"pdu == {row + 1}", "1 PDU", f"-pdu{row + 1}")
    carriers = fold(list_carriers(index, row))
    if carriers and len(carriers) <= MOST_RANGES:
        first = carriers[0][0]
        yield Scope("message", "This message", ask_for(carriers), tell(count(carriers), "PDU"), f"-message{first}")
    elif carriers:
        yield Scope("message", "This message", f"msg(pdu == {row + 1})", tell(count(carriers), "PDU"), f"-pdu{row + 1}")
    else:
        yield Scope("message", "This message", None, "it carries none")
    pdus = index.ledger.accounts[association].pdus
    ending = f"-assoc{association}"
    yield Scope("association", f"This association, {association}", f"assoc == {association}", tell(pdus, "PDU"), ending)


def choose_selected(state: "State") -> Scope:
    """Give what is selected: of messages all their PDUs, of associations, too, where these are the lines."""
    index, selected, mode = state.index, state.marks.selected, state.rows.mode
    if not selected:
        return Scope("selected", "Selected", None, "none: Space selects")
    told, ending = tell(len(selected), {"pdu": "PDU"}.get(mode, mode)), "-selected"
    if mode == "association":
        numbers = fold({index.associations[row] - 1 for row in selected})
        return Scope("selected", "Selected", ask_for(numbers, "assoc"), told, ending)
    rows = set(selected)
    if mode == "message":
        rows.update(each for row in selected for each in list_carriers(index, row, begun=True))
    return Scope("selected", "Selected", ask_for(fold(rows)), told, ending)


def list_carriers(index: Index, row: int, *, begun: bool = False) -> Iterator[int]:
    """Give the rows that carry some of the messages of a row's PDU; of those alone that begin there, if `begun`."""
    messages = index.messages
    numbers = {each for each in index.list_messages(row) if not begun or messages.firsts[each] == row}
    if numbers:
        first, last = min(messages.firsts[each] for each in numbers), max(messages.lasts[each] for each in numbers)
        for each in index.find_rows(row, first, last):
            if numbers.intersection(index.list_messages(each)):
                yield each


Ranges = list[tuple[int, int]]
"""Numbers from 1, each with the last of its run."""


def fold(rows: Iterable[int]) -> Ranges:
    """Give the numbers of rows with runs folded."""
    found: Ranges = []
    for row in sorted(rows):
        if found and found[-1][1] == row:
            found[-1] = (found[-1][0], row + 1)
        else:
            found.append((row + 1, row + 1))
    return found


def count(ranges: Ranges) -> int:
    """Count the numbers in ranges."""
    return sum(last - first + 1 for first, last in ranges)


def ask_for(ranges: Ranges, field: str = "pdu") -> str | None:
    """Make the filter for numbers, None where there are none."""
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return f"{field} == {ranges[0][0]}"
    told = ", ".join(str(first) if first == last else f"{first}..{last}" for first, last in ranges)
    return f"{field} in {{{told}}}" if ranges else None


def read_ranges(asked: str, most: int) -> Ranges:
    """Read numbers as a user writes them, `12-40,55`; an end that is left out is the first one or the last.

    Raises
    ------
    RangeError
        Where they cannot be read, or there are no such PDUs.

    """
    rows: set[int] = set()
    for part in filter(None, (each.strip() for each in asked.split(","))):
        found = RANGE.fullmatch(part)
        if found is None or not (found[1] or found[3]):
            raise RangeError(f"{part} is none, write 12-40,55")
        first = int(found[1]) if found[1] else 1
        last = int(found[3]) if found[3] else most if found[2] else first
        if not 1 <= first <= last <= most:
            raise RangeError(f"{part}: there are 1 to {most}")
        rows.update(range(first - 1, last))
    return fold(rows)
