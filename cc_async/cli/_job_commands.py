"""`cc-async resume` and `cc-async jobs`: imports and sign-ups begun here or elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import open_account
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._import_command import send_import
from cc_async.cli._import_results import ImportResult
from cc_async.cli._options import AccountOptions
from cc_async.cli._sign_up_command import resume_sign_up
from cc_async.cli._sign_up_results import SignUpsResult
from cc_async.cli._texts import table
from cc_async.client import ConstantContact
from cc_async.errors import JobNotFoundError
from cc_async.jobs import JobEntry

_KINDS = {"import": "import", "sign_up": "sign-up"}


async def run_resume(
    job_id: str | None,
    account: AccountOptions,
    run: CommandRun,
    *,
    resend_uncertain: bool,
    resend_failed: bool,
) -> None:
    """Go on with a job, by default the newest unfinished one."""
    async with open_account(account, run) as client:
        entry = await _find(client, job_id)
        if entry is None and job_id is None:
            raise JobNotFoundError("there is no unfinished job", "All jobs here have ended.")
        if entry is not None and entry.kind == "sign_up":
            await resume_sign_up(client, entry.job_id, run)
            return
        if resend_uncertain or resend_failed:
            run.note("People who left a list since it was sent are put back on it.")
        job = await client.bulk.resume(
            job_id, resend_uncertain=resend_uncertain, resend_failed=resend_failed
        )
        try:
            await send_import(job, run, is_file=False)
        finally:
            await job.aclose()


async def run_jobs(account: AccountOptions, run: CommandRun) -> None:
    """List the jobs in the store."""
    async with open_account(account, run) as client:
        run.result = JobsResult(await client.bulk.jobs())


async def run_show(job_id: str, account: AccountOptions, run: CommandRun) -> None:
    """Show the state of a job and its counts."""
    async with open_account(account, run) as client:
        entry = await _find(client, job_id)
        if entry is not None and entry.kind == "sign_up":
            run.result = ShownJob(
                SignUpsResult(
                    await client.bulk.sign_up_report(job_id),
                    is_whole=entry.state == "ended",
                    job_id=job_id,
                    not_signed_up=list(await client.bulk.not_signed_up(job_id)),
                    is_past=True,
                )
            )
            return
        job = await client.bulk.resume(job_id)
        shown = ImportResult(
            job.report,
            job.rejects_file,
            job.missing_file,
            is_over=job.report.state != "running",
            is_file=False,
            is_cancelled=entry is not None and entry.state == "cancelled",
        )
        run.result = ShownJob(shown)


async def run_cancel(job_id: str, account: AccountOptions, run: CommandRun) -> None:
    """Cancel a job."""
    async with open_account(account, run) as client:
        await client.bulk.cancel(job_id)
        effect = "Nothing more of it is sent. What the service has accepted, it carries out."
        run.result = EndedJob(job_id, "cancelled", effect)


async def run_delete(job_id: str, account: AccountOptions, run: CommandRun) -> None:
    """Cancel a job and delete its records."""
    async with open_account(account, run) as client:
        await client.bulk.delete(job_id)
        run.result = EndedJob(job_id, "deleted", "Nothing of it is kept here.")


async def _find(client: ConstantContact, job_id: str | None) -> JobEntry | None:
    """Return the job of that id, or the newest unfinished one."""
    for entry in await client.bulk.jobs():
        if entry.job_id == job_id or (job_id is None and entry.state == "open"):
            return entry
    return None


@attrs.frozen
class JobsResult:
    """Result of `jobs`: the newest job first."""

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
                f"{_created_at(entry):%Y-%m-%d %H:%M}",
                entry.name,
            )
            for entry in self.jobs
        ]
        return table(("Job", "Kind", "State", "Contacts", "Begun", "File"), rows)


def _created_at(entry: JobEntry) -> dt.datetime:
    return dt.datetime.fromtimestamp(entry.created_at, dt.UTC)


def _job_json(entry: JobEntry) -> dict[str, Any]:
    return {
        "job_id": entry.job_id,
        "kind": entry.kind,
        "state": entry.state,
        "contacts": entry.contacts,
        "created_at": _created_at(entry).isoformat(timespec="seconds"),
        "name": entry.name,
    }


@attrs.frozen
class ShownJob:
    """Result of `jobs show`; the exit code is 0, in any state of the job."""

    shown: ImportResult | SignUpsResult
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return self.shown.to_json()

    def to_text(self) -> RenderableType:
        return self.shown.to_text()


@attrs.frozen
class EndedJob:
    """Result of `jobs cancel` and `jobs delete`."""

    job_id: str
    state: str
    effect: str
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"job_id": self.job_id, "state": self.state}

    def to_text(self) -> RenderableType:
        return f"Job {self.job_id} is {self.state}. {self.effect}"
