"""The PDUs of an association and the end of its connection, in: what breaks the rules of its life, out.

Those are PS3.8 7.1 to 7.3, 9.1 and 9.2. Both sides are followed through Table 9-10.
"""

from collections.abc import Iterator

from dissect.notes import Finding, find
from dissect.pdu import (
    ABORT,
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    ASSOCIATE_RQ,
    HEADER,
    LOST,
    P_DATA,
    RELEASE_RP,
    RELEASE_RQ,
    Pdu,
)
from dissect.receipts import find_closer, find_received, lacks_end
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
from dissect.streams import Connection, Stream

USUAL_PORTS = frozenset((104, 11112, 2761, 2762))
"""The ports for DICOM, and those for it over ISCL and TLS (PS3.8 9.1.1)."""

ON_ITS_WAY = 5.0
"""Seconds after which nobody sends what was on its way before it read what came from its peer."""

LAST_WORDS = frozenset((ASSOCIATE_RJ, RELEASE_RP, ABORT))
"""PDUs after which their sender only waits for the connection to be closed."""


class Life:
    """The states that both sides of an association go through."""

    __slots__ = ("_due", "_error", "_last", "_release", "_request", "_scene", "_sides", "_start", "_words")

    def __init__(self, scene: Scene) -> None:
        """Begin with a new connection, or within one of which the beginning was not seen."""
        self._scene = scene
        self._sides: dict[int, Side] = {}
        self._request: Said | None = None
        self._last: dict[int, Said] = {}
        """What each side said last."""
        self._words: dict[int, Said] = {}
        """The PDU with which each side ended the association."""
        self._release: dict[int, Said] = {}
        """The PDU with which each side asked for release."""
        self._error: tuple[Said, str] | None = None
        """The first PDU that the protocol does not allow, and what it breaks."""
        self._start = 0
        """Where the peer of who begins stood in its stream before the association."""
        self._due = False
        """Whether its receiver has to abort."""

    @property
    def request(self) -> Said | None:
        """Give the A-ASSOCIATE-RQ."""
        return self._request

    @property
    def last(self) -> dict[int, Said]:
        """Give what each side said last."""
        return self._last

    @property
    def error(self) -> tuple[Said, str] | None:
        """Give the first PDU that the protocol does not allow, and the code of the rule that it breaks."""
        return self._error

    def may_flow(self) -> bool:
        """Tell whether both sides may send data, as far as is known."""
        return all(side.state in (ESTABLISHED, UNKNOWN) for side in self._sides.values())

    def _begin(self, first: Pdu) -> None:
        """Tell in which states the sides are before the first PDU."""
        connection = first.stream.connection
        opener = connection.syn_by or (first.stream if first.kind == ASSOCIATE_RQ else None)
        known = opener is not None and all(stream.opened for stream in connection.streams)
        asked = first.kind == ASSOCIATE_RQ and (first.start == 0 or not self._scene.first)
        whole = self._scene.first and known and not any(low == 0 for each in connection.streams for low, _ in each.gaps)
        if not self._scene.first:
            self._start = find_received(first.stream, first.start) or 0
        for stream in connection.streams:
            asks = stream is opener
            state = (CONNECTING if asks else AWAITING_RQ) if (whole or asked) and opener is not None else UNKNOWN
            self._sides[id(stream)] = Side(state, asks=asks)

    def lose(self) -> None:
        """Take into account that nobody knows what was said, or by one side alone."""
        for side in self._sides.values():
            side.state = UNKNOWN

    def go_on(self, said: Said) -> None:
        """Take a P-DATA-TF into account where both sides may send data: no state changes."""
        self._last[id(said.stream)] = said

    def follow(self, said: Said) -> Iterator[Finding]:
        """Take a PDU into account, and give what it breaks."""
        if not self._sides:
            self._begin(said.pdu)
        if said.kind == LOST:
            self.lose()
            return
        if said.kind == ASSOCIATE_RQ:
            yield from self._judge_request(said)
        found = self._send(said) if said.kind != ASSOCIATE_RQ else None
        if found is not None:
            yield found
        broken = found if found is not None and found.code != "release-collision" else None
        action = self._receive(said)
        if self._error is None and (broken is not None or (said.kind not in SENT and action in PROTOCOL_ERRORS)):
            self._error = said, broken.code if broken is not None else "pdu-type"
            self._due = action in PROTOCOL_ERRORS
        self._note(said, broken)

    def _send(self, said: Said) -> Finding | None:
        """Let the sender of a PDU send it, and tell what that breaks."""
        side = self._sides[id(said.stream)]
        was = side.state
        if side.send(said.kind):
            collides = said.kind == RELEASE_RQ and was == RELEASED
            return find("release-collision", number=self._release[id(said.stream.peer)].number) if collides else None
        if not self._is_overtaken(said):
            return self._accuse(said, was)
        self.lose()
        side.send(said.kind)
        return None

    def _receive(self, said: Said) -> str:
        """Let the receiver of a PDU receive it, and give the action that the table has for that."""
        ours, theirs = self._sides[id(said.stream)], self._sides[id(said.stream.peer)]
        early = self._last.get(id(said.stream.peer)) if said.kind == ASSOCIATE_RQ and self._request is None else None
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
        known = self._last.get(id(peer))
        if known is None and not peer.opened:
            return True  # what it said first, the capture may lack
        got = find_received(said.stream, said.pdu.start)
        return got is not None and got > (known.pdu.stop if known is not None else self._start)

    def _note(self, said: Said, broken: Finding | None) -> None:
        """Remember what was said."""
        key = id(said.stream)
        self._last[key] = said
        if said.kind == ASSOCIATE_RQ and self._request is None:
            self._request = said
        if said.kind == RELEASE_RQ:
            self._release.setdefault(key, said)
        if said.kind in LAST_WORDS and (broken is None or broken.code == "release-order"):
            self._words.setdefault(key, said)

    def _judge_request(self, said: Said) -> Iterator[Finding]:
        """Judge when and where an A-ASSOCIATE-RQ came, and let its sender send it."""
        association, connection = self._scene.association, said.stream.connection
        if not self._scene.first:
            if said.pdu.start:  # else what came before it in the capture is its answer
                yield find("association-second", number=association.number - 1)
        elif connection.syn_by is not None and said.stream is not connection.syn_by:
            yield find("acceptor-first", name=said.name)
        if self._scene.first and all(stream.opened for stream in connection.streams):
            opened = connection.greeted or connection.started
            seconds = self._scene.measure(opened, min(said.frames, default=said.frame))
            if seconds > self._scene.artim:
                yield find("request-late", seconds=seconds, limit=self._scene.artim)
        port = int.from_bytes(said.stream.key[-2:], "big")
        if port not in USUAL_PORTS and self._scene.first and connection.syn_by in (None, said.stream):
            yield find("port-unusual", port=port)
        side = self._sides[id(said.stream)]
        side.state = CONNECTING
        side.send(ASSOCIATE_RQ)
        side.asks = True
        self._sides[id(said.stream.peer)].state = AWAITING_RQ

    def _accuse(self, said: Said, state: int) -> Finding | None:
        """Tell what a PDU breaks that its sender may not send in its state."""
        key, kind, name, peer = id(said.stream), said.kind, said.name, id(said.stream.peer)
        if kind not in SENT or (kind == P_DATA and self._is_rejected()):
            return None  # of its type, or of its context, a note tells
        words, who = self._words.get(key), self._scene.name(said.stream)
        release = self._release.get(key)
        if words is not None:
            invalid = kind == ABORT and peer in self._last and self._last[peer].kind not in SENT  # AA-7
            found = find("pdu-after-end", name=name, who=who, last=words.name, number=words.number)
            return None if invalid else found
        if peer in self._words and not kind == RELEASE_RP == self._words[peer].kind:
            return None  # the other side has ended it: this was on its way
        if state in (CONNECTING, AWAITING_RQ, IDLE) and self._request is None:
            return find("first-not-request" if state == CONNECTING else "acceptor-first", name=name)
        if kind in (ASSOCIATE_AC, ASSOCIATE_RJ):
            asks = self._sides[key].asks
            why = "the requestor has sent it" if asks else "the association was answered before"
            return find("answer-unasked", name=name, why=why)
        if kind == RELEASE_RP:
            if state == COLLIDED_ACCEPTOR:
                return find("release-order")
            return find("release-unasked", who=who) if peer not in self._release else None
        if release is not None:
            return find("pdu-after-release", name=name, who=who, number=release.number)
        if kind in (P_DATA, RELEASE_RQ):
            return find("pdu-before-accept", name=name)
        return None

    def _is_rejected(self) -> bool:
        """Tell whether the association was rejected, and no more than that."""
        return self._scene.association.rejected and not self._scene.association.answered

    # The end of the connection

    def finish(self, connection: Connection, *, last: bool) -> Iterator[tuple[Finding, Said, Stream | None]]:
        """Give what the end of the connection shows, with the PDU it is about and who is to blame."""
        end = connection.fin or connection.reset
        if end is not None and lacks_end(connection, end):
            return
        yield from self._judge_abort()
        if not last or not self._last:
            return
        if end is not None and self._scene.is_whole() and not connection.given_up:
            how = "closed" if connection.fin else "reset"
            yield from self._judge_end(find_closer(connection, end), how, end.frame)
        yield from self._judge_closing(connection)

    def _judge_abort(self) -> Iterator[tuple[Finding, Said, Stream | None]]:
        """Judge whether who received what the protocol does not allow aborted."""
        if self._error is None or not self._due or not self._scene.is_whole():
            return
        said, code = self._error
        if code == "pdu-before-accept":
            return  # it may have been read after the A-ASSOCIATE-AC was sent
        receiver = said.stream.peer
        latest, words = self._last.get(id(receiver)), self._words.get(id(said.stream))
        if latest is not None and (latest.kind == ABORT or self._has_aborted(receiver)):
            return
        ends = [each for each in (receiver.connection.fin, receiver.connection.reset) if each is not None]
        heard = max(said.frames, default=said.frame)  # what no PDU follows is known to be one only at the end
        left = any(find_closer(receiver.connection, end) is receiver and end.frame > heard for end in ends)
        over = words is not None and words.number <= said.number
        if not over and (left or (latest is not None and self._went_on(said, latest))):
            who = self._scene.name(receiver)
            yield find("error-not-aborted", who=who, number=said.number, rule=code), said, receiver

    def _has_aborted(self, stream: Stream) -> bool:
        """Tell whether a side has aborted."""
        return id(stream) in self._words and self._words[id(stream)].kind == ABORT

    def _went_on(self, said: Said, latest: Said) -> bool:
        """Tell whether the latest PDU of a side shows that it had read one of the other side, and went on."""
        if latest.number <= said.number:
            return False
        release, message = self._release.get(id(said.stream)), latest.message
        if latest.kind == RELEASE_RP and release is not None and release.number > said.number:
            return True
        if message is not None and message.request is not None and message.request.pdu > said.number:
            return True
        return self._scene.measure(said.frame, latest.frame) > ON_ITS_WAY

    def _judge_end(self, closer: Stream, how: str, frame: int) -> Iterator[tuple[Finding, Said, Stream | None]]:
        """Judge an end of the connection, of which the capture holds all that was said before."""
        scene, latest = self._scene, max(self._last.values(), key=lambda said: said.number)
        if self._error is not None or any(said.kind != RELEASE_RP for said in self._words.values()):
            return
        told = f"{scene.name(closer)} {how} the connection"
        waiting = [said for said in self._release.values() if id(said.stream.peer) not in self._words]
        if waiting:
            yield find("release-unanswered", how=told), waiting[0], closer
        elif self._words or is_cut(latest):
            return
        elif all(side.state == ESTABLISHED for side in self._sides.values()):
            yield find("closed-without-release", how=how, who=scene.name(closer)), latest, closer
        elif self._request is latest and len(self._last) == 1 and (scene.first or latest.pdu.start):
            seconds = max(scene.measure(latest.frame, frame), 0.0)
            acceptor = latest.stream.peer
            blamed = acceptor if closer is acceptor or seconds > scene.artim else None  # who asked may have given up
            yield find("request-unanswered", how=told, seconds=seconds), latest, blamed

    def _judge_closing(self, connection: Connection) -> Iterator[tuple[Finding, Said, Stream | None]]:
        """Judge when the connection was closed after the last words, and by whom."""
        if not self._words:
            return
        collided = len(self._words) == 2 and not any(said.kind != RELEASE_RP for said in self._words.values())
        said, scene = (max if collided else min)(self._words.values(), key=lambda said: said.number), self._scene
        end = min((each for each in (connection.fin, connection.reset) if each is not None),
                  key=lambda each: each.frame, default=None)  # fmt: skip
        capture = connection.streams[0].capture
        if end is None and (connection.given_up or not scene.is_whole()):
            return
        seconds = scene.measure(said.frame, end.frame if end is not None else len(capture.times))
        if seconds > scene.artim:
            yield find("not-closed", name=said.name, seconds=seconds, limit=scene.artim), said, said.stream
        elif end is not None and connection.fin is end and end.frame >= said.frame:
            closer, due = find_closer(connection, end), said.stream.peer
            if closer is not due and seconds < scene.artim / 2 and len(self._words) >= len(self._release):
                told = find("closed-by-other", who=scene.name(closer), name=said.name, due=scene.name(due))
                yield told, said, closer


def is_cut(said: Said) -> bool:
    """Tell whether a PDU ends before its length says."""
    return said.pdu.stop - said.pdu.start < HEADER + said.pdu.length
