"""The lease of a job: one process at a time drives it, and another one when that has died.

A lease is a record with an owner and an end. The owner puts the end off while it works, and a
dead process does not. On the same machine the end need not be waited for: a dead process can be
seen there.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
import attrs

from cc_async.errors import JobBusyError, JobCancelledError, StoreCorruptError, StoreError
from cc_async.jobs._processes import bind_owner, new_owner, process_is_dead
from cc_async.jobs._single_error import single_error
from cc_async.stores import FORMAT, Change, Store, require_format, require_shape
from cc_async.wire import CONVERTER

T = TypeVar("T")

_log = logging.getLogger("cc_async")

LEASE_FORMAT = 1
"""Version of the record: owner, end, and whether the lease was demanded."""

OTHER_VERSION = "Finish or cancel the job with the cc_async that began it, or use another store."
"""The remedy for records of jobs in another format."""

_LIFE = 30.0
"""Seconds that a lease lasts without a heartbeat. Six heartbeats may be late; a job on another
machine waits no longer than this. Ours to choose."""

_BEAT = 5.0
"""Seconds between heartbeats: one durable write each, far less than a job writes itself."""

_SURE = _LIFE / 2
"""Seconds for which a lease that was kept needs no new look: half of its life is left for doubt, and
three heartbeats come in that time. A process that was stopped for longer asks the store."""

_POLL = 0.5
"""Seconds between attempts to get a lease that was demanded; a person waits for it."""


@attrs.define(eq=False)
class Lease:
    """The right to drive a job, for one `Job` object."""

    _store: Store
    _job_id: str
    _owner: str = attrs.field(factory=new_owner)
    _kept_at: tuple[float, float] = attrs.field(default=(-math.inf, -math.inf), init=False)

    def __attrs_post_init__(self) -> None:
        bind_owner(self._owner, self)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold the lease while the block runs, with a heartbeat.

        Raises:
            JobBusyError: Another process holds it, and is alive.
            JobCancelledError: It was demanded, to cancel the job.
        """
        if not await self._try():
            raise JobBusyError(self._job_id)
        with single_error():
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._beat)
                try:
                    yield
                finally:
                    tasks.cancel_scope.cancel()

    async def demand(self) -> None:
        """Take the lease to cancel the job; its holder is asked to let go.

        Raises:
            JobBusyError: The holder is alive and did not let go within 35 seconds.
        """
        with anyio.move_on_after(_LIFE + _BEAT):
            while not await self._try(is_demand=True):  # noqa: ASYNC110 - others hold it elsewhere
                await anyio.sleep(_POLL)
            return
        raise JobBusyError(self._job_id)

    async def is_held(self) -> bool:
        """Return whether a process that is alive holds the lease, as far as can be seen."""

        def change(record: Any, now: float) -> tuple[Any, str]:
            if record is None:
                return record, ""
            return record, record["owner"] if record["until"] > now else ""

        holder = await self._update(change)
        return bool(holder) and not process_is_dead(holder)

    async def release(self) -> None:
        """Let other processes drive the job at once; without the store, when the lease ends."""

        def change(record: Any, now: float) -> tuple[Any, None]:
            return (None if record and record["owner"] == self._owner else record), None

        try:
            await self._update(change)
        except StoreError as error:  # the work is done, or has an error of its own
            _log.warning("the lease of job %s cannot be released: %s", self._job_id, error)

    async def keep(self) -> None:
        """Keep the lease that this process holds for another half minute.

        Raises:
            JobBusyError: It was lost: another process holds it, or has held it since.
            JobCancelledError: It was demanded, to cancel the job.
        """
        if await self._claim(is_held=True) != self._owner:
            raise JobBusyError(self._job_id)

    async def require(self) -> None:
        """Make sure that a request may leave under the lease; raises as `keep` does.

        The store is asked if the lease was not kept lately: the process was stopped, or the
        machine slept.
        """
        if max(now - then for now, then in zip(_moment(), self._kept_at, strict=True)) > _SURE:
            await self.keep()

    async def _try(self, *, is_demand: bool = False) -> bool:
        """Take or keep the lease if it is free; with *is_demand*, ask its holder otherwise."""
        holder = await self._claim(is_demand=is_demand)
        if holder != self._owner and process_is_dead(holder):
            holder = await self._claim(is_demand=is_demand, dead=holder)
        return holder == self._owner

    async def _claim(
        self, *, is_demand: bool = False, is_held: bool = False, dead: str | None = None
    ) -> str:
        """Take or keep the lease if it is free; return its holder.

        One that *is_held* is kept, and not taken again where it was lost. *dead* is surely gone.

        Raises:
            JobCancelledError: This process holds it, and it was demanded.
        """

        moment = _moment()

        def change(record: Any, now: float) -> tuple[Any, tuple[str, bool]]:
            if record is None and is_held:
                return record, ("", False)
            if record is not None:
                owner, is_demanded = record["owner"], record["is_demanded"]
                if owner == self._owner and is_demanded:
                    return record, (owner, True)  # kept until the requests in flight have ended
                is_free = owner in (self._owner, dead) or record["until"] <= now
                if not is_free or (is_held and owner != self._owner):
                    asked = {**record, "is_demanded": True} if is_demand else record
                    return asked, (owner, False)
            taken = {"owner": self._owner, "until": now + _LIFE, "is_demanded": False}
            return {FORMAT: LEASE_FORMAT, **taken}, (self._owner, False)

        holder, is_cancelled = await self._update(change)
        if is_cancelled:
            raise JobCancelledError(self._job_id)
        if holder == self._owner:
            self._kept_at = moment
        return holder

    async def _beat(self) -> None:
        while True:
            await anyio.sleep(_BEAT)
            try:
                await self.keep()
            except StoreCorruptError:
                raise
            except StoreError as error:
                # the work in progress finds it out by itself, and waits
                _log.warning("the lease of job %s cannot be renewed yet: %s", self._job_id, error)

    async def _update(self, change: Change[T]) -> T:
        what = f"the lease of job {self._job_id}"

        def checked(record: Any, now: float) -> tuple[Any, T]:
            with require_shape(what=what, remedy="Delete the job, or use another store."):
                if record is not None:
                    require_format(record, LEASE_FORMAT, what=what, remedy=OTHER_VERSION)
                    CONVERTER.structure(record["owner"], str)
                return change(record, now)

        return await self._store.update(self._key, checked)

    @property
    def _key(self) -> str:
        return f"job:{self._job_id}:lease"


def _moment() -> tuple[float, float]:
    """Return the times of two clocks: the first stands still while a machine sleeps, the second jumps."""
    return anyio.current_time(), time.time()
