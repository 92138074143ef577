"""The values of pixels, in: their colours, by a window, a palette or a colour space, out (PS3.3 C.7.6.3.1, C.11.2)."""

from collections.abc import Iterable
from typing import NamedTuple

Colour = tuple[int, int, int]
GREYS = [(level, level, level) for level in range(256)]

NARROWEST = 1e-12
"""A window is taken as if it were no narrower."""


class Window(NamedTuple):
    """The values that are shown between black and white (PS3.3 C.11.2.1.2)."""

    center: float
    width: float

    def find_tone(self, value: float) -> int:
        """Give a value's tone, from 0 to 255; a width below 1, as of real numbers, is taken as LINEAR_EXACT has it."""
        shift, span = (0.5, self.width - 1) if self.width >= 1 else (0.0, max(self.width, NARROWEST))
        part = value - (self.center - shift)
        if abs(part) * 2 >= span:
            return 255 if part > 0 else 0
        return round((part / span + 0.5) * 255)


class Palette(NamedTuple):
    """The colours of a palette, and the pixel value of the first."""

    first: int
    colours: list[Colour]


def span_window(values: Iterable[float]) -> Window | None:
    """Give the window from the least to the greatest of values, None where these are one."""
    found = list(values)
    least, greatest = min(found, default=0.0), max(found, default=0.0)
    return Window((least + greatest + 1) / 2, greatest - least + 1) if greatest > least else None


def convert_luminance(luminance: int, blue: int, red: int) -> Colour:
    """Turn luminance and chrominance into red, green and blue (PS3.3 C.7.6.3.1.2)."""
    blue, red = blue - 128, red - 128
    mixed = (luminance + 1.402 * red, luminance - 0.344136 * blue - 0.714136 * red, luminance + 1.772 * blue)
    levels = [max(0, min(255, round(each))) for each in mixed]
    return levels[0], levels[1], levels[2]
