"""The identifier of a query or retrieval, in: notes about the rules of PS3.4 Annexes C and K that it breaks, out."""

from collections.abc import Mapping
from functools import lru_cache

from dissect.association import Association
from dissect.dicom.associate import Associate, read_associate
from dissect.dicom.dimse import Message
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import DEFLATED, choose_encoding, inflate
from dissect.dicom.pdu import ASSOCIATE_AC, ASSOCIATE_RQ, HEADER
from dissect.dicom.values import look_up
from dissect.node import Node
from dissect.notes import note
from dissect.rules.associate import list_items, read_number, read_uid, take_apart
from dissect.spans import Buffer, Source, Span
from dissect.tcp.streams import Stream

ROOT = "1.2.840.10008.5.1.4.1.2."
WORKLIST = "1.2.840.10008.5.1.4.31"
LEVEL = "0008,0052"

UNIQUE = {"PATIENT": "0010,0020", "STUDY": "0020,000d", "SERIES": "0020,000e", "IMAGE": "0008,0018"}
"""The unique key of each level, from the top (PS3.4 C.6)."""

MODELS = {
    "1": ("Patient Root", ("PATIENT", "STUDY", "SERIES", "IMAGE")),
    "2": ("Study Root", ("STUDY", "SERIES", "IMAGE")),
    "3": ("Patient/Study Only", ("PATIENT", "STUDY")),
}
"""The name and the levels of each information model, by the next component of its SOP classes' UIDs (PS3.4 C.6)."""

PATIENT_KEYS = frozenset(("0010,0010", "0010,0020"))
REQUIRED = {
    "PATIENT": PATIENT_KEYS,
    "STUDY": frozenset(("0008,0020", "0008,0030", "0008,0050", "0020,000d", "0020,0010")),
    "SERIES": frozenset(("0008,0060", "0020,000e", "0020,0011")),
    "IMAGE": frozenset(("0008,0018", "0020,0013")),
}
"""The unique and required keys of each level, which a response holds where its request does (PS3.4 C.6)."""

WORKLIST_REQUIRED = frozenset(("0010,0010", "0010,0020", "0020,000d", "0040,0100", "0040,1001"))
"""The keys of type 1 of a worklist entry, those in its sequences apart (PS3.4 Table K.6-1)."""

ALLOWED = frozenset((
    "0008,0005", "0008,0052", "0008,0053", "0008,0054", "0008,0056", "0008,0201", "0088,0130", "0088,0140",
    *UNIQUE.values(),
))  # fmt: skip
"""What a response may hold beside what was asked for (PS3.4 C.4.1.1.3.2, C.4.1.3.1.1)."""

WORKLIST_ALLOWED = frozenset(("0008,0005", "0008,0201", "0040,a390"))
"""The same of a worklist entry (PS3.4 K.4.1.1.3.2)."""

LONGEST_IDENTIFIER = 1 << 16
"""A longer identifier is not read again for its responses."""

RELATIONAL = "relational-queries"
"""The key of the field of an extended negotiation that asks for relational queries (PS3.4 C.5.1.1, C.5.2.1)."""

LONGEST_SEARCHED = 1 << 18
"""A longer A-ASSOCIATE PDU is not searched for what it negotiates."""

LONGEST_SHOWN, MOST_NAMED = 16, 3

CODES = {"C-FIND-RQ": "query-keys", "C-GET-RQ": "retrieve-keys", "C-MOVE-RQ": "retrieve-keys"}


def judge_identifier(
    node: Node, keys: Mapping[str, Node], message: Message, association: Association, transfer: str
) -> None:
    """Note on a data set's node which rules it breaks as the identifier of a query, a retrieval or a match.

    Parameters
    ----------
    node
        The node of the data set, all of which could be read.
    keys
        The nodes of its elements.
    message
        The message to which it belongs.
    association
        The association in which it was sent.
    transfer
        The transfer syntax in which it was read.

    """
    if message.name in CODES:
        judge_request(node, keys, message, association)
    elif message.name == "C-FIND-RSP" and message.request is not None:
        judge_match(node, keys, message, transfer)


def find_model(sop_class: str) -> tuple[str, tuple[str, ...]] | None:
    """Give the name and the levels of an information model for queries, None where there is none of that kind."""
    return MODELS.get(sop_class[len(ROOT) :].partition(".")[0]) if sop_class.startswith(ROOT) else None


def judge_request(node: Node, keys: Mapping[str, Node], message: Message, association: Association) -> None:
    """Judge the level of a query or retrieval, and the unique keys of the levels above it (PS3.4 C.4.1.2, C.4.2.2)."""
    sop_class = message.sop_class
    model = find_model(sop_class)
    if model is None:
        return
    name, levels = model
    element = keys.get(LEVEL)
    level = read_key(element)
    if level not in levels:
        found = "not there" if element is None else f"'{level[:LONGEST_SHOWN]}'" if level else "empty"
        span = element.span if element is not None else cover(node)
        place = element if element is not None else node
        place.notes.append(note("query-level", span, found=found, model=name, wanted=", ".join(levels)))
        return
    depth = levels.index(level)
    finds = message.name == "C-FIND-RQ"
    above = [UNIQUE[each] for each in levels[:depth]]
    lacking = [key for key in above if is_vague(read_key(keys.get(key)))]
    lacking += [] if finds or read_key(keys.get(UNIQUE[level])) else [UNIQUE[level]]
    if lacking and not is_relational(association, sop_class):
        node.notes.append(note(CODES[message.name], cover(node), level=level, names=name_keys(lacking)))


def read_key(element: Node | None) -> str:
    """Give the value of a key as text, '' where there is none."""
    value = None if element is None else element.value
    return value.strip(" \0") if isinstance(value, str) else ""


def is_vague(value: str) -> bool:
    """Tell whether the value of a unique key does not name one entity: it is empty, a wildcard or a list."""
    return value in ("", "*") or "\\" in value


def cover(node: Node) -> Span | None:
    """Give the range of a data set, from its first element to its last."""
    spans = [child.span for child in node.children if child.layout == "element" and child.span is not None]
    return Span(spans[0].source, spans[0].start, spans[-1].stop) if spans else None


def name_keys(keys: list[str]) -> str:
    """Name elements, no more of them than one can read."""
    names = [f"({key}) {look_up(int(key.replace(',', ''), 16)).name}" for key in keys[:MOST_NAMED]]
    more = len(keys) - MOST_NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def judge_match(node: Node, keys: Mapping[str, Node], message: Message, transfer: str) -> None:
    """Judge whether a match holds the keys of its request, and no others (PS3.4 C.4.1.1.3.2, K.4.1.1.3.2)."""
    request = message.request
    assert request is not None
    model = find_model(request.sop_class)
    if model is None and request.sop_class != WORKLIST:
        return
    asked = read_request(request, transfer)
    if asked is None:
        return
    if model is None:
        code, allowed, required = "worklist-return", WORKLIST_ALLOWED, WORKLIST_REQUIRED
    else:
        code, allowed, required = "query-return", ALLOWED, find_required(model[1], asked.get(LEVEL, ""))
    surplus = sorted(key for key in keys.keys() - asked.keys() - allowed if is_attribute(key))
    lacking = sorted((required & asked.keys()) - keys.keys())
    if surplus:
        first = keys[surplus[0]]
        first.notes.append(note(code, first.span, told=f"holds what was not asked for, {name_keys(surplus)}"))
    if lacking:
        node.notes.append(note(code, cover(node), told=f"lacks what was asked for, {name_keys(lacking)}"))


def find_required(levels: tuple[str, ...], level: str) -> frozenset[str]:
    """Give the keys that a match of a level is to hold; a study has its patient's where no level is above it."""
    required = REQUIRED.get(level, frozenset()) if level in levels else frozenset[str]()
    return required | PATIENT_KEYS if level == levels[0] == "STUDY" else required


def is_attribute(key: str) -> bool:
    """Tell whether an element is an attribute: no group length, no reservation of private elements, no repetition."""
    group, _, element = key.partition(",")
    reserves = group[-1:] in "13579bdf" and len(element) == 4 and element.startswith("00")
    return len(key) == 9 and group >= "0008" and element != "0000" and not reserves


def read_request(request: Message, transfer: str) -> Mapping[str, str] | None:
    """Give the keys of a request's identifier with their values, None where the capture does not hold all of it."""
    part = request.data
    if not part.complete or part.torn is not None or not part.pdvs:
        return None
    source = part.join()
    if source.size > LONGEST_IDENTIFIER or source.missing(0, source.size):
        return None
    return read_keys(bytes(source.read(0, source.size)), transfer)


@lru_cache(maxsize=64)
def read_keys(data: bytes, transfer: str) -> Mapping[str, str] | None:
    """Give the keys of an identifier with their values, None where not all of it can be read; it has many responses."""
    source: Source = Buffer(data)
    if transfer in DEFLATED:
        source, whole = inflate(source)
        if not whole:
            return None
    encoding, _ = choose_encoding(transfer, source)
    elements = walk_elements(source, encoding, Node("", ""))
    if any(element.notes or element.layout != "element" for element in elements):
        return None
    return {element.key: read_key(element) if element.key == LEVEL else "" for element in elements}


def is_relational(association: Association, sop_class: str) -> bool:
    """Tell whether relational queries or retrievals may have been negotiated (PS3.4 C.5.1.1.1, C.5.2.1.1)."""
    requestor = association.requestor
    proposal = requestor and read_first(requestor, ASSOCIATE_RQ)
    if requestor is None or not proposal:
        return True
    said, asked = read_relational(proposal)
    if said != association.request:
        return True  # another association of the connection; where this one begins is not known
    answer = read_first(requestor.peer, ASSOCIATE_AC)
    return sop_class in asked and (not answer or sop_class in read_relational(answer)[1])


def read_first(stream: Stream, kind: int) -> bytes:
    """Give the first PDU of a stream, b'' where it is of another type or not all there."""
    header = stream.read(0, HEADER)
    stop = HEADER + int.from_bytes(header[2:], "big")
    if header[:1] != bytes([kind]) or stop > LONGEST_SEARCHED or stream.missing(0, stop):
        return b""
    data = bytes(stream.read(0, stop))
    return data if len(data) == stop else b""


@lru_cache(maxsize=64)
def read_relational(data: bytes) -> tuple[Associate, frozenset[str]]:
    """Give what an A-ASSOCIATE PDU says, and the SOP classes for which it negotiates relational queries."""
    items = list_items(take_apart(data).user, "56H")
    relational = frozenset(read_uid(item) for item in items if read_number(item, RELATIONAL) == 1)
    return read_associate(data[HEADER:]), relational
