"""What the screens share, in: the lines above the list and below the tree, drawn."""

import time
from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.events import Click
from textual.message import Message
from textual.widgets import Footer, Static

from dissect.amounts import tell, tell_size
from dissect.catalogue import Severity
from dissect.job import Job
from dissect.node import Node
from dissect.selecting import name_field
from dissect.spans import Span
from dissect.text import escape
from dissect.tui.hexpane import HexPane
from dissect.tui.state import TIMES, State

PATIENCE, MANY = 0.05, 500
"""How many seconds there are between two counts of the problems, and with how many associations there are twice."""

COUNTED: tuple[Severity, ...] = ("error", "warning")
"""Of how bad problems the title tells how many there are."""


class Bar(Static):
    """A line of words above or below the panes of a screen, cut where there is no room."""

    DEFAULT_CSS = "Bar { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"


class KeyLine(Footer):
    """What keys do on a screen, in its last line."""

    DEFAULT_CSS = """
    KeyLine.-compact FooterLabel { margin: 0 1; }
    KeyLine KeyGroup.-compact { margin: 0; padding: 0; }
    """

    def __init__(self) -> None:
        """Take one line, and leave the key of the palette to the help."""
        super().__init__(compact=True, show_command_palette=False)

    def compose(self) -> ComposeResult:
        """Give the keys; those of a group stand as p/n before the word that they share."""
        grouped = False
        for widget in super().compose():
            follows, grouped = grouped, widget.has_class("-grouped")
            shown = getattr(widget, "key_display", None)  # what has it, Textual does not export
            if follows and grouped and shown is not None:
                setattr(widget, "key_display", f"/{shown}")  # noqa: B010
            yield widget


class TitleLine(Bar):
    """The file, how many PDUs are shown of how many, associations, problems, and what runs."""

    def __init__(self, state: State) -> None:
        """Show what the screens share."""
        super().__init__()
        self.state = state
        self._shown = ""
        self._problems = ""
        self._told = 0.0
        """When the problems were counted last, which takes a while where there are many associations."""

    def tick(self, finding: Job | None = None) -> None:
        """Show how things are now; `finding` is what looks for something, where anything does."""
        text = self.make_text(finding)
        if text.plain != self._shown:
            self._shown = text.plain
            self.update(text)

    def make_text(self, finding: Job | None) -> Text:
        """Give the line."""
        state, styles = self.state, self.state.styles
        index, rows = state.index, state.rows
        text = Text()
        text.append(state.title, styles["title"])
        total = f"{len(index):,}"
        shown = f"{rows.passed:,} / {total}" if rows.text or rows.mode != "pdu" else total
        text.append(f"  {shown} PDUs  {tell(len(index.ledger.accounts), 'assoc')}", styles["value"])
        if time.monotonic() - self._told > PATIENCE * (1 + len(index.ledger.accounts) / MANY):
            self._problems, self._told = tell_problems(state), time.monotonic()
        text.append(f"  {self._problems}")
        for job in (state.loading, state.arranging, finding):
            if job is not None and (told := tell_job(job)):
                text.append(f"  {told}", styles["warning"])
        if state.private:
            text.append("  private", styles["mark"])
        if state.marks.selected:
            text.append(f"  {len(state.marks.selected)} selected", styles["mark"])
        return text


def tell_problems(state: State) -> str:
    """Tell how much failed, and how many PDUs have notes; of a capture without DICOM, that there is none."""
    if not len(state.index):
        return "no DICOM found" if state.is_bare else ""
    accounts = list(state.index.ledger.accounts.values())
    failed = sum(account.failures for account in accounts)
    found = {kind: sum(account.problems[kind] for account in accounts) for kind in COUNTED}
    warned = sum(tally.warning for account in accounts for tally in list(account.operations.values()))
    refused = sum(each.is_refused for one in accounts for each in list(one.contexts.values()))
    words = [f"{failed} failed"] if failed else []
    words += [f"{warned} with warnings"] if warned else []
    words += [f"{tell(refused, 'context')} refused"] if refused else []
    words += [tell(found[kind], kind) for kind in COUNTED if found[kind]]
    return ", ".join(words) or "nothing failed"


def tell_job(job: Job) -> str:
    """Tell how far work is that is not over, or that it was stopped or failed."""
    if job.error is not None:
        return f"{job.name} failed: {escape(str(job.error))}"
    if job.over:
        return f"partial {job.share:.0%}" if job.stopped and job.share < 1 else ""
    rate = f" {tell_size(job.rate)}/s" if job.name == "reading" else f" {job.rate:,.0f}/s"
    left = f" {(job.size - job.done) / job.rate:.0f} s" if job.rate > 0 and job.size > job.done else ""
    return f"{job.name} {job.share:.0%}{rate}{left} (Esc stops)"


class TabLine(Static):
    """The panes, where there is room for one at a time."""

    DEFAULT_CSS = """
    TabLine { height: 1; display: none; padding: 0 1; }
    CaptureScreen.-narrow TabLine, CaptureScreen.zoomed TabLine { display: block; }
    """

    def show(self, titles: Sequence[str], chosen: int) -> None:
        """Show which pane is seen, and which others there are."""
        text = Text(no_wrap=True)
        for number, title in enumerate(titles):
            told = f"[{title}]" if number == chosen else f" {title} "
            text.append(f"{told} ", "bold reverse" if number == chosen else "")
        text.append(" Tab: next", "dim")
        self.update(text)

    def on_click(self, event: Click) -> None:
        """Ask for the next pane."""
        self.screen.post_message(self.Clicked())

    class Clicked(Message):
        """The next pane is wanted."""


class StatusLine(Bar):
    """The field that is chosen: its name in filters, where its bytes are; the time form."""

    def __init__(self, state: State) -> None:
        """Show what the screens share."""
        super().__init__()
        self.state = state

    def show(self, node: Node | None, found: str = "") -> None:
        """Tell of a node."""
        styles = self.state.styles
        text = Text(no_wrap=True)
        if found:
            text.append(f"{escape(found)}  ", styles["found"])
        if node is not None:
            name = name_field(node)
            text.append(f"{escape(name)}  " if name else "", styles["tag"])
            if node.span is not None:
                text.append(f"offset 0x{self.find_offset(node.span):x} len {len(node.span)}  ")
            text.append(f"VR {escape(node.vr)}  " if node.vr else "")
            text.append(escape(node.path), styles["dim"])
        if self.state.reference is not None:
            text.append("  [from reference]", styles["dim"])
        elif self.state.time_form != "r":
            text.append(f"  [{TIMES[self.state.time_form]}]", styles["dim"])
        self.update(text)

    def find_offset(self, span: Span) -> int:
        """Give where a node's bytes begin in what is shown of bytes, which one may go to; else in their source."""
        for pane in self.screen.query(HexPane):
            if pane.extract is not None and pane.extract.marked:
                return pane.extract.marked[0][0] - pane.extract.span.start
        return span.start
