"""The privacy mask of the terminal interface: no word that is to be hidden stands on a screen or is copied."""

from pathlib import Path

import pytest

from dissect.config import Config
from dissect.masking import list_private_ranges
from dissect.node import Node
from dissect.query import Column, Subject
from dissect.reading import Reading
from dissect.spans import Source
from dissect.tui import taking
from dissect.tui.clipboard import Outcome
from dissect.tui.finding import Wanted
from dissect.tui.hexpane import Extract, make_extract
from dissect.tui.messagescreen import MessageScreen
from dissect.tui.owncolumns import OwnColumns
from dissect.tui.problemsscreen import ProblemsScreen
from dissect.tui.suggesting import write_value
from tests import build
from tests.browsing import ROOT, Session, browse, run
from tests.conftest import open_bytes

DATA = (
    build.text(0x00080060, "CS", "CT")
    + build.text(0x00100010, "PN", "Doe^John")
    + build.text(0x00100020, "LO", "SECRET7\x1b[31m")
)


def read_split() -> list[Subject]:
    """Give PDUs among which a data set is split."""
    return list(Reading(open_bytes(build.pcap(build.store_talk(DATA, pdv_size=30).frames)), Config()))


def read_captured(name: str) -> list[Subject]:
    """Give the PDUs of a capture of the project."""
    return list(Reading(open_bytes((ROOT / "captures" / name).read_bytes()), Config()))


def show(extract: Extract) -> bytes:
    """Give the bytes of an extract with stars for those that are hidden."""
    span = extract.span
    data = bytearray(span.source.read(0, span.source.size))
    for low, high in extract.hidden:
        data[low:high] = b"*" * (high - low)
    return bytes(data[span.start : span.stop])


@pytest.mark.parametrize("name", ["", "c-find-deflated.pcap", "c-store-deflated.pcap"], ids=["split", "find", "store"])
def test_bytes_of_what_was_split_or_inflated_are_hidden(name: str) -> None:
    count = 0
    for subject in read_captured(name) if name else read_split():
        top = subject.top

        def hide(source: Source, top: Node = top) -> list[tuple[int, int]]:
            return list_private_ranges(top, source)

        for _, node in top.walk():
            if node.tag != "(0010,0010)" or node.span is None or top.span is None or node.value is None:
                continue
            count += 1
            secret = bytes(node.span.source.read(node.body, node.span.stop))
            shown = show(make_extract(top.span, node, "", hide))
            assert secret not in shown
            assert b"*" * len(secret.rstrip()) in shown
    assert count


def keep_copies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep what is copied."""
    copied: list[str] = []

    def take(text: str, *_: object) -> Outcome:
        copied.append(text)
        return Outcome("copied", done=True)

    monkeypatch.setattr(taking, "copy", take)
    return copied


async def copy_all(session: Session, copied: list[str]) -> None:
    for key in "vtfrc":
        await session.press("y", key)
    await session.wait(lambda: len(copied) >= 5)


def test_an_error_comment_is_masked_in_list_tree_columns_problems_message_and_copies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied, seen = keep_copies(monkeypatch), list[str]()

    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            main = session.main
            row = next(row for row in range(len(main.state.index)) if "Disk full" in main.state.index.tell_info(row))
            main.visit(row)
            await session.wait(lambda: main.shown == row and "Disk full" in session.text)
            for name in ("info", "any", "ErrorComment", "(0010,0010)", "tag.value.str", "dimse.msgid"):
                main.state.toggle_column(name)
            await session.press("P", "2", "E")
            await session.wait(lambda: "xxxx xxxx" in session.text)
            seen.append(session.text)
            for name in ("info", "any", "ErrorComment", "(0010,0010)", "tag.value.str"):
                assert OwnColumns(main.state).tell(Column(name), row) == "*"
            assert OwnColumns(main.state).tell(Column("dimse.msgid"), row)
            await copy_all(session, copied)
            await session.press("F")
            await session.wait(lambda: isinstance(session.app.screen, MessageScreen))
            await session.wait(lambda: "xxxx xxxx" in session.text)
            seen.append(session.text)
            main.visit(0)
            copied.clear()
            await copy_all(session, copied)
            assert any("C-STORE-RSP" in each for each in copied)
            seen.append(session.text)

    run(test)
    assert not [each for each in (*seen, *copied) if "Disk full" in each]


def test_p_masks_on_the_screen_of_problems_and_shows_all_again() -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            await session.press("!")
            await session.wait(lambda: isinstance(session.app.screen, ProblemsScreen) and "Disk full" in session.text)
            await session.press("P")
            await session.wait(lambda: "Disk full" not in session.text and session.lines[0].endswith("private"))
            await session.press("P")
            await session.wait(lambda: "Disk full" in session.text and "private" not in session.lines[0])

    run(test)


def test_a_private_value_is_neither_a_filter_nor_shown_with_control_characters(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "secret.pcap"
    path.write_bytes(build.pcap(build.store_talk(DATA).frames))
    copied = keep_copies(monkeypatch)

    async def test() -> None:
        async with browse(path) as session:
            main = session.main
            row = next(row for row in range(len(main.state.index)) if main.state.index.messages.firsts[1] <= row)
            main.visit(row + 1)
            await session.wait(lambda: main.shown == row + 1 and "SECRET7" in session.text)
            await session.press("P")
            top = main.nodes.top
            assert top is not None
            node = next(node for _, node in top.walk() if node.tag == "(0010,0020)")
            main.nodes.find_node(node)
            assert main.nodes.tell_whole(node) == "xxxxxx9x[99x"
            assert main.choose_filter(node) == "PatientID"
            await session.press("f")
            await session.wait(lambda: "PatientID  as filter:" in session.text)
            await session.press("escape")
            await copy_all(session, copied)
            assert "SECRET7" not in session.text

    run(test)
    assert not [each for each in copied if "SECRET7" in each or "\x1b" in each]


def test_what_a_filter_cannot_hold_is_not_offered() -> None:
    values = ("MODALITY", "A B", 'a"b', "\x1b[31m")
    assert [write_value(value) for value in values] == ["MODALITY", '"A B"', r'"a\"b"', ""]


def test_no_place_that_is_asked_for_breaks_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    copied = keep_copies(monkeypatch)

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            main = session.main
            for asked in ("+" + "9" * 400, "@0x" + "f" * 60, "@-1", "@" + "9" * 5000, "9" * 400, "f" + "9" * 400):
                main.take_go(asked)
                await session.pilot.pause()
            assert main.octets.extract is not None
            assert 0 <= main.octets.at < len(main.octets.extract.span)
            main.apply("pdu == 99")
            await session.wait(lambda: main.pdus.count == 0)
            assert main.tell_row() is None
            await session.press("y", "r")

    run(test)
    assert not copied


def test_what_is_long_is_not_copied_but_to_be_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST_COPIED", 8)

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            top = session.main.nodes.top
            assert top is not None
            with pytest.raises(taking.TooLong, match="export it"):
                session.main.make_copy("h", top)
            assert session.main.make_copy("h", top.children[0]) == "01"

    run(test)


def test_what_was_found_in_a_pdu_that_is_decoded_later_is_chosen_then() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            main, wanted = session.main, Wanted("text", "John^Doe")
            rows = range(len(main.state.index))
            row = next(row for row in rows if wanted.holds(main.state.make_entry(row)))
            main.visit(row)
            await session.wait(lambda: main.shown == row)
            entry, main.entry = main.entry, None
            main.go_to_hit(wanted, row)
            await session.pilot.pause()
            assert main._hit is wanted
            main.entry = entry
            main.show_found(wanted)
            await session.wait(lambda: main.nodes.node is not None and "John^Doe" in main.nodes.node.text)
            assert main._hit is None

    run(test)
