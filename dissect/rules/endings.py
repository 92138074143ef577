"""What is known only when a connection, or the capture, is over: rules that were broken, each with its place."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from dissect.notes import Finding

MOST_KEPT = 100
"""So many of each code are kept, and all are counted."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A rule that was broken, as the end of an association or of the capture shows."""

    finding: Finding
    association: int
    pdu: int
    """The number of the PDU that it is about, 0 for none."""
    frames: list[int]
    side: str
    """`address:port` of who broke it, '' for nobody."""
    role: str | None
    """`requestor` or `acceptor`, None for nobody, and where the capture does not tell."""


class Endings:
    """The rules that were broken as ends show: all counted, the first of each code kept."""

    def __init__(self) -> None:
        """Start without any."""
        self.counts: Counter[str] = Counter()
        """How many there are of each code."""
        self._kept: list[Ending] = []

    def add(self, ending: Ending) -> None:
        """Add one."""
        code = ending.finding.code
        self.counts[code] += 1
        if self.counts[code] <= MOST_KEPT:
            self._kept.append(ending)

    def __iter__(self) -> Iterator[Ending]:
        """Give those that are kept, in the order in which they became known."""
        return iter(self._kept)
