"""A PDU of which a filter asks something, in: the values of a field, out."""

import ipaddress
from collections.abc import Callable, Iterator

from dissect.amounts import BILLION
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import ABORT, ASSOCIATE_RJ, LOST
from dissect.dicom.statuses import classify_status, name_status
from dissect.dicom.terms import (
    COMMAND_FIELD,
    COMMANDS,
    MESSAGE_ID,
    PDU_NAMES,
    RESPONDED_ID,
    STATUS,
)
from dissect.dicom.values import name_uid
from dissect.node import Node
from dissect.query.subject import Place, Subject
from dissect.summary import describe
from dissect.tcp.streams import Stream

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Atom = int | float | str | bytes | Address | Network
Faces = tuple[Atom, ...]
"""All that one value may be called: a code and its names, a UID and its name."""


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
            yield code, classify_status(code), name_status(code, message.name, message.sop_class), f"{code:04X}"


def tell_status_as(place: int) -> Callable[[Subject], Iterator[Faces]]:
    """Make a finder of one face of the status alone."""
    return lambda subject: ((faces[place],) for faces in tell_status(subject))


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
        uid = message.sop_instance
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
    faces = (shown if isinstance(shown, int | float | str | bytes) else node.text, node.meaning, node.text)
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


def take_first(*vrs: str) -> Callable[[Node], Faces | None]:
    """Make a function that gives the first value of an element of certain VRs, as Wireshark has it."""

    def make(node: Node) -> Faces | None:
        value = node.value[0] if isinstance(node.value, list) and node.value else node.value
        if node.vr not in vrs or not isinstance(value, int | float | str):
            return None
        return (value.strip(" \0"), node.text) if isinstance(value, str) else (value,)

    return make
