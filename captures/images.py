"""The data sets of the scenes: a synthetic image with much in it, and smaller things."""

import random
import struct
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
)

SIDE = 64  # pixels


def make_uid(name: str) -> UID:
    """Derive a UID from a name (PS3.5 B.2)."""
    return UID(f"2.25.{uuid5(NAMESPACE_OID, name).int}")


IMAGE = {
    "SpecificCharacterSet": "ISO_IR 100",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
    "SOPClassUID": CTImageStorage,
    "SOPInstanceUID": make_uid("image"),
    "StudyDate": "20240229",
    "ContentDate": "20240229",
    "StudyTime": "101500",
    "ContentTime": "101632.250000",
    "AccessionNumber": "",
    "Modality": "CT",
    "Manufacturer": "Example Imaging",
    "ReferringPhysicianName": "Curie^Marie^^Dr.",
    "StudyDescription": "Head, synthetic",
    "ManufacturerModelName": "Phantom 64",
    "ReferencedImageSequence": [],
    "PatientName": "Müller^Jörg",
    "PatientID": "SYN-0001",
    "PatientBirthDate": "19700101",
    "PatientSex": "O",
    "PatientAge": "054Y",
    "SliceThickness": "2.5",
    "KVP": "120",
    "ExposureTime": "500",
    "PatientPosition": "HFS",
    "SpiralPitchFactor": 0.984375,
    "CTDIvol": 12.75,
    "StudyInstanceUID": make_uid("study"),
    "SeriesInstanceUID": make_uid("series"),
    "StudyID": "1",
    "SeriesNumber": "2",
    "AcquisitionNumber": "1",
    "InstanceNumber": "17",
    "ImagePositionPatient": ["-80.0", "-80.0", "42.5"],
    "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"],
    "FrameOfReferenceUID": make_uid("frame of reference"),
    "PositionReferenceIndicator": "",
    "SamplesPerPixel": 1,
    "PhotometricInterpretation": "MONOCHROME2",
    "Rows": SIDE,
    "Columns": SIDE,
    "PixelSpacing": ["2.5", "2.5"],
    "BitsAllocated": 16,
    "BitsStored": 16,
    "HighBit": 15,
    "PixelRepresentation": 1,
    "SmallestImagePixelValue": -1000,
    "LargestImagePixelValue": 620,
    "PixelPaddingValue": -2000,
    "WindowCenter": ["40", "300"],
    "WindowWidth": ["80", "1500"],
    "RescaleIntercept": "0",
    "RescaleSlope": "1",
}


def make_item(**attributes: object) -> Dataset:
    """Build a data set, such as a sequence item, from keywords and values."""
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def make_code(value: str, scheme: str, meaning: str) -> Dataset:
    """Build the item of a code sequence (PS3.3 8.8)."""
    return make_item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def draw_disc() -> bytes:
    """Draw a disc that brightens to the right, in air, with padding in the corner."""
    middle = SIDE / 2
    pixels = [
        20 * (x - 24) if (x - middle) ** 2 + (y - middle) ** 2 < 576 else -2000 if x + y < 8 else -1000
        for y in range(SIDE)
        for x in range(SIDE)
    ]
    return struct.pack(f"<{len(pixels)}h", *pixels)


def add_sequences(image: Dataset) -> None:
    """Add a nested sequence of undefined length and two of defined length."""
    code = make_code("24725-4", "LN", "CT Head")
    request = make_item(
        RequestedProcedureID="RP1", ScheduledProcedureStepID="SPS1", ScheduledProtocolCodeSequence=[code]
    )
    request.is_undefined_length_sequence_item = True
    image.RequestAttributesSequence = [request]
    image["RequestAttributesSequence"].is_undefined_length = True
    concept = make_code("121106", "DCM", "Comment")
    comment = make_item(ValueType="TEXT", ConceptNameCodeSequence=[concept], TextValue="No one was scanned for this.")
    image.AcquisitionContextSequence = [comment]
    position, number = (make_item(DimensionIndexPointer=tag) for tag in (0x00200032, 0x00200013))
    image.DimensionIndexSequence = [position, number]


def add_private_elements(image: Dataset) -> None:
    """Add a private block that the dictionary knows and one that nobody knows."""
    known = image.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    known.add_new(0x08, "CS", "IMAGE NUM 4")
    known.add_new(0x10, "OB", bytes(range(16)))
    unknown = image.private_block(0x0099, "EXAMPLE PHANTOM 1.0", create=True)
    unknown.add_new(0x01, "LO", "made of numbers")
    unknown.add_new(0x02, "SL", [-70000, 70000])
    unknown.add_new(0x03, "FL", 0.5)
    unknown.add_new(0x04, "AT", [0x00100010, 0x7FE00010])
    unknown.add_new(0x05, "UN", b"\x01\x02\x03\x04")


def make_image() -> Dataset:
    """Build the synthetic CT image, the same on every run."""
    image = make_item(**IMAGE)
    add_sequences(image)
    add_private_elements(image)
    image.add_new("PixelData", "OW", draw_disc())
    return as_file(image)


def make_small_image(number: int, **attributes: object) -> Dataset:
    """Build an image of 8 x 8 pixels, of which a study may have many."""
    image = make_item(**{keyword: IMAGE[keyword] for keyword in SMALL})
    own = {"SOPInstanceUID": make_uid(f"small image {number}"), "InstanceNumber": str(number), "Rows": 8, "Columns": 8}
    image.update(make_item(**own, **attributes))
    image.add_new("PixelData", "OW", struct.pack("<64h", *range(-1000, -1000 + 64 * number, number)))
    return as_file(image)


def make_film(frames: int, side: int) -> Dataset:
    """Build a multi-frame image of 8-bit pixels, each frame brighter than the one before and rougher."""
    film = make_item(**{keyword: IMAGE[keyword] for keyword in SMALL})
    noise = random.Random(104)
    pixels = bytes(
        (x + y + 40 * frame + noise.randrange(1 + 60 * frame)) % 256
        for frame in range(frames)
        for y in range(side)
        for x in range(side)
    )
    film.update(
        make_item(
            SOPClassUID=MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
            SOPInstanceUID=make_uid("film"),
            Modality="OT",
            ConversionType="SYN",
            InstanceNumber="1",
            NumberOfFrames=str(frames),
            FrameIncrementPointer=[0x00181063],
            FrameTime="40",
            Rows=side,
            Columns=side,
            BitsAllocated=8,
            BitsStored=8,
            HighBit=7,
            PixelRepresentation=0,
        )
    )
    film.add_new("PixelData", "OB", pixels)
    return as_file(film)


SMALL = (
    "SOPClassUID", "StudyDate", "StudyTime", "AccessionNumber", "Modality", "ReferringPhysicianName", "PatientName",
    "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "SeriesInstanceUID", "StudyID", "SeriesNumber",
    "SpecificCharacterSet", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "RescaleIntercept", "RescaleSlope",
)  # fmt: skip
"""What of the image's description a small one has too."""


def as_file(data_set: Dataset, transfer_syntax: UID = ExplicitVRLittleEndian) -> Dataset:
    """Give a data set the transfer syntax that it is to be written in."""
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = transfer_syntax
    return data_set


def save(data_set: Dataset, path: Path) -> Path:
    """Write a data set to a file of PS3.10 and return the file's path."""
    data_set.save_as(path, enforce_file_format=True)
    return path
