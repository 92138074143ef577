"""PDUs, in: a line each, as text, CSV, JSON or bare fields, out."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator

from dissect.dicom.pdu import LOST
from dissect.query import Column, Subject
from dissect.summary import describe
from dissect.text import escape
from dissect.views.paint import Painter
from dissect.views.table import cut_cells, fill
from dissect.views.times import Clock

SCHEMA = 1
"""The version of the JSON lines' form."""

NARROWEST = 12
"""The least width of a column that a user has chosen."""

KEYS = (
    "pdu", "frames", "time", "association", "from", "source", "destination", "type", "length", "info", "notes",
)  # fmt: skip
"""The keys of a PDU's record, which are the columns of CSV."""

ARROWS = {"requestor": "->", "acceptor": "<-"}
"""Which way a PDU goes, by who sends it."""


def list_text(reading: Iterable[Subject], clock: Clock, painter: Painter, width: int | None = None) -> Iterator[str]:
    """Give a line a PDU: number, time, association, direction, type, length, info; cut to `width` where it is known."""
    for subject in reading:
        arrival = subject.arrival
        pdu = arrival.pdu
        role = arrival.association.find_role(pdu.stream)
        arrow = ARROWS.get(role or "", "--")
        length = pdu.stop - pdu.start if pdu.kind == LOST else pdu.length
        place = f"{arrival.number:6} {clock(pdu.frame):>12} {arrival.association.number:5} {arrow}"
        line = f"{place} {pdu.name:<14} {length:>8}  {escape(describe(arrival))}"
        line = line if width is None else cut_cells(line, width)
        yield (painter.paint(line, painter.choose(subject)) if painter.on else line) + "\n"


def list_columns(
    reading: Iterable[Subject], columns: tuple[Column, ...], painter: Painter, width: int | None = None
) -> Iterator[str]:
    """Give a line a PDU with the columns that a user has chosen, under a line of their names."""
    widths = [max(len(column.name), NARROWEST) for column in columns]
    head = "  ".join(fill(column.name, room) for column, room in zip(columns, widths, strict=True)).rstrip()
    for number, subject in enumerate(reading):
        if not number:
            yield head + "\n"
        cells = (escape(", ".join(tell(value) for value in column.find(subject))) for column in columns)
        line = "  ".join(fill(cell, room) for cell, room in zip(cells, widths, strict=True)).rstrip()
        line = line if width is None else cut_cells(line, width)
        yield (painter.paint(line, painter.choose(subject)) if painter.on else line) + "\n"


def list_fields(reading: Iterable[Subject], columns: tuple[Column, ...]) -> Iterator[str]:
    """Give a line a PDU with a field in each column: tabs between columns, commas between values, as tshark does."""
    for subject in reading:
        yield "\t".join(escape(",".join(tell(value) for value in column.find(subject))) for column in columns) + "\n"


def list_jsonl(reading: Iterable[Subject], columns: tuple[Column, ...] = ()) -> Iterator[str]:
    """Give each PDU as a line of JSON, its keys in fixed order; chosen fields stand under `fields`."""
    for subject in reading:
        record = make_record(subject)
        if columns:
            record["fields"] = {column.name: column.find(subject) for column in columns}
        yield json.dumps(record) + "\n"


def list_csv(reading: Iterable[Subject], clock: Clock, columns: tuple[Column, ...] = ()) -> Iterator[str]:
    """Give each PDU as a line of CSV under a line of names: those of the JSON keys, or the fields that were chosen."""
    write = make_csv_writer()
    yield write([column.name for column in columns] or KEYS)
    for subject in reading:
        if columns:
            yield write([", ".join(tell(value) for value in column.find(subject)) for column in columns])
            continue
        record = make_record(subject) | {"time": clock(subject.arrival.pdu.frame)}
        yield write([show_cell(record[key]) for key in KEYS])


def make_csv_writer() -> Callable[[Iterable[str]], str]:
    """Make what gives a row as a line of CSV (RFC 4180, but for the end of a line)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")

    def write(cells: Iterable[str]) -> str:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([escape(cell) for cell in cells])
        return buffer.getvalue()

    return write


def show_cell(value: object) -> str:
    """Give a value of a record as text: nothing for null, blanks between several."""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def tell(value: float | str) -> str:
    """Give a value of a field as text; seconds with nine decimals at most."""
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def make_record(subject: Subject) -> dict[str, object]:
    """Make a PDU's record.

    Returns
    -------
    dict
        `schema`; `pdu`, `frames` and `association` as numbers from 1; `time` in seconds since the epoch as a decimal
        string; `from`, `requestor` or `acceptor`; `source` and `destination`; `type`, `length`, `info`; `notes`, the
        codes. What the capture does not tell is null.

    """
    arrival = subject.arrival
    pdu = arrival.pdu
    lost = pdu.kind == LOST
    return {
        "schema": SCHEMA,
        "pdu": arrival.number,
        "frames": pdu.span.frames(),
        "time": subject.capture.tell_time(pdu.frame),
        "association": arrival.association.number,
        "from": arrival.association.find_role(pdu.stream),
        "source": pdu.stream.sender,
        "destination": pdu.stream.peer.sender,
        "type": None if lost else pdu.name,
        "length": None if lost else pdu.length,
        "info": describe(arrival),
        "notes": subject.codes,
    }
