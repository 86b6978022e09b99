"""`cc-async resume` and `cc-async jobs`: imports that were begun, here or by somebody else."""

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
from cc_async.jobs import JobEntry

__all__ = ["run_cancel", "run_delete", "run_jobs", "run_resume", "run_show"]


async def run_resume(
    job_id: str | None,
    account: Account,
    run: Run,
    *,
    resend_uncertain: bool,
    resend_failed: bool,
) -> None:
    """Go on with an import, by default the newest unfinished one."""
    async with open_account(account, run) as client:
        job = await client.bulk.resume(
            job_id, resend_uncertain=resend_uncertain, resend_failed=resend_failed
        )
        try:
            await send_import(job, None, run, is_file=False)
        finally:
            await job.aclose()


async def run_jobs(account: Account, run: Run) -> None:
    """Show the imports that the store knows."""
    async with open_account(account, run) as client:
        run.result = JobsResult(await client.bulk.jobs())


async def run_show(job_id: str, account: Account, run: Run) -> None:
    """Show what has become of an import so far."""
    async with open_account(account, run) as client:
        job = await client.bulk.resume(job_id)
        is_over = job.report.state != "running"
        run.result = ShownJob(ImportResult(job.report, is_over=is_over, is_file=False))


async def run_cancel(job_id: str, account: Account, run: Run) -> None:
    """Send nothing more of an import."""
    async with open_account(account, run) as client:
        await client.bulk.cancel(job_id)
        told = "Nothing more of it is sent. What the service has accepted, it carries out."
        run.result = EndedJob(job_id, "cancelled", told)


async def run_delete(job_id: str, account: Account, run: Run) -> None:
    """Cancel an import and forget it."""
    async with open_account(account, run) as client:
        await client.bulk.delete(job_id)
        run.result = EndedJob(job_id, "deleted", "Nothing is kept of it here.")


@attrs.frozen
class JobsResult:
    """The imports that the store knows, the newest first."""

    jobs: Sequence[JobEntry]
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"jobs": [_job_json(entry) for entry in self.jobs]}

    def to_text(self) -> RenderableType:
        if not self.jobs:
            return "There are no imports here."
        rows = [
            (
                entry.job_id,
                entry.state,
                entry.contacts,
                f"{_moment(entry):%Y-%m-%d %H:%M}",
                entry.name,
            )
            for entry in self.jobs
        ]
        return table(("Job", "State", "Contacts", "Begun", "File"), rows)


@attrs.frozen
class ShownJob:
    """An import as it stands; showing it is no judgement."""

    shown: ImportResult
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return self.shown.to_json()

    def to_text(self) -> RenderableType:
        return self.shown.to_text()


@attrs.frozen
class EndedJob:
    """An import that was given up."""

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
        "state": entry.state,
        "contacts": entry.contacts,
        "created_at": _moment(entry).isoformat(timespec="seconds"),
        "name": entry.name,
    }
