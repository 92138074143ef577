"""What a user can say of comparisons: how much is compared, and what matters."""

from dataclasses import dataclass
from typing import Literal, get_args

Profile = Literal["default", "strict", "structure"]
"""What is compared: meaning; that and all that is a note, and UIDs as they stand; which elements there are, not their
values."""

Weight = Literal["note", "change", "break"]
"""How much a difference matters."""

PROFILES: tuple[Profile, ...] = get_args(Profile)
WEIGHTS: tuple[Weight, ...] = get_args(Weight)
"""Least first."""


@dataclass(frozen=True, slots=True)
class DiffSettings:
    """What a comparison leaves out, and what it fails for."""

    ignore: tuple[str, ...] = ()
    """Paths, tags, keywords, `VR:xx`, `GROUP:xxxx`, `private`."""
    only: tuple[str, ...] = ()
    ignore_order: bool = False
    mask_dates: bool = False
    profile: Profile = "default"
    fail_on: Weight = "change"
    pairs: tuple[tuple[int, int], ...] = ()
    """Numbers of associations, old and new, that stand for each other."""
    timing: float = 0.0
    """How many times as long a response may take; 0 for as long as it likes."""
    allow_gaps: bool = False
    notes: bool = False
    """Whether notes are shown."""

    @property
    def shows_notes(self) -> bool:
        """Tell whether notes are asked for: to be shown, or to fail for."""
        return self.notes or self.fail_on == "note"

    def join(self, other: "DiffSettings") -> "DiffSettings":
        """Give these settings with others on top: lists are put together, all else is the others' where they differ."""
        plain = DiffSettings()
        return DiffSettings(
            ignore=(*self.ignore, *other.ignore),
            only=(*self.only, *other.only),
            ignore_order=self.ignore_order or other.ignore_order,
            mask_dates=self.mask_dates or other.mask_dates,
            profile=self.profile if other.profile == plain.profile else other.profile,
            fail_on=self.fail_on if other.fail_on == plain.fail_on else other.fail_on,
            pairs=(*self.pairs, *other.pairs),
            timing=other.timing or self.timing,
            allow_gaps=self.allow_gaps or other.allow_gaps,
            notes=self.notes or other.notes,
        )
