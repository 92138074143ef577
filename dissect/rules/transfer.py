"""P-DATA-TF PDUs, in: what breaks the rules of fragments and of negotiated lengths, out (PS3.8 9.3.5, Annexes D, E)."""

from collections.abc import Iterator

from dissect.association import Arrival
from dissect.dicom.dimse import Message, Part, Pdv
from dissect.dicom.pdu import ABORT, LOST, Pdu
from dissect.notes import Finding, find
from dissect.rules.scene import Said, Scene, Verdict, tell_message
from dissect.tcp.streams import Connection, Stream

HUGE = 1 << 24
"""A longer P-DATA-TF is refused by some receivers, whatever they announced."""

SMALL, MANY = 4096, 32
"""PDUs that carry fewer bytes than that on average, in a data set of at least so many, cost throughput."""


class Transfer:
    """The fragments of both directions, as far as they were followed."""

    __slots__ = ("_current", "_scene", "_slow", "_spoken", "latest")

    def __init__(self, scene: Scene) -> None:
        """Begin without any."""
        self._scene = scene
        self._current: dict[int, tuple[Message, Said]] = {}
        """The message of each direction that lacks fragments, and the PDU with its last one that was looked at."""
        self.latest: dict[int, Arrival] = {}
        """The last PDU of each direction that needed no look: it goes on with the message before it."""
        self._slow: set[int] = set()
        """The directions of which small PDUs were told."""
        self._spoken: dict[int, Said] = {}
        """The PDUs that told each side's maximum length."""

    def agree(self, said: Said) -> None:
        """Take an A-ASSOCIATE PDU, which tells how long PDUs may be that its sender receives."""
        self._spoken[id(said.stream)] = said

    def follow(self, arrival: Arrival, said: Said) -> Iterator[Finding]:
        """Take a P-DATA-TF into account, and give what it breaks."""
        pdu, stream = arrival.pdu, arrival.pdu.stream
        limit = self._scene.find_limit(stream)
        if limit and pdu.length > limit and (told := self._spoken.get(id(stream.peer))) is not None:
            who = self._scene.name(stream.peer)
            yield find("pdu-too-long", "pdu-length", length=pdu.length, limit=limit, who=who, frame=told.frame)
        elif pdu.length > HUGE:
            yield find("pdu-huge", "pdu-length", length=pdu.length)
        if len(arrival.pdvs) > 1:
            yield from judge_company(arrival.pdvs)
        for number, pdv in enumerate(arrival.pdvs, 1):
            if pdv.part is not None:
                yield from self._follow_pdv(pdv, pdv.part, number, said)

    def _follow_pdv(self, pdv: Pdv, part: Part, number: int, said: Said) -> Iterator[Finding]:
        """Take a fragment into account."""
        key, message = id(said.stream), part.message
        current = self._current.get(key)
        if current is not None and current[0] is not message and pdv.is_command and pdv.index == 1:
            yield from self._follow_beginning(pdv, part, number, key)
            current = self._current.get(key)
        if not part.complete or pdv is not part.pdvs[-1]:
            self._current[key] = message, said
            return
        if message.command.complete and message.lacks_data:
            self._current[key] = message, said
        elif current is not None and (current[0] is message or not is_open(current[0])):
            del self._current[key]
        if part is message.data:
            yield from self._judge_sizes(message, said.pdu, number)

    def _follow_beginning(self, pdv: Pdv, part: Part, number: int, key: int) -> Iterator[Finding]:
        """Take the first fragment of a message into account, where another message of its direction lacks some."""
        other, _ = self._current[key]
        if other.context_id == part.message.context_id:
            del self._current[key]  # that it is not complete is told where the next one begins
            return
        due = other.data if other.command.complete else other.command
        torn = due.torn is not None or part.torn is not None or bool(pdv.notes)
        if not torn and self._scene.is_whole():
            latest = self._find_latest(key)
            yield find("interleaved", f"pdv.{number}", other=tell_message(other), number=latest.number)

    def _judge_sizes(self, message: Message, pdu: Pdu, number: int) -> Iterator[Finding]:
        """Judge whether a data set came in PDUs that are much smaller than they might be."""
        pdvs, key = message.data.pdvs, id(pdu.stream)
        if len(pdvs) < MANY or key in self._slow or pdvs[0].length > SMALL:
            return
        average = sum(len(pdv.fragment) for pdv in pdvs) // len(pdvs)
        limit = self._scene.find_limit(pdu.stream)
        if average < SMALL and self._scene.answered is not None and (not limit or limit > 2 * average):
            self._slow.add(key)
            told = f"{limit}" if limit else "any number"
            yield find("pdus-small", f"pdv.{number}", count=len(pdvs), average=average, limit=told)

    def judge_release(self, stream: Stream) -> Iterator[Finding]:
        """Judge whether the side that asks for release has sent its last message to the end."""
        current = self._current.get(id(stream))
        if current is not None and self._is_due(current[0]):
            latest = self._find_latest(id(stream))
            del self._current[id(stream)]
            yield find("message-unfinished", what=tell_unfinished(current[0]), number=latest.number)

    def _find_latest(self, key: int) -> Said:
        """Give the PDU with the last fragment so far of the message that lacks some in a direction."""
        message, said = self._current[key]
        arrival = self.latest.get(key)
        if arrival is None or arrival.number < said.number:
            return said
        part = arrival.pdvs[0].part
        return Said(arrival) if part is not None and part.message is message else said

    def _is_due(self, message: Message) -> bool:
        """Tell whether a message lacks what its sender has not sent, not what the capture lacks."""
        torn = message.command.torn is not None or message.data.torn is not None
        return not torn and is_open(message) and self._scene.is_whole()

    def finish(self, connection: Connection, last: dict[int, Said]) -> Iterator[Verdict]:
        """Give what the end of the connection shows: messages that were never sent to their ends, and PDUs."""
        aborted = any(said.kind == ABORT for said in last.values()) or connection.reset is not None
        for stream in connection.streams:
            said = last.get(id(stream))
            if aborted or said is None or stream.final is None or not self._scene.is_whole():
                continue
            current = self._current.get(id(stream))
            first = connection.fin is not None and connection.find_sender(connection.fin) is stream
            if said.kind != LOST and said.lacking > 0 and said.pdu.stop == stream.final and first:
                yield find("pdu-truncated", who=self._scene.name(stream), count=said.lacking), said, stream
            elif current is not None and self._is_due(current[0]):
                latest = self._find_latest(id(stream))
                told = find("message-unfinished", what=tell_unfinished(current[0]), number=latest.number)
                yield told, latest, stream


def is_open(message: Message) -> bool:
    """Tell whether a message lacks fragments."""
    return not message.command.complete or message.lacks_data


def is_told(message: Message) -> bool:
    """Tell whether the command set is there, so that one knows which data set belongs to it."""
    command = message.command
    return bool(command.pdvs) and command.torn is None and (bool(message.raw) or not command.complete)


def tell_unfinished(message: Message) -> str:
    """Tell how far a message has come."""
    if not message.command.complete:
        return "the command set of a message"
    if not message.data.pdvs:
        return f"the data set of {tell_message(message)}, which it announced,"
    return f"the data set of {tell_message(message)}"


def judge_company(pdvs: list[Pdv]) -> Iterator[Finding]:
    """Judge what stands together in one PDU (PS3.8 Annex E.1)."""
    messages = {id(pdv.part.message): pdv.part.message for pdv in pdvs if pdv.part is not None}
    kinds = [pdv.is_command for pdv in pdvs if pdv.part is not None]
    if len(messages) > 1:
        if all(map(is_told, messages.values())):
            yield find("pdu-mixed", count=len(messages))
    elif len(set(kinds)) > 1:
        yield find("command-and-data")
    elif len(kinds) > 1 and all(len(pdv.fragment) for pdv in pdvs):
        yield find("pdvs-split", count=len(kinds), what="command set" if kinds[0] else "data set")
