"""The verb `diff`: what differs in meaning between two captures."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from dissect.capture.records import CaptureError
from dissect.cli import DONE, TROUBLE
from dissect.cli.output import complain, is_painted, spell_letters, write
from dissect.cli.session import Usage, configure
from dissect.config import Config, ConfigError, load_config
from dissect.diff.comparison import Comparison, DiffError
from dissect.diff.exchange import Exchange
from dissect.diff.loading import compare_files
from dissect.diff.masks import MaskError
from dissect.diff.snapshots import SnapshotError
from dissect.differing import DiffSettings
from dissect.views.differences import WIDE, Writer, list_jsonl
from dissect.views.paint import PLAIN, Painter

DIFFERENT = 1
"""The exit status where something differs that matters."""


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_comparing(options, work)


def run_comparing(options: argparse.Namespace, work: Callable[[argparse.Namespace, Config, DiffSettings], int]) -> int:
    """Do a verb's work with the settings of comparisons, and give the exit status."""
    try:
        spell_letters()
        config = configure(options.ports)
        settings = config.diff
        if options.config is not None:
            settings = settings.join(load_config(Path(options.config), "--config").diff)
        return work(options, config, settings.join(read_settings(options)))
    except (CaptureError, ConfigError, DiffError, MaskError, SnapshotError, Usage) as error:
        complain(str(error))
        return TROUBLE


def read_settings(options: argparse.Namespace) -> DiffSettings:
    """Read what the command line says of comparisons."""
    plain, said = DiffSettings(), vars(options)
    return DiffSettings(
        ignore=tuple(options.ignore),
        only=tuple(said.get("only", ())),
        ignore_order=said.get("ignore_order", False),
        mask_dates=options.mask_dates,
        profile=said.get("profile") or plain.profile,
        fail_on=said.get("fail_on") or plain.fail_on,
        pairs=tuple(said.get("pairs", ())),
        timing=said.get("timing", 0.0),
        allow_gaps=options.allow_gaps,
        notes=said.get("notes", False),
    )


def work(options: argparse.Namespace, config: Config, settings: DiffSettings) -> int:
    """Compare, print, and give the exit status."""
    if options.old == options.new == "-":
        raise Usage("diff: only one of the two can be standard input")
    comparison = compare_files(options.old, options.new, settings, config)
    notes = settings.shows_notes
    writer = Writer(comparison, Painter(on=is_painted(options.color)), notes=notes, full=options.full)
    form = () if options.quiet else choose_form(options, comparison, writer, notes=notes)
    if options.github:
        from dissect.views import diffreports, markup  # noqa: PLC0415 (only where it is asked for)

        write(markup.shield(form) if form else ())
        write(diffreports.write_github(comparison, writer, settings.fail_on))
    else:
        write(form)
    if not options.quiet:
        tell_faults((comparison.old, comparison.new))
    if options.junit is not None:
        write_report(options.junit, comparison, settings)
    if comparison.gaps and not settings.allow_gaps:
        exchange, path = comparison.gaps[0]
        more = f" and {len(comparison.gaps) - 1} more" if len(comparison.gaps) > 1 else ""
        raise Usage(f"{exchange.name}: bytes of {path}{more} are lost; --allow-gaps compares what is there")
    return DIFFERENT if any(each.reaches(settings.fail_on) for each in comparison) else DONE


def choose_form(options: argparse.Namespace, comparison: Comparison, writer: Writer, *, notes: bool) -> Iterable[str]:
    """Give the output in the form that is asked for."""
    if options.form == "jsonl":
        return list_jsonl(comparison, notes=notes)
    if options.form == "side-by-side":
        known = sys.stdout.isatty() or "COLUMNS" in os.environ
        return writer.write_columns(shutil.get_terminal_size().columns if known else WIDE)
    return writer.write_text()


def write_report(name: str, comparison: Comparison, settings: DiffSettings) -> None:
    """Write a test report."""
    from dissect.views import diffreports  # noqa: PLC0415 (only where it is asked for)

    writer = Writer(comparison, PLAIN, notes=settings.shows_notes, full=True)
    text = "".join(diffreports.write_junit(comparison, writer, settings.fail_on))
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Usage(f"--junit: {name}: {error.strerror or error}") from error


def tell_faults(exchanges: Iterable[Exchange]) -> None:
    """Tell what is wrong with the captures."""
    for exchange in exchanges:
        for fault in exchange.faults:
            complain(f"{exchange.name}: {fault}")
