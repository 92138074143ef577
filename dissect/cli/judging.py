"""The verbs that judge captures, in: their options and help, out."""

import argparse

from dissect.cli.options import Verbs, add_captures, add_color, add_form, add_ports, add_verb

PROFILES = ("default", "strict", "structure")
WEIGHTS = ("note", "change", "break")
SEVERITIES = ("error", "warning", "remark")

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

CHECK = """\
examples:
  dissect check capture.pcap
  dissect check --severity warning --ignore 'element-*,sent-again' capture.pcap
  dissect check -Y 'assoc.calling == MODALITY' -T jsonl capture.pcap
  dissect check --fail-on warning -T junit capture.pcap > ~/reports/check.xml
exit status: 0 no broken rule is as bad as --fail-on says, 1 one is, 2 trouble"""

RULES = """\
examples:
  dissect rules                                all rules, a line each
  dissect rules pdu-type 'context-*'           these, with reason and remedy"""


def add_diff(verbs: Verbs) -> None:
    """Add the verb `diff`."""
    diff = add_verb(verbs, "diff", "print what differs in meaning between two captures or snapshots", DIFF)
    diff.add_argument("old", metavar="OLD", help="a capture, or a snapshot that dissect snapshot has printed")
    diff.add_argument("new", metavar="NEW", help="another capture or snapshot; - for either is standard input")
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
        help="report where responses take more than RATIO times as long",
    )
    diff.add_argument(
        "--notes", action="store_true", help="print notes, too: implementations, maximum lengths, PDUs for each message"
    )
    diff.add_argument("--full", action="store_true", help="print values whole")
    diff.add_argument("--junit", metavar="FILE", help="write a JUnit test report, with a test case for each operation")
    diff.add_argument("--github", action="store_true", help="print differences as commands of a GitHub workflow, too")
    diff.add_argument("-q", dest="quiet", action="store_true", help="print nothing; the exit status tells")
    add_color(diff)


def add_snapshot(verbs: Verbs) -> None:
    """Add the verb `snapshot`."""
    about = "print what was said in a capture as a text that a later capture can be compared with"
    snapshot = add_verb(verbs, "snapshot", about, SNAPSHOT)
    snapshot.add_argument("capture", metavar="FILE", help="a capture, - for standard input")
    add_masks(snapshot)


def add_masks(verb: argparse.ArgumentParser) -> None:
    """Add what is left out of a comparison."""
    verb.add_argument(
        "--ignore",
        metavar="RULE",
        action="append",
        default=[],
        help="leave out what has this path (* stands for any component), tag, keyword or VR (VR:xx), is of this group"
        " (GROUP:xxxx), or is private (private)",
    )
    verb.add_argument("--mask-dates", action="store_true", help="leave out dates and times: VR:DA, VR:DT, VR:TM")
    verb.add_argument("--allow-gaps", action="store_true", help="take what is there where the capture lacks bytes")
    verb.add_argument("--config", metavar="FILE.toml", help="take settings from the table [diff] of this file, too")
    add_ports(verb)


def add_check(verbs: Verbs) -> None:
    """Add the verb `check`."""
    check = add_verb(verbs, "check", "print which rules of DICOM are broken, where, by whom, and what to try", CHECK)
    add_captures(check)
    add_color(check)
    add_form(check, "text", "jsonl", "junit", "github")
    check.add_argument(
        "--severity",
        choices=SEVERITIES,
        default="remark",
        help="print only what is at least this bad (default: remark)",
    )
    for name, about in (("--only", "look only for this rule"), ("--ignore", "leave this rule out")):
        check.add_argument(
            name,
            metavar="CODE",
            action="append",
            default=[],
            help=f"{about}; for more, separate codes by commas or repeat {name}; * stands for anything; dissect rules"
            " lists all codes",
        )
    check.add_argument(
        "--fail-on",
        choices=(*SEVERITIES, "never"),
        default="error",
        help="the least that gives exit status 1, printed or not (default: error)",
    )
    check.add_argument(
        "--artim",
        metavar="SECONDS",
        type=parse_seconds,
        help="how long it may take until an A-ASSOCIATE-RQ, or the close of a connection, comes (default: 30)",
    )
    check.add_argument(
        "--full",
        action="store_true",
        help="print up to a hundred remarks of each rule, as of errors and warnings, not only a few",
    )
    check.add_argument(
        "--shallow", action="store_true", help="decode no data sets: faster where they have many elements"
    )


def add_rules(verbs: Verbs) -> None:
    """Add the verb `rules`."""
    rules = add_verb(verbs, "rules", "print the rules that captures are checked for", RULES)
    rules.add_argument(
        "codes",
        metavar="CODE",
        nargs="*",
        help="print these rules whole, with reason and remedy; * stands for anything",
    )
    add_form(rules, "text", "json", "markdown")


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


def parse_seconds(text: str) -> float:
    """Read a number of seconds above 0."""
    from dissect.config import check_seconds  # noqa: PLC0415 (only where it is asked for)

    try:
        return check_seconds(float(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0") from error
