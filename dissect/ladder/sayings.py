"""A message, fragments or another PDU, in: what it says in a line, and whether something is wrong with it, out."""

from dataclasses import dataclass, replace
from typing import Literal

from dissect.amounts import tell, tell_delay, tell_size
from dissect.association import Arrival
from dissect.dicom.dimse import COUNTS, Message, Pdv
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, read_reason
from dissect.dicom.statuses import classify_status, name_status
from dissect.dicom.terms import ABORT_SOURCES, COMMAND_FIELD, ERROR_COMMENT, STATUS
from dissect.dicom.values import call_uid
from dissect.ledger import ACCEPTED, PENDING, find_end
from dissect.spans import count_bytes

Kind = Literal["control", "command", "data", "lost"]
"""What an event is: a PDU without messages, a message, data without its command set, bytes that are not a PDU."""

LONGEST_TEXT = 64
"""A UID (PS3.5 9.1) or an error comment (PS3.7 Annex C) is told no further."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What an event says, whoever says it."""

    label: str
    kind: Kind
    failure: bool = False
    warning: bool = False
    response_time: int | None = None
    message_id: int | None = None
    answers: int | None = None
    comments: tuple[str, ...] = ()
    """The error comments that stand in the label, in brackets each: a person may have written them."""


def tell_message(message: Message, pdus: int, size: int, missing: int) -> Saying:
    """Tell what a message says; if it takes several PDUs, how many and how many bytes, and how many are missing."""
    whole = message.is_whole and message.command.torn is None and message.data.torn is None
    if message.command.complete:
        said = tell_command(message)
    elif message.command.pdvs:
        said = Saying("command set", "command")
    else:
        said = Saying("data without a command set", "data", warning=True)
    folded = f"{pdus} PDUs {tell_size(size)}" if pdus > 1 else ""
    words = [said.label, folded, "" if whole or not message.command.pdvs else "incomplete", tell_missing(missing)]
    warning = said.warning or not whole or missing > 0
    return replace(said, label=" ".join(filter(None, words)), warning=warning and not said.failure)


def tell_data(pdvs: list[Pdv]) -> Saying:
    """Tell what fragments of a PDU say."""
    said = [tell_pdv(pdv) for pdv in pdvs] or [Saying("no PDV", "data", warning=True)]
    failure = any(each.failure for each in said)
    named = [each for each in said if each.message_id is not None] or said
    first = next((each for each in named if each.answers is not None), named[0])
    return Saying(
        ", ".join(each.label for each in said),
        "command" if any(each.kind == "command" for each in said) else "data",
        failure,
        any(each.warning for each in said) and not failure,
        first.response_time,
        first.message_id,
        first.answers,
        tuple(comment for each in said for comment in each.comments),
    )


def tell_pdv(pdv: Pdv) -> Saying:
    """Tell what a fragment says: all that its message does if it is the last of the command set."""
    part, lost = pdv.part, pdv.pdu.stream.missing(pdv.start, pdv.stop)
    missing = tell_missing(count_bytes(lost))
    if part is None:
        return Saying(" ".join(filter(None, ["PDV that cannot be read", missing])), "data", warning=True)
    message = part.message
    if pdv.is_command and pdv.is_last and part.complete:
        said = tell_command(message)
        return replace(said, label=f"{said.label} {missing}".strip(), warning=said.warning or bool(lost))
    message_id = message.message_id
    name = "" if message_id is None else f"#{message_id}"
    split = len(part.pdvs) > 1 and part.complete and part.torn is None
    place = f"[{pdv.index}/{len(part.pdvs)}]" if split else ""
    words = ["command set" if pdv.is_command else "data", name, place, f"{len(pdv.fragment)} B", missing]
    kind: Kind = "command" if pdv.is_command else "data"
    return Saying(" ".join(filter(None, words)), kind, warning=bool(lost), message_id=message_id)


def tell_command(message: Message) -> Saying:
    """Tell what a command set says: its name, message ID, and SOP class or status, counts and response time."""
    status, message_id = message.number_at(STATUS), message.message_id
    field = message.number_at(COMMAND_FIELD)
    name = message.name or ("command" if field is None else f"command {field:04X}H")
    words = [name, "" if message_id is None else f"#{message_id}"]
    took = message.response_time
    outcome = "" if status is None else classify_status(status)
    comment = find_comment(message, status)
    if status is None:
        words.append(call_uid(message.sop_class[:LONGEST_TEXT]))
    else:
        words += [f"0x{status:04X}", tell_status(message, status), comment and f"({comment})"]
        words += [f"{letter}={count}" for letter, element in COUNTS if (count := message.number_at(element))]
        words.append(tell_delay(took))
    doubtful = outcome == "warning" or (status is not None and not outcome) or not message.name
    answers = message.request.pdu if message.request is not None else 0
    label = " ".join(filter(None, words))
    failure, comments = outcome == "failure", (comment,) if comment else ()
    return Saying(label, "command", failure, doubtful, took, message_id, answers or None, comments)


def tell_status(message: Message, status: int) -> str:
    """Tell what a status means; of one that is pending no more than that."""
    if classify_status(status) == PENDING:
        return PENDING.capitalize()
    return name_status(status, message.name, message.sop_class)


def find_comment(message: Message, status: int | None) -> str:
    """Give the comment that came with a status, but for one that is pending."""
    if status is None or classify_status(status) == PENDING:
        return ""
    return message.text_at(ERROR_COMMENT)[:LONGEST_TEXT]


def tell_control(arrival: Arrival) -> str:
    """Tell the name of a PDU without messages, with its contexts or its reason."""
    name, contexts = arrival.pdu.name, arrival.association.contexts.values()
    count = tell(len(contexts), "context")
    if arrival.pdu.kind == ASSOCIATE_RQ:
        return f"{name} {count}"
    if arrival.pdu.kind == ASSOCIATE_AC:
        return f"{name} {sum(context.result == ACCEPTED for context in contexts)} of {count} accepted"
    end = find_end(arrival) if arrival.pdu.kind in (ABORT, ASSOCIATE_RJ) else None
    why = end.why if end is not None else ""
    source, reason = read_reason(arrival.pdu)
    if why and arrival.pdu.kind == ABORT and source not in ABORT_SOURCES:
        why = f"source {source}, reason {reason}"  # 1 is reserved (PS3.8 Table 9-26)
    return f"{name} ({why})" if why else name


def refuses_all(arrival: Arrival) -> bool:
    """Tell whether a PDU accepts an association and none of its contexts."""
    contexts = arrival.association.contexts.values()
    return arrival.pdu.kind == ASSOCIATE_AC and not any(context.result == ACCEPTED for context in contexts)


def tell_missing(count: int) -> str:
    """Tell how many bytes the capture lacks."""
    return f"{count} bytes missing" if count else ""
