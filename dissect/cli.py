"""Arguments, in: one call each into the layers below, and an exit status, out."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dissect import __version__

if TYPE_CHECKING:
    from dissect.association import Arrival
    from dissect.capture import Capture
    from dissect.dialogue import Associations

    View = Callable[[Iterator[Arrival], Capture], Iterator[str]]

TROUBLE = 2
"""The exit status where a capture cannot be read or the arguments are wrong."""

INTERRUPTED = 130

VERBS = ("show", "list", "connections", "export")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit status: 0 done, 2 trouble, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] not in VERBS and not words[0].startswith("-"):
        words.insert(0, "show")  # a file alone is shown
    options = make_parser().parse_args(words)
    try:
        return run(options)
    except BrokenPipeError:
        # Whoever read has gone; what is still in the buffer has nowhere to go, and Python must not try at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of all verbs."""
    parser = argparse.ArgumentParser(prog="dissect", description="Show the DICOM conversation in a network capture.")
    parser.add_argument("--version", action="version", version=f"dissect {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    show = verbs.add_parser("show", help="print the tree of each PDU, laid out as Wireshark's")
    show.add_argument("--full", action="store_true", help="print values and lines whole")
    show.add_argument("--reveal", action="store_true", help="print passcodes as they are")
    listing = verbs.add_parser("list", help="print a line a PDU")
    listing.add_argument("-T", dest="form", choices=("text", "jsonl"), default="text", help="text (default) or jsonl")
    connections = verbs.add_parser("connections", help="print how TCP carried each connection, and how it ended")
    export = verbs.add_parser("export", help="write the stored objects as DICOM files, with a manifest")
    export.add_argument("--to", dest="folder", metavar="DIR", required=True, help="the folder; it is made if need be")
    for verb in (show, listing, connections, export):
        verb.add_argument(
            "captures",
            metavar="FILE",
            nargs="+",
            help="a pcap or pcapng file, compressed with gzip or not, or - for standard input; several are one capture"
            " in order of time",
        )
        verb.add_argument(
            "-d",
            dest="ports",
            metavar="tcp.port==N,dicom",
            type=parse_port,
            action="append",
            default=[],
            help="take port N for DICOM even where the capture holds no A-ASSOCIATE-RQ",
        )
    return parser


def parse_port(text: str) -> int:
    """Read `tcp.port==N,dicom`."""
    found = re.fullmatch(r"tcp\.port==(\d{1,5}),dicom", text)
    if not found or not 0 < int(found[1]) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form tcp.port==N,dicom")
    return int(found[1])


def run(options: argparse.Namespace) -> int:
    """Open the capture, print it as the verb asks, and give the exit status."""
    from dissect.capture import Capture  # noqa: PLC0415
    from dissect.config import DICOM_PORTS, Config  # noqa: PLC0415
    from dissect.dialogue import Associations  # noqa: PLC0415 (--help and --version load none of this)
    from dissect.faults import explain_nothing, list_faults  # noqa: PLC0415
    from dissect.records import CaptureError  # noqa: PLC0415
    from dissect.views import text  # noqa: PLC0415

    try:
        capture = Capture(*options.captures)
        config = Config(ports=DICOM_PORTS.union(options.ports))
        associations = Associations(capture, config, thorough=options.verb == "connections")
        if options.verb == "export":
            done = export(associations, capture, options.folder)
        else:
            done = write(find_view(options)(iter(associations), capture))
        if options.verb == "connections" or (options.verb == "show" and done):
            done = write(text.show_connections(associations.list_connections())) or done
            write(text.show_comments(capture))
    except CaptureError as error:
        complain(str(error))
        return TROUBLE
    if done:
        for name, fault in list_faults(capture, associations):
            complain(f"{name}: {fault}")
    elif not associations.count:
        complain(explain_nothing(capture, associations))
    return 0 if done else TROUBLE


def export(associations: "Associations", capture: "Capture", folder: str) -> bool:
    """Write the stored objects as files, and tell whether that went well."""
    from pathlib import Path  # noqa: PLC0415

    from dissect.export import ExportError, export_objects  # noqa: PLC0415

    try:
        tally = export_objects(iter(associations), capture, Path(folder))
    except ExportError as error:
        complain(str(error))
        return False
    if tally is not None:
        complain(f"{folder}: {tally.describe()}")
    return tally is not None


def find_view(options: argparse.Namespace) -> "View":
    """Give the view that the options ask for."""
    from functools import partial  # noqa: PLC0415

    from dissect.views import jsonl, text  # noqa: PLC0415

    if options.verb == "connections":
        return text.show_nothing
    if options.verb == "show":
        return partial(text.show_pdus, detail=text.Detail(full=options.full, reveal=options.reveal))
    return jsonl.list_pdus if options.form == "jsonl" else text.list_pdus


def write(blocks: Iterator[str]) -> bool:
    """Print blocks of lines as they come, and tell whether there was any."""
    printed = False
    for block in blocks:
        sys.stdout.write(block)
        printed = True
    sys.stdout.flush()
    return printed


def complain(text: str) -> None:
    """Print a line on standard error."""
    from dissect.text import escape  # noqa: PLC0415

    sys.stdout.flush()
    print(f"dissect: {escape(text)}", file=sys.stderr)
