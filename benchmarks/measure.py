"""Commands, in: how long each took and how much memory, medians of several runs in turn, and on which machine, out."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

MEGABYTE = 1024 if os.uname().sysname == "Linux" else 1 << 20
"""What the peak of a process is counted in, in megabytes."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU time (user and system) and wall time in seconds, peak memory in megabytes."""

    cpu: float
    wall: float
    memory: float


def run(command: Sequence[str], most: int = 0) -> Cost:
    """Run a command as a process of its own, its output dropped; an exit status above `most` is a failure.

    A process between this one and it is small: what a process takes before it becomes another program counts for its
    peak memory.
    """
    between = [sys.executable, "-I", "-S", "-c", BETWEEN, *command]
    done = subprocess.run(between, stdout=subprocess.PIPE, text=True, check=True)
    status, *figures = map(float, done.stdout.split())
    if not 0 <= status <= most:
        raise RuntimeError(f"{' '.join(command)}: exit status {status:.0f}")
    return Cost(*figures)


BETWEEN = f"""
import os, sys, time
start = time.monotonic()
null = os.open(os.devnull, os.O_RDWR)
dropped = [(os.POSIX_SPAWN_DUP2, null, number) for number in (1, 2)]
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=dropped)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, time.monotonic() - start,
      usage.ru_maxrss / {MEGABYTE})
"""


def compare(commands: Sequence[Sequence[str]], runs: int, most: int = 0) -> list[Cost]:
    """Run several commands in turn, so that a busy moment of the machine strikes all alike; give the medians.

    `{run}` in a command stands for the number of the run.
    """
    costs: list[list[Cost]] = [[] for _ in commands]
    for number in range(runs):
        for command, found in zip(commands, costs, strict=True):
            found.append(run([word.replace("{run}", str(number)) for word in command], most))
    return [
        Cost(*(median(getattr(cost, figure) for cost in found) for figure in ("cpu", "wall", "memory")))
        for found in costs
    ]


def describe_machine() -> Iterator[str]:
    """Tell what was measured where and when."""
    tshark = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    yield f"{date.today()}, {processor}, Python {platform.python_version()}, {tshark}"
