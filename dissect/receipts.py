"""What a side sent, in: how much of what the other side sent it had received by then, out.

A segment acknowledges what its sender has received (RFC 9293 3.4). That tells the true order of PDUs where a machine
captures both directions with two queues, and that the capture lacks something which nobody has missed yet: a gap in a
stream is known only when more of it comes.
"""

from bisect import bisect_right

from dissect.capture.segments import ACK, FIN, MASK, Segment
from dissect.dicom.framing import PROBE, judge
from dissect.dicom.pdu import ASSOCIATE_AC, ASSOCIATE_RJ, ASSOCIATE_RQ, Pdu
from dissect.tcp.streams import Connection, Stream

SHORTEST_HEAD, LONGEST_HEAD = 20, 60
"""The length of a TCP header without options, and with all that fit (RFC 9293 3.1)."""

LONGEST_OVERLAP = 1 << 11
"""How many bytes are searched for the header of a segment of which the beginning was there before."""


def find_received(stream: Stream, at: int) -> int | None:
    """Give the offset in the peer's stream up to which the sender of a byte had received it; None for unknown."""
    index, peer = bisect_right(stream.starts, at) - 1, stream.peer
    if index < 0 or stream.places[index] < 0 or stream.base is None or peer.base is None:
        return None
    sequence = (stream.base + stream.starts[index] & MASK).to_bytes(4, "big")
    place = stream.places[index]
    head = bytes(stream.capture.file.read(max(place - LONGEST_HEAD, 0), place))
    for size in range(SHORTEST_HEAD, len(head) + 1, 4):
        tcp = head[-size:]
        if tcp[12] >> 4 == size // 4 and tcp[4:8] == sequence and tcp[:4] == stream.key[-4:] and tcp[13] & ACK:
            return find_acknowledged(peer, tcp)
    head = find_head(stream, index)
    return find_acknowledged(peer, head) if head else None


def find_acknowledged(peer: Stream, tcp: bytes) -> int:
    """Give the offset in a stream up to which a TCP header acknowledges it."""
    offset = peer.locate(int.from_bytes(tcp[8:12], "big"))
    return offset if peer.final is None else min(offset, peer.final)  # the FIN has a number too


def find_head(stream: Stream, index: int) -> bytes:
    """Find the TCP header of a piece that stands within a segment, of which the beginning was there before."""
    place = stream.places[index]
    before = bytes(stream.capture.file.read(max(place - LONGEST_OVERLAP, 0), place))
    at = before.rfind(stream.key[-4:])
    while at >= 0:
        tcp = before[at:]
        size = (tcp[12] >> 4) * 4 if len(tcp) >= SHORTEST_HEAD else 0
        if size >= SHORTEST_HEAD and tcp[13] & ACK:
            start = (stream.base or 0) + stream.starts[index] - (len(tcp) - size)
            if tcp[4:8] == (start & MASK).to_bytes(4, "big"):
                return tcp
        at = before.rfind(stream.key[-4:], 0, at + 3)
    return b""


BEGINNINGS = frozenset(bytes([kind]) for kind in (ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ))
"""The types of the PDUs that a side says first."""


def has_beginning(stream: Stream) -> bool:
    """Tell whether the capture holds what a side said first, as far as one can tell without its SYN."""
    if stream.opened:
        return True
    start = stream.read(0, PROBE)
    return start[:1] in BEGINNINGS and bool(judge(start, final=True))


def lacks_received(pdu: Pdu, followed: int) -> bool:
    """Tell whether the capture lacks some of what a PDU's sender had received behind an offset of its peer's stream."""
    peer = pdu.stream.peer
    if peer.base is None:
        return True  # not one byte of it is known, nor its SYN
    received = find_received(pdu.stream, pdu.start)
    if received is not None and not followed and not has_beginning(peer):
        return True
    if received is None or received <= followed:
        return False
    return received > peer.end or bool(peer.missing(followed, received))


def has_overtaken(pdu: Pdu) -> bool:
    """Tell whether the capture holds behind a PDU what its sender had received before it was sent."""
    received, stream = find_received(pdu.stream, pdu.start), pdu.stream
    if not received or received > stream.peer.end:
        return False
    return max(stream.peer.frames(received - 1, received), default=0) > min(
        stream.frames(pdu.start, pdu.start + 1), default=pdu.frame
    )


def find_closer(connection: Connection, end: Segment) -> Stream:
    """Tell whose doing the end of a connection is: not its sender's where it acknowledges the FIN of the other side."""
    sender = connection.find_sender(end)
    peer = sender.peer
    answers = end.flags & FIN and end.flags & ACK and peer.base is not None
    return peer if answers and peer.locate(end.acknowledged) == peer.end + 1 else sender


def comes_behind(end: Segment, pdu: Pdu) -> bool:
    """Tell whether the end of a connection was sent when its sender had sent or received a PDU, or captured so."""
    stream = pdu.stream
    if stream is stream.connection.find_sender(end):
        return True
    return bool(end.flags & ACK) and stream.base is not None and stream.locate(end.acknowledged) >= pdu.stop


def lacks_end(connection: Connection, end: Segment) -> bool:
    """Tell whether the end of a connection acknowledges bytes of the other side that the capture lacks."""
    peer = connection.find_sender(end).peer
    return bool(end.flags & ACK) and peer.base is not None and peer.locate(end.acknowledged) > peer.end + 1


def lacks_last(connection: Connection, end: Segment) -> bool:
    """Tell whether the end of a connection stands behind bytes of its sender that the capture lacks."""
    sender = connection.find_sender(end)
    closed = sender.final is not None  # a FIN has a number too
    return sender.base is not None and sender.locate(end.sequence) > sender.end + closed
