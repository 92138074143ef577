"""Capture files, in: the TCP segments in their frames, out."""

import struct
from array import array
from collections import Counter
from collections.abc import Iterator
from copy import copy
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from dissect.amounts import BILLION
from dissect.capture.datagrams import Datagrams, Piece, cut_pieces
from dissect.capture.layers import IPV4, LINK
from dissect.capture.links import Found, Fragment, Packet, find_segment
from dissect.capture.peeling import is_peeled, peel
from dissect.capture.records import CaptureFile, Record, Records
from dissect.capture.records import Row as RecordRow
from dissect.capture.spool import open_mappable
from dissect.spans import Joined, Source, Span

ETHERNET, COOKED, COOKED_2 = 1, 113, 276
IPV4_TCP = "BxHxxHxBxx12sIIHH"
"""An IPv4 header without options and TCP's first fields."""
PLAIN = {
    ETHERNET: (struct.Struct(f">12xH{IPV4_TCP}").unpack_from, 14),
    COOKED: (struct.Struct(f">14xH{IPV4_TCP}").unpack_from, 16),
    COOKED_2: (struct.Struct(f">H18x{IPV4_TCP}").unpack_from, 20),
}
"""By link type, how most frames are read at once, the type of what follows the link's header first; its length."""
TAGGED = struct.Struct(f">16xH{IPV4_TCP}").unpack_from, 18
"""The same of Ethernet with a VLAN tag (IEEE 802.1Q 9.3)."""
VLAN = 0x8100

FIN, SYN, RST, ACK, URG = 1, 2, 4, 16, 32
"""Flags of a TCP header (RFC 9293 3.1)."""
MASK = 0xFFFFFFFF
"""Sequence numbers go on from 0 behind it."""


class Segment(NamedTuple):
    """A TCP segment, or a part of one whose packet came in fragments.

    `key` is the sender's address, the receiver's, the sender's port, the receiver's, as they stand on the wire.
    """

    frame: int
    """The number, from 1, of the frame that carried it."""
    key: bytes
    sequence: int
    acknowledged: int
    flags: int
    window: int
    head: int
    """The length of the TCP header, which stands before the payload."""
    place: int
    """Where its payload stands among the bytes of all files."""
    length: int
    lack: int
    """How many bytes of its payload the capture has cut off."""


Row = tuple[int, bytes, int, int, int, int, int, int, int, int]
"""The fields of a segment: to make one of them for each frame would cost as much as to read it."""


class Capture:
    """A capture in one file or several, mapped: it gives the TCP segments of its frames in order of time.

    Parameters
    ----------
    paths
        pcap or pcapng files, compressed with gzip or not; `-` is standard input. What cannot be mapped is copied to a
        temporary file without a name first, which is gone when the process is.

    Raises
    ------
    CaptureError
        Where there is no such file, or it is not a capture.

    """

    def __init__(self, *paths: str | Path) -> None:
        """Open and map the files."""
        self.names = [str(path) for path in paths]
        self.damaged: list[str] = []
        """The names of the files whose compressed data is damaged or cut short."""
        self.records = [self._open(name) for name in self.names]
        """The frames of each file."""
        self.file: Source = self._files[0] if len(self._files) == 1 else join_files(self._files)
        """The bytes of all files."""
        self._begin()

    def _begin(self) -> None:
        """Stand before the first frame."""
        self.times = array("q")
        """The time of each frame, in nanoseconds since the epoch."""
        self.unread: Counter[int] = Counter()
        """How many frames may hold TCP in a layer that is not read, by layer."""
        self.snapped: tuple[int, int] = (0, 0)
        """How many frames the snap length has cut, and how many bytes it has cut off."""
        self.comments: dict[int, tuple[str, ...]] = {}
        """What someone remarked on a frame, by its number."""
        self._datagrams = Datagrams(self.file.read)

    def again(self) -> "Capture":
        """Give the same capture before its first frame; the files stay mapped once."""
        other = copy(self)
        other.records = [Records(records.file, records.name) for records in self.records]
        other._begin()
        return other

    def _open(self, name: str) -> Records:
        opened, whole = open_mappable(name)
        if not whole:
            self.damaged.append(name)
        with opened:
            file = CaptureFile(opened)
        return Records(file, name)

    @property
    def _files(self) -> list[CaptureFile]:
        return [records.file for records in self.records]

    @property
    def decimals(self) -> int:
        """Give how many decimals of a second the times have."""
        first, *others = self.records
        return max(first.decimals, *(records.decimals for records in others)) if others else first.decimals

    @property
    def passed(self) -> int:
        """Give how many bytes of the files were read, about."""
        return sum(file.passed for file in self._files)

    @property
    def lacking(self) -> int:
        """Give how many IP packets that came in fragments lack one."""
        return self._datagrams.lacking

    def give_back(self) -> None:
        """Let go of all pages of the files that were read here and there."""
        for file in self._files:
            file.give_all_back()

    def tell_time(self, frame: int, since: int = 0) -> str:
        """Give a frame's time in seconds after `since` (nanoseconds after the epoch), with the capture's decimals."""
        nanoseconds = self.times[frame - 1] - since
        whole, part = divmod(abs(nanoseconds), BILLION)
        sign, decimals = "-" if nanoseconds < 0 else "", self.decimals
        return f"{sign}{whole}.{part:09}"[: decimals - 9 or None] if decimals else f"{sign}{whole}"

    def segments(self) -> Iterator[Segment]:
        """Give the TCP segments in the order of their frames."""
        return map(Segment._make, self.pull_segments())

    def pull_segments(self) -> Iterator[Row]:
        """Give the fields of the TCP segments in the order of their frames."""
        times = self.times
        frame, known, plain = 0, -1, None
        for row in merge_records(self.records):  # one loop: a call a frame would double its time
            file, start, length, wire, time, link, comments = row
            frame += 1
            times.append(time)
            if length < wire or comments:
                self._remark(Record(*row))
            if link != known:
                known, plain = link, PLAIN.get(link)
            if plain is None or length < plain[1] + 40:
                yield from self._look_through(Record(*row))
                continue
            pull, head = plain
            found = pull(file.data, start)
            if found[0] == VLAN and link == ETHERNET and length >= 58:
                pull, head = TAGGED
                found = pull(file.data, start)
            kind, version, total, fragment, protocol, key, sequence, acknowledged, flags, window = found
            if kind != IPV4 or version != 0x45 or protocol != 6 or fragment & 0x3FFF or flags < 0x5000:
                yield from self._look_through(Record(*row))
                continue
            tcp = (flags >> 12) * 4
            whole, count = total - 20 - tcp, length - head - 20 - tcp
            if not total or total > max(length, wire) - head:
                whole = max(length, wire) - head - 20 - tcp
            if count > whole:
                count = whole
            if whole >= 0:
                place = file.base + start + head + 20 + tcp
                count = count if count > 0 else 0
                yield frame, key, sequence, acknowledged, flags & 0x3F, window, tcp, place, count, whole - count

    def _remark(self, record: Record) -> None:
        """Count a frame that the snap length has cut; keep what someone remarked on it."""
        lost = record.wire_length - record.length
        cut = any(records.cut is not None for records in self.records if records.file is record.file)
        if lost > 0 and not cut:
            self.snapped = (self.snapped[0] + 1, self.snapped[1] + lost)
        if record.comments:
            self.comments[len(self.times)] = record.comments

    def _look_through(self, record: Record) -> Iterator[Segment]:
        """Give the TCP segment of a frame with other layers before it, or of the packet that it makes whole."""
        file, frame = record.file, len(self.times)
        data = file.read(record.start, record.start + record.length)
        pieces = [Piece(file.base + record.start, record.length, frame)]
        packet = Packet(0, record.length, max(record.length, record.wire_length))
        found = find_segment(data, LINK + record.link, packet)
        if isinstance(found, int) and is_peeled(found):
            kind, at = peel(data, record.link, found) or (found, 0)
            found = find_segment(data, kind, packet._replace(at=at)) if kind != found else found
        while isinstance(found, Fragment):
            whole = self._datagrams.add(found, pieces, frame)
            if whole is None:
                return
            layer, pieces = whole
            data = b"".join(self.file.read(place, place + length) for place, length, _ in pieces)
            found = find_segment(data, layer, Packet(0, len(data), len(data), found.packet.addresses))
        if isinstance(found, int):
            self.unread[found] += 1
        elif found is not None:
            yield from split_segment(found, pieces, frame)


def merge_records(files: list[Records]) -> Iterator[RecordRow]:
    """Give the frames of several files in order of time; those of one file stay in the order that they have there."""
    if len(files) == 1:
        return files[0].walk()
    readers = [(next(reader, None), reader) for reader in (records.walk() for records in files)]
    begun = [(first, reader) for first, reader in readers if first is not None]
    begun.sort(key=lambda each: each[0][4])
    return merge(*(chain((first,), reader) for first, reader in begun), key=lambda row: row[4])


def join_files(files: list[CaptureFile]) -> Joined:
    """Put files one behind the other as one source."""
    base = 0
    for file in files:
        file.base = base
        base += file.size
    return Joined([Span(file, 0, file.size) for file in files])


def split_segment(found: Found, pieces: list[Piece], frame: int) -> Iterator[Segment]:
    """Give a segment in as many parts as there are pieces of its payload."""
    parts = list(cut_pieces(pieces, found.place, found.place + found.length))
    parts = parts or [Piece(pieces[0].place, 0, frame)]
    sequence, flags = found.sequence, found.flags
    for number, (place, length, carrier) in enumerate(parts, 1):
        last = number == len(parts)
        yield Segment(
            carrier, found.key, sequence, found.acknowledged, flags if last else flags & ~FIN, found.window,
            found.head if number == 1 else 0, place, length, found.lack if last else 0,
        )  # fmt: skip
        sequence = sequence + length + bool(flags & SYN) & MASK
        flags &= ~SYN
