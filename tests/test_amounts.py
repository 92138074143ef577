import pytest

from dissect.amounts import tell_seconds


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
