"""TCP segments, in: connections of two byte streams each, with order, repeats and gaps resolved, out."""

import ipaddress
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

from dissect.capture import Capture, Segment
from dissect.spans import Source, Span, clip

FIN, SYN, RST, ACK = 1, 2, 4, 16
MASK = 0xFFFFFFFF
HALF = 1 << 31

NEVER = 1 << 62
"""An offset that no stream reaches: what is wanted of a stream to which nobody listens."""

PATIENCE = 4 << 20
"""How many bytes must have come behind a hole that the peer has acknowledged before the hole is given up: a mirror
port may deliver a copy late, but not that late."""

GRACE = 1000
"""How many frames after its end a connection's holes are given up: a capture may hold the last frames out of order."""


class Stream(Source):
    """The bytes of one direction of a connection: not the bytes, but where in the capture file they stand.

    A piece is a run of bytes that stands in the file as one. Pieces follow each other without holes, for a hole that
    is given up becomes a piece without a place, and is listed in `gaps`.
    """

    __slots__ = (
        "acknowledged", "base", "capture", "closed", "connection", "end", "expected", "final", "gaps", "late",
        "numbers", "opened", "peer", "pending", "places", "reach", "repeats", "sender", "starts", "wanted",
    )  # fmt: skip

    peer: "Stream"

    def __init__(self, capture: Capture, connection: "Connection", sender: str) -> None:
        """Start without bytes."""
        self.capture = capture
        self.connection = connection
        self.sender = sender
        """`address:port` of the side that sends."""
        self.base: int | None = None
        """The sequence number of the byte at offset 0."""
        self.expected = -1
        """The sequence number of the byte at `end`."""
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
        self.pending: list[tuple[int, int, int, int]] = []
        """What came early, as a heap: offset, frame, place, count."""
        self.gaps: list[tuple[int, int]] = []
        """The holes that were given up."""
        self.repeats = 0
        """How many segments brought bytes that were there already."""
        self.late = 0
        """How many bytes came after their hole was given up."""
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

    def accept(self, segment: Segment) -> None:
        """Append a segment's bytes where they come next, keep them where they come early, drop a repeat."""
        if self.base is None:
            self.base = self.expected = segment.sequence
        offset = self.end + (segment.sequence - self.expected + HALF & MASK) - HALF
        if segment.flags & SYN:
            offset += 1
        if segment.flags & FIN and self.final is None:
            self.final = offset + segment.length
        if segment.length:
            self.reach = max(self.reach, offset + segment.length)
            heappush(self.pending, (offset, segment.frame, segment.place, segment.length))
            self._settle()
            if self.reach - self.end > PATIENCE and self.pending and self.acknowledged >= self.pending[0][0]:
                self.give_up()
        self.closed = self.closed or self.end == self.final

    def _settle(self) -> None:
        """Append what is pending and has no hole before it any more."""
        while self.pending and self.pending[0][0] <= self.end:
            offset, frame, place, count = heappop(self.pending)
            known = self.end - offset
            if known:
                self.repeats += 1
                self.late += sum(high - low for low, high in self.missing(offset, min(offset + count, self.end)))
            if known < count:
                self.append(place + known, count - known, frame)

    def append(self, place: int, count: int, frame: int) -> None:
        """Add a piece at the end; place -1 and frame 0 for bytes that are missing."""
        self.starts.append(self.end)
        self.places.append(place)
        self.numbers.append(frame)
        self.end += count
        self.expected = self.expected + count & MASK

    def acknowledge(self, number: int) -> None:
        """Follow what the peer says it has received."""
        offset = self.end + (number - self.expected + HALF & MASK) - HALF
        self.acknowledged = max(self.acknowledged, offset)

    def give_up(self) -> None:
        """Take the hole at the end for lost."""
        self.lose(self.pending[0][0])
        self._settle()

    def lose(self, stop: int) -> None:
        """List the bytes from the end up to an offset as missing."""
        self.gaps.append((self.end, stop))
        self.append(-1, stop - self.end, 0)

    def finish(self) -> None:
        """Take all holes for lost, one before the FIN among them: no more bytes will come."""
        while self.pending:
            self.give_up()
        if self.final is not None and self.final > self.end:
            self.lose(self.final)
        self.closed = True


class Connection:
    """A TCP connection: two streams, and how it began and ended."""

    __slots__ = ("deaf", "finished", "reset_by", "started", "streams", "syn_by")

    def __init__(self, capture: Capture, segment: Segment) -> None:
        """Begin with a segment of either side."""
        sender, receiver = name_ends(segment.key)
        ours, theirs = Stream(capture, self, sender), Stream(capture, self, receiver)
        ours.peer, theirs.peer = theirs, ours
        self.streams = (ours, theirs)
        self.started = segment.frame
        """The number of its first frame in the capture."""
        self.syn_by: Stream | None = None
        """Who opened it, where the capture holds the SYN."""
        self.reset_by: Stream | None = None
        self.finished = False
        self.deaf = False
        """Whether nobody wants to hear of it any more."""

    def has_port(self, ports: frozenset[int]) -> bool:
        """Tell whether either side has one of these ports."""
        return any(int(stream.sender.rpartition(":")[2]) in ports for stream in self.streams)

    def dismiss(self) -> None:
        """Keep nothing of this connection: it is of no interest."""
        self.deaf = True
        for stream in self.streams:
            stream.wanted = NEVER
            stream.pending = []
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


class Streams:
    """All connections of a capture: iterating reads it, and gives a stream whenever it has what is wanted of it."""

    def __init__(self, capture: Capture) -> None:
        """Start before the first frame."""
        self._capture = capture
        self._flows: dict[bytes, Stream] = {}
        self._ended: deque[tuple[int, Connection]] = deque()
        self.connections = 0
        """How many connections were seen."""

    def __iter__(self) -> Iterator[tuple[Stream, int]]:
        """Give a stream that has what is wanted of it or is closed, and the frame that brought it, 0 at the end."""
        flows = self._flows
        for segment in self._capture.segments():
            frame, key, sequence, acknowledged, flags, place, count = segment
            stream = flows.get(key)
            if stream is None or flags & (FIN | SYN | RST):
                stream = self._meet(segment, stream)
                yield from self._finish_ended(frame)
            if stream.connection.deaf:
                continue
            if stream.peer.pending and flags & ACK:
                stream.peer.acknowledge(acknowledged)
            if flags & (FIN | SYN) or stream.pending or stream.final is not None or sequence != stream.expected:
                self._accept(stream, segment)
            elif count:
                stream.append(place, count, frame)
            if stream.end >= stream.wanted or stream.closed:
                yield stream, frame
        for stream in flows.values():
            yield from self._finish(stream.connection)

    def _accept(self, stream: Stream, segment: Segment) -> None:
        """Let a stream take a segment that is not simply the next one."""
        if segment.length or segment.flags & FIN:
            stream.accept(segment)
        if segment.flags & FIN and stream.peer.final is not None:
            self._ended.append((segment.frame + GRACE, stream.connection))

    def _meet(self, segment: Segment, stream: Stream | None) -> Stream:
        """Find the stream of a segment that opens or ends a connection, or is the first of one."""
        first = segment.sequence + 1 & MASK
        if stream is None or (segment.flags & SYN and stream.base not in (None, first)):
            if stream is not None:
                self._ended.appendleft((0, stream.connection))
            self.connections += 1
            connection = Connection(self._capture, segment)
            stream = connection.streams[0]
            self._flows[segment.key], self._flows[turn_key(segment.key)] = connection.streams
        connection = stream.connection
        if segment.flags & SYN:
            stream.opened = True
            if stream.base is None:
                stream.base = stream.expected = first
            if not segment.flags & ACK:
                connection.syn_by = stream
        if segment.flags & RST and connection.reset_by is None:
            connection.reset_by = stream
            self._ended.append((segment.frame + GRACE, connection))
        return stream

    def _finish_ended(self, frame: int) -> Iterator[tuple[Stream, int]]:
        """Give up the holes of connections that ended long enough before a frame."""
        while self._ended and self._ended[0][0] < frame:
            yield from self._finish(self._ended.popleft()[1])

    def _finish(self, connection: Connection) -> Iterator[tuple[Stream, int]]:
        """Give up a connection's holes."""
        if connection.finished and not any(stream.pending for stream in connection.streams):
            return
        connection.finished = True
        for stream in connection.streams:
            stream.finish()
            if not connection.deaf:
                yield stream, 0
