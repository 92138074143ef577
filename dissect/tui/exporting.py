"""An order, in: the file or files that it asks for, written in a thread, and in a line what became of them, out."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice

from dissect.amounts import tell
from dissect.association import Arrival
from dissect.dialogue import Associations
from dissect.export import export_objects
from dissect.job import Job, Stopped
from dissect.masking import mask_message, mask_tree
from dissect.query import Column, Filter, Subject
from dissect.recall import Recall
from dissect.shelf import Draft
from dissect.subset import choose_frames, encode_subset, refuse_inputs
from dissect.tui.orders import FRAMES, OBJECTS, Order, Refusal, list_columns
from dissect.tui.state import State
from dissect.views import jsontree, listing, text
from dissect.views.paint import PLAIN
from dissect.views.times import make_clock

PAUSE = 0.05
"""Seconds between two looks at whether the capture was read."""

STEP = 64
"""After how many PDUs or frames the work asks whether it is to stop."""


class Export:
    """An order that is carried out in a thread."""

    def __init__(self, state: State, order: Order) -> None:
        """Take what the screens share as it is now."""
        self.order = order
        self.outcome = ""
        """What went where, in a line, once it is done."""
        self._index, self._capture, self._config = state.index, state.capture, state.config
        self._again = state.capture.again()
        self._loading, self._reading = state.loading, state.reading
        self._private, self._time = state.private, state.time_form
        self._columns = tuple(map(Column, list_columns(state, order.kind)))
        frames = state.index.frames
        self._remarks: dict[int, list[str]] = {}
        """What the user wrote on PDUs, by the frames that completed them."""
        for row, comment in sorted(state.marks.comments.items()):
            self._remarks.setdefault(frames[row], []).append(comment)
        self.job = Job("writing", self._work)

    def _work(self, job: Job) -> None:
        """Write, once the capture was read."""
        path = self.order.target
        try:
            while not self._loading.over:
                if job.pause(PAUSE):
                    raise Stopped
            chosen = self._choose(job)
            if not any(chosen):
                raise Refusal("there is no such PDU; nothing was written")
            writers = {OBJECTS.name: self._write_objects, FRAMES.name: self._write_frames}
            writers.get(self.order.kind.name, self._write_text)(job, chosen)
        except Stopped:
            whole = "; the files that are in it are whole" if self.order.kind is OBJECTS else "; nothing was written"
            self.outcome = f"{path}: stopped{whole}"
        except OSError as error:
            why = error.strerror or str(error)
            raise Refusal(f"{path}: cannot write ({why}); make room, or name another place") from error

    def _choose(self, job: Job) -> bytearray:
        """Tell of each row whether its PDU is asked for; to be exported, also by what it belongs to."""
        total, recall, done = len(self._index), Recall(self._index), 0
        around = "ask" if self.order.kind.verb == "export" else ""
        wanted = Filter(self.order.text, around) if self.order.text else None
        if wanted is None:
            return bytearray(b"\1") * total
        job.size = total * (1 + wanted.passes)

        def read() -> Iterator[Subject]:
            nonlocal done
            for row in range(total):
                if not row % STEP:
                    job.done = done + row
                    if job.stopped:
                        raise Stopped
                yield recall.make_entry(row)
            done += total

        wanted.prepare(read)
        return bytearray(map(wanted.holds, read()))

    def _read(self, job: Job, chosen: bytearray) -> Iterator[tuple[Arrival, bool]]:
        """Read the capture anew as far as there is something asked for, for so the command line tells of it."""
        capture = self._again
        job.done, job.size = 0, capture.file.size
        for arrival in islice(Associations(capture, self._config), chosen.rindex(1) + 1):
            if not arrival.number % STEP:
                job.done = capture.passed
            if job.stopped:
                raise Stopped
            yield arrival, bool(chosen[arrival.number - 1])

    def _write_objects(self, job: Job, chosen: bytearray) -> None:
        """Write objects."""
        folder = self.order.target
        tally = export_objects(self._read(job, chosen), self._again, folder, self.order.wishes)
        self.outcome = f"{folder}: {tally.describe() if tally is not None else 'nothing written'}"

    def _write_frames(self, job: Job, chosen: bytearray) -> None:
        """Write the frames of PDUs, with what the user wrote on these."""
        index = self._index
        frames = choose_frames(self._capture, ((index.make_pdu(row), bool(flag)) for row, flag in enumerate(chosen)))
        job.done, job.size = 0, len(frames)
        self._save(watch(job, encode_subset(self._capture, frames, self._remarks)))
        associations = {index.associations[row] for row, flag in enumerate(chosen) if flag}
        what = f"{tell(len(frames), 'frame')} of {tell(len(associations), 'association')}"
        self.outcome = f"{what} written to {self.order.target}"

    def _write_text(self, job: Job, chosen: bytearray) -> None:
        """Write trees or lines."""
        blocks = self._make_blocks(self._follow(job, chosen))
        self._save(block.encode("utf-8", "backslashreplace") for block in blocks)
        self.outcome = f"{tell(job.found, 'PDU')}{' masked,' * self._private} written to {self.order.target}"

    def _follow(self, job: Job, chosen: bytearray) -> Iterator[Subject]:
        """Give the PDUs that are asked for, masked in privacy."""
        for arrival, holds in self._read(job, chosen):
            for pdv in arrival.pdvs if self._private else ():
                if pdv.part is not None:
                    mask_message(pdv.part.message)
            if holds:
                subject = Subject(arrival, self._again, self._index.ledger)
                if self._private:
                    mask_tree(subject.top)
                job.found += 1
                yield subject

    def _make_blocks(self, subjects: Iterator[Subject]) -> Iterator[str]:
        """Give trees or lines as text."""
        columns, kind, capture = self._columns, self.order.kind, self._again
        match kind.verb, kind.form:
            case "show", "json":
                return jsontree.show_json(((each, each.top) for each in subjects), capture)
            case "show", "jsonl":
                return jsontree.show_jsonl((each, each.top) for each in subjects)
            case "show", _:
                return self._show(subjects)
            case _, "jsonl":
                return listing.list_jsonl(subjects, columns)
            case _, "csv":
                return listing.list_csv(subjects, make_clock(capture, "e"), columns)
        if columns:
            return listing.list_columns(subjects, columns, PLAIN)
        return listing.list_text(subjects, make_clock(capture, self._time), PLAIN)

    def _show(self, subjects: Iterator[Subject]) -> Iterator[str]:
        """Give trees as text; where all are shown, also what one must know of the connections."""
        writer = text.Writer(make_clock(self._again, self._time), text.PLAIN)
        for subject in subjects:
            yield from writer.show_pdu(subject)
        if not self.order.text:
            yield from text.show_connections(self._reading.associations.list_connections())
            yield from text.show_comments(self._capture) if not self._private else ()

    def _save(self, blocks: Iterable[bytes]) -> None:
        """Write a file that is there when it is whole, and not before."""
        path = self.order.target
        refuse_inputs(self._capture, path)
        with Draft(path.parent) as draft:
            for block in blocks:
                draft.file.write(block)
            if self.order.over:
                draft.file.flush()
                os.replace(draft.path, path)
            elif not draft.publish(path):
                raise Refusal(f"{path}: it is there already; name another file")


def watch(job: Job, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give blocks, as long as the work is not to stop."""
    for number, block in enumerate(blocks):
        if not number % STEP:
            job.done = number
            if job.stopped:
                raise Stopped
        yield block
