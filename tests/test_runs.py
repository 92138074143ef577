from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.capture.runs import LACKING, Runs


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(-20, 40), st.integers(0, 30)), max_size=25))
def test_runs_keep_the_first_of_what_covers_a_byte_and_tell_what_was_covered(ranges: list[tuple[int, int]]) -> None:
    runs, wanted = Runs(), dict[int, tuple[int, int]]()
    for frame, (start, size) in enumerate(ranges, 1):
        known = runs.fill(start, start + size, frame * 1000, frame)
        told = {at: (place + at - low, number) for low, high, place, number in known for at in range(low, high)}
        assert told == {at: wanted[at] for at in range(start, start + size) if at in wanted}
        for at in range(start, start + size):
            wanted.setdefault(at, (frame * 1000 + at - start, frame))
    assert runs.covered == len(wanted)
    assert runs.starts == sorted(runs.starts)
    found = {
        at: (place + at - low, number)
        for low, high, place, number in zip(runs.starts, runs.stops, runs.places, runs.frames, strict=True)
        for at in range(low, high)
    }
    assert found == wanted


def test_runs_that_lack_bytes_stay_without_a_place() -> None:
    runs = Runs()
    runs.fill(5, 20, LACKING, 1)
    assert runs.fill(0, 10, 100, 2) == [(5, 10, LACKING, 1)]
    assert runs.take(0) == [(0, 5, 100, 2), (5, 20, LACKING, 1)]
