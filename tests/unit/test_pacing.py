"""The pacing, simulated: nothing sleeps, and the service counts either way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from benchmarks.pacing import Client, Run, Service, Windows, simulate, uneven, uniform
from cc_async.limits import Budget, Lane, Pacing, _learning
from cc_async.limits._budget import Ask, State, answer, ask
from cc_async.limits._rules import Rules
from cc_async.stores import MemoryStore

KINDS: Sequence[Windows] = ("fixed", "sliding")
LATENCIES = {"uniform": uniform(0.05, 0.3), "uneven": uneven(0.05, 0.3)}


def played(
    kind: Windows,
    latency: str = "uniform",
    *,
    pacing: Pacing = "steady",
    requests: int = 1500,
    clients: Sequence[Client] = (),
    seed: int = 1,
) -> Run:
    """Play one simulation."""
    chance = random.Random(seed)
    service = Service(kind, 4, chance.random())
    rules = Rules(4, None, pacing)
    return simulate(
        rules, service, LATENCIES[latency], list(clients) or [Client("p")], requests, chance
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("latency", LATENCIES)
def test_steady_is_never_refused(kind: Windows, latency: str) -> None:
    """The default pacing is never refused, whichever way the service counts, and stays close."""
    run = played(kind, latency, requests=1000)
    assert run.refused == 0.0
    assert run.share > (0.87 if latency == "uniform" else 0.86)


@pytest.mark.slow
@pytest.mark.parametrize("pacing", ["steady", "learn"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("latency", LATENCIES)
def test_a_whole_day_reaches_what_it_should(kind: Windows, latency: str, pacing: Pacing) -> None:
    """A day's requests reach 87 % of the limit, or 98 % where learning may open up."""
    run = played(kind, latency, pacing=pacing, requests=10_000)
    assert run.share > (0.98 if (kind, pacing) == ("fixed", "learn") else 0.87)
    assert run.refused < (0.001 if pacing == "learn" else 1e-9)


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
    run = simulate(Rules(4, None), service, latency, [Client("p")], 3000, chance)
    assert run.refused == 0.0
    assert run.share > 0.98


@pytest.mark.parametrize("seed", range(3))
def test_learning_opens_up_where_seconds_are_fixed(seed: int) -> None:
    """Where the service counts fixed seconds, learning uses them up, almost without a refusal."""
    run = played("fixed", pacing="learn", requests=3000, seed=seed)
    assert run.share > 0.98
    assert run.refused < 0.002


@pytest.mark.parametrize("seed", range(3))
def test_learning_closes_where_seconds_slide(seed: int) -> None:
    """Where the service counts sliding seconds, a few refusals are enough to know."""
    run = played("sliding", pacing="learn", requests=3000, seed=seed)
    assert run.share > 0.85
    assert 0 < run.refused * 3000 <= 8


@pytest.mark.looptime
@pytest.mark.parametrize("pacing", ["steady", "learn"])
@pytest.mark.parametrize("kind", KINDS)
async def test_tasks_that_share_a_budget(kind: Windows, pacing: Pacing) -> None:
    """Sixteen tasks that send as fast as they may do what the simulation foretells."""
    chance = random.Random(2)
    loop = asyncio.get_running_loop()
    service = Service(kind, 4, chance.random())
    budget = Budget(MemoryStore(), key="app", pacing=pacing)
    numbers = iter(range(600))

    async def work() -> None:
        for _ in numbers:
            turn = await budget.acquire(Lane.BULK)
            await asyncio.sleep(chance.uniform(0.025, 0.15))
            taken = service.take(loop.time())
            await asyncio.sleep(chance.uniform(0.025, 0.15))
            await budget.release(turn, "answered" if taken else "throttled")

    await asyncio.gather(*(work() for _ in range(16)))
    reach = 0.94 if pacing == "learn" and kind == "fixed" else 0.84
    assert (600 - service.refused) / loop.time() / 4 > reach
    assert service.refused <= (8 if pacing == "learn" else 0)


def test_bursts_given_up_are_not_tried_again_for_a_week() -> None:
    """After two refusals close together no bursts are tried, until a week has gone by."""
    bursts = _learning.begin(_learning.fresh(), 1000.0)
    assert _learning.is_open(bursts)
    bursts = _learning.refused(bursts, 1002.0)
    assert _learning.is_open(bursts)
    bursts = _learning.refused(bursts, 1005.0)
    assert not _learning.is_open(bursts)
    assert not _learning.is_open(_learning.begin(bursts, 1005.0 + 6 * 86_400))
    assert _learning.is_open(_learning.begin(bursts, 1005.0 + 8 * 86_400))


def test_a_refused_burst_is_moved_by_half_a_second() -> None:
    """After a refusal bursts go on at another part of the second, and not within the next one."""
    bursts = _learning.begin(_learning.fresh(), 1000.0)
    moved = _learning.refused(bursts, 1003.2)
    assert (moved["anchor"] - bursts["anchor"]) % 1.0 == pytest.approx(0.45)
    assert 1004.2 <= moved["anchor"] < 1005.2


def test_bursts_go_on_after_the_clock_was_put_back() -> None:
    """Bursts are tried anew by the clock that counts now, and are given up for a week at most."""
    bursts = _learning.begin(_learning.fresh(), 1_000_000.0)
    again = _learning.turn_back(bursts, 1000.0)
    assert _learning.is_open(again)
    assert again["anchor"] == 1001.5
    closed = _learning.refused(_learning.refused(bursts, 1_000_002.0), 1_000_005.0)
    assert not _learning.is_open(closed)
    back = _learning.turn_back(closed, 1000.0)
    assert not _learning.is_open(_learning.begin(back, 1000.0 + 6 * 86_400))
    assert _learning.is_open(_learning.begin(back, 1000.0 + 8 * 86_400))


def test_a_late_turn_counts_against_the_next_burst() -> None:
    """What was sent between two bursts may arrive with the second, which is smaller by it."""
    bursts = _learning.begin(_learning.fresh(), 1000.0)
    start = bursts["anchor"] + 10.0
    bursts = _learning.granted(bursts, start + 0.6)
    for _ in range(3):
        assert _learning.ready(bursts, start + 1.0, 4, 0) == start + 1.0
        bursts = _learning.granted(bursts, start + 1.0)
    assert _learning.ready(bursts, start + 1.0, 4, 0) == start + 2.0


def test_first_bursts_are_small() -> None:
    """Where bursts are tried anew they grow to the limit in a few seconds: few are refused, if any."""
    bursts = _learning.begin(_learning.fresh(), 1000.0)
    sizes = []
    for second in range(6):
        start = bursts["anchor"] + second
        size = 0
        while _learning.ready(bursts, start + 0.01, 40, 0) <= start + 0.01:
            bursts = _learning.granted(bursts, start + 0.01)
            size += 1
        sizes.append(size)
    assert sizes == [2, 5, 10, 20, 40, 40]


@pytest.mark.parametrize("early", [0.01, 0.0006, 0.0004, 0.0001, 0.0])
def test_a_burst_is_never_larger_than_the_limit(early: float) -> None:
    """Asked for a little before it begins, or at its start, a burst has as many as a second."""
    rules = Rules(4, None, "learn")
    state: State | None = None
    now = 1_728_043_200.0
    for number in range(80):
        state, wait = ask(state, now, rules, Ask(f"a-{number}", "a", Lane.BULK, "", 0.0, []))
        assert wait == 0.0
        state = answer(state, now + 0.1, rules, f"a-{number}", now, "answered")
        now += 0.3
    assert state is not None
    state = {**state, "bursts": _learning.begin(state["bursts"], now)}
    for second in range(10, 13):
        begins = state["bursts"]["anchor"] + second
        granted = 0
        for number in range(20):
            who = Ask(f"b-{second}-{number}", "a", Lane.BULK, "", 0.0, [])
            state, wait = ask(state, begins - early + number * 1e-5, rules, who)
            granted += not wait
        assert granted <= 4
        assert granted == 4 or early > 0.0005


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
