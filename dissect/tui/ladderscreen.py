"""The PDUs that the main screen shows, in: a ladder diagram of who said what to whom, beside what was said, out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, Static

from dissect.amounts import BILLION
from dissect.job import Job
from dissect.ladder import Event, Ladder
from dissect.recall import Recall
from dissect.tree import make_message_node
from dissect.tui.answers import Answer, Jump
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.keys import name_keys
from dissect.tui.palette import TINTS
from dissect.tui.pane import Pane, Piece
from dissect.tui.prompts import Ask
from dissect.tui.rows import BREAK
from dissect.tui.state import State
from dissect.tui.treepane import TreePane
from dissect.views.ladder import (
    ASCII,
    UNICODE,
    Pen,
    Sheet,
    draw_heads,
    draw_mermaid,
    draw_rung,
    draw_svg,
    draw_text,
    lay_out,
)
from dissect.views.times import make_clock

MOST_EVENTS = 20_000
"""So many rungs are shown at the most: more can be had by a filter."""

STEP = 64
TICK = 0.1

Coloring = Literal["status", "message ID", "association"]
COLORINGS: tuple[Coloring, ...] = ("status", "message ID", "association")


class LadderPane(Pane):
    """The rungs, below the heads of the columns."""

    HEADING = 2

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show nothing yet."""
        super().__init__(state, id=id)
        self.events: list[Event] = []
        self.marked: set[int] = set()
        """The numbers of the rungs that a user has marked."""
        self.coloring: Coloring = "status"
        self._sheet: Sheet | None = None
        self._laid = (0, 0)

    @property
    def count(self) -> int:
        """Give how many rungs there are."""
        return len(self.events)

    @property
    def pen(self) -> Pen:
        """Give the characters that are drawn with."""
        return ASCII if self.state.ascii_only else UNICODE

    @property
    def event(self) -> Event | None:
        """Give what the rung under the cursor is."""
        return self.events[self.cursor] if self.cursor < len(self.events) else None

    def find_sheet(self, width: int) -> Sheet:
        """Lay the columns out, anew where there are more rungs or another width."""
        if self._sheet is None or self._laid != (len(self.events), width):
            self._laid = (len(self.events), width)
            self._sheet = lay_out(self.events, self.pen, width)
        return self._sheet

    def make_margin(self, number: int) -> str:
        """Give what stands left of a rung: marks, time, delta, association."""
        event = self.events[number]
        mark = self.state.glyphs["selected"] if number in self.marked else " "
        delta = f"{(event.time - self.events[number - 1].time) / BILLION:+.6f}" if number else ""
        return f"{mark} {self.state.clock(event.start):>12} {delta:>11} {event.association:>4} "

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give a line of the heads: AE titles, then addresses."""
        if not self.events:
            return []
        titles = f"{'Time':>14} {self.state.glyphs['delta']:>11} {'As':>4} " if y else " " * MARGIN
        heads = list(draw_heads(self.find_sheet(width - MARGIN - 1), self.pen))
        return [(titles + heads[y], self.state.styles["head" if y else "name"])]

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """Give the margin and the rung."""
        styles = self.state.styles
        yield self.make_margin(number), styles["dim"]
        event = self.events[number]
        yield draw_rung(event, self.find_sheet(width - MARGIN - 1), self.pen), self.choose_style(event)

    def choose_style(self, event: Event) -> Style:
        """Choose the colour of a rung."""
        if self.coloring == "message ID":
            return Style(color=TINTS[(event.message_id or 0) % len(TINTS)]) if self.has_colors else Style()
        if self.coloring == "association":
            return Style(color=TINTS[event.association % len(TINTS)]) if self.has_colors else Style()
        role = {"control": "accent", "data": "dim", "lost": "warning"}.get(event.kind, "")
        return self.state.styles["error-text" if event.failure else "warning" if event.warning else role]

    @property
    def has_colors(self) -> bool:
        """Tell whether there are colours."""
        return self.state.styles["accent"].color is not None


MARGIN = 2 + 12 + 1 + 11 + 1 + 4 + 1


class LadderScreen(Screen[Answer]):
    """The ladder diagram of the PDUs that the main screen shows, with the one under the cursor beside it."""

    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "ladder",
        [
            Binding("s", "unfold", "Fold"),
            Binding("c", "color", "Colour"),
            Binding("space", "mark", "Mark"),
            Binding("e", "export", "Export"),
            Binding("enter", "go", "PDU"),
            Binding("n", "failure(1)", "Next failure"),
            Binding("N", "failure(-1)", "Previous failure", show=False),
            Binding("tab", "next_pane", "Tree"),
        ],
    )
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (120, "-large")]  # noqa: RUF012 (as above)
    DEFAULT_CSS = """
    LadderScreen #told { height: 1; background: $panel; padding: 0 1; }
    LadderScreen LadderPane { width: 1fr; height: 1fr; border-top: solid $foreground 30%; }
    LadderScreen TreePane { width: 38%; height: 1fr; border-top: solid $foreground 30%; }
    LadderScreen.-small TreePane { display: none; }
    LadderScreen Pane:focus { border-top: heavy $primary; }
    """

    def __init__(self, main: CaptureScreen) -> None:
        """Draw what the main screen shows."""
        super().__init__()
        self.state = main.state
        self.rungs = LadderPane(main.state, id="rungs")
        self.nodes = TreePane(main.state, id="said")
        self._unfold = False
        self._wanted = main.shown
        self._job: Job | None = None
        self._cut = False

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Static(id="told")
        with Horizontal():
            yield self.rungs
            yield self.nodes
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to collect the rungs."""
        self.rungs.border_title, self.nodes.border_title = "Ladder", "Message"
        self.rungs.focus()
        self.begin()
        self.set_interval(TICK, self.tick)

    def begin(self) -> None:
        """Collect the rungs anew."""
        self.stop()
        self.rungs.events, self.rungs.marked = [], set()
        events, unfold = self.rungs.events, self._unfold
        self._cut = False
        self._job = Job("drawing", lambda job: self.collect(job, events, unfold=unfold)).start()

    def collect(self, job: Job, events: list[Event], *, unfold: bool) -> None:
        """Find the events of the rows that are shown; runs in a thread."""
        index, rows = self.state.index, self.state.rows
        lines = [rows.find_line(number) for number in range(len(rows))]
        shown = {line.row for line in lines if line.level != BREAK}
        wanted = {index.associations[row] for row in shown}
        recall, ladder, job.size = Recall(index), Ladder(unfold=unfold), len(index)
        for row in range(min(shown, default=0), len(index)):
            job.done = row
            if not row % STEP and job.stopped:
                return
            if index.associations[row] in wanted:
                events.extend(ladder.follow(recall.make_entry(row).arrival, wanted=row in shown))
            if len(events) >= MOST_EVENTS:
                self._cut = True
                return
        events.extend(ladder.finish())

    def stop(self) -> None:
        """Stop to collect."""
        if self._job is not None:
            self._job.stop()

    def on_unmount(self) -> None:
        """Stop to collect: nobody looks any more."""
        self.stop()

    def tick(self) -> None:
        """Show what was collected in the meantime."""
        job = self._job
        if job is None:
            return
        events = self.rungs.events
        self.rungs.update_count()
        self.rungs.refresh()
        if self._wanted is not None and (job.over or (events and events[-1].last > self._wanted)):
            number = next((at for at, each in enumerate(events) if each.first <= self._wanted + 1 <= each.last), 0)
            self.rungs.move_to(number)
            self._wanted = None
            self.show_event()
        self.query_one("#told", Static).update(self.make_title(job))
        if job.over:
            self._job = None
            self.rungs.empty = " no PDU to draw"

    def make_title(self, job: Job) -> Text:
        """Tell how many rungs there are, and how they are drawn."""
        count = len(self.rungs.events)
        text = Text(f"{count:,} {'PDUs' if self._unfold else 'messages and PDUs'}", self.state.styles["title"])
        if self.state.filter_text:
            text.append(f"  filter: {self.state.filter_text}")
        text.append(f"  colour by {self.rungs.coloring}", self.state.styles["dim"])
        if job.error is not None:
            text.append(f"  failed: {job.error}", self.state.styles["error"])
        elif self._cut:
            text.append(f"  only the first {MOST_EVENTS:,}; filter for others", self.state.styles["warning"])
        elif not job.over:
            text.append(f"  {job.share:.0%}", self.state.styles["warning"])
        return text

    @on(Pane.Moved, "#rungs")
    def show_event(self) -> None:
        """Show what is said beside the ladder."""
        event = self.rungs.event
        if event is None or not self.nodes.display:
            return
        row = event.first - 1
        entry = self.state.make_entry(row)
        numbers = [
            each for each in self.state.index.list_messages(row) if self.state.index.messages.firsts[each] == row
        ]
        if event.kind == "command" and not self._unfold and numbers:
            message = self.state.recall.find_message(numbers[0])
            self.nodes.show(make_message_node(message, entry.arrival.association))
        else:
            self.nodes.show(entry.top)

    def action_unfold(self) -> None:
        """Draw a rung a PDU, or a rung a message."""
        event = self.rungs.event
        self._wanted = event.first - 1 if event is not None else None
        self._unfold = not self._unfold
        self.begin()

    def action_color(self) -> None:
        """Colour by something else."""
        self.rungs.coloring = COLORINGS[(COLORINGS.index(self.rungs.coloring) + 1) % len(COLORINGS)]
        self.rungs.refresh()
        self.query_one("#told", Static).update(self.make_title(Job("", lambda _: None).start()))

    def action_mark(self) -> None:
        """Mark the rung, or no longer."""
        self.rungs.marked ^= {self.rungs.cursor}
        self.rungs.cursor += 1
        self.rungs.refresh()

    def action_failure(self, step: int) -> None:
        """Go to the next rung that fails, or the one before."""
        at = self.rungs.cursor
        while 0 <= (at := at + step) < len(self.rungs.events):
            if self.rungs.events[at].failure or self.rungs.events[at].warning:
                self.rungs.move_to(at)
                return
        self.notify("no further failure", timeout=2)

    def action_next_pane(self) -> None:
        """Go from the ladder to the tree, or back."""
        (self.nodes if self.rungs.has_focus and self.nodes.display else self.rungs).focus()

    def action_go(self) -> None:
        """Go to the PDU on the main screen."""
        if self.rungs.event is not None:
            self.dismiss(Jump(self.rungs.event.first - 1))

    @on(Pane.Chosen, "#rungs")
    def take_choice(self) -> None:
        """Go to the PDU on the main screen."""
        self.action_go()

    def action_export(self) -> None:
        """Ask where to write the diagram."""
        hint = "name.txt for text, name.mmd for Mermaid, name.svg for an image"
        self.app.push_screen(Ask(f"Write the {'marked part of the ' if self.rungs.marked else ''}ladder to: {hint}",
                                 "ladder.svg"), self.take_name)  # fmt: skip

    def take_name(self, name: str | None) -> None:
        """Write the diagram into a new file."""
        if not name:
            return
        marked = self.rungs.marked
        events = [event for number, event in enumerate(self.rungs.events) if number in marked or not marked]
        path = Path(name).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(draw(events, self.state, path.suffix))
        except FileExistsError:
            self.notify(f"{name} is there already; name another file", severity="error", markup=False)
        except OSError as error:
            self.notify(f"{name}: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"{len(events)} rungs written to {name}; dissect ladder does the same", markup=False)


def draw(events: Sequence[Event], state: State, suffix: str) -> Iterator[str]:
    """Draw events in the form that the suffix of a file's name tells."""
    clock = make_clock(state.capture, state.time_form)
    if suffix == ".svg":
        return draw_svg(events, clock)
    return (
        draw_mermaid(events, clock)
        if suffix in (".mmd", ".mermaid", ".md")
        else draw_text(events, clock, ascii_only=state.ascii_only)
    )
