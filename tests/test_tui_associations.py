"""The screen of all associations, and the one of everything about one."""

import re
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widgets import Input

from dissect.tui import associationsscreen
from dissect.tui.accountpane import AccountPane
from dissect.tui.accounttable import HEADS
from dissect.tui.answers import Answer, Jump
from dissect.tui.associationsscreen import AssociationsScreen
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.detailscreen import AssociationScreen
from dissect.tui.sheet import Sheet
from dissect.tui.sheetpane import SheetPane
from tests import build
from tests.browsing import SMALL, WIDE, Session, browse, drive, run

SIZES = [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24")]


def is_listed(session: Session) -> bool:
    """Tell whether the screen of associations has its rows."""
    return isinstance(session.app.screen, AssociationsScreen) and session.app.screen.table.count > 0


def is_told(session: Session) -> bool:
    """Tell whether the screen of one association has its lines."""
    screen = session.app.screen
    return isinstance(screen, AssociationScreen) and screen.pane.count > 0 and "Enter:" in session.lines[-2]


def look(name: str, *keys: str, size: tuple[int, int] = WIDE) -> str:
    """Give what stands on the screen of the associations, after keys."""
    return drive(["A", *keys], is_listed, name, size=size)


def look_into(name: str, *keys: str, size: tuple[int, int] = WIDE) -> str:
    """Give what stands on the screen of the association under the cursor, after keys."""
    return drive(["A", "d", *keys], is_told, name, size=size)


def find(session: Session) -> AssociationsScreen:
    """Give the screen of associations that is shown."""
    assert isinstance(session.app.screen, AssociationsScreen)
    return session.app.screen


def find_row(text: str, words: str) -> str:
    """Give the line with some words on it."""
    return next(line for line in text.splitlines() if words in line)


# All associations


@pytest.mark.parametrize("size", SIZES)
def test_each_association_has_a_line_with_what_failed_marked(size: tuple[int, int]) -> None:
    text = look("c-move-failures.pcap", size=size)
    good, bad = find_row(text, "MODALITY -> ARCHIVE"), find_row(text, "  ARCHIVE -> ")
    assert "✗" not in good
    assert "✗" in bad
    assert "C-STORE 3 (1 failed" in bad
    assert all(key in text.splitlines()[-1] for key in ("Enter Filter", "Space Select", "d Detail", "s Sort"))
    assert all(len(line) <= size[0] for line in text.splitlines())


def test_an_ending_says_who_ended_it_and_why() -> None:
    text = look("built-rejects.pcap")
    assert "■   1" in find_row(text, "rejected by acceptor (No reason given)")
    assert "■   7" in find_row(text, "rejected by acceptor (Temporary congestion)")
    assert "aborted by requestor (user)" in look("built-aborts.pcap")


def test_the_line_below_tells_the_whole_ending_that_is_cut_above() -> None:
    lines = look("built-aborts.pcap", *["j"] * 6, size=SMALL).splitlines()
    assert "7  aborted by acceptor (provider: Invalid PDU parameter value)  10.0.0.1:" in lines[-2]


def test_the_cursor_starts_on_the_association_of_the_pdu_that_was_shown() -> None:
    async def test() -> None:
        async with browse("c-move.pcap") as session:
            await session.press(*["j"] * 6)
            shown = session.main.shown
            assert shown is not None
            assert session.main.state.index.associations[shown] == 2
            await session.press("A")
            await session.wait(lambda: is_listed(session))
            assert find(session).number == 2

    run(test)


def test_enter_filters_the_list_to_the_association() -> None:
    text = drive(["A", "j", "enter"], lambda one: one.main.state.filter_text != "", "c-move.pcap")
    assert "assoc == 2" in text


def test_enter_filters_to_all_that_are_selected() -> None:
    keys = ["A", "space", "j", "space", "space", "enter"]
    text = drive(keys, lambda one: one.main.state.filter_text != "", "built-aborts.pcap")
    assert "assoc in {1, 3..4}" in text


def test_space_selects_and_selects_no_longer() -> None:
    text = look("built-aborts.pcap", "space", "space")
    assert "2 selected" in text
    assert "☑■   2" in text
    text = look("built-aborts.pcap", "space", "k", "space")
    assert "selected" not in text.splitlines()[0]


@pytest.mark.parametrize("key", ["q", "escape"])
def test_leaving_changes_nothing(key: str) -> None:
    text = drive(["A", "j", key], lambda one: isinstance(one.app.screen, CaptureScreen), "c-move.pcap")
    assert "assoc ==" not in text
    keys = ["A", "j", "d", key]
    assert "Associations  2" in drive(keys, is_listed, "c-move.pcap")


def test_a_screen_that_was_left_by_its_key_can_be_shown_again() -> None:
    keys = ["A", "q", "A", "d", "q", "j", "enter"]
    assert "assoc == 2" in drive(keys, lambda one: one.main.state.filter_text != "", "c-move.pcap")


def test_sorting_by_a_column_puts_the_largest_first_and_reversing_turns_it_round() -> None:
    text = look("built-aborts.pcap", "s", "s")
    assert "by Seconds, descending" in text
    assert "3  2.003000     0.004" in text.splitlines()[2]
    text = look("built-aborts.pcap", "s", "s", "r")
    assert "3  2.003000     0.004" in text.splitlines()[10]
    assert "Seconds▴" in text


def test_every_column_can_be_sorted_by() -> None:
    async def test() -> None:
        async with browse("built-rejects.pcap", size=(300, 45)) as session:
            await session.press("A")
            await session.wait(lambda: is_listed(session))
            seen = set()
            for _ in HEADS:
                await session.press("s")
                seen.add(find(session).order.column)
                assert sorted(find(session).table.numbers) == list(range(1, 11))
            assert len(seen) == len(HEADS)

    run(test)


def test_a_click_on_a_title_sorts_and_one_on_a_glyph_selects() -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap") as session:
            await session.press("A")
            await session.wait(lambda: is_listed(session))
            at = session.lines[1].index("Bytes")
            await session.pilot.click(AccountPane, offset=(at, 0))
            await session.wait(lambda: "by Bytes, descending" in session.text)
            await session.pilot.click(AccountPane, offset=(1, 3))
            await session.wait(lambda: find(session).table.chosen == {find(session).table.numbers[2]})
            await session.pilot.click(AccountPane, offset=(20, 5))
            await session.wait(lambda: find(session).pane.cursor == 4)

    run(test)


def test_narrowing_shows_what_matches_as_it_is_written() -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap") as session:
            await session.press("A", "slash", "[unrec]")
            screen = next(one for one in session.app.screen_stack if isinstance(one, AssociationsScreen))
            await session.wait(lambda: list(screen.table.numbers) == [3, 5])
            assert session.app.screen.query_one(Input).value == "unrec"
            await session.press("enter")
            await session.wait(lambda: is_listed(session) and "2 of 9" in session.text)
            await session.press("slash", "[x]", "escape")
            await session.wait(lambda: is_listed(session) and "2 of 9" in session.text)
            await session.press("slash", *["backspace"] * 5, "enter")
            await session.wait(lambda: is_listed(session) and screen.table.count == 9)

    run(test)


def test_nothing_that_matches_is_said_and_enter_does_nothing() -> None:
    async def test() -> None:
        async with browse("c-echo.pcap") as session:
            await session.press("A", "slash", "[nowhere]", "enter")
            await session.wait(lambda: "no association has that in it" in session.text)
            await session.press("enter", "d", "space", "s", "L")
            assert isinstance(session.app.screen, AssociationsScreen)

    run(test)


def test_many_associations_are_sorted_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(associationsscreen, "MOST_AT_ONCE", 3)
    text = drive(["A", "s", "s"], lambda one: is_listed(one) and find(one).table.numbers[0] == 3, "built-aborts.pcap")
    assert "3  2.003000     0.004" in text.splitlines()[2]


def test_the_table_grows_while_the_capture_is_read() -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap") as session:
            await session.press("A")
            await session.wait(lambda: is_listed(session))
            screen, index = find(session), session.main.state.index
            known = dict(index.known)
            index.known = {number: known[number] for number in (1, 2)}
            screen.arrange_rows(over=False)
            assert list(screen.table.numbers) == [1, 2]
            await session.press("j")
            index.known = known
            await session.wait(lambda: screen.table.count == 9)
            assert screen.number == 2

    run(test)


def test_the_ladder_is_of_what_is_selected_and_goes_back_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    ladder: Screen[Answer] = Screen()

    def make(name: str, main: CaptureScreen) -> Screen[Answer]:
        made.append(f"{name} of {main.state.filter_text}")
        return ladder

    monkeypatch.setattr(associationsscreen, "make_screen", make)

    async def test() -> None:
        async with browse("c-move.pcap") as session:
            await session.press("A", "j", "L")
            await session.wait(lambda: session.app.screen is ladder)
            assert made == ["ladder of assoc == 2"]
            ladder.dismiss(Jump(8))
            await session.wait(lambda: session.app.screen is session.main and session.main.shown == 8)

    run(test)


@pytest.mark.parametrize("size", SIZES)
def test_ascii_alone_draws_both_screens(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap", size=size, plain=True) as session:
            await session.press("A", "space", "s")
            await session.wait(lambda: is_listed(session))
            assert "*#   1" in session.text
            lines = "\n".join(line[: size[0] - 1] for line in session.lines).replace("\u2026", "")
            assert lines.isascii()
            await session.press("d")
            await session.wait(lambda: is_told(session))
            assert "X aborted by" in session.text

    run(test)


# One association


def test_contexts_stand_with_what_became_of_them() -> None:
    text = look_into("negotiation.pcap")
    assert "Presentation contexts: 5 of 7 accepted" in text
    assert "✗ 3 Abstract Syntax Unsupported" in find_row(text, "Basic Text SR Storage  ")
    assert "✗ 1 User Reject" in find_row(text, "Computed Radiography Image Storage  ")
    row = find_row(text, "Verification SOP Class  ")
    assert re.search(r"1\.2\.840\.10008\.1\.1 +✓ Implicit VR Little Endian", row)
    assert row.split()[-1] == "1"


def test_proposed_syntaxes_are_told_where_they_are_not_the_accepted_one() -> None:
    text = look_into("c-move-failures.pcap", "}")
    assert "Association 2  ARCHIVE -> WORKSTATION" in text
    assert "3 (1 failed)" in find_row(text, "✓ Implicit VR Little Endian")
    assert "proposed: Implicit VR Little Endian, Explicit VR Little Endian, Deflated" in text


def test_contexts_of_a_rejected_association_are_not_answered() -> None:
    text = look_into("rejected.pcap", size=SMALL)
    assert "? not answered" in text
    assert "✗ rejected by acceptor (Called AE title not recognized)" in text
    assert "Result: Reject Permanent (1), Source: User (1), Reason:" in text
    assert "Acceptor: has rejected it" in text


def test_user_information_of_both_sides_stands_side_by_side() -> None:
    text = look_into("negotiation.pcap")
    assert "Requestor, PDU 1" in find_row(text, "Acceptor, PDU 2")
    assert find_row(text, "Max PDU length").count("16382 bytes") == 2
    assert "4 invoked, unlimited performed" in find_row(text, "1 invoked, 1 performed")
    assert "SCU: no, SCP: yes" in text
    assert "Extended negotiation: Study Root Query/Retrieve Information Model - MOVE" in text


def test_passcodes_are_never_told() -> None:
    async def test() -> None:
        async with browse("built-user-identity.pcap", size=SMALL) as session:
            state = session.main.state
            told = [line.text for number in state.index.known for line in Sheet(state, number).make_lines(140)]
            text = "\n".join(told)
            assert "Username as a string in UTF-8 and passcode (2)" in text
            assert "********" in text
            entries = [state.make_entry(state.index.openings[number]) for number in state.index.known]
            nodes = [node for entry in entries for _, node in entry.top.walk() if node.masked]
            secrets = [bytes(node.span.read()).decode("utf-8", "replace") for node in nodes if node.span is not None]
            assert sum(len(secret) > 3 for secret in secrets) > 3
            assert not [secret for secret in secrets if len(secret) > 3 and secret in text]

    run(test)


def test_privacy_masks_the_name_of_the_user() -> None:
    async def test() -> None:
        async with browse("user-identity.pcap") as session:
            await session.press("P", "A", "d")
            await session.wait(lambda: is_told(session))
            assert "User identity" in session.text
            assert "mcurie" not in session.text

    run(test)


def test_operations_have_counts_failures_and_response_times() -> None:
    text = look_into("c-move-failures.pcap", "}")
    row = find_row(text, "C-STORE    CT Image Storage")
    assert row.split()[:6] == ["✗", "C-STORE", "CT", "Image", "Storage", "3"]
    assert " ms " in row


def test_enter_on_a_context_filters_to_it() -> None:
    async def test() -> None:
        async with browse("negotiation.pcap") as session:
            await session.press("A", "d")
            await session.wait(lambda: is_told(session))
            pane = session.app.screen.query_one(SheetPane)
            while "Verification" not in session.lines[1 + pane.cursor]:
                await session.press("j")
            await session.wait(lambda: "Enter: filter assoc == 1 and pdv.ctx == 13" in session.lines[-2])
            await session.press("enter")
            await session.wait(lambda: session.app.screen is session.main)
            await session.wait(lambda: session.main.state.filter_text == "assoc == 1 and pdv.ctx == 13")

    run(test)


def test_enter_on_user_information_goes_to_the_item() -> None:
    async def test() -> None:
        async with browse("negotiation.pcap") as session:
            await session.press("A", "d")
            await session.wait(lambda: is_told(session))
            pane = session.app.screen.query_one(SheetPane)
            while "Max PDU length" not in session.lines[1 + pane.cursor]:
                await session.press("j")
            await session.press("enter")
            await session.wait(lambda: session.app.screen is session.main)
            await session.wait(lambda: session.main.nodes.node is not None and session.main.nodes.node.tag == "51H")
            assert session.main.shown == 0

    run(test)


def test_keys_go_to_the_next_association_and_back_to_the_table() -> None:
    assert "Association 2" in look_into("c-move.pcap", "}", "}")
    assert "Association 1" in look_into("c-move.pcap", "}", "{")
    assert "Associations  2" in drive(["A", "right", "left"], is_listed, "c-move.pcap")
    assert "assoc == 1" in drive(["A", "d", "a"], lambda one: one.main.state.filter_text != "", "c-move.pcap")


def test_the_last_line_can_be_reached_and_lines_fit_when_the_terminal_is_resized() -> None:
    async def test() -> None:
        async with browse("negotiation.pcap") as session:
            await session.press("A", "d", "G")
            await session.wait(lambda: is_told(session) and "Problems" in session.text)
            await session.pilot.resize_terminal(*SMALL)
            pane = session.app.screen.query_one(SheetPane)
            await session.wait(lambda: pane.size.width <= SMALL[0])
            assert all(len(line) <= SMALL[0] for line in session.lines)
            await session.press("g")
            await session.wait(lambda: pane.cursor == 0)

    run(test)


def test_text_from_the_capture_is_shown_and_not_read_as_markup(tmp_path: Path) -> None:
    user = build.user_information(build.implementation_version("[b]V[/b]"))
    talk = build.Talk().open()
    talk.request(build.associate_rq(calling="[red]M[/]", called="A\x1b[31mB", user=user)).answer(build.associate_rj())
    path = tmp_path / "built.pcap"
    path.write_bytes(build.pcap(talk.close().frames))
    text = drive(["A"], is_listed, path)
    assert "[red]M[/] -> A\\033[31mB" in text
    text = drive(["A", "d"], is_told, path)
    assert text.count("A\\033[31mB") == 2
    assert "[b]V[/b]" in find_row(text, "Implementation version")
