"""Copying: which tool is asked, what it gets, and what is said of it."""

import base64
import os
from pathlib import Path

import pytest

from dissect.tui import clipboard
from dissect.tui.clipboard import Outcome, copy

SCREEN = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}


class Tools:
    """A folder of programs that keep what they get, and nothing else on the PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        for name in (*clipboard.REMOTE, *SCREEN, "TMUX"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PATH", str(folder))

    def add(self, name: str, script: str = "") -> None:
        path = self.folder / name
        keep = 'echo "$@" > "$0.args"; /bin/cat > "$0.got"'
        path.write_text(f"#!/bin/sh\n{script or keep}\n")
        path.chmod(0o755)

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)

    def got(self, name: str) -> bytes:
        return (self.folder / f"{name}.got").read_bytes()

    def args(self, name: str) -> str:
        return (self.folder / f"{name}.args").read_text().strip()

    def asked(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.got"))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    if os.name == "nt":
        pytest.skip("the tools that stand in are shell scripts")
    return Tools(tmp_path, monkeypatch)


def test_the_users_own_command_comes_first_and_gets_utf_8(tools: Tools) -> None:
    for name in ("mine", "pbcopy", "tmux"):
        tools.add(name)
    tools.set(TMUX="/tmp/tmux", SSH_TTY="/dev/pts/0")
    assert copy("Jörg^田中", command=["mine", "-x", "a b"]) == Outcome("copied with mine", done=True)
    assert (tools.got("mine"), tools.args("mine")) == ("Jörg^田中".encode(), "-x a b")
    assert tools.asked() == ["mine"]


@pytest.mark.parametrize(
    ("there", "variables", "asked"),
    [
        (("pbcopy", "wl-copy", "xclip"), SCREEN, "pbcopy"),
        (("wl-copy", "xclip", "xsel"), SCREEN, "wl-copy"),
        (("wl-copy", "xclip", "xsel"), {"DISPLAY": ":0"}, "xclip"),
        (("wl-copy", "xsel", "clip.exe"), {"DISPLAY": ":0"}, "xsel"),
        (("wl-copy", "xclip", "clip.exe"), {}, "clip.exe"),
    ],
)
def test_a_tool_is_asked_if_it_is_there_and_reaches_a_screen(
    tools: Tools, there: tuple[str, ...], variables: dict[str, str], asked: str
) -> None:
    for name in there:
        tools.add(name)
    tools.set(**variables)
    assert copy("text") == Outcome(f"copied with {asked}", done=True)
    assert tools.asked() == [asked]


def test_the_tool_of_windows_gets_utf_16(tools: Tools) -> None:
    tools.add("clip.exe")
    copy("ä")
    assert tools.got("clip.exe") == b"\xe4\0"


def test_over_ssh_no_tool_of_the_other_machine_is_asked(tools: Tools) -> None:
    for name in ("pbcopy", "wl-copy", "tmux"):
        tools.add(name)
    tools.set(SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22", TMUX="/tmp/tmux", **SCREEN)
    assert copy("text") == Outcome("in tmux's buffer", done=True)
    assert (tools.got("tmux"), tools.args("tmux")) == (b"text", "load-buffer -w -")
    assert tools.asked() == ["tmux"]


def test_tmux_is_not_asked_outside_of_it(tools: Tools) -> None:
    tools.add("tmux")
    written: list[str] = []
    assert copy("text", written.append) == Outcome("sent to the terminal (OSC 52)", done=True)
    assert tools.asked() == []


def test_the_terminal_gets_what_no_tool_takes(tools: Tools) -> None:
    written: list[str] = []
    assert copy("Jörg", written.append) == Outcome("sent to the terminal (OSC 52)", done=True)
    assert written == [f"\x1b]52;c;{base64.b64encode('Jörg'.encode()).decode()}\a"]


def test_tools_that_fail_are_passed_over_and_named(tools: Tools) -> None:
    tools.add("xclip", "exit 1")
    tools.add("xsel")
    tools.set(DISPLAY=":0")
    found = copy("text", command=[str(tools.folder / "absent"), "-x"])
    assert found == Outcome("copied with xsel (absent, xclip failed)", done=True)


def test_a_tool_that_does_not_answer_is_not_waited_for(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE", 0.05)
    tools.add("pbcopy", "exec /bin/sleep 60")
    written: list[str] = []
    assert copy("text", written.append).text == "sent to the terminal (OSC 52) (pbcopy failed)"
    assert len(written) == 1


def test_a_tool_that_does_not_read_is_judged_by_its_exit_status(tools: Tools) -> None:
    tools.add("pbcopy", "exit 0")
    assert copy("text" * 100_000).done


def test_no_shell_reads_the_text_or_the_command(tools: Tools) -> None:
    tools.add("mine")
    copy("$(touch x); `touch y`", command=["mine", "$HOME", ";", "a*"])
    assert (tools.got("mine"), tools.args("mine")) == (b"$(touch x); `touch y`", "$HOME ; a*")


def test_a_text_that_no_terminal_takes_is_not_sent(tools: Tools) -> None:
    written: list[str] = []
    assert copy("x" * 55_500, written.append).done
    found = copy("x" * 55_501, written.append)
    assert len(written) == 1
    assert not found.done
    assert found.text == "not copied: 74,004 characters of base64, a terminal takes 74,000; export to a file instead"


def test_without_a_tool_and_a_terminal_it_is_said_what_to_do(tools: Tools) -> None:
    assert copy("text") == Outcome("not copied: no clipboard here; export to a file instead", done=False)


def test_when_a_tool_hangs_no_other_of_the_screen_is_asked(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "PATIENCE", 0.2)
    for name in ("wl-copy", "xclip", "xsel"):
        tools.add(name, "exec /bin/sleep 5")
    tools.set(**SCREEN)
    assert copy("text", lambda _: None) == Outcome("sent to the terminal (OSC 52) (wl-copy failed)", done=True)
