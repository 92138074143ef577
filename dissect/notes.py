"""What is worth telling about bytes that break a rule: the catalogue of notes, and the notes themselves."""

from dataclasses import dataclass
from typing import Literal

from dissect.spans import Source, Span

Severity = Literal["error", "warning", "remark"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means: how bad it is, the clause it breaks ('' where it is our own inference), its sentence."""

    severity: Severity
    reference: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on a node: which rule, and what was found."""

    severity: Severity
    code: str
    text: str
    span: Span | None
    reference: str


CATALOG: dict[str, Rule] = {
    "stream-gap": Rule(
        "warning",
        "",
        "{count} bytes{places} are missing from the capture here: {first}bytes {start} to {last} of the {source},"
        " {where}",
    ),
    "overlap-differs": Rule(
        "warning",
        "",
        "bytes {start} to {last} of the stream came twice with different contents: {old} in frame {first}, then {new}"
        " in frame {second}; the first are shown",
    ),
    "comment": Rule("remark", "", "frame {frame} has a comment: {text}"),
    "fragment-gap": Rule("warning", "", "one fragment or more is missing from the capture here"),
    "not-a-pdu": Rule(
        "error", "PS3.8 9.3.1", "{count} bytes that are not a PDU, {start} to {last} of the stream; {then}"
    ),
    "late-start": Rule("remark", "", "the capture begins {count} bytes before the first PDU header"),
    "pdu-type": Rule("error", "PS3.8 9.3.1", "PDU type {value:02X}H is not one of 01H to 07H"),
    "pdu-length": Rule("error", "PS3.8 9.3", "PDU length {value} where {wanted} is due"),
    "pdu-cut": Rule("warning", "", "the capture ends {count} bytes before the PDU does"),
    "undecoded": Rule("error", "", "{count} bytes left over that no field accounts for"),
    "item-overrun": Rule("error", "PS3.8 9.3", "length {value} reaches beyond the {room} bytes that are left"),
    "field-cut": Rule("error", "", "{name} needs {wanted} bytes, {room} are left"),
    "too-many": Rule("warning", "", "more than {value} items: the rest is not decoded"),
    "too-many-elements": Rule("warning", "", "more than {value} elements: the rest is not decoded"),
    "too-many-pdvs": Rule("warning", "", "more than {value} presentation data values: the rest is not decoded"),
    "unknown-item": Rule("remark", "", "item type {value:02X}H is not defined for this place"),
    "unknown-code": Rule("error", "", "{name} {value} has no meaning in the standard"),
    "reserved-bits": Rule("remark", "PS3.8 Annex E.2", "bits 2 to 7 of the message control header are not zero"),
    "pdv-length": Rule("error", "PS3.8 9.3.5.1", "PDV length {value} where 2 to {room} is possible"),
    "pdv-odd": Rule("error", "PS3.8 Annex E.1", "a fragment of {count} bytes; fragments have an even length"),
    "no-pdv": Rule("error", "PS3.8 9.3.5", "a P-DATA-TF PDU without a presentation data value"),
    "context-unknown": Rule("error", "PS3.8 9.3.5.1", "presentation context {value} was not proposed"),
    "context-refused": Rule("error", "PS3.8 9.3.5.1", "presentation context {value} was not accepted"),
    "context-unnamed": Rule(
        "error", "PS3.8 9.3.3.2", "presentation context {value} was accepted without a transfer syntax"
    ),
    "context-unseen": Rule("remark", "", "no A-ASSOCIATE-RQ in the capture: the encoding was found by looking"),
    "context-unanswered": Rule("remark", "", "no A-ASSOCIATE-AC in the capture: the encoding was found by looking"),
    "context-rejected": Rule("error", "PS3.8 9.2.3", "data in an association that was rejected"),
    "data-without-command": Rule("error", "PS3.7 6.3", "a data fragment without a command before it"),
    "command-incomplete": Rule("error", "PS3.7 6.3", "a data fragment before the last one of the command"),
    "message-incomplete": Rule("error", "PS3.8 Annex E.1", "the message before never got its last fragment"),
    "command-syntax": Rule("error", "PS3.7 6.3.1", "the command set cannot be read as Implicit VR Little Endian"),
    "element-overrun": Rule("error", "PS3.5 7.1", "length {value} reaches beyond the {room} bytes that are left"),
    "element-cut": Rule("error", "PS3.5 7.1", "{count} bytes left, too few for a data element"),
    "element-odd": Rule("error", "PS3.5 7.1", "an odd value length, {value}"),
    "element-undefined": Rule("error", "PS3.5 7.1.2", "an undefined length, which VR {value} cannot have"),
    "element-vr": Rule("error", "PS3.5 7.1.2", "'{value}' is not a value representation"),
    "item-expected": Rule("error", "PS3.5 7.5", "tag {value} where an item or a delimiter is due"),
    "not-delimited": Rule("warning", "PS3.5 7.5", "the undefined length has no delimiter"),
    "stray-delimiter": Rule("error", "PS3.5 7.5", "a delimiter that closes nothing"),
    "too-deep": Rule("warning", "", "nested more than {value} deep: not decoded further"),
    "value-length": Rule("error", "PS3.5 6.2", "{value} bytes are not a multiple of {wanted}"),
    "value-cut": Rule("remark", "", "only the first {count} bytes of the value are shown"),
    "other-syntax": Rule("error", "PS3.5 7.1", "the data set is in {found}, not in {wanted} as the context says"),
    "connection-late": Rule("remark", "", "the capture begins after the connection did"),
    "connection-open": Rule("remark", "", "the capture ends before the connection does"),
    "connection-reset": Rule("remark", "", "{sender} reset it in frame {frame}{told}"),
    "connection-gap": Rule("warning", "", "{count} bytes of what {sender} sent are missing, {places}, {where}"),
    "connection-differs": Rule(
        "warning",
        "",
        "{sender} sent {count} bytes twice with different contents, first in frame {frame}; the first are shown",
    ),
    "late-copy": Rule(
        "warning", "", "{count} bytes of what {sender} sent came after they had been given up, first in frame {frame}"
    ),
    "sent-again": Rule("remark", "", "{sender} sent {count} again, {amount} bytes, first in frame {frame}"),
    "urgent-data": Rule("remark", "", "{sender} sent {count} with urgent data, first in frame {frame}"),
    "window-shut": Rule(
        "warning", "", "{sender} could take no more data {count}, for {seconds} s in all, first in frame {frame}{still}"
    ),
    "ack-delayed": Rule(
        "remark",
        "",
        "{sender} waited for a delayed acknowledgement {count}, for {seconds} s in all, first up to frame {frame};"
        " sending without delay (TCP_NODELAY) avoids it",
    ),
    "not-inflated": Rule("error", "PS3.5 Annex A.5", "only the first {count} bytes of the data set can be inflated"),
}


def note(code: str, span: Span | None = None, **values: object) -> Note:
    """Make a note of the catalogue's sentence for a code."""
    rule = CATALOG[code]
    return Note(rule.severity, code, rule.sentence.format(**values), span, rule.reference)


MOST_GAPS = 8
"""More runs of missing bytes in a range are told of in one note."""


def note_gaps(source: Source, missing: list[tuple[int, int]]) -> list[Note]:
    """Make a note for each run of bytes that the capture does not hold, or one for all where there are many."""
    if len(missing) <= MOST_GAPS:
        return [note_gap(source, each, [each]) for each in missing]
    return [note_gap(source, (missing[0][0], missing[-1][1]), missing)]


def note_gap(source: Source, within: tuple[int, int], missing: list[tuple[int, int]]) -> Note:
    """Make the note on missing bytes: how many, where the first of them are, and the frame before them."""
    start, stop = missing[0]
    before, behind = source.frames(start - 1, start), source.frames(stop, stop + 1)
    where = f"behind frame {before[-1]}" if before else f"before frame {behind[0]}" if behind else "alone"
    many = len(missing) > 1
    return note(
        "stream-gap",
        Span(source, *within),
        count=sum(high - low for low, high in missing),
        places=f" in {len(missing)} places" if many else "",
        first="the first are " if many else "",
        start=start,
        last=stop - 1,
        source=source.label,
        where=where,
    )
