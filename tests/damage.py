"""Captures, in: the program run over damaged copies of them, and what it did wrong, out.

    python -m tests.damage [--seconds 600] [--probability P ...] [--keep DIR] [FILES...]

Each copy is told by a name such as `c-find.editcap-0.01.17.pcap`: the capture, what was done to it, and the seed with
which the same is done again. `editcap -E` changes bytes of the frames, where Wireshark's tools are installed; the
damages of `tests.recipes` are done to the capture as it is, rewritten in the other format, or compressed, as the seed
says. The program runs in a child process, a batch of copies each, so that one that hangs, dies or takes memory is told
like any other.
"""

import argparse
import io
import json
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

from dissect.cli import main as dissect
from dissect.text import UNSAFE
from tests.recipes import Recipe, find_captures, make_recipes

PROBABILITIES = (0.001, 0.01, 0.1)
"""How likely editcap changes a byte."""

VERBS = (
    ("list",),
    ("list", "-T", "jsonl"),
    ("list", "{whole}"),
    ("show", "--full"),
    ("show", "-x"),
    ("associations", "-V"),
    ("stats",),
    ("check", "--fail-on", "never"),
    ("check", "-T", "jsonl", "--shallow", "--fail-on", "never"),
    (
        "list",
        "-T",
        "csv",
        "-Y",
        'not op(failure) and (any contains "a" or item(CodeValue) or PixelData:raw contains "b")',
    ),
    ("show", "-T", "json", "-Y", "assoc.end != released or PatientID[0:2] in {{a..z}}"),
    ("export", "--to", "{folder}"),
    ("ladder",),
    ("snapshot", "--allow-gaps"),
    ("diff", "-T", "jsonl", "--notes", "--allow-gaps", "{whole}"),
)
"""The command lines that each copy is given to, two of them together with what it is a copy of."""

SOUND = (0, 2)
"""The exit statuses of a verb that finds nothing."""

STATUSES = {"diff": (0, 1, 2)}
"""Those of a verb that tells by them what it found."""

SLOWEST = 2.0
"""Seconds of processor time that one run may take."""

LARGEST = 500 << 20
"""Bytes of memory that the program may take at its peak."""

BATCH = 100
"""How many copies a child process reads."""

HANGING = 5
"""Seconds of processor time after which a run is stopped."""

SILENT = 120
"""Seconds without a word after which a child is killed."""

ROOMIEST = 4 << 30
"""Bytes of address space that a child may claim: the machine is not to suffer."""


# One run of the program, and what is wrong with it


@dataclass
class Run:
    """What the program did: exit status, seconds of processor time, what it printed, or how it failed."""

    status: object = None
    took: float = 0.0
    out: str = ""
    err: str = ""
    trace: str = ""
    """The traceback of what escaped, its last line the exception's."""


class Hang(BaseException):
    """The program runs for too long."""


def run_program(arguments: Sequence[str]) -> Run:
    """Run the command line in this process."""
    run, out, err = Run(), make_output(), make_output()
    start = time.process_time()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            run.status = dissect(arguments)
            out.flush()
            err.flush()
    except (Exception, SystemExit, Hang):  # whatever escapes is what is looked for
        run.trace = traceback.format_exc()
    run.took = time.process_time() - start
    run.out, run.err = (each.buffer.getvalue().decode() for each in (out, err))
    return run


class Output(io.TextIOWrapper):
    """A terminal's stand-in, which takes what can be encoded and nothing else."""

    buffer: io.BytesIO


def make_output() -> Output:
    """Make an empty one."""
    return Output(io.BytesIO(), "utf-8")


def judge(run: Run, statuses: Sequence[int] = SOUND) -> Iterator[str]:
    """Tell what is wrong with a run that may give some exit statuses, without numbers that change from copy to copy."""
    if run.trace:
        yield locate(run.trace)
        return
    if run.status not in statuses:
        yield f"exit status {run.status}"
    if run.status == 2 and not run.err.strip():
        yield "exit status 2 without a word"
    if not all(line.startswith("dissect: ") for line in run.err.splitlines()):
        yield "a line on standard error that is not the program's"
    if any(UNSAFE.search(line) for line in (run.out + run.err).split("\n")):
        yield "control characters printed"
    if run.took > SLOWEST:
        yield f"takes more than {SLOWEST} s"


def judge_lines(run: Run) -> Iterator[str]:
    """Tell whether a line of JSON is none."""
    try:
        for line in run.out.splitlines():
            json.loads(line)
    except ValueError:
        yield "a line that is not JSON"


def locate(trace: str) -> str:
    """Give the exception of a traceback and the last line of the program that it came through."""
    lines = trace.splitlines()
    places = [line.split(", ") for line in lines if line.startswith('  File "') and "/dissect/" in line]
    where = f" at {Path(places[-1][0]).name.rstrip(chr(34))}, {places[-1][1]}" if places else ""
    return lines[-1].partition(":")[0] + where


# Copies, one after the other


@dataclass
class Report:
    """What came of one copy: its runs, the slowest, the peak of memory so far, and each failure with its details."""

    recipe: Recipe
    runs: int = 0
    slowest: float = 0.0
    peak: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)


def examine(recipe: Recipe, folder: Path) -> Report:
    """Make a copy in a folder, give it to every verb, and tell what went wrong."""
    report = Report(recipe)
    path, objects = folder / recipe.name, folder / "objects"
    path.write_bytes(recipe.make())
    for verb in VERBS:
        run = run_program([*(word.format(folder=objects, whole=recipe.path) for word in verb), str(path)])
        found = [*judge(run, STATUSES.get(verb[0], SOUND)), *(judge_lines(run) if "jsonl" in verb else ())]
        report.failures += [(f"{verb[0]}: {why}", run.trace or run.err) for why in found]
        report.slowest = max(report.slowest, run.took)
        report.runs += 1
        if run.took > HANGING:  # nobody need wait for the other verbs
            break
    shutil.rmtree(objects, ignore_errors=True)
    path.unlink()
    report.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return report


def serve(sender: Connection, recipes: Sequence[Recipe]) -> None:
    """Examine copies in a process of its own, and send what came of each; stop where memory ran over."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOMIEST, ROOMIEST))
    signal.signal(signal.SIGPROF, stop_hanging)
    run_program(["show", str(recipes[0].path)])  # what is imported but once is nobody's time
    with tempfile.TemporaryDirectory() as folder:
        for recipe in recipes:
            signal.setitimer(signal.ITIMER_PROF, HANGING, HANGING)
            report = examine(recipe, Path(folder))
            signal.setitimer(signal.ITIMER_PROF, 0)
            if report.peak > LARGEST:
                report.failures.append((f"takes more than {LARGEST >> 20} MB", ""))
            sender.send(report)
            if report.peak > LARGEST:
                return


def stop_hanging(signum: int, frame: FrameType | None) -> None:
    """Leave what runs for too long."""
    raise Hang(signum)


def examine_batch(recipes: Sequence[Recipe]) -> Iterator[Report]:
    """Let a child examine copies, and the next one those behind a copy that the child did not survive."""
    context = get_context("spawn")
    todo = list(recipes)
    while todo:
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=serve, args=(sender, todo), daemon=True)
        child.start()
        sender.close()
        yield from receive(receiver, todo)
        child.kill()
        child.join()
        receiver.close()


def receive(receiver: Connection, todo: list[Recipe]) -> Iterator[Report]:
    """Take what a child sends, and what was examined off the list, up to the one on which it falls silent."""
    while todo:
        try:
            report = receiver.recv() if receiver.poll(SILENT) else Report(todo[0], failures=[("hangs", "")])
        except EOFError:
            report = Report(todo[0], failures=[("the process dies", "")])
        over = report.peak > LARGEST or not report.runs
        del todo[0]
        yield report
        if over:
            return


# All of it


@dataclass
class Total:
    """What came of all copies."""

    keep: Path | None = None
    """The folder for copies on which the program failed; a temporary one where none is named."""
    files: int = 0
    runs: int = 0
    failed: int = 0
    peak: int = 0
    slowest: tuple[float, str] = (0.0, "")
    causes: dict[str, int] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        """Count a copy; keep it where it is the first to fail in its way."""
        self.files += 1
        self.runs += report.runs
        self.peak = max(self.peak, report.peak)
        self.slowest = max(self.slowest, (report.slowest, report.recipe.name))
        self.failed += bool(report.failures)
        for why, details in report.failures:
            self.causes[why] = self.causes.get(why, 0) + 1
            if self.causes[why] == 1:
                say(f"{report.recipe.name}: {why}; kept as {self._keep(report.recipe, why, details)}")

    def _keep(self, recipe: Recipe, why: str, details: str) -> Path:
        """Write the copy, and beside it what was told."""
        self.keep = self.keep or Path(tempfile.mkdtemp(prefix="dissect-damage-"))
        self.keep.mkdir(parents=True, exist_ok=True)
        path = self.keep / recipe.name
        path.write_bytes(recipe.make())
        with path.with_name(f"{path.name}.txt").open("a") as notes:
            notes.write(f"{why}\n\n{details}\n")
        return path

    def describe(self) -> str:
        """Say it in a line."""
        took, name = self.slowest
        words = f"{self.files} files, {self.runs} runs, slowest {took:.2f} s ({name}), peak {self.peak >> 20} MB"
        return f"{words}, {self.failed} files failed in {len(self.causes)} ways"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Damage captures until the time is over, and give the exit status: 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.damage", description="Run dissect over damaged captures.")
    parser.add_argument("--seconds", type=float, default=600, help="how long (600)")
    parser.add_argument("--probability", type=float, nargs="+", default=PROBABILITIES, metavar="P", help="for editcap")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where copies that fail are kept")
    parser.add_argument("captures", type=Path, nargs="*", metavar="FILE", help="captures (those of the project)")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    recipes = make_recipes(options.captures or find_captures(), options.probability)
    total = Total(options.keep)
    if not shutil.which("editcap"):
        say("no editcap: apt-get install tshark")
    while time.monotonic() < end:
        for report in examine_batch(list(islice(recipes, BATCH))):
            total.add(report)
    say(total.describe())
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
