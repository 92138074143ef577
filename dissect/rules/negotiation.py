"""An A-ASSOCIATE-RQ, or an -AC and the request it answers, in: the rules that it breaks, out (PS3.8 9.3.2, 9.3.3)."""

from collections.abc import Iterator
from functools import lru_cache

from dissect.amounts import tell
from dissect.dicom.terms import ITEM_TYPES
from dissect.node import Node
from dissect.notes import Finding, find
from dissect.rules.answer import judge_echo, judge_replies, judge_results
from dissect.rules.associate import (
    ABSENT,
    APPLICATION_CONTEXT,
    LONGEST_KEPT,
    Parts,
    read_bytes,
    read_number,
    read_uid,
    take_apart,
)
from dissect.rules.collecting import collect
from dissect.rules.forms import find_fault, quote
from dissect.rules.proposal import judge_proposal
from dissect.rules.uids import judge_registry, judge_uids
from dissect.rules.userinfo import judge_user, judge_wishes

REQUEST, ACCEPT = "A-ASSOCIATE-RQ", "A-ASSOCIATE-AC"
ELSEWHERE = {REQUEST: ("21H", "59H"), ACCEPT: ("20H", "57H", "58H")}
"""Items that are for the other of the two PDUs (PS3.8 9.3.2.2, 9.3.3.2, PS3.7 D.3.3.6, D.3.3.7)."""
FRAME = frozenset(("10H", "50H"))
SINGLE = FRAME | {"51H", "52H", "53H", "55H", "58H", "59H"}
"""Items of which a PDU has one at most, and which of them are not within another."""
TITLES = {"called-ae-title": "called AE title", "calling-ae-title": "calling AE title"}


def judge_request(data: bytes) -> tuple[Finding, ...]:
    """Find the rules that a complete A-ASSOCIATE-RQ breaks."""
    return keep_request(data) if len(data) <= LONGEST_KEPT else look_at_request(data)


def judge_accept(data: bytes, request: bytes) -> tuple[Finding, ...]:
    """Find the rules that a complete A-ASSOCIATE-AC breaks, the request it answers known or b''."""
    return keep_accept(data, request) if len(data) + len(request) <= LONGEST_KEPT else look_at_accept(data, request)


def look_at_request(data: bytes) -> tuple[Finding, ...]:
    """Find the rules that a request breaks."""
    pdu = take_apart(data)
    return collect(
        judge_head(pdu, REQUEST),
        judge_titles(pdu),
        judge_application(pdu, None),
        judge_uids(pdu, None),
        judge_registry(pdu),
        judge_proposal(pdu),
        judge_user(pdu, None),
        judge_wishes(pdu),
    )


def look_at_accept(data: bytes, request: bytes) -> tuple[Finding, ...]:
    """Find the rules that an answer breaks."""
    pdu = take_apart(data)
    asked = take_apart(request) if request else None
    if asked is not None and not asked.whole:
        asked = None
    return collect(
        judge_head(pdu, ACCEPT),
        judge_echo(pdu, asked) if asked else (),
        judge_application(pdu, asked),
        judge_uids(pdu, asked),
        judge_results(pdu, asked),
        judge_user(pdu, asked),
        judge_replies(pdu, asked) if asked and pdu.user is not ABSENT else (),
    )


keep_request = lru_cache(maxsize=64)(look_at_request)
keep_accept = lru_cache(maxsize=64)(look_at_accept)
"""The same for PDUs that are likely to come again: a device asks for the same again and again."""


def judge_head(pdu: Parts, name: str) -> Iterator[Finding]:
    """Find what is wrong with the fixed fields, and with the items as a whole."""
    version = read_number(pdu.body, "protocol-version")
    if version is not None and not version & 1:
        yield find("protocol-version", "body/protocol-version", value=version)
    if pdu.whole:
        yield from judge_reserved(pdu, name)
        if not pdu.items("50H"):
            yield find("no-user-information")
    yield from judge_items(pdu, pdu.body, name, FRAME)
    yield from judge_items(pdu, pdu.user, name, SINGLE - FRAME)


def judge_items(pdu: Parts, holder: Node, name: str, single: frozenset[str]) -> Iterator[Finding]:
    """Find items that have no place in a PDU of this name, or that are there too often."""
    found: dict[str, list[Node]] = {}
    for item in holder.children:
        found.setdefault(item.tag, []).append(item)
    for tag, items in found.items():
        if any(told.code == "unknown-item" for told in items[0].notes):
            continue
        if tag in ELSEWHERE[name]:
            yield pdu.tell("item-misplaced", items[0], value=show_type(tag), name=name, count=len(items))
        elif tag in single and len(items) > 1:
            yield pdu.tell("item-repeated", items[1], value=show_type(tag), count=len(items))


def show_type(tag: str) -> str:
    """Give an item's type with its name."""
    return f"{tag} ({ITEM_TYPES[int(tag[:2], 16)]})"


def judge_reserved(pdu: Parts, name: str) -> Iterator[Finding]:
    """Find reserved bytes that are not zero; an answer has those of the request (PS3.8 Tables 9-11, 9-17)."""
    found: list[Node] = []
    count = 0
    for _, node in pdu.root.walk():
        if node.layout == "hidden" and isinstance(node.value, bytes) and is_reserved(node, name):
            used = sum(map(bool, node.value))
            count += used
            found += [node] if used else []
    if found and isinstance(found[0].value, bytes):
        first = next(filter(None, found[0].value))
        yield pdu.tell("reserved-bytes", found[0], count=tell(count, "reserved byte"), value=first)


def is_reserved(node: Node, name: str) -> bool:
    """Tell whether bytes are to be zero here: in some places a service or a later edition gives them a meaning."""
    parent = node.parent or ABSENT
    if parent.key == "body" and name == ACCEPT:
        return node.key == "reserved"
    return parent.tag not in ("56H", "57H") and all(told.code != "unknown-item" for told in parent.notes)


def judge_titles(pdu: Parts) -> Iterator[Finding]:
    """Find AE titles that are none, or that are padded in a way that peers trip over (PS3.8 9.3.2, PS3.5 6.2)."""
    for key, name in TITLES.items():
        data = read_bytes(pdu.body, key)
        if data is None:
            continue
        title = data.rstrip(b"\0 ")
        code, what = "ae-title", ""
        strange = next((byte for byte in title if not 0x20 <= byte < 0x7F), None)
        if not title.strip():
            what = "is blank"
        elif strange is not None:
            what = f"has the byte {strange:02X}H, which is no character of an AE title"
        elif b"\\" in title:
            what = "has a backslash"
        elif b"\0" in data:
            code, what = "ae-title-style", "is padded with NUL, not with spaces"
        elif title.startswith(b" "):
            code, what = "ae-title-style", "starts with a space"
        if what:
            yield find(code, f"body/{key}", name=name, value=title.decode("latin-1"), what=what)


def judge_application(pdu: Parts, request: Parts | None) -> Iterator[Finding]:
    """Find another application context than DICOM's, or none (PS3.7 A.2.1)."""
    items = pdu.items("10H")
    if not items:
        if pdu.whole:
            yield find("no-application-context")
        return
    uid = read_uid(items[0])
    proposed = [read_uid(item) for item in request.items("10H")] if request else []
    # An acceptor that agrees to what was proposed is not to blame for it.
    if uid != APPLICATION_CONTEXT and not find_fault(uid) and uid not in proposed:
        yield pdu.tell("application-context", items[0], value=quote(uid))
