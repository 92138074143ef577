"""A capture file, in: the TCP segments in its frames, out. The only module that opens captures."""

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
from typing import BinaryIO, NamedTuple

from dissect.links import ETHERNET, IPV4, TCP, find_segment, is_read
from dissect.records import BILLION, CaptureError, CaptureFile, Records

ETHERNET_IPV4 = struct.Struct(">12xHBxHxxHxBxx12sIIH")
"""Ethernet, an IPv4 header without options and TCP's first fields, read at once: what most frames are."""


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
        self.records = Records(self.file, self.name)
        """The frames, as the file holds them."""
        self.times = array("q")
        """The time of each frame, in nanoseconds since the epoch."""
        self.unread: Counter[int] = Counter()
        """How many frames there are of each link type that is not read."""

    @property
    def cut(self) -> tuple[int, int] | None:
        """Give the number of the record in which the file ends, and how many bytes of it there are."""
        return self.records.cut

    @property
    def decimals(self) -> int:
        """Give how many decimals of a second the times have."""
        return self.records.decimals

    def tell_time(self, frame: int, since: int = 0) -> str:
        """Give a frame's time in seconds after `since` (nanoseconds after the epoch), with the capture's decimals."""
        nanoseconds = self.times[frame - 1] - since
        whole, part = divmod(abs(nanoseconds), BILLION)
        sign = "-" if nanoseconds < 0 else ""
        return f"{sign}{whole}" + (f".{part:09}"[: self.decimals + 1] if self.decimals else "")

    def segments(self) -> Iterator[Segment]:
        """Give the TCP segments in the order of their frames."""
        data, times, fields = self.file.data, self.times, ETHERNET_IPV4.unpack_from
        for start, length, _, time, link in self.records:
            times.append(time)
            if link == ETHERNET and length >= 54:
                kind, version, total, fragment, protocol, key, sequence, acknowledged, flags = fields(data, start)
                if kind == IPV4 and version == 0x45 and protocol == TCP and not fragment & 0x3FFF:
                    head = 34 + (flags >> 12) * 4
                    count = max(min(total or length - 14, length - 14) + 14 - head, 0)
                    if head >= 54:
                        yield Segment(len(times), key, sequence, acknowledged, flags & 0x3F, start + head, count)
                    continue
            if not is_read(link):
                self.unread[link] += 1
            elif (found := find_segment(data, start, start + length, link)) is not None:
                yield Segment(len(times), *found)


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
