"""What is printed, in: a pager that shows it on a terminal, out."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DEFAULT = "less"
OPTIONS = "FRSX"
"""What less is told where the user has told it nothing: end at once on a short text, pass colours on, cut long lines,
which the arrows then move, clear nothing."""


def page(work: Callable[[], int]) -> int:
    """Do work whose output goes to the pager, if there is one; give its exit status."""
    try:
        command = shlex.split(os.environ.get("PAGER") or DEFAULT)
    except ValueError:  # a quotation mark that is not closed
        command = []
    if not command or shutil.which(command[0]) is None:
        return work()
    with divert(command):
        return work()


@contextmanager
def divert(command: list[str]) -> Iterator[None]:
    """Let standard output and standard error run into a command."""
    kept = os.dup(1), os.dup(2)
    pager = subprocess.Popen(command, stdin=subprocess.PIPE, env={"LESS": OPTIONS} | os.environ)
    assert pager.stdin is not None
    for number in (1, 2):
        os.dup2(pager.stdin.fileno(), number)
    pager.stdin.close()
    try:
        yield
    finally:
        sys.stdout.flush()
        for number, copy in enumerate(kept, 1):
            os.dup2(copy, number)
            os.close(copy)
        wait(pager)


def wait(pager: "subprocess.Popen[bytes]") -> None:
    """Wait until the user has left the pager, whom Ctrl-C only stops in what he does there."""
    while True:
        try:
            pager.wait()
            return
        except KeyboardInterrupt:
            continue
