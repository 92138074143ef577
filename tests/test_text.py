import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.text import decode, escape

EVERY_CHARACTER = "".join(map(chr, range(0x110000)))
REORDERING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))


def is_dangerous(character: str) -> bool:
    """Tell whether Unicode has a character for a control, a surrogate, an end of line or a change of direction."""
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(character) in REORDERING


def test_no_character_gets_through_that_commands_a_terminal_or_reorders_text() -> None:
    assert [hex(ord(character)) for character in set(escape(EVERY_CHARACTER)) if is_dangerous(character)] == []


def test_every_letter_mark_number_and_symbol_gets_through() -> None:
    visible = "".join(each for each in EVERY_CHARACTER if unicodedata.category(each)[0] in "LMNPS")
    assert escape(visible) == visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\a\b\f\n\r\t\v", r"\a\b\f\n\r\t\v"),
        ("\x1b[31mred\x1b[0m", r"\033[31mred\033[0m"),
        ("\x00\x7f", r"\000\177"),
        ("\x9b31m", r"\u009b31m"),
        ("a\u202eb\u2066c", r"a\u202eb\u2066c"),
        ("a\u2028b\ufeff", r"a\u2028b\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        (r"a\b 'c' \"d\"", r"a\b 'c' \"d\""),
        ("Müller^Åsa=山田^太郎=やまだ^たろう", "Müller^Åsa=山田^太郎=やまだ^たろう"),
        ("", ""),
    ],
)
def test_unsafe_text_is_escaped_as_in_wireshark_and_other_text_is_left_alone(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text(st.characters()))
@settings(deadline=None)
def test_escaping_twice_changes_no_more_than_escaping_once(text: str) -> None:
    assert escape(escape(text)) == escape(text)


@given(st.text(st.characters()))
@settings(deadline=None)
def test_escaped_text_can_be_encoded_and_has_one_line(text: str) -> None:
    assert len(escape(text).encode("utf-8").decode("utf-8").splitlines()) <= 1


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=None)
def test_utf_8_is_decoded(text: str) -> None:
    assert decode(text.encode("utf-8")) == text


@pytest.mark.parametrize(("data", "text"), [(b"M\xfcller", "M\ufffdller"), (b"\xed\xa0\x80", "\ufffd" * 3), (b"", "")])
def test_what_is_not_utf_8_becomes_a_replacement_character(data: bytes, text: str) -> None:
    assert decode(data) == text
