"""Exported objects held against those that DCMTK received: over C-STORE, C-GET and C-MOVE, in every kind of syntax."""

import os
import shutil
from pathlib import Path

import pytest
from pydicom.filereader import read_file_meta_info

from captures import entities
from captures.images import make_small_image, save
from captures.peers import PACKAGES, listen, run, tap
from dissect.cli import main
from tests.test_export import read_data, read_manifest

PORT, SECOND_PORT = 11121, 11122
COUNT = 5
FOLDERS = "/usr/bin:/usr/local/bin:/usr/sbin"
NEEDED = ("dcmcjpeg", "dcmcrle", "dcmconv", "dcmqrscp", "getscu", "movescu", "storescp", "storescu", "tcpdump")
LACKING = sorted({PACKAGES.get(name, "dcmtk") for name in NEEDED if not shutil.which(name, path=FOLDERS)})
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"missing programs: apt-get install {' '.join(LACKING)}"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="tcpdump listens on lo for root only"),
]

SYNTAXES = {
    "jpeg": ("--propose-lossless", "--prefer-lossless", "dcmcjpeg", "--encode-lossless-sv1"),
    "rle": ("--propose-rle", "--prefer-rle", "dcmcrle"),
    "deflated": ("--propose-deflated", "--prefer-deflated", "dcmconv", "--write-xfer-deflated"),
    "big endian": ("--propose-big", "--prefer-big", "dcmconv", "--write-xfer-big"),
    "implicit": ("--propose-implicit", "--implicit", "dcmconv", "--write-xfer-implicit"),
}
"""What storescu proposes, what storescp prefers, and what converts an image."""


def make_files(folder: Path) -> list[Path]:
    """Write some images."""
    folder.mkdir()
    return [save(make_small_image(number), folder / f"{number}.dcm") for number in range(1, COUNT + 1)]


def check_export(folder: Path, received: Path) -> None:
    """Export the capture in a folder, and compare each object with the one that was received."""
    assert main(["export", str(folder / "talk.pcap"), "--to", str(folder / "out")]) == 0
    records = read_manifest(folder / "out")
    stored = {str(read_file_meta_info(path).MediaStorageSOPInstanceUID): path for path in received.iterdir()}
    assert len(records) == len(stored) == COUNT
    for record in records:
        uid, ours = record["sop_instance"], folder / "out" / record["file"]
        theirs = stored[uid]
        assert record["complete"]
        assert read_data(ours) == read_data(theirs)
        assert read_file_meta_info(ours).TransferSyntaxUID == read_file_meta_info(theirs).TransferSyntaxUID
        assert read_file_meta_info(ours).MediaStorageSOPInstanceUID == uid
        assert "PrivateInformation" not in read_file_meta_info(ours)


@pytest.mark.parametrize("name", SYNTAXES)
def test_what_storescp_keeps_is_what_is_exported(name: str, tmp_path: Path) -> None:
    propose, prefer, *converter = SYNTAXES[name]
    received = tmp_path / "received"
    received.mkdir()
    files = make_files(tmp_path / "sent")
    for file in files:
        run(*converter, str(file), str(file))
    arguments = ("--bit-preserving", "--output-directory", str(received), prefer)
    with listen(tmp_path, PORT, "storescp", *arguments, str(PORT)), tap(tmp_path / "talk.pcap", PORT):
        run("storescu", propose, "-aet", "MODALITY", "-aec", "ARCHIVE", "127.0.0.1", str(PORT), *map(str, files))
    check_export(tmp_path, received)


@pytest.mark.parametrize("service", ["getscu", "movescu"])
def test_what_a_retrieval_brings_is_what_is_exported(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entities, "PORT", PORT)
    monkeypatch.setattr(entities, "SECOND_PORT", SECOND_PORT)
    received = tmp_path / "received"
    received.mkdir()
    monkeypatch.chdir(received)  # movescu heeds no folder when it keeps bits
    files = make_files(tmp_path / "sent")
    study = make_small_image(1).StudyInstanceUID
    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}")
    own = ("--port", str(SECOND_PORT), "-aem", "MODALITY") if service == "movescu" else ()
    with entities.accept_queries(tmp_path, files), tap(tmp_path / "talk.pcap", PORT, SECOND_PORT):
        ends = ("-aet", "MODALITY", "-aec", "ARCHIVE", "127.0.0.1", str(PORT))
        run(service, "--study", *own, "--bit-preserving", *keys, *ends)
    check_export(tmp_path, received)
