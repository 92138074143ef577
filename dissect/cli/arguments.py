"""What the program is called with, in: a parser that reads it and explains itself, out. It imports next to nothing."""

import argparse
import re
from typing import NoReturn

from dissect import __version__

VERBS = {
    "show": "show",
    "list": "listing",
    "associations": "associations",
    "stats": "stats",
    "ladder": "ladder",
    "export": "export",
    "diff": "diff",
    "snapshot": "snapshot",
    "browse": "browse",
    "fields": "fields",
    "schema": "schema",
    "completion": "completion",
}
"""The verbs, and in which module each is run."""

SCHEMAS = ("list", "show", "associations", "stats", "manifest", "diff")
"""The machine outputs that have a schema."""

PROFILES = ("default", "strict", "structure")
WEIGHTS = ("note", "change", "break")

FORMS = ("r", "d", "dd", "a", "ad", "u", "ud", "e")

ABOUT = """\
Show the DICOM conversation in a network capture.
A FILE alone is browsed on a terminal, and shown elsewhere. What comes of a verb goes to standard output, all else to
standard error."""

FIRST = """\
examples:
  dissect list capture.pcap                    a line a PDU
  dissect associations capture.pcap            who spoke with whom, and how it ended
  dissect stats capture.pcap                   response times, failures, throughput
  dissect show -Y failure capture.pcap         all of the PDUs in which something fails

dissect VERB --help tells more, dissect fields what a filter (-Y) may ask for.
exit status: 0 done, 1 diff found differences, 2 trouble (with a line that says why), 130 interrupted"""

SHOW = """\
examples:
  dissect show capture.pcap
  dissect show -Y 'dimse.cmd == C-FIND-RSP' --full capture.pcap
  dissect show -x --path 'association.1/c-store-rq.1/data-set/0010,*' capture.pcap
  dissect show -T jsonl capture.pcap | jq .info"""

LIST = """\
examples:
  dissect list -t ad capture.pcap
  dissect list -Y 'msg(PatientID == "123456")' capture.pcap
  dissect list -Y 'dimse.status == failure' -T fields -e pdu -e dimse.cmd -e dimse.status capture.pcap
  dissect list - < capture.pcap.gz"""

ASSOCIATIONS = """\
examples:
  dissect associations capture.pcap
  dissect associations -V capture.pcap         all that is known of each: contexts, operations, TCP
  dissect associations -Y 'assoc.calling == MODALITY and assoc.failures > 0' capture.pcap"""

STATS = """\
examples:
  dissect stats capture.pcap
  dissect stats -Y 'assoc.called == ARCHIVE' capture.pcap
  dissect stats -T json capture.pcap | jq '.operations[].response_time'"""

LADDER = """\
examples:
  dissect ladder capture.pcap
  dissect ladder -Y 'assoc.calling == MODALITY' --unfold capture.pcap
  dissect ladder -T mermaid capture.pcap > ~/diagrams/ladder.mmd
  dissect ladder -T svg -Y 'op(failure)' capture.pcap > ~/diagrams/ladder.svg"""

EXPORT = """\
examples:
  dissect export capture.pcap --to objects
  dissect export -Y 'sop.class == "CT Image Storage"' capture.pcap --to objects
  dissect export --commands --json capture.pcap --to messages
  dissect export -Y 'op(failure)' capture.pcap -w ~/failures.pcapng      their frames, as a capture"""

DIFF = """\
examples:
  dissect diff before.pcap after.pcap
  dissect diff --ignore StudyDate --ignore VR:TM --ignore private before.pcap after.pcap
  dissect diff --only 'association.*/c-find-rsp.*' --ignore-order before.pcap after.pcap
  dissect diff --timing 1.5 --junit report.xml before.pcap after.pcap
exit status: 0 no difference that matters as much as --fail-on says, 1 differences, 2 trouble"""

SNAPSHOT = """\
examples:
  dissect snapshot capture.pcap > expected.txt
  dissect snapshot --mask-dates capture.pcap > expected.txt
  dissect diff expected.txt later.pcap"""

BROWSE = """\
examples:
  dissect browse capture.pcap
  dissect browse -Y 'failure' capture.pcap
  dissect browse --against before.pcap after.pcap
  zcat capture.pcap.gz | dissect browse -"""

COMPLETION = """\
examples:
  dissect completion bash > ~/.local/share/bash-completion/completions/dissect
  dissect completion zsh > ~/.zfunc/_dissect
  dissect completion fish > ~/.config/fish/completions/dissect.fish"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where one reads what is right."""
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help tells more\n")


def make_parser() -> Parser:
    """Make the parser of all verbs."""
    parser = Parser(
        prog="dissect", description=ABOUT, epilog=FIRST, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"dissect {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    painted = [add_show(verbs), add_list(verbs), add_associations(verbs), add_stats(verbs)]
    for verb in (*painted, add_ladder(verbs), add_export(verbs), add_browse(verbs)):
        add_captures(verb)
    for verb in (*painted, add_diff(verbs)):
        verb.add_argument(
            "--color",
            choices=("auto", "always", "never"),
            default="auto",
            help="paint lines: auto (default) does on a terminal, unless NO_COLOR is set",
        )
    add_snapshot(verbs)
    add_others(verbs)
    return parser


def add_show(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `show`."""
    show = add_verb(verbs, "show", "print the tree of each PDU, laid out as Wireshark's", SHOW)
    add_form(show, "tree", "json", "jsonl")
    show.add_argument("-x", dest="hex", action="store_true", help="print the bytes below each tree")
    show.add_argument(
        "--path",
        metavar="PATH",
        action="append",
        help="print only what has this path, such as association.1/p-data-tf.7/pdv.1; * stands for any component",
    )
    show.add_argument("--full", action="store_true", help="print values and lines whole")
    show.add_argument("--reveal", action="store_true", help="print passcodes as they are")
    add_time(show, "r")
    add_count(show)
    return show


def add_list(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `list`."""
    listing = add_verb(verbs, "list", "print a line a PDU", LIST)
    add_form(listing, "text", "csv", "jsonl", "fields")
    listing.add_argument(
        "-e",
        dest="fields",
        metavar="FIELD",
        action="append",
        default=[],
        help="print this field, element or path (several with -e each); without -T, as fields parted by tabs",
    )
    add_time(listing, "r, in CSV e")
    add_count(listing)
    return listing


def add_associations(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `associations`."""
    associations = add_verb(
        verbs, "associations", "print a line an association, and why contexts were refused", ASSOCIATIONS
    )
    add_form(associations, "text", "csv", "jsonl")
    associations.add_argument("-V", dest="details", action="store_true", help="print all that is known of each")
    add_time(associations, "r")
    return associations


def add_stats(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `stats`."""
    stats = add_verb(verbs, "stats", "print counts, failures, response times, throughput", STATS)
    add_form(stats, "text", "json", "csv")
    return stats


def add_ladder(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `ladder`."""
    ladder = add_verb(verbs, "ladder", "print who sent what to whom as a ladder diagram", LADDER)
    add_form(ladder, "text", "mermaid", "svg")
    ladder.add_argument("--unfold", action="store_true", help="draw an arrow a PDU, not one a message")
    ladder.add_argument("--ascii", action="store_true", help="draw with ASCII characters alone")
    add_time(ladder, "r")
    return ladder


def add_export(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `export`."""
    about = "write the stored objects as DICOM files, with a manifest, or frames as a smaller capture"
    export = add_verb(verbs, "export", about, EXPORT)
    export.add_argument(
        "--to", dest="folder", metavar="DIR", help="the folder for the objects' files; it is made if need be"
    )
    export.add_argument(
        "-w",
        dest="subset",
        metavar="FILE",
        help="write a pcapng file of the frames that carried the PDUs, and of their connections those with the"
        " negotiation or without payload",
    )
    export.set_defaults(refuse=export.error)
    export.add_argument(
        "--commands", action="store_true", help="write the data sets of all other messages, too: queries, answers, ..."
    )
    export.add_argument("--json", action="store_true", help="write data sets as JSON of PS3.18 beside the files")
    export.add_argument("--raw", action="store_true", help="write the bytes of messages beside the files")
    return export


def add_diff(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `diff`."""
    diff = add_verb(verbs, "diff", "print what differs in meaning between two captures or snapshots", DIFF)
    diff.add_argument("old", metavar="OLD", help="a capture, or what dissect snapshot has printed of one")
    diff.add_argument("new", metavar="NEW", help="another; - is standard input")
    add_form(diff, "text", "side-by-side", "jsonl")
    add_masks(diff)
    diff.add_argument(
        "--only", metavar="RULE", action="append", default=[], help="compare only what has this path, tag, keyword, ..."
    )
    diff.add_argument(
        "--ignore-order", action="store_true", help="let associations, operations and responses come in any order"
    )
    diff.add_argument(
        "--profile",
        choices=PROFILES,
        help="default: what is meant; strict: notes matter, and UIDs are compared as they stand; structure: which"
        " elements there are, statuses and negotiation, no other values",
    )
    diff.add_argument("--fail-on", choices=WEIGHTS, help="the least that gives exit status 1 (default: change)")
    diff.add_argument(
        "--pair",
        dest="pairs",
        metavar="N=M",
        type=read_pair,
        action="append",
        default=[],
        help="compare association N of OLD with M of NEW, whatever they look like",
    )
    diff.add_argument(
        "--timing",
        metavar="RATIO",
        type=parse_ratio,
        default=0.0,
        help="let responses take no more than RATIO times as long",
    )
    diff.add_argument(
        "--notes", action="store_true", help="print notes: implementations, maximum lengths, PDUs a message"
    )
    diff.add_argument("--full", action="store_true", help="print values whole")
    diff.add_argument("--junit", metavar="FILE", help="write a test report, with a test case an operation")
    diff.add_argument("--github", action="store_true", help="print differences as commands of a GitHub workflow, too")
    diff.add_argument("-q", dest="quiet", action="store_true", help="print nothing; the exit status tells")
    return diff


def add_snapshot(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `snapshot`."""
    about = "print what was said in a capture as a text that a later capture can be compared with"
    snapshot = add_verb(verbs, "snapshot", about, SNAPSHOT)
    snapshot.add_argument("capture", metavar="FILE", help="a capture, - for standard input")
    add_masks(snapshot)
    return snapshot


def add_masks(verb: argparse.ArgumentParser) -> None:
    """Add what is left out of a comparison."""
    verb.add_argument(
        "--ignore",
        metavar="RULE",
        action="append",
        default=[],
        help="leave out what has this path (* stands for any component), tag, keyword, VR:xx, GROUP:xxxx, or private",
    )
    verb.add_argument("--mask-dates", action="store_true", help="leave out dates and times: VR:DA, VR:DT, VR:TM")
    verb.add_argument("--allow-gaps", action="store_true", help="take what is there where the capture lacks bytes")
    verb.add_argument("--config", metavar="FILE.toml", help="take settings from the table [diff] of this file, too")
    add_ports(verb)


def add_browse(verbs: "argparse._SubParsersAction[Parser]") -> argparse.ArgumentParser:
    """Add the verb `browse`."""
    browse = add_verb(verbs, "browse", "look through a capture on the terminal", BROWSE)
    browse.add_argument("--ascii", action="store_true", help="draw with ASCII characters alone")
    browse.add_argument("--theme", metavar="NAME", help="a theme, such as high-contrast, monochrome or textual-light")
    browse.add_argument(
        "--against", metavar="OLD", help="begin with what differs between this capture or snapshot and FILE"
    )
    browse.add_argument(
        "--config",
        metavar="FILE.toml",
        help="compare by the table [diff] of this file, too, and write to it what is ignored from now on",
    )
    return browse


def add_others(verbs: "argparse._SubParsersAction[Parser]") -> None:
    """Add the verbs that read no capture."""
    fields = add_verb(
        verbs,
        "fields",
        "print what -Y and -e may ask for, and the language of -Y",
        "example:\n  dissect fields patient",
    )
    fields.add_argument(
        "words", metavar="WORD", nargs="*", help="print only fields and elements in whose names or tags this stands"
    )
    schema = add_verb(verbs, "schema", "print the JSON Schema of a machine output", "example:\n  dissect schema list")
    schema.add_argument("name", metavar="NAME", choices=SCHEMAS, help=f"one of {', '.join(SCHEMAS)}")
    completion = add_verb(verbs, "completion", "print a script that lets a shell complete commands", COMPLETION)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def add_verb(
    verbs: "argparse._SubParsersAction[Parser]", name: str, about: str, examples: str
) -> argparse.ArgumentParser:
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
    verb.add_argument("-T", dest="form", choices=forms, help=f"{', '.join(forms)} (default: {forms[0]})")


def add_time(verb: argparse.ArgumentParser, default: str) -> None:
    """Add the choice of how times are told."""
    verb.add_argument(
        "-t",
        dest="time",
        choices=FORMS,
        help="tell times as r: seconds after the first frame, d: after the PDU before, dd: after the one"
        " printed before, a, ad: local time, with date,"
        f" u, ud: UTC, e: seconds since the epoch (default: {default})",
    )


def add_count(verb: argparse.ArgumentParser) -> None:
    """Add the number of PDUs after which to stop."""
    verb.add_argument("-c", dest="count", metavar="N", type=parse_count, help="stop after N PDUs were printed")


def add_captures(verb: argparse.ArgumentParser) -> None:
    """Add the files, and what is asked of them."""
    verb.add_argument(
        "captures",
        metavar="FILE",
        nargs="+",
        help="a pcap or pcapng file, compressed with gzip or not, or - for standard input, which is read to its end"
        " first; several are one capture in order of time",
    )
    verb.add_argument(
        "-Y",
        dest="filter",
        metavar="EXPR",
        help="take only PDUs for which this holds (associations: those with such a PDU; stats: their operations;"
        " ladder, export: their messages); dissect fields tells what can be asked, and how",
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
        help="take port N for DICOM even where the capture holds no A-ASSOCIATE-RQ",
    )


def parse_port(text: str) -> int:
    """Read `tcp.port==N,dicom`."""
    found = re.fullmatch(r"tcp\.port==(\d{1,5}),dicom", text)
    if not found or not 0 < int(found[1]) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form tcp.port==N,dicom")
    return int(found[1])


def read_pair(text: str) -> tuple[int, int]:
    """Read `N=M`, the numbers of two associations."""
    from dissect.config import parse_pair  # noqa: PLC0415 (only where it is asked for)

    try:
        return parse_pair(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def parse_ratio(text: str) -> float:
    """Read how many times as long something may take."""
    from dissect.config import check_ratio  # noqa: PLC0415 (only where it is asked for)

    try:
        return check_ratio(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1") from error


def parse_count(text: str) -> int:
    """Read a number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)
