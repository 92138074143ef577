"""The verb `list`: a line a PDU."""

import argparse
from collections.abc import Iterator
from itertools import islice

from dissect.cli.output import write
from dissect.cli.session import Session, Usage, read_columns, run_verb
from dissect.config import find_config
from dissect.views import listing
from dissect.views.times import make_clock


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, lambda session: write(make_lines(session)))


def make_lines(session: Session) -> Iterator[str]:
    """Give the lines in the form that is asked for."""
    options, reading, columns = session.options, session.reading, session.reading.columns
    form = options.form or ("fields" if columns else "text")
    if form == "fields" and not columns:
        raise Usage("-T fields: name the fields, each with -e; dissect fields prints their names")
    subjects = islice(reading, options.count)
    if form == "fields":
        return listing.list_fields(subjects, columns)
    if form == "jsonl":
        return listing.list_jsonl(subjects, columns)
    clock = make_clock(session.capture, options.time or ("e" if form == "csv" else "r"), reading)
    if form == "csv":
        return listing.list_csv(subjects, clock, columns)
    if not columns and session.config.columns:
        columns = reading.columns = read_columns(session.config.columns, f"{find_config()}: columns.list")
    if columns:
        return listing.list_columns(subjects, columns, session.make_painter(), session.width)
    painter = session.make_painter()
    reading.rules = painter.on or options.filter is not None
    return listing.list_text(subjects, clock, painter, session.width)
