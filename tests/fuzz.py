"""Any bytes, in: the decoders run over them, and what must hold of every tree and line held up to what they give.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris -e '.[test]'
    /tmp/fuzz/bin/python -m tests.fuzz TARGET [--seconds N] [--corpus DIR] [libFuzzer's options]

Targets:

- `capture`: the bytes of a capture file.
- `stream`: the segments of two TCP connections, nine bytes each (`SEGMENT`); what they carry is cut out of the PDUs of
  `captures/`.
- `pdu`: the bytes of one PDU behind four bytes (`SETTING`) that say who sends it, when, and which of it is lost.
- `elements`: a data set behind seven bytes (`CONDITION`) that say how it is written, and what of it is lost.

The first run fills the corpus, `dissect-fuzz/TARGET` in the temporary folder if no other is named, with seeds from
`captures/`. An input that fails is kept beside that folder; given as a libFuzzer option it is run alone. With
`--pcap INPUT` an input of `stream` or `pdu` is printed as the capture that it stands for.

The targets do not need atheris: `TARGETS["pdu"](data)` raises where something is wrong.
"""

import argparse
import json
import os
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import cast


def watch_imports() -> AbstractContextManager[object]:
    """Have atheris follow the modules of the program, which are imported inside, where this is what is run."""
    if __name__ != "__main__":
        return nullcontext()
    # By its name: atheris is no dependency of the project's, and has no types.
    return cast(AbstractContextManager[object], import_module("atheris").instrument_imports(include=["dissect"]))


with watch_imports():
    from dissect.association import Arrival
    from dissect.capture import Capture
    from dissect.config import Config
    from dissect.dialogue import Associations
    from dissect.elements import walk_elements
    from dissect.encodings import (
        EXPLICIT_BIG,
        EXPLICIT_LITTLE,
        IMPLICIT_BIG,
        IMPLICIT_LITTLE,
        choose_encoding,
        inflate,
    )
    from dissect.node import Node
    from dissect.records import CaptureError
    from dissect.spans import Source, Span
    from dissect.text import UNSAFE
    from dissect.tree import make_pdu_node
    from dissect.views import jsonl, text
    from tests import build
    from tests.damage import find_captures, read_capture
    from tests.trees import Bytes, check_tree

FULL = text.Detail(full=True, reveal=True)

SEGMENT = struct.Struct(">BhHHH")
"""Flags of the constants below, bytes by which it is early or late, the number of a PDU, and of that the first byte
and how many, 0 for all."""

ACCEPTOR, SYN, FIN, RST, BARE, OTHER, GAP = (1 << bit for bit in range(7))
"""Sent by the acceptor; these flags, and no ACK; on the other connection; the bytes before an early one never come."""

SETTING = struct.Struct(">BHB")
"""Flags of `ACCEPTOR` and the constants below, where bytes of the PDU are lost, and how many."""

AGREED, CLOSED = 2, 4
"""An association was agreed before; the connection is closed behind it."""

CONDITION = struct.Struct(">BHHH")
"""The number of an encoding and the constants below, where fragments are lost, where bytes are lost, and how many."""

GUESSED, DEFLATED, TORN = 4, 8, 16
"""The encoding is to be found out; the data set is deflated; fragments are lost."""

ENCODINGS = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_BIG)

LONGEST = 4096
"""Longer PDUs and data sets are no seeds: they take long, and say nothing that shorter ones do not."""

SYNTAXES = (build.IMPLICIT, build.EXPLICIT, build.BIG_ENDIAN, "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50")
CONTEXTS = [(2 * number + 1, build.CT_IMAGE_STORAGE, [syntax]) for number, syntax in enumerate(SYNTAXES)]
REQUEST = build.associate_rq(CONTEXTS)
ACCEPT = build.associate_ac([(number, 0, syntax) for number, _, [syntax] in CONTEXTS])


# What must hold


def check_capture(data: bytes, known: int = 0) -> None:
    """Read a capture file; each PDU but the first ones, which are known, is looked at as soon as it is put out."""
    number = os.memfd_create("capture")
    try:
        with os.fdopen(number, "wb", closefd=False) as file:
            file.write(data)
        capture = Capture(f"/proc/self/fd/{number}")
        for arrival in Associations(capture, Config()):
            if arrival.number > known:
                check_arrival(arrival, capture)
    except CaptureError as error:
        check_block(str(error))
    finally:
        os.close(number)


def check_arrival(arrival: Arrival, capture: Capture) -> None:
    """Look at a PDU in every way there is."""
    check_tree(make_pdu_node(arrival))
    for block in text.show_pdus(iter((arrival,)), capture, FULL):
        check_block(block)
    for lines in (text.list_pdus, jsonl.list_pdus):
        [line] = lines(iter((arrival,)), capture)
        check_block(line)
    json.loads(line)


def check_block(block: str) -> None:
    """Hold printed lines to have nothing in them that changes a terminal, and to be encodable."""
    assert not any(UNSAFE.search(line) for line in block.split("\n")), ascii(block)
    block.encode()


# The targets


def encode_segments(data: bytes) -> bytes:
    """Make a capture of segments."""
    talks = [build.Talk(requestor=("10.0.0.1", port)) for port in (50000, 50001)]
    nexts = [list(talk.isn) for talk in talks]
    frames: list[build.Frame] = []
    for flags, shift, index, start, count in SEGMENT.iter_unpack(data[: len(data) // SEGMENT.size * SEGMENT.size]):
        talk, places = talks[bool(flags & OTHER)], nexts[bool(flags & OTHER)]
        me, bits = flags & ACCEPTOR, choose_bits(flags)
        payload = pick_payload(index, start, count)
        ends = (talk.requestor, talk.acceptor)
        number = places[me] + shift
        frame = build.segment(ends[me], ends[1 - me], number, places[1 - me], bits, payload)
        frames.append(build.Frame(talk.start + len(frames) * talk.step, frame))
        if not shift or (shift > 0 and flags & GAP):
            places[me] = number + len(payload) + bool(bits & (build.SYN | build.FIN))
    return build.pcap(frames)


def choose_bits(flags: int) -> int:
    """Give the flags of a TCP header."""
    pairs = ((SYN, build.SYN), (FIN, build.FIN), (RST, build.RST))
    return (0 if flags & BARE else build.ACK) + sum(bit for flag, bit in pairs if flags & flag)


def pick_payload(index: int, start: int, count: int) -> bytes:
    """Cut a payload out of a PDU; the number behind the last one, as that of no other, is for none."""
    pdus = list_pdus()
    index %= len(pdus) + 1
    whole = pdus[index] if index < len(pdus) else b""
    start %= len(whole) + 1
    return whole[start : start + count] if count else whole[start:]


def encode_pdu(data: bytes) -> bytes:
    """Make a capture of a PDU that stands behind a setting."""
    flags, low, count = SETTING.unpack(data[: SETTING.size].ljust(SETTING.size, b"\0"))
    pdu = data[SETTING.size :]
    talk = build.Talk(mss=1 << 15).open()
    if flags & AGREED:
        talk.request(REQUEST).answer(ACCEPT)
    say = talk.answer if flags & ACCEPTOR else talk.request
    if count:
        say(pdu[:low])
        talk.send(not flags & ACCEPTOR, build.ACK, pdu[low : low + count])
        del talk.frames[-1]
        pdu = pdu[low + count :]
    say(pdu)
    return build.pcap((talk.close() if flags & CLOSED else talk).frames)


def check_elements(data: bytes) -> None:
    """Read a data set that stands behind its condition."""
    flags, torn, low, count = CONDITION.unpack(data[: CONDITION.size].ljust(CONDITION.size, b"\0"))
    source: Source = Bytes(data[CONDITION.size :], ((low, low + count),) if count else ())
    if flags & DEFLATED:
        source, _ = inflate(source)
    encoding = choose_encoding("", source)[0] if flags & GUESSED else ENCODINGS[flags & 3]
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, encoding, root, torn if flags & TORN else None)
    check_tree(root)
    check_block("\n".join(text.show_node(root, FULL)))
    check_block("\n".join(text.show_node(root)))


def check_segments(data: bytes) -> None:
    """Read segments."""
    check_capture(encode_segments(data))


def check_pdu(data: bytes) -> None:
    """Read a PDU in its setting."""
    check_capture(encode_pdu(data), known=2 if data and data[0] & AGREED else 0)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "capture": check_capture,
    "stream": check_segments,
    "pdu": check_pdu,
    "elements": check_elements,
}

ENCODERS = {"stream": encode_segments, "pdu": encode_pdu}
"""What makes a capture of a target's input."""


# Seeds


@cache
def list_arrivals() -> list[list[Arrival]]:
    """Give the PDUs of each capture of the project and those beside it."""
    return [list(Associations(Capture(path), Config())) for path in find_captures()]


@cache
def list_pdus() -> list[bytes]:
    """Give the bytes of all PDUs that are short enough, each once, in the order of the captures."""
    spans = (arrival.pdu.span for arrivals in list_arrivals() for arrival in arrivals)
    return list(dict.fromkeys(span.read() for span in spans if len(span) <= LONGEST))


def seed_captures() -> Iterator[bytes]:
    """Give each capture, as pcap and as pcapng."""
    for path in find_captures():
        yield from (read_capture(path, turned=False), read_capture(path, turned=True))


def seed_segments() -> Iterator[bytes]:
    """Give the PDUs of each capture a segment each, and two, between SYN and FIN."""
    numbers = {pdu: number for number, pdu in enumerate(list_pdus())}
    for arrivals in list_arrivals():
        places = [
            (0 if arrival.association.find_role(arrival.pdu.stream) == "requestor" else ACCEPTOR, number, size)
            for arrival in arrivals
            if (number := numbers.get(arrival.pdu.span.read())) is not None and (size := len(arrival.pdu.span))
        ]
        empty = len(numbers)
        start = [(SYN | BARE, 0, empty, 0, 0), (SYN | ACCEPTOR, 0, empty, 0, 0)]
        stop = [(FIN, 0, empty, 0, 0), (FIN | ACCEPTOR, 0, empty, 0, 0)]
        whole = [(flags, 0, number, 0, 0) for flags, number, _ in places]
        halves = [(flags, 0, number, at, size // 2 or 1) for flags, number, size in places for at in (0, size // 2)]
        for middle in (whole, halves):
            yield b"".join(SEGMENT.pack(*each) for each in (*start, *middle, *stop))


def seed_pdus() -> Iterator[bytes]:
    """Give each PDU, at the start and in an association."""
    for arrivals in list_arrivals():
        for arrival in arrivals:
            data = arrival.pdu.span.read()
            flags = ACCEPTOR if arrival.association.find_role(arrival.pdu.stream) == "acceptor" else 0
            if len(data) <= LONGEST:
                yield SETTING.pack(flags | (CLOSED if data[0] in (1, 2) else AGREED), 0, 0) + data


def seed_elements() -> Iterator[bytes]:
    """Give each command set, and each data set in its encoding."""
    for arrivals in list_arrivals():
        for pdv in (pdv for arrival in arrivals for pdv in arrival.pdvs):
            if pdv.part is None or not pdv.is_last:
                continue
            source = pdv.part.join()
            deflated = inflate(source)[1] and not pdv.is_command
            encoding = IMPLICIT_LITTLE if pdv.is_command else choose_encoding("", source)[0]
            flags = DEFLATED | GUESSED if deflated else ENCODINGS.index(encoding)
            if source.size <= LONGEST:
                yield CONDITION.pack(flags, 0, 0, 0) + bytes(source.read(0, source.size))


SEEDS = {"capture": seed_captures, "stream": seed_segments, "pdu": seed_pdus, "elements": seed_elements}


def fill_corpus(folder: Path, target: str) -> None:
    """Write the seeds of a target into a folder, unless there is something in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for seed in SEEDS[target]():
            (folder / sha256(seed).hexdigest()[:40]).write_bytes(seed)


def fuzz(target: str, corpus: Path, options: Sequence[str]) -> None:
    """Let libFuzzer run, which ends the process."""
    atheris = import_module("atheris")
    own = ["-timeout=5", "-rss_limit_mb=1000", f"-artifact_prefix={corpus.parent}/{target}-"]
    inputs = [option for option in options if not option.startswith("-")] or [str(corpus)]
    flags = [option for option in options if option.startswith("-")]
    atheris.Setup([sys.argv[0], *own, *flags, *inputs], TARGETS[target])
    atheris.Fuzz()


def main() -> None:
    """Read the arguments, and fuzz, or print an input as a capture."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz dissect.", allow_abbrev=False)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=0, help="how long (without end)")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="where inputs are kept and taken from")
    parser.add_argument("--pcap", type=Path, metavar="INPUT", help="print the capture that an input stands for")
    chosen, options = parser.parse_known_args()
    if chosen.pcap is not None:
        encode = ENCODERS.get(chosen.target, bytes)
        sys.stdout.buffer.write(encode(chosen.pcap.read_bytes()))
        return
    corpus = chosen.corpus or Path(tempfile.gettempdir(), "dissect-fuzz", chosen.target)
    fill_corpus(corpus, chosen.target)
    fuzz(chosen.target, corpus, [f"-max_total_time={chosen.seconds}", *options])


if __name__ == "__main__":
    main()
