from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import _NON_PATIENT_OBJECT_CLASSES, _STORAGE_CLASSES

from dissect.cursor import Cursor
from dissect.dicom import items, options
from dissect.dicom.associate import ContextItem, read_associate
from dissect.dicom.items import decode_associate
from dissect.node import Node
from dissect.spans import Span
from tests import build
from tests.build import CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT, PATIENT_ROOT_FIND, VERIFICATION
from tests.trees import Bytes, check_tree, check_unchanged_before, collect_notes, edit, edits, find, flip, read_fields

PATIENT_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2"
FULL = build.associate_rq(
    [(1, VERIFICATION, [IMPLICIT, EXPLICIT]), (3, CT_IMAGE_STORAGE, [EXPLICIT])],
    user=build.user_information(
        build.maximum_length(32768),
        build.implementation_class("1.2.3"),
        build.async_window(3, 5),
        build.role_selection(VERIFICATION, 0, 1),
        build.implementation_version("NAME_1"),
        build.extended_negotiation(PATIENT_ROOT_FIND, b"\1\0\1\0\1"),
        build.extended_negotiation(CT_IMAGE_STORAGE, b"\2\0\3\0\1\0"),
        build.common_extended_negotiation("1.2.6", "1.2.7", ["1.2.8", "1.2.9"]),
        build.user_identity(2, b"user", b"secret", response=1),
        build.user_identity_response(b"ticket"),
    ),
)[6:]
ANSWER = build.associate_ac([(1, 0, IMPLICIT), (3, 4, EXPLICIT), (5, 3, None)])[6:]


def read(body: bytes) -> Node:
    """Read the body of an A-ASSOCIATE PDU: what follows the PDU length."""
    return read_fields(partial(items.read_fields, decoder=decode_associate), body)


def read_user(*sub_items: bytes) -> Node:
    """Read sub-items of a user information item, and give its node."""
    return find(read(build.associate(1, build.user_information(*sub_items))[6:]), "user-information.1")


def list_fields(node: Node) -> dict[str, str]:
    """Give keys and texts of the fields of an item, but for those that every item has."""
    common = {"item-type", "item-length"}
    return {child.key: child.text for child in node.children if child.layout != "hidden" and child.key not in common}


def add_user_information(primitive: A_ASSOCIATE) -> None:
    """Let pynetdicom make one of each user information sub-item that Wireshark knows."""
    maximum, uid, version = (
        MaximumLengthNotification(),
        ImplementationClassUIDNotification(),
        ImplementationVersionNameNotification(),
    )
    maximum.maximum_length_received = 16382
    uid.implementation_class_uid = "1.2.3"
    version.implementation_version_name = "NAME_1"
    window, roles = AsynchronousOperationsWindowNegotiation(), SCP_SCU_RoleSelectionNegotiation()
    window.maximum_number_operations_invoked, window.maximum_number_operations_performed = 3, 0
    roles.sop_class_uid, roles.scu_role, roles.scp_role = VERIFICATION, False, True
    extended, user = SOPClassExtendedNegotiation(), UserIdentityNegotiation()
    extended.sop_class_uid, extended.service_class_application_information = PATIENT_ROOT_FIND, b"\1\0\1\0"
    user.user_identity_type, user.primary_field, user.secondary_field = 2, b"user", b"secret"
    user.positive_response_requested = True
    primitive.user_information = [maximum, uid, version, window, roles, extended, user]


def make_primitive(contexts: list[PresentationContext]) -> A_ASSOCIATE:
    """Let pynetdicom make the parameters of an A-ASSOCIATE PDU."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = build.APPLICATION_CONTEXT
    primitive.calling_ae_title, primitive.called_ae_title = "CALLING", "CALLED"
    add_user_information(primitive)
    for number, context in enumerate(contexts):
        context.context_id = 2 * number + 1
    primitive.presentation_context_definition_list = contexts
    return primitive


def encode_request() -> bytes:
    """Let pynetdicom encode an A-ASSOCIATE-RQ with two presentation contexts."""
    pdu = A_ASSOCIATE_RQ()
    contexts = [build_context(VERIFICATION, [IMPLICIT, EXPLICIT]), build_context(CT_IMAGE_STORAGE, EXPLICIT)]
    pdu.from_primitive(make_primitive(contexts))
    return bytes(pdu.encode())


def encode_answer() -> bytes:
    """Let pynetdicom encode an A-ASSOCIATE-AC that accepts one presentation context and refuses another."""
    primitive = make_primitive([])
    contexts = [build_context(VERIFICATION, IMPLICIT), build_context(CT_IMAGE_STORAGE, EXPLICIT)]
    for number, context in enumerate(contexts):
        context.context_id, context.result = 2 * number + 1, (0, 3)[number]
    primitive.presentation_context_definition_results_list = contexts
    pdu = A_ASSOCIATE_AC()
    pdu.from_primitive(primitive)
    return bytes(pdu.encode())


def test_each_field_of_a_request_that_pynetdicom_encodes_is_read() -> None:
    root = read(encode_request()[6:])
    assert list_fields(root) == {
        "protocol-version": "1",
        "called-ae-title": "CALLED          ",
        "calling-ae-title": "CALLING         ",
        "application-context.1": "DICOM Application Context Name (1.2.840.10008.3.1.1.1)",
        "presentation-context.1": "Verification SOP Class (1.2.840.10008.1.1)",
        "presentation-context.2": "CT Image Storage (1.2.840.10008.5.1.4.1.1.2)",
        "user-information.1": "Max PDU Length 16382, Implementation UID 1.2.3, Version NAME_1",
    }
    assert list_fields(find(root, "presentation-context.1")) == {
        "context-id": "0x01",
        "abstract-syntax.1": "Verification SOP Class (1.2.840.10008.1.1)",
        "transfer-syntax.1": "Implicit VR Little Endian: Default Transfer Syntax for DICOM (1.2.840.10008.1.2)",
        "transfer-syntax.2": "Explicit VR Little Endian (1.2.840.10008.1.2.1)",
    }
    assert collect_notes(root) == []


def test_each_user_information_sub_item_that_pynetdicom_encodes_is_read() -> None:
    root = find(read(encode_request()[6:]), "user-information.1")
    values = {child.key.removesuffix(".1"): child.value for child in root.children}
    assert values["maximum-length"] == 16382
    assert values["implementation-class-uid"] == "1.2.3"
    assert values["implementation-version-name"] == "NAME_1"
    assert list_fields(find(root, "asynchronous-operations-window.1")) == {
        "maximum-number-operations-invoked": "3",
        "maximum-number-operations-performed": "0",
    }
    assert list_fields(find(root, "role-selection.1")) == {
        "sop-class-uid-length": "17",
        "sop-class-uid": "Verification SOP Class (1.2.840.10008.1.1)",
        "scu-role": "0x00",
        "scp-role": "0x01",
    }
    assert list_fields(find(root, "sop-class-extended-negotiation.1")) == {
        "sop-class-uid-length": "27",
        "sop-class-uid": "Patient Root Query/Retrieve Information Model - FIND (1.2.840.10008.5.1.4.1.2.1.1)",
        "relational-queries": "0x01",
        "combined-date-time-matching": "0x00",
        "fuzzy-semantic-matching": "0x01",
        "timezone-query-adjustment": "0x00",
    }
    assert list_fields(find(root, "user-identity.1")) == {
        "type": "Username as a string in UTF-8 and passcode (2)",
        "response-requested": "1",
        "primary-field-length": "4",
        "primary-field": "user",
        "secondary-field-length": "6",
        "secondary-field": "********",
    }


def test_each_field_of_an_answer_that_pynetdicom_encodes_is_read() -> None:
    root = read(encode_answer()[6:])
    assert list_fields(find(root, "presentation-context.1")) == {
        "context-id": "0x01",
        "result": "Accept (0x0)",
        "transfer-syntax.1": "Implicit VR Little Endian: Default Transfer Syntax for DICOM (1.2.840.10008.1.2)",
    }
    assert list_fields(find(root, "presentation-context.2"))["result"] == "Abstract Syntax Unsupported (0x3)"
    assert collect_notes(root) == []


def test_what_pynetdicom_proposes_is_what_we_say_that_it_proposes() -> None:
    said = read_associate(encode_request()[6:])
    assert (said.called, said.calling) == ("CALLED", "CALLING")
    assert said.contexts == (
        ContextItem(1, VERIFICATION, (IMPLICIT, EXPLICIT), None),
        ContextItem(3, CT_IMAGE_STORAGE, (EXPLICIT,), None),
    )


def test_what_pynetdicom_answers_is_what_we_say_that_it_answers() -> None:
    accepted, refused = read_associate(encode_answer()[6:]).contexts
    assert accepted == ContextItem(1, "", (IMPLICIT,), 0)
    assert (refused.context_id, refused.result) == (3, 3)


def test_an_item_has_the_words_and_fields_that_wireshark_gives_it() -> None:
    root = read_user(build.maximum_length(5), build.role_selection("1.2", 1, 0), build.async_window(0, 1))
    assert [(node.name, node.text) for node in root.children if node.tag] == [
        ("Max PDU Length", "5"),
        ("Role Selection", "SCU-role: yes, SCP-role: no"),
        (
            "Async Negotiation",
            "Maximum Number Operations Invoked: 0 (unlimited), Maximum Number Operations Performed: 1",
        ),
    ]
    shown = [(node.name, node.text) for node in find(root, "maximum-length.1").children if node.layout != "hidden"]
    assert shown == [("Item Type", "Max Length (0x51)"), ("Item Length", "4"), ("Max PDU Length", "5")]


def read_options(uid: str, info: bytes) -> dict[str, str]:
    """Read a SOP class extended negotiation, and give keys and texts of the fields behind its SOP class."""
    fields = list_fields(find(read_user(build.extended_negotiation(uid, info)), "sop-class-extended-negotiation.1"))
    return {key: text for key, text in fields.items() if not key.startswith("sop-class-uid")}


@pytest.mark.parametrize("uid", [PATIENT_ROOT_FIND, "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.3.1"])
@pytest.mark.parametrize("size", range(9))
def test_the_options_of_a_query_are_named_as_far_as_there_are_any(uid: str, size: int) -> None:
    """PS3.4 Table C.5-1."""
    options = {
        "relational-queries": "0x01",
        "combined-date-time-matching": "0x00",
        "fuzzy-semantic-matching": "0x01",
        "timezone-query-adjustment": "0x00",
        "enhanced-multi-frame-image-conversion": "0x01 (supported)",
        "empty-value-matching": "0x00 (not supported)",
        "multiple-value-matching": "0x01 (supported)",
        "service-class-application-information": "07",
    }
    assert read_options(uid, b"\1\0\1\0\1\0\1\7"[:size]) == dict(list(options.items())[:size])


def test_an_option_that_wireshark_shows_as_a_number_has_its_meaning_beside_it() -> None:
    root = read_user(build.extended_negotiation(PATIENT_ROOT_FIND, b"\1\0"))
    meanings = [child.meaning for child in find(root, "sop-class-extended-negotiation.1").children]
    assert meanings[-2:] == ["supported", "not supported"]


@pytest.mark.parametrize("verb", [2, 3])
@pytest.mark.parametrize("model", [1, 2, 3])
def test_a_retrieval_has_relations_and_frames_to_negotiate(model: int, verb: int) -> None:
    """PS3.4 C.5.2.1.1 and C.5.3.1.1."""
    assert read_options(f"1.2.840.10008.5.1.4.1.2.{model}.{verb}", b"\0\1\1") == {
        "relational-queries": "0x00",
        "enhanced-multi-frame-image-conversion": "0x01 (supported)",
        "service-class-application-information": "01",
    }


@pytest.mark.parametrize("number", ["4.2", "4.3", "5.3"])
def test_a_retrieval_of_composite_instances_has_frames_alone_to_negotiate(number: str) -> None:
    """PS3.4 Table Y.5.1-1: the first byte is unused."""
    options = read_options(f"1.2.840.10008.5.1.4.1.2.{number}", b"\0\1")
    assert options == {"enhanced-multi-frame-image-conversion": "0x01 (supported)"}


@pytest.mark.parametrize("number", ["31", "38.2", "39.3", "43.4", "44.2", "45.3", "20.1", "1.1.200.4"])
def test_a_worklist_negotiates_two_options_behind_two_bytes_that_mean_nothing(number: str) -> None:
    """PS3.4 K.5.1: the first two bytes are reserved and always 1."""
    options = {"fuzzy-semantic-matching": "0x00", "timezone-query-adjustment": "0x01"}
    assert read_options(f"1.2.840.10008.5.1.4.{number}", b"\1\1\0\1") == options


@pytest.mark.parametrize(
    ("info", "texts"),
    [
        (
            b"\0\0\0\0\0\0",
            [
                "0x00 (level 0 SCP)",
                "0x00 (unspecified, SCU only or not a level 2 SCP)",
                "0x00 (does not coerce any Data Element)",
            ],
        ),
        (b"\1\0\1\0\1\0", ["0x01 (level 1 SCP)", "0x01 (signature level 1)", "0x01 (may coerce Data Elements)"]),
        (b"\2\0\2\0\2\0", ["0x02 (level 2 SCP)", "0x02 (signature level 2)", "0x02 (SCU only)"]),
        (b"\3\0\3", ["0x03 (SCU only)", "0x03 (signature level 3)"]),
        (b"\2", ["0x02 (level 2 SCP)"]),
        (b"", []),
    ],
)
def test_the_levels_of_storage_are_told(info: bytes, texts: list[str]) -> None:
    """PS3.4 Table B.3-1; the bytes between are reserved."""
    names = ["level-of-support", "level-of-digital-signature-support", "element-coercion"]
    assert read_options(CT_IMAGE_STORAGE, info) == dict(zip(names, texts, strict=False))


@pytest.mark.parametrize("classes", [_STORAGE_CLASSES, _NON_PATIENT_OBJECT_CLASSES])
def test_the_classes_of_storage_are_those_of_pynetdicom(classes: dict[str, str]) -> None:
    assert [name for name, uid in classes.items() if options.find_options(uid) is not options.STORAGE_OPTIONS] == []


@pytest.mark.parametrize(
    ("uid", "info"), [(PATIENT_ROOT_FIND, b"\2"), (CT_IMAGE_STORAGE, b"\4"), (PATIENT_ROOT_MOVE, b"\0\xff")]
)
def test_an_option_that_the_standard_does_not_have_is_noted(uid: str, info: bytes) -> None:
    root = read_user(build.extended_negotiation(uid, info), build.maximum_length(7))
    assert [code for _, code in collect_notes(root)] == ["unknown-code"]
    assert find(root, "maximum-length.1").value == 7


@pytest.mark.parametrize(
    "uid", [VERIFICATION, "1.2.3", "1.2.840.10008.1.20.1", "1.2.840.10008.4.2", "1.2.840.10008.5.1.4.34.6.1"]
)
def test_the_information_of_another_service_stays_bytes(uid: str) -> None:
    assert read_options(uid, b"\2\0\1") == {"service-class-application-information": "020001"}


def test_a_passcode_is_masked_wherever_it_is_shown() -> None:
    root = read(build.associate(1, build.user_information(build.user_identity(2, b"user", b"secret")))[6:])
    assert not [node.path for _, node in root.walk() if "secret" in node.text or b"secret".hex() in node.text]


@pytest.mark.parametrize("fields", [b"\0\4user\0\x20secret", b"\0\x20user\0\6secret", b"\0\4user\0\0secret"])
def test_a_passcode_is_masked_even_where_a_length_is_wrong(fields: bytes) -> None:
    root = read(build.associate(1, build.user_information(build.item(0x58, b"\2\0" + fields)))[6:])
    assert not [node.path for _, node in root.walk() if "secret" in node.text or b"secret".hex() in node.text]


def test_a_user_without_a_passcode_is_shown_alone() -> None:
    node = find(read_user(build.user_identity(1, b"user")), "user-identity.1")
    assert node.text == "user"
    assert "secondary-field" not in list_fields(node)


@pytest.mark.parametrize("kind", [0x57, 0x59])
def test_an_item_of_the_standard_that_wireshark_lacks_is_not_called_undefined(kind: int) -> None:
    """PS3.7 D.3.3.6 and D.3.3.7.2 define both."""
    root = read_user(build.item(kind, b"\0\1x\0\1y\0\0"))
    assert "unknown-item" not in [code for _, code in collect_notes(root)]


def test_an_item_of_unknown_type_keeps_its_bytes_and_the_next_item_is_read() -> None:
    root = read(build.associate(1, build.item(0x99, b"abc"), build.context_rq(1, "1.2", ["1.3"]))[6:])
    assert list_fields(find(root, "item-99.1")) == {"unknown-data": "616263"}
    assert find(root, "presentation-context.1").text == "1.2"
    assert collect_notes(root) == [("item-99.1", "unknown-item")]


def test_an_item_in_the_wrong_place_is_of_unknown_type_there() -> None:
    root = read(build.associate(1, build.maximum_length(5), build.context_rq(1, "1.2", []))[6:])
    assert collect_notes(root) == [("maximum-length.1", "unknown-item")]
    assert find(root, "maximum-length.1/unknown-data").text == "00000005"


def test_items_of_unknown_types_are_numbered_by_their_types() -> None:
    root = read(build.associate(1, build.item(0x98, b""), build.item(0x99, b""), build.item(0x98, b""))[6:])
    assert [node.key for node in root.children if node.tag] == ["item-98.1", "item-99.1", "item-98.2"]


def test_an_item_that_reaches_beyond_its_parent_is_noted_and_read_as_far_as_it_goes() -> None:
    root = read(build.associate(1, build.item(0x10, b"1.2", length=100))[6:])
    node = find(root, "application-context.1")
    assert (node.length, node.value) == (100, "1.2")
    assert collect_notes(root) == [("application-context.1", "item-overrun")]


def test_a_sub_item_that_reaches_beyond_its_item_does_not_take_the_next_item() -> None:
    long = build.item(0x20, b"\1\0\0\0" + build.item(0x30, b"1.2", length=50))
    root = read(build.associate(1, long, build.context_rq(3, "1.4", []))[6:])
    assert find(root, "presentation-context.1/abstract-syntax.1").value == "1.2"
    assert find(root, "presentation-context.2").value == 3
    assert collect_notes(root) == [("presentation-context.1/abstract-syntax.1", "item-overrun")]


@pytest.mark.parametrize("size", range(4))
def test_an_item_cut_short_is_noted_where_it_is_cut_and_the_next_item_is_read(size: int) -> None:
    root = read_user(build.item(0x51, bytes(size)), build.implementation_version("NAME"))
    path = "user-information.1/maximum-length.1" + ("/undecoded-bytes" if size else "")
    assert collect_notes(root) == [(path, "field-cut")]
    assert find(root, "implementation-version-name.1").value == "NAME"


def test_a_length_within_an_item_that_reaches_beyond_it_is_noted() -> None:
    root = read_user(build.item(0x54, b"\0\x111.2\1\1"), build.maximum_length(7))
    assert collect_notes(root) == [("user-information.1/role-selection.1/undecoded-bytes", "field-cut")]
    assert find(root, "maximum-length.1").value == 7


@pytest.mark.parametrize("length", [1, 4, 6, 100])
def test_a_list_of_related_classes_of_wrong_length_is_noted(length: int) -> None:
    """PS3.7 D.3.3.6: the list has the 5 bytes of one class."""
    body = b"\0\x031.2\0\x031.3" + bytes([0, length]) + b"\0\x031.4"
    root = read_user(build.item(0x57, body), build.maximum_length(7))
    assert {path.split("/")[1] for path, _ in collect_notes(root)} == {"sop-class-common-extended-negotiation.1"}
    assert find(root, "maximum-length.1").value == 7


def test_each_field_of_a_common_extended_negotiation_is_read() -> None:
    root = read_user(build.common_extended_negotiation("1.2.6", CT_IMAGE_STORAGE, ["1.2.8", "1.2.9"]))
    assert list_fields(find(root, "sop-class-common-extended-negotiation.1")) == {
        "sop-class-uid-length": "5",
        "sop-class-uid": "1.2.6",
        "service-class-uid-length": "25",
        "service-class-uid": "CT Image Storage (1.2.840.10008.5.1.4.1.1.2)",
        "related-general-sop-class-identification-length": "14",
        "related-general-sop-class-uid-length": "5",
        "related-general-sop-class-uid": "1.2.8",
        "related-general-sop-class-uid-length.2": "5",
        "related-general-sop-class-uid.2": "1.2.9",
    }
    assert collect_notes(root) == []


def test_each_field_of_an_answer_to_a_user_identity_is_read() -> None:
    root = find(read_user(build.user_identity_response(b"\1\2")), "user-identity-response.1")
    assert list_fields(root) == {"server-response-length": "2", "server-response": "0102"}
    assert collect_notes(root) == []


@pytest.mark.parametrize(
    ("response", "shown"),
    [(b"<saml:Response/>", "<saml:Response/>"), (b"e30.e30.x\0", "e30.e30.x"), (b"\x60\x82ticket", "60827469636b6574")],
)
def test_an_answer_to_a_user_identity_is_text_where_it_is_printable(response: bytes, shown: str) -> None:
    """PS3.7 Table D.3-15: a Kerberos ticket, a SAML response, a JSON web token."""
    assert (
        find(read_user(build.user_identity_response(response)), "user-identity-response.1/server-response").text
        == shown
    )


def test_bytes_behind_the_last_field_of_an_item_are_noted_and_kept() -> None:
    root = read_user(build.item(0x51, b"\0\0\0\7extra"))
    assert find(root, "maximum-length.1").value == 7
    assert find(root, "maximum-length.1/undecoded-bytes").text == b"extra".hex()
    assert collect_notes(root) == [("user-information.1/maximum-length.1/undecoded-bytes", "undecoded")]


@pytest.mark.parametrize("rest", [b"x", b"xy", b"xyz"])
def test_too_few_bytes_for_an_item_are_noted_and_kept(rest: bytes) -> None:
    root = read(build.associate(1, build.context_rq(1, "1.2", ["1.3"]) + rest)[6:])
    assert find(root, "undecoded-bytes").text == rest.hex()
    assert collect_notes(root) == [("undecoded-bytes", "field-cut")]


@pytest.mark.parametrize("rest", [b"", b"x", b"xyz"])
def test_an_item_is_summed_up_whatever_follows_its_last_sub_item(rest: bytes) -> None:
    context = build.item(0x20, b"\1\0\0\0" + build.item(0x30, b"1.2") + rest)
    user = build.item(0x50, build.maximum_length(5) + rest)
    root = read(build.associate(1, context, user)[6:])
    assert find(root, "presentation-context.1").text == "1.2"
    assert find(root, "user-information.1").text == "Max PDU Length 5"


@pytest.mark.parametrize("size", range(68))
def test_fixed_fields_cut_short_are_noted_and_those_before_are_read(size: int) -> None:
    root = read(FULL[:size])
    assert [code for _, code in collect_notes(root)] == ["field-cut"]
    assert ("calling-ae-title" in list_fields(root)) == (size >= 36)


def test_a_result_without_meaning_is_noted_and_shows_its_number() -> None:
    root = read(build.associate_ac([(1, 9, IMPLICIT)])[6:])
    assert collect_notes(root) == [("presentation-context.1/result", "result-code")]
    assert find(root, "presentation-context.1/result").text == "Unknown (0x9)"


def test_a_user_identity_type_without_meaning_is_noted() -> None:
    root = read_user(build.user_identity(9, b"who"))
    assert collect_notes(root) == [("user-information.1/user-identity.1/type", "identity-type")]
    assert find(root, "user-identity.1").value == "who"


def test_an_ae_title_that_is_not_ascii_is_shown_all_the_same() -> None:
    root = read(build.associate(1, called="PÄCS#1")[6:])
    assert find(root, "called-ae-title").value == "P\ufffdCS#1          "


def test_a_uid_is_read_without_the_padding_that_a_pdu_must_not_have() -> None:
    node = find(read(build.associate(1, build.item(0x10, b"1.2.840.10008.1.1\0"))[6:]), "application-context.1")
    assert (node.value, node.meaning) == ("1.2.840.10008.1.1", "Verification SOP Class")


def test_a_text_with_control_characters_is_kept_as_it_is() -> None:
    assert find(read_user(build.implementation_version("\x1b[2J")), "implementation-version-name.1").value == "\x1b[2J"


def test_a_context_that_names_two_abstract_syntaxes_is_the_same_in_tree_and_negotiation() -> None:
    body = build.associate(1, build.item(0x20, b"\1\0\0\0" + build.item(0x30, b"1.2") + build.item(0x30, b"1.3")))[6:]
    [context] = read_associate(body).contexts
    assert context.abstract == find(read(body), "presentation-context.1").text


def test_as_many_contexts_as_there_can_be_are_read() -> None:
    contexts = [(number, f"1.2.{number}", [IMPLICIT]) for number in range(1, 256, 2)]
    said = read_associate(build.associate_rq(contexts)[6:])
    assert [(item.context_id, item.abstract) for item in said.contexts] == [each[:2] for each in contexts]


@given(st.sampled_from([FULL, ANSWER]), st.integers(0, len(FULL)), st.integers(1, 100))
@settings(max_examples=300, deadline=None)
def test_nobody_is_blamed_for_the_bytes_that_the_capture_lacks(body: bytes, start: int, size: int) -> None:
    source = Bytes(body, missing=((start, min(start + size, len(body))),) if start < len(body) else ())
    root = Node("", "Root", Span(source, 0, source.size))
    items.read_fields(Cursor(source, 0, source.size, root), decode_associate)
    check_tree(root)
    assert {code for _, code in collect_notes(root)} <= {"stream-gap"}


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_in_place_of_the_fields_give_a_sound_tree(body: bytes) -> None:
    check_tree(read(body))
    read_associate(body)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes_in_place_of_the_items_give_a_sound_tree(rest: bytes) -> None:
    check_tree(read(FULL[:68] + rest))
    check_tree(read_user(rest))


@given(st.sampled_from([FULL, ANSWER]), edits(len(FULL)))
@settings(max_examples=200, deadline=None)
def test_sound_fields_that_were_damaged_give_a_sound_tree(body: bytes, changes: list[tuple[str, int, bytes]]) -> None:
    check_tree(read(edit(body, changes)))
    read_associate(edit(body, changes))


@given(st.sampled_from([FULL, ANSWER]), st.data())
@settings(deadline=None)
def test_a_flipped_byte_changes_nothing_before_it(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    check_unchanged_before(at, read(body), read(flip(body, at, data.draw(st.integers(1, 255)))))
