"""Messages of both directions, in: which request each answers, and which operation caused it, out (PS3.7 7.5, 9.1)."""

from dissect.dicom.dimse import Message
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import MESSAGE_ID, ORIGINATOR_ID, ORIGINATOR_TITLE, RESPONDED_ID, STATUS

MOST_MOVES = 10_000
"""So many C-MOVE requests are remembered: with each the streams of its connection stay in memory."""


class Moves:
    """The C-MOVE requests of a capture, the latest of them: their sub-operations are in other associations."""

    __slots__ = ("_kept", "forgotten")

    def __init__(self) -> None:
        """Start without any."""
        self._kept: dict[tuple[str, int], Message] = {}
        """By who asked and by message ID."""
        self.forgotten = False
        """Whether there were more than are remembered."""

    def add(self, calling: str, message_id: int, message: Message) -> None:
        """Remember a C-MOVE-RQ."""
        self._kept.pop((calling, message_id), None)
        self._kept[calling, message_id] = message
        if len(self._kept) > MOST_MOVES:
            del self._kept[next(iter(self._kept))]
            self.forgotten = True

    def find(self, calling: str, message_id: int) -> Message | None:
        """Find the last C-MOVE-RQ of an AE title and message ID."""
        return self._kept.get((calling, message_id))


class Operations:
    """The operations of an association that are not finished."""

    __slots__ = ("_gets", "_moves", "_open")

    def __init__(self, moves: Moves) -> None:
        """Start without operations; `moves` is shared by all associations of a capture."""
        self._open: dict[tuple[int, int], Message] = {}
        self._gets: dict[int, dict[int, Message]] = {}
        """Those that are C-GETs, by who asks and by message ID."""
        self._moves = moves

    def follow(self, message: Message, calling: str) -> None:
        """Take a message whose command set is complete, and tie it to what it belongs to.

        Parameters
        ----------
        message
            The message.
        calling
            The calling AE title of its association, which a C-MOVE's sub-operations name as their originator.

        """
        stream = message.command.pdvs[0].pdu.stream
        message_id = message.number_at(MESSAGE_ID)
        responded_id = message.number_at(RESPONDED_ID)
        if message.name.endswith("-RSP"):
            if responded_id is not None:
                self._answer(message, (id(stream.peer), responded_id))
            return
        if message.name == "C-STORE-RQ":
            message.cause = self._find_cause(message, id(stream.peer))
        if message_id is not None and message.name not in ("", "C-CANCEL-RQ"):
            self._open[id(stream), message_id] = message
            gets = self._gets.setdefault(id(stream), {})
            gets.pop(message_id, None)
            if message.name == "C-GET-RQ":
                gets[message_id] = message
            if message.name == "C-MOVE-RQ" and calling:
                self._moves.add(calling, message_id, message)

    def _answer(self, message: Message, key: tuple[int, int]) -> None:
        request = self._open.get(key)
        if request is None or request.name.removesuffix("-RQ") != message.name.removesuffix("-RSP"):
            return
        message.request = request
        if request.has_data_set and not request.data.complete:
            request.refused = classify_status(message.number_at(STATUS) or 0) == "failure"
        if classify_status(message.number_at(STATUS) or 0) != "pending":
            del self._open[key]
            self._gets[key[0]].pop(key[1], None)

    def _find_cause(self, message: Message, peer: int) -> Message | None:
        """Find the operation of which a C-STORE is a sub-operation: a C-MOVE by its originator, or the peer's C-GET."""
        originator, message_id = message.text_at(ORIGINATOR_TITLE), message.number_at(ORIGINATOR_ID)
        if originator and message_id is not None and (move := self._moves.find(originator, message_id)) is not None:
            return move
        return next(iter(self._gets.get(peer, {}).values()), None)
