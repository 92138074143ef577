"""Events, in: the rungs of a ladder below the heads of its columns, with a cursor and marks, out."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from rich.style import Style

from dissect.amounts import BILLION
from dissect.ladder.events import Event
from dissect.tui.palette import TINTS
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.ladder import ASCII, UNICODE, Pen, Sheet, draw_heads, draw_rung, lay_out

Coloring = Literal["status", "message ID", "association"]
COLORINGS: tuple[Coloring, ...] = ("status", "message ID", "association")

ROLES = {"control": "accent", "data": "dim", "lost": "warning"}
"""The role of an event that is all right, by its kind."""

TIME, DELTA, NUMBER = 12, 11, 4
"""How wide time, delta and the association's number are at the least."""

Mark = tuple[int, int | None]
"""What names an event whether others are folded or not: the number of its first PDU, its message ID."""


def name_event(event: Event) -> Mark:
    """Give what names an event."""
    return event.first, event.message_id


def make_clock(state: State) -> Callable[[int], str]:
    """Give what tells the time of a frame as the main screen does."""
    if state.reference is None:
        return state.clock
    since = state.capture.times[state.reference - 1]
    return lambda frame: state.capture.tell_time(frame, since)


class LadderPane(Pane):
    """The rungs, below the heads of the columns."""

    HEADING = 2

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show nothing yet."""
        super().__init__(state, id=id)
        self.events: list[Event] = []
        self.marked: set[Mark] = set()
        """The rungs that a user has marked."""
        self.coloring: Coloring = "status"
        self._clock = make_clock(state)
        self._time, self._number = TIME, NUMBER
        self._sheet: Sheet | None = None
        self._laid = 0
        """For which width the columns are laid out."""

    def show(self, events: list[Event]) -> None:
        """Show events, to which nobody adds any more."""
        self.events, self._sheet = events, None
        times = [self._clock(event.start) for event in (*events[:1], *events[-1:])]
        self._time = max(TIME, *map(len, times)) if times else TIME
        self._number = max(NUMBER, len(str(max((event.association for event in events), default=0))))
        self.update_count()
        self.refresh()

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
        """Lay the columns out, anew where there are other rungs or another width."""
        room = width - self._time - self._number - DELTA - 6
        if self._sheet is None or self._laid != room:
            self._laid, self._sheet = room, lay_out(self.events, self.pen, room)
        return self._sheet

    def make_margin(self, mark: str, time: str, delta: str, number: str) -> str:
        """Lay out what stands left of a rung: mark, time, delta, association."""
        return f"{mark:1} {time:>{self._time}} {delta:>{DELTA}} {number:>{self._number}} "

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give a line of the heads: AE titles, then addresses."""
        if not self.events:
            return []
        heads = list(draw_heads(self.find_sheet(width), self.pen))
        margin = (
            self.make_margin("", "Time", self.state.glyphs["delta"], "As") if y else self.make_margin("", "", "", "")
        )
        return [(margin + heads[y], self.state.styles["head" if y else "name"])]

    def draw(self, number: int, width: int) -> Iterator[Piece]:
        """Give the margin and the rung."""
        event = self.events[number]
        mark = self.state.glyphs["selected"] if name_event(event) in self.marked else ""
        delta = f"{(event.time - self.events[number - 1].time) / BILLION:+.6f}" if number else ""
        margin = self.make_margin(mark, self._clock(event.start), delta, str(event.association))
        yield margin, self.state.styles["dim"]
        yield draw_rung(event, self.find_sheet(width), self.pen), self.choose_style(event)

    def choose_style(self, event: Event) -> Style:
        """Choose the colour of a rung."""
        if self.coloring != "status":
            number = event.association if self.coloring == "association" else event.message_id or 0
            return Style(color=TINTS[number % len(TINTS)]) if self.has_colors else Style()
        role = ROLES.get(event.kind, "")
        return self.state.styles["error-text" if event.failure else "warning" if event.warning else role]

    @property
    def has_colors(self) -> bool:
        """Tell whether there are colours."""
        return self.state.styles["accent"].color is not None

    def color_next(self) -> None:
        """Colour by something else."""
        self.coloring = COLORINGS[(COLORINGS.index(self.coloring) + 1) % len(COLORINGS)]
        self.refresh()

    def mark(self) -> None:
        """Mark the rung, or no longer, and go on."""
        if self.event is not None:
            self.marked ^= {name_event(self.event)}
            self.refresh()
            self.cursor += 1

    def list_marked(self) -> list[Event]:
        """Give the rungs that are marked; all, where none of them is."""
        return [event for event in self.events if name_event(event) in self.marked] or self.events

    def find_failure(self, step: int) -> int | None:
        """Find the next rung that fails or warns, or the one before; None where there is none."""
        numbers = range(self.cursor + step, len(self.events) if step > 0 else -1, step)
        return next((at for at in numbers if self.events[at].failure or self.events[at].warning), None)
