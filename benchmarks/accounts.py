"""What do thousands of accounts on one key cost, each with a client of its own?

All clients are in one process and wait for permits of one budget in one SQLite file. The network
answers after 50 ms. An idle loop is measured in the same run, before and after.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from cc_async import ConstantContact
from cc_async.limits import Lane
from cc_async.wire import Reply, Request, read_json

_READ = Request("GET", "/contact_lists")
_TICK = 0.005
"""Seconds between two looks at the lateness of the loop."""

_WARM_UP = 5.0
"""Seconds before the measurement: all clients have begun to wait by then."""


class _Network:
    """Answers each request after 50 ms."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        await asyncio.sleep(0.05)
        return Reply(200, {"content-type": "application/json"}, b"{}")

    async def aclose(self) -> None:
        """Nothing is open."""


@attrs.frozen
class _Found:
    """Permits a second, the spread of turns, and how late and how busy the loop was."""

    per_second: float
    spread: int
    late_ms: float
    cpu: float


async def _lateness(seconds: float) -> list[float]:
    """Return by how many seconds each of many short sleeps was late, sorted."""
    loop, found = asyncio.get_running_loop(), []
    ends_at = loop.time() + seconds
    while (before := loop.time()) < ends_at:
        await asyncio.sleep(_TICK)
        found.append(loop.time() - before - _TICK)
    return sorted(found)


def _worst(late: Sequence[float]) -> float:
    """Return the 99.9th percentile in milliseconds."""
    return late[min(len(late) - 1, int(len(late) * 0.999))] * 1000


async def _measure(accounts: int, seconds: float, url: str) -> _Found:
    turns: Counter[int] = Counter()
    clients = [
        ConstantContact(
            "token-of-one-application",
            account=f"account-{number}",
            stores=url,
            transport=_Network(),
        )
        for number in range(accounts)
    ]

    async def work(number: int) -> None:
        session = clients[number]._session.on_lane(Lane.BULK)
        while True:
            await session.send(_READ, read_json)
            turns[number] += 1

    # one account keeps as many requests in flight as the limit takes
    tasks = [asyncio.create_task(work(number % accounts)) for number in range(max(8, accounts))]
    await asyncio.sleep(_WARM_UP)
    before, cpu, wall = turns.total(), time.process_time(), time.perf_counter()
    late = await _lateness(seconds)
    wall = time.perf_counter() - wall
    found = _Found(
        (turns.total() - before) / wall,
        max(turns.values()) - min(turns[number] for number in range(accounts)),
        _worst(late),
        (time.process_time() - cpu) / wall,
    )
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for client in clients:
        await client.aclose()
    return found


def measure(size: float = 1.0) -> Report:
    """Let 1 and 3,000 accounts wait, each for half a minute."""
    seconds, many = max(5.0, 30.0 * size), max(50, int(3_000 * size))
    with tempfile.TemporaryDirectory() as folder:

        def found(accounts: int) -> _Found:
            url = f"sqlite:///{Path(folder) / str(accounts)}.db"
            return asyncio.run(_measure(accounts, seconds, url))

        idle = _worst(asyncio.run(_lateness(seconds / 2)))
        one, all_of_them = found(1), found(many)
        idle = max(idle, _worst(asyncio.run(_lateness(seconds / 2))))
    rows: list[tuple[Cell, ...]] = [
        (
            f"{count:,} account" + "s" * (count > 1),
            each.per_second,
            each.spread,
            each.late_ms,
            each.cpu,
        )
        for count, each in ((1, one), (many, all_of_them))
    ]
    rows.append(("idle loop", None, None, idle, None))
    return Report(
        "Accounts: thousands of clients on one key, in one process",
        ("clients", "permits/s", "most less fewest turns", "ms late (99.9 %)", "share of a core"),
        rows,
        [
            Goal("throughput beside one account", all_of_them.per_second / one.per_second, 0.97),
            Goal("most turns less fewest turns", all_of_them.spread, 1, at_most=True),
            Goal("ms late beyond an idle loop", all_of_them.late_ms - idle, 20.0, at_most=True),
        ],
        notes=["SQLite, 4 permits a second; every account always wants one more"],
        picture=Bars(
            "Accounts on one key", "permits a second", [(row[0], row[1]) for row in rows[:2]]
        ),
    )
