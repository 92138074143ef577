"""What is remembered of a capture has a bound, and what is forgotten blames nobody."""

import pytest

from tests.breaches import (
    begin,
    commit,
    committing,
    list_faults,
    report,
    reported,
)

SECOND = 10**9


@pytest.mark.parametrize("before", [0, 1, 2, 5])
def test_a_result_that_is_reported_before_the_response_is_known_however_many_were_before(
    before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dissect.rules.survey.MOST_KEPT", 2)
    talk = begin()
    for number in range(before):
        talk.reply(report(number, f"2.25.{number}")).ask(reported(number))
    talk.ask(commit(1)).reply(report(9)).ask(reported(9)).reply(committing(1)).wait(60 * SECOND).end()
    assert not list_faults(talk.frames)
