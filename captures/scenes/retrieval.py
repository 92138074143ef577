"""Scenes of C-GET and C-MOVE, with their C-STORE sub-operations."""

import time
from collections.abc import Iterator
from pathlib import Path

from pydicom.uid import CTImageStorage, SecondaryCaptureImageStorage
from pynetdicom import evt
from pynetdicom.presentation import build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    PatientRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from captures.entities import (
    IPV4,
    PORT,
    SECOND_PORT,
    TO,
    accept,
    accept_queries,
    associate,
    check,
    implicit,
    make_acceptor,
    send_at_once,
)
from captures.images import make_item, make_small_image, make_uid, save
from captures.peers import RecordError, run, tap

MOVESCU = (*TO, "--study")
STUDY_KEYS = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={make_uid('study')}")


def get(pcap: Path) -> None:
    """Retrieve two images with C-GET: they come back on the same association, for which roles were negotiated."""
    files = [save(make_small_image(number), pcap.with_name(f"{number}.dcm")) for number in (1, 2)]
    model = PatientRootQueryRetrieveInformationModelGet
    wanted = make_item(QueryRetrieveLevel="PATIENT", PatientID="SYN-0001")

    def keep(event: evt.Event) -> int:
        return 0x0000

    with (
        accept_queries(pcap.parent, files),
        tap(pcap, PORT),
        associate(
            implicit(model, CTImageStorage),
            items=[build_role(CTImageStorage, scp_role=True)],
            handlers=[(evt.EVT_C_STORE, keep)],
        ) as association,
    ):
        *pending, (final, _) = association.send_c_get(wanted, model)
        check(final)
        if len(pending) != len(files):
            raise RecordError(f"{len(pending)} pending responses to a C-GET of {len(files)} images")


def move(pcap: Path) -> None:
    """Retrieve three images with C-MOVE: they come on a second association, to a port of the requestor."""
    files = [save(make_small_image(number), pcap.with_name(f"{number}.dcm")) for number in (1, 2, 3)]
    port = ("--port", str(SECOND_PORT), "--ignore")
    with accept_queries(pcap.parent, files, "--propose-implicit"), tap(pcap, PORT, SECOND_PORT):
        run("movescu", *MOVESCU, "-aem", "MODALITY", *port, *STUDY_KEYS)


def move_with_failures(pcap: Path) -> None:
    """Retrieve four images with C-MOVE: one is stored, one stored with a warning, one refused, one not even sent."""
    images = [make_small_image(number) for number in (1, 2, 3, 4)]
    images[3].SOPClassUID = SecondaryCaptureImageStorage  # which the destination does not accept
    statuses = iter((0x0000, 0xB000, 0xA700))

    def judge(event: evt.Event) -> int:
        return next(statuses)

    def find(event: evt.Event) -> Iterator[object]:
        yield IPV4, SECOND_PORT, {"evt_handlers": [(evt.EVT_CONN_OPEN, send_at_once)]}
        yield len(images)
        for image in images:
            yield 0xFF00, image
            time.sleep(0.05)  # the pending response is another thread's to send, before anything else happens

    archive = make_acceptor(implicit(StudyRootQueryRetrieveInformationModelMove))
    for storage_class in (CTImageStorage, SecondaryCaptureImageStorage):
        archive.add_requested_context(storage_class)
    workstation = make_acceptor(implicit(CTImageStorage), "WORKSTATION")
    with (
        accept(archive, PORT, [(evt.EVT_C_MOVE, find), (evt.EVT_CONN_OPEN, send_at_once)]),
        accept(workstation, SECOND_PORT, [(evt.EVT_C_STORE, judge)]),
        tap(pcap, PORT, SECOND_PORT),
    ):
        run("movescu", *MOVESCU, "-aem", "WORKSTATION", *STUDY_KEYS, says="OneOrMoreFailures")


def move_nowhere(pcap: Path) -> None:
    """Refuse a C-MOVE, for its destination is not known."""
    file = save(make_small_image(1), pcap.with_name("image.dcm"))
    with accept_queries(pcap.parent, [file]), tap(pcap, PORT):
        run("movescu", *MOVESCU, "-aem", "NOWHERE", *STUDY_KEYS, says="MoveDestinationUnknown")


SCENES = {
    "c-get": get,
    "c-move": move,
    "c-move-failures": move_with_failures,
    "c-move-unknown-destination": move_nowhere,
}
