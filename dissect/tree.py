"""A PDU in its place, in: its tree of nodes, laid out as Wireshark's, out."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial

from dissect.association import Arrival, Association, Context
from dissect.cursor import Cursor, load_bytes
from dissect.dicom.commands import decode_command
from dissect.dicom.dimse import Message, Part, Pdv
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import DEFLATED, choose_encoding, inflate
from dissect.dicom.inference import infer_syntax
from dissect.dicom.pdu import LOST, P_DATA, decode_header, decode_pdu
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import CONTEXT_RESULTS, FLAGS, STATUS
from dissect.dicom.values import call_uid, find_keyword
from dissect.node import HEX, Node
from dissect.notes import note, note_finding, note_gaps
from dissect.receipts import lacks_received
from dissect.rules.datasets import judge_data_set
from dissect.spans import Source, Span
from dissect.summary import describe, describe_control, describe_pdv, judge_pdu, judge_pdv

MOST_PDVS = 1 << 14
"""How many presentation data values of a PDU are decoded: six bytes of an empty one make several nodes."""

BROKEN_OFF = frozenset(("element-overrun", "element-cut", "not-delimited"))
"""The codes of what is noted of a data set that ends before its last element does."""


def make_association_node(association: Association) -> Node:
    """Make the node of an association, without its PDUs: a group, which has no bytes of its own."""
    text = f"{association.calling} --> {association.called}"
    return Node(f"association.{association.number}", "Association", layout="block", text=text)


def make_tree(arrivals: Iterable[Arrival]) -> Node:
    """Make the tree of a capture: its associations, and under each its PDUs in the order of their numbers."""
    root = Node("", "Capture", layout="block")
    groups: dict[int, Node] = {}
    for arrival in arrivals:
        group = groups.get(arrival.association.number)
        if group is None:
            group = groups[arrival.association.number] = root.add(make_association_node(arrival.association))
        group.add(make_pdu_node(arrival))
    return root


def make_pdu_node(arrival: Arrival) -> Node:
    """Make the node of a PDU in its association's; what is below it is decoded when it is looked at."""
    pdu = arrival.pdu
    node = Node(f"{make_pdu_key(arrival)}.{arrival.ordinal}", "DICOM", pdu.span, layout="block", text=describe(arrival))
    node.parent = make_association_node(arrival.association)
    node.notes = judge_pdu(pdu)
    node.notes += [note_finding(found, node.span) for found in arrival.findings if not found.place]
    node.length = None if pdu.kind == LOST else pdu.length
    node.expand = lambda node: expand_pdu(node, arrival)
    return node


def make_message_node(message: Message, association: Association) -> Node:
    """Make the node of a message: a group of its `command-set` and `data-set`, decoded when they are looked at."""
    name = message.name.lower() or "message"
    node = Node(f"{name}.{message.number}", "Message", layout="block", text=message.describe())
    node.parent = make_association_node(association)
    for key, title, part in (("command-set", "Command Set", message.command), ("data-set", "Data Set", message.data)):
        if part.complete:
            group = node.add(Node(key, title, layout="heading", text=""))
            group.expand = partial(expand_group, part=part, association=association)
    return node


def expand_group(group: Node, part: Part, association: Association) -> list[Node]:
    """Decode a command set or data set under a group of its own."""
    expand_part(group, part, part.pdvs[-1], association)
    return group.children


def find_completed(arrival: Arrival) -> Iterator[Message]:
    """Give the messages that a PDU completes."""
    for pdv in arrival.pdvs:
        message = pdv.part.message if pdv.part is not None and pdv.is_last and pdv.part.complete else None
        if message is None or not message.command.complete:
            continue
        last = message.data if message.data.complete and message.data.pdvs else message.command
        if pdv is last.pdvs[-1] and (last is message.data or not message.has_data_set):
            yield message


def find_parts(top: Node, arrival: Arrival, patterns: Iterable[str]) -> Iterator[Node]:
    """Give the nodes of a PDU, and of the messages that it completes, whose paths match; `*` matches a component."""
    for pattern in patterns:
        first, *rest = map(name_component, pattern.strip("/").split("/"))
        if not fnmatchcase(make_association_node(arrival.association).key, first):
            continue
        if not rest:
            yield top
            continue
        messages = (make_message_node(message, arrival.association) for message in find_completed(arrival))
        nodes = [top, *messages]
        for depth, component in enumerate(rest):
            nodes = nodes if not depth else [child for node in nodes for child in node.children]
            nodes = [node for node in nodes if fnmatchcase(node.key, component)]
        yield from nodes


def name_component(text: str) -> str:
    """Give a component of a path as its key is written, where a keyword or (gggg,eeee) stands for an element."""
    digits = find_keyword(text)
    return f"{digits[:4]},{digits[4:]}".replace("x", "?") if digits else text.strip("()").lower()


def make_pdu_key(arrival: Arrival) -> str:
    """Give a PDU's path component without its number: the standard's name in lower case."""
    return arrival.pdu.name.lower().replace(" ", "-")


def expand_pdu(node: Node, arrival: Arrival) -> list[Node]:
    """Decode what is in a PDU."""
    pdu = arrival.pdu
    cur = Cursor(pdu.stream, pdu.start, pdu.stop, node)
    if pdu.kind == LOST:
        cur.undecoded()
    elif pdu.kind == P_DATA:
        decode_header(cur)
        for number, pdv in enumerate(arrival.pdvs[:MOST_PDVS], 1):
            expand_pdv(cur.open(f"pdv.{number}", "PDV", pdv.stop - pdv.start, layout="block"), pdv, arrival.association)
        if len(arrival.pdvs) > MOST_PDVS and (rest := cur.undecoded()) is not None:
            rest.notes.append(note("too-many-pdvs", rest.span, value=MOST_PDVS))
    else:
        decode_pdu(cur, describe_control(arrival))
        name_results(node, arrival.association)
    for found in arrival.findings:
        if found.place:
            place = find_node(node, found.place)
            place.notes.append(note_finding(found, place.span))
    return node.children


def find_node(top: Node, path: str) -> Node:
    """Give the node at a path below another, or the last one on the way to it that is there."""
    node = top
    for key in path.split("/"):
        below = node.child(key)
        if below is None:
            break
        node = below
    return node


def name_results(node: Node, association: Association) -> None:
    """Say in the answered presentation contexts of an A-ASSOCIATE-AC what each was asked for."""
    for item in (item for body in node.children for item in body.children if item.tag == "21H"):
        context = association.contexts.get(item.value) if isinstance(item.value, int) else None
        abstract = call_uid(context.abstract) if context else ""
        context_id, result = item.child("context-id"), item.child("result")
        words = [f"ID {context_id.text}" if context_id else "ID missing", result.meaning if result else ""]
        if result and result.value == 0 and (transfer := item.child("transfer-syntax.1")):
            words.append(transfer.meaning or transfer.text)
        item.text = ", ".join([*words, abstract])


def expand_pdv(cur: Cursor, pdv: Pdv, association: Association) -> None:
    """Decode a PDV, and under it, where it completes one, the command set or data set."""
    node = cur.node
    node.text = describe_pdv(association, pdv)
    node.notes = judge_pdv(association, pdv)
    if cur.left >= 4:
        node.length = cur.uint("PDV Length", 4)
    if pdv.part is None:
        cur.undecoded()
        return
    cur.uint("Context", 1, form=HEX)
    cur.node.children[-1].text = describe_context(pdv.context_id, association)
    cur.uint("Flags", 1, form="0x{value:02x} ({meaning})")
    cur.node.children[-1].meaning = FLAGS[pdv.flags & 3]
    fragment = cur.open("fragment", "Fragment", cur.left, layout="hidden")
    fragment.node.load = load_bytes
    if pdv.is_last and pdv.part.complete:
        if len(pdv.part.pdvs) > 1:
            node.add(make_fragments_node(pdv.part))
        expand_part(node, pdv.part, pdv, association)


def describe_context(context_id: int, association: Association) -> str:
    """Give a presentation context's ID with its transfer syntax and abstract syntax, or why it has none."""
    context = association.contexts.get(context_id)
    if context is None:
        told = "not proposed" if association.request else "not found. A-ASSOCIATE request not found in capture."
        return f"0x{context_id:02x} {told}"
    return f"0x{context_id:02x} ({describe_agreement(context)}, {call_uid(context.abstract)})"


def describe_agreement(context: Context) -> str:
    """Give the transfer syntax of a presentation context, or why there is none."""
    if context.transfer:
        return call_uid(context.transfer)
    if context.result is None:
        return "not answered"
    return f"refused: {CONTEXT_RESULTS.get(context.result, f'result {context.result}')}"


def make_fragments_node(part: Part) -> Node:
    """Tell of which fragments a command set or data set was put together, in Wireshark's words."""
    source = part.join()
    sizes = [len(pdv.fragment) for pdv in part.pdvs]
    pairs = ", ".join(f"#{pdv.pdu.frame}({size})" for pdv, size in zip(part.pdvs, sizes, strict=True))
    group = Node("fragments", f"{len(sizes)} Message fragments ({source.size} bytes): {pairs}", layout="generated")
    at = 0
    for pdv, size in zip(part.pdvs, sizes, strict=True):
        place = f"payload: {at}-{at + size - 1} ({size} bytes)"
        text = f"Frame: {pdv.pdu.frame}, {place}"
        group.add(Node(f"fragment.{pdv.index}", text, Span(source, at, at + size), layout="generated"))
        at += size
    group.add(Node("count", f"Message fragment count: {len(sizes)}", layout="generated"))
    group.add(Node("length", f"Reassembled PDV length: {source.size}", layout="generated"))
    return group


def tell_ties(message: Message) -> Iterator[tuple[str, str]]:
    """Tell the category of a status, which request a message answers, how long that took, and what caused it."""
    category = classify_status(message.number_at(STATUS) or 0)
    if category not in ("", "success"):
        yield "category", f"Status category: {category}"
    if message.request is not None:
        took = message.response_time
        when = "before its end" if took is None else f"after {took / 1_000_000_000:.6f} s"
        when += ", by a clock that was set back" if took is not None and took < 0 else ""
        yield "request", f"Response to: PDU {message.request.pdu}, {when}"
    if message.cause is not None:
        cause = message.cause
        yield "cause", f"Sub-operation of: {cause.describe()}, PDU {cause.pdu}, association {cause.association}"


def infer_context(message: Message, *found: str) -> Node:
    """Tell what the messages in a presentation context that was not agreed in the capture say of it."""
    words = [*found, call_uid(message.sop_class)]
    return Node("inferred", f"Inferred context: {', '.join(filter(None, words))}", layout="generated")


def expand_part(node: Node, part: Part, pdv: Pdv, association: Association) -> None:
    """Decode a complete command set or data set under the PDV that completes it."""
    if not pdv.is_command:
        expand_data_set(node, part, pdv, association)
        return
    if not association.request and pdv.context_id not in association.contexts:
        node.add(infer_context(part.message))
    decode_command(part.message, node)
    for key, text in tell_ties(part.message):
        node.add(Node(key, text, layout="generated"))


def expand_data_set(node: Node, part: Part, pdv: Pdv, association: Association) -> None:
    """Decode a complete data set, in the transfer syntax of its context or the one that it looks to be in."""
    source: Source = part.join()
    span, torn, missing = Span(source, 0, source.size), part.torn, source.missing(0, source.size)
    node.notes += note_gaps(source, missing)
    node.notes += [] if torn is None else [note("fragment-gap", Span(source, torn, torn))]
    context = association.contexts.get(pdv.context_id)
    transfer = context.transfer if context else ""
    if not transfer:
        transfer = infer_syntax(source, torn)
        node.add(infer_context(part.message, call_uid(transfer)))
    if transfer in DEFLATED:
        lacks = torn is not None or bool(missing)
        source, whole = inflate(source, torn)
        torn = None if whole else source.size
        if not whole and not lacks:
            node.notes.append(note("not-inflated", span, count=source.size))
    encoding, other = choose_encoding(transfer, source, torn)
    if other:
        node.notes.append(note("other-syntax", span, found=encoding.describe(), wanted=call_uid(transfer)))
    walk_elements(source, encoding, node, torn)
    judge_data_set(node, part.message, association, transfer)
    forgive_end(node, part.message, pdv)


def forgive_end(node: Node, message: Message, pdv: Pdv) -> None:
    """Take back what is noted of the end of a data set that may have been refused before it (PS3.7 9.1.1.2).

    Whoever is refused may send less. Without the command, or all that the peer said, nobody knows of a refusal.
    """
    last = [node]
    while last[-1].children:
        last.append(last[-1].children[-1])
    broken = [each for each in last if any(found.code in BROKEN_OFF for found in each.notes)]
    if broken and (message.refused or not message.command.pdvs or lacks_received(pdv.pdu, 0)):
        for each in broken:
            each.notes = [found for found in each.notes if found.code not in BROKEN_OFF]
