"""Conversations in which the life of an association breaks a rule, and others that come near to it, by name."""

from collections.abc import Callable

from tests import build
from tests.build import ACK, FIN, Talk

RQ, AC, RJ = build.associate_rq(), build.associate_ac(), build.associate_rj(1, 1, 3)
ASK, REPLY = build.release_rq(), build.release_rp()
[ECHO], [ECHOED] = build.message(1, build.c_echo_rq()), build.message(1, build.c_echo_rsp())
[AGAIN], [ANSWERED] = build.message(1, build.c_echo_rq(2)), build.message(1, build.c_echo_rsp(2))
USER_ABORT, PROVIDER_ABORT = build.abort(0, 0), build.abort(2, 2)
UNKNOWN = build.pdu(0x55, b"what?!")
SECOND = 1_000_000_000


def begin(talk: Talk | None = None) -> Talk:
    """Open a connection, and an association on it."""
    return (talk or Talk()).open().request(RQ).answer(AC)


def work(talk: Talk | None = None) -> Talk:
    """Begin an association, and verify it."""
    return begin(talk).request(ECHO).answer(ECHOED)


def end(talk: Talk) -> Talk:
    """Release an association as the requestor, and close the connection."""
    return talk.request(ASK).answer(REPLY).close()


def leave(talk: Talk) -> Talk:
    """Close the connection as the acceptor."""
    return talk.send(False, FIN | ACK).send(True, FIN | ACK).send(False, ACK)


def begin_late(seconds: int) -> Talk:
    """Begin an association some time after the connection."""
    return Talk().open().wait(seconds * SECOND).request(RQ).answer(AC)


def end_late(talk: Talk) -> Talk:
    """Release an association as the requestor, which the acceptor answers when it has sent what it has to."""
    return talk.request(ASK).answer(ECHOED).answer(REPLY).close()


def swap(talk: Talk, place: int) -> Talk:
    """Let a frame be captured after the one behind it, at the same time."""
    first, second = talk.frames[place : place + 2]
    talk.frames[place : place + 2] = [build.Frame(first.time_ns, second.data), build.Frame(first.time_ns, first.data)]
    return talk


# Each gives a conversation of its own, so that tests may take frames out of it.
STORIES: dict[str, Callable[[], Talk]] = {
    # sound ones, and near misses
    "sound": lambda: end(work()),
    "sound, released by the acceptor": lambda: leave(work().answer(ASK).request(REPLY)),
    "sound, rejected": lambda: Talk().open().request(RQ).answer(RJ).close(),
    "sound, aborted by the requestor": lambda: leave(work().request(USER_ABORT)),
    "sound, aborted by the acceptor": lambda: work().answer(USER_ABORT).close(),
    "sound, data of the other side after its release": lambda: end_late(begin().request(ECHO)),
    "sound, both ask for release": lambda: work().request(ASK).answer(ASK).request(REPLY).answer(REPLY).close(),
    "sound, both ask for release, the acceptor first": lambda: (
        work().answer(ASK).request(ASK).request(REPLY).answer(REPLY).close()
    ),
    "sound, data crosses an abort": lambda: begin().answer(USER_ABORT).request(ECHO).close(),
    "sound, an answer crosses an abort": lambda: leave(begin().request(ECHO).request(USER_ABORT).answer(ECHOED)),
    "sound, a release crosses an abort": lambda: work().answer(USER_ABORT).request(ASK).close(),
    "sound, a release response crosses an abort": lambda: leave(work().request(ASK, USER_ABORT).answer(REPLY)),
    "sound, an acceptance crosses an abort": lambda: leave(Talk().open().request(RQ, USER_ABORT).answer(AC)),
    "sound, a rejection crosses an abort": lambda: leave(Talk().open().request(RQ, USER_ABORT).answer(RJ)),
    "sound, both abort": lambda: leave(work().request(USER_ABORT).answer(USER_ABORT)),
    "sound, a late request": lambda: end(begin_late(29)),
    "sound, closed late": lambda: work().request(ASK).answer(REPLY).wait(29 * SECOND).close(),
    "sound, the error is aborted": lambda: work().request(UNKNOWN).answer(PROVIDER_ABORT).close(),
    "sound, the error is aborted behind an answer": lambda: (
        begin().request(ECHO, UNKNOWN).answer(ECHOED).answer(build.abort(2, 1)).close()
    ),
    "sound, answered late": lambda: end(Talk().open().request(RQ).wait(100 * SECOND).answer(AC)),
    "sound, cut by the capture": lambda: begin().request(ECHO[:-4]),
    "sound, cut by a reset": lambda: begin().request(ECHO[:-4]).reset(),
    "sound, cut by an abort": lambda: begin().request(ECHO[:-4]).answer(USER_ABORT).close(),
    "sound, the answer was captured before the request": lambda: swap(end(work()), 3),
    "sound, the rejection was captured before the request": lambda: swap(
        Talk().open().request(RQ).answer(RJ).close(), 3
    ),
    "sound, a release response was captured before its request": lambda: swap(end(work()), 7),
    "sound, data was captured before the answer": lambda: swap(end(work()), 4),
    "sound, the end was captured before the release response": lambda: swap(end(work()), 8),
    # the beginning
    "a second request": lambda: work().request(RQ).answer(PROVIDER_ABORT).close(),
    "a second request after the release": lambda: end(
        Talk().open().request(RQ).answer(AC).request(ASK).answer(REPLY).request(RQ).answer(AC)
    ),
    "data first": lambda: Talk().open().request(ECHO).answer(build.abort(0, 0)).close(),
    "a release first": lambda: Talk().open().request(ASK).answer(build.abort(0, 0)).close(),
    "an answer first": lambda: Talk().open().request(AC).answer(build.abort(0, 0)).close(),
    "the acceptor first, with data": lambda: leave(Talk().open().answer(ECHO).request(USER_ABORT)),
    "the acceptor first, with an acceptance": lambda: end(
        Talk().open().answer(AC).wait(SECOND).request(RQ, ECHO).answer(ECHOED)
    ),
    "the acceptor first, with an acceptance alone": lambda: leave(Talk().open().answer(AC)),
    "the acceptor asks": lambda: leave(Talk().open().answer(RQ).request(USER_ABORT)),
    "accepted twice": lambda: leave(begin().answer(AC).request(PROVIDER_ABORT)),
    "accepted and rejected": lambda: leave(begin().answer(RJ).request(PROVIDER_ABORT)),
    "rejected and accepted": lambda: Talk().open().request(RQ).answer(RJ, AC).close(),
    "accepted by the requestor": lambda: Talk().open().request(RQ, AC).answer(PROVIDER_ABORT).close(),
    "rejected by the requestor": lambda: begin().request(RJ).answer(PROVIDER_ABORT).close(),
    "data before the acceptance": lambda: end(Talk().open().request(RQ, ECHO).wait(SECOND).answer(AC, ECHOED)),
    "data before the rejection": lambda: Talk().open().request(RQ, ECHO).wait(SECOND).answer(RJ).close(),
    "a release before the acceptance": lambda: (
        Talk().open().request(RQ, ASK).wait(SECOND).answer(PROVIDER_ABORT).close()
    ),
    "data of the acceptor before the acceptance": lambda: leave(
        Talk().open().request(RQ).answer(ECHO).request(PROVIDER_ABORT)
    ),
    "a late request": lambda: end(begin_late(31)),
    "unanswered, closed by the acceptor": lambda: leave(Talk().open().request(RQ).wait(5 * SECOND)),
    "unanswered, closed by the requestor": lambda: Talk().open().request(RQ).wait(5 * SECOND).close(),
    "unanswered, reset": lambda: Talk().open().request(RQ).reset(by_requestor=False),
    "another port": lambda: end(work(Talk(acceptor=("10.0.0.2", 4242)))),
    # the release
    "data after the release": lambda: work().request(ASK, AGAIN).answer(PROVIDER_ABORT).close(),
    "a second release": lambda: work().request(ASK, ASK).answer(PROVIDER_ABORT).close(),
    "data after both asked for release": lambda: (
        work().request(ASK).answer(ASK).request(AGAIN).answer(PROVIDER_ABORT).close()
    ),
    "data after the response": lambda: begin().request(ECHO, ASK).answer(REPLY, ECHOED).close(),
    "data after the abort": lambda: begin().request(ECHO).answer(USER_ABORT, ECHOED).close(),
    "data after the rejection": lambda: Talk().open().request(RQ).answer(RJ, ECHO).close(),
    "an abort after the response": lambda: work().request(ASK).answer(REPLY, USER_ABORT).close(),
    "a second abort": lambda: leave(work().request(USER_ABORT, USER_ABORT)),
    "a response unasked": lambda: work().request(REPLY).answer(PROVIDER_ABORT).close(),
    "a response of the acceptor unasked": lambda: leave(work().answer(REPLY).request(PROVIDER_ABORT)),
    "a response to its own request": lambda: work().request(ASK, REPLY).answer(PROVIDER_ABORT).close(),
    "a response before the acceptance": lambda: leave(Talk().open().request(RQ).answer(REPLY).request(PROVIDER_ABORT)),
    "a second response": lambda: work().request(ASK).answer(REPLY, REPLY).close(),
    "a response to a response": lambda: work().request(ASK).answer(REPLY).request(REPLY).close(),
    "a release unanswered, closed by its sender": lambda: work().request(ASK).close(),
    "a release unanswered, closed by the other": lambda: leave(work().request(ASK)),
    "a release unanswered, reset by its sender": lambda: work().request(ASK).reset(),
    "a release unanswered, reset by the other": lambda: work().request(ASK).reset(by_requestor=False),
    "a release of the acceptor unanswered": lambda: work().answer(ASK).close(),
    "both ask for release, the acceptor answers first": lambda: leave(
        work().request(ASK).answer(ASK, REPLY).request(REPLY)
    ),
    "both ask for release, nobody answers": lambda: work().request(ASK).answer(ASK).close(),
    "both ask for release, the requestor alone answers": lambda: work().request(ASK).answer(ASK).request(REPLY).close(),
    # the end
    "closed by the requestor": lambda: work().close(),
    "closed by the acceptor": lambda: leave(work()),
    "reset by the requestor": lambda: work().reset(),
    "reset by the acceptor": lambda: work().reset(by_requestor=False),
    "closed late after a release": lambda: work().request(ASK).answer(REPLY).wait(31 * SECOND).close(),
    "closed late after a rejection": lambda: Talk().open().request(RQ).answer(RJ).wait(31 * SECOND).close(),
    "closed late after an abort": lambda: leave(work().request(USER_ABORT).wait(31 * SECOND)),
    "closed by who answered": lambda: leave(work().request(ASK).answer(REPLY)),
    "closed by who rejected": lambda: leave(Talk().open().request(RQ).answer(RJ)),
    "closed by who aborted": lambda: work().request(USER_ABORT).close(),
    "an error not aborted": lambda: end(work().request(UNKNOWN).answer(b"").request(AGAIN).answer(ANSWERED)),
    "an error not aborted, but closed": lambda: leave(work().request(UNKNOWN)),
    "a response unasked, not aborted": lambda: end(work().request(REPLY).request(AGAIN).answer(ANSWERED)),
    "a second acceptance, not aborted": lambda: end(begin().answer(AC).request(ECHO).answer(ECHOED)),
    "an error whose sender leaves": lambda: work().request(UNKNOWN).close(),
    "an error whose answer was on its way": lambda: begin().request(ECHO, UNKNOWN).answer(ECHOED).reset(),
    "an abort on a request after the release": lambda: (
        work().request(ASK).answer(REPLY).request(UNKNOWN).answer(PROVIDER_ABORT).close()
    ),
    "a PDU cut by its sender": lambda: begin().request(ECHO[:-4]).close(),
    "closed by the requestor within an answer": lambda: begin().request(ECHO).answer(ECHOED[:-4]).send(True, FIN | ACK),
    "closed by the acceptor within a request": lambda: begin().request(ECHO[:-4]).send(False, FIN | ACK),
    "a PDU cut by the acceptor": lambda: leave(begin().request(ECHO).answer(ECHOED[:-4])),
    "a request cut by its sender": lambda: Talk().open().request(RQ[:-4]).close(),
}
