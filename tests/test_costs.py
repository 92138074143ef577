"""What the program does for a capture, counted and not timed: calls, bytes read, memory; at two sizes."""

import sys
import tracemalloc
from collections import deque
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import FrameType

import pytest

from dissect.capture.records import CaptureFile
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.query import Filter
from dissect.reading import Reading
from tests import build

Shape = Callable[[int], list[build.Frame]]

PIXELS = bytes(range(256)) * 64


def long_message(count: int) -> list[build.Frame]:
    """Build one object in `count` PDUs of many segments each."""
    data = build.element(0x7FE00010, "OW", PIXELS * count)
    return build.store_talk(data, talk=build.Talk(mss=1448), pdv_size=16376).frames


def many_objects(count: int) -> list[build.Frame]:
    """Build objects of a few PDUs each in one association."""
    talk = build.Talk(mss=1448).open().request(build.associate_rq()).answer(build.associate_ac())
    for number in range(count):
        data = build.element(0x7FE00010, "OW", PIXELS * 2)
        talk.request(*build.message(1, build.c_store_rq(number, build.CT_IMAGE_STORAGE, "1.2"), data, pdv_size=16376))
        talk.answer(*build.message(1, build.c_store_rsp(number, build.CT_IMAGE_STORAGE, "1.2")))
    return talk.frames


def long_association(count: int) -> list[build.Frame]:
    """Build many requests and responses in one association."""
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number in range(count * 4):
        talk.request(*build.message(1, build.c_echo_rq(number))).answer(*build.message(1, build.c_echo_rsp(number)))
    return talk.frames


def many_associations(count: int) -> list[build.Frame]:
    """Build associations of one request each."""
    talks = (build.echo_talk(build.Talk(requestor=("10.0.0.1", 20000 + number))) for number in range(count))
    return [frame for talk in talks for frame in talk.frames]


def many_out_of_order(count: int) -> list[build.Frame]:
    """Build an object whose segments come backwards."""
    first, *rest = long_message(count)
    head, tail = [first, *rest[:8]], rest[8:-8]
    return [*head, *reversed(tail), *rest[-8:]]


def many_notes(count: int) -> list[build.Frame]:
    """Build PDUs that each break a rule."""
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    return talk.request(*[build.p_data(build.pdv(1, 0xF0, b"odd"))] * count * 4).frames


def wide_sequences(count: int) -> list[build.Frame]:
    """Build an object with sequences of many items."""
    items = [build.text(0x00080100, "SH", f"{number}") for number in range(count * 4)]
    return build.store_talk(build.sequence(0x00081140, items)).frames


def deep_sequences(count: int) -> list[build.Frame]:
    """Build an object with sequences that nest."""
    data = build.text(0x00080100, "SH", "x")
    for _ in range(count):
        data = build.sequence(0x00081140, [data])
    return build.store_talk(data).frames


SHAPES = (
    long_message,
    long_association,
    many_associations,
    many_out_of_order,
    many_notes,
    wide_sequences,
    deep_sequences,
)


def write(folder: Path, frames: list[build.Frame]) -> str:
    """Write a capture."""
    data = build.pcap(frames)
    path = folder / f"{len(data)}.pcap"
    path.write_bytes(data)
    return str(path)


def count_calls(work: Callable[[], object]) -> int:
    """Count the calls of Python functions, each resumption of a generator among them."""
    counted = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Run the program, its output dropped."""
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", StringIO())
        patched.setattr(sys, "stderr", StringIO())
        assert main(list(words)) == 0


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize(
    "words",
    [("list",), ("show",), ("associations",), ("stats",), ("list", "-Y", "msg(any contains nothing)")],
    ids=" ".join,
)
def test_twice_the_capture_costs_twice_the_calls(
    shape: Shape, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, large = (write(tmp_path, shape(count)) for count in (40, 80))
    run(monkeypatch, *words, small)  # what is imported and cached but once is nobody's cost
    once, twice = (count_calls(lambda path=path: run(monkeypatch, *words, path)) for path in (small, large))  # type: ignore[misc]
    assert twice <= 2.1 * once


def test_a_frame_of_a_long_message_costs_a_few_calls(tmp_path: Path) -> None:
    small, large = (write(tmp_path, long_message(count)) for count in (40, 80))
    frames = [len(long_message(count)) for count in (40, 80)]

    def read(path: str) -> int:
        return count_calls(lambda: deque(Associations(Capture(path), Config()), maxlen=0))

    read(small)
    assert (read(large) - read(small)) / (frames[1] - frames[0]) < 8


def test_what_is_read_of_a_capture_is_headers_and_no_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, long_message(80))
    taken: list[int] = []
    read = CaptureFile.read

    def watch(file: CaptureFile, start: int, stop: int) -> bytes:
        taken.append(stop - start)
        return read(file, start, stop)

    monkeypatch.setattr(CaptureFile, "read", watch)
    pdus = len(list(Associations(Capture(path), Config())))
    assert pdus > 80
    assert sum(taken) < 128 * pdus


def test_the_index_of_a_capture_is_less_than_64_bytes_a_frame(tmp_path: Path) -> None:
    talks = [many_objects(count) for count in (300, 900)]  # by 300 objects, what has a bound of its own is full
    small, large = (write(tmp_path, talk) for talk in talks)
    frames = len(talks[1]) - len(talks[0])

    def peak(path: str) -> int:
        tracemalloc.start()
        deque(Associations(Capture(path), Config()), maxlen=0)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(small)
    assert (peak(large) - peak(small)) / frames < 64


def test_a_wide_filter_costs_what_its_tests_cost(tmp_path: Path) -> None:
    path = write(tmp_path, long_association(40))

    def read(width: int) -> int:
        wanted = Filter(" or ".join(f"dimse.msgid == {100_000 + number}" for number in range(width)))
        return count_calls(lambda: deque(Reading(Capture(path), Config(), wanted), maxlen=0))

    read(1)
    one, ten, twenty = map(read, (1, 10, 20))
    assert twenty - ten <= 1.2 * (ten - one) * 10 / 9


def test_every_built_shape_of_the_benchmark_is_a_capture(tmp_path: Path) -> None:
    from benchmarks.shapes import make  # noqa: PLC0415 (its peers may not be installed)

    for name in ("associations", "responses", "interleaved", "other"):
        found = list(Associations(Capture(make(name, 0.01, tmp_path)), Config()))
        assert found
