"""The raw value of a data element and its VR, in: what the VR asks for where the value is not like that, out."""

import re
from collections.abc import Callable

from dissect.node import Node
from dissect.rules.forms import TITLE_CHARACTER, UID_FORM

TIME = rb"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
MONTH, DAY = rb"(?:0[1-9]|1[0-2])", rb"(?:0[1-9]|[12]\d|3[01])"
UID = rb"(?![0-9.]{65})%b" % UID_FORM.encode()

ONE = {
    "AE": rb"(?![^\\]{17})%b+" % TITLE_CHARACTER,
    "AS": rb"\d{3}[DWMY]",
    "CS": rb"(?![^\\]{17})[A-Z0-9_ ]+",
    "DA": rb"\d{4}" + MONTH + DAY,
    "DS": rb"(?![^\\]{17})[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?",
    "DT": rb"\d{4}(?:" + MONTH + rb"(?:" + DAY + rb"(?:" + TIME + rb")?)?)?(?:[+-](?:0\d|1[0-4])[0-5]\d)?",
    "IS": rb"(?![^\\]{13})[+-]?\d+",
    "TM": TIME,
    "UI": UID,
}
"""The form of one value by VR (PS3.5 Table 6.2-1)."""

WANTED = {
    "AE": "up to 16 characters of ASCII",
    "AS": "three digits and D, W, M or Y",
    "CS": "up to 16 capitals, digits, spaces and underscores",
    "DA": "YYYYMMDD",
    "DS": "a decimal number of up to 16 characters",
    "DT": "YYYYMMDDHHMMSS.FFFFFF&ZZXX",
    "IS": "a whole number of up to 12 characters",
    "TM": "HHMMSS.FFFFFF",
    "UI": "numbers without leading zeros joined by dots, up to 64 characters, padded with one NUL",
}

LIMITS = {"LO": 64, "PN": 64, "SH": 16}
"""How many characters a value may have; of a name, each of its groups (PS3.5 Table 6.2-1)."""

LEADING = frozenset(("DA", "DT", "TM"))
"""VRs whose values may not begin with a space."""

CONTROL = re.compile(rb"[\x00-\x1a\x1c-\x1f\x7f]")
"""Control characters but ESC, which switches between character sets."""

GROUPS, COMPONENTS = 3, 5
"""How many groups a name may have, and how many components each of them (PS3.5 6.2.1)."""

Check = Callable[[bytes, Node], str]


def make_check(vr: str) -> Check:
    """Make what checks values of a VR whose form a regular expression tells; values may be several, or empty."""
    one = ONE[vr]
    match = re.compile(rb"(?:%b)?(?:\\(?:%b)?)*" % (one, one)).fullmatch
    wanted = WANTED[vr]

    def check(data: bytes, node: Node) -> str:
        value = data.rstrip(b"\0 ")
        if match(value) is not None:
            return ""
        # Spaces around each of several values are rare, and so they are looked at only now.
        parts = value.split(b"\\")
        parts = [part.rstrip(b" ") if vr in LEADING else part.strip(b" ") for part in parts]
        return "" if all(match(part) for part in parts) else wanted

    return check


def check_uid(data: bytes, node: Node) -> str:
    """Check UIDs, which are padded with one NUL, and with nothing else (PS3.5 6.2)."""
    return "" if UIDS(data) is not None else WANTED["UI"]


UIDS = re.compile(rb"(?:%b)?(?:\\(?:%b)?)*\0?" % (UID, UID)).fullmatch


def check_text(data: bytes, node: Node) -> str:
    """Check text that the Specific Character Set applies to: control characters, and how long it is."""
    value = data.rstrip(b"\0 ")
    if CONTROL.search(value) is not None:
        return "no control characters"
    limit = LIMITS[node.vr]
    if len(value) <= limit and (node.vr != "PN" or (b"=" not in value and value.count(b"^") < COMPONENTS)):
        return ""
    # A byte is at most one character, but only the character set tells how many there are.
    text = value.decode("ascii") if value.isascii() and b"\x1b" not in value else str(node.value)
    if "\\x" in text or "\x1b" in text:
        return ""
    parts = text.split("\\")
    if node.vr == "PN":
        return check_names(parts)
    return f"up to {limit} characters" if any(len(part.strip()) > limit for part in parts) else ""


def check_names(names: list[str]) -> str:
    """Check person names: up to three groups of five components and 64 characters (PS3.5 6.2.1)."""
    groups = [group for name in names for group in name.split("=")]
    if any(name.count("=") >= GROUPS for name in names) or any(group.count("^") >= COMPONENTS for group in groups):
        return "up to three groups of five components"
    long = any(len(group.strip()) > LIMITS["PN"] for group in groups)
    return "up to 64 characters in each group" if long else ""


CHECKS: dict[str, Check] = {
    **{vr: make_check(vr) for vr in ONE if vr != "UI"},
    **dict.fromkeys(LIMITS, check_text),
    "UI": check_uid,
}
"""What checks the values of a VR: '' for one that has its form, else what is wanted."""
