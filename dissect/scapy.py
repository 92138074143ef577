"""A TCP stream as Scapy's `TCPSession` gathers it, in: its PDUs as layers of Scapy's packets, out (PS3.8 9.3).

`sniff(offline=capture, session=TCPSession)` gives each PDU with the frame that completes it. Several that one frame
completes are layers on top of each other, and `packet[DICOM].iterpayloads()` goes through them.
"""

from itertools import pairwise
from typing import ClassVar

from scapy.base_classes import BasePacket
from scapy.fields import (
    AnyField,
    ByteEnumField,
    ByteField,
    FlagsField,
    IntField,
    MultiEnumField,
    PacketListField,
    ShortField,
    StrField,
    StrFixedLenField,
)
from scapy.layers.inet import TCP
from scapy.packet import Packet, Padding, Raw, bind_bottom_up, bind_top_down

from dissect.config import DICOM_PORTS
from dissect.dicom.framing import LONGEST_UNKNOWN
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, HEADER, P_DATA
from dissect.dicom.terms import (
    ABORT_REASONS,
    ABORT_SOURCES,
    ITEM_TYPES,
    PDU_NAMES,
    REJECT_REASONS,
    REJECT_RESULTS,
    REJECT_SOURCES,
)

MOST_LAYERS = 256
"""How many PDUs become layers of one packet: Scapy walks through layers by recursion."""

MOST_PIECES = 4096
"""How many items or PDVs of one list are read; those behind stay bytes."""


class Piece(Packet):
    """A PDU, an item or a PDV: it has a length field, and ends where that says or its bytes do."""

    length_at: ClassVar[tuple[int, int]]
    """Where the length field stands; what it counts begins behind it."""
    shortest: ClassVar[int]
    """How many bytes the fixed fields have."""

    @classmethod
    def find_stop(cls, data: bytes, start: int = 0) -> int:
        """Give the offset at which the piece that starts at another one ends."""
        low, high = cls.length_at
        return start + high + int.from_bytes(data[start + low : start + high], "big")

    def do_dissect(self, s: bytes) -> bytes:
        """Read the fields no farther than the length says."""
        stop = self.find_stop(s)
        return super().do_dissect(s[:stop]) + s[stop:]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Tell that nothing behind the fields belongs to the piece."""
        return b"", s

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Fill in the length where none is given."""
        low, high = self.length_at
        if self.length is None:
            pkt = pkt[:low] + (len(pkt) - high).to_bytes(high - low, "big") + pkt[high:]
        return pkt + pay


class PieceListField(PacketListField):
    """The pieces that follow each other, up to where there is no whole header."""

    __slots__ = ["piece"]

    def __init__(self, name: str, piece: type[Piece]) -> None:
        """Make a list of pieces of one class."""
        super().__init__(name, [], piece)
        self.piece = piece

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, list[BasePacket]]:
        """Read the pieces, and give what is left."""
        pieces: list[BasePacket] = []
        at = 0
        while len(s) - at >= self.piece.shortest and len(pieces) < MOST_PIECES:
            stop = self.piece.find_stop(s, at)
            if stop - at < self.piece.shortest:
                break
            pieces.append(self.piece(s[at:stop], _parent=pkt))
            at = stop
        return s[at:], pieces


class TitleField(StrFixedLenField):
    """An AE title: 16 bytes, filled up with blanks (PS3.8 Table 9-11)."""

    def i2m(self, pkt: Packet | None, x: bytes | None) -> bytes:
        """Encode a title."""
        return super().i2m(pkt, x).ljust(16)


class Item(Piece):
    """An item of an A-ASSOCIATE PDU (PS3.8 9.3.2, 9.3.3)."""

    name = "DICOM item"
    length_at, shortest = (2, 4), 4
    fields_desc = [  # noqa: RUF012 (Scapy's own name and type)
        ByteEnumField("type", 0x10, ITEM_TYPES),
        ByteField("reserved", 0),
        ShortField("length", None),
        StrField("value", b""),
    ]


class PDV(Piece):
    """A presentation data value item (PS3.8 9.3.5.1): its message control header (PS3.8 E.2) and a fragment as data."""

    name = "DICOM PDV"
    length_at, shortest = (0, 4), 6
    fields_desc = [  # noqa: RUF012
        IntField("length", None),
        ByteField("context_id", 1),
        FlagsField("flags", 0, 8, ["command", "last"]),
        StrField("data", b""),
    ]


def make_header(kind: int) -> list[AnyField]:
    """Make the fields with which a PDU begins (PS3.8 9.3.1)."""
    return [ByteEnumField("type", kind, PDU_NAMES), ByteField("reserved", 0), IntField("length", None)]


def read_source(pdu: Packet | None) -> int:
    """Give the source of a PDU, on which the meaning of its reason depends."""
    source: int = pdu.source if pdu else 0
    return source


class DICOM(Piece):
    """A PDU; one whose type has no class of its own, or that is too short for it, keeps its body as bytes."""

    name = "DICOM"
    length_at, shortest = (2, HEADER), HEADER
    fields_desc = [*make_header(P_DATA), StrField("body", b"")]  # noqa: RUF012
    match_subclass = True

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", **_: object) -> type[Packet]:
        """Give the class of the PDU that bytes begin with."""
        size = min(len(_pkt), cls.find_stop(_pkt))
        classes = (PDUS.get(_pkt[0], cls), cls) if _pkt else ()
        return next((each for each in classes if each.shortest <= size), Raw if _pkt else cls)

    @classmethod
    def tcp_reassemble(cls, data: bytes, metadata: dict[str, object], session: dict[str, object]) -> Packet | None:
        """Give the PDUs that are whole as layers on top of each other, and as padding what is left.

        All at once: `TCPSession` loses its place in the stream where it has to ask twice for what one frame completes.
        """
        stops = [0]
        while (stop := cls.find_stop(data, stops[-1])) <= len(data):
            stops.append(stop)
        at = stops[-1]
        strange = stop - at > LONGEST_UNKNOWN and data[at] not in PDU_NAMES
        end = len(data) if strange else at
        stops = stops[: MOST_LAYERS + 1]
        layers: list[Packet] = [cls(data[start:stop]) for start, stop in pairwise(stops)]
        if stops[-1] < end:
            layers.append(Raw(data[stops[-1] : end]))
        if not layers:
            metadata["tcp_min_len"] = stop
            return None
        if end < len(data):
            layers.append(Padding(data[end:]))
        for lower, upper in pairwise(layers):
            lower.add_payload(upper)
        return layers[0]

    def mysummary(self) -> tuple[str, list[type[Packet]]]:  # type: ignore[override]  # Scapy takes either
        """Name the PDU, and let the ones below be named too."""
        return self.sprintf("DICOM %type%"), [DICOM, *PDUS.values()]


class Associate(DICOM):
    """An A-ASSOCIATE-RQ or A-ASSOCIATE-AC (PS3.8 9.3.2, 9.3.3)."""

    shortest = 74
    fields_desc = [  # noqa: RUF012
        *make_header(ASSOCIATE_RQ),
        ShortField("version", 1),
        ShortField("reserved1", 0),
        TitleField("called", b"", 16),
        TitleField("calling", b"", 16),
        StrFixedLenField("reserved2", b"", 32),
        PieceListField("items", Item),
        StrField("rest", b""),
    ]


class Reject(DICOM):
    """An A-ASSOCIATE-RJ (PS3.8 9.3.4)."""

    shortest = 10
    fields_desc = [  # noqa: RUF012
        *make_header(ASSOCIATE_RJ),
        ByteField("reserved1", 0),
        ByteEnumField("result", 1, REJECT_RESULTS),
        ByteEnumField("source", 1, REJECT_SOURCES),
        MultiEnumField("reason", 1, REJECT_REASONS, read_source, "B"),
        StrField("rest", b""),
    ]


class Data(DICOM):
    """A P-DATA-TF (PS3.8 9.3.5)."""

    fields_desc = [*make_header(P_DATA), PieceListField("pdvs", PDV), StrField("rest", b"")]  # noqa: RUF012


class Abort(DICOM):
    """An A-ABORT (PS3.8 9.3.8)."""

    shortest = 10
    fields_desc = [  # noqa: RUF012
        *make_header(ABORT),
        ShortField("reserved1", 0),
        ByteEnumField("source", 0, ABORT_SOURCES),
        MultiEnumField("reason", 0, {2: ABORT_REASONS}, read_source, "B"),
        StrField("rest", b""),
    ]


PDUS: dict[int, type[DICOM]] = {
    ASSOCIATE_RQ: Associate,
    ASSOCIATE_AC: Associate,
    ASSOCIATE_RJ: Reject,
    P_DATA: Data,
    ABORT: Abort,
}


def bind_port(port: int) -> None:
    """Take for DICOM what TCP carries from and to a port."""
    bind_bottom_up(TCP, DICOM, sport=port)
    bind_bottom_up(TCP, DICOM, dport=port)


for _port in sorted(DICOM_PORTS):
    bind_port(_port)
bind_top_down(TCP, DICOM, dport=104)
