"""The tree of a filter, in: a predicate over PDUs, out."""

import ipaddress
import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from dissect.query.fields import ADDRESSES, ALIASES, FIELDS, Faces, find_field, find_tag
from dissect.query.operands import Finder, Occurrence, find_in_elements, find_in_field, read_number, transform
from dissect.query.relations import (
    Predicate,
    compile_existence,
    compile_relation,
    compile_set,
    compile_text,
)
from dissect.query.subject import Subject
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
    Test,
    Word,
)
from dissect.values import index_keywords


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
        if is_value(left):
            if isinstance(right, Range) or is_value(right) or test.operator not in MIRRORED:
                raise QueryError(take_literal(left).column, "a test begins with a field; dissect fields prints them")
            return self._compile_test(Test(right, MIRRORED[test.operator], (take_literal(left),)))
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
            sought = Literal(re.escape(operand.text), True, operand.column)
            return compile_text(find_in_field(FIELDS["any"]), "matches", sought)
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
        for step in reference.steps:
            tag = find_tag(step.name)
            if tag is None:
                name = step.name if path or step.name[0].isupper() else reference.name
                raise QueryError(step.column, f"{name} is no field and no element{suggest(name)}")
            path.append((tag, step.item))
        return transform(find_in_elements(path, reference.suffix), reference)

    def _read_member(self, member: Operand | Range, name: str) -> tuple[Faces, Faces]:
        """Read a value of a set, or a range, as its two ends."""
        if isinstance(member, Range):
            return read_literal(member.low, name), read_literal(member.high, name)
        faces = read_literal(take_literal(member), name)
        return faces, faces


MIRRORED = {
    "==": "==", "!=": "!=", "===": "===", "!==": "!==", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
"""Operators, and those that ask the same with both sides changed."""


def is_value(operand: Operand) -> bool:
    """Tell whether an operand can only be a value."""
    return isinstance(operand, Literal) or (isinstance(operand, Word) and operand.reference is None)


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
