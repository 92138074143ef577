"""The accounts of associations, in: a line each, or all that is known of each, as text, out."""

from collections.abc import Iterable, Iterator, Sequence

from dissect.amounts import BILLION, tell, tell_size
from dissect.association import Context
from dissect.capture.segments import Capture
from dissect.catalogue import SEVERITIES
from dissect.dicom.values import call_uid
from dissect.ledger import ACCEPTED, Account, Tally
from dissect.node import Node
from dissect.quality import Carriage
from dissect.stats import measure, tell_result
from dissect.text import escape
from dissect.views.paint import Painter
from dissect.views.table import Head, cut_cells, lay_out
from dissect.views.text import show_node
from dissect.views.times import Clock

HEADS = (
    Head("No", ">"),
    Head("Start", ">", spare=2),
    Head("Seconds", ">", spare=4),
    Head("Calling -> Called", flexible=True),
    Head("Requestor -> Acceptor", flexible=True, spare=3),
    Head("Contexts", ">"),
    Head("Operations", flexible=True),
    Head("Bytes", ">", spare=5),
    Head("End", flexible=True),
    Head("Notes", spare=1),
)

MOST_REFUSED = 8
"""So many presentation contexts that were refused for a reason are named; all of them where details are shown."""


def list_text(
    accounts: Sequence[Account],
    sealed: Sequence[Carriage],
    capture: Capture,
    clock: Clock,
    painter: Painter,
    width: int | None = None,
) -> Iterator[str]:
    """Give a line an association, and under it why contexts were refused; then a line a connection that is TLS."""
    rows = [make_row(account, capture, clock) for account in accounts]
    rows += [make_sealed_row(carriage, capture, clock) for carriage in sealed]
    lines = lay_out(HEADS, rows, width)
    yield painter.paint(next(lines), "bold") + "\n"
    for account, line in zip(accounts, lines, strict=False):
        role = choose_role(account)
        yield painter.paint(line, role) + "\n"
        for told in tell_refusals(account.contexts.values()):
            under = f"        {escape(told)}"
            yield painter.paint(under if width is None else cut_cells(under, width), "warning") + "\n"
    for line in lines:
        yield line + "\n"


def choose_role(account: Account) -> str:
    """Choose the colour of an association's line."""
    if account.end.how in ("rejected", "aborted", "reset"):
        return "error"
    if account.failures or account.problems["error"]:
        return "error-text"
    return "warning" if account.problems["warning"] else ""


def make_row(account: Account, capture: Capture, clock: Clock) -> list[str]:
    """Make the cells of an association's line."""
    return [
        str(account.number),
        clock(account.first),
        f"{account.measure_duration(capture):.3f}",
        f"{account.calling or '?'} -> {account.called or '?'}",
        tell_ends(account),
        f"{account.accepted}/{len(account.contexts)}",
        ", ".join(tell_operation(name, tally) for name, tally in account.sum_operations().items()) or "none",
        tell_size(sum(account.sent.values())),
        tell_end(account),
        tell_problems(account),
    ]


def make_sealed_row(carriage: Carriage, capture: Capture, clock: Clock) -> list[str]:
    """Make the cells of the line of a connection that is TLS."""
    seconds = f"{carriage.measure_duration(capture):.3f}"
    ends = f"{carriage.opener} {'->' if carriage.known else '--'} {carriage.peer}"
    return ["-", clock(carriage.frames[0]), seconds, "TLS", ends, "", "", tell_size(sum(carriage.sent)), "", ""]


def tell_ends(account: Account) -> str:
    """Tell between which addresses an association is: from requestor to acceptor, where the capture tells."""
    if account.requestor is None:
        return " -- ".join(account.sides)
    return f"{account.requestor} -> {account.acceptor}"


def tell_operation(name: str, tally: Tally) -> str:
    """Tell of the operations of a kind how many there are, and of how many more is to be told."""
    told = (
        (tally.failure, "failed"),
        (tally.warning, "with warnings"),
        (tally.cancel, "cancelled"),
        (tally.other, "with unknown statuses"),
        (tally.unanswered, "unanswered"),
    )
    words = ", ".join(f"{count} {what}" for count, what in told if count)
    return f"{name} {tally.requests}" + (f" ({words})" if words else "")


def tell_end(account: Account) -> str:
    """Tell how an association ended, by whom and why."""
    end, by = account.end, account.ended_by
    words = "not captured" if end.how == "open" else end.how
    words += f" by {by or end.by}" if by or end.by else ""
    return words + (f" ({end.why})" if end.why else "")


def tell_problems(account: Account) -> str:
    """Tell how many notes there are of each severity."""
    found = account.problems
    return ", ".join(tell(found[kind], kind) for kind in SEVERITIES if found[kind])


def tell_refusals(contexts: Iterable[Context]) -> Iterator[str]:
    """Tell of the presentation contexts that were refused, a line a reason."""
    reasons: dict[str, list[str]] = {}
    for context in contexts:
        if context.is_refused:
            label = f"0x{context.context_id:02x} {call_uid(context.abstract)}".strip()
            reasons.setdefault(tell_result(context), []).append(label)
    for reason, labels in reasons.items():
        more = [f"{len(labels) - MOST_REFUSED} more (-V)"] if len(labels) > MOST_REFUSED else []
        yield f"refused, {reason}: {', '.join(labels[:MOST_REFUSED] + more)}"


def show_details(
    accounts: Iterable[Account], connections: dict[int, Node], capture: Capture, clock: Clock
) -> Iterator[str]:
    """Give a block of lines an association, with how TCP carried it; then one a connection that is TLS."""
    for account in accounts:
        lines = [
            f"Association {account.number}, {account.calling or '?'} -> {account.called or '?'}, {tell_ends(account)}"
        ]
        lines += [f"    {line}" for line in tell_account(account, capture, clock)]
        node = connections.pop(account.connection, None)
        lines += [f"    {line}" for line in show_node(node)] if node is not None else []
        yield "\n".join(escape(line) for line in lines) + "\n\n"
    for node in connections.values():
        yield "\n".join(show_node(node)) + "\n\n"


def tell_account(account: Account, capture: Capture, clock: Clock) -> Iterator[str]:
    """Tell what happened in an association, line by line."""
    seconds = account.measure_duration(capture)
    frames = f"frames {account.first} to {account.last}"
    yield f"Start: {clock(account.first)}, {seconds:.6f} s, {frames}, {account.pdus} PDUs"
    yield f"Presentation contexts: {len(account.contexts)} proposed, {account.accepted} accepted"
    for context in account.contexts.values():
        yield f"    {tell_context(context)}"
    yield "Operations:" if account.operations else "Operations: none"
    for (name, uid), tally in account.operations.items():
        yield f"    {tell_operation(name, tally)}, {call_uid(uid) or 'SOP class unknown'}{tell_times(tally)}"
    for side, count in account.sent.items():
        role = account.find_role(side) or side
        rate = f", {tell_size(count / seconds)}/s" if seconds > 0 else ""
        yield f"Sent by {role}: {count} bytes{rate}"
    trip = account.carriage.round_trip if account.carriage is not None else None
    if trip is not None:
        yield f"Round trip: {trip / BILLION:.6f} s (TCP handshake)"
    yield f"End: {tell_end(account)}"
    if account.codes:
        yield "Notes: " + ", ".join(f"{count} {code}" for code, count in account.codes.most_common())


def tell_context(context: Context) -> str:
    """Tell what became of a presentation context."""
    name = call_uid(context.abstract) or "abstract syntax unknown"
    if context.result == ACCEPTED:
        return f"0x{context.context_id:02x} accepted: {name}, {call_uid(context.transfer) or 'no transfer syntax'}"
    offered = ", ".join(map(call_uid, context.offered))
    return f"0x{context.context_id:02x} {tell_state(context)}: {name}, offered {offered or 'nothing'}"


def tell_state(context: Context) -> str:
    """Tell that a presentation context was refused, and why, or that it was not answered."""
    return tell_result(context) if context.result is None else f"refused ({tell_result(context)})"


def tell_times(tally: Tally) -> str:
    """Tell the response times of operations."""
    if not tally.times:
        return ""
    figures, pdu = measure(tally.times), tally.slowest[1]
    most = f"{figures['max'] / BILLION:.6f} s"
    if figures["count"] == 1:
        return f"; answered after {most} in PDU {pdu}"
    return f"; answered after {figures['median'] / BILLION:.6f} s (median), {most} at most in PDU {pdu}"
