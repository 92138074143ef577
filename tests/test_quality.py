import pytest

from dissect.config import Config
from dissect.dialogue import Associations
from dissect.node import Node
from tests.build import (
    ACK,
    RST,
    Frame,
    Talk,
    associate_ac,
    associate_rq,
    echo_talk,
    pcap,
    release_rp,
    release_rq,
    segment,
)
from tests.conftest import open_bytes

ECHO = echo_talk(Talk(step=10**6)).frames


def read_node(frames: list[Frame], *, strange: bool = True) -> Node:
    """Read a capture of one connection, and give its node."""
    data = pcap(frames)
    brief = Associations(open_bytes(data), Config())
    assert list(brief)
    assert bool(brief.list_connections()) is strange
    associations = Associations(open_bytes(data), Config(), thorough=True)
    assert list(associations)
    [node] = associations.list_connections()
    return node


def list_codes(node: Node) -> list[tuple[str, str]]:
    """Give the path and the code of each note."""
    return [(each.path, found.code) for _, each in node.walk() for found in each.notes]


def list_texts(node: Node) -> list[str]:
    return [found.text for _, each in node.walk() for found in each.notes]


def test_a_connection_tells_its_ends_frames_associations_bytes_and_end() -> None:
    node = read_node(ECHO, strange=False)
    assert (node.path, node.text) == (
        "connection.1",
        "10.0.0.1:50000 -> 10.0.0.2:104, frames 1 to 10, association 1",
    )
    assert [child.name for child in node.children] == [
        "Bytes: 274 from 10.0.0.1:50000, 263 from 10.0.0.2:104",
        "End: closed by 10.0.0.1:50000 in frame 10",
    ]
    assert list_codes(node) == []


def test_where_it_begins_or_ends_outside_of_the_capture_is_noted() -> None:
    assert list_codes(read_node(ECHO[3:])) == [("connection.1", "connection-late")]
    node = read_node(ECHO[:7])
    assert list_codes(node) == [("connection.1/end", "connection-open")]
    assert node.children[-1].name == "End: not captured"


def test_who_reset_it_and_what_that_says_is_noted() -> None:
    talk = Talk()
    ends = talk.acceptor, talk.requestor
    frames = Talk().open().request(associate_rq()).frames
    reset = Frame(
        frames[-1].time_ns, segment(*ends, talk.isn[1] + 1, talk.isn[0] + 1, RST | ACK, b"no such \x1b[31mservice")
    )
    node = read_node([*frames, reset])
    assert list_texts(node) == [
        "10.0.0.2:104 reset it in frame 5, and says: no such \x1b[31mservice",
        "the A-ASSOCIATE-RQ was not answered: the acceptor reset the connection after 0.0 s",
    ]
    assert node.children[-2].name == "End: reset by 10.0.0.2:104 in frame 5"


def test_what_is_missing_of_each_side_is_summed_up() -> None:
    node = read_node([*ECHO[:5], *ECHO[6:]])
    assert list_codes(node) == [("connection.1/bytes", "connection-gap")]
    assert list_texts(node) == ["80 bytes of what 10.0.0.1:50000 sent are missing, in one place, first behind frame 4"]


def test_segments_sent_again_are_counted_and_copies_of_frames_are_not() -> None:
    again = Frame(ECHO[5].time_ns + 10**9, ECHO[5].data)
    node = read_node([*ECHO[:6], ECHO[5], again, again, *ECHO[6:]], strange=False)
    assert list_codes(node) == [("connection.1/bytes", "sent-again")]
    assert list_texts(node) == ["10.0.0.1:50000 sent a segment again, 80 bytes, first in frame 8"]


def test_bytes_that_came_twice_with_different_contents_are_noted() -> None:
    data = ECHO[5].data
    node = read_node([*ECHO[:6], Frame(0, data[:-10] + bytes(4) + data[-6:]), *ECHO[6:]])
    assert ("connection.1/bytes", "connection-differs") in list_codes(node)


def shut(frame: Frame, window: int) -> Frame:
    """Let a segment announce another receive window."""
    return Frame(frame.time_ns, frame.data[:48] + window.to_bytes(2, "big") + frame.data[50:])


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ({4: 0}, "10.0.0.2:104 could take no more data once, for 0.200 s in all, first in frame 5"),
        ({4: 0, 6: 0, 8: 0, 10: 0}, "; it still could not at the end"),
    ],
)
def test_a_receive_window_that_is_shut_is_noted(windows: dict[int, int], told: str) -> None:
    slow = echo_talk(Talk(step=10**8)).frames
    frames = [shut(frame, windows.get(at, 9000)) for at, frame in enumerate(slow)]
    node = read_node(frames)
    assert list_codes(node) == [("connection.1/bytes", "window-shut")]
    assert list_texts(node)[0].endswith(told)


def test_a_receive_window_that_is_shut_for_a_moment_is_not_noted() -> None:
    frames = [shut(frame, {4: 0}.get(at, 9000)) for at, frame in enumerate(ECHO)]
    assert list_codes(read_node(frames, strange=False)) == []


def test_waiting_for_a_delayed_acknowledgement_is_noted_with_what_avoids_it() -> None:
    talk = Talk(step=10**6).open().request(associate_rq()[:100]).wait(40 * 10**6).answer(b"")
    talk.request(associate_rq()[100:]).answer(associate_ac()).request(release_rq()).answer(release_rp())
    node = read_node(talk.close().frames, strange=False)
    [text] = list_texts(node)
    assert text.startswith(
        "10.0.0.1:50000 waited for a delayed acknowledgement once, for 0.041 s in all, the first time until"
    )
    assert "TCP_NODELAY" in text


def test_two_associations_of_a_connection_are_both_named() -> None:
    talk = Talk().open().request(associate_rq()).request(associate_rq()).close()
    assert read_node(talk.frames).text.endswith("associations 1, 2")


def test_where_only_the_second_association_of_a_connection_breaks_a_rule_both_are_named() -> None:
    talk = Talk().open().request(associate_rq()).answer(associate_ac()).request(release_rq()).answer(release_rp())
    talk.request(associate_rq()).answer(associate_ac()).close()
    associations = Associations(open_bytes(pcap(talk.frames)), Config())
    assert [found.association.number for found in associations] == [1, 1, 1, 1, 2, 2]
    [node] = associations.list_connections()
    assert node.text.endswith(", associations 1, 2")
    assert [(each.text, found.code) for _, each in node.walk() for found in each.notes if each.key == "ending.2"] == [
        ("", "closed-without-release")
    ]
