"""What `associations` prints: a line each, why contexts were refused, all that is known of each."""

import csv
import io
import json
from pathlib import Path

import pytest

from dissect.association import Context
from dissect.cli import main
from dissect.views.associations import tell_refusals
from tests import build
from tests.build import CT_IMAGE_STORAGE, IMPLICIT
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
    assert (row["requests"], row["failure"], row["end"], row["ended_by"]) == ("3", "3", "released", "requestor")
    assert (row["proposed"], row["accepted"], row["operations"]) == ("1", "1", "C-STORE:3")
    assert [row["first_end"], row["second_end"]] == [side["end"] for side in record["sides"]]
    assert [int(row["first_bytes"]), int(row["second_bytes"])] == [side["bytes"] for side in record["sides"]]


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


def write(folder: Path, talk: build.Talk) -> str:
    """Write a capture of a conversation."""
    path = folder / "talk.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return str(path)


def test_roles_that_the_capture_does_not_tell_are_null(tmp_path: Path) -> None:
    talk = build.Talk().answer(*build.message(1, build.c_echo_rsp())).request(*build.message(1, build.c_echo_rq(2)))
    path = write(tmp_path, talk)
    record = json.loads(run("associations", "-T", "jsonl", path))
    assert (record["requestor"], record["acceptor"]) == (None, None)
    assert [side["role"] for side in record["sides"]] == [None, None]
    [row] = csv.DictReader(io.StringIO(run("associations", "-T", "csv", path)))
    assert (row["requestor"], row["acceptor"]) == ("", "")
    assert "10.0.0.2:104 -- 10.0.0.1:50000" in run("associations", path)


def test_roles_of_a_tls_connection_that_begins_late_are_null(tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 2762)).answer(server_hello()).request(client_hello())
    record = json.loads(run("associations", "-T", "jsonl", write(tmp_path, talk)))
    assert (record["tls"], record["requestor"], [side["role"] for side in record["sides"]]) == (
        True,
        None,
        [None, None],
    )


def test_a_status_that_the_standard_lacks_is_counted_as_other(tmp_path: Path) -> None:
    talk = build.echo_talk(build.Talk())
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(*build.message(1, build.c_echo_rq())).answer(*build.message(1, build.c_echo_rsp(1, 0x1234))).close()
    path = write(tmp_path, talk)
    assert json.loads(run("associations", "-T", "jsonl", path))["operations"][0]["other"] == 1
    assert "C-ECHO 1 (1 with unknown statuses)" in run("associations", path)
    assert "Other" in run("stats", path)


def test_the_median_is_the_same_everywhere(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number, nanoseconds in ((1, 100_000_000), (2, 900_000_000)):
        talk.request(*build.message(1, build.c_echo_rq(number))).wait(nanoseconds)
        talk.answer(*build.message(1, build.c_echo_rsp(number)))
    path = write(tmp_path, talk.close())
    [operation] = json.loads(run("associations", "-T", "jsonl", path))["operations"]
    median = operation["response_time"]["median"]
    assert f"{median:.6f} s (median)" in run("associations", "-V", path)
    assert f"{median:.6f}" in run("stats", path)


def test_of_many_refused_contexts_the_first_are_named() -> None:
    many = {each: Context(each, CT_IMAGE_STORAGE, (IMPLICIT,), result=4) for each in range(1, 41, 2)}
    [told] = tell_refusals(many.values())
    assert told.startswith("refused, Transfer Syntax Unsupported: 0x01 CT Image Storage, 0x03 ")
    assert told.endswith(", 0x0f CT Image Storage, 12 more (-V)")
    assert next(tell_refusals(list(many.values())[:8])).endswith(", 0x0f CT Image Storage")
