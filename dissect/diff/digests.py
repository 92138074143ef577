"""Bytes and long texts, in: a short text that tells whether two are the same, out."""

import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator

from dissect.dicom.values import is_text
from dissect.spans import Source

LARGE = 256
"""A value of more bytes is compared by its length and SHA-256."""

STEP = 1 << 20
"""How many bytes of a large value are read at once."""

BLANK = " \0"

DIGITS = re.compile("[0-9a-f]{2}( [0-9a-f]{2})*")
"""Text that could be taken for what stands for other bytes."""

DIGEST = " bytes, SHA-256 "
"""What stands between the length and the digest of a large value."""


def shorten(text: str) -> str:
    """Give a text, a long one by the length and SHA-256 of its bytes in UTF-8."""
    if len(text) <= LARGE // 4:
        return text
    data = text.encode("utf-8", "surrogatepass")
    return text if len(data) <= LARGE else tell_digest(len(data), hashlib.sha256(data).hexdigest())


def summarize(source: Source, start: int, stop: int, word: int = 1) -> str:
    """Give bytes as text where they are, as hexadecimal digits where they are few, or by length and SHA-256."""
    if stop - start > LARGE:
        return digest_range(source, start, stop, word)
    data = swap(source.read(start, stop), word)
    text = data.decode("ascii").rstrip(BLANK) if data and is_text(data) else ""
    return text if text and not DIGITS.fullmatch(text) else show_bytes(data)


def show_bytes(data: bytes) -> str:
    """Give bytes as hexadecimal digits."""
    return data.hex(" ")


def digest_range(source: Source, start: int, stop: int, word: int = 1) -> str:
    """Give bytes by length and SHA-256; `word` is of how many bytes the words are whose order is to be turned."""
    hashed = hashlib.sha256()
    for piece in read_steps(source, start, stop):
        hashed.update(swap(piece, word) if word > 1 else piece)
    return tell_digest(stop - start, hashed.hexdigest())


def read_steps(source: Source, start: int, stop: int) -> Iterator[bytes | memoryview]:
    """Read a range a piece at a time."""
    for at in range(start, stop, STEP):
        yield source.read(at, min(at + STEP, stop))


def swap(data: bytes | memoryview, word: int) -> bytes:
    """Turn words of a number of bytes from big endian to little endian; a part of one at the end stays."""
    if word == 1:
        return bytes(data)
    code = {2: "H", 4: "I", 8: "Q"}[word]
    whole = len(data) - len(data) % word
    words = array(code, bytes(data[:whole]))
    words.byteswap()
    return words.tobytes() + bytes(data[whole:])


def tell_digest(size: int, digest: str) -> str:
    """Tell of a large value."""
    return f"{size}{DIGEST}{digest}"


def fingerprint(texts: Iterable[str]) -> int:
    """Make a number of 64 bits of texts, the same on every run."""
    data = "\0".join(texts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
