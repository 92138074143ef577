"""An A-ASSOCIATE PDU, in: the nodes that rules of negotiation look at, out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dissect.cursor import Cursor
from dissect.dicom.pdu import ASSOCIATES, HEADER, decode_pdu
from dissect.dicom.values import call_uid
from dissect.node import Node
from dissect.notes import Finding, find
from dissect.rules.forms import quote
from dissect.spans import Buffer

BROKEN = frozenset(("field-cut", "item-overrun", "too-many", "undecoded"))
"""Notes of the decoder after which it cannot be told what else is there."""

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
"""The name of DICOM's application context (PS3.7 A.2.1)."""

ROLES = {"scu-role": "role SCU", "scp-role": "role SCP"}
"""The keys of the roles in a role selection, and what sentences call them."""

ABSENT = Node("", "")
"""What stands for a node that is not there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An A-ASSOCIATE-RQ or -AC as its rules look at it."""

    data: bytes
    root: Node
    body: Node
    user: Node
    """The first user information item."""
    whole: bool
    """Whether all of it could be read."""

    def items(self, tag: str) -> list[Node]:
        """Give the items of a type."""
        return list_items(self.body, tag)

    def subs(self, tag: str) -> list[Node]:
        """Give the sub-items of a type within the user information, those that could be read."""
        return [item for item in list_items(self.user, tag) if is_whole(item)]

    def tell(self, code: str, node: Node, **values: object) -> Finding:
        """Make a finding about a node."""
        return find(code, node.path_below(self.root), **values)


LONGEST_KEPT = 1 << 16
"""What is found in a longer PDU is not kept: what is decoded of it takes many times its bytes."""


def take_apart(data: bytes) -> Parts:
    """Decode an A-ASSOCIATE PDU, or take what was decoded of it before: several rules look at it."""
    return keep_parts(data) if len(data) <= LONGEST_KEPT else decode_parts(data)


def decode_parts(data: bytes) -> Parts:
    """Decode an A-ASSOCIATE PDU."""
    root = Node("", "")
    if len(data) >= HEADER and data[0] in ASSOCIATES:
        decode_pdu(Cursor(Buffer(data), 0, len(data), root), "")
    body = root.child("body") or ABSENT
    users = list_items(body, "50H")
    whole = body is not ABSENT and is_whole(root) and len(data) >= HEADER + int.from_bytes(data[2:HEADER], "big")
    return Parts(data, root, body, users[0] if users else ABSENT, whole)


keep_parts = lru_cache(maxsize=8)(decode_parts)
"""The same for PDUs that are likely to be looked at again."""


def list_items(node: Node, tag: str) -> list[Node]:
    """Give the items of a type that hang right below a node."""
    return [child for child in node.children if child.tag == tag]


def is_whole(node: Node) -> bool:
    """Tell whether a node and all below it could be read to their ends."""
    return all(told.code not in BROKEN for _, below in node.walk() for told in below.notes)


def read_number(node: Node, key: str) -> int | None:
    """Give the number in a field, None where it is not there."""
    field = node.child(key)
    return field.value if field is not None and isinstance(field.value, int) else None


def read_bytes(node: Node, key: str) -> bytes | None:
    """Give the bytes of a field, None where it is not there."""
    field = node.child(key)
    return field.span.read() if field is not None and field.span is not None else None


def read_id(item: Node) -> int | None:
    """Give the ID of a presentation context, None where it is not there."""
    return item.value if isinstance(item.value, int) else None


def read_uid(item: Node) -> str:
    """Give the UID that an item is about, without padding, for padding is a matter of its own."""
    return str(item.value or "").strip(" \0")


def read_syntaxes(item: Node, tag: str) -> list[str]:
    """Give the abstract (30H) or transfer (40H) syntaxes of a presentation context."""
    return [read_uid(sub) for sub in list_items(item, tag)]


def index_contexts(pdu: Parts, tag: str) -> dict[int, list[Node]]:
    """Give the presentation contexts by their IDs."""
    found: dict[int, list[Node]] = {}
    for item in pdu.items(tag):
        number = read_id(item)
        if number is not None:
            found.setdefault(number, []).append(item)
    return found


def judge_repetition(pdu: Parts, tag: str, code: str, known: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Find SOP classes that more than one sub-item of a type is about, but for those known to be asked for so."""
    found: dict[str, list[Node]] = {}
    for item in pdu.subs(tag):
        found.setdefault(read_uid(item), []).append(item)
    for uid, items in found.items():
        if len(items) > 1 and uid not in known:
            yield pdu.tell(code, items[1], value=call(uid), count=len(items))


def list_repeated(pdu: Parts | None, tag: str) -> frozenset[str]:
    """Give the SOP classes that more than one sub-item of a type is about."""
    counts = Counter(read_uid(item) for item in pdu.subs(tag)) if pdu else Counter[str]()
    return frozenset(uid for uid, count in counts.items() if count > 1)


def call(uid: str) -> str:
    """Give a UID's name as a sentence quotes it, or the UID where it has none."""
    return quote(call_uid(uid))


def tell_more(count: int, too: str, one: str, many: str) -> str:
    """Say that the same is true of others, with `so` or `nor`."""
    if not count:
        return ""
    return f"; {too} are {count} other {many}" if count > 1 else f"; {too} is another {one}"
