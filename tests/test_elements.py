import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.filereader import dcmread, read_dataset

from dissect.dicom import elements
from dissect.dicom.commands import COMMAND_ENCODING
from dissect.dicom.elements import (
    DEEPEST,
    WINDOW,
    walk_elements,
)
from dissect.dicom.encodings import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, LONGEST_UNKNOWN, Encoding
from dissect.node import Node
from dissect.spans import Joined, Span
from tests import build
from tests.build import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_DELIMITATION,
    SEQUENCE_DELIMITATION,
    UNDEFINED,
    element,
    sequence,
    text,
)
from tests.trees import (
    Bytes,
    check_tree,
    check_unchanged_before,
    collect_notes,
    edit,
    edits,
    find,
    flip,
    read_elements,
)

MODALITY, PATIENT_NAME, PATIENT_ID = 0x00080060, 0x00100010, 0x00100020
REQUEST_SEQUENCE, CODE_SEQUENCE, PIXEL_DATA = 0x00400275, 0x00400260, 0x7FE00010
ENCODINGS = {IMPLICIT: IMPLICIT_LITTLE, EXPLICIT: EXPLICIT_LITTLE, BIG_ENDIAN: EXPLICIT_BIG}
EACH_SYNTAX = pytest.mark.parametrize("syntax", ENCODINGS, ids=["implicit", "explicit", "big"])
EXPLICIT_SYNTAXES = pytest.mark.parametrize("syntax", [EXPLICIT, BIG_ENDIAN], ids=["explicit", "big"])

Content = bytes | list[list["Element"]]
Element = tuple[int, str, Content]
Seen = tuple[int, str, int, object]
"""Tag, VR, length, and value: bytes, or for a sequence its items, each of which is a list of these."""

TAGS = {
    MODALITY: "CS",
    PATIENT_NAME: "PN",
    PATIENT_ID: "LO",
    0x00080016: "UI",
    0x00081190: "UR",
    0x00091010: "UN",
    0x00091011: "UN",
    0x00189087: "FD",
    0x00209165: "AT",
    0x00280002: "US",
    0x00281052: "DS",
    0x00420011: "OB",
    0x00660016: "OF",
    0x00700253: "FL",
    0x00720068: "LT",
    0x00720082: "SV",
    0x00720083: "UV",
    0x00741004: "DS",
    0x7FE00001: "OV",
}
SEQUENCES = (CODE_SEQUENCE, REQUEST_SEQUENCE, 0x00081140)
VALUES = st.binary(max_size=3).map(lambda data: data * 8)


def draw_sets(inner: st.SearchStrategy[list[Element]]) -> st.SearchStrategy[list[Element]]:
    """Draw data sets with sequences of others in them, their tags ascending."""
    plain = st.dictionaries(st.sampled_from(sorted(TAGS)), VALUES, max_size=4)
    nested = st.dictionaries(st.sampled_from(SEQUENCES), st.lists(inner, max_size=2), max_size=2)
    return st.builds(join, plain, nested)


def join(plain: dict[int, bytes], nested: dict[int, list[list[Element]]]) -> list[Element]:
    """Put elements and sequences in the order of their tags."""
    elements: list[Element] = [(tag, TAGS[tag], value) for tag, value in plain.items()]
    elements += [(tag, "SQ", items) for tag, items in nested.items()]
    return sorted(elements, key=lambda each: each[0])


DATA_SETS: st.SearchStrategy[list[Element]] = st.recursive(st.just([]), draw_sets, max_leaves=6)


def encode(elements: list[Element], syntax: str, undefined: list[bool]) -> bytes:
    """Encode a data set; the flags tell in turn which sequence has undefined length, with that of its items."""
    data = b""
    for tag, vr, content in elements:
        if isinstance(content, bytes):
            data += element(tag, vr, content, syntax=syntax)
        else:
            flag = undefined.pop(0) if undefined else False
            items = [encode(item, syntax, undefined) for item in content]
            data += sequence(tag, items, syntax=syntax, undefined=flag)
    return data


def ask_pydicom(data: bytes, syntax: str) -> Dataset:
    """Let pydicom read a data set."""
    return read_dataset(BytesIO(data), syntax == IMPLICIT, syntax != BIG_ENDIAN, bytelength=len(data))


def list_theirs(data_set: Dataset) -> Iterator[Seen]:
    """Give what pydicom has read, raw values as they stand in the bytes."""
    for tag in data_set.keys():  # noqa: SIM118 (iterating itself gives elements)
        raw: object = data_set.get_item(tag)
        vr = getattr(raw, "VR", None) or TAGS.get(int(tag), "SQ")
        length = getattr(raw, "length", UNDEFINED if getattr(raw, "is_undefined_length", False) else 0)
        if vr == "SQ":
            yield int(tag), "SQ", length, [list(list_theirs(item)) for item in data_set[tag].value]
        else:
            yield int(tag), vr, length, getattr(raw, "value", None) or b""


def list_ours(node: Node) -> Iterator[Seen]:
    """Give what we have read, raw values as they stand in the bytes."""
    for child in node.children:
        assert child.span is not None
        if child.key.endswith("delimitation-item"):
            continue
        length = UNDEFINED if child.length is None else child.length
        tag = int(child.tag[1:5] + child.tag[6:10], 16)
        if child.vr == "SQ":
            items = [item for item in child.children if item.key.startswith("item.")]
            yield tag, "SQ", length, [list(list_ours(item)) for item in items]
        else:
            yield tag, child.vr, length, child.span.source.read(child.body, child.span.stop)


def list_keys(node: Node) -> list[str]:
    """Give the keys of a node's children."""
    return [child.key for child in node.children]


def join_name(syntax: str = EXPLICIT, name: str = "A^B ") -> bytes:
    """Encode the element that stands in the items and behind the wrong bytes of these tests."""
    return element(PATIENT_NAME, "PN", name.encode(), syntax=syntax)


def open_item(syntax: str = EXPLICIT) -> bytes:
    """Encode the head of an item of undefined length."""
    return element(ITEM, "", b"", syntax=syntax, length=UNDEFINED)


def open_sequence(syntax: str = EXPLICIT) -> bytes:
    """Encode the head of a sequence of undefined length."""
    return element(REQUEST_SEQUENCE, "SQ", b"", syntax=syntax, length=UNDEFINED)


def close(tag: int, syntax: str = EXPLICIT) -> bytes:
    """Encode a delimiter."""
    return element(tag, "", b"", syntax=syntax)


def make_sample(syntax: str) -> bytes:
    """Encode a data set that has some of everything."""
    name = join_name(syntax)
    inner = name + sequence(CODE_SEQUENCE, [name, b""], syntax=syntax)
    fragments = b"".join(element(ITEM, "", data, syntax=syntax) for data in (b"", b"\xff\xd8\xff\xd9"))
    return b"".join(
        [
            element(MODALITY, "CS", b"CT", syntax=syntax),
            element(0x00091010, "UN", b"abcd", syntax=syntax),
            name,
            element(0x00280103, "US", struct.pack(">H" if syntax == BIG_ENDIAN else "<H", 1), syntax=syntax),
            sequence(REQUEST_SEQUENCE, [inner, name], syntax=syntax, undefined=True),
            sequence(REQUEST_SEQUENCE, [inner], syntax=syntax),
            element(PIXEL_DATA, "OB", b"", syntax=syntax, length=UNDEFINED),
            fragments,
            close(SEQUENCE_DELIMITATION, syntax),
        ]
    )


SAMPLES = [(make_sample(syntax), encoding) for syntax, encoding in ENCODINGS.items()]
SAMPLES.append((build.c_find_rsp(7, build.PATIENT_ROOT_FIND, 0xFF00, True), COMMAND_ENCODING))


@EACH_SYNTAX
@given(elements=DATA_SETS, undefined=st.lists(st.booleans(), max_size=6))
@settings(deadline=None)
def test_pydicom_reads_the_same_tags_lengths_values_and_nesting(
    syntax: str, elements: list[Element], undefined: list[bool]
) -> None:
    data = encode(elements, syntax, undefined)
    root = read_elements(data, ENCODINGS[syntax])
    assert list(list_ours(root)) == list(list_theirs(ask_pydicom(data, syntax)))
    assert collect_notes(root) == []
    check_tree(root)


@EACH_SYNTAX
def test_a_file_that_pydicom_reads_by_looking_is_read_the_same(syntax: str) -> None:
    data = text(0x00080016, "UI", build.CT_IMAGE_STORAGE, syntax=syntax) + join_name(syntax)
    assert list(list_ours(read_elements(data, ENCODINGS[syntax]))) == list(
        list_theirs(dcmread(BytesIO(data), force=True))
    )


@EACH_SYNTAX
def test_values_are_converted_as_pydicom_converts_them(syntax: str) -> None:
    order = ">" if syntax == BIG_ENDIAN else "<"
    data = b"".join(
        [
            element(0x00080005, "CS", b"ISO_IR 100", syntax=syntax),
            element(0x00189087, "FD", struct.pack(order + "d", 0.25), syntax=syntax),
            element(0x00209165, "AT", struct.pack(order + "4H", 0x10, 0x20, 8, 0x60), syntax=syntax),
            element(0x00280002, "US", struct.pack(order + "H", 3), syntax=syntax),
            element(0x00700253, "FL", struct.pack(order + "2f", 1.5, -2), syntax=syntax),
            element(0x00720082, "SV", struct.pack(order + "q", -5), syntax=syntax),
        ]
    )
    wanted = {f"{each.tag:08x}": each.value for each in ask_pydicom(data, syntax)}
    ours = {child.key.replace(",", ""): child.value for child in read_elements(data, ENCODINGS[syntax]).children}
    assert ours == wanted


@pytest.mark.parametrize(("sign", "wanted"), [(0, 65535), (1, -1)])
def test_ambiguous_pixel_values_have_the_sign_that_pydicom_gives_them(sign: int, wanted: int) -> None:
    data = element(0x00280103, "US", struct.pack("<H", sign)) + element(0x00280106, "US", b"\xff\xff")
    data += sequence(0x00283000, [element(0x00283002, "US", b"\x00\x01\xff\xff\x10\x00")])
    root, theirs = read_elements(data, IMPLICIT_LITTLE), ask_pydicom(data, IMPLICIT)
    assert find(root, "0028,0106").value == theirs[0x00280106].value == wanted
    assert find(root, "0028,3000/item.1/0028,3002").vr == theirs[0x00283000].value[0][0x00283002].VR


@EACH_SYNTAX
def test_a_path_tells_tags_and_items_and_numbers_what_comes_twice(syntax: str) -> None:
    root = read_elements(make_sample(syntax), ENCODINGS[syntax])
    assert list_keys(root) == [
        *("0008,0060", "0009,1010", "0010,0010", "0028,0103", "0040,0275", "0040,0275.2", "7fe0,0010")
    ]
    assert find(root, "0040,0275.2/item.1/0040,0260/item.1/0010,0010").path == (
        "0040,0275.2/item.1/0040,0260/item.1/0010,0010"
    )
    assert list_keys(find(root, "0040,0275")) == ["item.1", "item.2", "sequence-delimitation-item"]
    assert collect_notes(root) == []


@EACH_SYNTAX
def test_an_element_knows_its_name_and_whether_its_vr_stands_in_the_bytes(syntax: str) -> None:
    data = element(MODALITY, "CS", b"CT", syntax=syntax) + element(0x00080001, "UL", bytes(4), syntax=syntax)
    modality, retired = read_elements(data, ENCODINGS[syntax]).children
    assert (modality.name, modality.tag, modality.vr) == ("Modality", "(0008,0060)", "CS")
    assert bool(modality.wire_vr) == (syntax != IMPLICIT)
    assert (retired.retired, modality.retired) == (True, False)


@EACH_SYNTAX
def test_no_bytes_have_no_elements_and_no_notes(syntax: str) -> None:
    root = read_elements(b"", ENCODINGS[syntax])
    assert (root.children, root.notes) == ([], [])


@EACH_SYNTAX
@pytest.mark.parametrize("undefined", [False, True])
def test_an_empty_sequence_and_an_empty_item_are_empty(syntax: str, undefined: bool) -> None:
    data = sequence(REQUEST_SEQUENCE, [], syntax=syntax, undefined=undefined)
    data += sequence(CODE_SEQUENCE, [b""], syntax=syntax, undefined=undefined)
    root = read_elements(data, ENCODINGS[syntax])
    assert not [key for key in list_keys(find(root, "0040,0275")) if key.startswith("item.")]
    assert not find(root, "0040,0260/item.1").value
    assert collect_notes(root) == []


@EACH_SYNTAX
def test_fragments_of_pixel_data_are_items_of_bytes(syntax: str) -> None:
    node = find(read_elements(make_sample(syntax), ENCODINGS[syntax]), "7fe0,0010")
    assert list_keys(node) == ["item.1", "item.2", "sequence-delimitation-item"]
    assert [(item.length, item.text) for item in node.children[:2]] == [
        (0, "Basic Offset Table, empty"),
        (4, "(binary)"),
    ]
    assert node.length is None


@EACH_SYNTAX
def test_a_fragment_that_looks_like_elements_is_not_taken_for_them(syntax: str) -> None:
    data = element(PIXEL_DATA, "OB", b"", syntax=syntax, length=UNDEFINED)
    data += element(ITEM, "", join_name(syntax) * 3, syntax=syntax) + close(SEQUENCE_DELIMITATION, syntax)
    root = read_elements(data + join_name(syntax), ENCODINGS[syntax])
    assert find(root, "7fe0,0010/item.1").children == []
    assert find(root, "0010,0010").value == "A^B "


@EXPLICIT_SYNTAXES
def test_an_unknown_value_of_undefined_length_is_a_sequence_in_implicit_little_endian(syntax: str) -> None:
    """PS3.5 6.2.2, note 2: irrespective of the transfer syntax."""
    data = element(0x00091010, "UN", b"", syntax=syntax, length=UNDEFINED)
    data += open_item(IMPLICIT) + join_name(IMPLICIT) + close(ITEM_DELIMITATION, IMPLICIT)
    data += close(SEQUENCE_DELIMITATION, IMPLICIT)
    root = read_elements(data + join_name(syntax, "C^D "), ENCODINGS[syntax])
    assert find(root, "0009,1010/item.1/0010,0010").value == "A^B "
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == []


@EACH_SYNTAX
def test_an_element_that_reaches_too_far_is_noted_and_read_as_far_as_it_goes(syntax: str) -> None:
    data = join_name(syntax) + element(PATIENT_ID, "LO", b"1234", syntax=syntax, length=100)
    root = read_elements(data, ENCODINGS[syntax])
    node = find(root, "0010,0020")
    assert (node.length, node.value) == (100, "1234")
    assert collect_notes(root) == [("0010,0020", "element-overrun")]


@EACH_SYNTAX
def test_an_element_that_reaches_beyond_its_item_does_not_take_what_follows_the_item(syntax: str) -> None:
    long = element(PATIENT_ID, "LO", b"1234", syntax=syntax, length=100)
    data = sequence(REQUEST_SEQUENCE, [long, join_name(syntax)], syntax=syntax) + join_name(syntax, "C^D ")
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0040,0275/item.2/0010,0010").value == "A^B "
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == [("0040,0275/item.1/0010,0020", "element-overrun")]


@EACH_SYNTAX
def test_an_item_that_reaches_beyond_its_sequence_is_noted_and_does_not_take_what_follows(syntax: str) -> None:
    item = element(ITEM, "", join_name(syntax), syntax=syntax, length=100)
    data = element(REQUEST_SEQUENCE, "SQ", item, syntax=syntax) + join_name(syntax, "C^D ")
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0040,0275/item.1/0010,0010").value == "A^B "
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == [("0040,0275/item.1", "element-overrun")]


@EACH_SYNTAX
def test_a_fragment_that_reaches_too_far_is_noted(syntax: str) -> None:
    data = element(PIXEL_DATA, "OB", b"", syntax=syntax, length=UNDEFINED)
    data += element(ITEM, "", b"ab", syntax=syntax, length=100)
    root = read_elements(data, ENCODINGS[syntax])
    assert collect_notes(root) == [("7fe0,0010", "not-delimited"), ("7fe0,0010/item.1", "element-overrun")]


@EACH_SYNTAX
def test_a_length_of_four_gigabytes_costs_no_memory(syntax: str) -> None:
    root = read_elements(element(0x00420011, "OB", b"ab", syntax=syntax, length=0xFFFFFFFE), ENCODINGS[syntax])
    assert collect_notes(root) == [("0042,0011", "element-overrun")]
    assert find(root, "0042,0011").text == "(binary)"


@EACH_SYNTAX
def test_an_odd_length_is_noted_and_the_next_element_is_read(syntax: str) -> None:
    data = element(PATIENT_ID, "LO", b"123", syntax=syntax) + join_name(syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert (find(root, "0010,0020").value, find(root, "0010,0010").value) == ("123", "A^B ")
    assert collect_notes(root) == [("0010,0020", "element-odd")]


@EACH_SYNTAX
@pytest.mark.parametrize(
    ("tag", "vr", "size"),
    [
        (0x00280002, "US", 3),
        (0x00209165, "AT", 6),
        (0x00700253, "FL", 2),
        (0x00189087, "FD", 4),
        (0x00720082, "SV", 12),
    ],
)
def test_a_length_that_is_no_multiple_of_a_values_size_is_noted_and_the_next_element_is_read(
    syntax: str, tag: int, vr: str, size: int
) -> None:
    root = read_elements(element(tag, vr, bytes(size), syntax=syntax) + join_name(syntax), ENCODINGS[syntax])
    assert root.children[0].text == "(binary)"
    assert find(root, "0010,0010").value == "A^B "
    assert "value-length" in [found.code for found in root.children[0].notes]


@EACH_SYNTAX
@pytest.mark.parametrize("size", range(1, 8))
def test_too_few_bytes_for_an_element_are_noted_and_kept(syntax: str, size: int) -> None:
    root = read_elements(join_name(syntax) + join_name(syntax)[:size], ENCODINGS[syntax])
    assert list_keys(root) == ["0010,0010", "undecoded-bytes"]
    assert collect_notes(root) == [("undecoded-bytes", "element-cut")]


@EXPLICIT_SYNTAXES
@pytest.mark.parametrize("size", range(8, 12))
def test_too_few_bytes_for_a_long_length_are_noted_and_kept(syntax: str, size: int) -> None:
    root = read_elements(element(0x00420011, "OB", b"", syntax=syntax)[:size], ENCODINGS[syntax])
    assert collect_notes(root) == [("undecoded-bytes", "element-cut")]


@EACH_SYNTAX
def test_leftovers_of_an_item_do_not_spoil_the_next_item(syntax: str) -> None:
    data = sequence(REQUEST_SEQUENCE, [join_name(syntax) + b"xyz", join_name(syntax, "C^D ")], syntax=syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0040,0275/item.1/undecoded-bytes").text == b"xyz".hex()
    assert find(root, "0040,0275/item.2/0010,0010").value == "C^D "


@EXPLICIT_SYNTAXES
def test_an_unknown_vr_of_two_letters_is_noted_and_its_length_has_32_bits(syntax: str) -> None:
    """PS3.5 7.1.2: as all VRs but those that it lists with 16 bits."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    data = struct.pack(order + "HH2sHI", 9, 0x1010, b"ZZ", 0, 4) + b"abcd" + join_name(syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert (find(root, "0009,1010").vr, find(root, "0009,1010").text) == ("ZZ", "(binary)")
    assert find(root, "0010,0010").value == "A^B "
    assert collect_notes(root) == [("0009,1010", "element-vr")]


@EXPLICIT_SYNTAXES
@pytest.mark.parametrize("vr", [b"\0\0", b"\x04\0", b"cs", b"C ", b"\xc0\xc1", b"\x1b["])
def test_what_is_no_vr_at_all_ends_the_walk_with_a_note(syntax: str, vr: bytes) -> None:
    order = ">" if syntax == BIG_ENDIAN else "<"
    data = join_name(syntax) + struct.pack(order + "HH2sHI", 9, 0x1010, vr, 0, 4) + b"abcd"
    root = read_elements(data, ENCODINGS[syntax])
    assert list_keys(root) == ["0010,0010", "undecoded-bytes"]
    assert collect_notes(root) == [("undecoded-bytes", "element-vr")]


@EXPLICIT_SYNTAXES
def test_a_wrong_vr_within_an_item_does_not_spoil_the_next_item(syntax: str) -> None:
    wrong = b"\x10\x00\x10\x00\x04\x00\x00\x00abcd"
    data = sequence(REQUEST_SEQUENCE, [wrong, join_name(syntax)], syntax=syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0040,0275/item.2/0010,0010").value == "A^B "
    assert collect_notes(root) == [("0040,0275/item.1/undecoded-bytes", "element-vr")]


@EACH_SYNTAX
def test_undefined_lengths_without_delimiters_are_noted_and_their_elements_read(syntax: str) -> None:
    root = read_elements(open_sequence(syntax) + open_item(syntax) + join_name(syntax), ENCODINGS[syntax])
    assert find(root, "0040,0275/item.1/0010,0010").value == "A^B "
    assert collect_notes(root) == [("0040,0275", "not-delimited"), ("0040,0275/item.1", "not-delimited")]


@EACH_SYNTAX
def test_the_delimiter_of_a_sequence_closes_an_item_that_lacks_its_own(syntax: str) -> None:
    data = open_sequence(syntax) + open_item(syntax) + join_name(syntax) + close(SEQUENCE_DELIMITATION, syntax)
    root = read_elements(data + join_name(syntax, "C^D "), ENCODINGS[syntax])
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == [("0040,0275/item.1", "not-delimited")]


@EACH_SYNTAX
def test_the_next_item_closes_an_item_that_lacks_its_delimiter(syntax: str) -> None:
    data = open_sequence(syntax) + open_item(syntax) + join_name(syntax)
    data += open_item(syntax) + join_name(syntax, "C^D ") + close(ITEM_DELIMITATION, syntax)
    root = read_elements(data + close(SEQUENCE_DELIMITATION, syntax), ENCODINGS[syntax])
    assert find(root, "0040,0275/item.2/0010,0010").value == "C^D "
    assert collect_notes(root) == [("0040,0275/item.1", "not-delimited")]


@EACH_SYNTAX
@pytest.mark.parametrize("tag", [ITEM_DELIMITATION, SEQUENCE_DELIMITATION])
def test_a_delimiter_outside_of_sequences_closes_nothing_and_the_next_element_is_read(syntax: str, tag: int) -> None:
    root = read_elements(close(tag, syntax) + join_name(syntax), ENCODINGS[syntax])
    assert find(root, "0010,0010").value == "A^B "
    assert [code for _, code in collect_notes(root)] == ["stray-delimiter"]


@EACH_SYNTAX
def test_an_item_outside_of_sequences_is_noted_and_the_next_element_is_read(syntax: str) -> None:
    root = read_elements(element(ITEM, "", join_name(syntax), syntax=syntax), ENCODINGS[syntax])
    assert find(root, "0010,0010").value == "A^B "
    assert collect_notes(root) == [("item.1", "stray-delimiter")]


@EACH_SYNTAX
def test_a_delimiter_in_an_item_of_defined_length_closes_nothing(syntax: str) -> None:
    """PS3.5 7.5.1: the delimiter goes with undefined length alone."""
    data = sequence(REQUEST_SEQUENCE, [join_name(syntax) + close(ITEM_DELIMITATION, syntax)], syntax=syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert collect_notes(root) == [("0040,0275/item.1/item-delimitation-item", "stray-delimiter")]


@EACH_SYNTAX
def test_a_delimiter_in_a_sequence_of_defined_length_closes_nothing(syntax: str) -> None:
    """PS3.5 7.5.2: the delimiter goes with undefined length alone."""
    item = element(ITEM, "", join_name(syntax), syntax=syntax)
    data = element(REQUEST_SEQUENCE, "SQ", item + close(SEQUENCE_DELIMITATION, syntax) + item, syntax=syntax)
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0040,0275/item.2/0010,0010").value == "A^B "
    assert collect_notes(root) == [("0040,0275/sequence-delimitation-item", "stray-delimiter")]


@EACH_SYNTAX
def test_an_element_where_an_item_is_due_is_noted_and_what_follows_the_sequence_is_read(syntax: str) -> None:
    data = element(REQUEST_SEQUENCE, "SQ", join_name(syntax), syntax=syntax) + join_name(syntax, "C^D ")
    root = read_elements(data, ENCODINGS[syntax])
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == [("0040,0275/undecoded-bytes", "item-expected")]


@EACH_SYNTAX
def test_an_element_among_the_fragments_of_pixel_data_is_noted(syntax: str) -> None:
    data = element(PIXEL_DATA, "OB", b"", syntax=syntax, length=UNDEFINED) + join_name(syntax)
    codes = [code for _, code in collect_notes(read_elements(data, ENCODINGS[syntax]))]
    assert codes == ["not-delimited", "item-expected"]


@EACH_SYNTAX
@pytest.mark.parametrize("depth", [DEEPEST // 2, DEEPEST // 2 + 1, 4 * DEEPEST])
def test_nesting_is_followed_to_its_bound_and_not_beyond(syntax: str, depth: int) -> None:
    data = (open_sequence(syntax) + open_item(syntax)) * depth + join_name(syntax)
    root = read_elements(data, ENCODINGS[syntax])
    codes = [code for _, code in collect_notes(root)]
    assert codes.count("too-deep") == (depth > DEEPEST // 2)
    assert max(level for level, _ in root.walk()) == min(2 * depth, DEEPEST) + 1
    check_tree(root)


def test_many_levels_of_defined_length_are_followed_too() -> None:
    data = join_name()
    for _ in range(DEEPEST // 2):
        data = sequence(REQUEST_SEQUENCE, [data], syntax=EXPLICIT)
    root = read_elements(data + join_name(EXPLICIT, "C^D "), EXPLICIT_LITTLE)
    assert find(root, "0010,0010").value == "C^D "
    assert collect_notes(root) == []


@pytest.mark.parametrize("size", [WINDOW - 10, WINDOW - 8, WINDOW, 3 * WINDOW])
def test_an_element_behind_a_long_value_is_read(size: int) -> None:
    root = read_elements(element(0x00420011, "OB", bytes(size), syntax=EXPLICIT) + join_name(), EXPLICIT_LITTLE)
    assert find(root, "0010,0010").value == "A^B "


def test_a_long_unknown_value_is_not_taken_for_text() -> None:
    data = element(0x00091010, "UN", b"a" * (LONGEST_UNKNOWN + 2), syntax=EXPLICIT)
    assert find(read_elements(data, EXPLICIT_LITTLE), "0009,1010").text == "(binary)"


@given(st.lists(st.integers(0, len(SAMPLES[1][0])), max_size=8))
@settings(deadline=None)
def test_elements_put_together_from_fragments_are_those_of_the_whole(cuts: list[int]) -> None:
    data, encoding = SAMPLES[1]
    whole, stream = read_elements(data, encoding), Bytes(data)
    places = [0, *sorted(cuts), len(data)]
    joined = Joined([Span(stream, start, stop) for start, stop in pairwise(places)])
    root = Node("", "Root", Span(joined, 0, joined.size))
    walk_elements(joined, encoding, root)
    assert [(node.path, node.text) for _, node in root.walk()] == [(node.path, node.text) for _, node in whole.walk()]
    check_tree(root)


def test_bytes_that_the_capture_lacks_within_a_value_are_noted_on_it_and_the_next_element_is_read() -> None:
    data = element(0x00420011, "OB", bytes(20), syntax=EXPLICIT) + join_name()
    source = Bytes(data, missing=((15, 25),))
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, EXPLICIT_LITTLE, root)
    assert find(root, "0010,0010").value == "A^B "
    assert collect_notes(root) == [("0042,0011", "stream-gap")]


def test_bytes_that_the_capture_lacks_within_a_header_end_the_walk_of_its_level_alone() -> None:
    data = sequence(REQUEST_SEQUENCE, [join_name() * 2, join_name()], syntax=EXPLICIT)
    source = Bytes(data, missing=((34, 36),))
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, EXPLICIT_LITTLE, root)
    assert list_keys(find(root, "0040,0275/item.1")) == ["0010,0010", "undecoded-bytes"]
    assert find(root, "0040,0275/item.2/0010,0010").value == "A^B "
    assert collect_notes(root) == [("0040,0275/item.1/undecoded-bytes", "stream-gap")]
    check_tree(root)


@pytest.mark.parametrize(("data", "encoding"), SAMPLES, ids=["implicit", "explicit", "big", "command"])
def test_behind_a_missing_fragment_nothing_is_taken_for_elements_and_every_byte_is_kept(
    data: bytes, encoding: Encoding
) -> None:
    for torn in range(len(data) + 1):
        root = read_elements(data, encoding, torn)
        check_tree(root)
        assert not [node.path for _, node in root.walk() if node.tag and node.span and node.span.start >= torn]


@given(
    st.sampled_from(SAMPLES), st.lists(st.integers(0, 300), max_size=4, unique=True), st.none() | st.integers(0, 300)
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_missing_from_a_sound_data_set_leave_a_sound_tree(
    sample: tuple[bytes, Encoding], edges: list[int], torn: int | None
) -> None:
    data, encoding = sample
    places = sorted(edges[: len(edges) // 2 * 2])
    source = Bytes(data, missing=tuple(zip(places[::2], places[1::2], strict=True)))
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, encoding, root, torn)
    check_tree(root)
    assert {code for _, code in collect_notes(root)} <= {"stream-gap", "fragment-gap", "not-delimited"}


@given(st.binary(max_size=200), st.sampled_from([encoding for _, encoding in SAMPLES]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_place_of_a_data_set_give_a_sound_tree(data: bytes, encoding: Encoding) -> None:
    check_tree(read_elements(data, encoding))


@given(st.sampled_from(SAMPLES), edits(len(SAMPLES[0][0])))
@settings(max_examples=400, deadline=None)
def test_a_sound_data_set_that_was_damaged_gives_a_sound_tree(
    sample: tuple[bytes, Encoding], changes: list[tuple[str, int, bytes]]
) -> None:
    data, encoding = sample
    check_tree(read_elements(edit(data, changes), encoding))


@given(st.sampled_from(SAMPLES), st.data())
@settings(max_examples=200, deadline=None)
def test_a_flipped_byte_changes_nothing_before_it(sample: tuple[bytes, Encoding], data: st.DataObject) -> None:
    sound, encoding = sample
    at = data.draw(st.integers(0, len(sound) - 1))
    damaged = flip(sound, at, data.draw(st.integers(1, 255)))
    check_unchanged_before(at, read_elements(sound, encoding), read_elements(damaged, encoding))


def test_more_elements_than_anyone_sends_are_left_as_bytes_at_every_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "MOST_ELEMENTS", 5)
    inner = b"".join(build.element(0x00100010 + at, "PN", b"AB") for at in range(6))
    data = build.sequence(0x00081115, [inner, inner]) + inner
    root = read_elements(data, IMPLICIT_LITTLE)
    check_tree(root)
    told = [path for path, code in collect_notes(root) if code == "too-many-elements"]
    assert told == ["0008,1115/item.1/undecoded-bytes", "0008,1115/undecoded-bytes", "undecoded-bytes"]


def test_each_value_has_its_sign_however_often_pixel_representation_comes() -> None:
    signed = build.element(0x00280103, "US", b"\1\0")
    value = build.element(0x00280106, "US", b"\xff\xff")
    root = read_elements((value + signed) * 3 + value, IMPLICIT_LITTLE)
    values = [node.value for node in root.children if node.tag == "(0028,0106)"]
    assert values == [-1, -1, -1, -1]
