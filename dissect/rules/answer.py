"""An A-ASSOCIATE-AC and the request it answers, in: the rules that it breaks, out (PS3.8 7.1.1.14, PS3.7 D.3.3)."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.node import Node
from dissect.notes import Finding, find
from dissect.rules.associate import (
    ROLES,
    Parts,
    call,
    index_contexts,
    is_whole,
    read_id,
    read_number,
    read_syntaxes,
    read_uid,
    tell_more,
)
from dissect.rules.forms import find_fault
from dissect.rules.userinfo import judge_strays

ECHOED = {
    "called-ae-title": ("the called AE title", slice(10, 26)),
    "calling-ae-title": ("the calling AE title", slice(26, 42)),
    "reserved.2": ("the reserved bytes", slice(42, 74)),
}
"""What an answer has from the request (PS3.8 Table 9-17), and where it stands."""

NAMES = (1, 2)
"""The types of user identity that are a user's name (PS3.7 Table D.3-14)."""


def judge_results(pdu: Parts, request: Parts | None) -> Iterator[Finding]:
    """Find the rules that the results of presentation contexts break."""
    proposed = index_contexts(request, "20H") if request else {}
    results = index_contexts(pdu, "21H")
    if request and pdu.whole and not pdu.items("20H"):
        absent = [number for number in proposed if number not in results]
        if absent:
            yield find("result-absent", count=len(absent), total=len(proposed), value=absent[0])
    for number, items in results.items():
        if request and number not in proposed:
            yield pdu.tell("result-unasked", items[0], value=number)
        if len(items) > 1 and len(proposed.get(number, ())) == 1:
            yield pdu.tell("context-id-repeated", items[1], value=number, count=len(items))
        for item in items:
            yield from judge_result(pdu, item, proposed.get(number, []))
    codes = [read_number(item, "result") for item in pdu.items("21H")]
    if codes and pdu.whole and all(codes):
        yield find("nothing-accepted", count=len(codes))


def judge_result(pdu: Parts, item: Node, proposed: list[Node]) -> Iterator[Finding]:
    """Find what is wrong with the transfer syntax of an accepted context (PS3.8 9.3.3.2)."""
    if read_number(item, "result") != 0 or not is_whole(item):
        return
    transfers = read_syntaxes(item, "40H")
    what = ""
    if len(transfers) != 1:
        what = f"with {len(transfers)} transfer syntaxes" if transfers else "without a transfer syntax"
    elif len(proposed) == 1 and not find_fault(transfers[0]):
        offered = read_syntaxes(proposed[0], "40H")
        if offered and transfers[0] not in offered:
            what = f"with {call(transfers[0])}, which was not proposed for it"
    if what:
        yield pdu.tell("result-syntax", item, value=read_id(item), what=what)


def judge_echo(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find fields that are not as in the request (PS3.8 9.3.3)."""
    if min(len(pdu.data), len(request.data)) < ECHOED["reserved.2"][1].stop:
        return
    changed = {key: name for key, (name, at) in ECHOED.items() if pdu.data[at] != request.data[at]}
    if changed:
        place = next(iter(changed))
        yield find("titles-changed", f"body/{place}", names=" and ".join(changed.values()))


def judge_replies(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find sub-items of the user information that do not answer those of the request."""
    yield from judge_window(pdu, request)
    yield from judge_roles(pdu, request)
    yield from judge_silence(pdu, request)
    for tag, code in (("54H", "role-unasked"), ("56H", "extended-unasked")):
        yield from judge_strays(pdu, tag, code, {read_uid(item) for item in request.subs(tag)})
    yield from judge_response(pdu, request)


def judge_window(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find an asynchronous operations window that is wider than the one asked for (PS3.7 D.3.3.3)."""
    asked = request.subs("53H")
    for item in pdu.subs("53H")[:1]:
        if not asked:
            yield pdu.tell("async-unasked", item)
            return
        for name in ("invoked", "performed"):
            key = f"maximum-number-operations-{name}"
            value, limit = read_number(item, key), read_number(asked[0], key)
            if limit and value is not None and (value == 0 or value > limit):  # 0 is unlimited
                yield pdu.tell("async-exceeds", item, value=value or "unlimited", name=name, limit=limit)
                return


def judge_roles(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find roles that are accepted but were not proposed (PS3.7 D.3.3.4)."""
    proposed: dict[str, set[str]] = {}
    for item in request.subs("54H"):
        proposed.setdefault(read_uid(item), set()).update(key for key in ROLES if read_number(item, key))
    for item in pdu.subs("54H"):
        uid = read_uid(item)
        roles = proposed.get(uid, set(ROLES))
        for key, name in ROLES.items():
            if read_number(item, key) == 1 and key not in roles:
                yield pdu.tell("role-exceeds", item, name=name, value=call(uid))
                break


def judge_silence(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find that the role SCP was proposed for a class that is accepted, and not answered (PS3.7 D.3.3.4)."""
    accepted = {read_id(item) for item in pdu.items("21H") if read_number(item, "result") == 0}
    classes = {uid for item in request.items("20H") if read_id(item) in accepted for uid in read_syntaxes(item, "30H")}
    answered = {read_uid(item) for item in pdu.subs("54H")}
    wanted = dict.fromkeys(read_uid(item) for item in request.subs("54H") if read_number(item, "scp-role") == 1)
    silent = [uid for uid in wanted if uid in classes and uid not in answered]
    if silent and pdu.whole:
        more = tell_more(len(silent) - 1, "nor", "SOP class", "SOP classes")
        yield pdu.tell("role-unanswered", pdu.user, value=call(silent[0]), more=more)


def judge_response(pdu: Parts, request: Parts) -> Iterator[Finding]:
    """Find a response to the user identity where none is due, and none where one is (PS3.7 D.3.3.7)."""
    asked = request.subs("58H")[:1]
    wanted = read_number(asked[0], "response-requested") if asked else 0
    responses = pdu.subs("59H")[:1]
    if responses and not wanted:
        yield pdu.tell("identity-unasked", responses[0])
    elif responses:
        kind, size = read_number(asked[0], "type"), read_number(responses[0], "server-response-length")
        if kind in NAMES and size:
            yield pdu.tell("identity-response", responses[0], count=tell(size, "byte"), kind=kind)
    elif wanted and pdu.whole:
        yield pdu.tell("identity-unanswered", pdu.user)
