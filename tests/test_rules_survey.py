"""What is remembered of a capture has a bound, and what is forgotten blames nobody."""

import pytest

from tests.breaches import (
    MPPS,
    Conversation,
    begin,
    begin_again,
    commit,
    committing,
    create,
    created,
    list_breaches,
    list_faults,
    list_frames,
    move,
    moved,
    report,
    reported,
    say,
    store,
    stored,
    update,
    updated,
)
from tests.lives import SECOND

MOVERS = ("REQUESTOR", "OTHER")


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


def test_instances_and_steps_without_a_name_are_not_taken_for_the_same() -> None:
    nameless = store(1, ""), stored(1, "")
    talk = begin().ask(nameless[0]).reply(nameless[1]).ask(store(2, "")).reply(stored(2, ""))
    talk.ask(create(3, "", "COMPLETED")).reply(created(3, ""))
    talk.ask(say(MPPS, {**update(4)[1], 0x1001: ""}, update(4)[2])).reply(updated(4)).end()
    codes = {code for code, _, _ in list_faults(talk.frames)}
    assert "command-lacks" in codes
    assert not {"instance-again", "step-order"} & codes


@pytest.mark.parametrize(("most", "told"), [(2, ["originator", "originator"]), (1, ["originator"]), (0, [])])
def test_entities_that_asked_for_a_c_move_are_known_up_to_a_number(
    most: int, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dissect.rules.survey.MOST_KEPT", most)
    talks: list[Conversation] = []
    for calling in MOVERS:
        talk = begin_again(talks[-1], calling=calling) if talks else begin()
        talks.append(talk.ask(move(7)).reply(moved(7)).end())
    storing = begin_again(talks[-1], port=11112)
    for number, calling in enumerate(MOVERS, 1):
        instance = f"2.25.{number}"
        stray = store(number, instance, originator={0x1030: calling, 0x1031: 8})
        storing.ask(stray).reply(stored(number, instance))
    found = list_breaches(list_frames([*talks, storing.end()]), "remark")
    assert [each.note.code for each in found if each.note.code == "originator"] == told


@pytest.mark.parametrize(("most", "told"), [(2, ["originator"]), (1, [])])
def test_where_c_moves_are_forgotten_no_sub_operation_is_said_to_have_none(
    most: int, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dissect.operations.MOST_MOVES", most)
    moving = begin().ask(move(7)).reply(moved(7)).ask(move(8)).reply(moved(8)).end()
    storing = begin_again(moving, port=11112)
    for number, message_id in enumerate((7, 8, 9), 1):
        instance = f"2.25.{number}"
        sent = store(number, instance, originator={0x1030: MOVERS[0], 0x1031: message_id})
        storing.ask(sent).reply(stored(number, instance))
    found = list_breaches(list_frames([moving, storing.end()]), "remark")
    assert [each.note.code for each in found if each.note.code == "originator"] == told
