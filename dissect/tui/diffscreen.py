"""Two exchanges, in: what differs between them in a list, above the messages of both sides, and their bytes, out."""

import shlex
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widgets import Static

from dissect.amounts import tell
from dissect.diff.differences import Difference
from dissect.diff.exchange import Talk
from dissect.node import Node
from dissect.text import escape
from dissect.tui.bars import KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.diffing import Diffing, Sides
from dissect.tui.diffmoving import DiffMoving
from dissect.tui.diffpane import DiffPane, hide
from dissect.tui.diffrows import DiffRows
from dissect.tui.diffside import DiffSide, Which, find_home
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane
from dissect.views.differences import Writer
from dissect.views.paint import PLAIN

TICK = 0.1
"""Seconds between two looks at how far the work is."""


class DiffScreen(DiffMoving):
    """What differs between two exchanges."""

    HORIZONTAL_BREAKPOINTS = [(0, "-unified"), (120, "-wide")]  # noqa: RUF012 (Textual's)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]  # noqa: RUF012
    DEFAULT_CSS = """
    DiffScreen #title { height: 2; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    DiffScreen #told { height: auto; max-height: 3; background: $panel; padding: 0 1; }
    DiffScreen #panes { height: 1fr; layout: vertical; }
    DiffScreen DiffPane { height: 42%; min-height: 5; border-top: solid $foreground 30%; }
    DiffScreen DiffPane:focus { border-top: heavy $primary; border-title-style: bold; }
    DiffScreen #sides { height: 1fr; }
    DiffScreen.-unified DiffSide { display: none; }
    DiffScreen.-unified DiffSide.here { display: block; }
    DiffScreen.bytes HexPane { display: none; }
    DiffScreen.-low HexPane { display: none; height: 1fr; }
    DiffScreen.-low.bytes HexPane { display: block; }
    DiffScreen.-low.bytes DiffTree { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "diff",
        [
            Binding("n", "next(1)", "Next"),
            Binding("N", "next(-1)", "Previous difference", show=False),
            Binding("i", "ignore", "Ignore"),
            Binding("u", "unchanged", "Unchanged"),
            Binding("m", "notes", "Notes"),
            Binding("s", "swap", "Swap"),
            Binding("o", "other", "Other side"),
            Binding("x", "bytes", "Bytes"),
            Binding("p", "jump", "PDU"),
            Binding("y", "copy", "Copy", show=False),
            Binding("P", "privacy", "Privacy mask", show=False),
            Binding("right,l", "open", "Show what differs below the line", show=False),
            Binding("left,h", "close", "Hide it, or go to the line above", show=False),
            Binding("E", "fold(False)", "Show all that differs", show=False, id="diff.open-all"),
            Binding("C", "fold(True)", "Show associations and operations alone", show=False, id="diff.close-all"),
            Binding("r", "again", "Compare again after a stop", show=False),
            Binding("escape", "stop", "Stop, back", show=False),
            Binding("q", "leave", "Back", show=False),
        ],
    )

    def __init__(self, main: CaptureScreen, sides: Sides, *, pairs: tuple[tuple[int, int], ...] = ()) -> None:
        """Begin to compare; `pairs` are numbers of associations that stand for each other."""
        super().__init__()
        self.main, self.state = main, main.state
        settings = main.state.config.diff
        self.diffing = Diffing(sides, replace(settings, pairs=(*settings.pairs, *pairs)))
        self.pane = DiffPane(self.state, id="differences")
        self.sides = (DiffSide(self.state, "old"), DiffSide(self.state, "new"))
        self.nodes = self.sides[1].nodes
        self._unchanged = False
        self._title = ""
        self._count = ""

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Static(id="title")
        with Container(id="panes"):
            yield self.pane
            with Horizontal(id="sides"):
                yield from self.sides
        yield Static(id="told")
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at how far the work is."""
        self.pane.border_title = "Differences"
        self.pane.focus()
        self.show_side(1)
        self.set_interval(TICK, self.tick)
        self.call_after_refresh(self.tick)

    def on_unmount(self) -> None:
        """Stop: nobody looks any more."""
        self.diffing.job.stop()

    def tick(self) -> None:
        """Show what came of the work, and how far it is."""
        diffing = self.diffing
        if diffing.take():
            if diffing.error and diffing.comparison is not None:
                self.notify(diffing.error, severity="warning", timeout=8)
                self.show_difference()
            elif diffing.error:
                self.pane.empty = f"{diffing.error}"
                self.pane.refresh()
            else:
                self.show_rows()
        self.show_title()

    # What is shown

    def show_rows(self) -> None:
        """Show what differs; the cursor stays on its line, or the nearest."""
        comparison = self.diffing.comparison
        if comparison is None:
            return
        before, row = self.pane.rows, self.pane.row
        rows = DiffRows(comparison, notes=self.diffing.settings.notes, unchanged=self._unchanged)
        at = 0
        if before is not None and before.comparison is comparison:
            rows.closed = before.closed
            rows.lay_out()
            at = rows.find_row(row) if row is not None else 0
        elif before is not None and row is not None:
            key = before.name(row)
            if before.comparison.old is not comparison.old:
                key = key[1], key[0], key[3], key[2], *key[4:]  # the sides were swapped
            at = rows.find(key)
        if row is None:
            at = rows.find_next(0, 1) or 0
        size = sum(map(len, comparison.talks))
        told = f"no difference in {tell(size, 'operation')}"
        self.pane.empty = f"{told}{'' if self._unchanged else '; u shows what was compared'}"
        writer = Writer(comparison, PLAIN, notes=True)
        self._count = writer.tell_count()
        self.pane.show(rows, self.diffing.list_names(), at)

    def show_title(self) -> None:
        """Tell what is compared, and how much differs."""
        diffing, styles = self.diffing, self.state.styles
        old, new = diffing.list_names()
        text = Text.assemble((old, styles["title"]), f" {self.state.glyphs['requestor']} ", (new, styles["title"]))
        for side in diffing.sides:
            faults = side.exchange.faults if side.exchange is not None else []
            text.append(f"  {escape(faults[0])}" if faults else "", styles["warning"])
        text.append("\n")
        told = diffing.tell_job()
        text.append(f"{told}  " if told else "", styles["warning"])
        if diffing.comparison is not None:
            text.append(self._count)
            hides = "note" in self._count and not diffing.settings.notes
            text.append("; m shows notes" if hides else "", styles["dim"])
        elif diffing.error:
            text.append("nothing was compared", styles["error"])
        text.append("  private" if self.state.private else "", styles["mark"])
        if text.markup != self._title:
            self._title = text.markup
            self.query_one("#title", Static).update(text)

    @on(Pane.Moved, "#differences")
    def show_difference(self) -> None:
        """Show the difference under the cursor on both sides."""
        rows, row = self.pane.rows, self.pane.row
        if not self.diffing.job.over:
            return
        if rows is None or row is None:
            self.clear()
            return
        pair, finding, found = rows.pair(row), rows.finding(row), rows.difference(row)
        comparison, shown = rows.comparison, rows.list_differences(row)
        both = ((comparison.old, pair.old), (comparison.new, pair.new))
        for side, (exchange, talk) in zip(self.sides, both, strict=True):
            which = side.which
            operation = -1 if finding is None else finding.old if which == "old" else finding.new
            lone = finding is not None and operation < 0
            path = tell_path(found, which, talk)
            home = None if lone else find_home(exchange, talk, operation, path)
            side.show(exchange, home, path, shown)
        if self.has_class("-unified"):
            self.show_side(0 if found is not None and found.new is None else self._chosen)
        self.show_told()

    def clear(self) -> None:
        """Show nothing on either side."""
        for side in self.sides:
            side.nodes.show_at(None, "", {})
            side.octets.show(None)
        self.query_one("#told", Static).update("")

    def tell_row(self) -> str | None:
        """Tell all of the difference under the cursor; None where it is none."""
        found, rows = self.pane.difference, self.pane.rows
        if found is None or rows is None:
            return None
        writer = Writer(rows.comparison, PLAIN, notes=True, full=True)
        return writer.tell(hide(found, self.state.private)).strip()

    def show_told(self) -> None:
        """Tell all of the difference under the cursor, at the foot."""
        told = self.tell_row() or ""
        self.query_one("#told", Static).update(Text(told[:1000]))

    @on(Pane.Moved, "DiffTree")
    def follow(self, event: Pane.Moved) -> None:
        """Let the tree of the other side follow the one that the user moves in."""
        for side, other in (self.sides, self.sides[::-1]):
            if event.pane is side.nodes and side.nodes.has_focus and side.nodes.node is not None:
                other.nodes.follow(side.nodes.find_path(side.nodes.node))

    # What keys do

    def action_unchanged(self) -> None:
        """Show what is the same on both sides, too, or no longer."""
        self._unchanged = not self._unchanged
        self.show_rows()

    def action_notes(self) -> None:
        """Show notes, or no longer."""
        settings = self.diffing.settings
        self.diffing.begin(settings=replace(settings, notes=not settings.notes))

    def action_swap(self) -> None:
        """Take the old side for the new one, and the new one for the old."""
        old, new = self.diffing.sides
        pairs = tuple((theirs, ours) for ours, theirs in self.diffing.settings.pairs)
        self.diffing.begin((new, old), replace(self.diffing.settings, pairs=pairs))

    def action_again(self) -> None:
        """Compare again."""
        self.diffing.begin()

    def action_privacy(self) -> None:
        """Mask what identifies patients, or no longer."""
        self.main.action_privacy()
        for pane in (self.pane, *(side.nodes for side in self.sides)):
            pane.refresh()
        for side in self.sides:
            side.show_bytes()
        self.show_told()

    def make_copy(self, key: str, node: Node) -> str | None:
        """Make the text to be copied; the command line is that which compares the same."""
        if key != "c":
            return super().make_copy(key, node)
        return shlex.join(["dissect", "diff", *(side.name for side in self.diffing.sides)])

    def action_stop(self) -> None:
        """Stop the work; where that is over, leave."""
        if self.diffing.job.over or self.diffing.job.stopped:
            self.dismiss(None)
        else:
            self.diffing.job.stop()

    def action_leave(self) -> None:
        """Leave the main screen as it is."""
        self.dismiss(None)


def tell_path(found: Difference | None, which: Which, talk: Talk | None) -> str:
    """Give the path of a difference on a side, '' where that is an association as such or there is none."""
    if found is None or talk is None:
        return ""
    place, value = (found.old_place, found.old) if which == "old" else (found.new_place, found.new)
    return "" if place.path == talk.path and value is not None else place.path
