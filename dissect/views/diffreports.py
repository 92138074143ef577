"""What differs between two exchanges, in: a test report as JUnit writes it, or commands of a GitHub workflow, out.

Services know a test case again by its class and its name: both say nothing that differs from run to run.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference
from dissect.diff.findings import Finding, TalkPair
from dissect.differing import WEIGHTS, Weight
from dissect.views.differences import LOST, Writer
from dissect.views.markup import make_command, name_stem, quote, tell_lines


@dataclass(frozen=True, slots=True)
class Case:
    """A test case: the negotiation of two associations, or two operations."""

    name: str
    title: str
    """What it is, with the frames that carried it."""
    failing: list[Difference]
    """What differs and matters."""
    lost: bool
    """Whether bytes are lost, so that nobody can tell."""


def write_junit(comparison: Comparison, writer: Writer, fail_on: Weight) -> Iterator[str]:
    """Give a report with a suite an association, and in it a case for its negotiation and one for each operation."""
    suites = [(name_suite(pair), list_cases(comparison, pair, writer, fail_on)) for pair in comparison.talks]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="dissect diff" {tell_counts([case for _, cases in suites for case in cases])}>\n'
    stem = name_stem(comparison.old.name) or "diff"
    for name, cases in suites:
        yield f"  <testsuite name={quote(name)} {tell_counts(cases)}>\n"
        place = quote(f"{stem}.{name.partition(':')[0].replace(' ', '-')}")
        for case in cases:
            yield from write_case(case, place, writer)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def name_suite(pair: TalkPair) -> str:
    """Name two associations by the old one's number; one that is new has no place among those."""
    talk = pair.old or pair.new
    number = talk.number if talk is not None else 0
    told = talk.describe() if talk is not None else ""
    return f"{'association' if pair.old is not None else 'new association'} {number}: {told}"


def list_cases(comparison: Comparison, pair: TalkPair, writer: Writer, fail_on: Weight) -> list[Case]:
    """Give the cases of two associations."""
    gap = not comparison.rules.allow_gaps and any(talk is not None and talk.gap for talk in (pair.old, pair.new))
    cases = [Case("negotiation", writer.name_talks(pair), choose(pair.differences, fail_on), gap)]
    seen: Counter[str] = Counter()
    for place in range(len(pair)):
        finding = pair.findings.get(place) or Finding(*pair.pair(place))
        name = name_case(comparison, finding)
        seen[name] += 1
        name += f" ({seen[name]})" if seen[name] > 1 else ""
        failing = choose(finding.differences, fail_on)
        cases.append(Case(name, writer.name_operations(pair, finding), failing, finding.incomparable))
    return cases


def choose(differences: Iterable[Difference], fail_on: Weight) -> list[Difference]:
    """Give the differences that matter."""
    return [each for each in differences if each.reaches(fail_on)]


def name_case(comparison: Comparison, finding: Finding) -> str:
    """Name two operations by the old one's path; one that is new has no place among those."""
    is_new = finding.old < 0
    exchange, operation = (comparison.new, finding.new) if is_new else (comparison.old, finding.old)
    words = ["new"] if is_new else []
    return " ".join((*words, exchange.name_operation(operation), exchange.kind(operation).describe())).rstrip()


def tell_counts(cases: list[Case]) -> str:
    """Tell how many cases there are, and how many of them fail; of one that lacks bytes nobody can tell."""
    errors = sum(case.lost for case in cases)
    failures = sum(bool(case.failing) and not case.lost for case in cases)
    return f'tests="{len(cases)}" failures="{failures}" errors="{errors}"'


def write_case(case: Case, place: str, writer: Writer) -> Iterator[str]:
    """Give a case."""
    head = f"    <testcase classname={place} name={quote(case.name)}"
    lines = [writer.tell(each).strip() for each in case.failing]
    if not lines and not case.lost:
        yield f"{head}/>\n"
        return
    kind = "error" if case.lost else "failure"
    weight = "gap" if case.lost else max((each.weight for each in case.failing), key=WEIGHTS.index)
    message = LOST if case.lost else lines[0] + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")
    text = tell_lines((case.title, *lines))
    yield f'{head}>\n      <{kind} message={quote(message)} type="{weight}">{text}</{kind}>\n    </testcase>\n'


def write_github(comparison: Comparison, writer: Writer, fail_on: Weight) -> Iterator[str]:
    """Give a command of a GitHub workflow for each difference that is shown, and for each operation that is torn.

    What makes the job fail is an error; of all else a note is a notice, and what is more a warning.
    """
    for pair in comparison.talks:
        blocks = [(writer.name_talks(pair), pair.differences, False)]
        for _, finding in pair.list_findings():
            blocks.append((writer.name_operations(pair, finding), finding.differences, finding.incomparable))
        for title, differences, is_lost in blocks:
            if is_lost:
                yield make_command("error", title, LOST)
            for found in writer.choose(differences):
                level = "error" if found.reaches(fail_on) else "notice" if found.weight == "note" else "warning"
                yield make_command(level, title, writer.tell(found).strip())
