"""An association, in: who, what was proposed and agreed, what was done and how it ended, line by line, out."""

from collections.abc import Iterator

from dissect.amounts import tell, tell_seconds, tell_size
from dissect.catalogue import CATALOG
from dissect.dicom.pdu import ABORT, ASSOCIATE_RJ, RELEASE_RP, RELEASE_RQ
from dissect.dicom.values import call_uid
from dissect.ledger import Account, Tally
from dissect.node import Node
from dissect.stats import measure
from dissect.text import escape
from dissect.tui.answers import Answer, Apply, Jump
from dissect.tui.negotiation import Negotiation, find_row
from dissect.tui.sheetline import LABEL, Line, wrap
from dissect.tui.state import State
from dissect.views.associations import choose_role, tell_end
from dissect.views.table import Head, fill, lay_out

OPERATION_HEADS = (
    Head(""), Head("Operation"), Head("SOP class", flexible=True), Head("Count", ">"), Head("Failed", ">"),
    Head("Warnings", ">", spare=2), Head("Cancelled", ">", spare=6), Head("Unanswered", ">", spare=3),
    Head("Median", ">", spare=1), Head("Slowest", ">"), Head("in PDU", ">", spare=4), Head("Bytes", ">", spare=5),
)  # fmt: skip

ENDINGS = (ASSOCIATE_RJ, ABORT, RELEASE_RQ, RELEASE_RP)


class Sheet:
    """All that is known of an association."""

    def __init__(self, state: State, number: int) -> None:
        """Find its account and the PDUs that negotiate it and that end it."""
        self.state = state
        self.number = number
        self.account: Account = state.index.ledger.accounts[number]
        self.seen = self.look()
        self.negotiation = Negotiation(state, number)
        self.endings = [find_row(state.index, number, kind) for kind in ENDINGS]
        """The rows of the PDUs that may have ended it, in the order of `ENDINGS`."""
        self.start = self.negotiation.start

    def look(self) -> tuple[object, ...]:
        """Give what changes while an association is read."""
        account = self.account
        return account.pdus, account.end.how, account.carriage is None, self.state.private, self.state.reference

    def make_lines(self, width: int) -> list[Line]:
        """Give its lines, for a screen of so many cells."""
        lines, negotiation = list(self.tell_head(width)), self.negotiation
        for title, part in (
            (negotiation.name_contexts(), negotiation.tell_contexts(width)),
            ("User information", negotiation.tell_user(width)),
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
        row = next((row for row in self.endings if row is not None), last)
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


def tell_code(node: Node) -> str:
    """Give the number that a field has beside its words, where they do not have it."""
    value = node.value
    return f" ({value})" if isinstance(value, int) and f"({value})" not in node.text else ""


def is_doubtful(tally: Tally) -> bool:
    """Tell whether operations ended with a warning, or have no answer that is known."""
    return bool(tally.warning or tally.unanswered or tally.other)
