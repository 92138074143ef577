"""What happens to the segments of a stream besides that they come: repeats, clashes, shut windows, delays."""

from dataclasses import dataclass

from dissect.capture.runs import Run
from dissect.capture.segments import Capture, Segment
from dissect.tcp.ends import IPV4_KEY

TWIN_TIME = 5_000_000
"""Within how many nanoseconds the same segment comes again as a copy of the same frame, where no packet ID tells."""

DELAY, LONGEST_DELAY, PROMPT = 35_000_000, 600_000_000, 5_000_000
"""Nanoseconds: an acknowledgement that came after one to the other was delayed (RFC 9293 3.8.6.3), and what is sent
within the third after it has waited for it."""

SHOWN = 8
"""Bytes of each kind that are kept where a range came twice with different bytes."""

MOST_CLASHES = 64
"""How many such ranges are kept of a stream."""

ID_BEFORE = 16
"""How far before the TCP header the ID of an IPv4 packet stands."""


@dataclass(slots=True)
class Happening:
    """What happened more than once to a stream: how often, first in which frame, and bytes or nanoseconds in all."""

    frame: int
    count: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Clash:
    """A range that came twice with different bytes: the first of both, and in which frames."""

    start: int
    stop: int
    first: bytes
    first_frame: int
    second: bytes
    second_frame: int


class History:
    """What happened to a stream."""

    __slots__ = ("_capture", "_repeated", "clashes", "seen", "shut", "waited")

    def __init__(self, capture: Capture) -> None:
        """Start with nothing."""
        self._capture = capture
        self._repeated: tuple[int, int] | None = None
        """Place and frame of the last segment that brought known bytes."""
        self.seen: dict[str, Happening] = {}
        """What happened: segments `sent again`, `doubled` by the capture, `late` (their hole was given up), `urgent`,
        in `clash` with what came before; the own receive window `shut`; sending `delayed` by an acknowledgement."""
        self.clashes: list[Clash] = []
        self.shut = 0
        """The frame since which the side that sends can receive nothing, 0 where it can."""
        self.waited = 0
        """The frame with an acknowledgement that let this side wait, perhaps; else 0."""

    def happen(self, what: str, frame: int, amount: int = 0) -> None:
        """Count something that happened."""
        happening = self.seen.get(what)
        if happening is None:
            happening = self.seen[what] = Happening(frame)
        happening.count += 1
        happening.amount += amount

    def judge_repeat(self, offset: int, known: list[Run], segment: Segment) -> None:
        """Tell what a segment is that brings known bytes: a copy of a frame, sent again, late, or different."""
        read = self._capture.file.read
        late = sum(stop - start for start, stop, place, _ in known if place < 0)
        if late:
            self.happen("late", segment.frame, late)
        for start, stop, place, frame in known:
            ours = segment.place + start - offset
            if place >= 0 and (old := read(place, place + stop - start)) != (new := read(ours, ours + stop - start)):
                self._clash(start, bytes(old), frame, bytes(new), segment.frame)
        start, _, place, frame = known[0]
        earlier = [(place, frame)] if start == offset and place >= 0 else []
        earlier += [self._repeated] if self._repeated is not None else []
        self._repeated = segment.place, segment.frame
        if any(self._is_twin(*each, segment) for each in earlier):
            self.happen("doubled", segment.frame)
        elif not late:
            self.happen("sent again", segment.frame, sum(stop - start for start, stop, _, _ in known))

    def _is_twin(self, place: int, frame: int, segment: Segment) -> bool:
        """Tell whether a segment is a frame captured twice: the same header, in the same packet as far as IDs tell."""
        read, head = self._capture.file.read, segment.head
        if read(place - head, place) != read(segment.place - head, segment.place):
            return False
        ours, theirs = place - head - ID_BEFORE, segment.place - head - ID_BEFORE
        number = bytes(read(ours, ours + 2)) if len(segment.key) == IPV4_KEY else bytes(2)
        if number != bytes(2):
            return number == read(theirs, theirs + 2)
        return abs(self._tell_time(frame, segment.frame)) <= TWIN_TIME

    def _clash(self, start: int, old: bytes, old_frame: int, new: bytes, new_frame: int) -> None:
        """Keep where bytes that came again differ from the first."""
        differ = [at for at in range(len(old)) if old[at] != new[at]]
        low, high = differ[0], differ[-1] + 1
        self.happen("clash", new_frame, high - low)
        if len(self.clashes) < MOST_CLASHES:
            first, second = old[low:high][:SHOWN], new[low:high][:SHOWN]
            self.clashes.append(Clash(start + low, start + high, first, old_frame, second, new_frame))

    def watch_window(self, window: int, frame: int) -> None:
        """Note when the side that sends can receive nothing, and for how long."""
        if self.shut and window:
            self.seen["shut"].amount += self._tell_time(self.shut, frame)
            self.shut = 0
        elif not self.shut and not window:
            self.happen("shut", frame)
            self.shut = frame

    def resume(self, sent: int, answered: int, frame: int) -> None:
        """Note that the side, which sent something in frame `sent`, went on at once after a late acknowledgement.

        It did not wait for that where the other side, which sent something last in frame `answered`, had answered it.
        """
        waited, self.waited = self.waited, 0
        if answered < waited and self._tell_time(waited, frame) <= PROMPT:
            self.happen("delayed", waited, self._tell_time(sent, waited))

    def _tell_time(self, first: int, second: int) -> int:
        """Give the nanoseconds from one frame to another."""
        return self._capture.times[second - 1] - self._capture.times[first - 1]
