import importlib.util
import math
import struct
import sys
import tracemalloc
from collections.abc import Iterator, MutableSequence
from importlib.machinery import ModuleSpec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import datadict
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.uid import UID
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR
from pydicom.values import convert_value

from dissect.dicom.values import (
    BULK,
    KNOWN,
    LONG,
    NUMBERS,
    TEXT,
    Entry,
    call_uid,
    convert,
    find_keyword,
    index_uids,
    label_uid,
    load_table,
    look_up,
    name_tags,
    name_uid,
)

MODULES = ("_dicom_dict", "_uid_dict")
STANDARD_VRS = {vr.value for vr in VR if len(vr.value) == 2}
ORDERS = st.sampled_from("<>")


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Forget the tables before a test and after it."""
    load_table.cache_clear()
    yield
    load_table.cache_clear()


def ask_pydicom(tag: int) -> Entry:
    """Give what pydicom says of a tag."""
    vr = datadict.dictionary_VR(tag)
    return Entry("" if vr == "NONE" else vr, datadict.dictionary_description(tag), datadict.dictionary_is_retired(tag))


def read_with_pydicom(vr: str, data: bytes, order: str) -> object:
    """Give the value that pydicom makes of bytes."""
    raw = RawDataElement(Tag(0x00091010), vr, len(data), data, 0, False, order == "<")
    return convert_value(vr, raw)


def test_every_tag_of_the_dictionary_is_looked_up_as_pydicom_does() -> None:
    assert {tag: look_up(tag) for tag in DicomDictionary} == {tag: ask_pydicom(tag) for tag in DicomDictionary}


@pytest.mark.parametrize("digit", "028ace")
def test_every_tag_of_a_repeating_group_is_looked_up_as_pydicom_does(digit: str) -> None:
    tags = [int(mask.replace("x", digit), 16) for mask in RepeatersDictionary]
    assert {tag: look_up(tag) for tag in tags} == {tag: ask_pydicom(tag) for tag in tags}


@pytest.mark.parametrize(
    ("tag", "vr", "name"),
    [
        (0x00090000, "UL", "Private Tag Group Length"),
        (0x00090010, "LO", "Private Tag"),
        (0x000900FF, "LO", "Private Tag"),
        (0x00090001, "UN", "Private Tag"),
        (0x00091010, "UN", "Private Tag"),
        (0x60013000, "UN", "Private Tag"),
        (0x00080000, "UL", "Group Length"),
        (0x00189999, "UN", "(unknown)"),
        (0xFFFFFFFE, "UN", "Private Tag"),
        (0xFFFEE000, "", "Item"),
        (0xFFFEE00D, "", "Item Delimitation Item"),
        (0xFFFEE0DD, "", "Sequence Delimitation Item"),
    ],
)
def test_a_tag_that_is_in_no_dictionary_has_the_name_that_wireshark_gives_it(tag: int, vr: str, name: str) -> None:
    assert look_up(tag) == Entry(vr, name, False)


def test_what_was_looked_up_is_not_kept() -> None:
    name_uid("1")
    tracemalloc.start()
    try:
        assert not any(name_uid(f"{number}" * 100_000) for number in range(1, 50))
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()


def test_nothing_is_no_keyword_and_no_name() -> None:
    assert find_keyword("") is None
    assert "" not in index_uids()


def test_every_value_representation_of_the_dictionary_is_known() -> None:
    tags = [*DicomDictionary, *(int(mask.replace("x", "0"), 16) for mask in RepeatersDictionary)]
    assert {look_up(tag).vr[:2] for tag in tags} - KNOWN == {""}  # items and delimiters


def test_every_uid_has_the_name_that_pydicom_gives_it() -> None:
    wanted = {}
    for uid in map(UID, UID_dictionary):
        wanted[str(uid)] = uid.name + (f": {uid.info}" if uid.info else "") + " (Retired)" * uid.is_retired
    assert {uid: name_uid(uid) for uid in wanted} == wanted


@pytest.mark.parametrize(
    ("uid", "name", "label"),
    [
        ("1.2.840.10008.1.1", "Verification SOP Class", "Verification SOP Class (1.2.840.10008.1.1)"),
        ("1.2.840.10008.1.2.2", "Explicit VR Big Endian (Retired)", None),
        ("1.2.3", "1.2.3", "1.2.3"),
        ("", "", ""),
    ],
)
def test_a_uid_without_a_name_is_called_by_its_number(uid: str, name: str, label: str | None) -> None:
    assert call_uid(uid) == name
    assert label_uid(uid) == (f"{name} ({uid})" if label is None else label)


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize("module", MODULES)
def test_a_table_is_read_without_importing_pydicom(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "pydicom"]:
        monkeypatch.delitem(sys.modules, name)
    load_table(module)
    assert "pydicom" not in sys.modules


@pytest.mark.usefixtures("unloaded")
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("found", [None, ModuleSpec("pydicom", None), ModuleSpec("pydicom", None, is_package=True)])
def test_a_pydicom_that_keeps_its_tables_elsewhere_is_imported(
    module: str, found: ModuleSpec | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = {name for name in vars(load_table(module)) if name.endswith("ictionary")}
    load_table.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    assert load_table(module) is sys.modules[f"pydicom.{module}"]
    assert {name for name in vars(load_table(module)) if name.endswith("ictionary")} == read


def test_the_value_representations_are_those_of_pydicom() -> None:
    assert STANDARD_VRS == KNOWN
    assert set(EXPLICIT_VR_LENGTH_32) == LONG


@pytest.mark.parametrize("vr", sorted(KNOWN | {"ZZ"}))
def test_no_bytes_are_an_empty_value(vr: str) -> None:
    assert convert(vr, b"") == (None, "<Empty>")


@given(st.sampled_from(sorted(NUMBERS)), st.binary(min_size=8, max_size=64), ORDERS)
@settings(deadline=None)
def test_numbers_are_those_that_pydicom_reads(vr: str, data: bytes, order: str) -> None:
    data = data[: len(data) // 8 * 8]
    wanted = read_with_pydicom(vr, data, order)
    value, _ = convert(vr, data, order)
    ours, theirs = (each if isinstance(each, MutableSequence) else [each] for each in (value, wanted))
    assert list(map(repr, ours)) == list(map(repr, theirs))


@given(st.binary(min_size=4, max_size=32), ORDERS)
@settings(deadline=None)
def test_attribute_tags_are_those_that_pydicom_reads(data: bytes, order: str) -> None:
    data = data[: len(data) // 4 * 4]
    wanted = read_with_pydicom("AT", data, order)
    value, text = convert("AT", data, order)
    assert value == wanted
    tags = value if isinstance(value, list) else [value]
    assert text == "".join(f"({tag >> 16:04x},{tag & 0xFFFF:04x})" for tag in tags if isinstance(tag, int))
    assert name_tags(value) == ", ".join(look_up(tag).name for tag in tags if isinstance(tag, int))


@given(st.sampled_from(["AE", "CS", "LO", "SH", "UC"]), st.lists(st.text("ABC 12", max_size=5), min_size=1))
@settings(deadline=None)
def test_text_has_the_words_that_pydicom_reads(vr: str, words: list[str]) -> None:
    data = "\\".join(words).encode()
    data += b" " * (len(data) % 2)
    wanted = read_with_pydicom(vr, data, "<")
    value, _ = convert(vr, data)
    theirs = wanted if isinstance(wanted, MutableSequence) else [wanted or ""]
    assert [word.strip() for word in str(value or "").split("\\")] == [str(word).strip() for word in theirs]


@pytest.mark.parametrize(
    ("vr", "data", "text"),
    [
        ("CS", b"ORIGINAL\\PRIMARY ", "ORIGINAL\\PRIMARY "),
        ("LO", b" kept  ", " kept  "),
        ("LO", b"nul\0", "nul"),
        ("LO", b"two\0\0", "two\0"),
        (
            "UI",
            b"1.2.840.10008.1.2\0",
            "1.2.840.10008.1.2 (Implicit VR Little Endian: Default Transfer Syntax for DICOM)",
        ),
        ("UI", b"1.2.3\0", "1.2.3"),
        ("UI", b"1.2.840.10008.1.1\\1.2", "1.2.840.10008.1.1\\1.2"),
        ("US", b"\1\0\2\0", "1\\2"),
        ("SS", b"\xff\xff", "-1"),
        ("UL", b"\xff\xff\xff\xff", "4294967295"),
        ("SV", b"\xff" * 8, "-1"),
        ("UV", b"\xff" * 8, "18446744073709551615"),
        ("FD", struct.pack("<d", 0.5), "0.500000"),
        ("FL", struct.pack("<f", 1.1), "1.100000"),
        ("FD", struct.pack("<d", 1e-9), "1e-09"),
        ("FL", struct.pack("<2f", math.inf, -math.inf), "inf\\-inf"),
        ("FD", struct.pack("<d", math.nan), "nan"),
        ("AT", b"\x10\x00\x20\x00\x08\x00\x60\x00", "(0010,0020)(0008,0060)"),
        ("OB", b"ab", "(binary)"),
        ("UN", b"text\r\n\t \0", "text\r\n\t "),
        ("UN", b"\1\2", "(binary)"),
        ("UN", b"a\0b", "(binary)"),
        ("UN", b"\0", ""),
        ("ZZ", b"ab", "(binary)"),
        ("US", b"\1\0\2", "(binary)"),
        ("AT", b"\1\0", "(binary)"),
    ],
)
def test_a_value_is_shown_as_wireshark_shows_it_where_wireshark_is_right(vr: str, data: bytes, text: str) -> None:
    assert convert(vr, data)[1] == text


@pytest.mark.parametrize("vr", [*sorted(BULK), "ZZ"])
def test_bulk_data_stays_bytes(vr: str) -> None:
    assert convert(vr, b"\1\2") == (b"\1\2", "(binary)")


@given(st.floats(width=64), ORDERS)
@settings(deadline=None)
def test_the_text_of_a_double_has_all_its_digits(value: float, order: str) -> None:
    _, text = convert("FD", struct.pack(f"{order}d", value), order)
    assert repr(float(text)) == repr(value)


@given(st.floats(width=32), ORDERS)
@settings(deadline=None)
def test_the_text_of_a_float_has_all_its_digits(value: float, order: str) -> None:
    packed = struct.pack(f"{order}f", value)
    _, text = convert("FL", packed, order)
    assert math.isnan(value) or struct.pack(f"{order}f", float(text)) == packed


@given(st.sampled_from(sorted(KNOWN | {"", "ZZ"})), st.binary(max_size=40), ORDERS)
@settings(max_examples=400, deadline=None)
def test_any_bytes_of_any_value_representation_give_a_text(vr: str, data: bytes, order: str) -> None:
    value, text = convert(vr, data, order)
    assert isinstance(text, str)
    assert (value is None) == (not data)
    assert vr in TEXT | {"UI", "UN"} or not isinstance(value, str)
