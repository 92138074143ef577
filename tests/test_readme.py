"""The commands of the README, and those of docs/diff.md, print what is shown there."""

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from argparse import ArgumentParser as Parser
from dataclasses import fields
from html import unescape
from pathlib import Path

import pytest

from dissect.cli import main
from dissect.cli.arguments import VERBS, make_parser
from dissect.config import load_config
from dissect.diff.masks import Masks
from dissect.query import Filter
from dissect.tui.unknown import find_unknown
from docs import draw

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHAPTER = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
SCREENS = re.findall(r"```console\n\$ (dissect .*)\n((?:.*\n)*?)```", README)
COMMANDS = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "screen"), SCREENS, ids=[command for command, _ in SCREENS])
def test_a_documented_command_prints_what_the_readme_shows(
    command: str, screen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "captures").symlink_to(ROOT / "captures")
    monkeypatch.chdir(tmp_path)  # for some write files
    if "|" in command:
        printed = run_in_shell(command, tmp_path)
    else:
        assert main(shlex.split(command)[1:]) in list_statuses(command)
        printed = "".join(capsys.readouterr())
    check_screen(screen, printed)


def test_the_readme_has_a_command_that_installs_and_shows_and_one_that_installs_and_tests(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows, tests = COMMANDS
    assert tests.endswith(".venv/bin/pytest")
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(shows.rpartition("&& .venv/bin/dissect ")[2])) == 0
    assert "Siemens Healthineers" in capsys.readouterr().out


def test_the_commands_of_pipx_install_and_run(tmp_path: Path) -> None:
    [commands] = re.findall(r"```sh\n(pipx .*?)```", README, re.DOTALL)
    if shutil.which("pipx") is None:
        pytest.skip("no pipx: apt-get install pipx")
    folders = {name: str(tmp_path / name) for name in ("PIPX_HOME", "PIPX_BIN_DIR", "PIPX_MAN_DIR")}
    done = subprocess.run(
        ["bash", "-ec", commands], capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | folders
    )
    if "No matching distribution" in done.stderr:
        pytest.skip("no package index")
    assert done.returncode == 0, done.stderr
    assert "C-FIND-RSP ID=1 (Success)" in done.stdout
    assert (tmp_path / "PIPX_BIN_DIR" / "dissect").exists()


def test_each_link_of_the_readme_leads_somewhere() -> None:
    headings = {re.sub(r"\W+", "-", each.lower()) for each in re.findall(r"^#+ (.*)$", README, re.MULTILINE)}
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert len(links) > 15
    for link in links:
        assert link[1:] in headings if link.startswith("#") else (ROOT / link).exists(), link


def test_the_readme_links_each_document() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{path.name})" in README


@pytest.mark.parametrize("name", draw.SCREENS)
def test_a_picture_shows_what_the_interface_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in draw.TERMINAL.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    kept = (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")
    assert list_words(kept) == list_words(asyncio.run(draw.draw(name)))


def list_words(svg: str) -> list[str]:
    """Give the words of a picture, whatever its colours and places are."""
    return unescape(" ".join(re.findall(r"<text [^>]*>([^<]*)</text>", svg))).split()


def test_each_command_of_the_chapter_prints_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "captures").symlink_to(ROOT / "captures")
    screens = re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```", CHAPTER)
    assert len(screens) == CHAPTER.count("```console")
    for command, screen in screens:  # in order, for some take what others have written
        check_screen(screen, run_in_shell(command, tmp_path))


def check_screen(screen: str, printed: str) -> None:
    """Hold what is shown against what is printed, of which dots alone leave lines out."""
    first, *parts = re.split(r"^\.\.\.\n", screen, flags=re.MULTILINE)
    assert printed.startswith(first)
    at = len(first)
    for part in parts:
        assert part in printed[at:]
        at = printed.index(part, at) + len(part)
    assert screen.endswith("...\n") or not printed[at:].strip()


def list_statuses(command: str) -> tuple[int, ...]:
    """Give the exit statuses that a command may have: one that judges tells by it what it found."""
    return (0, 1) if re.search(r" (?:diff|check) ", command) else (0,)


def run_in_shell(command: str, folder: Path = ROOT) -> str:
    """Run a pipeline, as a user would."""
    script = f'dissect() {{ "{sys.executable}" -m dissect "$@"; }}; {command}'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode in list_statuses(command), done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


INLINE = [
    *re.findall(r"^\| `(dissect [^`]*)`", README, re.MULTILINE),
    *re.findall(r"^ *- (?:run: )?(dissect .*)$", CHAPTER, re.MULTILINE),
]
EXAMPLES = [
    line.strip()
    for action in make_parser()._subparsers._group_actions  # type: ignore[union-attr]  # no public way to the verbs
    for parser in [make_parser(), *(action.choices or {}).values()]  # type: ignore[union-attr]
    for line in (parser.epilog or "").splitlines()
    if line.startswith("  dissect ")
]
STAND_INS = {
    **dict.fromkeys(("before.pcap", "later.pcap", "OLD"), "captures/diff-before.pcap"),
    **dict.fromkeys(("after.pcap", "NEW"), "captures/diff-after.pcap"),
    **dict.fromkeys(("FILE", "capture.pcap", "capture.pcap.gz"), "captures/c-store.pcap"),
    "PATH": "association.1/c-store-rq.1/data-set/0010,0010",
    "WORD": "patient",
    "EXPR": "dimse.cmd",
}


def test_verbs_stand_in_the_same_order_in_the_table_in_help_and_in_the_program() -> None:
    told = re.findall(r"^\| `dissect (\w+)", README, re.MULTILINE)
    helped = make_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]  # as above
    assert list(dict.fromkeys(told)) == list(helped or ()) == list(VERBS)


@pytest.mark.parametrize("command", [*INLINE, *EXAMPLES])
def test_a_command_that_is_named_can_be_run(command: str, tmp_path: Path) -> None:
    command = re.sub(r" {2,}.*", "", command)  # what it does stands behind it
    for name, stand_in in STAND_INS.items():
        command = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", stand_in, command)
    command = re.sub(r"--to \S+", f"--to {tmp_path}/out", command).replace("~/", f"{tmp_path}/")
    for name in ("expected.txt", "report.xml"):
        command = command.replace(name, str(tmp_path / name))
    if "expected.txt" in command:
        (tmp_path / "expected.txt").write_text(run_in_shell("dissect snapshot captures/diff-before.pcap"))
    command = re.sub(r"\| jq .*", "", command).replace("OUT.pcapng", f"{tmp_path}/out.pcapng")
    if "dissect browse" in command:  # which takes a terminal
        make_parser().parse_args(shlex.split(command.rpartition("dissect ")[2]))
        return
    for folder in re.findall(r"> (\S+)/", command):
        Path(folder).mkdir(parents=True, exist_ok=True)
    run_in_shell(command)


def test_each_filter_of_the_readme_can_be_read() -> None:
    [section] = re.findall(r"^### Filters\n(.*?)^###", README, re.DOTALL | re.MULTILINE)
    cells = re.findall(r"^\| .*? \| (`.*`) \|$", section, re.MULTILINE)
    filters = [each for cell in cells for each in re.findall(r"`([^`]+)`", cell)]
    assert len(filters) > 10
    for text in filters:
        assert Filter(text)


def test_the_settings_of_the_readme_can_be_used(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    config = load_config(path)
    assert set(tomllib.loads(example)) == {"ports", "columns", "colors", "browse", "keys", "private", "check"}
    assert config.columns[0] == "pdu"
    assert not find_unknown(config, None)


def test_the_settings_of_the_chapter_can_be_used_and_are_all_there_are(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", CHAPTER, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    settings = load_config(path).diff
    assert (settings.pairs, settings.timing, settings.ignore[:2]) == (((3, 5),), 2.0, ("VR:TM", "private"))
    assert len(tomllib.loads(example)["diff"]) == len(fields(settings))
    assert Masks(settings.ignore)


def test_each_rule_of_the_chapter_can_be_read_and_each_option_is_there() -> None:
    rules = re.findall(r"--(?:ignore|only) '?([^'`]+)'?`", CHAPTER)
    assert len(rules) > 7
    assert Masks(rules)
    verbs: dict[str, Parser] = make_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr, assignment]
    known = verbs["diff"].format_help() + verbs["snapshot"].format_help() + "--dicom-snapshot-update --path"
    options = set(
        re.findall(r"(--[a-z][a-z-]+)", re.sub(r"```(?:sh|console|yaml).*?```", "", CHAPTER, flags=re.DOTALL))
    )
    assert len(options) > 15
    assert not [option for option in options if not re.search(rf"{option}(?![\w-])", known)]


def test_the_tests_and_the_shell_script_of_the_chapter_run(tmp_path: Path) -> None:
    [tests] = re.findall(r"```python\n(.*?)```", CHAPTER, re.DOTALL)
    [settings] = re.findall(r"```ini\n(.*?)```", CHAPTER, re.DOTALL)
    (tmp_path / "test_archive.py").write_text(tests)
    (tmp_path / "pytest.ini").write_text(settings)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "dicom.toml").write_text("[diff]\n")
    for name in ("before", "after"):
        (tmp_path / f"{name}.pcap").write_bytes((ROOT / "captures" / f"diff-{name}.pcap").read_bytes())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--dicom-snapshot-update"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "1 DICOM snapshot written\n" in printed
    assert "2 breaks" in printed
    assert "1 failed, 1 passed" in printed
    script = next(each for each in re.findall(r"```sh\n(.*?)```", CHAPTER, re.DOTALL) if each.startswith("#!"))
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)


def test_each_script_of_the_readme_runs() -> None:
    scripts = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
