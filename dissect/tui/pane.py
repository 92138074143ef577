"""Lines that are drawn when they come into sight, in: a widget in which a cursor moves over any number of them, out."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dissect.tui.keys import make_bindings
from dissect.tui.state import State
from dissect.tui.wrapping import wrap_words
from dissect.views.table import measure_cells

Piece = tuple[str, Style]


class Pane(ScrollView, can_focus=True):
    """A list whose lines are drawn on demand, under a heading that does not move."""

    BINDINGS = make_bindings("move")
    DEFAULT_CSS = """
    Pane { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; border-title-color: $foreground 70%; }
    Pane:focus { border-title-color: $foreground; border-title-style: bold; }
    """

    HEADING = 0
    """How many lines the heading has."""

    cursor: reactive[int] = reactive(0, repaint=False)
    """The number of the line that is chosen."""

    class Moved(Message):
        """The cursor stands on another line."""

        def __init__(self, pane: "Pane") -> None:
            """Tell of which pane."""
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> "Pane":
            """Give the pane."""
            return self.pane

    class Chosen(Moved):
        """The line under the cursor was chosen: Enter, or a second click."""

    @property
    @abstractmethod
    def count(self) -> int:
        """Give how many lines there are."""

    @abstractmethod
    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line, without regard to the cursor."""

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the pieces of a line of the heading, from 0."""
        return ()

    def __init__(self, state: State, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show what the screens share."""
        super().__init__(id=id, classes=classes)
        self.state = state
        self._base: Style | None = None
        self.empty = ""
        """What is said where there are no lines."""

    @property
    def width(self) -> int:
        """Give how many cells a line has, those of the scroll bar not among them."""
        return self.scrollable_content_region.width

    @property
    def page(self) -> int:
        """Give how many lines are in sight."""
        return max(self.size.height - self.HEADING, 1)

    def notify_style_update(self) -> None:
        """Find the style anew: the theme has changed, or who has the focus."""
        self._base = None
        super().notify_style_update()

    def update_count(self) -> None:
        """Take into account that there are more lines, or fewer."""
        size = Size(max(self.size.width, 1), self.count + self.HEADING)
        if size != self.virtual_size:
            self.virtual_size = size
        if self.cursor >= self.count:
            self.cursor = max(self.count - 1, 0)

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor within the lines."""
        return max(0, min(cursor, self.count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the line, and tell who wants to know."""
        if self.show_cursor_line():
            self.refresh()
        else:
            for number in (old, new):
                self.refresh(Region(0, number - self.scroll_offset.y + self.HEADING, self.size.width, 1))
        self.post_message(self.Moved(self))

    def show_cursor_line(self) -> bool:
        """Scroll as far as is needed to have the cursor in sight, and tell whether that was any way."""
        top, page = self.scroll_offset.y, self.page
        wanted = min(max(top, self.cursor - page + 1), self.cursor)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True)
        return wanted != top

    def move_to(self, number: int) -> None:
        """Put the cursor on a line; one out of sight comes to the middle."""
        number = self.validate_cursor(number)
        top = self.scroll_offset.y
        if not top <= number < top + self.page:
            self.scroll_to(y=max(number - self.page // 2, 0), animate=False, force=True)
        self.cursor = number

    def on_resize(self) -> None:
        """Draw anew, for the width decides what there is room for."""
        self.update_count()
        self.show_cursor_line()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a line of the widget."""
        width = self.width
        base = self._base = self._base or self.rich_style  # to find it anew for each line costs more than to draw it
        if y < self.HEADING:
            return make_strip(self.spell(self.draw_heading(width, y)), width, base)
        number = self.scroll_offset.y + y - self.HEADING
        if number >= self.count:
            lines = wrap_words(self.empty, width - 2) if not self.count else []
            return make_strip([(f" {lines[number]}" if number < len(lines) else "", base)], width, base)
        pieces = list(self.spell(self.draw(number, width)))
        return make_strip(self.draw_cursor(pieces) if number == self.cursor else pieces, width, base)

    def spell(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Replace the ellipsis of what was cut, where nothing but ASCII is wanted."""
        more = self.state.glyphs["more"]
        return ((text.replace("\u2026", more), style) for text, style in pieces)

    def draw_cursor(self, pieces: list[Piece]) -> list[Piece]:
        """Give the pieces of the line under the cursor: all of it stands out."""
        chosen = self.state.styles["cursor" if self.has_focus else "blurred"]
        room = self.width - sum(measure_cells(text) for text, _ in pieces)
        return [*((text, chosen) for text, _ in pieces), (" " * room, chosen)]

    def on_focus(self) -> None:
        """Show by the cursor that keys are for this pane."""
        self.refresh()

    def on_blur(self) -> None:
        """Show by the cursor that keys are for another."""
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor where the mouse is; on the line that has it already, choose that."""
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1 or offset.y < self.HEADING:
            return
        number = self.scroll_offset.y + offset.y - self.HEADING
        if number < self.count:
            self.click_line(number, offset.x)

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line."""
        if number == self.cursor:
            self.post_message(self.Chosen(self))
        self.cursor = number

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self.cursor += lines

    def action_page(self, pages: float) -> None:
        """Move the cursor by pages, or parts of one."""
        step = max(round(abs(pages) * self.page), 1)
        step = step if pages > 0 else -step
        target = self.validate_cursor(self.cursor + step)
        self.scroll_to(y=max(self.scroll_offset.y + step, 0), animate=False, force=True)
        self.cursor = target

    def action_end(self) -> None:
        """Go to the last line."""
        self.cursor = self.count - 1

    def action_start(self) -> None:
        """Go to the first line."""
        self.cursor = 0

    def action_choose(self) -> None:
        """Choose the line."""
        self.post_message(self.Chosen(self))


def make_strip(pieces: Iterable[Piece], width: int, base: Style) -> Strip:
    """Join pieces to a line of so many cells."""
    strip = Strip([Segment(text, base + style) for text, style in pieces])
    return strip.adjust_cell_length(width, base)
