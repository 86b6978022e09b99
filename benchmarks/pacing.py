"""How close does a budget keep to its limit, and how often does the service refuse?

A simulation: nothing sleeps. Events are played in order on a made-up clock, through the very
steps that the stores run. Each round trip has a way out and a way back; the service counts in
between, in fixed or in sliding seconds.

And a thousand people signed up in the sandbox, by the whole client, on a loop whose time jumps.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import statistics
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from benchmarks._virtual import run_jumping
from cc_async import ConstantContact, SignUpOptions
from cc_async.limits import Lane, PermitResult
from cc_async.limits._budget_record import (
    BudgetRecord,
    PermitRequest,
    release_permit,
    request_permit,
)
from cc_async.limits._request_limits import RequestLimits
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.testing import SandboxTransport
from cc_async.wire import Reply, Request

Latency: TypeAlias = Callable[[random.Random, float], tuple[float, float]]
Windows: TypeAlias = Literal["fixed", "sliding"]

_SEEDS = 2
NOON = 20_000 * 86_400.0 + 43_200.0


def uniform(least: float, most: float) -> Latency:
    """Return a round trip between *least* and *most*, split evenly."""

    def latency(chance: random.Random, now: float) -> tuple[float, float]:
        half = chance.uniform(least, most) / 2
        return half, half

    return latency


def uneven(least: float, most: float) -> Latency:
    """Return a round trip whose ways out and back have nothing to do with one another."""
    return lambda chance, now: (
        chance.uniform(least, most) / 2,
        chance.uniform(least, most) / 2,
    )


def freezing(latency: Latency) -> Latency:
    """Return *latency* with a network that stands still for 0.5 to 2 s, every half minute."""

    def frozen(chance: random.Random, now: float) -> tuple[float, float]:
        out, back = latency(chance, now)
        period = int(now / 30.0)
        length = random.Random(period).uniform(0.5, 2.0)
        thaw = period * 30.0 + 10.0 + length
        begin = period * 30.0 + 10.0
        if begin <= now + out < thaw:
            out = thaw - now + chance.uniform(0, 0.01)
        if begin <= now + out + back < thaw:
            back = thaw - now - out
        return out, back

    return frozen


class Service:
    """Counts arrivals in seconds of one kind, and refuses those above the limit."""

    def __init__(self, kind: Windows, limit: int, phase: float) -> None:
        self._kind, self._limit, self._phase = kind, limit, phase
        self._taken: deque[float] = deque()
        self.refused = 0

    def take(self, now: float) -> bool:
        """Count a request that arrives at *now*."""
        start = now - 1.0 if self._kind == "sliding" else int(now - self._phase) + self._phase
        while self._taken and self._taken[0] < start:
            self._taken.popleft()
        if len(self._taken) < self._limit:
            self._taken.append(now)
            return True
        self.refused += 1
        return False


@dataclass
class Client:
    """A process with more bulk work than it can send, or with a call every two seconds."""

    name: str
    lane: Lane = Lane.BULK
    every: float = 0.0
    account: str = ""
    number: int = 0
    came: float = 0.0
    waits: list[float] = field(default_factory=list)


@dataclass
class Run:
    """The result of one simulation."""

    share: float
    refused: float
    waits: list[float]


def simulate(
    limits: RequestLimits,
    service: Service,
    latency: Latency,
    clients: list[Client],
    requests: int,
    chance: random.Random,
) -> Run:
    """Play *requests* requests of all *clients*."""
    ties = itertools.count()
    events: list[tuple[float, int, str, tuple[object, ...]]] = []

    def at(time: float, kind: str, *details: object) -> None:
        heapq.heappush(events, (time, next(ties), kind, details))

    record: BudgetRecord | None = None
    sent = taken = 0
    for client in clients:
        client.came = NOON + chance.random()
        at(client.came, "ask", client)
    first = last = NOON
    while sent < requests:
        now, _, kind, details = heapq.heappop(events)
        if kind == "ask":
            (client,) = details
            assert isinstance(client, Client)
            permit = f"{client.name}-{client.number}"
            waited = now - client.came
            request = PermitRequest(permit, client.name, client.lane, client.account, waited, [])
            record, wait = request_permit(record, now, limits, request)
            if wait:
                at(now + wait + chance.uniform(0, 0.001), "ask", client)
                continue
            sent += 1
            client.number += 1
            client.waits.append(now - client.came)
            out, back = latency(chance, now)
            at(now + out, "arrive", permit, now, back)
            client.came = max(now, client.came + client.every)
            at(client.came, "ask", client)
        elif kind == "arrive":
            permit, granted, back = details
            assert isinstance(back, float)
            result: PermitResult = "answered" if service.take(now) else "throttled"
            taken += result == "answered"
            at(now + back, "reply", permit, granted, result)
            last = now
        else:
            record = release_permit(record, now, limits, *details)  # type: ignore[arg-type]
    share = taken / (last - first) / limits.per_second
    waits = [wait for client in clients if client.every for wait in client.waits]
    return Run(share, service.refused / sent, waits)


LATENCIES: dict[str, Latency] = {
    "50-300 ms": uniform(0.05, 0.3),
    "50-300 ms, uneven ways": uneven(0.05, 0.3),
    "170-190 ms": uniform(0.17, 0.19),
    "170-190 ms, freezes": freezing(uniform(0.17, 0.19)),
}


_KINDS: tuple[Windows, ...] = ("fixed", "sliding")
_WANTED = (
    ("50-300 ms", "fixed", 87.0),
    ("50-300 ms", "sliding", 87.0),
    ("170-190 ms", "sliding", 98.0),
)


def repeated(kind: Windows, latency: Latency, processes: int, requests: int) -> Iterator[Run]:
    """Yield one run for each seed."""
    for seed in range(_SEEDS):
        chance = random.Random(seed)
        service = Service(kind, 4, chance.random())
        clients = [Client(f"p{n}") for n in range(processes)]
        yield simulate(RequestLimits(4, None), service, latency, clients, requests, chance)


def beside(latency: Latency, requests: int) -> tuple[float, float]:
    """Return the share of bulk work beside a call every two seconds, and how long that waits."""
    runs = []
    for seed in range(_SEEDS):
        chance = random.Random(seed)
        clients = [Client("bulk"), Client("web", Lane.INTERACTIVE, 2.0)]
        service = Service("sliding", 4, chance.random())
        runs.append(simulate(RequestLimits(4, None), service, latency, clients, requests, chance))
    waits = sorted(wait for run in runs for wait in run.waits)
    return statistics.mean(run.share for run in runs), waits[int(len(waits) * 0.99)]


class _Counting(SandboxTransport):
    """Counts requests, and those refused for speed."""

    sent = refused = 0

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        self.sent += 1
        reply = await super().send(request, headers)
        self.refused += reply.status == 429
        return reply


async def in_sandbox(kind: Windows, people: int) -> Run:
    """Sign *people* up in a sandbox whose round trips take 50 to 300 ms."""
    loop = asyncio.get_running_loop()
    settings = SandboxSettings(
        window=kind, latency=0.05, latency_jitter=0.25, attempts_per_day=None, seed=1
    )
    transport = _Counting(Sandbox(settings, clock=lambda: NOON + loop.time()))
    rows = ({"email": f"person.{number}@example.com"} for number in range(people))
    started = loop.time()
    async with (
        ConstantContact("sandbox-token", transport=transport, stores="memory:") as cc,
        cc.bulk.sign_up(
            rows, lists=["Newsletter"], consent="explicit", options=SignUpOptions(protect=())
        ) as outcomes,
    ):
        async for _ in outcomes:
            pass
    taken = transport.sent - transport.refused
    return Run(taken / (loop.time() - started) / 4, transport.refused / transport.sent, [])


def measure(size: float = 1.0) -> Report:
    """Play one process and four against both ways of counting."""
    requests = max(500, int(8_000 * size))
    rows: list[tuple[Cell, ...]] = []
    played: dict[tuple[str, str], list[Run]] = {}
    for processes, name, kind in itertools.product((1, 4), LATENCIES, _KINDS):
        runs = list(repeated(kind, LATENCIES[name], processes, requests))
        share = statistics.mean(run.share for run in runs)
        refused = statistics.mean(run.refused for run in runs)
        many = "1 process" if processes == 1 else f"{processes} processes"
        label = f"{many}, {name}, {kind} seconds"
        rows.append((label, 100 * share, 100 * refused, None))
        played.setdefault((name, kind), []).extend(runs)
    for name, latency in LATENCIES.items():
        share, wait = beside(latency, requests)
        rows.append((f"beside a call every 2 s, {name}", 100 * share, None, wait))
    people = max(100, int(1_000 * size))
    for kind in _KINDS:
        run = run_jumping(in_sandbox(kind, people))
        label = f"{people:,} sign-ups in the sandbox, {kind} seconds"
        rows.append((label, 100 * run.share, 100 * run.refused, None))
    return Report(
        "Pacing: share of 4 a second that is used, and of requests that are refused (simulated)",
        ("round trip, how the service counts", "% of 4/s", "% refused", "s a call waits"),
        rows,
        list(_goals(played)),
        notes=["a call beside bulk work waits so long at most, in 99 of 100 cases"],
        picture=Bars(
            "Four a second, round trips of 50 to 300 ms",
            "% of what the service admits",
            [(row[0], row[1]) for row in rows if "process" in row[0] and "0-300 ms, " in row[0]],  # type: ignore[operator, misc]
            ours="process",
        ),
    )


def _goals(played: dict[tuple[str, str], list[Run]]) -> Iterator[Goal]:
    for name, kind, wanted in _WANTED:
        share = statistics.mean(run.share for run in played[name, kind])
        yield Goal(f"{name}, {kind} seconds: % of 4/s", 100 * share, wanted)
    kept = [runs for (name, _), runs in played.items() if "freezes" not in name]
    refused = max(statistics.mean(run.refused for run in runs) for runs in kept)
    yield Goal("% refused at most, freezes left out", 100 * refused, 0.0, at_most=True)
