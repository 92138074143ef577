"""The accounts of all associations, in: a table to sort, to narrow and to choose from, out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dissect.job import Job
from dissect.phrasing import name_numbers
from dissect.text import escape
from dissect.tui.accountpane import AccountPane
from dissect.tui.accounttable import HEADS, LARGEST_FIRST, AccountTable, Arrangement
from dissect.tui.answers import Answer, Apply
from dissect.tui.bars import Bar, KeyLine
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.detailscreen import AssociationScreen
from dissect.tui.keys import name_keys
from dissect.tui.narrowing import Narrow
from dissect.tui.pane import Pane
from dissect.tui.screens import make_screen, show_above
from dissect.views.associations import tell_end, tell_ends

TICK = 0.2
"""Seconds between two looks at what was read in the meantime."""

MOST_AT_ONCE = 20_000
"""More associations are sorted and narrowed in a thread."""

GROWTH = 1.125
"""By how much there must be more of so many, while they are read, before they are arranged anew."""


class AssociationsScreen(Screen[Answer]):
    """All associations."""

    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "associations",
        [
            Binding("enter", "filter", "List only its PDUs, or those of all selected", show=False),
            Binding("space", "select(1)", "Select", key_display="Space"),
            Binding("d,right,l", "detail", "Detail"),
            Binding("L", "ladder", "Ladder"),
            Binding("s", "sort", "Sort"),
            Binding("r", "reverse", "Reverse"),
            Binding("slash", "narrow", "Narrow", key_display="/"),
        ],
    )
    DEFAULT_CSS = "AssociationsScreen AccountPane { height: 1fr; }"

    def __init__(self, main: CaptureScreen) -> None:
        """Show the associations of the main screen's captures."""
        super().__init__()
        self._kept: str | None = None
        """The filter of the list before that of the ladder."""
        self.main = main
        self.state = main.state
        self.table = AccountTable(self.state)
        self.pane = AccountPane(self.state, self.table)
        self.order = Arrangement()
        self._arranged = (Arrangement(), 0, False)
        """For which order, of how many associations, and whether those were all, the rows are."""
        self._arranging: Job | None = None
        self._fresh = False
        """Whether the rows to come are sorted otherwise."""
        self._title, self._status = Bar(), Bar()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield self._title
        yield self.pane
        yield self._status
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin at the association of the PDU that the main screen shows."""
        self.pane.focus()
        self.tick()
        self.show_words()
        if self.main.shown is not None:
            self.go_to(self.state.index.associations[self.main.shown])
        self.set_interval(TICK, self.tick)

    # What is shown

    def tick(self) -> None:
        """Take into account what was read in the meantime, and what a user wants otherwise."""
        over, job = self.state.loading.over, self._arranging
        if job is not None and job.over:
            self._arranging = job = None
        if job is None and self.is_due(over):
            self.arrange_rows(over)
        if not over:
            self.pane.refresh()
        if not over or self._arranging is not None:
            self.show_words()

    def is_due(self, over: bool) -> bool:
        """Tell whether the rows are to be arranged anew."""
        order, seen, was_over = self._arranged
        if order != self.order or over != was_over:
            return True
        count = len(self.state.index.known)
        easy = count <= MOST_AT_ONCE or order == Arrangement()
        return count != seen if easy else count >= seen * GROWTH

    def arrange_rows(self, over: bool) -> None:
        """Arrange the rows, of many in a thread."""
        order, index = self.order, self.state.index
        self._arranged = order, len(index.known), over
        if len(index.known) <= MOST_AT_ONCE or order == Arrangement():
            self.take_rows(order.arrange(index))
            return

        def work(job: Job) -> None:
            numbers = order.arrange(index)
            if not job.stopped:
                self.app.call_from_thread(self.take_rows, numbers)

        self._arranging = Job("sorting", work).start()

    def on_unmount(self) -> None:
        """Stop what runs."""
        if self._arranging is not None:
            self._arranging.stop()

    def take_rows(self, numbers: Sequence[int]) -> None:
        """Show other rows; unless they are sorted anew, the cursor stays on its association."""
        kept, fresh = self.number, self._fresh
        self.table.numbers, self._fresh = numbers, False
        self.pane.update_count()
        if fresh:
            self.pane.cursor = 0
        elif kept is not None:
            self.go_to(kept)
        self.pane.refresh()
        self.show_words()

    def go_to(self, number: int) -> None:
        """Put the cursor on an association."""
        if number in self.table.numbers:
            self.pane.move_to(self.table.numbers.index(number))

    @property
    def number(self) -> int | None:
        """Give the number of the association under the cursor."""
        return self.table.numbers[self.pane.cursor] if self.table.count else None

    @on(Pane.Moved)
    def show_words(self) -> None:
        """Tell above how many there are of what, and below all of the one under the cursor that may be cut."""
        self._title.update(self.make_title())
        text = Text(no_wrap=True)
        if self.table.count:
            account = self.table.find_account(self.pane.cursor)
            text.append(f"{account.number}  ", self.state.styles["tag"])
            text.append(f"{escape(tell_end(account))}  {tell_ends(account)}")
        elif self._arranging is None:
            text.append("no association has that in it" if self.order.text else "no association was captured")
        self._status.update(text)

    def make_title(self) -> Text:
        """Tell how many there are, in which order, and what runs."""
        state, order = self.state, self.order
        total = len(state.index.known)
        shown = f"{self.table.count:,} of {total:,}" if order.text else f"{total:,}"
        text = Text("Associations", state.styles["title"])
        text.append(f"  {shown}", state.styles["value"])
        if order.text:
            text.append(f'  with "{escape(order.text)}"', state.styles["found"])
        if order != replace(Arrangement(), text=order.text):
            text.append(f"  by {HEADS[order.column].title or 'severity'}{', descending' if order.reverse else ''}")
        if self.table.chosen:
            text.append(f"  {len(self.table.chosen)} selected", state.styles["mark"])
        for job in (state.loading, self._arranging):
            if job is not None and not job.over:
                text.append(f"  {job.name}" + (f" {job.share:.0%}" if job.size else ""), state.styles["warning"])
        return text

    # What keys do

    def action_select(self, step: int) -> None:
        """Select the association, or no longer, and go on."""
        if self.number is not None:
            self.table.chosen ^= {self.number}
            self.pane.refresh()
            self.pane.cursor += step
            self.show_words()

    @on(AccountPane.Marked)
    def take_mark(self) -> None:
        """Select the association whose glyphs were clicked, or no longer."""
        self.action_select(0)

    def action_sort(self) -> None:
        """Sort by the next of the columns in sight."""
        kept, _ = self.pane.find_columns(self.pane.size.width)
        self.sort_by(next((column for column in kept if column > self.order.column), kept[0]))

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.sort_by(self.order.column)

    @on(AccountPane.Sorted)
    def take_sorted(self, event: AccountPane.Sorted) -> None:
        """Sort by the column whose title was clicked."""
        self.sort_by(event.column)

    def sort_by(self, column: int) -> None:
        """Sort by a column, or the other way round by the one that they are sorted by already; begin at the top."""
        same = column == self.order.column
        reverse = not self.order.reverse if same else column in LARGEST_FIRST
        self.order = replace(self.order, column=column, reverse=reverse)
        self.table.name_heads(self.order)
        self.pane.show(self.table)
        self._fresh = True
        self.tick()

    def action_narrow(self) -> None:
        """Ask what associations must have in them."""
        kept = self.order.text
        self.app.push_screen(Narrow(kept, self.narrow), lambda text: self.narrow(kept if text is None else text))

    def narrow(self, text: str) -> None:
        """Show only associations that have a text in them."""
        self.order = replace(self.order, text=text.strip())
        self.tick()

    def make_filter(self) -> str:
        """Make the filter for the associations that are selected, or the one under the cursor; '' where there is none.

        Where these are too many to be named, tell so.
        """
        numbers = self.table.chosen or ({self.number} if self.number is not None else set())
        text, whole = name_numbers("assoc", numbers)
        if not whole:
            self.notify("the filter names only some of these associations: there are too many", timeout=6)
        return text

    @on(Pane.Chosen)
    def action_filter(self) -> None:
        """Show only these in the list of PDUs."""
        text = self.make_filter()
        if text:
            self.dismiss(Apply(text))

    def action_ladder(self) -> None:
        """Show only these in the list, and in the ladder above this screen."""
        text = self.make_filter()
        if text:
            self._kept = self.main.state.filter_text
            self.main.apply(text)
            show_above(self, make_screen("ladder", self.main))

    def on_screen_resume(self) -> None:
        """Show again in the list what was shown before the ladder was looked at."""
        kept, self._kept = self._kept, None
        if kept is not None:
            self.main.apply(kept)

    def action_detail(self) -> None:
        """Show all about the association under the cursor."""
        if self.number is not None:
            show_above(self, AssociationScreen(self.main, self.number))
