"""Programs that run beside this one, and the tap that writes what they say into a capture file."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6  # noqa: F401 - lets Scapy find TCP in IPv6
from scapy.utils import PcapReader

PACKAGES = {
    "tcpdump": "tcpdump",
    "editcap": "wireshark-common",
    "Orthanc": "orthanc",
    "odil": "odil",
    **dict.fromkeys(("dcmcjpeg", "dcmcjpls", "dcmconv", "dcmcrle", "dcmprscp", "dcmqridx", "dcmqrscp"), "dcmtk"),
    **dict.fromkeys(("echoscu", "findscu", "movescu", "storescp", "storescu"), "dcmtk"),
}
"""Debian's package of each program."""

# pynetdicom installs scripts of the same names into a virtual environment, so PATH is not asked.
TOOL_FOLDERS = "/usr/bin:/usr/local/bin:/usr/sbin"
TIMEOUT = 20.0  # seconds; a scene takes less than two


class RecordError(Exception):
    """Say in one line why a scene could not be recorded."""


def find_tool(name: str) -> str:
    """Return the path of an installed program."""
    path = shutil.which(name, path=TOOL_FOLDERS)
    if path is None:
        raise RecordError(f"no {name} in {TOOL_FOLDERS}: apt-get install {PACKAGES[name]}")
    return path


@dataclass(frozen=True, slots=True)
class Program:
    """Hold a program that runs beside this one, and the file that takes what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds; raise RecordError if the program ends before or TIMEOUT passes."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace").strip().replace("\n", "; ")
                raise RecordError(f"{self.log.stem} waited in vain for {what}: {said}")
            time.sleep(0.01)


@contextmanager
def start(
    folder: Path, name: str, *arguments: str, output: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Program]:
    """Run a program in a folder during the body and leave nothing of it behind."""
    log = folder / f"{name}.log"
    with log.open("ab") as errors, (output or log).open("ab") as results:
        process = subprocess.Popen(
            [find_tool(name), *arguments],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=results,
            stderr=errors,
        )
    try:
        yield Program(process, log)
    finally:
        process.kill()
        process.wait()


@contextmanager
def listen(
    folder: Path, port: int, name: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a program that accepts connections on the port during the body, which begins when it does."""
    if is_listening(port):
        raise RecordError(f"port {port}: Address already in use")
    with start(folder, name, *arguments, environment=environment) as program:
        program.wait_for(lambda: is_listening(port), f"port {port}")
        yield


def run(name: str, *arguments: str, says: str = "") -> None:
    """Run a program to its end, which must be a silent success or else one that says the words given."""
    done = subprocess.run(
        [find_tool(name), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
    )
    said = done.stdout.decode(errors="replace").strip().replace("\n", "; ")
    if says not in said or (not says and (done.returncode or said)):
        raise RecordError(f"{name} ended with status {done.returncode}: {said}")


def is_listening(port: int) -> bool:
    """Tell whether a socket listens on the port, without connecting to it."""
    tables = [table.read_text().splitlines()[1:] for table in Path("/proc/net").glob("tcp*")]
    rows = [line.split() for table in tables for line in table]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)  # 0A is LISTEN


def has_closed(pcap: Path) -> bool:
    """Tell whether the capture has the end of each connection: both FINs and their acknowledgements, or a reset."""
    ways: set[tuple[int, int]] = set()
    closed: set[tuple[int, int]] = set()
    fins: dict[tuple[int, int], int] = {}
    with PcapReader(str(pcap)) as packets:
        for packet in packets:
            if TCP not in packet:
                continue  # the last frame, written in part
            tcp = packet[TCP]
            way, back = (tcp.sport, tcp.dport), (tcp.dport, tcp.sport)
            ways.add(way)
            if "F" in tcp.flags:
                fins[way] = (tcp.seq + len(tcp.payload) + 1) % 2**32
            if "R" in tcp.flags:
                closed |= {way, back}
            if fins.get(back) == tcp.ack:
                closed.add(back)
    return bool(ways) and ways <= closed


@contextmanager
def tap(pcap: Path, *ports: int) -> Iterator[None]:
    """Record the ports' traffic on the loopback interface, from before the body until its connections have closed."""
    wanted = " or ".join(f"tcp port {port}" for port in ports)
    # In immediate mode each frame takes a place as long as the longest in tcpdump's buffer: 64 MiB have 256.
    options = ("-i", "lo", "-n", "-s", "0", "-B", "65536", "-U", "--immediate-mode", "-w", "-", wanted)
    pcap.unlink(missing_ok=True)  # what an earlier attempt left would be written on behind
    log = pcap.parent / "tcpdump.log"
    said = log.stat().st_size if log.exists() else 0  # by one that listened before
    with start(pcap.parent, "tcpdump", *options, output=pcap) as tcpdump:
        tcpdump.wait_for(lambda: b"listening on" in tcpdump.log.read_bytes()[said:], "leave to listen")
        yield
        tcpdump.wait_for(lambda: has_closed(pcap), "the connection's end")
        tcpdump.process.send_signal(signal.SIGINT)
        tcpdump.process.wait(TIMEOUT)
    if b"\n0 packets dropped by kernel" not in tcpdump.log.read_bytes()[said:]:
        raise RecordError("tcpdump lost frames: record again")
