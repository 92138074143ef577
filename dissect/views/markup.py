"""Text, in: the same as it may stand in a test report in XML, or in a command of a GitHub workflow, out."""

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import PurePath
from xml.sax.saxutils import escape as escape_xml
from xml.sax.saxutils import quoteattr

from dissect.text import escape

ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"}
"""What GitHub wants written otherwise: in a message the first three, in a property all."""

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no room for (2.2)."""


def quote(text: str) -> str:
    """Write a text as the value of an attribute."""
    return quoteattr(clean(escape(text)))


def clean(text: str) -> str:
    """Leave out what XML has no room for."""
    return NO_XML.sub("\ufffd", text)


def tell_lines(lines: Iterable[str]) -> str:
    """Write lines as the text of an XML element."""
    return escape_xml(clean("\n".join(map(escape, lines))))


def name_stem(name: str) -> str:
    """Give the name of a capture without folder and ending, as the classes of its test cases begin."""
    return PurePath(name).name.partition(".")[0] if name != "-" else "standard-input"


def make_command(name: str, title: str, message: str) -> str:
    """Make a command that ends where its line does."""
    return f"::{name} title={escape_command(title, ':,')}::{escape_command(message)}\n"


def escape_command(text: str, more: str = "") -> str:
    """Write a text so that it ends no command and begins none."""
    return "".join(ESCAPES[each] if each in f"%\r\n{more}" else each for each in escape(text))


def shield(blocks: Iterable[str]) -> Iterator[str]:
    """Give blocks of text so that GitHub takes none of their lines for a command.

    It obeys a line that begins with `::`, and one with `##[` anywhere in it, until it is told to stop, by a word that
    nothing in the text can say, for it is made of all of it.
    """
    text = "".join(blocks)
    token = sha256(text.encode(errors="backslashreplace")).hexdigest()
    yield f"::stop-commands::{token}\n{text}"
    yield f"::{token}::\n" if text.endswith("\n") or not text else f"\n::{token}::\n"
