"""Messages, in: a DICOM file each, its data set as it was on the wire, and a manifest, out (PS3.10 7.1)."""

import json
import os
import re
import struct
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dissect import __version__
from dissect.association import Arrival, Association
from dissect.capture import Capture
from dissect.dimse import COMMAND_FIELD, Message
from dissect.inference import infer_syntax
from dissect.records import GIVE_BACK
from dissect.shelf import HEAD, PIECE, Draft, Fate, Shelf
from dissect.spans import Buffer, Joined, Source
from dissect.streams import Stream
from dissect.text import decode
from dissect.values import call_uid

SCHEMA = 1
"""The version of the manifest's form."""

MANIFEST = ("manifest", "jsonl")
"""Stem and suffix of its name."""

IMPLEMENTATION_CLASS = "2.25.315175865543345577172118819490732784212"
IMPLEMENTATION_VERSION = "DISSECT_" + ".".join(__version__.split(".")[:3])

LONGEST_INLINE = 1024
"""Bytes of a value that JSON holds itself."""

STORE = "C-STORE-RQ"
SOP_CLASS, SOP_INSTANCE = 0x0002, 0x1000
"""Affected SOP Class UID and Affected SOP Instance UID (PS3.7 9.3.1.1)."""

UID = re.compile(rb"[0-9][0-9.]{0,63}")
"""What may name a file: digits and dots, at most 64 (PS3.5 9.1)."""

TITLE = re.compile(rb"[ -\[\]-~]{1,16}")
"""ISO 646 without control characters and backslash (PS3.5 6.2, AE)."""


class ExportError(Exception):
    """A file that cannot be written: one sentence that says why and what to do."""


# The objects of a capture


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
        return self._find(SOP_CLASS) or self.abstract.encode("ascii", "replace")

    @property
    def sop_instance(self) -> bytes:
        """Give the SOP instance UID of the command as it was sent, without padding."""
        return self._find(SOP_INSTANCE)

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


def find_objects(arrivals: Iterable[Arrival], *, every: bool = False) -> Iterator[StoredObject]:
    """Give each object when the PDU that completes it is put out, and at the end those that never were complete.

    With `every`, the data sets of all messages are given, not those alone that are sent to be stored.
    """
    begun: dict[Message, StoredObject] = {}
    for arrival in arrivals:
        for pdv in arrival.pdvs:
            if pdv.part is None:
                continue
            message = pdv.part.message
            found = begun.get(message)
            if found is None:
                if pdv.is_command or (message.name not in ("", STORE) and not every):
                    continue
                stream, number = arrival.pdu.stream, arrival.number
                found = begun[message] = StoredObject(message, arrival.association, stream, number, number)
            if not pdv.is_command:
                found.last = arrival.number
                found.seen = message.data.complete and pdv is message.data.pdvs[-1]
            if found.is_over():
                del begun[message]
                if every or found.is_stored():
                    yield found
    yield from (found for found in begun.values() if every or found.is_stored())


# Part 10


def encode_head(found: StoredObject, source: Joined) -> bytes:
    """Encode preamble, prefix and file meta information, which is in Explicit VR Little Endian always (PS3.10 7.1)."""
    transfer = found.transfer or infer_syntax(source)
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


# A capture's export


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
        words = [f"{self.written} object{'' if self.written == 1 else 's'} written, {self.partial} of them partial"]
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
    arrivals: Iterator[Arrival], capture: Capture, folder: Path, wishes: Wishes = STORED_ONLY
) -> Tally | None:
    """Write the stored objects of a capture into a folder, which is made where it is not there.

    Returns
    -------
    Tally or None
        None where the capture holds no DICOM, so that no folder is made.

    Raises
    ------
    ExportError
        Where a file cannot be written; those that were are whole.

    """
    first = next(arrivals, None)
    if first is None:
        return None
    exporter = Exporter(capture, folder, wishes)
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
        exporter.export(find_objects(chain((first,), arrivals), every=wishes.commands))
    except OSError as error:
        why = error.strerror or str(error)
        raise ExportError(f"{folder}: cannot write ({why}); make room, or name another folder with --to") from error
    return exporter.tally
