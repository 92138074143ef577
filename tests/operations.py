"""Conversations in which messages and operations break a rule, and others that come near to it, by name."""

from collections.abc import Callable

from tests import build
from tests.breaches import (
    CANCELED,
    CT,
    ENHANCED_CT_STORAGE,
    FAILED,
    FILM_SESSION,
    FIND,
    INSTANCE,
    MPPS,
    MR,
    MR_IMAGE_STORAGE,
    OTHER,
    PATIENT_ROOT_GET,
    PENDING,
    PRINT,
    QUERY,
    REPORTER,
    STEP,
    STEP_PUSH,
    UPS,
    Case,
    Conversation,
    Fields,
    begin,
    begin_again,
    cancel,
    commit,
    committing,
    create,
    created,
    echo,
    echoed,
    encode,
    expect,
    find,
    found,
    get,
    gotten,
    move,
    moved,
    report,
    reported,
    say,
    store,
    stored,
    update,
    updated,
)
from tests.build import CT_IMAGE_STORAGE, Talk
from tests.lives import SECOND, leave

TWO = build.async_window(2, 2)
SCP = build.role_selection(CT_IMAGE_STORAGE, 1, 1)
QUERIED = build.role_selection(PATIENT_ROOT_GET, 1, 1)
LARGE = 40_000


def start_move(number: int = 1) -> Conversation:
    """Ask for a C-MOVE, and get no response yet."""
    return begin().ask(move(number))


def start_early(status: int) -> Talk:
    """Answer a C-STORE after the first half of its data set."""
    *half, rest = encode(store(1, count=LARGE), size=LARGE // 2)
    return begin(limits=(0, 0)).request(*half).reply(stored(1, status=status)).request(rest).end()


def create_session(number: int, context: int = PRINT, sop_class: str = FILM_SESSION) -> Talk:
    """Create a film session in a context, and have it created."""
    talk = begin()
    talk.ask(say(context, {0x0002: sop_class, 0x0100: 0x0140, 0x0110: number, 0x1000: STEP}))
    answer: Fields = {0x0002: sop_class, 0x0100: 0x8140, 0x0120: number, 0x0900: 0, 0x1000: STEP}
    return talk.reply(say(context, answer)).end()


def retrieve(*responses: tuple[int, ...]) -> Talk:
    """Ask for a C-MOVE, and get these responses: status, and remaining, completed, failed, warning."""
    return begin().ask(move(1)).reply(*(moved(1, *each) for each in responses)).end()


def get_object(*asked: bytes, answered: tuple[bytes, ...] = ()) -> Talk:
    """Ask for a C-GET, with one sub-operation."""
    talk = begin(*asked, answered=answered).ask(get(5)).reply(store(1)).ask(stored(1))
    return talk.reply(gotten(5, 0, -1, 1, 0, 0)).end()


def move_objects(*originators: Fields, told: int = 1) -> tuple[Talk, Talk]:
    """Ask for a C-MOVE, with sub-operations in another association that name these originators."""
    asking = begin().ask(move(7))
    storing = begin_again(asking, requestor="10.0.0.2", port=11112, calling="ACCEPTOR")
    for number, originator in enumerate(originators, 1):
        instance = f"{INSTANCE}.{number}"
        storing.ask(store(number, instance, originator=originator)).reply(stored(number, instance))
    storing.end()
    asking.wait(3 * SECOND)
    return asking.reply(moved(7, 0, -1, told, 0, 0)).end(), storing


BY_MOVE: Fields = {0x1030: "REQUESTOR", 0x1031: 7}


BROKEN: dict[str, Callable[[], Case]] = {
    "id-used": lambda: expect(
        "message-id-used", 5, "requestor", "pdv.1/0000,0110", "message ID 1|C-STORE-RQ ID=1 (PDU 3)",
        begin(TWO, answered=[TWO]).ask(store(1), store(1, OTHER)).reply(stored(1), stored(1, OTHER)).end(),
    ),
    "id-used-answered-in-turn": lambda: expect(
        "message-id-used", 5, "requestor", "pdv.1/0000,0110", "message ID 1|C-STORE-RQ ID=1 (PDU 3)",
        begin(TWO, answered=[TWO]).ask(store(1), store(1, OTHER)).reply(stored(1, OTHER), stored(1)).end(),
    ),
    "id-again": lambda: expect(
        "message-id-again", 6, "requestor", "pdv.1/0000,0110", "message ID 1|C-STORE|finished in PDU 5",
        begin().ask(store(1)).reply(stored(1)).ask(echo(1)).reply(echoed(1)).ask(echo(1)).reply(echoed(1)).end(),
    ),
    "window": lambda: expect(
        "window", 5, "requestor", "pdv.1", "2 operations of the requestor|where 1 may be",
        begin().ask(store(1), store(2, OTHER)).reply(stored(1), stored(2, OTHER)).end(),
    ),
    "window-of-two": lambda: expect(
        "window", 5, "requestor", "pdv.1", "3 operations of the requestor|where 2 may be",
        begin(TWO, answered=[TWO]).ask(echo(1), echo(2), echo(3)).reply(echoed(1), echoed(2), echoed(3)).end(),
    ),
    "window-not-answered": lambda: expect(
        "window", 4, "requestor", "pdv.1", "2 operations of the requestor|where 1 may be",
        begin(TWO).ask(echo(1), echo(2)).reply(echoed(1), echoed(2)).end(),
    ),
    "window-of-acceptor": lambda: expect(
        "window", 7, "acceptor", "pdv.1", "2 operations of the acceptor|where 1 may be",
        begin(build.async_window(2, 1), SCP, answered=[build.async_window(2, 1), SCP]).ask(get(1))
        .reply(store(1), store(2, OTHER)).ask(stored(1), stored(2, OTHER)).reply(gotten(1, 0, -1, 2, 0, 0)).end(),
    ),
    "cancel-of-nothing": lambda: expect(
        "cancel-stray", 3, "requestor", "pdv.1/0000,0120", "message ID 9|no operation",
        begin().ask(cancel(9)).end(),
    ),
    "cancel-of-a-store": lambda: expect(
        "cancel-stray", 5, "requestor", "pdv.1/0000,0120", "message ID 1|C-STORE:",
        begin().ask(store(1), cancel(1, CT)).reply(stored(1)).end(),
    ),
    "cancel-of-the-peers": lambda: expect(
        "cancel-stray", 5, "acceptor", "pdv.1/0000,0120", "message ID 1|no operation",
        begin().ask(find(1)).reply(cancel(1), found(1)).end(),
    ),
    "cancel-ignored": lambda: expect(
        "cancel-ignored", 12, "acceptor", "pdv.1/0000,0900", "2 more responses|C-CANCEL of PDU 7",
        begin().ask(find(1)).reply(found(1, PENDING)).ask(cancel(1))
        .reply(found(1, PENDING), found(1, PENDING), found(1)).end(),
    ),
    "cancel-ignored-twice": lambda: expect(
        "cancel-ignored", 15, "acceptor", "pdv.1/0000,0900", "3 more responses|C-CANCEL of PDU 7",
        begin().ask(find(1)).reply(found(1, PENDING)).ask(cancel(1)).reply(found(1, PENDING), found(1, PENDING))
        .ask(cancel(1)).reply(found(1, PENDING), found(1)).end(),
    ),
    "unanswered-and-cancelled": lambda: expect(
        "operation-unanswered", 3, "acceptor", "-", "C-FIND-RQ ID=1|but 2 pending ones",
        begin().ask(find(1)).reply(found(1, PENDING)).ask(cancel(1)).reply(found(1, PENDING)).wait(60 * SECOND)
        .request(build.abort()).close(),
    ),
    "response-kind": lambda: expect(
        "response-kind", 5, "acceptor", "pdv.1/0000,0100", "C-ECHO-RSP|message ID 1|C-STORE-RQ ID=1 (PDU 3)",
        begin().ask(store(1)).reply((CT, echoed(1)[1], None)).end(),
    ),
    "response-kind-then-right": lambda: expect(
        "response-kind", 5, "acceptor", "pdv.1/0000,0100", "C-ECHO-RSP|message ID 1|C-STORE-RQ ID=1 (PDU 3)",
        begin().ask(store(1)).reply((CT, echoed(1)[1], None)).reply(stored(1)).end(),
    ),
    "response-unasked": lambda: expect(
        "response-unasked", 3, "acceptor", "pdv.1/0000,0120", "C-ECHO-RSP|message ID 5|no request has",
        begin().reply(echoed(5)).end(),
    ),
    "response-to-another-id": lambda: expect(
        "response-unasked", 5, "acceptor", "pdv.1/0000,0120",
        "C-STORE-RSP|message ID 2|no request has; C-STORE-RQ ID=1 waits for one",
        begin().ask(store(1)).reply(stored(2)).reply(stored(1)).end(),
    ),
    "response-to-oneself": lambda: expect(
        "response-unasked", 4, "requestor", "pdv.1/0000,0120", "C-ECHO-RSP|message ID 1",
        begin().ask(echo(1), echoed(1)).reply(echoed(1)).end(),
    ),
    "response-after-final": lambda: expect(
        "response-after-final", 6, "acceptor", "pdv.1/0000,0120", "message ID 1|that C-FIND had its final one in PDU 5",
        begin().ask(find(1)).reply(found(1), found(1)).end(),
    ),
    "pending-after-final": lambda: expect(
        "response-after-final", 6, "acceptor", "pdv.1/0000,0120", "message ID 1|that C-FIND had its final one in PDU 5",
        begin().ask(find(1)).reply(found(1), found(1, PENDING)).end(),
    ),
    "pending": lambda: expect(
        "pending-status", 5, "acceptor", "pdv.1/0000,0900", "the response to a C-STORE, which has one response",
        begin().ask(store(1)).reply(stored(1, status=PENDING)).end(),
    ),
    "pending-before-the-final": lambda: expect(
        "pending-status", 5, "acceptor", "pdv.1/0000,0900", "the response to a C-STORE, which has one response",
        begin().ask(store(1)).reply(stored(1, status=PENDING), stored(1)).end(),
    ),
    "response-context": lambda: expect(
        "response-context", 5, "acceptor", "pdv.1", "presentation context 17|PDU 3) in 1",
        begin().ask(store(1)).reply(stored(1, context=MR)).end(),
    ),
    "response-class": lambda: expect(
        "response-class", 5, "acceptor", "pdv.1/0000,0002", "MR Image Storage|PDU 3) about CT Image Storage",
        begin().ask(store(1)).reply(stored(1, sop_class=MR_IMAGE_STORAGE)).end(),
    ),
    "response-instance": lambda: expect(
        "response-instance", 5, "acceptor", "pdv.1/0000,1000", f"instance {OTHER}|PDU 3) about {INSTANCE}",
        begin().ask(store(1)).reply(stored(1, OTHER)).end(),
    ),
    "response-instance-of-a-set": lambda: expect(
        "response-instance", 8, "acceptor", "pdv.1/0000,1000", f"instance {OTHER}|PDU 6) about {STEP}",
        begin().ask(create(1)).reply(created(1)).ask(update(2))
        .reply(say(MPPS, {**updated(2)[1], 0x1000: OTHER})).end(),
    ),
    "response-type": lambda: expect(
        "response-type", 5, "acceptor", "pdv.1/0000,1008", "type 2|PDU 3) about 1",
        begin().ask(commit(1)).reply(committing(1, action=2)).reply(report(1)).ask(reported(1)).end(),
    ),
    "response-type-of-an-event": lambda: expect(
        "response-type", 8, "requestor", "pdv.1/0000,1002", "type 3|PDU 6) about 1",
        begin().ask(commit(1)).reply(committing(1)).reply(report(1))
        .ask(say(11, {**reported(1)[1], 0x1002: 3})).end(),
    ),
    "success-early": lambda: expect(
        "response-early", 6, "acceptor", "pdv.1/0000,0900", "success|before the end of C-STORE-RQ ID=1",
        start_early(0),
    ),
    "warning-early": lambda: expect(
        "response-early", 6, "acceptor", "pdv.1/0000,0900", "warning|before the end of C-STORE-RQ ID=1",
        start_early(0xB000),
    ),
    "unanswered": lambda: expect(
        "operation-unanswered", 3, "acceptor", "-", "C-ECHO-RQ ID=1 had no final response, for 60.0 s|aborted",
        begin().ask(echo(1)).wait(60 * SECOND).request(build.abort()).close(),
    ),
    "unanswered-but-pending": lambda: expect(
        "operation-unanswered", 3, "acceptor", "-", "C-FIND-RQ ID=1|but 1 pending ones",
        begin().ask(find(1)).reply(found(1, PENDING)).wait(60 * SECOND).request(build.abort()).close(),
    ),
    "unanswered-and-closed-late": lambda: expect(
        "operation-unanswered", 3, "acceptor", "-", "C-ECHO-RQ ID=1 had no final response, for 60.0 s|closed",
        begin().ask(echo(1)).wait(60 * SECOND).close(), also="closed-without-release",
    ),
    "unanswered-and-closed": lambda: expect(
        "operation-unanswered", 3, None, "-", "C-ECHO-RQ ID=1 had no final response, for 5.0 s|the requestor closed",
        begin().ask(echo(1)).wait(5 * SECOND).close(), also="closed-without-release",
    ),
    "unanswered-and-closed-by-the-other": lambda: expect(
        "operation-unanswered", 3, "acceptor", "-", "for 5.0 s|the acceptor closed",
        leave(begin().ask(echo(1)).wait(5 * SECOND)), also="closed-without-release",
    ),
    "failed": lambda: expect(
        "operation-failed", 5, None, "pdv.1/0000,0900", "C-STORE of CT Image Storage|A700H, Refused: Out of Resources",
        begin().ask(store(1)).reply(stored(1, status=FAILED)).end(),
    ),
    "failed-at-last": lambda: expect(
        "operation-failed", 7, None, "pdv.1/0000,0900", "C-FIND of Patient Root|status C001H",
        begin().ask(find(1)).reply(found(1, PENDING), found(1, 0xC001)).end(),
    ),
    "class-context": lambda: expect(
        "class-context", 3, "requestor", "pdv.1/0000,0002", "MR Image Storage|context 1, which is for CT Image Storage",
        begin().ask(store(1, sop_class=MR_IMAGE_STORAGE)).reply(stored(1, sop_class=MR_IMAGE_STORAGE)).end(),
    ),
    "class-context-requested": lambda: expect(
        "class-context", 3, "requestor", "pdv.1/0000,0003", "Study|context 3, which is for Patient Root",
        begin().ask(say(FIND, {0x0003: "1.2.840.10008.5.1.4.1.2.2.1", 0x0100: 0x0110, 0x0110: 1, 0x1001: STEP}))
        .reply(say(FIND, {0x0100: 0x8110, 0x0120: 1, 0x0900: 0x0122})).end(),
        also="operation-failed",
    ),
    "class-in-print": lambda: expect(
        "class-context", 3, "requestor", "pdv.1/0000,0002", "Color Image Box|Grayscale Print Management Meta",
        create_session(1, sop_class="1.2.840.10008.5.1.1.4.1"),
    ),
    "class-related-to-another": lambda: expect(
        "class-context", 3, "requestor", "pdv.1/0000,0002", "Enhanced CT|CT Image Storage",
        begin(build.common_extended_negotiation(ENHANCED_CT_STORAGE, "1.2.840.10008.4.2", [MR_IMAGE_STORAGE]))
        .ask(store(1, sop_class=ENHANCED_CT_STORAGE)).reply(stored(1, sop_class=ENHANCED_CT_STORAGE)).end(),
    ),
    "role-of-store": lambda: expect(
        "role", 3, "acceptor", "pdv.1", "C-STORE-RQ from the acceptor|not SCU of CT Image Storage",
        begin().reply(store(1)).ask(stored(1)).end(),
    ),
    "role-of-get": lambda: expect(
        "role", 5, "acceptor", "pdv.1", "C-STORE-RQ from the acceptor|sub-operation of the peer's C-GET",
        get_object(), also="get-role",
    ),
    "role-not-answered": lambda: expect(
        "role", 5, "acceptor", "pdv.1", "C-STORE-RQ from the acceptor|sub-operation of the peer's C-GET",
        get_object(SCP), also="get-role",
    ),
    "get-without-role": lambda: expect(
        "get-role", 3, "requestor", "pdv.1", "the requestor asks for a C-GET|SCP of no storage class",
        begin().ask(get(1)).reply(gotten(1)).end(),
    ),
    "get-with-a-role-not-answered": lambda: expect(
        "get-role", 3, "requestor", "pdv.1", "the requestor asks for a C-GET|SCP of no storage class",
        begin(SCP).ask(get(1)).reply(gotten(1)).end(),
    ),
    "get-with-the-role-of-the-query-alone": lambda: expect(
        "get-role", 3, "requestor", "pdv.1", "the requestor asks for a C-GET|SCP of no storage class",
        begin(QUERIED, answered=[QUERIED]).ask(get(1)).reply(gotten(1)).end(),
    ),
    "role-of-report": lambda: expect(
        "role", 3, "requestor", "pdv.1", "N-EVENT-REPORT-RQ from the requestor|not SCP of Storage Commitment",
        begin().ask(report(1)).reply(reported(1)).end(),
    ),
    "move-same-association": lambda: expect(
        "move-same-association", 5, "acceptor", "pdv.1", "C-MOVE-RQ ID=1 (PDU 3)",
        start_move().reply(store(1)).ask(stored(1)).reply(moved(1, 0, -1, 1, 0, 0)).end(),
    ),
    "originator-without-number": lambda: expect(
        "originator", 3, "requestor", "pdv.1/0000,1030", "AE title WORKSTATION without the message ID",
        begin().ask(store(1, originator={0x1030: "WORKSTATION"})).reply(stored(1)).end(),
    ),
    "originator-without-title": lambda: expect(
        "originator", 3, "requestor", "pdv.1/0000,1031", "message ID 7 without the AE title",
        begin().ask(store(1, originator={0x1031: 7})).reply(stored(1)).end(),
    ),
    "originator-of-another-id": lambda: expect(
        "originator", 7, "requestor", "pdv.1/0000,1031", "REQUESTOR and message ID 8, which no C-MOVE has",
        *move_objects({0x1030: "REQUESTOR", 0x1031: 8}),
    ),
    "created-nameless": lambda: expect(
        "created-instance", 5, "acceptor", "pdv.1", "N-CREATE of PDU 3",
        begin().ask(create(1, "")).reply(created(1, "")).end(),
    ),
    "counts-fall": lambda: expect(
        "counts", 6, "acceptor", "pdv.1/0000,1021", "completed 1 after 2",
        retrieve((PENDING, 3, 2, 0, 0), (PENDING, 2, 1, 0, 2), (0xB000, -1, 3, 0, 2)),
    ),
    "counts-rise": lambda: expect(
        "counts", 6, "acceptor", "pdv.1/0000,1020", "remaining 3 after 2",
        retrieve((PENDING, 2, 0, 0, 0), (PENDING, 3, 1, 0, 0), (0, -1, 4, 0, 0)),
    ),
    "counts-total": lambda: expect(
        "counts", 6, "acceptor", "pdv.1/0000,1020", "4 sub-operations in all, after 5",
        retrieve((PENDING, 5, 0, 0, 0), (PENDING, 3, 1, 0, 0), (0, -1, 4, 0, 0)),
    ),
    "counts-fall-and-total": lambda: expect(
        "counts", 6, "acceptor", "pdv.1/0000,1021", "completed 1 after 2",
        retrieve((PENDING, 3, 2, 0, 0), (PENDING, 2, 1, 0, 3), (PENDING, 1, 2, 0, 3), (0xB000, -1, 3, 0, 3)),
    ),
    "counts-remain": lambda: expect(
        "counts", 6, "acceptor", "pdv.1/0000,1020", "remaining 1 in a final response",
        retrieve((PENDING, 2, 0, 0, 0), (0, 1, 1, 0, 0)),
    ),
    "success-with-failures": lambda: expect(
        "counts-status", 5, "acceptor", "pdv.1/0000,0900", "success|1 failed",
        retrieve((0, -1, 1, 1, 0)),
    ),
    "warning-without": lambda: expect(
        "counts-status", 5, "acceptor", "pdv.1/0000,0900", "B000H|none failed",
        retrieve((0xB000, -1, 2, 0, 0)),
    ),
    "counts-observed": lambda: expect(
        "counts-observed", 12, "acceptor", "-", "tells of 3 sub-operations|holds 1", *move_objects(BY_MOVE, told=3)
    ),
    "instance-again": lambda: expect(
        "instance-again", 6, "requestor", "pdv.1/0000,1000", f"instance {INSTANCE}|in PDU 3",
        begin().ask(store(1)).reply(stored(1)).ask(store(2)).reply(stored(2)).end(),
    ),
}  # fmt: skip


def store_twice(first: int = 0, *, port: int = 104) -> tuple[Talk, Talk]:
    """Store an instance, with a status, and again in another association at a port."""
    once = begin().ask(store(1)).reply(stored(1, status=first)).end()
    return once, begin_again(once, port=port).ask(store(1)).reply(stored(1)).end()


def report_from_requestor() -> tuple[Talk, Talk]:
    """Answer a request for storage commitment on an association of its own."""
    asking = begin().ask(commit(1)).reply(committing(1)).end()
    answering = begin_again(asking, requestor="10.0.0.2", asked=[REPORTER], answered=[REPORTER])
    return asking, answering.ask(report(1)).reply(reported(1)).end()


def set_step(sop_class: str, context: int) -> Talk:
    """Change a unified procedure step in a context."""
    talk = begin().ask(say(context, {0x0003: sop_class, 0x0100: 0x0130, 0x0110: 1, 0x1001: STEP, 0x1008: 1}, QUERY))
    return talk.reply(say(context, {0x0100: 0x8130, 0x0120: 1, 0x0900: 0, 0x1000: STEP, 0x1008: 1})).end()


RIGHT: dict[str, Callable[[], tuple[Talk, ...]]] = {
    "window-kept": lambda: (
        begin(TWO, answered=[TWO]).ask(echo(1), echo(2)).reply(echoed(2), echoed(1)).end(),
    ),
    "window-without-limit": lambda: (
        begin(build.async_window(0, 0), answered=[build.async_window(0, 0)])
        .ask(*map(echo, range(1, 9))).reply(*map(echoed, range(1, 9))).end(),
    ),
    "both-sides-ask": lambda: (get_object(SCP, answered=(SCP,)),),
    "the-same-id-of-both-sides": lambda: (
        begin(SCP, answered=[SCP]).ask(get(1)).reply(store(1)).ask(stored(1)).reply(gotten(1, 0, -1, 1, 0, 0)).end(),
    ),
    "cancel": lambda: (
        begin().ask(find(1)).reply(found(1, PENDING)).ask(cancel(1))
        .reply(found(1, PENDING), found(1, CANCELED)).end(),
    ),
    "cancel-at-once": lambda: (begin().ask(find(1)).ask(cancel(1)).reply(found(1)).end(),),
    "cancel-crosses-the-final-response": lambda: (
        begin().ask(find(1)).reply(found(1, PENDING), found(1)).ask(cancel(1)).end(),
    ),
    "response-without-class": lambda: (
        begin().ask(store(1)).reply(say(CT, {0x0100: 0x8001, 0x0120: 1, 0x0900: 0})).end(),
    ),
    "response-names-what-was-created": lambda: (begin().ask(create(1, "")).reply(created(1)).end(),),
    "creation-fails": lambda: (begin().ask(create(1, "")).reply(created(1, "", 0x0110)).end(),),
    "refusal-early": lambda: (start_early(FAILED),),
    "abort-at-once": lambda: (begin().ask(echo(1)).request(build.abort()).close(),),
    "acceptor-aborts": lambda: (begin().ask(echo(1)).wait(60 * SECOND).answer(build.abort(2, 0)).close(),),
    "print": lambda: (create_session(1),),
    "related-class": lambda: (
        begin(build.common_extended_negotiation(ENHANCED_CT_STORAGE, "1.2.840.10008.4.2", [CT_IMAGE_STORAGE]))
        .ask(store(1, sop_class=ENHANCED_CT_STORAGE)).reply(stored(1, sop_class=ENHANCED_CT_STORAGE)).end(),
    ),
    "unified-step": lambda: (set_step(STEP_PUSH, UPS),),
    "report-on-the-same-association": lambda: (
        begin().ask(commit(1)).reply(committing(1), report(1)).ask(reported(1)).end(),
    ),
    "report-before-the-response": lambda: (
        begin().ask(commit(1)).reply(report(1)).ask(reported(1)).reply(committing(1)).end(),
    ),
    "report-on-another-association": report_from_requestor,
    "sub-operations-elsewhere": lambda: move_objects(BY_MOVE, BY_MOVE, told=2),
    "sub-operations-without-originator": lambda: move_objects({}, {}, told=5),
    "originator-of-no-move": lambda: (
        begin().ask(store(1, originator={0x1030: "WORKSTATION", 0x1031: 4})).reply(stored(1)).end(),
    ),
    "counts": lambda: (
        retrieve((PENDING, 2, 1, 0, 0), (PENDING, 1, 1, 1, 0), (PENDING, 0, 1, 1, 1), (0xB000, -1, 1, 1, 1)),
    ),
    "counts-absent": lambda: (retrieve((PENDING,), (PENDING, 2), (0,)),),
    "counts-canceled": lambda: (retrieve((PENDING, 2, 1, 0, 0), (CANCELED, 2, 1, 0, 0)),),
    "warnings-alone": lambda: (retrieve((0xB000, -1, 1, 0, 1)),),
    "success-without-counts": lambda: (retrieve((0,)),),
    "get-with-role": lambda: (begin(SCP, answered=[SCP]).ask(get(1)).reply(gotten(1)).end(),),
    "stored-elsewhere": lambda: store_twice(port=11112),
    "stored-after-a-refusal": lambda: store_twice(FAILED),
}  # fmt: skip
