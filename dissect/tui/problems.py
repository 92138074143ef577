"""An index, in: what failed in it and what is noted of its PDUs and their data sets, by code, worst first, out."""

import time
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

from dissect.checking import walk_notes
from dissect.dicom.dimse import Message, pull_pdvs
from dissect.dicom.statuses import classify_status, name_status
from dissect.dicom.terms import STATUS
from dissect.index import Index
from dissect.job import Job
from dissect.notes import note_finding
from dissect.recall import Entry, Recall
from dissect.rules.endings import Ending
from dissect.tcp.streams import Connection
from dissect.tui.findings import CONTROL, NOTED, RANKS, RESET, Findings, Group, Kind, Problem, Rank
from dissect.views.associations import tell_end

MOST_KEPT = 100_000
"""So many problems are kept with their texts, and all are counted."""

LEAST_KEPT = 1_000
"""Of how many problems of a kind those of others give way."""

PERIOD = 0.2
"""Seconds between two looks at what was found."""

PAUSE = 0.05
STEP = 256
"""After how many rows the work asks whether it is to stop."""

ROUND = 1 << 17
"""How many rows are looked through before what was found is shown."""

LISTED = "operation-failed"
"""The rule that tells of a response what its status tells here, where there is a kind for each status."""


class Problems:
    """The problems of a capture, found in a thread: of one that is still being read, as far as it is.

    First come those that the index tells of, then, row by row, those that only decoding shows.
    """

    def __init__(self, index: Index, is_over: Callable[[], bool]) -> None:
        """Start with none; `is_over` tells whether no more PDUs will come."""
        self.index = index
        self.found = Findings()
        """What was found so far; a new one each time there is more."""
        self.decoded = 0
        """How many rows were decoded, or need not be."""
        self.whole = False
        """Whether everything was looked at."""
        self.job = Job("decoding", self._find)
        self._is_over = is_over
        self._listed = 0
        self._ended = False
        self._kept: dict[Kind, list[Problem]] = {}
        self._counts: Counter[Kind] = Counter()
        self._sum = 0
        self._ahead: dict[str, array[int]] = {}
        """By code the rows that have a note of it and are still to be decoded."""

    def start(self) -> None:
        """Begin, or go on after a stop."""
        before = self.job

        def go_on(job: Job) -> None:
            if before.seconds:
                before.join()
            self._find(job)

        self.job = Job("decoding", go_on).start()

    def _find(self, job: Job) -> None:
        recall = Recall(self.index)
        while not self.whole:
            over, size = self._is_over(), len(self.index)
            job.size = size
            before = self._listed
            self._list(recall, job, min(size, before + ROUND))
            if self._listed == size:
                if over and not self._ended:
                    self._list_ends()
                if self._listed > before:
                    self._show()
                self._decode(recall, job, size)
                self.whole = over and self._ended and self.decoded == size
            job.done = self.decoded
            self._show()
            if job.stopped or (self.decoded == size and not over and job.pause(PAUSE)):
                return

    # From the columns of the index

    def _list(self, recall: Recall, job: Job, stop: int) -> None:
        """Look through rows for what the index tells of them."""
        index, messages = self.index, self.index.messages
        for row in range(self._listed, stop):
            if not row % STEP and job.stopped:
                return
            if index.codes[row]:
                for code in index.list_codes(row):
                    if code != LISTED:
                        self._ahead.setdefault(code, array("I")).append(row)
            kind = CONTROL.get(index.kinds[row])
            if kind is not None:
                self._add(Problem(kind, row, index.tell_info(row)))
            for number in index.list_messages(row):
                if messages.failed[number] and messages.heads[number] == row + 1:
                    self._add_status(row, recall.outline(number))
            self._listed = row + 1

    def _add_status(self, row: int, message: Message) -> None:
        """Add a response of which the status tells of a failure or a warning, or of nothing that is known."""
        status = message.number_at(STATUS)
        category = classify_status(status) if status is not None else "success"
        if status is None or category not in ("failure", "warning", ""):
            return
        rank: Rank = "failed" if category == "failure" else "warning"
        meaning = name_status(status, message.name, message.sop_class)
        code = f"status 0x{status:04X}"
        explained = (LISTED,) if category == "failure" else ()
        kind = Kind(rank, code, meaning, "PS3.7 Annex C", f"dimse.status == 0x{status:04X}", explained)
        at = message.command.pdvs[-1].start
        numbered = enumerate(pull_pdvs(self.index.make_pdu(row)), 1)
        number = next((number for number, pdv in numbered if pdv.start == at), 1)
        self._add(Problem(kind, row, self.index.texts[self.index.messages.texts[message.index]],
                          f"pdv.{number}/0000,0900"))  # fmt: skip

    def _list_ends(self) -> None:
        """Take what the ends of associations and of the capture show; all was read."""
        index = self.index
        reset: set[Connection] = set()
        for number, account in index.ledger.accounts.items():
            if account.end.how == "reset":
                reset.add(index.known[number].connection)
                self._add(Problem(RESET, index.endings[number], f"association {number}: {tell_end(account)}"))
        added: Counter[str] = Counter()
        for ending in index.conclusions:
            code = ending.finding.code
            if code not in RESET.explained or index.known[ending.association].connection not in reset:
                self._add(self._place(ending))
                added[code] += 1
        for code, count in index.conclusions.counts.items():
            told = len(reset) if code in RESET.explained else 0  # what RESET tells already
            self._counts[NOTED[code]] += max(count - told - added[code], 0)
        for kept in self._kept.values():
            kept.sort(key=lambda each: each.row)
        self._ended = True

    def _place(self, ending: Ending) -> Problem:
        """Put what an end shows in its place: at its PDU, or at the first one of the association."""
        row = ending.pdu - 1 if ending.pdu else self.index.openings[ending.association]
        found = note_finding(ending.finding, None)
        return Problem(NOTED[found.code], row, found.text, ending.finding.place, ending)

    # From what is decoded

    def _decode(self, recall: Recall, job: Job, size: int) -> None:
        """Decode rows for a while."""
        until = time.monotonic() + PERIOD
        while self.decoded < size and time.monotonic() < until and not job.stopped:
            stop = min(size, self.decoded + STEP)
            for row in range(self.decoded, stop):
                if self._is_worth(row):
                    self._take(recall.make_entry(row), row)
                    self.decoded = row + 1
                    if job.stopped or time.monotonic() >= until:
                        return
            self.decoded = stop

    def _is_worth(self, row: int) -> bool:
        """Tell whether decoding a row's PDU may show a problem: it has notes, or completes something."""
        index, messages = self.index, self.index.messages
        return bool(index.codes[row]) or any(
            messages.heads[number] == row + 1 or messages.lasts[number] == row for number in index.list_messages(row)
        )

    def _take(self, entry: Entry, row: int) -> None:
        """Take all that decoding a PDU shows."""
        messages = self.index.messages
        for path, found in walk_notes(entry.top):
            if found.code != LISTED:
                self._add(Problem(NOTED[found.code], row, found.text, path))
        for message in entry.commands():
            if not messages.failed[message.index]:
                self._add_status(row, message)

    # What is kept

    def _add(self, problem: Problem) -> None:
        """Count a problem, and keep it where there is room; the commonest kind gives way to one of which few are."""
        kept = self._kept.setdefault(problem.kind, [])
        self._counts[problem.kind] += 1
        if self._sum >= MOST_KEPT:
            fullest = max(self._kept.values(), key=len)
            if len(kept) >= min(LEAST_KEPT, len(fullest) - 1):
                return
            fullest.pop()
            self._sum -= 1
        kept.append(problem)
        self._sum += 1

    def _show(self) -> None:
        """Give what was found so far, where it is more than before."""
        ahead: dict[Kind, tuple[int, list[Problem]]] = {}
        for code, rows in self._ahead.items():
            del rows[: bisect_left(rows, self.decoded)]
            if rows:
                kind = NOTED[code]
                told = [Problem(kind, row, self.index.tell_info(row)) for row in rows[:LEAST_KEPT]]
                ahead[kind] = len(rows), told
        groups = []
        for kind in dict.fromkeys([*self._kept, *ahead]):
            count, told = ahead.get(kind, (0, []))
            groups.append(Group(kind, self._counts[kind] + count, (*self._kept.get(kind, ()), *told)))
        groups.sort(key=lambda each: (RANKS.index(each.kind.rank), -each.count, each.kind.code))
        ordered = sorted((each for group in groups for each in group.problems), key=lambda each: each.row)
        self.found = Findings(tuple(groups), tuple(ordered), sum(each.count for each in groups))


Place = tuple[Kind | None, int]
"""Where a line stands: its kind, and its place among the problems of it from 0, -1 for the kind's own line."""


class Keeping:
    """What stays when the screen is left: what was found, what was opened, where the cursor was."""

    def __init__(self, index: Index, is_over: Callable[[], bool]) -> None:
        """Start with nothing found; `is_over` tells whether no more PDUs will come."""
        self.problems = Problems(index, is_over)
        self.opened: set[Kind] = set()
        self.flat = False
        """Whether problems stand by PDU, and not by code."""
        self.explained = True
        """Whether it is told why that is a problem, and what to try."""
        self.place: Place = (None, -1)
