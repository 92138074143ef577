import struct
from pathlib import Path

import pydicom
import pytest

from dissect.cli import main
from dissect.dicom.codestreams import find_syntax
from dissect.dicom.inference import infer_syntax
from dissect.spans import Buffer
from tests.build import BIG_ENDIAN, EXPLICIT, IMPLICIT, pcap, text
from tests.conftest import ROOT
from tests.test_halves import read_frames

STORED = [path for path in sorted((ROOT / "captures").glob("c-store*")) if path.name != "c-store-one-pdu.pcap"]


def export(path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[pydicom.FileDataset]:
    """Export the objects of a capture, and let pydicom read them."""
    assert main(["export", str(path), "--to", str(folder)]) == 0
    capsys.readouterr()
    return [pydicom.dcmread(each) for each in sorted(folder.glob("*.dcm"))]


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.name)
def test_the_transfer_syntax_of_an_object_is_told_by_its_bytes_where_the_negotiation_is_lost(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = tmp_path / "late.pcap"
    late.write_bytes(pcap(read_frames(path)[7:]))
    found = export(late, tmp_path / "found", capsys)
    wanted = export(path, tmp_path / "wanted", capsys)
    assert found
    for each in found:
        same = [other for other in wanted if other.file_meta.TransferSyntaxUID == each.file_meta.TransferSyntaxUID]
        assert each in same


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_a_data_set_is_in_the_syntax_that_fits(syntax: str) -> None:
    data = text(0x00080060, "CS", "CT", syntax=syntax) + text(0x00100020, "LO", "1", syntax=syntax)
    assert infer_syntax(Buffer(data)) == syntax


def test_what_fits_nothing_is_taken_for_the_default() -> None:
    assert infer_syntax(Buffer(bytes(range(50, 100)))) == IMPLICIT
    assert infer_syntax(Buffer(b"")) == EXPLICIT


def segment(marker: int, contents: bytes) -> bytes:
    """Encode a marker segment (ITU-T T.81 B.1.1.4)."""
    return struct.pack(">BBH", 0xFF, marker, len(contents) + 2) + contents


TABLES = segment(0xE0, b"JFIF\0" + bytes(9)) + segment(0xDB, bytes(65))
ONE = b"\1\1\0"
"""One component in a scan."""


@pytest.mark.parametrize(
    ("start", "syntax"),
    [
        (b"\xff\xd8" + TABLES + segment(0xC0, bytes(9)), "50"),
        (b"\xff\xd8" + segment(0xC1, bytes(9)), "51"),
        (b"\xff\xd8" + segment(0xC3, bytes(9)) + segment(0xC4, bytes(30)) + segment(0xDA, ONE + b"\1\0\0"), "70"),
        (b"\xff\xd8" + segment(0xC3, bytes(9)) + segment(0xDA, ONE + b"\6\0\0"), "57"),
        (b"\xff\xd8" + segment(0xF7, bytes(9)) + segment(0xDA, ONE + b"\0\0\0"), "80"),
        (b"\xff\xd8" + segment(0xF7, bytes(9)) + segment(0xDA, ONE + b"\3\0\0"), "81"),
        (b"\xff\x4f" + segment(0x51, bytes(38)) + segment(0x52, bytes(9) + b"\1"), "90"),
        (b"\xff\x4f" + segment(0x51, bytes(38)) + segment(0x52, bytes(10)), "91"),
        (b"\xff\x4f" + segment(0x51, bytes(38)) + segment(0x50, bytes(6)) + segment(0x52, bytes(9) + b"\1"), "201"),
        (b"\xff\x4f" + segment(0x51, bytes(38)) + segment(0x50, bytes(6)) + segment(0x52, bytes(10)), "203"),
    ],
)
def test_a_code_stream_tells_its_syntax(start: bytes, syntax: str) -> None:
    assert find_syntax(start) == f"1.2.840.10008.1.2.4.{syntax}"
    for stop in range(len(start)):
        assert find_syntax(start[:stop]) in ("", f"1.2.840.10008.1.2.4.{syntax}")


def test_a_header_of_run_lengths_tells_its_syntax() -> None:
    header = struct.pack("<16I", 2, 64, 100, *[0] * 13)
    assert find_syntax(header) == "1.2.840.10008.1.2.5"
    assert find_syntax(struct.pack("<16I", 16, 64, *[0] * 14)) == find_syntax(header[:50]) == find_syntax(b"") == ""
