"""The bytes of a stream, in: PDUs, out (PS3.8 9.3.1).

What is cut where is told by the bytes alone, never by how they came: the same stream gives the same PDUs however it was
split into segments.
"""

import re
from collections.abc import Iterator
from operator import le

from dissect.dicom.pdu import (
    ABORT,
    ASSOCIATE_RJ,
    ASSOCIATES,
    HEADER,
    LONGEST_ASSOCIATE,
    LOST,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    Pdu,
)
from dissect.tcp.streams import NEVER, Stream

SHORTEST_ASSOCIATE = 68
"""The fixed fields of an A-ASSOCIATE-RQ or -AC behind the header (PS3.8 Tables 9-11, 9-17)."""

PROBE = 75
"""How many bytes of a PDU are looked at at the most: up to the type of the first item of an A-ASSOCIATE PDU."""

DATA_PROBE = 12
"""The same of a P-DATA-TF: up to the message control header of its first PDV."""

FIXED_PROBE = 10

FIXED_BODIES = {ASSOCIATE_RJ: (0, 2, 3, 7), RELEASE_RQ: (0, 0, 0, 0), RELEASE_RP: (0, 0, 0, 0), ABORT: (0, 0, 2, 6)}
"""The highest number in each byte of those PDUs that have four (PS3.8 Tables 9-21, 9-24, 9-25, 9-26)."""

LONGEST_UNKNOWN = 1 << 20
"""A PDU of unknown type that claims to be longer is not taken for a PDU."""

LONGEST_SEARCHED = 1 << 24
"""A PDU that claims to be longer is not found by searching, only by the length of the one before it."""

STEP = 1 << 16
"""How many bytes are searched at once for the next header."""

ODD = re.escape(bytes(range(1, 256, 2)))
HEADER_LIKE = re.compile(
    rb"[\x01\x02](?=\0(?:\0[\0-\x10].{4}\0\0[\0 -~]{32}|.{0,39}\Z))|[\x03\x05-\x07](?=\0(?:\0\0\0\x04|.{0,3}\Z))"
    rb"|\x04(?=\0(?:\0.{3}\0.{3}[" + ODD + rb"][\0-\x03]|.{0,9}\Z))",
    re.DOTALL,
)
"""What a PDU may begin with: `judge` in one sweep, as far as lengths, AE titles, a context ID and flags go."""

TITLE_BYTES = bytes([0, *range(0x20, 0x7F)])
"""What stands in AE titles: ISO 646 (PS3.5 6.2), and NUL, with which some devices pad."""

FIRST_ITEMS = frozenset((0x10, 0x20, 0x21, 0x50))


def judge(probe: bytes, *, final: bool) -> bool | None:
    """Tell whether bytes look like the start of a PDU.

    Parameters
    ----------
    probe
        `PROBE` bytes, or as many as there are.
    final
        Whether no more will come.

    Returns
    -------
    bool or None
        None where more bytes are needed to tell.

    """
    if (probe and not 1 <= probe[0] <= 7) or (len(probe) > 1 and probe[1]):
        return False
    if len(probe) < HEADER:
        return False if final else None
    kind, length = probe[0], int.from_bytes(probe[2:6], "big")
    if kind in FIXED_BODIES:
        needed, sound = FIXED_PROBE, is_sound_fixed(kind, probe, length)
    elif kind == P_DATA:
        needed, sound = DATA_PROBE, is_sound_data(probe, length)
    else:
        needed, sound = min(PROBE, HEADER + length), is_sound_associate(probe, length)
    return sound and (True if final or len(probe) >= needed else None)


def is_sound_fixed(kind: int, probe: bytes, length: int) -> bool:
    """Tell whether a PDU of ten bytes has its reserved bytes zero, and codes that exist, as far as the bytes go."""
    body = probe[HEADER:FIXED_PROBE]
    return length == 4 and all(map(le, body, FIXED_BODIES[kind]))


def is_sound_data(probe: bytes, length: int) -> bool:
    """Tell whether a P-DATA-TF's first PDV fits in it (PS3.8 9.3.5.1, Annex E.2), as far as the bytes go."""
    if length < 6 or len(probe) < DATA_PROBE:
        return length >= 6
    return 2 <= int.from_bytes(probe[6:10], "big") <= length - 4 and probe[10] & 1 == 1 and probe[11] <= 3


def is_sound_associate(probe: bytes, length: int) -> bool:
    """Tell whether an A-ASSOCIATE-RQ or -AC is sound (PS3.8 Tables 9-11, 9-17), as far as the bytes go."""
    if not SHORTEST_ASSOCIATE <= length <= LONGEST_ASSOCIATE:
        return False
    if any(probe[8:10]) or probe[10:42].translate(None, TITLE_BYTES):
        return False
    return len(probe) < PROBE or length == SHORTEST_ASSOCIATE or probe[PROBE - 1] in FIRST_ITEMS


def is_negotiation(stream: Stream) -> bool | None:
    """Tell whether a stream begins with a sound A-ASSOCIATE-RQ or -AC; None where there is too little of it to tell."""
    probe = stream.read(0, PROBE)
    if probe and probe[0] not in ASSOCIATES:
        return False
    sound = judge(probe, final=False)
    return False if sound is None and stream.closed else sound


COMMAND_LIKE = re.compile(
    rb"\x04\0\0.{3}\0.{3}[" + ODD + rb"][\x01\x03]\0\0\0\0\x04\0\0\0",
    re.DOTALL,
)
"""A P-DATA-TF with a command set, which begins with Command Group Length (PS3.8 9.3.5, PS3.7 9.3)."""

FAR = 1 << 16
"""How many bytes are searched for a command where a capture begins late, or lacks the start of a stream."""


def has_command(stream: Stream) -> bool | None:
    """Tell whether a command set stands among the first bytes that the capture holds of a stream; None for not yet."""
    start = stream.gaps[0][1] if stream.gaps and stream.gaps[0][0] == 0 else 0
    if COMMAND_LIKE.search(stream.read(start, start + FAR)):
        return True
    return False if stream.closed or stream.end - start >= FAR else None


class Framer:
    """Cuts a stream into PDUs: by their lengths as long as those lead from header to header, else by looking."""

    __slots__ = ("_at", "_fresh", "_lost", "_stop", "_stream", "_weak", "begun", "latest")

    def __init__(self, stream: Stream) -> None:
        """Start where the stream does; one whose beginning the capture does not hold is searched for a header."""
        self._stream = stream
        self._fresh = True
        """Whether there were no bytes yet: the SYN may still come."""
        self._at = 0
        self._lost: int | None = None
        """Where the bytes begin in which a header is looked for."""
        self._weak: int | None = None
        """The first offset in them where a PDU may start that the stream ends in."""
        self._stop = 0
        """Where the PDU that has begun ends, once its header has told; 0 before."""
        self.begun: tuple[int, int] | None = None
        """Type and start of a PDU that is not complete yet."""
        self.latest = 0
        """The frame that completed the last PDU."""
        stream.wanted = HEADER

    @property
    def searching(self) -> bool:
        """Tell whether there are bytes in which a header is looked for."""
        return self._lost is not None and self._lost < self._stream.end

    def frame_pdus(self, frame: int) -> Iterator[Pdu]:
        """Give the PDUs that are complete now, with the frame that completed them, or 0 for their own last one.

        Where a header was looked for, that frame has only told that the one found is one.
        """
        stream = self._stream
        if self._fresh and stream.end:
            self._fresh, self._lost = False, None if stream.opened else 0
        frame = 0 if self._lost is not None else frame
        while self._at < stream.end:
            if self._lost is not None:
                found = self._search()
                if found is None:
                    break
                if found > self._lost:
                    yield self._pass_lost(found)
                self._lost, self._weak, self._at = None, None, found
                continue
            stop = self._stop or self._find_stop()
            if stop is None:
                self._lost = self._at
            elif stop > stream.end and not stream.closed:
                stream.wanted = stop
                return
            else:
                yield self._cut(min(stop, stream.end), frame)
        if stream.closed:
            stream.wanted = NEVER
            if self._lost is not None and self._lost < stream.end:
                yield self._pass_lost(stream.end)

    def _cut(self, stop: int, frame: int) -> Pdu:
        start, kind, length = self._at, LOST, 0
        if self._stop and self.begun is not None:
            kind, length = self.begun[0], self._stop - start - HEADER
        elif stop - start >= HEADER:
            header = self._stream.read(start, start + HEADER)
            kind, length = header[0], int.from_bytes(header[2:6], "big")
        self._at, self.begun, self._stop = stop, None, 0
        self._stream.wanted = stop + HEADER
        return Pdu(kind, self._stream, start, stop, length, self._complete(start, stop, frame))

    def _pass_lost(self, stop: int) -> Pdu:
        """Give the run that is no PDU, up to where reading resumes."""
        start = self._lost or 0
        self._lost, self._at = None, stop
        return Pdu(LOST, self._stream, start, stop, 0, self._complete(start, stop, 0))

    def _complete(self, start: int, stop: int, frame: int) -> int:
        """Give the frame that completed a range, no earlier than the one before: `frame`, or the last of its own."""
        self.latest = max(self.latest, frame or self._last_frame(start, stop))
        return self.latest

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
        known = (kind in ASSOCIATES and length <= LONGEST_ASSOCIATE) or (kind in FIXED_BODIES and length == 4)
        sound = known or judge(probe, final=stream.closed)
        if sound:
            self.begun, self._stop = (kind, at), stop
            return stop
        if sound is None:
            return stream.end + 1
        if length > LONGEST_UNKNOWN:
            return None
        # Neither type nor length can be trusted: what follows must be a PDU too, or the end.
        if stop == stream.end and stream.closed:
            return stop
        follows = judge(stream.read(stop, stop + PROBE), final=stream.closed)
        return max(stop, stream.end) + 1 if follows is None else stop if follows else None

    def _search(self) -> int | None:
        """Find the next sound header in the lost bytes; None where there is none, or none yet."""
        stream = self._stream
        while self._at < stream.end:
            gap = stream.find_gap(self._at)
            if gap is not None and gap[0] <= self._at:
                self._at = gap[1]
                continue
            stop = min(self._at + STEP, gap[0] if gap else stream.end)
            for match in HEADER_LIKE.finditer(stream.read(self._at, stop)):
                at = self._at + match.start()
                sound = self._judge_header(at)
                if sound:
                    return at
                if sound is None:
                    self._at, stream.wanted = at, stream.end + 1
                    return None
            if stop == stream.end and not stream.closed:
                self._at, stream.wanted = stop - 1, stop + 1
                return None
            self._at = stop if stop == stream.end or (gap and stop == gap[0]) else stop - 1
        return self._weak

    def _judge_header(self, at: int) -> bool | None:
        """Tell whether a PDU starts at an offset: what follows it must be sound too, or missing, or the end."""
        stream = self._stream
        if stream.missing(at, at + HEADER):
            return False
        probe = stream.read(at, at + PROBE)
        if probe[0] in FIXED_BODIES and stream.missing(at, at + FIXED_PROBE):
            return False  # all that tells it from other bytes is in what is missing
        stop = at + HEADER + int.from_bytes(probe[2:6], "big")
        sound = judge(probe, final=stream.closed)
        if not sound or stop - at > LONGEST_SEARCHED:
            return False if sound else sound
        if at == 0 and probe[0] in FIXED_BODIES:
            return True
        if stop >= stream.end and stream.closed:
            if self._weak is None and len(probe) >= (DATA_PROBE if probe[0] == P_DATA else PROBE):
                self._weak = at
            return stop == stream.end
        if stream.missing(stop, stop + HEADER):
            return True
        return judge(stream.read(stop, stop + PROBE), final=stream.closed)
