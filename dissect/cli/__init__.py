"""Arguments, in: one call each into the layers below, and an exit status, out."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from dissect.cli.arguments import VERBS, make_parser

TROUBLE = 2
"""The exit status where a capture cannot be read or the arguments are wrong."""

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit status: 0 done, 2 trouble, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in VERBS or (words[0].startswith("-") and words[0] != "-"):
        return run(make_parser().parse_args(words))
    options = make_parser().parse_args(["show", *words])  # a file alone is shown
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return run(options)
    from dissect.cli.pager import page  # noqa: PLC0415 (only on a terminal)

    if options.color == "auto" and not os.environ.get("NO_COLOR"):
        options.color = "always"  # the pager is on the terminal, though standard output is not
    return page(lambda: run(options))


def run(options: Namespace) -> int:
    """Run a verb and give the exit status."""
    try:
        status: int = import_module(f"dissect.cli.{VERBS[options.verb]}").run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone; what is still in the buffer has nowhere to go, and Python must not try at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return status
