"""The TCP segments of a capture, in: connections of two byte streams each, as they grow, out."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from dissect.capture.segments import ACK, FIN, MASK, RST, SYN, URG, Capture, Segment
from dissect.tcp.attempts import LONGEST_ANSWER, Attempts
from dissect.tcp.ends import IPV4_KEY, turn_key
from dissect.tcp.history import DELAY, LONGEST_DELAY
from dissect.tcp.streams import Connection, Stream

MOST_OPEN = 1 << 12
"""How many connections may carry something at once: of more, those that carried nothing for as many frames are over."""

UNUSUAL = FIN | SYN | RST | URG
"""Flags of segments that are not simply the next one of their stream."""

TRIES = 8
"""How many connections are looked at for one that is idle."""

GRACE = 1000
"""How many frames after its end a connection's holes are given up: a capture may hold the last frames out of order."""


class Greeting(NamedTuple):
    """A SYN of a connection that has carried nothing yet: the number after it, its frame, whether it answers one."""

    first: int
    frame: int
    answers: bool
    place: int
    """The place of its connection among all."""
    acknowledged: int = 0
    """The frame in which its sender acknowledged the answer."""


class Streams:
    """All connections of a capture: iterating reads it, and gives a stream whenever it has what is wanted of it."""

    def __init__(self, capture: Capture) -> None:
        """Start before the first frame."""
        self._capture = capture
        self._flows: dict[bytes, Stream] = {}
        self._greetings: dict[bytes, Greeting] = {}
        """What is known of connections that have carried nothing, by direction."""
        self._open: dict[Connection, None] = {}
        """The connections that carry something, and may go on."""
        self._ended: deque[tuple[int, Connection]] = deque()
        """The connections that have ended, and the frame after which their holes are given up."""
        self.carrying = 0
        """How many of them carried anything."""
        self._deaf = Connection(capture, bytes(IPV4_KEY), 0, 0)
        """What stands for all connections that were dismissed."""
        self._deaf.deaf = True
        self.connections = 0
        """How many connections were seen."""
        self.attempts = Attempts()
        """Those of them that were asked for in vain."""
        self.over = False
        """Whether the capture has been read to its end."""

    def __iter__(self) -> Iterator[tuple[Stream, int]]:
        """Give a stream that has what is wanted of it or is closed.

        With it comes the frame that brought that; 0 where it was there before, and only now is known to be all.
        """
        flows, times, deaf = self._flows, self._capture.times, self._deaf.streams[0]
        for row in self._capture.pull_segments():
            frame, key, sequence, acknowledged, flags, window, _, place, count, lack = row
            stream = flows.get(key)
            if (
                stream is None or sequence != stream.expected or flags & UNUSUAL or lack or not window
                or stream.eventful or stream.peer.hole
            ):  # fmt: skip
                if stream is not deaf or flags & (FIN | SYN | RST):
                    yield from self._look_at(Segment(*row), stream)
            elif count:
                # What most segments are, as `Stream.append` takes them: a call each would cost as much again.
                stream.starts.append(stream.end)
                stream.places.append(place)
                stream.numbers.append(frame)
                stream.end += count
                stream.expected = sequence + count & MASK
                if stream.end >= stream.wanted:
                    yield stream, len(times)
                    self._forget_deaf(stream.connection, key)
            elif acknowledged == stream.peer.expected and self._came_late(frame, stream.peer.latest):
                stream.peer.remember().waited = frame
                stream.peer.eventful = True

        self.over = True
        for key, greeting in self._greetings.items():
            if turn_key(key) not in self._greetings:
                self._leave(key, greeting, len(times))
        for stream in flows.values():
            yield from self._finish(stream.connection)

    def _look_at(self, segment: Segment, stream: Stream | None) -> Iterator[tuple[Stream, int]]:
        """Take a segment that is not simply the next one of its stream, or of a stream to which things happen."""
        old = False
        if stream is None or segment.flags & (FIN | SYN | RST):
            unknown = stream is not None and stream.base is None
            stream = self._meet(segment, stream)
            old = unknown and stream is not None and stream.base is not None
            while self._ended and self._ended[0][0] < segment.frame:
                yield from self._finish(self._ended.popleft()[1])
        if stream is None or stream.connection.deaf:
            return
        peer = stream.peer
        if peer.hole and segment.flags & ACK and peer.acknowledge(segment.acknowledged):
            yield peer, 0
        old = self._take(stream, segment) or old
        stream.notice()
        peer.notice()
        if stream.end >= stream.wanted or stream.closed:
            yield stream, 0 if old else len(self._capture.times)
            self._forget_deaf(stream.connection, segment.key)

    def _take(self, stream: Stream, segment: Segment) -> bool:
        """Let a stream take a segment, and tell whether it now has bytes that were there before."""
        frame, _, sequence, acknowledged, flags, window, _, place, count, lack = segment
        history = stream.history
        if not window or (history is not None and history.shut):
            stream.remember().watch_window(window or flags & (SYN | RST), frame)
        if (
            flags & UNUSUAL or lack or stream.hole or sequence != stream.expected
            or stream.final is not None
        ):  # fmt: skip
            return self._accept(stream, segment)
        if count:
            if history is not None and history.waited:
                history.resume(stream.latest, stream.peer.latest, frame)
            stream.append(place, count, frame)
        elif acknowledged == stream.peer.expected and self._came_late(frame, stream.peer.latest):
            stream.peer.remember().waited = frame
        return False

    def _came_late(self, frame: int, sent: int) -> bool:
        """Tell whether a frame acknowledges late what was sent last in another."""
        times = self._capture.times
        return sent > 0 and DELAY <= times[frame - 1] - times[sent - 1] <= LONGEST_DELAY

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
            return self._begin(segment)
        if not stream.connection.deaf:
            connection = stream.connection
            if segment.flags & FIN and connection.fin is None:
                connection.fin = segment
            if segment.flags & RST and connection.reset is None:
                connection.reset = segment
                self._ended.append((segment.frame + GRACE, connection))
        return stream

    def _begin(self, segment: Segment) -> Stream | None:
        """Take a segment of a connection that has carried nothing; give the stream that begins with it, if one does."""
        if segment.flags & RST:
            self._refuse(turn_key(segment.key))
        elif segment.length + segment.lack:
            return self._connect(segment)
        elif segment.flags & (SYN | ACK) == ACK:
            self._shake_hands(segment)
        return None

    def _greet(self, segment: Segment, first: int) -> None:
        """Take a SYN of a connection that has carried nothing."""
        key, turned = segment.key, turn_key(segment.key)
        before = self._greetings.get(key)
        if before is not None and before.first == first:
            return
        if before is not None and self._greetings.pop(turned, None) is None:
            self._leave(key, before, segment.frame)
        other = self._greetings.get(turned)
        index = self.connections if other is None else other.place
        self.connections += other is None
        self._greetings[key] = Greeting(first, segment.frame, bool(segment.flags & ACK), index)

    def _leave(self, key: bytes, greeting: Greeting, frame: int) -> None:
        """Take a SYN for one that nobody answered, if there was time enough for it until a frame."""
        times = self._capture.times
        if (
            not (greeting.answers or greeting.acknowledged)
            and times[frame - 1] - times[greeting.frame - 1] >= LONGEST_ANSWER
        ):
            self.attempts.leave(key, greeting.frame)

    def _shake_hands(self, segment: Segment) -> None:
        """Note the acknowledgement that ends a handshake: from the SYN to it is a whole round trip."""
        greeting, other = self._greetings.get(segment.key), self._greetings.get(turn_key(segment.key))
        if greeting is not None and (other is None or other.answers) and not greeting.acknowledged:
            self._greetings[segment.key] = greeting._replace(acknowledged=segment.frame)

    def _refuse(self, key: bytes) -> None:
        """Take the reset of a connection that has carried nothing: if this side alone greeted, it was refused."""
        greeting = self._greetings.get(key)
        if greeting is not None and turn_key(key) not in self._greetings:
            self.attempts.refuse(key, greeting.frame)
            del self._greetings[key]

    def _connect(self, segment: Segment) -> Stream:
        """Begin the streams of a connection with the first segment that carries anything."""
        sides = [(key, self._greetings.pop(key, None)) for key in (segment.key, turn_key(segment.key))]
        sides.sort(key=lambda side: segment.frame if side[1] is None else side[1].frame)
        known = [greeting for _, greeting in sides if greeting is not None]
        started, index = (known[0].frame, known[0].place) if known else (segment.frame, self.connections)
        self.connections += not known
        self.carrying += 1
        connection = Connection(self._capture, sides[0][0], started, self.carrying)
        connection.index = index
        connection.greeted = max((greeting.acknowledged for greeting in known), default=0)
        openers = set()
        for (key, greeting), stream in zip(sides, connection.streams, strict=True):
            self._flows[key] = stream
            if greeting is not None:
                stream.open(greeting.first)
                openers.add(stream.peer if greeting.answers else stream)
        connection.syn_by = openers.pop() if len(openers) == 1 else None
        self._open[connection] = None
        if len(self._open) > MOST_OPEN:
            self._give_idle_up(segment.frame)
        return self._flows[segment.key]

    def _give_idle_up(self, frame: int) -> None:
        """Give up the oldest connection that has carried nothing for long, if one is among those next in turn."""
        for connection in list(islice(self._open, TRIES)):
            del self._open[connection]
            if max(stream.latest for stream in connection.streams) + MOST_OPEN < frame:
                connection.given_up = True
                self._ended.appendleft((0, connection))
                return
            self._open[connection] = None

    def _end(self, connection: Connection, key: bytes) -> None:
        """Make room for another connection between the same ports."""
        del self._flows[key], self._flows[turn_key(key)]
        if not connection.deaf:
            connection.given_up = True
            self._ended.appendleft((0, connection))

    def _forget_deaf(self, connection: Connection, key: bytes) -> None:
        """Keep nothing of a connection that was dismissed but that it was."""
        if connection.deaf:
            self._open.pop(connection, None)
            self._flows[key] = self._flows[turn_key(key)] = self._deaf.streams[0]

    def _let_go(self, connection: Connection) -> None:
        """Wait for no more segments of a connection."""
        connection.over = True
        self._open.pop(connection, None)
        for stream in connection.streams:
            if not self.over and self._flows.get(stream.key) is stream:
                del self._flows[stream.key]

    def _finish(self, connection: Connection) -> Iterator[tuple[Stream, int]]:
        """Give up a connection's holes."""
        if connection.deaf or (connection.finished and not any(stream.hole for stream in connection.streams)):
            return
        connection.finished = True
        for stream in connection.streams:
            stream.finish()
        if connection.given_up or all(stream.final is not None for stream in connection.streams):
            self._let_go(connection)
        for stream in connection.streams:
            if not connection.deaf:  # whoever hears of the first may not want to hear of the other
                yield stream, 0
