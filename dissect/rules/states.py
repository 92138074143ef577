"""PDUs in the order in which they were sent, in: the state of both sides, and which PDU none of them allows, out.

Table 9-10 of PS3.8 9.2.3 stands here as data. A capture shows no primitives, but each PDU that a side sends tells of
one, so that both sides can be followed.
"""

from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, P_DATA, RELEASE_RP, RELEASE_RQ

UNKNOWN = 0
"""The state of a side of which the capture lacks something that it sent or received."""
IDLE, AWAITING_RQ, AWAITING_USER, CONNECTING, AWAITING_ANSWER, ESTABLISHED = range(1, 7)
RELEASING, RELEASED, COLLIDED_REQUESTOR, COLLIDED_ACCEPTOR, ANSWERED_REQUESTOR, ANSWERED_ACCEPTOR, ENDING = range(7, 14)
"""Sta1 to Sta13 (PS3.8 Tables 9-1 to 9-5)."""

STATES = range(1, 14)
RUNNING = (3, 5, 6, 7, 8, 9, 10, 11, 12)
"""The states in which an association is, or is being established or released."""


def fill(action: str, *others: tuple[int, str], states: tuple[int, ...] = RUNNING) -> dict[int, str]:
    """Make a row of the table: an action for most states, and others for some."""
    return {**dict.fromkeys(states, action), **dict(others)}


TABLE: dict[int, dict[int, str]] = {
    1: {1: "AE-1"},
    2: {4: "AE-2"},
    3: fill("AA-8", (2, "AA-1"), (5, "AE-3"), (13, "AA-6")),
    4: fill("AA-8", (2, "AA-1"), (5, "AE-4"), (13, "AA-6")),
    5: {1: "AE-5"},
    6: fill("AA-8", (2, "AE-6"), (13, "AA-7")),
    7: {3: "AE-7"},
    8: {3: "AE-8"},
    9: {6: "DT-1", 8: "AR-7"},
    10: fill("AA-8", (2, "AA-1"), (6, "DT-2"), (7, "AR-6"), (13, "AA-6")),
    11: {6: "AR-1"},
    12: fill("AA-8", (2, "AA-1"), (6, "AR-2"), (7, "AR-8"), (13, "AA-6")),
    13: fill("AA-8", (2, "AA-1"), (7, "AR-3"), (10, "AR-10"), (11, "AR-3"), (13, "AA-6")),
    14: {8: "AR-4", 9: "AR-9", 12: "AR-4"},
    15: fill("AA-1", (4, "AA-2")),
    16: fill("AA-3", (2, "AA-2"), (13, "AA-2")),
    17: fill("AA-4", (2, "AA-5"), (4, "AA-4"), (13, "AR-5")),
    18: {2: "AA-2", 13: "AA-2"},
    19: fill("AA-8", (2, "AA-1"), (13, "AA-7")),
}
"""The action for each event and state (PS3.8 Table 9-10); where there is none, the event cannot happen."""

NEXT = {
    "AE-1": 4, "AE-2": 5, "AE-3": 6, "AE-4": 1, "AE-5": 2, "AE-6": 3, "AE-7": 6, "AE-8": 13, "DT-1": 6, "DT-2": 6,
    "AR-1": 7, "AR-2": 8, "AR-3": 1, "AR-4": 13, "AR-5": 1, "AR-6": 7, "AR-7": 8, "AR-9": 11, "AR-10": 12,
    "AA-1": 13, "AA-2": 1, "AA-3": 1, "AA-4": 1, "AA-5": 1, "AA-6": 13, "AA-7": 13, "AA-8": 13,
}  # fmt: skip
"""The state after an action (PS3.8 Tables 9-6 to 9-9); AR-8 leads the requestor to Sta9 and the acceptor to Sta10."""

RECEIVED = {
    ASSOCIATE_AC: 3, ASSOCIATE_RJ: 4, ASSOCIATE_RQ: 6, P_DATA: 10, RELEASE_RQ: 12, RELEASE_RP: 13, ABORT: 16,
}  # fmt: skip
"""The event of receiving a PDU of each type; 19 for any other."""
SENT = {ASSOCIATE_RQ: 2, ASSOCIATE_AC: 7, ASSOCIATE_RJ: 8, P_DATA: 9, RELEASE_RQ: 11, RELEASE_RP: 14, ABORT: 15}
"""The event that makes a side send a PDU of each type."""
INVALID = 19

PROTOCOL_ERRORS = frozenset(("AA-1", "AA-8"))
"""The actions on what should not have come: to send an A-ABORT."""


class Side:
    """One side of an association, and the state that it is in."""

    __slots__ = ("asks", "state")

    def __init__(self, state: int, *, asks: bool) -> None:
        """Begin in a state; `asks` for the requestor."""
        self.state = state
        self.asks = asks

    def send(self, kind: int) -> bool:
        """Let it send a PDU; tell whether it may, in the state that it is in."""
        if self.state == UNKNOWN:
            self.state = GUESSED.get(kind, UNKNOWN)
            return True
        action = TABLE[SENT[kind]].get(self.state) if kind in SENT else None
        if kind == RELEASE_RQ and self.state == RELEASED:
            self.state = self.collide()  # both were on their way (PS3.8 9.2.1, AR-8)
            return True
        if kind == ABORT:
            allowed = action is not None or self.state == AWAITING_RQ  # AA-1 on what should not have come
            self.state = ENDING
            return allowed
        if action is not None:
            self.state = NEXT[action]
        return action is not None

    def receive(self, kind: int) -> str:
        """Let it receive a PDU; give the action that the table has for that, '' where its state is not known."""
        if self.state == UNKNOWN:
            self.state = GUESSED_PEER.get(kind, UNKNOWN)
            return ""
        action = TABLE[RECEIVED.get(kind, INVALID)].get(self.state, "")
        if action == "AR-8":
            self.state = self.collide()
        elif action and action not in PROTOCOL_ERRORS:  # whether it aborts is seen when it does
            self.state = NEXT[action]
        return action

    def collide(self) -> int:
        """Give the state after both sides have asked for release."""
        return COLLIDED_REQUESTOR if self.asks else COLLIDED_ACCEPTOR


GUESSED = {ASSOCIATE_RQ: AWAITING_ANSWER, ASSOCIATE_AC: ESTABLISHED, ASSOCIATE_RJ: ENDING, ABORT: ENDING}
"""The state that a side is in after it sent a PDU, whatever it was in before.

Those of a release are not among them: the other side may have asked for it too, before the capture began.
"""
GUESSED_PEER = {ASSOCIATE_RQ: AWAITING_USER, ASSOCIATE_AC: ESTABLISHED, ASSOCIATE_RJ: IDLE, ABORT: IDLE}
"""The state that a side is in after it received a PDU, whatever it was in before."""
