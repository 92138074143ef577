"""Disguise a clean capture: let the same be said in other segments.

`tests.wrapping` puts them in other packets, links and files. Nothing here imports what it tests.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.build import ACK, FIN, RST, SYN

URG = 32
CARRYING = SYN | FIN | RST
Flow = tuple[bytes, int, bytes, int]


@dataclass(frozen=True)
class Segment:
    """A TCP segment and when it was sent: `flow` is address and port of the sender and of the receiver."""

    time: int
    flow: Flow
    seq: int
    ack: int
    flags: int
    payload: bytes = b""
    window: int = 8192
    options: bytes = b""

    @property
    def says(self) -> bool:
        """Tell whether it is more than an acknowledgement."""
        return bool(self.payload or self.flags & CARRYING)


Disguise = Callable[[list[Segment], Random], list[Segment]]


# Reading


def read_segments(path: Path) -> list[Segment]:
    """Read the segments of a capture as tcpdump writes it: Ethernet and IP without fragments, all frames TCP."""
    data = path.read_bytes()
    return [parse_frame(time, frame) for time, frame in (walk_pcapng(data) if data[:1] == b"\n" else walk_pcap(data))]


def walk_pcap(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give time and bytes of each frame of a little-endian pcap file with microseconds."""
    at = 24
    while at < len(data):
        seconds, micros, size = struct.unpack_from("<III", data, at)
        yield seconds * 10**9 + micros * 1000, data[at + 16 : at + 16 + size]
        at += 16 + size


def walk_pcapng(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give time and bytes of each enhanced packet block of a little-endian pcapng file, as if it had nanoseconds."""
    at = 0
    while at < len(data):
        kind, total = struct.unpack_from("<II", data, at)
        if kind == 6:
            high, low, size = struct.unpack_from("<III", data, at + 12)
            yield (high << 32 | low) % 2**62, data[at + 28 : at + 28 + size]
        at += total


def parse_frame(time: int, frame: bytes) -> Segment:
    """Read a segment from an Ethernet frame."""
    if frame[12:14] == b"\x86\xdd":
        source, destination, end = frame[22:38], frame[38:54], 54 + int.from_bytes(frame[18:20], "big")
        tcp = frame[54:end]
    else:
        source, destination, end = frame[26:30], frame[30:34], 14 + int.from_bytes(frame[16:18], "big")
        tcp = frame[14 + (frame[14] & 15) * 4 : end]
    here, there, seq, ack, head, flags, window = struct.unpack_from(">HHIIBBH", tcp)
    size = (head >> 4) * 4
    flow = source, here, destination, there
    return Segment(time, flow, seq, ack, flags, tcp[size:], window, tcp[20:size])


# Runs: what one side says before the other answers


def turn(flow: Flow) -> Flow:
    """Give the flow of the other direction."""
    return flow[2], flow[3], flow[0], flow[1]


def split_runs(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Cut a capture where another side begins to speak: within a run, the order of segments changes nothing."""
    run: list[Segment] = []
    speaker: Flow | None = None
    for segment in segments:
        alone = segment.flags & (SYN | RST)
        if segment.says and (alone or speaker not in (None, segment.flow)):
            yield run
            run, speaker = [], None
        run.append(segment)
        if alone:
            yield run
            run, speaker = [], None
        elif segment.says:
            speaker = segment.flow
    yield run


def in_runs(change: Callable[[list[Segment], Random], list[Segment]]) -> Disguise:
    """Make a disguise of a change to what one side says at a time."""

    def disguise(segments: list[Segment], random: Random) -> list[Segment]:
        found: list[Segment] = []
        for run in split_runs(segments):
            spoken = [segment for segment in run if segment.payload or segment.flags & FIN]
            rest = [segment for segment in run if not (segment.payload or segment.flags & FIN)]
            found += rest + change(spoken, random) if spoken else run
        return found

    return disguise


def cut_at(segment: Segment, start: int, stop: int) -> Segment:
    """Give a part of a segment: what is behind its end is empty, and the FIN stands at its end."""
    flags = segment.flags if stop >= len(segment.payload) else segment.flags & ~FIN
    return replace(segment, seq=(segment.seq + start) % 2**32, payload=segment.payload[start:stop], flags=flags)


def join(spoken: list[Segment]) -> Segment:
    """Join segments that follow each other."""
    assert all((one.seq + len(one.payload)) % 2**32 == other.seq for one, other in pairwise(spoken))
    flags = spoken[-1].flags
    return replace(spoken[0], payload=b"".join(each.payload for each in spoken), flags=flags, time=spoken[-1].time)


# Other segments


@in_runs
def shuffle(spoken: list[Segment], random: Random) -> list[Segment]:
    """Let what one side says arrive in any order."""
    found = spoken.copy()
    random.shuffle(found)
    return found


@in_runs
def repeat(spoken: list[Segment], random: Random) -> list[Segment]:
    """Let segments come again, at once or later."""
    found: list[Segment] = []
    for at, segment in enumerate(spoken):
        found += [segment, *random.sample(spoken[: at + 1], min(random.randrange(3), at + 1))]
    return found


def double(segments: list[Segment], random: Random) -> list[Segment]:
    """Let each frame be captured twice, as a mirror port does that copies both ways."""
    return [replace(segment, time=segment.time + copy) for segment in segments for copy in (0, 1000)]


@in_runs
def overlap(spoken: list[Segment], random: Random) -> list[Segment]:
    """Let segments begin earlier than the one before ends, and end later than the next one begins."""
    whole = join(spoken)
    found: list[Segment] = []
    at = 0
    for segment in spoken:
        stop = at + len(segment.payload)
        low, high = max(at - random.randrange(40), 0), min(stop + random.randrange(40), len(whole.payload))
        part = cut_at(whole, low, high)
        found.append(replace(part, flags=part.flags if stop == len(whole.payload) else part.flags & ~FIN))
        at = stop
    return found


def recut_by(*sizes: int) -> Disguise:
    """Make a disguise that joins all that one side says, and cuts it anew."""

    @in_runs
    def recut(spoken: list[Segment], random: Random) -> list[Segment]:
        whole = join(spoken)
        found: list[Segment] = []
        at = 0
        while at < len(whole.payload) or not found:
            stop = at + random.choice(sizes)
            found.append(cut_at(whole, at, stop))
            at = stop
        return found

    return recut


def wrap(segments: list[Segment], random: Random) -> list[Segment]:
    """Move the sequence numbers of each side so that they pass the end of their space midway."""
    first: dict[Flow, int] = {}
    sizes: dict[Flow, int] = {}
    for each in segments:
        first.setdefault(each.flow, each.seq)
        sizes[each.flow] = sizes.get(each.flow, 0) + len(each.payload)
    moved = {flow: 2**32 - sizes[flow] // 2 - 1 - first[flow] for flow in first}
    return [
        replace(
            each,
            seq=(each.seq + moved[each.flow]) % 2**32,
            ack=(each.ack + moved.get(turn(each.flow), 0)) % 2**32 if each.flags & ACK else 0,
        )
        for each in segments
    ]


def probe(segments: list[Segment], random: Random) -> list[Segment]:
    """Let sides ask whether the other is there, with no byte or a wrong one, and let that be answered."""
    found: list[Segment] = []
    for each in segments:
        found.append(each)
        if each.payload and not each.flags & CARRYING and random.random() < 0.5:
            seq = (each.seq + len(each.payload)) % 2**32
            asks = replace(each, seq=(seq - 1) % 2**32, payload=random.choice([b"", b"\xaa"]), flags=ACK)
            found += [asks, replace(each, flow=turn(each.flow), seq=each.ack, ack=seq, payload=b"", flags=ACK)]
    return found


def ride(segments: list[Segment], random: Random) -> list[Segment]:
    """Let the first data come with the SYN."""
    found = segments.copy()
    for flow in dict.fromkeys(each.flow for each in segments if each.flags & SYN and not each.flags & ACK):
        syn = next(at for at, each in enumerate(found) if each.flow == flow and each.flags & SYN)
        first = next((at for at, each in enumerate(found) if at > syn and each.flow == flow and each.payload), None)
        if first is not None and found[first].seq == (found[syn].seq + 1) % 2**32:
            found[syn] = replace(found[syn], payload=found[first].payload)
            del found[first]
    return found


@in_runs
def finish(spoken: list[Segment], random: Random) -> list[Segment]:
    """Let the last data come with the FIN."""
    return [*spoken[:-2], join(spoken[-2:])] if len(spoken) > 1 and spoken[-1].flags & FIN else spoken


def hurry(segments: list[Segment], random: Random) -> list[Segment]:
    """Call some data urgent."""
    return [
        replace(each, flags=each.flags | URG) if each.payload and random.random() < 0.3 else each for each in segments
    ]


def stall(segments: list[Segment], random: Random) -> list[Segment]:
    """Let receivers take nothing more for a while."""
    found: list[Segment] = []
    for each in segments:
        found.append(each)
        if each.payload and random.random() < 0.3:
            answer = replace(
                each,
                flow=turn(each.flow),
                seq=each.ack,
                ack=(each.seq + len(each.payload)) % 2**32,
                payload=b"",
                flags=ACK,
            )
            found += [replace(answer, window=0), answer]
    return found


def decorate(segments: list[Segment], random: Random) -> list[Segment]:
    """Give segments the options of other stacks: a time stamp, selective acknowledgements."""
    return [
        replace(each, options=b"\x01\x01\x08\x0a" + struct.pack(">II", at, 7) + b"\x01\x01\x05\x0a" + bytes(8))
        for at, each in enumerate(segments)
    ]


def set_back(segments: list[Segment], random: Random) -> list[Segment]:
    """Let the clock go back now and then."""
    return [replace(each, time=each.time - random.choice([0, 0, 5 * 10**6, 3 * 10**9])) for each in segments]


DISGUISES: dict[str, Disguise] = {
    "recut": recut_by(1, 5, 6, 7, 12, 100, 536, 1460),
    "small": recut_by(6),
    "joined": recut_by(60000),
    "finishing": finish,
    "riding": ride,
    "overlapping": overlap,
    "wrapped": wrap,
    "decorated": decorate,
    "urgent": hurry,
    "shuffled": shuffle,
    "repeated": repeat,
    "probed": probe,
    "stalled": stall,
    "doubled": double,
    "set-back": set_back,
}
"""Other segments that say the same; of several, an earlier one comes first."""
