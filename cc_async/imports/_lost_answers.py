"""Lost answers: has the service accepted a chunk although no usable answer came?

A CSV chunk carries a file name of its own, and the service returns file names in its list of
activities: https://developer.constantcontact.com/api_guide/activity_status.html

* Found in the list, the chunk was accepted.
* Missed by three full readings of the list, spread over the settle time, it was not accepted and
  is sent again.
* A list that lacks an activity of ours, or its name, is odd: nothing is concluded from it.
* Until one of our names was seen as it was sent, the service may change names. So any activity that
  is not known to be another may be the lost one.
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
    is_own_name,
)
from cc_async.models import Activity

LOOKUPS = 3
"""Full readings before an absence is believed: a list that lags shows the activity to a later one.
Each is a request for every 500 activities. No delay is documented; three is ours to choose."""

_SURELY_LISTED = 8 * 86_400.0
"""Seconds for which an activity of ours must be in the list. The service keeps activities for ten
days; a day is left for the import itself, and one for doubt:
https://developer.constantcontact.com/api_guide/activity_status.html"""

_SUBMISSIONS = 10
"""Requests for one chunk before the caller is asked: so many lost answers have another cause."""

_ACCEPTED = (ChunkState.SUBMITTED, ChunkState.COMPLETED, ChunkState.FAILED)


def is_answer_lost(error: BaseException) -> bool:
    """Whether the service may have executed the request although no usable answer came."""
    is_lost = isinstance(error, (ServerError, TransportError, UnexpectedResponseError))
    return is_lost and not isinstance(error, ConnectionFailedError)


def returns_file_names(
    entries: Iterable[ChunkProgress], listed: Iterable[Activity] = ()
) -> bool | None:
    """Whether the service returns file names as they were sent; `None` before one was seen.

    Names of this job are seen in its chunks, those of other jobs among the *listed* activities.
    """
    seen = [
        entry.activity.source_file_name == entry.chunk.file_name
        for entry in entries
        if entry.activity is not None and entry.chunk.send_as == "csv"
    ]
    if seen:
        return all(seen)
    return any(is_own_name(activity.source_file_name or "") for activity in listed) or None


def is_whole(listed: Sequence[Activity], entries: Iterable[ChunkProgress], now: float) -> bool:
    """Whether a list shows all activities of ours that it must show, with their file names.

    Args:
        listed: All activities that the service showed.
        entries: The chunks of the job.
        now: Seconds since the epoch.
    """
    names = {activity.activity_id: activity.source_file_name for activity in listed}
    for entry in entries:
        activity = entry.activity
        if activity is None or entry.state not in _ACCEPTED or activity.state == "vanished":
            continue
        if now - entry.since > _SURELY_LISTED:
            continue
        if activity.activity_id not in names:
            return False
        if entry.chunk.send_as == "csv" and names[activity.activity_id] != entry.chunk.file_name:
            return False
    return True


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
    is_whole: bool,
    has_file_names: bool | None,
    now: float,
) -> ChunkEvent | None:
    """Return the event that a full reading of the activities means for a *lost* chunk, if any.

    Args:
        lost: The chunk; its lookups include this reading if it was due.
        listed: All activities that the service showed.
        ours: Ids of the activities of other chunks of the job.
        is_whole: Whether the list shows what it must show.
        has_file_names: Whether the service returns file names; `None` if not known yet.
        now: Seconds since the epoch.
    """
    name = lost.chunk.file_name
    for activity in listed:
        if name and activity.source_file_name == name:
            return FoundAmongActivities(lost.chunk.number, now, activity)
    is_open = lost.lookups < LOOKUPS or lost.submissions >= _SUBMISSIONS
    if lost.chunk.send_as != "csv" or is_open or not is_whole or has_file_names is False:
        return None
    if has_file_names is None and any(each.activity_id not in ours for each in listed):
        return None
    return AbsentFromActivities(lost.chunk.number, now)
