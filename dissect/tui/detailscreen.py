"""An association, in: a screen of all about it, from which one goes to its PDUs, or filters to them, out."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dissect.text import escape
from dissect.tui.accounttable import list_begun
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.bars import Bar, KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane
from dissect.tui.sheet import Sheet
from dissect.tui.sheetpane import SheetPane

TICK = 0.5
"""Seconds between two looks at what was read in the meantime."""


class AssociationScreen(Screen[Answer]):
    """All about one association."""

    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "association",
        [
            Binding("enter", "go", "Go where the line below says", show=False),
            Binding("a", "filter", "Follow", key_display="a"),
            Binding("right_curly_bracket", "step(1)", "Next", key_display="}"),
            Binding("left_curly_bracket", "step(-1)", "Previous", key_display="{"),
            Binding("left,h", "leave", "Back", show=False),
        ],
    )
    DEFAULT_CSS = "AssociationScreen SheetPane { height: 1fr; }"

    def __init__(self, main: CaptureScreen, number: int) -> None:
        """Show an association of the main screen's captures, by its number."""
        super().__init__()
        self.state = main.state
        self.pane = SheetPane(self.state, Sheet(self.state, number))
        self._title, self._status = Bar(), Bar()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield self._title
        yield self.pane
        yield self._status
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at what is read."""
        self.pane.focus()
        self.show_words()
        self.set_interval(TICK, self.tick)

    @property
    def number(self) -> int:
        """Give the number of the association."""
        return self.pane.sheet.number

    def tick(self) -> None:
        """Take into account what was read in the meantime."""
        if self.pane.sheet.look() != self.pane.sheet.seen:
            self.show(self.number)

    def show(self, number: int) -> None:
        """Show an association."""
        self.pane.show(Sheet(self.state, number))
        self.show_words()

    @on(Pane.Moved)
    def show_words(self) -> None:
        """Tell above which association it is, and below where one goes from the line under the cursor."""
        account = self.pane.sheet.account
        text = Text(f"Association {self.number}", self.state.styles["title"], no_wrap=True)
        text.append(
            f"  {escape(account.calling or '?')} -> {escape(account.called or '?')}", self.state.styles["value"]
        )
        self._title.update(text)
        answer = self.pane.line.answer if self.pane.line is not None else None
        told = f"filter {answer.text}" if isinstance(answer, Apply) else ""
        if isinstance(answer, Jump):
            told = f"go to PDU {answer.row + 1}{', ' + answer.path.rpartition('/')[2] if answer.path else ''}"
        self._status.update(Text(f"Enter: {told}" if told else ""))

    @on(Pane.Chosen)
    def action_go(self) -> None:
        """Go where the line says."""
        if self.pane.line is not None and self.pane.line.answer is not None:
            self.dismiss(self.pane.line.answer)

    def action_filter(self) -> None:
        """Show only this association in the list of PDUs."""
        self.dismiss(Apply(f"assoc == {self.number}"))

    def action_step(self, step: int) -> None:
        """Show the next association, or the one before."""
        numbers = list_begun(self.state.index)
        at = numbers.index(self.number) + step
        if 0 <= at < len(numbers):
            self.show(numbers[at])
        else:
            self.notify("no further association" if step > 0 else "no earlier association", timeout=2)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
