"""A capture, a way and a seed, in: a damaged copy of it, the same every time, out."""

import gzip
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

from dissect.capture.blocks import SECTION_MAGIC
from dissect.capture.records import CaptureFile, Records
from tests.build import Frame, pcap, pcapng

ROOT = Path(__file__).parents[1]
OTHERS = ROOT.parent / "shared" / "captures" / "profuzzbench"
"""Captures that others have recorded and that are no part of the project; they are read where they are there."""

FORMS = ("as it is", "turned", "as it is", "compressed")
"""How a capture is written before it is damaged: by the seed in turn."""


def find_captures() -> list[Path]:
    """Give all captures that are there."""
    return [path for folder in (ROOT / "captures", OTHERS) for path in sorted(folder.glob("*.pcap*"))]


def flip(data: bytes, chance: Random) -> bytes:
    """Change up to 16 bytes anywhere."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 16)):
        changed[chance.randrange(len(data))] ^= chance.randint(1, 255)
    return bytes(changed)


def cut(data: bytes, chance: Random) -> bytes:
    """Cut the file off anywhere."""
    return data[: chance.randrange(len(data))]


def delete(data: bytes, chance: Random) -> bytes:
    """Leave a run of bytes out."""
    start, stop = choose_run(data, chance)
    return data[:start] + data[stop:]


def insert(data: bytes, chance: Random) -> bytes:
    """Put bytes that mean nothing somewhere."""
    start, stop = choose_run(data, chance)
    return data[:start] + chance.randbytes(stop - start) + data[start:]


def double(data: bytes, chance: Random) -> bytes:
    """Repeat a run of bytes."""
    start, stop = choose_run(data, chance)
    return data[:stop] + data[start:]


def choose_run(data: bytes, chance: Random) -> tuple[int, int]:
    """Choose a run of up to 2,048 bytes, short ones as often as long ones."""
    start = chance.randrange(len(data))
    return start, min(start + (1 << chance.randint(0, 11)), len(data))


DAMAGES: dict[str, Callable[[bytes, Random], bytes]] = {
    "flip": flip,
    "cut": cut,
    "delete": delete,
    "insert": insert,
    "double": double,
}


class Recipe(NamedTuple):
    """How a damaged copy is made: by editcap with a probability, or by the damage of a name."""

    path: Path
    how: str | float
    seed: int

    @property
    def name(self) -> str:
        """Give the copy's name."""
        how = self.how if isinstance(self.how, str) else f"editcap-{self.how}"
        return f"{self.path.stem}.{how}.{self.seed}{self.path.suffix}"

    def make(self) -> bytes:
        """Make the copy."""
        if not isinstance(self.how, str):
            return run_editcap(self.path, self.how, self.seed)
        return DAMAGES[self.how](read_capture(self.path, FORMS[self.seed % len(FORMS)]), Random(self.name))


def run_editcap(path: Path, probability: float, seed: int) -> bytes:
    """Let editcap change the bytes of frames; the records stay sound, and with even seeds those of pcap."""
    with tempfile.NamedTemporaryFile() as copy:
        form = "pcapng" if seed % 2 else "pcap"
        command = ["editcap", "-F", form, "-E", str(probability), "--seed", str(seed), str(path), copy.name]
        subprocess.run(command, check=True, capture_output=True)
        return Path(copy.name).read_bytes()


@lru_cache
def read_capture(path: Path, form: str) -> bytes:
    """Give the bytes of a capture as it is, `turned` from pcap into pcapng or the other way round, or `compressed`."""
    data = path.read_bytes()
    if form != "turned":
        return gzip.compress(data, mtime=0) if form == "compressed" else data
    with path.open("rb") as opened:
        records = list(Records(CaptureFile(opened), path.name))
    frames = [Frame(record.time, data[record.start : record.start + record.length]) for record in records]
    encode = pcap if data.startswith(SECTION_MAGIC) else pcapng
    return encode(frames, link_type=records[0].link)


def make_recipes(paths: Sequence[Path], probabilities: Sequence[float]) -> Iterator[Recipe]:
    """Give recipes without end: every capture in every way, then all again with the next seed."""
    ways: list[str | float] = [*(probabilities if shutil.which("editcap") else ()), *DAMAGES]
    return (Recipe(path, how, seed) for seed in count(1) for path in paths for how in ways)
