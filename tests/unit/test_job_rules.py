"""The rules of an import's order: the table, what is done next, what a lookup tells."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from cc_async.imports import Chunker, wait_before_look
from cc_async.imports._chunk import (
    TRANSITIONS,
    AbsentFromActivities,
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    ChunkEvent,
    ChunkState,
    FoundAmongActivities,
    LookupMissed,
    ResendAsked,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
    Verified,
    advance,
)
from cc_async.imports._chunk_progress import Chunk, Progressing
from cc_async.imports._lost_answers import judge, next_lookup
from cc_async.imports._scheduler import Done, Look, Submit, decide
from cc_async.models import Activity

ACTIVITY = Activity("a1", "processing")
EVENTS: tuple[ChunkEvent, ...] = (
    SubmitStarted(1, 0.0),
    SubmitAccepted(1, 0.0, ACTIVITY),
    SubmitRefused(1, 0.0),
    AnswerLost(1, 0.0),
    FoundAmongActivities(1, 0.0, ACTIVITY),
    AbsentFromActivities(1, 0.0),
    LookupMissed(1, 0.0),
    ResendAsked(1, 0.0),
    ActivityCompleted(1, 0.0, ACTIVITY),
    ActivityFailed(1, 0.0, ACTIVITY),
    Verified(1, 0.0, 1, 0, 0, "pages"),
)


def chunk(number: int = 1, *, kind: str = "csv", contacts: int = 10) -> Chunk:
    return Chunk(
        number=number,
        format=kind,  # type: ignore[arg-type]
        url_path="/activities/contacts_file_import",
        content_type="text/plain",
        list_ids=("l",),
        file_name=f"job-{number}.csv" if kind == "csv" else "",
        contacts=contacts,
        size=100,
        first_line=2,
        last_line=11,
        digest="",
    )


def entry(state: ChunkState, number: int = 1, **values: object) -> Progressing:
    kind = str(values.pop("kind", "csv"))
    return attrs.evolve(Progressing(chunk(number, kind=kind)), state=state, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ChunkState)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_table_decides_every_step(state: ChunkState, event: ChunkEvent) -> None:
    """Each event leads where the table says, and is an error where the table says nothing."""
    expected = TRANSITIONS[state].get(type(event))
    if expected is None:
        with pytest.raises(ValueError, match=state.name):
            advance(state, event)
    else:
        assert advance(state, event) is expected


def test_an_uncertain_chunk_is_sent_again_only_by_knowing_or_being_told() -> None:
    """Out of UNCERTAIN lead three arrows: found, known to be absent, or asked for."""
    assert TRANSITIONS[ChunkState.UNCERTAIN] == {
        LookupMissed: ChunkState.UNCERTAIN,
        FoundAmongActivities: ChunkState.SUBMITTED,
        AbsentFromActivities: ChunkState.PLANNED,
        ResendAsked: ChunkState.PLANNED,
    }
    starts = [state for state, arrows in TRANSITIONS.items() if SubmitStarted in arrows]
    assert starts == [ChunkState.PLANNED]


def what_next(
    *entries: Progressing, now: float = 100.0, last_look: float = 99.5, **more: bool
) -> object:
    return decide(entries, now=now, last_look=last_look, settle=120.0, at_once=2, **more)


def test_planned_bodies_are_sent_a_few_at_once() -> None:
    """Of three planned bodies, two are sent now."""
    planned = [entry(ChunkState.PLANNED, number) for number in (1, 2, 3)]
    assert what_next(*planned) == Submit(tuple(planned[:2]))


def test_everything_is_sent_before_anything_is_looked_at() -> None:
    """While bodies wait to be sent, no request is spent on looking, however long one has run."""
    open_, planned = entry(ChunkState.SUBMITTED, 1, since=90.0), entry(ChunkState.PLANNED, 2)
    assert what_next(open_, planned, last_look=90.0) == Submit((planned,))
    assert what_next(open_, last_look=90.0) == Look(0.0)


def test_the_last_submission_counts_as_a_look() -> None:
    """Just after the last of many has been sent, looking at all of them at once is in vain."""
    earlier = [entry(ChunkState.SUBMITTED, since=88.0 + number) for number in range(12)]
    last = entry(ChunkState.SUBMITTED, since=100.0)
    step = what_next(*earlier, last, last_look=0.0)
    assert isinstance(step, Look)
    assert 1.0 <= step.wait < 3.0


def test_with_nothing_to_send_the_next_look_is_waited_for() -> None:
    """The wait until the next look follows from the age of what is open."""
    step = what_next(entry(ChunkState.SUBMITTED, since=99.0), last_look=100.0)
    assert step == Look(2.0)


def test_a_full_queue_is_looked_at_before_anything_is_sent() -> None:
    """While the account's queue is full, nothing is sent, even with nothing of ours open."""
    planned = entry(ChunkState.PLANNED)
    assert what_next(planned, last_look=100.0, is_queue_full=True) == Look(10.0)


def test_a_lost_answer_is_looked_for_three_times_over_the_settle_time() -> None:
    """Lookups are due after a third, two thirds and the whole of the settle time."""
    lost = entry(ChunkState.UNCERTAIN, since=100.0)
    dues = [next_lookup(attrs.evolve(lost, lookups=count), 120.0) for count in range(4)]
    assert dues == [140.0, 180.0, 220.0, None]
    assert what_next(lost) == Look(40.0)


@pytest.mark.parametrize("state", [ChunkState.COMPLETED, ChunkState.FAILED])
def test_ended_chunks_leave_nothing_to_do(state: ChunkState) -> None:
    """When all has ended, or waits for somebody's word, the job is done."""
    assert what_next(entry(state)) == Done()
    assert what_next(entry(state), entry(ChunkState.UNCERTAIN, 2, kind="json")) == Done()


OTHERS = [Activity("x", "completed", source_file_name="other.csv"), Activity("y", "processing")]


def test_a_name_in_the_list_proves_that_it_was_accepted() -> None:
    """The file name that only this chunk has is found, however early."""
    lost = entry(ChunkState.UNCERTAIN)
    named = Activity("a9", "processing", source_file_name="job-1.csv")
    event = judge(lost, [*OTHERS, named], (), echoes=None, now=5.0)
    assert event == FoundAmongActivities(1, 5.0, named)


def test_absence_is_believed_only_after_three_readings() -> None:
    """Missed twice, a chunk stays uncertain; missed three times, it is sent again."""
    lost = entry(ChunkState.UNCERTAIN, lookups=2, submissions=1)
    assert judge(lost, OTHERS, (), echoes=True, now=5.0) is None
    thrice = attrs.evolve(lost, lookups=3)
    assert judge(thrice, OTHERS, (), echoes=True, now=5.0) == AbsentFromActivities(1, 5.0)


@pytest.mark.parametrize(
    ("lost", "listed", "ours", "echoes"),
    [
        (entry(ChunkState.UNCERTAIN, lookups=3), [], (), False),
        (entry(ChunkState.UNCERTAIN, lookups=3), OTHERS, (), None),
        (entry(ChunkState.UNCERTAIN, lookups=3, kind="json"), [], (), True),
        (entry(ChunkState.UNCERTAIN, lookups=3, submissions=10), [], (), True),
    ],
    ids=["names are not repeated", "a nameless stranger", "a JSON chunk", "sent ten times"],
)
def test_where_the_list_cannot_tell_a_chunk_stays_uncertain(
    lost: Progressing, listed: list[Activity], ours: tuple[str, ...], echoes: bool | None
) -> None:
    """Nothing is sent again where an accepted chunk could look just like an absent one."""
    assert judge(lost, listed, ours, echoes=echoes, now=5.0) is None


def test_nameless_activities_of_our_own_do_not_confuse_a_lookup() -> None:
    """An activity without a name that is known to be another chunk's is no stranger."""
    lost = entry(ChunkState.UNCERTAIN, lookups=3)
    assert judge(lost, OTHERS, ("y",), echoes=None, now=5.0) == AbsentFromActivities(1, 5.0)


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
    running = entry(ChunkState.SUBMITTED, since=1000.0, activity=activity)
    step = decide([running], now=1050.0, last_look=1050.0, settle=120.0, at_once=4)
    assert step == Look(pytest.approx(10.0 * 67 / 33 + 1.0))


@pytest.mark.parametrize("percent", [None, 0, 1, 10, 25, 50, 75, 100])
def test_a_percentage_that_may_be_coarse_is_not_believed(percent: int | None) -> None:
    """Where the percentage is missing, or may count in quarters or tens, the age decides."""
    assert wait_before_look([(25.0, percent)]) == 10.0


def test_a_body_is_filled_to_the_last_byte_and_not_beyond() -> None:
    """Rows fill a body up to its limit exactly; the next one begins another."""
    chunker = Chunker(overhead=10, separator=2, max_bytes=23, max_contacts=99)
    assert [chunker.feed(size) for size in (4, 4, 2)] == [False, False, True]
    assert chunker.size == 12
    exact = Chunker(overhead=10, separator=2, max_bytes=24, max_contacts=99)
    assert [exact.feed(size) for size in (4, 4, 2)] == [False, False, False]
    assert exact.size == 24
    with pytest.raises(ValueError, match="fits into no body"):
        chunker.feed(15)


def test_a_body_holds_no_more_contacts_than_a_file_may() -> None:
    """The row after the last that a body may hold begins another."""
    chunker = Chunker(overhead=0, separator=0, max_contacts=3)
    assert [chunker.feed(1) for _ in range(7)] == [False, False, False, True, False, False, True]
