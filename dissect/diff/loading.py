"""The name of a capture or of a snapshot, in: the exchange in it, out; and what settings say of two, compared."""

import sys
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

from dissect.capture.records import CaptureError
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.diff.comparison import Comparison, Watch
from dissect.diff.exchange import Exchange
from dissect.diff.findings import Rules
from dissect.diff.masks import Masks
from dissect.diff.recording import Recording
from dissect.diff.snapshots import FIRST, Snapshot, SnapshotError
from dissect.differing import DiffSettings
from dissect.faults import explain_nothing, list_faults
from dissect.index import Index
from dissect.reading import Reading

LARGEST = 1 << 28
"""A snapshot of more bytes is refused."""

STEP = 64
"""After how many PDUs it is told how far a capture was read."""


def load_exchange(name: str, config: Config, watch: Watch | None = None) -> Exchange:
    """Read a capture or a snapshot, `-` for standard input.

    `watch` is called with how many bytes are read, and of how many, and then with how many operations.

    Raises
    ------
    CaptureError
        Where the file is not there, is neither, or holds no DICOM.
    SnapshotError
        Where it is a snapshot that cannot be read.

    """
    text = read_snapshot(name)
    if text is not None:
        return Snapshot(name, text)
    capture = Capture(name)
    index, reading = Index(capture, lean=True), Reading(capture, config)
    for number, subject in enumerate(reading):
        index.add(subject)
        if watch is not None and not number % STEP:
            watch(capture.passed, capture.file.size)
    if not len(index):
        raise CaptureError(explain_nothing(capture, reading.associations))
    found = Recording(name, index, watch)
    found.faults = [fault for _, fault in list_faults(capture, reading.associations)]
    return found


def read_snapshot(name: str) -> str | None:
    """Give the text of a snapshot, None where a file is none; raise SnapshotError where it is no text, or too large."""
    mark = FIRST.encode()
    try:
        if name == "-":
            given = getattr(sys.stdin, "buffer", None)  # sys.stdin is None where standard input is closed
            if not isinstance(given, BufferedReader):
                return None
            start = given.peek()[: len(mark)]  # what is there first, perhaps less; no capture begins like it
            if not start or not mark.startswith(start):
                return None
            data = given.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                if file.read(len(mark)) != mark:
                    return None
                data = mark + file.read(LARGEST + 1 - len(mark))
        if len(data) > LARGEST:
            raise SnapshotError(f"{name}: larger than {LARGEST:,} bytes; mask what need not be compared")
        return data.decode()
    except OSError:
        return None  # whoever reads it as a capture says what is wrong
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{name}: not UTF-8: {error}") from error


def make_rules(settings: DiffSettings, exchanges: Iterable[Exchange] = ()) -> Rules:
    """Make the rules of a comparison, with the masks that snapshots name; raise MaskError where one cannot be read."""
    masked = [text for exchange in exchanges for text in exchange.ignored]
    return Rules(
        masks=Masks((*settings.ignore, *masked), settings.only, dates=settings.mask_dates),
        profile=settings.profile,
        ignore_order=settings.ignore_order,
        pairs=settings.pairs,
        timing=settings.timing,
        allow_gaps=settings.allow_gaps,
        boundaries=settings.shows_notes or settings.profile == "strict",
    )


def compare_files(old: str, new: str, settings: DiffSettings, config: Config, watch: Watch | None = None) -> Comparison:
    """Read two captures or snapshots, and compare them.

    It raises what `load_exchange`, `make_rules` and `Comparison` do.
    """
    exchanges = [load_exchange(name, config, watch) for name in (old, new)]
    return Comparison(exchanges[0], exchanges[1], make_rules(settings, exchanges), watch)
