"""The journal of an import, as the one process that drives the job reads and writes it.

A process may be stopped for longer than its lease lasts, and write when another one drives the
job already. So each event carries the number of its place, and counts at that place alone; and a
process that takes a job over writes an event first. What an earlier driver writes then has the
wrong number. One thing of it is knowledge: the service accepted a chunk.
"""

from __future__ import annotations

from functools import partial

import anyio

from cc_async.errors import JobBusyError, StoreError
from cc_async.imports._chunk import ChunkEvent, ChunkProgress, ChunkState, SubmitAccepted
from cc_async.imports._journal import ImportJournal, JournalEvent, RequestsMade, TakenOver, apply
from cc_async.jobs import new_owner, wait_out
from cc_async.retries import RetryPolicy

_NOWHERE = 0
"""The number of the plan: an event with it counts at no place."""


class DrivenJournal:
    """Writes events to *journal*, and lets those that count change *chunks*.

    Args:
        journal: The journal of the job.
        chunks: The progress of its chunks by number, as of event *number*.
        number: The number of events that are known.
        policy: How long an outage of the store is waited out.
        requests: The requests for the job that these events count.
    """

    def __init__(
        self,
        journal: ImportJournal,
        chunks: dict[int, ChunkProgress],
        number: int,
        policy: RetryPolicy,
        requests: int = 0,
    ) -> None:
        self.requests = requests
        self._journal = journal
        self._chunks = chunks
        self._number = number
        self._policy = policy
        self._driver = new_owner()
        self._is_driving = False
        self._is_in_doubt = False
        self._lock = anyio.Lock()

    async def take_over(self, now: float) -> bool:
        """Begin to drive the job under its lease, or go on; return whether others drove it.

        Raises:
            JobBusyError: Another process has taken the job over at this moment.
            JobCancelledError: The journal is gone.
            StoreError: The store is out of reach.
        """
        async with self._lock:
            await self._read_later()
            if self._is_driving:
                return False
            await self._write(TakenOver(self._driver, now))
            return True

    async def write(self, event: ChunkEvent | RequestsMade) -> None:
        """Write *event*, then let it count; an outage of the store is waited out.

        Raises:
            JobBusyError: Another process has taken the job over. Nothing may follow from the event.
            JobCancelledError: The journal is gone.
        """
        with anyio.CancelScope(shield=True):
            await self._lock.acquire()
        try:
            await wait_out(partial(self._write, event), self._policy)
        finally:
            self._lock.release()

    async def require_lead(self, chunk: int) -> None:
        """Make sure that the body of a chunk may leave now; raises as `write` does."""
        async with self._lock:
            await self._read_later()
            is_submitting = self._chunks[chunk].state is ChunkState.SUBMITTING
            if not (self._is_driving and is_submitting):
                raise JobBusyError(self._journal.job_id)

    async def _write(self, event: JournalEvent) -> None:
        """Write *event* with the next number until it counts: others may have come before it."""
        with anyio.CancelScope(shield=True):
            while True:
                later = await self._read_later()
                was_in_doubt, self._is_in_doubt = self._is_in_doubt, False
                if was_in_doubt and event in later:
                    return
                if self._is_overtaken(event, later):
                    if isinstance(event, SubmitAccepted):
                        await self._journal.append(event, _NOWHERE)
                    raise JobBusyError(self._journal.job_id)
                try:
                    number = await self._journal.append(event, self._number + 1)
                except StoreError:
                    self._is_in_doubt = True
                    raise
                if number == self._number + 1:
                    self._count(event)
                    return

    async def _read_later(self) -> list[JournalEvent | None]:
        """Read the events that others wrote, and let those that count do so."""
        later = await self._journal.read_later(self._number)
        for event in later:
            self._count(event)
        return later

    def _count(self, event: JournalEvent | None) -> None:
        self._number += 1
        if isinstance(event, TakenOver):
            self._is_driving = event.driver == self._driver
        if isinstance(event, RequestsMade):
            self.requests += event.count
        apply(self._chunks, event)

    def _is_overtaken(self, event: JournalEvent, later: list[JournalEvent | None]) -> bool:
        if isinstance(event, TakenOver):
            return any(isinstance(each, TakenOver) for each in later)
        return not self._is_driving
