"""The verb `show`: the tree of each PDU."""

import argparse
from functools import partial
from itertools import islice

from dissect.cli.session import Session, complain, run_verb, write
from dissect.tree import find_parts
from dissect.views import jsontree, text
from dissect.views.times import make_clock


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, work)


def work(session: Session) -> bool:
    """Print the trees, and as text also what one must know of the connections."""
    options, reading = session.options, session.reading
    if options.path:
        return show_paths(session)
    subjects = islice(reading, options.count)
    form = options.form or "tree"
    if form == "json":
        return write(jsontree.show_json(subjects, session.capture, reveal=options.reveal))
    if form == "jsonl":
        return write(jsontree.show_jsonl(subjects, reveal=options.reveal))
    clock, detail = make_clock(session.capture, options.time or "r"), make_detail(session)
    done = write(text.show_pdus(subjects, clock, detail))
    if done and not options.filter and options.count is None:
        write(text.show_connections(reading.associations.list_connections()))
        write(text.show_comments(session.capture))
    return done


def make_detail(session: Session) -> text.Detail:
    """Tell how much is shown, and in which colours."""
    options = session.options
    return text.Detail(options.full, options.reveal, options.hex, session.make_painter())


def show_paths(session: Session) -> bool:
    """Print the parts of the trees that are asked for."""
    options = session.options
    found = ((subject, list(find_parts(subject.arrival, options.path))) for subject in session.reading)
    parts = islice(((subject, nodes) for subject, nodes in found if nodes), options.count)
    clock, detail = make_clock(session.capture, options.time or "r"), make_detail(session)
    if options.form in ("json", "jsonl"):
        show = partial(jsontree.show_parts, reveal=options.reveal)
    else:
        show = partial(text.show_parts, clock=clock, detail=detail)
    done = write(block for subject, nodes in parts for block in show(subject, nodes))
    if not done and session.reading.given:
        complain(f"--path: nothing in {session.reading.given} PDUs has this path")
    return done
