"""Responses of a C-GET or C-MOVE, in: what the numbers of their sub-operations break, out (PS3.7 9.1.3, 9.1.4)."""

from collections.abc import Iterator

from dissect.dicom.dimse import Message
from dissect.dicom.terms import COMPLETED, FAILED, REMAINING, STATUS, WARNED
from dissect.notes import Finding, find
from dissect.rules.fields import make_place

NAMES = {REMAINING: "remaining", COMPLETED: "completed", FAILED: "failed", WARNED: "warning"}
FINISHED = 0xB000
"""Sub-operations complete, one or more failures or warnings (PS3.4 C.4.2.1.5, C.4.3.1.4)."""


class Counts:
    """The numbers of sub-operations that the responses to one request tell."""

    __slots__ = ("final", "told", "total")

    def __init__(self) -> None:
        """Begin without any response."""
        self.told: dict[int, int] = {}
        """The numbers of the last response that had any."""
        self.total: int | None = None
        """How many sub-operations there are, as the last response says that has all of the numbers."""
        self.final: tuple[int, int] | None = None
        """How many sub-operations the final response says were sent, at least and at most; None if it does not."""

    def follow(self, message: Message, category: str, request: Message) -> Iterator[Finding]:
        """Take a response into account, and give what its numbers break."""
        if request.name not in ("C-GET-RQ", "C-MOVE-RQ"):
            return
        told = {element: count for element in NAMES if (count := message.number_at(element)) is not None}
        broken = next(self._judge_course(told, category), None)
        if broken is not None:
            yield broken
        if category != "pending":
            sent = told.get(COMPLETED, 0) + told.get(WARNED, 0)
            self.final = (sent, sent + told.get(FAILED, 0)) if told else None
            yield from compare_status(told, message)
        self.told = told or self.told
        total = add_up(told, category)
        self.total = self.total if total is None else total

    def _judge_course(self, told: dict[int, int], category: str) -> Iterator[Finding]:
        """Compare numbers with those of the response before."""
        for element, count in told.items():
            before = self.told.get(element)
            sign = -1 if element == REMAINING else 1
            if before is not None and (count - before) * sign < 0 and category != "cancel":
                text = f"{NAMES[element]} {count} after {before}"
                yield find("counts", make_place(element), text=text)
        if category in ("success", "warning", "failure") and told.get(REMAINING, 0) > 0:
            yield find("counts", make_place(REMAINING), text=f"remaining {told[REMAINING]} in a final response")
        total = add_up(told, category)
        if None not in (total, self.total) and total != self.total:
            yield find("counts", make_place(REMAINING), text=f"{total} sub-operations in all, after {self.total}")


def add_up(told: dict[int, int], category: str) -> int | None:
    """Give how many sub-operations there are in all, None where a response does not tell: a final one need not."""
    return sum(told.values()) if len(told) == len(NAMES) and category == "pending" else None


def compare_status(told: dict[int, int], message: Message) -> Iterator[Finding]:
    """Compare a final status with the numbers beside it."""
    status, failed, warned = message.number_at(STATUS), told.get(FAILED, 0), told.get(WARNED, 0)
    if status == 0 and failed:
        yield find("counts-status", "0000,0900", status="success", text=f"{failed} failed")
    elif status == FINISHED and FAILED in told and WARNED in told and not failed + warned:
        yield find("counts-status", "0000,0900", status="B000H", text="none failed or had a warning")
