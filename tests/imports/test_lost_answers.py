"""A lookup tells whether a chunk with a lost answer was accepted."""

from __future__ import annotations

import attrs
import pytest

from cc_async.imports._chunk import (
    AbsentFromActivities,
    ChunkProgress,
    ChunkState,
    FoundAmongActivities,
    is_own_name,
    make_file_name,
)
from cc_async.imports._lost_answers import is_whole, resolve, returns_file_names
from cc_async.models import Activity
from tests.support.chunks import make_progress

OTHERS = [Activity("x", "completed", source_file_name="other.csv"), Activity("y", "processing")]


def test_a_name_in_the_list_proves_that_it_was_accepted() -> None:
    """The file name that only this chunk has is found, however early."""
    lost = make_progress(ChunkState.UNCERTAIN)
    named = Activity("a9", "processing", source_file_name="job-1.csv")
    event = resolve(lost, [*OTHERS, named], (), is_whole=True, has_file_names=None, now=5.0)
    assert event == FoundAmongActivities(1, 5.0, named)


def test_absence_is_believed_only_after_three_readings() -> None:
    """Missed twice, a chunk stays uncertain; missed three times, it is sent again."""
    lost = make_progress(ChunkState.UNCERTAIN, lookups=2, submissions=1)
    assert resolve(lost, OTHERS, (), is_whole=True, has_file_names=True, now=5.0) is None
    thrice = attrs.evolve(lost, lookups=3)
    assert resolve(
        thrice, OTHERS, (), is_whole=True, has_file_names=True, now=5.0
    ) == AbsentFromActivities(1, 5.0)


@pytest.mark.parametrize(
    ("lost", "listed", "ours", "has_file_names"),
    [
        (make_progress(ChunkState.UNCERTAIN, lookups=3), [], (), False),
        (make_progress(ChunkState.UNCERTAIN, lookups=3), OTHERS, (), None),
        (make_progress(ChunkState.UNCERTAIN, lookups=3, kind="json"), [], (), True),
        (make_progress(ChunkState.UNCERTAIN, lookups=3, submissions=10), [], (), True),
    ],
    ids=["names are not repeated", "a nameless stranger", "a JSON chunk", "sent ten times"],
)
def test_where_the_list_cannot_tell_a_chunk_stays_uncertain(
    lost: ChunkProgress, listed: list[Activity], ours: tuple[str, ...], has_file_names: bool | None
) -> None:
    """Nothing is sent again where an accepted chunk could look just like an absent one."""
    assert (
        resolve(lost, listed, ours, is_whole=True, has_file_names=has_file_names, now=5.0) is None
    )


def test_nameless_activities_of_our_own_do_not_confuse_a_lookup() -> None:
    """An activity without a name that is known to be another chunk's is no stranger."""
    lost = make_progress(ChunkState.UNCERTAIN, lookups=3)
    assert resolve(
        lost, OTHERS, ("x", "y"), is_whole=True, has_file_names=None, now=5.0
    ) == AbsentFromActivities(1, 5.0)


@pytest.mark.parametrize("name", [None, "", "other.csv", "x/cc-async-0123456789ab-000001.csv"])
def test_a_stranger_may_be_the_lost_one_while_no_name_was_seen(name: str | None) -> None:
    """The service may change names, so absence is concluded only where there is no stranger."""
    lost = make_progress(ChunkState.UNCERTAIN, lookups=3)
    stranger = Activity("s", "completed", source_file_name=name)
    seen = returns_file_names([lost], [stranger])
    assert seen is None
    assert resolve(lost, [stranger], (), is_whole=True, has_file_names=seen, now=5.0) is None
    event = resolve(lost, [], (), is_whole=True, has_file_names=seen, now=5.0)
    assert event == AbsentFromActivities(1, 5.0)


def test_a_name_of_another_job_shows_that_names_are_returned() -> None:
    """It is as it was sent; a name of this job that was changed outweighs it."""
    named = Activity("z", "completed", source_file_name="cc-async-0123456789ab-000001.csv")
    lost = make_progress(ChunkState.UNCERTAIN)
    assert returns_file_names([lost], [*OTHERS, named]) is True
    changed = make_progress(ChunkState.SUBMITTED, activity=OTHERS[0])
    assert returns_file_names([lost, changed], [named]) is False
    assert is_own_name(make_file_name("0123456789ab", 1))


def test_a_list_is_whole_if_it_shows_what_the_service_accepted() -> None:
    """Each activity of ours must be there with its name, until the service may forget it."""
    ours = Activity("a1", "processing", source_file_name="job-1.csv")
    accepted = make_progress(ChunkState.SUBMITTED, activity=ours, since=5.0)
    lost = make_progress(ChunkState.UNCERTAIN, number=2)
    assert is_whole([*OTHERS, ours], [accepted, lost], now=10.0)
    assert not is_whole(OTHERS, [accepted, lost], now=10.0)
    assert not is_whole([Activity("a1", "processing")], [accepted, lost], now=10.0)
    assert is_whole(OTHERS, [accepted, lost], now=9 * 86_400.0)
    gone = attrs.evolve(accepted, activity=attrs.evolve(ours, state="vanished"))
    assert is_whole(OTHERS, [gone, lost], now=10.0)


def test_absence_is_never_concluded_from_an_odd_list() -> None:
    """Missed three times, a chunk stays uncertain while the list lacks what it must show."""
    lost = make_progress(ChunkState.UNCERTAIN, lookups=3)
    assert resolve(lost, OTHERS, (), is_whole=False, has_file_names=True, now=5.0) is None
