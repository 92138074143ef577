"""PDUs, in: the data sets that they carry, each with the head of a DICOM file, out (PS3.10 7.1)."""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dissect import __version__
from dissect.association import Arrival, Association
from dissect.dicom.dimse import Message
from dissect.dicom.inference import infer_syntax
from dissect.dicom.terms import AFFECTED_CLASS, AFFECTED_INSTANCE, COMMAND_FIELD
from dissect.dicom.values import call_uid
from dissect.shelf import HEAD
from dissect.spans import Joined
from dissect.tcp.streams import Stream

IMPLEMENTATION_CLASS = "2.25.315175865543345577172118819490732784212"
IMPLEMENTATION_VERSION = "DISSECT_" + ".".join(__version__.split(".")[:3])
"""What the head of a file names as its writer (PS3.10 7.1)."""

STORE = "C-STORE-RQ"

MOST_DUE = 1024
"""Where more messages are asked for and not over, it is looked which of them will never have a data set."""

TITLE = re.compile(rb"[ -\[\]-~]{1,16}")
"""ISO 646 without control characters and backslash (PS3.5 6.2, AE)."""


@dataclass(slots=True)
class StoredObject:
    """A data set that one side sends to be stored, and the PDUs that carry it."""

    message: Message
    association: Association
    stream: Stream
    first: int
    """The number of the first PDU that carries some of it."""
    last: int
    seen: bool = False
    """Whether the PDU with its last fragment was put out."""

    def is_over(self) -> bool:
        """Tell whether no more of it will come."""
        return self.seen and (self.message.command.complete or not self.message.command.pdvs)

    def is_stored(self) -> bool:
        """Tell whether it is a C-STORE-RQ's; where the command is lost, a context of a storage SOP class tells."""
        if self.message.number_at(COMMAND_FIELD) is None:
            return call_uid(self.abstract).endswith("Storage")
        return self.message.name == STORE

    def is_complete(self, source: Joined) -> bool:
        """Tell whether the capture holds all of the message."""
        command, data = self.message.command, self.message.data
        if not (command.complete and data.complete and self.message.name):
            return False
        if command.torn is not None or data.torn is not None or source.missing(0, source.size):
            return False
        return not any(pdv.pdu.stream.missing(pdv.start, pdv.stop) for pdv in command.pdvs)

    @property
    def abstract(self) -> str:
        """Give the abstract syntax of its presentation context, '' where the capture does not tell."""
        context = self.association.contexts.get(self.message.context_id)
        return context.abstract if context else ""

    @property
    def transfer(self) -> str:
        """Give its transfer syntax, '' where the capture does not tell: the accepted one, or the only one offered."""
        context = self.association.contexts.get(self.message.context_id)
        if context is None:
            return ""
        return context.transfer or (context.offered[0] if len(context.offered) == 1 else "")

    @property
    def sop_class(self) -> bytes:
        """Give the SOP class UID of the command, or the context's where the command is lost."""
        return self._find(AFFECTED_CLASS) or self.abstract.encode("ascii", "replace")

    @property
    def sop_instance(self) -> bytes:
        """Give the SOP instance UID of the command as it was sent, without padding."""
        return self._find(AFFECTED_INSTANCE)

    @property
    def path(self) -> str:
        """Give the path of its message in the tree."""
        return f"association.{self.association.number}/{self.message.name.lower() or 'message'}.{self.message.number}"

    @property
    def title(self) -> bytes:
        """Give the AE title of the side that sends it, b'' where the capture does not tell or it is none."""
        role = self.association.find_role(self.stream)
        titles = {"requestor": self.association.calling, "acceptor": self.association.called}
        title = titles.get(role or "", "").encode("ascii", "replace")
        return title if TITLE.fullmatch(title) else b""

    def _find(self, element: int) -> bytes:
        return self.message.fields.get(element, b"").strip(b" \0")


class Asked:
    """The messages that are asked for and not over."""

    def __init__(self) -> None:
        """Start without any."""
        self._messages: set[Message] = set()
        self._room = MOST_DUE

    def add(self, message: Message) -> None:
        """Take a message; of many those are forgotten whose data set will never come."""
        self._messages.add(message)
        if len(self._messages) > self._room:
            self._messages = {each for each in self._messages if each.data.pdvs or not each.data.abandoned}
            self._room = max(MOST_DUE, 2 * len(self._messages))

    def pick(self, found: StoredObject, *, every: bool) -> Iterator[StoredObject]:
        """Give an object if it is asked for."""
        if found.message in self._messages:
            self._messages.discard(found.message)
            if every or found.is_stored():
                yield found


def find_objects(judged: Iterable[tuple[Arrival, bool]], *, every: bool = False) -> Iterator[StoredObject]:
    """Give each object when the PDU that completes it is put out, and at the end those that never were complete.

    With each PDU comes whether the messages that it carries are asked for. With `every`, the data sets of all messages
    are given, not those alone that are sent to be stored.
    """
    begun: dict[Message, StoredObject] = {}
    asked = Asked()
    for arrival, wanted in judged:
        for pdv in arrival.pdvs:
            message = pdv.part.message if pdv.part is not None else None
            if message is None or (message.name not in ("", STORE) and not every):
                continue
            if wanted and (not pdv.is_command or message.has_data_set):
                asked.add(message)
            found = begun.get(message)
            if found is None:
                if pdv.is_command:
                    continue
                stream, number = arrival.pdu.stream, arrival.number
                found = begun[message] = StoredObject(message, arrival.association, stream, number, number)
            if not pdv.is_command:
                found.last = arrival.number
                found.seen = message.data.complete and pdv is message.data.pdvs[-1]
            if found.is_over():
                del begun[message]
                yield from asked.pick(found, every=every)
    for found in begun.values():
        yield from asked.pick(found, every=every)


def encode_head(found: StoredObject, source: Joined) -> bytes:
    """Encode preamble, prefix and file meta information, which is in Explicit VR Little Endian always (PS3.10 7.1)."""
    transfer = found.transfer or infer_syntax(source, found.message.data.torn)
    body = struct.pack("<HH2sxxI", 2, 0x0001, b"OB", 2) + b"\x00\x01"
    body += encode_text(0x0002, b"UI", found.sop_class)
    body += encode_text(0x0003, b"UI", found.sop_instance)
    body += encode_text(0x0010, b"UI", transfer.encode("ascii", "replace"))
    body += encode_text(0x0012, b"UI", IMPLEMENTATION_CLASS.encode())
    body += encode_text(0x0013, b"SH", IMPLEMENTATION_VERSION.encode())
    if found.title:
        body += encode_text(0x0016, b"AE", found.title)
    return HEAD + struct.pack("<I", len(body)) + body


def encode_text(element: int, vr: bytes, value: bytes) -> bytes:
    """Encode an element of group 0002, padded to even length: with NUL for a UID, else with a blank (PS3.5 6.2)."""
    value = value[:0xFFFE]
    value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<HH2sH", 2, element, vr, len(value)) + value
