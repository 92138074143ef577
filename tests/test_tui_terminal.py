"""The terminal interface as a process: what it leaves of the terminal, however it ends."""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import build
from tests.conftest import ROOT

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")

CAPTURE = ROOT / "captures" / "c-find.pcap"
LONGEST = 20
"""Seconds before a test fails."""

TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(2, termios.TIOCSCTTY, 0);"
    "[os.close(int(digit)) for digit in sys.argv[1]];"
    "os.execv(sys.executable, [sys.executable, '-m', 'dissect', *sys.argv[2:]])"
)


class Terminal:
    """A terminal of its own in which the program runs."""

    def __init__(self, *words: str, stdin: bytes | None = None, closed: str = "") -> None:
        self.control, self.end = pty.openpty()
        os.set_blocking(self.control, False)
        fill, pipe = (None, None) if stdin is None else (subprocess.PIPE, stdin)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(self.end)
        self.program = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, closed, *words],
            stdin=fill or self.end, stdout=self.end, stderr=self.end,
            env=os.environ | {"TERM": "xterm-256color", "NO_COLOR": ""}, cwd=ROOT,
        )  # fmt: skip
        if pipe is not None and self.program.stdin is not None:
            self.program.stdin.write(pipe)
            self.program.stdin.close()
        self.seen = b""

    def pull(self, seconds: float = 0.05) -> bytes:
        """Read what was drawn."""
        if select.select([self.control], [], [], seconds)[0]:
            with contextlib.suppress(OSError):
                self.seen += os.read(self.control, 1 << 16)
        return self.seen

    def wait(self, holds: Callable[[bytes], object]) -> None:
        """Wait until what was drawn is as wanted."""
        end = time.monotonic() + LONGEST
        while not holds(self.pull()):
            assert time.monotonic() < end, self.seen[-2000:].decode(errors="replace")

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self.control, keys.encode())

    def find_child(self) -> int:
        """Give the process that draws."""
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.program.pid)], capture_output=True, check=True)
        return int(listed.stdout.split()[0])

    def finish(self) -> tuple[int, str]:
        """Wait for its end; give the exit status, and what was printed after the screen was given back."""
        end = time.monotonic() + LONGEST
        while self.program.poll() is None and time.monotonic() < end:
            self.pull()
        status = self.program.wait(1)
        while len(self.seen) < len(self.pull(0.2)):
            pass
        return status, self.seen.rpartition(b"\x1b[?1049l")[2].decode(errors="replace")

    def is_as_before(self) -> bool:
        """Tell whether lines are read and echoed as they were."""
        return bool(termios.tcgetattr(self.end)[3] == self.before[3])


@pytest.fixture
def start() -> Iterator[Callable[..., Terminal]]:
    started: list[Terminal] = []

    def begin(*words: str, stdin: bytes | None = None, closed: str = "") -> Terminal:
        terminal = Terminal(*words, stdin=stdin, closed=closed)
        started.append(terminal)
        return terminal

    yield begin
    for terminal in started:
        terminal.program.kill()
        terminal.program.wait()
        for number in (terminal.control, terminal.end):
            with contextlib.suppress(OSError):
                os.close(number)


def is_drawn(seen: bytes) -> bool:
    return b"FINDSCU" in seen


def test_a_file_alone_is_browsed_on_a_terminal_and_q_gives_it_back(start: Callable[..., Terminal]) -> None:
    terminal = start(str(CAPTURE))
    terminal.wait(is_drawn)
    terminal.press("q")
    assert terminal.finish()[0] == 0
    assert terminal.is_as_before()


def test_standard_input_is_browsed_and_keys_come_from_the_terminal(start: Callable[..., Terminal]) -> None:
    terminal = start("browse", "-", stdin=CAPTURE.read_bytes())
    terminal.wait(is_drawn)
    terminal.press("q")
    assert terminal.finish()[0] == 0


@pytest.mark.parametrize("closed", ["0", "2", "02"])
def test_a_file_is_browsed_where_standard_input_or_standard_error_is_closed(
    start: Callable[..., Terminal], closed: str
) -> None:
    terminal = start("browse", str(CAPTURE), closed=closed)
    terminal.wait(is_drawn)
    terminal.press("q")
    assert terminal.finish()[0] == 0
    assert terminal.is_as_before()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_gives_the_terminal_back(start: Callable[..., Terminal], number: signal.Signals) -> None:
    terminal = start("browse", str(CAPTURE))
    terminal.wait(is_drawn)
    child = terminal.find_child()
    terminal.program.send_signal(number)
    status, _ = terminal.finish()
    assert status == 128 + number
    assert terminal.is_as_before()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_who_kills_what_draws_gets_the_terminal_back_and_a_line(start: Callable[..., Terminal]) -> None:
    terminal = start("browse", str(CAPTURE))
    terminal.wait(is_drawn)
    os.kill(terminal.find_child(), signal.SIGKILL)
    status, printed = terminal.finish()
    assert status == 128 + signal.SIGKILL
    assert "dissect: browse ended by SIGKILL" in printed
    assert "Traceback" not in printed
    assert terminal.is_as_before()


def test_what_draws_ends_when_who_waits_for_it_is_killed(start: Callable[..., Terminal]) -> None:
    terminal = start("browse", str(CAPTURE))
    terminal.wait(is_drawn)
    child = terminal.find_child()
    terminal.program.kill()
    terminal.program.wait()
    end = time.monotonic() + LONGEST
    while is_running(child):
        terminal.pull()
        assert time.monotonic() < end


def is_running(number: int) -> bool:
    """Tell whether a process runs; one that waits for its parent's look at it does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_file_that_is_cut_short_underneath_ends_it_with_a_line(
    start: Callable[..., Terminal], tmp_path: Path
) -> None:
    path = tmp_path / "cut.pcap"
    talk = build.store_talk(build.element(0x7FE00010, "OW", bytes(1 << 20)))
    path.write_bytes(build.pcap(talk.frames))
    terminal = start("browse", str(path))
    terminal.wait(lambda seen: b"C-STORE-RQ" in seen)
    os.truncate(path, 100)
    terminal.press("Gk")
    status, printed = terminal.finish()
    assert status == 128 + signal.SIGBUS
    assert "cut short while it was read" in printed
    assert terminal.is_as_before()


def test_a_file_that_vanishes_underneath_is_still_browsed(start: Callable[..., Terminal], tmp_path: Path) -> None:
    path = tmp_path / "gone.pcap"
    shutil.copy(CAPTURE, path)
    terminal = start("browse", str(path))
    terminal.wait(is_drawn)
    path.unlink()
    terminal.press("jjjjj")
    terminal.wait(lambda seen: b"Siemens" in seen)
    terminal.press("\x12")  # Ctrl+R
    terminal.wait(lambda seen: b"such" in seen)
    terminal.press("q")
    assert terminal.finish()[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["browse", "no-such-file"], "no-such-file: no such file"),
        (["browse", "-Y", "frob", str(CAPTURE)], "-Y: column 1: frob is no field"),
        (["browse", "--theme", "mauve", str(CAPTURE)], "theme mauve: there are"),
    ],
)
def test_what_cannot_be_browsed_is_told_in_one_line(
    words: list[str], told: str, start: Callable[..., Terminal]
) -> None:
    status, printed = start(*words).finish()
    assert status == 2
    assert told in printed
    assert len(printed.strip().splitlines()) == 1


def test_without_a_terminal_one_line_says_so() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "dissect", "browse", str(CAPTURE)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
