"""The nodes of PDUs and connections, in: lines of text laid out as Wireshark's, out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dissect.association import Arrival
from dissect.capture.segments import Capture
from dissect.dicom.pdu import HEADER, P_DATA
from dissect.dicom.values import TEXT
from dissect.node import Node
from dissect.notes import Note
from dissect.query import Subject
from dissect.summary import describe_pdv
from dissect.text import decode, escape
from dissect.tree import describe_context
from dissect.views.hexdump import dump
from dissect.views.paint import PLAIN as UNPAINTED
from dissect.views.paint import Painter
from dissect.views.times import Clock

LONGEST_LINE = 239
"""Bytes of a line without its indentation, as in Wireshark."""

SHOWN_BYTES = 16
"""Bytes of a binary value that are shown where values are shown whole."""

LONGEST_TEXT = 50
"""Bytes of a text value, as in Wireshark."""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is shown: values and lines whole, passcodes as they are, the bytes; and in which colours."""

    full: bool = False
    reveal: bool = False
    hex: bool = False
    painter: Painter = UNPAINTED


PLAIN = Detail()


Likeness = tuple[object, ...]
"""All that the lines of a PDU depend on, where that is little."""

MOST_LIKE = 4096
"""The lines of how many PDUs are kept, for others that are like them."""


class Writer:
    """Writes PDUs as blocks of lines, and keeps the lines of those that are like many others."""

    def __init__(self, clock: Clock, detail: Detail) -> None:
        """Start with nothing kept."""
        self._clock = clock
        self._detail = detail
        self._kept: dict[Likeness, list[str]] = {}

    def show_pdu(self, subject: Subject) -> Iterator[str]:
        """Give a PDU as a block of lines: where it stands in the capture, its tree, its bytes, an empty line."""
        painter = self._detail.painter
        like = find_likeness(subject.arrival) if not self._detail.hex else None
        lines = self._kept.get(like) if like is not None else None
        if lines is None:
            lines = list(show_node(subject.top, self._detail))
            if like is not None:
                if len(self._kept) >= MOST_LIKE:
                    self._kept.clear()
                self._kept[like] = lines
        head, first = self._locate(subject), painter.paint(lines[0], painter.choose(subject) if painter.on else "")
        yield "\n".join([head, first, *lines[1:]]) + ("\n" if self._detail.hex else "\n\n")
        if self._detail.hex:
            yield from (f"{line}\n" for line in dump(subject.top, reveal=self._detail.reveal))
            yield "\n"

    def show_parts(self, subject: Subject, nodes: Iterable[Node]) -> Iterator[str]:
        """Give some nodes of a PDU as one block of lines, each under its path."""
        detail, head = self._detail, f"{self._locate(subject)}\n"
        for node in nodes:
            path = detail.painter.paint(escape(node.path), "bold")
            yield "\n".join([f"{head}{path}", *show_node(node, detail)]) + "\n"
            head = "\n"
            if detail.hex:
                yield from (f"{line}\n" for line in dump(node, reveal=detail.reveal))
        yield "\n"

    def _locate(self, subject: Subject) -> str:
        return self._detail.painter.paint(locate(subject.arrival, self._clock), "bold")


def find_likeness(arrival: Arrival) -> Likeness | None:
    """Tell what the lines of a PDU depend on, if it is sound and holds nothing but fragments that complete nothing."""
    pdu, association = arrival.pdu, arrival.association
    stream = pdu.stream
    if (
        pdu.kind != P_DATA
        or pdu.length + HEADER != pdu.stop - pdu.start
        or stream.gaps
        or stream.clashes
        or arrival.findings
        or stream.capture.comments
    ):
        return None
    parts: list[object] = [pdu.length]
    for pdv in arrival.pdvs:
        completes = pdv.part is None or (pdv.is_last and pdv.part.complete)
        if completes or pdv.notes or not pdv.sound or association.judge_context(pdv) is not None:
            return None
        context = describe_context(pdv.context_id, association)
        parts += (pdv.length, pdv.flags, context, describe_pdv(association, pdv))
    return tuple(parts) if arrival.pdvs else None


def show_comments(capture: Capture) -> Iterator[str]:
    """Give what someone remarked on a file, or an interface in it, as a block of lines for each file."""
    for records in capture.records:
        node = Node("", "Capture", layout="block", text=records.name)
        for comment in records.comments:
            node.add(Node("comment", f"Comment: {comment}", layout="generated"))
        if records.comments:
            yield "\n".join(show_node(node)) + "\n\n"


def show_connections(connections: Iterable[Node]) -> Iterator[str]:
    """Give each connection as a block of lines: its ends and frames, what is to be told of it, an empty line."""
    for node in connections:
        yield "\n".join(show_node(node)) + "\n\n"


def locate(arrival: Arrival, clock: Clock) -> str:
    """Tell a PDU's number, frames, time, ends and association."""
    pdu, association = arrival.pdu, arrival.association
    frames = pdu.span.frames()
    role = association.find_role(pdu.stream)
    sender = f"{pdu.stream.sender} ({role})" if role else pdu.stream.sender
    time = clock(pdu.frame)
    words = [
        f"PDU {arrival.number}",
        f"frame{'s' if len(frames) > 1 else ''} {tell_ranges(frames)}",
        time if ":" in time else f"{time} s",
        f"{sender} -> {pdu.stream.peer.sender}",
        f"association {association.number}",
    ]
    return ", ".join(words)


def tell_ranges(numbers: list[int]) -> str:
    """Write ascending numbers with runs folded: `4 6-9`."""
    if len(numbers) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}-{numbers[-1]}"
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return " ".join("-".join(map(str, run)) for run in runs) or "none"


def show_node(top: Node, detail: Detail = PLAIN) -> Iterator[str]:
    """Give the lines of a node and of all below it, four blanks a level."""
    for depth, node in top.walk():
        indent = "    " * depth
        if node.layout != "hidden":
            line = escape(show_line(node, detail))
            yield indent + (line if detail.full else cut(line, LONGEST_LINE))
            if node.vr == "AT" and node.meaning:
                yield f"{indent}    [{escape(node.meaning)}]"
        for found in node.notes:
            yield indent + "    " + detail.painter.paint(show_note(found), found.severity)


def show_line(node: Node, detail: Detail) -> str:
    """Give a node's line, without its indentation and notes, not escaped."""
    match node.layout:
        case "element":
            return show_element(node, full=detail.full)
        case "block":
            return f"{node.name}, {node.text}" if node.text else node.name
        case "heading":
            return f"{node.name}{' ' if node.text else ''}{node.text}"
        case "generated":
            return f"[{node.name}]"
    if node.masked and detail.reveal and node.span is not None:
        return f"{node.name}: {decode(node.span.read())}"
    return f"{node.name}: {node.text}"


def show_element(node: Node, *, full: bool) -> str:
    """Give a data element's line: tag, length, name, VR where the bytes have it, value; not escaped."""
    length = "<udef>" if node.length is None else str(node.length)
    name = f"(Retired) {node.name:<35.35}" if node.retired else f"{node.name:<45.45}"
    vr = f" [{node.wire_vr}]" if node.wire_vr else ""
    text = node.text
    if text == "(binary)" and full:
        text = show_bytes(node)
    if node.vr in TEXT and not full and len(text) * 4 > LONGEST_TEXT:
        short = cut(text, LONGEST_TEXT)
        text = text if short == text else f"{short}..."
    return f"{node.tag} {length:>10} {name}{vr} {text}"


def show_bytes(node: Node) -> str:
    """Give the length of a binary value and its first bytes."""
    if node.span is None:
        return ""
    count = node.span.stop - node.body
    start = bytes(node.span.source.read(node.body, node.body + min(count, SHOWN_BYTES)))
    return f"{count} bytes: {start.hex(' ')}{' ...' if count > SHOWN_BYTES else ''}"


def cut(text: str, limit: int) -> str:
    """Cut text to so many bytes of UTF-8, at a character's boundary."""
    if len(text) * 4 <= limit:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= limit else data[:limit].decode("utf-8", "ignore")


def show_note(found: Note) -> str:
    """Give a note's line: severity, text, clause."""
    clause = f" ({found.reference})" if found.reference else ""
    return f"[{found.severity.capitalize()}: {escape(found.text)}{clause}]"
