"""A process whose tasks share one stored grant; it prints its results at the end."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from cc_async.auth import PRIVILEGES_PATH, StoredGrant
from cc_async.errors import ConstantContactError
from cc_async.limits import Budget
from cc_async.session import Session
from cc_async.stores import open_store
from cc_async.transport import AiohttpTransport
from cc_async.wire import Request, read_json

PER_SECOND = 40


async def work(url: str, auth_url: str, store_url: str, seconds: float, tasks: int) -> None:
    """Send requests from *tasks* tasks for *seconds*, and print the numbers of answers and errors."""
    store = open_store(store_url)
    auth = AiohttpTransport(auth_url, timeout=20)
    session = Session(
        transport=AiohttpTransport(url),
        tokens=StoredGrant(store, transport=auth, budget_store=store),
        budget=Budget(store, key="worker", per_second=PER_SECOND, per_day=1_000_000),
    )
    results = {"answered": 0, "errors": []}
    ends_at = time.monotonic() + seconds

    async def task() -> None:
        while time.monotonic() < ends_at:
            try:
                await session.send(Request("GET", PRIVILEGES_PATH), read_json)
                results["answered"] += 1  # type: ignore[operator]
            except ConstantContactError as error:
                results["errors"].append(f"{type(error).__name__}: {error}")  # type: ignore[attr-defined]

    await asyncio.gather(*(task() for _ in range(tasks)))
    await session.aclose()
    await auth.aclose()
    await store.aclose()
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:4], float(sys.argv[4]), int(sys.argv[5])))
