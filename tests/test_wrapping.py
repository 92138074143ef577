"""Wrapped in other packets, links and files, a conversation is listed, shown and exported the same."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
import scapy.contrib.erspan
import scapy.contrib.geneve
import scapy.contrib.mpls
import scapy.layers.dot11
import scapy.layers.inet6
import scapy.layers.ppp
import scapy.layers.vxlan  # noqa: F401 (these let Scapy find what is in tunnels)
from scapy.config import conf
from scapy.layers.inet import TCP
from scapy.packet import Raw

from tests.conftest import ROOT, open_bytes
from tests.disguise import read_segments
from tests.outcome import CAPTURES, read_disguised, read_undisguised
from tests.packets import FORMS
from tests.test_disguise import count_pdus, count_recorded
from tests.wrapping import FILES, LINKS, make_capture


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
    assert count_pdus(tshark, path) == count_recorded(tshark, original.name)


@pytest.mark.parametrize("form", FORMS)
def test_tshark_finds_the_same_pdus_in_other_packets(form: str, tshark: str, tmp_path: Path) -> None:
    original = next(path for path in CAPTURES if path.name == "c-store.pcap")
    path = tmp_path / "disguised.pcap"
    [data] = make_capture(read_segments(original), [], form=form)
    path.write_bytes(data)
    assert count_pdus(tshark, path) == count_recorded(tshark, original.name)


BEYOND_SCAPY = {("ipv4", "three-tags"), ("ipv6", "three-tags"), *(("ipv6", link) for link in LINKS if "loop" in link)}
"""Scapy does not know the tag 9100H, and believes the address family before an IP packet more than the packet."""


def read_by_scapy(link: int, frame: bytes) -> tuple[int, int, int, int, bytes] | None:
    """Give ports, numbers and payload of the innermost TCP layer that Scapy finds in a frame."""
    packet, found = conf.l2types.num2layer[link](frame), None
    while packet:
        if type(packet) is TCP:
            found = (
                packet.sport,
                packet.dport,
                packet.seq,
                packet.ack,
                packet.payload.load if type(packet.payload) is Raw else b"",
            )
        packet = packet.payload
    return found


@pytest.mark.parametrize(
    ("form", "link"), [(form, link) for form in ("ipv4", "ipv6") for link in LINKS if (form, link) not in BEYOND_SCAPY]
)
def test_the_segments_on_other_links_and_in_tunnels_are_those_of_scapy(link: str, form: str) -> None:
    [data] = make_capture(read_segments(ROOT / "captures" / "c-echo.pcap"), [], form=form, link=link)
    capture = open_bytes(data)
    read = capture.file.read
    found = [
        (
            *struct.unpack(">HH", each.key[-4:]),
            each.sequence,
            each.acknowledged,
            bytes(read(each.place, each.place + each.length)),
        )
        for each in capture.segments()
    ]
    told = [
        read_by_scapy(LINKS[link][0], bytes(read(each.start, each.start + each.length))) for each in capture.records[0]
    ]
    assert found == told


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
