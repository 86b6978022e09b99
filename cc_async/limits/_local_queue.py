"""The queue of one process: tasks wait here for permits, and `_budget_record` decides.

Only the first waiter asks the store; after its permit the next one is first. Waiters do the work
themselves: nothing runs while no task waits and no permit is open.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
import os
import secrets
from typing import TypeVar

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.stores import Change, MemoryStore, Record, Store, require_format, require_shape

from . import _budget_record
from ._budget_record import BudgetRecord
from ._coalescing_record import CoalescingRecord
from ._heartbeat import Heartbeat
from ._permits import Lane, Permit, PermitResult
from ._request_limits import RequestLimits
from ._statistics import BudgetStatistics, make_statistics
from ._waiters import Waiter, Waiters

T = TypeVar("T")

_log = logging.getLogger(__name__)

_MAX_UNTOLD = 256
"""Changes kept for a store that is out of reach; the oldest are forgotten.

A forgotten permit comes back by itself, at the latest after two minutes. 256 are more than a
minute of permits at 4 a second.
"""

_HEARTBEATS = 3
"""Heartbeats in the time after which a silent process counts as killed: two may fail."""

_REMEDY = (
    "Delete this record from the store, or set CC_ASYNC_BUDGET_STORE to a new store; "
    "today's requests are then counted from 0."
)


class LocalQueue:
    """One record of the store, and the tasks of this process that wait for permits from it."""

    def __init__(self, store: Store, key: str, limits: RequestLimits) -> None:
        self._limits = limits
        self._name = f"the budget record {key!r}"
        self._record = CoalescingRecord(store, key)
        self._waiters = Waiters()
        self._untold: list[Change[None]] = []
        self._is_asking = False
        self._numbers = itertools.count()
        self._pid = os.getpid()
        self._process = secrets.token_hex(5)
        self._heartbeat: Heartbeat | None = None
        if not isinstance(store, MemoryStore):
            every = _budget_record.PROCESS_TIMEOUT / _HEARTBEATS
            self._heartbeat = Heartbeat(self._beat, every)

    async def acquire(self, lane: Lane, account: str) -> Permit:
        """See `Budget.acquire`."""
        if self._pid != os.getpid():  # a forked child
            self._pid = os.getpid()
            self._process = secrets.token_hex(5)
        if self._is_asking or self._waiters.count:
            return await self._wait(Waiter(lane, account))
        granted = await self._ask_first(lane, account)
        if isinstance(granted, Permit):
            return granted
        return await self._wait(Waiter(lane, account), granted)

    def has_granted(self, permit: Permit) -> bool:
        """Whether *permit* is from this queue."""
        return permit.id.startswith(f"{self._process}-")

    async def release(self, permit: Permit, result: PermitResult) -> None:
        """See `Budget.release`."""
        if self._heartbeat is not None:
            self._heartbeat.permit_closed()
        try:
            await self._update(self._releasing(permit, result))
        except StoreError as error:
            _log.warning("a permit cannot be released yet: %s", error)
            late: PermitResult = "lost" if result == "answered" else result
            self._tell_later(self._releasing(permit, late))

    async def statistics(self) -> BudgetStatistics:
        """See `Budget.statistics`."""
        limits, process = self._limits, self._process
        queue_lengths = self._waiters.queue_lengths()

        def change(
            record: BudgetRecord | None, now: float
        ) -> tuple[BudgetRecord | None, BudgetStatistics]:
            return record, make_statistics(record, now, limits, queue_lengths, process)

        return await self._update(change)

    async def _wait(self, waiter: Waiter, delay: float = 0.0) -> Permit:
        """Wait in the queue; with a *delay* the waiter has asked already and is the first."""
        self._waiters.add(waiter, ahead=delay > 0.0)
        served = False
        try:
            await self._sleep(delay)
            while True:
                if self._is_asking or self._waiters.first() is not waiter:
                    await waiter.park()
                    continue
                waited = asyncio.get_running_loop().time() - waiter.arrived
                granted = await self._ask(waiter.lane, waiter.account, waited)
                if isinstance(granted, Permit):
                    served = True
                    return granted
                await self._sleep(granted)
        except DailyQuotaError as error:
            self._fail_lanes(waiter.lane, error.resets_at)
            raise
        finally:
            self._waiters.leave(waiter, served=served)
            self._wake_first()

    async def _ask_first(self, lane: Lane, account: str) -> Permit | float:
        """Ask while no task waits; tasks that arrive meanwhile wait until this is over."""
        self._is_asking = True
        try:
            return await self._ask(lane, account, 0.0)
        finally:
            self._is_asking = False
            self._wake_first()

    async def _ask(self, lane: Lane, account: str, waited: float) -> Permit | float:
        """Return a permit, or the seconds to wait before asking again."""
        permit_id = f"{self._process}-{next(self._numbers)}"
        request = _budget_record.PermitRequest(
            permit_id, self._process, lane, account, waited, self._waiters.queue_lengths()
        )
        untold = self._untold.copy()
        try:
            answer = await self._update(self._requesting(request, untold))
        except asyncio.CancelledError:
            await self._withdraw(permit_id)
            raise
        except StoreError:  # the permit may have been granted all the same
            self._tell_later(self._withdrawing(permit_id))
            raise
        if untold:
            self._untold = [change for change in self._untold if change not in untold]
        if isinstance(answer, DailyQuotaError):
            raise answer
        if self._heartbeat is not None and isinstance(answer, Permit):
            self._heartbeat.permit_opened()
        return answer

    def _requesting(
        self, request: _budget_record.PermitRequest, untold: list[Change[None]]
    ) -> Change[Permit | float | DailyQuotaError]:
        limits = self._limits

        def change(
            record: BudgetRecord | None, now: float
        ) -> tuple[BudgetRecord, Permit | float | DailyQuotaError]:
            for late in untold:
                record, _ = late(record, now)
            try:
                new, wait = _budget_record.request_permit(record, now, limits, request)
            except DailyQuotaError as error:  # the late changes are kept
                return _budget_record.pruned(record, now), error
            return new, wait or Permit(request.permit_id, request.lane, request.account, now)

        return change

    def _releasing(self, permit: Permit, result: PermitResult) -> Change[None]:
        limits = self._limits

        def change(record: BudgetRecord | None, now: float) -> tuple[BudgetRecord, None]:
            new = _budget_record.release_permit(
                record, now, limits, permit.id, permit.granted, result
            )
            return new, None

        return change

    def _withdrawing(self, permit_id: str) -> Change[None]:
        process = self._process

        def change(record: BudgetRecord | None, now: float) -> tuple[BudgetRecord, None]:
            return _budget_record.withdraw(record, now, process, permit_id), None

        return change

    async def _beat(self) -> None:
        process = self._process

        def change(record: BudgetRecord | None, now: float) -> tuple[BudgetRecord, None]:
            return _budget_record.note_heartbeat(record, now, process), None

        with contextlib.suppress(StoreError):  # the process counts as killed, and goes on
            await self._update(change)

    async def _update(self, change: Change[T]) -> T:
        name = self._name

        def checked(record: Record | None, now: float) -> tuple[Record | None, T]:
            with require_shape(what=name, remedy=_REMEDY):
                if record is not None:
                    require_format(record, _budget_record.RECORD_FORMAT, what=name, remedy=_REMEDY)
                return change(record, now)

        return await self._record.update(checked)

    async def _sleep(self, delay: float) -> None:
        if delay > 0.0:
            try:
                await asyncio.sleep(delay)
            except asyncio.CancelledError:
                await self._withdraw("")
                raise

    async def _withdraw(self, permit_id: str) -> None:
        change = self._withdrawing(permit_id)
        try:
            await self._update(change)
        except StoreError:
            self._tell_later(change)

    def _tell_later(self, change: Change[None]) -> None:
        self._untold.append(change)
        del self._untold[:-_MAX_UNTOLD]

    def _wake_first(self) -> None:
        if (first := self._waiters.first()) is not None:
            first.wake()

    def _fail_lanes(self, lane: Lane, resets_at: dt.datetime) -> None:
        for waiter in self._waiters:
            if waiter.lane >= lane:
                waiter.fail(resets_at)
