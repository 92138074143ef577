"""The mapped capture file, in: where each frame stands in it, when it was captured and on what link, out."""

import mmap
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from dissect.spans import Source, Span

PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": 6, b"\xa1\xb2\xc3\xd4": 6, b"\x4d\x3c\xb2\xa1": 9, b"\xa1\xb2\x3c\x4d": 9}
"""The first bytes of a pcap file, and how many decimals its times have."""

INTERFACE, PACKET, SIMPLE, ENHANCED = 1, 2, 3, 6
"""Block types of pcapng (draft-ietf-opsawg-pcapng 4)."""
SECTION_MAGIC = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
SHORTEST_SECTION = 28
RESOLUTION, OFFSET = 9, 14
"""Options of an interface: ticks of a second, and seconds to add to its times."""

LONGEST_FRAME = 1 << 18
"""How much is read of a frame, libpcap's own bound: Scapy cuts at 65,535 bytes, and loopback's have up to 65,549."""

LATEST = (1 << 63) - 1
"""The latest time that is kept, in the year 2262: a later one can only be damage."""

GIVE_BACK = 1 << 24
"""After how many bytes the pages already read are given back, so that they do not count as memory in use."""

DAMAGED = "header is damaged; repair it or record the exchange again"

BILLION = 1_000_000_000


class CaptureError(Exception):
    """A file that cannot be read as a capture: one sentence that says why and what to do."""


class Record(NamedTuple):
    """A frame: where it starts, bytes kept and bytes on the wire, nanoseconds since the epoch, link type."""

    start: int
    length: int
    wire_length: int
    time: int
    link: int


class CaptureFile(Source):
    """The bytes of the capture file, mapped: the source that all others come from."""

    __slots__ = ("_given", "data")

    def __init__(self, file: BinaryIO) -> None:
        """Map a file, which must not be empty."""
        self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._given = 0

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
        if upto - self._given >= GIVE_BACK and hasattr(self.data, "madvise"):
            low, high = self._given, upto - upto % mmap.PAGESIZE
            self.data.madvise(mmap.MADV_DONTNEED, low, high - low)
            self._given = high

    def give_all_back(self) -> None:
        """Let go of all pages that were read here and there."""
        if hasattr(self.data, "madvise"):
            self.data.madvise(mmap.MADV_DONTNEED)


class Window:
    """The mapped file as the file object that Scapy's reader takes: reading moves a place and copies nothing."""

    __slots__ = ("at", "name", "view")

    def __init__(self, file: CaptureFile, name: str) -> None:
        """Stand at the start of the file."""
        self.view = memoryview(file.data)
        self.name = name
        self.at = 0

    def read(self, size: int) -> bytes | memoryview:
        """Give the next bytes; as bytes where a header is read, for Scapy adds to those."""
        start = self.at
        found = self.view[start : start + size]
        self.at = start + len(found)
        return bytes(found) if size <= 20 else found


class Interface(NamedTuple):
    """An interface of a pcapng section: link type, bytes kept of a frame, ticks a second, nanoseconds to add."""

    link: int
    snap_length: int
    ticks: int
    offset: int


class Records:
    """The frames of a capture file; iterating reads it."""

    def __init__(self, file: CaptureFile, name: str) -> None:
        """Look at the first bytes; raise CaptureError where they are not a capture's."""
        self._file = file
        self._name = name
        self._magic = file.read(0, 4)
        self._count = 0
        if self._magic not in PCAP_MAGICS and self._magic != SECTION_MAGIC:
            told = self._magic.hex(" ")
            raise CaptureError(f"{name}: not a capture: it begins with {told}; give a pcap or pcapng file")
        self.decimals = PCAP_MAGICS.get(self._magic, 0)
        """How many decimals of a second the times have."""
        self.cut: tuple[int, int] | None = None
        """The number of the record in which the file ends, and how many bytes of it there are."""

    def __iter__(self) -> Iterator[Record]:
        """Give where each frame stands."""
        self._count, self.cut = 0, None
        for record in self._walk_pcap() if self._magic in PCAP_MAGICS else self._walk_pcapng():
            self._count += 1
            yield record
            self._file.give_back(record.start)

    def _walk_pcap(self) -> Iterator[Record]:
        """Let Scapy read the records of a pcap file."""
        from scapy.error import Scapy_Exception, log_runtime  # noqa: PLC0415 (its import costs more than most captures)
        from scapy.utils import RawPcapReader  # noqa: PLC0415

        window, size = Window(self._file, self._name), self._file.size
        log_runtime.setLevel("CRITICAL")  # what its reader warns of is told by our own words
        try:
            reader = RawPcapReader(window)  # type: ignore[arg-type]  # a file object as far as the reader asks
        except Scapy_Exception as error:
            raise CaptureError(f"{self._name}: the capture's {DAMAGED}") from error
        scale = 1 if reader.nano else 1000
        while size - window.at >= 16:
            start = window.at + 16
            frame, about = reader._read_packet(LONGEST_FRAME)
            if about.caplen > size - start:
                self.cut = (self._count + 1, size - start + 16)
            time = about.sec * BILLION + about.usec * scale
            yield Record(start, len(frame), about.wirelen, time, reader.linktype)
        if window.at < size:
            self.cut = (self._count + 1, size - window.at)

    def _walk_pcapng(self) -> Iterator[Record]:
        """Read the blocks of a pcapng file: Scapy's reader numbers interfaces through sections and hides a cut."""
        data, size = self._file.data, self._file.size
        if size < SHORTEST_SECTION or data[8:12] not in BYTE_ORDERS:
            raise CaptureError(f"{self._name}: the capture's first section {DAMAGED}")
        at, order, interfaces, partial = 0, "<", list[Interface](), False
        while size - at >= 12:
            if data[at : at + 4] == SECTION_MAGIC:
                order, interfaces = BYTE_ORDERS.get(data[at + 8 : at + 12], ""), []
            if not order:
                break
            kind, total = struct.unpack_from(order + "II", data, at)
            stop = min(at + total - 4, size)
            if kind == INTERFACE and stop - at >= 16:
                interfaces.append(self._pull_interface(order, at, stop))
            elif kind in (ENHANCED, PACKET, SIMPLE) and (found := pull_frame(data, order, at, stop, interfaces)):
                partial = at + total > size
                yield found
            if total < 12 or at + total > size:
                break
            at += total
        if at < size:
            self.cut = (self._count + (not partial), size - at)

    def _pull_interface(self, order: str, at: int, stop: int) -> Interface:
        """Read an interface description block and the options that say how its times count."""
        data = self._file.data
        link, snap_length = struct.unpack_from(order + "H2xI", data, at + 8)
        ticks, offset = 1_000_000, 0
        at += 16
        while at + 4 <= stop:
            code, length = struct.unpack_from(order + "HH", data, at)
            if code == RESOLUTION and length == 1 and at + 5 <= stop:
                exponent = data[at + 4]
                ticks = 1 << (exponent & 127) if exponent & 128 else 10**exponent
            elif code == OFFSET and length == 8 and at + 12 <= stop:
                (offset,) = struct.unpack_from(order + "q", data, at + 4)
            at += 4 + length + -length % 4
        self.decimals = max(self.decimals, min(len(str(ticks - 1)), 9) if ticks > 1 else 0)
        return Interface(link, snap_length, ticks, offset * BILLION)


def pull_frame(data: mmap.mmap, order: str, at: int, stop: int, interfaces: list[Interface]) -> Record | None:
    """Read a packet block as far as the file goes; None where it names no interface or lacks its header."""
    (kind,) = struct.unpack_from(order + "I", data, at)
    start = at + (12 if kind == SIMPLE else 28)
    if start > stop or not interfaces:
        return None
    if kind == SIMPLE:
        number, high, low, (wire,) = 0, 0, 0, struct.unpack_from(order + "I", data, at + 8)
        kept = wire
    else:
        layout = "IIIII" if kind == ENHANCED else "HxxIIII"
        number, high, low, kept, wire = struct.unpack_from(order + layout, data, at + 8)
    if number >= len(interfaces):
        return None
    link, snap_length, ticks, offset = interfaces[number]
    kept = min(kept, stop - start, LONGEST_FRAME, snap_length if kind == SIMPLE and snap_length else LONGEST_FRAME)
    time = min((high << 32 | low) * BILLION // ticks + offset, LATEST)
    return Record(start, kept, wire, max(time, -LATEST), link)
