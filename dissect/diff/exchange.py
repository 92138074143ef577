"""An exchange: the associations of a capture or a snapshot, in: their operations by number, and what each says, out."""

from abc import ABC, abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dissect.dicom.values import call_uid
from dissect.diff.fields import Field
from dissect.messages import NEVER


class Kind(NamedTuple):
    """What an operation is known by where nothing else tells: its request, SOP class, and the side that invokes it."""

    name: str
    sop_class: str
    side: str

    def describe(self) -> str:
        """Give its SOP class in words."""
        return call_uid(self.sop_class)


@dataclass(slots=True)
class Talk:
    """An association: who spoke with whom, and which operations are its own."""

    number: int
    called: str = ""
    calling: str = ""
    syntaxes: tuple[str, ...] = ()
    """The abstract syntaxes that were proposed, sorted, each once."""
    first: int = 0
    """The number of its first operation."""
    stop: int = 0
    """The number of the first operation that is not its own any more."""
    gap: bool = False
    """Whether the capture lacks bytes of it that no operation has."""
    torn: bool = False
    """Whether the capture lacks bytes of its PDUs that carry no messages."""
    rows: list[int] = field(default_factory=list)
    """The rows of its PDUs that carry no messages."""
    digest: int = 0
    """A number that two associations share only if nothing that is compared differs in these PDUs."""

    @property
    def path(self) -> str:
        """Give its path."""
        return f"association.{self.number}"

    def describe(self) -> str:
        """Say who spoke with whom."""
        return f"{self.calling} --> {self.called}" if self.calling or self.called else "of unknown AE titles"


class Exchange(ABC):
    """What was said in a capture, by numbers: associations, and operations from 0."""

    name: str
    """What it was read from."""

    def __init__(self) -> None:
        """Start without anything."""
        self.faults: list[str] = []
        """What is wrong with the file."""
        self.ignored: tuple[str, ...] = ()
        """The masks that are named in a snapshot: what it leaves out."""
        self.talks: list[Talk] = []
        self.known: list[Kind] = []
        self.kinds = array("I")
        """By operation, the number of its kind in `known`."""
        self.digests = array("Q")
        """By operation, a number that two operations share only if nothing that is compared differs."""
        self.contexts = array("I")
        """By operation, the place of its presentation context among those that were proposed, from 1; 0 for unknown."""
        self._kind_numbers: dict[Kind, int] = {}

    def __len__(self) -> int:
        """Give how many operations there are."""
        return len(self.kinds)

    def kind(self, operation: int) -> Kind:
        """Give what an operation is known by."""
        return self.known[self.kinds[operation]]

    def number_kind(self, kind: Kind) -> int:
        """Give the number of a kind."""
        number = self._kind_numbers.get(kind)
        if number is None:
            number = self._kind_numbers[kind] = len(self.known)
            self.known.append(kind)
        return number

    @abstractmethod
    def read_negotiation(self, talk: Talk) -> list[Field]:
        """Read the PDUs of an association that carry no messages."""

    @abstractmethod
    def digest_messages(self, operation: int) -> "Sequence[int]":
        """Give for each message of an operation a number, as `digests` has for whole operations.

        The messages are the request, its responses, and what else belongs to it.
        """

    @abstractmethod
    def read_message(self, operation: int, place: int) -> Field:
        """Read a message of an operation, by its place from 0."""

    @abstractmethod
    def list_uids(self, operation: int, place: int) -> Iterator[str]:
        """Give the UIDs of instances that a message of an operation names."""

    def read_messages(self, operation: int) -> Iterator[Field]:
        """Read the messages of an operation, one after the other."""
        return (self.read_message(operation, place) for place in range(len(self.digest_messages(operation))))

    def forget(self) -> None:  # noqa: B027 (a snapshot keeps all that it has)
        """Let go of messages that were kept because they might be read again."""

    @abstractmethod
    def name_operation(self, operation: int) -> str:
        """Give the last component of the path of an operation's first message."""

    def find_frames(self, operation: int) -> tuple[int, int]:
        """Give the numbers of the frames that carried an operation's first byte and its last; 0 in a snapshot."""
        return 0, 0

    def list_frames(self, operation: int) -> tuple[int, ...]:
        """Give the numbers of the frames that carried an operation; none in a snapshot."""
        return ()

    def list_talk_frames(self, talk: Talk) -> tuple[int, ...]:
        """Give the numbers of the frames that carried an association's first PDU and its last; none in a snapshot."""
        return ()

    def tell_time(self, operation: int) -> int:
        """Give the nanoseconds until the final response, `NEVER` where it is not known."""
        return NEVER

    def count_pdus(self, operation: int) -> list[int]:
        """Give how many PDUs carried each of an operation's messages; none in a snapshot."""
        return []

    def find_gap(self, operation: int) -> bool:
        """Tell whether the capture lacks bytes of an operation."""
        return False

    def list_gaps(self) -> list[str]:
        """Give the paths of the associations and operations of which the capture lacks bytes."""
        found = []
        for talk in self.talks:
            found += [talk.path] if talk.gap else []
            torn = filter(self.find_gap, range(talk.first, talk.stop))
            found += [f"{talk.path}/{self.name_operation(operation)}" for operation in torn]
        return found


def tell_sender(side: str, pdu: Field) -> Field:
    """Make the field that tells who sent a PDU; it has the PDU's own path."""
    found = Field("", "Sent by", "value", side, weight=pdu.weight, node=pdu.node)
    found.mark = "sender"
    return found


def find_uids(message: Field) -> Iterator[str]:
    """Give the UIDs of instances in a message."""
    for _, each in message.walk():
        if each.kind == "uid":
            yield from each.value.split("\\")
