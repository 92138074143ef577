"""The mapped capture file, in: where each frame stands in it, when it was captured and on what link, out."""

import mmap
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from dissect.amounts import BILLION
from dissect.capture.blocks import (
    BLOCK_LIKE,
    BYTE_ORDERS,
    ENHANCED,
    INTERFACE,
    PACKET,
    SECTION,
    SECTION_MAGIC,
    SIMPLE,
    Interface,
    is_sound_block,
    pull_comments,
    pull_interface,
)
from dissect.capture.formats import explain_start
from dissect.spans import Source, Span

LITTLE_MAGICS = (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1")
PCAP_HEADER = 24
PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": 6, b"\xa1\xb2\xc3\xd4": 6, b"\x4d\x3c\xb2\xa1": 9, b"\xa1\xb2\x3c\x4d": 9}
"""The first bytes of a pcap file, and how many decimals its times have."""

SHORTEST_SECTION = 28
"""The length of a section header block without options (draft-ietf-opsawg-pcapng 4.1)."""
LINK_BITS = 0xFFFF
"""The link type in a pcap header; the bits above tell of frame check sequences (draft-ietf-opsawg-pcap 4)."""

MOST_ZEROS = 1000
"""After how many records of nothing but zeros a file is given up: a few bytes can be made to inflate to any number."""

MOST_TRIED = 1 << 18
"""At how many places a sound record is looked for before the rest of a file is given up."""

NEAR = 86_400
"""How many seconds a record may be from the one before, to be looked for behind a damaged one."""

EARLIEST = 1 << 28
"""What the first record must say of its time, in seconds, to be looked behind: small numbers are in all data."""

LONGEST_FRAME = 1 << 18
"""How much is read of a frame, libpcap's own bound: Scapy cuts at 65,535 bytes, and loopback's have up to 65,549."""

LATEST = (1 << 63) - 1
"""The latest time that is kept, in the year 2262: a later one can only be damage."""

GIVE_BACK = 1 << 24
"""After how many bytes the pages already read are given back, so that they do not count as memory in use."""

DAMAGED = "header is damaged; repair it or record the exchange again"


class CaptureError(Exception):
    """A file that cannot be read as a capture: one sentence that says why and what to do."""


class Record(NamedTuple):
    """A frame: where it stands in which file, its time and link, and what someone remarked on it."""

    file: "CaptureFile"
    start: int
    length: int
    """How many bytes are kept."""
    wire_length: int
    """How many there were on the wire."""
    time: int
    """Nanoseconds since the epoch."""
    link: int
    comments: tuple[str, ...] = ()


Row = tuple["CaptureFile", int, int, int, int, int, tuple[str, ...]]
"""The fields of a record: to make one of them for each frame would cost as much as to read it."""


class CaptureFile(Source):
    """The bytes of the capture file, mapped: the source that all others come from."""

    __slots__ = ("base", "data", "passed")

    def __init__(self, file: BinaryIO) -> None:
        """Map a file, which must not be empty."""
        self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.base = 0
        """Where its first byte stands among those of all files of the capture."""
        self.passed = 0
        """Up to where it was read, and its pages given back, in steps of `GIVE_BACK`."""

    @property
    def size(self) -> int:
        """Give the size of the file."""
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        """Give bytes of the file."""
        return self.data[start:stop]

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        """Give nothing: the file has no origin."""
        return iter(())

    def give_back(self, upto: int) -> None:
        """Let go of the pages before an offset; they are read anew if they are asked for again."""
        if upto - self.passed >= GIVE_BACK:
            low, high = self.passed, upto - upto % mmap.PAGESIZE
            if hasattr(self.data, "madvise"):
                self.data.madvise(mmap.MADV_DONTNEED, low, high - low)
            self.passed = high

    def give_all_back(self) -> None:
        """Let go of all pages that were read here and there."""
        if hasattr(self.data, "madvise"):
            self.data.madvise(mmap.MADV_DONTNEED)


class Records:
    """The frames of a capture file; iterating reads it."""

    def __init__(self, file: CaptureFile, name: str) -> None:
        """Look at the first bytes; raise CaptureError where they are not a capture's."""
        self.file = file
        self.name = name
        self._magic = file.read(0, 4)
        self._count = 0
        self._hopeless = False
        """Whether a sound record was looked for up to the end of the file, and none was found."""
        if self._magic not in PCAP_MAGICS and self._magic != SECTION_MAGIC:
            raise CaptureError(f"{name}: not a capture: {explain_start(file.read(0, 8))}")
        self.decimals = PCAP_MAGICS.get(self._magic, 0)
        """How many decimals of a second the times have."""
        self.cut: tuple[int, int] | None = None
        """The number of the record in which the file ends, and how many bytes of it there are."""
        self.damages: list[tuple[int, int]] = []
        """Where the file is damaged: the number of the record before, and how many bytes were passed over."""
        self.orphans = 0
        """How many packets are of an interface that is not described."""
        self.comments: list[str] = []
        """What someone remarked on a section or an interface."""

    def __iter__(self) -> Iterator[Record]:
        """Give where each frame stands."""
        return map(Record._make, self.walk())

    def walk(self) -> Iterator[Row]:
        """Give the fields of each record."""
        self.file.passed = 0
        return self._walk_pcap() if self._magic in PCAP_MAGICS else self._walk_pcapng()

    def _walk_pcap(self) -> Iterator[Row]:  # noqa: C901 (one loop: a call a frame would double its time)
        """Read the records of a pcap file; one is given when the header of the next one is sound.

        Scapy's reader takes four times as long, and hides where a file is damaged; tests hold this one against it.
        """
        file, data, size = self.file, self.file.data, self.file.size
        order = "<" if self._magic in LITTLE_MAGICS else ">"
        if size < PCAP_HEADER:
            raise CaptureError(f"{self.name}: the capture's {DAMAGED}")
        link = struct.unpack_from(order + "I", data, 20)[0] & LINK_BITS
        pull, scale = struct.Struct(order + "IIII").unpack_from, 1 if self.decimals == 9 else 1000
        at, last, due, zeros, blank = PCAP_HEADER, size - 16, GIVE_BACK, 0, 0
        held: Row | None = None
        while at <= last:
            seconds, fraction, kept, wire = pull(data, at)
            start = at + 16
            at = start + kept
            if at > size or kept > LONGEST_FRAME:
                found = self._pass_damage(held, seconds, order)
                if found is not None:
                    held, at = found
                    continue
                kept = min(kept, size - start, LONGEST_FRAME)
            elif not (kept or wire or seconds):
                zeros = zeros + 1 if blank == start - 16 else 1
                blank = start
                if zeros > MOST_ZEROS:
                    break
            if held is not None:
                self._count += 1
                yield held
            held = (file, start, kept, wire, seconds * BILLION + fraction * scale, link, ())
            if start >= due:
                file.give_back(start)
                due = start + GIVE_BACK
        if held is not None:
            if at > size:
                self.cut = (self._count + 1, size - held[1] + 16)
            self._count += 1
            yield held
        if at < size:
            self.cut = (self._count + 1, size - (blank - 16 if zeros > MOST_ZEROS else at))

    def _pass_damage(self, before: Row | None, seconds: int, order: str) -> tuple[Row | None, int] | None:
        """Find a sound record to go on with; None for none.

        Returns
        -------
        tuple or None
            The record before, of which the length may be what is wrong, and the offset of the sound one. Before the
            first record is none: behind it, what is near in time to what it says itself is looked for.

        """
        if before is None:
            sound = self._find_record(PCAP_HEADER + 16, seconds, order) if seconds >= EARLIEST else None
            if sound is None:
                return None
            self.damages.append((0, sound - PCAP_HEADER))
            return None, sound
        held = Record(*before)
        sound = self._find_record(held.start, held.time // BILLION, order)
        if sound is None:
            return None
        held = held._replace(length=min(held.length, sound - held.start))
        self.damages.append((self._count + 1, sound - held.start - held.length))
        return held, sound

    def _find_record(self, start: int, seconds: int, order: str) -> int | None:
        """Find the first record header behind the start of a frame that is near in time, and leads to another."""
        if self._hopeless:
            return None
        near = struct.pack(order + "I", seconds & 0xFFFFFFFF)
        skip = 2 if order == "<" else 0  # the two high bytes of the time lead to headers
        at = self.file.data.find(near[skip : skip + 2], start + 1 + skip)
        for _ in range(MOST_TRIED):
            if at < 0:
                break
            following = self._pass_record(at - skip, order, seconds)
            if following is not None and self._pass_record(following, order, seconds) is not None:
                return at - skip
            at = self.file.data.find(near[skip : skip + 2], at + 1)
        self._hopeless = True
        return None

    def _pass_record(self, at: int, order: str, seconds: int) -> int | None:
        """Give the offset behind a record whose header is sound, the end of the file for the end; else None."""
        size = self.file.size
        if at == size:
            return size
        if at + 16 > size:
            return None
        second, fraction, kept, wire = struct.unpack_from(order + "IIII", self.file.data, at)
        sound = abs(second - seconds) <= NEAR and fraction < BILLION and kept <= min(wire, LONGEST_FRAME)
        sound = sound and bool(wire or second)
        return at + 16 + kept if sound and at + 16 + kept <= size else None

    def _walk_pcapng(self) -> Iterator[Row]:
        """Read the blocks of a pcapng file: Scapy's reader numbers interfaces through sections and hides a cut."""
        data, size = self.file.data, self.file.size
        if size < SHORTEST_SECTION or data[8:12] not in BYTE_ORDERS:
            raise CaptureError(f"{self.name}: the capture's first section {DAMAGED}")
        at, order, interfaces = 0, "<", list[Interface]()
        while size - at >= 12:
            if data[at : at + 4] == SECTION_MAGIC and data[at + 8 : at + 12] in BYTE_ORDERS:
                order, interfaces = BYTE_ORDERS[data[at + 8 : at + 12]], []
            (total,) = struct.unpack_from(order + "I", data, at + 4)
            if not is_sound_block(data, at, order):
                sound = self._find_block(at + 4, order)
                if sound is not None:
                    self.damages.append((self._count, sound - at))
                    at = sound
                    continue
                self.cut = (self._count + 1, size - at)
                yield from self._pull_block(order, at, min(at + max(total, 12) - 4, size), interfaces)
                return
            yield from self._pull_block(order, at, at + total - 4, interfaces)
            at += total
            self.file.give_back(at)
        if at < size:
            self.cut = (self._count + 1, size - at)

    def _find_block(self, at: int, order: str) -> int | None:
        """Find the first sound block of a known type behind an offset; blocks begin at multiples of four."""
        data = self.file.data
        for match in BLOCK_LIKE[order].finditer(data, at):
            at = match.start()
            own = BYTE_ORDERS.get(data[at + 8 : at + 12], order) if match[0] == SECTION_MAGIC else order
            if at % 4 == 0 and is_sound_block(data, at, own):
                return at
        return None

    def _pull_block(self, order: str, at: int, stop: int, interfaces: list[Interface]) -> Iterator[Record]:
        """Read a block as far as it goes up to its second length field."""
        (kind,) = struct.unpack_from(order + "I", self.file.data, at)
        if kind == INTERFACE and stop - at >= 16:
            self._meet_interface(order, at, stop, interfaces)
        elif kind in (ENHANCED, PACKET, SIMPLE):
            found = self._pull_packet(order, at, stop, interfaces)
            if found is not None:
                self._count += 1
                yield found
        elif kind == SECTION:
            self.comments += pull_comments(self.file.data, order, at + 24, stop)

    def _meet_interface(self, order: str, at: int, stop: int, interfaces: list[Interface]) -> None:
        """Add the interface that a block describes to those of its section."""
        interface = pull_interface(self.file.data, order, at, stop)
        interfaces.append(interface)
        self.comments += pull_comments(self.file.data, order, at + 16, stop)
        self.decimals = max(self.decimals, min(len(str(interface.ticks - 1)), 9) if interface.ticks > 1 else 0)

    def _pull_packet(self, order: str, at: int, stop: int, interfaces: list[Interface]) -> Record | None:
        """Read a packet block as far as the file goes; None where it names no interface or lacks its header."""
        data = self.file.data
        (kind,) = struct.unpack_from(order + "I", data, at)
        start = at + (12 if kind == SIMPLE else 28)
        if start > stop:
            return None
        if kind == SIMPLE:
            number, high, low, (wire,) = 0, 0, 0, struct.unpack_from(order + "I", data, at + 8)
            kept = wire
        else:
            layout = "IIIII" if kind == ENHANCED else "HxxIIII"
            number, high, low, kept, wire = struct.unpack_from(order + layout, data, at + 8)
        if number >= len(interfaces):
            self.orphans += 1
            return None
        link, snap_length, ticks, offset = interfaces[number]
        options = start + kept + -kept % 4
        comments = tuple(pull_comments(data, order, options, stop)) if stop - options > 4 and kind != SIMPLE else ()
        kept = min(kept, stop - start, LONGEST_FRAME, snap_length if kind == SIMPLE and snap_length else LONGEST_FRAME)
        time = min((high << 32 | low) * BILLION // ticks + offset, LATEST)
        return Record(self.file, start, kept, wire, max(time, -LATEST), link, comments)
