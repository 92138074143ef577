"""The verb `browse`: the terminal interface."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from dissect.capture.records import CaptureError
from dissect.cli import DONE, TROUBLE
from dissect.cli.guard import guard
from dissect.cli.output import complain
from dissect.cli.session import Usage, configure, make_painter, read_columns, read_filter
from dissect.config import Config, ConfigError, find_config, load_config

TERMINAL = "/dev/tty"

ESCAPE = "40"
"""Milliseconds in which what follows Esc makes it the beginning of another key."""


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
        if options.against == "-":
            raise Usage("browse: --against takes a file; only the capture can come by standard input")
        config = configure(options.ports)
        if options.config is not None:
            config = replace(config, diff=config.diff.join(load_config(Path(options.config)).diff))
        check_texts(config, options.filter)
        state = State(options.captures, config, text=options.filter or "", ascii_only=options.ascii)
        state.settings_file = Path(options.config) if options.config is not None else None
        take_terminal()
    except (CaptureError, ConfigError, Usage) as error:
        complain(str(error))
        return TROUBLE
    os.environ.setdefault("ESCDELAY", ESCAPE)  # Textual's own delay would swallow a key that comes soon after Esc
    from dissect.tui.app import Browser  # noqa: PLC0415 (as above)
    from dissect.tui.unknown import find_unknown  # noqa: PLC0415

    if unknown := find_unknown(config, options.theme):
        complain(f"browse: {unknown}")
        return TROUBLE
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)  # the terminal knows its size better, and tells when it changes
    app = Browser(state, theme=options.theme or "", against=options.against or "")
    app.run()
    return TROUBLE if app.return_code else DONE


def check_texts(config: Config, wanted: str | None) -> None:
    """Blame what of the filter, the columns and the colour rules cannot be read."""
    read_filter(wanted, "")
    read_columns(config.columns, f"{find_config()}: columns.list")
    make_painter(config, on=True)


def take_terminal() -> None:
    """Let keys come from the terminal, and be drawn on it, where standard input or standard error is something else."""
    if sys.__stderr__ is None or not sys.__stderr__.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # Textual draws on the one; the other is a terminal
    if sys.stdin is not None and sys.stdin.isatty():
        return
    try:
        terminal = os.open(TERMINAL, os.O_RDONLY)
    except OSError as error:
        raise Usage(f"browse: {TERMINAL}: {error.strerror}; keys come from the terminal") from error
    if terminal:
        os.dup2(terminal, 0)
        os.close(terminal)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 (until the process ends)
        sys.__stdin__ = sys.stdin  # type: ignore[misc]  # by this name Textual finds it
