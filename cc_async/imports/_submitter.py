"""The requests of a job: sending one chunk, and looking at activities."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

import anyio
import attrs

from cc_async.errors import (
    AuthenticationError,
    ConnectionFailedError,
    ConstantContactError,
    JobBusyError,
    JobCancelledError,
    NotFoundError,
    RateLimitError,
    StoreCorruptError,
    StoreError,
    redact,
)
from cc_async.imports._activity_errors import find_lines
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import (
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    Chunk,
    ChunkEvent,
    ChunkProgress,
    ChunkState,
    LookupMissed,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
)
from cc_async.imports._full_queue import FullQueue
from cc_async.imports._lost_answers import (
    LOOKUPS,
    is_answer_lost,
    is_whole,
    next_lookup,
    resolve,
    returns_file_names,
)
from cc_async.jobs import GuardedTransport, JobStore, single_error
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources import Activities
from cc_async.session import RequestCount, Session

_GRACE = 10.0
"""Seconds that chunks in flight may take to arrive when the job is cancelled: 4 MB in that time is
a slow line. A person who presses Ctrl-C waits for it."""

_NO_PATIENCE = 1e-3
"""Seconds of patience of one submission, less than any pause: the job itself plans the chunk again."""

_CLOSE = 0.01
"""Seconds before its time at which a lookup counts: a sleep may end a rounding error too early."""

_SHOWS_AFTER = 60.0
"""Seconds after which an activity that the list does not show is asked for by its id. No delay of
the list is documented; a minute costs one request more at most."""


@attrs.define
class _Lookups:
    """The lookups of one lost answer in this process: the *last* one, and those *in_vain*.

    A lookup in vain had an odd list. After three of them the chunk stays uncertain here; a
    process that takes the job over tries again.
    """

    last: float
    in_vain: int = 0

    def note(self, can_tell: bool) -> None:
        self.last = anyio.current_time()
        self.in_vain += not can_tell


class Submitter:
    """Sends the chunks of one job, and looks at the activities that import them.

    Args:
        job_id: The job.
        chunks: The progress of its chunks, by number.
        record: Writes an event to the journal, then lets it change *chunks*.
        require_lead: Called with the number of a chunk just before its body leaves; raises if it
            must not leave.
        session: For requests; its request count is that of the job.
        store: The list of jobs and the clock.
        bodies: The bodies of the chunks.
        settle_seconds: How long a lost answer is looked for.
        answer_within: Seconds after which a request has ended, with or without an answer.
    """

    def __init__(
        self,
        job_id: str,
        chunks: dict[int, ChunkProgress],
        record: Callable[[ChunkEvent], Awaitable[None]],
        require_lead: Callable[[int], Awaitable[None]],
        *,
        session: Session,
        store: JobStore,
        bodies: Bodies,
        settle_seconds: float,
        answer_within: float,
    ) -> None:
        self.queue = FullQueue()
        self.last_look = 0.0
        self._job_id = job_id
        self._chunks = chunks
        self._record = record
        self._request_count = session.request_count
        self._require_lead = require_lead
        self._submitting = session.on_lane(Lane.BULK).with_patience(_NO_PATIENCE)
        self._watching = Activities(session.on_lane(Lane.POLLING))
        self._store = store
        self._clock = store.clock
        self._bodies = bodies
        self._settle_seconds = settle_seconds
        self._answer_within = answer_within
        self._lookups: dict[tuple[int, int], _Lookups] = {}

    def next_lookups(self) -> list[float]:
        """Return the times of the next lookups of uncertain chunks, on the store's clock."""
        lookups = (self._next_lookup(entry) for entry in self._in_state(ChunkState.UNCERTAIN))
        return [lookup for lookup in lookups if lookup is not None]

    def note_taken_over(self) -> None:
        """Note that another process drove the job until now: its lookups are long ago."""
        self._lookups.clear()

    def _next_lookup(self, entry: ChunkProgress) -> float | None:
        """Return the time of the next lookup of a chunk.

        A third of the settle time lies between two lookups, and before the first one, also on the
        monotonic clock of this machine: times in the journal may be of a clock that was wrong.
        """
        lookup, own = next_lookup(entry, self._settle_seconds), self._own_lookups(entry)
        if lookup is None or own.in_vain >= LOOKUPS:
            return None
        waited = anyio.current_time() - own.last
        return max(lookup, self._clock() + self._settle_seconds / LOOKUPS - waited)

    def _own_lookups(self, entry: ChunkProgress) -> _Lookups:
        """Return the lookups of this process for this submission of a chunk."""
        submission = (entry.chunk.number, entry.submissions)
        return self._lookups.setdefault(submission, _Lookups(anyio.current_time()))

    async def submit_all(self, entries: Sequence[ChunkProgress]) -> ConstantContactError | None:
        """Send chunks at the same time; return a failure that passes, if one stopped a chunk.

        Such a chunk was not started and is planned again: a request that waits for its next
        attempt is no submission, so that a crash meanwhile leaves no answer to look for.

        Raises:
            ConstantContactError: A chunk was refused, and the next one would be too.

        Cancellation:
            Chunks in flight have ten seconds to arrive.
        """
        failures: list[ConstantContactError] = []

        async def submit(entry: ChunkProgress) -> None:
            try:
                await self._submit(entry.chunk)
            except ConstantContactError as error:
                failures.append(error)

        await _finish_all(partial(submit, entry) for entry in entries)
        for error in failures:
            if not _passes(error):
                raise error
        return failures[0] if failures else None

    async def end_submission(self, entry: ChunkProgress) -> None:
        """Note that the process of a submission died: its answer is lost."""
        await self._record(AnswerLost(entry.chunk.number, entry.since + self._answer_within))

    async def look(self) -> None:
        """Look at open activities: one alone by its id, several in one list."""
        submitted = self._in_state(ChunkState.SUBMITTED)
        lost = self._in_state(ChunkState.UNCERTAIN)
        open_activities = None
        if len(submitted) == 1 and not lost:
            await self._look_at(submitted[0])
        elif submitted or lost or self.queue.is_full:
            listed = [activity async for activity in self._watching.iter()]
            await self._note_all(submitted, listed)
            await self._look_for(lost, listed)
            open_activities = sum(not activity.is_terminal for activity in listed)
        self.last_look = self._clock()
        self.queue.note_look(anyio.current_time(), open_activities)

    async def _submit(self, chunk: Chunk) -> None:
        """Send one chunk.

        Raises:
            ConstantContactError: Nothing was started, and the next chunk would be refused too.
        """
        body = await self._read_body(chunk)
        count, session = RequestCount(), self._submitting
        guarded = GuardedTransport(session.transport, partial(self._require_lead, chunk.number))
        deadline = self._clock() + self._answer_within
        await self._record(SubmitStarted(chunk.number, self._clock()))
        try:
            activity = await Activities(attrs.evolve(session, transport=guarded)).submit_body(
                chunk.url_path, chunk.content_type, body, request_count=count
            )
        except JobBusyError:  # nothing left, and the journal belongs to another process
            raise
        except BaseException as error:
            await self._record(self._failure(chunk, error, count, deadline))
            if isinstance(error, RateLimitError) and error.kind == "queue_full":
                self.queue.note_refused(anyio.current_time())
            elif not is_answer_lost(error):
                raise
        else:
            self.queue.note_accepted()
            await self._record(SubmitAccepted(chunk.number, self._clock(), activity))
        finally:
            self._request_count.requests += count.requests

    async def _read_body(self, chunk: Chunk) -> bytes:
        try:
            return await self._bodies.read(chunk)
        except StoreCorruptError:
            entry = await self._store.registry.find(self._job_id)
            if entry is not None and entry.state == "cancelled":
                raise JobCancelledError(self._job_id) from None
            raise

    def _failure(
        self, chunk: Chunk, error: BaseException, count: RequestCount, deadline: float
    ) -> ChunkEvent:
        """Return the event that *error* means: the chunk was refused, or its answer is lost."""
        is_known = isinstance(error, ConstantContactError) and not is_answer_lost(error)
        if is_known or not count.requests:
            return SubmitRefused(chunk.number, self._clock())
        return AnswerLost(chunk.number, max(deadline, self._clock()))

    async def _look_at(self, entry: ChunkProgress) -> None:
        activity = entry.activity
        assert activity is not None  # noqa: S101 - a submitted chunk has one
        try:
            activity = await self._watching.get(activity.activity_id)
        except NotFoundError:
            self.queue.note_ended()
            gone = attrs.evolve(activity, state="vanished", activity_errors=())
            await self._record(ActivityFailed(entry.chunk.number, self._clock(), gone))
        else:
            await self._note(entry, activity)

    async def _note_all(
        self, submitted: Sequence[ChunkProgress], listed: Sequence[Activity]
    ) -> None:
        by_id = {activity.activity_id: activity for activity in listed}
        for entry in submitted:
            activity = entry.activity and by_id.get(entry.activity.activity_id)
            if activity is not None:
                await self._note(entry, activity)
            elif self._clock() - entry.since > _SHOWS_AFTER:
                await self._look_at(entry)

    async def _note(self, entry: ChunkProgress, activity: Activity) -> None:
        number = entry.chunk.number
        if not activity.is_terminal:
            self._chunks[number] = attrs.evolve(entry, activity=activity)
            return
        self.queue.note_ended()
        errors = activity.activity_errors
        lines = await find_lines(errors, entry.chunk, self._bodies)
        kept = attrs.evolve(activity, activity_errors=tuple(map(redact, errors)))
        event = ActivityCompleted if activity.state == "completed" else ActivityFailed
        await self._record(event(number, self._clock(), kept, lines))

    async def _look_for(self, lost: Sequence[ChunkProgress], listed: Sequence[Activity]) -> None:
        ours = {entry.activity.activity_id for entry in self._chunks.values() if entry.activity}
        can_tell = is_whole(listed, self._chunks.values(), self._clock())
        for entry in lost:
            number = entry.chunk.number
            lookup = self._next_lookup(entry)
            if lookup is not None and lookup < self._clock() + _CLOSE:
                self._own_lookups(entry).note(can_tell)
                if can_tell:
                    await self._record(LookupMissed(number, self._clock()))
            event = resolve(
                self._chunks[number],
                listed,
                ours,
                is_whole=can_tell,
                has_file_names=returns_file_names(self._chunks.values(), listed),
                now=self._clock(),
            )
            if event is not None:
                await self._record(event)

    def _in_state(self, state: ChunkState) -> list[ChunkProgress]:
        return [entry for entry in self._chunks.values() if entry.state is state]


def _passes(error: ConstantContactError) -> bool:
    """Whether a chunk that was not started may be accepted later."""
    if isinstance(error, (StoreError, RateLimitError)):
        return not isinstance(error, StoreCorruptError)
    if isinstance(error, AuthenticationError):
        return error.is_token_fresh  # other processes use tokens up: the next one may work
    return isinstance(error, ConnectionFailedError)


async def _finish_all(works: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    """Do all *works* at the same time; when cancelled, give them ten seconds to end."""
    shield, done = anyio.CancelScope(shield=True), anyio.Event()

    async def run() -> None:
        with shield, single_error():
            async with anyio.create_task_group() as tasks:
                for work in works:
                    tasks.start_soon(work)
        done.set()

    with single_error():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            try:
                await done.wait()
            except BaseException:
                shield.deadline = anyio.current_time() + _GRACE
                raise
