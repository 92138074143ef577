"""The terminal interface under test: keys in, what stands on the screen out."""

import asyncio
import string
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from itertools import zip_longest
from pathlib import Path

from textual.events import Key
from textual.keys import _character_to_key
from textual.pilot import Pilot

from dissect.config import Config
from dissect.tui.app import Browser
from dissect.tui.capturescreen import CaptureScreen
from dissect.tui.state import State

ROOT = Path(__file__).parents[1]
WIDE, SMALL = (140, 45), (80, 24)
STEPS, STEP = 500, 0.02
"""How often, and after how many seconds each, a condition is looked at before a test fails."""

NAMES = {character: _character_to_key(character) for character in string.punctuation + " "}
"""The keys of characters by their names."""

CHARACTERS = {name: character for character, name in NAMES.items()}


class Session:
    """A capture that is being browsed."""

    def __init__(self, app: Browser, pilot: "Pilot[int]") -> None:
        """Take what runs."""
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> CaptureScreen:
        """Give the main screen."""
        return self.app.capture_screen

    async def press(self, *keys: str) -> None:
        """Press keys; a text in brackets is written letter by letter.

        Letters, and a key that is pressed several times, come as fast as all has taken note of the one before: to wait
        until nothing is drawn any more takes longer, and is done before another key and at the end.
        """
        for key, then in zip_longest(keys, keys[1:]):
            if key.startswith("[") and key.endswith("]"):
                for letter in key[1:-1]:
                    await self._send(Key(NAMES.get(letter, letter), letter))
            else:
                name = NAMES.get(key, key)
                await self._send(Key(name, CHARACTERS.get(name, key if len(key) == 1 else None)))
            if key != then:
                await self.pilot.pause()

    async def _send(self, key: Key) -> None:
        """Press one key, and wait until all has taken note."""
        self.app.post_message(key)
        await self.pilot._wait_for_screen()

    async def wait(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        for _ in range(STEPS):
            if holds():
                await self.pilot.pause()
                return
            await self.pilot.pause(STEP)
        raise AssertionError(f"never held; on the screen was:\n{self.text}")

    async def settle(self) -> None:
        """Wait until nothing more is drawn."""
        before = ""
        for _ in range(STEPS):
            if (now := self.text) == before:
                return
            before = now
            await self.pilot.pause(6 * STEP)

    @property
    def text(self) -> str:
        """Give what stands on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def lines(self) -> list[str]:
        """Give the lines on the screen."""
        return self.text.splitlines()


@asynccontextmanager
async def browse(
    *paths: Path | str, size: tuple[int, int] = WIDE, config: Config | None = None, text: str = "", plain: bool = False
) -> AsyncIterator[Session]:
    """Browse captures of the project by name, or others by path, until they are read."""
    names = [str(ROOT / "captures" / path if isinstance(path, str) else path) for path in paths]
    state = State(names, config or Config(), text=text, ascii_only=plain)
    app = Browser(state)
    try:
        async with app.run_test(size=size) as pilot:
            session = Session(app, pilot)
            await session.wait(lambda: isinstance(app.screen, CaptureScreen) and state.loading.over)
            await session.wait(lambda: not len(state.index) or app.capture_screen.shown is not None or bool(text))
            yield session
    finally:
        state.leave()


def run(test: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a test that waits."""
    asyncio.run(asyncio.wait_for(test(), 60))


def drive(
    keys: Sequence[str], holds: Callable[[Session], bool], *paths: Path | str, size: tuple[int, int] = WIDE
) -> str:
    """Browse captures, press keys, wait until something holds, and give what stands on the screen then."""
    found: list[str] = []

    async def test() -> None:
        async with browse(*paths, size=size) as session:
            await session.press(*keys)
            await session.wait(lambda: holds(session))
            found.append(session.text)

    run(test)
    return found[0]
