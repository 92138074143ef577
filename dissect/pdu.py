"""The bytes of a stream, in: PDUs, and the fields of each as nodes, out (PS3.8 9.3)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from dissect.cursor import Cursor
from dissect.items import decode_associate, read_fields
from dissect.node import MEANING, MEANING_HEX, Node
from dissect.notes import Note, note
from dissect.spans import Buffer, Span
from dissect.streams import NEVER, Stream
from dissect.terms import (
    ABORT_REASONS,
    ABORT_SOURCES,
    PDU_NAMES,
    PDU_TYPES,
    REJECT_REASONS,
    REJECT_RESULTS,
    REJECT_SOURCES,
)

HEADER = 6
"""PDU type, a reserved byte, and the length of what follows."""

LOST = 0
"""The type of a run of bytes that is not a PDU: what stands where a header should be."""

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
ASSOCIATES = frozenset((ASSOCIATE_RQ, ASSOCIATE_AC))
FIXED = frozenset((ASSOCIATE_RJ, RELEASE_RQ, RELEASE_RP, ABORT))
"""PDUs of four bytes behind the header (PS3.8 Tables 9-21, 9-24, 9-25, 9-26)."""

SHORTEST_ASSOCIATE = 68
"""The fixed fields of an A-ASSOCIATE-RQ or -AC behind the header (PS3.8 Tables 9-11, 9-17)."""

LONGEST_ASSOCIATE = 1 << 20
"""No A-ASSOCIATE PDU is longer: 128 contexts with 64 transfer syntaxes each have half a mebibyte."""

LONGEST_UNKNOWN = 1 << 20
"""A PDU of unknown type that claims to be longer is not taken for a PDU."""

PROBE = 76
"""How many bytes show that a header is sound: up to the header of the first item of an A-ASSOCIATE PDU."""

STEP = 1 << 16
"""How many bytes are searched at once for the next header."""


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
        holes = (low for low, _ in self.stream.missing(self.start, self.stop))
        return self.stream.read(self.start, min(self.start + LONGEST_ASSOCIATE, self.stop, *holes))

    @property
    def name(self) -> str:
        """Give the standard's name of the PDU type."""
        return PDU_NAMES.get(self.kind) or ("Lost bytes" if self.kind == LOST else f"PDU type {self.kind:02X}H")


def is_sound(probe: bytes) -> bool:
    """Tell whether bytes look like the start of a PDU: used where nothing else says that a PDU starts there."""
    if len(probe) < HEADER or not 1 <= probe[0] <= 7 or probe[1]:
        return False
    kind, length = probe[0], int.from_bytes(probe[2:6], "big")
    if kind in FIXED:
        return length == 4
    if kind == P_DATA:
        first = int.from_bytes(probe[6:10], "big")
        return len(probe) < 12 or (2 <= first <= length - 4 and probe[10] & 1 == 1 and probe[11] <= 3)
    return is_sound_associate(probe, length)


def is_sound_associate(probe: bytes, length: int) -> bool:
    """Tell whether bytes look like an A-ASSOCIATE-RQ or -AC (PS3.8 Tables 9-11, 9-17), as far as they go."""
    if not SHORTEST_ASSOCIATE <= length <= LONGEST_ASSOCIATE:
        return False
    titles = probe[10:42]
    return (
        probe[8:10].count(0) == len(probe[8:10])
        and not titles.translate(None, TITLE_BYTES)
        and (len(probe) < 75 or length == SHORTEST_ASSOCIATE or probe[74] in (0x10, 0x20, 0x21, 0x50))
    )


TITLE_BYTES = bytes([0, *range(0x20, 0x7F)])
"""What stands in AE titles: ISO 646 (PS3.5 6.2), and NUL, with which some devices pad."""


def is_request(stream: Stream) -> bool | None:
    """Tell whether a stream begins with a sound A-ASSOCIATE-RQ; None where there is too little of it to tell."""
    probe = stream.read(0, PROBE)
    if not is_sound(probe) or probe[0] != ASSOCIATE_RQ:
        return None if len(probe) < HEADER and (not probe or probe[0] == ASSOCIATE_RQ) and not stream.closed else False
    return True if len(probe) >= min(PROBE, HEADER + int.from_bytes(probe[2:6], "big")) else None


class Framer:
    """Cuts a stream into PDUs: by their lengths as long as those lead from header to header, else by looking."""

    __slots__ = ("_at", "_lost", "_refused", "_stream", "begun")

    def __init__(self, stream: Stream) -> None:
        """Start where the stream does; one whose beginning the capture does not hold is searched for a header."""
        self._stream = stream
        self._at = 0
        self._refused = -1
        """An offset at which no PDU starts although something may look like one."""
        self.begun: tuple[int, int] | None = None
        """Type and start of the PDU that is not complete yet."""
        known = stream.opened or is_request(stream)
        self._lost = None if known else 0
        """Where the bytes begin in which a header is looked for."""
        stream.wanted = HEADER if known else PROBE

    def frame_pdus(self, frame: int) -> Iterator[Pdu]:
        """Give the PDUs that are complete now, with the frame that completed them, or 0 for their own last one."""
        stream = self._stream
        while self._at < stream.end:
            if self._lost is not None:
                found = self._search()
                if found is None:
                    break
                if found > self._lost:
                    yield self._pass_lost(found)
                self._lost, self._at = None, found
                continue
            stop = self._find_stop()
            if stop is None:
                self._lost = self._refused = self._at
            elif stop > stream.end and not stream.closed:
                stream.wanted = stop
                if stream.end - self._at >= HEADER:
                    self.begun = (stream.read(self._at, self._at + 1)[0], self._at)
                return
            else:
                yield self._cut(min(stop, stream.end), frame)
        if stream.closed:
            stream.wanted = NEVER
            if self._lost is not None and self._lost < stream.end:
                yield self._pass_lost(stream.end)

    def _cut(self, stop: int, frame: int) -> Pdu:
        start, self._at, self.begun = self._at, stop, None
        header = self._stream.read(start, start + HEADER)
        kind = header[0] if stop - start >= HEADER else LOST
        length = int.from_bytes(header[2:6], "big") if kind else 0
        self._stream.wanted = stop + HEADER
        return Pdu(kind, self._stream, start, stop, length, frame or self._last_frame(start, stop))

    def _last_frame(self, start: int, stop: int) -> int:
        """Give the last frame that carried a range; where all of it is lost, the frame behind it or before it."""
        stream = self._stream
        frames = stream.frames(start, stop) or stream.frames(stop, stop + 1) or stream.frames(start - 1, start)
        return max(frames, default=stream.connection.started)

    def _find_stop(self) -> int | None:
        """Give the offset at which the PDU ends, or up to which bytes are needed; None where no PDU starts."""
        stream, at = self._stream, self._at
        if stream.end - at < HEADER:
            return at + HEADER
        if stream.gaps and stream.missing(at, at + HEADER):
            return None
        probe = stream.read(at, at + PROBE)
        kind, length = probe[0], int.from_bytes(probe[2:6], "big")
        stop = at + HEADER + length
        if is_sound(probe) or (kind in ASSOCIATES and length <= LONGEST_ASSOCIATE):
            return stop
        if length > LONGEST_UNKNOWN:
            return None
        # The header alone cannot be trusted: what follows the PDU must be one too, or the end.
        if stream.end < stop + HEADER and not stream.closed:
            return stop + HEADER
        return stop if stop == stream.end or is_sound(stream.read(stop, stop + PROBE)) else None

    def _search(self) -> int | None:
        """Find the next sound header in the lost bytes; None where there is none yet."""
        stream = self._stream
        needed = HEADER if stream.closed else PROBE
        while stream.end - self._at >= needed:
            gap = stream.find_gap(self._at)
            if gap is not None and gap[0] <= self._at:
                self._at = gap[1]
                continue
            stop = min(self._at + STEP, gap[0] if gap else stream.end)
            window = stream.read(self._at, stop)
            for match in HEADER_LIKE.finditer(window):
                low = match.start()
                if is_sound(window[low : low + PROBE]) and self._is_header(self._at + low):
                    return self._at + low
            # What is too near the window's end to be told is looked at again with what follows, where something does.
            final = stop == (gap[0] if gap else stream.end) and (gap is not None or stream.closed)
            self._at = stop if final else stop - needed + 1
        stream.wanted = self._at + needed
        return None

    def _is_header(self, at: int) -> bool:
        """Tell whether a PDU starts at an offset: what follows it must be sound too, where the stream has it."""
        probe = self._stream.read(at, at + PROBE)
        if at == self._refused or not is_sound(probe) or self._stream.missing(at, at + HEADER):
            return False
        stop = at + HEADER + int.from_bytes(probe[2:6], "big")
        return stop + HEADER > self._stream.end or is_sound(self._stream.read(stop, stop + PROBE))

    def _pass_lost(self, stop: int) -> Pdu:
        """Give the run that is no PDU, up to where reading resumes."""
        start = self._lost or 0
        self._lost, self._at = None, stop
        return Pdu(LOST, self._stream, start, stop, 0, self._last_frame(start, stop))


HEADER_LIKE = re.compile(rb"[\x01-\x07]\x00")


def decode_reject(cur: Cursor) -> None:
    """Read the body of an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    cur.reserved(1)
    cur.uint("Result", 1, REJECT_RESULTS, MEANING)
    source = cur.uint("Source", 1, REJECT_SOURCES, MEANING)
    cur.uint("Reason", 1, REJECT_REASONS.get(source, {}), MEANING)


def decode_release(cur: Cursor) -> None:
    """Read the body of an A-RELEASE-RQ or -RP (PS3.8 9.3.6, 9.3.7)."""
    cur.reserved(4)


def decode_abort(cur: Cursor) -> None:
    """Read the body of an A-ABORT (PS3.8 9.3.8)."""
    cur.reserved(2)
    source = cur.uint("Source", 1, ABORT_SOURCES, MEANING)
    if source == 0:
        cur.uint("Reason", 1, form="N/A")  # PS3.8 Table 9-26: not significant from the service user
    else:
        cur.uint("Reason", 1, ABORT_REASONS, MEANING)


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
    """Give the notes on a PDU's type and length, and on lost bytes."""
    size = pdu.stop - pdu.start
    if pdu.kind == LOST:
        missing = pdu.stream.missing(pdu.start, pdu.stop)
        return [] if missing == [(pdu.start, pdu.stop)] else [note("not-a-pdu", pdu.span, count=size)]
    notes = []
    if pdu.kind not in PDU_NAMES:
        notes.append(note("pdu-type", Span(pdu.stream, pdu.start, pdu.start + 1), value=pdu.kind))
    field = Span(pdu.stream, pdu.start + 2, pdu.start + HEADER)
    if pdu.kind in FIXED and pdu.length != 4:
        notes.append(note("pdu-length", field, value=pdu.length, wanted=4))
    if size < HEADER + pdu.length:
        notes.append(note("pdu-cut", field, count=HEADER + pdu.length - size))
    if pdu.kind == P_DATA and size == HEADER:
        notes.append(note("no-pdv", pdu.span))
    return notes


@lru_cache(maxsize=1024)
def find_codes(data: bytes) -> list[str]:
    """Give the codes of the notes inside a PDU of these bytes that carries no messages."""
    root = Node("", "")
    decode_pdu(Cursor(Buffer(data), 0, len(data), root), "")
    return [found.code for _, node in root.walk() for found in node.notes]
