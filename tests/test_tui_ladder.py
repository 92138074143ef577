"""The ladder's screen: its rungs as they come, the part around a PDU, what it writes, what it does not show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Gate
from threading import Semaphore
from xml.etree import ElementTree

import pytest

from dissect import messages
from dissect.association import Arrival
from dissect.config import Config
from dissect.index import Index
from dissect.job import Job
from dissect.ladder.events import Event, Ladder
from dissect.reading import Reading
from dissect.tui import rungs
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.ladderscreen import LadderScreen
from dissect.tui.prompts import Ask, Choose
from dissect.tui.rungs import Rungs, find_event, find_start
from dissect.tui.state import State
from tests import build
from tests.browsing import SMALL, WIDE, Session, browse, run
from tests.conftest import ROOT
from tests.test_ladder import follow, make_events

MOVE = "c-move.pcap"
COMMENT = "Smith^John lost"


async def open_ladder(session: Session, row: int | None = None) -> LadderScreen:
    if row is not None:
        session.main.visit(row)
        await session.wait(lambda: session.main.shown == row)
    await session.press("L")
    await session.wait(lambda: isinstance(session.app.screen, LadderScreen))
    screen = session.app.screen
    assert isinstance(screen, LadderScreen)
    await session.wait(lambda: screen.rungs.has_focus)
    return screen


async def open_drawn(session: Session, row: int | None = None) -> LadderScreen:
    screen = await open_ladder(session, row)
    await wait_drawn(session, screen)
    return screen


async def wait_drawn(session: Session, screen: LadderScreen) -> None:
    await session.wait(lambda: screen._drawn and screen._wanted is None)


def find_place(screen: LadderScreen) -> tuple[int, int]:
    assert screen.rungs.event is not None
    return screen.rungs.event.first, screen.rungs.event.last


def write_talk(folder: Path, talk: build.Talk, name: str = "talk.pcap") -> Path:
    path = folder / name
    path.write_bytes(build.pcap(talk.frames))
    return path


def make_echoes(count: int) -> build.Talk:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number in range(1, count + 1):
        talk.request(*build.message(1, build.c_echo_rq(number))).answer(*build.message(1, build.c_echo_rsp(number)))
    return talk.request(build.release_rq()).answer(build.release_rp()).close()


def make_failure() -> build.Talk:
    said = build.command_set({0x0100: 0x8030, 0x0120: 1, 0x0800: 0x0101, 0x0900: 0xA700, 0x0902: COMMENT})
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    return talk.request(*build.message(1, build.c_echo_rq(1))).answer(*build.message(1, said))


def load(path: Path | str, text: str = "", mode: str = "pdu") -> State:
    """Read a capture whole, and show what a filter leaves."""
    state = State([str(ROOT / "captures" / path)], Config())
    state.drawn.set()
    state.loading.join()
    state.apply(text, next(each for each in ("pdu", "message", "association") if each == mode))
    if state.arranging is not None:
        state.arranging.join()
    return state


def draw(state: State, start: int, *, unfold: bool = False) -> list[tuple[int, int, int]]:
    """Give first and last PDU and the number of PDUs of each event of a part."""
    part = Rungs(state, start, unfold=unfold)
    part.job.join()
    assert part.job.error is None
    return [(event.first, event.last, event.pdus) for event in part.found]


# What is drawn


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["140x45", "80x24"])
@pytest.mark.parametrize("plain", [False, True], ids=["unicode", "ascii"])
def test_it_opens_at_the_pdu_under_the_cursor(size: tuple[int, int], plain: bool) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=size, plain=plain) as session:
            screen = await open_drawn(session, 4)
            assert find_place(screen) == (3, 6)
            await session.settle()
            text = session.text
            assert "6 messages and PDUs" in session.lines[0]
            assert "C-STORE-RQ #1" in text
            assert "MODALITY" in text
            assert ("->|" if plain else "\u25b6") in text
            assert ("Command Set" in text) is (size is WIDE)
            assert all(len(line) <= size[0] for line in session.lines)
            assert not plain or not set(text) & set("\u2500\u2504\u2502\u25b6\u25c0\u0394")

    run(test)


def test_unfolded_and_folded_again_the_cursor_keeps_its_place_and_marks_stay() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_drawn(session, 4)
            await session.press("space", "up", "s")
            await wait_drawn(session, screen)
            assert (screen.rungs.count, find_place(screen)) == (9, (3, 3))
            assert "9 PDUs  1 marked" in session.lines[0]
            assert [event.first for event in screen.rungs.list_marked()] == [3]
            await session.press("down", "down", "s")
            await wait_drawn(session, screen)
            assert (screen.rungs.count, find_place(screen)) == (6, (3, 6))
            await session.press("space")
            assert screen.rungs.list_marked() == screen.rungs.events

    run(test)


def test_rungs_are_coloured_by_status_message_or_association() -> None:
    async def test() -> None:
        async with browse("c-move-failures.pcap") as session:
            screen = await open_drawn(session)
            events = screen.rungs.events
            failed = next(event for event in events if event.failure)
            assert screen.rungs.choose_style(failed) == screen.state.styles["error-text"]
            styles = []
            for told in ("message ID", "association", "status"):
                await session.press("c")
                assert f"colour by {told}" in session.lines[0]
                assert "%" not in session.lines[0]
                styles.append({screen.rungs.choose_style(event).color for event in events})
            assert len(styles[1]) == len({event.association for event in events}) > 1
            await session.press("home", "n")
            first = screen.rungs.event
            await session.press("n", "N")
            assert first is screen.rungs.event
            assert first is not None
            assert first.failure or first.warning
            await session.press("N")
            assert first is screen.rungs.event

    run(test)


def test_enter_goes_to_the_pdu() -> None:
    async def test() -> None:
        async with browse(MOVE) as session:
            screen = await open_drawn(session)
            await session.press("end", "up")
            first, _ = find_place(screen)
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            assert session.main.shown == first - 1

    run(test)


def test_where_there_is_little_room_the_message_takes_the_place_of_the_ladder() -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=SMALL) as session:
            screen = await open_drawn(session, 4)
            await session.press("tab")
            await session.wait(lambda: "Command Set" in session.text)
            assert not screen.rungs.display
            await session.press("tab")
            await session.wait(lambda: "MODALITY" in session.text)
            await session.pilot.resize_terminal(*WIDE)
            await session.wait(lambda: "Command Set" in session.text and "MODALITY" in session.text)

    run(test)


def test_of_two_messages_in_a_pdu_each_is_told(tmp_path: Path) -> None:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    talk.request(build.p_data(*[build.pdv(1, 3, build.c_echo_rq(number)) for number in (41, 42)]))

    async def test() -> None:
        async with browse(write_talk(tmp_path, talk)) as session:
            screen = await open_drawn(session)
            await session.press("end")
            told = []
            for key in ("up", "down"):
                await session.press(key)
                assert screen.nodes.top is not None
                told.append({node.text for _, node in screen.nodes.top.walk()} & {"41", "42"})
            assert told == [{"41"}, {"42"}]

    run(test)


def test_a_large_message_is_decoded_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MANY", 3)
    slow: list[int] = []
    decode = LadderScreen.decode_slowly

    def note(screen: LadderScreen, event: Event, number: int) -> None:
        slow.append(event.first)
        decode(screen, event, number)

    monkeypatch.setattr(LadderScreen, "decode_slowly", note)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_drawn(session, 4)
            await session.wait(lambda: "Command Set" in session.text)
            await session.press("s")
            await wait_drawn(session, screen)
            await session.press("down")
            await session.wait(lambda: "PDV Fragment [1/3]" in session.text)
            assert set(slow) == {3, 4}

    run(test)


def test_a_filter_that_leaves_nothing_leaves_nothing_to_draw() -> None:
    async def test() -> None:
        async with browse("c-store.pcap", text="frame == 9999") as session:
            screen = await open_drawn(session)
            await session.wait(lambda: "no PDU to draw" in session.text)
            await session.press("space", "enter", "e", "n", "s", "c", "right_square_bracket", "left_square_bracket")
            await wait_drawn(session, screen)
            assert session.app.screen is screen
            assert "filter: frame == 9999" in session.lines[0]

    run(test)


def test_what_a_filter_says_is_escaped_and_what_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("\x1b[2J gone")

    monkeypatch.setattr(Rungs, "_take", fail)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            session.main.state.filter_text = 'info == "\x9b"'
            await open_ladder(session)
            await session.wait(lambda: "nothing could be drawn" in session.text)
            assert "failed: \\033[2J gone" in session.lines[0]
            assert 'info == "\\' in session.lines[0]

    run(test)


def test_times_are_told_as_on_the_main_screen() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            session.main.state.set_time("ud")
            screen = await open_drawn(session, 0)
            await session.settle()
            assert session.main.state.tell_time(0) in session.text
            assert "A-ASSOCIATE-RQ" in session.text
            await session.press("q")
            session.main.state.set_time("r")
            session.main.state.reference = session.main.state.index.frames[2]
            screen = await open_drawn(session, 0)
            margin = next(iter(screen.rungs.draw(0, 100)))[0]
            assert session.main.state.tell_time(0) in margin
            assert "-0." in margin

    run(test)


# While events come


def test_columns_are_laid_out_while_endpoints_come(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Semaphore(0)

    class Slow(Ladder):
        def follow(self, arrival: Arrival, *, wanted: bool = True):  # type: ignore[no-untyped-def]
            gate.acquire()
            return super().follow(arrival, wanted=wanted)

    monkeypatch.setattr(rungs, "Ladder", Slow)

    async def test() -> None:
        async with browse(MOVE) as session:
            screen = await open_ladder(session, 0)
            events, seen = follow(MOVE), 0
            for _ in range(len(session.main.state.index)):
                gate.release()
                await session.wait(lambda: not gate._value)
                screen.tick()
                session.app.screen.refresh()
                await session.pilot.pause()
                seen = max(seen, screen.rungs.count)
            await wait_drawn(session, screen)
            assert [event.label for event in screen.rungs.events] == [event.label for event in events]
            assert seen > 5

    run(test)


@asynccontextmanager
async def browse_slowly(
    path: Path, first: int, monkeypatch: pytest.MonkeyPatch, text: str = ""
) -> AsyncIterator[tuple[Session, Gate]]:
    """Browse a capture of which so many PDUs are read, and the others once the gate is open."""
    gate = Gate()

    def read(_: State, job: Job, index: Index, reading: Reading) -> None:
        for number, subject in enumerate(reading):
            if number == first:
                gate.wait()
            index.add(subject)
        job.done = job.size

    monkeypatch.setattr(State, "read", read)
    state = State([str(path)], Config(), text=text)
    try:
        async with Browser(state).run_test(size=WIDE) as pilot:
            app = pilot.app
            assert isinstance(app, Browser)
            session = Session(app, pilot)
            await session.wait(lambda: isinstance(app.screen, CaptureScreen) and len(state.index) == first)
            await session.wait(lambda: app.capture_screen.shown is not None)
            yield session, gate
    finally:
        gate.set()
        state.leave()


@pytest.mark.parametrize("text", ["", "pdu > 4"])
def test_it_follows_what_is_read(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_talk(tmp_path, make_echoes(30))

    async def test() -> None:
        async with browse_slowly(path, 20, monkeypatch, text) as (session, gate):
            screen = await open_ladder(session)
            least = 20 - 4 * bool(text)
            await session.wait(lambda: screen.rungs.count == least and "still reading" in session.lines[0])
            gate.set()
            await wait_drawn(session, screen)
            assert screen.rungs.count == 64 - 4 * bool(text)
            assert "reading" not in session.lines[0]

    run(test)


def test_a_message_of_which_more_is_read_is_one_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_talk(tmp_path, build.store_talk(bytes(9000), pdv_size=1000))

    async def test() -> None:
        async with browse_slowly(path, 6, monkeypatch) as (session, gate):
            screen = await open_ladder(session)
            await session.wait(lambda: screen.rungs.count == 2)
            gate.set()
            await wait_drawn(session, screen)
            [store] = [event for event in screen.rungs.events if "C-STORE-RQ" in event.label]
            assert (store.first, store.last, store.warning) == (3, 12, False)

    run(test)


# Parts


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rungs, "MOST_EVENTS", 40)
    monkeypatch.setattr(rungs, "BEFORE", 20)


@pytest.mark.usefixtures("few")
def test_of_many_the_part_around_the_cursor_is_drawn_and_others_by_keys(tmp_path: Path) -> None:
    async def test() -> None:
        async with browse(write_talk(tmp_path, make_echoes(100))) as session:
            screen = await open_drawn(session, 120)
            assert find_place(screen) == (121, 121)
            assert (screen.rungs.events[0].first, screen.rungs.count) == (101, 40)
            assert "40 messages and PDUs  from PDU 101 ([: earlier)  to PDU 140 (]: later)" in session.lines[0]
            await session.press("right_square_bracket")
            await wait_drawn(session, screen)
            assert find_place(screen) == (140, 140)
            await session.press("right_square_bracket")
            await wait_drawn(session, screen)
            await session.press("right_square_bracket")
            await wait_drawn(session, screen)
            assert screen.rungs.events[-1].first == 204
            assert "later" not in session.lines[0]
            await session.press("right_square_bracket")
            assert screen.rungs.events[-1].first == 204
            while screen.part is not None and screen.part.start:
                await session.press("left_square_bracket")
                await wait_drawn(session, screen)
            assert screen.rungs.events[0].first == 1
            assert "earlier" not in session.lines[0]

    run(test)


@pytest.mark.usefixtures("few")
def test_a_part_begins_with_a_message_that_began_before_it(tmp_path: Path) -> None:
    state = load(write_talk(tmp_path, build.store_talk(bytes(40_000), pdv_size=1000)))
    start = find_start(state, 30)
    assert start == 10
    assert draw(state, start) == [(3, 43, 41), (44, 44, 1), (45, 45, 1), (46, 46, 1)]
    assert draw(state, start, unfold=True)[0] == (11, 11, 1)
    state.leave()


def test_a_part_of_all_is_what_the_ladder_has() -> None:
    for unfold in (False, True):
        wanted = [(event.first, event.last, event.pdus) for event in follow("built-pdvs.pcap", unfold=unfold)]
        assert draw(load("built-pdvs.pcap"), 0, unfold=unfold) == wanted


@pytest.mark.parametrize("mode", ["pdu", "message", "association"])
def test_what_a_filter_leaves_is_drawn_whole_in_each_mode(mode: str) -> None:
    state = load("c-store.pcap", "pdu == 5", mode)
    everything = [(1, 1, 1), (2, 2, 1), (3, 6, 4), (7, 7, 1), (8, 8, 1), (9, 9, 1)]
    assert draw(state, find_start(state, 4)) == (everything if mode == "association" else [(3, 6, 4)])
    unfolded = {"pdu": [5], "message": [3, 4, 5, 6], "association": list(range(1, 10))}[mode]
    assert draw(state, find_start(state, 4) if mode == "pdu" else 0, unfold=True) == [(at, at, 1) for at in unfolded]


def test_associations_of_which_nothing_is_shown_are_left_out() -> None:
    state = load(MOVE, "assoc == 2")
    assert draw(state, find_start(state, None)) == [
        (event.first, event.last, event.pdus) for event in follow(MOVE) if event.association == 2
    ]


def test_a_pdu_is_found_in_the_shortest_event_of_its_association() -> None:
    event = follow("c-store.pcap")[0]
    events = [replace(event, first=first, last=last, association=number)
              for first, last, number in ((1, 9, 1), (2, 4, 2), (3, 3, 1), (7, 7, 2))]  # fmt: skip
    assert [find_event(events, row, 1) for row in (0, 1, 2, 4)] == [0, 0, 2, 0]
    assert [find_event(events, row, 2) for row in (2, 4, 9)] == [1, 2, 3]
    assert find_event([], 3, 1) == 0


# What is written


async def export(session: Session, path: Path | str) -> None:
    await session.press("e")
    await session.wait(lambda: isinstance(session.app.screen, Ask))
    await session.press("ctrl+a", "backspace")
    line = session.app.screen.query_one("Input")
    line.value = str(path)  # type: ignore[attr-defined]
    await session.press("enter")


def test_text_mermaid_and_svg_are_written_and_nothing_replaced_unasked(tmp_path: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_drawn(session, 0)
            paths = [tmp_path / name for name in ("one.txt", "two.mmd", "three.SVG")]
            for path in paths:
                await export(session, path)
                await session.wait(path.exists)
            text, mermaid, image = (path.read_text("utf-8") for path in paths)
            assert len(text.splitlines()) == 8
            assert mermaid.startswith("sequenceDiagram\n")
            assert len(list(ElementTree.fromstring(image).iter("{http://www.w3.org/2000/svg}polygon"))) == 6
            await session.press("space")
            for key in ("escape", "y"):
                await export(session, paths[0])
                await session.wait(lambda: isinstance(session.app.screen, Choose))
                assert "one.txt is there already" in session.text
                assert paths[0].read_text("utf-8") == text
                await session.press(key)
                await session.wait(lambda: session.app.screen is screen)
            await session.wait(lambda: len(paths[0].read_text("utf-8").splitlines()) == 3)
            assert sorted(each.name for each in tmp_path.iterdir()) == ["one.txt", "three.SVG", "two.mmd"]

    run(test)


@pytest.mark.parametrize("name", ["~nobody-of-that-name/x.txt", "no/such/folder.svg", ".", "x" * 300, ""])
def test_where_nothing_can_be_written_one_is_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_drawn(session)
            await export(session, name)
            await session.wait(lambda: session.app.screen is screen)
            await session.wait(lambda: bool(session.app._notifications) is bool(name))
            assert not list(tmp_path.iterdir())

    run(test)


def test_a_capture_is_not_written_over(tmp_path: Path) -> None:
    path = write_talk(tmp_path, make_echoes(1))
    before = path.read_bytes()

    async def test() -> None:
        async with browse(path) as session:
            screen = await open_drawn(session)
            await export(session, path)
            await session.wait(lambda: session.app.screen is screen and session.app._notifications)
            assert path.read_bytes() == before

    run(test)


# Privacy


def test_error_comments_are_written_only_when_one_agrees_or_masked(tmp_path: Path) -> None:
    capture, target = write_talk(tmp_path, make_failure()), tmp_path / "ladder.txt"

    async def test() -> None:
        async with browse(capture) as session:
            screen = await open_drawn(session)
            for key in ("escape", "m", "y"):
                await export(session, target)
                await session.wait(lambda: isinstance(session.app.screen, Choose))
                assert "may tell who a patient is" in session.text
                await session.press(key)
                await session.wait(lambda: session.app.screen is screen)
                if key == "escape":
                    assert not target.exists()
                    continue
                await session.wait(target.exists)
                assert (COMMENT in target.read_text("utf-8")) is (key == "y")
                target.unlink()

    run(test)


def test_in_privacy_neither_screen_nor_file_has_error_comments(tmp_path: Path) -> None:
    capture, target = write_talk(tmp_path, make_failure()), tmp_path / "ladder.txt"

    async def test() -> None:
        async with browse(capture) as session:
            screen = await open_drawn(session)
            await session.press("end")
            await session.wait(lambda: COMMENT in session.text)
            await session.press("P")
            await wait_drawn(session, screen)
            assert find_place(screen) == (4, 4)
            assert any("(xxxxx^xxxx xxxx)" in event.label for event in screen.rungs.events)
            assert not any(COMMENT in line.partition("\u2524")[0][:80] for line in session.lines)
            assert "private" in session.lines[0]
            await export(session, target)
            await session.wait(target.exists)
            assert COMMENT not in target.read_text("utf-8")
            assert "(xxxxx^xxxx xxxx)" in target.read_text("utf-8")

    run(test)


def test_all_of_a_capture_is_drawn_as_the_verb_draws_it(captured: Path) -> None:
    state = load(captured)
    arrivals = [state.make_entry(row).arrival for row in range(len(state.index))]
    assert draw(state, 0) == [(event.first, event.last, event.pdus) for event in make_events(arrivals)]
