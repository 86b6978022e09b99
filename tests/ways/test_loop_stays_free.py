"""While many contacts are worked on, everything else on the loop gets its turn again and again."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cc_async import ConstantContact, ImportOptions
from cc_async.sources import Deduplicator
from cc_async.testing import SandboxTransport
from tests.support.people import WIDE, open_sandbox, wide_rows, write_csv
from tests.support.steps import watched_steps

ROWS = 20_000
LONGEST = 0.1
"""The part of all the work that no single step may take; 500 rows take a fortieth."""

Give = Callable[[Path, int], Any]


def as_csv(folder: Path, count: int) -> Path:
    return write_csv(folder / "people.csv", count)


def as_json_lines(folder: Path, count: int) -> Path:
    path = folder / "people.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in wide_rows(count):
            file.write(json.dumps(dict(zip(WIDE, row, strict=True))) + "\n")
    return path


def as_json_array(folder: Path, count: int) -> Path:
    path = folder / "people.json"
    rows = [dict(zip(WIDE, row, strict=True)) for row in wide_rows(count)]
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def as_one_line_of_bytes(folder: Path, count: int) -> bytes:
    return as_json_array(folder, count).read_bytes()


def as_list(folder: Path, count: int) -> list[dict[str, str]]:
    return [dict(zip(WIDE, row, strict=True)) for row in wide_rows(count)]


def as_generator(folder: Path, count: int) -> object:
    return (dict(zip(WIDE, row, strict=True)) for row in wide_rows(count))


def as_rows_with_faults(folder: Path, count: int) -> Path:
    path = folder / "faulty.csv"
    rows = ["Email Address,First Name"]
    rows += [f"person.{number}@example.com" + ",x" * (number % 10 != 0) for number in range(count)]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def as_the_same_twice(folder: Path, count: int) -> list[dict[str, str]]:
    return 2 * as_list(folder, count // 2)


@pytest.fixture
async def cc() -> AsyncIterator[ConstantContact]:
    """A client that has done everything once, so that nothing is loaded for the first time."""
    transport = SandboxTransport(open_sandbox())
    async with ConstantContact("sandbox-token", transport=transport, stores="memory:") as made:
        await made.bulk.dry_run_import(as_list(Path(), 10), lists=["Newsletter"])
        yield made


@pytest.mark.parametrize(
    ("give", "kind"),
    [
        (as_csv, "csv"),
        (as_csv, "json"),
        (as_json_lines, "csv"),
        (as_json_array, "csv"),
        (as_one_line_of_bytes, "json"),
        (as_list, "csv"),
        (as_generator, "json"),
        (as_rows_with_faults, "csv"),
        (as_the_same_twice, "csv"),
    ],
)
async def test_preparing_an_import_takes_many_short_steps(
    cc: ConstantContact, tmp_path: Path, give: Give, kind: Any
) -> None:
    """Reading, checking, encoding and cutting 20,000 rows is never one long step."""
    contacts = give(tmp_path, ROWS)
    with watched_steps() as steps:
        job = await asyncio.create_task(
            cc.bulk.dry_run_import(
                contacts,
                lists=["Newsletter"],
                options=ImportOptions(send_as=kind, rejects=tmp_path / "rejects.csv"),
            )
        )
    assert job.report.contacts_read == ROWS
    assert steps.longest_share < LONGEST
    assert len(steps.seconds) > 2 * ROWS / 500


async def test_looking_for_doubles_takes_many_short_steps() -> None:
    """Doubles among many addresses are looked for a part at a time."""
    last = Deduplicator()
    last.add_all(f"person.{number % 300_000}@example.com" for number in range(400_000))
    with watched_steps() as steps:
        merged = await asyncio.create_task(last.find_merged())
    assert len(merged) == 100_000
    assert steps.longest_share < LONGEST


async def test_one_address_all_over_is_looked_at_in_many_short_steps() -> None:
    """Rows that are all for the same contact share a part, which is not looked at in one go."""
    last = Deduplicator()
    last.add_all(itertools.repeat("person@example.com", 300_000))
    with watched_steps() as steps:
        merged = await asyncio.create_task(last.find_merged())
    assert len(merged) == 299_999
    assert steps.longest_share < LONGEST


@pytest.mark.parametrize(
    ("row", "count", "read"),
    [(b"\n", 500_000, 0), (b"a@example.com" + 20_000 * b"," + b"\n", 200, 200)],
    ids=["blank lines", "rows of many cells"],
)
async def test_lines_that_hold_no_contact_take_many_short_steps(
    cc: ConstantContact, row: bytes, count: int, read: int
) -> None:
    """Others get their turn though no contact comes of what is read, or few of much."""
    data = b"email,first_name\n" + count * row
    with watched_steps() as steps:
        job = await asyncio.create_task(cc.bulk.dry_run_import(data, lists=["Newsletter"]))
    assert (job.report.contacts_read, job.report.contacts_sent) == (read, 0)
    assert steps.longest_share < LONGEST


async def test_another_task_gets_its_turn_between_two_pieces_of_an_import(
    cc: ConstantContact, tmp_path: Path
) -> None:
    """No more than a thousand rows are read between two turns of whatever else is going on."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    seen: list[tuple[int, int]] = []
    beside = asyncio.create_task(others())
    await cc.bulk.dry_run_import(
        as_csv(tmp_path, ROWS),
        lists=["Newsletter"],
        on_read=lambda counted: seen.append((counted.contacts_read, turns)),
    )
    beside.cancel()
    reads, turned = zip(*seen, strict=True)
    assert max(after - before for before, after in itertools.pairwise(reads)) <= 500
    pairs = zip(turned, turned[2:], strict=False)
    assert all(after > before for before, after in pairs)
    await _over(beside)


async def _over(task: Awaitable[None]) -> None:
    with pytest.raises(asyncio.CancelledError):
        await task
