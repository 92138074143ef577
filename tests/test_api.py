"""What scripts are given: associations, messages, PDUs, nodes, data sets."""

import re
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest

import dissect
from tests import build
from tests.conftest import ROOT

CAPTURES = ROOT / "captures"
STORE = CAPTURES / "c-store.pcap"


def test_pdus_are_those_of_the_capture_as_often_as_one_asks() -> None:
    capture = dissect.open(STORE)
    for _ in range(2):
        pdus = list(capture.pdus())
        assert [pdu.number for pdu in pdus] == list(range(1, 10))
    last = pdus[-1]
    assert (last.type, last.role, last.frames, last.association) == ("A-RELEASE-RP", "acceptor", [17], 1)
    assert (last.sender, last.receiver) == ("127.0.0.1:4242", "127.0.0.1:48230")
    assert last.time == pytest.approx(1795385846.899147)
    assert (last.info, last.codes, last.node.name) == ("A-RELEASE response", [], "DICOM")
    assert repr(last) == "<PDU 9: A-RELEASE response>"


def test_questions_can_be_asked_at_once() -> None:
    capture = dissect.open(STORE)
    pairs = list(zip(capture.pdus(), capture.pdus("pdu.type == 4"), strict=False))
    assert [(one.number, two.number) for one, two in pairs] == [(1, 3), (2, 4), (3, 5), (4, 6), (5, 7)]


def test_messages_have_names_statuses_and_requests() -> None:
    request, response = dissect.open(CAPTURES / "c-echo.pcap").messages()
    assert (request.name, request.message_id, request.status, request.request) == ("C-ECHO-RQ", 1, None, None)
    assert (request.status_class, request.status_name, request.response_time) == ("", "", None)
    assert (response.name, response.message_id, response.status) == ("C-ECHO-RSP", 1, 0)
    assert (response.status_class, response.status_name) == ("success", "Success")
    assert response.request is not None
    assert response.request.pdu == request.pdu
    assert response.response_time is not None
    assert response.response_time > 0
    assert (response.data, len(response.dataset())) == (b"", 0)
    assert repr(response) == "<C-ECHO-RSP ID=1 (Success), association 1>"


def test_a_message_has_its_data_set_in_three_ways() -> None:
    [message] = dissect.open(STORE).messages("PatientID")
    assert (message.name, message.number, message.association) == ("C-STORE-RQ", 1, 1)
    assert message.sop_class == pydicom.uid.CTImageStorage
    data_set = message.dataset()
    assert (data_set.PatientName, data_set.Rows) == ("Müller^Jörg", 64)
    assert data_set.SOPInstanceUID == message.sop_instance
    assert len(message.data) == 9552
    command, data = message.node.children
    name = data.child("0010,0010")
    assert command.child("0000,0100") is not None
    assert name is not None
    assert (name.value, name.path) == ("Müller^Jörg ", "association.1/c-store-rq.1/data-set/0010,0010")


@pytest.mark.parametrize("name", ["c-store-deflated", "c-store-big-endian", "c-store-rle", "c-store-jpeg", "c-get"])
def test_a_data_set_of_any_syntax_is_read(name: str) -> None:
    for message in dissect.open(CAPTURES / f"{name}.pcap").messages("dimse.cmd == C-STORE-RQ or PatientID"):
        if message.name == "C-STORE-RQ":
            assert message.dataset().PatientID == "SYN-0001"


def test_associations_and_figures_are_given_whole() -> None:
    capture = dissect.open(CAPTURES / "c-move.pcap")
    first, second = capture.associations()
    assert (first.calling, first.called, second.calling, second.called) == (
        "MODALITY",
        "ARCHIVE",
        "ARCHIVE",
        "MODALITY",
    )
    assert first.end.how == "released"
    assert capture.stats()["associations"] == 2


def test_a_port_can_be_named(tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 4242))
    talk.request(*[build.p_data(build.pdv(1, 0, bytes(500)))] * 2)
    path = tmp_path / "late.pcap"
    path.write_bytes(build.pcap(talk.frames))
    assert len(list(dissect.open(path).pdus())) == 0
    assert len(list(dissect.open(path, ports=[4242]).pdus())) == 2


def test_what_cannot_be_read_raises_what_the_package_names(tmp_path: Path) -> None:
    with pytest.raises(dissect.CaptureError, match="no such file"):
        dissect.open(tmp_path / "none.pcap")
    with pytest.raises(dissect.QueryError, match=r"did you mean pdu\.type"):
        next(dissect.open(STORE).pdus("pdu.tpye == 1"))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = dissect.nothing


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; import dissect; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = {name for name in done.stdout.split() if name.startswith(("dissect", "scapy", "pydicom", "textual"))}
    assert ours == {"dissect"}


def test_the_script_of_the_readme_prints_what_stands_below_it() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [(script, printed)] = re.findall(r"```python\n(import dissect\n.*?)```\n\n```text\n(.*?)```", readme, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == printed
