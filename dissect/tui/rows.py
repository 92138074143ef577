"""An index and a filter, in: the lines of a list, each a PDU, a message, an association or what is not there, out."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Literal, NamedTuple

from dissect.index import Index
from dissect.job import Job
from dissect.query import Filter
from dissect.recall import Recall
from dissect.tui.breaks import Break, list_breaks

Mode = Literal["pdu", "message", "association"]
MODES: tuple[Mode, ...] = ("pdu", "message", "association")

BREAK = 3
"""The level of a line that stands for what is not there."""

ROW_BITS = 30
ROW_MASK = (1 << ROW_BITS) - 1
"""A line is kept as one number: its level, and behind that so many bits for its row."""

STEP = 256
"""After how many rows work asks whether it is to stop."""

PAUSE = 0.05
"""Seconds between two looks at whether more PDUs have come."""


class Line(NamedTuple):
    """A line: its level, 0 outermost, or `BREAK`; the row of its PDU, or the number of its break."""

    level: int
    row: int


class Rows:
    """The lines of a list."""

    def __init__(self, index: Index, mode: Mode = "pdu", wanted: Filter | None = None, text: str = "") -> None:
        """Show all PDUs; or messages, or associations, or those of which the filter holds for a PDU."""
        self.index = index
        self.mode: Mode = mode
        self.text = text
        """The text of the filter, '' for none."""
        self.passed = 0
        """For how many PDUs the filter holds."""
        self._wanted = wanted
        self._plain = mode == "pdu" and wanted is None
        self._lines = array("I")
        self._opened: set[int] = set()
        """The outermost rows below which others are shown."""
        self._known: tuple[list[Break], list[int]] = ([], [])
        """What is not there; where all PDUs are shown the numbers of its lines."""
        self._lock = Lock()
        self._seen: set[int] = set()
        """The rows of the outermost lines of messages or associations."""

    def __len__(self) -> int:
        """Give how many lines there are."""
        return len(self.index) + len(self.breaks) if self._plain else len(self._lines)

    @property
    def breaks(self) -> list[Break]:
        """Give what is not there, in the order of its places."""
        return self._known[0]

    def find_line(self, number: int) -> Line:
        """Give a line by its number from 0."""
        if not self._plain:
            code = self._lines[number]
            return Line(code >> ROW_BITS, code & ROW_MASK)
        places = self._known[1]
        before = bisect_left(places, number)
        if before < len(places) and places[before] == number:
            return Line(BREAK, before)
        return Line(0, number - before)

    def find_row(self, number: int) -> int:
        """Give the row of a line's PDU; of a break that of the PDU beside it."""
        line = self.find_line(number)
        if line.level < BREAK:
            return line.row
        found = self.breaks[line.row]
        return found.beside

    def find_number(self, row: int) -> int:
        """Give the line of a row's PDU, or of what it belongs to, or the nearest one."""
        if self._plain:
            at = bisect_right(self.breaks, row, key=lambda each: each.place)
            return row + at
        if self.mode == "pdu":
            return self._find_beside(row)
        for level in (1, 0):
            try:
                return self._lines.index(level << ROW_BITS | row)
            except ValueError:
                continue
        with self._lock:
            tops = [number for number, code in enumerate(self._lines) if not code >> ROW_BITS]
            at = bisect_left(tops, min(self._list_tops(row)), key=lambda number: self._lines[number])
        return tops[min(at, len(tops) - 1)] if tops else 0

    def _find_beside(self, row: int) -> int:
        """Give the line of a PDU that a filter has left: a row's or the next one, else the last; none of a break."""
        lines = range(len(self._lines))
        at = bisect_left(lines, row, key=self.find_row)
        behind = (number for number in lines[at:] if self.find_line(number).level < BREAK)
        before = (number for number in reversed(lines[:at]) if self.find_line(number).level < BREAK)
        return next(behind, next(before, 0))

    def list_rows(self, number: int, step: int) -> Iterator[int]:
        """Give the rows behind a line (`step` 1), or before it (-1), of the PDUs that lines stand for."""
        row = self.find_row(number) if len(self) else -1
        if self._plain or self.mode != "pdu":
            last = len(self.index) if step > 0 else -1
            yield from (each for each in range(row + step, last, step) if self.shows(each))
            return
        while 0 <= (number := number + step) < len(self):
            line = self.find_line(number)
            if line.level != BREAK:
                yield line.row

    def reveal(self, row: int) -> int:
        """Give the line of a row's PDU, below an outermost one that is opened for it where need be."""
        number = self.find_number(row)
        line = self.find_line(number)
        if not line.level and line.row != row and self.has_more(line) and not self.is_open(line):
            self.toggle(number)
            number = self.find_number(row)
        return number

    def shows(self, row: int) -> bool:
        """Tell whether a row's PDU, or what it belongs to, has a line."""
        if self._plain:
            return True
        if self.mode != "pdu":
            return any(top in self._seen for top in self._list_tops(row))
        return self.find_row(self.find_number(row)) == row

    def _list_tops(self, row: int) -> Iterator[int]:
        """Give the rows of the lines that a PDU belongs to."""
        index = self.index
        if self.mode == "association":
            yield index.openings[index.associations[row]]
        elif self.mode == "message" and (numbers := index.list_messages(row)):
            yield from (index.messages.firsts[number] for number in numbers)
        else:
            yield row

    def arrange(self, job: Job, is_over: Callable[[], bool]) -> None:
        """Find the lines, as long as more PDUs come; `is_over` tells whether no more will."""
        recall, wanted, at = Recall(self.index), self._wanted, 0
        if wanted is not None and (wanted.passes or wanted.late):
            while not is_over():
                if job.pause(PAUSE):
                    return
            wanted.prepare(lambda: recall.make_entries(job))
        while True:
            over, job.size = is_over(), len(self.index)
            for row in range(at, job.size):
                if not row % STEP:
                    job.done = row
                    if job.stopped:
                        return
                if wanted is None or wanted.holds(recall.make_entry(row)):
                    self._take(row)
                    job.found = self.passed
            at = job.done = job.size
            if over or job.pause(PAUSE):
                return

    def _take(self, row: int) -> None:
        """Add the lines that a PDU belongs to, where they are not there yet."""
        self.passed += 1
        with self._lock:
            for top in self._list_tops(row):
                if self.mode == "pdu":
                    self._lines.append(top)
                elif top not in self._seen:
                    self._seen.add(top)
                    self._insert(top)

    def _insert(self, top: int) -> None:
        """Add an outermost line; messages may be complete in another order than they began."""
        at = len(self._lines)
        while at and (self._lines[at - 1] >> ROW_BITS or self._lines[at - 1] > top):
            at -= 1
        while at < len(self._lines) and self._lines[at] >> ROW_BITS:
            at += 1
        self._lines.insert(at, top)

    def has_more(self, line: Line) -> bool:
        """Tell whether a line has others below it, shown or not."""
        if line.level or self.mode == "pdu":
            return False
        index = self.index
        if self.mode == "association":
            return True
        return any(index.messages.counts[each] > 1 for each in index.list_messages(line.row))

    def is_open(self, line: Line) -> bool:
        """Tell whether the lines below a line are shown."""
        return line.level == 0 and line.row in self._opened

    def toggle(self, number: int) -> None:
        """Show the lines below a line, or hide them."""
        line = self.find_line(number)
        if not self.has_more(line):
            return
        with self._lock:
            if line.row in self._opened:
                self._opened.discard(line.row)
                stop = number + 1
                while stop < len(self._lines) and 0 < self._lines[stop] >> ROW_BITS < BREAK:
                    stop += 1
                del self._lines[number + 1 : stop]
            else:
                self._opened.add(line.row)
                self._lines[number + 1 : number + 1] = array(
                    "I", (1 << ROW_BITS | row for row in self._list_below(line))
                )

    def _list_below(self, line: Line) -> Iterator[int]:
        """Give the rows of the lines below a line: of a message its PDUs, of an association its messages."""
        index, row = self.index, line.row
        if self.mode == "message":
            numbers = [each for each in index.list_messages(row) if index.messages.firsts[each] == row]
            yield from sorted({each for number in numbers for each in index.list_carriers(number)})
            return
        association = index.associations[row]
        for each in range(row, index.endings[association] + 1):
            if index.associations[each] == association:
                messages = index.list_messages(each)
                if not messages or any(index.messages.firsts[number] == each for number in messages):
                    yield each

    def renew_opened(self) -> None:
        """Show below lines that were opened what has come since."""
        for row in list(self._opened):
            number = self._lines.index(row)
            self.toggle(number)
            self.toggle(number)

    def note_breaks(self) -> None:
        """Find out what is not there, as far as it is known now."""
        found = sorted(list_breaks(self.index))
        self._known = (found, [each.place + number for number, each in enumerate(found)] if self._plain else [])

    def show_breaks(self) -> None:
        """Put breaks among lines that a filter has left, each beside the PDU that it follows, where that is shown."""
        if self._plain or self.mode != "pdu":
            return
        with self._lock:
            rows = [code for code in self._lines if not code >> ROW_BITS]
            codes: list[tuple[int, int, int]] = [(row, 1, row) for row in rows]
            for number, each in enumerate(self.breaks):
                at = bisect_left(rows, each.beside)
                if at < len(rows) and rows[at] == each.beside:
                    insort(codes, (each.beside, 0 if each.beside == each.place else 2, BREAK << ROW_BITS | number))
            self._lines = array("I", (code for _, _, code in codes))
