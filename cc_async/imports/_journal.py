"""The journal of a job: every event, durable before anything follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import attrs
import orjson

from cc_async.errors import JobNotFoundError, StoreCorruptError
from cc_async.imports._chunk import (
    AbsentFromActivities,
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    ChunkEvent,
    FoundAmongActivities,
    LookupMissed,
    ResendAsked,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
    Verified,
)
from cc_async.imports._chunk_progress import Progressing
from cc_async.imports._plan import JobPlan
from cc_async.jobs import journal_log
from cc_async.sources import Rejection
from cc_async.stores import Store
from cc_async.wire import CONVERTER

_KINDS: dict[str, type[ChunkEvent]] = {
    kind.__name__: kind
    for kind in (
        SubmitStarted,
        SubmitAccepted,
        SubmitRefused,
        AnswerLost,
        FoundAmongActivities,
        AbsentFromActivities,
        LookupMissed,
        ResendAsked,
        ActivityCompleted,
        ActivityFailed,
        Verified,
    )
}


@attrs.frozen(eq=False, repr=False)
class Journal:
    """The log of one job in *store*: its plan, then its events."""

    store: Store
    job_id: str

    async def begin(self, plan: JobPlan) -> None:
        """Write the plan down; the job exists from here on.

        Of rows that were set aside, lines and reasons are kept, and nothing that stood in them.
        """
        counted = attrs.evolve(
            plan.counted,
            rejections=_without_records(plan.counted.rejections),
            suppressed=_without_records(plan.counted.suppressed),
        )
        kept = attrs.evolve(plan, counted=counted)
        await self.store.append(self._log, [orjson.dumps(CONVERTER.unstructure(kept))])

    async def append(self, event: ChunkEvent) -> int:
        """Write an event down; return how many there are. It is durable when this returns."""
        said = {"event": type(event).__name__, **CONVERTER.unstructure(event)}
        return await self.store.append(self._log, [orjson.dumps(said)]) - 1

    async def read_events(self, start: int) -> list[ChunkEvent]:
        """Return the events from number *start* on, counted from 0."""
        return [_read_event(entry) for entry in await self.store.read(self._log, start + 1)]

    async def read(self) -> tuple[JobPlan, list[ChunkEvent]]:
        """Return the plan and everything that happened since.

        Raises:
            JobNotFoundError: There is no such job.
            StoreCorruptError: The journal is damaged.
        """
        entries = await self.store.read(self._log)
        if not entries:
            raise JobNotFoundError(
                f"there is no job {self.job_id}", "List the jobs to see their ids."
            )
        try:
            plan = CONVERTER.structure(orjson.loads(entries[0]), JobPlan)
            return plan, [_read_event(entry) for entry in entries[1:]]
        except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
            raise StoreCorruptError(
                f"the journal of job {self.job_id} is damaged ({type(error).__name__})",
                "Look at the account's activities to see what was accepted, and import the rest.",
            ) from None

    async def drop(self) -> None:
        """Forget the job."""
        await self.store.drop(self._log)

    @property
    def _log(self) -> str:
        return journal_log(self.job_id)


def replay(plan: JobPlan, events: Sequence[ChunkEvent]) -> dict[int, Progressing]:
    """Return how far every chunk has come."""
    entries = {chunk.number: Progressing(chunk) for chunk in plan.chunks}
    for event in events:
        apply(entries, event)
    return entries


def apply(entries: dict[int, Progressing], event: ChunkEvent) -> None:
    """Let an event that was read back count.

    One that leads nowhere from where its chunk is was written by a process that had been away
    for so long that another one took its job over. It saw that then, and did nothing of it.
    """
    with suppress(ValueError):
        entries[event.chunk] = entries[event.chunk].after(event)


def _without_records(rows: Sequence[Rejection]) -> tuple[Rejection, ...]:
    return tuple(attrs.evolve(row, record=()) for row in rows)


def _read_event(entry: bytes) -> ChunkEvent:
    said = orjson.loads(entry)
    return CONVERTER.structure(said, _KINDS[said["event"]])
