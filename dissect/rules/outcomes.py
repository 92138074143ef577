"""The status of a response, in: whether its service has it, what it says of a failure, out (PS3.7 Annex C, PS3.4)."""

from functools import lru_cache

from dissect.dicom.dimse import Message
from dissect.dicom.statuses import GENERAL, NORMALIZED, SERVICES, Table, choose_tables, classify_status, name_status
from dissect.dicom.terms import ERROR_COMMENT, STATUS
from dissect.dicom.values import call_uid
from dissect.notes import Finding, find
from dissect.rules.fields import MESSAGES, make_place

SHOWN = 64
"""So many characters of a SOP class or an error comment are quoted."""

HINTS = {
    ("C-GET", "A702"): "see how the sub-operations failed",
    ("C-MOVE", "A702"): "see how the sub-operations failed",
    ("C-MOVE", "A801"): "the peer does not know the AE title of the move destination",
    ("C-", "A9"): "the peer takes the data set for one that does not fit",
    ("C-", "C"): "the peer could not make sense of the request, or failed itself",
}
"""What statuses mean in practice, by how the operation and the status begin."""


@lru_cache(maxsize=256)
def judge_status(name: str, status: int, sop_class: str) -> Finding | None:
    """Tell whether a status has a meaning in the service that gave it.

    Parameters
    ----------
    name
        The standard's name of the response.
    status
        Its status.
    sop_class
        The SOP class UID that it, or else its request, names; '' where neither does.

    Returns
    -------
    Finding or None
        What is wrong, at the status's node; None where nothing is, and where it cannot be told.

    """
    fields = MESSAGES.get(name)
    if fields is None or not fields.is_response or is_defined(name, status, sop_class):
        return None
    service = f" of {call_uid(sop_class)[:SHOWN]}" if sop_class else ""
    return find("status-unknown", make_place(STATUS), status=f"{status:04X}H", message=name, service=service)


def is_defined(name: str, status: int, sop_class: str) -> bool:
    """Tell whether a status is defined; in doubt it is, as for what private services may have of their own."""
    outcome = classify_status(status)
    if not outcome or status >> 12 == 0:
        return status in GENERAL_STATUSES
    if outcome == "pending" and name not in PENDING:
        return True  # that it may not be pending at all is another rule's
    tables = list_tables(name, sop_class)
    digits = f"{status:04X}"
    return not tables or any(
        key in table for table in tables for key in (digits, f"{digits[:2]}xx", f"{digits[:1]}xxx")
    )


GENERAL_STATUSES = frozenset(int(digits, 16) for digits in GENERAL if "x" not in digits)
"""Those that any service may give; 01xx and 02xx are the standard's alone (PS3.7 Annex C)."""

PENDING = frozenset({"C-FIND-RSP", "C-GET-RSP", "C-MOVE-RSP"})
"""Responses that may tell of more to come."""


def list_tables(name: str, sop_class: str) -> list[Table]:
    """List the tables in which a service defines its statuses, none where they are not known."""
    if sop_class and not sop_class.startswith("1.2.840.10008."):
        return []
    if name.startswith("N-"):
        known = (name, sop_class) in SERVICES or ("", sop_class) in SERVICES
        return [NORMALIZED, GENERAL] if not sop_class else [*choose_tables(name, sop_class)] if known else []
    if not sop_class:
        return [GENERAL, *(table for (command, _), table in SERVICES.items() if command == name)]
    return [*choose_tables(name, sop_class)]


def tell_failure(message: Message, request: Message) -> Finding:
    """Tell of a response that says that an operation failed, and why."""
    status = message.number_at(STATUS) or 0
    sop_class = message.sop_class or request.sop_class
    name = name_status(status, message.name, sop_class)
    comment = message.text_at(ERROR_COMMENT)[:SHOWN]
    found = (
        text for (operation, digits), text in HINTS.items()
        if message.name.startswith(operation) and f"{status:04X}".startswith(digits)
    )  # fmt: skip
    hint = next(found, "")
    return find(
        "operation-failed", "0000,0900", name=message.name.removesuffix("-RSP"), sop_class=call_uid(sop_class),
        status=f"{status:04X}H", meaning=name, comment=f" ('{comment}')" if comment else "",
        hint=f": {hint}" if hint else "",
    )  # fmt: skip
