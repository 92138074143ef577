import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.capture.segments import URG
from dissect.tcp import streams
from dissect.tcp.connections import GRACE, Streams
from dissect.tcp.history import MOST_CLASHES
from dissect.tcp.streams import PATIENCE, Connection, Stream
from tests.build import ACK, FIN, PSH, RST, SYN, Frame, Talk, pcap, segment
from tests.conftest import HANDSHAKE, follow_frames, follow_requestor, open_bytes, piece

DATA = bytes(range(1, 101))


def read(stream: Stream) -> bytes:
    return bytes(stream.read(0, stream.end))


def count(stream: Stream, *kinds: str) -> int:
    """Tell how often things of some kinds happened to a stream."""
    return sum(stream.seen[kind].count for kind in kinds if kind in stream.seen)


def send(*ranges: tuple[int, int], by_requestor: bool = True) -> list[Frame]:
    """Encode ranges of the data as segments, after a handshake."""
    return [*HANDSHAKE, *(piece(DATA, start, stop, by_requestor=by_requestor) for start, stop in ranges)]


# Order


def test_both_directions_are_read_each_as_a_stream_of_its_own() -> None:
    [connection] = follow_frames(Talk().open().request(b"ab", b"cd").answer(b"xyz").request(b"ef").close().frames)
    asked, answered = connection.streams
    assert (read(asked), read(answered)) == (b"abcdef", b"xyz")
    assert (asked.peer, answered.peer, connection.syn_by) == (answered, asked, asked)
    assert (asked.sender, answered.sender) == ("10.0.0.1:50000", "10.0.0.2:104")
    assert asked.closed
    assert answered.closed


def test_an_ipv6_address_stands_in_brackets() -> None:
    talk = Talk(("2001:db8::1", 50000), ("2001:db8::2", 104)).open().request(b"ab")
    assert follow_requestor(talk.frames).sender == "[2001:db8::1]:50000"


def test_connections_between_the_same_hosts_are_told_apart_by_their_ports() -> None:
    first, second = Talk().open().request(b"ab"), Talk(("10.0.0.1", 50001)).open().request(b"xy")
    mixed = [frame for pair in zip(first.frames, second.frames, strict=True) for frame in pair]
    assert [read(connection.streams[0]) for connection in follow_frames(mixed)] == [b"ab", b"xy"]


def test_segments_are_put_in_order() -> None:
    stream = follow_requestor(send((20, 30), (0, 10), (50, 60), (10, 20), (40, 50), (30, 40)))
    assert read(stream) == DATA[:60]
    assert (stream.gaps, stream.seen) == ([], {})


def test_each_byte_is_traced_to_the_frame_that_carried_it() -> None:
    stream = follow_requestor(send((20, 30), (0, 10), (10, 20)))
    assert [stream.frames(at, at + 1) for at in (0, 9, 10, 19, 20, 29)] == [[5], [5], [6], [6], [4], [4]]
    assert stream.frames(5, 25) == [4, 5, 6]
    assert stream.frames(5, 5) == []


def test_a_range_is_traced_to_its_places_in_the_file_in_its_own_order() -> None:
    stream = follow_requestor(send((20, 30), (0, 10), (10, 20)))
    places = [span.read() for span in stream.origins(5, 25)]
    assert places == [DATA[5:10], DATA[10:20], DATA[20:25]]
    assert all(span.source is stream.capture.file for span in stream.origins(5, 25))


def test_reading_is_cut_where_the_stream_ends() -> None:
    stream = follow_requestor(send((0, 10), (10, 20)))
    assert (stream.size, stream.read(15, 1000), stream.read(20, 30)) == (20, DATA[15:20], b"")


@pytest.mark.parametrize(
    ("ranges", "repeats", "frames"),
    [
        pytest.param([(0, 10), (0, 10)], 1, [4], id="whole"),
        pytest.param([(0, 10), (2, 7)], 1, [4], id="inside"),
        pytest.param([(0, 10), (5, 10)], 1, [4], id="the end of one"),
        pytest.param([(0, 10), (5, 15)], 1, [4, 5], id="old and new bytes"),
        pytest.param([(0, 5), (5, 10), (0, 15)], 1, [4, 5, 6], id="two, and new bytes"),
        pytest.param([(5, 10), (5, 10), (0, 5)], 1, [4, 6], id="whole, and early"),
        pytest.param([(5, 10), (2, 8), (0, 4)], 2, [4, 5, 6], id="overlapping, and early"),
    ],
)
def test_repeated_bytes_are_dropped(ranges: list[tuple[int, int]], repeats: int, frames: list[int]) -> None:
    stream = follow_requestor(send(*ranges))
    assert read(stream) == DATA[: max(stop for _, stop in ranges)]
    assert (count(stream, "sent again", "doubled"), stream.frames(0, stream.end), stream.gaps) == (repeats, frames, [])


def test_a_probe_that_keeps_the_connection_alive_brings_nothing() -> None:
    stream = follow_requestor([*send((0, 10), (9, 9), (9, 10)), piece(DATA, 10, 20)])
    assert read(stream) == DATA[:20]


@pytest.mark.parametrize("before", [0, 1, 5, 10, 19])
def test_sequence_numbers_may_pass_the_end_of_their_space(before: int) -> None:
    talk = Talk(isn=(2**32 - before - 1, 2**32 - 2), mss=5).open().request(DATA[:20]).answer(DATA[20:40]).close()
    talk.frames[4], talk.frames[5] = talk.frames[5], talk.frames[4]
    [connection] = follow_frames([*talk.frames[:6], *talk.frames[4:]])
    assert [read(stream) for stream in connection.streams] == [DATA[:20], DATA[20:40]]
    assert all(stream.closed and not stream.gaps for stream in connection.streams)


def test_data_on_a_syn_is_the_first_of_the_stream() -> None:
    talk = Talk().send(True, SYN, DATA[:10]).send(False, SYN | ACK).request(DATA[10:20])
    stream = follow_requestor([talk.frames[0], *talk.frames])
    assert (read(stream), stream.opened, count(stream, "doubled")) == (DATA[:20], True, 1)


def test_a_syn_that_is_repeated_opens_nothing_new() -> None:
    [connection] = follow_frames([HANDSHAKE[0], *send((0, 10)), HANDSHAKE[1], piece(DATA, 10, 20)])
    assert read(connection.streams[0]) == DATA[:20]


def test_the_answer_to_a_syn_may_be_captured_before_it() -> None:
    [connection] = follow_frames([HANDSHAKE[1], HANDSHAKE[0], HANDSHAKE[2], piece(DATA, 0, 10)])
    answered, asked = connection.streams
    assert (read(asked), read(answered), connection.syn_by) == (DATA[:10], b"", asked)
    assert asked.opened
    assert answered.opened


def test_a_connection_whose_beginning_is_not_captured_starts_with_its_first_bytes() -> None:
    stream = follow_requestor([piece(DATA, 30, 40), piece(DATA, 50, 60), piece(DATA, 40, 50)])
    assert (read(stream), stream.opened, stream.connection.syn_by) == (DATA[30:60], False, None)


# The end


def test_a_stream_is_closed_by_a_fin_once_all_its_bytes_are_there() -> None:
    capture = open_bytes(pcap([*send((0, 10)), piece(DATA, 20, 30, FIN | ACK), piece(DATA, 10, 20)]))
    closed = [(frame, stream.end) for stream, frame in Streams(capture) if stream.closed]
    assert closed[0] == (6, 30)


@pytest.mark.parametrize("early", [(10, 10), (10, 15)])
def test_a_stream_is_closed_by_the_bytes_that_a_fin_was_ahead_of(early: tuple[int, int]) -> None:
    frames = [piece(DATA, 20, 20, FIN | ACK), piece(DATA, *early), piece(DATA, early[1], 20)]
    closed = [frame for stream, frame in Streams(open_bytes(pcap([*send((0, 10)), *frames]))) if stream.closed]
    assert closed[0] == 7


def test_a_fin_may_come_before_the_last_bytes() -> None:
    stream = follow_requestor(
        [*send((0, 10)), piece(DATA, 30, 30, FIN | ACK), piece(DATA, 20, 30), piece(DATA, 10, 20)]
    )
    assert (read(stream), stream.closed, stream.final) == (DATA[:30], True, 30)


def test_who_resets_a_connection_is_remembered() -> None:
    for by_requestor in (True, False):
        [connection] = follow_frames(Talk().open().request(b"ab").reset(by_requestor).reset(not by_requestor).frames)
        assert connection.reset is not None
        assert connection.find_sender(connection.reset) is connection.streams[0 if by_requestor else 1]


def test_what_comes_after_a_reset_is_still_read() -> None:
    filler = [piece(DATA, 0, 0)] * (GRACE + 1)
    others = Talk(("10.0.0.3", 1)).open().frames
    reset = piece(DATA, 5, 5, RST)
    stream = follow_frames([*send((0, 10)), reset, *filler, *others, piece(DATA, 20, 30)])[0].streams[0]
    assert (read(stream), stream.gaps) == (DATA[:10] + bytes(10) + DATA[20:30], [(10, 20)])


def test_a_port_pair_that_is_used_again_is_a_second_connection() -> None:
    first = Talk().open().request(b"ab").answer(b"cd").close()
    second = Talk(isn=(7000, 9000)).open().request(b"ef").answer(b"gh").close()
    connections = follow_frames(first.frames + second.frames)
    assert [[read(stream) for stream in connection.streams] for connection in connections] == [
        [b"ab", b"cd"],
        [b"ef", b"gh"],
    ]
    assert [connection.started for connection in connections] == [1, 9]


def test_a_port_pair_may_be_used_again_without_an_end_of_the_first_connection() -> None:
    again = Talk(isn=(7000, 9000)).open().request(b"ef")
    first, second = follow_frames([*send((0, 10), (20, 30)), *again.frames])
    assert read(first.streams[0]) == DATA[:10] + bytes(10) + DATA[20:30]
    assert read(second.streams[0]) == b"ef"


def test_a_port_pair_may_be_used_again_from_the_other_side() -> None:
    again = Talk(("10.0.0.2", 104), ("10.0.0.1", 50000), isn=(7000, 9000)).open().request(b"ef").answer(b"gh")
    first, second = follow_frames([*send((0, 10)), *again.frames])
    assert [read(stream) for stream in first.streams] == [DATA[:10], b""]
    assert [read(stream) for stream in second.streams] == [b"ef", b"gh"]
    assert second.syn_by is second.streams[0]


# Holes


def test_a_hole_is_listed_and_its_bytes_are_zero() -> None:
    stream = follow_requestor(send((0, 10), (20, 30), (35, 40)))
    assert read(stream) == DATA[:10] + bytes(10) + DATA[20:30] + bytes(5) + DATA[35:40]
    assert stream.gaps == stream.missing(0, 40) == [(10, 20), (30, 35)]


@pytest.mark.parametrize(
    ("within", "missing"),
    [
        ((0, 10), []),
        ((0, 11), [(10, 11)]),
        ((12, 15), [(12, 15)]),
        ((19, 25), [(19, 20)]),
        ((20, 30), []),
        ((15, 32), [(15, 20), (30, 32)]),
        ((40, 50), []),
        ((15, 15), []),
    ],
)
def test_the_missing_part_of_a_range_is_told(within: tuple[int, int], missing: list[tuple[int, int]]) -> None:
    stream = follow_requestor(send((0, 10), (20, 30), (35, 40)))
    assert stream.missing(*within) == missing


def test_no_frame_and_no_place_has_carried_a_hole() -> None:
    stream = follow_requestor(send((0, 10), (20, 30)))
    assert (stream.frames(10, 20), list(stream.origins(10, 20))) == ([], [])
    assert (stream.frames(5, 25), [span.read() for span in stream.origins(5, 25)]) == (
        [4, 5],
        [DATA[5:10], DATA[20:25]],
    )


def test_the_first_bytes_may_be_missing() -> None:
    stream = follow_requestor(send((10, 20)))
    assert (read(stream), stream.gaps) == (bytes(10) + DATA[10:20], [(0, 10)])


def test_the_last_bytes_are_missing_where_a_fin_stands_behind_them() -> None:
    stream = follow_requestor([*send((0, 10)), piece(DATA, 20, 20, FIN | ACK)])
    assert (read(stream), stream.gaps) == (DATA[:10] + bytes(10), [(10, 20)])


def test_a_frame_that_is_cut_by_the_snap_length_leaves_a_hole() -> None:
    frames = send((0, 10), (10, 40), (40, 50))
    capture = open_bytes(pcap(frames, cut=54 + 12))
    [connection] = dict.fromkeys(stream.connection for stream, _ in Streams(capture))
    stream = connection.streams[0]
    assert (read(stream), stream.gaps) == (DATA[:22] + bytes(18) + DATA[40:50], [(22, 40)])


def list_ends(frames: list[Frame]) -> list[tuple[int, int]]:
    """Give each frame of the requestor, 0 for the end of the capture, and how far its stream is known then."""
    found = Streams(open_bytes(pcap(frames)))
    return [(frame, stream.end) for stream, frame in found if stream.sender == "10.0.0.1:50000"]


def test_behind_a_hole_nothing_comes_out_until_the_capture_ends() -> None:
    ends = list_ends(send((0, 10), (20, 30), (30, 40)))
    assert ends[-4:] == [(4, 10), (5, 10), (6, 10), (0, 40)]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hole that was acknowledged be given up when more than 20 bytes have come behind it."""
    monkeypatch.setattr(streams, "PATIENCE", 20)


def test_patience_is_long_enough_for_copies_that_come_late() -> None:
    assert PATIENCE == 4 * 2**20


@pytest.mark.parametrize(("more", "ends"), [(20, [(5, 10), (7, 10), (0, 30)]), (21, [(5, 10), (0, 31), (0, 31)])])
@pytest.mark.usefixtures("impatient")
def test_a_hole_that_the_peer_has_acknowledged_is_given_up_after_patience(
    more: int, ends: list[tuple[int, int]]
) -> None:
    passed = piece(DATA, 0, 0, by_requestor=False, ack=20)
    assert list_ends([*send((0, 10), (20, 25)), passed, piece(DATA, 25, 10 + more)])[-3:] == ends


@pytest.mark.usefixtures("impatient")
def test_a_hole_that_the_peer_has_not_acknowledged_is_kept() -> None:
    repeated = piece(DATA, 0, 0, by_requestor=False, ack=10)
    stream = follow_requestor([*send((0, 10), (20, 30)), repeated, piece(DATA, 30, 60), piece(DATA, 10, 20)])
    assert (read(stream), stream.gaps, stream.seen) == (DATA[:60], [], {})


@pytest.mark.usefixtures("impatient")
def test_a_copy_that_comes_after_its_hole_was_given_up_is_counted_and_not_used() -> None:
    passed = piece(DATA, 0, 0, by_requestor=False, ack=20)
    stream = follow_requestor([*send((0, 10), (20, 30)), passed, piece(DATA, 30, 60), piece(DATA, 8, 20)])
    assert read(stream) == DATA[:10] + bytes(10) + DATA[20:60]
    assert (stream.gaps, stream.seen["late"].amount) == ([(10, 20)], 10)


@pytest.mark.usefixtures("impatient")
def test_a_segment_that_acknowledges_nothing_gives_no_hole_up() -> None:
    talk = Talk()
    reset = Frame(0, segment(talk.acceptor, talk.requestor, talk.isn[1] + 1, 0x40000000, RST))
    stream = follow_requestor([*send((0, 10), (20, 30)), reset, piece(DATA, 30, 60), piece(DATA, 10, 20)])
    assert (read(stream), stream.gaps) == (DATA[:60], [])


def test_frames_that_come_shortly_after_the_end_still_fill_a_hole() -> None:
    end = [piece(DATA, 30, 30, FIN | ACK), piece(DATA, 0, 0, FIN | ACK, by_requestor=False)]
    stream = follow_requestor([*send((0, 10), (20, 30)), *end, piece(DATA, 10, 20)])
    assert (read(stream), stream.gaps) == (DATA[:30], [])


@pytest.mark.parametrize("flags", [RST | ACK, FIN | ACK])
def test_the_holes_of_a_connection_that_has_ended_are_given_up_while_others_go_on(flags: int) -> None:
    over = [piece(DATA, 30, 30, flags), piece(DATA, 0, 0, flags, by_requestor=False)]
    others = [frame for port in range(1, GRACE) for frame in Talk(("10.0.0.3", port)).open().request(b"x").frames]
    capture = open_bytes(pcap([*send((0, 10), (20, 30)), *over, *others]))
    told = [(frame, stream.connection.started, list(stream.gaps)) for stream, frame in Streams(capture)]
    given_up = told.index((0, 1, [(10, 20)]))
    assert any(frame for frame, _, _ in told[given_up:])


def test_a_stream_is_given_when_it_has_what_is_wanted_of_it_and_when_it_ends() -> None:
    given_with = []
    for stream, frame in Streams(open_bytes(pcap(send(*pairwise(range(0, 60, 10)))))):
        stream.wanted = 25
        if stream.sender == "10.0.0.1:50000":
            given_with.append((frame, stream.end))
    assert given_with == [(4, 10), (6, 30), (7, 40), (8, 50), (0, 50)]


def test_nothing_is_kept_of_a_connection_that_is_dismissed() -> None:
    capture = open_bytes(
        pcap([*send((0, 10), (10, 20), (30, 40)), *Talk(("10.0.0.3", 1)).open().request(b"ab").frames])
    )
    seen: list[Connection] = []
    for stream, frame in Streams(capture):
        seen.append(stream.connection)
        if frame == 4:
            stream.connection.dismiss()
    assert (len(set(seen)), seen.count(seen[0]), len(seen[0].streams[0].starts)) == (2, 1, 0)


# Whatever comes


RANGES = st.tuples(st.integers(0, len(DATA)), st.integers(0, len(DATA))).map(lambda pair: (min(pair), max(pair)))
CUTS = st.sets(st.integers(1, len(DATA) - 1), max_size=12).map(
    lambda cuts: list(pairwise([0, *sorted(cuts), len(DATA)]))
)
NUMBERS = st.sampled_from([0, 1000, 2**31 - 50, 2**31, 2**32 - 101, 2**32 - 50, 2**32 - 2, 2**32 - 1])


def hold(isn: int, pieces: list[tuple[int, int]]) -> Stream:
    """Read a connection with these pieces of the data, in this order, from SYN to FIN."""
    talk = Talk(isn=(isn, 5000)).open()
    for start, stop in pieces:
        data = segment(talk.requestor, talk.acceptor, isn + 1 + start, 5001, ACK, DATA[start:stop])
        talk.frames.append(Frame(talk.start, data))
    data = segment(talk.requestor, talk.acceptor, isn + 1 + len(DATA), 5001, FIN | ACK)
    return follow_requestor([*talk.frames, Frame(talk.start, data)])


@settings(deadline=None, max_examples=150)
@given(isn=NUMBERS, cuts=CUTS, repeats=st.lists(RANGES, max_size=6), shuffle=st.randoms(use_true_random=False))
def test_any_cut_repetition_and_order_gives_the_same_bytes(
    isn: int, cuts: list[tuple[int, int]], repeats: list[tuple[int, int]], shuffle: random.Random
) -> None:
    pieces = [*cuts, *repeats]
    shuffle.shuffle(pieces)
    stream = hold(isn, pieces)
    assert (read(stream), stream.gaps, stream.closed) == (DATA, [], True)
    for at in range(0, len(DATA), 7):
        [frame] = stream.frames(at, at + 1)
        start, stop = pieces[frame - 4]
        assert start <= at < stop


@settings(deadline=None, max_examples=150)
@given(
    isn=NUMBERS,
    cuts=CUTS.filter(lambda cuts: len(cuts) > 1),
    repeats=st.lists(RANGES, max_size=6),
    shuffle=st.randoms(use_true_random=False),
)
def test_a_lost_segment_is_missing_exactly_and_all_other_bytes_are_right(
    isn: int, cuts: list[tuple[int, int]], repeats: list[tuple[int, int]], shuffle: random.Random
) -> None:
    low, high = shuffle.choice(cuts)
    pieces = [(start, stop) for start, stop in [*cuts, *repeats] if stop <= low or start >= high]
    shuffle.shuffle(pieces)
    stream = hold(isn, pieces)
    assert read(stream) == DATA[:low] + bytes(high - low) + DATA[high:]
    assert stream.gaps == stream.missing(0, len(DATA)) == [(low, high)]


@settings(deadline=None, max_examples=150)
@given(pieces=st.lists(st.tuples(RANGES, st.sampled_from([ACK, ACK, PSH | ACK, RST | ACK])), max_size=15))
def test_any_segments_give_the_bytes_that_they_carry_and_holes_between(
    pieces: list[tuple[tuple[int, int], int]],
) -> None:
    pieces = [((0, 1), ACK), *pieces]
    stream = follow_requestor([*HANDSHAKE, *(piece(DATA, *within, flags) for within, flags in pieces)])
    # What a reset carries is no part of the stream.
    carried = {at for (start, stop), flags in pieces if not flags & RST for at in range(start, stop)}
    end = max(carried, default=-1) + 1
    assert read(stream) == bytes(DATA[at] if at in carried else 0 for at in range(end))
    assert {at for low, high in stream.missing(0, end) for at in range(low, high)} == {*range(end)} - carried


# What came twice


def overlay(start: int, data: bytes, *, by_requestor: bool = True, seconds: int = 0) -> Frame:
    """Encode the segment with other bytes at an offset."""
    talk = Talk()
    source, destination = (talk.requestor, talk.acceptor) if by_requestor else (talk.acceptor, talk.requestor)
    ours, theirs = talk.isn if by_requestor else talk.isn[::-1]
    return Frame(talk.start + seconds * 10**9, segment(source, destination, ours + 1 + start, theirs + 1, ACK, data))


@pytest.mark.parametrize(
    ("frames", "wanted"),
    [
        pytest.param([piece(DATA, 0, 10), overlay(4, b"xyz")], DATA[:10], id="in order"),
        pytest.param(
            [piece(DATA, 5, 10), overlay(4, b"xyz"), piece(DATA, 0, 5)], DATA[:4] + b"x" + DATA[5:10], id="early"
        ),
        pytest.param(
            [piece(DATA, 10, 20), overlay(5, bytes(10)), piece(DATA, 0, 5)],
            DATA[:5] + bytes(5) + DATA[10:20],
            id="lower, but later",
        ),
        pytest.param([piece(DATA, 0, 10), overlay(8, b"uvwxyz")], DATA[:10] + b"wxyz", id="the end, and new bytes"),
    ],
)
def test_of_bytes_that_came_twice_the_first_seen_count_and_the_difference_is_kept(
    frames: list[Frame], wanted: bytes
) -> None:
    stream = follow_requestor([*HANDSHAKE, *frames])
    assert read(stream) == wanted
    assert stream.seen["clash"].count == len(stream.clashes) > 0


def test_a_clash_tells_where_and_what_both_were() -> None:
    stream = follow_requestor([*send((0, 10), (10, 20)), overlay(4, DATA[4:6] + b"ab" + DATA[8:12])])
    [clash] = stream.clashes
    assert (clash.start, clash.stop) == (6, 8)
    assert (clash.first, clash.first_frame, clash.second, clash.second_frame) == (DATA[6:8], 4, b"ab", 6)


def test_many_clashes_are_counted_and_a_few_kept() -> None:
    frames = [overlay(at, b"\0") for at in range(90)]
    stream = follow_requestor([*send((0, 100)), *frames])
    assert (stream.seen["clash"].count, len(stream.clashes)) == (90, MOST_CLASHES)


@settings(deadline=None, max_examples=200)
@given(
    pieces=st.lists(st.tuples(st.integers(0, 30), st.binary(min_size=2, max_size=12)), min_size=1, max_size=12),
    first=st.booleans(),
)
def test_whatever_came_twice_the_first_seen_counts(pieces: list[tuple[int, bytes]], first: bool) -> None:
    pieces = [(0, b"\0"), *pieces] if first else [*pieces, (0, b"\0")]
    stream = follow_requestor([*HANDSHAKE, *(overlay(start, data) for start, data in pieces)])
    wanted: dict[int, int] = {}
    for start, data in pieces:
        for at, byte in enumerate(data, start):
            wanted.setdefault(at, byte)
    if not first and wanted[0] != 0:
        assert "clash" in stream.seen
    assert read(stream) == bytes(wanted.get(at, 0) for at in range(max(wanted) + 1))


@pytest.mark.parametrize("number", [0, 77])
@pytest.mark.parametrize(("later", "kind"), [(0, "doubled"), (1, "sent again")])
def test_a_copy_of_a_frame_is_told_from_a_segment_sent_again(number: int, later: int, kind: str) -> None:
    def mark(frame: Frame, number: int) -> Frame:
        return Frame(frame.time_ns, frame.data[:18] + number.to_bytes(2, "big") + frame.data[20:])

    first, again = (
        mark(overlay(0, DATA[:10]), number),
        mark(overlay(0, DATA[:10], seconds=later), number and number + later),
    )
    stream = follow_requestor([*HANDSHAKE, first, again])
    assert {what: seen.count for what, seen in stream.seen.items()} == {kind: 1}


def test_a_segment_sent_again_with_other_borders_is_no_copy() -> None:
    stream = follow_requestor(send((0, 10), (10, 20), (5, 15)))
    assert (
        stream.seen["sent again"].count,
        stream.seen["sent again"].amount,
        stream.seen["sent again"].frame,
    ) == (
        1,
        10,
        6,
    )


def test_a_probe_behind_the_own_fin_is_no_part_of_the_stream() -> None:
    stream = follow_requestor([*send((0, 10)), piece(DATA, 10, 10, FIN | ACK), overlay(10, b"\0")])
    assert (read(stream), stream.closed, stream.seen) == (DATA[:10], True, {})


def test_what_a_probe_carries_is_not_compared() -> None:
    stream = follow_requestor([*send((0, 10)), overlay(9, b"\0"), *[piece(DATA, 10, 20)]])
    assert (read(stream), stream.seen) == (DATA[:20], {})


# Late starts


def test_a_stream_that_starts_late_waits_for_what_came_before_its_first_segment() -> None:
    frames = [piece(DATA, 30, 40), piece(DATA, 10, 20), piece(DATA, 20, 30), piece(DATA, 40, 50)]
    stream = follow_requestor(frames)
    assert (read(stream), stream.gaps, stream.opened) == (DATA[10:50], [], False)


def test_the_peer_s_acknowledgement_tells_where_a_late_stream_starts() -> None:
    told = piece(DATA, 0, 5, by_requestor=False, ack=30)
    given_with = [
        (frame, stream.end) for stream, frame in Streams(open_bytes(pcap([piece(DATA, 20, 30), told]))) if stream.end
    ]
    assert given_with[0] == (0, 10)


def test_a_late_stream_waits_no_longer_than_it_must() -> None:
    frames = [piece(DATA, at, at + 1) for at in range(50, 50 + streams.LATE_START + 3)]
    ends = [stream.end for stream, _ in Streams(open_bytes(pcap(frames))) if stream.end]
    assert ends[0] == streams.LATE_START


@pytest.mark.parametrize("ahead", [1, 2])
def test_data_may_be_captured_before_the_syn(ahead: int) -> None:
    frames = [*HANDSHAKE[1:3], piece(DATA, 0, 10), piece(DATA, 10, 20)]
    stream = follow_frames([*frames[: 2 + ahead], HANDSHAKE[0], *frames[2 + ahead :]])[0]
    asked = next(each for each in stream.streams if each.sender == "10.0.0.1:50000")
    assert (read(asked), asked.opened, asked.gaps) == (DATA[:20], True, [])


def test_a_probe_before_the_first_segment_is_no_part_of_a_late_stream() -> None:
    assert read(follow_requestor([piece(DATA, 30, 40), overlay(29, b"\0"), piece(DATA, 40, 50)])) == DATA[30:50]


# Resets, windows, delays, urgent data, simultaneous openings


def test_what_a_reset_carries_is_no_part_of_the_stream() -> None:
    stream = follow_requestor([*send((0, 10)), piece(b"." * 10 + b"no such service", 10, 25, RST | ACK)])
    assert read(stream) == DATA[:10]
    reset = stream.connection.reset
    assert reset is not None
    assert stream.capture.file.read(reset.place, reset.place + reset.length) == b"no such service"


def shut(frame: Frame, window: int) -> Frame:
    """Let a segment announce another receive window."""
    return Frame(frame.time_ns, frame.data[:48] + window.to_bytes(2, "big") + frame.data[50:])


def test_the_time_for_which_a_receive_window_is_shut_is_added_up() -> None:
    talk = Talk(step=10**6).open().request(DATA[:10]).answer(b"", b"").request(DATA[10:20]).answer(b"", b"", b"")
    windows = {4: 0, 5: 0, 7: 500, 8: 0, 9: 0}
    frames = [shut(frame, windows.get(number, 100)) for number, frame in enumerate(talk.frames)]
    answered = follow_frames(frames)[0].streams[1]
    seen = answered.seen["shut"]
    assert answered.history is not None
    assert (seen.count, seen.frame, seen.amount, answered.history.shut) == (2, 5, 3 * 10**6, 9)


def test_sending_that_goes_on_at_once_when_a_late_acknowledgement_comes_was_delayed_by_it() -> None:
    talk = Talk(step=10**6).open().request(DATA[:10]).wait(40 * 10**6).answer(b"").request(DATA[10:20])
    seen = follow_requestor(talk.frames).seen["delayed"]
    assert (seen.count, seen.frame, seen.amount) == (1, 5, 41 * 10**6)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(Talk().open().request(DATA[:10]).answer(b"").request(DATA[10:20]), id="at once"),
        pytest.param(Talk().open().request(DATA[:10]).wait(10**9).answer(b"").request(DATA[10:20]), id="too late"),
        pytest.param(
            Talk().open().request(DATA[:10]).wait(40 * 10**6).answer(b"").wait(10**7).request(DATA[10:20]), id="later"
        ),
        pytest.param(
            Talk().open().request(DATA[:10]).wait(40 * 10**6).answer(b"", b"answer").request(DATA[10:20]), id="answered"
        ),
    ],
)
def test_sending_was_not_delayed_by_an_acknowledgement_that_it_did_not_wait_for(talk: Talk) -> None:
    assert follow_requestor(talk.frames).seen == {}


def test_urgent_data_stays_in_its_place_and_is_counted() -> None:
    stream = follow_requestor([*send((0, 10)), piece(DATA, 10, 12, ACK | URG), piece(DATA, 12, 20)])
    assert (read(stream), stream.seen["urgent"].count) == (DATA[:20], 1)


def test_both_sides_may_open_a_connection_at_once() -> None:
    talk = Talk().send(True, SYN).send(False, SYN)
    talk.frames += [piece(DATA, 0, 10), piece(DATA, 20, 30, by_requestor=False)]
    [connection] = follow_frames(talk.frames)
    assert (connection.syn_by, read(connection.streams[0])) == (None, DATA[:10])
    assert all(stream.opened for stream in connection.streams)


def test_the_answer_to_a_syn_alone_tells_who_opened() -> None:
    [connection] = follow_frames([HANDSHAKE[1], piece(DATA, 0, 10)])
    assert connection.syn_by is next(each for each in connection.streams if each.sender == "10.0.0.1:50000")


def test_bytes_that_a_snap_length_cut_off_the_last_segment_are_missing() -> None:
    capture = open_bytes(pcap(send((0, 10), (10, 40)), cut=54 + 12))
    [connection] = dict.fromkeys(stream.connection for stream, _ in Streams(capture))
    assert connection.streams[0].gaps == [(22, 40)]


def test_what_is_cut_by_the_snap_length_keeps_nothing_waiting() -> None:
    capture = open_bytes(pcap(send((0, 30), (30, 60), (60, 90)), cut=54 + 12))
    ends = [(frame, stream.end) for stream, frame in Streams(capture) if frame]
    assert ends == [(4, 30), (5, 60), (6, 90)]
