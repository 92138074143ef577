"""What finds values, and an operator, in: a test of PDUs, out."""

import ipaddress
import re
from collections.abc import Callable, Iterable

from dissect.query.expressions import Literal, QueryError, Reference
from dissect.query.finders import Address, Atom, Faces, Network
from dissect.query.operands import Finder, Occurrence
from dissect.query.subject import Subject

Predicate = Callable[[Subject], bool]

KINDS = (int | float, str, bytes, ipaddress.IPv4Address, ipaddress.IPv6Address)
"""What has an order: numbers by size, texts by their letters."""


def share(ours: Iterable[Faces], theirs: Iterable[Faces]) -> bool:
    """Tell whether any value of one side is one of the other, in any of its faces, or an address is in a network."""
    wanted = {face for faces in theirs for face in faces}
    found = {face for faces in ours for face in faces}
    if not wanted.isdisjoint(found):
        return True
    networks = [face for face in wanted if isinstance(face, Network)]
    return any(isinstance(face, Address) and face in network for network in networks for face in found)


def agree(ours: list[Faces], theirs: list[Faces]) -> bool:
    """Tell whether all values of both sides are equal."""
    return all(share([faces], theirs[:1]) for faces in ours) and all(share(ours[:1], [faces]) for faces in theirs)


def precede(ours: list[Faces], theirs: list[Faces], *, same: bool) -> bool:
    """Tell whether any value of one side is less than any of the other, or the same."""
    for kind in KINDS:
        low = [face for faces in ours for face in faces if isinstance(face, kind)]
        high = [face for faces in theirs for face in faces if isinstance(face, kind)]
        if low and high:
            least, most = min(low), max(high)  # all of one kind
            return bool(least < most or (same and least == most))  # type: ignore[operator]
    return False


COMPARE: dict[str, Callable[[list[Faces], list[Faces]], bool]] = {
    "==": share,
    "===": agree,
    "!=": lambda ours, theirs: not share(ours, theirs),
    "!==": lambda ours, theirs: not agree(ours, theirs),
    "<": lambda ours, theirs: precede(ours, theirs, same=False),
    "<=": lambda ours, theirs: precede(ours, theirs, same=True),
    ">": lambda ours, theirs: precede(theirs, ours, same=False),
    ">=": lambda ours, theirs: precede(theirs, ours, same=True),
}
"""What each operator asks of all values of both sides, of which there is one at least."""


def fold(faces: Faces) -> Faces:
    """Take capitals for small letters, for the names of codes."""
    return tuple(face.casefold() if isinstance(face, str) else face for face in faces)


def compile_existence(reference: Reference, find: Finder) -> Predicate:
    """Make a test that there is a field; a function of it must give more than nothing."""
    if reference.function:
        return lambda subject: any(each.whole not in ((0,), ("",), ()) for each in find(subject))
    return lambda subject: bool(find(subject))


def compile_relation(left: Finder, operator: str, right: Finder, *, folded: bool) -> Predicate:
    """Make a comparison of all values of two operands; a side without values makes it fail."""
    compare = COMPARE[operator]

    def flatten(found: list[Occurrence]) -> list[Faces]:
        values = [faces for each in found for faces in each.values]
        return [fold(faces) for faces in values] if folded else values

    def test(subject: Subject) -> bool:
        ours = left(subject)
        theirs = flatten(right(subject))
        parted = any(isinstance(face, str) and "\\" in face for faces in theirs for face in faces)
        values = [each.whole for each in ours] if parted else flatten(ours)
        if any(isinstance(face, bytes) for faces in values for face in faces):
            theirs = [take_bytes(faces) for faces in theirs]
        return bool(values and theirs) and compare(values, theirs)

    return test


def compile_set(find: Finder, members: list[Faces], ranges: list[tuple[Faces, Faces]], *, folded: bool) -> Predicate:
    """Make a test that a value is one of several, or in one of several ranges."""
    single = [fold(faces) for faces in members] if folded else members

    def test(subject: Subject) -> bool:
        values = [faces for each in find(subject) for faces in each.values]
        if share([fold(faces) for faces in values] if folded else values, single):
            return True
        return any(
            precede([low], [faces], same=True) and precede([faces], [high], same=True)
            for low, high in ranges
            for faces in values
        )

    return test


def compile_text(find: Finder, operator: str, literal: Literal) -> Predicate:
    """Make a test of text: that it contains or starts with another, or matches a pattern, capitals or not."""
    wanted, sought = literal.text, read_bytes(literal.text)
    pattern = compile_pattern(literal) if operator == "matches" else None
    binary = compile_binary(wanted) if operator == "matches" else None

    def has(face: Atom) -> bool:
        if isinstance(face, bytes):
            if operator == "matches":
                return binary is not None and binary.search(face) is not None
            return sought in face if operator == "contains" else face.startswith(sought)
        text = str(face)
        if pattern is not None:
            return pattern.search(text) is not None
        return wanted in text if operator == "contains" else text.startswith(wanted)

    def test(subject: Subject) -> bool:
        return any(has(face) for each in find(subject) for faces in (each.whole, *each.values) for face in faces)

    return test


def compile_pattern(literal: Literal) -> re.Pattern[str]:
    """Read a regular expression."""
    try:
        return re.compile(literal.text, re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise QueryError(literal.column + 1 + (error.pos or 0), f"no regular expression: {error.msg}") from error
    except (OverflowError, RecursionError) as error:
        raise QueryError(literal.column, "no regular expression: its numbers or brackets are too many") from error


def compile_binary(text: str) -> re.Pattern[bytes] | None:
    """Read a regular expression as one for bytes; None where it can only be one for text."""
    try:
        return re.compile(text.encode("utf-8", "surrogateescape"), re.IGNORECASE | re.DOTALL)
    except (re.error, ValueError):
        return None


def take_bytes(faces: Faces) -> Faces:
    """Take a value that stands in a filter for bytes."""
    return tuple(read_bytes(face) if isinstance(face, str) else face for face in faces)


def read_bytes(text: str) -> bytes:
    """Read bytes: hexadecimal with colons, `08:00`, or else the text itself."""
    if re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})+", text):
        return bytes.fromhex(text.replace(":", ""))
    return text.encode("utf-8", "surrogateescape")
