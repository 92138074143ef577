"""Draws the screens of the terminal interface that the README shows: python -m docs.draw."""

import asyncio
import os
import re
from pathlib import Path

from tests.browsing import ROOT, browse

FOLDER = Path(__file__).parent
SIZE = (132, 36)
SCREENS = {
    "main": ("c-find.pcap", ["j", "j", "j", "j", "j", "tab", *["j"] * 8], "Manufacturer"),
    "ladder": ("c-move.pcap", ["L", *["j"] * 5], "A-RELEASE-RP"),
    "contexts": ("negotiation.pcap", ["A", "d"], "Unsupported"),
    "picture": ("c-store-explicit.pcap", ["G", "k", "k", "k", "i"], "diagnostic"),
}
"""By name of the file: the capture, the keys, and what stands on the screen then."""

TERMINAL = {"COLORTERM": "truecolor", "TERM": "xterm-256color", "DISSECT_CONFIG": ""}
"""An environment with all the colours that a terminal may have, and nobody's settings."""

VARYING = re.compile(r"terminal-\d+")
"""What Textual numbers anew with each drawing."""


async def draw(name: str) -> str:
    """Draw a screen as SVG."""
    capture, keys, wanted = SCREENS[name]
    async with browse(ROOT / "captures" / capture, size=SIZE) as session:
        await session.press(*keys)
        await session.wait(lambda: wanted.casefold() in session.text.casefold())
        await session.settle()
        svg = session.app.export_screenshot(title=f"dissect browse captures/{capture}")
    return VARYING.sub(f"dissect-{name}", svg)


def main() -> None:
    """Draw all of them."""
    os.environ |= TERMINAL
    for name in SCREENS:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(draw(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
