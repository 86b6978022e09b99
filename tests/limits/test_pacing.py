"""The budget against a simulated service that counts fixed or sliding seconds."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from benchmarks.pacing import Client, Run, Service, Windows, simulate, uneven, uniform
from cc_async.limits import Budget, Lane
from cc_async.limits._request_limits import RequestLimits
from cc_async.stores import MemoryStore

KINDS: Sequence[Windows] = ("fixed", "sliding")
LATENCIES = {"uniform": uniform(0.05, 0.3), "uneven": uneven(0.05, 0.3)}


def played(
    kind: Windows,
    latency: str = "uniform",
    *,
    requests: int = 1500,
    clients: Sequence[Client] = (),
    seed: int = 1,
) -> Run:
    """Play one simulation."""
    chance = random.Random(seed)
    service = Service(kind, 4, chance.random())
    limits = RequestLimits(4, None)
    return simulate(
        limits, service, LATENCIES[latency], list(clients) or [Client("p")], requests, chance
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("latency", LATENCIES)
def test_no_request_is_refused(kind: Windows, latency: str) -> None:
    """No request is refused, whichever way the service counts, and most of the limit is used."""
    run = played(kind, latency, requests=1000)
    assert run.refused == 0.0
    assert run.share > (0.87 if latency == "uniform" else 0.86)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("latency", LATENCIES)
def test_a_whole_day_reaches_what_it_should(kind: Windows, latency: str) -> None:
    """A day's requests reach 87 % of the limit, and none is refused."""
    run = played(kind, latency, requests=10_000)
    assert run.share > 0.87
    assert run.refused == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_four_processes_pace_as_one(kind: Windows) -> None:
    """Four processes that share a budget do as well as one, and each gets its fourth."""
    clients = [Client(f"p{number}") for number in range(4)]
    run = played(kind, clients=clients)
    assert run.refused == 0.0
    assert run.share > 0.85
    counts = [client.number for client in clients]
    assert max(counts) - min(counts) <= 10


def test_steady_latency_is_used_up() -> None:
    """With latency steady within 10 ms nearly the whole limit is reached."""
    chance = random.Random(1)
    service = Service("sliding", 4, chance.random())
    latency = uniform(0.17, 0.19)
    run = simulate(RequestLimits(4, None), service, latency, [Client("p")], 3000, chance)
    assert run.refused == 0.0
    assert run.share > 0.98


@pytest.mark.looptime
@pytest.mark.parametrize("kind", KINDS)
async def test_tasks_that_share_a_budget(kind: Windows) -> None:
    """Sixteen tasks that send without a break use most of the limit, and none is refused."""
    chance = random.Random(2)
    loop = asyncio.get_running_loop()
    service = Service(kind, 4, chance.random())
    budget = Budget(MemoryStore(), key="app")
    numbers = iter(range(600))

    async def work() -> None:
        for _ in numbers:
            permit = await budget.acquire(Lane.BULK)
            await asyncio.sleep(chance.uniform(0.025, 0.15))
            taken = service.take(loop.time())
            await asyncio.sleep(chance.uniform(0.025, 0.15))
            await budget.release(permit, "answered" if taken else "throttled")

    await asyncio.gather(*(work() for _ in range(16)))
    assert (600 - service.refused) / loop.time() / 4 > 0.84
    assert service.refused == 0


@pytest.mark.parametrize("latency", LATENCIES)
def test_interactive_calls_beside_bulk_work(latency: str) -> None:
    """A call every two seconds waits less than a second beside bulk work, which goes on."""
    web = Client("web", Lane.INTERACTIVE, 2.0)
    run = played("sliding", latency, clients=[Client("bulk"), web], requests=3000)
    waits = sorted(run.waits)
    assert len(waits) > 300
    assert waits[int(len(waits) * 0.99)] < 1.0
    assert run.share > 0.95 * played("sliding", latency, requests=3000).share
    assert run.refused == 0.0
