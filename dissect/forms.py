"""A PDU or a message as a tree of nodes, in: what of it means something, as a tree of fields to be compared, out.

What differs between two recordings of the same exchange without being meant is left out here: times, lengths, padding,
identifiers that only tie a response to its request, and how values are encoded.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from dissect.config import Weight
from dissect.node import Node
from dissect.spans import Source
from dissect.values import BULK, SIZES, TEXT, is_text, name_uid

Kind = Literal["group", "value", "uid", "secret", "lost"]
"""What a field is: one with others below it, a value compared as it is, UIDs of instances, a secret, or one of which
the capture lacks bytes."""

LARGE = 256
"""A value of more bytes is compared by its length and SHA-256."""

STEP = 1 << 20
"""How many bytes of a large value are read at once."""

BLANK = " \0"

PASSED_OVER = frozenset(("(0000,0110)", "(0000,0120)", "(0000,1031)", "(fffc,fffc)"))
"""Message IDs, which say which request a response belongs to and nothing else (PS3.7 9.1, 9.3.1.1), and padding."""

CLASSES = frozenset(("(0000,0002)", "(0000,0003)", "(0002,0012)", "(0008,0016)", "(0008,001a)", "(0008,1150)"))
"""Elements whose UIDs name a class, an implementation: never an instance, though nobody may have registered them."""

ITEM, STRUCTURE, GROUP_LENGTH = "(fffe,e000)", "(fffe,", ",0000)"
STATUS, COMMAND, DATA_SET_TYPE = "(0000,0900)", "(0000,0100)", "(0000,0800)"
PIXEL_DATA = "(7fe0,0010)"

BREAKS = frozenset((
    "a-associate-rj", "a-abort", "role-selection", "sop-class-extended-negotiation",
    "sop-class-common-extended-negotiation", "user-identity", "user-identity-response",
))  # fmt: skip
CONTEXT, UNPROPOSED = "presentation-context", "not proposed"
NOTES = frozenset(("maximum-length", "implementation-class-uid", "implementation-version-name"))
"""PDUs and items, of which a difference weighs more than others do, or less."""

IGNORED = frozenset(("item-type", "item-length", "pdu-type", "pdu-length", "context-id"))
"""Fields of PDUs and items that follow from the others, or only number them."""

WORDS = {"AT": 2, "OW": 2, "OL": 4, "OF": 4, "OD": 8, "OV": 8} | SIZES
"""Of how many bytes the words of a VR are, of which the byte order differs (PS3.5 7.3)."""

SIGNIFICANT_SPACES = frozenset(("LT", "ST", "UC", "UR", "UT"))
"""VRs in which spaces before a value mean something, and a backslash parts none (PS3.5 6.2); UC may be parted."""


class Field:
    """A value that is compared, or a group of them: a PDU, an item, a command set, a sequence."""

    __slots__ = (
        "children", "explicit", "key", "kin", "kind", "mark", "meaning", "name", "node", "order", "tag", "value", "vr",
        "weight",
    )  # fmt: skip

    def __init__(
        self,
        key: str,
        name: str,
        kind: Kind = "group",
        value: str = "",
        *,
        meaning: str = "",
        weight: Weight = "change",
        node: Node | None = None,
    ) -> None:
        """Make a field without others below it."""
        self.key = key
        """The last component of its path, as `Node.key` has it; two components where one alone says nothing."""
        self.name = name
        self.kind = kind
        self.value = value
        """What is compared, and shown: the same text for all encodings of the same value."""
        self.meaning = meaning
        self.weight: Weight = weight
        """How much it matters where it differs, is added or removed."""
        self.node = node
        """What it was read from; None in a snapshot."""
        self.mark = key
        """What it is known by among its like: of two trees, fields of the same mark are compared with each other."""
        self.kin = ""
        """What it is known by where no field has the same mark; '' where nothing else will do."""
        self.order: Literal["", "note", "items", "messages"] = ""
        """What the order of the fields below means: nothing, a note, that of items, or of an operation's messages."""
        self.tag = ""
        self.vr = ""
        self.explicit = False
        """Whether the VR stands in the bytes."""
        self.children: list[Field] = []

    def frames(self) -> list[int]:
        """Give the numbers of the frames that carried it, none for a snapshot's."""
        if self.node is None:
            return []
        if self.node.span is not None:
            return self.node.span.frames()
        found: set[int] = set()
        for child in self.children:
            found.update(child.frames())
        return sorted(found)

    def walk(self, path: str = "") -> "Iterator[tuple[str, Field]]":
        """Give it and all fields below it, each with its path below the given one."""
        path = join(path, self.key)
        yield path, self
        for child in self.children:
            yield from child.walk(path)

    def describe(self) -> str:
        """Give its value in a few words, a group's by what is below it."""
        if self.kind != "group":
            return self.value
        if self.order == "items":
            return f"{len(self.children)} item{'' if len(self.children) == 1 else 's'}"
        return self.meaning


def join(path: str, key: str) -> str:
    """Put a component behind a path."""
    return f"{path}/{key}" if path and key else path or key


def stem(key: str) -> str:
    """Give a component of a path without its number."""
    head, _, number = key.rpartition(".")
    return head if number.isdigit() else key


def is_registered(uid: str) -> bool:
    """Tell whether a UID is one of the standard's: those mean the same in every capture (PS3.6 Annex A)."""
    return uid.startswith("1.2.840.10008.") or bool(name_uid(uid))


def read_pdu(node: Node) -> Field:
    """Read a PDU that carries no messages: fields of the negotiation, reasons, or bytes."""
    found = read_item(node, "change")
    if len(found.children) == 1 and found.children[0].key == "body":
        found.key, found.children = f"{node.key}/body", found.children[0].children
    found.mark, found.kin = stem(node.key), ""
    return found


def read_item(node: Node, weight: Weight) -> Field:
    """Read a PDU, an item, or a field of one; an item that has but one field is that field."""
    found = Field(node.key, node.name, meaning=node.meaning, node=node)
    weight = found.weight = weigh_item(node.key, weight)
    found.children = [read_item(child, weight) for child in node.children if not is_ignored(child)]
    if len(found.children) == 1 and not found.children[0].children and stem(node.key) != CONTEXT:
        only = found.children[0]
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
        item.meaning = name_uid(abstract.value) or abstract.value if abstract is not None else ""
        item.kin = f"{CONTEXT} {abstract.value if abstract is not None else ''}"
        item.mark = f"{item.kin} {' '.join(sorted(each.value for each in syntaxes))}"
        return
    result.weight = "break"
    if result.value != "0":  # of a context that was refused, the transfer syntax means nothing (PS3.8 9.3.3.2)
        item.children = [child for child in item.children if child not in syntaxes]


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


def take_context(item: Field) -> None:
    """Make a presentation context known by its abstract syntax and the transfer syntaxes that are proposed in it."""
    syntaxes = [child for child in item.children if stem(child.key) == "transfer-syntax"]
    abstract = next((child for child in item.children if stem(child.key) == "abstract-syntax"), None)
    result = next((child for child in item.children if child.key == "result"), None)
    item.weight = "break"
    item.meaning = name_uid(abstract.value) or abstract.value if abstract is not None else ""
    if result is None:
        kin = f"presentation-context {abstract.value if abstract else ''}"
        item.kin, item.mark = kin, f"{kin} {' '.join(sorted(each.value for each in syntaxes))}"
        return
    result.weight = "break"
    if result.value != "0":  # PS3.8 9.3.3.2: of a context that was refused, the transfer syntax means nothing
        item.children = [child for child in item.children if child not in syntaxes]


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

    def _read_elements(self, field: Field, node: Node) -> None:
        """Read the elements or items below a node."""
        for child in node.children:
            if child.tag:
                if (element := self._read_element(child)) is not None:
                    field.children.append(element)
            elif child.layout not in ("generated", "hidden") and child.span is not None:
                value = summarize(child.span.source, child.span.start, child.span.stop)
                field.children.append(Field(child.key, child.name, "value", value, node=child))

    def _read_element(self, node: Node) -> Field | None:
        """Read an element or item; None where it is none that means something (PS3.5 7.2, 7.5, A.4)."""
        tag = node.tag
        is_item = tag == ITEM
        if (tag.startswith(STRUCTURE) and not is_item) or tag.endswith(GROUP_LENGTH) or tag in PASSED_OVER:
            return None
        found = Field(node.key, node.name, node=node)
        found.tag, found.vr, found.explicit = tag, node.vr, node.wire_vr not in ("", "UN")
        assert node.span is not None
        if is_item or node.vr == "SQ":
            found.mark = "item" if is_item else node.key
            found.order = "" if is_item else "items"
            self._read_elements(found, node)
        elif self._torn and node.span.source.missing(node.span.start, node.span.stop):
            found.kind = "lost"
        elif node.children:
            found.kind, found.value = "value", self._keep(node, lambda: digest_fragments(node))
        else:
            self._read_value(found, node)
        if tag == DATA_SET_TYPE:
            found.weight = "note"  # any number but 0101H says that a data set follows, which is seen (PS3.7 E.1)
        return found

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
        vr, tag = node.vr, node.tag
        # A value whose VR the sender did not know is written as in Implicit VR Little Endian (PS3.5 6.2.2).
        word = WORDS.get(vr, 1) if self._order == ">" and node.wire_vr != "UN" else 1
        is_bytes = vr in BULK or vr == "UN" or (int(tag[4], 16) & 1 and vr != "UI")
        if tag == PIXEL_DATA or (stop - start > LARGE and (is_bytes or vr not in TEXT)):
            field.value = self._keep(node, lambda: digest_range(source, start, stop, word))
        elif is_bytes:  # a private or unknown element has no VR where it is not written
            field.value = summarize(source, start, stop, word)
        elif vr == "UI":
            field.value = str(node.value or "").strip(BLANK)
            field.meaning = name_uid(field.value)
            if tag not in CLASSES and not all(map(is_registered, field.value.split("\\"))):
                field.kind = "uid"
        elif tag in (STATUS, COMMAND) and isinstance(node.value, int):
            field.value, field.meaning = f"0x{node.value:04X}", node.meaning
        elif vr in TEXT:
            field.value = shorten(strip(node.text, vr))
        else:
            field.value, field.meaning = node.text, node.meaning


def list_elements(message: Field) -> list[Field]:
    """Give the elements of a message's command set."""
    return [element for part in message.children if part.key == "command-set" for element in part.children]


def shorten(text: str) -> str:
    """Give a text, a long one by the length and SHA-256 of its bytes in UTF-8."""
    if len(text) <= LARGE // 4:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= LARGE else tell_digest(len(data), hashlib.sha256(data).hexdigest())


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


def summarize(source: Source, start: int, stop: int, word: int = 1) -> str:
    """Give bytes as text where they are, as hexadecimal digits where they are few, or by length and SHA-256."""
    size = stop - start
    if size <= LARGE:
        data = swap(bytes(source.read(start, stop)), word)
        if data and is_text(data):
            return data.decode("ascii").rstrip(BLANK)
        return data.hex(" ")
    return digest_range(source, start, stop, word)


def digest_range(source: Source, start: int, stop: int, word: int = 1) -> str:
    """Give bytes by length and SHA-256; `word` is of how many bytes the words are whose order is to be turned."""
    hashed = hashlib.sha256()
    for piece in read_steps(source, start, stop):
        hashed.update(swap(piece, word) if word > 1 else piece)
    return tell_digest(stop - start, hashed.hexdigest())


def read_steps(source: Source, start: int, stop: int) -> Iterator[bytes | memoryview]:
    """Read a range a piece at a time."""
    for at in range(start, stop, STEP):
        yield source.read(at, min(at + STEP, stop))


def swap(data: bytes | memoryview, word: int) -> bytes:
    """Turn words of a number of bytes from big endian to little endian; a part of one at the end stays."""
    if word == 1:
        return bytes(data)
    code = {2: "H", 4: "I", 8: "Q"}[word]
    whole = len(data) - len(data) % word
    words = array(code, bytes(data[:whole]))
    words.byteswap()
    return words.tobytes() + bytes(data[whole:])


def tell_digest(size: int, digest: str) -> str:
    """Tell of a large value."""
    return f"{size} bytes, SHA-256 {digest}"


def fingerprint(texts: Iterable[str]) -> int:
    """Make a number of 64 bits of texts, the same on every run."""
    data = "\0".join(texts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
