import random
import struct
from itertools import pairwise

import pytest
from scapy.layers.inet import IP, TCP, fragment
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment, fragment6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from dissect.capture import datagrams
from dissect.capture.datagrams import LIFETIME, Piece, cut_pieces
from tests.build import Frame, pcap
from tests.conftest import open_bytes

ETHER = Ether(src="02:00:0a:00:00:01", dst="02:00:0a:00:00:02")
PORTS = TCP(sport=50000, dport=104, seq=2**32 - 100, ack=7, flags="PA")
DATA = bytes(range(256)) * 6
V4 = IP(src="10.0.0.1", dst="10.0.0.2", id=77)
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2")


def cut(packet: Packet, size: int) -> list[bytes]:
    """Cut an IPv4 packet into fragments, each in a frame."""
    return [bytes(ETHER / part) for part in fragment(packet, size)]  # type: ignore[no-untyped-call]


def cut_v4(size: int = 200) -> list[bytes]:
    """Cut a segment over IPv4 into fragments."""
    return cut(V4 / PORTS / DATA, size)


def cut_v6() -> list[bytes]:
    """Cut a segment over IPv6 into fragments."""
    packet = V6 / IPv6ExtHdrFragment(id=9) / PORTS / DATA
    return [bytes(ETHER / part) for part in fragment6(packet, 400)]  # type: ignore[no-untyped-call]


def read_segments(frames: list[bytes]) -> tuple[list[tuple[int, int, bytes]], int]:
    """Read frames, and give frame, sequence number and bytes of each segment, and how many packets lack some."""
    capture = open_bytes(pcap([Frame(0, data) for data in frames]))
    read = capture.file.read
    return [
        (each.frame, each.sequence, bytes(read(each.place, each.place + each.length))) for each in capture.segments()
    ], capture.lacking


def join(parts: list[tuple[int, int, bytes]]) -> bytes:
    """Join the parts of a segment, which must follow each other."""
    assert all((one[1] + len(one[2])) % 2**32 == other[1] for one, other in pairwise(parts))
    return b"".join(data for _, _, data in parts)


@pytest.mark.parametrize("frames", [cut_v4(), cut_v6(), cut_v4(8)], ids=["ipv4", "ipv6", "header in three"])
@pytest.mark.parametrize("order", ["as sent", "reversed", "shuffled", "doubled"])
def test_fragments_in_any_order_make_the_packet_whole(frames: list[bytes], order: str) -> None:
    numbers = list(range(len(frames)))
    if order == "reversed":
        numbers.reverse()
    elif order == "shuffled":
        random.Random(5).shuffle(numbers)
    elif order == "doubled":
        numbers += numbers
    parts, lacking = read_segments([frames[number] for number in numbers])
    assert (join(parts), parts[0][1], lacking) == (DATA, 2**32 - 100, 0)
    assert {frame for frame, _, _ in parts} <= set(range(1, len(numbers) + 1))


def test_each_byte_of_a_packet_is_in_the_frame_that_carried_it() -> None:
    frames = cut_v4()
    parts, _ = read_segments(frames)
    assert len(parts) == len(frames)
    assert all(data in frames[frame - 1] for frame, _, data in parts)


def test_of_fragments_that_overlap_the_first_to_cover_a_byte_keeps_it() -> None:
    first, *rest = cut_v4()
    other = bytearray(rest[0])
    other[-100:] = b"x" * 100
    parts, _ = read_segments([first, rest[0], bytes(other), *rest[1:]])
    assert join(parts) == DATA


def test_without_one_fragment_there_is_no_segment_and_the_packet_is_counted() -> None:
    frames = cut_v4()
    for lost in range(len(frames)):
        assert read_segments(frames[:lost] + frames[lost + 1 :]) == ([], 1)


def test_a_fragment_that_the_snap_length_has_cut_does_not_make_a_packet_whole() -> None:
    frames = [Frame(0, data) for data in cut_v4()]
    capture = open_bytes(pcap(frames, cut=100))
    assert (list(capture.segments()), capture.lacking) == ([], 1)


def test_fragments_of_several_packets_may_come_in_turns() -> None:
    others = cut(IP(src="10.0.0.9", dst="10.0.0.2", id=77) / PORTS / DATA, 200)
    mixed = [frame for pair in zip(cut_v4(), others, strict=True) for frame in pair]
    parts, lacking = read_segments(mixed)
    count = len(parts) // 2
    assert (join(parts[:count]), join(parts[count:]), lacking) == (DATA, DATA, 0)


def test_a_packet_id_that_is_used_again_much_later_is_another_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "LIFETIME", 20)
    frames, other = cut_v4(), bytes(60)
    parts, lacking = read_segments([*frames[:-1], *[other] * 20, *frames])
    assert (join(parts), lacking) == (DATA, 1)
    again, _ = read_segments([*frames, *[other] * 20, *frames])
    assert len(again) == 2 * len(frames)


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
def test_a_packet_id_that_is_used_again_at_once_is_another_packet(order: int) -> None:
    other = bytes(255 - byte for byte in DATA)
    frames = [cut(V4 / PORTS / data, 200)[::order] for data in (DATA, other, DATA)]
    parts, lacking = read_segments([frame for each in frames for frame in each])
    count = len(parts) // 3
    assert [join(parts[at : at + count]) for at in range(0, len(parts), count)] == [DATA, other, DATA]
    assert lacking == 0


def test_copies_of_fragments_that_come_late_make_no_other_packet() -> None:
    frames = cut_v4()
    parts, lacking = read_segments([*frames, *frames[::-1], frames[2]])
    assert (join(parts), lacking) == (DATA, 0)


def test_a_lifetime_is_shorter_than_it_takes_a_sender_to_number_from_0_again() -> None:
    assert LIFETIME < 2 * 2**16


def test_fragments_that_never_end_are_let_go() -> None:
    frames = [
        bytes(ETHER / IP(src="10.0.0.1", dst="10.0.0.2", id=number, flags="MF") / bytes(8)) for number in range(50)
    ]
    capture = open_bytes(pcap([Frame(0, data) for data in frames * 3]))
    assert (list(capture.segments()), capture.lacking) == ([], 50)


def test_a_range_of_pieces_is_cut_at_their_borders() -> None:
    pieces = [Piece(100, 10, 1), Piece(500, 0, 2), Piece(200, 5, 3)]
    assert list(cut_pieces(pieces, 3, 12)) == [(103, 7, 1), (200, 2, 3)]
    assert list(cut_pieces(pieces, 15, 20)) == []


def test_fragments_of_a_tunnel_are_put_together_before_what_is_in_it() -> None:
    inner = bytes(ETHER / V4 / PORTS / DATA[:1000])
    head = struct.pack(">HHHH", 4000, 4789, 16 + len(inner), 0) + b"\x08" + bytes(7)
    outer = IP(src="192.0.2.1", dst="192.0.2.2", id=5, proto=17) / (head + inner)
    parts, lacking = read_segments(cut(outer, 600)[::-1])
    assert (join(parts), lacking) == (DATA[:1000], 0)
