"""Associations of a capture, in: what the others of the same entities tell about one, out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dissect.association import Association
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import HEADER
from dissect.dicom.terms import AFFECTED_INSTANCE, ORIGINATOR_TITLE
from dissect.dicom.values import call_uid
from dissect.notes import Finding, find
from dissect.rules.forms import LONGEST_UID
from dissect.tcp.streams import Stream

if TYPE_CHECKING:
    from dissect.rules.outstanding import Operation
    from dissect.rules.scene import Said, Scene

MOST_KEPT = 10_000
"""Of so many entities, procedure steps and the like something is remembered; what comes later is not compared."""

MOST_SYNTAXES = 256
"""Of so many transfer syntaxes it is remembered that an entity accepted an abstract syntax with them."""

MOST_PENDING = 1_000
"""Of so many rejections, retrievals and commitments it is told at the end what the whole capture shows."""
MOST_STORED = 200_000
"""Of so many instances it is remembered that they were stored."""

MOST_NAMED = 4
"""So many names are told of, and how many more there are."""

LONGEST_NAME = 100
"""What a peer calls a name may be longer; no name of the standard is."""


Entity = tuple[str, str]
"""An application entity: its AE title, and the `address:port` that it listens on."""


@dataclass(slots=True)
class Known:
    """What is known of an entity as an acceptor."""

    accepted: dict[str, int] = field(default_factory=dict)
    """The association in which it accepted each calling AE title first."""
    syntaxes: dict[str, dict[str, int]] = field(default_factory=dict)
    """By abstract syntax the transfer syntaxes that it accepted, and in which association first."""


class Survey:
    """What is remembered of a whole capture."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._known: dict[Entity, Known] = {}
        self._stored: dict[int, int] = {}
        """The number of the PDU that stored an instance first, by a hash of the instance and of who took it."""
        self.steps: dict[tuple[str, str], tuple[str, int]] = {}
        """The state of each performed procedure step by who keeps it and its instance UID, and the PDU that told of it.

        A modality may tell several systems of the same step.
        """
        self._movers: set[str] = set()
        """The AE titles that asked for a C-MOVE."""
        self._caused: Counter[tuple[int, str, int]] = Counter()
        """How many sub-operations there were of each C-GET and C-MOVE."""
        self._retrieved: list[tuple[Scene, Operation, Said]] = []
        """The C-GETs and C-MOVEs that are finished, with the final responses."""
        self._commitments: dict[str, tuple[Scene, Said]] = {}
        """The requests for storage commitment that were taken, by transaction UID."""
        self._reported: dict[str, None] = {}
        """The transaction UIDs of the results that were reported; of the latest alone."""
        self._rejected: list[tuple[Scene, Said]] = []
        self._titles: dict[str, tuple[str, int]] = {}
        """The AE titles as they came first, and in which association, by their letters without case and blanks."""
        self.holed = False
        """Whether the capture lacks bytes of a connection that is DICOM."""

    def accept(self, association: Association) -> None:
        """Remember what an acceptor accepted."""
        entity = find_acceptor(association)
        if entity not in self._known and len(self._known) >= MOST_KEPT:
            return
        known = self._known.setdefault(entity, Known())
        if len(known.accepted) < MOST_KEPT:
            known.accepted.setdefault(association.calling.strip(), association.number)
        for context in association.contexts.values():
            if context.transfer and context.abstract and len(known.syntaxes) < MOST_KEPT:
                taken = known.syntaxes.setdefault(context.abstract, {})
                if len(taken) < MOST_SYNTAXES:
                    taken.setdefault(context.transfer, association.number)

    def compare_titles(self, association: Association) -> Iterator[Finding]:
        """Tell where an AE title of a request differs from one before it in case or blanks alone."""
        for key, title in (("called-ae-title", association.called), ("calling-ae-title", association.calling)):
            name = "".join(title.split()).casefold()
            if len(self._titles) < MOST_KEPT:
                self._titles.setdefault(name, (title.strip(), association.number))
            first, number = self._titles.get(name, (title.strip(), 0))
            if first != title.strip():
                yield find("ae-title-alike", f"body/{key}", value=title.strip(), other=first, number=number)

    def find_acceptance(self, association: Association) -> int | None:
        """Give another association in which the same acceptor accepted the same requestor."""
        known = self._known.get(find_acceptor(association))
        number = None if known is None else known.accepted.get(association.calling.strip())
        return number if number != association.number else None

    def list_callers(self, association: Association) -> list[str]:
        """Give the calling AE titles that the acceptor of an association has accepted."""
        known = self._known.get(find_acceptor(association))
        return [] if known is None else list(known.accepted)

    def list_titles(self, association: Association) -> list[str]:
        """Give the AE titles for which the end that an association was asked of has accepted others."""
        side = find_acceptor(association)[1]
        return [title for title, end in self._known if end == side]

    def tell_elsewhere(self, association: Association, abstract: str) -> str:
        """Tell with which transfer syntaxes the acceptor of an association took an abstract syntax, and where."""
        known = self._known.get(find_acceptor(association))
        found = known.syntaxes.get(abstract, {}) if known is not None else {}
        if not found:
            return ""
        words = (f"{call_shortly(transfer)} in association {number}" for transfer, number in found.items())
        return f"; elsewhere {association.called.strip() or 'it'} took it with {enumerate_words(words)}"

    # Operations

    def begin(self, scene: "Scene", message: Message, stream: Stream) -> Iterator[Finding]:
        """Take a request into account, and give what others before it tell about it."""
        cause = message.cause
        if cause is not None:
            name = name_cause(cause)
            if name in self._caused or len(self._caused) < MOST_KEPT:
                self._caused[name] += 1
        if message.name == "C-MOVE-RQ" and len(self._movers) < MOST_KEPT:
            self._movers.add(scene.association.calling)
        if message.name == "C-STORE-RQ" and cause is None and not message.text_at(ORIGINATOR_TITLE):
            uid = message.text_at(AFFECTED_INSTANCE)
            number = self._stored.get(hash((stream.peer.sender, uid)))
            if number is not None and scene.is_whole() and all(each.opened for each in (stream, stream.peer)):
                yield find("instance-again", "0000,1000", uid=uid[:LONGEST_UID], number=number)

    def finish(self, scene: "Scene", operation: "Operation", category: str, response: "Said") -> None:
        """Take an operation into account that is finished with a status of a category."""
        message = operation.message
        if message.name in ("C-GET-RQ", "C-MOVE-RQ") and len(self._retrieved) < MOST_PENDING:
            self._retrieved.append((scene, operation, response))
        if category not in ("success", "warning"):
            return
        if message.name == "C-STORE-RQ":
            uid = message.text_at(AFFECTED_INSTANCE)
            if uid and len(self._stored) < MOST_STORED:
                self._stored.setdefault(hash((response.stream.sender, uid)), operation.said.number)
        elif operation.state and message.name == "N-ACTION-RQ":
            if operation.state not in self._reported and len(self._commitments) < MOST_PENDING:
                self._commitments[operation.state] = scene, operation.said
        elif operation.state and len(self.steps) < MOST_KEPT:
            uid = name_instance(message, response.message)
            if uid:
                self.steps[response.stream.sender, uid] = operation.state, operation.said.number

    def has_moves(self, title: str) -> bool:
        """Tell whether the capture holds a C-MOVE that an AE asked for."""
        return title in self._movers

    def report(self, uid: str) -> None:
        """Take into account that the result of a storage commitment was reported."""
        self._commitments.pop(uid, None)
        if not uid:  # which one it was cannot be read
            self._commitments.clear()
        self._reported[uid] = None
        if len(self._reported) > MOST_KEPT:
            del self._reported[next(iter(self._reported))]

    def reject(self, scene: "Scene", said: "Said") -> None:
        """Take a rejection into account, if it is for good: a transient one needs no other reason than that."""
        result = said.pdu.start + HEADER + 1
        permanent = said.stream.read(result, result + 1) == b"\1"
        if permanent and len(self._rejected) < MOST_PENDING:
            self._rejected.append((scene, said))

    def conclude(self) -> None:
        """Tell what the whole capture shows."""
        for scene, said in self._rejected:
            association = scene.association
            other = self.find_acceptance(association)
            if other is not None:
                calling, called = association.calling.strip(), association.called.strip()
                found = find("rejected-although", calling=calling, called=called, other=other)
                scene.conclude(found, said, None)
        if self.holed:
            return
        for scene, operation, said in self._retrieved:
            seen, told = self._caused.get(name_cause(operation.message), 0), operation.counts.final
            if seen and told is not None and not told[0] <= seen <= told[1]:
                scene.conclude(find("counts-observed", told=told[1], seen=seen), said, said.stream)
        for uid, (scene, said) in self._commitments.items():
            seconds = scene.measure(said.frame, len(said.stream.capture.times))
            if seconds > scene.artim:
                found = find("commitment", uid=uid[:LONGEST_UID], seconds=seconds)
                scene.conclude(found, said, said.stream.peer)


def name_instance(request: Message, response: Message | None) -> str:
    """Name the instance that an operation is about, as its request says or, of one that it makes, the response."""
    return request.sop_instance or (response.text_at(AFFECTED_INSTANCE) if response is not None else "")


def name_cause(message: Message) -> tuple[int, str, int]:
    """Name a C-GET or C-MOVE among all of the capture."""
    return message.association, message.name, message.number


def find_acceptor(association: Association) -> Entity:
    """Name the entity that an association was asked of."""
    requestor = association.requestor
    return association.called.strip(), requestor.peer.sender if requestor is not None else ""


def enumerate_words(words: Iterable[str]) -> str:
    """Join words with commas, those beyond the first few by their number."""
    known = list(words)
    more = [f"{len(known) - MOST_NAMED} more"] if len(known) > MOST_NAMED else []
    return ", ".join(known[:MOST_NAMED] + more)


def call_shortly(uid: str) -> str:
    """Give a UID's name without what it is the default for, or the UID where it has none; a long one is cut."""
    return call_uid(uid).partition(":")[0][:LONGEST_NAME]
