"""The line in which a filter is written, with what is said of it, and how its last word may go on."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from dissect.text import escape
from dissect.tui.state import State
from dissect.tui.suggesting import check_filter, complete

SHOWN = 8
"""How many continuations are shown."""


class FilterInput(Input):
    """The line itself."""

    BINDINGS: ClassVar = [
        Binding("tab", "complete(1)", "Complete", priority=True),
        Binding("shift+tab", "complete(-1)", "Complete", priority=True),
        Binding("up", "recall(-1)", "Earlier filter"),
        Binding("down", "recall(1)", "Later filter"),
        Binding("escape", "leave", "Leave"),
    ]

    class Left(Message):
        """The user has changed their mind."""

    class Completed(Message):
        """The last word is to go on."""

        def __init__(self, step: int) -> None:
            """Tell with which of the continuations, from the one before."""
            super().__init__()
            self.step = step

    class Recalled(Completed):
        """Another filter of the history is wanted."""

    def action_complete(self, step: int) -> None:
        """Let the last word go on."""
        self.post_message(self.Completed(step))

    def action_recall(self, step: int) -> None:
        """Take another filter of the history."""
        self.post_message(self.Recalled(step))

    def action_leave(self) -> None:
        """Leave without applying it."""
        self.post_message(self.Left())


class FilterBar(Vertical):
    """A filter being written."""

    DEFAULT_CSS = """
    FilterBar { height: auto; }
    FilterBar Input { border: none; height: 1; padding: 0 1; background: $surface; }
    FilterBar Input:focus { border: none; background: $panel; }
    FilterBar Input.-invalid, FilterBar Input.-invalid:focus { border: none; }
    FilterBar Static { height: 1; padding: 0 1; display: none; }
    FilterBar.-editing Static { display: block; }
    """

    class Applied(Message):
        """A filter is to be applied."""

        def __init__(self, text: str) -> None:
            """Tell which."""
            super().__init__()
            self.text = text

    class Left(Message):
        """The bar was left without that."""

    def __init__(self, state: State) -> None:
        """Start with the filter that is applied."""
        super().__init__()
        self.state = state
        self.history: list[str] = []
        self._place = 0
        self._offers: tuple[int, list[str]] = (0, [])
        self._chosen = -1

    def compose(self) -> ComposeResult:
        """Give the line, what is said of it, and the continuations."""
        yield FilterInput(
            self.state.filter_text, placeholder="/ filter, such as: dimse.status == failure", select_on_focus=False,
            compact=True,
        )  # fmt: skip
        yield Static(id="check")
        yield Static(id="offers")

    def on_mount(self) -> None:
        """Be passed over by Tab, unless a filter is written."""
        self.line.can_focus = False

    @property
    def line(self) -> FilterInput:
        """Give the line."""
        return self.query_one(FilterInput)

    def edit(self) -> None:
        """Begin to write."""
        self.add_class("-editing")
        self.line.can_focus = True
        self.line.value = self.state.filter_text
        self.line.cursor_position = len(self.line.value)
        self.screen.set_focus(self.line)  # at once, for the next key may be there already
        self._place = len(self.history)
        self.judge()

    def close(self) -> None:
        """End writing."""
        self.remove_class("-editing")
        self.line.can_focus = False
        self.line.value = self.state.filter_text

    def judge(self) -> None:
        """Check what is written, and offer continuations."""
        self.show_check()
        self._offers = complete(self.line.value[: self.line.cursor_position], self.state.index)
        self._chosen = -1
        self.show_offers()

    def show_check(self) -> None:
        """Tell whether what is written can be read."""
        check = check_filter(self.line.value)
        glyph, role = ("ok", "value") if check.sound else ("bad", "error-text")
        told = f"{self.state.glyphs[glyph]} {escape(check.told)}"
        self.query_one("#check", Static).update(Text(told, self.state.styles[role]))

    def show_offers(self) -> None:
        """Show the continuations."""
        words = self._offers[1]
        text = Text(no_wrap=True, overflow="ellipsis")
        if words:
            text.append("Tab: ", self.state.styles["dim"])
        first = max(min(self._chosen - SHOWN // 2, len(words) - SHOWN), 0)
        for number, word in enumerate(words[first : first + SHOWN], first):
            text.append(escape(word), self.state.styles["cursor" if number == self._chosen else "tag"])
            text.append("  ")
        if len(words) > first + SHOWN:
            text.append(f"and {len(words) - first - SHOWN} more", self.state.styles["dim"])
        self.query_one("#offers", Static).update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what is written with each key."""
        event.stop()
        if self.has_class("-editing") and self._chosen < 0:
            self.judge()

    def on_filter_input_completed(self, event: FilterInput.Completed) -> None:
        """Let the last word go on."""
        event.stop()
        start, words = self._offers
        if not words:
            return
        line = self.line
        tail = line.value[line.cursor_position :]
        self._chosen = (self._chosen + event.step) % len(words)
        with self.prevent(Input.Changed):
            line.value = line.value[:start] + words[self._chosen] + tail
            line.cursor_position = len(line.value) - len(tail)
        self.show_offers()
        self.show_check()

    def on_filter_input_recalled(self, event: FilterInput.Recalled) -> None:
        """Take another filter of the history."""
        event.stop()
        self._place = max(0, min(self._place + event.step, len(self.history)))
        self._chosen = -1
        self.line.value = self.history[self._place] if self._place < len(self.history) else ""
        self.line.cursor_position = len(self.line.value)

    def on_click(self) -> None:
        """Begin to write where the bar is clicked."""
        if not self.has_class("-editing"):
            self.edit()

    def on_key(self) -> None:
        """Begin anew with the continuations, once something else was typed."""
        self._chosen = -1

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply the filter, or the one that is offered instead; one that cannot be read stays to be mended."""
        event.stop()
        text = event.value.strip()
        check = check_filter(text)
        text = check.offered or text
        if check.sound or check.offered:
            if text and text not in self.history[-1:]:
                self.history.append(text)
            self.post_message(self.Applied(text))

    def on_filter_input_left(self, event: FilterInput.Left) -> None:
        """Leave without applying."""
        event.stop()
        self.post_message(self.Left())
