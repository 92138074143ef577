"""Conversations by their messages, in: frames, and which rules a check finds broken in them, out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dissect.catalogue import CATALOG
from dissect.checking import Breach, Check, Group
from dissect.config import Config
from dissect.reading import Reading
from tests import build
from tests.build import CT_IMAGE_STORAGE, DATA_SET, IMPLICIT, NO_DATA_SET, PATIENT_ROOT_FIND, VERIFICATION, Frame, Talk
from tests.conftest import open_bytes

Fields = Mapping[int, bytes | int | str]

MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2.1"
PATIENT_ROOT_MOVE, PATIENT_ROOT_GET = "1.2.840.10008.5.1.4.1.2.1.2", "1.2.840.10008.5.1.4.1.2.1.3"
PERFORMED_STEP, COMMITMENT = "1.2.840.10008.3.1.2.3.3", "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
GRAYSCALE_PRINT, FILM_SESSION, PRINTER = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.1", "1.2.840.10008.5.1.1.16"
STEP_PUSH, STEP_PULL = "1.2.840.10008.5.1.4.34.6.1", "1.2.840.10008.5.1.4.34.6.3"
STEP_EVENT = "1.2.840.10008.5.1.4.34.6.4"

ABSTRACTS = {
    1: CT_IMAGE_STORAGE, 3: PATIENT_ROOT_FIND, 5: PATIENT_ROOT_MOVE, 7: PATIENT_ROOT_GET, 9: PERFORMED_STEP,
    11: COMMITMENT, 13: GRAYSCALE_PRINT, 15: STEP_PULL, 17: MR_IMAGE_STORAGE, 19: VERIFICATION, 21: STEP_EVENT,
}  # fmt: skip
"""The presentation contexts of each conversation, all of them accepted."""
CT, FIND, MOVE, GET, MPPS, COMMIT, PRINT, UPS, MR, ECHO, EVENT = ABSTRACTS

INSTANCE, OTHER, STEP, TRANSACTION = "2.25.1001", "2.25.1002", "2.25.2001", "2.25.3001"
REPORTER = build.role_selection(COMMITMENT, 0, 1)
"""What lets a requestor report the results of storage commitments."""

FAILED, CANCELED, PENDING = 0xA700, 0xFE00, 0xFF00

QUERY = build.text(0x00080052, "CS", "PATIENT") + build.text(0x00100020, "LO", "ID1")
"""An identifier of a C-FIND, C-GET or C-MOVE, and of a match."""


# Messages: a context ID, the fields of a command set, a data set or None

Said = tuple[int, Fields, bytes | None]


def say(context: int, fields: Fields, data: bytes | None = None, *, announced: bool | None = None) -> Said:
    """Make a message; what it says of a data set is what it has, unless it is told otherwise."""
    follows = data is not None if announced is None else announced
    fields = {**fields, 0x0800: DATA_SET if follows else NO_DATA_SET}
    return context, {tag: fields[tag] for tag in sorted(fields)}, data


def encode(said: Said, *, size: int = 1 << 20) -> list[bytes]:
    """Encode the PDUs of a message, each with a fragment of at most so many bytes."""
    context, fields, data = said
    return build.message(context, build.command_set(fields), data, pdv_size=size)


def describe_image(instance: str, sop_class: str = CT_IMAGE_STORAGE, count: int = 0) -> bytes:
    """Encode a data set with the UIDs of an object, and with pixel data of so many bytes."""
    data = build.text(0x00080016, "UI", sop_class) + build.text(0x00080018, "UI", instance)
    return data + (build.element(0x7FE00010, "OW", bytes(count)) if count else b"")


def echo(number: int) -> Said:
    """Make a C-ECHO-RQ."""
    return say(ECHO, {0x0002: VERIFICATION, 0x0100: 0x0030, 0x0110: number})


def echoed(number: int, status: int = 0) -> Said:
    """Make a C-ECHO-RSP."""
    return say(ECHO, {0x0002: VERIFICATION, 0x0100: 0x8030, 0x0120: number, 0x0900: status})


def store(number: int, instance: str = INSTANCE, *, count: int = 0, originator: Fields | None = None,
          context: int = CT, sop_class: str = CT_IMAGE_STORAGE) -> Said:  # fmt: skip
    """Make a C-STORE-RQ of an object with pixel data of so many bytes."""
    fields: Fields = {0x0002: sop_class, 0x0100: 1, 0x0110: number, 0x0700: 0, 0x1000: instance, **(originator or {})}
    return say(context, fields, describe_image(instance, sop_class, count))


def stored(number: int, instance: str = INSTANCE, status: int = 0, *, context: int = CT,
           sop_class: str = CT_IMAGE_STORAGE) -> Said:  # fmt: skip
    """Make a C-STORE-RSP."""
    fields: Fields = {0x0002: sop_class, 0x0100: 0x8001, 0x0120: number, 0x0900: status, 0x1000: instance}
    return say(context, fields)


def find(number: int) -> Said:
    """Make a C-FIND-RQ."""
    return say(FIND, {0x0002: PATIENT_ROOT_FIND, 0x0100: 0x0020, 0x0110: number, 0x0700: 0}, QUERY)


def found(number: int, status: int = 0) -> Said:
    """Make a C-FIND-RSP, with a match where its status is pending."""
    fields: Fields = {0x0002: PATIENT_ROOT_FIND, 0x0100: 0x8020, 0x0120: number, 0x0900: status}
    return say(FIND, fields, QUERY if status == PENDING else None)


def cancel(number: int, context: int = FIND) -> Said:
    """Make a C-CANCEL-RQ."""
    return say(context, {0x0100: 0x0FFF, 0x0120: number})


def move(number: int) -> Said:
    """Make a C-MOVE-RQ."""
    fields: Fields = {0x0002: PATIENT_ROOT_MOVE, 0x0100: 0x0021, 0x0110: number, 0x0600: "STORE_SCP", 0x0700: 0}
    return say(MOVE, fields, QUERY)


def get(number: int) -> Said:
    """Make a C-GET-RQ."""
    return say(GET, {0x0002: PATIENT_ROOT_GET, 0x0100: 0x0010, 0x0110: number, 0x0700: 0}, QUERY)


def count_up(*counts: int) -> Fields:
    """Give the fields with the numbers of sub-operations: remaining, completed, failed, warning; -1 for none."""
    return {tag: value for tag, value in zip(range(0x1020, 0x1024), counts, strict=False) if value >= 0}


def moved(number: int, status: int = 0, *counts: int) -> Said:
    """Make a C-MOVE-RSP."""
    fields: Fields = {0x0002: PATIENT_ROOT_MOVE, 0x0100: 0x8021, 0x0120: number, 0x0900: status, **count_up(*counts)}
    return say(MOVE, fields)


def gotten(number: int, status: int = 0, *counts: int) -> Said:
    """Make a C-GET-RSP."""
    fields: Fields = {0x0002: PATIENT_ROOT_GET, 0x0100: 0x8010, 0x0120: number, 0x0900: status, **count_up(*counts)}
    return say(GET, fields)


def create(number: int, instance: str = STEP, state: str = "IN PROGRESS") -> Said:
    """Make an N-CREATE-RQ of a performed procedure step, without an instance for ''."""
    named: Fields = {0x1000: instance} if instance else {}
    return say(MPPS, {0x0002: PERFORMED_STEP, 0x0100: 0x0140, 0x0110: number, **named}, describe_step(state))


def created(number: int, instance: str = STEP, status: int = 0) -> Said:
    """Make its N-CREATE-RSP."""
    named: Fields = {0x1000: instance} if instance else {}
    return say(MPPS, {0x0002: PERFORMED_STEP, 0x0100: 0x8140, 0x0120: number, 0x0900: status, **named})


def update(number: int, state: str = "") -> Said:
    """Make an N-SET-RQ of a performed procedure step."""
    return say(MPPS, {0x0003: PERFORMED_STEP, 0x0100: 0x0120, 0x0110: number, 0x1001: STEP}, describe_step(state))


def updated(number: int, status: int = 0) -> Said:
    """Make its N-SET-RSP."""
    return say(MPPS, {0x0002: PERFORMED_STEP, 0x0100: 0x8120, 0x0120: number, 0x0900: status, 0x1000: STEP})


def describe_step(state: str) -> bytes:
    """Encode a data set with the state of a procedure step, or with something else."""
    return build.text(0x00400252, "CS", state) if state else build.text(0x00400254, "LO", "CT of the head")


def commit(number: int, uid: str = TRANSACTION, *, more: int = 0) -> Said:
    """Make an N-ACTION-RQ that asks for storage commitment, with a list of so many bytes."""
    fields: Fields = {0x0003: COMMITMENT, 0x0100: 0x0130, 0x0110: number, 0x1001: COMMITMENT_INSTANCE, 0x1008: 1}
    return say(COMMIT, fields, describe_transaction(uid, more))


def committing(number: int, action: int = 1) -> Said:
    """Make its N-ACTION-RSP."""
    fields: Fields = {0x0002: COMMITMENT, 0x0100: 0x8130, 0x0120: number, 0x0900: 0, 0x1000: COMMITMENT_INSTANCE}
    return say(COMMIT, {**fields, 0x1008: action})


def report(number: int, uid: str = TRANSACTION, *, more: int = 0) -> Said:
    """Make the N-EVENT-REPORT-RQ of the result."""
    fields: Fields = {0x0002: COMMITMENT, 0x0100: 0x0100, 0x0110: number, 0x1000: COMMITMENT_INSTANCE, 0x1002: 1}
    return say(COMMIT, fields, describe_transaction(uid, more))


def reported(number: int) -> Said:
    """Make its N-EVENT-REPORT-RSP."""
    fields: Fields = {
        0x0002: COMMITMENT,
        0x0100: 0x8100,
        0x0120: number,
        0x0900: 0,
        0x1000: COMMITMENT_INSTANCE,
        0x1002: 1,
    }
    return say(COMMIT, fields)


def describe_transaction(uid: str, more: int) -> bytes:
    """Encode a data set with a transaction UID, and a list of so many bytes."""
    item = build.text(0x00081150, "UI", CT_IMAGE_STORAGE) + build.text(0x00081155, "UI", INSTANCE)
    listed = build.sequence(0x00081199, [item] * (1 + more // (len(item) + 8)))
    return build.text(0x00081195, "UI", uid) + listed


# Conversations


class Conversation(Talk):
    """A conversation whose sides are given messages; all contexts are accepted."""

    def begin(self, *asked: bytes, answered: Sequence[bytes] = (), limits: tuple[int, int] = (16384, 16384),
              calling: str = "REQUESTOR") -> "Conversation":  # fmt: skip
        """Open an association, with these sub-items beside the usual ones in each user information.

        `limits` are the maximum lengths that requestor and acceptor announce.
        """
        sides = [user_information(limit, *more) for limit, more in zip(limits, (asked, answered), strict=True)]
        contexts = [(number, abstract, (IMPLICIT,)) for number, abstract in ABSTRACTS.items()]
        results = [(number, 0, IMPLICIT) for number in ABSTRACTS]
        self.open().request(build.associate_rq(contexts, calling=calling, user=sides[0]))
        self.answer(build.associate_ac(results, calling=calling, user=sides[1]))
        return self

    def ask(self, *said: Said, size: int = 1 << 20) -> "Conversation":
        """Let the requestor say something."""
        self.request(*(pdu for each in said for pdu in encode(each, size=size)))
        return self

    def reply(self, *said: Said, size: int = 1 << 20) -> "Conversation":
        """Let the acceptor say something."""
        self.answer(*(pdu for each in said for pdu in encode(each, size=size)))
        return self

    def end(self) -> "Conversation":
        """Release the association, and close the connection."""
        self.release()
        return self


def begin(*asked: bytes, answered: Sequence[bytes] = (), limits: tuple[int, int] = (16384, 16384)) -> Conversation:
    """Begin the first conversation of a capture."""
    return Conversation().begin(*asked, answered=answered, limits=limits)


def begin_again(after: Talk, *, port: int = 104, requestor: str = "10.0.0.1", calling: str = "REQUESTOR",
                seconds: int = 1, asked: Sequence[bytes] = (), answered: Sequence[bytes] = (),
                ) -> Conversation:  # fmt: skip
    """Begin another conversation, so many seconds after another one's last frame."""
    start = after.frames[-1].time_ns + seconds * 10**9
    talk = Conversation((requestor, 50001 + len(after.frames)), ("10.0.0.2", port), start=start)
    return talk.begin(*asked, answered=answered, calling=calling)


def user_information(limit: int, *more: bytes) -> bytes:
    """Encode a user information with a maximum length."""
    names = build.implementation_class(build.IMPLEMENTATION_CLASS), build.implementation_version("BUILD_1")
    return build.user_information(build.maximum_length(limit), names[0], *more, names[1])


def list_frames(talks: Iterable[Talk]) -> list[Frame]:
    """Give the frames of conversations in order of time."""
    return sorted((frame for talk in talks for frame in talk.frames), key=lambda frame: frame.time_ns)


# What is found


def check(data: bytes, codes: Collection[str] = tuple(CATALOG), artim: float = 30.0) -> list[Group]:
    """Check a capture file for some rules, and give those that are broken."""
    reading = Reading(open_bytes(data), Config(artim=artim))
    return Check(reading, codes, filtered=False, shallow=False).run().list_groups()


def list_breaches(frames: Sequence[Frame], *severities: str) -> list[Breach]:
    """Give what a check of frames finds, of some severities."""
    return [
        breach for group in check(build.pcap(frames)) if group.rule.severity in severities for breach in group.breaches
    ]


OUTCOMES = frozenset(("operation-failed", "reject-explained", "rejected-transient"))
"""Warnings that tell how something ended, for which no rule need be broken."""


def list_faults(frames: Sequence[Frame]) -> list[tuple[str, int, str]]:
    """Give code, PDU and sentence of the errors and warnings in a capture of frames, but for those of outcomes."""
    found = list_breaches(frames, "error", "warning")
    return [(each.note.code, each.pdu, each.note.text) for each in found if each.note.code not in OUTCOMES]


def list_errors(frames: Sequence[Frame]) -> set[str]:
    """Give the codes of the errors in a capture of frames."""
    return {breach.note.code for breach in list_breaches(frames, "error")}


@dataclass(frozen=True)
class Case:
    """Conversations in which a rule is broken once, and how that is told."""

    talks: tuple[Talk, ...]
    code: str
    pdu: int
    role: str | None
    path: str
    """Below that of its PDU; '-' for what only an end shows."""
    words: tuple[str, ...]
    """What the sentence says among other things."""
    also: str
    """The code of what is told besides, '' for nothing."""


def expect(code: str, pdu: int, role: str | None, path: str, words: str, *talks: Talk, also: str = "") -> Case:
    """Make a case; `words` are divided by `|`."""
    return Case(talks, code, pdu, role, path, tuple(words.split("|")), also)


def check_case(case: Case) -> None:
    """Hold a check to find what a case has, once, and nothing else that is an error or a warning."""
    every = list_breaches(list_frames(case.talks), "error", "warning", "remark")
    told = [(each.note.code, each.pdu, each.note.text) for each in every]
    breach = next((each for each in every if each.note.code == case.code), None)
    assert breach is not None, told
    assert [each[0] for each in told].count(case.code) == 1, told
    others = {code for code, _, _ in told if code != case.code and CATALOG[code].severity != "remark"}
    assert others == set(filter(None, [case.also])), told
    assert (breach.pdu, breach.culprit.role) == (case.pdu, case.role), told
    below = breach.path.split("/", 2)[2] if breach.path.count("/") > 1 else ""
    assert (below if breach.path else "-") == case.path
    assert "{" not in breach.note.text
    for word in case.words:
        assert word in breach.note.text, breach.note.text


def cut(frames: Sequence[Frame]) -> Iterator[list[Frame]]:
    """Give what a capture holds that begins later, ends earlier, lacks a segment or sees one direction alone."""
    for at in range(1, len(frames)):
        yield list(frames[at:])
        yield list(frames[:at])
    for at, frame in enumerate(frames):
        if len(frame.data) > EMPTY:
            yield [*frames[:at], *frames[at + 1 :]]
    for source in {frame.data[26:34] for frame in frames}:
        yield [frame for frame in frames if frame.data[26:34] == source]


EMPTY = 54
"""The size of a frame without a payload: Ethernet, IPv4 and TCP headers without options."""


TORN = frozenset(("not-a-pdu",))
"""What is told of the bytes behind a gap, where the next PDU is not found at once."""


def check_guards(frames: Sequence[Frame]) -> None:
    """Hold a check to find no other errors in part of a capture than in all of it."""
    whole = list_errors(frames)
    for part in cut(frames):
        more = list_errors(part) - whole - TORN
        assert not more, (sorted(more), len(part), [frame.time_ns for frame in part[:1]])
