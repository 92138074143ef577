"""The command line where standard input, standard output or standard error is closed."""

import subprocess
import sys
from pathlib import Path

import pytest

from dissect.cli.arguments import VERBS
from tests.conftest import ROOT

SCENE = str(ROOT / "captures" / "c-echo.pcap")
WORDS = {
    "show": ["FILE"],
    "list": ["FILE"],
    "associations": ["FILE"],
    "check": ["FILE"],
    "stats": ["FILE"],
    "ladder": ["FILE"],
    "export": ["FILE", "--to", "FOLDER"],
    "diff": ["FILE", SCENE],
    "snapshot": ["FILE"],
    "browse": ["FILE"],
    "rules": [],
    "fields": [],
    "schema": ["list"],
    "completion": ["bash"],
}
"""Arguments of each verb, and those of a file without one."""
ALONE = ("", ["FILE"])
READING = [ALONE, *((verb, words) for verb, words in WORDS.items() if "FILE" in words)]


def run(closed: str, verb: str, words: list[str], file: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program with some of its streams closed, as the shell does it; it is told of files left open, too."""
    given = [{"FILE": file, "FOLDER": str(folder / "objects")}.get(word, word) for word in words]
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "dissect", *filter(None, [verb]), *given]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_each_verb_is_tried() -> None:
    assert set(WORDS) == set(VERBS)


@pytest.mark.parametrize(("verb", "words"), [ALONE, *WORDS.items()])
def test_a_closed_standard_input_matters_to_nobody_who_names_a_file(
    verb: str, words: list[str], tmp_path: Path
) -> None:
    done = run("<&-", verb, words, SCENE, tmp_path)
    if verb == "browse":
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        return
    told = f"dissect: {tmp_path / 'objects'}: 0 objects written, 0 of them partial\n" if verb == "export" else ""
    assert (done.returncode, bool(done.stdout), done.stderr) == (0, verb != "export", told)


@pytest.mark.parametrize(("verb", "words"), READING)
def test_a_closed_standard_input_that_is_to_be_read_is_told_in_a_line(
    verb: str, words: list[str], tmp_path: Path
) -> None:
    done = run("<&-", verb, words, "-", tmp_path)
    told = "browse: standard output is no terminal" if verb == "browse" else "-: standard input is closed; name a file"
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"dissect: {told}")


@pytest.mark.parametrize(("verb", "words"), [ALONE, ("--help", []), *WORDS.items()])
def test_a_closed_standard_output_is_told_in_a_line(verb: str, words: list[str], tmp_path: Path) -> None:
    done = run(">&-", verb, words, SCENE, tmp_path)
    assert (done.returncode, done.stderr) == (2, "dissect: standard output is closed\n")


@pytest.mark.parametrize(("verb", "words"), READING)
def test_what_would_be_told_on_a_closed_standard_error_is_not_printed_among_the_results(
    verb: str, words: list[str], tmp_path: Path
) -> None:
    done = run("2>&-", verb, words, "no-such-file", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(("verb", "words"), [ALONE, *WORDS.items()])
def test_where_all_is_closed_the_exit_status_tells(verb: str, words: list[str], tmp_path: Path) -> None:
    assert run("<&- >&- 2>&-", verb, words, SCENE, tmp_path).returncode == 2
