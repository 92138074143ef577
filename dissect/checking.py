"""A reading, in: the rules that were broken, all counted by code, the first of each with place and culprit, out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from dissect.association import Arrival, Association
from dissect.catalogue import CATALOG, SEVERITIES, Blame, Rule
from dissect.dicom.pdu import P_DATA
from dissect.node import Node
from dissect.notes import Note, note_finding
from dissect.query import Subject
from dissect.reading import Reading
from dissect.rules.endings import MOST_KEPT, Ending, Endings
from dissect.summary import list_notes

Placed = tuple[str, Note]
"""The path of a node below that of its PDU, and a note on it."""

Sides = tuple[str, str, str]
"""The calling and the called AE title of an association, the `address:port` of its requestor; '' for any unknown."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Whose doing it is that a rule was broken: nobody's, where all is empty."""

    side: str = ""
    """`address:port`."""
    role: str | None = None
    title: str = ""
    """The AE title."""


NOBODY = Culprit()


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that was broken in one place."""

    note: Note
    association: int
    pdu: int
    """The number of the PDU, 0 where it is about none."""
    frames: list[int]
    path: str
    """That of the node, '' where it is about none."""
    culprit: Culprit


@dataclass(slots=True)
class Group:
    """The breaches of a rule: how many there are, and the first of them."""

    code: str
    count: int = 0
    breaches: list[Breach] = field(default_factory=list)

    @property
    def rule(self) -> Rule:
        """Give the rule."""
        return CATALOG[self.code]

    @property
    def first(self) -> int:
        """Give the number of the first frame that it is about, 0 where it is about none."""
        return min((frame for breach in self.breaches for frame in breach.frames[:1]), default=0)

    @property
    def more(self) -> int:
        """Tell how many there are beyond those that are kept."""
        return self.count - len(self.breaches)

    def reaches(self, least: str) -> bool:
        """Tell whether it is at least so bad: a severity, or `never`."""
        return least in SEVERITIES and SEVERITIES.index(self.rule.severity) <= SEVERITIES.index(least)


class Check:
    """The rules that are broken in a reading."""

    def __init__(self, reading: Reading, codes: Collection[str], *, filtered: bool, shallow: bool) -> None:
        """Take a reading that has not begun, and the codes that count.

        `filtered` tells whether it has a filter, `shallow` whether data sets are left undecoded.
        """
        self.reading = reading
        self.codes = frozenset(codes)
        self._filtered = filtered
        self._collect = collect_shallow if shallow else collect_deep
        self._groups: dict[str, Group] = {}
        self._sides: dict[int, Sides] = {}
        """Those of each association that has a PDU for which the filter held."""
        self._held = bytearray()
        """By a PDU's number whether the filter held for it; empty without a filter."""

    @property
    def associations(self) -> int:
        """Give how many associations were checked."""
        return len(self._sides)

    def list_groups(self) -> list[Group]:
        """Give the rules that were broken: worst first, then the most frequent, then what came first, for causes do."""

        def rank(group: Group) -> tuple[int, int, int]:
            return SEVERITIES.index(group.rule.severity), -group.count, group.first

        return sorted(self._groups.values(), key=rank)

    def run(self) -> "Check":
        """Read to the end, and give itself."""
        for subject in self.reading:
            self._follow(subject)
        self._conclude(self.reading.associations.endings)
        return self

    def _follow(self, subject: Subject) -> None:
        """Take the notes on a PDU, its frames found out once for all of them."""
        arrival = subject.arrival
        association = arrival.association
        self._sides[association.number] = tell_sides(association)
        if self._filtered:
            self._held += bytes(arrival.number - len(self._held)) + b"\1"
        frames: list[int] | None = None
        for place, found in self._collect(subject):
            group = self._count(found.code)
            if group is not None and len(group.breaches) < MOST_KEPT:
                frames = arrival.pdu.span.frames() if frames is None else frames
                path = f"{subject.top.path}/{place}" if place else subject.top.path
                culprit = find_culprit(arrival, found.rule.blame)
                group.breaches.append(Breach(found, association.number, arrival.number, frames, path, culprit))

    def _count(self, code: str, count: int = 1) -> Group | None:
        """Count breaches of a rule, unless it does not count."""
        if code not in self.codes:
            return None
        group = self._groups.get(code)
        if group is None:
            group = self._groups[code] = Group(code)
        group.count += count
        return group

    def _conclude(self, endings: Endings) -> None:
        """Take what the ends of associations show; with a filter, of what it held for, as far as that is kept."""
        kept: dict[str, list[Ending]] = {}
        for ending in endings:
            if self._holds(ending):
                kept.setdefault(ending.finding.code, []).append(ending)
        for code, found in kept.items():
            group = self._count(code, len(found) if self._filtered else endings.counts[code])
            if group is not None:
                room = MOST_KEPT - len(group.breaches)
                group.breaches += [self._place(ending) for ending in found[:room]]

    def _holds(self, ending: Ending) -> bool:
        """Tell whether the filter, if there is one, held for what an ending is about."""
        if not self._filtered:
            return True
        if not ending.pdu:
            return ending.association in self._sides
        return ending.pdu < len(self._held) and bool(self._held[ending.pdu])

    def _place(self, ending: Ending) -> Breach:
        """Put what the end of an association shows in its place."""
        culprit = name_culprit(ending, self._sides.get(ending.association, ("", "", "")))
        return Breach(note_finding(ending.finding, None), ending.association, ending.pdu, ending.frames, "", culprit)


def tell_sides(association: Association) -> Sides:
    """Tell of an association who its sides are."""
    requestor = association.requestor
    return association.calling, association.called, requestor.sender if requestor is not None else ""


def name_culprit(ending: Ending, sides: Sides) -> Culprit:
    """Name who broke a rule, as the end of an association shows: of a connection it knows the address alone."""
    calling, called, requestor = sides
    role = ending.role
    if role is None and ending.side and requestor:
        role = "requestor" if ending.side == requestor else "acceptor"
    return make_culprit(ending.side, role, calling, called)


def find_culprit(arrival: Arrival, blame: Blame) -> Culprit:
    """Tell whose doing a breach in a PDU is."""
    if blame not in ("sender", "receiver"):
        return NOBODY
    association, stream = arrival.association, arrival.pdu.stream
    stream = stream if blame == "sender" else stream.peer
    return make_culprit(stream.sender, association.find_role(stream), association.calling, association.called)


def make_culprit(side: str, role: str | None, calling: str, called: str) -> Culprit:
    """Make a culprit of a side that has a role in an association of two AE titles."""
    return Culprit(side, role, {"requestor": calling, "acceptor": called}.get(role or "", ""))


def collect_deep(subject: Subject) -> Iterable[Placed]:
    """Give the notes on a PDU and on all that is in it, where there can be any: most PDUs are fragments without."""
    if completes_data(subject.arrival):
        yield from walk_notes(subject.top)
    else:
        yield from collect_shallow(subject)


def collect_shallow(subject: Subject) -> Iterable[Placed]:
    """Give the notes on a PDU and on all that is in it but data sets, which are not decoded."""
    arrival = subject.arrival
    if not subject.codes:
        return
    if arrival.pdu.kind != P_DATA:
        yield from walk_notes(subject.top)
        return
    gaps: list[tuple[str, str]] = []
    for path, found in list_notes(arrival):
        if is_gap(found):
            if any(code == found.code and is_below(path, above) for code, above in gaps):
                continue
            gaps.append((found.code, path))
        yield path, found


def is_below(path: str, above: str) -> bool:
    """Tell whether a path leads through another one's node."""
    return path != above and (not above or path.startswith(f"{above}/"))


def completes_data(arrival: Arrival) -> bool:
    """Tell whether a PDU completes a data set, in which decoding alone shows what is wrong."""
    return any(pdv.part is not None and pdv.is_last and not pdv.is_command for pdv in arrival.pdvs)


def walk_notes(top: Node) -> Iterator[Placed]:
    """Give the notes on a node and on all below it; bytes that the capture lacks are told of once, where they begin."""
    for _, each in top.walk():
        for found in each.notes:
            if not is_gap(found) or not is_told(found.code, each, top):
                yield each.path_below(top), found


def is_gap(found: Note) -> bool:
    """Tell whether a note is about bytes that the capture lacks, as each node that they touch has one."""
    return found.code.endswith("gap")


def is_told(code: str, node: Node, top: Node) -> bool:
    """Tell whether a node above one has a note of a code."""
    while node is not top and node.parent is not None:
        node = node.parent
        if any(found.code == code for found in node.notes):
            return True
    return False
