"""PDUs in order, in: the events of a ladder diagram, who said what to whom, out.

A message's command set and data set make one event, however many PDUs carry them, or each PDU makes one. Nothing that
has been given out is kept: what is held is an open message, and what waits for one that began before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from sys import intern

from dissect.amounts import tell_delay
from dissect.association import Arrival, Association
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, LOST, P_DATA, RELEASE_RP, RELEASE_RQ
from dissect.dicom.terms import PDU_NAMES
from dissect.ladder.sayings import (
    Kind,
    Saying,
    refuses_all,
    tell_control,
    tell_data,
    tell_message,
    tell_missing,
)
from dissect.masking import hide_comments
from dissect.spans import count_bytes
from dissect.summary import describe

LONGEST_QUEUE = 1 << 12
"""When more events than this wait for a message that began before them, they wait no longer."""

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
    comments: tuple[str, ...]
    """The error comments that stand in the label."""


def mask_event(event: Event) -> Event:
    """Mask in an event what may tell who somebody is."""
    return replace(event, label=hide_comments(event.label, event.comments)) if event.comments else event


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
        self.missing += count_bytes(self._stream.missing(start, stop))

    def tell(self, message: Message) -> Saying:
        """Tell what a message says that these PDUs carry."""
        return tell_message(message, self.pdus, self.size, self.missing)

    def make_event(self, saying: Saying) -> Event:
        """Make the event."""
        stream, association = self._stream, self._association
        sender, receiver = intern(stream.sender), intern(stream.peer.sender)
        titles = association.calling.strip(), association.called.strip()
        source, target = make_endpoints(sender, receiver, association.find_role(stream), *titles)
        return Event(
            self.first, self.last, self._start, self.frame, stream.capture.times[self._start - 1], association.number,
            sender, receiver, source, target, saying.label, saying.kind, saying.failure, saying.warning, self.pdus,
            self.size, saying.response_time, saying.message_id, saying.answers, saying.comments,
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
            self._close(place, run, run.tell(message))
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
            self._open[key] = place, message, run  # put together anew, it may have grown
            if key not in taken:
                run.take(arrival, wanted=wanted)
                taken.add(key)
            run.seen += 1
            run.measure(pdv.fragment.start, pdv.stop)
            if is_over(message, run.seen):
                del self._open[key]
                self._close(place, run, run.tell(message))
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
            self._close(place, run, run.tell(message))

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


def find_key(message: Message, association: Association) -> Key:
    """Give what names a message, even where it is put together anew from its PDUs."""
    first = min((part.pdvs[0] for part in (message.command, message.data) if part.pdvs), key=lambda pdv: pdv.start)
    stream = first.pdu.stream
    return association.number, int(stream is stream.connection.streams[0]), first.start


def is_over(message: Message, seen: int) -> bool:
    """Tell whether no more of a message comes, of which so many fragments have come."""
    if seen < len(message.command.pdvs) + len(message.data.pdvs):
        return False
    return message.is_whole or message.command.abandoned or (message.data.complete and not message.command.pdvs)
