import struct

import pytest

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.dialogue import Associations
from dissect.tcp.tls import find_alert, find_server_name, find_version, has_records, is_record
from tests.build import Talk, associate_rq, c_echo_rq, echo_talk, message, pcap
from tests.conftest import open_bytes


def record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    """Encode a record (RFC 8446 5.1)."""
    return struct.pack(">BHH", kind, version, len(body)) + body


def handshake(kind: int, body: bytes) -> bytes:
    """Encode a handshake message (RFC 8446 4)."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def extension(kind: int, body: bytes) -> bytes:
    """Encode an extension (RFC 8446 4.2)."""
    return struct.pack(">HH", kind, len(body)) + body


def client_hello(name: str = "pacs.example", session: bytes = b"s" * 32) -> bytes:
    """Encode a client's first message, with a server name (RFC 6066 3) behind another extension."""
    names = struct.pack(">HBH", len(name) + 3, 0, len(name)) + name.encode()
    extensions = extension(10, b"\0\0") + extension(0, names) + extension(43, b"\2\3\4")
    body = b"\3\3" + bytes(32) + bytes([len(session)]) + session + b"\0\4\x13\1\x13\2" + b"\1\0"
    return record(22, handshake(1, body + struct.pack(">H", len(extensions)) + extensions), 0x0301)


def server_hello(chosen: int | None = 0x0304, version: int = 0x0303, behind: bytes = b"") -> bytes:
    """Encode a server's first message, which names the version in an extension since TLS 1.3."""
    named = b"" if chosen is None else struct.pack(">H", chosen) + behind
    extensions = b"" if chosen is None else extension(51, b"\0\x1d") + extension(43, named)
    body = struct.pack(">H", version) + bytes(32) + b"\0" + b"\x13\1" + b"\0"
    return record(22, handshake(2, body + struct.pack(">H", len(extensions)) + extensions))


DATA = record(23, bytes(range(200)))
SAID, ANSWERED = client_hello() + DATA * 3, server_hello() + DATA


def test_the_server_name_is_the_client_s() -> None:
    assert (find_server_name(SAID), find_server_name(ANSWERED), find_server_name(client_hello(session=b""))) == (
        "pacs.example",
        "",
        "pacs.example",
    )


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (ANSWERED, "TLS 1.3"),
        (server_hello(None), "TLS 1.2"),
        (server_hello(None, 0x0301), "TLS 1.0"),
        (server_hello(0x0305), "TLS 0305H"),
        (server_hello(0x0305, behind=bytes(60_000)), "TLS 0305H"),
        (SAID, ""),
        (DATA, ""),
        (b"", ""),
    ],
)
def test_the_version_is_the_one_that_the_server_chose(data: bytes, version: str) -> None:
    assert find_version(data) == version


@pytest.mark.parametrize(
    ("data", "alert"),
    [
        (record(21, b"\2\x30"), "unknown CA"),
        (client_hello() + record(21, b"\2\x28"), "handshake failure"),
        (record(21, b"\2\xc8"), "alert 200"),
        (record(21, bytes(26)), ""),
        (DATA + record(21, b"\2\x30"), ""),
    ],
    ids=["at once", "after the hello", "unknown", "encrypted", "behind data"],
)
def test_an_alert_in_clear_is_told(data: bytes, alert: str) -> None:
    assert find_alert(data) == alert


@pytest.mark.parametrize("whole", [SAID, ANSWERED])
def test_any_part_of_a_hello_raises_nothing(whole: bytes) -> None:
    for stop in range(len(whole)):
        found = find_server_name(whole[:stop]), find_version(whole[:stop]), find_alert(whole[:stop])
        assert all(isinstance(each, str) for each in found)
        broken = whole[:stop] + b"\xff" + whole[stop + 1 :]
        found = find_server_name(broken), find_version(broken), find_alert(broken)
        assert all(isinstance(each, str) for each in found)


@pytest.mark.parametrize(
    ("start", "known"),
    [
        (b"\x16\x03\x01\x02\x00", True),
        (b"\x17\x03\x03\x40\x00", True),
        (b"\x16", None),
        (b"\x16\x03\x01\x02", None),
        (b"\x16\x03\x05\x00\x05", False),
        (b"\x16\x04\x01\x00\x05", False),
        (b"\x16\x03\x01\x00\x00", False),
        (b"\x17\x03\x03\xff\xff", False),
        (b"\x01\x00\x00\x00\x00", False),
        (b"GET /", False),
    ],
)
def test_a_record_is_known_by_its_header(start: bytes, known: bool | None) -> None:
    assert is_record(start, final=False) is known


def test_records_are_found_where_one_follows_another() -> None:
    assert has_records(b"\x99" * 500 + DATA * 2 + b"rest", final=True)
    assert has_records(b"\x99" * 500 + DATA, final=True) is False
    assert has_records(b"\x99" * 500 + DATA, final=False) is None
    assert has_records(bytes(range(256)) * 100, final=False) is False


# Connections


def read_sealed(talk: Talk) -> tuple[Associations, Capture]:
    """Read a capture of one connection, and hold it to be TLS and nothing else."""
    capture = open_bytes(pcap(talk.frames))
    associations = Associations(capture, Config())
    assert list(associations) == []
    assert (associations.count, len(associations.sealed)) == (0, 1)
    return associations, capture


def test_a_stream_that_begins_with_a_record_is_a_connection_of_its_own_kind() -> None:
    talk = Talk(acceptor=("10.0.0.2", 2762)).open().request(SAID).answer(ANSWERED).request(DATA).close()
    [node] = read_sealed(talk)[0].list_connections()
    assert node.text == "10.0.0.1:50000 -> 10.0.0.2:2762, frames 1 to 7, TLS"
    assert [child.name for child in node.children] == [
        "Version: TLS 1.3",
        "Server Name: pacs.example",
        f"Bytes: {len(SAID + DATA)} from 10.0.0.1:50000, {len(ANSWERED)} from 10.0.0.2:2762",
        "End: closed by 10.0.0.1:50000 in frame 7",
    ]
    assert not any(found for _, each in node.walk() for found in each.notes)


@pytest.mark.parametrize("port", [104, 443, 2762])
@pytest.mark.parametrize("mss", [1, 3, 5, 50, 1460])
def test_tls_is_known_on_any_port_and_however_it_is_cut(port: int, mss: int) -> None:
    read_sealed(Talk(acceptor=("10.0.0.2", port), mss=mss).open().request(SAID).answer(ANSWERED).close())


def test_tls_within_which_the_capture_begins_is_not_searched_for_pdus() -> None:
    for start in (0, 1, 100, 200, 300):
        talk = Talk(acceptor=("10.0.0.2", 2762)).request((DATA * 20)[start:]).answer((DATA * 20)[start + 7 :])
        read_sealed(talk)


def test_a_pdu_in_tls_is_not_taken_for_one() -> None:
    sealed = record(23, associate_rq()) + record(23, b"".join(message(1, c_echo_rq())))
    read_sealed(Talk().open().request(client_hello(), sealed).answer(server_hello(), sealed).close())


def test_a_late_start_of_dicom_is_not_taken_for_tls() -> None:
    capture = open_bytes(pcap(echo_talk().frames[5:]))
    associations = Associations(capture, Config())
    assert [arrival.pdu.kind for arrival in associations] == [4, 4, 5, 6]
    assert associations.sealed == []
