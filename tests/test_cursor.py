import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.cursor import SHOWN_BYTES, WINDOW, Cursor, Underrun, load_bytes, make_key
from dissect.node import DECIMAL, HEX, MEANING, MEANING_DECIMAL, MEANING_HEX, Node
from dissect.spans import Buffer, Span
from tests.trees import Bytes, collect_notes


def stand(data: bytes, start: int = 0, stop: int | None = None) -> Cursor:
    """Give a cursor at the start of a range of bytes."""
    return Cursor(Buffer(data), start, len(data) if stop is None else stop, Node("", "Root"))


class Watched(Buffer):
    """Bytes that remember how many were asked for."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.asked: list[int] = []

    def read(self, start: int, stop: int) -> bytes | memoryview:
        self.asked.append(stop - start)
        return super().read(start, stop)


def test_numbers_are_big_endian_and_hang_in_wire_order() -> None:
    cur = stand(b"\x01\x02\x03\x04\x05\x06\x07")
    assert [cur.uint("One", 1), cur.uint("Two", 2), cur.uint("Four", 4)] == [1, 0x0203, 0x04050607]
    assert [(node.path, node.value, node.span) for node in cur.node.children] == [
        ("one", 1, Span(cur.source, 0, 1)),
        ("two", 0x0203, Span(cur.source, 1, 3)),
        ("four", 0x04050607, Span(cur.source, 3, 7)),
    ]


@pytest.mark.parametrize(
    ("form", "known", "unknown"),
    [
        (DECIMAL, "1", "2"),
        (HEX, "0x01", "0x02"),
        (MEANING, "Yes", "Unknown (2)"),
        (MEANING_HEX, "Yes (0x01)", "Unknown (0x02)"),
        (MEANING_DECIMAL, "Yes (1)", "Unknown (2)"),
    ],
)
def test_a_number_without_meaning_is_noted_and_its_text_has_the_number(form: str, known: str, unknown: str) -> None:
    cur = stand(b"\1\2")
    for name in ("First", "Second"):
        cur.uint(name, 1, {1: "Yes"}, form)
    assert [node.text for node in cur.node.children] == [known, unknown]
    assert collect_notes(cur.node) == [("second", "unknown-code")]


def test_a_number_without_meaning_is_noted_with_the_code_that_is_given() -> None:
    cur = stand(b"\2")
    cur.uint("First", 1, {1: "Yes"}, code="abort-source")
    assert collect_notes(cur.node) == [("first", "abort-source")]


def test_nobody_is_blamed_in_a_range_that_is_excused() -> None:
    cur = stand(b"\2\2")
    cur.excuse()
    cur.uint("First", 1, {1: "Yes"})
    cur.open("inner", "Inner", 1).uint("Second", 1, {1: "Yes"})
    assert collect_notes(cur.node) == []


def test_a_number_that_has_no_table_needs_no_meaning() -> None:
    cur = stand(b"\2")
    cur.uint("Number", 1)
    assert collect_notes(cur.node) == []


def test_a_field_that_needs_more_than_is_left_is_refused_and_nothing_is_passed() -> None:
    cur = stand(b"\1\2\3")
    with pytest.raises(Underrun) as caught:
        cur.uint("Four", 4)
    assert (caught.value.name, caught.value.wanted, caught.value.room) == ("Four", 4, 3)
    assert (cur.at, cur.node.children) == (0, [])


def test_a_length_field_alone_makes_nobody_read() -> None:
    source = Watched(bytes(100))
    cur = Cursor(source, 0, 100, Node("", "Root"))
    with pytest.raises(Underrun):
        cur.take("Huge", 1 << 31)
    assert source.asked == []


def test_peeking_passes_nothing_and_gives_minus_one_beyond_the_end() -> None:
    cur = stand(b"\1\2")
    assert [cur.peek(1), cur.peek(2), cur.peek(3), cur.at] == [1, 0x0102, -1, 0]


def test_a_string_that_is_not_utf_8_is_shown_all_the_same() -> None:
    cur = stand(b"a\xffb")
    assert cur.string("Text", 3) == "a\ufffdb"


def test_reserved_bytes_are_kept_but_not_shown() -> None:
    cur = stand(b"\1\2\3")
    cur.reserved(2)
    [node] = cur.node.children
    assert (node.layout, node.value, cur.left) == ("hidden", b"\1\2", 1)


def test_bytes_are_shown_as_hexadecimal_digits() -> None:
    cur = stand(b"\1\xab")
    cur.reserved(2)
    assert cur.node.children[0].text == "01ab"


def test_fields_of_one_name_are_numbered_from_the_second() -> None:
    cur = stand(bytes(4))
    for _ in range(3):
        cur.reserved(1)
    cur.uint("Other", 1)
    assert [node.path for node in cur.node.children] == ["reserved", "reserved.2", "reserved.3", "other"]


def test_what_is_left_hangs_as_one_node_of_undecoded_bytes() -> None:
    cur = stand(b"\1\2\3")
    cur.uint("One", 1)
    node = cur.undecoded()
    assert node is not None
    assert (node.path, node.value, node.text, cur.left) == ("undecoded-bytes", b"\2\3", "0203", 0)


def test_where_nothing_is_left_nothing_hangs() -> None:
    cur = stand(b"\1")
    cur.uint("One", 1)
    assert cur.undecoded() is None


def test_a_cursor_that_was_opened_reads_its_own_range_and_no_more() -> None:
    cur = stand(b"\1\2\3\4\5")
    inner = cur.open("inner", "Inner", 2)
    assert (cur.uint("After", 1), inner.uint("Within", 1)) == (3, 1)
    with pytest.raises(Underrun):
        inner.uint("Too long", 2)
    assert [node.path for _, node in cur.node.walk()] == ["", "inner", "inner/within", "after"]


def test_a_cursor_starts_and_stops_where_it_is_told() -> None:
    cur = stand(b"\1\2\3\4", 1, 3)
    assert (cur.left, cur.uint("Both", 2), cur.left) == (2, 0x0203, 0)


@given(st.lists(st.integers(0, 3000), max_size=20))
@settings(deadline=None)
def test_any_sizes_of_fields_give_the_bytes_in_their_order(sizes: list[int]) -> None:
    data = bytes(at * 7 % 251 for at in range(3 * WINDOW))
    cur = stand(data)
    taken = [cur.take("Part", min(size, cur.left)) for size in sizes]
    assert b"".join(taken) == data[: cur.at]
    assert cur.at == min(sum(sizes), len(data))


def test_bytes_that_the_capture_lacks_are_noted_on_the_fields_they_belong_to() -> None:
    cur = Cursor(Bytes(bytes(8), missing=((3, 5),)), 0, 8, Node("", "Root"))
    for name in ("One", "Two", "Three", "Four"):
        cur.uint(name, 2)
    assert collect_notes(cur.node) == [("two", "stream-gap"), ("three", "stream-gap")]


@pytest.mark.parametrize(
    ("size", "body", "text"),
    [
        (SHOWN_BYTES, 0, "ab" * SHOWN_BYTES),
        (SHOWN_BYTES + 1, 0, "ab" * SHOWN_BYTES + "\u2026"),
        (SHOWN_BYTES + 1, 1, "ab" * SHOWN_BYTES),
        (0, 0, ""),
    ],
)
def test_of_many_bytes_only_the_first_are_shown(size: int, body: int, text: str) -> None:
    node = Node("key", "Name", Span(Buffer(b"\xab" * size), 0, size))
    node.body, node.load = body, load_bytes
    assert node.text == text


@pytest.mark.parametrize(
    ("name", "key"), [("Called  AE Title", "called-ae-title"), ("SCP/SCU Role", "scp-scu-role"), ("PDU", "pdu")]
)
def test_a_key_is_the_name_in_lower_case_with_hyphens(name: str, key: str) -> None:
    assert make_key(name) == key
