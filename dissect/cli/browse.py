"""The verb `browse`: the terminal interface."""

import argparse
import os
import sys

from dissect.cli import TROUBLE
from dissect.cli.guard import guard
from dissect.cli.session import Usage, complain, configure
from dissect.config import ConfigError
from dissect.query import QueryError
from dissect.records import CaptureError

TERMINAL = "/dev/tty"


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    if not sys.stdout.isatty():
        complain("browse: standard output is no terminal; show, list and the other verbs print")
        return TROUBLE
    return guard(lambda: browse(options))


def browse(options: argparse.Namespace) -> int:
    """Open the captures, begin to read, and show the interface."""
    from dissect.tui.state import State  # noqa: PLC0415 (what is read begins before the interface is imported)

    try:
        config = configure(options.ports)
        state = State(options.captures, config, text=options.filter or "", ascii_only=options.ascii)
        if not sys.stdin.isatty():
            take_terminal()
    except QueryError as error:
        complain(f"-Y: {error}")
        return TROUBLE
    except (CaptureError, ConfigError, Usage) as error:
        complain(str(error))
        return TROUBLE
    from dissect.tui.app import Browser, find_unknown  # noqa: PLC0415 (as above)

    if unknown := find_unknown(config, options.theme):
        complain(f"browse: {unknown}")
        return TROUBLE
    return Browser(state, theme=options.theme or "").run() or 0


def take_terminal() -> None:
    """Put the terminal back in the place of standard input, which the capture came by."""
    try:
        terminal = os.open(TERMINAL, os.O_RDONLY)
    except OSError as error:
        raise Usage(f"browse: {TERMINAL}: {error.strerror}; keys come from the terminal") from error
    os.dup2(terminal, 0)
    os.close(terminal)
