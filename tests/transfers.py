"""Conversations in which P-DATA-TF PDUs and fragments break a rule, and others that come near to it, by name."""

from collections.abc import Callable

from tests import build
from tests.breaches import (
    CT,
    FAILED,
    FILM_SESSION,
    FIND,
    MPPS,
    MR,
    MR_IMAGE_STORAGE,
    OTHER,
    PENDING,
    PERFORMED_STEP,
    PRINT,
    QUERY,
    STEP,
    Case,
    Conversation,
    Fields,
    Said,
    begin,
    create,
    created,
    echo,
    echoed,
    encode,
    expect,
    find,
    found,
    say,
    store,
    stored,
)
from tests.build import COMMAND, LAST, Talk

SIX = 6
"""What a PDU has besides the fragment of its only PDV: the PDV's length, context ID and control header."""


def store_in(*, size: int, limits: tuple[int, int] = (16384, 16384), count: int = 40_000) -> Conversation:
    """Store an object in PDUs of a length."""
    return begin(limits=limits).ask(store(1, count=count), size=size - SIX).reply(stored(1)).end()


def find_in(length: int, limits: tuple[int, int]) -> Conversation:
    """Ask for a C-FIND, with a match in a PDU of a length."""
    long = build.element(0x00104000, "LT", b" " * (length - SIX - len(QUERY) - 8))
    match = say(FIND, found(1, PENDING)[1], QUERY + long)
    asked = say(FIND, find(1)[1], QUERY + build.element(0x00104000, "LT", b""))
    return begin(limits=limits).ask(asked).reply(match, found(1)).end()


def split(said: Said, size: int) -> tuple[bytes, list[bytes]]:
    """Encode the command PDU of a message, and the PDUs of its data set."""
    command, *data = encode(said, size=size)
    return command, data


def announce(number: int) -> Said:
    """Make an N-CREATE-RSP that announces a data set."""
    context, fields, _ = say(MPPS, created(number)[1], announced=True)
    return context, fields, None


def join(*pdus: bytes) -> bytes:
    """Put the PDVs of PDUs in one."""
    return build.p_data(*(pdu[6:] for pdu in pdus))


IMAGE, IMAGE_DATA = split(store(1, count=400), 220)
SECOND, SECOND_DATA = split(store(2, OTHER, count=400, context=MR, sop_class=MR_IMAGE_STORAGE), 220)
WINDOW = build.async_window(2, 2)


def store_two(*pdus: bytes) -> Conversation:
    """Store two objects at a time, in two contexts, by these PDUs."""
    talk = begin(WINDOW, answered=[WINDOW]).request(*pdus)
    second = stored(2, OTHER, context=MR, sop_class=MR_IMAGE_STORAGE)
    return talk.reply(stored(1), second).end()


def act(*, announced: bool | None = None) -> Said:
    """Make an N-ACTION-RQ that prints a film session."""
    fields: Fields = {0x0003: FILM_SESSION, 0x0100: 0x0130, 0x0110: 1, 0x1001: STEP, 0x1008: 1}
    return say(PRINT, fields, announced=announced)


def acted() -> Said:
    """Make its N-ACTION-RSP."""
    fields: Fields = {0x0002: FILM_SESSION, 0x0100: 0x8130, 0x0120: 1, 0x0900: 0, 0x1000: STEP, 0x1008: 1}
    return say(PRINT, fields)


UPDATE: Fields = {0x0003: PERFORMED_STEP, 0x0100: 0x0120, 0x0110: 2, 0x1001: STEP}
UPDATED: Fields = {0x0002: PERFORMED_STEP, 0x0100: 0x8120, 0x0120: 2, 0x0900: 0, 0x1000: STEP}


BROKEN: dict[str, Callable[[], Case]] = {
    "too-long": lambda: expect(
        "pdu-too-long", 4, "requestor", "pdu-length",
        "PDU of 8194 bytes|the 8192 that the acceptor announced in frame 5",
        store_in(size=8194, limits=(16384, 8192), count=8128),
    ),
    "too-long-for-the-requestor": lambda: expect(
        "pdu-too-long", 6, "acceptor", "pdu-length",
        "PDU of 8194 bytes|the 8192 that the requestor announced in frame 4",
        find_in(8194, (8192, 16384)),
    ),
    "interleaved": lambda: expect(
        "interleaved", 5, "requestor", "pdv.1", "C-STORE-RQ ID=1|in PDU 4",
        store_two(IMAGE, IMAGE_DATA[0], SECOND, IMAGE_DATA[1], SECOND_DATA[0], *IMAGE_DATA[2:], *SECOND_DATA[1:]),
    ),
    "interleaved-before-the-data-set": lambda: expect(
        "interleaved", 4, "requestor", "pdv.1", "C-STORE-RQ ID=1|in PDU 3",
        store_two(IMAGE, SECOND, *IMAGE_DATA, *SECOND_DATA),
    ),
    "interleaved-with-a-whole": lambda: expect(
        "interleaved", 5, "requestor", "pdv.1", "C-STORE-RQ ID=1|in PDU 4",
        store_two(IMAGE, IMAGE_DATA[0], SECOND, *SECOND_DATA, *IMAGE_DATA[1:]),
    ),
    "context-changed": lambda: expect(
        "context-changed", 4, "requestor", "pdv.1", "without a command in its context",
        begin().request(*encode(say(MPPS, create(1)[1], announced=True)), build.p_data(build.pdv(CT, LAST, QUERY)))
        .reply(created(1, status=0x0110)).request(build.abort()).close(),
        also="operation-failed",
    ),
    "unannounced": lambda: expect(
        "data-unannounced", 4, "requestor", "pdv.1", "said that no data set follows",
        begin().request(*encode(act()), build.p_data(build.pdv(PRINT, LAST, QUERY))).reply(acted()).end(),
    ),
    "absent": lambda: expect(
        "data-absent", 8, "acceptor", "pdv.1", "announced a data set that never came",
        begin().ask(create(1)).reply(announce(1)).ask(say(MPPS, UPDATE, QUERY)).reply(say(MPPS, UPDATED)).end(),
    ),
    "absent-though-forbidden": lambda: expect(
        "data-set-forbidden", 5, "acceptor", "pdv.1/0000,0800", "C-STORE-RSP",
        begin().ask(store(1)).reply(say(CT, stored(1)[1], announced=True)).ask(store(2, OTHER))
        .reply(stored(2, OTHER)).end(),
    ),
    "absent-though-forbidden-at-the-end": lambda: expect(
        "data-set-forbidden", 5, "acceptor", "pdv.1/0000,0800", "C-STORE-RSP",
        begin().ask(store(1)).reply(say(CT, stored(1)[1], announced=True)).end(),
    ),
    "absent-though-forbidden-in-another-context": lambda: expect(
        "data-set-forbidden", 5, "acceptor", "pdv.1/0000,0800", "C-STORE-RSP",
        begin().ask(store(1)).reply(say(CT, stored(1)[1], announced=True)).ask(echo(2)).reply(echoed(2)).end(),
    ),
    "unfinished-at-the-release": lambda: expect(
        "message-unfinished", 6, "requestor", "", "the data set of C-STORE-RQ ID=1 never|in PDU 5",
        begin().request(IMAGE, *IMAGE_DATA[:-1]).end(),
    ),
    "unfinished-command": lambda: expect(
        "message-unfinished", 4, "requestor", "", "the command set of a message never|in PDU 3",
        begin().request(build.p_data(build.pdv(19, COMMAND, build.c_echo_rq()))).end(),
    ),
    "announced-and-released": lambda: expect(
        "message-unfinished", 4, "requestor", "", "the data set of C-STORE-RQ ID=1, which it announced, never|in PDU 3",
        begin().request(IMAGE).end(),
    ),
    "unfinished-at-the-end": lambda: expect(
        "message-unfinished", 6, "acceptor", "-", "the data set of N-CREATE-RSP ID=1 (Success) never|in PDU 6",
        begin().ask(create(1)).reply(announce(1)).answer(build.p_data(build.pdv(MPPS, 0, QUERY))).release(),
    ),
    "mixed": lambda: expect(
        "pdu-mixed", 5, "acceptor", "", "fragments of 2 messages in one PDU",
        begin().ask(find(1)).answer(join(*encode(found(1, PENDING)), *encode(found(1)))).end(),
    ),
    "command-and-data": lambda: expect(
        "command-and-data", 3, "requestor", "", "the command set and fragments of the data set",
        begin().request(join(*encode(store(1)))).reply(stored(1)).end(),
    ),
    "split": lambda: expect(
        "pdvs-split", 4, "requestor", "", "3 fragments of one data set in one PDU",
        begin().request(IMAGE, join(*IMAGE_DATA)).reply(stored(1)).end(),
    ),
    "split-command": lambda: expect(
        "pdvs-split", 3, "requestor", "", "2 fragments of one command set in one PDU",
        begin().request(join(*encode(echo(1), size=50))).reply(echoed(1)).end(),
    ),
    "small": lambda: expect(
        "pdus-small", 43, "requestor", "pdv.1", "a data set in 40 fragments of 1000 bytes|takes PDUs of 16384",
        begin().ask(store(1, count=39_940), size=1000).reply(stored(1)).end(),
    ),
    "empty": lambda: expect(
        "pdv-empty", 6, "requestor", "pdv.1", "without any byte of the message",
        begin().request(IMAGE, *IMAGE_DATA[:2], build.p_data(build.pdv(CT, 0, b"")), IMAGE_DATA[2]).reply(stored(1))
        .end(),
    ),
}  # fmt: skip


def end_early(status: int = FAILED) -> Conversation:
    """Refuse an object before its end, whereupon its sender ends the data set within an element."""
    command, data = split(store(1, count=40_000), 10_000)
    half = begin().request(command, *data[:2]).reply(stored(1, status=status))
    return half.request(build.p_data(build.pdv(CT, LAST, data[2][12:5000]))).end()


RIGHT: dict[str, Callable[[], tuple[Talk, ...]]] = {
    "as-long-as-may-be": lambda: (store_in(size=8192, limits=(16384, 8192)),),
    "longer-than-the-senders-own": lambda: (store_in(size=16384, limits=(4096, 16384)),),
    "without-limit": lambda: (store_in(size=60_000, limits=(16384, 0), count=100_000),),
    "found-as-long-as-may-be": lambda: (find_in(8192, (8192, 4096)),),
    "found-without-limit": lambda: (find_in(20_000, (0, 4096)),),
    "one-after-the-other": lambda: (store_two(IMAGE, *IMAGE_DATA, SECOND, *SECOND_DATA),),
    "turn-by-turn-of-both-sides": lambda: (
        begin().request(IMAGE, IMAGE_DATA[0]).reply(stored(1, status=FAILED)).request(*IMAGE_DATA[1:]).end(),
    ),
    "announced-and-there": lambda: (begin().ask(create(1)).reply(say(MPPS, created(1)[1], QUERY)).end(),),
    "not-announced-and-not-there": lambda: (begin().ask(act()).reply(acted()).end(),),
    "aborted-in-the-midst": lambda: (begin().request(IMAGE, IMAGE_DATA[0], build.abort()).close(),),
    "reset-in-the-midst": lambda: (begin().request(IMAGE, IMAGE_DATA[0]).reset(),),
    "the-capture-ends-in-the-midst": lambda: (begin().request(IMAGE, IMAGE_DATA[0]),),
    "one-message-a-pdu": lambda: (begin().ask(find(1)).reply(found(1, PENDING), found(1)).end(),),
    "refused-and-ended-early": lambda: (end_early(),),
}  # fmt: skip
