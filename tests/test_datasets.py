"""Data sets as pydicom reads them: of every capture, and of pydicom's own files, sent and recorded on the spot."""

import re
import socket
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pydicom
import pytest
from pydicom import Dataset, config, dcmread
from pydicom.dataelem import DataElement
from pydicom.uid import UID, MediaStorageDirectoryStorage
from pydicom.valuerep import AMBIGUOUS_VR as AMBIGUOUS
from pynetdicom import AE, evt
from pynetdicom.dsutils import split_dataset

from captures import entities, peers
from dissect.association import Arrival
from dissect.dicom.values import BULK, NUMBERS, TEXT_OF_CHARSET
from dissect.node import Node
from dissect.tree import make_pdu_node
from tests.build import CT_IMAGE_STORAGE, EXPLICIT, IMPLICIT, SOP_INSTANCE, UNDEFINED, element, store_talk, text
from tests.test_charsets import teach_charsets
from tests.trees import collect_notes, read_capture, read_talk

PYDICOM = Path(pydicom.__file__).parent / "data"
PATHS = sorted(
    path for name in ("test_files", "charset_files") for path in (PYDICOM / name).rglob("*") if path.is_file()
)
ITEM, SEQUENCE_END = "(fffe,e000)", "(fffe,e0dd)"
PARAGRAPHS = frozenset(("LT", "ST", "UT", "UR"))
"""VRs of one value, in which a backslash is a character like others (PS3.5 6.2)."""

ESCAPED = re.compile(r"\\x([89a-f][0-9a-f])")


class DataSet(NamedTuple):
    """A complete data set of a capture: its bytes, its transfer syntax, and the node under which its elements hang."""

    data: bytes
    transfer: str
    node: Node


@contextmanager
def at_ease() -> Iterator[None]:
    """Let pydicom read without complaint: some files and captures are wrong on purpose."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(config.settings, "reading_validation_mode", config.IGNORE)
        teach_charsets(patch)
        warnings.filterwarnings("ignore", module=r"pydicom\.")
        yield


def list_data_sets(arrivals: Iterable[Arrival]) -> list[DataSet]:
    """Give the complete data sets of a capture, in the order in which they are complete."""
    found = []
    for arrival in list(arrivals):
        node = make_pdu_node(arrival)
        for number, pdv in enumerate(arrival.pdvs, 1):
            if pdv.is_command or not pdv.is_last or pdv.part is None or not pdv.part.complete:
                continue
            source = pdv.part.join()
            assert not source.missing(0, source.size)
            below = node.child(f"pdv.{number}")
            assert below is not None
            transfer = arrival.association.contexts[pdv.context_id].transfer
            found.append(DataSet(bytes(source.read(0, source.size)), transfer, below))
    return found


def ask_pydicom(data: bytes, transfer: str) -> Dataset:
    """Let pydicom read a data set as that of a file in its transfer syntax."""
    syntax = text(0x00020010, "UI", transfer, syntax=EXPLICIT)
    length = element(0x00020000, "UL", len(syntax).to_bytes(4, "little"), syntax=EXPLICIT)
    return dcmread(BytesIO(bytes(128) + b"DICM" + length + syntax + data))


def compare(parent: Node, theirs: Dataset, where: str = "") -> list[str]:
    """Tell in what elements, VRs and values the children of a node differ from what pydicom has read."""
    ours = [node for node in parent.children if node.layout == "element" and not node.tag.startswith("(fffe,")]
    tags = [f"({tag >> 16:04x},{tag & 0xFFFF:04x})" for tag in theirs.keys()]  # noqa: SIM118 - in order of reading
    if [node.tag for node in ours] != tags:
        return [f"{where}: {[node.tag for node in ours]} for {tags}"]
    return [
        line
        for node, tag in zip(ours, list(theirs.keys()), strict=True)
        for line in compare_element(node, theirs[tag], f"{where}/{node.key}")
    ]


def compare_element(node: Node, theirs: DataElement, where: str) -> list[str]:
    """Tell in what an element differs from pydicom's."""
    if node.vr == "SQ" and theirs.VR == "UN" and theirs.tag.is_private and read_body(node)[:4] == b"\xfe\xff\x00\xe0":
        # A private sequence whose VR nobody knows: items tell what it is, and pydicom leaves it as it is.
        return [] if read_body(node) == theirs.value else [f"{where}: other bytes"]
    if theirs.VR in AMBIGUOUS and node.vr in theirs.VR.split(" or "):
        return [] if read_body(node) == theirs.value else [f"{where}: other bytes"]  # retired: pydicom leaves it open
    if node.vr != theirs.VR:
        return [f"{where}: VR {node.vr} for {theirs.VR}"]
    if node.vr == "SQ":
        return compare_items(node, theirs, where)
    mine, wanted = give_ours(node), give_theirs(theirs)
    if mine != wanted and node.vr in TEXT_OF_CHARSET:
        # Where no character set gives a byte a meaning, we show the byte, and pydicom takes it for Latin-1.
        mine = split_text(node.vr, ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(node.value)))
    return [] if mine == wanted else [f"{where}: {node.vr} {str(mine)[:200]!r} for {str(wanted)[:200]!r}"]


def compare_items(node: Node, theirs: DataElement, where: str) -> list[str]:
    """Tell in what the items of a sequence differ from pydicom's."""
    items = [child for child in node.children if child.tag == ITEM]
    if len(items) != len(theirs.value):
        return [f"{where}: {len(items)} items for {len(theirs.value)}"]
    return [
        line
        for item, wanted in zip(items, theirs.value, strict=True)
        for line in compare(item, wanted, f"{where}/{item.key}")
    ]


def read_body(node: Node) -> bytes:
    """Give the bytes of a value, those of encapsulated pixel data and sequences without their last delimiter."""
    assert node.span is not None
    last = node.children[-1] if node.children else None
    end = last.span.start if last is not None and last.span is not None and last.tag == SEQUENCE_END else node.span.stop
    return bytes(node.span.source.read(node.body, end))


def give_ours(node: Node) -> object:
    """Give the value of a node in a form that can be compared."""
    if node.vr in BULK or node.vr == "UN":
        return read_body(node)
    value = node.value
    if node.vr in NUMBERS or node.vr == "AT":
        return value if isinstance(value, list) else [] if value is None else [value]
    return split_text(node.vr, "" if value is None else str(value))


def give_theirs(theirs: DataElement) -> object:
    """Give pydicom's value of an element in a form that can be compared."""
    vr, value = theirs.VR, theirs.value
    if vr in BULK or vr == "UN":
        return value or b""
    many = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    values = list(value) if many else [] if value is None else [value]
    if vr in NUMBERS:
        return values
    if vr == "AT":
        return [int(tag) for tag in values if tag != ""]
    return split_text(vr, "\\".join("" if one is None else str(one) for one in values))


def split_text(vr: str, value: str) -> list[str]:
    """Part text into its values, and names into their component groups, without padding (PS3.5 6.2, 6.4)."""
    if vr in PARAGRAPHS:
        return [value.rstrip(" \0")]
    return [
        "=".join(group.strip(" \0") for group in one.split("=")).rstrip("=") if vr == "PN" else one.strip(" \0")
        for one in value.split("\\")
    ]


def test_every_data_set_of_a_capture_is_read_as_pydicom_reads_it(recorded: Path) -> None:
    with at_ease():
        for number, found in enumerate(list_data_sets(read_capture(recorded.read_bytes()))):
            assert compare(found.node, ask_pydicom(found.data, found.transfer), f"data set {number}") == []


class File(NamedTuple):
    """One of pydicom's test files: its SOP class and transfer syntax, '' where it names none, and its data set."""

    path: Path
    sop_class: str
    transfer: str
    data: bytes

    @property
    def is_storable(self) -> bool:
        """Tell whether its file meta information names what C-STORE needs, and it is no DICOMDIR."""
        return self.transfer != "" and self.sop_class not in ("", MediaStorageDirectoryStorage)


def read_file(path: Path) -> File:
    """Part a file into file meta information and data set; without a preamble (PS3.10 7.1) it is all data set."""
    data = path.read_bytes()
    if data[128:132] != b"DICM":
        return File(path, "", "", data)
    with at_ease():
        meta, offset = split_dataset(path)
    return File(path, meta.get("MediaStorageSOPClassUID", ""), meta.get("TransferSyntaxUID", ""), data[offset:])


FILES = [read_file(path) for path in PATHS]
STORABLE = [file for file in FILES if file.is_storable]
PRIVATE_GROUP = {"element-odd", "group-forbidden", "pdv-odd"}
"""Private elements of group 0001 (PS3.5 7.8), of odd length."""

WRONG = {
    **{path.name: {"group-forbidden"} for path in PATHS if path.name.startswith("DICOMDIR")},
    **{path.name: {"value-form"} for path in PATHS if path.name.startswith("rtdose")},
    "DICOMDIR-nooffset": {"element-overrun", "group-forbidden"},
    "ExplVR_BigEnd.dcm": {"value-form"},
    "MR_truncated.dcm": {"element-overrun"},
    "SC_rgb_jpeg.dcm": {"other-syntax"},
    "badVR.dcm": {"value-form"},
    "image_dfl.dcm": {"pdv-odd"},
    "meta_missing_tsyntax.dcm": {*PRIVATE_GROUP, "context-unnamed"},
    "nested_priv_SQ.dcm": PRIVATE_GROUP,
    "rtplan_truncated.dcm": {"element-overrun", "pdv-odd"},
}
"""What is wrong with those of the files that have a preamble."""


def send_files(files: Sequence[File], port: int) -> None:
    """Send files over one association, each in a context of its SOP class and transfer syntax."""
    contexts = sorted({(UID(file.sop_class), UID(file.transfer)) for file in files})
    offered = [(sop_class, [transfer for one, transfer in contexts if one == sop_class]) for sop_class, _ in contexts]
    acceptor = AE("ARCHIVE")
    for sop_class, transfers in offered:
        acceptor.add_supported_context(sop_class, transfers)
    at_once = (evt.EVT_CONN_OPEN, entities.send_at_once)
    with (
        entities.accept(acceptor, port, [(evt.EVT_C_STORE, lambda _: 0x0000), at_once]),
        entities.associate(contexts, port, handlers=[at_once]) as association,
    ):
        association.dimse_timeout = 8.0
        for number, file in enumerate(files, 1):
            entities.send_file(association, file.path, number)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.path.relative_to(PYDICOM)))
def test_every_file_of_pydicom_is_read_as_pydicom_reads_it(file: File) -> None:
    with at_ease():
        theirs = dcmread(file.path, force=True)
        sop_class = str(theirs.get("SOPClassUID") or CT_IMAGE_STORAGE)
        sop_instance = str(theirs.get("SOPInstanceUID") or SOP_INSTANCE)
    talk = store_talk(file.data, syntax=file.transfer, sop_class=sop_class, sop_instance=sop_instance)
    [found] = list_data_sets(read_talk(talk))
    assert found.data == file.data
    with at_ease():
        assert compare(found.node, theirs) == []
    if file.data != file.path.read_bytes():
        assert {code for _, code in collect_notes(found.node)} == WRONG.get(file.path.name, set())


def test_nearly_all_files_of_pydicom_can_be_stored() -> None:
    left_out = {file.path.name for file in FILES if not file.is_storable and file.path.suffix == ".dcm"}
    assert len(FILES) - len(STORABLE) <= 25  # these, DICOMDIRs, and what is text or otherwise no DICOM file
    assert left_out == {
        "DICOMDIR-empty.dcm", "ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm", "empty_charset_LEI.dcm",
        "meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "no_meta.dcm", "rtstruct.dcm",
    }  # fmt: skip


def test_every_file_of_pydicom_that_is_sent_over_a_network_arrives_as_it_is(tmp_path: Path) -> None:
    received = list_data_sets(read_capture(record_files(tmp_path).read_bytes()))
    assert [(found.transfer, found.data) for found in received] == [(file.transfer, file.data) for file in STORABLE]
    with at_ease():
        for found, file in zip(received, STORABLE, strict=True):
            assert compare(found.node, dcmread(file.path), file.path.name) == []


def record_files(folder: Path) -> Path:
    """Record the files as they are sent; now and then an acceptor forgets to answer, so that is tried again."""
    for attempt in range(ATTEMPTS):
        port, path = find_port(), folder / f"stored-{attempt}.pcap"
        with at_ease(), ExitStack() as stack:
            try:
                stack.enter_context(peers.tap(path, port))
            except peers.RecordError as error:
                pytest.skip(str(error))
            try:
                send_files(STORABLE, port)
                return path
            except peers.RecordError:
                continue
    pytest.fail(f"the acceptor did not answer in {ATTEMPTS} attempts")


ATTEMPTS = 4


def find_port() -> int:
    """Give a port on which nobody listens."""
    with socket.create_server((entities.IPV4, 0)) as server:
        port = server.getsockname()[1]
    assert isinstance(port, int)
    return port


def test_encapsulated_pixel_data_without_a_vr_is_ob() -> None:
    """PS3.5 A.4: encapsulated pixel data is OB, whatever else is wrong; OW (A.1) is for what is not encapsulated."""
    frame = element(0xFFFEE000, "", b"") + element(0xFFFEE000, "", b"\xff\xd8\xff\xd9") + element(0xFFFEE0DD, "", b"")
    data = element(0x7FE00010, "", frame, length=UNDEFINED)
    check_both(data, IMPLICIT)


@pytest.mark.parametrize("tag", [0x00189810, 0x00221452])
@pytest.mark.parametrize("sign", [0, 1])
def test_an_ambiguous_value_before_pixel_representation_has_its_sign_all_the_same(tag: int, sign: int) -> None:
    """PS3.5 A.1: whether US or SS, (0028,0103) says, which comes behind these."""
    data = element(tag, "", b"\xff\xff") + element(0x00280103, "", bytes([sign, 0]))
    check_both(data, IMPLICIT)


def check_both(data: bytes, transfer: str) -> None:
    """Hold the elements of a stored data set to be those that pydicom reads."""
    [found] = list_data_sets(read_talk(store_talk(data, syntax=transfer)))
    assert compare(found.node, ask_pydicom(data, transfer)) == []
