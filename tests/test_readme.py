"""The README's commands print what it shows."""

import re
import shlex
from pathlib import Path

import pytest

from dissect.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCREENS = re.findall(r"```console\n\$ (dissect .*)\n((?:.*\n)*?)```", README)
COMMANDS = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.mark.parametrize(("command", "screen"), SCREENS, ids=[command for command, _ in SCREENS])
def test_a_documented_command_prints_what_the_readme_shows(
    command: str, screen: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
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
