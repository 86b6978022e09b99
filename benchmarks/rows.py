"""How fast are contacts read and checked, against the csv module doing as little as possible?

``python -m benchmarks.rows [ROWS]``. All ways read the same made-up file (150 bytes a row, one row
in a hundred with quoted commas or line breaks), turn about, five rounds. The table shows medians
of processor time, which other work on the machine disturbs least, and what they are to *reader,
checks, writer* of the same round.
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cc_async.sources import Batch, LastWins, Row, Rules, open_source
from cc_async.wire import csv_row

HEADING = (
    "Email Address,First Name,Last Name,Company,Job Title,Phone,Street,City,State,Zip Code,"
    "Country,Anniversary\r\n"
)
ROUNDS = 5
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def make_file(path: Path, rows: int) -> None:
    """Write *rows* contacts to *path*."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(HEADING)
        for n in range(rows):
            street = f"{n % 9999} Long Meadow Road"
            if n % 100 == 0:
                street = f'"{street}, Building ""{n % 7}"""'
            if n % 200 == 0:
                street = street[:-1] + '\nFlat 4"'
            file.write(
                f"contact.{n:07d}@example{n % 50}.com,Alexandra,Featherstone{n % 1000},"
                f"Northwind Traders {n % 300},Purchasing Manager,781-555-{n % 10000:04d},{street},"
                f"Springfield,MA,{n % 100000:05d},US,20{n % 25:02d}-0{n % 9 + 1}-1{n % 10}\r\n"
            )


def reader_alone(path: Path) -> int:
    """Read every record and forget it: the floor."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def reader_checks_writer(path: Path) -> int:
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


def rows_checked(path: Path) -> int:
    """Read and check, a row object for each contact."""
    return asyncio.run(_rows(path, encode=False))


def rows_encoded(path: Path) -> int:
    """The same, with doubles found and each row encoded as CSV."""
    return asyncio.run(_rows(path, encode=True))


def columns_checked(path: Path) -> int:
    """Read and check, column by column."""
    return asyncio.run(_columns(path, encode=False, doubles=False))


def columns_encoded(path: Path) -> int:
    """The same, with columns encoded as CSV."""
    return asyncio.run(_columns(path, encode=True, doubles=False))


def columns_encoded_once(path: Path) -> int:
    """The same, with doubles found too."""
    return asyncio.run(_columns(path, encode=True, doubles=True))


async def _rows(path: Path, *, encode: bool) -> int:
    source, last, count = open_source(path), LastWins(), 0
    async for rows in source.read(Rules()):
        count += sum(isinstance(row, Row) for row in rows)
        if encode:
            for row in rows:
                assert isinstance(row, Row)
                last.add(row.identity)
                csv_row(row.values, source.columns)
    await last.find_superseded()
    return count


async def _columns(path: Path, *, encode: bool, doubles: bool) -> int:
    source, last, count = open_source(path), LastWins(), 0
    async for batch in source.read_batches(Rules()):
        count += len(batch) - len(batch.rejections)
        if doubles:
            last.add_all(batch.identities)
        if encode:
            _encode(batch)
    await last.find_superseded()
    return count


def _encode(batch: Batch) -> list[str]:
    """Return the rows of *batch* as lines of CSV; the quoting is decided column by column."""
    columns = []
    for cells in batch.cells.values():
        joined = "".join(cells)
        if "," in joined or '"' in joined:
            cells = [_quoted(cell) if "," in cell or '"' in cell else cell for cell in cells]
        columns.append(cells)
    return list(map(",".join, zip(*columns, strict=True)))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


WAYS: tuple[tuple[str, Callable[[Path], int]], ...] = (
    ("csv reader alone", reader_alone),
    ("reader, checks, writer", reader_checks_writer),
    ("rows: checked", rows_checked),
    ("rows: checked, doubles, encoded", rows_encoded),
    ("columns: checked", columns_checked),
    ("columns: checked, encoded", columns_encoded),
    ("columns: checked, doubles, encoded", columns_encoded_once),
)


def main() -> None:
    """Time every way and print a table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rates: dict[str, list[float]] = {name: [] for name, _ in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        make_file(path, rows)
        size = path.stat().st_size / rows
        for _ in range(ROUNDS):
            for name, way in WAYS:
                started = time.process_time()
                assert way(path) == rows, name
                rates[name].append(rows / (time.process_time() - started))
    base = rates["reader, checks, writer"]
    print(f"{rows:,} rows of {size:.0f} bytes, median of {ROUNDS} rounds")
    print(f"{'way':<36}{'rows/s':>12}{'ratio':>8}")
    for name, found in rates.items():
        ratio = statistics.median(one / other for one, other in zip(found, base, strict=True))
        print(f"{name:<36}{statistics.median(found):>12,.0f}{ratio:>8.2f}")


if __name__ == "__main__":
    main()
