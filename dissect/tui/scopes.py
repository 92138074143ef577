"""What is shown and what a user has marked, in: of which PDUs one may export something, each as a filter, out."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dissect.amounts import tell
from dissect.index import Index
from dissect.phrasing import name_numbers
from dissect.tui.state import State

SCATTERED = "too scattered for a filter, choose fewer"
"""Said of numbers in too many runs."""

RANGE = re.compile(r"(\d{1,4000})?\s*(?:(-|\.\.)\s*(\d{1,4000})?)?")
"""A number, or two; Python makes none of more than 4,300 digits."""


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


def list_scopes(state: State, row: int | None, asked: str) -> list[Scope]:
    """Give the scopes in the order of `SCOPES`; `row` is under the cursor, `asked` are the numbers a user wrote."""
    index, marks, rows = state.index, state.marks, state.rows
    marked = {row + 1 for row in marks.letters.values()}
    found = [
        Scope("all", "All", "", tell(len(index), "PDU")),
        Scope("displayed", "Displayed", state.filter_text, tell(rows.passed, "PDU"), "-displayed")
        if state.filter_text
        else Scope("displayed", "Displayed", "", "no filter: all"),
        choose_selected(state),
        choose_numbers("marked", "Marked", marked, tell(len(marked), "PDU"))
        if marked
        else Scope("marked", "Marked", None, "none: m and a letter marks one"),
    ]
    if row is None:
        found += [Scope(name, title, None, "none under the cursor") for name, title in AROUND.items()]
    else:
        found += list_around(index, row)
    try:
        numbers = read_numbers(asked, len(index))
        found.append(
            choose_numbers("range", "Range", numbers, tell(len(numbers), "PDU"))
            if numbers
            else Scope("range", "Range", None, "write numbers, such as 12-40,55")
        )
    except RangeError as error:
        found.append(Scope("range", "Range", None, str(error)))
    return found


def choose_numbers(name: str, title: str, numbers: Collection[int], told: str, field: str = "pdu") -> Scope:
    """Give the scope of PDUs, or associations, of some numbers; where these are too many to be named, tell so."""
    text, whole = name_numbers(field, numbers)
    return Scope(name, title, text, told, f"-{name}") if whole else Scope(name, title, None, f"{told}: {SCATTERED}")


def list_around(index: Index, row: int) -> Iterator[Scope]:
    """Give a row's PDU, its message and its association."""
    association = index.associations[row]
    yield Scope("pdu", f"This PDU, {row + 1}", f"pdu == {row + 1}", "1 PDU", f"-pdu{row + 1}")
    carriers = {each + 1 for number in index.list_messages(row) for each in index.list_carriers(number)}
    if carriers:
        text, whole = name_numbers("pdu", carriers)
        text, ending = (text, f"-message{min(carriers)}") if whole else (f"msg(pdu == {row + 1})", f"-pdu{row + 1}")
        yield Scope("message", "This message", text, tell(len(carriers), "PDU"), ending)
    else:
        yield Scope("message", "This message", None, "it carries none")
    pdus = index.ledger.accounts[association].pdus
    ending = f"-assoc{association}"
    yield Scope("association", f"This association, {association}", f"assoc == {association}", tell(pdus, "PDU"), ending)


def choose_selected(state: State) -> Scope:
    """Give what is selected: of messages all their PDUs, of associations, too, where these are the lines."""
    index, selected, mode = state.index, state.marks.selected, state.rows.mode
    if not selected:
        return Scope("selected", "Selected", None, "none: Space selects")
    told = tell(len(selected), {"pdu": "PDU"}.get(mode, mode))
    if mode == "association":
        return choose_numbers("selected", "Selected", {index.associations[row] for row in selected}, told, "assoc")
    numbers = {row + 1 for row in selected}
    if mode == "message":
        numbers.update(each + 1 for row in selected for each in list_begun(index, row))
    return choose_numbers("selected", "Selected", numbers, told)


def list_begun(index: Index, row: int) -> Iterator[int]:
    """Give the rows that carry some of the messages that begin in a row's PDU."""
    for number in index.list_messages(row):
        if index.messages.firsts[number] == row:
            yield from index.list_carriers(number)


def read_numbers(asked: str, most: int) -> set[int]:
    """Read numbers as a user writes them, `12-40,55`; an end that is left out is the first one or the last.

    Raises
    ------
    RangeError
        Where they cannot be read, or there are no such PDUs.

    """
    numbers: set[int] = set()
    for part in filter(None, (each.strip() for each in asked.split(","))):
        found = RANGE.fullmatch(part)
        if found is None or not (found[1] or found[3]):
            raise RangeError(f"{part} is none, write 12-40,55")
        first = int(found[1]) if found[1] else 1
        last = int(found[3]) if found[3] else most if found[2] else first
        if not 1 <= first <= last <= most:
            raise RangeError(f"{part}: there are 1 to {most}")
        numbers.update(range(first, last + 1))
    return numbers
