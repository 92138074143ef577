import struct
import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config, dcmread
from pydicom.pixels.processing import apply_color_lut

from dissect.dicom.encodings import DEFLATED, inflate
from dissect.node import Node
from dissect.pictures.colours import Window
from dissect.pictures.pixels import LARGEST_SAMPLE, Picture, make_picture, spread
from dissect.spans import Buffer, Source, Span
from dissect.tree import find_completed, make_message_node
from tests.build import (
    BIG_ENDIAN,
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    element,
    store_talk,
)
from tests.pictures import (
    FULL,
    JPEG_2000,
    PIXEL_DATA,
    RLE,
    TAGS,
    Attributes,
    draw,
    encode,
    fragments,
    grey,
    hang,
    picture_of,
    tones,
)
from tests.trees import read_talk

FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def test_a_picture_tells_what_it_is() -> None:
    told = grey(4, 2, 16, SOPClassUID=CT_IMAGE_STORAGE + "\0", NumberOfFrames="40", BitsStored=12, HighBit=11)
    told |= {"WindowCenter": "40\\50", "WindowWidth": "400\\500", "RescaleSlope": "2", "RescaleIntercept": "-1024"}
    picture = picture_of(encode(told, bytes(4 * 2 * 2 * 40)))
    assert picture.describe() == "CT Image Storage 2 x 4, 16 bit MONOCHROME2, frame 1 of 40"
    about = picture.description
    assert (about.rows, about.columns, about.frames, about.samples) == (4, 2, 40, 1)
    assert (about.bits_allocated, about.bits_stored, about.high_bit) == (16, 12, 11)
    assert (about.window, about.slope, about.intercept) == (Window(40, 400), 2, -1024)


def test_the_window_is_the_given_one_or_that_of_the_tags_or_spans_what_was_sampled() -> None:
    values = struct.pack("<4h", -100, 0, 50, 300)
    about = grey(1, 4, 16, PixelRepresentation=1)
    bare = picture_of(encode(about, values)).sample(1, 4, 1)
    assert bare.window == Window(100.5, 401)
    assert tones(bare.rows) == [[0, 64, 96, 255]]
    tagged = picture_of(encode(about | {"WindowCenter": "0.5", "WindowWidth": "1"}, values)).sample(1, 4, 1)
    assert tones(tagged.rows) == [[0, 0, 255, 255]]
    spanned = picture_of(encode(about | {"WindowCenter": "0.5", "WindowWidth": "1"}, values)).sample(1, 4, 1, "sampled")
    assert (spanned.window, spanned.rows) == (bare.window, bare.rows)
    given_one = picture_of(encode(about, values)).sample(1, 4, 1, Window(0.5, 101))
    assert (given_one.window, tones(given_one.rows)) == (Window(0.5, 101), [[0, 128, 255, 255]])


def test_values_are_rescaled_before_the_window() -> None:
    about = grey(1, 3, 16, RescaleSlope="2", RescaleIntercept="-1000", WindowCenter="0.5", WindowWidth="101")
    assert tones(draw(picture_of(encode(about, struct.pack("<3H", 475, 500, 525))))) == [[0, 128, 255]]


def test_a_picture_of_one_tone_keeps_it() -> None:
    assert tones(draw(picture_of(encode(grey(1, 2), bytes([128, 128]))))) == [[128, 128]]


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


def test_a_message_without_a_data_set_has_no_picture() -> None:
    assert make_picture(Node("c-echo-rq.1", "Message"), "").describe() == "no Pixel Data in this message"


def test_pixel_data_that_is_cut_shows_what_there_is() -> None:
    picture = picture_of(encode(grey(2, 4), bytes([9, 9, 9, 9, 9, 9])))
    assert picture.describe() == "4 x 2, 8 bit MONOCHROME2; pixel data is cut: 6 of 8 bytes"
    assert tones(draw(picture, window=FULL)) == [[9, 9, 9, 9], [9, 9, None, None]]
    several = picture_of(encode(grey(2, 4, NumberOfFrames="1000000000"), bytes(8)))
    assert tones(draw(several, 1_000_000_000)) == [[None] * 4] * 2


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
    about = picture.description
    sample = picture.sample(about.frames, 60, 40)
    dataset = dcmread(FILES / name)
    array = dataset.pixel_array[-1] if about.frames > 1 else dataset.pixel_array
    if about.palette is not None:
        array = apply_color_lut(array, dataset) >> 8
    across, down = spread(about.columns, len(sample.rows[0])), spread(about.rows, len(sample.rows))
    top = (1 << about.bits_stored) - 1
    for row, colours in zip(down, sample.rows, strict=True):
        for column, colour in zip(across, colours, strict=True):
            pixel = array[row, column]
            if sample.window is not None:
                assert colour == (sample.window.find_tone(pixel * about.slope + about.intercept),) * 3
            else:
                levels = [int(each) if about.palette is not None else int(each) * 255 // top for each in pixel]
                assert colour is not None
                assert all(abs(a - b) <= 1 for a, b in zip(colour, levels, strict=True))
