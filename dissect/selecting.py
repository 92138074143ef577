"""A node, in: the name of its field in a filter, and the filter that selects what has its value, out."""

import math
import re
from functools import cache

from dissect.dicom.terms import PDU_NAMES
from dissect.dicom.values import NUMBERS, find_keyword, look_up, read_tag, tell_keyword
from dissect.node import Node, Value
from dissect.phrasing import compare_text, quote
from dissect.query.fields import PLACES

MOST_VALUES = 8
"""An element of more numbers is asked for by its name alone."""

HEADER = {"pdu-type": "pdu.type", "pdu-length": "pdu.len"}
PDV = {"pdv-length": "pdv.len", "context": "pdv.ctx", "flags": "pdv.flags"}
"""Fields by the keys of the nodes below that of a PDU, and below that of a PDV."""

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
"""A number as text that a filter may have without quotation marks."""

BLANK = " \0"
"""What pads text, and is no part of it to a filter."""


def name_field(node: Node) -> str | None:
    """Give the name of a node's field, as a filter or a column has it; None where it is none."""
    if node.layout == "element":
        return name_element(node)
    parent = node.parent
    key = node.key.partition(".")[0]
    if parent is None:
        return None
    if key in PDV and parent.key.startswith("pdv."):
        return PDV[key]
    if is_pdu(parent) and key in HEADER:
        return HEADER[key]
    if node.tag:
        held = find_held(node)
        return None if held is None else name_field(held)
    return next((name for name in find_places(parent.tag, key) if is_in_place(node, name)), None)


def name_element(node: Node) -> str | None:
    """Give the path of an element through the sequences around it; None where no filter finds it."""
    steps: list[str] = []
    while node.layout == "element":
        if not node.tag.startswith("(fffe,"):
            steps.append(name_tag(node.tag))
        elif not steps:
            return None  # an item has no value of its own
        outer = node.parent
        if outer is None:
            return None
        if outer.layout != "element" and is_command(outer) is not node.tag.startswith("(0000,"):
            return None  # group 0000 is looked for in command sets, any other in data sets
        node = outer
    return "[*].".join(reversed(steps))


def name_tag(tag: str) -> str:
    """Give the keyword of a tag, or the tag where it has none, or one that it shares with others."""
    digits = tag[1:5] + tag[6:10]
    keyword = tell_keyword(int(digits, 16))
    return keyword if keyword and find_keyword(keyword) == digits else tag


def is_command(holder: Node) -> bool:
    """Tell whether the elements below a PDV, or a part of a message, are those of a command set."""
    flags = holder.child("flags")
    return holder.key == "command-set" or (flags is not None and isinstance(flags.value, int) and bool(flags.value & 1))


def is_pdu(node: Node) -> bool:
    """Tell whether a node is that of a PDU."""
    return node.layout == "block" and node.parent is not None and node.parent.key.startswith("association.")


def find_held(item: Node) -> Node | None:
    """Find among the fields of an item the one whose value is the item's own."""
    if item.value is None:
        return None
    named = (child for child in item.children if child.key not in ("item-type", "item-length") and not child.tag)
    return next((child for child in named if child.value == item.value), None)


@cache
def index_places() -> dict[tuple[str, str], list[str]]:
    """Give the names of the fields of association PDUs by the type of the item, and the key, that they stand at."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, (_, place) in PLACES.items():
        found.setdefault(place, []).append(name)
    return found


def find_places(item: str, key: str) -> list[str]:
    """Give the names of the fields with a key in items of a type, or of any."""
    places = index_places()
    return [*places.get((item, key), []), *places.get(("*", key), [])]


def is_in_place(node: Node, name: str) -> bool:
    """Tell whether the PDU of a node is one of those that have a field."""
    top: Node | None = node
    while top is not None and not is_pdu(top):
        top = top.parent
    kind = top.child("pdu-type") if top is not None else None
    return kind is not None and kind.value in PLACES[name][0]


def make_filter(node: Node, number: int | None = None) -> str | None:
    """Make the filter that selects the PDUs in which a node's field has its value.

    Parameters
    ----------
    node
        Any node of a PDU or of a message. A field without a value that a filter can name is selected by being there.
    number
        The number of its PDU, by which a node that is the PDU itself is selected.

    Returns
    -------
    str or None
        None where no filter tells the node from others: a heading, an item of a sequence, bytes that nothing was
        read from.

    """
    if node.key.startswith("association.") and not node.tag:
        return f"assoc == {node.key.partition('.')[2]}"
    if is_pdu(node):
        return None if number is None else f"pdu == {number}"
    name = name_field(node)
    if name is None or node.masked:
        return name
    if node.layout == "element":
        return compare_element(name, node)
    if name == "pdu.type" and isinstance(node.value, int) and node.value in PDU_NAMES:
        return f"{name} == {quote(PDU_NAMES[node.value])}"
    held = find_held(node) if node.tag else node
    return name if held is None else compare(name, held.value)


def compare_element(name: str, node: Node) -> str:
    """Compare an element with its value, as far as the dictionary lets it be compared with that."""
    value = node.value
    if node.children or node.vr == "SQ" or (value is None and node.text == "(binary)"):
        return name
    if value is None:
        return f'{name} == ""'
    if node.vr == "AT":
        return compare_all(name, [f"0x{tag:08x}" for tag in list_numbers(value)])
    if isinstance(value, str):
        text = value.strip(BLANK)
        if node.vr in ("DS", "IS") and PLAIN_NUMBER.fullmatch(text):
            return f"{name} == {text}"
        if text and look_up(read_tag(node.tag)).vr in NUMBERS:
            return name  # the sender wrote text where a filter asks for numbers
    return compare(name, value)


def compare(name: str, value: Value) -> str:
    """Compare a field with a value: numbers as they are, text in quotation marks; bytes are only asked to be there."""
    if not isinstance(value, str):
        return compare_all(name, [repr(number) for number in list_numbers(value) if math.isfinite(number)])
    return compare_text(name, value.strip(BLANK))


def compare_all(name: str, numbers: list[str]) -> str:
    """Ask a field for each of some numbers; for nothing but itself where they are none or many."""
    each = [f"{name} == {number}" for number in dict.fromkeys(numbers)]
    return " and ".join(each) if 0 < len(each) <= MOST_VALUES else name


def list_numbers(value: Value) -> list[int | float]:
    """Give the numbers that a value is or holds."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, int | float)]
