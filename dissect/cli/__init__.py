"""Arguments, in: one call each into the layers below, and an exit status, out."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module

from dissect.cli.arguments import VERBS, make_parser
from dissect.cli.strangers import warn

DONE = 0
TROUBLE = 2
"""The exit status where a capture cannot be read or the arguments are wrong."""

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit status: 0 done, 2 trouble, 130 interrupted."""
    if sys.stderr is None:  # whoever called has closed it; print would take standard output in its place
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until the process ends)
    if sys.stdout is None:
        print("dissect: standard output is closed", file=sys.stderr)
        return TROUBLE
    warn()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["help"]:
        words = ["--help"]
    if not words or words[0] in VERBS or (words[0] in ("-h", "--help", "--version") and len(words) == 1):
        return run(parse(words))
    if near := find_verb(words[0]):
        print(f"dissect: no verb and no file {words[0]}; did you mean {near}?", file=sys.stderr)
        return TROUBLE
    terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    if terminal and not make_parser().parse_known_args(["browse", *words])[1]:
        return run(parse(["browse", *words]))  # a file alone is browsed on a terminal, and shown elsewhere
    options = parse(["show", *words])
    if not terminal:
        return run(options)
    from dissect.cli.pager import page  # noqa: PLC0415 (only on a terminal)

    if options.color == "auto" and not os.environ.get("NO_COLOR"):
        options.color = "always"  # the pager is on the terminal, though standard output is not
    return page(lambda: run(options))


def parse(words: Sequence[str]) -> Namespace:
    """Read the arguments; what no verb knows is blamed on the verb that it stands behind."""
    parser = make_parser()
    options, unknown = parser.parse_known_args(words)
    if unknown:
        parser.prog = f"dissect {options.verb}"
        parser.error(f"unknown: {' '.join(unknown)}")
    return options


def find_verb(word: str) -> str | None:
    """Find the verb that was meant by a word that is neither one nor a file."""
    if word.startswith("-") or os.path.exists(word):
        return None
    from difflib import get_close_matches  # noqa: PLC0415 (only where something is wrong)

    return next(iter(get_close_matches(word, VERBS, 1)), None)


def run(options: Namespace) -> int:
    """Run a verb and give the exit status."""
    try:
        status: int = import_module(f"dissect.cli.{VERBS[options.verb]}").run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone; what is still in the buffer has nowhere to go, and Python must not try at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # standard output: what is read or written else is told of where it is
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"dissect: standard output: {error.strerror or error}", file=sys.stderr)
        return TROUBLE
    return status
