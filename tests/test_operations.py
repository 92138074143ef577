"""Conversations with known times, in: which messages belong together, out."""

import pytest

from dissect.association import Arrival
from dissect.dicom.dimse import Message
from dissect.tree import make_pdu_node
from tests import build
from tests.build import COMMAND, CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT, LAST, PATIENT_ROOT_FIND, SOP_INSTANCE
from tests.trees import collect_notes, find, read_capture, read_talk

MOVE, GET = "1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.1.3"
MILLISECOND = 1_000_000
DATA = build.text(0x00080052, "CS", "PATIENT") + build.text(0x00100020, "LO", "1")
EXPLICIT_DATA = build.text(0x00100020, "LO", "2", syntax=EXPLICIT)
CONTEXTS = [
    (1, build.VERIFICATION, [IMPLICIT]),
    (3, PATIENT_ROOT_FIND, [IMPLICIT]),
    (5, MOVE, [IMPLICIT]),
    (7, GET, [IMPLICIT]),
    (9, CT_IMAGE_STORAGE, [EXPLICIT]),
]
RESULTS = [(context_id, 0, transfers[0]) for context_id, _, transfers in CONTEXTS]
PENDING, SUCCESS, REFUSED, CANCELED = 0xFF00, 0x0000, 0xA700, 0xFE00


def talk_to(calling: str = "REQUESTOR", port: int = 50000, start: int = build.Talk.start) -> build.Talk:
    """Open an association in which all that the tests say is agreed; a frame comes each millisecond."""
    talk = build.Talk(requestor=("10.0.0.1", port), start=start).open()
    return talk.request(build.associate_rq(CONTEXTS, calling=calling)).answer(
        build.associate_ac(RESULTS, calling=calling)
    )


def echo_rq(message_id: int = 1) -> bytes:
    """Encode a C-ECHO-RQ in a PDU."""
    return build.message(1, build.c_echo_rq(message_id))[0]


def echo_rsp(message_id: int = 1) -> bytes:
    """Encode a C-ECHO-RSP in a PDU."""
    return build.message(1, build.c_echo_rsp(message_id))[0]


def find_rq(message_id: int = 1, pdv_size: int = 1 << 20) -> list[bytes]:
    """Encode a C-FIND-RQ."""
    return build.message(3, build.c_find_rq(message_id, PATIENT_ROOT_FIND), DATA, pdv_size=pdv_size)


def find_rsp(message_id: int, status: int) -> list[bytes]:
    """Encode a C-FIND-RSP, with an identifier where it is pending."""
    pending = status == PENDING
    command = build.c_find_rsp(message_id, PATIENT_ROOT_FIND, status, data_set=pending)
    return build.message(3, command, DATA if pending else None)


def retrieve_rq(kind: int, message_id: int = 1) -> list[bytes]:
    """Encode a C-GET-RQ (0x10) or C-MOVE-RQ (0x21)."""
    fields: dict[int, bytes | int | str] = {0x0002: GET if kind == 0x10 else MOVE, 0x0100: kind, 0x0110: message_id}
    fields |= {0x0600: "STORE"} if kind == 0x21 else {}
    command = build.command_set({**fields, 0x0700: 0, 0x0800: 1})
    return build.message(7 if kind == 0x10 else 5, command, DATA)


def retrieve_rsp(kind: int, status: int, counts: tuple[int, int, int, int], message_id: int = 1) -> list[bytes]:
    """Encode the response, with the numbers of remaining, completed, failed and warning sub-operations."""
    fields: dict[int, bytes | int | str] = {0x0100: kind | 0x8000, 0x0120: message_id, 0x0800: 0x0101, 0x0900: status}
    fields |= dict(zip(range(0x1020, 0x1024), counts, strict=True))
    return build.message(7 if kind == 0x10 else 5, build.command_set(fields))


def store_rq(message_id: int = 1, originator: tuple[str | None, int | None] = (None, None)) -> list[bytes]:
    """Encode a C-STORE-RQ, with AE title and message ID of the C-MOVE that caused it where there are any."""
    fields: dict[int, bytes | int | str] = {0x0002: CT_IMAGE_STORAGE, 0x0100: 1, 0x0110: message_id, 0x0700: 0}
    fields |= {0x0800: 1, 0x1000: SOP_INSTANCE}
    title, number = originator
    fields |= {} if title is None else {0x1030: title}
    fields |= {} if number is None else {0x1031: number}
    return build.message(9, build.command_set(fields), EXPLICIT_DATA)


def store_rsp(message_id: int = 1) -> list[bytes]:
    """Encode a C-STORE-RSP."""
    return build.message(9, build.c_store_rsp(message_id, CT_IMAGE_STORAGE, SOP_INSTANCE))


def list_messages(arrivals: list[Arrival]) -> list[Message]:
    """Give the messages in the order in which their command sets are complete."""
    pdvs = [pdv for arrival in arrivals for pdv in arrival.pdvs if pdv.is_command and pdv.is_last]
    return [pdv.part.message for pdv in pdvs if pdv.part is not None]


def hear(talk: build.Talk) -> list[Message]:
    """Give the messages of a conversation."""
    return list_messages(read_talk(talk))


def list_requests(messages: list[Message]) -> list[tuple[str, int | None]]:
    """Give the name of each message, and the place of the request it answers."""
    return [(each.name, None if each.request is None else messages.index(each.request)) for each in messages]


def read_both(*talks: build.Talk) -> list[Arrival]:
    """Capture several conversations together, in the order of their times."""
    frames = sorted((frame for talk in talks for frame in talk.frames), key=lambda frame: frame.time_ns)
    return read_capture(build.pcap(frames))


def tell(arrival: Arrival) -> list[str]:
    """Give the lines in a PDU's tree that tell what its messages belong to."""
    nodes = [node for _, node in make_pdu_node(arrival).walk() if node.key in ("request", "cause")]
    assert all(node.layout == "generated" and node.span is None for node in nodes)
    return [node.name for node in nodes]


# Requests and responses


def test_a_response_is_tied_to_its_request() -> None:
    request, response = hear(talk_to().request(echo_rq(7)).answer(echo_rsp(7)))
    assert (response.request, request.request) == (request, None)
    assert (request.response_time, response.response_time) == (None, MILLISECOND)


def test_the_response_time_is_from_the_last_byte_of_the_request_to_the_first_of_the_response() -> None:
    talk = talk_to()
    for pdu in find_rq(pdv_size=20):
        talk.wait(50 * MILLISECOND).request(pdu)
    first, *others = build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, SUCCESS, data_set=False), pdv_size=20)
    talk.wait(7 * MILLISECOND).answer(first[:5], first[5:])
    for pdu in others:
        talk.wait(90 * MILLISECOND).answer(pdu)
    _, response = hear(talk)
    assert response.response_time == 8 * MILLISECOND


def test_each_pending_response_and_the_final_one_are_tied_to_the_request() -> None:
    talk = talk_to().request(*find_rq(3))
    for status in (PENDING, 0xFF01, PENDING, SUCCESS):
        talk.answer(*find_rsp(3, status))
    messages = hear(talk)
    assert list_requests(messages) == [("C-FIND-RQ", None), *[("C-FIND-RSP", 0)] * 4]


def test_a_response_behind_the_final_one_has_no_request() -> None:
    messages = hear(talk_to().request(*find_rq()).answer(*find_rsp(1, SUCCESS), *find_rsp(1, SUCCESS)))
    assert [request for _, request in list_requests(messages)] == [None, 0, None]


@pytest.mark.parametrize("status", [SUCCESS, REFUSED, CANCELED, 0xB001, 0xC000])
def test_a_message_id_may_be_used_again_behind_the_final_response(status: int) -> None:
    talk = talk_to().request(*find_rq()).answer(*find_rsp(1, PENDING), *find_rsp(1, status))
    messages = hear(talk.request(*find_rq()).answer(*find_rsp(1, PENDING), *find_rsp(1, SUCCESS)))
    assert [request for _, request in list_requests(messages)] == [None, 0, 0, None, 3, 3]


def test_responses_of_several_operations_in_flight_find_theirs_in_any_order() -> None:
    """PS3.7 D.3.3.3: asynchronous operations."""
    talk = talk_to().request(echo_rq(1), *find_rq(2), echo_rq(3))
    talk.answer(echo_rsp(3), *find_rsp(2, PENDING), echo_rsp(1), *find_rsp(2, SUCCESS))
    messages = hear(talk)
    assert [request for _, request in list_requests(messages)] == [None, None, None, 2, 1, 0, 1]


def test_both_sides_may_use_the_same_message_id() -> None:
    talk = talk_to().request(echo_rq(5)).answer(echo_rq(5)).answer(echo_rsp(5)).request(echo_rsp(5))
    assert [request for _, request in list_requests(hear(talk))] == [None, None, 0, 1]


def test_a_response_from_the_side_of_the_request_is_not_tied_to_it() -> None:
    assert [request for _, request in list_requests(hear(talk_to().request(echo_rq(), echo_rsp())))] == [None, None]


@pytest.mark.parametrize("response", [echo_rsp(2), *find_rsp(1, SUCCESS)])
def test_a_response_of_another_message_id_or_kind_is_tied_to_nothing(response: bytes) -> None:
    messages = hear(talk_to().request(echo_rq(1)).answer(response, echo_rsp(1)))
    assert [request for _, request in list_requests(messages)] == [None, None, 0]
    assert messages[1].response_time is None


def test_a_response_without_a_request_is_tied_to_nothing() -> None:
    arrivals = read_talk(talk_to().answer(echo_rsp()))
    [response] = list_messages(arrivals)
    assert (response.request, response.response_time, tell(arrivals[-1])) == (None, None, [])


def test_a_response_that_does_not_say_what_it_answers_is_not_tied_to_message_id_zero() -> None:
    """PS3.7 9.3.5.2: Message ID Being Responded To is there in each response."""
    silent = build.command_set({0x0100: 0x8030, 0x0800: 0x0101, 0x0900: 0})
    messages = hear(talk_to().request(echo_rq(0)).answer(*build.message(1, silent), echo_rsp(0)))
    assert [request for _, request in list_requests(messages)] == [None, None, 0]


def test_a_cancel_request_leaves_the_operation_open() -> None:
    """PS3.7 9.3.2.3: a C-CANCEL-RQ has no message ID of its own."""
    cancel = build.command_set({0x0100: 0x0FFF, 0x0120: 1, 0x0800: 0x0101})
    talk = talk_to().request(*find_rq()).answer(*find_rsp(1, PENDING)).request(*build.message(3, cancel))
    messages = hear(talk.answer(*find_rsp(1, CANCELED)))
    assert list_requests(messages)[2:] == [("C-CANCEL-RQ", None), ("C-FIND-RSP", 0)]


def test_an_operation_of_another_association_is_not_answered() -> None:
    first, second = talk_to(port=50000).request(echo_rq()), talk_to(port=50001).answer(echo_rsp())
    assert [request for _, request in list_requests(list_messages(read_both(first, second)))] == [None, None]


def test_the_response_time_of_a_refusal_before_the_end_of_the_data_set_is_not_negative() -> None:
    """PS3.7 9.1.1.2: a failure may be told before the request has come to its end."""
    pdvs = build.pdv(9, COMMAND | LAST, store_rq_command()), build.pdv(9, 0, EXPLICIT_DATA)
    talk = talk_to().request(*map(build.p_data, pdvs))
    talk.answer(*build.message(9, build.c_store_rsp(1, CT_IMAGE_STORAGE, SOP_INSTANCE, REFUSED)))
    request, response = hear(talk.wait(9 * MILLISECOND).request(build.p_data(build.pdv(9, LAST, b""))))
    assert response.request is request
    assert response.response_time is None or response.response_time >= 0


def store_rq_command() -> bytes:
    """Encode the command set of a C-STORE-RQ."""
    return build.c_store_rq(1, CT_IMAGE_STORAGE, SOP_INSTANCE)


# Sub-operations


def test_a_store_of_the_peer_during_a_get_is_its_sub_operation() -> None:
    talk = talk_to().request(*retrieve_rq(0x10)).answer(*store_rq(1)).request(*store_rsp(1))
    talk.answer(*retrieve_rsp(0x10, PENDING, (1, 1, 0, 0)), *store_rq(2)).request(*store_rsp(2))
    talk.answer(*retrieve_rsp(0x10, SUCCESS, (0, 2, 0, 0)))
    messages = hear(talk)
    assert [each.name for each in messages if each.cause is messages[0]] == ["C-STORE-RQ", "C-STORE-RQ"]
    assert [request for _, request in list_requests(messages)] == [None, None, 1, 0, None, 4, 0]


def test_a_store_of_the_side_that_gets_is_no_sub_operation() -> None:
    messages = hear(talk_to().request(*retrieve_rq(0x10), *store_rq(2)))
    assert [each.cause for each in messages] == [None, None]


def test_a_store_behind_the_end_of_a_get_is_no_sub_operation() -> None:
    talk = talk_to().request(*retrieve_rq(0x10)).answer(*retrieve_rsp(0x10, SUCCESS, (0, 0, 0, 0)))
    assert [each.cause for each in hear(talk.answer(*store_rq()))] == [None, None, None]


def move_and_store(originator: tuple[str | None, int | None]) -> list[Message]:
    """Let MOVER ask with message ID 4 for what is stored in another association; give both requests."""
    asked = talk_to("MOVER").request(*retrieve_rq(0x21, 4))
    stored = talk_to("ARCHIVE", 50001, build.Talk.start + 100 * MILLISECOND).request(*store_rq(9, originator))
    return list_messages(read_both(asked, stored))


def test_a_store_in_another_association_is_tied_to_the_move_that_it_names() -> None:
    move, store = move_and_store(("MOVER", 4))
    assert (move.name, store.name, store.cause) == ("C-MOVE-RQ", "C-STORE-RQ", move)
    assert (move.association, store.association) == (1, 2)


@pytest.mark.parametrize("originator", [("MOVER", 5), ("OTHER", 4), ("ARCHIVE", 4), (None, 4), ("MOVER", None)])
def test_a_store_that_names_no_move_of_the_capture_is_tied_to_none(originator: tuple[str | None, int | None]) -> None:
    assert [each.cause for each in move_and_store(originator)] == [None, None]


def test_a_store_that_names_no_originator_is_not_tied_to_a_move_of_unknown_origin() -> None:
    """PS3.7 Table 9.3-1: AE title and message ID together name the originator."""
    moving = build.Talk().open().request(*retrieve_rq(0x21, 4))
    stored = talk_to("ARCHIVE", 50001, build.Talk.start + 100 * MILLISECOND).request(*store_rq(9, (None, 4)))
    move, store = list_messages(read_both(moving, stored))
    assert (move.name, store.cause) == ("C-MOVE-RQ", None)


def test_of_two_moves_with_one_message_id_the_latest_is_the_cause() -> None:
    first = talk_to("MOVER").request(*retrieve_rq(0x21, 4)).answer(*retrieve_rsp(0x21, SUCCESS, (0, 1, 0, 0), 4))
    second = talk_to("MOVER", 50001, build.Talk.start + 100 * MILLISECOND).request(*retrieve_rq(0x21, 4))
    stored = talk_to("ARCHIVE", 50002, build.Talk.start + 200 * MILLISECOND).request(*store_rq(9, ("MOVER", 4)))
    messages = list_messages(read_both(first, second, stored))
    assert messages[-1].cause is messages[2]


def test_of_many_moves_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dissect.operations.MOST_MOVES", 2)
    moving = talk_to("MOVER").request(*[pdu for number in (1, 2, 1, 3) for pdu in retrieve_rq(0x21, number)])
    stored = talk_to("ARCHIVE", 50001, build.Talk.start + 100 * MILLISECOND)
    for number in (1, 2, 3):
        stored.request(*store_rq(number, ("MOVER", number)))
    *moves, first, second, third = list_messages(read_both(moving, stored))
    assert [each.cause for each in (first, second, third)] == [moves[2], None, moves[3]]


# What the tree tells


def test_the_tree_tells_which_pdu_a_response_answers_and_after_which_time() -> None:
    arrivals = read_talk(talk_to().request(echo_rq()).wait(41 * MILLISECOND).answer(echo_rsp()))
    assert [tell(arrival) for arrival in arrivals] == [[], [], [], ["Response to: PDU 3, after 0.042000 s"]]


def test_the_tree_tells_the_pdu_that_completes_the_command_set_of_the_request() -> None:
    pdus = find_rq(pdv_size=30)
    arrivals = read_talk(talk_to().request(*pdus).answer(*find_rsp(1, SUCCESS)))
    commands = len(build.message(3, build.c_find_rq(1, PATIENT_ROOT_FIND), pdv_size=30))
    assert tell(arrivals[-1]) == [f"Response to: PDU {2 + commands}, after 0.001000 s"]


def test_the_tree_tells_the_sub_operations_of_a_get() -> None:
    talk = talk_to().request(*retrieve_rq(0x10, 6)).answer(*store_rq()).request(*store_rsp())
    told = [line for arrival in read_talk(talk) for line in tell(arrival)]
    assert told == [
        "Sub-operation of: C-GET-RQ ID=6, PDU 3, association 1",
        "Response to: PDU 5, after 0.001000 s",
    ]


def test_the_tree_tells_the_sub_operations_of_a_move_in_another_association() -> None:
    asked = talk_to("MOVER").request(*retrieve_rq(0x21, 4))
    stored = talk_to("ARCHIVE", 50001, build.Talk.start + 100 * MILLISECOND).request(*store_rq(9, ("MOVER", 4)))
    told = [line for arrival in read_both(asked, stored) for line in tell(arrival)]
    assert told == ["Sub-operation of: C-MOVE-RQ ID=4, PDU 3, association 1"]


@pytest.mark.parametrize("kind", [0x10, 0x21])
def test_the_progress_of_sub_operations_is_described(kind: int) -> None:
    talk = talk_to().request(*retrieve_rq(kind, 8)).answer(*retrieve_rsp(kind, PENDING, (4, 3, 2, 1), 8))
    [request, response] = hear(talk.answer(*retrieve_rsp(kind, SUCCESS, (0, 7, 0, 0), 8)))[:2]
    name = request.name.removesuffix("-RQ")
    assert request.describe() == f"{name}-RQ ID=8"
    assert response.describe() == f"{name}-RSP ID=8 C=3 R=4 W=1 F=2"
    assert hear(talk)[2].describe() == f"{name}-RSP ID=8 C=7 (Success)"


# Messages in turns


def read_data(arrival: Arrival, number: int) -> list[object]:
    """Give the values of the data set that stands under a PDV."""
    node = find(make_pdu_node(arrival), f"pdv.{number}")
    return [child.value for child in node.children if child.layout == "element" and not child.tag.startswith("(0000")]


def list_notes(arrivals: list[Arrival]) -> list[str]:
    """Give the codes of the notes on all PDUs."""
    return [code for arrival in arrivals for _, code in collect_notes(make_pdu_node(arrival))]


def test_command_and_data_set_in_one_pdu_are_each_under_their_own_pdv() -> None:
    command = build.pdv(9, COMMAND | LAST, store_rq_command())
    cut = [build.pdv(9, 0, EXPLICIT_DATA[:4]), build.pdv(9, LAST, EXPLICIT_DATA[4:])]
    arrivals = read_talk(talk_to().request(build.p_data(command, *cut)))
    assert [read_data(arrivals[-1], number) for number in (1, 2, 3)] == [[], [], ["2 "]]
    assert list_notes(arrivals) == ["no-default-syntax", "command-and-data"]


def test_the_end_of_a_message_and_the_next_one_in_one_pdu_are_both_decoded() -> None:
    find_command = build.pdv(3, COMMAND | LAST, build.c_find_rq(2, PATIENT_ROOT_FIND))
    first = build.p_data(build.pdv(9, COMMAND | LAST, store_rq_command()), build.pdv(9, 0, EXPLICIT_DATA[:4]))
    second = build.p_data(build.pdv(9, LAST, EXPLICIT_DATA[4:]), find_command, build.pdv(3, LAST, DATA))
    arrivals = read_talk(talk_to().request(first, second))
    assert [read_data(arrivals[-1], number) for number in (1, 2, 3)] == [["2 "], [], ["PATIENT ", "1 "]]
    assert [each.name for each in list_messages(arrivals)] == ["C-STORE-RQ", "C-FIND-RQ"]


def test_messages_of_both_directions_in_turns_are_each_read_in_the_syntax_of_their_context() -> None:
    here = build.message(9, store_rq_command(), EXPLICIT_DATA, pdv_size=6)
    there = build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, PENDING, data_set=True), DATA, pdv_size=8)
    talk = talk_to().request(*find_rq(1))
    for number in range(max(len(here), len(there))):
        talk.request(*here[number : number + 1]).answer(*there[number : number + 1])
    arrivals = read_talk(talk)
    found = [values for arrival in arrivals if arrival.pdvs for values in [read_data(arrival, 1)] if values]
    assert sorted(map(str, found)) == sorted(map(str, [["PATIENT ", "1 "], ["PATIENT ", "1 "], ["2 "]]))
    assert list_notes(arrivals) == ["no-default-syntax", "message-id-used"]


def test_data_in_contexts_that_were_not_agreed_is_decoded_and_noted() -> None:
    talk = build.Talk().open().request(build.associate_rq([(1, CT_IMAGE_STORAGE, [EXPLICIT])]))
    talk.answer(build.associate_ac([(1, 3, EXPLICIT)]))
    for context_id in (1, 11):
        talk.request(*build.message(context_id, store_rq_command(), EXPLICIT_DATA))
    arrivals = read_talk(talk)
    assert [read_data(arrivals[number], 1) for number in (3, 5)] == [["2 "], ["2 "]]
    assert list_notes(arrivals) == [
        *("no-default-syntax", "nothing-accepted", "context-declined"),
        *("context-refused", "context-refused", "context-unknown", "message-id-used", "context-unknown"),
    ]


def test_data_that_the_capture_holds_before_the_answer_is_read_in_the_syntax_of_the_answer() -> None:
    talk = build.Talk().open().request(build.associate_rq([(9, CT_IMAGE_STORAGE, [IMPLICIT, EXPLICIT])]))
    talk.request(*build.message(9, store_rq_command(), EXPLICIT_DATA))
    arrivals = read_talk(talk.answer(build.associate_ac([(9, 0, EXPLICIT)])))
    assert read_data(arrivals[2], 1) == ["2 "]
    assert "Explicit VR Little Endian" in find(make_pdu_node(arrivals[2]), "pdv.1/context").text
    assert list_notes(arrivals) == ["pdu-before-accept", "pdu-before-accept"]
