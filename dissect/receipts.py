"""What a side sent, in: how much of what the other side sent it had received by then, out.

A segment acknowledges what its sender has received (RFC 9293 3.4). That tells the true order of PDUs where a machine
captures both directions with two queues, and that the capture lacks something which nobody has missed yet: a gap in a
stream is known only when more of it comes.
"""

from bisect import bisect_right

from dissect.capture import Segment
from dissect.pdu import Pdu
from dissect.streams import ACK, FIN, HALF, MASK, Connection, Stream

SHORTEST_HEAD, LONGEST_HEAD = 20, 60
"""The length of a TCP header without options, and with all that fit (RFC 9293 3.1)."""


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
            offset = locate(peer, int.from_bytes(tcp[8:12], "big"))
            return offset if peer.final is None else min(offset, peer.final)  # the FIN has a number too
    return None


def locate(stream: Stream, sequence: int) -> int:
    """Give the offset of a sequence number, of which the stream's end is not far."""
    return stream.end + (sequence - stream.expected + HALF & MASK) - HALF


def lacks_received(pdu: Pdu, followed: int) -> bool:
    """Tell whether the capture lacks some of what a PDU's sender had received behind an offset of its peer's stream."""
    peer = pdu.stream.peer
    if peer.base is None:
        return True  # not one byte of it is known, nor its SYN
    received = find_received(pdu.stream, pdu.start)
    if received is None or received <= followed:
        return False
    return received > peer.end or bool(peer.missing(followed, received))


def find_closer(connection: Connection, end: Segment) -> Stream:
    """Tell whose doing the end of a connection is: not its sender's where it acknowledges the FIN of the other side."""
    sender = connection.find_sender(end)
    peer = sender.peer
    answers = end.flags & FIN and end.flags & ACK and peer.base is not None
    return peer if answers and locate(peer, end.acknowledged) == peer.end + 1 else sender


def lacks_end(connection: Connection, end: Segment) -> bool:
    """Tell whether the end of a connection acknowledges bytes of the other side that the capture lacks."""
    peer = connection.find_sender(end).peer
    return bool(end.flags & ACK) and peer.base is not None and locate(peer, end.acknowledged) > peer.end + 1
