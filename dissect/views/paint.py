"""A PDU and rules, in: the colour of its line, as escape sequences that any pager passes on, out."""

from collections.abc import Sequence

from dissect.config import ColorRule
from dissect.query import Filter, QueryError, Subject

RESET = "\x1b[0m"
SEQUENCES = {
    "error": "\x1b[1;31m",
    "error-reverse": "\x1b[7;31m",
    "error-text": "\x1b[31m",
    "warning": "\x1b[33m",
    "secondary": "\x1b[35m",
    "accent": "\x1b[36m",
    "muted": "\x1b[34m",
    "dim": "\x1b[2m",
    "bold": "\x1b[1m",
    "remark": "\x1b[36m",
}
"""By role; the sixteen colours that every terminal has, in the shades that its user has chosen."""


class Painter:
    """Paints lines, if it is asked to."""

    def __init__(self, rules: Sequence[ColorRule] = (), *, on: bool = False) -> None:
        """Take rules; the first one whose filter holds counts.

        Raises
        ------
        QueryError
            Where a rule's filter cannot be read.

        """
        self._rules = [(read_rule(rule), rule.role) for rule in rules] if on else []
        self.on = on

    def choose(self, subject: Subject) -> str:
        """Give the role of a PDU's line."""
        return next((role for wanted, role in self._rules if wanted.holds(subject)), "")

    def paint(self, text: str, role: str) -> str:
        """Give a line in its role's colour: each line by itself, so that a pager may cut between any two."""
        start = SEQUENCES.get(role) if self.on else None
        return f"{start}{text}{RESET}" if start else text


def read_rule(rule: ColorRule) -> Filter:
    """Read a rule's filter, which must be told of each PDU as it comes."""
    wanted = Filter(rule.filter)
    if wanted.passes or wanted.late:
        raise QueryError(1, f"{rule.filter}: a colour cannot wait for the end of an association")
    return wanted


PLAIN = Painter()
