"""Tags, UIDs and raw values, in: names, value representations and text, out.

The tables are those of pydicom. They are read from its modules without importing the package, which costs ten times
as much; a pydicom that keeps them elsewhere is imported and asked.
"""

import importlib
import importlib.util
import struct
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from dissect.node import Value
from dissect.text import decode


class Entry(NamedTuple):
    """What the data dictionary says of a tag (PS3.6, PS3.7 Annex E)."""

    vr: str
    name: str
    retired: bool


RawEntry = tuple[str, str, str, str, str]
"""VR, multiplicity, name, `Retired` or '', keyword: an entry of pydicom's dictionary."""

UNKNOWN = Entry("UN", "(unknown)", False)
PRIVATE = Entry("UN", "Private Tag", False)
PRIVATE_CREATOR = Entry("LO", "Private Tag", False)
PRIVATE_GROUP_LENGTH = Entry("UL", "Private Tag Group Length", False)
GROUP_LENGTH = Entry("UL", "Group Length", False)
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
STRUCTURE = {
    ITEM: Entry("", "Item", False),
    ITEM_END: Entry("", "Item Delimitation Item", False),
    SEQUENCE_END: Entry("", "Sequence Delimitation Item", False),
}


@cache
def load_table(module: str) -> ModuleType:
    """Load one of pydicom's table modules by its file, without the package around it."""
    package = importlib.util.find_spec("pydicom")
    places = (package.submodule_search_locations or []) if package else []
    path = next((found for place in places if (found := Path(place, f"{module}.py")).exists()), None)
    spec = importlib.util.spec_from_file_location(f"dissect._{module}", path) if path else None
    if spec is None or spec.loader is None:
        return importlib.import_module(f"pydicom.{module}")
    table = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(table)
    return table


@lru_cache(maxsize=8192)
def look_up(tag: int) -> Entry:
    """Find a tag in the data dictionary: exactly, as a private one, or as one of a repeating group."""
    if tag in STRUCTURE:
        return STRUCTURE[tag]
    found = load_table("_dicom_dict").DicomDictionary.get(tag)
    group, element = tag >> 16, tag & 0xFFFF
    if not found and group & 1:
        if element == 0:
            return PRIVATE_GROUP_LENGTH
        return PRIVATE_CREATOR if 0x10 <= element <= 0xFF else PRIVATE
    found = found or look_up_repeating(tag)
    if found:
        vr, _, name, retired, _ = found
        return Entry(vr, name, bool(retired))
    return GROUP_LENGTH if element == 0 else UNKNOWN


@lru_cache(maxsize=8192)
def look_up_private(tag: int, creator: str) -> Entry:
    """Find a private element in the dictionary of its creator; one with a name has it in brackets, as pydicom does."""
    known: dict[str, tuple[str, str, str, str]] = load_table("_private_dict").private_dictionaries.get(creator, {})
    group, element = tag >> 16, tag & 0xFF
    found = known.get(f"{group:04x}xx{element:02x}") or known.get(f"{group:04X}xx{element:02X}")
    if found is None or len(found[0]) != 2:
        return look_up(tag)
    vr, _, name, retired = found
    return Entry(vr, PRIVATE.name if name == "Unknown" else f"[{name}]", bool(retired))


def add_private(dictionaries: Mapping[str, Mapping[str, tuple[str, str]]]) -> None:
    """Add VR and name of private elements by creator and `ggggxxee` to what pydicom knows; those count first."""
    if not dictionaries:
        return
    table = load_table("_private_dict").private_dictionaries
    for creator, entries in dictionaries.items():
        known = table[creator] = dict(table.get(creator, {}))
        for tag, (vr, name) in entries.items():
            known[tag] = (vr, "1", name, "")
    look_up_private.cache_clear()


def look_up_repeating(tag: int) -> RawEntry | None:
    """Find a tag among those with wild digits, such as (60xx,3000)."""
    found = (entries.get(tag & mask) for mask, entries in index_repeating().items())
    return next(filter(None, found), None)


@cache
def index_repeating() -> dict[int, dict[int, RawEntry]]:
    """Give the tags with wild digits by which of their digits count."""
    index: dict[int, dict[int, RawEntry]] = {}
    for digits, entry in load_table("_dicom_dict").RepeatersDictionary.items():
        mask = int("".join("0" if digit == "x" else "f" for digit in digits), 16)
        index.setdefault(mask, {})[int(digits.replace("x", "0"), 16)] = entry
    return index


@cache
def index_keywords() -> dict[str, str]:
    """Give the eight digits of each tag by its keyword, x for a wild one."""
    tables = load_table("_dicom_dict")
    keywords = {entry[4]: digits.lower() for digits, entry in tables.RepeatersDictionary.items()}
    keywords |= {entry[4]: f"{tag:08x}" for tag, entry in tables.DicomDictionary.items()}
    keywords.pop("", None)  # a few retired elements have none
    return keywords


def find_keyword(keyword: str) -> str | None:
    """Find the eight digits of a tag by its keyword (PS3.6); x stands for a wild one, as in `60xx3000`."""
    return index_keywords().get(keyword)


def read_tag(text: str) -> int:
    """Read a tag that is written as `(gggg,eeee)`."""
    return int(text[1:5] + text[6:10], 16)


def tell_keyword(tag: int) -> str:
    """Give the keyword of a tag, or ''."""
    entry = load_table("_dicom_dict").DicomDictionary.get(tag) or look_up_repeating(tag)
    return entry[4] if entry else ""


NEWER_UIDS = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}
"""Transfer syntaxes of PS3.6 Annex A that pydicom's table does not have yet."""


def name_uid(uid: str) -> str:
    """Give a registered UID's name as PS3.6 Annex A has it, or ''."""
    return index_names().get(uid, "")


@cache
def index_names() -> dict[str, str]:
    """Give the name of each registered UID."""
    names = dict(NEWER_UIDS)
    for uid, entry in load_table("_uid_dict").UID_dictionary.items():
        name, _, info, retired, _ = map(str, entry)
        names[uid] = name + (f": {info}" if info else "") + (" (Retired)" if retired else "")
    return names


@cache
def index_uids() -> dict[str, str]:
    """Give each registered UID by its name and by its keyword, in small letters."""
    found = {name.casefold(): uid for uid, name in NEWER_UIDS.items()}
    for uid, entry in load_table("_uid_dict").UID_dictionary.items():
        found[str(entry[4]).casefold()] = uid
        found[name_uid(uid).casefold()] = uid
    found.pop("", None)  # a few retired ones have no name or no keyword
    return found


def call_uid(uid: str) -> str:
    """Give a UID's name, or the UID where it has none."""
    return name_uid(uid) or uid


def label_uid(uid: str) -> str:
    """Give a UID's name with the UID in brackets, or the UID where it has none."""
    name = name_uid(uid)
    return f"{name} ({uid})" if name else uid


TEXT = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT"))
NUMBERS = {
    "FD": "d", "FL": "f", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q",
}  # fmt: skip
BULK = frozenset(("OB", "OD", "OF", "OL", "OV", "OW"))
LONG = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
"""Value representations whose length field has 32 bits in Explicit VR (PS3.5 7.1.2)."""
SIZES = {"AT": 4} | {vr: struct.calcsize(f"={code}") for vr, code in NUMBERS.items()}
"""Bytes of one value of those VRs whose values all have the same size."""
TEXT_OF_CHARSET = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
"""Value representations to which the Specific Character Set applies (PS3.5 6.1.2.2)."""
PRINTABLE = bytes([9, 10, 13, *range(0x20, 0x7F)])
"""The bytes of ASCII that are text: tab, line feed, carriage return, and what is seen."""
KNOWN = TEXT | set(NUMBERS) | BULK | {"AT", "SQ", "UI", "UN"}


def convert(vr: str, data: bytes, order: str = "<") -> tuple[Value, str]:
    """Turn a raw value into a number, text, bytes or a list, and into the text that a person reads.

    Parameters
    ----------
    vr
        The value representation.
    data
        The bytes of the value field, padding included.
    order
        `<` for little endian, `>` for big endian.

    Returns
    -------
    tuple
        The value and its text. Bulk data and what is not of its VR's size stays bytes.

    """
    if not data:
        return None, "<Empty>"
    if vr in TEXT or (vr == "UN" and is_text(data)):
        text = decode(data.removesuffix(b"\0"))
        return text, text
    if vr == "UI":
        uid = decode(data.removesuffix(b"\0"))
        name = name_uid(uid)
        return uid, f"{uid} ({name})" if name else uid
    if vr in NUMBERS:
        return convert_numbers(NUMBERS[vr], data, order)
    if vr == "AT" and len(data) % 4 == 0:
        tags = struct.unpack(f"{order}{len(data) // 2}H", data)
        values: list[Value] = [tags[at] << 16 | tags[at + 1] for at in range(0, len(tags), 2)]
        shown = "".join(f"({value >> 16:04x},{value & 0xFFFF:04x})" for value in values if isinstance(value, int))
        return values if len(values) > 1 else values[0], shown
    return data, "(binary)"


def name_tags(value: Value) -> str:
    """Give the names of the elements whose tags an AT value holds."""
    tags = value if isinstance(value, list) else [value]
    return ", ".join(look_up(tag).name for tag in tags if isinstance(tag, int))


def convert_numbers(code: str, data: bytes, order: str) -> tuple[Value, str]:
    """Unpack one or more numbers; their text has them parted by backslashes, as PS3.5 6.4 parts text."""
    size = struct.calcsize(f"={code}")
    if len(data) % size:
        return data, "(binary)"
    values = list(struct.unpack(f"{order}{len(data) // size}{code}", data))
    shown = "\\".join(show_real(value, code) if code in "fd" else str(value) for value in values)
    return values if len(values) > 1 else values[0], shown


def show_real(value: float, code: str) -> str:
    """Give a real number six decimals as Wireshark does, but all its digits where six would lose some."""
    shown = f"{value:f}"
    exact = struct.pack(code, float(shown)) == struct.pack(code, value) if value == value else True
    return shown if exact else f"{value:.9g}" if code == "f" else repr(value)


def is_text(data: bytes) -> bool:
    """Tell whether bytes of unknown kind are printable ASCII, perhaps with a NUL at the end."""
    return not data.removesuffix(b"\0").translate(None, PRINTABLE)
