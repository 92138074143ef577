"""The PDUs of an association in their order, in: what breaks the rules of its life, out.

Those are PS3.8 7.1 to 7.3, 9.1 and 9.2. Both sides are followed through Table 9-10.
"""

from collections.abc import Iterator

from dissect.dicom.pdu import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    LOST,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    Pdu,
)
from dissect.notes import Finding, find
from dissect.receipts import find_received
from dissect.rules.scene import Said, Scene
from dissect.rules.states import (
    AWAITING_RQ,
    COLLIDED_ACCEPTOR,
    CONNECTING,
    ESTABLISHED,
    IDLE,
    PROTOCOL_ERRORS,
    RELEASED,
    RELEASING,
    SENT,
    UNKNOWN,
    Side,
)
from dissect.tcp.ends import find_ports

USUAL_PORTS = frozenset((104, 11112, 2761, 2762))
"""The ports for DICOM, and those for it over ISCL and TLS (PS3.8 9.1.1)."""

LAST_WORDS = frozenset((ASSOCIATE_RJ, RELEASE_RP, ABORT))
"""PDUs after which their sender only waits for the connection to be closed."""


class Life:
    """The states that both sides of an association go through."""

    __slots__ = ("_start", "due", "error", "last", "last_words", "release", "request", "scene", "sides")

    def __init__(self, scene: Scene) -> None:
        """Begin with a new connection, or within one of which the beginning was not seen."""
        self.scene = scene
        self.sides: dict[int, Side] = {}
        self.request: Said | None = None
        self.last: dict[int, Said] = {}
        """What each side said last."""
        self.last_words: dict[int, Said] = {}
        """The PDU with which each side ended the association."""
        self.release: dict[int, Said] = {}
        """The PDU with which each side asked for release."""
        self.error: tuple[Said, str] | None = None
        """The first PDU that the protocol does not allow, and what it breaks."""
        self.due = False
        """Whether its receiver has to abort."""
        self._start = 0
        """Where the peer of who begins stood in its stream before the association."""

    def is_known(self) -> bool:
        """Tell whether it is known of both sides in which state they are."""
        return all(side.state != UNKNOWN for side in self.sides.values())

    def has_ended(self, said: Said) -> bool:
        """Tell whether the sender of a PDU had ended the association before, or asked for its release."""
        key = id(said.stream)
        return key in self.last_words or (said.kind != ABORT and key in self.release)

    def may_flow(self) -> bool:
        """Tell whether both sides may send data, as far as is known."""
        return all(side.state in (ESTABLISHED, UNKNOWN) for side in self.sides.values())

    def _begin(self, first: Pdu) -> None:
        """Tell in which states the sides are before the first PDU."""
        connection = first.stream.connection
        opener = connection.syn_by or (first.stream if first.kind == ASSOCIATE_RQ else None)
        known = opener is not None and all(stream.opened for stream in connection.streams)
        asked = first.kind == ASSOCIATE_RQ and (first.start == 0 or not self.scene.first)
        whole = self.scene.first and known and not any(low == 0 for each in connection.streams for low, _ in each.gaps)
        if not self.scene.first:
            self._start = find_received(first.stream, first.start) or 0
        for stream in connection.streams:
            asks = stream is opener
            state = (CONNECTING if asks else AWAITING_RQ) if (whole or asked) and opener is not None else UNKNOWN
            self.sides[id(stream)] = Side(state, asks=asks)

    def lose(self) -> None:
        """Take into account that nobody knows what was said, or by one side alone."""
        for side in self.sides.values():
            side.state = UNKNOWN

    def go_on(self, said: Said) -> None:
        """Take a P-DATA-TF into account where both sides may send data, if it is later: no state changes."""
        before = self.last.get(id(said.stream))
        if before is None or before.number < said.number:
            self.last[id(said.stream)] = said

    def follow(self, said: Said) -> Iterator[Finding]:
        """Take a PDU into account, and give what it breaks."""
        if not self.sides:
            self._begin(said.pdu)
        if said.kind == LOST:
            self.lose()
            return
        if said.kind == ASSOCIATE_RQ:
            yield from self._judge_request(said)
            self._ask(said)
        elif said.kind == ASSOCIATE_AC and self.request is None and said.stream.connection.syn_by is None:
            self.sides[id(said.stream.peer)].asks = True
        found = self._send(said) if said.kind != ASSOCIATE_RQ else None
        if found is not None:
            yield found
        broken = found if found is not None and found.code != "release-collision" else None
        action = self._receive(said)
        if self.error is None and (broken is not None or (said.kind not in SENT and action in PROTOCOL_ERRORS)):
            self.error = said, broken.code if broken is not None else "pdu-type"
            self.due = action in PROTOCOL_ERRORS
        self._note(said, broken)

    def _send(self, said: Said) -> Finding | None:
        """Let the sender of a PDU send it, and tell what that breaks."""
        side = self.sides[id(said.stream)]
        was = side.state
        if side.send(said.kind):
            collides = said.kind == RELEASE_RQ and was == RELEASED
            return find("release-collision", number=self.release[id(said.stream.peer)].number) if collides else None
        if not self._is_overtaken(said):
            return self._accuse(said, was)
        self.lose()
        side.send(said.kind)
        return None

    def _receive(self, said: Said) -> str:
        """Let the receiver of a PDU receive it, and give the action that the table has for that."""
        ours, theirs = self.sides[id(said.stream)], self.sides[id(said.stream.peer)]
        early = self.last.get(id(said.stream.peer)) if said.kind == ASSOCIATE_RQ and self.request is None else None
        collides = said.kind == RELEASE_RQ and theirs.state == RELEASING
        action = theirs.receive(said.kind)
        if collides:
            theirs.state = theirs.collide()
        if early is not None and early.kind == ASSOCIATE_AC:  # what was captured first is the answer to this
            ours.state = theirs.state = ESTABLISHED
        return action

    def _is_overtaken(self, said: Said) -> bool:
        """Tell whether the sender of a PDU had received more by then than what stands before it in the capture."""
        peer = said.stream.peer
        known = self.last.get(id(peer))
        if known is None and not peer.opened:
            return True  # what it said first, the capture may lack
        got = find_received(said.stream, said.pdu.start)
        return got is not None and got > (known.pdu.stop if known is not None else self._start)

    def _note(self, said: Said, broken: Finding | None) -> None:
        """Remember what was said."""
        key = id(said.stream)
        self.last[key] = said
        if said.kind == ASSOCIATE_RQ and self.request is None:
            self.request = said
        if said.kind == RELEASE_RQ:
            self.release.setdefault(key, said)
        if said.kind in LAST_WORDS and (broken is None or broken.code == "release-order"):
            self.last_words.setdefault(key, said)

    def _judge_request(self, said: Said) -> Iterator[Finding]:
        """Judge when and where an A-ASSOCIATE-RQ came."""
        association, connection = self.scene.association, said.stream.connection
        if not self.scene.first:
            if said.pdu.start:  # else what came before it in the capture is its answer
                yield find("association-second", number=association.number - 1)
        elif connection.syn_by is not None and said.stream is not connection.syn_by:
            yield find("acceptor-first", name=said.name)
        if self.scene.first and all(stream.opened for stream in connection.streams):
            opened = connection.greeted or connection.started
            seconds = self.scene.measure(opened, min(said.frames, default=said.frame))
            if seconds > self.scene.artim:
                yield find("request-late", seconds=seconds, limit=self.scene.artim)
        port = find_ports(said.stream.key)[1]
        if port not in USUAL_PORTS and self.scene.first and connection.syn_by in (None, said.stream):
            yield find("port-unusual", port=port)

    def _ask(self, said: Said) -> None:
        """Let the sender of an A-ASSOCIATE-RQ send it, in whichever states both sides were."""
        side = self.sides[id(said.stream)]
        side.state = CONNECTING
        side.send(ASSOCIATE_RQ)
        side.asks = True
        self.sides[id(said.stream.peer)].state = AWAITING_RQ

    def _accuse(self, said: Said, state: int) -> Finding | None:
        """Tell what a PDU breaks that its sender may not send in its state."""
        key, kind, name, peer = id(said.stream), said.kind, said.name, id(said.stream.peer)
        if kind not in SENT or (kind == P_DATA and self._is_rejected()):
            return None  # of its type, or of its context, a note tells
        ended, who = self.last_words.get(key), self.scene.name(said.stream)
        release = self.release.get(key)
        if ended is not None:
            invalid = kind == ABORT and peer in self.last and self.last[peer].kind not in SENT  # AA-7
            found = find("pdu-after-end", name=name, who=who, last=ended.name, number=ended.number)
            return None if invalid else found
        if peer in self.last_words and not kind == RELEASE_RP == self.last_words[peer].kind:
            return None  # the other side has ended it: this was on its way
        if state in (CONNECTING, AWAITING_RQ, IDLE) and self.request is None:
            return find("first-not-request" if state == CONNECTING else "acceptor-first", name=name)
        if kind in (ASSOCIATE_AC, ASSOCIATE_RJ):
            asks = self.sides[key].asks
            why = "the requestor has sent it" if asks else "the association was answered before"
            return find("answer-unasked", name=name, why=why)
        if kind == RELEASE_RP:
            if state == COLLIDED_ACCEPTOR:
                return find("release-order")
            return find("release-unasked", who=who) if peer not in self.release else None
        if release is not None:
            return find("pdu-after-release", name=name, who=who, number=release.number)
        if kind in (P_DATA, RELEASE_RQ):
            return find("pdu-before-accept", name=name)
        return None

    def _is_rejected(self) -> bool:
        """Tell whether the association was rejected, and no more than that."""
        return self.scene.association.rejected and not self.scene.association.answered
