"""Scenes of the other transfer syntaxes: big endian, deflated, and encapsulated pixel data (PS3.5 Annex A)."""

from pathlib import Path

from pydicom import Dataset
from pydicom.uid import MultiFrameGrayscaleByteSecondaryCaptureImageStorage, RLELossless

from captures.entities import PORT, TO, accept_storage, associate, check
from captures.images import make_film, make_image, save
from captures.peers import run, tap


def send(pcap: Path, image: Dataset, propose: str, prefer: str, *converter: str) -> None:
    """Send an image from storescu to storescp in a transfer syntax, into which one of DCMTK's programs converts it."""
    plain = save(image, pcap.with_name("image.dcm"))
    file = pcap.with_name("converted.dcm")
    run(*converter, str(plain), str(file))
    with accept_storage(pcap.parent, PORT, prefer), tap(pcap, PORT):
        run("storescu", "--required", propose, *TO, str(file))


def store_big_endian(pcap: Path) -> None:
    """Store an image in Explicit VR Big Endian."""
    send(pcap, make_image(), "--propose-big", "--prefer-big", "dcmconv", "--write-xfer-big")


def store_deflated(pcap: Path) -> None:
    """Store an image in Deflated Explicit VR Little Endian."""
    send(pcap, make_image(), "--propose-deflated", "--prefer-deflated", "dcmconv", "--write-xfer-deflated")


def store_jpeg(pcap: Path) -> None:
    """Store three frames in JPEG Baseline, in one, two and three fragments, with a basic offset table."""
    baseline = ("dcmcjpeg", "--encode-baseline", "--fragment-size", "1", "--uid-never")
    send(pcap, make_film(3, 64), "--propose-jpeg8", "--prefer-jpeg8", *baseline)


def store_jpeg_lossless(pcap: Path) -> None:
    """Store an image of one frame in JPEG Lossless, with an empty basic offset table."""
    lossless = ("dcmcjpeg", "--encode-lossless-sv1", "--offset-table-empty")
    send(pcap, make_image(), "--propose-lossless", "--prefer-lossless", *lossless)


def store_jpeg_ls(pcap: Path) -> None:
    """Store two frames in JPEG-LS Lossless."""
    send(pcap, make_film(2, 32), "--propose-jls-lossless", "--prefer-jls-lossless", "dcmcjpls")


def store_rle(pcap: Path) -> None:
    """Store three frames in RLE Lossless, with a basic offset table."""
    send(pcap, make_film(3, 32), "--propose-rle", "--prefer-rle", "dcmcrle")


def store_rle_extended(pcap: Path) -> None:
    """Store three frames in RLE Lossless with an extended offset table, of VR OV, instead of the basic one."""
    film = make_film(3, 32)
    film.compress(RLELossless, encoding_plugin="pydicom", encapsulate_ext=True, generate_instance_uid=False)
    contexts = [(MultiFrameGrayscaleByteSecondaryCaptureImageStorage, RLELossless)]
    with accept_storage(pcap.parent, PORT, "--prefer-rle"), tap(pcap, PORT), associate(contexts) as association:
        check(association.send_c_store(film))


SCENES = {
    "c-store-big-endian": store_big_endian,
    "c-store-deflated": store_deflated,
    "c-store-jpeg": store_jpeg,
    "c-store-jpeg-lossless": store_jpeg_lossless,
    "c-store-jpeg-ls": store_jpeg_ls,
    "c-store-rle": store_rle,
    "c-store-rle-ov": store_rle_extended,
}
