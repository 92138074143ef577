from dissect.pictures.colours import Window, convert_luminance
from tests.pictures import (
    FULL,
    coloured,
    draw,
    encode,
    grey,
    picture_of,
    tones,
)


def test_monochrome1_is_dark_where_values_are_high() -> None:
    picture = picture_of(encode(grey(1, 2, PhotometricInterpretation="MONOCHROME1"), bytes([0, 200])))
    assert tones(draw(picture, window=FULL)) == [[255, 55]]


def test_luminance_is_turned_into_colours() -> None:
    pixels = [(76, 84, 255), (149, 43, 21), (29, 255, 107)]
    [row] = draw(picture_of(encode(coloured(1, 3, "YBR_FULL"), bytes(sum(pixels, ())) + b"\0")))
    assert row == [convert_luminance(*each) for each in pixels]
    for got, wanted in zip(row, [(254, 0, 0), (0, 255, 0), (0, 0, 254)], strict=True):
        assert got is not None
        assert all(abs(a - b) <= 2 for a, b in zip(got, wanted, strict=True))


def test_a_window_below_one_is_that_of_real_numbers() -> None:
    assert [Window(0.5, 0.5).find_tone(value) for value in (0.25, 0.5, 0.75)] == [0, 128, 255]
    assert [Window(0.5, 0).find_tone(value) for value in (0.4, 0.6)] == [0, 255]
