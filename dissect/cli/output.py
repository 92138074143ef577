"""What a verb has to say, in: standard output and standard error, as far as they can take it, out."""

import os
import shutil
import stat
import sys
from collections.abc import Iterable

from dissect.text import escape


def write(blocks: Iterable[str]) -> bool:
    """Print blocks of lines as they come, and tell whether there was any."""
    printed = False
    for block in blocks:
        sys.stdout.write(block)
        printed = True
    return printed


def complain(text: str) -> None:
    """Print a line on standard error."""
    sys.stdout.flush()
    print(f"dissect: {escape(text)}", file=sys.stderr)


def spell_letters() -> None:
    """Let letters that standard output lacks be printed by their numbers: a capture may have more than a locale."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def is_ascii_only() -> bool:
    """Tell whether standard output may have no characters but ASCII to draw with."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def measure_width() -> int | None:
    """Give how many cells a line of the terminal has; None where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def is_painted(wish: str) -> bool:
    """Tell whether lines are painted, as `--color` says or as standard output is."""
    shown = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wish == "always" or (wish == "auto" and shown)


def writes_file() -> bool:
    """Tell whether standard output is a file, so that nobody sees what is printed."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or none of the system's files
        return False
