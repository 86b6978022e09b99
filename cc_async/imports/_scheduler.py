"""The next step of a job: submit chunks, look at activities, or nothing.

One list of activities shows all open ones, so a look costs one request of the day's 10,000; a
late look costs time. Where the service shows progress in fine steps, the end of an activity can be
foreseen: the look comes when the activities that should have ended by then have been waiting to
be noticed for a second together. Otherwise the wait grows with the root of the age and shrinks
with the root of the number of open activities: the longer a job has run, the less a little more
waiting matters, and the more activities are open, the more one look tells.

A percentage is a hint. It may stand still, or run ahead and then wait at 99, so it moves the next
look within bounds set by the age. Only in their first minute are activities left alone for
longer, if that is what the percentage promises.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import accumulate

import attrs

from cc_async.imports._chunk import ChunkProgress, ChunkState

_SHORTEST, _LONGEST = 1.0, 60.0
"""Seconds between two looks, at least and at most: one request a second of the four that the
service allows, and a minute, as long as a usual import takes."""

_UNNOTICED = 1.0
"""Seconds that ended activities may wait to be noticed, all together: what a request is worth."""

_SOONEST, _LATEST = 0.25, 2.0
"""Bounds of a foreseen look, as shares of the usual wait: at most four times the usual requests,
and at most twice the usual delay. Chosen by the simulation in `benchmarks/watching.py`."""

_TRUSTING = 45.0
"""Seconds for which the percentage of a young activity is trusted. Half of the imports that were
seen took a minute; earlier looks are mostly lost. Chosen by the same simulation."""

_QUEUE_WAIT = 30.0
"""Seconds between looks while the account's queue is full and no chunk of this job is open: half of
what a usual import takes. A look costs a request for every 500 activities of ten days."""


@attrs.frozen
class Submit:
    """Send these chunks now."""

    chunks: tuple[ChunkProgress, ...]


@attrs.frozen
class Look:
    """Look at the activities, *wait* seconds from now."""

    wait: float


@attrs.frozen
class Done:
    """Neither waiting nor sending would change anything."""


Step = Submit | Look | Done


def next_step(
    chunks: Sequence[ChunkProgress],
    *,
    now: float,
    last_look: float,
    lookups: Sequence[float],
    max_chunks: int,
    is_queue_full: bool = False,
) -> Step:
    """Return the next step of a job with these chunks.

    Sending goes before looking: a look in between costs a request and hurries nothing. While the
    account's queue is full, a look comes before the next chunk is sent.

    Args:
        chunks: All chunks of the job.
        now: Seconds since the epoch.
        last_look: The time of the last look.
        lookups: The times of the next lookups of lost answers.
        max_chunks: How many chunks may be in flight.
        is_queue_full: Whether the service refused a chunk because of the account's queue.
    """
    submitted = [chunk for chunk in chunks if chunk.state is ChunkState.SUBMITTED]
    looks = [*lookups, *_next_look(submitted, last_look)]
    planned = [chunk for chunk in chunks if chunk.state is ChunkState.PLANNED]
    if planned and is_queue_full:
        return Look(max(0.0, min(looks, default=last_look + _QUEUE_WAIT) - now))
    if ready := _ready(planned, chunks, is_looking=bool(lookups))[:max_chunks]:
        return Submit(tuple(ready))
    if looks:
        return Look(max(0.0, min(looks) - now))
    return Done()


def _ready(
    planned: Sequence[ChunkProgress], chunks: Sequence[ChunkProgress], *, is_looking: bool
) -> list[ChunkProgress]:
    """Return the chunks that may be sent now; *is_looking* for lost answers, or no longer.

    Chunks with the same contact are sent one after the other. No page tells how two imports that
    create one contact at the same time end; overlapping sign-ups of one contact are refused.
    https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
    """
    at_work = {ChunkState.SUBMITTING, ChunkState.SUBMITTED}
    at_work |= {ChunkState.UNCERTAIN} if is_looking else set()
    taken = [entry.chunk for entry in chunks if entry.state in at_work and entry.chunk.is_shared]
    ready = []
    for entry in planned:
        if not any(map(entry.chunk.overlaps, taken)):
            ready.append(entry)
            taken += [entry.chunk] if entry.chunk.is_shared else []
    return ready


def _next_look(submitted: Sequence[ChunkProgress], last_look: float) -> list[float]:
    """Return the time of the next look at open activities, if there are any."""
    if not submitted:
        return []
    last_look = max(last_look, *(chunk.since for chunk in submitted))  # an answer tells as much
    return [last_look + wait_before_look([_age_and_percent(one, last_look) for one in submitted])]


def _age_and_percent(entry: ChunkProgress, at: float) -> tuple[float, int | None]:
    """Return the seconds that the service has worked on a chunk, and its percentage."""
    age, activity = at - entry.since, entry.activity
    if activity is None:
        return max(0.0, age), None
    if activity.started_at is not None and activity.created_at is not None:
        age -= max(0.0, (activity.started_at - activity.created_at).total_seconds())
    return max(0.0, age), activity.percent_done


def wait_before_look(seen: Collection[tuple[float, int | None]]) -> float:
    """Return the seconds from the last look to the next one.

    Args:
        seen: For each open activity the seconds that the service has worked on it, and its
            `percent_done`, both as of the last look.
    """
    left, without_hint = [], []
    for age, percent in seen:
        if percent is not None and _is_fine(percent):
            left.append(age * (100 - percent) / percent)
        else:
            without_hint.append(age)
    waits = [_wait_by_age(without_hint)] if without_hint else []
    if left:
        waits.append(_bounded(_wait_by_ends(left), [age for age, _ in seen]))
    return min(_LONGEST, max(_SHORTEST, min(waits, default=0.0)))


def _wait_by_age(ages: Sequence[float]) -> float:
    return math.sqrt(4.0 * sum(ages)) / len(ages)


def _wait_by_ends(left: Sequence[float]) -> float:
    """Return the wait after which the first *k* to end have gone unnoticed for a second."""
    return min((_UNNOTICED + sum_) / k for k, sum_ in enumerate(accumulate(sorted(left)), 1))


def _bounded(hint: float, ages: Sequence[float]) -> float:
    usual = _wait_by_age(ages)
    first_minute = (_TRUSTING - sum(ages) / len(ages)) / len(ages)
    return max(_SOONEST * usual, min(hint, max(_LATEST * usual, first_minute)))


def _is_fine(percent: int) -> bool:
    """Whether a percentage tells the end.

    The first one is always 1. Tens and quarters may come from a service that counts in no
    finer steps; believing those costs more time than it saves.
    """
    return 1 < percent < 100 and percent % 10 != 0 and percent % 25 != 0
