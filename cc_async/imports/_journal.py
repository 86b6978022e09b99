"""The journal of an import: its plan, then every event, durable before anything follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeAlias

import attrs
import orjson

from cc_async.errors import JobCancelledError, JobNotFoundError
from cc_async.imports._chunk import (
    AbsentFromActivities,
    AcceptedLate,
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    Chunk,
    ChunkEvent,
    ChunkProgress,
    FoundAmongActivities,
    LookupMissed,
    ResendAsked,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
    Verified,
)
from cc_async.imports._report import Preparation
from cc_async.jobs import OTHER_VERSION, SourceFile, journal_log
from cc_async.sources import Rejection
from cc_async.stores import FORMAT, Store, require_format, require_shape
from cc_async.wire import CONVERTER

JOURNAL_FORMAT = 2
"""Version of the log: the plan with this version, then numbered events by the names below."""


@attrs.frozen
class TakenOver:
    """A process begins to drive the job, *at* seconds since the epoch; *driver* names it."""

    driver: str
    at: float


@attrs.frozen
class RequestsMade:
    """Requests for the job that were made since the event before, *at* seconds since the epoch."""

    count: int
    at: float


JournalEvent: TypeAlias = ChunkEvent | TakenOver | RequestsMade

_EVENTS: dict[str, type[JournalEvent]] = {
    "taken-over": TakenOver,
    "requests-made": RequestsMade,
    "submit-started": SubmitStarted,
    "submit-accepted": SubmitAccepted,
    "submit-refused": SubmitRefused,
    "answer-lost": AnswerLost,
    "found-among-activities": FoundAmongActivities,
    "absent-from-activities": AbsentFromActivities,
    "lookup-missed": LookupMissed,
    "resend-asked": ResendAsked,
    "activity-completed": ActivityCompleted,
    "activity-failed": ActivityFailed,
    "verified": Verified,
}
"""The names of events in the log; they stay when a class gets another name."""

_NAMES = {kind: name for name, kind in _EVENTS.items()}


@attrs.frozen
class ImportPlan:
    """An import as it was planned, before its first request; it never changes.

    Args:
        job_id: Names the job.
        created_at: Seconds since the epoch.
        name: The source, as messages call it.
        counted: The counts of reading.
        chunks: The chunks to send.
        key: The same for the same import of the same file, so that it can be resumed.
        source: The file, where the source is one.
        verify: Find out which contacts arrived: always, never, or where the counts disagree.
        missing: The file for contacts that did not arrive; empty for none.
        rejects: The file of rejected rows; empty for none.
        requests: The requests that planning took.
    """

    job_id: str
    created_at: float
    name: str
    counted: Preparation
    chunks: tuple[Chunk, ...]
    key: str = ""
    source: SourceFile | None = None
    verify: bool | None = None
    missing: str = ""
    rejects: str = ""
    requests: int = 0


@attrs.frozen(eq=False, repr=False)
class ImportJournal:
    """The log of one import in *store*."""

    store: Store
    job_id: str

    async def begin(self, plan: ImportPlan) -> None:
        """Write the plan; the job exists from here on.

        Of rejected and suppressed rows only lines and reasons are written, and no data.
        """
        counted = attrs.evolve(
            plan.counted,
            rejections=_without_records(plan.counted.rejections),
            suppressed=_without_records(plan.counted.suppressed),
        )
        entry = CONVERTER.unstructure(attrs.evolve(plan, counted=counted))
        await self.store.append(self._log, [orjson.dumps({FORMAT: JOURNAL_FORMAT, **entry})])

    async def append(self, event: JournalEvent, number: int) -> int:
        """Write an event that counts if its place has this *number*; return that of its place.

        The plan has number 0. The event is durable when this returns.
        """
        entry = {"event": _NAMES[type(event)], "number": number, **CONVERTER.unstructure(event)}
        return await self.store.append(self._log, [orjson.dumps(entry)]) - 1

    async def read_later(self, number: int) -> list[JournalEvent | None]:
        """Return the events after the one with this *number*; `None` for one that counts nothing.

        Raises:
            JobCancelledError: The journal is gone.
            StoreCorruptError: The journal is damaged.
        """
        entries = await self.store.read(self._log, number)
        if not entries:
            raise JobCancelledError(self.job_id)
        with self._require_shape():
            return _read_events(entries[1:], number + 1)

    async def read(self) -> tuple[ImportPlan, list[JournalEvent | None]]:
        """Return the plan and all events; `None` for one that counts nothing.

        Raises:
            JobNotFoundError: There is no such job.
            StoredFormatError: Another version of the package wrote the journal.
            StoreCorruptError: The journal is damaged.
        """
        entries = await self.store.read(self._log)
        if not entries:
            raise JobNotFoundError(
                f"there is no job {self.job_id}", "The list of jobs shows all there are."
            )
        with self._require_shape():
            return self._read_plan(entries[0]), _read_events(entries[1:], 1)

    def _require_shape(self) -> AbstractContextManager[None]:
        return require_shape(
            what=f"the journal of job {self.job_id}",
            remedy="Look at the account's activities to see what was accepted, and import the rest.",
        )

    def _read_plan(self, entry: bytes) -> ImportPlan:
        plan = orjson.loads(entry)
        what = f"the journal of job {self.job_id}"
        require_format(plan, JOURNAL_FORMAT, what=what, remedy=OTHER_VERSION)
        return CONVERTER.structure(plan, ImportPlan)

    @property
    def _log(self) -> str:
        return journal_log(self.job_id)


def replay(plan: ImportPlan, events: Sequence[JournalEvent | None]) -> dict[int, ChunkProgress]:
    """Return the progress of every chunk, by its number."""
    chunks = {chunk.number: ChunkProgress(chunk) for chunk in plan.chunks}
    for event in events:
        apply(chunks, event)
    return chunks


def apply(chunks: dict[int, ChunkProgress], event: JournalEvent | None) -> None:
    """Let an event from the journal count; one without a transition is passed over."""
    if isinstance(event, ChunkEvent):
        with suppress(ValueError):
            chunks[event.chunk] = chunks[event.chunk].after(event)


def requests_of(plan: ImportPlan, events: Sequence[JournalEvent | None]) -> int:
    """Return the requests for the job that the journal counts, of all processes."""
    return plan.requests + sum(each.count for each in events if isinstance(each, RequestsMade))


def _without_records(rows: Sequence[Rejection]) -> tuple[Rejection, ...]:
    return tuple(attrs.evolve(row, record=()) for row in rows)


def _read_events(entries: Sequence[bytes], first: int) -> list[JournalEvent | None]:
    """Return the events of *entries* with the numbers from *first* on."""
    return [_read_event(orjson.loads(entry), number) for number, entry in enumerate(entries, first)]


def _read_event(fields: dict[str, Any], number: int) -> JournalEvent | None:
    """Return an event; at another place than its own it counts nothing, but for an acceptance."""
    event = CONVERTER.structure(fields, _EVENTS[fields["event"]])
    if fields["number"] == number:
        return event
    if isinstance(event, SubmitAccepted):
        return AcceptedLate(event.chunk, event.at, event.activity)
    return None
