"""The picture of a message on a terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot

from dissect.pictures.colours import Colour, Window
from dissect.pictures.compression import decode_rle
from dissect.tui.caption import CONCEALED, STORES
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.exportscreen import ExportScreen
from dissect.tui.gallery import list_further, list_near
from dissect.tui.picturescreen import PictureScreen
from dissect.views.picture import HATCH, RAMP, UPPER_HALF
from tests import build
from tests.browsing import SMALL, WIDE, Session, browse, run
from tests.pictures import encode, grey

FIND, STORE, ANSWER, RELEASE = "c-find.pcap", "c-store.pcap", "C-STORE-RSP", "A-RELEASE"


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a terminal with all colours."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.is_available", False)


@asynccontextmanager
async def look(
    path: Path | str,
    told: str = "C-STORE-RQ",
    size: tuple[int, int] = WIDE,
    *,
    private: bool = False,
    plain: bool = False,
) -> AsyncIterator[tuple[Session, PictureScreen]]:
    """Browse a capture, go to the first PDU that tells of something, and look at its picture until it is there."""
    async with browse(path, size=size, plain=plain) as session:
        main, index = session.main, session.main.state.index
        main.state.private = private
        row = next(row for row in range(len(index)) if told in index.tell_info(row))
        main.go_to(row)
        await session.wait(lambda: main.shown == row)
        await session.press("i")
        await session.wait(lambda: isinstance(session.app.screen, PictureScreen))
        screen = session.app.screen
        assert isinstance(screen, PictureScreen)
        await settle(session, screen)
        yield session, screen


async def settle(session: Session, screen: PictureScreen) -> None:
    """Wait until nothing is being drawn."""
    await session.wait(lambda: screen.wish.height and screen._drawing is None)


async def press(session: Session, screen: PictureScreen, *keys: str) -> None:
    """Press keys and wait until what they ask for is drawn."""
    await session.press(*keys)
    await settle(session, screen)


def write(folder: Path, talk: build.Talk) -> Path:
    path = folder / "built.pcap"
    path.write_bytes(build.pcap(talk.frames))
    return path


def colours_of(pilot: "Pilot[int]") -> set[Colour]:
    """Give the colours of all half blocks on the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    styles = [each.style for strip in strips for each in strip if UPPER_HALF in each.text and each.style is not None]
    return {(each.red, each.green, each.blue) for style in styles if style.color and (each := style.color.triplet)}


@pytest.mark.parametrize("size", [pytest.param(WIDE, id="140x45"), pytest.param(SMALL, id="80x24")])
def test_a_picture_fills_the_height_and_tells_what_it_is(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with look(STORE, size=size) as (session, screen):
            lines = session.lines
            assert lines[0].startswith(" Picture  frame 1 of 1  window 40 / 80  C-STORE-RQ ID=")
            assert lines[1] == " CT Image Storage 64 x 64, 16 bit MONOCHROME2"
            assert lines[-2].startswith(" Not for diagnostic use  window of the data set")
            assert all(line.count(UPPER_HALF) == 2 * (size[1] - 4) for line in lines[2:-2])
            assert screen.sample is not None
            assert {(0, 0, 0), (255, 255, 255)} & colours_of(session.pilot)
            keys = "p/n Frame [/] Width {/} Centre 0/a Window - Invert </> Picture e Export"
            assert lines[-1].split()[: len(keys.split())] == keys.split()
            await session.press("q")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))

    run(test)


def test_the_picture_grows_with_the_screen() -> None:
    async def test() -> None:
        async with look(STORE, size=SMALL) as (session, screen):
            await session.pilot.resize_terminal(*WIDE)
            await session.wait(lambda: screen.sample is not None and len(screen.sample.rows) == 2 * (WIDE[1] - 4))

    run(test)


@pytest.mark.parametrize("key", ["n", "pagedown", "right", "down"])
def test_keys_go_through_the_frames(key: str) -> None:
    async def test() -> None:
        async with look("c-store-rle.pcap") as (session, screen):
            first = screen.sample
            assert "RLE Lossless, frame 1 of 3" in session.lines[1]
            await press(session, screen, key)
            assert "frame 2 of 3" in session.lines[0]
            assert screen.sample != first
            await press(session, screen, "end", key)
            assert "frame 3 of 3" in session.lines[0]
            await press(session, screen, "home", "p")
            assert ("frame 1 of 3" in session.lines[0], screen.sample) == (True, first)

    run(test)


def test_keys_change_the_window_and_bring_it_back() -> None:
    async def test() -> None:
        async with look(STORE) as (session, screen):
            for key, window in (
                ("left_square_bracket", Window(40, 64)),
                ("right_square_bracket", Window(40, 80)),
                ("right_curly_bracket", Window(48, 80)),
                ("left_curly_bracket", Window(40, 80)),
            ):
                await press(session, screen, key)
                assert screen.sample is not None
                assert screen.sample.window == pytest.approx(window)
                assert f"window {window.center:g} / {window.width:g}" in session.lines[0]
            assert "set by hand" in session.lines[-2]
            await press(session, screen, "a")
            assert "from the least to the greatest pixel shown" in session.lines[-2]
            await press(session, screen, "left_square_bracket", "0")
            assert "window 40 / 80" in session.lines[0]
            assert "of the data set" in session.lines[-2]

    run(test)


def test_a_window_is_never_narrower_than_one_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dissect.tui.picturescreen.NARROWER", 0.1)

    async def test() -> None:
        async with look("c-store-rle.pcap") as (session, screen):
            await press(session, screen, *["left_square_bracket"] * 4)
            assert screen.sample is not None
            assert screen.sample.window is not None
            assert screen.sample.window.width == 1

    run(test)


def test_minus_shows_the_negative() -> None:
    async def test() -> None:
        async with look(STORE) as (session, screen):
            before = colours_of(session.pilot)
            await press(session, screen, "minus")
            assert "inverted" in session.lines[0]
            assert colours_of(session.pilot) == {(255 - red, 255 - green, 255 - blue) for red, green, blue in before}
            await press(session, screen, "minus")
            assert colours_of(session.pilot) == before

    run(test)


def test_the_picture_of_a_response_is_that_of_its_request() -> None:
    async def test() -> None:
        async with look(STORE, ANSWER) as (session, screen):
            assert "C-STORE-RQ ID=" in session.lines[0]
            assert screen.sample is not None
            await session.press("enter")
            await session.wait(lambda: isinstance(session.app.screen, CaptureScreen))
            await session.wait(lambda: session.main.shown == screen.find_row())
            assert "C-STORE-RQ" in session.main.state.index.tell_info(session.main.shown or 0)

    run(test)


def test_a_message_without_pixel_data_tells_how_to_come_to_some() -> None:
    async def test() -> None:
        async with look(FIND, "C-FIND-RQ") as (session, screen):
            assert "C-FIND-RQ ID=1 has no Pixel Data." in session.text
            assert STORES in session.text
            await press(session, screen, "n", "left_square_bracket", "a", "minus", "greater_than_sign")
            await session.press("enter")
            await session.wait(lambda: session.main.state.filter_text == STORES)

    run(test)


def test_from_a_pdu_without_messages_keys_go_to_pictures_beside_it() -> None:
    async def test() -> None:
        async with look(STORE, RELEASE) as (session, screen):
            assert "A-RELEASE-RQ, carries no message with a picture." in session.text
            await press(session, screen, "greater_than_sign")
            assert screen.exhibit is None
            await press(session, screen, "less_than_sign")
            assert "CT Image Storage 64 x 64" in session.lines[1]

    run(test)


def test_keys_go_to_the_pictures_of_the_association() -> None:
    async def test() -> None:
        async with look("c-store-refused.pcap") as (session, screen):
            assert screen.exhibit is not None
            numbers = [screen.exhibit.number]
            for _ in range(3):
                await press(session, screen, "greater_than_sign")
                numbers.append(screen.exhibit.number)
            assert numbers[0] < numbers[1] < numbers[2] == numbers[3]
            assert [each.message for each in session.app._notifications] == ["no further picture of association 1"]
            await press(session, screen, "less_than_sign")
            assert screen.exhibit.number == numbers[1]

    run(test)


def test_messages_are_listed_from_the_nearest() -> None:
    async def test() -> None:
        async with browse("c-store-refused.pcap") as session:
            index = session.main.state.index
            stores = [
                number
                for number in range(1, len(index.messages) + 1)
                if "STORE-RQ" in index.texts[index.messages.texts[number]]
            ]
            assert list(list_further(index, 0, 0, 1)) == stores
            assert list(list_further(index, len(index) - 1, 0, -1)) == stores[::-1]
            row = index.messages.lasts[stores[1]] + 1
            assert stores[1] in list_near(index, row)
            assert list(list_further(index, row, stores[1], 1)) == stores[2:]
            assert list(list_further(index, row, stores[1], -1)) == stores[:1]

    run(test)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("c-store-jpeg.pcap", "JPEG Baseline (Process 1), 6 fragments"),
        ("c-store-jpeg-lossless.pcap", "JPEG Lossless"),
        ("c-store-jpeg-ls.pcap", "JPEG-LS Lossless"),
    ],
)
def test_without_a_decoder_it_is_told_what_could_be_done(name: str, told: str) -> None:
    async def test() -> None:
        async with look(name, size=SMALL) as (session, _):
            text = " ".join(session.text.split())
            assert f"Not drawn: {told}" in text
            assert "pip install pylibjpeg[all]" in text
            assert "`dissect export`" in text

    run(test)


def test_under_the_privacy_mask_a_picture_is_shown_only_when_asked_for() -> None:
    async def test() -> None:
        async with look("c-store-refused.pcap", private=True) as (session, screen):
            assert CONCEALED in session.text
            assert "private" in session.lines[0]
            assert (UPPER_HALF in session.text, screen.sample) == (False, None)
            await press(session, screen, "minus", "left_square_bracket")
            assert UPPER_HALF not in session.text
            await press(session, screen, "enter")
            assert UPPER_HALF in session.text
            await press(session, screen, "greater_than_sign")
            assert CONCEALED in session.text
            await press(session, screen, "P")
            assert (UPPER_HALF in session.text, session.main.state.private) == (True, False)
            await press(session, screen, "P")
            assert UPPER_HALF not in session.text

    run(test)


def test_letters_stand_for_pixels_where_there_are_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(plain: bool) -> None:
        async with look(STORE, plain=plain) as (session, screen):
            rows = session.lines[2:-2]
            assert screen.sample is not None
            assert {*"".join(rows)} <= {*RAMP}
            assert len({*"".join(rows)}) > 2

    run(lambda: test(True))
    monkeypatch.setenv("NO_COLOR", "1")
    run(lambda: test(False))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "")
    monkeypatch.setenv("TERM", "xterm")
    run(lambda: test(False))


def test_an_object_that_is_cut_is_drawn_as_far_as_it_came(tmp_path: Path) -> None:
    data = encode(grey(16, 16), bytes(range(256)), syntax=build.IMPLICIT)
    talk = build.Talk().open().request(build.associate_rq([(1, build.CT_IMAGE_STORAGE, [build.IMPLICIT])]))
    talk.answer(build.associate_ac([(1, 0, build.IMPLICIT)]))
    command = build.c_store_rq(1, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)
    talk.request(*build.message(1, command, data, pdv_size=100)[:-1])
    path = write(tmp_path, talk)

    async def test() -> None:
        async with look(path) as (session, screen):
            assert "pixel data is cut" in session.lines[1]
            assert screen.sample is not None
            assert screen.sample.rows[0][0] is not None
            assert screen.sample.rows[-1][-1] is None
            assert HATCH in session.lines[-3]

    run(test)


def test_what_is_being_decoded_is_told_and_is_wanted_no_more_when_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Event()
    asked: list[int] = []

    def wait(data: bytes, count: int, samples: int, size: int) -> bytearray | None:
        asked.append(len(asked))
        gate.wait(30)
        return decode_rle(data, count, samples, size)

    async def test() -> None:
        async with look("c-store-rle.pcap") as (session, screen):
            monkeypatch.setattr("dissect.pictures.compression.decode_rle", wait)
            await session.press("n")
            await session.wait(lambda: "decoding frame 2" in session.lines[-2])
            await session.press("n", "p", "n")
            gate.set()
            await settle(session, screen)
            assert "frame 3 of 3" in session.lines[0]
            assert len(asked) == 2

    try:
        run(test)
    finally:
        gate.set()


def test_what_goes_wrong_in_drawing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("of [no] use")

    monkeypatch.setattr("dissect.tui.gallery.make_picture", fail)

    async def test() -> None:
        async with look(STORE) as (session, _):
            assert "not drawn: of [no] use" in session.text

    run(test)


def test_export_begins_with_the_message_of_the_picture() -> None:
    async def test() -> None:
        async with look(STORE, ANSWER) as (session, screen):
            await session.press("e")
            await session.wait(lambda: isinstance(session.app.screen, ExportScreen))
            above = session.app.screen
            assert isinstance(above, ExportScreen)
            assert (above.kind.name, above.scope.name) == ("objects", "message")
            row = screen.find_row()
            assert row is not None
            assert above.scope.text is not None
            assert str(row + 1) in above.scope.text
            await session.press("escape")
            await session.wait(lambda: session.app.screen is screen)

    run(test)


def test_colours_have_no_window_to_change(tmp_path: Path) -> None:
    about = grey(2, 2, PhotometricInterpretation="RGB", SamplesPerPixel=3)
    data = encode(about, bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]), syntax=build.IMPLICIT)
    path = write(tmp_path, build.store_talk(data))

    async def test() -> None:
        async with look(path) as (session, screen):
            assert colours_of(session.pilot) == {(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9)}
            await press(session, screen, "left_square_bracket")
            await session.wait(lambda: any("only grey pictures" in each.message for each in session.app._notifications))

    run(test)
