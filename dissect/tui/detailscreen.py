"""An association, in: who, what was proposed and agreed, what was done and how it ended, line by line, out."""

import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from dissect.amounts import tell, tell_seconds, tell_size
from dissect.association import Context
from dissect.index import Index
from dissect.ledger import ACCEPTED, Account, Tally
from dissect.masking import shown_text
from dissect.node import Node
from dissect.notes import CATALOG
from dissect.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, RELEASE_RP, RELEASE_RQ
from dissect.stats import measure, tell_result
from dissect.text import escape
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.keys import name_keys
from dissect.tui.pane import Pane, Piece
from dissect.tui.state import State
from dissect.values import call_uid
from dissect.views.associations import choose_role, tell_end
from dissect.views.table import Head, cut_cells, fill, lay_out

TICK = 0.5
"""Seconds between two looks at what was read in the meantime."""

MOST_COUNTED = 1 << 15
"""Operations are counted by presentation context where there are no more messages."""

INDENT = 8
"""Before what stands under a presentation context."""

LABEL = 13
"""How wide the words before the lines at the head are."""

CONTEXT_HEADS = (
    Head("ID", ">"), Head("Abstract syntax", flexible=True), Head("UID", flexible=True, spare=2),
    Head("Result, transfer syntax", flexible=True), Head("Operations", spare=1),
)  # fmt: skip
OPERATION_HEADS = (
    Head(""), Head("Operation"), Head("SOP class", flexible=True), Head("Count", ">"), Head("Failed", ">"),
    Head("Warnings", ">", spare=2), Head("Cancelled", ">", spare=6), Head("Unanswered", ">", spare=3),
    Head("Median", ">", spare=1), Head("Slowest", ">"), Head("in PDU", ">", spare=4), Head("Bytes", ">", spare=5),
)  # fmt: skip

LABELS = {
    "51H": "Max PDU length", "52H": "Implementation UID", "53H": "Async operations", "54H": "Role selection",
    "55H": "Implementation version", "56H": "Extended negotiation", "57H": "Common extended neg.",
    "58H": "User identity", "59H": "User identity response",
}  # fmt: skip
"""What is said of the items of the user information (PS3.7 D.3.3)."""

OF_A_CLASS = ("54H", "56H", "57H")
"""Items of which there is one for each SOP class."""

PLUMBING = frozenset(("item-type", "item-length", "reserved", "sop-class-uid", "sop-class-uid-length"))
"""Fields of these that are told already, or that tell nothing."""

ENDINGS = (ASSOCIATE_RJ, ABORT, RELEASE_RQ, RELEASE_RP)


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its text, its role, and where one goes from it."""

    text: str
    role: str = ""
    answer: Answer = None


class Sheet:
    """All that is known of an association."""

    def __init__(self, state: State, number: int) -> None:
        """Find its account and the PDUs that negotiate it and that end it."""
        self.state = state
        self.number = number
        self.account: Account = state.index.ledger.accounts[number]
        self.seen = self.look()
        index = state.index
        self.rows = {kind: find_row(index, number, kind) for kind in (ASSOCIATE_RQ, ASSOCIATE_AC, *ENDINGS)}
        self.counts = count_operations(state, number)
        first = self.rows[ASSOCIATE_RQ]
        self.start = Jump(index.openings[number] if first is None else first)

    def look(self) -> tuple[object, ...]:
        """Give what changes while an association is read."""
        account = self.account
        return account.pdus, account.end.how, account.carriage is None, self.state.private, self.state.reference

    def make_lines(self, width: int) -> list[Line]:
        """Give its lines, for a screen of so many cells."""
        lines = list(self.tell_head(width))
        for title, part in (
            (self.name_contexts(), self.tell_contexts(width)),
            ("User information", self.tell_user(width)),
            ("Operations", self.tell_operations(width)),
            ("Problems", self.tell_notes()),
        ):
            below = list(part)
            lines += [Line("", answer=self.start), Line(title, "title", self.start)]
            lines += below or [Line("  none", "dim", self.start)]
        return lines

    # Who, when, how it ended

    def tell_head(self, width: int) -> Iterator[Line]:
        """Tell who spoke with whom, when, and how it ended."""
        state, account, index = self.state, self.account, self.state.index
        for label, text in self.tell_sides():
            yield self.make_field(label, text)
        first, last = index.openings[self.number], min(index.endings[self.number], len(index) - 1)
        seconds = account.measure_duration(state.capture)
        pdus = f"{tell(account.pdus, 'PDU')}, {first + 1} to {last + 1}; frames {account.first} to {account.last}"
        yield self.make_field("Start", f"{state.tell_time(first)}, {pdus}", answer=Jump(first))
        yield self.make_field("Duration", f"{seconds:.6f} s")
        role = choose_role(account) if account.end.how in ("rejected", "aborted", "reset") else ""
        glyph = state.glyphs["bad"] if role else state.glyphs["ok"] if account.end.how == "released" else "?"
        row = next((row for kind in ENDINGS if (row := self.rows[kind]) is not None), last)
        for at, text in enumerate((f"{glyph} {tell_end(account)}", *self.tell_reason(row))):
            for part in wrap(text, width - LABEL - 3):
                yield self.make_field("" if at else "End", part, role, Jump(row))
        for label, text in self.tell_carriage():
            yield self.make_field(label, text)

    def make_field(self, label: str, text: str, role: str = "", answer: Answer = None) -> Line:
        """Make a line of what something is and how it is here."""
        return Line(f"  {fill(label, LABEL)}{escape(text)}", role, answer or self.start)

    def tell_sides(self) -> Iterator[tuple[str, str]]:
        """Tell of both ends who they are, and how much they sent."""
        account = self.account
        seconds = account.measure_duration(self.state.capture)
        titles = {"requestor": account.calling, "acceptor": account.called}
        ends = sorted(account.sent.items(), key=lambda end: account.find_role(end[0]) != "requestor")
        for side, count in ends:
            role = account.find_role(side)
            rate = f", {tell_size(count / seconds)}/s" if seconds > 0 else ""
            title = f"{titles[role] or '?'}  " if role else ""
            yield (role or "one end").capitalize(), f"{title}{side}  sent {tell_size(count)}{rate}"
        if account.requestor is None and (account.calling or account.called):
            yield "Titles", f"{account.calling or '?'} -> {account.called or '?'}"

    def tell_reason(self, row: int) -> Iterator[str]:
        """Tell what a rejection or an abort says of its reason, field by field."""
        if self.state.index.kinds[row] not in (ASSOCIATE_RJ, ABORT):
            return
        body = self.state.make_entry(row).top.child("body")
        fields = [node for node in body.children if not node.key.startswith("reserved")] if body is not None else []
        told = (f"{node.name}: {node.text}" + tell_code(node) for node in fields if node.text)
        yield ", ".join(told) + f" (PDU {row + 1})"

    def tell_carriage(self) -> Iterator[tuple[str, str]]:
        """Tell how TCP carried it."""
        carriage = self.account.carriage
        if carriage is None:
            return
        if carriage.round_trip is not None:
            yield "Round trip", f"{tell_seconds(carriage.round_trip)} (TCP handshake)"
        words = [f"{tell(carriage.sent_again, 'segment')} sent again"] if carriage.sent_again else []
        words += [f"{tell(carriage.missing, 'byte')} missing from the capture"] if carriage.missing else []
        words += [f"window shut for {tell_seconds(carriage.shut)}"] if carriage.shut else []
        words += [f"acknowledgements delayed by {tell_seconds(carriage.delayed)}"] if carriage.delayed else []
        if words:
            yield "TCP", ", ".join(words)

    # Presentation contexts

    def name_contexts(self) -> str:
        """Give the title above the presentation contexts."""
        account = self.account
        return f"Presentation contexts: {account.accepted} of {len(account.contexts)} accepted"

    def tell_contexts(self, width: int) -> Iterator[Line]:
        """Tell of each presentation context what was proposed, and what became of it."""
        contexts = list(self.account.contexts.values())
        if not contexts:
            return
        drawn = lay_out(CONTEXT_HEADS, [self.make_context(context) for context in contexts], width - 2)
        yield Line(f" {next(drawn)}", "head", self.start)
        for context, text in zip(contexts, drawn, strict=True):
            answer = Apply(f"assoc == {self.number} and pdv.ctx == {context.context_id}")
            role = {ACCEPTED: "", None: "warning"}.get(context.result, "error-text")
            yield Line(f" {text}", role, answer)
            if context.offered != (context.transfer,):
                told = f"proposed: {', '.join(map(call_syntax, context.offered)) or 'no transfer syntax'}"
                for part in wrap(told, width - INDENT - 1):
                    yield Line(f"{' ' * INDENT}{part}", "dim", answer)

    def make_context(self, context: Context) -> list[str]:
        """Make the cells of a presentation context."""
        glyphs, result = self.state.glyphs, tell_result(context)
        glyph = {ACCEPTED: glyphs["ok"], None: "?"}.get(context.result, glyphs["bad"])
        if context.result == ACCEPTED:
            result = call_syntax(context.transfer) or "no transfer syntax"
        elif context.result is not None:
            result = f"{context.result} {result}"
        name = call_uid(context.abstract) or "unknown"
        uid = context.abstract if name != context.abstract else ""
        count, failed = self.counts.get(context.context_id, (0, 0))
        used = f"{count}" + (f" ({failed} failed)" if failed else "") if count else ""
        return [str(context.context_id), name, uid, f"{glyph} {result}", used]

    # User information

    def tell_user(self, width: int) -> Iterator[Line]:
        """Tell what each side says of itself and asks for beside the contexts, side by side."""
        asked, answered = (self.list_items(kind) for kind in (ASSOCIATE_RQ, ASSOCIATE_AC))
        room = max((width - 28) // 2, 16)
        if asked or answered:
            heads = ["", *(self.name_side(kind) for kind in (ASSOCIATE_RQ, ASSOCIATE_AC))]
            yield from (Line(text, "head", self.start) for text in lay_beside(heads, room))
        for key in dict.fromkeys((*asked, *answered)):
            tag, uid = key
            label = LABELS.get(tag, f"Item {tag}")
            cells = [items[key][0] if key in items else "-" for items in (asked, answered)]
            answer = (asked if key in asked else answered)[key][1]
            if tag in OF_A_CLASS:
                yield Line(f"  {label}: {escape(call_uid(uid))}", "", answer)
                label = ""
            yield from (Line(text, "", answer) for text in lay_beside([label, *cells], room))

    def name_side(self, kind: int) -> str:
        """Give the title above what a side says."""
        row = self.rows[kind]
        name = "Requestor" if kind == ASSOCIATE_RQ else "Acceptor"
        rejected = kind == ASSOCIATE_AC and self.rows[ASSOCIATE_RJ] is not None
        missing = "has rejected it" if rejected else "not captured"
        return f"{name}, PDU {row + 1}" if row is not None else f"{name}: {missing}"

    def list_items(self, kind: int) -> Mapping[tuple[str, str], tuple[str, Jump]]:
        """Give the text of each item of a side's user information, and where it stands; by tag and SOP class."""
        row = self.rows[kind]
        found: dict[tuple[str, str], tuple[str, Jump]] = {}
        body = self.state.make_entry(row).top.child("body") if row is not None else None
        if row is None or body is None:
            return found
        for user in (child for child in body.children if child.tag == "50H"):
            for item in (child for child in user.children if child.tag):
                key = (item.tag, str(item.value) if item.tag in OF_A_CLASS else item.key)
                found[key] = (self.tell_item(item), Jump(row, f"body/{user.key}/{item.key}"))
        return found

    def tell_item(self, item: Node) -> str:
        """Tell what an item says; never a passcode, for its nodes have none."""
        private = self.state.private
        text = shown_text(item, private)
        if item.tag == "51H":
            return f"{text} bytes" if item.value else f"{text} (no limit)"
        if item.tag == "53H":
            fields = [node for node in item.children if node.name.startswith("Maximum-number")]
            counts = (node.text if node.value else "unlimited" for node in fields)
            return ", ".join(
                f"{count} {node.name.rpartition('-')[2]}" for count, node in zip(counts, fields, strict=True)
            )
        if item.tag == "54H":
            return text.replace("-role", "")
        if item.tag == "58H" and (kind := item.child("type")) is not None:
            return f"{kind.text}: {text}"
        if text and item.tag not in OF_A_CLASS:
            return text
        fields = [node for node in item.children if node.key.partition(".")[0] not in PLUMBING]
        told = [f"{node.name}: {shown_text(node, private)}" for node in fields if not node.name.endswith("Length")]
        return "\n".join(told) or "(nothing)"

    # What was done

    def tell_operations(self, width: int) -> Iterator[Line]:
        """Tell of the operations how many there are, what became of them, and how long they took."""
        operations = list(self.account.operations.items())
        if not operations:
            return
        cells = [self.make_operation(name, uid, tally) for (name, uid), tally in operations]
        drawn = lay_out(OPERATION_HEADS, cells, width - 2)
        yield Line(f" {next(drawn)}", "head", self.start)
        for ((name, _), tally), text in zip(operations, drawn, strict=True):
            known = name != "unknown"
            commands = f" and dimse.cmd in {{{name}-RQ, {name}-RSP}}" if known else ""
            role = "error-text" if tally.failure else "warning" if is_doubtful(tally) else ""
            yield Line(f" {text}", role, Apply(f"assoc == {self.number}{commands}"))

    def make_operation(self, name: str, uid: str, tally: Tally) -> list[str]:
        """Make the cells of the operations of a kind."""
        glyph = self.state.glyphs["bad" if tally.failure else "warning"] if tally.failure or is_doubtful(tally) else ""
        median = tell_seconds(round(measure(tally.times)["median"])) if tally.times else ""
        slowest, pdu = tally.slowest
        counts = (tally.requests, tally.failure, tally.warning, tally.cancel, tally.unanswered)
        times = (median, tell_seconds(slowest) if pdu else "", str(pdu or ""))
        return [glyph, name, call_uid(uid) or "unknown", *(str(count) for count in counts), *times,
                tell_size(tally.size)]  # fmt: skip

    def tell_notes(self) -> Iterator[Line]:
        """Tell of the notes on its PDUs how many have each, the worst first."""
        ranks = {"error": 0, "warning": 1, "remark": 2}
        notes = sorted(self.account.codes.copy().items(), key=lambda note: ranks[CATALOG[note[0]].severity])
        for code, count in notes:
            severity = CATALOG[code].severity
            text = f"  {self.state.glyphs[severity]} {severity:<8} {code} in {tell(count, 'PDU')}"
            role = {"error": "error-text", "warning": "warning"}.get(severity, "")
            yield Line(text, role, Apply(f'assoc == {self.number} and problem == "{code}"'))


def call_syntax(uid: str) -> str:
    """Give the name of a transfer syntax without what it is the default for."""
    return call_uid(uid).partition(":")[0]


def tell_code(node: Node) -> str:
    """Give the number that a field has beside its words, where they do not have it."""
    value = node.value
    return f" ({value})" if isinstance(value, int) and f"({value})" not in node.text else ""


def is_doubtful(tally: Tally) -> bool:
    """Tell whether operations ended with a warning, or have no answer that is known."""
    return bool(tally.warning or tally.unanswered or tally.other)


def wrap(text: str, width: int) -> list[str]:
    """Part a text into lines of so many characters, after it was escaped."""
    return textwrap.wrap(escape(text), max(width, LABEL), break_on_hyphens=False) or [""]


def lay_beside(cells: Sequence[str], room: int) -> Iterator[str]:
    """Lay a label and two texts beside each other, each in as many lines as it takes."""
    label, *texts = cells
    columns = [
        wrap(label, 22),
        *([part for each in text.split("\n") for part in wrap(each, room - 1)] for text in texts),
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        yield "  " + " ".join(fill(part, size) for part, size in zip(parts, (23, room, room), strict=True))


def find_row(index: Index, number: int, kind: int) -> int | None:
    """Find the row of the first PDU of a type in an association."""
    stop = min(index.endings[number] + 1, len(index))
    row = index.kinds.find(kind, index.openings[number], stop)
    while row >= 0 and index.associations[row] != number:
        row = index.kinds.find(kind, row + 1, stop)
    return row if row >= 0 else None


def count_operations(state: State, number: int) -> dict[int, tuple[int, int]]:
    """Count the operations in each presentation context, and those that failed; none of very many messages."""
    index, messages = state.index, state.index.messages
    first = bisect_left(messages.firsts, index.openings[number], 1)
    last = min(bisect_right(messages.firsts, index.endings[number], first), len(messages) + 1)
    found: dict[int, tuple[int, int]] = {}
    for each in range(first, last) if last - first <= MOST_COUNTED else ():
        name = index.texts[messages.texts[each]].partition(" ")[0]
        if index.associations[messages.firsts[each]] != number or not name.endswith("-RQ") or name == "C-CANCEL-RQ":
            continue
        context = find_context(state, each)
        count, failed = found.get(context, (0, 0))
        found[context] = count + 1, failed + messages.failed[messages.answers[each]]
    return found


def find_context(state: State, number: int) -> int:
    """Give the ID of the presentation context of a message."""
    index = state.index
    row = index.messages.firsts[number]
    if index.list_messages(row)[0] == number:
        return index.contexts[row]
    pdvs = state.make_entry(row).arrival.pdvs
    return next((pdv.context_id for pdv in pdvs if pdv.part is not None and pdv.part.message.index == number), 0)


class SheetPane(Pane):
    """The lines of an association."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go there", key_display="Enter", id="choose"),
        Binding("left,h", "screen.leave", "Back", show=False),
    ]

    def __init__(self, state: State, sheet: Sheet) -> None:
        """Show an association."""
        super().__init__(state)
        self.sheet = sheet
        self._lines: list[Line] = []
        self._width = 0

    @property
    def count(self) -> int:
        """Give how many lines there are."""
        return len(self._lines)

    @property
    def line(self) -> Line | None:
        """Give the line under the cursor."""
        return self._lines[self.cursor] if self._lines else None

    def show(self, sheet: Sheet) -> None:
        """Show an association anew, or another one."""
        same = sheet.number == self.sheet.number
        self.sheet = sheet
        self._lines = sheet.make_lines(self._width)
        self.update_count()
        if not same:
            self.cursor = 0
        self.refresh()
        self.post_message(self.Moved(self))

    def on_resize(self) -> None:
        """Make the lines anew, for the width decides where they are cut and parted."""
        if self.size.width != self._width:
            self._width = self.size.width
            self.show(self.sheet)
        super().on_resize()

    def draw(self, number: int, width: int) -> Iterable[Piece]:
        """Give the pieces of a line."""
        line = self._lines[number]
        return [(cut_cells(line.text, width), self.state.styles[line.role])]


class AssociationScreen(Screen[Answer]):
    """All about one association."""

    BINDINGS: ClassVar[list[BindingType]] = name_keys(
        "association",
        [
            Binding("enter", "go", "Go where the line below says", show=False),
            Binding("a", "filter", "Follow", key_display="a"),
            Binding("right_curly_bracket", "step(1)", "Next", key_display="}"),
            Binding("left_curly_bracket", "step(-1)", "Previous", key_display="{"),
            Binding("left,h", "leave", "Back", show=False),
        ],
    )
    DEFAULT_CSS = """
    AssociationScreen Static { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap;
        text-overflow: ellipsis; }
    AssociationScreen SheetPane { height: 1fr; }
    """

    def __init__(self, main: CaptureScreen, number: int) -> None:
        """Show an association of the main screen's captures, by its number."""
        super().__init__()
        self.state = main.state
        self.pane = SheetPane(self.state, Sheet(self.state, number))
        self._title, self._status = Static(), Static()

    def compose(self) -> ComposeResult:
        """Give the parts of the screen."""
        yield self._title
        yield self.pane
        yield self._status
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to look at what is read."""
        self.pane.focus()
        self.show_words()
        self.set_interval(TICK, self.tick)

    @property
    def number(self) -> int:
        """Give the number of the association."""
        return self.pane.sheet.number

    def tick(self) -> None:
        """Take into account what was read in the meantime."""
        if self.pane.sheet.look() != self.pane.sheet.seen:
            self.show(self.number)

    def show(self, number: int) -> None:
        """Show an association."""
        self.pane.show(Sheet(self.state, number))
        self.show_words()

    @on(Pane.Moved)
    def show_words(self) -> None:
        """Tell above which association it is, and below where one goes from the line under the cursor."""
        account = self.pane.sheet.account
        text = Text(f"Association {self.number}", self.state.styles["title"], no_wrap=True)
        text.append(
            f"  {escape(account.calling or '?')} -> {escape(account.called or '?')}", self.state.styles["value"]
        )
        self._title.update(text)
        answer = self.pane.line.answer if self.pane.line is not None else None
        told = f"filter {answer.text}" if isinstance(answer, Apply) else ""
        if isinstance(answer, Jump):
            told = f"go to PDU {answer.row + 1}{', ' + answer.path.rpartition('/')[2] if answer.path else ''}"
        self._status.update(Text(f"Enter: {told}" if told else ""))

    @on(Pane.Chosen)
    def action_go(self) -> None:
        """Go where the line says."""
        if self.pane.line is not None and self.pane.line.answer is not None:
            self.dismiss(self.pane.line.answer)

    def action_filter(self) -> None:
        """Show only this association in the list of PDUs."""
        self.dismiss(Apply(f"assoc == {self.number}"))

    def action_step(self, step: int) -> None:
        """Show the next association, or the one before."""
        index, count = self.state.index, len(self.state.index)
        numbers = sorted(number for number in list(index.known) if index.openings[number] < count)
        at = numbers.index(self.number) + step
        if 0 <= at < len(numbers):
            self.show(numbers[at])
        else:
            self.notify("no further association" if step > 0 else "no earlier association", timeout=2)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
