"""The names of captures, in, written or chosen from a list: the main screen that reads them, out."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from dissect.capture.records import CaptureError
from dissect.text import escape
from dissect.tui.answers import Answer
from dissect.tui.bars import KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.captureslist import (
    ABOVE,
    CaptureList,
    Found,
    Word,
    find_word,
    go_into,
    go_on,
    list_captures,
    quote,
    read_names,
)
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane


class NamesInput(Input):
    """The line itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", priority=True),
        Binding("down", "list", "List", priority=True),
    ]

    class Completed(Message):
        """The last name is to go on."""

    class Left(Message):
        """The list is wanted."""

    def action_complete(self) -> None:
        """Let the last name go on."""
        self.post_message(self.Completed())

    def action_list(self) -> None:
        """Go to the list."""
        self.post_message(self.Left())


class OpenScreen(Screen[Answer]):
    """Captures to be opened."""

    DEFAULT_CSS = """
    OpenScreen #title { height: 1; background: $panel; padding: 0 1; }
    OpenScreen NamesInput, OpenScreen NamesInput:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    OpenScreen NamesInput:focus { background: $panel; }
    OpenScreen #told { height: auto; min-height: 1; max-height: 4; padding: 0 1; }
    OpenScreen CaptureList { height: 1fr; border-top: solid $foreground 30%; }
    OpenScreen CaptureList:focus { border-top: heavy $primary; border-title-style: bold; }
    """
    HEADLINE: ClassVar[str] = "Open"
    HINT: ClassVar[str] = "names of captures, several are one in order of time"
    KEYS: ClassVar[str] = "Enter opens, Tab completes, Down goes to the list; there Enter chooses, Space adds one more"
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "open",
        [
            Binding("escape,q", "leave", "Back"),
            Binding("space", "add", "Add the capture to the line", show=False),
            Binding("left,h", "above", "Folder above", show=False),
            Binding("right,l", "into", "Into the folder", show=False),
            Binding("tab", "line", "Back to the line", show=False),
        ],
    )

    def __init__(self, main: CaptureScreen) -> None:
        """Begin in the current folder."""
        super().__init__()
        self.main, self.state = main, main.state
        self.line = NamesInput(placeholder=self.HINT, compact=True, select_on_focus=False)
        self.captures = CaptureList(self.state)

    def compose(self) -> ComposeResult:
        """Give the line, what is said of it, and the list."""
        yield Static(Text(self.HEADLINE, self.state.styles["title"]), id="title")
        yield self.line
        yield Static(id="told")
        yield self.captures
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to write."""
        self.line.focus()
        self.adapt()

    def adapt(self) -> None:
        """Show what the last name may become."""
        word = find_word(self.line.value)
        self.captures.border_title = Text(escape(word.folder or "./"))
        try:
            self.captures.show(self.list_found(word))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self.captures.show([], f"{word.folder or '.'}: {why}")
        self.tell(self.KEYS, "dim")

    def list_found(self, word: Word) -> list[Found]:
        """Give what the last name may become."""
        return list_captures(word)

    def tell(self, told: str, role: str, glyph: str = "") -> None:
        """Tell something below the line."""
        mark = f"{self.state.glyphs[glyph]} " if glyph else ""
        self.query_one("#told", Static).update(Text(f"{mark}{escape(told)}", self.state.styles[role]))

    @on(Input.Changed)
    def take_text(self) -> None:
        """Take what was written into account."""
        self.adapt()

    @on(NamesInput.Completed)
    def complete(self) -> None:
        """Let the last name go on as far as there is but one way."""
        self.adapt()  # keys may have come faster than they were taken into account
        word = find_word(self.line.value)
        names = [each.name for each in self.captures.found if each.name != ABOVE]
        longer = go_on(word, names)
        if longer != word.text:
            whole = len(names) == 1 and not longer.endswith("/")
            self.write(longer, " " if whole else "")
        elif names:
            self.tell(f"{len(names)} names begin like this; Down goes to them", "value")

    def write(self, name: str, behind: str = "") -> None:
        """Put a name in the place of the last one."""
        start = find_word(self.line.value).start
        self.line.value = f"{self.line.value[:start]}{quote(name)}{behind}"
        self.line.cursor_position = len(self.line.value)

    @on(NamesInput.Left)
    def action_list(self) -> None:
        """Go to the list."""
        if self.captures.count:
            self.captures.focus()

    def action_line(self) -> None:
        """Go to the line."""
        self.line.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the line the keys that write."""
        return self.focused is self.captures or action not in ("add", "above", "into", "line")

    @on(Pane.Chosen)
    def choose(self) -> None:
        """Go into the folder, or open the capture, with those that the line has before it."""
        found = self.captures.chosen
        if found is None:
            return
        self.write(go_into(find_word(self.line.value).folder, found.name))
        if not found.name.endswith("/"):
            self.open()

    def action_into(self) -> None:
        """Go into the folder."""
        found = self.captures.chosen
        if found is not None and found.name.endswith("/"):
            self.choose()

    def action_above(self) -> None:
        """Go to the folder above."""
        self.write(go_into(find_word(self.line.value).folder, ABOVE))

    def action_add(self) -> None:
        """Add the capture to the line, and stay in its folder for another one."""
        found, folder = self.captures.chosen, find_word(self.line.value).folder
        if found is None or found.name.endswith("/"):
            return
        at = self.captures.cursor
        self.write(folder + found.name, f" {quote(folder)}" if folder else " ")
        self.adapt()
        self.captures.move_to(at + 1)

    @on(Input.Submitted)
    def open(self) -> None:
        """Open what the line names."""
        try:
            names = read_names(self.line.value)
        except ValueError as error:
            self.tell(f"{error}; names are written as in a shell", "error", "error")
            return
        if not names:
            self.tell("write a name, or choose one below", "error", "error")
            return
        self.tell("opening", "value")
        self.call_after_refresh(self.read, names)

    def read(self, names: list[str]) -> None:
        """Let the main screen read captures, and leave; where that cannot be, say why."""
        try:
            self.main.open_captures(names)
        except CaptureError as error:
            self.tell(str(error), "error", "error")
            return
        self.dismiss(None)

    def action_leave(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)
