"""Conversations in which procedure steps and storage commitments break a rule, and others that come near to it."""

from collections.abc import Callable

from tests.breaches import (
    REPORTER,
    STEP,
    TRANSACTION,
    Case,
    Said,
    begin,
    begin_again,
    commit,
    committing,
    create,
    created,
    expect,
    report,
    reported,
    update,
    updated,
)
from tests.build import Talk
from tests.lives import SECOND

FINAL = ("COMPLETED", "DISCONTINUED")
REFUSED = 0x0110


def perform(*states: str, statuses: tuple[int, ...] = ()) -> Talk:
    """Create a procedure step, and bring it in these states, with these statuses for the first of them."""
    talk = begin().ask(create(1)).reply(created(1))
    for number, state in enumerate(states, 2):
        status = statuses[number - 2] if number - 2 < len(statuses) else 0
        talk.ask(update(number, state)).reply(updated(number, status))
    return talk.end()


def perform_at(*ports: int) -> tuple[Talk, ...]:
    """Create a procedure step at several acceptors, and complete it there."""
    talks: list[Talk] = []
    for port in ports:
        talk = begin() if not talks else begin_again(talks[-1], port=port)
        talk.ask(create(1)).reply(created(1)).ask(update(2, "COMPLETED")).reply(updated(2))
        talks.append(talk.end())
    return tuple(talks)


def perform_in_turn() -> tuple[Talk, Talk]:
    """Create a procedure step at two acceptors, and complete it at one after the other."""
    first = begin().ask(create(1)).reply(created(1))
    second = begin_again(first, port=11112).ask(create(1)).reply(created(1))
    first.wait(3 * SECOND).ask(update(2, "COMPLETED")).reply(updated(2)).end()
    second.wait(3 * SECOND).ask(update(2, "COMPLETED")).reply(updated(2)).end()
    return first, second


def ask_for_commitment(seconds: int, *, answered: str = "", more: int = 0) -> tuple[Talk, ...]:
    """Ask for a storage commitment, and wait; then report one with a transaction UID in another association."""
    asking = begin().ask(commit(1, more=more)).reply(committing(1)).end()
    later = begin_again(asking, requestor="10.0.0.2", seconds=seconds, asked=[REPORTER], answered=[REPORTER])
    return asking, (later.ask(report(1, answered, more=more)).reply(reported(1)) if answered else later).end()


BROKEN: dict[str, Callable[[], Case]] = {
    **{
        f"set-after-{state}": lambda state=state: expect(  # type: ignore[misc]
            "step-order", 10, "requestor", "pdv.1", f"that was {state} in PDU 6", perform(state, "")
        )
        for state in FINAL
    },
    "set-in-another-association": lambda: expect(
        "step-order", 14, "requestor", "pdv.1", "that was COMPLETED in PDU 6", *set_again(), also="operation-failed",
    ),
    "never-reported": lambda: expect(
        "commitment", 3, "acceptor", "-", f"transaction UID {TRANSACTION}, for 60.", *ask_for_commitment(60)
    ),
    "another-reported": lambda: expect(
        "commitment", 3, "acceptor", "-", f"transaction UID {TRANSACTION}, for 60.",
        *ask_for_commitment(60, answered=f"{TRANSACTION}.1"),
    ),
}  # fmt: skip


def set_again() -> tuple[Talk, Talk]:
    """Complete a procedure step, and change it in a later association."""
    before = perform("COMPLETED")
    return before, begin_again(before).ask(update(1)).reply(updated(1, REFUSED)).end()


def name_later() -> Talk:
    """Let the acceptor name the procedure step, and complete it."""
    talk = begin().ask(create(1, "")).reply(created(1)).ask(create(2, "")).reply(created(2, f"{STEP}.1"))
    return talk.ask(update(3, "COMPLETED")).reply(updated(3)).end()


RIGHT: dict[str, Callable[[], tuple[Talk, ...]]] = {
    "set-and-completed": lambda: (perform("", "IN PROGRESS", "", "COMPLETED"),),
    "discontinued": lambda: (perform("", "DISCONTINUED"),),
    "completion-refused": lambda: (perform("COMPLETED", "", "COMPLETED", statuses=(REFUSED,)),),
    "at-two-acceptors": lambda: perform_at(104, 11112),
    "at-two-acceptors-in-turn": lambda: perform_in_turn(),
    "named-by-the-acceptor": lambda: (name_later(),),
    "reported-at-once": lambda: (
        begin().ask(commit(1)).reply(committing(1), report(1)).ask(reported(1)).wait(60 * SECOND).end(),
    ),
    "reported-later": lambda: ask_for_commitment(60, answered=TRANSACTION),
    "reported-with-a-long-list": lambda: ask_for_commitment(60, answered=TRANSACTION, more=16_000),
    "not-reported-yet": lambda: ask_for_commitment(20),
    "refused": lambda: (begin().ask(commit(1)).reply(refuse(1)).wait(60 * SECOND).end(),),
}  # fmt: skip


def refuse(number: int) -> Said:
    """Refuse a storage commitment."""
    context, fields, _ = committing(number)
    return context, {**fields, 0x0900: REFUSED}, None
