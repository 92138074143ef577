"""Associations that no peer at hand makes: every reject and abort, data that comes early, items nobody knows."""

from pathlib import Path

from captures.talks import TITLES, agree, associate, connect, inform, propose, release, write
from tests.build import (
    EXPLICIT,
    IMPLICIT,
    VERIFICATION,
    Talk,
    abort,
    associate_rj,
    associate_rq,
    async_window,
    c_echo_rq,
    c_echo_rsp,
    common_extended_negotiation,
    context_ac,
    context_rq,
    extended_negotiation,
    item,
    message,
    pdu,
    release_rp,
    release_rq,
    role_selection,
    user_identity,
    user_identity_response,
)
from tests.build import associate as encode_associate

ECHO = message(1, c_echo_rq())
ECHOED = message(1, c_echo_rsp())


def verify(talk: Talk) -> Talk:
    """Ask for a C-ECHO and answer it."""
    return talk.request(*ECHO).answer(*ECHOED)


REJECTS = ((1, 1, 1), (1, 1, 2), (1, 1, 3), (1, 1, 7), (1, 2, 1), (1, 2, 2), (2, 3, 1), (2, 3, 2), (2, 3, 5), (3, 4, 9))
"""Result, source and reason of A-ASSOCIATE-RJ (PS3.8 Table 9-21): all that are defined, and two that are not."""


def reject(pcap: Path) -> None:
    """Reject associations for every reason there is, and for two that are reserved."""
    talks = [connect(number).request(propose([VERIFICATION])) for number in range(len(REJECTS))]
    write(pcap, *(talk.answer(associate_rj(*why)).close() for talk, why in zip(talks, REJECTS, strict=True)))


def abort_all(pcap: Path) -> None:
    """Abort associations for every reason there is, after what gives reason to it, and for one that is reserved."""
    request = propose([VERIFICATION])
    even = associate_rq([(2, VERIFICATION, (IMPLICIT,))], user=inform(), **TITLES)
    answered = encode_associate(0x01, item(0x10, b"1.2.840.10008.3.1.1.1"), context_ac(1), inform(), **TITLES)
    strange = encode_associate(0x01, item(0x10, b"1.2.840.10008.3.1.1.1"), item(0x7F, b"?"), inform(), **TITLES)
    talks = [connect(number) for number in range(9)]
    associate(talks[0], VERIFICATION).request(abort(0, 0))
    talks[1].request(request).answer(abort(2, 0))
    associate(talks[2], VERIFICATION).request(pdu(0x09, bytes(4))).answer(abort(2, 1))
    associate(talks[3], VERIFICATION).request(release_rp()).answer(abort(2, 2))
    talks[4].request(strange).answer(abort(2, 4))
    talks[5].request(answered).answer(abort(2, 5))
    talks[6].request(even).answer(abort(2, 6))
    associate(talks[7], VERIFICATION).answer(abort(0, 0))
    associate(talks[8], VERIFICATION).answer(abort(1, 3))
    write(pcap, *(talk.close() for talk in talks))


def send_early(pcap: Path) -> None:
    """Send a C-ECHO-RQ before the A-ASSOCIATE-AC is there; one association is accepted after it, one rejected."""
    first = connect().request(propose([VERIFICATION]), *ECHO).answer(agree(1), *ECHOED)
    second = connect(1).request(propose([VERIFICATION]), *ECHO).answer(associate_rj(1, 1, 3)).close()
    write(pcap, release(first), second)


def collide(pcap: Path) -> None:
    """Release from both sides at once: the requestor of the association answers first (PS3.8 9.2.3)."""
    talk = verify(associate(connect(), VERIFICATION))
    talk.request(release_rq()).answer(release_rq()).request(release_rp()).answer(release_rp())
    write(pcap, talk.close())


def send_unknown_pdu(pcap: Path) -> None:
    """Send PDUs of types that are not defined, from either side; the peer passes over them."""
    talk = verify(associate(connect(), VERIFICATION))
    talk.request(pdu(0x08, b"a PDU of type 8")).answer(pdu(0xFE, bytes(range(16))))
    write(pcap, release(verify(talk)))


def send_unknown_items(pcap: Path) -> None:
    """Request and accept an association with items and sub-items that are not defined, and with reserved bytes set."""
    context = context_rq(1, VERIFICATION, (IMPLICIT, EXPLICIT))
    syntaxes = context[4:] + item(0x41, b"an unknown syntax")
    request = encode_associate(
        0x01,
        item(0x10, b"1.2.840.10008.3.1.1.1", reserved=0xFF),
        item(0x20, syntaxes),
        item(0x22, b"an unknown item"),
        inform(item(0x5A, b"an unknown sub-item"), item(0x5B, b"")),
        **TITLES,
    )
    accept = encode_associate(
        0x02,
        item(0x10, b"1.2.840.10008.3.1.1.1"),
        item(0x21, context_ac(1)[4:] + item(0x42, b"?")),
        item(0x23, bytes(range(48))),
        inform(item(0xFF, b"\x00\x01", reserved=1)),
        **TITLES,
    )
    # Of the 32 reserved bytes (PS3.8 Table 9-11), which a receiver does not test, some are set.
    request = request[:42] + b"reserved" + request[50:]
    write(pcap, release(verify(connect().request(request).answer(accept))))


IDENTITIES = (
    (user_identity(1, b"mcurie", response=1), user_identity_response(b"")),
    (user_identity(2, b"mcurie", b"radium", response=1), user_identity_response(b"")),
    (user_identity(3, b"\x6e\x03\x00\x01\x02", response=1), user_identity_response(b"\x6f\x02\x00\x01")),
    (user_identity(4, b"<Assertion/>", response=1), user_identity_response(b"<Response/>")),
    (user_identity(5, b"eyJhbGciOiJub25lIn0.e30.", response=1), user_identity_response(b"welcome")),
    (user_identity(2, b"mcurie", b"radium", response=1), b""),
    (user_identity(2, b"mcurie", b"radium"), b""),
    (user_identity(6, b"unheard of"), b""),
)
"""A requestor's sub-item and the acceptor's (PS3.7 D.3.3.7); the last type is not defined."""


def identify(pcap: Path) -> None:
    """Identify users of types 1 to 5 with a response, and others without one."""
    talks = [
        connect(number).request(propose([VERIFICATION], asked)).answer(agree(1, told))
        for number, (asked, told) in enumerate(IDENTITIES)
    ]
    write(pcap, *(release(verify(talk)) for talk in talks))


FIND, MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
CT, ECG, UPS = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.840.10008.5.1.4.34.6.1"


def negotiate(pcap: Path) -> None:
    """Negotiate all of PS3.7 D.3.3, of which the acceptor takes a part: a narrower window, one role of two."""
    asked = (
        async_window(8, 0),
        role_selection(CT, 1, 1),
        role_selection(ECG, 0, 1),
        extended_negotiation(FIND, b"\1\1\1\1\1"),
        extended_negotiation(MOVE, b"\1\1"),
        extended_negotiation(CT, b"\2\0\3\0\2\0"),
        extended_negotiation(UPS, b"\1"),
        common_extended_negotiation(ECG, "1.2.840.10008.4.2", ["1.2.840.10008.5.1.4.1.1.9.1.2"]),
        common_extended_negotiation(CT, "1.2.840.10008.4.2", []),
    )
    told = (
        async_window(4, 2),
        role_selection(CT, 0, 1),
        role_selection(ECG, 0, 1),
        extended_negotiation(FIND, b"\1\0\0\1\0"),
        extended_negotiation(MOVE, b"\0\0"),
        extended_negotiation(CT, b"\0\0\1\0\1\0"),
    )
    classes = (VERIFICATION, FIND, MOVE, CT, ECG, UPS)
    write(pcap, release(verify(connect().request(propose(classes, *asked)).answer(agree(len(classes), *told)))))


SCENES = {
    "built-rejects": reject,
    "built-aborts": abort_all,
    "built-early-data": send_early,
    "built-release-collision": collide,
    "built-unknown-pdus": send_unknown_pdu,
    "built-unknown-items": send_unknown_items,
    "built-user-identity": identify,
    "built-negotiation": negotiate,
}
