"""Waiting for a turn, in virtual time."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import pytest

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.limits import Budget, Lane, Turn, Verdict
from cc_async.stores import Change, MemoryStore

pytestmark = pytest.mark.looptime

T = TypeVar("T")

MIDNIGHT = 20_000 * 86_400.0


class Clock:
    """A store's clock that moves with the loop, starting where a test says."""

    def __init__(self, start: float = MIDNIGHT + 43_200.0) -> None:
        self.shift = start - asyncio.get_running_loop().time()

    def __call__(self) -> float:
        return self.shift + asyncio.get_running_loop().time()


def loop_time() -> float:
    return asyncio.get_running_loop().time()


def budget(store: MemoryStore | None = None, **settings: object) -> Budget:
    return Budget(store or MemoryStore(Clock()), key="app", **settings)  # type: ignore[arg-type]


async def one(
    budget: Budget,
    lane: Lane = Lane.INTERACTIVE,
    account: str = "",
    *,
    takes: float = 0.1,
    verdict: Verdict = "answered",
) -> Turn:
    turn = await budget.acquire(lane, account)
    await asyncio.sleep(takes)
    await budget.release(turn, verdict)
    return turn


async def test_four_at_once_then_one_second_after_the_replies() -> None:
    """Four requests leave at once; the fifth waits until a second after the first reply."""
    limited = budget()
    turns = await asyncio.gather(*(one(limited) for _ in range(5)))
    sent = [turn.granted - turns[0].granted for turn in turns]
    assert sent[:4] == pytest.approx([0, 0, 0, 0], abs=1e-3)
    assert sent[4] == pytest.approx(1.105, abs=0.01)


async def test_first_come_first_served() -> None:
    """Within one account and lane, turns are granted in the order of asking."""
    limited = budget()
    order: list[int] = []

    async def ask(number: int) -> None:
        turn = await limited.acquire()
        order.append(number)
        await limited.release(turn, "answered")

    await asyncio.gather(*(ask(number) for number in range(40)))
    assert order == sorted(order)


async def test_lanes_go_in_order() -> None:
    """Who comes later in a higher lane goes first: interactive, then polling, then bulk."""
    limited = budget(per_second=1)
    order: list[str] = []

    async def ask(name: str, lane: Lane) -> None:
        await one(limited, lane)
        order.append(name)

    async with asyncio.TaskGroup() as group:
        for name, lane in [
            ("first", Lane.BULK),
            ("bulk", Lane.BULK),
            ("bulk", Lane.BULK),
            ("polling", Lane.POLLING),
            ("interactive", Lane.INTERACTIVE),
        ]:
            group.create_task(ask(name, lane))
            await asyncio.sleep(0.01)
    assert order == ["first", "interactive", "polling", "bulk", "bulk"]


async def test_accounts_take_turns() -> None:
    """An account with many requests does not hold up one with few."""
    limited = budget(per_second=1)
    order: list[str] = []

    async def ask(account: str) -> None:
        await one(limited, Lane.BULK, account)
        order.append(account)

    await asyncio.gather(*(ask(account) for account in ["big"] * 6 + ["small"] * 2))
    assert order == ["big", "big", "small", "big", "small", "big", "big", "big"]


async def test_cancelled_while_waiting_gives_the_place_back() -> None:
    """Whoever stops waiting costs the others nothing, first in the queue or not."""
    limited = budget(per_second=1)
    await one(limited, takes=0.0)
    tasks = [asyncio.create_task(one(limited, takes=0.0)) for _ in range(4)]
    await asyncio.sleep(0.1)
    tasks[0].cancel()
    tasks[2].cancel()
    started = loop_time()
    await asyncio.wait(tasks)
    assert loop_time() - started == pytest.approx(0.905 + 1.005, abs=0.01)
    assert (await limited.statistics()).waiting == ()


async def test_day_used_up() -> None:
    """When the day is used up every waiter is told until when, and nobody waits."""
    limited = budget(per_day=5)
    asked = [asyncio.create_task(one(limited)) for _ in range(9)]
    await asyncio.wait(asked)
    errors = [task.exception() for task in asked if task.exception() is not None]
    assert len(errors) == 4
    assert {error.resets_at for error in errors if isinstance(error, DailyQuotaError)} == {
        dt.datetime(2024, 10, 5, tzinfo=dt.UTC)
    }
    assert loop_time() < 3


async def test_midnight_begins_a_new_day() -> None:
    """What was used before midnight UTC does not count after it."""
    limited = budget(MemoryStore(Clock(MIDNIGHT - 5.0)), per_day=2)
    await one(limited)
    await one(limited)
    with pytest.raises(DailyQuotaError):
        await limited.acquire()
    await asyncio.sleep(5.0)
    await one(limited)
    assert (await limited.statistics()).used == 1


async def test_throttled_slows_everyone() -> None:
    """After a refusal for speed nobody sends for a second."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store), budget(store)
    await one(mine, verdict="throttled")
    started = loop_time()
    await one(theirs, takes=0.0)
    assert loop_time() - started == pytest.approx(1.0, abs=0.01)


async def test_quota_exceeded_closes_the_day_for_everyone() -> None:
    """The service's word that the day is used up counts more than the local count."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store), budget(store)
    await one(mine, verdict="quota_exceeded")
    with pytest.raises(DailyQuotaError):
        await theirs.acquire()
    statistics = await theirs.statistics()
    assert (statistics.used, statistics.left, statistics.closed) == (1, 0, True)


async def test_token_calls_have_a_limit_of_their_own() -> None:
    """Calls to the authorization server wait for one another only, one a second."""
    limited = budget(per_second=1)
    await one(limited, takes=0.0)
    started = loop_time()
    await one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == started
    await one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() - started == pytest.approx(1.005, abs=0.01)


async def test_two_budgets_on_one_store_share_the_second() -> None:
    """Ten requests from two clients take as long as ten from one."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store), budget(store)
    await asyncio.gather(*(one(b, takes=0.0) for b in (mine, theirs) for _ in range(5)))
    assert loop_time() == pytest.approx(2 * 1.005, abs=0.02)


async def test_a_process_that_dies_in_the_queue_costs_a_moment() -> None:
    """A process that is gone while it is first in the queue holds nobody up for long."""
    store = MemoryStore(Clock())
    dead, alive = budget(store, per_second=1), budget(store, per_second=1)
    await one(alive, takes=0.0)
    gone = asyncio.create_task(dead.acquire())
    await asyncio.sleep(0.01)
    dead._requests._withdraw = _nothing  # type: ignore[method-assign]
    gone.cancel()
    started = loop_time()
    await one(alive, takes=0.0)
    assert loop_time() - started == pytest.approx(0.995 + 0.25, abs=0.02)


async def _nothing(turn: str) -> None:
    """What a killed process says."""


async def test_turns_of_a_dead_process_come_back() -> None:
    """Turns whose process says nothing more are free again after a few seconds."""
    store = MemoryStore(Clock())
    dead, alive = budget(store), budget(store)
    for _ in range(4):
        await dead.acquire()
    await one(alive, takes=0.0)
    assert loop_time() == pytest.approx(3.0, abs=0.3)


class DyingStore(MemoryStore):
    """A store that is out of reach for its first *failures* updates."""

    def __init__(self, clock: Callable[[], float], failures: int) -> None:
        super().__init__(clock)
        self.failures = failures

    async def update(self, key: str, change: Change[T]) -> T:
        await asyncio.sleep(0.001)
        if self.failures:
            self.failures -= 1
            raise StoreError("out of reach")
        return await super().update(key, change)


async def test_store_out_of_reach() -> None:
    """Without its store a budget gives no turn, and goes on when the store is back."""
    limited = budget(DyingStore(Clock(), 2))
    with pytest.raises(StoreError):
        await limited.acquire()
    with pytest.raises(StoreError):
        await limited.acquire()
    await one(limited)
