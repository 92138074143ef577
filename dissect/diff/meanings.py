"""The node of a message, in: what of it means something, as fields, out.

What differs between two recordings of the same exchange without being meant is left out: lengths, padding, identifiers
that only tie a response to its request, and how values are encoded.
"""

import hashlib
import struct
from collections.abc import Callable

from dissect.dicom.values import BULK, LONG, SIZES, TEXT, name_uid
from dissect.diff.digests import (
    BLANK,
    LARGE,
    digest_range,
    read_steps,
    shorten,
    show_bytes,
    summarize,
    swap,
    tell_digest,
)
from dissect.diff.fields import DATA_SET_TYPE, ITEM, STATUS, Field, has_odd_group, list_elements, stem
from dissect.node import Node

PASSED_OVER = frozenset(("(0000,0110)", "(0000,0120)", "(0000,1031)", "(fffc,fffc)"))
"""Message IDs, which say which request a response belongs to and nothing else (PS3.7 9.1, 9.3.1.1), and padding."""

CLASSES = frozenset(("(0000,0002)", "(0000,0003)", "(0002,0012)", "(0008,0016)", "(0008,001a)", "(0008,1150)"))
"""Elements whose UIDs name a class, an implementation: never an instance, though nobody may have registered them."""

STRUCTURE, GROUP_LENGTH = "(fffe,", ",0000)"
COMMAND, PIXEL_DATA = "(0000,0100)", "(7fe0,0010)"
PIXEL_TAG = 0x7FE00010
HEADER = struct.Struct("<HHI")

WORDS = {"AT": 2, "OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8} | SIZES
"""Of how many bytes the words of a VR are, of which the byte order differs (PS3.5 7.3)."""

DEEPEST = 100
"""Levels of sequences and items: what is nested deeper is compared by its bytes, for what walks it calls itself."""

SIGNIFICANT_SPACES = frozenset(("LT", "ST", "UC", "UR", "UT"))
"""VRs in which spaces before a value mean something (PS3.5 6.2)."""


class MessageReader:
    """Reads the fields of messages, and keeps the digests of large values for when they are read again."""

    def __init__(self) -> None:
        """Start with none kept."""
        self._kept: dict[tuple[int, int], str] = {}
        self._number = 0
        self._order = "<"
        self._light = self._torn = False

    def read(self, node: Node, number: int, order: str, *, torn: bool = False, light: bool = False) -> Field:
        """Read a message's node: its command set, and its data set.

        Parameters
        ----------
        node
            A message's node.
        number
            What tells it from all others.
        order
            The byte order of its data set: `<` or `>`.
        torn
            Whether the capture lacks bytes of it.
        light
            Whether large values are left out.

        """
        self._number, self._light, self._torn = number, light, torn
        found = Field(node.key, stem(node.key).upper(), node=node)
        found.mark = stem(node.key)
        for group in node.children:
            self._order = order if group.key == "data-set" else "<"
            part = Field(group.key, group.name, node=group)
            self._read_elements(part, group)
            found.children.append(part)
        found.meaning = next((each.meaning for each in list_elements(found) if each.tag == STATUS), "")
        return found

    def _read_elements(self, field: Field, node: Node, depth: int = 0) -> None:
        """Read the elements or items below a node."""
        for child in node.children:
            if child.tag:
                if (element := self._read_element(child, depth + 1)) is not None:
                    field.children.append(element)
            elif child.layout not in ("generated", "hidden") and child.span is not None:
                value = summarize(child.span.source, child.span.start, child.span.stop)
                field.children.append(Field(child.key, child.name, "value", value, node=child))

    def _read_element(self, node: Node, depth: int) -> Field | None:
        """Read an element or item; None where it is none that means something (PS3.5 7.2, 7.5, A.4)."""
        tag = node.tag
        is_item = tag == ITEM
        if (tag.startswith(STRUCTURE) and not is_item) or tag.endswith(GROUP_LENGTH) or tag in PASSED_OVER:
            return None
        found = Field(node.key, node.name, node=node)
        found.tag, found.vr, found.explicit = tag, node.vr, node.wire_vr not in ("", "UN")
        assert node.span is not None
        if is_item:
            found.mark = "item"
        if (is_item or node.vr == "SQ") and (depth > DEEPEST or (not node.children and node.span.stop > node.body)):
            found.kind, found.value = "value", summarize(node.span.source, node.body, node.span.stop)
        elif is_item or node.vr == "SQ":
            found.order = "" if is_item else "items"
            self._read_elements(found, node, depth)
        elif self._torn and node.span.source.missing(node.span.start, node.span.stop):
            found.kind = "lost"
        elif node.children:
            found.kind, found.value = "value", self._keep(node, lambda: digest_fragments(node))
        else:
            self._read_value(found, node)
        if tag == DATA_SET_TYPE:
            found.weight = "note"  # any number but 0101H says that a data set follows, which is seen (PS3.7 E.1)
        return found

    def keep(self, number: int, start: int, digest: str) -> None:
        """Take the digest of a large value that is known already, by its message's number and its element's offset."""
        self._kept[number, start] = digest

    def _keep(self, node: Node, digest: Callable[[], str]) -> str:
        """Give the digest of a large value, which is made once."""
        if self._light:
            return ""
        assert node.span is not None
        key = self._number, node.span.start
        if key not in self._kept:
            self._kept[key] = digest()
        return self._kept[key]

    def _read_value(self, field: Field, node: Node) -> None:
        """Read an element's value as a text that is the same for all its encodings."""
        assert node.span is not None
        field.kind = "value"
        source, start, stop = node.span.source, node.body, node.span.stop
        if stop <= start:
            return
        vr = node.vr
        # A value whose VR the sender did not know is written as in Implicit VR Little Endian (PS3.5 6.2.2).
        word = WORDS.get(vr, 1) if self._order == ">" and node.wire_vr != "UN" else 1
        is_large = stop - start > LARGE
        digest = self._keep(node, lambda: digest_range(source, start, stop, word)) if is_large else ""
        if vr == "UN" or (has_odd_group(node.tag) and vr != "UI"):
            field.value = field.raw = digest or summarize(source, start, stop, word)
            if not field.explicit:
                return
        if node.tag == PIXEL_DATA:
            field.value = self._keep(node, lambda: digest_range(source, start, stop, word))
        elif vr in TEXT:
            field.value = shorten(strip(node.text, vr))
        elif vr == "UI":
            read_uids(field, node)
        elif vr in BULK or is_large:
            field.value = digest or show_bytes(swap(source.read(start, stop), word))
        elif node.tag in (STATUS, COMMAND) and isinstance(node.value, int):
            field.value, field.meaning = f"0x{node.value:04X}", node.meaning
        else:
            field.value, field.meaning = node.text, node.meaning


def read_uids(field: Field, node: Node) -> None:
    """Read an element's UIDs: those of instances stand for others, those of the standard for themselves."""
    field.value = str(node.value or "").strip(BLANK)
    field.meaning = name_uid(field.value)
    if node.tag not in CLASSES and not all(map(is_registered, field.value.split("\\"))):
        field.kind = "uid"


def find_pixel_data(head: bytes, size: int, *, explicit: bool) -> tuple[int, int] | None:
    """Find the Pixel Data of a data set where they are its last element, in little endian and of a length that is told.

    Parameters
    ----------
    head
        The first bytes of the data set.
    size
        How many bytes it has.
    explicit
        Whether VRs are written.

    Returns
    -------
    tuple or None
        The offsets of the element and of its value; None where it is not found as simply as that.

    """
    at, last = 0, -1
    while at + 12 <= len(head):
        group, element, length = HEADER.unpack_from(head, at)
        tag, body = group << 16 | element, at + 8
        if explicit:
            is_long = head[at + 4 : at + 6].decode("latin-1") in LONG
            body += 4 if is_long else 0
            length = int.from_bytes(head[at + 8 : at + 12] if is_long else head[at + 6 : at + 8], "little")
        if tag <= last or body + length > size:
            return None
        if tag == PIXEL_TAG:
            return (at, body) if body + length == size else None
        at, last = body + length, tag
    return None


def is_registered(uid: str) -> bool:
    """Tell whether a UID is one of the standard's: those mean the same in every capture (PS3.6 Annex A)."""
    return uid.startswith("1.2.840.10008.") or bool(name_uid(uid))


def strip(text: str, vr: str) -> str:
    """Leave out the padding of a text (PS3.5 6.2), around each of several values."""
    if vr in SIGNIFICANT_SPACES:
        return text.rstrip(BLANK)
    if " " in text or "\0" in text:
        return "\\".join(value.strip(BLANK) for value in text.split("\\"))
    return text


def digest_fragments(node: Node) -> str:
    """Give encapsulated pixel data by length and SHA-256: fragments joined, without the offset table (PS3.5 A.4)."""
    hashed, size = hashlib.sha256(), 0
    for item in [child for child in node.children if child.tag == ITEM][1:]:
        if item.span is not None:
            size += item.span.stop - item.body
            for piece in read_steps(item.span.source, item.body, item.span.stop):
                hashed.update(piece)
    return tell_digest(size, hashed.hexdigest())
