"""Fields by path, of which one can be changed, in: data sets and messages, out.

Whoever encodes a field asks a `Script` for its value, by the path that its node has. The script knows all fields
thereafter, and what is changed in one of them.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests import build

NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
"""What a number of a VR is packed as."""

CLASSES = frozenset((0x00080016, 0x00081150, 0x00000002))
PADDED = frozenset(("AE", "CS", "DS", "IS", "LO", "PN", "SH"))
"""VRs in which blanks before a value mean nothing (PS3.5 6.2)."""


class Leaf(NamedTuple):
    """Something that can be changed."""

    path: str
    """That of its node."""
    aspect: str
    """What of it: its value, of which there are several kinds, its VR, whether it is there, ..."""
    value: Any
    vr: str = ""
    options: tuple[Any, ...] = ()
    """What else it can be, where that is not made up."""


class Script:
    """The fields of an exchange."""

    def __init__(self, changed: Mapping[tuple[str, str], Any] | None = None) -> None:
        """Change what is named by path and aspect."""
        self._changed = changed or {}
        self.leaves: list[Leaf] = []

    def take(self, path: str, aspect: str, value: Any, vr: str = "", options: Sequence[Any] = ()) -> Any:
        """Give the value that stands, or what is put in its place."""
        self.leaves.append(Leaf(path, aspect, value, vr, tuple(options)))
        return self._changed.get((path, aspect), value)

    def choose(self, path: str, aspect: str, value: Any, *options: Any) -> Any:
        """Give what means nothing, and can be something else."""
        return self.take(path, f"masked {aspect}", value, "", options)


# Data sets

Value = str | bytes | tuple[float, ...] | list["Elements"]
Elements = Mapping[int, tuple[str, Value]]


def encode_set(script: Script, path: str, elements: Elements, syntax: str = build.EXPLICIT) -> bytes:
    """Encode the elements below a path."""
    found = b""
    for tag, (vr, value) in elements.items():
        here = f"{path}/{tag >> 16:04x},{tag & 0xFFFF:04x}"
        if script.take(here, "presence", True):
            found += encode_element(script, here, tag, vr, value, syntax)
    return found


def encode_element(script: Script, here: str, tag: int, vr: str, value: Value, syntax: str) -> bytes:
    """Encode an element."""
    if isinstance(value, list):
        items = [
            encode_set(script, f"{here}/item.{number}", item, syntax)
            for number, item in enumerate(value, 1)
            if script.take(f"{here}/item.{number}", "presence", True)
        ]
        return build.sequence(tag, items, syntax=syntax, undefined=script.choose(here, "length", False, True))
    if isinstance(value, bytes):
        return build.element(tag, vr, script.take(here, "bytes", value, vr), syntax=syntax)
    if isinstance(value, tuple):
        numbers = script.take(here, "numbers", value, vr)
        if vr == "AT":
            numbers = tuple(part for number in numbers for part in (number >> 16, number & 0xFFFF))
        return build.element(tag, vr, struct.pack(f"<{len(numbers)}{NUMBERS.get(vr, 'H')}", *numbers), syntax=syntax)
    return build.text(tag, *encode_text(script, here, tag, vr, value), syntax=syntax, encoding="utf-8")


def encode_text(script: Script, here: str, tag: int, vr: str, value: str) -> tuple[str, str]:
    """Give VR and value of an element of text."""
    if vr == "UI" and "\\" in value:
        return vr, script.take(here, "instances", value, vr, ["2.25.31", value + "\\2.25.33"])
    if vr == "UI":
        aspect = "class" if tag in CLASSES else "instance"
        return vr, script.take(here, aspect, value, vr) + script.choose(here, "padding", "", "\0\0")
    if tag == 0x00080005:
        return vr, value
    text = script.take(here, "text", value, vr)
    if text and vr in PADDED:
        text = script.choose(here, "leading blanks", "", "  ") + text
    text += script.choose(here, "padding", "", "  ", "    ") if text else ""
    return script.take(here, "vr", vr, "", [other for other in ("LO", "SH", "ST", "UC") if other != vr]), text


def encode_data(script: Script, path: str, elements: Elements, syntax: str = build.EXPLICIT) -> bytes:
    """Encode a data set, maybe with a group length before it and padding behind it."""
    length = script.choose(path, "group length", None, 8, 4711)
    head = b"" if length is None else build.element(0x00080000, "UL", struct.pack("<I", length), syntax=syntax)
    padding = script.choose(path, "data set padding", b"", bytes(2), bytes(50))
    tail = build.element(0xFFFCFFFC, "OB", padding, syntax=syntax) if padding else b""
    return head + encode_set(script, path, elements, syntax) + tail


def encode_fragments(script: Script, path: str) -> bytes:
    """Encode encapsulated pixel data (PS3.5 A.4) of some fragments."""
    data = script.take(f"{path}/7fe0,0010", "bytes", bytes(range(100)), "OB")
    size = script.choose(path, "fragments of pixel data", 100, 50, 30)
    size += size % 2
    table = script.choose(path, "offset table", b"", bytes(4))
    parts = [table, *(data[at : at + size] for at in range(0, len(data), size))]
    body = b"".join(build.element(build.ITEM, "", part) for part in parts)
    return build.element(0x7FE00010, "OB", body + build.element(build.SEQUENCE_DELIMITATION, "", b""),
                         syntax=build.EXPLICIT, length=build.UNDEFINED)  # fmt: skip


# Command sets

COMMAND_VRS = {
    0x0002: "UI", 0x0100: "US", 0x0110: "US", 0x0120: "US", 0x0700: "US", 0x0800: "US", 0x0900: "US", 0x0901: "AT",
    0x0902: "LO", 0x1000: "UI", 0x1020: "US", 0x1021: "US", 0x1022: "US", 0x1023: "US", 0x1030: "AE", 0x1031: "US",
}  # fmt: skip
FIXED = frozenset((0x0100, 0x0110, 0x0120))
"""What says which command it is, and which request is answered: changed on its own, it is another message."""

NEEDED = FIXED | {0x0800, 0x0900, 0x1031}


def encode_command(script: Script, path: str, fields: Mapping[int, int | str]) -> bytes:
    """Encode a command set."""
    body = b""
    for tag, value in sorted(fields.items()):
        here = f"{path}/0000,{tag:04x}"
        if tag not in NEEDED and not script.take(here, "presence", True):
            continue
        vr = COMMAND_VRS[tag]
        if isinstance(value, str):
            aspect = "class" if tag == 0x0002 else "instance" if vr == "UI" else "text"
            padding = script.choose(here, "padding", "", "\0\0" if vr == "UI" else "  ")
            body += build.text(tag, vr, script.take(here, aspect, value, vr) + padding)
        elif vr == "AT":
            [number] = script.take(here, "numbers", (value,), vr)
            body += build.element(tag, vr, struct.pack("<HH", number >> 16, number & 0xFFFF))
        elif tag in FIXED:
            body += build.element(tag, vr, struct.pack("<H", value))
        else:
            body += build.element(tag, vr, struct.pack("<H", take_number(script, here, tag, value)))
    length = script.choose(path, "group length", len(body), 0)
    return build.element(0, "UL", struct.pack("<I", length)) + body


def take_number(script: Script, here: str, tag: int, value: int) -> int:
    """Take a number of a command set."""
    if tag == 0x1031:
        return int(script.choose(here, "originator", value, value + 1))
    if tag == 0x0900:
        return int(script.take(here, "status", value))
    if tag == 0x0800:
        others = [0x0000, 0x0002, 0xFEFE] if value != build.NO_DATA_SET else []
        return int(script.take(here, "note", value, "US", others)) if others else value
    return int(script.take(here, "numbers", (value,), "US")[0])


# Messages


class Speaker:
    """Sends the messages of an association."""

    def __init__(self, script: Script, association: int, talk: build.Talk) -> None:
        """Begin where no message was sent."""
        self._script = script
        self._path = f"association.{association}"
        self._talk = talk
        self._counts: dict[str, int] = {}

    def send(
        self, name: str, context: int, fields: Mapping[int, int | str], data: Elements | bytes | None = None,
        syntax: str = build.EXPLICIT,
    ) -> None:  # fmt: skip
        """Send a message in a presentation context, given by its ID."""
        self._counts[name] = number = self._counts.get(name, 0) + 1
        path = f"{self._path}/{name}.{number}"
        command = encode_command(self._script, f"{path}/command-set", fields)
        if data is not None and not isinstance(data, bytes):
            data = encode_data(self._script, f"{path}/data-set", data, syntax)
        size = self._script.choose(path, "fragments", 1 << 20, 64, 500)
        pdus = build.message(context, command, data, pdv_size=size)
        if self._script.choose(path, "PDUs", False, True):
            pdus = [build.p_data(*(pdu[6:] for pdu in pdus))]
        (self._talk.request if name.endswith("-rq") else self._talk.answer)(*pdus)
