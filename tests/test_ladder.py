"""The events of a ladder diagram: who said what to whom, in which order, and the endpoints between them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.association import Arrival
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.dicom.pdu import LOST
from dissect.ladder import columns as columns_module
from dissect.ladder import events
from dissect.ladder.columns import Columns
from dissect.ladder.events import Endpoint, Event, Ladder, mask_event
from tests import build
from tests.conftest import ROOT, open_bytes

CAPTURES = ROOT / "captures"
SECOND = 1_000_000_000


def read(source: Path | Iterable[build.Talk]) -> list[Arrival]:
    """Read a capture, or conversations that went on at once, and give the PDUs."""
    if isinstance(source, Path):
        capture = Capture(source)
    else:
        frames = [frame for talk in source for frame in talk.frames]
        capture = open_bytes(build.pcap(sorted(frames, key=lambda frame: frame.time_ns)))
    return list(Associations(capture, Config()))


def make_events(arrivals: Iterable[Arrival], *, unfold: bool = False) -> list[Event]:
    """Give the events of PDUs."""
    found = Ladder(unfold=unfold)
    return [*(event for arrival in arrivals for event in found.follow(arrival)), *found.finish()]


def follow(source: str | build.Talk, *, unfold: bool = False) -> list[Event]:
    """Give the events of a recorded capture, or of a conversation."""
    arrivals = read(CAPTURES / source) if isinstance(source, str) else read([source])
    return make_events(arrivals, unfold=unfold)


def summarize(events: list[Event]) -> list[tuple[int, int, str, str]]:
    """Give of each event its first and last PDU, who said it to whom by titles, and the label."""
    return [(each.first, each.last, f"{each.source.title}>{each.target.title}", each.label) for each in events]


# Two granularities


def test_a_message_is_one_event_with_all_of_its_pdus() -> None:
    assert summarize(follow("c-store.pcap")) == [
        (1, 1, "MODALITY>ARCHIVE", "A-ASSOCIATE-RQ 2 contexts"),
        (2, 2, "ARCHIVE>MODALITY", "A-ASSOCIATE-AC 1 of 2 contexts accepted +0.193 ms"),
        (3, 6, "MODALITY>ARCHIVE", "C-STORE-RQ #1 CT Image Storage 4 PDUs 9.7 kB"),
        (7, 7, "ARCHIVE>MODALITY", "C-STORE-RSP #1 0x0000 Success +0.408 ms"),
        (8, 8, "MODALITY>ARCHIVE", "A-RELEASE-RQ"),
        (9, 9, "ARCHIVE>MODALITY", "A-RELEASE-RP +0.052 ms"),
    ]


def test_unfolded_each_pdu_is_an_event() -> None:
    events = follow("c-store.pcap", unfold=True)
    assert [event.first for event in events] == [event.last for event in events] == list(range(1, 10))
    assert [event.kind for event in events[1:7]] == ["control", "command", "data", "data", "data", "command"]
    assert [event.label for event in events[2:5]] == [
        "C-STORE-RQ #1 CT Image Storage",
        "data #1 [1/3] 4084 B",
        "data #1 [2/3] 4084 B",
    ]


def test_a_pdu_with_two_messages_makes_two_events_or_one() -> None:
    folded, unfolded = follow("built-pdvs.pcap"), follow("built-pdvs.pcap", unfold=True)
    echoes = ["C-ECHO-RQ #4 Verification SOP Class", "C-ECHO-RQ #5 Verification SOP Class"]
    assert [event.label for event in folded if event.first == 29] == echoes
    assert [event.label for event in unfolded if event.first == 29] == [", ".join(echoes)]


def test_an_event_knows_what_it_is_made_of() -> None:
    event = follow("c-store.pcap")[2]
    assert (event.pdus, event.kind, event.association, event.message_id) == (4, "command", 1, 1)
    assert event.size == 9552 + 138
    assert event.frame == event.start == 10  # all of it came in one segment
    assert (event.sender, event.receiver) == ("127.0.0.1:48230", "127.0.0.1:4242")


def test_an_answer_names_the_pdu_that_it_answers() -> None:
    asked = {event.first: event.answers for event in follow("c-store.pcap")}
    assert asked == {1: None, 2: 1, 3: None, 7: 3, 8: None, 9: 8}
    assert [event.response_time for event in follow("c-store.pcap")][3] == 408_000


def test_all_pdus_are_in_an_event_and_go_the_way_they_went(captured: Path) -> None:
    arrivals = read(captured)
    for unfold in (False, True):
        events = make_events(arrivals, unfold=unfold)
        covered = {number for event in events for number in range(event.first, event.last + 1)}
        assert covered == {arrival.number for arrival in arrivals}
        senders = {arrival.number: arrival.pdu.stream.sender for arrival in arrivals}
        for event in events:
            assert event.sender == senders[event.first] == senders[event.last]
            assert (event.source.address, event.target.address) == tuple(
                end.rpartition(":")[0] for end in (event.sender, event.receiver)
            )
    assert len(events) == len(arrivals)


def test_events_come_in_the_order_of_their_first_pdus(captured: Path) -> None:
    for unfold in (False, True):
        numbers = [event.first for event in make_events(read(captured), unfold=unfold)]
        assert numbers == sorted(numbers)


# What goes wrong


def test_an_abort_is_a_failure_with_its_reason() -> None:
    aborts = [event for event in follow("built-aborts.pcap") if event.label.startswith("A-ABORT")]
    assert [event.failure for event in aborts] == [True] * 9
    assert aborts[0].label == "A-ABORT (user)"
    assert (aborts[0].source.title, aborts[1].source.title) == ("MODALITY", "ARCHIVE")
    assert aborts[1].label == "A-ABORT (provider: Not specified)"


def test_an_abort_of_a_reserved_source_is_told_as_in_the_list() -> None:
    labels = {event.label for event in follow("built-aborts.pcap")}
    assert "A-ABORT (source 1, reason 3)" in labels
    assert "A-ABORT (user)" in labels


def test_an_abort_of_the_acceptor_goes_to_the_requestor() -> None:
    last = follow("aborted-by-acceptor.pcap")[-1]
    assert (last.failure, last.source.title, last.target.title) == (True, "ARCHIVE", "MODALITY")


def test_a_rejection_is_a_failure_with_its_reason() -> None:
    event = follow("rejected.pcap")[-1]
    assert event.label.startswith("A-ASSOCIATE-RJ (Called AE title not recognized) +")
    assert (event.failure, event.warning, event.answers) == (True, False, 1)


def test_statuses_are_failures_and_warnings_by_their_class() -> None:
    answers = [event for event in follow("c-move-failures.pcap") if "RSP" in event.label]
    assert [event.label for event in answers if event.failure] == [
        "C-STORE-RSP #4 0xA700 Refused: Out of Resources +2.59 ms"
    ]
    assert [event.label.partition(" 0x")[2][:4] for event in answers if event.warning] == ["B000", "B000"]
    assert answers[1].label == "C-MOVE-RSP #1 0xFF00 Pending C=1 R=3 +14.4 ms"


def test_an_error_comment_stands_behind_the_status() -> None:
    events = follow("c-find-failed.pcap")
    assert any(event.failure and " (" in event.label for event in events)


def test_error_comments_are_masked_in_labels_and_nothing_else_is() -> None:
    said = build.command_set({0x0100: 0x8030, 0x0120: 1, 0x0800: 0x0101, 0x0900: 0xA700, 0x0902: "Smith^John 2024"})
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(*build.message(1, build.c_echo_rq(1)))
    talk.answer(build.p_data(*[build.pdv(1, 3, said)] * 2))
    *_, event = follow(talk, unfold=True)
    assert event.comments == ("Smith^John 2024",) * 2
    assert event.label.count("(Smith^John 2024)") == 2
    assert mask_event(event).label == event.label.replace("(Smith^John 2024)", "(xxxxx^xxxx 9999)")
    others = [each for each in follow("c-store.pcap") if mask_event(each) is not each]
    assert not others


def test_an_association_without_a_context_is_a_warning() -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac([(1, 3, None)]))
    assert [event.warning for event in follow(talk)] == [False, True]


def test_an_unknown_pdu_and_an_unknown_command_are_warnings() -> None:
    assert "PDU type 08H" in [event.label for event in follow("built-unknown-pdus.pcap") if event.warning]
    assert any(event.label.startswith("command ") for event in follow("built-retired-commands.pcap") if event.warning)


def make_store(first: int, last: int) -> build.Talk:
    """Store an object in PDUs of three segments each; the capture lacks a range of its frames."""
    talk = build.store_talk(bytes(8000), pdv_size=1000, talk=build.Talk(mss=500))
    del talk.frames[first - 1 : last]
    return talk


def test_a_message_that_lacks_bytes_says_so() -> None:
    [event] = [event for event in follow(make_store(14, 14)) if "C-STORE-RQ" in event.label]
    assert event.label.endswith("9 PDUs 8.1 kB 500 bytes missing")
    assert event.warning


def test_lost_bytes_that_held_a_header_are_an_event() -> None:
    talk = make_store(13, 15)
    events = follow(talk)
    [store] = [event for event in events if "C-STORE-RQ" in event.label]
    assert (store.label[-10:], store.warning) == ("incomplete", True)
    [event] = [event for event in events if event.kind == "lost"]
    assert "missing" in event.label
    assert (event.warning, event.failure) == (True, False)
    assert (event.sender, event.source.title) == ("10.0.0.1:50000", "REQUESTOR")
    [lost] = [arrival for arrival in read([talk]) if arrival.pdu.kind == LOST]
    assert event.first == lost.number
    assert [each.label for each in follow(talk, unfold=True) if each.kind == "lost"] == [event.label]


def test_what_comes_before_the_titles_are_known_stands_in_the_same_columns() -> None:
    talk = build.echo_talk(build.Talk(mss=100))
    del talk.frames[3]  # the first half of the A-ASSOCIATE-RQ
    lost, *others = follow(talk)
    assert (lost.kind, lost.sender) == ("lost", "10.0.0.1:50000")
    untold = replace(lost, source=Endpoint("10.0.0.1"), target=Endpoint("10.0.0.2", "", "104"))
    for association in (1, 2):
        columns = Columns([replace(untold, association=association), *others])
        assert columns.endpoints == [Endpoint("10.0.0.1", "REQUESTOR"), Endpoint("10.0.0.2", "ACCEPTOR", "104")]


def test_a_message_that_is_cut_short_is_given_before_what_ended_it() -> None:
    command = build.c_store_rq(7, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(*build.message(1, command, bytes(100), pdv_size=50)[:-1], build.abort()).close()
    *_, store, abort = follow(talk)
    assert store.label == "C-STORE-RQ #7 CT Image Storage 4 PDUs 156 B incomplete"
    assert (store.warning, abort.label) == (True, "A-ABORT (user)")


def test_data_without_a_command_set_is_an_event_of_its_own() -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(build.p_data(build.pdv(1, build.LAST, bytes(10))), build.release_rq()).close()
    event = follow(talk)[2]
    assert (event.label, event.kind, event.warning) == ("data without a command set", "data", True)


def test_what_cannot_be_read_is_an_event_of_its_own() -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(build.p_data(build.pdv(1, 3, build.c_echo_rq()), build.pdv(1, 3, b"", length=999)), build.p_data())
    for unfold in (False, True):
        labels = ", ".join(event.label for event in follow(talk, unfold=unfold)[2:])
        assert labels == "C-ECHO-RQ #1 Verification SOP Class, PDV that cannot be read, no PDV"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=80)), max_size=6))
def test_any_bytes_are_events(said: list[tuple[bool, bytes]]) -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for by_requestor, data in said:
        (talk.request if by_requestor else talk.answer)(build.pdu(4, data))
    arrivals = read([talk])
    for unfold in (False, True):
        numbers = [event.first for event in make_events(arrivals, unfold=unfold)]
        assert numbers == sorted(numbers)
        assert set(numbers) <= {arrival.number for arrival in arrivals}


# Streaming


def test_an_event_is_given_when_its_message_is_complete() -> None:
    arrivals, found = read(CAPTURES / "c-store.pcap"), Ladder()
    given = [len(list(found.follow(arrival))) for arrival in arrivals]
    assert given == [1, 1, 0, 0, 0, 1, 1, 1, 1]
    assert list(found.finish()) == []


def make_concurrent() -> list[Arrival]:
    """Leave a message unfinished on one connection while there are echoes on another."""
    begun = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    command = build.c_store_rq(7, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)
    begun.request(*build.message(1, command, bytes(100), pdv_size=50)[:-1])
    other = (
        build.Talk(("10.0.0.3", 50001), start=begun.start + SECOND).open().request(build.associate_rq(calling="OTHER"))
    )
    other.answer(build.associate_ac(calling="OTHER"))
    for number in range(1, 7):
        other.request(*build.message(1, build.c_echo_rq(number))).answer(*build.message(1, build.c_echo_rsp(number)))
    arrivals = read([begun, other])
    return sorted(arrivals, key=lambda arrival: arrival.pdu.frame)


def test_what_waits_for_an_open_message_comes_behind_it() -> None:
    events = make_events(make_concurrent())
    assert [event.first for event in events] == sorted(event.first for event in events)
    assert events[2].label.startswith("C-STORE-RQ #7")


def test_no_more_than_so_many_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_QUEUE", 3)
    arrivals, found = make_concurrent(), Ladder()
    given = [event for arrival in arrivals for event in found.follow(arrival)]
    rest = list(found.finish())
    assert len(rest) == 4
    assert rest[0].label.startswith("C-STORE-RQ #7")
    assert [event.first for event in given] == sorted(event.first for event in given)


def test_an_event_is_left_out_where_none_of_its_pdus_is_wanted() -> None:
    found = Ladder()
    events = [
        event
        for arrival in read(CAPTURES / "c-store.pcap")
        for event in found.follow(arrival, wanted=arrival.number in (5, 9))
    ]
    assert [(event.first, event.last, event.pdus) for event in events] == [(3, 6, 4), (9, 9, 1)]


# Endpoints


def test_associations_of_the_same_entities_share_their_columns() -> None:
    events = follow("built-aborts.pcap")
    assert len({event.sender for event in events}) > 2
    assert Columns(events).endpoints == [Endpoint("10.0.0.1", "MODALITY"), Endpoint("10.0.0.2", "ARCHIVE", "104")]


def test_an_entity_that_asks_and_is_asked_has_one_column() -> None:
    events = follow("c-move.pcap")
    columns = Columns(events)
    assert columns.endpoints == [
        Endpoint("127.0.0.1", "MODALITY", "11113"),
        Endpoint("127.0.0.1", "ARCHIVE", "11112"),
    ]
    ways = {event.label.partition(" ")[0]: columns.find(event) for event in events if event.kind == "command"}
    assert ways == {"C-MOVE-RQ": (0, 1), "C-STORE-RQ": (1, 0), "C-STORE-RSP": (0, 1), "C-MOVE-RSP": (1, 0)}


def test_the_ends_of_a_connection_tell_the_way_where_nobody_tells_who_asked() -> None:
    talk = build.echo_talk()
    del talk.frames[:5]  # handshake and negotiation
    events = follow(talk)
    assert [(event.sender, event.receiver) for event in events[:2]] == [
        ("10.0.0.1:50000", "10.0.0.2:104"),
        ("10.0.0.2:104", "10.0.0.1:50000"),
    ]
    assert Columns(events).endpoints == [Endpoint("10.0.0.1"), Endpoint("10.0.0.2", "", "104")]


def test_ends_that_are_alike_are_parted_by_the_port() -> None:
    talk = build.Talk(requestor=("127.0.0.1", 50000), acceptor=("127.0.0.1", 104)).open()
    talk.request(build.associate_rq(calling="SELF", called="SELF")).answer(build.associate_rj())
    columns = Columns(events := follow(talk))
    assert columns.endpoints == [Endpoint("127.0.0.1", "SELF"), Endpoint("127.0.0.1", "SELF", "104")]
    assert [columns.find(event) for event in events] == [(0, 1), (1, 0)]


def test_an_ipv6_address_keeps_its_brackets() -> None:
    assert Columns(follow("c-echo-ipv6.pcapng")).endpoints[1].address == "[::1]"


def test_endpoints_beyond_the_last_column_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns_module, "MOST_ENDPOINTS", 2)
    columns = Columns(events := follow("c-move-failures.pcap"))
    assert columns.endpoints == [Endpoint("127.0.0.1", "MODALITY"), Endpoint("all others")]
    assert {columns.find(event) for event in events} == {(0, 1), (1, 0), (1, 1)}
