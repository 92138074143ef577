"""The bytes of an A-ASSOCIATE PDU, in: the terms that bind what is sent after it, out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from dissect.node import Node
from dissect.rules.associate import take_apart

DEFAULT_ROLES = (1, 0)
"""Without role selection the requestor is SCU, and not SCP (PS3.7 D.3.3.4)."""


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


@lru_cache(maxsize=64)
def read_terms(data: bytes) -> Terms:
    """Read the terms that a whole A-ASSOCIATE-RQ or -AC names."""
    items = list(list_items(take_apart(data).root))
    maximum = next((item.value for item in items if item.tag == "51H"), 0)
    return Terms(
        maximum if isinstance(maximum, int) else 0,
        next((read_pair(item) for item in items if item.tag == "53H"), None),
        {str(item.value): roles for item in items if item.tag == "54H" and (roles := read_pair(item))},
        {str(item.value): read_related(item) for item in items if item.tag == "57H"},
    )


def list_items(root: Node) -> Iterator[Node]:
    """Give the sub-items of the user information."""
    for body in root.children:
        for item in body.children:
            if item.tag == "50H":
                yield from (sub for sub in item.children if sub.tag)


def read_pair(item: Node) -> tuple[int, int] | None:
    """Read the last two numbers of an item, None where they are not there."""
    numbers = [node.value for node in item.children[-2:] if isinstance(node.value, int)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and len(item.children) > 4 else None


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
