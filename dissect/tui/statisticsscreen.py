"""The figures of a capture, in: a screen from which one goes to PDUs, filters to them, or writes tables, out."""

import os
import shlex
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from dissect.amounts import tell, tell_size
from dissect.shelf import Draft
from dissect.stats import SCHEMA
from dissect.text import UNSAFE, escape
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.bars import Bar, KeyLine, tell_job
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.counting import Counted, Counting
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane
from dissect.tui.prompts import Ask
from dissect.tui.state import State
from dissect.tui.statistics import TITLES, Room, list_bins, make_sections
from dissect.tui.statisticspane import StatisticsPane
from dissect.views.figures import Figures as Report
from dissect.views.figures import show_csv, show_json
from dissect.views.times import make_clock

TICK = 0.1
"""Seconds between two looks at what was counted."""

MOST_FILES = 8
"""More files are not told of one by one."""


class StatisticsScreen(Screen[Answer]):
    """The figures of all PDUs, or of those that the filter shows."""

    DEFAULT_CSS = "StatisticsScreen StatisticsPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = name_keys("statistics", [
        Binding("tab,n", "step(1)", "Next section"),
        Binding("shift+tab,p", "step(-1)", "Previous section", show=False),
        *(Binding(f"{number}", f"section({number - 1})", f"Section {number}: {title}", show=False)
          for number, title in enumerate(TITLES.values(), 1)),
        Binding("f", "filter", "Filter"),
        Binding("a", "scope", "All / displayed"),
        Binding("x", "write", "Write table"),
        Binding("escape", "stop", "Stop, back"),
    ])  # fmt: skip

    def __init__(self, main: CaptureScreen) -> None:
        """Show figures of the capture that the main screen shows; of what is displayed, if there is a filter."""
        super().__init__()
        self.state = main.state
        self.pane = StatisticsPane(main.state)
        self.counting = self.make_counting(main.state.filter_text)
        self._shown: tuple[Counted, Room] | None = None
        self._title = ""

    def make_counting(self, text: str) -> Counting:
        """Begin to count all PDUs, or those for which a filter holds."""
        loading = self.state.loading
        counting = Counting(self.state.index, lambda: loading.over, text)
        counting.job.start()
        return counting

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield Bar()
        yield self.pane
        yield KeyLine()

    def on_mount(self) -> None:
        """Begin to look at what is counted."""
        self.pane.focus()
        self.set_interval(TICK, self.tick)
        self.tick()

    def on_unmount(self) -> None:
        """Stop to count."""
        self.counting.job.stop()

    def tick(self) -> None:
        """Show what was counted in the meantime, in the room that there is now."""
        width, counted = self.pane.width, self.counting.counted
        room = Room(max(width - 1, 20), self.pane.page, self.state.ascii_only)
        if counted is not None and width and self._shown != (counted, room):
            self._shown = counted, room
            self.pane.show(make_sections(self.state.index, counted, list_facts(self.state), room))
        title = self.make_title()
        if title.plain != self._title:
            self._title = title.plain
            for line in self.query(Bar):  # none where the screen is just left
                line.update(title)

    def make_title(self) -> Text:
        """Give the line that says of what the figures are, and what runs."""
        state, styles, counting = self.state, self.state.styles, self.counting
        text = Text()
        text.append(state.title, styles["title"])
        whole = tell(len(state.index), "PDU")
        count = counting.counted.sight.count if counting.counted is not None else 0
        if counting.text:
            text.append(f"  statistics of the {count:,} displayed of {whole}: ", styles["mark"])
            text.append(escape(counting.text), styles["value"])
        else:
            hint = " (a: only those displayed)" if state.filter_text else ""
            text.append(f"  statistics of all {whole}{hint}", styles["value"])
        for job in (state.loading, counting.job) if counting.text else (state.loading,):
            told = tell_job(job)
            text.append(f"  {told}" if told else "", styles["warning"])
        if counting.job.error is not None and not counting.text:
            text.append(f"  counting failed: {escape(str(counting.job.error))}", styles["error"])
        return text

    @on(Pane.Chosen)
    def choose(self) -> None:
        """Go to the PDU that the line is about."""
        if self.pane.line.row is not None:
            self.dismiss(Jump(self.pane.line.row))
        else:
            self.app.notify("this line is not about one PDU; f filters where it can", timeout=3)

    def action_step(self, step: int) -> None:
        """Go to the next section, or the one before."""
        self.pane.step(step)

    def action_section(self, number: int) -> None:
        """Go to a section."""
        self.pane.go_to(number)

    def action_filter(self) -> None:
        """Show on the main screen only what the line is about."""
        if self.pane.line.test:
            self.dismiss(Apply(self.pane.line.test))
        else:
            self.app.notify("no filter tells what this line is about", timeout=3)

    def action_scope(self) -> None:
        """Count all PDUs, or only those that the filter shows."""
        if not self.state.filter_text:
            self.app.notify("no filter is applied: these are all PDUs", timeout=3)
            return
        self.counting.job.stop()
        self.counting = self.make_counting("" if self.counting.text else self.state.filter_text)

    def action_stop(self) -> None:
        """Stop to count what is displayed; where that is over, leave."""
        job = self.counting.job
        if self.counting.text and not job.over and not job.stopped:
            job.stop()
        else:
            self.dismiss(None)

    # Writing

    def action_write(self) -> None:
        """Ask for the name of a file for the table under the cursor."""
        counted = self.counting.counted
        if counted is None or not self.pane.sections:
            self.notify("not counted yet", timeout=2)
            return
        section = self.pane.sections[self.pane.number]
        stem = UNSAFE.sub("", Path(self.state.names[0]).name.partition(".")[0])
        name = f"{stem or 'capture'}-{section.name.lower()}.csv"
        self.app.push_screen(
            Ask(f"Write {section.title} to a new file; one that ends in .json is JSON, any other CSV", name),
            lambda text: self.write(Path(os.path.expanduser(text)), section.name, section.keys) if text else None,
        )

    def write(self, path: Path, name: str, keys: tuple[str, ...]) -> None:
        """Write tables of the report to a new file, and say how the command line gives the same."""
        counted = self.counting.counted
        assert counted is not None
        form = "json" if path.suffix.lower() == ".json" else "csv"
        report: Report = {"schema": SCHEMA, **{key: counted.report[key] for key in keys}}
        if name == "Lengths":
            report = {"schema": SCHEMA, "pdu_lengths": list(list_bins(counted.sight)), **report}
        text = "".join(show_csv(dict(report)) if form == "csv" else show_json(dict(report)))
        try:
            with Draft(path.parent) as draft:
                draft.file.write(text.encode())
                named = draft.publish(path)
        except (OSError, ValueError) as error:
            self.tell(f"{path}: {error.strerror if isinstance(error, OSError) else error}", severity="error")
            return
        if not named:
            self.tell(f"{path} exists, and is left as it is: choose another name", severity="warning")
            return
        partly = "" if counted.whole else " (as far as it was counted)"
        self.tell(f"wrote {path}{partly}, {tell_size(len(text.encode()))}; all figures: {self.tell_command(form)}")

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """Tell the user something, long enough for a name and a command to be read."""
        self.app.notify(text, severity=severity, timeout=10)

    def tell_command(self, form: str) -> str:
        """Give the command line that prints the figures."""
        words = ["dissect", "stats", "-T", form, *self.state.names]
        return shlex.join([*words, *(["-Y", self.counting.text] if self.counting.text else [])])


def list_facts(state: State) -> list[tuple[str, str]]:
    """Tell of the files of a capture: their names, how large they are, when they begin, what is wrong with them."""
    capture = state.capture
    files = [("File", f"{records.name}, {records.file.size:,} bytes") for records in capture.records[:MOST_FILES]]
    rest = len(capture.records) - MOST_FILES
    files += [("File", f"{rest} more")] if rest > 0 else []
    files += [("Size", f"{tell_size(capture.file.size)} in all")] if len(capture.records) > 1 else []
    if len(capture.times):
        files.append(("Start", f"{make_clock(capture, 'ud')(1)} (UTC)"))
    damaged = [("Damaged", f"{name}: compressed data") for name in capture.damaged]
    faults = [("Fault", fault) for fault in state.list_faults()]
    return [*files, *(faults or damaged)]
