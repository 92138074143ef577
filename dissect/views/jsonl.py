"""PDUs, in: a line of JSON each, out."""

import json
from collections.abc import Iterator

from dissect.association import Arrival
from dissect.capture import Capture
from dissect.pdu import LOST
from dissect.summary import collect_codes, describe

SCHEMA = 1
"""The version of the lines' form."""


def list_pdus(arrivals: Iterator[Arrival], capture: Capture) -> Iterator[str]:
    """Give each PDU as a line of JSON, its keys in fixed order."""
    write = json.JSONEncoder(separators=(", ", ": ")).encode
    for arrival in arrivals:
        yield write(make_record(arrival, capture)) + "\n"


def make_record(arrival: Arrival, capture: Capture) -> dict[str, object]:
    """Make a PDU's record.

    Parameters
    ----------
    arrival
        The PDU in its place.
    capture
        The capture it comes from, which knows the frames' times.

    Returns
    -------
    dict
        `schema`; `pdu`, `frames` and `association` as numbers from 1; `time` in seconds since the epoch as a decimal
        string; `from`, `requestor` or `acceptor`; `source` and `destination`; `type`, `length`, `info`; `notes`, the
        codes. What the capture does not tell is null.

    """
    pdu = arrival.pdu
    lost = pdu.kind == LOST
    return {
        "schema": SCHEMA,
        "pdu": arrival.number,
        "frames": pdu.span.frames(),
        "time": capture.tell_time(pdu.frame),
        "association": arrival.association.number,
        "from": arrival.association.find_role(pdu.stream),
        "source": pdu.stream.sender,
        "destination": pdu.stream.peer.sender,
        "type": None if lost else pdu.name,
        "length": None if lost else pdu.length,
        "info": describe(arrival),
        "notes": collect_codes(arrival),
    }
