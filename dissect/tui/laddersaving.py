"""The rungs of a ladder, in: a file with the diagram, once a user has agreed to what it holds and replaces, out."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from textual import work
from textual.notifications import SeverityLevel
from textual.screen import Screen

from dissect.amounts import tell
from dissect.ladder.events import Event, mask_event
from dissect.shelf import Draft
from dissect.subset import SubsetError
from dissect.text import escape
from dissect.tui.answers import Answer
from dissect.tui.ladderpane import LadderPane, make_clock
from dissect.tui.orders import Kind, Order, Refusal, check_target
from dissect.tui.prompts import Ask, Choose
from dissect.tui.state import State
from dissect.views.ladder import draw_text
from dissect.views.mermaid import draw_mermaid
from dissect.views.svg import draw_svg

LADDER = Kind("ladder", "Ladder", "ladder", "", "-ladder.svg", "who said what to whom")

HINT = "name.txt for text, name.mmd for Mermaid, name.svg for an image"

WARNING = "Error comments are written as they stand in the capture; they may tell who a patient is."


class LadderSaving(Screen[Answer]):
    """What a ladder's screen does to write its diagram."""

    state: State
    rungs: LadderPane

    def action_export(self) -> None:
        """Ask where to write the diagram."""
        events = self.rungs.list_marked()
        if not events:
            self.notify("there is no PDU to draw", timeout=3)
            return
        part = "marked part of the " if events is not self.rungs.events else ""
        self.app.push_screen(
            Ask(f"Write the {part}ladder to: {HINT}", "ladder.svg"), lambda name: self.take_name(name, events)
        )

    def take_name(self, name: str | None, events: list[Event]) -> None:
        """Ask whether patient data may be written, where labels hold any that is not masked."""
        if name is None or not name.strip():
            return
        path = Path(os.path.expanduser(name.strip()))
        try:
            check_target(self.state, Order(LADDER, "", path))
        except (Refusal, SubsetError) as error:
            self.tell(str(error), "error")
        except OSError as error:
            self.tell(f"{path}: {error.strerror}", "error")
        else:
            if self.state.private or not any(event.comments for event in events):
                self.ask_over(events, path)
                return
            choices = {"y": "write them", "m": "mask them"}
            self.app.push_screen(Choose(WARNING, choices), lambda key: self.take_mask(key, events, path))

    def take_mask(self, key: str | None, events: list[Event], path: Path) -> None:
        """Mask the labels, or do not."""
        if key is not None:
            self.ask_over([mask_event(event) for event in events] if key == "m" else events, path)

    def ask_over(self, events: list[Event], path: Path) -> None:
        """Ask whether to write over what is there."""
        if not os.path.lexists(path):
            self.save(events, path, over=False)
            return
        title = f"{escape(str(path))} is there already"
        self.app.push_screen(Choose(title, {"y": "write over it"}), lambda key: self.take_over(key, events, path))

    def take_over(self, key: str | None, events: list[Event], path: Path) -> None:
        """Write over what is there, or do not."""
        if key is not None:
            self.save(events, path, over=True)

    @work(thread=True, group="save", exit_on_error=False)
    def save(self, events: list[Event], path: Path, *, over: bool) -> None:
        """Write the diagram."""
        severity: SeverityLevel = "error"
        try:
            write_ladder(events, self.state, path, over=over)
        except Refusal as error:
            told = str(error)
        except OSError as error:
            told = f"{path}: cannot write ({error.strerror}); make room, or name another place"
        else:
            masked = ", masked," if self.state.private else ""
            told, severity = f"{tell(len(events), 'rung')}{masked} written to {path}", "information"
        self.app.call_from_thread(self.tell, told, severity)

    def tell(self, told: str, severity: SeverityLevel) -> None:
        """Tell what became of it."""
        self.app.notify(told, severity=severity)


def write_ladder(events: Sequence[Event], state: State, path: Path, *, over: bool) -> None:
    """Write a file that is there when it is whole, and not before."""
    with Draft(path.parent) as draft:
        for line in draw(events, state, path.suffix.lower()):
            draft.file.write(line.encode("utf-8", "backslashreplace"))
        if over:
            draft.file.flush()
            os.replace(draft.path, path)
        elif not draft.publish(path):
            raise Refusal(f"{path}: it is there already; name another file")


def draw(events: Sequence[Event], state: State, suffix: str) -> Iterator[str]:
    """Draw events in the form that the suffix of a file's name tells."""
    clock = make_clock(state)
    if suffix == ".svg":
        return draw_svg(events, clock)
    if suffix in (".mmd", ".mermaid", ".md"):
        return draw_mermaid(events, clock)
    return draw_text(events, clock, ascii_only=state.ascii_only)
