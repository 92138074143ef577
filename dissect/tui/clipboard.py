"""Text, in: the same text on the user's clipboard, and in words what became of it, out.

Nothing is written to a file: a tool gets the text on its standard input, the terminal gets it in a control sequence.
"""

import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 2.0
"""Seconds that a tool may take."""

LONGEST = 74_000
"""Characters of base64 that a terminal takes in one control sequence; many ignore a longer one."""

REMOTE = ("SSH_TTY", "SSH_CONNECTION")
"""Environment variables that tell that a tool here would reach another clipboard than the user's."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that takes text on its standard input and puts it on a clipboard."""

    command: tuple[str, ...]
    needs: str = ""
    """The environment variable without which it reaches no screen."""
    encoding: str = "utf-8"
    outcome: str = ""
    """What has become of the text, where it is not the clipboard that has it."""

    @property
    def name(self) -> str:
        """Give its name without the folder."""
        return Path(self.command[0]).name

    def tell(self) -> str:
        """Say what became of the text that it took."""
        return self.outcome or f"copied with {self.name}"

    def take(self, text: str) -> bool:
        """Hand it the text, and tell whether it took it; raise TimeoutExpired where it does not answer."""
        try:
            done = subprocess.run(
                self.command,
                input=text.encode(self.encoding, "replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=False,
                start_new_session=True,  # what holds the clipboard outlives the terminal
            )
        except OSError:
            return False
        return done.returncode == 0


NATIVE = (
    Tool(("pbcopy",)),
    Tool(("wl-copy",), "WAYLAND_DISPLAY"),
    Tool(("xclip", "-selection", "clipboard"), "DISPLAY"),
    Tool(("xsel", "--clipboard", "--input"), "DISPLAY"),
    Tool(("clip.exe",), encoding="utf-16-le"),
)
"""The tools of macOS, Wayland, X11 and Windows; the last one reads UTF-16 whatever the code page."""

TMUX = Tool(("tmux", "load-buffer", "-w", "-"), "TMUX", outcome="in tmux's buffer")
"""It passes the text on to the terminal around it, too, if that may have it; nothing tells whether it got there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text that was to be copied."""

    text: str
    """A few words for the user."""
    done: bool
    """Whether it went anywhere."""


def copy(text: str, write: Callable[[str], None] | None = None, command: Sequence[str] = ()) -> Outcome:
    """Put text on the user's clipboard; this may take a few seconds where tools do not answer.

    Parameters
    ----------
    text
        What to copy, as it is.
    write
        What writes a control sequence to the terminal, None where there is no terminal to write to.
    command
        A program and its arguments that the user wants to be asked first; it gets UTF-8.

    Returns
    -------
    Outcome
        Who has the text now, and which tools were asked in vain.

    """
    failed: list[str] = []
    hung = False
    for tool in list_tools(os.environ, command):
        if hung and tool in NATIVE:
            continue  # the screen that they all ask does not answer
        try:
            if tool.take(text):
                return Outcome(tell(tool.tell(), failed), done=True)
        except subprocess.TimeoutExpired:
            hung = True
        failed.append(tool.name)
    data = b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if write is None:
        return Outcome(tell("not copied: no clipboard here; export to a file instead", failed), done=False)
    if len(data) > LONGEST:
        told = f"not copied: {len(data):,} characters of base64, a terminal takes {LONGEST:,}; export to a file instead"
        return Outcome(tell(told, failed), done=False)
    write(f"\x1b]52;c;{data}\a")
    return Outcome(tell("sent to the terminal (OSC 52)", failed), done=True)


def list_tools(environment: Mapping[str, str], command: Sequence[str]) -> Iterator[Tool]:
    """Give the tools to be asked, in turn: the user's own, whether it is there or not, then those that are there."""
    if command:
        yield Tool(tuple(command))
    local = not any(environment.get(name) for name in REMOTE)
    for tool in (*(NATIVE if local else ()), TMUX):
        if (not tool.needs or environment.get(tool.needs)) and shutil.which(tool.command[0]):
            yield tool


def tell(text: str, failed: list[str]) -> str:
    """Add to what was done which tools failed."""
    return f"{text} ({', '.join(failed)} failed)" if failed else text
