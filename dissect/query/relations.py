"""What finds values, and an operator, in: a test of PDUs, out."""

import ipaddress
import re
from collections.abc import Callable

from dissect.query.finders import Address, Atom, Faces, Network
from dissect.query.operands import Finder, Occurrence
from dissect.query.subject import Subject
from dissect.query.syntax import Literal, QueryError, Reference

Predicate = Callable[[Subject], bool]


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
