"""What became of an import: every count, and whether they add up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

from cc_async.jobs._chunks import Progressing
from cc_async.jobs._state import ChunkState
from cc_async.sources import Rejection

__all__ = [
    "ActivityReport",
    "ImportProgress",
    "ImportReport",
    "JobState",
    "Preparation",
    "make_progress",
    "make_report",
]

JobState = Literal["running", "completed", "uncertain", "failed"]


@attrs.frozen
class Preparation:
    """What was read and set aside before anything was sent.

    *rejections* holds the first thousand rejected rows; all of them go into a rejects file.
    """

    contacts_read: int = 0
    contacts_rejected: int = 0
    contacts_superseded: int = 0
    contacts_protected: int = 0
    rejections: tuple[Rejection, ...] = ()


@attrs.frozen
class ActivityReport:
    """One body of the import; *activity_id* is `None` until the service has named it."""

    activity_id: str | None
    state: str
    contacts: int
    bytes: int


@attrs.frozen
class ImportReport:
    """What became of every contact of an import.

    `contacts_read = contacts_rejected + contacts_superseded + contacts_protected +
    contacts_sent`. The counters are the service's own sums over all activities: of those sent,
    *person_count* were counted, *error_count* and *correctable_count* refused, and
    *cannot_add_to_list_count* kept off the lists because they unsubscribed. Compare
    *person_count* with *contacts_sent*: the service drops what exceeds its limits without a
    word. *missing* and *unconfirmed* are `None` as long as nobody has looked.
    """

    job_id: str
    state: JobState
    contacts_read: int
    contacts_rejected: int
    contacts_superseded: int
    contacts_protected: int
    contacts_sent: int
    person_count: int
    error_count: int
    correctable_count: int
    cannot_add_to_list_count: int
    missing: int | None
    unconfirmed: int | None
    requests: int
    activities: tuple[ActivityReport, ...]
    rejections: tuple[Rejection, ...] = attrs.field(default=(), repr=False)

    @property
    def contacts_refused(self) -> int:
        """How many the service refused: in error, or held until somebody corrects them."""
        return self.error_count + self.correctable_count

    @property
    def contacts_uncounted(self) -> int:
        """How many of those sent the service never counted, in activities that have ended.

        At least: nobody says whether those it refused are among those it counted.
        """
        ended = sum(entry.contacts for entry in self.activities if entry.state == "completed")
        return max(0, ended - self.person_count - self.contacts_refused)

    @property
    def is_all_accepted(self) -> bool:
        """Whether nothing was rejected, refused, kept off the lists, or left uncounted."""
        return self.state == "completed" and not (
            self.contacts_rejected
            or self.contacts_refused
            or self.cannot_add_to_list_count
            or self.contacts_uncounted
        )


@attrs.frozen
class ImportProgress:
    """How far a job has come. *contacts_done* are in activities that have ended."""

    contacts: int
    contacts_done: int
    bodies: int
    bodies_submitted: int
    bodies_done: int
    percent: float


_ENDED = (ChunkState.COMPLETED, ChunkState.FAILED)


def make_progress(entries: Sequence[Progressing]) -> ImportProgress:
    """Return how far a job with these chunks has come."""
    contacts = sum(entry.chunk.contacts for entry in entries)
    reached = sum(entry.chunk.contacts * _share(entry) for entry in entries)
    done = [entry for entry in entries if entry.state in _ENDED]
    return ImportProgress(
        contacts=contacts,
        contacts_done=sum(entry.chunk.contacts for entry in done),
        bodies=len(entries),
        bodies_submitted=sum(entry.activity is not None for entry in entries),
        bodies_done=len(done),
        percent=100.0 * reached / contacts if contacts else 100.0,
    )


def _share(entry: Progressing) -> float:
    """Return how much of a chunk is done, from 0 to 1; the service's percentage is a hint."""
    if entry.state in _ENDED:
        return 1.0
    percent = entry.activity.percent_done if entry.activity is not None else None
    return min(100, max(0, percent or 0)) / 100


def make_report(
    job_id: str, preparation: Preparation, chunks: Sequence[Progressing], requests: int
) -> ImportReport:
    """Return the sum of a job as it stands."""
    statuses = [entry.activity.status for entry in chunks if entry.activity is not None]
    return ImportReport(
        job_id=job_id,
        state=_state({entry.state for entry in chunks}),
        contacts_read=preparation.contacts_read,
        contacts_rejected=preparation.contacts_rejected,
        contacts_superseded=preparation.contacts_superseded,
        contacts_protected=preparation.contacts_protected,
        contacts_sent=sum(entry.chunk.contacts for entry in chunks),
        person_count=sum(status.person_count or 0 for status in statuses),
        error_count=sum(status.error_count or 0 for status in statuses),
        correctable_count=sum(status.correctable_count or 0 for status in statuses),
        cannot_add_to_list_count=sum(status.cannot_add_to_list_count or 0 for status in statuses),
        missing=None,
        unconfirmed=None,
        requests=requests,
        activities=tuple(_activity(entry) for entry in chunks),
        rejections=preparation.rejections,
    )


def _state(states: set[ChunkState]) -> JobState:
    if states & {ChunkState.PLANNED, ChunkState.SUBMITTING, ChunkState.SUBMITTED}:
        return "running"
    if ChunkState.UNCERTAIN in states:
        return "uncertain"
    return "failed" if ChunkState.FAILED in states else "completed"


def _activity(entry: Progressing) -> ActivityReport:
    is_named = entry.activity is not None and entry.state in (
        ChunkState.SUBMITTED,
        ChunkState.COMPLETED,
        ChunkState.FAILED,
    )
    return ActivityReport(
        activity_id=entry.activity.activity_id if entry.activity is not None else None,
        state=entry.activity.state if is_named and entry.activity else entry.state.value,
        contacts=entry.chunk.contacts,
        bytes=entry.chunk.size,
    )
