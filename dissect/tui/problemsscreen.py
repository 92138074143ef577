"""The problems of a capture, in: a screen from which one goes to their PDUs, or filters to them, out."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from dissect.amounts import tell
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.bars import Bar, KeyLine, tell_job
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.findings import RANKS, make_filter
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane
from dissect.tui.problemdetail import ProblemDetail
from dissect.tui.problems import Keeping
from dissect.tui.problemspane import ProblemsPane

TICK = 0.1
"""Seconds between two looks at what was found."""


class ProblemsScreen(Screen[Answer]):
    """What failed in a capture, and what is noted of it."""

    DEFAULT_CSS = "ProblemsScreen ProblemsPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "problems",
        [
            Binding("right,l", "open", "Show the PDUs of the code", show=False),
            Binding("left,h", "close", "Hide the PDUs of the code", show=False),
            Binding("f", "filter", "Filter"),
            Binding("o", "flat", "By code / by PDU"),
            Binding("w", "explain", "Why"),
            Binding("E", "open_all", "Show the PDUs of all codes", show=False),
            Binding("C", "close_all", "Hide the PDUs of all codes", show=False),
            Binding("r", "go_on", "Go on after a stop", show=False),
            Binding("P", "privacy", "Privacy mask", show=False),
            Binding("escape", "stop", "Stop, back"),
        ],
    )

    def __init__(self, main: CaptureScreen) -> None:
        """Show the problems of the capture that the main screen shows."""
        super().__init__()
        self.main, self.state = main, main.state
        loading = main.state.loading
        self.kept = main.state.problems or Keeping(main.state.index, lambda: loading.over)
        main.state.problems = self.kept
        self.pane = ProblemsPane(main.state, self.kept)
        self.detail = ProblemDetail(self.pane)
        self._title = ""

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Bar()
        yield self.pane
        yield self.detail
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look, or go on with that."""
        if not self.kept.problems.whole:
            self.kept.problems.start()
        self.pane.focus()
        self.pane.show(self.kept.problems.found)
        self.call_after_refresh(self.pane.lay_out_anew, self.kept.place)
        self.set_interval(TICK, self.tick)
        self.tick()

    def on_unmount(self) -> None:
        """Stop to look."""
        self.kept.place = self.pane.place
        self.kept.problems.job.stop()

    def tick(self) -> None:
        """Show what was found in the meantime."""
        problems = self.kept.problems
        if self.pane.found is not problems.found:
            self.pane.show(problems.found)
        self.pane.empty = self.tell_none()
        title = self.make_title()
        if title.plain != self._title:
            self._title = title.plain
            self.query_one(Bar).update(title)
            self.pane.refresh()
            self.show_detail()

    def tell_none(self) -> str:
        """Tell that there is no problem, as far as was looked."""
        problems = self.kept.problems
        if self.state.is_bare:
            return self.state.explain_nothing()
        if problems.whole:
            return f"no problems in {tell(len(problems.index), 'PDU')}"
        return f"no problems so far, in {problems.decoded:,} of {tell(len(problems.index), 'PDU')}"

    def make_title(self) -> Text:
        """Give the line that says how many problems there are, and what runs."""
        problems, styles = self.kept.problems, self.state.styles
        text = Text()
        text.append(self.state.title, styles["title"])
        ranks = self.pane.found.count_ranks()
        words = [f"{ranks['failed']:,} failed"] if ranks["failed"] else []
        words += [tell(ranks[rank], rank) for rank in RANKS[1:] if ranks[rank]]
        told = f"problems: {', '.join(words) or 'none'} in {tell(len(problems.index), 'PDU')}"
        text.append(f"  {'no DICOM found' if self.state.is_bare else told}", styles["value"])
        for job in (self.state.loading, problems.job):
            told = tell_job(job)
            again = " (r goes on)" if job is problems.job and job.stopped and told else ""
            text.append(f"  {told}{again}" if told else "", styles["warning"])
        text.append("  private" if self.state.private else "", styles["mark"])
        return text

    @on(Pane.Moved)
    def show_detail(self) -> None:
        """Show all that is to be said of the line."""
        self.detail.show()

    @on(Pane.Chosen)
    def choose(self) -> None:
        """Go to the PDU of a problem; show those of a kind, or hide them."""
        problem, group = self.pane.problem, self.pane.group
        if problem is not None:
            self.dismiss(Jump(problem.row, problem.path))
        elif group is not None:
            self.pane.toggle(group)

    def action_open(self) -> None:
        """Show the problems of the kind; where they are shown, go to the first."""
        group = self.pane.group
        if group is None or self.pane.problem is not None:
            return
        if group.kind in self.kept.opened:
            self.pane.action_move(1)
        else:
            self.pane.toggle(group)

    def action_close(self) -> None:
        """Hide the problems of the kind."""
        group = self.pane.group
        if group is not None and group.kind in self.kept.opened:
            self.pane.toggle(group)

    def action_open_all(self) -> None:
        """Show the problems of all kinds."""
        place = self.pane.place
        self.kept.opened |= {group.kind for group in self.pane.found.groups}
        self.pane.lay_out_anew(place)

    def action_close_all(self) -> None:
        """Hide all problems but the kinds."""
        kind, _ = self.pane.place
        self.kept.opened.clear()
        self.pane.lay_out_anew((kind, -1))

    def action_flat(self) -> None:
        """Show problems by PDU, or by code again."""
        place = self.pane.place
        self.kept.flat = not self.kept.flat
        self.pane.lay_out_anew(place)
        self.show_detail()

    def action_explain(self) -> None:
        """Tell why it is a problem and what to try, or leave more room for the others."""
        self.kept.explained = not self.kept.explained
        self.detail.make_room()
        self.show_detail()

    def action_filter(self) -> None:
        """Show the PDUs with problems of the kind alone, on the main screen."""
        kind = self.pane.kind
        if kind is None:
            return
        text, whole = make_filter(self.state.index, self.pane.found, kind)
        if not whole:
            self.app.notify("the filter names only some of these PDUs: there are too many", timeout=6)
        self.dismiss(Apply(text))

    def action_privacy(self) -> None:
        """Mask what identifies patients, or no longer."""
        self.main.action_privacy()
        self.tick()

    def action_go_on(self) -> None:
        """Go on to look after a stop."""
        if self.kept.problems.job.stopped and not self.kept.problems.whole:
            self.kept.problems.start()

    def action_stop(self) -> None:
        """Stop to look; where that is over, leave."""
        job = self.kept.problems.job
        if job.over or job.stopped:
            self.dismiss(None)
        else:
            job.stop()
