"""The documents in docs/: their commands print what is shown, their scripts run, their tables and links are true."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from textual.binding import Binding

from dissect.capture import links, records, spool
from dissect.cli import main
from dissect.cli.arguments import make_parser
from dissect.config import load_config
from dissect.dicom import commands, elements, encodings, items, pdu
from dissect.diff import loading
from dissect.query import Filter, QueryError, syntax
from dissect.query.fields import FIELDS
from dissect.tcp import connections
from dissect.tui.keys import KEYS, PLACES, tell_key
from dissect.tui.unknown import find_unknown
from tests.test_readme import check_screen, list_statuses, run_in_shell

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NAMES = ("api", "filters", "json", "keys", "privacy", "recording", "security")
TEXTS = {name: (DOCS / f"{name}.md").read_text(encoding="utf-8") for name in NAMES}
SHELL = re.compile(r"[|;&<>]")


def list_screens(text: str) -> list[tuple[str, str]]:
    """Give the commands of a document, and what it shows of each."""
    screens = re.findall(r"```console\n\$ (.*)\n((?:.*\n)*?)```", text)
    assert len(screens) == text.count("```console")
    return screens


def read_table(text: str, *head: str) -> list[list[str]]:
    """Give the cells of all tables with this head."""
    lines = iter(text.splitlines())
    rows = []
    for line in lines:
        if line == f"| {' | '.join(head)} |":
            assert re.fullmatch(r"(\|---)+\|", next(lines))
            while (row := next(lines, "")).startswith("|"):
                rows.append([cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]])
    return rows


def list_codes(cell: str) -> list[str]:
    """Give what a cell has between backquotes."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("name", TEXTS)
def test_each_command_prints_what_the_document_shows(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "captures").symlink_to(ROOT / "captures")
    monkeypatch.chdir(tmp_path)
    for command, screen in list_screens(TEXTS[name]):  # in order, for some take what others have written
        if SHELL.search(re.sub(r"'[^']*'", "", command)) or not command.startswith("dissect "):
            printed = run_in_shell(command, tmp_path)
        else:
            assert main(shlex.split(command)[1:]) in list_statuses(command)
            printed = capsys.readouterr().out
        check_screen(screen, printed)


@pytest.mark.parametrize("name", TEXTS)
def test_each_script_prints_what_stands_below_it(name: str) -> None:
    scripts = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", TEXTS[name], re.DOTALL)
    assert len(scripts) == TEXTS[name].count("```python")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    for script, shown in scripts:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, env=environment)
        assert (done.returncode, done.stderr) == (0, ""), script
        assert done.stdout == shown


def test_each_filter_can_be_read() -> None:
    filters = [each for _, cell in read_table(TEXTS["filters"], "to ask", "write") for each in list_codes(cell)]
    filters += [each for _, cell in read_table(TEXTS["filters"], "value", "as in") for each in list_codes(cell)]
    assert len(filters) > 55
    for text in filters:
        assert Filter(text)


def test_each_filter_that_cannot_be_read_is_told_so() -> None:
    mistakes = read_table(TEXTS["filters"], "written", "told")
    assert len(mistakes) > 8
    for written, told in mistakes:
        with pytest.raises(QueryError) as error:
            Filter(written.strip("`"))
        assert str(error.value) == told.strip("`")


def test_each_field_is_what_the_program_says_it_is() -> None:
    rows = read_table(TEXTS["filters"], "field", "what it is")
    assert len(rows) > 25
    assert [(name.strip("`"), meaning) for name, meaning in rows] == [
        (name.strip("`"), FIELDS[name.strip("`")].meaning) for name, _ in rows
    ]


SCREENS = {
    "associations": "Associations (`A`)",
    "detail": "An association (`d` in the list of associations)",
    "ladder": "Ladder (`L`)",
    "message": "Message (`F`)",
    "problems": "Problems (`!`)",
    "statistics": "Statistics (`S`)",
    "picture": "Picture (`i`)",
    "diff": "Comparison (`D`)",
    "export": "Export (`X`)",
    "open": "Open a capture (`Ctrl+O`)",
}
CLASSES = {"detail": "AssociationScreen"}
FORM = re.compile(r"(?<=\n\n)## .*\Z", re.DOTALL)


def list_own_keys(name: str) -> Iterator[tuple[str, str, str]]:
    """Give the keys of a screen's own, what they do, and how they are named."""
    module = import_module(f"dissect.tui.{name}screen")
    for each in getattr(module, CLASSES.get(name, f"{name.title()}Screen")).BINDINGS:
        assert isinstance(each, Binding)
        if each.id and each.description:
            yield each.key, each.description, each.id


def draw_table(keys: Iterator[tuple[str, str, str]]) -> str:
    """Draw a table of keys."""
    rows = ["| keys | do | name |", "|---|---|---|"]
    for pressed, title, name in keys:
        shown = dict.fromkeys(tell_key(each) for each in pressed.split(","))
        cell = " ".join(f"`{each}`".replace("|", "\\|") for each in shown)
        rows.append(f"| {cell} | {title} | `{name}` |")
    return "\n".join(rows)


def draw_keys() -> str:
    """Draw the tables of all keys."""
    parts = [
        f"## {title}\n\n{draw_table((key.keys, key.title, key.name) for key in KEYS if key.place == place)}\n"
        for place, title in PLACES.items()
        if place != "screen"
    ]
    parts += [f"## {title}\n\n{draw_table(list_own_keys(name))}\n" for name, title in SCREENS.items()]
    return "\n".join(parts)


def test_the_keys_are_those_that_are_bound() -> None:
    path, drawn = DOCS / "keys.md", draw_keys()
    if os.environ.get("UPDATE_GOLDEN"):
        text = path.read_text(encoding="utf-8")
        path.write_text(FORM.sub("", text) + drawn, encoding="utf-8")
    found = FORM.search(path.read_text(encoding="utf-8"))
    assert found is not None
    assert found[0] == drawn


def test_the_keys_of_every_screen_are_told() -> None:
    own = {path.stem for path in (ROOT / "dissect" / "tui").glob("*screen.py") if "name_keys(" in path.read_text()}
    assert {f"{name}screen" for name in SCREENS} == own - {"againstscreen"}  # which has the keys of open


def test_the_settings_of_the_document_can_be_used(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", TEXTS["keys"], re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    config = load_config(path)
    assert config.keys == tomllib.loads(example)["keys"]
    assert not find_unknown(config, None)


BOUNDS = {
    "how deep sequences nest before they stay bytes": elements.DEEPEST,
    "elements of one data set": elements.MOST_ELEMENTS,
    "items of one list in a PDU": items.MOST_ITEMS,
    "bytes of an A-ASSOCIATE PDU": pdu.LONGEST_ASSOCIATE,
    "bytes of a command set": commands.LONGEST_COMMAND,
    "bytes that a deflated data set may become": encodings.LONGEST_INFLATED,
    "connections that carry something at once": connections.MOST_OPEN,
    "layers around TCP": links.DEEPEST,
    "bytes of a frame": records.LONGEST_FRAME,
    "bytes of a snapshot": loading.LARGEST,
    "bytes that a copy of a compressed capture leaves free on the disk": spool.SPARE,
    "how deep brackets of a filter nest": syntax.DEEPEST,
}


def test_the_bounds_are_those_of_the_program() -> None:
    assert read_table(TEXTS["security"], "bound", "is") == [[what, f"{bound:,}"] for what, bound in BOUNDS.items()]


def test_each_verb_and_option_that_is_named_is_there() -> None:
    choices: dict[str, ArgumentParser] = make_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr, assignment]
    for text in TEXTS.values():
        for verb, rest in re.findall(r"`dissect ([a-z]+)([^`]*)`", text):
            assert verb in choices, verb
            known = set(re.findall(r"(?<![\w-])--?[A-Za-z][a-z-]*", choices[verb].format_help()))
            assert not set(re.findall(r"(?<= )--?[A-Za-z][a-z-]*", re.sub(r"'[^']*'", "", rest))) - known, verb + rest


@pytest.mark.skipif(shutil.which("tcpdump") is None, reason="no tcpdump: apt-get install tcpdump")
def test_each_filter_of_a_recording_can_be_compiled() -> None:
    text = TEXTS["recording"]
    filters = [cell.strip("`") for _, cell in read_table(text, "recorded", "filter")]
    filters += re.findall(r"^(?:tcpdump|dumpcap) .*'([^']*)'$", text, re.MULTILINE)
    assert len(filters) > 7
    for each in filters:
        subprocess.run(["tcpdump", "-y", "EN10MB", "-d", each], check=True, capture_output=True)


def find_anchor(title: str) -> str:
    """Give the name by which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", TEXTS)
def test_each_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        path = DOCS / file if file else DOCS / f"{name}.md"
        assert path.exists(), target
        titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in map(find_anchor, titles), target


def test_each_document_is_linked_from_another_text() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *DOCS.glob("*.md"))}
    for path in DOCS.glob("*.md"):
        others = (text for other, text in texts.items() if other != path)
        assert any(re.search(rf"\]\((?:docs/)?{path.name}[)#]", text) for text in others), path.name
