"""What is looked for, in: the rows in which it is found, one at a time, out."""

import re
from collections.abc import Iterable

from dissect.index import Index
from dissect.job import Job
from dissect.node import Node
from dissect.query import Filter
from dissect.query.fields import find_tag
from dissect.recall import Entry, Recall
from dissect.spans import Source
from dissect.tree import find_completed

MODES = ("text", "hex", "filter")
LARGEST = 1 << 22
"""Of how many bytes of a message are looked through at once."""


class Wanted:
    """What is looked for: text in what is told of a PDU or in its bytes, bytes, or that a filter holds."""

    def __init__(self, mode: str, text: str) -> None:
        """Read it; raise ValueError or QueryError where it cannot be read."""
        self.mode = mode
        self.text = text
        self.data = b""
        self._filter: Filter | None = None
        if mode == "hex":
            self.data = bytes.fromhex(re.sub(r"0x|[:,\s]", "", text))
        elif mode == "filter":
            self._filter = Filter(text)
            if self._filter.passes or self._filter.late:
                raise ValueError("a filter about whole associations cannot be found PDU by PDU; press / to apply it")
        if not text.strip() or (mode == "hex" and not self.data):
            raise ValueError("nothing to look for")
        self._folded = text.casefold()
        self._tag = find_tag(text.strip()) or "none"
        """The tag of the element whose keyword it is."""

    def holds(self, entry: Entry) -> bool:
        """Tell whether it is in a PDU."""
        if self._filter is not None:
            return self._filter.holds(entry)
        if self.mode == "hex":
            return self._find_bytes(entry, self.data, fold=False)
        told = f"{entry.arrival.number} {entry.tell_info()}".casefold()
        if self._folded in told or self.find_node(entry.top) is not None:
            return True
        return self.text.isascii() and self._find_bytes(entry, self.text.encode().lower(), fold=True)

    def find_node(self, top: Node) -> Node | None:
        """Find the first node whose name, tag or value has the text."""
        if self.mode != "text":
            return None
        for depth, node in top.walk():
            if not depth or node.layout == "hidden":
                continue
            if node.tag == self._tag or self._folded in f"{node.tag} {node.name} {node.text}".casefold():
                return node
        return None

    def find_place(self, source: Source, start: int, stop: int) -> int | None:
        """Give the offset at which the bytes or the text stand in a range."""
        data = self.data if self.mode == "hex" else self.text.encode("utf-8", "replace").lower()
        found = bytes(source.read(start, min(stop, start + LARGEST)))
        at = (found if self.mode == "hex" else found.lower()).find(data) if data else -1
        return start + at if at >= 0 else None

    def _find_bytes(self, entry: Entry, data: bytes, *, fold: bool) -> bool:
        """Look through the bytes of a PDU, and of the messages that it completes and others began.

        Text is looked for in the PDU that completes its message, where the tree tells what it is.
        """
        pdu = entry.arrival.pdu
        parts = [pdv.part for pdv in entry.arrival.pdvs if pdv.part is not None and not pdv.is_last]
        if fold and parts and all(part.complete for part in parts):
            return False
        found = pdu.stream.read(pdu.start, pdu.stop)
        if data in (found.lower() if fold else found):
            return True
        for message in find_completed(entry.arrival):
            source = message.data.join()
            if len(message.data.pdvs) > 1:
                found = bytes(source.read(0, min(source.size, LARGEST)))
                if data in (found.lower() if fold else found):
                    return True
        return False


class Finding:
    """A search through PDUs until something is found in one."""

    def __init__(self, index: Index, wanted: Wanted, rows: Iterable[int], size: int) -> None:
        """Look through the PDUs of rows in this order, `size` of them at the most."""
        self.wanted = wanted
        self.row: int | None = None
        """The row of the PDU in which it was found."""
        self._index, self._rows = index, rows
        self.job = Job("finding", self._look)
        self.job.size = size

    def _look(self, job: Job) -> None:
        recall = Recall(self._index)
        for done, row in enumerate(self._rows):
            job.done = done
            if job.stopped:
                return
            if self.wanted.holds(recall.make_entry(row)):
                self.row = row
                return
