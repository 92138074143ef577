"""The README's commands print what it shows."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dissect.cli import main
from dissect.cli.arguments import make_parser
from dissect.config import load_config
from dissect.query import Filter
from dissect.tui.app import find_unknown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCREENS = re.findall(r"```console\n\$ (dissect .*)\n((?:.*\n)*?)```", README)
COMMANDS = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "screen"), SCREENS, ids=[command for command, _ in SCREENS])
def test_a_documented_command_prints_what_the_readme_shows(
    command: str, screen: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    if "|" in command:
        printed = run_in_shell(command)
    else:
        assert main(shlex.split(command)[1:]) == 0
        printed = capsys.readouterr().out
    for part in re.split(r"^\.\.\.\n", screen, flags=re.MULTILINE):
        assert part in printed


def test_the_readme_has_a_command_that_installs_and_shows_and_one_that_installs_and_tests(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shows, tests = COMMANDS
    assert tests.endswith(".venv/bin/pytest")
    monkeypatch.chdir(ROOT)
    assert main(shlex.split(shows.rpartition("&& .venv/bin/dissect ")[2])) == 0
    assert "Siemens Healthineers" in capsys.readouterr().out


def run_in_shell(command: str) -> str:
    """Run a pipeline, as a user would."""
    script = f'dissect() {{ "{sys.executable}" -m dissect "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout


INLINE = re.findall(r"^\| `(dissect [^`]*)`", README, re.MULTILINE)
EXAMPLES = [
    line.strip()
    for action in make_parser()._subparsers._group_actions  # type: ignore[union-attr]  # no public way to the verbs
    for parser in [make_parser(), *(action.choices or {}).values()]  # type: ignore[union-attr]
    for line in (parser.epilog or "").splitlines()
    if line.startswith("  dissect ")
]
STAND_INS = {
    **dict.fromkeys(("FILE", "capture.pcap", "capture.pcap.gz"), "captures/c-store.pcap"),
    "PATH": "association.1/c-store-rq.1/data-set/0010,0010",
    "WORD": "patient",
    "EXPR": "dimse.cmd",
}


@pytest.mark.parametrize("command", [*INLINE, *EXAMPLES])
def test_a_command_that_is_named_can_be_run(command: str, tmp_path: Path) -> None:
    command = re.sub(r" {2,}.*", "", command)  # what it does stands behind it
    for name, stand_in in STAND_INS.items():
        command = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", stand_in, command)
    command = re.sub(r"--to \S+", f"--to {tmp_path}/out", command).replace("~/", f"{tmp_path}/")
    command = re.sub(r"\| jq .*", "", command).replace("OUT.pcapng", f"{tmp_path}/out.pcapng")
    if "dissect browse" in command:  # which takes a terminal
        make_parser().parse_args(shlex.split(command.rpartition("dissect ")[2]))
        return
    for folder in re.findall(r"> (\S+)/", command):
        Path(folder).mkdir(parents=True)
    run_in_shell(command)


FILTERS = [
    each
    for row in re.findall(r"^\| .*? \| (`.*`.*) \|$", README[README.index("### Filters") :], re.MULTILINE)
    for each in re.findall(r"`([^`]+)`", row)
]


def test_each_filter_of_the_readme_can_be_read() -> None:
    table = FILTERS[: FILTERS.index('"contrast"') + 1]
    assert len(table) > 15
    for text in table:
        assert Filter(text)


def test_the_settings_of_the_readme_can_be_used(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    config = load_config(path)
    assert set(tomllib.loads(example)) == {"ports", "columns", "colors", "browse", "keys", "private"}
    assert config.columns[0] == "pdu"
    assert not find_unknown(config, None)


def test_each_script_of_the_readme_runs() -> None:
    scripts = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, env=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
