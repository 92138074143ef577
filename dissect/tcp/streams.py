"""TCP segments of a direction, in: a byte stream, with order, repeats and gaps resolved, out."""

from array import array

from dissect.capture.runs import LACKING, Run, Runs
from dissect.capture.segments import FIN, MASK, SYN, URG, Capture, Segment
from dissect.tcp.ends import find_ports, name_ends, turn_key
from dissect.tcp.history import Clash, Happening, History
from dissect.tcp.pieces import Pieces

HALF = 1 << 31
"""How far apart two sequence numbers are at most: which of them comes first is told by that."""

NEVER = 1 << 62
"""An offset that no stream reaches: what is wanted of a stream to which nobody listens."""

PATIENCE = 4 << 20
"""How many bytes must have come behind a hole that the peer has acknowledged before the hole is given up: a mirror
port may deliver a copy late, but not that late."""

MOST_PENDING = 1 << 16
"""How many runs may wait behind a hole: more are an index that grows for nothing."""

LATE_START = 8
"""How many segments of a stream without its SYN are waited for to tell which comes first, unless the peer tells."""


class Stream(Pieces):
    """The bytes of one direction of a connection: segments come in, and become pieces in the order of their bytes."""

    __slots__ = (
        "acknowledged", "base", "closed", "connection", "early", "eventful", "expected", "final", "history", "hole",
        "key", "opened", "peer", "pending", "reach", "wanted",
    )  # fmt: skip

    label = "stream"
    peer: "Stream"

    def __init__(self, capture: Capture, connection: "Connection", key: bytes) -> None:
        """Start without bytes."""
        super().__init__(capture)
        self.key = key
        """The key of its segments."""
        self.connection = connection
        self.base: int | None = None
        """The sequence number of the byte at offset 0; None before it is known which byte that is."""
        self.expected = -1
        """The sequence number of the byte at `end`; before `base` is known, that of the first segment."""
        self.opened = False
        """Whether the capture holds the SYN, and so the stream's beginning."""
        self.final: int | None = None
        """The offset at which the FIN stands."""
        self.closed = False
        """Whether no more bytes will come."""
        self.wanted = 0
        """The offset that must be reached before the stream is worth a look again."""
        self.acknowledged = 0
        """The offset up to which the peer has acknowledged; followed only while there is a hole."""
        self.reach = 0
        """The end of the farthest segment."""
        self.hole = 0
        """The frame in which the first segment behind a hole came; 0 where there is no hole."""
        self.eventful = True
        """Whether more than the next bytes must be looked at: there is a hole, no beginning, an end, a shut window."""
        self.pending: Runs | None = None
        """What came early."""
        self.early = 0
        """How many segments came before `base` was known."""
        self.history: History | None = None
        """What happened to its segments; None where nothing did."""

    @property
    def sender(self) -> str:
        """Give `address:port` of the side that sends; an IPv6 address stands in brackets."""
        return name_ends(self.key)[0]

    @property
    def seen(self) -> dict[str, Happening]:
        """Give what happened to its segments, by kind."""
        return self.history.seen if self.history is not None else {}

    @property
    def clashes(self) -> list[Clash]:
        """Give ranges that came twice with different bytes."""
        return self.history.clashes if self.history is not None else []

    def notice(self) -> None:
        """Find out whether more than the next bytes must be looked at."""
        history = self.history
        watched = history is not None and bool(history.shut or history.waited)
        self.eventful = bool(self.hole) or watched or self.final is not None or self.base is None

    def remember(self) -> History:
        """Give the history, a new one where nothing has happened yet."""
        if self.history is None:
            self.history = History(self.capture)
        return self.history

    def locate(self, sequence: int) -> int:
        """Give the offset of a sequence number that is not far from the end."""
        return self.end + (sequence - self.expected + HALF & MASK) - HALF

    def append(self, place: int, count: int, frame: int) -> None:
        """Append bytes that come next; without a place they are missing."""
        self.starts.append(self.end)
        self.places.append(place)
        self.numbers.append(frame)
        self.end += count
        self.expected = self.expected + count & MASK

    def open(self, first: int) -> None:
        """Take a SYN, before the byte of sequence number `first`, for the beginning."""
        self.opened = True
        if self.base is None:
            self._found(first)

    def _found(self, base: int) -> None:
        """Take a sequence number for that of the byte at offset 0."""
        shift = 0 if self.expected < 0 else (base - self.expected + HALF & MASK) - HALF
        self.base = self.expected = base
        self.reach -= shift
        if self.final is not None:
            self.final -= shift
        if self.pending is not None:
            self.pending.starts = [start - shift for start in self.pending.starts]
            self.pending.stops = [stop - shift for stop in self.pending.stops]
            self._settle()

    def accept(self, segment: Segment) -> bool:
        """Append a segment's bytes where they come next, keep them where they come early, drop a repeat.

        Returns
        -------
        bool
            Whether bytes were appended that were there before: a hole was given up, or the first byte was told.

        """
        unknown = self.base is None
        if self.expected < 0:
            self.expected = segment.sequence
        offset = self.locate(segment.sequence) + bool(segment.flags & SYN)
        stop = offset + segment.length
        if segment.flags & FIN and self.final is None:
            self.final = stop + segment.lack
        if segment.length + segment.lack and not self._is_probe(offset, stop):
            if segment.flags & URG:
                self.remember().happen("urgent", segment.frame)
            self.reach = max(self.reach, stop + segment.lack)
            self._take(offset, segment)
        self.closed = self.closed or self.end == self.final
        return self._lose_patience() or (unknown and self.base is not None)

    def _is_probe(self, offset: int, stop: int) -> bool:
        """Tell whether a segment only asks whether the peer is there: its one byte may be anything (RFC 9293 3.8.4)."""
        known = (self.end, self.reach) if self.base is not None else (self.pending.starts[0],) if self.pending else ()
        beyond = self.final is not None and stop == self.final + 1  # the FIN has a number too
        return stop - offset == 1 and (beyond or stop in known)

    def _take(self, offset: int, segment: Segment) -> None:
        """Put a segment's bytes in their place."""
        frame, place, stop = segment.frame, segment.place, offset + segment.length
        known: list[Run] = []
        start = offset
        if self.base is not None and offset < self.end:
            known, start = self._list_known(offset, min(stop, self.end)), self.end
        if self.base is not None and start == self.end < stop and not self.hole:
            self.append(place + start - offset, stop - start, frame)
        elif start < stop or segment.lack:
            if self.pending is None:
                self.pending = Runs()
            self.hole = self.hole or frame
            known += self.pending.fill(start, stop, place + start - offset, frame)
        if known:
            self.remember().judge_repeat(offset, known, segment)
        if segment.lack:
            self._lack(max(stop, start), stop + segment.lack, frame)
        if self.base is None:
            self.early += 1
            if self.early >= LATE_START or self.final is not None:
                self.begin()
        elif self.hole:
            self._settle()

    def _lack(self, start: int, stop: int, frame: int) -> None:
        """Take for lost what the capture has cut off the end of a segment."""
        if self.pending is not None and self.hole:
            self.pending.fill(start, stop, LACKING, frame)
        elif stop > self.end:
            self.lose(stop)

    def begin(self) -> None:
        """Take the earliest byte so far for the first, where the capture does not hold the stream's beginning."""
        if self.base is None and self.pending is not None:
            self._found(self.expected + self.pending.starts[0] & MASK)

    def _settle(self) -> None:
        """Append what is pending and has no hole before it any more."""
        assert self.pending is not None
        for start, stop, place, frame in self.pending.take(self.end):
            if stop > self.end and place == LACKING:
                self.lose(stop)
            elif stop > self.end:
                self.append(place + self.end - start, stop - self.end, frame)
        if not self.pending.starts:
            self.hole, self.pending = 0, None
        self.closed = self.closed or self.end == self.final

    def _list_known(self, start: int, stop: int) -> list[Run]:
        """Give the parts of a range that were passed: start, stop, place, frame; nothing is known before offset 0."""
        found = [(start, min(stop, 0), LACKING, 0)] if start < 0 else []
        start = max(start, 0)
        for place, count, frame in self.list_pieces(start, stop):
            found.append((start, start + count, place, frame))
            start += count
        return found

    def acknowledge(self, number: int) -> bool:
        """Note how far the peer has acknowledged; tell whether that tells where the stream begins."""
        offset = self.locate(number)
        if self.base is None:
            if self.pending is not None and offset >= self.pending.starts[0]:
                self.begin()
            return self.base is not None
        self.acknowledged = max(self.acknowledged, offset)
        return False

    def _lose_patience(self) -> bool:
        """Give holes up that were waited for long enough."""
        gave_up = False
        while self.pending is not None and self.base is not None:
            patient = self.reach - self.end <= PATIENCE or self.acknowledged < self.pending.starts[0]
            if patient and len(self.pending.starts) <= MOST_PENDING:
                break
            self.give_up()
            gave_up = True
        return gave_up

    def give_up(self) -> None:
        """Take the hole at the end for lost."""
        assert self.pending is not None
        self.lose(self.pending.starts[0])
        self._settle()

    def lose(self, stop: int) -> None:
        """List the bytes from the end up to an offset as missing."""
        if self.gaps and self.gaps[-1][1] == self.end:
            self.gaps[-1] = (self.gaps[-1][0], stop)
        else:
            self.gaps.append((self.end, stop))
        self.append(LACKING, stop - self.end, 0)

    def finish(self) -> None:
        """Take all holes for lost, one before the FIN among them: no more bytes will come."""
        self.begin()
        while self.pending is not None:
            self.give_up()
        last = max(self.reach, self.final or 0)
        if self.base is not None and last > self.end:
            self.lose(last)
        self.closed = True


class Connection:
    """A TCP connection: two streams, and how it began and ended."""

    __slots__ = (
        "deaf", "fin", "finished", "given_up", "greeted", "index", "number", "over", "reset", "sealed", "started",
        "streams", "syn_by",
    )  # fmt: skip

    def __init__(self, capture: Capture, key: bytes, started: int, number: int) -> None:
        """Begin with a segment of either side."""
        ours, theirs = Stream(capture, self, key), Stream(capture, self, turn_key(key))
        ours.peer, theirs.peer = theirs, ours
        self.streams = (ours, theirs)
        self.number = number
        """Its place among the connections that carried anything, from 1."""
        self.index = 0
        """Its place among all connections, from 0, as Wireshark counts them."""
        self.started = started
        """The number of its first frame in the capture."""
        self.greeted = 0
        """The number of the frame with the acknowledgement that ends the handshake, 0 where it was not seen."""
        self.syn_by: Stream | None = None
        """Who opened it, where the capture tells; both sides may have."""
        self.fin: Segment | None = None
        """The first segment that closed a direction."""
        self.reset: Segment | None = None
        """The segment that reset it."""
        self.finished = False
        self.over = False
        """Whether its last bytes were given: no more segments of it are waited for."""
        self.given_up = False
        """Whether it is over without an end: its ports are used again, or too many are open and it is idle."""
        self.deaf = False
        """Whether nobody wants to hear of it any more."""
        self.sealed = False
        """Whether it is TLS."""

    def find_sender(self, segment: Segment) -> Stream:
        """Give the stream of a segment's sender."""
        return next(stream for stream in self.streams if stream.key == segment.key)

    def has_port(self, ports: frozenset[int]) -> bool:
        """Tell whether either side has one of these ports."""
        return not ports.isdisjoint(find_ports(self.streams[0].key))

    def dismiss(self) -> None:
        """Keep nothing of this connection: it is of no interest."""
        self.deaf = True
        for stream in self.streams:
            stream.wanted = NEVER
            stream.end, stream.gaps = 0, []
            stream.pending, stream.hole = None, 0
            stream.starts = stream.places = array("q")
            stream.numbers = array("I")
