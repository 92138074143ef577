"""The privacy mask: which nodes are private, what is shown of them, and which of their bytes are hidden."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import EXPLICIT_LITTLE
from dissect.dicom.values import find_keyword
from dissect.masking import (
    MOST_COMMENTS,
    NAMED,
    SEQUENCES,
    hide_comments,
    is_private,
    list_private_ranges,
    mask,
    shown_note,
    shown_text,
)
from dissect.node import Node
from dissect.query import Subject
from dissect.reading import Reading
from dissect.spans import Buffer, Source, Span
from tests import build
from tests.conftest import ROOT, open_bytes

EXPLICIT = "1.2.840.10008.1.2.1"


def decode(*elements: bytes) -> dict[str, Node]:
    """Decode elements in Explicit VR Little Endian, and give those with a tag by it, of items the last."""
    root = Node("", "")
    walk_elements(Buffer(b"".join(elements)), EXPLICIT_LITTLE, root)
    return {node.tag: node for _, node in root.walk()}


def text(tag: int, vr: str, value: str) -> bytes:
    return build.text(tag, vr, value, syntax=EXPLICIT)


def raw(tag: int, vr: str, value: bytes) -> bytes:
    return build.element(tag, vr, value, syntax=EXPLICIT)


def read(data: bytes) -> list[Subject]:
    """Give the PDUs of a capture."""
    return list(Reading(open_bytes(data), Config()))


def hide(source: Source, ranges: list[tuple[int, int]]) -> bytes:
    """Give the bytes of a source with stars for those of ranges."""
    data = bytearray(source.read(0, source.size))
    for low, high in ranges:
        data[low:high] = b"*" * (high - low)
    return bytes(data)


@pytest.mark.parametrize("keyword", sorted(NAMED | SEQUENCES))
def test_each_name_of_the_tables_is_one_of_the_dictionary(keyword: str) -> None:
    assert find_keyword(keyword)


@pytest.mark.parametrize(
    ("tag", "vr", "value", "private"),
    [
        (0x00080018, "UI", "1.2.3", False),
        (0x00080020, "DA", "20240131", True),
        (0x00080050, "SH", "A1", True),
        (0x00080060, "CS", "CT", False),
        (0x00080070, "LO", "Maker", False),
        (0x00080080, "LO", "Hospital", True),
        (0x00081010, "SH", "Room 1", True),
        (0x00081030, "LO", "Head", True),
        (0x00081070, "PN", "Doe^Jane", True),
        (0x00100010, "PN", "Doe^John", True),
        (0x00100010, "LO", "Doe^John", True),
        (0x00100020, "LO", "123456", True),
        (0x00101000, "LO", "7", True),
        (0x00101002, "UI", "1.2.3", False),
        (0x00101010, "AS", "040Y", True),
        (0x00104000, "LT", "no", True),
        (0x00181000, "LO", "S/N 12", True),
        (0x00180015, "CS", "HEAD", False),
        (0x00200010, "SH", "1", True),
        (0x00200011, "IS", "1", False),
        (0x00380010, "LO", "ADM1", True),
        (0x00400009, "SH", "SPS1", True),
        (0x0040A160, "UT", "told", True),
        (0x00090010, "LO", "CREATOR", False),
        (0x00091001, "LO", "Doe", True),
        (0x00091002, "UI", "1.2.3", False),
        (0x00091003, "OB", "Doe!", True),
        (0x00091004, "UN", "Doe!", True),
        (0x00091005, "FL", "1234", False),
        (0x00189999, "UN", "Doe!", True),
        (0x60003000, "OW", "bits", True),
        (0x7FE00010, "OW", "bits", False),
    ],
)
def test_an_element_is_private_by_its_tag_or_its_value_representation(
    tag: int, vr: str, value: str, private: bool
) -> None:
    found = decode(text(tag, vr, value))
    assert is_private(found[f"({tag >> 16:04x},{tag & 0xFFFF:04x})"]) is private


def test_what_stands_in_a_private_sequence_is_private_but_for_numbers_and_uids() -> None:
    inside = raw(0x00091002, "US", b"\1\0") + text(0x00080060, "CS", "CT") + text(0x00080018, "UI", "1.2.3")
    found = decode(build.sequence(0x00091001, [inside], syntax=EXPLICIT))
    private = {tag for tag, node in found.items() if is_private(node)}
    assert private == {"(0008,0060)"}


def test_what_stands_in_a_sequence_of_persons_is_private_at_any_depth() -> None:
    codes = build.sequence(0x00080104, [text(0x00080100, "SH", "D7")], syntax=EXPLICIT)
    assert not is_private(decode(text(0x00080100, "SH", "D7"))["(0008,0100)"])
    assert is_private(decode(build.sequence(0x00081072, [codes], syntax=EXPLICIT))["(0008,0100)"])


def test_what_is_left_undecoded_is_private() -> None:
    left = decode(text(0x00080060, "CS", "CT"), b"Doe^J")[""]
    assert left.key == "undecoded-bytes"
    assert shown_text(left, True) == mask(left.text)


def test_user_names_and_passcodes_are_private() -> None:
    identity = build.user_information(build.user_identity(2, b"doe", b"secret", 1))
    [subject] = read(build.pcap(build.Talk().open().request(build.associate_rq(user=identity)).frames))
    found = {node.key: shown_text(node, True) for _, node in subject.top.walk() if is_private(node)}
    assert found == {"user-identity.1": "xxx, ********", "primary-field": "xxx", "secondary-field": "********"}
    data = hide(subject.arrival.pdu.stream, list_private_ranges(subject.top))
    assert b"doe" not in data
    assert b"secret" not in data
    assert build.item(0x58, b"\2\1\0\3***\0\6******") in data


def test_a_ticket_in_the_answer_to_a_user_identity_is_private() -> None:
    answer = build.user_information(build.user_identity_response(b"ticket"))
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac(user=answer))
    subject = read(build.pcap(talk.frames))[1]
    assert b"ticket" not in hide(subject.arrival.pdu.stream, list_private_ranges(subject.top))


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        ("John^Doe", "xxxx^xxx"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "xxxxxx^xxxxx=xx^xx=xxx^xxx"),
        ("2024-01-31 12:00", "9999-99-99 99:99"),
        ("Müller\\Meier", "xxxxxx\\xxxxx"),
        ("٣½Ⅳ", "999"),
        ("हिन्दी", "xxxxxx"),
        ("\ue000\ud800", "xx"),
        ("", ""),
    ],
)
def test_the_mask_keeps_length_and_punctuation(shown: str, masked: str) -> None:
    assert mask(shown) == masked


@given(st.text())
def test_the_mask_keeps_no_letter_and_no_digit(shown: str) -> None:
    masked = mask(shown)
    assert len(masked) == len(shown)
    assert not any(each.isalnum() for each in masked.replace("x", "").replace("9", ""))


def test_a_text_is_masked_only_where_it_is_private_and_the_mask_is_on() -> None:
    found = decode(
        text(0x00080060, "CS", "CT"),
        raw(0x00080080, "LO", b""),
        raw(0x00091003, "OB", b"Doe!"),
        text(0x00100010, "PN", "Doe^"),
        text(0x00100020, "LO", "(binary)"),
    )
    shown = {tag: (shown_text(node, False), shown_text(node, True)) for tag, node in found.items() if tag}
    assert shown == {
        "(0008,0060)": ("CT", "CT"),
        "(0008,0080)": ("<Empty>", "<Empty>"),
        "(0009,1003)": ("(binary)", "(binary)"),
        "(0010,0010)": ("Doe^", "xxx^"),
        "(0010,0020)": ("(binary)", "(xxxxxx)"),
    }


DATA = (
    build.text(0x00080060, "CS", "CT")
    + build.text(0x00100010, "PN", "Doe^John")
    + build.element(0x00200013, "IS", b"42")
)


def find_data(subjects: list[Subject]) -> list[Subject]:
    """Give the PDUs that carry data sets."""
    return [subject for subject in subjects if any(not pdv.is_command for pdv in subject.arrival.pdvs)]


def test_private_bytes_are_told_in_the_offsets_of_the_stream() -> None:
    [subject] = find_data(read(build.pcap(build.store_talk(DATA).frames)))
    [(low, high)] = list_private_ranges(subject.top)
    span = subject.top.span
    assert span is not None
    assert span.start <= low < high <= span.stop
    assert bytes(span.source.read(low, high)) == b"Doe^John"


def test_private_bytes_are_told_in_the_offsets_of_the_message() -> None:
    [subject] = find_data(read(build.pcap(build.store_talk(DATA, pdv_size=1000).frames)))
    nodes = [node for _, node in subject.top.walk() if node.tag == "(0010,0010)" and node.span is not None]
    [source] = {node.span.source for node in nodes if node.span is not None}
    ranges = list_private_ranges(subject.top, source)
    assert hide(source, ranges) == DATA.replace(b"Doe^John", b"********")
    assert list_private_ranges(nodes[0]) == ranges
    assert list_private_ranges(nodes[0].parent or nodes[0], source) == ranges


def test_a_value_in_two_fragments_is_hidden_in_both_and_in_all_that_is_put_together_of_them() -> None:
    size = DATA.index(b"^John")
    subjects = find_data(read(build.pcap(build.store_talk(DATA, pdv_size=size).frames)))
    first, last = subjects[0], subjects[-1]
    stream = first.arrival.pdu.stream
    assert b"Doe" not in hide(stream, list_private_ranges(first.top))
    assert b"John" not in hide(stream, list_private_ranges(last.top))
    pdv = last.arrival.pdvs[0]
    assert pdv.part is not None
    whole = pdv.part.join()
    assert hide(whole, list_private_ranges(last.top, whole)) == DATA.replace(b"Doe^John", b"********")


def test_all_of_a_fragment_whose_elements_are_decoded_elsewhere_is_hidden() -> None:
    subject = find_data(read(build.pcap(build.store_talk(DATA, pdv_size=10).frames)))[0]
    pdv = subject.arrival.pdvs[0]
    assert list_private_ranges(subject.top) == [(pdv.fragment.start, pdv.fragment.stop)]
    [fragment] = [node for _, node in subject.top.walk() if node.key == "fragment"]
    assert is_private(fragment)
    assert shown_text(fragment, True) == mask(fragment.text) != fragment.text


def test_a_command_set_is_not_hidden() -> None:
    [subject] = [each for each in read(build.pcap(build.store_talk(DATA).frames)) if each.arrival.number == 3]
    assert list_private_ranges(subject.top) == []


def test_all_that_private_bytes_were_inflated_from_is_hidden() -> None:
    subject = find_data(list(Reading(Capture(ROOT / "captures" / "c-store-deflated.pcap"), Config())))[-1]
    fragments = [(pdv.fragment.start, pdv.fragment.stop) for pdv in subject.arrival.pdvs if not pdv.is_command]
    assert list_private_ranges(subject.top) == fragments
    other = Buffer(b"the same, inflated once more")
    assert list_private_ranges(subject.top, other) == [(0, other.size)]


def test_a_node_without_bytes_has_no_private_ones() -> None:
    assert list_private_ranges(Node("association.1", "Association")) == []


def test_each_private_byte_is_hidden_and_no_other_but_what_nothing_was_read_from(captured: Path) -> None:
    for subject in Reading(Capture(captured), Config()):
        top = subject.top
        assert top.span is not None
        ranges = list_private_ranges(top)
        assert ranges == sorted(ranges)
        hidden = {at for low, high in ranges for at in range(low, high)}
        assert all(top.span.start <= at < top.span.stop for at in hidden)
        for _, node in top.walk():
            if node.span is None or node.children or node.key == "fragment" or node.span.source.label == "data":
                continue  # what was inflated stands nowhere
            value = Span(node.span.source, max(node.body, node.span.start), node.span.stop)
            origins = [value] if value.source is top.span.source else [*value.source.origins(value.start, value.stop)]
            places = {
                at for each in origins for at in range(each.start, each.stop) if top.span.start <= at < top.span.stop
            }
            if is_private(node):
                assert places <= hidden, node.path
            elif node.layout in ("element", "field"):
                assert not places & hidden, node.path


def test_a_sequence_that_is_nested_too_deep_to_be_read_is_private_as_a_whole() -> None:
    data = text(0x00100010, "PN", "Doe")
    for _ in range(300):
        data = (
            struct.pack("<HH2s2xI", 0x0040, 0xA730, b"SQ", len(data) + 8)
            + struct.pack("<HHI", 0xFFFE, 0xE000, len(data))
            + data
        )
    root = Node("", "")
    source = Buffer(data)
    walk_elements(source, EXPLICIT_LITTLE, root)
    assert b"Doe" not in hide(source, list_private_ranges(root, source))


def test_an_error_comment_is_masked_wherever_it_is_told() -> None:
    assert hide_comments("C-STORE-RSP ID=1 (Refused, Disk full), PDV", ["Disk full"]).endswith(
        "(Refused, xxxx xxxx), PDV"
    )
    assert hide_comments("0x0110 Failure (no) 9 ms", ["no"]) == "0x0110 Failure (xx) 9 ms"
    assert hide_comments("C-STORE-RSP", ["S"]) == "C-STORE-RSP"
    many = [f"Disk {number} full" for number in range(MOST_COMMENTS + 1)]
    masked = hide_comments(", ".join(f"C-STORE-RSP (Refused, {each})" for each in many), many)
    assert masked.startswith("C-STORE-RSP (xxxxxxx, xxxx 9 xxxx), x-xxxxx-xxx (")
    assert hide_comments("C-STORE-RSP (Refused, no)", ["no"] * 100) == "C-STORE-RSP (Refused, xx)"
    [subject] = [
        each
        for each in Reading(Capture(ROOT / "captures" / "c-store-refused.pcap"), Config())
        if "Disk full" in each.top.text
    ]
    told = [shown_text(node, True) for _, node in subject.top.walk()]
    assert not [each for each in told if "Disk" in each]
    assert sum("xxxx xxxx" in each for each in told) == 3
    source = subject.arrival.pdu.stream
    assert b"Disk full" not in hide(source, list_private_ranges(subject.top))


def test_notes_that_quote_the_capture_tell_what_they_are_about() -> None:
    assert shown_note("comment", "frame 3 has a comment: Doe", True) == "the frame has a comment"
    assert shown_note("comment", "frame 3 has a comment: Doe", False) == "frame 3 has a comment: Doe"
    assert shown_note("pdu-cut", "the capture ends", True) == "the capture ends"


def test_what_cannot_be_seen_is_masked_like_a_letter() -> None:
    assert mask("A\x1b[3\u202e") == "xx[9x"
