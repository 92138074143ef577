"""Work that takes the terminal over, in: its exit status, and the terminal as it was, however the work ends, out."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from dissect.cli import INTERRUPTED, TROUBLE

RESTORE = "\x1b[?1000;1002;1003;1006;1015l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
"""Mouse and paste as usual, the ordinary screen, the cursor seen, no colour."""

PAUSE = 1.0
"""Seconds between two looks at whether the other process is there."""

REASONS: dict[int, str] = {
    signal.SIGBUS: "a capture was cut short while it was read; open it again",
    signal.SIGKILL: "somebody killed it, or memory ran out",
}


def guard(work: Callable[[], int]) -> int:
    """Do the work in a process of its own, and put the terminal in order where that dies of a signal."""
    try:
        import termios  # noqa: PLC0415 (where there is a terminal of that kind)
    except ImportError:
        return work()
    before = termios.tcgetattr(1)
    sys.stdout.flush()
    parent, child = os.getpid(), os.fork()
    if not child:
        Thread(target=watch, args=(parent,), daemon=True).start()
        os._exit(finish(work))
    status = wait(child)
    if not os.WIFSIGNALED(status):
        return os.WEXITSTATUS(status)
    number = os.WTERMSIG(status)
    with suppress(OSError, termios.error):  # the terminal itself may be gone
        os.write(1, RESTORE.encode())
        termios.tcsetattr(1, termios.TCSANOW, before)
    if number not in (signal.SIGHUP, signal.SIGTERM):
        name = signal.Signals(number).name
        print(f"dissect: browse ended by {name}: {REASONS.get(number, 'please report it')}", file=sys.stderr)
    return 128 + number


def watch(parent: int) -> None:
    """End when the process that waits for us is gone: nobody would give the terminal back."""
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGHUP)


def wait(child: int) -> int:
    """Wait until the process is over, pass on what is sent to us, and stop with it; give how it ended."""
    kept = {caught: signal.signal(caught, signal.SIG_IGN) for caught in (signal.SIGINT, signal.SIGQUIT)}
    for caught in (signal.SIGTERM, signal.SIGHUP):
        kept[caught] = signal.signal(caught, lambda number, _: os.kill(child, number))
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(child, signal.SIGCONT)
    for caught, handler in kept.items():
        signal.signal(caught, handler)
    return status


def finish(work: Callable[[], int]) -> int:
    """Do the work, and give its exit status, whatever comes of it."""
    try:
        status = work()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback  # noqa: PLC0415 (a fault of ours, which must be seen)

        traceback.print_exc()
        status = TROUBLE
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return status
