"""Scenes of the unified procedure step: work that is pushed, watched, claimed and completed."""

from pathlib import Path

from pydicom import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.events import EventHandlerType
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # written into the module at run time
    UnifiedProcedureStepEvent,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepPush,
    UnifiedProcedureStepWatch,
)

from captures.entities import PORT, accept, associate, check, make_acceptor
from captures.images import make_code, make_item, make_uid
from captures.peers import tap

Answer = tuple[int | Dataset, Dataset | None]

STEP = make_uid("unified procedure step")
PUSH, PULL, WATCH, EVENT = (
    UnifiedProcedureStepPush,
    UnifiedProcedureStepPull,
    UnifiedProcedureStepWatch,
    UnifiedProcedureStepEvent,
)
CONTEXTS = [(service, ExplicitVRLittleEndian) for service in (PUSH, PULL, WATCH, EVENT)]
CHANGE_STATE, SUBSCRIBE = 1, 3  # PS3.4 CC.2.1, CC.2.3
STATE_REPORT = 1  # PS3.4 CC.2.4


def make_step() -> Dataset:
    """Build a step that is scheduled (PS3.4 CC.2.5)."""
    parameter = make_item(
        ValueType="TEXT",
        ConceptNameCodeSequence=[make_code("121106", "DCM", "Comment")],
        TextValue="Count the numbers.",
    )
    return make_item(
        SpecificCharacterSet="ISO_IR 192",
        TransactionUID="",
        PatientName="Müller^Jörg",
        PatientID="SYN-0001",
        ScheduledProcedureStepPriority="MEDIUM",
        ScheduledProcedureStepModificationDateTime="20240229101500.000000+0100",
        ProcedureStepLabel="Phantom analysis",
        WorklistLabel="Analysis",
        ScheduledProcessingParametersSequence=[parameter],
        ScheduledStationNameCodeSequence=[],
        ScheduledProcedureStepStartDateTime="20240229110000",
        InputReadinessState="READY",
        ProcedureStepState="SCHEDULED",
        ProcedureStepProgressInformationSequence=[],
        UnifiedProcedureStepPerformedProcedureSequence=[],
    )


class Manager:
    """The acceptor's side: it says yes to all, and reports each change of state to who has subscribed."""

    def __init__(self) -> None:
        """Start without an association."""
        self.association: Association | None = None

    def say_yes(self, event: evt.Event) -> Answer:
        """Answer an N-CREATE, N-SET or N-ACTION."""
        self.association = event.assoc
        return 0x0000, None

    def find(self, event: evt.Event) -> Answer:
        """Answer an N-GET with the attributes that it asks for."""
        progress = make_item(ProcedureStepProgress="50", ProcedureStepProgressDescription="Half of them")
        return 0x0000, make_item(ProcedureStepState="IN PROGRESS", ProcedureStepProgressInformationSequence=[progress])

    def report(self, state: str) -> None:
        """Send an N-EVENT-REPORT of the step's state."""
        assert self.association is not None
        information = make_item(InputReadinessState="READY", ProcedureStepState=state)
        status, _ = self.association.send_n_event_report(information, STATE_REPORT, PUSH, STEP, 1, EVENT)
        check(status)


def work(pcap: Path) -> None:
    """Push a unified procedure step, subscribe to it, claim it, report progress and complete it."""

    def listen(event: evt.Event) -> Answer:
        return 0x0000, None

    manager = Manager()
    handlers: list[EventHandlerType] = [
        (evt.EVT_N_CREATE, manager.say_yes),
        (evt.EVT_N_SET, manager.say_yes),
        (evt.EVT_N_ACTION, manager.say_yes),
        (evt.EVT_N_GET, manager.find),
    ]
    with (
        accept(make_acceptor(CONTEXTS), handlers=handlers),
        tap(pcap, PORT),
        associate(CONTEXTS, handlers=[(evt.EVT_N_EVENT_REPORT, listen)]) as association,
    ):
        perform(association, manager)


def perform(association: Association, manager: Manager) -> None:
    """Carry a step from its creation to its end."""
    transaction = make_uid("unified procedure step's transaction")
    status, _ = association.send_n_create(make_step(), PUSH, STEP, 1)
    check(status)
    subscription = make_item(ReceivingAE="MODALITY", DeletionLock="TRUE")
    status, _ = association.send_n_action(subscription, SUBSCRIBE, PUSH, STEP, 2, WATCH)
    check(status)
    manager.report("SCHEDULED")
    change(association, transaction, "IN PROGRESS", 3)
    manager.report("IN PROGRESS")
    progress = make_item(ProcedureStepProgress="50", ProcedureStepProgressDescription="Half of them")
    update = make_item(TransactionUID=transaction, ProcedureStepProgressInformationSequence=[progress])
    status, _ = association.send_n_set(update, PUSH, STEP, 4, PULL)
    check(status)
    status, _ = association.send_n_get([BaseTag(0x00741000), BaseTag(0x00741002)], PUSH, STEP, 5, PULL)
    check(status)
    change(association, transaction, "COMPLETED", 6)
    manager.report("COMPLETED")


def change(association: Association, transaction: UID, state: str, message_id: int) -> None:
    """Change the step's state with an N-ACTION."""
    information = make_item(TransactionUID=transaction, ProcedureStepState=state)
    status, _ = association.send_n_action(information, CHANGE_STATE, PUSH, STEP, message_id, PULL)
    check(status)


SCENES = {"ups": work}
