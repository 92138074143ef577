"""Scenes of C-FIND: queries, worklists, and what goes wrong with them."""

import time
from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    ModalityWorklistInformationFind,
    PatientRootQueryRetrieveInformationModelFind,
)

from captures.entities import IPV4, PORT, TO, Context, accept, accept_queries, implicit, make_acceptor
from captures.images import make_code, make_item, make_small_image, make_uid, save
from captures.peers import run, tap

Answers = Iterator[tuple[int | Dataset, Dataset | None]]

PATIENTS = implicit(PatientRootQueryRetrieveInformationModelFind)


def answer_query(pcap: Path, contexts: list[Context], answers: Answers, *request: str, says: str = "") -> None:
    """Let pynetdicom give the answers to what DCMTK's findscu asks, which must print the words given."""

    def answer(event: evt.Event) -> Answers:
        return answers

    with accept(make_acceptor(contexts), handlers=[(evt.EVT_C_FIND, answer)]), tap(pcap, PORT):
        run("findscu", *TO, *request, says=says)


def find_patient(pcap: Path) -> None:
    """Ask for patients with a C-FIND and get one match."""
    match = make_item(
        QueryRetrieveLevel="PATIENT",
        Manufacturer="Siemens Healthineers",
        ManufacturerModelName="SOMATOM Definition Edge",
        PatientName="John^Doe",
        PatientID="123456",
    )

    def answer(event: evt.Event) -> Answers:
        yield 0xFF00, match

    with accept(make_acceptor(PATIENTS), 104, [(evt.EVT_C_FIND, answer)]), tap(pcap, 104):
        run("findscu", IPV4, "104", "-P", "-k", "(0008,0070)=*", says="Find Response: 1 (Pending)")


def find_studies(pcap: Path) -> None:
    """Ask an archive for the studies of a month and get three."""
    studies = [
        make_small_image(
            number,
            StudyInstanceUID=make_uid(f"study {number}"),
            StudyDate=f"202402{number:02}",
            PatientName=name,
            PatientID=f"SYN-000{number}",
        )
        for number, name in enumerate(("Curie^Marie", "Curie^Pierre", "Müller^Jörg"), 1)
    ]
    files = [save(study, pcap.with_name(f"study-{number}.dcm")) for number, study in enumerate(studies)]
    keys = ("QueryRetrieveLevel=STUDY", "StudyDate=20240201-20240229", "StudyTime", "AccessionNumber", "PatientName")
    more = ("PatientID", "StudyInstanceUID", "StudyID", "NumberOfStudyRelatedInstances")
    options = [word for key in (*keys, *more) for word in ("-k", key)]
    with accept_queries(pcap.parent, files), tap(pcap, PORT):
        run("findscu", *TO, "-S", *options, says="Find Response: 3 (Pending)")


def find_in_one_pdu(pcap: Path) -> None:
    """Ask with a C-FIND whose command set and identifier come in one PDU."""

    def answer(event: evt.Event) -> Answers:
        yield 0xFF00, make_item(QueryRetrieveLevel="PATIENT", PatientName="Curie^Marie", PatientID="SYN-0001")

    with accept(make_acceptor(PATIENTS), handlers=[(evt.EVT_C_FIND, answer)]), tap(pcap, PORT):
        keys = ("PatientName=Curie*", "PatientID")
        run("odil", "find", IPV4, str(PORT), "MODALITY", "ARCHIVE", "patient", *keys, says="1 answer")


def make_step(number: int) -> Dataset:
    """Build a worklist entry of one scheduled procedure step (PS3.4 K.6.1.2)."""
    reason = make_item(
        TextValue="Rule out numbers", ConceptNameCodeSequence=[make_code("121109", "DCM", "Indications")]
    )
    protocol = make_code("24725-4", "LN", "CT Head")
    protocol.ProtocolContextSequence = [reason]
    step = make_item(
        ScheduledStationAETitle="MODALITY",
        ScheduledProcedureStepStartDate="20240229",
        ScheduledProcedureStepStartTime=f"{9 + number:02}3000",
        Modality="CT",
        ScheduledPerformingPhysicianName="Curie^Marie^^Dr.",
        ScheduledProcedureStepDescription="Head, synthetic",
        ScheduledProtocolCodeSequence=[protocol, make_code("X-CONTRAST", "99EXAMPLE", "With contrast")],
        ScheduledProcedureStepID=f"SPS{number}",
        CommentsOnTheScheduledProcedureStep=None,
    )
    study = make_item(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID=make_uid("visit"))
    return make_item(
        SpecificCharacterSet="ISO_IR 100",
        AccessionNumber=f"A{number:04}",
        ReferringPhysicianName="Joliot-Curie^Irène",
        ReferencedStudySequence=[study],
        PatientName=("Müller^Jörg", "Doe^Jane", "Doe^John^^^Jr.")[number - 1],
        PatientID=f"SYN-000{number}",
        PatientBirthDate="19700101",
        PatientSex="O",
        PatientWeight="72.5",
        Allergies=None,
        StudyInstanceUID=make_uid(f"study {number}"),
        RequestedProcedureDescription="CT of the head",
        RequestedProcedureCodeSequence=[protocol],
        ScheduledProcedureStepSequence=[step],
        RequestedProcedureID=f"RP{number}",
        RequestedProcedurePriority="ROUTINE",
    )


def find_worklist(pcap: Path) -> None:
    """Ask for a worklist in Explicit VR Little Endian and get three entries with sequences in sequences."""
    step = "ScheduledProcedureStepSequence[0]."
    keys = ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID", "RequestedProcedureID")
    nested = ("Modality=CT", "ScheduledStationAETitle=MODALITY", "ScheduledProcedureStepStartDate=20240229")
    below = "ScheduledProtocolCodeSequence[0].CodeValue"
    options = [word for key in (*keys, *(step + key for key in (*nested, below))) for word in ("-k", key)]
    answers = ((0xFF01 if number == 3 else 0xFF00, make_step(number)) for number in (1, 2, 3))
    contexts = [(ModalityWorklistInformationFind, ExplicitVRLittleEndian)]
    answer_query(pcap, contexts, answers, "-W", *options, says="Find Response: 3 (Pending")


def find_deflated(pcap: Path) -> None:
    """Ask and answer in Deflated Explicit VR Little Endian."""
    contexts = [(PatientRootQueryRetrieveInformationModelFind, DeflatedExplicitVRLittleEndian)]
    match = make_item(QueryRetrieveLevel="PATIENT", PatientName="Curie^Marie", PatientID="SYN-0001")
    keys = ("-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientName=Curie*", "-k", "PatientID")
    answers = iter([(0xFF00, match)])
    answer_query(pcap, contexts, answers, "-P", "--propose-deflated", *keys, says="Find Response: 1 (Pending)")


def cancel_query(pcap: Path) -> None:
    """Cancel a query after two of its answers have come."""

    def answer(event: evt.Event) -> Answers:
        for number in (1, 2):
            yield 0xFF00, make_item(QueryRetrieveLevel="PATIENT", PatientName="Doe^Jane", PatientID=f"SYN-000{number}")
        while not event.is_cancelled:
            time.sleep(0.01)
        yield 0xFE00, None

    keys = ("-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientName=Doe*", "-k", "PatientID")
    with accept(make_acceptor(PATIENTS), handlers=[(evt.EVT_C_FIND, answer)]), tap(pcap, PORT):
        run("findscu", *TO, "-P", "--cancel", "2", *keys, says="Find Response: 2 (Pending)")


def fail_query(pcap: Path) -> None:
    """Fail a query, for its identifier does not match the SOP class; a comment and a list of tags say why."""
    failure = make_item(
        Status=0xA900,
        OffendingElement=[0x00080052, 0x00100010],
        ErrorComment="No such level: IMAGES, and a wildcard in a list",
    )
    keys = ("-k", "QueryRetrieveLevel=IMAGES", "-k", "PatientName=*\\*")
    answer_query(pcap, PATIENTS, iter([(failure, None)]), "-P", *keys)


SCENES = {
    "c-find": find_patient,
    "c-find-studies": find_studies,
    "c-find-one-pdu": find_in_one_pdu,
    "c-find-worklist": find_worklist,
    "c-find-deflated": find_deflated,
    "c-find-cancelled": cancel_query,
    "c-find-failed": fail_query,
}
