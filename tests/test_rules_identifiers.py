import pytest

from tests.build import (
    IMPLICIT,
    PATIENT_ROOT_FIND,
    Talk,
    associate_ac,
    associate_rq,
    c_find_rq,
    c_find_rsp,
    command_set,
    element,
    extended_negotiation,
    implementation_class,
    maximum_length,
    message,
    sequence,
    text,
    user_information,
)
from tests.test_rules_datasets import Found, list_data_sets, list_notes

ROOT = "1.2.840.10008.5.1.4.1.2"
STUDY_ROOT_FIND, PATIENT_STUDY_FIND = f"{ROOT}.2.1", f"{ROOT}.3.1"
STUDY_ROOT_MOVE, PATIENT_ROOT_GET, INSTANCE_MOVE = f"{ROOT}.2.2", f"{ROOT}.1.3", f"{ROOT}.4.2"
WORKLIST_FIND = "1.2.840.10008.5.1.4.31"
PENDING = 0xFF00

DATE = element(0x00080020, "DA", b"")
ACCESSION = element(0x00080050, "SH", b"")
NAME = text(0x00100010, "PN", "A*")
PATIENT = text(0x00100020, "LO", "1")
STUDY = text(0x0020000D, "UI", "1.2")
STUDIES = text(0x0020000D, "UI", r"1.2\1.3")
SERIES = text(0x0020000E, "UI", "1.2.3")
IMAGE = text(0x00080018, "UI", "1.2.3.4")


def level(value: str) -> bytes:
    """Encode a Query/Retrieve Level."""
    return text(0x00080052, "CS", value)


def negotiate(sop_class: str, asked: bytes | None, granted: bytes | None) -> Talk:
    """Make an association for a SOP class, with information of its service where there is some."""
    users = [
        user_information(
            maximum_length(16384),
            implementation_class("2.25.1"),
            *([] if information is None else [extended_negotiation(sop_class, information)]),
        )
        for information in (asked, granted)
    ]
    talk = Talk().open().request(associate_rq([(1, sop_class, [IMPLICIT])], user=users[0]))
    return talk.answer(associate_ac([(1, 0, IMPLICIT)], user=users[1]))


def ask(sop_class: str, data: bytes, asked: bytes | None = None, granted: bytes | None = None) -> Found:
    """Send an identifier in a request that its SOP class is for, and give what is noted about it."""
    talk = negotiate(sop_class, asked, granted)
    kind = {"1": 0x0020, "2": 0x0021, "3": 0x0010}[sop_class[-1]]
    fields: dict[int, bytes | int | str] = {0x0002: sop_class, 0x0100: kind, 0x0110: 1, 0x0700: 0, 0x0800: 1}
    fields |= {0x0600: "THERE"} if kind == 0x0021 else {}
    talk.request(*message(1, command_set(fields), data))
    (node,) = list_data_sets(talk)
    return list_notes(node)


def match(sop_class: str, asked: bytes, given: bytes) -> Found:
    """Send a query and a match, and give what is noted about the match."""
    talk = negotiate(sop_class, None, None).request(*message(1, c_find_rq(1, sop_class), asked))
    talk.answer(*message(1, c_find_rsp(1, sop_class, PENDING, True), given))
    return list_notes(list_data_sets(talk)[1])


@pytest.mark.parametrize(
    ("sop_class", "data", "found"),
    [
        pytest.param(PATIENT_ROOT_FIND, NAME, [("", "query-level")], id="no level"),
        pytest.param(PATIENT_ROOT_FIND, level(""), [("0008,0052", "query-level")], id="empty level"),
        pytest.param(PATIENT_ROOT_FIND, level("INSTANCE"), [("0008,0052", "query-level")], id="no such level"),
        pytest.param(PATIENT_ROOT_FIND, level("study"), [("0008,0052", "query-level")], id="small letters"),
        pytest.param(STUDY_ROOT_FIND, level("PATIENT"), [("0008,0052", "query-level")], id="a level above the root"),
        pytest.param(PATIENT_STUDY_FIND, level("SERIES"), [("0008,0052", "query-level")], id="a level below the last"),
        pytest.param(PATIENT_ROOT_FIND, level("PATIENT") + NAME, [], id="the root level"),
        pytest.param(STUDY_ROOT_FIND, level("STUDY") + NAME, [], id="the root level of studies"),
        pytest.param(PATIENT_ROOT_FIND, level("STUDY"), [("", "query-keys")], id="no patient"),
        pytest.param(PATIENT_ROOT_FIND, level("STUDY") + PATIENT, [], id="a patient"),
        pytest.param(STUDY_ROOT_FIND, level("SERIES") + STUDIES, [("", "query-keys")], id="two studies"),
        pytest.param(STUDY_ROOT_FIND, level("SERIES") + STUDY, [], id="one study"),
        pytest.param(STUDY_ROOT_FIND, level("IMAGE") + STUDY, [("", "query-keys")], id="no series"),
        pytest.param(STUDY_ROOT_MOVE, level("STUDY"), [("", "retrieve-keys")], id="no study to move"),
        pytest.param(STUDY_ROOT_MOVE, level("STUDY") + STUDIES, [], id="studies to move"),
        pytest.param(PATIENT_ROOT_GET, level("IMAGE") + PATIENT, [("", "retrieve-keys")], id="no instance to get"),
        pytest.param(PATIENT_ROOT_GET, IMAGE + level("IMAGE") + PATIENT + STUDY + SERIES, [], id="instance to get"),
        pytest.param(INSTANCE_MOVE, level("FRAME"), [], id="another model"),
        pytest.param(WORKLIST_FIND, NAME, [], id="a worklist has no level"),
    ],
)
def test_an_identifier_has_a_level_and_the_unique_keys_above_it(sop_class: str, data: bytes, found: Found) -> None:
    assert ask(sop_class, data) == found


@pytest.mark.parametrize(
    ("asked", "granted", "found"),
    [
        (b"\1", b"\1", []),
        (b"\1", b"\0", [("", "query-keys")]),
        (b"\1", None, [("", "query-keys")]),
        (b"\0", b"\0", [("", "query-keys")]),
    ],
)
def test_relational_queries_need_no_unique_keys(asked: bytes, granted: bytes | None, found: Found) -> None:
    assert ask(STUDY_ROOT_FIND, level("SERIES"), asked, granted) == found


def test_unique_keys_are_not_asked_for_where_the_negotiation_is_not_in_the_capture() -> None:
    talk = Talk().open().request(*message(1, c_find_rq(1, STUDY_ROOT_FIND), level("SERIES")))
    (node,) = list_data_sets(talk)
    assert list_notes(node) == []


def test_values_to_match_with_may_have_any_form() -> None:
    assert ask(STUDY_ROOT_FIND, text(0x00080020, "DA", "20240101-") + level("STUDY")) == []


ASKED = DATE + ACCESSION + level("STUDY") + NAME + PATIENT + STUDY
STEPS = sequence(0x00400100, [text(0x00080060, "CS", "CT")])


@pytest.mark.parametrize(
    ("sop_class", "asked", "given", "found"),
    [
        pytest.param(STUDY_ROOT_FIND, ASKED, ASKED, [], id="all keys"),
        pytest.param(
            STUDY_ROOT_FIND,
            ASKED,
            text(0x00080005, "CS", "ISO_IR 100") + ASKED.replace(NAME, text(0x00080054, "AE", "PACS") + NAME),
            [],
            id="what a response may add",
        ),
        pytest.param(
            STUDY_ROOT_FIND,
            ASKED,
            ASKED + text(0x00201206, "IS", "1"),
            [("0020,1206", "query-return")],
            id="one key more",
        ),
        pytest.param(STUDY_ROOT_FIND, ASKED, ASKED.replace(ACCESSION, b""), [("", "query-return")], id="a key less"),
        pytest.param(STUDY_ROOT_FIND, ASKED + element(0x00201206, "IS", b""), ASKED, [], id="an optional key less"),
        pytest.param(STUDY_ROOT_FIND, ASKED.replace(ACCESSION, b""), ASKED.replace(ACCESSION, b""), [], id="not asked"),
        pytest.param(WORKLIST_FIND, PATIENT + STEPS, PATIENT + STEPS, [], id="worklist"),
        pytest.param(WORKLIST_FIND, PATIENT + STEPS, STEPS, [("", "worklist-return")], id="worklist key less"),
        pytest.param(WORKLIST_FIND, STEPS, PATIENT + STEPS, [("0010,0020", "worklist-return")], id="worklist key more"),
        pytest.param("1.2.3.4", PATIENT, NAME, [], id="another service"),
    ],
)
def test_a_match_holds_what_was_asked_for(sop_class: str, asked: bytes, given: bytes, found: Found) -> None:
    assert match(sop_class, asked, given) == found


def test_what_a_match_has_too_much_is_told_where_it_begins_and_what_it_lacks_above() -> None:
    talk = negotiate(STUDY_ROOT_FIND, None, None).request(*message(1, c_find_rq(1, STUDY_ROOT_FIND), ASKED))
    given = level("STUDY") + NAME + PATIENT + STUDY + b"".join(text(0x00201200 + at, "IS", "1") for at in (0, 2, 4, 6))
    talk.answer(*message(1, c_find_rsp(1, STUDY_ROOT_FIND, PENDING, True), given))
    node = list_data_sets(talk)[1]
    [lacking] = node.notes
    assert lacking.text == "the response lacks what was asked for, (0008,0020) Study Date, (0008,0050) Accession Number"
    [found] = [told for child in node.children for told in child.notes]
    assert found.text == (
        "the response holds what was not asked for, (0020,1200) Number of Patient Related Studies, "
        "(0020,1202) Number of Patient Related Series, (0020,1204) Number of Patient Related Instances and 1 more"
    )
