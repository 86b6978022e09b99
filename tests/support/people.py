"""Invented people, as many as a test needs."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cc_async import ConstantContact, Limits, Stores
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.stores import Store
from cc_async.testing import SandboxTransport

__all__ = ["WIDE", "client_of", "open_sandbox", "wide_rows", "write_csv"]

WIDE = (
    "Email Address", "First Name", "Last Name", "Job Title", "Company Name", "Phone", "Street",
    "City", "State", "Zip Code", "Country", "Anniversary",
)  # fmt: skip

NOON = 1_790_000_000.0
FAST = {"per_second": 100_000, "per_day": 10_000_000, "attempts_per_day": None}


def wide_rows(count: int, *, start: int = 0) -> Iterator[tuple[str, ...]]:
    """Yield rows of some 180 bytes, one in a hundred with commas, quotes and a line break."""
    for number in range(start, start + count):
        company = f'Smith, "Jones"\n& Sons {number}' if number % 100 == 0 else f"Company {number}"
        yield (
            f"person.{number}@mail.example.com", f"First{number}", f"Lästname{number}",
            "Head of something", company, f"555-{number:07d}", f"{number} Kashmir Valley Road",
            "Springfield", "Illinois", f"{number % 100_000:05d}", "United States", "11/15/2006",
        )  # fmt: skip


def write_csv(path: Path, count: int) -> Path:
    """Write *count* wide rows to *path* and return it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(WIDE)
        writer.writerows(wide_rows(count))
    return path


def open_sandbox(**settings: object) -> Sandbox:
    """Return a sandbox with limits that no test reaches, unless *settings* lower them."""
    return Sandbox(SandboxSettings(**{**FAST, **settings}), clock=loop_clock)  # type: ignore[arg-type]


def loop_clock() -> float:
    """Return a time that advances with the running loop, in virtual time too."""
    return NOON + asyncio.get_running_loop().time()


def client_of(
    sandbox: Sandbox,
    *,
    stores: Stores | Store | str = "memory:",
    share_without_store: float | None = None,
    application: str | None = None,
    per_second: int = 10_000,
    **settings: Any,
) -> ConstantContact:
    """Return a client of *sandbox* without a socket, with limits that no test reaches."""
    limits = Limits(
        per_second=per_second,
        per_day=1_000_000,
        share_without_store=share_without_store,
        application=application,
    )
    return ConstantContact(
        "sandbox-token",
        limits=limits,
        stores=stores,
        **{"transport": SandboxTransport(sandbox), "account": "sandbox", **settings},
    )
