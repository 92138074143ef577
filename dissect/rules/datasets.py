"""A decoded data set, in: notes on its nodes about the rules of PS3.5 that it breaks, out."""

from collections.abc import Sequence

from dissect.association import Association
from dissect.dicom.charsets import ALONE, DOUBLE, SINGLE
from dissect.dicom.dimse import Message
from dissect.dicom.encodings import NATIVE, is_encapsulated
from dissect.dicom.terms import AFFECTED_CLASS, AFFECTED_INSTANCE
from dissect.dicom.values import call_uid
from dissect.masking import is_private
from dissect.node import Node
from dissect.notes import note
from dissect.rules.formats import CHECKS
from dissect.rules.identifiers import judge_identifier
from dissect.spans import Source, Span
from dissect.text import decode

MOST_NOTED = 20
"""So many notes of one code are made on a data set: a capture may have been made to have more."""

LONGEST_CHECKED = 1024
"""The form of a longer value is not checked: of the VRs that have one, only lists get that long."""

LONGEST_SHOWN = 64
"""How many characters of a value are quoted."""

LONGEST_COUNT = 10
"""A number of frames has fewer digits."""

WINDOW = 1 << 14
"""How many bytes are read at once."""

GAPS = frozenset(("fragment-gap", "stream-gap"))
"""The codes of a data set of which the capture lacks bytes, so that its sender cannot be blamed."""

ITEM, CHARSET = "(fffe,e000)", "(0008,0005)"
STRUCTURE, LOWEST = "(fffe", "(0008"
"""How the tags of items and delimiters begin, and the lowest ones that a data set has."""
FRAMES, PIXEL_DATA = "0028,0008", "7fe0,0010"
OBJECT_CLASS, OBJECT_INSTANCE = "0008,0016", "0008,0018"
ODD = frozenset("13579bdf")

UNCHECKED = frozenset(("", "C-FIND-RQ", "C-GET-RQ", "C-MOVE-RQ", "N-ACTION-RQ"))
"""Messages whose data set may be keys to match with: with wildcards and ranges for values (PS3.4 C.2.2.2)."""

TERMS = frozenset((
    *(term for term in SINGLE if term), *(term.replace("ISO_IR ", "ISO 2022 IR ") for term in SINGLE if term),
    *ALONE, *DOUBLE,
))  # fmt: skip
"""Defined terms of (0008,0005) Specific Character Set (PS3.3 C.12.1.1.2), and ISO_IR 6, which many write."""

PART_10 = b"DICM\x02\x00"
"""What follows the preamble of a file, and the first group of its meta information (PS3.10 7.1)."""

PREAMBLE = 128

VIDEO = "1.2.840.10008.1.2.4.10"
"""How the transfer syntaxes of MPEG begin, which have all frames in one stream (PS3.5 A.4.5 to A.4.10)."""


class Window:
    """A piece of a source, for many short reads that go forward."""

    __slots__ = ("_base", "_data", "source")

    def __init__(self, source: Source) -> None:
        """Start before anything is read."""
        self.source = source
        self._base = 0
        self._data = b""

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes of a range."""
        low = start - self._base
        if low < 0 or stop - self._base > len(self._data):
            self._base, low = start, 0
            self._data = bytes(self.source.read(start, max(stop, start + WINDOW)))
        return self._data[low : stop - self._base]


class Judgement:
    """One look at the elements of a data set, and of those nested in it, in the order of their bytes."""

    __slots__ = ("_forbidden", "_formless", "_forms", "_padded", "_unordered", "_window")

    def __init__(self, source: Source, *, forms: bool) -> None:
        """Start before the first element; `forms` tells whether the values are to have the form of their VRs."""
        self._window = Window(source)
        self._forms = forms
        self._unordered = 0
        self._formless = 0
        self._padded: list[Node] = []
        self._forbidden: list[Node] = []

    def judge_level(self, elements: Sequence[Node]) -> None:
        """Judge the elements of a data set or item; sequences nest no deeper than they are decoded."""
        before = ""
        early: list[tuple[Node, str]] = []
        repeated: list[tuple[Node, str]] = []
        for element in elements:
            tag = element.tag
            if element.layout != "element" or tag >= STRUCTURE:
                continue
            if tag <= before:
                (repeated if "." in element.key else early).append((element, before))
            before = tag
            if tag < LOWEST:
                self._forbidden.append(element)
            if element.vr == "SQ":
                self._judge_items(element)
            elif tag == CHARSET:
                self._judge_charset(element)
            elif self._forms and element.vr in CHECKS and not element.notes:
                self._judge_form(element)
        if (early or repeated) and self._unordered < MOST_NOTED:
            self._unordered += 1
            self._note_order(early, repeated)

    def _judge_items(self, sequence: Node) -> None:
        """Judge the data sets nested in a sequence."""
        for item in sequence.children:
            if item.tag == ITEM:
                self.judge_level(item.children)

    def _note_order(self, early: list[tuple[Node, str]], repeated: list[tuple[Node, str]]) -> None:
        """Note that elements do not ascend, or are there twice: the first tells of the others (PS3.5 7.1)."""
        if early:
            element, before = early[0]
            more = tell_others(len(early) - 1, "as {count} more do")
            element.notes.append(note("element-order", element.span, tag=element.tag, before=before, more=more))
        if repeated:
            element, _ = repeated[0]
            more = tell_others(len(repeated) - 1, "and {count} more repetitions")
            element.notes.append(note("element-repeated", element.span, tag=element.tag, more=more))

    def _judge_form(self, element: Node) -> None:
        """Judge a value by what its VR asks for (PS3.5 6.2)."""
        length = element.length
        if not length or length > LONGEST_CHECKED or element.retired or element.wire_vr == "UN":
            return
        if not element.wire_vr and element.tag[4] in ODD:
            return  # the VR of a private element was looked up, and its owner may have changed it
        data = self._window.read(element.body, element.body + length)
        wanted = CHECKS[element.vr](data, element)
        if wanted:
            self._formless += 1
            if self._formless < MOST_NOTED:
                found = quote_value(element, data)
                element.notes.append(note("value-form", element.span, found=found, vr=element.vr, wanted=wanted))
        elif data[-1] == 0 and element.vr != "UI":
            self._padded.append(element)

    def _judge_charset(self, element: Node) -> None:
        """Judge the terms of a Specific Character Set (PS3.3 C.12.1.1.2)."""
        if not element.length or element.length > LONGEST_CHECKED or element.notes:
            return
        value = decode(self._window.read(element.body, element.body + element.length))
        terms = [term.strip(" \0") for term in value.split("\\")]
        unknown = next((term for term in terms if term and term not in TERMS), None)
        if unknown is not None:
            element.notes.append(note("charset-unknown", element.span, value=unknown[:LONGEST_SHOWN]))

    def sum_up(self, node: Node, whole: Span) -> None:
        """Note on a data set's node what is told once for all of its elements."""
        for code, found in (("group-forbidden", self._forbidden), ("value-padded", self._padded)):
            if found:
                node.notes.append(note(code, found[0].span, count=len(found), tag=found[0].tag))
        if self._formless >= MOST_NOTED:
            node.notes.append(note("value-more", whole, count=self._formless - MOST_NOTED + 1))


def tell_others(count: int, text: str) -> str:
    """Tell of how many more a note is, '' where it is of one."""
    return f", {text.format(count=count)}" if count else ""


def quote_value(element: Node, data: bytes) -> str:
    """Quote a value, or, where it may tell who somebody is, give its shape: 9 for digits, A for letters."""
    text = decode(data[:LONGEST_SHOWN])
    if not is_private(element):
        return f"'{text}'"
    shape = "".join("9" if each.isdigit() else "A" if each.isalpha() else each for each in text)
    return f"a value of the shape '{shape}'"


def judge_data_set(node: Node, message: Message, association: Association, transfer: str) -> None:
    """Note on a data set's node, and on those below it, which rules it breaks.

    Parameters
    ----------
    node
        The node of the PDV that completes the data set, or of the data set itself: its elements are its children.
    message
        The message to which the data set belongs.
    association
        The association in which it was sent.
    transfer
        The transfer syntax in which it was read, agreed or inferred.

    """
    codes = {found.code for found in node.notes}
    if message.data.torn is not None or codes & GAPS:
        return
    elements = [child for child in node.children if child.layout == "element"]
    rest = [child for child in node.children if child.key == "undecoded-bytes"]
    source = next((child.span.source for child in (*elements, *rest) if child.span is not None), None)
    if source is None:
        return
    whole = Span(source, 0, source.size)
    if source.read(PREAMBLE, PREAMBLE + len(PART_10)) == PART_10:
        node.notes.append(note("preamble-sent", Span(source, 0, PREAMBLE + 4)))
        return
    broken = "not-inflated" in codes or bool(rest) or any(element.notes for element in elements)
    judgement = Judgement(source, forms=message.name not in UNCHECKED)
    judgement.judge_level(elements)
    judgement.sum_up(node, whole)
    keys = {element.key: element for element in elements}
    context = association.contexts.get(message.context_id)
    if context is not None and context.transfer == transfer and "other-syntax" not in codes:
        judge_pixels(keys, transfer)
    if message.name == "C-STORE-RQ":
        judge_object(keys, message)
    elif not broken:
        judge_identifier(node, keys, message, association, transfer)


def judge_pixels(keys: dict[str, Node], transfer: str) -> None:
    """Judge whether pixel data is encapsulated or native, as its transfer syntax has it (PS3.5 A.4)."""
    pixels = keys.get(PIXEL_DATA)
    if pixels is None or pixels.length == 0 or pixels.notes:
        return
    compressed = is_encapsulated(transfer)
    encapsulated = pixels.length is None
    if encapsulated and compressed and not transfer.startswith(VIDEO):
        judge_fragments(pixels, keys)
    if encapsulated is compressed or not (compressed or transfer in NATIVE):
        return
    words = {False: "native", True: "encapsulated"}
    found, wanted = words[encapsulated], words[compressed]
    pixels.notes.append(note("pixel-form", pixels.span, found=found, transfer=call_uid(transfer), wanted=wanted))


def judge_fragments(pixels: Node, keys: dict[str, Node]) -> None:
    """Judge whether there is a fragment at least for each frame, behind the offset table (PS3.5 A.4)."""
    element = keys.get(FRAMES)
    count = str(element.value).strip(" \0") if element is not None and element.length else "1"
    items = sum(child.key.startswith("item.") for child in pixels.children) - 1
    if count.isdecimal() and len(count) < LONGEST_COUNT and items < int(count):
        pixels.notes.append(note("fragment-count", pixels.span, count=max(items, 0), frames=count))


def judge_object(keys: dict[str, Node], message: Message) -> None:
    """Judge whether a C-STORE names the object that it stores (PS3.7 9.1.1.1)."""
    for code, key, field in (
        ("object-class", OBJECT_CLASS, AFFECTED_CLASS),
        ("object-instance", OBJECT_INSTANCE, AFFECTED_INSTANCE),
    ):
        element, wanted = keys.get(key), message.text_at(field)
        if element is None or not wanted or not element.length or element.length > LONGEST_CHECKED:
            continue
        found = str(element.value).strip(" \0")
        if found != wanted:
            values = (call_uid(found[:LONGEST_SHOWN]), call_uid(wanted[:LONGEST_SHOWN]))
            element.notes.append(note(code, element.span, found=values[0], wanted=values[1]))
