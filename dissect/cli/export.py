"""The verb `export`: the objects of a capture as files, or the frames of some PDUs as another capture."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from dissect.amounts import tell
from dissect.association import Arrival
from dissect.cli.output import complain
from dissect.cli.session import Session, Usage, run_verb
from dissect.export import ExportError, Wishes, export_objects
from dissect.subset import Selection, SubsetError, refuse_inputs, write_frames


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    if options.folder is None and options.subset is None:
        options.refuse("name a folder with --to, or a file with -w, or both")
    return run_verb(options, work)


def work(session: Session) -> bool:
    """Write the files, and tell how many there are."""
    folder, subset = session.options.folder, session.options.subset
    if folder is not None and not folder.strip():
        raise Usage("--to: name the folder to write into")
    if subset is not None and subset.strip() in ("", "-"):
        raise Usage("-w: name the file to write")
    session.reading.rules = session.options.filter is not None
    judged = ((subject.arrival, holds) for subject, holds in session.reading.judge())
    try:
        if subset is None:
            return write_objects(session, judged)
        return write_subset(session, judged, Path(subset))
    except (ExportError, SubsetError) as error:
        raise Usage(str(error)) from error


def write_objects(session: Session, judged: Iterator[tuple[Arrival, bool]]) -> bool:
    """Write the objects of the messages that are asked for, and tell whether the capture holds DICOM."""
    options = session.options
    wishes = Wishes(commands=options.commands, json=options.json, raw=options.raw)
    try:
        tally = export_objects(judged, session.capture, Path(options.folder), wishes)
    except KeyboardInterrupt:
        complain(f"{options.folder}: interrupted; the files in it are whole, the rest comes when it is run again")
        raise
    if tally is not None:
        complain(f"{options.folder}: {tally.describe()}")
    return tally is not None


def write_subset(session: Session, judged: Iterator[tuple[Arrival, bool]], path: Path) -> bool:
    """Write the frames of the PDUs that are asked for, and the objects where a folder is named for them."""
    refuse_inputs(session.capture, path)
    selection, associations = Selection(session.capture), set[int]()

    def follow() -> Iterator[tuple[Arrival, bool]]:
        for arrival, holds in judged:
            selection.follow(arrival.pdu, chosen=holds)
            if holds:
                associations.add(arrival.association.number)
            yield arrival, holds

    if session.options.folder is not None:
        write_objects(session, follow())
    else:
        for _ in follow():
            pass
    if not associations:
        if session.reading.seen:
            complain(f"{path}: not written, for there is no PDU to write")
        return bool(session.reading.seen)
    try:
        frames = selection.list_frames()
        written = write_frames(session.capture, frames, path)
    except KeyboardInterrupt:
        complain(f"{path}: interrupted; not written")
        raise
    what = f"{tell(len(frames), 'frame')} of {tell(len(associations), 'association')}"
    complain(f"{what} written to {path}" if written else f"{path}: {what}, there already")
    return True
