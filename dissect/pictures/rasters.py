"""The bytes of pixels that are not compressed, or no longer, in: their samples, read row by row, out (PS3.5 8.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dissect.node import Node
from dissect.spans import Source, clip


@dataclass(frozen=True, slots=True)
class Raster:
    """Where the samples of a frame stand, and how they are written (PS3.5 8.1, PS3.3 C.7.6.3.1.3)."""

    source: Source
    start: int
    stop: int
    """Where what can be trusted ends."""
    bits: int
    photometric: str
    planar: int
    first: int = 0
    """How many samples there are before the frame's first."""
    shift: int = 0
    """Where in a sample the stored bits begin."""
    order: Literal["little", "big"] = "little"
    swapped: bool = False
    """Whether the bytes are those of 16-bit words in big endian."""
    packed: bool = False
    """Whether two pixels share their chrominance: Y, Y, CB, CR."""

    def pull(self, places: Sequence[int]) -> list[int | None]:
        """Read the samples at ascending places of the pixel data; None for those of which a byte is missing."""
        size = max(self.bits // 8, 1)
        low, high = places[0] * self.bits >> 3, (places[-1] * self.bits >> 3) + size
        if self.swapped:
            low, high = low - low % 2, high + high % 2
        start, stop = self.start + low, min(self.start + high, self.stop)
        if start >= stop:
            return [None] * len(places)
        data = bytes(self.source.read(start, stop))
        lost = [(gap[0] - start, gap[1] - start) for gap in self.source.missing(start, stop)]
        if self.swapped:
            data = swap_bytes(data)
            lost = [(gap[0] - gap[0] % 2, gap[1] + gap[1] % 2) for gap in lost]
        found: list[int | None] = []
        for place in places:
            at = (place * self.bits >> 3) - low
            if at + size > len(data) or (lost and clip(lost, at, at + size)):
                found.append(None)
            elif self.bits == 1:
                found.append(data[at] >> place % 8 & 1)
            else:
                found.append(int.from_bytes(data[at : at + size], self.order) >> self.shift)
        return found


def find_end(pixels: Node) -> int:
    """Give the offset up to which pixel data is where it was: its end, or where a fragment of the message is lost."""
    assert pixels.span is not None
    spans = [each.span for each in pixels.notes if each.code == "fragment-gap" and each.span is not None]
    return min([pixels.span.stop, *(span.start for span in spans if not len(span))])


def swap_bytes(data: bytes) -> bytes:
    """Swap the bytes of each 16-bit word."""
    even = bytearray(data.ljust(len(data) + len(data) % 2, b"\0"))
    even[0::2], even[1::2] = even[1::2], even[0::2]
    return bytes(even[: len(data)])
