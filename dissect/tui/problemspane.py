"""The problems that were found, in: a pane in which they stand by code, worst first, or by PDU, drawn."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from dissect.masking import hide_comments, shown_note
from dissect.text import escape
from dissect.tui.findings import Findings, Group, Kind, Problem
from dissect.tui.pane import Pane, Piece
from dissect.tui.problems import Keeping, Place
from dissect.tui.state import State
from dissect.views.table import cut_cells, fill, measure_cells

CODE_WIDTH = 20
"""How wide the codes stand at the least; with a longer one among them, so wide as that."""

CLAUSE_WIDTH = 16
WIDE = 110
"""From how many cells on there is room for the clause beside the sentence."""

ROLES = {"failed": "error-text", "error": "error", "warning": "warning", "remark": "remark"}
GLYPHS = {"failed": "bad", "error": "error", "warning": "warning", "remark": "remark"}


class ProblemsPane(Pane):
    """Problems: a line a kind, under which those of the kind open; or all by the order of PDUs."""

    HEADING = 1

    def __init__(self, state: State, kept: Keeping) -> None:
        """Show what was found so far."""
        super().__init__(state)
        self.kept = kept
        self.found = Findings()
        self._code_width = CODE_WIDTH
        self._starts: list[int] = []
        """The line of each group, and the number of all lines."""
        self._lay_out()

    def show(self, found: Findings) -> None:
        """Show more; the cursor stays on its problem."""
        place = self.place
        self.found = found
        self._lay_out()
        self.update_count()
        number = self.find_line(place)
        if number != self.cursor:
            self.cursor = number
        self.refresh()

    def _lay_out(self) -> None:
        sizes = [1 + self._count_below(group) if group.kind in self.kept.opened else 1 for group in self.found.groups]
        self._starts = list(accumulate(sizes, initial=0))
        self._code_width = max([CODE_WIDTH, *(len(group.kind.code) for group in self.found.groups)])

    def _count_below(self, group: Group) -> int:
        """Give how many lines stand below the line of a group; the last one says how many were not kept."""
        return len(group.problems) + (group.count > len(group.problems))

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        if self.kept.flat:
            return len(self.found.problems) + (self.found.count > len(self.found.problems))
        return self._starts[-1]

    def find(self, number: int) -> tuple[Group | None, Problem | None]:
        """Give the group and the problem of a line, as far as it has them."""
        if self.kept.flat:
            problems = self.found.problems
            return None, problems[number] if number < len(problems) else None
        at = bisect_right(self._starts, number) - 1
        if at >= len(self.found.groups):
            return None, None
        group, below = self.found.groups[at], number - self._starts[at] - 1
        return group, group.problems[below] if 0 <= below < len(group.problems) else None

    @property
    def group(self) -> Group | None:
        """Give the group under the cursor."""
        return self.find(self.cursor)[0]

    @property
    def problem(self) -> Problem | None:
        """Give the problem under the cursor."""
        return self.find(self.cursor)[1]

    @property
    def kind(self) -> Kind | None:
        """Give the kind of the problem or the group under the cursor."""
        group, problem = self.find(self.cursor)
        return problem.kind if problem is not None else group.kind if group is not None else None

    @property
    def place(self) -> Place:
        """Give where the cursor stands; nowhere where it was not moved from the start."""
        group, problem = self.find(self.cursor)
        if not self.cursor or (group is None and problem is None):
            return None, -1
        if group is None:
            assert problem is not None
            return problem.kind, next(
                (number for number, each in enumerate(self.list_kind(problem.kind)) if each is problem), -1
            )
        return group.kind, self.cursor - self._starts[self.found.groups.index(group)] - 1

    def list_kind(self, kind: Kind) -> Iterable[Problem]:
        """Give the problems of a kind."""
        return next((each.problems for each in self.found.groups if each.kind == kind), ())

    def find_line(self, place: Place) -> int:
        """Give the line of a place, the first for none."""
        kind, below = place
        at = next((at for at, each in enumerate(self.found.groups) if each.kind == kind), None)
        if at is None:
            return 0
        group = self.found.groups[at]
        if not self.kept.flat:
            return self._starts[at] + 1 + (below if kind in self.kept.opened else -1)
        if not group.problems:
            return 0
        wanted = group.problems[min(max(below, 0), len(group.problems) - 1)]
        problems = self.found.problems
        first = bisect_left(problems, wanted.row, key=lambda each: each.row)
        return next((number for number in range(first, len(problems)) if problems[number] is wanted), first)

    # Drawing

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the titles of the columns."""
        if self.kept.flat:
            told = f"  {'':7}  {'Code':{self._code_width}} {'PDU':>7} {'Assoc':>5}  What"
        else:
            told = f"    {'':7}  {'Code':{self._code_width}} {'Count':>7}  What"
        clause = "Clause" if width >= WIDE else ""
        return [(fill(cut_cells(told, width), width - CLAUSE_WIDTH) + fill(clause, CLAUSE_WIDTH),
                 self.state.styles["head"])]  # fmt: skip

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        group, problem = self.find(number)
        if problem is not None and group is None:
            return self.draw_flat(problem, width)
        if problem is not None:
            return self.draw_problem(problem, width)
        if group is not None and number == self._starts[self.found.groups.index(group)]:
            return self.draw_group(group, width)
        whole, kept = (group.count, len(group.problems)) if group else (self.found.count, len(self.found.problems))
        return [(f"{'':8}{whole - kept:,} more are counted, not listed", self.state.styles["dim"])]

    def draw_group(self, group: Group, width: int) -> Iterable[Piece]:
        """Draw a kind: how bad, its code, how many, what it means, the clause."""
        kind = group.kind
        mark = self.state.glyphs["open" if kind in self.kept.opened else "closed"]
        head = f" {mark} {self.draw_code(kind)} {group.count:>7,}  "
        told = self.tell(group.problems[0]) if group.count == 1 and group.problems else kind.sentence
        return self.draw_rest(head, told, kind, width)

    def draw_problem(self, problem: Problem, width: int) -> Iterable[Piece]:
        """Draw a problem below its kind."""
        association = self.state.index.associations[problem.row]
        place = "connection" if problem.wide else f"PDU {problem.row + 1}"
        head = f"{'':6}{place:<11} assoc {association:<4}  "
        told = cut_cells(head + escape(self.tell(problem)), width)
        return [(told, self.state.styles["value"])]

    def draw_flat(self, problem: Problem, width: int) -> Iterable[Piece]:
        """Draw a problem in the list of all."""
        association = self.state.index.associations[problem.row]
        number = "" if problem.wide else str(problem.row + 1)
        head = f" {self.draw_code(problem.kind)} {number:>7} {association:>5}  "
        return self.draw_rest(head, self.tell(problem), problem.kind, width)

    def draw_code(self, kind: Kind) -> str:
        """Draw how bad a kind is, by a glyph and a word, and its code."""
        return f"{self.state.glyphs[GLYPHS[kind.rank]]} {kind.rank:7} {fill(kind.code, self._code_width)}"

    def draw_rest(self, head: str, told: str, kind: Kind, width: int) -> Iterable[Piece]:
        """Draw what was found, and the clause where there is room."""
        style = self.state.styles[ROLES[kind.rank]]
        room = width - measure_cells(head)
        if width < WIDE:
            return [(head, style), (cut_cells(escape(told), max(room, 1)), self.state.styles["value"])]
        room -= CLAUSE_WIDTH + 1
        words = fill(cut_cells(escape(told), room), room)
        return [(head, style), (words, self.state.styles["value"]), (f" {kind.reference}", self.state.styles["dim"])]

    def tell(self, problem: Problem) -> str:
        """Tell what was found."""
        private = self.state.private
        comments = self.state.index.comments.get(problem.row, ()) if private else ()
        return hide_comments(shown_note(problem.kind.code, problem.text, private), comments)

    # Opening

    def toggle(self, group: Group) -> None:
        """Show the problems of a kind, or hide them; the cursor comes to the kind's line."""
        self.kept.opened ^= {group.kind}
        self.lay_out_anew((group.kind, -1))

    def lay_out_anew(self, place: Place) -> None:
        """Find the lines anew, and put the cursor on a place."""
        self._lay_out()
        self.update_count()
        self.move_to(self.find_line(place))
        self.refresh()

    def click_line(self, number: int, x: int) -> None:
        """Take a click on a line; one on the triangle opens or closes the kind."""
        group, problem = self.find(number)
        if group is not None and problem is None and x <= 2:
            self.toggle(group)
        else:
            super().click_line(number, x)
