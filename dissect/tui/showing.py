"""The line under the cursor of the list, in: its PDU as a tree, and the bytes of the node that is chosen in it, out."""

from collections.abc import Callable
from threading import Lock

from textual import on, work
from textual.screen import Screen

from dissect.association import Association
from dissect.dicom.pdu import P_DATA
from dissect.masking import Range, list_private_ranges
from dissect.quality import make_connection_node
from dissect.recall import Entry, Recall
from dissect.spans import Source
from dissect.tui.bars import StatusLine
from dissect.tui.finding import Wanted
from dissect.tui.hexpane import HexPane, list_secret_ranges, make_extract
from dissect.tui.messages import decode_groups
from dissect.tui.pane import Pane
from dissect.tui.pdulist import PduList
from dissect.tui.rows import BREAK, Line
from dissect.tui.state import State
from dissect.tui.treepane import TreePane


class Showing(Screen[None]):
    """What shows a PDU on the main screen."""

    state: State
    pdus: PduList
    nodes: TreePane
    octets: HexPane
    _hit: Wanted | None
    show_found: Callable[[Wanted], None]

    def __init__(self) -> None:
        """Start with no PDU."""
        super().__init__()
        self.entry: Entry | None = None
        """The PDU that is shown."""
        self.shown: int | None = None
        """Its row."""
        self._pinned: int | None = None
        """The row that the cursor returns to, while the lines are found anew."""
        self._line: Line | None = None
        """The line that is shown."""
        self._sought: tuple[int, str] | None = None
        """The row to whose PDU a screen leads, and there the path of the node."""
        self._slow_lock = Lock()

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
        with self._slow_lock:
            if self.shown != row:
                return
            entry = Recall(self.state.index).make_entry(row)
            decode_groups(entry.top)
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

    def list_hidden(self, source: Source) -> list[Range]:
        """Give the ranges of a source that are not to be seen: passcodes, and in privacy what tells of patients."""
        assert self.nodes.top is not None
        assert self.entry is not None
        if self.state.private:
            return list_private_ranges(self.nodes.top, source)
        # No message has any, and to look for them would decode it.
        return list_secret_ranges(self.nodes.top, source) if self.entry.arrival.pdu.kind != P_DATA else []

    @on(HexPane.Pointed)
    def point_at(self, event: HexPane.Pointed) -> None:
        """Choose in the tree what the byte belongs to at which the user points."""
        node = self.nodes.choose_byte(event.source, event.offset)
        if node is not None:
            self.octets.mark(node)
            self.query_one(StatusLine).show(node)

    def show_path(self, path: str) -> None:
        """Put the cursor of the tree on the node of a path below its top, as far as there is one."""
        node = self.nodes.top
        for key in path.split("/"):
            found = node.child(key) if node is not None else None
            node = found or node
        if node is not None:
            self.nodes.find_node(node)
            self.set_focus(self.nodes)
