"""Fragments of IP packets, in: where the payload of each whole packet stands, piece by piece, out (RFC 791 3.2)."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dissect.capture.links import Fragment
from dissect.capture.runs import Runs

LIFETIME = 1 << 15
"""After how many frames a packet is forgotten, whole or not: the 65,536 packets after which a sender numbers from 0
again have twice as many fragments."""


class Piece(NamedTuple):
    """A run of bytes that stands in the capture as one, and the frame that carried it."""

    place: int
    length: int
    frame: int


class Datagram:
    """A packet in the making."""

    __slots__ = ("first", "layer", "pieces", "runs", "total")

    def __init__(self, first: int) -> None:
        """Start without fragments, in the frame that holds the first that came."""
        self.first = first
        self.layer = 0
        """What its payload is, as the fragment at offset 0 says."""
        self.total = -1
        """The length of its payload; -1 before the last fragment tells."""
        self.runs = Runs()
        self.pieces: list[Piece] = []
        """Where its payload stands, once it is whole."""


class Datagrams:
    """All packets of a capture that came in fragments."""

    def __init__(self, read: Callable[[int, int], bytes | memoryview]) -> None:
        """Start without fragments; `read` gives the bytes between two places of the capture."""
        self._read = read
        self._open: OrderedDict[bytes, Datagram] = OrderedDict()
        """Packets by the keys of their fragments, oldest first; a dict would be walked past all that left its start."""
        self._lacking = 0

    @property
    def lacking(self) -> int:
        """Give how many packets lack a fragment so far."""
        return self._lacking + sum(not datagram.pieces for datagram in self._open.values())

    def add(self, fragment: Fragment, pieces: list[Piece], frame: int) -> tuple[int, list[Piece]] | None:
        """Take a fragment of what stands in `pieces`, which a frame has brought.

        Returns
        -------
        tuple or None
            Where it makes its packet whole: the layer that the payload is, and its pieces in order.

        """
        self._forget(frame)
        datagram = self._open.get(fragment.key)
        if datagram is not None and datagram.pieces:
            if self._is_copy(fragment, pieces, datagram):
                return None
            del self._open[fragment.key]  # the sender uses its number again
            datagram = None
        if datagram is None:
            datagram = self._open[fragment.key] = Datagram(frame)
        at = fragment.offset
        if at == 0:
            datagram.layer = fragment.layer
        for place, length, number in cut_pieces(pieces, fragment.packet.at, fragment.packet.stop):
            datagram.runs.fill(at, at + length, place, number)
            at += length
        uncut = at - fragment.offset == fragment.packet.end - fragment.packet.at
        if uncut and not fragment.more and datagram.total < 0:
            datagram.total = at
        if datagram.runs.covered != datagram.total or datagram.runs.stops[-1] != datagram.total:
            return None
        taken = datagram.runs.take(0)
        datagram.pieces = [Piece(place, stop - start, number) for start, stop, place, number in taken]
        return datagram.layer, datagram.pieces

    def _is_copy(self, fragment: Fragment, pieces: list[Piece], datagram: Datagram) -> bool:
        """Tell whether a fragment is a part of a packet that is whole already, as where frames are captured twice."""
        data = self._join(cut_pieces(pieces, fragment.packet.at, fragment.packet.stop))
        stop = fragment.offset + len(data)
        if stop > datagram.total or fragment.more == (stop == datagram.total):
            return False
        return data == self._join(cut_pieces(datagram.pieces, fragment.offset, stop))

    def _join(self, pieces: Iterable[Piece]) -> bytes:
        return b"".join(self._read(place, place + length) for place, length, _ in pieces)

    def _forget(self, frame: int) -> None:
        """Let go of packets that began long before a frame."""
        while self._open:
            key, datagram = next(iter(self._open.items()))
            if datagram.first + LIFETIME > frame:
                return
            self._lacking += not datagram.pieces
            del self._open[key]


def cut_pieces(pieces: list[Piece], start: int, stop: int) -> Iterator[Piece]:
    """Give the pieces of a range of what pieces make together."""
    at = 0
    for place, length, frame in pieces:
        low, high = max(start - at, 0), min(stop - at, length)
        if low < high:
            yield Piece(place + low, high - low, frame)
        at += length
