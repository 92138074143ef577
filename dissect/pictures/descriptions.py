"""The elements of a data set, in: what they say of its pixels, out (PS3.3 C.7.6.3)."""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dissect.dicom.values import name_uid
from dissect.node import Node, Value
from dissect.pictures.colours import Palette, Window
from dissect.pictures.rasters import swap_bytes

Elements = dict[str, Node]
"""Elements by their tags."""

SOP_CLASS = "(0008,0016)"
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

LARGEST_NUMBER, LARGEST_RATIO = 1e12, 16.0
MOST_VALUES = 3
"""How many values are read of an attribute: a palette's descriptor has three."""
LONGEST_TERM = 16
"""A code string is not longer (PS3.5 6.2)."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a data set says of its pixels; what it does not say is 0, '' or None. No text of it is escaped."""

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
    palette: Palette | None

    @property
    def shift(self) -> int:
        """Give where in a sample the stored bits begin."""
        return self.high_bit + 1 - self.bits_stored

    def restore(self, value: int) -> int:
        """Give a sample its sign (PS3.5 8.1.1), whatever stands in the bits that are not stored."""
        value &= (1 << self.bits_stored) - 1
        return value - (1 << self.bits_stored) if self.pixel_representation and value >> self.bits_stored - 1 else value

    def rescale(self, value: int) -> float:
        """Give what a pixel's value stands for (PS3.3 C.11.1)."""
        return value * self.slope + self.intercept

    def list_extremes(self) -> list[float]:
        """Give the least and the greatest value that a pixel may have."""
        low = -(1 << self.bits_stored - 1) if self.pixel_representation else 0
        return [self.rescale(each) for each in (low, low + (1 << self.bits_stored) - 1)]

    def find_problem(self, found: Elements, *, encapsulated: bool) -> str:
        """Tell why the pixels cannot be drawn, by the attributes; '' where they can."""
        needed = {"Rows": ROWS, "Columns": COLUMNS, "Bits Allocated": ALLOCATED}
        lacking = [name for name, tag in needed.items() if not list_numbers(found.get(tag))]
        lacking += [] if self.photometric else ["Photometric Interpretation"]
        allocated, stored, photometric = self.bits_allocated, self.bits_stored, self.photometric
        grey, mixed = photometric in GREY, photometric in MIXED + REVERSIBLE
        if lacking:
            return f"{lacking[0]} is missing"
        if not 0 < min(self.rows, self.columns) <= max(self.rows, self.columns) < 1 << 16:
            return f"Rows is {self.rows:,}, Columns {self.columns:,}"
        if (photometric in REVERSIBLE and not encapsulated) or not (grey or mixed or photometric == PALETTE):
            return f"Photometric Interpretation {photometric} is not drawn"
        if self.samples != (3 if mixed else 1):
            return f"Samples per Pixel is {self.samples:,}, where {photometric} has {3 if mixed else 1}"
        if allocated not in (8, 16, 32) and not (grey and allocated == 1):
            return f"Bits Allocated {allocated:,} is not drawn"
        if not 0 < stored <= self.high_bit + 1 <= allocated:
            return f"Bits Stored is {stored:,}, High Bit {self.high_bit:,}, Bits Allocated {allocated}"
        if photometric == PALETTE and self.palette is None:
            return "the palette is missing, or segmented"
        return ""


def read_description(found: Elements, order: Literal["<", ">"]) -> Description:
    """Read what a data set says of its pixels."""
    numbers = {tag: list_numbers(found.get(tag)) for tag in (CENTER, WIDTH, SLOPE, INTERCEPT)}
    center, width, slope, intercept = (values[0] if values else None for values in numbers.values())
    photometric = read_text(found.get(PHOTOMETRIC))[:LONGEST_TERM]
    colour = photometric in MIXED + REVERSIBLE
    allocated = read_number(found.get(ALLOCATED), 0)
    stored = read_number(found.get(STORED), allocated)
    ratios = [values for tag in RATIOS if len(values := list_numbers(found.get(tag))) >= 2 and min(values[:2]) > 0]
    ratio = ratios[0][0] / ratios[0][1] if ratios else 1.0
    return Description(
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
        read_palette(found, order) if photometric == PALETTE else None,
    )


def index_elements(elements: Iterable[Node]) -> Elements:
    """Give elements by their tags, and those of the functional groups that all frames share (PS3.3 C.7.6.16)."""
    found: Elements = {}
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


def read_palette(found: Elements, order: Literal["<", ">"]) -> Palette | None:
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
