"""How fast do contacts become request bodies, against the csv module doing as little as possible?

All ways read the same made-up file. The measure of all is what one would write by hand: the
csv module's reader, a few checks, its writer. The last two ways are the whole road of an import,
bodies on disk; those above show what its parts cost.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

from benchmarks._imports import prepared
from benchmarks._measure import Cost, interleaved, ratio
from benchmarks._people import write_file
from benchmarks._pictures import Bars
from benchmarks._report import Cell, Goal, Report
from cc_async.sources import Batch, Deduplicator, Row, Rules, open_source
from cc_async.wire import csv_rows, json_rows

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_BY_HAND = "csv reader, checks, csv writer"
_CSV, _CSV_ONCE = "cc_async: CSV", "cc_async: CSV, doubles found"
_JSON, _JSON_ONCE = "cc_async: JSON", "cc_async: JSON, doubles found"


def reader_alone(path: Path) -> int:
    """Read every record and forget it: the floor."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def by_hand(path: Path) -> int:
    """Read, check and write again, the way one would write it by hand."""
    rows = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        limits = [255 if name == "Street" else 50 for name in header]
        body = io.StringIO()
        writer = csv.writer(body)
        for record in reader:
            if len(record) != len(header) or not _ADDRESS.fullmatch(record[0].strip()):
                continue
            if any(len(cell) > limit for cell, limit in zip(record, limits, strict=True)):
                continue
            if record[11] and not re.fullmatch(r"\d{4}-\d\d-\d\d", record[11]):
                continue
            writer.writerow(record)
            rows += 1
            if body.tell() > 3_900_000:
                body.seek(0)
                body.truncate()
    return rows


async def one_by_one(path: Path) -> int:
    """Read and check, a row object for each contact, as a bulk sign-up does."""
    count = 0
    async for rows in open_source(path).read(Rules()):
        count += sum(isinstance(row, Row) for row in rows)
    return count


async def in_columns(
    path: Path, encode: Callable[[Batch], object] | None = None, *, doubles: bool = False
) -> int:
    """Read and check column by column, find *doubles* and *encode* where asked to."""
    last, count = Deduplicator(), 0
    async for batch in open_source(path).read_batches(Rules()):
        count += len(batch) - len(batch.rejections)
        if doubles:
            last.add_all(batch.identities)
        if encode is not None:
            encode(batch)
    await last.find_merged()
    return count


async def whole_road(path: Path, kind: Literal["csv", "json"]) -> int:
    """Do all that an import does before its first request."""
    return (await prepared(path, kind)).contacts_sent


def _as_csv(batch: Batch) -> object:
    return "\n".join(csv_rows(list(batch.cells.values()))).encode()


def _as_json(batch: Batch) -> object:
    return json_rows(batch.cells)


def _ways(path: Path) -> dict[str, Callable[[], int]]:
    once = partial(in_columns, path, doubles=True)
    return {
        "csv reader alone": partial(reader_alone, path),
        _BY_HAND: partial(by_hand, path),
        "cc_async: checked, a row each": lambda: asyncio.run(one_by_one(path)),
        "cc_async: checked, in columns": lambda: asyncio.run(in_columns(path)),
        _CSV: lambda: asyncio.run(in_columns(path, _as_csv)),
        _CSV_ONCE: lambda: asyncio.run(once(_as_csv)),
        _JSON: lambda: asyncio.run(in_columns(path, _as_json)),
        _JSON_ONCE: lambda: asyncio.run(once(_as_json)),
        "cc_async: whole import, CSV bodies": lambda: asyncio.run(whole_road(path, "csv")),
        "cc_async: whole import, JSON bodies": lambda: asyncio.run(whole_road(path, "json")),
    }


def measure(size: float = 1.0) -> Report:
    """Time every way, turn about."""
    count = max(1000, int(100_000 * size))
    with tempfile.TemporaryDirectory() as folder:
        path = write_file(Path(folder) / "contacts.csv", count)
        bytes_each = path.stat().st_size / count
        costs = interleaved(_ways(path))
    base = costs[_BY_HAND]
    wanted = {_CSV: 1.7, _CSV_ONCE: 1.2, _JSON: 1.4, _JSON_ONCE: 1.0}
    return Report(
        f"Rows into bodies: {count:,} rows of {bytes_each:.0f} bytes, on one core",
        ("way", "rows/s", "to reader, checks, writer"),
        [_row(name, found, base) for name, found in costs.items()],
        [Goal(name, ratio(costs[name], base), least) for name, least in wanted.items()],
        notes=["the whole import also writes its bodies to disk, twice, and takes their digests"],
        packages=("orjson",),
        picture=Bars(
            "Rows into request bodies",
            "rows for a second of processor time",
            [(name, 1 / _median(found)) for name, found in costs.items()],
        ),
    )


def _median(costs: list[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _row(name: str, costs: list[Cost], base: list[Cost]) -> tuple[Cell, ...]:
    return (name, 1 / _median(costs), ratio(costs, base))
