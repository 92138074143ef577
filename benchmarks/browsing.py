"""How soon the terminal interface shows something, and how fast it follows a key: python -m benchmarks.browsing."""

import asyncio
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from textual.drivers.headless_driver import HeadlessDriver

from benchmarks.shapes import make
from dissect.config import Config
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.state import State

SIZE = (140, 45)
RUNS = 7
MILLION = 10
"""How many times the shape `responses` makes 1,000,000 PDUs."""

EMPTY = "from textual.app import App\nclass Empty(App):\n    def on_mount(self): self.exit()\nEmpty().run()"
KEYS = (
    ("line down", ["down"] * 60), ("page down", ["pagedown"] * 40), ("end, start", ["G", "g"] * 10),
    ("next PDU", ["f8"] * 40), ("next of the association", ["right_square_bracket"] * 20),
)  # fmt: skip
QUIET = 0.012
"""A screen is painted when nothing more was painted for so many seconds."""


class Painting(HeadlessDriver):
    """A driver that paints, and throws away what it has painted."""

    painted = 0
    latest = 0.0

    @property
    def is_headless(self) -> bool:
        """Say that there is a screen, so that all is painted."""
        return False

    def write(self, data: str) -> None:
        """Throw away what was painted, and remember when."""
        Painting.painted += len(data)
        Painting.latest = time.perf_counter()


async def press(app: Browser, key: str) -> float:
    """Press a key, and give the seconds until the last that was painted for it."""
    before, start = Painting.painted, time.perf_counter()
    app.simulate_key(key)
    while Painting.painted == before or time.perf_counter() - Painting.latest < QUIET:
        await asyncio.sleep(0.001)
    return Painting.latest - start


async def measure_keys(path: Path) -> list[str]:
    """Measure what keys cost once a capture is read, and how soon its first lines were there."""
    state = State([str(path)], Config())
    app = Browser(state)
    app.driver_class = Painting
    start, lines = time.perf_counter(), []
    async with app.run_test(size=SIZE, headless=False) as pilot:
        while not isinstance(app.screen, CaptureScreen) or not app.screen.pdus.count:
            await pilot.pause(0.005)
        lines.append(f"first rows of {path.name} {time.perf_counter() - start:.2f} s after run()")
        while not state.loading.over:
            await pilot.pause(0.1)
        await pilot.pause(0.5)
        lines.append(f"{len(state.index):,} rows")
        for name, keys in KEYS:
            took = sorted([await press(app, key) for key in keys])
            rank = -(-len(took) * 95 // 100) - 1
            lines.append(f"{name}: median {statistics.median(took) * 1000:.0f} ms, 95 % {took[rank] * 1000:.0f} ms")
        state.leave()
    return lines


def time_process(words: Sequence[str], wanted: bytes) -> float:
    """Give the seconds from the start of a process on a terminal until it has drawn something, or its end."""
    control, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    start = time.perf_counter()
    program = subprocess.Popen(
        words, stdin=end, stdout=end, stderr=end, start_new_session=True, env=os.environ | {"TERM": "xterm-256color"}
    )
    os.close(end)
    seen = b""
    while not wanted or wanted not in seen:
        try:
            piece = os.read(control, 1 << 16) if select.select([control], [], [], 30)[0] else b""
        except OSError:  # the last user of the terminal has gone
            break
        if not piece:
            break
        seen += piece
    took = time.perf_counter() - start
    program.kill()
    program.wait()
    os.close(control)
    return took


def main() -> None:
    """Print all figures."""
    folder = Path(tempfile.gettempdir()) / "dissect-benchmarks"
    folder.mkdir(exist_ok=True)
    reference, million = make("reference", 1, folder), make("responses", MILLION, folder)
    browse = [sys.executable, "-m", "dissect", "browse", str(reference)]
    empty, first = [], []
    for _ in range(RUNS):
        empty.append(time_process([sys.executable, "-c", EMPTY], b""))
        first.append(time_process(browse, b"P-DATA-TF"))
    ours, theirs = statistics.median(first), statistics.median(empty)
    print(f"as a process, first rows of the reference: {ours:.2f} s; an empty app {theirs:.2f} s ({ours / theirs:.2f})")
    for path in (reference, million):
        print("\n".join(asyncio.run(measure_keys(path))))


if __name__ == "__main__":
    main()
