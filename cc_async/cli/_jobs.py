"""`cc-async resume` and `cc-async jobs`: what was begun, here or by somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._connect import open_account
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._import_results import ImportResult
from cc_async.cli._imports import send_import
from cc_async.cli._options import Account
from cc_async.cli._run import Run
from cc_async.cli._texts import table
from cc_async.cli._upsert_results import UpsertResult
from cc_async.cli._upserts import resume_upsert
from cc_async.client import ConstantContact
from cc_async.jobs import JobEntry

_KINDS = {"import": "import", "sign_up": "sign-up"}


async def run_resume(
    job_id: str | None,
    account: Account,
    run: Run,
    *,
    resend_uncertain: bool,
    resend_failed: bool,
) -> None:
    """Go on with a job, by default the newest unfinished one."""
    async with open_account(account, run) as client:
        entry = await _find(client, job_id)
        if entry is not None and entry.kind == "sign_up":
            await resume_upsert(client, entry.job_id, run)
            return
        job = await client.bulk.resume(
            job_id, resend_uncertain=resend_uncertain, resend_failed=resend_failed
        )
        try:
            await send_import(job, run, is_file=False)
        finally:
            await job.aclose()


async def run_jobs(account: Account, run: Run) -> None:
    """Show the jobs that the store knows."""
    async with open_account(account, run) as client:
        run.result = JobsResult(await client.bulk.jobs())


async def run_show(job_id: str, account: Account, run: Run) -> None:
    """Show what has become of a job so far."""
    async with open_account(account, run) as client:
        entry = await _find(client, job_id)
        if entry is not None and entry.kind == "sign_up":
            report = await client.bulk.sign_up_report(job_id)
            is_whole = entry.state == "ended"
            run.result = ShownJob(UpsertResult(report, is_whole=is_whole, job_id=job_id))
            return
        job = await client.bulk.resume(job_id)
        is_over = job.report.state != "running"
        shown = ImportResult(
            job.report,
            job.rejects_file,
            job.missing_file,
            is_over=is_over,
            is_file=False,
            is_cancelled=entry is not None and entry.state == "cancelled",
        )
        run.result = ShownJob(shown)


async def run_cancel(job_id: str, account: Account, run: Run) -> None:
    """Send nothing more of a job."""
    async with open_account(account, run) as client:
        await client.bulk.cancel(job_id)
        told = "Nothing more of it is sent. What the service has accepted, it carries out."
        run.result = EndedJob(job_id, "cancelled", told)


async def run_delete(job_id: str, account: Account, run: Run) -> None:
    """Cancel a job and forget it."""
    async with open_account(account, run) as client:
        await client.bulk.delete(job_id)
        run.result = EndedJob(job_id, "deleted", "Nothing is kept of it here.")


async def _find(client: ConstantContact, job_id: str | None) -> JobEntry | None:
    """Return the job of that id, or the newest unfinished one."""
    for entry in await client.bulk.jobs():
        if entry.job_id == job_id or (job_id is None and entry.state == "open"):
            return entry
    return None


@attrs.frozen
class JobsResult:
    """The jobs that the store knows, the newest first."""

    jobs: Sequence[JobEntry]
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"jobs": [_job_json(entry) for entry in self.jobs]}

    def to_text(self) -> RenderableType:
        if not self.jobs:
            return "There are no jobs here."
        rows = [
            (
                entry.job_id,
                _KINDS[entry.kind],
                entry.state,
                entry.contacts,
                f"{_moment(entry):%Y-%m-%d %H:%M}",
                entry.name,
            )
            for entry in self.jobs
        ]
        return table(("Job", "Kind", "State", "Contacts", "Begun", "File"), rows)


@attrs.frozen
class ShownJob:
    """A job as it stands; showing it is no judgement."""

    shown: ImportResult | UpsertResult
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return self.shown.to_json()

    def to_text(self) -> RenderableType:
        return self.shown.to_text()


@attrs.frozen
class EndedJob:
    """A job that was given up."""

    job_id: str
    state: str
    told: str
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"job_id": self.job_id, "state": self.state}

    def to_text(self) -> RenderableType:
        return f"Job {self.job_id} is {self.state}. {self.told}"


def _moment(entry: JobEntry) -> dt.datetime:
    return dt.datetime.fromtimestamp(entry.created_at, dt.UTC)


def _job_json(entry: JobEntry) -> dict[str, Any]:
    return {
        "job_id": entry.job_id,
        "kind": entry.kind,
        "state": entry.state,
        "contacts": entry.contacts,
        "created_at": _moment(entry).isoformat(timespec="seconds"),
        "name": entry.name,
    }
