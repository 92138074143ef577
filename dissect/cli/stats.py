"""The verb `stats`: figures."""

import argparse
from collections.abc import Iterator

from dissect.cli.output import is_ascii_only, write
from dissect.cli.session import Session, run_verb
from dissect.ledger import Ledger
from dissect.stats import Figures
from dissect.views import figures as views


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, lambda session: write(make_lines(session)))


def make_lines(session: Session) -> Iterator[str]:
    """Read the capture, and give the figures in the form that is asked for."""
    options, reading = session.options, session.reading
    ledger = Ledger(session.capture)
    figures = Figures(session.capture, ledger)
    reading.close = ledger.close
    for subject, holds in reading.judge():
        ledger.follow(subject.arrival, counted=holds)
        if holds:
            figures.follow(subject.arrival)
    if not reading.given:
        return iter(())
    report = figures.report()
    if options.form == "json":
        return views.show_json(report)
    if options.form == "csv":
        return views.show_csv(report)
    return views.show_text(report, session.make_painter(), session.width, ascii_only=is_ascii_only())
