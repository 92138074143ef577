"""Scenes of associations: how they begin, what is negotiated, how they end."""

from pathlib import Path

from pydicom.uid import (
    UID,
    BasicTextSRStorage,
    ComprehensiveSRStorage,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    EnhancedSRStorage,
)
from pynetdicom import evt
from pynetdicom.events import EventHandlerType
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SOPClassCommonExtendedNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.presentation import build_role
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from captures.entities import IPV4, IPV6, PORT, TO, accept, associate, check, implicit, make_acceptor
from captures.images import make_small_image, save
from captures.peers import run, tap

VERIFICATION, STORAGE = implicit(Verification), implicit(CTImageStorage)


def verify(pcap: Path) -> None:
    """Verify with a C-ECHO, the shortest complete association."""
    with accept(make_acceptor(VERIFICATION)), tap(pcap, PORT):
        run("echoscu", *TO)


def verify_ipv6(pcap: Path) -> None:
    """Verify with a C-ECHO over IPv6, in the pcapng format."""
    acceptor = make_acceptor(VERIFICATION)
    with accept(acceptor, host=IPV6), tap(pcap, PORT), associate(VERIFICATION, host=IPV6) as association:
        check(association.send_c_echo())


IDENTITIES: tuple[tuple[int, bytes, bytes, bytes], ...] = (
    (1, b"mcurie", b"", b""),
    (2, "jörg".encode(), "gehe1m für nichts".encode(), b""),
    (3, b"\x6e\x82\x00\x0csynthetic ticket", b"", b"\x6f\x04pong"),
    (4, b'<Assertion Version="2.0"><Issuer>urn:example</Issuer></Assertion>', b"", b"<Response/>"),
    (5, b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJtY3VyaWUifQ.", b"", b"welcome"),
)
"""User identity type, primary and secondary field, server response (PS3.7 D.3.3.7); the JSON Web Token is unsigned."""


def identify_users(pcap: Path) -> None:
    """Ask for a positive response to a user identity of each of the five types, an association each."""
    responses = iter([response for _, _, _, response in IDENTITIES])

    def welcome(event: evt.Event) -> tuple[bool, bytes]:
        return True, next(responses)

    with accept(make_acceptor(VERIFICATION), handlers=[(evt.EVT_USER_ID, welcome)]), tap(pcap, PORT):
        for kind, primary, secondary, _ in IDENTITIES:
            identity = UserIdentityNegotiation()
            identity.user_identity_type = kind
            identity.primary_field = primary
            identity.secondary_field = secondary
            identity.positive_response_requested = True
            with associate(VERIFICATION, items=[identity]) as association:
                check(association.send_c_echo())


def refuse_user(pcap: Path) -> None:
    """Reject an association, for its user is not known."""

    def doubt(event: evt.Event) -> tuple[bool, None]:
        return False, None

    file = save(make_small_image(1), pcap.with_name("image.dcm"))
    user = ("--user", "mcurie", "--password", "radium", "--pos-response")
    with accept(make_acceptor(STORAGE), handlers=[(evt.EVT_USER_ID, doubt)]), tap(pcap, PORT):
        run("storescu", "--required", *user, *TO, str(file), says="Association Rejected")


def make_extended(sop_class: UID, *options: int) -> SOPClassExtendedNegotiation:
    """Propose options of a service class, a byte each (PS3.7 D.3.3.5)."""
    item = SOPClassExtendedNegotiation()
    item.sop_class_uid = sop_class
    item.service_class_application_information = bytes(options)
    return item


def make_window(invoked: int, performed: int) -> AsynchronousOperationsWindowNegotiation:
    """Propose how many operations may be outstanding (PS3.7 D.3.3.3)."""
    item = AsynchronousOperationsWindowNegotiation()
    item.maximum_number_operations_invoked = invoked
    item.maximum_number_operations_performed = performed
    return item


def make_common(sop_class: UID, *related: UID) -> SOPClassCommonExtendedNegotiation:
    """Say which SOP classes a storage class is a special case of (PS3.7 D.3.3.6)."""
    item = SOPClassCommonExtendedNegotiation()
    item.sop_class_uid = sop_class
    item.service_class_uid = UID("1.2.840.10008.4.2")  # Storage Service Class
    item.related_general_sop_class_identification = list(related)
    return item


NEGOTIATED = (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
    PatientRootQueryRetrieveInformationModelGet,
    CTImageStorage,
    ComputedRadiographyImageStorage,
    BasicTextSRStorage,
    Verification,
)
NEGOTIATION = (
    make_window(4, 0),
    build_role(CTImageStorage, scu_role=True, scp_role=True),
    build_role(ComputedRadiographyImageStorage, scp_role=True),
    make_extended(PatientRootQueryRetrieveInformationModelFind, 1, 1, 1, 1, 1),  # PS3.4 C.5.1.1
    make_extended(StudyRootQueryRetrieveInformationModelMove, 1, 1),  # PS3.4 C.5.2.1
    make_extended(PatientRootQueryRetrieveInformationModelGet, 1),  # PS3.4 C.5.3.1
    make_extended(CTImageStorage, 2, 0, 3, 0, 1, 0),  # PS3.4 B.3.1.1
    make_common(BasicTextSRStorage, EnhancedSRStorage, ComprehensiveSRStorage),  # PS3.4 B.3.1.4
)


def negotiate(pcap: Path) -> None:
    """Negotiate roles, an operations window, options of query, retrieve and storage, and related general classes."""

    def agree(event: evt.Event) -> dict[UID, bytes]:
        return {
            PatientRootQueryRetrieveInformationModelFind: bytes([1, 1, 0, 1, 0]),
            StudyRootQueryRetrieveInformationModelMove: bytes([0, 0]),
            CTImageStorage: bytes([2, 0, 0, 0, 2, 0]),
        }

    def narrow(event: evt.Event) -> tuple[int, int]:
        return 1, 1  # what pynetdicom answers, whatever is returned here

    acceptor = make_acceptor(implicit(*NEGOTIATED[:4], Verification))
    acceptor.add_supported_context(ComputedRadiographyImageStorage, scu_role=True, scp_role=False)
    handlers: list[EventHandlerType] = [(evt.EVT_SOP_EXTENDED, agree), (evt.EVT_ASYNC_OPS, narrow)]
    with (
        accept(acceptor, handlers=handlers),
        tap(pcap, PORT),
        associate(implicit(*NEGOTIATED), items=NEGOTIATION) as association,
    ):
        check(association.send_c_echo())


def reject(pcap: Path) -> None:
    """Reject an association, for the called AE title is not the acceptor's."""
    archive = make_acceptor(VERIFICATION)
    archive.require_called_aet = True
    with accept(archive), tap(pcap, PORT):
        run("echoscu", "-aet", "MODALITY", "-aec", "ARCHIV", IPV4, str(PORT), says="Called AE Title Not Recognized")


def reject_second(pcap: Path) -> None:
    """Reject an association, for another one is open and the acceptor takes one at a time."""
    archive = make_acceptor(VERIFICATION)
    archive.maximum_associations = 1
    with accept(archive), tap(pcap, PORT), associate(VERIFICATION) as association:
        run("echoscu", *TO, says="Local Limit Exceeded")
        check(association.send_c_echo())


def abort(pcap: Path) -> None:
    """Abort an association from the requestor's side, after a C-ECHO."""
    with accept(make_acceptor(VERIFICATION)), tap(pcap, PORT):
        run("echoscu", "--abort", *TO)


def abort_by_acceptor(pcap: Path) -> None:
    """Abort an association from the acceptor's side, instead of answering a C-ECHO."""

    def refuse(event: evt.Event) -> int:
        event.assoc.abort()
        return 0x0000

    with accept(make_acceptor(VERIFICATION), handlers=[(evt.EVT_C_ECHO, refuse)]), tap(pcap, PORT):
        run("echoscu", *TO, says="Peer aborted Association")


SCENES = {
    "c-echo": verify,
    "c-echo-ipv6": verify_ipv6,
    "user-identity": identify_users,
    "user-identity-refused": refuse_user,
    "negotiation": negotiate,
    "rejected": reject,
    "rejected-limit": reject_second,
    "aborted": abort,
    "aborted-by-acceptor": abort_by_acceptor,
}
