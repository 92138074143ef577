"""Options that verbs share, in: their help, and how their values are read, out."""

import argparse
import re
from typing import NoReturn, TypeAlias

TIMES = ("r", "d", "dd", "a", "ad", "u", "ud", "e")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where one reads what is right."""
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help tells more\n")


Verbs: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What verbs are added to."""


def add_verb(verbs: Verbs, name: str, about: str, examples: str) -> argparse.ArgumentParser:
    """Add a verb, with examples in its help."""
    return verbs.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_form(verb: argparse.ArgumentParser, *forms: str) -> None:
    """Add the choice of output; the first one is the default."""
    verb.add_argument("-T", dest="form", choices=forms, help=f"the form of the output (default: {forms[0]})")


def add_time(verb: argparse.ArgumentParser, default: str) -> None:
    """Add the choice of how times are told."""
    verb.add_argument(
        "-t",
        dest="time",
        choices=TIMES,
        help="how times are told; r: seconds since the first frame, d: since the PDU before, dd: since the PDU printed"
        " before, a: local time, ad: with its date, u: UTC, ud: with its date, e: seconds since the epoch"
        f" (default: {default})",
    )


def add_count(verb: argparse.ArgumentParser) -> None:
    """Add the number of PDUs after which to stop."""
    verb.add_argument("-c", dest="count", metavar="N", type=parse_count, help="stop after N PDUs are printed")


def add_captures(verb: argparse.ArgumentParser) -> None:
    """Add the files, and what is asked of them."""
    verb.add_argument(
        "captures",
        metavar="FILE",
        nargs="+",
        help="a pcap or pcapng file, which may be compressed with gzip, or - for standard input, which is read to its"
        " end first; several files are read as one capture in order of time",
    )
    verb.add_argument(
        "-Y",
        dest="filter",
        metavar="EXPR",
        help="take only PDUs for which this filter holds (associations: those with such a PDU; stats: their operations;"
        " ladder, export: their messages); dissect fields tells what a filter can ask, and how",
    )
    add_ports(verb)


def add_ports(verb: argparse.ArgumentParser) -> None:
    """Add the ports that are taken for DICOM."""
    verb.add_argument(
        "-d",
        dest="ports",
        metavar="tcp.port==N,dicom",
        type=parse_port,
        action="append",
        default=[],
        help="treat port N as DICOM even where the capture holds no A-ASSOCIATE-RQ",
    )


def parse_port(text: str) -> int:
    """Read `tcp.port==N,dicom`."""
    found = re.fullmatch(r"tcp\.port==(\d{1,5}),dicom", text)
    if not found or not 0 < int(found[1]) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form tcp.port==N,dicom")
    return int(found[1])


def add_color(verb: argparse.ArgumentParser) -> None:
    """Add the choice of whether lines are painted."""
    verb.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="whether lines are coloured: auto (the default) colours them on a terminal, unless NO_COLOR is set",
    )


def parse_count(text: str) -> int:
    """Read a number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)
