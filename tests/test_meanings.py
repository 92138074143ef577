"""What of a message means something: the same text for the same value, however it is written."""

import hashlib
from pathlib import Path

import pytest

from dissect.config import Config
from dissect.diff.fields import Field
from dissect.diff.loading import load_exchange
from dissect.diff.meanings import find_pixel_data
from tests import build
from tests.conftest import RECORDED
from tests.exchanges import Elements, Image, store, write


def read(folder: Path, more: Elements, syntax: str = build.EXPLICIT) -> dict[str, Field]:
    """Store an image with more elements, and give the fields of its data set by key."""
    [name] = write(folder, store([Image(1, more=more)], syntax=syntax))
    request = load_exchange(name, Config()).read_message(0, 0)
    [data] = [part for part in request.children if part.key == "data-set"]
    return {field.key: field for field in data.children}


@pytest.mark.parametrize(
    ("vr", "tag", "value", "text"),
    [
        ("PN", 0x00100010, "Doe^Jane  ", "Doe^Jane"),
        ("CS", 0x00080008, " ORIGINAL \\PRIMARY ", "ORIGINAL\\PRIMARY"),
        ("LT", 0x00104000, "  indented ", "  indented"),
        ("IS", 0x00200013, " 7", "7"),
        ("US", 0x00280010, b"\x00\x02", "512"),
        ("AT", 0x00280009, b"\x18\x00\x63\x10", "(0018,1063)"),
        ("FD", 0x00189073, b"\0\0\0\0\0\0\xf8\x3f", "1.500000"),
        ("OB", 0x00420011, b"\x00\x01", "00 01"),
        ("OB", 0x00420011, b"  ", "20 20"),
        ("LO", 0x00081030, "", ""),
    ],
)
def test_a_value_is_a_text_without_padding(vr: str, tag: int, value: str | bytes, text: str, tmp_path: Path) -> None:
    found = read(tmp_path, {tag: (vr, value)})[f"{tag >> 16:04x},{tag & 0xFFFF:04x}"]
    assert (found.kind, found.value, found.vr, found.explicit) == ("value", text, vr, True)


def test_a_large_value_is_told_by_its_length_and_digest(tmp_path: Path) -> None:
    text, data = "x" * 300, bytes(range(256)) * 2
    found = read(tmp_path, {0x0040A160: ("UT", text + "  "), 0x00420011: ("OB", data)})
    assert found["0040,a160"].value == f"300 bytes, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}"
    assert found["0042,0011"].value == f"512 bytes, SHA-256 {hashlib.sha256(data).hexdigest()}"
    pixels = hashlib.sha256(b"\x01" * 600).hexdigest()
    assert found["7fe0,0010"].value == f"600 bytes, SHA-256 {pixels}"


def test_pixel_data_are_told_by_their_digest_however_small(tmp_path: Path) -> None:
    found = read(tmp_path, {0x7FE00010: ("OW", b"\x01\x00\x02\x00")})["7fe0,0010"]
    assert found.value == f"4 bytes, SHA-256 {hashlib.sha256(bytes((1, 0, 2, 0))).hexdigest()}"


def test_a_private_element_has_its_bytes_beside_its_value(tmp_path: Path) -> None:
    more: Elements = {0x00090010: ("LO", "ACME"), 0x00091001: ("US", b"\x05\x00"), 0x00091002: ("LO", " told ")}
    explicit, implicit = read(tmp_path, more), read(tmp_path, more, build.IMPLICIT)
    assert [explicit[key].value for key in ("0009,1001", "0009,1002")] == ["5", "told"]
    assert [explicit[key].raw for key in ("0009,1001", "0009,1002")] == ["05 00", " told"]
    assert [implicit[key].value for key in ("0009,1001", "0009,1002")] == ["05 00", " told"]


def test_group_lengths_and_padding_mean_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, {0x00080000: ("UL", b"\x00\x01\x00\x00"), 0xFFFCFFFC: ("OB", b"\0\0")})
    assert not {"0008,0000", "fffc,fffc"} & found.keys()


def test_uids_of_the_standard_are_values_and_those_of_instances_are_not(tmp_path: Path) -> None:
    found = read(tmp_path, {0x00080016: ("UI", build.CT_IMAGE_STORAGE), 0x00200052: ("UI", "2.25.7")})
    assert (found["0008,0016"].kind, found["0020,0052"].kind) == ("value", "uid")


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_pixel_data_that_are_found_at_a_glance_are_those_that_the_tree_has(path: Path) -> None:
    exchange = load_exchange(str(path), Config())
    for operation in range(len(exchange)):
        for message in exchange.read_messages(operation):
            for field in (field for part in message.children for field in part.children if field.tag == "(7fe0,0010)"):
                assert field.node is not None
                assert field.node.span is not None
                source, start = field.node.span.source, field.node.span.start
                head = bytes(source.read(0, 1 << 14))
                found = find_pixel_data(head, source.size, explicit=field.explicit)
                assert found in (None, (start, field.node.body))


@pytest.mark.parametrize("explicit", [True, False])
def test_bytes_that_are_no_data_set_have_no_pixel_data(explicit: bool) -> None:
    data = Image(1).encode(build.EXPLICIT if explicit else build.IMPLICIT)
    assert find_pixel_data(data, len(data), explicit=explicit) is not None
    for head in (b"", data[2:], data[:100], bytes(1000), b"\xff" * 1000):
        assert find_pixel_data(head, len(head), explicit=explicit) is None
    assert find_pixel_data(data, len(data) + 2, explicit=explicit) is None
