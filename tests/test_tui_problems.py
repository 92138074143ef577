"""The screen of problems, and what is collected for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dissect import index
from dissect.capture.segments import Capture
from dissect.catalogue import CATALOG
from dissect.checking import Culprit, name_culprit, tell_sides
from dissect.config import Config
from dissect.index import Index
from dissect.job import Job
from dissect.query import Filter, Subject
from dissect.reading import Reading
from dissect.recall import Recall
from dissect.rules import endings
from dissect.tui import problems
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.findings import Findings, Group, Problem, make_filter
from dissect.tui.problems import Problems
from dissect.tui.problemsscreen import ProblemsScreen
from tests.browsing import SMALL, WIDE, Session, browse, run
from tests.build import (
    Talk,
    associate_ac,
    associate_rq,
    c_echo_rq,
    c_echo_rsp,
    echo_talk,
    element,
    message,
    pcap,
    release_rp,
    release_rq,
    store_talk,
)
from tests.conftest import BUILT, ROOT

SIZES = [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24")]
ODD = element(0x00100020, "LO", b"123") + element(0x00100040, "CS", b"M")
"""A data set with two elements of an odd length."""


def write(folder: Path, *talks: Talk) -> Path:
    path = folder / "built.pcap"
    path.write_bytes(pcap(frame for talk in talks for frame in talk.frames))
    return path


def leave_unanswered() -> Talk:
    """Ask for a C-ECHO, and close the connection when no answer comes for long."""
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    return talk.request(*message(1, c_echo_rq(1))).wait(60_000_000_000).close()


def read(path: Path) -> Index:
    capture = Capture(str(path))
    index = Index(capture)
    reading = Reading(capture, Config())
    reading.close = index.close
    index.conclusions = reading.associations.endings
    for subject in reading:
        index.add(subject)
    return index


def collect(path: Path) -> Problems:
    found = Problems(read(path), lambda: True)
    found.start()
    found.job.join(20)
    assert found.job.error is None
    assert found.whole
    return found


def name_groups(found: Problems) -> list[tuple[str, str, int]]:
    return [(each.kind.rank, each.kind.code, each.count) for each in found.found.groups]


def find_group(found: Problems, code: str) -> Group:
    return next(each for each in found.found.groups if each.kind.code == code)


def list_passing(index: Index, text: str) -> list[int]:
    wanted, recall = Filter(text), Recall(index)

    def read_again() -> Iterator[Subject]:
        return (recall.make_entry(row) for row in range(len(index)))

    wanted.prepare(read_again)
    return [row for row in range(len(index)) if wanted.holds(recall.make_entry(row))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("c-store-refused", [("failed", f"status 0x{status}", 1) for status in ("A700", "A900", "C123")]),
        ("c-store-warning", [("warning", f"status 0x{status}", 1) for status in ("B000", "B006", "B007")]),
        ("rejected", [("failed", "rejected", 1), ("warning", "reject-explained", 1)]),
        (
            "built-rejects",
            [
                ("failed", "rejected", 10),
                ("error", "reject-reason", 4),
                ("warning", "reject-explained", 4),
                ("warning", "rejected-transient", 2),
            ],
        ),
        ("aborted-by-acceptor", [("failed", "aborted", 1)]),
        ("c-move-failures", [("failed", "status 0xA700", 1), *[("warning", "status 0xB000", 1)] * 2]),
    ],
)
def test_what_failed_comes_first_then_warnings(name: str, expected: list[tuple[str, str, int]]) -> None:
    found = collect(ROOT / "captures" / f"{name}.pcap")
    assert [each for each in name_groups(found) if each[0] != "remark"] == expected


def test_a_failure_is_told_with_its_meaning_and_the_error_comment_and_leads_to_the_status() -> None:
    found = collect(ROOT / "captures" / "c-store-refused.pcap")
    group = find_group(found, "status 0xA700")
    (problem,) = group.problems
    assert group.kind.sentence == "Refused: Out of Resources"
    assert "Disk full: 0 of 512 GB left" in problem.text
    assert (problem.row, problem.path) == (4, "pdv.1/0000,0900")


def test_notes_of_data_sets_are_found_with_the_path_of_their_node(tmp_path: Path) -> None:
    found = collect(write(tmp_path, store_talk(ODD)))
    group = find_group(found, "element-odd")
    assert (group.kind.rank, group.kind.reference, group.count) == ("error", "PS3.5 7.1", 2)
    assert [each.path for each in group.problems] == ["pdv.1/0010,0020", "pdv.1/0010,0040"]
    assert {each.row for each in group.problems} == {3}


def test_a_reset_and_a_close_without_a_release_are_problems(tmp_path: Path) -> None:
    first = Talk().open().request(associate_rq()).answer(associate_ac()).reset()
    second = Talk(requestor=("10.0.0.1", 50001)).open().request(associate_rq()).answer(associate_ac()).close()
    found = collect(write(tmp_path, first, second))
    assert name_groups(found) == [("failed", "reset", 1), ("warning", "closed-without-release", 2)]
    assert [each.row for each in found.found.problems] == [1, 1, 3]
    assert list_passing(found.index, find_group(found, "reset").kind.test) == [0, 1]


def test_a_reset_between_associations_is_a_remark_and_no_failure(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    found = collect(write(tmp_path, talk.request(release_rq()).answer(release_rp()).reset()))
    assert name_groups(found) == [("remark", "connection-reset", 1)]


def test_how_tcp_carried_a_connection_is_noted_and_its_filter_names_the_association() -> None:
    found = collect(ROOT / "captures" / "c-echo.pcap")
    group = find_group(found, "ack-delayed")
    assert all(each.wide for each in group.problems)
    assert make_filter(found.index, found.found, group.kind) == ("assoc == 1", True)


def test_what_only_ends_show_stands_at_its_pdu_with_who_is_to_blame(tmp_path: Path) -> None:
    found = collect(write(tmp_path, leave_unanswered()))
    group = find_group(found, "operation-unanswered")
    (problem,) = group.problems
    assert (problem.row, problem.wide) == (2, False)
    assert make_filter(found.index, found.found, group.kind) == ("pdu == 3", True)
    assert problem.ending is not None
    assert name_culprit(problem.ending, tell_sides(found.index.known[1])) == Culprit(
        "10.0.0.2:104", "acceptor", "ACCEPTOR"
    )


def test_endings_beyond_those_that_are_kept_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "MOST_KEPT", 2)
    talks = [
        Talk(requestor=("10.0.0.1", 50000 + number)).open().request(associate_rq()).answer(associate_ac())
        for number in range(9)
    ]
    resets, closes = [talk.reset() for talk in talks[:4]], [talk.close() for talk in talks[4:]]
    found = collect(write(tmp_path, *resets, *closes))
    assert name_groups(found) == [("failed", "reset", 4), ("warning", "closed-without-release", 9)]
    group = find_group(found, "closed-without-release")
    assert len(group.problems) == 2
    assert make_filter(found.index, found.found, group.kind) == ("pdu in {2, 4}", False)


@pytest.mark.parametrize("path", [*BUILT, ROOT / "captures" / "c-move-failures.pcap"], ids=lambda path: path.stem)
def test_the_filter_of_a_kind_shows_the_pdus_of_the_kind(path: Path) -> None:
    found = collect(path)
    for group in found.found.groups:
        text, whole = make_filter(found.index, found.found, group.kind)
        passing = set(list_passing(found.index, text))
        rows = {each.row for each in group.problems}
        assert whole
        wide = "assoc" in text or any(each.wide for each in group.problems)
        assert rows <= passing if wide else rows == passing, text


def test_the_filter_for_notes_that_only_decoding_shows_names_their_pdus(tmp_path: Path) -> None:
    found = collect(write(tmp_path, store_talk(ODD)))
    assert make_filter(found.index, found.found, find_group(found, "element-odd").kind) == ("pdu == 4", True)


def test_only_so_many_problems_are_kept_and_a_rare_kind_finds_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problems, "MOST_KEPT", 8)
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    for number in range(1, 31):
        talk.request(*message(1, c_echo_rq(number))).answer(*message(1, c_echo_rsp(number, 0x0110)))
    talk.request(*message(1, c_echo_rq(31))).answer(*message(1, c_echo_rsp(31, 0x0122)))
    found = collect(write(tmp_path, talk.reset()))
    counts = {each.kind.code: (each.count, len(each.problems)) for each in found.found.groups}
    rare = dict.fromkeys(("status 0x0122", "reset", "closed-without-release"), (1, 1))
    assert counts == {"status 0x0110": (30, 5), **rare}
    assert found.found.count == 33


def test_what_the_index_tells_is_there_before_anything_is_decoded(tmp_path: Path) -> None:
    index = read(ROOT / "captures" / "built-aborts.pcap")
    found = Problems(index, lambda: True)
    job = Job("decoding", lambda _: None)
    found._list(Recall(index), job, len(index))
    found._show()
    assert name_groups(found)[:2] == [("failed", "aborted", 9), ("error", "abort-source", 1)]
    before = name_groups(found)
    found.start()
    found.job.join(20)
    assert set(before) < set(name_groups(found))


def test_work_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    whole = collect(ROOT / "captures" / "built-messages.pcap")
    found = Problems(whole.index, lambda: True)
    job = Job("decoding", lambda _: None)
    job.stop()
    found._find(job)
    assert not found.whole
    found.start()
    found.job.join(20)
    assert name_groups(found) == name_groups(whole)


def test_problems_are_found_as_more_is_read() -> None:
    index, over = Index(Capture(str(ROOT / "captures" / "c-store-refused.pcap"))), False
    reading = Reading(index.capture, Config())
    reading.close = index.close
    index.conclusions = reading.associations.endings
    found = Problems(index, lambda: over)
    found.start()
    for subject in reading:
        index.add(subject)
    over = True
    found.job.join(20)
    assert [each[1] for each in name_groups(found) if each[0] == "failed"] == [
        "status 0xA700", "status 0xA900", "status 0xC123",
    ]  # fmt: skip


# The screen

REJECTED = CATALOG["reject-explained"]


def get_screen(session: Session) -> ProblemsScreen:
    screen = session.app.screen
    assert isinstance(screen, ProblemsScreen)
    return screen


async def show(session: Session) -> ProblemsScreen:
    await session.press("!")
    await session.wait(lambda: isinstance(session.app.screen, ProblemsScreen))
    screen = get_screen(session)
    await session.wait(lambda: screen.kept.problems.whole and screen.pane.found is screen.kept.problems.found)
    return screen


async def go_to(session: Session, screen: ProblemsScreen, code: str) -> None:
    """Put the cursor on the line of a code."""
    number = [each.kind.code for each in screen.pane.found.groups].index(code)
    await session.press("g", *("j" for _ in range(number)))
    await session.wait(lambda: screen.pane.cursor == number)


def tell_detail(session: Session) -> str:
    """Give what is said of the line under the cursor, its lines joined."""
    rule = next(at for at, line in enumerate(session.lines) if "\u2500" * 40 in line)
    return " ".join(" ".join(session.lines[rule + 1 : -1]).split())


@pytest.mark.parametrize("size", SIZES)
def test_a_line_a_code_says_how_bad_it_is_how_many_and_what_it_means(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap", size=size) as session:
            await show(session)
            await session.wait(lambda: re.search(r"9 failed, \d errors", session.lines[0]))
            text = session.text
            assert re.search(r"\u25b8 \u2717 failed  aborted +9  the association was aborted", text)
            assert re.search(r"\u25b8 \u2717 error   abort-source +1  ", text)
            assert ("PS3.8 9.3.8" in session.lines[2]) == (size == WIDE)
            assert "failed aborted  PS3.8 9.3.8" in text
            assert all(len(line) <= size[0] for line in session.lines)

    run(test)


@pytest.mark.parametrize("size", SIZES)
def test_columns_stay_in_line_beside_a_long_code(tmp_path: Path, size: tuple[int, int]) -> None:
    first = Talk().open().request(associate_rq()).answer(associate_ac()).reset()
    second = Talk(requestor=("10.0.0.1", 50001)).open().request(associate_rq()).answer(associate_ac()).close()
    path = write(tmp_path, first, second)

    async def test() -> None:
        async with browse(path, size=size) as session:
            await show(session)
            await session.wait(lambda: "closed-without-release" in session.lines[3])
            for key, title in (("o", "Count"), ("o", "Assoc")):
                edge = session.lines[1].index(title) + len(title)
                counts = [
                    line for line in session.lines[2:] if re.search(r"[!\u2717] (warning|failed ) +[a-z-]+ ", line)
                ]
                assert len(counts) > 1
                assert all(re.fullmatch(r".* \d  \S", line[: edge + 3]) for line in counts)
                await session.press(key)

    run(test)


def test_a_code_opens_to_its_pdus_and_enter_goes_to_the_node(tmp_path: Path) -> None:
    path = write(tmp_path, store_talk(ODD))

    async def test() -> None:
        async with browse(path) as session:
            await show(session)
            await session.press("right")
            await session.wait(lambda: re.search(r"PDU 4 +assoc 1 +an odd value length, 3", session.text))
            await session.press("j", "j")
            await session.wait(lambda: "pdv.1/0010,0040" in session.text)
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen) and session.main.shown == 3)
            await session.wait(
                lambda: session.main.nodes.node is not None and session.main.nodes.node.key == "0010,0040"
            )

    run(test)


def test_enter_on_a_code_opens_it_and_left_closes_it() -> None:
    async def test() -> None:
        async with browse("built-rejects.pcap") as session:
            screen = await show(session)
            await session.press("enter")
            await session.wait(lambda: "assoc 10" in session.text)
            groups = screen.pane.found.groups
            await session.press("j", "j", "left")
            assert screen.pane.count == len(groups)
            assert screen.pane.cursor == 0
            await session.press("E")
            assert screen.pane.count == sum(1 + each.count for each in groups)
            await session.press("C")
            assert screen.pane.count == len(groups)

    run(test)


@pytest.mark.parametrize(
    ("keys", "shown"), [(("f",), "dimse.status == 0xA700"), (("right", "j", "f"), "dimse.status == 0xA700")]
)
def test_f_filters_to_the_pdus_of_the_code(keys: tuple[str, ...], shown: str) -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            await show(session)
            await session.press(*keys)
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.wait(lambda: session.app.state.rows.passed == 1)
            assert session.app.state.filter_text == shown

    run(test)


def test_o_shows_problems_by_pdu_and_the_cursor_stays_on_its_problem() -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            number = next(at for at, each in enumerate(screen.pane.found.groups) if each.problems[0].row == 31)
            await session.press("g", *("j" for _ in range(number)), "right", "j", "o")
            assert screen.pane.problem is not None
            assert screen.pane.problem.row == 31
            numbers = [int(found[1]) for found in re.finditer(r"(?m)0x\w{4} +(\d+) +\d  ", session.text)]
            assert numbers == [7, 20, 28, 32, 36, 43, 45, 52, 54]
            await session.press("o")
            assert screen.pane.problem is not None
            assert screen.pane.problem.row == 31

    run(test)


@pytest.mark.parametrize("size", SIZES)
def test_a_capture_without_problems_is_told_so(tmp_path: Path, size: tuple[int, int]) -> None:
    path = write(tmp_path, echo_talk())

    async def test() -> None:
        async with browse(path, size=size) as session:
            await show(session)
            await session.wait(lambda: "no problems in 6 PDUs" in session.text)
            await session.press("enter", "right", "left", "f", "o", "enter")
            assert "no problems in 6 PDUs" in session.text

    run(test)


@pytest.mark.parametrize("key", ["escape", "q"])
def test_the_screen_is_left_and_is_as_it_was_when_it_is_shown_again(key: str) -> None:
    async def test() -> None:
        async with browse("built-messages.pcap") as session:
            screen = await show(session)
            await session.press("j", "j", "right", "j", key)
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            again = await show(session)
            assert again is not screen
            await session.wait(lambda: again.pane.cursor == 3)
            assert again.pane.problem is not None
            assert again.pane.problem.row == 51
            await session.press(key)
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))

    run(test)


def test_escape_stops_the_work_first_and_r_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = Problems._decode
    slow = [True]

    def wait(self: Problems, recall: Recall, job: Job, size: int) -> None:
        if slow[0]:
            job.pause(20)
        decode(self, recall, job, size)

    monkeypatch.setattr(Problems, "_decode", wait)

    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            await session.press("!")
            await session.wait(lambda: "3 failed, 2 remarks in 13 PDUs  decoding 0%" in session.text)
            await session.press("escape")
            await session.wait(lambda: "partial 0% (r goes on)" in session.text)
            slow[0] = False
            await session.press("r")
            await session.wait(lambda: get_screen(session).kept.problems.whole)
            await session.press("escape")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))

    run(test)


def test_without_letters_but_ascii_the_screen_has_none() -> None:
    async def test() -> None:
        async with browse("built-unknown-items.pcap", size=SMALL, plain=True) as session:
            await show(session)
            await session.press("right")
            await session.wait(lambda: "- i remark  unknown-item" in session.text)
            lines = [line for line in session.lines if "\u2500" not in line]
            assert all(line.isascii() for line in lines)

    run(test)


def test_the_mouse_opens_a_code_and_goes_to_a_pdu() -> None:
    async def test() -> None:
        async with browse("built-rejects.pcap") as session:
            screen = await show(session)
            await session.pilot.click(screen.pane, offset=(1, 1))
            await session.wait(lambda: "assoc 10" in session.text)
            await session.pilot.click(screen.pane, offset=(30, 3))
            assert screen.pane.cursor == 2
            await session.pilot.click(screen.pane, offset=(30, 3))
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen) and session.main.shown == 3)

    run(test)


@pytest.mark.parametrize("size", SIZES)
def test_it_is_told_whose_doing_a_problem_is_why_it_is_one_and_what_to_try(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap", size=size) as session:
            screen = await show(session)
            await go_to(session, screen, "no-contexts")
            rule = CATALOG["no-contexts"]
            assert "PDU 14, frame 41, association 5, requestor MODALITY (10.0.0.1:50004)" in tell_detail(session)
            assert f"why {rule.reason} try {rule.remedy}" in tell_detail(session)
            assert sum("\u2500" * 40 in line for line in session.lines) == 1

    run(test)


def test_w_leaves_more_room_for_the_list_and_that_stays_so() -> None:
    async def test() -> None:
        async with browse("built-aborts.pcap", size=SMALL) as session:
            screen = await show(session)
            await go_to(session, screen, "no-contexts")
            room = screen.pane.page
            await session.press("w")
            assert screen.pane.page == room + 7
            assert "why" not in tell_detail(session)
            assert "MODALITY" not in tell_detail(session)
            await session.press("escape", "!")
            again = get_screen(session)
            await session.wait(lambda: again.pane.page == room + 7)
            await session.press("w")
            await session.wait(lambda: again.pane.page == room)
            await session.wait(lambda: "try" in tell_detail(session))

    run(test)


def test_of_a_failure_it_is_told_what_a_rule_found_out_about_it() -> None:
    async def test() -> None:
        async with browse("built-rejects.pcap") as session:
            await show(session)
            assert f"10 in 10 associations the association was rejected why {REJECTED.reason}" in tell_detail(session)
            await session.press("l", "j", "j")
            told = tell_detail(session)
            assert "reject MODALITY <-- ARCHIVE (Application context name not supported); rejected for" in told
            assert CATALOG["reject-contradicts"].remedy in told

    run(test)


def test_of_a_failed_operation_it_is_told_why_it_failed_and_what_to_try() -> None:
    async def test() -> None:
        async with browse("c-find-failed.pcap", size=SMALL) as session:
            await show(session)
            rule = CATALOG["operation-failed"]
            told = tell_detail(session)
            assert "failed status 0xA900" in told
            assert "a wildcard in a list'): the peer takes the data set for one that does not fit" in told
            assert f"why {rule.reason} try {rule.remedy}" in told
            await session.press("escape", "P")
            await show(session)
            told = tell_detail(session)
            assert "why" in told
            assert "No such level" not in told

    run(test)


def test_of_a_warning_that_no_rule_is_about_that_is_said() -> None:
    async def test() -> None:
        async with browse("c-store-warning.pcap") as session:
            await show(session)
            told = tell_detail(session)
            assert "status 0xB000" in told
            assert "why No rule is about it" in told
            await session.press("w")
            assert "why" not in tell_detail(session)

    run(test)


def test_a_long_text_gives_way_to_what_to_try(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    comment = message(1, c_echo_rsp(1, 0x0110))
    path = write(tmp_path, talk.request(*message(1, c_echo_rq(1))).answer(*comment).reset())

    async def test() -> None:
        async with browse(path, size=SMALL) as session:
            screen = await show(session)
            problem = screen.pane.found.groups[0].problems[0]
            kind = next(each.kind for each in screen.pane.found.groups if each.kind.code == "closed-without-release")
            long = Problem(kind, problem.row, "very long " * 200)
            screen.pane.show(Findings((Group(kind, 1, (long,)),), (long,), 1))
            screen.detail.show()
            await session.wait(lambda: "very long very long" in tell_detail(session))
            assert "\u2026 why" in tell_detail(session)
            assert CATALOG["closed-without-release"].remedy in tell_detail(session)

    run(test)


def test_a_problem_of_a_connection_has_no_pdu_and_enter_goes_to_its_association() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            screen = await show(session)
            await go_to(session, screen, "ack-delayed")
            await session.press("l", "j")
            await session.wait(lambda: re.search(r" +connection +assoc 1 +127.0.0.1:", session.text))
            assert "frame 9, association 1, requestor FINDSCU" in tell_detail(session)
            await session.press("o")
            assert re.search(r"ack-delayed {10,}1  127.0.0.1:", session.text)
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen) and session.main.shown == 0)

    run(test)


def test_a_rule_that_many_pdus_break_is_shown_in_each_and_e_goes_from_one_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST_DETAILED", 3)
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    for number in range(1, 9):
        talk.request(*message(1, c_echo_rq(number))).answer(*message(1, c_echo_rsp(number + 100)))
    path = write(tmp_path, talk.request(release_rq()).answer(release_rp()).close())
    answers = range(3, 19, 2)

    async def test() -> None:
        async with browse(path) as session:
            for row in range(3, 19):  # all requests but the first are one too many
                await session.press("e")
                await session.wait(lambda: session.main.shown == row)  # noqa: B023 (waited for at once)
                if row in answers:
                    told = "... to message ID ..." if row > answers[2] else f"C-ECHO-RSP to message ID {row // 2 + 100}"
                    await session.wait(lambda: f"error: {told}" in session.text)  # noqa: B023
            screen = await show(session)
            group = next(each for each in screen.pane.found.groups if each.kind.code == "response-unasked")
            assert [each.row for each in group.problems] == list(answers)

    run(test)
