"""A script, in: captures of which each field can be changed on its own, out."""

from collections.abc import Sequence

from tests import build
from tests.negotiation import CT, FIND, PROPOSALS, encode_accept, encode_request, encode_user, take_field
from tests.script import Elements, Script, Speaker, Value, encode_fragments, encode_set

TITLES = {"called": "ARCHIVE", "calling": "MODALITY"}


def make_image(number: int) -> dict[int, tuple[str, Value]]:
    """Make a data set of about every VR, with nested sequences and private elements."""
    code: Elements = {0x00080100: ("SH", "24725-4"), 0x00080102: ("SH", "LN"), 0x00080104: ("LO", "CT Head")}
    other: Elements = {0x00080100: ("SH", "121106"), 0x00080102: ("SH", "DCM"), 0x00080104: ("LO", "Comment")}
    step: Elements = {
        0x00400007: ("LO", "Head"), 0x00400008: ("SQ", [code, other]), 0x00400009: ("SH", "SPS1"),
    }  # fmt: skip
    reference: Elements = {0x00081150: ("UI", CT), 0x00081155: ("UI", "2.25.31")}
    return {
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\AXIAL"), 0x00080016: ("UI", CT), 0x00080018: ("UI", f"2.25.3{number}"),
        0x00080020: ("DA", "20240229"), 0x0008002A: ("DT", "20240229101500.25"), 0x00080030: ("TM", "101632.25"),
        0x00080050: ("SH", ""), 0x00080054: ("AE", "ARCHIVE"), 0x00080058: ("UI", "2.25.31\\2.25.32"),
        0x00080060: ("CS", "CT"),
        0x00080090: ("PN", "Curie^Marie^^Dr."), 0x00081115: ("SQ", [{0x00081199: ("SQ", [reference]),
                                                                     0x0020000E: ("UI", "2.25.20")}]),
        0x00081140: ("SQ", [reference]), 0x00100010: ("PN", "Doe^Jane"), 0x00100020: ("LO", "SYN-0001"),
        0x00101010: ("AS", "054Y"), 0x00104000: ("LT", "No one was scanned. " * 30), 0x00180050: ("DS", "2.5"),
        0x00181063: ("DS", "40"), 0x00189311: ("FD", (0.984375, -1e-7)), 0x00189345: ("FD", (12.75,)),
        0x00189461: ("FL", (0.5, 2.5)), 0x0020000D: ("UI", "2.25.10"), 0x0020000E: ("UI", "2.25.20"),
        0x00200013: ("IS", str(number)), 0x00200032: ("DS", "-80.0\\-80.0\\42.5"), 0x00200052: ("UI", "2.25.40"),
        0x00209165: ("AT", (0x00200032, 0x00200013)), 0x00280010: ("US", (8,)), 0x00280106: ("SS", (-1000,)),
        0x00281101: ("US", (256, 0, 16)), 0x00281201: ("OW", bytes(range(200))), 0x00281202: ("OW", bytes(700)),
        0x00290010: ("LO", "BUILT BY HAND"), 0x00291001: ("US", tuple(range(120))), 0x00291002: ("OB", b"\0\1\2\3"),
        0x00291003: ("SL", (-70000, 70000)), 0x00291004: ("UN", b"text"), 0x00291005: ("UT", "word " * 100),
        0x00291006: ("SV", (-1,)), 0x00291007: ("UV", (2**63,)), 0x00291008: ("SQ", [{0x00290010: ("LO", "INNER")}]),
        0x00400275: ("SQ", [step, {0x00400009: ("SH", "SPS2")}]), 0x0040A120: ("DT", "2024"),
        0x0040A160: ("UT", "short"), 0x0040E010: ("UR", "http://example.org/a"), 0x00460247: ("UC", "UNLIMITED\\B"),
        0x00660037: ("UL", (70000, 1)), 0x00660040: ("OL", bytes(range(16))), 0x00720065: ("US", (1, 2)),
        0x7FE00010: ("OW", bytes(range(128))),
    }  # fmt: skip


def make_matches() -> list[dict[int, tuple[str, Value]]]:
    """Make the matches of a query, with nested sequences, the last one in UTF-8."""
    found: list[dict[int, tuple[str, Value]]] = []
    for number, name in enumerate(("Adams^Ann", "Baker^Bob", "Müller^Jörg"), 1):
        step: Elements = {0x00400002: ("DA", f"2024022{number}"), 0x00400020: ("CS", "ARRIVED")}
        found.append({
            0x00080005: ("CS", "ISO_IR 192"), 0x00080020: ("DA", f"2024030{number}"), 0x00080052: ("CS", "STUDY"),
            0x00080061: ("CS", "CT\\MR"), 0x00081110: ("SQ", [{0x00081150: ("UI", CT), 0x00081155: ("UI", "2.25.31")}]),
            0x00100010: ("PN", name), 0x00100020: ("LO", f"SYN-000{number}"), 0x0020000D: ("UI", f"2.25.1{number}"),
            0x00400100: ("SQ", [step]),
        })  # fmt: skip
    return found


def open_talk(script: Script, user: bool) -> tuple[build.Talk, Sequence[int]]:
    """Request and accept an association, with user information or without; give the IDs of its contexts, too."""
    path = "association.1"
    talk = build.Talk(mss=script.choose(path, "segments", 1460, 100, 9000)).open()
    odd = tuple(range(1, 2 * len(PROPOSALS), 2))
    ids = script.choose(path, "context IDs", odd, odd[::-1], tuple(each + 100 for each in odd))
    for number, encode_pdu in enumerate((encode_request, encode_accept)):
        here = f"{path}/{('a-associate-rq', 'a-associate-ac')[number]}.1/body"
        told = encode_user(script, here, requestor=not number) if user else b""
        (talk.answer if number else talk.request)(encode_pdu(script, here, ids, told, TITLES))
    return talk, ids


def associate(script: Script) -> bytes:
    """Negotiate all that there is, and echo; then be rejected, then aborted."""
    talk, ids = open_talk(script, True)
    speaker = Speaker(script, 1, talk)
    echo: dict[int, int | str] = {0x0002: build.VERIFICATION, 0x0800: build.NO_DATA_SET}
    number = script.choose("association.1/c-echo-rq.1", "message ID", 1, 99, 65535)
    speaker.send("c-echo-rq", ids[0], {**echo, 0x0100: 0x0030, 0x0110: number})
    speaker.send("c-echo-rsp", ids[0], {**echo, 0x0100: 0x8030, 0x0120: number, 0x0900: 0})
    return encode_capture(talk.release(), talk_in_vain(script, 2), talk_in_vain(script, 3))


def query(script: Script) -> bytes:
    """Ask for studies, and get three."""
    talk, ids = open_talk(Script(), False)
    find(script, Speaker(script, 1, talk), ids[1])
    return encode_capture(talk.release())


def send(script: Script) -> bytes:
    """Store two images."""
    talk, ids = open_talk(Script(), False)
    speaker = Speaker(script, 1, talk)
    for place, context in enumerate(ids[2:4], 1):
        store(script, speaker, context, place)
    return encode_capture(talk.release())


def encode_capture(*talks: build.Talk) -> bytes:
    """Encode the capture of associations that follow each other."""
    return build.pcap(frame for talk in talks for frame in talk.frames)


def find(script: Script, speaker: Speaker, context: int) -> None:
    """Send a C-FIND-RQ and its responses, of which three are matches."""
    number = script.choose("association.1/c-find-rq.1", "message ID", 2, 98)
    query: Elements = {0x00080052: ("CS", "STUDY"), 0x00100010: ("PN", "*"), 0x0020000D: ("UI", "")}
    asked = {0x0002: FIND, 0x0100: 0x0020, 0x0110: number, 0x0700: 0, 0x0800: build.DATA_SET}
    speaker.send("c-find-rq", context, asked, query)
    answer = {0x0002: FIND, 0x0100: 0x8020, 0x0120: number}
    for match in make_matches():
        speaker.send("c-find-rsp", context, {**answer, 0x0800: build.DATA_SET, 0x0900: 0xFF00}, match)
    speaker.send("c-find-rsp", context, {**answer, 0x0800: build.NO_DATA_SET, 0x0900: 0})


def store(script: Script, speaker: Speaker, context: int, place: int) -> None:
    """Store an image, the second one with encapsulated pixel data."""
    path = f"association.1/c-store-rq.{place}"
    number = script.choose(path, "message ID", 10 + place, 10)
    uid = f"2.25.3{place}"
    fields: dict[int, int | str] = {
        0x0002: CT, 0x0100: 1, 0x0110: number, 0x0700: 0, 0x0800: build.DATA_SET, 0x1000: uid, 0x1030: "WORKSTATION",
        0x1031: 7,
    }  # fmt: skip
    if place == 1:
        speaker.send("c-store-rq", context, fields, make_image(place))
    else:
        known = (0x00080016, 0x00080018, 0x0020000D, 0x0020000E)
        few = {tag: element for tag, element in make_image(place).items() if tag in known}
        data = encode_set(script, f"{path}/data-set", few) + encode_fragments(script, f"{path}/data-set")
        speaker.send("c-store-rq", context, fields, data)
    answer: dict[int, int | str] = {
        0x0002: CT, 0x0100: 0x8001, 0x0120: number, 0x0800: build.NO_DATA_SET, 0x0900: 0xB000 if place == 2 else 0,
        0x1000: uid,
    }  # fmt: skip
    if place == 2:
        answer |= {0x0901: 0x00100020, 0x0902: "Patient ID coerced"}
    speaker.send("c-store-rsp", context, answer)


def talk_in_vain(script: Script, number: int) -> build.Talk:
    """Request an association that is rejected, or one that is aborted."""
    path = f"association.{number}"
    talk = build.Talk(("10.0.0.1", 50000 + number), start=1_700_000_000_000_000_000 + number * 10**9).open()
    titles = {"called": f"OTHER_{number}", "calling": "MODALITY"}
    ids = (1,)
    user = build.user_information(build.maximum_length(16384), build.implementation_class("2.25.104"))
    talk.request(encode_request(script, f"{path}/a-associate-rq.1/body", ids, user, titles))
    if number == 2:
        here = f"{path}/a-associate-rj.1/body"
        return talk.answer(
            build.associate_rj(
                int.from_bytes(take_field(script, f"{here}/result", 1, 1, 2)), 1,
                int.from_bytes(take_field(script, f"{here}/reason", 7, 1, 1, 2, 3)),
            )
        ).close()  # fmt: skip
    talk.answer(encode_accept(script, f"{path}/a-associate-ac.1/body", ids, user, titles))
    here = f"{path}/a-abort.1/body"
    return talk.answer(
        build.abort(
            int.from_bytes(take_field(script, f"{here}/source", 2, 1, 0, 1)),
            int.from_bytes(take_field(script, f"{here}/reason", 1, 1, 0, 2, 4, 5, 6)),
        )
    ).close()


EXCHANGES = {"association": associate, "query": query, "storage": send}
"""Captures of what a script says."""
