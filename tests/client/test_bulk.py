"""`cc.bulk`: jobs of both kinds in one list, and each job handled by its kind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cc_async import ConstantContact
from cc_async.errors import JobNotFoundError
from tests.support.people import client_of, open_sandbox

pytestmark = pytest.mark.looptime

LISTS = ["Newsletter"]


async def start_both(cc: ConstantContact, folder: Path) -> tuple[str, str]:
    """Leave an import and a sign-up unfinished; return their ids."""
    path = folder / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(40)))
    job = await cc.bulk.submit_import(path, lists=LISTS)
    await asyncio.sleep(1)
    async with cc.bulk.sign_up(path, lists=LISTS, consent="explicit") as outcomes:
        await anext(outcomes)
    assert outcomes.job_id is not None
    return job.id, outcomes.job_id


async def test_jobs_of_both_kinds_are_listed(tmp_path: Path) -> None:
    """The newest job comes first; each names its kind."""
    async with client_of(open_sandbox(latency=0.1)) as cc:
        imported, signed_up = await start_both(cc, tmp_path)
        jobs = await cc.bulk.jobs()
    assert [(job.job_id, job.kind) for job in jobs] == [
        (signed_up, "sign_up"),
        (imported, "import"),
    ]


async def test_each_job_is_cancelled_and_deleted_by_its_kind(tmp_path: Path) -> None:
    """`cancel` and `delete` take the id of any job, and other methods those of their kind."""
    async with client_of(open_sandbox(latency=0.1)) as cc:
        for job_id in await start_both(cc, tmp_path):
            await cc.bulk.cancel(job_id)
        assert {job.state for job in await cc.bulk.jobs()} == {"cancelled"}
        for job in await cc.bulk.jobs():
            await cc.bulk.delete(job.job_id)
        assert await cc.bulk.jobs() == ()


@pytest.mark.parametrize("method", ["cancel", "delete", "sign_up_report", "resume"])
async def test_an_unknown_job_is_refused(method: str) -> None:
    """The id of no job is an error that says how to find the ids."""
    async with client_of(open_sandbox()) as cc:
        with pytest.raises(JobNotFoundError, match="no job 0123456789ab"):
            await getattr(cc.bulk, method)("0123456789ab")


async def test_all_opt_outs_can_be_read() -> None:
    """`preferences` tells of each address whether and why the person opted out."""
    sandbox = open_sandbox()
    sandbox.add_contact("left@example.com", permission="unsubscribed")
    sandbox.add_contact("gone@example.com", is_deleted=True)
    sandbox.add_contact("here@example.com")
    async with client_of(sandbox) as cc:
        found = await cc.bulk.preferences()
        only_deleted = await cc.bulk.preferences(["deleted"])
    kinds = [found.of(f"{name}@Example.com") for name in ("left", "gone", "here")]
    assert [opt_out and opt_out.kind for opt_out in kinds] == ["unsubscribed", "deleted", None]
    assert only_deleted.of("left@example.com") is None


async def test_a_blank_job_id_is_not_the_newest_job() -> None:
    """A blank id names no job; only without an id the newest unfinished one is resumed."""
    async with client_of(open_sandbox()) as cc:
        job = await cc.bulk.submit_import([{"email": "a@example.com"}], lists=["Newsletter"])
        with pytest.raises(JobNotFoundError):
            await cc.bulk.resume("")
        with pytest.raises(JobNotFoundError):
            async with cc.bulk.resume_sign_up(""):
                pass
        assert (await cc.bulk.resume()).id == job.id
