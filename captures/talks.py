"""Exchanges that no peer sends, built with the encoders of tests/build.py: many connections in one capture file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from tests.build import (
    IMPLICIT,
    Talk,
    associate_ac,
    associate_rq,
    command_set,
    implementation_class,
    implementation_version,
    maximum_length,
    message,
    pcap,
    user_information,
)

MODALITY, ARCHIVE, WORKSTATION = "10.0.0.1", "10.0.0.2", "10.0.0.3"
SECOND = 10**9  # nanoseconds


class Titles(TypedDict):
    """The AE titles of an association."""

    calling: str
    called: str


TITLES = Titles(calling="MODALITY", called="ARCHIVE")

Command = Mapping[int, bytes | int | str]


def connect(number: int = 0, requestor: str = MODALITY, acceptor: str = ARCHIVE) -> Talk:
    """Open a connection of its own port, which starts a second after the one before."""
    start = 1_709_201_700 * SECOND + number * SECOND  # 2024-02-29, 10:15:00 UTC
    return Talk((requestor, 50000 + number), (acceptor, 104), start=start, isn=(1000 + number, 5000 + number)).open()


def write(path: Path, *talks: Talk) -> None:
    """Write the frames of all connections, in order of time."""
    path.write_bytes(pcap(sorted((frame for talk in talks for frame in talk.frames), key=lambda frame: frame.time_ns)))


def inform(*sub_items: bytes) -> bytes:
    """Encode the user information that all have, and more sub-items after it."""
    usual = maximum_length(16384), implementation_class("2.25.104"), implementation_version("BUILT_1")
    return user_information(*usual, *sub_items)


def propose(abstract_syntaxes: Sequence[str], *sub_items: bytes, titles: Titles = TITLES) -> bytes:
    """Encode an A-ASSOCIATE-RQ of a context an abstract syntax, numbered 1, 3, 5, in Implicit VR Little Endian."""
    contexts = [(2 * number + 1, uid, (IMPLICIT,)) for number, uid in enumerate(abstract_syntaxes)]
    return associate_rq(contexts, user=inform(*sub_items), **titles)


def agree(count: int, *sub_items: bytes, titles: Titles = TITLES) -> bytes:
    """Encode an A-ASSOCIATE-AC that accepts contexts 1, 3, 5, as many as are told."""
    results = [(2 * number + 1, 0, IMPLICIT) for number in range(count)]
    return associate_ac(results, user=inform(*sub_items), **titles)


def associate(talk: Talk, *abstract_syntaxes: str, titles: Titles = TITLES) -> Talk:
    """Request and accept an association for abstract syntaxes, all of them in Implicit VR Little Endian."""
    request, accept = propose(abstract_syntaxes, titles=titles), agree(len(abstract_syntaxes), titles=titles)
    return talk.request(request).answer(accept)


def release(talk: Talk) -> Talk:
    """Release an association and close its connection."""
    return talk.release()


def encode(context_id: int, fields: Command, data: bytes | None = None) -> list[bytes]:
    """Encode the PDUs of a message, its command elements in the order of their tags."""
    return message(context_id, command_set(dict(sorted(fields.items()))), data)
