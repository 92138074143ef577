"""What a screen asks of the main one when it is left: to go to a PDU, to apply a filter, to compare."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Jump:
    """Go to a row's PDU, and there to the node of a path below it, where one is named."""

    row: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Apply:
    """Apply a filter."""

    text: str


@dataclass(frozen=True, slots=True)
class Against:
    """Compare with another capture or snapshot."""

    name: str


Answer = Jump | Apply | Against | None
