"""What does a sign-up cost on top of what it takes to send it at all?

A server in another process answers at once whatever it is asked. The bare ways send JSON that
stands ready, 32 requests at a time, and read the answer; cc_async takes people as a program
holds them, checks them, keeps a budget, retries and an order for each address, and hands over
an outcome for each.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import statistics
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp

from benchmarks import _svg
from benchmarks._measure import Cost, interleaved, keep_memory, ratio
from benchmarks._people import people
from benchmarks._report import Cell, Goal, Report
from benchmarks._server import LIST_ID, static_server
from cc_async import ConstantContact, Limits, Network, SignUpOptions
from cc_async.sources import Row, sign_up_values

_AT_ONCE = 32
_BARE, _BARE_UV = "aiohttp alone", "aiohttp alone, uvloop"
_OURS, _OURS_UV = "cc_async", "cc_async, uvloop"
_PROVIDER, _HTTPX = "the provider's client, 32 threads", "httpx alone"

_HEADERS = {"Authorization": "Bearer benchmark", "Accept": "application/json"}
_PATH = "/contacts/sign_up_form"
_Way = Callable[[], int]


def bodies(count: int) -> list[dict[str, Any]]:
    """Return what is sent for *count* people, as plain values."""
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


async def with_httpx(url: str, ready: list[dict[str, Any]]) -> None:
    """Post all of *ready* with httpx and nothing else."""
    import httpx

    limits = httpx.Limits(max_connections=_AT_ONCE)
    async with httpx.AsyncClient(headers=_HEADERS, limits=limits) as client:

        async def send(body: dict[str, Any]) -> None:
            response = await client.post(url + _PATH, json=body)
            assert response.json()["action"] == "created"

        await _side_by_side(send, ready)


async def with_cc_async(url: str, held: list[dict[str, str]]) -> None:
    """Sign all of *held* up, with everything on and the limits out of the way."""
    async with (
        ConstantContact(
            "benchmark",
            network=Network(base_url=url),
            limits=Limits(per_second=1_000_000, per_day=10**9),
            stores="memory:",
        ) as cc,
        cc.bulk.sign_up(
            held,
            lists=["Newsletter"],
            consent="explicit",
            concurrency=_AT_ONCE,
            options=SignUpOptions(protect=()),
        ) as outcomes,
    ):
        async for outcome in outcomes:
            assert outcome.status == "created"


def with_provider(url: str, ready: list[dict[str, Any]]) -> None:
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


def _on_a_loop(
    work: Callable[[str, list[Any]], Coroutine[Any, Any, None]],
    url: str,
    items: list[Any],
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work(url, items))
    return len(items)


def _in_threads(url: str, ready: list[Any]) -> int:
    with_provider(url, ready)
    return len(ready)


def _ways(url: str, count: int) -> Mapping[str, _Way]:
    held, ready = list(people(count)), bodies(count)
    ways: dict[str, _Way] = {
        _BARE: partial(_on_a_loop, with_aiohttp, url, ready),
        _OURS: partial(_on_a_loop, with_cc_async, url, held),
    }
    if importlib.util.find_spec("uvloop"):
        loop = importlib.import_module("uvloop").new_event_loop
        ways[_BARE_UV] = partial(_on_a_loop, with_aiohttp, url, ready, loop)
        ways[_OURS_UV] = partial(_on_a_loop, with_cc_async, url, held, loop)
    if importlib.util.find_spec("constant_contact_api_client"):
        ways[_PROVIDER] = partial(_in_threads, url, ready[: max(1, count // 4)])
    if importlib.util.find_spec("httpx"):
        ways[_HTTPX] = partial(_on_a_loop, with_httpx, url, ready[: max(1, count // 20)])
    return ways


def measure(size: float = 1.0) -> Report:
    """Sign people up in every way, turn about."""
    keep_memory()
    count = max(100, int(6_000 * size))
    with static_server() as url:
        ways = _ways(url, count)
        for way in ways.values():  # connections, caches and lazy imports are not the question
            way()
        costs = interleaved(ways)
    goals = [Goal("cc_async to aiohttp alone", ratio(costs[_OURS], costs[_BARE]), 0.95)]
    if _OURS_UV in costs:
        found = ratio(costs[_OURS_UV], costs[_BARE])
        goals.append(Goal("on uvloop, to aiohttp alone on the usual loop", found, 1.3))
    if _PROVIDER in costs:
        found = ratio(costs[_OURS], costs[_PROVIDER])
        goals.append(Goal("cc_async to the provider's client", found, 2.8))
    rates = [(name, _rate(found)) for name, found in costs.items()]
    return Report(
        f"Sign-ups: {count:,} requests of 400 bytes, 32 at a time, on one core",
        ("way", "requests/s", "µs of processor a request", "to aiohttp alone", "the same by clock"),
        [_row(name, found, costs[_BARE]) for name, found in costs.items()],
        goals,
        packages=("aiohttp", "uvloop", "constant-contact-api-client", "httpx", "orjson", "cattrs"),
        picture=_svg.bars(
            "Sign-ups, 32 at a time", "requests for a second of processor time", rates
        ),
    )


def _rate(costs: list[Cost]) -> float:
    return 1 / statistics.median(cost.cpu for cost in costs)


def _row(name: str, costs: list[Cost], base: list[Cost]) -> tuple[Cell, ...]:
    wall = statistics.median(cost.wall for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    return (name, 1 / wall, cpu * 1e6, ratio(costs, base), ratio(costs, base, clock="wall"))
