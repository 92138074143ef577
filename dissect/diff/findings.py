"""What was found of two exchanges, and by which rules: associations, operations, and what differs in each."""

from array import array
from dataclasses import dataclass, field

from dissect.diff.differences import Difference
from dissect.diff.exchange import Talk
from dissect.diff.masks import Masks
from dissect.differing import Profile


@dataclass(frozen=True, slots=True)
class Rules:
    """What is compared, and how."""

    masks: Masks = field(default_factory=Masks)
    profile: Profile = "default"
    ignore_order: bool = False
    """Whether associations, operations, and the responses of one, may come in any order."""
    pairs: tuple[tuple[int, int], ...] = ()
    """Numbers of associations, old and new, that stand for each other whatever they look like."""
    timing: float = 0.0
    """How many times as long responses may take; 0 for as long as they like."""
    allow_gaps: bool = False
    """Whether operations of which bytes are lost are compared as far as they are there."""
    boundaries: bool = False
    """Whether it is a note in how many PDUs a message came."""


@dataclass(slots=True)
class Finding:
    """Two operations that stand for each other, or one that stands alone, and what differs."""

    old: int
    """The number of the operation in the old exchange, -1 where there is none."""
    new: int
    differences: list[Difference] = field(default_factory=list)
    incomparable: bool = False
    """Whether bytes of it are lost, so that it was not compared."""


@dataclass(slots=True)
class TalkPair:
    """Two associations that stand for each other, or one that stands alone, and what differs."""

    old: Talk | None
    new: Talk | None
    differences: list[Difference] = field(default_factory=list)
    """What differs in the association itself."""
    operations: "array[int]" = field(default_factory=lambda: array("i"))
    """The operations in order, two numbers for each pair: old and new, -1 where there is none."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """By place of the pair, the operations in which something differs."""

    @property
    def both(self) -> tuple[Talk, Talk]:
        """Give the two associations, of which none may lack."""
        assert self.old is not None
        assert self.new is not None
        return self.old, self.new

    def __len__(self) -> int:
        """Give how many pairs of operations there are."""
        return len(self.operations) // 2

    def pair(self, place: int) -> tuple[int, int]:
        """Give the operations of a pair by its place."""
        return self.operations[2 * place], self.operations[2 * place + 1]

    def find(self, place: int) -> Finding:
        """Give what was found in a pair, for more to be added."""
        return self.findings.setdefault(place, Finding(*self.pair(place)))

    def list_findings(self) -> list[tuple[int, Finding]]:
        """Give the findings in order, each with the place of its pair."""
        return sorted(self.findings.items())
