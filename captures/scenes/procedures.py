"""Scenes of DIMSE-N services around an examination: what was performed, what is stored, what is to be done."""

from pathlib import Path
from threading import Event

from pydicom import Dataset
from pydicom.uid import CTImageStorage
from pynetdicom import evt
from pynetdicom.events import EventHandlerType
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    InstanceAvailabilityNotification,
    ModalityPerformedProcedureStep,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
)

from captures.entities import PORT, SECOND_PORT, accept, accept_commitments, associate, check, implicit, make_acceptor
from captures.images import IMAGE, make_code, make_item, make_small_image, make_uid
from captures.peers import TIMEOUT, RecordError, tap

Answer = tuple[int | Dataset, Dataset | None]

STEP = make_uid("performed procedure step")
STARTED = {
    "SpecificCharacterSet": "ISO_IR 100",
    "Modality": "CT",
    "PatientName": IMAGE["PatientName"],
    "PatientID": IMAGE["PatientID"],
    "PatientBirthDate": IMAGE["PatientBirthDate"],
    "PatientSex": IMAGE["PatientSex"],
    "PerformedStationAETitle": "MODALITY",
    "PerformedStationName": "",
    "PerformedLocation": "",
    "PerformedProcedureStepStartDate": "20240229",
    "PerformedProcedureStepStartTime": "101500",
    "PerformedProcedureStepStatus": "IN PROGRESS",
    "PerformedProcedureStepID": "PPS1",
    "PerformedProcedureStepDescription": "Head, synthetic",
    "PerformedProcedureTypeDescription": "",
    "ProcedureCodeSequence": [],
    "PerformedProcedureStepEndDate": "",
    "PerformedProcedureStepEndTime": "",
    "PerformedProtocolCodeSequence": [],
    "PerformedSeriesSequence": [],
    "StudyID": "1",
}
"""What a modality says when it starts (PS3.4 F.7.2)."""


def start_step() -> Dataset:
    """Build the attributes of a performed procedure step that has begun."""
    scheduled = make_item(
        AccessionNumber="A0001",
        ReferencedStudySequence=[],
        StudyInstanceUID=IMAGE["StudyInstanceUID"],
        RequestedProcedureDescription="CT of the head",
        ScheduledProcedureStepDescription="Head, synthetic",
        ScheduledProtocolCodeSequence=[make_code("24725-4", "LN", "CT Head")],
        ScheduledProcedureStepID="SPS1",
        RequestedProcedureID="RP1",
    )
    return make_item(**STARTED, ScheduledStepAttributesSequence=[scheduled])


def end_step() -> Dataset:
    """Build what changes when a performed procedure step is complete: the series, its images, its dose."""
    images = [refer_to(number) for number in (1, 2)]
    series = make_item(
        PerformingPhysicianName="Curie^Marie^^Dr.",
        ProtocolName="Head",
        OperatorsName="Doe^Jane",
        SeriesInstanceUID=IMAGE["SeriesInstanceUID"],
        SeriesDescription="2.5 mm",
        RetrieveAETitle="ARCHIVE",
        ReferencedImageSequence=images,
        ReferencedNonImageCompositeSOPInstanceSequence=[],
    )
    exposure = make_item(RadiationMode="CONTINUOUS", KVP="120", XRayTubeCurrentInuA="250000", ExposureTime="500")
    return make_item(
        PerformedProcedureStepStatus="COMPLETED",
        PerformedProcedureStepEndDate="20240229",
        PerformedProcedureStepEndTime="102200",
        PerformedSeriesSequence=[series],
        TotalNumberOfExposures=1,
        ExposureDoseSequence=[exposure],
    )


def refer_to(number: int) -> Dataset:
    """Build the item that refers to a small image (PS3.3 10.8)."""
    return make_item(ReferencedSOPClassUID=CTImageStorage, ReferencedSOPInstanceUID=make_uid(f"small image {number}"))


def perform(pcap: Path) -> None:
    """Report a performed procedure step: N-CREATE when it starts, N-SET when it is complete."""

    def create(event: evt.Event) -> Answer:
        return 0x0000, event.attribute_list

    def change(event: evt.Event) -> Answer:
        return 0x0000, event.modification_list

    contexts = implicit(ModalityPerformedProcedureStep)
    handlers: list[EventHandlerType] = [(evt.EVT_N_CREATE, create), (evt.EVT_N_SET, change)]
    with accept(make_acceptor(contexts), handlers=handlers), tap(pcap, PORT), associate(contexts) as association:
        status, _ = association.send_n_create(start_step(), ModalityPerformedProcedureStep, STEP, 1)
        check(status)
        status, _ = association.send_n_set(end_step(), ModalityPerformedProcedureStep, STEP, 2)
        check(status)


def fail_to_perform(pcap: Path) -> None:
    """Report performed procedure steps in vain: an attribute is missing, a step exists, a step may not be changed."""
    missing = make_item(Status=0x0120, ErrorComment="Scheduled Step Attributes Sequence")
    twice = make_item(Status=0x0111)
    closed = make_item(
        Status=0x0110, ErrorID=0xA710, ErrorComment="Performed Procedure Step Object may no longer be updated"
    )
    refusals = iter((missing, twice))

    def create(event: evt.Event) -> Answer:
        return next(refusals), None

    def change(event: evt.Event) -> Answer:
        return closed, None

    contexts = implicit(ModalityPerformedProcedureStep)
    handlers: list[EventHandlerType] = [(evt.EVT_N_CREATE, create), (evt.EVT_N_SET, change)]
    with accept(make_acceptor(contexts), handlers=handlers), tap(pcap, PORT), associate(contexts) as association:
        incomplete = make_item(PatientID="SYN-0001")
        status, _ = association.send_n_create(incomplete, ModalityPerformedProcedureStep, STEP, 1)
        check(status, 0x0120)
        status, _ = association.send_n_create(start_step(), ModalityPerformedProcedureStep, STEP, 2)
        check(status, 0x0111)
        status, _ = association.send_n_set(end_step(), ModalityPerformedProcedureStep, STEP, 3)
        check(status, 0x0110)


def commit(pcap: Path) -> None:
    """Ask for storage commitment of two images, one of which was stored; the report comes on another association."""
    answered, reported = Event(), Event()

    def begin(event: evt.Event) -> None:
        answered.wait(TIMEOUT)  # Orthanc is quick: its request comes before its response to the N-ACTION

    def read(event: evt.Event) -> Answer:
        return 0x0000, None

    def end(event: evt.Event) -> None:
        reported.set()

    request = make_item(TransactionUID=make_uid("transaction"), ReferencedSOPSequence=[refer_to(1), refer_to(2)])
    service, instance = StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    handlers: list[EventHandlerType] = [
        (evt.EVT_REQUESTED, begin),
        (evt.EVT_N_EVENT_REPORT, read),
        (evt.EVT_CONN_CLOSE, end),
    ]
    with (
        accept_commitments(pcap.parent),
        accept(make_acceptor(implicit(service), "MODALITY"), SECOND_PORT, handlers),
        tap(pcap, PORT, SECOND_PORT),
    ):
        with associate(implicit(CTImageStorage)) as association:
            check(association.send_c_store(make_small_image(1)))
        with associate(implicit(service)) as association:
            status, _ = association.send_n_action(request, 1, service, instance)
            check(status)
            answered.set()
            if not reported.wait(TIMEOUT):
                raise RecordError("no N-EVENT-REPORT came")


def announce(pcap: Path) -> None:
    """Announce with an N-CREATE that instances are available."""
    instances = []
    for number in (1, 2):
        instance = refer_to(number)
        instance.InstanceAvailability = "ONLINE"
        instance.RetrieveAETitle = "ARCHIVE"
        instances.append(instance)
    series = make_item(SeriesInstanceUID=IMAGE["SeriesInstanceUID"], ReferencedSOPSequence=instances)
    study = make_item(
        ReferencedPerformedProcedureStepSequence=[],
        ReferencedSeriesSequence=[series],
        StudyInstanceUID=IMAGE["StudyInstanceUID"],
    )

    def create(event: evt.Event) -> Answer:
        return 0x0000, None

    contexts = implicit(InstanceAvailabilityNotification)
    with (
        accept(make_acceptor(contexts), handlers=[(evt.EVT_N_CREATE, create)]),
        tap(pcap, PORT),
        associate(contexts) as association,
    ):
        status, _ = association.send_n_create(study, InstanceAvailabilityNotification, make_uid("availability"))
        check(status)


SCENES = {
    "mpps": perform,
    "mpps-failed": fail_to_perform,
    "storage-commitment": commit,
    "instance-availability": announce,
}
