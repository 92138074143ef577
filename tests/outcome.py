"""What the program makes of a capture, times and frames aside: what must be the same in every disguise."""

import io
import json
import re
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from dissect import cli
from dissect.cli.arguments import make_parser
from tests.conftest import ROOT

CAPTURES = sorted((ROOT / "captures").glob("*.pcap*"))

ASIDE = (
    (re.compile(r"^(PDU \d+), frame.*(, association \d+)$", re.M), r"\1\2"),
    (re.compile(r"#\d+\((\d+)\)"), r"(\1)"),
    (re.compile(r"\[Frame: \d+, "), "[Frame: , "),
    (
        re.compile(r"(Response to: PDU \d+), (?:after -?[\d.]+ s(?:, by a clock that was set back)?|before its end)"),
        r"\1",
    ),
    (re.compile(r"nothing was said for [\d.]+ s(, though nothing was outstanding)?; "), ""),
    (re.compile(r" for [\d.]+ s\b"), ""),
    (re.compile(r"; (?:[\d.]+|\[[\da-f:]+\])(:\d+) accepted none"), r"; \1 accepted none"),
    (re.compile(r"^Connection, .*\n(?: {4}.*\n)*\n", re.M), ""),
    (re.compile(r"Message fragments.*"), lambda found: found[0][:150]),
)
"""Times, frames, addresses in notes, and how TCP carried it; a line of many fragments is cut where its numbers end."""

PARSER = make_parser()
"""Made once, for a small capture is read in less time than it takes to make one."""

KEYS = ("pdu", "association", "from", "type", "length", "info", "notes")


class Outcome(NamedTuple):
    """What `list`, `show` and `export` give."""

    listed: list[list[object]]
    shown: str
    exported: dict[str, bytes]


def run(*words: str) -> str:
    """Run the program, and give what it prints."""
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(io.StringIO()) as told:
        status = cli.run(PARSER.parse_args(words))
    assert status == 0, told.getvalue()
    return printed.getvalue()


def call(*words: str | Path) -> tuple[int, str, str]:
    """Run the program, and give its exit status, and what it prints on standard output and standard error."""
    printed, told = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(told):
        try:
            status = cli.main(list(map(str, words)))
        except SystemExit as leaving:
            status = int(str(leaving.code))
    return status, printed.getvalue(), told.getvalue()


def read_outcome(paths: Sequence[str], folder: Path) -> Outcome:
    """Let the program list, show and export a capture."""
    listed = [json.loads(line) for line in run("list", "-T", "jsonl", *paths).splitlines()]
    shown = run("show", "--full", *paths)
    for pattern, instead in ASIDE:
        shown = pattern.sub(instead, shown)
    run("export", *paths, "--to", str(folder))
    exported = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".dcm"}
    return Outcome([[line[key] for key in KEYS] for line in listed], shown, exported)


@cache
def read_undisguised(path: Path) -> Outcome:
    """Give what the program makes of a capture as it is."""
    with TemporaryDirectory() as folder:
        return read_outcome([str(path)], Path(folder))


def read_disguised(files: list[bytes]) -> Outcome:
    """Give what the program makes of the files of a capture in disguise."""
    with TemporaryDirectory() as folder:
        paths = []
        for number, data in enumerate(files):
            path = Path(folder, f"{number}.capture")
            path.write_bytes(data)
            paths.append(str(path))
        out = Path(folder, "out")
        return read_outcome(paths, out)
