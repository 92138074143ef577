"""Data sets of procedure steps and storage commitments, in: what they say of their state, out (PS3.4 F, J)."""

from collections.abc import Iterator

from dissect.association import Association
from dissect.dicom.dimse import Message
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import DEFLATED, choose_encoding
from dissect.node import Node
from dissect.notes import Finding, find
from dissect.rules.outstanding import Operation
from dissect.rules.scene import Scene
from dissect.spans import Buffer

PERFORMED_STEP = "1.2.840.10008.3.1.2.3.3"
COMMITMENT = "1.2.840.10008.1.20.1"
STEP_STATUS, TRANSACTION = "(0040,0252)", "(0008,1195)"
FINAL = ("COMPLETED", "DISCONTINUED")
"""The states after which a performed procedure step can no longer be changed (PS3.4 F.7.2.2.3)."""

LONGEST_DATA = 1 << 12
"""So many bytes of a data set are read for its state: long lists come behind it."""


def follow_data(scene: Scene, message: Message, operation: Operation | None, place: str) -> Iterator[Finding]:
    """Take a complete data set into account, if it is that of a procedure step or of a storage commitment."""
    survey, sop_class = scene.survey, message.sop_class
    if sop_class == PERFORMED_STEP and message.name in ("N-CREATE-RQ", "N-SET-RQ"):
        uid = message.sop_instance
        keeper = message.data.pdvs[-1].pdu.stream.peer.sender
        state, number = survey.steps.get((keeper, uid), ("", 0))
        if message.name == "N-SET-RQ" and state in FINAL:
            yield find("step-order", place, state=state, number=number)
        if operation is not None:
            operation.state = read_element(scene.association, message, STEP_STATUS)
    elif sop_class == COMMITMENT and message.name in ("N-ACTION-RQ", "N-EVENT-REPORT-RQ"):
        uid = read_element(scene.association, message, TRANSACTION)
        if message.name == "N-EVENT-REPORT-RQ":
            survey.report(uid)
        elif operation is not None:
            operation.state = uid


def read_element(association: Association, message: Message, tag: str) -> str:
    """Read an element of a data set, '' where it is not there."""
    source, context = message.data.join(), association.contexts.get(message.context_id)
    transfer = context.transfer if context is not None else ""
    if not transfer or transfer in DEFLATED or message.data.torn is not None or source.missing(0, LONGEST_DATA):
        return ""
    root, begin = Node("", ""), Buffer(bytes(source.read(0, LONGEST_DATA)))
    walk_elements(begin, choose_encoding(transfer, begin)[0], root)
    return next((node.text.strip(" \0") for node in root.children if node.tag == tag and not node.notes), "")
