"""How the panes of the main screen share its room, and which of them the keys are for."""

from textual import on
from textual.screen import Screen

from dissect.tui.bars import TabLine
from dissect.tui.hexpane import HexPane
from dissect.tui.pane import Pane
from dissect.tui.pdulist import PduList
from dissect.tui.treepane import TreePane

LAYOUTS = ("layout-a", "layout-b", "layout-c")
"""List above tree and bytes; all three one above the other; list beside the others."""

HEIGHTS = range(15, 90, 5)


class Laying(Screen[None]):
    """What lays out the list, the tree and the bytes."""

    pdus: PduList
    nodes: TreePane
    octets: HexPane

    def __init__(self) -> None:
        """Start with the list above the others."""
        super().__init__()
        self._layout = 0
        self._height = 40

    def list_panes(self) -> tuple[Pane, Pane, Pane]:
        """Give the panes."""
        return self.pdus, self.nodes, self.octets

    def action_pane(self, number: int) -> None:
        """Go to a pane."""
        pane = self.list_panes()[number]
        if pane is self.octets and not pane.display:
            self.toggle_class("bytes")
        self.show_pane(pane)
        self.set_focus(pane)

    def show_pane(self, pane: Pane) -> None:
        """Take a pane for the one that is seen where only one is."""
        for each in self.list_panes():
            each.set_class(each is pane, "here")
        self.query_one("#lower").set_class(pane is not self.pdus, "here")
        panes = self.list_panes()
        self.query_one(TabLine).show([str(each.border_title) for each in panes], panes.index(pane))

    def on_descendant_focus(self) -> None:
        """Take note of the pane that keys are for."""
        if isinstance(self.focused, Pane):
            self.show_pane(self.focused)

    @on(TabLine.Clicked)
    def show_next_pane(self) -> None:
        """Go to the next pane."""
        self.action_next_pane(1)

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        panes = self.list_panes()
        at = panes.index(self.focused) if isinstance(self.focused, Pane) and self.focused in panes else 0
        single = self.has_class("-narrow") or self.has_class("zoomed")
        for count in range(1, len(panes) + 1):
            number = (at + step * count) % len(panes)
            if single or panes[number].display:
                self.action_pane(number)
                return

    def action_bytes(self) -> None:
        """Show the bytes in place of the tree, or hide them."""
        if self.has_class("-narrow"):
            self.action_pane(1 if self.focused is self.octets else 2)
            return
        self.toggle_class("bytes")
        hidden = self.has_class("bytes") != self.has_class("-medium")
        if hidden and self.focused is self.octets:
            self.action_pane(1)
        elif not hidden and self.focused is self.nodes and self.has_class("-medium"):
            self.set_focus(self.octets)

    def action_zoom(self) -> None:
        """Give the pane all the room, or no longer."""
        self.toggle_class("zoomed")

    def action_layout(self) -> None:
        """Lay the panes out in the next way."""
        self.remove_class(LAYOUTS[self._layout])
        self._layout = (self._layout + 1) % len(LAYOUTS)
        self.add_class(LAYOUTS[self._layout])

    def action_grow(self, step: int) -> None:
        """Give the list more room, or less."""
        self._height = max(HEIGHTS[0], min(self._height + 5 * step, HEIGHTS[-1]))
        self.pdus.styles.height = f"{self._height}%"
