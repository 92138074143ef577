"""The screen of differences: what differs, both sides of it, what is left out, swapped, masked, and what fails."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event as Gate

import pytest

from dissect.cli import browse as command
from dissect.cli import main
from dissect.cli.arguments import make_parser
from dissect.config import Config, load_config
from dissect.diff.comparison import Watch
from dissect.diff.differences import Difference, Place
from dissect.diff.exchange import Exchange
from dissect.diff.loading import load_exchange
from dissect.tui import diffing
from dissect.tui.againstscreen import AgainstScreen, compare
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.diffignoring import list_rules, tell_rules
from dissect.tui.diffscreen import DiffScreen
from dissect.tui.ladderscreen import LadderScreen
from dissect.tui.prompts import Choose, Whole
from dissect.tui.state import State
from tests import build
from tests.browsing import ROOT, SMALL, WIDE, Session, browse, run

TINY = (60, 20)
CT = build.CT_IMAGE_STORAGE
NAME, ROWS, PRIVATE = 0x00100010, 0x00280010, 0x00090010
HOSTILE = "[/][red]x\x1b[31m\u202e[@click=quit]"


def element(tag: int, vr: str, value: str) -> bytes:
    return build.element(tag, vr, value.encode())


def store(status: int = 0, *elements: bytes, talk: build.Talk | None = None) -> build.Talk:
    """Store one image, whose answer is a status."""
    talk = (talk or build.Talk()).open()
    talk.request(build.associate_rq([(1, CT, [build.IMPLICIT])])).answer(build.associate_ac([(1, 0, build.IMPLICIT)]))
    data = b"".join([*elements])
    talk.request(*build.message(1, build.c_store_rq(1, CT, build.SOP_INSTANCE), data))
    talk.answer(*build.message(1, build.c_store_rsp(1, CT, build.SOP_INSTANCE, status)))
    return talk.request(build.release_rq()).answer(build.release_rp()).close()


def echoes(statuses: Iterable[int]) -> build.Talk:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number, status in enumerate(statuses, 1):
        talk.request(*build.message(1, build.c_echo_rq(number)))
        talk.answer(*build.message(1, build.c_echo_rsp(number, status)))
    return talk.request(build.release_rq()).answer(build.release_rp()).close()


def stores(count: int, warned: Iterable[int] = ()) -> build.Talk:
    """Store so many images, some of which are answered with a warning."""
    talk = build.Talk().open().request(build.associate_rq([(1, CT, [build.IMPLICIT])]))
    talk.answer(build.associate_ac([(1, 0, build.IMPLICIT)]))
    for number in range(count):
        uid, status = f"1.2.3.{number}", 0xB000 if number in warned else 0
        talk.request(*build.message(1, build.c_store_rq(number, CT, uid), BASE[1]))
        talk.answer(*build.message(1, build.c_store_rsp(number, CT, uid, status)))
    return talk.request(build.release_rq()).answer(build.release_rp()).close()


def write(folder: Path, name: str, talk: build.Talk) -> Path:
    path = folder / name
    path.write_bytes(build.pcap(talk.frames))
    return path


BASE = (element(NAME, "PN", "Smith^John"), element(ROWS, "US", "\x40\x00"))


@pytest.fixture
def status(tmp_path: Path) -> tuple[Path, Path]:
    """Give two captures of which one image is stored with a warning."""
    return write(tmp_path, "old.pcap", store(0, *BASE)), write(tmp_path, "new.pcap", store(0xB000, *BASE))


@pytest.fixture
def several(tmp_path: Path) -> tuple[Path, Path]:
    """Give two captures that differ in a name, an added element and a status."""
    more = (element(NAME, "PN", "Doe^Jane"), element(0x00180050, "DS", "2.5 "), BASE[1])
    return write(tmp_path, "old.pcap", store(0, *BASE)), write(tmp_path, "new.pcap", store(0xB000, *more))


@asynccontextmanager
async def diff(
    old: Path | str, new: Path | str, size: tuple[int, int] = WIDE, config: Config | None = None, *, plain: bool = False
) -> AsyncIterator[tuple[Session, DiffScreen]]:
    """Browse a capture, and compare it with another one."""
    async with browse(new, size=size, config=config, plain=plain) as session:
        compare(session.main, str(ROOT / "captures" / old if isinstance(old, str) else old))
        await session.wait(lambda: isinstance(session.app.screen, DiffScreen))
        screen = session.app.screen
        assert isinstance(screen, DiffScreen)
        await settle(session, screen)
        yield session, screen


async def settle(session: Session, screen: DiffScreen) -> None:
    await session.wait(lambda: screen.diffing.taken and screen.pane.has_focus)
    await session.pilot.pause()


def list_told(screen: DiffScreen) -> list[tuple[str, str | None, str | None]]:
    rows = screen.pane.rows
    assert rows is not None
    found = [rows.difference(rows[number]) for number in range(len(rows))]
    return [(each.name, each.old, each.new) for each in found if each is not None]


def hear(session: Session) -> str:
    """Give what was told at the side of the screen."""
    return "\n".join(each.message for each in session.app._notifications)


def find_nodes(screen: DiffScreen) -> list[str]:
    return [side.nodes.node.name if side.nodes.node is not None else "" for side in screen.sides]


# What is shown


@pytest.mark.parametrize(("size", "plain"), [(WIDE, False), (SMALL, True), (TINY, False)], ids=str)
def test_a_status_stands_in_the_list_and_in_both_trees(
    status: tuple[Path, Path], size: tuple[int, int], plain: bool
) -> None:
    async def test() -> None:
        async with diff(*status, size=size, plain=plain) as (session, screen):
            await session.settle()
            text = session.text
            assert "1 break" in text
            assert "1 of 1 operation" in text
            arrow = ">" if plain else "\u2192"
            assert any("!~" in line and "Status" in line and f" {arrow} 0xB000" in line for line in session.lines)
            assert find_nodes(screen) == ["Status", "Status"]
            sides = [side for side in screen.sides if side.display]
            assert len(sides) == (2 if size is WIDE else 1)
            assert ("old  association.1/c-store-rsp.1" in text) is (size is WIDE)
            assert "new  association.1/c-store-rsp.1" in text
            assert sum("(0000,0900)" in line and "!~" in line for line in session.lines) == 1
            assert all(len(line) <= size[0] for line in session.lines)
            assert not plain or text.isascii()

    run(test)


def test_the_bytes_of_the_value_are_marked_on_both_sides(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*status) as (_, screen):
            values = []
            for side in screen.sides:
                extract = side.octets.extract
                assert extract is not None
                [(start, stop)] = extract.marked
                values.append(bytes(extract.span.source.read(start, stop))[-2:])
            assert values == [b"\x00\x00", b"\x00\xb0"]

    run(test)


def test_where_there_is_little_room_x_shows_the_bytes_and_o_the_other_side(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*status, size=SMALL) as (session, screen):
            assert [side.display for side in screen.sides] == [False, True]
            await session.press("x")
            assert "00 b0" in session.text
            await session.press("o")
            assert [side.display for side in screen.sides] == [True, False]
            assert "00 b0" not in session.text
            await session.press("tab", "o")
            assert screen.sides[1].octets.has_focus or screen.sides[1].nodes.has_focus

    run(test)


def test_identical_captures_say_so_and_u_shows_what_was_compared() -> None:
    async def test() -> None:
        async with diff("c-move.pcap", "c-move.pcap") as (session, screen):
            assert screen.pane.count == 0
            assert "no difference in" in session.text
            await session.press("n")
            assert "no further difference" in hear(session)
            await session.press("u")
            assert "C-MOVE-RQ #1 / #1" in session.text
            assert "same" in session.text
            await session.press("j")
            assert screen.sides[0].home is not None
            await session.press("u")
            assert screen.pane.count == 0

    run(test)


def test_an_added_element_is_sought_on_the_other_side_where_it_would_be(several: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*several) as (session, screen):
            told = list_told(screen)
            assert ("Patient's Name", "Smith^John", "Doe^Jane") in told
            assert ("Slice Thickness", None, "2.5") in told
            while screen.pane.difference is None or screen.pane.difference.name != "Slice Thickness":
                await session.press("n")
            assert find_nodes(screen) == ["Data Set", "Slice Thickness"]
            marks = [sorted(side.nodes.marks) for side in screen.sides]
            assert marks == [["data-set/0010,0010"], ["data-set/0010,0010", "data-set/0018,0050"]]

    run(test)


def test_n_goes_through_all_differences_and_opens_what_is_closed(several: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*several) as (session, screen):
            size = len(list_told(screen))
            assert size == 3
            seen = []
            await session.press("C")
            assert not list_told(screen)
            await session.press("home")
            for _ in range(size):
                await session.press("n")
                seen.append(screen.pane.difference)
            assert len(set(seen)) == len(seen) == size
            await session.press("n")
            assert "no further difference" in hear(session)
            last = screen.pane.cursor
            await session.press("N", "N")
            assert screen.pane.cursor == last - 2
            await session.press("left", "left", "left", "left")
            assert screen.pane.cursor == 0
            assert screen.pane.count == 1
            await session.press("n")
            assert screen.pane.difference is not None

    run(test)


def test_a_long_association_is_moved_through_at_once(tmp_path: Path) -> None:
    old, new = write(tmp_path, "old.pcap", stores(600)), write(tmp_path, "new.pcap", stores(600, (300, 500)))

    async def test() -> None:
        async with diff(old, new) as (session, screen):
            assert [each[0] for each in list_told(screen)] == ["Status", "Status"]
            await session.press("u")
            assert screen.pane.count == 1 + 600 + 2
            await session.press("g", "n", "n")
            assert screen.pane.row is not None
            assert screen.pane.row.place == 500
            assert find_nodes(screen) == ["Status", "Status"]
            await session.press("u")
            assert screen.pane.row.place == 500
            assert screen.pane.count == 5

    run(test)


def test_one_tree_follows_the_other(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*status) as (session, screen):
            screen.sides[0].nodes.focus()
            await session.press("up", "up")
            names = find_nodes(screen)
            assert names[0] == names[1] != "Status"
            screen.sides[1].octets.focus()
            await session.press("home")
            assert find_nodes(screen)[1] == "Command Group Length"

    run(test)


def test_notes_are_shown_when_they_are_asked_for(tmp_path: Path) -> None:
    talks = []
    for size in (4096, 8192):
        user = build.user_information(build.maximum_length(size), build.implementation_class("1.2.3"))
        talk = build.Talk().open().request(build.associate_rq(user=user)).answer(build.associate_ac())
        talks.append(talk.request(build.release_rq()).answer(build.release_rp()).close())
    paths = write(tmp_path, "old.pcap", talks[0]), write(tmp_path, "new.pcap", talks[1])

    async def test() -> None:
        async with diff(*paths) as (session, screen):
            assert screen.pane.count == 0
            assert "m shows notes" in session.text
            await session.press("m")
            await settle(session, screen)
            assert [each[1:] for each in list_told(screen)] == [("4096", "8192")]

    run(test)


def test_old_and_new_are_swapped_and_the_cursor_stays(several: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*several) as (session, screen):
            await session.press("n")
            found = screen.pane.difference
            assert found is not None
            before = list_told(screen)
            await session.press("s")
            await settle(session, screen)
            assert sorted(map(str, list_told(screen))) == sorted(str((name, new, old)) for name, old, new in before)
            assert screen.pane.difference is not None
            assert screen.pane.difference.name == found.name
            assert "new.pcap \u2192 old.pcap" in session.lines[0]

    run(test)


# What is left out


def test_a_rule_is_written_and_the_difference_is_gone(
    several: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    monkeypatch.setenv("DISSECT_CONFIG", str(path))

    async def test() -> None:
        async with diff(*several) as (session, screen):
            assert screen.pane.difference is not None
            assert screen.pane.difference.name == "Patient's Name"
            await session.press("i")
            assert isinstance(session.app.screen, Choose)
            told = " ".join(session.text.split())
            for rule in ("association.*/c-store-rq.*/data-set/0010,0010", "(0010,0010)", "VR:PN", "GROUP:0010"):
                assert rule in told
            await session.press("v")
            await settle(session, screen)
            await session.wait(lambda: "Patient's Name" not in [each[0] for each in list_told(screen)])
            assert len(list_told(screen)) == 2
            assert "hidden: 1 by VR:PN" in session.text
            assert f"written to {path}" in hear(session)
            assert path.read_text().startswith("# mine\n")
            assert load_config(path).diff.ignore == ("VR:PN",)
            assert session.main.state.config.diff.ignore == ("VR:PN",)

    run(test)


def test_where_nothing_can_be_written_the_rule_holds_until_the_end(several: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*several) as (session, screen):
            await session.press("i", "p")
            await session.wait(lambda: len(list_told(screen)) == 2)
            assert "until dissect ends" in hear(session)

    run(test)


def test_no_rule_is_offered_for_what_none_reaches() -> None:
    place = Place("association.1/c-store-rq.1")
    assert list_rules(Difference("added", "change", "C-STORE-RQ", None, "", Place("association.1"), place)) == {}
    place = Place("association.1/c-store-rq.12/data-set/0009,1001.2")
    rules = list_rules(Difference("removed", "change", "Private", "x", None, place, Place()), "LO")
    assert rules == {
        "p": "association.*/c-store-rq.*/data-set/0009,1001.2", "t": "(0009,1001)", "v": "VR:LO", "g": "GROUP:0009",
        "x": "private",
    }  # fmt: skip
    place = Place("association.1/a-associate-rq.1/body/user-information.1/maximum-length.1")
    assert list(list_rules(Difference("changed", "note", "Maximum", "1", "2", place, place))) == ["p"]


# Privacy, hostile text


def test_rules_are_offered_without_what_a_terminal_must_not_see() -> None:
    place = Place("association.1/c-store-rq.1/data-set/0009,1001.2/x\x1b[31m")
    found = Difference("changed", "change", "Private\x1b[31m", "1", "2", place, place)
    told = tell_rules(found, {"p": place.path, "t": "(0009,1001)"})
    assert told["p"].endswith("/x\\033[31m (this path)")
    assert told["t"] == "(0009,1001) (every Private\\033[31m)"


def test_privacy_masks_the_list_the_trees_the_bytes_and_the_foot(several: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*several) as (session, screen):
            assert "Smith^John" in session.text
            await session.press("P")
            await session.settle()
            assert "Smith" not in session.text
            assert "Jane" not in session.text
            assert "xxxxx^xxxx" in session.text
            assert "2.5" in session.text
            assert screen.nodes.node is not None
            assert screen.make_copy("r", screen.nodes.node) == screen.tell_row()
            assert "Jane" not in str(screen.tell_row())

    run(test)


@pytest.mark.parametrize("size", [WIDE, TINY], ids=["140x45", "60x20"])
def test_hostile_text_is_shown_escaped(tmp_path: Path, size: tuple[int, int]) -> None:
    old = write(tmp_path, "[old].pcap", store(0, *BASE))
    bad = element(NAME, "PN", HOSTILE), element(0x00081030, "LO", HOSTILE), BASE[1]

    async def test() -> None:
        async with diff(old, write(tmp_path, "[red]new.pcap", store(0, *bad)), size=size) as (session, _):
            await session.settle()
            await session.press("n")
            assert "\x1b" not in session.text
            assert "\u202e" not in session.text
            assert "[/][red]x" in session.text
            assert "[old].pcap" in session.text
            await session.press("i", "escape", "u", "P", "tab", "tab")

    run(test)


# What cannot be compared


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"no capture at all", "not a capture"),
        (b"dissect snapshot 1\nnonsense", "line 2"),
        (b"dissect snapshot 1\n\xff", "not UTF-8"),
        (build.pcap([]), "no DICOM found"),
        (None, "no such file"),
    ],
    ids=["text", "snapshot", "encoding", "empty", "gone"],
)
def test_what_cannot_be_read_is_told_in_a_line(tmp_path: Path, data: bytes | None, told: str) -> None:
    path = tmp_path / "other"
    if data is not None:
        path.write_bytes(data)

    async def test() -> None:
        async with diff(path, "c-echo.pcap") as (session, screen):
            assert "nothing was compared" in session.text
            assert told in screen.diffing.error
            if data is None:  # no key does any harm
                await session.press(
                    "n", "N", "i", "u", "m", "s", "o", "x", "enter", "left", "right", "E", "C", "p", "y"
                )
                await session.wait(lambda: screen.diffing.taken)
                await session.press("escape")
                assert isinstance(session.app.screen, CaptureScreen)

    run(test)


def test_damage_in_the_other_capture_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes((ROOT / "captures" / "c-store.pcap").read_bytes()[:-700])

    async def test() -> None:
        async with diff(path, "c-store.pcap") as (session, screen):
            assert screen.diffing.comparison is not None
            assert "cut" in session.lines[0]

    run(test)


def test_rules_that_fit_nothing_are_told(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        plain = Config()
        async with diff(*status, config=replace(plain, diff=replace(plain.diff, pairs=((7, 1),)))) as (session, _):
            assert "no association 7" in session.text
        async with diff(*status, config=replace(plain, diff=replace(plain.diff, ignore=("nonsense",)))) as (session, _):
            assert "names no field" in session.text

    run(test)


def test_a_fault_of_ours_is_told_without_what_the_capture_holds(
    status: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("Smith^John")

    monkeypatch.setattr(diffing, "Comparison", fail)

    async def test() -> None:
        async with diff(*status) as (session, _):
            assert "failed: KeyError" in session.text
            assert "Smith" not in session.text

    run(test)


def test_esc_stops_and_r_goes_on(status: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate()

    def slow(name: str, config: Config, watch: Watch | None = None) -> Exchange:
        gate.wait(10)
        assert watch is not None
        watch(1, 2)
        return load_exchange(name, config, watch)

    monkeypatch.setattr(diffing, "load_exchange", slow)

    async def test() -> None:
        async with browse(status[1]) as session:
            compare(session.main, str(status[0]))
            await session.wait(lambda: isinstance(session.app.screen, DiffScreen))
            screen = session.app.screen
            assert isinstance(screen, DiffScreen)
            await session.wait(lambda: "Esc stops" in session.text)
            await session.press("i", "s", "u", "n", "escape")
            gate.set()
            await session.wait(lambda: screen.diffing.taken)
            assert "stopped" in screen.diffing.error
            await session.press("r")
            await settle(session, screen)
            assert "1 break" in session.text
            await session.press("escape")
            assert isinstance(session.app.screen, CaptureScreen)

    run(test)


# From where one comes, and where one goes


def test_the_key_asks_for_the_other_capture(status: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(status[0].parent)

    async def test() -> None:
        async with browse(status[1]) as session:
            await session.press("D")
            await session.wait(lambda: isinstance(session.app.screen, AgainstScreen))
            assert "Compare with" in session.text
            await session.press("[none.pcap]", "enter")
            await session.wait(lambda: "No such file" in session.text)
            await session.press("ctrl+u", "[o]", "tab", "enter")
            await session.wait(lambda: isinstance(session.app.screen, DiffScreen))
            screen = session.app.screen
            assert isinstance(screen, DiffScreen)
            await settle(session, screen)
            assert "old.pcap \u2192 new.pcap" in session.lines[0]
            await session.press("question_mark")
            assert "Swap" in session.text
            assert "diff.ignore" in session.text
            await session.press("escape", "q")
            assert isinstance(session.app.screen, CaptureScreen)

    run(test)


def test_snapshots_are_offered_and_compared(status: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = status[0].parent
    assert main(["snapshot", str(status[0])]) == 0
    (folder / "expected.txt").write_text(capsys.readouterr().out)

    async def test() -> None:
        async with browse(status[1]) as session:
            await session.press("D")
            await session.wait(lambda: isinstance(session.app.screen, AgainstScreen))
            await session.press(f"[{folder}/]")
            await session.wait(lambda: "expected.txt" in session.text)
            await session.press("[expected.txt]", "enter")
            await session.wait(lambda: isinstance(session.app.screen, DiffScreen))
            screen = session.app.screen
            assert isinstance(screen, DiffScreen)
            await settle(session, screen)
            assert [each[0] for each in list_told(screen)] == ["Status"]
            assert find_nodes(screen) == ["Status", "Status"]
            assert "no bytes" in session.text
            assert "udef" not in session.text
            screen.sides[0].nodes.focus()
            await session.press("P", "enter")
            assert isinstance(session.app.screen, Whole)
            await session.press("escape")
            assert "Smith" not in session.text

    run(test)


def test_the_marked_messages_of_the_ladder_are_compared(tmp_path: Path) -> None:
    path = write(tmp_path, "echoes.pcap", echoes([0, 0x0122, 0]))

    async def test() -> None:
        async with browse(path) as session:
            await session.press("L")
            await session.wait(lambda: isinstance(session.app.screen, LadderScreen))
            ladder = session.app.screen
            assert isinstance(ladder, LadderScreen)
            await session.wait(lambda: ladder._drawn and ladder.rungs.has_focus and ladder._wanted is None)
            await session.press("D")
            assert "mark two messages" in hear(session)
            requests = [at for at, event in enumerate(ladder.rungs.events) if "C-ECHO-RQ" in event.label]
            for at in (requests[0], requests[0] + 1):
                ladder.rungs.move_to(at)
                await session.press("space")
            await session.press("D")
            assert "same operation" in hear(session)
            ladder.rungs.marked.clear()
            for at in (requests[0], requests[1] + 1):
                ladder.rungs.move_to(at)
                await session.press("space")
            await session.press("D")
            await session.wait(lambda: isinstance(session.app.screen, DiffScreen))
            screen = session.app.screen
            assert isinstance(screen, DiffScreen)
            await settle(session, screen)
            assert [each[0] for each in list_told(screen)] == ["Status"]
            assert [side.home.path for side in screen.sides if side.home] == [
                "association.1/c-echo-rsp.1", "association.1/c-echo-rsp.2"
            ]  # fmt: skip
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.wait(lambda: session.main.shown == 5)

    run(test)


def test_what_differs_is_gone_to_in_the_capture_that_is_browsed(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        async with diff(*status) as (session, screen):
            screen.sides[0].nodes.focus()
            await session.press("enter")
            assert isinstance(session.app.screen, Whole)  # of the other capture
            await session.press("escape")
            screen.pane.focus()
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.wait(lambda: session.main.shown == 4)

    run(test)


def test_the_interface_begins_with_the_comparison(status: tuple[Path, Path]) -> None:
    async def test() -> None:
        state = State([str(status[1])], Config())
        app = Browser(state, against=str(status[0]))
        try:
            async with app.run_test(size=SMALL) as pilot:
                session = Session(app, pilot)
                await session.wait(lambda: isinstance(app.screen, DiffScreen))
                await session.wait(lambda: "1 break" in session.text)
                await session.press("q")
                assert isinstance(app.screen, CaptureScreen)
        finally:
            state.leave()

    asyncio.run(asyncio.wait_for(test(), 60))


def test_the_command_line_names_the_other_capture_and_the_settings(
    status: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made: list[Browser] = []
    monkeypatch.setattr(Browser, "run", lambda app: made.append(app))
    monkeypatch.setattr(command, "take_terminal", lambda: None)
    own = tmp_path / "project.toml"
    own.write_text("[diff]\nignore = ['VR:PN']\n")
    words = ["browse", "--against", str(status[0]), "--config", str(own), str(status[1])]
    assert command.browse(make_parser().parse_args(words)) == 0
    [app] = made
    app.state.leave()
    assert app.state.config.diff.ignore == ("VR:PN",)
    assert app.state.settings_file == own
    assert command.browse(make_parser().parse_args(["browse", "--against", "-", str(status[1])])) == 2
    assert "--against takes a file" in capsys.readouterr().err
