"""The messages of a capture, in: their pictures, found and made small in a thread, out."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from dissect.dicom.dimse import Message
from dissect.index import Index
from dissect.job import Job
from dissect.node import Node
from dissect.pictures.pixels import Choice, Picture, Sample, make_picture
from dissect.recall import Recall
from dissect.tree import expand_part, make_message_node

STORE = "C-STORE-RQ"

STEP = 64
"""After how many messages it is asked whether a picture is still looked for."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A message and its picture."""

    number: int
    picture: Picture
    stop: int
    """The last row that carried some of the message when its picture was made."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be drawn: which frame, with which window, for how much room; none at all where there is no room."""

    frame: int = 1
    window: Choice = "told"
    width: int = 0
    height: int = 0


class Gallery:
    """The pictures of an index, of which the last one is kept; several threads may ask for one."""

    def __init__(self, index: Index) -> None:
        """Start with none."""
        self.lock = Lock()
        self._recall = Recall(index)
        self._last: Exhibit | None = None

    def find(self, numbers: Iterable[int], job: Job) -> Exhibit | None:
        """Give the first of some messages that has pixel data; where none has, the first."""
        first: Exhibit | None = None
        for count, number in enumerate(numbers):
            if not count % STEP and job.stopped:
                return None
            found = self._open(number)
            if found.picture.pixels is not None:
                self._last = found
                return found
            first = first or found
        return first

    def _open(self, number: int) -> Exhibit:
        index = self._recall.index
        stop = index.messages.lasts[number]
        if self._last is not None and (self._last.number, self._last.stop) == (number, stop):
            return self._last
        association = index.known[index.associations[index.messages.firsts[number]]]
        message = self._recall.find_message(number)
        node = make_message_node(message, association)
        add_cut(node, message, self._recall.index)
        context = association.contexts.get(message.context_id)
        return Exhibit(number, make_picture(node, context.transfer if context else ""), stop)


def add_cut(node: Node, message: Message, index: Index) -> None:
    """Hang what there is of a data set that is not complete under the node of its message."""
    part = message.data
    if part.pdvs and not part.complete:
        group = node.add(Node("data-set", "Data Set", layout="heading", text=""))
        expand_part(group, part, part.pdvs[-1], index.known[message.association])


class Drawing:
    """A picture that is being drawn."""

    def __init__(self, gallery: Gallery, numbers: Iterable[int], wish: Wish) -> None:
        """Draw that of the first of some messages that has one; what was begun before is waited for."""
        self.wish = wish
        self.exhibit: Exhibit | None = None
        self.sample: Sample | None = None
        self.job = Job("drawing", self._draw)
        self._gallery, self._numbers = gallery, numbers

    def _draw(self, job: Job) -> None:
        with self._gallery.lock:
            if job.stopped:
                return
            self.exhibit, wish = self._gallery.find(self._numbers, job), self.wish
            if self.exhibit is not None and wish.width > 0 and wish.height > 0 and not job.stopped:
                self.sample = self.exhibit.picture.sample(wish.frame, wish.width, wish.height, wish.window)


def list_near(index: Index, row: int) -> list[int]:
    """Give the messages in which the picture of a row's PDU may be: those that it carries, then their requests."""
    own = index.list_messages(row)
    return [*own, *filter(None, (index.messages.requests[number] for number in own))]


def list_further(index: Index, row: int, number: int, step: int) -> Iterator[int]:
    """Give the stored objects of an association after a message, or before it, the nearest first.

    Where there is no message, number 0, those after a row are given, or before it.
    """
    messages, association = index.messages, index.associations[row]
    after = number or bisect_right(messages.firsts, row, 1, len(messages) + 1) - 1
    before = number or after + 1
    first, last = index.openings[association], index.endings[association]
    for each in range(after + 1, len(messages) + 1) if step > 0 else range(before - 1, 0, -1):
        place = messages.firsts[each]
        if not first <= place <= last:
            return
        if index.associations[place] == association and messages.sizes[each] and is_store(index, each):
            yield each


def is_store(index: Index, number: int) -> bool:
    """Tell whether a message stores an object, or may do so, where its command set is not in the capture."""
    messages = index.messages
    return not messages.heads[number] or index.texts[messages.texts[number]].startswith(STORE)
