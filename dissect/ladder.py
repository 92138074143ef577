"""PDUs in order, in: the rungs of a ladder diagram, who said what to whom, and the endpoints between them, out.

A message's command set and data set make one event, however many PDUs carry them, or each PDU makes one. Nothing that
has been given out is kept: what is held is an open message, and what waits for one that began before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from sys import intern
from typing import Literal

from dissect.amounts import tell_delay, tell_size
from dissect.association import Arrival, Association
from dissect.dimse import COMMAND_FIELD, COUNTS, ERROR_COMMENT, MESSAGE_ID, RESPONDED_ID, STATUS, Message, Pdv
from dissect.ledger import ACCEPTED, PENDING, find_end
from dissect.pdu import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    LOST,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
)
from dissect.statuses import classify_status, name_status
from dissect.summary import describe
from dissect.terms import PDU_NAMES
from dissect.values import call_uid

Kind = Literal["control", "command", "data", "lost"]
"""What an event is: a PDU without messages, a message, data without its command set, bytes that are not a PDU."""

LONGEST_QUEUE = 1 << 12
"""When more events than this wait for a message that began before them, they wait no longer."""

MOST_ENDPOINTS = 100
"""A diagram has no more columns: all further endpoints share the last one."""

LONGEST_TEXT = 64
"""A UID (PS3.5 9.1) or an error comment (PS3.7 Annex C) is told no further."""

REQUESTS = {ASSOCIATE_AC: ASSOCIATE_RQ, ASSOCIATE_RJ: ASSOCIATE_RQ, RELEASE_RP: RELEASE_RQ}
"""Which PDU a PDU without messages answers (PS3.8 7.1, 7.2)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One of the two that speak: an application entity at an address."""

    address: str
    title: str = ""
    """Its AE title, '' where the capture does not tell."""
    port: str = ""
    """The port at which it accepts, '' where it asks; several with commas."""


@dataclass(frozen=True, slots=True)
class Event:
    """A rung: a message, or a PDU, from one endpoint to another."""

    first: int
    """The number of its first PDU."""
    last: int
    start: int
    """The frame that completed its first PDU."""
    frame: int
    """The frame that completed it."""
    time: int
    """The time of the frame `start`, in nanoseconds since the epoch."""
    association: int
    sender: str
    """The end of the connection that sent it, as `address:port`."""
    receiver: str
    source: Endpoint
    """Who sent it, as far as the capture had told by then."""
    target: Endpoint
    label: str
    kind: Kind
    failure: bool
    """Whether it rejects, aborts, or tells of a failure."""
    warning: bool
    """Whether it tells of a warning or a status unknown, or is not whole."""
    pdus: int
    """How many PDUs carry it."""
    size: int
    """The bytes of its fragments, or of the PDU."""
    response_time: int | None
    """The nanoseconds from the last byte of the request to its first."""
    message_id: int | None
    answers: int | None
    """The number of the PDU with the request that it answers."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What an event says, whoever says it."""

    label: str
    kind: Kind
    failure: bool = False
    warning: bool = False
    response_time: int | None = None
    message_id: int | None = None
    answers: int | None = None


class Run:
    """The PDUs of one event, as far as they have come."""

    __slots__ = (
        "_association",
        "_start",
        "_stream",
        "first",
        "frame",
        "last",
        "missing",
        "pdus",
        "seen",
        "size",
        "wanted",
    )

    def __init__(self, arrival: Arrival) -> None:
        """Begin with a PDU, which is not taken yet."""
        self._association = arrival.association
        self._stream = arrival.pdu.stream
        self._start = arrival.pdu.frame
        self.first = self.last = arrival.number
        self.frame = self._start
        self.pdus = 0
        self.seen = 0
        """How many fragments have come."""
        self.size = 0
        self.missing = 0
        """How many of the bytes the capture lacks."""
        self.wanted = False
        """Whether someone has asked for one of the PDUs."""

    def take(self, arrival: Arrival, *, wanted: bool) -> None:
        """Count a PDU."""
        self.last, self.frame = arrival.number, arrival.pdu.frame
        self.pdus += 1
        self.wanted |= wanted

    def measure(self, start: int, stop: int) -> None:
        """Count the bytes of a range of the stream that is missing in part, perhaps."""
        self.size += stop - start
        self.missing += sum(high - low for low, high in self._stream.missing(start, stop))

    def make_event(self, saying: Saying) -> Event:
        """Make the event."""
        stream, association = self._stream, self._association
        sender, receiver = intern(stream.sender), intern(stream.peer.sender)
        titles = association.calling.strip(), association.called.strip()
        source, target = make_endpoints(sender, receiver, association.find_role(stream), *titles)
        return Event(
            self.first, self.last, self._start, self.frame, stream.capture.times[self._start - 1], association.number,
            sender, receiver, source, target, saying.label, saying.kind, saying.failure, saying.warning, self.pdus,
            self.size, saying.response_time, saying.message_id, saying.answers,
        )  # fmt: skip


@lru_cache(maxsize=1024)
def make_endpoints(
    sender: str, receiver: str, role: str | None, calling: str, called: str
) -> tuple[Endpoint, Endpoint]:
    """Make the two ends of a connection, the sender first; who asks has no port, for it has another each time.

    Where the capture does not tell who asked, the end with the lower port is taken for the one that is asked.
    """
    (here, port), (there, other) = (end.rpartition(":")[::2] for end in (sender, receiver))
    asks = role == "requestor" if role else int(port) > int(other)
    if asks:
        return Endpoint(here, calling), Endpoint(there, called, other)
    return Endpoint(here, called, port), Endpoint(there, calling)


Key = tuple[int, int, int]
"""The number of an association; which of its streams carries a message, and from which offset."""


class Ladder:
    """Puts the PDUs of a capture together to events.

    Events come in the order of their first PDUs, each as soon as its message is complete or given up and no message
    that began before is open. Where `LONGEST_QUEUE` of them wait for one that stays open, they are given before it: it
    then comes later than its place, and last of all if it never ends.
    """

    def __init__(self, *, unfold: bool = False) -> None:
        """Start before the first PDU; with `unfold` each PDU is an event."""
        self._unfold = unfold
        self._open: dict[Key, tuple[int, Message, Run]] = {}
        """The messages that are not complete, in the order in which they began, each with its place."""
        self._done: list[tuple[int, Event]] = []
        """What waits, as a heap by places: no two events have the same."""
        self._place = 0
        self._asked: dict[tuple[int, int, str], tuple[int, int]] = {}
        """The requests without messages that are not answered, by association, type and sender: PDU and frame."""

    def follow(self, arrival: Arrival, *, wanted: bool = True) -> Iterator[Event]:
        """Take the next PDU, and give what need not wait; an event of which no PDU is wanted is left out."""
        if arrival.pdu.kind != P_DATA or self._unfold:
            run = Run(arrival)
            run.take(arrival, wanted=wanted)
            run.measure(arrival.pdu.start, arrival.pdu.stop)
            self._close(self._next_place(), run, self._tell(arrival, run))
            self._sweep()
        else:
            self._fold(arrival, wanted=wanted)
        yield from self._release()

    def finish(self) -> Iterator[Event]:
        """Give the rest."""
        for place, message, run in self._open.values():
            self._close(place, run, tell_message(message, run))
        self._open.clear()
        yield from self._release()

    def _next_place(self) -> int:
        self._place += 1
        return self._place

    def _close(self, place: int, run: Run, saying: Saying) -> None:
        if run.wanted:
            heappush(self._done, (place, run.make_event(saying)))

    def _release(self) -> Iterator[Event]:
        oldest = next(iter(self._open.values()))[0] if self._open else self._place + 1
        while self._done and (self._done[0][0] < oldest or len(self._done) > LONGEST_QUEUE):
            yield heappop(self._done)[1]

    def _fold(self, arrival: Arrival, *, wanted: bool) -> None:
        """Take the fragments of a PDU, each into its message; what cannot be read is an event of its own."""
        taken: set[Key] = set()
        for pdv in arrival.pdvs:
            if pdv.part is None:
                continue
            message = pdv.part.message
            key = find_key(message, arrival.association)
            if key not in self._open:
                self._sweep()
                self._open[key] = self._next_place(), message, Run(arrival)
            place, _, run = self._open[key]
            if key not in taken:
                run.take(arrival, wanted=wanted)
                taken.add(key)
            run.seen += 1
            run.measure(pdv.fragment.start, pdv.stop)
            if is_over(message, run.seen):
                del self._open[key]
                self._close(place, run, tell_message(message, run))
        unread = [pdv for pdv in arrival.pdvs if pdv.part is None]
        if unread or not arrival.pdvs:
            run = Run(arrival)
            run.take(arrival, wanted=wanted)
            for pdv in unread:
                run.measure(pdv.start, pdv.stop)
            self._close(self._next_place(), run, tell_data(unread))

    def _sweep(self) -> None:
        """Close the messages that were given up since their last fragment came."""
        over = [key for key, (_, message, run) in self._open.items() if is_over(message, run.seen)]
        for key in over:
            place, message, run = self._open.pop(key)
            self._close(place, run, tell_message(message, run))

    def _tell(self, arrival: Arrival, run: Run) -> Saying:
        """Tell what a PDU says."""
        pdu = arrival.pdu
        if pdu.kind == P_DATA:
            return tell_data(arrival.pdvs)
        if pdu.kind == LOST:
            whole = run.missing == run.size
            told = f"{run.size} bytes missing" if whole else describe(arrival)
            return Saying(f"LOST {told}", "lost", warning=True)
        took, answers = self._find_request(arrival)
        failure = pdu.kind in (ABORT, ASSOCIATE_RJ)
        warning = pdu.kind not in PDU_NAMES or run.missing > 0 or refuses_all(arrival)
        words = [tell_control(arrival), tell_delay(took), tell_missing(run.missing)]
        label = " ".join(filter(None, words))
        return Saying(label, "control", failure, warning and not failure, took, None, answers)

    def _find_request(self, arrival: Arrival) -> tuple[int | None, int | None]:
        """Find what a PDU without messages answers: after how many nanoseconds, and the request's PDU."""
        pdu, number = arrival.pdu, arrival.association.number
        if pdu.kind in REQUESTS.values():
            self._asked[number, pdu.kind, pdu.stream.sender] = arrival.number, pdu.frame
        answers, asked = self._asked.pop((number, REQUESTS.get(pdu.kind, LOST), pdu.stream.peer.sender), (None, 0))
        if answers is None:
            return None, None
        first, times = min(pdu.stream.frames(pdu.start, pdu.start + 1), default=pdu.frame), pdu.stream.capture.times
        return times[first - 1] - times[asked - 1] if first >= asked else None, answers


def make_events(arrivals: Iterable[Arrival], *, unfold: bool = False) -> Iterator[Event]:
    """Give the events of a capture, or of some of its associations, while it is read."""
    ladder = Ladder(unfold=unfold)
    for arrival in arrivals:
        yield from ladder.follow(arrival)
    yield from ladder.finish()


def find_key(message: Message, association: Association) -> Key:
    """Give what names a message, even where it is put together anew from its PDUs."""
    first = min((part.pdvs[0] for part in (message.command, message.data) if part.pdvs), key=lambda pdv: pdv.start)
    stream = first.pdu.stream
    return association.number, int(stream is stream.connection.streams[0]), first.start


def is_whole(message: Message) -> bool:
    """Tell whether both command set and data set are there."""
    return message.command.complete and (message.data.complete or not message.has_data_set)


def is_over(message: Message, seen: int) -> bool:
    """Tell whether no more of a message comes, of which so many fragments have come."""
    if seen < len(message.command.pdvs) + len(message.data.pdvs):
        return False
    return is_whole(message) or message.command.abandoned or (message.data.complete and not message.command.pdvs)


# What is told


def tell_message(message: Message, run: Run) -> Saying:
    """Tell what a message says, and in how many PDUs if there are several."""
    whole = is_whole(message) and message.command.torn is None and message.data.torn is None
    if message.command.complete:
        said = tell_command(message)
    elif message.command.pdvs:
        said = Saying("command set", "command")
    else:
        said = Saying("data without a command set", "data", warning=True)
    folded = f"{run.pdus} PDUs {tell_size(run.size)}" if run.pdus > 1 else ""
    words = [said.label, folded, "" if whole or not message.command.pdvs else "incomplete", tell_missing(run.missing)]
    warning = said.warning or not whole or run.missing > 0
    return replace(said, label=" ".join(filter(None, words)), warning=warning and not said.failure)


def tell_data(pdvs: list[Pdv]) -> Saying:
    """Tell what fragments of a PDU say."""
    said = [tell_pdv(pdv) for pdv in pdvs] or [Saying("no PDV", "data", warning=True)]
    failure = any(each.failure for each in said)
    named = [each for each in said if each.message_id is not None] or said
    first = next((each for each in named if each.answers is not None), named[0])
    return Saying(
        ", ".join(each.label for each in said),
        "command" if any(each.kind == "command" for each in said) else "data",
        failure,
        any(each.warning for each in said) and not failure,
        first.response_time,
        first.message_id,
        first.answers,
    )


def tell_pdv(pdv: Pdv) -> Saying:
    """Tell what a fragment says: all that its message does if it is the last of the command set."""
    part, lost = pdv.part, pdv.pdu.stream.missing(pdv.start, pdv.stop)
    missing = tell_missing(sum(high - low for low, high in lost))
    if part is None:
        return Saying(" ".join(filter(None, ["PDV that cannot be read", missing])), "data", warning=True)
    message = part.message
    if pdv.is_command and pdv.is_last and part.complete:
        said = tell_command(message)
        return replace(said, label=f"{said.label} {missing}".strip(), warning=said.warning or bool(lost))
    message_id = find_id(message)
    name = "" if message_id is None else f"#{message_id}"
    split = len(part.pdvs) > 1 and part.complete and part.torn is None
    place = f"[{pdv.index}/{len(part.pdvs)}]" if split else ""
    words = ["command set" if pdv.is_command else "data", name, place, f"{len(pdv.fragment)} B", missing]
    kind: Kind = "command" if pdv.is_command else "data"
    return Saying(" ".join(filter(None, words)), kind, warning=bool(lost), message_id=message_id)


def tell_command(message: Message) -> Saying:
    """Tell what a command set says: its name, message ID, and SOP class or status, counts and response time."""
    status, message_id = message.number_at(STATUS), find_id(message)
    field = message.number_at(COMMAND_FIELD)
    name = message.name or ("command" if field is None else f"command {field:04X}H")
    words = [name, "" if message_id is None else f"#{message_id}"]
    took = message.response_time
    outcome = "" if status is None else classify_status(status)
    if status is None:
        words.append(call_uid(message.sop_class[:LONGEST_TEXT]))
    else:
        words.append(f"0x{status:04X} {tell_status(message, status)}")
        words += [f"{letter}={count}" for letter, element in COUNTS if (count := message.number_at(element))]
        words.append(tell_delay(took))
    doubtful = outcome == "warning" or (status is not None and not outcome) or not message.name
    answers = message.request.pdu if message.request is not None else 0
    label = " ".join(filter(None, words))
    return Saying(label, "command", outcome == "failure", doubtful, took, message_id, answers or None)


def find_id(message: Message) -> int | None:
    """Give the message ID of a request, or of that which a response or a cancellation is about."""
    own = message.number_at(MESSAGE_ID)
    return message.number_at(RESPONDED_ID) if own is None else own


def tell_status(message: Message, status: int) -> str:
    """Tell what a status means, with the comment that came with it; of one that is pending no more than that."""
    if classify_status(status) == PENDING:
        return PENDING.capitalize()
    comment = message.text_at(ERROR_COMMENT)[:LONGEST_TEXT]
    return name_status(status, message.name, message.sop_class) + (f" ({comment})" if comment else "")


def tell_control(arrival: Arrival) -> str:
    """Tell the name of a PDU without messages, with its contexts or its reason."""
    name, contexts = arrival.pdu.name, arrival.association.contexts.values()
    count = f"{len(contexts)} context{'' if len(contexts) == 1 else 's'}"
    if arrival.pdu.kind == ASSOCIATE_RQ:
        return f"{name} {count}"
    if arrival.pdu.kind == ASSOCIATE_AC:
        return f"{name} {sum(context.result == ACCEPTED for context in contexts)} of {count} accepted"
    end = find_end(arrival) if arrival.pdu.kind in (ABORT, ASSOCIATE_RJ) else None
    return f"{name} ({end.why})" if end is not None and end.why else name


def refuses_all(arrival: Arrival) -> bool:
    """Tell whether a PDU accepts an association and none of its contexts."""
    contexts = arrival.association.contexts.values()
    return arrival.pdu.kind == ASSOCIATE_AC and not any(context.result == ACCEPTED for context in contexts)


def tell_missing(count: int) -> str:
    """Tell how many bytes the capture lacks."""
    return f"{count} bytes missing" if count else ""


# The columns of a diagram


Name = tuple[str, str, str]
"""What names a column: address, AE title, and what parts ends that are alike: the port, or `asks`."""


class Columns:
    """The endpoints of events, a column each, and between which of them each event goes.

    An endpoint is an address and an AE title: the connections between two of them share their columns. An end whose
    title is not known is taken for the one that has been, or will be, at the same address and port. Where both ends
    are alike, as on one host whose titles nobody knows, their ports part them.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        """Take all events: the columns stand in order of first appearance."""
        self._known: dict[tuple[int, str], Endpoint] = {}
        """The ends that have titles, by end and association, or 0 for any."""
        self._columns: dict[Name, int] = {}
        self._ports: list[dict[str, None]] = []
        """The ports of each column, in order of first appearance."""
        for event in events:
            for end, endpoint in ((event.sender, event.source), (event.receiver, event.target)):
                if endpoint.title:
                    self._known.setdefault((event.association, end), endpoint)
                    self._known.setdefault((0, end), endpoint)
        for event in events:
            for name, endpoint in zip(self._name(event), (event.source, event.target), strict=True):
                self._add(name, endpoint.port)

    def _add(self, name: Name, port: str) -> None:
        column = self._columns.setdefault(name, min(len(self._ports), MOST_ENDPOINTS - 1))
        if column == len(self._ports):
            self._ports.append({})
        if port:
            self._ports[column].setdefault(port)

    @property
    def endpoints(self) -> list[Endpoint]:
        """Give the endpoint of each column; where there are too many, the last one stands for all others."""
        if len(self._columns) > MOST_ENDPOINTS:
            names = [*self._columns][: MOST_ENDPOINTS - 1]
            return [*self._list(names), Endpoint("all others")]
        return self._list(self._columns)

    def _list(self, names: Iterable[Name]) -> list[Endpoint]:
        return [Endpoint(name[0], name[1], ",".join(self._ports[self._columns[name]])) for name in names]

    def find(self, event: Event) -> tuple[int, int]:
        """Give the columns of sender and receiver; they are the same only where it is that of all others."""
        source, target = self._name(event)
        return self._columns[source], self._columns[target]

    def _name(self, event: Event) -> tuple[Name, Name]:
        """Tell whose columns those of an event are."""
        ends = [(event.sender, event.source), (event.receiver, event.target)]
        here, there = (self._look_up(event.association, end, endpoint) for end, endpoint in ends)
        source, target = (here.address, here.title, ""), (there.address, there.title, "")
        if source != target:
            return source, target
        ports = event.source.port, event.target.port
        return (*source[:2], ports[0] or "asks"), (*target[:2], ports[1] or "asks")

    def _look_up(self, association: int, end: str, endpoint: Endpoint) -> Endpoint:
        if endpoint.title:
            return endpoint
        return self._known.get((association, end)) or self._known.get((0, end)) or endpoint


def list_endpoints(events: Sequence[Event]) -> list[Endpoint]:
    """Give the endpoints between which events go, in order of first appearance."""
    return Columns(events).endpoints
