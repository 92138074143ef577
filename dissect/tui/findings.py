"""Problems, in: what they have in common by code, in groups, worst first, and the filter that shows a group, out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dissect.catalogue import CATALOG
from dissect.dicom.pdu import ABORT, ASSOCIATE_RJ
from dissect.index import Index
from dissect.phrasing import name_numbers
from dissect.rules.endings import Ending

Rank = Literal["failed", "error", "warning", "remark"]
RANKS: tuple[Rank, ...] = ("failed", "error", "warning", "remark")
"""How bad a problem is, the worst first: what failed is that even where no rule was broken."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What problems have in common: how bad they are, their code, what it means, the clause, a filter for them."""

    rank: Rank
    code: str
    sentence: str
    reference: str = ""
    test: str = ""
    """'' where only a list of PDUs or associations is a filter for them."""
    explained: tuple[str, ...] = ()
    """The codes of rules that may tell more of a failure, the most telling first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem: its kind, the row of its PDU, what was found, the path of its node below that of the PDU."""

    kind: Kind
    row: int
    text: str
    path: str = ""
    ending: Ending | None = None
    """Where only the end of an association or of the capture shows it."""

    @property
    def wide(self) -> bool:
        """Tell whether it is of a connection, not of a PDU; its row is then the first one of the association."""
        return self.ending is not None and not self.ending.pdu


@dataclass(frozen=True, slots=True)
class Group:
    """The problems of a kind: how many there are, and those of them that are kept, in the order of their PDUs."""

    kind: Kind
    count: int
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found so far: the groups, worst first; all that is kept, in the order of PDUs; how many there are."""

    groups: tuple[Group, ...] = ()
    problems: tuple[Problem, ...] = ()
    count: int = 0

    def count_ranks(self) -> Counter[Rank]:
        """Count the problems by how bad they are."""
        found: Counter[Rank] = Counter()
        for group in self.groups:
            found[group.kind.rank] += group.count
        return found


NOTED = {code: Kind(rule.severity, code, rule.dotted, rule.reference) for code, rule in CATALOG.items()}
CONTROL = {
    ASSOCIATE_RJ: Kind(
        "failed",
        "rejected",
        "the association was rejected",
        "PS3.8 9.3.4",
        "pdu.type == 3",
        ("reject-contradicts", "rejected-transient", "reject-explained"),
    ),
    ABORT: Kind(
        "failed",
        "aborted",
        "the association was aborted",
        "PS3.8 9.3.8",
        "pdu.type == 7",
        ("abort-contradicts", "aborted-at-once", "abort-explained"),
    ),
}
RESET = Kind(
    "failed",
    "reset",
    "the TCP connection was reset within an association",
    "",
    "assoc.end == reset",
    ("connection-reset",),
)


def make_filter(index: Index, found: Findings, kind: Kind) -> tuple[str, bool]:
    """Make the filter that shows the PDUs with problems of a kind, and tell whether it shows all of them.

    Where decoding alone shows the problem, it names the PDUs.
    """
    if kind.test:
        shared = sum(each.kind.test == kind.test for each in found.groups) > 1
        return f'{kind.test} and dimse.status.text == "{kind.sentence}"' if shared else kind.test, True
    group = next(each for each in found.groups if each.kind == kind)
    wide = sorted({index.associations[each.row] for each in group.problems if each.wide})
    rows = sorted({each.row for each in group.problems if not each.wide})
    bare = [row + 1 for row in rows if kind.code not in index.list_codes(row)]
    tests = [f"problem == {kind.code}"] if len(bare) < len(rows) else []
    whole = not (bare or wide) or group.count == len(group.problems)
    for field, numbers in (("pdu", bare), ("assoc", wide)):
        if numbers:
            named, all_named = name_numbers(field, numbers)
            tests.append(named)
            whole = whole and all_named
    return " or ".join(tests), whole
