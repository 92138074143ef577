"""How one comes from one PDU to another on the main screen."""

from bisect import bisect_left, bisect_right

from textual.screen import Screen

from dissect.tui.pdulist import PduList
from dissect.tui.state import State

MOST_VISITED = 200


class Moving(Screen[None]):
    """What moves the cursor of the list, from any pane."""

    state: State
    shown: int | None
    pdus: PduList

    def __init__(self) -> None:
        """Start where nobody has been."""
        super().__init__()
        self._visited: list[int] = []
        self._ahead: list[int] = []

    def forget_visits(self) -> None:
        """Forget where one was."""
        self._visited.clear()
        self._ahead.clear()

    def visit(self, row: int) -> None:
        """Go to a row's PDU, from which one can come back; where a filter hides it, say so."""
        if self.shown is not None:
            self._visited = [*self._visited[-MOST_VISITED:], self.shown]
        self._ahead.clear()
        self.go_to(row)

    def go_to(self, row: int) -> None:
        """Put the cursor on a row's PDU, or the nearest one that is shown."""
        number = self.state.rows.reveal(row) if len(self.state.rows) else 0
        self.pdus.update_count()
        self.pdus.move_to(number)
        if self.pdus.row != row and self.state.rows.text:
            self.notify(f"PDU {row + 1} is not shown by the filter; the nearest one is", timeout=4)

    def action_back(self) -> None:
        """Go back to where one was before a jump."""
        if self._visited and self.shown is not None:
            self._ahead.append(self.shown)
            self.go_to(self._visited.pop())

    def action_forward(self) -> None:
        """Go forward again."""
        if self._ahead and self.shown is not None:
            self._visited.append(self.shown)
            self.go_to(self._ahead.pop())

    def action_step_pdu(self, step: int) -> None:
        """Go to the next line, or the one before."""
        self.pdus.cursor += step

    def action_step_in_association(self, step: int) -> None:
        """Go to the next line of the same association, or the one before."""
        index, rows, at = self.state.index, self.state.rows, self.pdus.cursor
        if self.shown is None:
            return
        wanted = index.associations[self.shown]
        first, last = index.openings[wanted], index.endings[wanted]
        while 0 <= (at := at + step) < len(rows):
            row = rows.find_row(at)
            if index.associations[row] == wanted:
                self.pdus.move_to(at)
                return
            if rows.mode == "pdu" and not first <= row <= last:
                break
        self.notify(f"no {'further' if step > 0 else 'earlier'} line of association {wanted}", timeout=2)

    def action_step_association(self, step: int) -> None:
        """Go to the first PDU of the next association, or of the one before."""
        index = self.state.index
        if self.shown is None:
            return
        number = index.associations[self.shown] + step
        if number in index.known:
            self.visit(index.openings[number])
        else:
            self.notify("no further association" if step > 0 else "no earlier association", timeout=2)

    def action_step_problem(self, step: int) -> None:
        """Go to the next PDU in which something fails or that has a warning or an error, or to the one before."""
        troubled, rows = self.state.index.troubled, self.state.rows
        row = self.shown if self.shown is not None else -1
        at = bisect_right(troubled, row) if step > 0 else bisect_left(troubled, row) - 1
        while 0 <= at < len(troubled):
            if len(rows) and rows.shows(troubled[at]):
                self.visit(troubled[at])
                return
            at += step
        self.notify(
            f"no {'further' if step > 0 else 'earlier'} problem among {len(self.state.index):,} PDUs", timeout=3
        )

    def action_partner(self) -> None:
        """Go from a response to its request, or from a request to its last response."""
        index = self.state.index
        for number in index.list_messages(self.shown) if self.shown is not None else ():
            other = index.messages.requests[number] or index.messages.answers[number]
            if other:
                self.visit(index.messages.heads[other] - 1)
                return
        self.notify("nothing answers this PDU, and it answers nothing", timeout=3)

    def action_follow(self) -> None:
        """Show only the association of the PDU, or all again."""
        if self.shown is None:
            return
        text = f"assoc == {self.state.index.associations[self.shown]}"
        self.apply("" if self.state.filter_text == text else text)

    def apply(self, text: str) -> None:
        """Apply a filter."""
        raise NotImplementedError
