"""TCP segments, in: connections of two byte streams each, with order, repeats and gaps resolved, out."""

import ipaddress
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from dissect.capture import Capture, Segment
from dissect.datagrams import LACKING, Run, Runs
from dissect.spans import Source, Span, clip

FIN, SYN, RST, ACK, URG = 1, 2, 4, 16, 32
MASK = 0xFFFFFFFF
HALF = 1 << 31

NEVER = 1 << 62
"""An offset that no stream reaches: what is wanted of a stream to which nobody listens."""

PATIENCE = 4 << 20
"""How many bytes must have come behind a hole that the peer has acknowledged before the hole is given up: a mirror
port may deliver a copy late, but not that late."""

MOST_PENDING = 1 << 16
"""How many runs may wait behind a hole: more are an index that grows for nothing."""

GRACE = 1000
"""How many frames after its end a connection's holes are given up: a capture may hold the last frames out of order."""

LATE_START = 8
"""How many segments of a stream without its SYN are waited for to tell which comes first, unless the peer tells."""

TWIN_TIME = 5_000_000
"""Within how many nanoseconds the same segment comes again as a copy of the same frame, where no packet ID tells."""

DELAY, LONGEST_DELAY, PROMPT = 35_000_000, 600_000_000, 5_000_000
"""Nanoseconds: an acknowledgement that came after one to the other was delayed (RFC 9293 3.8.6.3), and what is sent
within the third after it has waited for it."""

SHOWN = 8
"""Bytes of each kind that are kept where a range came twice with different bytes."""

MOST_CLASHES = 64
"""How many such ranges are kept of a stream."""


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


class Stream(Source):
    """The bytes of one direction of a connection: not the bytes, but where in the capture's files they stand.

    A piece is a run of bytes that stands in a file as one. Pieces follow each other without holes, for a hole that
    is given up becomes a piece without a place, and is listed in `gaps`.
    """

    __slots__ = (
        "acknowledged", "base", "capture", "clashes", "closed", "connection", "early", "end", "expected", "final",
        "gaps", "hole", "numbers", "opened", "peer", "pending", "places", "reach", "seen", "sender", "shut", "starts",
        "waited", "wanted",
    )  # fmt: skip

    label = "stream"
    peer: "Stream"

    def __init__(self, capture: Capture, connection: "Connection", sender: str) -> None:
        """Start without bytes."""
        self.capture = capture
        self.connection = connection
        self.sender = sender
        """`address:port` of the side that sends."""
        self.base: int | None = None
        """The sequence number of the byte at offset 0; None before it is known which byte that is."""
        self.expected = -1
        """The sequence number of the byte at `end`; before `base` is known, that of the first segment."""
        self.opened = False
        """Whether the capture holds the SYN, and so the stream's beginning."""
        self.end = 0
        """The offset up to which the bytes are known, or given up."""
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
        self.pending: Runs | None = None
        """What came early."""
        self.early = 0
        """How many segments came before `base` was known."""
        self.gaps: list[tuple[int, int]] = []
        """The holes that were given up."""
        self.clashes: list[Clash] = []
        self.seen: dict[str, Happening] = {}
        """What happened: segments `sent again`, `doubled` by the capture, `late` (their hole was given up), `urgent`,
        in `clash` with what came before; the own receive window `shut`; sending `delayed` by an acknowledgement."""
        self.shut = 0
        """The frame since which the side that sends can receive nothing, 0 where it can."""
        self.waited = 0
        """The frame with an acknowledgement that let this side wait, perhaps; else 0."""
        self.starts = array("q")
        self.places = array("q")
        self.numbers = array("I")

    @property
    def size(self) -> int:
        """Give the number of bytes up to the first hole that may still be filled."""
        return self.end

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes of a range, missing ones as zeros."""
        read = self.capture.file.read
        return b"".join(
            read(place, place + count) if place >= 0 else bytes(count)
            for place, count, _ in self._pieces(start, min(stop, self.end))
        )

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        """Map a range to ranges of the capture file; missing bytes have none."""
        for place, count, _ in self._pieces(start, stop):
            if place >= 0:
                yield Span(self.capture.file, place, place + count)

    def frames(self, start: int, stop: int) -> list[int]:
        """Give the numbers of the frames that carried a range, ascending."""
        return sorted({number for _, _, number in self._pieces(start, stop) if number})

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Give place, count and frame number of each part of a range."""
        index = max(bisect_right(self.starts, start) - 1, 0)
        while start < stop and index < len(self.starts):
            skip = start - self.starts[index]
            count = min(self.starts[index + 1] if index + 1 < len(self.starts) else self.end, stop) - start
            place = self.places[index]
            yield place + skip if place >= 0 else -1, count, self.numbers[index]
            start += count
            index += 1

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Give the parts of a range that the capture does not hold."""
        return clip(self.gaps, start, stop) if self.gaps else []

    def find_gap(self, at: int) -> tuple[int, int] | None:
        """Give the first gap that ends behind an offset."""
        index = bisect_right(self.gaps, at, key=lambda gap: gap[1])
        return self.gaps[index] if index < len(self.gaps) else None

    def append(self, place: int, count: int, frame: int) -> None:
        """Append bytes that come next; without a place they are missing."""
        self.starts.append(self.end)
        self.places.append(place)
        self.numbers.append(frame)
        self.end += count
        self.expected = self.expected + count & MASK

    def happen(self, what: str, frame: int, amount: int = 0) -> None:
        """Count something that happened."""
        happening = self.seen.get(what)
        if happening is None:
            happening = self.seen[what] = Happening(frame)
        happening.count += 1
        happening.amount += amount

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
        offset = self.end + (segment.sequence - self.expected + HALF & MASK) - HALF + bool(segment.flags & SYN)
        stop = offset + segment.length
        if segment.flags & FIN and self.final is None:
            self.final = stop + segment.lack
        if segment.length + segment.lack and not self._is_probe(offset, stop):
            if segment.flags & URG:
                self.happen("urgent", segment.frame)
            self.reach = max(self.reach, stop + segment.lack)
            self._take(offset, segment)
        self.closed = self.closed or self.end == self.final
        return self._lose_patience() or (unknown and self.base is not None)

    def _is_probe(self, offset: int, stop: int) -> bool:
        """Tell whether a segment only asks whether the peer is there: its one byte may be anything (RFC 9293 3.8.4)."""
        known = (self.end, self.reach) if self.base is not None else (self.pending.starts[0],) if self.pending else ()
        return stop - offset == 1 and stop in known

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
            self._judge_repeat(offset, known, segment)
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
        for place, count, frame in self._pieces(start, stop):
            found.append((start, start + count, place, frame))
            start += count
        return found

    def _judge_repeat(self, offset: int, known: list[Run], segment: Segment) -> None:
        """Tell what a segment is that brings known bytes: a copy of a frame, sent again, late, or different."""
        read = self.capture.file.read
        late = sum(stop - start for start, stop, place, _ in known if place < 0)
        if late:
            self.happen("late", segment.frame, late)
        for start, stop, place, frame in known:
            ours = segment.place + start - offset
            if place >= 0 and (old := read(place, place + stop - start)) != (new := read(ours, ours + stop - start)):
                self._clash(start, bytes(old), frame, bytes(new), segment.frame)
        start, _, place, frame = known[0]
        if start == offset and place >= 0 and self._is_twin(place, frame, segment):
            self.happen("doubled", segment.frame)
        elif not late:
            self.happen("sent again", segment.frame, sum(stop - start for start, stop, _, _ in known))

    def _is_twin(self, place: int, frame: int, segment: Segment) -> bool:
        """Tell whether a segment is a frame captured twice: the same header, in the same packet as far as IDs tell."""
        read, head = self.capture.file.read, segment.head
        if read(place - head, place) != read(segment.place - head, segment.place):
            return False
        ours, theirs = place - head - ID_BEFORE, segment.place - head - ID_BEFORE
        number = bytes(read(ours, ours + 2)) if len(segment.key) == IPV4_KEY else bytes(2)
        if number != bytes(2):
            return number == read(theirs, theirs + 2)
        return abs(self.capture.times[segment.frame - 1] - self.capture.times[frame - 1]) <= TWIN_TIME

    def _clash(self, start: int, old: bytes, old_frame: int, new: bytes, new_frame: int) -> None:
        """Keep where bytes that came again differ from the first."""
        differ = [at for at in range(len(old)) if old[at] != new[at]]
        low, high = differ[0], differ[-1] + 1
        self.happen("clash", new_frame, high - low)
        if len(self.clashes) < MOST_CLASHES:
            first, second = old[low:high][:SHOWN], new[low:high][:SHOWN]
            self.clashes.append(Clash(start + low, start + high, first, old_frame, second, new_frame))

    def acknowledge(self, number: int) -> bool:
        """Note how far the peer has acknowledged; tell whether that tells where the stream begins."""
        offset = self.end + (number - self.expected + HALF & MASK) - HALF
        if self.base is None:
            if self.pending is not None and offset >= self.pending.starts[0]:
                self.begin()
            return self.base is not None
        self.acknowledged = max(self.acknowledged, offset)
        return False

    def watch_window(self, window: int, frame: int) -> None:
        """Note when the side that sends can receive nothing, and for how long."""
        if self.shut and window:
            times = self.capture.times
            self.seen["shut"].amount += times[frame - 1] - times[self.shut - 1]
            self.shut = 0
        elif not self.shut and not window:
            self.happen("shut", frame)
            self.shut = frame

    def watch_delay(self, frame: int) -> None:
        """Note an acknowledgement of all that was sent, if it came late."""
        times = self.capture.times
        if self.numbers and DELAY <= times[frame - 1] - times[self.numbers[-1] - 1] <= LONGEST_DELAY:
            self.waited = frame

    def resume(self, frame: int) -> None:
        """Note that the side went on sending at once when a late acknowledgement came."""
        waited, self.waited = self.waited, 0
        times, others = self.capture.times, self.peer.numbers
        if times[frame - 1] - times[waited - 1] <= PROMPT and not (others and others[-1] >= waited):
            self.happen("delayed", waited, times[waited - 1] - times[self.numbers[-1] - 1])

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


ID_BEFORE, IPV4_KEY = 16, 12
"""How far before the TCP header the ID of an IPv4 packet stands, and how long the keys of such segments are."""


class Connection:
    """A TCP connection: two streams, and how it began and ended."""

    __slots__ = ("deaf", "fin", "finished", "number", "reset", "sealed", "started", "streams", "syn_by")

    def __init__(self, capture: Capture, key: bytes, started: int, number: int) -> None:
        """Begin with a segment of either side."""
        sender, receiver = name_ends(key)
        ours, theirs = Stream(capture, self, sender), Stream(capture, self, receiver)
        ours.peer, theirs.peer = theirs, ours
        self.streams = (ours, theirs)
        self.number = number
        """Its place among the connections that carried anything, from 1."""
        self.started = started
        """The number of its first frame in the capture."""
        self.syn_by: Stream | None = None
        """Who opened it, where the capture tells; both sides may have."""
        self.fin: Segment | None = None
        """The first segment that closed a direction."""
        self.reset: Segment | None = None
        """The segment that reset it."""
        self.finished = False
        self.deaf = False
        """Whether nobody wants to hear of it any more."""
        self.sealed = False
        """Whether it is TLS."""

    def find_sender(self, segment: Segment) -> Stream:
        """Give the stream of a segment's sender."""
        return next(stream for stream in self.streams if stream.sender == name_ends(segment.key)[0])

    def has_port(self, ports: frozenset[int]) -> bool:
        """Tell whether either side has one of these ports."""
        return any(int(stream.sender.rpartition(":")[2]) in ports for stream in self.streams)

    def dismiss(self) -> None:
        """Keep nothing of this connection: it is of no interest."""
        self.deaf = True
        for stream in self.streams:
            stream.wanted = NEVER
            stream.pending, stream.hole = None, 0
            stream.starts = stream.places = array("q")
            stream.numbers = array("I")


def name_ends(key: bytes) -> tuple[str, str]:
    """Give `address:port` of the sender and of the receiver; an IPv6 address stands in brackets."""
    half = (len(key) - 4) // 2
    sender, receiver = (str(ipaddress.ip_address(key[at : at + half])) for at in (0, half))
    ports = (int.from_bytes(key[-4:-2], "big"), int.from_bytes(key[-2:], "big"))
    bracketed = (f"[{address}]" if half == 16 else address for address in (sender, receiver))
    first, second = (f"{address}:{port}" for address, port in zip(bracketed, ports, strict=True))
    return first, second


def turn_key(key: bytes) -> bytes:
    """Give the key of the other direction."""
    half = (len(key) - 4) // 2
    return key[half : half * 2] + key[:half] + key[-2:] + key[-4:-2]


@dataclass(frozen=True, slots=True)
class Greeting:
    """A SYN of a connection that has carried nothing yet: the number after it, its frame, whether it answers one."""

    first: int
    frame: int
    answers: bool


class Streams:
    """All connections of a capture: iterating reads it, and gives a stream whenever it has what is wanted of it."""

    def __init__(self, capture: Capture) -> None:
        """Start before the first frame."""
        self._capture = capture
        self._flows: dict[bytes, Stream] = {}
        self._greetings: dict[bytes, Greeting] = {}
        """What is known of connections that have carried nothing, by direction."""
        self._ended: deque[tuple[int, Connection]] = deque()
        self._carrying = 0
        self._deaf = Connection(capture, bytes(IPV4_KEY), 0, 0)
        """What stands for all connections that were dismissed."""
        self._deaf.deaf = True
        self.connections = 0
        """How many connections were seen."""
        self.refused = 0
        """How many of them were reset before anything was said."""
        self.over = False
        """Whether the capture has been read to its end."""

    def __iter__(self) -> Iterator[tuple[Stream, int]]:
        """Give a stream that has what is wanted of it or is closed.

        With it comes the frame that brought that; 0 where it was there before, and only now is known to be all.
        """
        flows, times = self._flows, self._capture.times
        for segment in self._capture.segments():
            stream, old = flows.get(segment.key), False
            if stream is None or segment.flags & (FIN | SYN | RST):
                unknown = stream is not None and stream.base is None
                stream = self._meet(segment, stream)
                old = unknown and stream is not None and stream.base is not None
                yield from self._finish_ended(segment.frame)
            if stream is None or stream.connection.deaf:
                continue
            peer = stream.peer
            if peer.hole and segment.flags & ACK and peer.acknowledge(segment.acknowledged):
                yield peer, 0
            old = self._take(stream, segment) or old
            if stream.end >= stream.wanted or stream.closed:
                yield stream, 0 if old else len(times)
                self._forget_deaf(stream.connection, segment.key)
        self.over = True
        for stream in flows.values():
            yield from self._finish(stream.connection)

    def _take(self, stream: Stream, segment: Segment) -> bool:
        """Let a stream take a segment, and tell whether it now has bytes that were there before."""
        frame, _, sequence, acknowledged, flags, window, _, place, count, lack = segment
        if not window or stream.shut:
            stream.watch_window(window or flags & (SYN | RST), frame)
        if (
            flags & (FIN | SYN | RST | URG) or lack or stream.hole or sequence != stream.expected
            or stream.final is not None
        ):  # fmt: skip
            return self._accept(stream, segment)
        if count:
            if stream.waited:
                stream.resume(frame)
            stream.append(place, count, frame)
        elif acknowledged == stream.peer.expected:
            stream.peer.watch_delay(frame)
        return False

    def _accept(self, stream: Stream, segment: Segment) -> bool:
        """Let a stream take a segment that is not simply the next one, and tell whether that gave up a hole."""
        if segment.flags & RST:
            return False  # what it carries explains it, and is no part of the stream (RFC 9293 3.5.3)
        if segment.flags & FIN and stream.peer.final is not None:
            self._ended.append((segment.frame + GRACE, stream.connection))
        if not segment.length + segment.lack and not segment.flags & FIN:
            return False
        return stream.accept(segment)

    def _meet(self, segment: Segment, stream: Stream | None) -> Stream | None:
        """Find the stream of a segment that opens or ends a connection, or is the first of one.

        A connection that has carried nothing has no streams yet, so that a million of them cost little.
        """
        if segment.flags & SYN:
            first = segment.sequence + 1 & MASK
            if stream is None or stream.connection.deaf or stream.base not in (None, first):
                if stream is not None:
                    self._end(stream.connection, segment.key)
                self._greet(segment, first)
                stream = None
            else:
                stream.open(first)
        if stream is None:
            if segment.flags & RST:
                self._refuse(segment.key)
            elif segment.length + segment.lack:
                stream = self._connect(segment)
        elif not stream.connection.deaf:
            connection = stream.connection
            if segment.flags & FIN and connection.fin is None:
                connection.fin = segment
            if segment.flags & RST and connection.reset is None:
                connection.reset = segment
                self._ended.append((segment.frame + GRACE, connection))
        return stream

    def _greet(self, segment: Segment, first: int) -> None:
        """Take a SYN of a connection that has carried nothing."""
        key, turned = segment.key, turn_key(segment.key)
        before = self._greetings.get(key)
        if before is not None and before.first == first:
            return
        if before is not None:
            self._greetings.pop(turned, None)
        if turned not in self._greetings:
            self.connections += 1
        self._greetings[key] = Greeting(first, segment.frame, bool(segment.flags & ACK))

    def _refuse(self, key: bytes) -> None:
        """Take the reset of a connection that has carried nothing: if the other side alone greeted, it is refused."""
        if key not in self._greetings and self._greetings.pop(turn_key(key), None) is not None:
            self.refused += 1

    def _connect(self, segment: Segment) -> Stream:
        """Begin the streams of a connection with the first segment that carries anything."""
        keys = [segment.key, turn_key(segment.key)]
        greetings = {key: self._greetings.pop(key, None) for key in keys}
        self.connections += not any(greetings.values())
        self._carrying += 1
        frames = {key: greeting.frame for key, greeting in greetings.items() if greeting is not None}
        keys.sort(key=lambda key: frames.get(key, segment.frame))
        started = min(frames.values(), default=segment.frame)
        connection = Connection(self._capture, keys[0], started, self._carrying)
        openers = set()
        for key, stream in zip(keys, connection.streams, strict=True):
            self._flows[key] = stream
            greeting = greetings[key]
            if greeting is not None:
                stream.open(greeting.first)
                openers.add(stream.peer if greeting.answers else stream)
        connection.syn_by = openers.pop() if len(openers) == 1 else None
        return self._flows[segment.key]

    def _end(self, connection: Connection, key: bytes) -> None:
        """Make room for another connection between the same ports."""
        del self._flows[key], self._flows[turn_key(key)]
        if not connection.deaf:
            self._ended.appendleft((0, connection))

    def _forget_deaf(self, connection: Connection, key: bytes) -> None:
        """Keep nothing of a connection that was dismissed but that it was."""
        if connection.deaf:
            self._flows[key], self._flows[turn_key(key)] = self._deaf.streams

    def _finish_ended(self, frame: int) -> Iterator[tuple[Stream, int]]:
        """Give up the holes of connections that ended long enough before a frame."""
        while self._ended and self._ended[0][0] < frame:
            yield from self._finish(self._ended.popleft()[1])

    def _finish(self, connection: Connection) -> Iterator[tuple[Stream, int]]:
        """Give up a connection's holes."""
        if connection.deaf or (connection.finished and not any(stream.hole for stream in connection.streams)):
            return
        connection.finished = True
        for stream in connection.streams:
            stream.finish()
        for stream in connection.streams:
            yield stream, 0
