"""The key of a segment's direction, in: the addresses and ports of its two ends, out.

A key is the sender's address, the receiver's, and the two ports in the same order, as they stand in the segment.
"""

import ipaddress
from functools import lru_cache

IPV4_KEY = 12
"""The length of a key with IPv4 addresses."""


@lru_cache(maxsize=1024)
def name_ends(key: bytes) -> tuple[str, str]:
    """Give `address:port` of the sender and of the receiver; an IPv6 address stands in brackets."""
    half = (len(key) - 4) // 2
    sender, receiver = (str(ipaddress.ip_address(key[at : at + half])) for at in (0, half))
    bracketed = (f"[{address}]" if half == 16 else address for address in (sender, receiver))
    first, second = (f"{address}:{port}" for address, port in zip(bracketed, find_ports(key), strict=True))
    return first, second


def turn_key(key: bytes) -> bytes:
    """Give the key of the other direction."""
    half = (len(key) - 4) // 2
    return key[half : half * 2] + key[:half] + key[-2:] + key[-4:-2]


def find_ports(key: bytes) -> tuple[int, int]:
    """Give the ports of the sender and of the receiver."""
    return int.from_bytes(key[-4:-2], "big"), int.from_bytes(key[-2:], "big")
