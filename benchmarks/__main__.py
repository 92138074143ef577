"""Make the captures, measure, print a table: `python -m benchmarks [SHAPE ...]`."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import compare, describe_machine
from benchmarks.shapes import SHAPES, make

TSHARK = ("tshark", "-o", "tcp.reassemble_out_of_order:TRUE", "-d", "tcp.port==11112,dicom", "-r")
PEERS = {
    "list": ("-Y", "dicom"),
    "show": ("-V", "-O", "dicom"),
    "export": ("--export-objects", "dicom,FOLDER/theirs{run}"),
    "stats": ("-q", "-z", "io,stat,0,dicom"),
    "associations": ("-q", "-z", "conv,tcp"),
}
"""The verbs, and tshark's closest command."""

HEAVY = frozenset(("show", "export"))
"""What is measured on shapes of objects alone: of the others it says little, and tshark needs minutes."""

OBJECTS = frozenset(("reference", "loopback", "interleaved"))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("shapes", nargs="*", metavar="SHAPE", help=f"of {', '.join(SHAPES)}; without one, all")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is run (default: 5)")
    parser.add_argument("--verbs", default=",".join(PEERS), help=f"of {','.join(PEERS)}")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "dissect-benchmarks"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for line in describe_machine():
        print(line)
    print("\n| capture | verb | CPU s | tshark | ratio | wall s | MB | tshark | ratio | half: CPU | growth |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in options.shapes or SHAPES:
        whole, half = (make(name, scale, options.folder) for scale in (1, 0.5))
        print(f"| {name}, {whole.stat().st_size / 1e6:.0f} MB | `cat` | {floor(whole, options.runs):.2f} |" + " |" * 8)
        for verb in options.verbs.split(","):
            if verb not in HEAVY or name in OBJECTS:
                print(compare_verb(verb, whole, half, options.runs), flush=True)


def floor(path: Path, runs: int) -> float:
    """Measure what it takes to read a file once."""
    return compare([["cat", str(path)]], runs)[0].cpu


def compare_verb(verb: str, whole: Path, half: Path, runs: int) -> str:
    """Measure a verb beside tshark's closest command, and on half of the capture; give a line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        ours = [sys.executable, "-m", "dissect", verb]
        targets = [["--to", f"{folder}/{name}{{run}}"] if verb == "export" else [] for name in ("whole", "half")]
        theirs = [*TSHARK, str(whole), *(word.replace("FOLDER", folder) for word in PEERS[verb])]
        commands = [[*ours, str(whole), *targets[0]], [*ours, str(half), *targets[1]], theirs]
        mine, part, other = compare(commands, runs)
    return (
        f"| | `{verb}` | {mine.cpu:.2f} | {other.cpu:.2f} | {mine.cpu / other.cpu:.2f} | {mine.wall:.2f} "
        f"| {mine.memory:.0f} | {other.memory:.0f} | {mine.memory / other.memory:.2f} | {part.cpu:.2f} "
        f"| {mine.cpu / part.cpu:.2f} |"
    )


if __name__ == "__main__":
    if shutil.which("tshark") is None:
        sys.exit("no tshark: apt-get install tshark")
    main()
