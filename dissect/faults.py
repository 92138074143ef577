"""A capture that was read, in: a line for each thing that is wrong with it, or why it shows nothing, out."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.capture.layers import name_layer
from dissect.capture.pcapng import PART
from dissect.capture.records import Records
from dissect.capture.segments import Capture
from dissect.dialogue import Associations
from dissect.tcp.attempts import Attempt

Fault = tuple[str, str]
"""The name of the file, or of all; what is wrong."""

REFUSED = "see that the acceptor runs and listens on that port"
UNANSWERED = "see that the host runs, that the acceptor there takes connections, and that no firewall drops them"
"""What to do about it."""

MOST_NAMED = 3
"""Of more files, and of more pairs of entities, the others are counted."""


def list_faults(capture: Capture, associations: Associations) -> Iterator[Fault]:
    """Tell what is wrong with the files of a capture, what of it was not read, and which entities were not reached."""
    yield from list_lacks(capture, associations)
    attempts = associations.list_attempts()
    for attempt in attempts[:MOST_NAMED]:
        yield name_all(capture), tell_attempt(attempt)
    if rest := sum(attempt.count for attempt in attempts[MOST_NAMED:]):
        yield name_all(capture), f"{tell(rest, 'TCP connection')} more, of other pairs, asked for in vain"


def tell_attempt(attempt: Attempt) -> str:
    """Tell who asked whom for a connection in vain."""
    became = [("refused", attempt.refused), ("did not answer", attempt.unanswered)]
    told = " and ".join(f"{what} {tell(count, 'TCP connection')}" for what, count in became if count)
    return f"{attempt.acceptor} {told} from {attempt.requestor}, the first in frame {attempt.frame}"


def list_lacks(capture: Capture, associations: Associations) -> Iterator[Fault]:
    """Tell what is wrong with the files of a capture, and what of it was not read."""
    for name in capture.damaged:
        yield name, "its compressed data is damaged or cut short; read as far as it goes"
    for records in capture.records:
        yield from list_file_faults(records)
    name = name_all(capture)
    frames, count = capture.snapped
    if frames:
        yield name, f"{tell(frames, 'frame')} cut by the snap length, {tell(count, 'byte')} missing"
    if capture.unread:
        kinds = ", ".join(f"{count} of {name_layer(layer)}" for layer, count in capture.unread.most_common())
        yield name, f"{tell(capture.unread.total(), 'frame')} not read: {kinds}"
    if capture.lacking:
        yield name, f"{tell(capture.lacking, 'IP packet')} not read, for fragments are missing"
    if doubled := associations.doubled:
        yield name, f"{tell(doubled, 'segment')} captured twice, as some mirror ports do"


def list_file_faults(records: Records) -> Iterator[Fault]:
    """Tell what is wrong with one file."""
    if PART in records.comments:
        yield records.name, "frames were left out of it on purpose; bytes that it lacks need not have been lost"
    if records.damages:
        passed, places = sum(count for _, count in records.damages), tell(len(records.damages), "place")
        number = records.damages[0][0]
        first = f"first behind record {number}" if number else "first before all records"
        yield records.name, f"damaged in {places}, {first}; {tell(passed, 'byte')} passed over"
    if records.orphans:
        yield records.name, f"{tell(records.orphans, 'packet')} of an interface that is not described, not read"
    if records.cut is not None:
        record, count = records.cut
        yield records.name, f"cut short in record {record}, {count} bytes incomplete"


def explain_nothing(capture: Capture, associations: Associations) -> str:
    """Say in a line what a capture holds where there is no DICOM in it, and what to do."""
    streams = associations.streams
    attempts = streams.attempts.rank()
    seen = [tell(len(capture.times), "frame"), tell(streams.connections, "TCP connection")]
    seen += [f"{len(associations.sealed)} of them TLS"] if associations.sealed else []
    seen += [tell_attempt(attempt) for attempt in attempts[:MOST_NAMED]]
    if attempts and (silent := streams.connections - streams.attempts.count - streams.carrying):
        seen.append(f"nothing said in {tell(silent, 'TCP connection')} that opened")
    seen += [text for _, text in list_lacks(capture, associations)]
    remedy = "name its port with -d tcp.port==N,dicom if it starts late"
    if attempts and not streams.carrying:
        remedy = REFUSED if any(attempt.refused for attempt in attempts) else UNANSWERED
    remedy = f"dissect associations lists those that are TLS; {remedy}" if associations.sealed else remedy
    return f"{name_all(capture)}: no DICOM found ({', '.join(seen)}); {remedy}"


def name_all(capture: Capture) -> str:
    """Name the files of a capture, or say how many there are."""
    names = capture.names
    return ", ".join(names) if len(names) <= MOST_NAMED else tell(len(names), "file")
