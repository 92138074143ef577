"""A P-DATA-TF, in: its PDVs, out; and what a message is, a command set and perhaps a data set (PS3.7 6.3)."""

from collections.abc import Iterator, Mapping

from dissect.dicom.pdu import HEADER, Pdu
from dissect.dicom.statuses import name_status
from dissect.dicom.terms import (
    AFFECTED_CLASS,
    AFFECTED_INSTANCE,
    COMMAND,
    COMMAND_FIELD,
    COMPLETED,
    DATA_SET_TYPE,
    ERROR_COMMENT,
    FAILED,
    LAST,
    MESSAGE_ID,
    NO_DATA_SET,
    REMAINING,
    REQUESTED_CLASS,
    REQUESTED_INSTANCE,
    RESPONDED_ID,
    STATUS,
    WARNED,
)
from dissect.notes import Note, note, note_gaps
from dissect.spans import Joined, Span
from dissect.text import decode

PDV_HEADER = 6
"""PDV length, presentation context ID, message control header (PS3.8 9.3.5.1, Annex E.2)."""

COUNTS = (("C", COMPLETED), ("R", REMAINING), ("W", WARNED), ("F", FAILED))
"""Sub-operations completed, remaining, warning and failed, in the order and with the letters of Wireshark."""

PENDING = 0xFF
"""The first byte of the statuses FF00 and FF01 (PS3.7 Annex C)."""

DATALESS = frozenset((
    "C-STORE-RSP", "C-ECHO-RQ", "C-ECHO-RSP", "C-CANCEL-RQ", "N-GET-RQ", "N-DELETE-RQ", "N-DELETE-RSP",
))  # fmt: skip
"""Messages that never have a data set (PS3.7 9.3, 10.3)."""


class Pdv:
    """A presentation data value: one fragment of a command set or data set (PS3.8 9.3.5.1)."""

    __slots__ = ("context_id", "cut", "flags", "index", "length", "notes", "part", "pdu", "sound", "start", "stop")

    def __init__(self, pdu: Pdu, start: int, stop: int, length: int, control: bytes) -> None:
        """Take a PDV whose length field stands at `start` in the stream."""
        self.pdu = pdu
        self.start = start
        self.stop = stop
        self.length = length
        self.context_id, self.flags = control if len(control) == 2 else (0, 0)
        self.notes: list[Note] = []
        self.cut = False
        """Whether the capture ends before it does."""
        self.sound = True
        """Whether its header can be trusted, so that it is part of a message."""
        self.part: Part | None = None
        self.index = 0
        """Its place among the fragments of its command set or data set, from 1."""

    @property
    def fragment(self) -> Span:
        """Give the bytes that belong to the message."""
        return Span(self.pdu.stream, min(self.start + PDV_HEADER, self.stop), self.stop)

    @property
    def is_command(self) -> bool:
        """Tell whether it carries a command set."""
        return bool(self.flags & COMMAND)

    @property
    def is_last(self) -> bool:
        """Tell whether it is the last fragment."""
        return bool(self.flags & LAST) and not self.cut


class Part:
    """A command set or data set in the making: its fragments in order."""

    __slots__ = ("abandoned", "complete", "message", "pdvs", "torn")

    def __init__(self, message: "Message") -> None:
        """Start without fragments."""
        self.message = message
        self.pdvs: list[Pdv] = []
        self.complete = False
        self.abandoned = False
        """Whether its last fragment will not come any more."""
        self.torn: int | None = None
        """The offset at which the capture lacks one fragment or more."""

    def tear(self) -> None:
        """Note that fragments may be missing from here on."""
        if self.torn is None:
            self.torn = sum(len(pdv.fragment) for pdv in self.pdvs)

    def is_settled(self, longest: int) -> bool:
        """Tell whether its fragments are all there, or not to be waited for: given up, or more than `longest`."""
        return self.complete or self.abandoned or len(self.pdvs) > longest

    def join(self) -> Joined:
        """Give its bytes."""
        return Joined([pdv.fragment for pdv in self.pdvs])


class Message:
    """A command set and the data set that follows it, sent by one side in one presentation context."""

    __slots__ = (
        "association", "cause", "command", "context_id", "data", "doubtful", "fields", "index", "name", "number",
        "numbers", "pdu", "raw", "refused", "request",
    )  # fmt: skip

    def __init__(self, context_id: int) -> None:
        """Start without fragments."""
        self.context_id = context_id
        self.command = Part(self)
        self.data = Part(self)
        self.doubtful = False
        """Whether an element of the command set has a length that its VR does not allow."""
        self.fields: Mapping[int, bytes] = {}
        """The raw values of the command set by element number; the group is always 0000."""
        self.numbers: Mapping[int, int] = {}
        """Those with the length of a US or UL, as numbers."""
        self.raw = b""
        """The bytes of the command set, b'' where the capture lacks some, or not all are elements."""
        self.name = ""
        """The standard's name of the message, '' where the command field is unknown or not there yet."""
        self.number = 0
        """Its place among the association's messages of that name, from 1."""
        self.index = 0
        """Its place among the messages of the capture, from 1, where someone counts them."""
        self.association = 0
        """The number of its association."""
        self.pdu = 0
        """The number of the PDU that completes its command set, 0 before that is put out."""
        self.refused = False
        """Whether a failure was responded before its data set was complete, so that its sender need not send it all."""
        self.request: Message | None = None
        """The request that it answers."""
        self.cause: Message | None = None
        """The C-GET or C-MOVE of which it is a sub-operation."""

    @property
    def first_frame(self) -> int:
        """Give the number of the frame that carried its first byte."""
        pdu = (self.command.pdvs or self.data.pdvs)[0].pdu
        return min(pdu.stream.frames(pdu.start, pdu.start + 1), default=pdu.frame)

    @property
    def last_frame(self) -> int:
        """Give the number of the frame that completed it, as far as it has come."""
        return (self.data.pdvs or self.command.pdvs)[-1].pdu.frame

    @property
    def response_time(self) -> int | None:
        """Give the nanoseconds from the last byte of the request to the first of this response.

        None without a request, and where the response came before the request's end, as a refusal may.
        """
        if self.request is None or self.first_frame < self.request.last_frame:
            return None
        times = self.command.pdvs[0].pdu.stream.capture.times
        return times[self.first_frame - 1] - times[self.request.last_frame - 1]

    def number_at(self, element: int) -> int | None:
        """Give a command element of US or UL as a number, or None where there is none."""
        return self.numbers.get(element)

    def text_at(self, element: int) -> str:
        """Give a command element of text."""
        return decode(self.fields.get(element, b"")).strip(" \0")

    @property
    def sop_class(self) -> str:
        """Give the SOP class UID that the command names."""
        return self.text_at(AFFECTED_CLASS) or self.text_at(REQUESTED_CLASS)

    @property
    def sop_instance(self) -> str:
        """Give the SOP instance UID that the command names."""
        return self.text_at(AFFECTED_INSTANCE) or self.text_at(REQUESTED_INSTANCE)

    @property
    def message_id(self) -> int | None:
        """Give the message ID of a request, or of that which a response or a cancellation is about."""
        own = self.number_at(MESSAGE_ID)
        return self.number_at(RESPONDED_ID) if own is None else own

    @property
    def has_data_set(self) -> bool:
        """Tell whether the command says that a data set follows."""
        return self.number_at(DATA_SET_TYPE) not in (None, NO_DATA_SET)

    @property
    def is_whole(self) -> bool:
        """Tell whether the last fragments are there of its command set and, if there is to be one, of its data set."""
        return self.command.complete and (self.data.complete or not self.has_data_set)

    @property
    def lacks_data(self) -> bool:
        """Tell whether a data set is due of which the last fragment has not come.

        None is where the message cannot have one: that its command says so is an error of its own.
        """
        due = self.has_data_set and not self.data.complete
        return due and (bool(self.data.pdvs) or self.name not in DATALESS)

    def describe(self) -> str:
        """Give the name with message ID, counts and status, as Wireshark's summary has it.

        Where a response tells of anything but success, Wireshark has the status alone; here all stands in brackets.
        """
        field, message_id = self.number_at(COMMAND_FIELD), self.number_at(MESSAGE_ID) or self.number_at(RESPONDED_ID)
        name = self.name or ("Command" if field is None else "")
        unknown = "" if name else f"command field {field:04X}H"
        words = [f"ID={message_id}"] if message_id else []
        words += [f"{letter}={count}" for letter, element in COUNTS if (count := self.number_at(element))]
        status = self.number_at(STATUS)
        told = ["Success"] if status == 0 else []
        if status is not None and status != 0 and status >> 8 != PENDING:
            told = [" ".join(words), name_status(status, self.name, self.sop_class), self.text_at(ERROR_COMMENT)]
            words = []
        brackets = ", ".join(filter(None, [*told, unknown]))
        return " ".join(filter(None, [name, *words, f"({brackets})" if brackets else ""]))


def pull_pdvs(pdu: Pdu) -> Iterator[Pdv]:
    """Read the PDV headers of a P-DATA-TF PDU; one whose length cannot be right takes the rest of the PDU."""
    stream, at, end = pdu.stream, pdu.start + HEADER, pdu.start + HEADER + pdu.length
    while at < pdu.stop:
        header = stream.read(at, min(at + PDV_HEADER, pdu.stop))
        length = int.from_bytes(header[:4], "big")
        room = end - at - 4
        pdv = Pdv(pdu, at, min(at + 4 + length, pdu.stop), length, header[4:])
        pdv.cut = pdv.stop < at + 4 + length
        lost = stream.missing(at, min(at + PDV_HEADER, pdu.stop))
        if lost or len(header) < PDV_HEADER or not 2 <= length <= room:
            pdv.stop, pdv.sound = pdu.stop, False
        if lost:
            pdv.notes = note_gaps(stream, lost)
        elif not pdv.sound and (len(header) == PDV_HEADER or pdu.stop == end):
            span = Span(stream, at, min(at + 4, pdu.stop))
            pdv.notes.append(note("pdv-length", span, value=length, room=max(room, 0)))
        elif pdv.sound and length & 1:
            pdv.notes.append(note("pdv-odd", pdv.fragment, count=length - 2))
        elif length == 2 and pdv.sound:
            pdv.notes.append(note("pdv-empty", Span(stream, at, min(at + 4, pdu.stop))))
        if pdv.flags & ~3 and pdv.sound:
            pdv.notes.append(note("reserved-bits", Span(stream, at + 5, at + 6)))
        yield pdv
        at = pdv.stop
