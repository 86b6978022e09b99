"""The queue of one process, on records that it did not write itself."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from cc_async.errors import StoredFormatError
from cc_async.limits import Budget
from cc_async.stores import MemoryStore

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
