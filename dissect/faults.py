"""A capture that was read, in: a line for each thing that is wrong with it, or why it shows nothing, out."""

from collections.abc import Iterator

from dissect.amounts import tell
from dissect.capture.layers import name_layer
from dissect.capture.records import Records
from dissect.capture.segments import Capture
from dissect.dialogue import Associations

Fault = tuple[str, str]
"""The name of the file, or of all; what is wrong."""


def list_faults(capture: Capture, associations: Associations) -> Iterator[Fault]:
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
    if records.damages:
        passed, places = sum(count for _, count in records.damages), tell(len(records.damages), "place")
        first = f"first behind record {records.damages[0][0]}"
        yield records.name, f"damaged in {places}, {first}; {tell(passed, 'byte')} passed over"
    if records.orphans:
        yield records.name, f"{tell(records.orphans, 'packet')} of an interface that is not described, not read"
    if records.cut is not None:
        record, count = records.cut
        yield records.name, f"cut short in record {record}, {count} bytes incomplete"


def explain_nothing(capture: Capture, associations: Associations) -> str:
    """Say in a line what a capture holds where there is no DICOM in it, and what to do."""
    streams = associations.streams
    seen = [tell(len(capture.times), "frame"), tell(streams.connections, "TCP connection")]
    seen += [f"{len(associations.sealed)} of them TLS"] if associations.sealed else []
    seen += [f"{streams.refused} of them refused"] if streams.refused else []
    seen += [text for _, text in list_faults(capture, associations)]
    remedy = "name its port with -d tcp.port==N,dicom if it starts late"
    remedy = f"dissect associations lists those that are TLS; {remedy}" if associations.sealed else remedy
    return f"{name_all(capture)}: no DICOM found ({', '.join(seen)}); {remedy}"


MOST_NAMED = 3
"""More files than this are counted, not named."""


def name_all(capture: Capture) -> str:
    """Name the files of a capture, or say how many there are."""
    names = capture.names
    return ", ".join(names) if len(names) <= MOST_NAMED else tell(len(names), "file")
