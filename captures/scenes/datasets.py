"""Scenes of data sets whose encoding is seldom seen: deep, private, padded, of every value representation."""

from contextlib import AbstractContextManager
from pathlib import Path

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    ExplicitVRLittleEndian,
    HangingProtocolStorage,
    ImplicitVRLittleEndian,
)
from pynetdicom import evt

from captures.entities import PORT, accept, accept_storage, associate, check, make_acceptor, send_file
from captures.images import IMAGE, as_file, make_code, make_item, make_small_image, make_uid, save
from captures.peers import run, tap
from tests.build import EXPLICIT, UNDEFINED, element, sequence, text

ENCODINGS = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)


def store_both(pcap: Path, data_set: Dataset, acceptor: AbstractContextManager[None] | None = None) -> None:
    """Store a data set in Explicit VR Little Endian and in Implicit VR Little Endian, to storescp if to no other."""
    contexts = [(data_set.SOPClassUID, encoding) for encoding in ENCODINGS]
    with acceptor or accept_storage(pcap.parent, PORT), tap(pcap, PORT), associate(contexts) as association:
        for message_id, encoding in enumerate(ENCODINGS, 1):
            check(association.send_c_store(as_file(data_set, encoding), msg_id=message_id))


def make_content(kind: str, concept: tuple[str, str], **attributes: object) -> Dataset:
    """Build a content item of a structured report (PS3.3 C.17.3)."""
    name = make_code(concept[0], "DCM", concept[1])
    return make_item(ValueType=kind, ConceptNameCodeSequence=[name], **attributes)


def make_report() -> Dataset:
    """Build a structured report with sequences seven deep, of defined and of undefined length by turns."""
    unit = make_code("mm", "UCUM", "mm")
    measured = make_item(MeasurementUnitsCodeSequence=[unit], NumericValue="25.5")
    content = make_content("NUM", ("121206", "Distance"), RelationshipType="CONTAINS", MeasuredValueSequence=[measured])
    note = make_content("TEXT", ("121106", "Comment"), RelationshipType="CONTAINS", TextValue="A disc.\r\nIt is round.")
    for depth in range(4):
        content = make_content(
            "CONTAINER", ("121070", "Findings"), RelationshipType="CONTAINS", ContentSequence=[note, content, Dataset()]
        )
        content.is_undefined_length_sequence_item = depth % 2 == 0
        content["ContentSequence"].is_undefined_length = depth in (0, 3)
    report = make_item(
        **{keyword: IMAGE[keyword] for keyword in REPORT},
        SOPClassUID=ComprehensiveSRStorage,
        SOPInstanceUID=make_uid("report"),
        Modality="SR",
        InstanceNumber="1",
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        ContinuityOfContent="SEPARATE",
        PerformedProcedureCodeSequence=[],
        CurrentRequestedProcedureEvidenceSequence=[],
        ContentSequence=[content],
        ValueType="CONTAINER",
        ConceptNameCodeSequence=[make_code("126000", "DCM", "Imaging Measurement Report")],
    )
    report["ContentSequence"].is_undefined_length = True
    report["CurrentRequestedProcedureEvidenceSequence"].is_undefined_length = True
    return report


REPORT = (
    "SpecificCharacterSet", "StudyDate", "ContentDate", "StudyTime", "ContentTime", "AccessionNumber",
    "ReferringPhysicianName", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID",
    "SeriesInstanceUID", "StudyID", "SeriesNumber",
)  # fmt: skip


def store_report(pcap: Path) -> None:
    """Store a structured report, seven sequences deep, of defined and of undefined length by turns."""
    store_both(pcap, make_report())


def make_private_image() -> Dataset:
    """Build an image with private sequences, in blocks that dictionaries know and in one that they do not."""
    image = make_small_image(1)
    known = image.private_block(0x0019, "GEMS_ACQU_01", create=True)
    known.add_new(0x02, "SL", 912)
    known.add_new(0x23, "DS", "13.5")
    inner = Dataset()
    deep = inner.private_block(0x0099, "EXAMPLE INNER", create=True)
    deep.add_new(0x01, "UI", make_uid("inner"))
    deep.add_new(0x02, "SQ", Sequence([make_item(PatientID="SYN-0001")]))
    first = image.private_block(0x0099, "EXAMPLE PHANTOM 1.0", create=True)
    second = image.private_block(0x0099, "EXAMPLE OTHER", create=True)
    first.add_new(0x10, "SQ", Sequence([inner, Dataset()]))
    first.add_new(0x11, "FD", [0.5, -1.25])
    second.add_new(0x10, "SQ", Sequence([inner]))
    second.add_new(0x11, "SQ", Sequence([]))
    second.add_new(0x12, "US", [1, 2, 3])
    second.add_new(0x13, "UT", "A private text.")
    image[0x0099, 0x1110].is_undefined_length = True
    return image


def store_private(pcap: Path) -> None:
    """Store private elements and sequences, some of them in sequences, with their VR and without."""
    store_both(pcap, make_private_image())


def store_repeating(pcap: Path) -> None:
    """Store overlays and curves, of repeating groups, and look-up tables whose VR depends on other elements."""
    image = make_small_image(1, PixelPaddingValue=-2000, SmallestImagePixelValue=-1000)
    for group in (0x6000, 0x6002):
        for number, vr, value in (
            (0x0010, "US", 8),
            (0x0011, "US", 8),
            (0x0022, "LO", "A frame"),
            (0x0040, "CS", "G"),
            (0x0050, "SS", [1, -1]),
            (0x0100, "US", 1),
            (0x0102, "US", 0),
            (0x3000, "OW", bytes(range(8))),
        ):
            image.add_new((group, number), vr, value)
    for number, vr, value in (
        (0x0005, "US", 1),
        (0x0010, "US", 4),
        (0x0020, "CS", "PROF"),
        (0x0103, "US", 0),
        (0x3000, "OW", b"\1\0\2\0\4\0\3\0"),
    ):
        image.add_new((0x5000, number), vr, value)
    table = make_item(LUTDescriptor=[4, -1000, 16], LUTExplanation="Four steps", ModalityLUTType="HU")
    table.add_new("LUTData", "US", [0, 1, 2, 65535])
    image.ModalityLUTSequence = [table]
    store_both(pcap, image)


VALUES: dict[str, tuple[str, object]] = {
    "AE": ("SelectorAEValue", ["MODALITY", "ARCHIVE"]),
    "AS": ("SelectorASValue", ["054Y", "006M"]),
    "AT": ("SelectorATValue", [0x00100010, 0x7FE00010]),
    "CS": ("SelectorCSValue", ["AXIAL", "LOCALIZER"]),
    "DA": ("SelectorDAValue", ["20240229", "19700101"]),
    "DS": ("SelectorDSValue", ["-1.5", "2.75e-3"]),
    "DT": ("SelectorDTValue", ["20240229101500.123456+0100", "2024"]),
    "FD": ("SelectorFDValue", [0.1, -1e-300]),
    "FL": ("SelectorFLValue", [0.5, 16777216.0]),
    "IS": ("SelectorISValue", ["-1", "2147483647"]),
    "LO": ("SelectorLOValue", ["one", "two"]),
    "LT": ("SelectorLTValue", "A long text:\r\n  with \\ in it"),
    "OB": ("SelectorOBValue", bytes(range(6))),
    "OD": ("SelectorODValue", bytes(6) + b"\xf0\x3f"),
    "OF": ("SelectorOFValue", b"\0\0\x80\x3f\0\0\0\xbf"),
    "OL": ("SelectorOLValue", b"\1\0\0\0\xff\xff\xff\xff"),
    "OV": ("SelectorOVValue", b"\1" + bytes(7) + b"\xff" * 8),
    "OW": ("SelectorOWValue", b"\1\0\xff\xff"),
    "PN": ("SelectorPNValue", ["Curie^Marie^^Dr.", "Doe^Jane"]),
    "SH": ("SelectorSHValue", ["one", "two"]),
    "SL": ("SelectorSLValue", [-70000, 2147483647]),
    "SQ": ("SelectorCodeSequenceValue", [make_code("113076", "DCM", "Segmentation")]),
    "SS": ("SelectorSSValue", [-1, 32767]),
    "ST": ("SelectorSTValue", "A short text, with \\ in it"),
    "SV": ("SelectorSVValue", [-1, 9223372036854775807]),
    "TM": ("SelectorTMValue", ["101500.25", "10"]),
    "UC": ("SelectorUCValue", ["unlimited", "characters"]),
    "UI": ("SelectorUIValue", [CTImageStorage, make_uid("image")]),
    "UL": ("SelectorULValue", [0, 4294967295]),
    "UN": ("SelectorUNValue", b"\0\1\2\3"),
    "UR": ("SelectorURValue", "https://example.com/studies?PatientID=SYN-0001"),
    "US": ("SelectorUSValue", [0, 65535]),
    "UT": ("SelectorUTValue", "An unlimited text"),
    "UV": ("SelectorUVValue", [0, 18446744073709551615]),
}
"""A value, or two, of each value representation of PS3.5 6.2, and the element that takes it."""


def make_protocol() -> Dataset:
    """Build a hanging protocol that selects images by a value of each value representation (PS3.3 C.23.4)."""
    selectors = [
        make_item(
            ImageSetSelectorUsageFlag="NO_MATCH",
            SelectorAttribute=0x00080008,
            SelectorAttributeVR=vr,
            **{keyword: value},
        )
        for vr, (keyword, value) in VALUES.items()
    ]
    return make_item(
        SpecificCharacterSet="ISO_IR 100",
        SOPClassUID=HangingProtocolStorage,
        SOPInstanceUID=make_uid("hanging protocol"),
        HangingProtocolName="EVERY VR",
        HangingProtocolLevel="SITE",
        HangingProtocolCreationDateTime="20240229101500",
        ImageSetsSequence=[make_item(ImageSetSelectorSequence=selectors)],
    )


def store_every_vr(pcap: Path) -> None:
    """Store an element of every value representation, those of 64 bits (OV, SV, UV) among them."""

    def keep(event: evt.Event) -> int:
        return 0x0000

    # DCMTK's storescp takes no hanging protocols.
    acceptor = make_acceptor([(HangingProtocolStorage, encoding) for encoding in ENCODINGS])
    store_both(pcap, make_protocol(), accept(acceptor, handlers=[(evt.EVT_C_STORE, keep)]))


def store_group_lengths(pcap: Path) -> None:
    """Store data sets with group lengths and padding: at the end and in items, of undefined and of defined length."""
    plain = pcap.with_name("plain.dcm")
    image = make_small_image(1, RequestAttributesSequence=[make_item(ScheduledProcedureStepID="SPS1")])
    image.RequestAttributesSequence[0].ScheduledProtocolCodeSequence = [make_code("24725-4", "LN", "CT Head")]
    save(image, plain)
    files = []
    for number, options in enumerate(
        (("--write-xfer-little", "--length-undefined"), ("--write-xfer-implicit", "--length-explicit"))
    ):
        files.append(pcap.with_name(f"{number}.dcm"))
        padding = ("--group-length-create", "--padding-create", "512", "64")
        run("dcmconv", *options, *padding, str(plain), str(files[-1]))
    contexts = [(CTImageStorage, encoding) for encoding in ENCODINGS]
    with accept_storage(pcap.parent, PORT), tap(pcap, PORT), associate(contexts) as association:
        for message_id, file in enumerate(files, 1):
            send_file(association, file, message_id)


def encode_unknown() -> bytes:
    """Encode elements that Explicit VR Little Endian has as UN (PS3.5 6.2.2), sequences among them."""
    code = text(0x00080100, "SH", "24725-4") + text(0x00080102, "SH", "LN") + text(0x00080104, "LO", "CT Head")
    nested = text(0x00400009, "SH", "SPS1") + sequence(0x00400008, [code], undefined=True)
    # An element's header alone, with an undefined length, before the items that Implicit VR Little Endian gives them.
    undefined = sequence(0x00400275, [nested, nested], undefined=True)[8:]
    return b"".join(
        (
            element(0x00400253, "UN", b"PPS1", syntax=EXPLICIT),
            element(0x00400260, "UN", sequence(0x00400260, [code])[8:], syntax=EXPLICIT),
            element(0x00400275, "UN", undefined, syntax=EXPLICIT, length=UNDEFINED),
            text(0x00990010, "LO", "EXAMPLE PHANTOM 1.0", syntax=EXPLICIT),
            element(0x00991001, "UN", b"\x01\x02\x03\x04", syntax=EXPLICIT),
            element(0x00991002, "UN", undefined, syntax=EXPLICIT, length=UNDEFINED),
            element(0x00991003, "UN", b"", syntax=EXPLICIT),
            element(0x00991004, "UV", bytes(8), syntax=EXPLICIT),
            element(0x00991005, "UN", bytes(8), syntax=EXPLICIT),
        )
    )


def store_unknown(pcap: Path) -> None:
    """Store a text, a UV and sequences that someone who did not know their VR has made UN, and one UV that is none."""
    image = make_small_image(1)
    del image.PixelData
    file = save(image, pcap.with_name("image.dcm"))
    with file.open("ab") as stream:
        stream.write(encode_unknown())
    contexts = [(CTImageStorage, ExplicitVRLittleEndian)]
    with accept_storage(pcap.parent, PORT), tap(pcap, PORT), associate(contexts) as association:
        send_file(association, file)


SCENES = {
    "c-store-sequences": store_report,
    "c-store-private": store_private,
    "c-store-overlays": store_repeating,
    "c-store-every-vr-ov-sv-uv": store_every_vr,
    "c-store-group-lengths": store_group_lengths,
    "c-store-un-uv": store_unknown,
}
