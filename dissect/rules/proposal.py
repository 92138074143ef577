"""The presentation contexts of an A-ASSOCIATE-RQ, in: the rules that they break, out (PS3.8 9.3.2.2, PS3.5 10.1)."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.dicom.encodings import IMPLICIT_LITTLE_UID, NATIVE
from dissect.node import Node
from dissect.notes import Finding, find
from dissect.rules.associate import Parts, call, index_contexts, is_whole, read_id, read_syntaxes, tell_more

MOST_CONTEXTS = 128
"""There are so many odd numbers from 1 to 255."""

LARGE = 1 << 16
"""So many bytes are a large request: four times what 128 contexts with four transfer syntaxes each need."""

EXPLICIT = NATIVE - {IMPLICIT_LITTLE_UID}
"""Other transfer syntaxes of uncompressed pixel data: whoever has none but these can send Implicit VR Little Endian."""


def judge_proposal(pdu: Parts) -> Iterator[Finding]:
    """Find the rules that the proposed presentation contexts break."""
    contexts = pdu.items("20H")
    if not contexts:
        if pdu.whole and not pdu.items("21H"):
            yield find("no-contexts")
        return
    yield from judge_ids(pdu)
    whole = [context for context in contexts if is_whole(context)]
    for context in whole:
        yield from judge_context(pdu, context)
    yield from judge_transfers(pdu, whole)
    if len(contexts) <= MOST_CONTEXTS:
        yield from judge_doubles(pdu, whole)
    if pdu.whole:
        yield from judge_defaults(pdu, whole)
    if len(pdu.data) > LARGE:
        yield find("request-large", size=len(pdu.data), count=tell(len(contexts), "presentation context"))


def judge_ids(pdu: Parts) -> Iterator[Finding]:
    """Find IDs that are even or not unique (PS3.8 9.3.2.2, 7.1.1.13)."""
    ids = index_contexts(pdu, "20H")
    for number, contexts in ids.items():
        if number % 2 == 0:
            yield pdu.tell("context-id", contexts[0], value=number)
    total = len(pdu.items("20H"))
    if total > MOST_CONTEXTS:
        # There are not enough IDs for them all: that some are used twice follows from it.
        yield find("too-many-contexts", count=total)
        return
    for number, contexts in ids.items():
        if len(contexts) > 1:
            yield pdu.tell("context-id-repeated", contexts[1], value=number, count=len(contexts))


def judge_context(pdu: Parts, context: Node) -> Iterator[Finding]:
    """Find too few or too many syntaxes of a presentation context (PS3.8 9.3.2.2)."""
    count = len(read_syntaxes(context, "30H"))
    if count != 1:
        yield pdu.tell("abstract-syntax-count", context, value=read_id(context), count=count)
    elif not read_syntaxes(context, "40H"):
        yield pdu.tell("no-transfer-syntax", context, value=read_id(context))


def judge_transfers(pdu: Parts, contexts: list[Node]) -> Iterator[Finding]:
    """Find transfer syntaxes that a presentation context has twice."""
    found: list[tuple[Node, str]] = []
    for context in contexts:
        seen: set[str] = set()
        for uid in read_syntaxes(context, "40H"):
            if uid in seen:
                found.append((context, uid))
                break
            seen.add(uid)
    if found:
        context, uid = found[0]
        count = len(found)
        yield pdu.tell("transfer-syntax-repeated", context, value=read_id(context), name=call(uid), count=count)


def judge_doubles(pdu: Parts, contexts: list[Node]) -> Iterator[Finding]:
    """Find presentation contexts that propose what another one does."""
    seen: dict[tuple[str, frozenset[str]], Node] = {}
    found: list[tuple[Node, Node]] = []
    for context in contexts:
        abstracts, transfers = read_syntaxes(context, "30H"), frozenset(read_syntaxes(context, "40H"))
        if len(abstracts) != 1 or not transfers:
            continue
        first = seen.setdefault((abstracts[0], transfers), context)
        if read_id(first) != read_id(context):
            found.append((context, first))
    if found:
        context, first = found[0]
        more = tell_more(len(found) - 1, "so", "context", "contexts")
        yield pdu.tell("context-repeated", context, value=read_id(context), first=read_id(first), more=more)


def judge_defaults(pdu: Parts, contexts: list[Node]) -> Iterator[Finding]:
    """Find abstract syntaxes without the default transfer syntax, unless there may be a reason (PS3.5 10.1).

    Whoever has pixel data only in compressed form need not offer it, and so one that offers a compression, or a
    transfer syntax of its own, is not blamed.
    """
    offered: dict[str, set[str]] = {}
    first: dict[str, Node] = {}
    for context in contexts:
        for uid in read_syntaxes(context, "30H")[:1]:
            first.setdefault(uid, context)
            offered.setdefault(uid, set()).update(read_syntaxes(context, "40H"))
    found = [uid for uid, transfers in offered.items() if transfers and transfers <= EXPLICIT]
    if found:
        more = tell_more(len(found) - 1, "so", "abstract syntax", "abstract syntaxes")
        yield pdu.tell("no-default-syntax", first[found[0]], value=call(found[0]), more=more)
