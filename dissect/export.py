"""Messages, in: a DICOM file each, its data set as it was on the wire, and a manifest, out (PS3.10 7.1)."""

import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dissect.amounts import tell
from dissect.association import Arrival
from dissect.capture.records import GIVE_BACK
from dissect.capture.segments import Capture
from dissect.objects import StoredObject, encode_head, find_objects
from dissect.shelf import PIECE, Draft, Fate, Shelf
from dissect.spans import Buffer, Joined, Source
from dissect.text import decode

SCHEMA = 1
"""The version of the manifest's form."""

MANIFEST = ("manifest", "jsonl")
"""Stem and suffix of its name."""

LONGEST_INLINE = 1024
"""Bytes of a value that JSON holds itself."""

UID = re.compile(rb"[0-9][0-9.]{0,63}")
"""What may name a file: digits and dots, at most 64 (PS3.5 9.1)."""


class ExportError(Exception):
    """A file that cannot be written: one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is written besides the stored objects: other data sets, JSON of PS3.18, the bytes of messages."""

    commands: bool = False
    json: bool = False
    raw: bool = False


STORED_ONLY = Wishes()


@dataclass(slots=True)
class Tally:
    """How many objects were written, and of these partial; kept as they were there before; repeated."""

    written: int = 0
    partial: int = 0
    kept: int = 0
    repeated: int = 0
    manifest: str = ""
    """The name of the manifest."""

    def describe(self) -> str:
        """Say it in a line."""
        words = [f"{tell(self.written, 'object')} written, {self.partial} of them partial"]
        words += [f"{self.kept} there already"] if self.kept else []
        words += [f"{self.repeated} repeated"] if self.repeated else []
        words += [f"manifest in {self.manifest}"] if self.manifest != ".".join(MANIFEST) else []
        return ", ".join(words)

    def count(self, fate: Fate, *, complete: bool) -> None:
        """Count an object."""
        self.written += fate == "written"
        self.partial += fate == "written" and not complete
        self.kept += fate == "kept"
        self.repeated += fate == "repeated"


class Exporter:
    """Writes objects into a folder."""

    def __init__(self, capture: Capture, folder: Path, wishes: Wishes) -> None:
        """Start with nothing written."""
        self.tally = Tally()
        self._wishes = wishes
        self._capture = capture
        self._folder = folder
        self._shelf = Shelf(folder)
        self._odd: dict[bytes, int] = {}
        """The numbers of what cannot name a file."""
        self._touched = 0
        """How many bytes were read of the capture since its pages were given back."""

    def export(self, objects: Iterable[StoredObject]) -> None:
        """Write each object as it comes, and the manifest at the end."""
        encode = json.JSONEncoder(separators=(", ", ": ")).encode
        with Draft(self._folder) as manifest:
            for found in objects:
                manifest.file.write(encode(self._write(found)).encode() + b"\n")
            self.tally.manifest, _ = self._shelf.place(manifest, *MANIFEST)

    def _write(self, found: StoredObject) -> dict[str, object]:
        """Write an object, and give its line of the manifest."""
        source = found.message.data.join()
        complete = found.is_complete(source)
        with Draft(self._folder) as draft:
            draft.file.write(encode_head(found, source))
            self._write_data(draft, source)
            name, fate = self._shelf.place(draft, self._find_stem(found), "dcm" if complete else "partial.dcm")
        self.tally.count(fate, complete=complete)
        record = make_record(found, source, complete=complete, name=name, fate=fate)
        if fate == "repeated":
            return record
        stem = name.removesuffix(".dcm")
        if self._wishes.json and (text := convert_to_json(self._folder / name)) is not None:
            record["json"] = self._write_beside(stem, "json", Buffer(text))
        if self._wishes.raw:
            command = found.message.command.join()
            kinds = (("command.raw", command), ("data.raw", source))
            record["raw"] = [self._write_beside(stem, suffix, each) for suffix, each in kinds if each.size]
        return record

    def _write_beside(self, stem: str, suffix: str, source: Source) -> str:
        """Write bytes beside an object's file, and give the name under which they are found."""
        with Draft(self._folder) as draft:
            self._write_data(draft, source)
            return self._shelf.place(draft, stem, suffix)[0]

    def _write_data(self, draft: Draft, source: Source) -> None:
        """Write a data set; what is missing of it at length takes no room on the disk."""
        holed = bool(source.missing(0, source.size))
        for at in range(0, source.size, PIECE):
            stop = min(at + PIECE, source.size)
            if holed and source.missing(at, stop) == [(at, stop)]:
                draft.file.seek(stop - at, os.SEEK_CUR)
            else:
                self._give_back(draft.file.write(source.read(at, stop)))
        draft.file.truncate()

    def _find_stem(self, found: StoredObject) -> str:
        """Give the name of a file without its suffix: an object's UID, or a number where that can name no file.

        What is not sent to be stored is named after its message.
        """
        if not found.is_stored():
            return found.path.replace("/", ".")
        uid = found.sop_instance
        return decode(uid) if UID.fullmatch(uid) else f"object-{self._odd.setdefault(uid, len(self._odd) + 1)}"

    def _give_back(self, count: int) -> None:
        """Let go of the capture's pages now and then."""
        self._touched += count
        if self._touched >= GIVE_BACK:
            self._capture.give_back()
            self._touched = 0


def make_record(found: StoredObject, source: Joined, *, complete: bool, name: str, fate: Fate) -> dict[str, object]:
    """Make an object's line of the manifest.

    Returns
    -------
    dict
        `schema`; `file`, the name; `sop_class`, `sop_instance` and `transfer_syntax`; `association`; `pdus`, the
        numbers of the first and the last that carry some of the data set; `frames`, those of the one with its first
        byte and the one that completes its last PDU; `length` of the data set; `complete`; `missing`, the half-open
        ranges of the data set that are zeros for want of bytes; `torn`, the offset in it at which nobody knows how
        many bytes lack; `duplicate_of`, the name of the same bytes where nothing was written, and `file` is null;
        `message`, its path in the tree; `json` and `raw`, the files beside it. What the capture does not tell is null.

    """
    message, repeated = found.message, fate == "repeated"
    first, last = message.data.pdvs[0], message.data.pdvs[-1]
    frames = first.pdu.stream.frames(first.fragment.start, first.fragment.start + 1) or first.pdu.span.frames()
    return {
        "schema": SCHEMA,
        "file": None if repeated else name,
        "sop_class": decode(found.sop_class) or None,
        "sop_instance": decode(found.sop_instance) or None,
        "transfer_syntax": found.transfer or None,
        "association": found.association.number,
        "pdus": [found.first, found.last],
        "frames": [min(frames, default=first.pdu.frame), last.pdu.frame],
        "length": source.size,
        "complete": complete,
        "missing": source.missing(0, source.size),
        "torn": message.data.torn,
        "duplicate_of": name if repeated else None,
        "message": found.path,
        "json": None,
        "raw": [],
    }


def convert_to_json(path: Path) -> bytes | None:
    """Convert the data set of a DICOM file to JSON of PS3.18 Annex F; None where pydicom cannot.

    Values of more than a kibibyte stay in the file; their BulkDataURI names it, and their tag.
    """
    from pydicom import dcmread  # noqa: PLC0415 (its import costs more than most exports)
    from pydicom.dataelem import DataElement  # noqa: PLC0415

    def point(element: DataElement) -> str:
        return f"{path.name}#{element.tag:08X}"

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is wrong with a value is told by show
            return dcmread(path, force=True).to_json(LONGEST_INLINE, point).encode()
    except Exception:  # pydicom raises whatever a broken value leads it to
        return None


def export_objects(
    judged: Iterator[tuple[Arrival, bool]], capture: Capture, folder: Path, wishes: Wishes = STORED_ONLY
) -> Tally | None:
    """Write the stored objects of a capture into a folder, which is made where it is not there.

    With each PDU comes whether the messages that it carries are asked for.

    Returns
    -------
    Tally or None
        None where the capture holds no DICOM, so that no folder is made.

    Raises
    ------
    ExportError
        Where a file cannot be written; those that were are whole.

    """
    first = next(judged, None)
    if first is None:
        return None
    exporter = Exporter(capture, folder, wishes)
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
        exporter.export(find_objects(chain((first,), judged), every=wishes.commands))
    except OSError as error:
        why = error.strerror or str(error)
        raise ExportError(f"{folder}: cannot write ({why}); make room, or name another folder with --to") from error
    return exporter.tally
