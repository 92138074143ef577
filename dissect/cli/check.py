"""The verb `check`: which rules are broken in a capture, where, and by whom."""

import argparse
from collections.abc import Iterator

from dissect.catalogue import CATALOG
from dissect.checking import Check
from dissect.cli.output import write
from dissect.cli.session import Session, Usage, run_verb
from dissect.codes import UnknownCode, choose_codes
from dissect.config import find_config
from dissect.views.checks import list_jsonl, show_text

BROKEN = 1
"""The exit status where a rule was broken that matters."""


def run(options: argparse.Namespace) -> int:
    """Run the verb, and give the exit status."""
    return run_verb(options, work)


def work(session: Session) -> bool:
    """Read the capture, and print what was found; tell whether there was anything to print."""
    options = session.options
    codes = choose_rules(session)
    check = Check(session.reading, codes, filtered=bool(options.filter), shallow=options.shallow).run()
    if not session.reading.seen:
        return False
    if any(group.reaches(options.fail_on) for group in check.list_groups()):
        session.status = BROKEN
    return write(make_blocks(session, check))


def choose_rules(session: Session) -> list[str]:
    """Give the codes that count: those asked for, but what is to be ignored; the settings' where none are asked for."""
    options, ignored = session.options, session.config.ignored
    chosen = read_codes("--only", options.only) if options.only else list(CATALOG)
    left_out = {*read_codes("--ignore", options.ignore)}
    if not options.only:
        left_out.update(read_codes(f"{find_config()}: check.ignore", ignored))
    codes = [code for code in chosen if code not in left_out]
    if not codes:
        raise Usage("--ignore: no rule is left to look for")
    return codes


def read_codes(option: str, words: list[str] | tuple[str, ...]) -> list[str]:
    """Give the codes that the words of an option name."""
    try:
        return choose_codes(words)
    except UnknownCode as error:
        raise Usage(f"{option}: {error}") from error


def make_blocks(session: Session, check: Check) -> Iterator[str]:
    """Give the output in the form that is asked for."""
    options, capture = session.options, session.capture
    if options.form in ("junit", "github"):
        from dissect.views import checkreports  # noqa: PLC0415 (only where it is asked for)

        if options.form == "junit":
            return checkreports.write_junit(check, capture.names[0], options.severity, options.fail_on)
        return checkreports.write_github(check, options.severity, options.fail_on)
    if options.form == "jsonl":
        return list_jsonl(check, options.severity)
    if not session.reading.given:
        return iter(())
    return show_text(check, session.make_painter(), session.width, options.severity, full=options.full)
