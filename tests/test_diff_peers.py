"""What real peers said twice, recorded on the spot and compared: what differs in meaning is found, and nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from io import StringIO
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from pydicom import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLosslessSV1
from pynetdicom import evt
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind  # type: ignore[attr-defined]

from captures.entities import accept, make_acceptor
from captures.images import make_image, make_item, make_small_image, make_uid, save
from captures.peers import PACKAGES, RecordError, listen, run, tap
from dissect.cli import main
from tests.disguise import read_segments
from tests.wrapping import make_capture

NEEDED = ("findscu", "storescp", "storescu", "tcpdump")
LACKING = sorted(
    {PACKAGES[name] for name in NEEDED if not shutil.which(name, path="/usr/bin:/usr/local/bin:/usr/sbin")}
)
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason=f"missing programs: apt-get install {' '.join(LACKING)}"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="tcpdump listens on lo for root only"),
]

HOST = "127.0.0.1"
ENDS = ("-aet", "MODALITY", "-aec", "ARCHIVE", HOST)
ATTEMPTS = 3
LENGTHS = (4096, 16384, 131072)
"""Maximum lengths of PDUs."""

Scene = Callable[[Path, Path, int], None]
"""What records a capture of a port, and may use a folder."""

Record = dict[str, Any]
"""A difference, as a line of JSON has it."""


# What is sent


def make_files(folder: Path, change: Callable[[int, Dataset], None] | None = None) -> list[str]:
    """Write three images of a series, the first one too large for a PDU of usual length."""
    images = [make_image(), make_small_image(1), make_small_image(2)]
    images[0].Rows *= 4
    images[0].PixelData *= 4
    for number, image in enumerate(images, 1):
        image.InstanceNumber = str(10 * number)
        if change is not None:
            change(number, image)
    return [str(save(image, folder / f"{number}.dcm")) for number, image in enumerate(images, 1)]


def rename(number: int, image: Dataset) -> None:
    """Give an image other UIDs, the same for all images where they were the same."""
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        if keyword in image:
            setattr(image, keyword, make_uid(f"another {image[keyword].value}"))


def stray(number: int, image: Dataset) -> None:
    """Give images other UIDs, and let the second one refer to a series of its own."""
    rename(number, image)
    if number == 2:
        image.SeriesInstanceUID = make_uid("wrong series")


# What is recorded


def find_port() -> int:
    """Find a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def store(*options: str, acceptor: tuple[str, ...] = (), change: Callable[[int, Dataset], None] | None = None,
          backwards: bool = False) -> Scene:  # fmt: skip
    """Let storescu send images to storescp."""

    def play(folder: Path, pcap: Path, port: int) -> None:
        files = make_files(folder, change)
        with listen(folder, port, "storescp", "--ignore", *acceptor, str(port)), tap(pcap, port):
            run("storescu", *options, *ENDS, str(port), *(files[::-1] if backwards else files))

    return play


class Version(NamedTuple):
    """An acceptor of pynetdicom, as it is in one of its versions."""

    statuses: tuple[int, ...] = (0, 0, 0)
    """What it answers to each image."""
    compressed: bool = True
    """Whether it accepts JPEG."""
    elements: tuple[str, ...] = ("PatientBirthDate", "PatientID", "PatientName")
    """What it tells of a patient."""
    delay: float = 0.0
    """Seconds until it answers to an image."""


SLOW = 0.3
"""Seconds until each version answers to a query."""


def serve(version: Version, port: int) -> AbstractContextManager[None]:
    """Let a version accept associations during the body."""
    statuses = iter(version.statuses)

    def keep(event: evt.Event) -> int:
        time.sleep(version.delay)
        return next(statuses)

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        time.sleep(SLOW)
        known = {"PatientBirthDate": "19700101", "PatientID": "SYN-0001", "PatientName": "M^J"}
        match = make_item(**{keyword: known[keyword] for keyword in version.elements})
        yield 0xFF00, make_item(QueryRetrieveLevel="PATIENT", **{each.keyword: each.value for each in match})

    contexts = [(CTImageStorage, ExplicitVRLittleEndian), (CTImageStorage, ImplicitVRLittleEndian)]
    contexts += [(CTImageStorage, JPEGLosslessSV1)] if version.compressed else []
    contexts += [(PatientRootQueryRetrieveInformationModelFind, ImplicitVRLittleEndian)]
    return accept(make_acceptor(contexts), port, [(evt.EVT_C_STORE, keep), (evt.EVT_C_FIND, answer)])


def store_to(version: Version) -> Scene:
    """Let storescu send images to a version of the acceptor."""

    def play(folder: Path, pcap: Path, port: int) -> None:
        files = make_files(folder)
        with serve(version, port), tap(pcap, port):
            run("storescu", "--required", *ENDS, str(port), *files)

    return play


def use(version: Version) -> Scene:
    """Let storescu send images to a version of the acceptor, and findscu ask it for a patient."""

    def play(folder: Path, pcap: Path, port: int) -> None:
        files = make_files(folder)
        with serve(version, port), tap(pcap, port):
            run("storescu", "--required", "--propose-lossless", *ENDS, str(port), *files)
            keys = ("QueryRetrieveLevel=PATIENT", "PatientID=SYN-0001", "PatientName", "PatientBirthDate")
            asked = [word for key in keys for word in ("-k", key)]
            run("findscu", "-P", *asked, *ENDS, str(port), says="Find Response: 1 (Pending)")

    return play


INVENTING = ("+II", "+IR", "1", "+IS", "1")
SCENES: dict[str, Scene] = {
    "plain": store(),
    **{f"at most {length}": store("--max-pdu", str(length), acceptor=("--max-pdu", str(length))) for length in LENGTHS},
    "backwards": store(backwards=True),
    "renamed": store(change=rename),
    "astray": store(change=stray),
    "invented": store("+II"),
    "invented once": store(*INVENTING),
    "invented twice": store(*INVENTING),
    "content": store_to(Version()),
    "warning": store_to(Version(statuses=(0, 0xB000, 0))),
    "version 1": use(Version(delay=0.2)),
    "version 2": use(Version((0, 0xB007, 0), compressed=False, elements=("PatientID", "PatientName"), delay=0.4)),
}

Give = Callable[[str], str]
"""What gives the name of a scene's capture."""


@pytest.fixture(scope="module")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Give:
    """Give the capture of a scene, which is recorded when it is asked for first."""
    kept: dict[str, str] = {}

    def give(name: str) -> str:
        if name not in kept:
            folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
            kept[name] = str(folder / f"{name.replace(' ', '-')}.pcap")
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    SCENES[name](folder, Path(kept[name]), find_port())
                except RecordError:  # the port was taken meanwhile, or tcpdump lost a frame
                    if attempt == ATTEMPTS:
                        raise
                else:
                    break
        return kept[name]

    return give


# What is said of it


def call(*words: str) -> tuple[int, str]:
    """Run the program, and give its exit status and what it prints."""
    with patch("sys.stdout", StringIO()) as printed:
        status = main(list(words))
    return status, printed.getvalue()


def diff(*words: str) -> tuple[int, list[Record]]:
    """Compare two captures, and give the exit status and the differences."""
    status, printed = call("diff", "-T", "jsonl", *words)
    return status, [json.loads(line) for line in printed.splitlines()]


def name(records: Iterable[Record]) -> list[tuple[str, str, str]]:
    """Give of each difference its kind, its class, and the last component of its path."""
    return [(each["kind"], each["class"], each["path"].rpartition("/")[2]) for each in records]


@pytest.mark.parametrize(("old", "new"), list(permutations(LENGTHS, 2)))
def test_the_maximum_length_of_pdus_is_no_difference(old: int, new: int, recorded_once: Give) -> None:
    captures = recorded_once(f"at most {old}"), recorded_once(f"at most {new}")
    assert diff(*captures) == (0, [])
    status, notes = diff("--notes", *captures)
    assert status == 0
    assert {each["class"] for each in notes} == {"note"}
    lengths = [(each["path"], each["old"], each["new"]) for each in notes if each["name"] == "Max PDU Length"]
    assert lengths == [
        (f"association.1/{pdu}.1/body/user-information.1/maximum-length.1", str(old), str(new))
        for pdu in ("a-associate-rq", "a-associate-ac")
    ]
    [pdus] = [each for each in notes if each["name"] != "Max PDU Length"]
    assert (pdus["name"], pdus["path"]) == ("PDUs of each message", "association.1/c-store-rq.1")
    counts = [int(pdus[side].split(",")[0]) for side in ("old", "new")]
    assert (counts[0] > counts[1]) == (old < new)


def test_what_is_all_the_same_to_storescu_is_the_same(recorded_once: Give) -> None:
    assert diff("--notes", recorded_once("plain"), recorded_once("at most 16384")) == (0, [])


def test_a_renaming_of_all_uids_is_no_difference(recorded_once: Give) -> None:
    assert diff("--notes", recorded_once("plain"), recorded_once("renamed")) == (0, [])


def test_where_storescu_invents_uids_what_else_it_invents_is_left(recorded_once: Give) -> None:
    status, found = diff(recorded_once("plain"), recorded_once("invented"))
    assert status == 1
    assert {kind for kind, _, _ in name(found)} == {"changed"}
    names = {(each["operation"]["old"], each["name"]) for each in found}
    invented = {"Patient's Name", "Patient ID", "Study ID", "Series Number", "Instance Number"}
    wanted = {(f"c-store-rq.{number}", each) for number in (1, 2, 3) for each in invented}
    assert names == wanted


def test_two_runs_in_which_storescu_invents_every_uid_differ_in_what_it_makes_of_the_time(recorded_once: Give) -> None:
    captures = recorded_once("invented once"), recorded_once("invented twice")
    _, found = diff(*captures)
    assert {each["name"] for each in found} <= {"Patient's Name", "Patient ID", "Study ID"}
    masks = [f"--ignore={keyword}" for keyword in ("PatientName", "PatientID", "StudyID")]
    assert diff(*masks, *captures) == (0, [])


def test_an_image_of_a_wrong_series_is_all_that_is_told_where_all_uids_are_others(recorded_once: Give) -> None:
    status, found = diff(recorded_once("plain"), recorded_once("astray"))
    assert status == 1
    [wrong] = found
    assert (wrong["kind"], wrong["class"]) == ("uid-relation", "change")
    path = "association.1/c-store-rq.2/data-set/0020,000e"
    assert wrong["paths"] == {"old": path, "new": path}
    series = make_uid("series")
    assert (wrong["old"], wrong["new"]) == (series, make_uid("wrong series"))
    other = "association.1/c-store-rq.1/data-set/0020,000e"
    assert wrong["contradicts"] == [
        {"old": series, "new": make_uid(f"another {series}"), "paths": {"old": other, "new": other}}
    ]


def test_a_warning_instead_of_a_success_is_one_break(recorded_once: Give) -> None:
    captures = recorded_once("content"), recorded_once("warning")
    status, [found] = diff(*captures)
    assert status == 1
    assert (found["kind"], found["class"], found["name"]) == ("changed", "break", "Status")
    assert (found["old"], found["new"]) == ("0x0000", "0xB000")
    assert found["path"] == "association.1/c-store-rsp.2/command-set/0000,0900"
    assert call("diff", *captures)[1].splitlines()[-1].startswith("1 break; 1 of 3 operations differ")


def test_images_in_another_order_differ_in_their_order_alone(recorded_once: Give) -> None:
    captures = recorded_once("plain"), recorded_once("backwards")
    status, found = diff(*captures)
    assert status == 1
    assert {(each["kind"], each["class"], each["name"]) for each in found} == {("changed", "change", "Order")}
    assert all(each["old"] != each["new"] for each in found)
    assert diff("--ignore-order", *captures) == (0, [])


DISGUISES = {
    "in another order, as pcapng": (["shuffled"], "pcapng"),
    "repeated, as pcapng": (["repeated", "shuffled"], "pcapng"),
    "cut otherwise, as pcapng": (["recut", "shuffled"], "pcapng"),
    "joined": (["joined"], "pcap"),
    "doubled": (["doubled"], "pcap"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_what_tcp_made_of_it_is_no_difference(disguise: str, recorded_once: Give, tmp_path: Path) -> None:
    names, files = DISGUISES[disguise]
    plain = recorded_once("plain")
    [data] = make_capture(read_segments(Path(plain)), names, files=files, seed=7)
    disguised = tmp_path / "disguised"
    disguised.write_bytes(data)
    assert diff("--notes", plain, str(disguised)) == (0, [])
    assert diff("--notes", str(disguised), plain) == (0, [])


def test_four_changes_of_an_acceptor_are_four_differences(recorded_once: Give) -> None:
    captures = recorded_once("version 1"), recorded_once("version 2")
    wanted = [
        ("changed", "break", "association.1/a-associate-ac.1/body/presentation-context.2/result"),
        ("changed", "break", "association.1/c-store-rsp.2/command-set/0000,0900"),
        ("removed", "change", "association.2/c-find-rsp.1/data-set/0010,0030"),
    ]
    status, found = diff(*captures)
    assert status == 1
    assert [(each["kind"], each["class"], each["path"]) for each in found] == wanted
    status, timed = diff("--timing", "1.5", *captures)
    assert status == 1
    [slow] = [each for each in timed if each not in found]
    assert (slow["class"], slow["name"]) == ("change", "Response time of C-STORE-RQ, median of 3")
    assert len(timed) == 4
    assert diff("--timing", "20", *captures) == (1, found)


PAIRS = (
    ("at most 4096", "at most 131072"), ("plain", "invented"), ("plain", "astray"), ("content", "warning"),
    ("plain", "backwards"), ("version 1", "version 2"), ("plain", "content"),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_each_path_that_is_told_can_be_shown(old: str, new: str, recorded_once: Give) -> None:
    captures = {"old": recorded_once(old), "new": recorded_once(new)}
    _, found = diff("--notes", "--timing", "1.5", captures["old"], captures["new"])
    wanted = {(side, each["paths"][side]) for each in found for side in captures}
    wanted |= {(side, each["paths"][side]) for one in found for each in one.get("contradicts", ()) for side in captures}
    assert wanted
    for side, path in sorted(wanted):
        status, printed = call("show", "--path", path, captures[side])
        assert status == 0, path
        assert re.search(rf"^{re.escape(path)}$", printed, re.M), path


TURNED = {"added": "removed", "removed": "added"}


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_with_the_captures_exchanged_the_same_is_told_the_other_way(old: str, new: str, recorded_once: Give) -> None:
    captures = recorded_once(old), recorded_once(new)
    forth, back = diff("--notes", *captures), diff("--notes", *captures[::-1])
    assert forth[0] == back[0]
    assert sorted(map(mirror, back[1]), key=str) == sorted(forth[1], key=str)


def mirror(record: Record) -> Record:
    """Exchange what is old and what is new."""
    turned: Record = {key: mirror(value) if isinstance(value, dict) else value for key, value in record.items()}
    if "old" in record:
        turned["old"], turned["new"] = turned["new"], turned["old"]
    if "kind" in record:
        turned["kind"] = TURNED.get(record["kind"], record["kind"])
        turned["path"] = turned["paths"]["old" if turned["kind"] == "removed" else "new"]
        turned["contradicts"] = [mirror(each) for each in record["contradicts"]] if "contradicts" in record else None
    return {key: value for key, value in turned.items() if value is not None or key in ("old", "new")}


@pytest.mark.parametrize("scene", ["plain", "version 2", "warning"])
def test_a_capture_differs_in_nothing_from_itself(scene: str, recorded_once: Give) -> None:
    assert diff("--notes", "--timing", "1.1", recorded_once(scene), recorded_once(scene)) == (0, [])


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_every_run_prints_the_same_bytes(form: str, recorded_once: Give) -> None:
    words = ["--notes", "--timing", "1.5", "-T", form, recorded_once("version 1"), recorded_once("version 2")]
    printed = {
        subprocess.run(
            [sys.executable, "-m", "dissect", "diff", *words],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=False,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(printed) == 1
