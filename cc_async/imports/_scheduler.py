"""What a job does next; decided here, done elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from cc_async.imports._chunk import ChunkState
from cc_async.imports._chunk_progress import Progressing
from cc_async.imports._lost_answers import next_lookup
from cc_async.imports._polling import wait_before_look


@attrs.frozen
class Submit:
    """Send these bodies now."""

    chunks: tuple[Progressing, ...]


@attrs.frozen
class Look:
    """Look at the activities, *wait* seconds from now."""

    wait: float


@attrs.frozen
class Done:
    """Nothing is left that waiting or sending would change."""


Step = Submit | Look | Done


def decide(
    chunks: Sequence[Progressing],
    *,
    now: float,
    last_look: float,
    settle: float,
    at_once: int,
    is_queue_full: bool = False,
) -> Step:
    """Return the next step.

    Sending goes before looking: a look in between costs a request and hurries nothing. *settle*
    is how long, in seconds, a lost answer is looked for; *at_once* how many bodies may be on
    their way. While the account's queue is full, nothing is sent until a look has been taken.
    """
    lookups = (next_lookup(chunk, settle) for chunk in chunks)
    looks = [lookup for lookup in lookups if lookup is not None]
    looks += _next_look(
        [chunk for chunk in chunks if chunk.state is ChunkState.SUBMITTED], last_look
    )
    planned = [chunk for chunk in chunks if chunk.state is ChunkState.PLANNED]
    if planned and is_queue_full:
        return Look(max(0.0, min(looks, default=last_look + 10.0) - now))
    if planned:
        return Submit(tuple(planned[:at_once]))
    if looks:
        return Look(max(0.0, min(looks) - now))
    return Done()


def _next_look(submitted: Sequence[Progressing], last_look: float) -> list[float]:
    """Return when to look at what the service is at work on, if it is."""
    if not submitted:
        return []
    last_look = max(last_look, *(chunk.since for chunk in submitted))  # an answer tells as much
    return [last_look + wait_before_look([_seen(chunk, last_look) for chunk in submitted])]


def _seen(chunk: Progressing, last_look: float) -> tuple[float, int | None]:
    """Return for how long the service has been at work on a chunk, and its percentage."""
    age, activity = last_look - chunk.since, chunk.activity
    if activity is None:
        return max(0.0, age), None
    if activity.started_at is not None and activity.created_at is not None:
        age -= max(0.0, (activity.started_at - activity.created_at).total_seconds())
    return max(0.0, age), activity.percent_done
