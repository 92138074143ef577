"""Scenes of print management: a printer's state, and a film from its session to its deletion."""

import struct
from pathlib import Path

from pydicom import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    BasicFilmBox,
    BasicFilmSession,
    BasicGrayscaleImageBox,
    BasicGrayscalePrintManagementMeta,
    Printer,
    PrinterInstance,
    PrintJob,
)

from captures.entities import PORT, accept, accept_prints, associate, check, implicit, make_acceptor
from captures.images import make_item, make_uid
from captures.peers import RecordError, tap

Answer = tuple[int | Dataset, Dataset | None]

META = BasicGrayscalePrintManagementMeta
SESSION, FILM = make_uid("film session"), make_uid("film box")
STATE = [BaseTag(tag) for tag in (0x21100010, 0x21100020)]  # printer status, printer status info


def get_printer(pcap: Path) -> None:
    """Ask for a printer's state with N-GET: first for an attribute that it does not know, then for all."""
    with accept_prints(pcap.parent), tap(pcap, PORT), associate(implicit(META)) as association:
        status, _ = association.send_n_get([*STATE, BaseTag(0x21100030)], Printer, PrinterInstance, 1, META)
        check(status, 0x0105)
        status, _ = association.send_n_get([], Printer, PrinterInstance, 2, META)
        check(status)


def refer(sop_class: UID, instance: UID) -> Dataset:
    """Build an item that refers to an instance (PS3.3 10.8)."""
    return make_item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)


def make_film() -> Dataset:
    """Build the attributes of a film box for two images."""
    return make_item(
        ImageDisplayFormat="STANDARD\\1,2",
        FilmOrientation="PORTRAIT",
        FilmSizeID="8INX10IN",
        MagnificationType="NONE",
        MaxDensity=300,
        Trim="NO",
        ReferencedFilmSessionSequence=[refer(BasicFilmSession, SESSION)],
    )


def make_picture(position: int) -> Dataset:
    """Build the attributes of an image box: where it goes, and a small image in it."""
    picture = make_item(
        SamplesPerPixel=1,
        PhotometricInterpretation="MONOCHROME2",
        Rows=16,
        Columns=16,
        PixelAspectRatio=["1", "1"],
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelRepresentation=0,
    )
    picture.add_new("PixelData", "OW", struct.pack("256B", *((x * position) % 256 for x in range(256))))
    return make_item(ImageBoxPosition=position, Polarity="NORMAL", BasicGrayscaleImageSequence=[picture])


class Press:
    """What the printer says; it warns that it has no memory to reserve for a film session."""

    def create(self, event: evt.Event) -> Answer:
        """Answer an N-CREATE: a film box comes with an image box for each place."""
        if event.request.AffectedSOPClassUID == BasicFilmSession:
            return make_item(Status=0xB600, ErrorComment="No memory allocation"), event.attribute_list
        film = event.attribute_list
        boxes = [make_uid(f"image box {position}") for position in (1, 2)]
        film.ReferencedImageBoxSequence = [refer(BasicGrayscaleImageBox, box) for box in boxes]
        return 0x0000, film

    def change(self, event: evt.Event) -> Answer:
        """Answer an N-SET of an image box."""
        return 0x0000, None

    def act(self, event: evt.Event) -> Answer:
        """Answer the N-ACTION that prints a film box with its print job."""
        return 0x0000, make_item(ReferencedPrintJobSequence=[refer(PrintJob, make_uid("print job"))])

    def delete(self, event: evt.Event) -> int:
        """Answer an N-DELETE."""
        return 0x0000

    def list_handlers(self) -> list[EventHandlerType]:
        """Bind each answer to its event."""
        return [
            (evt.EVT_N_CREATE, self.create),
            (evt.EVT_N_SET, self.change),
            (evt.EVT_N_ACTION, self.act),
            (evt.EVT_N_DELETE, self.delete),
        ]


def print_film(pcap: Path) -> None:
    """Print a film of two images with the basic grayscale print management meta SOP class."""
    press = Press()
    with (
        accept(make_acceptor(implicit(META)), handlers=press.list_handlers()),
        tap(pcap, PORT),
        associate(implicit(META)) as association,
    ):
        send_film(association)


def send_film(association: Association) -> None:
    """Create session and film, fill the film's boxes, print it, and delete all again."""
    session = make_item(NumberOfCopies="1", PrintPriority="HIGH", MediumType="PAPER", FilmSessionLabel="Phantom")
    status, _ = association.send_n_create(session, BasicFilmSession, SESSION, 1, META)
    check(status, 0xB600)
    status, film = association.send_n_create(make_film(), BasicFilmBox, FILM, 2, META)
    check(status)
    if film is None:
        raise RecordError("the film box came back without image boxes")
    for position, box in enumerate(film.ReferencedImageBoxSequence, 1):
        status, _ = association.send_n_set(
            make_picture(position), BasicGrayscaleImageBox, box.ReferencedSOPInstanceUID, 2 + position, META
        )
        check(status)
    status, _ = association.send_n_action(None, 1, BasicFilmBox, FILM, 5, META)
    check(status)
    check(association.send_n_delete(BasicFilmBox, FILM, 6, META))
    check(association.send_n_delete(BasicFilmSession, SESSION, 7, META))


SCENES = {"n-get": get_printer, "print": print_film}
