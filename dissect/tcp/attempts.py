"""SYNs that nothing came of, in: who asked whom for a connection in vain, and how often, out."""

from dataclasses import dataclass

from dissect.amounts import BILLION
from dissect.tcp.ends import find_addresses, find_ports, name_address, name_ends

MOST_KEPT = 1000
"""How many pairs of a requestor and what it asked for are told apart."""

LONGEST_ANSWER = 3 * BILLION
"""Nanoseconds: a SYN without an answer is sent again after one second, and then after two (RFC 6298 2)."""


@dataclass(slots=True)
class Attempt:
    """The connections that one address asked one address and port for, and did not get."""

    key: bytes
    """The key of the first of them that is known."""
    frame: int
    """The first SYN."""
    refused: int = 0
    """How many were reset in place of an answer (RFC 9293 3.5.2)."""
    unanswered: int = 0
    """How many had no answer at all."""

    @property
    def requestor(self) -> str:
        """Name who asked, by its address; an IPv6 address stands in brackets."""
        return name_address(find_addresses(self.key)[0])

    @property
    def acceptor(self) -> str:
        """Give the `address:port` that was asked."""
        return name_ends(self.key)[1]

    @property
    def port(self) -> int:
        """Give the port that was asked."""
        return find_ports(self.key)[1]

    @property
    def count(self) -> int:
        """Give how many there were."""
        return self.refused + self.unanswered


class Attempts:
    """All connections of a capture that were asked for in vain."""

    def __init__(self) -> None:
        """Start before the first of them."""
        self._known: dict[bytes, Attempt] = {}
        self.count = 0
        """How many there were, of whatever pair."""

    def refuse(self, key: bytes, frame: int) -> None:
        """Count a SYN, by its key and frame, that was answered with a reset."""
        if (attempt := self._find(key, frame)) is not None:
            attempt.refused += 1

    def leave(self, key: bytes, frame: int) -> None:
        """Count a SYN, by its key and frame, that was not answered."""
        if (attempt := self._find(key, frame)) is not None:
            attempt.unanswered += 1

    def _find(self, key: bytes, frame: int) -> Attempt | None:
        """Count a SYN, and find what it counts for; None where there are too many."""
        self.count += 1
        pair = key[:-4] + key[-2:]
        attempt = self._known.get(pair)
        if attempt is None and len(self._known) < MOST_KEPT:
            attempt = self._known[pair] = Attempt(key, frame)
        elif attempt is not None:
            attempt.frame = min(attempt.frame, frame)
        return attempt

    def rank(self) -> list[Attempt]:
        """Give the attempts, those of which there were most first."""
        return sorted(self._known.values(), key=lambda attempt: (-attempt.count, attempt.frame))
