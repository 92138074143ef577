"""A UID or an AE title, in: what is wrong with its form, out (PS3.5 6.2, 9.1)."""

import re

UID_FORM = r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*"
"""A UID of any length (PS3.5 9.1)."""
UID, PADDED_UID = re.compile(UID_FORM), re.compile(rb"%b\0?" % UID_FORM.encode())
"""One without padding, and one with it; whether a NUL is due is a matter of the length, which is noted elsewhere."""
TITLE_CHARACTER = rb"[ -\[\]-~]"
"""The default repertoire without backslash and control characters (PS3.5 6.2)."""
AE_TITLE = re.compile(rb"%b*" % TITLE_CHARACTER)
LONGEST_UID, LONGEST_TITLE = 64, 16

LONGEST_QUOTE = 64
"""So many characters of a text are quoted."""


def find_fault(uid: str) -> str:
    """Tell what is wrong with the form of a UID without padding, '' for nothing (PS3.5 9.1)."""
    if not uid:
        return "it is empty"
    if len(uid) > LONGEST_UID:
        return f"it has {len(uid)} characters, more than {LONGEST_UID}"
    if UID.fullmatch(uid):
        return ""
    if set(uid) - set("0123456789."):
        return "it has a character that is neither a digit nor a dot"
    return "a component is empty" if "" in uid.split(".") else "a component has a leading zero"


def is_padded_uid(value: bytes) -> bool:
    """Tell whether the value of a command element is a UID, with one NUL at most behind it."""
    return len(value) <= LONGEST_UID and PADDED_UID.fullmatch(value) is not None


def explain_uid(value: bytes) -> str:
    """Say why the value of a command element is no UID."""
    fault = find_fault(value.rstrip(b"\0 ").decode("latin-1"))
    if fault:
        return fault
    if len(value) > LONGEST_UID:
        return f"it has {len(value)} bytes with its padding, more than {LONGEST_UID}"
    return "it is padded with a space" if b" " in value else "it is padded with more than one NUL"


def explain_title(value: bytes) -> str:
    """Say why the value of a command element is no AE title, '' where it is one."""
    if not value.strip(b" "):
        return "it is blank"
    if len(value) > LONGEST_TITLE:
        return f"it has {len(value)} bytes, more than {LONGEST_TITLE}"
    if AE_TITLE.fullmatch(value):
        return ""
    padded = AE_TITLE.fullmatch(value.rstrip(b"\0"))
    return "it is padded with NUL, not with spaces" if padded else "it has a character that is not allowed"


def quote(text: str) -> str:
    """Give a text as a sentence quotes it: cut where it is long."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}\u2026"
