"""An import on its way. It moves only while somebody awaits or iterates it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import attrs

from cc_async.errors import (
    ConstantContactError,
    JobBusyError,
    JobCancelledError,
    NotFoundError,
    StoreCorruptError,
    StoreError,
)
from cc_async.imports._answers import is_answer_lost, is_queue_full, repeats_names
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import (
    ActivityCompleted,
    ActivityFailed,
    AnswerLost,
    ChunkEvent,
    ChunkState,
    LookupMissed,
    ResendAsked,
    SubmitAccepted,
    SubmitRefused,
    SubmitStarted,
)
from cc_async.imports._chunk_progress import Chunk, Progressing
from cc_async.imports._journal import Journal, apply
from cc_async.imports._lost_answers import judge, next_lookup
from cc_async.imports._plan import JobPlan
from cc_async.imports._report import ImportProgress, ImportReport, make_progress, make_report
from cc_async.imports._scheduler import Done, Look, Submit, decide
from cc_async.imports.verification import NotArrived, is_in_question, reconcile, to_verify
from cc_async.jobs import JobStore, Lease, single_error
from cc_async.limits import Lane
from cc_async.models import Activity
from cc_async.resources import Activities
from cc_async.session import RequestCount, Session

_AT_ONCE = 4
"""Bodies on their way at once; the budget paces them."""

_GRACE = 10.0
"""Seconds that bodies on their way may take to arrive when the job is cancelled."""

_SHOWS_AFTER = 60.0
"""Seconds after which an activity that the list does not show is asked for by its id."""


class Job:
    """An import that was read, checked and cut into bodies; awaiting it sends them.

    Iterating gives an `ImportProgress` after each step; awaiting gives the `ImportReport`. Both
    do the work. Several tasks may: one works, the others wait. Everything is written down
    before anything follows from it, so a job that is left, or whose process dies, goes on
    with `Bulk.resume`.

    Cancellation:
        What had been accepted stays accepted. Bodies on their way have ten seconds to arrive; one
        that does not is *uncertain*, and looked up when the job goes on.
    """

    def __init__(
        self,
        plan: JobPlan,
        entries: dict[int, Progressing],
        *,
        session: Session,
        store: JobStore,
        bodies: Bodies,
        settle: float,
        answer_within: float,
        events: int = 0,
    ) -> None:
        self.id: str = plan.job_id
        self._plan = plan
        self._chunks = entries
        self._session = session
        self._request_count = session.request_count
        self._submitting = Activities(session.on_lane(Lane.BULK))
        self._watching = Activities(session.on_lane(Lane.POLLING))
        self._registry = store.registry
        self._clock = store.clock
        self._journal = Journal(store.store, plan.job_id)
        self._lease = Lease(store.store, plan.job_id)
        self._bodies = bodies
        self._settle = settle
        self._answer_within = answer_within
        self._events = events
        self._lock = anyio.Lock()
        self._writing = anyio.Lock()
        self._last_look = 0.0
        self._is_queue_full = False
        self._echoes = repeats_names(entries.values())
        self._is_unsettled = False
        self._not_arrived: tuple[NotArrived, ...] = ()

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
        return make_report(
            self.id,
            self._plan.counted,
            entries,
            self._request_count.requests,
            self._not_arrived,
            verify=self._plan.verify,
        )

    @property
    def missing_file(self) -> Path | None:
        """Where those who did not arrive are written, if anywhere."""
        return Path(self._plan.missing) if self._plan.missing else None

    @property
    def rejects_file(self) -> Path | None:
        """Where rejected rows were written, if anywhere."""
        return Path(self._plan.rejects) if self._plan.rejects else None

    @property
    def progress(self) -> ImportProgress:
        """How far the job has come."""
        progress = make_progress(list(self._chunks.values()), self._plan.verify)
        return attrs.evolve(progress, is_catching_up=self._is_unsettled)

    async def resend(self, *, uncertain: bool, failed: bool) -> None:
        """Plan bodies again whose answer was lost, or whose activity ended badly.

        An import sets values, so a repeat costs time, not data.
        """
        async with self._lock, self._lease.held():
            await self._catch_up()
            states = {ChunkState.UNCERTAIN} if uncertain else set()
            states |= {ChunkState.FAILED} if failed else set()
            for entry in list(self._chunks.values()):
                if entry.state in states:
                    await self._record(ResendAsked(entry.chunk.number, self._clock()))
        await self._lease.release()

    async def aclose(self) -> None:
        """Stop working on the job and let others go on with it; what is written down stays."""
        await self._lease.release()

    async def _run(self) -> ImportReport:
        while await self._step():
            pass
        return self.report

    async def _step(self) -> bool:
        """Do the next thing; return whether there may be more to do."""
        may_be_more = False
        async with self._lock:
            try:
                async with self._lease.held():
                    may_be_more = await self._do_next()
            finally:
                if not may_be_more:
                    with anyio.CancelScope(shield=True), suppress(StoreError):
                        await self._lease.release()
        return may_be_more

    async def _do_next(self) -> bool:
        await self._catch_up()
        step = decide(
            list(self._chunks.values()),
            now=self._clock(),
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
                if not await self._verify():
                    return True
                await self._end()
                return False
        return True

    async def _catch_up(self) -> None:
        """Take in what another process did with the job while this one did nothing.

        A submission that has no end, though nobody is at work on it, was cut off with its
        process: its answer is lost.
        """
        for event in await self._journal.read_events(self._events):
            apply(self._chunks, event)
            self._events += 1
            self._not_arrived = ()
        for entry in self._in_state(ChunkState.SUBMITTING):
            due = entry.since + self._answer_within
            await self._record(AnswerLost(entry.chunk.number, due))

    async def _verify(self) -> bool:
        """Find out who arrived, where that is wanted, and write it down.

        Who did not is in the file before the journal says so: a crash in between repeats it.
        What is not to be believed yet is looked at once more, when the lists have settled;
        whether there is nothing more to look at is returned.
        """
        entries = to_verify(list(self._chunks.values()), self._plan.verify)
        if not entries:
            return True
        settled_at = max(entry.since for entry in entries) + self._settle
        if self._is_unsettled:
            await anyio.sleep(max(0.0, settled_at - self._clock()))
        verdict = await reconcile(
            self._session,
            self._bodies,
            entries,
            path=self.missing_file,
            since=self._plan.created_at,
            now=self._clock(),
            is_settled=self._clock() >= settled_at,
        )
        self._is_unsettled = verdict is None
        if verdict is None:
            return False
        for event in verdict.events:
            await self._record(event)
        self._not_arrived = verdict.not_arrived
        return True

    async def _end(self) -> None:
        if all(entry.state is ChunkState.COMPLETED for entry in self._chunks.values()):
            await self._bodies.drop_all(list(self._chunks))
            await self._registry.finish(self.id, "ended")

    # --- sending --------------------------------------------------------------------------

    async def _submit_all(self, entries: Sequence[Progressing]) -> None:
        failures: list[ConstantContactError] = []

        async def submit(entry: Progressing) -> None:
            try:
                await self._submit(entry.chunk)
            except ConstantContactError as error:
                failures.append(error)

        await _finish(partial(submit, entry) for entry in entries)
        if failures:
            raise failures[0]

    async def _submit(self, chunk: Chunk) -> None:
        """Send one body.

        Raises:
            ConstantContactError: Nothing was started, and the next one would fare no better.
        """
        body = await self._read_body(chunk)
        cost = RequestCount()
        deadline = self._clock() + self._answer_within
        await self._record(SubmitStarted(chunk.number, self._clock()))
        try:
            activity = await self._submitting.submit_body(
                chunk.url_path, chunk.content_type, body, request_count=cost
            )
        except BaseException as error:
            await self._record(self._failure(chunk, error, cost, deadline))
            self._is_queue_full = is_queue_full(error) or self._is_queue_full
            if not is_answer_lost(error) and not is_queue_full(error):
                raise
        else:
            await self._record(SubmitAccepted(chunk.number, self._clock(), activity))
        finally:
            self._request_count.requests += cost.requests

    async def _read_body(self, chunk: Chunk) -> bytes:
        try:
            return await self._bodies.read(chunk)
        except StoreCorruptError:
            entries = await self._registry.read()
            if any(one.job_id == self.id and one.state == "cancelled" for one in entries):
                raise JobCancelledError(self.id) from None
            raise

    def _failure(
        self, chunk: Chunk, error: BaseException, cost: RequestCount, deadline: float
    ) -> ChunkEvent:
        """Return what *error* says of a body: that it was not taken, or that nobody knows."""
        is_known = isinstance(error, ConstantContactError) and not is_answer_lost(error)
        if is_known or not cost.requests:
            return SubmitRefused(chunk.number, self._clock())
        return AnswerLost(chunk.number, max(deadline, self._clock()))

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
            await self._look_for(lost, listed)
        self._last_look = self._clock()
        self._is_queue_full = False

    async def _look_at(self, entry: Progressing) -> None:
        activity = entry.activity
        assert activity is not None  # noqa: S101 - a submitted chunk has one
        try:
            activity = await self._watching.get(activity.activity_id)
        except NotFoundError:
            gone = attrs.evolve(activity, state="vanished")
            await self._record(ActivityFailed(entry.chunk.number, self._clock(), gone))
        else:
            await self._note(entry, activity)

    async def _compare(self, opened: Sequence[Progressing], listed: Sequence[Activity]) -> None:
        by_id = {activity.activity_id: activity for activity in listed}
        for entry in opened:
            activity = entry.activity and by_id.get(entry.activity.activity_id)
            if activity is not None:
                await self._note(entry, activity)
            elif self._clock() - entry.since > _SHOWS_AFTER:
                await self._look_at(entry)

    async def _look_for(self, lost: Sequence[Progressing], listed: Sequence[Activity]) -> None:
        ours = {entry.activity.activity_id for entry in self._chunks.values() if entry.activity}
        for entry in lost:
            number = entry.chunk.number
            due = next_lookup(entry, self._settle)
            if due is not None and due <= self._clock():
                await self._record(LookupMissed(number, self._clock()))
            event = judge(
                self._chunks[number], listed, ours, echoes=self._echoes, now=self._clock()
            )
            if event is not None:
                await self._record(event)

    async def _note(self, entry: Progressing, activity: Activity) -> None:
        number = entry.chunk.number
        if activity.state == "completed":
            await self._record(ActivityCompleted(number, self._clock(), activity))
        elif activity.is_terminal:
            await self._record(ActivityFailed(number, self._clock(), activity))
        else:
            self._chunks[number] = attrs.evolve(entry, activity=activity)

    # --- keeping --------------------------------------------------------------------------

    async def _record(self, event: ChunkEvent) -> None:
        """Write *event* down, then let it count.

        Raises:
            JobBusyError: Somebody else wrote something since we read it all: this process was
                away for so long that its lease ran out. Nothing may follow from the event.
        """
        with anyio.CancelScope(shield=True):
            async with self._writing:
                written = await self._journal.append(event)
                if written != self._events + 1:
                    raise JobBusyError(self.id)
                self._events = written
        entry = self._chunks[event.chunk] = self._chunks[event.chunk].after(event)
        if isinstance(event, SubmitAccepted):
            self._echoes = repeats_names(self._chunks.values())
        if entry.state is ChunkState.COMPLETED and not is_in_question(entry, self._plan.verify):
            await self._bodies.drop(event.chunk)

    def _in_state(self, state: ChunkState) -> list[Progressing]:
        return [entry for entry in self._chunks.values() if entry.state is state]


async def _finish(works: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    """Do all *works* at once; cancelled meanwhile, give them a grace to end."""
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
