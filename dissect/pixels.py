"""A message with pixel data, in: small pictures of its frames, not for diagnosis, out (PS3.3 C.7.6.3, PS3.5 8).

Of pixel data that is not compressed only the bytes of the sampled rows are read. Of compressed data one frame is
decoded: RLE here, for its size can be bounded so, the rest by what is installed beside pydicom.
"""

import math
import struct
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from dissect.codestreams import JPEG, JPEG_2000, RLE, RLE_HEADER, find_syntax, pull_segments
from dissect.encodings import DEFLATED, ENCODINGS, choose_encoding
from dissect.faults import tell
from dissect.node import Node, Value
from dissect.spans import Buffer, Source, clip
from dissect.values import call_uid, name_uid

SOP_CLASS, PIXEL_DATA, EXTENDED_OFFSETS, ITEM = "(0008,0016)", "(7fe0,0010)", "(7fe0,0001)", "(fffe,e000)"
SAMPLES, PHOTOMETRIC, PLANAR, FRAMES = "(0028,0002)", "(0028,0004)", "(0028,0006)", "(0028,0008)"
ROWS, COLUMNS, ALLOCATED, STORED = "(0028,0010)", "(0028,0011)", "(0028,0100)", "(0028,0101)"
HIGH_BIT, REPRESENTATION, CENTER, WIDTH = "(0028,0102)", "(0028,0103)", "(0028,1050)", "(0028,1051)"
INTERCEPT, SLOPE = "(0028,1052)", "(0028,1053)"
RATIOS = ("(0028,0034)", "(0028,0030)", "(0018,1164)")
"""Pixel Aspect Ratio, Pixel Spacing, Imager Pixel Spacing: of each the first value is the vertical one."""
PALETTES = (("(0028,1101)", "(0028,1201)"), ("(0028,1102)", "(0028,1202)"), ("(0028,1103)", "(0028,1203)"))
"""Descriptors and data of red, green and blue (PS3.3 C.7.6.3.1.5, C.7.6.3.1.6)."""

SHARED_GROUPS, GROUPS = "(5200,9229)", ("(0028,9110)", "(0028,9132)", "(0028,9145)")
"""Pixel measures, window and rescaling of the frames of an enhanced object (PS3.3 C.7.6.16.2)."""

GREY, MIXED, PALETTE = ("MONOCHROME1", "MONOCHROME2"), ("RGB", "YBR_FULL", "YBR_FULL_422"), "PALETTE COLOR"
PACKED = "YBR_FULL_422"
REVERSIBLE = ("YBR_ICT", "YBR_RCT")
"""What JPEG 2000 makes of RGB, and turns into RGB again (PS3.3 C.7.6.3.1.2)."""

EXPLICIT_UID, ENCAPSULATED_UID, GE_UID = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.98", "1.2.840.113619.5.2"
SIZE_SEGMENT = 0x51
"""The marker of a JPEG 2000 image's size (ITU-T T.800 A.5.1)."""
FRAME_SEGMENTS = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xF7)
"""The markers of a JPEG or JPEG-LS frame (ITU-T T.81 B.1.1.3, T.87 C.1.1)."""

LARGEST_NUMBER, LARGEST_RATIO = 1e12, 16.0
MOST_VALUES = 3
"""How many values are read of an attribute: a palette's descriptor has three."""
LARGEST_FRAME = 1 << 26
"""A frame of more bytes is not decoded: those of mammography have half as many."""
LOOKED_AT = 1 << 12
"""How many bytes of a code stream tell what it is."""
LARGEST_SAMPLE = 1 << 10
"""A sampled picture is no wider and no higher."""
LONGEST_TERM = 16
"""A code string is not longer (PS3.5 6.2)."""

Colour = tuple[int, int, int]
GREYS = [(level, level, level) for level in range(256)]


class Window(NamedTuple):
    """The values that are shown between black and white (PS3.3 C.11.2.1.2)."""

    center: float
    width: float

    def find_tone(self, value: float) -> int:
        """Give a value's tone, from 0 to 255; a width below 1, as of real numbers, is taken as LINEAR_EXACT has it."""
        shift, span = (0.5, self.width - 1) if self.width >= 1 else (0.0, max(self.width, 1 / LARGEST_NUMBER))
        part = value - (self.center - shift)
        if abs(part) * 2 >= span:
            return 255 if part > 0 else 0
        return round((part / span + 0.5) * 255)


class Palette(NamedTuple):
    """The colours of a palette, and the pixel value of the first."""

    first: int
    colours: list[Colour]


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture made small: rows of colours, None where the capture lacks the pixel's bytes."""

    rows: list[list[Colour | None]]
    window: Window | None = None
    """The window that was used; None for pictures in colour."""
    problem: str = ""
    """Why there is none."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Where the samples of a frame stand, and how they are written (PS3.5 8.1, PS3.3 C.7.6.3.1.3)."""

    source: Source
    start: int
    stop: int
    """Where what can be trusted ends."""
    bits: int
    photometric: str
    planar: int
    first: int = 0
    """How many samples there are before the frame's first."""
    shift: int = 0
    """Where in a sample the stored bits begin."""
    order: Literal["little", "big"] = "little"
    swapped: bool = False
    """Whether the bytes are those of 16-bit words in big endian."""
    packed: bool = False
    """Whether two pixels share their chrominance: Y, Y, CB, CR."""

    def pull(self, places: Sequence[int]) -> list[int | None]:
        """Read the samples at ascending places of the pixel data; None for those of which a byte is missing."""
        size = max(self.bits // 8, 1)
        low, high = places[0] * self.bits >> 3, (places[-1] * self.bits >> 3) + size
        if self.swapped:
            low, high = low - low % 2, high + high % 2
        start, stop = self.start + low, min(self.start + high, self.stop)
        if start >= stop:
            return [None] * len(places)
        data = bytes(self.source.read(start, stop))
        lost = [(gap[0] - start, gap[1] - start) for gap in self.source.missing(start, stop)]
        if self.swapped:
            data = swap_bytes(data)
            lost = [(gap[0] - gap[0] % 2, gap[1] + gap[1] % 2) for gap in lost]
        found: list[int | None] = []
        for place in places:
            at = (place * self.bits >> 3) - low
            if at + size > len(data) or (lost and clip(lost, at, at + size)):
                found.append(None)
            elif self.bits == 1:
                found.append(data[at] >> place % 8 & 1)
            else:
                found.append(int.from_bytes(data[at : at + size], self.order) >> self.shift)
        return found


@dataclass(slots=True, eq=False)
class Picture:
    """What a data set says of its pixels (PS3.3 C.7.6.3); what it does not say is 0, '' or None.

    No text of it is escaped.
    """

    title: str
    """The name of the SOP class."""
    rows: int
    columns: int
    frames: int
    photometric: str
    samples: int
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    window: Window | None
    slope: float
    intercept: float
    ratio: float
    """How much higher a pixel is than wide."""
    transfer: str = ""
    """The transfer syntax, as told or as the code stream looks."""
    problem: str = ""
    """Why it cannot be drawn."""
    remark: str = ""
    """What of it cannot be drawn."""
    pixels: Node | None = None
    palette: Palette | None = None
    offsets: Node | None = None
    """The Extended Offset Table."""
    big: bool = False
    """Whether pixel values are in big endian."""
    _decoded: tuple[int, Raster | str] = field(default=(0, ""), repr=False)
    """The last frame that was decoded."""

    @property
    def encapsulated(self) -> bool:
        """Tell whether the pixel data is in fragments (PS3.5 A.4)."""
        return self.pixels is not None and self.pixels.length is None

    @property
    def fragments(self) -> list[Node]:
        """Give the fragments of encapsulated pixel data, without the Basic Offset Table."""
        items = self.pixels.children if self.pixels is not None and self.encapsulated else []
        return [item for item in items if item.tag == ITEM][1:]

    @property
    def compression(self) -> str:
        """Give the name of the transfer syntax, without what PS3.6 says of it besides."""
        return call_uid(self.transfer).partition(":")[0] or "unknown compression"

    @property
    def frame_samples(self) -> int:
        """Give the number of samples of a frame."""
        packed = self.photometric == PACKED and not self.encapsulated
        return self.rows * self.columns * (2 if packed else self.samples)

    def describe(self, frame: int = 1) -> str:
        """Tell what the picture is, and if so why it, or some of it, cannot be drawn."""
        words = [f"{self.title} {self.columns} x {self.rows}".strip() if self.rows and self.columns else self.title]
        words += [f"{self.bits_allocated} bit {self.photometric}"] if self.bits_allocated and self.photometric else []
        words += [self.compression] if self.encapsulated and not self.problem else []
        words += [f"frame {frame:,} of {self.frames:,}"] if self.frames > 1 else []
        return "; ".join(filter(None, [", ".join(filter(None, words)), self.problem or self.remark]))

    def sample(self, frame: int, width: int, height: int, window: Window | None = None) -> Sample:
        """Make a frame small, or large, by the nearest neighbour of each pixel.

        Parameters
        ----------
        frame
            Its number, from 1; the nearest one where there is no such.
        width, height
            The square pixels that there is room for; the picture takes as many as its shape lets it.
        window
            What to show between black and white; without one what the data set says, or else all that was sampled.

        """
        raster = self._open(max(1, min(frame, self.frames)))
        if isinstance(raster, str):
            return Sample([], problem=raster)
        columns, rows = self._fit(width, height)
        across, down = spread(self.columns, columns), spread(self.rows, rows)
        planes = [[raster.pull(places) for places in self._place(raster, row, across)] for row in down]
        if raster.photometric in GREY:
            return self._shade([row[0] for row in planes], window or self.window)
        if self.palette is not None:
            first, colours = self.palette
            last = len(colours) - 1
            known = [[None if each is None else self._restore(each) - first for each in row[0]] for row in planes]
            return Sample([[None if at is None else colours[max(0, min(at, last))] for at in row] for row in known])
        return Sample([self._mix(row, raster.photometric != "RGB") for row in planes])

    def _fit(self, width: int, height: int) -> tuple[int, int]:
        """Give how many square pixels wide and high the picture is in a frame."""
        width, height = (max(1, min(each, LARGEST_SAMPLE)) for each in (width, height))
        tall = self.rows * self.ratio
        scale = min(width / self.columns, height / tall)
        return max(1, min(width, round(self.columns * scale))), max(1, min(height, round(tall * scale)))

    def _place(self, raster: Raster, row: int, across: Sequence[int]) -> Iterator[list[int]]:
        """Give for each sample of a pixel where in the pixel data those of a row stand."""
        pixels = [row * self.columns + column for column in across]
        for sample in range(self.samples):
            if raster.packed:
                yield [raster.first + each // 2 * 4 + (sample + 1 if sample else each % 2) for each in pixels]
            elif raster.planar == 1:
                yield [raster.first + sample * self.rows * self.columns + each for each in pixels]
            else:
                yield [raster.first + each * self.samples + sample for each in pixels]

    def _restore(self, value: int) -> int:
        """Give a sample its sign (PS3.5 8.1.1), whatever stands in the bits that are not stored."""
        value &= (1 << self.bits_stored) - 1
        return value - (1 << self.bits_stored) if self.pixel_representation and value >> self.bits_stored - 1 else value

    def _shade(self, grid: list[list[int | None]], window: Window | None) -> Sample:
        """Give grey pixels their tones (PS3.3 C.11.1, C.11.2)."""
        stored = {value: self._restore(value) for row in grid for value in row if value is not None}
        values = {value: each * self.slope + self.intercept for value, each in stored.items()}
        window = window or span_window(values.values()) or span_window(self._list_extremes()) or Window(0, 1)
        inverse = 255 if self.photometric == "MONOCHROME1" else 0
        tones = {value: GREYS[window.find_tone(each) ^ inverse] for value, each in values.items()}
        return Sample([[None if value is None else tones[value] for value in row] for row in grid], window)

    def _list_extremes(self) -> list[float]:
        """Give the least and the greatest value that a pixel may have."""
        low = -(1 << self.bits_stored - 1) if self.pixel_representation else 0
        return [each * self.slope + self.intercept for each in (low, low + (1 << self.bits_stored) - 1)]

    def _mix(self, planes: list[list[int | None]], luminance: bool) -> list[Colour | None]:
        """Mix the colours of a row of its samples."""
        top = (1 << self.bits_stored) - 1
        found: list[Colour | None] = []
        for samples in zip(*planes, strict=True):
            levels = [(each & top) * 255 // top for each in samples if each is not None]
            if len(levels) < 3:
                found.append(None)
            else:
                found.append(convert_luminance(*levels) if luminance else (levels[0], levels[1], levels[2]))
        return found

    def _open(self, frame: int) -> Raster | str:
        """Give the samples of a frame, or tell why there are none."""
        if self.problem or self.pixels is None or self.pixels.span is None:
            return self.problem
        if self.encapsulated:
            if self._decoded[0] != frame:
                self._decoded = frame, self._decode(frame)
            return self._decoded[1]
        bits, span = self.bits_allocated, self.pixels.span
        return Raster(
            span.source, self.pixels.body, find_end(self.pixels), bits, self.photometric, self.planar,
            first=(frame - 1) * self.frame_samples,
            shift=self.high_bit + 1 - self.bits_stored,
            order="big" if self.big else "little",
            swapped=self.big and self.pixels.vr == "OW" and bits <= 8,
            packed=self.photometric == PACKED,
        )  # fmt: skip

    def _decode(self, frame: int) -> Raster | str:
        """Decode a frame of encapsulated pixel data, or tell why it cannot be decoded."""
        fragments = self._find_fragments(frame)
        if not fragments:
            return f"where frame {frame:,} begins is not told: {tell(len(self.fragments), 'fragment')}, no offset table"
        size = sum(each.span.stop - each.body for each in fragments if each.span is not None)
        if max(size, self.frame_samples * self.bits_allocated // 8) > LARGEST_FRAME:
            return f"frame {frame:,} is too large to be decoded"
        if not all(map(is_whole, fragments)):
            return f"frame {frame:,} is not whole in this capture"
        data = b"".join(bytes(each.span.source.read(each.body, each.span.stop)) for each in fragments if each.span)
        if self.transfer == ENCAPSULATED_UID:
            return self._wrap(data, self.planar)
        if self.transfer == RLE:
            planes = decode_rle(data, self.rows * self.columns, self.samples, self.bits_allocated // 8)
            return "its RLE segments do not hold the frame" if planes is None else self._wrap(planes, 1)
        measured = measure_codestream(data)
        if measured != (self.rows, self.columns, self.samples):
            told = (
                "no size"
                if measured is None
                else f"{measured[1]:,} x {measured[0]:,}, {tell(measured[2], 'component')}"
            )
            return f"{self.compression}: the code stream tells of {told}"
        return decode_codestream(self, data)

    def _wrap(self, data: bytes | bytearray, planar: int) -> Raster:
        """Take the samples of a frame that stand as they are defined."""
        shift = self.high_bit + 1 - self.bits_stored
        bits, photometric = self.bits_allocated, self.photometric
        return Raster(Buffer(memoryview(data)), 0, len(data), bits, photometric, planar, shift=shift)

    def _find_fragments(self, frame: int) -> list[Node]:
        """Give the fragments of a frame: by the offset tables where there is not one fragment a frame (PS3.5 A.4)."""
        fragments = self.fragments
        if self.frames == 1:
            return fragments
        if self.frames == len(fragments):
            return fragments[frame - 1 : frame]
        start, stop = self._find_offsets(frame)
        places = [(each, each.span.start) for each in fragments if each.span is not None]
        return [each for each, place in places if start <= place - places[0][1] < stop]

    def _find_offsets(self, frame: int) -> tuple[int, int]:
        """Give the offsets at which a frame and the next one begin, the same where no table tells."""
        basic = next((each for each in self.pixels.children if each.tag == ITEM), None) if self.pixels else None
        for table, size in ((basic, 4), (self.offsets, 8)):
            if table is None or table.span is None or (frame * size) > table.span.stop - table.body:
                continue
            at = table.body + (frame - 1) * size
            data = bytes(table.span.source.read(at, min(at + size * 2, table.span.stop)))
            last = int.from_bytes(data[size:], "little") if len(data) == size * 2 else 1 << 64
            return int.from_bytes(data[:size], "little"), last
        return 0, 0


def make_picture(message: Node, transfer: str) -> Picture:
    """Make the picture of a message's data set.

    Parameters
    ----------
    message
        The node that `make_message_node` makes.
    transfer
        The UID of the transfer syntax of its presentation context, '' where the capture does not tell.

    """
    data_set = message.child("data-set")
    found = index_elements(data_set.children if data_set is not None else [])
    pixels = found.get(PIXEL_DATA)
    picture = read_attributes(found)
    if pixels is None or pixels.span is None:
        picture.problem = "no Pixel Data in this message"
        return picture
    picture.pixels, picture.offsets = pixels, found.get(EXTENDED_OFFSETS)
    encoding, _ = choose_encoding(transfer, pixels.span.source)
    picture.big = encoding.order == ">" or transfer == GE_UID
    picture.transfer = transfer
    if picture.encapsulated:
        picture.transfer = find_compression(picture, transfer)
    if picture.photometric == PALETTE:
        picture.palette = read_palette(found, encoding.order)
    picture.problem = find_problem(picture, found) or (find_obstacle(picture) if picture.encapsulated else "")
    picture.remark = "" if picture.problem or picture.encapsulated else find_lack(picture, pixels)
    return picture


def index_elements(elements: Iterable[Node]) -> dict[str, Node]:
    """Give elements by their tags, and those of the functional groups that all frames share (PS3.3 C.7.6.16)."""
    found: dict[str, Node] = {}
    for element in elements:
        found.setdefault(element.tag, element)
    for group in list_first(found.get(SHARED_GROUPS)):
        if group.tag in GROUPS:
            for element in list_first(group):
                found.setdefault(element.tag, element)
    return found


def list_first(sequence: Node | None) -> list[Node]:
    """Give the elements of a sequence's first item."""
    return sequence.children[0].children if sequence is not None and sequence.children else []


def read_attributes(found: dict[str, Node]) -> Picture:
    """Read what a data set says of its pixels."""
    numbers = {tag: list_numbers(found.get(tag)) for tag in (CENTER, WIDTH, SLOPE, INTERCEPT)}
    center, width, slope, intercept = (values[0] if values else None for values in numbers.values())
    photometric = read_text(found.get(PHOTOMETRIC))[:LONGEST_TERM]
    colour = photometric in MIXED + REVERSIBLE
    allocated = read_number(found.get(ALLOCATED), 0)
    stored = read_number(found.get(STORED), allocated)
    ratios = [values for tag in RATIOS if len(values := list_numbers(found.get(tag))) >= 2 and min(values[:2]) > 0]
    ratio = ratios[0][0] / ratios[0][1] if ratios else 1.0
    return Picture(
        name_uid(read_text(found.get(SOP_CLASS))),
        read_number(found.get(ROWS), 0),
        read_number(found.get(COLUMNS), 0),
        max(read_number(found.get(FRAMES), 1), 1),
        photometric,
        read_number(found.get(SAMPLES), 3 if colour else 1),
        read_number(found.get(PLANAR), 0) if colour else 0,
        allocated,
        stored,
        read_number(found.get(HIGH_BIT), stored - 1),
        read_number(found.get(REPRESENTATION), 0),
        Window(center, width) if center is not None and width is not None and width > 0 else None,
        slope or 1.0,
        intercept or 0.0,
        ratio if 1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO else 1.0,
    )


def read_text(node: Node | None) -> str:
    """Give the text of an element, '' where it has none."""
    return node.value.strip(" \0") if node is not None and isinstance(node.value, str) else ""


def read_number(node: Node | None, default: int) -> int:
    """Give an element's whole number, or the default."""
    found = list_numbers(node)
    return int(found[0]) if found else default


def list_numbers(node: Node | None) -> list[float]:
    """Give the first numbers of an element, up to what is none; none at all where the capture lacks bytes of it."""
    if node is None or node.span is None or node.span.source.missing(node.body, node.span.stop):
        return []
    value = node.value
    parts = value.split("\\", MOST_VALUES) if isinstance(value, str) else value if isinstance(value, list) else [value]
    found: list[float] = []
    for part in parts[:MOST_VALUES]:
        number = convert_number(part)
        if not abs(number) <= LARGEST_NUMBER:
            break
        found.append(number)
    return found


def convert_number(value: Value) -> float:
    """Turn a value into a number: not one where it is none."""
    try:
        return float(value) if isinstance(value, (int, float, str)) else math.nan
    except ValueError:
        return math.nan


def read_palette(found: dict[str, Node], order: Literal["<", ">"]) -> Palette | None:
    """Read the palette of PALETTE COLOR (PS3.3 C.7.6.3.1.5), None where it is not whole."""
    tables: list[list[int]] = []
    first = 0
    for descriptor, data in PALETTES:
        numbers, node = list_numbers(found.get(descriptor)), found.get(data)
        if len(numbers) < MOST_VALUES or node is None or node.span is None:
            return None
        count, first, bits = map(int, numbers)
        count = count if 0 < count < 1 << 16 else 1 << 16
        if node.span.source.missing(node.body, node.span.stop):
            return None
        raw = bytes(node.span.source.read(node.body, min(node.span.stop, node.body + count * 2)))
        if bits == 8 and len(raw) < count * 2:
            tables.append(list(swap_bytes(raw) if order == ">" and node.vr == "OW" else raw))
        else:
            words = struct.unpack(f"{order}{len(raw) // 2}H", raw[: len(raw) // 2 * 2])
            tables.append([word & 0xFF if bits == 8 else word >> 8 for word in words])
    colours = list(zip(*tables, strict=False))
    return Palette(first, [(red, green, blue) for red, green, blue in colours]) if colours else None


def find_problem(picture: Picture, found: dict[str, Node]) -> str:
    """Tell why a picture cannot be drawn, by its attributes; '' where it can."""
    needed = {"Rows": ROWS, "Columns": COLUMNS, "Bits Allocated": ALLOCATED}
    lacking = [name for name, tag in needed.items() if not list_numbers(found.get(tag))]
    lacking += [] if picture.photometric else ["Photometric Interpretation"]
    allocated, stored = picture.bits_allocated, picture.bits_stored
    grey, mixed = picture.photometric in GREY, picture.photometric in MIXED + REVERSIBLE
    if lacking:
        return f"{lacking[0]} is missing"
    if not 0 < min(picture.rows, picture.columns) <= max(picture.rows, picture.columns) < 1 << 16:
        return f"Rows is {picture.rows:,}, Columns {picture.columns:,}"
    native = picture.photometric in REVERSIBLE and not picture.encapsulated
    if native or not (grey or mixed or picture.photometric == PALETTE):
        return f"Photometric Interpretation {picture.photometric} is not drawn"
    if picture.samples != (3 if mixed else 1):
        return f"Samples per Pixel is {picture.samples:,}, where {picture.photometric} has {3 if mixed else 1}"
    if allocated not in (8, 16, 32) and not (grey and allocated == 1):
        return f"Bits Allocated {allocated:,} is not drawn"
    if not 0 < stored <= picture.high_bit + 1 <= allocated:
        return f"Bits Stored is {stored:,}, High Bit {picture.high_bit:,}, Bits Allocated {allocated}"
    if picture.photometric == PALETTE and picture.palette is None:
        return "the palette is missing, or segmented"
    return ""


def find_obstacle(picture: Picture) -> str:
    """Tell why encapsulated pixel data cannot be decoded; '' where it can."""
    fragments = picture.fragments
    if not fragments:
        return "Pixel Data has no fragments"
    if has_decoder(picture.transfer):
        return ""
    size = sum(each.span.stop - each.body for each in fragments if each.span is not None)
    told = f"{picture.compression}, {tell(len(fragments), 'fragment')}, {size:,} bytes"
    return f"{told}: no decoder installed; export writes the object as it was sent"


def find_lack(picture: Picture, pixels: Node) -> str:
    """Tell how much of pixel data that is not compressed the capture lacks."""
    wanted = -(-picture.frames * picture.frame_samples * picture.bits_allocated // 8)
    there = find_end(pixels) - pixels.body
    if there < wanted:
        return f"pixel data is cut: {there:,} of {wanted:,} bytes"
    return "the capture lacks some of its bytes" if any(each.code == "stream-gap" for each in pixels.notes) else ""


def find_end(pixels: Node) -> int:
    """Give the offset up to which pixel data is where it was: its end, or where a fragment of the message is lost."""
    assert pixels.span is not None
    spans = [each.span for each in pixels.notes if each.code == "fragment-gap" and each.span is not None]
    return min([pixels.span.stop, *(span.start for span in spans if not len(span))])


def find_compression(picture: Picture, transfer: str) -> str:
    """Give the transfer syntax of encapsulated pixel data: as told, or where that has none as it looks."""
    fragments = picture.fragments
    if transfer and transfer not in ENCODINGS and transfer not in DEFLATED and transfer != EXPLICIT_UID:
        return transfer
    if not fragments or fragments[0].span is None:
        return transfer
    first, stop = fragments[0], fragments[0].span.stop
    return find_syntax(bytes(fragments[0].span.source.read(first.body, min(first.body + LOOKED_AT, stop))))


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


def decode_codestream(picture: Picture, data: bytes) -> Raster | str:
    """Let what is installed beside pydicom decode a frame; give why it cannot where it does not."""
    from pydicom.encaps import encapsulate  # noqa: PLC0415 (its import costs more than most captures)
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            decoded, told = get_decoder(picture.transfer).as_buffer(
                encapsulate([data], has_bot=False),
                index=0,
                rows=picture.rows,
                columns=picture.columns,
                number_of_frames=1,
                samples_per_pixel=picture.samples,
                planar_configuration=picture.planar,
                photometric_interpretation=picture.photometric,
                bits_allocated=picture.bits_allocated,
                bits_stored=picture.bits_stored,
                pixel_representation=picture.pixel_representation,
                pixel_keyword="PixelData",
            )
    except Exception as error:  # whatever a decoder raises of bytes that it cannot read
        return f"{picture.compression}: not decoded: {' '.join(str(error).split())}"
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


def span_window(values: Iterable[float]) -> Window | None:
    """Give the window from the least to the greatest of values, None where these are one."""
    found = list(values)
    least, greatest = min(found, default=0.0), max(found, default=0.0)
    return Window((least + greatest + 1) / 2, greatest - least + 1) if greatest > least else None


def spread(many: int, few: int) -> list[int]:
    """Give which of many rows or columns are nearest to the middles of few."""
    return [(2 * each + 1) * many // (2 * few) for each in range(few)]


def convert_luminance(luminance: int, blue: int, red: int) -> Colour:
    """Turn luminance and chrominance into red, green and blue (PS3.3 C.7.6.3.1.2)."""
    blue, red = blue - 128, red - 128
    mixed = (luminance + 1.402 * red, luminance - 0.344136 * blue - 0.714136 * red, luminance + 1.772 * blue)
    levels = [max(0, min(255, round(each))) for each in mixed]
    return levels[0], levels[1], levels[2]


def swap_bytes(data: bytes) -> bytes:
    """Swap the bytes of each 16-bit word."""
    even = bytearray(data.ljust(len(data) + len(data) % 2, b"\0"))
    even[0::2], even[1::2] = even[1::2], even[0::2]
    return bytes(even[: len(data)])
