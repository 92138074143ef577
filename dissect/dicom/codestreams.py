"""The start of an image's code stream, in: the transfer syntax that it belongs to, out (PS3.5 8.2, Annex A.4)."""

from collections.abc import Iterator

JPEG, JPEG_2000 = b"\xff\xd8", b"\xff\x4f\xff\x51"
"""Start of image (ITU-T T.81 B.1.1.3); start of code stream and image size (ITU-T T.800 A.4)."""

RLE_HEADER, MOST_RLE_SEGMENTS = 64, 15
"""PS3.5 G.5."""

START_OF_SCAN = 0xDA
FRAMES = {0xC0: "1.2.840.10008.1.2.4.50", 0xC1: "1.2.840.10008.1.2.4.51", 0xC2: "1.2.840.10008.1.2.4.55"}
"""What tells of JPEG processes with losses: the marker of the frame (ITU-T T.81 B.1.1.3)."""
LOSSLESS, LOSSLESS_FIRST_ORDER = "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"
JPEG_LS, JPEG_LS_NEAR = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS, JPEG_2000_LOSSY = "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"
HIGH_THROUGHPUT_LOSSLESS, HIGH_THROUGHPUT = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.203"
RLE = "1.2.840.10008.1.2.5"

LOSSLESS_FRAME, JPEG_LS_FRAME = 0xC3, 0xF7
CAPABILITIES, CODING_STYLE = 0x50, 0x52
"""Markers of ITU-T T.800 A.5, A.6."""

REVERSIBLE = 1
"""The 5-3 wavelet (ITU-T T.800 A.6.1)."""


def find_syntax(start: bytes) -> str:
    """Tell the transfer syntax of an image by the first bytes of its first fragment, '' where they do not tell."""
    if start.startswith(JPEG):
        return find_jpeg_syntax(start)
    if start.startswith(JPEG_2000):
        return find_jpeg_2000_syntax(start)
    count, first = (int.from_bytes(start[at : at + 4], "little") for at in (0, 4))
    return RLE if 1 <= count <= MOST_RLE_SEGMENTS and first == RLE_HEADER <= len(start) else ""


def pull_segments(start: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give the marker and the contents of each whole marker segment (ITU-T T.81 B.1.1.4)."""
    while at + 4 <= len(start) and start[at] == 0xFF:
        stop = at + 2 + int.from_bytes(start[at + 2 : at + 4], "big")
        if stop > len(start):
            return
        yield start[at + 1], start[at + 4 : stop]
        at = stop


def find_jpeg_syntax(start: bytes) -> str:
    """Tell the syntax of a JPEG or JPEG-LS stream: by its frame, and where that has no losses by its scan."""
    frame = 0
    for marker, contents in pull_segments(start, 2):
        if marker in FRAMES:
            return FRAMES[marker]
        if marker in (LOSSLESS_FRAME, JPEG_LS_FRAME):
            frame = marker
        elif marker == START_OF_SCAN and contents:
            # Behind the components: the predictor (ITU-T T.81 H.1.2), or how near a value must be (ITU-T T.87 C.2.3).
            parameter = contents[1 + 2 * contents[0] :][:1]
            if frame == JPEG_LS_FRAME:
                return JPEG_LS if parameter == b"\0" else JPEG_LS_NEAR
            return LOSSLESS_FIRST_ORDER if parameter == b"\1" else LOSSLESS
    return ""


def find_jpeg_2000_syntax(start: bytes) -> str:
    """Tell the syntax of a JPEG 2000 stream: by its capabilities and its wavelet."""
    fast = False
    for marker, contents in pull_segments(start, 2):
        fast = fast or marker == CAPABILITIES
        if marker == CODING_STYLE and len(contents) >= 10:
            if contents[9] == REVERSIBLE:
                return HIGH_THROUGHPUT_LOSSLESS if fast else JPEG_2000_LOSSLESS
            return HIGH_THROUGHPUT if fast else JPEG_2000_LOSSY
    return ""
