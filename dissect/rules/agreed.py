"""The bytes of an A-ASSOCIATE PDU, in: the terms that bind what is sent after it, out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dissect.node import Node
from dissect.rules.associate import LONGEST_KEPT, ROLES, read_number, read_uid, take_apart

DEFAULT_ROLES = (1, 0)
"""Without role selection the requestor is SCU, and not SCP (PS3.7 D.3.3.4)."""


WINDOW = ("maximum-number-operations-invoked", "maximum-number-operations-performed")
"""The keys of the numbers of an asynchronous operations window."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What one side's user information says (PS3.8 Annex D, PS3.7 D.3.3)."""

    maximum: int = 0
    """The longest P-DATA-TF that it takes, in bytes; 0 for no limit, and where it does not say."""
    window: tuple[int, int] | None = None
    """How many operations may be invoked and performed at once, 0 for any number; None where it does not say."""
    roles: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """SCU and SCP role by SOP class."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The related general SOP classes by SOP class (PS3.7 D.3.3.6)."""


def read_terms(data: bytes) -> Terms:
    """Read the terms that a whole A-ASSOCIATE-RQ or -AC names."""
    return keep_terms(data) if len(data) <= LONGEST_KEPT else find_terms(data)


def find_terms(data: bytes) -> Terms:
    """Find the terms in the user information of an A-ASSOCIATE PDU."""
    pdu = take_apart(data)
    maximum = next((item.value for item in pdu.subs("51H")), 0)
    return Terms(
        maximum if isinstance(maximum, int) else 0,
        next((read_pair(item, WINDOW) for item in pdu.subs("53H")), None),
        {read_uid(item): roles for item in pdu.subs("54H") if (roles := read_pair(item, ROLES)) is not None},
        {read_uid(item): read_related(item) for item in pdu.subs("57H")},
    )


keep_terms = lru_cache(maxsize=64)(find_terms)
"""The same for PDUs that are likely to come again."""


def read_pair(item: Node, keys: Iterable[str]) -> tuple[int, int] | None:
    """Read the two numbers of a sub-item that have these keys, None where they are not there."""
    one, other = (read_number(item, key) for key in keys)
    return None if one is None or other is None else (one, other)


def read_related(item: Node) -> tuple[str, ...]:
    """Read the related general SOP classes of an item."""
    key = "related-general-sop-class-uid"
    return tuple(str(node.value) for node in item.children if node.key.partition(".")[0] == key)


def find_window(asked: Terms, answered: Terms) -> tuple[int, int]:
    """Give how many operations the requestor and the acceptor may have outstanding, 0 for any number.

    Where either does not negotiate it, one each (PS3.7 D.3.3.3).
    """
    if asked.window is None or answered.window is None:
        return 1, 1
    return answered.window


def find_roles(asked: Terms, answered: Terms, abstract: str) -> tuple[int, int]:
    """Give the SCU and the SCP role of the requestor for an abstract syntax (PS3.7 D.3.3.4)."""
    if abstract not in asked.roles or abstract not in answered.roles:
        return DEFAULT_ROLES
    proposed, taken = asked.roles[abstract], answered.roles[abstract]
    return int(proposed[0] and taken[0]), int(proposed[1] and taken[1])
