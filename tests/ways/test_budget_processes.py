"""One budget for several real processes, against a service that counts requests.

Ten times as fast as the real one: forty requests a second, and a tenth of the latency.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.stores import default_store_url
from tests.support.counting import Counter, counting, start
from tests.support.servers import postgres, valkey

NEVER = {"fixed": 0, "sliding": 0}


def refused(service: Counter) -> dict[str, int]:
    """Return how many requests the service would have refused, by its way of counting."""
    return {kind: window.refused for kind, window in service.windows.items()}


@pytest.fixture(params=["sqlite", "valkey", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of each kind that processes can share."""
    if request.param == "sqlite":
        yield default_store_url(tmp_path)
    else:
        serve = {"valkey": valkey, "postgres": postgres}[request.param]
        (tmp_path / "data").mkdir()
        with serve(tmp_path / "data") as url:
            yield url


async def test_four_processes_are_never_refused(tmp_path: Path) -> None:
    """Four processes on one SQLite file keep one limit, whichever way the service counts."""
    async with counting(40) as service:
        store = default_store_url(tmp_path)
        processes = [await start(service.url, store, 40, 15) for _ in range(4)]
        codes = await asyncio.gather(*(process.wait() for process in processes))
    assert codes == [0, 0, 0, 0]
    assert len(service.arrivals) == 60
    assert refused(service) == NEVER


@pytest.mark.slow
async def test_four_processes_use_most_of_the_limit(store_url: str) -> None:
    """On every store four processes use most of the limit, and none is ever refused."""
    async with counting(40) as service:
        processes = [await start(service.url, store_url, 40, 150) for _ in range(4)]
        await asyncio.gather(*(process.wait() for process in processes))
    assert len(service.arrivals) == 600
    assert refused(service) == NEVER
    assert service.share() > 0.87


@pytest.mark.slow
async def test_a_killed_process_does_not_hold_up_the_others(store_url: str) -> None:
    """When one of three processes is killed in the middle the others go on, never refused."""
    async with counting(40) as service:
        doomed = await start(service.url, store_url, 40, 1000)
        others = [await start(service.url, store_url, 40, 80) for _ in range(2)]
        await service.until(60)
        doomed.kill()
        await doomed.wait()
        codes = await asyncio.gather(*(process.wait() for process in others))
    assert codes == [0, 0]
    assert refused(service) == NEVER
    gaps = zip(service.arrivals, service.arrivals[1:], strict=False)
    assert max(later - earlier for earlier, later in gaps) < 5.0


@pytest.mark.slow
async def test_a_store_restarted_in_the_middle(tmp_path: Path) -> None:
    """While the store is out of reach no process sends, and at its return all go on."""
    (tmp_path / "data").mkdir()
    async with counting(40) as service:
        with valkey(tmp_path / "data") as url:
            processes = [await start(service.url, url, 40, 60) for _ in range(2)]
            await service.until(50)
        await asyncio.sleep(1.0)
        with valkey(tmp_path / "data", port=int(url.split(":")[2].split("/")[0])):
            codes = await asyncio.gather(*(process.wait() for process in processes))
    assert codes == [0, 0]
    assert len(service.arrivals) == 120
    assert refused(service) == NEVER
