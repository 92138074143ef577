"""What several tests need: the recorded captures, tshark, and ways to read frames that a test has encoded."""

import gc
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dissect.capture.segments import Capture
from dissect.dicom.framing import Framer
from dissect.dicom.pdu import Pdu
from dissect.tcp.connections import Streams
from dissect.tcp.streams import Connection, Stream
from tests.build import ACK, Frame, Talk, pcap, segment
from tests.recipes import OTHERS

os.environ["DISSECT_CONFIG"] = ""  # nobody's own settings

ROOT = Path(__file__).parents[1]
RECORDED = [path for path in sorted((ROOT / "captures").glob("*.pcap*")) if not path.name.startswith("built-")]
BUILT = sorted((ROOT / "captures").glob("built-*"))


def list_captures() -> list[object]:
    """Give a parameter for each recorded capture, and a skipped one where those of others are not there."""
    reason = f"no captures of profuzzbench in {OTHERS.relative_to(ROOT.parent)} beside the project"
    others: list[object] = [*sorted(OTHERS.glob("*.pcap"))] or [
        pytest.param(OTHERS, marks=pytest.mark.skip(reason=reason))
    ]
    return [*RECORDED, *others]


@pytest.fixture(scope="session", params=list_captures(), ids=lambda path: path.name)
def recorded(request: pytest.FixtureRequest) -> Path:
    """Give a recorded capture: clean, no frame lost, none out of order."""
    path = request.param
    assert isinstance(path, Path)
    return path


@pytest.fixture(scope="session", params=[*list_captures(), *BUILT], ids=lambda path: path.name)
def captured(request: pytest.FixtureRequest) -> Path:
    """Give a capture, recorded or built."""
    path = request.param
    assert isinstance(path, Path)
    return path


@pytest.fixture(scope="session")
def tshark() -> str:
    """Give the path of tshark."""
    path = shutil.which("tshark")
    if path is None:
        pytest.skip("no tshark: apt-get install tshark")
    return path


HANDSHAKE = Talk().open().frames
"""SYN, SYN-ACK and ACK: frames 1 to 3 of a connection whose other frames are a `piece` each."""


def piece(data: bytes, start: int, stop: int, flags: int = ACK, *, by_requestor: bool = True, ack: int = 0) -> Frame:
    """Encode the segment with a range of what one side says, of whose peer's bytes it acknowledges `ack`."""
    talk = Talk()
    source, destination = (talk.requestor, talk.acceptor) if by_requestor else (talk.acceptor, talk.requestor)
    ours, theirs = talk.isn if by_requestor else talk.isn[::-1]
    return Frame(talk.start, segment(source, destination, ours + 1 + start, theirs + 1 + ack, flags, data[start:stop]))


def open_bytes(data: bytes) -> Capture:
    """Open the encoded bytes of a capture file."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "capture")
        path.write_bytes(data)
        return Capture(path)


def follow_frames(frames: Iterable[Frame]) -> list[Connection]:
    """Read Ethernet frames to their end, and give their TCP connections in the order of their first frames."""
    streams = Streams(open_bytes(pcap(frames)))
    return list(dict.fromkeys(stream.connection for stream, _ in streams))


def follow_requestor(frames: Iterable[Frame]) -> Stream:
    """Read the frames of one connection to their end, and give the stream of the side that sent the first one."""
    [connection] = follow_frames(frames)
    return connection.streams[0]


def cut_frames(frames: Iterable[Frame]) -> list[Pdu]:
    """Read Ethernet frames to their end, and give the PDUs of all streams in the order in which they are complete."""
    framers: dict[Stream, Framer] = {}
    pdus: list[Pdu] = []
    for stream, frame in Streams(open_bytes(pcap(frames))):
        if stream not in framers:
            framers[stream] = Framer(stream)
        pdus += framers[stream].frame_pdus(frame)
    return pdus


LONGEST = ("test_wrapping", "test_oracles", "test_tui", "test_captures", "test_disguise", "test_damage", "test_bounds")
"""How the names of the files begin that take longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: not item.path.name.startswith(LONGEST))


def pytest_collection_finish() -> None:
    """Keep the collector from looking, again and again, through modules and tests, which are there to stay."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Have one process more than there are cores, for tests of the screen wait most of their time."""
    return (os.cpu_count() or 1) + 1
