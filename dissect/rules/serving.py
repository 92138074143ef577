"""A request in its association, in: whether context, roles and direction let it be made, out."""

from collections.abc import Iterator

from dissect.dicom.dimse import Message
from dissect.dicom.terms import AFFECTED_CLASS, ORIGINATOR_ID, ORIGINATOR_TITLE, REQUESTED_CLASS
from dissect.dicom.values import call_uid, name_uid
from dissect.notes import Finding, find
from dissect.rules.fields import make_place
from dissect.rules.forms import LONGEST_TITLE, LONGEST_UID
from dissect.rules.outstanding import Operation
from dissect.rules.scene import Scene, tell_message
from dissect.tcp.streams import Stream

PRINT = "1.2.840.10008.5.1.1."
PRINT_METAS = {
    f"{PRINT}9": ("1", "2", "4", "16"),
    f"{PRINT}18": ("1", "2", "4.1", "16"),
    f"{PRINT}9.1": ("1", "2", "4.2", "16"),
    f"{PRINT}18.1": ("1", "2", "4.2", "16"),
    f"{PRINT}32": ("16", "31"),
}
"""The Meta SOP classes of print management, and the ends of the UIDs of their members (PS3.4 H.3.2.2, H.3.3.2)."""

UNIFIED_STEPS = ("1.2.840.10008.5.1.4.34.4.", "1.2.840.10008.5.1.4.34.6.")
"""The SOP classes of unified procedure steps: their messages may name that of the instance (PS3.4 CC.2)."""

PERFORMED_STEPS = "1.2.840.10008.3.1.2.3."
"""The SOP classes that make, retrieve and tell of modality performed procedure steps, all of the same instances."""

SCU, SCP = "SCU", "SCP"


def judge_service(scene: Scene, message: Message, stream: Stream, theirs: list[Operation]) -> Iterator[Finding]:
    """Judge whether a request may be made in its context, by its sender; `theirs` are what it may be caused by."""
    context = scene.association.contexts.get(message.context_id)
    abstract = context.abstract if context is not None else ""
    if message.name == "C-STORE-RQ":
        yield from judge_originator(scene, message)
    if context is None or not context.transfer or not abstract or scene.association.holed:
        return
    if message.sop_class and not is_served(scene, message.sop_class, abstract):
        place = make_place(AFFECTED_CLASS if AFFECTED_CLASS in message.fields else REQUESTED_CLASS)
        value, wanted = call_uid(message.sop_class[:LONGEST_UID]), call_uid(abstract)
        yield find("class-context", place, value=value, context=message.context_id, abstract=wanted)
        return
    if message.name == "C-GET-RQ" and not can_take(scene, stream):
        yield find("get-role", who=scene.name(stream))
    asked = [each.service for each in theirs]
    if message.name == "C-STORE-RQ" and "C-MOVE" in asked and "C-GET" not in asked:
        move = next(each for each in theirs if each.service == "C-MOVE")
        yield find("move-same-association", move=tell_message(move.message), number=move.said.number)
        return
    roles, due = scene.find_roles(stream, abstract), SCP if message.name == "N-EVENT-REPORT-RQ" else SCU
    if roles is not None and not roles[due == SCP]:
        sub = " for a sub-operation of the peer's C-GET" if message.name == "C-STORE-RQ" and "C-GET" in asked else ""
        yield find("role", name=message.name, who=scene.name(stream), role=due, abstract=call_uid(abstract), sub=sub)


def can_take(scene: Scene, stream: Stream) -> bool:
    """Tell whether the sender of a stream is SCP in a context for objects, in which those of a C-GET can come."""
    if scene.asked is None or scene.answered is None:
        return True
    for context in scene.association.contexts.values():
        roles = scene.find_roles(stream, context.abstract) if context.transfer else None
        if roles is not None and roles[1] and "Query/Retrieve" not in name_uid(context.abstract):
            return True
    return False


def is_served(scene: Scene, sop_class: str, abstract: str) -> bool:
    """Tell whether a SOP class can be served in a context of an abstract syntax."""
    if sop_class == abstract:
        return True
    members = PRINT_METAS.get(abstract)
    if members is not None:
        return sop_class in [PRINT + member for member in members]
    if any(sop_class.startswith(steps) and abstract.startswith(steps) for steps in (UNIFIED_STEPS, PERFORMED_STEPS)):
        return True
    if scene.asked is None or "Meta SOP Class" in name_uid(abstract):
        return True
    return abstract in scene.asked.related.get(sop_class, ())


def knows_moves(scene: Scene) -> bool:
    """Tell whether all C-MOVEs before this are known."""
    return not (scene.survey.holed or scene.association.moves.forgotten)


def judge_originator(scene: Scene, message: Message) -> Iterator[Finding]:
    """Judge whether a C-STORE names the C-MOVE that caused it by both of the fields for that, and rightly."""
    title, number = message.text_at(ORIGINATOR_TITLE), message.number_at(ORIGINATOR_ID)
    if bool(title) != (number is not None):
        known = make_place(ORIGINATOR_TITLE if title else ORIGINATOR_ID)
        told = (
            f"the AE title {title[:LONGEST_TITLE]} without the message ID"
            if title
            else f"the message ID {number} without the AE title"
        )
        yield find("originator", known, what=told)
    elif title and message.cause is None and scene.survey.has_moves(title) and knows_moves(scene):
        yield find(
            "originator", "0000,1031", what=f"{title[:LONGEST_TITLE]} and message ID {number}, which no C-MOVE has"
        )
