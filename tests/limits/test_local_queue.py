"""The queue of one process: order, cancellation, failing stores, and records of other versions."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import pytest

from cc_async.errors import DailyQuotaError, StoredFormatError, StoreError
from cc_async.limits import Budget, Lane
from cc_async.stores import MemoryStore
from tests.support.budgets import Clock, FailingStore, SlowStore, loop_time, make_budget, send_one

pytestmark = pytest.mark.looptime


async def test_first_come_first_served() -> None:
    """Within one account and lane, permits are granted in the order of asking."""
    limited = make_budget()
    order: list[int] = []

    async def ask(number: int) -> None:
        permit = await limited.acquire()
        order.append(number)
        await limited.release(permit, "answered")

    await asyncio.gather(*(ask(number) for number in range(40)))
    assert order == sorted(order)


async def test_lanes_go_in_order() -> None:
    """A later request in a higher lane goes first: interactive, then polling, then bulk."""
    limited = make_budget(per_second=1)
    order: list[str] = []

    async def ask(name: str, lane: Lane) -> None:
        await send_one(limited, lane)
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
    limited = make_budget(per_second=1)
    order: list[str] = []

    async def ask(account: str) -> None:
        await send_one(limited, Lane.BULK, account)
        order.append(account)

    await asyncio.gather(*(ask(account) for account in ["big"] * 6 + ["small"] * 2))
    assert order == ["big", "big", "small", "big", "small", "big", "big", "big"]


async def test_cancelled_while_waiting_gives_the_place_back() -> None:
    """A cancelled waiter costs the others nothing, first in the queue or not."""
    limited = make_budget(per_second=1)
    await send_one(limited, takes=0.0)
    tasks = [asyncio.create_task(send_one(limited, takes=0.0)) for _ in range(4)]
    await asyncio.sleep(0.1)
    tasks[0].cancel()
    tasks[2].cancel()
    started = loop_time()
    await asyncio.wait(tasks)
    assert loop_time() - started == pytest.approx(0.905 + 1.005, abs=0.01)
    assert (await limited.statistics()).waiting == ()


async def test_cancelled_while_waiting_holds_up_no_other_process() -> None:
    """A process whose only waiter is cancelled leaves the queue."""
    store = MemoryStore(Clock())
    mine, theirs = make_budget(store, per_second=1), make_budget(store, per_second=1)
    await send_one(mine, takes=0.0)
    leaving = asyncio.create_task(mine.acquire())
    await asyncio.sleep(0.1)
    leaving.cancel()
    await asyncio.wait([leaving])
    await theirs.acquire()
    assert loop_time() == pytest.approx(1.005, abs=0.01)


async def test_cancelled_while_the_store_answers() -> None:
    """A permit granted to a task just cancelled is neither held nor counted."""
    store = SlowStore(Clock())
    limited = make_budget(store, per_second=1)
    asked = asyncio.create_task(limited.acquire())
    await asyncio.sleep(0.05)
    asked.cancel()
    await asyncio.wait([asked])
    assert asked.cancelled()
    statistics = await limited.statistics()
    assert (statistics.used, statistics.in_flight) == (0, 0)


async def test_a_used_up_day_is_asked_for_once() -> None:
    """When one waiter hears that the day is used up, those behind it need not ask."""
    store = SlowStore(Clock())
    limited = make_budget(store, per_day=1)
    tasks = [asyncio.create_task(limited.acquire()) for _ in range(100)]
    await asyncio.wait(tasks)
    assert sum(task.exception() is not None for task in tasks) == 99
    assert loop_time() == pytest.approx(0.2, abs=0.01)


async def test_bulk_that_stops_at_its_share_leaves_others_waiting() -> None:
    """When bulk work hears that its share is used up, interactive calls go on."""
    limited = make_budget(SlowStore(Clock()), per_day=4, reserve=0.5)
    await send_one(limited)
    await send_one(limited)
    bulk = [asyncio.create_task(limited.acquire(Lane.BULK)) for _ in range(2)]
    await asyncio.sleep(0.15)  # the first has heard, the second is asking
    await asyncio.gather(send_one(limited), send_one(limited))
    await asyncio.wait(bulk)
    assert [type(task.exception()) for task in bulk] == [DailyQuotaError] * 2


async def test_a_newcomer_does_not_overtake_while_the_store_answers() -> None:
    """The first to ask is the first served, however long the store takes."""
    limited = make_budget(SlowStore(Clock()), per_second=1)
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


async def test_ten_thousand_waiters_are_served_in_order() -> None:
    """Ten thousand waiters in one process are served in the order of their arrival."""
    limited = make_budget(per_second=1000, per_day=20_000)
    order: list[int] = []

    async def ask(number: int) -> None:
        permit = await limited.acquire(Lane.BULK)
        order.append(number)
        await limited.release(permit, "answered")

    await asyncio.gather(*(ask(number) for number in range(10_000)))
    assert order == list(range(10_000))


async def test_a_process_that_dies_in_the_queue_costs_a_moment() -> None:
    """A process killed while it is first in the queue holds the others up for a quarter second."""
    store = MemoryStore(Clock())
    dead, alive = make_budget(store, per_second=1), make_budget(store, per_second=1)
    await send_one(alive, takes=0.0)
    gone = asyncio.create_task(dead.acquire())
    await asyncio.sleep(0.01)
    dead._requests._withdraw = say_nothing  # type: ignore[method-assign]
    gone.cancel()
    started = loop_time()
    await send_one(alive, takes=0.0)
    assert loop_time() - started == pytest.approx(0.995 + 0.25, abs=0.02)


async def say_nothing(permit: str) -> None:
    """Take no place back, as a killed process."""


async def test_permits_of_a_silent_process_come_back() -> None:
    """Permits of a silent process are free again after three seconds."""
    store = MemoryStore(Clock())
    dead, alive = make_budget(store), make_budget(store)
    for _ in range(4):
        await dead.acquire()  # in memory, so that no timer speaks for it
    await send_one(alive, takes=0.0)
    assert loop_time() == pytest.approx(3.0, abs=0.3)


async def test_a_forked_child_is_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forked child has permits of its own, not those of its parent."""
    limited = make_budget()
    parent = await limited.acquire()
    monkeypatch.setattr("os.getpid", lambda: 1)
    child = await limited.acquire()
    assert parent.id.partition("-")[0] != child.id.partition("-")[0]


async def test_a_permit_released_while_the_store_is_out_of_reach() -> None:
    """Releasing a permit never fails, and the store is told at its return."""
    store = FailingStore(Clock())
    limited = make_budget(store, per_second=1)
    permit = await limited.acquire()
    store.down = True
    await limited.release(permit, "answered")
    store.down = False
    await send_one(limited, takes=0.0)
    assert (await limited.statistics()).used == 2
    assert loop_time() == pytest.approx(1.005, abs=0.02)


async def test_a_permit_granted_by_a_failing_store_is_taken_back() -> None:
    """A store that fails after granting a permit gets it back with the next request."""
    store = FailingStore(Clock())
    limited = make_budget(store, per_second=1)
    store.fails_after = True
    with pytest.raises(StoreError):
        await limited.acquire()
    store.fails_after = False
    await send_one(limited)
    assert loop_time() < 0.2
    assert (await limited.statistics()).used == 1


SAMPLES = Path(__file__).parents[1] / "samples"


async def store_with(sample: str) -> MemoryStore:
    """Return a store with a budget record from the samples."""
    record = json.loads((SAMPLES / sample).read_text())
    store = MemoryStore()
    await store.update("budget:app", lambda _, now: (record, None))
    return store


@pytest.mark.parametrize("share", [None, 0.25])
async def test_a_record_without_a_version_is_refused(share: float | None) -> None:
    """A budget record from before versions is an error with a remedy, with a share too."""
    store = await store_with("budget-record-unversioned.json")
    budget = Budget(store, key="app", share_without_store=share)
    with pytest.raises(StoredFormatError, match="'budget:app' has no version") as caught:
        await budget.acquire()
    assert "CC_ASYNC_BUDGET_STORE" in caught.value.hint
    with pytest.raises(StoredFormatError):
        await budget.statistics()


async def test_a_record_of_another_version_is_refused() -> None:
    """A budget record of a later version is refused, and stays as it is."""
    record = {**json.loads((SAMPLES / "budget-record.json").read_text()), "format": 2}
    store = MemoryStore()
    await store.update("budget:app", lambda _, now: (record, None))
    with pytest.raises(StoredFormatError, match="version 2"):
        await Budget(store, key="app").acquire()
    assert await store.update("budget:app", lambda found, now: (found, found)) == record


async def test_a_record_of_this_version_goes_on() -> None:
    """A budget goes on from a stored record of its own version, and from its count of the day."""
    record = json.loads((SAMPLES / "budget-record.json").read_text())
    store = MemoryStore(lambda: record["updated_at"] + 1.0)
    await store.update("budget:app", lambda _, now: (record, None))
    budget = Budget(store, key="app")
    await budget.acquire()
    assert (await budget.statistics()).used == record["used"] + 1


async def test_releasing_into_a_refused_record_does_not_raise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A permit goes back without an error although its record was replaced meanwhile."""
    store = MemoryStore()
    budget = Budget(store, key="app")
    permit = await budget.acquire()
    await store.update("budget:app", lambda found, now: ({**found, "format": 2}, None))
    with caplog.at_level(logging.WARNING):
        await budget.release(permit, "answered")
    assert "cannot be released yet" in caplog.text
