"""The user information of an A-ASSOCIATE PDU, in: the rules that it breaks, out (PS3.8 Annex D, PS3.7 Annex D.3.3)."""

from collections.abc import Container, Iterator

from dissect.dicom.terms import IDENTITY_TYPES
from dissect.node import Node
from dissect.notes import Finding
from dissect.rules.associate import (
    ABSENT,
    ROLES,
    Parts,
    call,
    is_whole,
    judge_repetition,
    list_items,
    list_repeated,
    read_bytes,
    read_number,
    read_syntaxes,
    read_uid,
)
from dissect.rules.forms import find_fault, quote
from dissect.text import decode

LEAST_LENGTH = 4096
MOST_LENGTH = 1 << 31
LONGEST_NAME = 16

PASSCODE = 2
"""The type of user identity that has a secondary field (PS3.7 Table D.3-14)."""

SECRETS = {PASSCODE: "passcode", 4: "SAML assertion", 5: "JSON Web Token"}
"""What can be used again by who reads it; a Kerberos ticket is made to travel in clear."""


def judge_user(pdu: Parts, request: Parts | None) -> Iterator[Finding]:
    """Find the rules that the user information of a request breaks, or that of the answer to one."""
    if pdu.user is ABSENT:
        return
    yield from judge_identification(pdu)
    for item in pdu.subs("51H")[:1]:
        yield from judge_length(pdu, item)
    for item in pdu.subs("55H")[:1]:
        yield from judge_version(pdu, item)
    for item in pdu.subs("54H"):
        yield from judge_role(pdu, item)
    yield from judge_repetition(pdu, "54H", "role-repeated", list_repeated(request, "54H"))
    yield from judge_repetition(pdu, "56H", "extended-repeated", list_repeated(request, "56H"))


def judge_wishes(pdu: Parts) -> Iterator[Finding]:
    """Find the rules that are about the user information of a request only."""
    classes = {uid for context in pdu.items("20H") for uid in read_syntaxes(context, "30H")}
    for tag, code in (("54H", "role-stray"), ("56H", "extended-stray")):
        if pdu.whole and classes:
            yield from judge_strays(pdu, tag, code, classes)
    for item in pdu.subs("54H"):
        if all(read_number(item, key) == 0 for key in ROLES):
            yield pdu.tell("role-none", item, value=call(read_uid(item)))
    yield from judge_repetition(pdu, "57H", "common-extended")
    for item in pdu.subs("57H"):
        version = read_bytes(item, "reserved")  # PS3.7 D.3.3.6 has the version where other items have a reserved byte
        if version and version[0]:
            yield pdu.tell("common-extended-version", item, value=call(read_uid(item)), version=version[0])
    for item in pdu.subs("58H")[:1]:
        yield from judge_identity(pdu, item)


def judge_strays(pdu: Parts, tag: str, code: str, classes: Container[str]) -> Iterator[Finding]:
    """Find sub-items that are about other SOP classes than they may be; what is no UID is noted as such."""
    told: set[str] = set()
    for item in pdu.subs(tag):
        uid = read_uid(item)
        if uid not in classes and uid not in told and not find_fault(uid):
            told.add(uid)
            yield pdu.tell(code, item, value=call(uid))


def judge_identification(pdu: Parts) -> Iterator[Finding]:
    """Find that a required sub-item is not there (PS3.8 D.1, PS3.7 D.3.3.2)."""
    if is_whole(pdu.user):
        for tag, code in (("51H", "no-maximum-length"), ("52H", "no-implementation-uid")):
            if not list_items(pdu.user, tag):
                yield pdu.tell(code, pdu.user)


def judge_length(pdu: Parts, item: Node) -> Iterator[Finding]:
    """Find a maximum length that is unusual (PS3.8 D.1)."""
    length = item.value
    if not isinstance(length, int):
        return
    if length == 0:
        yield pdu.tell("maximum-length-none", item)
    elif length > MOST_LENGTH:
        yield pdu.tell("maximum-length-odd", item, value=length, what="more than 2 GiB")
    elif length < LEAST_LENGTH:
        yield pdu.tell("maximum-length-odd", item, value=length, what=f"less than {LEAST_LENGTH}")
    elif length % 2:
        yield pdu.tell("maximum-length-odd", item, value=length, what="an odd number")


def judge_version(pdu: Parts, item: Node) -> Iterator[Finding]:
    """Find an implementation version name of a wrong form (PS3.7 D.3.3.2.3, D.3.3.2.4)."""
    name = read_bytes(item, "implementation-version")
    if name is None:
        return
    strange = next((byte for byte in name if not 0x20 <= byte < 0x7F), None)
    what = ""
    if not name:
        what = "is empty"
    elif len(name) > LONGEST_NAME:
        what = f"has {len(name)} characters, more than {LONGEST_NAME}"
    elif strange is not None:
        what = f"has the byte {strange:02X}H, which is not of ISO 646"
    if what:
        yield pdu.tell("version-name", item, value=quote(decode(name)), what=what)


def judge_role(pdu: Parts, item: Node) -> Iterator[Finding]:
    """Find a role that is neither 0 nor 1 (PS3.7 D.3.3.4)."""
    for key, name in ROLES.items():
        role = read_number(item, key)
        if role is not None and role > 1:
            yield pdu.tell("role-value", item, name=name, value=call(read_uid(item)), role=role)
            return


def judge_identity(pdu: Parts, item: Node) -> Iterator[Finding]:
    """Find a user identity of a wrong form, and a secret that can be read (PS3.7 D.3.3.7)."""
    kind, response = read_number(item, "type"), read_number(item, "response-requested")
    sizes = {field: read_number(item, f"{field}-field-length") for field in ("primary", "secondary")}
    if response is not None and response > 1:
        yield pdu.tell("identity-form", item, kind=kind, what=f"asks for a response with {response}, not with 1")
    elif sizes["secondary"] and kind in IDENTITY_TYPES and kind != PASSCODE:
        what = f"has a secondary field of {sizes['secondary']} bytes"
        yield pdu.tell("identity-form", item, kind=kind, what=what)
    if kind in SECRETS and sizes["secondary" if kind == PASSCODE else "primary"]:
        yield pdu.tell("passcode-clear", item, what=SECRETS[kind])
