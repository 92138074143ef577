"""What differs between two exchanges, in: a test report as JUnit writes it, or commands of a GitHub workflow, out."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape as escape_xml
from xml.sax.saxutils import quoteattr

from dissect.config import Weight
from dissect.diff import Comparison, Finding, TalkPair
from dissect.differences import Difference
from dissect.text import escape
from dissect.views.differences import Writer

COMMANDS = {"note": "notice", "change": "warning", "break": "error"}
ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}
"""What GitHub wants written otherwise: in a message the first three, in a property all."""


def write_junit(comparison: Comparison, writer: Writer, fail_on: Weight) -> Iterator[str]:
    """Give a report with a suite an association, and in it a case for its negotiation and one for each operation."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    suites = [list(list_cases(comparison, pair, writer)) for pair in comparison.talks]
    failed = [count_failed(cases, fail_on) for cases in suites]
    errors = [sum(is_error for _, _, is_error in cases) for cases in suites]
    tests = sum(map(len, suites))
    yield f'<testsuites name="dissect diff" tests="{tests}" failures="{sum(failed)}" errors="{sum(errors)}">\n'
    for pair, cases, failures, lost in zip(comparison.talks, suites, failed, errors, strict=True):
        name = quoteattr(clean(writer.name_talks(pair)))
        yield f'  <testsuite name={name} tests="{len(cases)}" failures="{failures}" errors="{lost}">\n'
        for case, differences, is_error in cases:
            yield from write_case(case, clean(writer.name_talks(pair)), differences, is_error, writer, fail_on)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


Case = tuple[str, list[Difference], bool]
"""A name, what differs, and whether bytes are lost so that nobody can tell."""


def list_cases(comparison: Comparison, pair: TalkPair, writer: Writer) -> Iterator[Case]:
    """Give the cases of two associations."""
    yield "negotiation", pair.differences, False
    for place in range(len(pair)):
        finding = pair.findings.get(place) or Finding(*pair.pair(place))
        yield writer.name_operations(pair, finding), finding.differences, finding.incomparable


def count_failed(cases: list[Case], fail_on: Weight) -> int:
    """Count the cases with a difference that matters."""
    return sum(not is_error and any(each.reaches(fail_on) for each in found) for _, found, is_error in cases)


def write_case(
    name: str, suite: str, differences: list[Difference], is_error: bool, writer: Writer, fail_on: Weight
) -> Iterator[str]:
    """Give a case."""
    head = f"    <testcase classname={quoteattr(suite)} name={quoteattr(clean(name))}"
    failing = [each for each in differences if each.reaches(fail_on)]
    if is_error:
        yield f'{head}>\n      <error message="not compared: bytes of it are lost"/>\n    </testcase>\n'
    elif failing:
        lines = [clean(writer.tell(each).strip()) for each in failing]
        more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
        text = escape_xml("\n".join(lines))
        yield f"{head}>\n      <failure message={quoteattr(lines[0] + more)}>{text}</failure>\n    </testcase>\n"
    else:
        yield f"{head}/>\n"


def clean(text: str) -> str:
    """Leave out what XML 1.0 has no room for."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", escape(text))


def write_github(comparison: Comparison, writer: Writer) -> Iterator[str]:
    """Give a command of a GitHub workflow for each difference that is shown."""
    for pair in comparison.talks:
        blocks = [(writer.name_talks(pair), pair.differences)]
        blocks += [(writer.name_operations(pair, finding), finding.differences) for _, finding in pair.list_findings()]
        for title, differences in blocks:
            for found in writer.choose(differences):
                shown = escape_command(title, ":,")
                yield f"::{COMMANDS[found.weight]} title={shown}::{escape_command(writer.tell(found).strip())}\n"


def escape_command(text: str, more: str = "") -> str:
    """Write a text so that it ends no command and begins none."""
    return "".join(ESCAPES[each] if each in f"%\r\n{more}" else each for each in text)
