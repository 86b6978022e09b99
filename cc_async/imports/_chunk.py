"""A chunk of an import, its progress, and the table of its states; nothing else decides them.

A chunk is the part of an import that goes into one request. `UNCERTAIN` is a chunk with a lost
answer: the service may have accepted it, and a second request would repeat it. So only
knowledge, or the caller's word, leads from there to a second request.

An event that adds no field inherits the methods that attrs wrote for `ChunkEvent`.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from typing import Literal

import attrs

from cc_async.models import Activity
from cc_async.wire import ImportFormat

_OWN_NAME = re.compile(r"cc-async-[0-9a-f]{12}-\d{6,}\.csv")


def make_file_name(job_id: str, number: int) -> str:
    """Return the file name that chunk *number* of a job has alone."""
    return f"cc-async-{job_id}-{number:06d}.csv"


def is_own_name(file_name: str) -> bool:
    """Whether a chunk of any job has a file name like this."""
    return _OWN_NAME.fullmatch(file_name) is not None


@attrs.frozen
class Chunk:
    """A chunk that is ready to be sent: its body has *size* bytes and this *digest*.

    Its contacts stand in *first_line* to *last_line* of the source. The last *repeated* ones are
    there by their addresses alone, and complete in another chunk. A chunk *is_shared* if some of its
    contacts are in another chunk, too.
    """

    number: int
    send_as: ImportFormat
    url_path: str
    content_type: str
    list_ids: tuple[str, ...]
    file_name: str
    contacts: int
    size: int
    first_line: int
    last_line: int
    digest: str
    repeated: int = 0
    is_shared: bool = False

    @property
    def complete(self) -> int:
        """The contacts that are complete here; each contact of the job is so in one chunk."""
        return self.contacts - self.repeated

    def overlaps(self, other: Chunk) -> bool:
        """Whether a contact may be in both chunks."""
        are_shared = self.is_shared and other.is_shared
        return are_shared and bool(self.repeated or other.repeated)


class ChunkState(enum.Enum):
    """How far a chunk has come."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    SUBMITTED = "submitted"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.frozen
class ChunkEvent:
    """An event of the chunk with this number, *at* seconds since the epoch."""

    chunk: int
    at: float


class SubmitStarted(ChunkEvent):
    """The request is about to leave."""


@attrs.frozen
class SubmitAccepted(ChunkEvent):
    """The service accepted the chunk and named the activity that imports it."""

    activity: Activity


@attrs.frozen
class AcceptedLate(ChunkEvent):
    """The service accepted the chunk; an earlier driver of the job wrote so after it was replaced."""

    activity: Activity


class SubmitRefused(ChunkEvent):
    """The service refused the chunk, or the request never left: nothing was started."""


class AnswerLost(ChunkEvent):
    """No usable answer came: the import of the chunk may have started.

    *at* is the latest end of the request; the chunk is looked for from then on.
    """


@attrs.frozen
class FoundAmongActivities(ChunkEvent):
    """The service's list of activities shows the file name of this chunk."""

    activity: Activity


class AbsentFromActivities(ChunkEvent):
    """The service's list, read in full and often enough, does not show the chunk."""


class LookupMissed(ChunkEvent):
    """The service's list was read in full when a lookup was due, and did not show the chunk."""


class ResendAsked(ChunkEvent):
    """The caller asked to submit this chunk again."""


@attrs.frozen
class ActivityCompleted(ChunkEvent):
    """The service has finished the activity; its counters say how well.

    *error_lines* are the lines of the source that its errors name, 0 for none.
    """

    activity: Activity
    error_lines: tuple[int, ...] = ()


@attrs.frozen
class ActivityFailed(ChunkEvent):
    """The service gave the activity up, or does not know it any more; *error_lines* as above."""

    activity: Activity
    error_lines: tuple[int, ...] = ()


VerifiedBy = Literal["export", "pages"]


@attrs.frozen
class Verified(ChunkEvent):
    """The lists were read back and compared with the contacts of the chunk.

    *missing* contacts are not on their lists. *not_changed* contacts are there but were not
    changed since; `None` where no date could be read. *kept_off* contacts are not there because
    they unsubscribed. The lines of the first thousand of each are kept, and no addresses. Where
    *is_known* is false, the body is gone, and its contacts cannot be looked for any more.
    """

    missing: int
    not_changed: int | None = None
    kept_off: int = 0
    by: VerifiedBy = "pages"
    missing_lines: tuple[int, ...] = ()
    not_changed_lines: tuple[int, ...] = ()
    kept_off_lines: tuple[int, ...] = ()
    is_known: bool = True


TRANSITIONS: dict[ChunkState, dict[type[ChunkEvent], ChunkState]] = {
    ChunkState.PLANNED: {
        SubmitStarted: ChunkState.SUBMITTING,
        AcceptedLate: ChunkState.SUBMITTED,
    },
    ChunkState.SUBMITTING: {
        SubmitAccepted: ChunkState.SUBMITTED,
        SubmitRefused: ChunkState.PLANNED,
        AnswerLost: ChunkState.UNCERTAIN,
        AcceptedLate: ChunkState.SUBMITTED,
    },
    ChunkState.UNCERTAIN: {
        LookupMissed: ChunkState.UNCERTAIN,
        FoundAmongActivities: ChunkState.SUBMITTED,
        AbsentFromActivities: ChunkState.PLANNED,
        ResendAsked: ChunkState.PLANNED,
        AcceptedLate: ChunkState.SUBMITTED,
    },
    ChunkState.SUBMITTED: {
        ActivityCompleted: ChunkState.COMPLETED,
        ActivityFailed: ChunkState.FAILED,
    },
    ChunkState.COMPLETED: {
        Verified: ChunkState.COMPLETED,
    },
    ChunkState.FAILED: {
        Verified: ChunkState.FAILED,
        ResendAsked: ChunkState.PLANNED,
    },
}


def next_state(state: ChunkState, event: ChunkEvent) -> ChunkState:
    """Return the state after *event*.

    Raises:
        ValueError: The table has no such transition.
    """
    try:
        return TRANSITIONS[state][type(event)]
    except KeyError:
        raise ValueError(f"no {type(event).__name__} in state {state.name}") from None


@attrs.frozen
class ChunkProgress:
    """A chunk and how far it has come.

    Args:
        chunk: The chunk.
        state: Its state.
        activity: The activity that imports it, once the service has named one.
        since: The start of the state, in seconds since the epoch; of an uncertain chunk, the
            latest end of its request.
        lookups: Full readings of the activities that did not show it.
        submissions: How often it was sent.
        first_sent: The time at which the service first accepted it, on the service's own clock.
        verified: The result of looking for its contacts, until it is sent again.
        error_lines: The lines of the source that the errors of the activity name, 0 for none.
    """

    chunk: Chunk
    state: ChunkState = ChunkState.PLANNED
    activity: Activity | None = None
    since: float = 0.0
    lookups: int = 0
    submissions: int = 0
    first_sent: dt.datetime | None = None
    verified: Verified | None = None
    error_lines: tuple[int, ...] = ()

    def after(self, event: ChunkEvent) -> ChunkProgress:
        """Return the progress after *event*; raises as `next_state` does."""
        state = next_state(self.state, event)
        if isinstance(event, LookupMissed):
            return attrs.evolve(self, lookups=self.lookups + 1)
        if isinstance(event, Verified):
            return attrs.evolve(self, verified=event)
        activity = getattr(event, "activity", self.activity)
        return attrs.evolve(
            self,
            state=state,
            activity=activity,
            since=event.at,
            lookups=0 if isinstance(event, AnswerLost) else self.lookups,
            submissions=self.submissions + isinstance(event, SubmitStarted),
            first_sent=self.first_sent or (activity.created_at if activity else None),
            verified=None,
            error_lines=getattr(event, "error_lines", ()),
        )
