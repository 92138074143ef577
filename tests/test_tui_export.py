"""Exporting from the terminal interface: the files, the command that does the same, what is asked before."""

import json
import shlex
from collections.abc import Iterable
from pathlib import Path

import pytest

from dissect.association import LONGEST_WAIT
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.export import Wishes
from dissect.phrasing import name_numbers
from dissect.query import Filter
from dissect.reading import Reading
from dissect.subset import SubsetError
from dissect.tui import taking
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.clipboard import Outcome
from dissect.tui.exporting import Export
from dissect.tui.exportscreen import ExportScreen, open_saving
from dissect.tui.orders import FRAMES, KINDS, OBJECTS, TREE, Kind, Order, Refusal, check_target, propose, tell_command
from dissect.tui.scopes import RangeError, Scope, list_scopes, read_numbers
from dissect.tui.state import State
from tests import build
from tests.browsing import ROOT, SMALL, WIDE, Session, browse, run

STORE, FIND = ROOT / "captures" / "c-store.pcap", ROOT / "captures" / "c-find.pcap"
BY_NAME = {kind.name: kind for kind in KINDS}
PATIENT = ("Müller", "Jörg", "Curie", "SYN-0001", "19700101")


def load(*paths: Path) -> State:
    state = State([str(path) for path in paths], Config())
    state.loading.join()
    return state


def carry_out(state: State, order: Order) -> str:
    export = Export(state, order)
    export.job.start().join()
    if export.job.error is not None:
        raise export.job.error
    return export.outcome


def read(path: Path) -> dict[str, bytes]:
    """Give the bytes of a file, or of the files in a folder."""
    if path.is_dir():
        return {each.name: each.read_bytes() for each in path.iterdir()}
    return {"": path.read_bytes()}


def obey(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Do in a folder what a command line says."""
    words = shlex.split(command)
    assert words.pop(0) == "dissect"
    target = words[-1] if words[-2] == ">" else ""
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        assert main(words[:-2] if target else words) in (0, 2)
        if target:
            Path(target).write_text(capsys.readouterr().out, encoding="utf-8", errors="backslashreplace")


TEXTS = ("", "pdu in {4..6, 8} or dimse.status == failure")


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_written_is_what_the_command_writes(
    text: str, captured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    state = load(captured)
    for kind in KINDS:
        try:
            carry_out(state, Order(kind, text, ours / kind.name))
        except Refusal:
            assert list(ours.iterdir()) == []
            assert not list(Reading(Capture(captured), Config(), Filter(text) if text else None))
            continue
        obey(tell_command(state, Order(kind, text, Path(kind.name))), theirs, monkeypatch, capsys)
        assert read(ours / kind.name) == read(theirs / kind.name), kind.name


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> State:
    """Load, once, a message in more PDUs than are waited for."""
    path = tmp_path_factory.mktemp("many") / "many.pcap"
    path.write_bytes(build.pcap(build.store_talk(bytes(2 * LONGEST_WAIT + 10), pdv_size=2).frames))
    return load(path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_messages_of_many_pdus_are_told_as_the_command_tells_of_them(
    kind: Kind, many: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order = Order(kind, "pdu in {3..10, 50}", tmp_path / "ours")
    carry_out(many, order)
    obey(tell_command(many, Order(kind, order.text, Path("theirs"))), tmp_path, monkeypatch, capsys)
    assert read(tmp_path / "ours") == read(tmp_path / "theirs")


def test_the_command_has_what_the_list_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = load(FIND)
    state.set_time("ud")
    state.toggle_column("PatientID")
    (tmp_path / "theirs").mkdir()
    for name in ("list", "list-csv", "list-jsonl", "tree"):
        order = Order(BY_NAME[name], "msg(PatientID)", tmp_path / name)
        carry_out(state, order)
        command = tell_command(state, Order(order.kind, order.text, Path(name)))
        assert command.startswith("dissect ")
        obey(command, tmp_path / "theirs", monkeypatch, capsys)
        assert read(tmp_path / name) == read(tmp_path / "theirs" / name)
    assert "123456" in (tmp_path / "list").read_text()


def test_the_command_has_ports_and_options() -> None:
    state = load(FIND)
    state.config = Config().with_ports([4242])
    state.names = ["-odd.pcap", "two words.pcap"]
    wishes = Wishes(commands=True, json=True, raw=True)
    assert tell_command(state, Order(OBJECTS, "assoc == 1", Path("out dir"), wishes)) == (
        "dissect export --commands --json --raw -Y 'assoc == 1' -d tcp.port==4242,dicom ./-odd.pcap 'two words.pcap'"
        " --to 'out dir'"
    )


def test_the_frames_read_back_as_the_pdus_that_were_chosen(tmp_path: Path) -> None:
    out = tmp_path / "out.pcapng"
    told = carry_out(load(ROOT / "captures" / "c-find.pcap"), Order(FRAMES, "pdu == 5", out))
    assert told.endswith(f"of 1 association written to {out}")
    infos = [each.top.text for each in Reading(Capture(out), Config())]
    assert infos[:2] == ["A-ASSOCIATE request FINDSCU --> ANY-SCP", "A-ASSOCIATE accept  FINDSCU <-- ANY-SCP"]
    assert [info for info in infos[2:] if info.startswith("C-FIND-RQ")]
    assert [info for info in infos[2:] if info.startswith("C-FIND-RSP")]


def test_comments_of_the_user_come_with_the_frames(tmp_path: Path) -> None:
    state, out = load(FIND), tmp_path / "out.pcapng"
    state.marks.comments |= {2: "why so slow?", 4: "größer"}
    carry_out(state, Order(FRAMES, "", out))
    capture = Capture(out)
    told = {each.arrival.number: each.codes for each in Reading(capture, Config())}
    assert sorted(text for texts in capture.comments.values() for text in texts) == ["größer", "why so slow?"]
    assert "comment" in told[3]
    assert "comment" in told[5]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.masked], ids=lambda kind: kind.name)
def test_in_privacy_nothing_tells_of_patients(kind: Kind, tmp_path: Path) -> None:
    names = ("c-store-sequences.pcap", "user-identity.pcap", "c-store-refused.pcap")
    for path in (STORE, FIND, *(ROOT / "captures" / name for name in names)):
        state, out = load(path), tmp_path / path.name
        state.toggle_column("PatientName")
        state.private = True
        assert " masked, written to " in carry_out(state, Order(kind, "", out))
        text = out.read_text(encoding="utf-8")
        assert not [
            word for word in (*PATIENT, "John^Doe", "Disk full") if word in text or word.encode().hex(" ") in text
        ]
        assert "C-" in text or "A-ASSOCIATE" in text
        if kind.form == "json":
            json.loads(text)


def test_in_privacy_remarks_and_bytes_that_nobody_read_are_left_out(tmp_path: Path) -> None:
    secret = b"Secret^Sam and much more than sixteen bytes"
    talk = build.store_talk(build.element(0x00420011, "OB", secret + b"\0"))
    talk.request(b"\x09\0" + len(secret).to_bytes(4, "big") + secret)
    plain, path = tmp_path / "plain.pcap", tmp_path / "remarked.pcapng"
    plain.write_bytes(build.pcap(talk.frames))
    state = load(plain)
    state.marks.comments[2] = "of Secret^Sam"
    carry_out(state, Order(FRAMES, "", path))
    for kind in (each for each in KINDS if each.masked):
        state = load(path)
        state.private = True
        carry_out(state, Order(kind, "", tmp_path / kind.name))
        text = (tmp_path / kind.name).read_text(encoding="utf-8")
        assert not [word for word in ("Secret", secret[:6].hex(" ")) if word in text], kind.name


@pytest.mark.parametrize("kind", [OBJECTS, FRAMES], ids=lambda kind: kind.name)
def test_what_cannot_be_masked_is_refused_in_privacy(kind: Kind, tmp_path: Path) -> None:
    state = load(STORE)
    state.private = True
    with pytest.raises(Refusal, match="cannot be masked"):
        check_target(state, Order(kind, "", tmp_path / "out"))


def test_work_that_is_stopped_leaves_no_file(tmp_path: Path) -> None:
    for kind in KINDS:
        export = Export(load(STORE), Order(kind, "", tmp_path / "out"))
        export.job.stop()
        export.job.start().join()
        assert export.job.error is None
        assert "stopped" in export.outcome
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    state = load(STORE)
    (tmp_path / "there").write_bytes(b"mine")
    for target, why in (
        (tmp_path, "a folder is there"), (tmp_path / "none" / "out", "no such folder"),
        (Path("/dev/null"), "no file; name another"), (STORE, "one of the captures that are read"),
    ):  # fmt: skip
        with pytest.raises((Refusal, SubsetError), match=why):
            check_target(state, Order(TREE, "", target))
    with pytest.raises(Refusal, match="a file is there"):
        check_target(state, Order(OBJECTS, "", tmp_path / "there"))
    with pytest.raises(Refusal, match="it is there already"):
        carry_out(state, Order(TREE, "", tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == b"mine"
    carry_out(state, Order(TREE, "", tmp_path / "there", over=True))
    assert (tmp_path / "there").read_text().startswith("PDU 1,")
    assert [each.name for each in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("12-40,55", "pdu in {12..40, 55}"), ("7", "pdu == 7"), ("-3, 98-", "pdu in {1..3, 98..100}"),
        ("3,1,2", "pdu in {1..3}"), ("1..4", "pdu in {1..4}"), ("", ""), (" , ", ""),
    ],
)  # fmt: skip
def test_a_range_is_read_as_it_is_written(asked: str, text: str) -> None:
    assert name_numbers("pdu", read_numbers(asked, 100)) == (text, True)


@pytest.mark.parametrize(
    "asked", ["0", "101", "5-3", "x", "1-2-3", "-", "1,,x", "9" * 20, "9" * 5000, "1-" + "9" * 5000]
)
def test_a_range_that_is_none_is_refused(asked: str) -> None:
    with pytest.raises(RangeError):
        read_numbers(asked, 100)


def find_texts(state: State, row: int | None, asked: str = "") -> dict[str, str | None]:
    return {scope.name: scope.text for scope in list_scopes(state, row, asked)}


def test_scopes_are_filters() -> None:
    state = load(STORE)
    assert find_texts(state, 3, "2-4") == {
        "all": "", "displayed": "", "selected": None, "marked": None, "pdu": "pdu == 4",
        "message": "pdu in {3..6}", "association": "assoc == 1", "range": "pdu in {2..4}",
    }  # fmt: skip
    state.marks.selected |= {0, 4, 5}
    state.marks.letters |= {"a": 8, "b": 1}
    texts = find_texts(state, 0, "x")
    assert (texts["selected"], texts["marked"], texts["range"]) == ("pdu in {1, 5..6}", "pdu in {2, 9}", None)
    assert texts["message"] is None
    assert find_texts(state, None)["pdu"] is None


def test_what_is_selected_among_messages_is_all_of_their_pdus() -> None:
    state = load(STORE)
    state.arrange("message", None, "")
    state.marks.selected |= {0, 2}
    assert find_texts(state, 0)["selected"] == "pdu in {1, 3..6}"
    state.arrange("association", None, "")
    assert find_texts(state, 0)["selected"] == "assoc == 1"
    state.leave()


# The screen


async def open_export(session: Session, *keys: str) -> ExportScreen:
    await session.press("X")
    await session.wait(lambda: isinstance(session.app.screen, ExportScreen) and session.app.screen.focused)
    screen = session.app.screen
    assert isinstance(screen, ExportScreen)
    await session.press(*keys)
    return screen


def catch_copies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list to which whatever is copied is added."""
    copied: list[str] = []

    def take(text: str, *_: object) -> Outcome:
        copied.append(text)
        return Outcome("copied", done=True)

    monkeypatch.setattr(taking, "copy", take)
    return copied


def list_names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def is_told(session: Session, words: Iterable[str]) -> bool:
    return all(word in session.text for word in words)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["140x45", "80x24"])
@pytest.mark.parametrize("plain", [False, True], ids=["unicode", "ascii"])
def test_all_of_the_screen_can_be_seen(size: tuple[int, int], plain: bool) -> None:
    async def test() -> None:
        async with browse("c-store.pcap", size=size, plain=plain) as session:
            await open_export(session, "tab", "end")
            words = [kind.title for kind in KINDS] + ["This association, 1", "--raw", "PDUs", "To folder", "w Write"]
            await session.wait(lambda: is_told(session, words))
            assert not plain or session.text.replace("\u2026", "").isascii()
            assert "range: write numbers" in session.text

    run(test)


def test_objects_are_written_at_the_second_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            screen = await open_export(session, "w")
            await session.wait(lambda: "Patient data is written" in session.text)
            assert screen.go.has_focus
            await session.press("shift+tab", "tab")
            await session.wait(lambda: "Patient data is written" not in session.text)
            await session.press("enter")
            await session.wait(lambda: "Patient data is written" in session.text)
            await session.press("escape")
            await session.wait(lambda: "Patient data is written" not in session.text)
            assert list_names(tmp_path) == []
            await session.press("enter", "enter")
            await session.wait(lambda: "1 object written, 0 of them partial" in session.text)
            await session.press("escape")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))

    run(test)
    assert main(["export", str(STORE), "--to", "theirs"]) == 0
    assert read(tmp_path / "c-store-objects") == read(tmp_path / "theirs")


def test_what_is_chosen_on_the_screen_is_what_the_command_on_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    copied = catch_copies(monkeypatch)

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await open_export(session, "down", "down", "enter", "end", "y", "enter", "[3-4,7]")
            await session.wait(lambda: "pdu in {3..4, 7}" in session.text)
            await session.press("enter", "shift+tab", "shift+tab", "y", "tab", "tab", "end", "[x]", "enter", "enter")
            await session.wait(lambda: "3 PDUs written to c-find-range.txtx" in session.text)

    run(test)
    assert copied == [f"dissect show -Y 'pdu in {{3..4, 7}}' {FIND} > c-find-range.txt"]
    obey(copied[0], tmp_path, monkeypatch, capsys)
    assert read(tmp_path / "c-find-range.txt") == read(tmp_path / "c-find-range.txtx")


def test_a_file_is_written_over_only_when_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c-find-list.txt").write_text("mine")

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            await open_export(session, *["down"] * 5, "w", "enter")
            await session.wait(lambda: "is there already" in session.text)
            await session.press("escape")
            await session.wait(lambda: "Enter here" in session.text)
            assert (tmp_path / "c-find-list.txt").read_text() == "mine"
            await session.press("enter", "enter")
            await session.wait(lambda: "is there already" in session.text)
            await session.press("y")
            await session.wait(lambda: "9 PDUs written to c-find-list.txt" in session.text)

    run(test)
    assert (tmp_path / "c-find-list.txt").read_text().count("\n") == 9


def test_in_privacy_a_list_is_written_at_once_and_frames_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def test() -> None:
        async with browse("c-store.pcap") as session:
            await open_export(session, "P", "w")
            await session.wait(lambda: "Objects as DICOM files cannot be masked" in session.text)
            assert "none: the command line does not mask" in session.text
            await session.press("shift+tab", "shift+tab", "shift+tab", "shift+tab")
            await session.press("down", "down", "w")
            await session.wait(lambda: "9 PDUs masked, written to c-store.txt" in session.text)

    run(test)
    assert list_names(tmp_path) == ["c-store.txt"]


def test_the_mask_is_offered_only_for_what_can_be_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def test() -> None:
        async with browse("c-store.pcap", size=SMALL) as session:
            screen = await open_export(session)
            for number, kind in enumerate(KINDS):
                screen.what.cursor = number
                await session.wait(lambda: "patient data is not masked" in session.text)
                assert ("(P masks it)" in session.text) == kind.masked
                screen.action_write()
                await session.wait(lambda: "Patient data is written" in session.text)
                assert ("P: mask it." in session.text) == kind.masked

    run(test)


def test_the_mouse_chooses_ticks_copies_and_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    copied = catch_copies(monkeypatch)

    async def test() -> None:
        async with browse("c-find.pcap") as session:
            screen = await open_export(session)
            await session.pilot.click("#extras", offset=(2, 1))
            await session.wait(lambda: "--commands" in tell_command(screen.state, screen.order))
            await session.pilot.click("#which", offset=(2, 7))
            await session.wait(lambda: "assoc == 1" in session.text)
            await session.pilot.click("#words")
            assert len(copied) == 1
            await session.pilot.click("#go")
            await session.wait(lambda: "Patient data is written" in session.text)
            await session.pilot.click("#go")
            await session.wait(lambda: "objects written" in session.text)

    run(test)
    assert list_names(tmp_path) == ["c-find-assoc1-objects"]


def test_saving_begins_with_the_frames_of_what_the_filter_shows_or_the_association() -> None:
    async def test() -> None:
        async with browse("c-find.pcap") as session:
            open_saving(session.main)
            await session.wait(lambda: isinstance(session.app.screen, ExportScreen))
            await session.wait(lambda: "-Y 'assoc == 1'" in session.text)
            assert "-w c-find-assoc1.pcapng" in session.text
            await session.press("q")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            session.main.apply("dimse.cmd")
            open_saving(session.main)
            await session.wait(lambda: "-Y dimse.cmd" in session.text)
            assert "-w c-find-displayed.pcapng" in session.text

    run(test)


def test_the_name_that_is_proposed_has_no_characters_that_cannot_be_seen() -> None:
    scope = Scope("all", "All", "", "")
    assert propose(["/tmp/a\x1b[31mb\u202e.pcap"], OBJECTS, scope) == "a[31mb-objects"
