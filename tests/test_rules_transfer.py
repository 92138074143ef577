"""What is told of the lengths of P-DATA-TF PDUs."""

import pytest

from tests import build
from tests.breaches import (
    INSTANCE,
    begin,
    encode,
    list_breaches,
    store,
    stored,
)
from tests.build import Talk
from tests.transfers import store_in


@pytest.mark.parametrize("count", [31, 32])
def test_few_pdus_are_not_called_small(count: int) -> None:
    talk = begin().ask(store(1, count=count * 1000 - 60), size=1000).reply(stored(1)).end()
    told = [each.note.code for each in list_breaches(talk.frames, "remark")]
    assert told == ["pdus-small"] * (count > 31)


@pytest.mark.parametrize(("size", "limit"), [(4096, 16384), (1000, 1200), (1000, 2000)])
def test_pdus_that_are_not_much_smaller_than_they_might_be_are_not_called_small(size: int, limit: int) -> None:
    talk = begin(limits=(16384, limit)).ask(store(1, count=40 * size - 60), size=size).reply(stored(1)).end()
    assert "pdus-small" not in [each.note.code for each in list_breaches(talk.frames, "remark")]


def test_small_pdus_are_told_of_once_a_side() -> None:
    talk = begin()
    for number in (1, 2, 3):
        instance = f"{INSTANCE}.{number}"
        talk.ask(store(number, instance, count=40_000), size=1000).reply(stored(number, instance))
    told = [each.note.code for each in list_breaches(talk.end().frames, "remark")]
    assert told == ["pdus-small"]


def test_who_sends_both_the_request_and_its_answer_is_followed() -> None:
    """What no implementation does must not make the program fail."""
    talk = Talk().open().request(build.associate_rq(), build.associate_ac(), *encode(store(1, count=40_000)))
    assert "pdu-before-accept" in {each.note.code for each in list_breaches(talk.close().frames, "error")}


@pytest.mark.parametrize(("over", "found"), [(1, ["pdu-huge"]), (0, [])])
def test_a_pdu_without_a_limit_is_told_of_where_it_is_huge(
    over: int, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dissect.rules.transfer.HUGE", 8194 - over)
    talk = store_in(size=8194, limits=(16384, 0), count=8128)
    assert [each.note.code for each in list_breaches(talk.frames, "error", "warning")] == found
