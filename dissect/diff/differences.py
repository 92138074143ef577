"""What differs between two exchanges: one record a difference, with its place in both."""

from dataclasses import dataclass, field
from typing import Literal

from dissect.differing import WEIGHTS, Weight

Change = Literal["changed", "added", "removed", "uid-relation"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a difference is in one of the exchanges: where something lacks, where it would be."""

    path: str = ""
    """A path as `show --path` takes it."""
    frames: tuple[int, ...] = ()
    """The numbers of the frames that carried it; none in a snapshot."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The pair of UIDs that another pair contradicts, and where it stands."""

    old: str
    new: str
    old_path: str
    new_path: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs in meaning."""

    change: Change
    weight: Weight
    name: str
    """What it is: the name of an element or a field."""
    old: str | None
    """The value in the old exchange; None where it is not there."""
    new: str | None
    old_place: Place
    new_place: Place
    meanings: tuple[str, str] = ("", "")
    """What the two values stand for."""
    private: bool = False
    """Whether it may tell who a patient is."""
    contradictions: tuple[Contradiction, ...] = field(default=())

    @property
    def path(self) -> str:
        """Give the path in the new exchange, of what is removed that in the old one."""
        return self.old_place.path if self.change == "removed" else self.new_place.path

    def reaches(self, weight: Weight) -> bool:
        """Tell whether it matters as much as a weight, or more."""
        return WEIGHTS.index(self.weight) >= WEIGHTS.index(weight)
