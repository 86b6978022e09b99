"""One budget for many tasks and processes, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt

import pytest

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.limits import Budget, Lane, Permit
from cc_async.stores import MemoryStore
from tests.support.budgets import MIDNIGHT, Clock, FailingStore, loop_time, make_budget, send_one

pytestmark = pytest.mark.looptime


async def test_four_at_once_then_one_second_after_the_replies() -> None:
    """Four requests are sent at once; the fifth waits until a second after the first reply."""
    limited = make_budget()
    permits = await asyncio.gather(*(send_one(limited) for _ in range(5)))
    sent = [permit.granted - permits[0].granted for permit in permits]
    assert sent[:4] == pytest.approx([0, 0, 0, 0], abs=1e-3)
    assert sent[4] == pytest.approx(1.105, abs=0.01)


async def test_a_refusal_for_speed_slows_all_processes_down() -> None:
    """After a refusal for speed no process sends for a second."""
    store = MemoryStore(Clock())
    mine, theirs = make_budget(store), make_budget(store)
    await send_one(mine, result="throttled")
    started = loop_time()
    await send_one(theirs, takes=0.0)
    assert loop_time() - started == pytest.approx(1.0, abs=0.01)


async def test_quota_exceeded_closes_the_day_for_all_processes() -> None:
    """A refusal for the day counts more than the count of this budget."""
    store = MemoryStore(Clock())
    mine, theirs = make_budget(store), make_budget(store)
    await send_one(mine, result="quota_exceeded")
    with pytest.raises(DailyQuotaError):
        await theirs.acquire()
    statistics = await theirs.statistics()
    assert (statistics.used, statistics.left, statistics.closed) == (1, 0, True)


async def test_a_used_up_day_ends_all_waits() -> None:
    """When the day is used up every waiter gets the time of the reset, and none waits on."""
    limited = make_budget(per_day=5)
    asked = [asyncio.create_task(send_one(limited)) for _ in range(9)]
    await asyncio.wait(asked)
    errors = [task.exception() for task in asked if task.exception() is not None]
    assert len(errors) == 4
    assert {error.resets_at for error in errors if isinstance(error, DailyQuotaError)} == {
        dt.datetime(2024, 10, 5, tzinfo=dt.UTC)
    }
    assert loop_time() < 3


async def test_midnight_begins_a_new_day() -> None:
    """Requests before midnight UTC do not count after it."""
    limited = make_budget(MemoryStore(Clock(MIDNIGHT - 5.0)), per_day=2)
    await send_one(limited)
    await send_one(limited)
    with pytest.raises(DailyQuotaError):
        await limited.acquire()
    await asyncio.sleep(5.0)
    await send_one(limited)
    assert (await limited.statistics()).used == 1


async def test_token_calls_have_a_limit_of_their_own() -> None:
    """Calls to the authorization server wait only for each other, one a second."""
    limited = make_budget(per_second=1)
    await send_one(limited, takes=0.0)
    started = loop_time()
    await send_one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == started
    await send_one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() - started == pytest.approx(1.005, abs=0.01)


async def test_two_budgets_on_one_store_share_the_second() -> None:
    """Ten requests from two clients take as long as ten from one."""
    store = MemoryStore(Clock())
    mine, theirs = make_budget(store), make_budget(store)
    await asyncio.gather(*(send_one(b, takes=0.0) for b in (mine, theirs) for _ in range(5)))
    assert loop_time() == pytest.approx(2 * 1.005, abs=0.02)


async def test_without_its_store_a_budget_grants_no_permit() -> None:
    """A budget whose store is out of reach grants no permit, and goes on when it is back."""
    store = FailingStore(Clock())
    limited = make_budget(store)
    store.down = True
    with pytest.raises(StoreError):
        await limited.acquire()
    store.down = False
    await send_one(limited)


async def test_a_share_without_the_store() -> None:
    """With a share, a process goes on with it while the store is out of reach."""
    store = FailingStore(Clock())
    limited = make_budget(store, share_without_store=0.25)
    store.down = True
    for _ in range(3):
        await send_one(limited, takes=0.0)
    assert loop_time() == pytest.approx(2 * 1.005, abs=0.05)
    store.down = False
    await asyncio.sleep(5.0)
    await send_one(limited)
    assert (await limited.statistics()).used == 1


async def test_a_share_of_token_calls_without_the_store() -> None:
    """Token calls go on with a share too, so sign-ins do not end with the store."""
    store = FailingStore(Clock())
    limited = make_budget(store, share_without_store=0.5)
    store.down = True
    for _ in range(3):
        await send_one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005, abs=0.05)
    store.down = False
    await asyncio.sleep(5.0)
    await send_one(limited, Lane.TOKEN, takes=0.0)
    await send_one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005 + 5.0 + 1.005, abs=0.05)


async def test_a_share_may_be_less_than_one_a_second() -> None:
    """An eighth of four a second is one every two seconds, not one a second."""
    store = FailingStore(Clock())
    limited = make_budget(store, share_without_store=0.125)
    store.down = True
    for _ in range(3):
        await send_one(limited, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005, abs=0.05)


async def test_token_calls_without_a_share_end_with_the_store() -> None:
    """Without a share, token calls fail with the store like all others."""
    store = FailingStore(Clock())
    limited = make_budget(store)
    store.down = True
    with pytest.raises(StoreError):
        await limited.acquire(Lane.TOKEN)


@pytest.mark.parametrize("processes", [1, 2])
async def test_nine_small_accounts_beside_a_large_one(processes: int) -> None:
    """Nine accounts with few requests finish as if each had a tenth of the budget."""
    store = MemoryStore(Clock())
    budgets = [make_budget(store) for _ in range(processes)]
    done: dict[str, float] = {}

    async def work(limited: Budget, account: str, count: int) -> None:
        await asyncio.gather(*(send_one(limited, Lane.BULK, account) for _ in range(count)))
        done[account] = loop_time()

    large = asyncio.create_task(work(budgets[0], "large", 500))
    await asyncio.gather(*(work(budgets[-1], f"small {number}", 20) for number in range(9)))
    alone = 20 * 10 / 4
    assert max(done.values()) == pytest.approx(alone, rel=0.15)
    large.cancel()
    await asyncio.wait([large])


async def test_midnight_with_processes_on_both_sides() -> None:
    """Requests of two processes around midnight count for the right day each."""
    store = MemoryStore(Clock(MIDNIGHT - 2.0))
    mine, theirs = make_budget(store, per_day=10), make_budget(store, per_day=10)

    async def many(budget: Budget) -> list[Permit]:
        permits = []
        with contextlib.suppress(DailyQuotaError):
            while loop_time() < 10:
                permits.append(await send_one(budget))
        return permits

    permits = [permit for some in await asyncio.gather(many(mine), many(theirs)) for permit in some]
    before = sum(permit.granted < MIDNIGHT for permit in permits)
    assert 4 <= before <= 10
    assert len(permits) - before + 4 >= 10
    assert len(permits) - before <= 10
    assert (await mine.statistics()).used == 10


async def test_a_day_closed_by_a_clock_ahead_of_its_time_opens() -> None:
    """A day closed by a clock days ahead ends at the next true midnight."""
    clock = Clock(MIDNIGHT + 3 * 86_400.0 + 43_200.0)
    limited = make_budget(MemoryStore(clock))
    await send_one(limited, result="quota_exceeded")
    clock.shift -= 3 * 86_400.0
    for _ in range(2):
        with pytest.raises(DailyQuotaError) as caught:
            await limited.acquire()
        assert caught.value.resets_at.timestamp() == MIDNIGHT + 86_400.0
        await asyncio.sleep(3600.0)
    clock.shift += 43_200.0
    await send_one(limited)


async def test_a_high_limit_is_kept_and_counted() -> None:
    """A limit of 500 a second is kept, and every permit is counted."""
    limited = make_budget(per_second=500, per_day=50_000)
    granted: list[float] = []

    async def work() -> None:
        while loop_time() < 3.0:
            permit = await limited.acquire(Lane.BULK)
            await asyncio.sleep(0.05)
            await limited.release(permit, "answered")
            granted.append(permit.granted)

    await asyncio.gather(*(work() for _ in range(200)))
    closest = min(later - earlier for earlier, later in zip(granted, granted[500:], strict=False))
    assert closest > 0.95
    assert len(granted) > 1300
    statistics = await limited.statistics()
    assert (statistics.used, statistics.in_flight) == (len(granted), 0)
