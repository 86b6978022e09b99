"""Imports through a bad network: all contacts arrive, and nothing is queued twice."""

from __future__ import annotations

import pytest

from cc_async import ConstantContact, ImportReport
from cc_async.errors import ConstantContactError
from tests.support.people import client_of, open_sandbox

pytestmark = [pytest.mark.looptime, pytest.mark.timeout(120)]

BODIES = 30


async def run_to_the_end(cc: ConstantContact, rows: list[dict[str, str]]) -> ImportReport:
    """Await an import again each time it gives up, as a user would."""
    job = await cc.bulk.submit_import(rows, lists=["L0"])
    for _ in range(50):
        try:
            report = await job
        except ConstantContactError:
            continue
        if report.state == "completed":
            return report
    raise AssertionError(job.report)


@pytest.mark.parametrize("seed", range(6))
async def test_thirty_bodies_arrive_once_through_a_network_that_loses_a_quarter(seed: int) -> None:
    """With 8 % cut before, 8 % cut after and 8 % answered with HTML, each body is queued once."""
    sandbox = open_sandbox(
        lists=tuple(f"L{number}" for number in range(BODIES)), seed=seed, list_delay=20.0
    )
    rows = [
        {"email": f"p{number}@example.com", "lists": f"L{number % BODIES}"} for number in range(300)
    ]
    async with client_of(sandbox) as cc:
        sandbox.add_custom_field("warm up")
        for fault in ("cut-before", "cut-after", "503-html"):
            sandbox.faults.add(fault, share=0.08, path="/activities*")
        report = await run_to_the_end(cc, rows)
    assert report.is_all_accepted, report
    assert sandbox.contact_count == 300
    assert len(sandbox.activities) == BODIES
    assert sum(sandbox.faults.triggered.values()) > 3
