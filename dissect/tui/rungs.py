"""The lines of the main screen, in: the events of a ladder diagram around one of them, as a thread finds them, out."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

from dissect.index import Index
from dissect.job import Job
from dissect.ladder.events import Event, Ladder, mask_event
from dissect.recall import Recall
from dissect.tui.rows import BREAK
from dissect.tui.state import State

MOST_EVENTS = 20_000
"""A part has no more events."""

BEFORE = 10_000
"""So many lines before the one that is wanted a part begins."""

STEP = 64
"""After how many rows the work asks whether it is to stop."""

PAUSE = 0.05
"""Seconds between two looks at what was read in the meantime."""


class Rungs:
    """The events of a part of what the main screen shows; more come, as long as the capture is read."""

    def __init__(self, state: State, start: int, *, unfold: bool) -> None:
        """Begin to look for them at a row."""
        self.start = start
        self.found: list[Event] = []
        """What was found so far; the thread adds to it."""
        self.cut = False
        """Whether there are more than a part has."""
        self._index, self._rows = state.index, state.rows
        self._loading, self._arranging = state.loading, state.arranging
        self._private, self._unfold = state.private, unfold
        self._recall, self._ladder = Recall(state.index), Ladder(unfold=unfold)
        self._shown = bytearray() if is_narrowed(state) else None
        """By row whether a line is there for it; None where there is one for each."""
        self._taken = 0
        self._useful: set[int] | None = None
        """The associations of which something is shown; None where that is not known yet, or of all."""
        self._led: set[int] = set()
        """The messages that began before the part, and whose beginnings were followed."""
        self.job = Job("drawing", self._work).start()

    @property
    def reads(self) -> bool:
        """Tell whether more will come once it is read."""
        return not self.job.over and not self._loading.over

    def _work(self, job: Job) -> None:
        """Follow the PDUs until the capture was read, or there are enough."""
        at, over = self.start, self._is_over()
        if self._shown is not None and over:
            self._take_lines()
            self._useful = set(self._list_useful())
        if not self._unfold:
            self._lead(self._list_begun())
        while True:
            begun, over = monotonic(), self._is_over()
            stop = self._find_stop(over)
            self._take_lines()
            job.size = max(stop - self.start, 1)
            for row in range(at, stop):
                job.done = row - self.start
                if (not row % STEP and job.stopped) or self._take(row):
                    return
            at = max(at, stop)
            if over:
                self._add(self._ladder.finish())
                return
            if job.pause(max(PAUSE, monotonic() - begun)):
                return

    def _is_over(self) -> bool:
        """Tell whether no more lines will come."""
        return self._loading.over and (self._arranging is None or self._arranging.over)

    def _find_stop(self, over: bool) -> int:
        """Find the row before which all is known that is shown; what holds for a group is known when all was read."""
        if over or self._shown is None:
            return len(self._index)
        count = len(self._rows)
        return self._rows.find_row(count - 1) + 1 if count and self._rows.mode == "pdu" else 0

    def _take_lines(self) -> None:
        """Note the rows of lines that have come."""
        if self._shown is None:
            return
        self._shown.extend(bytes(len(self._index) - len(self._shown)))
        for number in range(self._taken, count := len(self._rows)):
            line = self._rows.find_line(number)
            if line.level != BREAK:
                self._shown[line.row] = 1
        self._taken = count

    def _list_useful(self) -> Iterator[int]:
        """Give the associations of the rows that are shown."""
        row = -1
        while self._shown is not None and (row := self._shown.find(1, row + 1)) >= 0:
            yield self._index.associations[row]

    def _take(self, row: int) -> bool:
        """Follow a row's PDU, and tell whether there are enough events now."""
        index = self._index
        if self._useful is not None and index.associations[row] not in self._useful:
            return False
        if not self._unfold:
            firsts = index.messages.firsts
            self._lead(number for number in index.list_messages(row) if firsts[number] < self.start)
        self._follow(row, wanted=self._is_shown(row))
        self.cut = len(self.found) >= MOST_EVENTS
        return self.cut

    def _is_shown(self, row: int) -> bool:
        """Tell whether there is a line for a row, or for what it belongs to."""
        if self._shown is None:
            return True
        index, mode = self._index, self._rows.mode
        numbers = index.list_messages(row)
        if mode == "association":
            return bool(self._shown[index.openings[index.associations[row]]])
        if mode == "message" and numbers:
            return any(self._shown[index.messages.firsts[number]] for number in numbers)
        return bool(self._shown[row])

    def _list_begun(self) -> Iterator[int]:
        """Give the messages that began before the part and go on in it."""
        messages = self._index.messages
        for number in range(1, bisect_left(messages.firsts, self.start, 1)):
            useful = self._useful is None or self._index.associations[messages.firsts[number]] in self._useful
            if messages.lasts[number] >= self.start and useful:
                yield number

    def _lead(self, numbers: Iterable[int]) -> None:
        """Follow what messages are made of before the part, with the others that the same PDUs carry some of."""
        rows, todo = set[int](), list(numbers)
        while todo:
            number = todo.pop()
            if number not in self._led:
                self._led.add(number)
                before = [row for row in self._index.list_carriers(number) if row < self.start]
                rows.update(before)
                todo += (each for row in before for each in self._index.list_messages(row))
        for row in sorted(rows):
            self._follow(row, wanted=False)

    def _follow(self, row: int, *, wanted: bool) -> None:
        """Follow a row's PDU."""
        self._add(self._ladder.follow(self._recall.make_entry(row).arrival, wanted=wanted))

    def _add(self, events: Iterable[Event]) -> None:
        """Add events, masked in privacy."""
        self.found.extend(map(mask_event, events) if self._private else events)


def is_narrowed(state: State) -> bool:
    """Tell whether there are PDUs that the main screen does not show, not even as part of something."""
    return bool(state.rows.text)


def find_start(state: State, row: int | None) -> int:
    """Find the row at which a part begins with a row in it."""
    rows = state.rows
    if row is None or not is_narrowed(state):
        return max((row or 0) - BEFORE, 0)
    return min(rows.find_row(max(rows.find_number(row) - BEFORE, 0)), row) if len(rows) else 0


def find_first(state: State) -> int:
    """Give the first row that is shown."""
    return state.rows.find_row(0) if is_narrowed(state) and len(state.rows) else 0


def find_event(events: list[Event], row: int, association: int) -> int:
    """Find the number of the event that a row's PDU is part of, the shortest of several; else of the last before it."""
    held = [
        (each.last - each.first, at)
        for at, each in enumerate(events)
        if each.first <= row + 1 <= each.last and each.association == association
    ]
    if held:
        return min(held)[1]
    return max((at for at, each in enumerate(events) if each.first <= row + 1), default=0)


def find_message(index: Index, events: Sequence[Event], at: int) -> int:
    """Find the number of the message that an event is, told by its place from others of the same PDU; 0 for none."""
    event = events[at]
    if event.kind != "command":
        return 0
    row = event.first - 1
    numbers = [each for each in index.list_messages(row) if index.messages.firsts[each] == row]
    others = 0
    while others < at and events[at - others - 1].first == event.first:
        others += 1
    return numbers[min(others, len(numbers) - 1)] if numbers else 0
