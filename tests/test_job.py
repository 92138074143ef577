"""Work in a thread of its own: how far it is, that it can be stopped, and what became of it."""

from threading import Event, get_ident

import pytest

from dissect.job import Job

PATIENCE = 20.0
"""Seconds after which something that should happen is said not to."""


def idle(job: Job) -> None:
    """Do nothing."""


def wait_for(event: Event) -> None:
    assert event.wait(PATIENCE)


def test_work_that_has_not_begun_has_done_nothing_and_took_no_time() -> None:
    job = Job("reading", idle)
    assert (job.name, job.done, job.size, job.found, job.error) == ("reading", 0, 0, 0, None)
    assert not job.over
    assert not job.stopped
    assert (job.seconds, job.share, job.rate) == (0.0, 0.0, 0.0)


def test_work_is_done_in_another_thread_and_is_called_with_its_job() -> None:
    seen: list[tuple[Job, int]] = []
    job = Job("reading", lambda given: seen.append((given, get_ident())))
    assert job.start() is job
    job.join(PATIENCE)
    [(given, thread)] = seen
    assert given is job
    assert thread != get_ident()
    assert job.over
    assert job.error is None


def test_work_that_is_stopped_before_it_starts_finds_itself_stopped() -> None:
    seen: list[bool] = []
    job = Job("reading", lambda given: seen.append(given.stopped))
    job.stop()
    assert job.stopped
    assert not job.over
    job.start().join(PATIENCE)
    assert seen == [True]
    assert job.over


def test_an_error_is_kept_and_the_work_is_over() -> None:
    error = ValueError("nobody has foreseen this")

    def fail(job: Job) -> None:
        job.done = 1
        raise error

    job = Job("reading", fail).start()
    job.join(PATIENCE)
    assert job.error is error
    assert job.over
    assert not job.stopped
    assert job.done == 1


def test_a_pause_ends_when_the_work_is_stopped() -> None:
    paused: list[bool] = []
    begun = Event()

    def work(job: Job) -> None:
        begun.set()
        paused.append(job.pause(10 * PATIENCE))

    job = Job("reading", work).start()
    wait_for(begun)
    assert not job.over
    job.stop()
    job.join(PATIENCE)
    assert paused == [True]
    assert job.over


def test_a_pause_that_nobody_ends_tells_that_the_work_goes_on() -> None:
    assert not Job("reading", idle).pause(0.001)


def test_the_share_is_what_is_done_of_the_size_and_never_more_than_all() -> None:
    job = Job("reading", idle)
    job.size = 8
    assert job.share == 0.0
    job.done = 2
    assert job.share == 0.25
    job.done = 9
    assert job.share == 1.0


def test_work_of_an_unknown_size_is_all_done_when_it_is_over() -> None:
    job = Job("reading", idle)
    assert job.share == 0.0
    job.start().join(PATIENCE)
    assert job.share == 1.0


def test_the_rate_is_what_is_done_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("dissect.job.time.monotonic", lambda: now)
    begun, going = Event(), Event()

    def work(job: Job) -> None:
        begun.set()
        wait_for(going)

    job = Job("reading", work).start()
    wait_for(begun)
    now, job.done = 104.0, 20
    assert (job.seconds, job.rate) == (4.0, 5.0)
    now = 105.0
    going.set()
    job.join(PATIENCE)
    assert job.over
    now = 200.0
    assert (job.seconds, job.rate) == (5.0, 4.0)


def test_waiting_for_work_that_goes_on_ends_after_the_time_that_was_given() -> None:
    going = Event()
    job = Job("reading", lambda _: wait_for(going)).start()
    job.join(0.001)
    assert not job.over
    going.set()
    job.join(PATIENCE)
    assert job.over
