"""A frame, in: its time as a user wants it, out; the letters are those of tshark's -t."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from dissect.amounts import BILLION
from dissect.capture.segments import Capture

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Clock = Callable[[int], str]
"""Gives the time of a frame."""


class Before(Protocol):
    """What knows the frame of the PDU before the one that was read last."""

    before: int


def make_clock(capture: Capture, form: str, reading: Before | None = None) -> Clock:
    """Make what tells times in one of the forms; `d` is as `dd` where no reading is named."""
    if form == "r":
        return lambda frame: capture.tell_time(frame, capture.times[0])
    if form == "e":
        return capture.tell_time
    if form == "d" and reading is not None:
        return lambda frame: capture.tell_time(frame, capture.times[(reading.before or frame) - 1])
    if form in ("d", "dd"):
        return make_delta(capture)
    zone, pattern = UTC if form.startswith("u") else None, "%Y-%m-%d %H:%M:%S" if form.endswith("d") else "%H:%M:%S"

    def tell(frame: int) -> str:
        whole = capture.times[frame - 1] // BILLION
        _, point, decimals = capture.tell_time(frame, whole * BILLION).partition(".")
        moment = (EPOCH + timedelta(seconds=whole)).astimezone(zone)
        return moment.strftime(pattern) + point + decimals + ("Z" if form == "ud" else "")

    return tell


def make_delta(capture: Capture) -> Clock:
    """Make what tells times since the call before."""
    before: list[int] = []

    def tell(frame: int) -> str:
        now = capture.times[frame - 1]
        since, before[:] = before[0] if before else now, [now]
        return capture.tell_time(frame, since)

    return tell
