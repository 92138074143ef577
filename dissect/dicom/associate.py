"""The body of an A-ASSOCIATE PDU, in: the AE titles and presentation contexts in it, out (PS3.8 9.3.2, 9.3.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dissect.cursor import Cursor
from dissect.dicom.items import decode_associate, read_fields
from dissect.node import Node
from dissect.spans import Buffer


@dataclass(frozen=True, slots=True)
class ContextItem:
    """A presentation context as proposed (PS3.8 9.3.2.2) or answered (PS3.8 9.3.3.2)."""

    context_id: int
    abstract: str
    transfers: tuple[str, ...]
    result: int | None


@dataclass(frozen=True, slots=True)
class Associate:
    """What an A-ASSOCIATE-RQ or A-ASSOCIATE-AC says."""

    called: str
    calling: str
    contexts: tuple[ContextItem, ...]


@lru_cache(maxsize=64)
def read_associate(body: bytes, *, holed: bool = False) -> Associate:
    """Read what an A-ASSOCIATE-RQ or -AC says from its body, the bytes after the PDU length.

    Of one that is `holed` the body ends where the capture lacks bytes: an item that is cut there says nothing.
    """
    root = Node("", "")
    read_fields(Cursor(Buffer(body), 0, len(body), root), decode_associate)
    titles = {child.name: child.value for child in root.children}
    return Associate(
        str(titles.get("Called  AE Title", "")).strip(" \0"),
        str(titles.get("Calling AE Title", "")).strip(" \0"),
        tuple(read_contexts(root, holed=holed)),
    )


def read_contexts(root: Node, *, holed: bool) -> Iterator[ContextItem]:
    """Give the presentation contexts among the items below a node; of one that is `holed`, no syntax that is cut."""
    for item in root.children:
        if item.tag in ("20H", "21H") and isinstance(item.value, int):
            uids: dict[str, list[str]] = {"30H": [], "40H": []}
            for sub in item.children:
                if holed and any(found.code == "item-overrun" for found in sub.notes):
                    continue
                uids.get(sub.tag, []).append(str(sub.value))
            result = item.child("result")
            code = result.value if result and isinstance(result.value, int) else None
            yield ContextItem(item.value, (uids["30H"] or [""])[0], tuple(uids["40H"]), code)
