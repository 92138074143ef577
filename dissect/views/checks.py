"""The rules that were broken in a capture, in: text, a group a rule, or lines of JSON, out."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import wrap

from dissect.amounts import tell
from dissect.catalogue import SEVERITIES
from dissect.checking import Breach, Check, Culprit, Group
from dissect.text import escape
from dissect.views.paint import Painter
from dissect.views.text import tell_ranges

SCHEMA = 1
"""The version of the lines of JSON."""

LONGEST_RANGES = 24
"""Longer lists of numbers are shortened."""

FEW = 4
"""So many remarks of a rule are shown, unless all are wanted."""

NARROWEST = 40
"""Cells of the narrowest lines that text is broken into."""


def show_text(
    check: Check, painter: Painter, width: int | None, least: str = "remark", *, full: bool = False
) -> Iterator[str]:
    """Give a block of lines a rule, and last a line that sums up; lines are broken where the width is known.

    Of remarks there are a few lines a rule, unless they are wanted in `full`.
    """
    groups = check.list_groups()
    for group in groups:
        if group.reaches(least):
            yield show_group(group, painter, width, full=full)
    yield "\n".join(fold(sum_up(check, groups, least), width)) + "\n"


def show_group(group: Group, painter: Painter, width: int | None, *, full: bool) -> str:
    """Give a rule's lines: what it is, where it was broken, why it is one, what to try."""
    rule = group.rule
    head = "  ".join(filter(None, (rule.severity, group.code, rule.reference, f"{group.count:,}")))
    lines = [painter.paint(head, rule.severity)]
    alike = [[breach] for breach in group.breaches] if full else gather(group.breaches)
    shown = alike if full or rule.severity != "remark" else alike[:FEW]
    for breaches in shown:
        lines += fold(escape(tell_breaches(breaches)), width, "  ", "      ")
    more = group.count - sum(map(len, shown))
    where = " (--full)" if len(shown) < len(alike) else ""
    lines += [f"  ... and {more:,} more{where}"] if more else []
    for word, text in (("why", rule.reason), ("try", rule.remedy)):
        lines += fold(f"{word}: {text}", width, "  ", "       ") if text else []
    return "\n".join(lines) + "\n\n"


def fold(text: str, width: int | None, indent: str = "", deeper: str = "") -> list[str]:
    """Break an escaped text into lines where the width is known."""
    if width is None:
        return [indent + text]
    room = max(width, NARROWEST)
    return wrap(text, room, initial_indent=indent, subsequent_indent=deeper, break_on_hyphens=False)


def tell_breach(breach: Breach) -> str:
    """Tell in a line where a rule was broken, whose doing that is, and what was found; not escaped."""
    return f"{tell_place(breach)}: {breach.note.text}"


def gather(breaches: Sequence[Breach]) -> list[list[Breach]]:
    """Put breaches together of which the same is to be told of the same entity, in the order of the first of each."""
    alike: dict[tuple[object, ...], list[Breach]] = {}
    for breach in breaches:
        culprit = breach.culprit
        host = culprit.side.rpartition(":")[0]
        alike.setdefault((breach.note.text, culprit.role, culprit.title, host, bool(breach.pdu)), []).append(breach)
    return list(alike.values())


def tell_breaches(breaches: Sequence[Breach]) -> str:
    """Tell in a line of breaches of which the same is to be told; not escaped."""
    first = breaches[0]
    if len(breaches) == 1:
        return tell_breach(first)
    words = []
    for name, numbers in (
        ("PDU", [each.pdu for each in breaches]),
        ("association", [each.association for each in breaches]),
    ):
        known = sorted({number for number in numbers if number})
        words += [tell_numbers(name, known)] if known else []
    culprit = first.culprit
    if len({each.culprit.side for each in breaches}) > 1:
        culprit = replace(culprit, side=culprit.side.rpartition(":")[0])
    words += filter(None, [tell_culprit(culprit)])
    return f"{', '.join(words)}: {first.note.text}"


def tell_place(breach: Breach) -> str:
    """Tell where a rule was broken, and whose doing that is; not escaped."""
    frames = breach.frames
    words = [f"PDU {breach.pdu}"] if breach.pdu else []
    words += [tell_numbers("frame", frames)] if frames else []
    words += [f"association {breach.association}"] if breach.association else []
    words += filter(None, [tell_culprit(breach.culprit)])
    return ", ".join(words)


def tell_numbers(name: str, numbers: Sequence[int]) -> str:
    """Tell frames, PDUs or associations by their numbers: where these are in many runs, the first and the last."""
    told = tell_ranges(list(numbers))
    told = told if len(told) <= LONGEST_RANGES else f"{numbers[0]} to {numbers[-1]}"
    return f"{name}{'s' if len(numbers) > 1 else ''} {told}"


def tell_culprit(culprit: Culprit) -> str:
    """Tell who it was: role, AE title, address; '' for nobody; not escaped."""
    side = f"({culprit.side})" if culprit.role or culprit.title else culprit.side
    return " ".join(filter(None, (culprit.role, culprit.title, side)))


def sum_up(check: Check, groups: Sequence[Group], least: str) -> str:
    """Give the line that sums up: how much was found in what, what the worst is, what is hidden."""
    seen = f"{tell(check.reading.given, 'PDU')}, {tell(check.associations, 'association')}"
    if not groups:
        return f"no rule is broken in {seen}"
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.rule.severity] += group.count
    found = ", ".join(tell(counts[each], each) for each in SEVERITIES if counts[each])
    worst, *_ = groups
    line = f"{found} by {tell(len(groups), 'rule')} in {seen}"
    if worst.rule.severity != "remark":
        culprits = Counter(tell_culprit(breach.culprit) for breach in worst.breaches)
        [(who, _)] = culprits.most_common(1)
        line += f"; worst: {worst.code}{f' by {escape(who)}' if who else ''}"
    hidden: Counter[str] = Counter()
    for group in groups:
        hidden[group.rule.severity] += 0 if group.reaches(least) else group.count
    told = ", ".join(tell(hidden[each], each) for each in SEVERITIES if hidden[each])
    codes = [group.code for group in groups if not group.reaches(least)]
    codes = [*codes[:FEW], "..."] if len(codes) > FEW else codes
    return f"{line}; hidden: {told}: {', '.join(codes)} (--severity)" if told else line


def list_jsonl(check: Check, least: str = "remark") -> Iterator[str]:
    """Give each breach as a line of JSON, its keys in fixed order; where there are more than are kept, how many."""
    for group in check.list_groups():
        if group.reaches(least):
            yield from (json.dumps(record) + "\n" for record in make_records(group))


def make_records(group: Group) -> Iterator[dict[str, object]]:
    """Make the records of a rule's breaches, and last one that tells how many more there are."""
    head: dict[str, object] = {
        "schema": SCHEMA,
        "severity": group.rule.severity,
        "code": group.code,
        "reference": group.rule.reference or None,
    }
    for breach in group.breaches:
        yield head | {
            "text": breach.note.text,
            "association": breach.association or None,
            "pdu": breach.pdu or None,
            "frames": breach.frames,
            "path": breach.path or None,
            "side": breach.culprit.side or None,
            "role": breach.culprit.role,
        }
    if group.more:
        nothing: dict[str, object] = {
            "association": None,
            "pdu": None,
            "frames": [],
            "path": None,
            "side": None,
            "role": None,
        }
        yield head | {"text": f"{group.more} more"} | nothing
