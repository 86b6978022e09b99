"""A dry run of a bulk sign-up: it counts, foretells the cost, and sends nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime


async def test_a_dry_run_counts_and_sends_nothing(tmp_path: Path) -> None:
    """A dry run counts people, rejected rows and requests as the sign-up does that follows."""
    people = tmp_path / "people.csv"
    people.write_text("Email\nann@example.com\nnobody\nbob@example.com\n")
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        found = await cc.bulk.dry_run_sign_up(people, lists=["Newsletter"])
        spent = len(sandbox.received)
        async with cc.bulk.sign_up(people, lists=["Newsletter"], consent="explicit") as outcomes:
            assert [each.status async for each in outcomes].count("created") == 2
    assert (found.report.contacts_read, found.report.contacts_rejected, found.people) == (3, 1, 2)
    assert found.rejections[0].line == 3
    assert found.report.requests == spent == 3
    assert found.plans.by_sign_up.requests == outcomes.report.requests
    assert {entry.method for entry in list(sandbox.received)[:spent]} == {"GET"}


async def test_suppressed_addresses_are_counted_apart() -> None:
    """Addresses of the caller's list are counted, and cost nothing in the plan."""
    people = [{"email": f"p{number}@example.com"} for number in range(5)]
    async with client_of(open_sandbox()) as cc:
        found = await cc.bulk.dry_run_sign_up(
            people, lists=["Newsletter"], suppress=["P1@example.com", "other@example.com"]
        )
    assert (found.report.contacts_suppressed, found.people) == (1, 4)
    assert found.plans.by_sign_up.contacts == found.plans.by_import.contacts == 4


async def test_reading_is_reported() -> None:
    """`on_read` is called with the number of rows, the last time with all of them."""
    people, seen = [{"email": f"p{number}@example.com"} for number in range(1_200)], list[int]()
    async with client_of(open_sandbox()) as cc:
        await cc.bulk.dry_run_sign_up(people, lists=["Newsletter"], on_read=seen.append)
    assert seen == sorted(seen)
    assert (len(seen) > 1, seen[-1]) == (True, 1_200)
