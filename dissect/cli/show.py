"""The verb `show`: the tree of each PDU."""

import argparse
from collections.abc import Iterator
from itertools import islice

from dissect.cli.output import complain, write
from dissect.cli.session import Session, run_verb
from dissect.node import Node
from dissect.query import Subject
from dissect.tree import find_parts
from dissect.views import jsontree, text
from dissect.views.times import make_clock


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, work)


def work(session: Session) -> bool:
    """Print the trees, or the parts of them that are asked for; as text also what one must know of the connections."""
    options, reading = session.options, session.reading
    if options.form in ("json", "jsonl"):
        parts = ((subject, node) for subject, nodes in islice(find_nodes(session), options.count) for node in nodes)
        if options.form == "json":
            return write(jsontree.show_json(parts, session.capture, reveal=options.reveal))
        done = write(jsontree.show_jsonl(parts, reveal=options.reveal))
    else:
        done = write(make_blocks(session))
    if options.path and not done and reading.given:
        complain(f"--path: nothing in {reading.given} PDUs has this path")
    return done


def make_blocks(session: Session) -> Iterator[str]:
    """Give the trees, or the parts of them, as text; then what one must know of the connections, if all are shown."""
    options, reading = session.options, session.reading
    detail = text.Detail(options.full, options.reveal, options.hex, session.make_painter())
    writer = text.Writer(make_clock(session.capture, options.time or "r", reading), detail)
    if options.path:
        for subject, nodes in islice(find_nodes(session), options.count):
            yield from writer.show_parts(subject, nodes)
        return
    for subject in islice(reading, options.count):
        yield from writer.show_pdu(subject)
    if reading.given and not options.filter and options.count is None:
        yield from text.show_connections(reading.associations.list_connections())
        yield from text.show_comments(session.capture)


def find_nodes(session: Session) -> Iterator[tuple[Subject, list[Node]]]:
    """Give the PDUs in which there is something to show, with the nodes to show."""
    paths = session.options.path
    for subject in session.reading:
        nodes = list(find_parts(subject.top, subject.arrival, paths)) if paths else [subject.top]
        if nodes:
            yield subject, nodes
