"""PDUs and their nodes, in: the whole tree as JSON, out."""

import json
import math
from collections.abc import Iterable, Iterator

from dissect.capture.segments import Capture
from dissect.node import Node, Value
from dissect.notes import Note
from dissect.query import Subject
from dissect.spans import Span
from dissect.text import decode
from dissect.views.listing import SCHEMA, make_record
from dissect.views.text import show_bytes

encode = json.JSONEncoder(allow_nan=False).encode

Part = tuple[Subject, Node]
"""A PDU, and its node or one in it."""


def show_jsonl(parts: Iterable[Part], *, reveal: bool = False) -> Iterator[str]:
    """Give each node as a line of JSON: its PDU's record as in `list`, its path if it is not the PDU's, its `tree`."""
    for subject, node in parts:
        yield write_record(make_head(subject, node), node, reveal=reveal) + "\n"


def show_json(parts: Iterable[Part], capture: Capture, *, reveal: bool = False) -> Iterator[str]:
    """Give all nodes as one JSON document, as they come."""
    yield f'{{"schema": {SCHEMA}, "captures": {encode(capture.names)}, "pdus": ['
    for number, (subject, node) in enumerate(parts):
        record = make_head(subject, node)
        del record["schema"]
        yield (",\n" if number else "\n") + write_record(record, node, reveal=reveal)
    yield "\n]}\n"


def make_head(subject: Subject, node: Node) -> dict[str, object]:
    """Make the record of the PDU of a node, with the node's path if it is not the PDU's."""
    return make_record(subject) | ({} if node is subject.top else {"path": node.path})


def write_record(record: dict[str, object], top: Node, *, reveal: bool) -> str:
    """Give a PDU's record with a tree as its last value; however deep that nests, nothing here recurs."""
    parts = [encode(record)[:-1], ', "tree": ']
    before = -1
    for depth, node in top.walk():
        if depth <= before:
            parts.append("]}" * (before - depth + 1) + ", ")
        parts += [encode(make_node_record(node, reveal=reveal))[:-1], ', "children": [']
        before = depth
    return "".join([*parts, "]}" * (before + 1), "}"])


def make_node_record(node: Node, *, reveal: bool = False) -> dict[str, object]:
    """Make the record of a node, without those below it, which follow as `children`.

    Returns
    -------
    dict
        `key`, the last component of the node's path; `tag`, `(gggg,eeee)` or an item's type; `name`; `vr`; `length`,
        that of the length field; `value`, number, text or a list; `text`, the value as a person reads it; `meaning`;
        `span`; `notes`. What a node has not is null, or an empty list.

    """
    text = show_bytes(node) if node.text == "(binary)" else node.text
    if node.masked and reveal and node.span is not None:
        text = decode(node.span.read())
    return {
        "key": node.key,
        "tag": node.tag or None,
        "name": node.name,
        "vr": node.vr or None,
        "length": node.length,
        "value": make_value(node.value),
        "text": text,
        "meaning": node.meaning or None,
        "span": None if node.span is None else make_span_record(node.span),
        "notes": [make_note_record(found) for found in node.notes],
    }


def make_value(value: Value) -> object:
    """Give a value as JSON has it: bytes and what is not finite are null, for `text` shows them."""
    if isinstance(value, list):
        return [make_value(each) for each in value]
    if isinstance(value, bytes) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def make_span_record(span: Span) -> dict[str, object]:
    """Make the record of a range of bytes.

    Returns
    -------
    dict
        `source`, the `stream`, `message` or `data` in which it is the half-open range from `start` to `stop`; `frames`,
        those that carried it; `offset`, where its first byte stands in the file, null where the capture lacks it.

    """
    first = span.source.origins(span.start, min(span.start + 1, span.stop))
    ends = [end for origin in first for end in origin.ends()]
    return {
        "source": span.source.label,
        "start": span.start,
        "stop": span.stop,
        "frames": span.frames(),
        "offset": ends[0].start if ends else None,
    }


def make_note_record(found: Note) -> dict[str, object]:
    """Make the record of a note."""
    return {
        "severity": found.severity,
        "code": found.code,
        "reference": found.reference or None,
        "text": found.text,
    }
