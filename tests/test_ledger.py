"""Accounts of associations: what was agreed and done in each, and how it ended."""

from collections import Counter

import pytest

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.ledger import Account, Ledger
from tests import build
from tests.conftest import ROOT, open_bytes


def account_for(capture: Capture) -> list[Account]:
    """Read a capture to its end, and give the accounts of its associations."""
    ledger = Ledger(capture)
    for arrival in Associations(capture, Config(), close=ledger.close):
        ledger.follow(arrival)
    return list(ledger.accounts.values())


def account_for_file(name: str) -> Account:
    """Give the account of the one association of a recorded capture."""
    [account] = account_for(Capture(ROOT / "captures" / f"{name}.pcap"))
    return account


def account_for_talk(talk: build.Talk) -> Account:
    """Give the account of the one association of a conversation."""
    [account] = account_for(open_bytes(build.pcap(talk.frames)))
    return account


def test_a_stored_object_is_an_operation_that_succeeded() -> None:
    account = account_for_file("c-store")
    assert (account.calling, account.called) == ("MODALITY", "ARCHIVE")
    assert (account.requestor, account.acceptor) == ("127.0.0.1:48230", "127.0.0.1:4242")
    [((name, uid), tally)] = account.operations.items()
    assert (name, uid) == ("C-STORE", "1.2.840.10008.5.1.4.1.1.2")
    assert (tally.requests, tally.answered, tally.failure, tally.size) == (1, 1, 0, 9552)
    assert tally.slowest == (tally.times[0], 7)
    assert account.sent == {"127.0.0.1:48230": 10050, "127.0.0.1:4242": 379}
    assert (account.end.how, account.ended_by, account.failures) == ("released", "requestor", 0)


def test_failures_are_counted_by_status_class() -> None:
    account = account_for_file("c-store-refused")
    assert account.sum_operations()["C-STORE"].failure == 3
    assert account.failures == 3


def test_pending_responses_are_no_final_ones() -> None:
    tally = account_for_file("c-find-worklist").sum_operations()["C-FIND"]
    assert (tally.requests, tally.pending, tally.answered, len(tally.times)) == (1, 3, 1, 1)


def test_a_cancelled_query_has_ended_so() -> None:
    tally = account_for_file("c-find-cancelled").sum_operations()["C-FIND"]
    assert (tally.requests, tally.answered, tally.cancel) == (1, 1, 1)


@pytest.mark.parametrize(
    ("name", "how", "by", "why"),
    [
        ("c-echo", "released", "requestor", ""),
        ("aborted", "aborted", "requestor", "user"),
        ("aborted-by-acceptor", "aborted", "acceptor", "user"),
        ("rejected", "rejected", "acceptor", "Called AE title not recognized"),
    ],
)
def test_an_association_ends(name: str, how: str, by: str, why: str) -> None:
    account = account_for_file(name)
    assert (account.end.how, account.ended_by, account.end.why) == (how, by, why)
    assert account.failures == (how != "released")


def begin() -> build.Talk:
    """Begin an association."""
    return build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())


def test_a_connection_that_is_reset_ends_its_association() -> None:
    account = account_for_talk(begin().reset(by_requestor=False))
    assert (account.end.how, account.ended_by, account.failures) == ("reset", "acceptor", 1)


def test_a_connection_that_is_closed_without_a_release_ends_its_association() -> None:
    account = account_for_talk(begin().close())
    assert (account.end.how, account.ended_by) == ("closed", "requestor")
    assert account_for_talk(begin().request(build.release_rq()).close()).end.why == "A-RELEASE-RQ not answered"


def test_a_reset_behind_the_close_of_either_side_does_not_hide_who_closed() -> None:
    for by_requestor in (False, True):
        account = account_for_talk(begin().close().reset(by_requestor=by_requestor))
        assert (account.end.how, account.ended_by) == ("closed", "requestor")


def test_an_association_that_the_capture_does_not_hold_to_its_end_is_open() -> None:
    assert account_for_talk(begin()).end.how == "open"


def test_who_ended_it_is_not_told_where_the_capture_does_not_tell_who_asked() -> None:
    talk = build.Talk()
    talk.request(*build.message(1, build.c_echo_rq())).answer(*build.message(1, build.c_echo_rsp()))
    talk.request(build.release_rq()).answer(build.release_rp())
    account = account_for_talk(talk)
    assert (account.requestor, account.end.how, account.ended_by) == (None, "released", None)
    assert account.end.by == account.sides[0]


def test_an_abort_of_the_provider_tells_its_reason() -> None:
    account = account_for_talk(begin().answer(build.abort(2, 2)))
    assert (account.end.how, account.end.why) == ("aborted", "provider: Unexpected PDU")


def test_a_request_without_an_answer_is_counted_as_one() -> None:
    account = account_for_talk(begin().request(*build.message(1, build.c_echo_rq())))
    tally = account.sum_operations()["C-ECHO"]
    assert (tally.requests, tally.answered) == (1, 0)


def test_the_round_trip_is_from_the_syn_to_the_acknowledgement_of_its_answer() -> None:
    talk = build.Talk()
    talk.send(True, build.SYN).wait(3_000_000).send(False, build.SYN | build.ACK)
    talk.wait(4_000_000).send(True, build.ACK).wait(50_000_000).request(build.associate_rq())
    account = account_for_talk(talk)
    first, last = talk.frames[0][0], talk.frames[2][0]
    assert account.carriage is not None
    assert account.carriage.round_trip == last - first


def test_a_connection_whose_handshake_the_capture_lacks_has_no_round_trip() -> None:
    talk = begin()
    talk.frames = talk.frames[3:]
    account = account_for_talk(talk)
    assert account.carriage is not None
    assert account.carriage.round_trip is None


def test_two_associations_on_a_connection_have_accounts_of_their_own() -> None:
    talk = begin().request(build.release_rq()).answer(build.release_rp())
    talk.request(build.associate_rq()).answer(build.associate_rj()).close()
    first, second = account_for(open_bytes(build.pcap(talk.frames)))
    assert (first.end.how, second.end.how) == ("released", "rejected")
    assert first.carriage == second.carriage


def test_notes_are_counted_by_code_and_severity() -> None:
    account = account_for_talk(begin().request(build.pdu(9, b"")).close())
    assert account.codes == Counter({"pdu-type": 1})
    assert account.problems == Counter(error=1)


def test_a_reason_of_which_bytes_are_lost_is_not_told() -> None:
    for body, how in ((build.associate_rj(), "rejected"), (build.abort(2, 2), "aborted")):
        talk = build.Talk(mss=6).open().request(build.associate_rq()).answer(body, build.p_data(build.pdv(1, 0, b"ab")))
        frames = [frame for frame in talk.frames if frame.data[54:] != body[6:]]
        assert len(frames) == len(talk.frames) - 1
        [account] = account_for(open_bytes(build.pcap(frames)))
        assert (account.end.how, account.end.why) == (how, "")


def test_a_release_that_ends_in_a_reset_has_failed() -> None:
    account = account_for_talk(begin().request(build.release_rq()).reset(by_requestor=False))
    assert (account.end.how, account.ended_by, account.failures) == ("reset", "acceptor", 1)


def test_associations_that_agree_alike_share_their_contexts() -> None:
    frames = []
    for port in (50001, 50002):
        frames += build.echo_talk(build.Talk(requestor=("10.0.0.1", port))).frames
    first, second = account_for(open_bytes(build.pcap(frames)))
    assert first.contexts is second.contexts
