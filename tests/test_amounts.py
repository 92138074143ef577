import pytest

from dissect.amounts import tell_delay, tell_seconds, tell_size


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_500, "1.5 us"),
        (999_499, "999 us"),
        (999_600, "1 ms"),
        (408_000_000, "408 ms"),
        (999_999_999, "1.000 s"),
        (61_500_000_000, "61.500 s"),
        (-5_000_000, "-5 ms"),
        (-61_500_000_000, "-61.500 s"),
    ],
)
def test_a_time_has_a_unit_in_which_it_is_short(nanoseconds: int, told: str) -> None:
    assert tell_seconds(nanoseconds) == told


@pytest.mark.parametrize(
    ("nanoseconds", "told"),
    [
        (None, ""),
        (0, "+0.000 ms"),
        (408_000, "+0.408 ms"),
        (3_300_000, "+3.30 ms"),
        (12_345_678, "+12.3 ms"),
        (245_000_000, "+245 ms"),
        (61_500_000_000, "+61.50 s"),
        (-5_000_000, "-5.00 ms"),
    ],
)
def test_a_response_time_has_three_digits(nanoseconds: int | None, told: str) -> None:
    assert tell_delay(nanoseconds) == told


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (999, "999 B"),
        (9690, "9.7 kB"),
        (512_000, "512 kB"),
        (999_499, "999 kB"),
        (999_999, "1.0 MB"),
        (84e6, "84.0 MB"),
        (999_999_999, "1.0 GB"),
        (3e9, "3.0 GB"),
    ],
)
def test_a_size_has_a_unit_in_which_it_is_short(size: float, told: str) -> None:
    assert tell_size(size) == told
