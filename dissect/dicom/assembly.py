"""PDVs of one direction, in: messages, put together from their fragments, out (PS3.7 6.3, PS3.8 Annex E)."""

from dissect.dicom.commands import read_command
from dissect.dicom.dimse import Message, Pdv
from dissect.dicom.terms import DATA_SET_TYPE
from dissect.notes import note

STRAY = frozenset(("data-without-command", "data-unannounced", "context-changed"))
"""The codes of a data fragment that has no command."""


class Assembler:
    """Puts the messages of one direction together; fragments of several contexts may come in turns."""

    __slots__ = ("_astray", "_bare", "_open", "_sound", "_torn", "_vague")

    def __init__(self, *, torn: bool = False, astray: str = "") -> None:
        """Start without messages; `torn` where the capture may begin within one.

        `astray` is the code of a data fragment without command that comes first, where what came before is not told.
        """
        self._open: dict[int, Message] = {}
        self._torn = torn
        """Whether bytes were lost, so that nobody is to blame for what lacks until a command set is complete."""
        self._astray = astray
        self._sound: set[int] = set()
        """The contexts in which a command set is complete since bytes were lost."""
        self._bare: set[int] = set()
        """The contexts in which the message before has no data set."""
        self._vague: set[int] = set()
        """Those in which the capture lacks what the command before says of a data set."""

    def follow(self, pdv: Pdv) -> Message | None:
        """Take a PDV, whether it can be trusted or not; give its message where it completes the command set."""
        message = self.add(pdv) if pdv.sound else None
        if pdv.cut or not pdv.sound:
            self.tear()
        return message

    def add(self, pdv: Pdv) -> Message | None:
        """Take a PDV; give its message where this completes the command set."""
        message = self._open.get(pdv.context_id)
        if message is not None and is_over(message, pdv):
            self._give_up(message, pdv)
            message = None
        if message is None:
            message = self._open[pdv.context_id] = self._begin(pdv)
        elif not pdv.is_command and not message.command.complete and message.command.pdvs:
            if message.command.torn is None:
                pdv.notes.append(note("command-incomplete", pdv.fragment))
            elif not message.data.pdvs and not is_beginning(pdv):
                message.data.tear()
        part = message.command if pdv.is_command else message.data
        part.pdvs.append(pdv)
        pdv.part, pdv.index = part, len(part.pdvs)
        if not pdv.is_last:
            return None
        part.complete = True
        if pdv.is_command:
            read_command(message, pdv)
            self._take_command(message)
        self._close(message)
        return message if pdv.is_command else None

    def _close(self, message: Message) -> None:
        """Let go of a message of which nothing more will come."""
        context_id = message.context_id
        whole = message.is_whole
        if whole or (message.data.complete and not message.command.pdvs):
            del self._open[context_id]
            (self._bare.add if whole and not message.has_data_set else self._bare.discard)(context_id)

    def _give_up(self, message: Message, pdv: Pdv) -> None:
        """Give up a message before its end, and note on the first fragment of the next what it lacks."""
        due = message.lacks_data or not message.has_data_set
        torn = message.command.torn is not None or message.data.torn is not None
        if pdv.is_command and due and not torn:
            code = "message-incomplete" if message.data.pdvs or not message.has_data_set else "data-absent"
            pdv.notes.append(note(code, pdv.fragment))
        message.command.abandoned = message.data.abandoned = True

    def _take_command(self, message: Message) -> None:
        """Take into account what a complete command set tells of the fragments behind it."""
        if message.command.torn is None:
            self._sound.add(message.context_id)
        else:
            self._torn = True
            self._sound.discard(message.context_id)
        (self._vague.discard if tells_data(message) else self._vague.add)(message.context_id)

    def _begin(self, pdv: Pdv) -> Message:
        message = Message(pdv.context_id)
        torn = self._torn and pdv.context_id not in self._sound
        if torn and not is_beginning(pdv):
            (message.command if pdv.is_command else message.data).torn = 0
        if not torn and not pdv.is_command and pdv.context_id not in self._vague:
            pdv.notes.append(note(self._astray or self._find_stray(pdv.context_id), pdv.fragment))
        return message

    def _find_stray(self, context_id: int) -> str:
        """Give the code of a data fragment without a command, by what came before."""
        others = (message for message in self._open.values() if message.context_id != context_id)
        if any(message.command.complete and not message.data.complete for message in others):
            return "context-changed"
        return "data-unannounced" if context_id in self._bare else "data-without-command"

    def tear(self) -> None:
        """Note that bytes of this direction are lost, which may have held fragments."""
        self._torn = True
        self._sound.clear()
        for message in self._open.values():
            if not message.command.complete:
                message.command.tear()
            if message.command.complete or message.data.pdvs:
                message.data.tear()

    def abandon(self) -> None:
        """Give up the messages that are not complete."""
        for message in self._open.values():
            message.command.abandoned = message.data.abandoned = True
        self._open.clear()


def is_over(message: Message, pdv: Pdv) -> bool:
    """Tell whether a fragment belongs to another message than the one before it, which may be torn."""
    part = message.command if pdv.is_command else message.data
    return part.complete or (pdv.is_command and part.torn is not None and bool(part.pdvs) and is_beginning(pdv))


def tells_data(message: Message) -> bool:
    """Tell whether a complete command set says if a data set follows, or would but for its sender."""
    if DATA_SET_TYPE in message.fields:
        return True
    source = message.command.join()
    return not source.missing(0, source.size)


def is_beginning(pdv: Pdv) -> bool:
    """Tell whether a fragment looks like the first: of a command set by its group length, else by group 0008."""
    start = pdv.pdu.stream.read(pdv.fragment.start, min(pdv.fragment.start + 4, pdv.stop))
    return start == bytes(4) if pdv.is_command else start[:2] in (b"\x08\x00", b"\x00\x08")
