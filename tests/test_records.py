import struct
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.utils import rdpcap

from dissect.capture import records as records_module
from dissect.capture.records import PCAP_HEADER, CaptureError, Record, Records
from tests.build import Frame, Talk, echo_talk, pcap, pcapng, pcapng_block
from tests.conftest import open_bytes

START = 1_700_000_000_123_456_789
FRAMES = echo_talk(Talk(start=START, step=1_001_001_001)).frames
DATA = [frame.data for frame in FRAMES]

Container = Callable[..., bytes]
"""What encodes frames as a capture file."""


def read_records(data: bytes) -> tuple[Records, list[Record], list[bytes]]:
    """Read a capture file, and give its records and what the file has in their places."""
    capture = open_bytes(data)
    [records] = capture.records
    found = list(records)
    return records, found, [bytes(capture.file.read(each.start, each.start + each.length)) for each in found]


# pcap


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize(("nanoseconds", "unit", "decimals"), [(False, 1000, 6), (True, 1, 9)])
def test_pcap_is_read_in_both_byte_orders_and_both_precisions(
    byte_order: str, nanoseconds: bool, unit: int, decimals: int
) -> None:
    records, found, frames = read_records(pcap(FRAMES, byte_order=byte_order, nanoseconds=nanoseconds, link_type=113))
    assert frames == DATA
    assert [record.time for record in found] == [frame.time_ns // unit * unit for frame in FRAMES]
    assert [record.wire_length for record in found] == [len(data) for data in DATA]
    assert {record.link for record in found} == {113}
    assert (records.decimals, records.cut) == (decimals, None)


@pytest.mark.parametrize("container", [pcap, pcapng])
def test_a_frame_cut_by_the_snap_length_keeps_its_length_on_the_wire(container: Container) -> None:
    _, found, frames = read_records(container(FRAMES, cut=60))
    assert frames == [data[:60] for data in DATA]
    assert [record.wire_length for record in found] == [len(data) for data in DATA]


def test_records_follow_each_other_as_they_stand_in_the_file() -> None:
    _, found, _ = read_records(pcap(FRAMES))
    assert found[0].start == 24 + 16
    assert all(one.start + one.length + 16 == other.start for one, other in pairwise(found))


@pytest.mark.parametrize("container", [pcap, pcapng])
def test_a_frame_of_more_than_65535_bytes_is_whole(container: Container) -> None:
    long = bytes(range(256)) * 257
    assert read_records(container([Frame(0, long), FRAMES[0]]))[2] == [long, DATA[0]]


@pytest.mark.parametrize("container", [pcap, pcapng])
def test_frames_are_the_same_though_their_pages_were_given_back(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_module, "GIVE_BACK", 1 << 16)
    frames = [Frame(0, bytes([number]) * 10_000) for number in range(50)]
    assert read_records(container(frames))[2] == [frame.data for frame in frames]


# pcapng (draft-ietf-opsawg-pcapng)

FRAME = DATA[3]
SECTION = pcapng([])[:28]


def describe_interface(link: int = 1, snap_length: int = 262144, options: bytes = b"") -> bytes:
    return pcapng_block(1, struct.pack("<HxxI", link, snap_length) + options)


def resolution(value: int) -> bytes:
    return struct.pack("<HHB3x", 9, 1, value)


def enhanced_packet(interface: int, ticks: int, data: bytes, options: bytes = b"") -> bytes:
    head = struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return pcapng_block(6, head + data + bytes(-len(data) % 4) + options)


def simple_packet(data: bytes) -> bytes:
    return pcapng_block(3, struct.pack("<I", len(data)) + data)


def obsolete_packet(interface: int, ticks: int, data: bytes) -> bytes:
    head = struct.pack("<HHIIII", interface, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return pcapng_block(2, head + data)


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_pcapng_is_read_in_both_byte_orders(byte_order: str) -> None:
    records, found, frames = read_records(pcapng(FRAMES, byte_order=byte_order, link_type=113))
    assert frames == DATA
    assert [record.time for record in found] == [frame.time_ns for frame in FRAMES]
    assert {record.link for record in found} == {113}
    assert (records.decimals, records.cut) == (9, None)


def test_each_interface_has_its_own_link_and_its_own_unit_of_time() -> None:
    records, found, frames = read_records(
        SECTION
        + describe_interface()
        + describe_interface(101, options=resolution(3))
        + describe_interface(options=resolution(0x80 | 10))
        + enhanced_packet(0, 5_000_001, FRAME)
        + enhanced_packet(1, 5_002, FRAME[14:])
        + enhanced_packet(2, 5 * 1024 + 512, FRAME)
    )
    assert [record.time for record in found] == [5_000_001_000, 5_002_000_000, 5_500_000_000]
    assert ([record.link for record in found], frames) == ([1, 101, 1], [FRAME, FRAME[14:], FRAME])
    assert records.decimals == 6


@pytest.mark.parametrize(
    ("value", "decimals"), [(0, 0), (3, 3), (6, 6), (9, 9), (12, 9), (0x80 | 1, 1), (0x80 | 10, 4)]
)
def test_times_have_as_many_decimals_as_the_unit_needs(value: int, decimals: int) -> None:
    assert read_records(SECTION + describe_interface(options=resolution(value)))[0].decimals == decimals


def test_an_interface_whose_times_count_from_elsewhere_is_shifted_to_the_epoch() -> None:
    offset = struct.pack("<HHq", 14, 8, 1_700_000_000)
    comment = struct.pack("<HH4s", 1, 3, b"abc\0")
    interface = describe_interface(options=comment + resolution(3) + offset)
    _, found, _ = read_records(SECTION + interface + enhanced_packet(0, 5_001, FRAME))
    assert [record.time for record in found] == [1_700_000_005_001_000_000]


def test_packets_of_every_kind_are_read() -> None:
    comment = struct.pack("<HH4s", 1, 4, b"late") + bytes(4)
    _, found, frames = read_records(
        SECTION
        + describe_interface()
        + enhanced_packet(0, 1_000_000, FRAME, options=comment)
        + obsolete_packet(0, 2_000_000, FRAME)
        + simple_packet(FRAME)
    )
    assert frames == [FRAME] * 3
    assert [record.time for record in found] == [1_000_000_000, 2_000_000_000, 0]


@pytest.mark.parametrize(("snap_length", "kept"), [(100, 100), (0, len(FRAME)), (262144, len(FRAME))])
def test_a_simple_packet_is_as_long_as_the_interface_lets_it_be(snap_length: int, kept: int) -> None:
    packet = pcapng_block(3, struct.pack("<I", len(FRAME)) + FRAME[:kept])
    _, [record], frames = read_records(SECTION + describe_interface(snap_length=snap_length) + packet)
    assert (record.wire_length, frames) == (len(FRAME), [FRAME[:kept]])


def test_blocks_that_hold_no_packet_are_passed() -> None:
    statistics = pcapng_block(5, struct.pack("<III", 0, 0, 0))
    unknown = pcapng_block(0x0BADF00D, b"\x01\x02\x03\x04\x05")
    records, _, frames = read_records(
        SECTION + unknown + describe_interface() + statistics + enhanced_packet(0, 0, FRAME) + unknown
    )
    assert (frames, records.cut) == ([FRAME], None)


def test_a_packet_of_an_interface_that_is_not_described_is_passed() -> None:
    data = SECTION + enhanced_packet(0, 0, FRAME) + describe_interface() + enhanced_packet(1, 0, FRAME)
    assert read_records(data + enhanced_packet(0, 0, FRAME))[2] == [FRAME]


def test_a_second_section_may_have_the_other_byte_order() -> None:
    _, found, frames = read_records(pcapng(FRAMES[:5]) + pcapng(FRAMES[5:], byte_order=">"))
    assert [record.time for record in found] == [frame.time_ns for frame in FRAMES]
    assert frames == DATA


def test_the_interfaces_of_a_second_section_are_numbered_anew() -> None:
    first = SECTION + describe_interface() + enhanced_packet(0, 0, FRAME)
    second = SECTION + describe_interface(101) + enhanced_packet(0, 0, FRAME[14:])
    assert [record.link for record in read_records(first + second)[1]] == [1, 101]


def test_a_time_that_no_clock_tells_hides_no_frame() -> None:
    times = enhanced_packet(0, 2**64 - 1, FRAME), enhanced_packet(0, 1, FRAME)
    _, found, frames = read_records(SECTION + describe_interface() + b"".join(times))
    assert frames == [FRAME] * 2
    assert all(abs(record.time) < 2**63 for record in found)


# Scapy's readers


@pytest.mark.parametrize("cut", [None, 60])
@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("container", [pcap, pcapng])
def test_frames_are_those_that_scapy_reads(container: Container, byte_order: str, cut: int | None) -> None:
    data = container(FRAMES, byte_order=byte_order, cut=cut)
    assert read_records(data)[2] == [bytes(packet) for packet in rdpcap(BytesIO(data))]


# What ends before its end, or is damaged


@pytest.mark.parametrize("left", [1, 15, 16, 17, 60, 69])
def test_a_pcap_that_ends_in_mid_record_is_read_up_to_there(left: int) -> None:
    data = pcap(FRAMES[:-1])
    records, _, frames = read_records(data + pcap(FRAMES)[len(data) :][:left])
    assert records.cut == (len(FRAMES), left)
    assert frames == (DATA if left < 16 else [*DATA[:-1], DATA[-1][: left - 16]])[: len(frames)]
    assert len(frames) == len(FRAMES) - (left < 16)


@pytest.mark.parametrize("left", [1, 4, 8, 11, 12, 27, 28, 60, 83, 87])
def test_a_pcapng_that_ends_in_mid_block_is_read_up_to_there(left: int) -> None:
    data = pcapng(FRAMES[:-1])
    assert len(pcapng(FRAMES)) == len(data) + 88
    records, _, frames = read_records(data + pcapng(FRAMES)[len(data) :][:left])
    assert records.cut == (len(FRAMES), left)
    assert frames[: len(FRAMES) - 1] == DATA[:-1]
    assert frames[len(FRAMES) - 1 :] in ([], [DATA[-1][: max(left - 28, 0)]])


def test_a_pcapng_that_ends_in_the_header_of_a_section_is_read_up_to_there() -> None:
    section = struct.pack("<IIIHHq", 0x0A0D0D0A, 200, 0x1A2B3C4D, 1, 0, -1)
    records, _, frames = read_records(pcapng(FRAMES) + section)
    assert (frames, records.cut) == (DATA, (len(FRAMES) + 1, len(section)))


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_behind_a_damaged_block_the_next_one_is_read(byte_order: str) -> None:
    blocks = pcapng(FRAMES[4:], byte_order=byte_order)[28 + 32 :]  # without section and interface
    records, _, frames = read_records(pcapng(FRAMES[:4], byte_order=byte_order) + bytes(40) + blocks)
    assert (frames, records.damages, records.cut) == (DATA, [(4, 40)], None)


@pytest.mark.parametrize("before", ["<", ">"])
@pytest.mark.parametrize("behind", ["<", ">"])
def test_behind_a_damaged_block_a_section_is_read(before: str, behind: str) -> None:
    data = pcapng(FRAMES[:4], byte_order=before) + bytes(40) + pcapng(FRAMES[4:], byte_order=behind)
    records, _, frames = read_records(data)
    assert (frames, records.damages, records.cut) == (DATA, [(4, 40)], None)


def test_a_length_that_was_damaged_costs_its_own_block() -> None:
    data = bytearray(pcapng(FRAMES))
    at = len(pcapng(FRAMES[:4]))
    data[at + 5] ^= 0x40
    records, _, frames = read_records(bytes(data))
    assert (frames, records.damages) == (DATA[:4] + DATA[5:], [(4, len(pcapng(FRAMES[:5])) - at)])


def test_a_second_length_that_was_damaged_costs_nothing() -> None:
    data = bytearray(pcapng(FRAMES))
    data[len(pcapng(FRAMES[:4])) - 3] ^= 0x40
    assert read_records(bytes(data))[2] == DATA


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("field", [3, 0], ids=["too long", "a little longer"])
def test_a_length_that_was_damaged_in_pcap_costs_a_record(byte_order: str, field: int) -> None:
    data = bytearray(pcap(FRAMES, byte_order=byte_order))
    at = len(pcap(FRAMES[:4])) + 8
    data[at + (field if byte_order == "<" else 3 - field)] ^= 0x40
    records, _, frames = read_records(bytes(data))
    assert frames[:4] == DATA[:4]
    assert frames[-len(DATA[6:]) :] == DATA[6:]
    assert (len(records.damages), records.cut) == (1, None)
    assert all(passed >= 0 for _, passed in records.damages)


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("high", [0x01, 0x40], ids=["too long", "longer than the file"])
def test_behind_a_first_record_whose_length_was_damaged_the_next_one_is_read(byte_order: str, high: int) -> None:
    data = bytearray(pcap(FRAMES, byte_order=byte_order) + bytes(1 << 25) * (high == 1))
    data[PCAP_HEADER + (11 if byte_order == "<" else 8)] ^= high
    records, _, frames = read_records(bytes(data))
    assert frames[: len(DATA) - 1] == DATA[1:]
    assert records.damages == [(0, len(pcap(FRAMES[:1])) - PCAP_HEADER)]


@pytest.mark.parametrize("seconds", [0, 1, 0xFFFFFFFF])
@pytest.mark.parametrize("fill", [bytes(4), struct.pack("<I", 1), struct.pack("<H", 1) * 2, b"\xff" * 4])
def test_behind_a_first_record_that_is_damaged_data_is_not_taken_for_records(seconds: int, fill: bytes) -> None:
    wrong = struct.pack("<IIII", seconds, 0, 1 << 20, 1 << 20)
    records, found, _ = read_records(pcap([]) + wrong + fill * 10_000)
    assert [each.start for each in found] == [PCAP_HEADER + 16]
    assert records.damages == []


def test_a_damaged_section_ends_the_reading_there() -> None:
    records, _, frames = read_records(pcapng(FRAMES[:4]) + SECTION[:8] + bytes(100))
    assert frames == DATA[:4]
    assert records.cut == (5, 108)


@pytest.mark.parametrize("data", [pcap(FRAMES), pcapng(FRAMES), pcap([]), pcapng([])])
def test_a_file_that_ends_with_a_record_is_not_cut(data: bytes) -> None:
    assert read_records(data)[0].cut is None


SHORT = {"pcap": pcap(FRAMES[:2]), "pcap, big-endian": pcap(FRAMES[:2], byte_order=">"), "pcapng": pcapng(FRAMES[:2])}


@pytest.mark.parametrize("whole", SHORT.values(), ids=SHORT)
def test_any_part_of_a_file_is_read_or_refused_with_a_sentence(whole: bytes) -> None:
    for stop in range(4, len(whole)):
        with suppress(CaptureError):
            records, _, frames = read_records(whole[:stop])
            assert all(data.startswith(frame) for frame, data in zip(frames, DATA, strict=False))
            assert records.cut or frames in ([], DATA[:1])


@settings(deadline=None, max_examples=200)
@given(whole=st.sampled_from([*SHORT.values()]), at=st.integers(4, 400), wrong=st.binary(min_size=1, max_size=8))
def test_a_file_with_a_few_wrong_bytes_is_read_or_refused_with_a_sentence(whole: bytes, at: int, wrong: bytes) -> None:
    data = whole[:at] + wrong + whole[at + len(wrong) :]
    with suppress(CaptureError):
        assert all(0 < each.start <= each.start + each.length <= len(data) for each in read_records(data)[1])


@settings(deadline=None, max_examples=200)
@given(begin=st.sampled_from([pcap([])[:4], pcapng([])[:4], pcap([]), pcapng([])]), rest=st.binary(max_size=300))
def test_any_bytes_after_the_first_are_read_or_refused_with_a_sentence(begin: bytes, rest: bytes) -> None:
    with suppress(CaptureError):
        assert all(
            0 < each.start <= each.start + each.length <= len(begin + rest) for each in read_records(begin + rest)[1]
        )


def test_what_a_header_tells_of_check_sequences_is_no_part_of_the_link_type() -> None:
    assert {record.link for record in read_records(pcap(FRAMES, link_type=0x24000001))[1]} == {1}


def test_a_file_of_nothing_but_zeros_behind_its_records_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_module, "MOST_ZEROS", 10)
    records, _, frames = read_records(pcap(FRAMES) + bytes(16 * 1000))
    assert (frames[: len(DATA)], len(frames)) == (DATA, len(DATA) + 10)
    assert records.cut == (len(DATA) + 11, 16 * 990)


@pytest.mark.parametrize("byte_order", ["<", ">"])
def test_many_records_that_are_too_long_are_looked_behind_once(byte_order: str) -> None:
    wrong = struct.pack(byte_order + "IIII", 0, 0, 300_000, 300_000) + b"\xff" * 300_000
    records, _, frames = read_records(pcap(FRAMES, byte_order=byte_order) + wrong * 20)
    assert (frames[: len(DATA)], len(frames), records.damages) == (DATA, len(DATA) + 20, [])


@settings(deadline=2000, max_examples=100)
@given(
    start=st.sampled_from([pcap(FRAMES), pcapng(FRAMES)]),
    runs=st.lists(st.tuples(st.integers(0, 255), st.integers(0, 5000)), max_size=6),
)
def test_runs_of_one_byte_behind_a_file_are_read_or_passed_over(start: bytes, runs: list[tuple[int, int]]) -> None:
    _, found, frames = read_records(start + b"".join(bytes([byte]) * count for byte, count in runs))
    assert frames[: len(DATA) - 1] == DATA[:-1]
    assert all(each.start + each.length <= each.file.size for each in found)
