"""Bytes, in: whole files in a folder, each under a name that no other has, or in the place of one on purpose, out."""

import errno
import os
import shutil
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Literal, Self

HEAD = bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0x0000, b"UL", 4)
"""Preamble, prefix and the group length's tag, VR and length."""

TITLE_HEADER = struct.pack("<HH2s", 2, 0x0016, b"AE")
"""Tag and VR of the Source Application Entity Title."""

PIECE = 1 << 20
"""How much of a data set is held at once."""

NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
THERE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How a file is made, and how one that is there already is read: not through a link, nor waiting at a pipe."""


class Draft:
    """A file under a name of its own, which is gone at the end of the body whether it was published or not."""

    def __init__(self, folder: Path) -> None:
        """Make the file."""
        self.path = folder / f".dissect-{os.urandom(8).hex()}.part"
        self.file = open(self.path, "w+b", opener=lambda path, _: os.open(path, NEW, 0o666))  # noqa: SIM115

    def __enter__(self) -> Self:
        """Begin the body."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take the name away."""
        with suppress(OSError):  # what is not published need not be on the disk
            self.file.close()
        self.path.unlink(missing_ok=True)

    def publish(self, path: Path) -> bool:
        """Give the file its name, unless something has that name; tell whether it was given."""
        self.file.flush()
        try:
            os.link(self.path, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links, such as a memory stick's
            if os.path.lexists(path):
                return False
            self.path.rename(path)
        return True


@dataclass(slots=True)
class Names:
    """The names `stem.suffix`, `stem.2.suffix` and so on: how many are taken, and by which bytes."""

    taken: int = 0
    unread: list[str] = field(default_factory=list)
    """Those whose files were written and not read again."""
    holders: dict[bytes, str] = field(default_factory=dict)
    """The name of the first file with a fingerprint."""


Fate = Literal["written", "kept", "repeated"]


class Shelf:
    """A folder in which files are named: no name is ever taken from another file."""

    def __init__(self, folder: Path) -> None:
        """Start with nothing known of what is there."""
        self._folder = folder
        self._names: dict[tuple[str, str], Names] = {}

    def place(self, draft: Draft, stem: str, suffix: str) -> tuple[str, Fate]:
        """Give a file the first name that is free or has the same bytes already; a repeated one gets none.

        Returns
        -------
        tuple
            The name under which its bytes are found, and how they came there: written now, kept as they were there
            before, or repeated, for they are found under that name since an earlier call.

        """
        names = self._names.setdefault((stem, suffix), Names())
        wanted = take_print(draft.file) if names.taken else b""
        if wanted and (same := self._find_same(wanted, names)):
            return same, "repeated"
        while True:
            names.taken += 1
            name = f"{stem}.{suffix}" if names.taken == 1 else f"{stem}.{names.taken}.{suffix}"
            if draft.publish(self._folder / name):
                names.unread.append(name)
                return name, "written"
            wanted, there = wanted or take_print(draft.file), self._read_print(name)
            names.holders.setdefault(there, name)
            if there == wanted:
                return name, "kept"

    def _find_same(self, wanted: bytes, names: Names) -> str | None:
        """Find the name of the same bytes; a file is read once, and only where another one wants its name."""
        for name in names.unread:
            names.holders.setdefault(self._read_print(name), name)
        names.unread.clear()
        return names.holders.get(wanted)

    def _read_print(self, name: str) -> bytes:
        """Take the fingerprint of a file in the folder; what is no file, or may not be read, has none."""
        try:
            with open(self._folder / name, "rb", opener=lambda path, _: os.open(path, THERE)) as file:
                return take_print(file) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
        except OSError:
            return b""


def take_print(file: BufferedRandom | BufferedReader) -> bytes:
    """Hash a file, but for the AE title of the sender in its meta information: another one makes no other object."""
    from hashlib import file_digest, sha256  # noqa: PLC0415 (only where a name is taken)

    file.seek(0)
    head = file.read(len(HEAD) + 4)
    if head.startswith(HEAD):
        meta = file.read(min(int.from_bytes(head[-4:], "little"), PIECE))
        title = meta.rfind(TITLE_HEADER)
        head = HEAD + (meta if title < 0 else meta[:title])
    return file_digest(file, lambda: sha256(head)).digest()


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another in one step, with the rights of that; a link to it stays one."""
    path = Path(os.path.realpath(path))
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "may not be written", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with Draft(path.parent) as draft:
        draft.file.write(data)
        draft.file.close()
        with suppress(FileNotFoundError):
            if stat.S_ISREG(path.stat().st_mode):
                shutil.copymode(path, draft.path)
        os.replace(draft.path, path)
