"""Work that takes time, in: how far it is, whether it is to stop, and what became of it, out."""

import time
from collections.abc import Callable
from threading import Event, Thread


class Stopped(Exception):
    """Work ends in the middle, for it is to stop."""


class Job:
    """Work in a thread of its own, which asks now and then whether it is to stop.

    Parameters
    ----------
    name
        What is done, in a word: `reading`, `filtering`.
    work
        Does it; it is called with the job, counts in `done` and `found`, and ends early where `stopped` is true.

    """

    def __init__(self, name: str, work: Callable[["Job"], None]) -> None:
        """Start with nothing done."""
        self.name = name
        self.done = 0
        """How much is done, of `size`."""
        self.size = 0
        self.found = 0
        """How much came of it."""
        self.error: Exception | None = None
        """What it ended with, where that was not foreseen."""
        self._work = work
        self._started = self._ended = 0.0
        self._stop = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "Job":
        """Begin."""
        self._started = time.monotonic()
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            self._work(self)
        except Exception as error:  # whatever it is, whoever started the work tells the user
            self.error = error
        self._ended = time.monotonic()

    @property
    def stopped(self) -> bool:
        """Tell whether it is to stop, or was."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Tell whether nothing more will come of it."""
        return self._ended > 0

    @property
    def seconds(self) -> float:
        """Give how long it has taken."""
        return (self._ended or time.monotonic()) - self._started if self._started else 0.0

    @property
    def share(self) -> float:
        """Give how much of it is done, from 0 to 1."""
        return min(self.done / self.size, 1.0) if self.size else float(self.over)

    @property
    def rate(self) -> float:
        """Give how much is done in a second."""
        return self.done / self.seconds if self.seconds else 0.0

    def stop(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    def pause(self, seconds: float) -> bool:
        """Wait, and tell whether it is to stop."""
        return self._stop.wait(seconds)

    def join(self, timeout: float | None = None) -> None:
        """Wait until it is over."""
        self._thread.join(timeout)
