"""What messages break: each rule once, what comes near never, no part of a capture more, and the same from an index."""

from collections.abc import Callable

import pytest

from dissect.config import Config
from dissect.index import Index
from dissect.reading import Reading
from dissect.recall import Recall
from tests import build, operations, transfers, workflows
from tests.breaches import Case, check_case, check_guards, list_faults, list_frames
from tests.build import Frame, Talk
from tests.conftest import open_bytes
from tests.trees import collect_notes

AREAS = {"exchange": operations, "transfer": transfers, "workflow": workflows}

BROKEN: dict[str, Callable[[], Case]] = {
    f"{area}-{name}": make for area, module in AREAS.items() for name, make in module.BROKEN.items()
}
RIGHT: dict[str, Callable[[], tuple[Talk, ...]]] = {
    f"{area}-{name}": make for area, module in AREAS.items() for name, make in module.RIGHT.items()
}

TOLD = {"transfer-reset-in-the-midst": {"closed-without-release"}}
"""What is told of conversations that break no rule about messages."""


def make_frames(name: str) -> list[Frame]:
    """Make the frames of the conversations of a name."""
    return list_frames(BROKEN[name]().talks if name in BROKEN else RIGHT[name]())


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_is_told_once(name: str) -> None:
    check_case(BROKEN[name]())


@pytest.mark.parametrize("name", RIGHT)
def test_what_comes_near_to_it_is_not_told(name: str) -> None:
    assert {code for code, _, _ in list_faults(make_frames(name))} == TOLD.get(name, set())


@pytest.mark.parametrize("name", [*BROKEN, *RIGHT])
def test_part_of_a_capture_shows_no_other_errors(name: str) -> None:
    check_guards(make_frames(name))


@pytest.mark.parametrize("name", [*BROKEN, *RIGHT])
def test_a_pdu_of_the_index_has_the_notes_that_it_had_when_it_was_read(name: str) -> None:
    index, streamed = Index(open_bytes(build.pcap(make_frames(name)))), []
    for subject in Reading(index.capture, Config()):
        index.add(subject)
        streamed.append(collect_notes(subject.top))
    recall = Recall(index)
    assert [collect_notes(recall.make_entry(row).top) for row in range(len(index))] == streamed
    for row in reversed(range(len(index))):
        assert collect_notes(Recall(index).make_entry(row).top) == streamed[row]
