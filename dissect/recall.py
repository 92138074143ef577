"""A row of the index, in: its PDU in its place as it was when it was read, its messages among it, out."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from dissect.association import Arrival, Association
from dissect.dicom.assembly import STRAY, Assembler
from dissect.dicom.dimse import Message, Pdv, pull_pdvs
from dissect.dicom.pdu import LOST, P_DATA
from dissect.index import Index
from dissect.job import Job
from dissect.notes import note
from dissect.query import Subject

STEP = 256
"""After how many rows work asks whether it is to stop."""

ASKED = ("C-FIND-RSP",)
"""The responses whose data set is judged by that of the request."""

UNFINISHED = ("message-incomplete", "data-absent")
"""The codes of what is noted of a message on the first fragment of the next."""

MOST_KEPT = 1 << 14
"""How many presentation data values are kept of messages that were put together again."""


class Replay:
    """Messages of a stream put together again from the rows that carry some of them."""

    def __init__(self, index: Index, row: int, first: int, last: int) -> None:
        """Read the PDUs from the first row to the last that stand in the same stream as that of `row`."""
        self.pdvs: dict[int, list[Pdv]] = {}
        """By row."""
        self.messages: dict[int, Message] = {}
        """By number; what began before the first row is not among them."""
        self.size = 0
        begun = (each for each in index.list_messages(first) if index.messages.firsts[each] == first)
        astray = next((code for code in index.list_codes(first) if code in STRAY), "")
        assembler = Assembler(torn=any(index.messages.torn[each] for each in begun), astray=astray)
        for each in index.find_rows(row, first, last):
            if index.kinds[each] == LOST:
                assembler.tear()
            elif index.is_data(each):
                self._take(index, each, first, assembler)

    def _take(self, index: Index, row: int, first: int, assembler: Assembler) -> None:
        """Put a row's presentation data values in their messages, but for those of what began before the first row."""
        pdvs = self.pdvs[row] = list(pull_pdvs(index.make_pdu(row)))
        self.size += len(pdvs)
        for place, pdv in enumerate(pdvs):
            number = index.find_owner(row, place)
            if number and index.messages.firsts[number] < first:
                continue
            assembler.follow(pdv)
            if row == first and place == 0:
                self._renew(pdv, index.list_codes(row))
            if pdv.part is not None and number not in self.messages:
                self._name(index, pdv.part.message, number, row)

    def _renew(self, pdv: Pdv, codes: list[str]) -> None:
        """Note again what only the message before its first one tells."""
        known = {found.code for found in pdv.notes}
        pdv.notes += [note(code, pdv.fragment) for code in UNFINISHED if code in codes and code not in known]

    def _name(self, index: Index, message: Message, number: int, row: int) -> None:
        """Tell a message its number, and what is known of it by that."""
        message.index = number
        message.number, message.pdu = index.messages.ordinals[number], index.messages.heads[number]
        message.association = index.associations[row]
        self.messages[number] = message


class Recalled(Arrival):
    """A PDU of the index; its presentation data values are read when they are asked for."""

    __slots__ = ("_pdvs", "_recall")

    def __init__(self, recall: "Recall", row: int) -> None:
        """Take a row."""
        index = recall.index
        self.pdu = index.make_pdu(row)
        self.association: Association = index.known[index.associations[row]]
        self.ordinal = index.ordinals[row]
        self.number = row + 1
        self.findings = index.findings.get(row, ())
        self._parts = []
        self._recall = recall
        self._pdvs: list[Pdv] | None = None

    @property
    def pdvs(self) -> list[Pdv]:  # type: ignore[override]
        """Give its presentation data values, each in its message."""
        if self._pdvs is None:
            self._pdvs = self._recall.pull_pdvs(self.number - 1) if self.pdu.kind == P_DATA else []
        return self._pdvs


class Entry(Subject):
    """A PDU of the index of which a filter asks something: what the index knows needs no second look at the bytes."""

    __slots__ = ("_index", "_recall", "_row")

    def __init__(self, recall: "Recall", row: int) -> None:
        """Take a row."""
        super().__init__(Recalled(recall, row), recall.index.capture, recall.index.ledger)
        self._index, self._recall, self._row = recall.index, recall, row

    @property
    def codes(self) -> list[str]:
        """Give the codes of its notes, none of a data set's among them."""
        return self._index.list_codes(self._row)

    def tell_info(self) -> str:
        """Give the text that tells what it says."""
        return self._index.tell_info(self._row)

    def commands(self) -> Iterator[Message]:
        """Give the messages whose command sets it completes."""
        index, row = self._index, self._row
        heads = [each for each in index.list_messages(row) if index.messages.heads[each] == row + 1]
        if heads and index.is_mixed(row):  # in the order in which they are complete
            yield from super().commands()
        else:
            yield from map(self._recall.outline, heads)


class Recall:
    """Makes PDUs of an index anew; it keeps the messages that it put together last. For one thread alone."""

    def __init__(self, index: Index) -> None:
        """Start with nothing kept."""
        self.index = index
        self._kept: OrderedDict[tuple[int, int, int], Replay] = OrderedDict()
        self._size = 0

    def make_entry(self, row: int) -> Entry:
        """Make what one may ask of a row's PDU."""
        return Entry(self, row)

    def make_entries(self, job: Job) -> Iterator[Entry]:
        """Make all of them, from the first row to the last that is there, as long as a job is not to stop."""
        job.size = len(self.index)
        for row in range(job.size):
            job.done = row
            if not row % STEP and job.stopped:
                return
            yield self.make_entry(row)

    def pull_pdvs(self, row: int) -> list[Pdv]:
        """Read the presentation data values of a row's PDU, each in its message."""
        numbers = self.index.list_messages(row)
        if not numbers:
            return list(pull_pdvs(self.index.make_pdu(row)))
        replay = self._replay(row, numbers)
        for number in numbers:
            self._tie(replay.messages[number])
        return replay.pdvs[row]

    def find_message(self, number: int) -> Message:
        """Put a message together again, and tie it to what it belongs to."""
        return self._tie(self.read_message(number))

    def read_message(self, number: int) -> Message:
        """Put a message together again."""
        return self._replay(self.index.messages.firsts[number], (number,)).messages[number]

    def outline(self, number: int) -> Message:
        """Put the command set of a message together again, with the last fragment of its data set and no other."""
        return self._tie(self._sketch(number))

    def _sketch(self, number: int) -> Message:
        messages = self.index.messages
        first, head, last = messages.firsts[number], messages.heads[number] - 1, self._find_last(number)
        message = self._read(first, first, max(min(head, last), first)).messages[number]
        if last > head and message.last_frame < self.index.frames[last]:
            ends = (pdv for pdv in pull_pdvs(self.index.make_pdu(last)) if pdv.context_id == message.context_id)
            message.data.pdvs += list(ends)[-1:]
        return message

    def _tie(self, message: Message) -> Message:
        """Give a message what it answers, and what has caused it."""
        messages = self.index.messages
        request, cause = messages.requests[message.index], messages.causes[message.index]
        if request and message.request is None:
            asks = message.name in ASKED and not messages.is_large(request)
            message.request = self.find_message(request) if asks else self.outline(request)
        if cause and message.cause is None:
            message.cause = self._sketch(cause)
        answer = messages.answers[message.index]
        if answer and messages.failed[answer] and messages.heads[answer] <= messages.lasts[message.index]:
            message.refused = True  # it was answered before its last row
        return message

    def _replay(self, row: int, numbers: Iterable[int]) -> Replay:
        """Put messages together of which a row's PDU carries some."""
        messages = self.index.messages
        first = min(messages.firsts[number] for number in numbers)
        return self._read(row, first, max(self._find_last(number) for number in numbers))

    def _find_last(self, number: int) -> int:
        """Give the last row that carries some of a message, of those that are there: another may just be added."""
        return min(self.index.messages.lasts[number], len(self.index) - 1)

    def _read(self, row: int, first: int, last: int) -> Replay:
        """Put together what the PDUs from one row to another carry, of the stream in which that of `row` stands."""
        key = (id(self.index.find_stream(row)), first, last)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Replay(self.index, row, first, last)
            self._size += found.size
            while self._size > MOST_KEPT and len(self._kept) > 1:
                self._size -= self._kept.popitem(last=False)[1].size
        else:
            self._kept.move_to_end(key)
        return found
