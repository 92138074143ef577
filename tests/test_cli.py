"""The command line as a user meets it: what it prints where, and its exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dissect.cli import main
from tests import build

CAPTURES = Path(__file__).parent.parent / "captures"
SCENE = CAPTURES / "c-find.pcap"


def run(*arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the program as its own process."""
    return subprocess.run([sys.executable, "-m", "dissect", *arguments], input=data, capture_output=True, check=False)


def write_capture(folder: Path, talk: build.Talk) -> str:
    """Write a conversation as a capture file."""
    path = folder / "talk.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return str(path)


def expect_trouble(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run and give the one line on standard error that goes with exit status 2."""
    assert main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_a_file_alone_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    main([str(SCENE)])
    alone = capsys.readouterr().out
    main(["show", str(SCENE)])
    assert alone == capsys.readouterr().out


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.pcap: no such file" in expect_trouble(capsys, "show", "nowhere.pcap")


def test_a_directory_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert f"{tmp_path}: a directory" in expect_trouble(capsys, "list", str(tmp_path))


def test_an_empty_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.pcap"
    empty.touch()
    assert f"{empty}: the file is empty" in expect_trouble(capsys, "show", str(empty))


def test_a_file_that_is_no_capture_is_named_with_its_first_bytes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    assert f"{other}: not a capture: it begins with 68 65 6c 6c" in expect_trouble(capsys, "show", str(other))


def test_a_capture_without_dicom_says_how_many_connections_there_are_and_how_to_name_a_port(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").close()
    line = expect_trouble(capsys, "show", write_capture(tmp_path, talk))
    assert "no DICOM found (7 frames, 1 TCP connection)" in line
    assert "-d tcp.port==N,dicom" in line


def test_connections_that_are_tls_are_counted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 2762)).open().request(b"\x16\x03\x01\x00\x05hello").close()
    assert "1 TCP connection, 1 of them TLS" in expect_trouble(capsys, "list", write_capture(tmp_path, talk))


def test_a_capture_that_starts_late_is_read_on_any_port_where_it_holds_a_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 4242)).request(b"the end of a PDU")
    talk.request(*build.message(1, build.c_echo_rq())).answer(*build.message(1, build.c_echo_rsp()))
    assert main(["list", write_capture(tmp_path, talk)]) == 0
    assert [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()] == [
        "16 bytes before the first PDU",
        "C-ECHO-RQ ID=1",
        "C-ECHO-RSP ID=1 (Success)",
    ]


def test_a_capture_that_starts_late_and_holds_no_command_is_read_on_a_port_that_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 4242))
    talk.request(*[build.p_data(build.pdv(1, 0, bytes(500)))] * 2)
    path = write_capture(tmp_path, talk)
    assert main(["list", path]) == 2
    capsys.readouterr()
    assert main(["list", "-d", "tcp.port==4242,dicom", path]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    "port", ["tcp.port==,dicom", "tcp.port==0,dicom", "tcp.port==65536,dicom", "104", "udp.port==1,dicom"]
)
def test_a_port_of_another_form_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["list", "-d", port, str(SCENE)])
    assert stopped.value.code == 2
    assert "tcp.port==N,dicom" in capsys.readouterr().err


def test_a_file_cut_short_is_shown_as_far_as_it_goes_and_said_to_be_cut(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(SCENE.read_bytes()[:-30])
    assert main(["list", str(cut)]) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 9
    assert printed.err == f"dissect: {cut}: cut short in record 20, 52 bytes incomplete\n"


def test_standard_input_is_a_capture() -> None:
    done = run("list", "-", data=SCENE.read_bytes())
    assert done.stdout == run("list", str(SCENE)).stdout
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_line_of_jsonl_is_an_object_with_the_schema_first() -> None:
    lines = run("list", "-T", "jsonl", str(SCENE)).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    keys = [
        "schema",
        "pdu",
        "frames",
        "time",
        "association",
        "from",
        "source",
        "destination",
        "type",
        "length",
        "info",
        "notes",
    ]
    assert all(list(record) == keys and record["schema"] == 1 for record in records)
    assert [record["pdu"] for record in records] == list(range(1, 10))


def test_info_is_the_text_of_show_after_dicom(capsys: pytest.CaptureFixture[str]) -> None:
    for capture in sorted(CAPTURES.glob("*.pcap*")):
        main(["show", str(capture)])
        shown = [line[7:] for line in capsys.readouterr().out.splitlines() if line.startswith("DICOM, ")]
        main(["list", "-T", "jsonl", str(capture)])
        assert [json.loads(line)["info"] for line in capsys.readouterr().out.splitlines()] == shown


def test_a_closed_pipe_makes_no_noise(tmp_path: Path) -> None:
    talk = build.echo_talk()
    for port in range(50001, 50400):
        talk.frames += build.echo_talk(build.Talk(requestor=("10.0.0.1", port))).frames
    path = write_capture(tmp_path, talk)
    program = subprocess.Popen(
        [sys.executable, "-m", "dissect", "show", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    assert program.stderr is not None
    with program, program.stdout as output, program.stderr as errors:
        output.readline()
        output.close()
        assert errors.read() == b""


def test_version_and_help_import_neither_scapy_nor_pydicom_nor_textual() -> None:
    code = (
        "import sys; from dissect.cli import main\n"
        "try: main([sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print(*sorted({'scapy', 'pydicom', 'textual', 'json', 'dissect.tree'} & set(sys.modules)), file=sys.stderr)"
    )
    for option in ("--version", "--help"):
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, check=True)
        assert done.stderr == b"\n"
        assert done.stdout


def test_showing_a_capture_does_not_import_the_pydicom_package() -> None:
    code = "import sys; from dissect.cli import main; main(['show', sys.argv[1]]); sys.exit('pydicom' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", code, str(SCENE)], capture_output=True, env=environment, check=False)
    assert done.returncode == 0


def test_nothing_from_a_capture_reaches_the_terminal_unescaped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m\nPDU 99"
    data = build.element(0x00100010, "PN", evil.encode(), syntax=build.IMPLICIT)
    talk = build.store_talk(data, talk=build.Talk())
    request = build.associate_rq(called="A\x1b[31mB")
    talk.frames += build.Talk(requestor=("10.0.0.9", 50001)).open().request(request).close().frames
    path = write_capture(tmp_path, talk)
    for arguments in (["show", "--full", path], ["list", path], ["list", "-T", "jsonl", path]):
        main(arguments)
        printed = capsys.readouterr().out
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(printed)
        assert "\nPDU 99" not in printed


def test_a_passcode_is_masked_unless_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    user = build.user_information(build.maximum_length(16384), build.user_identity(2, b"user", b"hush"))
    talk = build.Talk().open().request(build.associate_rq(user=user)).close()
    path = write_capture(tmp_path, talk)
    main(["show", "--full", path])
    assert "hush" not in capsys.readouterr().out
    main(["show", "--reveal", path])
    assert "Secondary Field: hush\n" in capsys.readouterr().out


def test_values_whole_are_texts_uncut_and_binary_ones_with_their_first_bytes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = build.text(0x00081030, "LO", "x" * 64) + build.element(0x7FE00010, "OW", bytes(range(20)))
    path = write_capture(tmp_path, build.store_talk(data))
    main(["show", path])
    short = capsys.readouterr().out
    assert "x" * 50 + "...\n" in short
    assert "(binary)\n" in short
    main(["show", "--full", path])
    whole = capsys.readouterr().out
    assert " " + "x" * 64 + "\n" in whole
    assert " 20 bytes: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ...\n" in whole


def test_a_connection_of_no_interest_is_not_heard_of_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 8080)).open().request(b"\1\0").answer(b"\1\0")
    assert "no DICOM found (5 frames, 1 TCP connection)" in expect_trouble(
        capsys, "list", write_capture(tmp_path, talk)
    )
