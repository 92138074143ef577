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
    "stream-gap": Rule("warning", "", "{count} bytes are missing from the capture here"),
    "fragment-gap": Rule("warning", "", "one fragment or more is missing from the capture here"),
    "not-a-pdu": Rule(
        "error", "PS3.8 9.3.1", "{count} bytes that are not a PDU; reading resumes at the next PDU header"
    ),
    "pdu-type": Rule("error", "PS3.8 9.3.1", "PDU type {value:02X}H is not one of 01H to 07H"),
    "pdu-length": Rule("error", "PS3.8 9.3", "PDU length {value} where {wanted} is due"),
    "pdu-cut": Rule("warning", "", "the capture ends {count} bytes before the PDU does"),
    "undecoded": Rule("error", "", "{count} bytes left over that no field accounts for"),
    "item-overrun": Rule("error", "PS3.8 9.3", "length {value} reaches beyond the {room} bytes that are left"),
    "field-cut": Rule("error", "", "{name} needs {wanted} bytes, {room} are left"),
    "too-many": Rule("warning", "", "more than {value} items: the rest is not decoded"),
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
    "not-inflated": Rule("error", "PS3.5 Annex A.5", "only the first {count} bytes of the data set can be inflated"),
}


def note(code: str, span: Span | None = None, **values: object) -> Note:
    """Make a note of the catalogue's sentence for a code."""
    rule = CATALOG[code]
    return Note(rule.severity, code, rule.sentence.format(**values), span, rule.reference)


def note_gaps(source: Source, missing: list[tuple[int, int]]) -> list[Note]:
    """Make a note for each run of bytes that the capture does not hold."""
    return [note("stream-gap", Span(source, low, high), count=high - low) for low, high in missing]
