"""One rotating grant for eight processes with 160 tasks, and tokens with short lives."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cc_async.stores import default_store_url, open_store
from tests.support.granted import Granted, granted
from tests.support.servers import postgres, valkey

PROCESSES = 8
TASKS = 20


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield default_store_url(folder)


async def start_worker(
    service: Granted, store_url: str, seconds: float
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.grant_worker", service.url, service.auth_url, store_url),
        *(str(seconds), str(TASKS)),
        stdout=asyncio.subprocess.PIPE,
    )


async def share_one_grant(store_url: str, seconds: float, every: int) -> None:
    """Let the processes share one grant; its access token expires after *every* requests."""
    async with granted() as service:
        store = open_store(store_url)
        await service.sign_in(store)
        await store.aclose()
        workers = [await start_worker(service, store_url, seconds) for _ in range(PROCESSES)]
        expired = await service.expire_often(every, seconds - 3.0)
        outputs = [(await worker.communicate())[0] for worker in workers]
    results = [json.loads(output) for output in outputs]
    print(
        f"{sum(each['answered'] for each in results)} answered, {expired} expiries, "
        f"{len(service.renewals())} renewals, {service.api_requests()} requests"
    )
    assert [each["errors"] for each in results] == [[]] * PROCESSES
    assert all(each["answered"] for each in results)
    assert expired >= 3
    assert service.renewals() == [200] * expired


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("place", [sqlite, valkey, postgres], ids=["sqlite", "valkey", "postgres"])
async def test_one_renewal_for_each_expiry(place: object, tmp_path: Path) -> None:
    """Every request is answered, no renewal is refused, and no expiry causes two renewals."""
    with place(tmp_path) as store_url:  # type: ignore[operator]
        await share_one_grant(store_url, 20.0, 30)
