"""Text from a capture, in: text that is safe on a terminal, in a file and on a page, out."""

import re

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Control characters, what reorders or hides text, and lone surrogates."""

SHORT = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def escape(text: str) -> str:
    r"""Replace each unsafe character: `\n` and its like by C's escapes, other ASCII in octal, the rest as `\u....`."""
    return text if text.isascii() and text.isprintable() else UNSAFE.sub(_escape_one, text)


def _escape_one(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x80:
        return SHORT.get(match[0]) or f"\\{code:03o}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def decode(data: bytes) -> str:
    """Decode text whose character set nobody named: UTF-8, with U+FFFD for what is not."""
    return str(data, "utf-8", "replace")
