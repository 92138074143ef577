"""Ranges that come in any order and overlap, in: where the bytes of each stand, the first to come kept, out."""

from bisect import bisect_right

Run = tuple[int, int, int, int]
"""Start and stop of a range, the place in the capture at which its bytes stand, and the frame that carried them."""

LACKING = -1
"""The place of bytes that stand nowhere."""


def shift(place: int, count: int) -> int:
    """Give the place so many bytes behind a place."""
    return place if place == LACKING else place + count


class Runs:
    """Ranges that come in any order and overlap: the first to cover a byte keeps it."""

    __slots__ = ("covered", "frames", "places", "starts", "stops")

    def __init__(self) -> None:
        """Start with nothing covered."""
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.places: list[int] = []
        self.frames: list[int] = []
        self.covered = 0

    def fill(self, start: int, stop: int, place: int, frame: int) -> list[Run]:
        """Cover a range as far as it is not covered yet.

        Returns
        -------
        list of Run
            The parts that were covered already.

        """
        known = []
        index = bisect_right(self.starts, start) - 1
        if index < 0 or self.stops[index] <= start:
            index += 1
        at = start
        while at < stop:
            low = min(self.starts[index], stop) if index < len(self.starts) else stop
            if at < low:
                self._insert(index, at, low, shift(place, at - start), frame)
                index += 1
                at = low
            elif index < len(self.starts):
                high = min(self.stops[index], stop)
                known.append((at, high, shift(self.places[index], at - self.starts[index]), self.frames[index]))
                index, at = index + 1, high
        return known

    def _insert(self, index: int, start: int, stop: int, place: int, frame: int) -> None:
        self.starts.insert(index, start)
        self.stops.insert(index, stop)
        self.places.insert(index, place)
        self.frames.insert(index, frame)
        self.covered += stop - start

    def take(self, upto: int) -> list[Run]:
        """Take away the runs that begin at an offset or before it, and those that follow without a hole."""
        count = 0
        while count < len(self.starts) and self.starts[count] <= upto:
            upto = max(upto, self.stops[count])
            count += 1
        if not count:
            return []
        columns = self.starts, self.stops, self.places, self.frames
        taken = list(zip(*(column[:count] for column in columns), strict=True))
        for column in columns:
            del column[:count]
        return taken
