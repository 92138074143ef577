import struct

import pytest

from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import choose_encoding
from dissect.node import Node
from dissect.pictures.colours import Window
from dissect.pictures.pixels import make_picture
from dissect.spans import Buffer
from tests.build import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
)
from tests.pictures import (
    FULL,
    coloured,
    draw,
    encode,
    grey,
    picture_of,
    tones,
)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN], ids=["implicit", "explicit", "big"])
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_grey_pixels_are_read_in_each_byte_order(syntax: str, bits: int) -> None:
    values = [0, 1, 2, 127, 200, 255]
    code = {8: "B", 16: "H", 32: "I"}[bits]
    data = struct.pack(f"{'>' if syntax == BIG_ENDIAN else '<'}6{code}", *values)
    if bits == 8 and syntax == BIG_ENDIAN:
        data = b"".join(data[at : at + 2][::-1] for at in range(0, len(data), 2))  # 16-bit words (PS3.5 8.2)
    picture = picture_of(encode(grey(2, 3, bits), data, syntax=syntax), syntax)
    assert tones(draw(picture, window=FULL)) == [values[:3], values[3:]]


def test_the_pixel_data_of_ge_is_in_big_endian_alone() -> None:
    picture = picture_of(encode(grey(1, 2, 16), struct.pack(">2H", 7, 9), syntax=IMPLICIT), "1.2.840.113619.5.2")
    assert tones(draw(picture, window=FULL)) == [[7, 9]]


def test_signed_values_stand_between_other_bits() -> None:
    about = grey(1, 3, 16, BitsStored=8, HighBit=11, PixelRepresentation=1)
    data = struct.pack("<3H", 0xF7FF, 0x0000 | 0xA00F, 0x0800)  # 7F, 00 and 80 in bits 4 to 11
    assert tones(draw(picture_of(encode(about, data)), window=Window(0, 256))) == [[255, 128, 0]]


def test_single_bits_are_read_from_the_lowest_across_frames() -> None:
    frames = [[1, 0, 1], [1, 1, 0], [0, 1, 1]], [[0, 0, 1], [1, 0, 1], [0, 1, 0]]
    flat = [bit for frame in frames for row in frame for bit in row]
    data = bytes(sum(bit << place for place, bit in enumerate(flat[at : at + 8])) for at in range(0, len(flat), 8))
    picture = picture_of(encode(grey(3, 3, 1, NumberOfFrames="2"), data + b"\0", vr="OB"))
    for number, frame in enumerate(frames, 1):
        assert tones(draw(picture, number)) == [[bit * 255 for bit in row] for row in frame]


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_stand_together_or_in_planes(planar: int) -> None:
    pixels = [(1, 2, 3), (40, 50, 60), (70, 80, 90), (255, 0, 254)]
    ordered = zip(*pixels, strict=True) if planar else pixels
    data = bytes(level for each in ordered for level in each)
    about = coloured(2, 2, "RGB", PlanarConfiguration=planar, NumberOfFrames="2")
    assert draw(picture_of(encode(about, bytes(12) + data)), 2) == [pixels[:2], pixels[2:]]


def test_two_pixels_share_their_chrominance() -> None:
    data = bytes([10, 20, 128, 128, 30, 40, 128, 128])
    assert tones(draw(picture_of(encode(coloured(1, 4, "YBR_FULL_422"), data)))) == [[10, 20, 30, 40]]


@pytest.mark.parametrize("syntax", [EXPLICIT, BIG_ENDIAN])
def test_pixels_whose_bytes_the_capture_lacks_are_none(syntax: str) -> None:
    data = encode(grey(2, 3, 16), bytes([7] * 12), syntax=syntax)
    start = len(data) - 12
    picture = picture_of(data, syntax, ((start + 3, start + 7),))
    assert picture.remark == "the capture lacks some of its bytes"
    assert [[each is None for each in row] for row in draw(picture)] == [[False, True, True], [True, False, False]]


def test_the_other_byte_of_a_swapped_word_is_the_missing_one() -> None:
    data = encode(grey(1, 4), bytes([2, 1, 4, 3]), syntax=BIG_ENDIAN)
    picture = picture_of(data, BIG_ENDIAN, ((len(data) - 4, len(data) - 3),))
    assert tones(draw(picture, window=FULL)) == [[None, None, 3, 4]]


def test_nothing_is_drawn_of_what_comes_behind_a_lost_fragment() -> None:
    data = encode(grey(2, 2), bytes([5, 5, 5, 5]))
    message = Node("c-store-rq.1", "Message")
    source = Buffer(data)
    encoding, _ = choose_encoding(EXPLICIT, source)
    walk_elements(source, encoding, message.add(Node("data-set", "Data Set")), len(data) - 2)
    assert tones(draw(make_picture(message, EXPLICIT), window=FULL)) == [[5, 5], [None, None]]
