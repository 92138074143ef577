"""From a node to the filter that selects it: that it can be read, and holds for the PDU that the node came from."""

from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.node import Node
from dissect.phrasing import LONGEST
from dissect.query import Column, Filter, Subject
from dissect.reading import Reading
from dissect.selecting import make_filter, name_field
from dissect.text import UNSAFE
from tests import build
from tests.conftest import ROOT, open_bytes

MOST_NODES = 2000
"""How many nodes of a capture are looked at."""


def store(*elements: bytes) -> Subject:
    """Store a data set in Implicit VR Little Endian, and give the PDU that carries it."""
    return find_pdu(build.pcap(build.store_talk(b"".join(elements)).frames), 4)


def find_pdu(data: bytes, number: int) -> Subject:
    """Give a PDU of a capture by its number."""
    return next(islice(Reading(open_bytes(data), Config()), number - 1, None))


def find_node(subject: Subject, key: str) -> Node:
    """Give the first node of a PDU with a key or a tag."""
    return next(node for _, node in subject.top.walk() if key in (node.key, node.tag))


read_filter = cache(Filter)


def test_each_filter_can_be_read_and_holds_for_the_pdu_of_its_node(captured: Path) -> None:
    seen = 0
    for subject in Reading(Capture(captured), Config()):
        for _, node in subject.top.walk():
            text, name = make_filter(node, subject.arrival.number), name_field(node)
            assert text is None or read_filter(text).holds(subject), (node.path, text)
            if name is not None:
                assert text is not None
                assert text.startswith(name)
                assert Column(name).find(subject) or node.vr == "SQ" or node.children, (node.path, name)
            seen += 1
        if seen > MOST_NODES:
            return


def test_each_filter_of_a_node_of_a_message_holds_for_the_message(captured: Path) -> None:
    seen = 0
    for subject in Reading(Capture(captured), Config()):
        for whole in subject.wholes():
            for _, node in whole.top.walk():
                text = make_filter(node)
                assert text is None or read_filter(text).holds(whole), (node.path, text)
                seen += 1
        if seen > MOST_NODES:
            return


def test_each_element_with_a_value_and_each_place_is_selected() -> None:
    path = ROOT / "captures" / "c-find-worklist.pcap"
    for subject in Reading(Capture(path), Config()):
        for _, node in subject.top.walk():
            if node.layout == "element" and not node.tag.startswith("(fffe,"):
                assert make_filter(node), node.path


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (build.text(0x00100020, "LO", "123456"), 'PatientID == "123456"'),
        (build.text(0x00100010, "PN", "Doe^John "), 'PatientName == "Doe^John"'),
        (build.text(0x00100010, "PN", 'Doe "Jack"'), r'PatientName == "Doe \"Jack\""'),
        (build.text(0x00100010, "PN", ""), 'PatientName == ""'),
        (build.text(0x00101030, "DS", "72.50"), "PatientWeight == 72.50"),
        (build.text(0x00101030, "DS", "+7e1"), 'PatientWeight == "+7e1"'),
        (build.text(0x00200013, "IS", "-7"), "InstanceNumber == -7"),
        (build.text(0x00280030, "DS", r"0.5\0.25"), r'PixelSpacing == r"0.5\0.25"'),
        (build.text(0x00080008, "CS", r"ORIGINAL\PRIMARY"), r'ImageType == r"ORIGINAL\PRIMARY"'),
        (build.text(0x00080008, "CS", "ORIGINAL\\"), r'ImageType == "ORIGINAL\\"'),
        (build.text(0x00080008, "CS", 'A\\"B"'), r'ImageType == "A\\\"B\""'),
        (build.text(0x00080008, "CS", r"\A"), r'ImageType == r"\A"'),
        (build.text(0x00104000, "LT", "a\r\nb\tc\\d"), r'PatientComments == "a\r\nb\tc\\d"'),
        (build.text(0x00104000, "LT", 'a\x1b[2J"\x00b'), r'PatientComments matches r"\Aa\x1b\[2J\x22\x00b\Z"'),
        (build.text(0x00104000, "LT", "x" * 300), f'PatientComments startswith "{"x" * LONGEST}"'),
        (build.text(0x00080018, "UI", "1.2.3"), 'SOPInstanceUID == "1.2.3"'),
        (build.element(0x00280010, "US", b"\x00\x02"), "Rows == 512"),
        (
            build.element(0x00286010, "US", b"\1\0\2\0\1\0"),
            "RepresentativeFrameNumber == 1 and RepresentativeFrameNumber == 2",
        ),
        (build.element(0x00286010, "US", bytes(range(40))), "RepresentativeFrameNumber"),
        (build.element(0x00189073, "FD", b"\0\0\0\0\0\0\xf8\x7f"), "AcquisitionDuration"),
        (build.element(0x00189073, "FD", b"\x9a\x99\x99\x99\x99\x99\xb9\x3f"), "AcquisitionDuration == 0.1"),
        (build.element(0x00280009, "AT", b"\x18\0\x63\x10"), "FrameIncrementPointer == 0x00181063"),
        (
            build.element(0x00280009, "AT", b"\x18\0\x63\x10\x18\0\x65\x10"),
            "FrameIncrementPointer == 0x00181063 and FrameIncrementPointer == 0x00181065",
        ),
        (build.element(0x7FE00010, "OW", b"\1\2"), "PixelData"),
        (build.element(0x60023000, "OW", b"\1\2"), "(6002,3000)"),
        (build.element(0x00091001, "UN", b"text"), '(0009,1001) == "text"'),
        (build.element(0x00091001, "UN", b"12"), '(0009,1001) == "12"'),
        (build.element(0x00091001, "UN", b"\1\2"), "(0009,1001)"),
        (build.sequence(0x00081140, [b""]), "ReferencedImageSequence"),
    ],
)
def test_an_element_is_compared_with_its_value(element: bytes, text: str) -> None:
    subject = store(element)
    node = next(
        node for _, node in subject.top.walk() if node.layout == "element" and not node.tag.startswith("(0000,")
    )
    assert make_filter(node) == text
    assert Filter(text).holds(subject)
    other = store(build.text(0x00100020, "LO", "other"), build.text(0x00100010, "PN", "Other^One"))
    assert not Filter(text).holds(other)


def test_an_element_in_sequences_is_named_by_its_path() -> None:
    inner = build.sequence(0x00091002, [build.text(0x00081155, "UI", "1.2.3")])
    subject = store(build.sequence(0x00081140, [b"", inner]))
    node = find_node(subject, "(0008,1155)")
    name = "ReferencedImageSequence[*].(0009,1002)[*].ReferencedSOPInstanceUID"
    assert name_field(node) == name
    assert make_filter(node) == f'{name} == "1.2.3"'
    assert Filter(f'{name} == "1.2.3"').holds(subject)


def test_an_item_and_its_end_have_no_field() -> None:
    subject = store(build.sequence(0x00081140, [build.text(0x00081155, "UI", "1.2.3")], undefined=True))
    nodes = [node for _, node in subject.top.walk() if node.tag.startswith("(fffe,")]
    assert len(nodes) == 3
    assert [(name_field(node), make_filter(node)) for node in nodes] == [(None, None)] * 3


def test_group_0000_in_a_data_set_has_no_field_and_nor_has_another_in_a_command_set() -> None:
    subject = store(build.text(0x00000600, "AE", "HERE"), build.text(0x00100010, "PN", "Doe"))
    places = [node for _, node in subject.top.walk() if node.tag == "(0000,0600)"]
    assert [name_field(node) for node in places] == [None]
    command = build.c_echo_rq() + build.text(0x00100010, "PN", "Doe")
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    subject = find_pdu(build.pcap(talk.request(*build.message(1, command)).frames), 3)
    assert name_field(find_node(subject, "(0010,0010)")) is None


def test_a_node_that_hangs_nowhere_has_no_field() -> None:
    node = Node("0010,0010", "Patient's Name", layout="element")
    node.tag = "(0010,0010)"
    assert name_field(node) is None
    assert name_field(Node("pdu-type", "PDU Type")) is None


USER = build.user_information(
    build.maximum_length(16384),
    build.implementation_class("1.2.3"),
    build.role_selection("1.2.840.10008.1.1", 0, 1),
    build.user_identity(2, b"doe", b"secret"),
)
ECHO = build.pcap(
    build.Talk()
    .open()
    .request(build.associate_rq(user=USER))
    .answer(build.associate_ac([(1, 3, None)]))
    .request(*build.message(1, build.c_echo_rq()))
    .answer(build.abort(2, 6))
    .frames
)
REJECTED = build.pcap(build.Talk().open().request(build.associate_rq()).answer(build.associate_rj(1, 3, 2)).frames)


@pytest.mark.parametrize(
    ("number", "key", "text"),
    [
        (1, "pdu-type", 'pdu.type == "A-ASSOCIATE-RQ"'),
        (1, "calling-ae-title", 'assoc.ae.calling == "REQUESTOR"'),
        (1, "protocol-version", "assoc.version == 1"),
        (1, "context-id", "pctx.id == 1"),
        (1, "presentation-context.1", "pctx.id == 1"),
        (1, "abstract-syntax.1", 'pctx.abss.syntax == "1.2.840.10008.1.1"'),
        (1, "application-context.1", 'actx == "1.2.840.10008.3.1.1.1"'),
        (1, "max-pdu-length", "max_pdu_len == 16384"),
        (1, "maximum-length.1", "max_pdu_len == 16384"),
        (1, "role-selection.1", 'userinfo.rolesel.sopclassuid == "1.2.840.10008.1.1"'),
        (1, "scp-role", "userinfo.rolesel.scprole == 1"),
        (1, "primary-field", 'userinfo.user_identify.primary_field == "doe"'),
        (1, "secondary-field", None),
        (1, "user-information.1", None),
        (1, "body", None),
        (1, "reserved", None),
        (2, "result", "pctx.result == 3"),
        (3, "pdu-length", "pdu.len == 74"),
        (3, "pdv-length", "pdv.len == 70"),
        (3, "context", "pdv.ctx == 1"),
        (3, "flags", "pdv.flags == 3"),
        (3, "pdv.1", None),
        (3, "fragment", None),
        (3, "(0000,0110)", "MessageID == 1"),
        (3, "(0000,0002)", 'AffectedSOPClassUID == "1.2.840.10008.1.1"'),
        (4, "source", "assoc.abort.source == 2"),
        (4, "reason", "assoc.abort.reason == 6"),
    ],
)
def test_a_field_is_selected_by_the_name_that_filters_have_for_it(number: int, key: str, text: str | None) -> None:
    subject = find_pdu(ECHO, number)
    assert make_filter(find_node(subject, key)) == text
    assert text is None or Filter(text).holds(subject)


def test_a_key_that_two_pdus_share_is_named_after_its_own() -> None:
    subject = find_pdu(REJECTED, 2)
    found = [make_filter(find_node(subject, key)) for key in ("result", "source", "reason")]
    assert found == ["assoc.reject.result == 1", "assoc.reject.source == 3", "assoc.reject.reason == 2"]


def test_a_ticket_is_selected_by_being_there() -> None:
    user = build.user_information(build.user_identity(3, b"ticket"))
    subject = find_pdu(build.pcap(build.Talk().open().request(build.associate_rq(user=user)).frames), 1)
    assert make_filter(find_node(subject, "primary-field")) == "userinfo.user_identify.primary_field"


def test_a_pdu_and_an_association_are_selected_by_their_numbers() -> None:
    top = find_pdu(ECHO, 3).top
    assert make_filter(top) is None
    assert make_filter(top, 3) == "pdu == 3"
    assert top.parent is not None
    assert make_filter(top.parent) == "assoc == 1"


def test_a_pdu_of_a_type_that_nobody_knows_is_selected_by_its_number() -> None:
    talk = build.Talk().open().request(build.associate_rq(), build.pdu(9, b"what"))
    subject = find_pdu(build.pcap(talk.frames), 2)
    assert make_filter(find_node(subject, "pdu-type")) == "pdu.type == 9"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_makes_a_filter_that_can_be_read_and_seen(value: str) -> None:
    parent = Node("data-set", "Data Set", layout="heading")
    node = parent.add(Node("0010,0010", "Patient's Name", layout="element", value=value))
    node.tag, node.vr = "(0010,0010)", "PN"
    text = make_filter(node)
    assert text is not None
    Filter(text)
    assert not UNSAFE.search(text)
