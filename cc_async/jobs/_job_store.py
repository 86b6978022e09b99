"""Shared by all jobs of one application: a store, the list of jobs, a clock, a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs

from cc_async.jobs._registry import JobEntry, JobRegistry
from cc_async.stores import Store, loop_clock


@attrs.frozen(eq=False, repr=False)
class JobStore:
    """The place where jobs live.

    Args:
        store: For journals and leases.
        owner: The application and account of the jobs.
        home: The state folder, for bodies that wait to be sent.
        clock: Seconds since the epoch, moving with the event loop.
        files: The files of the client's stores; no output may replace them.
    """

    store: Store
    owner: str
    home: Path
    clock: Callable[[], float] = attrs.field(factory=loop_clock)
    files: tuple[Path, ...] = ()

    @property
    def registry(self) -> JobRegistry:
        """The list of jobs."""
        return JobRegistry(self.store, self.owner)

    async def add(self, entry: JobEntry) -> None:
        """Add a job to the list; the journals of old jobs are deleted."""
        for job_id in await self.registry.add(entry):
            await self.drop_journal(job_id)

    async def drop_journal(self, job_id: str) -> None:
        """Delete the journal of a job, whatever kind of job it is."""
        await self.store.drop(journal_log(job_id))


def journal_log(job_id: str) -> str:
    """Return the name of the log that holds the journal of a job."""
    return f"job:{job_id}"
