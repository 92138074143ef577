import struct
import tracemalloc
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config, dcmread
from pydicom.pixels.encoders.base import get_encoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import RLELossless

from dissect.elements import walk_elements
from dissect.encodings import DEFLATED, choose_encoding, inflate
from dissect.node import Node
from dissect.pixels import (
    LARGEST_SAMPLE,
    Picture,
    Sample,
    Window,
    convert_luminance,
    decode_rle,
    make_picture,
    measure_codestream,
    spread,
    unpack_bytes,
)
from dissect.spans import Buffer, Source, Span
from dissect.tree import find_completed, make_message_node
from tests.build import (
    BIG_ENDIAN,
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    SEQUENCE_DELIMITATION,
    UNDEFINED,
    element,
    sequence,
    store_talk,
)
from tests.trees import Bytes, read_talk

RLE, JPEG_2000, JPEG_BASELINE = RLELossless, "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.50"
PIXEL_DATA = 0x7FE00010
TAGS = {
    "SOPClassUID": (0x00080016, "UI"), "SamplesPerPixel": (0x00280002, "US"),
    "PhotometricInterpretation": (0x00280004, "CS"), "PlanarConfiguration": (0x00280006, "US"),
    "NumberOfFrames": (0x00280008, "IS"), "Rows": (0x00280010, "US"), "Columns": (0x00280011, "US"),
    "PixelSpacing": (0x00280030, "DS"), "PixelAspectRatio": (0x00280034, "IS"),
    "BitsAllocated": (0x00280100, "US"), "BitsStored": (0x00280101, "US"), "HighBit": (0x00280102, "US"),
    "PixelRepresentation": (0x00280103, "US"), "WindowCenter": (0x00281050, "DS"), "WindowWidth": (0x00281051, "DS"),
    "RescaleIntercept": (0x00281052, "DS"), "RescaleSlope": (0x00281053, "DS"),
}  # fmt: skip
FILES = Path(pydicom.__file__).parent / "data" / "test_files"

Attributes = Mapping[str, int | str]
Colours = list[list[tuple[int, int, int] | None]]


def encode(attributes: Attributes, pixels: bytes | None, *, syntax: str = EXPLICIT, vr: str = "OW") -> bytes:
    """Encode a data set of attributes and pixel data, in the order of the tags."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    data = b""
    for name, (tag, kind) in TAGS.items():
        if name in attributes:
            value = attributes[name]
            raw = struct.pack(f"{order}H", value) if isinstance(value, int) else value.encode("latin-1")
            data += element(tag, kind, raw + b" " * (len(raw) % 2), syntax=syntax)
    return data + (b"" if pixels is None else element(PIXEL_DATA, vr, pixels, syntax=syntax))


def hang(source: Source, transfer: str) -> Node:
    """Make the node of a message that has a source for its data set."""
    message = Node("c-store-rq.1", "Message")
    encoding, _ = choose_encoding(transfer, source)
    walk_elements(source, encoding, message.add(Node("data-set", "Data Set")))
    return message


def picture_of(data: bytes, transfer: str = EXPLICIT, missing: tuple[tuple[int, int], ...] = ()) -> Picture:
    """Read a data set and make its picture."""
    return make_picture(hang(Bytes(data, missing), transfer), transfer)


def grey(rows: int, columns: int, bits: int = 8, **others: int | str) -> dict[str, int | str]:
    """Give the attributes of a grey picture."""
    found: dict[str, int | str] = {"PhotometricInterpretation": "MONOCHROME2", "Rows": rows, "Columns": columns}
    return found | {"BitsAllocated": bits} | others


def coloured(rows: int, columns: int, photometric: str, **others: int | str) -> dict[str, int | str]:
    """Give the attributes of a picture in colour."""
    return grey(rows, columns, PhotometricInterpretation=photometric, SamplesPerPixel=3) | others


def draw(picture: Picture, frame: int = 1, window: Window | None = None) -> Colours:
    """Sample a picture as large as it is."""
    sample = picture.sample(frame, picture.columns, picture.rows, window)
    assert not sample.problem
    return sample.rows


def tones(rows: Colours) -> list[list[int | None]]:
    """Give the tones of a grey picture."""
    assert all(each is None or len(set(each)) == 1 for row in rows for each in row)
    return [[None if each is None else each[0] for each in row] for row in rows]


FULL = Window(128, 256)
"""Shows each value of 8 bits as it is."""


def test_a_picture_tells_what_it_is() -> None:
    about = grey(4, 2, 16, SOPClassUID=CT_IMAGE_STORAGE + "\0", NumberOfFrames="40", BitsStored=12, HighBit=11)
    about |= {"WindowCenter": "40\\50", "WindowWidth": "400\\500", "RescaleSlope": "2", "RescaleIntercept": "-1024"}
    picture = picture_of(encode(about, bytes(4 * 2 * 2 * 40)))
    assert picture.describe() == "CT Image Storage 2 x 4, 16 bit MONOCHROME2, frame 1 of 40"
    assert (picture.rows, picture.columns, picture.frames, picture.samples) == (4, 2, 40, 1)
    assert (picture.bits_allocated, picture.bits_stored, picture.high_bit) == (16, 12, 11)
    assert (picture.window, picture.slope, picture.intercept) == (Window(40, 400), 2, -1024)


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


def test_monochrome1_is_dark_where_values_are_high() -> None:
    picture = picture_of(encode(grey(1, 2, PhotometricInterpretation="MONOCHROME1"), bytes([0, 200])))
    assert tones(draw(picture, window=FULL)) == [[255, 55]]


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


def test_luminance_is_turned_into_colours() -> None:
    pixels = [(76, 84, 255), (149, 43, 21), (29, 255, 107)]
    [row] = draw(picture_of(encode(coloured(1, 3, "YBR_FULL"), bytes(sum(pixels, ())) + b"\0")))
    assert row == [convert_luminance(*each) for each in pixels]
    for got, wanted in zip(row, [(254, 0, 0), (0, 255, 0), (0, 0, 254)], strict=True):
        assert got is not None
        assert all(abs(a - b) <= 2 for a, b in zip(got, wanted, strict=True))


def test_two_pixels_share_their_chrominance() -> None:
    data = bytes([10, 20, 128, 128, 30, 40, 128, 128])
    assert tones(draw(picture_of(encode(coloured(1, 4, "YBR_FULL_422"), data)))) == [[10, 20, 30, 40]]


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


def test_the_window_is_the_given_one_or_that_of_the_tags_or_spans_what_was_sampled() -> None:
    values = struct.pack("<4h", -100, 0, 50, 300)
    about = grey(1, 4, 16, PixelRepresentation=1)
    bare = picture_of(encode(about, values)).sample(1, 4, 1)
    assert bare.window == Window(100.5, 401)
    assert tones(bare.rows) == [[0, 64, 96, 255]]
    tagged = picture_of(encode(about | {"WindowCenter": "0.5", "WindowWidth": "1"}, values)).sample(1, 4, 1)
    assert tones(tagged.rows) == [[0, 0, 255, 255]]
    given_one = picture_of(encode(about, values)).sample(1, 4, 1, Window(0.5, 101))
    assert (given_one.window, tones(given_one.rows)) == (Window(0.5, 101), [[0, 128, 255, 255]])


def test_values_are_rescaled_before_the_window() -> None:
    about = grey(1, 3, 16, RescaleSlope="2", RescaleIntercept="-1000", WindowCenter="0.5", WindowWidth="101")
    assert tones(draw(picture_of(encode(about, struct.pack("<3H", 475, 500, 525))))) == [[0, 128, 255]]


def test_a_window_below_one_is_that_of_real_numbers() -> None:
    assert [Window(0.5, 0.5).find_tone(value) for value in (0.25, 0.5, 0.75)] == [0, 128, 255]
    assert [Window(0.5, 0).find_tone(value) for value in (0.4, 0.6)] == [0, 255]


def test_a_picture_of_one_tone_keeps_it() -> None:
    assert tones(draw(picture_of(encode(grey(1, 2), bytes([128, 128]))))) == [[128, 128]]


def test_the_window_of_an_enhanced_object_is_in_its_shared_groups() -> None:
    center = element(0x00281050, "DS", b"40", syntax=EXPLICIT) + element(0x00281051, "DS", b"80", syntax=EXPLICIT)
    shared = sequence(0x52009229, [sequence(0x00289132, [center], syntax=EXPLICIT)], syntax=EXPLICIT)
    data = encode(grey(1, 2), None) + shared + element(PIXEL_DATA, "OB", bytes(2), syntax=EXPLICIT)
    assert picture_of(data).window == Window(40, 80)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [({}, (40, 20)), ({"PixelSpacing": "2\\1"}, (40, 40)), ({"PixelAspectRatio": "1\\2"}, (40, 10)),
     ({"PixelSpacing": "0\\1"}, (40, 20)), ({"PixelSpacing": "1e300\\1"}, (40, 20)), ({"PixelSpacing": "1"}, (40, 20))],
)  # fmt: skip
def test_a_picture_keeps_its_shape(attributes: Attributes, size: tuple[int, int]) -> None:
    rows = picture_of(encode({**grey(2, 4), **attributes}, bytes(8))).sample(1, 40, 60).rows
    assert (len(rows[0]), len(rows)) == size


def test_a_small_sample_takes_the_pixels_nearest_to_its_own() -> None:
    assert spread(6, 3) == [1, 3, 5]
    assert spread(2, 4) == [0, 0, 1, 1]
    picture = picture_of(encode(grey(4, 4), bytes(range(16))))
    assert tones(picture.sample(1, 2, 2, FULL).rows) == [[5, 7], [13, 15]]


def test_a_sample_has_a_bound_and_at_least_one_pixel() -> None:
    picture = picture_of(encode(grey(1, 1), bytes(2)))
    assert len(picture.sample(1, 1 << 40, 1 << 40).rows) == LARGEST_SAMPLE
    assert picture.sample(0, -5, 0).rows == [[(0, 0, 0)]]


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


def test_a_message_without_a_data_set_has_no_picture() -> None:
    assert make_picture(Node("c-echo-rq.1", "Message"), "").describe() == "no Pixel Data in this message"


def test_pixel_data_that_is_cut_shows_what_there_is() -> None:
    picture = picture_of(encode(grey(2, 4), bytes([9, 9, 9, 9, 9, 9])))
    assert picture.describe() == "4 x 2, 8 bit MONOCHROME2; pixel data is cut: 6 of 8 bytes"
    assert tones(draw(picture, window=FULL)) == [[9, 9, 9, 9], [9, 9, None, None]]
    several = picture_of(encode(grey(2, 4, NumberOfFrames="1000000000"), bytes(8)))
    assert tones(draw(several, 1_000_000_000)) == [[None] * 4] * 2


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


def test_attributes_that_the_capture_lacks_are_not_guessed() -> None:
    data = encode(grey(1, 2, WindowCenter="40.0000000", WindowWidth="80"), bytes(2))
    at = data.index(b"40.000") + 5
    assert picture_of(data).window == Window(40, 80)
    assert picture_of(data, EXPLICIT, ((at, at + 2),)).window is None


def test_nothing_is_drawn_of_what_comes_behind_a_lost_fragment() -> None:
    data = encode(grey(2, 2), bytes([5, 5, 5, 5]))
    message = Node("c-store-rq.1", "Message")
    source = Buffer(data)
    encoding, _ = choose_encoding(EXPLICIT, source)
    walk_elements(source, encoding, message.add(Node("data-set", "Data Set")), len(data) - 2)
    assert tones(draw(make_picture(message, EXPLICIT), window=FULL)) == [[5, 5], [None, None]]


def test_the_picture_of_a_recorded_message_is_drawn_from_its_fragments() -> None:
    data = encode(grey(16, 16, SOPClassUID=CT_IMAGE_STORAGE + "\0"), bytes(range(256)))
    arrivals = read_talk(store_talk(data, pdv_size=100, syntax=EXPLICIT))
    [(message, association)] = [
        (message, arrival.association)
        for arrival in arrivals
        for message in find_completed(arrival)
        if message.name == "C-STORE-RQ"
    ]
    picture = make_picture(make_message_node(message, association), EXPLICIT)
    assert picture.describe() == "CT Image Storage 16 x 16, 8 bit MONOCHROME2"
    assert tones(draw(picture, window=FULL)) == [list(range(at, at + 16)) for at in range(0, 256, 16)]


class Vast(Source):
    """A head and then as many zeros as a length field can tell of, which counts what is read of it."""

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.count = 0

    @property
    def size(self) -> int:
        return len(self.head) + 0xFFFFFFFE

    def read(self, start: int, stop: int) -> bytes:
        stop = min(stop, self.size)
        self.count += stop - start
        return self.head[start:stop].ljust(stop - start, b"\0")

    def origins(self, start: int, stop: int) -> Iterator[Span]:
        return iter(())


def test_of_vast_pixel_data_little_is_read() -> None:
    head = encode(grey(512, 512, 16, NumberOfFrames="8000", SOPClassUID=CT_IMAGE_STORAGE + "\0"), None)
    source = Vast(head + element(PIXEL_DATA, "OW", b"", syntax=EXPLICIT, length=0xFFFFFFFE))
    message = hang(source, EXPLICIT)
    tracemalloc.start()
    picture = make_picture(message, EXPLICIT)
    sample = picture.sample(8000, 80, 46)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(sample.rows), picture.remark) == (46, "")
    assert source.count < 1 << 18
    assert most < 1 << 20


def fragments(*data: bytes, table: bytes = b"") -> bytes:
    """Encode encapsulated pixel data, each item as it is."""
    items = b"".join(element(ITEM, "", each) for each in (table, *data))
    body = items + element(SEQUENCE_DELIMITATION, "", b"")
    return element(PIXEL_DATA, "OB", body, syntax=EXPLICIT, length=UNDEFINED)


def pack_rle(rows: int, columns: int, pixels: bytes, *, bits: int = 8, samples: int = 1) -> bytes:
    """Let pydicom encode a frame as RLE Lossless."""
    return get_encoder(RLE).encode(
        pixels, rows=rows, columns=columns, samples_per_pixel=samples, bits_allocated=bits, bits_stored=bits,
        number_of_frames=1, pixel_representation=0, planar_configuration=0,
        photometric_interpretation="RGB" if samples == 3 else "MONOCHROME2",
    )  # fmt: skip


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
        " 104 bytes: no decoder installed; export writes the object as it was sent"
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


def test_what_a_decoder_complains_of_is_told() -> None:
    frame = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"
    picture = picture_of(encode(grey(2, 3), None) + fragments(frame + b"\0"), JPEG_BASELINE)
    picture.problem = ""  # as if a decoder were there
    assert "JPEG Baseline (Process 1): not decoded: " in picture.sample(1, 4, 2).problem


def test_a_frame_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = picture_of(encode(grey(2, 3), None) + fragments(pack_rle(2, 3, FRAMES[0])), RLE)
    first = picture.sample(1, 3, 2, FULL)
    monkeypatch.delattr("dissect.pixels.decode_rle")
    assert picture.sample(1, 3, 2, FULL) == first


VALUES = st.one_of(
    st.integers(0, 65535), st.sampled_from([0, 1, 2, 3, 7, 8, 12, 16, 32, 65535]), st.text("\\-1e9. ", max_size=6)
)
TERMS = st.sampled_from(
    ["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "YBR_RCT", "X"]
)


@given(
    attributes=st.dictionaries(st.sampled_from([name for name in TAGS if name != "PhotometricInterpretation"]), VALUES),
    photometric=TERMS,
    pixels=st.binary(max_size=64),
    transfer=st.sampled_from([EXPLICIT, IMPLICIT, BIG_ENDIAN, RLE, JPEG_2000, "1.2.840.10008.1.2.1.98", ""]),
    encapsulated=st.booleans(),
    frame=st.integers(-1, 70000),
)
def test_any_attributes_raise_nothing(
    attributes: dict[str, int | str], photometric: str, pixels: bytes, transfer: str, encapsulated: bool, frame: int
) -> None:
    about = grey(2, 2, 16, PhotometricInterpretation=photometric) | attributes
    syntax = EXPLICIT if encapsulated or transfer not in (IMPLICIT, BIG_ENDIAN) else transfer
    data = encode(about, None if encapsulated else pixels, syntax=syntax)
    data += fragments(pixels[:20], pixels[20:]) if encapsulated else b""
    picture = picture_of(data, transfer)
    sample = picture.sample(frame, 9, 7)
    assert picture.describe(frame)
    assert bool(sample.rows) != bool(sample.problem)
    assert all(each is None or all(0 <= level <= 255 for level in each) for row in sample.rows for each in row)


def read_file(path: Path) -> Picture:
    """Make the picture of a file's data set."""
    raw = path.read_bytes()
    [length] = struct.unpack_from("<I", raw, 140)
    source: Source = Buffer(raw[144 + length :])
    transfer = str(dcmread(BytesIO(raw), force=True, stop_before_pixels=True).file_meta.TransferSyntaxUID)
    if transfer in DEFLATED:
        source, _ = inflate(source)
    return make_picture(hang(source, transfer), transfer)


NATIVE = [
    "CT_small.dcm", "ExplVR_BigEnd.dcm", "MR_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm",
    "MR_small_RLE.dcm", "SC_rgb_rle.dcm", "SC_rgb_rle_16bit_2frame.dcm", "SC_rgb_small_odd.dcm",
    "SC_rgb_small_odd_big_endian.dcm", "SC_ybr_full_422_uncompressed.dcm", "examples_overlay.dcm",
    "examples_palette.dcm", "image_dfl.dcm", "liver_1frame.dcm", "liver_expb_1frame.dcm", "rtdose.dcm",
    "rtdose_expb.dcm", "rtdose_rle.dcm",
]  # fmt: skip


@pytest.mark.parametrize("name", NATIVE)
def test_pixels_are_those_that_pydicom_reads(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy", reason="pydicom's arrays are numpy's")
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)
    picture = read_file(FILES / name)
    sample = picture.sample(picture.frames, 60, 40)
    dataset = dcmread(FILES / name)
    array = dataset.pixel_array[-1] if picture.frames > 1 else dataset.pixel_array
    if picture.palette is not None:
        array = apply_color_lut(array, dataset) >> 8
    across, down = spread(picture.columns, len(sample.rows[0])), spread(picture.rows, len(sample.rows))
    top = (1 << picture.bits_stored) - 1
    for row, colours in zip(down, sample.rows, strict=True):
        for column, colour in zip(across, colours, strict=True):
            pixel = array[row, column]
            if sample.window is not None:
                assert colour == (sample.window.find_tone(pixel * picture.slope + picture.intercept),) * 3
            else:
                levels = [int(each) if picture.palette is not None else int(each) * 255 // top for each in pixel]
                assert colour is not None
                assert all(abs(a - b) <= 1 for a, b in zip(colour, levels, strict=True))
