"""Data sets with pixel data, in: their pictures and their tones, out."""

import struct
from collections.abc import Mapping

from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import RLELossless

from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import choose_encoding
from dissect.node import Node
from dissect.pictures.colours import Window
from dissect.pictures.pixels import Choice, Picture, make_picture
from dissect.spans import Source
from tests.build import (
    BIG_ENDIAN,
    EXPLICIT,
    ITEM,
    SEQUENCE_DELIMITATION,
    UNDEFINED,
    element,
)
from tests.trees import Bytes

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


def draw(picture: Picture, frame: int = 1, window: Choice = "told") -> Colours:
    """Sample a picture as large as it is."""
    sample = picture.sample(frame, picture.description.columns, picture.description.rows, window)
    assert not sample.problem
    return sample.rows


def tones(rows: Colours) -> list[list[int | None]]:
    """Give the tones of a grey picture."""
    assert all(each is None or len(set(each)) == 1 for row in rows for each in row)
    return [[None if each is None else each[0] for each in row] for row in rows]


FULL = Window(128, 256)
"""Shows each value of 8 bits as it is."""


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
