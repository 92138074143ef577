"""The bytes of a command set, in: the rules that it breaks, each with its place, out (PS3.7 6.3, 9.3, 10.3, Annex E).

Most of what is judged does not change from message to message of an exchange: which elements there are, their lengths,
what is asked, whether data follow, the status. That is the *shape*, and each is judged once; UIDs of instances and AE
titles are looked at in every message, message IDs and counts in none.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from dissect.dicom.commands import ELEMENT
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import (
    ACTION_TYPE,
    AFFECTED_CLASS,
    COMMAND_FIELD,
    COMMANDS,
    DATA_SET_TYPE,
    ERROR_COMMENT,
    ERROR_ID,
    EVENT_TYPE,
    GROUP_LENGTH,
    MESSAGE_ID,
    MOVE_DESTINATION,
    NO_DATA_SET,
    OFFENDING_ELEMENT,
    ORIGINATOR_ID,
    PRIORITY,
    REQUESTED_CLASS,
    RESPONDED_ID,
    STATUS,
)
from dissect.dicom.values import look_up
from dissect.notes import Finding, find
from dissect.rules.collecting import collect
from dissect.rules.fields import (
    COUNTERS,
    ELEMENTS,
    MESSAGES,
    RETIRED,
    TWINS,
    TYPES,
    Fields,
    make_place,
    name_element,
    show_tag,
)
from dissect.rules.forms import LONGEST_QUOTE, explain_title, explain_uid, is_padded_uid, quote
from dissect.rules.shapes import CUT_OUT, HEADER, VARIED, Shape, pull_elements
from dissect.text import decode

LONGEST_COMMENT = 64

SINGLE = COUNTERS | {
    COMMAND_FIELD, MESSAGE_ID, RESPONDED_ID, PRIORITY, DATA_SET_TYPE, STATUS, ERROR_ID, EVENT_TYPE, ACTION_TYPE,
    ORIGINATOR_ID,
}  # fmt: skip
"""Numbers of 16 bits, of which there is one (PS3.7 Annex E.1)."""
NUMBER = 2

UNTROUBLED = (0x0000, 0xFF00)
"""Success and pending; FF01, pending too, is a warning all the same."""

LONGEST_KEPT = 1024
"""The judgement of a longer command set is not kept: no message has as much that repeats."""


def judge_command(data: bytes) -> tuple[Finding, ...]:
    """Give the rules that a complete command set breaks.

    Parameters
    ----------
    data
        The bytes of a command set that can be read to its end; of another nothing is said here.

    Returns
    -------
    tuple
        The findings; their places are keys of elements' nodes, '' for the command set itself.

    """
    return judge_again(data) if len(data) <= LONGEST_KEPT else judge_bytes(data)


def judge_bytes(data: bytes) -> tuple[Finding, ...]:
    """Judge a command set: cut the values that vary out of it, judge its shape, and look at those values."""
    unpack, chunks = ELEMENT.unpack_from, []
    varied: dict[int, bytes] = {}
    start = at = 0
    last = len(data) - HEADER
    while at <= last:
        _, number, length = unpack(data, at)
        at += HEADER
        if number in CUT_OUT:
            chunks.append(data[start:at])
            start = at + length
            if number in VARIED:
                # Of a field that occurs again it is enough to say that.
                varied[number] = b"" if number in varied else data[at:start]
        at += length
    if at != len(data):
        return ()
    chunks.append(data[start:])
    shape = b"".join(chunks)
    findings = judge_shape(shape) if len(shape) <= LONGEST_KEPT else judge_elements(shape)
    blamed = [blame_value(*each) for each in varied.items() if each[1] and not is_sound(*each)]
    return (*findings, *blamed) if blamed else findings


judge_again = lru_cache(maxsize=256)(judge_bytes)
"""The same for bytes that are likely to come again, as those of responses are."""


def is_sound(number: int, value: bytes) -> bool:
    """Tell whether a UID or the destination of a C-MOVE has the form that it should have."""
    return not explain_title(value) if number == MOVE_DESTINATION else is_padded_uid(value)


def blame_value(number: int, value: bytes) -> Finding:
    """Say what is wrong with a UID or with the destination of a C-MOVE."""
    place, shown = make_place(number), quote(decode(value[: LONGEST_QUOTE + 1]))
    if number == MOVE_DESTINATION:
        return find("move-destination", place, value=shown, why=explain_title(value))
    return find("command-uid", place, name=look_up(number).name, value=shown, why=explain_uid(value))


@lru_cache(maxsize=512)
def judge_shape(data: bytes) -> tuple[Finding, ...]:
    """Judge a shape, and keep what was found."""
    return judge_elements(data)


def judge_elements(data: bytes) -> tuple[Finding, ...]:
    """Judge the elements of a command set, without the values that are not part of its shape."""
    elements = pull_elements(data)
    if elements is None:
        return ()
    shape = Shape(elements)
    name = COMMANDS.get(shape.number_at(COMMAND_FIELD) or 0, "")
    rest = check_message(shape, name, MESSAGES[name]) if name else iter(())
    return collect(check_structure(shape), check_values(shape), check_kind(shape), rest)


def check_structure(shape: Shape) -> Iterator[Finding]:
    """Look at order and number of the elements, and at the group length (PS3.7 6.3.1, Annex E.1)."""
    yield from check_length(shape)
    before, seen, sorted_so_far = 0, set[int](), True
    for element in shape.elements:
        number = element.number
        if number in seen:
            yield find("command-repeated", element.place, **name_element(number))
        elif number < before and number != GROUP_LENGTH and sorted_so_far:
            sorted_so_far = False  # what stands behind one that is out of order may be in order or not
            yield find("command-order", element.place, before=show_tag(before), **name_element(number))
        if number in RETIRED and number not in seen:
            yield find("command-retired", element.place, **name_element(number))
        elif number not in ELEMENTS and number not in seen:
            yield find("command-element", element.place, tag=show_tag(number))
        seen.add(number)
        before = max(before, number) if sorted_so_far else before


def check_length(shape: Shape) -> Iterator[Finding]:
    """Look whether the group length is there, first and right; one of an odd length is noted where it is decoded."""
    element = shape.first.get(GROUP_LENGTH)
    what = ""
    if element is None:
        yield find("command-length", what="(0000,0000) is not there")
        return
    value, rest = int.from_bytes(element.value, "little"), shape.size - HEADER - element.length
    if element is not shape.elements[0]:
        what = "(0000,0000) is not the first element"
    elif element.length != 4 and element.length % 4 == 0:
        what = f"has {element.length} bytes where it should have 4"
    elif element.length == 4 and value != rest:
        what = f"is {value}, but {rest} bytes follow it"
    if what:
        yield find("command-length", element.place, what=what)


def check_values(shape: Shape) -> Iterator[Finding]:
    """Look at the values that the shape has, whatever the message."""
    for element in shape.first.values():
        number = element.number
        if number in SINGLE and element.length > NUMBER and element.length % NUMBER == 0:
            yield find("command-values", element.place, length=element.length, wanted=NUMBER, **name_element(number))
        elif number in (AFFECTED_CLASS, REQUESTED_CLASS) and element.value and not is_sound(number, element.value):
            yield blame_value(number, element.value)
    priority, comment = shape.number_at(PRIORITY), shape.first.get(ERROR_COMMENT)
    if priority is not None and priority > 2:
        yield find("priority", shape.place(PRIORITY), value=priority)
    if comment is not None and comment.length > LONGEST_COMMENT:
        yield find("comment-length", comment.place, length=comment.length)


def check_kind(shape: Shape) -> Iterator[Finding]:
    """Look whether the message says what it is, and whether a data set follows."""
    field = shape.number_at(COMMAND_FIELD)
    if not shape.holds(COMMAND_FIELD):
        what = "(0000,0100) is empty" if COMMAND_FIELD in shape.first else "(0000,0100) is not there"
        yield find("command-field", shape.place(COMMAND_FIELD), what=what)
    elif field is not None and field not in COMMANDS:
        yield find("command-field", shape.place(COMMAND_FIELD), what=f"{field:04X}H is none of the standard's")
    if not shape.holds(DATA_SET_TYPE):
        what = "is empty" if DATA_SET_TYPE in shape.first else "is not there"
        yield find("data-set-type-absent", shape.place(DATA_SET_TYPE), what=what)


def check_message(shape: Shape, name: str, fields: Fields) -> Iterator[Finding]:
    """Look at the fields of a known message: those that it lacks, those that are too many, and what they say."""
    wrong = list_swapped(shape, fields) if name.startswith("N-") else []
    if wrong:
        found, wanted = (" and ".join(look_up(number).name for number in side) for side in zip(*wrong, strict=True))
        yield find(
            "requested-affected",
            shape.place(wrong[0][0]),
            message=name,
            found=found,
            wanted=wanted,
            clause=fields.clause,
        )
    spoken_of = {number for pair in wrong for number in pair}
    yield from check_fields(shape, name, fields, spoken_of)
    yield from check_data_set(shape, name, fields)
    status = shape.number_at(STATUS)
    if fields.is_response and not shape.holds(STATUS):
        yield find("status-absent", shape.place(STATUS), message=name, without=shape.tell_lack(STATUS))
    elif fields.is_response and status in UNTROUBLED:
        for number in (OFFENDING_ELEMENT, ERROR_COMMENT, ERROR_ID):
            if shape.tells(number):
                yield find("status-fields", shape.place(number), status=f"{status:04X}H", **name_element(number))


def list_swapped(shape: Shape, fields: Fields) -> list[tuple[int, int]]:
    """List the fields that stand where their twins should: Requested for Affected, or the reverse."""
    pairs = [pair for one, other in TWINS for pair in ((one, other), (other, one))]
    return [
        (found, wanted)
        for found, wanted in pairs
        if wanted in fields.may and found not in fields.may and shape.holds(found) and not shape.holds(wanted)
    ]


def check_fields(shape: Shape, name: str, fields: Fields, spoken_of: Iterable[int]) -> Iterator[Finding]:
    """Look for fields that a message lacks, and for those that it should not have."""
    for number in sorted(fields.needs.difference(spoken_of)):
        if not shape.holds(number):
            told = {"message": name, "clause": fields.clause, "without": shape.tell_lack(number)}
            yield find("command-lacks", shape.place(number), **told, **name_element(number))
    kind = TYPES.get(name)
    if kind is not None and not shape.holds(kind):
        told = {"message": name, "clause": fields.clause, "without": shape.tell_lack(kind)}
        yield find("type-id", shape.place(kind), **told, **name_element(kind))
    for number in shape.first:
        if number in ELEMENTS and number not in fields.may and number not in spoken_of:
            yield find(
                "command-surplus", shape.place(number), message=name, clause=fields.clause, **name_element(number)
            )


def check_data_set(shape: Shape, name: str, fields: Fields) -> Iterator[Finding]:
    """Look whether a message says that a data set follows, and should; a status of no class tells nothing."""
    kind, status = shape.number_at(DATA_SET_TYPE), shape.number_at(STATUS)
    if kind is None:
        return
    outcome = "" if status is None else classify_status(status)
    due, allowed = fields.data_set == "always", fields.data_set != "never"
    conditional = fields.data_set in ("match", "failures") and bool(outcome)
    if conditional and fields.data_set == "match":
        # A warning may end a query of a repository with a last match (PS3.4 C.6.4).
        due, allowed = outcome == "pending", outcome in ("pending", "warning")
    elif conditional:
        allowed = outcome not in ("pending", "success")
    told = {"message": name, "clause": fields.clause, "status": f" with status {status:04X}H" if conditional else ""}
    if kind == NO_DATA_SET and due:
        yield find("data-set-due", shape.place(DATA_SET_TYPE), **told)
    elif kind != NO_DATA_SET and not allowed:
        yield find("data-set-forbidden", shape.place(DATA_SET_TYPE), value=kind, **told)
