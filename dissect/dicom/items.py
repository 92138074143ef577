"""The body of an A-ASSOCIATE PDU, in: its fields, items and sub-items as nodes, out (PS3.8 9.3.2, 9.3.3, Annex D)."""

from collections.abc import Callable, Mapping

from dissect.cursor import Cursor, Underrun, load_bytes
from dissect.dicom.options import find_options
from dissect.dicom.terms import CONTEXT_RESULTS, IDENTITY_TYPES, ITEM_TYPES
from dissect.dicom.values import is_text, label_uid, name_uid
from dissect.node import HEX, MEANING_DECIMAL, MEANING_HEX
from dissect.text import decode

MOST_ITEMS = 4096
"""How many items of one list are decoded: thirty times the 128 presentation contexts that there can be."""

ItemDecoder = Callable[[Cursor], None]


def decode_associate(cur: Cursor) -> None:
    """Read the body of an A-ASSOCIATE-RQ or -AC (PS3.8 9.3.2, 9.3.3)."""
    cur.uint("Protocol Version", 2)
    cur.reserved(2)
    pull_title(cur, "Called  AE Title")
    pull_title(cur, "Calling AE Title")
    cur.reserved(32)
    pull_items(cur, ASSOCIATE_ITEMS)


def pull_title(cur: Cursor, name: str) -> None:
    """Read an AE title (PS3.8 Table 9-11): 16 bytes of ISO 646, blanks kept."""
    cur.hang(name, 16, str(cur.take(name, 16), "ascii", "replace"))


def pull_items(cur: Cursor, decoders: Mapping[int, tuple[str, ItemDecoder]]) -> None:
    """Read items to the end of the range, each by its type's decoder; an unknown one shows its bytes."""
    counts: dict[str, int] = {}
    while cur.left >= 4 and not cur.source.missing(cur.at, cur.at + 4):
        if len(cur.node.children) >= MOST_ITEMS:
            cur.blame(cur.node, "too-many", value=MOST_ITEMS)
            break
        code, length = cur.peek(1), cur.peek(4) & 0xFFFF
        name, decoder = decoders.get(code, ("Unknown", pull_unknown))
        key = KEY_OF_ITEM.get(code, f"item-{code:02x}")
        counts[key] = counts.get(key, 0) + 1
        item = cur.open(f"{key}.{counts[key]}", name, min(4 + length, cur.left))
        read_item(item, code, decoder)
    room = cur.left
    left = cur.undecoded()
    if left is not None and room < 4:
        cur.blame(left, "field-cut", name="Item", wanted=4, room=room)


def read_item(item: Cursor, code: int, decoder: ItemDecoder) -> None:
    """Read one item: its type, its length, and its fields."""
    node = item.node
    node.tag = f"{code:02X}H"
    item.uint("Item Type", 1, form=MEANING_HEX)
    node.children[0].meaning = ITEM_TYPES.get(code, "Unknown")
    item.reserved(1)
    node.length = item.uint("Item Length", 2)
    node.body = item.at
    if node.length > item.left:
        item.blame(node, "item-overrun", value=node.length, room=item.left)
    if decoder is pull_unknown:
        item.blame(node, "unknown-item", value=code)
    read_fields(item, decoder)


def read_fields(cur: Cursor, decoder: ItemDecoder) -> None:
    """Read fields as far as they go, and keep what is left over as bytes."""
    try:
        decoder(cur)
    except Underrun as short:
        left = cur.undecoded()
        cur.blame(left or cur.node, "field-cut", name=short.name, wanted=short.wanted, room=short.room)
        return
    room = cur.left
    left = cur.undecoded()
    if left is not None:
        cur.blame(left, "undecoded", count=room)


def pull_uid(name: str) -> ItemDecoder:
    """Make a decoder of an item that holds one UID (PS3.8 Annex F)."""

    def pull(cur: Cursor) -> None:
        uid = pull_uid_field(cur, name, cur.left)
        cur.node.value, cur.node.text, cur.node.meaning = uid, label_uid(uid), name_uid(uid)

    return pull


def pull_uid_field(cur: Cursor, name: str, size: int) -> str:
    """Read a UID, with its name where it is registered."""
    uid = decode(cur.take(name, size)).rstrip("\0")
    node = cur.hang(name, size, uid)
    node.text, node.meaning = label_uid(uid), name_uid(uid)
    return uid


def pull_string(name: str) -> ItemDecoder:
    """Make a decoder of an item that holds text."""

    def pull(cur: Cursor) -> None:
        cur.node.value = cur.string(name, cur.left)

    return pull


def pull_context(cur: Cursor) -> None:
    """Read a presentation context of an A-ASSOCIATE-RQ (PS3.8 9.3.2.2)."""
    cur.node.value = cur.uint("Context ID", 1, form=HEX)
    cur.reserved(3)
    pull_items(cur, SYNTAX_ITEMS)
    syntax = next((child for child in cur.node.children if child.tag == "30H"), None)
    cur.node.text = syntax.text if syntax else ""


def pull_context_result(cur: Cursor) -> None:
    """Read a presentation context of an A-ASSOCIATE-AC (PS3.8 9.3.3.2)."""
    cur.node.value = cur.uint("Context ID", 1, form=HEX)
    cur.reserved(1)
    cur.uint("Result", 1, CONTEXT_RESULTS, "{meaning} (0x{value:x})", "result-code")
    cur.reserved(1)
    pull_items(cur, SYNTAX_ITEMS)


def pull_user_information(cur: Cursor) -> None:
    """Read the user information item (PS3.8 9.3.2.3, Annex D)."""
    pull_items(cur, USER_ITEMS)
    shown = {"51H": "Max PDU Length", "52H": "Implementation UID", "55H": "Version"}
    cur.node.text = ", ".join(f"{shown[sub.tag]} {sub.text}" for sub in cur.node.children if sub.tag in shown)


def pull_maximum_length(cur: Cursor) -> None:
    """Read the maximum length (PS3.8 D.1): the longest P-DATA-TF that the sender takes, in bytes; 0 is no limit."""
    cur.node.value = cur.uint("Max PDU Length", 4)


def pull_window(cur: Cursor) -> None:
    """Read the asynchronous operations window (PS3.7 D.3.3.3); 0 is unlimited."""
    counts = [cur.uint(f"Maximum-number-operations-{verb}", 2) for verb in ("invoked", "performed")]
    shown = [f"{count}{'' if count else ' (unlimited)'}" for count in counts]
    cur.node.text = f"Maximum Number Operations Invoked: {shown[0]}, Maximum Number Operations Performed: {shown[1]}"


def pull_class(cur: Cursor) -> str:
    """Read a SOP class UID with its length before it."""
    return pull_uid_field(cur, "SOP Class UID", cur.uint("SOP Class UID Length", 2))


def pull_roles(cur: Cursor) -> None:
    """Read the SCP/SCU role selection (PS3.7 D.3.3.4)."""
    cur.node.value = pull_class(cur)
    roles = [f"{role}-role: {'yes' if cur.uint(f'{role}-role', 1, form=HEX) else 'no'}" for role in ("SCU", "SCP")]
    cur.node.text = ", ".join(roles)


def pull_extended(cur: Cursor) -> None:
    """Read the SOP class extended negotiation (PS3.7 D.3.3.5); its information is the service's own."""
    cur.node.value = uid = pull_class(cur)
    cur.node.text = label_uid(uid)
    for option in find_options(uid)[: cur.left]:
        if option.name:
            cur.uint(option.name, 1, option.meanings, option.form)
        else:
            cur.reserved(1)
    if cur.left:
        show_rest(cur, "Service-class-application-information")


def pull_identity(cur: Cursor) -> None:
    """Read the user identity (PS3.7 D.3.3.7).

    The secondary field of type 2 is a passcode, the primary one of types 3 to 5 a ticket, an assertion or a token: who
    has them can pass for the user, and so they are masked.
    """
    kind = cur.uint("Type", 1, IDENTITY_TYPES, MEANING_DECIMAL, "identity-type")
    cur.uint("Response Requested", 1)
    size = cur.uint("Primary Field Length", 2)
    if size > cur.left or kind in TOKENS:
        hide_field(cur, "Primary Field", size)
        cur.node.text = primary = MASK
    else:
        cur.node.value = cur.node.text = primary = cur.string("Primary Field", size)
    size = cur.uint("Secondary Field Length", 2)
    if size:
        cur.node.text = f"{primary}, {MASK}"
        hide_field(cur, "Secondary Field", size)
    if cur.left:
        cur.blame(cur.node, "undecoded", count=cur.left)
        hide_field(cur, "Undecoded bytes", cur.left)


def hide_field(cur: Cursor, name: str, size: int) -> None:
    """Hang a field that may hold a passcode without showing it, as far as it goes."""
    room = cur.left
    cur.take(name, min(size, room))
    node = cur.hang(name, min(size, room), None)
    node.text, node.masked = MASK, True
    if size > room:
        raise Underrun(name, size, room)


def pull_identity_response(cur: Cursor) -> None:
    """Read the answer to a user identity (PS3.7 D.3.3.7.2)."""
    size = cur.uint("Server Response Length", 2)
    if not size:
        return
    data = bytes(cur.take("Server Response", size))
    node = cur.hang("Server Response", size, None)
    if is_text(data):
        node.value = decode(data).rstrip("\0")
    else:
        node.load = load_bytes


def pull_common(cur: Cursor) -> None:
    """Read the SOP class common extended negotiation (PS3.7 D.3.3.6)."""
    cur.node.value = uid = pull_class(cur)
    cur.node.text = label_uid(uid)
    pull_uid_field(cur, "Service Class UID", cur.uint("Service Class UID Length", 2))
    size = cur.uint("Related General SOP Class Identification Length", 2)
    room = cur.left
    while room - cur.left < size and cur.left:
        length = cur.uint("Related General SOP Class UID Length", 2)
        pull_uid_field(cur, "Related General SOP Class UID", length)
    if room - cur.left != size:
        cur.blame(cur.node, "item-overrun", value=size, room=room)


def pull_unknown(cur: Cursor) -> None:
    """Keep the bytes of an item nobody defined."""
    if cur.left:
        show_rest(cur, "Unknown Data")
    cur.node.layout = "heading"


def show_rest(cur: Cursor, name: str) -> None:
    """Hang all that is left of an item as a field of bytes."""
    cur.hang(name, len(cur.take(name, cur.left)), None).load = load_bytes


MASK = "********"
TOKENS = (3, 4, 5)
"""The types of user identity whose primary field is a secret."""

SYNTAX_ITEMS: dict[int, tuple[str, ItemDecoder]] = {
    0x30: ("Abstract Syntax", pull_uid("Abstract Syntax")),
    0x40: ("Transfer Syntax", pull_uid("Transfer Syntax")),
}
USER_ITEMS: dict[int, tuple[str, ItemDecoder]] = {
    0x51: ("Max PDU Length", pull_maximum_length),
    0x52: ("Implementation UID", pull_string("Implementation Class UID")),
    0x53: ("Async Negotiation", pull_window),
    0x54: ("Role Selection", pull_roles),
    0x55: ("Implementation Version", pull_string("Implementation Version")),
    0x56: ("Ext. Neg.", pull_extended),
    0x57: ("Common Ext. Neg.", pull_common),
    0x58: ("User Identify", pull_identity),
    0x59: ("User Identity Response", pull_identity_response),
}
ASSOCIATE_ITEMS: dict[int, tuple[str, ItemDecoder]] = {
    0x10: ("Application Context", pull_uid("Application Context")),
    0x20: ("Presentation Context", pull_context),
    0x21: ("Presentation Context", pull_context_result),
    0x50: ("User Info", pull_user_information),
}
KEY_OF_ITEM = {
    0x10: "application-context",
    0x20: "presentation-context",
    0x21: "presentation-context",
    0x30: "abstract-syntax",
    0x40: "transfer-syntax",
    0x50: "user-information",
    0x51: "maximum-length",
    0x52: "implementation-class-uid",
    0x53: "asynchronous-operations-window",
    0x54: "role-selection",
    0x55: "implementation-version-name",
    0x56: "sop-class-extended-negotiation",
    0x57: "sop-class-common-extended-negotiation",
    0x58: "user-identity",
    0x59: "user-identity-response",
}
