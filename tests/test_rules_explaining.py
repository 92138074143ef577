"""What explains an abort, a rejection or a refused context: what came before it, and what stands elsewhere."""

import pytest

from dissect.catalogue import AREAS
from dissect.checking import Breach
from tests import build
from tests.breaches import check
from tests.build import (
    APPLICATION_CONTEXT,
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    PATIENT_ROOT_FIND,
    VERIFICATION,
    Talk,
)
from tests.lives import ASK, ECHO, REPLY, RQ, SECOND, UNKNOWN, begin, end, leave, work

EXPLAINING = frozenset(
    code for code in AREAS["Associations"] if code.startswith(("abort", "ae-", "reject", "context", "class"))
)

PART = ECHO[:-4]
REJECTED = "Calling AE title not recognized"

FIRST = "the requestor aborted; the last PDU before it is 4, C-ECHO-RSP ID=1 (Success) from the acceptor"


def check_talks(*talks: Talk) -> list[Breach]:
    """Check conversations, and give what is told of the reasons."""
    groups = check(build.pcap([frame for talk in talks for frame in talk.frames]), EXPLAINING)
    return [breach for group in groups for breach in group.breaches]


def list_texts(*talks: Talk) -> list[tuple[str, int, str]]:
    """Give code, PDU and sentence of what is told."""
    return [(each.note.code, each.pdu, each.note.text) for each in check_talks(*talks)]


def abort(talk: Talk, source: int = 0, reason: int = 0) -> Talk:
    """Abort as the acceptor."""
    return talk.answer(build.abort(source, reason)).close()


ABORTS: dict[str, tuple[Talk, list[tuple[str, int, str]]]] = {
    "at once": (
        leave(begin().request(build.abort())),
        [
            (
                "aborted-at-once",
                3,
                "the requestor aborted right after the A-ASSOCIATE-AC, which accepted 1 of 1 presentation contexts",
            )
        ],
    ),
    "by the acceptor behind its own acceptance": (
        abort(begin()),
        [
            (
                "abort-explained",
                3,
                "the acceptor aborted; the last PDU before it is 2, A-ASSOCIATE-AC from the acceptor",
            )
        ],
    ),
    "after some work": (leave(work().request(build.abort())), [("abort-explained", 5, FIRST)]),
    "after a broken rule": (
        abort(work().request(REPLY), 2, 2),
        [
            (
                "abort-explained",
                6,
                (
                    "the acceptor aborted; before it the requestor broke a rule in PDU 5: release-unasked;"
                    " the last PDU before it is 5, A-RELEASE-RP from the requestor"
                ),
            )
        ],
    ),
    "after an operation without a response": (
        leave(begin().request(ECHO).wait(3 * SECOND).request(build.abort())),
        [
            (
                "abort-explained",
                4,
                (
                    "the requestor aborted; the requestor had no final response to C-ECHO-RQ ID=1 of PDU 3 for 3.0 s;"
                    " nothing was said for 3.0 s; the last PDU before it is 3, C-ECHO-RQ ID=1 from the requestor"
                ),
            )
        ],
    ),
    "after a silence": (
        abort(work().wait(5 * SECOND)),
        [
            (
                "abort-explained",
                5,
                (
                    "the acceptor aborted; nothing was said for 5.0 s, though nothing was outstanding;"
                    " the last PDU before it is 4, C-ECHO-RSP ID=1 (Success) from the acceptor"
                ),
            )
        ],
    ),
    "after bytes that are no PDU": (
        abort(work().request(UNKNOWN), 2, 1),
        [
            (
                "abort-explained",
                5,
                (
                    "the acceptor aborted; the requestor had sent 12 bytes more that are no complete PDU;"
                    " the last PDU before it is 4, C-ECHO-RSP ID=1 (Success) from the acceptor"
                ),
            )
        ],
    ),
    "after a part of a PDU": (
        abort(begin().request(PART)),
        [
            (
                "abort-explained",
                3,
                (
                    f"the acceptor aborted; the requestor had sent {len(PART)} bytes more that are no complete PDU;"
                    " the last PDU before it is 2, A-ASSOCIATE-AC from the acceptor"
                ),
            )
        ],
    ),
    "for a PDU that nobody sent": (
        abort(work(), 2, 1),
        [
            (
                "abort-contradicts",
                5,
                (
                    "the abort says 'Unrecognized PDU', but all PDUs that came from its peer have types of the"
                    " standard, the last one, PDU 3, too"
                ),
            ),
            ("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted")),
        ],
    ),
    "for a PDU that may come": (
        abort(work(), 2, 2),
        [
            (
                "abort-contradicts",
                5,
                (
                    "the abort says 'Unexpected PDU', but the last PDU of its peer, the P-DATA-TF of PDU 3, is one"
                    " that may come there"
                ),
            ),
            ("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted")),
        ],
    ),
    "for no reason": (
        abort(work(), 2, 0),
        [("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted"))],
    ),
    "from a reserved source": (
        abort(work(), 1, 0),
        [
            (
                "abort-source",
                5,
                "Source 1 of an A-ABORT is reserved: 0 is the service user, 2 the service provider",
            ),
            ("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted")),
        ],
    ),
    "for a reserved reason": (
        abort(work(), 2, 3),
        [
            ("abort-reason", 5, "Reason 3 of an A-ABORT is not one of the service provider's: 0, 1, 2, 4, 5 and 6"),
            ("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted")),
        ],
    ),
    "by a user with a reason": (
        abort(work(), 0, 2),
        [
            ("abort-explained", 5, FIRST.replace("the requestor aborted", "the acceptor aborted")),
            ("abort-reason-set", 5, "reason 2 in an A-ABORT of the service user, where it means nothing"),
        ],
    ),
    "in place of a release response": (
        leave(work().request(ASK).answer(build.abort())),
        [
            (
                "abort-explained",
                6,
                "the acceptor aborted; the last PDU before it is 5, A-RELEASE-RQ from the requestor",
            )
        ],
    ),
}


@pytest.mark.parametrize(("talk", "told"), ABORTS.values(), ids=list(ABORTS))
def test_an_abort_is_explained_by_what_came_before_it(talk: Talk, told: list[tuple[str, int, str]]) -> None:
    assert list_texts(talk) == told


FRAGMENT = 1000
COMMAND, *DATA = build.message(
    1, build.c_store_rq(1, CT_IMAGE_STORAGE, "1.2.3"), build.element(0x7FE00010, "OW", bytes(20 * FRAGMENT)),
    pdv_size=FRAGMENT,
)  # fmt: skip
STORE = [COMMAND, *DATA]


def begin_store(count: int = 10) -> Talk:
    """Open an association, and begin to store an object of many fragments, by so many PDUs."""
    request = build.associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])
    return Talk().open().request(request).answer(build.associate_ac([(1, 0, IMPLICIT)])).request(*STORE[:count])


def explain_abort(talk: Talk) -> str:
    """Give what explains an abort."""
    [told] = [text for code, _, text in list_texts(talk) if code == "abort-explained"]
    return told


@pytest.mark.parametrize("who", ["requestor", "acceptor"])
def test_an_abort_within_an_object_is_told_with_the_last_fragment_before_it(who: str) -> None:
    talk = begin_store()
    text = explain_abort(leave(talk.request(build.abort())) if who == "requestor" else abort(talk))
    assert text.startswith(f"the {who} aborted; ")
    assert "the last PDU before it is 12, " in text
    assert text.endswith(" from the requestor")


def test_of_the_last_pdu_is_told_whether_it_had_reached_who_aborted() -> None:
    talk, before = begin_store(10), begin_store(9).answer(build.abort())
    talk.frames.append(build.Frame(talk.frames[-1].time_ns, before.frames[-1].data))
    text = explain_abort(talk)
    assert "the last PDU before it is 12, " in text
    assert text.endswith(" from the requestor, which had not reached it")


@pytest.mark.parametrize(("wait", "told"), [(0, ""), (SECOND // 5, " for 0.2 s")])
def test_how_long_a_response_was_waited_for_is_told_where_it_was_a_while(wait: int, told: str) -> None:
    text = explain_abort(leave(begin().request(ECHO).wait(wait).request(build.abort())))
    assert f"had no final response to C-ECHO-RQ ID=1 of PDU 3{told}; the last PDU" in text


def test_an_abort_of_which_the_capture_lacks_what_came_before_contradicts_nothing() -> None:
    talk = abort(work(), 2, 2)
    del talk.frames[5]
    assert "abort-contradicts" not in [code for code, _, _ in list_texts(talk)]


def propose(
    called: str = "ACCEPTOR", calling: str = "REQUESTOR", *, port: int = 50000, version: int = 1,
    application_context: str = APPLICATION_CONTEXT,
) -> Talk:  # fmt: skip
    """Open a connection, and ask for an association."""
    talk = Talk(requestor=("10.0.0.1", port)).open()
    return talk.request(
        build.associate_rq(called=called, calling=calling, version=version, application_context=application_context)
    )


def reject(talk: Talk, result: int = 1, source: int = 1, reason: int = 3) -> Talk:
    """Reject an association."""
    return talk.answer(build.associate_rj(result, source, reason)).close()


def accept(called: str = "ACCEPTOR", calling: str = "REQUESTOR", port: int = 50001) -> Talk:
    """Make a whole association of another connection."""
    return end(propose(called, calling, port=port).answer(build.associate_ac(called=called, calling=calling)))


def explain(reason: str, why: str, pdu: int = 2, *, code: str = "reject-explained") -> tuple[str, int, str]:
    """Give how a rejection is explained."""
    told = "rejected" if code == "reject-explained" else "rejected for a time alone,"
    return code, pdu, f"{told} for '{reason}'; {why}"


DEFAULT = "the request is from REQUESTOR to ACCEPTOR for Verification SOP Class"
"""What is told where nothing else explains a rejection."""


UNKNOWN_CALLED = "Called AE title not recognized"
LIMIT = "Local limit exceeded"
NO_CONTEXT, NO_VERSION = "Application context name not supported", "Protocol version not supported"

REJECTS: dict[str, tuple[list[Talk], list[tuple[str, int, str]]]] = {
    "for who asks": (
        [reject(propose())],
        [explain(REJECTED, "the calling AE title was REQUESTOR; ACCEPTOR accepted nobody in this capture")],
    ),
    "for who asks, where others are accepted later": (
        [reject(propose()), accept(calling="OTHER")],
        [explain(REJECTED, "the calling AE title was REQUESTOR; ACCEPTOR accepted OTHER")],
    ),
    "for who is asked": (
        [reject(propose("WRONG"), reason=7)],
        [explain(UNKNOWN_CALLED, "the called AE title was WRONG; 10.0.0.2:104 accepted none in this capture")],
    ),
    "for who is asked, where another name was accepted before": (
        [accept("RIGHT"), reject(propose("WRONG"), reason=7)],
        [explain(UNKNOWN_CALLED, "the called AE title was WRONG; 10.0.0.2:104 accepted associations as RIGHT", pdu=6)],
    ),
    "for no reason": (
        [reject(propose(), reason=1)],
        [explain("No reason given", DEFAULT)],
    ),
    "for the application context, which is right": (
        [reject(propose(), reason=2)],
        [
            (
                "reject-contradicts",
                2,
                f"rejected for '{NO_CONTEXT}', but the application context name of the request is DICOM's",
            )
        ],
    ),
    "for the application context, which is wrong": (
        [reject(propose(application_context="1.2.3"), reason=2)],
        [explain(NO_CONTEXT, DEFAULT)],
    ),
    "for the version, which is right": (
        [reject(propose(), source=2, reason=2)],
        [
            (
                "reject-contradicts",
                2,
                f"rejected for '{NO_VERSION}', but the request has bit 0 of the protocol version set, as it must be",
            )
        ],
    ),
    "for the version, which is wrong": (
        [reject(propose(version=2), source=2, reason=2)],
        [explain(NO_VERSION, DEFAULT)],
    ),
    "for a time": (
        [reject(propose(), 2, 3, 2)],
        [
            explain(LIMIT, DEFAULT, code="rejected-transient"),
        ],
    ),
    "although it is accepted later": (
        [reject(propose()), accept()],
        [
            explain(REJECTED, "the calling AE title was REQUESTOR; ACCEPTOR accepted REQUESTOR"),
            ("rejected-although", 2, "REQUESTOR was rejected by ACCEPTOR, which accepted it in association 2"),
        ],
    ),
    "for good, although it was accepted before": (
        [accept(), reject(propose(), 1, 1, 3)],
        [
            explain(REJECTED, "the calling AE title was REQUESTOR; ACCEPTOR accepted REQUESTOR", pdu=6),
            ("rejected-although", 6, "REQUESTOR was rejected by ACCEPTOR, which accepted it in association 1"),
        ],
    ),
    "for a time, although it was accepted before": (
        [accept(), reject(propose(), 2, 3, 2)],
        [
            explain(
                LIMIT, f"{DEFAULT}; ACCEPTOR accepted REQUESTOR in association 1", pdu=6, code="rejected-transient"
            ),
        ],
    ),
    "with a result of no meaning": (
        [reject(propose(), 9)],
        [("reject-reason", 2, "Result 9 of an A-ASSOCIATE-RJ is reserved or unknown")],
    ),
    "with a source of no meaning": (
        [reject(propose(), 1, 9, 1)],
        [
            ("reject-reason", 2, "Source 9 of an A-ASSOCIATE-RJ is reserved or unknown"),
            ("reject-reason", 2, "Reason 1 of an A-ASSOCIATE-RJ is reserved or unknown"),
        ],
    ),
    "with a reason of no meaning": (
        [reject(propose(), 1, 1, 9)],
        [("reject-reason", 2, "Reason 9 of an A-ASSOCIATE-RJ is reserved or unknown")],
    ),
}


@pytest.mark.parametrize(("talks", "told"), REJECTS.values(), ids=list(REJECTS))
def test_a_rejection_is_explained_by_the_request_and_by_what_is_accepted_elsewhere(
    talks: list[Talk], told: list[tuple[str, int, str]]
) -> None:
    assert list_texts(*talks) == told


def test_a_rejection_by_another_acceptor_is_not_compared() -> None:
    other = Talk(requestor=("10.0.0.1", 50001), acceptor=("10.0.0.3", 104))
    talk = reject(other.open().request(RQ))
    assert "rejected-although" not in [code for code, _, _ in list_texts(accept(), talk)]


def test_a_rejection_that_nobody_may_send_is_not_explained() -> None:
    assert list_texts(leave(begin().answer(build.associate_rj()).request(build.abort(2, 2))))[0][0] == "abort-explained"


Results = list[tuple[int, int, str | None]]

CLASSES = [
    (1, CT_IMAGE_STORAGE, [IMPLICIT, EXPLICIT]),
    (3, CT_IMAGE_STORAGE, ["1.2.840.10008.1.2.4.50"]),
    (5, PATIENT_ROOT_FIND, [IMPLICIT]),
    (7, VERIFICATION, [IMPLICIT]),
]


def negotiate(results: Results, port: int = 50000) -> Talk:
    """Make a whole association with results for its contexts."""
    talk = Talk(requestor=("10.0.0.1", port)).open().request(build.associate_rq(CLASSES))
    return end(talk.answer(build.associate_ac(results)))


ALL: Results = [(1, 0, EXPLICIT), (3, 0, "1.2.840.10008.1.2.4.50"), (5, 0, IMPLICIT), (7, 0, IMPLICIT)]
NO_FIND: Results = [ALL[0], ALL[1], (5, 3, IMPLICIT), ALL[3]]
NO_JPEG: Results = [ALL[0], (3, 4, None), ALL[2], ALL[3]]


def test_contexts_that_are_accepted_need_no_explanation() -> None:
    assert list_texts(negotiate(ALL)) == []


def test_a_refused_context_is_told_with_what_it_offered() -> None:
    [(code, pdu, text)] = list_texts(negotiate(NO_FIND))
    assert (code, pdu) == ("context-declined", 2)
    assert text.startswith("presentation context 5 (Patient Root")
    assert "offered Implicit VR Little Endian" in text
    assert "elsewhere" not in text


@pytest.mark.parametrize("later", [False, True])
def test_what_the_acceptor_took_elsewhere_is_told_of_a_refused_context_whenever_that_was(later: bool) -> None:
    talks = [negotiate(NO_FIND), negotiate(ALL, 50001)]
    [(code, pdu, text)] = list_texts(*(talks if later else reversed(talks)))
    assert (code, pdu) == ("context-declined", 2 if later else 6)
    number = 2 if later else 1
    assert text.endswith(f"; elsewhere ACCEPTOR took it with Implicit VR Little Endian in association {number}")


def test_a_class_that_is_refused_in_one_encoding_alone_is_told_with_the_other() -> None:
    [(code, pdu, text)] = list_texts(negotiate(NO_JPEG))
    assert (code, pdu) == ("class-split", 2)
    assert text.startswith("presentation context 3 (CT Image Storage) was refused: ")
    assert "; offered JPEG Baseline (Process 1); context 1 has it with Explicit VR Little Endian" in text


def test_a_class_of_which_no_encoding_is_accepted_is_not_split() -> None:
    found = list_texts(negotiate([(1, 4, None), (3, 4, None), ALL[2], ALL[3]]))
    assert [code for code, _, _ in found] == ["context-declined"] * 2


def test_nothing_is_told_of_contexts_whose_request_the_capture_lacks() -> None:
    talk = negotiate(NO_FIND)
    del talk.frames[3]
    assert [code for code, _, _ in list_texts(talk) if code in ("context-declined", "class-split")] == []


def test_what_is_told_hangs_where_it_is_said() -> None:
    assert [each.path for each in check_talks(negotiate(NO_JPEG))] == [
        "association.1/a-associate-ac.1/body/presentation-context.2"
    ]
    assert [each.path for each in check_talks(reject(propose()))] == ["association.1/a-associate-rj.1/body/reason"]
    assert [each.path for each in check_talks(abort(work(), 0, 2))] == [
        "association.1/a-abort.1",
        "association.1/a-abort.1/body/reason",
    ]


@pytest.mark.parametrize(
    ("calling", "told"),
    [
        ("Requestor", "the AE title 'Requestor' differs from 'REQUESTOR' of association 1 in case or blanks alone"),
        ("REQUES TOR", "the AE title 'REQUES TOR' differs from 'REQUESTOR' of association 1 in case or blanks alone"),
        ("REQUESTORS", ""),
        ("REQUESTOR", ""),
    ],
)
def test_titles_that_are_nearly_the_same_are_told_of(calling: str, told: str) -> None:
    found = list_texts(accept(port=50000), accept(calling=calling))
    alike = [each for each in found if each[0] == "ae-title-alike"]
    assert alike == ([("ae-title-alike", 5, told)] if told else [])
    assert found == alike
