"""A field, an element or a path, in: what finds its values in a PDU, out."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from dissect.dicom.values import read_tag, tell_keyword
from dissect.node import Node
from dissect.query.expressions import Reference, Slice
from dissect.query.fields import Field
from dissect.query.finders import Faces
from dissect.query.subject import Subject, find_children

Finder = Callable[[Subject], "list[Occurrence]"]

UNPARTED = frozenset(("LT", "ST", "UT", "UR"))
"""Text in which a backslash parts no values (PS3.5 6.4)."""

HEXADECIMAL = re.compile("-?0[xX][0-9a-fA-F]+")
REAL = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")


class Occurrence(NamedTuple):
    """A place where a field stands: each of its values, and all of it as one."""

    values: Sequence[Faces]
    whole: Faces


def read_element(node: Node) -> Occurrence:
    """Give the values of an element."""
    value = node.value
    if isinstance(value, list):
        numbers = [each for each in value if isinstance(each, int | float)]
        return Occurrence([(each,) for each in numbers], (*numbers, node.text))
    if isinstance(value, str):
        whole = value.strip(" \0")
        parts = [whole] if node.vr in UNPARTED or "\\" not in whole else [part.strip(" ") for part in whole.split("\\")]
        return Occurrence([name_text(part, node) for part in parts], (whole,))
    if isinstance(value, int | float):
        faces = (value, node.meaning, node.text) if node.meaning else (value,)
        return Occurrence([faces], faces)
    if node.span is not None and (isinstance(value, bytes) or node.text == "(binary)"):
        return read_suffix(node, "raw")
    return Occurrence([], ()) if node.children or node.vr == "SQ" else Occurrence([("",)], ("",))


def name_text(text: str, node: Node) -> Faces:
    """Give a text value, with the number that it writes, or the name of the UID that it is."""
    if node.vr in ("DS", "IS"):
        number = read_number(text)
        return (text,) if number is None else (number, text)
    if node.vr == "UI":
        name = node.text.partition(" (")[2][:-1]
        return (text, name) if name else (text,)
    return (text,)


def read_suffix(node: Node, suffix: str) -> Occurrence:
    """Give an element's name, VR, length or bytes."""
    faces: Faces = ()
    match suffix:
        case "name":
            faces = (node.name, tell_keyword(read_tag(node.tag)))
        case "vr":
            faces = (node.vr,)
        case "len" if node.length is not None:
            faces = (node.length,)
        case "raw" if node.span is not None:
            faces = (bytes(node.span.source.read(node.body, node.span.stop)),)
    return Occurrence([faces] if faces else [], faces)


def cut_faces(faces: Faces, cut: Slice) -> Faces:
    """Give a part of a text or of bytes."""
    return tuple(face[slice(*cut)] for face in faces if isinstance(face, str | bytes))


def find_in_field(known: Field) -> Finder:
    """Make a finder of a field's values."""
    return lambda subject: [Occurrence([faces], faces) for faces in known.find(subject)]


def find_in_elements(path: list[tuple[str, int | None]], suffix: str) -> Finder:
    """Make a finder of the elements at a path: the first component at any depth, each other in items of the last."""
    (first, _), *rest = path
    command = first.startswith("(0000,")
    read = (lambda node: read_suffix(node, suffix)) if suffix else read_element

    def find(subject: Subject) -> list[Occurrence]:
        nodes: Iterable[Node] = subject.find_elements(first, command=command)
        for (tag, _), (_, item) in zip(rest, path, strict=False):
            nodes = list(descend(nodes, tag, item))
        return [read(node) for node in nodes]

    return find


def descend(nodes: Iterable[Node], tag: str, item: int | None) -> Iterator[Node]:
    """Give the elements with a tag in the items of sequences, or in one item of each."""
    for node in nodes:
        items = [child for child in node.children if child.key.startswith("item.")]
        for each in items if item is None else items[item : item + 1]:
            yield from find_children(each, tag)


def transform(find: Finder, reference: Reference) -> Finder:
    """Make a finder of parts of values, or of what a function makes of them."""
    if reference.cut is not None:
        find = find_parts(find, reference.cut)
    if reference.function == "count":
        return lambda subject: [Occurrence([count := (len(find(subject)),)], count)]
    return find_results(find, reference.function) if reference.function else find


def find_parts(find: Finder, cut: Slice) -> Finder:
    """Make a finder of a part of each text, or of bytes; what has none is left out."""
    return lambda subject: [Occurrence([part], part) for each in find(subject) if (part := cut_faces(each.whole, cut))]


def find_results(find: Finder, function: str) -> Finder:
    """Make a finder of what a function makes of each value; what it makes nothing of is left out."""
    return lambda subject: [Occurrence([made], made) for each in find(subject) if (made := apply(function, each.whole))]


def apply(function: str, faces: Faces) -> Faces:
    """Give the length of a text or of bytes, or the text in small or capital letters."""
    if function == "len":
        return tuple(len(face) for face in faces[:1] if isinstance(face, str | bytes))
    texts = (face for face in faces if isinstance(face, str))
    return tuple(text.lower() if function == "lower" else text.upper() for text in texts)


def read_number(text: str) -> int | float | None:
    """Read a number: decimal, hexadecimal with 0x, or real; None where it is none."""
    if HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    if REAL.fullmatch(text):
        for read in (int, float):  # digits that are too many for `int` are not for `float`
            with suppress(ValueError):
                return read(text)
    return None
