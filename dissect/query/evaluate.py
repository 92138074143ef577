"""The tree of a filter, in: a predicate over PDUs, out."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from dissect.node import Node
from dissect.query.fields import ADDRESSES, ALIASES, FIELDS, Address, Atom, Faces, Field, Network, find_field, find_tag
from dissect.query.subject import Subject, find_children
from dissect.query.syntax import (
    Expression,
    Group,
    Literal,
    Not,
    Operand,
    QueryError,
    Range,
    Reference,
    Scope,
    Slice,
    Step,
    Test,
    Word,
)
from dissect.values import find_tag_name, index_keywords

Predicate = Callable[[Subject], bool]
Finder = Callable[[Subject], "list[Occurrence]"]

UNPARTED = frozenset(("LT", "ST", "UT", "UR"))
"""Text in which a backslash parts no values (PS3.5 6.4)."""


class Occurrence(NamedTuple):
    """A place where a field stands: each of its values, and all of it as one."""

    values: Sequence[Faces]
    whole: Faces


# Values of elements


def read_element(node: Node) -> Occurrence:
    """Give the values of an element."""
    value = node.value
    if isinstance(value, list):
        numbers: list[Faces] = [(each,) for each in value if isinstance(each, int | float)]
        return Occurrence(numbers, (node.text,))
    if isinstance(value, str):
        whole = value.strip(" \0")
        parts = [whole] if node.vr in UNPARTED or "\\" not in whole else [part.strip(" ") for part in whole.split("\\")]
        return Occurrence([name_text(part, node) for part in parts], (whole,))
    if isinstance(value, int | float):
        return Occurrence([(value, node.meaning) if node.meaning else (value,)], (node.text,))
    if isinstance(value, bytes):
        return Occurrence([(value,)], (value,))
    return Occurrence([], ())


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
            faces = (node.name, find_tag_name(int(node.tag[1:5] + node.tag[6:10], 16)))
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


# Comparing


def read_number(text: str) -> int | float | None:
    """Read a number: decimal, hexadecimal with 0x, or real; None where it is none."""
    try:
        return int(text, 0) if re.fullmatch(r"-?0[xX][0-9a-fA-F]+", text) else int(text)
    except ValueError:
        pass
    try:
        return float(text) if re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?", text) else None
    except ValueError:
        return None


def equal(left: Faces, right: Faces) -> bool:
    """Tell whether any face of one value is one of the other, or an address is in a network."""
    return any(a == b or (isinstance(b, Network) and isinstance(a, Address) and a in b) for a in left for b in right)


def less(left: Faces, right: Faces, *, same: bool) -> bool:
    """Tell whether a value is less than another, or the same: numbers by size, else texts by their letters."""
    for kind in (int | float, str, bytes, ipaddress.IPv4Address, ipaddress.IPv6Address):
        ours = next((face for face in left if isinstance(face, kind)), None)
        theirs = next((face for face in right if isinstance(face, kind)), None)
        if ours is not None and theirs is not None:
            return bool(ours < theirs or (same and ours == theirs))  # type: ignore[operator]  # both of one kind
    return False


COMPARE: dict[str, Callable[[Faces, Faces], bool]] = {
    "==": equal,
    "===": equal,
    "!=": lambda a, b: not equal(a, b),
    "!==": lambda a, b: not equal(a, b),
    "<": lambda a, b: less(a, b, same=False),
    "<=": lambda a, b: less(a, b, same=True),
    ">": lambda a, b: less(b, a, same=False),
    ">=": lambda a, b: less(b, a, same=True),
}
EVERY = frozenset(("!=", "==="))
"""Operators that must hold for all values; of none they hold not."""


def fold(faces: Faces) -> Faces:
    """Take capitals for small letters, for the names of codes."""
    return tuple(face.casefold() if isinstance(face, str) else face for face in faces)


# Names


def suggest(name: str) -> str:
    """Suggest the name that was meant."""
    known = [*FIELDS, *(f"dicom.{each}" for each in FIELDS), *ALIASES, *index_keywords()]
    found = (
        get_close_matches(name, known, 1, 0.75)
        or [each for each in known if len(name) > 3 and name.casefold() in each.casefold()][:3]
    )
    return f"; did you mean {' or '.join(found)}?" if found else ""


def is_known(reference: Reference) -> bool:
    """Tell whether a word is a field, an element or a path."""
    return find_field(reference.name) is not None or all(find_tag(step.name) for step in reference.steps)


# Compiling


@dataclass(slots=True)
class Bound:
    """What holds for a whole association, message or operation: which ones it is known to hold for."""

    kind: str
    inner: Predicate
    depth: int
    keys: set[tuple[int, int, int]] = field(default_factory=set)

    def holds(self, subject: Subject) -> bool:
        """Tell whether a PDU is of one of them."""
        return any(key in self.keys for key in subject.keys(self.kind))


class Compiler:
    """Makes a predicate of a filter's tree."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.bounds: list[Bound] = []
        """What must be known of a whole reading, the innermost first."""
        self.late = False
        """Whether something is asked that is known only when the capture has been read."""

    def compile(self, tree: Expression) -> Predicate:
        """Make a predicate."""
        match tree:
            case Not(inner):
                negated = self.compile(inner)
                return lambda subject: not negated(subject)
            case Group(kind, parts):
                found = [self.compile(part) for part in parts]
                if kind == "and":
                    return lambda subject: all(part(subject) for part in found)
                return lambda subject: any(part(subject) for part in found)
            case Scope("item", inner):
                of_item = self.compile(inner)
                return lambda subject: any(of_item(item) for item in subject.items())
            case Scope(kind, inner):
                before = len(self.bounds)
                predicate = self.compile(inner)
                depth = max((bound.depth for bound in self.bounds[before:]), default=0) + 1
                bound = Bound(kind, predicate, depth)
                self.bounds.append(bound)
                return bound.holds
            case Test():
                return self._compile_test(tree)

    def _compile_test(self, test: Test) -> Predicate:
        if not test.operator:
            return self._compile_bare(test.left)
        left, right = test.left, test.right[0]
        if isinstance(left, Literal) and isinstance(right, Literal | Range):
            raise QueryError(left.column, "a test needs a field; to look anywhere, write any contains ...")
        asked, other = self._find(left, None), test.right
        name = self._name(left)
        if test.operator in ("contains", "startswith", "matches"):
            return compile_text(asked, test.operator, take_literal(other[0]))
        if test.operator == "in":
            return compile_set(asked, [self._read_member(each, name) for each in other])
        assert not isinstance(right, Range)
        wanted = self._find(right, name)
        folded = bool(name and (found := find_field(name)) and found.choices)
        return compile_relation(asked, test.operator, wanted, folded=folded)

    def _compile_bare(self, operand: Operand) -> Predicate:
        """Make a test that there is a field; text in quotation marks alone is looked for anywhere."""
        if isinstance(operand, Literal):
            return compile_text(self._find(Reference((Step("any"),), operand.column), None), "contains", operand)
        reference = operand.reference if isinstance(operand, Word) else operand
        if reference is None or not is_known(reference):
            name = operand.literal.text if isinstance(operand, Word) else operand.name
            column = operand.literal.column if isinstance(operand, Word) else operand.column
            text = f'{name} is no field{suggest(name)}; to look for it anywhere: any contains "{name}"'
            raise QueryError(column, text)
        return compile_existence(reference, self._find(operand, None))

    def _name(self, operand: Operand) -> str:
        """Give the name of the field that is asked, '' where it is an element or a value."""
        reference = operand.reference if isinstance(operand, Word) else operand
        if not isinstance(reference, Reference) or reference.function or find_field(reference.name) is None:
            return ""
        bare = reference.name.removeprefix("dicom.")
        return ALIASES.get(bare, bare)

    def _find(self, operand: Operand, asked: str | None) -> Finder:
        """Make a finder of an operand's values; `asked` names the field that it is compared with, if it is one."""
        reference = operand
        if isinstance(operand, Word):
            known = operand.reference is not None and is_known(operand.reference)
            if asked is not None and not (known and not self._is_choice(operand.literal, asked)):
                reference = operand.literal
            else:
                reference = operand.reference or operand.literal
                if asked is None and operand.reference is None:
                    raise QueryError(operand.literal.column, f"{operand.literal.text} is no field")
        if isinstance(reference, Literal):
            found = [Occurrence([faces := read_literal(reference, asked or "")], faces)]
            return lambda _: found
        assert isinstance(reference, Reference)
        return self.find_reference(reference)

    def _is_choice(self, literal: Literal, asked: str) -> bool:
        found = find_field(asked) if asked else None
        return found is not None and literal.text.casefold() in {name.casefold() for name in found.choices}

    def find_reference(self, reference: Reference) -> Finder:
        """Make a finder of the values of a field, an element or a path.

        Raises
        ------
        QueryError
            Where there is no such field.

        """
        known = find_field(reference.name)
        if known is not None:
            if reference.suffix:
                raise QueryError(reference.column, f"only an element has :{reference.suffix}")
            self.late = self.late or known.late
            return transform(find_in_field(known), reference)
        path: list[tuple[str, int | None]] = []
        column = reference.column
        for step in reference.steps:
            tag = find_tag(step.name)
            if tag is None:
                name = step.name if path else reference.name
                raise QueryError(column, f"{name} is no field and no element{suggest(name)}")
            path.append((tag, step.item))
            column += len(step.name) + 1
        return transform(find_in_elements(path, reference.suffix), reference)

    def _read_member(self, member: Operand | Range, name: str) -> tuple[Faces, Faces]:
        """Read a value of a set, or a range, as its two ends."""
        if isinstance(member, Range):
            return read_literal(member.low, name), read_literal(member.high, name)
        faces = read_literal(take_literal(member), name)
        return faces, faces


def take_literal(operand: Operand | Range) -> Literal:
    """Take an operand for a value."""
    if isinstance(operand, Word):
        return operand.literal
    if isinstance(operand, Literal):
        return operand
    raise QueryError(operand.column if isinstance(operand, Reference) else 1, "expected a value")


def read_literal(literal: Literal, name: str) -> Faces:
    """Read a value as the field that it is compared with has them."""
    text = literal.text
    if name in ADDRESSES:
        try:
            return (ipaddress.ip_network(text) if "/" in text else ipaddress.ip_address(text),)
        except ValueError as error:
            raise QueryError(literal.column, f"{text} is no address and no network") from error
    number = None if literal.quoted else read_number(text)
    known = find_field(name) if name else None
    if known is not None and known.choices and number is None and not (literal.quoted and known.loose):
        names = {each.casefold(): each for each in known.choices}
        if text.casefold() not in names:
            near = get_close_matches(text.casefold(), names, 1, 0.5)
            meant = f"did you mean {names[near[0]]}?" if near else f"there are {', '.join(known.choices)}"
            raise QueryError(literal.column, f"{name} is never {text}; {meant}")
    return (text,) if number is None else (number, text)


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
    cut, function = reference.cut, reference.function
    if cut is not None:
        inner, bounds = find, cut

        def find_part(subject: Subject) -> list[Occurrence]:
            found = inner(subject)
            return [Occurrence([part], part) for each in found if (part := cut_faces(each.whole, bounds))]

        find = find_part
    if not function:
        return find
    outer = find
    if function == "count":
        return lambda subject: [Occurrence([count := (len(outer(subject)),)], count)]

    def find_made(subject: Subject) -> list[Occurrence]:
        return [Occurrence([made], made) for each in outer(subject) if (made := make(function, each.whole))]

    return find_made


def make(function: str, faces: Faces) -> Faces:
    """Give the length of a text or of bytes, or the text in small or capital letters."""
    if function == "len":
        return tuple(len(face) for face in faces if isinstance(face, str | bytes))[:1]
    texts = (face for face in faces if isinstance(face, str))
    return tuple(text.lower() if function == "lower" else text.upper() for text in texts)


def compile_existence(reference: Reference, find: Finder) -> Predicate:
    """Make a test that there is a field; a function of it must give more than nothing."""
    if reference.function:
        return lambda subject: any(each.whole not in ((0,), ("",), ()) for each in find(subject))
    return lambda subject: bool(find(subject))


def compile_relation(left: Finder, operator: str, right: Finder, *, folded: bool) -> Predicate:
    """Make a comparison of all values of two operands."""
    compare = COMPARE[operator]

    def flatten(found: list[Occurrence]) -> list[Faces]:
        values = [faces for each in found for faces in each.values]
        return [fold(faces) for faces in values] if folded else values

    def test(subject: Subject) -> bool:
        ours = left(subject)
        theirs = flatten(right(subject))
        parted = any(isinstance(face, str) and "\\" in face for faces in theirs for face in faces)
        values = [each.whole for each in ours] if parted else flatten(ours)
        if operator in EVERY:
            return bool(values and theirs) and all(compare(a, b) for a in values for b in theirs)
        return any(compare(a, b) for a in values for b in theirs)

    return test


def compile_set(find: Finder, members: list[tuple[Faces, Faces]]) -> Predicate:
    """Make a test that a value is in a set."""

    def has(faces: Faces) -> bool:
        both = (faces, fold(faces))
        return any(
            any(equal(each, low) or equal(each, fold(low)) for each in both)
            if low is high
            else less(low, faces, same=True) and less(faces, high, same=True)
            for low, high in members
        )

    return lambda subject: any(has(faces) for each in find(subject) for faces in each.values)


def compile_text(find: Finder, operator: str, literal: Literal) -> Predicate:
    """Make a test of text: that it contains or starts with another, or matches a pattern, capitals or not."""
    wanted = literal.text
    try:
        pattern = re.compile(wanted, re.IGNORECASE | re.DOTALL) if operator == "matches" else None
        binary = re.compile(wanted.encode(), re.IGNORECASE | re.DOTALL) if operator == "matches" else None
    except re.error as error:
        raise QueryError(literal.column + 1 + (error.pos or 0), f"no regular expression: {error.msg}") from error

    def has(face: Atom) -> bool:
        if isinstance(face, bytes):
            if binary is not None:
                return binary.search(face) is not None
            sought = read_bytes(wanted)
            return sought in face if operator == "contains" else face.startswith(sought)
        text = str(face)
        if pattern is not None:
            return pattern.search(text) is not None
        return wanted in text if operator == "contains" else text.startswith(wanted)

    def test(subject: Subject) -> bool:
        return any(has(face) for each in find(subject) for faces in (each.whole, *each.values) for face in faces)

    return test


def read_bytes(text: str) -> bytes:
    """Read bytes: hexadecimal with colons, `08:00`, or else the text itself."""
    return (
        bytes.fromhex(text.replace(":", ""))
        if re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})+", text)
        else text.encode()
    )
