"""What all jobs of one application share: a store, its book of jobs, a clock, a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs

from cc_async.jobs._registry import JobBook
from cc_async.stores import Store, loop_clock


@attrs.frozen(eq=False, repr=False)
class JobStore:
    """Where jobs live.

    Args:
        store: For journals and leases.
        owner: The application and account whose jobs these are.
        home: The state folder, for bodies that wait to be sent.
        clock: Seconds since the epoch, moving with the event loop.
    """

    store: Store
    owner: str
    home: Path
    clock: Callable[[], float] = attrs.field(factory=loop_clock)

    @property
    def book(self) -> JobBook:
        """Which jobs there are."""
        return JobBook(self.store, self.owner)

    async def drop_journal(self, job_id: str) -> None:
        """Forget what a job wrote down, whatever kind of job it is."""
        await self.store.drop(journal_log(job_id))


def journal_log(job_id: str) -> str:
    """Return the name of the log that holds the journal of a job."""
    return f"job:{job_id}"
