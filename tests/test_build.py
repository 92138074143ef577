"""Hold the encoders of `build` against pynetdicom, pydicom and Scapy."""

import ast
import sys
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32
from pynetdicom import pdu as oracle
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dsutils import decode, encode
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

from tests import build
from tests.build import BIG_ENDIAN, EXPLICIT, IMPLICIT, Endpoint, Frame, Talk

USER = build.user_information(
    build.maximum_length(32768),
    build.implementation_class("1.2.3"),
    build.async_window(3, 5),
    build.role_selection("1.2.4", 0, 1),
    build.implementation_version("NAME_1"),
    build.extended_negotiation("1.2.5", b"\x01\x02\x03"),
    build.common_extended_negotiation("1.2.6", "1.2.7", ["1.2.8", "1.2.9"]),
    build.user_identity(2, b"user", b"secret", response=1),
)
COMMANDS = {
    "C-ECHO-RQ": build.c_echo_rq(7),
    "C-ECHO-RSP": build.c_echo_rsp(7, 0x0110),
    "C-STORE-RQ": build.c_store_rq(7, build.CT_IMAGE_STORAGE, "1.2.3"),
    "C-STORE-RSP": build.c_store_rsp(7, build.CT_IMAGE_STORAGE, "1.2.3", 0xA700),
    "C-FIND-RQ": build.c_find_rq(7, build.PATIENT_ROOT_FIND),
    "C-FIND-RSP": build.c_find_rsp(7, build.PATIENT_ROOT_FIND, 0xFF00, True),
}


def read_data_set(data: bytes, syntax: str) -> Dataset:
    """Let pydicom read a data set, its values converted."""
    data_set = decode(BytesIO(data), syntax == IMPLICIT, syntax != BIG_ENDIAN)
    data_set.walk(lambda _, __: None)
    return data_set


def dissect_tcp(frame: Frame) -> TCP:
    """Let Scapy give the TCP layer of a frame."""
    tcp = Ether(frame.data)[TCP]
    assert isinstance(tcp, TCP)
    return tcp


def test_build_imports_only_the_standard_library() -> None:
    """Keep the encoders an independent second opinion."""
    nodes = list(ast.walk(ast.parse(Path(build.__file__).read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (oracle.A_ASSOCIATE_RQ, build.associate_rq()),
        (oracle.A_ASSOCIATE_RQ, build.associate_rq([(1, "1.2", [IMPLICIT, EXPLICIT]), (3, "1.3", [])], user=USER)),
        (oracle.A_ASSOCIATE_AC, build.associate_ac()),
        (oracle.A_ASSOCIATE_AC, build.associate_ac(user=build.user_information(build.user_identity_response(b"k")))),
        (oracle.A_ASSOCIATE_RJ, build.associate_rj(2, 3, 1)),
        (oracle.P_DATA_TF, build.p_data(build.pdv(1, build.COMMAND, b"ab"), build.pdv(3, build.LAST, b""))),
        (oracle.A_RELEASE_RQ, build.release_rq()),
        (oracle.A_RELEASE_RP, build.release_rp()),
        (oracle.A_ABORT_RQ, build.abort(2, 6)),
    ],
)
def test_pynetdicom_encodes_a_pdu_to_the_same_bytes_after_decoding_it(kind: type[oracle.PDU], data: bytes) -> None:
    """Leave no field where pynetdicom would not have put it."""
    decoder = kind()
    decoder.decode(data)
    assert decoder.encode() == data


def test_pynetdicom_reads_the_fields_of_an_associate_rq() -> None:
    """Check titles, contexts and the default user information."""
    rq = oracle.A_ASSOCIATE_RQ()
    rq.decode(build.associate_rq([(1, "1.2", [IMPLICIT, EXPLICIT]), (3, "1.3", [IMPLICIT])], called="A", calling="B"))
    assert (rq.called_ae_title, rq.calling_ae_title, rq.protocol_version) == ("A", "B", 1)
    assert rq.application_context_name == build.APPLICATION_CONTEXT
    contexts = [(each.context_id, each.abstract_syntax, each.transfer_syntax) for each in rq.presentation_context]
    assert contexts == [(1, "1.2", [IMPLICIT, EXPLICIT]), (3, "1.3", [IMPLICIT])]
    user = rq.user_information
    assert user is not None
    assert (user.maximum_length, user.implementation_class_uid) == (16384, build.IMPLEMENTATION_CLASS)
    assert user.implementation_version_name == build.IMPLEMENTATION_VERSION


def test_pynetdicom_reads_the_results_of_an_associate_ac() -> None:
    """Check accepted and rejected contexts."""
    ac = oracle.A_ASSOCIATE_AC()
    ac.decode(build.associate_ac([(1, 0, EXPLICIT), (3, 4, None)], called="A", calling="B"))
    results = [(each.context_id, each.result, each.transfer_syntax) for each in ac.presentation_context]
    assert results == [(1, 0, EXPLICIT), (3, 4, None)]
    assert (ac.called_ae_title, ac.calling_ae_title) == ("A", "B")


def test_pynetdicom_reads_every_user_information_sub_item() -> None:
    """Check the extended negotiation of PS3.7 Annex D."""
    rq = oracle.A_ASSOCIATE_RQ()
    rq.decode(build.associate_rq(user=USER))
    user = rq.user_information
    assert user is not None
    assert (user.maximum_length, user.implementation_version_name) == (32768, "NAME_1")
    window, [role], [extended], [common] = (
        user.async_ops_window,
        user.role_selection.values(),
        user.ext_neg,
        user.common_ext_neg,
    )
    assert window is not None
    assert (window.max_operations_invoked, window.max_operations_performed) == (3, 5)
    assert (role.sop_class_uid, role.scu, role.scp) == ("1.2.4", 0, 1)
    assert (extended.sop_class_uid, extended.app_info) == ("1.2.5", b"\x01\x02\x03")
    assert (common.sop_class_uid, common.service_class_uid) == ("1.2.6", "1.2.7")
    assert common.related_general_sop_class_identification == ["1.2.8", "1.2.9"]
    assert user.user_identity is not None
    assert user.user_identity.to_primitive().user_identity_type == 2
    assert user.user_identity.encode() == build.user_identity(2, b"user", b"secret", response=1)


def test_pynetdicom_reads_why_an_association_was_rejected_or_aborted() -> None:
    """Check that source and reason are not exchanged."""
    rj, aborted = oracle.A_ASSOCIATE_RJ(), oracle.A_ABORT_RQ()
    rj.decode(build.associate_rj(2, 3, 1))
    aborted.decode(build.abort(2, 6))
    assert (rj.result, rj.source, rj.reason_diagnostic) == (2, 3, 1)
    assert (aborted.source, aborted.reason_diagnostic) == (2, 6)


def test_wrong_headers_come_out_as_asked() -> None:
    """Check overrides of lengths, types and reserved bytes."""
    assert build.pdu(0x99, b"abc", length=9, reserved=7) == b"\x99\x07\x00\x00\x00\x09abc"
    assert build.item(0x98, b"abc", length=1, reserved=5) == b"\x98\x05\x00\x01abc"
    assert build.pdv(2, 0xFF, b"abc", length=0) == b"\x00\x00\x00\x00\x02\xffabc"
    assert build.element(0x00100010, "ZZ", b"abc", syntax=EXPLICIT, length=8) == b"\x10\x00\x10\x00ZZ\x08\x00abc"
    assert build.associate(0x01, b"rest", version=2)[6:8] + build.associate(0x01, b"rest")[-4:] == b"\x00\x02rest"
    assert build.associate_rq(user=b"")[-4 - len(IMPLICIT) :] == build.item(0x40, IMPLICIT.encode())
    assert build.command_set({0x0000: 3, 0x0110: 1})[8:12] == b"\x03\x00\x00\x00"


@pytest.mark.parametrize("name", COMMANDS)
def test_pydicom_encodes_a_command_set_to_the_same_bytes_after_reading_it(name: str) -> None:
    """Check tags in order, VRs, padding and group length."""
    command = read_data_set(COMMANDS[name], IMPLICIT)
    assert encode(command, True, True) == COMMANDS[name]
    assert command.CommandGroupLength == len(COMMANDS[name]) - 12


@pytest.mark.parametrize("name", COMMANDS)
def test_pynetdicom_joins_the_fragments_of_a_message(name: str) -> None:
    """Check PDV flags, the message's kind and its data set."""
    joined, data = DIMSEMessage(), build.text(0x00100020, "LO", "1234567")
    has_data = name in {"C-STORE-RQ", "C-FIND-RQ", "C-FIND-RSP"}
    pdus = build.message(5, COMMANDS[name], data if has_data else None, pdv_size=10)
    complete = []
    for each in pdus:
        p_data = oracle.P_DATA_TF()
        p_data.decode(each)
        complete.append(joined.decode_msg(p_data.to_primitive()))
    assert complete == [False] * (len(pdus) - 1) + [True]
    assert (type(joined).__name__, joined.context_id) == (name.replace("-", "_"), 5)
    assert joined.encoded_command_set.getvalue() == COMMANDS[name]
    assert joined.data_set is not None
    assert joined.data_set.getvalue() == (data if has_data else b"")


def test_pynetdicom_reads_the_fields_of_a_response() -> None:
    """Check the identifiers and the status of a C-STORE-RSP."""
    command = read_data_set(COMMANDS["C-STORE-RSP"], IMPLICIT)
    assert (command.CommandField, command.MessageIDBeingRespondedTo, command.Status) == (0x8001, 7, 0xA700)
    assert (command.AffectedSOPClassUID, command.AffectedSOPInstanceUID) == (build.CT_IMAGE_STORAGE, "1.2.3")


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_pydicom_reads_a_data_set_in_every_syntax(syntax: str, undefined: bool) -> None:
    """Check text, numbers, long VRs and nested sequences."""
    rows = b"\x02\x00" if syntax == BIG_ENDIAN else b"\x00\x02"
    inner = build.sequence(0x00081199, [build.text(0x00081155, "UI", "1.2.3", syntax=syntax)], syntax=syntax)
    written = [
        build.text(0x00080005, "CS", "ISO_IR 192", syntax=syntax),
        build.sequence(0x00081115, [inner, b""], syntax=syntax, undefined=undefined),
        build.text(0x00100010, "PN", "Jérôme", syntax=syntax, encoding="utf-8"),
        build.element(0x00280010, "US", rows, syntax=syntax),
        build.element(0x00420011, "OB", b"%PDF", syntax=syntax),
    ]
    data = b"".join(written)
    read = read_data_set(data, syntax)
    first, second = read.ReferencedSeriesSequence
    assert first.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3"
    assert len(second) == 0
    assert (read.PatientName, read.Rows, read.EncapsulatedDocument) == ("Jérôme", 512, b"%PDF")
    assert read["ReferencedSeriesSequence"].is_undefined_length is undefined
    assert encode(read, syntax == IMPLICIT, syntax != BIG_ENDIAN) == data


def test_the_vrs_with_a_long_length_field_are_those_of_pydicom() -> None:
    """Check the table of PS3.5 7.1.2."""
    assert {vr.value for vr in EXPLICIT_VR_LENGTH_32} == build.LONG_VRS


@pytest.mark.parametrize("payload", [b"", b"odd", b"even", b"\xff" * 1461])
@pytest.mark.parametrize("hosts", [("10.0.0.1", "192.168.255.254"), ("2001:db8::1", "fe80::ffff")])
def test_a_segment_has_the_checksums_that_scapy_computes(hosts: tuple[str, str], payload: bytes) -> None:
    """Let Scapy fill in again all that it can compute."""
    source, destination = hosts
    data = build.segment((source, 50000), (destination, 104), 2**32 - 1, 7, build.ACK | build.PSH, payload)
    frame = Ether(data)
    ip, tcp = frame[IPv6 if ":" in source else IP], frame[TCP]
    assert (ip.src, ip.dst, tcp.sport, tcp.dport) == (source, destination, 50000, 104)
    assert (tcp.seq, tcp.ack, str(tcp.flags), bytes(tcp.payload)) == (2**32 - 1, 7, "PA", payload)
    for computed in ("plen",) if ":" in source else ("len", "chksum"):
        ip.delfieldval(computed)
    tcp.delfieldval("chksum")
    assert bytes(frame) == data


@pytest.mark.parametrize("ends", [(("10.0.0.1", 1024), ("10.0.0.2", 104)), (("fd00::1", 1024), ("fd00::2", 104))])
def test_a_talk_numbers_its_segments_past_the_end_of_the_sequence_space(ends: tuple[Endpoint, Endpoint]) -> None:
    """Follow both directions by the numbers alone."""
    talk = Talk(*ends, mss=4, isn=(2**32 - 3, 5000)).open().request(b"abcdefghi").answer(b"xyz").close()
    segments = [dissect_tcp(frame) for frame in talk.frames]
    assert [str(tcp.flags) for tcp in segments] == ["S", "SA", "A", "PA", "PA", "PA", "PA", "FA", "FA", "A"]
    assert [bytes(tcp.payload) for tcp in segments[3:7]] == [b"abcd", b"efgh", b"i", b"xyz"]
    wrapped = [(tcp.seq, tcp.ack) for tcp in segments]
    assert wrapped[:4] == [(2**32 - 3, 0), (5000, 2**32 - 2), (2**32 - 2, 5001), (2**32 - 2, 5001)]
    assert wrapped[4:] == [(2, 5001), (6, 5001), (5001, 7), (7, 5004), (5004, 8), (8, 5005)]


def test_a_talk_keeps_time_and_can_be_reset_by_either_side() -> None:
    """Check the clock and who sends the reset."""
    talk = Talk(start=10, step=2).request(b"a").wait(100).answer(b"", b"b").reset(by_requestor=False).reset()
    assert [frame.time_ns for frame in talk.frames] == [10, 112, 114, 116, 118]
    sent = [(tcp.sport, str(tcp.flags)) for tcp in map(dissect_tcp, talk.frames)]
    assert sent == [(50000, "PA"), (104, "A"), (104, "PA"), (104, "RA"), (50000, "RA")]


@pytest.mark.parametrize("mss", [1, 100, 1460])
def test_the_talks_carry_whole_associations(mss: int) -> None:
    """Join what each side said and compare it with the PDUs."""
    pixels = build.element(0x7FE00010, "OW", bytes(range(256)) * 8, syntax=EXPLICIT)
    store = build.store_talk(pixels, pdv_size=500, syntax=EXPLICIT, talk=Talk(mss=mss))
    command = build.c_store_rq(1, build.CT_IMAGE_STORAGE, build.SOP_INSTANCE)
    asked = {"echo": build.message(1, build.c_echo_rq()), "store": build.message(1, command, pixels, pdv_size=500)}
    for name, talk in {"echo": build.echo_talk(Talk(mss=mss)), "store": store}.items():
        said = {50000: b"", 104: b""}
        for tcp in map(dissect_tcp, talk.frames):
            said[tcp.sport] += bytes(tcp.payload)
            assert len(tcp.payload) <= mss
        assert said[50000].startswith(b"\x01\x00")
        assert said[50000].endswith(b"".join(asked[name]) + build.release_rq())
        assert said[104].startswith(b"\x02\x00")
        assert said[104].endswith(build.release_rp())


@pytest.mark.parametrize("byte_order", ["<", ">"])
@pytest.mark.parametrize(("kind", "precision"), [("pcap", 1000), ("pcap-ns", 1), ("pcapng", 1)])
def test_scapy_reads_the_frames_of_a_capture(kind: str, precision: int, byte_order: str) -> None:
    """Check containers, times and original lengths of whole and of cut frames."""
    frames = build.echo_talk(Talk(start=1_700_000_000_123_456_789)).frames
    for cut in (None, 60):
        if kind == "pcapng":
            data = build.pcapng(frames, byte_order=byte_order, cut=cut)
        else:
            data = build.pcap(frames, byte_order=byte_order, nanoseconds=kind == "pcap-ns", cut=cut)
        read = list(rdpcap(BytesIO(data)))
        assert [bytes(packet) for packet in read] == [frame.data[:cut] for frame in frames]
        assert [packet.wirelen for packet in read] == [len(frame.data) for frame in frames]
        times = [Decimal(frame.time_ns // precision * precision) / 10**9 for frame in frames]
        assert [Decimal(packet.time) for packet in read] == times


def test_scapy_reads_past_a_pcapng_block_of_unknown_type() -> None:
    """Check that a block of any body keeps the file whole."""
    frames = build.echo_talk().frames
    data = build.pcapng(frames[:1]) + build.pcapng_block(0x0BADF00D, b"abcde")
    assert [bytes(packet) for packet in rdpcap(BytesIO(data))] == [frames[0].data]
