"""A range of a stream, in: its bytes, the frames that carried them, what of it is missing, out."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from dissect.capture.runs import LACKING
from dissect.capture.segments import Capture
from dissect.spans import Source, Span, clip


class Pieces(Source):
    """Bytes one behind the other: not the bytes, but where in the capture's files they stand.

    A piece is a run of bytes that stands in a file as one. Pieces follow each other without holes, for a hole that
    is given up becomes a piece without a place, and is listed in `gaps`.
    """

    __slots__ = ("capture", "end", "gaps", "numbers", "places", "starts")

    def __init__(self, capture: Capture) -> None:
        """Start without bytes."""
        self.capture = capture
        self.end = 0
        """The offset up to which the bytes are known, or given up."""
        self.gaps: list[tuple[int, int]] = []
        """The holes that were given up."""
        self.starts = array("q")
        """The offset of each piece."""
        self.places = array("q")
        """Where it stands among the bytes of all files."""
        self.numbers = array("I")
        """The number of the frame that carried it, 0 where it is missing."""

    @property
    def size(self) -> int:
        """Give the number of bytes up to the first hole that may still be filled."""
        return self.end

    @property
    def latest(self) -> int:
        """Give the frame that carried the last bytes, 0 where there are none."""
        return self.numbers[-1] if self.numbers else 0

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes of a range, missing ones as zeros."""
        read, stop = self.capture.file.read, min(stop, self.end)
        index = bisect_right(self.starts, start) - 1
        if index >= 0 and self.places[index] >= 0 and start < stop <= self._find_end(index):
            place = self.places[index] - self.starts[index]
            return bytes(read(place + start, place + stop))
        if not start < stop:
            return b""
        found, starts, places, index = [], self.starts, self.places, max(index, 0)
        for limit in (*starts[index + 1 : bisect_left(starts, stop, index + 1)], stop):
            place = places[index]
            if place >= 0:
                place += start - starts[index]
                found.append(read(place, place + limit - start))
            else:
                found.append(bytes(limit - start))
            start = limit
            index += 1
        return b"".join(found)

    def _find_end(self, index: int) -> int:
        """Give the offset at which a piece ends."""
        return self.starts[index + 1] if index + 1 < len(self.starts) else self.end

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        """Map a range to ranges of the capture file; missing bytes have none."""
        for place, count, _ in self.list_pieces(start, stop):
            if place >= 0:
                yield Span(self.capture.file, place, place + count)

    def frames(self, start: int, stop: int) -> list[int]:
        """Give the numbers of the frames that carried a range, ascending."""
        if start >= stop:
            return []
        first = max(bisect_right(self.starts, start) - 1, 0)
        numbers = set(self.numbers[first : bisect_left(self.starts, stop)] if start < self.end else ())
        numbers.discard(0)  # what is lost came in no frame
        return sorted(numbers)

    def list_pieces(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Give place, count and frame number of each part of a range."""
        index = max(bisect_right(self.starts, start) - 1, 0)
        while start < stop and index < len(self.starts):
            skip = start - self.starts[index]
            count = min(self._find_end(index), stop) - start
            place = self.places[index]
            yield place + skip if place >= 0 else LACKING, count, self.numbers[index]
            start += count
            index += 1

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Give the parts of a range that the capture does not hold."""
        return clip(self.gaps, start, stop) if self.gaps else []

    def find_gap(self, at: int) -> tuple[int, int] | None:
        """Give the first gap that ends behind an offset."""
        index = bisect_right(self.gaps, at, key=lambda gap: gap[1])
        return self.gaps[index] if index < len(self.gaps) else None
