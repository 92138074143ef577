"""Exchanges to be compared: what is stored and asked for in words, captures of it out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dissect.config import Config
from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference
from dissect.diff.loading import compare_files
from dissect.differing import DiffSettings
from tests import build

Elements = Mapping[int, tuple[str, str | bytes]]
"""VR and value by tag."""

FIND = build.PATIENT_ROOT_FIND
MATCHES = ("Adams^Ann", "Baker^Bob", "Clark^Cat")


@dataclass(frozen=True)
class Image:
    """An instance to be stored, and what is answered."""

    number: int
    study: str = "2.25.10"
    series: str = "2.25.20"
    instance: str = ""
    more: Elements = field(default_factory=dict)
    status: int = 0
    wait: int = 0
    """The nanoseconds until it is answered."""

    @property
    def uid(self) -> str:
        """Give its SOP Instance UID."""
        return self.instance or f"2.25.30{self.number}"

    def encode(self, syntax: str = build.IMPLICIT) -> bytes:
        """Encode its data set."""
        elements: dict[int, tuple[str, str | bytes]] = {
            0x00080016: ("UI", build.CT_IMAGE_STORAGE),
            0x00080018: ("UI", self.uid),
            0x00080020: ("DA", "20240229"),
            0x00080060: ("CS", "CT"),
            0x00100010: ("PN", "Doe^Jane"),
            0x0020000D: ("UI", self.study),
            0x0020000E: ("UI", self.series),
            0x00200013: ("IS", str(self.number)),
            0x7FE00010: ("OW", bytes([self.number % 256]) * 600),
        }
        return encode(elements | dict(self.more), syntax)


def encode(elements: Elements, syntax: str = build.IMPLICIT) -> bytes:
    """Encode a data set, its elements in ascending order."""
    found = []
    for tag, (vr, value) in sorted(elements.items()):
        if isinstance(value, str):
            found.append(build.text(tag, vr, value, syntax=syntax))
        else:
            found.append(build.element(tag, vr, value, syntax=syntax))
    return b"".join(found)


def store(
    images: Iterable[Image], *, syntax: str = build.IMPLICIT, pdv_size: int = 16378, talk: build.Talk | None = None
) -> build.Talk:
    """Make an association that stores instances."""
    talk = (talk or build.Talk()).open()
    talk.request(build.associate_rq([(1, build.CT_IMAGE_STORAGE, [syntax])])).answer(
        build.associate_ac([(1, 0, syntax)])
    )
    for place, image in enumerate(images, 1):
        command = build.c_store_rq(place, build.CT_IMAGE_STORAGE, image.uid)
        talk.request(*build.message(1, command, image.encode(syntax), pdv_size=pdv_size)).wait(image.wait)
        answer = build.c_store_rsp(place, build.CT_IMAGE_STORAGE, image.uid, image.status)
        talk.answer(*build.message(1, answer))
    return talk.release()


def find(
    names: Sequence[str] = MATCHES,
    *,
    message_id: int = 1,
    change: Callable[[Elements], Elements] = dict,
    talk: build.Talk | None = None,
) -> build.Talk:
    """Make an association that asks for patients; `change` makes something else of each match."""
    talk = (talk or build.Talk()).open()
    talk.request(build.associate_rq([(1, FIND, [build.IMPLICIT])])).answer(build.associate_ac())
    query = encode({0x00080052: ("CS", "PATIENT"), 0x00100010: ("PN", "*")})
    talk.request(*build.message(1, build.c_find_rq(message_id, FIND), query))
    for place, name in enumerate(names):
        match = change({0x00080052: ("CS", "PATIENT"), 0x00100010: ("PN", name), 0x00100020: ("LO", f"P{place}")})
        talk.answer(*build.message(1, build.c_find_rsp(message_id, FIND, 0xFF00, True), encode(match)))
    talk.answer(*build.message(1, build.c_find_rsp(message_id, FIND, 0x0000, False)))
    return talk.release()


def write(folder: Path, *talks: build.Talk | Iterable[build.Talk]) -> list[str]:
    """Write a capture of each, and give their names."""
    names = []
    for place, each in enumerate(talks):
        parts = [each] if isinstance(each, build.Talk) else list(each)
        path = folder / f"{place}.pcap"
        path.write_bytes(build.pcap(sorted(frame for talk in parts for frame in talk.frames)))
        names.append(str(path))
    return names


def compare(
    folder: Path, old: build.Talk | Iterable[build.Talk], new: build.Talk | Iterable[build.Talk],
    settings: DiffSettings | None = None,
) -> Comparison:  # fmt: skip
    """Compare two exchanges."""
    names = write(folder, old, new)
    return compare_files(names[0], names[1], settings or DiffSettings(), Config())


def tell(found: Difference) -> tuple[str, str, str, str | None, str | None]:
    """Give of a difference what tests ask for: its kind, its class, its path, what was, and what is."""
    return found.change, found.weight, found.path, found.old, found.new


def list_told(comparison: Comparison) -> list[tuple[str, str, str, str | None, str | None]]:
    """Give that of all differences but notes."""
    return [tell(found) for found in comparison if found.weight != "note"]
