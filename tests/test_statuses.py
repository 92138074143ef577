import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from pynetdicom import sop_class, status

from dissect.dicom.statuses import GENERAL, NORMALIZED, SERVICES, classify_status, name_status
from tests import build
from tests.build import CT_IMAGE_STORAGE, PATIENT_ROOT_FIND, VERIFICATION

STATUSES = range(0x10000)
GENERAL_STATUS: Mapping[int, tuple[str, str]] = status.GENERAL_STATUS
CATEGORIES = ["Failure", "Warning", "Pending", "Unknown"]
MOVE, GET, REPOSITORY = "1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.1.3", "1.2.840.10008.5.1.4.1.1.201.6"
COMPOSITE_MOVE, COMPOSITE_GET = "1.2.840.10008.5.1.4.1.2.4.2", "1.2.840.10008.5.1.4.1.2.4.3"
SESSION, FILM, IMAGE, META = (f"1.2.840.10008.5.1.1.{number}" for number in (1, 2, 4, 9))
STEP, UPS, MEDIA = "1.2.840.10008.3.1.2.3.3", "1.2.840.10008.5.1.4.34.6.1", "1.2.840.10008.5.1.1.33"
WORKLIST, RELEVANT = "1.2.840.10008.5.1.4.31", "1.2.840.10008.5.1.4.37.1"
SUBSTANCE, INVENTORY, RT = "1.2.840.10008.1.42", "1.2.840.10008.5.1.4.1.1.201.5", "1.2.840.10008.5.1.4.34.8"
TSHARK = shutil.which("tshark")


class Service(NamedTuple):
    """A service of pynetdicom: what a response is called, its SOP classes, and its statuses."""

    command: str
    classes: Mapping[str, str]
    statuses: Mapping[int, tuple[str, str]]


ORACLES = {
    "storage": Service("C-STORE-RSP", {"CTImageStorage": CT_IMAGE_STORAGE}, status.STORAGE_SERVICE_CLASS_STATUS),
    "non-patient": Service(
        "C-STORE-RSP", sop_class._NON_PATIENT_OBJECT_CLASSES, status.NON_PATIENT_SERVICE_CLASS_STATUS
    ),
    "find": Service("C-FIND-RSP", sop_class._QR_CLASSES, status.QR_FIND_SERVICE_CLASS_STATUS),
    "move": Service("C-MOVE-RSP", sop_class._QR_CLASSES, status.QR_MOVE_SERVICE_CLASS_STATUS),
    "get": Service("C-GET-RSP", sop_class._QR_CLASSES, status.QR_GET_SERVICE_CLASS_STATUS),
    "worklist": Service("C-FIND-RSP", sop_class._BASIC_WORKLIST_CLASSES, status.MODALITY_WORKLIST_SERVICE_CLASS_STATUS),
    "relevant-patient": Service(
        "C-FIND-RSP", sop_class._RELEVANT_PATIENT_QUERY_CLASSES, status.RELEVANT_PATIENT_SERVICE_CLASS_STATUS
    ),
    "substance": Service(
        "C-FIND-RSP", sop_class._SUBSTANCE_ADMINISTRATION_CLASSES, status.SUBSTANCE_ADMINISTRATION_SERVICE_CLASS_STATUS
    ),
    "procedure-step": Service("N-SET-RSP", sop_class._PROCEDURE_STEP_CLASSES, status.PROCEDURE_STEP_STATUS),
    "print": Service(
        "N-ACTION-RSP", sop_class._PRINT_MANAGEMENT_CLASSES, status.PRINT_JOB_MANAGEMENT_SERVICE_CLASS_STATUS
    ),
    "inventory": Service(
        "N-ACTION-RSP", sop_class._STORAGE_MANAGEMENT_CLASSES, status.STORAGE_MANAGEMENT_SERVICE_CLASS_STATUS
    ),
    "event-logging": Service(
        "N-ACTION-RSP", sop_class._APPLICATION_EVENT_CLASSES, status.APPLICATION_EVENT_LOGGING_SERVICE_CLASS_STATUS
    ),
    "media": Service(
        "N-ACTION-RSP", sop_class._MEDIA_CREATION_CLASSES, status.MEDIA_CREATION_MANAGEMENT_SERVICE_CLASS_STATUS
    ),
    "ups": Service(
        "C-FIND-RSP", sop_class._UNIFIED_PROCEDURE_STEP_CLASSES, status.UNIFIED_PROCEDURE_STEP_SERVICE_CLASS_STATUS
    ),
    "rt": Service(
        "N-CREATE-RSP", sop_class._RT_MACHINE_VERIFICATION_CLASSES, status.RT_MACHINE_VERIFICATION_SERVICE_CLASS_STATUS
    ),
}

WORDED_OTHERWISE = {
    "identifier does not match sop class",  # until 2016; now as for storage
    "element discarded",  # B.2-1 has the plural
    "matches are continuing current match supplied",  # C.4-1 says more
    "matches are continuing warning",  # C.4-1 says more
    (
        "matches are continuing current match is supplied and any optional keys were not supported for existence for "
        "this identifier"
    ),
    "sub operations completed one or more failures",  # C.4-2: complete
    "attribute list error one or more of key attributes are not supported for matching",  # KK.2.2.3-1: warning
    "specified action is not appropriate for specified instance",
}
"""Texts of pynetdicom that are not those of the standard's present edition or of Wireshark."""

SUPPLIED = "Current Match is supplied and any Optional Keys were supported"
CONTINUING, UNSUPPORTED = "Matches are continuing -", "Warning that one or more Optional Keys were not supported"
TEXTS = [
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xA700, "Refused: Out of Resources"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xA701, "Refused: Out of Resources"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xA9FF, "Error: Data Set does not match SOP Class"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xC123, "Error: Cannot understand"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xB000, "Coercion of Data Elements"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xB006, "Elements Discarded"),
    ("C-STORE-RSP", CT_IMAGE_STORAGE, 0xB007, "Data Set does not match SOP Class"),
    ("C-FIND-RSP", PATIENT_ROOT_FIND, 0xA700, "Refused: Out of Resources"),
    ("C-FIND-RSP", PATIENT_ROOT_FIND, 0xA900, "Error: Data Set does not match SOP Class"),
    ("C-FIND-RSP", PATIENT_ROOT_FIND, 0xC001, "Failed: Unable to process"),
    ("C-FIND-RSP", PATIENT_ROOT_FIND, 0xFE00, "Matching terminated due to Cancel request"),
    (
        "C-FIND-RSP",
        PATIENT_ROOT_FIND,
        0xFF00,
        f"{CONTINUING} {SUPPLIED} in the same manner as Required Keys",
    ),
    (
        "C-FIND-RSP",
        PATIENT_ROOT_FIND,
        0xFF01,
        f"{CONTINUING} {UNSUPPORTED} for existence and/or matching for this Identifier",
    ),
    (
        "C-FIND-RSP",
        WORKLIST,
        0xFF01,
        f"{CONTINUING} {UNSUPPORTED} for existence for this Identifier",
    ),
    ("C-FIND-RSP", REPOSITORY, 0xA710, "Invalid Prior Record Key"),
    (
        "C-FIND-RSP",
        REPOSITORY,
        0xB001,
        "Matching reached response limit, subsequent request may return additional matches",
    ),
    ("C-FIND-RSP", RELEVANT, 0xC000, "Failed: Unable to process"),
    ("C-FIND-RSP", RELEVANT, 0xC100, "More than one match found"),
    ("C-FIND-RSP", RELEVANT, 0xC200, "Unable to support requested template"),
    ("C-FIND-RSP", RELEVANT, 0xFF00, "Current Match is supplied"),
    ("C-MOVE-RSP", MOVE, 0xA701, "Refused: Out of Resources - Unable to calculate number of matches"),
    ("C-MOVE-RSP", MOVE, 0xA702, "Refused: Out of Resources - Unable to perform sub-operations"),
    ("C-MOVE-RSP", MOVE, 0xA801, "Refused: Move Destination unknown"),
    ("C-MOVE-RSP", MOVE, 0xB000, "Sub-operations Complete - One or more Failures"),
    ("C-MOVE-RSP", MOVE, 0xC002, "Failed: Unable to process"),
    ("C-MOVE-RSP", MOVE, 0xFE00, "Sub-operations terminated due to Cancel Indication"),
    ("C-MOVE-RSP", MOVE, 0xFF00, "Sub-operations are continuing"),
    ("C-MOVE-RSP", COMPOSITE_MOVE, 0xAA02, "Unable to extract frames"),
    ("C-GET-RSP", COMPOSITE_GET, 0xAA04, "Invalid Request"),
    ("C-GET-RSP", COMPOSITE_GET, 0xFF00, "Sub-operations are continuing"),
    ("C-GET-RSP", GET, 0xB000, "Sub-operations Complete - One or more Failures or Warnings"),
    ("C-GET-RSP", GET, 0xFF00, "Sub-operations are continuing"),
    ("N-CREATE-RSP", STEP, 0x0110, "Processing failure"),
    ("N-SET-RSP", STEP, 0x0110, "Processing failure - Performed Procedure Step Object may no longer be updated"),
    ("N-CREATE-RSP", SESSION, 0xB600, "Memory allocation not supported"),
    ("N-ACTION-RSP", SESSION, 0xC601, "Failed: Unable to create Print Job SOP Instance; print queue is full"),
    ("N-ACTION-RSP", FILM, 0xC602, "Failed: Unable to create Print Job SOP Instance; print queue is full"),
    ("N-ACTION-RSP", FILM, 0xB604, "Image size is larger than image box size, the image has been demagnified"),
    ("N-SET-RSP", IMAGE, 0xB604, "Image size larger than image box size, the image has been demagnified"),
    ("N-SET-RSP", META, 0xC605, "Failed: Insufficient memory in printer to store the image"),
    ("N-SET-RSP", UPS, 0xC300, "The UPS may no longer be updated"),
    ("N-ACTION-RSP", UPS, 0xB306, "The UPS is already in the requested state of COMPLETED"),
    ("N-ACTION-RSP", MEDIA, 0xC202, "Media creation request already in progress and cannot be interrupted"),
    ("N-ACTION-RSP", SUBSTANCE, 0xC111, "Update of Medication Administration Record failed"),
    ("N-CREATE-RSP", RT, 0xC222, "No beams exist within the referenced fraction group"),
    (
        "N-ACTION-RSP",
        INVENTORY,
        0xB010,
        "Attribute list warning - One or more of Key Attributes are not supported for matching",
    ),
    ("C-ECHO-RSP", VERIFICATION, 0x0122, "Refused: SOP class not supported"),
]


SPELLINGS = {
    "doesn't": "does not",
    "isation": "ization",
    "authoris": "authoriz",
    "minimum density": "min density",
    "maximum density": "max density",
    "the print will": "the printer will",
    "supplied an any": "supplied and any",
}


def normalize(text: str) -> str:
    """Take from a text what editions of the standard and tools write in different ways."""
    text = re.sub(r"^(failed: |error: |refused: |refused because )", "", text.lower())
    for other, ours in SPELLINGS.items():
        text = text.replace(other, ours)
    return " ".join(re.findall(r"[a-z0-9]+", text))


def list_own(statuses: Mapping[int, tuple[str, str]]) -> Iterable[tuple[int, str]]:
    """Give statuses and texts of a table of pynetdicom, without those of Annex C that it has copied."""
    return [(code, text) for code, (_, text) in statuses.items() if GENERAL_STATUS.get(code, ("", ""))[1] != text]


def test_the_class_of_every_status_is_that_of_pynetdicom_where_it_knows_one() -> None:
    wanted = {code: str(status.code_to_category(code)).lower() for code in STATUSES}
    known = {code: category for code, category in wanted.items() if category != "unknown"}
    assert {code: classify_status(code) for code in known} == known


@pytest.mark.parametrize("service", ORACLES)
def test_the_class_of_every_status_of_a_service_is_that_of_pynetdicom(service: str) -> None:
    statuses = ORACLES[service].statuses
    assert {code: classify_status(code) for code in statuses} == {
        code: category.lower() for code, (category, _) in statuses.items()
    }


def test_all_other_statuses_of_01xx_and_02xx_are_failures() -> None:
    """PS3.7 Annex C: failure is Axxx, Cxxx, 01xx (except 0107 and 0116) and 02xx."""
    codes = {*range(0x0100, 0x0300)} - {0x0107, 0x0116}
    assert {code for code in codes if classify_status(code) != "failure"} == set()


def test_a_status_that_annex_c_does_not_list_has_no_class_but_a_text() -> None:
    assert [classify_status(code) for code in (0x0002, 0x1234, 0xD000, 0xFE01, 0xFF02, 0xB0000)] == [""] * 6
    assert name_status(0x1234, "C-STORE-RSP", CT_IMAGE_STORAGE) == "Unknown"
    assert name_status(0xC1234, "C-STORE-RSP", CT_IMAGE_STORAGE) == "Unknown"


@pytest.mark.parametrize(
    ("command", "uid"), [("", ""), ("N-GET-RSP", ""), ("C-STORE-RSP", ""), ("C-FIND-RSP", "1.2.3"), ("N-SET-RSP", UPS)]
)
def test_every_status_has_a_text_that_is_of_its_class_at_least(command: str, uid: str) -> None:
    texts = {code: name_status(code, command, uid) for code in STATUSES}
    assert all(texts.values())
    assert {classify_status(code) for code, text in texts.items() if text == "Unknown"} == {""}
    assert {classify_status(code) for code, text in texts.items() if text == "Warning"} == {"warning"}
    assert {classify_status(code) for code, text in texts.items() if text == "Failure"} == {"failure"}


def test_each_general_status_has_a_text_of_its_own() -> None:
    texts = [name_status(code, "C-ECHO-RSP", VERIFICATION) for code in GENERAL_STATUS]
    assert len(set(texts)) == len(texts)
    assert not {*CATEGORIES} & {*texts}


@pytest.mark.parametrize("service", ORACLES)
def test_each_status_of_a_service_has_the_words_of_pynetdicom(service: str) -> None:
    command, classes, statuses = ORACLES[service]
    lacking = [
        (f"{code:04X}", text)
        for code, text in list_own(statuses)
        if normalize(text) not in WORDED_OTHERWISE
        and normalize(text) not in {normalize(name_status(code, command, uid)) for uid in classes.values()}
    ]
    assert lacking == []


@pytest.mark.parametrize("service", ORACLES)
def test_each_status_of_a_service_has_more_than_the_name_of_its_class(service: str) -> None:
    command, classes, statuses = ORACLES[service]
    bare = [
        f"{code:04X}"
        for code in statuses
        if all(name_status(code, command, uid) in CATEGORIES for uid in classes.values())
    ]
    assert bare == []


@pytest.mark.parametrize(("command", "uid", "code", "text"), TEXTS)
def test_a_status_is_named_as_its_service_has_it(command: str, uid: str, code: int, text: str) -> None:
    assert name_status(code, command, uid) == text


@pytest.mark.parametrize(("command", "uid"), SERVICES)
def test_each_text_of_a_service_is_found_by_response_and_sop_class(command: str, uid: str) -> None:
    table = SERVICES[command, uid]
    codes = {code: int(code.replace("x", "3"), 16) for code in table}
    found = {code: name_status(number, command or "N-ACTION-RSP", uid) for code, number in codes.items()}
    assert found == table


def test_a_store_is_of_a_storage_service_whatever_its_sop_class() -> None:
    assert name_status(0xC300, "C-STORE-RSP", UPS) == "Error: Cannot understand"
    assert name_status(0xB000, "C-STORE-RSP", "1.2.3") == "Coercion of Data Elements"


@pytest.mark.parametrize("command", ["C-FIND-RSP", "C-MOVE-RSP", "C-GET-RSP", "C-STORE-RSP"])
def test_a_response_of_dimse_c_needs_no_sop_class(command: str) -> None:
    assert name_status(0xC001, command, "") == name_status(0xC001, command, "1.2.3") == SERVICES[command, ""]["Cxxx"]


@pytest.mark.parametrize("uid", sorted({uid for command, uid in SERVICES if uid and not command}))
def test_a_response_of_dimse_n_needs_no_sop_class(uid: str) -> None:
    film_or_image = {"B604", "B60A"}  # whose texts say the same in other words
    own = {code: text for code, text in SERVICES["", uid].items() if code not in film_or_image}
    assert {code: name_status(int(code, 16), "N-ACTION-RSP", "") for code in own} == own


def test_no_two_services_of_dimse_n_use_one_status_but_those_that_print() -> None:
    printers = {*sop_class._PRINT_MANAGEMENT_CLASSES.values()}
    tables = [table for (command, uid), table in SERVICES.items() if uid and not command and uid not in printers]
    codes = [code for table in {id(table): table for table in tables}.values() for code in table]
    assert len(codes) == len(set(codes))
    assert not {*codes} & {code for uid in printers for code in SERVICES.get(("", uid), {})}
    assert {*codes} < {*NORMALIZED}


def test_a_sop_class_without_statuses_of_its_own_has_the_general_ones() -> None:
    """PS3.4 J, R, EE, and private classes."""
    for uid in ("1.2.840.10008.1.20.1", "1.2.840.10008.5.1.4.33", "1.2.840.10008.5.1.1.40", "1.2.3"):
        assert name_status(0x0213, "N-ACTION-RSP", uid) == "Resource limitation"
        assert name_status(0xC300, "N-ACTION-RSP", uid) == "Error: Cannot understand/Unable to Process"
        assert name_status(0xB300, "N-ACTION-RSP", uid) == "Warning"


@pytest.mark.skipif(TSHARK is None, reason="install Debian's package tshark")
def test_the_general_texts_are_those_of_wireshark(tmp_path: Path) -> None:
    codes = [int(code.replace("x", "7"), 16) for code in GENERAL if code != "0124"]  # which Wireshark lacks
    talk = build.Talk().open().request(build.associate_rq()).answer(build.associate_ac())
    for number, code in enumerate(codes, 1):
        talk.answer(*build.message(1, build.c_echo_rsp(number, code)))
    capture = tmp_path / "statuses.pcap"
    capture.write_bytes(build.pcap(talk.frames))
    printed = subprocess.run(["tshark", "-r", str(capture), "-VO", "dicom"], capture_output=True, check=True).stdout
    texts = re.findall(r"\(0000,0900\) +\d+ Status +(.*)", printed.decode())
    assert [f"{name_status(code, 'C-ECHO-RSP', VERIFICATION)} (0x{code:02x})" for code in codes] == texts
