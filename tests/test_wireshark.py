"""The tree held against Wireshark's: each line tshark prints in a DICOM block must be in ours, to the character."""

import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from dissect.cli import main

UNREADABLE = re.compile(r"(^|-)(built|deflated|jpeg|ov|rle|uv)(-|\.)")
"""Captures whose contents Wireshark cannot decode, or that are made to be faulty."""

CAPTURES = [
    path
    for path in sorted((Path(__file__).parent.parent / "captures").glob("*.pcap*"))
    if not UNREADABLE.search(path.name)
]
TSHARK = shutil.which("tshark")

Blocks = dict[str, Counter[str]]

DIFFERENT = {
    r"^\s*\[": "what Wireshark tells beside the bytes; our own notes are worded otherwise",
    r"\(0000,0900\)|^DICOM, .*-RSP|^    PDV, .*-RSP": "Wireshark has one text a status for all services",
    r"\ufffd|\\0[0-3][0-7]|^ +\\(0010,4000\\)": "text of a character set that Wireshark does not decode",
    r"\(0028,010[67]\)|\(0028,0120\)": "PS3.5 Annex A.1: signed where Pixel Representation is 1; Wireshark: unsigned",
    r"\(0028,3002\)|\(0028,3006\)|\(60..,0050\)": "several values, of which Wireshark prints the first",
    r"Private Tag": "several values, or an element that the dictionary of its creator knows",
    r"^ +Unknown$|Unknown Data|Unknown \(0x5[79]\)": "PS3.7 D.3.3.6 and D.3.3.7.2 define both items",
    r"User Identify: |Primary Field: |Secondary Field": "a passcode and a token are masked",
    r"Type: Unknown \(5\)": "PS3.7 Table D.3-14: type 5 is a JSON Web Token",
    r"^DICOM, ABORT": "we say so where the acceptor sends it; Wireshark's arrow never turns",
}
"""Lines that differ on purpose, and why we are right."""


def split_blocks(text: str) -> Iterator[list[str]]:
    """Give the lines of each DICOM block."""
    block: list[str] = []
    for line in map(str.rstrip, text.splitlines()):
        if line.startswith("DICOM"):
            if block:
                yield block
            block = [line]
        elif block and line.startswith(" "):
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def collect(text: str) -> Blocks:
    """Count the lines of all blocks, by the block's first line without our fragment numbers and texts in brackets."""
    found: Blocks = defaultdict(Counter)
    for block in split_blocks(re.sub(r" \[\d+/\d+\]", "", text)):
        found[re.sub(r" \([^()]*\)$", "", block[0])].update(block)
    return found


@pytest.mark.skipif(TSHARK is None, reason="install Debian's package tshark")
@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_each_line_of_wireshark_is_in_the_tree(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tshark", "-o", "tcp.reassemble_out_of_order:TRUE", "-r", str(capture), "-VO", "dicom", "-Y", "dicom"]
    wanted = collect(subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace"))
    main(["show", str(capture)])
    ours = collect(capsys.readouterr().out)
    lacking = [
        line
        for first, lines in wanted.items()
        for line in lines - ours[first]
        if not any(re.search(pattern, line) for pattern in DIFFERENT)
    ]
    assert sum(map(Counter.total, wanted.values())) > 40
    assert lacking == []
