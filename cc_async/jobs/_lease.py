"""Who may drive a job: one process at a time, and another one when that has died.

A lease is a record with an owner and an end. The owner puts the end off while it works; a
process that died stops doing that. On the same machine nobody needs to wait for the end: that
the process is gone can be seen, and in the same process, that nobody has the owner any more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs

from cc_async.errors import JobBusyError, JobCancelledError
from cc_async.jobs._errors import single_error
from cc_async.jobs._processes import is_gone, new_owner, register
from cc_async.stores import Store

_LIFE = 30.0
"""Seconds that a lease lasts without a sign of life."""

_BEAT, _GLANCE = 5.0, 0.5


@attrs.frozen
class Lease:
    """The right to drive a job, for one `Job` object."""

    _store: Store
    _job_id: str
    _owner: str = attrs.field(factory=new_owner)

    def __attrs_post_init__(self) -> None:
        register(self._owner, self)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lease while the block runs, with a heartbeat.

        Raises:
            JobBusyError: Another process has it, and is alive.
            JobCancelledError: Somebody asked for it, to cancel the job.
        """
        await self._take()
        with single_error():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._beat)
                try:
                    yield
                finally:
                    tasks.cancel_scope.cancel()

    async def demand(self) -> None:
        """Take the lease to cancel the job: whoever has it is asked to let go.

        Raises:
            JobBusyError: They did not, though they are alive.
        """
        with anyio.move_on_after(_LIFE + _BEAT):
            while not await self._try(is_demand=True):  # noqa: ASYNC110 - others hold it elsewhere
                await anyio.sleep(_GLANCE)
            return
        raise JobBusyError(self._job_id)

    async def release(self) -> None:
        """Let others drive the job at once."""

        def change(record: Any, now: float) -> tuple[Any, None]:
            return (None if record and record["owner"] == self._owner else record), None

        await self._store.update(self._key, change)

    async def _take(self) -> None:
        if not await self._try():
            raise JobBusyError(self._job_id)

    async def _try(self, *, is_demand: bool = False) -> bool:
        """Take the lease or keep it, if it is free; with *is_demand*, ask for it otherwise."""

        def change(record: Any, now: float) -> tuple[Any, bool | None]:
            if record is not None and not _is_free(record, self._owner, now):
                return ({**record, "is_demanded": True} if is_demand else record), False
            if record is not None and record["owner"] == self._owner and "is_demanded" in record:
                return record, None  # and kept, until what is on its way has ended
            return {"owner": self._owner, "until": now + _LIFE}, True

        is_taken = await self._store.update(self._key, change)
        if is_taken is None:
            raise JobCancelledError(self._job_id)
        return is_taken

    async def _beat(self) -> None:
        while True:
            await anyio.sleep(_BEAT)
            await self._take()

    @property
    def _key(self) -> str:
        return f"job:{self._job_id}:lease"


def _is_free(record: dict[str, Any], owner: str, now: float) -> bool:
    """Whether *owner* may take the lease that *record* describes."""
    return record["owner"] == owner or record["until"] <= now or is_gone(record["owner"])
