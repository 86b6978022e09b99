"""What every kind of job can do: be found, cancelled and deleted."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

import anyio
import attrs

from cc_async.errors import JobBusyError, JobNotFoundError, StoreError
from cc_async.jobs._job_store import JobStore, journal_log
from cc_async.jobs._lease import Lease
from cc_async.jobs._registry import JobEntry, JobKindName


@attrs.frozen(eq=False, repr=False)
class JobKind:
    """The jobs of one kind, of one account; each kind is a subclass.

    *kind* is stored in the list of jobs; *title* names the kind in messages.
    """

    kind: ClassVar[JobKindName]
    title: ClassVar[str]

    _jobs: JobStore

    async def entries(self) -> list[JobEntry]:
        """Return the jobs of this kind, the newest first."""
        return [entry for entry in await self._jobs.entries() if entry.kind == self.kind]

    async def newest_open(self) -> str:
        """Return the id of the newest unfinished job of this kind.

        Raises:
            JobNotFoundError: There is none.
        """
        for entry in await self.entries():
            if entry.state == "open":
                return entry.job_id
        raise JobNotFoundError(f"there is no unfinished {self.title}", "All jobs here have ended.")

    async def require_begun(self, job_id: str) -> None:
        """Refuse a job of another kind or another account, and one that has not begun.

        Raises:
            JobNotFoundError: There is no such job, or it is of another kind or account, or its
                process was stopped before anything was sent.
            JobBusyError: Another process still prepares it.
        """
        entry = await self._jobs.entry(job_id)
        if entry.kind != self.kind:
            raise JobNotFoundError(
                f"job {job_id} is no {self.title}; its kind is {entry.kind.replace('_', '-')}",
                "The list of jobs shows the kind of each.",
            )
        seen = await self._jobs.seen(entry)
        if seen is None:
            raise JobNotFoundError(
                f"job {job_id} was stopped while it was being prepared; nothing of it was sent",
                f"Start the same {self.title} again: it begins anew.",
            )
        if seen.state == "preparing":
            raise JobBusyError(job_id)

    async def cancel(self, job_id: str) -> None:
        """Send nothing more of a job; a process that drives it is stopped.

        Raises:
            JobBusyError: That process is alive and did not stop.
        """
        lease = Lease(self._jobs.store, job_id)
        await lease.demand()
        async with lease.held():
            await self._drop_unsent(job_id)
            await self._jobs.registry.finish(job_id, "cancelled")
        await lease.release()

    async def delete(self, job_id: str) -> None:
        """Cancel a job and delete everything about it; raises as `cancel` does."""
        await self.cancel(job_id)
        await self._take_back(job_id)

    async def _claim(self, entry: JobEntry) -> JobEntry:
        """Claim the input of a new job before anything is prepared.

        Returns:
            The claimed entry, or that of the same job, which is unfinished and goes on.

        Raises:
            JobBusyError: Another process prepares the same job, and is alive.
        """
        try:
            found = await self._jobs.registry.claim(entry)
            if found.job_id == entry.job_id or found.state == "open":
                return found
            return await self._take_over(found, entry)
        except BaseException:
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await self._jobs.registry.forget(entry.job_id)
            raise

    async def _take_over(self, found: JobEntry, entry: JobEntry) -> JobEntry:
        """Claim in place of *found*, whose process died while it prepared the job.

        If that job has a journal already, it goes on itself.
        """
        lease = Lease(self._jobs.store, found.job_id)
        try:
            async with lease.held():  # its process has died, or is alive and this raises
                if await self._jobs.store.read(journal_log(found.job_id)):
                    await self._jobs.registry.reopen(found.job_id)
                    return found
                return await self._jobs.registry.claim(entry, in_place_of=found.job_id)
        finally:
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await lease.release()

    async def _take_back(self, job_id: str) -> None:
        """Remove a job, so that no list and no journal shows it."""
        await self._jobs.drop_journal(job_id)
        await self._jobs.registry.forget(job_id)

    async def _drop_unsent(self, job_id: str) -> None:
        """Delete data that waits to be sent; some kinds of jobs have none."""
