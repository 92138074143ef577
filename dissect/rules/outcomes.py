"""The status of a response, in: whether the service that gave it has it, out (PS3.7 Annex C, PS3.4)."""

from functools import lru_cache

from dissect.notes import Finding, find
from dissect.rules.fields import MESSAGES, STATUS
from dissect.statuses import GENERAL, NORMALIZED, SERVICES, Table, choose_tables, classify_status
from dissect.values import call_uid

SHOWN = 64
"""So many characters of a SOP class are quoted."""


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
    return find("status-unknown", f"0000,{STATUS:04x}", status=f"{status:04X}H", message=name, service=service)


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
