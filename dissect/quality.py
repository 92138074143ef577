"""A connection that was read, in: how TCP carried it and how it ended, as a node with notes and in numbers, out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dissect.amounts import BILLION
from dissect.capture.segments import Capture
from dissect.node import Node
from dissect.notes import Note, note
from dissect.spans import Span, count_bytes
from dissect.tcp.history import Happening
from dissect.tcp.streams import Connection, Stream
from dissect.tcp.tls import SEARCHED, find_alert, find_server_name, find_version
from dissect.text import decode

LONGEST_TOLD = 80
"""How much is shown of the text that a reset carries."""


def make_connection_node(connection: Connection, associations: Sequence[int]) -> Node:
    """Make the node of a connection: a group, which has no bytes of its own."""
    opener = connection.syn_by or connection.streams[0]
    words = [f"{opener.sender} -> {opener.peer.sender}", tell_frames(connection)]
    if associations:
        words.append(f"association{'s' if len(associations) > 1 else ''} {', '.join(map(str, associations))}")
    words += ["TLS"] if connection.sealed else []
    node = Node(f"connection.{connection.number}", "Connection", layout="block", text=", ".join(words))
    node.notes = list(judge_beginning(connection))
    for key, text in tell_hello(opener) if connection.sealed else ():
        node.add(Node(key, text, layout="generated"))
    node.add(Node("bytes", tell_bytes(opener), layout="generated")).notes = list(judge_carriage(connection))
    node.add(Node("end", tell_end(connection), layout="generated")).notes = list(judge_end(connection))
    return node


def tell_frames(connection: Connection) -> str:
    """Tell in which frames a connection begins and ends, as far as it carried anything."""
    return f"frames {connection.started} to {find_last_frame(connection)}"


def find_last_frame(connection: Connection) -> int:
    """Give the last frame of a connection that carried anything, or ended it."""
    last = max((stream.numbers[-1] for stream in connection.streams if stream.numbers), default=0)
    ends = (each.frame for each in (connection.fin, connection.reset) if each is not None)
    return max(last, connection.started, *ends)


def tell_hello(opener: Stream) -> Iterator[tuple[str, str]]:
    """Tell what a TLS connection says in clear."""
    said, answered = (bytes(stream.read(0, SEARCHED)) for stream in (opener, opener.peer))
    if version := find_version(answered) or find_version(said):
        yield "version", f"Version: {version}"
    if name := find_server_name(said) or find_server_name(answered):
        yield "server-name", f"Server Name: {name}"
    for stream, data in ((opener, said), (opener.peer, answered)):
        if alert := find_alert(data):
            yield "alert", f"Alert from {stream.sender}: {alert}"


def tell_bytes(opener: Stream) -> str:
    """Tell how many bytes went each way."""
    return f"Bytes: {opener.end} from {opener.sender}, {opener.peer.end} from {opener.peer.sender}"


def tell_end(connection: Connection) -> str:
    """Tell how a connection ended."""
    last, how = connection.fin or connection.reset, "closed" if connection.fin else "reset"
    return f"End: {how} by {connection.find_sender(last).sender} in frame {last.frame}" if last else "End: not captured"


def judge_beginning(connection: Connection) -> Iterator[Note]:
    """Give the note on a connection whose beginning the capture does not hold."""
    if not any(stream.opened for stream in connection.streams):
        yield note("connection-late")


def judge_carriage(connection: Connection) -> Iterator[Note]:
    """Give the notes on what happened to the segments of a connection."""
    for stream in connection.streams:
        yield from judge_gaps(stream)
        yield from judge_happenings(stream)


def judge_end(connection: Connection) -> Iterator[Note]:
    """Give the notes on how a connection ended: reset, or not before the capture did."""
    reset = connection.reset
    if reset is not None:
        sender = connection.find_sender(reset)
        said = decode(bytes(sender.capture.file.read(reset.place, reset.place + min(reset.length, LONGEST_TOLD))))
        told = f", and says: {said}" if said else ""
        yield note("connection-reset", sender=sender.sender, frame=reset.frame, told=told)
    elif any(stream.final is None for stream in connection.streams):
        yield note("connection-open")


def judge_gaps(stream: Stream) -> Iterator[Note]:
    """Give the note on all that the capture lacks of a stream."""
    if not stream.gaps:
        return
    (low, high), count = stream.gaps[0], count_bytes(stream.gaps)
    before = stream.frames(low - 1, low)
    yield note(
        "connection-gap",
        Span(stream, low, high),
        sender=stream.sender,
        count=count,
        places="in one place" if len(stream.gaps) == 1 else f"in {len(stream.gaps)} places",
        where=f"first behind frame {before[-1]}" if before else "first at its start",
    )


def judge_happenings(stream: Stream) -> Iterator[Note]:
    """Give the notes on what happened to a stream more than once, or once."""
    for what, seen in stream.seen.items():
        code, still = CODES.get(what), stream.history is not None and bool(stream.history.shut)
        if what == "shut" and seen.amount < SHORT and not still:
            continue
        if code is not None:
            told = fill_in(what, seen, still=still)
            yield note(code, None, sender=stream.sender, frame=seen.frame, **told)


SHORT = 10_000_000
"""Nanoseconds for which a receive window may be shut in all without being told of: that is how TCP paces a sender."""

ROUTINE = frozenset(("ack-delayed", "sent-again"))
"""Codes of what happens on most connections, and spoils none."""


def is_routine(connection: Connection) -> bool:
    """Tell whether there is nothing about a connection that one must know to understand what was said on it."""
    judges = judge_beginning, judge_carriage, judge_end
    return not connection.sealed and all(found.code in ROUTINE for judge in judges for found in judge(connection))


CODES = {
    "sent again": "sent-again",
    "late": "late-copy",
    "clash": "connection-differs",
    "urgent": "urgent-data",
    "shut": "window-shut",
    "delayed": "ack-delayed",
}
"""The code of the note on each happening; a segment that is doubled is the capture's doing alone."""


def fill_in(what: str, seen: Happening, *, still: bool) -> dict[str, object]:
    """Give what the sentence of a happening's note asks for."""
    if what in ("late", "clash"):
        return {"count": seen.amount}
    if what in ("sent again", "urgent"):
        return {"count": "a segment" if seen.count == 1 else f"{seen.count} segments", "amount": seen.amount}
    times = "once" if seen.count == 1 else f"{seen.count} times"
    told = "; it still could not at the end" if still else ""
    return {"count": times, "seconds": f"{seen.amount / BILLION:.3f}", "still": told}


@dataclass(frozen=True, slots=True)
class Carriage:
    """How TCP carried a connection, in numbers: of both directions together."""

    opener: str
    """`address:port` of who opened it, or of who sends its first stream."""
    peer: str
    known: bool
    """Whether the capture tells who opened it."""
    sealed: bool
    frames: tuple[int, int]
    """The first and the last frame."""
    sent: tuple[int, int]
    """The bytes from the opener, and to it."""
    round_trip: int | None
    """Nanoseconds from the SYN to the acknowledgement of its answer, None where the capture does not hold all three."""
    sent_again: int = 0
    """Segments that were sent again."""
    missing: int = 0
    """Bytes that the capture lacks."""
    shut: int = 0
    """Nanoseconds in which a side could take no more data."""
    delayed: int = 0
    """Nanoseconds in which a side waited for a delayed acknowledgement."""
    reset: bool = False

    def measure_duration(self, capture: Capture) -> float:
        """Give the seconds from the first frame to the last."""
        first, last = self.frames
        return (capture.times[last - 1] - capture.times[first - 1]) / BILLION


def measure_carriage(connection: Connection) -> Carriage:
    """Measure how TCP carried a connection."""
    opener = connection.syn_by or connection.streams[0]
    times = opener.capture.times
    counted: Counter[str] = Counter()
    for stream in connection.streams:
        counted["missing"] += count_bytes(stream.gaps)
        for what, seen in stream.seen.items():
            counted[what] += seen.count if what == "sent again" else seen.amount
    greeted = connection.greeted
    return Carriage(
        opener=opener.sender,
        peer=opener.peer.sender,
        known=connection.syn_by is not None,
        sealed=connection.sealed,
        frames=(connection.started, find_last_frame(connection)),
        sent=(opener.end, opener.peer.end),
        round_trip=times[greeted - 1] - times[connection.started - 1] if greeted else None,
        sent_again=counted["sent again"],
        missing=counted["missing"],
        shut=counted["shut"],
        delayed=counted["delayed"],
        reset=connection.reset is not None,
    )
