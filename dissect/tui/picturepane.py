"""A sampled picture, or sentences in its place, in: a widget with it in the middle, out."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from textwrap import wrap

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dissect.pictures.colours import Colour
from dissect.pictures.pixels import Sample
from dissect.views.picture import draw_blocks, draw_letters

Sentence = tuple[str, Style]

MARGIN = 2
"""How many cells are left free on each side of sentences."""


class PicturePane(Widget):
    """A picture, or sentences."""

    DEFAULT_CSS = "PicturePane { height: 1fr; }"

    class Resized(Message):
        """There is another amount of room."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        super().__init__()
        self._strips: Sequence[Strip] = ()
        self._sentences: Sequence[Sentence] = ()

    def on_resize(self) -> None:
        """Tell that there is more room, or less; sentences are wrapped anew."""
        if self._sentences:
            self.say(self._sentences)
        self.post_message(self.Resized())

    def show(self, sample: Sample, *, letters: bool) -> None:
        """Show a picture, of half blocks or of letters."""
        self._sentences = ()
        if letters:
            self._strips = [Strip([Segment(line)]) for line in draw_letters(sample)]
        else:
            self._strips = [
                Strip([Segment(text, make_style(front, back)) for text, front, back in line])
                for line in draw_blocks(sample)
            ]
        self.refresh()

    def say(self, sentences: Iterable[Sentence]) -> None:
        """Show sentences, which are escaped."""
        self._sentences = list(sentences)
        room = max(self.size.width - 2 * MARGIN, 1)
        self._strips = [
            Strip([Segment(line, style)]) for text, style in self._sentences for line in wrap(text, room) or [""]
        ]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line of the widget."""
        width, base = self.size.width, self.rich_style
        number = y - max(self.size.height - len(self._strips), 0) // 2
        if not 0 <= number < len(self._strips):
            return Strip.blank(width, base)
        strip = self._strips[number]
        left = max(width - strip.cell_length, 0) // 2
        return Strip([Segment(" " * left), *strip]).apply_style(base).adjust_cell_length(width, base)


@lru_cache(maxsize=1 << 12)
def make_style(front: Colour, back: Colour) -> Style:
    """Make the style of cells with two colours."""
    return Style.from_color(Color.from_rgb(*front), Color.from_rgb(*back))
