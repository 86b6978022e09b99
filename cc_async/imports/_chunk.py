"""The life of a chunk, as a table that reads aloud; nothing else decides it.

A chunk is a body of an import on its way. `UNCERTAIN` is a chunk whose answer was lost: it may
have been accepted, and the service has no way to ask for it twice without doing it twice. So
there is no arrow from there to a second submission but by knowing, or by being told.

An event that adds no field inherits the methods that attrs wrote for `ChunkEvent`.
"""

from __future__ import annotations

import enum
from typing import Literal

import attrs

from cc_async.models import Activity


class ChunkState(enum.Enum):
    """Where a chunk is."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    SUBMITTED = "submitted"
    COMPLETED = "completed"
    FAILED = "failed"


@attrs.frozen
class ChunkEvent:
    """Something that happened to the chunk with this number, *at* seconds since the epoch."""

    chunk: int
    at: float


class SubmitStarted(ChunkEvent):
    """The request is about to leave."""


@attrs.frozen
class SubmitAccepted(ChunkEvent):
    """The service took it and named the activity that does it."""

    activity: Activity


class SubmitRefused(ChunkEvent):
    """The service said no, or the request never left: nothing was started."""


class AnswerLost(ChunkEvent):
    """No answer that can be read: it may have been started.

    *at* is when the request would have ended at the latest; it is looked for from then on.
    """


@attrs.frozen
class FoundAmongActivities(ChunkEvent):
    """The service's list shows the file name that only this chunk has."""

    activity: Activity


class AbsentFromActivities(ChunkEvent):
    """The service's list, read whole and often enough, does not show it."""


class LookupMissed(ChunkEvent):
    """The service's list was read whole, when it was time to, and did not show it."""


class ResendAsked(ChunkEvent):
    """Somebody decided that a repeat is better than a gap."""


@attrs.frozen
class ActivityCompleted(ChunkEvent):
    """The service has finished it; its counters say how well."""

    activity: Activity


@attrs.frozen
class ActivityFailed(ChunkEvent):
    """The service gave it up, or does not know it any more."""

    activity: Activity


VerifiedBy = Literal["export", "pages"]


@attrs.frozen
class Verified(ChunkEvent):
    """The lists were read back, and who was sent was looked for on them.

    *missing* people are not there, *not_changed* ones are but were not changed since, which is
    `None` where no date could be read; *kept_off* ones are not there because they unsubscribed.
    Of the first thousand the lines of the input are kept, and no address. Where *is_known* is
    false, what was sent is gone from here, and nobody can be looked for any more.
    """

    missing: int
    not_changed: int | None = None
    kept_off: int = 0
    by: VerifiedBy = "pages"
    missing_lines: tuple[int, ...] = ()
    not_changed_lines: tuple[int, ...] = ()
    is_known: bool = True


TRANSITIONS: dict[ChunkState, dict[type[ChunkEvent], ChunkState]] = {
    ChunkState.PLANNED: {
        SubmitStarted: ChunkState.SUBMITTING,
    },
    ChunkState.SUBMITTING: {
        SubmitAccepted: ChunkState.SUBMITTED,
        SubmitRefused: ChunkState.PLANNED,
        AnswerLost: ChunkState.UNCERTAIN,
    },
    ChunkState.UNCERTAIN: {
        LookupMissed: ChunkState.UNCERTAIN,
        FoundAmongActivities: ChunkState.SUBMITTED,
        AbsentFromActivities: ChunkState.PLANNED,
        ResendAsked: ChunkState.PLANNED,
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


def advance(state: ChunkState, event: ChunkEvent) -> ChunkState:
    """Return the state that *event* leads to.

    Raises:
        ValueError: The table has no such arrow.
    """
    try:
        return TRANSITIONS[state][type(event)]
    except KeyError:
        raise ValueError(f"no {type(event).__name__} in state {state.name}") from None
