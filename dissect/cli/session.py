"""Options that all verbs share, in: a capture being read, and what is told of it at the end, out."""

import argparse
import sys
from collections.abc import Callable, Iterable

from dissect.capture.records import CaptureError
from dissect.capture.segments import Capture
from dissect.cli import DONE, TROUBLE
from dissect.cli.output import complain, is_painted, measure_width, spell_letters, writes_file
from dissect.cli.progress import Progress
from dissect.config import Config, ConfigError, find_config, load_config
from dissect.dicom.values import add_private
from dissect.faults import explain_nothing, list_faults
from dissect.query import Column, Filter, QueryError
from dissect.reading import Reading
from dissect.views.paint import Painter

SILENT = ("export", "stats", "associations", "ladder", "check")
"""The verbs that print nothing before the capture was read."""

AROUND = {"stats": "op", "export": "ask"}
"""The verbs for which more is taken than the PDUs that a filter finds: what belongs to their operations."""


class Usage(Exception):
    """Arguments or settings that cannot be used: one sentence that says why."""


def run_verb(options: argparse.Namespace, work: Callable[["Session"], bool]) -> int:
    """Open the capture, do a verb's work, tell what is wrong with the capture, and give the exit status."""
    try:
        session = Session(options)
        with session.progress:
            done = work(session)
        sys.stdout.flush()
        return session.conclude(done)
    except (CaptureError, ConfigError, Usage) as error:
        complain(str(error))
        return TROUBLE


class Session:
    """What a verb works with."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Load the settings, read the filter, open the capture."""
        spell_letters()
        self.options = options
        self.config = configure(options.ports).with_artim(getattr(options, "artim", None))
        columns = read_columns(getattr(options, "fields", ()), "-e")
        wanted = read_filter(options.filter, AROUND.get(options.verb, ""))
        self.capture = Capture(*options.captures)
        self.reading = Reading(self.capture, self.config, wanted, columns)
        self.progress = Progress(self.capture, on=options.verb in SILENT or writes_file())
        """What tells how far the capture was read, unless what is printed does."""
        self.status = DONE
        """The exit status of a reading that went well."""

    @property
    def width(self) -> int | None:
        """Give how many cells a line of the terminal has; None where standard output is none."""
        return measure_width()

    def make_painter(self) -> Painter:
        """Make what paints lines, or leaves them as they are."""
        return make_painter(self.config, on=is_painted(self.options.color))

    def conclude(self, done: bool) -> int:
        """Tell what is wrong with the capture or lacks in it, and give the exit status."""
        associations = self.reading.associations
        if not self.reading.seen:
            complain(explain_nothing(self.capture, associations))
            return DONE if associations.sealed and done else TROUBLE
        for name, fault in list_faults(self.capture, associations):
            complain(f"{name}: {fault}")
        if not self.reading.given and self.options.filter:
            complain(f"-Y: holds for none of {self.reading.seen} PDUs")
        return self.status


def configure(ports: Iterable[int]) -> Config:
    """Load the user's settings, with more ports that are taken for DICOM."""
    config = load_config(find_config())
    add_private(config.private)
    return config.with_ports(ports)


def make_painter(config: Config, *, on: bool) -> Painter:
    """Make what paints lines by the settings' rules."""
    try:
        return Painter(config.colors, on=on)
    except QueryError as error:
        raise Usage(f"{find_config()}: colors: {error}") from error


def read_filter(text: str | None, around: str) -> Filter | None:
    """Read a filter."""
    try:
        return Filter(text, around) if text else None
    except QueryError as error:
        raise Usage(f"-Y: {error}") from error


def read_columns(names: Iterable[str], option: str) -> tuple[Column, ...]:
    """Read the names of fields."""
    try:
        return tuple(map(Column, names))
    except QueryError as error:
        raise Usage(f"{option}: {error}") from error
