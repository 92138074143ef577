"""The verb `ladder`: who sent what to whom, as a diagram."""

import argparse
from collections.abc import Iterator

from dissect.cli.output import is_ascii_only, write
from dissect.cli.session import Session, run_verb
from dissect.ladder.events import Event, Ladder
from dissect.views import mermaid, svg
from dissect.views.ladder import draw_text
from dissect.views.times import make_clock


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, lambda session: write(make_lines(session)))


def make_lines(session: Session) -> Iterator[str]:
    """Read the capture to its end, for the heads name all who speak, and give the diagram in the form asked for.

    What is kept is an event a message, or a PDU with `--unfold`: no bytes.
    """
    options = session.options
    events = list(collect_events(session))
    clock = make_clock(session.capture, options.time or "r")
    if options.form == "mermaid":
        return mermaid.draw_mermaid(events, clock)
    if options.form == "svg":
        return svg.draw_svg(events, clock)
    ascii_only = options.ascii or is_ascii_only()
    return draw_text(events, clock, session.width, ascii_only=ascii_only)


def collect_events(session: Session) -> Iterator[Event]:
    """Give the events that have a PDU for which the filter holds, each with all of its PDUs."""
    ladder = Ladder(unfold=session.options.unfold)
    for subject, holds in session.reading.judge():
        yield from ladder.follow(subject.arrival, wanted=holds)
    yield from ladder.finish()
