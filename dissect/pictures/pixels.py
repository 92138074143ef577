"""A message with pixel data, in: small pictures of its frames, not for diagnosis, out (PS3.3 C.7.6.3, PS3.5 8).

Of pixel data that is not compressed only the bytes of the sampled rows are read. Of compressed data one frame is
decoded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dissect.dicom.encodings import choose_encoding
from dissect.node import Node
from dissect.pictures.colours import GREYS, Colour, Window, convert_luminance, span_window
from dissect.pictures.compression import Encapsulated, open_encapsulated
from dissect.pictures.descriptions import GREY, PACKED, Description, index_elements, read_description
from dissect.pictures.rasters import Raster, find_end

PIXEL_DATA, EXTENDED_OFFSETS = "(7fe0,0010)", "(7fe0,0001)"
GE_UID = "1.2.840.113619.5.2"

LARGEST_SAMPLE = 1 << 10
"""A sampled picture is no wider and no higher."""

Choice = Window | Literal["told", "sampled"]
"""What to show between black and white: a window, that of the data set, or all that is sampled."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture made small: rows of colours, None where the capture lacks the pixel's bytes."""

    rows: list[list[Colour | None]]
    window: Window | None = None
    """The window that was used; None for pictures in colour."""
    problem: str = ""
    """Why there is none."""


@dataclass(slots=True, eq=False)
class Picture:
    """The pixel data of a data set. No text of it is escaped."""

    description: Description
    problem: str = ""
    """Why it cannot be drawn."""
    remark: str = ""
    """What of it cannot be drawn."""
    pixels: Node | None = None
    encapsulated: Encapsulated | None = None
    """Its fragments, where it has some."""
    big: bool = False
    """Whether pixel values are in big endian."""

    @property
    def frame_samples(self) -> int:
        """Give the number of samples of a frame that is not compressed."""
        about = self.description
        return about.rows * about.columns * (2 if about.photometric == PACKED else about.samples)

    def describe(self, frame: int = 1) -> str:
        """Tell what the picture is, and if so why it, or some of it, cannot be drawn."""
        about = self.description
        size = f"{about.columns} x {about.rows}" if about.rows and about.columns else ""
        words = [f"{about.title} {size}".strip()]
        words += (
            [f"{about.bits_allocated} bit {about.photometric}"] if about.bits_allocated and about.photometric else []
        )
        words += [self.encapsulated.compression] if self.encapsulated is not None and not self.problem else []
        words += [f"frame {frame:,} of {about.frames:,}"] if about.frames > 1 else []
        return "; ".join(filter(None, [", ".join(filter(None, words)), self.problem or self.remark]))

    def sample(self, frame: int, width: int, height: int, window: Choice = "told") -> Sample:
        """Make a frame small, or large, by the nearest neighbour of each pixel.

        Parameters
        ----------
        frame
            Its number, from 1; the nearest one where there is no such.
        width, height
            The square pixels that there is room for; the picture takes as many as its shape lets it.
        window
            What to show between black and white; where the data set tells of no window, all that was sampled.

        """
        about = self.description
        raster = self._open(max(1, min(frame, about.frames)))
        if isinstance(raster, str):
            return Sample([], problem=raster)
        columns, rows = fit(about, width, height)
        across, down = spread(about.columns, columns), spread(about.rows, rows)
        planes = [[raster.pull(places) for places in place_samples(about, raster, row, across)] for row in down]
        if raster.photometric in GREY:
            return shade(about, [row[0] for row in planes], window)
        if about.palette is not None:
            return Sample([look_up_colours(about, row[0]) for row in planes])
        return Sample([mix(about, row, luminance=raster.photometric != "RGB") for row in planes])

    def _open(self, frame: int) -> Raster | str:
        """Give the samples of a frame, or tell why there are none."""
        if self.problem or self.pixels is None or self.pixels.span is None:
            return self.problem
        if self.encapsulated is not None:
            return self.encapsulated.open(frame)
        about, bits = self.description, self.description.bits_allocated
        return Raster(
            self.pixels.span.source, self.pixels.body, find_end(self.pixels), bits, about.photometric, about.planar,
            first=(frame - 1) * self.frame_samples,
            shift=about.shift,
            order="big" if self.big else "little",
            swapped=self.big and self.pixels.vr == "OW" and bits <= 8,
            packed=about.photometric == PACKED,
        )  # fmt: skip

    def find_lack(self) -> str:
        """Tell how much of pixel data that is not compressed the capture lacks."""
        if self.pixels is None or self.encapsulated is not None:
            return ""
        wanted = -(-self.description.frames * self.frame_samples * self.description.bits_allocated // 8)
        there = find_end(self.pixels) - self.pixels.body
        if there < wanted:
            return f"pixel data is cut: {there:,} of {wanted:,} bytes"
        lost = any(each.code == "stream-gap" for each in self.pixels.notes)
        return "the capture lacks some of its bytes" if lost else ""


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
    if pixels is None or pixels.span is None:
        return Picture(read_description(found, "<"), "no Pixel Data in this message")
    encoding, _ = choose_encoding(transfer, pixels.span.source)
    about = read_description(found, encoding.order)
    picture = Picture(about, pixels=pixels, big=encoding.order == ">" or transfer == GE_UID)
    if pixels.length is None:
        picture.encapsulated = open_encapsulated(pixels, found.get(EXTENDED_OFFSETS), about, transfer)
    picture.problem = about.find_problem(found, encapsulated=picture.encapsulated is not None)
    if not picture.problem and picture.encapsulated is not None:
        picture.problem = picture.encapsulated.find_obstacle()
    picture.remark = "" if picture.problem else picture.find_lack()
    return picture


def fit(about: Description, width: int, height: int) -> tuple[int, int]:
    """Give how many square pixels wide and high a picture is for which there is so much room."""
    width, height = (max(1, min(each, LARGEST_SAMPLE)) for each in (width, height))
    tall = about.rows * about.ratio
    scale = min(width / about.columns, height / tall)
    return max(1, min(width, round(about.columns * scale))), max(1, min(height, round(tall * scale)))


def spread(many: int, few: int) -> list[int]:
    """Give which of many rows or columns are nearest to the middles of few."""
    return [(2 * each + 1) * many // (2 * few) for each in range(few)]


def place_samples(about: Description, raster: Raster, row: int, across: Sequence[int]) -> Iterator[list[int]]:
    """Give for each sample of a pixel where in the pixel data those of a row stand."""
    pixels = [row * about.columns + column for column in across]
    for sample in range(about.samples):
        if raster.packed:
            yield [raster.first + each // 2 * 4 + (sample + 1 if sample else each % 2) for each in pixels]
        elif raster.planar == 1:
            yield [raster.first + sample * about.rows * about.columns + each for each in pixels]
        else:
            yield [raster.first + each * about.samples + sample for each in pixels]


def shade(about: Description, grid: list[list[int | None]], choice: Choice) -> Sample:
    """Give grey pixels their tones (PS3.3 C.11.1, C.11.2)."""
    stored = {value for row in grid for value in row if value is not None}
    values = {value: about.rescale(about.restore(value)) for value in stored}
    window = choice if isinstance(choice, Window) else about.window if choice == "told" else None
    window = window or span_window(values.values()) or span_window(about.list_extremes()) or Window(0, 1)
    inverse = 255 if about.photometric == "MONOCHROME1" else 0
    tones = {value: GREYS[window.find_tone(each) ^ inverse] for value, each in values.items()}
    return Sample([[None if value is None else tones[value] for value in row] for row in grid], window)


def look_up_colours(about: Description, values: list[int | None]) -> list[Colour | None]:
    """Give the colours of a palette (PS3.3 C.7.6.3.1.5)."""
    assert about.palette is not None
    first, colours = about.palette
    last = len(colours) - 1
    known = [None if each is None else about.restore(each) - first for each in values]
    return [None if at is None else colours[max(0, min(at, last))] for at in known]


def mix(about: Description, planes: list[list[int | None]], *, luminance: bool) -> list[Colour | None]:
    """Mix the colours of a row of its samples."""
    top = (1 << about.bits_stored) - 1
    found: list[Colour | None] = []
    for samples in zip(*planes, strict=True):
        levels = [(each & top) * 255 // top for each in samples if each is not None]
        if len(levels) < 3:
            found.append(None)
        else:
            found.append(convert_luminance(*levels) if luminance else (levels[0], levels[1], levels[2]))
    return found
