"""What the program is called with, in: a parser that reads it and explains itself, out. It imports next to nothing."""

import argparse

from dissect import __version__
from dissect.cli.judging import add_check, add_diff, add_rules, add_snapshot
from dissect.cli.options import Parser, Verbs, add_captures, add_color, add_count, add_form, add_time, add_verb

VERBS = {
    "show": "show",
    "list": "listing",
    "associations": "associations",
    "check": "check",
    "stats": "stats",
    "ladder": "ladder",
    "export": "export",
    "diff": "diff",
    "snapshot": "snapshot",
    "browse": "browse",
    "rules": "rules",
    "fields": "fields",
    "schema": "schema",
    "completion": "completion",
}
"""The verbs in the order in which help tells them, and in which module each is run."""

SCHEMAS = ("list", "show", "associations", "stats", "manifest", "check", "diff")
"""The machine outputs that have a schema."""

ABOUT = """\
Show the DICOM conversation in a network capture.
A FILE without a VERB is browsed on a terminal, and shown elsewhere. Results go to standard output, all else to standard
error."""

FIRST = """\
examples:
  dissect list capture.pcap                    a line for each PDU
  dissect associations capture.pcap            who spoke with whom, and how it ended
  dissect check capture.pcap                   which rules are broken, where, by whom
  dissect stats capture.pcap                   response times, failures, throughput
  dissect show -Y failure capture.pcap         the tree of each PDU in which something fails

dissect VERB --help tells more of a verb, dissect fields what a filter (-Y) can ask.
exit status: 0 done, 1 check found errors or diff differences, 2 trouble (with a line that says why), 130 interrupted"""

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


def make_parser() -> Parser:
    """Make the parser of all verbs."""
    parser = Parser(
        prog="dissect", description=ABOUT, epilog=FIRST, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"dissect {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    for add in (
        *(add_show, add_list, add_associations, add_check, add_stats, add_ladder, add_export),
        *(add_diff, add_snapshot, add_browse, add_rules, add_fields, add_schema, add_completion),
    ):
        add(verbs)
    return parser


def add_show(verbs: Verbs) -> None:
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
    add_captures(show)
    add_color(show)


def add_list(verbs: Verbs) -> None:
    """Add the verb `list`."""
    listing = add_verb(verbs, "list", "print a line for each PDU", LIST)
    add_form(listing, "text", "csv", "jsonl", "fields")
    listing.add_argument(
        "-e",
        dest="fields",
        metavar="FIELD",
        action="append",
        default=[],
        help="print the values of this field, element or path; repeat -e for more (default of -T is then fields: lines"
        " whose columns tabs separate)",
    )
    add_time(listing, "r, in CSV e")
    add_count(listing)
    add_captures(listing)
    add_color(listing)


def add_associations(verbs: Verbs) -> None:
    """Add the verb `associations`."""
    associations = add_verb(
        verbs, "associations", "print a line for each association, and why contexts were refused", ASSOCIATIONS
    )
    add_form(associations, "text", "csv", "jsonl")
    associations.add_argument("-V", dest="details", action="store_true", help="print all that is known of each")
    add_time(associations, "r")
    add_captures(associations)
    add_color(associations)


def add_stats(verbs: Verbs) -> None:
    """Add the verb `stats`."""
    stats = add_verb(verbs, "stats", "print counts, failures, response times, throughput", STATS)
    add_form(stats, "text", "json", "csv")
    add_captures(stats)
    add_color(stats)


def add_ladder(verbs: Verbs) -> None:
    """Add the verb `ladder`."""
    ladder = add_verb(verbs, "ladder", "draw who sent what to whom as a ladder diagram", LADDER)
    add_form(ladder, "text", "mermaid", "svg")
    ladder.add_argument("--unfold", action="store_true", help="draw an arrow for each PDU, not for each message")
    ladder.add_argument("--ascii", action="store_true", help="draw with ASCII characters alone")
    add_time(ladder, "r")
    add_captures(ladder)


def add_export(verbs: Verbs) -> None:
    """Add the verb `export`."""
    about = "write the stored objects as DICOM files, with a manifest, or frames as a smaller capture"
    export = add_verb(verbs, "export", about, EXPORT)
    export.add_argument(
        "--to",
        dest="folder",
        metavar="DIR",
        help="write the objects as files into this folder, which is made if need be",
    )
    export.add_argument(
        "-w",
        dest="subset",
        metavar="FILE",
        help="write a pcapng file of the frames that carried the PDUs, and of the frames of the same connections that"
        " carried the negotiation or no payload",
    )
    export.set_defaults(refuse=export.error)
    export.add_argument(
        "--commands", action="store_true", help="write the data sets of all other messages, too: queries, matches, ..."
    )
    export.add_argument(
        "--json", action="store_true", help="write each data set as DICOM JSON (PS3.18), too, beside its file"
    )
    export.add_argument(
        "--raw", action="store_true", help="write the bytes of each command set and data set, too, beside its file"
    )
    add_captures(export)


def add_browse(verbs: Verbs) -> None:
    """Add the verb `browse`."""
    browse = add_verb(verbs, "browse", "look through a capture on the terminal", BROWSE)
    browse.add_argument("--ascii", action="store_true", help="draw with ASCII characters alone")
    browse.add_argument("--theme", metavar="NAME", help="a theme, such as high-contrast, monochrome or textual-light")
    browse.add_argument(
        "--against", metavar="OLD", help="begin with what differs between OLD, a capture or snapshot, and FILE"
    )
    browse.add_argument(
        "--config",
        metavar="FILE.toml",
        help="compare by the table [diff] of this file, too, and write to it what is ignored from now on",
    )
    add_captures(browse)


def add_fields(verbs: Verbs) -> None:
    """Add the verb `fields`."""
    about = "print what -Y and -e may ask for, and the language of -Y"
    fields = add_verb(verbs, "fields", about, "example:\n  dissect fields patient")
    fields.add_argument(
        "words",
        metavar="WORD",
        nargs="*",
        help="print only fields and elements whose name, tag or meaning holds this word",
    )


def add_schema(verbs: Verbs) -> None:
    """Add the verb `schema`."""
    schema = add_verb(verbs, "schema", "print the JSON Schema of a machine output", "example:\n  dissect schema list")
    schema.add_argument("name", metavar="NAME", choices=SCHEMAS, help=f"one of {', '.join(SCHEMAS)}")


def add_completion(verbs: Verbs) -> None:
    """Add the verb `completion`."""
    completion = add_verb(verbs, "completion", "print a script that lets a shell complete commands", COMPLETION)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")
