"""The rules about the life of an association: each story breaks what it says and nothing else, whole and in parts."""

from collections.abc import Iterator

import pytest

from dissect.catalogue import AREAS, SEVERITIES
from dissect.checking import Breach
from tests import build
from tests.breaches import OUTCOMES, check
from tests.lives import STORIES

Told = tuple[str, int, str | None]
"""A code, the number of the PDU, and whose doing it is."""

EXPLAINING = ("abort", "reject", "context", "class", "ae-title")
"""What the codes about the reasons of aborts and the like begin with: they have tests of their own."""
LIFE = frozenset(code for code in AREAS["Associations"] if not code.startswith(EXPLAINING))

OPERATIONS = frozenset(("operation-unanswered", "release-early"))
"""What ends show of operations, which have tests of their own."""

TOLD: dict[str, list[Told]] = {
    "sound, both ask for release": [("release-collision", 6, None)],
    "sound, both ask for release, the acceptor first": [("release-collision", 6, None)],
    "sound, the error is aborted": [("pdu-type", 6, "requestor")],
    "sound, the error is aborted behind an answer": [("pdu-type", 6, "requestor")],
    "sound, cut by the capture": [("pdu-cut", 3, None)],
    "sound, cut by a reset": [("pdu-cut", 3, None)],
    "a second request": [("association-second", 5, "requestor")],
    "a second request after the release": [("association-second", 5, "requestor")],
    "data first": [("first-not-request", 1, "requestor")],
    "a release first": [("first-not-request", 1, "requestor")],
    "an answer first": [("first-not-request", 1, "requestor")],
    "the acceptor first, with data": [("acceptor-first", 1, "acceptor")],
    "the acceptor first, with an acceptance": [("acceptor-first", 1, "acceptor")],
    "the acceptor first, with an acceptance alone": [("acceptor-first", 1, "acceptor")],
    "the acceptor asks": [("acceptor-first", 1, "requestor")],
    "accepted twice": [("answer-unasked", 3, "acceptor")],
    "accepted and rejected": [("answer-unasked", 3, "acceptor")],
    "rejected and accepted": [("pdu-after-end", 3, "acceptor")],
    "accepted by the requestor": [("answer-unasked", 2, "requestor")],
    "rejected by the requestor": [("answer-unasked", 3, "requestor")],
    "data before the acceptance": [("pdu-before-accept", 2, "requestor")],
    "data before the rejection": [("context-rejected", 2, "requestor")],
    "a release before the acceptance": [("pdu-before-accept", 2, "requestor")],
    "data of the acceptor before the acceptance": [("pdu-before-accept", 2, "acceptor")],
    "a late request": [("request-late", 1, "requestor")],
    "unanswered, closed by the acceptor": [("request-unanswered", 1, "acceptor")],
    "unanswered, closed by the requestor": [("request-unanswered", 1, None)],
    "unanswered, reset": [("request-unanswered", 1, "acceptor")],
    "another port": [("port-unusual", 1, None)],
    "data after the release": [("pdu-after-release", 6, "requestor")],
    "a second release": [("pdu-after-release", 6, "requestor")],
    "data after both asked for release": [("pdu-after-release", 7, "requestor"), ("release-collision", 6, None)],
    "data after the response": [("pdu-after-end", 6, "acceptor")],
    "data after the abort": [("pdu-after-end", 5, "acceptor")],
    "data after the rejection": [("context-rejected", 3, "acceptor")],
    "an abort after the response": [("pdu-after-end", 7, "acceptor")],
    "a second abort": [("pdu-after-end", 6, "requestor")],
    "a response unasked": [("release-unasked", 5, "requestor")],
    "a response of the acceptor unasked": [("release-unasked", 5, "acceptor")],
    "a response to its own request": [("release-unasked", 6, "requestor")],
    "a response before the acceptance": [("release-unasked", 2, "acceptor")],
    "a second response": [("pdu-after-end", 7, "acceptor")],
    "a response to a response": [("release-unasked", 7, "requestor")],
    "a release unanswered, closed by its sender": [("release-unanswered", 5, "requestor")],
    "a release unanswered, closed by the other": [("release-unanswered", 5, "acceptor")],
    "a release unanswered, reset by its sender": [("release-unanswered", 5, "requestor")],
    "a release unanswered, reset by the other": [("release-unanswered", 5, "acceptor")],
    "a release of the acceptor unanswered": [("release-unanswered", 5, "requestor")],
    "both ask for release, the acceptor answers first": [
        ("release-collision", 6, None),
        ("release-order", 7, "acceptor"),
    ],
    "both ask for release, nobody answers": [("release-collision", 6, None), ("release-unanswered", 5, "requestor")],
    "both ask for release, the requestor alone answers": [
        ("release-collision", 6, None),
        ("release-unanswered", 5, "requestor"),
    ],
    "closed by the requestor": [("closed-without-release", 4, "requestor")],
    "closed by the acceptor": [("closed-without-release", 4, "acceptor")],
    "reset by the requestor": [("closed-without-release", 4, "requestor")],
    "reset by the acceptor": [("closed-without-release", 4, "acceptor")],
    "closed late after a release": [("not-closed", 6, "acceptor")],
    "closed late after a rejection": [("not-closed", 2, "acceptor")],
    "closed late after an abort": [("not-closed", 5, "requestor")],
    "closed by who answered": [("closed-by-other", 6, "acceptor")],
    "closed by who rejected": [("closed-by-other", 2, "acceptor")],
    "closed by who aborted": [("closed-by-other", 5, "requestor")],
    "an error not aborted": [("error-not-aborted", 5, "acceptor"), ("pdu-type", 5, "requestor")],
    "an error not aborted, but closed": [("error-not-aborted", 5, "acceptor"), ("pdu-type", 5, "requestor")],
    "a response unasked, not aborted": [("error-not-aborted", 5, "acceptor"), ("release-unasked", 5, "requestor")],
    "a second acceptance, not aborted": [("answer-unasked", 3, "acceptor"), ("error-not-aborted", 3, "requestor")],
    "an error whose sender leaves": [("pdu-type", 5, "requestor")],
    "an error whose answer was on its way": [("pdu-type", 5, "requestor")],
    "an abort on a request after the release": [("pdu-type", 8, "requestor")],
    "a PDU cut by its sender": [("pdu-truncated", 3, "requestor")],
    "closed by the requestor within an answer": [("closed-without-release", 4, "requestor"), ("pdu-cut", 4, None)],
    "closed by the acceptor within a request": [("closed-without-release", 3, "acceptor"), ("pdu-cut", 3, None)],
    "a PDU cut by the acceptor": [("pdu-truncated", 4, "acceptor")],
    "a request cut by its sender": [("pdu-truncated", 1, "requestor")],
}

"""What is told of each story; of any other nothing is."""

TEXTS = {
    "a second request": "a second A-ASSOCIATE-RQ on the connection, behind that of association 1",
    "data first": "the first PDU of the side that opened the connection is P-DATA-TF, not an A-ASSOCIATE-RQ",
    "the acceptor first, with data": (
        "P-DATA-TF from the side that was connected to, which has not received an A-ASSOCIATE-RQ"
    ),
    "accepted twice": "A-ASSOCIATE-AC that answers no A-ASSOCIATE-RQ: the association was answered before",
    "accepted by the requestor": "A-ASSOCIATE-AC that answers no A-ASSOCIATE-RQ: the requestor has sent it",
    "a release before the acceptance": "A-RELEASE-RQ before the association was accepted",
    "data after the release": "P-DATA-TF from the requestor, which had asked for release in PDU 5",
    "data after the response": (
        "P-DATA-TF from the acceptor, which had ended the association with A-RELEASE-RP in PDU 5"
    ),
    "a response unasked": "A-RELEASE-RP from the requestor, though its peer has not asked for release",
    "a release unanswered, closed by the other": (
        "the A-RELEASE-RQ was not answered before the acceptor closed the connection"
    ),
    "a release unanswered, reset by its sender": (
        "the A-RELEASE-RQ was not answered before the requestor reset the connection"
    ),
    "sound, both ask for release": "both sides have asked for release, the other one in PDU 5",
    "closed by the acceptor": "the connection was closed by the acceptor without a release or an abort",
    "reset by the requestor": "the connection was reset by the requestor without a release or an abort",
    "a late request": (
        "the A-ASSOCIATE-RQ came 31.0 s after the connection was opened, later than the ARTIM timer's 30 s"
    ),
    "closed late after a rejection": (
        "the connection was still open 31.0 s after A-ASSOCIATE-RJ, longer than the ARTIM timer's 30 s"
    ),
    "closed by who rejected": (
        "the connection was closed by the acceptor, though after A-ASSOCIATE-RJ it is the requestor that closes it"
    ),
    "an error not aborted": "the acceptor did not abort after PDU 5, which the protocol does not allow (pdu-type)",
    "a PDU cut by its sender": "the requestor closed the connection 4 bytes before its PDU ends",
    "sound, cut by the capture": "the capture ends 4 bytes before the PDU does",
    "sound, cut by a reset": "the connection ends 4 bytes before the PDU does",
    "another port": "the acceptor listens on port 4242, not on 104 or 11112",
    "unanswered, closed by the acceptor": (
        "the A-ASSOCIATE-RQ was not answered: the acceptor closed the connection after 5.0 s"
    ),
}
"""The sentence of the first rule that a story breaks."""

SAME = {"not-a-pdu": "pdu-type", "pdu-before-accept": "context-rejected"}
"""What a part tells of in other words: no PDU behind shows that it is one, no rejection tells what becomes of it."""

ADDRESS = slice(26, 30)
"""Where the sender's address stands in a frame."""


CODES = frozenset(code for rules in AREAS.values() for code in rules) - OPERATIONS - OUTCOMES


def check_story(name: str, artim: float = 30.0) -> list[Breach]:
    """Check a story, and give what is told of the life of the association, and all else that is no remark."""
    groups = check(build.pcap(STORIES[name]().frames), CODES, artim)
    found = [breach for group in groups for breach in group.breaches]
    return [each for each in found if each.note.code in LIFE or each.note.severity != "remark"]


@pytest.mark.parametrize("name", STORIES)
def test_a_story_breaks_the_rules_that_it_is_about_and_no_other(name: str) -> None:
    found = [(each.note.code, each.pdu, each.culprit.role) for each in check_story(name)]
    assert sorted(found, key=str) == sorted(TOLD.get(name, []), key=str)


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_told_has_the_values(name: str) -> None:
    worst = min(check_story(name), key=lambda each: (SEVERITIES.index(each.note.severity), each.note.code))
    assert worst.note.text == TEXTS[name]


def test_each_rule_of_the_life_of_an_association_is_broken_by_a_story() -> None:
    assert {code for told in TOLD.values() for code, _, _ in told} >= LIFE - OPERATIONS
    assert TOLD.keys() <= STORIES.keys()


@pytest.mark.parametrize(
    ("name", "artim", "code"),
    [
        ("sound, a late request", 28, "request-late"),
        ("sound, closed late", 28, "not-closed"),
        ("a late request", 32, ""),
        ("closed late after a release", 32, ""),
        ("unanswered, closed by the requestor", 4, "request-unanswered"),
    ],
)
def test_the_time_of_the_artim_timer_is_a_setting(name: str, artim: float, code: str) -> None:
    assert [each.note.code for each in check_story(name, artim)] == ([code] if code else [])


def test_who_does_not_answer_for_longer_than_the_artim_timer_is_to_blame_for_that() -> None:
    [found] = check_story("unanswered, closed by the requestor", 4)
    assert found.culprit.role == "acceptor"


def cut(frames: list[build.Frame]) -> Iterator[bytes]:
    """Give captures that lack something of a conversation."""
    places = range(len(frames))
    for place in places:
        yield build.pcap(frames[place:])
        yield build.pcap(frames[:place])
        yield build.pcap(frames[:place] + frames[place + 1 :])
    for size in (60, 66, 100, 150):
        yield build.pcap(frames, cut=size)
    for sender in {frame.data[ADDRESS] for frame in frames}:
        yield build.pcap([frame for frame in frames if frame.data[ADDRESS] == sender])


def list_errors(data: bytes) -> set[str]:
    """Give the codes of the errors in a capture file."""
    return {group.code for group in check(data, CODES) if group.rule.severity == "error"}


@pytest.mark.parametrize("name", STORIES)
def test_a_part_of_a_story_has_no_error_that_the_whole_does_not_have(name: str) -> None:
    frames = STORIES[name]().frames
    whole = list_errors(build.pcap(frames))
    for part in cut(frames):
        found = list_errors(part)
        assert {SAME[code] if SAME.get(code) in whole else code for code in found} <= whole


@pytest.mark.parametrize("name", [name for name in STORIES if name not in TOLD])
def test_no_order_in_which_two_frames_are_captured_makes_an_error_of_a_sound_story(name: str) -> None:
    frames = STORIES[name]().frames
    for place in range(len(frames) - 1):
        first, second = frames[place : place + 2]
        turned = [build.Frame(first.time_ns, second.data), build.Frame(first.time_ns, first.data)]
        assert list_errors(build.pcap(frames[:place] + turned + frames[place + 2 :])) == set()
