"""The order in which both sides sent what they did, told by what they acknowledge."""

import pytest

from dissect.association import Arrival
from dissect.receipts import find_closer, find_received, lacks_end
from tests import build
from tests.build import ACK, FIN, RST, Talk
from tests.lives import AC, ECHO, ECHOED, RQ, begin, end, work
from tests.trees import read_talk


def find_order(arrival: Arrival) -> int | None:
    """Tell how much of the other side's stream the sender of a PDU had received by then."""
    return find_received(arrival.pdu.stream, arrival.pdu.start)


@pytest.mark.parametrize(
    "talk", [Talk(), Talk(isn=(2**32 - 50, 2**32 - 3)), Talk(("fd00::1", 50000), ("fd00::2", 104))]
)
def test_each_pdu_tells_how_much_of_the_other_side_its_sender_had_received(talk: Talk) -> None:
    arrivals = read_talk(end(work(talk)))
    assert [find_order(each) for each in arrivals] == [
        0,
        len(RQ),
        len(AC),
        len(RQ + ECHO),
        len(AC + ECHOED),
        len(RQ + ECHO) + 10,
    ]


def test_an_order_that_the_capture_turned_is_seen() -> None:
    talk = end(work())
    talk.frames[3], talk.frames[4] = talk.frames[4], talk.frames[3]
    answer, request, *_ = read_talk(talk)
    assert (answer.pdu.name, find_order(answer)) == ("A-ASSOCIATE-AC", len(RQ))
    assert (request.pdu.name, find_order(request)) == ("A-ASSOCIATE-RQ", 0)


def test_of_a_segment_of_which_a_part_was_sent_before_it_is_known_too() -> None:
    talk = begin().send(True, ACK, ECHO[:30])
    talk._seq[0] -= 10
    arrival = read_talk(talk.send(True, ACK, ECHO[20:]).answer(ECHOED))[2]
    assert find_received(arrival.pdu.stream, arrival.pdu.start) == len(AC)
    assert find_received(arrival.pdu.stream, arrival.pdu.start + 40) == len(AC)


def test_nothing_is_known_where_the_other_side_was_not_seen() -> None:
    talk = end(work())
    sender = talk.frames[0].data[26:30]
    talk.frames = [frame for frame in talk.frames if frame.data[26:30] == sender]
    assert find_order(read_talk(talk)[0]) is None


def close(talk: Talk, lost: int | None = None) -> tuple[str, bool]:
    """Give who closed a connection, and whether the capture lacks what came before that."""
    if lost is not None:
        del talk.frames[lost]
    connection = read_talk(talk)[0].association.connection
    segment = connection.fin or connection.reset
    assert segment is not None
    return find_closer(connection, segment).sender, lacks_end(connection, segment)


def test_who_closed_a_connection_is_the_first_whose_fin_was_not_an_answer() -> None:
    requestor, acceptor = "10.0.0.1:50000", "10.0.0.2:104"
    assert close(work().close()) == (requestor, False)
    assert close(work().close(), -3) == (requestor, False)  # its own FIN is lost
    assert close(work().send(False, FIN | ACK).send(True, FIN | ACK)) == (acceptor, False)
    assert close(work().send(False, FIN | ACK).send(True, FIN | ACK), -2) == (acceptor, False)
    assert close(work().send(False, RST | ACK)) == (acceptor, False)


def test_what_the_capture_lacks_before_the_end_is_seen() -> None:
    talk = work().answer(build.abort()).send(True, FIN | ACK)
    assert close(talk, -2) == ("10.0.0.1:50000", True)
