"""Two sides, in: what differs between them, found in a thread that tells how far it is and may be stopped, out."""

from collections.abc import Callable
from dataclasses import dataclass

from dissect.capture.records import CaptureError
from dissect.config import Config
from dissect.diff.comparison import Comparison, DiffError, Watch
from dissect.diff.exchange import Exchange
from dissect.diff.loading import load_exchange, make_rules
from dissect.diff.masks import MaskError
from dissect.diff.recording import Recording
from dissect.diff.snapshots import SnapshotError
from dissect.differing import DiffSettings
from dissect.faults import explain_nothing, name_all
from dissect.job import Job, Stopped
from dissect.text import escape
from dissect.tui.state import State

PAUSE = 0.05
"""Seconds between two looks at whether the capture that is browsed was read."""

KNOWN = (CaptureError, DiffError, MaskError, SnapshotError)
"""What tells a user in a sentence why nothing can be compared."""


@dataclass(slots=True)
class Side:
    """One of the two: what it is called, and how it is read, once."""

    name: str
    load: Callable[[Job], Exchange]
    browsed: bool = False
    """Whether it is of the capture that the main screen shows."""
    exchange: Exchange | None = None


Sides = tuple[Side, Side]
"""The old one and the new one."""


class Browsed:
    """The capture that is browsed, of which both sides may be."""

    def __init__(self, state: State) -> None:
        """Take what is shown now."""
        self.name = name_all(state.capture)
        self._state = (state.index, state.loading, state.capture, state.reading)
        self._faults = state.list_faults
        self._found: Recording | None = None

    def load(self, job: Job) -> Recording:
        """Read it, once the main screen has done so."""
        if self._found is not None:
            return self._found
        index, loading, capture, reading = self._state
        while not loading.over:
            job.name, job.done, job.size = "reading", loading.done, loading.size
            if job.pause(PAUSE):
                raise Stopped
        if not len(index):
            raise CaptureError(explain_nothing(capture, reading.associations))
        found = Recording(self.name, index, make_watch(job, "reading operations"))
        found.faults = self._faults()
        if loading.stopped:
            found.faults.append(f"{self.name}: read in part only")
        self._found = found
        return found

    def make_side(self) -> Side:
        """Make a side of all of it."""
        return Side(self.name, self.load, browsed=True)

    def make_part(self, number: int) -> Side:
        """Make a side of the operation that a message belongs to, by its number."""

        def load(job: Job) -> Exchange:
            found = self.load(job)
            return found.excerpt(next(each for each in range(len(found)) if number in found.members(each)))

        return Side(self.name, load, browsed=True)


def make_other(name: str, config: Config) -> Side:
    """Make a side of another capture, or of a snapshot."""
    return Side(name, lambda job: load_exchange(name, config, make_watch(job, "reading the other")))


def make_watch(job: Job, name: str) -> Watch:
    """Make what counts in a job how far work is, and ends it where a user wants that."""

    def watch(done: int, size: int) -> None:
        job.name, job.done, job.size = name, done, size
        if job.stopped:
            raise Stopped

    return watch


class Diffing:
    """Two sides and the settings with which they are compared: that runs anew whenever something else is wanted."""

    def __init__(self, sides: Sides, settings: DiffSettings) -> None:
        """Begin to compare."""
        self.sides, self.settings = sides, settings
        self.comparison: Comparison | None = None
        """What came of the latest run that was not stopped."""
        self.error = ""
        """Why nothing came of the latest run; escaped, '' where something did."""
        self._compared = sides, settings
        self.job = self._start()

    def _start(self) -> Job:
        self.taken = False
        """Whether the outcome of the run was looked at."""
        self._found: Comparison | None = None
        return Job("comparing", self._work).start()

    def begin(self, sides: Sides | None = None, settings: DiffSettings | None = None) -> None:
        """Compare again: other sides, or with other settings."""
        if self.job.over:
            self.sides, self.settings = sides or self.sides, settings or self.settings
            self.job = self._start()

    def _work(self, job: Job) -> None:
        found = []
        for side in self.sides:
            side.exchange = side.exchange or side.load(job)
            found.append(side.exchange)
        rules = make_rules(self.settings, found)
        self._found = Comparison(found[0], found[1], rules, make_watch(job, "comparing"))

    def take(self) -> bool:
        """Take the outcome of a run that is over, once, and tell whether there was one to take."""
        if self.taken or not self.job.over:
            return False
        self.taken, error = True, self.job.error
        self.error = ""
        if self._found is not None:
            self.comparison, self._compared = self._found, (self.sides, self.settings)
            return True
        self.sides, self.settings = self._compared  # what is shown is still of these
        if isinstance(error, Stopped):
            self.error = "stopped"
        elif error is not None:
            self.error = escape(str(error) if isinstance(error, KNOWN) else f"failed: {type(error).__name__}")
        return True

    def list_names(self) -> tuple[str, str]:
        """Give the names of the sides, without their folders where that tells them apart; escaped."""
        whole = [escape(side.name) for side in self.sides]
        short = [name.rpartition("/")[2] or name for name in whole]
        names = short if short[0] != short[1] or whole[0] == whole[1] else whole
        return names[0], names[1]

    def tell_job(self) -> str:
        """Tell what runs and how far it is, '' where nothing does."""
        job = self.job
        return "" if job.over else f"{job.name} {job.share:.0%} (Esc stops)"
