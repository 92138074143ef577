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
    sender, receiver = find_addresses(key)
    first, second = find_ports(key)
    return f"{name_address(sender)}:{first}", f"{name_address(receiver)}:{second}"


@lru_cache(maxsize=1024)
def name_address(address: bytes) -> str:
    """Give an address as text, in brackets if it is of IPv6: few machines open many connections."""
    text = str(ipaddress.ip_address(address))
    return f"[{text}]" if len(address) == 16 else text


def find_addresses(key: bytes) -> tuple[bytes, bytes]:
    """Give the addresses of the sender and of the receiver."""
    half = (len(key) - 4) // 2
    return key[:half], key[half : half * 2]


def turn_key(key: bytes) -> bytes:
    """Give the key of the other direction."""
    sender, receiver = find_addresses(key)
    return receiver + sender + key[-2:] + key[-4:-2]


def find_ports(key: bytes) -> tuple[int, int]:
    """Give the ports of the sender and of the receiver."""
    return int.from_bytes(key[-4:-2], "big"), int.from_bytes(key[-2:], "big")
