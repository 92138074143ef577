"""A script, in: the PDUs that negotiate an association with all that there is, out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests import build
from tests.script import Script

FIND, CT, MR = build.PATIENT_ROOT_FIND, build.CT_IMAGE_STORAGE, "1.2.840.10008.5.1.4.1.1.4"
CR, STUDY_FIND = "1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.2.2.1"
ECG, GENERAL_ECG, STORAGE = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.1.1.9.1.2", "1.2.840.10008.4.2"
RLE = "1.2.840.10008.1.2.5"


class Proposal(NamedTuple):
    """A presentation context."""

    abstract: str
    transfers: tuple[str, ...]
    result: int = 0
    accepted: str = ""
    used: bool = True
    """Whether messages are sent in it."""


PROPOSALS = (
    Proposal(build.VERIFICATION, (build.IMPLICIT,)),
    Proposal(FIND, (build.EXPLICIT, build.IMPLICIT)),
    Proposal(CT, (build.EXPLICIT,)),
    Proposal(CT, (RLE,)),
    Proposal(MR, (build.BIG_ENDIAN, build.EXPLICIT, build.IMPLICIT), used=False),
    Proposal(CR, (build.IMPLICIT,), result=3, used=False),
    Proposal(STUDY_FIND, (build.IMPLICIT,), used=False),
)


def take_uid(script: Script, path: str, uid: str, aspect: str = "class") -> str:
    """Take a UID of a PDU."""
    return str(script.take(path, aspect, uid, "UI"))


def take_field(script: Script, path: str, value: int, size: int = 1, *options: int) -> bytes:
    """Take a number of a PDU."""
    return int(script.take(path, "field", value, str(size), options)).to_bytes(size, "big")


def encode_user(script: Script, path: str, *, requestor: bool) -> bytes:
    """Encode user information with all that there is."""
    path += "/user-information.1"
    window = f"{path}/asynchronous-operations-window.1"
    items = [
        build.maximum_length(script.take(f"{path}/maximum-length.1", "note", 16384, "", [0, 16383, 2**32 - 1])),
        build.implementation_class(
            script.take(f"{path}/implementation-class-uid.1", "note", "2.25.104", "", ["2.25.105"])
        ),
        build.item(
            0x53,
            take_field(script, f"{window}/maximum-number-operations-invoked", 4, 2)
            + take_field(script, f"{window}/maximum-number-operations-performed", 1, 2),
        ),
    ]
    for number, uid in enumerate((CT, MR), 1):
        here = f"{path}/role-selection.{number}"
        name = take_uid(script, f"{here}/sop-class-uid", uid, "about")
        roles = take_field(script, f"{here}/scu-role", 1, 1, 0) + take_field(script, f"{here}/scp-role", 0, 1, 1)
        items.append(build.role_selection(name, *roles))
    version = script.take(f"{path}/implementation-version-name.1", "note", "BUILD_1", "", ["BUILD_2", "BUILD_"])
    items.append(build.implementation_version(version))
    items += encode_extended(script, path)
    items += encode_identity(script, path, requestor=requestor)
    return build.user_information(*items)


def encode_extended(script: Script, path: str) -> list[bytes]:
    """Encode extended negotiation and, of the requestor, common extended negotiation."""
    here = f"{path}/sop-class-extended-negotiation"
    known = [
        ("relational-queries", 1), ("combined-date-time-matching", 0), ("fuzzy-semantic-matching", 1),
        ("timezone-query-adjustment", 0), ("enhanced-multi-frame-image-conversion", 1),
    ]  # fmt: skip
    find = b"".join(take_field(script, f"{here}.1/{name}", value, 1, 1 - value) for name, value in known)
    names = ("level-of-support", "level-of-digital-signature-support", "element-coercion")
    store = [take_field(script, f"{here}.2/{name}", 1, 1, 0, 2) + b"\0" for name in names]  # each before a reserved one
    other = script.take(f"{here}.3/service-class-application-information", "bytes", b"\1\2\3", "OB")
    uids = [take_uid(script, f"{here}.{number}/sop-class-uid", uid, "about") for number, uid in
            enumerate((FIND, CT, "2.25.7"), 1)]  # fmt: skip
    items = [
        build.extended_negotiation(uids[0], find),
        build.extended_negotiation(uids[1], b"".join(store)[:5]),
        build.extended_negotiation(uids[2], other),
    ]
    if "a-associate-rq" in path:
        here = f"{path}/sop-class-common-extended-negotiation.1"
        items.append(
            build.common_extended_negotiation(
                take_uid(script, f"{here}/sop-class-uid", ECG, "about"),
                take_uid(script, f"{here}/service-class-uid", STORAGE),
                [take_uid(script, f"{here}/related-general-sop-class-uid", GENERAL_ECG)],
            )
        )
    return items


def encode_identity(script: Script, path: str, *, requestor: bool) -> list[bytes]:
    """Encode a user's identity."""
    if not requestor:
        here = f"{path}/user-identity-response.1"
        return [build.user_identity_response(script.take(here, "bytes", b"ticket", "OB"))]
    here = f"{path}/user-identity.1"
    return [
        build.user_identity(
            int.from_bytes(take_field(script, f"{here}/type", 2, 1, 1, 3)),
            script.take(f"{here}/primary-field", "text", "curie", "LO").encode(),
            script.take(f"{here}/secondary-field", "text", "radium", "LO").encode(),
            int.from_bytes(take_field(script, f"{here}/response-requested", 1, 1, 0)),
        )
    ]


def encode_head(
    script: Script, path: str, kind: int, contexts: Sequence[bytes], user: bytes, titles: Mapping[str, str]
) -> bytes:
    """Encode an A-ASSOCIATE-RQ or -AC."""
    name = take_uid(script, f"{path}/application-context.1", build.APPLICATION_CONTEXT)
    found = bytearray(
        build.associate(
            kind,
            build.item(0x10, name.encode()),
            *contexts,
            user,
            version=int.from_bytes(take_field(script, f"{path}/protocol-version", 1, 2, 3)),
            called=script.take(f"{path}/called-ae-title", "text", titles["called"], "AE"),
            calling=script.take(f"{path}/calling-ae-title", "text", titles["calling"], "AE"),
        )
    )
    found[8:10] = script.choose(path, "reserved", b"\0\0", b"ab")
    found[42:74] = script.choose(path, "more reserved", bytes(32), b"x" * 32)
    return bytes(found)


def encode_request(script: Script, path: str, ids: Sequence[int], user: bytes, titles: Mapping[str, str]) -> bytes:
    """Encode an A-ASSOCIATE-RQ."""
    contexts = []
    for number, (context_id, each) in enumerate(zip(ids, PROPOSALS, strict=False), 1):
        here = f"{path}/presentation-context.{number}"
        abstract = take_uid(script, f"{here}/abstract-syntax.1", each.abstract, "abstract")
        transfers = [
            take_uid(script, f"{here}/transfer-syntax.{place}", uid, "class")
            for place, uid in enumerate(each.transfers, 1)
            if place == 1 or script.take(f"{here}/transfer-syntax.{place}", "presence", True)
        ]
        contexts.append(build.context_rq(context_id, abstract, transfers))
    return encode_head(script, path, 1, contexts, user, titles)


def encode_accept(script: Script, path: str, ids: Sequence[int], user: bytes, titles: Mapping[str, str]) -> bytes:
    """Encode an A-ASSOCIATE-AC."""
    contexts = []
    for number, (context_id, each) in enumerate(zip(ids, PROPOSALS, strict=False), 1):
        here = f"{path}/presentation-context.{number}"
        result = each.result if each.used else take_result(script, f"{here}/result", each.result)
        transfer = each.accepted or each.transfers[0]
        if not each.used and not each.result:
            transfer = take_uid(script, f"{here}/transfer-syntax.1", transfer)
        contexts.append(build.context_ac(context_id, result, transfer))
    return encode_head(script, path, 2, contexts, user, titles)


def take_result(script: Script, path: str, result: int) -> int:
    """Take what is answered to a presentation context."""
    return int(script.take(path, "result", result, "", [other for other in range(5) if other != result]))
