"""A rule of what is not compared, in: the user's configuration file with it, out; comments and layout as they were."""

import os
from pathlib import Path
from typing import Any

from dissect.config import VARIABLE, ConfigError, find_config
from dissect.shelf import replace_file

TABLE, LIST = "diff", "ignore"
WIDEST = 100
"""A list that would be written on a longer line gets a line a rule."""


class RulingError(Exception):
    """A rule that cannot be written: one sentence that says where and why."""


def find_place(named: Path | None = None) -> Path:
    """Give the file that rules are written to: the one that is named, or the user's own, there or not.

    Raises
    ------
    RulingError
        Where there is to be none.

    """
    if named is not None:
        return named
    try:
        found = find_config()
    except ConfigError as error:
        raise RulingError(str(error)) from error
    if found is not None:
        return found
    if os.environ.get(VARIABLE) is not None:
        raise RulingError(f"{VARIABLE} says that there is no settings file")
    from platformdirs import user_config_path  # noqa: PLC0415 (only where there is no file yet)

    return user_config_path("dissect", appauthor=False) / "config.toml"


def add_rule(path: Path, rule: str) -> bool:
    """Add a rule to the list of those that are ignored, and tell whether it was not there before.

    Raises
    ------
    RulingError
        Where the file cannot be read or written, or holds something else in the place of that list.

    """
    try:
        before = path.read_bytes() if path.exists() else b""
        text = insert_rule(before.decode(), rule)
        if text is None:
            return False
        replace_file(path, text.encode())
    except OSError as error:
        raise RulingError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise RulingError(f"{path}: {error}") from error
    return True


def insert_rule(text: str, rule: str) -> str | None:
    """Add a rule to the text of a configuration file, None where it is there; raise ValueError where that cannot be."""
    import tomlkit  # noqa: PLC0415 (only where something is written)
    from tomlkit.items import Array  # noqa: PLC0415

    document = tomlkit.parse(text)
    table: Any = document.get(TABLE)
    if table is None:
        table = tomlkit.table()
        table.add(LIST, tomlkit.array())
        if document.as_string().strip():
            document.add(tomlkit.nl())
        document.add(TABLE, table)
        table = document[TABLE]
    if not isinstance(table, dict):
        raise ValueError(f"{TABLE} is not a table")
    rules: Any = table.setdefault(LIST, tomlkit.array())
    if not isinstance(rules, Array):
        raise ValueError(f"{TABLE}.{LIST} is not a list")
    if rule in rules:
        return None
    rules.append(rule)
    if len(rules.as_string()) > WIDEST and "\n" not in rules.as_string():
        rules.multiline(True)
    return tomlkit.dumps(document)
