"""Record the captures of this folder anew: DCMTK and pynetdicom talk over the loopback interface, tcpdump listens."""

import argparse
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

try:
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian
    from pynetdicom import AE, evt
    from pynetdicom.ae import ApplicationEntity
    from pynetdicom.association import Association
    from pynetdicom.events import EventHandlerType
    from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
        PatientRootQueryRetrieveInformationModelFind,
        Verification,
    )
    from scapy.layers.inet import TCP
    from scapy.layers.inet6 import IPv6  # noqa: F401 - lets Scapy find TCP in IPv6
    from scapy.utils import PcapReader
except ModuleNotFoundError as error:
    if __name__ != "__main__":
        raise
    print(f"record.py: no module {error.name}: pip install pynetdicom pydicom scapy", file=sys.stderr)
    sys.exit(2)

PACKAGES = {
    "tcpdump": "tcpdump",
    "editcap": "wireshark-common",
    "echoscu": "dcmtk",
    "findscu": "dcmtk",
    "storescp": "dcmtk",
    "storescu": "dcmtk",
}
# pynetdicom installs scripts of the same names into a virtual environment, so PATH is not asked.
TOOL_FOLDERS = "/usr/bin:/usr/local/bin:/usr/sbin"
IPV4, IPV6 = "127.0.0.1", "::1"
TIMEOUT = 20.0  # seconds; a scene takes less than one


class RecordError(Exception):
    """Say in one line why a scene could not be recorded."""


def find_tool(name: str) -> str:
    """Return the path of an installed program."""
    path = shutil.which(name, path=TOOL_FOLDERS)
    if path is None:
        raise RecordError(f"no {name} in {TOOL_FOLDERS}: apt-get install {PACKAGES[name]}")
    return path


@dataclass(frozen=True, slots=True)
class Program:
    """Hold a program that runs beside this one, and the file that takes what it says."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition holds; raise RecordError if the program ends before or TIMEOUT passes."""
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace").strip().replace("\n", "; ")
                raise RecordError(f"{self.log.stem} waited in vain for {what}: {said}")
            time.sleep(0.01)


@contextmanager
def start(folder: Path, name: str, *arguments: str, output: Path | None = None) -> Iterator[Program]:
    """Run a program during the body and leave nothing of it behind."""
    log = folder / f"{name}.log"
    with log.open("ab") as errors, (output or log).open("ab") as results:
        process = subprocess.Popen(
            [find_tool(name), *arguments], stdin=subprocess.DEVNULL, stdout=results, stderr=errors
        )
    try:
        yield Program(process, log)
    finally:
        process.kill()
        process.wait()


def run(name: str, *arguments: str, says: str = "") -> None:
    """Run a program to its end, which must be a silent success or else one that says the words given."""
    done = subprocess.run(
        [find_tool(name), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
    )
    said = done.stdout.decode(errors="replace").strip().replace("\n", "; ")
    if says not in said or (not says and (done.returncode or said)):
        raise RecordError(f"{name} ended with status {done.returncode}: {said}")


def is_listening(port: int) -> bool:
    """Tell whether a socket listens on the port, without connecting to it."""
    tables = [table.read_text().splitlines()[1:] for table in Path("/proc/net").glob("tcp*")]
    rows = [line.split() for table in tables for line in table]
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)  # 0A is LISTEN


def has_closed(pcap: Path) -> bool:
    """Tell whether the capture has the end of each connection: both FINs and their acknowledgements, or a reset."""
    ways: set[tuple[int, int]] = set()
    closed: set[tuple[int, int]] = set()
    fins: dict[tuple[int, int], int] = {}
    with PcapReader(str(pcap)) as packets:
        for packet in packets:
            if TCP not in packet:
                continue  # the last frame, written in part
            tcp = packet[TCP]
            way, back = (tcp.sport, tcp.dport), (tcp.dport, tcp.sport)
            ways.add(way)
            if "F" in tcp.flags:
                fins[way] = (tcp.seq + len(tcp.payload) + 1) % 2**32
            if "R" in tcp.flags:
                closed |= {way, back}
            if fins.get(back) == tcp.ack:
                closed.add(back)
    return bool(ways) and ways <= closed


@contextmanager
def tap(pcap: Path, port: int) -> Iterator[None]:
    """Record the port's traffic on the loopback interface, from before the body until its connections have closed."""
    listen = ("-i", "lo", "-n", "-s", "0", "-U", "--immediate-mode", "-w", "-", f"tcp port {port}")
    with start(pcap.parent, "tcpdump", *listen, output=pcap) as tcpdump:
        tcpdump.wait_for(lambda: b"listening on" in tcpdump.log.read_bytes(), "leave to listen")
        yield
        tcpdump.wait_for(lambda: has_closed(pcap), "the connection's end")
        tcpdump.process.send_signal(signal.SIGINT)
        tcpdump.process.wait(TIMEOUT)
    if b"\n0 packets dropped by kernel" not in tcpdump.log.read_bytes():
        raise RecordError("tcpdump lost frames: record again")


VERIFICATION = (Verification, ImplicitVRLittleEndian)


def make_archive(abstract_syntax: UID, transfer_syntax: UID) -> ApplicationEntity:
    """Build the pynetdicom acceptor, which supports one abstract syntax in one transfer syntax."""
    archive = AE(ae_title="ARCHIVE")
    archive.add_supported_context(abstract_syntax, transfer_syntax)
    return archive


@contextmanager
def accept(
    entity: ApplicationEntity, port: int, handlers: list[EventHandlerType] | None = None, host: str = IPV4
) -> Iterator[None]:
    """Let a pynetdicom application entity accept associations during the body."""
    try:
        entity.start_server((host, port), block=False, evt_handlers=handlers)
    except OSError as error:
        raise RecordError(f"port {port}: {error.strerror}") from None
    try:
        yield
    finally:
        entity.shutdown()


@contextmanager
def accept_storage(folder: Path, port: int, *options: str) -> Iterator[None]:
    """Let DCMTK's storescp accept associations during the body."""
    if is_listening(port):
        raise RecordError(f"port {port}: Address already in use")
    with start(folder, "storescp", "--ignore", *options, str(port)) as storescp:
        storescp.wait_for(lambda: is_listening(port), f"port {port}")
        yield


@contextmanager
def associate(host: str, port: int, abstract_syntax: UID, transfer_syntax: UID) -> Iterator[Association]:
    """Open an association from pynetdicom for the body and release it."""
    modality = AE(ae_title="MODALITY")
    modality.add_requested_context(abstract_syntax, transfer_syntax)
    association = modality.associate(host, port, ae_title="ARCHIVE")
    if not association.is_established:
        raise RecordError(f"no association with {host} port {port}")
    try:
        yield association
    finally:
        association.release()


def check_success(status: Dataset) -> None:
    """Raise RecordError unless a response's status is success (PS3.7 C.1)."""
    if status.get("Status") != 0x0000:
        raise RecordError(f"the acceptor answered {status.get('Status')!r}")


# The image that is stored: a disc, and an element of most value representations.
SIDE = 64  # pixels


def make_uid(name: str) -> str:
    """Derive a UID from a name (PS3.5 B.2)."""
    return f"2.25.{uuid5(NAMESPACE_OID, name).int}"


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
    code = make_item(CodeValue="24725-4", CodingSchemeDesignator="LN", CodeMeaning="CT Head")
    request = make_item(
        RequestedProcedureID="RP1", ScheduledProcedureStepID="SPS1", ScheduledProtocolCodeSequence=[code]
    )
    request.is_undefined_length_sequence_item = True
    image.RequestAttributesSequence = [request]
    image["RequestAttributesSequence"].is_undefined_length = True
    concept = make_item(CodeValue="121106", CodingSchemeDesignator="DCM", CodeMeaning="Comment")
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
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return image


def find_patient(pcap: Path) -> None:
    """Ask for patients with a C-FIND and get one match."""
    match = make_item(
        QueryRetrieveLevel="PATIENT",
        Manufacturer="Siemens Healthineers",
        ManufacturerModelName="SOMATOM Definition Edge",
        PatientName="John^Doe",
        PatientID="123456",
    )

    def answer(event: evt.Event) -> Iterator[tuple[int, Dataset]]:
        yield 0xFF00, match

    archive = make_archive(PatientRootQueryRetrieveInformationModelFind, ImplicitVRLittleEndian)
    with accept(archive, 104, [(evt.EVT_C_FIND, answer)]), tap(pcap, 104):
        run("findscu", IPV4, "104", "-P", "-k", "(0008,0070)=*", says="Find Response: 1 (Pending)")


def verify(pcap: Path) -> None:
    """Verify with a C-ECHO, the shortest complete association."""
    with accept(make_archive(*VERIFICATION), 11112), tap(pcap, 11112):
        run("echoscu", "-aet", "MODALITY", "-aec", "ARCHIVE", IPV4, "11112")


def verify_ipv6(pcap: Path) -> None:
    """Verify with a C-ECHO over IPv6, in the pcapng format."""
    with (
        accept(make_archive(*VERIFICATION), 11112, host=IPV6),
        tap(pcap, 11112),
        associate(IPV6, 11112, *VERIFICATION) as association,
    ):
        check_success(association.send_c_echo())


def store(pcap: Path) -> None:
    """Store an image in Implicit VR Little Endian, in several PDUs; one of two contexts is accepted."""
    file = pcap.with_name("image.dcm")
    make_image().save_as(file, enforce_file_format=True)
    with accept_storage(pcap.parent, 4242, "--implicit", "--max-pdu", "4096"), tap(pcap, 4242):
        run("storescu", "--required", "-aet", "MODALITY", "-aec", "ARCHIVE", IPV4, "4242", str(file))


def store_explicit(pcap: Path) -> None:
    """Store the same image in Explicit VR Little Endian."""
    with (
        accept_storage(pcap.parent, 11112),
        tap(pcap, 11112),
        associate(IPV4, 11112, CTImageStorage, ExplicitVRLittleEndian) as association,
    ):
        check_success(association.send_c_store(make_image()))


def reject(pcap: Path) -> None:
    """Reject an association, for the called AE title is not the acceptor's."""
    archive = make_archive(*VERIFICATION)
    archive.require_called_aet = True
    with accept(archive, 11112), tap(pcap, 11112):
        run("echoscu", "-aet", "MODALITY", "-aec", "ARCHIV", IPV4, "11112", says="Called AE Title Not Recognized")


def abort(pcap: Path) -> None:
    """Abort an association from the requestor's side, after a C-ECHO."""
    with accept(make_archive(*VERIFICATION), 11112), tap(pcap, 11112):
        run("echoscu", "--abort", "-aet", "MODALITY", "-aec", "ARCHIVE", IPV4, "11112")


def abort_by_acceptor(pcap: Path) -> None:
    """Abort an association from the acceptor's side, instead of answering a C-ECHO."""

    def refuse(event: evt.Event) -> int:
        event.assoc.abort()
        return 0x0000

    with accept(make_archive(*VERIFICATION), 11112, [(evt.EVT_C_ECHO, refuse)]), tap(pcap, 11112):
        run("echoscu", "-aet", "MODALITY", "-aec", "ARCHIVE", IPV4, "11112", says="Peer aborted Association")


SCENES: dict[str, Callable[[Path], None]] = {
    "c-find": find_patient,
    "c-echo": verify,
    "c-echo-ipv6": verify_ipv6,
    "c-store": store,
    "c-store-explicit": store_explicit,
    "rejected": reject,
    "aborted": abort,
    "aborted-by-acceptor": abort_by_acceptor,
}
PCAPNG = {"c-echo-ipv6"}


def record(name: str, to: Path) -> Path:
    """Record one scene into the folder and return the capture's path."""
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder, f"{name}.pcap")
        SCENES[name](capture)
        if name in PCAPNG:
            pcap, capture = capture, capture.with_suffix(".pcapng")
            run("editcap", "-F", "pcapng", str(pcap), str(capture))
        return Path(shutil.move(capture, to / capture.name))


def main(arguments: list[str] | None = None) -> int:
    """Record the scenes that the command line names, or all."""
    scenes = "\n".join(f"  {name:<22}{scene.__doc__}" for name, scene in SCENES.items())
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=f"scenes:\n{scenes}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scene to record (default: all)")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", default=Path(__file__).parent, help="default: the script's folder"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in SCENES]
    if unknown:
        parser.error(f"no scene {unknown[0]}: there are {', '.join(SCENES)}")
    try:
        for tool in PACKAGES:
            find_tool(tool)
        for name in options.names or SCENES:
            print(record(name, options.to))
    except (RecordError, OSError, subprocess.TimeoutExpired) as error:
        print(f"record.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
