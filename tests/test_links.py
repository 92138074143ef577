import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import (
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import ARP, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether, Loopback
from scapy.packet import Packet, Raw

from dissect.capture.segments import Segment
from tests.build import Frame, pcap, pcapng
from tests.conftest import open_bytes

ETHER = Ether(src="02:00:0a:00:00:01", dst="02:00:0a:00:00:02")  # given, or Scapy asks the network for them
VLAN = ETHER / Dot1Q(vlan=5)
V4 = IP(src="10.0.0.1", dst="10.0.0.2")
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2")
PORTS = TCP(sport=50000, dport=104, seq=2**32 - 1, ack=7, flags="PA")
OVER_IPV4 = V4 / PORTS / b"payload"
OVER_IPV6 = V6 / PORTS / b"payload"
SAID = struct.pack(">HH", 50000, 104), 2**32 - 1, 7, 0x18


def read_frame(packet: Packet | bytes, link: int = 1) -> tuple[list[Segment], list[bytes]]:
    """Read a capture of one frame."""
    return read_segments(pcap([Frame(0, bytes(packet))], link_type=link))


def read_segments(data: bytes) -> tuple[list[Segment], list[bytes]]:
    """Read a capture file, and give its segments, and for each the payload that the file has there."""
    capture = open_bytes(data)
    segments = list(capture.segments())
    return segments, [bytes(capture.file.read(each.place, each.place + each.length)) for each in segments]


def describe(segment: Segment) -> tuple[bytes, int, int, int]:
    return segment.key[-4:], segment.sequence, segment.acknowledged, segment.flags


@pytest.mark.parametrize("network", [OVER_IPV4, OVER_IPV6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize(
    ("link", "outer"),
    [
        pytest.param(1, ETHER, id="ethernet"),
        pytest.param(1, VLAN, id="vlan"),
        pytest.param(1, VLAN / Dot1Q(vlan=6), id="two vlan tags"),
        pytest.param(1, ETHER / Dot1AD(vlan=5) / Dot1Q(vlan=6), id="vlan in a provider's"),
        pytest.param(0, Loopback(type=2), id="loopback"),
        pytest.param(113, CookedLinux(), id="cooked"),
        pytest.param(113, CookedLinux() / Dot1Q(vlan=5), id="cooked vlan"),
        pytest.param(276, CookedLinuxV2(), id="cooked v2"),
        pytest.param(12, None, id="raw"),
        pytest.param(101, None, id="raw ip"),
    ],
)
def test_tcp_is_found_on_every_link_that_is_read(link: int, outer: Packet | None, network: Packet) -> None:
    packet = network if outer is None else outer / network
    segments, payloads = read_frame(packet, link)
    assert [describe(segment) for segment in segments] == [SAID]
    assert payloads == [b"payload"]


@pytest.mark.parametrize("family", [b"\x02\x00\x00\x00", b"\x00\x00\x00\x02"])
@pytest.mark.parametrize("link", [0, 108])
def test_the_loopback_of_bsd_is_read_whatever_its_byte_order(link: int, family: bytes) -> None:
    assert read_frame(family + bytes(OVER_IPV4), link)[1] == [b"payload"]


@pytest.mark.parametrize(("link", "network"), [(228, OVER_IPV4), (229, OVER_IPV6)])
def test_a_link_of_one_ip_version_is_read(link: int, network: Packet) -> None:
    assert read_frame(network, link)[1] == [b"payload"]


def test_ipv4_options_are_passed() -> None:
    options = [IPOption_RR(length=7, pointer=4, routers=["0.0.0.0"]), IPOption_NOP()]
    packet = ETHER / IP(src="10.0.0.1", dst="10.0.0.2", options=options) / PORTS / b"payload"
    segments, payloads = read_frame(packet)
    assert Ether(bytes(packet))[IP].ihl == 7
    assert ([describe(segment) for segment in segments], payloads) == ([SAID], [b"payload"])


def test_tcp_options_are_passed() -> None:
    options = [("MSS", 1460), ("NOP", None), ("WScale", 7), ("Timestamp", (1, 2)), ("SAckOK", b"")]
    for network in (V4, V6):
        packet = ETHER / network / TCP(sport=104, options=options) / b"payload"
        assert read_frame(packet)[1] == [b"payload"]


@pytest.mark.parametrize(
    "extensions",
    [
        IPv6ExtHdrHopByHop(),
        IPv6ExtHdrDestOpt(),
        IPv6ExtHdrRouting(addresses=["2001:db8::9"]),
        IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting(addresses=["2001:db8::8", "2001:db8::9"]) / IPv6ExtHdrDestOpt(),
    ],
    ids=str,
)
def test_ipv6_extension_headers_are_passed(extensions: Packet) -> None:
    packet = ETHER / V6 / extensions / PORTS / b"payload"
    segments, payloads = read_frame(packet)
    assert ([describe(segment) for segment in segments], payloads) == ([SAID], [b"payload"])


def test_an_ipv6_fragment_that_is_the_whole_packet_is_read() -> None:
    packet = ETHER / V6 / IPv6ExtHdrFragment(offset=0, m=0) / PORTS / b"payload"  # RFC 6946
    assert read_frame(packet)[1] == [b"payload"]


@pytest.mark.parametrize(("offset", "more"), [(0, 1), (3, 1), (3, 0)])
def test_a_part_of_an_ipv6_packet_is_not_taken_for_a_segment(offset: int, more: int) -> None:
    fragment = IPv6ExtHdrFragment(nh=6, offset=offset, m=more)
    assert read_frame(ETHER / V6 / fragment / Raw(bytes(PORTS / b"payload")))[1] == []


def test_an_authentication_header_is_passed() -> None:
    packet = ETHER / V6 / AH(nh=6, payloadlen=4, icv=bytes(12)) / PORTS / b"payload"  # RFC 4302 2.2: 4 + 2 words
    assert read_frame(packet)[1] == [b"payload"]


@pytest.mark.parametrize("payload", [b"", b"1", b"123456"])
@pytest.mark.parametrize("outer", [ETHER, VLAN], ids=["ethernet", "vlan"])
def test_the_padding_of_a_short_frame_is_not_taken_for_data(outer: Packet, payload: bytes) -> None:
    frame = bytes(outer / V4 / PORTS / Raw(payload)).ljust(64, b"\xff")
    assert read_frame(frame)[1] == [payload]


def test_what_follows_an_ipv6_packet_is_not_taken_for_data() -> None:
    frame = bytes(ETHER / V6 / PORTS / b"payload") + b"\xff" * 4
    assert read_frame(frame)[1] == [b"payload"]


def test_a_packet_whose_length_the_network_card_was_to_fill_in_goes_to_the_frame_s_end() -> None:
    for network in (IP(src=V4.src, dst=V4.dst, len=0), IPv6(src=V6.src, dst=V6.dst, plen=0)):
        assert read_frame(ETHER / network / PORTS / b"payload")[1] == [b"payload"]


@pytest.mark.parametrize("network", [OVER_IPV4, OVER_IPV6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize("container", [pcap, pcapng])
@pytest.mark.parametrize("outer", [ETHER, VLAN], ids=["ethernet", "vlan"])
def test_a_frame_that_is_cut_by_the_snap_length_gives_what_is_left_of_it(
    container: Callable[..., bytes], network: Packet, outer: Packet
) -> None:
    whole = bytes(outer / network)
    header = len(whole) - len(b"payload")
    for kept in range(len(whole)):
        segments, payloads = read_segments(container([Frame(0, whole), Frame(1, whole)], cut=kept))
        assert all(payload == b"payload"[: max(kept - header, 0)] for payload in payloads)
        assert kept < header or [segment.frame for segment in segments] == [1, 2]


@pytest.mark.parametrize(
    "packet",
    [
        ETHER / V4 / UDP(sport=104, dport=104) / b"payload",
        ETHER / V6 / UDP(sport=104, dport=104) / b"payload",
        ETHER / V4 / ICMP() / V4 / TCP(),
        ETHER / V4 / TCP(sport=104, dataofs=4),
        VLAN / V6 / TCP(sport=104, dataofs=0),
        ETHER / ARP(hwsrc=ETHER.src, psrc=V4.src, pdst=V4.dst),
        ETHER / IP(src=V4.src, dst=V4.dst, proto=6, frag=3) / Raw(bytes(40)),
        ETHER / IP(src=V4.src, dst=V4.dst, flags="MF") / PORTS,
        Dot3(src=ETHER.src, dst=ETHER.dst) / LLC() / SNAP() / Raw(bytes(60)),
        Raw(bytes(12) + b"\x08\x00" + bytes(60)),
        ETHER,
        Raw(bytes(12) + b"\x81\x00"),
    ],
    ids=str,
)
def test_a_frame_without_tcp_is_counted_and_gives_no_segment(packet: Packet) -> None:
    frames = [bytes(ETHER / OVER_IPV4), bytes(packet), bytes(ETHER / OVER_IPV4)]
    capture = open_bytes(pcap(Frame(0, data) for data in frames))
    assert [segment.frame for segment in capture.segments()] == [1, 3]
    assert (len(capture.times), capture.unread) == (3, {})


@settings(deadline=None, max_examples=150)
@given(link=st.sampled_from([0, 1, 12, 101, 108, 113, 228, 229, 276]), data=st.data())
def test_a_frame_with_wrong_bytes_gives_no_payload_outside_of_it(link: int, data: st.DataObject) -> None:
    whole = {1: bytes(ETHER / Dot1Q() / OVER_IPV4), 113: bytes(CookedLinux() / OVER_IPV6)}.get(link, bytes(OVER_IPV6))
    at = data.draw(st.integers(0, len(whole)))
    wrong = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + 1 :]
    frames = [Frame(0, wrong[: data.draw(st.integers(0, 200))])] * 2
    capture = open_bytes(pcap(frames, link_type=link))
    starts = [record.start for record in capture.records[0]]
    for segment in capture.segments():
        start = starts[segment.frame - 1]
        assert not segment.length or start <= segment.place <= segment.place + segment.length <= start + len(wrong)
