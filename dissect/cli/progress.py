"""A capture that is being read, in: a line on standard error that says how far, where that is a terminal, out."""

import shutil
import sys
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from dissect.capture.segments import Capture

PATIENCE = 0.5
"""Seconds before anything is told: what is done by then needs no bar."""

PAUSE = 0.2
BAR = 24
MEGABYTE = 1_000_000


class Progress:
    """A thread that now and then draws a bar, and clears it at the end."""

    def __init__(self, capture: Capture, *, on: bool) -> None:
        """Start with nothing drawn; off a terminal nothing ever is."""
        self._capture = capture
        self._over = Event()
        self._thread = Thread(target=self._draw, daemon=True) if on and sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the line."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _draw(self) -> None:
        start = time.monotonic()
        if self._over.wait(PATIENCE):
            return
        while True:
            line = tell(self._capture.passed, self._capture.file.size, time.monotonic() - start)
            sys.stderr.write(f"\r{line[: shutil.get_terminal_size().columns - 1]}\x1b[K")
            sys.stderr.flush()
            if self._over.wait(PAUSE):
                break
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def tell(passed: int, size: int, seconds: float) -> str:
    """Tell how much was read, how fast, and how long the rest will take."""
    share = passed / size if size else 1.0
    rate = passed / seconds if seconds else 0.0
    bar = "#" * round(share * BAR)
    left = f", {(size - passed) / rate:.0f} s left" if rate else ""
    return f"[{bar:<{BAR}}] {share:4.0%} of {size / MEGABYTE:.0f} MB, {rate / MEGABYTE:.0f} MB/s{left}"
