"""An index, in: the figures of its PDUs, or of those for which a filter holds, out; as they grow."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from dissect.dicom.pdu import HEADER, LOST
from dissect.index import Index
from dissect.job import Job
from dissect.ledger import Ledger
from dissect.query import Filter
from dissect.recall import Recall
from dissect.stats import Figures
from dissect.tcp.streams import Connection
from dissect.views.figures import Figures as Report

PERIOD = 1.0
"""Seconds between two reports while there is more to come."""

PATIENCE = 4
"""How many times as long as a report took the next one is waited for."""

PAUSE = 0.05
STEP = 256
"""After how many rows the work asks whether it is to stop."""


@dataclass(slots=True)
class Sight:
    """What the figures do not tell: how long PDUs are, and the first row of each thing that was seen."""

    count: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    """How many PDUs have a length of so many binary digits."""
    long: dict[int, int] = field(default_factory=dict)
    """The first row of each number of digits."""
    kinds: dict[int, int] = field(default_factory=dict)
    """The first row of each PDU type."""
    codes: dict[int, int] = field(default_factory=dict)
    """The first row of each text of codes, by its number."""

    def see(self, index: Index, row: int) -> None:
        """Take a row into account."""
        self.count += 1
        kind = index.kinds[row]
        self.kinds.setdefault(kind, row)
        self.codes.setdefault(index.codes[row], row)
        if kind != LOST:
            digits = (index.stops[row] - index.starts[row] - HEADER).bit_length()
            self.lengths[digits] += 1
            self.long.setdefault(digits, row)

    def copy(self) -> "Sight":
        """Give it as it is now."""
        return Sight(self.count, self.lengths.copy(), dict(self.long), dict(self.kinds), dict(self.codes))


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of so many PDUs, and what was seen besides."""

    report: Report
    sight: Sight
    whole: bool
    """Whether no more PDUs will come."""


class Counting:
    """Counts in a thread."""

    def __init__(self, index: Index, is_over: Callable[[], bool], text: str = "") -> None:
        """Count all PDUs, or those for which a filter holds; `is_over` tells whether no more will come."""
        self.index = index
        self.text = text
        self.counted: Counted | None = None
        """The latest figures; None before there are any."""
        self.job = Job("counting", self._count_some if text else self._count_all)
        self._is_over = is_over
        self._sight = Sight()
        self._rested = 0.0
        """Until when no report is made."""

    def _count_all(self, job: Job) -> None:
        """Report what the index has counted, until all was read."""
        over, at = False, 0
        while not over:
            over, job.size = self._is_over(), len(self.index)
            for row in range(at, job.size):
                if not row % STEP:
                    job.done = row
                    if job.stopped:
                        return
                self._sight.see(self.index, row)
            at = job.done = job.size
            try:
                self._report(self.index.figures, whole=over)
            except RuntimeError:  # a dictionary grew while it was looked through
                if over:
                    raise
            if not over and job.pause(max(self._rested - time.monotonic(), PAUSE)):
                return

    def _count_some(self, job: Job) -> None:
        """Count the PDUs for which the filter holds, and report that now and then."""
        index, wanted, recall, over, at = self.index, Filter(self.text), Recall(self.index), False, 0
        ledger = Ledger(index.capture)
        figures = Figures(index.capture, ledger)
        while (wanted.passes or wanted.late) and not self._is_over():
            if job.pause(PAUSE):
                return
        wanted.prepare(lambda: recall.make_entries(job))
        while not over:
            over, job.size = self._is_over(), len(index)
            for row in range(at, job.size):
                if not row % STEP and self._rest(figures, job, row):
                    return
                entry = recall.make_entry(row)
                holds = wanted.holds(entry)
                ledger.follow(entry.arrival, counted=holds)
                if holds:
                    figures.follow(entry.arrival)
                    self._sight.see(index, row)
            at = job.done = job.size
            if not over and job.pause(PAUSE):
                return
        self._close(ledger)
        self._report(figures, whole=True)

    def _rest(self, figures: Figures, job: Job, row: int) -> bool:
        """Report if it is time for that, and tell whether the work is to stop."""
        job.done = row
        if time.monotonic() >= self._rested:
            self._report(figures, whole=False)
        return job.stopped

    def _close(self, ledger: Ledger) -> None:
        """Tell the ledger of the connections that are over."""
        numbers: dict[Connection, list[int]] = {}
        for number in self.index.closed:
            if number in self.index.known:
                numbers.setdefault(self.index.known[number].connection, []).append(number)
        for connection, found in numbers.items():
            ledger.close(connection, found)

    def _report(self, figures: Figures, *, whole: bool) -> None:
        """Give the figures as they are now."""
        started = time.monotonic()
        self.counted = Counted(figures.report(), self._sight.copy(), whole)
        now = time.monotonic()
        self._rested = now + max(PERIOD, PATIENCE * (now - started))
