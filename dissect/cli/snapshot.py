"""The verb `snapshot`: what was said in a capture, as a text that a later one can be compared with."""

import argparse
import sys

from dissect.cli import DONE
from dissect.cli.diff import run_comparing, tell_faults
from dissect.cli.output import write
from dissect.cli.session import Usage
from dissect.config import Config
from dissect.diff.loading import load_exchange, make_rules
from dissect.diff.snapshots import write_snapshot
from dissect.differing import DiffSettings


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_comparing(options, work)


def work(options: argparse.Namespace, config: Config, settings: DiffSettings) -> int:
    """Print the snapshot, and give the exit status."""
    rules = make_rules(settings)
    exchange = load_exchange(options.capture, config)
    gaps = exchange.list_gaps()
    if gaps and not settings.allow_gaps:
        raise Usage(f"{exchange.name}: bytes of {gaps[0]} are lost; --allow-gaps takes what is there")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a snapshot is a file of a project, whatever the locale
    write(write_snapshot(exchange, rules.masks))
    tell_faults((exchange,))
    return DONE
