"""Encapsulated pixel data, in: the samples of one of its frames, decoded, out (PS3.5 8.2, A.4).

RLE is decoded here, for its size can be bounded so, the rest by what is installed beside pydicom.
"""

import struct
import warnings
from dataclasses import dataclass, field

from dissect.amounts import tell
from dissect.dicom.codestreams import JPEG, JPEG_2000, RLE, RLE_HEADER, find_syntax, pull_segments
from dissect.dicom.encodings import DEFLATED, ENCAPSULATED_UID, ENCODINGS, EXPLICIT_LITTLE_UID
from dissect.dicom.values import call_uid, name_uid
from dissect.node import Node
from dissect.pictures.descriptions import PACKED, REVERSIBLE, Description
from dissect.pictures.rasters import Raster
from dissect.spans import Buffer

ITEM = "(fffe,e000)"
SIZE_SEGMENT = 0x51
"""The marker of a JPEG 2000 image's size (ITU-T T.800 A.5.1)."""
FRAME_SEGMENTS = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xF7)
"""The markers of a JPEG or JPEG-LS frame (ITU-T T.81 B.1.1.3, T.87 C.1.1)."""

LARGEST_FRAME = 1 << 26
"""A frame of more bytes is not decoded: those of mammography have half as many."""
LOOKED_AT = 1 << 12
"""How many bytes of a code stream tell what it is."""


@dataclass(slots=True, eq=False)
class Encapsulated:
    """Pixel data in fragments."""

    pixels: Node
    offsets: Node | None
    """The Extended Offset Table."""
    description: Description
    transfer: str
    """The transfer syntax, as told or as the code stream looks."""
    _decoded: tuple[int, Raster | str] = field(default=(0, ""), repr=False)
    """The last frame that was decoded."""

    @property
    def fragments(self) -> list[Node]:
        """Give the fragments, without the Basic Offset Table."""
        return list_items(self.pixels)[1:]

    @property
    def compression(self) -> str:
        """Give the name of the transfer syntax, without what PS3.6 says of it besides."""
        return call_uid(self.transfer).partition(":")[0] or "unknown compression"

    @property
    def decodable(self) -> bool:
        """Tell whether there is a decoder."""
        return has_decoder(self.transfer)

    def find_obstacle(self) -> str:
        """Tell why no frame can be decoded; '' where they can."""
        fragments = self.fragments
        if not fragments:
            return "Pixel Data has no fragments"
        if self.decodable:
            return ""
        size = measure_fragments(fragments)
        told = f"{self.compression}, {tell(len(fragments), 'fragment')}, {size:,} bytes"
        return f"{told}: no decoder installed (pip install pylibjpeg[all]); export writes the object as it was sent"

    def open(self, frame: int) -> Raster | str:
        """Give the samples of a frame, or tell why there are none; the last frame is kept."""
        if self._decoded[0] != frame:
            self._decoded = frame, self._decode(frame)
        return self._decoded[1]

    def _decode(self, frame: int) -> Raster | str:
        """Decode a frame, or tell why it cannot be decoded."""
        about = self.description
        fragments = self._find_fragments(frame)
        if not fragments:
            return f"where frame {frame:,} begins is not told: {tell(len(self.fragments), 'fragment')}, no offset table"
        samples = about.rows * about.columns * about.samples
        if max(measure_fragments(fragments), samples * about.bits_allocated // 8) > LARGEST_FRAME:
            return f"frame {frame:,} is too large to be decoded"
        if not all(map(is_whole, fragments)):
            return f"frame {frame:,} is not whole in this capture"
        data = b"".join(bytes(each.span.source.read(each.body, each.span.stop)) for each in fragments if each.span)
        if self.transfer == ENCAPSULATED_UID:
            return wrap(data, about, about.planar, packed=about.photometric == PACKED)
        if self.transfer == RLE:
            planes = decode_rle(data, about.rows * about.columns, about.samples, about.bits_allocated // 8)
            return "its RLE segments do not hold the frame" if planes is None else wrap(planes, about, 1)
        measured = measure_codestream(data)
        if measured == (about.rows, about.columns, about.samples):
            return decode_codestream(self, data)
        told = "no size"
        if measured is not None:
            told = f"{measured[1]:,} x {measured[0]:,}, {tell(measured[2], 'component')}"
        return f"{self.compression}: the code stream tells of {told}"

    def _find_fragments(self, frame: int) -> list[Node]:
        """Give the fragments of a frame: by the offset tables where there is not one fragment a frame (PS3.5 A.4)."""
        fragments, frames = self.fragments, self.description.frames
        if frames == 1:
            return fragments
        if frames == len(fragments):
            return fragments[frame - 1 : frame]
        start, stop = self._find_offsets(frame)
        places = [(each, each.span.start) for each in fragments if each.span is not None]
        return [each for each, place in places if start <= place - places[0][1] < stop]

    def _find_offsets(self, frame: int) -> tuple[int, int]:
        """Give the offsets at which a frame and the next one begin, the same where no table tells."""
        basic = next(iter(list_items(self.pixels)), None)
        for table, size in ((basic, 4), (self.offsets, 8)):
            if table is None or table.span is None or (frame * size) > table.span.stop - table.body:
                continue
            at = table.body + (frame - 1) * size
            data = bytes(table.span.source.read(at, min(at + size * 2, table.span.stop)))
            last = int.from_bytes(data[size:], "little") if len(data) == size * 2 else 1 << 64
            return int.from_bytes(data[:size], "little"), last
        return 0, 0


def open_encapsulated(pixels: Node, offsets: Node | None, description: Description, transfer: str) -> Encapsulated:
    """Open encapsulated pixel data; where it cannot be of the transfer syntax that was told, look what it is of."""
    fragments = list_items(pixels)[1:]
    if fragments and (not transfer or transfer in ENCODINGS or transfer in DEFLATED or transfer == EXPLICIT_LITTLE_UID):
        transfer = find_compression(fragments[0])
    return Encapsulated(pixels, offsets, description, transfer)


def find_compression(fragment: Node) -> str:
    """Give the transfer syntax that the first fragment looks like, '' where it does not tell."""
    if fragment.span is None:
        return ""
    stop = min(fragment.body + LOOKED_AT, fragment.span.stop)
    return find_syntax(bytes(fragment.span.source.read(fragment.body, stop)))


def list_items(pixels: Node) -> list[Node]:
    """Give the items of encapsulated pixel data, the Basic Offset Table first."""
    return [item for item in pixels.children if item.tag == ITEM]


def measure_fragments(fragments: list[Node]) -> int:
    """Give how many bytes fragments hold."""
    return sum(each.span.stop - each.body for each in fragments if each.span is not None)


def wrap(data: bytes | bytearray, description: Description, planar: int, *, packed: bool = False) -> Raster:
    """Take the samples of a frame that stand as they are defined."""
    source, bits, photometric = Buffer(memoryview(data)), description.bits_allocated, description.photometric
    return Raster(source, 0, len(data), bits, photometric, planar, shift=description.shift, packed=packed)


def is_whole(fragment: Node) -> bool:
    """Tell whether the capture holds all bytes of a fragment."""
    span = fragment.span
    if span is None or fragment.length != span.stop - fragment.body:
        return False
    return not span.source.missing(fragment.body, span.stop) and not any(
        each.code == "fragment-gap" for each in fragment.notes
    )


def has_decoder(transfer: str) -> bool:
    """Tell whether there is a decoder for a transfer syntax."""
    if transfer in (RLE, ENCAPSULATED_UID):
        return True
    if not name_uid(transfer):
        return False
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 (its import costs more than most captures)

    try:
        return get_decoder(transfer).is_available
    except NotImplementedError:
        return False


def decode_codestream(encapsulated: Encapsulated, data: bytes) -> Raster | str:
    """Let what is installed beside pydicom decode a frame; give why it cannot where it does not."""
    from pydicom.encaps import encapsulate  # noqa: PLC0415 (its import costs more than most captures)
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415

    about = encapsulated.description
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            decoded, told = get_decoder(encapsulated.transfer).as_buffer(
                encapsulate([data], has_bot=False),
                index=0,
                rows=about.rows,
                columns=about.columns,
                number_of_frames=1,
                samples_per_pixel=about.samples,
                planar_configuration=about.planar,
                photometric_interpretation=about.photometric,
                bits_allocated=about.bits_allocated,
                bits_stored=about.bits_stored,
                pixel_representation=about.pixel_representation,
                pixel_keyword="PixelData",
            )
    except Exception as error:  # whatever a decoder raises of bytes that it cannot read
        return f"{encapsulated.compression}: not decoded: {' '.join(str(error).split())}"
    photometric = str(told["photometric_interpretation"])
    photometric = "RGB" if photometric in REVERSIBLE else photometric
    bits, planar = int(told["bits_allocated"]), int(told.get("planar_configuration", 0))
    return Raster(Buffer(memoryview(decoded)), 0, len(decoded), bits, photometric, planar)


def measure_codestream(start: bytes) -> tuple[int, int, int] | None:
    """Give rows, columns and components of a JPEG, JPEG-LS or JPEG 2000 image: no decoder may take room for more."""
    if start.startswith(JPEG_2000):
        for marker, contents in pull_segments(start, 2):
            if marker == SIZE_SEGMENT and len(contents) >= 36:
                right, bottom, left, top = struct.unpack_from(">4I", contents, 2)
                return bottom - top, right - left, int.from_bytes(contents[34:36], "big")
    elif start.startswith(JPEG):
        for marker, contents in pull_segments(start, 2):
            if marker in FRAME_SEGMENTS and len(contents) >= 6:
                rows, columns = struct.unpack_from(">HH", contents, 1)
                return rows, columns, contents[5]
    return None


def decode_rle(data: bytes, count: int, samples: int, size: int) -> bytearray | None:
    """Decode a frame of RLE Lossless (PS3.5 Annex G) to planes of little endian samples, None where it is not whole."""
    number, *offsets = struct.unpack("<16I", data[:RLE_HEADER].ljust(RLE_HEADER, b"\0"))
    # Two bytes stand for 128 at most, so that no frame takes more than 64 times as much room as it has in the capture.
    if number != samples * size or not 0 < number <= len(offsets) or len(data) * 64 < count * samples * size:
        return None
    stops = [*offsets[1:number], len(data)]
    decoded = bytearray(count * samples * size)
    for index in range(number):
        plane = unpack_bytes(data[offsets[index] : stops[index]], count)
        if len(plane) < count:
            return None
        sample, place = divmod(index, size)  # the most significant byte first
        low = sample * count * size + size - 1 - place
        decoded[low : low + (count - 1) * size + 1 : size] = plane
    return decoded


def unpack_bytes(data: bytes, count: int) -> bytearray:
    """Unpack a segment of RLE Lossless up to a number of bytes (PS3.5 G.3.2)."""
    found = bytearray()
    at = 0
    while at < len(data) and len(found) < count:
        code = data[at]
        if code < 128:
            found += data[at + 1 : at + 2 + code]
            at += code + 2
        else:
            found += data[at + 1 : at + 2] * (257 - code if code > 128 else 0)
            at += 2 if code > 128 else 1
    del found[count:]
    return found
