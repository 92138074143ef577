"""What the main screen asks a user for, in a line or a key, and does with the answer."""

import re
from collections.abc import Callable

from rich.text import Text
from textual.widgets import Input

from dissect.amounts import BILLION
from dissect.masking import shown_name
from dissect.node import Node
from dissect.phrasing import How, join_filters
from dissect.text import escape
from dissect.tui.hexpane import HexPane
from dissect.tui.keys import AT_ONCE
from dissect.tui.palette import TINTS
from dissect.tui.pdulist import PduList
from dissect.tui.prompts import Ask, Choose, Whole
from dissect.tui.state import TIMES
from dissect.tui.taking import Taking

LONGEST_SHOWN = 1 << 16
"""How many characters of a value are shown whole; of more, export."""

LONGEST_ECHOED = 60
"""How many characters of what cannot be read are told."""

HOWS: dict[str, How] = {"r": "replace", "a": "and", "o": "or", "n": "not"}
GO_HINT = "PDU number, f and a frame, @ and an offset in the bytes, + and seconds"


class Asking(Taking[None]):
    """What asks the user."""

    shown: int | None
    pdus: PduList
    octets: HexPane
    apply: Callable[[str], None]
    visit: Callable[[int], None]
    refresh_all: Callable[[], None]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys that ask for something to the line in which a filter is written."""
        return not isinstance(self.focused, Input) or action not in AT_ONCE

    # Fields

    def find_shown(self) -> int | None:
        """Give the row of the PDU that is shown."""
        return self.shown

    def tell_row(self) -> str | None:
        """Give the line under the cursor."""
        return self.pdus.tell_number(self.pdus.cursor) if self.pdus.cursor < self.pdus.count else None

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

    # Moving

    def action_go(self) -> None:
        """Ask where to go."""
        self.app.push_screen(Ask(f"Go to: {GO_HINT}"), self.take_go)

    def take_go(self, text: str | None) -> None:
        """Go to a PDU, a frame, an offset in the bytes that are shown, or a time."""
        found = re.fullmatch(r"\s*([f@+]?)\s*((?:0x)?[0-9a-fA-F.]+)\s*", text or "")
        if text is None or not len(self.state.index):
            return
        try:
            kind, number = found.groups() if found else ("", "?")
            if kind == "@":
                self.octets.point(int(number, 0))
                self.octets.tell()
                return
            if told := self.tell_bounds(kind, number):
                self.notify(told, severity="warning", timeout=4)
                return
            row = self.find_row(kind, number)
        except (ValueError, OverflowError):
            self.notify(f"{text[:LONGEST_ECHOED]}: expected {GO_HINT}", severity="warning")
            return
        self.visit(row)

    def tell_bounds(self, kind: str, number: str) -> str:
        """Tell how many PDUs or frames there are, where a number is beyond them; '' where it is not."""
        count = {"": len(self.state.index), "f": len(self.state.capture.times)}.get(kind)
        if count is None or 0 < int(number) <= count:
            return ""
        return f"there are {count:,} {'frames' if kind else 'PDUs'}"

    def find_row(self, kind: str, number: str) -> int:
        """Find the row of a number that is in bounds; raise ValueError or OverflowError where it is none."""
        index, frames, times = self.state.index, self.state.index.frames, self.state.capture.times
        last = len(index) - 1
        if kind == "+":
            wanted = times[(self.state.reference or 1) - 1] + round(float(number) * BILLION)
            return next((row for row in range(len(index)) if times[frames[row] - 1] >= wanted), last)
        if kind == "f":
            frame = int(number)
            return next((row for row in range(len(index)) if frames[row] >= frame), last)
        return int(number) - 1

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
        size = node.length if node.length is not None else len(node.span) if node.span is not None else 0
        title = f"{node.tag} {shown_name(node, self.state.private)}  {node.vr}  {size:,} bytes"
        self.app.push_screen(Whole(escape(title.strip()), text))
