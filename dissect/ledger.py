"""The PDUs of a capture and its connections, in: an account of each association, out."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from sys import intern

from dissect.amounts import BILLION
from dissect.association import Arrival, Context
from dissect.capture.segments import Capture
from dissect.catalogue import CATALOG
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import ABORT, ASSOCIATE_RJ, HEADER, LOST, P_DATA, RELEASE_RP, RELEASE_RQ, read_reason
from dissect.dicom.statuses import classify_status, name_status
from dissect.dicom.terms import ABORT_REASONS, REJECT_REASONS, STATUS
from dissect.quality import Carriage, measure_carriage
from dissect.summary import collect_codes
from dissect.tcp.streams import Connection

PENDING = "pending"
ACCEPTED = 0
"""The result of a presentation context that was accepted (PS3.8 Table 9-18)."""


@dataclass(slots=True)
class End:
    """How an association ended: `released`, `rejected`, `aborted`, `reset`, `closed` (without a release) or `open`."""

    how: str = "open"
    by: str | None = None
    """`address:port` of who ended it."""
    why: str = ""
    """The reason that a rejection or an abort gives."""


OUTCOMES = ("success", "warning", "failure", "cancel", "other")
"""What may become of an operation; `other` is a status that the standard does not define."""

NO_TIMES: "array[int]" = array("q")


@dataclass(slots=True)
class Tally:
    """What became of the operations of one kind."""

    requests: int = 0
    success: int = 0
    warning: int = 0
    failure: int = 0
    cancel: int = 0
    other: int = 0
    pending: int = 0
    times: "array[int]" = field(default_factory=lambda: NO_TIMES)
    """The response times of the final responses, in nanoseconds."""
    slowest: tuple[int, int] = (-1, 0)
    """The longest of them, and the number of the PDU with that response."""
    size: int = 0
    """The bytes of the data sets."""

    @property
    def answered(self) -> int:
        """Give how many operations have a final response."""
        return self.success + self.warning + self.failure + self.cancel + self.other

    @property
    def unanswered(self) -> int:
        """Give how many requests have none."""
        return max(self.requests - self.answered, 0)

    def note(self, kind: str, took: int | None, pdu: int) -> None:
        """Count a final response of a status class, which came after so many nanoseconds in a PDU."""
        kind = kind or "other"
        setattr(self, kind, getattr(self, kind) + 1)
        if took is not None and took >= 0:
            self._extend((took,))
            self.slowest = max(self.slowest, (took, pdu))

    def add(self, other: "Tally") -> None:
        """Add what became of others."""
        for name in ("requests", "pending", "size", *OUTCOMES):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self._extend(other.times)
        self.slowest = max(self.slowest, other.slowest)

    def _extend(self, times: Iterable[int]) -> None:
        if self.times is NO_TIMES:
            self.times = array("q")
        self.times.extend(times)


Kind = tuple[str, str]
"""The name of an operation, such as C-STORE, and the UID of its SOP class."""


@dataclass(slots=True)
class Account:
    """What happened in an association; while a thread adds to it, others may ask."""

    number: int
    connection: int
    """The number of its connection among those that carried anything."""
    calling: str = ""
    called: str = ""
    requestor: str | None = None
    """`address:port`; None, as the acceptor, where the capture does not tell who asked."""
    acceptor: str | None = None
    sides: tuple[str, str] = ("", "")
    """Both ends."""
    first: int = 0
    """The frame that completed its first PDU."""
    last: int = 0
    contexts: dict[int, Context] = field(default_factory=dict)
    pdus: int = 0
    counts: list[int] = field(default_factory=lambda: [0, 0])
    """The bytes of the PDUs that each of the `sides` sent."""
    operations: dict[Kind, Tally] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    """How many PDUs have a note of each code."""
    end: End = field(default_factory=End)
    carriage: Carriage | None = None

    @property
    def ended_by(self) -> str | None:
        """Tell who ended it: `requestor`, `acceptor`, or None where the capture does not tell."""
        return self.find_role(self.end.by)

    def measure_duration(self, capture: Capture) -> float:
        """Give the seconds from the first PDU to the last."""
        return (capture.times[self.last - 1] - capture.times[self.first - 1]) / BILLION

    @property
    def accepted(self) -> int:
        """Give how many presentation contexts were accepted."""
        return sum(context.result == ACCEPTED for context in list(self.contexts.values()))

    @property
    def sent(self) -> dict[str, int]:
        """Give the bytes of the PDUs that each side sent, by `address:port`."""
        return dict(zip(self.sides, self.counts, strict=True))

    def find_role(self, side: str | None) -> str | None:
        """Tell who an end is: `requestor`, `acceptor`, or None where the capture does not tell."""
        return {self.requestor: "requestor", self.acceptor: "acceptor"}.get(side) if side is not None else None

    def sum_operations(self) -> dict[str, Tally]:
        """Give what became of the operations by name alone."""
        found: dict[str, Tally] = {}
        for (name, _), tally in list(self.operations.items()):
            found.setdefault(name, Tally()).add(tally)
        return found

    @property
    def failures(self) -> int:
        """Give how much failed: operations, and the association itself by a rejection, an abort or a reset."""
        failed = sum(tally.failure for tally in list(self.operations.values()))
        return failed + (self.end.how in ("rejected", "aborted", "reset"))

    @property
    def problems(self) -> Counter[str]:
        """Give how many PDUs have a note of each severity, for each code."""
        found: Counter[str] = Counter()
        for code, count in list(self.codes.items()):
            found[CATALOG[code].severity] += count
        return found


class Ledger:
    """The accounts of all associations, by number."""

    def __init__(self, capture: Capture) -> None:
        """Start without any."""
        self._capture = capture
        self.accounts: dict[int, Account] = {}
        self.statuses: Counter[tuple[str, int, str]] = Counter()
        """How many responses there were of each name and status, with the status's meaning."""
        self._contexts: dict[tuple[object, ...], dict[int, Context]] = {}
        self._closed: dict[int, tuple[Carriage, End]] = {}
        """How connections carried associations of which PDUs are still to come, and ended."""

    def follow(self, arrival: Arrival, *, counted: bool = True) -> None:
        """Take a PDU into account; how its association ended even where it is not counted itself."""
        pdu, association = arrival.pdu, arrival.association
        account = self.accounts.get(association.number)
        if account is None or pdu.kind != P_DATA:  # no other PDU tells who the entities are and what they agreed
            account = account or self._open(arrival)
            account.calling, account.called = intern(association.calling.strip()), intern(association.called.strip())
            account.contexts = association.contexts
            if association.requestor is not None:
                account.requestor, account.acceptor = association.requestor.sender, association.requestor.peer.sender
        account.first, account.last = min(account.first, pdu.frame), max(account.last, pdu.frame)
        if pdu.kind not in (P_DATA, LOST):
            end = find_end(arrival)
            if end is not None and (end.how, account.end.how) != ("closed", "reset"):
                account.end = end
        if counted:
            self._count_pdu(account, arrival)

    def _count_pdu(self, account: Account, arrival: Arrival) -> None:
        """Count a PDU, and the messages that it completes."""
        pdu = arrival.pdu
        account.pdus += 1
        account.counts[pdu.stream is pdu.stream.connection.streams[1]] += pdu.stop - pdu.start
        if codes := collect_codes(arrival):
            account.codes.update(codes)
        for pdv in arrival.pdvs:
            if pdv.part is None:
                continue
            if pdv.is_command and pdv.is_last and pdv.part.complete:
                self._count_message(account, pdv.part.message, arrival)
            elif not pdv.is_command:
                find_tally(account, pdv.part.message).size += len(pdv.fragment)

    def _open(self, arrival: Arrival) -> Account:
        connection = arrival.association.connection
        sides = (connection.streams[0].sender, connection.streams[1].sender)
        account = Account(arrival.association.number, connection.number, sides=sides, first=arrival.pdu.frame)
        account.carriage, account.end = self._closed.pop(account.number, (None, End()))
        self.accounts[account.number] = account
        return account

    def _count_message(self, account: Account, message: Message, arrival: Arrival) -> None:
        """Count a request, or a response that has a status."""
        if not message.name.endswith("-RSP"):
            if message.name and message.name != "C-CANCEL-RQ":
                find_tally(account, message).requests += 1
            return
        status = message.number_at(STATUS)
        if status is None:
            return
        kind = classify_status(status)
        self.statuses[message.name, status, name_status(status, message.name, message.sop_class)] += 1
        tally = find_tally(account, message)
        if kind == PENDING:
            tally.pending += 1
            return
        tally.note(kind, message.response_time, arrival.number)

    def close(self, connection: Connection, numbers: list[int]) -> None:
        """Take into account how a connection carried associations, and how it ended the last of them."""
        carriage = measure_carriage(connection)
        for number in numbers:
            account = self.accounts.get(number)
            end = find_end_of_connection(connection) if number == numbers[-1] else End()
            if account is None:
                self._closed[number] = carriage, end
                continue
            account.carriage, account.contexts = carriage, self._share(account.contexts)
            if account.end.how == "open" or (account.end.how == "closed" and end.how == "reset"):
                account.end = end

    def _share(self, contexts: dict[int, Context]) -> dict[int, Context]:
        """Give the same contexts of another association, if there is one: most of a pair of entities agree alike."""
        return self._contexts.setdefault(describe_contexts(contexts), contexts)


def describe_contexts(contexts: dict[int, Context]) -> tuple[object, ...]:
    """Give all that is known of presentation contexts."""
    return tuple(
        (each.context_id, each.abstract, each.offered, each.result, each.transfer) for each in contexts.values()
    )


def find_end_of_connection(connection: Connection) -> End:
    """Tell how an association ended that nobody ended, by what came first of its connection's end."""
    ways = [("closed", connection.fin), ("reset", connection.reset)]
    seen = [(segment.frame, how, segment) for how, segment in ways if segment is not None]
    if not seen:
        return End()
    _, how, first = min(seen)
    return End(how, connection.find_sender(first).sender)


def find_tally(account: Account, message: Message) -> Tally:
    """Find where the operation of a message is counted: a response counts with its request's SOP class."""
    first = message.request or message
    context = account.contexts.get(message.context_id)
    name = intern(message.name.removesuffix("-RQ").removesuffix("-RSP") or "unknown")
    kind = (name, intern(first.sop_class or (context.abstract if context is not None else "")))
    tally = account.operations.get(kind)
    if tally is None:
        tally = account.operations[kind] = Tally()
    return tally


def find_end(arrival: Arrival) -> End | None:
    """Tell how a PDU ends its association; None where it does not."""
    pdu, sender = arrival.pdu, arrival.pdu.stream.sender
    if pdu.kind == RELEASE_RQ:
        return End("closed", sender, "A-RELEASE-RQ not answered")
    if pdu.kind == RELEASE_RP:
        return End("released", pdu.stream.peer.sender)
    if pdu.kind not in (ABORT, ASSOCIATE_RJ):
        return None
    how = "aborted" if pdu.kind == ABORT else "rejected"
    source, reason = read_reason(pdu)
    if source < 0 or pdu.stream.missing(pdu.start + HEADER, pdu.stop):
        return End(how, sender)
    if pdu.kind == ABORT:
        return End(how, sender, f"provider: {ABORT_REASONS.get(reason, f'reason {reason}')}" if source == 2 else "user")
    return End(how, sender, REJECT_REASONS.get(source, {}).get(reason, f"source {source}, reason {reason}"))
