"""Finding out whether a chunk whose answer was lost has been accepted.

A CSV chunk carries a file name that only it has, and the service repeats file names in its
list of activities. Found there, it was accepted. Missed by three whole readings of that list,
spread over the settle time, it was not, and is sent again. Where the list cannot tell, it stays
uncertain, and so does every JSON chunk: nothing in the list could be told from another's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cc_async.imports._chunk import (
    AbsentFromActivities,
    ChunkEvent,
    ChunkState,
    FoundAmongActivities,
)
from cc_async.imports._chunk_progress import Progressing
from cc_async.models import Activity

_LOOKUPS = 3
_SUBMISSIONS = 10
"""How often a chunk is sent before somebody has to be asked."""


def next_lookup(entry: Progressing, settle: float) -> float | None:
    """Return when to look for an uncertain chunk, in seconds since the epoch, if at all.

    *settle* is how long, in seconds, a lost answer is looked for.
    """
    is_looked_for = (
        entry.state is ChunkState.UNCERTAIN
        and entry.chunk.format == "csv"
        and entry.lookups < _LOOKUPS
    )
    return entry.since + settle * (entry.lookups + 1) / _LOOKUPS if is_looked_for else None


def judge(
    lost: Progressing,
    listed: Sequence[Activity],
    ours: Collection[str],
    *,
    echoes: bool | None,
    now: float,
) -> ChunkEvent | None:
    """Return what a whole reading of the activities tells of a *lost* chunk, if anything.

    Args:
        lost: The chunk, with this reading counted if it was due.
        listed: Every activity the service showed.
        ours: Ids of the activities that belong to other chunks of the job.
        now: Seconds since the epoch.
        echoes: Whether this account's replies repeat file names; `None` if not seen yet.
    """
    found = next((activity for activity in listed if _is_named(activity, lost)), None)
    if found is not None:
        return FoundAmongActivities(lost.chunk.number, now, found)
    is_open = lost.lookups < _LOOKUPS or lost.submissions >= _SUBMISSIONS
    if lost.chunk.format != "csv" or is_open or echoes is False:
        return None
    if echoes is None and any(_may_be_ours(activity, ours) for activity in listed):
        return None
    return AbsentFromActivities(lost.chunk.number, now)


def _may_be_ours(activity: Activity, ours: Collection[str]) -> bool:
    """Whether an activity without a file name could be the lost one: we cannot tell it apart."""
    return activity.source_file_name is None and activity.activity_id not in ours


def _is_named(activity: Activity, lost: Progressing) -> bool:
    name = lost.chunk.file_name
    return bool(name) and activity.source_file_name == name
