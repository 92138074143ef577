import pytest

from dissect.catalogue.datasets import RULES
from dissect.node import Node
from dissect.tree import make_pdu_node
from tests import build
from tests.build import (
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    SOP_INSTANCE,
    UNDEFINED,
    element,
    sequence,
    store_talk,
    text,
)
from tests.trees import check_tree, read_talk

JPEG, PRIVATE_SYNTAX = "1.2.840.10008.1.2.4.50", "1.2.3.4"
JPIP = "1.2.840.10008.1.2.4.94"

Found = list[tuple[str, str]]


def list_data_sets(talk: build.Talk) -> list[Node]:
    """Give the nodes of the PDVs that complete the data sets of a conversation."""
    nodes = [make_pdu_node(arrival) for arrival in read_talk(talk) if arrival.pdvs and not arrival.pdvs[-1].is_command]
    return [node.children[-1] for node in nodes]


def list_notes(node: Node) -> Found:
    """Give place and code of the notes below a node that are about data sets."""
    return [
        (below.path_below(node), note.code) for _, below in node.walk() for note in below.notes if note.code in RULES
    ]


def judge(data: bytes, syntax: str = IMPLICIT) -> Found:
    """Send a data set as an object, and give what is noted about it."""
    (node,) = list_data_sets(store_talk(data, syntax=syntax))
    check_tree(node)
    return list_notes(node)


def tell(data: bytes, syntax: str = IMPLICIT) -> list[str]:
    """Send a data set as an object, and give what the notes say."""
    (node,) = list_data_sets(store_talk(data, syntax=syntax))
    return [note.text for _, below in node.walk() for note in below.notes]


def explicit(tag: int, vr: str, value: bytes) -> bytes:
    """Encode an element of Explicit VR Little Endian."""
    return element(tag, vr, value, syntax=EXPLICIT)


CLASS = text(0x00080016, "UI", CT_IMAGE_STORAGE)
INSTANCE = text(0x00080018, "UI", SOP_INSTANCE)
NAME = text(0x00100010, "PN", "A^B")
PATIENT = text(0x00100020, "LO", "1")
SEX = text(0x00100040, "CS", "M ")
META = text(0x00020010, "UI", IMPLICIT)
FRAGMENTS = element(ITEM, "", b"") + element(ITEM, "", b"\1\2") + element(build.SEQUENCE_DELIMITATION, "", b"")
ENCAPSULATED = element(0x7FE00010, "OB", FRAGMENTS, syntax=EXPLICIT, length=UNDEFINED)
NATIVE = explicit(0x7FE00010, "OW", b"\1\2")
FRAMES, FRAME = (explicit(0x00280008, "IS", count) for count in (b"2 ", b"1 "))
ROWS = explicit(0x00280010, "US", b"\1\0")
ROWS_OF_ONE, ROWS_OF_TWO = FRAME + ROWS, FRAMES + ROWS
ICON = sequence(0x00880200, [NATIVE], syntax=EXPLICIT)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(META + CLASS, [("", "group-forbidden")], id="group 0002"),
        pytest.param(CLASS + INSTANCE, [], id="group 0008"),
        pytest.param(CLASS + PATIENT + NAME, [("0010,0010", "element-order")], id="tags descend"),
        pytest.param(CLASS + PATIENT + NAME + INSTANCE, [("0010,0010", "element-order")], id="tags descend twice"),
        pytest.param(CLASS + NAME + PATIENT, [], id="tags ascend"),
        pytest.param(CLASS + NAME + NAME, [("0010,0010.2", "element-repeated")], id="repeated"),
        pytest.param(CLASS + NAME + PATIENT + NAME, [("0010,0010.2", "element-repeated")], id="repeated later"),
        pytest.param(
            sequence(0x00081140, [NAME + NAME]), [("0008,1140/item.1/0010,0010.2", "element-repeated")], id="nested"
        ),
        pytest.param(sequence(0x00081140, [NAME, NAME]) + NAME, [], id="repeated in other items"),
        pytest.param(sequence(0x00081140, [NAME], undefined=True) + NAME, [], id="delimiters are no elements"),
        pytest.param(text(0x00080005, "CS", "ISO_IR 999"), [("0008,0005", "charset-unknown")], id="unknown term"),
        pytest.param(text(0x00080005, "CS", "ISO-IR 100"), [("0008,0005", "charset-unknown")], id="misspelt term"),
        pytest.param(text(0x00080005, "CS", "ISO_IR 100"), [], id="defined term"),
        pytest.param(text(0x00080005, "CS", r"\ISO 2022 IR 87"), [], id="several terms"),
        pytest.param(element(0x00100040, "CS", b"M\0"), [("", "value-padded")], id="NUL behind text"),
        pytest.param(SEX, [], id="space behind text"),
        pytest.param(text(0x00080016, "UI", "1.2"), [("0008,0016", "object-class")], id="another class"),
        pytest.param(text(0x00080018, "UI", "1.2.3"), [("0008,0018", "object-instance")], id="another instance"),
    ],
)
def test_a_rule_that_a_data_set_breaks_is_noted_once(data: bytes, found: Found) -> None:
    assert judge(data) == found


@pytest.mark.parametrize(
    ("data", "syntax", "found"),
    [
        pytest.param(ROWS + NATIVE, JPEG, [("7fe0,0010", "pixel-form")], id="native in a compressed syntax"),
        pytest.param(ROWS + ENCAPSULATED, JPEG, [], id="encapsulated in a compressed syntax"),
        pytest.param(
            ROWS + ENCAPSULATED, EXPLICIT, [("7fe0,0010", "pixel-form")], id="encapsulated in a native syntax"
        ),
        pytest.param(ROWS + NATIVE, EXPLICIT, [], id="native in a native syntax"),
        pytest.param(ROWS_OF_TWO + ENCAPSULATED, JPEG, [("7fe0,0010", "fragment-count")], id="fewer fragments"),
        pytest.param(ROWS_OF_ONE + ENCAPSULATED, JPEG, [], id="a fragment for each frame"),
        pytest.param(ICON + ENCAPSULATED, JPEG, [], id="a native icon"),
        pytest.param(ROWS + NATIVE, PRIVATE_SYNTAX, [], id="a private syntax"),
        pytest.param(ROWS + NATIVE, JPIP, [], id="pixel data that is elsewhere"),
        pytest.param(ROWS + explicit(0x7FE00010, "OW", b""), JPEG, [], id="empty pixel data"),
    ],
)
def test_pixel_data_is_held_to_the_transfer_syntax(data: bytes, syntax: str, found: Found) -> None:
    assert judge(data, syntax) == found


def test_pixel_data_is_not_judged_where_the_whole_data_set_is_in_another_syntax() -> None:
    data = element(0x00280010, "US", b"\1\0") + element(0x7FE00010, "OW", b"\1\2")
    assert judge(data, JPEG) == [("", "other-syntax")]


WRONG = [
    ("AE", b"A" * 18), ("AE", b"A\nB "), ("AS", b"18Y "), ("AS", b"018X"), ("CS", b"Original"), ("CS", b"A" * 18),
    ("CS", b"A-B "), ("DA", b"1999.12.31"), ("DA", b"19991331"), ("DA", b"1999"), ("DA", b" 1999123"), ("DS", b"1,5 "),
    ("DS", b"1" * 18), ("DS", b"1e"), ("DS", b"1 5 "), ("DT", b"199913"), ("DT", b"20240101250000"), ("IS", b"1.0 "),
    ("IS", b"1234567890123 "), ("LO", b"A" * 66), ("LO", b"A\r\nB"), ("PN", b"A" * 66), ("PN", b"A^B^C^D^E^F "),
    ("PN", b"A=B=C=D "), ("SH", b"A" * 18), ("TM", b"12:30:00"), ("TM", b"2400"), ("TM", b"1230.5"),
    ("UI", b"1.02"), ("UI", b"1..2"), ("UI", b"1.2.3 "), ("UI", b"1.2."), ("UI", b"1.A2"), ("UI", b"1." + b"2" * 64),
]  # fmt: skip
RIGHT = [
    ("AE", b" ARCHIVE"), ("AE", b"A" * 16), ("AS", b"018Y"), ("CS", b"ORIGINAL\\PRIMARY"), ("CS", b"A_B 9 "),
    ("DA", b"19991231"), ("DA", b"19991231\\20000101 "), ("DS", b" -1.5E-3"), ("DS", b"1.\\.5\\+2"), ("DS", b"1 \\ 2 "),
    ("DS", b"1" * 16 + b"\\1"), ("DT", b"2007-0500 "), ("DT", b"19530827111300.0"), ("DT", b"195308"), ("IS", b"-12 "),
    ("IS", b"1\\\\3"), ("LO", b"A" * 64), ("LO", b"A" * 64 + b"\\" + b"B"), ("PN", b"A^B^C^D^E "),
    ("PN", b"A" * 64 + b"=" + b"B" * 63), ("SH", b"A" * 16), ("TM", b"10"), ("TM", b"235960.123456 "),
    ("UI", b"1.2.840\0"), ("UI", b"1.2\\1.0\0"), ("UI", b"1." + b"2" * 62), ("CS", b"  "), ("DA", b"        "),
    ("LT", b"\1" * 2), ("UT", b"any\r\n "), ("OB", b"\1\2"), ("US", b"\1\2"),
]  # fmt: skip


@pytest.mark.parametrize(("vr", "value"), WRONG)
def test_a_value_without_the_form_of_its_vr_is_noted_once(vr: str, value: bytes) -> None:
    assert judge(explicit(0x00189999, vr, value), EXPLICIT) == [("0018,9999", "value-form")]


@pytest.mark.parametrize(("vr", "value"), RIGHT)
def test_a_value_with_the_form_of_its_vr_is_not_noted(vr: str, value: bytes) -> None:
    assert judge(explicit(0x00189999, vr, value), EXPLICIT) == []


@pytest.mark.parametrize(("count", "found"), [(16, []), (17, [("0020,0010", "value-form")])])
def test_text_is_counted_in_characters_of_its_character_set(count: int, found: Found) -> None:
    charset = text(0x00080005, "CS", "ISO_IR 192", syntax=EXPLICIT)
    value = ("\u00fc" * count).encode()
    assert judge(charset + explicit(0x00200010, "SH", value), EXPLICIT) == found


def test_values_whose_vr_is_not_sure_are_not_judged() -> None:
    creator = text(0x00190010, "LO", "SIEMENS MR HEADER")
    assert judge(creator + element(0x00191008, "CS", b"lower ")) == []
    assert judge(explicit(0x00080020, "UN", b"1999.12.31"), EXPLICIT) == []


def test_a_value_that_may_tell_who_somebody_is_is_given_by_its_shape() -> None:
    assert tell(text(0x00100030, "DA", "1999.12.31")) == [
        "a value of the shape '9999.99.99' does not have the form of VR DA: YYYYMMDD"
    ]
    assert tell(text(0x00080060, "CS", "Ct"))[0].startswith("'Ct' does not have")


def test_many_values_without_form_are_summed_up() -> None:
    elements = [text(0x00080060, "CS", "ct"), sequence(0x00081140, [text(0x00080060, "CS", "mr")] * 30)]
    found = judge(b"".join(elements))
    assert [code for _, code in found].count("value-form") == 19
    assert found[0] == ("", "value-more")
    assert tell(b"".join(elements))[0] == "further values of this data set (12) do not have the form of their VRs"


def test_the_first_place_out_of_order_tells_of_the_others() -> None:
    assert tell(CLASS + PATIENT + NAME + INSTANCE) == [
        "element (0010,0010) comes behind (0010,0020), as 1 more do; elements ascend by tag"
    ]
    assert tell(CLASS + NAME + NAME + NAME) == ["element (0010,0010) is there more than once, and 1 more repetitions"]


def test_disorder_in_many_items_is_noted_for_the_first_of_them() -> None:
    found = judge(sequence(0x00081140, [PATIENT + NAME] * 50))
    assert [code for _, code in found] == ["element-order"] * 20


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_the_preamble_of_a_file_is_noted_and_nothing_that_follows_from_it(syntax: str) -> None:
    meta = text(0x00020010, "UI", EXPLICIT, syntax=EXPLICIT)
    codes = [code for _, code in judge(bytes(128) + b"DICM" + meta, syntax)]
    assert codes.count("preamble-sent") == 1
    assert not {"group-forbidden", "element-order", "element-repeated", "pixel-form"} & set(codes)
    assert judge(explicit(0x00091010, "OB", bytes(116)) + b"DICM" + bytes([2, 0]), EXPLICIT)[0][1] == "preamble-sent"
    assert "preamble-sent" not in str(judge(explicit(0x00091010, "OB", bytes(116) + b"DICM" + bytes(2)), EXPLICIT))


@pytest.mark.parametrize(("lost", "noted"), [(None, True), (-8, False), (-12, False)])
def test_a_data_set_that_lacks_bytes_is_not_judged(lost: int | None, noted: bool) -> None:
    talk = store_talk(CLASS + PATIENT + NAME + text(0x00204000, "LT", "1" * 6000), pdv_size=500)
    if lost is not None:
        del talk.frames[lost]
    nodes = [make_pdu_node(arrival) for arrival in read_talk(talk)]
    codes = {note.code for top in nodes for _, node in top.walk() for note in node.notes}
    assert bool(codes & {"stream-gap", "fragment-gap"}) is not noted
    assert ("element-order" in codes) is noted


def test_deep_nesting_is_judged_to_its_end() -> None:
    data = NAME + NAME
    for _ in range(120):
        data = sequence(0x00081140, [data])
    (found,) = judge(data)
    assert found[1] == "element-repeated"
