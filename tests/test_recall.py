"""PDUs and messages made anew from the index: the same as when they were read, whatever lies between fragments."""

from collections.abc import Iterable
from itertools import chain, zip_longest
from random import Random

import pytest

from dissect import recall
from dissect.config import Config
from dissect.dicom.dimse import Message
from dissect.dicom.pdu import LOST
from dissect.index import Index
from dissect.query import Subject
from dissect.reading import Reading
from dissect.recall import Recall
from dissect.tree import find_completed, make_message_node
from dissect.views.text import show_node
from tests import build
from tests.build import CT_IMAGE_STORAGE, IMPLICIT, PATIENT_ROOT_FIND, SOP_INSTANCE, VERIFICATION, Frame, Talk
from tests.conftest import open_bytes
from tests.test_index import index_capture, show

CONTEXTS = [(1, VERIFICATION), (3, PATIENT_ROOT_FIND), (5, CT_IMAGE_STORAGE), (7, CT_IMAGE_STORAGE)]
DATA = build.text(0x00080052, "CS", "STUDY") + build.text(0x00100020, "LO", "ANY PATIENT AT ALL")
PENDING, CANCELED = 0xFF00, 0xFE00


def open_talk() -> Talk:
    """Open an association in which all contexts are agreed."""
    talk = Talk().open().request(build.associate_rq([(number, name, [IMPLICIT]) for number, name in CONTEXTS]))
    return talk.answer(build.associate_ac([(number, 0, IMPLICIT) for number, _ in CONTEXTS]))


def end_talk(talk: Talk) -> Talk:
    """Release the association."""
    return talk.release()


def store(context_id: int, message_id: int, size: int = 20) -> list[bytes]:
    """Encode a C-STORE-RQ in PDVs of so many bytes each."""
    command = build.c_store_rq(message_id, CT_IMAGE_STORAGE, f"{SOP_INSTANCE}.{message_id}")
    return list_pdvs(build.message(context_id, command, DATA * message_id, pdv_size=size))


def stored(context_id: int, message_id: int) -> list[bytes]:
    """Encode the PDVs of its answer."""
    command = build.c_store_rsp(message_id, CT_IMAGE_STORAGE, f"{SOP_INSTANCE}.{message_id}")
    return list_pdvs(build.message(context_id, command))


def list_pdvs(pdus: Iterable[bytes]) -> list[bytes]:
    """Give what is in P-DATA-TF PDUs."""
    return [pdu[6:] for pdu in pdus]


def take_turns(*messages: list[bytes]) -> list[bytes]:
    """Give the PDVs of messages in turns."""
    return [pdv for pdv in chain.from_iterable(zip_longest(*messages)) if pdv is not None]


def pack(pdvs: list[bytes], count: int) -> list[bytes]:
    """Put so many PDVs into a PDU each."""
    return [build.p_data(*pdvs[at : at + count]) for at in range(0, len(pdvs), count)]


def index_frames(frames: Iterable[Frame]) -> tuple[Index, list[Subject]]:
    return index_capture(open_bytes(build.pcap(frames)))


def tell(message: Message) -> tuple[object, ...]:
    """Tell what a message is, and what it belongs to."""
    request, cause = message.request, message.cause
    return (
        message.index, message.name, message.number, message.pdu, message.context_id,
        message.fields, message.sop_class, message.last_frame,
        None if request is None else (request.index, request.fields, request.last_frame),
        None if cause is None else cause.index,
    )  # fmt: skip


def check(index: Index, subjects: list[Subject], rows: Iterable[int] | None = None) -> None:
    """Compare all PDUs with what they were when they were read, by one who has seen others and by one who has not."""
    order = range(len(index)) if rows is None else rows
    kept = Recall(index)
    for row in order:
        for found in (kept, Recall(index)):
            entry = found.make_entry(row)
            assert show(entry) == show(subjects[row]), row + 1
            told = [(pdv.index, pdv.part is not None and pdv.part.complete) for pdv in entry.arrival.pdvs]
            assert told == [
                (pdv.index, pdv.part is not None and pdv.part.complete) for pdv in subjects[row].arrival.pdvs
            ]
            assert list_commands(entry) == list_commands(subjects[row])
    for message in list_messages(subjects):
        assert tell(Recall(index).find_message(message.index)) == tell(message)


def list_commands(subject: Subject) -> list[tuple[object, ...]]:
    """Tell of the messages whose command sets a PDU completes, in the order of their numbers."""
    return [tell(each) for each in sorted(subject.commands(), key=get_index)]


def get_index(message: Message) -> int:
    """Give the number of a message."""
    return message.index


def list_messages(subjects: Iterable[Subject]) -> list[Message]:
    """Give all messages, each once."""
    pdvs = (pdv for subject in subjects for pdv in subject.arrival.pdvs)
    return list(dict.fromkeys(pdv.part.message for pdv in pdvs if pdv.part is not None))


def stores_in_turns(count: int = 3) -> Talk:
    """Store two objects at once, in PDUs of several PDVs each."""
    talk = open_talk().request(*pack(take_turns(store(5, 1), store(7, 2)), count))
    return end_talk(talk.answer(*pack(stored(7, 2) + stored(5, 1), 2)))


@pytest.mark.parametrize("count", [1, 2, 3, 100])
def test_messages_of_several_contexts_come_in_turns_within_a_pdu(count: int) -> None:
    index, subjects = index_frames(stores_in_turns(count).frames)
    assert len(list_messages(subjects)) == len(index.messages) == 4
    if count == 3:
        assert index.list_messages(2) == (1, 2)
    check(index, subjects)
    check(index, subjects, reversed(range(len(index))))


@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_pdu_ends_one_message_and_begins_the_next(count: int) -> None:
    pdvs = [pdv for number in range(1, 5) for pdv in store(5, number)]
    talk = open_talk().request(*pack(pdvs, count)).answer(*pack([stored(5, number)[0] for number in range(1, 5)], 4))
    index, subjects = index_frames(end_talk(talk).frames)
    assert any(len(index.list_messages(row)) > 1 for row in range(len(index)))
    check(index, subjects)
    check(index, subjects, Random(count).sample(range(len(index)), len(index)))


def test_whole_messages_share_a_pdu() -> None:
    echoes = [pdv for number in range(1, 6) for pdv in list_pdvs(build.message(1, build.c_echo_rq(number)))]
    answers = [pdv for number in range(1, 6) for pdv in list_pdvs(build.message(1, build.c_echo_rsp(number)))]
    index, subjects = index_frames(
        end_talk(open_talk().request(build.p_data(*echoes)).answer(build.p_data(*answers))).frames
    )
    assert index.list_messages(2) == (1, 2, 3, 4, 5)
    assert [index.messages.requests[number] for number in index.list_messages(3)] == [1, 2, 3, 4, 5]
    check(index, subjects)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_what_was_forgotten_is_read_once_more(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST_KEPT", most)
    index, subjects = index_frames(stores_in_turns().frames)
    kept = Recall(index)
    for row in [*range(len(index)), *reversed(range(len(index)))]:
        assert show(kept.make_entry(row)) == show(subjects[row]), row + 1
        assert len(kept._kept) == 1 or kept._size <= most
    check(index, subjects)


def test_messages_that_are_held_stay_whole_when_they_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "MOST_KEPT", 1)
    index, subjects = index_frames(stores_in_turns().frames)
    kept = Recall(index)
    found = [kept.find_message(number) for number in range(1, len(index.messages) + 1)]
    assert [tell(each) for each in found] == [tell(each) for each in sorted(list_messages(subjects), key=get_index)]
    assert bytes(found[1].data.join().read(0, 1 << 20)) == DATA * 2


def test_a_recall_keeps_no_more_than_it_may_and_what_was_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = open_talk()
    for number in range(1, 9):
        talk.request(*pack(store(5, number), 1)).answer(*pack(stored(5, number), 1))
    index, _ = index_frames(end_talk(talk).frames)
    monkeypatch.setattr(recall, "MOST_KEPT", 2 * index.messages.counts[len(index.messages) - 1])
    kept = Recall(index)
    for number in range(1, len(index.messages) + 1):
        found = kept.find_message(number)
        assert kept._size == sum(replay.size for replay in kept._kept.values()) <= recall.MOST_KEPT
        assert any(found is replay.messages.get(number) for replay in kept._kept.values())


def find_and_cancel(*, early: bool) -> Talk:
    """Ask for something in fragments, and cancel it before the last fragment, or before the responses' last."""
    asked = build.message(3, build.c_find_rq(1, PATIENT_ROOT_FIND), DATA, pdv_size=12)
    cancel = build.message(
        1 if early else 3, build.command_set({0x0100: 0x0FFF, 0x0120: 1, 0x0800: build.NO_DATA_SET}), pdv_size=10
    )
    pending = build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, PENDING, True), DATA, pdv_size=12)
    over = build.message(3, build.c_find_rsp(1, PATIENT_ROOT_FIND, CANCELED, False))
    talk = open_talk()
    if early:
        talk.request(*asked[:-2], *cancel, *asked[-2:]).answer(*pending, *over)
    else:
        talk.request(*asked).answer(*pending[:-2]).request(*cancel).answer(*pending[-2:], *over)
    return end_talk(talk)


@pytest.mark.parametrize("early", [True, False])
def test_a_cancel_comes_between_fragments(early: bool) -> None:
    index, subjects = index_frames(find_and_cancel(early=early).frames)
    assert "C-CANCEL-RQ" in {message.name for message in list_messages(subjects)}
    check(index, subjects)
    check(index, subjects, reversed(range(len(index))))


@pytest.mark.parametrize("count", [1, 3])
def test_bytes_are_lost_in_the_middle_of_messages(count: int) -> None:
    frames = stores_in_turns(count).frames
    losses = 0
    for at in range(5, len(frames) - 5):
        index, subjects = index_frames(frames[:at] + frames[at + 1 :])
        losses += LOST in index.kinds or bool(index.gapped)
        check(index, subjects)
    assert losses


def test_a_message_is_cut_off_by_the_end_of_the_capture() -> None:
    frames, torn = stores_in_turns(1).frames, 0
    for stop in range(5, len(frames)):
        index, subjects = index_frames(frames[:stop])
        torn += any(not message.data.complete for message in list_messages(subjects))
        check(index, subjects)
    assert torn


def test_the_capture_begins_within_messages() -> None:
    frames = stores_in_turns(1).frames
    for start in range(4, len(frames) - 5):
        index, subjects = index_frames(frames[start:])
        check(index, subjects)


def test_a_message_is_known_as_far_as_it_was_read() -> None:
    capture = open_bytes(build.pcap(stores_in_turns().frames))
    index, seen = Index(capture), 0
    for subject in Reading(capture, Config()):
        index.add(subject)
        for number in range(1, len(index.messages) + 1):
            found = Recall(index).find_message(number)
            carried = [each for each in range(len(index)) if number in index.list_messages(each)]
            assert list(dict.fromkeys(pdv.pdu.start for pdv in (*found.command.pdvs, *found.data.pdvs))) == [
                index.starts[each] for each in carried
            ]
            seen += not found.data.complete
    assert seen


@pytest.mark.parametrize("seed", range(12))
def test_however_fragments_are_cut_and_packed_a_pdu_made_anew_is_what_it_was(seed: int) -> None:
    chance = Random(seed)
    count, size = chance.randint(1, 5), chance.randint(8, 60)
    messages = [store(5, 1, size), store(7, 2, size), list_pdvs(build.message(1, build.c_echo_rq(3), pdv_size=size))]
    answers = [stored(5, 1), stored(7, 2), list_pdvs(build.message(1, build.c_echo_rsp(3)))]
    talk = open_talk().request(*pack(take_turns(*messages), count)).answer(*pack(take_turns(*answers), count))
    index, subjects = index_frames(end_talk(talk).frames)
    check(index, subjects, chance.sample(range(len(index)), len(index)))


def test_a_data_set_is_read_anew_from_all_its_fragments() -> None:
    index, subjects = index_frames(stores_in_turns().frames)
    for message in list_messages(subjects):
        found = Recall(index).find_message(message.index)
        association = index.known[message.association]
        told = list(show_node(make_message_node(found, association)))
        assert told == list(show_node(make_message_node(message, association)))
    last = [each for subject in subjects for each in find_completed(subject.arrival)]
    assert len(last) == 4
