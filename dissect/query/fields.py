"""A field's name, in: how a filter finds its values in a PDU, out."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from dissect.amounts import BILLION
from dissect.catalogue import CATALOG, SEVERITIES
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, LOST
from dissect.dicom.statuses import STATUS_CLASSES
from dissect.dicom.terms import COMMANDS, FLAGS, PDU_NAMES
from dissect.dicom.values import find_keyword, index_keywords, read_tag
from dissect.node import Node
from dissect.query.finders import (
    Faces,
    find_place,
    find_tags,
    take_first,
    tell_agreement,
    tell_class,
    tell_command,
    tell_end,
    tell_ends,
    tell_failure,
    tell_instance,
    tell_kind,
    tell_message_id,
    tell_outcome,
    tell_request,
    tell_response_time,
    tell_role,
    tell_status,
    tell_status_as,
    tell_texts,
    tell_time,
    tell_title,
)
from dissect.query.subject import Place, Subject
from dissect.summary import describe

ENDS = ("released", "rejected", "aborted", "reset", "closed", "open")


@dataclass(frozen=True, slots=True)
class Field:
    """What a filter may ask of a PDU besides the elements of its messages."""

    meaning: str
    find: Callable[[Subject], Iterable[Faces]]
    choices: Collection[str] = ()
    """The names that its values have, where they are codes."""
    loose: bool = False
    """Whether a value in quotation marks may be another text."""
    shown: int = 0
    """Which of its faces stands in a column."""
    kind: str = ""
    """What its values are where not any text will do: `number`, `address`, `uid`, `tag` or `status`."""
    late: bool = False
    """Whether it is known only when the capture has been read."""


FIELDS: dict[str, Field] = {
    "dicom": Field("that it is a PDU", tell_kind, PDU_NAMES.values(), shown=-1),
    "pdu": Field("the number of the PDU", lambda one: [(one.arrival.number,)], kind="number"),
    "pdu.type": Field("PDU type: a number or A-ASSOCIATE-RQ ... A-ABORT", tell_kind, PDU_NAMES.values(), shown=-1),
    "pdu.len": Field(
        "PDU length", lambda one: [(one.arrival.pdu.length,)] if one.arrival.pdu.kind != LOST else [], kind="number"
    ),
    "info": Field("the text that list shows", lambda one: [(describe(one.arrival),)]),
    "from": Field("who sent it: requestor or acceptor", tell_role, ("requestor", "acceptor")),
    "assoc": Field("the number of the association", lambda one: [(one.arrival.association.number,)], kind="number"),
    "assoc.calling": Field("the calling AE title of the association", tell_title("calling")),
    "assoc.called": Field("the called AE title of the association", tell_title("called")),
    "assoc.end": Field(f"how the association ended: {', '.join(ENDS)}", tell_end, ENDS, late=True),
    "assoc.failures": Field(
        "how many operations failed in the association, and 1 for a rejection, an abort or a reset",
        tell_outcome,
        late=True,
        kind="number",
    ),
    "frame.number": Field("the frame that completed it", lambda one: [(one.arrival.pdu.frame,)], kind="number"),
    "frames": Field(
        "all frames that carried it", lambda one: [(frame,) for frame in one.arrival.pdu.span.frames()], kind="number"
    ),
    "frame.time_epoch": Field("seconds since the epoch", lambda one: [(tell_time(one) / BILLION,)], kind="number"),
    "frame.time_relative": Field(
        "seconds after the first frame",
        lambda one: [((tell_time(one) - one.capture.times[0]) / BILLION,)],
        kind="number",
    ),
    "tcp.stream": Field(
        "the connection, from 0", lambda one: [(one.arrival.association.connection.index,)], kind="number"
    ),
    "tcp.port": Field("either port", tell_ends("srcport", "dstport"), kind="number"),
    "tcp.srcport": Field("the sender's port", tell_ends("srcport"), kind="number"),
    "tcp.dstport": Field("the receiver's port", tell_ends("dstport"), kind="number"),
    "ip.addr": Field(
        "either address, or a network such as 10.0.0.0/8", tell_ends("src", "dst"), shown=-1, kind="address"
    ),
    "ip.src": Field("the sender's address", tell_ends("src"), kind="address"),
    "ip.dst": Field("the receiver's address", tell_ends("dst"), kind="address"),
    "pdv.len": Field("PDV length", lambda one: [(pdv.length,) for pdv in one.arrival.pdvs], kind="number"),
    "pdv.ctx": Field(
        "presentation context ID of a PDV", lambda one: [(pdv.context_id,) for pdv in one.arrival.pdvs], kind="number"
    ),
    "pdv.flags": Field(
        "message control header: a number or its text",
        lambda one: [(pdv.flags, FLAGS[pdv.flags & 3]) for pdv in one.arrival.pdvs],
    ),
    "pdv.abstract": Field(
        "abstract syntax of a PDV's context, UID or name", tell_agreement("abstract"), shown=-1, kind="uid"
    ),
    "pdv.transfer": Field(
        "transfer syntax of a PDV's context, UID or name", tell_agreement("transfer"), shown=-1, kind="uid"
    ),
    "dimse.cmd": Field("command field: a number or C-STORE-RQ ...", tell_command, COMMANDS.values(), shown=-1),
    "dimse.msgid": Field("message ID, or the one responded to", tell_message_id, kind="number"),
    "dimse.status": Field(
        f"status: a number, its meaning, or {', '.join(STATUS_CLASSES)}",
        tell_status,
        STATUS_CLASSES,
        True,
        shown=-1,
        kind="status",
    ),
    "dimse.status.class": Field(", ".join(STATUS_CLASSES), tell_status_as(1), STATUS_CLASSES),
    "dimse.status.text": Field("what the status means in its service", tell_status_as(2)),
    "dimse.time": Field(
        "response time in seconds, from the last byte of the request to the first of the response",
        tell_response_time,
        kind="number",
    ),
    "dimse.request": Field("the PDU that a response answers", tell_request, kind="number"),
    "sop.class": Field("SOP class of the message, UID or name", tell_class, shown=-1, kind="uid"),
    "sop.instance": Field("SOP instance UID of the message", tell_instance),
    "problem": Field(
        "codes of the notes, those of data sets and of ends left out; dissect rules lists them",
        lambda one: [(code,) for code in one.codes],
        CATALOG,
    ),
    "problem.severity": Field(
        "error, warning or remark",
        lambda one: [(CATALOG[code].severity,) for code in one.codes],
        SEVERITIES,
    ),
    "failure": Field("what failed: a rejection, an abort, a status of class failure", tell_failure),
    "any": Field("any text in it", tell_texts),
}
"""Fields by name; `dicom.` may stand before each that Wireshark has, too."""

ASSOCIATE = (ASSOCIATE_RQ, ASSOCIATE_AC)
PLACES: dict[str, tuple[tuple[int, ...], Place]] = {
    "assoc.version": (ASSOCIATE, ("", "protocol-version")),
    "assoc.ae.called": (ASSOCIATE, ("", "called-ae-title")),
    "assoc.ae.calling": (ASSOCIATE, ("", "calling-ae-title")),
    "assoc.reject.result": ((ASSOCIATE_RJ,), ("", "result")),
    "assoc.reject.source": ((ASSOCIATE_RJ,), ("", "source")),
    "assoc.reject.reason": ((ASSOCIATE_RJ,), ("", "reason")),
    "assoc.abort.source": ((ABORT,), ("", "source")),
    "assoc.abort.reason": ((ABORT,), ("", "reason")),
    "assoc.item.type": (ASSOCIATE, ("*", "item-type")),
    "assoc.item.len": (ASSOCIATE, ("*", "item-length")),
    "actx": (ASSOCIATE, ("10H", "application-context")),
    "pctx.id": (ASSOCIATE, ("*", "context-id")),
    "pctx.result": (ASSOCIATE, ("21H", "result")),
    "pctx.abss.syntax": (ASSOCIATE, ("30H", "abstract-syntax")),
    "pctx.xfer.syntax": (ASSOCIATE, ("40H", "transfer-syntax")),
    "max_pdu_len": (ASSOCIATE, ("51H", "max-pdu-length")),
    "userinfo.uid": (ASSOCIATE, ("52H", "implementation-class-uid")),
    "userinfo.version": (ASSOCIATE, ("55H", "implementation-version")),
    "userinfo.asyncneg.maxnumopsinv": (ASSOCIATE, ("53H", "maximum-number-operations-invoked")),
    "userinfo.asyncneg.maxnumopsper": (ASSOCIATE, ("53H", "maximum-number-operations-performed")),
    "userinfo.rolesel.sopclassuid": (ASSOCIATE, ("54H", "sop-class-uid")),
    "userinfo.rolesel.scurole": (ASSOCIATE, ("54H", "scu-role")),
    "userinfo.rolesel.scprole": (ASSOCIATE, ("54H", "scp-role")),
    "userinfo.extneg.sopclassuid": (ASSOCIATE, ("56H", "sop-class-uid")),
    "userinfo.extneg.relational": (ASSOCIATE, ("56H", "relational-queries")),
    "userinfo.extneg.datetimematching": (ASSOCIATE, ("56H", "combined-date-time-matching")),
    "userinfo.extneg.fuzzymatching": (ASSOCIATE, ("56H", "fuzzy-semantic-matching")),
    "userinfo.extneg.timezone": (ASSOCIATE, ("56H", "timezone-query-adjustment")),
    "userinfo.user_identify.type": (ASSOCIATE, ("58H", "type")),
    "userinfo.user_identify.response_requested": (ASSOCIATE, ("58H", "response-requested")),
    "userinfo.user_identify.primary_field": (ASSOCIATE, ("58H", "primary-field")),
}
"""Fields of the PDUs that carry no messages: in which PDUs, and where there."""


TAG_FIELDS: dict[str, tuple[str, Callable[[Node], Faces | None]]] = {
    "tag": (
        "the tags of elements, as numbers or (gggg,eeee)",
        lambda node: (read_tag(node.tag), node.tag),
    ),
    "tag.vr": ("value representations of elements", lambda node: (node.vr,) if node.vr else None),
    "tag.vl": ("value lengths of elements", lambda node: None if node.length is None else (node.length,)),
    "tag.value.str": (
        "values of text elements",
        take_first("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UI", "UT"),
    ),
    "tag.value.16u": ("values of US elements", take_first("US")),
    "tag.value.16s": ("values of SS elements", take_first("SS")),
    "tag.value.32u": ("values of UL elements", take_first("UL")),
    "tag.value.32s": ("values of SL elements", take_first("SL")),
}

FIELDS |= {
    name: Field(f"{place[1].replace('-', ' ')} in an association PDU", find_place(kinds, place))
    for name, (kinds, place) in PLACES.items()
}
FIELDS |= {
    name: Field(meaning, find_tags(make), kind="tag" if name == "tag" else "")
    for name, (meaning, make) in TAG_FIELDS.items()
}

ALIASES: Mapping[str, str] = {
    "frame": "frame.number",
    "ipv6.addr": "ip.addr",
    "ipv6.src": "ip.src",
    "ipv6.dst": "ip.dst",
    "number": "pdu",
    "association": "assoc",
    "type": "pdu.type",
    "length": "pdu.len",
    "time": "frame.time_epoch",
    "calling": "assoc.calling",
    "called": "assoc.called",
}


def find_field(name: str) -> Field | None:
    """Find a field by its name, which `dicom.` may stand before."""
    bare = name.removeprefix("dicom.")
    return FIELDS.get(ALIASES.get(bare, bare))


def find_tag(name: str) -> str | None:
    """Find the tag of an element by its keyword, or as (gggg,eeee) with x for any digit."""
    if name.startswith("("):
        return name.lower()
    tag = find_keyword(name)
    return None if tag is None else f"({tag[:4]},{tag[4:]})"


def suggest(name: str) -> str:
    """Suggest the name of a field or an element that was meant; '' where none is near."""
    known = [*FIELDS, *(f"dicom.{each}" for each in FIELDS), *ALIASES, *index_keywords()]
    found = get_close_matches(name, known, 1, 0.75)
    if not found and len(name) > 3:
        found = [each for each in known if name.casefold() in each.casefold()][:3]
    return f"; did you mean {' or '.join(found)}?" if found else ""
