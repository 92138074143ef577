"""Opening captures from the terminal interface: names that are written, completed, or chosen from a list."""

import gzip
import os
import shutil
from pathlib import Path

import pytest

from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.captureslist import Word, find_word, go_into, go_on, list_captures, quote, read_names
from dissect.tui.openscreen import OpenScreen
from tests.browsing import ROOT, SMALL, WIDE, Session, browse, run

CAPTURES = ROOT / "captures"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the current folder, with captures in it and below it, and what is none."""
    (tmp_path / "below").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name, copies in (("c-echo", "echo.pcap"), ("c-find", "find one.pcap"), ("c-move", "below/move.PCAP")):
        shutil.copy(CAPTURES / f"{name}.pcap", tmp_path / copies)
    (tmp_path / "find two.pcap.gz").write_bytes(gzip.compress((CAPTURES / "c-find-failed.pcap").read_bytes()))
    (tmp_path / "find.txt").write_text("no capture")
    (tmp_path / "broken.cap").write_text("no capture")
    os.symlink(tmp_path / "gone.pcap", tmp_path / "dangling.pcap")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def open_screen(session: Session) -> OpenScreen:
    await session.press("ctrl+o")
    await session.wait(lambda: isinstance(session.app.screen, OpenScreen) and session.app.screen.line.has_focus)
    screen = session.app.screen
    assert isinstance(screen, OpenScreen)
    return screen


async def see_opened(session: Session, *names: str) -> None:
    await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
    assert session.main.state.names == list(names)
    await session.wait(lambda: session.main.state.loading.over and session.main.shown is not None)


@pytest.mark.parametrize(
    ("line", "start", "text"),
    [
        ("", 0, ""), ("a", 0, "a"), ("a b", 2, "b"), ("a ", 2, ""), ("'a b", 0, "a b"), ("x 'a b'/c", 2, "a b/c"),
        ('"a\'b', 0, "a'b"), ("a\\ b", 0, "a b"), ("'a' 'b' ", 8, ""), ("'a\\", 0, "a\\"),
    ],
)  # fmt: skip
def test_the_last_word_of_a_line_is_found_as_a_shell_finds_it(line: str, start: int, text: str) -> None:
    assert find_word(line) == Word(start, text)


@pytest.mark.parametrize("name", ["a", "a b", "it's", "~/a b", "~/", "-", "a/", "\\", ""])
def test_a_quoted_name_is_read_as_it_is(name: str) -> None:
    assert find_word(quote(name)).text == name
    assert read_names(quote(name)) == ([os.path.expanduser(name)] if name else [])


@pytest.mark.parametrize(
    ("folder", "name", "found"),
    [
        ("", "a", "a"), ("x/", "a", "x/a"), ("x/", "../", ""), ("x/y/", "../", "x/"), ("", "../", "../"),
        ("../", "../", "../../"), ("/", "../", "/"), ("/x/", "../", "/"),
    ],
)  # fmt: skip
def test_the_folder_above_is_named_without_detours(folder: str, name: str, found: str) -> None:
    assert go_into(folder, name) == found


def test_folders_and_captures_are_listed(folder: Path) -> None:
    names = [each.name for each in list_captures(Word(0, ""))]
    assert names == ["../", "below/", "broken.cap", "echo.pcap", "find one.pcap", "find two.pcap.gz"]
    assert [each.name for each in list_captures(Word(0, ".h"))] == [".hidden/"]
    found = list_captures(Word(0, f"{folder}/find"))
    assert [each.size > 0 for each in found] == [True, True]
    assert go_on(Word(0, f"{folder}/find"), [each.name for each in found]) == f"{folder}/find "
    assert [each.name for each in list_captures(Word(0, "below/"))] == ["../", "move.PCAP"]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["140x45", "80x24"])
@pytest.mark.parametrize("plain", [False, True], ids=["unicode", "ascii"])
def test_a_name_is_completed_and_opened(size: tuple[int, int], plain: bool, folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=size, plain=plain) as session:
            screen = await open_screen(session)
            await session.wait(lambda: "find two.pcap.gz" in session.text)
            await session.press("[be]", "tab", "tab")
            assert screen.line.value == "below/move.PCAP "
            await session.press("[f]", "tab")
            assert screen.line.value == "below/move.PCAP 'find '"
            await session.press("backspace", "[o]", "tab")
            assert screen.line.value == "below/move.PCAP 'find one.pcap' "
            await session.press("enter")
            await see_opened(session, "below/move.PCAP", "find one.pcap")
            await session.wait(lambda: "find one.pcap" in session.lines[0])

    run(test)


def test_folders_and_captures_are_chosen_from_the_list(folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_screen(session)
            await session.press("down")
            await session.wait(lambda: screen.captures.has_focus)
            await session.press("enter")
            await session.wait(lambda: screen.line.value == "below/" and "move.PCAP" in session.text)
            await session.press("left")
            await session.wait(lambda: "echo.pcap" in session.text)
            await session.press("down", "down", "enter")
            await see_opened(session, "echo.pcap")
            assert len(session.main.state.index) == 6

    run(test)


def test_several_captures_are_added_to_the_line(folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_screen(session)
            await session.press("down")
            await session.wait(lambda: screen.captures.has_focus)
            await session.press("down", "down", "down", "space", "space")
            assert screen.line.value == "'find one.pcap' 'find two.pcap.gz' "
            await session.press("tab")
            await session.wait(lambda: screen.line.has_focus)
            await session.press("enter")
            await see_opened(session, "find one.pcap", "find two.pcap.gz")

    run(test)


def test_a_click_chooses_and_a_second_one_opens(folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_screen(session)
            await session.pilot.click(screen.captures, offset=(3, 5))
            await session.pilot.click(screen.captures, offset=(3, 5))
            await see_opened(session, "echo.pcap")

    run(test)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("nothing.pcap", "nothing.pcap: no such file"), ("broken.cap", "broken.cap: "),
        ("'find", "No closing quotation"),
        ("", "write a name"), ("below", "below: "),
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_told_and_the_capture_stays(line: str, told: str, folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await open_screen(session)
            await session.press(f"[{line}]", "enter")
            await session.wait(lambda: f"\u2717 {told}" in session.text)
            names = session.main.state.names
            await session.press("escape")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            assert session.main.state.names == names
            assert session.main.shown is not None

    run(test)


def test_a_folder_that_is_none_is_told(folder: Path) -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await open_screen(session)
            await session.press("[none/x]")
            await session.wait(lambda: "none/: No such file or directory" in session.text)
            await session.press("tab", "backspace", "backspace")
            await session.wait(lambda: "nothing here goes on like this" in session.text)

    run(test)


def test_the_folder_of_a_user_who_is_none_is_no_folder() -> None:
    with pytest.raises(OSError, match="nobody-here"):
        list_captures(find_word("~nobody-here/x"))
