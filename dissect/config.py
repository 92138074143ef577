"""A user's configuration file, in: settings, out."""

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from dissect.differing import PROFILES, WEIGHTS, DiffSettings

DICOM_PORTS = frozenset((104, 11112, 2761, 2762))
"""PS3.8 9.1.1, PS3.15 B.1 and B.3: the registered ports, for DICOM itself, over ISCL and over TLS."""

ROLES = ("error", "error-reverse", "error-text", "warning", "secondary", "accent", "muted", "dim", "normal")
"""What a colour is for: no rule names a colour itself."""

ARTIM = 30.0
"""Seconds that implementations are often set to for the ARTIM timer (PS3.8 9.1.5), which is theirs to choose."""

VARIABLE = "DISSECT_CONFIG"
"""The environment variable that names the file; an empty one means none."""

VRS = (
    "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "OB", "OD", "OF", "OL", "OV", "OW", "PN",
    "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI", "UL", "UN", "UR", "US", "UT", "UV",
)  # fmt: skip
"""The value representations (PS3.5 6.2)."""

PRIVATE_TAG = re.compile(r"([0-9A-Fa-f]{3}[13579BDFbdf]),?[xX]{2}([0-9A-Fa-f]{2})")

Found = TypeVar("Found")
Choice = TypeVar("Choice", bound=str)


class ConfigError(Exception):
    """A configuration file that cannot be used: one sentence that says where, why and what to do."""


@dataclass(frozen=True, slots=True)
class ColorRule:
    """What a PDU's line is painted as, if a filter holds for it."""

    name: str
    filter: str
    role: str
    glyph: str = ""
    on: bool = True


COLOR_RULES = (
    ColorRule("broken", "problem.severity == error", "error", "\u2717"),
    ColorRule("abort / reject", "pdu.type in {3, 7}", "error-reverse", "\u25a0"),
    ColorRule("failure status", "dimse.status == failure", "error-text", "\u2717"),
    ColorRule("warning status, problems", "dimse.status == warning or problem.severity == warning", "warning", "!"),
    ColorRule("pending / cancel", "dimse.status in {pending, cancel}", "secondary", "\u2026"),
    ColorRule("association control", "pdu.type in {1, 2}", "accent", "\u25c6"),
    ColorRule("release", "pdu.type in {5, 6}", "muted", "\u25c7"),
    ColorRule("command", "dimse.cmd", "normal"),
    ColorRule("data", "pdu.type == 4", "dim", "\u00b7"),
)
"""The first one whose filter holds counts; a user's own come before these."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a user can set."""

    ports: frozenset[int] = field(default=DICOM_PORTS)
    """TCP ports on which DICOM is taken for granted even where the capture holds no A-ASSOCIATE-RQ."""
    columns: tuple[str, ...] = ()
    """The fields that `list` shows, () for its own."""
    colors: tuple[ColorRule, ...] = COLOR_RULES
    private: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)
    """VR and name of private elements by creator, and by `ggggxxee`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """The keys of the terminal interface by the names of what they do, where they are not its own."""
    theme: str = ""
    """The theme of the terminal interface, '' for its own."""
    clipboard: tuple[str, ...] = ()
    """The command that puts standard input on the clipboard, () to look for one."""
    diff: DiffSettings = field(default_factory=DiffSettings)
    artim: float = ARTIM
    """Seconds in which a peer is to send its A-ASSOCIATE-RQ, or to close the connection (PS3.8 9.1.5)."""
    ignored: tuple[str, ...] = ()
    """The codes of rules that `check` leaves out."""

    def with_ports(self, ports: Iterable[int]) -> "Config":
        """Give the same settings with more ports."""
        return replace(self, ports=self.ports.union(ports))

    def with_artim(self, seconds: float | None) -> "Config":
        """Give the same settings with another ARTIM, if there is one."""
        return self if seconds is None else replace(self, artim=seconds)


def find_config() -> Path | None:
    """Give the configuration file: the one that the environment names, or the platform's place; None for none."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        try:
            return Path(named).expanduser() if named else None
        except RuntimeError as error:
            raise ConfigError(f"{named}: {error}; check {VARIABLE}") from error
    from platformdirs import user_config_path  # noqa: PLC0415 (only where no file is named)

    path = user_config_path("dissect", appauthor=False) / "config.toml"
    return path if path.exists() else None


def load_config(path: Path | None, named_by: str = VARIABLE) -> Config:
    """Read a configuration file; without one, give the defaults. `named_by` is what names it.

    Raises
    ------
    ConfigError
        Where it is not there, is not TOML, or holds what nobody asks for.

    """
    if path is None:
        return Config()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; check {named_by}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML ({error}); see the README for an example") from error
    reader = Reader(path, table)
    config = Config(
        ports=DICOM_PORTS.union(reader.take("ports.dicom", [], check_ports)),
        columns=tuple(reader.take("columns.list", [], check_texts)),
        colors=merge_rules(reader.take("colors", [], check_colors)),
        private=reader.take("private", {}, check_private),
        keys=reader.take("keys", {}, check_keys),
        theme=reader.take("browse.theme", "", check_text),
        clipboard=tuple(reader.take("browse.clipboard", [], check_texts)),
        artim=reader.take("check.artim", ARTIM, check_seconds),
        ignored=tuple(reader.take("check.ignore", [], check_texts)),
        diff=read_diff(reader),
    )
    reader.refuse_rest()
    return config


def read_diff(reader: "Reader") -> DiffSettings:
    """Read the settings of comparisons."""
    return DiffSettings(
        ignore=tuple(reader.take("diff.ignore", [], check_texts)),
        only=tuple(reader.take("diff.only", [], check_texts)),
        ignore_order=reader.take("diff.ignore-order", False, check_flag),
        mask_dates=reader.take("diff.mask-dates", False, check_flag),
        profile=reader.take("diff.profile", PROFILES[0], partial(check_choice, PROFILES)),
        fail_on=reader.take("diff.fail-on", WEIGHTS[1], partial(check_choice, WEIGHTS)),
        pairs=reader.take("diff.pair", (), check_pairs),
        timing=reader.take("diff.timing", 0.0, check_ratio),
        allow_gaps=reader.take("diff.allow-gaps", False, check_flag),
        notes=reader.take("diff.notes", False, check_flag),
    )


class Reader:
    """Takes settings out of a table, and refuses what is left."""

    def __init__(self, path: Path, table: dict[str, Any]) -> None:
        """Start with all of it."""
        self._path = path
        self._table = table
        self._known: list[str] = []

    def take(self, name: str, default: Found, check: Callable[[Any], Found]) -> Found:
        """Take a setting; `check` raises ValueError with what is wanted instead."""
        self._known.append(name)
        *tables, key = name.split(".")
        table: Any = self._table
        for each in tables:
            table = table.get(each, {})
            if not isinstance(table, dict):
                raise ConfigError(f"{self._path}: {each} is not a table")
        if key not in table:
            return default
        try:
            return check(table.pop(key))
        except ValueError as error:
            raise ConfigError(f"{self._path}: {name}: {error}") from error

    def refuse_rest(self) -> None:
        """Refuse settings that nobody took: they are most likely misspelt."""
        for key, value in self._table.items():
            rest = ", ".join(f"{key}.{each}" for each in value) if isinstance(value, dict) else key
            if rest:
                raise ConfigError(f"{self._path}: {rest}: no such setting; there are {', '.join(self._known)}")


def merge_rules(own: list[ColorRule]) -> tuple[ColorRule, ...]:
    """Put a user's rules before the usual ones, of which those of the same names are left out."""
    names = {rule.name for rule in own}
    return (*(rule for rule in own if rule.on), *(rule for rule in COLOR_RULES if rule.name not in names))


def check_ports(found: Any) -> list[int]:
    """Check a list of ports."""
    if not isinstance(found, list) or not all(type(port) is int and 0 < port < 65536 for port in found):
        raise ValueError("wanted is a list of numbers from 1 to 65535")
    return found


def check_texts(found: Any) -> list[str]:
    """Check a list of texts."""
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError("wanted is a list of texts")
    return found


def check_text(found: Any) -> str:
    """Check a text."""
    if not isinstance(found, str):
        raise ValueError("wanted is a text")
    return found


def check_flag(found: Any) -> bool:
    """Check a yes or no."""
    if not isinstance(found, bool):
        raise ValueError("wanted is true or false")
    return found


def check_choice(choices: tuple[Choice, ...], found: Any) -> Choice:
    """Check one of a few words."""
    for choice in choices:
        if found == choice:
            return choice
    raise ValueError(f"wanted is one of {', '.join(choices)}")


def check_ratio(found: Any) -> float:
    """Check a number that times may be multiplied with."""
    if not isinstance(found, int | float) or isinstance(found, bool) or not 1 <= found < float("inf"):
        raise ValueError("wanted is a number from 1")
    return float(found)


def check_seconds(found: Any) -> float:
    """Check a number of seconds."""
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 < found < float("inf"):
        raise ValueError("wanted is a number above 0")
    return float(found)


def parse_pair(text: str) -> tuple[int, int]:
    """Read `N=M`, the numbers of two associations; raise ValueError where it is not of that form."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})=([1-9][0-9]{0,8})", text)
    if match is None:
        raise ValueError(f"{text!r} is not of the form N=M")
    return int(match[1]), int(match[2])


def check_pairs(found: Any) -> tuple[tuple[int, int], ...]:
    """Check a list of pairs of numbers."""
    return tuple(map(parse_pair, check_texts(found)))


def check_keys(found: Any) -> dict[str, str]:
    """Check keys by the names of what they do: a text, with commas between several."""
    if not isinstance(found, dict) or not all(isinstance(keys, str) and keys for keys in found.values()):
        raise ValueError('wanted is a table, name = "key,key"')
    return found


def check_colors(found: Any) -> list[ColorRule]:
    """Check rules of colours."""
    keys = {"name": str, "filter": str, "role": str, "glyph": str, "on": bool}
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise ValueError("a rule is a table, [[colors]]")
    rules = []
    for table in found:
        for key, value in table.items():
            if not isinstance(value, keys.get(key, ())):
                raise ValueError(f"{key} = {value!r}; a rule has name, filter, role, and perhaps glyph and on")
        if lacking := [key for key in ("name", "filter", "role") if key not in table]:
            raise ValueError(f"a rule lacks {', '.join(lacking)}")
        rule = ColorRule(**table)
        if rule.role not in ROLES:
            raise ValueError(f"no role {rule.role}; there are {', '.join(ROLES)}")
        rules.append(rule)
    return rules


def check_private(found: Any) -> dict[str, dict[str, tuple[str, str]]]:
    """Check dictionaries of private elements: a table a creator, `"gggg,xxee" = ["VR", "Name"]`."""
    dictionaries: dict[str, dict[str, tuple[str, str]]] = {}
    if not isinstance(found, dict) or not all(isinstance(entries, dict) for entries in found.values()):
        raise ValueError('a dictionary is a table, [private."CREATOR"]')
    for creator, entries in found.items():
        known = dictionaries[creator] = {}
        for tag, entry in entries.items():
            match = PRIVATE_TAG.fullmatch(tag)
            if match is None:
                raise ValueError(f'{creator}: {tag!r} is not of the form "gggg,xxee" with an odd group')
            if not isinstance(entry, list) or len(entry) != 2 or entry[0] not in VRS or not isinstance(entry[1], str):
                raise ValueError(f'{creator}: {tag}: wanted is ["VR", "Name"]')
            known[f"{match[1]}xx{match[2]}".lower()] = entry[0], entry[1]
    return dictionaries
