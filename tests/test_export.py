"""Stored objects as DICOM files: their bytes, their names, what is partial, and what is never overwritten."""

import gc
import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TypedDict

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_file_meta_info
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID, CTImageStorage, DeflatedExplicitVRLittleEndian

from dissect import objects
from dissect.association import Arrival
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.dicom.dimse import Message
from dissect.export import export_objects
from dissect.objects import IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION
from dissect.spans import Joined
from tests.build import (
    ACK,
    BIG_ENDIAN,
    CT_IMAGE_STORAGE,
    EXPLICIT,
    IMPLICIT,
    LAST,
    SOP_INSTANCE,
    VERIFICATION,
    Frame,
    Talk,
    abort,
    associate_ac,
    associate_rq,
    c_echo_rq,
    c_store_rq,
    c_store_rsp,
    command_set,
    echo_talk,
    element,
    message,
    pcap,
    pdv,
    release_rq,
    segment,
    store_talk,
    text,
)

CAPTURES = Path(__file__).parents[1] / "captures"
SYNTAXES = [IMPLICIT, EXPLICIT, BIG_ENDIAN]


class Record(TypedDict):
    """A line of the manifest, as far as a test looks at its parts."""

    file: str
    sop_class: str | None
    sop_instance: str
    transfer_syntax: str | None
    length: int
    complete: bool
    missing: list[list[int]]
    torn: int
    duplicate_of: str | None
    pdus: list[int]
    message: str
    json: str
    raw: list[str]


def make_data(size: int = 3000, *, syntax: str = IMPLICIT, uid: str = SOP_INSTANCE, seed: int = 1) -> bytes:
    """Encode a data set with so many bytes of pixels that nothing else has."""
    fields = text(0x00080016, "UI", CT_IMAGE_STORAGE, syntax=syntax) + text(0x00080018, "UI", uid, syntax=syntax)
    fields += text(0x00100010, "PN", "Doe^John", syntax=syntax)
    return fields + element(0x7FE00010, "OW", random.Random(seed).randbytes(size), syntax=syntax)


def store(*objects: tuple[str, bytes], talk: Talk | None = None, syntax: str = IMPLICIT, pdv_size: int = 4000) -> Talk:
    """Make an association that stores data sets under UIDs, one after the other."""
    talk = (talk or Talk()).open()
    talk.request(associate_rq([(1, CT_IMAGE_STORAGE, [syntax])])).answer(associate_ac([(1, 0, syntax)]))
    for number, (uid, data) in enumerate(objects, 1):
        talk.request(*message(1, c_store_rq(number, CT_IMAGE_STORAGE, uid), data, pdv_size=pdv_size))
        talk.answer(*message(1, c_store_rsp(number, CT_IMAGE_STORAGE, uid)))
    return talk.release()


def export(frames: Iterable[Frame], folder: Path) -> list[Record]:
    """Export a conversation into the folder's `out`, and give the lines of the manifest."""
    path = folder / "talk.pcap"
    path.write_bytes(pcap(frames))
    assert main(["export", str(path), "--to", str(folder / "out")]) == 0
    return read_manifest(folder / "out")


def read_manifest(folder: Path, name: str = "manifest.jsonl") -> list[Record]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="ascii").splitlines()]


def read_data(path: Path) -> bytes:
    """Give what of a Part 10 file is not preamble, prefix and meta information."""
    with path.open("rb") as file:
        meta = read_file_meta_info(path)
        file.seek(132 + 12 + meta.FileMetaInformationGroupLength)
        return file.read()


def list_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def drop(frames: list[Frame], *payloads: bytes) -> list[Frame]:
    """Lose the frames that hold any of these bytes."""
    left = [frame for frame in frames if not any(payload in frame.data for payload in payloads)]
    assert len(left) == len(frames) - len(payloads)
    return left


# Part 10


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_data_set_of_a_file_is_what_was_sent_and_pydicom_reads_it(syntax: str, tmp_path: Path) -> None:
    data = make_data(syntax=syntax)
    [record] = export(store_talk(data, pdv_size=700, syntax=syntax).frames, tmp_path)
    path = tmp_path / "out" / f"{SOP_INSTANCE}.dcm"
    assert read_data(path) == data
    image = pydicom.dcmread(path)
    assert image.file_meta.TransferSyntaxUID == syntax == record["transfer_syntax"]
    assert (image.PatientName, image.SOPInstanceUID) == ("Doe^John", SOP_INSTANCE)
    assert image.PixelData == random.Random(1).randbytes(3000)


@pytest.mark.parametrize("uid", ["2.25.1", "2.25.12"])
def test_the_meta_information_is_what_pydicom_writes(uid: str, tmp_path: Path) -> None:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = UID(EXPLICIT)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION
    meta.SourceApplicationEntityTitle = "REQUESTOR"
    wanted = DicomBytesIO()
    write_file_meta_info(wanted, meta)
    export(store((uid, make_data(syntax=EXPLICIT)), syntax=EXPLICIT).frames, tmp_path)
    path = tmp_path / "out" / f"{uid}.dcm"
    head = bytes(128) + b"DICM" + wanted.getvalue()
    assert path.read_bytes()[: len(head)] == head
    read = read_file_meta_info(path)
    assert read.FileMetaInformationGroupLength == len(wanted.getvalue()) - 12
    assert all(read[element.tag] == element for element in meta if element.tag != 0x00020000)


def test_the_implementation_uid_is_one_and_its_version_name_fits() -> None:
    assert UID(IMPLEMENTATION_CLASS).is_valid
    assert int(IMPLEMENTATION_CLASS.removeprefix("2.25.")).bit_length() <= 128
    assert len(IMPLEMENTATION_VERSION) <= 16


def test_a_deflated_data_set_is_written_as_it_is(tmp_path: Path) -> None:
    image = Dataset()
    image.PatientID = "SYN-0001"
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = CTImageStorage
    image.file_meta.MediaStorageSOPInstanceUID = UID(SOP_INSTANCE)
    image.save_as(tmp_path / "deflated.dcm", enforce_file_format=True)
    data = read_data(tmp_path / "deflated.dcm")
    export(store_talk(data, syntax=DeflatedExplicitVRLittleEndian).frames, tmp_path)
    path = tmp_path / "out" / f"{SOP_INSTANCE}.dcm"
    assert read_data(path) == data
    assert pydicom.dcmread(path).PatientID == "SYN-0001"


@pytest.mark.parametrize("name", ["c-store", "c-store-explicit"])
def test_a_recorded_object_is_the_one_that_was_sent(name: str, tmp_path: Path) -> None:
    assert main(["export", str(CAPTURES / f"{name}.pcap"), "--to", str(tmp_path)]) == 0
    [record] = read_manifest(tmp_path)
    image = pydicom.dcmread(tmp_path / record["file"])
    assert record["complete"]
    assert (record["sop_class"], record["sop_instance"]) == (image.SOPClassUID, image.SOPInstanceUID)
    assert (image.PatientName, image.Rows, len(image.PixelData)) == ("Müller^Jörg", 64, 8192)
    assert image.file_meta.SourceApplicationEntityTitle == "MODALITY"
    parts = Associations(Capture(CAPTURES / f"{name}.pcap"), Config())
    [sent] = {pdv.part for arrival in parts for pdv in arrival.pdvs if pdv.part and not pdv.is_command}
    assert read_data(tmp_path / record["file"]) == bytes(sent.join().read(0, record["length"]))
    again = BytesIO()
    pydicom.dcmwrite(again, image, enforce_file_format=False)
    assert again.getvalue().endswith(read_data(tmp_path / record["file"]))


# The manifest


def test_a_line_tells_where_the_object_stands(tmp_path: Path) -> None:
    data = make_data(9000)
    talk = store(("2.25.1", data))
    [record] = export(talk.frames, tmp_path)
    assert next(iter(record)) == "schema"
    assert record == {
        "schema": 1,
        "file": "2.25.1.dcm",
        "sop_class": CT_IMAGE_STORAGE,
        "sop_instance": "2.25.1",
        "transfer_syntax": IMPLICIT,
        "association": 1,
        "pdus": [4, 6],
        "frames": [7, 13],
        "length": len(data),
        "complete": True,
        "missing": [],
        "torn": None,
        "duplicate_of": None,
        "message": "association.1/c-store-rq.1",
        "json": None,
        "raw": [],
    }


def test_a_capture_without_stored_objects_has_an_empty_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(echo_talk().frames, tmp_path) == []
    assert capsys.readouterr().err == f"dissect: {tmp_path / 'out'}: 0 objects written, 0 of them partial\n"


def test_another_manifest_is_left_alone_and_the_new_one_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(store(("2.25.1", make_data())).frames, tmp_path)
    export(store(("2.25.2", make_data())).frames, tmp_path)
    assert "manifest in manifest.2.jsonl" in capsys.readouterr().err
    assert [record["file"] for record in read_manifest(tmp_path / "out")] == ["2.25.1.dcm"]
    assert [record["file"] for record in read_manifest(tmp_path / "out", "manifest.2.jsonl")] == ["2.25.2.dcm"]


# Who sent it, and in what


def test_an_object_that_comes_back_on_a_c_get_is_the_acceptor_s(tmp_path: Path) -> None:
    data = make_data()
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])], called="ARCHIVE"))
    talk.answer(associate_ac(called="ARCHIVE"), *message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.7"), data))
    talk.request(*message(1, c_store_rsp(1, CT_IMAGE_STORAGE, "2.25.7"))).close()
    export(talk.frames, tmp_path)
    path = tmp_path / "out" / "2.25.7.dcm"
    assert read_data(path) == data
    assert pydicom.dcmread(path).file_meta.SourceApplicationEntityTitle == "ARCHIVE"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_where_the_capture_lacks_the_negotiation_the_file_says_how_the_data_set_looks(
    syntax: str, tmp_path: Path
) -> None:
    data = make_data(syntax=syntax)
    talk = Talk().request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.7"), data))
    [record] = export(talk.frames, tmp_path)
    assert record["transfer_syntax"] is None
    assert record["complete"]
    image = pydicom.dcmread(tmp_path / "out" / "2.25.7.dcm")
    assert (image.file_meta.TransferSyntaxUID, image.PatientName) == (syntax, "Doe^John")
    assert "SourceApplicationEntityTitle" not in image.file_meta


def test_the_only_transfer_syntax_that_was_offered_is_the_one_that_is_used(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, ["1.2.840.10008.1.2.4.50"])]))
    talk.request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.7"), make_data(syntax=EXPLICIT))).close()
    [record] = export(talk.frames, tmp_path)
    assert record["transfer_syntax"] == "1.2.840.10008.1.2.4.50"


def test_an_ae_title_that_is_none_is_left_out(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])], calling="A\\B\x1b[2J"))
    talk.answer(associate_ac()).request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.7"), make_data())).close()
    export(talk.frames, tmp_path)
    assert "SourceApplicationEntityTitle" not in read_file_meta_info(tmp_path / "out" / "2.25.7.dcm")


def test_data_sets_of_other_messages_are_not_exported(tmp_path: Path) -> None:
    other = command_set({0x0002: VERIFICATION, 0x0100: 0x0020, 0x0110: 1, 0x0800: 1})
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac())
    talk.request(*message(1, other, make_data()), *message(1, c_echo_rq())).close()
    assert export(talk.frames, tmp_path) == []


def test_a_command_that_ends_after_its_data_set_is_heeded(tmp_path: Path) -> None:
    [command], data = message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.7")), make_data()
    *_, sent = message(1, b"", data)
    halves = message(1, command[12:], pdv_size=40)
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac())
    talk.request(halves[0], sent, *halves[1:]).close()
    export(talk.frames, tmp_path)
    assert read_data(tmp_path / "out" / "2.25.7.dcm") == data


# Names


def test_two_objects_of_one_uid_are_two_files_and_a_repeated_one_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = make_data(seed=1), make_data(seed=2)
    records = export(store(("2.25.1", one), ("2.25.1", two), ("2.25.1", one), ("2.25.1", two)).frames, tmp_path)
    files, copies = ["2.25.1.dcm", "2.25.1.2.dcm"], [None, None]
    assert [record["file"] for record in records] == files + copies
    assert [record["duplicate_of"] for record in records] == copies + files
    assert [read_data(tmp_path / "out" / name) for name in files] == [one, two]
    assert list_files(tmp_path / "out") == sorted([*files, "manifest.jsonl"])
    assert "2 objects written, 0 of them partial, 2 repeated" in capsys.readouterr().err


def test_an_object_that_another_entity_passes_on_is_the_same(tmp_path: Path) -> None:
    data, talk = make_data(), store(("2.25.1", make_data()))
    onward = Talk(requestor=("10.0.0.2", 50001), acceptor=("10.0.0.3", 104)).open()
    onward.request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])], calling="ARCHIVE")).answer(associate_ac())
    onward.request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1"), data)).close()
    records = export(talk.frames + onward.frames, tmp_path)
    assert [record["duplicate_of"] for record in records] == [None, "2.25.1.dcm"]


def test_the_same_bytes_in_another_transfer_syntax_are_another_object(tmp_path: Path) -> None:
    talk = store(("2.25.1", make_data()), syntax=IMPLICIT)
    other = store(("2.25.1", make_data()), syntax=EXPLICIT, talk=Talk(requestor=("10.0.0.1", 50001)))
    records = export(talk.frames + other.frames, tmp_path)
    assert [record["file"] for record in records] == ["2.25.1.dcm", "2.25.1.2.dcm"]


HOSTILE = ["../../x", "", "/etc/passwd", "1.2\0.3", "1" * 300, "..", "1.2/3", "CON", "1.2\n3", "\u0661.2", "1.2 3"]


def test_a_uid_that_can_name_no_file_becomes_a_number(tmp_path: Path) -> None:
    objects = [(uid.encode().decode("latin-1"), make_data(seed=seed)) for seed, uid in enumerate(HOSTILE)]
    (tmp_path / "deep" / "er").mkdir(parents=True)
    records = export(store(*objects).frames, tmp_path / "deep" / "er")
    out = tmp_path / "deep" / "er" / "out"
    names = [f"object-{number}.dcm" for number in range(1, len(HOSTILE) + 1)]
    assert [record["file"] for record in records] == names
    assert [record["sop_instance"] or "" for record in records] == HOSTILE
    assert list_files(out) == sorted([*names, "manifest.jsonl"])
    assert [read_data(out / name) for name in names] == [data for _, data in objects]
    assert [list_files(out.parents[n]) for n in range(3)] == [["out", "talk.pcap"], ["er"], ["deep"]]


def test_uids_of_64_characters_name_a_file(tmp_path: Path) -> None:
    uid = "2.25." + "1" * 59
    assert [record["file"] for record in export(store((uid, make_data())).frames, tmp_path)] == [f"{uid}.dcm"]


def test_an_object_without_usable_uid_is_known_again(tmp_path: Path) -> None:
    records = export(store(("../x", make_data()), ("../x", make_data()), ("x", make_data())).frames, tmp_path)
    assert [record["file"] for record in records] == ["object-1.dcm", None, "object-2.dcm"]


def test_a_name_that_two_uids_lead_to_is_given_once(tmp_path: Path) -> None:
    objects = [("1.2", make_data(seed=1)), ("1", make_data(seed=2)), ("1", make_data(seed=3))]
    records = export(store(*objects).frames, tmp_path)
    assert [record["file"] for record in records] == ["1.2.dcm", "1.dcm", "1.3.dcm"]


# What is there already


def test_a_second_export_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = [("2.25.1", make_data(seed=1)), ("2.25.1", make_data(seed=2)), ("2.25.2", make_data())]
    export(store(*objects).frames, tmp_path)
    before = {path: (path.read_bytes(), path.stat().st_ino) for path in (tmp_path / "out").iterdir()}
    capsys.readouterr()
    export(store(*objects).frames, tmp_path)
    assert {path: (path.read_bytes(), path.stat().st_ino) for path in (tmp_path / "out").iterdir()} == before
    assert capsys.readouterr().err.endswith("0 objects written, 0 of them partial, 3 there already\n")


def test_a_different_file_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "2.25.1.dcm").write_bytes(b"mine")
    (out / "2.25.1.2.dcm").write_bytes(b"")
    (out / "2.25.1.3.dcm").mkdir()
    records = export(store(("2.25.1", make_data()), ("2.25.1", make_data())).frames, tmp_path)
    assert [record["file"] for record in records] == ["2.25.1.4.dcm", None]
    assert (out / "2.25.1.dcm").read_bytes() == b"mine"
    assert (out / "2.25.1.2.dcm").read_bytes() == b""


@pytest.mark.parametrize("there", ["nothing", "other", "same"])
def test_a_link_is_not_followed(there: str, tmp_path: Path) -> None:
    out, target = tmp_path / "out", tmp_path / "target"
    export(store(("2.25.1", make_data())).frames, tmp_path)
    whole = (out / "2.25.1.dcm").read_bytes()
    (out / "2.25.1.dcm").unlink()
    if there != "nothing":
        target.write_bytes(whole if there == "same" else b"mine")
    (out / "2.25.1.dcm").symlink_to(target)
    export(store(("2.25.1", make_data())).frames, tmp_path)
    assert (out / "2.25.1.2.dcm").read_bytes() == whole
    assert (out / "2.25.1.dcm").is_symlink()
    assert target.exists() == (there != "nothing")
    assert there != "other" or target.read_bytes() == b"mine"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "2.25.1.dcm")
    records = export(store(("2.25.1", make_data())).frames, tmp_path)
    assert [record["file"] for record in records] == ["2.25.1.2.dcm"]


def test_a_file_system_without_links_is_written_to_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    one, two = make_data(seed=1), make_data(seed=2)
    export(store(("2.25.1", one), ("2.25.1", two)).frames, tmp_path)
    names = ["2.25.1.dcm", "2.25.1.2.dcm"]
    assert [read_data(tmp_path / "out" / name) for name in names] == [one, two]
    assert list_files(tmp_path / "out") == sorted([*names, "manifest.jsonl"])


# What the capture lacks


def test_lost_bytes_are_zeros_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = make_data(20000)
    lost = data[6000:6500]
    talk = store(("2.25.1", data), talk=Talk(mss=500), pdv_size=1 << 20)
    frames = drop(talk.frames, lost[200:210])
    [record] = export(frames, tmp_path)
    [[start, stop]] = record["missing"]
    assert (record["file"], record["complete"]) == ("2.25.1.partial.dcm", False)
    assert (stop - start, start <= 6200 < stop, record["length"]) == (500, True, len(data))
    written = read_data(tmp_path / "out" / "2.25.1.partial.dcm")
    assert written == data[:start] + bytes(stop - start) + data[stop:]
    assert "1 object written, 1 of them partial" in capsys.readouterr().err


def test_partial_objects_have_names_of_their_own(tmp_path: Path) -> None:
    objects = [make_data(8000, seed=seed) for seed in range(4)]
    talk = store(*[("2.25.1", data) for data in objects], talk=Talk(mss=500), pdv_size=1 << 20)
    frames = drop(talk.frames, objects[0][4000:4010], objects[2][4000:4010])
    assert [record["file"] for record in export(frames, tmp_path)] == [
        "2.25.1.partial.dcm",
        "2.25.1.dcm",
        "2.25.1.2.partial.dcm",
        "2.25.1.2.dcm",
    ]


def test_an_object_that_was_never_finished_is_partial_and_comes_last(tmp_path: Path) -> None:
    data = make_data(9000)
    *first, _ = message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1"), data, pdv_size=4000)
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac())
    talk.request(*first, abort()).reset()
    other = store(("2.25.2", data), talk=Talk(requestor=("10.0.0.1", 50001)))
    records = export(talk.frames + other.frames, tmp_path)
    assert [record["file"] for record in records] == ["2.25.2.dcm", "2.25.1.partial.dcm"]
    assert (records[1]["complete"], records[1]["missing"], records[1]["length"]) == (False, [], 8000)
    assert read_data(tmp_path / "out" / "2.25.1.partial.dcm") == data[:8000]


def test_a_capture_that_ends_in_mid_object_gives_what_it_holds(tmp_path: Path) -> None:
    data = make_data(9000)
    [record] = export(store(("2.25.1", data), pdv_size=1 << 20).frames[:10], tmp_path)
    written = read_data(tmp_path / "out" / "2.25.1.partial.dcm")
    assert len(written) == record["length"] > 3000
    assert data.startswith(written)


def test_a_lost_pdu_header_tears_the_object(tmp_path: Path) -> None:
    data = make_data(8000)
    talk = store(("2.25.1", data), talk=Talk(mss=700), pdv_size=300)
    [record] = export(drop(talk.frames, data[4000:4010]), tmp_path)
    assert (record["file"], record["complete"]) == ("2.25.1.partial.dcm", False)
    assert 0 < record["torn"] <= record["length"] < len(data)
    assert data.startswith(read_data(tmp_path / "out" / "2.25.1.partial.dcm")[: record["torn"]])


def test_an_object_whose_command_is_lost_is_told_by_its_context(tmp_path: Path) -> None:
    data = make_data(8000)
    talk = store(("2.25.77", data), ("2.25.78", data), talk=Talk(mss=500))
    first = next(frame for frame in talk.frames if b"2.25.77" in frame.data)
    records = export([frame for frame in talk.frames if frame is not first], tmp_path)
    assert [record["file"] for record in records] == ["object-1.partial.dcm", "2.25.78.dcm"]
    assert [record["sop_class"] for record in records] == [CT_IMAGE_STORAGE] * 2
    assert [record["sop_instance"] for record in records] == [None, "2.25.78"]
    assert read_data(tmp_path / "out" / "object-1.partial.dcm") == data


def test_a_message_without_a_data_set_is_no_object(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac())
    talk.request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1"))).close()
    assert export(talk.frames, tmp_path) == []


def test_a_message_whose_data_set_never_comes_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MOST_DUE", 4)
    frames: list[Frame] = []
    for port in range(50001, 50021):
        talk = Talk(requestor=("10.0.0.1", port)).open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])]))
        command, _ = message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1"), make_data())
        frames += talk.answer(associate_ac()).request(command, abort()).reset().frames
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([*frames, *store(("2.25.2", make_data())).frames]))
    kept = []

    def judge() -> Iterator[tuple[Arrival, bool]]:
        for arrival in Associations(Capture(str(path)), Config()):
            yield arrival, True
        gc.collect()
        kept.append(sum(isinstance(each, Message) for each in gc.get_objects()))

    gc.collect()
    before = sum(isinstance(each, Message) for each in gc.get_objects())
    assert [found.sop_instance for found in objects.find_objects(judge())] == [b"2.25.2"]
    assert kept[0] - before <= 8


# Trouble


def expect_trouble(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run and give the one line on standard error that goes with exit status 2."""
    assert main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_a_folder_that_is_a_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "notes"
    there.touch()
    for to in (there, there / "below"):
        line = expect_trouble(capsys, "export", str(CAPTURES / "c-store.pcap"), "--to", str(to))
        assert f"{to}: cannot write (Not a directory)" in line
        assert "--to" in line
    assert there.read_bytes() == b""


def test_without_a_capture_or_dicom_in_it_no_folder_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    web = tmp_path / "web.pcap"
    web.write_bytes(pcap(Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").frames))
    out = tmp_path / "out"
    assert "no such file" in expect_trouble(capsys, "export", str(tmp_path / "none.pcap"), "--to", str(out))
    assert "no DICOM found" in expect_trouble(capsys, "export", str(web), "--to", str(out))
    assert not out.exists()


def test_a_full_disk_leaves_whole_files_only_and_is_told_in_a_line(tmp_path: Path) -> None:
    path, out = tmp_path / "talk.pcap", tmp_path / "out"
    path.write_bytes(pcap(store(("2.25.1", make_data(3000)), ("2.25.2", make_data(90000))).frames))
    code = (
        "import resource, sys; from dissect.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-W", "error", "-c", code, "export", str(path), "--to", str(out)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert f"{out}: cannot write (File too large); make room" in line
    assert list_files(out) == ["2.25.1.dcm"]


def test_ctrl_c_leaves_whole_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Joined.read

    def interrupt(self: Joined, start: int, stop: int) -> bytes | memoryview:
        if start:
            raise KeyboardInterrupt
        return read(self, start, stop)

    monkeypatch.setattr("dissect.export.PIECE", 5000)
    monkeypatch.setattr(Joined, "read", interrupt)
    path, out = tmp_path / "talk.pcap", tmp_path / "out"
    path.write_bytes(pcap(store(("2.25.1", make_data(3000)), ("2.25.2", make_data(90000))).frames))
    assert main(["export", str(path), "--to", str(out)]) == 130
    assert list_files(out) == ["2.25.1.dcm"]


# Memory


def measure_peak(size: int, folder: Path) -> int:
    """Give the most memory that an export of one object of so many bytes takes of Python."""
    folder.mkdir()
    data = make_data(size)
    path = folder / "talk.pcap"
    path.write_bytes(pcap(store(("2.25.1", data), talk=Talk(mss=60000), pdv_size=100_000).frames))
    capture = Capture(path)
    tracemalloc.start()
    try:
        export_objects(((each, True) for each in Associations(capture, Config())), capture, folder / "out")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert hashlib.sha256(read_data(folder / "out" / "2.25.1.dcm")).digest() == hashlib.sha256(data).digest()
    return peak


def test_memory_does_not_grow_with_the_object(tmp_path: Path) -> None:
    measure_peak(1000, tmp_path / "warm")
    small, large = measure_peak(4 << 20, tmp_path / "small"), measure_peak(20 << 20, tmp_path / "large")
    assert large - small < 1 << 20


# DCMTK at both ends

PORT = 11119
FOLDERS = "/usr/bin:/usr/local/bin:/usr/sbin"
PACKAGES = {"storescu": "dcmtk", "storescp": "dcmtk", "tcpdump": "tcpdump"}
LACKING = sorted({package for name, package in PACKAGES.items() if not shutil.which(name, path=FOLDERS)})


@pytest.mark.skipif(bool(LACKING), reason=f"missing programs: apt-get install {' '.join(LACKING)}")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="tcpdump listens on lo for root only")
def test_twenty_objects_are_those_that_dcmtk_received(tmp_path: Path) -> None:
    from captures.peers import listen, run, tap  # noqa: PLC0415 (not needed where the test is skipped)

    sent, received, out = (tmp_path / name for name in ("sent", "received", "out"))
    sent.mkdir()
    received.mkdir()
    for number in range(1, 21):
        uid = f"2.25.{number}"
        head = export_head(uid, EXPLICIT if number % 2 else IMPLICIT)
        data = make_data(number * 20000, syntax=EXPLICIT if number % 2 else IMPLICIT, uid=uid, seed=number)
        (sent / f"{number}.dcm").write_bytes(head + data)
    arguments = ("+B", "--output-directory", str(received), "--prefer-little", str(PORT))
    with listen(tmp_path, PORT, "storescp", *arguments), tap(tmp_path / "talk.pcap", PORT):
        files = [str(sent / f"{number}.dcm") for number in range(1, 21)]
        run("storescu", "-aet", "MODALITY", "-aec", "ARCHIVE", "127.0.0.1", str(PORT), *files)
    assert main(["export", str(tmp_path / "talk.pcap"), "--to", str(out)]) == 0
    records = read_manifest(out)
    assert [record["file"] for record in records] == [f"2.25.{number}.dcm" for number in range(1, 21)]
    assert all(record["complete"] for record in records)
    stored = {path.name.split(".", 1)[1]: path for path in received.iterdir()}
    assert stored.keys() == {f"2.25.{number}" for number in range(1, 21)}
    for record in records:
        theirs = stored[record["sop_instance"]]
        assert read_data(out / record["file"]) == read_data(theirs)
        ours, meta = read_file_meta_info(out / record["file"]), read_file_meta_info(theirs)
        assert ours.TransferSyntaxUID == meta.TransferSyntaxUID
        assert ours.SourceApplicationEntityTitle == meta.SourceApplicationEntityTitle == "MODALITY"


def export_head(uid: str, syntax: str) -> bytes:
    """Let pydicom encode preamble, prefix and meta information of a CT image."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = UID(uid)
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID("2.25.104")
    meta.FileMetaInformationVersion = b"\x00\x01"
    head = DicomBytesIO()
    write_file_meta_info(head, meta)
    return bytes(128) + b"DICM" + head.getvalue()


def test_what_is_missing_at_length_takes_no_room_on_the_disk(tmp_path: Path) -> None:
    size = 1 << 26
    head = make_data(100) + element(0x7FE00010, "OW", b"", length=size)
    fragment = pdv(1, LAST, head, length=2 + len(head) + size)
    begin = struct.pack(">BBI", 4, 0, len(fragment) + size) + fragment
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])]))
    talk.answer(associate_ac([(1, 0, IMPLICIT)]))
    talk.request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1")), begin)
    count = 1 + sum(len(frame.data) - 54 for frame in talk.frames if frame.data[26:30] == bytes([10, 0, 0, 1]))
    end = segment(talk.requestor, talk.acceptor, talk.isn[0] + count + size - 2, 0, ACK, b"xy" + release_rq())
    [line] = export([*talk.frames, Frame(0, end)], tmp_path)
    [path] = tmp_path.rglob("2.25.1.partial.dcm")
    data = read_data(path)
    assert (line["length"], line["missing"]) == (len(data), [[len(head), len(data) - 2]])
    assert data == head + bytes(size - 2) + b"xy"
    if os.name == "posix":
        assert path.stat().st_blocks * 512 < 4 << 20


# What is written besides


def export_more(folder: Path, path: Path, *words: str) -> list[Record]:
    """Export a capture with further options, and give its manifest."""
    assert main(["export", *words, str(path), "--to", str(folder / "out")]) == 0
    return read_manifest(folder / "out")


def test_data_sets_of_all_messages_are_written_under_the_names_of_their_messages(tmp_path: Path) -> None:
    records = export_more(tmp_path, CAPTURES / "mpps.pcap", "--commands")
    names = [record["message"] for record in records]
    assert names[0] == "association.1/n-create-rq.1"
    assert [record["file"] for record in records] == [f"{name.replace('/', '.')}.dcm" for name in names]
    first = pydicom.dcmread(tmp_path / "out" / records[0]["file"])
    assert first.PerformedProcedureStepStatus == "IN PROGRESS"
    assert first.file_meta.TransferSyntaxUID == records[0]["transfer_syntax"]


def test_queries_and_their_answers_are_written_too(tmp_path: Path) -> None:
    records = export_more(tmp_path, CAPTURES / "c-find-worklist.pcap", "--commands")
    assert [record["message"].split("/")[1] for record in records] == [
        "c-find-rq.1",
        *(f"c-find-rsp.{n}" for n in (1, 2, 3)),
    ]
    assert pydicom.dcmread(tmp_path / "out" / records[2]["file"]).PatientID == "SYN-0002"


def test_json_is_that_of_pydicom_and_long_values_stay_in_the_file(tmp_path: Path) -> None:
    [record] = export_more(tmp_path, CAPTURES / "c-store.pcap", "--json")
    found = json.loads((tmp_path / "out" / record["json"]).read_text())
    image = pydicom.dcmread(tmp_path / "out" / record["file"])
    assert record["json"] == record["file"].replace(".dcm", ".json")
    assert found["00100010"] == {"vr": "PN", "Value": [{"Alphabetic": "Müller^Jörg"}]}
    assert found["7FE00010"] == {"vr": "OW", "BulkDataURI": f"{record['file']}#7FE00010"}
    del image.PixelData, found["7FE00010"]
    assert pydicom.Dataset.from_json(found) == pydicom.Dataset(image)


def test_what_pydicom_cannot_convert_has_no_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydicom.Dataset, "to_json", lambda *_, **__: 1 / 0)
    [record] = export_more(tmp_path, CAPTURES / "c-store.pcap", "--json")
    assert record["complete"]
    assert not record["json"]


def test_bytes_of_messages_are_those_of_command_set_and_data_set(tmp_path: Path) -> None:
    [record] = export_more(tmp_path, CAPTURES / "c-store.pcap", "--raw")
    command, data = (tmp_path / "out" / name for name in record["raw"])
    assert command.name == record["file"].replace(".dcm", ".command.raw")
    assert data.read_bytes() == read_data(tmp_path / "out" / record["file"])
    assert command.read_bytes()[:8] == bytes([0, 0, 0, 0, 4, 0, 0, 0])
    assert len(command.read_bytes()) == 12 + int.from_bytes(command.read_bytes()[8:12], "little")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("PatientID", 3),
        ("sop.class contains CT", 3),
        ("dimse.cmd == C-STORE-RQ and dimse.msgid == 2", 1),
        ("dimse.cmd == C-STORE-RSP", 3),
        ("msg(pdu == 4)", 1),
        ("pdu == 4", 1),
        ("op(failure contains Resources)", 1),
    ],
)
def test_only_messages_are_written_of_which_a_pdu_is_found(wanted: str, found: int, tmp_path: Path) -> None:
    assert len(export_more(tmp_path, CAPTURES / "c-store-refused.pcap", "-Y", wanted)) == found


def test_a_fragment_that_is_found_is_enough_and_the_object_is_whole(tmp_path: Path) -> None:
    [record] = export_more(tmp_path, CAPTURES / "c-store.pcap", "-Y", "pdu == 5")
    assert (record["complete"], record["pdus"], record["length"]) == (True, [4, 6], 9552)
