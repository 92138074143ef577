"""The first bytes of a file that is no pcap or pcapng, in: what it is, and what to do, out."""

FORMATS = {
    b"\x34\xcd\xb2\xa1": ("pcap as modified by Kuznetsov", "editcap -F pcap"),
    b"\xa1\xb2\xcd\x34": ("pcap as modified by Kuznetsov", "editcap -F pcap"),
    b"\xac\x01\x00\x1c": ("a pcap variant of Ixia's hardware", "editcap -F pcap"),
    b"\x1c\x00\x01\xac": ("a pcap variant of Ixia's hardware", "editcap -F pcap"),
    b"\xab\x01\x00\x1c": ("a pcap variant of Ixia's software", "editcap -F pcap"),
    b"\x1c\x00\x01\xab": ("a pcap variant of Ixia's software", "editcap -F pcap"),
    b"snoop\0": ("a capture of snoop", "editcap -F pcap"),
    b"GMBU": ("a capture of Microsoft Network Monitor", "editcap -F pcap"),
    b"RTSS": ("a capture of Microsoft Network Monitor", "editcap -F pcap"),
    b"TRSNIFF": ("a capture of Sniffer", "editcap -F pcap"),
    b"XCP\0": ("a capture of Sniffer", "editcap -F pcap"),
    b"iptrace": ("a capture of iptrace", "editcap -F pcap"),
    b"BZh": ("compressed with bzip2", "bunzip2"),
    b"\xfd7zXZ\0": ("compressed with xz", "unxz"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "unzstd"),
    b"\x04\x22\x4d\x18": ("compressed with lz4", "unlz4"),
    b"\x1f\x9d": ("compressed with compress", "uncompress"),
    b"PK\x03\x04": ("a zip archive", "unzip"),
    b"7z\xbc\xaf": ("a 7z archive", "7z x"),
}
"""First bytes of files that are no pcap or pcapng: what they are, and which program makes one of them."""


def explain_start(start: bytes) -> str:
    """Tell what a file is that begins with some bytes, and what to do."""
    for magic, (kind, remedy) in FORMATS.items():
        if start.startswith(magic):
            return f"it is {kind}; make a pcap or pcapng file of it ({remedy})"
    return f"it begins with {start[:4].hex(' ')}; give a pcap or pcapng file"
