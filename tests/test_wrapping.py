"""Wrapped in other packets, links and files, a conversation is listed, shown and exported the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.disguise import read_segments
from tests.outcome import CAPTURES, read_disguised, read_undisguised
from tests.test_disguise import count_pdus
from tests.wrapping import FILES, FORMS, LINKS, make_capture


def check_same(path: Path, **chosen: str) -> None:
    """Hold a capture to be the same in other packets, links or files."""
    found = read_disguised(make_capture(read_segments(path), [], seed=7, **chosen))
    wanted = read_undisguised(path)
    assert found.listed == wanted.listed, path.name
    assert found.shown == wanted.shown, path.name
    assert found.exported == wanted.exported, path.name


@pytest.mark.parametrize("form", FORMS)
def test_in_other_packets_every_capture_is_the_same(form: str) -> None:
    for path in CAPTURES:
        check_same(path, form=form)


@pytest.mark.parametrize("link", [*LINKS, "vxlan-fragmented"])
def test_on_other_links_and_in_tunnels_every_capture_is_the_same(link: str) -> None:
    for path in CAPTURES[:: 1 if link in CHEAP else 3]:
        check_same(path, link=link)


CHEAP = frozenset(LINKS) - {"wireless", "wireless-priority", "radiotap"}
"""Links that are not left to Scapy."""


@pytest.mark.parametrize("files", FILES)
def test_in_other_files_every_capture_is_the_same(files: str) -> None:
    for path in CAPTURES:
        check_same(path, files=files)


MISREAD = {
    "pseudowire": "tshark must be told that there is Ethernet behind the labels",
    "vxlan-linux": "tshark knows the port of the standard only",
}
"""Where tshark is wrong, or must be configured."""


@pytest.mark.parametrize("link", [link for link in LINKS if link not in MISREAD])
def test_tshark_finds_the_same_pdus_on_other_links(link: str, tshark: str, tmp_path: Path) -> None:
    original = next(path for path in CAPTURES if path.name == "c-echo.pcap")
    path = tmp_path / "disguised.pcap"
    [data] = make_capture(read_segments(original), [], link=link)
    path.write_bytes(data)
    assert count_pdus(tshark, path) == count_pdus(tshark, original)


@pytest.mark.parametrize("form", FORMS)
def test_tshark_finds_the_same_pdus_in_other_packets(form: str, tshark: str, tmp_path: Path) -> None:
    original = next(path for path in CAPTURES if path.name == "c-store.pcap")
    path = tmp_path / "disguised.pcap"
    [data] = make_capture(read_segments(original), [], form=form)
    path.write_bytes(data)
    assert count_pdus(tshark, path) == count_pdus(tshark, original)


def test_disguises_can_be_put_on_by_hand(tmp_path: Path) -> None:
    original, path = ROOT / "captures" / "c-echo.pcap", tmp_path / "disguised.pcap"
    command = [
        sys.executable,
        "-m",
        "tests.wrapping",
        str(original),
        str(path),
        "recut",
        "doubled",
        "ipv6",
        "vlan",
        "gzip",
    ]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0
    assert read_disguised([path.read_bytes()]) == read_undisguised(original)
