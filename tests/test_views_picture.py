from hypothesis import given
from hypothesis import strategies as st

from dissect.pictures.colours import Colour
from dissect.pictures.pixels import Sample
from dissect.views.picture import (
    DISCLAIMER,
    HATCH,
    MISSING,
    MISSING_LETTER,
    PAPER,
    RAMP,
    UPPER_HALF,
    draw_blocks,
    draw_letters,
    invert,
)

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
BLACK, GREY = (0, 0, 0), (128, 128, 128)

COLOURS = st.none() | st.tuples(*[st.integers(0, 255)] * 3)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Make samples of any size."""
    width = draw(st.integers(1, 6))
    return Sample(draw(st.lists(st.lists(COLOURS, min_size=width, max_size=width), max_size=7)))


def test_a_cell_has_the_upper_pixel_before_the_lower_one() -> None:
    assert draw_blocks(Sample([[RED, WHITE], [GREEN, BLUE]])) == [[(UPPER_HALF, RED, GREEN), (UPPER_HALF, WHITE, BLUE)]]


def test_cells_that_look_the_same_are_one_run() -> None:
    assert draw_blocks(Sample([[RED, RED, BLUE], [GREEN, GREEN, GREEN]])) == [
        [(UPPER_HALF * 2, RED, GREEN), (UPPER_HALF, BLUE, GREEN)]
    ]


def test_below_a_last_row_that_is_alone_there_is_paper() -> None:
    assert draw_blocks(Sample([[RED], [RED], [RED]]))[1] == [(UPPER_HALF, RED, PAPER)]


def test_missing_pixels_have_a_colour_and_a_cell_of_them_is_hatched() -> None:
    rows: list[list[Colour | None]] = [[None, RED, None], [RED, None, None], [None, RED, None]]
    first, last = draw_blocks(Sample(rows))
    assert first == [(UPPER_HALF, MISSING, RED), (UPPER_HALF, RED, MISSING), (HATCH, MISSING, PAPER)]
    assert last == [(HATCH, MISSING, PAPER), (UPPER_HALF, RED, PAPER), (HATCH, MISSING, PAPER)]


def test_letters_are_fuller_where_the_picture_is_brighter() -> None:
    assert draw_letters(Sample([[BLACK, GREY, WHITE, None], [BLACK, GREY, WHITE, WHITE]])) == [" +@@"]
    ramp: list[Colour | None] = [(level, level, level) for level in range(256)]
    [line] = draw_letters(Sample([ramp]))
    assert "".join(dict.fromkeys(line)) == RAMP
    assert draw_letters(Sample([[None], [None]])) == [MISSING_LETTER]


def test_letters_go_by_luminance() -> None:
    red, green, blue = (RAMP.index(draw_letters(Sample([[colour]]))[0]) for colour in (RED, GREEN, BLUE))
    assert blue < red < green


@given(samples())
def test_each_line_is_as_wide_as_the_picture_and_there_are_half_as_many(sample: Sample) -> None:
    wide = len(sample.rows[0]) if sample.rows else 0
    blocks, letters = draw_blocks(sample), draw_letters(sample)
    assert len(blocks) == len(letters) == -(-len(sample.rows) // 2)
    assert all(sum(len(text) for text, _, _ in line) == wide for line in blocks)
    assert all(len(line) == wide and line.isascii() for line in letters)


def test_nothing_to_draw_takes_no_lines() -> None:
    assert draw_blocks(Sample([], problem="no Pixel Data in this message")) == []
    assert draw_letters(Sample([])) == []


def test_it_is_told_what_a_picture_is_not_for() -> None:
    assert DISCLAIMER == "not for diagnostic use"


@given(samples())
def test_the_negative_of_a_negative_is_the_picture(sample: Sample) -> None:
    assert invert(invert(sample)) == sample
    assert invert(Sample([[BLACK, None, RED]])).rows == [[WHITE, None, (0, 255, 255)]]
