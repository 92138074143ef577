"""What of a capture is to be written, and where to, in: a name for it, why it cannot be, the command that does it, out.

Which PDUs are meant is a filter always, as on the command line.
"""

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dissect.config import DICOM_PORTS
from dissect.export import STORED_ONLY, Wishes
from dissect.subset import refuse_inputs
from dissect.text import UNSAFE
from dissect.tui.scopes import Scope
from dissect.tui.state import State

ENDING = re.compile(r"(\.(pcapng|pcap|cap|dmp))?(\.gz)?$", re.IGNORECASE)


class Refusal(Exception):
    """What cannot be written: one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is written: the verb of the command line that does it, and its form; how a file's name ends."""

    name: str
    title: str
    verb: str
    form: str
    ending: str
    about: str

    @property
    def masked(self) -> bool:
        """Tell whether it can be written without what identifies patients."""
        return self.verb != "export"


OBJECTS = Kind("objects", "Objects as DICOM files", "export", "", "-objects",
    "the stored objects, byte for byte, a .dcm file each, with a manifest that tells what was incomplete")  # fmt: skip
FRAMES = Kind("frames", "Frames as pcapng", "export", "", ".pcapng",
    "a smaller capture: the PDUs with all segments, their messages, what they answer, the negotiation")  # fmt: skip
TREE = Kind("tree", "Trees as text", "show", "tree", ".txt", "each PDU laid out as Wireshark lays it out")
KINDS = (
    OBJECTS,
    FRAMES,
    TREE,
    Kind("tree-json", "Trees as JSON", "show", "json", ".json", "each PDU with all its fields, one document"),
    Kind("tree-jsonl", "Trees as JSON Lines", "show", "jsonl", ".jsonl", "each PDU with all its fields, one a line"),
    Kind("list", "List as text", "list", "text", "-list.txt", "a line a PDU"),
    Kind("list-csv", "List as CSV", "list", "csv", "-list.csv", "a line a PDU, for a spreadsheet"),
    Kind("list-jsonl", "List as JSON Lines", "list", "jsonl", "-list.jsonl", "a line a PDU, for a program"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: its kind, of which PDUs, where to; besides objects what else; over what is there."""

    kind: Kind
    text: str
    target: Path
    wishes: Wishes = STORED_ONLY
    over: bool = False


def propose(names: Sequence[str], kind: Kind, scope: Scope) -> str:
    """Propose a name after the first capture's, in the current folder, of characters that can be seen."""
    stem = UNSAFE.sub("", ENDING.sub("", os.path.basename(names[0]))) if names[0] != "-" else "capture"
    ending = scope.ending or ("-all" if kind is FRAMES else "")
    return f"{stem or 'capture'}{ending}{kind.ending}"


def check_target(state: State, order: Order) -> None:
    """Raise Refusal, or SubsetError, where nothing can be written there."""
    path = order.target
    if state.private and not order.kind.masked:
        raise Refusal(f"{order.kind.title} cannot be masked: choose a list or trees, or switch the mask off with P")
    if order.kind is OBJECTS:
        if path.exists() and not path.is_dir():
            raise Refusal(f"{path}: a file is there; name a folder")
        return
    if path.is_dir():
        raise Refusal(f"{path}: a folder is there; name a file")
    if path.exists() and not path.is_file():
        raise Refusal(f"{path}: what is there is no file; name another")
    if not path.parent.is_dir():
        raise Refusal(f"{path.parent}: no such folder; make it, or name another")
    refuse_inputs(state.capture, path)


def tell_command(state: State, order: Order) -> str:
    """Give the command line that writes the same bytes."""
    kind, words = order.kind, ["dissect", order.kind.verb]
    if kind.form not in ("", "tree") and (kind.form != "text" or state.columns):
        words += ["-T", kind.form]
    words += [word for name in list_columns(state, kind) for word in ("-e", name)]
    if kind.form in ("tree", "text") and state.time_form != "r":
        words += ["-t", state.time_form]
    chosen = {"--commands": order.wishes.commands, "--json": order.wishes.json, "--raw": order.wishes.raw}
    words += [word for word, wanted in chosen.items() if wanted and kind is OBJECTS]
    words += ["-Y", order.text] if order.text else []
    ports = sorted(state.config.ports - DICOM_PORTS)
    words += [word for port in ports for word in ("-d", f"tcp.port=={port},dicom")]
    words += map(make_argument, state.names)
    target = make_argument(str(order.target))
    if kind.verb == "export":
        return shlex.join([*words, "--to" if kind is OBJECTS else "-w", target])
    return f"{shlex.join(words)} > {shlex.quote(target)}"


def make_argument(name: str) -> str:
    """Write a file's name so that it is not taken for an option."""
    return f"./{name}" if name.startswith("-") and name != "-" else name


def list_columns(state: State, kind: Kind) -> list[str]:
    """Give the fields that a list is to have, [] for its own; in lines of text and CSV these stand alone."""
    names = [column.name for column in state.columns]
    if kind.verb != "list" or not names or state.private:
        return []  # a column's values are not masked
    return names if kind.form == "jsonl" or "pdu" in names else ["pdu", *names]
