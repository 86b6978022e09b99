"""A job: an import that was planned. It moves only while a task awaits or iterates it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import attrs

from cc_async.errors import ActivityOverdueError, ConstantContactError
from cc_async.imports._bodies import Bodies
from cc_async.imports._chunk import (
    ChunkEvent,
    ChunkState,
    FoundAmongActivities,
    ResendAsked,
    SubmitAccepted,
)
from cc_async.imports._driven_journal import DrivenJournal
from cc_async.imports._journal import (
    ImportJournal,
    ImportPlan,
    JournalEvent,
    RequestsMade,
    replay,
    requests_of,
)
from cc_async.imports._report import ImportProgress, ImportReport, make_progress, make_report
from cc_async.imports._scheduler import Done, Look, Submit, next_step
from cc_async.imports._submitter import Submitter
from cc_async.imports.verification import NamedContact, is_in_question, reconcile, to_verify
from cc_async.jobs import JobStore, Lease, Outage, wait_out
from cc_async.session import Session

_MAX_CHUNKS = 4
"""Chunks in flight at the same time: 16 MB of bodies in memory at most. The budget paces them, so
more would only wait."""


_LONGEST_NOTE = 2.0
"""Seconds that a failed step may take to write down how many requests it made. They are no more than
a figure, so an outage of the store is not waited out for them."""


class Job:
    """An import that was read, checked and cut into chunks; awaiting it sends them.

    Iterating yields an `ImportProgress` after each step; awaiting returns the `ImportReport`.
    Both do the work. Several tasks may await a job: one works, the others wait. Every event is
    in the journal before anything follows from it, so a job goes on with `Bulk.resume` after
    its process was stopped or died.

    Cancellation:
        Accepted chunks stay accepted. Chunks in flight have ten seconds to arrive; a chunk that
        does not arrive is *uncertain*, and is looked for when the job goes on.
    """

    def __init__(
        self,
        plan: ImportPlan,
        events: Sequence[JournalEvent | None],
        *,
        session: Session,
        store: JobStore,
        bodies: Bodies,
        lease: Lease,
        settle_seconds: float,
        answer_within: float,
    ) -> None:
        self.id: str = plan.job_id
        self._plan = plan
        self._chunks = chunks = replay(plan, events)
        self._on_wait = session.policy.on_wait
        self._policy = attrs.evolve(session.policy, on_wait=self._note_wait)
        self._session = session = attrs.evolve(session, policy=self._policy)
        self._outage = Outage(self._policy)
        self._waiting_for = ""
        self._request_count = session.request_count
        self._registry = store.registry
        self._clock = store.clock
        self._waiting_since = anyio.current_time()
        journal = ImportJournal(store.store, plan.job_id)
        requests = requests_of(plan, events)
        self._journal = DrivenJournal(journal, chunks, len(events), self._policy, requests)
        self._written_requests = 0
        self._lease = lease
        self._bodies = bodies
        self._settle_seconds = settle_seconds
        self._answer_within = answer_within
        self._lock = anyio.Lock()
        self._is_catching_up = False
        self._named: tuple[NamedContact, ...] = ()
        self._submitter = Submitter(
            plan.job_id,
            chunks,
            self._record,
            self._require_lead,
            session=session,
            store=store,
            bodies=bodies,
            settle_seconds=settle_seconds,
            answer_within=answer_within,
        )

    def __await__(self) -> Generator[Any, Any, ImportReport]:
        return self._run().__await__()

    async def __aiter__(self) -> AsyncIterator[ImportProgress]:
        async with self._driving():
            yield self.progress
            while await self._step():
                yield self.progress
        yield self.progress

    @property
    def report(self) -> ImportReport:
        """The counts of all contacts so far."""
        chunks = [self._chunks[number] for number in sorted(self._chunks)]
        return make_report(
            self.id,
            self._plan.counted,
            chunks,
            self._journal.requests + self._unwritten_requests,
            self._named,
            verify=self._plan.verify,
        )

    @property
    def missing_file(self) -> Path | None:
        """The file for contacts that did not arrive, if one was asked for."""
        return Path(self._plan.missing) if self._plan.missing else None

    @property
    def rejects_file(self) -> Path | None:
        """The file of rejected rows, if one was asked for."""
        return Path(self._plan.rejects) if self._plan.rejects else None

    @property
    def progress(self) -> ImportProgress:
        """How far the job has come."""
        progress = make_progress(list(self._chunks.values()), self._plan.verify)
        return attrs.evolve(
            progress, is_catching_up=self._is_catching_up, waiting_for=self._waiting_for
        )

    async def resend(self, *, uncertain: bool, failed: bool) -> None:
        """Plan chunks again: with a lost answer, or with an activity that ended badly.

        An import sets the same values again. People who left a list meanwhile are put back on it;
        those who unsubscribed are not.
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
        """Stop working on the job and let other processes resume it; its journal stays."""
        await self._lease.release()

    async def _run(self) -> ImportReport:
        async with self._driving():
            while await self._step():
                pass
        return self.report

    @asynccontextmanager
    async def _driving(self) -> AsyncIterator[None]:
        """Let other processes resume the job at the end, unless another task here drives it."""
        self._session.check()
        try:
            yield
        finally:
            with suppress(anyio.WouldBlock):
                self._lock.acquire_nowait()
                try:
                    with anyio.CancelScope(shield=True):
                        await self._lease.release()
                finally:
                    self._lock.release()

    async def _step(self) -> bool:
        """Take the next step; return whether there may be more to do."""
        async with self._lock:
            may_be_more = await wait_out(self._take_step_under_lease, self._policy)
            self._waiting_for = ""
        return may_be_more

    async def _take_step_under_lease(self) -> bool:
        async with self._lease.held():
            try:
                return await self._take_step()
            finally:
                shield = anyio.move_on_after(_LONGEST_NOTE, shield=True)
                with shield, suppress(ConstantContactError):
                    await self._write_requests()

    @property
    def _unwritten_requests(self) -> int:
        """The requests of this process that are not in the journal yet."""
        return self._request_count.requests - self._written_requests

    async def _write_requests(self) -> None:
        """Write down how many requests the step took, so that every process can count them."""
        if count := self._unwritten_requests:
            await self._journal.write(RequestsMade(count, self._clock()))
            self._written_requests += count

    async def _take_step(self) -> bool:
        await self._catch_up()
        queue = self._submitter.queue
        step = next_step(
            list(self._chunks.values()),
            now=self._clock(),
            last_look=self._submitter.last_look,
            lookups=self._submitter.next_lookups(),
            max_chunks=1 if queue.is_tight else _MAX_CHUNKS,
            is_queue_full=queue.is_full,
        )
        match step:
            case Submit(chunks):
                failure = await self._submitter.submit_all(chunks)
                if failure is None:
                    self._outage.end()
                elif not queue.is_full:
                    await self._outage.wait(failure)
            case Look(wait):
                self._check_max_wait()
                await anyio.sleep(wait)
                await self._clock.read()
                await self._submitter.look()
                self._outage.end()
            case Done():
                if not await self._verify():
                    return True
                await self._finish()
                return False
        return True

    async def _catch_up(self) -> None:
        """Read the events that other processes wrote since this one last looked.

        Under the lease no other process is at work. A submission without an end was cut off
        with its process: its answer is lost. A time that lies ahead is of a clock that was wrong.
        """
        now = await self._clock.read()
        if await self._journal.take_over(now):
            self._named = ()
            self._waiting_since = anyio.current_time()
            self._submitter.note_taken_over()
        for number, entry in list(self._chunks.items()):
            since = min(entry.since, now + self._answer_within)
            self._chunks[number] = entry = attrs.evolve(entry, since=since)
            if entry.state is ChunkState.SUBMITTING:
                await self._submitter.end_submission(entry)

    async def _verify(self) -> bool:
        """Find out which contacts arrived, where that is wanted; return whether it is done.

        The file of missing contacts is written before the journal, so a crash in between
        repeats the reading. Where the lists have not caught up yet, they are read once more
        after the settle time.
        """
        chunks = to_verify(list(self._chunks.values()), self._plan.verify)
        if not chunks:
            return True
        caught_up_at = max(entry.since for entry in chunks) + self._settle_seconds
        if self._is_catching_up:
            await anyio.sleep(max(0.0, caught_up_at - self._clock()))
        found = await reconcile(
            self._session,
            self._bodies,
            chunks,
            path=self.missing_file,
            since=self._plan.created_at,
            now=self._clock(),
            has_caught_up=self._clock() >= caught_up_at,
        )
        self._is_catching_up = found is None
        if found is None:
            return False
        for event in found.events:
            await self._record(event)
        self._named = found.named
        return True

    async def _finish(self) -> None:
        if all(entry.state is ChunkState.COMPLETED for entry in self._chunks.values()):
            await self._bodies.drop_all(list(self._chunks))
            await self._registry.finish(self.id, "ended")

    async def _record(self, event: ChunkEvent) -> None:
        """Write *event* to the journal, then let it count; raises as `DrivenJournal.write`."""
        await self._journal.write(event)
        entry = self._chunks[event.chunk]
        if isinstance(event, (SubmitAccepted, FoundAmongActivities)):
            self._waiting_since = anyio.current_time()
        is_settled = not (entry.chunk.is_shared or is_in_question(entry, self._plan.verify))
        if entry.state is ChunkState.COMPLETED and is_settled:
            await self._bodies.drop(event.chunk)

    async def _require_lead(self, chunk: int) -> None:
        """Make sure that this process still drives the job; the body of a chunk is about to leave.

        It may have been stopped since it took the lease, or have waited long for a permit. The
        journal tells whether another process drove the job meanwhile and has let go since.

        Raises:
            JobBusyError: Another process drives the job, or has driven it.
            JobCancelledError: The job is being cancelled.
            StoreError: The store is out of reach: the body gives its permit back meanwhile.
        """
        await self._lease.keep()  # first: the journal may wait for its store
        await self._journal.require_lead(chunk)

    def _check_max_wait(self) -> None:
        """Stop waiting for activities that the service has reported as running for too long.

        Raises:
            ActivityOverdueError: The newest was waited for longer than the policy's `max_wait` by
                this process. The job can be resumed.
        """
        waited = anyio.current_time() - self._waiting_since
        if waited > self._policy.max_wait:
            raise ActivityOverdueError(self.id, waited)

    def _note_wait(self, failure: str, seconds: float) -> None:
        self._waiting_for = failure
        if self._on_wait is not None:
            self._on_wait(failure, seconds)
