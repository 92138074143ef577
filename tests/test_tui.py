"""The main screen of the terminal interface."""

import re
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from dissect import messages
from dissect.config import Config
from dissect.tui import showing
from dissect.tui.branches import STEP
from dissect.tui.filterbar import FilterInput
from dissect.tui.finding import Wanted
from dissect.tui.rows import BREAK
from tests import build
from tests.browsing import SMALL, WIDE, browse, drive, run
from tests.test_attempts import send

SIZES = [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24"), pytest.param((60, 20), id="60x20")]


def write(folder: Path, talk: build.Talk) -> Path:
    path = folder / "built.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return path


def store(data: bytes) -> build.Talk:
    return build.store_talk(data)


@pytest.mark.parametrize("size", SIZES)
def test_the_first_screen_shows_the_list_and_what_keys_do(size: tuple[int, int]) -> None:
    text = drive([], lambda _: True, "c-find.pcap", size=size)
    assert "c-find.pcap  9 PDUs  1 assoc" in text
    assert "A-ASSOCIATE request FINDSCU" in text
    assert "/ Filter" in text
    assert all(len(line) <= size[0] for line in text.splitlines())


def test_the_tree_of_a_pdu_has_tag_length_name_and_value_in_columns() -> None:
    text = drive(["5", *["j"] * 5], lambda one: "Siemens Healthineers" in one.text, "c-find.pcap")
    line = next(line for line in text.splitlines() if "(0008,0070)" in line)
    assert re.search(r"\(0008,0070\) +20 LO Manufacturer +Siemens Healthineers", line)
    level = next(line for line in text.splitlines() if "(0008,0052)" in line)
    assert line.index("Siemens") == level.index("PATIENT")


def test_the_bytes_of_the_chosen_node_are_marked() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press(*["j"] * 5, "tab")
            await session.press(*["j"] * 8)
            await session.wait(lambda: "Manufacturer" in session.lines[-2])
            node, extract = session.main.nodes.node, session.main.octets.extract
            assert node is not None
            assert extract is not None
            ((low, high),) = extract.marked
            assert bytes(extract.span.source.read(low, high)) == node.span.read()  # type: ignore[union-attr]
            assert "Siemens Healthineers" in bytes(extract.span.source.read(low, high)).decode()
            assert "offset 0x" in session.lines[-2]

    run(test)


def test_a_byte_that_is_pointed_at_chooses_its_node() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press(*["j"] * 5, "3", "j", "j", "j", "j")
            await session.wait(lambda: session.main.octets.at == 32)
            node = session.main.nodes.node
            assert node is not None
            span = node.span
            assert span is not None
            assert node.layout == "element"
            await session.press("right")
            await session.wait(lambda: session.main.octets.at == 33)

    run(test)


def test_a_byte_of_a_message_of_several_pdus_chooses_its_element() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            nodes, octets = session.main.nodes, session.main.octets
            await session.press(*["j"] * 5)
            await session.wait(lambda: session.main.shown == 5)
            await session.press("2", "E", *["j"] * 22)
            await session.wait(lambda: nodes.node is not None and nodes.node.key == "0008,0060")
            await session.press("3", "j", "j")
            await session.wait(lambda: nodes.node is not None and nodes.node.key == "0008,0070")
            extract, node = octets.extract, nodes.node
            assert extract is not None
            assert node is not None
            assert node.span is not None
            assert extract.marked == [(node.span.start, node.span.stop)]

    run(test)


def test_a_pdu_of_fewer_bytes_leaves_the_cursor_of_the_tree_where_it_is() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            nodes, octets = session.main.nodes, session.main.octets
            await session.press("tab", "G")
            before = octets.cursor
            await session.press("f8")
            await session.wait(lambda: session.main.shown == 1)
            await session.settle()
            assert octets.count <= before
            assert nodes.node is not None
            assert nodes.node.path == "association.1/a-associate-ac.1/body/user-information.1"

    run(test)


def test_a_node_chosen_by_its_byte_stays_chosen_in_the_next_pdu() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            nodes = session.main.nodes
            await session.press(*["j"] * 5, "2", "j", "3", *["j"] * 4)
            path = nodes.find_path(nodes.node) if nodes.node is not None else ""
            assert path.startswith("pdv.1/")
            await session.press("f7", "f8")
            assert nodes.node is not None
            assert nodes.find_path(nodes.node) == path

    run(test)


def test_what_was_opened_stays_open_from_one_pdu_to_the_next() -> None:
    async def test() -> None:
        async with browse("negotiation.pcap") as session:
            await session.press("tab", "E")
            await session.wait(lambda: "Abstract Syntax" in session.text)
            await session.press("f8")
            await session.wait(lambda: session.main.shown == 1)
            assert "Transfer Syntax" in session.text
            await session.press("C")
            await session.wait(lambda: "Transfer Syntax" not in session.text)

    run(test)


def test_a_filter_is_checked_while_it_is_written() -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            await session.press("slash", "[dimse.status ==]")
            await session.wait(lambda: "\u2717" in session.lines[2])
            await session.press("space", "[failure]")
            await session.wait(lambda: "\u2713 fast" in session.lines[2])
            await session.press("enter")
            await session.wait(lambda: "3 / 13 PDUs" in session.lines[0])
            assert session.main.state.filter_text == "dimse.status == failure"
            await session.press("ctrl+y")
            await session.wait(lambda: session.main.pdus.count == 13)
            await session.press("ctrl+y")
            await session.wait(lambda: session.main.pdus.count == 3)

    run(test)


def test_tab_completes_names_values_and_what_was_seen() -> None:
    async def test() -> None:
        async with browse("c-move.pcap") as session:
            await session.press("slash", "[patna]", "tab")
            assert session.main.query_one(FilterInput).value == "PatientName"
            await session.press("ctrl+u", "[dimse.cmd == C-MOVE-RQ and assoc.calling == M]", "tab")
            assert session.main.query_one(FilterInput).value.endswith("assoc.calling == MODALITY")

    run(test)


def test_words_that_are_no_filter_are_looked_for() -> None:
    text = drive(["slash", "[Siemens]", "enter"], lambda one: "1 / 9 PDUs" in one.lines[0], "c-find.pcap")
    assert 'any contains "Siemens"' in text


def test_an_earlier_filter_comes_back_with_the_arrow() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            for text in ("pdu.type == 4", "pdu.type == 1"):
                await session.press("slash", "ctrl+u", f"[{text}]", "enter")
                await session.wait(lambda: session.main.state.filter_text == text)  # noqa: B023 (waited for at once)
            await session.press("slash", "up", "up")
            assert "pdu.type == 4" in session.lines[1]

    run(test)


def test_the_cursor_stays_on_its_pdu_when_a_filter_comes_and_goes() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press(*["j"] * 4)
            await session.wait(lambda: session.main.shown == 4)
            await session.press("slash", "[dimse.cmd]", "enter")
            await session.wait(lambda: session.main.pdus.count == 3 and session.main.pdus.row == 4)
            await session.press("ctrl+y")
            await session.wait(lambda: session.main.pdus.count == 9 and session.main.pdus.row == 4)

    run(test)


@pytest.mark.parametrize(("size"), SIZES)
def test_rows_are_pdus_messages_or_associations(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=size) as session:
            await session.press("v")
            await session.wait(lambda: session.main.pdus.count == 6)
            await session.press("j", "j")
            assert "\u25b8 C-STORE-RQ ID=1" in session.text
            await session.press("right")
            await session.wait(lambda: session.main.pdus.count == 10)
            assert "PDV Fragment [1/3]" in session.text
            await session.press("left")
            await session.wait(lambda: session.main.pdus.count == 6)
            await session.press("v")
            await session.wait(lambda: session.main.pdus.count == 1)
            assert "MODALITY \u2192 ARCHIVE" in session.text

    run(test)


def begin() -> build.Talk:
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    return talk.request(*build.message(1, build.c_echo_rq()))


ENDINGS = (
    (begin().reset().frames, "TCP RST by"),
    (begin().close().frames, "TCP FIN by"),
    (begin().frames, "the capture ends within"),
    (build.echo_talk().frames[5:], "the capture starts within"),
)


def test_how_an_association_ended_that_was_not_released_has_a_line(tmp_path: Path) -> None:
    for number, (frames, told) in enumerate(ENDINGS):
        path = tmp_path / f"{number}.pcap"
        path.write_bytes(build.pcap(frames))
        assert told in drive([], lambda one: told in one.text, path)  # noqa: B023 (waited for at once)


def test_lost_bytes_have_a_line_that_says_how_many(tmp_path: Path) -> None:
    talk = store(build.text(0x00100010, "PN", "A" * 40_000))
    frames = [frame for number, frame in enumerate(talk.frames) if number != 9]
    path = tmp_path / "lossy.pcap"
    path.write_bytes(build.pcap(frames))
    text = drive([], lambda one: "missing" in one.text, path)
    assert re.search(r"\u2500\u2500 gap: [\d,]+ bytes of PDU 4 are missing", text)


@pytest.mark.parametrize("size", SIZES)
def test_a_capture_without_dicom_is_explained_in_full_and_nobody_says_that_all_is_well(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "refused.pcap"
    path.write_bytes(build.pcap([send(0, build.SYN), send(0, build.RST | build.ACK, back=True)]))

    async def test() -> None:
        async with browse(path, size=size) as session:
            advice = "see that the acceptor runs and listens on that port"
            for key in ("escape", "v", "!"):
                await session.press(key)
                await session.wait(lambda: advice in " ".join(session.text.split()))
                await session.wait(lambda: "no DICOM found" in session.lines[0])
                assert "refused 1 TCP connection" in " ".join(session.text.split())
                assert not re.search("nothing failed|none in|no problems|filter holds", session.text)

    run(test)


def test_one_comes_from_a_response_to_its_request_and_back() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await session.press("colon", "[7]", "enter")
            await session.wait(lambda: session.main.shown == 6)
            await session.press("p")
            await session.wait(lambda: session.main.shown == 2)
            await session.press("less_than_sign")
            await session.wait(lambda: session.main.shown == 6)
            await session.press("greater_than_sign")
            await session.wait(lambda: session.main.shown == 2)

    run(test)


@pytest.mark.parametrize(("wanted", "row"), [("5", 4), ("f9", 2), ("+0.05", 5), ("9", 8)])
def test_one_goes_to_a_number_a_frame_or_a_time(wanted: str, row: int) -> None:
    drive(["colon", f"[{wanted}]", "enter"], lambda one: one.main.shown == row, "c-find.pcap")


def test_a_number_that_no_pdu_has_is_told() -> None:
    text = drive(
        ["colon", "[99]", "enter"],
        lambda one: any("there are 9 PDUs" in each.message for each in one.app._notifications),
        "c-find.pcap",
    )
    assert "PDU 1: 267 bytes" in text


def test_problems_are_stepped_through() -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            rows = []
            for _ in range(3):
                before = session.main.shown
                await session.press("e")
                await session.wait(lambda: session.main.shown != before)  # noqa: B023 (waited for at once)
                rows.append(session.main.shown)
            index = session.main.state.index
            assert all("Refused" in index.tell_info(row) or "Error" in index.tell_info(row) for row in rows if row)

    run(test)


def test_text_is_found_in_the_tree_and_bytes_in_the_stream() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await session.press("ctrl+f", "[phantom]", "enter")
            await session.wait(lambda: session.main.shown == 5)
            await session.wait(lambda: "Phantom 64" in str(session.main.nodes.node and session.main.nodes.node.text))
            await session.press("g", "ctrl+f", "ctrl+u", "tab", "[53 59 4e 2d]", "enter")
            await session.wait(lambda: session.main.shown in (3, 5))
            await session.press("g", "ctrl+f", "ctrl+u", "tab", "[dimse.cmd == C-STORE-RSP]", "enter")
            await session.wait(lambda: session.main.shown == 6)

    run(test)


def test_a_field_becomes_a_filter_and_a_column() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press(*["j"] * 5, "tab", *["j"] * 8)
            await session.press("f", "r")
            await session.wait(lambda: session.main.state.filter_text == 'Manufacturer == "Siemens Healthineers"')
            await session.wait(lambda: session.main.pdus.count == 1)
            await session.press("f", "c")
            await session.wait(lambda: "Manufacturer" in session.lines[3])
            assert "Siemens Healthineers" in session.lines[4]

    run(test)


def test_marks_selections_comments_and_references_are_shown() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press("j", "m", "x", "j", "space", "semicolon", "[late]", "enter")
            await session.wait(lambda: "; late" in session.text)
            assert "1 selected" in session.lines[0]
            assert re.search(r"^x +2 ", session.text, re.MULTILINE)
            await session.press("G", "apostrophe", "x")
            await session.wait(lambda: session.main.shown == 1)
            await session.press("T")
            await session.wait(lambda: "from reference" in session.text)
            assert "-0.004768" in session.text

    run(test)


def test_the_mask_hides_what_identifies_a_patient_in_tree_and_bytes() -> None:
    async def test() -> None:
        async with browse("c-find.pcap", size=(200, 45)) as session:
            await session.press(*["j"] * 5)
            await session.wait(lambda: "John^Doe" in session.text)
            await session.press("P")
            await session.wait(lambda: "private" in session.lines[0])
            assert "John" not in session.text
            assert "xxxx^xxx" in session.text.casefold()
            assert "**" in session.text

    run(test)


def test_the_panes_lay_themselves_out_by_the_width() -> None:
    async def test() -> None:
        async with browse("c-find.pcap", size=(140, 45)) as session:
            assert session.main.octets.display
            await session.pilot.resize_terminal(90, 30)
            await session.wait(lambda: not session.main.octets.display)
            await session.press("x")
            await session.wait(lambda: session.main.octets.display and not session.main.nodes.display)
            await session.pilot.resize_terminal(60, 20)
            await session.wait(lambda: "[1 PDUs]" in session.text or "[3 Bytes]" in session.text)
            await session.press("2")
            await session.wait(lambda: "[2 Tree]" in session.text)
            assert not session.main.pdus.display

    run(test)


def test_a_pane_is_zoomed_and_laid_out() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press("2", "backslash")
            await session.wait(lambda: not session.main.pdus.display and session.main.nodes.size.height > 35)
            await session.press("backslash")
            await session.wait(lambda: session.main.pdus.display)
            before = session.main.pdus.size
            await session.press("plus")
            await session.wait(lambda: session.main.pdus.size.height > before.height)
            for _ in range(3):
                await session.press("vertical_line")
            await session.wait(lambda: session.main.pdus.size.width == before.width)

    run(test)


def test_the_mouse_chooses_lines_triangles_and_bytes() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.pilot.click(session.main.pdus, offset=(20, 7))
            await session.wait(lambda: session.main.shown == 5)
            await session.pilot.click(session.main.nodes, offset=(3, 4))
            await session.wait(lambda: "(0008,0070)" not in session.text)
            await session.pilot.click(session.main.octets, offset=(10, 5))
            await session.wait(lambda: session.main.octets.at == 24)

    run(test)


def test_ascii_and_no_colour_leave_nothing_untold(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap", plain=True) as session:
            assert session.app.theme == "monochrome"
            listed = [line for line in session.lines if re.match(r". +\d+ ", line)]
            assert listed
            assert all(line.isascii() for line in listed)
            assert any(line.startswith("X") for line in listed)

    monkeypatch.setenv("NO_COLOR", "1")
    run(test)


def test_no_colour_is_never_black_on_black(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            for strip in session.app.screen._compositor.render_strips():
                for text, style, _ in strip:
                    if text.strip() and style is not None and style.color is not None:
                        assert style.color != style.bgcolor, text

    monkeypatch.setenv("NO_COLOR", "1")
    run(test)


@pytest.mark.parametrize("key", ["A", "L", "F", "S", "!", "i", "X"])
def test_the_help_of_a_screen_begins_with_the_keys_of_that_screen(key: str) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=SMALL) as session:
            await session.press(key)
            await session.wait(lambda: session.app.screen is not session.main)
            await session.press("f1")
            await session.wait(lambda: "Keys (Esc closes)" in session.text)
            head = next(number for number, line in enumerate(session.lines) if "Keys (Esc closes)" in line)
            assert "On this screen" in session.lines[head + 1]
            assert "PDUs, the tree" not in session.text

    run(test)


def test_keys_are_those_of_the_configuration_and_help_tells_them() -> None:
    async def test() -> None:
        config = replace(Config(), keys={"view": "z"})
        async with browse("c-store.pcap", config=config) as session:
            await session.press("z")
            await session.wait(lambda: session.main.state.rows.mode == "message")
            await session.press("question_mark")
            await session.wait(lambda: "Keys" in session.text)
            text = "\n".join(str(line) for line in session.app.screen.query("Static").results())
            assert text
            await session.press("escape")
            await session.wait(lambda: session.app.screen is session.main)

    run(test)


def test_the_palette_tells_the_keys_of_the_configuration() -> None:
    async def test() -> None:
        async with browse("c-store.pcap", config=replace(Config(), keys={"view": "z"})) as session:
            told = {each.title: each.help for each in session.app.get_system_commands(session.app.screen)}
            assert told["PDUs, messages or associations as rows"] == "key z"
            assert told["Go to a PDU (12), a frame (f12), an offset (@0x40) or a time (+1.5)"] == "key :"

    run(test)


HOSTILE = (
    "[/] [bold]Smith[/bold] [x]",
    "\x1b[31mred\x1b]52;c;AAAA\x07",
    "\u202eright to left\u200b",
    "\u5c71\u7530\u592a\u90ce \U0001f9ec e\u0301\u0301",
    "\u05d0\u05d1\u05d2 \u0627\u0644\u0639",
)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("size", SIZES)
def test_no_value_breaks_the_screen(value: str, size: tuple[int, int], tmp_path: Path) -> None:
    data = build.text(0x00080005, "CS", "ISO_IR 192") + build.text(0x00100010, "PN", value, encoding="utf-8")

    async def test() -> None:
        async with browse(write(tmp_path, store(data)), size=size) as session:
            await session.press("colon", "[4]", "enter", "2")
            await session.wait(lambda: "(0010,0010)" in session.text)
            for strip in session.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]
                assert not re.search("[\x00-\x1f\u202a-\u202e\u200b]", "".join(segment.text for segment in strip))
            await session.press(*["j"] * 9, "enter")
            await session.wait(lambda: len(session.app.screen_stack) == 3)

    run(test)


def test_a_value_of_ten_megabytes_opens_at_once(tmp_path: Path) -> None:
    data = build.element(0x00420011, "UT", b"x" * 10_000_000)
    path = write(tmp_path, store(data))

    async def test() -> None:
        async with browse(path) as session:
            await session.press("G", "k", "k", "k")
            await session.wait(lambda: "xxxxxxxx" in session.text)

    run(test)


def test_a_data_set_of_fifty_thousand_elements_opens_in_steps(tmp_path: Path) -> None:
    data = b"".join(
        build.element(group << 16 | element, "US", b"\1\0")
        for group in range(0x11, 0x75, 2)
        for element in range(0x1000, 0x13E8)
    )
    path = write(tmp_path, store(data))

    async def test() -> None:
        async with browse(path) as session:
            await session.press("G", "k", "k", "k", "2")
            await session.wait(lambda: session.main.nodes.count > STEP)
            assert session.main.nodes.count < 2 * STEP
            await session.press("G")
            await session.wait(lambda: "more (Enter)" in session.text)
            await session.press("enter")
            await session.wait(lambda: session.main.nodes.count > 5 * STEP)
            node = session.main.nodes.node
            assert node is not None
            assert node.span is not None
            assert session.main.octets.extract is not None
            marked = session.main.octets.extract.marked
            assert [(node.span.start, node.span.stop)] == marked

    run(test)


def test_sequences_sixty_deep_open(tmp_path: Path) -> None:
    data = build.text(0x00080100, "SH", "deep")
    for _ in range(60):
        data = build.sequence(0x0040A730, [data])

    async def test() -> None:
        async with browse(write(tmp_path, store(data))) as session:
            await session.press("colon", "[4]", "enter", "2", "E")
            await session.wait(lambda: session.main.nodes.count > 120)
            await session.press("G")
            await session.wait(lambda: "deep" in session.text)

    run(test)


def test_several_files_are_one_capture() -> None:
    text = drive([], lambda one: one.main.pdus.count == 18, "c-find.pcap", "c-store.pcap")
    assert "2 assocs" in text


def test_a_capture_without_dicom_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    path.write_bytes(build.pcap(build.Talk().open().frames))
    assert "no DICOM" in drive([], lambda one: "no DICOM" in one.text, path)


def test_the_same_capture_is_read_again() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press("j", "j", "j")
            await session.wait(lambda: session.main.shown == 3)
            before = session.main.state.index
            await session.press("ctrl+r")
            await session.wait(lambda: session.main.state.index is not before and session.main.shown == 3)

    run(test)


def test_breaks_stand_beside_their_association(tmp_path: Path) -> None:
    path = tmp_path / "broken.pcap"
    talks = (begin().reset(), build.echo_talk(build.Talk(requestor=("10.0.0.9", 4321))))
    path.write_bytes(build.pcap([frame for talk in talks for frame in talk.frames]))

    async def test() -> None:
        async with browse(path) as session:
            rows = session.main.state.rows
            await session.wait(lambda: rows.breaks)
            levels = [rows.find_line(number).level for number in range(len(rows))]
            assert levels.count(BREAK) == len(rows.breaks)
            for row in range(len(session.main.state.index)):
                assert rows.find_row(rows.find_number(row)) == row

    run(test)


def test_how_far_a_search_is_stands_in_the_title(monkeypatch: pytest.MonkeyPatch) -> None:
    done = Event()
    monkeypatch.setattr(Wanted, "holds", lambda *_: done.wait(10) and False)

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await session.press("ctrl+f", "[nowhere]", "enter")
            await session.wait(lambda: "finding 0%" in session.lines[0])
            assert "(Esc stops)" in session.lines[0]
            await session.press("escape")
            await session.wait(lambda: "finding" not in session.lines[0])
            done.set()

    run(test)


def test_in_messages_too_every_pdu_is_looked_through() -> None:
    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await session.press("v")
            await session.wait(lambda: session.main.pdus.count == 6)
            await session.press("ctrl+f", "[phantom]", "enter")
            await session.wait(lambda: session.main.shown == 5)
            await session.wait(lambda: "Phantom 64" in str(session.main.nodes.node and session.main.nodes.node.text))
            assert session.main.pdus.count == 10

    run(test)


def test_of_large_messages_that_were_passed_by_only_the_last_one_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MANY", 3)
    decoded: list[str] = []
    monkeypatch.setattr(showing, "decode_groups", lambda top: decoded.append(top.path))

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            with session.main._slow_lock:
                await session.press("3", "down")
                for row in range(2, 6):
                    session.main.visit(row)
                    await session.pilot.pause()
            await session.wait(lambda: bool(decoded) and session.main.entry is not None)
            assert len(decoded) == 1

    run(test)


@pytest.mark.parametrize("key", ["", *"ALFS!XiD", "ctrl+o"])
def test_the_last_line_of_each_screen_has_room_for_the_key_of_help(key: str) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=SMALL) as session:
            await session.press("3", "j", *filter(None, [key]))
            await session.wait(lambda: session.lines[-1].rstrip().endswith(" Help"))

    run(test)
