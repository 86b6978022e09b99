"""What a turn costs: processor time in memory, and time on every store.

python -m benchmarks.turns
"""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from cc_async.limits import Budget, Lane
from cc_async.stores import MemoryStore, Store, default_store_url, open_store
from tests.support.servers import postgres, valkey

ROUNDS = 5


async def in_a_row(budget: Budget, count: int) -> None:
    """Take and give back *count* turns, one after another."""
    for _ in range(count):
        turn = await budget.acquire(Lane.BULK, "account")
        await budget.release(turn, "answered")


async def all_at_once(budget: Budget, count: int) -> None:
    """Let *count* tasks wait for one turn each."""
    await asyncio.gather(*(in_a_row(budget, 1) for _ in range(count)))


async def nothing_at_once(count: int) -> None:
    """Do what `all_at_once` does, without a budget: to be taken off."""

    async def nothing() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    await asyncio.gather(*(nothing() for _ in range(count)))


async def processor(work: Callable[[], Awaitable[None]], count: int) -> float:
    """Return the least microseconds of processor time for one of *count*."""
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        start = time.process_time()
        await work()
        best = min(best, (time.process_time() - start) / count * 1e6)
    return best


def in_memory(per_second: int) -> Budget:
    """Return a budget of its own, with a day that never ends."""
    return Budget(MemoryStore(), key="bench", per_second=per_second, per_day=10**9)


async def in_store(store: Store) -> float:
    """Return microseconds for a turn on *store*."""
    budget = Budget(store, key="bench", per_second=1_000, per_day=10**9)
    await in_a_row(budget, 4)
    start = time.perf_counter()
    await in_a_row(budget, 50)
    elapsed = time.perf_counter() - start
    await store.aclose()
    return elapsed / 50 * 1e6


async def main(valkey_url: str, postgres_url: str, home: Path) -> None:
    """Print the table."""
    high = in_memory(1_000_000)
    cost = await processor(lambda: in_a_row(high, 50_000), 50_000)
    print(f"{'memory, limits out of the way':44}{cost:8.1f} µs of processor time")
    crowd = in_memory(2_500)
    cost = await processor(lambda: all_at_once(crowd, 10_000), 10_000)
    cost -= await processor(lambda: nothing_at_once(10_000), 10_000)
    print(f"{'memory, 10,000 waiters, 2,500 a second':44}{cost:8.1f} µs of processor time")
    for name, url in (
        ("SQLite", default_store_url(home)),
        ("Valkey, every write on disk", valkey_url),
        ("PostgreSQL", postgres_url),
    ):
        print(f"{name:44}{await in_store(open_store(url)):8.0f} µs")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for part in ("valkey", "postgres", "home"):
            (Path(folder) / part).mkdir()
        with (
            valkey(Path(folder) / "valkey") as first,
            postgres(Path(folder) / "postgres") as second,
        ):
            asyncio.run(main(first, second, Path(folder) / "home"))
