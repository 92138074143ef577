"""The folders that Python imports from, in: what other packages of the import name `dissect` mean for us, out."""

import os
import re
import sys
from collections.abc import Sequence

HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""The folder that holds our package."""

METADATA = re.compile(r"dissect[._-](\w+)-[^-]+\.(?:dist|egg)-info")
"""How a folder is called that an installer leaves beside such a package."""

REMEDY = "keep dicom-dissect in an environment of its own, as `pipx install dicom-dissect` does"
HIDDEN = "Fox-IT's packages have our import name, dissect, and Python cannot import them beside this program"
BESIDE = "Fox-IT's packages have our import name, dissect, and are found only while they lie in our folder"
SHOWN = 3
"""How many packages are named."""


def warn() -> None:
    """Tell on standard error, in one line, of Fox-IT's packages where they are installed as well."""
    if line := explain(sys.path):
        print(f"dissect: {line}", file=sys.stderr)


def explain(folders: Sequence[str]) -> str:
    """Say what the strangers in these folders are, what comes of it and what to do; '' where there are none.

    Theirs is a namespace package, ours a regular one. Python imports the regular one, wherever the two stand on its
    path, and then finds of theirs only what lies in the same folder.
    """
    beside: list[str] = []
    hidden: list[str] = []
    for folder in dict.fromkeys(folders):
        if names := list_strangers(folder):
            (beside if os.path.realpath(folder) == os.path.realpath(HOME) else hidden).extend(names)
    if hidden:
        return f"{join_names(hidden)}: {HIDDEN}; {REMEDY}"
    return f"{join_names(beside)}: {BESIDE}; {REMEDY}" if beside else ""


def list_strangers(folder: str) -> list[str]:
    """Return the names of the packages in a folder that put their modules into `dissect`, too, but are none of ours."""
    package = os.path.join(folder, "dissect")
    if not os.path.isdir(package):
        return []
    try:
        entries = sorted(os.listdir(folder or os.curdir))
    except OSError:
        return []
    names = [found[1] for found in map(METADATA.fullmatch, entries) if found]
    return [f"dissect.{name}" for name in names if os.path.exists(os.path.join(package, name))]


def join_names(names: Sequence[str]) -> str:
    """Join the first names, and count the rest."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
