"""Messages as their PDUs come, in: a table of them that keeps no bytes, out."""

from array import array

from dissect.dicom.assembly import STRAY
from dissect.dicom.dimse import Message
from dissect.dicom.statuses import classify_status
from dissect.dicom.terms import STATUS

NEVER = -1
"""The response time of what answers nothing."""

LARGE, MANY = 1 << 18, 256
"""Bytes, and PDUs, of more of which a message is large."""


class Texts:
    """Texts, each kept once, by number from 0."""

    def __init__(self) -> None:
        """Start without any."""
        self._texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def file(self, text: str) -> int:
        """Give a text's number."""
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self._texts)
            self._texts.append(text)
        return number

    def __getitem__(self, number: int) -> str:
        """Give the text of a number."""
        return self._texts[number]


class Messages:
    """The messages of a capture, by number from 1 in the order of their first PDUs: a column for each thing known."""

    def __init__(self) -> None:
        """Start without any; each column has an entry for number 0, which is no message."""
        self.firsts = array("I", (0,))
        """The row of the PDU with the first fragment."""
        self.lasts = array("I", (0,))
        self.heads = array("I", (0,))
        """The number of the PDU that completes the command set, 0 where there is none."""
        self.requests = array("I", (0,))
        """The message that it answers, 0 for none."""
        self.answers = array("I", (0,))
        """The last message that answers it, 0 for none."""
        self.causes = array("I", (0,))
        """The C-GET or C-MOVE of which it is a sub-operation, 0 for none."""
        self.ordinals = array("I", (0,))
        """Its place among the messages of its name in the association."""
        self.texts = array("I", (0,))
        self.classes = array("I", (0,))
        self.times = array("q", (NEVER,))
        """The response time in nanoseconds."""
        self.sizes = array("q", (0,))
        """The bytes of the data set."""
        self.counts = array("I", (0,))
        """How many PDUs carry some of it."""
        self.torn = bytearray(1)
        """Whether the capture may begin within it, or bytes were lost before it."""
        self.failed = bytearray(1)
        self.troubled = bytearray(1)
        """Whether its status is a failure or a warning."""

    def __len__(self) -> int:
        """Give how many messages there are."""
        return len(self.failed) - 1

    def is_large(self, number: int) -> bool:
        """Tell whether a message is so large that to decode it is no work for between two keys."""
        return self.sizes[number] > LARGE or self.counts[number] > MANY

    def open(self, message: Message, row: int) -> None:
        """Add a message with the row of the PDU that has its first fragment."""
        for column in (self.heads, self.requests, self.answers, self.causes, self.ordinals, self.texts, self.classes,
                       self.sizes, self.counts):  # fmt: skip
            column.append(0)
        self.firsts.append(row)
        self.lasts.append(row)
        self.times.append(NEVER)
        first = min((*message.command.pdvs[:1], *message.data.pdvs[:1]), key=lambda pdv: pdv.start)
        part = message.command if first.is_command else message.data
        blamed = first.is_command or any(found.code in STRAY for found in first.notes)
        self.torn.append(part.torn == 0 or not blamed)
        self.troubled.append(0)
        self.failed.append(0)
        message.index = len(self)

    def complete(self, message: Message, texts: Texts) -> None:
        """Take down what a command set says that is complete now."""
        number, request = message.index, message.request
        self.heads[number] = message.pdu
        self.ordinals[number] = message.number
        self.texts[number] = texts.file(message.describe())
        self.classes[number] = texts.file(request.sop_class if request is not None else message.sop_class)
        self.causes[number] = message.cause.index if message.cause is not None else 0
        status = message.number_at(STATUS)
        kind = classify_status(status) if status is not None else ""
        self.failed[number], self.troubled[number] = kind == "failure", kind in ("failure", "warning")
        if request is not None:
            self.requests[number] = request.index
            self.answers[request.index] = number
            took = message.response_time
            self.times[number] = NEVER if took is None else took
