"""Requests and the responses to them, in: the operations that one side has asked for and that are not finished, out."""

from itertools import islice

from dissect.dicom.dimse import Message
from dissect.rules.counts import Counts
from dissect.rules.scene import Said


class Operation:
    """An operation or notification that is not finished."""

    __slots__ = (
        "alone", "answer", "cancelled", "counts", "ignoring", "message", "pending", "said", "service", "state", "twins",
    )  # fmt: skip

    def __init__(self, message: Message, said: Said) -> None:
        """Begin with the request."""
        self.message = message
        self.said = said
        self.service = message.name.removesuffix("-RQ")
        self.cancelled: Said | None = None
        self.pending = 0
        """How many pending responses there were."""
        self.ignoring = 0
        """How many of them since it was cancelled."""
        self.counts = Counts()
        self.state = ""
        """What the data set of the request says of a procedure step or a storage commitment."""
        self.answer = b""
        """The command set of the last response: many are the same."""
        self.twins = 0
        """How many others with its message ID are not finished, which began before it."""
        self.alone = True
        """Whether there never were such others: which of them a response answers, nobody can tell."""

    def tell_pending(self) -> str:
        """Tell how many pending responses there were instead of a final one, '' for none."""
        return f" but {self.pending} pending ones" if self.pending else ""


class Asked:
    """The operations that one side has asked for, by message ID."""

    __slots__ = ("crossed", "gets", "moves", "open")

    def __init__(self) -> None:
        """Start without any."""
        self.open: dict[int, Operation] = {}
        """Those that are not finished, in the order in which they began."""
        self.gets: dict[int, Operation] = {}
        """Those of them that are C-GETs."""
        self.moves: dict[int, Operation] = {}
        """Those of them that are C-MOVEs."""
        self.crossed: dict[int, Operation] = {}
        """Those with a response that they cannot have: nobody knows whether there will be another."""

    def find(self, message_id: int) -> Operation | None:
        """Find an operation that is not finished, as far as is known."""
        return self.open.get(message_id) or self.crossed.get(message_id)

    def begin(self, message_id: int, operation: Operation) -> None:
        """Take an operation for the latest with its message ID."""
        before = self.open.get(message_id)
        if before is not None:
            operation.twins, operation.alone = before.twins + 1, False
        self.end(message_id)
        self.open[message_id] = operation
        if operation.service == "C-GET":
            self.gets[message_id] = operation
        elif operation.service == "C-MOVE":
            self.moves[message_id] = operation

    def end(self, message_id: int) -> None:
        """Forget an operation."""
        for known in (self.open, self.gets, self.moves, self.crossed):
            known.pop(message_id, None)

    def cross(self, message_id: int, operation: Operation) -> None:
        """Take an operation for one of which nobody knows whether it is finished."""
        self.end(message_id)
        self.crossed[message_id] = operation

    def list_causes(self) -> list[Operation]:
        """Give the operations that a C-STORE may be a sub-operation of: the first C-GET and the first C-MOVE."""
        return [*islice(self.gets.values(), 1), *islice(self.moves.values(), 1)]
