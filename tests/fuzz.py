"""Any bytes, in: the program's layers run over them, and what must hold of every tree and line held up to the outcome.

    python3 -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris -e '.[test]'
    /tmp/fuzz/bin/python -m tests.fuzz TARGET [--seconds N] [--corpus DIR] [libFuzzer's options]

Targets, whose inputs `tests.inputs` explains:

- `capture`: the bytes of a capture file.
- `frames`: a byte that chooses the link type, and frames, each behind two bytes that say how long it is.
- `stream`: two bytes of a snap length, and the segments of two TCP connections, ten bytes each (`SEGMENT`); what they
  carry is cut out of the PDUs of `captures/`.
- `pdu`: the bytes of one PDU behind four bytes (`SETTING`) that say who sends it, when, and which of it is lost.
- `elements`: a data set behind seven bytes (`CONDITION`) that say how it is written, and what of it is lost.
- `tls`: what one side says on a connection that is TLS.

The first run fills the corpus, `dissect-fuzz/TARGET` in the temporary folder if no other is named, with seeds from
`captures/`. An input that fails is kept beside that folder; named among libFuzzer's options it is run alone. With
`--pcap INPUT` an input of `frames`, `stream` or `pdu` is printed as the capture that it stands for.

The targets do not need atheris: `TARGETS["pdu"](data)` raises where something is wrong.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
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
    from dissect.capture.records import CaptureError
    from dissect.capture.segments import Capture
    from dissect.config import Config
    from dissect.dialogue import Associations
    from dissect.dicom import encodings
    from dissect.dicom.elements import walk_elements
    from dissect.faults import explain_nothing
    from dissect.node import Node
    from dissect.query import Subject
    from dissect.spans import Source, Span
    from dissect.tcp import tls
    from dissect.text import UNSAFE, escape
    from dissect.tree import make_pdu_node
    from dissect.views import jsontree, listing, text
    from dissect.views.paint import PLAIN
    from dissect.views.times import make_clock
    from tests.inputs import (
        AGREED,
        CONDITION,
        DEFLATED,
        ENCODERS,
        ENCODINGS,
        GUESSED,
        SEEDS,
        TORN,
        encode_frames,
        encode_pdu,
        encode_segments,
    )
    from tests.trees import Bytes, check_tree

FULL = text.Detail(full=True, reveal=True)


# What must hold


def check_capture(data: bytes, known: int = 0) -> None:
    """Read a capture file; each PDU but the first ones, which are known, is looked at as soon as it is put out."""
    number = os.memfd_create("capture")
    try:
        with os.fdopen(number, "wb", closefd=False) as file:
            file.write(data)
        capture = Capture(f"/proc/self/fd/{number}")
        associations = Associations(capture, Config(), thorough=True)
        for arrival in associations:
            if arrival.number > known:
                check_arrival(arrival, capture)
        check_block("".join(text.show_connections(associations.list_connections())))
        check_block("".join(text.show_comments(capture)))
        check_block(escape(explain_nothing(capture, associations)))
    except CaptureError as error:
        check_block(str(error))
    finally:
        os.close(number)


def check_arrival(arrival: Arrival, capture: Capture) -> None:
    """Look at a PDU in every way there is."""
    span = arrival.pdu.span
    missing = sum(high - low for low, high in span.source.missing(span.start, span.stop))
    assert sum(map(len, span.ends())) + missing == len(span)
    assert all(0 <= end.start <= end.stop <= end.source.size for end in span.ends())
    check_tree(make_pdu_node(arrival))
    clock = make_clock(capture, "ud")
    subject = Subject(arrival, capture)
    check_block("".join(text.Writer(clock, FULL).show_pdu(subject)))
    for lines in (
        listing.list_text([Subject(arrival, capture)], clock, PLAIN),
        listing.list_jsonl([Subject(arrival, capture)]),
        jsontree.show_jsonl([(subject, subject.top)], reveal=True),
    ):
        [line] = lines
        check_block(line)
        assert line.startswith("{") or json.dumps(line)


def check_block(block: str) -> None:
    """Hold printed lines to have nothing in them that changes a terminal, and to be encodable."""
    assert not any(UNSAFE.search(line) for line in block.split("\n")), ascii(block)
    block.encode()


# The targets


def check_elements(data: bytes) -> None:
    """Read a data set that stands behind its condition."""
    flags, torn, low, count = CONDITION.unpack(data[: CONDITION.size].ljust(CONDITION.size, b"\0"))
    source: Source = Bytes(data[CONDITION.size :], ((low, low + count),) if count else ())
    if flags & DEFLATED:
        source, _ = encodings.inflate(source)
    encoding = encodings.choose_encoding("", source)[0] if flags & GUESSED else ENCODINGS[flags & 3]
    root = Node("", "Root", Span(source, 0, source.size))
    walk_elements(source, encoding, root, torn if flags & TORN else None)
    check_tree(root)
    check_block("\n".join(text.show_node(root, FULL)))
    check_block("\n".join(text.show_node(root)))


def check_tls(data: bytes) -> None:
    """Read what one side says on a connection that is TLS."""
    for find in (tls.find_server_name, tls.find_version, tls.find_alert):
        assert isinstance(find(data), str)
    for final in (False, True):
        assert tls.has_records(data, final=final) in (None, False, True)


def check_encoded(encode: Callable[[bytes], bytes]) -> Callable[[bytes], None]:
    """Read the capture that an input stands for."""
    return lambda data: check_capture(encode(data))


def check_pdu(data: bytes) -> None:
    """Read a PDU in its setting."""
    check_capture(encode_pdu(data), known=2 if data and data[0] & AGREED else 0)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "capture": check_capture,
    "frames": check_encoded(encode_frames),
    "stream": check_encoded(encode_segments),
    "pdu": check_pdu,
    "elements": check_elements,
    "tls": check_tls,
}


# All of it


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
