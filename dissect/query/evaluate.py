"""The tree of a filter, in: a predicate over PDUs, out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from dissect.query.expressions import (
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
    find_reference,
    take_literal,
)
from dissect.query.fields import FIELDS, find_field, find_tag, suggest
from dissect.query.finders import Faces
from dissect.query.literals import Asked, name_asked, read_literal
from dissect.query.operands import Finder, Occurrence, find_in_elements, find_in_field, transform
from dissect.query.relations import (
    Predicate,
    compile_existence,
    compile_relation,
    compile_set,
    compile_text,
)
from dissect.query.subject import Key, Subject

DEEP = ("any", "tag")
"""The beginnings of the names of fields that data sets must be decoded for."""

TEXTUAL = ("contains", "startswith", "matches")

MIRRORED = {
    "==": "==", "!=": "!=", "===": "===", "!==": "!==", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
"""Operators, and those that ask the same with both sides changed."""


def is_known(reference: Reference) -> bool:
    """Tell whether a word is a field, an element or a path."""
    return find_field(reference.name) is not None or all(find_tag(step.name) for step in reference.steps)


def check_suffix(operand: Operand) -> None:
    """Blame what stands behind the colon of an element's name, if it is none of the suffixes."""
    if isinstance(operand, Word) and operand.reference is None and not operand.literal.quoted:
        name, colon, suffix = operand.literal.text.partition(":")
        if colon and find_tag(name) is not None:
            raise QueryError(operand.literal.column + len(name), f":{suffix} is none of :raw, :name, :vr, :len")


@dataclass(slots=True)
class Bound:
    """What holds for a whole association, message or operation: which ones it is known to hold for."""

    kind: str
    inner: Predicate
    depth: int
    keys: set[Key] = field(default_factory=set)

    def learn(self, subject: Subject) -> None:
        """Take a PDU into account; of a message its command set and its data set may be asked at once."""
        wholes = subject.wholes() if self.kind == "msg" else ()
        if self.inner(subject) or any(self.inner(whole) for whole in wholes):
            self.keys.update(subject.keys(self.kind))

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
        self.deep = False
        """Whether something is asked for which data sets must be decoded."""

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
                self.deep = True
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
            check_suffix(left)
            if isinstance(right, Range) or is_value(right) or test.operator not in MIRRORED:
                raise QueryError(left.column, "a test begins with a field; dissect fields prints them")
            return self._compile_test(Test(right, MIRRORED[test.operator], (take_literal(left),)))
        asked = name_asked(left)
        if test.operator == "in":
            return self._compile_set(left, test.right, asked)
        assert not isinstance(right, Range)
        if test.operator in TEXTUAL:
            return compile_text(self._find_text(left, asked), test.operator, take_literal(right))
        ours = self._find(left, None)
        wanted = self._find(right, asked, ordered=test.operator[0] in "<>")
        return compile_relation(ours, test.operator, wanted, folded=asked.is_coded)

    def _compile_set(self, left: Operand, right: Iterable[Operand | Range], asked: Asked) -> Predicate:
        """Make a test that an operand is one of several values, or in one of several ranges."""
        find = self._find(left, None)
        single: list[Faces] = []
        ranges: list[tuple[Faces, Faces]] = []
        for member in right:
            if isinstance(member, Range):
                low, high = (read_literal(end, asked, ordered=True) for end in (member.low, member.high))
                ranges.append((low, high))
            else:
                single.append(read_literal(take_literal(member), asked))
        return compile_set(find, single, ranges, folded=asked.is_coded)

    def _find_text(self, operand: Operand, asked: Asked) -> Finder:
        """Make a finder of text, or of the bytes of a PDU where they are asked of it as a whole."""
        if asked.name in ("dicom", "frame.number"):
            return lambda subject: [Occurrence([], (subject.arrival.pdu.span.read(),))]
        if asked.kind == "number":
            told = f"{asked.name} is a number and holds no text; to look anywhere: any contains ..."
            raise QueryError(operand.column, told)
        return self._find(operand, None)

    def _compile_bare(self, operand: Operand) -> Predicate:
        """Make a test that there is a field; text in quotation marks alone is looked for anywhere."""
        if isinstance(operand, Literal):
            self.deep = True
            sought = Literal(re.escape(operand.text), True, operand.column)
            return compile_text(find_in_field(FIELDS["any"]), "matches", sought)
        reference = find_reference(operand)
        check_suffix(operand)
        if reference is None or not is_known(reference):
            name = operand.literal.text if isinstance(operand, Word) else operand.name
            text = f'{name} is no field{suggest(name)}; to look for it anywhere: any contains "{name}"'
            raise QueryError(operand.column, text)
        return compile_existence(reference, self._find(operand, None))

    def _find(self, operand: Operand, asked: Asked | None, *, ordered: bool = False) -> Finder:
        """Make a finder of an operand's values; `asked` is what it is compared with, None where it is asked itself."""
        if asked is not None and is_literal(operand, asked):
            found = [Occurrence([faces := read_literal(take_literal(operand), asked, ordered=ordered)], faces)]
            return lambda _: found
        reference = find_reference(operand)
        assert reference is not None
        return self.find_reference(reference)

    def find_reference(self, reference: Reference) -> Finder:
        """Make a finder of the values of a field, an element or a path.

        Raises
        ------
        QueryError
            Where there is no such field.

        """
        known = find_field(reference.name)
        steps = reference.steps[1:] if reference.steps[0].name == "dicom" else reference.steps
        if known is not None:
            if reference.suffix:
                raise QueryError(reference.column, f"only an element has :{reference.suffix}")
            self.late = self.late or known.late
            self.deep = self.deep or reference.name.removeprefix("dicom.").startswith(DEEP)
            return transform(find_in_field(known), reference)
        path: list[tuple[str, int | None]] = []
        self.deep = True
        for step in steps:
            tag = find_tag(step.name)
            if tag is None:
                name = step.name if path or step.name[0].isupper() else reference.name
                raise QueryError(step.column, f"{name} is no field and no element{suggest(name)}")
            path.append((tag, step.item))
        return transform(find_in_elements(path, reference.suffix), reference)


def is_literal(operand: Operand, asked: Asked) -> bool:
    """Tell whether an operand that is compared with a field is a value: a word may name a field, or a code."""
    if isinstance(operand, Reference):
        return asked.kind == "tag" and operand.name.startswith("(")
    if isinstance(operand, Literal) or operand.reference is None or not is_known(operand.reference):
        return True
    choices = asked.field.choices if asked.field is not None else ()
    return asked.kind == "tag" or operand.literal.text.casefold() in {name.casefold() for name in choices}


def is_value(operand: Operand) -> bool:
    """Tell whether an operand can only be a value."""
    return isinstance(operand, Literal) or (isinstance(operand, Word) and operand.reference is None)
