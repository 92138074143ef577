"""The application entities of the scenes: pynetdicom's at either end, and DCMTK's and Orthanc's servers."""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import UID, ImplicitVRLittleEndian
from pynetdicom import AE, _config, evt
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

from captures.peers import RecordError, listen, run

IPV4, IPV6 = "127.0.0.1", "::1"
PORT, SECOND_PORT = 11112, 11113  # the acceptor's, and that of the acceptor of a second association

TITLES = ("-aet", "MODALITY", "-aec", "ARCHIVE")
TO = (*TITLES, IPV4, str(PORT))
"""The options and parameters with which DCMTK's programs ask the acceptor."""

Context = tuple[UID, UID]
"""An abstract syntax, and a transfer syntax for it."""

AT_ONCE = {"TCP_NODELAY": "1"}
"""Lets DCMTK's PDUs not wait for the acknowledgement of those before, so that two connections keep their order."""

NegotiationItem = (
    AsynchronousOperationsWindowNegotiation
    | SCP_SCU_RoleSelectionNegotiation
    | SOPClassCommonExtendedNegotiation
    | SOPClassExtendedNegotiation
    | UserIdentityNegotiation
)


def implicit(*abstract_syntaxes: UID) -> list[Context]:
    """Pair abstract syntaxes with Implicit VR Little Endian."""
    return [(abstract_syntax, ImplicitVRLittleEndian) for abstract_syntax in abstract_syntaxes]


def make_acceptor(contexts: Sequence[Context], title: str = "ARCHIVE") -> ApplicationEntity:
    """Build a pynetdicom acceptor, which supports some abstract syntaxes, each in one transfer syntax or more."""
    acceptor = AE(ae_title=title)
    for abstract_syntax, transfer_syntax in contexts:
        acceptor.add_supported_context(abstract_syntax, transfer_syntax, scu_role=True, scp_role=True)
    return acceptor


@contextmanager
def accept(
    entity: ApplicationEntity, port: int = PORT, handlers: list[EventHandlerType] | None = None, host: str = IPV4
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
def associate(
    contexts: Sequence[Context],
    port: int = PORT,
    *,
    host: str = IPV4,
    items: Sequence[NegotiationItem] = (),
    handlers: list[EventHandlerType] | None = None,
    titles: tuple[str, str] = ("MODALITY", "ARCHIVE"),
) -> Iterator[Association]:
    """Open an association from pynetdicom for the body and release it; the titles are its own and the called one."""
    requestor = AE(ae_title=titles[0])
    for abstract_syntax, transfer_syntax in contexts:
        requestor.add_requested_context(abstract_syntax, transfer_syntax)
    association = requestor.associate(host, port, ae_title=titles[1], ext_neg=list(items), evt_handlers=handlers)
    if not association.is_established:
        raise RecordError(f"no association with {host} port {port}")
    try:
        yield association
    finally:
        association.release()


def send_at_once(event: evt.Event) -> None:
    """Let pynetdicom's PDUs not wait for the acknowledgement of those before either."""
    connection = event.assoc.dul.socket
    if connection is not None and connection.socket is not None:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def check(status: Dataset, wanted: int = 0x0000) -> None:
    """Raise RecordError unless a response has the status that is wanted, which is success (PS3.7 C.1) if none is."""
    if status.get("Status") != wanted:
        raise RecordError(f"the acceptor answered {status.get('Status')!r}")


def send_file(association: Association, path: Path, message_id: int = 1) -> None:
    """Send a file's data set with C-STORE as it is encoded in the file."""
    _config.STORE_SEND_CHUNKED_DATASET = True
    try:
        check(association.send_c_store(path, message_id))
    finally:
        _config.STORE_SEND_CHUNKED_DATASET = False


@contextmanager
def accept_storage(folder: Path, port: int, *options: str) -> Iterator[None]:
    """Let DCMTK's storescp accept associations during the body."""
    with listen(folder, port, "storescp", "--ignore", *options, str(port)):
        yield


@contextmanager
def accept_queries(folder: Path, files: Sequence[Path], *options: str) -> Iterator[None]:
    """Let DCMTK's dcmqrscp, which holds the files, accept associations as ARCHIVE during the body."""
    store = folder / "store"
    store.mkdir()
    run("dcmqridx", str(store), *map(str, files))
    settings = folder / "dcmqrscp.cfg"
    settings.write_text(
        f"""NetworkTCPPort = {PORT}
MaxPDUSize = 16384
MaxAssociations = 4
HostTable BEGIN
modality = (MODALITY, {IPV4}, {SECOND_PORT})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
ARCHIVE {store} RW (9, 1mb) ANY
AETable END
"""
    )
    arguments = ("--single-process", *options, "-c", str(settings))
    with listen(folder, PORT, "dcmqrscp", *arguments, environment=AT_ONCE):
        yield


@contextmanager
def accept_commitments(folder: Path) -> Iterator[None]:
    """Let Orthanc accept associations as ARCHIVE during the body; it answers MODALITY on the second port."""
    settings = {
        "StorageDirectory": str(folder / "orthanc"),
        "HttpServerEnabled": False,
        "DicomAet": "ARCHIVE",
        "DicomPort": PORT,
        "DicomModalities": {"modality": ["MODALITY", IPV4, SECOND_PORT]},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings))
    with listen(folder, PORT, "Orthanc", str(path)):
        yield


@contextmanager
def accept_prints(folder: Path) -> Iterator[None]:
    """Let DCMTK's dcmprscp accept associations as PRINTER during the body."""
    settings = folder / "dcmprscp.cfg"
    settings.write_text(
        f"""[[GENERAL]]
[PRINT]
Directory = {folder}
[DATABASE]
Directory = {folder}
[[COMMUNICATION]]
[PRINTER]
Type = LOCALPRINTER
Hostname = localhost
Port = {PORT}
Aetitle = PRINTER
DisplayFormat = 1,1
"""
    )
    with listen(folder, PORT, "dcmprscp", "-c", str(settings)):
        yield
