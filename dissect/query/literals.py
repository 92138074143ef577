"""A value that stands in a filter, and the field that it is compared with, in: the value as that field has it, out."""

import ipaddress
import re
from dataclasses import dataclass
from difflib import get_close_matches

from dissect.dicom.values import NUMBERS, call_uid, index_uids, look_up, read_tag
from dissect.query.expressions import Literal, Operand, QueryError, find_reference
from dissect.query.fields import ALIASES, Field, find_field, find_tag
from dissect.query.finders import Faces
from dissect.query.operands import read_number

MOST_NAMED = 12
"""How many names of codes are listed where none is near."""

STATUS = re.compile("[0-9A-Fa-f]{4}")
"""A status as the standard writes it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a value is compared with: a field by its name, or an element or a value, which have none."""

    name: str = ""
    field: Field | None = None
    vr: str = ""
    """The value representation of an element, where the dictionary has one."""

    @property
    def kind(self) -> str:
        """Give the kind of its values."""
        if self.field is not None:
            return self.field.kind
        return "number" if self.vr in NUMBERS else "digits" if self.vr in ("DS", "IS") else ""

    @property
    def is_coded(self) -> bool:
        """Tell whether its values are codes, whose names are the same in capitals or not."""
        return self.field is not None and bool(self.field.choices)


NUMBER = Asked("this", Field("", lambda _: (), kind="number"))
"""A length or a count."""


def name_asked(operand: Operand) -> Asked:
    """Tell what an operand asks."""
    reference = find_reference(operand)
    if reference is None:
        return Asked()
    if reference.function in ("len", "count") or reference.suffix == "len":
        return NUMBER
    if reference.function:
        return Asked()
    bare = reference.name.removeprefix("dicom.")
    known = find_field(bare)
    if known is not None:
        return Asked(ALIASES.get(bare, bare), known)
    tag = find_tag(reference.steps[-1].name) if not reference.suffix and reference.cut is None else None
    return Asked(bare, vr=look_up(read_tag(tag)).vr) if tag is not None and "x" not in tag else Asked()


def read_literal(literal: Literal, asked: Asked, *, ordered: bool = False) -> Faces:
    """Read a value as the field that it is compared with has them; `ordered` where it is asked which is less."""
    text, number = literal.text, read_number(literal.text)
    match asked.kind:
        case "number" | "digits" if number is not None:
            return (number, text)
        case "number" if text:
            raise QueryError(literal.column, f"{asked.name} is a number, {text} is none{hint_at_range(text)}")
        case "address":
            return read_address(literal, ordered=ordered)
        case "tag" if (tag := find_tag(text)) is not None and "x" not in tag:
            return (read_tag(tag),)
        case "status" if STATUS.fullmatch(text):
            return (int(text, 16),)
        case "uid":
            return read_uid(literal, asked)
    if asked.field is not None and asked.is_coded and number is None:
        check_choice(literal, asked, asked.field)
        if ordered:
            raise QueryError(literal.column, f"{asked.name} has names that have no order; use ==, != or in")
    return read_any(literal)


def read_any(literal: Literal) -> Faces:
    """Read a value of which nothing is known: a number is one only without quotation marks."""
    number = None if literal.quoted else read_number(literal.text)
    bare = literal.text.rstrip(" ")
    texts = (literal.text,) if bare == literal.text else (literal.text, bare)
    return texts if number is None else (number, *texts)


def hint_at_range(text: str) -> str:
    """Tell how a range is written where a value looks like one."""
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    return f"; a range is {found[1]}..{found[2]}" if found else ""


def read_address(literal: Literal, *, ordered: bool) -> Faces:
    """Read an address, or a network, of which the bits behind the prefix do not count."""
    text = literal.text
    if ordered and "/" in text:
        raise QueryError(literal.column, f"{text} is a network; == and in tell whether an address is in it")
    try:
        return (ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text),)
    except ValueError as error:
        raise QueryError(literal.column, f"{text} is no address and no network") from error


def read_uid(literal: Literal, asked: Asked) -> Faces:
    """Read a UID, or the name or keyword of a registered one, capitals or not."""
    text = literal.text
    if re.fullmatch(r"[0-9.]*", text):
        return (text,)
    known = index_uids()
    found = known.get(text.casefold()) or known.get(text.casefold().partition(" (")[0])
    if found is None:
        near = get_close_matches(text.casefold(), known, 1, 0.7)
        meant = f'did you mean "{call_uid(known[near[0]])}"?' if near else "contains asks for a part of it"
        raise QueryError(literal.column, f"{asked.name} is never {text}; {meant}")
    return (found,)


def check_choice(literal: Literal, asked: Asked, field: Field) -> None:
    """Blame a name that no code has."""
    names = {each.casefold(): each for each in field.choices}
    text = literal.text
    if text.casefold() in names or (literal.quoted and field.loose):
        return
    near = get_close_matches(text.casefold(), names, 1, 0.5)
    listed = ", ".join([*names.values()][:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    meant = f"did you mean {names[near[0]]}?" if near else f"there are {listed}"
    raise QueryError(literal.column, f"{asked.name} is never {text}; {meant}")
