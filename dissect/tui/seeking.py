"""What a user looks for on the main screen, in: the next PDU that has it, and the node or the bytes in it, out."""

from collections.abc import Callable

from rich.text import Text
from textual.screen import Screen
from textual.widgets import Static

from dissect.query import QueryError
from dissect.recall import Entry
from dissect.tui.finding import MODES, Finding, Wanted
from dissect.tui.hexpane import HexPane
from dissect.tui.pdulist import PduList
from dissect.tui.prompts import Ask
from dissect.tui.state import State
from dissect.tui.treepane import TreePane

PAUSE = 0.02
"""Seconds between two looks at whether anything was found, during the first one."""


class Seeking(Screen[None]):
    """What looks for something, and goes there."""

    state: State
    entry: Entry | None
    shown: int | None
    pdus: PduList
    nodes: TreePane
    octets: HexPane
    visit: Callable[[int], None]
    action_pane: Callable[[int], None]

    def __init__(self) -> None:
        """Start with nothing looked for."""
        super().__init__()
        self._finding: Finding | None = None
        self._wanted: Wanted | None = None
        self._find_mode = MODES[0]
        self._hit: Wanted | None = None
        """What was found, until what it was found in is shown."""
        self._hit_row: int | None = None

    def action_find(self) -> None:
        """Ask what to look for."""
        self.app.push_screen(FindAsk(self._find_mode, self._wanted.text if self._wanted else ""), self.take_find)

    def take_find(self, asked: str | None) -> None:
        """Look for something."""
        if not asked:
            return
        mode, _, text = asked.partition(":")
        self._find_mode = mode
        try:
            self._wanted = Wanted(mode, text)
        except (ValueError, QueryError) as error:
            self.notify(f"find: {error}", severity="error")
            return
        self.action_find_again(1)

    def action_find_again(self, step: int) -> None:
        """Look for it again, forward or backward."""
        if self._wanted is None:
            self.action_find()
            return
        rows = self.state.rows
        self.stop_find()
        found = rows.list_rows(self.pdus.cursor, step)
        self._finding = Finding(self.state.index, self._wanted, found, len(self.state.index))
        self._finding.job.start()
        self.set_timer(PAUSE, self.watch_find)

    def stop_find(self) -> bool:
        """Stop to look for something, and tell whether anything was looked for."""
        finding, self._finding = self._finding, None
        if finding is not None:
            finding.job.stop()
        return finding is not None

    def watch_find(self) -> None:
        """Go where it was found, once it was."""
        finding = self._finding
        if finding is None:
            return
        if not finding.job.over:
            if finding.job.seconds < 1:
                self.set_timer(PAUSE, self.watch_find)
            return
        self._finding = None
        if finding.job.error is not None:
            self.notify(f"find: {finding.job.error}", severity="error")
        elif finding.row is None:
            self.notify(f"{finding.wanted.text}: not found from here on; n and N look on", timeout=4)
        else:
            self.go_to_hit(finding.wanted, finding.row)

    def go_to_hit(self, wanted: Wanted, row: int) -> None:
        """Go to the PDU in which something was found, and in it to where; there once it is decoded."""
        self._hit = wanted
        self.visit(row)
        self._hit_row = self.pdus.row
        self.call_after_refresh(self.show_hit)

    def show_hit(self) -> None:
        """Choose what was found in, if it is there already."""
        entry = self.entry
        if self._hit is not None and entry is not None and entry.arrival.number - 1 == self._hit_row == self.shown:
            self.show_found(self._hit)

    def show_found(self, wanted: Wanted) -> None:
        """Choose what was found in the PDU that is shown now, when its bytes are, too."""
        self._hit = None
        if self.shown == self._hit_row:
            self.call_after_refresh(self.choose_found, wanted)

    def choose_found(self, wanted: Wanted) -> None:
        """Choose the node, or the bytes, in which something was found."""
        if self.entry is None or wanted.mode == "filter":
            return
        node = wanted.find_node(self.entry.top)
        if node is not None:
            self.nodes.find_node(node)
            return
        extract = self.octets.extract
        place = wanted.find_place(extract.span.source, extract.span.start, extract.span.stop) if extract else None
        if extract is not None and place is not None:
            self.action_pane(2)
            self.octets.point(place - extract.span.start)
            self.octets.tell()


class FindAsk(Ask):
    """A line with what is to be found, of which Tab changes the kind."""

    def __init__(self, mode: str, value: str) -> None:
        """Begin with what was looked for last."""
        super().__init__("", value)
        self._mode = mode

    BINDINGS = [("tab", "mode", "Kind"), ("escape", "leave", "Leave")]  # noqa: RUF012 (as Textual has it)

    def on_mount(self) -> None:
        """Tell the kinds."""
        self.show_mode()

    def show_mode(self) -> None:
        """Tell the kinds."""
        text = Text("Find  ")
        for mode in MODES:
            text.append(f" {mode} ", "reverse bold" if mode == self._mode else "")
        text.append("   Tab: other kind, Enter: find", "dim")
        self.query_one(Static).update(text)

    def action_mode(self) -> None:
        """Take the next kind."""
        self._mode = MODES[(MODES.index(self._mode) + 1) % len(MODES)]
        self.show_mode()

    def make_answer(self, text: str) -> str:
        """Give the kind and the text."""
        return f"{self._mode}:{text}"
