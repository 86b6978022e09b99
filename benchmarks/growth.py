"""How does the work grow from a thousand contacts to a million?

Twice the contacts should cost twice as much, and no more for each. An import is prepared up to
its bodies; for sign-ups people are read, checked and made into requests.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks._imports import prepared
from benchmarks._people import write_file
from benchmarks._pictures import Lines
from benchmarks._report import Cell, Goal, Report
from benchmarks._server import LIST_ID
from cc_async.resources import sign_up_request
from cc_async.sources import Row, Rules, open_source, sign_up_values

_SIZES = (1_000, 10_000, 100_000, 1_000_000)


def imported(path: Path) -> None:
    """Prepare an import of *path*."""
    asyncio.run(prepared(path, "csv"))


def signed_up(path: Path) -> None:
    """Make a request of every row of *path*."""

    async def run() -> None:
        async for rows in open_source(path).read(Rules(target="sign_up")):
            for row in rows:
                assert isinstance(row, Row)
                sign_up_request(sign_up_values(row, (), (LIST_ID,)))

    asyncio.run(run())


_WAYS: dict[str, Callable[[Path], None]] = {
    "cc_async: import": imported,
    "cc_async: sign-ups": signed_up,
}


def measure(size: float = 1.0) -> Report:
    """Work on files of growing length."""
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in _WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for count in (int(count * size) for count in _SIZES):
            path = write_file(Path(folder) / "contacts.csv", count)
            for name, way in _WAYS.items():
                found[name].append((count, _seconds(way, path, count)))
    rows: list[tuple[Cell, ...]] = [
        (f"{name}, {count:,}", seconds, seconds / count * 1e6)
        for name, line in found.items()
        for count, seconds in line
    ]
    return Report(
        "Growth: seconds of processor from a thousand contacts to a million",
        ("contacts", "seconds", "µs for each"),
        rows,
        [
            Goal(f"{name}: each of the most to each of a tenth", _growth(line), 1.3, at_most=True)
            for name, line in found.items()
        ],
        picture=Lines("Growth", "contacts", "seconds of processor", found),
    )


def _seconds(way: Callable[[Path], None], path: Path, count: int) -> float:
    """Return the least of as many tries as take no long time together."""
    tries = []
    for _ in range(max(1, min(5, 200_000 // count))):
        started = time.process_time()
        way(path)
        tries.append(time.process_time() - started)
    return min(tries)


def _growth(line: list[tuple[int, float]]) -> float:
    (fewer, before), (more, after) = line[-2:]
    return after / more / (before / fewer)
