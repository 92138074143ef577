from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.association import LONGEST_WAIT, Arrival
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.summary import MOST_COMMENTS, collect_codes, describe, judge_pdu
from dissect.tree import make_pdu_node
from tests import build
from tests.build import COMMAND, CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT, LAST, PATIENT_ROOT_FIND, SOP_INSTANCE, Talk
from tests.conftest import open_bytes
from tests.trees import check_tree, edit, edits, read_talk

STORE = build.c_store_rq(1, CT_IMAGE_STORAGE, SOP_INSTANCE)
FIND = build.c_find_rq(1, PATIENT_ROOT_FIND)
ECHO = build.c_echo_rq()
DATA = build.text(0x00080060, "CS", "CT") + build.text(0x00100010, "PN", "A^B")
PROPOSAL = build.associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT, EXPLICIT]), (3, PATIENT_ROOT_FIND, [IMPLICIT])])
ANSWER = build.associate_ac([(1, 0, EXPLICIT), (3, 0, IMPLICIT)])
CANCEL = build.command_set({0x0100: 0x0FFF, 0x0120: 1, 0x0800: build.NO_DATA_SET})


def agree(answer: bytes = ANSWER) -> Talk:
    """Begin a conversation: a handshake, a proposal of two contexts, an answer."""
    return Talk().open().request(PROPOSAL).answer(answer)


def follow(talk: Talk) -> Iterator[Arrival]:
    """Give the PDUs of a conversation as they are put out."""
    return iter(Associations(open_bytes(build.pcap(talk.frames)), Config()))


def list_infos(talk: Talk) -> list[str]:
    """Describe each P-DATA-TF at the moment at which it is put out."""
    return [describe(arrival) for arrival in follow(talk) if arrival.pdvs]


def list_codes(talk: Talk) -> list[list[str]]:
    """Give the codes of the notes on each P-DATA-TF at the moment at which it is put out."""
    return [collect_codes(arrival) for arrival in follow(talk) if arrival.pdvs]


def list_paths(arrivals: list[Arrival]) -> list[str]:
    """Give the path of each PDU."""
    return [make_pdu_node(arrival).path for arrival in arrivals]


@pytest.mark.parametrize(
    ("acceptor", "source", "told"),
    [
        (False, 0, "ABORT REQUESTOR --> ACCEPTOR"),
        (True, 0, "ABORT REQUESTOR --> ACCEPTOR (sent by the acceptor)"),
        (True, 2, "ABORT REQUESTOR <-- ACCEPTOR (Not specified)"),
        (False, 2, "ABORT REQUESTOR <-- ACCEPTOR (Not specified) (sent by the requestor)"),
    ],
)
def test_who_sent_an_abort_is_told_where_its_arrow_says_otherwise(acceptor: bool, source: int, told: str) -> None:
    talk, abort = agree(), build.abort(source, 0)
    *_, last = follow(talk.answer(abort) if acceptor else talk.request(abort))
    assert describe(last) == told


def test_an_arrow_in_a_title_says_nothing_of_who_sent_an_abort() -> None:
    talk = Talk().open().request(build.associate_rq(calling="A <-- B", called="C --> D"))
    *_, last = follow(talk.request(build.abort(0, 0)))
    assert describe(last).endswith("D")


def test_of_very_many_comments_of_a_frame_the_first_are_told() -> None:
    arrival = next(follow(agree()))
    arrival.pdu.stream.capture.comments[arrival.pdu.frame] = tuple(f"seen {number}" for number in range(1000))
    told = [found.values["text"] for found in judge_pdu(arrival.pdu)]
    assert told == [f"seen {number}" for number in range(MOST_COMMENTS)]


def test_what_was_proposed_and_answered_is_known_of_each_context() -> None:
    answer = build.associate_ac([(1, 0, EXPLICIT), (3, 3, IMPLICIT)])
    association = read_talk(agree(answer).close())[-1].association
    accepted, refused = association.contexts[1], association.contexts[3]
    assert (accepted.abstract, accepted.offered) == (CT_IMAGE_STORAGE, (IMPLICIT, EXPLICIT))
    assert (accepted.result, accepted.transfer) == (0, EXPLICIT)
    assert (refused.abstract, refused.result, refused.transfer) == (PATIENT_ROOT_FIND, 3, "")
    assert (association.calling, association.called) == ("REQUESTOR", "ACCEPTOR")


def test_the_titles_are_those_of_the_request_whatever_the_answer_says() -> None:
    talk = Talk().open().request(PROPOSAL).answer(build.associate_ac(called="OTHER", calling="ANOTHER")).close()
    association = read_talk(talk)[-1].association
    assert (association.calling, association.called) == ("REQUESTOR", "ACCEPTOR")


def test_data_in_a_context_that_was_accepted_needs_no_note() -> None:
    assert list_codes(agree().request(*build.message(1, STORE, DATA)).close()) == [[], []]


@pytest.mark.parametrize("result", [1, 2, 3, 4])
def test_data_in_a_context_that_was_refused_is_noted_on_its_context_id(result: int) -> None:
    talk = agree(build.associate_ac([(1, result, IMPLICIT)])).request(*build.message(1, ECHO)).close()
    assert list_codes(talk) == [["context-refused"]]
    arrival = next(arrival for arrival in follow(talk) if arrival.pdvs)
    found = arrival.association.judge_context(arrival.pdvs[0])
    assert found is not None
    assert found.span is not None
    assert found.span.read() == b"\x01"


def test_data_in_a_context_that_was_never_proposed_is_noted() -> None:
    assert list_codes(agree().request(*build.message(99, ECHO)).close()) == [["context-unknown"]]


def test_data_in_a_context_that_nobody_answered_is_noted() -> None:
    talk = Talk().open().request(PROPOSAL).request(*build.message(1, ECHO)).close()
    assert list_codes(talk) == [["context-unanswered", "pdu-before-accept"]]


def test_data_in_a_context_that_the_answer_leaves_out_is_noted() -> None:
    talk = agree(build.associate_ac([(1, 0, IMPLICIT)])).request(*build.message(3, ECHO)).close()
    assert list_codes(talk) == [["context-unanswered"]]


def test_data_of_an_association_that_began_before_the_capture_is_noted() -> None:
    assert list_codes(Talk().request(*build.message(1, ECHO))) == [["context-unseen"]]


def test_a_context_accepted_without_a_transfer_syntax_is_not_called_refused() -> None:
    talk = agree(build.associate_ac([(1, 0, None)])).request(*build.message(1, ECHO)).close()
    assert "context-refused" not in list_codes(talk)[0]


def test_an_answer_without_its_request_in_the_capture_gives_the_transfer_syntaxes() -> None:
    talk = Talk().answer(ANSWER).request(*build.message(1, STORE, DATA)).close()
    association = read_talk(talk)[-1].association
    assert (association.request, association.contexts[1].transfer) == (None, EXPLICIT)


def test_an_answer_that_the_capture_holds_before_its_request_does_not_hide_what_was_proposed() -> None:
    talk = agree().request(*build.message(1, STORE, DATA)).close()
    talk.frames[3], talk.frames[4] = talk.frames[4], talk.frames[3]
    context = read_talk(talk)[-1].association.contexts[1]
    assert (context.abstract, context.transfer) == (CT_IMAGE_STORAGE, EXPLICIT)


def test_the_first_of_two_proposals_with_one_id_counts() -> None:
    proposal = build.associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT]), (1, PATIENT_ROOT_FIND, [EXPLICIT])])
    association = read_talk(Talk().open().request(proposal).answer(ANSWER).close())[-1].association
    assert association.contexts[1].abstract == CT_IMAGE_STORAGE


def test_the_first_of_two_answers_with_one_id_counts() -> None:
    answer = build.associate_ac([(1, 0, IMPLICIT), (1, 3, EXPLICIT)])
    assert read_talk(agree(answer).close())[-1].association.contexts[1].result == 0


def test_a_requestor_that_does_not_wait_for_the_answer_is_put_out_with_its_contexts() -> None:
    talk = Talk().open().request(PROPOSAL, *build.message(1, STORE, DATA)).answer(ANSWER)
    transfers = [arrival.association.contexts[1].transfer for arrival in follow(talk) if arrival.pdvs]
    assert transfers == [EXPLICIT, EXPLICIT]
    assert list_codes(talk) == [["pdu-before-accept"], ["pdu-before-accept"]]


def test_pdus_are_put_out_in_the_order_in_which_they_were_complete_although_one_waits() -> None:
    talk = Talk().open().request(PROPOSAL, *build.message(1, STORE, DATA)).answer(ANSWER).close()
    arrivals = list(follow(talk))
    assert [arrival.pdu.name for arrival in arrivals] == ["A-ASSOCIATE-RQ", "P-DATA-TF", "P-DATA-TF", "A-ASSOCIATE-AC"]
    assert [arrival.number for arrival in arrivals] == [1, 2, 3, 4]
    assert [arrival.pdu.frame for arrival in arrivals] == sorted(arrival.pdu.frame for arrival in arrivals)


def test_a_second_request_on_a_connection_begins_an_association_with_contexts_of_its_own() -> None:
    talk = agree().request(*build.message(1, STORE, DATA), build.release_rq()).answer(build.release_rp())
    talk.request(build.associate_rq([(1, PATIENT_ROOT_FIND, [IMPLICIT])], calling="SECOND")).answer(
        build.associate_ac([(1, 0, IMPLICIT)])
    )
    arrivals = read_talk(talk.request(*build.message(1, FIND, DATA)).close())
    first, second = arrivals[0].association, arrivals[-1].association
    assert (first.number, second.number) == (1, 2)
    assert (first.contexts[1].abstract, second.contexts[1].abstract) == (CT_IMAGE_STORAGE, PATIENT_ROOT_FIND)
    assert (first.calling, second.calling) == ("REQUESTOR", "SECOND")
    assert list(second.contexts) == [1]
    assert [describe(arrival) for arrival in arrivals if arrival.pdvs] == [
        *("C-STORE-RQ ID=1", "CT Image Storage", "C-FIND-RQ ID=1", "C-FIND-RQ-DATA")
    ]


def test_a_request_behind_an_association_that_began_before_the_capture_begins_another_one() -> None:
    talk = Talk().request(*build.message(1, ECHO)).answer(*build.message(1, build.c_echo_rsp()))
    talk.request(build.release_rq()).answer(build.release_rp()).request(PROPOSAL).answer(ANSWER)
    arrivals = read_talk(talk.request(*build.message(1, STORE, DATA)).close())
    assert [arrival.association.number for arrival in arrivals] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert collect_codes(arrivals[0]) == ["context-unseen"]


def test_two_connections_are_two_associations_numbered_by_their_first_pdus() -> None:
    ours = agree().request(*build.message(1, STORE, DATA)).close()
    theirs = Talk(requestor=("10.0.0.3", 50000), start=ours.start + 1)
    theirs.open().request(PROPOSAL).answer(ANSWER).request(*build.message(3, FIND, DATA)).close()
    frames = sorted(ours.frames + theirs.frames)
    arrivals = list(Associations(open_bytes(build.pcap(frames)), Config()))
    assert [(arrival.association.number, arrival.pdu.name) for arrival in arrivals[:4]] == [
        *((1, "A-ASSOCIATE-RQ"), (2, "A-ASSOCIATE-RQ"), (1, "A-ASSOCIATE-AC"), (2, "A-ASSOCIATE-AC"))
    ]
    assert [describe(arrival) for arrival in arrivals if arrival.pdvs] == [
        *("C-STORE-RQ ID=1", "C-FIND-RQ ID=1", "CT Image Storage", "C-FIND-RQ-DATA")
    ]


def test_messages_of_both_directions_in_one_context_do_not_mix() -> None:
    command = build.message(3, FIND, pdv_size=30)
    response = build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, 0xFF00, True), pdv_size=30)
    talk = agree()
    for ours, theirs in zip(command, response, strict=False):
        talk.request(ours).answer(theirs)
    arrivals = read_talk(talk.request(*command[len(response) :]).answer(*response[len(command) :]).close())
    messages = {pdv.part.message.name for arrival in arrivals for pdv in arrival.pdvs if pdv.part}
    assert messages == {"C-FIND-RQ", "C-FIND-RSP"}
    assert not [codes for arrival in arrivals if (codes := collect_codes(arrival))]


def test_a_cancel_between_the_fragments_of_the_peers_data_splits_nothing() -> None:
    first, second = build.message(3, DATA)[0], build.p_data(build.pdv(3, LAST, DATA[10:]))
    first = build.p_data(build.pdv(3, 0, DATA[:10]))
    talk = agree().answer(*build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, 0xFF00, True)), first)
    talk.request(*build.message(3, CANCEL)).answer(second).close()
    assert list_infos(talk) == ["C-FIND-RSP ID=1", "PDV Fragment [1/2]", "C-CANCEL-RQ ID=1", "C-FIND-RSP-DATA [2/2]"]


def test_fragments_are_numbered_with_their_number_known_when_they_are_put_out() -> None:
    talk = agree().request(*build.message(1, STORE, DATA, pdv_size=len(STORE) // 2)).close()
    assert list_infos(talk) == ["PDV Fragment [1/2]", "C-STORE-RQ ID=1 [2/2]", "CT Image Storage"]


def test_fragments_in_one_pdu_are_numbered_too() -> None:
    pdvs = [build.pdv(1, COMMAND, STORE[:10]), build.pdv(1, COMMAND | LAST, STORE[10:]), build.pdv(1, LAST, DATA)]
    assert list_infos(agree().request(build.p_data(*pdvs))) == [
        "PDV Fragment [1/2], C-STORE-RQ ID=1 [2/2], CT Image Storage"
    ]


def test_a_message_in_very_many_fragments_is_put_out_before_its_last_one() -> None:
    pdvs = [build.p_data(build.pdv(1, 0, b"ab")) for _ in range(LONGEST_WAIT + 10)]
    talk = agree().request(*build.message(1, STORE), b"".join(pdvs), build.p_data(build.pdv(1, LAST, b"")))
    infos = list_infos(talk)
    assert (infos[1], infos[-1]) == ("PDV Fragment", f"CT Image Storage [{LONGEST_WAIT + 11}/{LONGEST_WAIT + 11}]")


@pytest.mark.parametrize("last", [build.release_rq(), build.abort(), b""])
def test_a_message_that_is_cut_off_is_put_out_without_a_number_of_fragments(last: bytes) -> None:
    talk = agree().request(*build.message(1, STORE), build.p_data(build.pdv(1, 0, DATA)), last).close()
    assert list_infos(talk) == ["C-STORE-RQ ID=1", "PDV Fragment"]


def test_messages_are_numbered_by_their_names() -> None:
    talk = agree().request(
        *build.message(1, STORE, DATA), *build.message(3, FIND, DATA), *build.message(1, STORE, DATA)
    )
    pdvs = [pdv for arrival in read_talk(talk.close()) for pdv in arrival.pdvs if pdv.is_command]
    messages = [pdv.part.message for pdv in pdvs if pdv.part is not None]
    assert [(message.name, message.number) for message in messages] == [
        *(("C-STORE-RQ", 1), ("C-FIND-RQ", 1), ("C-STORE-RQ", 2))
    ]


def test_a_pdu_has_the_ordinal_of_its_first_byte_and_the_number_of_its_last() -> None:
    long, short = build.p_data(build.pdv(1, COMMAND | LAST, ECHO)), build.message(1, build.c_echo_rsp())[0]
    arrivals = read_talk(agree().request(long[:20]).answer(short).request(long[20:]).close())
    assert [(arrival.number, arrival.ordinal) for arrival in arrivals if arrival.pdvs] == [(3, 2), (4, 1)]


def test_each_type_of_pdu_is_counted_by_itself_in_both_directions() -> None:
    talk = agree().request(*build.message(1, ECHO)).answer(*build.message(1, build.c_echo_rsp()))
    arrivals = read_talk(talk.release())
    assert [path.partition("/")[2] for path in list_paths(arrivals)] == [
        "a-associate-rq.1",
        "a-associate-ac.1",
        "p-data-tf.1",
        "p-data-tf.2",
        "a-release-rq.1",
        "a-release-rp.1",
    ]


def test_bytes_that_turn_out_to_be_no_pdu_are_not_counted_as_one() -> None:
    unsound = build.p_data(b"\0\0\0\x04\x01\x07ab" + bytes(300))
    talk = agree().request(b"\x99" * 100, build.release_rq()).request(unsound[:100]).request(unsound[100:])
    paths = list_paths(read_talk(talk.request(b"\x99" * 100, *build.message(1, ECHO)).close()))
    assert len(set(paths)) == len(paths)
    assert "association.1/p-data-tf.1" in paths
    assert "association.1/p-data-tf.2" not in paths


def test_who_opens_the_connection_is_the_requestor() -> None:
    arrivals = read_talk(agree().close())
    assert [arrival.association.find_role(arrival.pdu.stream) for arrival in arrivals] == ["requestor", "acceptor"]


@pytest.mark.parametrize(
    "talk",
    [
        Talk().request(PROPOSAL).answer(ANSWER),
        Talk().answer(ANSWER).request(*build.message(1, ECHO)),
        Talk().answer(build.associate_rj()),
    ],
    ids=["request", "answer", "rejection"],
)
def test_roles_are_told_by_who_asks_and_who_answers_where_the_capture_lacks_the_handshake(talk: Talk) -> None:
    roles = {
        arrival.pdu.stream.sender: arrival.association.find_role(arrival.pdu.stream) for arrival in read_talk(talk)
    }
    assert roles.items() <= {"10.0.0.1:50000": "requestor", "10.0.0.2:104": "acceptor"}.items()
    assert roles


def test_roles_that_the_capture_does_not_tell_are_not_guessed() -> None:
    talk = Talk().request(*build.message(1, ECHO)).answer(*build.message(1, build.c_echo_rsp()))
    assert {arrival.association.find_role(arrival.pdu.stream) for arrival in read_talk(talk)} == {None}


def test_the_requestor_is_who_sends_the_request_even_where_the_peer_opened_the_connection() -> None:
    talk = Talk().open().answer(PROPOSAL).request(ANSWER).close()
    arrivals = read_talk(talk)
    assert [arrival.association.find_role(arrival.pdu.stream) for arrival in arrivals] == ["requestor", "acceptor"]


def test_a_rejected_association_has_no_contexts_accepted() -> None:
    association = read_talk(Talk().open().request(PROPOSAL).answer(build.associate_rj()).close())[-1].association
    assert {context.result for context in association.contexts.values()} == {None}
    assert not association.answered


def test_an_answer_in_which_every_item_is_damaged_leaves_the_contexts_unanswered() -> None:
    answer = build.associate(2, build.item(0x21, b"\1\0"), build.item(0x21, b""))
    contexts = read_talk(agree(answer).close())[-1].association.contexts
    assert {context.context_id: context.result for context in contexts.values()} == {1: None, 3: None}


PDUS = [
    *(PROPOSAL, ANSWER, build.release_rq(), build.release_rp(), build.abort(), build.associate_rj()),
    *build.message(1, STORE, DATA, pdv_size=40),
    *build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, 0xFF00, True), DATA),
]
TURNS = st.tuples(st.booleans(), st.sampled_from(PDUS))


@given(st.lists(TURNS, max_size=12))
@settings(deadline=None)
def test_any_order_of_sound_pdus_is_put_out_whole_and_each_has_its_own_path(
    turns: list[tuple[bool, bytes]],
) -> None:
    talk = agree()
    for by_requestor, pdu in turns:
        (talk.request if by_requestor else talk.answer)(pdu)
    arrivals = list(follow(talk.close()))
    assert [arrival.pdu.span.read() for arrival in arrivals] == [PROPOSAL, ANSWER, *(pdu for _, pdu in turns)]
    assert [arrival.number for arrival in arrivals] == [*range(1, len(arrivals) + 1)]
    paths = list_paths(arrivals)
    assert len(set(paths)) == len(paths)


@given(st.lists(TURNS, min_size=1, max_size=5), edits(200), st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_a_conversation_that_was_damaged_gives_sound_trees_with_paths_of_their_own(
    turns: list[tuple[bool, bytes]], changes: list[tuple[str, int, bytes]], mss: int
) -> None:
    talk = Talk(mss=mss).open().request(PROPOSAL).answer(ANSWER)
    for by_requestor, pdu in turns:
        (talk.request if by_requestor else talk.answer)(edit(pdu, changes))
    arrivals = list(follow(talk.close()))
    for arrival in arrivals:
        node = make_pdu_node(arrival)
        check_tree(node)
        assert set(collect_codes(arrival)) <= {found.code for _, below in node.walk() for found in below.notes}
    paths = list_paths(arrivals)
    assert len(set(paths)) == len(paths)
