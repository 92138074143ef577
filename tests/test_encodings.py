"""How a data set is written: told by its transfer syntax, by pydicom's word, or by looking."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom._uid_dict import UID_dictionary
from pydicom.uid import UID

from dissect.dicom.encodings import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Encoding,
    choose_encoding,
)
from dissect.spans import Buffer
from tests import build
from tests.build import BIG_ENDIAN, EXPLICIT, IMPLICIT
from tests.trees import check_tree, read_elements

SYNTAXES = {IMPLICIT: IMPLICIT_LITTLE, EXPLICIT: EXPLICIT_LITTLE, BIG_ENDIAN: EXPLICIT_BIG}


def test_the_encoding_of_every_transfer_syntax_is_that_of_pydicom() -> None:
    uids = [UID(uid) for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"]
    ours = {uid: choose_encoding(uid, Buffer(b""))[0] for uid in uids if "Papyrus" not in uid.name}
    assert {uid: (encoding.explicit, encoding.order) for uid, encoding in ours.items()} == {
        uid: (not uid.is_implicit_VR, "<" if uid.is_little_endian else ">") for uid in ours
    }


def test_a_data_set_is_deflated_where_its_transfer_syntax_says_so() -> None:
    """PS3.5 A.5, A.7, A.12."""
    syntaxes = {uid: entry[0] for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"}
    assert {uid for uid, name in syntaxes.items() if "Deflate" in name and "Frame" not in name} <= DEFLATED


def test_a_data_set_whose_frames_alone_are_deflated_is_read() -> None:
    """PS3.5 A.4.13: Deflated Image Frame Compression encapsulates frames in Explicit VR Little Endian."""
    assert "1.2.840.10008.1.2.8.1" not in DEFLATED
    assert choose_encoding("1.2.840.10008.1.2.8.1", Buffer(b""))[0] is EXPLICIT_LITTLE


@pytest.mark.parametrize(
    ("syntax", "encoding"), [(IMPLICIT, IMPLICIT_LITTLE), (EXPLICIT, EXPLICIT_LITTLE), (BIG_ENDIAN, EXPLICIT_BIG)]
)
@pytest.mark.parametrize(
    ("tag", "vr"), [(0x00080005, "CS"), (0x00080052, "CS"), (0x00080016, "UI"), (0x00020000, "UL"), (0x00091010, "OB")]
)
def test_without_a_transfer_syntax_the_first_element_tells(syntax: str, encoding: object, tag: int, vr: str) -> None:
    data = build.element(tag, vr, b"1.2.3\0" * 2, syntax=syntax)
    assert choose_encoding("", Buffer(data)) == (encoding, False)


@pytest.mark.parametrize("start", [b"\x08", bytes(7), b"\xff" * 8])
def test_without_a_transfer_syntax_any_bytes_have_an_encoding(start: bytes) -> None:
    assert choose_encoding("", Buffer(start)) == (IMPLICIT_LITTLE, False)


@pytest.mark.parametrize("written", SYNTAXES)
@pytest.mark.parametrize("agreed", SYNTAXES)
def test_a_data_set_in_another_syntax_than_agreed_is_read_in_the_one_it_is_in(written: str, agreed: str) -> None:
    data = build.text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2", syntax=written)
    data += build.sequence(0x00081140, [build.text(0x00081155, "UI", "1.2", syntax=written)], syntax=written)
    data += build.text(0x00100010, "PN", "Doe^John", syntax=written)
    assert choose_encoding(agreed, Buffer(data)) == (SYNTAXES[written], written != agreed)


@pytest.mark.parametrize("encoding", SYNTAXES.values())
def test_a_data_set_that_fits_no_syntax_is_read_in_the_one_agreed(encoding: Encoding) -> None:
    agreed = next(uid for uid, known in SYNTAXES.items() if known is encoding)
    assert choose_encoding(agreed, Buffer(b"\xff" * 40)) == (encoding, False)


@given(st.binary(max_size=100), st.sampled_from(["", IMPLICIT, EXPLICIT, BIG_ENDIAN, "1.2.3"]))
@settings(deadline=None)
def test_any_bytes_of_any_transfer_syntax_give_a_sound_tree(data: bytes, transfer: str) -> None:
    check_tree(read_elements(data, choose_encoding(transfer, Buffer(data))[0]))
