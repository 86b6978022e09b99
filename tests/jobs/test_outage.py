"""Outages of a store, waited out."""

from __future__ import annotations

import pytest

from cc_async.errors import StoredFormatError, StoreError
from cc_async.jobs import Outage, wait_out
from cc_async.retries import RetryPolicy
from tests.support.budgets import loop_time

pytestmark = pytest.mark.looptime


async def test_work_is_repeated_until_its_store_is_back() -> None:
    """A store that is away for five minutes is waited out, and each pause is told."""
    waits: list[float] = []

    async def work() -> str:
        if loop_time() < 300.0:
            raise StoreError("away")
        return "done"

    policy = RetryPolicy(on_wait=lambda _, seconds: waits.append(seconds))
    assert await wait_out(work, policy) == "done"
    assert 300.0 <= loop_time() < 330.0
    assert len(waits) < 25


async def test_a_store_that_stays_away_is_given_up_after_the_patience() -> None:
    """After the patience the error of the store comes out."""

    async def work() -> None:
        raise StoreError("away")

    with pytest.raises(StoreError, match="away"):
        await wait_out(work, RetryPolicy(patience=600.0))
    assert 500.0 < loop_time() <= 600.0


async def test_damage_is_no_outage() -> None:
    """A record of another format does not pass, so it is raised at once."""

    async def work() -> None:
        raise StoredFormatError("another version")

    with pytest.raises(StoredFormatError):
        await wait_out(work, RetryPolicy())
    assert loop_time() == 0.0


async def test_patience_begins_anew_with_a_usable_answer() -> None:
    """Outages of 400 seconds each end nothing with 600 seconds of patience; a longer one does."""
    outage = Outage(RetryPolicy(patience=600.0))
    for end in (400.0, 800.0, 1_200.0):
        while loop_time() < end:
            await outage.wait(StoreError("away"))
        outage.end()
    with pytest.raises(StoreError, match="away") as caught:
        while True:
            await outage.wait(StoreError("away"))
    assert caught.value.is_waited_out
    assert loop_time() < 1_200.0 + 660.0
