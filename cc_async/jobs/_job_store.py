"""Shared by all jobs of one account: a store, the list of jobs, a clock, a folder."""

from __future__ import annotations

from pathlib import Path

import attrs

from cc_async.auth import FindAccount
from cc_async.errors import JobNotFoundError
from cc_async.jobs._lease import Lease
from cc_async.jobs._registry import JobEntry, JobRegistry
from cc_async.jobs._store_clock import StoreClock
from cc_async.stores import Store


@attrs.frozen(eq=False, repr=False)
class JobStore:
    """The place where jobs live.

    Args:
        store: For journals and leases.
        account: Finds the identity of the account; only jobs of this account are seen here.
        home: The state folder, for bodies that wait to be sent.
        files: The files of the client's stores; no output may replace them.
        clock: The time of the store.
    """

    store: Store
    account: FindAccount
    home: Path
    files: tuple[Path, ...] = ()
    clock: StoreClock = attrs.field(init=False)

    @clock.default
    def _make_clock(self) -> StoreClock:
        return StoreClock(self.store)

    @property
    def registry(self) -> JobRegistry:
        """The list of jobs."""
        return JobRegistry(self.store, self.account)

    async def add(self, entry: JobEntry) -> None:
        """Let a claimed job begin; the journals of old jobs are deleted.

        Raises:
            JobBusyError: The claim is gone; see `JobRegistry.add`.
        """
        for job_id in await self.registry.add(entry):
            await self.drop_journal(job_id)

    async def entries(self) -> tuple[JobEntry, ...]:
        """Return the jobs of this account, the newest first.

        A job is left out if its process died while it prepared it: nothing of it was sent.
        """
        found = [await self.seen(entry) for entry in await self.registry.read()]
        return tuple(entry for entry in found if entry is not None)

    async def seen(self, entry: JobEntry) -> JobEntry | None:
        """Return *entry* as it is to be shown: with a journal, a job that was prepared is open.

        Returns:
            `None` if its process died before that.
        """
        if entry.state != "preparing":
            return entry
        if await self.store.read(journal_log(entry.job_id)):
            return attrs.evolve(entry, state="open")
        return entry if await Lease(self.store, entry.job_id).is_held() else None

    async def entry(self, job_id: str) -> JobEntry:
        """Return the job of this account with this id.

        Raises:
            JobNotFoundError: There is none, or it belongs to another account.
        """
        if (entry := await self.registry.find(job_id)) is not None:
            return entry
        if await self.store.read(journal_log(job_id)):
            raise JobNotFoundError(
                f"job {job_id} does not belong to this account",
                "A job goes on only in its own account: use the token, the profile or the name of "
                "the account that it was started with.",
            )
        raise JobNotFoundError(f"there is no job {job_id}", "List the jobs to see their ids.")

    async def drop_journal(self, job_id: str) -> None:
        """Delete the journal of a job, whatever kind of job it is."""
        await self.store.drop(journal_log(job_id))


def journal_log(job_id: str) -> str:
    """Return the name of the log that holds the journal of a job."""
    return f"job:{job_id}"
