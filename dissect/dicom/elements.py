"""The bytes of a data set or command set, in: a node for each data element, nested as they are, out (PS3.5 7)."""

import struct

from dissect.cursor import load_bytes, make_key
from dissect.dicom.charsets import split_terms
from dissect.dicom.encodings import IMPLICIT_LITTLE, UNDEFINED, UNDEFINED_VRS, Encoding, find_longest, set_charset
from dissect.dicom.headers import LONGEST_SHORT, Contents, Header, Level, pull_header
from dissect.dicom.values import BULK, ITEM, ITEM_END, KNOWN, SEQUENCE_END, SIZES
from dissect.node import Node
from dissect.notes import Note, note, note_gaps
from dissect.spans import Source, Span, clip

DEEPEST = 250
"""How deep sequences may nest before what is in them stays bytes: ten times what any information object defines."""

LONGEST_CREATOR = 256
"""No private creator has more bytes: the 64 characters of an LO (PS3.5 6.2), of up to four bytes each."""

MOST_ELEMENTS = 1 << 18
"""How many elements and items of a data set are decoded: a node takes a kilobyte, an element may have but eight bytes,
or far fewer where it is deflated. The largest multi-frame objects have some 200,000."""

WINDOW = 1 << 16
"""How many bytes are read at once: headers and short values; long values are passed over."""

SHOWN_OFFSETS = 16
"""How many frames' offsets are read of a Basic Offset Table."""

ITEM_KEY = "item"

NEVER = 1 << 62
"""An offset that no message reaches."""

CHARSET, PIXEL_REPRESENTATION, LUT_DESCRIPTOR, PIXEL_DATA = 0x00080005, 0x00280103, 0x00283002, 0x7FE00010


class Walk:
    """One walk over the elements of a range: with a stack of levels, so that no nesting exhausts Python's own."""

    def __init__(self, source: Source, encoding: Encoding, parent: Node, torn: int | None) -> None:
        """Stand before the first element."""
        self._source = source
        self._at = 0
        self._level = Level(parent, source.size, "set", encoding)
        self._above: list[Level] = []
        self._window = b""
        self._base = 0
        self._unsigned: list[Node] = []
        """Values taken for unsigned, as long as Pixel Representation may still say otherwise."""
        self._count = 0
        """How many elements and items were read."""
        self._missing = source.missing(0, source.size)
        self._torn = NEVER if torn is None else torn

    def run(self) -> None:
        """Hang a node for each element under the parent."""
        while True:
            if self._at < self._level.stop:
                self._step()
            elif self._above:
                self._close()
            else:
                return

    def _step(self) -> None:
        level = self._level
        lost = clip(self._missing, self._at, min(self._at + 12, level.stop)) if self._missing else []
        if lost or self._at + 8 > self._torn:
            # Zeros would be read as elements; where the next one starts, nothing tells before the level's end.
            span = Span(self._source, self._at, level.stop)
            self._leave(level.stop, *(note_gaps(self._source, lost) or [note("fragment-gap", span)]))
            return
        if self._count >= MOST_ELEMENTS:
            self._leave(level.stop, self._blame("too-many-elements", value=MOST_ELEMENTS))
            return
        self._count += 1
        low = self._peek(12)
        header = pull_header(self._window, low, self._at, level)
        if header is None:
            cut = self._torn >= level.stop and self._torn < self._at + 12
            self._leave(level.stop, self._blame("fragment-gap" if cut else "element-cut", count=level.stop - self._at))
        elif header.tag == ITEM and level.kind != "set":
            self._take_item(header)
        elif header.tag in (ITEM, ITEM_END, SEQUENCE_END):
            self._take_delimiter(header)
        elif level.kind != "set":
            tag = f"({header.tag >> 16:04x},{header.tag & 0xFFFF:04x})"
            self._leave(level.stop, self._blame("item-expected", value=tag))
        else:
            self._take_element(header)

    def _peek(self, size: int) -> int:
        """Make sure that bytes at the current place are in the window, and give where they are in it."""
        low = self._at - self._base
        if low + size > len(self._window):
            self._base, low = self._at, 0
            self._window = bytes(self._source.read(self._at, self._at + WINDOW))
        return low

    def _take_element(self, header: Header) -> None:
        level = self._level
        if header.vr not in KNOWN and not (header.vr.isascii() and header.vr.isalpha() and header.vr.isupper()):
            self._leave(level.stop, self._blame("element-vr", value=header.vr.encode("latin-1").hex(" ")))
            return
        undefined = header.length == UNDEFINED
        room = level.stop - header.body
        node = self._hang(header, header.body + (room if undefined else min(header.length, room)))
        self._note_element(node, header, room)
        if undefined and header.tag == PIXEL_DATA:
            node.vr = header.wire_vr if header.wire_vr in BULK else "OB"  # PS3.5 A.4
            self._open(node, "fragments", level.encoding, header)
        elif header.vr == "SQ" or undefined or (header.vr == "UN" and self._holds_items(header)):
            # PS3.5 6.2.2: a sequence whose VR the sender did not know is in Implicit VR Little Endian.
            node.vr = "SQ"
            self._open(node, "sequence", IMPLICIT_LITTLE if header.wire_vr == "UN" else level.encoding, header)
        else:
            node.load = level.encoding.load
            if header.entry.vr.startswith("US or SS") and node.vr == "US":
                self._unsigned.append(node)
            self._pass(node)
            self._learn(node, header)

    def _holds_items(self, header: Header) -> bool:
        """Tell whether a value of unknown VR is a sequence: whether it begins with an item that fits."""
        if header.length < 8:
            return False
        start = bytes(self._source.read(header.body, min(header.body + 8, self._level.stop)))
        (length,) = struct.unpack_from("<I", start.ljust(8, b"\0"), 4)
        return start[:4] == b"\xfe\xff\x00\xe0" and (length == UNDEFINED or length <= header.length - 8)

    def _learn(self, node: Node, header: Header) -> None:
        """Keep what an element says about those that follow it."""
        level, tag = self._level, header.tag
        if tag == PIXEL_REPRESENTATION and header.length == 2:
            level.signed = node.value == 1
            if level.signed:
                for earlier in self._unsigned[level.first :]:
                    earlier.vr = "SS"
                del self._unsigned[level.first :]
        elif tag == LUT_DESCRIPTOR and header.length == 6:
            level.single = isinstance(node.value, list) and node.value[0] == 1
        elif tag == CHARSET and node.span is not None and header.length < LONGEST_SHORT:
            terms = split_terms(bytes(self._source.read(header.body, node.span.stop)))
            level.encoding = set_charset(level.encoding, terms)
        elif tag & 0x10000 and 0x10 <= tag & 0xFFFF <= 0xFF and header.length <= LONGEST_CREATOR:
            level.creators[tag >> 16 << 8 | tag & 0xFF] = str(node.value).strip()

    def _note_element(self, node: Node, header: Header, room: int) -> None:
        """Note what is wrong with an element's VR and length."""
        length, size, vr = header.length, SIZES.get(header.vr, 1), header.vr
        undefined = length == UNDEFINED
        if not self._note_room(node, header, room) and length & 1 and not undefined:
            node.notes.append(note("element-odd", node.span, value=length))
        if not undefined and length % size:
            node.notes.append(note("value-length", node.span, value=length, wanted=size))
        if vr not in KNOWN:
            node.notes.append(note("element-vr", node.span, value=vr))
        if undefined and vr not in UNDEFINED_VRS:
            node.notes.append(note("element-undefined", node.span, value=vr))
        if not undefined and length > find_longest(vr) and vr not in BULK and vr not in UNDEFINED_VRS:
            node.notes.append(note("value-cut", node.span, count=find_longest(vr)))

    def _take_item(self, header: Header) -> None:
        """Take an item of a sequence, or of encapsulated pixel data (PS3.5 7.5.1, A.4)."""
        level = self._level
        room = level.stop - header.body
        undefined = header.length == UNDEFINED and level.kind == "sequence"
        node = self._hang(header, header.body + (room if undefined else min(header.length, room)))
        self._note_room(node, header, room)
        if level.kind == "sequence":
            self._open(node, "set", level.encoding, header)
        else:
            node.load = load_offsets if level.seen[ITEM_KEY] == 1 else load_fragment
            self._pass(node)

    def _take_delimiter(self, header: Header) -> None:
        """Take the delimiter of an item or of a sequence (PS3.5 7.5.2), or an item that stands where none can."""
        level = self._level
        if header.tag != ITEM_END and level.kind == "set" and level.undefined:
            # The item's own delimiter is missing: the next item, or the sequence's end, closes it.
            level.stop = self._at
            return
        node = self._hang(header, header.body)
        self._at = header.body
        if header.tag == (ITEM_END if level.kind == "set" else SEQUENCE_END) and level.undefined:
            level.stop, level.undefined = self._at, False
        else:
            node.notes.append(note("stray-delimiter", node.span))

    def _note_room(self, node: Node, header: Header, room: int) -> bool:
        """Note a length that reaches too far, and tell whether it does; lost fragments would have made room for it."""
        if header.length <= room or header.length == UNDEFINED:
            return False
        code = "element-overrun" if self._torn == NEVER else "fragment-gap"
        node.notes.append(note(code, node.span, value=header.length, room=room))
        return True

    def _pass(self, node: Node) -> None:
        """Go behind a node that holds no others, and note what of it is lost."""
        start, self._at = self._at, node.span.stop if node.span else self._level.stop
        if self._missing:
            node.notes += note_gaps(self._source, clip(self._missing, start, self._at))
        if start < self._torn < self._at:
            node.notes.append(note("fragment-gap", Span(self._source, self._torn, self._torn)))

    def _hang(self, header: Header, stop: int) -> Node:
        """Hang an element's node under the level's."""
        level, tag = self._level, header.tag
        key = f"{tag >> 16:04x},{tag & 0xFFFF:04x}"
        entry = header.entry
        structure = tag in (ITEM, ITEM_END, SEQUENCE_END)
        if structure:
            key = make_key(entry.name)
        count = level.seen[key] = level.seen.get(key, 0) + 1
        if tag == ITEM or count > 1:
            key = f"{key}.{count}"
        node = Node(key, entry.name, Span(self._source, self._at, stop), layout="element", parent=level.node)
        node.tag = f"({tag >> 16:04x},{tag & 0xFFFF:04x})"
        node.vr, node.wire_vr, node.retired = header.vr, header.wire_vr, entry.retired
        node.length = None if header.length == UNDEFINED else header.length
        node.body = header.body
        level.node.children.append(node)
        return node

    def _open(self, node: Node, kind: Contents, encoding: Encoding, header: Header) -> None:
        """Go into what holds elements or items."""
        self._at = header.body
        stop = node.span.stop if node.span else self._level.stop
        if len(self._above) >= DEEPEST:
            node.notes.append(note("too-deep", node.span, value=DEEPEST))
            node.load = load_bytes
            self._at = stop
            return
        self._above.append(self._level)
        if encoding is IMPLICIT_LITTLE:
            encoding = set_charset(encoding, self._level.encoding.charset)
        self._level = Level(node, stop, kind, encoding, header.length == UNDEFINED, self._level.signed)
        self._level.first = len(self._unsigned)
        if not header.length:
            node.text = "<Empty>"

    def _close(self) -> None:
        """Come out of a level whose bytes are used up."""
        level, self._level = self._level, self._above.pop()
        if level.node.span is not None:
            level.node.span = Span(self._source, level.node.span.start, self._at)
        if level.undefined and not self._lacks(level.node.span):
            level.node.notes.append(note("not-delimited", level.node.span))

    def _lacks(self, span: Span | None) -> bool:
        """Tell whether the capture lacks bytes of a range, or fragments within it."""
        return span is not None and (self._torn <= span.stop or bool(clip(self._missing, span.start, span.stop)))

    def _blame(self, code: str, **values: object) -> Note:
        """Make a note on all that is left of the level."""
        return note(code, Span(self._source, self._at, self._level.stop), **values)

    def _leave(self, stop: int, *notes: Note) -> None:
        """Keep what is left of the level as bytes, with the notes that say why."""
        node = self._level.node.add(Node("undecoded-bytes", "Undecoded bytes", Span(self._source, self._at, stop)))
        node.load = load_bytes
        node.notes += notes
        self._at = stop


def load_offsets(node: Node) -> None:
    """Give the first item of encapsulated pixel data its meaning: the Basic Offset Table (PS3.5 A.4)."""
    assert node.span is not None
    stop = min(node.span.stop, node.body + SHOWN_OFFSETS * 4)
    data = bytes(node.span.source.read(node.body, stop))
    offsets = struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
    count = (node.span.stop - node.body) // 4
    shown = ", ".join(map(str, offsets)) + (", ..." if count > len(offsets) else "")
    node.value = list(offsets)
    node.text = f"Basic Offset Table, {count} frames: {shown}" if count else "Basic Offset Table, empty"


def load_fragment(node: Node) -> None:
    """Call a fragment of encapsulated pixel data binary."""
    node.text = "(binary)" if node.length else "<Empty>"


def walk_elements(source: Source, encoding: Encoding, parent: Node, torn: int | None = None) -> list[Node]:
    """Hang a node for each data element of a data set or command set under a node.

    Parameters
    ----------
    source
        The bytes, put together from the fragments.
    encoding
        How they are written.
    parent
        The node that takes the elements, in order, nested as sequences are.
    torn
        The offset at which fragments are missing, so that nothing behind it can be trusted to be where it was.

    Returns
    -------
    list
        The children of `parent`.

    """
    Walk(source, encoding, parent, torn).run()
    return parent.children
