"""A bulk sign-up in a process that kills itself at a chosen point, as `kill -9` would.

The points are the moments before and after every write that a sign-up makes of its own, and around
every third request. Told to die at point 0 it never does, and prints how many points there were.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from cc_async import ConstantContact, Limits, Network
from cc_async.stores import SqliteStore
from cc_async.transport import AiohttpTransport
from tests.support import dying


def deadly_at_times(
    function: Callable[..., Awaitable[Any]], deadly: int
) -> Callable[..., Awaitable[Any]]:
    """Return *function* with points around every third call."""
    calls = itertools.count()
    dangerous = dying.deadly_around(function, deadly)

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        return await (function if next(calls) % 3 else dangerous)(*args, **kwargs)

    return wrapped


async def main(url: str, path: str, deadly: int) -> None:
    AiohttpTransport.send = deadly_at_times(AiohttpTransport.send, deadly)  # type: ignore[method-assign, assignment]
    SqliteStore.append = dying.deadly_around(SqliteStore.append, deadly)  # type: ignore[method-assign, assignment]
    async with (
        ConstantContact(
            "sandbox-token",
            network=Network(base_url=url, timeout=1.0),
            limits=Limits(per_second=200),
        ) as cc,
        cc.bulk.sign_up(path, lists=["Newsletter"], consent="explicit", concurrency=4) as outcomes,
    ):
        async for _ in outcomes:
            pass
    assert outcomes.report.created == 60, outcomes.report
    print(dying._points)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
