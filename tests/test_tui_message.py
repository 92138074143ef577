"""The message screen of the terminal interface: a message put together, its bytes, and those around it."""

from pathlib import Path

import pytest

from dissect.tui import messagescreen, taking
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.clipboard import Outcome
from dissect.tui.messages import find_next, tell_message
from dissect.tui.messagescreen import MessageScreen
from tests import build
from tests.browsing import SMALL, WIDE, Session, browse, run


async def open_message(session: Session, row: int) -> MessageScreen:
    session.main.visit(row)
    await session.wait(lambda: session.main.shown == row)
    await session.press("F")
    await session.wait(lambda: isinstance(session.app.screen, MessageScreen))
    screen = session.app.screen
    assert isinstance(screen, MessageScreen)
    await session.wait(lambda: screen.nodes.has_focus)
    return screen


def find_line(session: Session, word: str) -> str:
    return next((line for line in session.lines if word in line), "")


@pytest.mark.parametrize("size", [WIDE, SMALL, (60, 20)], ids=["140x45", "80x24", "60x20"])
@pytest.mark.parametrize("plain", [False, True], ids=["unicode", "ascii"])
def test_command_set_and_data_set_stand_in_one_tree_under_what_the_message_is(
    size: tuple[int, int], plain: bool
) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=size, plain=plain) as session:
            screen = await open_message(session, 4)
            told = " ".join(" ".join(session.lines[:3]).split())
            assert told.startswith(
                "C-STORE-RQ ID=1, CT Image Storage, from PDUs 3-6, 4 PDUs, 9.6 kB, answered by PDU 7 after 408 us"
            )
            assert "Command Set" in session.text
            await session.press("end")
            assert screen.nodes.node is not None
            assert screen.nodes.node.path == "association.1/c-store-rq.1/data-set/7fe0,0010"
            assert "7fe0" in session.text
            assert all(len(line) <= size[0] for line in session.lines)

    run(test)


def test_tree_and_bytes_find_each_other() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_message(session, 4)
            nodes, octets = screen.nodes, screen.octets
            await session.press(*["down"] * 13)
            await session.wait(lambda: nodes.node is not None and nodes.node.tag == "(0008,0018)" and octets.extract)
            assert nodes.node is not None
            assert octets.extract is not None
            assert nodes.node.span is not None
            assert octets.extract.marked == [(nodes.node.span.start, nodes.node.span.stop)]
            assert octets.extract.title == "data set: 9,552 bytes"
            await session.press("tab", *["down"] * 7)
            await session.wait(lambda: nodes.node is not None and nodes.node.tag == "(0008,0020)")
            low, high = octets.extract.marked[0]
            assert bytes(octets.extract.span.source.read(low, high)).endswith(b"20240229")
            await session.press("shift+tab", "home", "down", "down")
            await session.wait(lambda: octets.extract is not None and octets.extract.title == "command set: 138 bytes")

    run(test)


def test_one_goes_from_message_to_message_and_to_what_answers_it() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            screen = await open_message(session, 0)
            await session.wait(lambda: "PDU 1 carries no message; ] goes to the next" in session.text)
            assert screen.nodes.count == 0
            await session.press("left_square_bracket", "y", "i", "enter", "p")
            for number, words in ((1, "C-FIND-RQ ID=1"), (2, "C-FIND-RSP ID=1"), (3, "C-FIND-RSP ID=1 (Success)")):
                await session.press("right_square_bracket")
                assert screen.number == number
                assert session.lines[0].strip().startswith(f"{words}, Patient Root")
            await session.press("right_square_bracket")
            assert screen.number == 3
            await session.press("p")
            assert screen.number == 1
            await session.press("p")
            assert screen.number == 3
            await session.press("left_square_bracket", "F")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen) and session.main.shown == 4)

    run(test)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_it_is_left_as_it_was_come_to(key: str) -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await open_message(session, 4)
            await session.press("right_square_bracket", key)
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            assert session.main.shown == 4

    run(test)


def test_a_value_is_shown_whole_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []

    def take(text: str, *_: object) -> Outcome:
        copied.append(text)
        return Outcome("copied", done=True)

    monkeypatch.setattr(taking, "copy", take)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_message(session, 4)
            await session.press(*["down"] * 13)
            await session.wait(lambda: screen.nodes.node is not None and screen.nodes.node.tag == "(0008,0018)")
            assert screen.nodes.node is not None
            value = screen.nodes.node.text
            await session.press("enter")
            await session.wait(lambda: value in session.text and "44 bytes" not in session.lines[0])
            await session.press("escape")
            for key in "vtf":
                await session.press("y", key)
            assert copied == [value, "(0008,0018)", f'SOPInstanceUID == "{value}"']
            await session.press("f", "r")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            assert session.main.state.filter_text == f'SOPInstanceUID == "{value}"'

    run(test)


def test_in_privacy_names_and_their_bytes_are_not_seen() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_message(session, 4)
            await session.wait(lambda: "M\u00fcller" in session.text)
            await session.press("P", *["down"] * 24)
            await session.wait(lambda: "xxxxxx^xxxx" in session.text and "private" in session.lines[0])
            assert "M\u00fcller" not in session.text
            extract = screen.octets.extract
            assert extract is not None
            assert extract.hidden
            assert "** ** ** **" in session.text
            await session.press("P")
            await session.wait(lambda: "M\u00fcller" in session.text)

    run(test)


def test_bytes_can_be_hidden_and_pictures_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, int | None]] = []

    def make(name: str, main: CaptureScreen) -> MessageScreen:
        made.append((name, main.shown))
        return MessageScreen(main)

    monkeypatch.setattr(messagescreen, "make_screen", make)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_message(session, 6)
            seen = []
            for _ in range(2):
                await session.press("x")
                seen.append(screen.octets.display)
            assert seen == [False, True]
            await session.press("i")
            assert not made
            await session.press("p", "i")
            await session.wait(lambda: session.app.screen is not screen)
            assert made == [("picture", 2)]
            await session.press("F")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))

    run(test)


def store_much(folder: Path) -> Path:
    data = b"".join(build.element(0x00091000 + number, "LO", b"ab") for number in range(0x100, 0xF00))
    data += build.element(0x7FE00010, "OW", bytes(1 << 20))
    path = folder / "much.pcap"
    path.write_bytes(build.pcap(build.store_talk(data).frames))
    return path


def test_a_large_message_is_decoded_in_a_thread(tmp_path: Path) -> None:
    async def test() -> None:
        async with browse(store_much(tmp_path)) as session:
            screen = await open_message(session, 2)
            await session.wait(lambda: screen.nodes.count > 1000)
            assert "1.1 MB" in session.lines[0]
            await session.press("end")
            await session.wait(lambda: find_line(session, "more (Enter)"))

    run(test)


def test_a_message_that_lacks_its_end_says_so(tmp_path: Path) -> None:
    talk = build.store_talk(bytes(40_000))
    path = tmp_path / "cut.pcap"
    path.write_bytes(build.pcap(talk.frames[:-12]))

    async def test() -> None:
        async with browse(path) as session:
            await open_message(session, 2)
            await session.wait(lambda: "its data set is incomplete" in session.text)
            assert "Command Set" in session.text

    run(test)


def test_messages_are_told_and_followed_in_their_association() -> None:
    async def test() -> None:
        async with browse("c-move.pcap") as session:
            index, recall = session.main.state.index, session.main.state.recall
            told = [", ".join(filter(None, tell_message(index, recall, number))) for number in range(1, 12)]
            assert told[0].endswith("from PDUs 3-4, 2 PDUs, 66 B, answered by PDU 21 after 1.092 s (Success)")
            assert (
                told[5]
                == "C-STORE-RSP ID=2 (Success), CT Image Storage, from PDU 13, no data set, answers PDU 11 after 134 us"
            )
            row = index.messages.firsts[1]
            association = index.associations[row]
            found, number = [1], 1
            while number := find_next(index, row, number, 1):
                found.append(number)
            assert found == [
                each for each in range(1, 12) if index.associations[index.messages.firsts[each]] == association
            ]
            assert find_next(index, row, found[-1], -1) == found[-2]

    run(test)
