"""The main screen: the list of PDUs, the tree of the one under the cursor, its bytes, a filter."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Footer

from dissect.association import Association
from dissect.capture.records import CaptureError
from dissect.dicom.pdu import P_DATA
from dissect.faults import explain_nothing
from dissect.masking import list_private_ranges
from dissect.node import Node
from dissect.quality import make_connection_node
from dissect.query import QueryError
from dissect.recall import Entry, Recall
from dissect.spans import Source
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.asking import Asking
from dissect.tui.bars import StatusLine, TabLine, TitleLine
from dissect.tui.filterbar import FilterBar
from dissect.tui.hexpane import HexPane, find_node, make_extract
from dissect.tui.keys import make_bindings
from dissect.tui.laying import Laying
from dissect.tui.moving import Moving
from dissect.tui.pane import Pane
from dissect.tui.pdulist import PduList
from dissect.tui.rows import BREAK, MODES, Line, Mode, Rows
from dissect.tui.seeking import Seeking
from dissect.tui.state import State
from dissect.tui.treepane import TreePane

TICK = 0.1
"""Seconds between two looks at what was read in the meantime."""


class CaptureScreen(Moving, Asking, Seeking, Laying, Screen[None]):
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
        self.entry: Entry | None = None
        """The PDU that is shown."""
        self.shown: int | None = None
        """Its row."""
        self._counted = -1
        self._over = False
        self._pinned: int | None = None
        """The row that the cursor returns to, while the lines are found anew."""
        self._settled: Rows | None = None
        """The lines of which all are known, those for what is not there among them."""
        self._line: Line | None = None
        """The line that is shown."""
        self._sought: tuple[int, str] | None = None
        """The row to whose PDU a screen leads, and there the path of the node."""

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
        yield Footer(compact=True, show_command_palette=False)

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
            self.pdus.empty = f" {explain_nothing(state.capture, state.reading.associations)}"
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

    @on(Pane.Moved, "#list")
    def show_moved(self) -> None:
        """Show the PDU that the user has moved to, from which nothing takes the cursor away any more."""
        self._pinned = None
        self.show_row()

    def show_row(self) -> None:
        """Show the PDU under the cursor."""
        row = self.pdus.row
        if row is None:
            return
        line = self._line = self.state.rows.find_line(self.pdus.cursor)
        if line.level == BREAK:
            self.entry, self.shown = None, row
            self.show_connection(self.state.index.known[self.state.rows.breaks[line.row].association])
            return
        self.shown = row
        index = self.state.index
        if any(map(index.messages.is_large, index.list_messages(row))):
            self.decode_slowly(row)
        else:
            self.show_entry(self.state.make_entry(row))

    @work(thread=True, exclusive=True, group="decode", exit_on_error=False)
    def decode_slowly(self, row: int) -> None:
        """Decode a large message in a thread."""
        entry = Recall(self.state.index).make_entry(row)
        for node in entry.top.children:
            _ = len(node.children)
        self.app.call_from_thread(self.show_decoded, entry, row)

    def show_decoded(self, entry: Entry, row: int) -> None:
        """Show what was decoded, if it is still wanted."""
        if self.shown == row:
            self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Show a PDU."""
        self.entry = entry
        self.nodes.show(entry.top)
        if self._sought is not None and self._sought[0] == self.shown:
            self.call_after_refresh(self.show_path, self._sought[1])
        self._sought = None
        if self._hit is not None:
            self.show_found(self._hit)

    def show_connection(self, association: Association) -> None:
        """Show how TCP carried an association."""
        account = self.state.index.ledger.accounts[association.number]
        self.nodes.show(make_connection_node(association.connection, [account.number]))
        self.octets.show(None)

    @on(Pane.Moved, "#tree")
    def show_bytes(self) -> None:
        """Mark the bytes of the node that is chosen."""
        node = self.nodes.node
        top = self.nodes.top.span if self.nodes.top is not None else None
        if self.entry is not None and node is not None and top is not None:
            pdu = self.entry.arrival.pdu
            title = f"PDU {self.entry.arrival.number}: {len(top):,} bytes of the stream from {pdu.start:,}"
            self.octets.show(make_extract(top, node, title, self.list_hidden))
        self.query_one(StatusLine).show(node)

    def list_hidden(self, source: Source) -> list[tuple[int, int]]:
        """Give the ranges of a source that are not to be seen: passcodes, and in privacy what tells of patients."""
        assert self.nodes.top is not None
        if self.state.private:
            return list_private_ranges(self.nodes.top, source)
        spans = [node.span for node in self.list_masked(self.nodes.top)]
        return [(span.start, span.stop) for span in spans if span is not None and span.source is source]

    def list_masked(self, top: Node) -> list[Node]:
        """Give the nodes that are secrets."""
        assert self.entry is not None
        if self.entry.arrival.pdu.kind == P_DATA:
            return []
        return [node for _, node in top.walk() if node.masked]

    @on(HexPane.Pointed)
    def point_at(self, event: HexPane.Pointed) -> None:
        """Choose in the tree what the byte belongs to at which the user points."""
        if self.nodes.top is None:
            return
        node = find_node(self.nodes.top, event.source, event.offset)
        if node is not None and node is not self.nodes.node:
            with self.prevent(Pane.Moved):
                self.nodes.find_node(node)
            self.octets.mark(node)
            self.query_one(StatusLine).show(node)

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

    def show_path(self, path: str) -> None:
        """Put the cursor of the tree on the node of a path below its top, as far as there is one."""
        node = self.nodes.top
        for key in path.split("/"):
            found = node.child(key) if node is not None else None
            node = found or node
        if node is not None:
            self.nodes.find_node(node)
            self.nodes.wanted = self.nodes.find_path(node)
            self.set_focus(self.nodes)

    def open_captures(self, names: Sequence[str], row: int | None = None) -> None:
        """Read other captures, or the same ones again, and go to a row; raise CaptureError where that cannot be."""
        self.stop_find()
        self.state.open(names)
        self.entry = self.shown = None
        self._over, self._counted, self._pinned, self._line = False, -1, row, None
        self.forget_visits()
        self.nodes.show(None)
        self.octets.show(None)
        self.pdus.cursor = 0
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
        self.pdus.empty = " no PDU for which the filter holds, as far as was read"
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
