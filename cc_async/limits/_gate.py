"""Where tasks wait for a turn, each in its place; `_budget` decides.

Only the first waiter of a process asks the store, for itself; when it has its turn, the next is
the first. Who waits does the work: nothing runs while nobody waits and no turn is open.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import logging
import os
import secrets
from typing import TypeAlias

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.stores import Change, MemoryStore, Store

from . import _budget
from ._pulse import Pulse
from ._queue import Waiters
from ._rules import Lane, Rules, Turn, Verdict
from ._statistics import BudgetStatistics, summed_up
from ._together import Together

_log = logging.getLogger(__name__)

_State: TypeAlias = _budget.State

_UNTOLD = 256  # while a store is away; turns that are forgotten come back by themselves


class Waiter:
    """One task in the queue. It drives itself once it is the first."""

    __slots__ = ("account", "arrived", "gone", "lane", "parked")

    def __init__(self, lane: Lane, account: str) -> None:
        self.lane = lane
        self.account = account
        self.gone = False
        self.arrived = asyncio.get_running_loop().time()
        self.parked: asyncio.Future[None] | None = None

    def park(self) -> asyncio.Future[None]:
        self.parked = asyncio.get_running_loop().create_future()
        return self.parked

    def wake(self) -> None:
        if self.parked is not None and not self.parked.done():
            self.parked.set_result(None)

    def fail(self, resets_at: dt.datetime) -> None:
        if self.parked is not None and not self.parked.done():
            self.parked.set_exception(DailyQuotaError(resets_at))


class Gate:
    """One record of the store, and the tasks of this process that wait for it."""

    def __init__(self, store: Store, key: str, rules: Rules) -> None:
        self._rules = rules
        self._waiters: Waiters[Waiter] = Waiters()
        self._untold: list[Change[None]] = []
        self._asking = False
        self._names = itertools.count()
        self._pid = os.getpid()
        self._process = secrets.token_hex(5)
        self._pulse: Pulse | None = None
        self._update = Together(store, key).update
        if not isinstance(store, MemoryStore):
            self._pulse = Pulse(self._live, rules.hold / 3)

    async def acquire(self, lane: Lane, account: str) -> Turn:
        if self._pid != os.getpid():  # a forked child
            self._pid = os.getpid()
            self._process = secrets.token_hex(5)
        if self._asking or self._waiters.count:
            return await self._wait(Waiter(lane, account))
        granted = await self._ask_first(lane, account)
        if isinstance(granted, Turn):
            return granted
        return await self._wait(Waiter(lane, account), granted)

    def gave(self, turn: Turn) -> bool:
        return turn.id.startswith(f"{self._process}-")

    async def release(self, turn: Turn, verdict: Verdict) -> None:
        if self._pulse is not None:
            self._pulse.closed()
        try:
            await self._update(self._answering(turn, verdict))
        except StoreError as error:
            _log.warning("a turn cannot be given back yet: %s", error)
            late: Verdict = "lost" if verdict == "answered" else verdict
            self._tell_later(self._answering(turn, late))

    async def statistics(self) -> BudgetStatistics:
        def change(record: _State | None, now: float) -> tuple[_State | None, BudgetStatistics]:
            return record, summed_up(record, now, self._rules, waiting, self._process)

        waiting = self._waiters.crowd()
        return await self._update(change)

    async def _wait(self, waiter: Waiter, delay: float = 0.0) -> Turn:
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

    async def _ask_first(self, lane: Lane, account: str) -> Turn | float:
        """Ask while nobody waits; whoever comes meanwhile waits until this is over."""
        self._asking = True
        try:
            return await self._ask(lane, account, 0.0)
        finally:
            self._asking = False
            self._wake_first()

    async def _ask(self, lane: Lane, account: str, waited: float) -> Turn | float:
        """Return a turn, or how many seconds to wait before asking again."""
        name, crowd, untold = self._name(), self._waiters.crowd(), self._untold.copy()
        who = _budget.Ask(name, self._process, lane, account, waited, crowd)

        def change(
            record: _State | None, now: float
        ) -> tuple[_State, Turn | float | DailyQuotaError]:
            for tell in untold:
                record, _ = tell(record, now)
            try:
                state, wait = _budget.ask(record, now, self._rules, who)
            except DailyQuotaError as error:  # what else was found out is kept
                return _budget.settled(record, now, self._rules), error
            return state, wait or Turn(name, lane, account, now)

        try:
            answer = await self._update(change)
        except asyncio.CancelledError:
            await self._withdraw(name)
            raise
        except StoreError:  # it may have been granted all the same
            self._tell_later(self._withdrawing(name))
            raise
        if untold:
            self._untold = [tell for tell in self._untold if tell not in untold]
        if isinstance(answer, DailyQuotaError):
            raise answer
        if self._pulse is not None and isinstance(answer, Turn):
            self._pulse.opened()
        return answer

    def _answering(self, turn: Turn, verdict: Verdict) -> Change[None]:
        def change(record: _State | None, now: float) -> tuple[_State, None]:
            state = _budget.answer(record, now, self._rules, turn.id, turn.granted, verdict)
            return state, None

        return change

    def _withdrawing(self, turn: str) -> Change[None]:
        process = self._process

        def change(record: _State | None, now: float) -> tuple[_State, None]:
            return _budget.withdraw(record, now, self._rules, process, turn), None

        return change

    def _name(self) -> str:
        return f"{self._process}-{next(self._names)}"

    async def _live(self) -> None:
        def change(record: _State | None, now: float) -> tuple[_State, None]:
            return _budget.live(record, now, self._rules, self._process), None

        with contextlib.suppress(StoreError):  # then it is taken for dead, and lives
            await self._update(change)

    async def _sleep(self, delay: float) -> None:
        if delay > 0.0:
            try:
                await asyncio.sleep(delay)
            except asyncio.CancelledError:
                await self._withdraw("")
                raise

    async def _withdraw(self, turn: str) -> None:
        change = self._withdrawing(turn)
        try:
            await self._update(change)
        except StoreError:
            self._tell_later(change)

    def _tell_later(self, change: Change[None]) -> None:
        self._untold.append(change)
        del self._untold[:-_UNTOLD]

    def _wake_first(self) -> None:
        if (first := self._waiters.first()) is not None:
            first.wake()

    def _fail_lanes(self, lane: Lane, resets_at: dt.datetime) -> None:
        for waiter in self._waiters:
            if waiter.lane >= lane:
                waiter.fail(resets_at)
