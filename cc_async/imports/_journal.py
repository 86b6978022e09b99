"""The journal of an import: its plan, then every event, durable before anything follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import attrs
import orjson

from cc_async.errors import JobNotFoundError, StoreCorruptError, StoredFormatError
from cc_async.imports._chunk import (
    AbsentFromActivities,
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
from cc_async.stores import FORMAT, Store, require_format
from cc_async.wire import CONVERTER

JOURNAL_FORMAT = 1
"""Version of the log: the plan with this number, then events by the names below."""

_EVENTS: dict[str, type[ChunkEvent]] = {
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

    async def append(self, event: ChunkEvent) -> int:
        """Write an event; return the number of events. It is durable when this returns."""
        entry = {"event": _NAMES[type(event)], **CONVERTER.unstructure(event)}
        return await self.store.append(self._log, [orjson.dumps(entry)]) - 1

    async def read_events(self, start: int) -> list[ChunkEvent]:
        """Return the events from number *start* on, counted from 0."""
        return [_read_event(entry) for entry in await self.store.read(self._log, start + 1)]

    async def read(self) -> tuple[ImportPlan, list[ChunkEvent]]:
        """Return the plan and all events.

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
        try:
            return self._read_plan(entries[0]), [_read_event(entry) for entry in entries[1:]]
        except StoredFormatError:
            raise
        except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
            raise StoreCorruptError(
                f"the journal of job {self.job_id} is damaged ({type(error).__name__})",
                "Look at the account's activities to see what was accepted, and import the rest.",
            ) from None

    def _read_plan(self, entry: bytes) -> ImportPlan:
        plan = orjson.loads(entry)
        what = f"the journal of job {self.job_id}"
        require_format(plan, JOURNAL_FORMAT, what=what, remedy=OTHER_VERSION)
        return CONVERTER.structure(plan, ImportPlan)

    @property
    def _log(self) -> str:
        return journal_log(self.job_id)


def replay(plan: ImportPlan, events: Sequence[ChunkEvent]) -> dict[int, ChunkProgress]:
    """Return the progress of every chunk, by its number."""
    chunks = {chunk.number: ChunkProgress(chunk) for chunk in plan.chunks}
    for event in events:
        apply(chunks, event)
    return chunks


def apply(chunks: dict[int, ChunkProgress], event: ChunkEvent) -> None:
    """Let an event from the journal count.

    An event without a transition is passed over. It comes from a process that was stopped for so
    long that another one took its job over; it saw that then, and nothing followed from it.
    """
    with suppress(ValueError):
        chunks[event.chunk] = chunks[event.chunk].after(event)


def _without_records(rows: Sequence[Rejection]) -> tuple[Rejection, ...]:
    return tuple(attrs.evolve(row, record=()) for row in rows)


def _read_event(entry: bytes) -> ChunkEvent:
    fields = orjson.loads(entry)
    return CONVERTER.structure(fields, _EVENTS[fields["event"]])
