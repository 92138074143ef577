"""The PDUs of both directions in time order, in: associations, and each PDU in its place in one, out."""

from collections.abc import Sequence
from dataclasses import dataclass

from dissect.dicom.assembly import Assembler
from dissect.dicom.associate import Associate, read_associate
from dissect.dicom.dimse import Pdv, pull_pdvs
from dissect.dicom.pdu import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    HEADER,
    LOST,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    Pdu,
)
from dissect.notes import Finding, Note, note
from dissect.operations import Moves, Operations
from dissect.spans import Span
from dissect.tcp.streams import Connection, Stream

NO_MESSAGE_AFTER = frozenset((ASSOCIATE_RJ, RELEASE_RQ, RELEASE_RP, ABORT))
"""PDUs after which the side that sent them sends no message (PS3.8 9.2.3)."""

LONGEST_WAIT = 4096
"""A message in more fragments than this is put out before its last one is there, and so without their number."""


@dataclass(slots=True)
class Context:
    """A presentation context as negotiated (PS3.8 7.1.1.13, 7.1.1.14)."""

    context_id: int
    abstract: str
    offered: tuple[str, ...]
    result: int | None = None
    transfer: str = ""
    """The transfer syntax accepted, '' where none is."""

    @property
    def is_refused(self) -> bool:
        """Tell whether it was answered, and not accepted (PS3.8 Table 9-18)."""
        return bool(self.result)


class Association:
    """An association: who asked whom for what, what was agreed, and the messages that are on their way."""

    __slots__ = (
        "_assemblers", "_ended", "_message_counts", "_operations", "_ordinals", "_pdu_counts", "answered", "called",
        "calling", "connection", "contexts", "holed", "moves", "number", "rejected", "request",
        "requestor", "siblings",
    )  # fmt: skip

    def __init__(self, number: int, connection: Connection, moves: Moves, siblings: Sequence[int]) -> None:
        """Start before its first PDU."""
        self.number = number
        """Its place among the associations of the capture, from 1."""
        self.connection = connection
        self.siblings = siblings
        """The numbers of all associations on its connection, its own among them, as far as they have begun."""
        self.requestor: Stream | None = connection.syn_by
        """The stream that the requestor sends; None where the capture does not tell."""
        self.request: Associate | None = None
        self.called = ""
        self.calling = ""
        self.contexts: dict[int, Context] = {}
        self.answered = False
        """Whether the acceptor has answered the A-ASSOCIATE-RQ."""
        self.rejected = False
        """Whether the acceptor has rejected the association."""
        self.holed = False
        """Whether the capture lacks bytes of the negotiation, so that nobody can be blamed for a context unknown."""
        self.moves = moves
        """The C-MOVE requests of the capture."""
        self._operations = Operations(moves)
        self._ended: set[int] = set()
        self._assemblers = {id(stream): Assembler(torn=not stream.opened) for stream in connection.streams}
        self._pdu_counts: dict[int, int] = {}
        self._message_counts: dict[str, int] = {}
        self._ordinals: dict[tuple[int, int], int] = {}

    def find_role(self, stream: Stream) -> str | None:
        """Tell who sends a stream: `requestor`, `acceptor`, or None where the capture does not tell."""
        if self.requestor is None:
            return None
        return "requestor" if stream is self.requestor else "acceptor"

    def count_pdu(self, kind: int, stream: Stream, start: int) -> int:
        """Give a PDU its place among those of its type, when its first byte comes and again when it is complete."""
        place = (id(stream), start)
        if place not in self._ordinals:
            self._ordinals[place] = self._pdu_counts[kind] = self._pdu_counts.get(kind, 0) + 1
        return self._ordinals[place]

    def has_begun(self) -> bool:
        """Tell whether there were PDUs that another A-ASSOCIATE-RQ cannot come behind in the same association."""
        return self.request is not None or not self._pdu_counts.keys() <= {ASSOCIATE_RQ, ASSOCIATE_AC}

    def follow(self, pdu: Pdu) -> "Arrival":
        """Take a complete PDU into account."""
        ordinal = self.count_pdu(pdu.kind, pdu.stream, pdu.start)
        del self._ordinals[id(pdu.stream), pdu.start]
        pdvs = [self._follow_pdv(pdv) for pdv in pull_pdvs(pdu)] if pdu.kind == P_DATA else []
        if pdu.kind in (ASSOCIATE_RQ, ASSOCIATE_AC):
            holed = bool(pdu.stream.missing(pdu.start, pdu.stop))
            self.holed = self.holed or holed
            self._negotiate(read_associate(pdu.read_whole()[HEADER:], holed=holed), pdu)
        elif pdu.kind == LOST:
            self._assemblers[id(pdu.stream)].tear()
        elif pdu.kind == ASSOCIATE_RJ:
            self.rejected = True
            self.requestor = self.requestor or pdu.stream.peer
        if pdu.kind in NO_MESSAGE_AFTER:
            self.end(pdu.stream)
        return Arrival(pdu, self, ordinal, pdvs)

    def _follow_pdv(self, pdv: Pdv) -> Pdv:
        if (message := self._assemblers[id(pdv.pdu.stream)].follow(pdv)) is not None:
            message.number = self._message_counts[message.name] = self._message_counts.get(message.name, 0) + 1
            message.association = self.number
            self._operations.follow(message, self.calling)
        return pdv

    def _negotiate(self, said: Associate, pdu: Pdu) -> None:
        """Note what was proposed (PS3.8 9.3.2), or what of it was accepted (PS3.8 9.3.3)."""
        asked = pdu.kind == ASSOCIATE_RQ
        if asked:
            self.request, self.requestor = said, pdu.stream
        else:
            self.answered, self.requestor = True, self.requestor or pdu.stream.peer
        if asked or self.request is None:
            self.called, self.calling = said.called, said.calling
        for item in said.contexts:
            offered = item.transfers if asked else ()
            context = self.contexts.setdefault(item.context_id, Context(item.context_id, item.abstract, offered))
            if asked and not context.abstract:  # the capture may hold the answer before the request
                context.abstract, context.offered = item.abstract, offered
            if not asked and context.result is None:
                context.result = item.result
                context.transfer = item.transfers[0] if item.result == 0 and item.transfers else ""

    def end(self, stream: Stream) -> None:
        """Give up what is on its way in one direction: its side has said its last words."""
        self._ended.add(id(stream))
        self._assemblers[id(stream)].abandon()

    def may_be_answered(self) -> bool:
        """Tell whether an A-ASSOCIATE-AC may still come, and tell what the contexts are."""
        if self.answered or self.request is None or self.requestor is None:
            return False
        return id(self.requestor.peer) not in self._ended

    def judge_context(self, pdv: Pdv) -> Note | None:
        """Give the note on a PDV whose presentation context was not agreed (PS3.8 9.3.5.1)."""
        context = self.contexts.get(pdv.context_id)
        agreed = context is not None and context.transfer and (context.abstract or self.request is None)
        if agreed or pdv.part is None or self.holed:
            return None
        if context is None or (self.request is not None and not context.abstract):
            code = "context-unseen" if self.request is None else "context-unknown"
        else:
            unanswered = "context-rejected" if self.rejected else "context-unanswered"
            code = {None: unanswered, 0: "context-unnamed"}.get(context.result, "context-refused")
        return note(code, Span(pdv.pdu.stream, pdv.start + 4, pdv.start + 5), value=pdv.context_id)


class Arrival:
    """A complete PDU in its place: in an association, numbered, with its PDVs."""

    __slots__ = ("_parts", "association", "findings", "number", "ordinal", "pdu", "pdvs")

    def __init__(self, pdu: Pdu, association: Association, ordinal: int, pdvs: list[Pdv]) -> None:
        """Put a PDU in its place."""
        self.pdu = pdu
        self.association = association
        self.ordinal = ordinal
        """Its place among the association's PDUs of its type, by their first bytes, from 1."""
        self.pdvs = pdvs
        self.findings: Sequence[Finding] = ()
        """The rules that it breaks in its place, as far as they are known when it is put out."""
        self._parts = list(dict.fromkeys(pdv.part for pdv in pdvs if pdv.part is not None)) if pdvs else []
        self.number = 0
        """Its place among the PDUs of the capture in the order in which they are put out, from 1."""

    def is_settled(self) -> bool:
        """Tell whether nothing that comes later can say more about this PDU."""
        if not self.pdvs:
            return True
        if self.association.may_be_answered():
            return False
        while self._parts and self._parts[-1].is_settled(LONGEST_WAIT):
            self._parts.pop()
        return not self._parts
