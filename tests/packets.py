"""TCP segments, in: IP packets, or fragments of some, that carry the same, out. Nothing here imports what it tests."""

import struct
from collections.abc import Callable, Iterator
from random import Random

from tests.build import checksum
from tests.disguise import Segment

Form = Callable[[Segment, int, Random], list[bytes]]
"""Makes one packet or several of a segment."""


def encode_tcp(segment: Segment, here: bytes, there: bytes) -> bytes:
    """Encode a segment as TCP between two addresses (RFC 9293 3.1)."""
    _, source, _, destination = segment.flow
    head = struct.pack(">HHII", source, destination, segment.seq, segment.ack)
    head += struct.pack(">BBHHH", (5 + len(segment.options) // 4) << 4, segment.flags, segment.window, 0, 0)
    tcp = head + segment.options + segment.payload
    check = checksum(here + there + struct.pack(">II", len(tcp), 6) + tcp)
    return tcp[:16] + check + tcp[18:]


def encode_v4(body: bytes, here: bytes, there: bytes, *, number: int = 0, place: int = 0, protocol: int = 6,
              options: bytes = b"", total: int | None = None) -> bytes:  # fmt: skip
    """Encode an IPv4 packet (RFC 791 3.1); `place` is the field of flags and fragment offset."""
    size = 20 + len(options)
    total = size + len(body) if total is None else total
    head = struct.pack(">BBHHHBBH", 0x40 | size // 4, 0, total, number & 0xFFFF, place, 64, protocol, 0)
    head += here + there + options
    return head[:10] + checksum(head) + head[12:] + body


def encode_v6(body: bytes, here: bytes, there: bytes, following: int = 6) -> bytes:
    """Encode an IPv6 packet (RFC 8200 3)."""
    return struct.pack(">IHBB", 6 << 28, len(body), following, 64) + here + there + body


def find_v4(segment: Segment) -> tuple[bytes, bytes]:
    """Give the IPv4 addresses of a segment."""
    return segment.flow[0][-4:], segment.flow[2][-4:]


def find_v6(segment: Segment) -> tuple[bytes, bytes]:
    """Give the IPv6 addresses of a segment."""
    prefix = bytes.fromhex("20010db8") + bytes(8)
    here, there = (prefix + address[-4:] for address in (segment.flow[0], segment.flow[2]))
    return here, there


def keep(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Keep the version of IP."""
    here, _, there, _ = segment.flow
    if len(here) == 16:
        return [encode_v6(encode_tcp(segment, here, there), here, there)]
    return [encode_v4(encode_tcp(segment, here, there), here, there, number=number)]


def v4(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv4."""
    here, there = find_v4(segment)
    return [encode_v4(encode_tcp(segment, here, there), here, there, number=number)]


def v4_options(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv4 with options: record route."""
    here, there = find_v4(segment)
    return [encode_v4(encode_tcp(segment, here, there), here, there, options=b"\x07\x07\x04" + bytes(9))]


def v4_authenticated(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv4 with an authentication header."""
    here, there = find_v4(segment)
    body = b"\x06\x04" + bytes(22) + encode_tcp(segment, here, there)
    return [encode_v4(body, here, there, protocol=51)]


def v4_offloaded(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv4 with a length that the network card is to fill in."""
    here, there = find_v4(segment)
    return [encode_v4(encode_tcp(segment, here, there), here, there, total=0)]


def v6(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv6."""
    here, there = find_v6(segment)
    return [encode_v6(encode_tcp(segment, here, there), here, there)]


def v6_extended(segment: Segment, number: int, random: Random) -> list[bytes]:
    """Use IPv6 with headers: hop by hop, destination options, routing, authentication, a fragment that is the whole."""
    here, there = find_v6(segment)
    heads = b"\x3c\0" + bytes(6) + b"\x2b\1" + bytes(14) + b"\x33\2" + bytes(22)
    heads += b"\x2c\4" + bytes(22) + struct.pack(">BxHI", 6, 0, number)
    return [encode_v6(heads + encode_tcp(segment, here, there), here, there, 0)]


def split(body: bytes, random: Random, sizes: tuple[int, ...]) -> Iterator[tuple[int, bytes, bool]]:
    """Give offset, bytes and whether more follow of the parts of a body, all but the last of multiples of 8 bytes."""
    at = 0
    while at < len(body):
        stop = at + random.choice(sizes)
        yield at, body[at:stop], stop < len(body)
        at = stop


def fragment_by(sizes: tuple[int, ...], order: str) -> Callable[[int], Form]:
    """Make a form in fragments of some sizes that come in some order, of one version of IP."""

    def choose(version: int) -> Form:
        def cut(segment: Segment, number: int, random: Random) -> list[bytes]:
            here, there = find_v4(segment) if version == 4 else find_v6(segment)
            parts = list(split(encode_tcp(segment, here, there), random, sizes))
            if order == "overlapping":
                body = encode_tcp(segment, here, there)
                parts = [(max(at - 8, 0), body[max(at - 8, 0) : at + len(part)], more) for at, part, more in parts]
            packets = [encode_fragment(version, *part, number, here, there) for part in parts]
            if order == "reversed":
                packets.reverse()
            elif order != "in order":
                random.shuffle(packets)
            return packets if len(parts) > 1 else (v4 if version == 4 else v6)(segment, number, random)

        return cut

    return choose


def encode_fragment(version: int, at: int, part: bytes, more: bool, number: int, here: bytes, there: bytes) -> bytes:
    """Encode a fragment (RFC 791 3.2, RFC 8200 4.5)."""
    if version == 4:
        return encode_v4(part, here, there, number=number, place=at // 8 | (0x2000 if more else 0))
    return encode_v6(struct.pack(">BxHI", 6, at | more, number) + part, here, there, 44)


in_order, in_reverse = fragment_by((1376,), "in order"), fragment_by((600, 1376), "reversed")
tiny, mixed = fragment_by((8, 16, 512), "shuffled"), fragment_by((256, 1376), "overlapping")

FORMS: dict[str, Form] = {
    "kept": keep,
    "ipv4": v4,
    "ipv4-options": v4_options,
    "ipv4-authenticated": v4_authenticated,
    "ipv4-offloaded": v4_offloaded,
    "ipv6": v6,
    "ipv6-extended": v6_extended,
    "ipv4-fragments": in_order(4),
    "ipv4-fragments-reversed": in_reverse(4),
    "ipv4-fragments-tiny": tiny(4),
    "ipv4-fragments-overlapping": mixed(4),
    "ipv6-fragments": in_order(6),
    "ipv6-fragments-reversed": in_reverse(6),
    "ipv6-fragments-tiny": tiny(6),
    "ipv6-fragments-overlapping": mixed(6),
}
