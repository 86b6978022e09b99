"""Waiting for a permit, in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import TypeVar

import pytest

from cc_async.errors import DailyQuotaError, StoreError
from cc_async.limits import Budget, Lane, Permit, PermitResult, Waiting
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


def budget(store: object = None, **settings: object) -> Budget:
    return Budget(store or MemoryStore(Clock()), key="app", **settings)  # type: ignore[arg-type]


async def one(
    budget: Budget,
    lane: Lane = Lane.INTERACTIVE,
    account: str = "",
    *,
    takes: float = 0.1,
    result: PermitResult = "answered",
) -> Permit:
    permit = await budget.acquire(lane, account)
    await asyncio.sleep(takes)
    await budget.release(permit, result)
    return permit


async def test_four_at_once_then_one_second_after_the_replies() -> None:
    """Four requests leave at once; the fifth waits until a second after the first reply."""
    limited = budget()
    permits = await asyncio.gather(*(one(limited) for _ in range(5)))
    sent = [permit.granted - permits[0].granted for permit in permits]
    assert sent[:4] == pytest.approx([0, 0, 0, 0], abs=1e-3)
    assert sent[4] == pytest.approx(1.105, abs=0.01)


async def test_first_come_first_served() -> None:
    """Within one account and lane, permits are granted in the order of asking."""
    limited = budget()
    order: list[int] = []

    async def ask(number: int) -> None:
        permit = await limited.acquire()
        order.append(number)
        await limited.release(permit, "answered")

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


async def test_cancelled_while_waiting_holds_up_no_other_process() -> None:
    """A process whose only waiter leaves the queue leaves it too."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store, per_second=1), budget(store, per_second=1)
    await one(mine, takes=0.0)
    leaving = asyncio.create_task(mine.acquire())
    await asyncio.sleep(0.1)
    leaving.cancel()
    await asyncio.wait([leaving])
    await theirs.acquire()
    assert loop_time() == pytest.approx(1.005, abs=0.01)


async def test_a_used_up_day_is_asked_for_once() -> None:
    """When one waiter hears that the day is used up, those behind it need not ask."""
    store = SlowStore(Clock())
    limited = budget(store, per_day=1)
    tasks = [asyncio.create_task(limited.acquire()) for _ in range(100)]
    await asyncio.wait(tasks)
    assert sum(task.exception() is not None for task in tasks) == 99
    assert loop_time() == pytest.approx(0.2, abs=0.01)


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
    await one(mine, result="throttled")
    started = loop_time()
    await one(theirs, takes=0.0)
    assert loop_time() - started == pytest.approx(1.0, abs=0.01)


async def test_quota_exceeded_closes_the_day_for_everyone() -> None:
    """The service's word that the day is used up counts more than the local count."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store), budget(store)
    await one(mine, result="quota_exceeded")
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


async def _nothing(permit: str) -> None:
    """What a killed process says."""


async def test_turns_of_a_dead_process_come_back() -> None:
    """Turns whose process says nothing more are free again after a few seconds."""
    store = MemoryStore(Clock())
    dead, alive = budget(store), budget(store)
    for _ in range(4):
        await dead.acquire()  # in memory, so that no timer speaks for it
    await one(alive, takes=0.0)
    assert loop_time() == pytest.approx(3.0, abs=0.3)


class SharedStore:
    """A store that another process might share, kept in memory."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        await asyncio.sleep(0.001)
        return await self._store.update(key, change)


async def test_a_slow_request_keeps_its_slot() -> None:
    """A process that waits long for a reply is not taken for dead, and its slot stays taken."""
    store = MemoryStore(Clock())
    slow, other = budget(SharedStore(store), per_second=1), budget(SharedStore(store), per_second=1)
    upload = asyncio.create_task(one(slow, takes=20.0))
    await asyncio.sleep(0.1)
    await one(other)
    assert loop_time() == pytest.approx(20.0 + 1.005 + 0.1, abs=0.2)
    await upload


async def test_nothing_runs_when_nothing_is_awaited() -> None:
    """When its last permit was given back a budget leaves no task and no timer behind."""
    limited = budget(SharedStore(MemoryStore(Clock())))
    await asyncio.gather(*(one(limited, takes=5.0) for _ in range(3)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert asyncio.get_running_loop()._scheduled == [] or all(  # type: ignore[attr-defined]
        handle.cancelled()
        for handle in asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    )


class DyingStore(MemoryStore):
    """A store that is out of reach whenever it is told so."""

    down = False
    fails_after = False

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        await asyncio.sleep(0.001)
        if self.down:
            raise StoreError("out of reach")
        answer = await super().update(key, change)
        if self.fails_after:
            raise StoreError("cut off")
        return answer


async def test_store_out_of_reach() -> None:
    """Without its store a budget gives no permit, and goes on when the store is back."""
    store = DyingStore(Clock())
    limited = budget(store)
    store.down = True
    with pytest.raises(StoreError):
        await limited.acquire()
    store.down = False
    await one(limited)


async def test_a_turn_given_back_while_the_store_is_away() -> None:
    """Giving a permit back never fails, and the store is told as soon as it is there again."""
    store = DyingStore(Clock())
    limited = budget(store, per_second=1)
    permit = await limited.acquire()
    store.down = True
    await limited.release(permit, "answered")
    store.down = False
    await one(limited, takes=0.0)
    assert (await limited.statistics()).used == 2
    assert loop_time() == pytest.approx(1.005, abs=0.02)


async def test_a_turn_granted_without_our_knowing() -> None:
    """Where a store fails after it has granted a permit, the permit is taken back with the next word."""
    store = DyingStore(Clock())
    limited = budget(store, per_second=1)
    store.fails_after = True
    with pytest.raises(StoreError):
        await limited.acquire()
    store.fails_after = False
    await one(limited)
    assert loop_time() < 0.2
    assert (await limited.statistics()).used == 1


async def test_a_share_without_the_store() -> None:
    """If asked for, a process goes on with a share of its own while the store is away."""
    store = DyingStore(Clock())
    limited = budget(store, share_without_store=0.25)
    store.down = True
    for _ in range(3):
        await one(limited, takes=0.0)
    assert loop_time() == pytest.approx(2 * 1.005, abs=0.05)
    store.down = False
    await asyncio.sleep(5.0)
    await one(limited)
    assert (await limited.statistics()).used == 1


async def test_a_share_of_token_calls_without_the_store() -> None:
    """Token calls go on with a share too, so that sign-ins do not end where the store does."""
    store = DyingStore(Clock())
    limited = budget(store, share_without_store=0.5)
    store.down = True
    for _ in range(3):
        await one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005, abs=0.05)
    store.down = False
    await asyncio.sleep(5.0)
    await one(limited, Lane.TOKEN, takes=0.0)
    await one(limited, Lane.TOKEN, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005 + 5.0 + 1.005, abs=0.05)


async def test_a_share_may_be_less_than_one_a_second() -> None:
    """An eighth of four a second is one every two seconds, not one a second."""
    store = DyingStore(Clock())
    limited = budget(store, share_without_store=0.125)
    store.down = True
    for _ in range(3):
        await one(limited, takes=0.0)
    assert loop_time() == pytest.approx(2 * 2.005, abs=0.05)


async def test_token_calls_without_the_store_need_leave() -> None:
    """Where no share was asked for, token calls end with the store, like all others."""
    store = DyingStore(Clock())
    limited = budget(store)
    store.down = True
    with pytest.raises(StoreError):
        await limited.acquire(Lane.TOKEN)


async def test_cancelled_while_the_store_answers() -> None:
    """A permit granted to somebody who was cancelled meanwhile is neither held nor counted."""
    store = SlowStore(Clock())
    limited = budget(store, per_second=1)
    asked = asyncio.create_task(limited.acquire())
    await asyncio.sleep(0.05)
    asked.cancel()
    await asyncio.wait([asked])
    assert asked.cancelled()
    statistics = await limited.statistics()
    assert (statistics.used, statistics.in_flight) == (0, 0)


class SlowStore(MemoryStore):
    """A store that takes its time, and carries through what it has begun."""

    async def update(self, key: str, change: Change[T], *, durable: bool = True) -> T:
        try:
            return await super().update(key, change)
        finally:
            await asyncio.sleep(0.1)


async def test_a_newcomer_does_not_overtake_while_the_store_answers() -> None:
    """Whoever asked first is first, however long the store takes."""
    limited = budget(SlowStore(Clock()), per_second=1)
    order: list[int] = []

    async def ask(number: int) -> None:
        permit = await limited.acquire()
        order.append(number)
        await limited.release(permit, "answered")

    async with asyncio.TaskGroup() as group:
        for number in range(6):
            group.create_task(ask(number))
            await asyncio.sleep(0.03)
    assert order == list(range(6))


@pytest.mark.parametrize("processes", [1, 2])
async def test_nine_small_accounts_beside_a_large_one(processes: int) -> None:
    """Nine accounts with few requests finish as if each had a tenth of the budget to itself."""
    store = MemoryStore(Clock())
    budgets = [budget(store) for _ in range(processes)]
    done: dict[str, float] = {}

    async def work(limited: Budget, account: str, count: int) -> None:
        await asyncio.gather(*(one(limited, Lane.BULK, account) for _ in range(count)))
        done[account] = loop_time()

    large = asyncio.create_task(work(budgets[0], "large", 500))
    await asyncio.gather(*(work(budgets[-1], f"small {number}", 20) for number in range(9)))
    alone = 20 * 10 / 4
    assert max(done.values()) == pytest.approx(alone, rel=0.15)
    large.cancel()
    await asyncio.wait([large])


async def test_midnight_with_processes_on_both_sides() -> None:
    """Requests of two processes before and after midnight count for the right day each."""
    store = MemoryStore(Clock(MIDNIGHT - 2.0))
    mine, theirs = budget(store, per_day=10), budget(store, per_day=10)

    async def many(budget: Budget) -> list[Permit]:
        permits = []
        with contextlib.suppress(DailyQuotaError):
            while loop_time() < 10:
                permits.append(await one(budget))
        return permits

    permits = [permit for some in await asyncio.gather(many(mine), many(theirs)) for permit in some]
    before = sum(permit.granted < MIDNIGHT for permit in permits)
    assert 4 <= before <= 10
    assert len(permits) - before + 4 >= 10
    assert len(permits) - before <= 10
    assert (await mine.statistics()).used == 10


async def test_statistics_say_who_waits() -> None:
    """Statistics count what is used, left and in flight, and who waits, by lane and account."""
    store = MemoryStore(Clock())
    mine, theirs = budget(store, per_second=1), budget(store, per_second=1)
    permit = await mine.acquire()
    tasks = [
        asyncio.create_task(mine.acquire(Lane.BULK, "a")),
        asyncio.create_task(mine.acquire(Lane.BULK, "a")),
        asyncio.create_task(theirs.acquire(Lane.POLLING, "b")),
        asyncio.create_task(theirs.acquire(Lane.BULK, "c")),
    ]
    await asyncio.sleep(1.5)
    statistics = await mine.statistics()
    assert statistics.waiting == (
        Waiting(Lane.POLLING, "b", 1),
        Waiting(Lane.BULK, "a", 2),
        Waiting(Lane.BULK, "c", 1),
    )
    assert (statistics.used, statistics.left, statistics.in_flight) == (1, 9999, 1)
    assert statistics.resets_at == dt.datetime(2024, 10, 5, tzinfo=dt.UTC)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await mine.release(permit, "answered")


async def test_ten_thousand_waiters_are_served_in_order() -> None:
    """Ten thousand waiters in one process come out in the order they came in."""
    limited = budget(per_second=1000, per_day=20_000)
    order: list[int] = []

    async def ask(number: int) -> None:
        permit = await limited.acquire(Lane.BULK)
        order.append(number)
        await limited.release(permit, "answered")

    await asyncio.gather(*(ask(number) for number in range(10_000)))
    assert order == list(range(10_000))


async def test_bulk_that_stops_at_its_share_leaves_others_waiting() -> None:
    """When bulk work hears that its share is used up, interactive calls go on."""
    limited = budget(SlowStore(Clock()), per_day=4, reserve=0.5)
    await one(limited)
    await one(limited)
    bulk = [asyncio.create_task(limited.acquire(Lane.BULK)) for _ in range(2)]
    await asyncio.sleep(0.15)  # the first has heard, the second is asking
    await asyncio.gather(one(limited), one(limited))
    await asyncio.wait(bulk)
    assert [type(task.exception()) for task in bulk] == [DailyQuotaError] * 2


async def test_a_day_closed_by_a_clock_ahead_of_its_time_opens() -> None:
    """A day that was closed while the clock was days ahead ends at the next true midnight."""
    clock = Clock(MIDNIGHT + 3 * 86_400.0 + 43_200.0)
    limited = budget(MemoryStore(clock))
    await one(limited, result="quota_exceeded")
    clock.shift -= 3 * 86_400.0
    for _ in range(2):
        with pytest.raises(DailyQuotaError) as caught:
            await limited.acquire()
        assert caught.value.resets_at.timestamp() == MIDNIGHT + 86_400.0
        await asyncio.sleep(3600.0)
    clock.shift += 43_200.0
    await one(limited)


async def test_a_forked_child_is_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child does not answer for its parent's permits, nor count as its parent."""
    limited = budget()
    parent = await limited.acquire()
    monkeypatch.setattr("os.getpid", lambda: 1)
    child = await limited.acquire()
    assert parent.id.partition("-")[0] != child.id.partition("-")[0]


async def test_a_high_limit_is_kept_and_counted() -> None:
    """However high the limit is, it is kept, and every permit is counted."""
    limited = budget(per_second=500, per_day=50_000)
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
