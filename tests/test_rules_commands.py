import struct
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.catalogue.commands import RULES
from dissect.dicom.commands import COMMAND_ENCODING, pull_fields
from dissect.dicom.terms import COMMANDS, STATUS
from dissect.dicom.values import look_up
from dissect.notes import note
from dissect.rules.collecting import MOST_TOLD
from dissect.rules.commands import SINGLE, judge_command
from dissect.rules.fields import ELEMENTS, MESSAGES, RETIRED
from dissect.rules.outcomes import judge_status
from dissect.rules.shapes import CUT_OUT
from tests import build
from tests.build import CT_IMAGE_STORAGE, NO_DATA_SET, PATIENT_ROOT_FIND, SOP_INSTANCE, VERIFICATION
from tests.conftest import RECORDED
from tests.trees import edit, edits, find, read_capture, read_elements

Values = Mapping[int, bytes | int | str]

MPPS, COMMITMENT, PRINTER = "1.2.840.10008.3.1.2.3.3", "1.2.840.10008.1.20.1", "1.2.840.10008.5.1.1.16"
ECHO: Values = {0x0002: VERIFICATION, 0x0100: 0x0030, 0x0110: 1, 0x0800: NO_DATA_SET}
STORE: Values = {0x0002: CT_IMAGE_STORAGE, 0x0100: 1, 0x0110: 7, 0x0700: 0, 0x0800: 1, 0x1000: SOP_INSTANCE}
STORED: Values = {0x0100: 0x8001, 0x0120: 7, 0x0800: NO_DATA_SET, 0x0900: 0}
FIND: Values = {0x0002: PATIENT_ROOT_FIND, 0x0100: 0x0020, 0x0110: 3, 0x0700: 2, 0x0800: 0x0102}
FOUND: Values = {0x0100: 0x8020, 0x0120: 3, 0x0800: 1, 0x0900: 0xFF00}
MOVE: Values = {**FIND, 0x0100: 0x0021, 0x0600: "STORE_SCP"}
MOVED: Values = {0x0100: 0x8021, 0x0120: 3, 0x0800: NO_DATA_SET, 0x0900: 0xFF00, 0x1020: 3, 0x1021: 1}
CANCEL: Values = {0x0100: 0x0FFF, 0x0120: 3, 0x0800: NO_DATA_SET}
ACT: Values = {0x0003: COMMITMENT, 0x0100: 0x0130, 0x0110: 1, 0x0800: 1, 0x1001: SOP_INSTANCE, 0x1008: 1}
SET: Values = {0x0003: MPPS, 0x0100: 0x0120, 0x0110: 1, 0x0800: 1, 0x1001: SOP_INSTANCE}
WAS_SET: Values = {0x0100: 0x8120, 0x0120: 1, 0x0800: NO_DATA_SET, 0x0900: 0}
READ: Values = {0x0003: PRINTER, 0x0100: 0x0110, 0x0110: 1, 0x0800: NO_DATA_SET, 0x1001: SOP_INSTANCE}
REPORT: Values = {0x0002: COMMITMENT, 0x0100: 0x0100, 0x0110: 1, 0x0800: 1, 0x1000: SOP_INSTANCE, 0x1002: 1}
CREATE: Values = {0x0002: MPPS, 0x0100: 0x0140, 0x0110: 1, 0x0800: 1, 0x1000: SOP_INSTANCE}


def encode(fields: Values, change: Values | None = None, without: tuple[int, ...] = ()) -> bytes:
    """Encode a command set, some of its fields changed, added in their order, or left out."""
    changed = {**fields, **(change or {})}
    return build.command_set({tag: changed[tag] for tag in sorted(changed) if tag not in without})


def measure(body: bytes) -> bytes:
    """Put the group length before elements."""
    return build.command_set({})[:8] + len(body).to_bytes(4, "little") + body


def part(tag: int, value: bytes | int | str) -> bytes:
    """Encode one element."""
    return build.command_set({tag: value})[12:]


def judge(data: bytes) -> list[tuple[str, str]]:
    """Give code and place of what is found in a command set that can be read to its end."""
    assert pull_fields(data)[-1] == len(data)
    found = judge_command(data)
    for each in found:
        assert "{" not in note(each.code, None, **each.values).text
        if each.place:
            find(read_elements(data, COMMAND_ENCODING), each.place)
    return [(each.code, each.place) for each in found]


def tell(data: bytes) -> str:
    """Give the sentence of the one thing that is found in a command set."""
    (found,) = judge_command(data)
    return note(found.code, None, **found.values).text


BODY = [part(tag, value) for tag, value in ECHO.items()]

BROKEN = {
    "order": (measure(b"".join([BODY[1], BODY[0], *BODY[2:]])), "command-order", "0000,0002"),
    "order-of-all": (measure(b"".join(BODY[::-1])), "command-order", "0000,0110"),
    "repeated": (measure(b"".join([*BODY[:3], BODY[2], BODY[3]])), "command-repeated", "0000,0110.2"),
    "repeated-later": (measure(b"".join([*BODY, BODY[0]])), "command-repeated", "0000,0002.2"),
    "repeated-bad-uid": (
        measure(b"".join([*(part(tag, value) for tag, value in STORE.items()), part(0x1000, "1.02")])),
        "command-repeated",
        "0000,1000.2",
    ),
    "group-length-wrong": (encode(ECHO, {0x0000: 55}), "command-length", "0000,0000"),
    "group-length-absent": (b"".join(BODY), "command-length", ""),
    "group-length-last": (b"".join(BODY) + encode({}), "command-length", "0000,0000"),
    "group-length-long": (b"\0\0\0\0\x08\0\0\0" + bytes(8) + b"".join(BODY), "command-length", "0000,0000"),
    "two-ids": (encode(ECHO, {0x0110: b"\1\0\0\0"}), "command-values", "0000,0110"),
    "two-statuses": (encode(STORED, {0x0900: bytes(4)}), "command-values", "0000,0900"),
    "element": (encode(ECHO, {0x0333: b"ab"}), "command-element", "0000,0333"),
    "retired": (encode(ECHO, {0x0850: 2}), "command-retired", "0000,0850"),
    "length-to-end": (encode(ECHO, {0x0001: 2}), "command-retired", "0000,0001"),
    "field-unknown": (encode(ECHO, {0x0100: 0x0031}), "command-field", "0000,0100"),
    "field-of-a-cancel-response": (encode(STORED, {0x0100: 0x8FFF}), "command-field", "0000,0100"),
    "field-absent": (encode(ECHO, without=(0x0100,)), "command-field", ""),
    "field-empty": (encode(ECHO, {0x0100: b""}), "command-field", "0000,0100"),
    "data-set-type-absent": (encode(STORE, without=(0x0800,)), "data-set-type-absent", ""),
    "data-set-type-empty": (encode(FIND, {0x0800: b""}), "data-set-type-absent", "0000,0800"),
    "lacks-class": (encode(ECHO, without=(0x0002,)), "command-lacks", ""),
    "lacks-empty-class": (encode(ECHO, {0x0002: b""}), "command-lacks", "0000,0002"),
    "lacks-instance": (encode(STORE, without=(0x1000,)), "command-lacks", ""),
    "lacks-priority": (encode(FIND, without=(0x0700,)), "command-lacks", ""),
    "lacks-id": (encode(FIND, without=(0x0110,)), "command-lacks", ""),
    "lacks-request": (encode(STORED, without=(0x0120,)), "command-lacks", ""),
    "lacks-request-to-cancel": (encode(CANCEL, without=(0x0120,)), "command-lacks", ""),
    "lacks-destination": (encode(MOVE, {0x0600: b""}), "command-lacks", "0000,0600"),
    "lacks-instance-to-set": (encode(SET, without=(0x1001,)), "command-lacks", ""),
    "surplus-status": (encode(ECHO, {0x0900: 0}), "command-surplus", "0000,0900"),
    "surplus-priority": (encode(ECHO, {0x0700: 0}), "command-surplus", "0000,0700"),
    "surplus-destination": (encode(FIND, {0x0600: "STORE_SCP"}), "command-surplus", "0000,0600"),
    "surplus-counter": (encode(STORED, {0x1020: 0}), "command-surplus", "0000,1020"),
    "surplus-class": (encode(CANCEL, {0x0002: PATIENT_ROOT_FIND}), "command-surplus", "0000,0002"),
    "surplus-affected": (encode(SET, {0x0002: MPPS}), "command-surplus", "0000,0002"),
    "surplus-id": (encode(WAS_SET, {0x0110: 1}), "command-surplus", "0000,0110"),
    "priority": (encode(STORE, {0x0700: 3}), "priority", "0000,0700"),
    "uid-space": (encode(STORE, {0x1000: b"1.2.3 "}), "command-uid", "0000,1000"),
    "uid-zero": (encode(STORE, {0x1000: b"1.02.31\0"}), "command-uid", "0000,1000"),
    "uid-empty-component": (encode(STORE, {0x1000: b"1..2"}), "command-uid", "0000,1000"),
    "uid-full-stop": (encode(STORE, {0x1000: b"1.2."}), "command-uid", "0000,1000"),
    "uid-letters": (encode(STORE, {0x1000: b"1.2.a\0"}), "command-uid", "0000,1000"),
    "uid-nuls": (encode(STORE, {0x1000: b"1.22\0\0"}), "command-uid", "0000,1000"),
    "uid-long": (encode(STORE, {0x1000: b"1." + b"2" * 64}), "command-uid", "0000,1000"),
    "uid-blank": (encode(STORE, {0x1000: b"  "}), "command-uid", "0000,1000"),
    "uid-of-class": (encode(ECHO, {0x0002: b"1.2.840.10008.01.1\0\0"}), "command-uid", "0000,0002"),
    "uid-requested": (encode(SET, {0x1001: b"1.2.x\0"}), "command-uid", "0000,1001"),
    "destination-blank": (encode(MOVE, {0x0600: b"    "}), "move-destination", "0000,0600"),
    "destination-long": (encode(MOVE, {0x0600: b"A" * 18}), "move-destination", "0000,0600"),
    "destination-nul": (encode(MOVE, {0x0600: b"STORE\0"}), "move-destination", "0000,0600"),
    "destination-backslash": (encode(MOVE, {0x0600: b"A\\B "}), "move-destination", "0000,0600"),
    "data-with-echo": (encode(ECHO, {0x0800: 0}), "data-set-forbidden", "0000,0800"),
    "data-with-stored": (encode(STORED, {0x0800: 1}), "data-set-forbidden", "0000,0800"),
    "data-with-cancel": (encode(CANCEL, {0x0800: 0xFFFF}), "data-set-forbidden", "0000,0800"),
    "data-with-read": (encode(READ, {0x0800: 1}), "data-set-forbidden", "0000,0800"),
    "data-with-found-all": (encode(FOUND, {0x0900: 0}), "data-set-forbidden", "0000,0800"),
    "data-with-find-failed": (encode(FOUND, {0x0900: 0xA700}), "data-set-forbidden", "0000,0800"),
    "data-with-moving": (encode(MOVED, {0x0800: 1}), "data-set-forbidden", "0000,0800"),
    "data-with-moved": (encode(MOVED, {0x0800: 1, 0x0900: 0}), "data-set-forbidden", "0000,0800"),
    "no-data-with-store": (encode(STORE, {0x0800: NO_DATA_SET}), "data-set-due", "0000,0800"),
    "no-data-with-find": (encode(FIND, {0x0800: NO_DATA_SET}), "data-set-due", "0000,0800"),
    "no-data-with-set": (encode(SET, {0x0800: NO_DATA_SET}), "data-set-due", "0000,0800"),
    "no-data-with-found": (encode(FOUND, {0x0800: NO_DATA_SET}), "data-set-due", "0000,0800"),
    "status-absent": (encode(STORED, without=(0x0900,)), "status-absent", ""),
    "status-empty": (encode(STORED, {0x0900: b""}), "status-absent", "0000,0900"),
    "comment-with-success": (encode(STORED, {0x0902: "fine"}), "status-fields", "0000,0902"),
    "element-while-pending": (encode(FOUND, {0x0901: b"\x10\0\x10\0"}), "status-fields", "0000,0901"),
    "error-id-with-success": (encode(WAS_SET, {0x0903: 4}), "status-fields", "0000,0903"),
    "comment-long": (encode(STORED, {0x0900: 0xC000, 0x0902: "x" * 66}), "comment-length", "0000,0902"),
    "affected-to-set": (
        encode(SET, {0x0002: MPPS, 0x1000: SOP_INSTANCE}, without=(0x0003, 0x1001)),
        "requested-affected",
        "0000,0002",
    ),
    "affected-instance-to-set": (
        encode(SET, {0x1000: SOP_INSTANCE}, without=(0x1001,)),
        "requested-affected",
        "0000,1000",
    ),
    "requested-to-create": (encode(CREATE, {0x0003: MPPS}, without=(0x0002,)), "requested-affected", "0000,0003"),
    "requested-in-response": (encode(WAS_SET, {0x0003: MPPS}), "requested-affected", "0000,0003"),
    "no-action-type": (encode(ACT, without=(0x1008,)), "type-id", ""),
    "no-event-type": (encode(REPORT, {0x1002: b""}), "type-id", "0000,1002"),
}

SOUND = {
    "one-element": encode(ECHO, {0x0110: 0xFFFF}),
    "move-originator": encode(STORE, {0x1030: "MOVE_SCU", 0x1031: 9}),
    "uid-even": encode(STORE, {0x1000: "1.22"}),
    "uid-zeros": encode(STORE, {0x1000: "1.0.0"}),
    "uid-of-64": encode(STORE, {0x1000: "1." + "2" * 62}),
    "uid-of-odd-length-is-noted-where-it-is-decoded": encode(STORE, {0x1000: b"1.2.3"}),
    "id-of-odd-length-is-noted-where-it-is-decoded": encode(ECHO, {0x0110: b"\1\0\0"}),
    "group-length-of-odd-length-is-noted-where-it-is-decoded": b"\0\0\0\0\2\0\0\0\0\0" + b"".join(BODY),
    "priority": encode(STORE, {0x0700: 1}),
    "response-with-both-uids": encode(STORED, {0x0002: CT_IMAGE_STORAGE, 0x1000: SOP_INSTANCE}),
    "response-that-repeats-the-id": encode(STORED, {0x0110: 7}),
    "failure-with-all-that-explains-it": encode(
        STORED, {0x0900: 0xC001, 0x0901: b"\x10\0\x10\0\x08\0\x16\0", 0x0902: "x" * 64, 0x0903: 4}
    ),
    "empty-comment": encode(STORED, {0x0902: b""}),
    "blank-comment": encode(STORED, {0x0902: "  "}),
    "error-id-of-zero": encode(WAS_SET, {0x0903: 0}),
    "warning-while-pending": encode(FOUND, {0x0900: 0xFF01, 0x0902: "key not supported"}),
    "found-all": encode(FOUND, {0x0800: NO_DATA_SET, 0x0900: 0}),
    "found-as-much-as-it-may": encode(FOUND, {0x0900: 0xB001}),
    "found-with-a-status-of-no-class": encode(FOUND, {0x0900: 0x1234}),
    "moved-but-for-some": encode(MOVED, {0x0800: 1, 0x0900: 0xB000}),
    "destination": encode(MOVE, {0x0600: "A" * 16}),
    "set-with-answer": encode(WAS_SET, {0x0800: 1, 0x1005: b"\x40\0\x52\2"}),
    "create-without-instance": encode(CREATE, without=(0x1000,)),
    "create-without-attributes": encode(CREATE, {0x0800: NO_DATA_SET}),
    "action-without-information": encode(ACT, {0x0800: NO_DATA_SET}),
    "read-with-list": encode(READ, {0x1005: b"\x10\0\x10\0"}),
    "report": encode(REPORT),
    "cancel": encode(CANCEL),
    "not-to-its-end": encode(ECHO)[:-1],
    "another-group": build.command_set({**ECHO, 0x00080016: "1.2"}),
}


@pytest.mark.parametrize(("data", "code", "place"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_rule_is_found_once_and_nothing_else_is(data: bytes, code: str, place: str) -> None:
    assert judge(data) == [(code, place)]


@pytest.mark.parametrize("data", SOUND.values(), ids=list(SOUND))
def test_nothing_is_found_where_no_rule_is_broken(data: bytes) -> None:
    assert judge_command(data) == ()


def test_every_rule_of_command_sets_has_an_input_that_breaks_it() -> None:
    elsewhere = {"command-syntax", "status-unknown"}
    assert {code for _, code, _ in BROKEN.values()} | elsewhere == set(RULES)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_with_what_it_needs_and_a_message_with_all_that_it_may_have_are_sound(name: str) -> None:
    fields = MESSAGES[name]
    kind = 1 if fields.data_set == "always" else NO_DATA_SET
    values: dict[str, bytes | int | str] = {
        "AT": b"\x10\0\x10\0",
        "UI": "1.2.3",
        "AE": "ANY",
        "LO": "broken",
        "US": 1,
        "UL": 1,
    }
    full = {number: values[look_up(number).vr] for number in sorted(fields.may) if number}
    full |= {0x0100: {value: key for key, value in COMMANDS.items()}[name], 0x0800: kind}
    if fields.is_response:
        full[0x0900] = 0xC000
    assert judge_command(encode(full)) == ()
    optional = fields.may - fields.needs - {0x0100, 0x0800, 0x0900, 0x1002, 0x1008}
    assert judge_command(encode(full, without=tuple(optional))) == ()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_nothing_is_found_in_what_peers_of_several_makers_say(path: Path) -> None:
    ends = [
        pdv for arrival in read_capture(path.read_bytes()) for pdv in arrival.pdvs if pdv.is_command and pdv.is_last
    ]
    for message in (pdv.part.message for pdv in ends if pdv.part is not None):
        status, sop_class = message.number_at(STATUS), (message.request or message).sop_class
        assert judge_command(message.raw) == ()
        assert status is None or judge_status(message.name, status, sop_class) is None


def test_every_message_and_element_of_the_standard_is_in_the_tables() -> None:
    assert set(MESSAGES) == set(COMMANDS.values())
    assert not ELEMENTS & RETIRED
    assert all(not look_up(number).retired for number in ELEMENTS)
    assert all(look_up(number).retired for number in RETIRED)
    assert {number for number in ELEMENTS if look_up(number).vr == "US"} == SINGLE
    assert CUT_OUT < ELEMENTS


def test_why_a_value_is_no_uid_is_told_of_each_in_other_words() -> None:
    values = [b"1.2.3 ", b"1.02", b"1..2", b"1.2.a\0", b"1.22\0\0", b"1" * 66, b"  "]
    reasons = {tell(encode(STORE, {0x1000: value})).split(": ")[1] for value in values}
    assert len(reasons) == len(values)


def test_sentences_say_the_numbers() -> None:
    assert tell(encode(ECHO, {0x0000: 55})) == "Command Group Length is 55, but 56 bytes follow it"
    assert tell(encode(STORE, {0x0700: 3})).startswith("Priority 0003H is none of")
    assert "with status FF00H" in tell(encode(FOUND, {0x0800: NO_DATA_SET}))
    assert tell(encode(ECHO, without=(0x0002,))) == (
        "C-ECHO-RQ without Affected SOP Class UID (0000,0002), which PS3.7 9.3.5.1 requires"
    )
    assert "with an empty Affected" in tell(encode(ECHO, {0x0002: b""}))


def test_a_long_value_is_quoted_in_part() -> None:
    assert len(tell(encode(STORE, {0x1000: b"x" * 40_000}))) < 250
    assert len(tell(encode(MOVE, {0x0600: b"x" * 40_000}))) < 250


def test_a_command_set_of_nothing_but_strange_elements_gives_few_findings() -> None:
    strange = b"".join(part(number, b"") for number in range(0x6000, 0x6800))
    assert len(judge_command(encode(ECHO)[:12] + b"".join(BODY) + strange)) == MOST_TOLD + 1


def test_the_same_shape_with_other_values_is_judged_by_its_own_values() -> None:
    good, bad = encode(STORE, {0x1000: "1.2.30"}), encode(STORE, {0x1000: b"1.2.03"})
    assert [judge(data) for data in (good, bad, good)] == [[], [("command-uid", "0000,1000")], []]


@given(edits(64), st.sampled_from([encode(STORE), encode(MOVE), encode(FOUND), encode(SET), b""]))
def test_any_bytes_raise_nothing_and_each_finding_can_be_told(
    changes: list[tuple[str, int, bytes]], data: bytes
) -> None:
    changed = edit(data, changes)
    for found in judge_command(changed):
        assert note(found.code, None, **found.values).text
    if pull_fields(changed)[-1] != len(changed):
        assert judge_command(changed) == ()


@pytest.mark.parametrize(
    ("name", "status", "sop_class", "known"),
    [
        ("C-STORE-RSP", 0x0000, CT_IMAGE_STORAGE, True),
        ("C-STORE-RSP", 0xB007, CT_IMAGE_STORAGE, True),
        ("C-STORE-RSP", 0xB001, CT_IMAGE_STORAGE, False),
        ("C-STORE-RSP", 0xCFFF, CT_IMAGE_STORAGE, True),
        ("C-STORE-RSP", 0xA7FF, CT_IMAGE_STORAGE, True),
        ("C-STORE-RSP", 0xA801, "1.2.826.0.1.1", True),
        ("C-STORE-RSP", 0xB123, "1.2.826.0.1.1", True),
        ("C-STORE-RSP", 0x1234, "1.2.826.0.1.1", False),
        ("C-STORE-RSP", 0xFF00, CT_IMAGE_STORAGE, True),
        ("C-STORE-RSP", 0x0199, CT_IMAGE_STORAGE, False),
        ("C-STORE-RSP", 0x0124, CT_IMAGE_STORAGE, True),
        ("C-FIND-RSP", 0xFF00, PATIENT_ROOT_FIND, True),
        ("C-FIND-RSP", 0xFF02, PATIENT_ROOT_FIND, False),
        ("C-FIND-RSP", 0xB001, PATIENT_ROOT_FIND, False),
        ("C-FIND-RSP", 0xB001, "1.2.840.10008.5.1.4.1.1.201.6", True),
        ("C-FIND-RSP", 0xB001, "", True),
        ("C-FIND-RSP", 0xB002, "", False),
        ("C-MOVE-RSP", 0xA801, "1.2.840.10008.5.1.4.1.2.1.2", True),
        ("C-MOVE-RSP", 0xFF01, "1.2.840.10008.5.1.4.1.2.1.2", False),
        ("C-ECHO-RSP", 0x0122, VERIFICATION, True),
        ("C-ECHO-RSP", 0xB000, VERIFICATION, False),
        ("N-SET-RSP", 0xB305, "1.2.840.10008.5.1.4.34.6.1", True),
        ("N-SET-RSP", 0xB306, "", True),
        ("N-SET-RSP", 0xBFFF, "", False),
        ("N-SET-RSP", 0xBFFF, PRINTER, True),
        ("N-SET-RSP", 0xBFFF, MPPS, False),
        ("N-SET-RQ", 0x1234, MPPS, True),
        ("", 0x1234, MPPS, True),
    ],
)
def test_a_status_is_noted_where_the_service_does_not_define_it(
    name: str, status: int, sop_class: str, known: bool
) -> None:
    found = judge_status(name, status, sop_class)
    assert (found is None) == known
    if found is not None:
        assert (found.code, found.place) == ("status-unknown", "0000,0900")
        assert f"status {status:04X}H has no meaning for {name}" in note(found.code, None, **found.values).text


def test_of_a_uid_that_occurs_again_and_again_it_is_not_told_each_time_what_is_wrong_with_it() -> None:
    others = b"".join(2 * struct.pack("<HHI", 0, 0x2000 + number, 0) for number in range(MOST_TOLD + 8))
    found = judge_command(others + 1000 * (struct.pack("<HHI", 0, 0x1000, 4) + b"1..2"))
    assert max(Counter(each.code for each in found).values()) == MOST_TOLD
    assert "command-uid" not in {each.code for each in found}
