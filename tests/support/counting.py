"""A service that only counts requests, and a process that sends them with permits."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Literal, TypeAlias

import aiohttp
from aiohttp import web

from cc_async.errors import StoreError
from cc_async.limits import Budget, Lane, Permit, PermitResult
from cc_async.stores import open_store

Windows: TypeAlias = Literal["fixed", "sliding"]


class Window:
    """How many requests of a second the service has taken, and how many it would refuse."""

    def __init__(self, kind: Windows, limit: int) -> None:
        self.kind = kind
        self.limit = limit
        self.refused = 0
        self._taken: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count a request that arrives at *now*; return whether it is taken."""
        start = now - 1.0 if self.kind == "sliding" else float(int(now))
        while self._taken and self._taken[0] <= start - (self.kind == "fixed") * 1e-9:
            self._taken.popleft()
        if len(self._taken) < self.limit:
            self._taken.append(now)
            return True
        self.refused += 1
        return False


class Counter:
    """The service: latency both ways around one moment of counting."""

    def __init__(self, limit: int, refuses: Windows | None, latency: tuple[float, float]) -> None:
        self.windows = {kind: Window(kind, limit) for kind in ("fixed", "sliding")}
        self.refuses = refuses
        self.arrivals: list[float] = []
        self.url = ""
        self._latency = latency
        self._shift = random.random()
        self._goal = 0
        self._reached = asyncio.Event()

    async def until(self, count: int) -> None:
        """Wait until *count* requests have arrived."""
        self._goal = count
        await self._reached.wait()

    async def answer(self, request: web.Request) -> web.Response:
        """Count the request, and refuse it if this service counts that way."""
        await asyncio.sleep(random.uniform(*self._latency) / 2)
        now = time.monotonic() + self._shift
        self.arrivals.append(now)
        if len(self.arrivals) == self._goal:
            self._reached.set()
        taken = {kind: window.take(now) for kind, window in self.windows.items()}
        await asyncio.sleep(random.uniform(*self._latency) / 2)
        return web.Response(status=200 if self.refuses is None or taken[self.refuses] else 429)

    def share(self, *, after: int = 0) -> float:
        """Return which share of the limit was used in the whole seconds *after* so many requests."""
        begin = self.arrivals[after]
        seconds = int(self.arrivals[-1] - begin)
        counted = sum(begin <= at < begin + seconds for at in self.arrivals)
        return counted / seconds / self.windows["fixed"].limit


@contextlib.asynccontextmanager
async def counting(
    limit: int, refuses: Windows | None = None, latency: tuple[float, float] = (0.005, 0.03)
) -> AsyncIterator[Counter]:
    """Serve a `Counter` on a loopback port."""
    counter = Counter(limit, refuses, latency)
    app = web.Application()
    app.router.add_get("/", counter.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    counter.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield counter
    finally:
        await runner.cleanup()


async def spend(url: str, store_url: str, per_second: int, count: int) -> None:
    """Send *count* requests, each with a permit."""
    store = open_store(store_url)
    budget = Budget(store, key="counted", per_second=per_second)
    numbers = iter(range(count))
    async with aiohttp.ClientSession() as session:

        async def work() -> None:
            for _ in numbers:
                permit = await patiently(budget)
                result: PermitResult = "lost"
                try:
                    async with session.get(url) as reply:
                        result = "answered" if reply.status == 200 else "throttled"
                finally:
                    await budget.release(permit, result)

        await asyncio.gather(*(work() for _ in range(per_second)))
    await store.aclose()


async def patiently(budget: Budget) -> Permit:
    """Return a permit; ask again while the store is out of reach."""
    while True:
        try:
            return await budget.acquire(Lane.BULK)
        except StoreError:
            await asyncio.sleep(0.05)


async def start(
    url: str, store_url: str, per_second: int, count: int
) -> asyncio.subprocess.Process:
    """Start a process that sends *count* requests."""
    module = ("-m", "tests.support.counting")
    arguments = (url, store_url, str(per_second), str(count))
    return await asyncio.create_subprocess_exec(sys.executable, *module, *arguments)


if __name__ == "__main__":
    asyncio.run(spend(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
