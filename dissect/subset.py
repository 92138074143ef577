"""PDUs chosen of a capture, in: a pcapng file of the frames that carried them, out.

In it is what makes them readable by themselves, too: how the associations of each connection with a chosen PDU begin
and end, and all of its frames without payload.
"""

import filecmp
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import compress, count, groupby
from pathlib import Path
from types import MappingProxyType

from dissect.capture.blocks import Interface
from dissect.capture.pcapng import NANOSECONDS, PART, describe_file, encode_frame, encode_interface, encode_section
from dissect.capture.records import CaptureFile
from dissect.capture.segments import MASK, RST, SYN, Capture, Row, merge_records
from dissect.dicom.pdu import ASSOCIATES, FIXED, Pdu
from dissect.shelf import Draft
from dissect.tcp.streams import HALF, Connection

BOUNDS = ASSOCIATES | FIXED
"""The PDUs that begin and end an association: without them no data set can be read, and it would seem to be cut off."""

NO_REMARKS: Mapping[int, Sequence[str]] = MappingProxyType({})


class SubsetError(Exception):
    """A subset that cannot be written: one sentence that says why and what to do."""


class Lane:
    """A direction of a connection: which ranges of its stream are wanted, and which segments bring some of them.

    Among these are, besides those whose bytes the stream holds, repeats, and what the capture has cut off whole.
    """

    __slots__ = ("_at", "_starts", "_stops", "base")

    def __init__(self) -> None:
        """Start with nothing wanted."""
        self.base: int | None = None
        """The sequence number of the stream's first byte, where it is known."""
        self._at = 0
        """The end of the farthest segment: numbers are told apart from those that come 4 GiB later by it."""
        self._starts = array("q")
        self._stops = array("q")

    def want(self, start: int, stop: int) -> None:
        """Want a range, which must not begin before the one that was wanted last."""
        if self._stops and start <= self._stops[-1]:
            self._stops[-1] = max(stop, self._stops[-1])
        else:
            self._starts.append(start)
            self._stops.append(stop)

    def brings(self, sequence: int, length: int) -> bool:
        """Tell whether a segment brings bytes that are wanted, be it once more."""
        if self.base is None or not length:
            return False
        start = self._at + (sequence - self.base - self._at + HALF & MASK) - HALF
        self._at = max(self._at, start + length)
        index = bisect_right(self._stops, start)
        return index < len(self._starts) and self._starts[index] < start + length

    def begins_anew(self, sequence: int) -> bool:
        """Tell whether a SYN of this number begins another stream."""
        return self.base is not None and self.base != sequence + 1 & MASK


class Track:
    """A connection in which PDUs are: where it begins and ends among the frames, and which of them are wanted."""

    __slots__ = ("carriers", "chosen", "lanes", "started")

    def __init__(self, connection: Connection) -> None:
        """Start with nothing wanted."""
        self.started = connection.started
        self.carriers = array("I")
        """The frames whose bytes are those of the wanted PDUs."""
        self.chosen = False
        """Whether a PDU of it is chosen."""
        self.lanes = {stream.key: Lane() for stream in connection.streams}

    def follow(self, pdu: Pdu, *, chosen: bool) -> None:
        """Take the next PDU into account."""
        for stream in pdu.stream.connection.streams:
            self.lanes[stream.key].base = stream.base
        if chosen or pdu.kind in BOUNDS:
            self.lanes[pdu.stream.key].want(pdu.start, pdu.stop)
            self.carriers.extend(pdu.span.frames())
        self.chosen = self.chosen or chosen

    def is_over(self, segment: Row) -> bool:
        """Tell whether a segment begins another connection between the same ports."""
        return bool(segment[4] & SYN) and self.lanes[segment[1]].begins_anew(segment[2])

    def wants(self, segment: Row) -> bool:
        """Tell whether a segment brings what is wanted, or nothing but that the connection begins, goes on or ends."""
        _, key, sequence, _, flags, _, _, _, length, lack = segment
        brings = self.lanes[key].brings(sequence + bool(flags & SYN) & MASK, length + lack)
        return brings or bool(flags & RST) or not length + lack


class Selection:
    """The PDUs of a capture, each with whether it is chosen: it gives the frames that a subset of it needs."""

    def __init__(self, capture: Capture) -> None:
        """Start with no PDU chosen."""
        self._capture = capture
        self._tracks: dict[int, Track] = {}

    def follow(self, pdu: Pdu, *, chosen: bool) -> None:
        """Take a PDU into account: all of a stream come in their order."""
        connection = pdu.stream.connection
        if connection.number not in self._tracks:
            self._tracks[connection.number] = Track(connection)
        self._tracks[connection.number].follow(pdu, chosen=chosen)

    def list_frames(self) -> "array[int]":
        """Read the capture anew, and give the numbers of the frames, ascending, each once.

        Of a packet that came in fragments all are given that carried payload: without one there is none of it.
        """
        capture, marks = self._capture.again(), bytearray()
        upcoming = sorted(self._tracks.values(), key=lambda track: track.started, reverse=True)
        tracks: dict[bytes, Track] = {}
        for _, rows in groupby(capture.pull_segments(), key=lambda _: len(capture.times)):
            packet = list(rows)
            first = packet[0]
            while upcoming and upcoming[-1].started <= first[0]:
                track = upcoming.pop()
                tracks.update(dict.fromkeys(track.lanes, track))
            found = tracks.get(first[1])
            if found is None or not found.chosen:
                continue
            if found.is_over(first):
                for key in found.lanes:
                    del tracks[key]
            elif sum(map(found.wants, packet)):  # each is to be heard of
                marks.extend(bytes(len(capture.times) + 1 - len(marks)))
                for segment in packet:
                    marks[segment[0]] = 1
        marks.extend(bytes(len(capture.times) + 1 - len(marks)))
        for track in self._tracks.values():
            for frame in track.carriers if track.chosen else ():
                marks[frame] = 1
        return array("I", compress(count(), marks))


def choose_frames(capture: Capture, judged: Iterable[tuple[Pdu, bool]]) -> "array[int]":
    """Give the frames that a subset of a capture needs.

    Parameters
    ----------
    capture
        The capture, of which the PDUs are; it may have been read, and is read anew.
    judged
        The PDUs, those of a stream in their order, each with whether it is chosen. Of those that are not, the
        A-ASSOCIATE-RQ and -AC are needed, and one of each connection, which tells where one before it has ended.

    Returns
    -------
    array of int
        The numbers, from 1, of the frames that carried some of a chosen PDU, be it once more; and of each connection
        with one, of those that carried its A-ASSOCIATE-RQ and -AC, or no payload. They ascend, each once.

    """
    selection = Selection(capture)
    for pdu, chosen in judged:
        selection.follow(pdu, chosen=chosen)
    return selection.list_frames()


def write_frames(capture: Capture, frames: Sequence[int], path: Path) -> bool:
    """Write frames of a capture as a pcapng file, as they are, with their times, lengths and comments.

    Parameters
    ----------
    capture
        The capture; it may have been read, and is read anew.
    frames
        Numbers of frames, from 1, ascending, each once.
    path
        The file, which is there when it is whole, and not before. No file is ever written over.

    Returns
    -------
    bool
        Whether it was written; False where the very same bytes are there already.

    Raises
    ------
    SubsetError
        Where it cannot be written, or another file has its name.

    """
    refuse_inputs(capture, path)
    try:
        with Draft(path.parent) as draft:
            for block in encode_subset(capture, frames):
                draft.file.write(block)
            written = draft.publish(path)
            same = written or filecmp.cmp(draft.path, path, shallow=False)
    except OSError as error:
        why = error.strerror or str(error)
        raise SubsetError(f"{path}: cannot write ({why}); make room, or name another file") from error
    if not same:
        raise SubsetError(f"{path}: it is there already, with other bytes; remove it, or name another file")
    return written


def refuse_inputs(capture: Capture, path: Path) -> None:
    """Raise SubsetError where a path is that of one of the capture's files."""
    for name in capture.names:
        with suppress(OSError):  # there is no such file yet, or no more
            if name != "-" and os.path.samefile(name, path):
                raise SubsetError(f"{path}: it is one of the captures that are read; name another file")


def encode_subset(
    capture: Capture, frames: Sequence[int], added: Mapping[int, Sequence[str]] = NO_REMARKS
) -> Iterator[bytes]:
    """Give a pcapng file of a capture that was read, block by block.

    Each file's link types are interfaces of it, described when first needed. What is added to the comments on frames
    stands by their numbers. A comment on the file tells of frames left out.
    """
    again = capture.again()
    described = {records.file: describe_file(records.file) for records in again.records}
    comments = [comment for _, remarks in described.values() for comment in remarks]
    if len(frames) < len(capture.times) and PART not in comments:
        comments.append(PART)
    yield encode_section(comments)
    numbers: dict[tuple[CaptureFile, int], int] = {}
    wanted = iter(frames)
    due = next(wanted, 0)
    for frame, row in enumerate(merge_records(again.records), 1):
        if not due:
            return
        if frame == due:
            due = next(wanted, 0)
            file, link = row[0], row[5]
            interface = described[file][0].get(link) or Interface(link, 0, 10**NANOSECONDS, 0)
            if (file, link) not in numbers:
                numbers[file, link] = len(numbers)
                yield encode_interface(interface)
            yield encode_frame(row, interface, numbers[file, link], added.get(frame, ()))
