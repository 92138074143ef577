"""A capture that was indexed, in: its operations by number, read again when they are compared, out.

Nothing of what was said is kept but numbers, and the messages that were read last.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import replace
from itertools import accumulate

from dissect.association import Association
from dissect.capture.records import GIVE_BACK
from dissect.dicom.dimse import Message, Part
from dissect.dicom.encodings import DEFLATED, ENCODINGS, EXPLICIT_LITTLE, choose_encoding
from dissect.dicom.pdu import ABORT, HEADER, LOST, P_DATA, RELEASE_RP, RELEASE_RQ, Pdu
from dissect.dicom.terms import GROUP_LENGTH, MESSAGE_ID, ORIGINATOR_ID, RESPONDED_ID
from dissect.diff.digests import LARGE, digest_range, fingerprint
from dissect.diff.exchange import Exchange, Talk, find_uids, tell_sender
from dissect.diff.fields import Field
from dissect.diff.grouping import SIDES, Grouping
from dissect.diff.meanings import MessageReader, find_pixel_data
from dissect.diff.negotiated import read_pdu, tie_contexts
from dissect.index import Index
from dissect.recall import Recall
from dissect.tree import make_message_node, make_pdu_node

PASSED_OVER = frozenset((GROUP_LENGTH, MESSAGE_ID, RESPONDED_ID, ORIGINATOR_ID))
"""Elements of command sets that say nothing of their own: the group length, message IDs (PS3.7 6.3.1, 9.1)."""

MOST_KEPT = 1 << 15
"""How many fields are kept of messages that were read."""

HEAD = 1 << 14
"""In how many bytes of a data set its Pixel Data are looked for."""


class Recording(Exchange):
    """What was said in a capture."""

    def __init__(self, name: str, index: Index, watch: Callable[[int, int], None] | None = None) -> None:
        """Read an index; `watch` is called with how many operations were read, and of how many."""
        super().__init__()
        self.name = name
        self.index = index
        self.recall = Recall(index)
        self._reader = MessageReader()
        self._said = array("Q")
        """The numbers of messages, in the order of `_members`."""
        self._kept: dict[int, Field] = {}
        self._room = MOST_KEPT
        self._touched = 0
        """How many bytes were read since pages of the file were given back."""
        self._grouping = Grouping(index, self.recall)
        self._members, self._bounds = self._grouping.members, self._grouping.bounds
        self._gaps = bytearray()
        self._places: dict[int, dict[int, int]] = {}
        """By association, the place of each presentation context ID among those that were proposed."""
        self._marks: dict[tuple[int, int], str] = {}
        self._list_talks()
        self._holed = {talk.number for talk in self.talks if talk.gap}
        for talk in self.talks:
            self._digest_negotiation(talk)
        self._list_operations()
        for operation in range(len(self.kinds)):
            if watch is not None:
                watch(operation, len(self.kinds))
            self._digest(operation)

    def _list_talks(self) -> None:
        index = self.index
        talks = {}
        for number in sorted(index.known):
            known = index.known[number]
            talks[number] = Talk(number, known.called, known.calling)
            talks[number].syntaxes = tuple(sorted({each.abstract for each in known.contexts.values()} - {""}))
        for row, kind in enumerate(index.kinds):
            if kind == LOST:
                pdu = index.make_pdu(row)
                talks[index.associations[row]].gap |= bool(pdu.stream.missing(pdu.start, pdu.stop))
            elif kind != P_DATA:
                talk = talks[index.associations[row]]
                talk.rows.append(row)
                if is_cut(index.make_pdu(row)):
                    talk.gap = talk.torn = True
        self.talks = list(talks.values())

    def _list_operations(self) -> None:
        """Give each operation a number, and each association the numbers of its own."""
        grouping = self._grouping
        heads = [self._members[at] for at in self._bounds[:-1]]
        self.kinds.extend(self.number_kind(grouping.tell_kind(number)) for number in heads)
        counts = Counter(map(grouping.find_association, heads))
        for talk, stop in zip(self.talks, accumulate(counts[talk.number] for talk in self.talks), strict=True):
            talk.first, talk.stop = stop - counts[talk.number], stop

    def members(self, operation: int) -> "array[int]":
        """Give the numbers of an operation's messages, that of the request first."""
        return self._members[self._bounds[operation] : self._bounds[operation + 1]]

    def _digest(self, operation: int) -> None:
        """Make the numbers of an operation and of its messages from their bytes."""
        numbers = self.members(operation)
        association = self.index.known[self._grouping.find_association(numbers[0])]
        holed = association.number in self._holed
        gap = holed and len(numbers) == 1
        for place, number in enumerate(numbers):
            message = self._pull(number)
            if not place:
                self.contexts.append(self._place_context(association, message.context_id))
            gap |= is_torn(message.command) or is_torn(message.data) or (holed and lacks_data(message))
            mark = self._mark_context(association, message.context_id)
            data = self._digest_data(message, association)
            self._said.append(fingerprint([self._grouping.find_side(number), mark, *list_command(message), data]))
        self._gaps.append(gap)
        self.digests.append(fingerprint(map(str, self.digest_messages(operation))))

    def _digest_data(self, message: Message, association: Association) -> str:
        """Make a digest of a message's data set; that of its Pixel Data is kept, so that they are not read again."""
        source = message.data.join()
        context = association.contexts.get(message.context_id)
        encoding = (
            ENCODINGS.get(context.transfer, EXPLICIT_LITTLE) if context is not None and context.transfer else None
        )
        if encoding is not None and encoding.order == "<" and source.size > LARGE and message.data.complete:
            head = bytes(source.read(0, HEAD))
            if (found := find_pixel_data(head, source.size, explicit=encoding.explicit)) is not None:
                start, body = found
                pixels = digest_range(source, body, source.size)
                self._reader.keep(message.index, start, pixels)
                return f"{digest_range(source, 0, body)} {pixels}"
        return f"{digest_range(source, 0, source.size)} {message.data.complete}"

    def _digest_negotiation(self, talk: Talk) -> None:
        """Make the number of an association's other PDUs from their bytes."""
        index, hashed = self.index, hashlib.sha256()
        for row in talk.rows:
            hashed.update(b"%d %d " % (index.sides[row], index.kinds[row]))
            hashed.update(index.find_stream(row).read(index.starts[row], index.stops[row]))
        talk.digest = int.from_bytes(hashed.digest()[:8], "little")

    def digest_messages(self, operation: int) -> "array[int]":
        """Give for each message of an operation a number."""
        return self._said[self._bounds[operation] : self._bounds[operation + 1]]

    def _mark_context(self, association: Association, context_id: int) -> str:
        """Give what a presentation context is known by, and its transfer syntax."""
        key = association.number, context_id
        if key not in self._marks:
            context = association.contexts.get(context_id)
            words = () if context is None else (context.abstract, context.transfer, *sorted(context.offered))
            self._marks[key] = " ".join(words)
        return self._marks[key]

    def _place_context(self, association: Association, context_id: int) -> int:
        places = self._places.get(association.number)
        if places is None:
            places = self._places[association.number] = {each: at for at, each in enumerate(association.contexts, 1)}
        return places.get(context_id, 0)

    def read_negotiation(self, talk: Talk) -> list[Field]:
        """Read the PDUs of an association that carry no messages."""
        found = []
        for row in talk.rows:
            found.append(read_pdu(make_pdu_node(self.recall.make_entry(row).arrival)))
            if self.index.kinds[row] in (ABORT, RELEASE_RQ, RELEASE_RP):
                found[-1].children.append(tell_sender(SIDES.get(self.index.sides[row], ""), found[-1]))
        tie_contexts(found, lambda item: item.node.value if item.node is not None else None)
        return found

    def read_message(self, operation: int, place: int) -> Field:
        """Read a message of an operation; as many as there is room for are kept, for they are read again."""
        number = self._members[self._bounds[operation] + place]
        found = self._kept.get(number)
        if found is None:
            found = self._read(number)
            if self._room > 0:
                self._kept[number] = found
                self._room -= count_fields(found)
        return found

    def forget(self) -> None:
        """Let go of the messages that are kept."""
        self._kept.clear()
        self._room = MOST_KEPT

    def list_uids(self, operation: int, place: int) -> Iterator[str]:
        """Give the UIDs of instances that a message of an operation names."""
        return find_uids(self._read(self._members[self._bounds[operation] + place], light=True))

    def _pull(self, number: int) -> Message:
        """Put a message together; now and then let go of what was read before."""
        self._touched += self.index.messages.sizes[number]
        if self._touched >= GIVE_BACK:
            self.index.capture.give_back()
            self._touched = 0
        return self.recall.read_message(number)

    def _read(self, number: int, *, light: bool = False) -> Field:
        """Read a message."""
        message = self._pull(number)
        association = self.index.known[self._grouping.find_association(number)]
        order = find_order(message, association) if message.data.complete else "<"
        torn = is_torn(message.command) or is_torn(message.data)
        found = self._reader.read(make_message_node(message, association), number, order, torn=torn, light=light)
        for key, name, part in (
            ("command-set", "Command Set", message.command),
            ("data-set", "Data Set", message.data),
        ):
            if part.pdvs and not part.complete:
                text = f"incomplete, {sum(len(pdv.fragment) for pdv in part.pdvs)} bytes"
                found.children.append(Field(key, name, "lost" if torn else "value", text, node=found.node))
        if association.number in self._holed and lacks_data(message) and not message.data.pdvs:
            found.children.append(Field("data-set", "Data Set", "lost", node=found.node))
        return found

    def excerpt(self, operation: int) -> "Recording":
        """Give a single operation of it as an exchange, in an association of which nothing else is known."""
        found = copy(self)
        found._kept = {}
        found.kinds, found.digests = self.kinds[operation : operation + 1], self.digests[operation : operation + 1]
        found.contexts = self.contexts[operation : operation + 1]
        found._members, found._said = self.members(operation), array("Q", self.digest_messages(operation))
        found._bounds = array("I", (0, len(found._members)))
        found._gaps = self._gaps[operation : operation + 1]
        talk = next(talk for talk in self.talks if talk.first <= operation < talk.stop)
        found.talks = [replace(talk, first=0, stop=1, gap=False, rows=[])]
        return found

    def name_operation(self, operation: int) -> str:
        """Give the last component of the path of an operation's first message."""
        return self.name_message(self._members[self._bounds[operation]])

    def name_message(self, number: int) -> str:
        """Give the last component of the path of a message."""
        return f"{self._grouping.name(number).lower() or 'message'}.{self.index.messages.ordinals[number]}"

    def find_frames(self, operation: int) -> tuple[int, int]:
        """Give the numbers of the frames that carried an operation's first byte and its last."""
        index, numbers = self.index, self.members(operation)
        row = index.messages.firsts[numbers[0]]
        first = min(index.find_stream(row).frames(index.starts[row], index.starts[row] + 1), default=index.frames[row])
        return first, max(index.frames[index.messages.lasts[number]] for number in numbers)

    def list_frames(self, operation: int) -> tuple[int, ...]:
        """Give the numbers of the frames that carried an operation."""
        rows = {row for number in self.members(operation) for row in self.index.list_carriers(number)}
        return self._list_row_frames(rows)

    def _list_row_frames(self, rows: Iterable[int]) -> tuple[int, ...]:
        """Give the numbers of the frames that carried the PDUs of rows."""
        index = self.index
        spans = (index.find_stream(row).frames(index.starts[row], index.stops[row]) for row in rows)
        return tuple(sorted({frame for frames in spans for frame in frames}))

    def list_talk_frames(self, talk: Talk) -> tuple[int, ...]:
        """Give the numbers of the frames that carried an association's first PDU and its last."""
        return self._list_row_frames((self.index.openings[talk.number], self.index.endings[talk.number]))

    def tell_time(self, operation: int) -> int:
        """Give the nanoseconds until the final response, `NEVER` where it is not known."""
        messages = self.index.messages
        return messages.times[messages.answers[self._members[self._bounds[operation]]]]

    def count_pdus(self, operation: int) -> list[int]:
        """Give how many PDUs carried each of an operation's messages."""
        return [self.index.messages.counts[number] for number in self.members(operation)]

    def find_gap(self, operation: int) -> bool:
        """Tell whether the capture lacks bytes of an operation."""
        return bool(self._gaps[operation])


def count_fields(field: Field) -> int:
    """Count a field and those below it."""
    return 1 + sum(map(count_fields, field.children))


def lacks_data(message: Message) -> bool:
    """Tell whether the data set that a command announces is not there to its end."""
    return message.has_data_set and not message.data.complete


def is_cut(pdu: Pdu) -> bool:
    """Tell whether the capture lacks bytes of a PDU, or ends before it does."""
    return pdu.stop - pdu.start < HEADER + pdu.length or bool(pdu.stream.missing(pdu.start, pdu.stop))


def is_torn(part: Part) -> bool:
    """Tell whether the capture lacks bytes or fragments of a command set or data set."""
    if part.torn is not None:
        return True
    return any(pdv.cut or pdv.pdu.stream.missing(pdv.start, pdv.stop) for pdv in part.pdvs)


def list_command(message: Message) -> Iterator[str]:
    """Give what a message's command set says by its bytes, but for message IDs."""
    for element in sorted(message.fields.keys() - PASSED_OVER):
        yield f"{element:04x} {message.fields[element].hex()}"
    yield str(message.command.complete)


def find_order(message: Message, association: Association) -> str:
    """Tell in which byte order a data set is written."""
    context = association.contexts.get(message.context_id)
    transfer = context.transfer if context is not None else ""
    return "<" if transfer in DEFLATED else choose_encoding(transfer, message.data.join())[0].order
