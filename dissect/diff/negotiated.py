"""The node of a PDU that carries no messages, in: what was proposed, agreed, refused or ended, as fields, out."""

import hashlib
from collections.abc import Callable, Iterable

from dissect.dicom.values import call_uid
from dissect.diff.digests import BLANK, summarize
from dissect.diff.fields import Field, join, stem
from dissect.differing import Weight
from dissect.node import Node

BREAKS = frozenset((
    "a-associate-rj", "a-abort", "role-selection", "sop-class-extended-negotiation",
    "sop-class-common-extended-negotiation", "user-identity", "user-identity-response",
))  # fmt: skip
NOTES = frozenset(("maximum-length", "implementation-class-uid", "implementation-version-name"))
"""PDUs and items, of which a difference weighs more than others do, or less."""

CONTEXT, UNPROPOSED = "presentation-context", "not proposed"

IGNORED = frozenset(("item-type", "item-length", "pdu-type", "pdu-length", "context-id"))
"""Fields of PDUs and items that follow from the others, or only number them."""


def read_pdu(node: Node) -> Field:
    """Read a PDU that carries no messages: fields of the negotiation, reasons, or bytes."""
    found = read_item(node, "change")
    if len(found.children) == 1 and found.children[0].key == "body":
        found.key, found.children = f"{node.key}/body", found.children[0].children
    found.mark, found.kin, found.name = stem(node.key), "", stem(node.key).upper()
    return found


def read_item(node: Node, weight: Weight) -> Field:
    """Read a PDU, an item, or a field of one; an item that has but one field is that field."""
    found = Field(node.key, node.name, meaning=node.meaning, node=node)
    found.tag = node.tag
    weight = found.weight = weigh_item(node.key, weight)
    found.children = [read_item(child, weight) for child in node.children if not is_ignored(child)]
    only = found.children[0] if len(found.children) == 1 else None
    if only is not None and not only.children and not only.tag and stem(node.key) != CONTEXT:
        found.kind, found.value, found.meaning, found.children = only.kind, only.value, only.meaning, []
    elif node.masked and node.span is not None:
        found.kind, found.value = "secret", hashlib.sha256(node.span.read()).hexdigest()
    elif not node.children:
        found.kind, found.value = "value", read_plain(node)
    identify_item(found)
    return found


def weigh_item(key: str, above: Weight) -> Weight:
    """Give how much a PDU, an item or a field of one matters, by its key and by what it is in."""
    name = stem(key)
    return "break" if name in BREAKS else "note" if name in NOTES else above


def identify_item(item: Field) -> None:
    """Say what an item is known by among its like: a syntax by its UID, what is about a SOP class by that."""
    name = stem(item.key)
    known = next((child.value for child in item.children if child.key == "sop-class-uid"), "")
    item.mark = join(name, item.value if name in ("transfer-syntax", "abstract-syntax") else known)
    item.kin = name if item.value else ""
    item.order = "note" if item.children else ""
    if name == CONTEXT:
        identify_context(item)


def identify_context(item: Field) -> None:
    """Make a presentation context known by its abstract syntax and the transfer syntaxes that are proposed in it."""
    syntaxes = [child for child in item.children if stem(child.key) == "transfer-syntax"]
    abstract = next((child for child in item.children if stem(child.key) == "abstract-syntax"), None)
    result = next((child for child in item.children if child.key == "result"), None)
    item.weight = "break"
    item.kin = ""
    if result is None:
        item.meaning = describe_context(
            abstract.value if abstract is not None else "", [each.value for each in syntaxes]
        )
        item.kin = f"{CONTEXT} {abstract.value if abstract is not None else ''}"
        item.mark = f"{item.kin} {' '.join(sorted(each.value for each in syntaxes))}"
        return
    result.weight = "break"
    if result.value != "0":  # of a context that was refused, the transfer syntax means nothing (PS3.8 9.3.3.2)
        item.children = [child for child in item.children if child not in syntaxes]


def describe_context(abstract: str, syntaxes: list[str]) -> str:
    """Name a presentation context by what was proposed in it."""
    names = [call_uid(uid).partition(":")[0] for uid in syntaxes]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"{call_uid(abstract)} ({', '.join(names[:2])}{more})"


def tie_contexts(negotiation: Iterable[Field], find: Callable[[Field], object]) -> None:
    """Make answered presentation contexts known by what was proposed; `find` gives what both have in common."""
    asked: dict[object, Field] = {}
    for pdu in negotiation:
        for item in (item for item in pdu.children if stem(item.key) == CONTEXT):
            if item.kin:
                asked.setdefault(find(item), item)
                item.value = item.key
            elif (context := asked.get(find(item))) is not None:
                item.mark, item.kin, item.meaning, item.value = context.mark, context.kin, context.meaning, context.key
                for each in item.children:
                    each.name = f"{each.name} of {context.meaning}"
            else:
                item.value = UNPROPOSED


def is_ignored(node: Node) -> bool:
    """Tell whether a field says nothing that others do not say, or is reserved (PS3.8 9.3.1)."""
    if node.layout == "generated":
        return True
    key = node.key
    return key in IGNORED or key.startswith("reserved") or (stem(key).endswith("-length") and "pdu-length" not in key
                                                            and stem(key) != "maximum-length")  # fmt: skip


def read_plain(node: Node) -> str:
    """Give the value of a PDU's field as text."""
    if node.span is None:
        return ""
    if isinstance(node.value, bytes) or node.value is None:
        return summarize(node.span.source, max(node.body, node.span.start), node.span.stop)
    return str(node.value).strip(BLANK)
