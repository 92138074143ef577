"""The verb `export`: the objects of a capture as files."""

import argparse
from pathlib import Path

from dissect.cli.session import Session, Usage, complain, run_verb
from dissect.export import ExportError, Wishes, export_objects


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, work)


def work(session: Session) -> bool:
    """Write the files, and tell how many there are."""
    options = session.options
    if not options.folder.strip():
        raise Usage("--to: name the folder to write into")
    wishes = Wishes(commands=options.commands, json=options.json, raw=options.raw)
    try:
        judged = ((subject.arrival, holds) for subject, holds in session.reading.judge())
        tally = export_objects(judged, session.capture, Path(options.folder), wishes)
    except ExportError as error:
        raise Usage(str(error)) from error
    except KeyboardInterrupt:
        complain(f"{options.folder}: interrupted; the files in it are whole, the rest comes when it is run again")
        raise
    if tally is not None:
        complain(f"{options.folder}: {tally.describe()}")
    return tally is not None
