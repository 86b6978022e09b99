"""A big account in the sandbox: pages stay quick, and a big import leaves the loop free."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator

import anyio
import orjson
import pytest

from tests.support.sandbox_calls import AUTH, Caller, make_caller

PEOPLE = 100_000
JSON = {**AUTH, "Content-Type": "application/json"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    """An account with 100,000 contacts on a list."""
    gc.collect()
    gc.freeze()
    made = make_caller()
    for number in range(PEOPLE):
        made.sandbox.add_contact(
            f"person-{number}@example.com",
            lists=(made.list_id,),
            first_name="Ana",
            last_name="Lima",
        )
    yield made
    gc.unfreeze()


@pytest.mark.parametrize("on_list", [True, False])
def test_a_page_of_500_takes_less_than_50_ms(caller: Caller, on_list: bool) -> None:
    """The first, a middle and the last page, in computing time of this process."""
    everything = "custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes"
    params = {"limit": "500", "include": everything}
    if on_list:
        params["lists"] = caller.list_id
    page = caller.get("/contacts", **params)
    seconds = []
    for _ in range(150):
        started = time.thread_time()
        page = caller.follow(page)
        seconds.append(time.thread_time() - started)
        assert len(page["contacts"]) == 500
    assert sorted(seconds)[len(seconds) // 2] < 0.05


async def test_an_import_of_40_000_rows_never_holds_the_loop_for_long(caller: Caller) -> None:
    """All rows are due at once, beside 100,000 contacts; measured in computing time."""
    sandbox = caller.sandbox
    rows = [{"email": f"new-{number}@example.com"} for number in range(39_999)]
    body = orjson.dumps({"import_data": rows, "list_ids": [caller.list_id]})
    del rows
    gaps: list[float] = []
    is_done = False

    async def watch() -> None:
        before = time.thread_time()
        while not is_done:
            await asyncio.sleep(0)
            now = time.thread_time()
            gaps.append(now - before)
            before = now

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        path = "/v3/activities/contacts_json_import"
        assert (await sandbox.respond("POST", path, "", JSON, body)).status == 201
        sandbox.clock.advance(1)
        assert (await sandbox.respond("GET", "/v3/activities", "", AUTH)).status == 200
        is_done = True
    assert sandbox.contact_count == PEOPLE + 39_999
    print(f"longest {max(gaps) * 1000:.0f} ms")
    assert max(gaps) < 0.15  # measured on quiet machines: below 0.05
