"""The name of a shape and a size, in: a capture of it, made once, out."""

import os
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from random import Random

from pydicom import Dataset

from captures.images import make_small_image, make_uid, save
from captures.peers import find_tool, is_listening
from tests import build

SLICES, SIDE = 400, 512
PORT = 11112
FIND = build.PATIENT_ROOT_FIND
RECORD = struct.Struct("<IIII")
LATE_EVERY = 1000
"""Of so many frames one is put behind its next two."""

Frames = Iterator[tuple[int, bytes]]
"""Times in nanoseconds, and the bytes of frames."""


# Recorded


def make_reference(path: Path, scale: float) -> None:
    """Record 400 CT slices that storescu sends to storescp over a pair of network namespaces with an MTU of 1500."""
    with tempfile.TemporaryDirectory() as folder, open_network() as (sender, receiver):
        record_storage(Path(folder), round(SLICES * scale), sender, receiver, "10.79.0.2", "veth1")
        write(path, delay_some(read(Path(folder, "talk.pcap"))))


def make_loopback(path: Path, scale: float) -> None:
    """Record the same over the loopback interface, whose segments have up to 64 KB."""
    with tempfile.TemporaryDirectory() as folder:
        record_storage(Path(folder), round(SLICES * scale), (), (), "127.0.0.1", "lo")
        write(path, read(Path(folder, "talk.pcap")))


@contextmanager
def open_network() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Join two network namespaces; give the words that run a command in each."""
    names = ("dissect-bench-a", "dissect-bench-b")
    inside = tuple(("ip", "netns", "exec", name) for name in names)
    with ExitStack() as stack:
        for name in names:
            subprocess.run(["ip", "netns", "add", name], check=True)
            stack.callback(subprocess.run, ["ip", "netns", "del", name], check=True)
        ends = ("veth0", "veth1")
        words = ["link", "add", ends[0], "netns", names[0], "type", "veth", "peer", "name", ends[1], "netns", names[1]]
        subprocess.run(["ip", *words], check=True)
        for number, (name, end) in enumerate(zip(names, ends, strict=True), 1):
            for words in (
                ["link", "set", end, "gso_max_segs", "1"],  # segments as they are on a wire
                ["addr", "add", f"10.79.0.{number}/24", "dev", end],
                ["link", "set", end, "up"],
            ):
                subprocess.run(["ip", "-n", name, *words], check=True)
        yield inside[0], inside[1]


def record_storage(
    folder: Path, count: int, sender: tuple[str, ...], receiver: tuple[str, ...], address: str, interface: str,
    *, change: Callable[[Dataset], None] | None = None,
) -> None:  # fmt: skip
    """Let storescu send CT images to storescp, and write what goes over an interface to `talk.pcap`."""
    pixels = Random(1)
    for number in range(1, count + 1):
        image = make_small_image((number - 1) % SLICES + 1)
        image.SOPInstanceUID, image.InstanceNumber = make_uid(f"small image {number}"), str(number)
        image.Rows = image.Columns = SIDE
        image.PixelData = pixels.randbytes(SIDE * SIDE * 2)
        if change is not None:
            change(image)
        save(image, folder / f"{number:04}.dcm")
    options = ["-i", interface, "-s", "0", "-B", "262144", "-U", "-w", str(folder / "talk.pcap"), f"tcp port {PORT}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        subprocess.Popen([*receiver, find_tool("storescp"), "--ignore", str(PORT)], **quiet) as acceptor,  # type: ignore[call-overload]
        subprocess.Popen([*receiver, find_tool("tcpdump"), *options], stderr=subprocess.PIPE) as tap,
    ):
        assert tap.stderr is not None
        while b"listening on" not in tap.stderr.readline():
            pass
        if not receiver:
            while not is_listening(PORT):
                pass
        files = sorted(map(str, folder.glob("*.dcm")))
        subprocess.run([*sender, find_tool("storescu"), address, str(PORT), *files], check=True)
        await_rest(folder / "talk.pcap")
        tap.terminate()
        tap.wait()
        acceptor.kill()


def await_rest(path: Path) -> None:
    """Wait until a file has grown no more for longer than tcpdump keeps frames back, which is a second."""
    size = -1
    while size != (size := path.stat().st_size):
        time.sleep(1.5)


# Built


def make_associations(path: Path, scale: float) -> None:
    """Build 20,000 associations of one C-ECHO."""
    talks = (
        build.echo_talk(build.Talk(requestor=(f"10.1.{number >> 14}.1", 20000 + number % 16384)))
        for number in range(round(20_000 * scale))
    )
    write(path, order(frame for talk in talks for frame in talk.frames))


def make_responses(path: Path, scale: float) -> None:
    """Build one association with a C-FIND that has 50,000 responses."""
    write(path, order(find_patients(f"{number:08}" for number in range(round(50_000 * scale))).frames))


def find_patients(identifiers: Iterable[str]) -> build.Talk:
    """Build an association with a C-FIND, of whose responses each tells a patient ID."""
    talk = build.Talk().open().request(build.associate_rq([(1, FIND, [build.IMPLICIT])])).answer(build.associate_ac())
    talk.request(*build.message(1, build.c_find_rq(1, FIND), build.text(0x00100020, "LO", "")))
    for identifier in identifiers:
        data = build.text(0x00080052, "CS", "PATIENT") + build.text(0x00100020, "LO", identifier)
        talk.answer(*build.message(1, build.c_find_rsp(1, FIND, 0xFF00, True), data))
    return talk.answer(*build.message(1, build.c_find_rsp(1, FIND, 0, False))).release()


def make_interleaved(path: Path, scale: float) -> None:
    """Build 300 connections whose frames come in turns, each with an object of 256 KiB."""
    data = build.element(0x7FE00010, "OW", Random(2).randbytes(1 << 18))
    talks = (
        build.store_talk(data, talk=build.Talk(requestor=("10.2.0.1", 20000 + number), mss=1448))
        for number in range(round(300 * scale))
    )
    turns = zip_longest(*(talk.frames for talk in talks))
    write(path, order(frame for turn in turns for frame in turn if frame is not None))


def make_other(path: Path, scale: float) -> None:
    """Build 2,000,000 frames of other traffic, with one association among them."""
    count = round(2_000_000 * scale)
    talk = build.echo_talk()
    kinds = [build.segment(("10.3.0.1", port), ("10.3.0.2", 80), 1, 1, build.ACK, bytes(60)) for port in range(1, 51)]
    other = (renumber(kinds[number % 50], number // 50 * 60) for number in range(count))
    half = count // 2
    first = ((number * 1000, data) for number, data in zip(range(half), other, strict=False))
    rest = (((half + number) * 1000, data) for number, data in enumerate(other))
    write(path, chain(first, ((half * 1000, frame.data) for frame in talk.frames), rest))


def renumber(frame: bytes, sequence: int) -> bytes:
    """Give a TCP segment in IPv4 over Ethernet another sequence number; its check sequence is not heeded."""
    return frame[:38] + struct.pack(">I", sequence) + frame[42:]


# In another link


def wrap(path: Path, scale: float, *, link: int, head: Callable[[bytes], bytes]) -> None:
    """Put the reference capture on another link; `head` gives what stands before the IP packet of a frame."""
    source = make("reference", scale, path.parent)
    write(path, ((time, head(data) + data[14:]) for time, data in read(source)), link)


# Files


def order(frames: Iterator[build.Frame] | list[build.Frame]) -> Frames:
    """Give frames times in the order in which they come."""
    return ((number * 1000, frame.data) for number, frame in enumerate(frames))


def delay_some(frames: Frames) -> Frames:
    """Put one frame in a thousand behind its next two."""
    late: list[tuple[int, bytes]] = []
    wait = 0
    for number, frame in enumerate(frames):
        if late and not wait:
            yield frame[0], late.pop()[1]
        wait = max(wait - 1, 0)
        if number % LATE_EVERY == LATE_EVERY - 1 and not late:
            late.append(frame)
            wait = 2
        else:
            yield frame
    yield from late


def read(path: Path) -> Frames:
    """Give the frames of a pcap file that tcpdump has written."""
    data = memoryview(path.read_bytes())
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, kept, _ = RECORD.unpack_from(data, at)
        yield seconds * 1_000_000_000 + fraction * 1000, bytes(data[at + 16 : at + 16 + kept])
        at += 16 + kept


def write(path: Path, frames: Frames, link: int = 1) -> None:
    """Write frames as a pcap file."""
    with path.open("wb") as file:
        file.write(build.pcap([], link_type=link))
        for time, data in frames:
            seconds, rest = divmod(time, 1_000_000_000)
            file.write(RECORD.pack(seconds, rest // 1000, len(data), len(data)) + data)


SHAPES: dict[str, Callable[[Path, float], None]] = {
    "reference": make_reference,
    "loopback": make_loopback,
    "associations": make_associations,
    "responses": make_responses,
    "interleaved": make_interleaved,
    "vlan": partial(wrap, link=1, head=lambda data: data[:12] + b"\x81\x00\x00\x07\x08\x00"),
    "cooked": partial(wrap, link=276, head=lambda _: b"\x08\x00\0\0\0\0\0\x01\0\x01\0\x06" + bytes(8)),
    "other": make_other,
}
"""400 CT slices at an MTU of 1500; the same on loopback; 20,000 C-ECHOs; 50,000 responses; 300 connections in turns;
the reference with a VLAN tag, and as Linux cooked v2; 2,000,000 frames of other traffic around one association."""


def make(name: str, scale: float, folder: Path, shapes: dict[str, Callable[[Path, float], None]] = SHAPES) -> Path:
    """Give the capture of a shape, which is made if it is not there."""
    path = folder / f"{name}-{scale:g}.pcap"
    if not path.exists():
        draft = path.with_suffix(".part")
        shapes[name](draft, scale)
        os.replace(draft, path)
    return path
