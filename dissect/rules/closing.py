"""The life of an association and the end of its connection, in: what the two show to be broken, and by whom, out.

Those are rules of PS3.8 7.1, 7.2, 9.1 and 9.2 about what was not said, and about what came after the last words.
"""

from collections.abc import Iterator

from dissect.dicom.pdu import ABORT, RELEASE_RP
from dissect.notes import find
from dissect.receipts import find_closer, has_beginning, lacks_end
from dissect.rules.life import Life
from dissect.rules.scene import Said, Verdict
from dissect.rules.states import ESTABLISHED
from dissect.tcp.streams import Connection, Stream

ON_ITS_WAY = 5.0
"""Seconds after which nobody sends what was on its way before it read what came from its peer."""


def judge_end(life: Life, connection: Connection, *, last: bool) -> Iterator[Verdict]:
    """Give what the end of the connection shows."""
    end = connection.fin or connection.reset
    if end is not None and lacks_end(connection, end):
        return
    yield from judge_error(life)
    if not last or not life.last:
        return
    known = life.scene.is_whole() and all(has_beginning(stream) for stream in connection.streams)
    if end is not None and known and not connection.given_up:
        how = "closed" if connection.fin else "reset"
        yield from judge_close(life, find_closer(connection, end), how, end.frame)
    yield from judge_delay(life, connection)


def judge_error(life: Life) -> Iterator[Verdict]:
    """Judge whether who received what the protocol does not allow aborted."""
    if life.error is None or not life.due or not life.scene.is_whole():
        return
    said, code = life.error
    if code == "pdu-before-accept":
        return  # it may have been read after the A-ASSOCIATE-AC was sent
    receiver = said.stream.peer
    latest, ended = life.last.get(id(receiver)), life.last_words.get(id(said.stream))
    if latest is not None and (latest.kind == ABORT or has_aborted(life, receiver)):
        return
    ends = [each for each in (receiver.connection.fin, receiver.connection.reset) if each is not None]
    heard = max(said.frames, default=said.frame)  # what no PDU follows is known to be one only at the end
    left = any(find_closer(receiver.connection, end) is receiver and end.frame > heard for end in ends)
    over = ended is not None and ended.number <= said.number
    if not over and (left or (latest is not None and went_on(life, said, latest))):
        who = life.scene.name(receiver)
        yield find("error-not-aborted", who=who, number=said.number, rule=code), said, receiver


def has_aborted(life: Life, stream: Stream) -> bool:
    """Tell whether a side has aborted."""
    return id(stream) in life.last_words and life.last_words[id(stream)].kind == ABORT


def went_on(life: Life, said: Said, latest: Said) -> bool:
    """Tell whether the latest PDU of a side shows that it had read one of the other side, and went on."""
    if latest.number <= said.number:
        return False
    release, message = life.release.get(id(said.stream)), latest.message
    if latest.kind == RELEASE_RP and release is not None and release.number > said.number:
        return True
    if message is not None and message.request is not None and message.request.pdu > said.number:
        return True
    return life.scene.measure(said.frame, latest.frame) > ON_ITS_WAY


def judge_close(life: Life, closer: Stream, how: str, frame: int) -> Iterator[Verdict]:
    """Judge an end of the connection, of which the capture holds all that was said before."""
    scene, latest = life.scene, max(life.last.values(), key=lambda said: said.number)
    if life.error is not None or any(said.kind != RELEASE_RP for said in life.last_words.values()):
        return
    told = f"{scene.name(closer)} {how} the connection"
    waiting = [said for said in life.release.values() if id(said.stream.peer) not in life.last_words]
    if waiting:
        yield find("release-unanswered", how=told), waiting[0], closer
    elif life.last_words or (latest.lacking > 0 and latest.stream is closer):
        return
    elif all(side.state == ESTABLISHED for side in life.sides.values()):
        yield find("closed-without-release", how=how, who=scene.name(closer)), latest, closer
    elif life.request is latest and len(life.last) == 1 and (scene.first or latest.pdu.start):
        seconds = max(scene.measure(latest.frame, frame), 0.0)
        acceptor = latest.stream.peer
        blamed = acceptor if closer is acceptor or seconds > scene.artim else None  # who asked may have given up
        yield find("request-unanswered", how=told, seconds=seconds), latest, blamed


def judge_delay(life: Life, connection: Connection) -> Iterator[Verdict]:
    """Judge when the connection was closed after the last words, and by whom."""
    if not life.last_words:
        return
    collided = len(life.last_words) == 2 and all(said.kind == RELEASE_RP for said in life.last_words.values())
    said, scene = (max if collided else min)(life.last_words.values(), key=lambda said: said.number), life.scene
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
        if closer is not due and seconds < scene.artim / 2 and len(life.last_words) >= len(life.release):
            told = find("closed-by-other", who=scene.name(closer), name=said.name, due=scene.name(due))
            yield told, said, closer
