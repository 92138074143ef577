"""A file's name, or - for standard input, in: a file that can be mapped, out."""

import errno
import gzip
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable
from typing import BinaryIO

from dissect.capture.records import CaptureError

GZIP = b"\x1f\x8b"
"""The first bytes of a file compressed with gzip (RFC 1952 2.3.1)."""

PIECE = 1 << 20
"""How many bytes are copied at once."""

SPARE = 1 << 28
"""How many bytes a copy leaves free on the disk: a few bytes can be made to inflate without end."""

REMEDIES: dict[type[OSError], str] = {
    FileNotFoundError: "no such file; check the name",
    IsADirectoryError: "a directory; name a capture file in it",
    PermissionError: "not allowed to read it; check its permissions",
}


def open_mappable(name: str) -> tuple[BinaryIO, bool]:
    """Open a file so that it can be mapped.

    What is not a regular file, or is compressed with gzip, is copied to a temporary file without a name, which is gone
    when the process is.

    Returns
    -------
    tuple
        The file, and whether it is whole: False where compressed data is damaged or ends too early.

    Raises
    ------
    CaptureError
        Where there is no such file, or nothing in it, or no room for a copy.

    """
    whole = True
    try:
        opened: BinaryIO = open_input() if name == "-" else open(name, "rb")  # noqa: SIM115
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            with opened:
                # What was looked at of standard input to see what it is stands in its buffer.
                opened = spool(sys.stdin.buffer.read if name == "-" else opened.read)
        opened.seek(0)
        if opened.read(2) == GZIP:
            with opened:
                opened, whole = inflate(opened)
    except OSError as error:
        raise CaptureError(f"{name}: {REMEDIES.get(type(error), error.strerror or str(error))}") from error
    if os.fstat(opened.fileno()).st_size == 0:
        opened.close()
        found = "the file is empty" if whole else "its compressed data is damaged from the start"
        raise CaptureError(f"{name}: {found}; record the exchange again")
    return opened, whole


def open_input() -> BinaryIO:
    """Open standard input once more; raise OSError where there is none."""
    if sys.stdin is None:  # so says Python where the process was started with it closed
        raise OSError(errno.EBADF, "standard input is closed; name a file")
    return os.fdopen(os.dup(sys.stdin.fileno()), "rb")


def spool(read: Callable[[int], bytes]) -> BinaryIO:
    """Copy what can be read to a temporary file."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        while piece := read(PIECE):
            check_room(len(piece))
            spooled.write(piece)
        spooled.flush()
    except OSError:
        spooled.close()
        raise
    return spooled


def check_room(count: int) -> None:
    """Raise OSError where so many bytes more would fill the disk."""
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < count + SPARE:
        raise OSError(errno.ENOSPC, f"no room for a copy in {folder}; set TMPDIR to a folder with more")


def inflate(compressed: BinaryIO) -> tuple[BinaryIO, bool]:
    """Copy what a file holds compressed to a temporary one, as far as it goes, and tell whether that is all of it."""
    compressed.seek(0)
    whole = True

    def read(size: int) -> bytes:
        nonlocal whole
        try:
            return inflated.read1(size)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            whole = False
            return b""

    with gzip.GzipFile(fileobj=compressed) as inflated:
        return spool(read), whole
