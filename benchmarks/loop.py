"""How late is everything else on the loop while many contacts are imported?

A timer rings every millisecond. How late it is during an import is told against how late it is
on the same loop when nothing else runs, in the same process, turn about. A busy machine makes
every timer late, so the processor time of the loop's steps is told as well.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs

from benchmarks._imports import prepared
from benchmarks._measure import ROUNDS
from benchmarks._people import write_file
from benchmarks._pictures import Bars
from benchmarks._report import Goal, Report

_EVERY = 0.001
"""Seconds between two rings of the timer."""
_IDLE = "nothing else runs"


@attrs.frozen
class Lateness:
    """Milliseconds by which a timer was late: in the middle, once in a thousand, and at worst."""

    middle: float
    rare: float
    worst: float

    @classmethod
    def of(cls, late: list[float]) -> Lateness:
        """Return the summary of *late*, in seconds."""
        ordered = sorted(1000 * each for each in late)
        return cls(ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.999)], ordered[-1])


async def lateness(work: Awaitable[object]) -> Lateness:
    """Return how late a timer is while *work* runs beside it."""
    loop, late = asyncio.get_running_loop(), list[float]()

    async def ring() -> None:
        while True:
            due = loop.time() + _EVERY
            await asyncio.sleep(_EVERY)
            late.append(loop.time() - due)

    gc.collect()  # what garbage came before is no fault of the work
    ringing = asyncio.ensure_future(ring())
    await work
    ringing.cancel()
    return Lateness.of(late)


def measure(size: float = 1.0) -> Report:
    """Watch a timer idle, beside a CSV import and beside a JSON import."""
    count = max(20_000, int(1_000_000 * size))
    with tempfile.TemporaryDirectory() as folder:
        path = write_file(Path(folder) / "contacts.csv", count)
        works: dict[str, Callable[[], Awaitable[object]]] = {
            _IDLE: lambda: asyncio.sleep(max(1.0, 3 * size)),
            "cc_async: import, CSV bodies": lambda: prepared(path, "csv"),
            "cc_async: import, JSON bodies": lambda: prepared(path, "json"),
        }
        asyncio.run(_watch(lambda: prepared(path, "csv")))  # what is loaded once for a process
        found: dict[str, list[Lateness]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                found[name].append(asyncio.run(_watch(work)))
        steps = {name: longest_step(work) for name, work in works.items()}
    rows = [
        (name, *map(_median(late), ("middle", "rare", "worst")), steps[name])
        for name, late in found.items()
    ]
    beyond = [_beyond(late, found[_IDLE]) for name, late in found.items() if name != _IDLE]
    return Report(
        f"The loop: how late a timer is beside an import of {count:,} rows",
        ("beside", "ms late, median", "99.9 %", "worst", "longest step, ms of processor"),
        rows,
        [
            Goal("ms beyond idle, 99.9 %", max(rare for rare, _ in beyond), 10.0, at_most=True),
            Goal("ms beyond idle, worst", max(worst for _, worst in beyond), 20.0, at_most=True),
        ],
        notes=["medians of five rounds; other work on the machine makes timers late as well"],
        picture=Bars(
            "A timer beside an import", "ms late, 99.9 %", [(row[0], row[2]) for row in rows]
        ),
    )


def longest_step(work: Callable[[], Awaitable[object]]) -> float:
    """Return milliseconds of processor time that the longest step of *work* takes."""
    longest, run = 0.0, asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        nonlocal longest
        started = time.thread_time()
        run(handle)
        longest = max(longest, time.thread_time() - started)

    async def watched() -> None:
        gc.collect()
        await asyncio.sleep(0)
        asyncio.Handle._run = timed  # type: ignore[method-assign]
        await work()
        asyncio.Handle._run = run  # type: ignore[method-assign]

    asyncio.run(watched())
    return 1000 * longest


async def _watch(work: Callable[[], Awaitable[object]]) -> Lateness:
    return await lateness(work())


def _median(late: list[Lateness]) -> Callable[[str], float]:
    return lambda name: statistics.median(getattr(each, name) for each in late)


def _beyond(late: list[Lateness], idle: list[Lateness]) -> tuple[float, float]:
    pairs = list(zip(late, idle, strict=True))
    return (
        statistics.median(one.rare - two.rare for one, two in pairs),
        statistics.median(one.worst - two.worst for one, two in pairs),
    )
