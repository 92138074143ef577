"""The catalogue of rules, in: lines of text, JSON or a document in Markdown, out."""

import json
import re
from collections.abc import Collection, Iterator
from textwrap import wrap

from dissect.catalogue import AREAS, CATALOG, Blame, Rule

SCHEMA = 1
"""The version of the JSON document."""

WIDEST = 100
"""Cells of the widest lines of sentences: longer ones are hard to read."""

BLAMES: dict[Blame, str] = {
    "sender": "the side that sent the PDU",
    "receiver": "the side that received the PDU",
    "named": "the side that is named",
    "capture": "the capture, neither side",
    "nobody": "nobody",
}
"""Whose doing it is."""

DOCUMENT = """\
# The rules

What `dissect check` tells of, and what `dissect show` and the terminal interface note on the nodes that it concerns.
A rule with a clause stands there in the DICOM standard; the others are our own. A rule that depends on bytes that the
capture does not hold is not applied. `dissect rules CODE` prints one of them.

This file is printed by `dissect rules -T markdown`.
"""


def list_rules(codes: Collection[str]) -> Iterator[str]:
    """Give a heading an area, and a line a rule: code, severity, clause, sentence."""
    rooms = [max((len(cells[place]) for cells in map(make_cells, codes)), default=0) for place in range(3)]
    head = ""
    for area, rules in AREAS.items():
        lines = []
        for code in (code for code in rules if code in codes):
            cells = [cell.ljust(room) for cell, room in zip(make_cells(code), rooms, strict=True)]
            lines.append("  ".join(["", *cells, rules[code].dotted]) + "\n")
        if lines:
            yield f"{head}{area}\n"
            yield from lines
            head = "\n"


def make_cells(code: str) -> tuple[str, str, str]:
    """Give the cells of a rule: code, severity, clause."""
    rule = CATALOG[code]
    return code, rule.severity, rule.reference


def show_rules(codes: Collection[str], width: int | None) -> Iterator[str]:
    """Give each rule whole, as a block of lines that are broken so that one can read them."""
    room = min(width or WIDEST, WIDEST)
    head = ""
    for code in codes:
        lines = [f"{head}{'  '.join(filter(None, make_cells(code)))}"]
        for title, text in tell_rule(CATALOG[code]):
            lines += wrap(text, room, initial_indent=f"  {title + ':':<8}", subsequent_indent=" " * 10,
                          break_on_hyphens=False)  # fmt: skip
        yield "\n".join(lines) + "\n"
        head = "\n"


def tell_rule(rule: Rule) -> Iterator[tuple[str, str]]:
    """Give what is known of a rule, each with its title, but for its severity and clause."""
    yield "says", rule.dotted
    yield "by", BLAMES[rule.blame]
    if rule.reason:
        yield "why", rule.reason
    if rule.remedy:
        yield "try", rule.remedy


def show_json(codes: Collection[str]) -> Iterator[str]:
    """Give the rules as one document."""
    yield json.dumps({"schema": SCHEMA, "rules": [make_record(code) for code in codes]}, indent=1) + "\n"


def make_record(code: str) -> dict[str, object]:
    """Make the record of a rule."""
    rule = CATALOG[code]
    return {
        "code": code,
        "area": next(area for area, rules in AREAS.items() if code in rules),
        "severity": rule.severity,
        "reference": rule.reference or None,
        "sentence": rule.dotted,
        "blame": rule.blame,
        "reason": rule.reason or None,
        "remedy": rule.remedy or None,
    }


def show_markdown(codes: Collection[str]) -> Iterator[str]:
    """Give the rules as a document: the areas with their codes, then each rule in a section of its own."""
    yield DOCUMENT
    areas = {area: [code for code in rules if code in codes] for area, rules in AREAS.items()}
    for area, found in areas.items():
        if found:
            yield f"\n**[{area}](#{make_anchor(area)})**\n\n"
            yield from (f"- [`{code}`](#{code}) {escape_markdown(CATALOG[code].dotted)}\n" for code in found)
    for area, found in areas.items():
        if found:
            yield f"\n## {area}\n"
        for code in found:
            yield from show_section(code)


def show_section(code: str) -> Iterator[str]:
    """Give a rule's section."""
    rule = CATALOG[code]
    clause = f", {rule.reference}" if rule.reference else ""
    yield f"\n### {code}\n\n*{rule.severity}{clause}; by {BLAMES[rule.blame]}*\n"
    for text in filter(None, (rule.dotted, rule.reason, rule.remedy)):
        yield f"\n{escape_markdown(text)}\n"


def make_anchor(title: str) -> str:
    """Give the name under which a heading is linked to."""
    return re.sub(r"[^\w-]", "", title.lower().replace(" ", "-"))


def escape_markdown(text: str) -> str:
    """Write a text so that Markdown takes no letter of it for its own."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", text)
