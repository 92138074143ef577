import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.pictures.compression import decode_rle, measure_codestream, unpack_bytes
from tests.build import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    element,
)
from tests.pictures import (
    FULL,
    JPEG_2000,
    JPEG_BASELINE,
    RLE,
    coloured,
    draw,
    encode,
    fragments,
    grey,
    pack_rle,
    picture_of,
    tones,
)

FRAMES = [bytes([1, 1, 1, 2, 3, 4]), bytes([9] * 6), bytes([5, 6, 7, 8, 8, 8])]


def test_rle_is_decoded_frame_by_frame() -> None:
    data = encode(grey(2, 3, NumberOfFrames="3"), None) + fragments(*(pack_rle(2, 3, each) for each in FRAMES))
    picture = picture_of(data, RLE)
    assert picture.describe(2) == "3 x 2, 8 bit MONOCHROME2, RLE Lossless, frame 2 of 3"
    for number, frame in enumerate(FRAMES, 1):
        assert tones(draw(picture, number, FULL)) == [list(frame[:3]), list(frame[3:])]


@pytest.mark.parametrize("extended", [False, True])
def test_frames_of_several_fragments_are_found_by_the_offset_table(extended: bool) -> None:
    pieces = [piece for each in (pack_rle(2, 3, each) for each in FRAMES) for piece in (each[:60], each[60:])]
    starts, at = [], 0
    for index, piece in enumerate(pieces):
        starts += [] if index % 2 else [at]
        at += 8 + len(piece)
    table = struct.pack("<3I", *starts)
    head = encode(grey(2, 3, NumberOfFrames="3"), None)
    if extended:
        head += element(0x7FE00001, "OV", struct.pack("<3Q", *starts), syntax=EXPLICIT)
        table = b""
    picture = picture_of(head + fragments(*pieces, table=table), RLE)
    for number, frame in enumerate(FRAMES, 1):
        assert tones(draw(picture, number, FULL)) == [list(frame[:3]), list(frame[3:])]
    lost = picture_of(encode(grey(2, 3, NumberOfFrames="3"), None) + fragments(*pieces), RLE)
    assert lost.sample(2, 3, 2).problem == "where frame 2 begins is not told: 6 fragments, no offset table"


@pytest.mark.parametrize(("bits", "samples"), [(8, 1), (16, 1), (8, 3), (16, 3)])
@given(data=st.data())
def test_rle_is_decoded_as_pydicom_encodes_it(bits: int, samples: int, data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    size, count = bits // 8, rows * columns
    pixels = data.draw(st.binary(min_size=count * samples * size, max_size=count * samples * size))
    packed = pack_rle(rows, columns, pixels, bits=bits, samples=samples)
    each = [pixels[at : at + size] for at in range(0, len(pixels), size)]
    planes = b"".join(b"".join(each[sample::samples]) for sample in range(samples))
    assert bytes(decode_rle(packed, count, samples, size) or b"") == planes


def test_pixels_in_fragments_that_share_their_chrominance_are_drawn_as_those_in_none() -> None:
    attributes, pixels = coloured(2, 2, "YBR_FULL_422"), bytes([10, 200, 90, 160, 70, 30, 128, 128])
    plain = draw(picture_of(encode(attributes, pixels)))
    assert len({colour for row in plain for colour in row}) == 4
    assert draw(picture_of(encode(attributes, None) + fragments(pixels), "1.2.840.10008.1.2.1.98")) == plain


@given(data=st.binary(max_size=200), count=st.integers(1, 100), samples=st.integers(1, 3), size=st.integers(1, 4))
def test_any_bytes_are_taken_for_rle_without_harm(data: bytes, count: int, samples: int, size: int) -> None:
    for start in (data, struct.pack("<16I", samples * size, *([64] * 15)) + data):
        decoded = decode_rle(start, count, samples, size)
        assert decoded is None or len(decoded) == count * samples * size
    assert len(unpack_bytes(data, count)) <= count


def test_a_frame_of_rle_that_is_not_whole_is_not_drawn() -> None:
    packed = pack_rle(2, 3, FRAMES[0])
    head = encode(grey(2, 3), None)
    assert picture_of(head + fragments(packed[:66]), RLE).sample(1, 3, 2).problem
    data = head + fragments(packed)
    at = data.index(packed)
    missing = picture_of(data, RLE, ((at + 65, at + 66),))
    assert missing.sample(1, 3, 2).problem == "frame 1 is not whole in this capture"
    assert picture_of(data[: at + 66], RLE).sample(1, 3, 2).problem == "frame 1 is not whole in this capture"


def test_a_vast_frame_of_rle_is_refused() -> None:
    for size, told in ((65535, "frame 1 is too large to be decoded"), (8000, "its RLE segments do not hold the frame")):
        picture = picture_of(encode(grey(size, size), None) + fragments(bytes([1, 0, 0, 0, 64]) + bytes(100)), RLE)
        assert picture.sample(1, 3, 2).problem == told


def test_compressed_pixel_data_without_a_decoder_tells_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.is_available", False)
    head = encode(grey(2, 3, SOPClassUID=CT_IMAGE_STORAGE + "\0"), None)
    picture = picture_of(head + fragments(bytes(100), bytes(2), bytes(2)), JPEG_2000)
    assert picture.describe() == (
        "CT Image Storage 3 x 2, 8 bit MONOCHROME2; JPEG 2000 Image Compression (Lossless Only), 3 fragments,"
        " 104 bytes: no decoder installed (pip install pylibjpeg[all]); export writes the object as it was sent"
    )
    for transfer in (EXPLICIT, "", "1.2.3", "1.2.840.10008.1.2.4.110"):
        assert "no decoder installed" in picture_of(head + fragments(bytes(4)), transfer).problem
    assert picture_of(head + fragments(), RLE).problem == "Pixel Data has no fragments"


def test_compression_that_nobody_told_is_found_by_the_code_stream() -> None:
    data = encode(grey(2, 3), None) + fragments(pack_rle(2, 3, FRAMES[0]))
    assert tones(draw(picture_of(data, ""), window=FULL)) == [[1, 1, 1], [2, 3, 4]]


def test_fragments_that_are_not_compressed_are_drawn_as_they_are() -> None:
    data = encode(grey(2, 3), None) + fragments(FRAMES[0])
    assert tones(draw(picture_of(data, "1.2.840.10008.1.2.1.98"), window=FULL)) == [[1, 1, 1], [2, 3, 4]]


def test_a_code_stream_of_another_size_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.is_available", True)
    frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"
    picture = picture_of(encode(grey(2, 4), None) + fragments(frame + b"\0"), JPEG_BASELINE)
    assert picture.sample(1, 4, 2).problem == "JPEG Baseline (Process 1): the code stream tells of 3 x 2, 1 component"
    size = b"\xff\x4f\xff\x51\x00\x29" + struct.pack(">H8IH", 0, 30, 20, 10, 5, 30, 20, 0, 0, 3) + bytes(3)
    assert measure_codestream(size) == (15, 20, 3)
    assert measure_codestream(b"\xff\xd8\xff\xc0") is None
    assert measure_codestream(b"") is None


def test_what_a_decoder_complains_of_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("no such\n  marker")

    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.is_available", True)
    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.as_buffer", refuse)
    frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"
    picture = picture_of(encode(grey(2, 3), None) + fragments(frame + b"\0"), JPEG_BASELINE)
    assert picture.sample(1, 4, 2).problem == "JPEG Baseline (Process 1): not decoded: no such marker"


def test_a_frame_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = picture_of(encode(grey(2, 3), None) + fragments(pack_rle(2, 3, FRAMES[0])), RLE)
    first = picture.sample(1, 3, 2, FULL)
    monkeypatch.delattr("dissect.pictures.compression.decode_rle")
    assert picture.sample(1, 3, 2, FULL) == first
