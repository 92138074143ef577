"""The figures of a capture, in: sections of lines, each with the PDU that it is about and a filter for it, out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dissect.amounts import BILLION, tell_seconds, tell_size
from dissect.dicom.pdu import LOST
from dissect.dicom.terms import PDU_NAMES
from dissect.dicom.values import call_uid
from dissect.index import Index
from dissect.tui.charts import draw_bar, draw_columns
from dissect.tui.counting import Counted, Sight
from dissect.tui.wrapping import wrap_words
from dissect.views.figures import Figures as Report
from dissect.views.figures import tell_tcp
from dissect.views.table import GAP, Head, fill, lay_out

LOW, HIGH = 4, 10
"""How many lines high the throughput is drawn, where there is little room and where there is more."""

TALL = 30
"""From how many lines on there is more room."""

AXIS = 10
"""How many cells the scale takes at the side."""

TITLES = {
    "File": "File", "Types": "PDU types", "Commands": "Commands and how fast they were answered",
    "Statuses": "Statuses of responses", "Contexts": "Presentation contexts", "Lengths": "Lengths of PDUs",
    "Rate": "Throughput", "TCP": "TCP", "Notes": "Notes, those of data sets left out",
}  # fmt: skip
"""The sections in their order, by name, each with its title in full."""

OTHERS = {"pending": 5, "warning": 2, "cancel": 4, "other": 4, "unanswered": 1}
"""What of the counts of operations is shown only where it is not zero, and how readily it is left out."""

UID = re.compile("[0-9.]+")
"""What filters take for a UID, and not for the name of one."""

NO_TIMES: Report = dict.fromkeys(("min", "median", "p95", "max"))


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is, and whether for letters of ASCII alone."""

    width: int
    height: int
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, its role, the row of the PDU that it is about, a filter for all that it is about."""

    text: str = ""
    role: str = ""
    row: int | None = None
    test: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the statistics: its title in a word and in full, which keys of the report it shows, its lines."""

    name: str
    title: str
    keys: tuple[str, ...]
    lines: Sequence[Line]


def make_sections(index: Index, counted: Counted, facts: Sequence[tuple[str, str]], room: Room) -> Sequence[Section]:
    """Make the sections; `facts` are those of the files."""
    report, sight = counted.report, counted.sight
    made: Sequence[tuple[str, tuple[str, ...], Iterable[Line]]] = (
        ("File", ("frames", "start", "duration", "pdus", "associations", "ends"), make_facts(facts, report, room)),
        ("Types", ("pdu_sizes",), make_types(index, report, sight, room)),
        ("Commands", ("operations",), make_operations(report, room)),
        ("Statuses", ("statuses",), make_statuses(report, room)),
        ("Contexts", ("contexts",), make_contexts(report, room)),
        ("Lengths", ("pdv_sizes",), make_histogram(sight, room)),
        ("Rate", ("throughput",), make_throughput(report["throughput"], room)),
        ("TCP", ("tcp",), (Line(line) for line in tell_tcp(report["tcp"]).splitlines())),
        ("Notes", ("problems",), make_notes(index, report, sight, room)),
    )
    return [Section(name, TITLES[name], keys, list(lines)) for name, keys, lines in made]


Row = tuple[Sequence[str], int | None, str]
"""The cells of a line of a table, the row of its PDU, a filter."""


def make_table(heads: Sequence[Head], rows: Sequence[Row], width: int) -> Iterator[Line]:
    """Make the lines of a table."""
    if not rows:
        yield Line("none", "dim")
        return
    title, *lines = lay_out(heads, [cells for cells, _, _ in rows], width)
    yield Line(title, "dim")
    for line, (_, row, test) in zip(lines, rows, strict=True):
        yield Line(line, "", row, test)


def make_facts(facts: Sequence[tuple[str, str]], report: Report, room: Room) -> Iterator[Line]:
    """Tell of the files, and what is in them."""
    seconds = report["duration"] or 0
    ends = ", ".join(f"{count} {'not captured' if how == 'open' else how}" for how, count in report["ends"].items())
    sent = sum(each["sum"] for each in report["pdu_sizes"])
    rate = f", {tell_size(sent / seconds)}/s on average" if seconds else ""
    told = [
        *facts,
        ("Frames", f"{report['frames']:,}"),
        ("Duration", f"{seconds:,.6f} s"),
        ("PDUs", f"{report['pdus']:,}, {tell_size(sent)}{rate}"),
        ("Associations", f"{report['associations']:,}" + (f": {ends}" if ends else "")),
    ]
    label, before = max(len(name) for name, _ in told), ""
    for name, text in told:
        for part in wrap_words(text, room.width - label - len(GAP)):
            yield Line(f"{fill('' if name == before else name, label)}{GAP}{part}")
            before = name


def make_types(index: Index, report: Report, sight: Sight, room: Room) -> Iterator[Line]:
    """Tell of each PDU type how many there are, and how long they are."""
    firsts = {index.make_pdu(row).name: row for row in sight.kinds.values()}
    whole = sum(each["count"] for each in report["pdu_sizes"]), sum(each["sum"] for each in report["pdu_sizes"])
    heads = [
        Head("Type"),
        *(Head(title, ">") for title in ("Count", "%", "Bytes", "%", "Min", "Median", "95 %", "Max")),
    ]
    rows: list[Row] = []
    for each in sorted(report["pdu_sizes"], key=lambda each: -each["count"]):
        cells = [
            each["type"], f"{each['count']:,}", tell_share(each["count"], whole[0]), f"{each['sum']:,}",
            tell_share(each["sum"], whole[1]), *(f"{each[key]:,.0f}" for key in ("min", "median", "p95", "max")),
        ]  # fmt: skip
        row = firsts.get(each["type"])
        kind = index.kinds[row] if row is not None else LOST
        rows.append((cells, row, f"pdu.type == {PDU_NAMES.get(kind, kind)}" if kind != LOST else ""))
    yield from make_table(heads, rows, room.width)


def make_operations(report: Report, room: Room) -> Iterator[Line]:
    """Tell of each command what became of it, and how long the responses took."""
    shown = [key for key in OTHERS if any(each[key] for each in report["operations"])]
    heads = [
        Head("Command"), Head("SOP class", flexible=True), Head("Requests", ">"), Head("Success", ">", spare=2),
        *(Head(key.capitalize(), ">", spare=OTHERS[key]) for key in shown), Head("Failed", ">"),
        Head("Min", ">", spare=3), Head("Median", ">"), Head("95 %", ">", spare=1), Head("Max", ">"),
        Head("in PDU", ">"), Head("Bytes", ">", spare=6),
    ]  # fmt: skip
    rows: list[Row] = []
    for each in report["operations"]:
        times = each["response_time"]
        told = [tell_time((times or NO_TIMES)[key]) for key in ("min", "median", "p95", "max")]
        name, uid = each["operation"], each["sop_class"]
        cells = [
            name or "?", call_uid(uid or "") or "", f"{each['requests']:,}", f"{each['success']:,}",
            *(f"{each[key]:,}" for key in shown), f"{each['failure']:,}", *told,
            f"{times['slowest_pdu']}" if times else "", tell_size(each["bytes"]),
        ]  # fmt: skip
        tests = [f"dimse.cmd in {{{name}-RQ, {name}-RSP}}", make_test("sop.class", uid)] if name else []
        rows.append((cells, times["slowest_pdu"] - 1 if times else None, " and ".join(filter(None, tests))))
    yield from make_table(heads, rows, room.width)
    times = any(each["response_time"] for each in report["operations"])
    if times:
        yield Line("times from the last byte of the request to the first of the final response", "dim")


def make_statuses(report: Report, room: Room) -> Iterator[Line]:
    """Tell how often each status came."""
    heads = [Head("Response"), Head("Status"), Head("Class"), Head("Meaning", flexible=True), Head("Count", ">")]
    rows: list[Row] = []
    for each in report["statuses"]:
        name, status = each["response"], each["status"]
        cells = [name, status, each["class"] or "unknown", each["meaning"], f"{each['count']:,}"]
        rows.append((cells, None, f"dimse.status == 0x{status}" + (f" and dimse.cmd == {name}" if name else "")))
    yield from make_table(heads, rows, room.width)


def make_contexts(report: Report, room: Room) -> Iterator[Line]:
    """Tell of each abstract syntax how often it was proposed, and what became of that."""
    heads = [
        Head("Abstract syntax", flexible=True), Head("Proposed", ">"), Head("Accepted", ">"),
        Head("with", flexible=True, spare=1), Head("Refused", ">"), Head("because", flexible=True, spare=2),
    ]  # fmt: skip
    rows: list[Row] = []
    for each in report["contexts"]:
        uid, accepted, refused = each["abstract_syntax"], each["accepted"], each["refused"]
        cells = [
            call_uid(uid or "") or "?", f"{each['proposed']:,}", f"{sum(accepted.values()):,}",
            tell_counts({call_uid(uid) or "none": count for uid, count in accepted.items()}),
            f"{sum(refused.values()):,}", tell_counts(refused),
        ]  # fmt: skip
        rows.append((cells, None, make_test("pctx.abss.syntax", uid)))
    yield from make_table(heads, rows, room.width)


def make_histogram(sight: Sight, room: Room) -> Iterator[Line]:
    """Draw how many PDUs are how long: each line is for lengths up to twice those of the line before."""
    if not sight.lengths:
        yield Line("none", "dim")
        return
    most = max(sight.lengths.values())
    ranges = range(min(sight.lengths), max(sight.lengths) + 1)
    labels = {digits: tell_range(digits) for digits in ranges}
    first = max(len(label) for label in labels.values())
    second = max(len(f"{most:,}"), 5)
    yield Line(f"{'Bytes':>{first}}{GAP}{'Count':>{second}}{GAP}{'%':>5}", "dim")
    for digits in ranges:
        count = sight.lengths[digits]
        head = f"{labels[digits]:>{first}}{GAP}{count:>{second},}{GAP}{tell_share(count, sight.count):>5}{GAP}"
        bar = draw_bar(count, most, room.width - len(head), ascii_only=room.ascii_only)
        low, high = find_range(digits)
        yield Line(head + bar, "", sight.long.get(digits), f"pdu.len in {{{low}..{high}}}" if count else "")


def make_throughput(throughput: Report, room: Room) -> Iterator[Line]:
    """Draw how many bytes came in each slot of time."""
    counts, slot = throughput["bytes"], throughput["slot"]
    if not counts:
        yield Line("none", "dim")
        return
    width = max(room.width - AXIS - 1, 1)
    merged = -(-len(counts) // width)
    sums = [sum(counts[at : at + merged]) for at in range(0, len(counts), merged)]
    wide = max(width // len(sums), 1)
    height = HIGH if room.height >= TALL else LOW
    span, top = slot * merged, max(sums)
    side = "|" if room.ascii_only else "\u2502"
    for at, drawn in enumerate(draw_columns(sums, height, wide, ascii_only=room.ascii_only)):
        scale = f"{tell_size(top * (height - at) / height / span)}/s"
        yield Line(f"{scale if not at or height - at == height // 2 else '':>{AXIS}}{side}{drawn}")
    start, stop = "0 s", f"{span * len(sums):g} s"
    axis = fill(start, max(wide * len(sums) - len(stop), len(start) + 1)) + stop
    yield Line(f"{'':{AXIS}} {axis}", "dim")
    told = f"{span:g} s a column" if wide == 1 else f"{span:g} s each {wide} columns"
    yield Line(f"{told}; the highest is {tell_size(top / span)}/s; bytes of PDUs, when they were complete", "dim")


def make_notes(index: Index, report: Report, sight: Sight, room: Room) -> Iterator[Line]:
    """Tell how many PDUs have a note of each code."""
    firsts: dict[str, int] = {}
    for number, row in sight.codes.items():
        for code in index.texts[number].split():
            firsts[code] = min(firsts.get(code, row), row)
    heads = [Head("Severity"), Head("Code"), Head("PDUs", ">"), Head("first in PDU", ">")]
    rows: list[Row] = []
    for each in report["problems"]:
        code, place = each["code"], firsts.get(each["code"])
        first = "" if place is None else f"{place + 1}"
        rows.append(([each["severity"], code, f"{each['pdus']:,}", first], place, f"problem == {code}"))
    yield from make_table(heads, rows, room.width)


def make_test(field: str, uid: str | None) -> str:
    """Make a filter for a UID; '' where there is none, or none that is one: a filter compares with no other text."""
    return f'{field} == "{uid}"' if uid and UID.fullmatch(uid) else ""


def tell_share(count: float, whole: float) -> str:
    """Tell how much of a whole something is."""
    return f"{100 * count / whole:.1f}" if whole else ""


def tell_time(seconds: float | None) -> str:
    """Tell a response time."""
    return "" if seconds is None else tell_seconds(round(seconds * BILLION))


def tell_counts(counts: dict[str, int]) -> str:
    """Tell what there is how often; of one thing alone only what it is."""
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{name} {count}" for name, count in counts.items())


def find_range(digits: int) -> tuple[int, int]:
    """Give the least and the greatest number with so many binary digits."""
    return (1 << digits) >> 1, (1 << digits) - 1


def tell_range(digits: int) -> str:
    """Tell which numbers have so many binary digits."""
    low, high = find_range(digits)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def list_bins(sight: Sight) -> Iterable[dict[str, object]]:
    """Give the histogram of lengths as records."""
    for digits in sorted(sight.lengths):
        low, high = find_range(digits)
        yield {"type": f"{low} to {high}", "min": low, "max": high, "count": sight.lengths[digits]}
