"""Runs of bytes and ranges in them: where each shown byte was read, down to the frames that carried it."""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar


class Source(ABC):
    """A run of bytes that a node can point into: a file, a TCP stream, a reassembled message."""

    __slots__ = ()

    label: ClassVar[str] = "file"
    """What it is, in a word."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Give the number of bytes."""

    @abstractmethod
    def read(self, start: int, stop: int) -> bytes | memoryview:
        """Give the bytes of a range, cut at the end of the source; missing ones are zero."""

    @abstractmethod
    def origins(self, start: int, stop: int) -> "Iterator[Span]":
        """Map a range to the ranges it was made of, in order; missing bytes have none."""

    def frames(self, start: int, stop: int) -> list[int]:
        """Give the numbers of the frames that carried a range, ascending, each once."""
        numbers: set[int] = set()
        for origin in self.origins(start, stop):
            numbers.update(origin.source.frames(origin.start, origin.stop))
        return sorted(numbers)

    def missing(self, start: int, stop: int) -> "list[tuple[int, int]]":
        """Give the parts of a range, in this source's offsets, that the capture does not hold."""
        return []


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of a source."""

    source: Source
    start: int
    stop: int

    def __len__(self) -> int:
        """Give the number of bytes."""
        return self.stop - self.start

    def read(self) -> bytes:
        """Give the bytes of the range, missing ones as zeros."""
        return bytes(self.source.read(self.start, self.stop))

    def frames(self) -> list[int]:
        """Give the numbers of the frames that carried the range, ascending."""
        return self.source.frames(self.start, self.stop)

    def ends(self) -> "list[Span]":
        """Follow the origins down to the sources that have none: ranges of the capture file."""
        found: list[Span] = []
        todo = [self]
        while todo:
            span = todo.pop()
            below = list(span.source.origins(span.start, span.stop))
            if below:
                todo += reversed(below)
            elif len(span) and not span.source.missing(span.start, span.stop):
                found.append(span)
        return found


def clip(ranges: list[tuple[int, int]], start: int, stop: int) -> list[tuple[int, int]]:
    """Give what of ascending ranges lies between two offsets."""
    index = bisect_right(ranges, start, key=lambda known: known[1])
    found = []
    while index < len(ranges) and ranges[index][0] < stop:
        low, high = max(ranges[index][0], start), min(ranges[index][1], stop)
        found += [(low, high)] if low < high else []
        index += 1
    return found


def count_bytes(ranges: Iterable[tuple[int, int]]) -> int:
    """Give how many bytes there are in ranges that do not overlap."""
    return sum(high - low for low, high in ranges)


class Joined(Source):
    """Ranges of other sources, one after the other: the fragments of a message, the files of a capture."""

    __slots__ = ("_parts", "_size", "_starts")

    label = "message"

    def __init__(self, parts: Sequence[Span]) -> None:
        """Join the parts in their order."""
        self._parts = parts
        self._starts: list[int] = []
        self._size = 0
        for part in parts:
            self._starts.append(self._size)
            self._size += len(part)

    @property
    def size(self) -> int:
        """Give the number of bytes."""
        return self._size

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        """Map a range to ranges of the parts."""
        for index in range(max(bisect_right(self._starts, start) - 1, 0), len(self._parts)):
            base, part = self._starts[index], self._parts[index]
            if base >= stop:
                return
            low, high = max(start - base, 0), min(stop - base, len(part))
            if low < high:
                yield Span(part.source, part.start + low, part.start + high)

    def read(self, start: int, stop: int) -> bytes | memoryview:
        """Give the bytes of a range."""
        found = [span.source.read(span.start, span.stop) for span in self.origins(start, min(stop, self._size))]
        return found[0] if len(found) == 1 else b"".join(found)

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Give the parts of a range that the capture does not hold."""
        found = []
        at = start
        for span in self.origins(start, stop):
            shift = at - span.start
            found += [(low + shift, high + shift) for low, high in span.source.missing(span.start, span.stop)]
            at += len(span)
        return found


class Buffer(Source):
    """Bytes that stand nowhere in the capture in one piece, such as inflated data."""

    __slots__ = ("_data", "_origin")

    label = "data"

    def __init__(self, data: bytes | memoryview, origin: Span | None = None) -> None:
        """Hold the bytes, and the range they were made from as a whole."""
        self._data = data
        self._origin = origin

    @property
    def size(self) -> int:
        """Give the number of bytes."""
        return len(self._data)

    def read(self, start: int, stop: int) -> bytes | memoryview:
        """Give the bytes of a range."""
        return self._data[start:stop]

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        """Give the whole range that the bytes were made from."""
        if self._origin is not None:
            yield self._origin
