"""What the main screen asks a user for, in a line or a key, and does with the answer."""

import json
import re
from collections.abc import Callable

from rich.text import Text
from textual.screen import Screen
from textual.widgets import Input, Static

from dissect.amounts import BILLION
from dissect.node import Node
from dissect.query import QueryError
from dissect.recall import Entry
from dissect.selecting import How, join_filters, make_filter, name_field
from dissect.text import escape
from dissect.tui.clipboard import copy
from dissect.tui.finding import MODES, Finding, Wanted
from dissect.tui.hexpane import HexPane
from dissect.tui.palette import TINTS
from dissect.tui.pdulist import PduList
from dissect.tui.prompts import Ask, Choose, Whole
from dissect.tui.state import TIMES, State
from dissect.tui.treepane import TreePane
from dissect.views.jsontree import make_node_record

LONGEST_SHOWN = 1 << 16
"""How many characters of a value are shown whole; of more, export."""

HOWS: dict[str, How] = {"r": "replace", "a": "and", "o": "or", "n": "not"}
FIELD_KEYS = {"r": "replace", "a": "and", "o": "or", "n": "and not", "c": "as column"}
ASKING = ("filter", "find", "go", "field", "copy", "mark", "jump", "comment", "tint")
COPY_KEYS = {
    "v": "value", "t": "tag", "f": "filter", "h": "bytes as hex", "r": "row", "j": "JSON", "c": "command line",
}  # fmt: skip
GO_HINT = "PDU number, f and a frame, @ and an offset in the PDU, + and seconds"


class Asking(Screen[None]):
    """What asks the user."""

    state: State
    entry: Entry | None
    shown: int | None
    pdus: PduList
    nodes: TreePane
    octets: HexPane
    apply: Callable[[str], None]
    visit: Callable[[int], None]
    refresh_all: Callable[[], None]
    action_pane: Callable[[int], None]

    def __init__(self) -> None:
        """Start with nothing looked for."""
        super().__init__()
        self._finding: Finding | None = None
        self._wanted: Wanted | None = None
        self._find_mode = MODES[0]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys that ask for something to the line in which a filter is written."""
        return not isinstance(self.focused, Input) or action not in ASKING

    # Fields

    def action_field(self) -> None:
        """Take the field that is chosen as a filter, or as a column."""
        node = self.nodes.node
        text = make_filter(node, (self.shown or 0) + 1) if node is not None else None
        if node is None or text is None:
            self.notify("no filter tells this from others; choose a field", timeout=3)
            return
        self.app.push_screen(
            Choose(f"{escape(text)}  as filter:", FIELD_KEYS), lambda key: self.take_field(key, text, name_field(node))
        )

    def take_field(self, key: str | None, text: str, name: str | None) -> None:
        """Apply the filter made from a field."""
        if key is None:
            return
        if key == "c":
            self.add_column(name)
            return
        self.apply(join_filters(self.state.filter_text, text, HOWS[key]))

    def add_column(self, name: str | None) -> None:
        """Show a field as a column, or no longer."""
        if name is None:
            self.notify("this is no field that a column can have", timeout=3)
            return
        self.state.toggle_column(name)
        self.refresh_all()

    # The clipboard

    def action_copy(self) -> None:
        """Copy something."""
        self.app.push_screen(Choose("Copy", COPY_KEYS), self.take_copy)

    def take_copy(self, key: str | None) -> None:
        """Copy what was asked for; in privacy what is shown, nothing more."""
        if key is None or self.entry is None or self.nodes.node is None:
            return
        text = self.make_copy(key, self.nodes.node, self.entry)
        if text is None:
            self.notify("nothing to copy here", timeout=3)
            return
        outcome = copy(text, self.write_control, self.state.config.clipboard)
        self.notify(outcome.text, severity="information" if outcome.done else "warning", timeout=4, markup=False)

    def write_control(self, sequence: str) -> None:
        """Write a control sequence to the terminal."""
        driver = self.app._driver  # the way that Textual's own clipboard goes
        if driver is not None:
            driver.write(sequence)

    def make_copy(self, key: str, node: Node, entry: Entry) -> str | None:
        """Make the text to be copied; None where there is none."""
        private = self.state.private
        match key:
            case "v":
                return self.nodes.tell_whole(node)
            case "t":
                return node.tag or node.name
            case "f":
                return make_filter(node, entry.arrival.number) if not private else name_field(node)
            case "h":
                hidden = private or node.masked
                return node.span.read().hex(" ") if node.span is not None and not hidden else None
            case "r":
                return "".join(text for text, _ in self.pdus.draw(self.pdus.cursor, 1000)).strip()
            case "j":
                return json.dumps(make_node_record(node), indent=1) if not private else None
        return self.state.tell_command()

    # Moving

    def action_go(self) -> None:
        """Ask where to go."""
        self.app.push_screen(Ask(f"Go to: {GO_HINT}"), self.take_go)

    def take_go(self, text: str | None) -> None:
        """Go to a PDU, a frame, an offset in the PDU or a time."""
        found = re.fullmatch(r"\s*([f@+]?)\s*((?:0x)?[0-9a-fA-F.]+)\s*", text or "")
        index = self.state.index
        if text is None or not len(index):
            return
        try:
            kind, number = found.groups() if found else ("", "?")
            if kind == "@":
                self.octets.point(int(number, 0))
                self.octets.tell()
                return
            if kind == "+":
                start = self.state.capture.times[(self.state.reference or 1) - 1]
                wanted = start + round(float(number) * BILLION)
                times, frames = self.state.capture.times, index.frames
                row = next((row for row in range(len(index)) if times[frames[row] - 1] >= wanted), len(index) - 1)
            elif kind == "f":
                row = next((row for row in range(len(index)) if index.frames[row] >= int(number)), len(index) - 1)
            else:
                row = min(max(int(number), 1), len(index)) - 1
        except ValueError:
            self.notify(f"{text}: expected {GO_HINT}", severity="warning", markup=False)
            return
        self.visit(row)

    def action_mark(self) -> None:
        """Mark the PDU with a letter."""
        self.app.push_screen(Choose("Mark this PDU with a letter", {}, others=True), self.take_mark)

    def take_mark(self, letter: str | None) -> None:
        """Mark the PDU, or no longer where it has the mark already."""
        if letter is not None and self.shown is not None:
            letters = self.state.marks.letters
            if letters.get(letter) == self.shown:
                del letters[letter]
            else:
                letters[letter] = self.shown
            self.pdus.refresh()

    def action_jump(self) -> None:
        """Jump to a mark."""
        letters = self.state.marks.letters
        if not letters:
            self.notify("no marks; m and a letter sets one", timeout=3)
            return
        told = {letter: f"PDU {row + 1}" for letter, row in sorted(letters.items())}
        self.app.push_screen(Choose("Jump to", told), lambda key: self.visit(letters[key]) if key else None)

    # Notes of the user's own

    def action_comment(self) -> None:
        """Write a comment on the PDU."""
        if self.shown is not None:
            row = self.shown
            old = self.state.marks.comments.get(row, "")
            self.app.push_screen(Ask(f"Comment on PDU {row + 1} (kept until you leave, and in a saved pcapng)", old),
                                 lambda text: self.take_comment(row, text))  # fmt: skip

    def take_comment(self, row: int, text: str | None) -> None:
        """Keep a comment, or drop it where it is empty."""
        if text:
            self.state.marks.comments[row] = text
        elif text is not None:
            self.state.marks.comments.pop(row, None)
        self.pdus.refresh()

    def action_reference(self) -> None:
        """Count times from this PDU, or from the first frame again."""
        if self.shown is not None:
            frame = self.state.index.frames[self.shown]
            self.state.reference = None if self.state.reference == frame else frame
            self.refresh_all()

    def action_time(self) -> None:
        """Tell times in the next form."""
        forms = list(TIMES)
        form = forms[(forms.index(self.state.time_form) + 1) % len(forms)]
        self.state.set_time(form)
        self.notify(f"times: {TIMES[form]}", timeout=2)
        self.refresh_all()

    def action_tint(self) -> None:
        """Ask for the colour of the association."""
        told = {str(number + 1): "" for number in range(len(TINTS))} | {"0": "none"}
        self.app.push_screen(Choose("Colour the association", told), self.take_tint)

    def take_tint(self, key: str | None) -> None:
        """Colour the association."""
        if key is None or self.shown is None:
            return
        association = self.state.index.associations[self.shown]
        if key == "0":
            self.state.marks.tints.pop(association, None)
        else:
            self.state.marks.tints[association] = int(key) - 1
        self.pdus.refresh()

    def action_privacy(self) -> None:
        """Mask what tells who a patient is, or no longer."""
        self.state.private = not self.state.private
        self.refresh_all()
        self.notify(f"privacy mask {'on' if self.state.private else 'off'}", timeout=2)

    def show_whole(self, node: Node) -> None:
        """Show the whole value of a node."""
        text = Text(self.nodes.tell_whole(node)[:LONGEST_SHOWN])
        size = len(node.span) if node.span is not None else 0
        self.app.push_screen(Whole(f"{node.tag} {escape(node.name)}  {node.vr}  {size:,} bytes".strip(), text))

    # Finding

    def action_find(self) -> None:
        """Ask what to look for."""
        self.app.push_screen(FindAsk(self._find_mode, self._wanted.text if self._wanted else ""), self.take_find)

    def take_find(self, asked: str | None) -> None:
        """Look for something."""
        if not asked:
            return
        mode, _, text = asked.partition(":")
        self._find_mode = mode
        try:
            self._wanted = Wanted(mode, text)
        except (ValueError, QueryError) as error:
            self.notify(f"find: {error}", severity="error", markup=False)
            return
        self.action_find_again(1)

    def action_find_again(self, step: int) -> None:
        """Look for it again, forward or backward."""
        if self._wanted is None:
            self.action_find()
            return
        rows = self.state.rows
        lines = range(self.pdus.cursor + 1, len(rows)) if step > 0 else range(self.pdus.cursor - 1, -1, -1)
        self.stop_find()
        self._finding = Finding(self.state.index, self._wanted, lines, rows.find_row)
        self._finding.job.start()
        self.set_timer(0.02, self.watch_find)

    def stop_find(self) -> bool:
        """Stop to look for something, and tell whether anything was looked for."""
        finding, self._finding = self._finding, None
        if finding is not None:
            finding.job.stop()
        return finding is not None

    def watch_find(self) -> None:
        """Go where it was found, once it was."""
        finding = self._finding
        if finding is None:
            return
        if not finding.job.over:
            self.sub_title = f"finding {finding.job.share:.0%}"
            if finding.job.seconds < 1:
                self.set_timer(0.02, self.watch_find)
            return
        self._finding = None
        if finding.job.error is not None:
            self.notify(f"find: {finding.job.error}", severity="error", markup=False)
        elif finding.line is None:
            self.notify(f"{finding.wanted.text}: not found from here on; n and N look on", timeout=4, markup=False)
        else:
            self.visit(self.state.rows.find_row(finding.line))
            self.call_after_refresh(self.show_found, finding.wanted)

    def show_found(self, wanted: Wanted) -> None:
        """Choose the node, or the bytes, in which it was found."""
        if self.entry is None or wanted.mode == "filter":
            return
        node = wanted.find_node(self.entry.top)
        if node is not None:
            self.nodes.find_node(node)
            return
        extract = self.octets.extract
        place = wanted.find_place(extract.span.source, extract.span.start, extract.span.stop) if extract else None
        if extract is not None and place is not None:
            self.action_pane(2)
            self.octets.point(place - extract.span.start)
            self.octets.tell()


class FindAsk(Ask):
    """A line with what is to be found, of which Tab changes the kind."""

    def __init__(self, mode: str, value: str) -> None:
        """Begin with what was looked for last."""
        super().__init__("", value)
        self._mode = mode

    BINDINGS = [("tab", "mode", "Kind"), ("escape", "leave", "Leave")]  # noqa: RUF012 (as Textual has it)

    def on_mount(self) -> None:
        """Tell the kinds."""
        self.show_mode()

    def show_mode(self) -> None:
        """Tell the kinds."""
        text = Text("Find  ")
        for mode in MODES:
            text.append(f" {mode} ", "reverse bold" if mode == self._mode else "")
        text.append("   Tab: other kind, Enter: find", "dim")
        self.query_one(Static).update(text)

    def action_mode(self) -> None:
        """Take the next kind."""
        self._mode = MODES[(MODES.index(self._mode) + 1) % len(MODES)]
        self.show_mode()

    def make_answer(self, text: str) -> str:
        """Give the kind and the text."""
        return f"{self._mode}:{text}"
