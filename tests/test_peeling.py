import pytest
from scapy.contrib.avs import AVSWLANHeader
from scapy.contrib.chdlc import CHDLC
from scapy.contrib.etherip import EtherIP
from scapy.contrib.gtp import GTP_U_Header
from scapy.contrib.tzsp import TZSP, TZSPTagEnd
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11QoS, PrismHeader, RadioTap
from scapy.layers.inet import IP, TCP, UDP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import LLC, SNAP, Dot1AH, Ether, MPacketPreamble
from scapy.layers.l2tp import L2TP
from scapy.layers.pflog import PFLog
from scapy.layers.ppi import PPI
from scapy.layers.ppp import DIR_PPP, HDLC, PPP
from scapy.packet import Packet, Raw

from dissect.capture.layers import IP_PROTOCOL, LINK, OPAQUE, UDP_PORT
from dissect.capture.segments import Capture
from tests.build import Frame, pcap
from tests.conftest import open_bytes

ETHER = Ether(src="02:00:0a:00:00:01", dst="02:00:0a:00:00:02")
PORTS = TCP(sport=50000, dport=104, seq=5, ack=7, flags="PA")
DATA = b"payload of some length"
V4 = IP(src="10.0.0.1", dst="10.0.0.2") / PORTS / DATA
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / PORTS / DATA
OUTER = ETHER / IP(src="192.0.2.1", dst="192.0.2.2")
TO_AP = Dot11(type=2, subtype=0, FCfield="to_DS", addr1="02:00:00:00:00:01", addr2="02:00:00:00:00:02")
QOS = Dot11(type=2, subtype=8, FCfield="from_DS", addr1="02:00:00:00:00:01", addr2="02:00:00:00:00:02") / Dot11QoS()
SEALED = Dot11(type=2, subtype=0, FCfield="to_DS+protected", addr1="02:00:00:00:00:01") / Raw(bytes(100))


def read_frame(packet: Packet, link: int) -> tuple[list[bytes], dict[int, int]]:
    """Read a capture of one frame, and give the payloads found and what was not read."""
    capture = open_bytes(pcap([Frame(0, bytes(packet))], link_type=link))
    return list_payloads(capture), dict(capture.unread)


def list_payloads(capture: Capture) -> list[bytes]:
    """Give what the segments of a capture carry."""
    read = capture.file.read
    return [bytes(read(each.place, each.place + each.length)) for each in capture.segments()]


@pytest.mark.parametrize("network", [V4, V6], ids=["ipv4", "ipv6"])
@pytest.mark.parametrize(
    ("link", "outer"),
    [
        pytest.param(105, TO_AP / LLC() / SNAP(), id="802.11"),
        pytest.param(105, QOS / LLC() / SNAP(), id="802.11 with priorities"),
        pytest.param(119, PrismHeader() / TO_AP / LLC() / SNAP(), id="prism"),
        pytest.param(163, AVSWLANHeader() / TO_AP / LLC() / SNAP(), id="avs"),
        pytest.param(50, HDLC() / PPP(), id="hdlc"),
        pytest.param(204, DIR_PPP() / PPP(), id="ppp with direction"),
        pytest.param(274, MPacketPreamble() / ETHER, id="preemptible ethernet"),
        pytest.param(1, OUTER / UDP(sport=1701, dport=1701) / L2TP(session_id=1, tunnel_id=1) / PPP(), id="l2tp"),
        pytest.param(127, RadioTap() / TO_AP / LLC() / SNAP(), id="radiotap"),
        pytest.param(1, ETHER / Dot1AH() / ETHER, id="provider backbone bridging"),
        pytest.param(1, OUTER / EtherIP() / ETHER, id="ethernet in ip"),
        pytest.param(1, OUTER / UDP(sport=2152, dport=2152) / GTP_U_Header(gtp_type=255, teid=1), id="gtp"),
        pytest.param(1, OUTER / UDP(sport=37008, dport=37008) / TZSP() / TZSPTagEnd() / ETHER, id="tzsp"),
    ],
)
def test_what_only_scapy_knows_is_peeled_off(link: int, outer: Packet, network: Packet) -> None:
    assert read_frame(outer / network, link) == ([DATA], {})


def test_links_that_carry_one_version_of_ip_at_a_time_are_peeled_off() -> None:
    assert read_frame(CHDLC(proto=0x0800) / V4, 104) == ([DATA], {})
    assert read_frame(PFLog(addrfamily=2) / V4, 117) == ([DATA], {})
    assert read_frame(PPI(dlt=105) / TO_AP / LLC() / SNAP() / V6, 192) == ([DATA], {})


def test_the_parts_of_a_packet_in_802_11_are_put_together() -> None:
    parts = [TO_AP / LLC() / SNAP() / part for part in fragment(V4, 16)]  # type: ignore[no-untyped-call]
    capture = open_bytes(pcap([Frame(0, bytes(part)) for part in parts], link_type=105))
    assert b"".join(list_payloads(capture)) == DATA
    assert capture.lacking == 0


@pytest.mark.parametrize(
    ("link", "packet", "layer"),
    [
        pytest.param(105, SEALED, LINK + 105, id="802.11, protected"),
        pytest.param(147, Raw(bytes(60)), LINK + 147, id="a link of its owner's"),
        pytest.param(1, Ether(src=ETHER.src, dst=ETHER.dst, type=0x88E5) / Raw(bytes(60)), 0x88E5, id="macsec"),
        pytest.param(
            1, ETHER / IP(src="192.0.2.1", dst="192.0.2.2", proto=50) / Raw(bytes(60)), IP_PROTOCOL + 50, id="esp"
        ),
        pytest.param(1, OUTER / UDP(dport=4500) / Raw(bytes(60)), UDP_PORT + 4500, id="esp in udp"),
    ],
)
def test_what_may_hold_tcp_and_cannot_be_read_is_counted_by_layer(link: int, packet: Packet, layer: int | None) -> None:
    assert read_frame(packet, link) == ([], {} if layer is None else {layer: 1})


def test_802_11_that_holds_no_ip_is_not_counted() -> None:
    beacon = RadioTap() / Dot11(type=0, subtype=8, addr1="ff:ff:ff:ff:ff:ff") / Dot11Beacon()
    assert read_frame(beacon, 127) == ([], {})


@pytest.mark.parametrize("layer", OPAQUE)
def test_layers_that_are_not_read_have_names(layer: int) -> None:
    assert OPAQUE[layer]


@pytest.mark.parametrize("count", range(0, 80, 3))
def test_a_frame_cut_anywhere_holds_nothing_or_what_is_left(count: int) -> None:
    packet = bytes(RadioTap() / TO_AP / LLC() / SNAP() / V4)
    capture = open_bytes(pcap([Frame(0, packet)], link_type=127, cut=count))
    assert all(DATA.startswith(data) for data in list_payloads(capture))
