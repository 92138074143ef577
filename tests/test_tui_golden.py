"""The terminal interface, key by key, at two sizes: what stands on the screen, as it was recorded."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.browsing import ROOT, SMALL, WIDE, browse, run

CAPTURE = Path("captures/c-move.pcap")
GOLDEN = Path(__file__).parent / "golden" / "browse"
SIZES = [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24")]
LONGEST = 20
"""Seconds before a test fails."""

KEY = 0.1
"""Seconds between two keys."""

PATIENCE = 5
"""Seconds in which a screen may become the one that was recorded."""

STEPS: Sequence[tuple[str, tuple[str, ...], str]] = (
    ("open", (), "23 PDUs"),
    ("move", ("j", "j", "j"), "association.1/p-data-tf.2"),
    ("expand", ("g", "2", "g", "j", "j", "j", "j", "j", "j", "j", "j", "l"), "Item Type"),
    ("filter", ("1", "slash", *"dimse.cmd == C-STORE-RQ", "enter"), "3 / 23 PDUs"),
    ("jump", ("ctrl+y", "colon", *"21", "enter"), "association.1/p-data-tf.6"),
    ("follow", ("a",), "10 / 23 PDUs"),
    ("ladder", ("L",), "C=3 +1.09"),
    ("problems", ("q", "!"), "ack-delayed"),
    ("export", ("q", "X"), "dissect export"),
    ("back", ("escape",), "10 / 23 PDUs"),
)  # fmt: skip
"""What is done, by which keys, and what then stands on the screen."""

NAMES = {"slash": "/", "colon": ":", "enter": "Enter", "ctrl+y": "C-y", "escape": "Escape", " ": "Space"}
"""The keys by the names that tmux gives them."""


class Tmux:
    """A terminal that tmux draws."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._name = f"dissect-{os.getpid()}-{size[0]}"
        width, height = map(str, size)
        command = f"cd {ROOT} && NO_COLOR= {sys.executable} -m dissect browse {CAPTURE}; echo status $?; sleep 60"
        self._call("-f", os.devnull, "new-session", "-d", "-s", self._name, "-x", width, "-y", height, command)

    def _call(self, *words: str) -> str:
        found = subprocess.run(["tmux", "-L", self._name, *words], capture_output=True, text=True, check=True)
        return found.stdout

    def press(self, keys: Sequence[str]) -> None:
        """Press keys as fast as a quick hand does, for one that changes the pane must come before the next."""
        for key in keys:
            self._call("send-keys", "-t", self._name, NAMES.get(key, key))
            time.sleep(KEY)

    def read(self) -> str:
        lines = self._call("capture-pane", "-p", "-t", self._name).splitlines()
        return "\n".join(line.rstrip() for line in lines)

    def wait(self, wanted: str, recorded: str = "") -> str:
        """Wait until something stands there and no more is drawn: a busy machine may draw a part, and rest."""
        end, before = time.monotonic() + LONGEST, ""
        rest = time.monotonic() + PATIENCE
        while wanted not in (now := self.read()) or now != before or (recorded not in ("", now.rstrip()) and
                                                                     time.monotonic() < rest):  # fmt: skip
            assert time.monotonic() < end, now
            before = now
            time.sleep(0.1)
        return before

    def close(self) -> None:
        self._call("kill-server")


def tell(steps: Iterator[tuple[str, str]]) -> str:
    return "".join(f"=== {name}\n{text.rstrip()}\n" for name, text in steps)


def read_recorded(size: tuple[int, int]) -> dict[str, str]:
    """Give the screens that were recorded, by the names of the steps."""
    path = GOLDEN / f"{CAPTURE.stem}-{size[0]}x{size[1]}.txt"
    parts = path.read_text(encoding="utf-8").split("=== ")[1:] if path.exists() else []
    return {name: text.rstrip() for name, _, text in (part.partition("\n") for part in parts)}


def compare(found: str, size: tuple[int, int]) -> None:
    path = GOLDEN / f"{CAPTURE.stem}-{size[0]}x{size[1]}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("size", SIZES)
def test_the_screens_are_those_recorded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str]] = []

    async def test() -> None:
        async with browse(CAPTURE, size=size) as session:
            for name, keys, wanted in STEPS:
                await session.press(*keys)
                await session.wait(lambda: wanted in session.text)  # noqa: B023 (waited for at once)
                await session.settle()
                shown.append((name, session.text))

    monkeypatch.chdir(ROOT)
    run(test)
    compare(tell(iter(shown)), size)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: apt install tmux")
@pytest.mark.parametrize("size", SIZES)
def test_tmux_shows_the_screens_that_were_recorded(size: tuple[int, int]) -> None:
    terminal, recorded = Tmux(size), read_recorded(size)
    shown = []
    try:
        for name, keys, wanted in STEPS:
            terminal.press(keys)
            shown.append((name, terminal.wait(wanted, recorded.get(name, ""))))
        terminal.press(["q"])
        terminal.wait("status 0")
    finally:
        terminal.close()
    compare(tell(iter(shown)), size)
