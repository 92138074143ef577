"""The fields of messages (PS3.7 9.3, 10.3): which each needs and may have, if a data set follows; and their names."""

from typing import Literal, NamedTuple

from dissect.dicom.terms import (
    ACTION_TYPE,
    AFFECTED_CLASS,
    AFFECTED_INSTANCE,
    ATTRIBUTES,
    COMMAND_FIELD,
    COMPLETED,
    DATA_SET_TYPE,
    ERROR_COMMENT,
    ERROR_ID,
    EVENT_TYPE,
    FAILED,
    GROUP_LENGTH,
    MESSAGE_ID,
    MOVE_DESTINATION,
    OFFENDING_ELEMENT,
    ORIGINATOR_ID,
    ORIGINATOR_TITLE,
    PRIORITY,
    REMAINING,
    REQUESTED_CLASS,
    REQUESTED_INSTANCE,
    RESPONDED_ID,
    STATUS,
    WARNED,
)
from dissect.dicom.values import look_up

COUNTERS = frozenset({REMAINING, COMPLETED, FAILED, WARNED})
"""How many sub-operations of a C-GET or C-MOVE there are of each outcome."""

ELEMENTS = (
    frozenset({
        GROUP_LENGTH, AFFECTED_CLASS, REQUESTED_CLASS, COMMAND_FIELD, MESSAGE_ID, RESPONDED_ID, MOVE_DESTINATION,
        PRIORITY, DATA_SET_TYPE, STATUS, OFFENDING_ELEMENT, ERROR_COMMENT, ERROR_ID, AFFECTED_INSTANCE,
        REQUESTED_INSTANCE, EVENT_TYPE, ATTRIBUTES, ACTION_TYPE, ORIGINATOR_TITLE, ORIGINATOR_ID,
    })
    | COUNTERS
)  # fmt: skip
"""The command elements of PS3.7 Annex E.1."""

RETIRED = frozenset({
    0x0001, 0x0010, 0x0200, 0x0300, 0x0400, 0x0850, 0x0860, 0x4000, 0x4010, 0x5010, 0x5020, 0x5110, 0x5120, 0x5130,
    0x5140, 0x5150, 0x5160, 0x5170, 0x5180, 0x5190, 0x51A0, 0x51B0,
})  # fmt: skip
"""The command elements of PS3.7 Annex E.2."""

EVERY = frozenset({GROUP_LENGTH, COMMAND_FIELD, DATA_SET_TYPE})
"""What every message has."""

TOLD = frozenset({AFFECTED_CLASS, AFFECTED_INSTANCE, STATUS, OFFENDING_ELEMENT, ERROR_COMMENT, ERROR_ID})
"""What any response may have: its status, and what PS3.7 Annex C ties to statuses that any service may give."""

DataSet = Literal["never", "always", "may", "match", "failures"]
"""Whether a data set follows: `match` with a pending status alone, `failures` with neither pending nor success."""


class Fields(NamedTuple):
    """The fields of a message."""

    clause: str
    needs: frozenset[int]
    """Those that are mandatory, but for those of every message, the status, and the type of event or action."""
    may: frozenset[int]
    """All that it may have, those that it needs among them."""
    data_set: DataSet

    @property
    def is_response(self) -> bool:
        """Tell whether it is that of a response."""
        return STATUS in self.may


def ask(clause: str, needs: set[int], data_set: DataSet, may: frozenset[int] = frozenset()) -> Fields:
    """Give the fields of a request."""
    needed = frozenset(needs)
    return Fields(clause, needed, EVERY | needed | may, data_set)


def answer(clause: str, data_set: DataSet, may: frozenset[int] = frozenset()) -> Fields:
    """Give the fields of a response: it names the request, all else but the status is optional or conditional."""
    return Fields(clause, frozenset({RESPONDED_ID}), EVERY | TOLD | {RESPONDED_ID} | may, data_set)


REPEATED_ID = frozenset({MESSAGE_ID})
"""PS3.7 9.1 lets the responses of DIMSE-C repeat the Message ID, as they once had to; it means nothing there."""

MESSAGES = {
    "C-STORE-RQ": ask(
        "9.3.1.1",
        {AFFECTED_CLASS, MESSAGE_ID, PRIORITY, AFFECTED_INSTANCE},
        "always",
        frozenset({ORIGINATOR_TITLE, ORIGINATOR_ID}),
    ),
    "C-STORE-RSP": answer("9.3.1.2", "never", REPEATED_ID),
    "C-FIND-RQ": ask("9.3.2.1", {AFFECTED_CLASS, MESSAGE_ID, PRIORITY}, "always"),
    "C-FIND-RSP": answer("9.3.2.2", "match", REPEATED_ID),
    "C-GET-RQ": ask("9.3.3.1", {AFFECTED_CLASS, MESSAGE_ID, PRIORITY}, "always"),
    "C-GET-RSP": answer("9.3.3.2", "failures", REPEATED_ID | COUNTERS),
    "C-MOVE-RQ": ask("9.3.4.1", {AFFECTED_CLASS, MESSAGE_ID, PRIORITY, MOVE_DESTINATION}, "always"),
    "C-MOVE-RSP": answer("9.3.4.2", "failures", REPEATED_ID | COUNTERS),
    "C-ECHO-RQ": ask("9.3.5.1", {AFFECTED_CLASS, MESSAGE_ID}, "never"),
    "C-ECHO-RSP": answer("9.3.5.2", "never", REPEATED_ID),
    "C-CANCEL-RQ": ask("9.3.2.3", {RESPONDED_ID}, "never"),
    "N-EVENT-REPORT-RQ": ask(
        "10.3.1.1", {AFFECTED_CLASS, MESSAGE_ID, AFFECTED_INSTANCE}, "may", frozenset({EVENT_TYPE})
    ),
    "N-EVENT-REPORT-RSP": answer("10.3.1.2", "may", frozenset({EVENT_TYPE, ATTRIBUTES})),
    "N-GET-RQ": ask("10.3.2.1", {REQUESTED_CLASS, MESSAGE_ID, REQUESTED_INSTANCE}, "never", frozenset({ATTRIBUTES})),
    "N-GET-RSP": answer("10.3.2.2", "may", frozenset({ATTRIBUTES})),
    "N-SET-RQ": ask("10.3.3.1", {REQUESTED_CLASS, MESSAGE_ID, REQUESTED_INSTANCE}, "always"),
    "N-SET-RSP": answer("10.3.3.2", "may", frozenset({ATTRIBUTES})),
    "N-ACTION-RQ": ask("10.3.4.1", {REQUESTED_CLASS, MESSAGE_ID, REQUESTED_INSTANCE}, "may", frozenset({ACTION_TYPE})),
    "N-ACTION-RSP": answer("10.3.4.2", "may", frozenset({ACTION_TYPE, ATTRIBUTES})),
    "N-CREATE-RQ": ask("10.3.5.1", {AFFECTED_CLASS, MESSAGE_ID}, "may", frozenset({AFFECTED_INSTANCE})),
    "N-CREATE-RSP": answer("10.3.5.2", "may", frozenset({ATTRIBUTES})),
    "N-DELETE-RQ": ask("10.3.6.1", {REQUESTED_CLASS, MESSAGE_ID, REQUESTED_INSTANCE}, "never"),
    "N-DELETE-RSP": answer("10.3.6.2", "never"),
}
"""By name."""

TYPES = {"N-EVENT-REPORT-RQ": EVENT_TYPE, "N-ACTION-RQ": ACTION_TYPE}
"""The field that says what happened, or what to do, of those requests that have one."""

TWINS = (
    (AFFECTED_CLASS, REQUESTED_CLASS),
    (AFFECTED_INSTANCE, REQUESTED_INSTANCE),
)
"""Fields of DIMSE-N that are taken for each other."""


def make_place(number: int, count: int = 1) -> str:
    """Give the key of the node of the element with a number, or of another one with it."""
    return f"0000,{number:04x}" if count == 1 else f"0000,{number:04x}.{count}"


def show_tag(number: int) -> str:
    """Give a command element's tag."""
    return f"(0000,{number:04x})"


def name_element(number: int) -> dict[str, str]:
    """Give what sentences say of an element: its name and tag."""
    return {"name": look_up(number).name, "tag": show_tag(number)}
