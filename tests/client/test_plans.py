"""The cost of an import and of a sign-up, asked for before either starts."""

from __future__ import annotations

import pytest

from cc_async import ImportOptions
from cc_async.errors import UnknownNameError
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

PEOPLE = [{"email": f"p{number}@example.com"} for number in range(300)]


async def test_a_plan_needs_only_requests_that_look() -> None:
    """A plan names both ways with their cost, and sends no contact."""
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        plans = (
            await cc.bulk.dry_run_import([*PEOPLE, {"email": "no"}], lists=["Newsletter"])
        ).plans
    assert {entry.method for entry in sandbox.received} == {"GET"}
    assert (plans.by_sign_up.way, plans.by_import.way) == ("sign_up", "import")
    assert plans.by_sign_up.contacts == plans.by_import.contacts == 300
    assert plans.by_import.requests < 20 < 300 < plans.by_sign_up.requests
    assert plans.by_import.fits_today


async def test_a_plan_foretells_what_an_import_costs() -> None:
    """The import then needs about as many requests as planned."""
    async with client_of(open_sandbox()) as cc:
        plans = (
            await cc.bulk.dry_run_import(
                PEOPLE, lists=["Newsletter"], options=ImportOptions(verify=True)
            )
        ).plans
        report = await cc.bulk.import_contacts(
            PEOPLE, lists=["Newsletter"], options=ImportOptions(verify=True)
        )
    assert report.requests == pytest.approx(plans.by_import.requests, abs=8)


async def test_a_plan_foretells_what_a_sign_up_costs() -> None:
    """A person with two rows is signed up twice, and imported once."""
    async with client_of(open_sandbox()) as cc:
        plans = (await cc.bulk.dry_run_import([*PEOPLE, PEOPLE[0]], lists=["Newsletter"])).plans
    assert (plans.by_sign_up.contacts, plans.by_import.contacts) == (301, 300)


async def test_a_dry_run_is_a_value_and_no_job() -> None:
    """It cannot be awaited once more, and nothing is written to the store."""
    async with client_of(open_sandbox()) as cc:
        dry_run = await cc.bulk.dry_run_import(PEOPLE, lists=["Newsletter"])
        assert await cc.bulk.jobs() == ()
    assert not hasattr(dry_run, "__await__")
    assert dry_run.report.contacts_sent == 300
    assert [each.state for each in dry_run.report.activities] == ["planned"]


async def test_a_plan_fails_as_the_job_would() -> None:
    """An unknown list is refused, as the job would refuse it."""
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(UnknownNameError):
            await cc.bulk.dry_run_import(PEOPLE, lists=["Nobody's"])
