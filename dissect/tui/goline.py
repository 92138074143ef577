"""A line, in: that a user confirms with Enter or a click, or turns from, as messages to the screen, out."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static


class GoLine(Static, can_focus=True):
    """The line on which a user confirms, and reads what became of it."""

    DEFAULT_CSS = """
    GoLine { height: 2; padding: 0 1; background: $surface; }
    GoLine:focus { background: $panel; text-style: bold reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "press", "Write", show=False)]

    class Pressed(Message):
        """It is to be written."""

    class Left(Message):
        """The user is elsewhere."""

    def on_blur(self) -> None:
        """Tell that the user is elsewhere."""
        self.post_message(self.Left())

    def action_press(self) -> None:
        """Confirm."""
        self.post_message(self.Pressed())

    def on_click(self) -> None:
        """Confirm."""
        self.focus()
        self.post_message(self.Pressed())
