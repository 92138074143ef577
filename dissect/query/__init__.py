"""The text of a filter, or a field's name, in: which PDUs it holds for, or its values in each, out."""

from collections.abc import Callable, Iterator

from dissect.query.evaluate import Compiler
from dissect.query.expressions import Group, QueryError, Scope
from dissect.query.fields import find_field
from dissect.query.operands import Occurrence
from dissect.query.subject import Subject
from dissect.query.syntax import Parser, parse

__all__ = ["Column", "Filter", "QueryError", "Subject"]

Read = Callable[[], Iterator[Subject]]
"""Reads the capture from its start, and gives its PDUs."""


class Filter:
    """A filter, ready to tell which PDUs it holds for once the capture was read as often as it needs.

    Parameters
    ----------
    text
        What a user writes, in the language that the README describes.
    around
        `op` for all PDUs of the operations of which one is found, too, `ask` for those of the messages, and of the
        requests that they answer.

    Raises
    ------
    QueryError
        Where it cannot be read.

    """

    def __init__(self, text: str, around: str = "") -> None:
        """Read the text."""
        compiler = Compiler()
        tree = parse(text)
        self.holds = compiler.compile(Group("or", (tree, Scope(around, tree))) if around else tree)
        """Tell whether it holds for a PDU."""
        self._bounds = compiler.bounds
        self.late = compiler.late
        """Whether it asks how associations ended."""
        self.deep = compiler.deep
        """Whether data sets must be decoded to tell."""

    @property
    def passes(self) -> int:
        """Give how often the capture must be read before it can be told which PDUs it holds for."""
        return max((bound.depth for bound in self._bounds), default=0)

    def prepare(self, read: Read) -> None:
        """Find out what must be known of whole associations, messages and operations."""
        for depth in range(1, self.passes + 1):
            due = [bound for bound in self._bounds if bound.depth == depth]
            for subject in read():
                for bound in due:
                    bound.learn(subject)


class Column:
    """A field, an element or a path as a column: its values in each PDU.

    Raises
    ------
    QueryError
        Where there is no such field.

    """

    def __init__(self, text: str) -> None:
        """Read the name."""
        self.name = text
        parser = Parser(text)
        reference = parser.pull_reference()
        if reference is None or parser.at < len(text):
            raise QueryError(parser.at + 1, f"{text} is no field")
        compiler = Compiler()
        self._find: Callable[[Subject], list[Occurrence]] = compiler.find_reference(reference)
        known = find_field(reference.name)
        self._shown = 0 if known is None or text.startswith("dicom.") else known.shown
        self._raw = reference.suffix == "raw"
        self.late = compiler.late

    def find(self, subject: Subject) -> list[int | float | str]:
        """Give the values of a PDU: numbers and text as they are, addresses and bytes as text."""
        return [shown for each in self._find(subject) for shown in self._show(each)]

    def _show(self, found: Occurrence) -> list[int | float | str]:
        """Give the values of an occurrence: each of several numbers, else the whole."""
        if len(found.values) > 1 and all(isinstance(faces[0], int | float) for faces in found.values):
            return [faces[0] for faces in found.values if isinstance(faces[0], int | float)]
        face = found.whole[self._shown] if found.whole else ""
        if isinstance(face, bytes):
            return [face.hex() if self._raw else f"{len(face)} bytes"]
        return [face if isinstance(face, int | float | str) else str(face)]
