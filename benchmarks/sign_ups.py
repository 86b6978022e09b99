"""What does a sign-up cost as users run it, and what on top of sending it at all?

A server in another process answers at once. The bare ways post JSON that stands ready, 32
requests at a time, and read the answer. cc_async reads a CSV file, checks it, asks for opt-outs,
takes a permit of the budget for every request, and writes attempts and outcomes down: by default
to SQLite on disk, in the second row to memory. Its limits are too high to be met.
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks._measure import Cost, interleaved, keep_memory, ratio
from benchmarks._people import people, write_file
from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from benchmarks._server import LIST_ID, static_server
from cc_async import ConstantContact, Limits, Network, Settings
from cc_async.sources import Row, sign_up_values

_AT_ONCE = 32
_BARE, _PROVIDER = "aiohttp alone", "the provider's client, 32 threads"
_OURS, _IN_MEMORY = "cc_async", "cc_async, store in memory"

_HEADERS = {"Authorization": "Bearer benchmark", "Accept": "application/json"}
_PATH = "/contacts/sign_up_form"
_Way = Callable[[], int]


def bodies(count: int) -> list[dict[str, Any]]:
    """Return the bodies of *count* sign-ups, as plain values."""
    rows = (Row(n, person["email"], {**person}) for n, person in enumerate(people(count), 1))
    return [sign_up_values(row, (), (LIST_ID,)) for row in rows]


async def _side_by_side(work: Callable[[Any], Awaitable[None]], items: Iterable[Any]) -> None:
    shared = iter(items)

    async def worker() -> None:
        for item in shared:
            await work(item)

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))


async def with_aiohttp(url: str, ready: list[dict[str, Any]]) -> None:
    """Post all of *ready* with aiohttp and nothing else."""
    async with aiohttp.ClientSession(headers=_HEADERS) as client:

        async def send(body: dict[str, Any]) -> None:
            async with client.post(url + _PATH, json=body) as response:
                assert (await response.json())["action"] == "created"

        await _side_by_side(send, ready)


async def with_cc_async(url: str, path: Path, home: Path, store: str | None) -> None:
    """Sign up the people of the file *path*, with everything on and limits out of the way."""
    async with (
        ConstantContact(
            "benchmark",
            account="benchmark",
            network=Network(base_url=url),
            limits=Limits(per_second=1_000_000, per_day=10**9),
            settings=Settings(home=home, store=store),
        ) as cc,
        cc.bulk.sign_up(
            path, lists=["Newsletter"], consent="explicit", concurrency=_AT_ONCE
        ) as outcomes,
    ):
        async for outcome in outcomes:
            assert outcome.status == "created"


def with_provider(url: str, ready: list[dict[str, Any]]) -> int:
    """Post all of *ready* with the provider's client, in threads."""
    import constant_contact_api_client as provider

    configuration = provider.Configuration(host=url, access_token="benchmark")  # noqa: S106
    configuration.connection_pool_maxsize = _AT_ONCE
    with provider.ApiClient(configuration) as client:
        client.default_headers["Authorization"] = _HEADERS["Authorization"]
        contacts = provider.ContactsApi(client)
        read = provider.CreateOrUpdateContactRequest.from_dict

        def send(body: dict[str, Any]) -> None:
            assert contacts.create_or_update_contact(read(body)).action == "created"

        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(send, ready))
        client.rest_client.pool_manager.clear()
    return len(ready)


def _bare(url: str, ready: list[dict[str, Any]]) -> int:
    asyncio.run(with_aiohttp(url, ready))
    return len(ready)


def _ours(url: str, path: Path, count: int, store: str | None = None) -> int:
    with tempfile.TemporaryDirectory() as home:  # a new one: attempts for an address are limited
        asyncio.run(with_cc_async(url, path, Path(home), store))
    return count


def _ways(url: str, folder: Path, count: int) -> Mapping[str, _Way]:
    few = max(1, count // 4)
    ready = bodies(count)
    path, short = write_file(folder / "all.csv", count), write_file(folder / "few.csv", few)
    ways: dict[str, _Way] = {
        _OURS: partial(_ours, url, short, few),
        _IN_MEMORY: partial(_ours, url, path, count, "memory:"),
        _BARE: partial(_bare, url, ready),
    }
    if importlib.util.find_spec("constant_contact_api_client"):
        ways[_PROVIDER] = partial(with_provider, url, ready[:few])
    return ways


def measure(size: float = 1.0) -> Report:
    """Sign people up in every way, turn about."""
    keep_memory()
    count = max(100, int(6_000 * size))
    with tempfile.TemporaryDirectory() as folder, static_server() as url:
        ways = _ways(url, Path(folder), count)
        for way in ways.values():  # connections, caches and lazy imports are not the question
            way()
        costs = interleaved(ways)
    return Report(
        f"Sign-ups: {count:,} requests of 400 bytes, 32 at a time",
        ("way", "requests/s", "ms of processor a request", "times aiohttp alone"),
        [_row(name, found, costs[_BARE]) for name, found in costs.items()],
        [Goal("ms of processor a sign-up, default store", _ms(costs[_OURS]), 2.0, at_most=True)],
        packages=("aiohttp", "constant-contact-api-client", "orjson", "cattrs"),
        picture=Bars(
            "Sign-ups, 32 at a time",
            "ms of processor a request",
            [(name, _ms(found)) for name, found in costs.items()],
        ),
    )


def _ms(costs: list[Cost]) -> float:
    return 1_000 * statistics.median(cost.cpu for cost in costs)


def _row(name: str, costs: list[Cost], base: list[Cost]) -> tuple[Cell, ...]:
    wall = statistics.median(cost.wall for cost in costs)
    return (name, 1 / wall, _ms(costs), ratio(base, costs))
