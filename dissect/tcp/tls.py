"""The bytes of a stream that is TLS, in: what they say in clear, version and server name, out (RFC 8446)."""

import re
from collections.abc import Iterator

from dissect.text import decode

RECORD_HEADER = 5
"""Content type, version and length of a record (RFC 8446 5.1)."""

LONGEST_RECORD = (1 << 14) + 2048
"""RFC 5246 6.2.3."""

SEARCHED = 1 << 16
"""How many bytes are searched for records, where a capture begins within one: more than the longest three."""

ALERT, HANDSHAKE = 21, 22
CONTENT_TYPES = (b"\x14", b"\x15", b"\x16", b"\x17")
"""Change cipher spec, alert, handshake, application data."""
CLIENT_HELLO, SERVER_HELLO = 1, 2
"""Handshake types (RFC 8446 4)."""
SERVER_NAME, SUPPORTED_VERSIONS = 0, 43
"""Extensions (RFC 6066 3, RFC 8446 4.2.1)."""

RECORD_LIKE = re.compile(rb"(?=[\x14-\x17]\x03[\x00-\x04])")

VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}

ALERTS = {
    0: "close notify", 10: "unexpected message", 20: "bad record MAC", 22: "record overflow", 40: "handshake failure",
    42: "bad certificate", 43: "unsupported certificate", 44: "certificate revoked", 45: "certificate expired",
    46: "certificate unknown", 47: "illegal parameter", 48: "unknown CA", 49: "access denied", 50: "decode error",
    51: "decrypt error", 70: "protocol version", 71: "insufficient security", 80: "internal error",
    86: "inappropriate fallback", 90: "user canceled", 109: "missing extension", 110: "unsupported extension",
    112: "unrecognized name", 113: "bad certificate status response", 115: "unknown PSK identity",
    116: "certificate required", 120: "no application protocol",
}  # fmt: skip
"""RFC 8446 6."""


def is_record(start: bytes, *, final: bool) -> bool | None:
    """Tell whether bytes begin with a record's header; None where more are needed, and `final` is not set."""
    if not (start[:1] in CONTENT_TYPES and start[1:2] in (b"\x03", b"") and start[2:3] <= b"\x04"):
        return False
    if len(start) < RECORD_HEADER:
        return len(start) > 2 if final else None
    return 0 < int.from_bytes(start[3:5], "big") <= LONGEST_RECORD


def has_records(data: bytes, *, final: bool) -> bool | None:
    """Tell whether somewhere in the bytes a record is followed by another; None where more bytes may tell."""
    unsure = False
    for match in RECORD_LIKE.finditer(data):
        stop = match.start() + RECORD_HEADER + int.from_bytes(data[match.start() + 3 : match.start() + 5], "big")
        if is_record(data[match.start() : match.start() + RECORD_HEADER], final=False) is False:
            continue
        if stop + RECORD_HEADER > len(data):
            unsure = True
        elif is_record(data[stop : stop + RECORD_HEADER], final=False):
            return True
    return None if not final and (unsure or len(data) < LONGEST_RECORD + 2 * RECORD_HEADER) else False


def pull_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give content type and contents of the records in clear at the start of a stream, the last perhaps cut."""
    at = 0
    while at + RECORD_HEADER <= len(data) and data[at] in (ALERT, HANDSHAKE):
        stop = at + RECORD_HEADER + int.from_bytes(data[at + 3 : at + 5], "big")
        yield data[at], data[at + RECORD_HEADER : stop]
        at = stop


def pull_hello(data: bytes, kind: int) -> bytes:
    """Give the body of the hello message of one kind that a stream begins with, b'' where it begins with another."""
    shaken = b"".join(contents for content, contents in pull_records(data) if content == HANDSHAKE)
    return shaken[4 : 4 + int.from_bytes(shaken[1:4], "big")] if shaken[:1] == bytes([kind]) else b""


def pull_extensions(hello: bytes, kind: int) -> dict[int, bytes]:
    """Give the extensions of a hello message (RFC 8446 4.1.2, 4.1.3)."""
    at = 35 + int.from_bytes(hello[34:35], "big")
    if kind == CLIENT_HELLO:
        at += 2 + int.from_bytes(hello[at : at + 2], "big")
        at += 1 + int.from_bytes(hello[at : at + 1], "big")
    else:
        at += 3
    found: dict[int, bytes] = {}
    at += 2
    while at + 4 <= len(hello):
        stop = at + 4 + int.from_bytes(hello[at + 2 : at + 4], "big")
        found.setdefault(int.from_bytes(hello[at : at + 2], "big"), hello[at + 4 : stop])
        at = stop
    return found


def find_server_name(data: bytes) -> str:
    """Give the server name that a client asks for (RFC 6066 3), '' where it names none."""
    names = pull_extensions(pull_hello(data, CLIENT_HELLO), CLIENT_HELLO).get(SERVER_NAME, b"")
    return decode(names[5 : 5 + int.from_bytes(names[3:5], "big")])


def find_version(data: bytes) -> str:
    """Give the version that a server chose, '' where the bytes are not a server's hello."""
    hello = pull_hello(data, SERVER_HELLO)
    chosen = pull_extensions(hello, SERVER_HELLO).get(SUPPORTED_VERSIONS, hello[:2])
    version = int.from_bytes(chosen[:2], "big")
    return VERSIONS.get(version, f"TLS {version:04X}H") if hello else ""


def find_alert(data: bytes) -> str:
    """Give the alert in clear that a side sent (RFC 8446 6), '' where it sent none."""
    said = [contents for content, contents in pull_records(data) if content == ALERT and len(contents) == 2]
    return ALERTS.get(said[0][1], f"alert {said[0][1]}") if said else ""
