"""An import in a process that kills itself at a chosen point, as `kill -9` would.

The points are the moments before and after every durable write of a journal and every request.
Told to die at point 0 it never does, and prints how many points there were.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from cc_async import ConstantContact, ImportOptions, Limits, Network
from cc_async.imports import _journal
from cc_async.transport import AiohttpTransport

_points = 0


def reach(deadly: int) -> None:
    """Count a point, and die there if it is the *deadly* one."""
    global _points
    _points += 1
    if _points == deadly:
        os.kill(os.getpid(), signal.SIGKILL)


def deadly_around(
    function: Callable[..., Awaitable[Any]], deadly: int
) -> Callable[..., Awaitable[Any]]:
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        reach(deadly)
        result = await function(*args, **kwargs)
        reach(deadly)
        return result

    return wrapped


async def main(url: str, path: str, kind: str, deadly: int) -> None:
    for owner, name in (
        (AiohttpTransport, "send"),
        (_journal.ImportJournal, "append"),
        (_journal.ImportJournal, "begin"),
    ):
        setattr(owner, name, deadly_around(getattr(owner, name), deadly))
    async with ConstantContact(
        "sandbox-token", network=Network(base_url=url, timeout=1.0), limits=Limits(per_second=200)
    ) as cc:
        report = await cc.bulk.import_contacts(
            path,
            lists=["L0"],
            options=ImportOptions(send_as=kind),  # type: ignore[arg-type]
        )
    assert report.is_all_accepted, report
    print(_points)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
