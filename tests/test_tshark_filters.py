"""Filters held against tshark's: the same question gives the same frames."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.query import Filter
from dissect.reading import Reading
from tests.conftest import ROOT

NAMES = (
    "aborted-by-acceptor", "c-find", "c-find-worklist", "c-find-studies", "c-get", "c-move", "c-store",
    "c-store-explicit", "c-store-refused", "mpps", "negotiation", "rejected", "storage-commitment",
)  # fmt: skip

ASKED_ALIKE = (
    "dicom",
    "dicom.pdu.type == 1",
    "dicom.pdu.type != 4",
    "dicom.pdu.type in {1, 5..7}",
    "dicom.pdu.len in {200..900}",
    "dicom.pdu.len >= 88 && dicom.pdu.type == 4",
    "dicom.pdu.type == 6 or dicom.pdv.len < 100",
    "dicom.pdv.ctx == 3",
    "dicom.pdv.flags == 2",
    "dicom.pctx.id == 5",
    "dicom.pctx.result == 3",
    "dicom.pctx.result === 0",
    'dicom.pctx.abss.syntax contains "Verification"',
    'dicom.pctx.xfer.syntax contains "1.2.840.10008.1.2.1"',
    'dicom.assoc.ae.calling contains "MODALITY"',
    'dicom.assoc.ae.called matches "^arch"',
    "dicom.assoc.item.type == 0x54",
    "dicom.max_pdu_len > 16382",
    "dicom.userinfo.version",
    "dicom.userinfo.rolesel.scprole == 1",
    "dicom.userinfo.asyncneg.maxnumopsinv == 4",
    "dicom.assoc.reject.reason == 7",
    "dicom.assoc.abort.source == 0",
    "dicom.tag == 0x00100020",
    "dicom.tag == 0x00100020 and dicom.tag == 0x00100010",
    'dicom.tag.value.str == "SYN-0002"',
    'dicom.tag.value.str contains "Doe"',
    'dicom.tag.value.str matches r"^doe\\^j"',
    "dicom.tag.value.16u == 0xff00",
    "dicom.tag.value.16u in {0x8001, 0x8020..0x8021}",
    "tcp.stream == 2 and dicom",
    "tcp.port == 11112 and dicom",
    "tcp.srcport != 11112 and dicom",
    "ip.addr == 127.0.0.0/8 and dicom.pdu.type == 2",
    "frame.number > 40 and frame.number < 90 and dicom",
)
"""What both languages have, with the same meaning."""

BINDING = {
    'PatientID == "SYN-0002"': 'dicom.tag == 0x00100020 and dicom.tag.value.str == "SYN-0002"',
    "Status == 0xff00": "dicom.tag == 0x00000900 and dicom.tag.value.16u == 0xff00",
    "dimse.cmd == C-STORE-RQ": "dicom.tag == 0x00000100 and dicom.tag.value.16u == 1 and dicom.pdv.flags == 3",
}
"""What tshark can only ask without binding a value to its tag: it finds no less, and may find more."""


@pytest.fixture(scope="module")
def merged(tshark: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give several captures as one."""
    mergecap = shutil.which("mergecap")
    if mergecap is None:
        pytest.skip("no mergecap: apt-get install tshark")
    path = tmp_path_factory.mktemp("merged") / "all.pcapng"
    files = [str(ROOT / "captures" / f"{name}.pcap") for name in NAMES]
    subprocess.run([mergecap, "-w", str(path), *files], check=True)
    return path


def ask_tshark(tshark: str, path: Path, text: str) -> set[int]:
    """Give the frames for which tshark's filter holds."""
    options = [
        "-o",
        "dicom.tag_tree:TRUE",
        "-o",
        "tcp.reassemble_out_of_order:TRUE",
        "-d",
        "tcp.port==11112,dicom",
        "-d",
        "tcp.port==4242,dicom",
    ]
    command = [tshark, "-r", str(path), *options, "-Y", text, "-T", "fields", "-e", "frame.number"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(map(int, done.stdout.split()))


def ask(path: Path, text: str) -> set[int]:
    """Give the frames that complete the PDUs for which our filter holds."""
    return {subject.arrival.pdu.frame for subject in Reading(Capture(path), Config(), Filter(text))}


@pytest.mark.parametrize("text", ASKED_ALIKE)
def test_a_question_that_both_understand_gives_the_same_frames(tshark: str, merged: Path, text: str) -> None:
    found = ask(merged, text)
    assert found
    assert found == ask_tshark(tshark, merged, text)


@pytest.mark.parametrize(("ours", "theirs"), BINDING.items())
def test_a_value_that_is_bound_to_its_element_is_found_where_tshark_finds_tag_and_value(
    tshark: str, merged: Path, ours: str, theirs: str
) -> None:
    found = ask(merged, ours)
    assert found
    assert found <= ask_tshark(tshark, merged, theirs)
