"""The PDUs of an association in the order of their numbers, in: the rules that each breaks, out."""

from collections.abc import Iterator, Sequence
from functools import partial

from dissect.association import Arrival
from dissect.catalogue import CATALOG
from dissect.dicom.associate import read_associate
from dissect.dicom.dimse import Message, Part
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, HEADER, LOST, P_DATA, RELEASE_RQ, Pdu
from dissect.dicom.terms import LAST, STATUS
from dissect.notes import Finding
from dissect.receipts import (
    comes_behind,
    find_closer,
    has_beginning,
    has_overtaken,
    lacks_end,
    lacks_last,
    lacks_received,
)
from dissect.rules.agreed import read_terms
from dissect.rules.closing import judge_end
from dissect.rules.commands import judge_command
from dissect.rules.exchange import BY_ABORT, BY_RELEASE, End, Exchange
from dissect.rules.explaining import Suspect, judge_abort, judge_contexts, judge_reject
from dissect.rules.life import Life
from dissect.rules.negotiation import judge_accept, judge_request
from dissect.rules.outcomes import judge_status
from dissect.rules.scene import Said, Scene
from dissect.rules.transfer import Transfer
from dissect.rules.workflow import follow_data
from dissect.tcp.streams import Connection, Stream

NOTHING: Sequence[Finding] = ()
NO_LIMIT = 1 << 62


class Follower:
    """Follows one association, and finds which rules its PDUs break."""

    __slots__ = (
        "_current", "_exchange", "_followed", "_latest", "_life", "_limits", "_request", "_scene", "_suspects",
        "_transfer",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        """Begin before the first PDU."""
        self._scene = scene
        if not all(stream.opened for stream in scene.association.connection.streams):
            scene.survey.holed = True  # what is said there first is known late, behind what it caused elsewhere
        self._life = Life(scene)
        self._transfer = Transfer(scene)
        self._latest = self._transfer.latest
        self._exchange = Exchange(scene)
        self._request: Pdu | None = None
        """The A-ASSOCIATE-RQ, None where its bytes are not all known."""
        self._suspects: dict[int, Suspect] = {}
        self._followed: dict[int, int] = {}
        """The offset at which the last PDU of each direction ended that needed a look."""
        self._limits: dict[int, int] = {}
        """While data may be sent, the longest PDU of each direction."""
        self._current: dict[int, Part] = {}
        """The command set or data set that the last PDU of each direction has not completed."""

    def follow(self, arrival: Arrival) -> Sequence[Finding]:
        """Take a PDU into account, and give what it breaks."""
        pdu, pdvs = arrival.pdu, arrival.pdvs
        key = id(pdu.stream)
        if len(pdvs) == 1 and pdu.length <= self._limits.get(key, -1):
            part = pdvs[0].part
            if part is not None and part is self._current.get(key) and not (pdvs[0].flags & LAST or pdvs[0].notes):
                self._latest[key] = arrival
                return NOTHING  # a fragment like those before it: most PDUs are
        found = list(self._look_at(arrival))
        broken = tuple(dict.fromkeys(each.code for each in found if CATALOG[each.code].severity == "error"))
        if broken:
            self._suspects[key] = Said(arrival), broken
        return found

    def _look_at(self, arrival: Arrival) -> Iterator[Finding]:
        """Look at a PDU in all that it says."""
        pdu, said = arrival.pdu, Said(arrival)
        self._watch(pdu)
        if pdu.kind == P_DATA and self._limits:
            self._life.go_on(said)
            yield from self._follow_data(arrival, said)
            return
        self._catch_up()
        again = self._life.has_ended(said)
        if pdu.kind == ABORT and not again:
            yield from judge_abort(self._scene, arrival, self._life, self._exchange, self._suspects)
        yield from self._life.follow(said)
        if pdu.kind == P_DATA:
            yield from self._follow_data(arrival, said)
        elif pdu.kind in (ASSOCIATE_RQ, ASSOCIATE_AC) and is_complete(pdu):
            yield from self._negotiate(said)
        elif pdu.kind == ASSOCIATE_RJ and is_complete(pdu):
            self._scene.survey.reject(self._scene, said)
            yield from judge_reject(self._scene, arrival, self._life)
        elif pdu.kind == RELEASE_RQ and not again:
            yield from self._exchange.judge_release(said)
            yield from self._transfer.judge_release(pdu.stream)
        self._set_limits(pdu)

    def _catch_up(self) -> None:
        """Take the fragments into account that needed no look."""
        for arrival in self._latest.values():
            self._life.go_on(Said(arrival))

    def _watch(self, pdu: Pdu) -> None:
        """Note whether the capture may lack something that was said."""
        stream = pdu.stream
        late = (self._life.request is None or self._scene.first) and not has_beginning(stream)
        lost = pdu.kind == LOST or (stream.gaps and bool(stream.missing(pdu.start, pdu.stop)))
        if late or lost:
            self._tear(stream)
        if lost:
            self._exchange.lose()
        self._scene.crossed = False
        if pdu.kind != ASSOCIATE_RQ:
            self._scene.doubt = partial(self._doubt, pdu, self._followed.get(id(stream.peer), 0))
            if not self._limits:
                self._scene.is_whole()
        self._followed[id(stream)] = pdu.stop

    def _doubt(self, pdu: Pdu, followed: int) -> bool:
        """Find out whether the sender of a PDU had received what the capture lacks, and tell if it holds that later."""
        if lacks_received(pdu, followed):
            self._tear(pdu.stream.peer)
            self._exchange.lose()
        return has_overtaken(pdu)

    def _tear(self, stream: Stream) -> None:
        """Take into account that the capture lacks something that was said in a stream."""
        self._scene.torn.add(id(stream))
        self._scene.survey.holed = True
        self._life.lose()

    def _set_limits(self, pdu: Pdu) -> None:
        """Set how long PDUs may be to need no second look."""
        self._limits.clear()
        if self._life.may_flow():
            for stream in pdu.stream.connection.streams:
                self._limits[id(stream)] = self._scene.find_limit(stream) or NO_LIMIT

    # Negotiation

    def _negotiate(self, said: Said) -> Iterator[Finding]:
        """Take a complete A-ASSOCIATE-RQ or -AC into account."""
        pdu, scene = said.pdu, self._scene
        data = pdu.read_whole()
        self._transfer.agree(said)
        if pdu.kind == ASSOCIATE_RQ:
            self._request, scene.asked = pdu, read_terms(data)
            yield from judge_request(data)
            yield from scene.survey.compare_titles(scene.association)
            return
        yield from judge_accept(data, self._request.read_whole() if self._request is not None else b"")
        if scene.answered is None:
            scene.answered = read_terms(data)
            order = [item.context_id for item in read_associate(data[HEADER:]).contexts]
            if self._request is not None:
                scene.survey.accept(scene.association)
                yield from judge_contexts(scene, order)

    # Data

    def _follow_data(self, arrival: Arrival, said: Said) -> Iterator[Finding]:
        """Take a P-DATA-TF into account, and the messages of which it completes something."""
        yield from self._transfer.follow(arrival, said)
        key = id(arrival.pdu.stream)
        for number, pdv in enumerate(arrival.pdvs, 1):
            part = pdv.part
            if part is None:
                continue
            if not pdv.is_last or not part.complete:
                self._current[key] = part
                continue
            self._current.pop(key, None)
            message, place = part.message, f"pdv.{number}"
            if pdv.is_command:
                for found in self._judge_message(message, said):
                    yield found._replace(place=f"{place}/{found.place}" if found.place else place)
            elif message.command.complete:
                operation = self._exchange.find(message) if message.name in STATEFUL else None
                yield from follow_data(self._scene, message, operation, place)

    def _judge_message(self, message: Message, said: Said) -> Iterator[Finding]:
        """Judge a message whose command set is complete."""
        if message.raw:
            yield from judge_command(message.raw)
        status = message.number_at(STATUS)
        if status and message.name.endswith("-RSP"):
            request = message.request
            sop_class = message.sop_class or (request.sop_class if request is not None else "")
            unknown = judge_status(message.name, status, sop_class)
            if unknown is not None:
                yield unknown
        yield from self._exchange.follow(message, said)

    # The end

    def finish(self, connection: Connection, *, last: bool) -> None:
        """Tell what the end of the connection shows; `last` for the last association on it."""
        scene = self._scene
        self._catch_up()
        scene.is_whole()
        scene.crossed = False
        for stream in connection.streams:
            if stream.gaps and stream.gaps[-1][1] > self._followed.get(id(stream), 0):
                self._tear(stream)
        for end in (connection.fin, connection.reset) if last else ():
            if end is not None and lacks_end(connection, end):
                self._tear(connection.find_sender(end).peer)
            if end is not None and lacks_last(connection, end):
                self._tear(connection.find_sender(end))
        verdicts = [*self._exchange.finish(self._find_end(connection))]
        if last:
            verdicts += self._transfer.finish(connection, self._life.last)
        verdicts += judge_end(self._life, connection, last=last)
        for verdict in verdicts:
            scene.conclude(*verdict)

    def _find_end(self, connection: Connection) -> End | None:
        """Find out how the association ended, None where the capture does not tell."""
        ends = [End(said.stream, ENDS[said.kind], said.frame) for said in self._life.last.values() if said.kind in ENDS]
        for segment, how in ((connection.fin, "closed the connection"), (connection.reset, "reset the connection")):
            if segment is not None:  # what its sender said may be captured behind it, but was said before
                before = [said.frame for said in self._life.last.values() if comes_behind(segment, said.pdu)]
                frame = max([segment.frame, *before])
                ends.append(End(find_closer(connection, segment), how, frame))
        return min(ends, key=lambda end: end.frame, default=None)


ENDS = {ABORT: BY_ABORT, RELEASE_RQ: BY_RELEASE}
"""What the last PDU of a side says that it did."""

STATEFUL = frozenset(("N-CREATE-RQ", "N-SET-RQ", "N-ACTION-RQ", "N-EVENT-REPORT-RQ"))
"""The requests of which the data set is read, if their SOP class has a state."""


def is_complete(pdu: Pdu) -> bool:
    """Tell whether all bytes of a PDU are there."""
    return pdu.stop - pdu.start == HEADER + pdu.length and not pdu.stream.missing(pdu.start, pdu.stop)
