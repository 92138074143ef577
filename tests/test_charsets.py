"""Text in every character set, as pydicom decodes it and as Python's codecs encode it."""

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import charset
from pydicom.charset import convert_encodings, decode_bytes, encode_string
from pydicom.valuerep import TEXT_VR_DELIMS, PersonName

from dissect.dicom.charsets import decode_text, split_terms

ESC = b"\x1b"
SINGLE = {
    "ISO_IR 100": ("latin-1", b"-A"),
    "ISO_IR 101": ("iso8859-2", b"-B"),
    "ISO_IR 109": ("iso8859-3", b"-C"),
    "ISO_IR 110": ("iso8859-4", b"-D"),
    "ISO_IR 144": ("iso8859-5", b"-L"),
    "ISO_IR 127": ("iso8859-6", b"-G"),
    "ISO_IR 126": ("iso8859-7", b"-F"),
    "ISO_IR 138": ("iso8859-8", b"-H"),
    "ISO_IR 148": ("iso8859-9", b"-M"),
    "ISO_IR 203": ("iso8859-15", b"-b"),
    "ISO_IR 166": ("tis-620", b"-T"),
}
"""Single-byte character sets: defined term, Python's codec, escape sequence (PS3.3 Tables C.12-2 and C.12-3)."""

DOUBLE = {
    "ISO 2022 IR 87": ("iso2022_jp", b"$B", 0x00),
    "ISO 2022 IR 159": ("iso2022_jp_2", b"$(D", 0x00),
    "ISO 2022 IR 149": ("euc_kr", b"$)C", 0x80),
    "ISO 2022 IR 58": ("gb2312", b"$)A", 0x80),
}
"""Double-byte character sets: term, codec, escape sequence, upper bit of the bytes (PS3.3 Table C.12-4)."""

ALONE = {"ISO_IR 192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
"""Character sets that stand alone (PS3.3 Table C.12-5)."""

EXTENDED = {term.replace("ISO_IR", "ISO 2022 IR"): (codec, escape) for term, (codec, escape) in SINGLE.items()}
ESCAPES = [ESC + escape for _, escape in SINGLE.values()] + [ESC + escape for _, escape, _ in DOUBLE.values()]
ESCAPES += [ESC + b"(B", ESC + b"(J", ESC + b")I"]
TERMS = ["", "ISO_IR 6", "ISO_IR 13", *SINGLE, "ISO 2022 IR 6", "ISO 2022 IR 13", *EXTENDED, *DOUBLE, *ALONE, "?"]
VRS = ["LO", "LT", "PN", "SH", "ST", "UC", "UT"]
CODECS = [*(codec for codec, _ in SINGLE.values()), "shift_jis", "euc_kr", "gb2312", *ALONE.values(), "ascii"]
PREFIXES = {"iso2022_jp": ESC + b"$B", "iso2022_jp_2": ESC + b"$(D"}
"""What Python wants in front of a character of a set that it reads by its escape sequence."""


def teach_charsets(patch: pytest.MonkeyPatch) -> None:
    """Let pydicom know what it does not yet: Latin-9, and that Python leaves the escape sequence of ISO IR 58 in."""
    for term in ("ISO_IR 203", "ISO 2022 IR 203"):
        patch.setitem(charset.python_encoding, term, "iso8859_15")
    patch.setitem(charset.CODES_TO_ENCODINGS, ESC + b"-b", "iso8859_15")
    patch.setitem(charset.ENCODINGS_TO_CODES, "iso8859_15", ESC + b"-b")
    patch.setitem(charset.ENCODINGS_TO_CODES, "ascii", ESC + b"(B")
    patch.setattr(charset, "handled_encodings", ("iso2022_jp", "iso2022_jp_2"))


@contextmanager
def taught() -> Iterator[pytest.MonkeyPatch]:
    """Let pydicom know all character sets."""
    with pytest.MonkeyPatch.context() as patch:
        teach_charsets(patch)
        yield patch


def ask_pydicom(data: bytes, terms: Sequence[str], vr: str = "LO") -> str:
    """Let pydicom decode one value; a warning is an error."""
    with taught():
        encodings = convert_encodings(list(terms))
        if vr == "PN":
            return str(PersonName(data, encodings).decode())
        return decode_bytes(data, encodings, TEXT_VR_DELIMS)


def is_legal(data: bytes, codec: str) -> bool:
    """Tell whether a codec gives bytes a meaning."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def list_legal(codec: str, bits: int) -> list[bytes]:
    """Give the characters of a double-byte set of 94 by 94, each with its upper bits."""
    prefix = PREFIXES.get(codec, b"")
    pairs = [bytes((row, cell)) for row in range(0x21, 0x7F) for cell in range(0x21, 0x7F)]
    return [raised for pair in pairs if is_legal(prefix + (raised := bytes(byte | bits for byte in pair)), codec)]


# Every byte and every character


@pytest.mark.parametrize(("term", "codec"), [(term, codec) for term, (codec, _) in SINGLE.items()])
@pytest.mark.parametrize("extended", [False, True])
def test_every_byte_of_a_single_byte_set_is_decoded_as_pydicom_does(term: str, codec: str, extended: bool) -> None:
    terms = (term.replace("ISO_IR", "ISO 2022 IR"),) if extended else (term,)
    legal = [bytes([byte]) for byte in range(0x100) if is_legal(bytes([byte]), codec) and byte != 0x1B]
    assert len(legal) > 180
    assert [decode_text(byte, terms, "LO") for byte in legal] == [ask_pydicom(byte, terms) for byte in legal]
    whole = b"".join(legal)
    assert decode_text(whole, terms, "LT") == ask_pydicom(whole, terms) == whole.decode(codec)


@pytest.mark.parametrize("term", ["", "ISO_IR 6", "ISO 2022 IR 6", "ISO_IR 13", "ISO 2022 IR 13"])
def test_every_byte_of_the_default_set_and_of_katakana_is_decoded_as_pydicom_does(term: str) -> None:
    legal = [bytes([byte]) for byte in range(0x80) if byte != 0x1B]
    legal += [bytes([byte]) for byte in range(0xA1, 0xE0) if term.endswith("13")]
    assert [decode_text(byte, (term,), "LO") for byte in legal] == [ask_pydicom(byte, (term,)) for byte in legal]


@pytest.mark.parametrize(("term", "codec", "escape"), [(term, *rest) for term, rest in EXTENDED.items()])
def test_every_byte_behind_an_escape_sequence_is_decoded_as_pydicom_does(term: str, codec: str, escape: bytes) -> None:
    legal = [bytes([byte]) for byte in range(0xA0, 0x100) if is_legal(bytes([byte]), codec)]
    values = [b"A" + ESC + escape + byte + b"B" + byte for byte in legal]
    for terms in (("", term), ("ISO 2022 IR 6", term), ("ISO 2022 IR 100", "ISO 2022 IR 87", term)):
        assert [decode_text(value, terms, "LO") for value in values] == [ask_pydicom(value, terms) for value in values]


@pytest.mark.parametrize(("term", "codec", "escape", "bits"), [(term, *rest) for term, rest in DOUBLE.items()])
def test_every_character_of_a_double_byte_set_is_decoded_as_pydicom_does(
    term: str, codec: str, escape: bytes, bits: int
) -> None:
    legal = list_legal(codec, bits)
    assert len(legal) > 6000
    text = b"".join(legal)
    value = b"A" + ESC + escape + text + ESC + b"(BB"
    assert decode_text(value, ("", term), "LT") == ask_pydicom(value, ("", term))
    values = [ESC + escape + legal[at] for at in range(0, len(legal), 7)]
    with taught():
        encodings = convert_encodings(["", term])
        wanted = [decode_bytes(value, encodings, TEXT_VR_DELIMS) for value in values]
    assert [decode_text(value, ("", term), "LO") for value in values] == wanted


@pytest.mark.parametrize("term", ["ISO 2022 IR 149", "ISO 2022 IR 58"])
def test_korean_and_chinese_stand_beside_ascii_without_an_escape_sequence_between(term: str) -> None:
    codec, escape, _ = DOUBLE[term]
    value = ESC + escape + "中 A 文".encode(codec)
    assert decode_text(value, ("", term), "LO") == ask_pydicom(value, ("", term)) == "中 A 文"


@pytest.mark.parametrize(("term", "codec"), ALONE.items())
def test_a_set_that_stands_alone_is_decoded_as_pydicom_does(term: str, codec: str) -> None:
    characters = "".join(chr(code) for code in range(0x20, 0xFFFF) if not 0xD800 <= code < 0xE000)
    value = characters.encode(codec, "ignore")
    assert decode_text(value, (term,), "LT") == ask_pydicom(value, (term,)) == value.decode(codec)
    if term != "GBK":
        assert decode_text("𠀀".encode(codec), (term,), "LT") == "𠀀"


@pytest.mark.parametrize(("term", "codec"), ALONE.items())
def test_a_set_that_stands_alone_is_in_force_whatever_terms_follow(term: str, codec: str) -> None:
    assert decode_text("山田\\本".encode(codec), (term, "ISO 2022 IR 87"), "LO") == "山田\\本"


# Names and values

NAMES: list[tuple[tuple[str, ...], bytes]] = [
    (("", "ISO 2022 IR 87"), b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"),
    (("ISO 2022 IR 13", "ISO 2022 IR 87"), b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\xd4"),
    (("", "ISO 2022 IR 149"), b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6"),
    (("", "ISO 2022 IR 58"), b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab="),
    (("", "ISO 2022 IR 144", "ISO 2022 IR 126"), b"\x1b-L\xbb\xee^\x1b-F\xc4\xe9=\x1b-F\xc4\xe9^A"),
    (("ISO 2022 IR 100", "ISO 2022 IR 144"), b"\xe9^\x1b-L\xb8\xd2^\xe9=\xe9^\x1b-L\xb8=\xfc"),
    (("ISO_IR 100",), b"Buc^J\xe9r\xf4me"),
    (("ISO_IR 144",), b"\xbb\xee\xda\x63\x65^\xb8\xd2"),
    (("ISO_IR 166",), b"\xaa\xd7\xe8\xcd="),
    (("ISO_IR 192",), "Wang^XiaoDong=王^小東=".encode()),
    (("GB18030",), "Wang^XiaoDong=王^小东=𠀀".encode("gb18030")),
    (("GBK",), "Wang^XiaoDong=王^誠診=".encode("gbk")),
]  # fmt: skip
"""Names in three component groups (PS3.5 Annexes H, I, J and K)."""


@pytest.mark.parametrize(("terms", "name"), NAMES, ids=lambda each: "-".join(each) if isinstance(each, tuple) else "")
def test_the_component_groups_of_a_name_are_decoded_as_pydicom_does(terms: tuple[str, ...], name: bytes) -> None:
    assert decode_text(name, terms, "PN").rstrip("=") == ask_pydicom(name, terms, "PN").rstrip("=")


@pytest.mark.parametrize(("terms", "name"), NAMES, ids=lambda each: "-".join(each) if isinstance(each, tuple) else "")
@pytest.mark.parametrize("vr", ["LO", "PN"])
def test_each_of_several_values_begins_in_the_first_set(terms: tuple[str, ...], name: bytes, vr: str) -> None:
    value = name.split(b"^")[0] if vr == "LO" else name
    assert decode_text(b"\\".join([value] * 3), terms, vr) == "\\".join([decode_text(value, terms, vr)] * 3)


@pytest.mark.parametrize("delimiter", [b"\r", b"\n", b"\f", b"\t", b"\r\n"])
@pytest.mark.parametrize("vr", VRS)
def test_a_control_character_brings_the_first_set_back(delimiter: bytes, vr: str) -> None:
    terms = ("ISO 2022 IR 100", "ISO 2022 IR 144")
    value = b"\xe9" + ESC + b"-L\xb8" + delimiter + b"\xe9"
    assert decode_text(value, terms, vr) == ask_pydicom(value, terms) == "éИ" + delimiter.decode() + "é"


@pytest.mark.parametrize(
    ("vr", "delimiters"),
    [("PN", b"^=\\"), ("LO", b"\\"), ("SH", b"\\"), ("UC", b"\\"), ("LT", b""), ("ST", b""), ("UT", b"")],
)
def test_only_the_delimiters_of_the_vr_bring_the_first_set_back(vr: str, delimiters: bytes) -> None:
    for byte in b"^=\\/":
        value = ESC + b"-L\xb8" + bytes([byte]) + b"\xe9"
        wanted = "é" if byte in delimiters else "щ"
        assert decode_text(value, ("ISO 2022 IR 100", "ISO 2022 IR 144"), vr) == f"И{chr(byte)}{wanted}"


@pytest.mark.parametrize("text", ["本学", "五出", "党府"])
def test_second_bytes_that_look_like_delimiters_bring_nothing_back(text: str) -> None:
    """Among the bytes of these in JIS X 0208 are 3DH, 5CH and 5EH: the set stays until it is switched."""
    value, terms = text.encode("iso2022_jp"), ("", "ISO 2022 IR 87")
    assert re.search(rb"[=^\\]", value)
    assert decode_text(value, terms, "PN") == decode_text(value, terms, "LO") == ask_pydicom(value, terms) == text


@pytest.mark.parametrize("term", DOUBLE)
def test_a_double_byte_set_named_first_is_switched_to_all_the_same(term: str) -> None:
    """PS3.3 C.12.1.1.2 wants a single-byte set first, or nothing; devices leave the nothing out."""
    codec, escape, bits = DOUBLE[term]
    value = b"A " + ESC + escape + b"".join(list_legal(codec, bits)[600:606]) + ESC + b"(B"
    for terms in ((term,), (term, "ISO 2022 IR 100")):
        assert decode_text(value, terms, "LO") == ask_pydicom(value, terms)


# Terms


@pytest.mark.parametrize("number", [6, 13, 100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 192])
@pytest.mark.parametrize("form", ["ISO_IR {}", "ISO IR {}", "ISO-IR {}"])
def test_a_misspelt_term_is_taken_for_what_pydicom_takes_it(number: int, form: str) -> None:
    check_term(form.format(number), f"ISO_IR {number}")


@pytest.mark.parametrize("number", [6, 13, 58, 87, 100, 101, 109, 110, 126, 127, 138, 144, 148, 149, 159, 166])
@pytest.mark.parametrize("form", ["ISO 2022 IR {}", "ISO_2022_IR_{}", "ISO-2022-IR-{}", "ISO 2022-IR {}"])
def test_a_misspelt_term_with_code_extensions_is_taken_for_what_pydicom_takes_it(number: int, form: str) -> None:
    check_term(form.format(number), f"ISO 2022 IR {number}")


def check_term(written: str, meant: str) -> None:
    """Hold a term to be read as another, as pydicom reads it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Incorrect value for Specific Character Set")
        assert convert_encodings([written]) == convert_encodings([meant])
    assert split_terms(written.encode()) == (meant,)
    assert split_terms(f"\\ {written}\0".encode()) == ("", meant)


# What always holds

TEXT_TERMS = st.lists(st.sampled_from(TERMS), max_size=4).map(tuple)
ANY_TERMS = st.lists(st.sampled_from(TERMS) | st.text(max_size=8), max_size=4).map(tuple)
PIECES = st.lists(st.sampled_from(ESCAPES) | st.binary(max_size=4), max_size=8)
PLAIN = st.binary(max_size=8).map(lambda data: data.translate(None, b"\x1b\\"))
"""Bytes in which nothing looks like an escaped byte, and no escape sequence begins."""


@given(PIECES, ANY_TERMS, st.sampled_from([*VRS, "", "XX"]))
def test_any_bytes_in_any_sets_are_text(pieces: list[bytes], terms: tuple[str, ...], vr: str) -> None:
    text = decode_text(b"".join(pieces), terms, vr)
    assert text.encode().decode() == text


@given(st.lists(st.sampled_from(ESCAPES) | PLAIN, max_size=8), TEXT_TERMS, st.sampled_from(VRS))
def test_no_byte_is_lost(pieces: list[bytes], terms: tuple[str, ...], vr: str) -> None:
    first = terms[0] if terms else ""
    extended = (len(terms) > 1 or first.startswith("ISO 2022")) and first not in (*ALONE, "?")
    kept = b"".join(piece for piece in pieces if not (extended and piece in ESCAPES))
    text = decode_text(b"".join(pieces), terms, vr)
    assert re.fullmatch(b"".join(spell(part) for part in re.findall(r"\\x[0-9a-f]{2}|(?s:.)", text)), kept, re.DOTALL)


def spell(part: str) -> bytes:
    """Give a pattern of all bytes that a character, or an escaped byte, may have been decoded from."""
    if len(part) > 1:
        return re.escape(bytes.fromhex(part[2:]))
    found = {part.encode(codec, "ignore") for codec in CODECS}
    found |= {part.encode("iso2022_jp", "ignore")[3:5], part.encode("iso2022_jp_2", "ignore")[4:6]}
    return b"(?:" + b"|".join(re.escape(each) for each in sorted(found, key=len, reverse=True) if each) + b")"


def list_characters(codec: str) -> list[str]:
    """Give the characters that a codec can write, but for control characters and the backslash."""
    if codec in ALONE.values():
        found = [chr(code) for code in [*range(0xA0, 0xD800), *range(0xE000, 0x10000)] if code != 0xFEFF]
        legal = [character for character in found if character.encode(codec, "ignore")]
    elif codec in PREFIXES or codec in ("euc_kr", "gb2312"):
        bits = 0 if codec in PREFIXES else 0x80
        legal = [(PREFIXES.get(codec, b"") + pair).decode(codec) for pair in list_legal(codec, bits)]
        legal = [character for character in legal if character != "\\"]
    else:
        legal = [character for byte in range(0xA0, 0x100) if (character := bytes([byte]).decode(codec, "ignore"))]
    return [chr(code) for code in range(0x20, 0x7F) if code != 0x5C] + legal


TEXTS = {
    codec: st.text(st.sampled_from(list_characters(codec)), max_size=20)
    for codec in (*(codec for codec in CODECS if codec not in ("ascii", "shift_jis")), *PREFIXES)
}
"""Text that a codec can write."""


@pytest.mark.parametrize(("term", "codec"), [*((term, codec) for term, (codec, _) in SINGLE.items()), *ALONE.items()])
@given(data=st.data())
def test_text_that_a_codec_has_encoded_comes_back(term: str, codec: str, data: st.DataObject) -> None:
    text = data.draw(TEXTS[codec])
    assert decode_text(text.encode(codec), (term,), "LT") == text


UPPER = [*EXTENDED, "ISO 2022 IR 149", "ISO 2022 IR 58"]
LOWER = ["ISO 2022 IR 87", "ISO 2022 IR 159"]
"""Sets that take the place of ASCII: pydicom does not switch back before it switches the upper half."""


@given(st.sampled_from((UPPER, LOWER)).flatmap(lambda terms: st.lists(st.sampled_from(terms), max_size=3)), st.data())
def test_text_that_pydicom_has_encoded_in_several_sets_comes_back(terms: list[str], data: st.DataObject) -> None:
    codecs = [EXTENDED[term][0] if term in EXTENDED else DOUBLE[term][0] for term in terms]
    text = "".join(data.draw(TEXTS[codec]) for codec in codecs)
    with taught() as patch, warnings.catch_warnings(record=True) as complaints:
        patch.setitem(charset.python_encoding, "ISO 2022 IR 6", "ascii")  # not Latin-1, for which pydicom takes it
        value = encode_string(text, convert_encodings(["ISO 2022 IR 6", *terms]))
    if not complaints:
        assert decode_text(value, ("ISO 2022 IR 6", *terms), "LT") == text
