"""Scenes of C-STORE: images in the uncompressed encodings, and acceptors that are not content with them."""

from pathlib import Path

from pydicom import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian
from pynetdicom import evt

from captures.entities import IPV4, PORT, TITLES, accept, accept_storage, associate, check, implicit, make_acceptor
from captures.images import make_image, make_item, make_small_image, save
from captures.peers import run, tap


def store(pcap: Path) -> None:
    """Store an image in Implicit VR Little Endian, in several PDUs; one of two contexts is accepted."""
    file = save(make_image(), pcap.with_name("image.dcm"))
    with accept_storage(pcap.parent, 4242, "--implicit", "--max-pdu", "4096"), tap(pcap, 4242):
        run("storescu", "--required", *TITLES, IPV4, "4242", str(file))


def store_explicit(pcap: Path) -> None:
    """Store the same image in Explicit VR Little Endian."""
    contexts = [(CTImageStorage, ExplicitVRLittleEndian)]
    with accept_storage(pcap.parent, PORT), tap(pcap, PORT), associate(contexts) as association:
        check(association.send_c_store(make_image()))


def store_in_one_pdu(pcap: Path) -> None:
    """Store a small image whose command set and data set come in one PDU."""
    file = save(make_small_image(1), pcap.with_name("image.dcm"))
    with accept_storage(pcap.parent, PORT), tap(pcap, PORT):
        run("odil", "store", IPV4, str(PORT), "MODALITY", "ARCHIVE", str(file))


def answer_store(pcap: Path, *answers: Dataset) -> None:
    """Store an image for each answer, which is the status that comes back, and what explains it."""
    statuses = iter(answers)

    def judge(event: evt.Event) -> Dataset:
        return next(statuses)

    contexts = implicit(CTImageStorage)
    with (
        accept(make_acceptor(contexts), handlers=[(evt.EVT_C_STORE, judge)]),
        tap(pcap, PORT),
        associate(contexts) as association,
    ):
        for number, answer in enumerate(answers, 1):
            check(association.send_c_store(make_small_image(number), msg_id=number), answer.Status)


def refuse_store(pcap: Path) -> None:
    """Refuse to store, for want of room and then because the data set is not what it should be."""
    full = make_item(Status=0xA700, ErrorComment="Disk full: 0 of 512 GB left")
    wrong = make_item(Status=0xA900, ErrorComment="Not a CT image", OffendingElement=[0x00080016, 0x00080060])
    unclear = make_item(Status=0xC123, ErrorComment="Pixels cannot be understood", OffendingElement=[0x7FE00010])
    answer_store(pcap, full, wrong, unclear)


def warn_of_store(pcap: Path) -> None:
    """Store with a warning: elements were coerced, or dropped, or do not fit the SOP class."""
    coerced = make_item(Status=0xB000, ErrorComment="Patient ID coerced", OffendingElement=[0x00100020])
    dropped = make_item(Status=0xB006)
    unfit = make_item(Status=0xB007, ErrorComment="No Image Type", OffendingElement=[0x00080008])
    answer_store(pcap, coerced, dropped, unfit)


SCENES = {
    "c-store": store,
    "c-store-explicit": store_explicit,
    "c-store-one-pdu": store_in_one_pdu,
    "c-store-refused": refuse_store,
    "c-store-warning": warn_of_store,
}
