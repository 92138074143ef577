"""PDUs as they are complete, in: a table of them and of their messages that keeps no bytes, out."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dissect.association import Arrival, Association
from dissect.capture.segments import Capture
from dissect.catalogue import CATALOG, SEVERITIES
from dissect.dicom.pdu import ABORT, ASSOCIATE_AC, ASSOCIATE_RJ, HEADER, LOST, P_DATA, Pdu
from dissect.dicom.terms import ERROR_COMMENT
from dissect.ledger import Ledger
from dissect.messages import Messages, Texts
from dissect.notes import Finding, make_general
from dissect.query import Subject
from dissect.rules.endings import Endings
from dissect.stats import Figures
from dissect.summary import describe
from dissect.tcp.streams import Connection, Stream

UNKNOWN, REQUESTOR, ACCEPTOR = range(3)
"""Who sent a PDU."""

MOST_DETAILED = 1_000
"""Of so many findings of a code the details are kept."""

WORST = {severity: len(SEVERITIES) - rank for rank, severity in enumerate(SEVERITIES)}
"""A number for each severity, the highest for the worst; 0 is for none."""


class Broken:
    """The rules that PDUs break in their places, by row: the first of each code whole, of others code and place."""

    def __init__(self) -> None:
        """Start without any."""
        self._counts: Counter[str] = Counter()
        self._whole: dict[int, Sequence[Finding]] = {}
        self._rows, self._numbers = array("I"), array("I")
        """The rows of which no finding is whole, and the numbers of what is kept of them."""
        self._texts = Texts()

    def add(self, findings: Sequence[Finding], row: int) -> None:
        """Keep the findings of a row, which must lie behind all others."""
        self._counts.update(found.code for found in findings)
        if any(self._counts[found.code] <= MOST_DETAILED for found in findings):
            self._whole[row] = tuple(map(self._shorten, findings))
            return
        self._numbers.append(self._texts.file("\n".join(f"{found.code} {found.place}" for found in findings)))
        self._rows.append(row)

    def _shorten(self, found: Finding) -> Finding:
        if self._counts[found.code] <= MOST_DETAILED:
            return found
        return make_general(found.code)._replace(place=found.place)

    def get(self, row: int, default: Sequence[Finding] = ()) -> Sequence[Finding]:
        """Give the findings of a row."""
        at = bisect_left(self._rows, row)
        if at == len(self._rows) or self._rows[at] != row:
            return self._whole.get(row, default)
        kept = (each.partition(" ") for each in self._texts[self._numbers[at]].split("\n"))
        return [make_general(code)._replace(place=place) for code, _, place in kept]


class Index:
    """The PDUs of a capture, by row from 0, and what was found out about each: a column for each thing known.

    A thread may add PDUs while others ask for those that are there already.
    """

    def __init__(self, capture: Capture, *, lean: bool = False) -> None:
        """Start without any; `lean` where nobody asks for accounts of associations, nor for figures."""
        self.capture = capture
        self._lean = lean
        self.ledger = Ledger(capture)
        self.figures = Figures(capture, self.ledger)
        self.messages = Messages()
        self.texts = Texts()
        self.texts.file("")
        self.kinds, self.sides = bytearray(), bytearray()
        self.contexts = bytearray()
        """The presentation context ID of the first PDV, 0 where there is none."""
        self.worst = bytearray()
        """A number of `WORST` for the worst note, those of data sets left out; 0 for none."""
        self.starts, self.stops = array("q"), array("q")
        self.frames, self.ordinals = array("I"), array("I")
        self.associations = array("I")
        self.infos, self.codes = array("I"), array("I")
        self.carried = array("I")
        """The number of the first message of which it carries some, 0 for none."""
        self.known: dict[int, Association] = {}
        """The associations by number."""
        self.openings, self.endings = array("I", (0,)), array("I", (0,))
        """By number of the association, the rows of its first PDU and of its last."""
        self.gapped: list[int] = []
        """The rows of PDUs of which the capture lacks bytes."""
        self.troubled = array("I")
        """The rows of PDUs in which something fails, or that have a warning or an error."""
        self.comments: dict[int, list[str]] = {}
        """The error comments that texts quote, by the rows of the PDUs that complete the command sets."""
        self.closed: list[int] = []
        """The numbers of the associations whose connections are over."""
        self.findings = Broken()
        self.conclusions = Endings()
        """The rules that were broken as ends show, which whoever reads puts here; all are known when that is over."""
        self._sources = array("I")
        self._streams: list[Stream] = []
        self._stream_numbers: dict[int, int] = {}
        self._more: dict[int, tuple[int, ...]] = {}
        """Of rows that carry some of several messages, that of each presentation data value, 0 for none."""
        self._count = 0

    def __len__(self) -> int:
        """Give how many rows there are."""
        return self._count

    def add(self, subject: Subject) -> None:
        """Add a PDU, which must be the next."""
        arrival, row = subject.arrival, self._count
        if not self._lean:
            self.ledger.follow(arrival)
            self.figures.follow(arrival)
        self._add_pdu(arrival, row)
        self._add_codes(subject.codes, arrival, row)
        self._add_messages(arrival, row)
        if self._is_troubled(arrival, row):
            self.troubled.append(row)
        self._count = row + 1

    def _add_pdu(self, arrival: Arrival, row: int) -> None:
        """Take down where a PDU stands, in what association, and what it says in a line."""
        pdu, association = arrival.pdu, arrival.association
        if association.number not in self.known:
            self._open(association, row)
        self.endings[association.number] = row
        role = association.find_role(pdu.stream)
        self.sides.append(UNKNOWN if role is None else REQUESTOR if role == "requestor" else ACCEPTOR)
        self.kinds.append(pdu.kind)
        self.starts.append(pdu.start)
        self.stops.append(pdu.stop)
        self.frames.append(pdu.frame)
        self.ordinals.append(arrival.ordinal)
        self.associations.append(association.number)
        self._sources.append(self._number_stream(pdu.stream))
        self.infos.append(self.texts.file(describe(arrival)))
        self.contexts.append(arrival.pdvs[0].context_id if arrival.pdvs else 0)

    def _add_codes(self, codes: list[str], arrival: Arrival, row: int) -> None:
        """Take down the codes of a PDU's notes, and what it breaks in its place."""
        self.codes.append(self.texts.file(" ".join(codes)))
        if "stream-gap" in codes and arrival.pdu.kind != LOST:
            self.gapped.append(row)
        self.worst.append(max(WORST[CATALOG[code].severity] for code in codes) if codes else 0)
        if arrival.findings:
            self.findings.add(arrival.findings, row)

    def _is_troubled(self, arrival: Arrival, row: int) -> bool:
        """Tell whether something fails in a PDU, or is refused, or it has a warning or an error."""
        messages, kind = self.messages, arrival.pdu.kind
        if any(messages.heads[each] == row + 1 and messages.troubled[each] for each in self.list_messages(row)):
            return True
        refused = kind == ASSOCIATE_AC and any(each.result for each in arrival.association.contexts.values())
        return refused or self.worst[row] >= WORST["warning"] or kind in (ASSOCIATE_RJ, ABORT)

    def _open(self, association: Association, row: int) -> None:
        """Take a row for that of an association's first PDU."""
        for column in (self.openings, self.endings):
            column.extend([row] * (association.number + 1 - len(column)))
        self.openings[association.number] = row
        self.known[association.number] = association

    def close(self, connection: Connection, numbers: list[int]) -> None:
        """Take into account that a connection is over, and with it the associations of these numbers."""
        self.ledger.close(connection, numbers)
        self.closed.extend(numbers)

    def _number_stream(self, stream: Stream) -> int:
        number = self._stream_numbers.get(id(stream))
        if number is None:
            number = self._stream_numbers[id(stream)] = len(self._streams)
            self._streams.append(stream)
        return number

    def _add_messages(self, arrival: Arrival, row: int) -> None:
        """Take the messages into account of which a PDU carries some."""
        messages, carried = self.messages, []
        for pdv in arrival.pdvs:
            if pdv.part is None:
                continue
            message = pdv.part.message
            if not message.index:
                messages.open(message, row)
            number = message.index
            if number not in carried:
                carried.append(number)
                messages.counts[number] += 1
                messages.lasts[number] = row
            if not pdv.is_command:
                messages.sizes[number] += len(pdv.fragment)
            elif pdv.is_last and pdv.part.complete:
                messages.complete(message, self.texts)
                if comment := message.text_at(ERROR_COMMENT):
                    self.comments.setdefault(row, []).append(comment)
        self.carried.append(carried[0] if carried else 0)
        if len(carried) > 1:
            owners = (pdv.part.message.index if pdv.part is not None else 0 for pdv in arrival.pdvs)
            self._more[row] = tuple(owners)

    def find_stream(self, row: int) -> Stream:
        """Give the stream that a PDU stands in."""
        return self._streams[self._sources[row]]

    def find_rows(self, row: int, first: int, last: int) -> Iterable[int]:
        """Give the rows from one to another whose PDUs stand in the same stream as that of `row`."""
        wanted = self._sources[row]
        return (each for each, found in enumerate(self._sources[first : last + 1], first) if found == wanted)

    def list_carriers(self, number: int) -> Iterator[int]:
        """Give the rows that carry some of a message."""
        first, last = self.messages.firsts[number], min(self.messages.lasts[number], len(self) - 1)
        return (row for row in self.find_rows(first, first, last) if number in self.list_messages(row))

    def make_pdu(self, row: int) -> Pdu:
        """Make a row's PDU."""
        stream, start, stop = self.find_stream(row), self.starts[row], self.stops[row]
        kind, length = self.kinds[row], 0
        if kind != LOST:
            length = int.from_bytes(stream.read(start + 2, start + HEADER), "big")
        return Pdu(kind, stream, start, stop, length, self.frames[row])

    def list_messages(self, row: int) -> tuple[int, ...]:
        """Give the numbers of the messages of which a PDU carries some."""
        more = self._more.get(row)
        if more is not None:
            return tuple(number for number in dict.fromkeys(more) if number)
        return (self.carried[row],) if self.carried[row] else ()

    def find_owner(self, row: int, place: int) -> int:
        """Give the number of the message that a presentation data value belongs to, by its place in the PDU from 0."""
        more = self._more.get(row)
        return self.carried[row] if more is None else more[place]

    def is_mixed(self, row: int) -> bool:
        """Tell whether a PDU carries some of several messages."""
        return row in self._more

    def tell_info(self, row: int) -> str:
        """Give the text that tells what a PDU says."""
        return self.texts[self.infos[row]]

    def list_codes(self, row: int) -> list[str]:
        """Give the codes of a PDU's notes, those of data sets left out."""
        return self.texts[self.codes[row]].split()

    def tell_length(self, row: int) -> int:
        """Give the PDU length, or the number of bytes of what is no PDU."""
        pdu = self.make_pdu(row)
        return pdu.stop - pdu.start if pdu.kind == LOST else pdu.length

    def is_data(self, row: int) -> bool:
        """Tell whether a PDU carries messages."""
        return self.kinds[row] == P_DATA
