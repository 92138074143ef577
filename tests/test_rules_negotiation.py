import struct
from collections.abc import Callable, Sequence
from string import Formatter
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.sop_class import _STORAGE_CLASSES

from dissect.catalogue.negotiation import RULES
from dissect.cursor import Cursor
from dissect.dicom.pdu import decode_pdu, find_codes
from dissect.dicom.values import name_uid
from dissect.node import Node
from dissect.notes import Finding, note
from dissect.rules.collecting import MOST_TOLD
from dissect.rules.forms import LONGEST_QUOTE
from dissect.rules.negotiation import judge_accept, judge_request
from dissect.spans import Buffer
from tests import build
from tests.build import BIG_ENDIAN, CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT, PATIENT_ROOT_FIND, VERIFICATION
from tests.trees import edit, edits

JPEGS = [f"1.2.840.10008.1.2.4.{process}" for process in (*range(50, 67), 70, 80, 81, 90, 91)]
JPEG, PRIVATE = "1.2.840.10008.1.2.4.50", "1.2.276.0.7230010.9.9.9"
MAXIMUM = build.maximum_length(16384)
CLASS = build.implementation_class("2.25.104")
USER = build.user_information(MAXIMUM, CLASS)
APPLICATION = build.item(0x10, build.APPLICATION_CONTEXT.encode())
CONTEXT, RESULT = build.context_rq(1, VERIFICATION, [IMPLICIT]), build.context_ac(1)
CT = (3, CT_IMAGE_STORAGE, (IMPLICIT,))
ECHO = (1, VERIFICATION, (IMPLICIT,))


def user(*items: bytes) -> bytes:
    """Encode user information of the required sub-items and others."""
    return build.user_information(MAXIMUM, CLASS, *items)


def ask(*items: bytes, contexts: Sequence[build.ProposedContext] = (ECHO, CT)) -> bytes:
    """Encode a request with sub-items of the user information."""
    return build.associate_rq(contexts, user=user(*items))


def reply(*items: bytes, results: Sequence[build.ContextResult] = ((1, 0, IMPLICIT), (3, 0, IMPLICIT))) -> bytes:
    """Encode an answer with sub-items of the user information."""
    return build.associate_ac(results, user=user(*items))


def request(*items: bytes) -> bytes:
    """Encode a request of these items."""
    return build.associate(0x01, *items)


def accept(*items: bytes) -> bytes:
    """Encode an answer of these items."""
    return build.associate(0x02, *items)


def propose(*contexts: build.ProposedContext) -> bytes:
    """Encode a request that proposes contexts."""
    return build.associate_rq(contexts)


def patch(data: bytes, at: int, new: bytes) -> bytes:
    """Put other bytes at a place."""
    return data[:at] + new + data[at + len(new) :]


def title(data: bytes, at: int = 10) -> bytes:
    """Encode a request with the bytes of an AE title, the called one where no place is given."""
    return patch(build.associate_rq(), at, data)


def roles(*values: int) -> bytes:
    """Encode a role selection for CT images."""
    return build.role_selection(CT_IMAGE_STORAGE, *values)


def extended(uid: str = CT_IMAGE_STORAGE) -> bytes:
    """Encode an extended negotiation."""
    return build.extended_negotiation(uid, b"\2\0\0\0\1\0")


def common(version: int = 0) -> bytes:
    """Encode a common extended negotiation for CT images."""
    return patch(build.common_extended_negotiation(CT_IMAGE_STORAGE, "1.2.840.10008.4.2", []), 1, bytes([version]))


def many(count: int) -> list[build.ProposedContext]:
    """Propose contexts for as many SOP classes, with IDs that run over where there are too many."""
    classes = [str(uid) for uid in _STORAGE_CLASSES.values() if name_uid(str(uid))][:count]
    assert len(classes) == count
    return [(place * 2 % 256 + 1, uid, (IMPLICIT,)) for place, uid in enumerate(classes)]


class Broken(NamedTuple):
    """A rule, a PDU that breaks it, where it is noted, and one that nearly does."""

    code: str
    place: str
    bad: bytes
    good: bytes


CONTEXTS_AT, USER_AT = "body/presentation-context", "body/user-information.1"
REQUESTS = [
    Broken("reserved-bytes", "body/reserved", patch(build.associate_rq(), 8, b"\1"), build.associate_rq()),
    Broken(
        "reserved-bytes",
        f"{CONTEXTS_AT}.1/reserved.2",
        patch(request(APPLICATION, CONTEXT, USER), 74 + len(APPLICATION) + 5, b"\0\0\xff"),
        request(APPLICATION, CONTEXT, USER, build.item(0x99, b"", reserved=7)),
    ),
    Broken(
        "item-misplaced", f"{CONTEXTS_AT}.1", request(APPLICATION, RESULT, USER), request(APPLICATION, CONTEXT, USER)
    ),
    Broken("item-misplaced", f"{USER_AT}/user-identity-response.1", ask(build.user_identity_response(b"")), ask()),
    Broken("item-repeated", "body/application-context.2", request(APPLICATION, APPLICATION, CONTEXT, USER), ask()),
    Broken("item-repeated", "body/user-information.2", request(APPLICATION, CONTEXT, USER, USER), ask()),
    Broken("item-repeated", f"{USER_AT}/maximum-length.2", ask(MAXIMUM), ask()),
    Broken("item-repeated", f"{USER_AT}/implementation-class-uid.2", ask(CLASS), ask()),
    Broken(
        "item-repeated",
        f"{USER_AT}/asynchronous-operations-window.2",
        ask(build.async_window(1, 1), build.async_window(2, 2)),
        ask(build.async_window(1, 1)),
    ),
    Broken(
        "item-repeated",
        f"{USER_AT}/implementation-version-name.2",
        ask(build.implementation_version("A"), build.implementation_version("B")),
        ask(build.implementation_version("A")),
    ),
    Broken(
        "item-repeated",
        f"{USER_AT}/user-identity.2",
        ask(build.user_identity(1, b"a"), build.user_identity(1, b"b")),
        ask(build.user_identity(1, b"a")),
    ),
    Broken("protocol-version", "body/protocol-version", build.associate_rq(version=2), build.associate_rq(version=3)),
    Broken("ae-title", "body/called-ae-title", title(b" " * 16), title(b"A".ljust(16))),
    Broken("ae-title", "body/called-ae-title", title(bytes(16)), title(b"A B".ljust(16))),
    Broken("ae-title", "body/calling-ae-title", title(b"A\\B".ljust(16), 26), title(b"A/B".ljust(16), 26)),
    Broken("ae-title", "body/calling-ae-title", title(b"A\0garbage".ljust(16), 26), title(b"a-b_c".ljust(16), 26)),
    Broken("ae-title", "body/called-ae-title", title("RÖNTGEN".encode("latin-1").ljust(16)), title(b"~" * 16)),
    Broken("ae-title-style", "body/called-ae-title", title(b"PACS".ljust(16, b"\0")), title(b"PACS".ljust(16))),
    Broken("ae-title-style", "body/calling-ae-title", title(b" PACS".ljust(16), 26), title(b"PACS".ljust(16), 26)),
    Broken("no-application-context", "", request(CONTEXT, USER), request(APPLICATION, CONTEXT, USER)),
    Broken(
        "application-context",
        "body/application-context.1",
        build.associate_rq(application_context="1.2.840.10008.3.1.1.2"),
        build.associate_rq(),
    ),
    Broken("no-user-information", "", request(APPLICATION, CONTEXT), request(APPLICATION, CONTEXT, USER)),
    Broken("no-contexts", "", request(APPLICATION, USER), request(APPLICATION, CONTEXT, USER)),
    Broken("context-id", f"{CONTEXTS_AT}.2", propose(ECHO, (2, *CT[1:])), propose(ECHO, (255, *CT[1:]))),
    Broken("context-id", f"{CONTEXTS_AT}.1", propose((0, *CT[1:])), propose(CT)),
    Broken("context-id-repeated", f"{CONTEXTS_AT}.2", propose(ECHO, (1, *CT[1:])), propose(CT, ECHO)),
    Broken("too-many-contexts", "", propose(*many(129)), propose(*many(128))),
    Broken(
        "abstract-syntax-count",
        f"{CONTEXTS_AT}.1",
        request(APPLICATION, build.item(0x20, b"\1\0\0\0" + build.item(0x40, IMPLICIT.encode())), USER),
        request(APPLICATION, CONTEXT, USER),
    ),
    Broken(
        "abstract-syntax-count",
        f"{CONTEXTS_AT}.1",
        request(
            APPLICATION,
            build.item(
                0x20,
                b"\1\0\0\0" + build.item(0x30, VERIFICATION.encode()) * 2 + build.item(0x40, IMPLICIT.encode()),
            ),
            USER,
        ),
        request(APPLICATION, CONTEXT, USER),
    ),
    Broken("no-transfer-syntax", f"{CONTEXTS_AT}.1", propose((1, VERIFICATION, ())), propose(ECHO)),
    Broken(
        "transfer-syntax-repeated",
        f"{CONTEXTS_AT}.1",
        propose((1, VERIFICATION, (IMPLICIT, EXPLICIT, IMPLICIT)), (3, CT_IMAGE_STORAGE, (IMPLICIT, IMPLICIT))),
        propose((1, VERIFICATION, (IMPLICIT, EXPLICIT)), CT),
    ),
    Broken(
        "context-repeated",
        f"{CONTEXTS_AT}.2",
        propose((1, VERIFICATION, (IMPLICIT, EXPLICIT)), (3, VERIFICATION, (EXPLICIT, IMPLICIT))),
        propose((1, VERIFICATION, (IMPLICIT, EXPLICIT)), (3, VERIFICATION, (EXPLICIT,))),
    ),
    Broken(
        "no-default-syntax",
        f"{CONTEXTS_AT}.2",
        propose(ECHO, (3, CT_IMAGE_STORAGE, (EXPLICIT,)), (5, CT_IMAGE_STORAGE, (BIG_ENDIAN,))),
        propose(ECHO, (3, CT_IMAGE_STORAGE, (EXPLICIT,)), (5, CT_IMAGE_STORAGE, (IMPLICIT,))),
    ),
    Broken(
        "no-default-syntax",
        f"{CONTEXTS_AT}.1",
        propose((1, CT_IMAGE_STORAGE, (EXPLICIT,))),
        propose((1, CT_IMAGE_STORAGE, (JPEG,)), (3, CT_IMAGE_STORAGE, (EXPLICIT,))),
    ),
    Broken("uid-form", f"{CONTEXTS_AT}.1/abstract-syntax.1", propose((1, "1.02.3", (IMPLICIT,))), propose(ECHO)),
    Broken("uid-form", f"{CONTEXTS_AT}.1/abstract-syntax.1", propose((1, "1..3", (IMPLICIT,))), propose(ECHO)),
    Broken("uid-form", f"{CONTEXTS_AT}.1/abstract-syntax.1", propose((1, "", (IMPLICIT,))), propose(ECHO)),
    Broken(
        "uid-form", f"{CONTEXTS_AT}.1/transfer-syntax.2", propose((1, VERIFICATION, (IMPLICIT, "1.2,3"))), propose(ECHO)
    ),
    Broken(
        "uid-form",
        f"{USER_AT}/implementation-class-uid.1",
        build.associate_rq(user=build.user_information(MAXIMUM, build.implementation_class("1." + "2" * 63))),
        build.associate_rq(user=build.user_information(MAXIMUM, build.implementation_class("1." + "2" * 62))),
    ),
    Broken("uid-form", f"{USER_AT}/role-selection.1/sop-class-uid", ask(build.role_selection("x", 1, 1)), ask()),
    Broken(
        "uid-padded",
        f"{CONTEXTS_AT}.1/abstract-syntax.1",
        propose((1, f"{VERIFICATION}\0", (f"{IMPLICIT}\0",))),
        propose(ECHO),
    ),
    Broken(
        "uid-padded",
        "body/application-context.1",
        build.associate_rq(application_context="1.2.840.10008.3.1.1.1 "),
        ask(),
    ),
    Broken("syntax-unknown", f"{CONTEXTS_AT}.1/abstract-syntax.1", propose((1, PRIVATE, (IMPLICIT,))), propose(ECHO)),
    Broken(
        "syntax-unknown",
        f"{CONTEXTS_AT}.1/transfer-syntax.2",
        propose((1, VERIFICATION, (IMPLICIT, PRIVATE)), (3, CT_IMAGE_STORAGE, (IMPLICIT, PRIVATE))),
        propose((1, VERIFICATION, (IMPLICIT, "1.2.840.113619.5.2"))),
    ),
    Broken(
        "request-large",
        "",
        propose(*[(number, uid, (IMPLICIT, *JPEGS)) for number, uid, _ in many(128)]),
        propose(*many(128)),
    ),
    Broken(
        "no-maximum-length",
        USER_AT,
        build.associate_rq(user=build.user_information(CLASS)),
        build.associate_rq(user=USER),
    ),
    Broken(
        "no-implementation-uid",
        USER_AT,
        build.associate_rq(user=build.user_information(MAXIMUM)),
        build.associate_rq(user=USER),
    ),
    *(
        Broken(
            code,
            f"{USER_AT}/maximum-length.1",
            build.associate_rq(user=build.user_information(build.maximum_length(bad), CLASS)),
            build.associate_rq(user=build.user_information(build.maximum_length(good), CLASS)),
        )
        for code, bad, good in (
            ("maximum-length-none", 0, 4096),
            ("maximum-length-odd", 16383, 16384),
            ("maximum-length-odd", 4094, 4096),
            ("maximum-length-odd", 0xFFFFFFFF, 0x7FFFFFFE),
        )
    ),
    *(
        Broken(
            "version-name",
            f"{USER_AT}/implementation-version-name.1",
            ask(build.implementation_version(bad)),
            ask(build.implementation_version("EXACTLY 16 CHARS")),
        )
        for bad in ("", "SEVENTEEN CHARS ..", "NAME\0", "NAMÉ")
    ),
    Broken("role-repeated", f"{USER_AT}/role-selection.2", ask(roles(1, 0), roles(0, 1)), ask(roles(1, 1))),
    Broken("role-value", f"{USER_AT}/role-selection.1", ask(roles(1, 2)), ask(roles(1, 1))),
    Broken("role-none", f"{USER_AT}/role-selection.1", ask(roles(0, 0)), ask(roles(0, 1))),
    Broken(
        "role-stray",
        f"{USER_AT}/role-selection.1",
        ask(build.role_selection(PATIENT_ROOT_FIND, 0, 1)),
        ask(roles(0, 1)),
    ),
    Broken(
        "extended-repeated", f"{USER_AT}/sop-class-extended-negotiation.2", ask(extended(), extended()), ask(extended())
    ),
    Broken(
        "extended-stray",
        f"{USER_AT}/sop-class-extended-negotiation.1",
        ask(build.extended_negotiation(PATIENT_ROOT_FIND, b"\1")),
        ask(extended()),
    ),
    Broken(
        "common-extended", f"{USER_AT}/sop-class-common-extended-negotiation.2", ask(common(), common()), ask(common())
    ),
    Broken(
        "common-extended-version", f"{USER_AT}/sop-class-common-extended-negotiation.1", ask(common(1)), ask(common())
    ),
    Broken(
        "identity-form",
        f"{USER_AT}/user-identity.1",
        ask(build.user_identity(1, b"curie", response=2)),
        ask(build.user_identity(1, b"curie", response=1)),
    ),
    Broken(
        "identity-form",
        f"{USER_AT}/user-identity.1",
        ask(build.user_identity(1, b"curie", b"radium")),
        ask(build.user_identity(2, b"curie", b"")),
    ),
    Broken(
        "passcode-clear",
        f"{USER_AT}/user-identity.1",
        ask(build.user_identity(2, b"curie", b"radium")),
        ask(build.user_identity(3, b"ticket")),
    ),
    Broken("passcode-clear", f"{USER_AT}/user-identity.1", ask(build.user_identity(5, b"e30.e30.")), ask()),
]


class Unanswered(NamedTuple):
    """A rule, a request, an answer to it that breaks the rule, where that is noted, and one that nearly does."""

    code: str
    place: str
    asked: bytes
    bad: bytes
    good: bytes


IDENTITY = build.user_identity(1, b"curie", response=1)
ANSWERS = [
    Unanswered("reserved-bytes", "body/reserved", ask(), patch(reply(), 9, b"\1"), reply()),
    Unanswered(
        "item-misplaced",
        f"{CONTEXTS_AT}.1",
        build.associate_rq(),
        accept(APPLICATION, CONTEXT, USER),
        accept(APPLICATION, RESULT, USER),
    ),
    Unanswered("item-misplaced", f"{USER_AT}/user-identity.1", ask(), reply(build.user_identity(1, b"a")), reply()),
    Unanswered("item-misplaced", f"{USER_AT}/sop-class-common-extended-negotiation.1", ask(), reply(common()), reply()),
    Unanswered(
        "item-repeated",
        f"{USER_AT}/user-identity-response.2",
        ask(IDENTITY),
        reply(build.user_identity_response(b""), build.user_identity_response(b"")),
        reply(build.user_identity_response(b"")),
    ),
    Unanswered("protocol-version", "body/protocol-version", b"", build.associate_ac(version=0), build.associate_ac()),
    Unanswered(
        "application-context",
        "body/application-context.1",
        build.associate_rq(),
        build.associate_ac(application_context="1.2.3"),
        build.associate_ac(),
    ),
    Unanswered("no-application-context", "", b"", accept(RESULT, USER), accept(APPLICATION, RESULT, USER)),
    Unanswered("no-user-information", "", b"", accept(APPLICATION, RESULT), accept(APPLICATION, RESULT, USER)),
    Unanswered(
        "no-maximum-length",
        USER_AT,
        ask(),
        build.associate_ac(((1, 0, IMPLICIT), (3, 0, IMPLICIT)), user=build.user_information(CLASS)),
        reply(),
    ),
    Unanswered(
        "uid-padded",
        f"{CONTEXTS_AT}.1/transfer-syntax.1",
        ask(),
        reply(results=((1, 0, f"{IMPLICIT}\0"), (3, 0, IMPLICIT))),
        reply(results=((1, 0, IMPLICIT), (3, 4, f"{IMPLICIT}\0"))),
    ),
    Unanswered(
        "uid-form",
        f"{CONTEXTS_AT}.1/transfer-syntax.1",
        ask(),
        reply(results=((1, 0, ""), (3, 0, IMPLICIT))),
        reply(results=((1, 0, IMPLICIT), (3, 4, ""))),
    ),
    Unanswered("titles-changed", "body/calling-ae-title", ask(), patch(reply(), 26, b"ANOTHER  "), reply()),
    Unanswered("titles-changed", "body/reserved.2", ask(), patch(reply(), 73, b"\1"), patch(reply(), 73, b"\0")),
    Unanswered("result-absent", "", ask(), reply(results=[(1, 0, IMPLICIT)]), reply()),
    Unanswered("result-absent", "", ask(), reply(results=[]), reply(results=((3, 0, IMPLICIT), (1, 0, IMPLICIT)))),
    Unanswered(
        "result-unasked",
        f"{CONTEXTS_AT}.3",
        ask(),
        reply(results=((1, 0, IMPLICIT), (3, 0, IMPLICIT), (5, 3, None))),
        reply(),
    ),
    Unanswered(
        "context-id-repeated",
        f"{CONTEXTS_AT}.3",
        ask(),
        reply(results=((1, 0, IMPLICIT), (3, 0, IMPLICIT), (3, 0, IMPLICIT))),
        reply(),
    ),
    Unanswered(
        "result-syntax",
        f"{CONTEXTS_AT}.1",
        ask(),
        reply(results=((1, 0, EXPLICIT), (3, 0, IMPLICIT))),
        reply(results=((1, 4, EXPLICIT), (3, 0, IMPLICIT))),
    ),
    Unanswered("result-syntax", f"{CONTEXTS_AT}.1", b"", build.associate_ac([(1, 0, None)]), build.associate_ac()),
    Unanswered(
        "result-syntax",
        f"{CONTEXTS_AT}.1",
        b"",
        accept(APPLICATION, build.item(0x21, b"\1\0\0\0" + build.item(0x40, IMPLICIT.encode()) * 2), USER),
        accept(APPLICATION, RESULT, USER),
    ),
    Unanswered(
        "nothing-accepted",
        "",
        ask(),
        reply(results=((1, 3, None), (3, 4, IMPLICIT))),
        reply(results=((1, 3, None), (3, 0, IMPLICIT))),
    ),
    Unanswered("nothing-accepted", "", b"", build.associate_ac([(1, 1, None)]), build.associate_ac()),
    Unanswered(
        "async-unasked", f"{USER_AT}/asynchronous-operations-window.1", ask(), reply(build.async_window(1, 1)), reply()
    ),
    *(
        Unanswered(
            "async-exceeds",
            f"{USER_AT}/asynchronous-operations-window.1",
            ask(build.async_window(4, 0)),
            reply(build.async_window(*bad)),
            reply(build.async_window(4, 9)),
        )
        for bad in ((5, 1), (0, 1))
    ),
    Unanswered(
        "role-repeated",
        f"{USER_AT}/role-selection.2",
        ask(roles(1, 1)),
        reply(roles(1, 1), roles(1, 1)),
        reply(roles(1, 1)),
    ),
    Unanswered("role-value", f"{USER_AT}/role-selection.1", ask(roles(1, 1)), reply(roles(1, 2)), reply(roles(0, 0))),
    Unanswered("role-unasked", f"{USER_AT}/role-selection.1", ask(), reply(roles(0, 1)), reply()),
    Unanswered("role-exceeds", f"{USER_AT}/role-selection.1", ask(roles(0, 1)), reply(roles(1, 1)), reply(roles(0, 1))),
    Unanswered("role-unanswered", USER_AT, ask(roles(0, 1)), reply(), reply(roles(0, 0))),
    Unanswered(
        "role-unanswered",
        USER_AT,
        ask(roles(1, 1)),
        reply(),
        reply(results=((1, 0, IMPLICIT), (3, 3, None))),
    ),
    Unanswered("extended-unasked", f"{USER_AT}/sop-class-extended-negotiation.1", ask(), reply(extended()), reply()),
    Unanswered(
        "identity-unasked",
        f"{USER_AT}/user-identity-response.1",
        ask(),
        reply(build.user_identity_response(b"")),
        reply(),
    ),
    Unanswered(
        "identity-unasked",
        f"{USER_AT}/user-identity-response.1",
        ask(build.user_identity(1, b"curie")),
        reply(build.user_identity_response(b"")),
        reply(),
    ),
    Unanswered(
        "identity-response",
        f"{USER_AT}/user-identity-response.1",
        ask(IDENTITY),
        reply(build.user_identity_response(b"x")),
        reply(build.user_identity_response(b"")),
    ),
    Unanswered("identity-unanswered", USER_AT, ask(IDENTITY), reply(), reply(build.user_identity_response(b""))),
]
COMPARING = {
    "async-exceeds", "async-unasked", "context-id-repeated", "extended-unasked", "identity-response",
    "identity-unanswered", "identity-unasked", "result-absent", "result-unasked", "role-exceeds", "role-unanswered",
    "role-unasked", "titles-changed",
}  # fmt: skip
BOTH = [(build.associate_rq(), build.associate_ac()), (ask(), reply())]


def list_codes(found: Sequence[Finding]) -> list[str]:
    """Give the codes of findings."""
    return [finding.code for finding in found]


def find_node(data: bytes, place: str) -> Node | None:
    """Find a node of a PDU by its path."""
    root = Node("", "")
    decode_pdu(Cursor(Buffer(data), 0, len(data), root), "")
    node: Node | None = root
    for key in place.split("/") if place else ():
        node = node.child(key) if node is not None else None
    return node


def check(data: bytes, found: Sequence[Finding], code: str, place: str) -> None:
    """Hold findings to be one of a code, at a place that is there, with a whole sentence."""
    assert [(finding.code, finding.place) for finding in found] == [(code, place)]
    assert find_node(data, place) is not None
    wanted = {name for _, name, _, _ in Formatter().parse(RULES[code].sentence) if name}
    assert set(found[0].values) == wanted
    assert note(code, None, **found[0].values).text


@pytest.mark.parametrize("case", REQUESTS, ids=[case.code for case in REQUESTS])
def test_a_request_that_breaks_a_rule_is_noted_once_for_it_and_for_nothing_else(case: Broken) -> None:
    check(case.bad, judge_request(case.bad), case.code, case.place)


@pytest.mark.parametrize("case", REQUESTS, ids=[case.code for case in REQUESTS])
def test_a_request_that_nearly_breaks_a_rule_is_not_noted_for_it(case: Broken) -> None:
    assert case.code not in list_codes(judge_request(case.good))


@pytest.mark.parametrize("case", ANSWERS, ids=[case.code for case in ANSWERS])
def test_an_answer_that_breaks_a_rule_is_noted_once_for_it_and_for_nothing_else(case: Unanswered) -> None:
    check(case.bad, judge_accept(case.bad, case.asked), case.code, case.place)


@pytest.mark.parametrize("case", ANSWERS, ids=[case.code for case in ANSWERS])
def test_an_answer_that_nearly_breaks_a_rule_is_not_noted_for_it(case: Unanswered) -> None:
    assert case.code not in list_codes(judge_accept(case.good, case.asked))


DECODED = {"identity-type", "result-code"}
"""What the decoder notes."""


def test_every_rule_of_the_area_has_a_pdu_that_breaks_it() -> None:
    assert {case.code for case in REQUESTS} | {case.code for case in ANSWERS} | DECODED == set(RULES)


@pytest.mark.parametrize(("asked", "answer"), BOTH)
def test_a_sound_negotiation_has_no_notes(asked: bytes, answer: bytes) -> None:
    assert judge_request(asked) == ()
    assert judge_accept(answer, asked) == ()
    assert judge_accept(answer, b"") == ()


@pytest.mark.parametrize("case", ANSWERS, ids=[case.code for case in ANSWERS])
def test_what_compares_an_answer_with_its_request_is_silent_where_the_request_is_unknown(case: Unanswered) -> None:
    assert not COMPARING & set(list_codes(judge_accept(case.bad, b"")))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (propose((2, *ECHO[1:])), build.associate_ac([(2, 0, IMPLICIT)])),
        (propose(ECHO, ECHO), build.associate_ac([(1, 0, IMPLICIT), (1, 0, IMPLICIT)])),
        (build.associate_rq(application_context="1.2.3"), build.associate_ac(application_context="1.2.3")),
        (propose((1, VERIFICATION, (f"{IMPLICIT}\0",))), build.associate_ac([(1, 0, f"{IMPLICIT}\0")])),
        (propose((1, VERIFICATION, (f"{IMPLICIT}\0",))), build.associate_ac()),
        (ask(roles(1, 0), roles(0, 1)), reply(roles(1, 0), roles(0, 1))),
        (title(b"PACS".ljust(16, b"\0")), patch(build.associate_ac(), 10, b"PACS".ljust(16, b"\0"))),
    ],
)
def test_an_acceptor_is_not_blamed_for_what_it_repeats_of_the_request(asked: bytes, answer: bytes) -> None:
    assert judge_request(asked)
    assert judge_accept(answer, asked) == ()


@pytest.mark.parametrize(
    "cut",
    [
        request(APPLICATION, build.item(0x20, b"\1\0\0\0" + build.item(0x30, b"1.2", length=300)), USER),
        request(APPLICATION, build.item(0x20, b"", length=500)),
        request(APPLICATION, CONTEXT, build.user_information(build.item(0x51, b"\0\1"))),
        request(APPLICATION, CONTEXT, build.item(0x50, b"", length=9)),
        build.pdu(0x01, b"\0\1"),
    ],
)
def test_nothing_is_said_to_be_absent_where_the_decoder_notes_that_items_are_cut(cut: bytes) -> None:
    assert find_codes(cut)
    assert judge_request(cut) == ()


def test_nothing_is_said_to_be_absent_from_a_pdu_that_is_cut() -> None:
    assert judge_request(build.associate_rq()[:40]) == ()


def test_an_answer_to_a_request_that_cannot_be_read_is_not_compared_with_it() -> None:
    asked = request(APPLICATION, build.item(0x20, b"", length=500))
    assert judge_accept(build.associate_ac(), asked) == ()


def test_findings_of_one_code_are_bounded() -> None:
    data = propose(*[(number % 256, f"1.0{number}", (IMPLICIT,)) for number in range(1, 400)])
    assert list_codes(judge_request(data)).count("uid-form") == MOST_TOLD


def test_texts_of_the_peer_are_cut_where_they_are_long() -> None:
    data = ask(build.implementation_version("v" * 5000), contexts=[(1, "1" * 5000, (IMPLICIT,))])
    values = [value for finding in judge_request(data) for value in finding.values.values()]
    assert len(values) == 4
    assert all(len(str(value)) <= LONGEST_QUOTE + 1 for value in values)


def test_a_passcode_stands_in_no_finding() -> None:
    for kind in range(7):
        found = judge_request(ask(build.user_identity(kind, b"curie", b"radium", 3)))
        assert "radium" not in repr(found)
        assert kind in (1, 2) or "curie" not in repr(found)


@settings(max_examples=200, deadline=None)
@given(case=st.sampled_from(REQUESTS), asked=st.sampled_from(ANSWERS), changes=edits(200))
def test_any_bytes_raise_nothing(case: Broken, asked: Unanswered, changes: list[tuple[str, int, bytes]]) -> None:
    judges: list[Callable[[bytes], tuple[Finding, ...]]] = [
        judge_request,
        lambda data: judge_accept(data, asked.asked),
        lambda data: judge_accept(asked.bad, data),
    ]
    for judge in judges:
        for finding in judge(edit(case.bad, changes)):
            assert note(finding.code, None, **finding.values).text


def test_a_long_hostile_request_is_judged_in_a_moment() -> None:
    contexts = struct.pack(">BBHB3x", 0x20, 0, 4, 1) * 4096
    assert judge_request(request(APPLICATION, contexts, USER))
