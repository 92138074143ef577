"""The states of both sides: the table held to pynetdicom's, and every legal life walked through."""

import pytest
from pynetdicom.fsm import ACTIONS, TRANSITION_TABLE

from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, LOST, P_DATA, RELEASE_RP, RELEASE_RQ
from dissect.rules.states import (
    ANSWERED_ACCEPTOR,
    ANSWERED_REQUESTOR,
    AWAITING_ANSWER,
    AWAITING_RQ,
    AWAITING_USER,
    COLLIDED_ACCEPTOR,
    COLLIDED_REQUESTOR,
    CONNECTING,
    ENDING,
    ESTABLISHED,
    IDLE,
    NEXT,
    PROTOCOL_ERRORS,
    RECEIVED,
    RELEASED,
    RELEASING,
    SENT,
    STATES,
    TABLE,
    UNKNOWN,
    Side,
)

RQ, AC, RJ, DATA, ASK, REPLY = ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP
REQUESTOR, ACCEPTOR = True, False

Step = tuple[bool, int, int, int]
"""Whether the requestor sends, what it sends, and the states of requestor and acceptor after that."""

OPENING: list[Step] = [
    (REQUESTOR, RQ, AWAITING_ANSWER, AWAITING_USER),
    (ACCEPTOR, AC, ESTABLISHED, ESTABLISHED),
    (REQUESTOR, DATA, ESTABLISHED, ESTABLISHED),
    (ACCEPTOR, DATA, ESTABLISHED, ESTABLISHED),
]
LIVES: dict[str, list[Step]] = {
    "released by the requestor": [
        *OPENING,
        (REQUESTOR, ASK, RELEASING, RELEASED),
        (ACCEPTOR, DATA, RELEASING, RELEASED),
        (ACCEPTOR, REPLY, IDLE, ENDING),
    ],
    "released by the acceptor": [
        *OPENING,
        (ACCEPTOR, ASK, RELEASED, RELEASING),
        (REQUESTOR, DATA, RELEASED, RELEASING),
        (REQUESTOR, REPLY, ENDING, IDLE),
    ],
    "rejected": [OPENING[0], (ACCEPTOR, RJ, IDLE, ENDING)],
    "aborted before the answer": [OPENING[0], (REQUESTOR, ABORT, ENDING, IDLE)],
    "aborted in place of the answer": [OPENING[0], (ACCEPTOR, ABORT, IDLE, ENDING)],
    "aborted by the requestor": [*OPENING, (REQUESTOR, ABORT, ENDING, IDLE)],
    "aborted by the acceptor": [*OPENING, (ACCEPTOR, ABORT, IDLE, ENDING)],
    "aborted in place of the release": [
        *OPENING,
        (REQUESTOR, ASK, RELEASING, RELEASED),
        (ACCEPTOR, ABORT, IDLE, ENDING),
    ],
    "aborted by both": [*OPENING, (REQUESTOR, ABORT, ENDING, IDLE), (ACCEPTOR, ABORT, IDLE, ENDING)],
    "both ask for release, the requestor first": [
        *OPENING,
        (REQUESTOR, ASK, RELEASING, RELEASED),
        (ACCEPTOR, ASK, COLLIDED_REQUESTOR, COLLIDED_ACCEPTOR),
        (REQUESTOR, REPLY, ANSWERED_REQUESTOR, ANSWERED_ACCEPTOR),
        (ACCEPTOR, REPLY, IDLE, ENDING),
    ],
    "both ask for release, the acceptor first": [
        *OPENING,
        (ACCEPTOR, ASK, RELEASED, RELEASING),
        (REQUESTOR, ASK, COLLIDED_REQUESTOR, COLLIDED_ACCEPTOR),
        (REQUESTOR, REPLY, ANSWERED_REQUESTOR, ANSWERED_ACCEPTOR),
        (ACCEPTOR, REPLY, IDLE, ENDING),
    ],
}


def test_the_table_is_pynetdicoms() -> None:
    ours = {(f"Evt{event}", f"Sta{state}"): action for event, row in TABLE.items() for state, action in row.items()}
    assert ours == {cell: action.replace("_", "-") for cell, action in TRANSITION_TABLE.items()}


def test_each_action_leads_where_pynetdicom_says() -> None:
    theirs = {action.replace("_", "-"): state for action, (_, _, state) in ACTIONS.items()}
    assert set(theirs) == {*NEXT, "AR-8"}
    for action, state in NEXT.items():
        first = theirs[action] if isinstance(theirs[action], str) else theirs[action][0]  # AE-6 may reject at once
        assert first == f"Sta{state}", action
    assert theirs["AR-8"] == (f"Sta{COLLIDED_REQUESTOR}", f"Sta{COLLIDED_ACCEPTOR}")
    assert theirs["AE-6"] == (f"Sta{AWAITING_USER}", f"Sta{ENDING}")


def take(sides: dict[bool, Side], sender: bool, kind: int) -> tuple[bool, str]:
    """Let one side send a PDU to the other; tell whether it may, and what the other has to do."""
    allowed = sides[sender].send(kind)
    action = sides[not sender].receive(kind)
    if kind == ASK and sides[not sender].state == RELEASING:
        sides[not sender].state = sides[not sender].collide()
    return allowed, action


def start() -> dict[bool, Side]:
    """Give both sides as they are when the connection is open."""
    return {REQUESTOR: Side(CONNECTING, asks=True), ACCEPTOR: Side(AWAITING_RQ, asks=False)}


@pytest.mark.parametrize("life", LIVES.values(), ids=list(LIVES))
def test_no_step_of_a_legal_life_is_refused(life: list[Step]) -> None:
    sides = start()
    for sender, kind, *states in life:
        if kind == ABORT and sides[sender].state == IDLE:
            break  # both aborted at the same time: what is on its way is no one's error
        allowed, action = take(sides, sender, kind)
        assert allowed
        assert action not in PROTOCOL_ERRORS
        assert [sides[REQUESTOR].state, sides[ACCEPTOR].state] == states


@pytest.mark.parametrize("life", LIVES.values(), ids=list(LIVES))
@pytest.mark.parametrize("late", range(1, 6))
def test_no_step_of_a_legal_life_is_refused_to_whom_it_was_not_followed_from_the_start(
    life: list[Step], late: int
) -> None:
    sides = {REQUESTOR: Side(UNKNOWN, asks=True), ACCEPTOR: Side(UNKNOWN, asks=False)}
    for sender, kind, *_ in life[late:]:
        if kind == ABORT and sides[sender].state == IDLE:
            break
        allowed, action = take(sides, sender, kind)
        assert allowed
        assert action not in PROTOCOL_ERRORS


@pytest.mark.parametrize("kind", [*SENT, LOST, 0x55])
def test_what_nothing_is_known_of_may_send_and_receive_anything(kind: int) -> None:
    side, peer = Side(UNKNOWN, asks=True), Side(UNKNOWN, asks=False)
    assert side.send(kind)
    assert peer.receive(kind) == ""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", SENT)
def test_a_side_may_send_what_the_table_has_an_action_for(state: int, kind: int) -> None:
    side = Side(state, asks=True)
    due = state in TABLE[SENT[kind]] or (kind == RELEASE_RQ and state == RELEASED)
    due = due or (kind == ABORT and state == AWAITING_RQ)
    assert side.send(kind) == due


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", [*RECEIVED, 0x08, 0xFF])
def test_a_side_has_to_abort_where_the_table_says_so(state: int, kind: int) -> None:
    side = Side(state, asks=True)
    action = side.receive(kind)
    assert action == TABLE[RECEIVED.get(kind, 19)].get(state, "")
    if action in PROTOCOL_ERRORS or not action:
        assert side.state == state  # whether it does is seen when it does
