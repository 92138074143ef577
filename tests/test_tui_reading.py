"""The terminal interface while a capture is still read."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING

import pytest

from dissect.config import Config
from dissect.query import Subject
from dissect.reading import Reading
from dissect.tui import state as states
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.state import State
from tests import build
from tests.browsing import WIDE, Session, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TALKS = 40
PDUS = TALKS * 6


class Gate:
    """What a reading waits at before each PDU; each test has one of its own, for a reading may outlive its test."""

    def __init__(self) -> None:
        """Start closed."""
        self._semaphore = Semaphore(0)

    def release(self, count: int) -> None:
        """Let so many PDUs through."""
        self._semaphore.release(count)

    def renew(self) -> None:
        """Close it, and let go whoever still waits at the one before."""
        before, self._semaphore = self._semaphore, Semaphore(0)
        before.release(PDUS * 10)

    def watch(self, subjects: Iterator[Subject]) -> Iterator[Subject]:
        """Give PDUs as they are let through."""
        semaphore = self._semaphore
        return (subject for subject in subjects if semaphore.acquire())


GATE = Gate()


class Stepped(Reading):
    """A reading that gives a PDU when it is let."""

    def __iter__(self) -> Iterator[Subject]:
        return GATE.watch(super().__iter__())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    talks = (build.echo_talk(build.Talk(requestor=(f"10.0.{number}.1", 30000 + number))) for number in range(TALKS))
    found = tmp_path / "long.pcap"
    found.write_bytes(build.pcap([frame for talk in talks for frame in talk.frames]))
    return found


@pytest.fixture(autouse=True)
def stepped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(states, "Reading", Stepped)
    GATE.renew()
    yield
    GATE.renew()


@asynccontextmanager
async def begin(path: Path) -> "AsyncIterator[Session]":
    state = State([str(path)], Config())
    app = Browser(state)
    try:
        async with app.run_test(size=WIDE) as pilot:
            session = Session(app, pilot)
            await session.wait(lambda: isinstance(app.screen, CaptureScreen))
            yield session
    finally:
        state.leave()
        GATE.release(PDUS * 10)


async def let(session: Session, count: int) -> None:
    """Let so many more PDUs be read, and wait until they are shown."""
    wanted = len(session.main.state.index) + count
    GATE.release(count)
    await session.wait(lambda: len(session.main.state.index) == wanted and session.main.pdus.count >= wanted)


def test_the_first_pdus_are_shown_before_the_others_are_read(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 5)
            await session.wait(lambda: "reading" in session.lines[0] and session.main.shown == 0)
            await session.press("j", "j")
            await session.wait(lambda: session.main.shown == 2)
            await let(session, 50)
            assert session.main.shown == 2

    run(test)


def test_the_end_is_followed_until_one_goes_elsewhere(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 10)
            await session.press("G")
            for count in (1, 2, 30, 7):
                await let(session, count)
                await session.wait(lambda: session.main.shown == len(session.main.state.index) - 1)
            await session.press("k")
            shown = session.main.shown
            await let(session, 20)
            assert session.main.shown == shown

    run(test)


def test_escape_keeps_what_is_there(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 70)
            await session.press("escape")
            GATE.release(64)
            await session.wait(lambda: session.main.state.loading.over)
            await session.wait(lambda: "partial" in session.lines[0])
            assert 70 <= len(session.main.state.index) <= 134

    run(test)


def test_a_filter_takes_what_comes_later(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 12)
            await session.press("slash", "[dimse.cmd == C-ECHO-RSP]", "enter")
            await session.wait(lambda: session.main.pdus.count == 2)
            GATE.release(PDUS)
            await session.wait(lambda: session.main.state.loading.over and session.main.pdus.count == TALKS)

    run(test)


def test_a_filter_of_whole_associations_waits_for_the_end(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 12)
            await session.press("slash", "[assoc.end == released and pdu.type == 1]", "enter")
            await session.wait(lambda: session.main.state.filter_text)
            assert session.main.pdus.count == 0
            GATE.release(PDUS)
            await session.wait(lambda: session.main.pdus.count == TALKS)

    run(test)


def test_the_capture_is_read_again_in_the_middle(path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 30)
            old = session.main.state.index
            await session.press("ctrl+r")
            await session.wait(lambda: session.main.state.index is not old)
            GATE.release(PDUS * 3)
            await session.wait(lambda: session.main.state.loading.over and session.main.pdus.count == PDUS)
            index = session.main.state.index
            assert sum(account.pdus for account in index.ledger.accounts.values()) == PDUS
            assert len(old) <= 31 + 64

    run(test)


@pytest.mark.parametrize("key", ["A", "L", "S", "exclamation_mark", "F"])
def test_every_screen_can_be_looked_at_meanwhile(key: str, path: Path) -> None:
    async def test() -> None:
        async with begin(path) as session:
            await let(session, 40)
            await session.press(key)
            await session.wait(lambda: session.app.screen is not session.main)
            for count in (1, 5, 60):
                GATE.release(count)
                await session.press("j")
            GATE.release(PDUS)
            await session.wait(lambda: session.main.state.loading.over)
            await session.settle()
            await session.press("q")
            await session.wait(lambda: session.app.screen is session.main and session.main.pdus.count == PDUS)

    run(test)
