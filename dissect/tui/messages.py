"""A message of the index, by its number, in: its node, what it is, what answers it, and which is the next one, out."""

from collections.abc import Iterator

from dissect.amounts import tell, tell_seconds, tell_size
from dissect.dicom.statuses import name_status
from dissect.dicom.terms import STATUS
from dissect.dicom.values import call_uid
from dissect.index import Index
from dissect.messages import NEVER
from dissect.node import Node
from dissect.recall import Recall
from dissect.tree import make_message_node


def make_node(index: Index, recall: Recall, number: int) -> Node:
    """Make the node of a message."""
    return make_message_node(
        recall.find_message(number), index.known[index.associations[index.messages.firsts[number]]]
    )


def decode_groups(node: Node) -> None:
    """Decode what is just below the command set and the data set of a message, or the PDVs of a PDU, as one looks."""
    for group in node.children:
        _ = len(group.children)


def tell_message(index: Index, recall: Recall, number: int) -> Iterator[str]:
    """Tell what a message is, of which PDUs it was put together, and what answers it or it answers."""
    messages = index.messages
    yield index.texts[messages.texts[number]] or "a message without command set"
    yield call_uid(index.texts[messages.classes[number]])
    first, last, count = messages.firsts[number] + 1, messages.lasts[number] + 1, messages.counts[number]
    yield f"from PDU {first}" if first == last else f"from PDUs {first}-{last}, {tell(count, 'PDU')}"
    yield tell_size(messages.sizes[number]) if messages.sizes[number] else "no data set"
    request, answer = messages.requests[number], messages.answers[number]
    if request:
        yield f"answers PDU {messages.heads[request]}{tell_delay(index, number)}"
    if answer:
        yield f"answered by PDU {messages.heads[answer]}{tell_delay(index, answer)} ({tell_status(recall, answer)})"


def tell_delay(index: Index, number: int) -> str:
    """Tell how long after its request a response came, where that is known."""
    seconds = index.messages.times[number]
    return f" after {tell_seconds(seconds)}" if seconds != NEVER else ""


def tell_status(recall: Recall, number: int) -> str:
    """Tell the status of a response."""
    message = recall.outline(number)
    status = message.number_at(STATUS)
    if status is None:
        return "no status"
    return name_status(status, message.name, message.sop_class) or f"{status:04X}H"


def find_next(index: Index, row: int, number: int, step: int) -> int:
    """Find the next message of an association, or the one before, from a message or, where that is 0, a row; else 0."""
    messages, association = index.messages, index.associations[row]
    later, earlier = range(number + 1, len(messages) + 1), range((number or len(messages) + 1) - 1, 0, -1)
    for each in later if step > 0 else earlier:
        first = messages.firsts[each]
        if index.associations[first] == association and (number or (first - row) * step > 0):
            return each
    return 0
