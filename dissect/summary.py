"""A PDU in its place, in: the line that tells what it says, and the codes of its notes, out."""

from collections.abc import Iterator

from dissect.association import Arrival, Association
from dissect.dicom.commands import decode_command
from dissect.dicom.dimse import Message, Pdv
from dissect.dicom.pdu import ABORT, ASSOCIATE_RJ, LOST, P_DATA, Pdu, examine_header, find_codes, is_late, read_reason
from dissect.dicom.terms import ABORT_REASONS, PDU_NAMES, REJECT_REASONS
from dissect.dicom.values import call_uid
from dissect.node import Node
from dissect.notes import Note, note, note_finding, note_gaps
from dissect.spans import Span, count_bytes
from dissect.tcp.history import Clash

MOST_COMMENTS = 16
"""How many comments of a frame are told, for each PDU in it."""


def describe(arrival: Arrival) -> str:
    """Give the text that stands after `DICOM, `.

    It has no times, addresses or frame numbers, so that the same exchange gives the same text. Wireshark's words are
    kept where it has any.
    """
    pdu = arrival.pdu
    if pdu.kind == P_DATA:
        if len(arrival.pdvs) == 1:
            return describe_pdv(arrival.association, arrival.pdvs[0])
        return ", ".join(describe_pdv(arrival.association, pdv) for pdv in arrival.pdvs)
    if pdu.kind == LOST:
        missing = count_bytes(pdu.stream.missing(pdu.start, pdu.stop))
        count = pdu.stop - pdu.start
        if missing:
            return f"{missing} of {count} bytes missing"
        return f"{count} bytes before the first PDU" if is_late(pdu) else f"{count} bytes that are not a PDU"
    title = describe_control(arrival)
    if pdu.kind != ABORT:
        return title
    # The arrow of an abort is fixed text in Wireshark, so one that goes the other way is told in words.
    sender = arrival.association.find_role(pdu.stream)
    pointed = "requestor" if read_reason(pdu)[0] == 0 else "acceptor"
    return title if sender in (None, pointed) else f"{title} (sent by the {sender})"


def describe_control(arrival: Arrival) -> str:
    """Give the title of a PDU that carries no messages: Wireshark's, or the standard's name of its type."""
    pdu, association = arrival.pdu, arrival.association
    calling, called = association.calling, association.called
    source, reason = read_reason(pdu) if pdu.kind in (ASSOCIATE_RJ, ABORT) else (-1, -1)
    match PDU_NAMES.get(pdu.kind):
        case "A-ASSOCIATE-RQ":
            return f"A-ASSOCIATE request {calling} --> {called}"
        case "A-ASSOCIATE-AC":
            return f"A-ASSOCIATE accept  {calling} <-- {called}"
        case "A-ASSOCIATE-RJ":
            text = REJECT_REASONS.get(source, {}).get(reason, f"source {source}, reason {reason}")
            return f"A-ASSOCIATE reject  {calling} <-- {called} ({text})"
        case "A-RELEASE-RQ":
            return "A-RELEASE request"
        case "A-RELEASE-RP":
            return "A-RELEASE response"
        case "A-ABORT" if source == 0:
            return f"ABORT {calling} --> {called}"
        case "A-ABORT":
            return f"ABORT {calling} <-- {called} ({ABORT_REASONS.get(reason, f'source {source}, reason {reason}')})"
    return pdu.name


def describe_pdv(association: Association, pdv: Pdv) -> str:
    """Give a PDV's description: its message's name, or what its data set is."""
    part = pdv.part
    if part is None:
        return ""
    split = len(part.pdvs) > 1 or not pdv.is_last
    place = f" [{pdv.index}/{len(part.pdvs)}]" if split and part.complete and part.torn is None else ""
    if not pdv.is_last:
        return f"PDV Fragment{place}"
    text = part.message.describe() if pdv.is_command else describe_data(association, part.message)
    return text + place


def describe_data(association: Association, message: Message) -> str:
    """Name a data set: by the SOP class of its context where that is one for storage, else by its command."""
    context = association.contexts.get(message.context_id)
    name = call_uid(context.abstract) if context else ""
    if not message.command.pdvs:
        return "DATA"
    return name if name.endswith("Storage") else f"{message.name}-DATA"


def collect_codes(arrival: Arrival) -> list[str]:
    """Give the codes of the notes on a PDU, each once: from the capture up to the command set, no data set decoded."""
    pdu = arrival.pdu
    codes = [found.code for _, found in list_notes(arrival)]
    if pdu.kind not in (P_DATA, LOST) and not pdu.stream.missing(pdu.start, pdu.stop):
        codes += find_codes(pdu.read_whole())
    return list(dict.fromkeys(codes))


def list_notes(arrival: Arrival) -> Iterator[tuple[str, Note]]:
    """Give the notes on a PDU, its PDVs and its command sets, and what it breaks, each with the path below its node.

    Those inside a PDU that carries no messages are not among them.
    """
    for found in judge_pdu(arrival.pdu):
        yield "", found
    for number, pdv in enumerate(arrival.pdvs, 1):
        for found in judge_pdv(arrival.association, pdv):
            yield f"pdv.{number}", found
        if pdv.part is not None and pdv.is_command and pdv.is_last and pdv.part.message.doubtful:
            root = Node(f"pdv.{number}", "")
            decode_command(pdv.part.message, root)
            yield from ((node.path, found) for _, node in root.walk() for found in node.notes)
    for broken in arrival.findings:
        yield broken.place, note_finding(broken, None)


def judge_pdu(pdu: Pdu) -> list[Note]:
    """Give the notes on a PDU as a whole: on bytes that the capture lacks or has twice, its frames, its header."""
    stream = pdu.stream
    notes = note_gaps(stream, stream.missing(pdu.start, pdu.stop)) if stream.gaps else []
    notes += [note_clash(clash, pdu) for clash in stream.clashes if clash.start < pdu.stop and clash.stop > pdu.start]
    comments = stream.capture.comments
    for frame in pdu.span.frames() if comments else ():
        told = comments.get(frame, ())[:MOST_COMMENTS]
        notes += [note("comment", pdu.span, frame=frame, text=text) for text in told]
    return [*notes, *examine_header(pdu)]


def note_clash(clash: Clash, pdu: Pdu) -> Note:
    """Make the note on bytes that came twice with different contents."""
    return note(
        "overlap-differs",
        Span(pdu.stream, max(clash.start, pdu.start), min(clash.stop, pdu.stop)),
        start=clash.start,
        last=clash.stop - 1,
        old=clash.first.hex(" "),
        first=clash.first_frame,
        new=clash.second.hex(" "),
        second=clash.second_frame,
    )


def judge_pdv(association: Association, pdv: Pdv) -> list[Note]:
    """Give the notes on a PDV: on its own bytes, and on its presentation context."""
    judged = association.judge_context(pdv)
    return [*pdv.notes, *([judged] if judged else [])]
