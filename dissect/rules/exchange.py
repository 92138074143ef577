"""Messages whose command sets are complete, in: what breaks the rules of operations, out (PS3.7 7 to 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dissect.dicom.dimse import Message
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import AFFECTED_INSTANCE, MESSAGE_ID, RESPONDED_ID, STATUS
from dissect.dicom.values import call_uid
from dissect.notes import Finding, find
from dissect.receipts import find_received
from dissect.rules.fields import TYPES, make_place
from dissect.rules.forms import LONGEST_UID
from dissect.rules.outcomes import tell_failure
from dissect.rules.outstanding import Asked, Operation
from dissect.rules.scene import Said, Scene, Verdict, tell_message
from dissect.rules.serving import judge_service
from dissect.tcp.streams import Stream

CANCEL = "C-CANCEL-RQ"
CANCELED = 0xFE00
PENDED = frozenset(("C-FIND", "C-GET", "C-MOVE"))
"""The services whose responses may be pending, and which may be cancelled (PS3.7 9.1.2 to 9.1.4)."""

MOST_TOLD = 3
"""So many operations are named where several are not finished."""

MOST_DONE = 256
"""Of so many operations that are finished something is remembered."""

LEAST_TOLD = 0.1
"""Seconds of waiting that are told of."""
LEAST_WAIT = 1.0
"""Seconds for which a response was waited for, if who aborts gave up on it."""


BY_ABORT, BY_RELEASE = "aborted", "asked for release"
"""How a side ends an association, as sentences say it; else it ends the connection."""


@dataclass(frozen=True, slots=True)
class End:
    """How an association ended: who did it, in which frame."""

    stream: Stream
    how: str
    frame: int


class Exchange:
    """The operations of an association, of both directions."""

    __slots__ = ("_asked", "_done", "_early", "_reused", "_scene")

    def __init__(self, scene: Scene) -> None:
        """Begin without any."""
        self._scene = scene
        self._asked: dict[int, Asked] = {}
        """By the stream of who asks."""
        self._done: dict[tuple[int, int], tuple[str, int]] = {}
        """What operation had a message ID last, and the number of the PDU that finished it; of the latest alone."""
        self._reused: set[int] = set()
        self._early: set[tuple[int, int]] = set()
        """The operations whose response the capture holds before the request."""

    def list_open(self, stream: Stream | None = None) -> list[Operation]:
        """Give the operations that are not finished, in the order in which they began: of one side, or of both."""
        if stream is not None:
            return list(self._list_asked(stream).open.values())
        waiting = [each for asked in self._asked.values() for each in asked.open.values()]
        return sorted(waiting, key=lambda each: each.said.number)

    def _list_asked(self, stream: Stream) -> Asked:
        """Give what the sender of a stream has asked for."""
        asked = self._asked.get(id(stream))
        if asked is None:
            asked = self._asked[id(stream)] = Asked()
        return asked

    def find(self, message: Message) -> Operation | None:
        """Find the operation of a request that is not finished."""
        stream, message_id = message.command.pdvs[0].pdu.stream, message.number_at(MESSAGE_ID)
        operation = self._list_asked(stream).find(message_id) if message_id is not None else None
        return operation if operation is not None and operation.message is message else None

    def lose(self) -> None:
        """Forget what may have been finished in bytes that the capture lacks."""
        self._asked.clear()
        self._done.clear()
        self._early.clear()

    def follow(self, message: Message, said: Said) -> Iterator[Finding]:
        """Take a message into account, and give what it breaks; the places are relative to its PDV."""
        if message.name.endswith("-RSP"):
            yield from self._follow_response(message, said)
        elif message.name == CANCEL:
            yield from self._follow_cancel(message, said)
        elif message.name:
            yield from self._follow_request(message, said)

    # Requests

    def _follow_request(self, message: Message, said: Said) -> Iterator[Finding]:
        """Take a request into account."""
        message_id = message.number_at(MESSAGE_ID)
        if message_id is None:
            return
        key, asked = (id(said.stream), message_id), self._list_asked(said.stream)
        other = asked.open.get(message_id)
        if other is not None and self._scene.is_whole():
            yield find("message-id-used", "0000,0110", value=message_id, other=tell_message(other.message),
                       number=other.said.number)  # fmt: skip
        elif key in self._done and key[0] not in self._reused and self._scene.is_whole():
            self._reused.add(key[0])
            name, number = self._done[key]
            yield find("message-id-again", "0000,0110", value=message_id, other=name, number=number)
        if key not in self._early:
            asked.begin(message_id, Operation(message, said))
        self._early.discard(key)
        yield from self._scene.survey.begin(self._scene, message, said.stream)
        limit, count = self._scene.find_window(said.stream), len(asked.open)
        if limit and count > limit and self._scene.is_whole():
            yield find("window", count=count, limit=limit, who=self._scene.name(said.stream))
        causes = self._list_asked(said.stream.peer).list_causes()
        found = list(judge_service(self._scene, message, said.stream, causes))
        if found and self._scene.is_whole():
            yield from found

    def _follow_cancel(self, message: Message, said: Said) -> Iterator[Finding]:
        """Take a C-CANCEL into account (PS3.7 9.3.2.3)."""
        responded_id = message.number_at(RESPONDED_ID)
        if responded_id is None:
            return
        key = id(said.stream), responded_id
        operation = self._list_asked(said.stream).find(responded_id)
        if operation is not None and operation.service in PENDED:
            operation.cancelled = operation.cancelled or said
        elif self._scene.is_whole():
            name = operation.service if operation is not None else self._done.get(key, ("", 0))[0]
            if name not in PENDED:  # one that is finished may have been when this was on its way
                yield find("cancel-stray", "0000,0120", value=responded_id, other=name or "no operation")

    # Responses

    def _follow_response(self, message: Message, said: Said) -> Iterator[Finding]:
        """Take a response into account."""
        responded_id, status = message.number_at(RESPONDED_ID), message.number_at(STATUS)
        if responded_id is None:
            return
        asked = self._list_asked(said.stream.peer)
        operation = asked.find(responded_id)
        if operation is None:
            yield from self._follow_stray(message, said.stream.peer, responded_id)
            return
        service = message.name.removesuffix("-RSP")
        category = classify_status(status) if status is not None else "other"
        if operation.twins:
            operation.twins -= category != "pending"
            return
        if service != operation.service:
            if not self._holds(operation, responded_id):
                return
            asked.cross(responded_id, operation)
            yield find("response-kind", "0000,0100", name=message.name, value=responded_id,
                       request=tell_message(operation.message), number=operation.said.number)  # fmt: skip
            return
        if operation.alone and (not message.raw or message.raw != operation.answer):
            found = list(compare(message, operation))
            if found and self._scene.is_whole():
                yield from found
        operation.answer = message.raw
        yield from self._judge_time(operation, category, said)
        found = list(operation.counts.follow(message, category, operation.message))
        if found and self._holds(operation, responded_id):
            yield from found
        yield from self._finish(operation, category, message, said)

    def _follow_stray(self, message: Message, stream: Stream, message_id: int) -> Iterator[Finding]:
        """Take a response into account of which no request of a stream is known."""
        if self._scene.is_whole():
            yield self._accuse(message, stream, message_id)
        elif self._scene.crossed and len(self._early) < MOST_DONE:
            self._early.add((id(stream), message_id))

    def _holds(self, operation: Operation, message_id: int) -> bool:
        """Tell whether an operation is still open: not if the capture lacks what may have finished it."""
        self._scene.is_whole()
        return self._list_asked(operation.said.stream).find(message_id) is operation

    def _finish(self, operation: Operation, category: str, message: Message, said: Said) -> Iterator[Finding]:
        """Take an operation for finished, unless the response is a pending one, as some services have them."""
        service, status = operation.service, message.number_at(STATUS)
        asked, message_id = self._list_asked(operation.said.stream), message.number_at(RESPONDED_ID) or 0
        if category == "pending":
            operation.pending += 1
            operation.ignoring += operation.cancelled is not None
            if service not in PENDED:
                asked.cross(message_id, operation)
                yield find("pending-status", "0000,0900", service=service)
            return
        if category == "failure":
            yield tell_failure(message, operation.message)
        if operation.cancelled is not None and status != CANCELED and operation.ignoring:
            yield find("cancel-ignored", "0000,0900", count=operation.ignoring, number=operation.cancelled.number)
        asked.end(message_id)
        self._done[id(operation.said.stream), message_id] = service, said.number
        if len(self._done) > MOST_DONE:
            del self._done[next(iter(self._done))]
        self._scene.survey.finish(self._scene, operation, category, said)

    def _judge_time(self, operation: Operation, category: str, said: Said) -> Iterator[Finding]:
        """Judge a response that comes before the request has ended (PS3.7 9.1.1.2, 10.1.5.2)."""
        request = operation.message
        if category not in ("success", "warning") or not request.has_data_set or request.data.torn is not None:
            return
        last = request.last_frame
        early = not request.data.complete or (said.first < last and self._scene.measure(last, said.first) < 0)
        if early and request.data.complete:
            early = (find_received(said.stream, said.pdu.start) or 0) < request.data.pdvs[-1].stop
        if early and self._scene.is_whole():
            yield find("response-early", "0000,0900", category=category, request=tell_message(request))

    def _accuse(self, message: Message, stream: Stream, message_id: int) -> Finding:
        """Tell what a response breaks that answers nothing of what the sender of a stream has asked for."""
        name, number = self._done.get((id(stream), message_id), ("", 0))
        if name == message.name.removesuffix("-RSP"):
            return find("response-after-final", "0000,0120", value=message_id, other=name, number=number)
        waiting = self._list_asked(stream).open
        waits = "waits" if len(waiting) == 1 else "wait"
        names = ", ".join(tell_message(each.message) for each in islice(waiting.values(), MOST_TOLD))
        told = f"; {names} {waits} for one" if waiting else ""
        return find("response-unasked", "0000,0120", name=message.name, value=message_id, waiting=told)

    # Ends

    def judge_release(self, said: Said) -> Iterator[Finding]:
        """Judge what is not finished, as far as it knows, when a side asks for release."""
        received = find_received(said.stream, said.pdu.start)
        known = (each for each in self.list_open() if is_sent(each.message))
        waiting = [
            each
            for each in known
            if each.said.stream is said.stream or received is None or each.said.pdu.stop <= received
        ]
        if waiting and self._scene.is_whole():
            names = [f"{tell_message(each.message)} (PDU {each.said.number})" for each in waiting[:MOST_TOLD]]
            count = "an operation is" if len(waiting) == 1 else f"{len(waiting)} operations are"
            yield find("release-early", count=count, which=", ".join(names))

    def finish(self, end: End | None) -> Iterator[Verdict]:
        """Give the operations that were not answered before the association ended, if it did."""
        if end is None or self._scene.answered is None or not self._scene.is_whole():
            return
        for operation in self.list_open():
            said = operation.said
            seconds = max(self._scene.measure(said.frame, max(end.frame, said.frame)), 0.0)
            if is_excused(operation, end, seconds):
                continue
            left = end.stream is said.stream and end.how != BY_ABORT and seconds < self._scene.artim
            found = find(
                "operation-unanswered",
                name=tell_message(operation.message),
                partly=operation.tell_pending(),
                waited=f", for {seconds:.1f} s" if seconds >= LEAST_TOLD else "",
                ended=f"{self._scene.name(end.stream)} {end.how}",
            )
            yield found, said, None if left else said.stream.peer


def is_excused(operation: Operation, end: End, seconds: float) -> bool:
    """Tell whether an operation, so many seconds old, need not be answered when the association ends.

    Who aborts owes no response any more, and none is owed to who releases before it has come.
    """
    if end.frame < operation.said.frame or not is_sent(operation.message):
        return True
    asked = end.stream is operation.said.stream
    if end.how == BY_ABORT:
        return not asked or seconds < LEAST_WAIT
    return asked and end.how == BY_RELEASE


def is_sent(message: Message) -> bool:
    """Tell whether a message was sent to its end."""
    return message.data.complete or not message.has_data_set


def compare(message: Message, operation: Operation) -> Iterator[Finding]:
    """Compare a response with its request: context, SOP class, instance, type."""
    request, number = operation.message, operation.said.number
    if message.context_id != request.context_id:
        yield find("response-context", value=message.context_id, wanted=request.context_id, number=number)
    served, named = message.sop_class, request.sop_class
    if served and named and served != named:
        yield find("response-class", "0000,0002", value=call_uid(served), wanted=call_uid(named), number=number)
    asked, answered = request.sop_instance, message.text_at(AFFECTED_INSTANCE)
    if asked and answered and asked != answered:
        yield find(
            "response-instance", "0000,1000", value=answered[:LONGEST_UID], wanted=asked[:LONGEST_UID], number=number
        )
    status = message.number_at(STATUS)
    if operation.service == "N-CREATE" and status == 0 and not asked and not answered:
        yield find("created-instance", number=number)
    element = TYPES.get(request.name)
    if element is not None:
        value, wanted = message.number_at(element), request.number_at(element)
        if None not in (value, wanted) and value != wanted:
            yield find("response-type", make_place(element), value=value, wanted=wanted, number=number)
