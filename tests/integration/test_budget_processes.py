"""One budget for several real processes, against a service that counts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cc_async.stores import default_store_url
from tests.support.counting import counting, start


async def test_four_processes_are_never_refused(tmp_path: Path) -> None:
    """Four processes on one SQLite file keep one limit, whichever way the service counts."""
    async with counting(40) as service:
        store = default_store_url(tmp_path)
        processes = [await start(service.url, store, 40, 25) for _ in range(4)]
        codes = await asyncio.gather(*(process.wait() for process in processes))
    assert codes == [0, 0, 0, 0]
    assert len(service.arrivals) == 100
    assert {kind: window.refused for kind, window in service.windows.items()} == {
        "fixed": 0,
        "sliding": 0,
    }
