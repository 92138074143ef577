"""Every message of PS3.7 Table E.1-1, every command element of E.1 and E.2, and messages cut in unusual ways."""

import struct
from pathlib import Path

from captures.talks import (
    ARCHIVE,
    WORKSTATION,
    Command,
    Titles,
    agree,
    associate,
    connect,
    encode,
    propose,
    release,
    write,
)
from tests.build import (
    COMMAND,
    CT_IMAGE_STORAGE,
    LAST,
    NO_DATA_SET,
    VERIFICATION,
    Talk,
    async_window,
    c_echo_rq,
    c_echo_rsp,
    c_find_rq,
    c_find_rsp,
    c_store_rq,
    c_store_rsp,
    element,
    message,
    p_data,
    pdv,
    role_selection,
    sequence,
    text,
)

FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
STEP, STEP_RETRIEVE = "1.2.840.10008.3.1.2.3.3", "1.2.840.10008.3.1.2.3.4"
COMMITMENT, COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
PRINT, SESSION = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.1"
CLASSES = (VERIFICATION, CT_IMAGE_STORAGE, FIND, MOVE, GET, STEP, STEP_RETRIEVE, COMMITMENT, PRINT)
CONTEXTS = {uid: 2 * number + 1 for number, uid in enumerate(CLASSES)}
STUDY, IMAGE, OTHER, PPS, FILM, TRANSACTION = (f"2.25.{number}" for number in (11, 12, 13, 14, 15, 16))
"""The instances that are spoken of."""


def tags(*numbers: int) -> bytes:
    """Encode tags as a value of VR AT, in little endian."""
    return b"".join(struct.pack("<HH", number >> 16, number & 0xFFFF) for number in numbers)


def ask(talk: Talk, sop_class: str, command: int, message_id: int, fields: Command, data: bytes | None = None) -> None:
    """Let the requestor send a request."""
    talk.request(*encode_request(sop_class, command, message_id, fields, data))


def encode_request(sop_class: str, command: int, message_id: int, fields: Command, data: bytes | None) -> list[bytes]:
    """Encode the PDUs of a request."""
    kind = NO_DATA_SET if data is None else 0x0102
    return encode(CONTEXTS[sop_class], {0x0100: command, 0x0110: message_id, 0x0800: kind, **fields}, data)


def tell(talk: Talk, sop_class: str, command: int, message_id: int, fields: Command, data: bytes | None = None) -> None:
    """Let the acceptor send a response."""
    talk.answer(*encode_response(sop_class, command, message_id, fields, data))


def encode_response(sop_class: str, command: int, message_id: int, fields: Command, data: bytes | None) -> list[bytes]:
    """Encode the PDUs of a response."""
    kind = NO_DATA_SET if data is None else 0x0000
    return encode(CONTEXTS[sop_class], {0x0100: command, 0x0120: message_id, 0x0800: kind, **fields}, data)


def make_image(instance: str) -> bytes:
    """Encode the least of an image."""
    return text(0x00080016, "UI", CT_IMAGE_STORAGE) + text(0x00080018, "UI", instance) + text(0x00100020, "LO", "SYN-1")


STUDY_KEYS = text(0x00080052, "CS", "STUDY") + text(0x0020000D, "UI", STUDY)
FAILED = text(0x00080058, "UI", OTHER)
"""The identifier of a response that tells which instances were not sent: Failed SOP Instance UID List."""


def exchange_composite(talk: Talk) -> None:
    """Send the DIMSE-C messages: C-ECHO, C-STORE, C-FIND, C-CANCEL, C-GET and the C-STORE that comes back with it."""
    talk.request(*message(1, c_echo_rq(1))).answer(*message(1, c_echo_rsp(1)))
    stored: Command = {0x0002: CT_IMAGE_STORAGE, 0x1000: IMAGE}
    ask(talk, CT_IMAGE_STORAGE, 0x0001, 2, {**stored, 0x0700: 1}, make_image(IMAGE))
    refusal: Command = {0x0900: 0xA700, 0x0901: tags(0x00080016, 0x7FE00010), 0x0902: "Out of resources"}
    tell(talk, CT_IMAGE_STORAGE, 0x8001, 2, {**stored, **refusal})
    ask(talk, FIND, 0x0020, 3, {0x0002: FIND, 0x0700: 2}, STUDY_KEYS)
    tell(talk, FIND, 0x8020, 3, {0x0002: FIND, 0x0900: 0xFF01}, STUDY_KEYS + text(0x00200010, "SH", "1"))
    talk.request(*encode(CONTEXTS[FIND], {0x0100: 0x0FFF, 0x0120: 3, 0x0800: NO_DATA_SET}))
    tell(talk, FIND, 0x8020, 3, {0x0002: FIND, 0x0900: 0xFE00})
    ask(talk, GET, 0x0010, 4, {0x0002: GET, 0x0700: 0}, STUDY_KEYS)
    context = CONTEXTS[CT_IMAGE_STORAGE]
    talk.answer(*message(context, c_store_rq(1, CT_IMAGE_STORAGE, IMAGE), make_image(IMAGE)))
    talk.request(*message(context, c_store_rsp(1, CT_IMAGE_STORAGE, IMAGE)))
    tell(talk, GET, 0x8010, 4, {0x0002: GET, 0x0900: 0xFF00, 0x1020: 1, 0x1021: 1, 0x1022: 0, 0x1023: 0})
    tell(talk, GET, 0x8010, 4, {0x0002: GET, 0x0900: 0xB000, 0x1021: 1, 0x1022: 1, 0x1023: 0}, FAILED)


def move(talk: Talk) -> Talk:
    """Send a C-MOVE with its pending and final response, and return the connection of its sub-operation."""
    ask(talk, MOVE, 0x0021, 5, {0x0002: MOVE, 0x0600: "WORKSTATION", 0x0700: 0}, STUDY_KEYS)
    titles = Titles(calling="ARCHIVE", called="WORKSTATION")
    sub = associate(connect(1, ARCHIVE, WORKSTATION), CT_IMAGE_STORAGE, titles=titles)
    fields: Command = {0x0002: CT_IMAGE_STORAGE, 0x1000: IMAGE, 0x0700: 0, 0x1030: "MODALITY", 0x1031: 5}
    sub.request(*encode(1, {0x0100: 0x0001, 0x0110: 7, 0x0800: 1, **fields}, make_image(IMAGE)))
    sub.answer(*message(1, c_store_rsp(7, CT_IMAGE_STORAGE, IMAGE, 0xB000)))
    talk.wait(2_000_000_000)
    tell(talk, MOVE, 0x8021, 5, {0x0002: MOVE, 0x0900: 0xFF00, 0x1020: 1, 0x1021: 0, 0x1022: 0, 0x1023: 1})
    counts: Command = {0x1021: 0, 0x1022: 1, 0x1023: 1}
    tell(talk, MOVE, 0x8021, 5, {0x0002: MOVE, 0x0900: 0xB000, **counts}, FAILED)
    return release(sub)


def exchange_normalized(talk: Talk) -> None:
    """Send the DIMSE-N messages, with the fields that only failures and warnings have."""
    step: Command = {0x0002: STEP, 0x1000: PPS}
    started = text(0x00080060, "CS", "CT") + text(0x00400252, "CS", "IN PROGRESS")
    ask(talk, STEP, 0x0140, 6, step, started)
    missing: Command = {0x0900: 0x0120, 0x1005: tags(0x00400270, 0x00400253)}
    tell(talk, STEP, 0x8140, 6, {**step, **missing})
    ask(talk, STEP, 0x0140, 7, {0x0002: STEP}, started)
    tell(talk, STEP, 0x8140, 7, {**step, 0x0900: 0x0000}, started)
    requested: Command = {0x0003: STEP, 0x1001: PPS}
    ask(talk, STEP, 0x0120, 8, requested, text(0x00400252, "CS", "FINISHED"))
    tell(talk, STEP, 0x8120, 8, {**step, 0x0900: 0x0106})
    retrieved: Command = {0x0003: STEP_RETRIEVE, 0x1001: PPS, 0x1005: tags(0x00400252, 0x00100010, 0x00291001)}
    ask(talk, STEP_RETRIEVE, 0x0110, 9, retrieved)
    partly: Command = {0x0002: STEP_RETRIEVE, 0x1000: PPS, 0x0900: 0x0107, 0x1005: tags(0x00291001)}
    tell(talk, STEP_RETRIEVE, 0x8110, 9, partly, text(0x00100010, "PN", "Curie^Marie") + started[-20:])
    commit(talk)
    ask(talk, PRINT, 0x0150, 11, {0x0003: SESSION, 0x1001: FILM})
    failure: Command = {0x0002: SESSION, 0x1000: FILM, 0x0900: 0x0110, 0x0902: "It is being printed", 0x0903: 0xFFFE}
    tell(talk, PRINT, 0x8150, 11, failure)


def commit(talk: Talk) -> None:
    """Send an N-ACTION, and the N-EVENT-REPORT that the acceptor has for it."""
    reference = text(0x00081150, "UI", CT_IMAGE_STORAGE) + text(0x00081155, "UI", IMAGE)
    request = text(0x00081195, "UI", TRANSACTION) + sequence(0x00081199, [reference])
    action: Command = {0x0003: COMMITMENT, 0x1001: COMMITMENT_INSTANCE, 0x1008: 1}
    ask(talk, COMMITMENT, 0x0130, 10, action, request)
    instance: Command = {0x0002: COMMITMENT, 0x1000: COMMITMENT_INSTANCE}
    tell(talk, COMMITMENT, 0x8130, 10, {**instance, 0x0900: 0x0000, 0x1008: 1})
    talk.answer(*encode_request(COMMITMENT, 0x0100, 1, {**instance, 0x1002: 1}, request))
    talk.request(*encode_response(COMMITMENT, 0x8100, 1, {**instance, 0x0900: 0x0113, 0x1002: 1}, None))


def send_all(pcap: Path) -> None:
    """Send each of the 23 messages with each of the command elements that it may have."""
    talk = connect().request(propose(CLASSES, role_selection(CT_IMAGE_STORAGE, 1, 1)))
    talk.answer(agree(len(CLASSES), role_selection(CT_IMAGE_STORAGE, 1, 1)))
    exchange_composite(talk)
    sub = move(talk)
    exchange_normalized(talk)
    write(pcap, release(talk), sub)


RETIRED: dict[int, bytes | int | str] = {
    0x0001: 0,
    0x0010: "NEMA 2.0",
    0x0200: "MODALITY",
    0x0300: "ARCHIVE",
    0x0400: "ARCHIVE",
    0x0850: 3,
    0x0860: 1,
    0x4000: "Is anyone there?",
    0x4010: "VT100",
    0x5010: "SET1",
    0x5020: "END1",
    0x5110: "STANDARD\\2,2",
    0x5120: "1\\2",
    0x5130: "LEFT",
    0x5140: "NORMAL",
    0x5150: "YES",
    0x5160: "BLACK",
    0x5170: "2",
    0x5180: "REPLICATE",
    0x5190: "NO",
    0x51A0: "YES",
    0x51B0: b"\x00\x60\x02\x60",
}
"""The command elements of PS3.7 Table E.2-1, which no message has any more."""


def send_retired(pcap: Path) -> None:
    """Send a C-ECHO with every retired command element, and one with elements that are not defined at all."""
    talk = associate(connect(), VERIFICATION)
    echo: Command = {0x0002: VERIFICATION, 0x0100: 0x0030, 0x0110: 1, 0x0800: NO_DATA_SET}
    talk.request(*encode(1, {**echo, **RETIRED})).answer(*message(1, c_echo_rsp(1)))
    talk.request(*encode(1, {**echo, 0x0110: 2, 0x0333: "?", 0x5FFF: b"\x01\x02"}))
    talk.answer(*message(1, c_echo_rsp(2)))
    talk.request(*encode(1, {0x0100: 0x0FFE, 0x0110: 3, 0x0800: NO_DATA_SET}))  # no message has this command field
    talk.answer(*encode(1, {0x0100: 0x8FFE, 0x0120: 3, 0x0800: NO_DATA_SET, 0x0900: 0x0211}))
    write(pcap, release(talk))


def cut_into_pdvs(pcap: Path) -> None:
    """Put several PDVs into a PDU, command and data among them, and cut a command set over PDVs and PDUs."""
    talk = associate(connect(), VERIFICATION, CT_IMAGE_STORAGE)
    command, image = c_store_rq(1, CT_IMAGE_STORAGE, IMAGE), make_image(IMAGE) + element(0x7FE00010, "OW", bytes(64))
    stored = message(3, c_store_rsp(1, CT_IMAGE_STORAGE, IMAGE))
    half = len(image) // 2
    # All in one PDU: the command set, then the data set in two fragments.
    parts = pdv(3, COMMAND | LAST, command), pdv(3, 0, image[:half]), pdv(3, LAST, image[half:])
    talk.request(p_data(*parts)).answer(*stored)
    # The command set in three fragments, two of them in one PDU; the data set begins in the PDU where it ends.
    talk.request(
        p_data(pdv(3, COMMAND, command[:6]), pdv(3, COMMAND, command[6:30])),
        p_data(pdv(3, COMMAND | LAST, command[30:]), pdv(3, 0, image[:2])),
        p_data(pdv(3, 0, image[2:half])),
        p_data(pdv(3, 0, image[half:]), pdv(3, LAST, b"")),
    )
    talk.answer(*stored)
    # A PDU for each eight bytes of a request, and of its response.
    talk.request(*message(1, c_echo_rq(3), pdv_size=8)).answer(*message(1, c_echo_rsp(3), pdv_size=8))
    # Two messages in one PDU, which PS3.8 Annex E.1 does not allow.
    talk.request(p_data(pdv(1, COMMAND | LAST, c_echo_rq(4)), pdv(1, COMMAND | LAST, c_echo_rq(5))))
    talk.answer(*message(1, c_echo_rsp(4)), *message(1, c_echo_rsp(5)))
    write(pcap, release(talk))


def talk_both_ways(pcap: Path) -> None:
    """Keep several operations outstanding: both sides talk at once, answers overtake, a C-CANCEL comes among data."""
    talk = connect().request(propose([FIND, CT_IMAGE_STORAGE], async_window(0, 1)))
    talk.answer(agree(2, async_window(4, 1)))
    match = STUDY_KEYS + text(0x00100010, "PN", "Curie^Marie") + text(0x00081030, "LO", "Head, synthetic")
    store = message(3, c_store_rq(3, CT_IMAGE_STORAGE, IMAGE), make_image(IMAGE), pdv_size=40)
    pending = [message(1, c_find_rsp(number, FIND, 0xFF00, True), match, pdv_size=60) for number in (1, 2)]
    cancel = encode(1, {0x0100: 0x0FFF, 0x0120: 1, 0x0800: NO_DATA_SET})
    talk.request(*message(1, c_find_rq(1, FIND), STUDY_KEYS), *message(1, c_find_rq(2, FIND), STUDY_KEYS))
    talk.request(*store[:3]).answer(*pending[1][:3]).request(*store[3:4]).answer(*pending[1][3:])
    talk.answer(*pending[0][:3]).request(*store[4:]).request(*cancel).answer(*pending[0][3:])
    talk.answer(*message(3, c_store_rsp(3, CT_IMAGE_STORAGE, IMAGE)))
    talk.answer(*message(1, c_find_rsp(2, FIND, 0x0000, False)), *message(1, c_find_rsp(1, FIND, 0xFE00, False)))
    write(pcap, release(talk))


SCENES = {
    "built-messages": send_all,
    "built-retired-commands": send_retired,
    "built-pdvs": cut_into_pdvs,
    "built-both-directions": talk_both_ways,
}
