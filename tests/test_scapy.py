from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.config import conf
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6  # noqa: F401 (lets Scapy find TCP in IPv6)
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Padding, Raw
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession
from scapy.utils import rdpcap

from dissect.capture.segments import Capture
from dissect.dicom.framing import Framer
from dissect.dicom.pdu import LOST
from dissect.dicom.terms import PDU_NAMES
from dissect.scapy import DICOM, MOST_LAYERS, MOST_PIECES, PDV, Abort, Associate, Data, Item, Reject, bind_port
from dissect.tcp.connections import Streams
from dissect.tcp.streams import Stream
from tests import build
from tests.build import Talk, echo_talk, pcap
from tests.trees import edit, edits

BOUND = TCP.payload_guess
TCP.payload_guess = [each for each in BOUND if each[1] is not DICOM]  # to the tests of other modules TCP is Scapy's own

SOUND = [
    build.associate_rq(),
    build.associate_ac(),
    build.associate_rj(),
    build.p_data(build.pdv(1, 3, b"command"), build.pdv(1, 2, b"")),
    build.release_rq(),
    build.release_rp(),
    build.abort(2, 6),
    build.pdu(0x09, b"abc"),
]
UNSOUND = [
    build.pdu(0x03, b"\0\1"),
    build.pdu(0x04, b"", length=0xFFFFFFFF),
    build.pdu(0x07, b"\0\0\2\6more"),
    build.p_data(build.pdv(1, 3, b"abc", length=1), build.pdv(1, 3, b"abc")),
    build.p_data(build.pdv(1, 3, b"abc", length=100)),
    build.associate(0x01, build.item(0x10, b"abc", length=100)),
    build.associate(0x02, build.item(0x10, b"abc"), b"\x50\0\0"),
]
"""PDUs that are not sound: too short, too long, with lengths that lie."""


@pytest.fixture(autouse=True, scope="module")
def strict() -> Iterator[None]:
    """Let DICOM be bound to its ports, and Scapy hide no exception of a layer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TCP, "payload_guess", BOUND)
        patch.setattr(conf, "debug_dissector", 2)
        yield


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give a port that is not bound, and unbind it at the end."""
    monkeypatch.setattr(TCP, "payload_guess", BOUND)
    return 4242


def sniff_pdus(path: Path) -> dict[bytes, list[Packet]]:
    """Give the PDUs that Scapy finds in each direction, by the ports."""
    told: dict[bytes, list[Packet]] = defaultdict(list)
    for packet in sniff(offline=str(path), session=TCPSession):
        if DICOM in packet:
            ports = packet[TCP].sport.to_bytes(2, "big") + packet[TCP].dport.to_bytes(2, "big")
            told[ports] += packet[DICOM].iterpayloads()
    return told


def sniff_request(path: Path, *data: bytes, mss: int = 1460) -> list[Packet]:
    """Give the PDUs that Scapy finds in what a requestor sends, each argument in segments of its own."""
    path.write_bytes(pcap(Talk(mss=mss).open().request(*data).close().frames))
    [pdus] = sniff_pdus(path).values() or [[]]
    return pdus


def encode(layers: Iterable[Packet]) -> list[bytes]:
    """Build each layer alone, and from its fields, not from the bytes that Scapy has kept."""
    alone = [layer.copy() for layer in layers]
    for layer in alone:
        layer.remove_payload()
        layer.clear_cache()
    return [bytes(layer) for layer in alone]


def gather(data: bytes) -> list[Packet]:
    """Give the layers that the first bytes of a stream make."""
    packet = DICOM.tcp_reassemble(data, {}, {})
    return list(packet.iterpayloads()) if packet else []


def damage(data: bytes) -> st.SearchStrategy[bytes]:
    """Draw bytes that were these once."""
    return edits(len(data)).map(partial(edit, data))


def test_a_capture_has_the_pdus_that_dissect_finds(captured: Path, port: int) -> None:
    wanted: dict[bytes, list[bytes]] = defaultdict(list)
    framers: dict[Stream, Framer] = {}
    for stream, frame in Streams(Capture(captured)):
        framer = framers.setdefault(stream, Framer(stream))
        for pdu in framer.frame_pdus(frame):
            assert pdu.kind != LOST
            wanted[stream.key[-4:]].append(stream.read(pdu.start, pdu.stop))
    for number in (port, 5158, 11113):
        bind_port(number)

    told = sniff_pdus(captured)
    assert {ports: encode(pdus) for ports, pdus in told.items()} == wanted
    assert {ports: [pdu.type for pdu in pdus] for ports, pdus in told.items()} == {
        ports: [data[0] for data in pdus] for ports, pdus in wanted.items()
    }


@pytest.mark.parametrize("mss", [1, 7, 100, 389, 65000])
def test_pdus_are_the_same_in_segments_of_any_size(tmp_path: Path, mss: int) -> None:
    pdus = sniff_request(tmp_path / "capture", b"".join(SOUND * 3), mss=mss)
    assert encode(pdus) == SOUND * 3


def test_a_pdu_comes_with_the_frame_that_completes_it(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(Talk(mss=100).open().request(build.p_data(build.pdv(1, 2, bytes(300)))).frames))
    times = [packet.time for packet in rdpcap(str(path))]
    [packet] = [packet for packet in sniff(offline=str(path), session=TCPSession) if DICOM in packet]
    assert packet.time == times[-1]


def test_pdus_that_one_segment_completes_are_layers_of_one_packet(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(Talk(mss=65000).open().request(b"".join(SOUND)).frames))
    [packet] = [packet for packet in sniff(offline=str(path), session=TCPSession) if DICOM in packet]
    assert [layer.type for layer in packet[DICOM].iterpayloads()] == [data[0] for data in SOUND]
    assert bytes(packet[TCP].payload) == b"".join(SOUND)
    assert packet.summary().endswith("TCP / DICOM " + " / DICOM ".join([*PDU_NAMES.values(), "9"]))


def test_a_port_is_dicom_once_it_is_bound(tmp_path: Path, port: int) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(echo_talk(Talk(acceptor=("10.0.0.2", port))).frames))
    assert not sniff_pdus(path)
    bind_port(port)
    assert [len(pdus) for pdus in sniff_pdus(path).values()] == [3, 3]


def test_without_a_session_a_segment_is_its_first_pdu_and_padding() -> None:
    frame = Talk().request(build.release_rq() + build.abort()).frames[0]
    packet = Ether(frame.data)
    assert encode([packet[DICOM]]) == [build.release_rq()]
    assert packet[Padding].load == build.abort()


@given(st.lists(st.sampled_from(SOUND), max_size=5), st.binary(max_size=9) | st.sampled_from(SOUND), st.data())
def test_what_is_not_whole_waits(pdus: list[bytes], last: bytes, data: st.DataObject) -> None:
    rest = build.p_data(last)[: data.draw(st.integers(0, len(last) + 5))]
    layers = gather(b"".join(pdus) + rest)
    whole = [layer for layer in layers if isinstance(layer, DICOM)]
    assert encode(whole) == pdus
    assert [bytes(layer) for layer in layers[len(whole) :]] == ([rest] if pdus and rest else [])


def test_a_length_of_gigabytes_is_waited_for_without_room_for_it() -> None:
    metadata: dict[str, object] = {}
    assert DICOM.tcp_reassemble(build.pdu(4, b"abc", length=0xFFFFFFFF), metadata, {}) is None
    assert metadata == {"tcp_min_len": 6 + 0xFFFFFFFF}


def test_what_is_no_dicom_stays_raw(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    lines = [b"GET / HTTP/1.1\r\n", b"Host: a\r\n\r\n"]
    path.write_bytes(pcap(Talk().open().request(*lines).frames))
    packets = sniff(offline=str(path), session=TCPSession)
    assert [packet[Raw].load for packet in packets if Raw in packet] == lines


def test_what_is_no_dicom_behind_a_pdu_stays_raw(tmp_path: Path) -> None:
    line = b"GET / HTTP/1.1"
    pdu, rest = sniff_request(tmp_path / "capture", build.release_rq() + line)
    assert (bytes(rest), type(rest)) == (line, Raw)
    assert encode([pdu]) == [build.release_rq()]


def test_more_pdus_than_scapy_can_walk_through_stay_raw(tmp_path: Path) -> None:
    data, start = build.release_rq() * 6000, build.abort()[:3]
    *pdus, rest, last = sniff_request(tmp_path / "capture", data + start, build.abort()[3:], mss=65000)
    assert encode(pdus) == [build.release_rq()] * MOST_LAYERS
    assert bytes(rest) == data[10 * MOST_LAYERS :]
    assert encode([last]) == [build.abort()]


def test_pdvs_and_their_flags_are_read() -> None:
    pdvs = DICOM(build.p_data(build.pdv(1, 3, b"command"), build.pdv(255, 0x80, b""))).pdvs
    assert [(pdv.length, pdv.context_id, int(pdv.flags), pdv.data) for pdv in pdvs] == [
        (9, 1, 3, b"command"),
        (2, 255, 0x80, b""),
    ]
    assert (pdvs[0].flags.command, pdvs[0].flags.last, pdvs[1].flags.last) == (True, True, False)


def test_titles_and_items_of_an_association_are_read() -> None:
    pdu = DICOM(build.associate(0x02, build.item(0x10, b"abc"), build.item(0x99, b"")))
    assert (pdu.version, pdu.called, pdu.calling) == (1, b"ACCEPTOR".ljust(16), b"REQUESTOR".ljust(16))
    assert [(item.type, item.length, item.value) for item in pdu.items] == [(0x10, 3, b"abc"), (0x99, 0, b"")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (build.associate_rj(1, 1, 7), "Reject Permanent, User, Called AE title not recognized"),
        (build.associate_rj(2, 3, 1), "Reject Transient, Provider (Presentation), Temporary congestion"),
        (build.associate_rj(9, 9, 9), "9, 9, 9"),
    ],
)
def test_a_rejection_has_the_words_of_its_codes(data: bytes, words: str) -> None:
    assert DICOM(data).sprintf("%result%, %source%, %reason%") == words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (build.abort(2, 6), "Provider, Invalid PDU parameter value"),
        (build.abort(0, 6), "User, 6"),
        (build.abort(1, 9), "1, 9"),
    ],
)
def test_an_abort_has_the_words_of_its_codes(data: bytes, words: str) -> None:
    assert DICOM(data).sprintf("%source%, %reason%") == words


@pytest.mark.parametrize("data", [*SOUND, *UNSOUND])
def test_a_pdu_is_built_as_it_was_read(data: bytes) -> None:
    packet = DICOM(data)
    assert bytes(packet) == data
    packet.clear_cache()
    assert bytes(packet) == data


@given(st.binary(min_size=1, max_size=300) | st.sampled_from([*SOUND, *UNSOUND]).flatmap(damage).filter(len))
@settings(deadline=None)
def test_any_bytes_raise_nothing_and_are_built_as_they_were_read(data: bytes) -> None:
    packet = DICOM(data)
    packet.clear_cache()
    assert bytes(packet) == data
    assert packet.show(dump=True)
    layers = gather(data)
    assert b"".join(encode(layers)) == (data if layers else b"")


def test_of_more_pdvs_than_a_pdu_can_mean_the_last_ones_stay_bytes() -> None:
    data = build.p_data(*[build.pdv(1, 0, b"")] * (MOST_PIECES + 1))
    pdu = DICOM(data)
    assert (len(pdu.pdvs), pdu.rest) == (MOST_PIECES, build.pdv(1, 0, b""))
    assert bytes(pdu) == data


def test_what_is_made_by_hand_gets_its_lengths() -> None:
    items = [Item(value=b"1.2"), Item(type="User Info", value=b"")]
    associate = Associate(called=b"ACCEPTOR", calling=b"REQUESTOR", items=items)
    assert bytes(associate) == build.associate(0x01, build.item(0x10, b"1.2"), build.item(0x50, b""))
    data = Data(pdvs=[PDV(flags="command+last", data=b"ab"), PDV(context_id=3, data=b"c")])
    assert bytes(data) == build.p_data(build.pdv(1, 3, b"ab"), build.pdv(3, 0, b"c"))
    assert bytes(Reject(reason=7)) == build.associate_rj()
    assert bytes(Abort(source="Provider", reason="Unexpected PDU")) == build.abort(2, 2)
    assert bytes(DICOM(type="A-RELEASE-RP", body=bytes(4))) == build.release_rp()
    assert (IP() / TCP() / data)[TCP].dport == 104
