"""What is known of a rule."""

import re
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "remark"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "remark")
"""The worst first."""

Blame = Literal["sender", "receiver", "named", "capture", "nobody"]
"""Whose doing it is: of the side that sent the PDU, of the one that received it, of the one that the sentence names (as
that which closed the connection, whoever sent the last PDU), of the capture, or nobody's."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: how bad it is to break it, the clause, and the sentences that say what was found, why, what to try."""

    severity: Severity
    reference: str
    """The clause that says so, '' where it is our own inference."""
    sentence: str
    """What was found, with places for the values."""
    reason: str
    """Why that is a rule, or what follows where it is broken."""
    remedy: str
    """What to look at, or to try."""
    blame: Blame = "sender"

    @property
    def dotted(self) -> str:
        """Give the sentence with dots for what it says of one case alone."""
        dotted = re.sub(r"\{[^}]*\}", "...", re.sub(r"(?<=\w)\{", " {", self.sentence))
        return re.sub(r"\.\.\.(\s*\.\.\.)+", "...", dotted)
