"""What a comparison costs beside a listing of both captures: `python -m benchmarks.comparing [SHAPE ...]`."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from pydicom import Dataset

from benchmarks.measure import Cost, compare, describe_machine
from benchmarks.shapes import (
    SHAPES,
    SLICES,
    delay_some,
    find_patients,
    make,
    open_network,
    order,
    read,
    record_storage,
    write,
)  # fmt: skip
from captures.images import make_uid
from tests import build

CHANGED_EVERY = 1000
"""Of so many responses or associations, one is another."""

SCALES = (1.0, 2.0, 4.0)
STATUS = bytes.fromhex("00000009020000000000")
"""A status of 0000H, as a command set has it (PS3.7 E.1)."""


# The second captures


def make_renewed(path: Path, scale: float) -> None:
    """Record the reference anew, all UIDs of instances others; the first status is a warning."""
    with tempfile.TemporaryDirectory() as folder, open_network() as (sender, receiver):
        count = round(SLICES * scale)
        record_storage(Path(folder), count, sender, receiver, "10.79.0.2", "veth1", change=renew)
        write(path, delay_some(read(warn(Path(folder, "talk.pcap")))))


def renew(image: Dataset) -> None:
    """Give an image other UIDs, one for one."""
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(image, keyword, make_uid(f"another {image[keyword].value}"))


def warn(path: Path) -> Path:
    """Make a warning of the first status in a file."""
    data = path.read_bytes()
    assert STATUS in data
    path.write_bytes(data.replace(STATUS, STATUS[:8] + b"\0\xb0", 1))
    return path


def make_changed_responses(path: Path, scale: float) -> None:
    """Build the C-FIND with 50,000 responses; one in a thousand tells something else, and one lacks."""
    numbers = range(1, round(50_000 * scale))
    told = ("CHANGED" if number % CHANGED_EVERY == 0 else f"{number:08}" for number in numbers)
    write(path, order(find_patients(told).frames))


def make_echoes(path: Path, scale: float, *, changed: int = 0) -> None:
    """Build one association of 20,000 C-ECHOs, of which one in so many is refused."""
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number in range(round(20_000 * scale)):
        refused = bool(changed) and number % changed == 0
        status = 0x0122 if refused else 0
        talk.request(*build.message(1, build.c_echo_rq(number % 65536)))
        talk.answer(*build.message(1, build.c_echo_rsp(number % 65536, status)))
    write(path, order(talk.release().frames))


OTHERS: dict[str, Callable[[Path, float], None]] = {
    "renewed": make_renewed,
    "changed-responses": make_changed_responses,
    "echoes": make_echoes,
    "refused-echoes": lambda path, scale: make_echoes(path, scale, changed=CHANGED_EVERY),
}
PAIRS = {
    "reference": ("reference", "renewed"),
    "reference, twice": ("reference", "reference"),
    "responses": ("responses", "changed-responses"),
    "echoes": ("echoes", "refused-echoes"),
    "associations": ("associations", "associations"),
}
"""400 CT slices, and the same with other UIDs and a warning; the same file twice; one C-FIND of 50,000 responses, some
of them others; one association of 20,000 C-ECHOs, some of them refused; 20,000 associations twice."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparing", description=__doc__)
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=f"of {', '.join(PAIRS)}; without one, all")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is run (default: 5)")
    parser.add_argument("--scales", default=",".join(f"{scale:g}" for scale in SCALES))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "dissect-benchmarks"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for line in describe_machine():
        print(line)
    print("\n| captures | scale | `list` of both: CPU s | `diff` | ratio | wall s | `list`: MB | `diff` | growth |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.pairs or PAIRS:
        before = None
        for scale in map(float, options.scales.split(",")):
            names = [make(each, scale, options.folder, SHAPES | OTHERS) for each in PAIRS[name]]
            *listed, found = measure(names, options.runs)
            print(tell(name, scale, names, listed, found, before), flush=True)
            before = found


def measure(names: list[Path], runs: int) -> list[Cost]:
    """Measure what it takes to list each of two captures, and to compare them."""
    ours = [sys.executable, "-m", "dissect"]
    diff = [*ours, "diff", *map(str, names)]
    told = subprocess.run(diff, stdout=subprocess.PIPE, text=True, check=False)
    if told.returncode not in (0, 1) or " operation" not in told.stdout.rpartition("\n")[0].rpartition("\n")[2]:
        raise RuntimeError(f"{' '.join(diff)}: exit status {told.returncode}")
    return compare([*([*ours, "list", str(name)] for name in names), diff], runs, most=1)


def tell(name: str, scale: float, names: list[Path], listed: list[Cost], found: Cost, before: Cost | None) -> str:
    """Give a line of the table; the last column says how much more CPU it takes than the scale before."""
    size = sum(each.stat().st_size for each in names) / 1e6
    cpu = sum(each.cpu for each in listed)
    growth = "" if before is None else f" {found.cpu / before.cpu:.2f}"
    return (
        f"| {name}, {size:.0f} MB | {scale:g} | {cpu:.2f} | {found.cpu:.2f} | {found.cpu / cpu:.2f} | {found.wall:.2f} "
        f"| {max(each.memory for each in listed):.0f} | {found.memory:.0f} |{growth} |"
    )


if __name__ == "__main__":
    main()
