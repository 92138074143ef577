"""Connections that were asked for in vain: which are, which are not, and how many are told apart."""

import struct
from collections.abc import Sequence

import pytest

from dissect.tcp import attempts
from dissect.tcp.connections import Streams
from tests.build import ACK, FIN, RST, SYN, Frame, Talk, echo_talk, pcap, segment
from tests.conftest import open_bytes

HERE, THERE = ("10.0.0.1", 50000), ("10.0.0.2", 104)
SECOND = 10**9


def send(seconds: float, flags: int, *, back: bool = False, port: int = 50000, isn: int = 100) -> Frame:
    """Make a segment without data, from the requestor or back."""
    ends = [(HERE[0], port), THERE]
    numbers = (7, isn + 1) if back else (isn, 8 if flags & ACK else 0)
    sender, receiver = reversed(ends) if back else ends
    return Frame(int(seconds * SECOND), segment(sender, receiver, *numbers, flags))


def find(frames: Sequence[Frame]) -> list[tuple[int, int, int]]:
    """Give, of each pair, how many were refused, how many not answered, and the first frame."""
    streams = Streams(open_bytes(pcap(frames)))
    assert list(streams) == []
    found = streams.attempts.rank()
    assert streams.attempts.count == sum(attempt.count for attempt in found)
    assert {(attempt.requestor, attempt.acceptor, attempt.port) for attempt in found} <= {
        ("10.0.0.1", "10.0.0.2:104", 104)
    }
    return [(attempt.refused, attempt.unanswered, attempt.frame) for attempt in found]


LATER = send(9, SYN, port=50009)
"""What tells how long the capture lasts; it is not waited for itself."""


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        pytest.param([send(0, SYN), send(0, RST | ACK, back=True)], [(1, 0, 1)], id="refused"),
        pytest.param(
            [
                each
                for port in (1, 2, 3)
                for each in (send(0, SYN, port=port), send(0, RST | ACK, back=True, port=port))
            ],
            [(3, 0, 1)],
            id="refused from three ports",
        ),
        pytest.param(
            [
                send(0, SYN),
                send(0, RST | ACK, back=True),
                send(1, SYN, isn=900),
                send(1, RST | ACK, back=True, isn=900),
            ],
            [(2, 0, 1)],
            id="refused twice on one port",
        ),
        pytest.param([send(0, SYN), send(1, SYN), send(3, SYN), LATER], [(0, 1, 1)], id="not answered, sent again"),
        pytest.param([send(0, SYN), send(4, SYN, isn=900), LATER], [(0, 2, 1)], id="two on one port, neither answered"),
        pytest.param(
            [send(0, SYN), LATER, send(9, SYN, port=3), send(9, RST | ACK, back=True, port=3)],
            [(1, 1, 1)],
            id="one not answered, one refused",
        ),
        pytest.param([send(0, SYN), send(2, SYN)], [], id="the capture ends too early to tell"),
        pytest.param([send(0, SYN), send(0, SYN | ACK, back=True), LATER], [], id="answered"),
        pytest.param([send(0, SYN), send(0.1, ACK), LATER], [], id="answered, as its acknowledgement shows"),
        pytest.param(
            [send(0, SYN), send(0, SYN | ACK, back=True), send(0, ACK), send(1, RST | ACK, back=True), LATER],
            [],
            id="reset when it was open",
        ),
        pytest.param([send(0, SYN | ACK, back=True), LATER], [], id="the answer alone was captured"),
        pytest.param([send(0, RST | ACK, back=True), LATER], [], id="the reset alone was captured"),
        pytest.param([send(0, FIN | ACK), LATER], [], id="the end alone was captured"),
    ],
)
def test_a_connection_was_asked_for_in_vain(frames: list[Frame], found: list[tuple[int, int, int]]) -> None:
    assert find(frames) == found


def test_a_connection_that_carries_something_was_not_asked_for_in_vain() -> None:
    streams = Streams(open_bytes(pcap([*echo_talk().frames, LATER])))
    assert len(list(streams)) > 0
    assert (streams.attempts.count, streams.connections, streams.carrying) == (0, 2, 1)


def test_an_ipv6_address_stands_in_brackets() -> None:
    talk = Talk(requestor=("fe80::1", 50000), acceptor=("fe80::2", 104))
    reset = Frame(0, segment(talk.acceptor, talk.requestor, 0, talk.isn[0] + 1, RST | ACK))
    streams = Streams(open_bytes(pcap([talk.open().frames[0], reset])))
    assert list(streams) == []
    [attempt] = streams.attempts.rank()
    assert (attempt.requestor, attempt.acceptor, attempt.port) == ("[fe80::1]", "[fe80::2]:104", 104)
    assert (attempt.frame, attempt.refused, attempt.unanswered) == (1, 1, 0)


def test_of_very_many_pairs_the_first_are_told_apart_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_KEPT", 2)
    syn = send(0, SYN).data
    hosts = [Frame(0, syn[:26] + struct.pack(">I", 0x0B000000 + host) + syn[30:]) for host in (1, 2, 3, 1)]
    streams = Streams(open_bytes(pcap([*hosts, LATER])))
    assert list(streams) == []
    assert streams.attempts.count == 3
    assert [attempt.requestor for attempt in streams.attempts.rank()] == ["11.0.0.1", "11.0.0.2"]
