"""The next step of a job follows from the state of its chunks."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from cc_async.imports._chunk import ChunkProgress, ChunkState
from cc_async.imports._lost_answers import next_lookup
from cc_async.imports._scheduler import Done, Look, Submit, next_step, wait_before_look
from cc_async.models import Activity
from tests.support.chunks import make_progress


def what_next(
    *entries: ChunkProgress, now: float = 100.0, last_look: float = 99.5, **more: bool
) -> object:
    found = (next_lookup(entry, 120.0) for entry in entries)
    lookups = [lookup for lookup in found if lookup is not None]
    return next_step(entries, now=now, last_look=last_look, lookups=lookups, max_chunks=2, **more)


def test_planned_bodies_are_sent_a_few_at_once() -> None:
    """Of three planned bodies, two are sent now."""
    planned = [make_progress(ChunkState.PLANNED, number) for number in (1, 2, 3)]
    assert what_next(*planned) == Submit(tuple(planned[:2]))


def shared(state: ChunkState, number: int, repeated: int) -> ChunkProgress:
    """Return a chunk with contacts that are in other chunks, too."""
    entry = make_progress(state, number)
    chunk = attrs.evolve(entry.chunk, is_shared=True, repeated=repeated)
    return attrs.evolve(entry, chunk=chunk)


@pytest.mark.parametrize("state", [ChunkState.SUBMITTED, ChunkState.UNCERTAIN])
def test_a_contact_is_in_one_running_import_at_a_time(state: ChunkState) -> None:
    """Chunks with the same contacts are sent one after the other, and other chunks meanwhile."""
    first, second = shared(state, 1, 0), shared(ChunkState.PLANNED, 2, 4)
    assert isinstance(what_next(first, second), Look)
    other = make_progress(ChunkState.PLANNED, 3)
    assert what_next(first, second, other) == Submit((other,))
    ended = attrs.evolve(first, state=ChunkState.COMPLETED)
    assert what_next(ended, second) == Submit((second,))


def test_chunks_of_complete_contacts_alone_run_together() -> None:
    """Each contact is complete in one chunk."""
    planned = [shared(ChunkState.PLANNED, number, 0) for number in (1, 2)]
    assert what_next(*planned) == Submit(tuple(planned))


def test_a_lost_chunk_that_is_no_longer_looked_for_holds_nothing_up() -> None:
    """The caller decides about it; the other chunks are sent."""
    lost = attrs.evolve(shared(ChunkState.UNCERTAIN, 1, 0), lookups=3)
    planned = shared(ChunkState.PLANNED, 2, 4)
    assert what_next(lost, planned) == Submit((planned,))


def test_everything_is_sent_before_anything_is_looked_at() -> None:
    """While bodies wait to be sent, no request is spent on looking, however long one has run."""
    open_, planned = (
        make_progress(ChunkState.SUBMITTED, 1, since=90.0),
        make_progress(ChunkState.PLANNED, 2),
    )
    assert what_next(open_, planned, last_look=90.0) == Submit((planned,))
    assert what_next(open_, last_look=90.0) == Look(0.0)


def test_the_last_submission_counts_as_a_look() -> None:
    """Just after the last of many has been sent, looking at all of them at once is in vain."""
    earlier = [make_progress(ChunkState.SUBMITTED, since=88.0 + number) for number in range(12)]
    last = make_progress(ChunkState.SUBMITTED, since=100.0)
    step = what_next(*earlier, last, last_look=0.0)
    assert isinstance(step, Look)
    assert 1.0 <= step.wait < 3.0


def test_with_nothing_to_send_the_next_look_is_waited_for() -> None:
    """The wait until the next look follows from the age of what is open."""
    step = what_next(make_progress(ChunkState.SUBMITTED, since=99.0), last_look=100.0)
    assert step == Look(2.0)


def test_a_full_queue_is_looked_at_before_anything_is_sent() -> None:
    """While the account's queue is full, nothing is sent, even with nothing of ours open."""
    planned = make_progress(ChunkState.PLANNED)
    assert what_next(planned, last_look=100.0, is_queue_full=True) == Look(30.0)


def test_a_lost_answer_is_looked_for_three_times_over_the_settle_time() -> None:
    """Lookups are due after a third, two thirds and the whole of the settle time."""
    lost = make_progress(ChunkState.UNCERTAIN, since=100.0)
    dues = [next_lookup(attrs.evolve(lost, lookups=count), 120.0) for count in range(4)]
    assert dues == [140.0, 180.0, 220.0, None]
    assert what_next(lost) == Look(40.0)


@pytest.mark.parametrize("state", [ChunkState.COMPLETED, ChunkState.FAILED])
def test_ended_chunks_leave_nothing_to_do(state: ChunkState) -> None:
    """When all chunks have ended, or wait for the caller's word, the job is done."""
    assert what_next(make_progress(state)) == Done()
    assert (
        what_next(make_progress(state), make_progress(ChunkState.UNCERTAIN, 2, kind="json"))
        == Done()
    )


def test_looks_get_rarer_with_age_and_denser_with_number() -> None:
    """Between two looks: a root of the age, less for many open, from a second to a minute."""
    assert wait_before_look([]) == 1.0
    assert wait_before_look([(0.01, None)]) == 1.0
    assert wait_before_look([(25.0, None)]) == 10.0
    assert wait_before_look([(25.0, None)] * 25) == 2.0
    assert wait_before_look([(1e6, None)]) == 60.0


def test_an_end_that_can_be_foreseen_is_waited_for() -> None:
    """A fine percentage tells when to look: a second after the end that is foreseen."""
    assert wait_before_look([(10.0, 33)]) == pytest.approx(10.0 * 67 / 33 + 1.0)


def test_ends_that_are_foreseen_close_together_share_a_look() -> None:
    """With many ends to come, the look is when they will have gone unnoticed for a second in all."""
    near = 10.0 * 16 / 84, 10.0 * 17 / 83
    assert wait_before_look([(10.0, 84), (10.0, 83)]) == pytest.approx((1.0 + sum(near)) / 2)
    assert wait_before_look([(10.0, 33), (10.0, 83)]) == pytest.approx(1.0 + near[1])


def test_a_percentage_that_stands_still_is_believed_for_twice_the_usual_wait_at_most() -> None:
    """After its first minute, an activity is looked at as its age says, at half the pace at least."""
    assert wait_before_look([(100.0, 7)]) == pytest.approx(2 * 20.0)
    assert wait_before_look([(100.0, 7)] * 25) == pytest.approx(2 * 4.0)


def test_a_young_activity_is_left_alone_for_most_of_its_first_minute() -> None:
    """In its first minute a promise is believed beyond what the age alone would say."""
    assert wait_before_look([(4.0, 3)]) == pytest.approx(45.0 - 4.0)


def test_a_percentage_that_stays_at_its_end_does_not_cost_a_look_each_second() -> None:
    """An end promised again and again is looked for at four times the usual pace at most."""
    assert wait_before_look([(100.0, 99)]) == pytest.approx(20.0 / 4)


def test_waiting_in_the_queue_is_not_counted_as_work() -> None:
    """The end is foreseen from when the service began, not from when it was asked."""
    asked = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
    began = asked + dt.timedelta(seconds=40)
    activity = Activity("1", "processing", asked, started_at=began, percent_done=33)
    running = make_progress(ChunkState.SUBMITTED, since=1000.0, activity=activity)
    step = next_step([running], now=1050.0, last_look=1050.0, lookups=(), max_chunks=4)
    assert step == Look(pytest.approx(10.0 * 67 / 33 + 1.0))


@pytest.mark.parametrize("percent", [None, 0, 1, 10, 25, 50, 75, 100])
def test_a_percentage_that_may_be_coarse_is_not_believed(percent: int | None) -> None:
    """Where the percentage is missing, or may count in quarters or tens, the age decides."""
    assert wait_before_look([(25.0, percent)]) == 10.0
