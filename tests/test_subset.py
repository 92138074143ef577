"""A subset of a capture, written as a capture of its own: which frames are in it, and that nothing of them changes."""

import json
import os
import random
import re
import struct
import subprocess
import sys
import tracemalloc
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import IP, fragment
from scapy.layers.l2 import Ether

from dissect.amounts import BILLION
from dissect.association import Arrival
from dissect.capture.pcapng import PART
from dissect.capture.records import CaptureError
from dissect.capture.segments import Capture
from dissect.cli import main
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.dicom.pdu import ASSOCIATE_RQ, RELEASE_RQ
from dissect.subset import SubsetError, choose_frames, encode_subset, write_frames
from tests.build import (
    ACK,
    CT_IMAGE_STORAGE,
    IMPLICIT,
    RST,
    SYN,
    Endpoint,
    Frame,
    Talk,
    associate_ac,
    associate_rq,
    c_echo_rq,
    c_echo_rsp,
    c_store_rq,
    c_store_rsp,
    echo_talk,
    element,
    message,
    p_data,
    pcap,
    pcapng,
    pcapng_block,
    pdv,
    release_rq,
    segment,
    store_talk,
    text,
)
from tests.disguise import DISGUISES, read_segments
from tests.outcome import ASIDE, CAPTURES, read_outcome, run
from tests.recipes import DAMAGES, Recipe
from tests.wrapping import FILES, make_capture

START = 1_700_000_000_123_456_789
TOLD = ("from", "type", "time", "length", "info")
PATIENTS = ("Doe^0", "Doe^1", "Doe^2", "Doe^3")

Wanted = Callable[[Arrival], bool]
Line = tuple[object, ...]


def store_many(talk: Talk) -> Talk:
    """Store an object of each patient in one association."""
    talk.open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac([(1, 0, IMPLICIT)]))
    for number, name in enumerate(PATIENTS, 1):
        data = text(0x00080018, "UI", f"2.25.{number}") + text(0x00100010, "PN", name)
        data += element(0x7FE00010, "OW", random.Random(number).randbytes(5000))
        talk.request(b"".join(message(1, c_store_rq(number, CT_IMAGE_STORAGE, f"2.25.{number}"), data, pdv_size=2000)))
        talk.answer(b"", *message(1, c_store_rsp(number, CT_IMAGE_STORAGE, f"2.25.{number}")))
    return talk.release()


def save(folder: Path, data: bytes, name: str = "talk.pcap") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def export(folder: Path, *words: str | Path, name: str = "out.pcapng") -> Path:
    """Write a subset into the folder, and give its path."""
    out = folder / name
    assert main(["export", *map(str, words), "-w", str(out)]) == 0
    return out


def list_pdus(*paths: str | Path, wanted: str = "") -> list[Line]:
    """Give what is told of each PDU that a filter holds for."""
    words = ["-Y", wanted] if wanted else []
    told = [json.loads(line) for line in run("list", "-T", "jsonl", *words, *map(str, paths)).splitlines()]
    return [tuple(line[key] for key in TOLD) for line in told]


def show_pdus(path: Path, wanted: str) -> str:
    """Show PDUs with all that they hold, but for their numbers and those of their frames."""
    shown = run("show", "--full", "-Y", wanted, str(path))
    for pattern, instead in (*ASIDE, (re.compile(r"PDU \d+"), "PDU")):
        shown = pattern.sub(instead, shown)
    return shown


def choose(capture: Capture, wanted: Wanted = lambda _: True) -> list[int]:
    """Give the frames of a capture that are chosen with some PDUs."""
    return list(choose_frames(capture, ((each.pdu, wanted(each)) for each in Associations(capture, Config()))))


def choose_of(folder: Path, frames: Iterable[Frame], wanted: Wanted = lambda _: True) -> list[int]:
    """Give the numbers of the frames that are chosen, of some that are given."""
    return choose(Capture(save(folder, pcap(frames))), wanted)


def read_frames(*paths: str | Path) -> list[tuple[int, int, int, bytes, tuple[str, ...]]]:
    """Give link type, time, length on the wire, bytes and comments of each frame."""
    records = [record for records in Capture(*paths).records for record in records]
    records.sort(key=lambda record: record.time)
    return [
        (each.link, each.time, each.wire_length, each.file.read(each.start, each.start + each.length), each.comments)
        for each in records
    ]


def ask_tshark(tshark: str, path: Path) -> list[str]:
    """Let tshark tell time, lengths, comments and payload of each frame, as far as it is the same in every file."""
    fields = ("time_epoch", "len", "cap_len", "comment", "encap_type")
    options = [word for field in fields for word in ("-e", f"frame.{field}")]
    command = [tshark, "-n", "-r", str(path), "-T", "fields", *options, "-e", "tcp.seq_raw", "-e", "tcp.payload"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()


def expect_trouble(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run and give the one line on standard error that goes with exit status 2."""
    try:
        status = main([str(word) for word in arguments])
    except SystemExit as stopped:
        status = int(str(stopped.code))
    printed = capsys.readouterr()
    assert (status, printed.out) == (2, "")
    [line] = printed.err.splitlines()
    return line


# Which frames


def test_of_an_association_all_frames_are_chosen_with_all_its_pdus(tmp_path: Path) -> None:
    frames = store_many(Talk()).frames
    assert choose_of(tmp_path, frames) == list(range(1, len(frames) + 1))


def test_with_one_pdu_come_the_bounds_of_the_association_and_what_has_no_payload(tmp_path: Path) -> None:
    talk = echo_talk()
    assert len(talk.frames) == 12
    assert choose_of(tmp_path, talk.frames, lambda each: each.number == 3) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    assert choose_of(tmp_path, talk.frames, lambda each: each.pdu.kind == ASSOCIATE_RQ) == [
        1,
        2,
        3,
        4,
        5,
        *range(8, 13),
    ]
    assert choose_of(tmp_path, talk.frames, lambda _: False) == []


def test_a_pdu_is_chosen_with_each_of_its_segments_however_they_came(tmp_path: Path) -> None:
    talk = store_many(Talk(mss=300))
    frames = talk.frames[:3] + random.Random(4).sample(talk.frames[3:], len(talk.frames) - 3)
    arrivals = list(Associations(Capture(save(tmp_path, pcap(frames))), Config()))
    for arrival in arrivals:
        wanted = arrival.number
        assert set(arrival.pdu.span.frames()) <= set(
            choose_of(tmp_path, frames, lambda each, wanted=wanted: each.number == wanted)  # type: ignore[misc]
        )


def test_a_segment_that_was_sent_again_is_chosen_too(tmp_path: Path) -> None:
    talk = echo_talk()
    request, echo = talk.frames[3], talk.frames[5]
    frames = [*talk.frames[:7], request, echo, *talk.frames[7:]]
    chosen = choose_of(tmp_path, frames, lambda each: each.pdu.kind == RELEASE_RQ)
    assert chosen == [1, 2, 3, 4, 5, 8, *range(10, 15)]
    assert choose_of(tmp_path, frames) == list(range(1, 15))


@pytest.mark.parametrize("isn", [(2**32 - 150, 2**32 - 100), (2**32 - 1, 0), (0, 2**31)])
def test_sequence_numbers_may_begin_anywhere(isn: tuple[int, int], tmp_path: Path) -> None:
    frames = store_many(Talk(isn=isn)).frames
    assert choose_of(tmp_path, frames) == list(range(1, len(frames) + 1))
    few = choose_of(tmp_path, frames, lambda each: each.pdu.kind == RELEASE_RQ)
    assert few == choose_of(tmp_path, store_many(Talk()).frames, lambda each: each.pdu.kind == RELEASE_RQ)


def test_bytes_that_come_four_gibibytes_later_under_the_same_numbers_are_others(tmp_path: Path) -> None:
    talk = echo_talk()
    ahead = [segment(talk.requestor, talk.acceptor, 1001 + (step << 30), 5001, ACK, b"x" * 50) for step in range(1, 5)]
    frames = [*talk.frames[:-3], *(Frame(talk.start, data) for data in ahead)]
    assert choose_of(tmp_path, frames, lambda each: each.pdu.kind == ASSOCIATE_RQ) == [1, 2, 3, 4, 5, 8, 9]


@pytest.mark.parametrize("order", [1, -1])
def test_all_fragments_of_a_packet_are_chosen_with_what_one_of_them_carried(order: int, tmp_path: Path) -> None:
    first, second = p_data(pdv(1, 2, bytes(range(200)))), p_data(pdv(1, 2, bytes(200)))
    talk = Talk().open().request(associate_rq()).answer(associate_ac()).request(first + second, release_rq()).close()
    whole = Ether(talk.frames[5].data)
    whole[IP].flags = 0
    found = fragment(whole[IP], 80)  # type: ignore[no-untyped-call]
    parts = [bytes(Ether(src=whole.src, dst=whole.dst) / part) for part in found]
    assert len(parts) > 4
    frames = [*talk.frames[:5], *(Frame(talk.start, data) for data in parts[::order]), *talk.frames[6:]]
    for number in (3, 4):
        chosen = choose_of(tmp_path, frames, lambda each, number=number: each.number == number)  # type: ignore[misc]
        assert chosen == list(range(1, 10 + len(parts)))


def test_another_connection_between_the_same_ports_is_another(tmp_path: Path) -> None:
    one, other = echo_talk(Talk()).frames, echo_talk(Talk(isn=(70_000, 90_000))).frames
    frames = one + other
    assert choose_of(tmp_path, frames, lambda each: each.association.number == 1) == list(range(1, 13))
    assert choose_of(tmp_path, frames, lambda each: each.association.number == 2) == list(range(13, 25))


def test_a_connection_between_the_same_ports_that_says_nothing_or_something_else_is_another(tmp_path: Path) -> None:
    one = echo_talk().frames
    shut = Talk(isn=(70_000, 90_000)).open().reset().frames
    web = Talk(isn=(170_000, 190_000)).open().request(b"GET / HTTP/1.1\r\n\r\n").answer(b"").close().frames
    for frames in (one + shut, one + web, one + shut + web):
        assert choose_of(tmp_path, frames, negotiates) == list(range(1, 13))
    assert choose_of(tmp_path, shut + one, negotiates) == list(range(5, 17))
    assert choose_of(tmp_path, web + one, negotiates) == list(range(len(web) + 1, len(web) + 13))


def negotiates(arrival: Arrival) -> bool:
    return arrival.association.request is not None


def test_connections_that_are_not_dicom_are_left_out(tmp_path: Path) -> None:
    web = Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").close().frames
    mixed = [frame for pair in zip(echo_talk().frames, web, strict=False) for frame in pair]
    assert choose_of(tmp_path, mixed + echo_talk().frames[len(web) :])[:7] == [1, 3, 5, 7, 9, 11, 13]


def test_a_capture_may_begin_within_a_connection_and_end_there(tmp_path: Path) -> None:
    frames = store_many(Talk()).frames[8:-7]
    path = save(tmp_path, pcap(frames))
    assert choose(Capture(path)) == list(range(1, len(frames) + 1))
    assert list_pdus(export(tmp_path, path)) == list_pdus(path)


def test_a_reset_and_what_explains_it_are_chosen(tmp_path: Path) -> None:
    talk = echo_talk()
    frames = [*talk.frames[:7], *Talk(isn=(1400, 5400)).send(True, RST | ACK, b"no more").frames]
    assert choose_of(tmp_path, frames, lambda each: each.pdu.kind == ASSOCIATE_RQ) == [1, 2, 3, 4, 5, 8]


def test_a_segment_of_which_the_capture_has_cut_off_all_is_chosen(tmp_path: Path) -> None:
    frames = store_talk(bytes(6000)).frames
    assert len(frames[7].data) > 1000
    path = save(tmp_path, pcap(frames[:7]) + pcap(frames[7:8], cut=54)[24:] + pcap(frames[8:])[24:])
    assert choose(Capture(path)) == list(range(1, len(frames) + 1))
    assert list_pdus(export(tmp_path, path)) == list_pdus(path)


# What is read of it


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_with_all_pdus_a_subset_is_read_as_the_capture_is(path: Path, tmp_path: Path) -> None:
    out = export(tmp_path, path)
    assert read_outcome([str(out)], tmp_path / "subset") == read_outcome([str(path)], tmp_path / "whole")
    assert list_pdus(out) == list_pdus(path)


@pytest.mark.parametrize("patient", PATIENTS)
@pytest.mark.parametrize("mss", [90, 536, 1460, 9000])
def test_the_pdus_of_a_message_are_read_as_before(patient: str, mss: int, tmp_path: Path) -> None:
    path, wanted = save(tmp_path, pcap(store_many(Talk(mss=mss)).frames)), f'msg(PatientName == "{patient}")'
    out = export(tmp_path, path, "-Y", wanted)
    assert len(list_pdus(path, wanted=wanted)) == 4
    assert list_pdus(out, wanted=wanted) == list_pdus(path, wanted=wanted)
    assert show_pdus(out, wanted) == show_pdus(path, wanted)
    assert "Implicit VR Little Endian: Default Transfer Syntax for DICOM, CT Image Storage" in show_pdus(out, wanted)
    assert len(read_frames(out)) < len(read_frames(path))


@pytest.mark.parametrize("wanted", ["dimse.cmd == C-FIND-RSP", "dimse.cmd == C-FIND-RQ", "dimse.status == pending"])
@pytest.mark.parametrize("name", ["c-find.pcap", "c-find-worklist.pcap", "c-find-one-pdu.pcap", "c-move.pcap"])
def test_the_pdus_of_recorded_messages_are_read_as_before(name: str, wanted: str, tmp_path: Path) -> None:
    path = CAPTURES[0].parent / name
    wanted = wanted.replace("FIND", "MOVE") if "move" in name else wanted
    out = export(tmp_path, path, "-Y", wanted)
    assert list_pdus(out, wanted=wanted) == list_pdus(path, wanted=wanted) != []


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("name", ["c-store-one-pdu.pcap", "c-find-worklist.pcap", "built-both-directions.pcap"])
def test_however_the_segments_came_a_subset_is_read_as_the_capture_is(name: str, disguise: str, tmp_path: Path) -> None:
    [data] = make_capture(read_segments(CAPTURES[0].parent / name), [disguise], seed=5)
    path = save(tmp_path, data)
    assert list_pdus(export(tmp_path, path)) == list_pdus(path)


@pytest.mark.parametrize("form", ["ipv4-fragments", "ipv4-fragments-reversed", "ipv6-fragments"])
def test_packets_in_fragments_are_read_as_before(form: str, tmp_path: Path) -> None:
    [data] = make_capture(read_segments(CAPTURES[0].parent / "c-find-worklist.pcap"), [], form=form, seed=5)
    path, wanted = save(tmp_path, data), "dimse.cmd == C-FIND-RSP"
    out = export(tmp_path, path, "-Y", wanted)
    assert list_pdus(out, wanted=wanted) == list_pdus(path, wanted=wanted) != []


@pytest.mark.parametrize("files", FILES)
def test_files_of_every_kind_are_written_with_what_they_hold(files: str, tmp_path: Path) -> None:
    parts = make_capture(read_segments(CAPTURES[0].parent / "c-find-worklist.pcap"), [], files=files, seed=5)
    paths = [save(tmp_path, data, f"{number}.capture") for number, data in enumerate(parts)]
    out = export(tmp_path, *paths)
    assert list_pdus(out) == list_pdus(*paths)
    assert read_frames(out) == read_frames(*paths)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whichever_pdus_are_chosen_their_frames_are_in_the_subset_and_as_they_were(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(CAPTURES))
    capture = Capture(path)
    arrivals = list(Associations(capture, Config()))
    numbers = data.draw(st.sets(st.integers(1, max(len(arrivals), 1))))
    frames = choose_frames(capture, ((each.pdu, each.number in numbers) for each in arrivals))
    carried = {frame for each in arrivals if each.number in numbers for frame in each.pdu.span.frames()}
    assert carried <= set(frames)
    assert list(frames) == sorted(set(frames))
    assert bool(frames) == bool(numbers and arrivals)


# Frames as they were


def keep(path: Path, folder: Path, frames: Sequence[int] | None = None) -> Path:
    """Write some frames of a capture, or all that are chosen with all PDUs."""
    capture, out = Capture(path), folder / "out.pcapng"
    assert write_frames(capture, choose(capture) if frames is None else frames, out)
    return out


@pytest.mark.parametrize("frames", [[1], [12], [2, 3, 7, 11], list(range(1, 13))])
@pytest.mark.parametrize("nanoseconds", [False, True])
@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize("cut", [None, 60, 70])
def test_frames_keep_bytes_times_and_lengths(
    frames: list[int], nanoseconds: bool, byte_order: str, cut: int | None, tmp_path: Path
) -> None:
    said = echo_talk(Talk(start=START, step=1_001_001_001)).frames
    path = save(tmp_path, pcap(said, nanoseconds=nanoseconds, byte_order=byte_order, cut=cut, link_type=1))
    out = keep(path, tmp_path, frames)
    assert read_frames(out) == [read_frames(path)[frame - 1] for frame in frames]
    [records] = Capture(out).records
    list(records)
    assert (records.decimals, records.cut, records.damages) == (9 if nanoseconds else 6, None, [])


@pytest.mark.parametrize("container", [pcap, pcapng])
def test_tshark_reads_the_same_frames_with_the_same_times(
    container: Callable[..., bytes], tshark: str, tmp_path: Path
) -> None:
    said = store_many(Talk(start=START, step=1_001_001_001)).frames
    words = {"nanoseconds": True} if container is pcap else {}
    path = save(tmp_path, container(said, cut=1000, **words))
    out, told = export(tmp_path, path, "-Y", "op(dimse.msgid == 2)"), ask_tshark(tshark, path)
    frames = [read_frames(path).index(frame) for frame in read_frames(out)]
    assert ask_tshark(tshark, out) == [told[frame] for frame in frames]
    assert told[0].startswith("1700000000.123456789\t")
    assert 0 < len(frames) < len(told)


@pytest.mark.parametrize("path", CAPTURES[::6], ids=lambda path: path.name)
def test_tshark_reads_recorded_frames_as_before(path: Path, tshark: str, tmp_path: Path) -> None:
    capture, out = Capture(path), tmp_path / "out.pcapng"
    frames = choose(capture, lambda each: each.number % 2 == 0)
    write_frames(capture, frames, out)
    told = ask_tshark(tshark, path)
    assert ask_tshark(tshark, out) == [told[frame - 1] for frame in frames] != []


def encode_option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def encode_interface(link: int, snap_length: int, *options: bytes) -> bytes:
    return pcapng_block(1, struct.pack("<HHI", link, 0, snap_length) + b"".join(options) + bytes(4))


def encode_packet(number: int, ticks: int, data: bytes, *comments: str) -> bytes:
    high, low = divmod(ticks, 2**32)
    options = b"".join(encode_option(1, comment.encode()) for comment in comments)
    head = struct.pack("<IIIII", number, high, low, len(data), len(data))
    return pcapng_block(6, head + data + bytes(-len(data) % 4) + (options + bytes(4) if options else b""))


SECTION = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)


def make_annotated() -> bytes:
    """Make a pcapng file of four interfaces, of two link types, with comments everywhere."""
    frames = [frame.data for frame in echo_talk().frames]
    cooked = [b"\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08\0" + data[14:] for data in frames]
    micro, nano = START // 1000, START
    blocks = [
        pcapng_block(0x0A0D0D0A, SECTION + encode_option(1, "eine Prüfung".encode()) + bytes(4)),
        encode_interface(1, 300, encode_option(1, b"mirror port")),
        encode_interface(113, 0, encode_option(9, b"\x09")),
        encode_interface(1, 400, encode_option(9, b"\x03"), encode_option(2, b"eth1")),
        encode_interface(105, 200),
    ]
    for at, data in enumerate(frames):
        number, ticks = [(0, micro), (1, nano), (2, micro // 1000)][at % 3]
        remarks = ["first", "zweite Ü"][: at % 4]
        blocks.append(encode_packet(number, ticks, cooked[at] if number == 1 else data, *remarks))
    return b"".join(blocks)


def test_comments_interfaces_and_resolutions_are_kept(tmp_path: Path) -> None:
    path = save(tmp_path, make_annotated(), "annotated.pcapng")
    out = keep(path, tmp_path)
    assert read_frames(out) == read_frames(path)
    assert len(read_frames(out)) == 12
    assert ("first", "zweite Ü") in [frame[4] for frame in read_frames(out)]
    kept, known = Capture(out), Capture(path)
    list(kept.segments()), list(known.segments())
    assert kept.records[0].comments == known.records[0].comments == ["eine Prüfung", "mirror port"]
    assert kept.decimals == known.decimals == 9
    assert list_interfaces(out) == [(1, 400, b"\x06"), (113, 0, b"\x09")]


def list_interfaces(path: Path) -> list[tuple[int, int, bytes]]:
    """Give link type, snap length and resolution of each interface of a subset."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        kind, total = struct.unpack_from("<II", data, at)
        if kind == 1:
            link, snap_length, code, length = struct.unpack_from("<H2xIHH", data, at + 8)
            assert (code, length) == (9, 1)
            found.append((link, snap_length, data[at + 20 : at + 21]))
        at += total
    return found


def test_comments_are_added_behind_those_that_are_there(tmp_path: Path) -> None:
    path, out = save(tmp_path, pcap(echo_talk().frames)), tmp_path / "out.pcapng"
    capture = Capture(path)
    out.write_bytes(b"".join(encode_subset(capture, [1, 2, 4], {2: ["langsam"], 3: ["not written"], 4: ["a", "b"]})))
    assert [row[6] for row in Capture(out).records[0]] == [(), ("langsam",), ("a", "b")]
    again = b"".join(encode_subset(Capture(out), [1, 2, 3], {2: ["really"]}))
    out.write_bytes(again)
    assert [row[6] for row in Capture(out).records[0]] == [(), ("langsam", "really"), ("a", "b")]


def test_tshark_reads_the_comments_as_before(tshark: str, tmp_path: Path) -> None:
    path = save(tmp_path, make_annotated(), "annotated.pcapng")
    out = keep(path, tmp_path)
    assert ask_tshark(tshark, out) == ask_tshark(tshark, path)
    assert "zweite Ü" in "".join(ask_tshark(tshark, out))


def test_an_interface_that_counts_otherwise_loses_nothing(tmp_path: Path) -> None:
    frame = echo_talk().frames[0].data
    interfaces = [
        encode_interface(1, 0, encode_option(9, b"\x8a")),  # 1024 a second
        encode_interface(113, 0, encode_option(9, b"\x00"), encode_option(14, struct.pack("<q", -3_000_000_000))),
        encode_interface(228, 0, encode_option(9, b"\x0c")),
        encode_interface(101, 0, encode_option(14, struct.pack("<q", 1_000_000_000))),
    ]
    ticks = [1025, 1_500_000_000, 5_000_000_123_456_789_999, 2_000_001]
    packets = [encode_packet(number, each, frame) for number, each in enumerate(ticks)]
    path = save(tmp_path, b"".join([pcapng_block(0x0A0D0D0A, SECTION), *interfaces, *packets]))
    out = keep(path, tmp_path, [1, 2, 3, 4])
    times = [BILLION * 1025 // 1024, -1_500_000_000 * BILLION, 5_000_000_123_456_789, 1_000_000_002 * BILLION + 1000]
    assert [frame[1] for frame in read_frames(out)] == sorted(times)
    assert read_frames(out) == read_frames(path)


def test_the_snap_length_of_a_file_is_kept(tmp_path: Path) -> None:
    path = save(tmp_path, pcap(echo_talk().frames, snap_length=70, cut=70, byte_order=">"))
    assert list_interfaces(keep(path, tmp_path)) == [(1, 70, b"\x06")]


def test_several_files_are_interfaces_each(tshark: str, tmp_path: Path) -> None:
    said = echo_talk(Talk(start=START)).frames
    [cooked] = make_capture(read_segments(CAPTURES[0].parent / "c-find.pcap"), [], link="cooked")
    paths = [
        save(tmp_path, pcap(said[::2], nanoseconds=True), "one"),
        save(tmp_path, pcap(said[1::2], snap_length=4096), "two"),
        save(tmp_path, cooked, "three"),
    ]
    out = export(tmp_path, *paths)
    assert list_pdus(out) == list_pdus(*paths)
    assert read_frames(out) == read_frames(*paths)
    assert sorted(list_interfaces(out)) == [(1, 4096, b"\x06"), (1, 262144, b"\x09"), (113, 262144, b"\x06")]
    told = [line for path in paths for line in ask_tshark(tshark, path)]
    assert sorted(ask_tshark(tshark, out)) == sorted(told)


def test_a_file_that_ends_within_a_frame_is_written_as_far_as_it_goes(tmp_path: Path) -> None:
    path = save(tmp_path, pcap(store_talk(bytes(3000)).frames[:8])[:-500])
    out = export(tmp_path, path)
    assert read_frames(out) == read_frames(path)
    assert list_pdus(out) == list_pdus(path)


# Whatever the capture is


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("name", ["c-find-worklist.pcap", "c-echo-ipv6.pcapng", "built-pdvs.pcap", "c-store-rle.pcap"])
def test_a_damaged_capture_gives_the_frames_that_are_read_of_it(name: str, how: str, tmp_path: Path) -> None:
    for seed in range(3):
        path, out = save(tmp_path, Recipe(CAPTURES[0].parent / name, how, seed).make()), tmp_path / f"out{seed}"
        try:
            capture = Capture(path)
            frames = choose(capture)
        except CaptureError:
            continue
        assert write_frames(capture, frames, out)
        whole = [frame for records in capture.again().records for frame in records]
        read = [
            (each.link, each.time, each.wire_length, each.file.read(each.start, each.start + each.length))
            for each in whole
        ]
        assert sorted(each[:4] for each in read_frames(out)) == sorted(read[frame - 1] for frame in frames)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([SYN, ACK, SYN | ACK, RST, ACK | 1, ACK | 8]),
            st.booleans(),
            st.sampled_from([0, 999, 1000, 1001, 1200, 2**31, 2**32 - 1]),
            st.sampled_from([b"", associate_rq(), associate_ac(), release_rq(), b"x"]),
        ),
        max_size=12,
    )
)
def test_whatever_segments_come_their_frames_are_chosen(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, bool, int, bytes]]
) -> None:
    ends: tuple[Endpoint, Endpoint] = ("10.0.0.1", 50000), ("10.0.0.2", 104)
    frames = [
        Frame(START + at, segment(*(ends if asks else ends[::-1]), sequence, 1, flags, data))
        for at, (flags, asks, sequence, data) in enumerate(said)
    ]
    capture = Capture(save(tmp_path_factory.getbasetemp(), pcap(frames), "any.pcap"))
    arrivals = list(Associations(capture, Config()))
    chosen = choose_frames(capture, ((each.pdu, True) for each in arrivals))
    assert {frame for each in arrivals for frame in each.pdu.span.frames()} <= set(chosen)


def test_memory_does_not_grow_with_the_capture(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq([(1, CT_IMAGE_STORAGE, [IMPLICIT])])).answer(associate_ac())
    talk.request(*message(1, c_store_rq(1, CT_IMAGE_STORAGE, "2.25.1"), bytes(8 << 20))).close()
    capture = Capture(save(tmp_path, pcap(talk.frames)))
    frames = array("I", choose(capture))
    assert len(frames) == len(talk.frames) > 5000
    tracemalloc.start()
    try:
        write_frames(capture, frames, tmp_path / "out.pcapng")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "out.pcapng").stat().st_size > 8 << 20
    assert peak < 200_000


# What is there already


def test_a_file_of_the_same_bytes_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = CAPTURES[0].parent / "c-echo.pcap"
    before = export(tmp_path, path).stat()
    assert export(tmp_path, path).stat() == before
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"dissect: {len(read_frames(path))} frames of 1 association written to {tmp_path / 'out.pcapng'}"
    assert (
        second == f"dissect: {tmp_path / 'out.pcapng'}: {len(read_frames(path))} frames of 1 association, there already"
    )


@pytest.mark.parametrize("there", ["file", "folder", "link", "pipe"])
def test_what_is_there_is_never_written_over(there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, target = tmp_path / "out.pcapng", tmp_path / "target"
    target.write_bytes(b"mine")
    if there == "file":
        out.write_bytes(b"mine")
    elif there == "folder":
        out.mkdir()
    elif there == "link":
        out.symlink_to(target)
    else:
        os.mkfifo(out)
    line = expect_trouble(capsys, "export", CAPTURES[0], "-w", out)
    assert line == f"dissect: {out}: it is there already, with other bytes; remove it, or name another file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.pcapng", "target"]
    assert target.read_bytes() == b"mine"
    assert there != "file" or out.read_bytes() == b"mine"


def test_a_capture_that_is_read_is_never_written_onto(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, other = save(tmp_path, pcap(echo_talk().frames)), tmp_path / "other.pcap"
    os.link(path, other)
    whole = export(tmp_path, path)
    attempts: list[list[str | Path]] = [[path, "-w", path], [whole, path, "-w", other], [whole, "-w", whole]]
    for words in attempts:
        capsys.readouterr()
        assert "it is one of the captures that are read; name another file" in expect_trouble(capsys, "export", *words)
    with pytest.raises(SubsetError):
        write_frames(Capture(path), [1], path)
    assert path.read_bytes() == pcap(echo_talk().frames)


def test_a_file_that_cannot_be_written_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "none" / "out.pcapng"
    line = expect_trouble(capsys, "export", CAPTURES[0], "-w", out)
    assert line == f"dissect: {out}: cannot write (No such file or directory); make room, or name another file"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    path, out = save(tmp_path, pcap(store_talk(bytes(90_000)).frames)), tmp_path / "out.pcapng"
    code = (
        "import resource, sys; from dissect.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50000, 50000))\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-W", "error", "-c", code, "export", str(path), "-w", str(out)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dissect: {out}: cannot write (File too large); make room, or name another file\n"
    assert list(tmp_path.iterdir()) == [path]


def test_ctrl_c_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dissect.subset.encode_frame", interrupt)
    out = tmp_path / "out.pcapng"
    assert main(["export", str(CAPTURES[0]), "-w", str(out)]) == 130
    assert capsys.readouterr().err == f"dissect: {out}: interrupted; not written\n"
    assert list(tmp_path.iterdir()) == []


# The command


def test_objects_and_frames_are_written_in_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, wanted = save(tmp_path, pcap(store_many(Talk()).frames)), 'msg(PatientName == "Doe^1")'
    both, alone = tmp_path / "both.pcapng", export(tmp_path, path, "-Y", wanted)
    assert main(["export", str(path), "-Y", wanted, "--to", str(tmp_path / "out"), "-w", str(both)]) == 0
    assert both.read_bytes() == alone.read_bytes()
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["2.25.2.dcm", "manifest.jsonl"]
    told = capsys.readouterr().err.splitlines()
    assert told[1] == f"dissect: {tmp_path / 'out'}: 1 object written, 0 of them partial"
    assert told[2] == told[0].replace("out.pcapng", "both.pcapng")


def test_associations_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = echo_talk(Talk()).frames + echo_talk(Talk(requestor=("10.0.0.1", 50001))).frames
    export(tmp_path, save(tmp_path, pcap(said)))
    assert f"{len(said)} frames of 2 associations written to" in capsys.readouterr().err


def test_a_filter_that_holds_for_nothing_writes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.pcapng"
    assert main(["export", str(CAPTURES[0].parent / "c-echo.pcap"), "-Y", "PatientID", "-w", str(out)]) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"dissect: {out}: not written, for there is no PDU to write"
    assert "-Y: holds for none of 6 PDUs" in second
    assert not out.exists()


def test_without_dicom_no_file_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    web = Talk(acceptor=("10.0.0.2", 80)).open().request(b"GET / HTTP/1.1\r\n\r\n").close()
    path = save(tmp_path, pcap(web.frames))
    assert "no DICOM found" in expect_trouble(capsys, "export", path, "-w", tmp_path / "out.pcapng")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "dissect export: name a folder with --to, or a file with -w, or both; dissect export --help tells more"),
        (["-w", ""], "dissect: -w: name the file to write"),
        (["-w", "-"], "dissect: -w: name the file to write"),
        (["--to", "", "-w", "x"], "dissect: --to: name the folder to write into"),
    ],
)
def test_what_is_to_be_written_must_be_named(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert expect_trouble(capsys, "export", CAPTURES[0], *words) == told


def test_standard_input_is_written_too(tmp_path: Path) -> None:
    path, out = CAPTURES[0].parent / "c-echo.pcap", tmp_path / "other.pcapng"
    command = [sys.executable, "-m", "dissect", "export", "-", "-w", str(out)]
    subprocess.run(command, input=path.read_bytes(), check=True, capture_output=True)
    assert out.read_bytes() == export(tmp_path, path).read_bytes()


def test_an_echo_of_several_is_read_alone(tmp_path: Path) -> None:
    talk = Talk().open().request(associate_rq()).answer(associate_ac())
    for number in range(1, 6):
        talk.request(*message(1, c_echo_rq(number))).answer(*message(1, c_echo_rsp(number)))
    path = save(tmp_path, pcap(talk.release().frames))
    out = export(tmp_path, path, "-Y", "op(dimse.msgid == 3)")
    assert [line[4] for line in list_pdus(out, wanted="dimse.cmd")] == ["C-ECHO-RQ ID=3", "C-ECHO-RSP ID=3 (Success)"]
    assert len(read_frames(out)) == 12


def test_a_part_says_that_frames_were_left_out_and_how_its_association_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path, pcap(store_many(Talk()).frames))
    part = export(tmp_path, path, "-Y", "pdu == 4", name="part.pcapng")
    whole = export(tmp_path, path, name="whole.pcapng")
    capsys.readouterr()
    for out, told in (
        (
            part,
            f"dissect: {part}: frames were left out of it on purpose; bytes that it lacks need not have been lost\n",
        ),
        (whole, ""),
        (export(tmp_path, part, name="again.pcapng"), None),
    ):
        capsys.readouterr()
        assert main(["associations", str(out)]) == 0
        printed = capsys.readouterr()
        assert "released by requestor" in printed.out
        assert told is None or printed.err == told
        assert out.read_bytes().count(PART.encode()) == (out != whole)
