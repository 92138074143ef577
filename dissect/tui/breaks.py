"""An index, in: what is not there of its associations and PDUs, each in its place among the rows, and told, out."""

from collections.abc import Iterator
from dataclasses import dataclass

from dissect.dicom.pdu import ASSOCIATE_RQ, LOST
from dissect.index import Index


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """What is not there: where it would stand, before a row; in which association; what it is.

    `start` is for an association that began before the capture, `gap` for bytes of a PDU that it lacks; the others are
    those of `End.how`.
    """

    place: int
    association: int
    kind: str

    @property
    def beside(self) -> int:
        """Give the row of the PDU that it stands beside."""
        return self.place if self.kind in ("start", "gap") else self.place - 1


def list_breaks(index: Index) -> Iterator[Break]:
    """Give what is not there of the associations that are over, and of the PDUs."""
    yield from (Break(row, index.associations[row], "gap") for row in list(index.gapped))
    for number in list(index.closed):
        account = index.ledger.accounts.get(number)
        if account is None or number >= len(index.openings):
            continue
        first, last = index.openings[number], index.endings[number]
        if index.known[number].request is None and index.kinds[first] not in (ASSOCIATE_RQ, LOST):
            yield Break(first, number, "start")
        if account.end.how in ("reset", "closed", "open"):
            yield Break(last + 1, number, account.end.how)


def tell_break(found: Break, index: Index) -> str:
    """Tell what is not there."""
    end = index.ledger.accounts[found.association].end
    if found.kind == "gap":
        pdu = index.make_pdu(found.place)
        count = sum(high - low for low, high in pdu.stream.missing(pdu.start, pdu.stop))
        return f"gap: {count:,} bytes of PDU {found.place + 1} are missing"
    by = f" by {end.by}" if end.by else ""
    return {
        "start": "the capture starts within the association",
        "reset": f"TCP RST{by}, the association was not released",
        "closed": f"TCP FIN{by}, the association was not released",
        "open": "the capture ends within the association",
    }[found.kind]
