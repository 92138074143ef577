"""One field is changed, and nothing else: that is what is told, at its path; what means nothing is not told."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dissect.cli import main
from dissect.config import Config
from dissect.dicom.items import MASK
from dissect.diff.comparison import Comparison
from dissect.diff.differences import Difference
from dissect.diff.exchange import Exchange
from dissect.diff.findings import Rules
from dissect.diff.loading import load_exchange
from tests import build
from tests.changing import EXCHANGES
from tests.exchanges import Image, store
from tests.script import NUMBERS, Leaf, Script

SHARES = {"association": 320, "query": 280, "storage": 400}
"""How many changes of each exchange: of all that can be changed, each at least once."""

SWAPPED_EVERY = 10
"""Of so many changes, one is looked at in both directions."""

KINDS = {"added": "removed", "removed": "added"}
Told = tuple[str, str, str]
"""Kind, class and path of a difference."""


def read(data: bytes) -> Exchange:
    """Read the bytes of a capture."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "capture.pcap")
        path.write_bytes(data)
        return load_exchange(str(path), Config())


@cache
def read_plain(name: str) -> tuple[Exchange, list[Leaf]]:
    """Give an exchange in which nothing is changed, and what can be."""
    script = Script()
    return read(EXCHANGES[name](script)), script.leaves


def read_changed(name: str, leaf: Leaf, value: object) -> Exchange:
    """Give an exchange in which one field is changed."""
    return read(EXCHANGES[name](Script({(leaf.path, leaf.aspect): value})))


# How a field is changed

LETTERS = {
    "AE": "ABCDEFXYZ_", "AS": "0123456789", "CS": "ABCDEF_019", "DA": "0123456789", "DS": "123456789",
    "DT": "0123456789", "IS": "123456789", "TM": "0123456789",
}  # fmt: skip


def change_text(text: str, vr: str, random: Random) -> str:
    """Change a character, or put one before or behind a value, or empty it."""
    values = text.split("\\")
    at = random.randrange(len(values))
    old, letters = values[at], LETTERS.get(vr, "abcdefgHIJKL0123")
    letter = random.choice([each for each in letters if each not in (old[:1], old[-1:])])
    ways = [letter + old, old + letter]
    if old:
        place = random.choice([0, len(old) - 1, random.randrange(len(old))])
        ways.append(old[:place] + random.choice([each for each in letters if each != old[place]]) + old[place + 1 :])
    values[at] = random.choice(ways)
    return "\\".join(values) if random.random() < 0.95 or not text else ""


def change_numbers(numbers: tuple[float, ...], vr: str, random: Random) -> tuple[float, ...]:
    """Change a number a little or much, or append one."""
    if vr != "US" and random.random() < 0.1:
        return (*numbers, numbers[0])
    at = random.randrange(len(numbers))
    old = numbers[at]
    if vr == "FD":
        new = random.choice([old + 1, -old, old * (1 + 2**-40)])
    elif vr == "FL":
        new = random.choice([old + 1, -old, old * (1 + 2**-20)])
    elif vr == "AT":
        new = random.choice([0x00100010, 0x00291001, 0xFFFFFFFF])
    else:
        sizes = {"B": 8, "H": 16, "I": 32, "Q": 64}
        code = NUMBERS.get(vr, "H")
        low = 0 if code.isupper() else -(2 ** (sizes[code.upper()] - 1))
        new = random.choice([number for number in (low, old - 1, old + 1, low + 77) if number >= low and number != old])
    return (*numbers[:at], new, *numbers[at + 1 :])


def change_bytes(data: bytes, random: Random) -> bytes:
    """Change a byte, or append two."""
    if random.random() < 0.1:
        return data + b"\1\1"
    at = random.choice([0, len(data) - 1, random.randrange(len(data))])
    return data[:at] + bytes([data[at] ^ 0x81]) + data[at + 1 :]  # none becomes blank that was not


CLASSES = {
    0x0000: "success", 0x0001: "warning", 0x0107: "warning", 0x0110: "failure", 0x0122: "failure", 0xA700: "failure",
    0xA900: "failure", 0xB000: "warning", 0xB007: "warning", 0xC123: "failure", 0xFE00: "cancel", 0xFF00: "pending",
    0xFF01: "pending",
}  # fmt: skip
"""Statuses, and of which class they are (PS3.7 Annex C)."""

UIDS = ("2.25.99", "1.3.6.1.4.1.99", "1.2.840.10008.1.9", "1.2.840.10008.5.1.4.1.1.7")
"""Those of the standard's come last."""


def change(leaf: Leaf, instances: Counter[str], random: Random) -> Any:
    """Give another value for a field."""
    value = leaf.value
    if leaf.options:
        return random.choice(leaf.options)
    match leaf.aspect:
        case "presence":
            return False
        case "text":
            return change_text(value, leaf.vr, random)
        case "numbers":
            return change_numbers(value, leaf.vr, random)
        case "bytes":
            return change_bytes(value, random)
        case "status":
            return random.choice([each for each in CLASSES if each != value])
        case "field":
            return random.choice([each for each in (0, 1, 2, 200) if each != value])
        case "instance":
            others = [each for each in instances if each != value]
            return random.choice([*UIDS[:3], f"2.25.{random.getrandbits(64)}", *others])
        case _:
            return random.choice([each for each in UIDS if each != value])


# What is to be told of it


def expect(leaf: Leaf, new: Any, instances: Counter[str]) -> set[Told]:
    """Give what is to be told."""
    path, aspect, weight = leaf.path, leaf.aspect, weigh(leaf, new)
    if aspect.startswith("masked"):
        return set()
    if aspect == "presence":
        return {("removed", weight, path)}
    if aspect in ("about", "abstract"):  # what an item is about: it is another one
        holder = path.rpartition("/")[0]
        told = {("removed", "break", holder), ("added", "break", holder)}
        return told | ({("changed", "change", USER)} if path.startswith(USED) else set())
    if aspect == "instance" and leaf.value and not new.startswith("1.2.840.10008."):
        renamed = instances[leaf.value] == 1 and new not in instances
        return set() if renamed else {("uid-relation", weight, path)}
    return {("changed", weight, path)}


USED, USER = "association.1/a-associate-rq.1/body/presentation-context.1/abstract", "association.1/c-echo-rq.1"
"""The abstract syntax of the context in which something is said in that exchange, and what is: it is in another one."""

BREAKS = ("role-selection", "extended-negotiation", "common-extended", "a-associate-rj", "a-abort", "user-identity")


def weigh(leaf: Leaf, new: Any) -> str:
    """Give of which class a difference is to be."""
    if leaf.aspect == "note":
        return "note"
    if leaf.aspect == "status" and CLASSES[leaf.value] == CLASSES[new]:
        return "change"
    return "break" if leaf.aspect in ("result", "status") or any(word in leaf.path for word in BREAKS) else "change"


def ends_operation(leaf: Leaf, new: object) -> bool:
    """Tell whether a response is made the last one, so that those after it answer nothing any more."""
    return leaf.aspect == "status" and leaf.value == 0xFF00 and new != 0xFF01


def list_changes(name: str, count: int) -> Iterator[tuple[Leaf, Any]]:
    """Choose changes: all fields in turn, in an order of no meaning."""
    random = Random(f"{name} 104")
    leaves = read_plain(name)[1].copy()
    instances = count_instances(leaves)
    random.shuffle(leaves)
    for leaf in islice(cycle(leaves), count):
        yield leaf, change(leaf, instances, random)


def count_instances(leaves: list[Leaf]) -> Counter[str]:
    """Count where each UID of an instance stands."""
    return Counter(leaf.value for leaf in leaves if leaf.aspect == "instance" and leaf.value)


def tell(found: Difference) -> Told:
    """Give kind, class and path."""
    return found.change, found.weight, found.path


def describe(found: Difference, *, turned: bool = False) -> tuple[object, ...]:
    """Give what a difference is, or what it is with the exchanges in the other order."""
    step = -1 if turned else 1
    sides = [(found.old, found.new), (found.old_place, found.new_place), found.meanings]
    others = sorted(((each.old, each.new)[::step], (each.old_path, each.new_path)[::step])
                    for each in found.contradictions)  # fmt: skip
    kind = KINDS.get(found.change, found.change) if turned else found.change
    return kind, found.weight, *(each[::step] for each in sides), tuple(others)


@pytest.mark.parametrize("name", EXCHANGES)
def test_each_changed_field_is_told_at_its_path_and_nothing_else_is(name: str) -> None:
    old, leaves = read_plain(name)
    instances = count_instances(leaves)
    assert SHARES[name] >= len(leaves)
    wrong = []
    for number, (leaf, value) in enumerate(list_changes(name, SHARES[name])):
        new = read_changed(name, leaf, value)
        found = list(Comparison(old, new, Rules()))
        told, wanted = [tell(each) for each in found], expect(leaf, value, instances)
        right = wanted <= set(told) if ends_operation(leaf, value) else sorted(wanted) == sorted(told)
        says = all(each.old != each.new or each.old == MASK for each in found)
        if number % SWAPPED_EVERY == 0:
            back = [describe(each, turned=True) for each in Comparison(new, old, Rules())]
            right &= sorted(back, key=str) == sorted(map(describe, found), key=str)
        if not (right and says):
            wrong.append((leaf.path, leaf.aspect, leaf.value, value, told))
    assert not wrong, f"{len(wrong)} of {SHARES[name]}"


def end(*pdus: bytes, accept: bytes | None = None) -> Exchange:
    """Read an association that is accepted, or is answered to otherwise, and what its acceptor says then."""
    talk = build.Talk().open().request(build.associate_rq()).answer(accept or build.associate_ac())
    return read(build.pcap(talk.answer(*pdus).close().frames))


@pytest.mark.parametrize(
    ("accept", "pdus", "reason"),
    [
        (build.associate_rj(1, 1, 7), (), "Called AE title not recognized"),
        (None, (build.abort(2, 1),), "Unrecognized PDU"),
    ],
    ids=["reject", "abort"],
)
def test_an_end_that_is_new_is_told_with_its_reason(accept: bytes | None, pdus: tuple[bytes, ...], reason: str) -> None:
    found = [each for each in Comparison(end(), end(*pdus, accept=accept), Rules()) if each.change == "added"]
    assert {each.weight for each in found} == {"break"}
    assert reason.lower() in " ".join(str((each.new, each.meanings)) for each in found).lower()


def test_bytes_are_not_taken_for_the_digits_that_show_them() -> None:
    image = Image(1, more={0x00291001: ("OB", b"\0\1")})
    other = replace(image, more={0x00291001: ("OB", b"00 01 ")})
    old, new = (read(build.pcap(store([each], syntax=build.EXPLICIT).frames)) for each in (image, other))
    [found] = Comparison(old, new, Rules())
    assert found.path == "association.1/c-store-rq.1/data-set/0029,1001"


def test_what_stands_elsewhere_is_told_with_its_frames() -> None:
    images = [Image(number) for number in (1, 2, 3)]
    old, new = (read(build.pcap(store(each).frames)) for each in (images, images[1:] + images[:1]))
    [found] = Comparison(old, new, Rules())
    assert (found.name, found.old, found.new) == ("Order", "#1", "#3")
    assert found.old_place.frames
    assert found.new_place.frames


@pytest.mark.parametrize("name", EXCHANGES)
def test_an_exchange_differs_in_nothing_from_itself(name: str) -> None:
    old, _ = read_plain(name)
    assert not list(Comparison(old, old, Rules(boundaries=True)))
    assert not list(Comparison(old, read(EXCHANGES[name](Script())), Rules(boundaries=True, timing=1.1)))


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_paths_of_fields_can_be_shown(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(EXCHANGES[name](Script()))
    paths = sorted({leaf.path for leaf in read_plain(name)[1] if "/" in leaf.path})
    for path in Random(104).sample(paths, 20):
        assert main(["show", "--path", path, str(capture)]) == 0, path
        assert f"\n{path}\n" in capsys.readouterr().out


def test_every_run_prints_the_same_bytes(tmp_path: Path) -> None:
    script = Script()
    plain = EXCHANGES["storage"](script)
    random = Random(104)
    leaves = [leaf for leaf in script.leaves if leaf.aspect in ("text", "numbers", "presence", "instance")]
    instances = count_instances(script.leaves)
    changed = {(leaf.path, leaf.aspect): change(leaf, instances, random) for leaf in random.sample(leaves, 40)}
    names = [str(tmp_path / name) for name in ("plain.pcap", "changed.pcap")]
    for name, data in zip(names, (plain, EXCHANGES["storage"](Script(changed))), strict=True):
        Path(name).write_bytes(data)
    for words in (names, names[::-1]):
        printed = {
            subprocess.run(
                [sys.executable, "-m", "dissect", "diff", "--notes", "-T", "jsonl", *words],
                env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, check=False,
            ).stdout
            for seed in ("0", "1", "4711")
        }  # fmt: skip
        assert len(printed) == 1
        assert printed != {b""}
