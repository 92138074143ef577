from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_RJ, A_RELEASE_RP, A_RELEASE_RQ

from dissect.capture.segments import Segment
from dissect.dicom.pdu import LONGEST_ASSOCIATE, LOST, Pdu, decode_pdu, examine_header, find_codes
from dissect.node import Node
from tests import build
from tests.trees import (
    Bytes,
    check_tree,
    check_unchanged_before,
    collect_notes,
    edit,
    edits,
    find,
    flip,
    make_pdu,
    read_fields,
)

SOUND = [
    build.associate_rq(),
    build.associate_ac(),
    build.associate_rj(),
    build.release_rq(),
    build.release_rp(),
    build.abort(2, 6),
    build.pdu(0x09, b"abc"),
]
REJECT_TEXTS = {
    (1, 1, 1): ("Reject Permanent", "User", "No reason given"),
    (1, 1, 2): ("Reject Permanent", "User", "Application context name not supported"),
    (1, 1, 3): ("Reject Permanent", "User", "Calling AE title not recognized"),
    (1, 1, 7): ("Reject Permanent", "User", "Called AE title not recognized"),
    (2, 2, 1): ("Reject Transient", "Provider (ACSE)", "No reason given"),
    (1, 2, 2): ("Reject Permanent", "Provider (ACSE)", "Protocol version not supported"),
    (2, 3, 1): ("Reject Transient", "Provider (Presentation)", "Temporary congestion"),
    (2, 3, 2): ("Reject Transient", "Provider (Presentation)", "Local limit exceeded"),
}
ABORT_TEXTS = {
    (0, 0): ("User", "N/A"),
    (0, 9): ("User", "N/A"),
    (2, 0): ("Provider", "Not specified"),
    (2, 1): ("Provider", "Unrecognized PDU"),
    (2, 2): ("Provider", "Unexpected PDU"),
    (2, 4): ("Provider", "Unrecognized PDU parameter"),
    (2, 5): ("Provider", "Unexpected PDU parameter"),
    (2, 6): ("Provider", "Invalid PDU parameter value"),
}


def read(data: bytes) -> Node:
    """Read a PDU that carries no messages."""
    return read_fields(partial(decode_pdu, title="Title"), data)


def list_texts(root: Node, *keys: str) -> tuple[str, ...]:
    """Give the texts of fields of a PDU's body."""
    return tuple(find(root, f"body/{key}").text for key in keys)


def list_codes(pdu: Pdu) -> list[str]:
    """Give the codes of the notes on a PDU's header."""
    return [found.code for found in examine_header(pdu)]


@pytest.mark.parametrize("fields", REJECT_TEXTS)
def test_a_rejection_that_pynetdicom_encodes_has_wiresharks_words(fields: tuple[int, int, int]) -> None:
    oracle = A_ASSOCIATE_RJ()
    oracle.result, oracle.source, oracle.reason_diagnostic = fields
    root = read(oracle.encode())
    assert tuple(find(root, f"body/{key}").value for key in ("result", "source", "reason")) == fields
    assert list_texts(root, "result", "source", "reason") == REJECT_TEXTS[fields]
    assert collect_notes(root) == []


@pytest.mark.parametrize("fields", ABORT_TEXTS)
def test_an_abort_that_pynetdicom_encodes_has_wiresharks_words(fields: tuple[int, int]) -> None:
    oracle = A_ABORT_RQ()
    oracle.source, oracle.reason_diagnostic = fields
    root = read(oracle.encode())
    assert tuple(find(root, f"body/{key}").value for key in ("source", "reason")) == fields
    assert list_texts(root, "source", "reason") == ABORT_TEXTS[fields]
    assert collect_notes(root) == []


@pytest.mark.parametrize(
    ("oracle", "text"), [(A_RELEASE_RQ(), "RELEASE Request (0x05)"), (A_RELEASE_RP(), "RELEASE Response (0x06)")]
)
def test_a_release_that_pynetdicom_encodes_has_its_header_and_nothing_else_to_show(
    oracle: A_RELEASE_RQ | A_RELEASE_RP, text: str
) -> None:
    root = read(oracle.encode())
    assert [(node.path, node.text) for _, node in root.walk() if node.layout == "field" and node.path] == [
        ("pdu-type", text),
        ("pdu-length", "4"),
    ]
    assert collect_notes(root) == []


@given(st.tuples(*[st.integers(0, 10) | st.integers(0, 255)] * 3))
@settings(deadline=None)
def test_codes_of_a_rejection_without_meaning_are_noted_and_shown_as_numbers(fields: tuple[int, int, int]) -> None:
    root = read(build.associate_rj(*fields))
    known = [fields[0] in (1, 2), fields[1] in (1, 2, 3), fields[1:] in {each[1:] for each in REJECT_TEXTS}]
    unknown = {
        f"body/{key}": f"Unknown ({code})"
        for key, code, is_known in zip(("result", "source", "reason"), fields, known, strict=True)
        if not is_known
    }
    assert collect_notes(root) == [(path, "reject-reason") for path in unknown]
    assert {path: find(root, path).text for path in unknown} == unknown


@pytest.mark.parametrize(("source", "reason", "noted"), [(1, 0, ["source"]), (2, 3, ["reason"]), (9, 9, ["source"])])
def test_codes_of_an_abort_without_meaning_are_noted(source: int, reason: int, noted: list[str]) -> None:
    root = read(build.abort(source, reason))
    assert collect_notes(root) == [(f"body/{key}", f"abort-{key}") for key in noted]


def test_the_title_stands_over_the_fields_of_the_body() -> None:
    body = find(read(build.associate_rj()), "body")
    assert (body.name, body.layout) == ("Title", "heading")


def test_the_body_of_a_pdu_of_unknown_type_stays_bytes() -> None:
    root = read(build.pdu(0x0A, b"abc"))
    assert find(root, "pdu-type").text == "Unknown (0x0a)"
    assert find(root, "undecoded-bytes").text == b"abc".hex()


def test_bytes_behind_the_last_field_are_noted_and_kept() -> None:
    root = read(build.pdu(0x03, b"\0\1\1\7extra"))
    assert find(root, "body/undecoded-bytes").text == b"extra".hex()
    assert collect_notes(root) == [("body/undecoded-bytes", "undecoded")]


def test_a_body_cut_short_is_noted_and_the_fields_before_the_cut_are_read() -> None:
    root = read(build.pdu(0x03, b"\0\1\1"))
    assert list_texts(root, "result", "source") == ("Reject Permanent", "User")
    assert collect_notes(root) == [("body", "field-cut")]


@pytest.mark.parametrize("data", [*SOUND[:-1], build.p_data(build.pdv(1, 3, b"ab"))])
def test_a_sound_header_needs_no_note(data: bytes) -> None:
    assert examine_header(make_pdu(data)) == []


@pytest.mark.parametrize("kind", [0x08, 0x7F, 0xFF])
def test_an_unknown_pdu_type_is_noted_on_its_byte(kind: int) -> None:
    [found] = examine_header(make_pdu(build.pdu(kind, b"abcd")))
    assert found.code == "pdu-type"
    assert found.span is not None
    assert (found.span.start, found.span.stop) == (0, 1)


@pytest.mark.parametrize("kind", [0x03, 0x05, 0x06, 0x07])
@pytest.mark.parametrize("size", [0, 3, 5, 100])
def test_a_pdu_of_fixed_length_that_has_another_is_noted_on_its_length_field(kind: int, size: int) -> None:
    [found] = examine_header(make_pdu(build.pdu(kind, bytes(size))))
    assert (found.code, found.text) == ("pdu-length", f"PDU length {size} where 4 is due")
    assert found.span is not None
    assert (found.span.start, found.span.stop) == (2, 6)


def test_a_pdu_that_the_capture_cuts_short_is_noted_with_what_is_missing() -> None:
    [found] = examine_header(make_pdu(build.associate_rq()[:-10]))
    assert (found.code, found.text.split()[3]) == ("pdu-cut", "10")


def cut_within_a_pdu(*, final: int | None, reset: bool = False, missing: tuple[tuple[int, int], ...] = ()) -> Pdu:
    """Give a PDU that ends ten bytes early: its sender closed the connection at an offset, or it was reset."""
    pdu = make_pdu(build.associate_rq()[:-10], missing=missing)
    pdu.stream.final = final
    if reset:
        pdu.stream.connection.reset = Segment(1, bytes(12), 0, 0, 4, 0, 20, 0, 0, 0)
    return pdu


def test_a_pdu_within_which_its_sender_closed_the_connection_is_left_to_the_end_of_the_association() -> None:
    size = len(build.associate_rq()) - 10
    assert list_codes(cut_within_a_pdu(final=size)) == []
    assert list_codes(cut_within_a_pdu(final=size + 5)) == ["pdu-cut"]
    assert list_codes(cut_within_a_pdu(final=size, missing=((20, 30),))) == ["pdu-cut"]


@pytest.mark.parametrize(("reset", "what"), [(False, "the capture"), (True, "the connection")])
def test_what_ended_within_a_pdu_is_named(reset: bool, what: str) -> None:
    [found] = examine_header(cut_within_a_pdu(final=None, reset=reset))
    assert found.text == f"{what} ends 10 bytes before the PDU does"


def test_nobody_is_blamed_for_what_is_in_a_pdu_that_is_cut() -> None:
    for size in range(7, len(build.associate_rq())):
        assert collect_notes(read(build.associate_rq()[:size])) == []
    assert collect_notes(read(build.associate_rj(9, 9, 9)[:-1])) == []


def test_a_p_data_tf_without_pdvs_is_noted() -> None:
    assert list_codes(make_pdu(build.p_data())) == ["no-pdv"]


def test_lost_bytes_that_the_capture_holds_are_noted_as_no_pdu_and_missing_ones_are_not() -> None:
    assert list_codes(Pdu(LOST, Bytes(bytes(9)), 0, 9, 0, 1)) == ["not-a-pdu"]
    assert list_codes(Pdu(LOST, Bytes(bytes(9), ((0, 5),)), 0, 9, 0, 1)) == []
    assert list_codes(Pdu(LOST, Bytes(bytes(9), ((0, 9),)), 0, 9, 0, 1)) == []


def test_of_many_lost_bytes_only_the_first_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stream, taken = Bytes(bytes(1 << 20)), list[int]()
    read = stream.read

    def watch(start: int, stop: int) -> bytes:
        taken.append(stop - start)
        return read(start, stop)

    monkeypatch.setattr(stream, "read", watch)
    assert list_codes(Pdu(LOST, stream, 0, 1 << 20, 0, 1)) == ["not-a-pdu"]
    assert sum(taken) < 100


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"GET / HTTP/1.1\r\nHost: pacs\r\n\r\n", "30 bytes that are not a PDU but HTTP, 0 to 29 of the stream; "),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "28 bytes that are not a PDU but HTTP, 0 to 27 of the stream; "),
        (b"\x0bMSH|^~\\&|RIS|", "14 bytes that are not a PDU but HL7, 0 to 13 of the stream; "),
        (b"\x16\x03\x01\x00\x05hello", "10 bytes that are not a PDU but TLS, 0 to 9 of the stream; "),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "21 bytes that are not a PDU but SSH, 0 to 20 of the stream; "),
        (b"GETTING", "7 bytes that are not a PDU, 0 to 6 of the stream; "),
        (b"what GET / HTTP/1.1", "19 bytes that are not a PDU, 0 to 18 of the stream; "),
    ],
)
def test_another_protocol_is_named_where_bytes_that_are_no_pdu_begin_like_it(data: bytes, told: str) -> None:
    [found] = examine_header(Pdu(LOST, Bytes(data), 0, len(data), 0, 1))
    assert found.text.startswith(told)


@pytest.mark.parametrize(
    "data",
    [
        *SOUND,
        build.associate_rj(9, 9, 9),
        build.pdu(0x01, bytes(70)),
        build.associate(1, build.item(0x99, b"abc"), build.user_information(build.item(0x51, b"ab"))),
    ],
)
def test_the_codes_found_without_a_tree_are_those_of_the_tree(data: bytes) -> None:
    assert find_codes(data) == [code for _, code in collect_notes(read(data))]


def test_the_longest_association_pdu_that_is_taken_for_one_is_read_to_its_end() -> None:
    body = bytes(68) + build.item(0x99, bytes(65531)) * 16
    pdu = make_pdu(build.pdu(0x01, body[:LONGEST_ASSOCIATE]))
    assert pdu.read_whole() == pdu.span.read()


@given(st.binary(min_size=6, max_size=300))
@settings(deadline=None)
def test_any_bytes_in_place_of_a_pdu_give_a_sound_tree(data: bytes) -> None:
    check_tree(read(data))
    list_codes(make_pdu(data))


@given(st.sampled_from(range(256)), st.binary(max_size=100))
@settings(deadline=None)
def test_any_body_of_any_type_gives_a_sound_tree(kind: int, body: bytes) -> None:
    check_tree(read(build.pdu(kind, body)))


@given(st.sampled_from(SOUND), edits(100))
@settings(deadline=None)
def test_a_sound_pdu_that_was_damaged_gives_a_sound_tree(data: bytes, changes: list[tuple[str, int, bytes]]) -> None:
    check_tree(read(edit(data, changes).ljust(6, b"\0")))


@given(st.sampled_from(SOUND), st.data())
@settings(deadline=None)
def test_a_flipped_byte_changes_nothing_before_it(pdu: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(pdu) - 1))
    check_unchanged_before(at, read(pdu), read(flip(pdu, at, data.draw(st.integers(1, 255)))))
