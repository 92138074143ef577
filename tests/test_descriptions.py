import struct

import pytest

from dissect.pictures.colours import Window
from dissect.pictures.pixels import Sample
from tests.build import (
    EXPLICIT,
    element,
    sequence,
)
from tests.pictures import (
    PIXEL_DATA,
    draw,
    encode,
    grey,
    picture_of,
)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette_gives_colours_and_its_ends_hold_beyond_it(bits: int) -> None:
    data = encode(grey(1, 4, PhotometricInterpretation="PALETTE COLOR"), None)
    for tag in (0x00281101, 0x00281102, 0x00281103):
        data += element(tag, "US", struct.pack("<3H", 2, 5, bits), syntax=EXPLICIT)
    for number, tag in enumerate((0x00281201, 0x00281202, 0x00281203)):
        entries = [10 + number, 20 + number]
        raw = bytes(entries) if bits == 8 else struct.pack("<2H", *(each << 8 for each in entries))
        data += element(tag, "OW", raw, syntax=EXPLICIT)
    data += element(PIXEL_DATA, "OB", bytes([0, 5, 6, 99]), syntax=EXPLICIT)
    assert draw(picture_of(data)) == [[(10, 11, 12), (10, 11, 12), (20, 21, 22), (20, 21, 22)]]


def test_the_window_of_an_enhanced_object_is_in_its_shared_groups() -> None:
    center = element(0x00281050, "DS", b"40", syntax=EXPLICIT) + element(0x00281051, "DS", b"80", syntax=EXPLICIT)
    shared = sequence(0x52009229, [sequence(0x00289132, [center], syntax=EXPLICIT)], syntax=EXPLICIT)
    data = encode(grey(1, 2), None) + shared + element(PIXEL_DATA, "OB", bytes(2), syntax=EXPLICIT)
    assert picture_of(data).description.window == Window(40, 80)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no Pixel Data in this message"),
        (encode({}, bytes(2)), "Rows is missing"),
        (encode({"Rows": 1}, bytes(2)), "Columns is missing"),
        (encode(grey(1, 1) | {"PhotometricInterpretation": ""}, bytes(2)), "Photometric Interpretation is missing"),
        (encode(grey(0, 1), bytes(2)), "Rows is 0, Columns 1"),
        (
            encode(grey(1, 1, PhotometricInterpretation="CMYK"), bytes(2)),
            "Interpretation CMYK is not drawn",
        ),
        (encode(grey(1, 1, PhotometricInterpretation="YBR_ICT"), bytes(2)), "Interpretation YBR_ICT is not drawn"),
        (encode(grey(1, 1, SamplesPerPixel=3), bytes(2)), "Samples per Pixel is 3, where MONOCHROME2 has 1"),
        (encode(grey(1, 1, 12), bytes(2)), "Bits Allocated 12 is not drawn"),
        (encode(grey(1, 1, BitsStored=9), bytes(2)), "Bits Stored is 9, High Bit 8, Bits Allocated 8"),
        (
            encode(grey(1, 1, PhotometricInterpretation="PALETTE COLOR"), bytes(2)),
            "palette is missing, or segmented",
        ),
    ],
)
def test_what_cannot_be_drawn_tells_why(data: bytes, told: str) -> None:
    picture = picture_of(data)
    assert picture.describe().endswith(told)
    assert picture.sample(1, 80, 40) == Sample([], problem=picture.problem)


def test_attributes_that_the_capture_lacks_are_not_guessed() -> None:
    data = encode(grey(1, 2, WindowCenter="40.0000000", WindowWidth="80"), bytes(2))
    at = data.index(b"40.000") + 5
    assert picture_of(data).description.window == Window(40, 80)
    assert picture_of(data, EXPLICIT, ((at, at + 2),)).description.window is None
