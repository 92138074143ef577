"""The table of associations, in: a pane in which one sorts by a title and selects by the glyphs with the mouse, out."""

from itertools import pairwise
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from dissect.tui.tablepane import TablePane
from dissect.views.table import GAP


class AccountPane(TablePane):
    """The table; a click on a title sorts by it, one on the glyphs selects."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Filter", key_display="Enter", id="choose"),
        Binding("right,l", "screen.detail", "Detail", show=False),
    ]

    class Sorted(Message):
        """A title was clicked."""

        def __init__(self, column: int) -> None:
            """Tell of which column."""
            super().__init__()
            self.column = column

    class Marked(Message):
        """The glyphs of the line under the cursor were clicked."""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Tell of a click on a title."""
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1 or offset.y:
            return
        kept, widths = self.find_columns(self.size.width)
        starts = [1 + sum(widths[:at]) + len(GAP) * at for at in range(len(widths) + 1)]
        for column, (start, stop) in zip(kept, pairwise(starts), strict=True):
            if start <= offset.x < stop:
                self.post_message(self.Sorted(column))

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; on its glyphs, select it."""
        if x <= len(GAP):
            self.cursor = number
            self.post_message(self.Marked())
        else:
            super().click_line(number, x)
