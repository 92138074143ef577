"""A field's name, in: how a filter finds its values in a PDU, out."""

import ipaddress
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dissect.dimse import COMMAND_FIELD, MESSAGE_ID, RESPONDED_ID, STATUS, Message
from dissect.node import Node
from dissect.notes import CATALOG
from dissect.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, LOST
from dissect.query.subject import Place, Subject
from dissect.records import BILLION
from dissect.statuses import classify_status, name_status
from dissect.streams import Stream
from dissect.summary import describe
from dissect.terms import COMMANDS, FLAGS, PDU_NAMES
from dissect.values import find_keyword, name_uid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Atom = int | float | str | bytes | Address | Network
Faces = tuple[Atom, ...]
"""All that one value may be called: a code and its names, a UID and its name."""

STATUS_CLASSES = ("success", "pending", "cancel", "warning", "failure")
ENDS = ("released", "rejected", "aborted", "reset", "closed", "open")
ADDRESSES = frozenset(("ip.addr", "ip.src", "ip.dst"))


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
    late: bool = False
    """Whether it is known only when the capture has been read."""


def tell_kind(subject: Subject) -> Iterator[Faces]:
    """Give the PDU type."""
    kind = subject.arrival.pdu.kind
    if kind != LOST:
        yield (kind, PDU_NAMES[kind]) if kind in PDU_NAMES else (kind,)


def tell_role(subject: Subject) -> Iterator[Faces]:
    """Give who sent a PDU, where the capture tells."""
    role = subject.arrival.association.find_role(subject.arrival.pdu.stream)
    if role:
        yield (role,)


def tell_title(name: str) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of one of the AE titles of a PDU's association."""

    def find(subject: Subject) -> Iterator[Faces]:
        title = getattr(subject.arrival.association, name).strip()
        if title:
            yield (title,)

    return find


def tell_ends(*sides: str) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of addresses or ports: `src`, `dst`, `srcport`, `dstport`."""

    def find(subject: Subject) -> Iterator[Faces]:
        stream = subject.arrival.pdu.stream
        for side in sides:
            end: Stream = stream if side.startswith("src") else stream.peer
            address, _, port = end.sender.rpartition(":")
            if side.endswith("port"):
                yield (int(port),)
            else:
                found = ipaddress.ip_address(address.strip("[]"))
                yield (found, str(found))

    return find


def tell_command(subject: Subject) -> Iterator[Faces]:
    """Give the command field."""
    for message in subject.commands():
        code = message.number_at(COMMAND_FIELD)
        if code is not None:
            yield (code, COMMANDS[code]) if code in COMMANDS else (code,)


def tell_message_id(subject: Subject) -> Iterator[Faces]:
    """Give the message ID, or that of the message responded to."""
    for message in subject.commands():
        for element in (MESSAGE_ID, RESPONDED_ID):
            found = message.number_at(element)
            if found is not None:
                yield (found,)


def tell_status(subject: Subject) -> Iterator[Faces]:
    """Give the status: its code, its class, and what it means in its service."""
    for message in subject.commands():
        code = message.number_at(STATUS)
        if code is not None:
            yield code, classify_status(code), name_status(code, message.name, message.sop_class)


def tell_response_time(subject: Subject) -> Iterator[Faces]:
    """Give the seconds from the last byte of the request to the first of the response."""
    for message in subject.commands():
        took = message.response_time
        if took is not None:
            yield (took / BILLION,)


def tell_request(subject: Subject) -> Iterator[Faces]:
    """Give the number of the PDU that holds the request of a response."""
    for message in subject.commands():
        if message.request is not None:
            yield (message.request.pdu,)


def name_class(uid: str) -> Faces:
    """Give a UID and its name."""
    name = name_uid(uid)
    return (uid, name) if name else (uid,)


def find_class(message: Message) -> str:
    """Give the SOP class of a message, or of the request that it answers."""
    return message.sop_class or (message.request.sop_class if message.request else "")


def tell_class(subject: Subject) -> Iterator[Faces]:
    """Give the SOP class of the messages of which a PDU carries some."""
    for message in subject.messages():
        uid = find_class(message)
        if uid:
            yield name_class(uid)


def tell_instance(subject: Subject) -> Iterator[Faces]:
    """Give the SOP instance of the messages of which a PDU carries some."""
    for message in subject.messages():
        uid = message.text_at(0x1000) or message.text_at(0x1001)
        if uid:
            yield (uid,)


def tell_agreement(name: str) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of what was agreed for the presentation contexts of a PDU's PDVs."""

    def find(subject: Subject) -> Iterator[Faces]:
        contexts = subject.arrival.association.contexts
        for pdv in subject.arrival.pdvs:
            context = contexts.get(pdv.context_id)
            uid = getattr(context, name) if context is not None else ""
            if uid:
                yield name_class(uid)

    return find


def tell_failure(subject: Subject) -> Iterator[Faces]:
    """Give what fails in a PDU: a rejection, an abort, a response with a failure."""
    if subject.arrival.pdu.kind in (ASSOCIATE_RJ, ABORT):
        yield (PDU_NAMES[subject.arrival.pdu.kind],)
    for message in subject.commands():
        code = message.number_at(STATUS)
        if code is not None and classify_status(code) == "failure":
            yield (name_status(code, message.name, message.sop_class),)


def tell_end(subject: Subject) -> Iterator[Faces]:
    """Give how the association of a PDU ended."""
    if subject.ledger is not None:
        yield (subject.ledger.accounts[subject.arrival.association.number].end.how,)


def tell_outcome(subject: Subject) -> Iterator[Faces]:
    """Give the failures in the association of a PDU."""
    if subject.ledger is not None:
        yield (subject.ledger.accounts[subject.arrival.association.number].failures,)


def tell_texts(subject: Subject) -> Iterator[Faces]:
    """Give all that is shown of a PDU: its description, and the texts of its tree."""
    yield (describe(subject.arrival),)
    for _, node in subject.top.walk():
        if node.layout != "hidden" and node.text:
            yield (node.text,)


def tell_time(subject: Subject) -> int:
    """Give the time of the frame that completed a PDU, in nanoseconds since the epoch."""
    return subject.capture.times[subject.arrival.pdu.frame - 1]


FIELDS: dict[str, Field] = {
    "dicom": Field("that it is a PDU", tell_kind, PDU_NAMES.values(), shown=-1),
    "pdu": Field("the number of the PDU", lambda one: [(one.arrival.number,)]),
    "pdu.type": Field("PDU type: a number or A-ASSOCIATE-RQ ... A-ABORT", tell_kind, PDU_NAMES.values(), shown=-1),
    "pdu.len": Field("PDU length", lambda one: [(one.arrival.pdu.length,)] if one.arrival.pdu.kind != LOST else []),
    "info": Field("the text that list shows", lambda one: [(describe(one.arrival),)]),
    "from": Field("who sent it: requestor or acceptor", tell_role, ("requestor", "acceptor")),
    "assoc": Field("the number of the association", lambda one: [(one.arrival.association.number,)]),
    "assoc.calling": Field("the calling AE title of the association", tell_title("calling")),
    "assoc.called": Field("the called AE title of the association", tell_title("called")),
    "assoc.end": Field(f"how the association ended: {', '.join(ENDS)}", tell_end, ENDS, late=True),
    "assoc.failures": Field("how much failed in the association", tell_outcome, late=True),
    "frame.number": Field("the frame that completed it", lambda one: [(one.arrival.pdu.frame,)]),
    "frames": Field("all frames that carried it", lambda one: [(frame,) for frame in one.arrival.pdu.span.frames()]),
    "frame.time_epoch": Field("seconds since the epoch", lambda one: [(tell_time(one) / BILLION,)]),
    "frame.time_relative": Field(
        "seconds after the first frame", lambda one: [((tell_time(one) - one.capture.times[0]) / BILLION,)]
    ),
    "tcp.stream": Field(
        "the connection, from 0", lambda one: [(one.arrival.association.connection.index,)]
    ),
    "tcp.port": Field("either port", tell_ends("srcport", "dstport")),
    "tcp.srcport": Field("the sender's port", tell_ends("srcport")),
    "tcp.dstport": Field("the receiver's port", tell_ends("dstport")),
    "ip.addr": Field("either address, or a network such as 10.0.0.0/8", tell_ends("src", "dst"), shown=-1),
    "ip.src": Field("the sender's address", tell_ends("src")),
    "ip.dst": Field("the receiver's address", tell_ends("dst")),
    "pdv.len": Field("PDV length", lambda one: [(pdv.length,) for pdv in one.arrival.pdvs]),
    "pdv.ctx": Field("presentation context ID of a PDV", lambda one: [(pdv.context_id,) for pdv in one.arrival.pdvs]),
    "pdv.flags": Field(
        "message control header: a number or its text",
        lambda one: [(pdv.flags, FLAGS[pdv.flags & 3]) for pdv in one.arrival.pdvs],
    ),
    "pdv.abstract": Field("abstract syntax of a PDV's context, UID or name", tell_agreement("abstract"), shown=-1),
    "pdv.transfer": Field("transfer syntax of a PDV's context, UID or name", tell_agreement("transfer"), shown=-1),
    "dimse.cmd": Field("command field: a number or C-STORE-RQ ...", tell_command, COMMANDS.values(), shown=-1),
    "dimse.msgid": Field("message ID, or the one responded to", tell_message_id),
    "dimse.status": Field(
        f"status: a number, its meaning, or {', '.join(STATUS_CLASSES)}", tell_status, STATUS_CLASSES, True, shown=-1
    ),
    "dimse.time": Field("response time in seconds", tell_response_time),
    "dimse.request": Field("the PDU that a response answers", tell_request),
    "sop.class": Field("SOP class of the message, UID or name", tell_class, shown=-1),
    "sop.instance": Field("SOP instance UID of the message", tell_instance),
    "problem": Field("codes of the notes, those of data sets left out", lambda one: [(code,) for code in one.codes],
                     CATALOG),
    "problem.severity": Field(
        "error, warning or remark", lambda one: [(CATALOG[code].severity,) for code in one.codes],
        ("error", "warning", "remark"),
    ),
    "failure": Field("what failed: a rejection, an abort, a status of class failure", tell_failure),
    "any": Field("any text in it", tell_texts),
}  # fmt: skip
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


def find_place(kinds: tuple[int, ...], place: Place) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of what stands at a place."""

    def find(subject: Subject) -> Iterator[Faces]:
        if subject.arrival.pdu.kind in kinds:
            yield from (name_node(node) for node in subject.find_fields(place))

    return find


def name_node(node: Node) -> Faces:
    """Give the value of a node, with its meaning."""
    value = node.value
    shown = value.strip(" \0") if isinstance(value, str) else value
    faces = (shown if isinstance(shown, int | float | str | bytes) else node.text, node.meaning)
    return faces if node.meaning else faces[:1]


def find_tags(make: Callable[[Node], Faces | None]) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of something of each element of a PDU's messages."""

    def find(subject: Subject) -> Iterator[Faces]:
        for command in (True, False):
            for node in subject.walk_elements(command=command) if subject.arrival.pdvs else ():
                faces = make(node)
                if faces is not None:
                    yield faces

    return find


def has_value(*vrs: str) -> Callable[[Node], Faces | None]:
    """Make a function that gives the first value of an element of certain VRs, as Wireshark has it."""

    def make(node: Node) -> Faces | None:
        value = node.value[0] if isinstance(node.value, list) and node.value else node.value
        if node.vr not in vrs or not isinstance(value, int | float | str):
            return None
        return (value.strip(" \0"),) if isinstance(value, str) else (value,)

    return make


TAG_FIELDS: dict[str, tuple[str, Callable[[Node], Faces | None]]] = {
    "tag": (
        "the tags of elements, as numbers or (gggg,eeee)",
        lambda node: (int(node.tag[1:5] + node.tag[6:10], 16), node.tag),
    ),
    "tag.vr": ("value representations of elements", lambda node: (node.vr,) if node.vr else None),
    "tag.vl": ("value lengths of elements", lambda node: None if node.length is None else (node.length,)),
    "tag.value.str": (
        "values of text elements",
        has_value("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UI", "UT"),
    ),
    "tag.value.16u": ("values of US elements", has_value("US")),
    "tag.value.16s": ("values of SS elements", has_value("SS")),
    "tag.value.32u": ("values of UL elements", has_value("UL")),
    "tag.value.32s": ("values of SL elements", has_value("SL")),
}  # fmt: skip

FIELDS |= {
    name: Field(f"{place[1].replace('-', ' ')} in an association PDU", find_place(kinds, place))
    for name, (kinds, place) in PLACES.items()
}
FIELDS |= {name: Field(meaning, find_tags(make)) for name, (meaning, make) in TAG_FIELDS.items()}

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
