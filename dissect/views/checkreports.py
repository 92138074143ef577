"""The rules that were broken in a capture, in: a test report as JUnit writes it, or a GitHub workflow's commands, out.

Services know a test case again by its class and its name: a rule's area and its code. A rule that is kept is a case
that passes, so that the same cases are there every time.
"""

from collections.abc import Iterator

from dissect.catalogue import AREAS, CATALOG
from dissect.checking import Check, Group
from dissect.views.checks import tell_breach
from dissect.views.markup import make_command, name_stem, quote, tell_lines

LEVELS = {"error": "warning", "warning": "warning", "remark": "notice"}
"""What GitHub calls that which does not make the job fail."""


def write_junit(check: Check, name: str, least: str, fail_on: str) -> Iterator[str]:
    """Give a report of a capture with a suite an area of the catalogue, and in it a case a rule that is looked at."""
    groups = {group.code: group for group in check.list_groups()}
    failing = {code for code, group in groups.items() if group.reaches(fail_on)}
    shown = {code for code in check.codes if Group(code).reaches(least)}
    suites = {area: [code for code in rules if code in shown] for area, rules in AREAS.items()}
    stem = name_stem(name) or "check"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="dissect check" {tell_counts([*shown], failing)}>\n'
    for area, codes in suites.items():
        if codes:
            yield f"  <testsuite name={quote(area)} {tell_counts(codes, failing)}>\n"
            place = quote(f"{stem}.{area.lower().replace(' ', '-')}")
            for code in codes:
                yield write_case(code, place, groups[code] if code in failing else None)
            yield "  </testsuite>\n"
    yield "</testsuites>\n"


def tell_counts(codes: list[str], failing: set[str]) -> str:
    """Tell how many cases there are, and how many of them fail."""
    return f'tests="{len(codes)}" failures="{sum(code in failing for code in codes)}" errors="0"'


def write_case(code: str, place: str, group: Group | None) -> str:
    """Give the case of a rule, which fails where breaches of it matter."""
    head = f"    <testcase classname={place} name={quote(code)}"
    if group is None:
        return f"{head}/>\n"
    rule, first = group.rule, group.breaches[0]
    lines = [tell_breach(breach) for breach in group.breaches]
    lines += [f"... and {group.more:,} more"] if group.more else []
    lines += filter(None, (rule.reference, rule.reason, rule.remedy))
    message = tell_breach(first) + (f" and {group.count - 1:,} more" if group.count > 1 else "")
    failure = f'<failure message={quote(message)} type="{rule.severity}">{tell_lines(lines)}</failure>'
    return f"{head}>\n      {failure}\n    </testcase>\n"


def write_github(check: Check, least: str, fail_on: str) -> Iterator[str]:
    """Give a command of a GitHub workflow for each breach; what makes the job fail is an error."""
    for group in check.list_groups():
        if group.reaches(least):
            level = "error" if group.reaches(fail_on) else LEVELS[CATALOG[group.code].severity]
            for breach in group.breaches:
                yield make_command(level, group.code, tell_breach(breach))
            if group.more:
                yield make_command(level, group.code, f"... and {group.more:,} more")
