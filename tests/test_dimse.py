from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom import dimse_messages, dimse_primitives
from pynetdicom.dimse_primitives import C_CANCEL, C_ECHO, C_FIND, C_GET, C_MOVE, C_STORE
from pynetdicom.dsutils import decode
from pynetdicom.pdu import P_DATA_TF

from dissect.dicom.assembly import Assembler
from dissect.dicom.commands import LONGEST_COMMAND, decode_command
from dissect.dicom.dimse import Message, Pdv, pull_pdvs
from dissect.dicom.terms import COMMANDS
from dissect.node import Node
from dissect.spans import Span
from tests import build
from tests.build import COMMAND, CT_IMAGE_STORAGE, EXPLICIT, LAST, PATIENT_ROOT_FIND, SOP_INSTANCE
from tests.trees import check_tree, collect_notes, edit, edits, find, make_pdu

ECHO = build.c_echo_rq(7)
STORE = build.c_store_rq(7, CT_IMAGE_STORAGE, SOP_INSTANCE)
DATA = build.text(0x00080060, "CS", "CT") + build.text(0x00100010, "PN", "A^B")
HEADER = 6


class Heard(NamedTuple):
    """What one side said."""

    pdvs: list[Pdv]
    messages: list[Message]

    @property
    def codes(self) -> list[list[str]]:
        """Give the codes of the notes on each PDV."""
        return [[found.code for found in pdv.notes] for pdv in self.pdvs]


def hear(*pdus: bytes) -> Heard:
    """Take the PDUs of one side, and give their PDVs and the messages they make."""
    assembler = Assembler()
    pdvs = [pdv for pdu in pdus for pdv in pull_pdvs(make_pdu(pdu))]
    messages = [message for pdv in pdvs if pdv.sound and (message := assembler.add(pdv)) is not None]
    return Heard(pdvs, messages)


def say(*pdvs: bytes) -> bytes:
    """Encode a P-DATA-TF."""
    return build.p_data(*pdvs)


def command(data: bytes, context_id: int = 1) -> bytes:
    """Encode the PDV of a whole command set."""
    return build.pdv(context_id, COMMAND | LAST, data)


def data_set(data: bytes, context_id: int = 1) -> bytes:
    """Encode the PDV of a whole data set."""
    return build.pdv(context_id, LAST, data)


def read_all(fragments: Iterable[Pdv]) -> bytes:
    """Give the bytes of fragments put together."""
    return b"".join(pdv.fragment.read() for pdv in fragments)


def read_command(data: bytes) -> Node:
    """Decode a command set, given in one fragment."""
    [message] = hear(say(command(data))).messages
    root = Node("", "Root")
    for node in decode_command(message, root)[:1]:
        assert node.span is not None
        root.span = Span(node.span.source, 0, len(data))
    return root


def make_store() -> C_STORE:
    """Let pynetdicom make a C-STORE request that a C-MOVE has caused."""
    primitive = C_STORE()
    primitive.MessageID, primitive.Priority = 7, 2
    primitive.AffectedSOPClassUID, primitive.AffectedSOPInstanceUID = CT_IMAGE_STORAGE, SOP_INSTANCE
    primitive.MoveOriginatorApplicationEntityTitle, primitive.MoveOriginatorMessageID = "MOVER", 3
    primitive.DataSet = BytesIO(DATA)
    return primitive


def make_move_response() -> C_MOVE:
    """Let pynetdicom make a C-MOVE response that says how far it has come."""
    primitive = C_MOVE()
    primitive.MessageIDBeingRespondedTo, primitive.AffectedSOPClassUID, primitive.Status = 7, PATIENT_ROOT_FIND, 0xFF00
    primitive.NumberOfCompletedSuboperations, primitive.NumberOfRemainingSuboperations = 1, 2
    primitive.NumberOfWarningSuboperations, primitive.NumberOfFailedSuboperations = 3, 4
    return primitive


def make_find_response() -> C_FIND:
    """Let pynetdicom make a C-FIND response that fails."""
    primitive = C_FIND()
    primitive.MessageIDBeingRespondedTo, primitive.AffectedSOPClassUID, primitive.Status = 7, PATIENT_ROOT_FIND, 0xA700
    primitive.ErrorComment = "Disk full"  # type: ignore[assignment]  # declared with None alone
    primitive.OffendingElement = [0x00100010, 0x00100020]  # type: ignore[assignment]  # likewise
    return primitive


def make_cancel() -> C_CANCEL:
    """Let pynetdicom make a C-CANCEL request."""
    primitive = C_CANCEL()
    primitive.MessageIDBeingRespondedTo = 7
    return primitive


def make_echo() -> C_ECHO:
    """Let pynetdicom make a C-ECHO response."""
    primitive = C_ECHO()
    primitive.MessageIDBeingRespondedTo, primitive.AffectedSOPClassUID, primitive.Status = 7, build.VERIFICATION, 0
    return primitive


def make_get() -> C_GET:
    """Let pynetdicom make a C-GET request."""
    primitive = C_GET()
    primitive.MessageID, primitive.AffectedSOPClassUID, primitive.Priority = 7, PATIENT_ROOT_FIND, 1
    primitive.Identifier = BytesIO(DATA)
    return primitive


def make_normalized(kind: str) -> dimse_primitives.DIMSEPrimitive:
    """Let pynetdicom make a response of DIMSE-N."""
    primitive = getattr(dimse_primitives, kind)()
    primitive.MessageIDBeingRespondedTo, primitive.Status = 7, 0x0110
    primitive.AffectedSOPClassUID, primitive.AffectedSOPInstanceUID = "1.2.3", "1.2.4"
    assert isinstance(primitive, dimse_primitives.DIMSEPrimitive)
    return primitive


MESSAGES = {
    "C-STORE-RQ": make_store(),
    "C-MOVE-RSP": make_move_response(),
    "C-FIND-RSP": make_find_response(),
    "C-CANCEL-RQ": make_cancel(),
    "C-ECHO-RSP": make_echo(),
    "C-GET-RQ": make_get(),
    **{f"{kind.replace('_', '-')}-RSP": make_normalized(kind) for kind in ("N_EVENT_REPORT", "N_GET", "N_SET")},
    **{f"{kind.replace('_', '-')}-RSP": make_normalized(kind) for kind in ("N_ACTION", "N_CREATE", "N_DELETE")},
}
DESCRIPTIONS = {
    "C-STORE-RQ": "C-STORE-RQ ID=7",
    "C-MOVE-RSP": "C-MOVE-RSP ID=7 C=1 R=2 W=3 F=4",
    "C-FIND-RSP": "C-FIND-RSP (ID=7, Refused: Out of Resources, Disk full)",
    "C-CANCEL-RQ": "C-CANCEL-RQ ID=7",
    "C-ECHO-RSP": "C-ECHO-RSP ID=7 (Success)",
    "C-GET-RQ": "C-GET-RQ ID=7",
}
EACH_MESSAGE = pytest.mark.parametrize("name", MESSAGES)


def encode(name: str, size: int = 0) -> list[bytes]:
    """Let pynetdicom encode a message as P-DATA-TF PDUs of at most a length, or with no bound for 0."""
    message = getattr(dimse_messages, name.replace("-", "_"))()
    message.primitive_to_message(MESSAGES[name])
    pdus = []
    for primitive in message.encode_msg(3, size):
        pdu = P_DATA_TF()
        pdu.from_primitive(primitive)
        pdus.append(bytes(pdu.encode()))
    return pdus


@EACH_MESSAGE
@pytest.mark.parametrize("size", [0, 16, 30])
def test_a_message_that_pynetdicom_encodes_has_its_name_and_its_command_set(name: str, size: int) -> None:
    heard = hear(*encode(name, size))
    [message] = heard.messages
    theirs = decode(BytesIO(read_all(pdv for pdv in heard.pdvs if pdv.is_command)), True, True)
    assert (message.name, message.context_id) == (name, 3)
    assert list(message.fields) == [int(each.tag) for each in theirs]
    assert message.number_at(0x0100) == theirs.CommandField
    assert message.sop_class == theirs.get("AffectedSOPClassUID", "")
    assert message.has_data_set == (theirs.CommandDataSetType != 0x0101)
    assert not any(heard.codes)


@EACH_MESSAGE
def test_each_element_of_a_command_set_that_pynetdicom_encodes_is_decoded(name: str) -> None:
    [message] = hear(*encode(name)).messages
    theirs = decode(BytesIO(message.command.join().read(0, 1 << 20)), True, True)
    root = Node("", "Root")
    decode_command(message, root)
    assert [(node.tag, node.vr, node.name) for node in root.children] == [
        (f"({each.tag.group:04x},{each.tag.element:04x})", each.VR, each.name) for each in theirs
    ]
    values = [node.value.strip() if isinstance(node.value, str) else node.value for node in root.children]
    assert values == [each.value for each in theirs]
    assert collect_notes(root) == []


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_message_is_described_in_wiresharks_words(name: str) -> None:
    [message] = hear(*encode(name)).messages
    assert message.describe() == DESCRIPTIONS[name]


@pytest.mark.parametrize("size", [16, 30, 1 << 16])
def test_the_fragments_that_pynetdicom_cuts_are_joined_to_the_data_set(size: int) -> None:
    heard = hear(*encode("C-STORE-RQ", size))
    [message] = heard.messages
    assert message.data.join().read(0, len(DATA)) == DATA
    assert [pdv.index for pdv in message.data.pdvs] == [*range(1, len(message.data.pdvs) + 1)]
    assert (message.command.complete, message.data.complete) == (True, True)


@pytest.mark.parametrize("code", COMMANDS)
def test_a_command_field_is_shown_by_its_name(code: int) -> None:
    node = find(read_command(build.command_set({0x0100: code})), "0000,0100")
    assert (node.value, node.text) == (code, COMMANDS[code])


def test_codes_of_a_command_set_without_meaning_are_shown_as_numbers() -> None:
    root = read_command(build.command_set({0x0100: 0x7777, 0x0900: 0x1234}))
    assert find(root, "0000,0100").text == "Unknown (0x7777)"
    assert find(root, "0000,0900").text == "Unknown (0x1234)"


def test_a_status_has_its_meaning_and_its_number() -> None:
    assert (
        find(read_command(build.c_echo_rsp(7, 0x0122)), "0000,0900").text == "Refused: SOP class not supported (0x122)"
    )
    assert find(read_command(build.c_echo_rsp(7, 0)), "0000,0900").text == "Success (0x00)"


def test_the_header_of_a_pdv_is_read() -> None:
    [first, second] = hear(say(build.pdv(3, 1, b"ab"), build.pdv(255, 2, b"cdef"))).pdvs
    assert (first.context_id, first.is_command, first.is_last, first.fragment.read()) == (3, True, False, b"ab")
    assert (second.context_id, second.is_command, second.is_last, second.fragment.read()) == (255, False, True, b"cdef")
    assert (first.start, first.stop, second.start, second.stop) == (HEADER, 14, 14, 24)


def test_a_pdv_with_an_empty_fragment_is_taken() -> None:
    heard = hear(say(command(STORE), build.pdv(1, 0, DATA)), say(build.pdv(1, LAST, b"")))
    assert heard.messages[0].data.complete
    assert heard.messages[0].data.join().size == len(DATA)


@pytest.mark.parametrize("length", [0, 1, 5, 0xFFFFFFFF])
def test_a_pdv_length_that_cannot_be_is_noted_and_the_pdvs_before_it_decode(length: int) -> None:
    heard = hear(say(command(ECHO), build.pdv(1, COMMAND | LAST, b"ab", length=length)))
    assert [message.name for message in heard.messages] == ["C-ECHO-RQ"]
    assert heard.codes == [[], ["pdv-length"]]
    assert (heard.pdvs[1].length, heard.pdvs[1].sound) == (length, False)


@pytest.mark.parametrize("size", range(1, 6))
def test_too_few_bytes_for_a_pdv_are_noted_and_the_pdvs_before_them_decode(size: int) -> None:
    heard = hear(say(command(ECHO), bytes(size)))
    assert [message.name for message in heard.messages] == ["C-ECHO-RQ"]
    assert heard.codes == [[], ["pdv-length"]]


def test_an_odd_pdv_length_is_noted_and_the_next_pdv_still_decodes() -> None:
    heard = hear(say(build.pdv(1, 0, b"abc"), command(ECHO, 3)))
    assert [message.name for message in heard.messages] == ["C-ECHO-RQ"]
    assert heard.codes[1] == []
    assert "pdv-odd" in heard.codes[0]


@pytest.mark.parametrize("flags", [0x07, 0x80 | COMMAND | LAST, 0xFF])
def test_reserved_bits_are_noted_and_the_others_mean_what_they_mean(flags: int) -> None:
    heard = hear(say(build.pdv(1, flags, ECHO)))
    assert [message.name for message in heard.messages] == ["C-ECHO-RQ"]
    assert heard.codes == [["reserved-bits"]]
    [found] = heard.pdvs[0].notes
    assert found.span is not None
    assert (found.span.start, found.span.stop) == (11, 12)


def test_a_pdv_whose_header_the_capture_lacks_is_not_trusted() -> None:
    data = say(command(ECHO), command(ECHO))
    lost = make_pdu(data, missing=((HEADER + 2, HEADER + 4),))
    [pdv] = pull_pdvs(lost)
    assert ([found.code for found in pdv.notes], pdv.sound, pdv.stop) == (["stream-gap"], False, len(data))


def test_missing_bytes_behind_the_end_of_a_pdu_are_none_of_its_pdvs() -> None:
    data = say(command(ECHO), b"abc")
    pdu = make_pdu(data, missing=((len(data) + 1, len(data) + 9),))
    assert [found.code for pdv in pull_pdvs(pdu) for found in pdv.notes] == ["pdv-length"]


def test_of_a_command_set_without_end_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    [pdv] = pull_pdvs(make_pdu(say(command(ECHO + bytes(3 * LONGEST_COMMAND)))))
    stream, taken = pdv.pdu.stream, list[int]()
    read = stream.read

    def watch(start: int, stop: int) -> bytes:
        taken.append(stop - start)
        return read(start, stop)

    monkeypatch.setattr(stream, "read", watch)
    message = Assembler().add(pdv)
    assert message is not None
    assert (message.name, message.raw) == ("C-ECHO-RQ", b"")
    assert sum(taken) <= LONGEST_COMMAND + 100


def test_a_data_set_follows_only_where_the_command_says_so() -> None:
    heard = hear(say(command(ECHO)), say(data_set(DATA)))
    assert heard.codes == [[], ["data-unannounced"]]
    assert not heard.messages[0].has_data_set


def test_data_without_a_command_before_it_is_noted_and_put_together() -> None:
    heard = hear(say(build.pdv(1, 0, DATA[:8])), say(build.pdv(1, LAST, DATA[8:])))
    assert heard.codes == [["data-without-command"], []]
    part = heard.pdvs[1].part
    assert part is not None
    assert (part.join().read(0, 100), part.complete) == (DATA, True)


def test_two_data_sets_without_commands_are_not_joined() -> None:
    heard = hear(say(data_set(DATA)), say(data_set(DATA)))
    assert heard.codes == [["data-without-command"], ["data-without-command"]]
    assert [pdv.index for pdv in heard.pdvs] == [1, 1]


def test_the_end_of_a_data_set_without_a_command_is_no_part_of_the_next_message() -> None:
    """A capture that starts in the middle of a C-STORE."""
    heard = hear(say(data_set(DATA)), say(command(STORE)), say(data_set(DATA)))
    assert heard.codes == [["data-without-command"], [], []]
    assert heard.messages[0].data.pdvs == heard.pdvs[2:]


def test_a_command_before_the_data_set_came_to_an_end_is_noted_and_decoded() -> None:
    heard = hear(say(command(STORE)), say(build.pdv(1, 0, DATA)), say(command(ECHO)))
    assert [message.name for message in heard.messages] == ["C-STORE-RQ", "C-ECHO-RQ"]
    assert heard.codes == [[], [], ["message-incomplete"]]
    assert heard.messages[0].data.abandoned


def test_a_command_where_a_data_set_is_due_is_noted() -> None:
    assert hear(say(command(STORE)), say(command(STORE))).codes == [[], ["data-absent"]]


def test_data_before_the_command_set_came_to_an_end_is_noted_and_the_command_decoded() -> None:
    """PS3.7 6.3: a command set followed by a data set."""
    heard = hear(
        say(build.pdv(1, COMMAND, STORE[:20])), say(data_set(DATA)), say(build.pdv(1, COMMAND | LAST, STORE[20:]))
    )
    assert heard.codes[1] != []
    assert [message.name for message in heard.messages] == ["C-STORE-RQ"]


def test_messages_of_several_contexts_may_come_in_turns() -> None:
    heard = hear(
        say(build.pdv(1, COMMAND, STORE[:20])),
        say(build.pdv(3, COMMAND, ECHO[:20])),
        say(build.pdv(1, COMMAND | LAST, STORE[20:])),
        say(build.pdv(3, COMMAND | LAST, ECHO[20:])),
        say(data_set(DATA)),
    )
    assert [(message.context_id, message.name) for message in heard.messages] == [(1, "C-STORE-RQ"), (3, "C-ECHO-RQ")]
    assert heard.messages[0].data.complete


def test_the_next_message_of_a_context_is_another_one() -> None:
    heard = hear(*(say(command(STORE), data_set(DATA)) for _ in range(3)))
    assert len({id(message) for message in heard.messages}) == 3
    assert not any(heard.codes)


def test_what_is_not_complete_when_all_is_said_is_given_up() -> None:
    assembler = Assembler()
    [pdv] = pull_pdvs(make_pdu(say(build.pdv(1, COMMAND, STORE[:20]))))
    assembler.add(pdv)
    assembler.abandon()
    assert pdv.part is not None
    assert (pdv.part.abandoned, pdv.part.complete) == (True, False)


def test_behind_lost_bytes_nobody_is_blamed_for_what_is_missing() -> None:
    assembler = Assembler()
    first, second, third = pull_pdvs(make_pdu(say(command(STORE), build.pdv(1, 0, DATA), command(ECHO))))
    assembler.add(first)
    assembler.add(second)
    assembler.tear()
    message = assembler.add(third)
    assert message is not None
    assert (message.name, third.notes) == ("C-ECHO-RQ", [])
    assert second.part is not None
    assert second.part.torn == len(DATA)


@pytest.mark.parametrize(
    "data",
    [
        ECHO + b"abcd",
        ECHO + build.text(0x00080060, "CS", "CT"),
        ECHO + build.element(0x0901, "AT", b"", length=50),
        b"\x01\x02\x03\x04",
    ],
)
def test_a_command_set_that_cannot_be_read_to_its_end_is_noted_and_read_as_far_as_it_goes(data: bytes) -> None:
    heard = hear(say(command(data)))
    assert heard.codes == [["command-syntax"]]
    assert [message.name for message in heard.messages] == ["C-ECHO-RQ" if data.startswith(ECHO) else ""]


def test_a_command_set_in_explicit_vr_is_noted() -> None:
    """PS3.7 6.3.1: Implicit VR Little Endian, whatever was negotiated."""
    data = build.text(0x0002, "UI", build.VERIFICATION, syntax=EXPLICIT)
    assert hear(say(command(data))).codes == [["command-syntax"]]


def test_elements_of_wrong_length_in_a_command_set_are_passed_over() -> None:
    heard = hear(say(command(build.command_set({0x0100: b"\x30", 0x0110: b"", 0x0800: b"\1\1\0", 0x0900: b"abcdef"}))))
    [message] = heard.messages
    assert (message.name, message.has_data_set, message.describe()) == ("", False, "Command")
    check_tree(read_command(build.command_set({0x0100: b"\x30", 0x0900: b"abcd"})))


def test_the_first_of_two_equal_elements_counts() -> None:
    [message] = hear(say(command(ECHO + build.element(0x0100, "US", b"\x01\x00")))).messages
    assert message.name == "C-ECHO-RQ"


def test_an_empty_command_set_has_no_name() -> None:
    [message] = hear(say(command(b""))).messages
    assert (message.name, message.describe(), message.sop_class) == ("", "Command", "")


@given(st.binary(max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_place_of_pdvs_are_all_in_some_pdv(body: bytes) -> None:
    heard = hear(build.pdu(0x04, body))
    places = [place for pdv in heard.pdvs for place in (pdv.start, pdv.stop)]
    assert places == sorted(places)
    assert b"".join(body[pdv.start - HEADER : pdv.stop - HEADER] for pdv in heard.pdvs) == body


@given(
    st.lists(st.tuples(st.sampled_from([1, 3]), st.integers(0, 3), st.sampled_from([STORE, ECHO, DATA, b"", b"xy"])))
)
@settings(max_examples=200, deadline=None)
def test_any_order_of_pdvs_puts_each_into_one_place(pdvs: list[tuple[int, int, bytes]]) -> None:
    heard = hear(*(say(build.pdv(*pdv)) for pdv in pdvs))
    parts = {id(pdv.part): pdv.part for pdv in heard.pdvs if pdv.part is not None}.values()
    assert sum(len(part.pdvs) for part in parts) == len(heard.pdvs)
    assert all(part.pdvs[pdv.index - 1] is pdv for pdv in heard.pdvs if (part := pdv.part) is not None)
    assert all(part.complete == part.pdvs[-1].is_last for part in parts)
    assert all(not pdv.is_last for part in parts for pdv in part.pdvs[:-1])
    for message in heard.messages:
        assert message.describe()


@given(st.binary(max_size=100) | edits(len(STORE)).map(lambda changes: edit(STORE, changes)))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_place_of_a_command_set_give_a_sound_tree(data: bytes) -> None:
    check_tree(read_command(data))
