"""Encode PDUs, messages, frames and captures, right ones and wrong ones, with the standard library alone."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NamedTuple, Self

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
VERIFICATION = "1.2.840.10008.1.1"
CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
PATIENT_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.1.1"
IMPLEMENTATION_CLASS = "2.25.104"
IMPLEMENTATION_VERSION = "BUILD_1"
SOP_INSTANCE = "2.25.1234567"

COMMAND, LAST = 1, 2
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_DELIMITATION, SEQUENCE_DELIMITATION = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG_VRS = frozenset(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"])  # PS3.5 7.1.2
COMMAND_ULS = frozenset({0x0000, 0x0001})  # PS3.7 E.1, E.2
COMMAND_UIDS = frozenset({0x0002, 0x0003, 0x1000, 0x1001})
NO_DATA_SET = 0x0101  # PS3.7 E.1: any other Command Data Set Type says that a data set follows
DATA_SET = 0x0001

Endpoint = tuple[str, int]
ProposedContext = tuple[int, str, Sequence[str]]
ContextResult = tuple[int, int, str | None]


# PDUs and items: PS3.8 9.3 and Annex D, PS3.7 Annex D


def pdu(pdu_type: int, body: bytes, *, length: int | None = None, reserved: int = 0) -> bytes:
    """Put a PDU header before a body."""
    return struct.pack(">BBI", pdu_type, reserved, len(body) if length is None else length) + body


def item(item_type: int, body: bytes, *, length: int | None = None, reserved: int = 0) -> bytes:
    """Put an item or sub-item header before a body."""
    return struct.pack(">BBH", item_type, reserved, len(body) if length is None else length) + body


def context_rq(context_id: int, abstract: str, transfers: Sequence[str]) -> bytes:
    """Encode a proposed presentation context (PS3.8 9.3.2.2)."""
    names = [item(0x30, _latin(abstract)), *(item(0x40, _latin(transfer)) for transfer in transfers)]
    return item(0x20, struct.pack(">B3x", context_id) + b"".join(names))


def context_ac(context_id: int, result: int = 0, transfer: str | None = IMPLICIT) -> bytes:
    """Encode a presentation context's result (PS3.8 9.3.3.2), without a transfer syntax sub-item for None."""
    name = b"" if transfer is None else item(0x40, _latin(transfer))
    return item(0x21, struct.pack(">BxBx", context_id, result) + name)


def user_information(*sub_items: bytes) -> bytes:
    """Encode a user information item (PS3.8 9.3.2.3)."""
    return item(0x50, b"".join(sub_items))


def maximum_length(n: int) -> bytes:
    """Encode a maximum length sub-item (PS3.8 D.1)."""
    return item(0x51, struct.pack(">I", n))


def implementation_class(uid: str) -> bytes:
    """Encode an implementation class UID sub-item (PS3.7 D.3.3.2)."""
    return item(0x52, _latin(uid))


def async_window(invoked: int, performed: int) -> bytes:
    """Encode an asynchronous operations window sub-item (PS3.7 D.3.3.3)."""
    return item(0x53, struct.pack(">HH", invoked, performed))


def role_selection(uid: str, scu: int, scp: int) -> bytes:
    """Encode an SCP/SCU role selection sub-item (PS3.7 D.3.3.4)."""
    return item(0x54, _counted(_latin(uid)) + bytes([scu, scp]))


def implementation_version(name: str) -> bytes:
    """Encode an implementation version name sub-item (PS3.7 D.3.3.2)."""
    return item(0x55, _latin(name))


def extended_negotiation(uid: str, info: bytes) -> bytes:
    """Encode a SOP class extended negotiation sub-item (PS3.7 D.3.3.5)."""
    return item(0x56, _counted(_latin(uid)) + info)


def common_extended_negotiation(uid: str, service: str, related: Sequence[str]) -> bytes:
    """Encode a SOP class common extended negotiation sub-item (PS3.7 D.3.3.6)."""
    general = b"".join(_counted(_latin(name)) for name in related)
    return item(0x57, _counted(_latin(uid)) + _counted(_latin(service)) + _counted(general))


def user_identity(kind: int, primary: bytes, secondary: bytes = b"", response: int = 0) -> bytes:
    """Encode a requestor's user identity sub-item (PS3.7 D.3.3.7)."""
    return item(0x58, bytes([kind, response]) + _counted(primary) + _counted(secondary))


def user_identity_response(response: bytes) -> bytes:
    """Encode an acceptor's user identity sub-item (PS3.7 D.3.3.7)."""
    return item(0x59, _counted(response))


def associate(
    pdu_type: int, *items: bytes, called: str = "ACCEPTOR", calling: str = "REQUESTOR", version: int = 1
) -> bytes:
    """Encode the fixed fields of an A-ASSOCIATE-RQ or -AC (PS3.8 9.3.2, 9.3.3) and any items after them."""
    titles = _latin(called).ljust(16) + _latin(calling).ljust(16)
    return pdu(pdu_type, struct.pack(">H2x", version) + titles + bytes(32) + b"".join(items))


def associate_rq(
    contexts: Sequence[ProposedContext] = ((1, VERIFICATION, (IMPLICIT,)),),
    *,
    called: str = "ACCEPTOR",
    calling: str = "REQUESTOR",
    user: bytes | None = None,
    version: int = 1,
    application_context: str = APPLICATION_CONTEXT,
) -> bytes:
    """Encode an A-ASSOCIATE-RQ, with the usual user information for None and none for b''."""
    items = [item(0x10, _latin(application_context)), *(context_rq(*context) for context in contexts)]
    return associate(0x01, *items, _user(user), called=called, calling=calling, version=version)


def associate_ac(
    results: Sequence[ContextResult] = ((1, 0, IMPLICIT),),
    *,
    called: str = "ACCEPTOR",
    calling: str = "REQUESTOR",
    user: bytes | None = None,
    version: int = 1,
    application_context: str = APPLICATION_CONTEXT,
) -> bytes:
    """Encode an A-ASSOCIATE-AC, with the usual user information for None and none for b''."""
    items = [item(0x10, _latin(application_context)), *(context_ac(*result) for result in results)]
    return associate(0x02, *items, _user(user), called=called, calling=calling, version=version)


def associate_rj(result: int = 1, source: int = 1, reason: int = 7) -> bytes:
    """Encode an A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    return pdu(0x03, bytes([0, result, source, reason]))


def release_rq() -> bytes:
    """Encode an A-RELEASE-RQ (PS3.8 9.3.6)."""
    return pdu(0x05, bytes(4))


def release_rp() -> bytes:
    """Encode an A-RELEASE-RP (PS3.8 9.3.7)."""
    return pdu(0x06, bytes(4))


def abort(source: int = 0, reason: int = 0) -> bytes:
    """Encode an A-ABORT (PS3.8 9.3.8)."""
    return pdu(0x07, bytes([0, 0, source, reason]))


def pdv(context_id: int, flags: int, data: bytes, *, length: int | None = None) -> bytes:
    """Encode a presentation data value item (PS3.8 9.3.5.1) with flags of COMMAND and LAST."""
    return struct.pack(">IBB", len(data) + 2 if length is None else length, context_id, flags) + data


def p_data(*pdvs: bytes) -> bytes:
    """Encode a P-DATA-TF (PS3.8 9.3.5)."""
    return pdu(0x04, b"".join(pdvs))


def _latin(name: str) -> bytes:
    return name.encode("latin-1")


def _counted(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def _user(user: bytes | None) -> bytes:
    if user is not None:
        return user
    implementation = implementation_class(IMPLEMENTATION_CLASS), implementation_version(IMPLEMENTATION_VERSION)
    return user_information(maximum_length(16384), *implementation)


# Data sets: PS3.5 7


def element(tag: int, vr: str, value: bytes, *, syntax: str = IMPLICIT, length: int | None = None) -> bytes:
    """Encode a data element as it is, unpadded; any syntax but IMPLICIT and BIG_ENDIAN is explicit little endian."""
    order = ">" if syntax == BIG_ENDIAN else "<"
    size = len(value) if length is None else length
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if syntax == IMPLICIT or tag >> 16 == 0xFFFE:  # items and delimiters have no VR in any syntax: PS3.5 7.5
        return head + struct.pack(order + "I", size) + value
    form = "2s2xI" if vr in LONG_VRS else "2sH"
    return head + struct.pack(order + form, _latin(vr), size) + value


def text(tag: int, vr: str, value: str, *, syntax: str = IMPLICIT, encoding: str = "latin-1") -> bytes:
    """Encode a data element of text, padded to even length with NUL for UI and a blank otherwise."""
    return element(tag, vr, _even(value.encode(encoding), b"\0" if vr == "UI" else b" "), syntax=syntax)


def sequence(tag: int, items: Sequence[bytes], *, syntax: str = IMPLICIT, undefined: bool = False) -> bytes:
    """Encode a sequence of data sets, both it and its items with undefined lengths and delimiters if asked."""
    if not undefined:
        return element(tag, "SQ", b"".join(element(ITEM, "", value, syntax=syntax) for value in items), syntax=syntax)
    end = element(ITEM_DELIMITATION, "", b"", syntax=syntax)
    body = b"".join(element(ITEM, "", value, syntax=syntax, length=UNDEFINED) + end for value in items)
    body += element(SEQUENCE_DELIMITATION, "", b"", syntax=syntax)
    return element(tag, "SQ", body, syntax=syntax, length=UNDEFINED)


def _even(value: bytes, pad: bytes) -> bytes:
    return value + pad * (len(value) % 2)


# Command sets and messages: PS3.7 6.3 and Annex E


def command_set(fields: Mapping[int, bytes | int | str]) -> bytes:
    """Encode fields in the order given, after a group length that a field (0000,0000) overrides."""
    body = b"".join(_command(tag, value) for tag, value in fields.items() if tag)
    return _command(0x0000, fields.get(0x0000, len(body))) + body


def _command(tag: int, value: bytes | int | str) -> bytes:
    if isinstance(value, int):
        value = struct.pack("<I" if tag in COMMAND_ULS else "<H", value)
    elif isinstance(value, str):
        value = _even(_latin(value), b"\0" if tag in COMMAND_UIDS else b" ")
    return element(tag, "", value)


def c_echo_rq(message_id: int = 1) -> bytes:
    """Encode a C-ECHO-RQ command set (PS3.7 9.3.5.1)."""
    return command_set({0x0002: VERIFICATION, 0x0100: 0x0030, 0x0110: message_id, 0x0800: NO_DATA_SET})


def c_echo_rsp(message_id: int = 1, status: int = 0) -> bytes:
    """Encode a C-ECHO-RSP command set (PS3.7 9.3.5.2)."""
    return command_set({0x0002: VERIFICATION, **_response(0x8030, message_id, status, False)})


def c_store_rq(message_id: int, sop_class: str, sop_instance: str) -> bytes:
    """Encode a C-STORE-RQ command set (PS3.7 9.3.1.1)."""
    return command_set({0x0002: sop_class, **_request(0x0001, message_id), 0x1000: sop_instance})


def c_store_rsp(message_id: int, sop_class: str, sop_instance: str, status: int = 0) -> bytes:
    """Encode a C-STORE-RSP command set (PS3.7 9.3.1.2)."""
    return command_set({0x0002: sop_class, **_response(0x8001, message_id, status, False), 0x1000: sop_instance})


def c_find_rq(message_id: int, sop_class: str) -> bytes:
    """Encode a C-FIND-RQ command set (PS3.7 9.3.2.1)."""
    return command_set({0x0002: sop_class, **_request(0x0020, message_id)})


def c_find_rsp(message_id: int, sop_class: str, status: int, data_set: bool) -> bytes:
    """Encode a C-FIND-RSP command set (PS3.7 9.3.2.2)."""
    return command_set({0x0002: sop_class, **_response(0x8020, message_id, status, data_set)})


def _request(command: int, message_id: int) -> dict[int, int]:
    return {0x0100: command, 0x0110: message_id, 0x0700: 0, 0x0800: DATA_SET}


def _response(command: int, message_id: int, status: int, data_set: bool) -> dict[int, int]:
    return {0x0100: command, 0x0120: message_id, 0x0800: DATA_SET if data_set else NO_DATA_SET, 0x0900: status}


def message(context_id: int, command: bytes, data: bytes | None = None, *, pdv_size: int = 1 << 20) -> list[bytes]:
    """Encode the P-DATA-TF PDUs of a message, a PDU a PDV, each with a fragment of at most pdv_size bytes."""
    pdus = _fragments(context_id, COMMAND, command, pdv_size)
    return pdus if data is None else pdus + _fragments(context_id, 0, data, pdv_size)


def _fragments(context_id: int, kind: int, data: bytes, size: int) -> list[bytes]:
    *fragments, last = _cut(data, size)
    pdvs = [pdv(context_id, kind, fragment) for fragment in fragments] + [pdv(context_id, kind | LAST, last)]
    return [p_data(value) for value in pdvs]


def _cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)] or [b""]


# Frames: RFC 9293, RFC 791, RFC 8200


class Frame(NamedTuple):
    """Hold one captured frame and its time in nanoseconds since the epoch."""

    time_ns: int
    data: bytes


def segment(source: Endpoint, destination: Endpoint, seq: int, ack: int, flags: int, payload: bytes = b"") -> bytes:
    """Encode an Ethernet frame of a TCP segment, over IPv6 where the source's address has a colon."""
    here, there = ip_address(source[0]).packed, ip_address(destination[0]).packed
    tcp = struct.pack(">HHII", source[1], destination[1], seq % 2**32, ack % 2**32)
    tcp += struct.pack(">BBHHH", 5 << 4, flags, 0xFFFF, 0, 0)
    total = len(tcp) + len(payload)
    check = checksum(here + there + struct.pack(">II", total, 6) + tcp + payload)
    tcp = tcp[:16] + check + tcp[18:] + payload
    macs = b"\x02\x00" + there[-4:] + b"\x02\x00" + here[-4:]
    if ":" in source[0]:
        return macs + b"\x86\xdd" + struct.pack(">IHBB", 6 << 28, total, 6, 64) + here + there + tcp
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + total, 0, 0x4000, 64, 6, 0) + here + there
    return macs + b"\x08\x00" + ip[:10] + checksum(ip) + ip[12:] + tcp


def checksum(data: bytes) -> bytes:
    """Give the checksum of the Internet protocols (RFC 1071)."""
    data = _even(data, b"\0")
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", total ^ 0xFFFF)


@dataclass
class Talk:
    """Grow the frames of one TCP connection; `isn` are the first sequence numbers of requestor and acceptor."""

    requestor: Endpoint = ("10.0.0.1", 50000)
    acceptor: Endpoint = ("10.0.0.2", 104)
    mss: int = 1460
    start: int = 1_700_000_000_000_000_000
    step: int = 1_000_000
    isn: tuple[int, int] = (1000, 5000)
    frames: list[Frame] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Set the clock and both sequence numbers to their first values."""
        self._now = self.start
        self._seq = list(self.isn)

    def open(self) -> Self:
        """Shake hands: SYN, SYN-ACK, ACK."""
        return self.send(True, SYN).send(False, SYN | ACK).send(True, ACK)

    def request(self, *data: bytes) -> Self:
        """Send bytes from the requestor, each argument in segments of its own; b'' is a bare acknowledgement."""
        return self._send_all(True, data)

    def answer(self, *data: bytes) -> Self:
        """Send bytes from the acceptor, each argument in segments of its own; b'' is a bare acknowledgement."""
        return self._send_all(False, data)

    def release(self) -> Self:
        """Release the association, and close the connection."""
        return self.request(release_rq()).answer(release_rp()).close()

    def close(self) -> Self:
        """Finish both directions: FIN-ACK of the requestor, FIN-ACK of the acceptor, ACK."""
        return self.send(True, FIN | ACK).send(False, FIN | ACK).send(True, ACK)

    def reset(self, by_requestor: bool = True) -> Self:
        """Reset the connection."""
        return self.send(by_requestor, RST | ACK)

    def wait(self, nanoseconds: int) -> Self:
        """Let time pass before the next frame, besides the step."""
        self._now += nanoseconds
        return self

    def send(self, by_requestor: bool, flags: int, payload: bytes = b"") -> Self:
        """Send one segment and move its sender's sequence number past it."""
        me, peer = (0, 1) if by_requestor else (1, 0)
        ends, seq = (self.requestor, self.acceptor), self._seq[me]
        ack = self._seq[peer] if flags & ACK else 0
        self.frames.append(Frame(self._now, segment(ends[me], ends[peer], seq, ack, flags, payload)))
        self._now += self.step
        self._seq[me] = seq + len(payload) + bool(flags & (SYN | FIN))  # segment() wraps it
        return self

    def _send_all(self, by_requestor: bool, data: Iterable[bytes]) -> Self:
        for piece in (piece for each in data for piece in _cut(each, self.mss)):
            self.send(by_requestor, ACK | PSH if piece else ACK, piece)
        return self


def echo_talk(talk: Talk | None = None) -> Talk:
    """Make a whole association of one C-ECHO, from SYN to FIN, in a new Talk or the one given."""
    talk = (talk or Talk()).open().request(associate_rq()).answer(associate_ac())
    talk.request(*message(1, c_echo_rq())).answer(*message(1, c_echo_rsp()))
    return talk.release()


def store_talk(
    data: bytes,
    *,
    pdv_size: int = 16378,
    syntax: str = IMPLICIT,
    talk: Talk | None = None,
    sop_class: str = CT_IMAGE_STORAGE,
    sop_instance: str = SOP_INSTANCE,
) -> Talk:
    """Make a whole association that stores one object, whose data set is given encoded, with C-STORE."""
    talk = (talk or Talk()).open()
    talk.request(associate_rq([(1, sop_class, [syntax])])).answer(associate_ac([(1, 0, syntax)]))
    talk.request(*message(1, c_store_rq(1, sop_class, sop_instance), data, pdv_size=pdv_size))
    talk.answer(*message(1, c_store_rsp(1, sop_class, sop_instance)))
    return talk.release()


# Captures


def pcap(
    frames: Iterable[Frame],
    *,
    link_type: int = 1,
    byte_order: str = "<",
    nanoseconds: bool = False,
    snap_length: int = 262144,
    cut: int | None = None,
) -> bytes:
    """Encode a pcap file; of each frame at most `cut` bytes are in it, beside its original length."""
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    file = [struct.pack(byte_order + "IHHiIII", magic, 2, 4, 0, 0, snap_length, link_type)]
    for frame in frames:
        seconds, rest = divmod(frame.time_ns, 10**9)
        kept = frame.data[:cut]
        file += [struct.pack(byte_order + "IIII", seconds, rest // unit, len(kept), len(frame.data)), kept]
    return b"".join(file)


def pcapng(frames: Iterable[Frame], *, link_type: int = 1, byte_order: str = "<", cut: int | None = None) -> bytes:
    """Encode a pcapng file of one interface with nanoseconds, its frames as enhanced packet blocks."""
    section = struct.pack(byte_order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    # if_tsresol is option 9, of one byte: 10**-9 s; option 0 ends the list.
    interface = struct.pack(byte_order + "HHIHHB3xHH", link_type, 0, 262144, 9, 1, 9, 0, 0)
    file = [pcapng_block(0x0A0D0D0A, section, byte_order), pcapng_block(1, interface, byte_order)]
    for frame in frames:
        high, low = divmod(frame.time_ns, 2**32)
        kept = frame.data[:cut]
        head = struct.pack(byte_order + "IIIII", 0, high, low, len(kept), len(frame.data))
        file.append(pcapng_block(6, head + kept, byte_order))
    return b"".join(file)


def pcapng_block(block_type: int, body: bytes, byte_order: str = "<") -> bytes:
    """Encode a pcapng block of any type, its body padded to 32 bits."""
    body += bytes(-len(body) % 4)
    size = struct.pack(byte_order + "I", len(body) + 12)
    return struct.pack(byte_order + "I", block_type) + size + body + size
