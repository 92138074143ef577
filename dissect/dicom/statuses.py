"""The status of a response, in: its class, and what it means in its service, out (PS3.7 Annex C, PS3.4)."""

from collections.abc import Mapping
from typing import Literal, get_args

StatusClass = Literal["success", "pending", "cancel", "warning", "failure", ""]
STATUS_CLASSES: tuple[StatusClass, ...] = tuple(filter(None, get_args(StatusClass)))

Table = Mapping[str, str]
"""Texts by status, in the standard's notation: `B000` is one status, `A7xx` and `Cxxx` are ranges."""


def classify_status(status: int) -> StatusClass:
    """Give the class of a status: success, pending, cancel, warning or failure, or '' where PS3.7 Annex C has none."""
    if status in (0xFF00, 0xFF01):
        return "pending"
    if status in (0x0000, 0xFE00):
        return "cancel" if status else "success"
    if status in (0x0001, 0x0107, 0x0116) or status >> 12 == 0xB:
        return "warning"
    return "failure" if status >> 8 in (0x01, 0x02) or status >> 12 in (0xA, 0xC) else ""


def name_status(status: int, command: str, sop_class: str) -> str:
    """Give the meaning of a status.

    Parameters
    ----------
    status
        The status, (0000,0900).
    command
        The standard's name of the response, such as `C-STORE-RSP`, or '' where it is unknown.
    sop_class
        The SOP class UID that the response names, or '' where it names none.

    Returns
    -------
    str
        The text that the service has for it, else the one that holds for any service, else the name of its class.

    """
    digits = f"{status:04X}"
    keys = (digits, f"{digits[:-2]}xx", f"{digits[:-3]}xxx")
    texts = (table[key] for table in choose_tables(command, sop_class) for key in keys if key in table)
    return next(texts, None) or classify_status(status).capitalize() or "Unknown"


def choose_tables(command: str, sop_class: str) -> tuple[Table, ...]:
    """Give the tables to look a status up in, the most particular first.

    A C-STORE is always of a storage service. A response may leave out the SOP class; what a DIMSE-N status means can
    be told without it, as no two services use one status differently.
    """
    by_command = SERVICES.get((command, ""), {})
    if command == "C-STORE-RSP":
        return by_command, GENERAL
    if not sop_class and command.startswith("N-"):
        return NORMALIZED, GENERAL
    return SERVICES.get((command, sop_class), {}), SERVICES.get(("", sop_class), {}), by_command, GENERAL


GENERAL: Table = {
    "0000": "Success",
    "0001": "Requested optional Attributes are not supported",
    "0105": "No such attribute",
    "0106": "Invalid attribute value",
    "0107": "Attribute list error",
    "0110": "Processing failure",
    "0111": "Duplicate SOP instance",
    "0112": "No Such object instance",
    "0113": "No such event type",
    "0114": "No such argument",
    "0115": "Invalid argument value",
    "0116": "Attribute Value Out of Range",
    "0117": "Invalid object instance",
    "0118": "No Such SOP class",
    "0119": "Class-instance conflict",
    "0120": "Missing attribute",
    "0121": "Missing attribute value",
    "0122": "Refused: SOP class not supported",
    "0123": "No such action type",
    "0124": "Refused: Not authorized",
    "0210": "Duplicate invocation",
    "0211": "Unrecognized operation",
    "0212": "Mistyped argument",
    "0213": "Resource limitation",
    "A7xx": "Refused: Out of Resources",
    "A701": "Refused: Out of Resources - Unable to calculate number of matches",
    "A702": "Refused: Out of Resources - Unable to perform sub-operations",
    "A801": "Refused: Move Destination unknown",
    "A9xx": "Error: Data Set does not match SOP Class",
    "Cxxx": "Error: Cannot understand/Unable to Process",
    "FE00": "Cancel",
}
"""PS3.7 Annex C, and what services of PS3.4 share, in Wireshark's words where it has any.

Verification (A), Storage Commitment (J), Instance Availability Notification (R) and Display System Management (EE)
have no others.
"""

STORAGE: Table = {
    "A7xx": "Refused: Out of Resources",
    "B000": "Coercion of Data Elements",
    "B006": "Elements Discarded",
    "B007": "Data Set does not match SOP Class",
    "Cxxx": "Error: Cannot understand",
}
"""PS3.4 Table B.2-1; Non-Patient Object Storage (GG.4) has no others."""

FIND: Table = {
    "Cxxx": "Failed: Unable to process",
    "FE00": "Matching terminated due to Cancel request",
    "FF00": "Matches are continuing - Current Match is supplied and any Optional Keys were supported in the same "
    "manner as Required Keys",
    "FF01": "Matches are continuing - Warning that one or more Optional Keys were not supported for existence and/or "
    "matching for this Identifier",
}
"""PS3.4 Table C.4-1."""

WORKLIST: Table = {
    "FF01": "Matches are continuing - Warning that one or more Optional Keys were not supported for existence for this "
    "Identifier",
}
"""PS3.4 Table K.4-1, V.4.1, CC.2.8; queries for non-patient objects (U, X, BB, HH, II) refer to the first."""

REPOSITORY_QUERY: Table = {
    "A710": "Invalid Prior Record Key",
    "B001": "Matching reached response limit, subsequent request may return additional matches",
}
"""PS3.4 C.6.4."""

RELEVANT_PATIENT: Table = {
    "C100": "More than one match found",
    "C200": "Unable to support requested template",
    "FF00": "Current Match is supplied",
}
"""PS3.4 Q.2."""

MOVE: Table = {
    "B000": "Sub-operations Complete - One or more Failures",
    "Cxxx": "Failed: Unable to process",
    "FE00": "Sub-operations terminated due to Cancel Indication",
    "FF00": "Sub-operations are continuing",
}
"""PS3.4 Table C.4-2."""

GET: Table = {**MOVE, "B000": "Sub-operations Complete - One or more Failures or Warnings"}
"""PS3.4 Table C.4-3."""

COMPOSITE_ROOT: Table = {
    "AA00": "None of the frames requested were found in the SOP Instance",
    "AA01": "Unable to create new object for this SOP class",
    "AA02": "Unable to extract frames",
    "AA03": "Time-based request received for a non-time-based original SOP Instance",
    "AA04": "Invalid Request",
}
"""PS3.4 Table Y.4-1."""

PROCEDURE_STEP: Table = {"0110": "Processing failure - Performed Procedure Step Object may no longer be updated"}
"""PS3.4 Table F.7.2-2, of N-SET only."""

FILM_SESSION: Table = {
    "B600": "Memory allocation not supported",
    "B601": "Film session printing (collation) is not supported",
    "B602": "Film Session SOP Instance hierarchy does not contain Image Box SOP Instances (empty page)",
    "B604": "Image size is larger than image box size, the image has been demagnified",
    "B609": "Image size is larger than the Image Box size. The Image has been cropped to fit",
    "B60A": "Image size or Combined Print Image size is larger than the Image Box size. "
    "Image or Combined Print Image has been decimated to fit",
    "C600": "Failed: Film Session SOP Instance hierarchy does not contain Film Box SOP Instances",
    "C601": "Failed: Unable to create Print Job SOP Instance; print queue is full",
    "C603": "Failed: Image size is larger than image box size",
    "C613": "Failed: Combined Print Image size is larger than the Image Box size",
}
"""PS3.4 H.4.1.2."""

DENSITY = (
    "Requested Min Density or Max Density outside of printer's operating range. "
    "The printer will use its respective minimum or maximum density value instead"
)

FILM_BOX: Table = {
    "B603": "Film Box SOP Instance hierarchy does not contain Image Box SOP Instances (empty page)",
    "B604": FILM_SESSION["B604"],
    "B605": DENSITY,
    "B609": FILM_SESSION["B609"],
    "B60A": FILM_SESSION["B60A"],
    "C602": "Failed: Unable to create Print Job SOP Instance; print queue is full",
    "C603": FILM_SESSION["C603"],
    "C613": FILM_SESSION["C613"],
    "C616": "Failed: There is an existing Film Box that has not been printed and N-ACTION at the Film Session level is "
    "not supported. A new Film Box will not be created when a previous Film Box has not been printed",
}
"""PS3.4 H.4.2.2."""

IMAGE_BOX: Table = {
    "B604": "Image size larger than image box size, the image has been demagnified",
    "B605": DENSITY,
    "B609": FILM_SESSION["B609"],
    "B60A": "Image size or Combined Print Image size is larger than the Image Box size. "
    "The Image or Combined Print Image has been decimated to fit",
    "C603": FILM_SESSION["C603"],
    "C605": "Failed: Insufficient memory in printer to store the image",
    "C613": FILM_SESSION["C613"],
}
"""PS3.4 H.4.3.1.2 and H.4.3.2.2."""

PRESENTATION_LUT: Table = {"B605": DENSITY}
"""PS3.4 H.4.9.2."""

PRINT: Table = {**IMAGE_BOX, **FILM_BOX, **FILM_SESSION}
"""PS3.4 H, for a response in the name of a meta SOP class or of none: which box it speaks of is not known."""

UNIFIED_STEP: Table = {
    "B300": "The UPS was created with modifications",
    "B301": "Deletion Lock not granted",
    "B304": "The UPS is already in the requested state of CANCELED",
    "B305": "Coerced invalid values to valid values",
    "B306": "The UPS is already in the requested state of COMPLETED",
    "C300": "The UPS may no longer be updated",
    "C301": "The correct Transaction UID was not provided",
    "C302": "The UPS is already IN PROGRESS",
    "C303": "The UPS may only become SCHEDULED via N-CREATE, not N-SET or N-ACTION",
    "C304": "The UPS has not met final state requirements for the requested state change",
    "C307": "Specified SOP Instance UID does not exist or is not a UPS Instance managed by this SCP",
    "C308": "Receiving AE-TITLE is Unknown to this SCP",
    "C309": "The provided value of UPS State was not SCHEDULED",
    "C310": "The UPS is not yet in the IN PROGRESS state",
    "C311": "The UPS is already COMPLETED",
    "C312": "The performer cannot be contacted",
    "C313": "Performer chooses not to cancel",
    "C314": "Specified action not appropriate for specified instance",
    "C315": "SCP does not support Event Reports",
}
"""PS3.4 CC.2.1 to CC.2.8."""

MEDIA_CREATION: Table = {
    "A510": "Refused because an Initiate Media Creation action has already been received for this SOP Instance",
    "C201": "Media creation request already completed",
    "C202": "Media creation request already in progress and cannot be interrupted",
    "C203": "Cancellation denied for unspecified reason",
}
"""PS3.4 S.3.2."""

EVENT_LOGGING: Table = {
    "B101": "Specified Synchronization Frame of Reference UID does not match SCP Synchronization Frame of Reference",
    "B102": "Study Instance UID coercion; Event logged under a different Study Instance UID",
    "B104": "IDs inconsistent in matching a current study; Event logged",
    "C101": "Procedural Logging not available for specified Study Instance UID",
    "C102": "Event Information does not match Template",
    "C103": "Cannot match event to a current study",
    "C104": "IDs inconsistent in matching a current study; Event not logged",
    "C10E": "Operator not authorized to add entry to Medication Administration Record",
    "C110": "Patient cannot be identified from Patient ID (0010,0020) or Admission ID (0038,0010)",
    "C111": "Update of Medication Administration Record failed",
}
"""PS3.4 P.2 and P.3: Procedural Event Logging, Substance Administration Logging."""

RT_VERIFICATION: Table = {
    "C112": "No such object instance - Applicable Machine Verification Instance not found",
    "C221": "The Referenced Fraction Group Number does not exist in the referenced plan",
    "C222": "No beams exist within the referenced fraction group",
    "C223": "SCU already verifying and cannot currently process this request",
    "C224": "Referenced Beam Number not found within the referenced Fraction Group",
    "C225": "Referenced device or accessory not supported",
    "C226": "Referenced device or accessory not found within the referenced beam",
    "C227": "No such object instance - Referenced RT Plan not found",
}
"""PS3.4 DD.3.2."""

INVENTORY_CREATION: Table = {
    "B010": "Attribute list warning - One or more of Key Attributes are not supported for matching"
}
"""PS3.4 Table KK.2.2.3-1."""

GENERAL_PURPOSE_STEP: Table = {
    "A501": "Refused because General Purpose Scheduled Procedure Step Object may no longer be updated",
    "A502": "Refused because the wrong Transaction UID is used",
    "A503": "Refused because the General Purpose Scheduled Procedure Step SOP Instance is already in the "
    "'IN PROGRESS' state",
    "A504": "Refused because the related General Purpose Scheduled Procedure Step SOP Instance is not in the "
    "'IN PROGRESS' state",
    "A505": "Refused because Referenced General Purpose Scheduled Procedure Step Transaction UID does not match the "
    "Transaction UID of the N-ACTION request",
}
"""PS3.4-2009 M.4, retired since."""

NORMALIZED: Table = {
    **PRINT,
    **UNIFIED_STEP,
    **MEDIA_CREATION,
    **EVENT_LOGGING,
    **RT_VERIFICATION,
    **INVENTORY_CREATION,
    **GENERAL_PURPOSE_STEP,
}
"""All services of DIMSE-N, for a response that does not name its SOP class."""

ROOT = "1.2.840.10008"

SERVICES: Mapping[tuple[str, str], Table] = {
    ("C-STORE-RSP", ""): STORAGE,
    ("C-FIND-RSP", ""): FIND,
    ("C-MOVE-RSP", ""): MOVE,
    ("C-GET-RSP", ""): GET,
    **{("C-FIND-RSP", f"{ROOT}.5.1.4.{worklist}"): WORKLIST for worklist in ("31", "32.1", "41", "42")},
    **{("C-FIND-RSP", f"{ROOT}.5.1.4.34.6.{number}"): WORKLIST for number in (1, 2, 3, 4, 5)},
    **{("C-FIND-RSP", f"{ROOT}.5.1.4.{family}.2"): WORKLIST for family in (38, 39, 43, 44, 45)},
    ("C-FIND-RSP", f"{ROOT}.5.1.4.20.1"): WORKLIST,
    ("C-FIND-RSP", f"{ROOT}.5.1.4.1.1.200.4"): WORKLIST,
    ("C-FIND-RSP", f"{ROOT}.5.1.4.1.1.201.6"): REPOSITORY_QUERY,
    **{("C-FIND-RSP", f"{ROOT}.5.1.4.37.{number}"): RELEVANT_PATIENT for number in (1, 2, 3)},
    ("C-MOVE-RSP", f"{ROOT}.5.1.4.1.2.4.2"): COMPOSITE_ROOT,
    ("C-GET-RSP", f"{ROOT}.5.1.4.1.2.4.3"): COMPOSITE_ROOT,
    ("N-SET-RSP", f"{ROOT}.3.1.2.3.3"): PROCEDURE_STEP,
    ("", f"{ROOT}.5.1.1.1"): FILM_SESSION,
    ("", f"{ROOT}.5.1.1.2"): FILM_BOX,
    ("", f"{ROOT}.5.1.1.4"): IMAGE_BOX,
    ("", f"{ROOT}.5.1.1.4.1"): IMAGE_BOX,
    ("", f"{ROOT}.5.1.1.9"): PRINT,
    ("", f"{ROOT}.5.1.1.18"): PRINT,
    ("", f"{ROOT}.5.1.1.23"): PRESENTATION_LUT,
    ("", f"{ROOT}.5.1.1.33"): MEDIA_CREATION,
    **{("", f"{ROOT}.5.1.4.34.6.{number}"): UNIFIED_STEP for number in (1, 2, 3, 4, 5)},
    ("", f"{ROOT}.5.1.4.34.8"): RT_VERIFICATION,
    ("", f"{ROOT}.5.1.4.34.9"): RT_VERIFICATION,
    ("", f"{ROOT}.1.40"): EVENT_LOGGING,
    ("", f"{ROOT}.1.42"): EVENT_LOGGING,
    ("", f"{ROOT}.5.1.4.1.1.201.5"): INVENTORY_CREATION,
    ("", f"{ROOT}.5.1.4.32.2"): GENERAL_PURPOSE_STEP,
}
"""Tables by response and SOP class; '' stands for any."""
