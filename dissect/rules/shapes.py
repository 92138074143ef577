"""The shape of a command set: what of it does not change from message to message of an exchange."""

from typing import NamedTuple

from dissect.dicom.commands import ELEMENT
from dissect.dicom.terms import (
    AFFECTED_INSTANCE,
    ATTRIBUTES,
    MESSAGE_ID,
    MOVE_DESTINATION,
    OFFENDING_ELEMENT,
    ORIGINATOR_ID,
    ORIGINATOR_TITLE,
    REQUESTED_INSTANCE,
    RESPONDED_ID,
)
from dissect.rules.fields import COUNTERS, make_place

HEADER = ELEMENT.size
"""Tag and length of a command element."""

PASSED = COUNTERS | {
    MESSAGE_ID, RESPONDED_ID, OFFENDING_ELEMENT, ATTRIBUTES, ORIGINATOR_TITLE, ORIGINATOR_ID,
}  # fmt: skip
"""Elements whose values are not judged."""
VARIED = frozenset({AFFECTED_INSTANCE, REQUESTED_INSTANCE, MOVE_DESTINATION})
"""Elements whose values are judged in every message."""
CUT_OUT = PASSED | VARIED
"""Elements whose values are no part of the shape. SOP classes are: an exchange has few."""


class Element(NamedTuple):
    """A command element: its number, its place, and its value, which the shape has only where it is part of it."""

    number: int
    place: str
    length: int
    value: bytes


class Shape:
    """The elements of a command set, but for the values that are not part of its shape."""

    __slots__ = ("elements", "first", "size")

    def __init__(self, elements: list[Element]) -> None:
        """Take the elements in their order."""
        self.elements = elements
        self.first: dict[int, Element] = {}
        """The first of each number."""
        for element in elements:
            self.first.setdefault(element.number, element)
        self.size = sum(HEADER + element.length for element in elements)

    def number_at(self, number: int) -> int | None:
        """Give a field of 16 bits, None where it is not there, empty or of another length."""
        element = self.first.get(number)
        return int.from_bytes(element.value, "little") if element is not None and len(element.value) == 2 else None

    def holds(self, number: int) -> bool:
        """Tell whether a field is there and has a value."""
        element = self.first.get(number)
        return element is not None and element.length > 0

    def tells(self, number: int) -> bool:
        """Tell whether a field has a value other than zeros and blanks, as far as the shape knows it."""
        element = self.first.get(number)
        return element is not None and bool(element.length if number in CUT_OUT else element.value.strip(b" \0"))

    def place(self, number: int) -> str:
        """Give the place of a field, '' where it is not there."""
        element = self.first.get(number)
        return element.place if element is not None else ""

    def tell_lack(self, number: int) -> str:
        """Say how a field that has no value is there."""
        return "with an empty" if number in self.first else "without"


def pull_elements(data: bytes) -> list[Element] | None:
    """Read the elements of a shape; None where there is one of another group."""
    elements: list[Element] = []
    counts: dict[int, int] = {}
    at = 0
    while at < len(data):
        group, number, length = ELEMENT.unpack_from(data, at)
        if group != 0:
            return None
        at += HEADER
        stop = at if number in CUT_OUT else at + length
        count = counts[number] = counts.get(number, 0) + 1
        elements.append(Element(number, make_place(number, count), length, data[at:stop]))
        at = stop
    return elements
