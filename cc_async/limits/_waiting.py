"""The budget as callers see it: they wait here; `_budget` decides."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
import os
import secrets
from typing import TypeAlias

import anyio

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.stores import MemoryStore, Store

from . import _budget
from ._queue import Waiters
from ._rules import Lane, Pacing, Rules, Turn, Verdict
from ._statistics import BudgetStatistics, summed_up

__all__ = ["Budget"]

_log = logging.getLogger(__name__)

_State: TypeAlias = _budget.State

_RETRY_STORE = 5.0  # seconds to go on with a share before the store is asked again


class Budget:
    """The requests an application may send, shared by all tasks, processes and machines.

    Args:
        store: Where the budget lives. All who open the same store share it.
        key: The application. Never a token.
        per_second: Requests the service takes in a second.
        per_day: Requests it takes in a UTC day.
        pacing:
            `steady` is never refused whichever way the service counts its seconds. `learn`
            finds that out at the price of a few refusals, and uses up fixed seconds.
        reserve: The share of a day (0 to 1) that bulk work leaves to the others.
        share_without_store:
            The share of both limits (0 to 1) that this process uses on its own while the store
            is out of reach. None: then nobody gets a turn.

    Example::

        budget = Budget(MemoryStore(), key="my-application")
        turn = await budget.acquire(Lane.BULK, account="a1")
        verdict = "lost"
        try:
            ...  # send one request
            verdict = "answered"
        finally:
            await budget.release(turn, verdict)
    """

    def __init__(
        self,
        store: Store,
        *,
        key: str,
        per_second: int = 4,
        per_day: int = 10_000,
        pacing: Pacing = "steady",
        reserve: float = 0.0,
        share_without_store: float | None = None,
    ) -> None:
        self._requests = _Gate(store, f"budget:{key}", Rules(per_second, per_day, pacing, reserve))
        self._tokens = _Gate(store, f"budget:{key}:token", Rules(1, None))
        self._alone: _Gate | None = None
        self._alone_until = float("-inf")
        if share_without_store is not None:
            rules = Rules(
                max(1, int(per_second * share_without_store)),
                int(per_day * share_without_store),
                reserve=reserve,
            )
            self._alone = _Gate(MemoryStore(), key, rules)

    async def acquire(self, lane: Lane = Lane.INTERACTIVE, account: str = "") -> Turn:
        """Wait for a turn to send one request.

        Lower lanes wait for higher ones, accounts of a lane take turns, and within an account
        first come is first served.

        Args:
            lane: How urgent it is.
            account: Whose request it is; only for fairness between accounts.

        Returns:
            The turn. It must go back with `release`, whatever becomes of the request.

        Raises:
            DailyQuotaError: The day's requests are used up; says until when.
            StoreError: The store is out of reach, and no share was asked for.

        Cancellation:
            Gives the place back; a turn granted at that very moment is not counted.
        """
        if lane is Lane.TOKEN:
            return await self._tokens.acquire(lane, account)
        if self._alone is None:
            return await self._requests.acquire(lane, account)
        return await self._acquire_anyhow(self._alone, lane, account)

    async def release(self, turn: Turn, verdict: Verdict) -> None:
        """Give *turn* back when its reply has come, or will not come.

        Never raises: where the store is out of reach, it is told later.

        Args:
            turn: What `acquire` returned.
            verdict:
                `answered` for any reply but the two refusals for speed: `throttled` slows
                everyone, `quota_exceeded` closes the day for everyone. `lost`: no reply came.

        Cancellation:
            The turn is given back all the same.
        """
        if turn.lane is Lane.TOKEN:
            await self._tokens.release(turn, verdict)
        elif self._alone is not None and self._alone.gave(turn):
            await self._alone.release(turn, verdict)
        else:
            await self._requests.release(turn, verdict)

    async def statistics(self) -> BudgetStatistics:
        """Return what is used, what is left, when it resets, and who is waiting.

        Raises:
            StoreError: The store is out of reach.
        """
        return await self._requests.statistics()

    async def _acquire_anyhow(self, alone: _Gate, lane: Lane, account: str) -> Turn:
        now = asyncio.get_running_loop().time()
        if now >= self._alone_until:
            try:
                return await self._requests.acquire(lane, account)
            except StoreError as error:
                self._alone_until = now + _RETRY_STORE
                _log.warning("going on with a share of the budget: %s", error)
        return await alone.acquire(lane, account)


class _Waiter:
    """One task in the queue. It drives itself once it is the first."""

    __slots__ = ("account", "arrived", "gone", "lane", "parked")

    def __init__(self, lane: Lane, account: str) -> None:
        self.lane = lane
        self.account = account
        self.gone = False
        self.arrived = asyncio.get_running_loop().time()
        self.parked: asyncio.Future[None] | None = None

    async def park(self) -> None:
        self.parked = asyncio.get_running_loop().create_future()
        try:
            await self.parked
        finally:
            self.parked = None

    def wake(self) -> None:
        if self.parked is not None and not self.parked.done():
            self.parked.set_result(None)

    def fail(self, resets_at: dt.datetime) -> None:
        if self.parked is not None and not self.parked.done():
            self.parked.set_exception(DailyQuotaError(resets_at))


class _Gate:
    """One record of the store, and the tasks of this process that wait for it."""

    def __init__(self, store: Store, key: str, rules: Rules) -> None:
        self._store = store
        self._key = key
        self._rules = rules
        self._waiters: Waiters[_Waiter] = Waiters()
        self._untold: list[tuple[Turn, Verdict]] = []
        self._asking = False
        self._names = itertools.count()
        self._pid = 0
        self._process = ""

    async def acquire(self, lane: Lane, account: str) -> Turn:
        if self._pid != os.getpid():  # the first use, or a forked child
            self._pid = os.getpid()
            self._process = secrets.token_hex(5)
        if self._asking or self._waiters.count:
            return await self._wait(_Waiter(lane, account))
        self._asking = True
        try:
            granted = await self._ask(lane, account, 0.0)
        finally:
            self._asking = False
            if self._waiters.count:
                self._wake_first()
        if isinstance(granted, Turn):
            return granted
        return await self._wait(_Waiter(lane, account), granted)

    def gave(self, turn: Turn) -> bool:
        return turn.id.startswith(f"{self._process}-")

    async def release(self, turn: Turn, verdict: Verdict) -> None:
        def change(record: _State | None, now: float) -> tuple[_State, None]:
            state = _budget.answer(record, now, self._rules, turn.id, turn.granted, verdict)
            return state, None

        try:
            await self._store.update(self._key, change)
        except StoreError as error:
            _log.warning("a turn cannot be given back yet: %s", error)
            self._untold.append((turn, "lost" if verdict == "answered" else verdict))

    async def statistics(self) -> BudgetStatistics:
        def change(record: _State | None, now: float) -> tuple[_State | None, BudgetStatistics]:
            return record, summed_up(record, now, self._rules, waiting, self._process)

        waiting = self._waiters.crowd()
        return await self._store.update(self._key, change)

    async def _wait(self, waiter: _Waiter, delay: float = 0.0) -> Turn:
        """Queue up; *delay*: it has asked already and came first."""
        self._waiters.add(waiter, ahead=delay > 0.0)
        served = False
        try:
            await self._sleep(delay)
            while True:
                if self._asking or self._waiters.first() is not waiter:
                    await waiter.park()
                    continue
                waited = asyncio.get_running_loop().time() - waiter.arrived
                granted = await self._ask(waiter.lane, waiter.account, waited)
                if isinstance(granted, Turn):
                    served = True
                    return granted
                await self._sleep(granted)
        except DailyQuotaError as error:
            self._fail_lanes(waiter.lane, error.resets_at)
            raise
        finally:
            self._waiters.leave(waiter, served=served)
            self._wake_first()

    async def _ask(self, lane: Lane, account: str, waited: float) -> Turn | float:
        """Return a turn, or how many seconds to wait before asking again."""
        name = f"{self._process}-{next(self._names)}"
        who = _budget.Ask(name, self._process, lane, account, waited, self._waiters.crowd())
        untold = self._untold.copy()

        def change(record: _State | None, now: float) -> tuple[_State, Turn | float]:
            for turn, verdict in untold:
                record = _budget.answer(record, now, self._rules, turn.id, turn.granted, verdict)
            state, wait = _budget.ask(record, now, self._rules, who)
            return state, wait or Turn(name, lane, account, now)

        try:
            answer = await self._store.update(self._key, change)
            del self._untold[: len(untold)]
            return answer
        except asyncio.CancelledError:
            await self._withdraw(name)
            raise

    async def _sleep(self, delay: float) -> None:
        if delay > 0.0:
            try:
                await anyio.sleep(delay)
            except asyncio.CancelledError:
                await self._withdraw("")
                raise

    async def _withdraw(self, turn: str) -> None:
        def change(record: _State | None, now: float) -> tuple[_State, None]:
            return _budget.withdraw(record, now, self._rules, self._process, turn), None

        with contextlib.suppress(StoreError):  # then the place is lost to silence, soon enough
            await self._store.update(self._key, change)

    def _wake_first(self) -> None:
        if (first := self._waiters.first()) is not None:
            first.wake()

    def _fail_lanes(self, lane: Lane, resets_at: dt.datetime) -> None:
        for waiter in self._waiters:
            if waiter.lane >= lane:
                waiter.fail(resets_at)
