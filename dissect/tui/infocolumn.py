"""A line of the list, in: what it says of its PDU, message or association, in parts with their roles, out."""

from collections.abc import Iterator

from dissect.amounts import BILLION, tell, tell_seconds, tell_size
from dissect.association import Association
from dissect.dicom.pdu import ASSOCIATE_AC
from dissect.dicom.values import call_uid
from dissect.ledger import ACCEPTED
from dissect.masking import hide_comments, mask
from dissect.messages import NEVER
from dissect.tui.rows import Line
from dissect.tui.state import State
from dissect.views.associations import tell_end, tell_operation


class InfoColumn:
    """What the last column of the list says."""

    def __init__(self, state: State) -> None:
        """Tell of what the screens share."""
        self.state = state

    def tell_line(self, line: Line) -> Iterator[tuple[str, str]]:
        """Give the text of a line and the roles of its parts; '' for that of the whole line."""
        rows, glyphs, outermost = self.state.rows, self.state.glyphs, not line.level
        if not outermost:
            yield "    ", ""
        elif rows.has_more(line):
            yield f"{glyphs['open' if rows.is_open(line) else 'closed']} ", "name"
        elif rows.mode != "pdu":
            yield "  ", ""
        if rows.mode == "association" and outermost:
            yield from self.tell_association(line.row)
        elif rows.mode == "association" or (rows.mode == "message" and outermost):
            yield from self.tell_message(line.row)
        else:
            yield from self.tell_pdu(line.row)

    def tell_pdu(self, row: int) -> Iterator[tuple[str, str]]:
        """Tell what a PDU says, and what of it answers what."""
        state, messages = self.state, self.state.index.messages
        yield self.tell_info(row), ""
        if state.index.kinds[row] == ASSOCIATE_AC:
            yield from tell_accepted(state.index.known[state.index.associations[row]])
        for number in state.index.list_messages(row):
            if messages.heads[number] == row + 1:
                yield from self.tell_ties(number)
        if row in state.marks.comments:
            comment = state.marks.comments[row]
            yield f"  ; {mask(comment) if state.private else comment}", "remark"

    def tell_info(self, row: int) -> str:
        """Tell what a PDU says."""
        return self.hide(self.state.index.tell_info(row), row)

    def hide(self, text: str, row: int) -> str:
        """Mask in privacy what the messages say that end in a row's PDU and its text quotes."""
        return hide_comments(text, self.state.index.comments.get(row, ())) if self.state.private else text

    def tell_ties(self, number: int) -> Iterator[tuple[str, str]]:
        """Tell how long a message took to answer what, or what answers it."""
        messages, glyphs = self.state.index.messages, self.state.glyphs
        if messages.times[number] != NEVER:
            yield f"  +{tell_seconds(messages.times[number])}", "dim"
        if messages.requests[number]:
            yield f" {glyphs['answers']}{messages.heads[messages.requests[number]]}", "dim"
        if messages.answers[number]:
            yield f" {glyphs['answered']}{messages.heads[messages.answers[number]]}", "dim"

    def tell_message(self, row: int) -> Iterator[tuple[str, str]]:
        """Tell what the messages say that begin in a PDU."""
        index = self.state.index
        numbers = [number for number in index.list_messages(row) if index.messages.firsts[number] == row]
        if not numbers:
            yield self.tell_info(row), ""
        for number in numbers:
            messages = index.messages
            told = self.hide(index.texts[messages.texts[number]], messages.heads[number] - 1)
            yield f"{told or self.tell_info(row)} ", ""
            name = call_uid(index.texts[messages.classes[number]])
            if name and messages.requests[number] == 0:
                yield f" {name} ", ""
            if messages.counts[number] > 1:
                first, last = index.frames[messages.firsts[number]], index.frames[messages.lasts[number]]
                seconds = (self.state.capture.times[last - 1] - self.state.capture.times[first - 1]) / BILLION
                rate = f" {tell_size(messages.sizes[number] / seconds)}/s" if seconds > 0 else ""
                yield f" {messages.counts[number]} PDUs {tell_size(messages.sizes[number])}{rate}", "dim"
            yield from self.tell_ties(number)

    def tell_association(self, row: int) -> Iterator[tuple[str, str]]:
        """Tell what happened in the association of a PDU."""
        account = self.state.index.ledger.accounts[self.state.index.associations[row]]
        yield f"{account.calling or '?'} {self.state.glyphs['requestor']} {account.called or '?'}", "name"
        operations = ", ".join(tell_operation(name, tally) for name, tally in account.sum_operations().items())
        yield f"  {account.pdus} PDUs  {operations or 'no operation'}", ""
        failed = account.end.how in ("reset", "aborted", "rejected")
        yield f"  {tell_end(account)}", "error-text" if failed else "dim"


def tell_accepted(association: Association) -> Iterator[tuple[str, str]]:
    """Tell how many of the presentation contexts were accepted, where there was a choice."""
    contexts = association.contexts.values()
    count = sum(each.result == ACCEPTED for each in contexts)
    yield f"  {count} of {tell(len(contexts), 'context')} accepted", "dim" if count == len(contexts) else "warning"
