"""What is shown and marked, in: what of it is to be written, where to, and the command that does the same, out."""

import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from dissect.amounts import tell
from dissect.export import Wishes
from dissect.faults import name_all
from dissect.subset import SubsetError
from dissect.text import escape
from dissect.tui.answers import Answer
from dissect.tui.bars import Bar, KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.choices import Checks, Choice, Choices
from dissect.tui.exporting import Export
from dissect.tui.goline import GoLine
from dissect.tui.keys import name_keys
from dissect.tui.orders import FRAMES, KINDS, OBJECTS, Kind, Order, Refusal, check_target, propose, tell_command
from dissect.tui.pane import Pane
from dissect.tui.prompts import Choose
from dissect.tui.scopes import SCOPES, Scope, list_scopes

TICK = 0.1

EXTRAS = (
    Choice("other data sets, too", "queries, answers, worklists: --commands"),
    Choice("JSON beside each file", "as DICOMweb has it: --json"),
    Choice("the bytes of each message", "command and data set as sent: --raw"),
)

WARNING = "Patient data is written as it stands in the capture. Enter: write it. Esc: do not."
READY = "Enter here or w elsewhere writes"
UNMASKED = f"{READY}; patient data is not masked"


class ExportScreen(Screen[Answer]):
    """What is to be exported, of which PDUs, where to."""

    DEFAULT_CSS = """
    ExportScreen #choices { height: 9; }
    ExportScreen Choices { width: 1fr; border-top: solid $foreground 30%; }
    ExportScreen Choices:focus { border-top: heavy $primary; border-title-style: bold; }
    ExportScreen #what { width: 32; }
    ExportScreen #about { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ExportScreen #extras { height: 4; }
    ExportScreen .line { height: 1; }
    ExportScreen .line Static { width: 11; padding: 0 1; }
    ExportScreen Input, ExportScreen Input:focus { border: none; height: 1; padding: 0; background: $surface; }
    ExportScreen Input:focus { background: $panel; }
    ExportScreen #command { height: auto; max-height: 4; border-top: solid $foreground 30%; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "export",
        [
            Binding("w", "write", "Write"),
            Binding("y", "copy", "Copy the command"),
            Binding("P", "privacy", "Privacy mask"),
            Binding("q,escape", "leave", "Back; stop what runs"),
        ],
    )

    def __init__(self, main: CaptureScreen, kind: Kind = OBJECTS, scope: str = "", row: int | None = None) -> None:
        """Begin with a kind and a scope, around a row; without them with what the filter shows, and the cursor's."""
        super().__init__()
        self.main, self.state = main, main.state
        self._row = main.shown if row is None else row
        self._scopes = list_scopes(self.state, self._row, "")
        wanted = scope or ("displayed" if self.state.filter_text else "all")
        self._kind, self._scope = KINDS.index(kind), SCOPES.index(wanted)
        self.what = Choices(self.state, [Choice(each.title) for each in KINDS], id="what")
        self.which = Choices(self.state, self.tell_scopes(), id="which")
        self.extras = Checks(self.state, EXTRAS, id="extras")
        self.go = GoLine(id="go")
        self.export: Export | None = None
        """What is being written, or was last."""
        self._armed = False
        """Whether the next Enter writes patient data as it is."""
        self._proposed = ""
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Bar(id="title")
        with Horizontal(id="choices"):
            yield self.what
            yield self.which
        yield Static(id="about")
        yield self.extras
        with Horizontal(classes="line", id="asking"):
            yield Static("PDUs")
            yield Input(placeholder="12-40,55", compact=True, id="range")
        with Horizontal(classes="line"):
            yield Static(id="label")
            yield Input(compact=True, id="target", select_on_focus=False)
        with Vertical(id="command"):
            yield Static(id="words")
        yield self.go
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin with what was asked for."""
        for pane, title in ((self.what, "What"), (self.which, "Of which PDUs"), (self.extras, "Besides the objects")):
            pane.border_title = title
        self.query_one("#command").border_title = "The command that does the same (y copies it)"
        self.what.cursor, self.which.cursor = self._kind, self._scope
        self.what.focus()
        self.adapt()

    # What is chosen

    @property
    def kind(self) -> Kind:
        """Give the kind that is chosen."""
        return KINDS[self.what.cursor]

    @property
    def scope(self) -> Scope:
        """Give the scope that is chosen."""
        return self._scopes[self.which.cursor]

    def tell_scopes(self) -> list[Choice]:
        """Give the lines of the scopes."""
        return [Choice(each.title, each.told, each.text is not None) for each in self._scopes]

    @property
    def order(self) -> Order:
        """Give what is chosen as an order, as far as it is."""
        ticked = self.extras.ticked
        wishes = Wishes(*(number in ticked for number in range(len(EXTRAS))))
        target = os.path.expanduser(self.query_one("#target", Input).value.strip())
        return Order(self.kind, self.scope.text or "", Path(target), wishes)

    @on(Pane.Moved)
    @on(Pane.Chosen, "#extras")
    def take_choice(self) -> None:
        """Take another choice into account."""
        self.adapt()

    @on(Pane.Chosen, "#what, #which")
    def go_on(self) -> None:
        """Go on to what is to be chosen next."""
        self.focus_next()

    @on(Input.Changed)
    def take_text(self, event: Input.Changed) -> None:
        """Take what was written into account."""
        if event.input.id == "range":
            self.find_scopes()
        if event.input.id == "range" or event.value != self._proposed:
            self.adapt()

    @on(Input.Submitted)
    def take_line(self, event: Input.Submitted) -> None:
        """Go on from the range; from the name, write."""
        if event.input.id == "range":
            self.focus_next()
        else:
            self.action_write()

    def find_scopes(self) -> None:
        """Find of which PDUs something may be written, which takes a while where there are many."""
        self._scopes = list_scopes(self.state, self._row, self.query_one("#range", Input).value)
        self.which.show(self.tell_scopes())

    def adapt(self) -> None:
        """Show what follows from the choices."""
        self._armed = False
        kind, line = self.kind, self.query_one("#target", Input)
        self.extras.display = kind is OBJECTS
        self.query_one("#asking").display = self.scope.name == "range"
        self.query_one("#about", Static).update(Text(kind.about, self.state.styles["dim"]))
        self.query_one("#label", Static).update(Text("To folder" if kind is OBJECTS else "To file"))
        if line.value == self._proposed:
            self._proposed = propose(self.state.names, kind, self.scope)
            line.value = self._proposed
            line.cursor_position = len(line.value)
        self.show_title()
        self.show_command()
        self.show_ready()

    def show_title(self) -> None:
        """Tell of what something is exported."""
        styles = self.state.styles
        text = Text("Export  ", styles["title"])
        text.append(f"{escape(name_all(self.state.capture))}  {tell(len(self.state.index), 'PDU')}")
        if not self.state.loading.over:
            text.append(f"  still reading, {self.state.loading.share:.0%}: what is written waits for the end")
        elif not self.state.is_whole:
            text.append("  read in part: the command reads all", styles["warning"])
        if self.state.private:
            text.append("  private", styles["mark"])
        self.query_one("#title", Static).update(text)

    def tell_command(self) -> str:
        """Give the command that does the same, '' where there is none."""
        writes = self.scope.text is not None and not self.state.private
        return tell_command(self.state, self.order) if writes else ""

    def show_command(self) -> None:
        """Show the command, or why there is none."""
        told, styles = self.tell_command(), self.state.styles
        text = Text(escape(told), styles["value"])
        if not told:
            why = "the command line does not mask" if self.state.private else "nothing is chosen"
            text = Text(f"none: {why}", styles["dim"])
        elif self.kind is FRAMES and self.state.marks.comments:
            text.append("  (without your comments, which are written here)", styles["dim"])
        self.query_one("#words", Static).update(text)

    def show_ready(self) -> None:
        """Tell what Enter does."""
        try:
            self.check()
        except (Refusal, SubsetError) as error:
            self.tell(str(error), "dim")
            return
        offer = " (P masks it)" if self.kind.masked else ""
        self.tell(f"{READY}, masked" if self.state.private else f"{UNMASKED}{offer}", "value")

    def check(self) -> None:
        """Raise Refusal, or SubsetError, where what is chosen cannot be written."""
        if self.scope.text is None:
            raise Refusal(f"{self.scope.title.lower()}: {self.scope.told}; choose others")
        if not self.query_one("#target", Input).value.strip():
            raise Refusal(f"name the {'folder' if self.kind is OBJECTS else 'file'} to write")
        check_target(self.state, self.order)

    def tell(self, told: str, role: str, glyph: str = "") -> None:
        """Tell something on the last line."""
        mark = f"{self.state.glyphs[glyph]} " if glyph else ""
        self.go.update(Text(f"{mark}{escape(told)}", self.state.styles[role]))

    # The work

    @property
    def running(self) -> bool:
        """Tell whether something is being written."""
        return self.export is not None and not self.export.job.over

    def action_write(self) -> None:
        """Write; what is not masked has to be confirmed, by the same key or on the last line."""
        self._armed = self._armed and self.go.has_focus
        self.go.focus()
        self.take_press()

    @on(GoLine.Pressed)
    def take_press(self) -> None:
        """Write; what is not masked only at the second time, and nothing over another file unless asked to."""
        if self.running:
            return
        try:
            self.check()
        except (Refusal, SubsetError) as error:
            self.tell(str(error), "error", "error")
            return
        if not self.state.private and not self._armed:
            self._armed = True
            offer = " P: mask it." if self.kind.masked else ""
            self.tell(f"{WARNING}{offer}", "warning", "warning")
            return
        self._armed = False
        order = self.order
        if order.kind is not OBJECTS and os.path.lexists(order.target):
            title = f"{escape(str(order.target))} is there already"
            self.app.push_screen(Choose(title, {"y": "write over it"}), lambda key: self.start(key, order))
        else:
            self.start("", order)

    @on(GoLine.Left)
    def disarm(self) -> None:
        """Ask anew, once the user was elsewhere."""
        if self._armed:
            self._armed = False
            self.show_ready()

    def start(self, key: str | None, order: Order) -> None:
        """Begin to write."""
        if key is None:
            self.show_ready()
            return
        self.export = Export(self.state, replace(order, over=key == "y"))
        self.export.job.start()
        self.go.focus()
        self._timer = self.set_interval(TICK, self.watch_job)
        self.watch_job()

    def watch_job(self) -> None:
        """Tell how far it is, and at the end what became of it."""
        if self.export is None:
            return
        job = self.export.job
        if not job.over:
            share = f" {job.share:.0%}" if job.size else ""
            self.tell("stopping" if job.stopped else f"writing{share}, {job.seconds:.0f} s (Esc stops)", "value")
            return
        if self._timer is not None:
            self._timer.stop()
        if job.error is not None:
            self.tell(str(job.error), "error", "error")
        else:
            self.tell(self.export.outcome, "value", "bad" if job.stopped else "ok")

    def action_leave(self) -> None:
        """Stop what runs; do not write after all; else leave."""
        if self.export is not None and self.running:
            self.export.job.stop()
            self.watch_job()
        elif self._armed:
            self.disarm()
        else:
            self.dismiss(None)

    def on_unmount(self, event: events.Unmount) -> None:
        """Stop what runs."""
        if self.export is not None:
            self.export.job.stop()

    def action_copy(self) -> None:
        """Copy the command."""
        told = self.tell_command()
        if not told:
            self.notify("no command does this", timeout=3)
            return
        self.main.copy_text(told)

    @on(events.Click, "#words")
    def take_click(self) -> None:
        """Copy the command that is clicked."""
        self.action_copy()

    def action_privacy(self) -> None:
        """Mask what identifies patients, or no longer."""
        self.main.action_privacy()
        self.adapt()


def open_saving(main: CaptureScreen) -> None:
    """Show the screen with the frames of what the filter shows, or of the association, chosen."""
    scope = "displayed" if main.state.filter_text else "association"
    main.app.push_screen(ExportScreen(main, FRAMES, scope), main.take_answer)
