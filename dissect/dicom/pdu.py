"""The bytes of a PDU, in: its fields as nodes, out (PS3.8 9.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from dissect.cursor import Cursor
from dissect.dicom.items import decode_associate, read_fields
from dissect.dicom.terms import (
    ABORT_REASONS,
    ABORT_SOURCES,
    PDU_NAMES,
    PDU_TYPES,
    REJECT_REASONS,
    REJECT_RESULTS,
    REJECT_SOURCES,
)
from dissect.node import MEANING, MEANING_HEX, Node
from dissect.notes import Note, note
from dissect.spans import Buffer, Span
from dissect.tcp.streams import Stream

HEADER = 6
"""PDU type, a reserved byte, and the length of what follows."""

LOST = 0
"""The type of a run of bytes that is not a PDU: what stands where a header should be."""

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
ASSOCIATES = frozenset((ASSOCIATE_RQ, ASSOCIATE_AC))
FIXED = frozenset((ASSOCIATE_RJ, RELEASE_RQ, RELEASE_RP, ABORT))
"""PDUs of four bytes behind the header (PS3.8 Tables 9-21, 9-24, 9-25, 9-26)."""

OTHERS = (
    ((b"GET ", b"POST ", b"PUT ", b"HEAD ", b"HTTP/", b"<!DOCTYPE", b"<html"), "HTTP"),
    ((b"\x0bMSH|", b"MSH|"), "HL7"),
    ((b"\x16\x03", b"\x15\x03"), "TLS"),
    ((b"SSH-",), "SSH"),
)
"""How other protocols begin that come to a port by mistake."""

LONGEST_SIGN = 16
"""How many bytes are looked at for that."""

LONGEST_ASSOCIATE = 1 << 20
"""No A-ASSOCIATE PDU is longer: 128 contexts with 64 transfer syntaxes each have half a mebibyte."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """A PDU in a stream, or with type `LOST` a run of bytes that is none."""

    kind: int
    stream: Stream
    start: int
    stop: int
    length: int
    """What the length field says; the bytes themselves end at `stop`."""
    frame: int
    """The number of the frame that completed it."""

    @property
    def span(self) -> Span:
        """Give the PDU's bytes, its header among them."""
        return Span(self.stream, self.start, self.stop)

    def read_whole(self) -> bytes:
        """Give the bytes up to the first that is missing, but no more than any PDU without messages has."""
        stop = min(self.start + HEADER + LONGEST_ASSOCIATE, self.stop)
        missing = self.stream.missing(self.start, stop)
        return self.stream.read(self.start, missing[0][0] if missing else stop)

    @property
    def name(self) -> str:
        """Give the standard's name of the PDU type."""
        return PDU_NAMES.get(self.kind) or ("Lost bytes" if self.kind == LOST else f"PDU type {self.kind:02X}H")


def read_reason(pdu: Pdu) -> tuple[int, int]:
    """Give source and reason of an A-ASSOCIATE-RJ or A-ABORT (PS3.8 9.3.4, 9.3.8), -1 where the PDU is cut."""
    body = pdu.stream.read(pdu.start + HEADER, min(pdu.start + HEADER + 4, pdu.stop))
    return (body[2], body[3]) if len(body) == 4 else (-1, -1)


def decode_reject(cur: Cursor) -> None:
    """Read the body of an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    cur.reserved(1)
    cur.uint("Result", 1, REJECT_RESULTS, MEANING, "reject-reason")
    source = cur.uint("Source", 1, REJECT_SOURCES, MEANING, "reject-reason")
    cur.uint("Reason", 1, REJECT_REASONS.get(source, {}), MEANING, "reject-reason")


def decode_release(cur: Cursor) -> None:
    """Read the body of an A-RELEASE-RQ or -RP (PS3.8 9.3.6, 9.3.7)."""
    cur.reserved(4)


def decode_abort(cur: Cursor) -> None:
    """Read the body of an A-ABORT (PS3.8 9.3.8)."""
    cur.reserved(2)
    source = cur.uint("Source", 1, ABORT_SOURCES, MEANING, "abort-source")
    if source == 0:
        cur.uint("Reason", 1, form="N/A")  # PS3.8 Table 9-26: not significant from the service user
    elif source in ABORT_SOURCES:
        cur.uint("Reason", 1, ABORT_REASONS, MEANING, "abort-reason")
    else:
        cur.uint("Reason", 1)


DECODERS: dict[int, Callable[[Cursor], None]] = {
    ASSOCIATE_RQ: decode_associate,
    ASSOCIATE_AC: decode_associate,
    ASSOCIATE_RJ: decode_reject,
    RELEASE_RQ: decode_release,
    RELEASE_RP: decode_release,
    ABORT: decode_abort,
}


def decode_pdu(cur: Cursor, title: str) -> None:
    """Read a PDU that carries no messages: header fields, and under a node with its title all the rest."""
    kind = decode_header(cur)
    length = cur.node.children[-1].value
    if isinstance(length, int) and length > cur.left:
        cur.excuse()
    decoder = DECODERS.get(kind)
    if decoder is None:
        cur.undecoded()
    else:
        body = cur.open("body", title, cur.left, layout="heading")
        read_fields(body, decoder)


def decode_header(cur: Cursor) -> int:
    """Read type and length of a PDU (PS3.8 9.3.1), and give the type."""
    kind = cur.uint("PDU Type", 1, form=MEANING_HEX)
    cur.node.children[-1].meaning = PDU_TYPES.get(kind, "Unknown")
    cur.reserved(1)
    cur.uint("PDU Length", 4)
    return kind


def examine_header(pdu: Pdu) -> list[Note]:
    """Give the notes on a PDU's type and length, or on what is no PDU."""
    if pdu.kind == LOST:
        return examine_lost(pdu)
    notes, size = [], pdu.stop - pdu.start
    if pdu.kind not in PDU_NAMES:
        notes.append(note("pdu-type", Span(pdu.stream, pdu.start, pdu.start + 1), value=pdu.kind))
    field = Span(pdu.stream, pdu.start + 2, pdu.start + HEADER)
    if pdu.kind in FIXED and pdu.length != 4:
        notes.append(note("pdu-length", field, value=pdu.length, wanted=4))
    if size < HEADER + pdu.length and not is_broken_off(pdu):
        notes.append(note("pdu-cut", field, what=tell_what_ended(pdu), count=HEADER + pdu.length - size))
    if pdu.kind == P_DATA and size == HEADER and not pdu.length:
        notes.append(note("no-pdv", pdu.span))
    return notes


def examine_lost(pdu: Pdu) -> list[Note]:
    """Give the note on a run of bytes that is no PDU."""
    size = pdu.stop - pdu.start
    if pdu.stream.missing(pdu.start, pdu.stop):
        return []  # there may be a PDU among them of which the capture lacks a part
    if is_late(pdu):
        return [note("late-start", pdu.span, count=size)]
    if is_begun(pdu):
        return [note("pdu-cut", pdu.span, what=tell_what_ended(pdu), count=f"at least {HEADER - size}")]
    then = "nothing follows" if pdu.stop == pdu.stream.end else "reading resumes at the next PDU header"
    start = pdu.stream.read(pdu.start, min(pdu.start + LONGEST_SIGN, pdu.stop))
    what = next((f" but {name}" for signs, name in OTHERS if start.startswith(signs)), "")
    return [note("not-a-pdu", pdu.span, count=size, what=what, start=pdu.start, last=pdu.stop - 1, then=then)]


def tell_what_ended(pdu: Pdu) -> str:
    """Tell what ended within a PDU: the capture, or the connection by a reset."""
    return "the capture" if pdu.stream.connection.reset is None else "the connection"


def is_broken_off(pdu: Pdu) -> bool:
    """Tell whether the sender closed the connection within a PDU, which the end of the association tells of."""
    stream = pdu.stream
    return stream.final == pdu.stop and not stream.gaps and stream.connection.reset is None


def is_begun(pdu: Pdu) -> bool:
    """Tell whether lost bytes are the beginning of a header within which the capture ends, or a reset came."""
    stream = pdu.stream
    if pdu.stop - pdu.start >= HEADER or pdu.stop != stream.end or stream.final is not None:
        return False
    data = stream.read(pdu.start, pdu.stop)
    return data[0] in PDU_NAMES and not any(data[1:2])


def is_late(pdu: Pdu) -> bool:
    """Tell whether lost bytes are the end of a PDU within which the capture begins."""
    return pdu.kind == LOST and pdu.start == 0 and not pdu.stream.opened


@lru_cache(maxsize=64)
def find_codes(data: bytes) -> list[str]:
    """Give the codes of the notes inside a PDU of these bytes that carries no messages."""
    root = Node("", "")
    decode_pdu(Cursor(Buffer(data), 0, len(data), root), "")
    return [found.code for _, node in root.walk() for found in node.notes]
