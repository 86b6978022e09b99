"""How much memory does an import take, however long its file?

Each size is prepared by a process of its own, up to the bodies that would be sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks._imports import least_bodies, prepared
from benchmarks._measure import in_child, peak_mb
from benchmarks._people import write_file
from benchmarks._pictures import Lines
from benchmarks._report import Goal, Report

_SIZES = (10_000, 100_000, 1_000_000, 5_000_000)


def measure(size: float = 1.0) -> Report:
    """Prepare files of growing length."""
    found: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in (int(count * size) for count in _SIZES):
            path = write_file(Path(folder) / "contacts.csv", count)
            found[count] = in_child("memory", path, "csv")
        shorter = write_file(path, list(found)[-2])
        as_json = in_child("memory", shorter, "json")
    most = max(figures["peak_mb"] for figures in (*found.values(), as_json))
    over = max(figures["bodies"] - figures["least"] for figures in (*found.values(), as_json))
    rows = [_row(f"{count:,} rows, CSV", figures) for count, figures in found.items()]
    rows.append(_row(f"{list(found)[-2]:,} rows, JSON", as_json))
    return Report(
        "Memory: the most a process holds that prepares an import",
        ("input", "MB at most", "bodies", "least possible", "seconds"),
        rows,
        [
            Goal("MB at most, however long the file", most, 100.0, at_most=True),
            Goal("bodies beyond the least possible", over, 1, at_most=True),
        ],
        packages=("aiohttp", "orjson"),
        picture=Lines(
            "Memory of an import by the length of its file",
            "rows",
            "MB at most",
            {"cc_async, CSV": [(count, found[count]["peak_mb"]) for count in found]},
        ),
    )


def _row(name: str, figures: dict[str, Any]) -> tuple[Any, ...]:
    names = ("peak_mb", "bodies", "least", "seconds")
    return (name, *(figures[figure] for figure in names))


def main(path: str, kind: Any) -> None:
    """Prepare one file, and print the cost."""
    started = time.perf_counter()
    report = asyncio.run(prepared(Path(path), kind))
    figures = {
        "peak_mb": peak_mb(),
        "bodies": len(report.activities),
        "least": least_bodies(report),
        "seconds": time.perf_counter() - started,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
