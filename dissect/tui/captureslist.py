"""A name as far as it is written, in: the folders and captures whose names go on from it, and a list of them, out."""

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dissect.amounts import tell_size
from dissect.text import escape
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.views.table import cut_cells, fill

CAPTURE = re.compile(r".*\.(pcap|pcapng|cap|gz)", re.IGNORECASE)
COMPARABLE = re.compile(r".*\.(pcap|pcapng|cap|gz|txt)", re.IGNORECASE)
"""Names of what can be opened, and of what can be compared: snapshots, too."""

ABOVE = "../"
SIZE, DATE = 10, 16
"""The widths of the columns."""


@dataclass(frozen=True, slots=True)
class Found:
    """A folder, whose name ends in a slash, or a capture; and what is known of it."""

    name: str
    size: int = 0
    changed: float = 0.0


@dataclass(frozen=True, slots=True)
class Word:
    """The last word of a line: where it begins, and what it says without quotation marks."""

    start: int
    text: str

    @property
    def folder(self) -> str:
        """Give the folder that it names, up to the last slash."""
        return self.text[: self.text.rfind("/") + 1]

    @property
    def part(self) -> str:
        """Give the beginning of a name that it has behind that."""
        return self.text[len(self.folder) :]


def find_word(line: str) -> Word:
    """Find the last word of a line as a shell reads it; it is empty behind a blank."""
    start, text, quote, escaped, inside = 0, "", "", False, False
    for at, sign in enumerate(line):
        if not inside and not sign.isspace():
            start, text, inside = at, "", True
        if escaped:
            text, escaped = text + sign, False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote, text = ("", text) if sign == quote else (quote, text + sign)
        elif sign in "'\"":
            quote = sign
        elif sign.isspace():
            inside = False
        else:
            text += sign
    return Word(start, text) if inside else Word(len(line), "")


def quote(name: str) -> str:
    """Write a name as a word of the line; a tilde at its start stays what it is."""
    home, slash, rest = name.partition("/")
    if not name:
        return ""
    return f"{home}/{shlex.quote(rest) if rest else ''}" if home == "~" and slash else shlex.quote(name)


def read_names(line: str) -> list[str]:
    """Read the names in a line; raise ValueError where a quotation mark lacks."""
    return [os.path.expanduser(word) for word in shlex.split(line)]


def list_captures(word: Word, names: re.Pattern[str] = CAPTURE) -> list[Found]:
    """Give the folder above, the folders and the captures whose names begin with a word; OSError where one may not."""
    folder = os.path.expanduser(word.folder or ".")
    folders, captures = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(word.part) or (entry.name.startswith(".") and not word.part):
                continue
            try:
                if entry.is_dir():
                    folders.append(Found(f"{entry.name}/"))
                elif names.fullmatch(entry.name):
                    known = entry.stat()
                    captures.append(Found(entry.name, known.st_size, known.st_mtime))
            except OSError:  # a link to nowhere, or a file that is gone
                continue
    above = [Found(ABOVE)] if not word.part else []
    return [*above, *sorted(folders, key=lambda each: each.name), *sorted(captures, key=lambda each: each.name)]


def go_on(word: Word, names: Sequence[str]) -> str:
    """Give the word with all that the names have in common that may stand in its folder."""
    if not names:
        return word.text
    first, last = min(names), max(names)
    alike = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return word.folder + first[:alike]


def go_into(folder: str, name: str) -> str:
    """Give the name of something in a folder, without steps that lead back where they come from."""
    if name != ABOVE:
        return folder + name
    above = os.path.normpath(os.path.join(os.path.expanduser(folder), ABOVE))
    return "" if above == "." else above.rstrip("/") + "/"


class CaptureList(Pane):
    """Folders and captures."""

    HEADING = 1

    def __init__(self, state: State, *, id: str | None = None) -> None:  # noqa: A002 (Textual's)
        """Show none yet."""
        super().__init__(state, id=id)
        self.found: list[Found] = []
        self.fault = ""
        """Why nothing can be shown."""

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self.found)

    @property
    def chosen(self) -> Found | None:
        """Give what is under the cursor."""
        return self.found[self.cursor] if self.found else None

    def show(self, found: list[Found], fault: str = "") -> None:
        """Show others."""
        if (found, fault) != (self.found, self.fault):
            self.found, self.fault = found, fault
            self.update_count()
            self.move_to(next((at for at, each in enumerate(found) if each.name != ABOVE), 0))
            self.refresh()

    def draw_heading(self, width: int, y: int) -> Iterable[Piece]:
        """Give the titles of the columns, or why there is nothing."""
        empty = "" if self.found else "nothing here goes on like this"
        title = f" {escape(self.fault) or empty or 'Name'}"
        room = max(width - SIZE - DATE - 4, 8)
        head = f"{fill(cut_cells(title, room), room)} {fill('Size', SIZE, '>')}  {fill('Changed, UTC', DATE)}"
        return [(fill(head, width), self.state.styles["head"])]

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        each = self.found[number]
        room = max(width - SIZE - DATE - 4, 8)
        name = fill(cut_cells(f" {escape(each.name)}", room), room)
        if each.name.endswith("/"):
            return [(name, self.state.styles["name"])]
        changed = datetime.fromtimestamp(each.changed, UTC).strftime("%Y-%m-%d %H:%M")
        return [(name, self.state.styles[""]), (f" {fill(tell_size(each.size), SIZE, '>')}  {changed}",
                                                self.state.styles["dim"])]  # fmt: skip
