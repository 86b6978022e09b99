"""Lost answers: has the service accepted a chunk although no usable answer came?

A CSV chunk carries a file name of its own, and the service returns file names in its list of
activities: https://developer.constantcontact.com/api_guide/activity_status.html

* Found in the list, the chunk was accepted.
* Missed by three full readings of the list, spread over the settle time, it was not accepted and
  is sent again.
* Where the list cannot tell, it stays uncertain. So does every JSON chunk: the list shows nothing
  that tells one JSON import from another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from cc_async.errors import (
    ConnectionFailedError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.imports._chunk import (
    AbsentFromActivities,
    ChunkEvent,
    ChunkProgress,
    ChunkState,
    FoundAmongActivities,
)
from cc_async.models import Activity

LOOKUPS = 3
"""Full readings before an absence is believed: a list that lags shows the activity to a later one.
Each is a request for every 500 activities. No delay is documented; three is ours to choose."""

_SUBMISSIONS = 10
"""Requests for one chunk before the caller is asked: so many lost answers have another cause."""


def is_answer_lost(error: BaseException) -> bool:
    """Whether the service may have executed the request although no usable answer came."""
    is_lost = isinstance(error, (ServerError, TransportError, UnexpectedResponseError))
    return is_lost and not isinstance(error, ConnectionFailedError)


def returns_file_names(entries: Iterable[ChunkProgress]) -> bool | None:
    """Whether the service returns file names to this account; `None` before its first answer."""
    seen = [
        entry.activity.source_file_name == entry.chunk.file_name
        for entry in entries
        if entry.activity is not None and entry.chunk.send_as == "csv"
    ]
    return all(seen) if seen else None


def next_lookup(entry: ChunkProgress, settle_seconds: float) -> float | None:
    """Return the time of the next lookup of an uncertain chunk, in seconds since the epoch.

    Lookups are spread over *settle_seconds*; after the last one `None` is returned.
    """
    is_looked_for = (
        entry.state is ChunkState.UNCERTAIN
        and entry.chunk.send_as == "csv"
        and entry.lookups < LOOKUPS
    )
    return entry.since + settle_seconds * (entry.lookups + 1) / LOOKUPS if is_looked_for else None


def resolve(
    lost: ChunkProgress,
    listed: Sequence[Activity],
    ours: Collection[str],
    *,
    has_file_names: bool | None,
    now: float,
) -> ChunkEvent | None:
    """Return the event that a full reading of the activities means for a *lost* chunk, if any.

    Args:
        lost: The chunk; its lookups include this reading if it was due.
        listed: All activities that the service showed.
        ours: Ids of the activities of other chunks of the job.
        has_file_names: Whether the service returns file names; `None` if not known yet.
        now: Seconds since the epoch.
    """
    name = lost.chunk.file_name
    for activity in listed:
        if name and activity.source_file_name == name:
            return FoundAmongActivities(lost.chunk.number, now, activity)
    is_open = lost.lookups < LOOKUPS or lost.submissions >= _SUBMISSIONS
    if lost.chunk.send_as != "csv" or is_open or has_file_names is False:
        return None
    if has_file_names is None and any(_may_be_lost(activity, ours) for activity in listed):
        return None
    return AbsentFromActivities(lost.chunk.number, now)


def _may_be_lost(activity: Activity, ours: Collection[str]) -> bool:
    """Whether an activity without a file name could be that of the lost chunk."""
    return activity.source_file_name is None and activity.activity_id not in ours
