"""Captures, in: what all screens share, out: the index as it grows, the lines, marks, times, what is hidden."""

import os
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from dissect.capture.segments import Capture
from dissect.config import ColorRule, Config
from dissect.faults import explain_nothing, list_faults, name_all
from dissect.index import Index
from dissect.job import Job
from dissect.query import Column, Filter
from dissect.reading import Reading
from dissect.recall import Entry, Recall
from dissect.text import escape
from dissect.tui.palette import ASCII, GLYPHS, Styles
from dissect.tui.rows import Mode, Rows
from dissect.views.paint import read_rule
from dissect.views.times import Clock, make_clock

if TYPE_CHECKING:
    from dissect.tui.problems import Keeping

TIMES = {
    "r": "seconds after the first frame", "a": "local time", "ad": "local date and time", "u": "UTC", "ud": "UTC date"
    " and time", "e": "seconds since the epoch",
}  # fmt: skip
"""The forms of time by the letters of -t."""

PAUSE = 1.0
"""Seconds between two looks at whether a file has changed."""

FIRST, PATIENCE = 100, 3.0
"""After how many PDUs reading waits until they are drawn, and how many seconds at the most."""

STEP = 64
"""After how many PDUs the reading asks whether it is to stop."""

MOST_RULED = 1 << 12
"""Of how many rows the colour rule is kept."""


Stamp = tuple[int, int, int] | None
"""Device, inode and size of a file; None where there is none."""


def read_stamp(name: str) -> Stamp:
    """Tell which file a name stands for now, and how long it is."""
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size


@dataclass(slots=True)
class Marks:
    """What a user has noted of PDUs, by row."""

    letters: dict[str, int] = field(default_factory=dict)
    selected: set[int] = field(default_factory=set)
    comments: dict[int, str] = field(default_factory=dict)
    tints: dict[int, int] = field(default_factory=dict)
    """By number of the association, the tint's number from 0."""

    def is_empty(self) -> bool:
        """Tell whether nothing would be lost that took some thought."""
        return not (self.letters or self.selected or self.comments)


class State:
    """What all screens share."""

    def __init__(self, names: Sequence[str], config: Config, *, text: str = "", ascii_only: bool = False) -> None:
        """Open the captures and begin to read; `text` is the filter to begin with.

        Raises
        ------
        CaptureError
            Where a file is not there, or is no capture.
        QueryError
            Where the filter, or that of a colour rule, cannot be read.

        """
        self.config = config
        self.settings_file: Path | None = None
        """The file that rules of comparisons are written to, None for the user's own."""
        self.ascii_only = ascii_only
        self.glyphs = ASCII if ascii_only else GLYPHS
        self.styles: Styles = {}
        self.drawn = Event()
        """Whether the first lines are on the screen."""
        self.private = False
        """Whether what identifies patients is masked."""
        self._rules: list[tuple[Filter, ColorRule]] = [(read_rule(rule), rule) for rule in config.colors]
        self.filter_text = ""
        """The text of the filter that is applied, '' for none."""
        self.columns: list[Column] = [Column(name) for name in config.columns]
        """The fields that the list shows besides its own columns."""
        self.filter_kept = ""
        """The filter that was switched off for a while."""
        self.begin(Capture(*names), text)

    def open(self, names: Sequence[str]) -> None:
        """Read other captures, or the same ones again; raise CaptureError, and change nothing, where that cannot be."""
        capture = Capture(*names)
        self.leave()
        self.begin(capture, self.filter_text)

    def begin(self, capture: Capture, text: str) -> None:
        """Begin to read a capture; `text` is the filter to begin with."""
        self.names = capture.names
        self.capture = capture
        self.index = Index(capture)
        self.recall = Recall(self.index)
        self.reading = Reading(capture, self.config)
        self.reading.close = self.index.close
        self.index.conclusions = self.reading.associations.endings
        self.marks = Marks()
        self.problems: Keeping | None = None
        """What the screen of problems has found, once it was looked at."""
        self.time_form = "r"
        self.reference: int | None = None
        """The frame from which times are counted, where it is not the first."""
        self.clock: Clock = make_clock(capture, "r")
        self._ruled: dict[int, ColorRule | None] = {}
        self.arranging: Job | None = None
        self.rows = Rows(self.index)
        self._stamps = {name: read_stamp(name) for name in self.names}
        self._looked = time.monotonic()
        index, reading = self.index, self.reading
        self.loading = Job("reading", lambda job: self.read(job, index, reading))
        self.loading.size = capture.file.size
        self.loading.start()
        if text:
            self.apply(text)

    def read(self, job: Job, index: Index, reading: Reading) -> None:
        """Read all PDUs into an index; behind the first ones let the screen come first."""
        for number, subject in enumerate(reading):
            index.add(subject)
            if number == FIRST:
                self.drawn.wait(PATIENCE)
            if not number % STEP:
                places = subject.arrival.pdu.stream.places
                job.done = max(reading.capture.passed, places[-1] if places else 0)
                if job.stopped:
                    return
        job.done = job.size

    def leave(self) -> None:
        """Stop all that runs."""
        self.drawn.set()
        for job in (self.loading, self.arranging, self.problems.problems.job if self.problems is not None else None):
            if job is not None:
                job.stop()

    @property
    def title(self) -> str:
        """Name the file without its folder, or say how many there are; escaped."""
        name = name_all(self.capture)
        return escape(name.rpartition("/")[2] or name)

    @property
    def is_whole(self) -> bool:
        """Tell whether all of the capture was read."""
        return self.loading.over and not self.loading.stopped and self.loading.error is None

    def list_faults(self) -> list[str]:
        """Tell what is wrong with the files, as far as it is known."""
        return [f"{name}: {fault}" for name, fault in list_faults(self.capture, self.reading.associations)]

    @property
    def is_bare(self) -> bool:
        """Tell whether all was read and there is no DICOM in it."""
        return self.is_whole and not len(self.index)

    def explain_nothing(self) -> str:
        """Say what the capture holds where there is no DICOM in it, and what to do; '' where there is, or may be."""
        return explain_nothing(self.capture, self.reading.associations) if self.is_bare else ""

    def apply(self, text: str, mode: Mode | None = None) -> None:
        """Show only PDUs for which a filter holds, '' for all; raise QueryError where it cannot be read."""
        wanted = Filter(text) if text else None
        self.arrange(mode or self.rows.mode, wanted, text)
        self.filter_text = text

    def arrange(self, mode: Mode, wanted: Filter | None, text: str) -> None:
        """Arrange the lines anew."""
        if self.arranging is not None:
            self.arranging.stop()
        self.rows = Rows(self.index, mode, wanted, text)
        self.arranging = None
        if mode != "pdu" or wanted is not None:
            rows, loading = self.rows, self.loading
            self.arranging = Job("filtering", lambda job: rows.arrange(job, lambda: loading.over)).start()

    def find_change(self) -> str:
        """Tell that a file has changed since it was opened, once; '' where none has, or it was looked at just now."""
        now = time.monotonic()
        if now - self._looked < PAUSE:
            return ""
        self._looked = now
        for name, stamp in self._stamps.items():
            if (found := read_stamp(name)) != stamp:
                self._stamps[name] = found
                what = "is gone" if found is None else "has changed"
                return f"{name} {what}; what was read is shown, Ctrl+R reads it again"
        return ""

    def choose_rule(self, row: int) -> ColorRule | None:
        """Give the first colour rule whose filter holds for a row's PDU."""
        if row not in self._ruled:
            if len(self._ruled) >= MOST_RULED:
                self._ruled.clear()
            entry = self.recall.make_entry(row)
            self._ruled[row] = next((rule for wanted, rule in self._rules if wanted.holds(entry)), None)
        return self._ruled[row]

    def toggle_column(self, name: str) -> None:
        """Show a field in the list, or no longer."""
        kept = [column for column in self.columns if column.name != name]
        self.columns = kept if len(kept) < len(self.columns) else [*self.columns, Column(name)]

    def make_entry(self, row: int) -> Entry:
        """Make what one may ask of a row's PDU."""
        return self.recall.make_entry(row)

    def tell_time(self, row: int) -> str:
        """Tell when a row's PDU was complete."""
        frame = self.index.frames[row]
        if self.reference is not None:
            return self.capture.tell_time(frame, self.capture.times[self.reference - 1])
        return self.clock(frame)

    def set_time(self, form: str) -> None:
        """Tell times in another form."""
        self.time_form, self.reference = form, None
        self.clock = make_clock(self.capture, form)

    def tell_command(self, verb: str = "list") -> str:
        """Give the command line that does the same."""
        words = ["dissect", verb, *self.names]
        words += ["-Y", self.filter_text] if self.filter_text else []
        return shlex.join(words)
