"""Acceptors of pynetdicom that are wrong on purpose, recorded on the spot: what each breaks is found, and named."""

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pydicom import Dataset
from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    PatientRootQueryRetrieveInformationModelFind,
    Verification,
)

from captures.entities import accept, associate, make_acceptor
from captures.images import make_item
from captures.peers import PACKAGES, RecordError, run, tap
from dissect.cli import main
from tests.test_diff_peers import HOST, find_port

NEEDED = ("echoscu", "findscu", "tcpdump")
LACKING = sorted(
    {PACKAGES[name] for name in NEEDED if not shutil.which(name, path="/usr/bin:/usr/local/bin:/usr/sbin")}
)
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"missing programs: apt-get install {' '.join(LACKING)}"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="tcpdump listens on lo for root only"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # a socket that its peer has reset
]

ATTEMPTS = 3
LIMIT = 4096
"""The longest PDU that findscu takes here."""
LONG = "A long remark. " * 600
ENDS = ("-aet", "MODALITY", "-aec", "ARCHIVE", HOST)
KEYS = ("-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID", "-k", "PatientComments")

Record = dict[str, Any]
Scene = Callable[[Path, int], None]
CONTEXTS = [
    (Verification, ImplicitVRLittleEndian),
    (PatientRootQueryRetrieveInformationModelFind, ImplicitVRLittleEndian),
]


def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
    """Answer a query with one match, which needs more than one PDU."""
    yield 0xFF00, make_item(QueryRetrieveLevel="PATIENT", PatientID="SYN-0001", PatientComments=LONG)


def query(*options: str, says: str = "Find Response: 1 (Pending)") -> Scene:
    """Let findscu ask for a patient."""

    def play(pcap: Path, port: int) -> None:
        with accept(make_acceptor(CONTEXTS), port, [(evt.EVT_C_FIND, answer)]), tap(pcap, port):
            run("findscu", *options, *KEYS, *ENDS, str(port), says=says)

    return play


def exceed(pcap: Path, port: int) -> None:
    """Send PDUs that are longer than the peer takes."""
    with patch.object(DIMSEServiceProvider, "maximum_pdu_size", 65536):
        query("--max-pdu", str(LIMIT), says="Find Failed")(pcap, port)


def mistake_message_id(pcap: Path, port: int) -> None:
    """Answer with another message ID than that of the request."""
    send = DIMSEServiceProvider.send_msg

    def send_other(self: DIMSEServiceProvider, primitive: Any, context_id: int) -> None:
        primitive.MessageIDBeingRespondedTo += 4
        send(self, primitive, context_id)

    with (
        accept(make_acceptor(CONTEXTS), port),
        tap(pcap, port),
        patch.object(DIMSEServiceProvider, "send_msg", send_other),
    ):
        run("echoscu", "-td", "2", *ENDS, str(port), says="Echo")


def use_refused_context(pcap: Path, port: int) -> None:
    """Answer in a presentation context that was refused."""
    send = DIMSEServiceProvider.send_msg

    def send_astray(self: DIMSEServiceProvider, primitive: Any, context_id: int) -> None:
        other = context_id + 2 if primitive.MessageIDBeingRespondedTo is not None else context_id
        send(self, primitive, other)

    proposed = [(Verification, ImplicitVRLittleEndian), (CTImageStorage, ImplicitVRLittleEndian)]
    with (
        accept(make_acceptor(CONTEXTS), port),
        tap(pcap, port),
        patch.object(DIMSEServiceProvider, "send_msg", send_astray),
        associate(proposed, port) as association,
    ):
        association.dimse_timeout = 2
        association.send_c_echo()


def keep_silent(pcap: Path, port: int) -> None:
    """Never answer."""
    over = threading.Event()

    def wait(event: evt.Event) -> int:
        over.wait(10)
        return 0

    with accept(make_acceptor(CONTEXTS), port, [(evt.EVT_C_ECHO, wait)]), tap(pcap, port):
        try:
            run("echoscu", "-td", "2", *ENDS, str(port), says="Echo")
        finally:
            over.set()


def abort_strangely(pcap: Path, port: int) -> None:
    """Abort with a reason that is reserved."""

    def abort(event: evt.Event) -> int:
        connection = event.assoc.dul.socket
        assert connection is not None
        assert isinstance(connection.socket, socket.socket)
        connection.socket.sendall(bytes([7, 0, 0, 0, 0, 4, 0, 0, 2, 3]))
        connection.socket.shutdown(socket.SHUT_WR)
        return 0

    with accept(make_acceptor(CONTEXTS), port, [(evt.EVT_C_ECHO, abort)]), tap(pcap, port):
        run("echoscu", *ENDS, str(port), says="aborted")


def check(scene: Scene, folder: Path) -> list[Record]:
    """Record a scene, and give the errors and warnings in it."""
    pcap = folder / "wrong.pcap"
    for attempt in range(1, ATTEMPTS + 1):
        try:
            port = find_port()
            scene(pcap, port)
            break
        except RecordError:  # the port was taken meanwhile, or tcpdump lost a frame
            if attempt == ATTEMPTS:
                raise
    with redirect_stdout(StringIO()) as printed:
        main(["check", "-T", "jsonl", "--severity", "warning", str(pcap)])
    return [{**json.loads(line), "port": port} for line in printed.getvalue().splitlines()]


def name(records: list[Record]) -> list[tuple[str, str | None]]:
    """Give code and culprit of each record."""
    return [(each["code"], each["role"]) for each in records]


def test_a_right_acceptor_is_blamed_for_nothing(tmp_path: Path) -> None:
    assert name(check(query(), tmp_path)) == []


def test_who_exceeds_the_maximum_length_of_its_peer_is_told_of_it(tmp_path: Path) -> None:
    found = check(exceed, tmp_path)
    too_long = [each for each in found if each["code"] == "pdu-too-long"]
    [record] = too_long
    assert record["role"] == "acceptor"
    assert record["side"] == f"{HOST}:{record['port']}"
    assert f"exceeds the {LIMIT} that the requestor announced in frame " in record["text"]
    assert {each["role"] for each in found if each["severity"] == "error"} == {"acceptor"}


def test_who_answers_another_message_id_is_told_of_it(tmp_path: Path) -> None:
    found = check(mistake_message_id, tmp_path)
    assert ("response-unasked", "acceptor") in name(found)
    [record] = [each for each in found if each["severity"] == "error"]
    assert record["text"] == "C-ECHO-RSP to message ID 5, which no request has; C-ECHO-RQ ID=1 waits for one"


def test_who_uses_a_refused_context_is_told_of_it(tmp_path: Path) -> None:
    errors = [each for each in check(use_refused_context, tmp_path) if each["severity"] == "error"]
    assert ("context-refused", "acceptor") in name(errors)
    assert {each["role"] for each in errors} == {"acceptor"}


def test_who_never_answers_is_told_of_it(tmp_path: Path) -> None:
    found = check(keep_silent, tmp_path)
    [record] = [each for each in found if each["code"] == "operation-unanswered"]
    assert record["role"] == "acceptor"
    assert record["text"].startswith("C-ECHO-RQ ID=1 had no final response, for ")
    assert [each for each in found if each["severity"] == "error"] == []


def test_who_aborts_with_a_reserved_reason_is_told_of_it(tmp_path: Path) -> None:
    [record] = [each for each in check(abort_strangely, tmp_path) if each["severity"] == "error"]
    assert (record["code"], record["role"]) == ("abort-reason", "acceptor")
    assert "3" in record["text"]
