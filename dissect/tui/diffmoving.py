"""How one comes from one difference to another, from one side to the other, and to a PDU on the main screen."""

from textual import on

from dissect.tui.answers import Answer, Jump
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.diffignoring import DiffIgnoring
from dissect.tui.diffside import DiffSide
from dissect.tui.pane import Pane


class DiffMoving(DiffIgnoring[Answer]):
    """What moves the cursor of the differences, and chooses a side."""

    main: CaptureScreen
    _chosen = 1
    """The number of the side that is seen where only one is."""

    def show_side(self, number: int) -> None:
        """Take a side for the one that is seen where only one is."""
        for at, side in enumerate(self.sides):
            side.set_class(at == number, "here")
        self.nodes = self.side.nodes

    @property
    def side(self) -> DiffSide:
        """Give the side that keys are for."""
        held = next((side for side in self.sides if self.focused in (side.nodes, side.octets)), None)
        return held or next(side for side in self.sides if side.has_class("here"))

    def on_descendant_focus(self) -> None:
        """Take note of the side that keys are for."""
        for number, side in enumerate(self.sides):
            if self.focused in (side.nodes, side.octets):
                self._chosen = number
                self.show_side(number)

    def action_next(self, step: int) -> None:
        """Go to the next difference, or the one before."""
        rows = self.pane.rows
        at = rows.find_next(self.pane.cursor, step) if rows is not None else None
        if at is None:
            self.notify(f"no {'further' if step > 0 else 'earlier'} difference", timeout=2)
            return
        self.pane.update_count()
        self.pane.move_to(at)
        self.pane.refresh()

    def action_open(self) -> None:
        """Show what differs below the line; where that is seen, go to it."""
        rows, row = self.pane.rows, self.pane.row
        if rows is not None and row in rows.closed:
            self.pane.toggle()
        else:
            self.pane.action_move(1)

    def action_close(self) -> None:
        """Hide what differs, or go to the line above."""
        self.pane.close()

    def action_fold(self, closed: bool) -> None:
        """Close everything, or open it."""
        self.pane.fold_all(closed=closed)

    def action_other(self) -> None:
        """Go to the other side."""
        in_list = self.pane.has_focus
        self._chosen = 1 - self.sides.index(next(side for side in self.sides if side.has_class("here")))
        self.show_side(self._chosen)
        if not in_list:
            self.enter(self.sides[self._chosen])

    def enter(self, side: DiffSide) -> None:
        """Go into what is seen of a side, once it is."""
        self.call_after_refresh(lambda: (side.nodes if side.nodes.display else side.octets).focus())

    def action_bytes(self) -> None:
        """Hide the bytes, or show them; where there is little room, in the place of the trees."""
        held = None if self.pane.has_focus else self.side
        self.toggle_class("bytes")
        if held is not None:
            self.enter(held)

    @on(Pane.Chosen, "#differences")
    def choose(self) -> None:
        """Go to the PDU of a difference; of a head, open it or close it."""
        if self.pane.difference is None:
            self.pane.toggle()
        else:
            self.action_jump()

    @on(Pane.Chosen, "DiffTree")
    def choose_node(self) -> None:
        """Go to the PDU that the node is in; where that is not of the capture that is browsed, show the whole value."""
        node = self.nodes.node
        if self.is_browsed(self.side):
            self.action_jump()
        elif node is not None:
            self.main.show_whole(node)

    def action_jump(self) -> None:
        """Leave for the PDU on the main screen, where one of the sides is of the capture that it shows."""
        wanted = [self.side, *self.sides[::-1]] if not self.pane.has_focus else self.sides[::-1]
        for side in wanted:
            home, node = side.home, side.nodes.node
            if home is not None and home.field is None and self.is_browsed(side):
                self.dismiss(Jump(home.row, side.nodes.find_path(node) if node is not None and not home.number else ""))
                return
        self.notify("this is not in the capture that is browsed", timeout=3)

    def find_shown(self) -> int | None:
        """Give the row of the PDU that the tree is about, where the capture is the one that is browsed."""
        side = self.side
        return side.home.row if self.is_browsed(side) and side.home is not None else None

    def is_browsed(self, side: DiffSide) -> bool:
        """Tell whether a side is of the capture that the main screen shows."""
        return self.diffing.sides[self.sides.index(side)].browsed
