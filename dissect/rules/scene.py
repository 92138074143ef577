"""What the rules about an association share: who its sides are, what they agreed, when something was said."""

from collections.abc import Callable

from dissect.amounts import BILLION
from dissect.association import Arrival, Association
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import HEADER, Pdu
from dissect.dicom.terms import ERROR_COMMENT, STATUS
from dissect.notes import Finding
from dissect.rules.agreed import Terms, find_roles, find_window
from dissect.rules.endings import Ending
from dissect.rules.survey import Survey
from dissect.tcp.streams import Stream


class Scene:
    """An association, and what is known of it as far as it was followed."""

    __slots__ = ("answered", "artim", "asked", "association", "crossed", "doubt", "end", "first", "survey", "torn")

    def __init__(self, association: Association, survey: Survey, artim: float, end: Callable[[Ending], None]) -> None:
        """Begin before the first PDU."""
        self.association = association
        self.survey = survey
        self.artim = artim
        """Seconds after which a side's ARTIM timer is taken to expire (PS3.8 9.1.5)."""
        self.end = end
        """What takes a rule that was broken as the end shows."""
        self.first = association.number == association.siblings[0]
        """Whether it is the first association on its connection."""
        self.asked: Terms | None = None
        """What the requestor's user information says, None where it is not known."""
        self.answered: Terms | None = None
        self.torn: set[int] = set()
        """The streams that may have said something that the capture lacks."""
        self.doubt: Callable[[], bool] | None = None
        """What finds out whether the sender of the PDU at hand had received what the capture lacks, or holds later."""
        self.crossed = False
        """Whether the capture holds later than the PDU at hand what its sender had received."""

    def is_whole(self) -> bool:
        """Tell whether all that was said so far is known, on both sides: to be asked before anyone is blamed."""
        if self.doubt is not None:
            doubt, self.doubt = self.doubt, None
            self.crossed = doubt()
        return not self.torn and not self.crossed

    def name(self, stream: Stream) -> str:
        """Name the sender of a stream in a sentence."""
        role = self.association.find_role(stream)
        return f"the {role}" if role is not None else stream.sender

    def measure(self, before: int, after: int) -> float:
        """Give the seconds between two frames."""
        times = self.association.connection.streams[0].capture.times
        return (times[after - 1] - times[before - 1]) / BILLION

    def conclude(self, finding: Finding, said: "Said", blamed: Stream | None) -> None:
        """Tell of a rule that was broken, as the end shows: in which PDU, and by whom, None for nobody."""
        role = self.association.find_role(blamed) if blamed is not None else None
        side = blamed.sender if blamed is not None else ""
        self.end(Ending(finding, self.association.number, said.number, said.frames, side, role))

    def find_limit(self, stream: Stream) -> int:
        """Give the longest P-DATA-TF that may be sent in a stream, 0 for no limit and where it is not known."""
        terms = self.answered if stream is self.association.requestor else self.asked
        return terms.maximum if terms is not None else 0

    def find_window(self, stream: Stream) -> int:
        """Give how many operations the sender of a stream may have outstanding, 0 for any number and if not known."""
        if self.asked is None or self.answered is None:
            return 0
        return find_window(self.asked, self.answered)[stream is not self.association.requestor]

    def find_roles(self, stream: Stream, abstract: str) -> tuple[int, int] | None:
        """Give the SCU and SCP role of the sender of a stream for an abstract syntax, None where that is not known."""
        if self.asked is None or self.answered is None or self.association.requestor is None:
            return None
        scu, scp = find_roles(self.asked, self.answered, abstract)
        return (scu, scp) if stream is self.association.requestor else (scp, scu)


class Said:
    """A PDU that may be spoken of later: its number, its frames, its sender."""

    __slots__ = ("_pdvs", "kind", "number", "pdu", "stream")

    def __init__(self, arrival: Arrival) -> None:
        """Take a PDU in its place."""
        self.number = arrival.number
        self.pdu: Pdu = arrival.pdu
        self.kind = arrival.pdu.kind
        self.stream = arrival.pdu.stream
        """The stream that it stands in."""
        self._pdvs = arrival.pdvs

    @property
    def name(self) -> str:
        """Give the standard's name of its type."""
        return self.pdu.name

    @property
    def message(self) -> Message | None:
        """Give the message of which it carries the last fragment."""
        part = self._pdvs[-1].part if self._pdvs else None
        return part.message if part is not None else None

    def tell(self) -> str:
        """Name it by what it carries, where it carries something."""
        message = self.message
        return tell_message(message) if message is not None and message.name else self.name

    @property
    def lacking(self) -> int:
        """Give how many bytes before its length says it ends."""
        return self.pdu.start + HEADER + self.pdu.length - self.pdu.stop

    @property
    def frame(self) -> int:
        """Give the frame that completed it."""
        return self.pdu.frame

    @property
    def first(self) -> int:
        """Give the frame that carried its first byte."""
        return min(self.stream.frames(self.pdu.start, self.pdu.start + 1), default=self.pdu.frame)

    @property
    def frames(self) -> list[int]:
        """Give the frames that carried it."""
        return self.pdu.span.frames()


Verdict = tuple[Finding, Said, Stream | None]
"""A rule that was broken, as an end shows, the PDU that it is about, and the stream of its culprit, None for nobody."""


def tell_message(message: Message) -> str:
    """Name a message as the list of PDUs does, but without an error comment, which may tell of patients."""
    if ERROR_COMMENT in message.fields:
        status = message.number_at(STATUS)
        return f"{message.name} ({f'status {status:04X}H' if status is not None else 'without status'})"
    return message.describe() or "a message"
