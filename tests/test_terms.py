import pytest
from pynetdicom import dimse_messages, pdu
from pynetdicom.pdu_items import PDU_ITEM_TYPES

from dissect.dicom.terms import (
    ABORT_REASONS,
    ABORT_SOURCES,
    COMMANDS,
    ITEM_TYPES,
    PDU_NAMES,
    REJECT_REASONS,
    REJECT_RESULTS,
    REJECT_SOURCES,
)

UNDEFINED = ("Reserved", "(no value available)")


def test_the_commands_are_those_of_pynetdicom() -> None:
    assert {code: name for code, (name, _) in dimse_messages._MESSAGE_TYPES.items()} == COMMANDS


def test_the_pdu_types_are_those_of_pynetdicom() -> None:
    names = {code: kind.__name__.replace("_", "-") for kind, code in pdu.PDU_TYPES.items()}
    assert {code: name.removesuffix("-RQ") if "ABORT" in name else name for code, name in names.items()} == PDU_NAMES


def test_the_item_types_are_those_of_pynetdicom() -> None:
    assert set(ITEM_TYPES) == set(PDU_ITEM_TYPES)


def test_the_reasons_to_reject_are_those_of_pynetdicom() -> None:
    for source, reasons in REJECT_REASONS.items():
        texts = {reason: ask_reject(source, reason) for reason in range(256)}
        british = {reason: text.replace("recognized", "recognised") for reason, text in reasons.items()}
        assert british == {reason: text for reason, text in texts.items() if text != "Reserved"}


def ask_reject(source: int, reason: int) -> str:
    """Ask pynetdicom what a reason to reject means."""
    oracle = pdu.A_ASSOCIATE_RJ()
    oracle.source, oracle.reason_diagnostic = source, reason
    try:
        return str(oracle.reason_str)
    except ValueError:
        return "Reserved"


@pytest.mark.parametrize(("field", "table"), [("result", REJECT_RESULTS), ("source", REJECT_SOURCES)])
def test_results_and_sources_of_a_rejection_are_known_where_pynetdicom_knows_them(
    field: str, table: dict[int, str]
) -> None:
    assert [value for value in range(256) if knows_reject(field, value)] == list(table)


def knows_reject(field: str, value: int) -> bool:
    """Tell whether pynetdicom has a text for a field's value."""
    oracle = pdu.A_ASSOCIATE_RJ()
    setattr(oracle, field, value)
    try:
        return bool(getattr(oracle, f"{field}_str"))
    except ValueError:
        return False


def test_the_reasons_to_abort_are_those_of_pynetdicom() -> None:
    texts = {reason: ask_abort(2, reason).replace("No reason given", "Not specified") for reason in range(256)}
    assert {reason: text for reason, text in texts.items() if text not in UNDEFINED} == {
        reason: text.replace("Unrecognized", "Unrecognised") for reason, text in ABORT_REASONS.items()
    }
    assert set(ABORT_SOURCES) == {0, 2}


def ask_abort(source: int, reason: int) -> str:
    """Ask pynetdicom what a reason to abort means."""
    oracle = pdu.A_ABORT_RQ()
    oracle.source, oracle.reason_diagnostic = source, reason
    return str(oracle.reason_str)
