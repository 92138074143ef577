"""Hostile captures: memory is a few hundred bytes a frame, and work grows with the capture, not with its square."""

import gc
import os
import struct
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dissect.capture.runs import Runs
from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.tcp import connections
from dissect.tcp.streams import Stream
from tests.build import ACK, RST, SYN, Frame, Talk, associate_ac, associate_rq, p_data, pcap, pdv, release_rq, segment

HERE, THERE = ("10.0.0.1", 50000), ("10.0.0.2", 104)
RQ = associate_rq()


def place(frame: bytes, *, seq: int | None = None, host: int | None = None, number: int | None = None) -> Frame:
    """Change sequence number, source address or packet ID of a frame."""
    data = bytearray(frame)
    if seq is not None:
        data[38:42] = struct.pack(">I", seq % 2**32)
    if host is not None:
        data[26:30] = struct.pack(">I", 0x0B000000 + host)
    if number is not None:
        data[18:20] = struct.pack(">H", number % 2**16)
    return Frame(0, bytes(data))


def half_open(count: int) -> Iterator[Frame]:
    """Open many connections that say nothing."""
    syn = segment(HERE, THERE, 1000, 0, SYN)
    return (place(syn, host=host) for host in range(count))


def refused(count: int) -> Iterator[Frame]:
    """Open many connections that are reset."""
    syn, reset = segment(HERE, THERE, 1000, 0, SYN), segment(THERE, HERE, 0, 1001, RST | ACK)
    for host in range(count // 2):
        yield place(syn, host=host)
        yield Frame(0, reset[:30] + struct.pack(">I", 0x0B000000 + host) + reset[34:])


def others(count: int) -> Iterator[Frame]:
    """Begin many conversations that are no DICOM, in their middle."""
    get = segment(HERE, ("10.0.0.2", 80), 1000, 0, ACK, b"GET / HTTP/1.1\r\n")
    return (place(get, host=host) for host in range(count))


def every_other(count: int) -> Iterator[Frame]:
    """Send one byte, leave one out."""
    yield Frame(0, segment(HERE, THERE, 999, 0, SYN))
    yield Frame(0, segment(HERE, THERE, 1000, 1, ACK, RQ))
    byte = segment(HERE, THERE, 0, 1, ACK, b"\x04")
    yield from (place(byte, seq=2000 + 2 * at) for at in range(count))


def backwards(count: int) -> Iterator[Frame]:
    """Send all bytes, the last one first."""
    yield Frame(0, segment(HERE, THERE, 999, 0, SYN))
    yield Frame(0, segment(HERE, THERE, 1000, 1, ACK, RQ))
    byte = segment(HERE, THERE, 0, 1, ACK, b"\x04")
    yield from (place(byte, seq=2000 + count - at) for at in range(count))


def far_apart(count: int) -> Iterator[Frame]:
    """Leave out two gigabytes again and again."""
    yield Frame(0, segment(HERE, THERE, 999, 0, SYN))
    yield Frame(0, segment(HERE, THERE, 1000, 1, ACK, RQ))
    yield Frame(0, segment(THERE, HERE, 1, 1000 + len(RQ), ACK, associate_ac()))
    data = segment(HERE, THERE, 0, 1, ACK, p_data(pdv(1, 2, bytes(20))))
    yield from (place(data, seq=2000 + at * (2**31 - 4000)) for at in range(count))


def endless_fragments(count: int) -> Iterator[Frame]:
    """Begin many packets in fragments, and end none."""
    data = bytearray(segment(HERE, THERE, 1, 1, ACK, bytes(4)))
    for at in range(count):
        data[20:22] = struct.pack(">H", 0x2000 | at % 100)
        yield place(bytes(data), number=at // 100)


def silly_window(count: int) -> Iterator[Frame]:
    """Send the same byte again and again, each time another one."""
    yield Frame(0, segment(HERE, THERE, 999, 0, SYN))
    yield Frame(0, segment(HERE, THERE, 1000, 1, ACK, RQ))
    for at in range(count):
        yield Frame(0, segment(HERE, THERE, 1000, 1, ACK, bytes([at % 256, 7])))


HOSTILE: dict[str, Callable[[int], Iterator[Frame]]] = {
    "half open": half_open,
    "refused": refused,
    "others": others,
    "every other byte": every_other,
    "backwards": backwards,
    "2 GB gaps": far_apart,
    "endless fragments": endless_fragments,
    "clashes": silly_window,
}
SIZE = 3000


@pytest.fixture
def tidy() -> Iterator[None]:
    """Collect garbage often, so that what is not needed any more is not counted as in use."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()  # or what the tests hold lets the collector wait; it stays so, as conftest froze what was there before
    gc.set_threshold(700, 2, 1)
    yield
    gc.set_threshold(*before)


def read_through(path: Path) -> tuple[int, int]:
    """Read a capture to its end, and give the bytes that were in use at once, and those that still are."""
    tracemalloc.start()
    try:
        capture = Capture(path)
        associations = Associations(capture, Config())
        deque(associations, maxlen=0)
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak, left


@pytest.mark.parametrize("frames", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.usefixtures("tidy")
def test_a_hostile_capture_takes_a_few_hundred_bytes_a_frame(
    frames: Callable[[int], Iterator[Frame]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_OPEN", 500)
    peaks = []
    for count in (SIZE, 2 * SIZE):
        path = tmp_path / "capture.pcap"
        path.write_bytes(pcap(frames(count)))
        read_through(path)  # what is loaded once is not counted
        peaks.append(read_through(path)[0])
    assert (peaks[1] - peaks[0]) / SIZE < 400


def test_a_clean_capture_takes_an_index(tmp_path: Path) -> None:
    path, peaks = tmp_path / "capture.pcap", []
    for count in (2000, 4000):
        talk = Talk(mss=100).open().request(RQ)
        talk.request(p_data(pdv(1, 0, bytes(100 * count)))).request(release_rq()).close()
        path.write_bytes(pcap(talk.frames))
        read_through(path)
        peaks.append(read_through(path)[0])
    assert (peaks[1] - peaks[0]) / 2000 < 64


@pytest.mark.usefixtures("tidy")
def test_nothing_is_kept_of_associations_that_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "GRACE", 20)
    path, left = tmp_path / "capture.pcap", []
    for count in (200, 400):
        frames = []
        for port in range(count):
            talk = Talk(requestor=("10.0.0.1", 20000 + port)).open().request(RQ, release_rq())
            frames += talk.close().frames
        path.write_bytes(pcap(frames))
        read_through(path)
        left.append(read_through(path)[1])
    assert (left[1] - left[0]) / 200 < 8 * 64  # eight frames each


class Count:
    """How often something is called."""

    def __init__(self) -> None:
        self.calls = 0


@pytest.mark.parametrize("frames", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_capture_of_twice_the_size_makes_twice_the_work(
    frames: Callable[[int], Iterator[Frame]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = Count()

    def watch(kind: type, name: str) -> None:
        whole = getattr(kind, name)

        def counted(*values: object) -> object:
            count.calls += 1
            return whole(*values)

        monkeypatch.setattr(kind, name, counted)

    for kind, name in (
        (Stream, "read"),
        (Stream, "accept"),
        (Stream, "append"),
        (Stream, "missing"),
        (Runs, "_insert"),
    ):
        watch(kind, name)
    work = []
    for size in (SIZE // 2, SIZE):
        path = tmp_path / "capture.pcap"
        path.write_bytes(pcap(frames(size)))
        count.calls = 0
        deque(Associations(Capture(path), Config()), maxlen=0)
        work.append(count.calls)
    assert work[1] <= 2.1 * work[0] + 100


def test_the_descriptors_of_a_capture_are_closed(tmp_path: Path) -> None:
    opened = Path("/proc/self/fd")
    if not opened.exists():
        pytest.skip("no /proc/self/fd here")
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap(half_open(10)))
    before = len(os.listdir(opened))
    capture = Capture(path, path)
    assert len(list(capture.segments())) == 20
    assert len(os.listdir(opened)) <= before + 2  # one for each map
