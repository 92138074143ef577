"""What `associations` prints: a line each, why contexts were refused, all that is known of each."""

import csv
import io
import json
from pathlib import Path

import pytest

from dissect.cli import main
from tests import build
from tests.conftest import ROOT
from tests.outcome import run
from tests.test_tls import client_hello, server_hello

CAPTURES = ROOT / "captures"


def list_lines(name: str, *words: str) -> list[str]:
    """Give the lines of a recorded capture without the one of titles."""
    return run("associations", *words, str(CAPTURES / f"{name}.pcap")).splitlines()[1:]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "c-store",
            ["MODALITY -> ARCHIVE", "127.0.0.1:48230 -> 127.0.0.1:4242", " 1/2 ", "C-STORE 1 ", "released by req"],
        ),
        ("c-store-refused", ["C-STORE 3 (3 failed)"]),
        ("c-store-warning", ["with warnings)"]),
        ("c-find-cancelled", ["(1 cancelled)"]),
        ("aborted-by-acceptor", ["C-ECHO 1 (1 unanswered)", "aborted by acceptor (user)"]),
        ("rejected", [" 0/1 ", "none", "rejected by acceptor (Called AE title not recognized)"]),
    ],
)
def test_a_line_tells_what_happened(name: str, words: list[str]) -> None:
    line, *_ = list_lines(name)
    assert all(word in line for word in words), line


def test_refused_contexts_stand_below_by_reason() -> None:
    _, *under = list_lines("negotiation")
    assert [line.strip() for line in under] == [
        "refused, User Reject: 0x09 Computed Radiography Image Storage",
        "refused, Abstract Syntax Unsupported: 0x0b Basic Text SR Storage",
    ]


def test_all_that_is_known_is_told_on_demand() -> None:
    printed = run("associations", "-V", str(CAPTURES / "c-store.pcap"))
    for line in (
        "Association 1, MODALITY -> ARCHIVE, 127.0.0.1:48230 -> 127.0.0.1:4242\n",
        "    Presentation contexts: 2 proposed, 1 accepted\n",
        "        0x01 refused (Transfer Syntax Unsupported): CT Image Storage, offered Explicit VR Little Endian\n",
        "        C-STORE 1, CT Image Storage; answered after 0.000408 s in PDU 7\n",
        "    Sent by requestor: 10050 bytes, 115 kB/s\n",
        "    Round trip: 0.000024 s (TCP handshake)\n",
        "    End: released by requestor\n",
        "    Connection, 127.0.0.1:48230 -> 127.0.0.1:4242, frames 1 to 18, association 1\n",
    ):
        assert line in printed


def test_a_filter_keeps_the_associations_of_which_a_pdu_is_found() -> None:
    move = str(CAPTURES / "c-move.pcap")
    titles = [json.loads(line)["calling"] for line in run("associations", "-T", "jsonl", move).splitlines()]
    assert titles == ["MODALITY", "ARCHIVE"]
    [line] = run("associations", "-T", "jsonl", "-Y", "dimse.cmd == C-STORE-RQ", move).splitlines()
    assert json.loads(line)["calling"] == "ARCHIVE"
    assert json.loads(line)["operations"][0]["requests"] == 3


def test_csv_tells_the_same_as_json() -> None:
    path = str(CAPTURES / "c-store-refused.pcap")
    [row] = csv.DictReader(io.StringIO(run("associations", "-T", "csv", path)))
    [record] = map(json.loads, run("associations", "-T", "jsonl", path).splitlines())
    for key in ("association", "calling", "called", "requestor", "acceptor", "start", "duration", "pdus", "round_trip"):
        assert row[key] == str(record[key])
    assert (row["requests"], row["failed"], row["end"], row["ended_by"]) == ("3", "3", "released", "requestor")
    assert (row["proposed"], row["accepted"], row["operations"]) == ("1", "1", "C-STORE:3")
    assert [int(row[f"bytes_{role}"]) for role in record["bytes"]] == list(record["bytes"].values())


def write_tls(folder: Path) -> str:
    """Write a capture of a connection that is TLS."""
    talk = build.Talk(acceptor=("10.0.0.2", 2762)).open().request(client_hello()).answer(server_hello()).close()
    path = folder / "tls.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return str(path)


def test_a_connection_that_is_tls_has_a_line_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_tls(tmp_path)
    assert main(["associations", path]) == 0
    printed = capsys.readouterr()
    assert "TLS" in printed.out.splitlines()[1]
    assert "no DICOM found" in printed.err
    record = json.loads(run("associations", "-T", "jsonl", path))
    assert (record["association"], record["tls"], record["end"]) == (None, True, None)
    [row] = csv.DictReader(io.StringIO(run("associations", "-T", "csv", path)))
    assert (row["tls"], row["association"]) == ("True", "")
    assert "Connection, " in run("associations", "-V", path)


def test_a_narrow_terminal_has_lines_that_are_not_wider(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from dissect.cli.session import Session  # noqa: PLC0415 (loaded by the program only when it runs)

    monkeypatch.setattr(Session, "width", property(lambda _: 100))
    main(["associations", str(CAPTURES / "rejected.pcap")])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_what_a_capture_says_is_escaped(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq(called="A\x1b[31mB", calling="\x9b\n")).close()
    path = tmp_path / "evil.pcap"
    path.write_bytes(build.pcap(talk.frames))
    for words in ([], ["-V"], ["-T", "csv"], ["-T", "jsonl"]):
        printed = run("associations", *words, str(path))
        assert not {"\x1b", "\x9b"} & set(printed)
