"""The public interface as a type checker sees it; checked, never run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import assert_type

from cc_async import (
    Activity,
    ConstantContact,
    Contact,
    ContactList,
    ImportProgress,
    ImportReport,
    ImportRow,
    Job,
    Outcome,
    Preferences,
    SignUp,
    SignUpOutcomes,
    SignUpReport,
    SignUpResult,
)


async def single(cc: ConstantContact) -> None:
    assert_type(await cc.contacts.sign_up(SignUp("a@example.com", ["l"])), SignUpResult)
    assert_type(await cc.contacts.find("a@example.com"), Contact | None)
    assert_type(cc.contacts.iter(status=["all"], limit=50), AsyncIterator[Contact])
    assert_type(await cc.contact_lists.find("Newsletter"), ContactList | None)
    assert_type(await cc.activities.wait("a", timeout=1), Activity)


async def bulk(cc: ConstantContact, rows: AsyncIterator[dict[str, str]]) -> None:
    assert_type(await cc.bulk.import_contacts(Path("a.csv"), lists=["N"]), ImportReport)
    assert_type(
        await cc.bulk.import_contacts([ImportRow("a@example.com")], lists=("N",)), ImportReport
    )
    assert_type(await cc.bulk.preferences(), Preferences)
    job = await cc.bulk.submit_import(rows, lists=["N"], format="json")
    assert_type(job, Job)
    assert_type(await job, ImportReport)
    async for progress in job:
        assert_type(progress, ImportProgress)
    async with cc.bulk.sign_up([{"email": "a"}], lists=["N"], consent="explicit") as outcomes:
        assert_type(outcomes, SignUpOutcomes)
        async for outcome in outcomes:
            assert_type(outcome, Outcome)
    assert_type(outcomes.report, SignUpReport)
    async with cc.bulk.resume_sign_up(outcomes.job_id, concurrency=4) as outcomes:
        assert_type(outcomes.contacts_before, int)
    assert_type(await cc.bulk.sign_up_report("0123456789ab"), SignUpReport)
