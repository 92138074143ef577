"""The lines of the list: PDUs, messages or associations, what a filter leaves of them, and what is not there."""

import tracemalloc
from collections.abc import Iterable
from threading import Event

import pytest

from dissect.config import Config
from dissect.index import Index
from dissect.job import Job
from dissect.query import Filter
from dissect.reading import Reading
from dissect.tui.breaks import Break, tell_break
from dissect.tui.rows import BREAK, MODES, Line, Mode, Rows
from tests import build
from tests.build import Frame, Talk
from tests.conftest import ROOT, open_bytes
from tests.test_recall import end_talk, open_talk, pack, store, stored, stores_in_turns, take_turns

STORE = (ROOT / "captures" / "c-store.pcap").read_bytes()
PATIENCE = 20.0
FILTERS = ("", "pdu in {2, 4..5, 9}", "dimse.cmd == C-STORE-RSP", "msg(dimse.status == 0)", "pdu == 0")


def read(data: bytes) -> Index:
    """Read a capture into an index."""
    index = Index(open_bytes(data))
    reading = Reading(index.capture, Config())
    reading.close = index.close
    for subject in reading:
        index.add(subject)
    return index


def read_frames(frames: Iterable[Frame]) -> Index:
    return read(build.pcap(frames))


def arrange(index: Index, mode: Mode = "pdu", text: str = "") -> Rows:
    """Give the lines as they are when all was read."""
    rows = Rows(index, mode, Filter(text) if text else None, text)
    rows.arrange(Job("filtering", lambda _: None), lambda: True)
    return rows


def list_lines(rows: Rows) -> list[Line]:
    return [rows.find_line(number) for number in range(len(rows))]


def list_rows(rows: Rows) -> list[int]:
    return [line.row for line in list_lines(rows)]


def check_places(rows: Rows) -> None:
    """Hold each line of a PDU to be found by its row, at the deepest level at which it stands."""
    lines = list_lines(rows)
    for number, line in enumerate(lines):
        if line.level < BREAK:
            assert rows.find_row(number) == line.row
            found = rows.find_number(line.row)
            assert rows.find_row(found) == line.row
            assert lines[found].level == max(
                each.level for each in lines if each.row == line.row and each.level < BREAK
            )


def test_without_a_filter_each_pdu_has_a_line() -> None:
    rows = Rows(read(STORE))
    assert list_lines(rows) == [Line(0, row) for row in range(len(rows.index))]
    check_places(rows)


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("mode", MODES)
def test_a_line_is_found_by_its_row_under_filters_and_with_opened_lines(mode: Mode, text: str) -> None:
    rows = arrange(read(STORE), mode, text)
    check_places(rows)
    number = 0
    while number < len(rows):
        rows.toggle(number)
        number += 1
    check_places(rows)
    for row in range(len(rows.index)):
        assert 0 <= rows.find_number(row) < max(len(rows), 1)


def test_a_filter_leaves_the_pdus_for_which_it_holds() -> None:
    rows = arrange(read(STORE), text="pdu in {2, 4..5}")
    assert list_lines(rows) == [Line(0, 1), Line(0, 3), Line(0, 4)]
    assert rows.passed == 3
    assert [rows.find_number(row) for row in range(6)] == [0, 0, 1, 1, 2, 2]


def test_messages_open_to_their_pdus_and_close_again() -> None:
    rows = arrange(read(STORE), "message")
    closed = list_lines(rows)
    number = rows.find_number(2)
    line = rows.find_line(number)
    assert rows.has_more(line)
    assert not rows.is_open(line)
    rows.toggle(number)
    assert rows.is_open(line)
    assert list_lines(rows) == [*closed[: number + 1], *(Line(1, row) for row in (2, 3, 4, 5)), *closed[number + 1 :]]
    check_places(rows)
    rows.toggle(number)
    assert list_lines(rows) == closed


def test_a_message_of_one_pdu_and_a_pdu_have_nothing_below() -> None:
    index = read(STORE)
    for rows in (arrange(index, "message"), arrange(index)):
        lines = list_lines(rows)
        assert not rows.has_more(lines[0])
        rows.toggle(0)
        assert list_lines(rows) == lines


def test_associations_open_to_their_messages() -> None:
    index = read_frames([*stores_in_turns(1).frames])
    rows = arrange(index, "association")
    assert list_lines(rows) == [Line(0, 0)]
    rows.toggle(0)
    below = list_lines(rows)[1:]
    begun = set(index.messages.firsts[1:])
    assert below == [Line(1, row) for row in range(len(index)) if not index.list_messages(row) or row in begun]
    check_places(rows)
    rows.toggle(0)
    assert list_lines(rows) == [Line(0, 0)]


def test_messages_that_are_complete_in_another_order_stand_as_they_began() -> None:
    talk = open_talk().request(*pack(take_turns(store(5, 4), store(7, 1)), 1))
    index = read_frames(end_talk(talk.answer(*pack(stored(7, 1) + stored(5, 4), 1))).frames)
    assert index.messages.lasts[1] > index.messages.lasts[2]
    whole = arrange(index, "message")
    assert [row for row in list_rows(whole) if row in index.messages.firsts[1:3]] == [2, 3]
    late, early = index.messages.lasts[1], index.messages.lasts[2]
    rows = arrange(index, "message", f"pdu in {{{early + 1}, {late + 1}}}")
    assert list_lines(rows) == [Line(0, 2), Line(0, 3)]
    check_places(rows)


def test_a_message_that_comes_late_stands_behind_what_is_open() -> None:
    index = read_frames(end_talk(open_talk().request(*pack(take_turns(store(5, 4), store(7, 1)), 1))).frames)
    rows = Rows(index, "message", Filter("pdu > 0"))
    rows._take(3)
    rows.toggle(0)
    rows._take(2)
    opened = [Line(1, row) for row in range(len(index)) if 2 in index.list_messages(row)]
    assert list_lines(rows) == [Line(0, 2), Line(0, 3), *opened]


# What is not there


def make_lossy() -> list[Frame]:
    """Capture an association of PDUs in several segments each, without its end."""
    talk = Talk(mss=100).open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(*build.message(1, build.c_echo_rq(1)), build.p_data(build.pdv(1, 3, bytes(400))))
    return talk.request(*build.message(1, build.c_echo_rq(2))).frames


@pytest.mark.parametrize(
    ("end", "kind", "told"),
    [
        ("reset", "reset", "TCP RST by 10.0.0.1:50000, the association was not released"),
        ("close", "closed", "TCP FIN by 10.0.0.1:50000, the association was not released"),
        ("", "open", "the capture ends within the association"),
    ],
)
def test_an_association_that_was_not_released_has_a_line_at_its_end(end: str, kind: str, told: str) -> None:
    talk = Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    if end:
        getattr(talk, end)()
    rows = Rows(read_frames(talk.frames))
    rows.note_breaks()
    assert rows.breaks == [Break(2, 1, kind)]
    assert tell_break(rows.breaks[0], rows.index) == told
    assert list_lines(rows) == [Line(0, 0), Line(0, 1), Line(BREAK, 0)]
    assert rows.find_row(2) == 1
    check_places(rows)


def test_an_association_that_began_before_the_capture_has_a_line_at_its_start() -> None:
    rows = Rows(read_frames(build.echo_talk().frames[5:]))
    rows.note_breaks()
    assert rows.breaks == [Break(0, 1, "start")]
    assert tell_break(rows.breaks[0], rows.index) == "the capture starts within the association"
    assert list_lines(rows)[:2] == [Line(BREAK, 0), Line(0, 0)]
    assert [rows.find_row(0), rows.find_row(1)] == [0, 0]
    assert rows.find_number(0) == 1
    check_places(rows)


def find_gapped() -> Index:
    """Read a capture of which a segment within a PDU is lost."""
    frames = make_lossy()
    for at in range(len(frames) - 1, 4, -1):
        index = read_frames(frames[:at] + frames[at + 1 :])
        if index.gapped:
            return index
    raise AssertionError("no loss leaves a gap")


def test_bytes_that_are_missing_of_a_pdu_have_a_line_before_it() -> None:
    index = find_gapped()
    rows = Rows(index)
    rows.note_breaks()
    [gap] = [found for found in rows.breaks if found.kind == "gap"]
    assert gap.place == index.gapped[0]
    assert tell_break(gap, index) == f"gap: 12 bytes of PDU {gap.place + 1} are missing"
    number = rows.find_number(gap.place)
    assert rows.find_line(number - 1).level == BREAK
    assert len(rows) == len(index) + len(rows.breaks)
    check_places(rows)


def test_under_a_filter_a_break_stands_beside_its_pdu_or_not_at_all() -> None:
    index = find_gapped()
    place = index.gapped[0]
    rows = arrange(index, text=f"pdu == {place + 1}")
    rows.note_breaks()
    rows.show_breaks()
    levels = [line.level for line in list_lines(rows)]
    assert levels[:2] == [BREAK, 0]
    assert rows.find_row(0) == place
    check_places(rows)
    rows.show_breaks()
    assert [line.level for line in list_lines(rows)] == levels
    other = arrange(index, text="pdu == 1")
    other.note_breaks()
    other.show_breaks()
    assert list_lines(other) == [Line(0, 0)]


def test_among_breaks_the_nearest_line_of_a_pdu_is_found() -> None:
    index = find_gapped()
    shown = {index.gapped[0], len(index) - 1}
    rows = arrange(index, text=f"pdu in {{{', '.join(str(row + 1) for row in shown)}}}")
    rows.note_breaks()
    rows.show_breaks()
    lines = list_lines(rows)
    assert {line.level for line in lines} == {0, BREAK}
    for row in range(len(index)):
        nearest = min((each for each in shown if each >= row), default=max(shown))
        assert lines[rows.find_number(row)] == Line(0, nearest)
        assert rows.shows(row) == (row in shown)


def test_to_ask_for_a_pdu_that_a_filter_hides_makes_no_list_of_all_lines() -> None:
    index = read_frames(build.echo_talk().frames)
    rows = Rows(index, "pdu", Filter("pdu > 0"), "pdu > 0")
    rows._lines.extend(range(0, 1 << 20, 2))
    assert rows.shows(1 << 19)
    tracemalloc.start()
    try:
        assert not rows.shows((1 << 19) + 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 16


@pytest.mark.parametrize("mode", ["message", "association"])
def test_messages_and_associations_have_no_breaks_among_them(mode: Mode) -> None:
    rows = arrange(find_gapped(), mode)
    rows.note_breaks()
    before = list_lines(rows)
    rows.show_breaks()
    assert list_lines(rows) == before


# While more is read


@pytest.mark.parametrize(
    ("mode", "text"), [("pdu", "pdv.ctx"), ("message", ""), ("association", ""), ("pdu", "op(dimse.status == 0)")]
)
def test_lines_are_arranged_while_rows_still_come(mode: Mode, text: str) -> None:
    index, over = Index(open_bytes(STORE)), Event()
    rows = Rows(index, mode, Filter(text) if text else None, text)
    job = Job("filtering", lambda job: rows.arrange(job, over.is_set)).start()
    for subject in Reading(index.capture, Config()):
        index.add(subject)
    over.set()
    job.join(PATIENCE)
    assert job.error is None
    assert job.over
    assert list_lines(rows) == list_lines(arrange(read(STORE), mode, text))
    assert job.found == rows.passed


def test_what_is_open_is_shown_with_what_came_after_it_was_opened() -> None:
    index = Index(open_bytes(STORE))
    subjects = list(Reading(index.capture, Config()))
    for subject in subjects[:3]:
        index.add(subject)
    rows = arrange(index, "association")
    rows.toggle(0)
    for subject in subjects[3:]:
        index.add(subject)
    rows.renew_opened()
    whole = arrange(index, "association")
    whole.toggle(0)
    assert list_lines(rows) == list_lines(whole)


def test_arranging_ends_when_it_is_stopped() -> None:
    for text in ("pdu > 0", "op(dimse.status == 0)"):
        rows = Rows(read(STORE), "pdu", Filter(text), text)
        job = Job("filtering", lambda job, rows=rows: rows.arrange(job, lambda: False))  # type: ignore[misc]
        job.stop()
        job.start().join(PATIENCE)
        assert job.over
        assert not len(rows)


def test_nothing_has_no_lines() -> None:
    for mode in MODES:
        rows = arrange(read_frames([]), mode, "pdu > 0")
        assert len(rows) == 0
        rows.note_breaks()
        rows.show_breaks()
        assert list_lines(rows) == []
