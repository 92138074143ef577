"""What is told of the statuses of responses."""

import pytest

from tests import build
from tests.breaches import (
    CANCELED,
    FAILED,
    INSTANCE,
    PENDING,
    Said,
    begin,
    cancel,
    find,
    found,
    list_breaches,
    say,
    store,
    stored,
)


def fail(number: int, status: int, comment: str = "") -> Said:
    """Answer a C-STORE with a status, and with an error comment, if there is one."""
    context, fields, data = stored(number, f"{INSTANCE}.{number}", status)
    return say(context, {**fields, **({0x0902: comment} if comment else {})}, data)


OUT_OF_RESOURCES = "C-STORE of CT Image Storage failed with status A700H, Refused: Out of Resources"
MISMATCH = "C-STORE of CT Image Storage failed with status A900H, Error: Data Set does not match SOP Class"
DAMAGED = "C-STORE of CT Image Storage failed with status C123H, Error: Cannot understand ('Object is damaged')"

STATUSES: dict[str, tuple[list[Said], list[tuple[int, str]]]] = {
    "success": ([fail(1, 0)], []),
    "warning": ([fail(1, 0xB000), fail(2, 0xB007)], []),
    "once a response": (
        [fail(1, FAILED), fail(2, 0), fail(3, FAILED)],
        [(9, OUT_OF_RESOURCES), (11, OUT_OF_RESOURCES)],
    ),
    "with a comment": ([fail(1, FAILED, "Disk is full")], [(5, f"{OUT_OF_RESOURCES} ('Disk is full')")]),
    "with a hint": (
        [fail(1, 0xA900)],
        [(5, f"{MISMATCH}: the peer takes the data set for one that does not fit")],
    ),
    "with both": (
        [fail(1, 0xC123, "Object is damaged")],
        [(5, f"{DAMAGED}: the peer could not make sense of the request, or failed itself")],
    ),
}


@pytest.mark.parametrize(("responses", "told"), STATUSES.values(), ids=list(STATUSES))
def test_each_response_that_tells_of_a_failure_is_told_of(responses: list[Said], told: list[tuple[int, str]]) -> None:
    window = build.async_window(0, 0)
    numbers = range(1, len(responses) + 1)
    talk = begin(window, answered=[window]).ask(*(store(number, f"{INSTANCE}.{number}") for number in numbers))
    every = list_breaches(talk.reply(*responses).end().frames, "error", "warning")
    assert [(each.note.code, each.pdu, each.note.text) for each in every] == [
        ("operation-failed", pdu, text) for pdu, text in told
    ]


def test_pending_and_canceled_are_no_failures() -> None:
    talk = begin().ask(find(1)).reply(found(1, PENDING)).ask(cancel(1)).reply(found(1, CANCELED)).end()
    assert list_breaches(talk.frames, "error", "warning") == []
