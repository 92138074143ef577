"""The verb `associations`: a line an association."""

import argparse
from collections.abc import Iterator

from dissect.cli.output import write
from dissect.cli.session import Session, run_verb
from dissect.ledger import Ledger
from dissect.node import Node
from dissect.quality import measure_carriage
from dissect.views import accounts as records
from dissect.views import associations as views
from dissect.views.times import make_clock


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, lambda session: write(make_lines(session)))


def make_lines(session: Session) -> Iterator[str]:
    """Read the capture, and give the lines in the form that is asked for."""
    options, reading, capture = session.options, session.reading, session.capture
    ledger = Ledger(capture)
    reading.thorough, reading.close, reading.watch = options.details, ledger.close, ledger.follow
    kept = {subject.arrival.association.number for subject in reading}
    accounts = [ledger.accounts[number] for number in sorted(kept)]
    sealed = [] if options.filter else [measure_carriage(connection) for connection in reading.associations.sealed]
    if not accounts and not sealed:
        return iter(())
    form = options.form or "text"
    if form == "jsonl":
        return records.list_jsonl(accounts, sealed, capture)
    if form == "csv":
        return records.list_csv(accounts, sealed, capture)
    clock = make_clock(capture, options.time or "r")
    if options.details:
        return views.show_details(accounts, find_connections(session), capture, clock)
    return views.list_text(accounts, sealed, capture, clock, session.make_painter(), session.width)


def find_connections(session: Session) -> dict[int, Node]:
    """Give the node of each connection by its number."""
    nodes = session.reading.associations.list_connections()
    return {int(node.key.rpartition(".")[2]): node for node in nodes}
