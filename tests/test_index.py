"""The index of a capture, and its PDUs made anew."""

from pathlib import Path

import pytest

from dissect.capture.segments import Capture
from dissect.config import Config
from dissect.index import Index
from dissect.query import Filter, Subject
from dissect.reading import Reading
from dissect.recall import Recall
from dissect.summary import describe
from dissect.tree import find_completed, make_message_node
from dissect.views.text import show_node


def index_capture(capture: Capture) -> tuple[Index, list[Subject]]:
    index, subjects = Index(capture), []
    reading = Reading(capture, Config(), None)
    reading.close = index.ledger.close
    for subject in reading:
        index.add(subject)
        subjects.append(subject)
    return index, subjects


def show(subject: Subject) -> list[str]:
    lines = list(show_node(subject.top))
    for message in find_completed(subject.arrival):
        lines += show_node(make_message_node(message, subject.arrival.association))
    return lines


def test_a_pdu_made_anew_has_the_tree_that_it_had_when_it_was_read(captured: Path) -> None:
    index, subjects = index_capture(Capture(captured))
    assert len(index) == len(subjects)
    recall = Recall(index)
    for row in reversed(range(len(index))):
        assert show(recall.make_entry(row)) == show(subjects[row]), row + 1


def test_a_pdu_made_anew_by_itself_has_the_tree_that_it_had(captured: Path) -> None:
    index, subjects = index_capture(Capture(captured))
    for row in range(0, len(index), 5):
        assert show(Recall(index).make_entry(row)) == show(subjects[row]), row + 1


def test_the_index_knows_what_the_list_shows(captured: Path) -> None:
    index, subjects = index_capture(Capture(captured))
    for row, subject in enumerate(subjects):
        arrival = subject.arrival
        assert index.tell_info(row) == describe(arrival)
        assert index.list_codes(row) == subject.codes
        assert index.make_pdu(row) == arrival.pdu
        assert index.associations[row] == arrival.association.number


FILTERS = (
    "dimse.cmd == C-STORE-RQ",
    "dimse.time > 0",
    "problem",
    "pdv.flags == 3",
    "any contains 'a'",
    "msg(dimse.cmd == C-FIND-RQ)",
    "assoc(failure)",
    "op(dimse.status)",
    "sop.class == 'CT Image Storage'",
    "dimse.request > 1",
    "PatientName",
)


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_finds_in_the_index_what_it_finds_in_the_capture(text: str, captured: Path) -> None:
    index, _ = index_capture(Capture(captured))
    recall = Recall(index)
    wanted = Filter(text)
    wanted.prepare(lambda: map(recall.make_entry, range(len(index))))
    found = [row + 1 for row in range(len(index)) if wanted.holds(recall.make_entry(row))]
    assert found == [subject.arrival.number for subject in Reading(Capture(captured), Config(), Filter(text))]
