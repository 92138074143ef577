"""Captures, in: a terminal interface, out. Here it is put together; what it does is decided elsewhere."""

import os
import traceback
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from dissect.text import escape
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.helpscreen import HelpScreen
from dissect.tui.keys import KEYS, make_bindings, tell_key
from dissect.tui.palette import MONOCHROME, OWN, THEMES, make_styles
from dissect.tui.prompts import Choose
from dissect.tui.screens import make_screen
from dissect.tui.state import State

DONE = 0


class PlainScrollBar(ScrollBarRender):
    """A scroll bar of blanks in two colours, without letters that are not ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class Browser(App[int]):
    """The terminal interface."""

    CSS = """
    .-ascii Pane, .-ascii Pane:focus, .-ascii Vertical { border-top: ascii $primary; }
    .-ascii Choose Static { border-top: ascii $primary; }
    .-ascii VerticalScroll { border: ascii $primary; }
    .-ascii Toast { border: none; }
    """

    TITLE = "dissect"
    BINDINGS = make_bindings("app")
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, state: State, *, theme: str = "", against: str = "") -> None:
        """Show what was opened, or at first what differs between another capture and that."""
        plain = bool(os.environ.get("NO_COLOR"))
        if not plain:
            os.environ.pop("NO_COLOR", None)  # an empty one asks for nothing (no-color.org)
        super().__init__()
        self.state = state
        self.animation_level = "none"
        for each in THEMES:
            self.register_theme(each)
        self.theme = MONOCHROME if plain else theme or state.config.theme or OWN
        self._plain = plain
        self._against = against
        self.set_class(state.ascii_only, "-ascii")
        ScrollBar.renderer = PlainScrollBar if state.ascii_only else ScrollBarRender

    def on_mount(self) -> None:
        """Show the main screen."""
        self.set_keymap(dict(self.state.config.keys))
        self.theme_changed_signal.subscribe(self, lambda _: self.make_styles())
        self.make_styles()
        self.push_screen(main := CaptureScreen(self.state))
        if self._against:
            import_module("dissect.tui.againstscreen").compare(main, self._against)

    def action_screen(self, name: str) -> None:
        """Show another screen above the main one."""
        if isinstance(main := self.screen, CaptureScreen):
            self.push_screen(make_screen(name, main), main.take_answer)

    def action_save(self) -> None:
        """Ask where to save frames."""
        if isinstance(self.screen, CaptureScreen):
            import_module("dissect.tui.exportscreen").open_saving(self.screen)

    def action_compare(self) -> None:
        """Ask for the capture or snapshot that this one is compared with."""
        if isinstance(self.screen, CaptureScreen):
            import_module("dissect.tui.againstscreen").ask_other(self.screen)

    def action_help(self) -> None:
        """Show what keys do on the screen."""
        self.push_screen(HelpScreen(self.screen, self.state))

    def make_styles(self) -> None:
        """Take the styles of the theme."""
        variables = tuple(self.theme_variables.items())
        self.state.styles = make_styles(variables, colored=not self._plain and self.theme != MONOCHROME)
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.query("*"):
                widget.refresh()

    @property
    def capture_screen(self) -> CaptureScreen:
        """Give the main screen."""
        return next(screen for screen in self.screen_stack if isinstance(screen, CaptureScreen))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Give all that keys do on the main screen, to be found by its name."""
        # A screenshot would be written where the user has named no place.
        yield from (each for each in super().get_system_commands(screen) if each.title != "Screenshot")
        if isinstance(screen, CaptureScreen):
            for key in KEYS:
                if key.place == "main":
                    keys = self.state.config.keys.get(key.name, key.keys)
                    told = f"key {tell_key(keys)}"
                    yield SystemCommand(key.title, told, lambda key=key: self.run_key(key.action))

    def _fatal_error(self) -> None:
        """End after a fault of ours, and say where it is; what the capture holds is in no line of it."""
        error = self._exception
        places = traceback.extract_tb(error.__traceback__) if error is not None else []
        place = f"{Path(places[-1].filename).name}, line {places[-1].lineno}" if places else "an unknown place"
        self._exit_renderables.append(
            Text(f"dissect: browse failed: {type(error).__name__} in {place}; please report it")
        )
        self._close_messages_no_wait()

    async def run_key(self, action: str) -> None:
        """Do what a key does on the main screen."""
        await self.run_action(action, self.capture_screen)

    def action_leave(self) -> None:
        """Leave the screen; on the main one quit, after a question where the user has marked or written something."""
        if self.is_above():
            self.pop_screen()
        elif self.state.marks.is_empty():
            self.quit()
        else:
            told = {"y": "quit: marks, selections and comments are not kept"}
            self.push_screen(Choose("Quit?", told), lambda key: self.quit() if key else None)

    def action_cancel(self) -> None:
        """Leave the screen; on the main one stop what runs."""
        if self.is_above():
            self.pop_screen()
        elif not self.stop_running():
            self.notify("q quits", timeout=2)

    def is_above(self) -> bool:
        """Tell whether another screen stands above the main one."""
        return not isinstance(self.screen, CaptureScreen) and len(self.screen_stack) > 2

    def stop_running(self) -> bool:
        """Stop the latest of what runs, and tell whether anything did."""
        for job in (self.state.arranging, self.state.loading):
            if job is not None and not job.over:
                job.stop()
                return True
        return isinstance(self.screen, CaptureScreen) and self.screen.stop_find()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Tell something, if it is not told already; nothing in it is markup."""
        told = escape(message)
        if all(each.message != told for each in self._notifications):
            super().notify(told, title=title, severity=severity, timeout=timeout, markup=False)

    def quit(self) -> None:
        """End."""
        self.state.leave()
        self.exit(DONE)

    async def action_quit(self) -> None:
        """End."""
        self.quit()

    def action_interrupt(self) -> None:
        """Copy the text that is selected; else stop what runs, or say how one quits."""
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            self.notify("sent to the terminal (OSC 52)", timeout=2)
            return
        if not self.stop_running():
            self.notify("q quits", timeout=2)
