"""The bytes of a command set, in: its values for the message, and a node for each element, out (PS3.7 6.3.1)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from dissect.dicom.dimse import Message, Pdv
from dissect.dicom.elements import walk_elements
from dissect.dicom.encodings import Encoding, find_lost
from dissect.dicom.statuses import name_status
from dissect.dicom.terms import COMMAND_FIELD, COMMANDS
from dissect.dicom.values import SIZES, look_up
from dissect.node import Node
from dissect.notes import note

LONGEST_COMMAND = 1 << 20
"""A command set is not read further: the largest legal one, with its lists of tags, has a few thousand bytes."""

ELEMENT = struct.Struct("<HHI")
"""Group, element and length (PS3.5 7.1.3)."""


def read_command(message: Message, pdv: Pdv) -> None:
    """Read the raw values of a complete command set: Implicit VR Little Endian, always (PS3.7 6.3.1)."""
    fragment, command = pdv.fragment, message.command
    if len(command.pdvs) == 1 and command.torn is None and not pdv.pdu.stream.gaps:
        size, whole = len(fragment), True
        data = pdv.pdu.stream.read(fragment.start, min(fragment.stop, fragment.start + LONGEST_COMMAND))
    else:
        source = command.join()
        lost = find_lost(source, command.torn)
        size, whole = source.size, lost is None
        data = bytes(source.read(0, min(size, LONGEST_COMMAND, size if lost is None else lost)))
    message.fields, message.numbers, message.doubtful, at = pull_fields(data)
    if whole and at != len(data):
        pdv.notes.append(note("command-syntax", fragment))
    elif whole and at == size:
        message.raw = data
    message.name = COMMANDS.get(message.number_at(COMMAND_FIELD) or 0, "")


@lru_cache(maxsize=256)
def pull_fields(data: bytes) -> tuple[Mapping[int, bytes], Mapping[int, int], bool, int]:
    """Read the elements of a command set as far as they can be: most responses of an exchange are the same bytes.

    Returns
    -------
    tuple
        The raw values by element number, those of US or UL as numbers, whether a length is not one that its VR allows,
        and where the reading ended.

    """
    fields: dict[int, bytes] = {}
    doubtful, at = False, 0
    while at + 8 <= len(data):
        group, element, length = ELEMENT.unpack_from(data, at)
        if group != 0 or at + 8 + length > len(data):
            break
        doubtful |= bool(length % 2 or length % SIZES.get(look_up(element).vr, 1))
        fields.setdefault(element, data[at + 8 : at + 8 + length])
        at += 8 + length
    numbers = {element: int.from_bytes(raw, "little") for element, raw in fields.items() if len(raw) in (2, 4)}
    return fields, numbers, doubtful, at


@dataclass(frozen=True)
class CommandEncoding(Encoding):
    """How a command set is written, and what its codes mean."""

    command: str = ""
    """The name of its message, and the SOP class: they tell what a status means."""
    sop_class: str = ""

    def load(self, node: Node) -> None:
        """Give a command element's node its value and text."""
        super().load(node)
        if not isinstance(node.value, int):
            return
        if node.tag == "(0000,0100)":
            node.meaning = COMMANDS.get(node.value, "")
            node.text = node.meaning or f"Unknown (0x{node.value:04x})"
        elif node.tag == "(0000,0900)":
            node.meaning = name_status(node.value, self.command, self.sop_class)
            node.text = f"{node.meaning} (0x{node.value:02x})"


COMMAND_ENCODING = CommandEncoding(explicit=False)


def decode_command(message: Message, parent: Node) -> list[Node]:
    """Hang the command elements of a complete command set under a node."""
    source = message.command.join()
    encoding = replace(COMMAND_ENCODING, command=message.name, sop_class=message.sop_class)
    return walk_elements(source, encoding, parent, message.command.torn)
