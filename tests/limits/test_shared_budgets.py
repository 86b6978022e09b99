"""One budget object for all clients of a process."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter

import pytest

from cc_async import ConstantContact
from cc_async.limits import Budget, Lane, UnnamedBudget, shared_budget
from cc_async.stores import MemoryStore
from cc_async.wire import Request, read_json
from tests.support.budgets import Clock, SharedStore, loop_time
from tests.support.loops import in_a_new_loop
from tests.support.people import client_of, open_sandbox
from tests.support.scripted import ScriptedTransport, reply

pytestmark = pytest.mark.looptime

READ = Request("GET", "/contact_lists")


async def test_equal_calls_share_a_budget() -> None:
    """The same store, application and limits are one budget; anything else is another one."""
    store = MemoryStore()
    budget = shared_budget(store, key="app")
    assert shared_budget(store, key="app") is budget
    assert shared_budget(store, key="other") is not budget
    assert shared_budget(store, key="app", per_second=2) is not budget
    assert shared_budget(MemoryStore(), key="app") is not budget


def test_loops_share_no_budget() -> None:
    """A budget belongs to one event loop; without a loop it is new each time."""
    store = MemoryStore()

    async def make() -> object:
        return shared_budget(store, key="app")

    assert in_a_new_loop(make()) is not in_a_new_loop(make())
    assert shared_budget(store, key="app") is not shared_budget(store, key="app")


async def test_an_unused_budget_is_forgotten() -> None:
    """When no client uses a budget any more, nothing holds it."""
    budget = shared_budget(MemoryStore(), key="app")
    seen = weakref.ref(budget)
    del budget
    gc.collect()
    assert seen() is None


async def test_300_accounts_on_one_key_reach_the_limit_and_take_turns() -> None:
    """With 300 clients waiting, four requests a second leave, and all accounts get as many."""
    store, turns, seconds = SharedStore(MemoryStore(Clock())), Counter[int](), 300.0
    transport = ScriptedTransport(reply(200, {"lists": []}), seconds=0.05)
    clients = [
        ConstantContact(
            "token-of-one-application",
            account=f"account-{number}",
            stores=store,  # type: ignore[arg-type]
            transport=transport,
        )
        for number in range(300)
    ]

    async def work(number: int, client: ConstantContact) -> None:
        session = client._session.on_lane(Lane.BULK)
        while True:
            await session.send(READ, read_json)
            turns[number] += 1

    tasks = [asyncio.create_task(work(number, one)) for number, one in enumerate(clients)]
    await asyncio.sleep(seconds)
    assert loop_time() == pytest.approx(seconds)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert turns.total() > 0.97 * 4 * seconds
    assert max(turns.values()) - min(turns[number] for number in range(300)) <= 1


async def test_clients_share_the_store_that_their_url_names(tmp_path: object) -> None:
    """Clients with one URL use one open store, and the last of them closes it."""
    url, sandbox = f"sqlite:///{tmp_path}/state.db", open_sandbox()
    one, two = client_of(sandbox, stores=url), client_of(sandbox, stores=url)
    assert one.budget is two.budget
    assert one._stores.journal() is two._stores.budget()
    await one.aclose()
    assert [each async for each in two.contact_lists.iter()]
    budget = two.budget
    await two.aclose()
    three = client_of(sandbox, stores=url)
    assert three.budget is not budget
    await three.aclose()


async def test_a_budget_without_a_name_finds_it_once() -> None:
    """The first use finds the application, and from then on its shared budget is used."""
    store, asked = MemoryStore(), list[str]()

    async def find(token: str) -> str:
        asked.append(token)
        return "app"

    def make(name: str) -> Budget:
        return shared_budget(store, key=name)

    unnamed = UnnamedBudget(find, make)
    budget = await unnamed.of("token")
    assert budget is make("app")
    await budget.release(await budget.acquire(Lane.BULK), "answered")
    assert (await unnamed.statistics()).used == 1
    assert asked == ["token"]
