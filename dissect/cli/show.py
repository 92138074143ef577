"""The verb `show`: the tree of each PDU."""

import argparse
from collections.abc import Iterator
from itertools import islice

from dissect.cli.session import Session, complain, run_verb, write
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
    parts = islice(find_nodes(session), options.count)
    if options.form in ("json", "jsonl"):
        pairs = ((subject, node) for subject, nodes in parts for node in nodes)
        if options.form == "json":
            return write(jsontree.show_json(pairs, session.capture, reveal=options.reveal))
        done = write(jsontree.show_jsonl(pairs, reveal=options.reveal))
    else:
        clock = make_clock(session.capture, options.time or "r", reading)
        detail = text.Detail(options.full, options.reveal, options.hex, session.make_painter())
        done = write(block for subject, nodes in parts for block in text.show_parts(subject, nodes, clock, detail))
        if done and not options.filter and not options.path and options.count is None:
            write(text.show_connections(reading.associations.list_connections()))
            write(text.show_comments(session.capture))
    if options.path and not done and reading.given:
        complain(f"--path: nothing in {reading.given} PDUs has this path")
    return done


def find_nodes(session: Session) -> Iterator[tuple[Subject, list[Node]]]:
    """Give the PDUs in which there is something to show, with the nodes to show."""
    paths = session.options.path
    for subject in session.reading:
        nodes = list(find_parts(subject.top, subject.arrival, paths)) if paths else [subject.top]
        if nodes:
            yield subject, nodes
