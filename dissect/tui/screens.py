"""The name of a screen, in: the screen, imported when it is first wanted, out."""

from importlib import import_module

from textual.screen import Screen

from dissect.tui.answers import Answer
from dissect.tui.capturescreen import CaptureScreen

SCREENS = {
    "associations": ("associationsscreen", "AssociationsScreen"),
    "ladder": ("ladderscreen", "LadderScreen"),
    "message": ("messagescreen", "MessageScreen"),
    "statistics": ("statisticsscreen", "StatisticsScreen"),
    "problems": ("problemsscreen", "ProblemsScreen"),
    "picture": ("picturescreen", "PictureScreen"),
    "export": ("exportscreen", "ExportScreen"),
    "open": ("openscreen", "OpenScreen"),
    "against": ("againstscreen", "AgainstScreen"),
}
"""By name the module and the class; each is made with the main screen, whose state it shows."""


def make_screen(name: str, main: CaptureScreen) -> Screen[Answer]:
    """Make a screen."""
    module, kind = SCREENS[name]
    found: Screen[Answer] = getattr(import_module(f"dissect.tui.{module}"), kind)(main)
    return found


def show_above(screen: Screen[Answer], other: Screen[Answer]) -> None:
    """Show another screen above one that is above the main one, and hand on what that asks of the main one."""

    def hand_on(answer: Answer) -> None:
        if answer is not None:
            screen.dismiss(answer)

    screen.app.push_screen(other, hand_on)
