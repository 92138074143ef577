"""Scenes of the same exchange before a change and after it: what a comparison of two captures is shown with."""

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import CTImageStorage, ImplicitVRLittleEndian, JPEGBaseline8Bit, UltrasoundImageStorage
from pynetdicom import evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from captures.entities import PORT, accept, associate, check, implicit, make_acceptor
from captures.images import as_file, make_item, make_small_image, make_uid
from captures.peers import tap

ALWAYS = implicit(Verification, StudyRootQueryRetrieveInformationModelFind, CTImageStorage)
FILM = (UltrasoundImageStorage, JPEGBaseline8Bit)
"""What the requestor proposes both times; the changed archive does not take the film's transfer syntax any more."""

NAMES = ("Curie^Marie", "Curie^Pierre", "Doe^Jane")


def converse(pcap: Path, day: str, *, changed: bool) -> None:
    """Ask for an echo, for the studies of an archive, and to store two images, of new UIDs each day."""

    def find(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        for number, name in enumerate(NAMES, 1):
            match = make_item(
                QueryRetrieveLevel="STUDY",
                AccessionNumber=f"A{number:04}",
                PatientName=name,
                PatientID=f"SYN-000{number}",
                StudyInstanceUID=make_uid(f"{day} study {number}"),
            )
            if changed and number == 2:
                del match.AccessionNumber
            yield 0xFF00, match

    statuses = iter((0x0000, 0xB000 if changed else 0x0000))

    def judge(event: evt.Event) -> int:
        return next(statuses)

    archive = make_acceptor([*ALWAYS, (UltrasoundImageStorage, ImplicitVRLittleEndian) if changed else FILM])
    archive.maximum_pdu_size = 8192 if changed else 16382
    query = make_item(
        QueryRetrieveLevel="STUDY", AccessionNumber="", PatientName="*", PatientID="", StudyInstanceUID=""
    )
    with (
        accept(archive, handlers=[(evt.EVT_C_FIND, find), (evt.EVT_C_STORE, judge)]),
        tap(pcap, PORT),
        associate([*ALWAYS, FILM]) as association,
    ):
        first = 11 if changed else 1
        check(association.send_c_echo(first))
        for status, _ in association.send_c_find(query, StudyRootQueryRetrieveInformationModelFind, first + 1):
            check(status, 0x0000 if status.Status == 0x0000 else 0xFF00)
        for number in (1, 2):
            image = make_small_image(
                number,
                StudyInstanceUID=make_uid(f"{day} study 1"),
                SeriesInstanceUID=make_uid(f"{day} series"),
                StudyDate=day,
            )
            image.SOPInstanceUID = make_uid(f"{day} image {number}")
            status = association.send_c_store(as_file(image, ImplicitVRLittleEndian), first + 1 + number)
            check(status, 0xB000 if changed and number == 2 else 0x0000)


def talk_before(pcap: Path) -> None:
    """Ask for an echo, for studies, and to store two images."""
    converse(pcap, "20240229", changed=False)


def talk_after(pcap: Path) -> None:
    """Ask for the same another day, of an archive that was changed."""
    converse(pcap, "20240307", changed=True)


SCENES = {"diff-before": talk_before, "diff-after": talk_after}
