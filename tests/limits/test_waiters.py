"""The waiting tasks of one process."""

from __future__ import annotations

import datetime as dt

import pytest

from cc_async.errors import DailyQuotaError
from cc_async.limits import Lane
from cc_async.limits._waiters import Waiter, Waiters


def names_in_order(waiters: Waiters) -> list[str]:
    """Serve all *waiters*, and return their accounts in the order of serving."""
    order = []
    while (first := waiters.first()) is not None:
        order.append(first.account)
        waiters.leave(first, served=True)
    return order


async def test_accounts_of_a_lane_take_turns() -> None:
    """After a permit, an account goes behind the other accounts of its lane."""
    waiters = Waiters()
    for account in ("big", "big", "big", "small"):
        waiters.add(Waiter(Lane.BULK, account))
    assert names_in_order(waiters) == ["big", "small", "big", "big"]
    assert waiters.count == 0


async def test_a_higher_lane_is_served_first() -> None:
    """A waiter of a higher lane goes first although it came last."""
    waiters = Waiters()
    waiters.add(Waiter(Lane.BULK, "bulk"))
    waiters.add(Waiter(Lane.INTERACTIVE, "call"))
    assert names_in_order(waiters) == ["call", "bulk"]


async def test_a_waiter_may_be_put_ahead() -> None:
    """A waiter that has asked already stands before all of its lane and account."""
    waiters = Waiters()
    waiters.add(Waiter(Lane.BULK, ""))
    waiters.add(early := Waiter(Lane.BULK, ""), ahead=True)
    assert waiters.first() is early


async def test_a_waiter_that_left_is_skipped() -> None:
    """A waiter that left in the middle of the queue is not counted and never first."""
    waiters = Waiters()
    first, second, third = (Waiter(Lane.BULK, "") for _ in range(3))
    for waiter in (first, second, third):
        waiters.add(waiter)
    waiters.leave(second, served=False)
    assert list(waiters) == [first, third]
    waiters.leave(first, served=True)
    assert waiters.first() is third
    assert waiters.queue_lengths() == [(Lane.BULK, "", 1)]


async def test_only_the_longest_queues_are_listed() -> None:
    """Of more than twenty queues the twenty longest are listed."""
    waiters = Waiters()
    for number in range(1, 26):
        for _ in range(number):
            waiters.add(Waiter(Lane.BULK, f"account {number}"))
    lengths = waiters.queue_lengths()
    assert sorted(count for _, _, count in lengths) == list(range(6, 26))


async def test_a_parked_waiter_is_woken_or_failed() -> None:
    """`wake` ends a parked wait; `fail` ends it with the time of the reset."""
    waiter, resets_at = Waiter(Lane.BULK, ""), dt.datetime(2024, 10, 5, tzinfo=dt.UTC)
    waiter.wake()  # no wait yet: nothing happens
    parked = waiter.park()
    waiter.wake()
    assert await parked is None  # type: ignore[func-returns-value]
    parked = waiter.park()
    waiter.fail(resets_at)
    with pytest.raises(DailyQuotaError) as caught:
        await parked
    assert caught.value.resets_at == resets_at
