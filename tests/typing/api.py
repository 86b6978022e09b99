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
    CustomField,
    ImportDryRun,
    ImportOptions,
    ImportProgress,
    ImportReport,
    ImportRow,
    Job,
    Limits,
    Network,
    Outcome,
    Plans,
    Preferences,
    ReadingOptions,
    Settings,
    SignUp,
    SignUpDryRun,
    SignUpOptions,
    SignUpOutcomes,
    SignUpReport,
    SignUpResult,
    Stores,
    Tag,
)
from cc_async.models import ContactCounts, Page
from cc_async.stores import Store


async def single(cc: ConstantContact) -> None:
    assert_type(
        await cc.contacts.sign_up(SignUp("a@example.com", ["l"]), consent="explicit"), SignUpResult
    )
    assert_type(await cc.contacts.find("a@example.com"), Contact | None)
    assert_type(cc.contacts.iter(status=["all"], limit=50), AsyncIterator[Contact])
    assert_type(
        cc.contacts.iter_pages(lists=["l"], include_count=True), AsyncIterator[Page[Contact]]
    )
    cc.contacts.iter(stauts=["all"])  # type: ignore[call-arg]
    cc.contacts.iter(include=["lists"])  # type: ignore[list-item]
    cc.contacts.iter(include_count=True)  # type: ignore[call-arg]
    assert_type(await cc.contacts.update(Contact(), update_source="Account"), Contact)
    assert_type(await cc.contacts.counts(), ContactCounts)
    await cc.contacts.update(Contact())  # type: ignore[call-arg]
    await cc.contacts.delete("c")
    assert_type(await cc.contact_lists.find("Newsletter"), ContactList | None)
    assert_type(await cc.custom_fields.find("vehicle"), CustomField | None)
    await cc.custom_fields.create("Vehicle", "text")  # type: ignore[arg-type]
    await cc.account.update(phone="555")  # type: ignore[call-arg]
    assert_type(await cc.tags.create("gold"), Tag)
    assert_type(cc.tags.iter(include_count=True), AsyncIterator[Tag])
    assert_type(await cc.tags.delete("t"), Activity)
    started = await cc.activities.submit_add_list_memberships(["l"], {"contact_ids": ["c"]})
    assert_type(started, Activity)
    await cc.activities.submit_taggings_add(["t"], {"contacts": ["c"]})  # type: ignore[typeddict-unknown-key]
    assert_type(await cc.activities.wait("a", timeout=1), Activity)


async def bulk(cc: ConstantContact, rows: AsyncIterator[dict[str, str]]) -> None:
    assert_type(await cc.bulk.import_contacts(Path("a.csv"), lists=["N"]), ImportReport)
    assert_type(
        await cc.bulk.import_contacts([ImportRow("a@example.com")], lists=("N",)), ImportReport
    )
    assert_type(await cc.bulk.preferences(), Preferences)
    job = await cc.bulk.submit_import(rows, lists=["N"], options=ImportOptions(send_as="json"))
    assert_type(job, Job)
    assert_type(await cc.bulk.dry_run_import("a.csv", lists=["N"]), ImportDryRun)
    assert_type(ImportOptions(rejects="a.csv").rejects, Path | None)
    assert_type(await job, ImportReport)
    await cc.bulk.import_contacts(
        "a.csv", lists=["N"], suppress="former.csv", options=ImportOptions(protect=["deleted"])
    )
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
    assert_type(await cc.bulk.not_signed_up("0123456789ab"), tuple[Outcome, ...])
    cc.bulk.sign_up("a.csv", lists=["N"])  # type: ignore[call-arg]
    options = SignUpOptions(reading=ReadingOptions(encoding="cp1252"), rejects="rejected.csv")
    cc.bulk.sign_up(rows, lists=["N"], consent="explicit", suppress=[Path("a")], options=options)
    dry_run = await cc.bulk.dry_run_sign_up("a.csv", lists=["N"], options=options)
    assert_type(dry_run, SignUpDryRun)
    assert_type(dry_run.plans, Plans)


def construct(store: Store) -> None:
    limits = Limits(per_second=2, reserve=0.1)
    ConstantContact("token", network=Network(timeout=10), limits=limits, stores=store)
    ConstantContact(profile="acme", stores="memory:", settings=Settings())
    ConstantContact(stores=Stores(budget="redis://localhost", journal=store))
    ConstantContact("token", per_second=2)  # type: ignore[call-arg]
