"""The screen of statistics, and what is drawn on it."""

import csv
import json
import re
import resource
from functools import partial
from pathlib import Path

import pytest

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.index import Index
from dissect.query import Filter
from dissect.reading import Reading
from dissect.tui import counting
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.charts import draw_bar, draw_columns
from dissect.tui.counting import Counting
from dissect.tui.statistics import Room, make_sections
from dissect.tui.statisticsscreen import StatisticsScreen
from tests import build
from tests.browsing import SMALL, WIDE, Session, browse, run
from tests.conftest import BUILT, RECORDED, ROOT
from tests.test_attempts import send
from tests.test_rows import read_frames

SIZES = [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24")]


def read(path: Path) -> Index:
    capture = Capture(str(path))
    index = Index(capture)
    reading = Reading(capture, Config())
    reading.close = index.close
    for subject in reading:
        index.add(subject)
    return index


def count(index: Index, text: str = "") -> Counting:
    found = Counting(index, lambda: True, text)
    found.job.start()
    found.job.join(20)
    assert found.job.error is None
    assert found.counted is not None
    assert found.counted.whole
    return found


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.stem)
def test_a_filter_that_holds_for_all_gives_the_figures_of_all(path: Path) -> None:
    index = read(path)
    whole, some = count(index).counted, count(index, "pdu > 0").counted
    assert whole == some


@pytest.mark.parametrize("uid", ['1.2"3', "1.2\\3", '1"\\', "1.2\x1b", "1.2\n3", " "])
def test_a_uid_that_is_none_is_in_no_filter(uid: str) -> None:
    talk = build.Talk().open().request(build.associate_rq([(1, uid, (build.IMPLICIT,))])).answer(build.associate_ac())
    talk.request(*build.message(1, build.c_store_rq(1, uid, "1.2"), b""))
    index = read_frames(talk.frames)
    counted = count(index).counted
    assert counted is not None
    sections = {section.name: section for section in make_sections(index, counted, [], Room(120, 40))}
    tests = [line.test for name in ("Commands", "Contexts") for line in sections[name].lines if line.test]
    assert tests == ["dimse.cmd in {C-STORE-RQ, C-STORE-RSP}"]


def test_a_filter_gives_the_figures_of_the_pdus_that_it_shows() -> None:
    counted = count(read(ROOT / "captures" / "built-messages.pcap"), "dimse.status == failure").counted
    assert counted is not None
    assert counted.report["pdus"] == counted.sight.count == 5
    assert {each["class"] for each in counted.report["statuses"]} == {"failure"}


def test_a_filter_about_whole_associations_is_counted_too() -> None:
    counted = count(read(ROOT / "captures" / "rejected-limit.pcap"), "assoc.end == rejected").counted
    assert counted is not None
    assert counted.report["ends"] == {"rejected": 1}


def test_figures_are_shown_while_more_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "PERIOD", 0.0)
    index, over = read(ROOT / "captures" / "c-find.pcap"), False
    found = Counting(index, lambda: over)
    found.job.start()
    while found.counted is None:
        found.job.pause(0.01)
    assert not found.counted.whole
    over = True
    found.job.join(20)
    assert found.counted.whole


@pytest.mark.parametrize("path", [*RECORDED, *BUILT], ids=lambda path: path.stem)
@pytest.mark.parametrize("width", [76, 138])
def test_every_line_fits_and_every_filter_can_be_read(path: Path, width: int) -> None:
    index = read(path)
    counted = count(index).counted
    assert counted is not None
    for section in make_sections(index, counted, [("File", path.name)], Room(width, 40)):
        assert section.lines
        for line in section.lines:
            assert line.row is None or 0 <= line.row < len(index)
            if line.test:
                Filter(line.test)


def test_a_bar_grows_by_eighths_of_a_cell_and_the_least_one_can_be_seen() -> None:
    assert draw_bar(0, 8, 2) == ""
    assert draw_bar(1, 1000, 2) == "\u258f"
    assert draw_bar(1, 2, 3) == "\u2588\u258c"
    assert draw_bar(1, 2, 4, ascii_only=True) == "##"


def test_columns_are_several_lines_high() -> None:
    assert draw_columns([0, 1, 8, 16], 2) == ["   \u2588", " \u2581\u2588\u2588"]
    assert draw_columns([1, 2], 1, 2, ascii_only=True) == ["==##"]


# The screen


def get_screen(session: Session) -> StatisticsScreen:
    screen = session.app.screen
    assert isinstance(screen, StatisticsScreen)
    return screen


async def show(session: Session) -> StatisticsScreen:
    await session.press("S")
    await session.wait(lambda: isinstance(session.app.screen, StatisticsScreen))
    screen = get_screen(session)
    await session.wait(lambda: screen.counting.counted is not None and screen.counting.counted.whole)
    await session.wait(lambda: screen.pane.count)
    return screen


SECTIONS = (
    r"File +\S*built-messages.pcap",
    r"P-DATA-TF +48 +85.7 +4,246",
    r"C-STORE +CT Image Storage",
    r"C-STORE-RSP +A700 +failure +Refused: Out of Resources +1",
    r"Verification SOP Class +1",
    r"64 to 127 +31 +55.4 +\u2588+",
    r"kB/s\u2502",
    r"connections 2, reset 0",
    r"9 Notes, those of data sets left out",
)


@pytest.mark.parametrize("size", SIZES)
def test_every_section_is_reached_by_its_digit(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("built-messages.pcap", size=size) as session:
            screen = await show(session)
            await session.wait(lambda: "statistics of all 56 PDUs" in session.lines[0])
            for number, pattern in enumerate(SECTIONS):
                await session.press(str(number + 1))
                assert screen.pane.number == number
                await session.wait(partial(lambda wanted: re.search(wanted, session.text), pattern))
                assert all(len(line) <= size[0] for line in session.lines)

    run(test)


def test_tab_and_letters_go_from_section_to_section() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await show(session)
            reached = []
            for key in ("tab", "n", "j", "p", "p", "shift+tab", "shift+tab"):
                await session.press(key)
                reached.append(screen.pane.number)
            assert reached == [1, 2, 2, 2, 1, 0, 8]

    run(test)


def test_enter_on_a_command_goes_to_its_slowest_response() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            await session.press("3", "j", "j")
            line = screen.pane.line
            assert line.text.startswith("C-ECHO")
            await session.wait(lambda: "in PDU" in session.text)
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen) and session.main.shown == line.row)
            assert line.row == 3

    run(test)


def test_enter_on_a_heading_says_that_it_is_about_no_pdu() -> None:
    async def test() -> None:
        async with browse("c-echo.pcap") as session:
            await show(session)
            await session.press("enter")
            await session.wait(lambda: session.app._notifications)
            assert "not about one PDU" in next(iter(session.app._notifications)).message

    run(test)


def test_f_filters_to_what_the_line_is_about() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            await session.press("2", "j", "j", "j")
            assert screen.pane.line.text.startswith("A-ASSOCIATE-AC")
            await session.press("f")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.wait(lambda: session.app.state.rows.passed == 2)
            assert session.app.state.filter_text == "pdu.type == A-ASSOCIATE-AC"

    run(test)


@pytest.mark.parametrize("size", SIZES)
def test_with_a_filter_the_figures_are_of_what_is_displayed_and_a_shows_all(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("built-messages.pcap", text="dimse.status == failure", size=size) as session:
            await show(session)
            await session.wait(lambda: "statistics of the 5 displayed of 56 PDUs: dimse" in session.lines[0])
            await session.press("2")
            await session.wait(lambda: re.search(r"P-DATA-TF +5 +100.0", session.text))
            await session.press("a")
            await session.wait(lambda: "statistics of all 56 PDUs (a: only those displayed)" in session.lines[0])
            await session.wait(lambda: re.search(r"P-DATA-TF +48 +85.7", session.text))
            await session.press("a")
            await session.wait(lambda: re.search(r"P-DATA-TF +5 +100.0", session.text))

    run(test)


async def write(session: Session, path: Path, section: str) -> None:
    """Write a section to a file, and wait until the screen tells of it."""
    await session.press(section, "x")
    await session.wait(lambda: "to a new file" in session.text)
    await session.press("ctrl+u", f"[{path}]", "enter")
    await session.wait(lambda: isinstance(session.app.screen, StatisticsScreen) and session.app._notifications)


def test_x_writes_the_table_as_csv_and_tells_the_command(tmp_path: Path) -> None:
    path = tmp_path / "statuses.csv"

    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            await show(session)
            await write(session, path, "4")
            (told,) = (each.message for each in session.app._notifications)
            assert str(path) in told
            assert "dissect stats -T csv" in told
            assert "c-store-refused.pcap" in told

    run(test)
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[0] == ["table", "row", "figure", "value"]
    assert ["statuses", "C-STORE-RSP A700", "meaning", "Refused: Out of Resources"] in rows


def test_x_writes_json_where_the_name_says_so_and_lengths_with_their_histogram(tmp_path: Path) -> None:
    path = tmp_path / "lengths.json"

    async def test() -> None:
        async with browse("c-store-refused.pcap", text="dimse.status == failure") as session:
            await show(session)
            await write(session, path, "6")
            (told,) = (each.message for each in session.app._notifications)
            assert "-Y 'dimse.status == failure'" in told

    run(test)
    report = json.loads(path.read_text())
    assert report["schema"] == 1
    assert sum(each["count"] for each in report["pdu_lengths"]) == 3
    assert {each["type"] for each in report["pdv_sizes"]} == {"command", "data"}


@pytest.mark.parametrize(("name", "expected"), [("there.csv", "left as it is"), ("no/such/folder.csv", "No such file")])
def test_no_file_is_overwritten_and_what_cannot_be_written_is_told(tmp_path: Path, name: str, expected: str) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")

    async def test() -> None:
        async with browse("c-echo.pcap") as session:
            await show(session)
            await write(session, tmp_path / name, "2")
            (told,) = (each.message for each in session.app._notifications)
            assert expected in told

    run(test)
    assert there.read_text() == "mine"


def test_of_a_table_for_which_there_is_no_room_no_part_is_left(tmp_path: Path) -> None:
    _, most = limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def test() -> None:
        async with browse("c-echo.pcap") as session:
            await show(session)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
            try:
                await write(session, tmp_path / "types.csv", "2")
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            (told,) = (each.message for each in session.app._notifications)
            assert "File too large" in told

    run(test)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["escape", "q"])
def test_the_screen_is_left(key: str) -> None:
    async def test() -> None:
        async with browse("c-echo.pcap") as session:
            await show(session)
            await session.press(key)
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.press("S")
            await session.wait(lambda: isinstance(session.app.screen, StatisticsScreen))

    run(test)


def test_without_letters_but_ascii_the_screen_has_none() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap", size=SMALL, plain=True) as session:
            await show(session)
            for number in range(1, 10):
                await session.press(str(number))
                shown = [get_screen(session).pane.render_line(y).text for y in range(21)]
                assert all(line.isascii() for line in shown), number

    run(test)


def test_the_name_of_a_section_can_be_clicked() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            place = screen.pane.render_line(0).text.index("4 Statuses")
            await session.pilot.click(screen.pane, offset=(place + 3, 0))
            await session.wait(lambda: screen.pane.number == 3)

    run(test)


def test_the_lines_follow_the_size_of_the_terminal() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            await session.press("7")
            high = len(screen.pane.sections[6].lines)
            await session.pilot.resize_terminal(80, 24)
            await session.wait(lambda: len(screen.pane.sections[6].lines) < high)
            assert all(len(line) <= 80 for line in session.lines)

    run(test)


def test_a_file_that_ends_in_mid_record_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes((ROOT / "captures" / "c-echo.pcap").read_bytes()[:-5])

    async def test() -> None:
        async with browse(path) as session:
            await show(session)
            await session.wait(lambda: re.search(r"Fault +\S*cut.pcap: cut short in record", session.text))

    run(test)


def test_a_connection_that_was_refused_is_told_of_in_full_and_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "refused.pcap"
    refused = [send(2, build.SYN, port=50002), send(2, build.RST | build.ACK, back=True, port=50002)]
    path.write_bytes(build.pcap([*build.echo_talk().frames, *refused]))
    fault = "10.0.0.2:104 refused 1 TCP connection from 10.0.0.1, the first in frame 13"

    async def test() -> None:
        async with browse(path, size=SMALL) as session:
            await session.wait(lambda: [each for each in session.app._notifications if fault in each.message])
            session.app.clear_notifications()
            await show(session)
            await session.wait(lambda: fault in " ".join(session.text.split()))

    run(test)
