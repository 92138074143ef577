"""A problem, in: where it is, whose doing, what was found, why that is a problem and what to try, drawn, out."""

from rich.text import Text
from textual import events
from textual.widgets import Static

from dissect.amounts import tell
from dissect.catalogue import CATALOG, Rule
from dissect.checking import Culprit, find_culprit, name_culprit, tell_sides
from dissect.masking import shown_note
from dissect.notes import note_finding
from dissect.text import escape
from dissect.tui.findings import Group, Kind, Problem
from dissect.tui.problems import LISTED
from dissect.tui.problemspane import ROLES, WIDE, ProblemsPane
from dissect.views.checks import tell_culprit
from dissect.views.text import tell_ranges

BRIEF, EXPLAINED, NARROW = 3, 7, 10
"""How many lines there are: for what was found alone; for reason and remedy, too, in wide lines, and in narrow ones."""

MOST_FRAMES = 8
"""So many frames are told of."""

INDENT = 5
"""How far reason and remedy are indented."""

UNRULED = "No rule is about it: what the status means beyond its name, the peer's conformance statement may tell."
"""Said of a status that is no failure, and may be meant so."""

LEAST = 20
"""Cells of the narrowest lines that text is broken into."""


class ProblemDetail(Static):
    """All that is to be said of the line under the cursor."""

    DEFAULT_CSS = "ProblemDetail { border-top: solid $foreground 30%; padding: 0 1; }"

    def __init__(self, pane: ProblemsPane) -> None:
        """Tell of a pane's problems."""
        super().__init__()
        self.pane = pane
        self.state = pane.state

    def on_mount(self) -> None:
        """Take the room that is needed."""
        self.make_room()

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines anew."""
        self.make_room()
        self.show()

    def make_room(self) -> None:
        """Take the room that is needed in lines of this width."""
        lines = EXPLAINED if self.app.size.width >= WIDE else NARROW
        self.styles.height = 1 + (lines if self.pane.kept.explained else BRIEF)

    def show(self) -> None:
        """Tell of the line under the cursor; where room lacks, less of what was found, which can be long."""
        group, problem = self.pane.find(self.pane.cursor)
        if group is not None and problem is None and group.count == 1 and group.problems:
            problem = group.problems[0]
        kind = self.pane.kind
        if kind is None:
            self.update("")
            return
        explained, styles = self.pane.kept.explained, self.state.styles
        told, rule = self.find_rule(kind, problem) if explained else ("", None)
        head = self.wrap(self.make_head(kind, group, problem))
        below = self.explain(rule) if explained else []
        found = self.wrap(Text(escape(self.tell_found(kind, problem, told)), styles["value"]))
        room = max(self.size.height - len(head) - len(below), 1)
        if len(found) > room:
            found = found[:room]
            found[-1].right_crop(1)
            found[-1].append(self.state.glyphs["more"])
        self.update(Text("\n").join([*head, *found, *below]))

    def tell_found(self, kind: Kind, problem: Problem | None, told: str) -> str:
        """Tell what was found, and what a rule tells more of it; of a status that says all of it again, and why."""
        what = self.pane.tell(problem) if problem is not None else kind.sentence
        if LISTED in kind.explained:
            return what if self.state.private else told or what
        return "; ".join(filter(None, (what, told)))

    def explain(self, rule: Rule | None) -> list[Text]:
        """Give the lines that tell why a rule is one, and what to try; of a status that no rule is about, so much."""
        style = self.state.styles["value"]
        if rule is None:
            return self.wrap(Text(UNRULED, style), "why")
        return [*self.wrap(Text(rule.reason, style), "why"), *self.wrap(Text(rule.remedy, style), "try")]

    def wrap(self, text: Text, word: str = "") -> list[Text]:
        """Break a text into lines, behind a word in front of the first where there is one."""
        if not word:
            return list(text.wrap(self.app.console, self.room))
        lines = text.wrap(self.app.console, self.room - INDENT)
        words = [word.ljust(INDENT)] + [" " * INDENT] * (len(lines) - 1)
        style = self.state.styles["name"]
        return [Text.assemble((before, style), line) for before, line in zip(words, lines, strict=True)]

    @property
    def room(self) -> int:
        """Give how many cells a line has."""
        return max(self.size.width, LEAST)

    def make_head(self, kind: Kind, group: Group | None, problem: Problem | None) -> Text:
        """Give the words above: how bad it is, the code, the clause, where it is and whose doing; or how many."""
        dim = self.state.styles["dim"]
        text = Text(f"{kind.rank} {kind.code}", self.state.styles[ROLES[kind.rank]])
        text.append(f"  {kind.reference}" if kind.reference else "", dim)
        if problem is not None:
            text.append(f"  {escape(self.tell_place(problem))}", dim)
        elif group is not None:
            text.append(f"  {group.count:,} in {self.tell_associations(group)}", dim)
        return text

    def tell_associations(self, group: Group) -> str:
        """Tell in how many associations problems of a kind are, as far as they are kept."""
        found = {self.state.index.associations[each.row] for each in group.problems}
        return ("at least " if group.count > len(group.problems) else "") + tell(len(found), "association")

    def tell_place(self, problem: Problem) -> str:
        """Tell where a problem is, and whose doing."""
        index, row, ending = self.state.index, problem.row, problem.ending
        frames = ending.frames if ending is not None else [index.frames[row]]
        words = [] if problem.wide else [f"PDU {row + 1}"]
        words += [f"frame{'s' if len(frames) > 1 else ''} {tell_ranges(frames[:MOST_FRAMES])}"] if frames else []
        words += [f"association {index.associations[row]}", problem.path]
        words += [tell_culprit(self.find_culprit(problem))] if self.pane.kept.explained else []
        return ", ".join(filter(None, words))

    def find_culprit(self, problem: Problem) -> Culprit:
        """Find out whose doing a problem is that breaks a rule."""
        code = problem.kind.code
        if problem.ending is not None:
            return name_culprit(problem.ending, tell_sides(self.state.index.known[problem.ending.association]))
        blame = CATALOG[code].blame if code in CATALOG else "nobody"
        return find_culprit(self.state.make_entry(problem.row).arrival, blame)

    def find_rule(self, kind: Kind, problem: Problem | None) -> tuple[str, Rule | None]:
        """Find the rule that a kind stands for; of a failure, one that tells more of it, and what that tells."""
        if kind.code in CATALOG:
            return "", CATALOG[kind.code]
        found = self.state.index.findings.get(problem.row, ()) if problem is not None else ()
        for code in kind.explained:
            for each in found:
                if each.code == code:
                    return shown_note(code, note_finding(each, None).text, self.state.private), CATALOG[code]
        return "", CATALOG[kind.explained[-1]] if kind.explained else None
