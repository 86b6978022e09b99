"""An import on its way. It moves only while somebody awaits or iterates it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sequence
from typing import Any

import anyio
import attrs

from cc_async.errors import (
    ConnectionFailedError,
    ConstantContactError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.jobs._chunks import Chunk, Progressing
from cc_async.jobs._decide import Done, Look, Submit, decide
from cc_async.jobs._lookup import judge, next_lookup
from cc_async.jobs._report import ImportReport, Preparation, make_report
from cc_async.jobs._spool import Spool
from cc_async.jobs._state import (
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    ChunkEvent,
    ChunkState,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
)
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources import Activities
from cc_async.session import Session, Tally

__all__ = ["ImportProgress", "Job"]

_AT_ONCE = 8
"""Bodies on their way at once; the budget paces them."""

_SHOWS_AFTER = 60.0
"""Seconds after which an activity that the list does not show is asked for by its id."""


@attrs.frozen
class ImportProgress:
    """How far a job has come. *contacts_done* are in activities that have ended."""

    contacts: int
    contacts_done: int
    bodies: int
    bodies_submitted: int
    bodies_done: int
    percent: float


class Job:
    """An import that was read, checked and cut into bodies; awaiting it sends them.

    Iterating gives an `ImportProgress` after each step; awaiting gives the `ImportReport`. Both
    do the work. Several tasks may: one works, the others wait.

    Cancellation:
        What had been accepted stays accepted. A body that was on its way is *uncertain*; the
        job can be awaited again, as long as it is open.
    """

    def __init__(
        self,
        job_id: str,
        session: Session,
        preparation: Preparation,
        chunks: Sequence[Chunk],
        spool: Spool,
        *,
        tally: Tally,
        settle: float,
        answer_within: float,
    ) -> None:
        self.id = job_id
        self._submitting = Activities(session.on_lane(Lane.BULK, tally))
        self._watching = Activities(session.on_lane(Lane.POLLING, tally))
        self._tally = tally
        self._preparation = preparation
        self._chunks = {chunk.number: Progressing(chunk) for chunk in chunks}
        self._spool = spool
        self._settle = settle
        self._answer_within = answer_within
        self._lock = anyio.Lock()
        self._last_look = 0.0
        self._is_queue_full = False
        self._echoes: bool | None = None

    def __await__(self) -> Generator[Any, Any, ImportReport]:
        return self._run().__await__()

    async def __aiter__(self) -> AsyncIterator[ImportProgress]:
        yield self.progress
        while await self._step():
            yield self.progress
        yield self.progress

    @property
    def report(self) -> ImportReport:
        """What has become of every contact so far."""
        entries = [self._chunks[number] for number in sorted(self._chunks)]
        return make_report(self.id, self._preparation, entries, self._tally.requests)

    @property
    def progress(self) -> ImportProgress:
        """How far the job has come."""
        entries = list(self._chunks.values())
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

    def close(self) -> None:
        """Delete what was written down of the job; it cannot go on afterwards."""
        self._spool.close()

    async def _run(self) -> ImportReport:
        while await self._step():
            pass
        return self.report

    async def _step(self) -> bool:
        """Do the next thing; return whether there may be more to do."""
        async with self._lock:
            step = decide(
                list(self._chunks.values()),
                now=anyio.current_time(),
                last_look=self._last_look,
                settle=self._settle,
                at_once=_AT_ONCE,
                is_queue_full=self._is_queue_full,
            )
            match step:
                case Submit(chunks):
                    await self._submit_all(chunks)
                case Look(wait):
                    await anyio.sleep(wait)
                    await self._look()
                case Done():
                    return False
            return True

    # --- sending --------------------------------------------------------------------------

    async def _submit_all(self, entries: Sequence[Progressing]) -> None:
        failures: list[ConstantContactError] = []

        async def submit(entry: Progressing) -> None:
            try:
                await self._submit(entry.chunk)
            except ConstantContactError as error:
                failures.append(error)

        async with anyio.create_task_group() as tasks:
            for entry in entries:
                tasks.start_soon(submit, entry)
        if failures:
            raise failures[0]

    async def _submit(self, chunk: Chunk) -> None:
        """Send one body.

        Raises:
            ConstantContactError: Nothing was started, and the next one would fare no better.
        """
        body = chunk.path.read_bytes()
        tally = Tally()
        deadline = anyio.current_time() + self._answer_within
        self._record(SubmitStarted(chunk.number))
        try:
            activity = await self._submitting.submit_body(
                chunk.url_path, chunk.content_type, body, tally=tally
            )
        except BaseException as error:
            self._record(_failure(chunk, error, has_left=tally.requests > 0), at=deadline)
            self._is_queue_full = _is_queue_full(error) or self._is_queue_full
            is_known = isinstance(error, _ANSWER_LOST) and not isinstance(
                error, ConnectionFailedError
            )
            if not is_known and not _is_queue_full(error):
                raise
        else:
            self._note_echo(chunk, activity)
            self._record(SubmitAccepted(chunk.number, activity))
        finally:
            self._tally.requests += tally.requests

    # --- looking --------------------------------------------------------------------------

    async def _look(self) -> None:
        """Look at what is open: one alone by its id, several in one list."""
        opened = self._in_state(ChunkState.SUBMITTED)
        lost = self._in_state(ChunkState.UNCERTAIN)
        if len(opened) == 1 and not lost:
            await self._look_at(opened[0])
        elif opened or lost:
            listed = [activity async for activity in self._watching.iter()]
            await self._compare(opened, listed)
            self._look_for(lost, listed)
        self._last_look = anyio.current_time()
        self._is_queue_full = False

    async def _look_at(self, entry: Progressing) -> None:
        activity = entry.activity
        assert activity is not None  # noqa: S101 - a submitted chunk has one
        try:
            activity = await self._watching.get(activity.activity_id)
        except NotFoundError:
            activity = attrs.evolve(activity, state="vanished")
            self._record(ActivityFailed(entry.chunk.number, activity))
        else:
            self._note(entry, activity)

    async def _compare(self, opened: Sequence[Progressing], listed: Sequence[Activity]) -> None:
        by_id = {activity.activity_id: activity for activity in listed}
        for entry in opened:
            activity = entry.activity and by_id.get(entry.activity.activity_id)
            if activity is not None:
                self._note(entry, activity)
            elif anyio.current_time() - entry.since > _SHOWS_AFTER:
                await self._look_at(entry)

    def _look_for(self, lost: Sequence[Progressing], listed: Sequence[Activity]) -> None:
        ours = {entry.activity.activity_id for entry in self._chunks.values() if entry.activity}
        now = anyio.current_time()
        for entry in lost:
            due = next_lookup(entry, self._settle)
            if due is not None and due <= now:
                entry = attrs.evolve(entry, lookups=entry.lookups + 1)
                self._chunks[entry.chunk.number] = entry
            event = judge(entry, listed, ours, echoes=self._echoes)
            if event is not None:
                self._record(event)

    def _note(self, entry: Progressing, activity: Activity) -> None:
        number = entry.chunk.number
        if activity.state == "completed":
            self._record(ActivityCompleted(number, activity))
        elif activity.is_terminal:
            self._record(ActivityFailed(number, activity))
        else:
            self._chunks[number] = attrs.evolve(entry, activity=activity)

    # --- keeping --------------------------------------------------------------------------

    def _record(self, event: ChunkEvent, *, at: float | None = None) -> None:
        now = anyio.current_time()
        entry = self._chunks[event.chunk].after(event, now)
        if entry.state is ChunkState.UNCERTAIN and at is not None:
            entry = attrs.evolve(entry, since=max(now, at))
        self._chunks[event.chunk] = entry
        if entry.state is ChunkState.COMPLETED:
            entry.chunk.path.unlink(missing_ok=True)

    def _note_echo(self, chunk: Chunk, activity: Activity) -> None:
        if chunk.format == "csv" and self._echoes is not False:
            self._echoes = activity.source_file_name == chunk.file_name

    def _in_state(self, state: ChunkState) -> list[Progressing]:
        return [entry for entry in self._chunks.values() if entry.state is state]


_ENDED = (ChunkState.COMPLETED, ChunkState.FAILED)
_ANSWER_LOST = (ServerError, TransportError, UnexpectedResponseError)


def _failure(chunk: Chunk, error: BaseException, *, has_left: bool) -> ChunkEvent:
    """Return what *error* says of a body: that it was not taken, or that nobody knows."""
    is_refused = isinstance(error, ConstantContactError) and not isinstance(error, _ANSWER_LOST)
    is_unsent = isinstance(error, ConnectionFailedError) or not has_left
    cause = error if isinstance(error, ConstantContactError) else None
    if is_refused or is_unsent:
        return SubmitRefused(chunk.number, cause)
    return AnswerLost(chunk.number, cause)


def _is_queue_full(error: BaseException) -> bool:
    return isinstance(error, RateLimitError) and error.kind == "queue_full"


def _share(entry: Progressing) -> float:
    """Return how much of a chunk is done, from 0 to 1; the service's percentage is a hint."""
    if entry.state in _ENDED:
        return 1.0
    percent = entry.activity.percent_done if entry.activity is not None else None
    return min(100, max(0, percent or 0)) / 100
