"""A lost answer is looked for at leisure, however wrong the clocks are: nothing is sent twice."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import pytest

from cc_async import ImportReport, Job, SignUp
from cc_async.errors import TooManyAttemptsError
from cc_async.stores import MemoryStore
from tests.support.budgets import loop_time
from tests.support.people import NOON, client_of, loop_clock, open_sandbox

pytestmark = pytest.mark.looptime

IMPORTS = "/activities/contacts_*_import"
SHOWN_AFTER, SETTLE, ANSWER_WITHIN = 70.0, 120.0, 60.0


@pytest.mark.parametrize("who", ["first machine", "second machine", "store, later"])
@pytest.mark.parametrize("step", [300.0, -300.0])
async def test_a_job_is_taken_over_where_a_clock_is_wrong(
    who: str, step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The activity shows up late in the list, and is found before the chunk is sent again."""
    machine, of_store = (step if who == "first machine" else 0.0), 0.0
    monkeypatch.setattr(time, "time", lambda: NOON + loop_time() + machine)
    sandbox = open_sandbox(list_delay=SHOWN_AFTER)
    store = MemoryStore(lambda: loop_clock() + of_store)
    sandbox.faults.add("cut-after", path=IMPORTS, times=1)
    async with client_of(sandbox, stores=store) as one:
        job = await one.bulk.submit_import([{"email": "p@example.com"}], lists=["Newsletter"])
        first = asyncio.ensure_future(awaited(job))
        await asyncio.sleep(5.0)
        first.cancel()
        with suppress(asyncio.CancelledError):
            await first
    machine = step if who == "second machine" else 0.0
    of_store = step if who == "store, later" else 0.0
    async with client_of(sandbox, stores=store) as two:
        began = loop_time()
        report = await (await two.bulk.resume(job.id))
    assert report.is_all_accepted, report
    assert len(sandbox.activities) == 1
    assert loop_time() - began < ANSWER_WITHIN + SETTLE + 60.0


async def awaited(job: Job) -> ImportReport:
    return await job


async def test_a_machine_a_day_ahead_makes_no_more_attempts_for_an_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The attempts of others are counted on the store's clock, so three a day stay three."""
    ahead = 0.0
    monkeypatch.setattr(time, "time", lambda: NOON + loop_time() + ahead)
    sandbox, store = open_sandbox(), MemoryStore(loop_clock)
    person = SignUp("p@example.com", ["Newsletter"])
    async with client_of(sandbox, stores=store) as one:
        for _ in range(3):
            await one.contacts.sign_up(person, consent="explicit")
    ahead = 2 * 86_400.0
    async with client_of(sandbox, stores=store) as two:
        with pytest.raises(TooManyAttemptsError):
            await two.contacts.sign_up(person, consent="explicit")
