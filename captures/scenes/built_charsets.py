"""An answer with every escape sequence that the character sets of PS3.3 C.12.1.1.2 may be switched with."""

# ruff: noqa: RUF001 - letters of other alphabets look like Latin ones

from pathlib import Path

from captures.talks import associate, connect, release, write
from tests.build import c_find_rq, c_find_rsp, element, message, sequence, text

FIND = "1.2.840.10008.5.1.4.1.2.1.1"
ESCAPE = b"\x1b"

SINGLE: tuple[tuple[str, str, bytes, str], ...] = (
    ("ISO 2022 IR 100", "latin-1", b"-A", "Jérôme"),
    ("ISO 2022 IR 101", "iso8859-2", b"-B", "Łukasz"),
    ("ISO 2022 IR 109", "iso8859-3", b"-C", "Ġorġ"),
    ("ISO 2022 IR 110", "iso8859-4", b"-D", "Jānis"),
    ("ISO 2022 IR 144", "iso8859-5", b"-L", "Иван"),
    ("ISO 2022 IR 127", "iso8859-6", b"-G", "قباني"),
    ("ISO 2022 IR 126", "iso8859-7", b"-F", "Διονυσιος"),
    ("ISO 2022 IR 138", "iso8859-8", b"-H", "שרון"),
    ("ISO 2022 IR 148", "iso8859-9", b"-M", "Işıl"),
    ("ISO 2022 IR 166", "tis-620", b"-T", "ชื่อ"),
    ("ISO 2022 IR 203", "iso8859-15", b"-b", "Œuvre 5 €"),
    ("ISO 2022 IR 13", "shift-jis", b")I", "ﾔﾏﾀﾞ"),
    ("ISO 2022 IR 149", "euc-kr", b"$)C", "김희중"),
    ("ISO 2022 IR 58", "gb2312", b"$)A", "张小东"),
)
"""Sets that are called into the upper half (G1): defined term, codec, escape sequence, a name."""

DOUBLE: tuple[tuple[str, bytes, bytes, str], ...] = (
    ("ISO 2022 IR 87", b"$B", "山田".encode("iso2022-jp")[3:-3], "山田"),
    ("ISO 2022 IR 159", b"$(D", "丂".encode("euc-jp")[1:], "丂"),
)
"""Sets that are called into the lower half (G0): defined term, escape sequence, bytes but for the upper bit, a name."""


def spell(codec: str, sequence_: bytes, name: str) -> bytes:
    """Encode a name after the escape sequence of its set."""
    return ESCAPE + sequence_ + name.encode(codec)


def make_answer() -> bytes:
    """Encode an identifier with a value in each set, a name in several, and items in sets of their own."""
    terms = "\\".join(["", *(term for term, *_ in SINGLE), *(term for term, *_ in DOUBLE)])
    lower = [ESCAPE + escape + bytes(byte & 0x7F for byte in name) + ESCAPE + b"(B" for _, escape, name, _ in DOUBLE]
    values = [spell(codec, escape, name) for _, codec, escape, name in SINGLE] + lower
    name = b"Yamada^Tarou=" + lower[0] + b"^" + lower[1] + b"=" + values[11] + b"^" + ESCAPE + b"(J~" + ESCAPE + b"(B"
    own = text(0x00080005, "CS", "ISO_IR 192") + text(0x00081030, "LO", "Größe 山", encoding="utf-8")
    inherited = pad(0x00081030, "LO", values[0] + b" and " + values[4])
    return b"".join(
        (
            text(0x00080005, "CS", terms),
            text(0x00080052, "CS", "PATIENT"),
            sequence(0x00081110, [own, inherited]),
            pad(0x00100010, "PN", name),
            pad(0x00101001, "PN", b"\\".join(values)),
            pad(0x00104000, "LT", b"\r\n".join(values)),
        )
    )


def pad(tag: int, vr: str, value: bytes) -> bytes:
    """Encode a data element of text that is encoded already."""
    return element(tag, vr, value + b" " * (len(value) % 2))


def answer_in_all(pcap: Path) -> None:
    """Answer a query with every escape sequence there is, and with items in character sets of their own."""
    talk = associate(connect(), FIND)
    talk.request(*message(1, c_find_rq(1, FIND), text(0x00080052, "CS", "PATIENT") + text(0x00100010, "PN", "*")))
    talk.answer(*message(1, c_find_rsp(1, FIND, 0xFF00, True), make_answer()))
    talk.answer(*message(1, c_find_rsp(1, FIND, 0x0000, False)))
    write(pcap, release(talk))


SCENES = {"built-charset-escapes": answer_in_all}
