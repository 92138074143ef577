"""The accounts of all associations, in: a table to sort, to narrow and to choose from, out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from dissect.capture import Capture
from dissect.index import Index
from dissect.job import Job
from dissect.ledger import SEVERITIES, Account
from dissect.text import escape
from dissect.tui.answers import Answer, Apply
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.detailscreen import AssociationScreen
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane
from dissect.tui.prompts import Ask
from dissect.tui.screens import make_screen
from dissect.tui.state import State
from dissect.tui.tablepane import Table, TablePane
from dissect.views.associations import choose_role, make_row, tell_end, tell_ends
from dissect.views.table import GAP, Head

TICK = 0.2
"""Seconds between two looks at what was read in the meantime."""

MOST_AT_ONCE = 20_000
"""More associations are sorted and narrowed in a thread."""

GROWTH = 1.125
"""By how much there must be more of so many, while they are read, before they are arranged anew."""

NUMBER = 1
"""The column by which associations are in order where a user wants no other."""

HEADS = (
    Head(""),
    Head("No", ">"),
    Head("Start", ">", spare=2),
    Head("Seconds", ">", spare=4),
    Head("Calling -> Called", flexible=True),
    Head("Requestor -> Acceptor", flexible=True, spare=6),
    Head("Ctx", ">"),
    Head("Operations", flexible=True),
    Head("Bytes", ">", spare=5),
    Head("End", flexible=True),
    Head("Problems", spare=3),
)

BADNESS = {"": 0, "warning": 1, "error-text": 2, "error": 3}
"""How bad each role of a line is; the glyphs in the same order."""
GLYPHS = ("", "warning", "bad", "\u25a0")

Rank = tuple[int, ...] | tuple[str, ...]

RANKS: Sequence[Callable[[Account, Capture], Rank]] = (
    lambda one, _: (BADNESS[choose_role(one)], one.failures),
    lambda one, _: (one.number,),
    lambda one, capture: (capture.times[one.first - 1],),
    lambda one, capture: (capture.times[one.last - 1] - capture.times[one.first - 1],),
    lambda one, _: (one.calling, one.called),
    lambda one, _: (tell_ends(one),),
    lambda one, _: (one.accepted, len(one.contexts)),
    lambda one, _: (sum(tally.requests for tally in list(one.operations.values())),),
    lambda one, _: (sum(one.counts),),
    lambda one, _: (tell_end(one),),
    lambda one, _: tuple(one.problems[severity] for severity in SEVERITIES),
)
"""By which an association is sorted, for each column."""

LARGEST_FIRST = frozenset((0, 3, 6, 7, 8, 10))
"""The columns of which the largest, or the worst, is looked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which associations are shown, and by which column they are sorted."""

    column: int = NUMBER
    reverse: bool = False
    text: str = ""

    def arrange(self, index: Index) -> list[int]:
        """Give the numbers of the associations in order, of an index to which a thread may add meanwhile."""
        accounts, count = index.ledger.accounts, len(index)
        numbers = sorted(number for number in list(index.known) if index.openings[number] < count)
        if self.text:
            wanted = self.text.casefold()
            numbers = [number for number in numbers if wanted in tell_all(accounts[number]).casefold()]
        if self.column == NUMBER:
            return numbers[::-1] if self.reverse else numbers
        ranks = {number: RANKS[self.column](accounts[number], index.capture) for number in numbers}
        return sorted(numbers, key=ranks.__getitem__, reverse=self.reverse)


def tell_all(account: Account) -> str:
    """Tell of an association what it may be looked for by: who, where, how it ended."""
    return f"{account.calling} -> {account.called} {tell_ends(account)} {tell_end(account)}"


class AccountTable(Table):
    """A row an association."""

    def __init__(self, state: State) -> None:
        """Start without any."""
        self._state = state
        self.heads: Sequence[Head] = HEADS
        self.numbers: Sequence[int] = ()
        """The associations that are shown, in order."""
        self.chosen: set[int] = set()

    @property
    def count(self) -> int:
        """Give how many rows there are."""
        return len(self.numbers)

    def find_account(self, row: int) -> Account:
        """Give the account of a row's association."""
        return self._state.index.ledger.accounts[self.numbers[row]]

    def make_cells(self, number: int) -> Sequence[str]:
        """Give the cells of a row: what was chosen and what is bad by glyphs, then as `dissect associations` does."""
        state, account = self._state, self.find_account(number)
        row = state.index.openings[account.number]
        mark = state.glyphs["selected"] if account.number in self.chosen else " "
        glyph = GLYPHS[BADNESS[choose_role(account)]]
        cells = make_row(account, state.capture, lambda _: state.tell_time(row))
        return [mark + (state.glyphs.get(glyph, glyph) or " "), *cells]

    def choose_role(self, number: int) -> str:
        """Give the role of a row."""
        return choose_role(self.find_account(number))

    def name_heads(self, order: Order) -> None:
        """Mark the column by which the rows are sorted."""
        up, down = ("^", "v") if self._state.ascii_only else ("\u25b4", "\u25be")
        mark = down if order.reverse else up
        self.heads = [
            replace(head, title=f"{head.title}{mark}") if at == order.column else head for at, head in enumerate(HEADS)
        ]


class AccountPane(TablePane):
    """The table; a click on a title sorts by it, one on the glyphs selects."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Filter", key_display="Enter", id="choose"),
        Binding("right,l", "screen.detail", "Detail", show=False),
    ]

    class Sorted(Message):
        """A title was clicked."""

        def __init__(self, column: int) -> None:
            """Tell of which column."""
            super().__init__()
            self.column = column

    class Marked(Message):
        """The glyphs of the line under the cursor were clicked."""

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Tell of a click on a title."""
        offset = event.get_content_offset(self)
        if offset is None or event.button != 1 or offset.y:
            return
        kept, widths = self.find_columns(self.size.width)
        starts = [1 + sum(widths[:at]) + len(GAP) * at for at in range(len(widths) + 1)]
        for column, (start, stop) in zip(kept, pairwise(starts), strict=True):
            if start <= offset.x < stop:
                self.post_message(self.Sorted(column))

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; on its glyphs, select it."""
        if x <= len(GAP):
            self.cursor = number
            self.post_message(self.Marked())
        else:
            super().click_line(number, x)


class Narrow(Ask):
    """A line with what associations must have in them to be shown; they are as it is written."""

    def __init__(self, value: str, narrow: Callable[[str], None]) -> None:
        """Begin with what was written last."""
        super().__init__("Show associations with this in titles, addresses or ending; nothing shows all", value)
        self._narrow = narrow

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what there is."""
        self._narrow(event.value)


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
    DEFAULT_CSS = """
    AssociationsScreen Static { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap;
        text-overflow: ellipsis; }
    AssociationsScreen AccountPane { height: 1fr; }
    """

    def __init__(self, main: CaptureScreen) -> None:
        """Show the associations of the main screen's captures."""
        super().__init__()
        self.main = main
        self.state = main.state
        self.table = AccountTable(self.state)
        self.pane = AccountPane(self.state, self.table)
        self.order = Order()
        self._arranged = (Order(), 0, False)
        """For which order, of how many associations, and whether those were all, the rows are."""
        self._arranging: Job | None = None
        self._fresh = False
        """Whether the rows to come are sorted otherwise."""
        self._title, self._status = Static(), Static()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield self._title
        yield self.pane
        yield self._status
        yield Footer(compact=True, show_command_palette=False)

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
        easy = count <= MOST_AT_ONCE or order == Order()
        return count != seen if easy else count >= seen * GROWTH

    def arrange_rows(self, over: bool) -> None:
        """Arrange the rows, of many in a thread."""
        order, index = self.order, self.state.index
        self._arranged = order, len(index.known), over
        if len(index.known) <= MOST_AT_ONCE or order == Order():
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
        if order != replace(Order(), text=order.text):
            text.append(f"  by {HEADS[order.column].title or 'severity'}{', descending' if order.reverse else ''}")
        if self.table.chosen:
            text.append(f"  {len(self.table.chosen)} selected", state.styles["mark"])
        for job in (state.loading, self._arranging):
            if job is not None and not job.over:
                text.append(f"  {job.name}" + (f" {job.share:.0%}" if job.size else ""), state.styles["warning"])
        return text

    @on(Pane.Moved)
    def show_moved(self) -> None:
        """Tell of the association that the cursor has moved to."""
        self.show_words()

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

    def make_filter(self) -> str | None:
        """Make the filter for the associations that are selected, or the one under the cursor."""
        numbers = sorted(self.table.chosen) or ([] if self.number is None else [self.number])
        if len(numbers) > 1:
            return f"assoc in {{{', '.join(map(str, numbers))}}}"
        return f"assoc == {numbers[0]}" if numbers else None

    @on(Pane.Chosen)
    def action_filter(self) -> None:
        """Show only these in the list of PDUs."""
        text = self.make_filter()
        if text is not None:
            self.dismiss(Apply(text))

    def action_ladder(self) -> None:
        """Show only these in the list, and in the ladder above this screen."""
        text = self.make_filter()
        if text is not None:
            self.main.apply(text)
            self.app.push_screen(make_screen("ladder", self.main), self.take_answer)

    def action_detail(self) -> None:
        """Show all about the association under the cursor."""
        if self.number is not None:
            self.app.push_screen(AssociationScreen(self.main, self.number), self.take_answer)

    def take_answer(self, answer: Answer) -> None:
        """Hand on to the main screen what a screen above this one asks."""
        if answer is not None:
            self.dismiss(answer)
