"""The accounts of all associations, in: those that have a text in them, in an order, as rows of a table, out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dissect.capture.segments import Capture
from dissect.catalogue import SEVERITIES
from dissect.index import Index
from dissect.ledger import Account
from dissect.tui.state import State
from dissect.tui.tablepane import Table
from dissect.views.associations import choose_role, make_row, tell_end, tell_ends
from dissect.views.table import Head

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
class Arrangement:
    """Which associations are shown, and by which column they are sorted."""

    column: int = NUMBER
    reverse: bool = False
    text: str = ""

    def arrange(self, index: Index) -> list[int]:
        """Give the numbers of the associations in order, of an index to which a thread may add meanwhile."""
        accounts, numbers = index.ledger.accounts, list_begun(index)
        if self.text:
            wanted = self.text.casefold()
            numbers = [number for number in numbers if wanted in tell_all(accounts[number]).casefold()]
        if self.column == NUMBER:
            return numbers[::-1] if self.reverse else numbers
        ranks = {number: RANKS[self.column](accounts[number], index.capture) for number in numbers}
        return sorted(numbers, key=ranks.__getitem__, reverse=self.reverse)


def list_begun(index: Index) -> list[int]:
    """Give the numbers of the associations of which there is a row, of an index to which a thread may add meanwhile."""
    count = len(index)
    return sorted(number for number in list(index.known) if index.openings[number] < count)


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

    def name_heads(self, order: Arrangement) -> None:
        """Mark the column by which the rows are sorted."""
        up, down = ("^", "v") if self._state.ascii_only else ("\u25b4", "\u25be")
        mark = down if order.reverse else up
        self.heads = [
            replace(head, title=f"{head.title}{mark}") if at == order.column else head for at, head in enumerate(HEADS)
        ]
