"""The command line as a user meets it: what it prints where, and its exit status."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest

from dissect.association import Arrival
from dissect.capture.segments import Capture
from dissect.cli import main, progress
from dissect.cli.arguments import VERBS
from dissect.notes import Finding
from dissect.rules.follower import Follower
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


def test_rules_are_followed_only_where_someone_asks_what_is_broken(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed: list[int] = []

    def follow(_: Follower, arrival: Arrival) -> Sequence[Finding]:
        followed.append(arrival.number)
        return ()

    monkeypatch.setattr(Follower, "follow", follow)
    path, folder = "captures/c-store.pcap", str(tmp_path / "objects")
    assert main(["list", path]) == main(["export", path, "--to", folder]) == 0
    assert not followed
    for words in (["-Y", "dicom.pdu.type == 4"], ["--color", "always"], ["-T", "jsonl"], ["-T", "csv"]):
        assert main(["list", path, *words]) == 0
        assert followed
        followed.clear()
    assert main(["export", path, "--to", folder, "-Y", "dicom.pdu.type == 4"]) == 0
    assert followed


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


# Habits


def test_help_of_every_verb_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ([], *([verb] for verb in VERBS)):
        with pytest.raises(SystemExit) as stopped:
            main([*verb, "--help"])
        assert stopped.value.code == 0
        assert "\n  dissect " in capsys.readouterr().out


def test_only_so_many_pdus_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for words, lines in (
        (["list", "-c", "2"], 2),
        (["list", "-c", "2", "-Y", "pdu.type == 4"], 2),
        (["list", "-c", "50"], 9),
    ):
        main([*words, str(SCENE)])
        assert len(capsys.readouterr().out.splitlines()) == lines
    main(["show", "-c", "1", "--path", "*/*/pdv.1/0000,0900", str(SCENE)])
    assert capsys.readouterr().out.count("(0000,0900)") == 1
    for count in ("0", "-1", "x", "1.5"):
        with pytest.raises(SystemExit):
            main(["list", "-c", count, str(SCENE)])


def test_a_filter_that_cannot_be_read_is_trouble_before_the_capture_is_opened(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = expect_trouble(capsys, "list", "-Y", "pdu.tpye == 4", "nowhere.pcap")
    assert line == "dissect: -Y: column 1: pdu.tpye is no field and no element; did you mean pdu.type?"
    assert "-e: column 1: x.y is no field" in expect_trouble(capsys, "list", "-e", "x.y", str(SCENE))
    assert "name the fields, each with -e" in expect_trouble(capsys, "list", "-T", "fields", str(SCENE))


def test_a_filter_that_holds_for_nothing_is_told_and_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in ("list", "show", "associations", "stats"):
        assert main([verb, "-Y", "pdu.type == 7", str(SCENE)]) == 0
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err == "dissect: -Y: holds for none of 9 PDUs\n"


def test_a_path_that_is_nowhere_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--path", "association.9", str(SCENE)]) == 0
    assert capsys.readouterr().err == "dissect: --path: nothing in 9 PDUs has this path\n"


@pytest.mark.parametrize(("setting", "painted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_lines_are_painted_on_a_terminal_unless_the_environment_forbids_it(
    setting: dict[str, str], painted: bool
) -> None:
    printed = run_on_terminal(["list", str(SCENE)], {"TERM": "xterm", "COLUMNS": "200"} | setting)
    assert (b"\x1b[" in printed) is painted


def run_on_terminal(words: list[str], environment: dict[str, str]) -> bytes:
    """Run the program on a terminal of its own, and give all that it prints there."""
    pty = pytest.importorskip("pty")
    control, terminal = pty.openpty()
    for name in ("NO_COLOR", "PAGER", "LESS"):
        environment.setdefault(name, "")
    command = [sys.executable, "-m", "dissect", *words]
    program = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=os.environ | environment, start_new_session=True
    )
    os.close(terminal)
    found = b""
    with program:
        while True:
            try:
                piece = os.read(control, 1 << 16)
            except OSError:  # the terminal's last user has gone
                break
            if not piece:
                break
            found += piece
    os.close(control)
    assert program.returncode == 0
    return found


def test_a_file_is_shown_in_the_pager_on_a_terminal_where_options_are_those_of_show(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    pager = f'{sys.executable} -c \'import sys; open("{seen}", "w").write(sys.stdin.read())\''
    printed = run_on_terminal(["--full", str(SCENE)], {"TERM": "xterm", "PAGER": pager})
    assert printed == b""
    assert "Siemens Healthineers" in seen.read_text()
    assert "\x1b[1mPDU 1, " in seen.read_text()
    printed = run_on_terminal(["--full", str(SCENE)], {"TERM": "xterm", "PAGER": "no-such-pager"})
    assert b"Siemens Healthineers" in printed


def test_progress_is_drawn_on_a_terminal_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = StringIO()
    drawn.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(sys, "stderr", drawn)
    with progress.Progress(Capture(SCENE), on=True):
        while "\r" not in drawn.getvalue():
            time.sleep(0.01)
    assert drawn.getvalue().endswith("\r\x1b[K")
    assert "of 0 MB" in drawn.getvalue()
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress.Progress(Capture(SCENE), on=True) as off:
        assert off._thread is None


def test_how_far_a_capture_was_read_is_told_in_a_line() -> None:
    assert (
        progress.tell(50_000_000, 200_000_000, 0.5) == "[######                  ]  25% of 200 MB, 100 MB/s, 2 s left"
    )
    assert progress.tell(0, 0, 0.0).startswith("[####")


def test_ctrl_c_ends_with_130_and_without_noise(tmp_path: Path) -> None:
    code = (
        "import sys, dissect.capture.segments as capture; from dissect.cli import main\n"
        "def interrupt(self): raise KeyboardInterrupt\n"
        "capture.Capture.pull_segments = interrupt\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    for words in (["list"], ["stats"], ["export", "--to", str(tmp_path / "out")]):
        done = subprocess.run([sys.executable, "-c", code, *words, str(SCENE)], capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (130, b"")
        assert b"Traceback" not in done.stderr
        assert done.stderr == b"" or words[0] == "export"


def test_letters_that_the_output_lacks_are_escaped() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [
        sys.executable,
        "-m",
        "dissect",
        "list",
        "-e",
        "PatientName",
        "-Y",
        "PatientName",
        str(CAPTURES / "c-store.pcap"),
    ]
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert done.stdout == b"M\\xfcller^J\\xf6rg\n"
    stats = subprocess.run([*command[:3], "stats", str(SCENE)], capture_output=True, env=environment, check=True)
    assert stats.stdout.isascii()


def test_fields_and_elements_are_found_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fields"]) == 0
    assert "dimse.status" in capsys.readouterr().out
    assert main(["fields", "patient", "birth"]) == 0
    assert "PatientBirthDate                           (0010,0030) Patient's Birth Date\n" in capsys.readouterr().out
    for words in (["0010,0030"], ["(0010,0030)"], ["Patient's Birth Date"]):
        assert main(["fields", *words]) == 0
        assert capsys.readouterr().out.startswith("PatientBirthDate ")
    assert main(["fields", "no-such-word"]) == 0
    assert capsys.readouterr().err == "dissect: no field and no element has no-such-word in its name\n"
    main(["fields", "sequence"])
    assert "more elements; name more of the keyword" in capsys.readouterr().out


def test_every_verb_reads_standard_input_compressed_or_not() -> None:
    data = gzip.compress(SCENE.read_bytes())
    for words in (["list"], ["show"], ["associations"], ["stats"], ["list", "-Y", "assoc.end == released"]):
        assert run(*words, "-", data=data).stdout == run(*words, "-", data=SCENE.read_bytes()).stdout != b""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["lst", str(SCENE)], "no verb and no file lst; did you mean list?"),
        (["list", "-Z", str(SCENE)], "list: unknown: -Z; dissect list --help tells more"),
        (["list", "-T", "json", str(SCENE)], "choose from 'text', 'csv', 'jsonl', 'fields'"),
        (["export", str(SCENE), "--to", ""], "--to: name the folder to write into"),
        (["schema"], "the following arguments are required: NAME"),
    ],
)
def test_arguments_that_cannot_be_used_are_blamed_in_a_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(words)
    except SystemExit as stopped:
        status = int(str(stopped.code))
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    [line] = printed.err.splitlines()
    assert told in line


def test_options_may_stand_before_a_file_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", "1", str(SCENE)]) == 0
    assert capsys.readouterr().out.count("PDU Type") == 1
    with pytest.raises(SystemExit):
        main(["help"])
    assert "VERB" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_behind_standard_output_is_told_in_a_line() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dissect", "list", str(SCENE)], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (2, b"dissect: standard output: No space left on device\n")


def test_a_secret_is_masked_among_the_bytes_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    user = build.user_information(build.maximum_length(16384), build.user_identity(2, b"user", b"hush"))
    token = build.user_information(build.maximum_length(16384), build.user_identity(5, b"bearer"))
    talk = build.Talk().open().request(build.associate_rq(user=user), build.associate_rq(user=token)).close()
    path = write_capture(tmp_path, talk)
    main(["show", "-x", path])
    printed = capsys.readouterr().out
    assert ("hush" not in printed, "bearer" not in printed, b"hush".hex(" ") not in printed) == (True, True, True)
    assert "** **" in printed
    main(["show", "-x", "--reveal", path])
    printed = capsys.readouterr().out
    assert "Primary Field: bearer" in printed
    assert "** **" not in printed


def test_many_files_are_counted_and_not_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    talk = build.Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").close()
    assert "5 files: no DICOM found" in expect_trouble(capsys, "list", *[write_capture(tmp_path, talk)] * 5)


def test_an_interrupted_export_says_that_it_can_be_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dissect.export.encode_head", interrupt)
    assert main(["export", str(CAPTURES / "c-store.pcap"), "--to", str(tmp_path / "out")]) == 130
    assert "the rest comes when it is run again" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
