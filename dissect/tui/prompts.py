"""Questions to the user, in: a line to write, or a key of several, at the foot of the screen; the answer, out."""

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Ask(ModalScreen[str | None]):
    """A line that the user is to write."""

    DEFAULT_CSS = """
    Ask { background: transparent; align: left bottom; }
    Ask Vertical { height: auto; border-top: solid $primary; background: $panel; padding: 0 1; }
    Ask Input, Ask Input:focus { border: none; height: 1; padding: 0; background: $surface; }
    """
    BINDINGS: ClassVar = [Binding("escape", "leave", "Leave")]

    def __init__(self, title: str, value: str = "") -> None:
        """Ask under a title, with a value to begin with."""
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        """Give the title and the line."""
        with Vertical():
            yield Static(Text(self._title))
            yield Input(self._value, compact=True)

    def on_mount(self) -> None:
        """Begin to write."""
        self.query_one(Input).focus()

    def on_key(self, event: events.Key) -> None:
        """Take what is typed before the line is there to take it."""
        if self.focused is not None:
            return
        event.stop()
        line = self.query(Input)
        if event.key == "enter":
            self.dismiss(self.make_answer(line.first().value if line else self._value))
        elif event.is_printable and event.character and line:
            line.first().insert_text_at_cursor(event.character)
        elif event.is_printable and event.character:
            self._value += event.character

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the answer."""
        event.stop()
        self.dismiss(self.make_answer(event.value))

    def make_answer(self, text: str) -> str:
        """Give what is answered where a text was written."""
        return text

    def action_leave(self) -> None:
        """Give none."""
        self.dismiss(None)


class Choose(ModalScreen[str | None]):
    """Keys, of which the user is to press one."""

    DEFAULT_CSS = """
    Choose { background: transparent; align: left bottom; }
    Choose Static { height: auto; border-top: solid $primary; background: $panel; padding: 0 1; }
    """

    def __init__(self, title: str, choices: Mapping[str, str], *, others: bool = False) -> None:
        """Offer keys, each with what it does; `others` where any other letter is an answer, too."""
        super().__init__()
        self._title, self._choices, self._others = title, choices, others

    def compose(self) -> ComposeResult:
        """Give the title and the choices."""
        text = Text(f"{self._title}\n")
        for key, told in self._choices.items():
            text.append(f" {key} ", "bold reverse")
            text.append(f" {told}   ")
        text.append(" Esc ", "bold reverse")
        text.append(" leave")
        yield Static(text)

    def on_key(self, event: events.Key) -> None:
        """Give the answer."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character in self._choices or (self._others and event.is_printable):
            self.dismiss(event.character)


class Whole(ModalScreen[None]):
    """A text that may be long, whole."""

    DEFAULT_CSS = """
    Whole { background: transparent; align: center middle; }
    Whole VerticalScroll { width: 90%; height: 80%; border: round $primary; background: $panel; padding: 0 1; }
    Whole Static { height: auto; }
    """
    BINDINGS: ClassVar = [Binding("escape,q,enter", "leave", "Close")]

    def __init__(self, title: str, text: Text) -> None:
        """Show a text under a title."""
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Give the text, which scrolls."""
        with VerticalScroll() as box:
            box.border_title = Text(self._title)
            yield Static(self._text)

    def action_leave(self) -> None:
        """Close it."""
        self.dismiss(None)
