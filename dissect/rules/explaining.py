"""An A-ABORT, an A-ASSOCIATE-RJ or a refused context, in: what came before it, or elsewhere, that explains it, out."""

from collections.abc import Callable, Iterator

from dissect.association import Arrival, Association, Context
from dissect.dicom.pdu import ASSOCIATE_AC, ASSOCIATE_RQ, HEADER, read_reason
from dissect.dicom.terms import ABORT_REASONS, CONTEXT_RESULTS, PDU_NAMES, REJECT_REASONS, REJECT_RESULTS
from dissect.notes import Finding, find
from dissect.receipts import find_received
from dissect.rules.associate import APPLICATION_CONTEXT, read_number, read_uid, take_apart
from dissect.rules.exchange import LEAST_TOLD, Exchange
from dissect.rules.life import Life
from dissect.rules.scene import Said, Scene, tell_message
from dissect.rules.survey import Survey, call_shortly, enumerate_words, find_acceptor

USER, PROVIDER, PRESENTATION = 1, 2, 3
"""The sources of an A-ASSOCIATE-RJ (PS3.8 Table 9-21); 2 is the service provider in an A-ABORT, too (Table 9-26)."""
NAME_UNSUPPORTED, CALLING_UNKNOWN, CALLED_UNKNOWN = (USER, 2), (USER, 3), (USER, 7)
VERSION_UNSUPPORTED = PROVIDER, 2
TRANSIENT = 2
"""The result of an A-ASSOCIATE-RJ after which the same may be asked again (PS3.8 Table 9-21)."""
UNRECOGNISED, UNEXPECTED = 1, 2
"""Reasons of an A-ABORT (PS3.8 Table 9-26)."""

LONG_SILENCE = 1.0
"""Seconds after which a silence before an abort is worth telling of."""

Suspect = tuple[Said, tuple[str, ...]]
"""A PDU that broke rules, and their codes."""


class Later:
    """A text that is made when it is shown: what the capture holds behind the PDU may tell more."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], str]) -> None:
        """Take what makes it."""
        self._make = make

    def __str__(self) -> str:
        """Make it."""
        return self._make()


def judge_abort(
    scene: Scene, arrival: Arrival, life: Life, exchange: Exchange, suspects: dict[int, Suspect]
) -> Iterator[Finding]:
    """Explain an A-ABORT by what came before it; `suspects` are the last PDUs of each side that broke rules."""
    pdu, stream = arrival.pdu, arrival.pdu.stream
    source, reason = read_reason(pdu)
    if source == 0 and reason:
        yield find("abort-reason-set", "body/reason", value=reason)
    suspect = suspects.get(id(stream.peer))
    latest = max(life.last.values(), key=lambda said: said.number, default=None)
    theirs = life.last.get(id(stream.peer))
    if latest is None:
        return
    unread = find_unread(arrival, theirs)
    if source == PROVIDER and theirs is not None and scene.is_whole() and life.is_known() and not unread:
        yield from judge_reason(reason, theirs, life, suspect)
    accepted = sum(context.result == 0 for context in arrival.association.contexts.values())
    who = scene.name(stream)
    if latest.kind == ASSOCIATE_AC and latest.stream is stream.peer and suspect is None:
        proposed = len(arrival.association.contexts)
        yield find("aborted-at-once", who=who, accepted=accepted, proposed=proposed)
    else:
        words = list(tell_before(scene, arrival, latest, exchange, suspect))
        if unread and not suspect:
            words.insert(0, f"{scene.name(stream.peer)} had sent {unread} bytes more that are no complete PDU")
        yield find("abort-explained", who=who, why="; ".join(words))


def find_unread(arrival: Arrival, theirs: Said | None) -> int:
    """Count the bytes that came before an abort from its receiver, and are not a PDU yet, or are none."""
    stream, frame = arrival.pdu.stream.peer, arrival.pdu.frame
    start = theirs.pdu.stop if theirs is not None else 0
    first = stream.frames(start, start + 1)
    return stream.end - start if first and first[0] < frame else 0


def judge_reason(reason: int, theirs: Said, life: Life, suspect: Suspect | None) -> Iterator[Finding]:
    """Judge whether the reason of an abort fits what its sender has received."""
    text = ABORT_REASONS.get(reason, "")
    if life.error is not None or suspect is not None:
        return
    if reason == UNRECOGNISED and theirs.kind in PDU_NAMES:
        why = f"all PDUs that came from its peer have types of the standard, the last one, PDU {theirs.number}, too"
        yield find("abort-contradicts", "body/reason", reason=text, why=why)
    elif reason == UNEXPECTED and theirs.kind in PDU_NAMES and (theirs.kind != ASSOCIATE_RQ or theirs.stream.opened):
        why = f"the last PDU of its peer, the {theirs.name} of PDU {theirs.number}, is one that may come there"
        yield find("abort-contradicts", "body/reason", reason=text, why=why)


def tell_before(
    scene: Scene, arrival: Arrival, latest: Said, exchange: Exchange, suspect: Suspect | None
) -> Iterator[str]:
    """Tell what came before an abort, the likeliest cause first."""
    stream = arrival.pdu.stream
    silence = scene.measure(latest.frame, arrival.pdu.frame)
    if suspect is not None:
        said, codes = suspect
        yield f"before it {scene.name(said.stream)} broke a rule in PDU {said.number}: {', '.join(codes)}"
    for ours in (stream, stream.peer):
        waiting = exchange.list_open(ours)
        if waiting:
            first = waiting[0]
            seconds = scene.measure(first.said.frame, arrival.pdu.frame)
            named = f"{tell_message(first.message)} of PDU {first.said.number}"
            waited = f" for {seconds:.1f} s" if seconds >= LEAST_TOLD else ""
            yield f"{scene.name(ours)} had no final response{first.tell_pending()} to {named}{waited}"
    if silence >= LONG_SILENCE:
        idle = "" if exchange.list_open() else ", though nothing was outstanding"
        yield f"nothing was said for {silence:.1f} s{idle}"
    got = find_received(stream, arrival.pdu.start)
    lost = latest.stream is stream.peer and got is not None and got < latest.pdu.stop
    unread = ", which had not reached it" if lost else ""
    yield f"the last PDU before it is {latest.number}, {latest.tell()} from {scene.name(latest.stream)}{unread}"


def judge_reject(scene: Scene, arrival: Arrival, life: Life) -> Iterator[Finding]:
    """Explain an A-ASSOCIATE-RJ by the request, and by what its sender accepted elsewhere."""
    pdu, association = arrival.pdu, arrival.association
    body = pdu.stream.read(pdu.start + HEADER, min(pdu.start + HEADER + 4, pdu.stop))
    unasked = life.error is not None and life.error[0].pdu is pdu
    if len(body) < 4 or life.request is None or unasked or association.holed:
        return
    result, kind = body[1], (body[2], body[3])
    reason = REJECT_REASONS.get(kind[0], {}).get(kind[1])
    if reason is None or result not in REJECT_RESULTS:
        return
    transient = result == TRANSIENT or kind in ((PRESENTATION, 1), (PRESENTATION, 2))
    request = take_apart(life.request.pdu.read_whole())
    standard = [read_uid(item) for item in request.items("10H")] == [APPLICATION_CONTEXT]
    if request.whole and kind == NAME_UNSUPPORTED and standard:
        why = "the application context name of the request is DICOM's"
        yield find("reject-contradicts", "body/reason", reason=reason, why=why)
    elif request.whole and kind == VERSION_UNSUPPORTED and (read_number(request.body, "protocol-version") or 0) & 1:
        why = "the request has bit 0 of the protocol version set, as it must be"
        yield find("reject-contradicts", "body/reason", reason=reason, why=why)
    else:
        told = Later(lambda: tell_reject(scene.survey, association, kind))
        code = "rejected-transient" if transient else "reject-explained"
        yield find(code, "body/reason", reason=reason, why=told)


def tell_reject(survey: Survey, association: Association, kind: tuple[int, int]) -> str:
    """Tell what the capture holds that explains a rejection."""
    calling, called = association.calling.strip(), association.called.strip()
    if kind == CALLED_UNKNOWN:
        known = survey.list_titles(association)
        side = find_acceptor(association)[1]
        told = f"accepted associations as {enumerate_words(known)}" if known else "accepted none in this capture"
        return f"the called AE title was {called}; {side} {told}"
    if kind == CALLING_UNKNOWN:
        known = survey.list_callers(association)
        told = f"{called} accepted {enumerate_words(known)}" if known else f"{called} accepted nobody in this capture"
        return f"the calling AE title was {calling}; {told}"
    other = survey.find_acceptance(association)
    told = f"; {called} accepted {calling} in association {other}" if other is not None else ""
    classes = dict.fromkeys(call_shortly(each.abstract) for each in association.contexts.values() if each.abstract)
    wanted = f" for {enumerate_words(classes)}" if classes else ""
    return f"the request is from {calling} to {called}{wanted}{told}"


def judge_contexts(scene: Scene, order: list[int]) -> Iterator[Finding]:
    """Explain each presentation context that was refused; `order` has their IDs as the A-ASSOCIATE-AC has them."""
    association = scene.association
    accepted: dict[str, Context] = {}
    for each in association.contexts.values():
        if each.transfer:
            accepted.setdefault(each.abstract, each)
    for place, context_id in enumerate(order, 1):
        context = association.contexts.get(context_id)
        if context is None or not context.result or not context.offered:
            continue
        at = f"body/presentation-context.{place}"
        told = {
            "context": context_id,
            "abstract": call_shortly(context.abstract),
            "result": CONTEXT_RESULTS.get(context.result, f"result {context.result}"),
            "offered": enumerate_words(call_shortly(uid) for uid in context.offered),
        }
        other = accepted.get(context.abstract)
        if other is not None:
            yield find("class-split", at, other=other.context_id, transfer=call_shortly(other.transfer), **told)
        else:
            yield find("context-declined", at, elsewhere=make_elsewhere(scene, context), **told)


def make_elsewhere(scene: Scene, context: Context) -> Later:
    """Make what tells where the acceptor took the abstract syntax of a context that it refused."""
    abstract, association, survey = context.abstract, scene.association, scene.survey
    return Later(lambda: survey.tell_elsewhere(association, abstract))
