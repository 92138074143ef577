import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from dissect.cli import main
from tests.build import SYN, Frame, Talk, echo_talk, pcap, pcapng
from tests.test_datagrams import cut_v4
from tests.test_tls import ANSWERED, SAID

ECHO = echo_talk().frames
PLAIN = pcap(ECHO)
CUT = [len(frame.data) - 100 for frame in ECHO if len(frame.data) > 100]
ESP = Frame(0, bytes(12) + b"\x08\0" + b"\x45\0\0\x3c" + bytes(5) + b"\x32" + bytes(50))
SILENT = Talk().open().frames[0]
WEB = Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").close().frames


def refuse(*ports: int, by: str = "10.0.0.2", requestor: str = "10.0.0.3") -> list[Frame]:
    """Ask for a connection to each port in vain."""
    talks = [Talk((requestor, 50100 + at), (by, port)) for at, port in enumerate(ports)]
    return [frame for talk in talks for frame in talk.send(True, SYN).reset(False).frames]


def tell(folder: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Give what `list` says on standard error of a capture that holds DICOM."""
    path = folder / "capture"
    path.write_bytes(data)
    assert main(["list", str(path)]) == 0
    return [line.removeprefix(f"dissect: {path}: ") for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(PLAIN, [], id="nothing"),
        pytest.param(
            gzip.compress(PLAIN)[:-4],
            ["its compressed data is damaged or cut short; read as far as it goes"],
            id="gzip",
        ),
        pytest.param(PLAIN[:-3], ["cut short in record 12, 67 bytes incomplete"], id="cut short"),
        pytest.param(
            pcapng(ECHO[:6]) + bytes(20) + pcapng(ECHO[6:])[60:],
            ["damaged in 1 place, first behind record 6; 20 bytes passed over"],
            id="damaged",
        ),
        pytest.param(
            PLAIN[:35] + b"\xff" + PLAIN[36:],
            [f"damaged in 1 place, first before all records; {len(pcap(ECHO[:1])) - 24} bytes passed over"],
            id="damaged at the start",
        ),
        pytest.param(
            pcap(ECHO, cut=100),
            [f"{len(CUT)} frames cut by the snap length, {sum(CUT)} bytes missing"],
            id="snap length",
        ),
        pytest.param(pcap([*ECHO, ESP, ESP]), ["2 frames not read: 2 of IP protocol 50 (IPsec ESP)"], id="unread"),
        pytest.param(
            pcap([*ECHO, *(Frame(0, data) for data in cut_v4()[1:])]),
            ["1 IP packet not read, for fragments are missing"],
            id="fragments",
        ),
        pytest.param(
            pcap([frame for frame in ECHO for _ in range(2)]),
            ["6 segments captured twice, as some mirror ports do"],
            id="doubled",
        ),
        pytest.param(
            pcap([*ECHO, *refuse(104, 104, 11112, 80, 4242)]),
            [
                "10.0.0.2:104 refused 2 TCP connections from 10.0.0.3, the first in frame 13",
                "10.0.0.2:11112 refused 1 TCP connection from 10.0.0.3, the first in frame 17",
            ],
            id="refused on ports of DICOM",
        ),
        pytest.param(
            pcap([*ECHO, *refuse(4242, requestor="10.0.0.1"), *refuse(4006, by="10.0.0.1", requestor="10.0.0.2")]),
            [
                "10.0.0.2:4242 refused 1 TCP connection from 10.0.0.1, the first in frame 13",
                "10.0.0.1:4006 refused 1 TCP connection from 10.0.0.2, the first in frame 15",
            ],
            id="refused between peers, in either direction",
        ),
        pytest.param(
            pcap([*ECHO, *refuse(104, 11112, 2761, 2762, 2762)]),
            [
                "10.0.0.2:2762 refused 2 TCP connections from 10.0.0.3, the first in frame 19",
                "10.0.0.2:104 refused 1 TCP connection from 10.0.0.3, the first in frame 13",
                "10.0.0.2:11112 refused 1 TCP connection from 10.0.0.3, the first in frame 15",
                "1 TCP connection more, of other pairs, asked for in vain",
            ],
            id="refused by many",
        ),
    ],
)
def test_each_fault_is_told_once_with_counts(
    data: bytes, told: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell(tmp_path, data, capsys) == told


def test_packets_of_an_interface_that_is_not_described_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(pcapng(ECHO))
    data[len(pcapng(ECHO[:11])) + 8] = 1
    assert tell(tmp_path, bytes(data), capsys) == ["1 packet of an interface that is not described, not read"]


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        pytest.param(
            WEB, "(7 frames, 1 TCP connection); name its port with -d tcp.port==N,dicom if it starts late", id="web"
        ),
        pytest.param([], "(0 frames, 0 TCP connections)", id="nothing"),
        pytest.param(
            [*WEB, ESP], "(8 frames, 1 TCP connection, 1 frame not read: 1 of IP protocol 50 (IPsec ESP))", id="unread"
        ),
        pytest.param(
            Talk().open().request(SAID).answer(ANSWERED).frames,
            "(5 frames, 1 TCP connection, 1 of them TLS); dissect associations lists",
            id="tls",
        ),
        pytest.param(
            [WEB[0], Talk(acceptor=("10.0.0.2", 80)).reset(False).frames[0]],
            "(2 frames, 1 TCP connection, 10.0.0.2:80 refused 1 TCP connection from 10.0.0.1, the first in frame 1)",
            id="refused",
        ),
        pytest.param(
            [
                *Talk().open().frames,
                *Talk(("10.0.0.1", 50001)).send(True, SYN).frames,
                *Talk(("10.0.0.1", 50002)).wait(4 * 10**9).send(True, SYN).reset(False).frames,
                *Talk(("10.0.0.1", 50003), start=ECHO[0].time_ns + 9 * 10**9).send(True, SYN).frames,
            ],
            "(7 frames, 4 TCP connections, 10.0.0.2:104 refused 1 TCP connection and did not answer 1 TCP connection "
            "from 10.0.0.1, the first in frame 4, nothing said in 2 TCP connections that opened); see that",
            id="refused, not answered, silent",
        ),
        pytest.param(
            [SILENT, Frame(SILENT.time_ns + 4 * 10**9, SILENT.data)],
            "(2 frames, 1 TCP connection, 10.0.0.2:104 did not answer 1 TCP connection from 10.0.0.1, "
            "the first in frame 1); see that the host runs",
            id="not answered",
        ),
    ],
)
def test_where_there_is_no_dicom_a_line_says_what_there_is(
    frames: list[Frame], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(frames))
    for verb in ("show", "list"):
        assert main([verb, str(path)]) == 2
        printed = capsys.readouterr()
        [line] = printed.err.splitlines()
        assert printed.out == ""
        assert line.startswith(f"dissect: {path}: no DICOM found {told}")


def test_several_files_are_named_together(tmp_path: Path) -> None:
    paths = [tmp_path / "one", tmp_path / "other"]
    for path in paths:
        path.write_bytes(pcap(WEB))
    command = [sys.executable, "-m", "dissect", "list", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"dissect: {paths[0]}, {paths[1]}: no DICOM found (14 frames, ")
