from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.spans import Buffer, Joined, Source, Span


class Leaf(Source):
    """Stand in for the capture file: bytes of which every ten came in a frame of their own."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        return iter(())

    def frames(self, start: int, stop: int) -> list[int]:
        return list(range(start // 10 + 1, (stop - 1) // 10 + 2))


class Holed(Source):
    """Stand in for a stream: a leaf's bytes at the same offsets, but for one hole."""

    def __init__(self, leaf: Leaf, hole: tuple[int, int]) -> None:
        self.leaf = leaf
        self.low, self.high = hole

    @property
    def size(self) -> int:
        return self.leaf.size

    def read(self, start: int, stop: int) -> bytes:
        return bytes(0 if self.low <= at < self.high else self.leaf.data[at] for at in range(start, stop))

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        for low, high in ((start, min(stop, self.low)), (max(start, self.high), stop)):
            if low < high:
                yield Span(self.leaf, low, high)

    def missing(self, start: int, stop: int) -> list[tuple[int, int]]:
        low, high = max(start, self.low), min(stop, self.high)
        return [(low, high)] if low < high else []


FILE = Leaf(bytes(range(100)))
STREAM = Holed(FILE, (40, 50))


def pick(*ranges: tuple[int, int], source: Source = FILE) -> list[Span]:
    return [Span(source, start, stop) for start, stop in ranges]


def bounds(spans: Iterator[Span] | list[Span]) -> list[tuple[int, int]]:
    return [(span.start, span.stop) for span in spans]


def test_a_span_has_the_bytes_and_the_length_of_its_range() -> None:
    span = Span(FILE, 5, 8)
    assert (span.read(), len(span)) == (b"\x05\x06\x07", 3)


def test_joined_parts_follow_each_other() -> None:
    joined = Joined(pick((10, 13), (50, 52)))
    assert (joined.size, joined.read(0, joined.size)) == (5, bytes([10, 11, 12, 50, 51]))


def test_a_range_across_parts_comes_from_the_end_of_one_and_the_start_of_the_next() -> None:
    joined = Joined(pick((10, 13), (50, 52), (30, 40)))
    assert bounds(joined.origins(2, 7)) == [(12, 13), (50, 52), (30, 32)]


def test_a_range_within_one_part_comes_from_that_part() -> None:
    joined = Joined(pick((10, 13), (50, 60)))
    assert bounds(joined.origins(4, 6)) == [(51, 53)]


def test_an_empty_part_changes_nothing() -> None:
    joined = Joined(pick((7, 7), (10, 12), (20, 20), (30, 32), (5, 5)))
    assert (joined.size, joined.read(0, 4)) == (4, bytes([10, 11, 30, 31]))
    assert bounds(joined.origins(0, 4)) == [(10, 12), (30, 32)]


def test_what_is_joined_of_nothing_is_empty() -> None:
    joined = Joined([])
    assert (joined.size, joined.read(0, 10), list(joined.origins(0, 10)), joined.missing(0, 10)) == (0, b"", [], [])


def test_reading_is_cut_at_the_end() -> None:
    joined = Joined(pick((10, 13)))
    assert joined.read(1, 1000) == bytes([11, 12])


def test_frames_are_ascending_and_each_there_once() -> None:
    span = Span(Joined(pick((35, 45), (0, 15), (41, 42))), 0, 26)
    assert span.frames() == [1, 2, 4, 5]


def test_missing_bytes_are_told_in_the_offsets_of_what_is_joined() -> None:
    joined = Joined(pick((0, 5), (35, 52), (46, 48), source=STREAM))
    assert joined.missing(0, joined.size) == [(10, 20), (22, 24)]
    assert joined.missing(12, 23) == [(12, 20), (22, 23)]
    assert joined.missing(0, 10) == []


def test_missing_bytes_are_zero_and_have_no_place_in_the_file() -> None:
    span = Span(Joined(pick((35, 55), source=STREAM)), 3, 17)
    assert span.read() == bytes([38, 39, *bytes(10), 50, 51])
    assert bounds(span.ends()) == [(38, 40), (50, 52)]


def test_a_range_that_is_missing_as_a_whole_has_no_ends() -> None:
    assert Span(Joined(pick((35, 55), source=STREAM)), 5, 15).ends() == []


def test_ends_are_followed_through_all_sources_to_the_file() -> None:
    inner = Joined(pick((60, 70), (20, 30), source=STREAM))
    outer = Joined([Span(inner, 5, 15), Span(inner, 0, 2)])
    ends = Span(outer, 0, outer.size).ends()
    assert bounds(ends) == [(65, 70), (20, 25), (60, 62)]
    assert all(end.source is FILE for end in ends)


def test_a_range_of_the_file_ends_where_it_is() -> None:
    span = Span(FILE, 3, 9)
    assert span.ends() == [span]


def test_an_empty_range_does_not_end_in_a_source_that_is_not_the_file() -> None:
    span = Span(Joined(pick((60, 70), source=STREAM)), 5, 5)
    assert all(end.source is FILE for end in span.ends())


def test_bytes_made_from_a_range_come_from_the_whole_of_it() -> None:
    buffer = Buffer(b"inflated", Span(STREAM, 12, 31))
    span = Span(buffer, 2, 5)
    assert (buffer.size, span.read()) == (8, b"fla")
    assert (bounds(span.ends()), span.frames()) == ([(12, 31)], [2, 3, 4])


def test_bytes_from_nowhere_are_an_end_of_their_own() -> None:
    span = Span(Buffer(b"abc"), 1, 3)
    assert (span.ends(), span.frames(), span.source.missing(1, 3)) == ([span], [], [])


RANGES = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: (min(pair), max(pair)))


@settings(deadline=None, max_examples=200)
@given(parts=st.lists(RANGES, max_size=8), within=RANGES)
def test_any_range_of_any_join_is_what_its_ends_and_its_holes_make_up(
    parts: list[tuple[int, int]], within: tuple[int, int]
) -> None:
    joined = Joined(pick(*parts, source=STREAM))
    start, stop = (min(offset, joined.size) for offset in within)
    whole = b"".join(STREAM.read(*part) for part in parts)
    assert joined.read(start, stop) == whole[start:stop]
    holes = {at for low, high in joined.missing(start, stop) for at in range(low, high)}
    shown = bytes(byte for at, byte in enumerate(whole[start:stop], start) if at not in holes)
    if start < stop:
        assert b"".join(end.read() for end in Span(joined, start, stop).ends()) == shown
