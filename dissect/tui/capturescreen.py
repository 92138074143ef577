"""The main screen: the list of PDUs, the tree of the one under the cursor, its bytes, a filter."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen

from dissect.capture.records import CaptureError
from dissect.query import QueryError
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.asking import Asking
from dissect.tui.bars import KeyLine, StatusLine, TabLine, TitleLine
from dissect.tui.filterbar import FilterBar
from dissect.tui.hexpane import HexPane
from dissect.tui.keys import make_bindings
from dissect.tui.laying import Laying
from dissect.tui.moving import Moving
from dissect.tui.pane import Pane
from dissect.tui.pdulist import PduList
from dissect.tui.rows import MODES, Mode, Rows
from dissect.tui.seeking import Seeking
from dissect.tui.showing import Showing
from dissect.tui.state import State
from dissect.tui.treepane import TreePane

TICK = 0.1
"""Seconds between two looks at what was read in the meantime."""


class CaptureScreen(Showing, Moving, Asking, Seeking, Laying, Screen[None]):
    """The main screen."""

    BINDINGS = make_bindings("main")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (120, "-wide"), (160, "-huge")]  # noqa: RUF012
    DEFAULT_CSS = """
    CaptureScreen #panes { height: 1fr; layout: vertical; }
    CaptureScreen PduList { height: 40%; min-height: 4; border-top: solid $foreground 30%; }
    CaptureScreen #lower { height: 1fr; layout: horizontal; }
    CaptureScreen TreePane { width: 1fr; height: 1fr; border-top: solid $foreground 30%; }
    CaptureScreen HexPane { width: 46; height: 1fr; border-top: solid $foreground 30%; }
    CaptureScreen Pane:focus { border-top: heavy $primary; border-title-style: bold; }
    CaptureScreen.-huge HexPane { width: 78; }
    CaptureScreen.-medium HexPane { display: none; width: 1fr; }
    CaptureScreen.-medium.bytes HexPane { display: block; }
    CaptureScreen.-medium.bytes TreePane { display: none; }
    CaptureScreen.-wide.bytes HexPane, CaptureScreen.-huge.bytes HexPane { display: none; }
    CaptureScreen.layout-b #lower { layout: vertical; }
    CaptureScreen.layout-b HexPane { width: 1fr; height: 35%; }
    CaptureScreen.layout-c #panes { layout: horizontal; }
    CaptureScreen.layout-c PduList { width: 45%; height: 1fr; }
    CaptureScreen.layout-c #lower { width: 1fr; layout: vertical; }
    CaptureScreen.layout-c HexPane { width: 1fr; height: 35%; }
    CaptureScreen.zoomed Pane { display: none; }
    CaptureScreen.zoomed Pane.here { display: block; width: 1fr; height: 1fr; }
    CaptureScreen.zoomed #lower { display: none; }
    CaptureScreen.zoomed #lower.here { display: block; height: 1fr; width: 1fr; }
    CaptureScreen.-narrow Pane { display: none; }
    CaptureScreen.-narrow Pane.here { display: block; width: 1fr; height: 1fr; }
    CaptureScreen.-narrow #lower { display: none; }
    CaptureScreen.-narrow #lower.here { display: block; height: 1fr; width: 1fr; }
    """

    def __init__(self, state: State) -> None:
        """Show what the screens share."""
        super().__init__()
        self.state = state
        self.pdus = PduList(state, id="list", classes="here")
        self.nodes = TreePane(state, id="tree")
        self.octets = HexPane(state, id="hex")
        self._counted = -1
        self._over = False
        self._settled: Rows | None = None
        """The lines of which all are known, those for what is not there among them."""

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield TitleLine(self.state)
        yield FilterBar(self.state)
        yield TabLine()
        with Container(id="panes"):
            yield self.pdus
            with Horizontal(id="lower"):
                yield self.nodes
                yield self.octets
        yield StatusLine(self.state)
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at what is read."""
        for pane, title in ((self.pdus, "1 PDUs"), (self.nodes, "2 Tree"), (self.octets, "3 Bytes")):
            pane.border_title = title
        self.set_focus(self.pdus)
        self.set_interval(TICK, self.tick)
        self.tick()
        self.call_after_refresh(self.state.drawn.set)

    def tick(self) -> None:
        """Take into account what was read and found in the meantime."""
        self.take_lines()
        if self.state.loading.over and not self._over:
            self._over = True
            self.tell_end()
        self.watch_find()
        self.query_one(TitleLine).tick(self._finding.job if self._finding is not None else None)
        self.watch_files()

    def take_lines(self) -> None:
        """Show the lines that are there now; the cursor stays on its PDU, or comes back to it."""
        state, rows, pdus = self.state, self.state.rows, self.pdus
        arranging = state.arranging
        settled = state.loading.over and (arranging is None or arranging.over)
        fresh = settled and self._settled is not rows
        if fresh:
            self._pinned = pdus.row if self._pinned is None else self._pinned
            self._settled = rows
            rows.renew_opened()
            rows.note_breaks()
            rows.show_breaks()
        if fresh or pdus.count != self._counted:
            self._counted = pdus.count
            with self.prevent(Pane.Moved):
                pdus.update_count()
                if self._pinned is not None:
                    pdus.move_to(rows.find_number(self._pinned))
                elif pdus.follows:
                    pdus.action_end()
            pdus.refresh()
        if settled:
            self._pinned = None
        if pdus.row is not None and rows.find_line(pdus.cursor) != self._line:
            self.show_row()

    def watch_files(self) -> None:
        """Tell when a file has changed since it was opened."""
        if change := self.state.find_change():
            self.notify(change, severity="warning", timeout=15)

    def tell_end(self) -> None:
        """Tell what is wrong with the capture, once it was read."""
        state = self.state
        if state.loading.error is not None:
            self.notify(str(state.loading.error), severity="error", timeout=20)
        elif not len(state.index):
            self.pdus.empty = state.explain_nothing()
            self.pdus.refresh()
        for fault in state.list_faults() if len(state.index) else ():
            self.notify(fault, severity="warning", timeout=10)

    def refresh_all(self) -> None:
        """Draw everything anew."""
        self.pdus.update_count()
        for pane in (self.pdus, self.nodes, self.octets):
            pane.refresh()
        self.show_bytes()

    # What is shown

    @on(Pane.Chosen, "#list")
    def enter_tree(self) -> None:
        """Go into the tree."""
        self.action_pane(1)

    @on(Pane.Chosen, "#tree")
    def show_value(self) -> None:
        """Show the whole value of the node."""
        if self.nodes.node is not None:
            self.show_whole(self.nodes.node)

    def take_answer(self, answer: Answer) -> None:
        """Do what a screen asks that was left."""
        if isinstance(answer, Jump):
            self._sought = (answer.row, answer.path) if answer.path else None
            self.visit(answer.row)
            self.show_row()
        elif isinstance(answer, Apply):
            self.apply(answer.text)

    def open_captures(self, names: Sequence[str], row: int | None = None) -> None:
        """Read other captures, or the same ones again, and go to a row; raise CaptureError where that cannot be."""
        self.stop_find()
        self.state.open(names)
        self.entry = self.shown = None
        self._over, self._counted, self._pinned, self._line = False, -1, row, None
        self.forget_visits()
        self.nodes.show(None)
        self.octets.show(None)
        self.pdus.cursor, self.pdus.empty = 0, ""
        self.tick()

    def action_reload(self) -> None:
        """Read the capture again; the cursor comes back to its PDU."""
        try:
            self.open_captures(self.state.names, self.shown)
        except CaptureError as error:
            self.notify(str(error), severity="error")
            return
        self.notify("reading again", timeout=2)

    # The filter

    def action_filter(self) -> None:
        """Write a filter."""
        self.query_one(FilterBar).edit()

    @on(FilterBar.Applied)
    def take_filter(self, event: FilterBar.Applied) -> None:
        """Apply a filter."""
        self.apply(event.text)
        self.leave_filter()

    @on(FilterBar.Left)
    def leave_filter(self) -> None:
        """Leave the bar."""
        self.query_one(FilterBar).close()
        self.set_focus(self.pdus)

    def apply(self, text: str, mode: Mode | None = None) -> None:
        """Show only PDUs for which a filter holds; the cursor stays on its PDU or the nearest."""
        self.stop_find()
        kept = self.pdus.row
        try:
            self.state.apply(text, mode)
        except QueryError as error:
            self.notify(f"filter: {error}", severity="error")
            return
        self._counted, self._line = -1, None
        self._pinned = kept
        self.pdus.empty = self.state.explain_nothing() or "no PDU for which the filter holds, as far as was read"
        self.query_one(FilterBar).close()
        self.tick()

    def action_toggle_filter(self) -> None:
        """Switch the filter off, or on again."""
        state = self.state
        if state.filter_text:
            state.filter_kept = state.filter_text
            self.apply("")
        elif state.filter_kept:
            self.apply(state.filter_kept)

    def action_view(self) -> None:
        """Show PDUs, messages or associations as rows."""
        mode = MODES[(MODES.index(self.state.rows.mode) + 1) % len(MODES)]
        self.apply(self.state.filter_text, mode)
        title = {"pdu": "PDUs", "message": "messages", "association": "associations"}[mode]
        self.pdus.border_title = f"1 {title[0].upper()}{title[1:]}"
        self.notify(f"rows are {title}", timeout=2)
