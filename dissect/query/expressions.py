"""What a filter says, as a tree: operands, tests of them, and what joins tests."""

from dataclasses import dataclass
from typing import Literal as Choice

Slice = tuple[int | None, int | None]
"""First and past-last offset, as Python slices."""


class QueryError(ValueError):
    """A filter that cannot be read: one sentence that says where and why, and what was meant."""

    def __init__(self, column: int, text: str) -> None:
        """Blame a column, from 1."""
        super().__init__(f"column {column}: {text}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Step:
    """A component of a field's name, or of a path through sequences: a name or tag, and which items of it."""

    name: str
    column: int
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A field, an element or a path to one, perhaps a part of its value, or what a function makes of it."""

    steps: tuple[Step, ...]
    column: int
    function: str = ""
    suffix: str = ""
    cut: Slice | None = None

    @property
    def name(self) -> str:
        """Give the name as one writes it, without items."""
        return ".".join(step.name for step in self.steps)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the filter."""

    text: str
    quoted: bool
    column: int


@dataclass(frozen=True, slots=True)
class Range:
    """All values from one to another, both among them."""

    low: Literal
    high: Literal


@dataclass(frozen=True, slots=True)
class Word:
    """An unquoted word that may be a field or a value: whoever knows the names decides."""

    reference: Reference | None
    literal: Literal

    @property
    def column(self) -> int:
        """Give the column in which it begins."""
        return self.literal.column


Operand = Reference | Literal | Word


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of values, or with no operator that there is a value at all."""

    left: Operand
    operator: str = ""
    right: tuple[Operand | Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """A negation."""

    inner: "Expression"


@dataclass(frozen=True, slots=True)
class Group:
    """Several expressions of which all, or any, must hold."""

    kind: Choice["and", "or"]
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for a whole association, message or operation if it does for one PDU; or for one item."""

    kind: str
    inner: "Expression"


Expression = Test | Not | Group | Scope


def take_literal(operand: Operand) -> Literal:
    """Take an operand for a value; the tag of an element may be one."""
    if isinstance(operand, Word):
        return operand.literal
    if isinstance(operand, Literal):
        return operand
    if operand.name.startswith("(") and len(operand.steps) == 1:
        return Literal(operand.name, False, operand.column)
    raise QueryError(operand.column, "expected a value")


def find_reference(operand: Operand) -> Reference | None:
    """Give what an operand may refer to; None for a value."""
    if isinstance(operand, Word):
        return operand.reference
    return operand if isinstance(operand, Reference) else None
