"""Bytes of text and the Specific Character Set they are in, in: text, out (PS3.5 6.1, PS3.3 C.12.1.1.2)."""

import re

from dissect.text import decode

ALONE = {
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
"""Multi-byte character sets without code extensions (PS3.3 Table C.12-5)."""

SINGLE = {
    "": "ascii",
    "ISO_IR 6": "ascii",
    "ISO_IR 100": "iso8859-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 203": "iso8859-15",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "iso8859-11",
}
"""Single-byte character sets (PS3.3 Table C.12-2); with code extensions their terms begin with `ISO 2022 IR`."""

DOUBLE = {
    "ISO 2022 IR 87": "ascii",
    "ISO 2022 IR 159": "ascii",
    "ISO 2022 IR 149": "euc_kr",
    "ISO 2022 IR 58": "gb2312",
}
"""What is in force before the first escape sequence where a double-byte set stands first, as it should not."""

UPPER = {
    b"-A": "iso8859-1",
    b"-B": "iso8859-2",
    b"-C": "iso8859-3",
    b"-D": "iso8859-4",
    b"-L": "iso8859-5",
    b"-G": "iso8859-6",
    b"-F": "iso8859-7",
    b"-H": "iso8859-8",
    b"-M": "iso8859-9",
    b"-b": "iso8859-15",
    b"-T": "iso8859-11",
    b")I": "shift_jis",
    b"$)C": "euc_kr",
    b"$)A": "gb2312",
}
"""Escape sequences that say what bytes from 80H on are (G1; PS3.3 Tables C.12-3 and C.12-4)."""

LOWER = {
    b"(B": ("ascii", b""),
    b"(J": ("shift_jis", b""),
    b"$B": ("iso2022_jp", b"\x1b$B"),
    b"$(D": ("iso2022_jp_2", b"\x1b$(D"),
}
"""The same of bytes below 80H (G0), with the escape sequence that the codec wants in front."""

ESCAPE = re.compile(rb"\x1b(\$\)[AC]|\$\(D|\$B|\([BJ]|-[ABCDLGFHMbT]|\)I)")
RUNS = re.compile(rb"[\x80-\xff]+|[\x00-\x7f]+")
DELIMITERS = re.compile(rb"([\r\n\f\t])")
NAME_DELIMITERS = re.compile(rb"([\r\n\f\t^=\\])")
VALUE_DELIMITERS = re.compile(rb"([\r\n\f\t\\])")
"""Bytes at which the character sets of the first value are in force again (PS3.5 6.1.2.5.3)."""

PARAGRAPHS = frozenset(("LT", "ST", "UT"))
"""VRs in which a backslash is a character like others (PS3.5 6.2)."""


def decode_text(data: bytes, terms: tuple[str, ...], vr: str) -> str:
    r"""Decode the value of an element to which the Specific Character Set applies.

    Parameters
    ----------
    data
        The bytes, without padding.
    terms
        The values of (0008,0005); empty where there is none.
    vr
        The element's VR, which tells at which bytes the first character set is in force again.

    Returns
    -------
    str
        The text. A byte that has no meaning in its character set stands as `\xhh`: none is lost.

    """
    if data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    first = terms[0] if terms else ""
    if first in ALONE:
        return data.decode(ALONE[first], "backslashreplace")
    extended = len(terms) > 1 or first.startswith("ISO 2022")
    codec = DOUBLE.get(first) or SINGLE.get(first.replace("ISO 2022 IR ", "ISO_IR "))
    if codec is None or (codec == "ascii" and not extended):
        return decode_unknown(data)
    if not extended:
        return data.decode(codec, "backslashreplace")
    delimiters = NAME_DELIMITERS if vr == "PN" else DELIMITERS if vr in PARAGRAPHS else VALUE_DELIMITERS
    return decode_extended(data, codec, delimiters)


def decode_unknown(data: bytes) -> str:
    """Decode bytes that are not ASCII although no known character set is given: as UTF-8, as far as they are that."""
    return data.decode("utf-8", "backslashreplace")


def decode_extended(data: bytes, codec: str, delimiters: re.Pattern[bytes]) -> str:
    """Decode text with code extensions (ISO/IEC 2022)."""
    initial = (("shift_jis", b"") if codec == "shift_jis" else ("ascii", b""), codec)
    lower, upper = initial
    text = []
    for place, part in enumerate(ESCAPE.split(data)):
        if place % 2:
            lower, upper = LOWER.get(part, lower), UPPER.get(part, upper)
        elif lower[1]:
            text.append(decode_runs(part, lower, upper))  # two bytes a character: none of them is a delimiter
        else:
            for index, piece in enumerate(delimiters.split(part)):
                if index % 2:
                    lower, upper = initial
                text.append(decode_runs(piece, lower, upper))
    return "".join(text)


def decode_runs(data: bytes, lower: tuple[str, bytes], upper: str) -> str:
    """Decode bytes below 80H by one character set, and the others by another."""
    return "".join(
        run.decode(upper, "backslashreplace")
        if run[0] & 0x80
        else (lower[1] + run).decode(lower[0], "backslashreplace")
        for run in RUNS.findall(data)
    )


def split_terms(data: bytes) -> tuple[str, ...]:
    """Split the value of (0008,0005) Specific Character Set into its terms."""
    return tuple(MISSPELT.sub(spell, term.strip(" \0")) for term in decode(data).split("\\"))


def spell(found: re.Match[str]) -> str:
    """Write a term's beginning as the standard does, where a device writes it otherwise."""
    return "ISO 2022 IR " if found[1] else "ISO_IR "


MISSPELT = re.compile(r"^ISO[ _-]?(2022[ _-])?IR[ _-]?(?=\d)")
