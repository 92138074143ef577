"""The negotiation of an association, in: what was proposed, agreed and said besides, line by line, out."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

from dissect.association import Context
from dissect.dicom.pdu import ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ
from dissect.dicom.values import call_uid
from dissect.index import Index
from dissect.ledger import ACCEPTED, Account
from dissect.masking import shown_text
from dissect.node import Node
from dissect.stats import tell_result
from dissect.text import escape
from dissect.tui.answers import Apply, Jump
from dissect.tui.sheetline import Line, lay_beside, wrap
from dissect.tui.state import State
from dissect.views.table import Head, lay_out

MOST_COUNTED = 1 << 15
"""Operations are counted by presentation context where there are no more messages."""

INDENT = 8
"""Before what stands under a presentation context."""

CONTEXT_HEADS = (
    Head("ID", ">"), Head("Abstract syntax", flexible=True), Head("UID", flexible=True, spare=2),
    Head("Result, transfer syntax", flexible=True), Head("Operations", spare=1),
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


class Negotiation:
    """What both sides of an association have proposed, agreed and said of themselves."""

    def __init__(self, state: State, number: int) -> None:
        """Find its account and the PDUs that negotiate it."""
        self.state = state
        self.number = number
        self.account: Account = state.index.ledger.accounts[number]
        index = state.index
        self.rows = {kind: find_row(index, number, kind) for kind in (ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ)}
        self.counts = count_operations(state, number)
        first = self.rows[ASSOCIATE_RQ]
        self.start = Jump(index.openings[number] if first is None else first)

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


def call_syntax(uid: str) -> str:
    """Give the name of a transfer syntax without what it is the default for."""
    return call_uid(uid).partition(":")[0]


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
