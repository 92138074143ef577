"""Completion scripts: what each shell offers when it runs them."""

import argparse
import os
import pty
import select
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from dissect.catalogue import CATALOG
from dissect.cli.arguments import make_parser
from dissect.completion import SHELLS, make_script

HAZARDS = r"""it's "one" [a line]: a PDU, $HOME `id` $(id) \ {a,b} 100%"""
FILES = ["one file.pcap", "two.pcap"]
SETUPS = {"bash": "PS1=", "zsh": "PS1=; autoload -U compinit; compinit -u -D; setopt no_beep; COLUMNS=200"}


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dissect")
    parser.add_argument("--config", metavar="FILE")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", aliases=["ls"], help=HAZARDS.replace("%", "%%"))
    listing.add_argument("-T", "--type", choices=("text", "csv", "jsonl"), help=HAZARDS.replace("%", "%%"))
    listing.add_argument("--odd", choices=("a b", "it's", "c$d"), help="of %(choices)s; %(prog)s")
    listing.add_argument("--port", type=int, default=104, help="(default: %(default)s)")
    listing.add_argument("--full", action="store_true", help="print\n   whole lines")
    listing.add_argument("--hidden", help=argparse.SUPPRESS)
    listing.add_argument("captures", metavar="FILE", nargs="+")
    export = verbs.add_parser("export", help="write objects")
    export.add_argument("--to", metavar="DIR", required=True)
    export.add_argument("--box", metavar="N", nargs=2)
    export.add_argument("shape", choices=("dicom", "png"))
    export.add_argument("capture", metavar="FILE")
    verbs.add_parser("secret", help=argparse.SUPPRESS)
    return parser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with two files and two folders, one of which has a verb's name."""
    for name in ("sub dir", "list"):
        (tmp_path / name).mkdir()
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


def find(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"no {shell}: apt-get install {shell}")
    return path


def write(parser: argparse.ArgumentParser, shell: str, folder: Path) -> Path:
    path = folder / f".script.{shell}"
    path.write_text(make_script(parser, shell))
    return path


def ask_bash(parser: argparse.ArgumentParser, folder: Path, *words: str) -> list[str]:
    """Return what the function for bash replies when the last of these words is completed."""
    script = write(parser, "bash", folder)
    lines = [
        f"source {shlex.quote(str(script))}",
        f"COMP_WORDS=({shlex.join(['dissect', *words])}) COMP_CWORD={len(words)}",
        "_dissect",
        '((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    run = subprocess.run(
        [find("bash"), "--norc", "-c", "\n".join(lines)], cwd=folder, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


def ask_fish(parser: argparse.ArgumentParser, folder: Path, line: str) -> dict[str, str]:
    """Return what fish offers at the end of this line, each with its description."""
    script = write(parser, "fish", folder)
    code = f"source {shlex.quote(str(script))}; complete -C {shlex.quote(line)}"
    environment = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config")}
    run = subprocess.run(
        [find("fish"), "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    pairs = [offer.partition("\t") for offer in run.stdout.splitlines()]
    return {word: line for word, _, line in pairs}


def type_keys(parser: argparse.ArgumentParser, shell: str, folder: Path, keys: str) -> tuple[list[str], str]:
    """Type keys into a shell with a terminal; return the arguments that the command gets, and what is shown before."""
    options = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[shell]
    path = find(shell)
    script = write(parser, shell, folder)
    command = """dissect() { printf '\\n%s' 'GO''T'; printf '\\036%s' "$@"; printf '\\035\\n'; }"""
    environment = os.environ | {"TERM": "dumb", "HOME": str(folder), "INPUTRC": "/dev/null"}
    master, slave = pty.openpty()
    with subprocess.Popen(
        [path, *options], stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment, start_new_session=True
    ) as process:
        os.close(slave)
        try:
            setup = f"{SETUPS[shell]}; {command}; source {shlex.quote(str(script))}; echo REA''DY\n"
            os.write(master, setup.encode())
            read_until(master, "READY")
            os.write(master, f"{keys}\n".encode())
            shown, _, got = read_until(master, "\x1d").replace("\r", "").rpartition("GOT\x1e")
        finally:
            process.kill()
            os.close(master)
    return got.rstrip("\x1d").split("\x1e"), shown


def read_until(master: int, mark: str) -> str:
    """Read what a terminal shows until a mark."""
    shown = b""
    end = time.monotonic() + 30
    while mark.encode() not in shown:
        assert select.select([master], [], [], end - time.monotonic())[0], shown
        shown += os.read(master, 65536)
    return shown[: shown.index(mark.encode()) + len(mark)].decode(errors="replace")


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_is_read_by_its_shell_without_a_complaint(
    parser: argparse.ArgumentParser, shell: str, tmp_path: Path
) -> None:
    run = subprocess.run([find(shell), "-n", write(parser, shell, tmp_path)], capture_output=True, text=True)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_help_hides_is_in_no_script(parser: argparse.ArgumentParser, shell: str) -> None:
    script = make_script(parser, shell)
    assert "hidden" not in script
    assert "secret" not in script
    assert "SUPPRESS" not in script


def test_a_shell_that_is_not_known_is_a_key_error(parser: argparse.ArgumentParser) -> None:
    with pytest.raises(KeyError):
        make_script(parser, "csh")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_help_is_filled_in_as_argparse_does_and_put_on_one_line(parser: argparse.ArgumentParser, shell: str) -> None:
    script = make_script(parser, shell)
    assert "(default: 104)" in script
    assert "print whole lines" in script
    assert "c$d; dissect list" in script


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        ([""], ["list", "ls", "export"]),
        (["li"], ["list"]),
        (["-"], ["-h", "--help", "--config"]),
        (["list", "-"], ["-h", "--help", "-T", "--type", "--odd", "--port", "--full"]),
        (["list", "--f"], ["--full"]),
        (["list", "-T", ""], ["text", "csv", "jsonl"]),
        (["ls", "--type", "c"], ["csv"]),
        (["list", "--type", "=", "j"], ["jsonl"]),
        (["list", "--type", "="], ["text", "csv", "jsonl"]),
        (["list", "--odd", ""], ["a\\ b", "it\\'s", "c\\$d"]),
        (["list", "--port", ""], []),
        (["export", ""], ["dicom", "png"]),
        (["export", "--box", "1", ""], []),
        (["export", "--box", "1", "2", "p"], ["png"]),
        (["export", "dicom", "png", ""], []),
        (["--config", "list", "e"], ["export"]),
    ],
)
def test_bash_offers_what_may_stand_there(
    parser: argparse.ArgumentParser, folder: Path, words: list[str], offers: list[str]
) -> None:
    assert ask_bash(parser, folder, *words) == offers


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["list", "t"], ["two.pcap"]),
        (["list", "-T", "csv", "two.pcap", "o"], ["one file.pcap"]),
        (["list", "--full", "--", "t"], ["two.pcap"]),
        (["list", "--", "-"], []),
        (["--config", "t"], ["two.pcap"]),
        (["export", "dicom", "t"], ["two.pcap"]),
        (["export", "--to", "s"], ["sub dir"]),
        (["export", "--to", "t"], []),
    ],
)
def test_bash_offers_files_and_directories_where_they_are_meant(
    parser: argparse.ArgumentParser, folder: Path, words: list[str], offers: list[str]
) -> None:
    assert ask_bash(parser, folder, *words) == offers


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("dissect ", {"list": HAZARDS, "ls": HAZARDS, "export": "write objects"}),
        ("dissect li", {"list": HAZARDS}),
        ("dissect list -T ", dict.fromkeys(("text", "csv", "jsonl"), HAZARDS)),
        ("dissect list --f", {"--full": "print whole lines"}),
        ("dissect list --ty", {"--type": HAZARDS}),
        ("dissect list --type=c", {"--type=csv": HAZARDS}),
        ("dissect list --odd i", {"it's": "of a b, it's, c$d; dissect list"}),
        ("dissect list t", {"two.pcap": ""}),
        ("dissect list -T csv two.pcap t", {"two.pcap": ""}),
        ("dissect export ", {"dicom": "", "png": ""}),
        ("dissect export --box 1 ", {}),
        ("dissect export --box 1 2 p", {"png": ""}),
        ("dissect export dicom t", {"two.pcap": ""}),
        ("dissect export --to ", {"list/": "Directory", "sub dir/": "Directory"}),
        ("dissect export --to=s", {"--to=sub dir/": "Directory"}),
        ("dissect --config list e", {"export": "write objects"}),
    ],
)
def test_fish_offers_what_may_stand_there_with_its_help(
    parser: argparse.ArgumentParser, folder: Path, line: str, offers: dict[str, str]
) -> None:
    assert ask_fish(parser, folder, line) == offers


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    ("keys", "arguments"),
    [
        ("dissect li\t", ["list"]),
        ("dissect list -T c\t", ["list", "-T", "csv"]),
        ("dissect list --type=c\t", ["list", "--type=csv"]),
        ("dissect list --fu\t", ["list", "--full"]),
        ("dissect list --odd i\t", ["list", "--odd", "it's"]),
        ("dissect list --odd a\t", ["list", "--odd", "a b"]),
        ("dissect list tw\t on\t", ["list", "two.pcap", "one file.pcap"]),
        ("dissect list one\\ f\t", ["list", "one file.pcap"]),
        ("dissect --config tw\tex\td\ttw\t", ["--config", "two.pcap", "export", "dicom", "two.pcap"]),
        ("dissect export --box 1 2 p\t", ["export", "--box", "1", "2", "png"]),
        ("dissect export --to su\tx", ["export", "--to", "sub dir/x"]),
    ],
)
def test_a_tab_on_a_terminal_completes_the_word_and_quotes_it(
    parser: argparse.ArgumentParser, folder: Path, shell: str, keys: str, arguments: list[str]
) -> None:
    assert type_keys(parser, shell, folder, keys)[0] == arguments


@pytest.mark.parametrize("keys", ["dissect \t", "dissect list --ty\b\b\t"])
def test_zsh_shows_the_help_as_it_is(parser: argparse.ArgumentParser, folder: Path, keys: str) -> None:
    assert HAZARDS in type_keys(parser, "zsh", folder, keys)[1]


@pytest.mark.parametrize(
    "words", [["diff"], ["diff", "two.pcap"], ["diff", "--config"], ["diff", "--junit"], ["snapshot"]]
)
def test_what_is_compared_and_what_is_written_are_files(folder: Path, words: list[str]) -> None:
    assert ask_bash(make_parser(), folder, *words, "t") == ["two.pcap"]
    assert list(ask_fish(make_parser(), folder, shlex.join(["dissect", *words, "t"]))) == ["two.pcap"]
    typed = shlex.join(["dissect", *words])
    assert type_keys(make_parser(), "zsh", folder, f"{typed} tw\t")[0] == [*words, "two.pcap"]


@pytest.mark.parametrize("words", [["rules"], ["rules", "pdu-type"], ["check", "--only"], ["check", "--ignore"]])
def test_the_codes_of_rules_are_offered_where_one_is_meant(folder: Path, words: list[str]) -> None:
    codes = [code for code in CATALOG if code.startswith("release-")]
    assert ask_bash(make_parser(), folder, *words, "release-") == codes
    assert list(ask_fish(make_parser(), folder, shlex.join(["dissect", *words, "release-"]))) == sorted(codes)
    typed = shlex.join(["dissect", *words])
    assert type_keys(make_parser(), "zsh", folder, f"{typed} release-u\ts\t")[0] == [*words, "release-unasked"]


def test_a_parser_without_verbs_is_completed_too(folder: Path) -> None:
    parser = argparse.ArgumentParser(prog="dissect")
    parser.add_argument("shape", choices=("dicom", "png"))
    parser.add_argument("folder", metavar="DIR", nargs="?")
    assert ask_bash(parser, folder, "d") == ["dicom"]
    assert ask_bash(parser, folder, "dicom", "s") == ["sub dir"]
    assert ask_fish(parser, folder, "dissect dicom s") == {"sub dir/": "Directory"}
    assert type_keys(parser, "zsh", folder, "dissect d\tsu\tx")[0] == ["dicom", "sub dir/x"]
