"""Said in other segments, a conversation is listed, shown and exported the same."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.disguise import DISGUISES, read_segments
from tests.outcome import CAPTURES, read_disguised, read_undisguised
from tests.packets import FORMS
from tests.wrapping import FILES, LINKS, make_capture

SMALL = [path for path in CAPTURES if path.stat().st_size < 6000]
DEAR = {"small"}
"""Disguises of a few bytes a segment: the smaller captures are enough for these."""


@pytest.mark.parametrize("name", DISGUISES)
def test_in_other_segments_every_capture_is_the_same(name: str) -> None:
    for path in SMALL if name in DEAR else CAPTURES:
        found = read_disguised(make_capture(read_segments(path), [name], seed=len(name)))
        wanted = read_undisguised(path)
        assert found.listed == wanted.listed, path.name
        assert found.shown == wanted.shown, path.name
        assert found.exported == wanted.exported, path.name


def is_sound(names: list[str]) -> bool:
    """Tell whether disguises go together: a probe's byte is wrong unless all before it is there."""
    return "probed" not in names or not {"shuffled", "repeated", "overlapping"} & set(names)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    path=st.sampled_from(SMALL),
    names=st.lists(st.sampled_from([*DISGUISES]), max_size=4, unique=True).filter(is_sound),
    form=st.sampled_from([*FORMS]),
    link=st.sampled_from([*LINKS, "vxlan-fragmented"]),
    files=st.sampled_from([*FILES]),
    seed=st.integers(0, 1000),
)
def test_in_any_combination_a_capture_is_the_same(
    path: Path, names: list[str], form: str, link: str, files: str, seed: int
) -> None:
    assume((form, link) != ("ipv4-offloaded", "padded"))  # without a length, what pads a packet is a part of it
    found = read_disguised(make_capture(read_segments(path), names, form=form, link=link, files=files, seed=seed))
    wanted = read_undisguised(path)
    assert found.listed == wanted.listed
    assert found.shown == wanted.shown
    assert found.exported == wanted.exported


@cache
def count_recorded(tshark: str, name: str) -> list[str]:
    """Let tshark tell the types of all PDUs of a capture of the project."""
    return count_pdus(tshark, next(path for path in CAPTURES if path.name == name))


def count_pdus(tshark: str, path: Path) -> list[str]:
    """Let tshark tell the types of all PDUs."""
    options = ["-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "dicom", "-T", "fields", "-e", "dicom.pdu.type"]
    done = subprocess.run([tshark, "-n", "-r", str(path), *options], capture_output=True, check=True, text=True)
    return sorted(re.findall(r"\d+", done.stdout))


MISREAD = {
    "small": "tshark does not wait for the rest where six bytes of a PDU end a segment",
}
"""Where tshark is wrong."""


@pytest.mark.parametrize("name", [name for name in DISGUISES if name not in MISREAD])
def test_tshark_finds_the_same_pdus_in_other_segments(name: str, tshark: str, tmp_path: Path) -> None:
    original = next(path for path in CAPTURES if path.name == "c-store.pcap")
    [data] = make_capture(read_segments(original), [name], seed=len(name))
    path = tmp_path / "disguised.pcap"
    path.write_bytes(data)
    assert count_pdus(tshark, path) == count_recorded(tshark, original.name)
