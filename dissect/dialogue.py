"""The streams of a capture, in: the PDUs of both directions in order of time, each in its association, out."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from heapq import merge
from operator import itemgetter

from dissect.association import Arrival, Association
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dicom.framing import PROBE, Framer, has_command, is_negotiation, judge
from dissect.dicom.pdu import ASSOCIATE_RQ, Pdu
from dissect.node import Node
from dissect.operations import Moves
from dissect.rules.aftermath import Aftermath
from dissect.rules.follower import Follower
from dissect.rules.scene import Scene
from dissect.rules.survey import Survey
from dissect.tcp.attempts import Attempt
from dissect.tcp.connections import Streams
from dissect.tcp.ends import find_addresses
from dissect.tcp.streams import NEVER, Connection, Stream
from dissect.tcp.tls import RECORD_HEADER, SEARCHED, has_records, is_record

MOST_PEERS = 10_000
"""Pairs of addresses that are remembered for having spoken DICOM."""

LONGEST_QUEUE = 1 << 16
"""When more PDUs than this wait for one that is not settled, it waits no longer."""

Close = Callable[[Connection, list[int]], None]
"""What is to be told of a connection that is over, and of the numbers of its associations."""


class Dialogue:
    """What is said on one connection: its streams cut into PDUs, and the association that each belongs to."""

    __slots__ = ("_associations", "_framers", "_now", "_queues", "connection", "numbers")

    def __init__(self, connection: Connection, associations: "Associations") -> None:
        """Start to read both streams."""
        self.connection = connection
        self.numbers: list[int] = []
        """The numbers of its associations."""
        self._associations = associations
        self._framers = tuple(Framer(stream) for stream in connection.streams)
        self._queues: tuple[deque[Pdu], deque[Pdu]] = (deque(), deque())
        """The PDUs of each stream that are complete, and have not been followed."""
        self._now: Association | None = None

    def hear(self, stream: Stream, frame: int) -> Iterator[Arrival]:
        """Give the PDUs that are complete now, unless the other side may have sent something before them.

        Where a stream has a hole, or bytes in which a header is looked for, nobody knows yet what it says: what the
        other side said after that waits.
        """
        self.listen(stream, frame)
        while (number := self._find_first()) is not None:
            other, framer = self.connection.streams[1 - number], self._framers[1 - number]
            waits = other.hole or framer.searching
            if waits and self._queues[number][0].frame >= max(other.hole, framer.latest):
                return
            yield self.follow(number)
        first, second = self.connection.streams
        if (first.closed or second.closed) and self._now is not None:
            for each in (first, second):
                if each.closed:
                    self._now.end(each)

    def listen(self, stream: Stream, frame: int) -> None:
        """Cut off the PDUs of a stream that are complete; of both where that is known only now."""
        for each, framer, queue in zip(self.connection.streams, self._framers, self._queues, strict=True):
            if each is stream or not frame:
                queue.extend(framer.frame_pdus(frame))

    def _find_first(self) -> int | None:
        """Give the stream, 0 or 1, whose next PDU was complete first."""
        first, second = self._queues
        if not first or not second:
            return 0 if first else 1 if second else None
        return 0 if first[0].frame <= second[0].frame else 1

    def drain(self) -> Iterator[tuple[int, "Dialogue", int]]:
        """Give the frames of the PDUs that were not followed, in order, each with its stream, 0 or 1."""
        while (number := self._find_first()) is not None:
            yield self._queues[number][0].frame, self, number

    def follow(self, number: int) -> Arrival:
        """Follow the next PDU of a stream, 0 or 1."""
        pdu = self._queues[number].popleft()
        # PS3.8 9.1.1 allows one association a connection; a second one has contexts of its own all the same.
        if self._now is None or (pdu.kind == ASSOCIATE_RQ and self._now.has_begun()):
            self._now = self._begin()
        self._count_begun(pdu, 1 - number)
        return self._now.follow(pdu)

    def _count_begun(self, pdu: Pdu, other: int) -> None:
        """Give the other side's next PDU its place among those of its type, if it began before this one."""
        queue, begun = self._queues[other], self._framers[other].begun
        if queue:
            begun = queue[0].kind, queue[0].start
        if begun is not None and self._now is not None:
            stream = self.connection.streams[other]
            ours, theirs = pdu.stream.frames(pdu.start, pdu.start + 1), stream.frames(begun[1], begun[1] + 1)
            if ours and theirs and theirs < ours:
                self._now.count_pdu(begun[0], stream, begun[1])

    def _begin(self) -> Association:
        if self._now is not None:
            for stream in self.connection.streams:
                self._now.end(stream)
        self._associations.count += 1
        self.numbers.append(self._associations.count)
        return Association(self._associations.count, self.connection, self._associations.moves, self.numbers)


class Associations:
    """All associations of a capture: iterating reads it, and gives each PDU as soon as all is known about it."""

    def __init__(
        self,
        capture: Capture,
        config: Config,
        *,
        thorough: bool = False,
        rules: bool = True,
        close: Close | None = None,
    ) -> None:
        """Start before the first frame.

        `thorough` keeps what is to be told of connections of which nothing need be; without `rules` it is not found
        out which are broken; `close` is called with each connection that is over, and the numbers of its associations.
        """
        self._streams = Streams(capture)
        self._thorough = thorough
        self._rules = rules
        self._close = close
        self._aftermath = Aftermath(thorough=thorough)
        self._ports = config.ports
        self._peers: set[frozenset[bytes]] = set()
        """The pairs of addresses between which there was DICOM, in either direction."""
        self._dialogues: dict[Connection, Dialogue] = {}
        self._waiting: deque[Arrival | Dialogue] = deque()
        """The PDUs that were not put out, and the connections that are over, each behind its last one."""
        self._number = 0
        self.count = 0
        """How many associations were seen."""
        self.endings = self._aftermath.endings
        """The rules that were broken as the ends of associations and of the capture show."""
        self._artim = config.artim
        self._survey = Survey()
        self._followers: dict[int, Follower] = {}
        """Those of associations that may go on, by number."""
        self.moves = Moves()
        """The C-MOVE requests seen, to which sub-operations in other associations are tied."""
        self.sealed: list[Connection] = []
        """The connections that are TLS."""
        self.doubled = 0
        """How many segments of DICOM connections that are over the capture holds twice."""

    @property
    def streams(self) -> Streams:
        """Give the connections of the capture."""
        return self._streams

    def list_connections(self) -> list[Node]:
        """Give a node for each connection that is DICOM or TLS, in the order of their numbers.

        Without `thorough`, for those alone of which one must know more than what was said; of TLS, on DICOM's ports.
        """
        for connection in self.sealed:
            if self._thorough or connection.has_port(self._ports):
                self._aftermath.make_node(connection, [])
        return self._aftermath.list_nodes()

    def list_attempts(self) -> list[Attempt]:
        """Give the connections that peers, or anyone on a port of DICOM, asked for in vain; the most frequent first."""
        return [
            each
            for each in self._streams.attempts.rank()
            if each.port in self._ports or frozenset(find_addresses(each.key)) in self._peers
        ]

    def _retire(self, dialogue: Dialogue) -> None:
        """Keep of a connection that is over what is to be told of it."""
        connection = dialogue.connection
        del self._dialogues[connection]
        self._waiting.append(dialogue)
        if self._close is not None and dialogue.numbers:
            self._close(connection, dialogue.numbers)
        seen = [stream.seen.get("doubled") for stream in connection.streams]
        self.doubled += sum(each.count for each in seen if each is not None)

    def _conclude(self, dialogue: Dialogue) -> None:
        """Tell what the end of a connection shows, all of whose PDUs were put out."""
        connection, numbers = dialogue.connection, dialogue.numbers
        if numbers and self._rules:
            self._aftermath.conclude(connection, numbers)
        for number in numbers:
            follower = self._followers.pop(number, None)
            if follower is not None:
                follower.finish(connection, last=number == numbers[-1])

    def __iter__(self) -> Iterator[Arrival]:
        """Give the PDUs in the order in which they are complete; one that waits keeps those behind it waiting."""
        for stream, frame in self._streams:
            dialogue = self._dialogues.get(stream.connection)
            if dialogue is None:
                dialogue, frame = self._recognise(stream), 0
            if dialogue is None:
                continue
            if self._streams.over:
                dialogue.listen(stream, 0)
                continue
            self._waiting.extend(dialogue.hear(stream, frame))
            yield from self._put_out_settled()
            if stream.connection.over and stream is stream.connection.streams[-1]:
                self._retire(dialogue)
                yield from self._put_out_settled()
        rest = [dialogue.drain() for dialogue in self._dialogues.values()]
        for _, dialogue, number in merge(*rest, key=itemgetter(0)):
            self._waiting.append(dialogue.follow(number))
            yield from self._put_out_settled()
        for dialogue in list(self._dialogues.values()):
            self._retire(dialogue)
        yield from self._put_out_settled(every=True)
        self._survey.conclude()

    def _put_out_settled(self, *, every: bool = False) -> Iterator[Arrival]:
        """Give the PDUs of which all is known, or `every` one, in their order."""
        while self._waiting:
            first = self._waiting[0]
            if isinstance(first, Dialogue):
                self._conclude(first)
            elif every or first.is_settled() or len(self._waiting) > LONGEST_QUEUE:
                yield self._put_out(first)
            else:
                return
            self._waiting.popleft()

    def _put_out(self, arrival: Arrival) -> Arrival:
        self._number += 1
        arrival.number = self._number
        for pdv in arrival.pdvs:
            if pdv.part is not None and pdv.is_command and pdv.is_last:
                pdv.part.message.pdu = self._number
        if self._rules:
            arrival.findings = self._find_follower(arrival.association).follow(arrival)
        return arrival

    def _find_follower(self, association: Association) -> Follower:
        """Find what follows an association, which begins with its first PDU."""
        follower = self._followers.get(association.number)
        if follower is None:
            end = partial(self._aftermath.end, association)
            follower = Follower(Scene(association, self._survey, self._artim, end))
            self._followers[association.number] = follower
        return follower

    def _recognise(self, stream: Stream) -> Dialogue | None:
        """Tell by a stream's first bytes whether it is DICOM; None where it is not, or cannot be told yet."""
        connection = stream.connection
        if connection.sealed or connection.deaf:
            return None
        if not stream.end:
            stream.wanted = 1
            return None
        known = is_negotiation(stream)
        late = known is False and (not stream.opened or bool(stream.missing(0, 1)))
        listed = known is False and connection.has_port(self._ports)
        sealed, commanded = is_sealed(stream, late=late), has_command(stream) if late else False
        if sealed:
            self._seal(connection)
        elif known or commanded or (listed and sealed is False):
            dialogue = self._dialogues[connection] = Dialogue(connection, self)
            if len(self._peers) < MOST_PEERS:
                self._peers.add(frozenset(find_addresses(stream.key)))
            return dialogue
        elif None in (known, commanded, sealed):
            stream.wanted = stream.end + (stream.end // 2 if late else 0) + 1
        else:
            stream.wanted = NEVER  # what the other side says may tell
            sound = judge(stream.read(0, PROBE), final=stream.closed)
            if stream.peer.wanted == NEVER or not (late or sound):
                connection.dismiss()
        return None

    def _seal(self, connection: Connection) -> None:
        """Take a connection for TLS: how its bytes came is followed, what they say is not."""
        connection.sealed = True
        self.sealed.append(connection)
        for stream in connection.streams:
            stream.wanted = NEVER


def is_sealed(stream: Stream, *, late: bool) -> bool | None:
    """Tell whether a stream begins with a TLS record, or one that begins `late` holds some; None for not yet."""
    known = is_record(stream.read(0, RECORD_HEADER), final=stream.closed)
    if known is not False or not late or judge(stream.read(0, PROBE), final=stream.closed):
        return known
    return has_records(stream.read(0, SEARCHED), final=stream.closed or stream.end >= SEARCHED)
