"""The format of each row, where CSV and JSON may be used: CSV takes rows with the same columns.

A blank cell of a CSV may leave the stored value alone or erase it; no page of the API says which. So
a row that leaves a column out goes to JSON, where the column is not there at all.
https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence, Set
from itertools import compress
from operator import methodcaller, not_

from cc_async.imports.cutting._body_plan import NO_LOAD, Load
from cc_async.sources import Batch, Row
from cc_async.wire import ImportFormat, is_csv_column


def most_common_columns(rows: Sequence[Row]) -> frozenset[str]:
    """Return the columns that most *rows* have; none if CSV cannot carry them."""
    found = Counter(frozenset(row.values) for row in rows)
    columns = found.most_common(1)[0][0]
    return columns if all(map(is_csv_column, columns)) else frozenset()


def divide(
    batch: Batch, csv_columns: Set[str]
) -> Iterator[tuple[ImportFormat, Sequence[int], Batch]]:
    """Yield each format with the places of its rows, and these rows; CSV has *csv_columns* alone."""
    fits = _fit(batch, csv_columns)
    shares: tuple[tuple[ImportFormat, Sequence[bool], Collection[str]], ...] = (
        ("csv", fits, csv_columns),
        ("json", list(map(not_, fits)), batch.cells.keys()),
    )
    for kind, is_taken, columns in shares:
        if any(is_taken):
            cells = {name: column for name, column in batch.cells.items() if name in columns}
            yield (
                kind,
                list(compress(range(len(batch)), is_taken)),
                Batch(
                    list(compress(batch.lines, is_taken)),
                    list(compress(batch.identities, is_taken)),
                    {name: list(compress(column, is_taken)) for name, column in cells.items()},
                ),
            )


def count_values(batch: Batch) -> Counter[int]:
    """Return how many rows have so many values."""
    cells = batch.cells.values()
    blanks = Counter(map(methodcaller("count", ""), zip(*cells, strict=True)))
    return Counter({len(cells) - number: rows for number, rows in blanks.items()})


def _fit(batch: Batch, csv_columns: Set[str]) -> Sequence[bool]:
    """Return for each row whether it has a value in each of *csv_columns* and in no other."""
    inside = [cells for name, cells in batch.cells.items() if name in csv_columns]
    outside = [cells for name, cells in batch.cells.items() if name not in csv_columns]
    if not inside or len(inside) < len(csv_columns):
        return [False] * len(batch)
    whole = list(map(all, zip(*inside, strict=True)))
    if not outside:
        return whole
    beyond = map(any, zip(*outside, strict=True))
    return [is_whole and not more for is_whole, more in zip(whole, beyond, strict=True)]


def common_format(loads: Sequence[tuple[Load, Load]]) -> ImportFormat | None:
    """Return JSON if all rows take fewer requests so than each in its own format.

    *loads* are those of each format: as it is, and as JSON.
    """
    together = sum((as_json for _, as_json in loads), NO_LOAD)
    apart = sum(load.requests for load, _ in loads)
    return "json" if together.requests < apart else None
