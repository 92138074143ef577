import random
from itertools import accumulate, pairwise
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dissect.config import Config
from dissect.dialogue import Associations
from dissect.dicom.framing import PROBE, Framer, is_negotiation, judge
from dissect.dicom.pdu import LOST, Pdu
from dissect.tcp import streams
from dissect.tcp.connections import Streams
from dissect.tcp.streams import Stream
from tests import build
from tests.build import ACK, COMMAND, FIN, LAST, Frame, p_data, pcap, pdv
from tests.conftest import HANDSHAKE, cut_frames, follow_frames, follow_requestor, open_bytes, piece

RQ, AC = build.associate_rq(), build.associate_ac()
COMMAND_PDU = p_data(pdv(1, COMMAND | LAST, build.c_echo_rq()))
DATA_PDU = p_data(pdv(1, 0, bytes(range(256))), pdv(1, LAST, b"text" * 20))
RELEASE = build.release_rq()


def send(data: bytes, *stops: int, opened: bool = True) -> list[Frame]:
    """Encode the requestor's data in segments that end at these offsets, and FIN; with or without the handshake."""
    bounds = [0, *stops, len(data)]
    segments = [piece(data, start, stop) for start, stop in pairwise(bounds)]
    return [*(HANDSHAKE if opened else []), *segments, piece(data, len(data), len(data), FIN | ACK)]


def lose(data: bytes, low: int, high: int) -> list[Frame]:
    """Encode data of which the segment from `low` to `high` is lost."""
    return [*HANDSHAKE, piece(data, 0, low), piece(data, high, len(data)), piece(data, len(data), len(data), FIN | ACK)]


def outline(pdus: list[Pdu]) -> list[tuple[int, int, int]]:
    return [(pdu.kind, pdu.start, pdu.stop) for pdu in pdus]


def lay(*pdus: bytes) -> list[tuple[int, int, int]]:
    """Tell where PDUs stand that follow each other, by their first bytes."""
    ends = accumulate(map(len, pdus))
    return [(data[0], end - len(data), end) for data, end in zip(pdus, ends, strict=True)]


def list_begun(frames: list[Frame]) -> list[tuple[int, list[int], tuple[int, int] | None]]:
    """Give each frame that brings what is wanted, the types of the PDUs it completes, and the one on its way then."""
    found = []
    framers: dict[Stream, Framer] = {}
    for stream, frame in Streams(open_bytes(pcap(frames))):
        framer = framers.get(stream) or framers.setdefault(stream, Framer(stream))
        kinds = [pdu.kind for pdu in framer.frame_pdus(frame)]
        if frame:
            found.append((frame, kinds, framer.begun))
    return found


# By length, from header to header


def test_pdus_follow_each_other_by_their_lengths() -> None:
    said = RQ, COMMAND_PDU, DATA_PDU, RELEASE
    pdus = cut_frames(send(b"".join(said)))
    assert outline(pdus) == lay(*said)
    assert [pdu.length for pdu in pdus] == [len(data) - 6 for data in said]
    assert [pdu.span.read() for pdu in pdus] == list(said)
    assert [pdu.name for pdu in pdus] == ["A-ASSOCIATE-RQ", "P-DATA-TF", "P-DATA-TF", "A-RELEASE-RQ"]


def test_a_pdu_belongs_to_the_frames_that_carried_it_and_to_the_one_that_completed_it() -> None:
    data = RQ + COMMAND_PDU + RELEASE
    pdus = cut_frames(send(data, 10, 100, len(RQ) + 3, len(data) - 4))
    assert [pdu.span.frames() for pdu in pdus] == [[4, 5, 6], [6, 7], [7, 8]]
    assert [pdu.frame for pdu in pdus] == [6, 7, 8]


def test_several_pdus_in_a_segment_belong_to_its_frame() -> None:
    pdus = cut_frames(send(RQ + COMMAND_PDU + RELEASE, len(RQ)))
    assert [pdu.span.frames() for pdu in pdus] == [[4], [5], [5]]


def test_a_segment_for_each_byte_gives_the_same_pdus() -> None:
    said = RQ, COMMAND_PDU, RELEASE
    data = b"".join(said)
    pdus = cut_frames(send(data, *range(1, len(data))))
    assert outline(pdus) == lay(*said)
    assert [pdu.span.frames() for pdu in pdus] == [list(range(4 + low, 4 + high)) for _, low, high in lay(*said)]


def test_a_pdu_is_given_with_the_segment_that_completes_it() -> None:
    data = RQ + COMMAND_PDU + RELEASE
    assert list_begun(send(data, len(RQ) - 1, len(RQ), len(data) - 1)) == [
        (4, [], (1, 0)),
        (5, [1], None),
        (6, [4], (5, len(data) - 10)),
        (7, [5], None),
        (8, [], None),
    ]


def test_a_pdu_is_on_its_way_as_soon_as_its_header_is_there() -> None:
    told = list_begun(send(RQ + COMMAND_PDU, 5, 6, len(RQ), len(RQ) + 5, len(RQ) + 12))
    assert [(frame, begun) for frame, _, begun in told] == [
        (4, None),
        (5, (1, 0)),
        (6, None),
        (8, (4, len(RQ))),
        (9, None),
        (10, None),
    ]


def test_each_direction_has_pdus_of_its_own() -> None:
    pdus = cut_frames(build.echo_talk().frames)
    assert [(pdu.stream.sender, pdu.kind) for pdu in pdus] == [
        ("10.0.0.1:50000", 1),
        ("10.0.0.2:104", 2),
        ("10.0.0.1:50000", 4),
        ("10.0.0.2:104", 4),
        ("10.0.0.1:50000", 5),
        ("10.0.0.2:104", 6),
    ]


def test_pdus_in_segments_out_of_order_are_given_in_the_order_of_their_bytes() -> None:
    said = RQ, COMMAND_PDU, RELEASE
    frames = send(b"".join(said), len(RQ), len(RQ + COMMAND_PDU))
    pdus = cut_frames([*frames[:3], frames[5], frames[4], frames[3], frames[6]])
    assert outline(pdus) == lay(*said)
    assert [pdu.span.frames() for pdu in pdus] == [[6], [5], [4]]


@pytest.mark.parametrize("size", [0, 1, 2**16, 2**20 + 2**16])
def test_a_p_data_tf_of_any_size_is_one_pdu(size: int) -> None:
    said = RQ, p_data(pdv(1, LAST, b"\x07\x00" * (size // 2) + b"x" * (size % 2))), RELEASE
    data = b"".join(said)
    assert outline(cut_frames(send(data, *range(60000, len(data), 60000)))) == lay(*said)


# What breaks the rules, and still has a length that leads to the next header


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(build.pdu(0x99, b"anything"), id="an unknown type"),
        pytest.param(build.pdu(0x00, b"anything"), id="type 0"),
        pytest.param(build.pdu(0x08, b""), id="an unknown type without a body"),
        pytest.param(build.pdu(0x04, b"", reserved=1), id="a reserved byte that is not zero"),
        pytest.param(build.pdu(0x04, b""), id="a P-DATA-TF without a PDV"),
        pytest.param(build.pdu(0x04, b"no presentation data value"), id="a P-DATA-TF of something else"),
        pytest.param(p_data(pdv(2, LAST, b"ab")), id="an even context ID"),
        pytest.param(p_data(pdv(1, 0xFF, b"ab")), id="reserved bits of the message control header"),
        pytest.param(p_data(pdv(1, LAST, b"ab", length=99)), id="a PDV longer than its PDU"),
        pytest.param(build.pdu(0x05, b"123456"), id="an A-RELEASE-RQ that is too long"),
        pytest.param(build.pdu(0x07, b"12"), id="an A-ABORT that is too short"),
        pytest.param(build.pdu(0x01, b""), id="an A-ASSOCIATE-RQ without a body"),
        pytest.param(build.associate_rq(called="A\x07\xff"), id="an AE title of other characters"),
    ],
)
def test_a_wrong_pdu_between_sound_ones_is_cut_by_its_length(wrong: bytes) -> None:
    said = RQ, wrong, COMMAND_PDU, RELEASE
    data = b"".join(said)
    in_one = cut_frames(send(data))
    byte_by_byte = cut_frames(send(data, *range(1, len(data))))
    assert [(pdu.start, pdu.stop) for pdu in in_one] == [(start, stop) for _, start, stop in lay(*said)]
    assert [pdu.span.read() for pdu in in_one] == list(said)
    assert outline(in_one) == outline(byte_by_byte)


def test_a_wrong_pdu_may_be_the_last_one() -> None:
    said = RQ, build.pdu(0x99, b"anything")
    assert outline(cut_frames(send(b"".join(said)))) == lay(*said)


# What is no PDU


def test_bytes_between_pdus_are_lost_and_the_next_pdu_is_found() -> None:
    junk = b"GET / HTTP/1.1\r\n\r\n"
    data = RQ + junk + COMMAND_PDU + RELEASE
    pdus = cut_frames(send(data))
    at = len(RQ + junk)
    assert outline(pdus) == [
        (1, 0, len(RQ)),
        (LOST, len(RQ), at),
        (4, at, at + len(COMMAND_PDU)),
        (5, at + len(COMMAND_PDU), len(data)),
    ]
    assert (pdus[1].length, pdus[1].name, pdus[1].span.read()) == (0, "Lost bytes", junk)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_fewer_bytes_than_a_header_at_the_end_are_lost(count: int) -> None:
    pdus = cut_frames(send(RQ + RELEASE[:count]))
    assert outline(pdus) == [(1, 0, len(RQ)), (LOST, len(RQ), len(RQ) + count)]


@pytest.mark.parametrize("count", [6, 11, 12, 20, 100, len(DATA_PDU) - 1])
def test_a_pdu_that_the_capture_ends_in_is_as_long_as_it_got(count: int) -> None:
    pdus = cut_frames(send(RQ + DATA_PDU[:count]))
    assert outline(pdus) == [(1, 0, len(RQ)), (4, len(RQ), len(RQ) + count)]
    assert pdus[1].length == len(DATA_PDU) - 6


def test_what_looks_like_a_header_and_leads_nowhere_is_no_pdu() -> None:
    false = b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00"
    data = RQ + b"junk" + false + b"more junk" + COMMAND_PDU + DATA_PDU
    at = len(data) - len(COMMAND_PDU + DATA_PDU)
    assert outline(cut_frames(send(data)))[:3] == [
        (1, 0, len(RQ)),
        (LOST, len(RQ), at),
        (4, at, at + len(COMMAND_PDU)),
    ]


def test_a_header_that_claims_more_than_any_pdu_has_is_passed() -> None:
    data = RQ + build.pdu(0x99, b"anything", length=2**32 - 1) + COMMAND_PDU + RELEASE
    pdus = cut_frames(send(data))
    assert [pdu.kind for pdu in pdus] == [1, LOST, 4, 5]


def test_a_stream_of_something_else_is_lost_as_a_whole() -> None:
    data = b"220 mail.example.org ESMTP\r\n" * 100
    assert outline(cut_frames(send(data, 700, 1400))) == [(LOST, 0, len(data))]


def test_lost_bytes_that_looked_like_a_pdu_at_first_take_no_pdu_s_number() -> None:
    data = RQ + build.pdu(0x04, b"no presentation data value", length=20) + COMMAND_PDU + RELEASE
    for stops in ([], [len(RQ) + 8]):
        arrivals = Associations(open_bytes(pcap(send(data, *stops))), Config())
        assert [(each.pdu.kind, each.ordinal) for each in arrivals] == [(1, 1), (LOST, 1), (4, 1), (5, 1)]


# Captures that begin or end early or late


@pytest.mark.parametrize("late", [1, 5, 6, 50])
def test_a_capture_that_begins_within_a_pdu_is_read_from_the_next_one(late: int) -> None:
    data = DATA_PDU[late:] + COMMAND_PDU + RELEASE
    at = len(DATA_PDU) - late
    pdus = cut_frames(send(data, 40, 200, opened=False))
    assert outline(pdus) == [(LOST, 0, at), (4, at, at + len(COMMAND_PDU)), (5, at + len(COMMAND_PDU), len(data))]


@pytest.mark.parametrize("first", [RQ, AC, COMMAND_PDU, DATA_PDU])
def test_a_capture_that_begins_with_a_pdu_loses_nothing(first: bytes) -> None:
    said = first, COMMAND_PDU, RELEASE
    assert outline(cut_frames(send(b"".join(said), 4, 100, opened=False))) == lay(*said)


@pytest.mark.parametrize(
    "begin",
    [
        pytest.param(b"\x01\x00\x00\x00\x30\x00", id="presentation context 1 like an A-ASSOCIATE-RQ"),
        pytest.param(b"\x04\x00\x00\x40\x00\x52", id="maximum length 16384 like a P-DATA-TF"),
    ],
)
def test_too_few_bytes_of_what_looks_like_a_header_tell_nothing_yet(begin: bytes) -> None:
    data = RQ[1:] + COMMAND_PDU + RELEASE
    at = len(RQ) - 1
    pdus = cut_frames(send(data, data.index(begin) + 8, opened=False))
    assert outline(pdus)[:2] == [(LOST, 0, at), (4, at, at + len(COMMAND_PDU))]


def test_what_looks_like_a_header_is_not_believed_because_a_segment_ends_behind_it() -> None:
    false = build.pdu(0x04, pdv(1, 0, bytes(20)), length=500)
    data = b"junk" * 30 + false + b"junk" * 200 + COMMAND_PDU + RELEASE
    at = len(data) - len(COMMAND_PDU + RELEASE)
    for stops in ([], [300]):
        pdus = cut_frames(send(data, *stops, opened=False))
        assert outline(pdus)[:2] == [(LOST, 0, at), (4, at, at + len(COMMAND_PDU))]


@pytest.mark.parametrize("count", [6, 50, 75, 76])
def test_a_request_that_the_capture_ends_in_is_shown(count: int) -> None:
    frames = [*HANDSHAKE, piece(RQ, 0, count)]
    arrivals = Associations(open_bytes(pcap(frames)), Config())
    assert outline([each.pdu for each in arrivals]) == [(1, 0, count)]


@pytest.mark.parametrize("answer", [build.associate_rj(), build.release_rp(), build.abort()])
def test_a_short_pdu_is_enough_for_a_capture_that_begins_late(answer: bytes) -> None:
    assert outline(cut_frames(send(answer, opened=False))) == lay(answer)


# Lost segments


def test_a_hole_within_a_pdu_leaves_all_pdus_as_they_are() -> None:
    said = RQ, DATA_PDU, COMMAND_PDU, RELEASE
    low, high = len(RQ) + 20, len(RQ) + 200
    pdus = cut_frames(lose(b"".join(said), low, high))
    assert outline(pdus) == lay(*said)
    assert pdus[1].stream.missing(pdus[1].start, pdus[1].stop) == [(low, high)]


def test_a_hole_behind_the_header_of_a_pdu_leaves_all_pdus_as_they_are() -> None:
    said = RQ, DATA_PDU, COMMAND_PDU, RELEASE
    low, high = len(RQ) + 6, len(RQ) + 200
    assert outline(cut_frames(lose(b"".join(said), low, high))) == lay(*said)


@pytest.mark.parametrize(("low", "high"), [(0, 3), (2, 4), (3, 200), (5, 6), (-20, 3), (-20, 300)])
def test_a_hole_in_a_header_costs_that_pdu_and_the_next_is_found(low: int, high: int) -> None:
    said = RQ, DATA_PDU, COMMAND_PDU, RELEASE
    pdus = cut_frames(lose(b"".join(said), len(RQ) + low, len(RQ) + high))
    whole = lay(*said)
    assert outline(pdus) == [whole[0], (LOST, whole[1][1], whole[1][2]), *whole[2:]]


def test_a_hole_over_whole_pdus_is_one_lost_run_with_them() -> None:
    said = RQ, COMMAND_PDU, COMMAND_PDU, DATA_PDU, RELEASE
    pdus = cut_frames(lose(b"".join(said), len(RQ), len(RQ + COMMAND_PDU * 2)))
    whole = lay(*said)
    assert outline(pdus) == [whole[0], (LOST, whole[1][1], whole[2][2]), *whole[3:]]


def test_the_pdus_behind_a_hole_are_completed_by_frames_that_carried_them() -> None:
    said = RQ, COMMAND_PDU, DATA_PDU, RELEASE
    pdus = cut_frames(lose(b"".join(said), len(RQ), len(RQ + COMMAND_PDU)))
    assert [(pdu.frame, pdu.span.frames()) for pdu in pdus if pdu.kind != LOST] == [(4, [4]), (5, [5]), (5, [5])]


def test_lost_bytes_that_no_frame_carried_belong_to_none_and_have_a_frame_for_their_time() -> None:
    pdus = cut_frames(lose(RQ + COMMAND_PDU + RELEASE, len(RQ), len(RQ + COMMAND_PDU)))
    [lost] = [pdu for pdu in pdus if pdu.kind == LOST]
    assert lost.span.frames() == []
    assert 1 <= lost.frame <= 6


# What the start of a PDU looks like


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(RQ, id="A-ASSOCIATE-RQ"),
        pytest.param(AC, id="A-ASSOCIATE-AC"),
        pytest.param(build.associate(0x01), id="A-ASSOCIATE-RQ without items"),
        pytest.param(build.associate_rq(called="", calling="\0" * 16), id="blank AE titles"),
        pytest.param(build.associate_rj(), id="A-ASSOCIATE-RJ"),
        pytest.param(COMMAND_PDU, id="P-DATA-TF"),
        pytest.param(p_data(pdv(1, 0, b"")), id="an empty PDV"),
        pytest.param(p_data(pdv(255, LAST, b"ab")), id="the highest context ID"),
        pytest.param(RELEASE, id="A-RELEASE-RQ"),
        pytest.param(build.release_rp(), id="A-RELEASE-RP"),
        pytest.param(build.abort(), id="A-ABORT"),
    ],
)
def test_a_sound_start_of_a_pdu_is_told_as_soon_as_enough_of_it_is_there(data: bytes) -> None:
    needed = {1: 75, 2: 75, 4: 12}.get(data[0], 10)
    told = [judge(data[:count], final=False) for count in range(PROBE + 1)]
    assert told == [None if count < min(needed, len(data)) else True for count in range(PROBE + 1)]
    assert [judge(data[:count], final=True) for count in (5, 6, PROBE)] == [False, True, True]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(build.pdu(0x05, b"12345"), id="an A-RELEASE-RQ that is too long"),
        pytest.param(build.pdu(0x07, b"12"), id="an A-ABORT that is too short"),
        pytest.param(build.pdu(0x04, COMMAND_PDU[6:], reserved=1), id="a reserved byte that is not zero"),
        pytest.param(build.pdu(0x08, b"1234"), id="an unknown type"),
        pytest.param(build.pdu(0x00, b"1234"), id="type 0"),
        pytest.param(build.pdu(0x04, b"12345"), id="a P-DATA-TF without room for a PDV"),
        pytest.param(p_data(pdv(2, LAST, b"ab")), id="an even context ID"),
        pytest.param(p_data(pdv(1, 4, b"ab")), id="reserved bits of the message control header"),
        pytest.param(p_data(pdv(1, LAST, b"ab", length=5)), id="a PDV longer than its PDU"),
        pytest.param(p_data(pdv(1, LAST, b"ab", length=1)), id="a PDV without room for its header"),
        pytest.param(build.associate_rq(called="\x07"), id="an AE title of other characters"),
        pytest.param(build.pdu(0x01, bytes(67)), id="an A-ASSOCIATE-RQ without room for its fields"),
        pytest.param(build.associate(0x01, build.item(0x30, b"1.2")), id="an A-ASSOCIATE-RQ with a wrong item"),
    ],
)
def test_a_start_of_something_else_is_not_sound(data: bytes) -> None:
    assert judge(data[:PROBE], final=False) is False
    assert judge(data[:PROBE], final=True) is False


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (RQ, True),
        (RQ + COMMAND_PDU, True),
        (build.associate(0x01), True),
        (AC, True),
        (b"\x16\x03\x01\x02\x00\x01", False),
        (b"\x02", False),
        (b"\x01\x00\x00\x00\x00\x03", False),
    ],
)
def test_a_stream_begins_with_a_negotiation_or_not(data: bytes, known: bool) -> None:
    assert is_negotiation(follow_requestor([*HANDSHAKE, piece(data, 0, len(data))])) is known


def test_whether_a_stream_begins_with_a_negotiation_is_not_told_by_its_first_bytes_alone() -> None:
    told = [is_negotiation(stream) for stream, frame in Streams(open_bytes(pcap(send(RQ, 1, 5, 74)))) if frame > 3]
    assert told == [None, None, None, True, True]


# Whatever comes

TEXT = st.text("ABCDEFGH .^123", max_size=60).map(str.encode)
CONTEXT_IDS = st.sampled_from([9, 255])
"""Context IDs that are no PDU types: with `TEXT`, nothing within a P-DATA-TF looks like a PDU's header."""


def carry(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Make associations, as lists of the PDUs that the requestor sends."""
    pdvs = st.builds(pdv, CONTEXT_IDS, st.integers(0, 3), data)
    pdus = st.lists(st.lists(pdvs, min_size=1, max_size=3).map(lambda each: p_data(*each)), max_size=6)
    return pdus.map(lambda each: [RQ, *each, RELEASE])


def cut_pieces(data: bytes, shuffle: random.Random) -> list[tuple[int, int]]:
    """Cut data anywhere."""
    stops = {shuffle.randrange(len(data)) for _ in range(shuffle.randrange(12) if data else 0)}
    return list(pairwise(sorted({0, *stops, len(data)})))


@settings(deadline=None, max_examples=150)
@given(said=carry(st.binary(max_size=60)), shuffle=st.randoms(use_true_random=False))
def test_any_cut_repetition_and_order_of_a_clean_stream_gives_its_pdus(
    said: list[bytes], shuffle: random.Random
) -> None:
    data = b"".join(said)
    pieces = [*cut_pieces(data, shuffle), *shuffle.sample(cut_pieces(data, shuffle), 1)]
    shuffle.shuffle(pieces)
    end = piece(data, len(data), len(data), FIN | ACK)
    pdus = cut_frames([*HANDSHAKE, *(piece(data, *each) for each in pieces), end])
    assert outline(pdus) == lay(*said)
    assert [(pdu.length, pdu.span.read()) for pdu in pdus] == [(len(each) - 6, each) for each in said]


@settings(deadline=None, max_examples=150)
@given(said=carry(TEXT), late=st.integers(0, 300), shuffle=st.randoms(use_true_random=False))
def test_any_cut_of_a_stream_that_begins_late_gives_the_same_pdus(
    said: list[bytes], late: int, shuffle: random.Random
) -> None:
    data = b"".join(said)[late:]
    stops = [stop for _, stop in cut_pieces(data, shuffle)[:-1]]
    whole = outline(cut_frames(send(data, opened=False)))
    assert outline(cut_frames(send(data, *stops, opened=False))) == whole
    start = len(b"".join(said)) - len(data)
    found = [(kind, low + start, high + start) for kind, low, high in whole if kind != LOST]
    assert found == [each for each in lay(*said) if each[1] >= start]


@settings(deadline=None, max_examples=200)
@given(said=carry(TEXT), patience=st.sampled_from([20, streams.PATIENCE]), shuffle=st.randoms(use_true_random=False))
def test_a_lost_segment_costs_no_pdu_but_those_it_touches(
    said: list[bytes], patience: int, shuffle: random.Random
) -> None:
    data = b"".join(said)
    pieces = cut_pieces(data, shuffle)
    low, high = pieces.pop(shuffle.randrange(len(pieces)))
    frames = [*HANDSHAKE]
    for start, stop in pieces:
        frames += [piece(data, start, stop), piece(b"", 0, 0, by_requestor=False, ack=stop)]
    with patch.object(streams, "PATIENCE", patience):
        pdus = cut_frames([*frames, piece(data, len(data), len(data), FIN | ACK)])
    found = [pdu for pdu in pdus if pdu.kind != LOST]
    assert [(pdu.start, pdu.stop) for pdu in pdus] == list(pairwise([0, *(pdu.stop for pdu in pdus)]))
    assert set(outline(found)) <= set(lay(*said))
    assert {each for each in lay(*said) if each[2] <= low or each[1] >= high} <= set(outline(found))
    assert all(pdu.span.read() in data for pdu in found if pdu.stop <= low or pdu.start >= high)


JUNK = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([RQ, RQ[:50], AC, COMMAND_PDU, DATA_PDU, RELEASE, build.abort()]),
    st.builds(
        lambda kind, length, body: build.pdu(kind, body, length=length), st.integers(0, 9), st.integers(0, 99), TEXT
    ),
    st.sampled_from(
        [b"\x01", b"\x04\x00", b"\x05\x00\x00\x00\x00\x04", b"\x04\x00\x00\x00\x01\x00", b"\x01\x00\x00\x00"]
    ),
)


@settings(deadline=None, max_examples=200)
@given(parts=st.lists(JUNK, max_size=8), opened=st.booleans(), shuffle=st.randoms(use_true_random=False))
def test_any_cut_of_any_bytes_gives_the_same_pdus(parts: list[bytes], opened: bool, shuffle: random.Random) -> None:
    data = b"".join(parts)
    stops = [stop for _, stop in cut_pieces(data, shuffle)[:-1]]
    assert outline(cut_frames(send(data, *stops, opened=opened))) == outline(cut_frames(send(data, opened=opened)))


@settings(deadline=None, max_examples=200)
@given(parts=st.lists(JUNK, min_size=1, max_size=8), opened=st.booleans(), shuffle=st.randoms(use_true_random=False))
def test_the_pdus_of_any_bytes_on_a_dicom_port_cover_the_stream_in_order(
    parts: list[bytes], opened: bool, shuffle: random.Random
) -> None:
    data = b"".join(parts)
    assume(not data.startswith(b"\x16"))  # TLS
    kept = [piece(data, *each) for each in cut_pieces(data, shuffle) if shuffle.random() < 0.9]
    end = [piece(data, len(data), len(data), FIN | ACK)] if shuffle.random() < 0.5 else []
    frames = [*(HANDSHAKE if opened else []), *kept, *end]
    pdus = [arrival.pdu for arrival in Associations(open_bytes(pcap(frames)), Config())]
    ends = [stream.end for connection in follow_frames(frames) for stream in connection.streams]
    bounds = [0, *(pdu.stop for pdu in pdus)]
    assert [(pdu.start, pdu.stop) for pdu in pdus] == list(pairwise(bounds))
    assert bounds[-1] == max(ends, default=0)
