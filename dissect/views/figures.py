"""The figures of a capture, in: tables, CSV or JSON, out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dissect.amounts import tell, tell_size
from dissect.dicom.values import call_uid
from dissect.stats import Report
from dissect.views.listing import make_csv_writer, show_cell
from dissect.views.paint import Painter
from dissect.views.table import Head, lay_out

BARS = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
PLAIN_BARS = "_.-=+*%#"
"""What stands for the bars where a terminal or a file has no letters but ASCII."""

COUNTS = ("requests", "success", "pending", "warning", "failure", "cancel", "other", "unanswered")
ALWAYS = ("requests", "success", "failure")
"""Which of the counts are shown though all are zero."""

LONGEST_LINE = 100

Figures = Mapping[str, Any]


def show_json(report: Report) -> Iterator[str]:
    """Give the report as a JSON document."""
    yield json.dumps(report, indent=1) + "\n"


def show_csv(report: Report) -> Iterator[str]:
    """Give every figure as a line of CSV: its table, what it is about, its name, its value."""
    write = make_csv_writer()
    yield write(("table", "row", "figure", "value"))
    for table, found in report.items():
        if table in ("schema", "captures"):
            continue
        rows = found if isinstance(found, list) else [found]
        for number, row in enumerate(rows, 1):
            about = name_row(row) if isinstance(found, list) else ""
            for figure, value in flatten(row) if isinstance(row, dict) else [(table, row)]:
                yield write(
                    (table if isinstance(row, dict) else "capture", about or str(number), figure, show_cell(value))
                )


def name_row(row: Figures) -> str:
    """Give what a row of a table is about."""
    keys = ("operation", "response", "status", "sop_class", "abstract_syntax", "type", "code")
    return " ".join(str(row[key]) for key in keys if row.get(key))


def flatten(row: Figures) -> Iterator[tuple[str, object]]:
    """Give the figures of a row by name, those inside others with a dot between."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in flatten(value))
        else:
            yield name, value


def show_text(
    report: Figures, painter: Painter, width: int | None = None, *, ascii_only: bool = False
) -> Iterator[str]:
    """Give the figures as tables, and the throughput as a line of bars."""
    seconds = report["duration"] or 0
    ends = ", ".join(f"{count} {'not captured' if how == 'open' else how}" for how, count in report["ends"].items())
    count = tell(report["associations"], "association")
    yield f"{report['frames']} frames in {seconds:.3f} s, {count} ({ends}), {report['pdus']} PDUs\n"
    for title, heads, rows in make_tables(report):
        if rows:
            yield f"\n{painter.paint(title, 'bold')}\n"
            yield "".join(f"{line}\n" for line in lay_out(heads, rows, width))
    yield f"\n{painter.paint('Throughput', 'bold')}\n{draw(report['throughput'], width, ascii_only=ascii_only)}\n"
    yield f"\n{painter.paint('TCP', 'bold')}\n{tell_tcp(report['tcp'])}\n"


Table = tuple[str, Sequence[Head], list[list[str]]]


def make_tables(report: Figures) -> Iterator[Table]:
    """Make the tables: titles, heads and rows."""
    counts = [each for each in COUNTS if each in ALWAYS or any(row[each] for row in report["operations"])]
    heads = [Head("Operation"), Head("SOP class", flexible=True), *(Head(count.capitalize(), ">") for count in counts)]
    times = [Head("Median s", ">", spare=1), Head("95 % s", ">", spare=2), Head("Max s", ">"), Head("in PDU", ">")]
    times.append(Head("Bytes", ">", spare=3))
    rows = [
        [each["operation"], each["name"] or each["sop_class"] or "", *(str(each[count]) for count in counts),
         *tell_times(each["response_time"]), tell_size(each["bytes"])]
        for each in report["operations"]
    ]  # fmt: skip
    yield "Operations", [*heads, *times], rows
    rows = [[each["response"], each["status"], each["meaning"], str(each["count"])] for each in report["statuses"]]
    yield "Statuses", [Head("Response"), Head("Status"), Head("Meaning", flexible=True), Head("Count", ">")], rows
    yield make_context_table(report)
    heads = [Head("Type"), *(Head(title, ">") for title in ("Count", "Bytes", "Min", "Median", "95 %", "Max"))]
    for title, key in (("PDU lengths", "pdu_sizes"), ("PDV lengths", "pdv_sizes")):
        rows = [
            [each["type"], str(each["count"]), tell_size(each["sum"]),
             *(f"{each[figure]:.0f}" for figure in ("min", "median", "p95", "max"))]
            for each in report[key] if each["count"]
        ]  # fmt: skip
        yield title, heads, rows
    rows = [[each["severity"], each["code"], str(each["pdus"])] for each in report["problems"]]
    yield "Notes", [Head("Severity"), Head("Code"), Head("PDUs", ">")], rows


def make_context_table(report: Figures) -> Table:
    """Make the table of the presentation contexts that were refused or used, and tell how many others there are."""
    used = {each["sop_class"] for each in report["operations"]}
    contexts = report["contexts"]
    shown = [each for each in contexts if each["refused"] or each["abstract_syntax"] in used]
    rows = [
        [
            each["name"] or each["abstract_syntax"] or "?",
            str(each["proposed"]),
            ", ".join(f"{call_uid(uid) or 'none'} {count}" for uid, count in each["accepted"].items()),
            ", ".join(f"{reason} {count}" for reason, count in each["refused"].items()),
        ]
        for each in shown
    ]
    if len(shown) < len(contexts):
        rest = sum(each["proposed"] for each in contexts) - sum(each["proposed"] for each in shown)
        rows.append([f"{len(contexts) - len(shown)} others, accepted and not used", str(rest), "", ""])
    heads = [Head("Abstract syntax", flexible=True), Head("Proposed", ">"), Head("Accepted with", flexible=True)]
    return "Presentation contexts", [*heads, Head("Refused", flexible=True)], rows


def tell_times(times: Figures | None) -> list[str]:
    """Give the cells of response times."""
    if times is None:
        return [""] * 4
    return [*(f"{times[figure]:.6f}" for figure in ("median", "p95", "max")), str(times["slowest_pdu"])]


def tell_tcp(tcp: Figures) -> str:
    """Tell how TCP carried the connections, line by line."""
    again, missing = tcp["segments_sent_again"], tcp["bytes_missing"]
    shut, delayed = tcp["seconds_window_shut"], tcp["seconds_acknowledgement_delayed"]
    lines = [f"connections {tcp['connections']}, reset {tcp['reset']}"]
    lines.append(f"segments sent again {again}, bytes missing {missing}")
    lines.append(f"windows shut {shut:.3f} s, acknowledgements delayed {delayed:.3f} s")
    trip = tcp["round_trip"]
    lines += [f"round trip {trip['median']:.6f} s (median), {trip['max']:.6f} s at most"] if trip else []
    return "\n".join(lines)


def draw(throughput: Figures, width: int | None = None, *, ascii_only: bool = False) -> str:
    """Draw the bytes in each slot of time as bars, and say what the highest one stands for."""
    counts, slot = throughput["bytes"], throughput["slot"]
    room = min(width or LONGEST_LINE, LONGEST_LINE)
    merged = -(-len(counts) // room) or 1
    sums = [sum(counts[at : at + merged]) for at in range(0, len(counts), merged)]
    bars, top = PLAIN_BARS if ascii_only else BARS, max(sums, default=0) or 1
    line = "".join(bars[-(-count * len(bars) // top) - 1] if count else " " for count in sums)
    span = slot * merged
    return f"{line.rstrip()}\n{span:g} s a bar, {tell_size(top / span)}/s at most"
