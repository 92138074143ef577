"""One test vector an item, PDU and message: pynetdicom encodes random legal contents, and each field comes back."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import dictionary_is_retired, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pynetdicom import dimse_messages, dimse_primitives
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dsutils import encode
from pynetdicom.pdu import (
    A_ABORT_RQ,
    A_ASSOCIATE_AC,
    A_ASSOCIATE_RJ,
    A_ASSOCIATE_RQ,
    A_RELEASE_RP,
    A_RELEASE_RQ,
    P_DATA_TF,
)
from pynetdicom.pdu_items import UserIdentitySubItemAC
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    P_DATA,
    AsynchronousOperationsWindowNegotiation,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    ServiceParameter,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.presentation import PresentationContext

from dissect.association import Arrival
from dissect.dicom import items
from dissect.dicom.assembly import Assembler
from dissect.dicom.associate import ContextItem, read_associate
from dissect.dicom.commands import decode_command
from dissect.dicom.dimse import Message, Pdv, pull_pdvs
from dissect.dicom.items import decode_associate
from dissect.dicom.pdu import decode_pdu
from dissect.node import Node
from dissect.tree import make_pdu_node
from tests import build
from tests.build import CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT
from tests.trees import check_tree, collect_notes, find, make_pdu, read_fields, read_talk

BODY = 6
"""Where a PDU's body starts: behind type, reserved byte and length."""

VECTORS = settings(max_examples=40, deadline=None, derandomize=True)

GRAPHIC = "".join(map(chr, range(0x20, 0x7F)))
"""ISO 646 G0 (PS3.5 6.1.2.1)."""

SHORTS, BYTES = st.integers(0, 0xFFFF), st.integers(0, 0xFF)
COMPONENTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=5)
UIDS = COMPONENTS.map(lambda numbers: ".".join(map(str, [1, 2, *numbers]))) | st.sampled_from(
    [build.VERIFICATION, CT_IMAGE_STORAGE, build.PATIENT_ROOT_FIND]
)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Draw text without a backslash, which parts values, and without blanks around it, which mean nothing."""
    words = st.text(GRAPHIC.replace("\\", ""), min_size=1, max_size=longest)
    return words.map(str.strip).filter(bool)


TITLES = texts(16)
TRANSFERS = st.lists(UIDS, min_size=1, max_size=4, unique=True)
CONTEXT_IDS = st.integers(0, 127).map(lambda half: 2 * half + 1)


# User information sub-items: PS3.8 Annex D, PS3.7 D.3.3


def read_user(data: bytes) -> Node:
    """Read one sub-item of a user information item, in which nothing is wrong."""
    body = build.associate(1, build.user_information(data))[BODY:]
    root = read_fields(partial(items.read_fields, decoder=decode_associate), body)
    assert collect_notes(root) == []
    check_tree(root)
    [item] = (node for node in find(root, "user-information.1").children if node.layout != "hidden" and node.tag)
    assert (find(item, "item-type").value, find(item, "item-length").value) == (data[0], len(data) - 4)
    return item


def encode_sub_item(parameter: ServiceParameter) -> bytes:
    """Let pynetdicom encode a user information sub-item."""
    return bytes(parameter.from_primitive().encode())  # type: ignore[attr-defined]  # each kind of parameter has it


def read_values(item: Node, *keys: str) -> tuple[object, ...]:
    """Give the values of fields."""
    return tuple(find(item, key).value for key in keys)


@given(st.integers(0, 0xFFFFFFFF))
@VECTORS
def test_a_maximum_length_is_read(length: int) -> None:
    parameter = MaximumLengthNotification()
    parameter.maximum_length_received = length
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key, find(item, "max-pdu-length").value) == ("51H", "maximum-length.1", length)


@given(UIDS)
@VECTORS
def test_an_implementation_class_uid_is_read(uid: str) -> None:
    parameter = ImplementationClassUIDNotification()
    parameter.implementation_class_uid = uid
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("52H", "implementation-class-uid.1")
    assert find(item, "implementation-class-uid").value == uid


@given(SHORTS, SHORTS)
@VECTORS
def test_an_asynchronous_operations_window_is_read(invoked: int, performed: int) -> None:
    parameter = AsynchronousOperationsWindowNegotiation()
    parameter.maximum_number_operations_invoked = invoked
    parameter.maximum_number_operations_performed = performed
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("53H", "asynchronous-operations-window.1")
    keys = "maximum-number-operations-invoked", "maximum-number-operations-performed"
    assert read_values(item, *keys) == (invoked, performed)


@given(UIDS, st.booleans(), st.booleans())
@VECTORS
def test_a_role_selection_is_read(uid: str, scu: bool, scp: bool) -> None:
    parameter = SCP_SCU_RoleSelectionNegotiation()
    parameter.sop_class_uid, parameter.scu_role, parameter.scp_role = uid, scu, scp or not scu
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("54H", "role-selection.1")
    keys = "sop-class-uid-length", "sop-class-uid", "scu-role", "scp-role"
    assert read_values(item, *keys) == (len(uid), uid, int(scu), int(scp or not scu))


@given(texts(16))
@VECTORS
def test_an_implementation_version_name_is_read(name: str) -> None:
    parameter = ImplementationVersionNameNotification()
    parameter.implementation_version_name = name
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("55H", "implementation-version-name.1")
    assert find(item, "implementation-version").value == name


@given(COMPONENTS, st.binary(min_size=1, max_size=20))
@VECTORS
def test_the_extended_negotiation_of_a_service_nobody_knows_is_read(numbers: list[int], information: bytes) -> None:
    uid = ".".join(map(str, [1, 2, *numbers]))
    parameter = SOPClassExtendedNegotiation()
    parameter.sop_class_uid, parameter.service_class_application_information = uid, information
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("56H", "sop-class-extended-negotiation.1")
    keys = "sop-class-uid-length", "sop-class-uid", "service-class-application-information"
    assert read_values(item, *keys) == (len(uid), uid, information)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=5))
@VECTORS
def test_the_extended_negotiation_of_a_query_is_read_byte_by_byte(options: list[int]) -> None:
    """PS3.4 Tables C.5-1 and C.5-2."""
    parameter = SOPClassExtendedNegotiation()
    parameter.sop_class_uid = build.PATIENT_ROOT_FIND
    parameter.service_class_application_information = bytes(options)
    item = read_user(encode_sub_item(parameter))
    keys = (
        "relational-queries",
        "combined-date-time-matching",
        "fuzzy-semantic-matching",
        "timezone-query-adjustment",
        "enhanced-multi-frame-image-conversion",
    )
    assert read_values(item, *keys[: len(options)]) == tuple(options)


@given(UIDS, UIDS, st.lists(UIDS, max_size=5))
@VECTORS
def test_a_common_extended_negotiation_is_read(uid: str, service: str, related: list[str]) -> None:
    parameter = SOPClassCommonExtendedNegotiation()
    parameter.sop_class_uid, parameter.service_class_uid = uid, service
    parameter.related_general_sop_class_identification = [*related]
    item = read_user(encode_sub_item(parameter))
    assert (item.tag, item.key) == ("57H", "sop-class-common-extended-negotiation.1")
    keys = "sop-class-uid-length", "sop-class-uid", "service-class-uid-length", "service-class-uid"
    assert read_values(item, *keys) == (len(uid), uid, len(service), service)
    size = sum(2 + len(each) for each in related)
    assert find(item, "related-general-sop-class-identification-length").value == size
    names = "Related General SOP Class UID", "Related General SOP Class UID Length"
    listed = [[node.value for node in item.children if node.name == name] for name in names]
    assert listed == [related, [len(each) for each in related]]


def make_identity(kind: int, primary: bytes, secondary: bytes, answer: bool) -> UserIdentityNegotiation:
    """Let pynetdicom make the parameters of a user identity."""
    parameter = UserIdentityNegotiation()
    parameter.user_identity_type, parameter.positive_response_requested = kind, answer
    parameter.primary_field = primary
    if kind == 2:
        parameter.secondary_field = secondary
    return parameter


@given(st.integers(1, 5), st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=20), st.booleans())
@VECTORS
def test_a_user_identity_is_read_but_for_its_passcode(kind: int, primary: bytes, passcode: bytes, answer: bool) -> None:
    item = read_user(encode_sub_item(make_identity(kind, primary, passcode, answer)))
    assert (item.tag, item.key) == ("58H", "user-identity.1")
    keys = "type", "response-requested", "primary-field-length", "secondary-field-length"
    size = len(passcode) if kind == 2 else 0
    assert read_values(item, *keys) == (kind, int(answer), len(primary), size)
    field = find(item, "primary-field")
    assert field.span is not None
    assert field.span.read() == primary
    if kind == 2:
        hidden = find(item, "secondary-field")
        assert hidden.span is not None
        assert (hidden.span.read(), hidden.value, hidden.text) == (passcode, None, "********")


@given(texts(30))
@VECTORS
def test_the_user_of_an_identity_is_read_as_text(user: str) -> None:
    item = read_user(encode_sub_item(make_identity(1, user.encode(), b"", answer=False)))
    assert (find(item, "primary-field").value, item.value) == (user, user)


@given(st.binary(max_size=30))
@VECTORS
def test_the_answer_to_a_user_identity_is_read(response: bytes) -> None:
    parameter = UserIdentityNegotiation()
    parameter.server_response = response
    sub_item = UserIdentitySubItemAC()
    sub_item.from_primitive(parameter)
    item = read_user(bytes(sub_item.encode()))
    assert (item.tag, item.key) == ("59H", "user-identity-response.1")
    assert find(item, "server-response-length").value == len(response)
    if response:
        field = find(item, "server-response")
        assert field.span is not None
        assert field.span.read() == response


# PDUs: PS3.8 9.3


class Proposal(NamedTuple):
    """What an A-ASSOCIATE-RQ proposes, or what an A-ASSOCIATE-AC answers to it."""

    application: str
    called: str
    calling: str
    contexts: list[tuple[int, str, list[str], int]]


PROPOSALS = st.builds(
    Proposal,
    UIDS,
    TITLES,
    TITLES,
    st.lists(
        st.tuples(CONTEXT_IDS, UIDS, TRANSFERS, st.integers(0, 4)),
        min_size=1,
        max_size=6,
        unique_by=lambda context: context[0],
    ),
)


def make_associate(proposal: Proposal) -> A_ASSOCIATE:
    """Let pynetdicom make the parameters that A-ASSOCIATE-RQ and -AC share."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = proposal.application
    primitive.called_ae_title, primitive.calling_ae_title = proposal.called, proposal.calling
    maximum, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    maximum.maximum_length_received, implementation.implementation_class_uid = 16384, "1.2.3"
    primitive.user_information = [maximum, implementation]
    return primitive


def make_context(context_id: int, abstract: str, transfers: Sequence[str], result: int | None) -> PresentationContext:
    """Let pynetdicom make a presentation context."""
    context = PresentationContext()
    context.context_id, context.abstract_syntax, context.transfer_syntax = context_id, abstract, list(transfers)
    context.result = result
    return context


def read_pdu(data: bytes) -> Node:
    """Read a PDU that carries no messages and in which nothing is wrong."""
    root = read_fields(partial(decode_pdu, title="Title"), data)
    assert collect_notes(root) == []
    check_tree(root)
    assert (find(root, "pdu-type").value, find(root, "pdu-length").value) == (data[0], len(data) - BODY)
    return root


def check_fixed(root: Node, proposal: Proposal) -> None:
    """Hold the fields that A-ASSOCIATE-RQ and -AC share to be what was encoded."""
    assert read_values(root, "body/protocol-version", "body/called-ae-title", "body/calling-ae-title") == (
        1,
        proposal.called.ljust(16),
        proposal.calling.ljust(16),
    )
    assert find(root, "body/application-context.1/application-context").value == proposal.application
    information = find(root, "body/user-information.1")
    keys = "maximum-length.1/max-pdu-length", "implementation-class-uid.1/implementation-class-uid"
    assert read_values(information, *keys) == (16384, "1.2.3")


def list_syntaxes(item: Node, key: str) -> list[object]:
    """Give the UIDs of the sub-items of one kind."""
    return [find(child, key).value for child in item.children if child.key.startswith(f"{key}.")]


@given(PROPOSALS)
@VECTORS
def test_an_association_request_is_read(proposal: Proposal) -> None:
    primitive, pdu = make_associate(proposal), A_ASSOCIATE_RQ()
    primitive.presentation_context_definition_list = [
        make_context(context_id, abstract, transfers, None) for context_id, abstract, transfers, _ in proposal.contexts
    ]
    pdu.from_primitive(primitive)
    data = bytes(pdu.encode())
    root = read_pdu(data)
    check_fixed(root, proposal)
    found = [node for node in find(root, "body").children if node.tag == "20H"]
    assert [
        (find(node, "context-id").value, list_syntaxes(node, "abstract-syntax"), list_syntaxes(node, "transfer-syntax"))
        for node in found
    ] == [(context_id, [abstract], transfers) for context_id, abstract, transfers, _ in proposal.contexts]
    said = read_associate(data[BODY:])
    assert (said.called, said.calling) == (proposal.called, proposal.calling)
    assert said.contexts == tuple(
        ContextItem(context_id, abstract, tuple(transfers), None)
        for context_id, abstract, transfers, _ in proposal.contexts
    )


@given(PROPOSALS)
@VECTORS
def test_an_association_answer_is_read(proposal: Proposal) -> None:
    primitive, pdu = make_associate(proposal), A_ASSOCIATE_AC()
    primitive.presentation_context_definition_results_list = [
        make_context(context_id, abstract, transfers[:1], result)
        for context_id, abstract, transfers, result in proposal.contexts
    ]
    pdu.from_primitive(primitive)
    data = bytes(pdu.encode())
    root = read_pdu(data)
    check_fixed(root, proposal)
    found = [node for node in find(root, "body").children if node.tag == "21H"]
    assert [read_values(node, "context-id", "result") for node in found] == [
        (context_id, result) for context_id, _, _, result in proposal.contexts
    ]
    # Of a context that is not accepted the transfer syntax is not significant: PS3.8 Table 9-18.
    accepted = [(node, each) for node, each in zip(found, proposal.contexts, strict=True) if each[3] == 0]
    assert all(list_syntaxes(node, "transfer-syntax") == each[2][:1] for node, each in accepted)
    said = read_associate(data[BODY:]).contexts
    assert [(each.context_id, each.result) for each in said] == [(each[0], each[3]) for each in proposal.contexts]


REASONS = [(1, 1), (1, 2), (1, 3), (1, 7), (2, 1), (2, 2), (3, 1), (3, 2)]
"""The sources and reasons of PS3.8 Table 9-21 that are not reserved."""


@pytest.mark.parametrize("result", [1, 2])
@pytest.mark.parametrize(("source", "reason"), REASONS)
def test_an_association_rejection_is_read(result: int, source: int, reason: int) -> None:
    primitive, pdu = A_ASSOCIATE(), A_ASSOCIATE_RJ()
    primitive.result, primitive.result_source, primitive.diagnostic = result, source, reason
    pdu.from_primitive(primitive)
    root = read_pdu(bytes(pdu.encode()))
    assert read_values(root, "body/result", "body/source", "body/reason") == (result, source, reason)


@pytest.mark.parametrize("pdu", [A_RELEASE_RQ(), A_RELEASE_RP()])
def test_a_release_is_read(pdu: A_RELEASE_RQ | A_RELEASE_RP) -> None:
    assert [child.layout for child in find(read_pdu(bytes(pdu.encode())), "body").children] == ["hidden"]


@pytest.mark.parametrize(("source", "reason"), [(0, 0), *((2, reason) for reason in (0, 1, 2, 4, 5, 6))])
def test_an_abort_is_read(source: int, reason: int) -> None:
    pdu = A_ABORT_RQ()
    pdu.source, pdu.reason_diagnostic = source, reason
    assert read_values(read_pdu(bytes(pdu.encode())), "body/source", "body/reason") == (source, reason)


def encode_data(*values: tuple[int, bytes]) -> bytes:
    """Let pynetdicom encode a P-DATA-TF of presentation contexts and presentation data values."""
    primitive, pdu = P_DATA(), P_DATA_TF()
    primitive.presentation_data_value_list.extend(values)
    pdu.from_primitive(primitive)
    return bytes(pdu.encode())


@given(st.lists(st.tuples(CONTEXT_IDS, st.integers(0, 3), st.binary(min_size=1, max_size=40)), min_size=1, max_size=6))
@VECTORS
def test_each_pdv_of_a_p_data_tf_is_read(values: list[tuple[int, int, bytes]]) -> None:
    data = encode_data(*((context_id, bytes([flags]) + fragment * 2) for context_id, flags, fragment in values))
    pdvs = list(pull_pdvs(make_pdu(data)))
    assert [(pdv.context_id, pdv.flags, pdv.fragment.read()) for pdv in pdvs] == [
        (context_id, flags, fragment * 2) for context_id, flags, fragment in values
    ]
    assert [pdv.length for pdv in pdvs] == [len(fragment) * 2 + 2 for _, _, fragment in values]
    assert [(pdv.is_command, pdv.is_last) for pdv in pdvs] == [(flags in (1, 3), flags > 1) for _, flags, _ in values]
    assert not [found for pdv in pdvs for found in pdv.notes]


# Messages: PS3.7 9.3, 10.3

SERVICES = ["C_STORE", "C_FIND", "C_GET", "C_MOVE", "C_ECHO"]
SERVICES += ["N_EVENT_REPORT", "N_GET", "N_SET", "N_ACTION", "N_CREATE", "N_DELETE"]
MESSAGES = [*(f"{service}_{kind}" for service in SERVICES for kind in ("RQ", "RSP")), "C_CANCEL_RQ"]
DATA_SETS = {
    **dict.fromkeys(["C_FIND_RQ", "C_FIND_RSP", "C_GET_RQ", "C_GET_RSP", "C_MOVE_RQ", "C_MOVE_RSP"], "Identifier"),
    **dict.fromkeys(["N_GET_RSP", "N_SET_RSP", "N_CREATE_RQ", "N_CREATE_RSP"], "AttributeList"),
    "C_STORE_RQ": "DataSet",
    "N_EVENT_REPORT_RQ": "EventInformation",
    "N_EVENT_REPORT_RSP": "EventReply",
    "N_SET_RQ": "ModificationList",
    "N_ACTION_RQ": "ActionInformation",
    "N_ACTION_RSP": "ActionReply",
}
"""Where pynetdicom keeps the data set of those messages that may have one."""
ALWAYS = {"C_STORE_RQ", "C_FIND_RQ", "C_GET_RQ", "C_MOVE_RQ", "N_SET_RQ"}
TAGS = st.lists(st.integers(0x00080000, 0x7FE00010), min_size=1, max_size=4)
NEEDED: dict[str, st.SearchStrategy[object]] = {
    "MessageID": SHORTS,
    "MessageIDBeingRespondedTo": SHORTS,
    "AffectedSOPClassUID": UIDS,
    "RequestedSOPClassUID": UIDS,
    "RequestedSOPInstanceUID": UIDS,
    "Priority": st.integers(0, 2),
    "Status": st.sampled_from([0x0000, 0x0107, 0x0110, 0x0122, 0xA700, 0xB000, 0xC123, 0xFE00, 0xFF00, 0xFF01]),
    "MoveDestination": TITLES,
    "EventTypeID": SHORTS,
    "ActionTypeID": SHORTS,
}
FREE: dict[str, st.SearchStrategy[object]] = {
    "AffectedSOPInstanceUID": UIDS,
    "MoveOriginatorApplicationEntityTitle": TITLES,
    "MoveOriginatorMessageID": SHORTS,
    "NumberOfRemainingSuboperations": SHORTS,
    "NumberOfCompletedSuboperations": SHORTS,
    "NumberOfFailedSuboperations": SHORTS,
    "NumberOfWarningSuboperations": SHORTS,
    "ErrorComment": texts(64),
    "ErrorID": SHORTS,
    "OffendingElement": TAGS,
    "AttributeIdentifierList": TAGS,
}
MADE = {"CommandGroupLength", "CommandField", "CommandDataSetType"}
"""What pynetdicom fills in."""


class Vector(NamedTuple):
    """A message: the fields of its command set, and its data set."""

    kind: str
    fields: dict[str, object]
    data: bytes

    @property
    def name(self) -> str:
        """Give the standard's name of the message."""
        return self.kind.replace("_", "-")


def make_data(syntax: str, patient: str, uid: str) -> bytes:
    """Let pydicom encode a small data set."""
    data = Dataset()
    data.SOPInstanceUID, data.PatientName, data.PatientID = uid, patient, "1"
    encoded = encode(data, syntax == IMPLICIT, True)
    assert encoded is not None
    return encoded


def draw_messages(kind: str, syntax: str) -> st.SearchStrategy[Vector]:
    """Draw the contents of a message: what every one has, some of what it may have, and a data set where it may."""
    keywords = {str(each.keyword) for each in getattr(dimse_messages, kind)().command_set} - MADE
    free = {each: st.none() | FREE[each] for each in sorted(keywords & FREE.keys())}
    needed = {each: NEEDED[each] for each in sorted(keywords - FREE.keys())}
    data = st.builds(make_data, st.just(syntax), texts(20), UIDS)
    if kind not in ALWAYS:
        data = st.just(b"") if kind not in DATA_SETS else data | st.just(b"")
    return st.builds(Vector, st.just(kind), st.fixed_dictionaries({**needed, **free}), data)


def make_message(vector: Vector) -> DIMSEMessage:
    """Let pynetdicom make a message."""
    primitive = getattr(dimse_primitives, vector.kind.rpartition("_")[0])()
    for keyword, value in vector.fields.items():
        if value is not None:
            setattr(primitive, keyword, value)
    if vector.data:
        setattr(primitive, DATA_SETS[vector.kind], BytesIO(vector.data))
    message = getattr(dimse_messages, vector.kind)()
    assert isinstance(message, DIMSEMessage)
    message.primitive_to_message(primitive)
    return message


def encode_message(message: DIMSEMessage, context_id: int, size: int) -> list[bytes]:
    """Let pynetdicom encode a message as P-DATA-TF PDUs of at most a length, or with no bound for 0."""
    parts = message.encode_msg(context_id, size)
    return [encode_data(*part.presentation_data_value_list) for part in parts]


def hear(pdus: list[bytes]) -> tuple[list[Pdv], list[Message]]:
    """Take the PDUs of one side, and give their PDVs and the messages they make."""
    assembler = Assembler()
    pdvs = [pdv for pdu in pdus for pdv in pull_pdvs(make_pdu(pdu))]
    messages = [message for pdv in pdvs if (message := assembler.add(pdv)) is not None]
    assert not [found for pdv in pdvs for found in pdv.notes]
    return pdvs, messages


def simplify(value: object) -> object:
    """Take the padding of text away, and what pydicom makes of several values."""
    if isinstance(value, str):
        return value.rstrip(" \0")
    return list(value) if isinstance(value, Sequence) and not isinstance(value, bytes) else value


def check_elements(nodes: list[Node], elements: list[DataElement]) -> None:
    """Hold the nodes of a command set or data set to be the elements that pydicom has encoded."""
    assert [(node.tag, node.vr, node.name, simplify(node.value)) for node in nodes] == [
        (f"({each.tag.group:04x},{each.tag.element:04x})", each.VR, each.name, simplify(each.value))
        for each in elements
    ]


SIZES = st.just(0) | st.integers(4, 40).map(lambda half: 2 * half) | st.just(16382)


@pytest.mark.parametrize("kind", MESSAGES)
def test_each_field_of_a_message_is_read(kind: str) -> None:
    @given(draw_messages(kind, IMPLICIT), CONTEXT_IDS, SIZES)
    @VECTORS
    def check(vector: Vector, context_id: int, size: int) -> None:
        theirs = make_message(vector)
        pdvs, messages = hear(encode_message(theirs, context_id, size))
        [message] = messages
        assert (message.name, message.context_id) == (vector.name, context_id)
        assert message.has_data_set == bool(vector.data)
        check_fragments(message, pdvs, size)
        assert message.data.join().read(0, len(vector.data) + 1) == vector.data
        assert list(message.fields) == [int(each.tag) for each in theirs.command_set]
        keywords = "AffectedSOPClassUID", "RequestedSOPClassUID"
        assert message.sop_class == next(filter(None, map(vector.fields.get, keywords)), "")
        root = Node("", "Root")
        check_elements(decode_command(message, root), list(theirs.command_set))
        assert collect_notes(root) == []

    check()


def check_fragments(message: Message, pdvs: list[Pdv], size: int) -> None:
    """Hold the fragments of a message to be numbered in order, its command set before its data set."""
    command, data = message.command.pdvs, message.data.pdvs
    assert [*command, *data] == pdvs
    assert all(part.complete for part in (message.command, *([message.data] if data else [])))
    for part in (command, data):
        assert [pdv.index for pdv in part] == [*range(1, len(part) + 1)]
        assert [pdv.is_last for pdv in part] == [False] * (len(part) - 1) + [True] * bool(part)
    assert not size or max(len(pdv.fragment) for pdv in pdvs) <= size - 6


def find_pdv(arrivals: list[Arrival], *, command: bool) -> Node:
    """Give the node of the PDV that completes the command set, or the data set, of the only message."""
    found = [
        find(make_pdu_node(arrival), f"pdv.{number}")
        for arrival in arrivals
        for number, pdv in enumerate(arrival.pdvs, 1)
        if pdv.is_last and pdv.is_command == command
    ]
    return found[-1]


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("kind", sorted(DATA_SETS))
def test_command_and_data_set_stand_under_the_pdvs_that_complete_them(kind: str, syntax: str) -> None:
    @given(draw_messages(kind, syntax).filter(lambda vector: bool(vector.data)), CONTEXT_IDS, SIZES)
    @settings(VECTORS, max_examples=6)
    def check(vector: Vector, context_id: int, size: int) -> None:
        theirs = make_message(vector)
        talk = build.Talk().open().request(build.associate_rq([(context_id, "1.2.3", [syntax])]))
        talk.answer(build.associate_ac([(context_id, 0, syntax)])).request(*encode_message(theirs, context_id, size))
        arrivals = read_talk(talk)
        nodes = [node for node in find_pdv(arrivals, command=True).children if node.layout == "element"]
        check_elements(nodes, list(theirs.command_set))
        nodes = [node for node in find_pdv(arrivals, command=False).children if node.layout == "element"]
        assert [node.tag for node in nodes] == ["(0008,0018)", "(0010,0010)", "(0010,0020)"]
        assert make_data(syntax, str(nodes[1].value).rstrip(), str(nodes[0].value).rstrip("\0")) == vector.data
        codes = {code for arrival in arrivals for _, code in collect_notes(make_pdu_node(arrival))}
        assert codes <= UNFITTING

    check()


UNFITTING = {
    "class-context", "command-lacks", "data-set-forbidden", "no-default-syntax", "object-instance", "originator",
    "query-level", "response-unasked", "status-fields", "status-unknown", "syntax-unknown",
}  # fmt: skip
"""What is wrong with fields that are legal one by one, but were drawn alone, in an association for no service."""


# Command elements: PS3.7 E.1, E.2

ELEMENTS = [0x0000, 0x0002, 0x0003, 0x0100, 0x0110, 0x0120, 0x0600, 0x0700, 0x0800, 0x0900, 0x0901, 0x0902, 0x0903]
ELEMENTS += [0x1000, 0x1001, 0x1002, 0x1005, 0x1008, 0x1020, 0x1021, 0x1022, 0x1023, 0x1030, 0x1031]
"""PS3.7 Table E.1-1."""
RETIRED = [0x0001, 0x0010, 0x0200, 0x0300, 0x0400, 0x0850, 0x0860, 0x4000, 0x4010, 0x5010, 0x5020, 0x5110, 0x5120]
RETIRED += [0x5130, 0x5140, 0x5150, 0x5160, 0x5170, 0x5180, 0x5190, 0x51A0, 0x51B0]
"""PS3.7 Table E.2-1."""
VALUES: dict[str, object] = {
    "UL": 70000,
    "US": 0x0102,
    "UI": "1.2.34",
    "AE": "TITLE",
    "AT": [0x00100010, 0x00100020],
    "LO": "Some words",
    "LT": "Some words",
    "SH": "Words",
    "CS": "CODE",
    "IS": "12",
}


@pytest.mark.parametrize("element", ELEMENTS + RETIRED, ids=lambda element: f"0000,{element:04x}")
def test_each_command_element_has_its_name_and_its_value(element: int) -> None:
    """The dictionary and the encoder are pydicom's; what is retired is marked as such."""
    theirs = Dataset()
    theirs.add_new(element, dictionary_VR(element), VALUES[dictionary_VR(element)])
    encoded = encode(theirs, True, True)
    assert encoded is not None
    _, [message] = hear([encode_data((1, b"\3" + encoded))])
    root = Node("", "Root")
    nodes = decode_command(message, root)
    check_elements(nodes, list(theirs))
    assert [node.retired for node in nodes] == [dictionary_is_retired(element)] == [element in RETIRED]
    assert collect_notes(root) == []


def test_no_command_element_of_the_dictionary_is_left_out() -> None:
    assert sorted(ELEMENTS + RETIRED) == sorted(tag for tag in DicomDictionary if tag >> 16 == 0)
