"""The UIDs of an A-ASSOCIATE PDU, in: the rules of their form that they break, out (PS3.8 Annex F)."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.dicom.encodings import ENCODINGS
from dissect.dicom.values import name_uid
from dissect.node import Node
from dissect.notes import Finding
from dissect.rules.associate import BROKEN, Parts, is_whole, read_number, read_uid, tell_more
from dissect.rules.forms import find_fault, quote

FIELDS = frozenset(
    (
        "Application Context",
        "Abstract Syntax",
        "Transfer Syntax",
        "Implementation Class UID",
        "SOP Class UID",
        "Service Class UID",
        "Related General SOP Class UID",
    )
)
"""The names of the fields that hold a UID."""

ALONE = frozenset(("10H", "30H", "40H", "52H"))
"""Items that hold a UID and nothing else, so that a note on it hangs at the item."""

PADDING = b"\0 "


def list_uids(pdu: Parts) -> Iterator[tuple[Node, bytes]]:
    """Give the bytes of each UID that could be read, with the node that a note on it hangs at."""
    for _, field in pdu.body.walk():
        item = field.parent
        if field.name not in FIELDS or field.tag or field.span is None or item is None:
            continue
        if any(told.code in BROKEN for told in item.notes) or is_insignificant(item):
            continue
        yield item if item.tag in ALONE else field, field.span.read()


def is_insignificant(item: Node) -> bool:
    """Tell whether an item is the transfer syntax of a context that is not accepted (PS3.8 9.3.3.2)."""
    context = item.parent
    return context is not None and context.tag == "21H" and read_number(context, "result") != 0


def judge_uids(pdu: Parts, request: Parts | None) -> Iterator[Finding]:
    """Find UIDs of a wrong form and padded ones, but in an answer none that the request has just so."""
    known = {data for _, data in list_uids(request)} if request else set()
    padded: list[tuple[Node, bytes]] = []
    for node, data in list_uids(pdu):
        if data in known:
            continue
        uid = data.rstrip(PADDING).decode("latin-1")
        what = find_fault(uid)
        if what:
            yield pdu.tell("uid-form", node, value=quote(uid), what=what)
        elif len(uid) < len(data):
            padded.append((node, data))
    if padded:
        node, data = padded[0]
        yield pdu.tell("uid-padded", node, count=tell(len(padded), "UID"), value=data[-1])


def is_known(uid: str) -> bool:
    """Tell whether a syntax is registered or else well known, or is no UID, which is noted as such."""
    return bool(name_uid(uid) or uid in ENCODINGS or find_fault(uid))


def judge_registry(pdu: Parts) -> Iterator[Finding]:
    """Find abstract and transfer syntaxes that nobody knows."""
    found: dict[str, Node] = {}
    for context in pdu.items("20H"):
        for item in context.children:
            uid = read_uid(item)
            if item.tag in ("30H", "40H") and is_whole(item) and not is_known(uid):
                found.setdefault(uid, item)
    if found:
        uid, item = next(iter(found.items()))
        yield pdu.tell("syntax-unknown", item, value=uid, more=tell_more(len(found) - 1, "nor", "syntax", "syntaxes"))
