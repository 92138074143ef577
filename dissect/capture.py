"""A capture file, in: its frames, and the TCP segments in them, out. The only module that opens captures."""

import mmap
import os
import shutil
import stat
import struct
import sys
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from dissect.spans import Source, Span

if TYPE_CHECKING:
    from scapy.utils import RawPcapNgReader, RawPcapReader

PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": 6, b"\xa1\xb2\xc3\xd4": 6, b"\x4d\x3c\xb2\xa1": 9, b"\xa1\xb2\x3c\x4d": 9}
"""The first bytes of a pcap file, and how many decimals its times have."""
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"

LONGEST_FRAME = 1 << 18
"""How much Scapy is asked to give of a frame; libpcap's own bound. A frame on loopback has up to 65,549 bytes."""

GIVE_BACK = 1 << 24
"""After how many bytes the pages already read are given back, so that they do not count as memory in use."""


LATEST = (1 << 63) - 1
"""The latest time that is kept, in the year 2262: a later one can only be damage."""


class CaptureError(Exception):
    """A file that cannot be read as a capture: one sentence that says why and what to do."""


class Record(NamedTuple):
    """A frame as the capture file holds it: where its bytes are, how many were on the wire, when, and on what link."""

    start: int
    length: int
    wire_length: int
    time: int
    link: int


class Segment(NamedTuple):
    """A TCP segment: its frame's number from 1, the key of its direction, and where its payload stands in the file.

    `key` is the sender's address, the receiver's, the sender's port, the receiver's, as they stand on the wire.
    """

    frame: int
    key: bytes
    sequence: int
    acknowledged: int
    flags: int
    place: int
    length: int


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


class Window:
    """The mapped file as the file object that Scapy's readers take: reading moves a place and copies nothing."""

    __slots__ = ("at", "file", "name", "view")

    def __init__(self, file: CaptureFile, name: str) -> None:
        """Stand at the start of the file."""
        self.file = file
        self.view = memoryview(file.data)
        self.name = name
        self.at = 0

    def read(self, size: int) -> bytes | memoryview:
        """Give the next bytes; as bytes where a header is read, for Scapy adds to those."""
        start = self.at
        found = self.view[start : start + size]
        self.at = start + len(found)
        return bytes(found) if size <= 20 else found

    def seek(self, at: int) -> None:
        """Move to an offset."""
        self.at = at

    def tell(self) -> int:
        """Give the offset."""
        return self.at

    def close(self) -> None:
        """Let go of the file."""
        self.view.release()


class Capture:
    """A capture file, mapped: it gives the TCP segments of its frames in order.

    Parameters
    ----------
    path
        A pcap or pcapng file; `-` is standard input. What cannot be mapped is copied to a temporary file without a
        name first, which is gone when the process is.

    Raises
    ------
    CaptureError
        Where there is no such file, or it is not a capture.

    """

    def __init__(self, path: str | Path) -> None:
        """Open and map the file."""
        self.name = str(path)
        with open_mappable(self.name) as opened:
            self.file = CaptureFile(opened)
        self.magic = bytes(self.file.data[:4])
        if self.magic not in PCAP_MAGICS and self.magic != PCAPNG_MAGIC:
            raise CaptureError(
                f"{self.name}: not a capture: it begins with {self.magic.hex(' ')}; give a pcap or pcapng file"
            )
        self.decimals = PCAP_MAGICS.get(self.magic, 0)
        """How many decimals of a second the times have."""
        self.times = array("q")
        """The time of each frame, in nanoseconds since the epoch."""
        self.unread: Counter[int] = Counter()
        """How many frames there are of each link type that is not read."""
        self.cut: tuple[int, int] | None = None
        """The number of the record in which the file ends, and how many bytes of it there are."""

    def tell_time(self, frame: int, since: int = 0) -> str:
        """Give a frame's time in seconds after `since` (nanoseconds after the epoch), with the capture's decimals."""
        nanoseconds = self.times[frame - 1] - since
        whole, part = divmod(abs(nanoseconds), 1_000_000_000)
        decimals = f".{part:09}"[: self.decimals + 1] if self.decimals else ""
        return f"{'-' if nanoseconds < 0 else ''}{whole}{decimals}"

    def records(self) -> Iterator[Record]:
        """Give where each frame stands, as Scapy's readers find them."""
        from scapy.error import Scapy_Exception, log_runtime  # noqa: PLC0415 (imports cost more than most captures)
        from scapy.utils import RawPcapNgReader, RawPcapReader  # noqa: PLC0415

        window = Window(self.file, self.name)
        log_runtime.setLevel("CRITICAL")  # what its readers warn of is told by our own words
        try:
            reader = RawPcapReader(window)  # type: ignore[arg-type]  # a file object as far as the reader asks
        except Scapy_Exception as error:
            raise CaptureError(f"{self.name}: the capture's header is damaged; record it again or repair it") from error
        if isinstance(reader, RawPcapNgReader):
            yield from self._walk_pcapng(reader, window)
        else:
            yield from self._walk_pcap(reader, window)

    def _walk_pcap(self, reader: "RawPcapReader", window: Window) -> Iterator[Record]:
        size, link, scale = self.file.size, reader.linktype, 1 if reader.nano else 1000
        while size - window.at >= 16:
            start = window.at + 16
            frame, about = reader._read_packet(LONGEST_FRAME)
            if about.caplen > size - start:
                self.cut = (len(self.times) + 1, size - start + 16)
            yield Record(start, len(frame), about.wirelen, about.sec * 1_000_000_000 + about.usec * scale, link)
            self.file.give_back(start)
        if window.at < size:
            self.cut = (len(self.times) + 1, size - window.at)

    def _walk_pcapng(self, reader: "RawPcapNgReader", window: Window) -> Iterator[Record]:
        while True:
            try:
                frame, about = reader._read_packet(LONGEST_FRAME)
            except EOFError:
                break
            # The block's total length ends it; a simple packet block, which has no time, has 4 bytes before the frame.
            (total,) = struct.unpack_from(reader.endian + "I", window.view, window.at - 4)
            start = window.at - total + (12 if about.tshigh is None else 28)
            ticks = (about.tshigh or 0) << 32 | (about.tslow or 0)
            self.decimals = max(self.decimals, min(len(str(about.tsresol - 1)), 9) if about.tsresol > 1 else 0)
            time = min(ticks * 1_000_000_000 // about.tsresol, LATEST)
            yield Record(start, len(frame), about.wirelen, time, about.linktype)
            self.file.give_back(start)
        if window.at < self.file.size:
            self.cut = (len(self.times) + 1, self.file.size - window.at)

    def segments(self) -> Iterator[Segment]:
        """Give the TCP segments in the order of their frames."""
        data, times, fields = self.file.data, self.times, ETHERNET_IPV4.unpack_from
        for start, length, _, time, link in self.records():
            times.append(time)
            if link == ETHERNET and length >= 54:
                kind, version, total, fragment, protocol, key, sequence, acknowledged, flags = fields(data, start)
                if kind == IPV4 and version == 0x45 and protocol == TCP and not fragment & 0x3FFF:
                    head = 34 + (flags >> 12) * 4
                    payload = min(total or length - 14, length - 14) + 14 - head
                    if head >= 54:
                        yield Segment(
                            len(times), key, sequence, acknowledged, flags & 0x3F, start + head, max(payload, 0)
                        )
                    continue
            found = self._find_segment(start, start + length, link)
            if found is not None:
                yield found

    def _find_segment(self, start: int, stop: int, link: int) -> Segment | None:
        """Find the TCP segment in a frame by its layers, one after the other."""
        data = self.file.data
        if link in LINKS:
            kind_at, head = LINKS[link]
            at = start + head
            kind = int.from_bytes(data[start + kind_at : start + kind_at + 2], "big")
            while kind in VLAN_TAGS and at + 4 <= stop:
                kind = int.from_bytes(data[at + 2 : at + 4], "big")
                at += 4
        elif link in RAW_LINKS:
            at = start + RAW_LINKS[link]
            kind = {4: IPV4, 6: IPV6}.get(data[at] >> 4 if at < stop else 0, 0)
        else:
            self.unread[link] += 1
            return None
        found = find_ipv4(data, at, stop) if kind == IPV4 else find_ipv6(data, at, stop) if kind == IPV6 else None
        if found is None:
            return None
        addresses, at, stop = found
        if stop - at < 20:
            return None
        ports, sequence, acknowledged, flags = TCP_HEADER.unpack_from(data, at)
        payload = at + (flags >> 12) * 4
        if payload < at + 20:
            return None
        return Segment(
            len(self.times), addresses + ports, sequence, acknowledged, flags & 0x3F, payload, max(stop - payload, 0)
        )


ETHERNET, TCP = 1, 6
IPV4, IPV6 = 0x0800, 0x86DD
VLAN_TAGS = frozenset((0x8100, 0x88A8, 0x9100))
LINKS = {ETHERNET: (12, 14), 113: (14, 16), 276: (0, 20)}
"""Link types (www.tcpdump.org/linktypes.html) with an EtherType: where it stands, and how long the header is."""
RAW_LINKS = {0: 4, 108: 4, 12: 0, 101: 0, 228: 0, 229: 0}
"""Link types that tell IPv4 and IPv6 by the version number: how long the header before IP is."""
ETHERNET_IPV4 = struct.Struct(">12xHBxHxxHxBxx12sIIH")
"""Ethernet, an IPv4 header without options and TCP's first fields, read at once."""
TCP_HEADER = struct.Struct(">4sIIH")
IPV6_EXTENSIONS = frozenset((0, 43, 60, 135))
"""IPv6 headers that may stand before TCP: hop by hop, routing, destination options, mobility (RFC 8200 4)."""


def find_ipv4(data: mmap.mmap, at: int, stop: int) -> tuple[bytes, int, int] | None:
    """Give the addresses and where TCP starts and stops in an IPv4 packet (RFC 791), or None where there is none."""
    if stop - at < 20 or data[at] >> 4 != 4:
        return None
    total, fragment, protocol = struct.unpack_from(">2xHxxHxB", data, at)
    if protocol != TCP or fragment & 0x3FFF:
        return None
    return data[at + 12 : at + 20], at + (data[at] & 15) * 4, min(stop, at + total) if total else stop


def find_ipv6(data: mmap.mmap, at: int, stop: int) -> tuple[bytes, int, int] | None:
    """Give the addresses and where TCP starts and stops in an IPv6 packet (RFC 8200), or None where there is none."""
    if stop - at < 40 or data[at] >> 4 != 6:
        return None
    payload, following = struct.unpack_from(">4xHB", data, at)
    addresses = data[at + 8 : at + 40]
    stop = min(stop, at + 40 + payload) if payload else stop
    at += 40
    while following in IPV6_EXTENSIONS and stop - at >= 8:
        following, at = data[at], at + 8 + data[at + 1] * 8
    return (addresses, at, stop) if following == TCP else None


def open_mappable(name: str) -> BinaryIO:
    """Open a file so that it can be mapped; what is not a regular file is copied to a temporary one."""
    try:
        opened: BinaryIO = os.fdopen(os.dup(sys.stdin.fileno()), "rb") if name == "-" else open(name, "rb")  # noqa: SIM115
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            spool = tempfile.TemporaryFile()  # noqa: SIM115
            with opened:
                shutil.copyfileobj(opened, spool)
            spool.flush()
            opened = spool
    except OSError as error:
        raise CaptureError(f"{name}: {REMEDIES.get(type(error), error.strerror or str(error))}") from error
    if os.fstat(opened.fileno()).st_size == 0:
        opened.close()
        raise CaptureError(f"{name}: the file is empty; record the exchange again")
    return opened


REMEDIES: dict[type[OSError], str] = {
    FileNotFoundError: "no such file; check the name",
    IsADirectoryError: "a directory; name a capture file in it",
    PermissionError: "not allowed to read it; check its permissions",
}
